#!/usr/bin/env -S python3 -B
"""A theft that goes from chain to chain while cordon serve follows both: litecoins are stolen, and a conversion that the case
asserts carries them on to a coin and a token of an EVM chain, anvil. What the node finds at own addresses of either chain, block by
block and after blocks are undone, is what cordon trace says of the same ledgers."""

import json
import os
import sys

import anvil_node
import anvil_world
import node
import tally
import world
from coins import TRUE, Tx
from test_follow import CHAIN as COINS, Several, tip, until

ACCOUNTS = "ethereum"
ETH = 10 ** 18
CONFIG = """
listen: 127.0.0.1:0
follow:
  - chain: {coins}
    urls: ["{coins_url}"]
    poll_ms: 20
  - chain: {accounts}
    urls: ["{accounts_url}"]
    poll_ms: 20
    ws: {accounts_ws}
    pending: true
"""


class Both(Several):
    """A server of two chains."""

    def warnings(self):
        """What is on its way in no block: transaction, kind, case, coin or token, at most tainted, whose."""
        told = json.loads(self.get("/v1/early-warnings")[1])["warnings"]
        return sorted((w["tx"], w["kind"], w["case"], w["asset"] == "ETH", w["tainted_at_most"], w["output"] and w["output"]["account"])
                      for w in told)


class Crossing:
    def __init__(self, top):
        self.top = top
        self.litecoind = node.Node(os.path.join(top, "litecoind"))
        self.litecoind.start()
        self.anvil = anvil_node.Anvil()
        self.coins, self.accounts = world.World(self.litecoind), anvil_world.World(self.anvil)
        self.coins.mine(world.MATURITY + 5)
        self.accounts.begin()
        self.bridge, self.thief, self.deposit = self.accounts.accounts[1:4]
        self.server = Both(top, CONFIG.format(coins=COINS, accounts=ACCOUNTS, coins_url=self.litecoind.url, accounts_url=self.anvil.url,
                                              accounts_ws=self.anvil.url.replace("http", "ws")))
        coin = self.coins.reward(1)
        self.value = coin.value // 2
        self.theft = Tx([coin], [(self.value, TRUE), (coin.value - self.value, TRUE)])
        self.coins.block(self.theft)
        self.server.put("own", "deposits.txt", f"{self.deposit} cust-9 chain={ACCOUNTS}\n")
        self.server.key = self.server.run("key", "add", "all", "--scope", "read,screen,group").strip()
        self.server.start()
        until(self.synced, True)

    def synced(self):
        """Has the node all that both chains have?"""
        block = self.anvil.rpc("eth_getBlockByNumber", "latest", False)
        wanted = {COINS: tip(self.litecoind)[1], ACCOUNTS: block["hash"]}
        ledgers = json.loads(self.server.get("/v1/info")[1])["ledgers"]
        return {l["chain"]: l["data_as_of"]["hash"] for l in ledgers if l["data_as_of"]} == wanted

    def trace(self):
        """What cordon trace finds at own addresses: transfer and tainted amount."""
        text = self.server.run("trace", self.case, "--format", "json", "--ledger", os.path.join(self.server.home, COINS),
                               "--ledger", os.path.join(self.server.home, ACCOUNTS))
        found = {}
        for part in json.loads(text)["parts"]:
            for move in part.get("moves", []):
                if (move.get("to") or "").lower() == self.deposit and move["taint"] != "0":
                    found[move["transfer"]] = move["taint"]
        return found

    def same(self, n):
        until(self.synced, True)
        want = self.trace()
        assert len(want) == n, want
        until(self.server.found, sorted(want))
        return want

    def end(self):
        self.server.end()
        self.anvil.stop()
        self.litecoind.kill()


def it_goes_on_where_it_arrives(t):
    """The case names what arrives before it is there, and waits."""
    half = t.value // 2
    bridged = Tx(t.theft.coins[:1], [(half, TRUE), (t.value - half - world.FEE, TRUE)])
    t.coins.block(bridged)
    coin = t.accounts.pay(t.bridge, t.thief, 5 * ETH)
    t.accounts.pay_token(t.accounts.accounts[0], t.bridge, 700)
    token = t.accounts.pay_token(t.bridge, t.thief, 700)
    t.case = t.server.put("cases", "crossing.json", json.dumps({
        "id": "CROSSING", "origins": [{"chain": COINS, "output": f"{t.theft.txid}:0"}],
        "conversions": [
            {"from": [{"chain": COINS, "output": f"{bridged.txid}:0"}], "to": [{"chain": ACCOUNTS, "transfer": coin + ":v"}],
             "source": "test"},
            {"from": [{"chain": COINS, "output": f"{bridged.txid}:1"}],
             "to": [{"chain": ACCOUNTS, "transfer": token + ":l0"}], "source": "test"}]}))
    assert t.same(0) == {}


def deposits_are_found(t):
    t.accounts.pay(t.thief, t.deposit, 3 * ETH)
    assert list(t.same(1).values()) == [str(3 * ETH)]
    t.accounts.pay_token(t.thief, t.deposit, 500)
    assert sorted(t.same(2).values()) == sorted([str(3 * ETH), "500"])


def and_again_after_blocks_were_undone(t):
    """The token's deposit is undone; another comes instead."""
    t.anvil.rpc("anvil_reorg", 1, [])
    until(t.synced, True)
    assert len(t.trace()) == 1
    t.accounts.pay_token(t.thief, t.deposit, 40)
    until(t.synced, True)
    want = t.trace()
    assert sorted(want.values()) == sorted([str(3 * ETH), "40"]), want
    until(lambda: set(want) <= set(t.server.found()), True)


def it_warns_of_what_is_in_no_block(t):
    """Of a case that began on the other chain: coins and tokens to an own address, and tokens aside. With their block it is over, and
    they are deposits."""
    before = t.trace()
    t.accounts.mine_each(False)
    coin = t.accounts.pay(t.thief, t.deposit, ETH)
    token = t.accounts.pay_token(t.thief, t.deposit, 20)
    aside = t.accounts.pay_token(t.thief, t.bridge, 7)
    case = "home:crossing.json"
    until(t.server.warnings, sorted([
        (coin[2:], "arrives", case, True, str(ETH), "cust-9"), (token[2:], "arrives", case, False, "20", "cust-9"),
        (aside[2:], "moves", case, False, "7", None)]))
    assert t.trace() == before
    t.anvil.rpc("evm_mine")
    t.accounts.mine_each(True)
    until(t.synced, True)
    until(t.server.warnings, [])
    want = t.trace()
    assert sorted(v for k, v in want.items() if k not in before) == sorted([str(ETH), "20"]), want
    until(lambda: set(want) <= set(t.server.found()), True)


def and_after_a_restart(t):
    t.server.end()
    t.server.start()
    until(t.synced, True)
    until(t.server.found, sorted(t.trace()))


TESTS = [it_goes_on_where_it_arrives, deposits_are_found, and_again_after_blocks_were_undone,
         it_warns_of_what_is_in_no_block, and_after_a_restart]

if __name__ == "__main__":
    sys.exit(tally.run(TESTS, Crossing, node.lack() or anvil_node.lack()))
