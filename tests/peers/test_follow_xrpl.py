#!/usr/bin/env -S python3 -B
"""cordon ingest reads a server of the XRP Ledger by JSON-RPC, and cordon serve follows one: a stand-in (xrpl_node.py says what of it
is real), in binary and in JSON, past one that fails, lies, has gaps or another history, and over kills."""

import json
import os
import signal
import sys

import files
import tally
import ws_node
import xrpl_node
from test_follow import Server, cordon, until

CHAIN = "xrpl"


def ingest(url, ledger, blocks=f"{xrpl_node.FIRST}..", code=0):
    return cordon("ingest", CHAIN, "--from", url, "--ledger", ledger, "--blocks", blocks, code=code)


def moves(ledger, tx):
    return json.loads(cordon("tx", tx, "--ledger", ledger, "--format", "json"))["transfers"]


def info(ledger):
    return json.loads(cordon("info", "--ledger", ledger, "--format", "json"))


class World:
    def __init__(self, top):
        self.top = top
        self.first = xrpl_node.real_ledger(xrpl_node.REAL)
        self.chain = xrpl_node.Chain(self.first)
        self.real = xrpl_node.real()
        for at in range(0, len(self.real), 3):
            self.chain.make(self.real[at:at + 3]).make()
        self.one, self.two = xrpl_node.Xrpl(self.chain), xrpl_node.Xrpl(self.chain)
        self.server = None

    def path(self, name):
        return os.path.join(self.top, name)

    def serve(self):
        self.server = Server(self.top, [self.one.url, self.two.url], chain=CHAIN, more=f"from: {xrpl_node.FIRST}")
        self.server.start()

    def caught_up(self):
        until(lambda: same(self.server.tip(), self.chain.tip()), True)

    def end(self):
        if self.server:
            self.server.end(signal.SIGKILL)
        self.one.stop()
        self.two.stop()


def same(a, b):
    return a is not None and a[0] == b[0] and a[1].upper() == b[1].upper()


def a_server_is_read(w):
    w.chain.make(validated=False)  # not yet for anybody
    said = ingest(w.one.url, w.path("read"))
    assert f"{len(w.chain.ledgers) - 1} blocks added" in said, said
    told = info(w.path("read"))
    assert same((told["data_as_of"]["height"], told["data_as_of"]["hash"]), w.chain.tip()), told
    assert told["runs"] == 1, told
    w.chain.validated += 1
    w.chain.make().make()
    assert "3 blocks added" in ingest(w.one.url, w.path("read"))


def json_says_the_same(w):
    w.one.in_json = True
    ingest(w.one.url, w.path("json"))
    w.one.in_json = False
    assert files.differences(w.path("json"), w.path("read")) == []


def it_says_what_answers_alone_say(w):
    """The same transactions from a file of answers to tx."""
    with open(w.path("alone.jsonl"), "w") as f:
        for t in w.real:
            f.write(json.dumps({"tx": {"ledger_index": 1, "date": 1, **t.tx}, "meta": t.meta}) + "\n")
    cordon("ingest", CHAIN, "--from", w.path("alone.jsonl"), "--ledger", w.path("alone"))
    for t in w.real:
        assert moves(w.path("read"), t.tx["hash"]) == moves(w.path("alone"), t.tx["hash"]), t.tx["hash"]


def real_ledgers_are_read(w):
    """Two of the main network, as they are: hashes of headers, trees and transactions are their own."""
    for n, name in enumerate((xrpl_node.REAL, xrpl_node.OTHER)):
        ledger = xrpl_node.real_ledger(name)
        server = xrpl_node.Xrpl(xrpl_node.Chain(ledger))
        for in_json in False, True:
            server.in_json = in_json
            home = w.path(f"real{n}{in_json}")
            assert "1 blocks added" in ingest(server.url, home, blocks=f"{ledger.index}..{ledger.index}")
            told = info(home)["data_as_of"]
            assert same((told["height"], told["hash"]), (ledger.index, ledger.hash)), told
        server.stop()
    assert w.first.hash == "E212F3EA7454A298BC0D0BCD79CE37EE08068976216AB94C71E9DDDFE45C81A4"


