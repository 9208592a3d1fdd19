#!/usr/bin/env -S python3 -B
"""What others know, held against what cordon says of it: known theft edges traced under every account policy, issuers' blacklists as
tags and stops, labels that contradict each other, wallets of exchanges and of a theft on Litecoin and Dogecoin. Data of the real world;
skips where they are missing."""

import csv
import decimal
import io
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "peers"))
import tally  # noqa: E402

CORDON = os.environ.get("CORDON", "build/cordon")
SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
DATA = os.environ.get("CORDON_DATA", os.path.join(SOURCE, "..", "shared", "data"))
POLICIES = ("fifo", "lifo", "haircut", "tiho", "libr", "poison")
NOBODY = "0x" + "0" * 40
FLOWS = {"54m": 13, "lifi": 33, "atomic": 101, "xscam": 465}  # and how many addresses the papers give as ends


def data(path):
    full = os.path.join(DATA, path)
    for name in (full, full + ".zst"):
        if os.path.exists(name):
            return name
    raise tally.Skip(f"{full} is not here")


def text(path):
    name = data(path)
    if name.endswith(".zst"):
        return subprocess.run(["zstd", "-dqc", name], check=True, capture_output=True, text=True).stdout
    with open(name, encoding="utf-8") as f:
        return f.read()


class Place:
    def __init__(self, top):
        self.top = top
        self.env = dict(os.environ, CORDON_HOME=os.path.join(top, "home"))

    def path(self, name):
        return os.path.join(self.top, name)

    def run(self, *words, code=0):
        done = subprocess.run([CORDON, *words], capture_output=True, text=True, env=self.env, timeout=120)
        assert done.returncode == code, (words, done.returncode, done.stdout[-500:], done.stderr)
        return done.stdout + done.stderr

    def write(self, name, what):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(what)
        return self.path(name)


def lines(path):
    return [line.strip().lower() for line in text(path).splitlines() if line.strip()]


def flow(p, name):
    """A ledger of the list, and the transactions by which the sources pay out, in order of time."""
    rows = list(csv.DictReader(io.StringIO(text(f"bridges2/flows/{name}.csv"))))
    rows.sort(key=lambda r: (int(r["Block"]), r["Timestamp"]))
    sources = set(lines(f"bridges2/flows/{name}.source.txt"))
    origins = []
    for r in rows:
        if r["From"].lower() in sources and r["Tx_hash"] not in origins:
            origins.append(r["Tx_hash"])
    if not os.path.exists(p.path(name)):
        table = p.write(name + ".csv", text(f"bridges2/flows/{name}.csv"))
        p.run("ingest", "ethereum", "--from", table, "--ledger", p.path(name), "--map",
              "amount=Value_in_USD,asset:USD,decimals=18")
    return rows, origins


def followed(p, name, origins, policy, *more):
    case = p.write("case.json", json.dumps({"id": name, "chain": "ethereum", "policy": policy,
                                            "origins": [{"tx": tx} for tx in origins]}))
    return json.loads(p.run("trace", case, "--ledger", p.path(name), "--format", "json", *more))


def apart(*words):
    """What the other program says, which shares nothing with cordon."""
    naive = os.path.join(SOURCE, "tests", "cli", "naive_flows.py")
    return subprocess.run([sys.executable, "-B", naive, *words], check=True, capture_output=True, text=True).stdout.splitlines()


def held_against(p, name, policy, doc, *stops):
    """Each transfer with taint, how much, and the sums are those that the other program counts in the list itself."""
    flow_file = p.write(name + ".csv", text(f"bridges2/flows/{name}.csv"))
    want = apart("taint", flow_file, data(f"bridges2/flows/{name}.source.txt"), policy, *stops)
    got = sorted(f"{m['transfer'].split(':')[0]} {m['from']} {m['to'] or NOBODY} {m['taint']}".lower()
                 for m in doc["moves"] if int(m["taint"]))
    assert got == want[:-3], (name, policy, sorted(set(got) ^ set(want[:-3]))[:6])
    total, = doc["totals"]
    sums = [f"{part} {total[part]}" for part in ("held", "exits", "origin")]
    assert sums == want[-3:], (name, policy, sums, want[-3:])
    return len(got)


