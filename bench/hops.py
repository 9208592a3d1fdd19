#!/usr/bin/env -S python3 -B
"""hops.py N DIR: a chain bitcoin:sim in which one coin is peeled N times, and its case: for measuring evidence packs.

DIR must be a world that `cordon sim --blocks 2 --out DIR` has just made: its genesis block begins the chain, and its
block file is written anew. Ten transactions a block; every other output of a transaction is spent by the next."""

import hashlib
import json
import pathlib
import struct
import sys

PER_BLOCK = 10


def double(b):
    return hashlib.sha256(hashlib.sha256(b).digest()).digest()


def count(n):
    return bytes([n]) if n < 0xFD else b"\xfd" + struct.pack("<H", n)


def script(n):
    return b"\x00\x14" + hashlib.sha256(b"hop %d" % n).digest()[:20]


def tx(spent, vout, script_sig, outputs):
    body = struct.pack("<I", 2) + b"\x01" + spent + struct.pack("<I", vout) + count(len(script_sig)) + script_sig
    body += struct.pack("<I", 0xFFFFFFFF) + count(len(outputs))
    for value, lock in outputs:
        body += struct.pack("<Q", value) + count(len(lock)) + lock
    return body + struct.pack("<I", 0)


def merkle(ids):
    while len(ids) > 1:
        if len(ids) % 2:
            ids = ids + ids[-1:]
        ids = [double(ids[i] + ids[i + 1]) for i in range(0, len(ids), 2)]
    return ids[0]


def mine(prev, root, time, bits):
    exponent, target = bits >> 24, bits & 0xFFFFFF
    target <<= 8 * (exponent - 3)
    nonce = 0
    while True:
        header = struct.pack("<I", 0x20000000) + prev + root + struct.pack("<III", time, bits, nonce)
        if int.from_bytes(double(header), "little") <= target:
            return header
        nonce += 1


def main():
    hops, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    file = folder / "blocks/blk00000.dat"
    whole = file.read_bytes()
    magic, size = whole[:4], struct.unpack("<I", whole[4:8])[0]
    genesis = whole[8 : 8 + size]
    time, bits = struct.unpack("<II", genesis[68:76])
    out, prev, value, spent, made = [magic + struct.pack("<I", size) + genesis], double(genesis[:80]), 50 * 10**8, None, 0
    height = 0
    while made < hops:
        height += 1
        time += 600
        coinbase = tx(b"\0" * 32, 0xFFFFFFFF, b"\x03" + struct.pack("<I", height)[:3], [(value if not spent else 0, script(0))])
        txs = [coinbase]
        if not spent:
            spent = double(coinbase)
            origin = spent
        while len(txs) <= PER_BLOCK and made < hops and height > 1:
            made += 1
            value -= 20000
            txs.append(tx(spent, 0, b"", [(value, script(made)), (10000, script(-made))]))
            spent = double(txs[-1])
        header = mine(prev, merkle([double(t) for t in txs]), time, bits)
        prev = double(header)
        block = header + count(len(txs)) + b"".join(txs)
        out.append(magic + struct.pack("<I", len(block)) + block)
    file.write_bytes(b"".join(out))
    (folder / "blocks/rev00000.dat").unlink(missing_ok=True)
    case = {"id": "HOPS", "chain": "bitcoin:sim", "origins": [{"output": origin[::-1].hex() + ":0"}]}
    (folder / "case.json").write_text(json.dumps(case))
    with open(folder / "list.csv", "w") as rows:  # the same over accounts
        rows.write("time,from,to,amount\n")
        for n in range(hops + 1):
            rows.write("%d,0x%040x,0x%040x,%d\n" % (1700000000 + n * 12, n + 1, n + 2, 10**18 - n * 10**12))
    case = {"id": "HOPS", "chain": "ethereum", "origins": [{"address": "0x%040x" % 2}]}
    (folder / "accounts.json").write_text(json.dumps(case))


main()