def another_network_is_refused(w):
    w.one.network = 1
    said = ingest(w.one.url, w.path("test"), code=3)
    assert "network 1, which is not xrpl" in said and "secret" not in said, said
    w.one.network = None


def flip(text, at):
    """Another digit there."""
    return text[:at] + ("1" if text[at] != "1" else "2") + text[at + 1:]


def in_tx(name, at):
    def lie(result):
        first = result["ledger"]["transactions"][0]
        first[name] = flip(first[name], at)
    return lie


def header(at):
    def lie(result):
        result["ledger"]["ledger_data"] = flip(result["ledger"]["ledger_data"], at)
    return lie


def other_ledger(w, index):
    return lambda result: result.update(w.chain.ledgers[index].answer(True, True, True))


def lies(w):
    """What is said of it, exit code, and the lie; the ledger lied about has three transactions."""
    mine = max(i for i, l in w.chain.ledgers.items() if len(l.txs) == 3)
    last = w.chain.ledgers[mine]
    orphan = xrpl_node.Ledger(mine, xrpl_node.ZERO, last.txs, xrpl_node.ZERO, last.close, last.coins, last.close)
    return mine, [
        ("its transactions are not those of its header", 3, in_tx("meta", 11)),
        ("", 3, in_tx("tx_blob", 30)),
        ("its transactions are not those of its header", 3, lambda r: r["ledger"]["transactions"].pop()),
        ("a transaction is there twice", 3, lambda r: r["ledger"]["transactions"].append(r["ledger"]["transactions"][0])),
        ("its header is not the one of its hash", 3, header(10)),
        ("its header is not the one of its hash", 3, lambda r: r.update(ledger_hash=xrpl_node.ZERO)),
        ("another ledger than was asked for", 3, other_ledger(w, mine - 1)),
        ("is not what was validated before", 3, lambda r: r.update(orphan.answer(True, True, True))),
        ("the node does not have all of it", 3, lambda r: r.update(validated=False)),
        ("without its transactions", 3, lambda r: r["ledger"].pop("transactions")),
        ("the server says: slowDown", 4, lambda r: r.update(error="slowDown")),
    ]


def lies_are_refused(w):
    lied, all_of_them = lies(w)
    for n, (why, code, lie) in enumerate(all_of_them):
        def change(method, index, answer):
            if method == "ledger" and index == lied and "transactions" in answer["result"]["ledger"]:
                lie(answer["result"])
            return answer
        w.one.change = change
        said = ingest(w.one.url, w.path(f"lied{n}"), code=code)
        assert why in said and str(lied) in said and "secret" not in said, (why, said)
        assert info(w.path(f"lied{n}"))["data_as_of"]["height"] < lied  # what came before stays
        w.one.change = None
        ingest(w.one.url, w.path(f"lied{n}"))
        assert files.differences(w.path(f"lied{n}"), w.path("read")) == []


def a_gap_is_told(w):
    gap = w.chain.validated - 2
    w.one.missing = {gap}
    said = ingest(w.one.url, w.path("gap"), code=3)
    assert f"block {gap}" in said and "does not have" in said, said
    w.one.missing = set()
    ingest(w.one.url, w.path("gap"))
    assert files.differences(w.path("gap"), w.path("read")) == []


def it_is_followed(w):
    w.serve()
    w.caught_up()
    for _ in range(4):
        w.chain.make(w.real[:1]).make()
        w.caught_up()
    assert until(w.server.reasons, []) >= 0


def what_is_not_validated_is_not_taken(w):
    before = w.chain.tip()
    w.chain.make(validated=False).make(validated=False)
    until(lambda: w.server.metric("follow_nodes_up"), 2)
    assert same(w.server.tip(), before)
    w.chain.validated = max(w.chain.ledgers)
    w.caught_up()


