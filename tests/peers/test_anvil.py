#!/usr/bin/env -S python3 -B
"""Blocks of an EVM node, read while it runs, held against what the same node says when it is asked naively.

anvil is such a node, from npm. A small history is made on it, read by cordon's JSON-RPC source, reorganised, read
again; and through a proxy that refuses, lies, or leaves out."""

import json
import os
import subprocess
import sys

import anvil_fifo
import anvil_node
import anvil_world
import proxy as proxies
import tally

CORDON = os.environ.get("CORDON", "build/cordon")
BLOCKS = os.environ.get("RPC_BLOCKS", "build/tests/peers/rpc-blocks")


def equal(got, want, what):
    """Of lists of lists the first difference alone is told."""
    if got == want:
        return
    if isinstance(got, list) and isinstance(want, list):
        for g, w in zip(got, want):
            equal(g, w, what)
        raise AssertionError(f"{what}: {len(got)} against {len(want)}")
    raise AssertionError(f"{what}: cordon says {got!r}, the node says {want!r}")


class Read:
    """What rpc-blocks printed: the node's line, the blocks in the order given, an error or None."""

    def __init__(self, url, *args, chain="ethereum"):
        done = subprocess.run([BLOCKS, chain, url, *map(str, args)], capture_output=True, text=True,
                              timeout=120)
        self.code, self.node, self.error, self.blocks = done.returncode, None, None, []
        for line in done.stdout.splitlines():
            if line.startswith("node "):
                self.node = line.split(" ")
            elif line.startswith("error "):
                self.error = line
            elif line.startswith("block "):
                self.blocks.append([line.lower()])
            else:
                self.blocks[-1].append(line.lower())
        assert done.returncode == (1 if self.error else 0), done.stderr[-2000:]
        assert "secret-of-somebody" not in done.stdout + done.stderr, "an error shows a key"

    def last(self):
        """By height, as given last."""
        by_height = {int(block[0].split(" ")[1]): block for block in self.blocks}
        return [by_height[height] for height in sorted(by_height)]


def outer(blocks):
    """As a node tells them that has no traces."""
    return [[block[0].replace(" whole", " outer") if len(block) > 1 else block[0]] +
            [line for line in block[1:] if ":i" not in line] for block in blocks]


class Ledger:
    """A ledger that cordon makes of a node."""

    def __init__(self, top, name, url):
        self.folder, self.url, self.top = os.path.join(top, name), url, top

    def cordon(self, *args):
        done = subprocess.run([CORDON, *args, "--ledger", self.folder, "--format", "json"],
                              capture_output=True, text=True, timeout=120)
        return done.returncode, done.stdout and json.loads(done.stdout), done.stderr

    def ingest(self, *args, url=None):
        """What it says in JSON; it must succeed."""
        code, said, errors = self.cordon("ingest", "ethereum", "--from", url or self.url, *args)
        assert code == 0, errors
        return said

    def trace(self, case):
        path = os.path.join(self.top, "case.json")
        with open(path, "w") as f:
            json.dump(case, f)
        code, said, errors = self.cordon("trace", path)
        assert code == 0, errors
        return said

    def bytes(self):
        """Every file but the lock."""
        content = {}
        for folder, _, names in os.walk(self.folder):
            for name in names:
                if name != "lock":
                    with open(os.path.join(folder, name), "rb") as f:
                        content[os.path.relpath(f.name, self.folder)] = f.read()
        return content


class Test:
    def __init__(self, top):
        self.top = top
        self.anvil = anvil_node.Anvil()
        self.world = anvil_world.World(self.anvil)
        self.world.begin()
        self.world.live()
        self.proxy = proxies.Proxy(self.anvil)

    def end(self):
        self.proxy.stop()
        self.anvil.stop()

    def reset(self):
        self.proxy.change = self.proxy.refuse = None
        self.proxy.asked = []

    def read_equal(self, want=None, url=None, args=(0,), node=None):
        read = Read(url or self.anvil.url, *args)
        assert read.error is None, read.error
        equal(read.last(), self.world.all_moves() if want is None else want, "blocks")
        if node:
            equal(read.node[1:5], node, "the node")
        return read


def blocks_are_as_the_node_says(t):
    read = t.read_equal(node=["1", "batches", "receipts", "debug"])
    assert "anvil" in read.node[5]
    kinds = {line.split(" ")[0].split(":")[1][0] for block in read.blocks for line in block[1:]}
    equal(sorted(kinds), ["f", "i", "l", "v"], "kinds")


def batches_of_any_size_say_the_same(t):
    want = t.world.all_moves()
    for batch in 1, 3, 1000:
        t.read_equal(want, args=(0, "", batch))
    t.read_equal(want[2:6], args=(2, 5))
    equal(Read(t.anvil.url, t.world.tip() + 1).blocks, [], "past the tip")


def a_node_without_batches(t):
    def refuse(questions):
        if isinstance(questions, list):
            return 200, b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no batches"}}'

    t.proxy.refuse = refuse
    t.read_equal(url=t.proxy.url, node=["1", "single", "receipts", "debug"])
    t.proxy.refuse = lambda questions: (400, b"") if isinstance(questions, list) else None
    t.read_equal(url=t.proxy.url, node=["1", "single", "receipts", "debug"])


