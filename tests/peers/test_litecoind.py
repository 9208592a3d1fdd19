#!/usr/bin/env -S python3 -B
"""Ledgers of directories that Bitcoin Core's code wrote, held against what that code answers by RPC.

litecoind is such a node in Debian. On its regtest chain a small history is made, with every kind of
output and a reorganisation; the node is stopped, and once killed in the middle of writing; each time
its blocks directory is copied. Then cordon reads the copies and must say what the node says."""

import json
import os
import subprocess
import sys
import threading
import time

import files
import node
import tally
import truth
import world

CHAIN = "litecoin:regtest"
CORDON = os.environ.get("CORDON", "build/cordon")
KILL_AFTER_SECONDS = 0.3
NOT_FOUND = 3  # exit code


def equal(got, want, what):
    if got != want:
        raise AssertionError(f"{what}: cordon says {got!r}, the node says {want!r}")


class History:
    """Three copies of one node's blocks, and what the node says of the last two."""

    def __init__(self, top):
        self.top = top
        litecoind = node.Node(os.path.join(top, "node"))
        try:
            litecoind.start()
            self.world = world.World(litecoind)
            self.world.begin()
            self.world.lose_later()
            litecoind.stop()
            self.before = litecoind.copy_blocks(os.path.join(top, "before"))
            litecoind.start()
            self.world.reorganise()
            self.truth = truth.Truth(litecoind)
            litecoind.stop()
            self.after = litecoind.copy_blocks(os.path.join(top, "after"))
            litecoind.start()
            self.kill_while_writing(litecoind)
            self.killed = litecoind.copy_blocks(os.path.join(top, "killed"))
            # The node's index is behind its files now; read anew, it knows all that they hold.
            litecoind.reindex()
            litecoind.start()
            self.killed_truth = truth.Truth(litecoind)
            litecoind.stop()
        finally:
            litecoind.kill()

    def kill_while_writing(self, litecoind):
        def mine():
            try:
                self.world.mine(1_000_000)
            except (OSError, ValueError, node.http.client.HTTPException):
                pass  # the answer never comes

        miner = threading.Thread(target=mine)
        miner.start()
        time.sleep(KILL_AFTER_SECONDS)
        litecoind.kill()
        miner.join()

    def folder(self, name):
        return os.path.join(self.top, name)


class Ledger:
    """A ledger, asked as people ask."""

    def __init__(self, folder, *sources):
        self.folder = folder
        for source in sources:
            self.ingest(source)

    def ingest(self, source):
        command = [CORDON, "ingest", CHAIN, "--from", source, "--ledger", self.folder]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, f"exit {done.returncode}: {done.stderr}"

    def run(self, *words):
        command = [CORDON, *words, "--ledger", self.folder, "--format", "json"]
        return subprocess.run(command, capture_output=True, text=True)

    def ask(self, *words):
        done = self.run(*words)
        assert done.returncode == 0, f"{words}: exit {done.returncode}: {done.stderr}"
        return json.loads(done.stdout)

    def check_block(self, block):
        got = self.ask("block", str(block["height"]))
        for ours, theirs in [("hash", "hash"), ("height", "height"), ("time", "time"),
                             ("size", "size"), ("merkle_root", "merkleroot"), ("nonce", "nonce")]:
            equal(got[ours], block[theirs], f"block {block['height']}, {ours}")
        equal(got["transactions"], [tx["txid"] for tx in block["tx"]], f"block {block['height']}")
        equal(self.ask("block", block["hash"]), got, "the same block by its hash")

    def check_tx(self, said, tx, inside=lambda output: True, undo=True):
        """inside: which of the outputs spent are in the ledger; undo: are the others' values known?"""
        txid, spent = tx["txid"], said.spent(tx)
        got = self.ask("tx", txid)
        equal(got["block"]["hash"], said.txs[txid]["hash"], f"{txid}, block")
        equal(got["coinbase"], not spent, f"{txid}, coinbase")
        known = undo or all(inside(output) for output in spent)
        equal(got["fee"], str(said.fees[txid]) if spent and known else None, f"{txid}, fee")
        want = []
        for output in spent:
            there = inside(output)
            want.append((output.name, there) + (
                (str(output.value), output.address, output.kind, output.script) if there or undo
                else (None,) * 4))
        equal([(i["output"], i["in_ledger"], i["value"], i["address"], i["class"], i["script"])
               for i in got["inputs"]], want, f"{txid}, inputs")
        outputs = [said.outputs[f"{txid}:{n}"] for n in range(len(tx["vout"]))]
        equal([(o["value"], o["address"], o["class"], o["script"], o["spent_by"])
               for o in got["outputs"]],
              [(str(o.value), o.address, o.kind, o.script, o.spent_by) for o in outputs],
              f"{txid}, outputs")

    def check_address(self, address, outputs):
        got = self.ask("address", address)
        received = sum(o.value for o in outputs)
        spent = sum(o.value for o in outputs if o.spent_by)
        equal((got["received"], got["spent"], got["balance"]),
              (str(received), str(spent), str(received - spent)), address)
        equal(sorted((o["output"], o["value"], o["height"], o["spent_by"]) for o in got["outputs"]),
              sorted((o.name, str(o.value), o.block["height"], o.spent_by) for o in outputs), address)
        equal(got["first_seen"]["height"], min(o.block["height"] for o in outputs), address)

    def check_counts(self, said, blocks):
        got = self.ask("info")
        txs = [tx for block in blocks for tx in block["tx"]]
        equal((got["chain"], got["runs"]), (CHAIN, 1), "chain and runs")
        equal((got["blocks"], got["transactions"], got["outputs"], got["inputs"]),
              (len(blocks), len(txs), sum(len(tx["vout"]) for tx in txs),
               sum(len(tx["vin"]) for tx in txs)), "counts")
        equal(got["data_as_of"]["hash"], blocks[-1]["hash"], "tip")
        return got

    def check_all(self, said):
        got = self.check_counts(said, said.blocks)
        addresses = said.addresses()
        equal(got["addresses"], len(addresses), "addresses")
        for block in said.blocks:
            self.check_block(block)
            for tx in block["tx"]:
                self.check_tx(said, tx)
        for address, outputs in addresses.items():
            self.check_address(address, outputs)

    def check_absent(self, *words):
        done = self.run(*words)
        equal((done.returncode, done.stdout), (NOT_FOUND, ""), " ".join(words) + ", exit and answer")


