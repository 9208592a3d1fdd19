#!/usr/bin/env python3
"""What the rules of docs/taint.md ("Taint over accounts") say of a list of edges, worked out unit by unit from the list alone, and how many
addresses an issuer's list has; to be held against cordon, of which nothing is used here.

    naive_flows.py taint EDGES SOURCES POLICY [STOPS]  "TX FROM TO TAINT" of each transfer that carries taint, sorted, then "held N",
                                                       "exits N" and "origin N"; the origins are all transfers of transactions by which
                                                       a source pays; STOPS: addresses, one a line
    naive_flows.py blacklist LIST                      "TOKEN ADDRESSES FIRST LAST" for each token, "both N" for addresses on two lists,
                                                       "addresses N"

Amounts are in units of 10^-18, as cordon is told to read them. 0x0000000000000000000000000000000000000000 is nobody's.
"""

import csv
import sys

NOBODY = "0x" + "0" * 40


def units(text):
    whole, _, part = text.partition(".")
    assert len(part) <= 18, text
    return int(whole + part.ljust(18, "0"))


def edges(path):
    """By time; transfers of one transaction together, where the first of them stands; else as the list has them."""
    with open(path, newline="", encoding="utf-8") as f:
        rows = [(r["Timestamp"], r["Tx_hash"].lower(), r["From"].lower(), r["To"].lower(), units(r["Value_in_USD"]))
                for r in csv.DictReader(f)]
    lead = {}
    for i, r in enumerate(rows):
        lead.setdefault(r[:2], i)
    return [r[1:] for _, _, _, r in sorted((r[0], lead[r[:2]], i, r) for i, r in enumerate(rows))]


def lines(path):
    with open(path, encoding="utf-8") as f:
        return {line.strip().lower() for line in f if line.strip()}


def tainted(run):
    return sum(n for n, dirty in run if dirty)


class Run:
    """A balance as its units lie, pieces of (how many, tainted), the oldest first."""

    def __init__(self, last):
        self.run, self.last = [], last

    def take(self, x):
        got = []
        while x and self.run:
            n, dirty = self.run.pop(-1 if self.last else 0)
            if n > x:
                self.run.insert(len(self.run) if self.last else 0, (n - x, dirty))
                n = x
            got.insert(0 if self.last else len(got), (n, dirty))
            x -= n
        if x:  # nobody knows where from: at the front under fifo, at the back under lifo
            got.insert(len(got) if self.last else 0, (x, False))
        return got

    def put(self, run):
        self.run += run

    def held(self):
        return tainted(self.run)


class Sums:
    """A balance of which only is known how much of it is tainted."""

    def __init__(self, policy):
        self.policy, self.all, self.dirty = policy, 0, 0

    def take(self, x):
        known = min(x, self.all)
        if self.policy == "poison":
            dirty = x if self.dirty else 0
            self.all -= known
            self.dirty = self.all if self.dirty else 0
            return [(x, bool(dirty))]
        dirty = {"haircut": self.dirty * known // self.all if self.all else 0,
                 "tiho": min(self.dirty, known),
                 "libr": max(0, self.dirty - (self.all - known))}[self.policy]
        self.all -= known
        self.dirty -= dirty
        return [(dirty, True), (x - dirty, False)]

    def put(self, run):
        self.all += sum(n for n, _ in run)
        self.dirty += tainted(run)
        if self.policy == "poison" and self.dirty:
            self.dirty = self.all

    def held(self):
        return self.dirty


def taint(path, sources, policy, stops=None):
    stopped, sources, rows = lines(stops) if stops else set(), lines(sources), edges(path)
    first = {tx for tx, payer, _, _ in rows if payer in sources}
    accounts, moves, exits, origin = {}, [], 0, 0

    def of(name):
        if name not in accounts:
            accounts[name] = Run(policy == "lifo") if policy in ("fifo", "lifo") else Sums(policy)
        return accounts[name]

    for tx, payer, payee, x in rows:
        if payer == payee:
            continue
        moved = of(payer).take(x)
        if tx in first:
            origin += x - tainted(moved)
            moved = [(x, True)]
        dirty = tainted(moved)
        if dirty:
            moves.append(f"{tx} {payer} {payee} {dirty}")
        if payee == NOBODY or (payee in stopped and tx not in first):
            exits += dirty
            moved = [(x, False)]
        of(payee).put(moved)
    print("\n".join(sorted(moves)))
    print("held", sum(a.held() for a in accounts.values()))
    print("exits", exits)
    print("origin", origin)


def blacklist(path):
    lists = {}
    with open(path, encoding="utf-8") as f:
        for number, line in enumerate(f):
            order, token, address, _ = line.rstrip("\r\n").split(",")
            if number:
                lists.setdefault(token, []).append((int(order), address.lower()))
    for token, entries in sorted(lists.items()):
        print(token, len({a for _, a in entries}), min(entries)[0], max(entries)[0])
    each = [{a for _, a in entries} for entries in lists.values()]
    print("both", len(set.intersection(*each)))
    print("addresses", len(set.union(*each)))


if __name__ == "__main__":
    {"taint": taint, "blacklist": blacklist}[sys.argv[1]](*sys.argv[2:])
