#!/usr/bin/env -S python3 -B
"""A theft that goes through THORChain, from Ethereum to Bitcoin and back, by the router that the program knows: its Deposit and
TransferOut there, OP_RETURN here. Then one that pays a vault without the router, which the case has to name; and one that only says it went."""

import json
import os
import struct
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "peers"))
sys.path.insert(0, os.path.join(HERE, "..", "chain"))
import tally  # noqa: E402
import test_new_chain as coins  # noqa: E402

CORDON = os.environ.get("CORDON", "build/cordon")
ROUTER = "0xd37bbe5744d730a1d98d8dc97c42f0ca46ad7146"
VICTIM, THIEF, VAULT, BACK = ("0x" + c * 40 for c in "abcd")
DEPOSIT = "0xef519b7eb82aaf6ac376a6df2d793843ebfd593de5f1a0601d3cc6ab49ebb395"
TRANSFER_OUT = "0xa9cd03aa3c1b4515114539cd53d22085129d495cb9e9f9af77864526240f1bf7"
TXS = ("hash,block_number,transaction_index,from_address,to_address,value,gas,gas_price,input,transaction_type,nonce,"
       "block_timestamp,receipt_gas_used,receipt_status,receipt_effective_gas_price\n")
LOGS = "log_index,transaction_hash,transaction_index,block_number,address,data,topics,block_timestamp\n"
TRACES = ("transaction_index,from_address,to_address,value,trace_type,call_type,trace_address,error,status,transaction_hash,"
          "block_number,block_timestamp\n")
COIN = coins.COIN


def word(v):
    return f"{v:064x}" if isinstance(v, int) else v[2:].rjust(64, "0")


def memo_words(memo):
    raw = memo.encode().hex()
    return word(len(memo)) + raw + "0" * (-len(raw) % 64)


class Ethereum:
    """Transactions, a block each from block 100 on, as tables of ethereum-etl."""

    def __init__(self):
        self.txs, self.logs, self.traces, self.n = TXS, LOGS, TRACES, 0

    def tx(self, frm, to, value, inner=None, log=None, memo=""):
        self.n += 1
        height, name = 99 + self.n, "0x" + f"{self.n:x}" * 64
        time = 1700000000 + 100 * height
        self.txs += (f"{name},{height},0,{frm},{to},{value},90000,0,0x{memo.encode().hex()},2,{self.n},{time},21000,1,0\n")
        self.traces += f"0,{frm},{to},{value},call,call,,,1,{name},{height},{time}\n"
        if inner:
            self.traces += f"0,{to},{inner},{value},call,call,0,,1,{name},{height},{time}\n"
        if log:
            self.logs += f'0,{name},0,{height},{ROUTER},0x{log[1]},"{log[0]}",{time}\n'
        return name

    def deposit(self, frm, value, memo):
        topics = f"{DEPOSIT},0x{word(VAULT)},0x{word(0)}"
        return self.tx(frm, ROUTER, value, VAULT, (topics, word(value) + word(64) + memo_words(memo)))

    def pay(self, to, value, memo):
        topics = f"{TRANSFER_OUT},0x{word(VAULT)},0x{word(to)}"
        return self.tx(VAULT, ROUTER, value, to, (topics, word(0) + word(value) + word(96) + memo_words(memo)))


def op_return(memo):
    return b"\x6a" + (b"\x4c" if len(memo) > 75 else b"") + bytes([len(memo)]) + memo.encode()


def says(memo):
    """The outputs of a memo: one above 80 bytes goes on in hashes of keys (thornode, MemoToScripts)."""
    if len(memo) <= 80:
        return [(0, op_return(memo))]
    rest = memo[79:].encode()
    return [(0, op_return(memo[:79] + "^"))] + [(294, b"\x00\x14" + rest[i:i + 20].ljust(20, b"\0")) for i in range(0, len(rest), 20)]


def bitcoin(payment_memo, asked_memo):
    """The vault (1) is paid by a miner, pays 60 to the thief (2) and says what for; of these 50 go to the vault, with a memo."""
    tx = coins.transaction
    mine = tx([b"\x51\x00"], [(100 * COIN, 1)])
    paid = tx([(coins.sha256d(mine), 0)], [(60 * COIN, 2), (39 * COIN, 1), *says(payment_memo)])
    asks = tx([(coins.sha256d(paid), 0)], [(50 * COIN, 1), *says(asked_memo), (9 * COIN, 2)])
    raw, prev = b"", bytes(32)
    for n, txs in enumerate(([mine], [tx([b"\x52\x00"], [(COIN, 9)]), paid], [tx([b"\x53\x00"], [(COIN, 9)]), asks])):
        prev, block = coins.block(prev, 1700020000 + 600 * n, txs)
        raw += struct.pack("<II", 0xDAB5BFFA, len(block)) + block
    return raw, coins.sha256d(asks)[::-1].hex()


