#!/usr/bin/env -S python3 -B
"""What becomes of an alert, with a real node of a chain and the five nodes of tools/demo-live: a reorganisation takes its
deposit away, brings it back, and takes it away for good."""

import json
import os
import sys

import test_group

CODE = test_group.demo()
UNDONE_BLOCKS = 6


class Alerts(CODE.Story):
    def found(self):
        """A deposit at Hanbit that is held softly."""
        self.steal()
        case = self.report_of(f"{self.theft.txid}:0", "HARBOR-1")
        hanbit = self.members["hanbit"]
        loot = self.theft.coins[0]
        self.paid = CODE.spend([loot], [(loot.value - CODE.FEE, self.wallet.script("hanbit deposit 2"))])
        self.block = self.mine(self.paid)
        alert, _ = CODE.until("Hanbit holds it", lambda: hanbit.alert("soft-held"))
        assert alert["case"] == case and alert["on_chain"] is True and alert["depth"] == 1, alert
        self.alert = alert["object"]
        self.withdraw("HOLD")

    def report_of(self, output, name):
        case = {"id": name, "title": name, "kind": "theft", "chain": CODE.CHAIN, "policy": "haircut",
                "origins": [{"output": output}]}
        path = os.path.join(self.top, "case.json")
        with open(path, "w", encoding="utf-8") as f:
            f.write(json.dumps(case))
        before = {c["object"] for c in self.members["us"].cases()}
        self.members["harbor"].run("case", "report", path, person="officer")
        new, _ = CODE.until("us has the report",
                            lambda: [c["object"] for c in self.members["us"].cases() if c["object"] not in before])
        self.members["us"].run("case", "verify", new[0], person="officer")
        CODE.until("all know it is verified",
                   lambda: all(any(c["object"] == new[0] and c["state"] == "verified" for c in m.cases())
                               for m in self.members.values()))
        return new[0]

    def seen(self, **wanted):
        """The alert as Hanbit's node tells it, once it is so."""
        def look():
            is_ = self.members["hanbit"].ask(f"/v1/alerts/{self.alert}")
            return is_ if all(is_[k] == v for k, v in wanted.items()) else None
        return CODE.until(f"Hanbit's alert is {wanted}", look)[0]

    def at_others(self, state):
        CODE.until(f"all know that it is {state}", lambda: all(m.alert(state) for m in self.members.values()))

    def empty(self, n):
        for _ in range(n):
            self.mine()

    # ---- steps ----

    def undone_and_back(self):
        self.litecoind.rpc("invalidateblock", self.block)
        self.empty(2)
        self.seen(on_chain=False, state="soft-held", depth=None)
        answer, _ = self.withdraw("HOLD")
        assert [r["on_chain"] for r in answer["reasons"] if r["evidence"] == "held"] == [False], answer
        self.block = self.mine(self.paid)
        self.seen(on_chain=True, state="soft-held", depth=1)
        self.empty(UNDONE_BLOCKS + 1)
        told = self.seen(on_chain=True, state="soft-held", depth=UNDONE_BLOCKS + 2)
        assert [e["type"] for e in told["events"]] == ["alert.detect", "alert.hold-soft"], told
        answer, _ = self.withdraw("HOLD")
        assert all("on_chain" not in r for r in answer["reasons"]), answer

    def undone_for_good(self):
        self.litecoind.rpc("invalidateblock", self.block)
        self.empty(UNDONE_BLOCKS + 3)
        self.seen(on_chain=False, state="soft-held")
        self.empty(UNDONE_BLOCKS)
        told = self.seen(on_chain=False, state="void", live=False, hold=None)
        assert told["events"][-1]["facts"] == {"reason": "reorganised"}, told
        self.at_others("void")
        self.withdraw("ALLOW")

    def there_after_all(self):
        self.mine(self.paid)
        told = self.seen(on_chain=True, state="soft-held", depth=1)
        assert [e["type"] for e in told["events"]] == ["alert.detect", "alert.hold-soft", "alert.void", "alert.detect",
                                                       "alert.hold-soft"], told
        self.at_others("soft-held")
        self.withdraw("HOLD")


STEPS = ["begin_chain", "begin_group", "begin_nodes", "found", "undone_and_back", "undone_for_good", "there_after_all",
         "verify"]


def main():
    return test_group.run_story(CODE, Alerts, STEPS)


if __name__ == "__main__":
    sys.exit(main())
