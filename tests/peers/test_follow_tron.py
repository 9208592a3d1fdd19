#!/usr/bin/env -S python3 -B
"""cordon ingest reads a full node of Tron by HTTP, and cordon serve follows one: a stand-in (tron_node.py says what of it is
real), in its order, through reorganisations, past one that fails, lies or has another chain, and over kills."""

import json
import os
import signal
import sys

import files
import tally
import tron_node
from test_follow import Server, cordon, until

CHAIN = "tron"
ACCOUNT = "TM1zzNDZD2DPASbKcgdVoTYhfmYgtfwx9R"


def ingest(url, ledger, blocks=f"{tron_node.FIRST}..", code=0):
    return cordon("ingest", CHAIN, "--from", url, "--ledger", ledger, "--blocks", blocks, code=code)


def holdings(ledger):
    """What the account got and spent, by asset."""
    said = json.loads(cordon("address", ACCOUNT, "--ledger", ledger, "--format", "json"))
    return {h["asset"]: (h["received"], h["spent"], h["balance"]) for h in said["holdings"]}


class World:
    def __init__(self, top):
        self.top = top
        self.chain = tron_node.Chain()
        real = tron_node.real()
        while real:
            self.chain.mine(real[:3]).mine()
            real = real[3:]
        self.one, self.two = tron_node.Tron(self.chain), tron_node.Tron(self.chain)
        self.server = None

    def path(self, name):
        return os.path.join(self.top, name)

    def put(self, chain):
        self.chain = self.one.chain = self.two.chain = chain

    def mine(self, n=1):
        for _ in range(n):
            self.chain.mine()

    def serve(self, **more):
        self.server = Server(self.top, [self.one.url, self.two.url], chain=CHAIN, more=f"from: {tron_node.FIRST}", **more)
        self.server.start()

    def caught_up(self):
        until(self.server.tip, self.chain.tip())

    def end(self):
        if self.server:
            self.server.end(signal.SIGKILL)
        self.one.stop()
        self.two.stop()


def a_node_is_read(w):
    said = ingest(w.one.url, w.path("read"))
    assert f"{len(w.chain.blocks)} blocks added" in said, said
    info = json.loads(cordon("info", "--ledger", w.path("read"), "--format", "json"))
    assert (info["data_as_of"]["height"], info["data_as_of"]["hash"]) == w.chain.tip(), info
    for tx, _ in tron_node.real():
        assert tx["txID"] in cordon("tx", tx["txID"], "--ledger", w.path("read"))
    w.mine(3)
    assert "3 blocks added" in ingest(w.one.url, w.path("read"))


def it_says_what_pages_of_the_account_say(w):
    """TronGrid's page of the same transactions is read by another way (chain/tron/grid)."""
    cordon("ingest", CHAIN, "--from", tron_node.PAGE, "--ledger", w.path("pages"))
    assert holdings(w.path("read")) == holdings(w.path("pages")), (holdings(w.path("read")), holdings(w.path("pages")))
    assert holdings(w.path("pages"))


def another_chain_is_refused(w):
    said = cordon("ingest", "tron:nile", "--from", w.one.url, "--ledger", w.path("nile"), code=3)
    assert "the node's first block is not that of tron:nile" in said and "secret" not in said, said
    assert not os.path.exists(w.path("nile") + "/head")


LIES = [
    ("is not the hash of its header", "getblockbynum", lambda a: {**a, "blockID": a["blockID"][:-1] + "0"}),
    ("is not the root over its transactions", "getblockbynum", lambda a: {**a, "transactions": a["transactions"][1:]}),
    ("is not the hash of raw_data_hex", "getblockbynum",
     lambda a: {**a, "transactions": [{**a["transactions"][0], "raw_data_hex": a["transactions"][0]["raw_data_hex"][:-2] + "00"},
                                      *a["transactions"][1:]]}),
    ("is not the root over its transactions", "getblockbynum",  # a failed one shown as done, or the other way
     lambda a: {**a, "transactions": [{**a["transactions"][0], "ret": [{"contractRet": "REVERT"}]}, *a["transactions"][1:]]}),
    ("infos of", "gettransactioninfobyblocknum", lambda a: a[1:]),
    ("is of another transaction", "gettransactioninfobyblocknum", lambda a: a[::-1]),
    ("is of another block", "gettransactioninfobyblocknum", lambda a: [{**i, "blockNumber": 1} for i in a]),
    ("the node says: no", "gettransactioninfobyblocknum", lambda a: {"Error": "no"}),
]


def lies_are_refused(w):
    lied = tron_node.FIRST + 4  # it has three transactions
    for n, (why, path, lie) in enumerate(LIES):
        w.one.change = lambda p, height, answer: lie(answer) if p.endswith(path) and height == lied else answer
        said = ingest(w.one.url, w.path(f"lied{n}"), code=4 if "says" in why else 3)
        assert why in said and f"block {lied}" in said and "secret" not in said, said
        w.one.change = None
        info = json.loads(cordon("info", "--ledger", w.path(f"lied{n}"), "--format", "json"))
        assert info["data_as_of"]["height"] < lied  # what came before stays
        ingest(w.one.url, w.path(f"lied{n}"))
        assert files.differences(w.path(f"lied{n}"), w.path("read")) == []