def it_goes_on_after_kill_9(w):
    for _ in range(3):
        w.server.end(signal.SIGKILL)
        w.chain.make().make(w.real[3:5])
        w.server.start()
        w.caught_up()


def a_server_that_fails_is_left_alone(w):
    w.one.refuse = lambda _: (503, b"")
    until(lambda: w.server.metric("follow_nodes_up"), 1)
    w.chain.make()
    w.caught_up()
    w.one.refuse = lambda _: (200, json.dumps(xrpl_node.error("noNetwork", "Not synced to the network.")).encode())
    w.chain.make()
    w.caught_up()
    w.one.refuse = None
    until(lambda: w.server.metric("follow_nodes_up"), 2)


def a_gap_is_filled_by_another(w):
    """The first is as high as the second, and has not got a ledger between."""
    w.one.missing = {w.chain.validated + 1}
    w.chain.make(w.real[5:7]).make().make()
    w.caught_up()
    w.one.missing = set()
    until(lambda: w.server.metric("follow_nodes_up"), 2)


def one_that_lies_about_a_ledger_is_left(w):
    """Its newest ledger's hash is right, and what is in it is not."""
    def change(method, _, answer):
        if method == "ledger" and answer["result"]["ledger"].get("transactions"):
            in_tx("meta", 11)(answer["result"])
        return answer
    w.one.change = change
    w.chain.make(w.real[7:9])
    w.caught_up()
    w.one.change = None
    until(lambda: w.server.metric("follow_nodes_up"), 2)


def two_that_disagree_are_told(w):
    w.chain.make().make()
    w.caught_up()
    other = w.chain.fork(4, salt=5)
    for _ in range(4):
        other.make()
    undone = w.server.metric("follow_undone_total")
    w.two.chain = other
    until(lambda: w.server.metric("follow_disagree"), 1)
    until(w.server.reasons, [f"{CHAIN}: nodes disagree"])
    w.two.chain = w.chain
    w.chain.make()
    w.caught_up()
    until(w.server.reasons, [])
    assert w.server.metric("follow_undone_total") == undone


def what_is_validated_is_not_undone(w):
    """All servers have another history, and a higher one: it is not the network's."""
    truth, undone = w.chain, w.server.metric("follow_undone_total")
    other = truth.fork(2, salt=6)
    for _ in range(4):
        other.make()
    w.one.chain = w.two.chain = other
    until(lambda: "is not what was validated before" in w.server.said(), True)
    assert same(w.server.tip(), truth.tip()) and w.server.metric("follow_undone_total") == undone
    w.one.chain = w.two.chain = truth
    truth.make()
    w.caught_up()


def it_is_woken(w):
    """Polled every ten minutes, and told of each ledger."""
    w.server.end()
    news, before = ws_node.News(), (w.server.poll_ms, w.server.more)
    w.server.poll_ms, w.server.more = 600000, f"{w.server.more}\n    ws: {news.url}"
    w.server.write([w.one.url, w.two.url])
    w.server.start()
    w.caught_up()
    until(lambda: [json.loads(t) for t in news.told], [{"id": 1, "command": "subscribe", "streams": ["ledger"]}])
    for _ in range(3):
        w.chain.make()
        news.tell(json.dumps({"type": "ledgerClosed", "ledger_index": w.chain.validated}))
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


TESTS = [a_server_is_read, json_says_the_same, it_says_what_answers_alone_say, real_ledgers_are_read, another_network_is_refused,
         lies_are_refused, a_gap_is_told, it_is_followed, what_is_not_validated_is_not_taken, it_goes_on_after_kill_9,
         a_server_that_fails_is_left_alone, a_gap_is_filled_by_another, one_that_lies_about_a_ledger_is_left,
         two_that_disagree_are_told, what_is_validated_is_not_undone, it_is_woken, what_it_wrote_is_what_ingest_writes]


if __name__ == "__main__":
    sys.exit(tally.run(TESTS, World, None if xrpl_node.found() else f"{xrpl_node.FOLDER} is not here"))
