#!/usr/bin/env -S python3 -B
"""A coin that nobody has, added by its row (new_chain/rows.py): its blocks are ingested, a theft on it is traced and proven, its
addresses are tagged and screened, by a program of which nothing else was touched. The program without the row does not know it.
So with a chain of the EVM, Gravel, added by its line."""

import hashlib
import json
import os
import shutil
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "peers"))
sys.path.insert(0, os.path.join(HERE, "new_chain"))
import rows  # noqa: E402
import tally  # noqa: E402

CORDON = os.environ.get("CORDON", "build/cordon")
PEBBLE = os.environ.get("PEBBLE", "build/tests/cordon-pebble")
BITS = 0x207FFFFF
COIN = 100000000


def sha256d(b):
    return hashlib.sha256(hashlib.sha256(b).digest()).digest()


def base58check(version, key):
    digits, out = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz", ""
    raw = bytes([version]) + key
    n = int.from_bytes(raw + sha256d(raw)[:4], "big")
    while n:
        n, r = divmod(n, 58)
        out = digits[r] + out
    return out


def pay(who):
    return b"\x76\xa9\x14" + bytes([who]) * 20 + b"\x88\xac"


def address(who):
    return base58check(55, bytes([who]) * 20)


def evm(who):
    return "0x" + bytes([who]).hex() * 20


def transaction(inputs, outputs):
    """inputs: (txid, vout) or the text of a coinbase; outputs: (value, whose, or a script)."""
    out = struct.pack("<iB", 1, len(inputs))
    for i in inputs:
        out += (bytes(32) + b"\xff" * 4 + bytes([len(i)]) + i if isinstance(i, bytes) else i[0] + struct.pack("<IB", i[1], 0))
        out += b"\xff" * 4
    out += bytes([len(outputs)])
    for value, who in outputs:
        script = who if isinstance(who, bytes) else pay(who)
        out += struct.pack("<QB", value, len(script)) + script
    return out + bytes(4)


def block(prev, time, txs):
    layer = [sha256d(t) for t in txs]
    while len(layer) > 1:
        layer += layer[-1:] * (len(layer) % 2)
        layer = [sha256d(layer[i] + layer[i + 1]) for i in range(0, len(layer), 2)]
    for nonce in range(1 << 16):
        head = struct.pack("<i32s32sIII", 4, prev, layer[0], time, BITS, nonce)
        if int.from_bytes(sha256d(head), "little") <= 0x7FFFFF << 8 * 29:
            return sha256d(head), head + bytes([len(txs)]) + b"".join(txs)
    raise AssertionError("no nonce")


def world():
    """Four blocks: 50 coins are mined by 1, who loses 30 of them to 2; 2 pays 20 to 3 and 9 to itself."""
    def mined(height, who):
        return transaction([bytes([2, height & 255, height >> 8])], [(50 * COIN, who)])

    first = mined(0, 9)
    mine = mined(1, 1)
    theft = transaction([(sha256d(mine), 0)], [(30 * COIN, 2), (20 * COIN - 1000, 1)])
    on = transaction([(sha256d(theft), 0)], [(20 * COIN, 3), (9 * COIN, 2)])
    made, prev = [], bytes(32)
    for n, txs in enumerate(([first], [mine], [mined(2, 9), theft], [mined(3, 9), on])):
        prev, raw = block(prev, 1700000000 + 600 * n, txs)
        made.append((prev[::-1].hex(), raw))
    return made, sha256d(theft)[::-1].hex(), sha256d(on)[::-1].hex()


class Place:
    def __init__(self, top, program):
        self.top, self.program = top, program
        self.env = dict(os.environ, CORDON_HOME=os.path.join(top, "home"))

    def run(self, *words, code=0):
        done = subprocess.run([self.program, *words], capture_output=True, text=True, env=self.env, timeout=120, cwd=self.top)
        assert done.returncode == code, (words, done.returncode, done.stdout[-500:], done.stderr)
        return done.stdout + done.stderr


def write_blocks(top, made):
    path = os.path.join(top, "blk00000.dat")
    with open(path, "wb") as f:
        for _, raw in made:
            f.write(struct.pack("<II", 0x6C626570, len(raw)) + raw)
    return path


def without_the_row(top):
    p = Place(top, CORDON)
    made, _, _ = world()
    path = write_blocks(top, made)
    assert 'unknown chain "pebble"' in p.run("ingest", "pebble", "--from", path, code=2)
    assert 'unknown chain "gravel"' in p.run("ingest", "gravel", "--from", path, code=2)
    assert 'chain "gravel" is not known' in p.run("screen", evm(1), "--chain", "gravel", code=2)


