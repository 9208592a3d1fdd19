#!/usr/bin/env -S python3 -B
"""cordon ingest reads a node of Solana by JSON-RPC, and cordon serve follows one: a stand-in (solana_node.py says what of it is
real), over empty slots, through forks of what is confirmed only, past one that fails, lies or has another chain, and over kills."""

import json
import os
import signal
import subprocess
import sys

import files
import solana_node
import tally
from test_follow import CORDON, Server, until

CHAIN = "solana"


def cordon(*args, code=0):
    done = subprocess.run([CORDON, *args], capture_output=True, text=True)
    assert done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
    return done.stderr if code else done.stdout


def ingest(url, ledger, blocks=f"{solana_node.FIRST}..", code=0):
    return cordon("ingest", CHAIN, "--from", url, "--ledger", ledger, "--blocks", blocks, code=code)


def moves(ledger, signature):
    return json.loads(cordon("tx", signature, "--ledger", ledger, "--format", "json"))["transfers"]


class World:
    def __init__(self, top):
        self.top = top
        self.chain = solana_node.Chain()
        self.real = solana_node.real()
        for at in range(0, len(self.real), 3):
            self.chain.make(self.real[at:at + 3]).skip().make()
            if at % 2:
                self.chain.skip().skip()
        self.one, self.two = solana_node.Solana(self.chain), solana_node.Solana(self.chain)
        self.server = None

    def path(self, name):
        return os.path.join(self.top, name)

    def put(self, chain):
        self.chain = self.one.chain = self.two.chain = chain

    def serve(self, more=""):
        self.server = Server(self.top, [self.one.url, self.two.url], chain=CHAIN,
                             more=f"from: {solana_node.FIRST}" + more)
        self.server.start()

    def caught_up(self, finalized=True):
        until(self.server.tip, self.chain.tip(finalized))

    def end(self):
        if self.server:
            self.server.end(signal.SIGKILL)
        self.one.stop()
        self.two.stop()


def a_node_is_read(w):
    w.chain.make(final=False)  # not yet for anybody
    said = ingest(w.one.url, w.path("read"))
    assert f"{len(w.chain.slots) - 1} blocks added" in said, said
    info = json.loads(cordon("info", "--ledger", w.path("read"), "--format", "json"))
    assert (info["data_as_of"]["height"], info["data_as_of"]["hash"]) == w.chain.tip(), info
    assert info["runs"] == 1, info
    w.chain.finalized += 1
    w.chain.skip().make().skip().make()
    assert "3 blocks added" in ingest(w.one.url, w.path("read"))
    w.chain.skip().make()
    assert "1 blocks added" in ingest(w.one.url, w.path("read"))


def it_says_what_answers_alone_say(w):
    """The same transactions from a file of answers to getTransaction."""
    cordon("ingest", CHAIN, "--from", solana_node.FILE, "--ledger", w.path("alone"))
    for tx in w.real:
        signature = tx["transaction"]["signatures"][0]
        assert moves(w.path("read"), signature) == moves(w.path("alone"), signature), signature
    rewards = moves(w.path("read"), w.chain.tip()[1])
    assert [(t["to"], t["amount"]) for t in rewards] == [(solana_node.LEADER, "2500")], rewards


def another_chain_is_refused(w):
    w.one.genesis = "EtWTRABZaYq6iMfeYKouRu166VU2xqa1wcaWoxPkrZBG"
    said = ingest(w.one.url, w.path("dev"), code=3)
    assert "genesis is not that of solana" in said and "secret" not in said, said
    w.one.genesis = solana_node.GENESIS


LIES = [
    ("balances before are not", lambda r: r["transactions"][0]["meta"]["postBalances"].__setitem__(1, 5)),
    ("as many balances", lambda r: r["transactions"][0]["meta"]["preBalances"].pop()),
    ("\"meta\" is missing", lambda r: r["transactions"][1].update(meta=None)),
    ("json or jsonParsed is wanted", lambda r: r["transactions"][1].update(transaction=["AAAA", "base64"])),
    ("have one hash", lambda r: r["transactions"].append(r["transactions"][0])),
    ("as its parent", lambda r: r.update(previousBlockhash=solana_node.GENESIS)),
    ("in full", lambda r: r.pop("transactions")),
]


def lies_are_refused(w):
    lied = sorted(s for s, b in w.chain.slots.items() if b["transactions"])[1]

    for n, (why, lie) in enumerate(LIES):
        def change(method, slot, answer):
            if method == "getBlock" and slot == lied and "result" in answer and "transactions" in answer["result"]:
                lie(answer["result"])
            return answer
        w.one.change = change
        said = ingest(w.one.url, w.path(f"lied{n}"), code=3)
        assert why in said and str(lied) in said and "secret" not in said, (why, said)
        w.one.change = None
        ingest(w.one.url, w.path(f"lied{n}"))
        assert files.differences(w.path(f"lied{n}"), w.path("read")) == []


def it_is_followed(w):
    w.serve()
    w.caught_up()
    for _ in range(4):
        w.chain.make(final=False).skip().make()
        w.caught_up()
    assert until(w.server.reasons, []) >= 0


def what_is_not_finalized_is_not_taken(w):
    before = w.chain.tip()
    w.chain.make(final=False).make(final=False)
    w.two.chain.make(final=False)
    until(lambda: w.server.metric("follow_nodes_up"), 2)
    assert w.server.tip() == before
    w.chain.finalized = max(w.chain.slots)
    w.caught_up()


def it_goes_on_after_kill_9(w):
    for _ in range(3):
        w.server.end(signal.SIGKILL)
        w.chain.skip().make().skip()
        w.server.start()
        w.caught_up()


def a_node_that_fails_is_left_alone(w):
    w.one.refuse = lambda _: (503, b"")
    until(lambda: w.server.metric("follow_nodes_up"), 1)
    w.chain.make()
    w.caught_up()
    w.one.refuse = None
    until(lambda: w.server.metric("follow_nodes_up"), 2)


def what_it_wrote_is_what_ingest_writes(w):
    w.server.end()
    ingest(w.one.url, w.path("anew"))
    assert files.differences(w.path("anew"), w.server.ledger) == [], files.differences(w.path("anew"), w.server.ledger)


def what_is_confirmed_is_followed_and_undone(w):
    """Forks reach below what is finalized: a branch, empty slots where the other had blocks, and the other way."""
    w.server.more += "\n    commitment: confirmed"
    w.server.write([w.one.url, w.two.url])
    w.server.start()
    w.caught_up(finalized=False)
    before = w.server.metric("follow_undone_total")
    start = w.chain.next
    w.chain.make(final=False).make(final=False).skip().make(final=False)
    w.caught_up(finalized=False)
    other = w.chain.fork(start + 1, salt=1)
    other.skip().make(w.real[:0], final=False).make(final=False).make(final=False)
    w.put(other)
    w.caught_up(finalized=False)
    until(lambda: w.server.metric("follow_undone_total"), before + 2)
    w.chain.finalized = max(w.chain.slots)
    w.server.end()
    ingest(w.one.url, w.path("branch"))
    assert files.differences(w.path("branch"), w.server.ledger) == []


TESTS = [a_node_is_read, it_says_what_answers_alone_say, another_chain_is_refused, lies_are_refused, it_is_followed,
         what_is_not_finalized_is_not_taken, it_goes_on_after_kill_9, a_node_that_fails_is_left_alone,
         what_it_wrote_is_what_ingest_writes, what_is_confirmed_is_followed_and_undone]


if __name__ == "__main__":
    sys.exit(tally.run(TESTS, World, solana_node.lack()))