def everything_agrees(history):
    Ledger(history.folder("l-after"), history.after).check_all(history.truth)


def what_lost_is_not_there(history):
    ledger = Ledger(history.folder("l-lost"), history.after)
    for hash_ in history.world.stale_blocks:
        ledger.check_absent("block", hash_)
    for txid in history.world.stale_txids:
        ledger.check_absent("tx", txid)


def before_the_reorganisation_they_were(history):
    ledger = Ledger(history.folder("l-before"), history.before)
    for hash_ in history.world.stale_blocks:
        equal(ledger.ask("block", hash_)["hash"], hash_, "a block that lost later")
    for txid in history.world.stale_txids:
        equal(ledger.ask("tx", txid)["txid"], txid, "a transaction that lost later")


def appended_is_as_made_anew(history):
    for name, sources in [("after", (history.before, history.after)),
                          ("killed", (history.before, history.after, history.killed))]:
        anew = Ledger(history.folder(f"l-anew-{name}"), sources[-1])
        appended = Ledger(history.folder(f"l-appended-{name}"), *sources)
        equal(files.differences(anew.folder, appended.folder), [], name)


def a_killed_node_leaves_what_can_be_read(history):
    said = history.killed_truth
    assert len(said.blocks) > len(history.truth.blocks), "it was killed before it wrote anything"
    ledger = Ledger(history.folder("l-killed"), history.killed)
    ledger.check_counts(said, said.blocks)
    for block in said.blocks[-20:]:
        ledger.check_block(block)


def check_island(history, name, undo):
    """The second half of the chain alone, as pruning leaves it."""
    said = history.truth
    kept = said.blocks[len(said.blocks) // 2:]
    hashes = {block["hash"] for block in kept}
    source = files.prune(history.after, history.folder(name), hashes, undo)
    ledger = Ledger(history.folder("l-" + name), source)
    ledger.check_counts(said, kept)
    outside = 0
    for block in kept:
        ledger.check_block(block)
        for tx in block["tx"]:
            strangers = sum(o.block["hash"] not in hashes for o in said.spent(tx))
            if strangers:  # the others are as in a whole ledger
                ledger.check_tx(said, tx, lambda output: output.block["hash"] in hashes, undo)
            outside += strangers
    equal(ledger.ask("info")["inputs_outside"], outside, "inputs from outside")
    assert outside, "nothing spends what was pruned"
    ledger.check_absent("block", "0")


def an_island_takes_values_from_undo_data(history):
    check_island(history, "pruned", True)


def an_island_without_undo_data_knows_no_values(history):
    check_island(history, "bare", False)


TESTS = [everything_agrees, what_lost_is_not_there, before_the_reorganisation_they_were,
         appended_is_as_made_anew, a_killed_node_leaves_what_can_be_read,
         an_island_takes_values_from_undo_data, an_island_without_undo_data_knows_no_values]


if __name__ == "__main__":
    sys.exit(tally.run(TESTS, History, node.lack()))