def poisoned(rows, origins):
    """Who is reached under poison, by its definition alone: whoever got tainted money passes it on until all is spent."""
    held, tainted, came = {}, set(), set()
    for r in rows:
        payer, payee, amount = r["From"].lower(), r["To"].lower(), decimal.Decimal(r["Value_in_USD"])
        if not amount or payer == payee:
            continue
        taint = r["Tx_hash"] in origins or payer in tainted
        held[payer] = max(held.get(payer, 0) - amount, 0)
        if not held[payer]:
            tainted.discard(payer)
        held[payee] = held.get(payee, 0) + amount
        if taint:
            tainted.add(payee)
            came.add(payee)
    return came


def known_edges(p):
    """Each move of a trace is an edge that others found, with the taint that another program counts, money is conserved, poison
    reaches whom its definition reaches, and nobody is reached by another policy who is not by that one. How many of the known edges and ends each policy reaches is printed."""
    for name, ends_n in FLOWS.items():
        rows, origins = flow(p, name)
        ends = set(lines(f"bridges2/flows/{name}.terminal.txt"))
        assert len(ends) == ends_n
        edges = {(r["Tx_hash"].lower(), r["From"].lower(), r["To"].lower()) for r in rows}
        most = poisoned(rows, origins)
        said = []
        for policy in POLICIES:
            doc = followed(p, name, origins, policy)
            moves = [m for m in doc["moves"] if int(m["taint"]) and m["to"]]
            gone = {(m["transfer"].split(":")[0], m["from"].lower(), m["to"].lower()) for m in moves}
            assert gone <= edges
            came = {m["to"].lower() for m in moves}
            assert came == most if policy == "poison" else came <= most, (name, policy, came ^ most)
            for t in doc["totals"]:
                parts = ("held", "exits", "cut", "fees", "dust", "unresolved", "converted_out")
                if policy != "poison":
                    assert int(t["origin"]) + int(t["converted_in"]) == sum(int(t[k]) for k in parts)
            assert held_against(p, name, policy, doc) == len(moves)
            said.append(f"{policy} {len(gone)} {len(came & ends)}")
        print(f"{name}: of {len(edges)} edges and {ends_n} ends", ", ".join(said))


def blacklists(p):
    rows = list(csv.DictReader(io.StringIO(text("issuers/blacklisted_2025-08.csv"))))
    orders = [int(r["order"]) for r in rows if r["token"] == "USDT"]
    assert len(rows) == 1830 and orders == sorted(orders)
    said = p.run("tags", "import", data("issuers/blacklisted_2025-08.csv"), "--as", "issuers", "--columns",
                 "address=address,actor=token,label=token,source=order,category:frozen,network:ethereum,lastmod:2025-08-31")
    assert "1830 tags" in said, said
    for r in (rows[0], rows[-1]):
        shown = p.run("tags", "show", r["address"])
        assert "frozen" in shown and r["token"] in shown and "2025-08-31" in shown, shown
        assert f"    {r['order']}\n" in shown, shown
        assert f"tagged: {r['token']} (frozen)" in p.run("screen", r["address"])
    # All of them, as another program counts them: on which list each is, and those that are on both.
    on = {}
    for r in rows:
        on.setdefault(r["address"].lower(), set()).add(r["token"])
    asked = p.write("asked.csv", "address,chain\n" + "".join(f"{a},ethereum\n" for a in on))
    answers = [json.loads(line) for line in p.run("screen", "--batch", asked).splitlines() if line.startswith("{")]
    found = {}
    for a in answers:
        for reason in a.get("reasons", ()):
            if reason["evidence"] == "tagged" and reason["category"] == "frozen":
                found.setdefault(a["address"].lower(), set()).add(reason["label"])
    assert found == on, [(a, found.get(a), on[a]) for a in on if found.get(a) != on[a]][:3]
    want = []
    for token in sorted({r["token"] for r in rows}):
        entries = [int(r["order"]) for r in rows if r["token"] == token]
        want.append(f"{token} {sum(token in tokens for tokens in found.values())} {min(entries)} {max(entries)}")
    want += [f"both {sum(len(tokens) == 2 for tokens in found.values())}", f"addresses {len(found)}"]
    counted = apart("blacklist", data("issuers/blacklisted_2025-08.csv"))
    assert want == counted, (want, counted)
    print("blacklists:", ", ".join(counted))
    # As stops: whom a case reaches ends there, by that name, under every policy.
    frozen = {r["address"].lower(): f"{r['token']} blacklist {r['order']}" for r in rows}
    stops = p.write("stops.csv", "address,name,category\n" +
                    "".join(f"{a},{n},frozen\n" for a, n in frozen.items()))
    addresses = p.write("stops.txt", "".join(f"{a}\n" for a in frozen))
    for name in FLOWS:
        _, origins = flow(p, name)
        said = []
        for policy in POLICIES:
            doc = followed(p, name, origins, policy, "--stop", stops)
            came = [m for m in doc["moves"] if m["to"] and m["to"].lower() in frozen and int(m["taint"])]
            held_against(p, name, policy, doc, addresses)
            for m in came:
                if m["transfer"].split(":")[0] not in origins:
                    assert m["stop"]["name"] == frozen[m["to"].lower()] and m["stop"]["category"] == "frozen", m
            said.append(f"{policy} {len(came)} of {len(doc['moves'])}")
        print(f"{name}: moves that end at one of them:", ", ".join(said))


