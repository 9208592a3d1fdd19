#!/usr/bin/env -S python3 -B
"""A theft on Solana that goes through THORChain to the XRP Ledger while cordon serve follows both: the thief asks Solana's vault by a
memo, that of the XRP Ledger pays for his signature, and from there he pays into an exchange's one account under a customer's tag. What
the node finds there, block by block, after a kill, and when the block that asked is undone, is what cordon trace says of the ledgers.
Both chains are stand-ins (solana_node.py, xrpl_node.py), the transactions made up."""

import json
import os
import signal
import sys

import solana_node
import tally
import xrpl_node
from test_follow import Several, until

SOL, XRP = "solana", "xrpl"
CONFIG = """
listen: 127.0.0.1:0
follow:
  - chain: solana
    urls: ["{sol}"]
    from: {sol_from}
    commitment: confirmed
    poll_ms: 20
  - chain: xrpl
    urls: ["{xrp}"]
    from: {xrp_from}
    poll_ms: 20
"""


def named(word):
    return word.ljust(43, "1")


VICTIM, THIEF, VAULT = named("Victim"), named("Thief"), named("Vau1t")
XRP_VAULT, XRP_THIEF = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", "rAPERVgXZavGgiGv6xBgtiZurirW2yAmY"
SOMEBODY = "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf"
EXCHANGE, TAG = "rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh", 412453880
STOLEN, SENT, PAID, DEPOSITED = 70 * 10 ** 9, 60 * 10 ** 9, 3_000_000, 2_000_000
THEFT, ASKED = 1, 2  # numbers of signatures


class World:
    def __init__(self, top):
        self.sol, self.xrp = solana_node.Chain(), xrpl_node.Chain(xrpl_node.real_ledger(xrpl_node.REAL))
        self.sol.make().make([solana_node.sends(THEFT, VICTIM, THIEF, STOLEN)]).skip().make()
        self.sol_node, self.xrp_node = solana_node.Solana(self.sol), xrpl_node.Xrpl(self.xrp)
        self.server = Several(top, CONFIG.format(sol=self.sol_node.url, sol_from=solana_node.FIRST, xrp=self.xrp_node.url,
                                                 xrp_from=xrpl_node.FIRST))
        self.server.put("own", "deposits.txt", f"{EXCHANGE}:* cust-\n")
        self.case = self.server.put("cases", "crossing.json", json.dumps({
            "id": "CROSSING", "origins": [{"chain": SOL, "transfer": f"{solana_node.signature(THEFT)}:i1"}],
            "trusts": [{"chain": SOL, "contract": VAULT, "name": "a vault", "source": "a node of THORChain"},
                       {"chain": XRP, "contract": XRP_VAULT, "name": "its other", "source": "a node of THORChain"}]}))
        self.server.start()
        until(self.synced, True)

    def put_sol(self, chain):
        self.sol = self.sol_node.chain = chain

    def synced(self):
        wanted = {SOL: self.sol.tip(False)[1], XRP: self.xrp.tip()[1]}
        ledgers = json.loads(self.server.get("/v1/info")[1])["ledgers"]
        return {l["chain"]: l["data_as_of"]["hash"].upper() if l["chain"] == XRP else l["data_as_of"]["hash"]
                for l in ledgers if l["data_as_of"]} == wanted

    def trace(self):
        """What cordon trace finds at the exchange: transfer and tainted amount."""
        text = self.server.run("trace", self.case, "--format", "json", "--ledger", os.path.join(self.server.home, SOL),
                               "--ledger", os.path.join(self.server.home, XRP))
        return {m["transfer"]: m["taint"] for part in json.loads(text)["parts"] for m in part.get("moves", [])
                if m.get("to") == f"{EXCHANGE}:{TAG}"}

    def end(self):
        self.server.end(signal.SIGKILL)
        self.sol_node.stop()
        self.xrp_node.stop()


def it_is_asked_for_and_paid(w):
    """Paid on the XRP Ledger before the block that asked is there, as a node may see it; nothing has come to the exchange."""
    w.xrp.make([xrpl_node.payment(1, XRP_VAULT, XRP_THIEF, PAID, memo=f"OUT:{solana_node.signature(ASKED)}")])
    until(w.synced, True)
    w.before = w.sol.next
    w.sol.make([solana_node.sends(ASKED, THIEF, VAULT, SENT, f"=:XRP.XRP:{XRP_THIEF}")], final=False).make(final=False)
    until(w.synced, True)
    assert w.trace() == {} and w.server.found() == []


def the_customer_is_found(w):
    w.xrp.make([xrpl_node.payment(2, XRP_THIEF, EXCHANGE, DEPOSITED, tag=TAG),
                xrpl_node.payment(3, SOMEBODY, EXCHANGE, 9, tag=TAG + 1)])
    until(w.synced, True)
    want = w.trace()
    assert list(want.values()) == [str(DEPOSITED)], want
    until(w.server.found, sorted(want))


def and_after_a_kill(w):
    w.server.end(signal.SIGKILL)
    w.sol.make(final=False)
    w.xrp.make()
    w.server.start()
    until(w.synced, True)
    until(w.server.found, sorted(w.trace()))


def what_was_asked_is_undone(w):
    """A fork without it: nothing leads to the exchange any more. With it again, in another slot, all is as before."""
    want = w.trace()
    fork = w.sol.fork(w.before, salt=1)
    fork.skip().make(final=False).make(final=False).make(final=False).make(final=False)
    w.put_sol(fork)
    until(w.synced, True)
    assert w.trace() == {}
    deposits = w.server.said().count('"event":"deposit"')
    w.xrp.make([xrpl_node.payment(4, XRP_THIEF, EXCHANGE, 5, tag=TAG)])
    until(w.synced, True)
    assert w.trace() == {} and w.server.said().count('"event":"deposit"') == deposits
    w.sol.make([solana_node.sends(ASKED, THIEF, VAULT, SENT, f"=:XRP.XRP:{XRP_THIEF}")], final=False)
    until(w.synced, True)
    again = w.trace()
    assert set(want.items()) < set(again.items()) and sorted(again.values()) == sorted([str(DEPOSITED), "5"]), again
    until(w.server.found, sorted(again))


TESTS = [it_is_asked_for_and_paid, the_customer_is_found, and_after_a_kill, what_was_asked_is_undone]

if __name__ == "__main__":
    sys.exit(tally.run(TESTS, World, None if xrpl_node.found() else "data/xrpl is not here"))