class Place:
    def __init__(self, top):
        self.top = top
        self.env = dict(os.environ, CORDON_HOME=os.path.join(top, "home"))

    def run(self, *words, code=0):
        done = subprocess.run([CORDON, *words], capture_output=True, text=True, env=self.env, timeout=120, cwd=self.top)
        assert done.returncode == code, (words, done.returncode, done.stdout[-500:], done.stderr)
        return done.stdout + done.stderr

    def write(self, name, what):
        with open(os.path.join(self.top, name), "wb" if isinstance(what, bytes) else "w") as f:
            f.write(what)

    def ingest(self, e, raw):
        for name, what in (("txs.csv", e.txs), ("logs.csv", e.logs), ("traces.csv", e.traces), ("blk.dat", raw)):
            self.write(name, what)
        tables = ["txs.csv", "traces.csv"] + (["logs.csv"] if e.logs != LOGS else [])
        self.run("ingest", "ethereum", "--from", *tables)
        if raw:
            self.run("ingest", "bitcoin:regtest", "--from", "blk.dat")

    def trace(self, origin, *ledgers, **more):
        self.write("case.json", json.dumps({"id": "T-1", "chain": "ethereum", "origins": [{"tx": origin}], "policy": "fifo", **more}))
        where = [w for name in ledgers for w in ("--ledger", os.path.join(self.top, "home", name))]
        said = self.run("trace", "case.json", *where)
        self.run("trace", "case.json", *where, "--format", "json", "--out", "trace.json")
        assert "same" in self.run("verify", "trace.json", *where)
        with open(os.path.join(self.top, "trace.json"), encoding="utf-8") as f:
            return json.load(f), said


def regtest(who):
    return coins.base58check(111, bytes([who]) * 20)


def there_and_back(p):
    e = Ethereum()
    theft = e.tx(VICTIM, THIEF, 100)
    asked = e.deposit(THIEF, 80, f"=:BTC.BTC:{regtest(2)}:0/1/0")
    raw, btc = bitcoin("OUT:" + asked[2:].upper(), f"=:ETH.ETH:{BACK}")
    e.pay(BACK, 40, "OUT:" + btc.upper())
    p.ingest(e, raw)
    doc, said = p.trace(theft, "ethereum", "bitcoin:regtest")
    routes = [(r["rule"], r["grade"], r["amount_in"], r["amount_out"], r["taint_in"], r["taint_out"]) for r in doc["routes"]]
    assert routes == [("router", "stated", "80", str(60 * COIN), "80", str(60 * COIN)),
                      ("router", "stated", str(50 * COIN), "40", str(50 * COIN), "40")], routes
    assert doc["candidates"] == [] and doc["exact"], doc["candidates"]
    used = {(u["contract"].lower(), u["name"]) for u in doc["trusts"]["used"]}
    assert used == {(ROUTER, "THORChain router")}, used
    assert BACK in said.lower() and "router, stated: memo" in said, said


def alone_it_says_where(p):
    e = Ethereum()
    theft = e.tx(VICTIM, THIEF, 100)
    memo = f"=:BTC.BTC:{regtest(2)}"
    e.deposit(THIEF, 80, memo)
    p.ingest(e, b"")
    doc, said = p.trace(theft, "ethereum")
    assert [(c["rule"], c["says"], c["other"]) for c in doc["candidates"]] == [("router", memo, None)], doc["candidates"]
    assert f"it says {memo}" in said, said


def without_a_router(p):
    e = Ethereum()
    theft = e.tx(VICTIM, THIEF, 100)
    asked = e.tx(THIEF, VAULT, 80, memo=f"=:b:{regtest(2)}")
    raw, btc = bitcoin("OUT:" + asked[2:].upper(), f"=:e:{BACK}")
    e.tx(VAULT, BACK, 40, memo="OUT:" + btc.upper())
    p.ingest(e, raw)
    doc, _ = p.trace(theft, "ethereum", "bitcoin:regtest")
    assert doc["routes"] == [] and [c["ground"] for c in doc["candidates"]] == ["a contract that is not known says it"], doc["candidates"]
    doc, said = p.trace(theft, "ethereum", "bitcoin:regtest",
                        trusts=[{"contract": VAULT, "name": "a vault", "source": "a node of THORChain, /vaults/asgard"}])
    assert [(r["grade"], r["taint_out"]) for r in doc["routes"]] == [("stated", str(60 * COIN)), ("stated", "40")], doc["routes"]
    assert "a vault, as the case says" in said, said


TESTS = (there_and_back, alone_it_says_where, without_a_router)


if __name__ == "__main__":
    sys.exit(tally.run_each(TESTS, Place))