def a_node_that_stops_taking_batches(t):
    def refuse(questions):
        if isinstance(questions, list) and len(questions) > 2:
            return 200, b'{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no batches"}}'

    t.proxy.refuse = refuse
    t.read_equal(url=t.proxy.url)


def a_node_with_less(t):
    def without(*methods):
        def change(question, answer):
            if question["method"] in methods:
                return {"jsonrpc": "2.0", "id": question["id"],
                        "error": {"code": -32601, "message": "the method does not exist"}}
            return answer

        return change

    want = t.world.all_moves()
    t.proxy.change = without("eth_getBlockReceipts")
    t.read_equal(want, url=t.proxy.url, node=["1", "batches", "each", "debug"])
    t.proxy.change = without("debug_traceBlockByNumber")
    t.read_equal(want, url=t.proxy.url, node=["1", "batches", "receipts", "block"])
    t.proxy.change = without("debug_traceBlockByNumber", "trace_block", "web3_clientVersion")
    t.read_equal(outer(want), url=t.proxy.url, node=["1", "batches", "receipts", "none"])


def a_node_that_asks_for_patience(t):
    count = [0]

    def refuse(questions):
        count[0] += 1
        if count[0] % 3 == 1:
            return 429, b""
        if count[0] % 7 == 2:
            return 503, b""

    t.proxy.refuse = refuse
    t.read_equal(url=t.proxy.url)
    t.proxy.refuse = lambda questions: (429, b"")
    read = Read(t.proxy.url, 0)
    assert read.error and "given up after 3 tries" in read.error, read.error
    assert "system" in read.error.split(" ")[1], read.error


def another_chain(t):
    read = Read(t.anvil.url, 0, chain="polygon")
    assert read.code == 1 and not read.blocks
    assert "of chain 1 (ethereum), not of polygon (137)" in read.error, read.error


def half_an_answer(t):
    def change(question, answer):
        if question["method"] == "eth_getBlockReceipts" and question["params"] == ["0x5"]:
            return None
        return answer

    t.proxy.change = change
    read = Read(t.proxy.url, 0)
    assert read.error and "half an answer" in read.error and "block 5" in read.error, read.error
    equal(read.last(), t.world.all_moves(0, 4), "what came before")


def answers_of_something_else(t):
    """A receipt left out, of another block, or an amount of gas that does not add up."""
    busy = max(range(t.world.tip() + 1), key=lambda n: len(t.world.block(n)["transactions"]))

    def fewer(question, answer):
        if question["method"] == "eth_getBlockReceipts" and question["params"] == [hex(busy)]:
            answer["result"].pop()
        return answer

    def other(question, answer):
        if question["method"] == "eth_getBlockByNumber" and question["params"][0] == hex(busy):
            answer["result"] = t.world.block(busy - 1)
        return answer

    def gas(question, answer):
        if question["method"] == "eth_getBlockReceipts" and question["params"] == [hex(busy)]:
            answer["result"][1]["gasUsed"] = "0x5208"
            answer["result"][0]["gasUsed"] = "0x1"
        return answer

    for change in fewer, other, gas:
        t.proxy.change = change
        read = Read(t.proxy.url, 0)
        assert read.error and f"block {busy}" in read.error, read.error
        equal(read.last(), t.world.all_moves(0, busy - 1), change.__name__)


def a_node_that_lies_about_order(t):
    def change(question, answer):
        result = answer.get("result")
        if question["method"] == "eth_getBlockByNumber" and question["params"][0] == "0x7":
            result["parentHash"] = "0x" + "11" * 32
            # without all of its header nobody can hash it
            result.pop("requestsHash", None)
            result.pop("stateRoot", None)
        return answer

    t.proxy.change = change
    read = Read(t.proxy.url, 0)
    assert read.error and "block 7" in read.error, read.error
    equal(read.last(), t.world.all_moves(0, 6), "what came before")


def an_answer_that_is_not_json(t):
    t.proxy.change = None
    t.proxy.refuse = lambda questions: (200, b"<html>busy</html>")
    read = Read(t.proxy.url, 0)
    assert read.error and "input" in read.error.split(" ")[1], read.error


def reorganise(t, depth):
    t.anvil.rpc("anvil_reorg", depth, [])
    t.world.pay(t.world.accounts[8], t.world.accounts[9], 77)


def after_a_reorganisation(t):
    before = t.world.all_moves()
    reorganise(t, 3)
    after = t.world.all_moves()
    assert before[-1] != after[len(before) - 1]
    t.read_equal(after)


