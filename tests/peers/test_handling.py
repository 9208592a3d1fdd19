#!/usr/bin/env -S python3 -B
"""A controlled delivery, with a real node of a chain and five nodes of a group: an authority has a case observed, and tells
the exchange concerned alone. Its node then counts the case among no exposures, lets no early warning stand in a
withdrawal's way, holds nothing, and tells what it finds to that audience; the others are sent what they are sent anyway. When the
authority has it held again, all of that is as usual."""

import sys

import test_alerts
import test_group

CODE = test_alerts.CODE
EARLY = "early:\n  mode: active\n  minutes: 5\n"


class Handling(test_alerts.Alerts):
    groups = [{"id": "lead", "members": ["us", "hanbit"]}]
    OUTSIDE = ["kr", "jp", "harbor"]

    def told_of_it(self, name):
        """What a member's node tells of the case, asked about the thief's address: its origin as soon as it has the case, and what came
        of it when that has been followed."""
        answer = self.members[name].ask("/v1/screen/address", {"address": self.wallet.address("thief"), "chain": CODE.CHAIN})
        return {reason["evidence"] for reason in answer["reasons"] if reason.get("case") == self.case_of}

    def exposed(self, name):
        return self.told_of_it(name) == {"tagged", "exposed"}

    def unknown(self, name):
        return self.told_of_it(name) == set()

    def handle(self, how):
        self.members["us"].run("case", "handling", self.case_of, how, "--to", "lead", person="head")
        hanbit = self.members["hanbit"]
        CODE.until(f"Hanbit is told to {how}",
                   lambda: any(c["object"] == self.case_of and c["handling"] and c["handling"]["what"] == how for c in hanbit.cases()))

    def nobody_else_knows(self):
        """Neither that it is observed, nor what was found."""
        for name in self.OUTSIDE:
            member = self.members[name]
            told = [e for e in member.ask("/v1/log?limit=1000")["events"]]
            assert told and not any(e["event"]["audience"] == "lead" or e["event"]["type"].startswith(("handling.", "alert."))
                                    for e in told), told
            assert member.ask("/v1/alerts")["alerts"] == [], name
            assert [c["handling"] for c in member.cases()] == [None] * len(member.cases()), name

    # ---- steps ----

    def reported(self):
        hanbit = self.members["hanbit"]
        hanbit.stop()
        hanbit.serve(hanbit.config.replace("    poll_ms: 100\n", f"    poll_ms: 100\n    zmq: {self.pool.url}\n", 1))
        CODE.until("Hanbit has caught up", lambda: hanbit.height() == self.litecoind.rpc("getblockcount"))
        self.policy(EARLY)
        self.steal()
        self.case_of = self.report_of(f"{self.theft.txid}:0", "HARBOR-1",
                                      {"address": self.wallet.address("thief"), "chain": CODE.CHAIN, "from_height": 0})
        for name in ("hanbit", "harbor"):
            CODE.until(f"{name} counts it", lambda n=name: self.exposed(n))

    def observed(self):
        self.handle("observe")
        CODE.until("it is no exposure at Hanbit", lambda: self.unknown("hanbit"))
        assert self.exposed("harbor")
        self.nobody_else_knows()

    def on_its_way(self):
        """In no block yet: Hanbit's node would have the gate say HOLD, and lets it go."""
        hanbit, loot = self.members["hanbit"], self.theft.coins[0]
        self.paid = CODE.spend([loot], [(loot.value - CODE.FEE, self.wallet.script("hanbit deposit 2"))])
        self.litecoind.rpc("sendrawtransaction", self.paid.hex)

        def warned():  # a publisher tells nobody who has not subscribed yet
            self.pool.tell(self.litecoind)
            return hanbit.ask("/v1/early-warnings")["warnings"]
        CODE.until("Hanbit has seen it", warned)
        self.withdraw("ALLOW")
        self.handle("hold")  # the same warning stands in the way as soon as nobody wants it observed
        self.decided("HOLD")
        self.handle("observe")
        self.decided("ALLOW")
        self.nobody_else_knows()

    def let_go(self):
        """In a block: found, told to the lead alone, and held by no machine."""
        hanbit, us = self.members["hanbit"], self.members["us"]
        self.mine(self.paid)
        alert, _ = CODE.until("Hanbit finds it", lambda: hanbit.alert("detected"))
        assert (alert["audience"], alert["case"], alert["hold"]) == ("lead", self.case_of, None), alert
        CODE.until("the lead agency is told", lambda: us.alert("detected"))
        self.withdraw("ALLOW")
        self.empty(3)  # nor later
        CODE.until("Hanbit has them", lambda: hanbit.height() == self.litecoind.rpc("getblockcount"))
        assert hanbit.alert("detected") and not hanbit.alert("soft-held")
        self.withdraw("ALLOW")
        assert self.unknown("hanbit")
        CODE.until("all have the chain", lambda: all(m.height() == self.litecoind.rpc("getblockcount")
                                                     for m in self.members.values()))
        self.nobody_else_knows()

    def held_again(self):
        """The delivery is over: what was found is held and told to all whom the case was told to."""
        hanbit = self.members["hanbit"]
        self.handle("hold")
        CODE.until("Hanbit holds it", lambda: hanbit.alert("soft-held"))
        self.decided("HOLD")
        CODE.until("it is an exposure at Hanbit", lambda: self.exposed("hanbit"))


STEPS = ["begin_chain", "begin_group", "begin_nodes", "reported", "observed", "on_its_way", "let_go", "held_again"]


def main():
    return test_group.run_story(CODE, Handling, STEPS)


if __name__ == "__main__":
    sys.exit(main())