def with_the_row(top):
    p = Place(top, PEBBLE)
    made, theft, on = world()
    assert made[0][0] == rows.GENESIS, made[0][0]
    raw = write_blocks(top, made)
    assert "4 blocks added" in p.run("ingest", "pebble", "--from", raw)
    said = p.run("info", "--chain", "pebble")
    assert "pebble" in said and "to   height 3" in said, said
    assert made[3][0] in p.run("block", "3", "--chain", "pebble")
    shown = json.loads(p.run("address", address(2), "--chain", "pebble", "--format", "json"))
    assert shown["chain"] == "pebble", shown
    assert address(3) in p.run("tx", on, "--chain", "pebble")
    doc = json.loads(p.run("trace", f"{theft}:0", "--chain", "pebble", "--format", "json"))
    ends = {(r["output"], r["taint"]) for r in doc["reached"] if not r.get("spent_by")}
    assert ends == {(f"{on}:0", str(20 * COIN)), (f"{on}:1", str(9 * COIN))}, ends
    assert doc["totals"]["fees"] == str(COIN), doc["totals"]
    # proven without the ledger, by headers and branches
    p.run("trace", f"{theft}:0", "--chain", "pebble", "--from", raw, "--evidence", "pebble.evidence")
    shutil.move(os.path.join(p.env["CORDON_HOME"], "pebble"), os.path.join(top, "away"))
    assert "proven" in p.run("verify", "pebble.evidence")
    shutil.move(os.path.join(top, "away"), os.path.join(p.env["CORDON_HOME"], "pebble"))
    # tags, stops and screening know its addresses
    with open(os.path.join(top, "tags.csv"), "w", encoding="utf-8") as f:
        f.write(f"address,network,label,actor,category\n{address(3)},pebble,Quarry,quarry,exchange\n")
    assert "1 tags" in p.run("tags", "import", "tags.csv", "--columns",
                             "address=address,network=network,label=label,actor=actor,category=category")
    assert "Quarry" in p.run("tags", "show", address(3))
    assert "Quarry" in p.run("trace", f"{theft}:0", "--chain", "pebble", "--stops-from-tags", "exchange")
    assert "tagged: Quarry" in p.run("screen", address(3))
    wrong = address(3)[:-1] + ("1" if address(3)[-1] != "1" else "2")
    assert "checksum" in p.run("address", wrong, "--chain", "pebble", code=3)


def with_the_line(top):
    """1 is paid 10, and pays 4 to 2, which is an exchange's; what one knows of an address on any chain of the EVM counts here, too."""
    p = Place(top, PEBBLE)
    with open(os.path.join(top, "moves.csv"), "w", encoding="utf-8") as f:
        f.write(f"time,from,to,amount,tx\n2024-01-01T00:00:00Z,{evm(9)},{evm(1)},10,0x{'a1' * 32}\n"
                f"2024-01-01T00:01:00Z,{evm(1)},{evm(2)},4,0x{'a2' * 32}\n")
    assert "2 transfers" in p.run("ingest", "gravel", "--from", "moves.csv", "--map", "decimals=18")
    shown = json.loads(p.run("address", evm(1), "--chain", "gravel", "--format", "json"))
    assert (shown["chain"], shown["holdings"][0]["asset"]) == ("gravel", "GRV"), shown
    assert "10 GRV was marked" in p.run("trace", f"0x{'a1' * 32}", "--chain", "gravel")
    with open(os.path.join(top, "tags.csv"), "w", encoding="utf-8") as f:
        f.write("address,network,label,actor,category\n"
                f"{evm(2)},gravel,Quarry,quarry,exchange\n{evm(9)},eip155:987654321,Robber,robber,theft\n")
    assert "2 tags" in p.run("tags", "import", "tags.csv", "--columns",
                             "address=address,network=network,label=label,actor=actor,category=category")
    assert "Quarry" in p.run("trace", f"0x{'a1' * 32}", "--chain", "gravel", "--stops-from-tags", "exchange")
    for chain in ("gravel", "eip155:987654321", "ethereum"):
        assert "tagged: Quarry" in p.run("screen", evm(2), "--chain", chain)
    answer = json.loads(p.run("screen", evm(1), "--chain", "gravel", "--format", "json"))["answers"][0]
    told = [(r["evidence"], r["category"], r.get("amount")) for r in answer["reasons"]]
    assert ("exposed", "theft", str(10 * 10**18)) in told, answer
    p.run("screen", address(3), "--chain", "gravel", code=3)


if __name__ == "__main__":
    sys.exit(tally.run_each((without_the_row, with_the_row, with_the_line)))
