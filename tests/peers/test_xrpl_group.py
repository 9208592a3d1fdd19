#!/usr/bin/env -S python3 -B
"""A theft on the XRP Ledger, with the five nodes of tools/demo-live: the stolen coins come to Hanbit's one account, under the
destination tag of a customer. The deposit and its tag are a real transaction of the main network; the theft before it is made up, and a
stand-in serves the ledgers (xrpl_node.py). Hanbit's node finds the customer, tells the others an alert that names nobody, and
holds that customer's withdrawals alone."""

import json
import os
import sys
import time

import test_group
import xrpl_node

CODE = test_group.demo()
CHAIN = "xrpl"
DEPOSIT = "6E0EC20AE77ED25731B21B5B0B8FF7EA36605CBAA9C7D77725B6EC4D43E5C009"
THIEF = "rAPERVgXZavGgiGv6xBgtiZurirW2yAmY"
HANBIT, TAG, DROPS = "rEb8TK3gBgk5auZkwc6sHnwrGVJH8DuaLh", 412453880, 7022
HARBOR = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"
STOLEN = 5_000_000  # a tenth of what payers have


class Tags(CODE.Story):
    groups = []

    def begin_chain(self):
        self.chain = xrpl_node.Chain(xrpl_node.real_ledger(xrpl_node.REAL))
        self.server = xrpl_node.Xrpl(self.chain)
        self.real = next(t for t in xrpl_node.real() if t.tx["hash"] == DEPOSIT)
        self.accounts = [f"c-{TAG}"]

    def follow(self, member):
        return (f"follow:\n  - chain: {CHAIN}\n    urls: [\"{self.server.url}\"]\n    from: {xrpl_node.FIRST}\n"
                "    poll_ms: 100\n")

    def deposits(self):
        return [f"{HANBIT}:* c-"]

    def has_all(self, member):
        return member.height(CHAIN) == self.chain.validated

    def steal(self):
        self.theft = xrpl_node.payment(1, HARBOR, THIEF, STOLEN)
        self.chain.make([self.theft], close=int(time.time()) - xrpl_node.EPOCH)  # old data would hold everything

    def stolen(self):
        return [{"id": "HARBOR-1", "title": "Hot wallet of Harbor", "kind": "theft", "chain": CHAIN, "policy": "fifo",
                 "origins": [{"transfer": f"{self.theft.tx['hash'].lower()}:v"}]}]

    def asked(self, account):
        return {"chain": CHAIN, "address": f"{HARBOR}:5", "account": account, "amount": "1000"}

    # ---- steps ----

    def deposit(self):
        """Somebody else pays in under another tag, in the same ledger."""
        clean = xrpl_node.payment(2, "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf", HANBIT, 9_000, tag=TAG + 1)
        self.chain.make([self.real, clean])
        alert = self.held_softly(0)
        assert alert["amount"] == str(DROPS) and alert["asset"] == "XRP", alert
        alerts = self.members["hanbit"].ask("/v1/alerts")["alerts"]
        assert len(alerts) == 1, alerts

    def others_learn_no_customer(self):
        """An alert is signed and told to all; neither the address nor its tag leaves Hanbit."""
        for member in self.members.values():
            CODE.until(f"{member.name} has it", lambda m=member: m.alert("soft-held"))
            if member.name == "hanbit":
                continue
            text = member.run("log", "show", "--format", "json")
            assert HANBIT not in text and str(TAG) not in text and DEPOSIT.lower() not in text.lower()
            assert member.run("log", "verify")

    def the_customer_is_held_and_no_other(self):
        self.withdraw_all("HOLD")
        self.withdraw("ALLOW", f"c-{TAG + 1}")
        self.withdraw("ALLOW", "c-")

    def what_is_paid_out_to_a_tag_is_asked_for(self):
        """A withdrawal to that customer's tag elsewhere meets the hold by its address; one to another tag does not."""
        hanbit = self.members["hanbit"]
        for tag, held in ((TAG, True), (TAG + 1, False)):
            for text in (f"{HANBIT}:{tag}", f"{HANBIT}?dt={tag}"):
                answer = hanbit.ask("/v1/withdrawals/check", {"chain": CHAIN, "address": text, "account": "c-9", "amount": "1"})
                assert any(r["evidence"] == "held" for r in answer["reasons"]) == held, (text, answer)

    def screened(self):
        """With the case's file in its home: what came to the tag is of the case, and what came to another is not."""
        hanbit = self.members["hanbit"]
        folder = os.path.join(hanbit.home, "cases")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "harbor.part"), "w", encoding="utf-8") as f:
            json.dump(self.stolen()[0], f)
        os.rename(os.path.join(folder, "harbor.part"), os.path.join(folder, "harbor.json"))

        def exposed(tag):
            answer = hanbit.ask("/v1/screen/address", {"address": f"{HANBIT}:{tag}", "chain": CHAIN, "direction": "inbound"})
            return [r["amount"] for r in answer["reasons"] if r["evidence"] == "exposed" and r.get("case")]
        CODE.until("the tag is exposed", lambda: exposed(TAG) == [str(DROPS)])
        assert exposed(TAG + 1) == []


STEPS = ["begin_chain", "begin_group", "begin_nodes", "steal", "report", "deposit", "others_learn_no_customer",
         "the_customer_is_held_and_no_other", "what_is_paid_out_to_a_tag_is_asked_for", "screened", "hold", "kill", "release", "verify"]


def lack():
    return None if xrpl_node.found() else f"{xrpl_node.FOLDER} is not here"


if __name__ == "__main__":
    sys.exit(test_group.run_story(CODE, Tags, STEPS, lack))
