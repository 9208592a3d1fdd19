"""Transactions made by hand: every kind of output, spent without a wallet.

The only key is the number 1, whose public key is the curve's base point (SEC 2, section 2.4.1)."""

import hashlib
import struct

COIN = 100_000_000

KEY = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
KEY_LONG = bytes.fromhex("0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
                         "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8")
# The secret 1 for nodes of test chains: of the short and of the long public key.
SECRETS = ["cMahea7zqjxrtgAbB7LSGbcQUr1uX1ojuat9jZodMN87JcbXMTcA",
           "91avARGdfge8E4tZfYLoxeJ5sGBdNJQH4kvjJoQFacbgwmaKkrx"]

TRUE = b"\x51"  # OP_1: anybody may spend


def hash160(data):
    return hashlib.new("ripemd160", hashlib.sha256(data).digest()).digest()


def sha256d(data):
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def push(data):
    assert len(data) <= 75
    return bytes([len(data)]) + data


def p2pkh(key):
    return b"\x76\xa9" + push(hash160(key)) + b"\x88\xac"


P2PK = push(KEY) + b"\xac"
P2PK_LONG = push(KEY_LONG) + b"\xac"
P2PKH, P2PKH_LONG = p2pkh(KEY), p2pkh(KEY_LONG)
P2WPKH = b"\x00" + push(hash160(KEY))
P2SH_P2WPKH = b"\xa9" + push(hash160(P2WPKH)) + b"\x87"
P2SH_TRUE = b"\xa9" + push(hash160(TRUE)) + b"\x87"
P2WSH_TRUE = b"\x00" + push(hashlib.sha256(TRUE).digest())
MULTISIG = b"\x51" + push(KEY) + push(KEY_LONG) + b"\x52\xae"
P2TR = b"\x51" + push(KEY[1:])
WITNESS_V2 = b"\x52" + push(b"\x02" * 5)  # anybody may spend what no rule is for yet
ANCHOR = b"\x51" + push(b"\x4e\x73")
NO_SCRIPT = b""  # spent by a script that leaves a true value
RETURN = b"\x6a" + push(b"cordon")
RETURN_BARE = b"\x6a"
NOBODY = b"\x00" + push(b"\x11" * 33)  # version 0 with a length that no rule allows

# Those of KEY, which the node signs; those that need no signature; those that stay.
SIGNED = [P2PK, P2PK_LONG, P2PKH, P2PKH_LONG, P2WPKH, P2SH_P2WPKH, MULTISIG]
OPEN = [TRUE, NO_SCRIPT, P2SH_TRUE, P2WSH_TRUE, WITNESS_V2]
KEPT = [P2TR, ANCHOR, NOBODY, RETURN, RETURN_BARE]


def compact(n):
    return bytes([n]) if n < 0xfd else b"\xfd" + struct.pack("<H", n)


class Coin:
    """An output that the test made and may spend."""

    def __init__(self, txid, vout, value, script):
        self.txid, self.vout, self.value, self.script = txid, vout, value, script

    def script_sig(self):
        return {P2SH_TRUE: push(TRUE), NO_SCRIPT: TRUE}.get(self.script, b"")

    def witness(self):
        return [TRUE] if self.script == P2WSH_TRUE else []


class Tx:
    """What spends coins into (value, script) pairs; hex is None until signed, where that is asked for."""

    def __init__(self, coins, outputs, node=None):
        witness = any(coin.witness() for coin in coins)
        body = compact(len(coins))
        for coin in coins:
            script_sig = coin.script_sig()
            body += bytes.fromhex(coin.txid)[::-1] + struct.pack("<I", coin.vout)
            body += compact(len(script_sig)) + script_sig + b"\xff\xff\xff\xff"
        body += compact(len(outputs))
        for value, script in outputs:
            body += struct.pack("<q", value) + compact(len(script)) + script
        raw = struct.pack("<i", 2) + (b"\x00\x01" if witness else b"") + body
        if witness:
            for coin in coins:
                raw += compact(len(coin.witness()))
                for item in coin.witness():
                    raw += compact(len(item)) + item
        raw += b"\x00" * 4
        self.hex = raw.hex()
        self.txid = sha256d(struct.pack("<i", 2) + body + b"\x00" * 4)[::-1].hex()
        if node:
            self.sign(node, coins)
        self.coins = [Coin(self.txid, i, value, script) for i, (value, script) in enumerate(outputs)]

    def sign(self, node, coins):
        before = [{"txid": c.txid, "vout": c.vout, "scriptPubKey": c.script.hex(),
                   "redeemScript": P2WPKH.hex() if c.script == P2SH_P2WPKH else "",
                   "amount": f"{c.value // COIN}.{c.value % COIN:08}"} for c in coins]
        for coin in before:
            if not coin["redeemScript"]:
                del coin["redeemScript"]
        signed = node.rpc("signrawtransactionwithkey", self.hex, SECRETS, before)
        assert signed["complete"], signed
        self.hex = signed["hex"]
        self.txid = node.rpc("decoderawtransaction", self.hex)["txid"]
