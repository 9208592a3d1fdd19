#!/usr/bin/env -S python3 -B
"""Litecoin's MWEB as litecoind writes it: coins are pegged in, spent in there, and pegged out; cordon reads the blocks
from the node and from its files, finds where value went into the pool and came out, and proves it."""

import json
import os
import subprocess
import sys

import files
import node
import tally

CHAIN = "litecoin:regtest"
CORDON = os.environ.get("CORDON", "build/cordon")
FIRST_MWEB = 432  # of a regtest chain, chainparams.cpp
COIN = 10**8


class World:
    def __init__(self, top):
        self.top = top
        self.node = n = node.Node(os.path.join(top, "node"), mweb=True)
        n.start()
        try:
            self.begin(n)
        except BaseException:
            n.kill()
            raise

    def end(self):
        self.node.kill()

    def begin(self, n):
        n.rpc("createwallet", "payer")
        n.rpc("createwallet", "hidden")
        miner = n.wallet("payer", "getnewaddress")
        n.wallet("payer", "generatetoaddress", FIRST_MWEB - 1, miner)
        self.pegin = n.wallet("payer", "sendtoaddress", n.wallet("hidden", "getnewaddress", "", "mweb"), 20)
        n.rpc("generatetoaddress", 10, miner)
        # The wallet that has nothing but what is in the MWEB pays somebody outside.
        self.paid = n.wallet("payer", "getnewaddress")
        n.wallet("hidden", "sendtoaddress", self.paid, 7)
        n.rpc("generatetoaddress", 10, miner)
        self.ledger = os.path.join(self.top, "of-node")
        self.cordon("ingest", CHAIN, "--from", n.url)

    def cordon(self, *words, ledger=None):
        done = subprocess.run([CORDON, *words, "--ledger", ledger or self.ledger], capture_output=True, text=True,
                              timeout=120)
        assert done.returncode == 0, (words, done.stderr)
        return done.stdout

    def json(self, *words):
        return json.loads(self.cordon(*words, "--format", "json"))

    def block(self, height):
        return self.node.rpc("getblock", self.node.rpc("getblockhash", height), 2)

    def heights(self):
        return range(FIRST_MWEB, self.node.rpc("getblockcount") + 1)


def pegs_of(w):
    """By the node's own words: what pegs in, and what HogEx transactions pay out beside the HogAddr."""
    ins, outs = [], []
    for height in w.heights():
        for tx in w.block(height)["tx"]:
            types = [o["scriptPubKey"]["type"] for o in tx["vout"]]
            ins += [(tx["txid"], o) for o in tx["vout"] if o["scriptPubKey"]["type"] == "witness_mweb_pegin"]
            if "witness_mweb_hogaddr" in types:
                outs += [(tx["txid"], o) for o in tx["vout"] if o["scriptPubKey"]["type"] != "witness_mweb_hogaddr"]
    return ins, outs


def files_say_the_same(w):
    of_files = os.path.join(w.top, "of-files")
    w.node.stop()
    blocks = w.node.copy_blocks(os.path.join(w.top, "blocks"))
    w.node.start()
    w.cordon("ingest", CHAIN, "--from", blocks, ledger=of_files)
    assert files.differences(w.ledger, of_files) == []


def the_pool_is_an_address(w):
    ins, outs = pegs_of(w)
    assert len(ins) == 1 and ins[0][0] == w.pegin and len(outs) == 1, (ins, outs)
    tx = w.json("tx", w.pegin)
    into = [o for o in tx["outputs"] if o["address"] == "pool:mweb"]
    assert len(into) == 1 and int(into[0]["value"]) == int(ins[0][1]["value"] * COIN), tx
    assert int(into[0]["value"]) >= 20 * COIN  # its change stays inside
    hogex = w.json("tx", outs[0][0])
    assert [o["address"] for o in hogex["outputs"]] == ["pool:mweb", w.paid], hogex
    assert int(hogex["outputs"][1]["value"]) == 7 * COIN
    assert {i["address"] for i in hogex["inputs"]} == {"pool:mweb"}


def fees_add_up(w):
    """A miner takes the subsidy and the fees, those of the MWEB by the HogEx."""
    fees_seen = 0
    for height in w.heights():
        block = w.block(height)
        fees = sum(int(w.json("tx", tx["txid"])["fee"] or 0) for tx in block["tx"][1:])
        taken = sum(int(o["value"] * COIN) for o in block["tx"][0]["vout"])
        assert taken == (50 * COIN >> height // 150) + fees, (height, taken, fees)
        fees_seen += fees
    assert fees_seen > 0


def a_trace_stops_at_the_pool(w):
    spent = w.json("tx", w.pegin)["inputs"][0]["output"]
    text = w.cordon("trace", spent, "--policy", "fifo")
    assert "mweb" in text and "shielded pool" in text, text
    proof = os.path.join(w.top, "evidence.json")
    w.node.stop()
    w.cordon("trace", spent, "--policy", "poison", "--evidence", proof, "--from", w.node.blocks)
    w.node.start()
    done = subprocess.run([CORDON, "verify", proof], capture_output=True, text=True)
    assert done.returncode == 0 and "proven" in done.stdout, done.stdout + done.stderr


def the_way_back_ends_at_the_pool(w):
    out = pegs_of(w)[1][0]
    doc = w.json("trace", f"{out[0]}:{out[1]['n']}", "--backward")
    assert doc["totals"]["pool"] == doc["totals"]["target"] == str(7 * COIN), doc["totals"]
    assert "out of shielded pools" in w.cordon("trace", f"{out[0]}:{out[1]['n']}", "--backward")


def what_comes_out_is_of_the_pool_alone(w):
    """Exposure: the peg-out is a mixer's, whoever pegged in; and a theft that went in is not in what comes out."""
    home = os.path.join(w.top, "home")
    os.makedirs(os.path.join(home, "cases"))
    os.symlink(w.ledger, os.path.join(home, "litecoin-regtest"))
    spent = w.json("tx", w.pegin)["inputs"][0]["output"]
    with open(os.path.join(home, "cases", "stolen.json"), "w", encoding="utf-8") as f:
        json.dump({"id": "stolen", "chain": CHAIN, "origins": [{"output": spent}]}, f)
    done = subprocess.run([CORDON, "screen", w.paid, "--chain", CHAIN, "--dry"], capture_output=True, text=True,
                          env=dict(os.environ, CORDON_HOME=home))
    print(done.stdout, done.stderr)
    assert "mixer" in done.stdout and "stolen" not in done.stdout, done.stdout + done.stderr


TESTS = (files_say_the_same, the_pool_is_an_address, fees_add_up, a_trace_stops_at_the_pool,
         the_way_back_ends_at_the_pool, what_comes_out_is_of_the_pool_alone)


if __name__ == "__main__":
    sys.exit(tally.run(TESTS, World, node.lack()))
