#!/usr/bin/env -S python3 -B
"""cordon ingest reads a node of Solana by JSON-RPC, and cordon serve follows one: a stand-in (solana_node.py says what of it is
real), over empty slots, through forks of what is confirmed only, past one that fails, lies or has another chain, and over kills."""

import json
import os
import signal
import sys

import files
import solana_node
import tally
import ws_node
from test_follow import Server, cordon, until

CHAIN = "solana"
VICTIM = "Victim1111111111111111111111111111111111111"


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


AHEAD = 32503680000  # the year 3000


LIES = [
    ("balances before are not", lambda r: r["transactions"][0]["meta"]["postBalances"].__setitem__(1, 5)),
    ("as many balances", lambda r: r["transactions"][0]["meta"]["preBalances"].pop()),
    ("\"meta\" is missing", lambda r: r["transactions"][1].update(meta=None)),
    ("json or jsonParsed is wanted", lambda r: r["transactions"][1].update(transaction=["AAAA", "base64"])),
    ("have one hash", lambda r: r["transactions"].append(r["transactions"][0])),
    ("as its parent", lambda r: r.update(previousBlockhash=solana_node.GENESIS)),
    ("in full", lambda r: r.pop("transactions")),
    ("ahead of this machine's clock", lambda r: r.update(blockTime=AHEAD)),
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


def a_block_without_a_time_has_its_parents(w):
    """A node may not know it. Read at once, or from that block on, the ledger is the same."""
    with_txs = [s for s, b in sorted(w.chain.slots.items()) if b["transactions"]]
    slot, signature = with_txs[1], w.chain.slots[with_txs[1]]["transactions"][0]["transaction"]["signatures"][0]

    def forget(method, asked, answer):
        if method == "getBlock" and asked == slot and "result" in answer:
            answer["result"]["blockTime"] = None
        return answer
    w.one.change = forget
    ingest(w.one.url, w.path("undated"))
    ingest(w.one.url, w.path("pieces"), f"{solana_node.FIRST}..{slot - 1}")
    ingest(w.one.url, w.path("pieces"))
    w.one.change = None
    assert files.differences(w.path("undated"), w.path("pieces")) == []
    block = json.loads(cordon("tx", signature, "--ledger", w.path("undated"), "--format", "json"))["block"]
    parent = w.chain.slots[w.chain.slots[slot]["parentSlot"]]
    assert (block["height"], block["time"]) == (slot, parent["blockTime"]), block
    assert parent["blockTime"] < w.chain.slots[slot]["blockTime"]


def version_1_is_read(w):
    """One transaction of a version that was not asked for, and a node gives nothing of its block."""
    chain = solana_node.Chain()
    chain.make([w.real[0], solana_node.sends(1, solana_node.LEADER, VICTIM, 7, version=1)]).make()
    node = solana_node.Solana(chain)
    ingest(node.url, w.path("one"))
    moved = moves(w.path("one"), solana_node.signature(1))
    assert [(m["from"], m["to"], m["amount"]) for m in moved if m["kind"] == "internal"] == [(solana_node.LEADER, VICTIM, "7")], moved
    chain.slots[min(chain.slots)]["transactions"][1]["version"] = 2
    assert "maxSupportedTransactionVersion 1" in ingest(node.url, w.path("two"), code=3)
    node.stop()


def a_node_that_prunes_says_where_it_begins(w):
    """Some call slots skipped that they have lost: what was asked for is not passed over in silence."""
    with_blocks = sorted(w.chain.slots)
    w.one.first = with_blocks[4]
    for w.one.cleaned in (False, True):
        said = ingest(w.one.url, w.path("pruned"), code=3)
        assert f"its blocks begin at slot {with_blocks[4]}, not at {solana_node.FIRST}" in said and said.count("\n") == 1, said
        assert not os.path.exists(w.path("pruned")), "a ledger was made"
    said = cordon("ingest", CHAIN, "--from", w.one.url, "--ledger", w.path("rest"))  # all that it has
    assert f"{len(with_blocks) - 4} blocks added" in said and f"note: this node's blocks begin at {with_blocks[4]}" in said, said
    info = json.loads(cordon("info", "--ledger", w.path("rest"), "--format", "json"))
    assert info["runs"] == 1 and info["data_as_of"]["height"] == w.chain.tip()[0], info
    # one that went on without the ledger
    ingest(w.two.url, w.path("behind"), f"{solana_node.FIRST}..{with_blocks[2]}")
    said = ingest(w.one.url, w.path("behind"), code=3)
    assert f"its blocks begin at slot {with_blocks[4]}, not at {with_blocks[2]}" in said, said
    # and one that says it of none, but has lost one
    w.one.first = None
    w.one.change = lambda method, slot, answer: (
        {"jsonrpc": "2.0", "id": answer["id"], **solana_node.error(-32004, f"Block not available for slot {slot}")}
        if method == "getBlock" and slot == with_blocks[3] else answer)
    said = ingest(w.one.url, w.path("lost"), code=3)
    assert "the node does not have all of it" in said and f"Block not available for slot {with_blocks[3]}" in said, said
    w.one.change = None
    ingest(w.one.url, w.path("lost"))
    assert files.differences(w.path("lost"), w.path("read")) == []


def who_signed_is_checked_when_asked(w):
    with_txs = [s for s, b in sorted(w.chain.slots.items()) if b["transactions"]]

    def forge(method, slot, answer):
        if method == "getBlock" and slot == with_txs[1] and answer["result"].get("transactions"):
            answer["result"]["transactions"][0]["transaction"]["message"]["header"]["numReadonlySignedAccounts"] += 1
        return answer
    args = ["ingest", CHAIN, "--from", w.one.url, "--blocks", f"{solana_node.FIRST}..", "--check", "full"]
    cordon(*args, "--ledger", w.path("checked"))
    assert files.differences(w.path("checked"), w.path("read")) == []
    w.one.change = forge
    ingest(w.one.url, w.path("believed"))
    said = cordon(*args, "--ledger", w.path("forged"), code=3)
    assert f"slot {with_txs[1]}: transaction 0: signature 1 is not over this message" in said, said
    w.one.change = None
    cordon(*args, "--ledger", w.path("forged"))
    assert files.differences(w.path("forged"), w.path("read")) == []


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


def a_node_that_dates_ahead_is_left_alone(w):
    """One block of a time to come, and no true one could be taken behind it."""
    dated = []

    def ahead(method, slot, answer):
        if method == "getBlock" and answer.get("result"):
            answer["result"]["blockTime"] = AHEAD
            dated.append(slot)
        return answer
    w.one.change, w.two.refuse = ahead, lambda _: (503, b"")
    before = w.server.tip()
    w.chain.make().make()
    until(lambda: bool(dated), True)
    until(lambda: w.server.metric("follow_nodes_up"), 0)
    assert w.server.tip() == before
    w.two.refuse = None
    w.caught_up()
    w.one.change = None
    until(lambda: w.server.metric("follow_nodes_up"), 2)


def a_node_that_forges_is_left_alone(w):
    """With check: full. What it made of a transaction is not taken, and comes from the other, as it was signed."""
    w.server.end()
    w.server.more += "\n    check: full"
    w.server.write([w.one.url, w.two.url])
    real, forged = w.real[0], []

    def forge(method, slot, answer):
        if method == "getBlock" and answer.get("result", {}).get("transactions"):
            answer["result"]["transactions"][0]["transaction"]["message"]["header"]["numReadonlySignedAccounts"] += 1
            forged.append(slot)
        return answer
    w.one.change, w.two.refuse = forge, lambda _: (503, b"")
    before = w.chain.tip()
    w.server.start()
    w.chain.make([real]).make()
    until(lambda: bool(forged), True)
    until(lambda: w.server.metric("follow_nodes_up"), 0)
    assert w.server.tip() == before
    w.two.refuse = None
    w.caught_up()
    w.one.change = None
    until(lambda: w.server.metric("follow_nodes_up"), 2)


def it_is_woken(w):
    """Polled every ten minutes, and told of each slot."""
    w.server.end()
    news, before = ws_node.News(), (w.server.poll_ms, w.server.more)
    w.server.poll_ms, w.server.more = 600000, f"{w.server.more}\n    ws: {news.url}"
    w.server.write([w.one.url, w.two.url])
    w.server.start()
    w.caught_up()
    until(lambda: [json.loads(t) for t in news.told], [{"jsonrpc": "2.0", "id": 1, "method": "slotSubscribe", "params": []}])
    for _ in range(3):
        w.chain.make()
        news.tell(json.dumps({"jsonrpc": "2.0", "method": "slotNotification", "params": {"result": {"slot": w.chain.next}}}))
        w.caught_up()
    news.end()
    w.server.end()
    w.server.poll_ms, w.server.more = before
    w.server.write([w.one.url, w.two.url])
    w.server.start()
    w.caught_up()


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
    other.slots[min(s for s in other.slots if s > start)]["blockTime"] = None  # whose parent is not the ledger's newest
    w.put(other)
    w.caught_up(finalized=False)
    until(lambda: w.server.metric("follow_undone_total"), before + 2)
    w.chain.finalized = max(w.chain.slots)
    w.server.end()
    ingest(w.one.url, w.path("branch"))
    assert files.differences(w.path("branch"), w.server.ledger) == []


TESTS = [a_node_is_read, it_says_what_answers_alone_say, another_chain_is_refused, lies_are_refused,
         a_block_without_a_time_has_its_parents, version_1_is_read, a_node_that_prunes_says_where_it_begins,
         who_signed_is_checked_when_asked, it_is_followed,
         what_is_not_finalized_is_not_taken, it_goes_on_after_kill_9, a_node_that_fails_is_left_alone, a_node_that_dates_ahead_is_left_alone,
         a_node_that_forges_is_left_alone, it_is_woken,
         what_it_wrote_is_what_ingest_writes, what_is_confirmed_is_followed_and_undone]


if __name__ == "__main__":
    sys.exit(tally.run(TESTS, World, solana_node.lack()))