def contradictions(p):
    """Each owner that a list names stays, and is shown."""
    rows = list(csv.DictReader(io.StringIO(text("solana/labels/contradictions.csv"))))
    p.run("tags", "import", data("solana/labels/contradictions.csv"), "--columns",
          "address=address,label=label,actor=label,source=source,network:solana")
    for address in {r["address"] for r in rows}:
        shown = p.run("tags", "show", address)
        labels = {r["label"] for r in rows if r["address"] == address}
        assert len(labels) > 1 and all(f"  {label}\n" in shown for label in labels), shown
        assert "tags disagree" in shown, shown
        assert f"{address} (solana): tags disagree" in p.run("tags", "conflicts")
        screened = p.run("screen", address)
        assert all(f"tagged: {label} (" in screened for label in labels), screened
    # Where a trace ends at one of which a list says that it is an exchange's: its text, its JSON and its page name whom else others name.
    r = next(r for r in rows if r["address"].startswith("2ojv"))
    p.run("tags", "import", p.write("exchanges.csv", f"address,label,actor,category,source,network\n{r['address']},{r['label']},{r['label']},"
                                    f"exchange,{r['source']},solana\n"))
    thief, disputed = "AobVSwdW9BbpMdJvTqeCN4hPAmh4rHm7vwLnQ5ATSyrS", r["address"]
    moves = p.write("moves.csv", f"time,from,to,amount\n2024-01-01T00:00:00Z,5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1,{thief},10\n"
                    f"2024-01-01T00:01:00Z,{thief},{disputed},2\n")
    p.run("ingest", "solana", "--from", moves, "--map", "decimals=9", "--ledger", p.path("solana"))
    asked = ("trace", "--account", thief, "--chain", "solana", "--ledger", p.path("solana"), "--stops-from-tags", "exchange", "--format")
    for form in "text", "html", "json":
        assert "Binance, or Coinbase" in p.run(*asked, form), form
    stop = json.loads(p.run(*asked, "json"))["inputs"]["stops"][0]
    assert stop["source"].startswith("tags: exchanges, sha256 ") and "; tags: contradictions, sha256 " in stop["source"], stop
    assert "known wallet" not in p.run("entity", disputed, "--chain", "solana", "--ledger", p.path("solana")).split("wallets")[0]


def coins_labels(p):
    rows = list(csv.DictReader(io.StringIO(text("coins/labels/exchanges.csv"))))
    said = p.run("tags", "import", data("coins/labels/exchanges.csv"), "--columns",
                 "address=address,network=chain,label=exchange,actor=exchange,category:exchange,source=source_file")
    assert f"{len(rows)} tags" in said and len(rows) == 39, said
    for r in rows:
        assert f"{r['address']} ({r['chain']})" in p.run("tags", "show", r["address"])
    # A block of each chain: its wallets of exchanges are stops of a trace over it.
    for chain, block in (("dogecoin", "05122721"), ("litecoin", "02265985")):
        raw = p.path(block + ".bin")
        with open(raw, "wb") as f:
            f.write(bytes.fromhex(text(f"coins/{chain}/{block}.hex")))
        said = p.run("ingest", chain, "--from", raw, "--ledger", p.path(chain))
        assert "1 blocks added" in said, said
        tx = json.loads(p.run("block", str(int(block)), "--ledger", p.path(chain), "--format", "json"))["transactions"][1]
        stops = p.run("trace", f"{tx}:0", "--ledger", p.path(chain), "--stops-from-tags", "exchange")
        assert chain in stops
    theft = list(csv.DictReader(io.StringIO(text("coins/thefts.csv"))))[0]
    assert theft["chain"] == "litecoin"
    said = p.run("address", theft["address"], "--ledger", p.path("litecoin"))
    assert theft["address"] in said, said


TESTS = (known_edges, blacklists, contradictions, coins_labels)


if __name__ == "__main__":
    sys.exit(tally.run_each(TESTS, Place))