def it_is_followed(w):
    w.serve()
    w.caught_up()
    for _ in range(5):
        w.mine()
        w.caught_up()
    assert until(w.server.reasons, []) >= 0


def a_reorganisation_is_followed(w):
    before = w.server.metric("follow_undone_total")
    for undone, more in ((1, 1), (5, 6), (12, 12)):  # as high as before, and higher
        other = w.chain.fork(undone, salt=undone)
        for _ in range(more):
            other.mine()
        w.put(other)
        w.caught_up()
    until(lambda: w.server.metric("follow_undone_total"), before + 18)


def solid_blocks_stay(w):
    """Nineteen of the twenty-seven have built on them: whoever has others there is not believed."""
    w.mine(40)
    w.caught_up()
    truth, undone = w.chain, w.server.metric("follow_undone_total")
    other = truth.fork(30, salt=3)
    for _ in range(32):
        other.mine()
    w.put(other)
    until(lambda: "it was solid" in w.server.said(), True)
    assert w.server.tip() == truth.tip() and w.server.metric("follow_undone_total") == undone
    w.put(truth)
    w.mine(3)
    w.caught_up()


def it_goes_on_after_kill_9(w):
    for n in range(3):
        w.server.end(signal.SIGKILL)
        other = w.chain.fork(n, salt=9)
        for _ in range(n + 2):
            other.mine()
        w.put(other)
        w.server.start()
        w.caught_up()


def a_node_that_fails_is_left_alone(w):
    w.one.refuse = lambda _: (503, b"")
    until(lambda: w.server.metric("follow_nodes_up"), 1)
    w.mine(2)
    w.caught_up()
    w.one.refuse = None
    until(lambda: w.server.metric("follow_nodes_up"), 2)


def one_that_lies_about_a_block_is_left(w):
    """Its newest block is right, and what is in it is not."""
    w.one.change = lambda p, height, a: [{"id": "00" * 32}] if p.endswith("infobyblocknum") else a
    w.mine(2)
    w.caught_up()
    until(lambda: w.server.metric("follow_node"), 1)
    w.one.change = None
    until(lambda: w.server.metric("follow_nodes_up"), 2)


def two_that_disagree_are_told(w):
    w.mine(2)
    w.caught_up()
    truth = w.chain
    w.two.chain = truth.fork(4, salt=5)
    for _ in range(4):
        w.two.chain.mine()
    until(lambda: w.server.metric("follow_disagree"), 1)
    until(w.server.reasons, [f"{CHAIN}: nodes disagree"])
    before = w.server.tip()
    truth.mine()
    assert before == w.server.tip() or w.server.tip() == truth.tip()
    w.two.chain = truth
    w.caught_up()
    until(w.server.reasons, [])


def two_must_tell_the_same_beside_a_block(w):
    """Where no block is taken on the word of one, a fee that one of them makes up holds it up, until a third says who is right."""
    chain = tron_node.Chain().mine().mine(tron_node.real()[:3]).mine()
    nodes = [tron_node.Tron(chain) for _ in range(3)]
    nodes[1].change = lambda p, height, a: [{**info, "fee": 1} for info in a] if p.endswith("infobyblocknum") else a
    server = Server(w.path("three"), [n.url for n in nodes[:2]], agree=2, chain=CHAIN, more=f"from: {tron_node.FIRST}")
    try:
        server.start()
        until(lambda: "tell different fees" in server.said(), True)
        assert server.tip() == (tron_node.FIRST, chain.blocks[0][0]["blockID"]), server.tip()
        server.end()
        server.write([n.url for n in nodes], agree=2)
        server.start()
        until(server.tip, chain.tip())
        for _ in range(3):
            chain.mine(tron_node.real()[3:5])
            until(server.tip, chain.tip())
        server.end()
        ingest(nodes[0].url, w.path("honest"))
        assert files.differences(w.path("honest"), server.ledger) == []
    finally:
        server.end(signal.SIGKILL)
        for n in nodes:
            n.stop()


def what_it_wrote_is_what_ingest_writes(w):
    w.server.end()
    ingest(w.one.url, w.path("anew"))
    assert files.differences(w.path("anew"), w.server.ledger) == [], files.differences(w.path("anew"), w.server.ledger)


TESTS = [a_node_is_read, it_says_what_pages_of_the_account_say, another_chain_is_refused, lies_are_refused,
         it_is_followed, a_reorganisation_is_followed, solid_blocks_stay, it_goes_on_after_kill_9,
         a_node_that_fails_is_left_alone, one_that_lies_about_a_block_is_left, two_that_disagree_are_told,
         two_must_tell_the_same_beside_a_block, what_it_wrote_is_what_ingest_writes]


if __name__ == "__main__":
    sys.exit(tally.run(TESTS, World, tron_node.lack()))
