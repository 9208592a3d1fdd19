#!/usr/bin/env python3
"""Random worlds of coins, and what cordon screen has to say of them by haircut without a cut, worked out by a table of
every output and label (docs/exposure.md, "Coins").

    naive_exposure.py world SEED > WORLD            a world as coin_world.py reads it
    naive_exposure.py want WORLD NAMES > WANTED     "SUBJECT CATEGORY AMOUNT" of what every address and output received,
                                                    direct and indirect together, sorted; NAMES: as coin_world.py tells
"""

import random
import sys

OWNERS = "abcdefghs"
LABELS = {"a": "theft", "b": "ransomware", "s": "exchange"}
SERVICES = "s"


def world(seed):
    rng, lines, unspent = random.Random(seed), [], []
    for i in range(40):
        spent = rng.sample(unspent, min(len(unspent), rng.randint(1, 3))) if i >= 5 and rng.random() < 0.85 else []
        left = sum(value for _, _, value in spent) if spent else rng.randint(1, 10**6)
        fee = min(left, rng.choice([0, 0, 1, 7])) if spent else 0
        left -= fee
        values = []
        for _ in range(rng.randint(0, 3)):
            values.append(rng.randint(0, left))
            left -= values[-1]
        values.append(left)
        unspent = [u for u in unspent if u not in spent]
        unspent += [(i, vout, value) for vout, value in enumerate(values)]
        lines.append(" ".join("%d.%d" % (t, vout) for t, vout, _ in spent) + " -> " +
                     " ".join("%d %s" % (value, rng.choice(OWNERS)) for value in values))
    print("\n".join(lines))


def shared(total, values):
    """total by values: whole units, then one each to the largest remainders, ties to the first."""
    parts = [total * v // sum(values) for v in values]
    order = sorted(range(len(values)), key=lambda i: (-(total * values[i] % sum(values)), i))
    for i in order[:total - sum(parts)]:
        parts[i] += 1
    return parts


def want(path, names):
    name = dict(line.split() for line in open(names))
    outputs, carried, told = {}, {}, {}
    for i, line in enumerate(open(path)):
        spent, paid = line.split("->")
        spent = [tuple(map(int, s.split("."))) for s in spent.split()]
        words = paid.split()
        outs = [(int(v), owner) for v, owner in zip(words[::2], words[1::2])]
        fee = sum(outputs[o][0] for o in spent) - sum(v for v, _ in outs) if spent else 0
        for label in LABELS.values():
            total = 0
            for o in spent:
                value, owner = outputs[o]
                if LABELS.get(owner) == label:
                    total += value
                elif owner not in SERVICES:
                    total += carried.get((o, label), 0)
            shares = shared(total, [v for v, _ in outs] + [fee]) if total else [0] * len(outs)
            for vout, (_, owner) in enumerate(outs):
                if not shares[vout] or LABELS.get(owner) == label:
                    continue
                carried[(i, vout), label] = shares[vout]
                for subject in ("%s:%d" % (name["t%d" % i], vout), name[owner]):
                    told[subject, label] = told.get((subject, label), 0) + shares[vout]
        outputs.update(((i, vout), out) for vout, out in enumerate(outs))
    print("\n".join(sorted("%s %s %d" % (*key, amount) for key, amount in told.items())))


if sys.argv[1] == "world":
    world(int(sys.argv[2]))
else:
    want(*sys.argv[2:])