def a_reorganisation_while_it_is_read(t):
    """The chain changes under the source when it has got half of the blocks: it goes back and on."""
    # Deeper than the source asks ahead (RPC_IN_FLIGHT_MAX): answers come in any order, and blocks
    # that it has not asked for yet when the chain changes are given once.
    depth = 40
    for _ in range(depth + 4):
        t.world.pay(t.world.accounts[1], t.world.accounts[2], 5)
    seen = [0]
    half = t.world.tip() - 4

    def change(question, answer):
        if question["method"] == "eth_getBlockByNumber" and question["params"] == [hex(half), True]:
            seen[0] += 1
            if seen[0] == 1:
                t.anvil.rpc("anvil_reorg", depth, [])
        return answer

    t.proxy.change = change
    read = Read(t.proxy.url, 0, "", 1)
    assert read.error is None, read.error
    assert seen[0] > 0 and len(read.blocks) > t.world.tip() + 1, "nothing was given twice"
    equal(read.last(), t.world.all_moves(), "blocks")


def check_trace(t, ledger, origins):
    """Taint by fifo, as the node's answers say it when every unit is followed by hand."""
    moves = [line for block in t.world.all_moves() for line in block[1:]]
    want = anvil_fifo.Fifo(moves, origins)
    said = ledger.trace({"chain": "ethereum", "policy": "fifo",
                         "origins": [{"transfer": "0x" + origin} for origin in origins]})
    got = {}
    for move in said["moves"]:
        name = move["transfer"].removeprefix("0x")
        got[name] = got.get(name, 0) + int(move["taint"])
    equal(sorted(got.items()), sorted(want.moves.items()), "taint of moves")
    held = {}
    for balance in said["balances"]:
        asset = balance["asset"].lower()
        key = balance["account"].lower(), "-" if asset == "eth" else asset
        held[key] = held.get(key, 0) + int(balance["taint"])
    equal(sorted(held.items()), sorted(want.held().items()), "taint held")
    for total in said["totals"]:
        asset = total["asset"].lower()
        equal(int(total["fees"]), want.fees.get("-" if asset == "eth" else asset, 0), "fees")


def theft(t):
    """Ether and a token, stolen and moved on, also by a contract; the transfers that are the origins."""
    w, a = t.world, t.world.accounts
    w.pay(a[6], a[9], 5 * anvil_world.ETHER)  # what the thief had is clean
    ether = w.pay(a[1], a[9], 2 * anvil_world.ETHER)
    token = w.pay_token(a[0], a[9], 10 ** 20)
    w.pay(a[9], a[8], 6 * anvil_world.ETHER)
    w.forward(a[8], a[7], anvil_world.ETHER)
    w.pay_token(a[9], a[8], 4 * 10 ** 19)
    w.pay_token(a[8], a[3], 10 ** 19)
    w.pay(a[9], a[9], 1)
    w.pay(a[7], a[6], 10 ** 17)
    return [ether[2:] + ":v", token[2:] + ":l0"]


def a_ledger_is_made_while_the_node_runs(t):
    ledger = Ledger(t.top, "live", t.anvil.url)
    first = ledger.ingest()
    equal(first["added"], t.world.tip() + 1, "blocks")
    equal(ledger.ingest()["added"], 0, "blocks")
    origins = theft(t)
    again = ledger.ingest()
    equal((again["added"], again["undone"]), (9, 0), "blocks")
    check_trace(t, ledger, origins)
    t.anvil.rpc("anvil_reorg", 4, [])
    t.world.pay(t.world.accounts[8], t.world.accounts[2], 123456789)
    t.world.pay(t.world.accounts[9], t.world.accounts[2], 10 ** 18)
    third = ledger.ingest()
    assert third["undone"] >= 1 and third["added"] >= third["undone"], third
    check_trace(t, ledger, origins)
    anew = Ledger(t.top, "anew", t.anvil.url)
    anew.ingest()
    assert ledger.bytes() == anew.bytes(), "made in steps and at once they differ"


def what_a_bad_node_leaves_is_whole(t):
    def change(question, answer):
        if question["method"] == "eth_getBlockReceipts" and question["params"] == ["0x8"]:
            return None
        return answer

    ledger = Ledger(t.top, "bad", t.proxy.url)
    t.proxy.change = change
    code, _, errors = ledger.cordon("ingest", "ethereum", "--from", t.proxy.url)
    equal(code, 3, "exit code")
    assert "half an answer" in errors and "secret-of-somebody" not in errors, errors
    code, _, errors = ledger.cordon("ingest", "polygon", "--from", t.proxy.url)
    equal(code, 3, "exit code")
    t.reset()
    equal(ledger.ingest()["added"], t.world.tip() + 1 - 8, "blocks")
    anew = Ledger(t.top, "good", t.anvil.url)
    anew.ingest("--blocks", "0..5")
    anew.ingest()
    assert ledger.bytes() == anew.bytes(), "after a failure it differs"


TESTS = [blocks_are_as_the_node_says, batches_of_any_size_say_the_same, a_node_without_batches,
         a_node_that_stops_taking_batches, a_node_with_less, a_node_that_asks_for_patience,
         another_chain, half_an_answer, answers_of_something_else, a_node_that_lies_about_order,
         an_answer_that_is_not_json, after_a_reorganisation, a_reorganisation_while_it_is_read,
         a_ledger_is_made_while_the_node_runs, what_a_bad_node_leaves_is_whole]


if __name__ == "__main__":
    sys.exit(tally.run(TESTS, Test, anvil_node.lack()))
