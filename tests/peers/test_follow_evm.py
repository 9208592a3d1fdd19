#!/usr/bin/env -S python3 -B
"""cordon serve follows a node of an EVM chain, anvil: directly, woken by its newHeads, and through a proxy that fails
and lies. Its ledger is held against one that cordon ingest makes of the same node."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request

import anvil_node
import anvil_world
import files
import proxy as proxies
import tally
from test_follow import CORDON, Server, until

CHAIN = "ethereum"


class Asked:
    """The node, asked by a connection a question: the proxy asks while the test does."""

    def __init__(self, url):
        self.url = url

    def ask(self, body):
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=180) as answer:
            return answer.read()


class Follows:
    def __init__(self, top):
        self.top = top
        self.anvil = anvil_node.Anvil()
        self.world = anvil_world.World(self.anvil)
        self.world.begin()
        self.proxy = proxies.Proxy(Asked(self.anvil.url))
        self.server = Server(top, [self.anvil.url, self.proxy.url], chain=CHAIN, poll_ms=600000,
                             more=f"ws: {self.anvil.url.replace('http', 'ws')}\n    pending: true")
        self.server.key = self.server.run("key", "add", "all", "--scope", "read,screen,group").strip()
        self.server.start()
        until(self.server.tip, self.tip())

    def tip(self):
        block = self.anvil.rpc("eth_getBlockByNumber", "latest", False)
        return int(block["number"], 16), block["hash"]

    def pay(self):
        self.world.pay(self.world.accounts[1], self.world.accounts[2], 5)

    def polled(self):
        self.server.end()
        self.server.poll_ms, self.server.more = 20, ""
        self.server.write([self.anvil.url, self.proxy.url])
        self.server.start()

    def end(self):
        self.server.end()
        self.proxy.stop()
        self.anvil.stop()


def new_heads_wake_it(t):
    """Polling alone would take ten minutes."""
    took = []
    for _ in range(20):
        t.pay()
        took.append(until(t.server.tip, t.tip()))
    took.sort()
    print(f"mined to readable over HTTP: median {took[10] * 1000:.0f} ms, longest {took[-1] * 1000:.0f} ms; "
          f"seen to readable, the last: {t.server.metric('follow_readable_ms')} ms")


def it_warns_of_what_is_in_no_block(t):
    """Stolen coins and tokens on their way to an own address: told once, until they are in a block."""
    bridge, thief, own = t.world.accounts[3:6]
    stolen = t.world.pay(bridge, thief, 10 ** 20)  # more than 64 bits of wei
    t.world.pay_token(t.world.accounts[0], bridge, 100)
    token = t.world.pay_token(bridge, thief, 100)
    for folder, name, text in (("own", "own.txt", f"{own} cust-1 chain={CHAIN}\n"),
                               ("cases", "theft.json", json.dumps({"chain": CHAIN, "id": "THEFT", "origins": [
                                   {"transfer": stolen + ":v"}, {"transfer": token + ":l0"}]}))):
        os.makedirs(os.path.join(t.server.home, folder), exist_ok=True)
        with open(os.path.join(t.server.home, folder, name), "w", encoding="utf-8") as f:
            f.write(text)

    def held():
        found = re.search(rf'^cordon_watch_tainted_outputs{{chain="{CHAIN}"}} (\d+)$', t.server.get("/metrics")[1], re.M)
        return int(found[1]) if found else None

    def warnings():
        told = json.loads(t.server.get("/v1/early-warnings")[1])["warnings"]
        return sorted((w["tx"], w["kind"], w["asset"] == "ETH", w["tainted_at_most"], w["output"] and w["output"]["amount"],
                       w["output"] and w["output"]["account"]) for w in told)
    until(held, 2)
    t.world.mine_each(False)
    coin = t.world.pay(thief, own, 5 * 10 ** 19)
    gold = t.world.pay_token(thief, own, 40)
    aside = t.world.pay_token(thief, bridge, 7)
    until(warnings, sorted([
        (coin[2:], "arrives", True, str(5 * 10 ** 19), str(5 * 10 ** 19), "cust-1"),
        (gold[2:], "arrives", False, "40", "40", "cust-1"), (aside[2:], "moves", False, "7", None, None)]))
    t.anvil.rpc("evm_mine")
    t.world.mine_each(True)
    until(t.server.tip, t.tip())
    until(warnings, [])


def it_polls_where_there_are_none(t):
    t.polled()
    for _ in range(3):
        t.pay()
        until(t.server.tip, t.tip())


def a_reorganisation_is_followed(t):
    before = t.server.metric("follow_undone_total")
    t.anvil.rpc("anvil_reorg", 3, [])
    until(t.server.tip, t.tip())  # as high as before, and other blocks
    t.pay()
    until(t.server.tip, t.tip())
    until(lambda: t.server.metric("follow_undone_total") > before, True)


def it_goes_on_after_kill_9(t):
    for _ in range(3):
        t.server.end(signal.SIGKILL)
        t.pay()
        t.server.start()
        until(t.server.tip, t.tip())


def a_node_that_fails_is_left_alone(t):
    t.proxy.refuse = lambda _: (500, b"")
    until(lambda: t.server.metric("follow_nodes_up"), 1)
    t.pay()
    until(t.server.tip, t.tip())
    t.proxy.refuse = None
    until(lambda: t.server.metric("follow_nodes_up"), 2)


def a_node_that_lies_is_told(t):
    def lies(question, answer):
        if question["method"] == "eth_getBlockByNumber" and answer.get("result"):
            answer["result"]["hash"] = "0x" + "7" * 64
        return answer

    before = t.tip()
    t.proxy.change = lies
    until(lambda: t.server.metric("follow_disagree"), 1)
    until(t.server.reasons, [f"{CHAIN}: nodes disagree"])
    t.pay()
    assert t.server.tip() == before, "it went past what is agreed on"
    t.proxy.change = None
    until(t.server.tip, t.tip())
    until(t.server.reasons, [])


def what_it_wrote_is_what_ingest_writes(t):
    t.server.end()
    anew = os.path.join(t.top, "anew")
    done = subprocess.run([CORDON, "ingest", CHAIN, "--from", t.anvil.url, "--ledger", anew], capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stderr
    assert files.differences(anew, t.server.ledger) == [], files.differences(anew, t.server.ledger)
    t.server.start()


TESTS = [new_heads_wake_it, it_warns_of_what_is_in_no_block, it_polls_where_there_are_none, a_reorganisation_is_followed, it_goes_on_after_kill_9,
         a_node_that_fails_is_left_alone, a_node_that_lies_is_told, what_it_wrote_is_what_ingest_writes]


if __name__ == "__main__":
    sys.exit(tally.run(TESTS, Follows, anvil_node.lack()))
