#!/usr/bin/env -S python3 -B
"""What becomes of an alert, with a real node of a chain and the five nodes of tools/demo-live: the memory pool warns of
its deposit; a reorganisation takes that away, brings it back, and takes it away for good; its case is disputed and
retracted; another is too late, and where it went is disclosed to some."""

import ctypes
import json
import os
import struct
import sys
import urllib.request

import test_group
from free_port import free_port

CODE = test_group.demo()
UNDONE_BLOCKS = 6


class Pool:
    """Publishes a node's memory pool as -zmqpubrawtx does (topic, transaction, number), which Debian's litecoind is built
    without: https://github.com/bitcoin/bitcoin/blob/master/doc/zmq.md"""

    PUB, LAST_ENDPOINT, SNDMORE = 1, 32, 2

    def __init__(self):
        self.zmq = ctypes.CDLL("libzmq.so.5")
        for f in (self.zmq.zmq_ctx_new, self.zmq.zmq_socket):
            f.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.zmq.zmq_ctx_new())
        self.socket = ctypes.c_void_p(self.zmq.zmq_socket(self.context, self.PUB))
        self.url = f"tcp://127.0.0.1:{free_port()}"
        if self.zmq.zmq_bind(self.socket, self.url.encode()):
            raise CODE.Failed("no publisher")
        self.number = 0

    def publish(self, raw):
        for part, more in ((b"rawtx", self.SNDMORE), (raw, self.SNDMORE), (struct.pack("<I", self.number), 0)):
            self.zmq.zmq_send(self.socket, part, ctypes.c_size_t(len(part)), more)
        self.number += 1

    def tell(self, litecoind):
        """All that the pool has."""
        for txid in litecoind.rpc("getrawmempool"):
            self.publish(bytes.fromhex(litecoind.rpc("getrawtransaction", txid)))


