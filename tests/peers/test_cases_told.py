#!/usr/bin/env -S python3 -B
"""A case of the group, asked about at an exchange that has no part in it: five nodes and a real node of a chain. Its node says of an
address three hops from the theft that a case is reported, then that it is verified, with amount and share, by whom and how
far; of a new block's addresses, too. When the case is retracted nothing is left, and who had asked before is told. Between
these, its node is killed."""

import json
import os
import sys

import test_group

CODE = test_group.demo()
PPM = 1_000_000


class Told(CODE.Story):
    DECISIONS = {(None, "reported"): ("CREDIT", "REVIEW"), ("reported", "verified"): ("REVIEW", "REVIEW"),
                 ("verified", "disputed"): ("REVIEW", "REVIEW"), ("disputed", "verified"): ("REVIEW", "REVIEW"),
                 ("verified", None): ("REVIEW", "CREDIT")}

    def __init__(self, top):
        super().__init__(top)
        self.after = 0  # the last change of a past question that was seen

    def asked(self, name, direction="inbound"):
        return self.members["hanbit"].ask("/v1/screen/address", {
            "address": self.wallet.address(name), "chain": CODE.CHAIN, "direction": direction})

    def of_case(self, name, **wanted):
        """The one reason of the case, once it is so; all answers until then are of a node that may not know yet."""
        def look():
            reasons = self.cased(self.asked(name))
            return reasons[0] if len(reasons) == 1 and all(reasons[0][k] == v for k, v in wanted.items()) else None
        return CODE.until(f"Hanbit says of {name} that {wanted}", look)[0]

    @staticmethod
    def cased(answer):
        return [r for r in answer["reasons"] if r["evidence"] == "exposed"]

    def is_clean(self, name):
        CODE.until(f"nothing is said of {name}",
                   lambda: self.asked(name)["reasons"] == [] and not self.lacks(name))

    def lacks(self, name):
        return [u for u in self.asked(name)["unknown"] if u.startswith(("cases:", "exposure:"))]

    def decided(self, name, inbound, outbound):
        got = [self.asked(name, d)["decision"] for d in ("inbound", "outbound")]
        assert got == [inbound, outbound], (name, got, self.asked(name))
        gate = self.members["hanbit"].ask("/v1/withdrawals/check", {"address": self.wallet.address(name), "chain": CODE.CHAIN})
        assert gate["decision"] == outbound, gate

    def changed(self, before, now):
        """The next change of the answer about an address that nobody asks about again but the node itself: decisions, and what
        the answer rested on."""
        address = self.wallet.address("peel 0")

        def look():
            told = self.members["hanbit"].ask(f"/v1/screen/changes?after={self.after}")["changes"]
            return [c for c in told if c["asked"].get("address") == address]
        change = CODE.until(f"a past question has changed: {before} -> {now}", look)[0][0]
        self.after = change["change"]
        assert (change["by"], change["from"]["decision"], change["to"]["decision"]) == ("asked again", *self.DECISIONS[before, now]), change
        how = [f"indirect received {CODE.CHAIN} LTC, {state}" for state in (before, now) if state]
        had = [(r["case"], r["how"]) for r in change["removed"] + change["added"]]
        assert had == [(self.case_of, h) for h in how], change
        return change

    def plug(self):
        hanbit = self.members["hanbit"]
        hanbit.process.kill()
        hanbit.process.wait()

    # ---- steps ----

    def before(self):
        """By active rules, nobody says anything."""
        hanbit = self.members["hanbit"]
        rules = hanbit.run("rules", "show", home=False).replace("mode: shadow", "mode: active")
        path = os.path.join(hanbit.home, "rules.yaml")
        with open(path + ".part", "w", encoding="utf-8") as f:
            f.write(rules)
        os.rename(path + ".part", path)  # its node never reads half of it
        self.launder()
        CODE.until("Hanbit has all blocks", lambda: self.has_all(hanbit))
        CODE.until("the rules are active", lambda: not self.asked("peel 1")["shadow"])
        for name in ("peel 0", "peel 1"):
            self.is_clean(name)
        self.decided("peel 1", "CREDIT", "ALLOW")

    def reported(self):
        path = os.path.join(self.top, "case.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(self.stolen()[0], f)
        self.members["harbor"].run("case", "report", path, person="officer")
        r = self.of_case("peel 1", state="reported")
        (case,) = self.members["hanbit"].cases()
        self.case_of = case["object"]
        # The peel is a tenth of what was left of the first part: all of it stolen, three hops from the theft.
        loot = 40 * CODE.COIN - CODE.FEE
        part = loot // 4
        left = part - part // 10 - CODE.FEE
        wanted = {"case": self.case_of, "reported_by": "harbor", "category": "theft", "chain": CODE.CHAIN, "asset": "LTC",
                  "policy": "haircut", "exposure": "indirect", "flow": "received", "amount": str(left // 10), "share_ppm": PPM,
                  "hops": 3}
        assert {k: r[k] for k in wanted} == wanted, r
        assert len(r["path"]) == 3 and all(len(tx) == 64 for tx in r["path"]), r
        self.decided("peel 1", "REVIEW", "ALLOW")  # nobody vouches for it: no more than a look
        assert self.of_case("thief", state="reported")["hops"] == 0
        self.changed(None, "reported")

    def sent(self):
        """Who has paid the thief is told, too: Harbor's own wallet, out of which it was taken."""
        hot = self.hot.coins[0]
        r = self.of_case("harbor hot", state="reported", flow="sent")
        wanted = {"exposure": "direct", "policy": "haircut", "amount": str(hot.value - CODE.FEE), "hops": 1,
                  "share_ppm": (hot.value - CODE.FEE) * PPM // hot.value, "path": [self.theft.txid]}
        assert {k: r[k] for k in wanted} == wanted, r

    def killed(self):
        self.plug()
        hanbit = self.members["hanbit"]
        hanbit.serve(hanbit.config)
        self.of_case("peel 1", state="reported")
        self.decided("peel 1", "REVIEW", "ALLOW")

    def verified(self):
        self.members["us"].run("case", "verify", self.case_of, person="officer")
        self.of_case("peel 1", state="verified", share_ppm=PPM)
        self.decided("peel 1", "REVIEW", "HOLD")
        self.changed("reported", "verified")

    def in_part(self):
        """Of the mixed coin the stolen part alone, by haircut: stolen * stolen / (stolen + clean), to the satoshi."""
        stolen, clean = self.mixed.value, self.clean.coins[0].value
        r = self.of_case("mixed", state="verified")
        least = stolen * stolen // (stolen + clean)
        assert int(r["amount"]) in (least, least + 1), (r, least)
        assert r["share_ppm"] == int(r["amount"]) * PPM // stolen and r["hops"] == 5, r
        answer = self.members["hanbit"].ask("/v1/screen/transfer", {"tx": f"{self.mixed.txid[::-1].hex()}:0"
                                            if isinstance(self.mixed.txid, bytes) else f"{self.mixed.txid}:0"})
        (of_tx,) = self.cased(answer)
        assert (of_tx["about"], of_tx["amount"], of_tx["share_ppm"], of_tx["state"]) == (
            "transfer", r["amount"], r["share_ppm"], "verified"), answer

    def next_block(self):
        """What a new block brings, and what its undoing takes away again."""
        paid = CODE.spend([self.mixed], [(self.mixed.value - CODE.FEE, self.wallet.script("next"))])
        block = self.mine(paid)
        r = self.of_case("next", state="verified", hops=6)
        self.litecoind.rpc("invalidateblock", block)
        for _ in range(2):
            self.mine()
        CODE.until("Hanbit has all blocks", lambda: self.has_all(self.members["hanbit"]))
        CODE.until("nothing is said of it", lambda: not self.cased(self.asked("next")))
        self.mine(paid)
        assert self.of_case("next", state="verified", hops=6)["amount"] == r["amount"]

    def by_hand(self):
        """The command says what the node says."""
        def told():
            out = self.members["hanbit"].run("screen", "--dry", "--chain", CODE.CHAIN, "--format", "json",
                                             self.wallet.address("mixed"), home=False)
            return self.cased(json.loads(out)["answers"][0])
        assert told() == [self.of_case("mixed", state="verified")], told()
        return told

    def on_accounts(self):
        """The tokens that were taken on the EVM chain: two transfers from the theft, and all of what came is stolen."""
        if not self.evm:
            return
        path = os.path.join(self.top, "tokens.json")
        with open(path, "w", encoding="utf-8") as f:
            json.dump(self.stolen()[1], f)
        self.members["harbor"].run("case", "report", path, person="officer")
        hanbit = self.members["hanbit"]

        def told(account):
            return self.cased(hanbit.ask("/v1/screen/address", {"address": account, "chain": CODE.EVM}))
        (one,), _ = CODE.until("Hanbit says it of tokens", lambda: told(self.thieves[2]))
        wanted = {"state": "reported", "reported_by": "harbor", "chain": CODE.EVM, "amount": str(CODE.TOKENS * 8 // 10),
                  "share_ppm": PPM, "hops": 2, "exposure": "indirect"}
        assert {k: one[k] for k in wanted} == wanted and one["case"] != self.case_of, one
        assert len(one["path"]) == 2, one
        (paid,) = told(self.hot_account)
        assert (paid["flow"], paid["hops"], paid["amount"]) == ("sent", 1, str(CODE.TOKENS)), paid
        self.evm.pay_token(self.thieves[2], self.deposit_account, CODE.TOKENS // 10)
        (next_one,), _ = CODE.until("Hanbit says it of a new block's", lambda: told(self.deposit_account))
        assert (next_one["hops"], next_one["amount"]) == (3, str(CODE.TOKENS // 10)), next_one
        self.members["harbor"].run("case", "retract", one["case"], person="officer")
        CODE.until("nothing is said of tokens", lambda: not told(self.thieves[2]))

    def disputed(self):
        self.members["kr"].run("case", "dispute", self.case_of, "--note", "whose coins?", person="officer")
        self.of_case("peel 1", state="disputed")
        self.decided("peel 1", "REVIEW", "ALLOW")
        self.changed("verified", "disputed")
        jp = self.members["jp"]
        CODE.until("Japan's police agency has the dispute, too", lambda: jp.case_states() == ["disputed"])
        jp.run("case", "verify", self.case_of, person="officer")
        self.of_case("peel 1", state="verified")
        self.decided("peel 1", "REVIEW", "HOLD")
        self.changed("disputed", "verified")

    def retracted(self):
        """While Hanbit's node is dead: it has it from the others, and tells who had asked before."""
        self.plug()
        self.members["harbor"].run("case", "retract", self.case_of, person="officer")
        CODE.until("us knows", lambda: self.members["us"].case_states() == ["retracted"])
        hanbit = self.members["hanbit"]
        hanbit.serve(hanbit.config)
        for name in ("peel 1", "mixed", "next"):
            self.is_clean(name)
        self.decided("peel 1", "CREDIT", "ALLOW")
        self.changed("verified", None)
        out = hanbit.run("screen", "--dry", "--chain", CODE.CHAIN, "--format", "json", self.wallet.address("mixed"), home=False)
        assert self.cased(json.loads(out)["answers"][0]) == [], out


STEPS = ["begin_chain", "begin_evm", "begin_group", "begin_nodes", "steal", "before", "reported", "sent", "killed", "verified", "in_part",
         "next_block", "by_hand", "disputed", "retracted", "on_accounts"]


def main():
    return test_group.run_story(CODE, Told, STEPS)


if __name__ == "__main__":
    sys.exit(main())
