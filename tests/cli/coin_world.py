#!/usr/bin/env python3
"""Blocks of regtest by hand: coin_world.py FILE < WORLD

A line of a world is a transaction: "2.0 1.0 -> 90 c 90 d" spends output 0 of lines 2 and 1 (lines count from 0) and pays
90 satoshis to c and to d; nothing before the arrow is a coinbase. Each stands in a block of its own. Owners are letters:
P2WPKH with the letter as all 20 bytes. Told on stdout: "t2 TXID" of each line, "c ADDRESS" of each owner.
"""

import hashlib
import struct
import sys

MAGIC, BITS = bytes.fromhex("fabfb5da"), 0x207FFFFF
CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def sha256d(data):
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def script(owner):
    return b"\x00\x14" + owner.encode() * 20


def polymod(values):  # BIP 173
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for i, generator in enumerate([0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3]):
            check ^= generator if top >> i & 1 else 0
    return check


def address(owner):
    number = int.from_bytes(owner.encode() * 20, "big")
    data = [0] + [number >> 5 * (31 - i) & 31 for i in range(32)]
    part = [ord(c) >> 5 for c in "bcrt"] + [0] + [ord(c) & 31 for c in "bcrt"]
    check = polymod(part + data + [0] * 6) ^ 1
    return "bcrt1" + "".join(CHARSET[d] for d in data + [check >> 5 * (5 - i) & 31 for i in range(6)])


def tx(inputs, outputs):
    data = struct.pack("<IB", 1, len(inputs))
    for txid, vout, sig in inputs:
        data += txid + struct.pack("<IB", vout, len(sig)) + sig + b"\xff\xff\xff\xff"
    data += bytes([len(outputs)])
    for value, to in outputs:
        data += struct.pack("<QB", value, len(to)) + to
    return data + bytes(4)


def coinbase(height, outputs):
    return tx([(bytes(32), 0xFFFFFFFF, b"\x04" + struct.pack("<I", height))], outputs)


def block(prev, height, txs):
    ids = [sha256d(t) for t in txs]
    root = ids[0] if len(ids) == 1 else sha256d(ids[0] + ids[1])
    for nonce in range(1 << 32):
        header = struct.pack("<I32s32sIII", 4, prev, root, 1704067200 + 600 * height, BITS, nonce)
        if sha256d(header)[31] < 0x7F:
            return sha256d(header), header + bytes([len(txs)]) + b"".join(txs)


def main():
    ids, owners, prev = [], set(), bytes(32)
    with open(sys.argv[1], "wb") as out:
        for height, line in enumerate(sys.stdin):
            spent, paid = line.split("->")
            words = paid.split()
            outputs = [(int(value), script(owner)) for value, owner in zip(words[::2], words[1::2])]
            owners.update(words[1::2])
            inputs = [(ids[int(i.split(".")[0])], int(i.split(".")[1]), b"") for i in spent.split()]
            if inputs:
                txs = [coinbase(height, [(0, b"\x6a")]), tx(inputs, outputs)]
            else:
                txs = [coinbase(height, outputs)]
            ids.append(sha256d(txs[-1]))
            prev, data = block(prev, height, txs)
            out.write(MAGIC + struct.pack("<I", len(data)) + data)
    for i, txid in enumerate(ids):
        print(f"t{i} {txid[::-1].hex()}")
    for owner in sorted(owners):
        print(owner, address(owner))


main()