class Alerts(CODE.Story):
    groups = [{"id": "exchanges", "members": ["harbor", "hanbit"]}]

    def __init__(self, top):
        super().__init__(top)
        self.pool = Pool()

    def found(self):
        """A deposit at Hanbit that is held softly."""
        hanbit, case = self.members["hanbit"], self.case_of
        self.block = self.mine(self.paid)
        alert, _ = CODE.until("Hanbit holds it", lambda: hanbit.alert("soft-held"))
        assert alert["case"] == case and alert["on_chain"] is True and alert["depth"] == 1, alert
        assert alert["grade"] == "low" and "it came past a known service" in alert["grade_why"], alert
        self.alert = alert["object"]
        CODE.until("the warning is over", lambda: not hanbit.ask("/v1/early-warnings")["warnings"])
        self.withdraw("HOLD")

    def report_of(self, output, name, *more):
        case = {"id": name, "title": name, "kind": "theft", "chain": CODE.CHAIN, "policy": "haircut",
                "origins": [{"output": output}, *more]}
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

    def decided(self, wanted):
        """Until the gate answers so."""
        def look():
            try:
                return self.withdraw(wanted)
            except CODE.Failed:
                return None
        return CODE.until(f"Hanbit's gate says {wanted}", look)

    # ---- steps ----

    def order_refused(self, why):
        """A hold for days waits until its deposit is deep."""
        try:
            self.members["hanbit"].run("hold", "order", self.alert, "--kind", "account-restriction", "--reason", "theft",
                                       "--basis", "tos", "--for", "24h", person="officer")
        except CODE.Failed as e:
            assert why in str(e), e
        else:
            raise AssertionError("it is ordered")

    def undone_and_back(self):
        self.order_refused("is 1 of 6 blocks deep")
        self.litecoind.rpc("invalidateblock", self.block)
        self.empty(2)
        self.seen(on_chain=False, state="soft-held", depth=None)
        self.order_refused("it is not on the chain now")
        CODE.until("Hanbit's node counts", self.gone_since)  # else it may count when the deposit is back already
        answer, _ = self.withdraw("HOLD")
        assert [r["on_chain"] for r in answer["reasons"] if r["evidence"] == "held"] == [False], answer
        self.block = self.mine(self.paid)
        self.seen(on_chain=True, state="soft-held", depth=1)
        self.empty(UNDONE_BLOCKS + 1)
        told = self.seen(on_chain=True, state="soft-held", depth=UNDONE_BLOCKS + 2)
        assert [e["type"] for e in told["events"]] == ["alert.detect", "alert.hold-soft"], told
        answer, _ = self.withdraw("HOLD")
        assert all("on_chain" not in r for r in answer["reasons"]), answer

    def gone_since(self):
        """The newest block when Hanbit's node found the deposit gone, as it keeps it; 0: it has not."""
        try:
            with open(os.path.join(self.members["hanbit"].home, "undone.txt"), encoding="utf-8") as f:
                return next((int(line.split()[2]) for line in f), 0)
        except FileNotFoundError:
            return 0

    def undone_for_good(self):
        CODE.until("nothing is gone", lambda: not self.gone_since())
        self.litecoind.rpc("invalidateblock", self.block)
        for _ in range(UNDONE_BLOCKS + 3):  # it may go over to the other branch at any of them
            if not self.gone_since():
                self.empty(1)
        gone, _ = CODE.until("Hanbit's node counts", self.gone_since)
        self.seen(on_chain=False, state="soft-held")
        self.empty(gone + UNDONE_BLOCKS - 2 - self.litecoind.rpc("getblockcount"))
        hanbit = self.members["hanbit"]  # the node goes on counting after it has started again
        CODE.until("Hanbit has caught up", lambda: hanbit.height() == self.litecoind.rpc("getblockcount"))
        hanbit.stop()
        hanbit.serve(hanbit.config)
        self.seen(on_chain=False, state="soft-held")
        self.empty(2)
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


    def early(self):
        """Stolen coins are sent to Hanbit, in no block yet: Hanbit's node alone knows, and its gate answers HOLD only
        since Hanbit wants that."""
        hanbit = self.members["hanbit"]
        hanbit.stop()
        tags = os.path.join(self.top, "tags.csv")  # somebody says that the thief is an exchange
        with open(tags, "w", encoding="utf-8") as f:
            f.write(f"address,label,category\n{self.wallet.address('thief')},A small exchange,exchange\n")
        hanbit.run("tags", "import", tags, home=False)
        hanbit.serve(hanbit.config.replace("    poll_ms: 100\n", f"    poll_ms: 100\n    zmq: {self.pool.url}\n", 1))
        CODE.until("Hanbit has caught up", lambda: hanbit.height() == self.litecoind.rpc("getblockcount"))
        self.steal()
        self.case_of = self.report_of(f"{self.theft.txid}:0", "HARBOR-1")
        loot = self.theft.coins[0]
        self.paid = CODE.spend([loot], [(loot.value - CODE.FEE, self.wallet.script("hanbit deposit 2"))])
        stream = urllib.request.urlopen(urllib.request.Request(
            f"http://127.0.0.1:{hanbit.port}/v1/stream", None, {"Authorization": f"Bearer {hanbit.key}"}), timeout=180)
        self.litecoind.rpc("sendrawtransaction", self.paid.hex)

        def warned():  # a publisher tells nobody who has not subscribed yet
            self.pool.tell(self.litecoind)
            return hanbit.ask("/v1/early-warnings")["warnings"]
        told, _ = CODE.until("Hanbit is warned", warned)
        for line in stream:
            if line == b"event: early\n":
                assert json.loads(stream.readline()[len(b"data: "):]) == told[0]
                break
        stream.close()
        value = str(loot.value - CODE.FEE)
        assert len(told) == 1, told
        assert {k: told[0][k] for k in ("tx", "case", "kind", "chain", "tainted_at_most")} == {
            "tx": self.paid.txid, "case": self.case_of, "kind": "arrives", "chain": CODE.CHAIN,
            "tainted_at_most": value}, told
        assert told[0]["output"] == {"vout": 0, "amount": value, "account": "c-4712",
                                     "address": self.wallet.address("hanbit deposit 2")}, told
        assert all(m.ask("/v1/alerts")["alerts"] == [] for m in self.members.values())
        self.withdraw("ALLOW")
        self.policy("early:\n  mode: active\n  minutes: 5\n")
        answer, _ = self.decided("HOLD")[0]
        assert [r["early"] for r in answer["reasons"] if r["evidence"] == "held"] == [True], answer
        self.policy("")
        self.decided("ALLOW")

    def policy(self, more):
        path = os.path.join(self.members["hanbit"].home, "group.yaml")
        with open(path + ".part", "w", encoding="utf-8") as f:
            f.write("soft_holds:\n  mode: active\n" + more)
        os.rename(path + ".part", path)  # its node never reads half of it

    def disputed(self):
        """Nobody vouches for it any more: no machine's hold, until somebody does again."""
        self.members["kr"].run("case", "dispute", self.case_of, "--note", "whose coins?", person="officer")
        self.decided("ALLOW")
        told = self.seen(state="soft-held", verified=False, grade="low")
        assert told["hold"]["in_force"] == "0" and told["hold"]["why"] == "its case is not verified", told
        jp = self.members["jp"]
        CODE.until("Japan's police agency has the dispute, too",
                   lambda: any(c["object"] == self.case_of and c["state"] == "disputed" for c in jp.ask("/v1/cases")["cases"]))
        jp.run("case", "verify", self.case_of, person="officer")
        self.decided("HOLD")

    def retracted(self):
        self.members["harbor"].run("case", "retract", self.case_of, person="officer")
        _, seconds = self.decided("ALLOW")
        CODE.until("all know that it is over",
                   lambda: all(not m.ask("/v1/alerts")["alerts"][0]["live"] for m in self.members.values()))

    def too_late(self):
        """Coins that nobody knew to be stolen came to Hanbit, and left again from its own wallet, which no chain links to
        them; the report comes after that."""
        hanbit, coin = self.members["hanbit"], self.clean.coins[0]
        value = 5 * CODE.COIN
        stolen = CODE.spend([coin], [(value + CODE.FEE, self.wallet.script("thief 2")),
                                     (coin.value - value - 2 * CODE.FEE, self.wallet.script("somebody"))])
        paid = CODE.spend(stolen.coins[:1], [(value, self.wallet.script("hanbit deposit 3"))])
        self.mine(stolen)
        self.mine(paid)
        wallet = self.hot.coins[1]
        out = value - 100 * CODE.FEE
        self.out = CODE.spend([wallet], [(wallet.value - out - CODE.FEE, self.wallet.script("hanbit hot")),
                                         (out, self.wallet.script("thief 2 abroad"))])
        self.mine(self.out)
        answer = hanbit.ask("/v1/transfers", {
            "ref": "w-9", "direction": "outbound", "chain": CODE.CHAIN, "asset": "LTC", "amount": str(out), "decimals": 8,
            "address": self.wallet.address("thief 2 abroad"), "tx": self.out.txid, "account": "c-4713"})
        assert answer["decision"] == "ALLOW", answer
        self.case_of = self.report_of(f"{stolen.txid}:0", "HARBOR-2")
        alert, _ = CODE.until("Hanbit says it is too late", lambda: hanbit.alert("too-late"))
        self.alert = alert["object"]
        assert alert["disclosed"] is False and alert["hold"] is None, alert
        self.at_others("too-late")

    def disclosed(self):
        """Hanbit's officer tells the exchanges where it went; it comes to Harbor, which alone can find that."""
        harbor = self.members["harbor"]
        own = os.path.join(self.top, "harbor.txt")
        with open(own, "w", encoding="utf-8") as f:
            f.write(f"{self.wallet.address('harbor deposit 1')} h-1\n")
        harbor.run("own", "import", own)
        self.members["hanbit"].run("alert", "disclose", self.alert, "--to", "exchanges", "--basis", "le-request",
                                   person="officer")
        coin = self.out.coins[1]
        self.mine(CODE.spend([coin], [(coin.value - CODE.FEE, self.wallet.script("harbor deposit 1"))]))
        alert, _ = CODE.until("Harbor finds it", lambda: harbor.alert("detected"))
        assert (alert["audience"], alert["holder"], alert["case"]) == ("exchanges", "harbor", self.case_of), alert
        assert alert["amount"] == str(coin.value - CODE.FEE), alert
        assert self.seen(state="too-late")["disclosed"] is True
        assert len(harbor.ask("/v1/log?limit=1000&audience=exchanges")["events"]) == 2
        case = os.path.join(self.top, "disclosed.json")
        harbor.run("case", "show", self.case_of, "--disclosed", self.alert, "--out", case)
        with open(case, encoding="utf-8") as f:
            told = json.load(f)
        assert told["origins"] == [{"output": f"{self.out.txid}:1"}], told
        assert "by the word of hanbit (le-request" in told["title"] and "not proved by the chain" in told["title"], told
        for other in ("us", "kr", "jp"):
            member = self.members[other]
            alerts = member.ask("/v1/alerts")["alerts"]
            assert alerts and all(a["audience"] == "all" and a["disclosed"] is not True for a in alerts), alerts
            assert member.ask("/v1/log?limit=1000&audience=exchanges")["events"] == []

    def verify_all(self):
        """The two exchanges know more than the three governments; each of them agrees with its like."""
        def alike(names):
            return len({self.members[n].digest() for n in names}) == 1
        CODE.until("folds agree", lambda: alike(["us", "kr", "jp"]) and alike(["harbor", "hanbit"]))
        for member in self.members.values():
            member.stop()
            member.run("log", "verify")
            member.run("audit", "verify")


STEPS = ["begin_chain", "begin_group", "begin_nodes", "early", "found", "undone_and_back", "undone_for_good", "there_after_all",
         "disputed", "retracted", "too_late", "disclosed", "verify_all"]


def main():
    return test_group.run_story(CODE, Alerts, STEPS)


if __name__ == "__main__":
    sys.exit(main())
