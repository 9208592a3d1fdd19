#!/usr/bin/env -S python3 -B
"""The five nodes of tools/demo-live on a bad network: delay, loss, stalls, cuts, partitions; nodes and commands killed at
any moment. All that was said is everywhere, once, and all come to the same state. With CORDON_LONG for ten minutes, and more
figures.

CORDON_SEED chooses what happens; it is printed. Without one it is the same each time, and with CORDON_LONG another one."""

import json
import os
import random
import subprocess
import sys
import threading
import time
import urllib.request

import network
import test_group

CODE = test_group.demo()
LONG = bool(os.environ.get("CORDON_LONG"))
SEED = int(os.environ.get("CORDON_SEED", "0")) or (random.SystemRandom().randrange(1, 2 ** 32) if LONG else 20261121)
STORM_SECONDS = 600 if LONG else 15
SAMPLES = 300 if LONG else 12
REPORTS = 60 if LONG else 3
CALM_SECONDS = 180
DELAY, LOSS = 0.05, 0.01  # one way, in seconds; share
CAIP2 = "bip122:000000000019d6689c085ae165831e93"


def figures(name, seconds):
    seconds = sorted(seconds)
    at = lambda share: seconds[min(len(seconds) - 1, int(share * len(seconds)))] * 1000
    print(f"{name}: {len(seconds)} samples, p50 {at(0.5):.0f} ms, p95 {at(0.95):.0f} ms, p99 {at(0.99):.0f} ms, "
          f"longest {seconds[-1] * 1000:.0f} ms", flush=True)


class Stream:
    """Events of a node as they come: when the test had each."""

    def __init__(self, member):
        self.came, self.news = {}, threading.Condition()
        self.member = member
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        request = urllib.request.Request(f"http://{self.member.host}:{self.member.port}/v1/stream",
                                         headers={"Authorization": f"Bearer {self.member.key}"})
        with urllib.request.urlopen(request, timeout=600) as answer:
            for line in answer:
                if line.startswith(b"data: "):
                    event = json.loads(line[6:])["event"]
                    with self.news:
                        self.came.setdefault((event["type"], event["object"]), time.monotonic())
                        self.news.notify_all()

    def wait(self, key, seconds=240):
        with self.news:
            if not self.news.wait_for(lambda: key in self.came, seconds):
                raise CODE.Failed(f"{self.member.name} did not hear of {key}")
            return self.came[key]


class Network(CODE.Story):
    quotas = {"live_cases": 1000}

    def __init__(self, top):
        super().__init__(top)
        print(f"seed {SEED} (CORDON_SEED)", flush=True)
        self.random = random.Random(SEED)
        self.net = network.Net(random.Random(SEED + 1))
        self.done, self.outputs = [], 0  # what was said: (type, object)
        self.places = None
        try:
            self.places = network.Places(self.members)
            self.separate()
            print("each node is in a network namespace of its own", flush=True)
        except OSError as why:
            print(f"all nodes are on loopback: {why}", flush=True)
        self.kills = {"nodes": 0, "commands": 0, "cuts": 0, "stalls": 0, "partitions": 0}

    def separate(self):
        self.litecoind_options = ["-rpcallowip=10.213.0.0/16"]
        for member in self.members.values():
            member.host, member.inside = self.places.there(member.name), self.places.inside(member.name)
            self.litecoind_options.append(f"-rpcbind={self.places.here(member.name)}")

    def chain_host(self, member):
        return self.places.here(member.name) if self.places else super().chain_host(member)

    def way(self, member, other):
        at = self.chain_host(member)
        return f"{at}:{self.net.way(member.name, other.name, at, other.host, other.group_port)}"

    def end(self):
        super().end()
        self.net.stop()
        if self.places:
            self.places.end()

    # -- acts, signed by nodes --

    def begin_case(self):
        if self.places and self.places.netem(DELAY, LOSS):
            print("delay and loss are the kernel's (netem)", flush=True)
        else:
            self.net.weather(DELAY, LOSS)
        self.steal()
        self.report()

    def say_by(self, member, *args, kill_after=None):
        """Its object if it was said; None if it was refused; whoever is killed may have said it or not."""
        command = subprocess.Popen([CODE.CORDON, *args, "--home", member.home, "--format", "json"], stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        if kill_after is not None:
            time.sleep(kill_after)
            command.kill()
        out, _ = command.communicate(timeout=CODE.WAIT_SECONDS)
        if command.returncode < 0 and kill_after is None:
            raise CODE.Failed(f"cordon {' '.join(args[:2])}: it ended by signal {-command.returncode}")
        if command.returncode:
            self.kills["commands"] += kill_after is not None
            return None
        return json.loads(out)["object"]

    def send_alert(self, member, holder, kill_after=None):
        self.outputs += 1
        output = f"{self.random.getrandbits(256):064x}:{self.outputs}"
        said = self.say_by(member, "alert", "send", self.cases[0], "--holder", holder.name, "--chain", CAIP2, "--output",
                           output, "--asset", "BTC", "--amount", "1000", "--as-node", kill_after=kill_after)
        if said:
            self.done.append(("alert.send", said))
        return said

    def hold_softly(self, holder, alert, kill_after=None):
        said = self.say_by(holder, "hold", "soft", alert, "--account", "c-1", kill_after=kill_after)
        if said:
            self.done.append(("alert.hold-soft", said))
        return said

    def act(self):
        kill_after = self.random.uniform(0, 0.08) if self.random.random() < 0.15 else None
        sent = [o for t, o in self.done if t == "alert.send" and ("alert.hold-soft", o) not in self.done]
        holders = [self.members[name] for name in CODE.EXCHANGES]
        if sent and self.random.random() < 0.4:
            for holder in holders:  # whose it is, and whether it has heard of it, its home knows
                self.hold_softly(holder, self.random.choice(sent), kill_after)
            return
        member, holder = self.random.choice(list(self.members.values())), self.random.choice(holders)
        if member is not holder:
            self.send_alert(member, holder, kill_after)

    # -- faults --

    def fault(self):
        names = list(self.members)
        kind = self.faults.choice(["cut", "stall", "partition", "kill", "kill", "restart"])
        length = self.faults.uniform(0.5, 4)
        if kind == "cut":
            a, b = self.faults.sample(names, 2)
            self.for_a_while(self.net.between([a], [b]), length)
            self.kills["cuts"] += 1
        elif kind == "partition":
            some = self.faults.sample(names, self.faults.choice([1, 2]))
            self.for_a_while(self.net.between(some, [n for n in names if n not in some]), length)
            self.kills["partitions"] += 1
        elif kind == "stall":
            for w in self.faults.sample(list(self.net.ways.values()), 6):
                w.stall(length)
            self.kills["stalls"] += 1
        else:
            member = self.members[self.faults.choice(names)]
            if member.process.poll() is not None:
                raise CODE.Failed(f"{member.name}: its node ended by itself")
            if kind == "kill":
                member.process.kill()
                member.process.wait()
                self.kills["nodes"] += 1
            else:
                member.stop()
            time.sleep(self.faults.uniform(0, 1.5))
            member.serve(member.config)

    def for_a_while(self, ways, seconds):
        for w in ways:
            w.set_cut(True)
        threading.Timer(seconds, lambda: [w.set_cut(False) for w in ways]).start()

    def rough(self):
        """Has there been some of all that a storm is for?"""
        return len(self.done) > STORM_SECONDS and all(self.kills[k] for k in ("nodes", "commands"))

    def storms(self):
        """Still: as long as it was to, and on a machine with much else to do for longer."""
        now = time.monotonic()
        return now < self.storm_ends or (now < self.storm_ends + CODE.WAIT_SECONDS and not self.rough())

    def blow(self):
        try:
            while self.storms():
                self.fault()
                time.sleep(self.faults.uniform(0, 1))
        except Exception as why:
            self.blown = why

    # ---- steps ----

    def one_goes(self):
        """Japan's node is away from now on."""
        self.members["jp"].stop()

    def storm(self):
        self.faults, self.blown = random.Random(SEED + 2), None
        begun = time.monotonic()
        self.storm_ends = begun + STORM_SECONDS
        blowing = threading.Thread(target=self.blow)
        blowing.start()
        while self.storms() and not self.blown:
            self.act()
        blowing.join()
        if self.blown:
            raise self.blown
        print(f"{len(self.done)} events were said in {time.monotonic() - begun:.0f} s of storm: {self.kills}", flush=True)
        assert self.rough()

    def calm(self):
        """All folds agree; what was said is in each log, once, and nothing is in one alone."""
        time.sleep(4.1)  # the longest cut is over
        self.net.heal()

        def digests():
            got = {m.name: m.digest() for m in self.members.values()}
            return got if len(set(got.values())) == 1 else None

        _, seconds = CODE.until("all folds agree", digests, CALM_SECONDS)
        print(f"all folds agree {seconds:.1f} s after the storm", flush=True)
        for m in self.members.values():
            events = m.show("log", "show")["events"]
            ids = [e["id"] for e in events]
            assert len(ids) == len(set(ids)), f"{m.name} has an event twice"
            said = [(e["event"]["type"], e["event"]["object"]) for e in events]
            for key in self.done:
                assert said.count(key) == 1, f"{m.name} has {key} {said.count(key)} times"
            assert not [e for e in events if e["standing"] != "good"], m.name

    def alert_to_hold(self):
        """From the alert of one node to the soft hold of the other, which a program of the holder's says as soon as it is told:
        100 ms of round trip, 1 % of loss. Then until the first node has that hold."""
        us, hanbit = self.members["us"], self.members["hanbit"]
        at_us, at_hanbit = Stream(us), Stream(hanbit)
        heard, held, known = [], [], []
        for _ in range(SAMPLES):
            alert = self.send_alert(us, hanbit)
            sent = time.monotonic()  # it is in the log of us, whose node sees it within its quarter of a second
            heard.append(at_hanbit.wait(("alert.send", alert)) - sent)
            assert self.hold_softly(hanbit, alert)
            said = time.monotonic()  # and from now on a withdrawal meets it
            held.append(said - sent)
            known.append(at_us.wait(("alert.hold-soft", alert)) - said)
        figures("alert to the other node", heard)
        figures("alert to soft hold on the other node", held)
        figures("soft hold to the first node", known)

    def report_to_traces(self):
        """From a report to its being followed on all five nodes."""
        took = []
        for i in range(REPORTS):
            path = os.path.join(self.top, f"more-{i}.json")
            with open(path, "w", encoding="utf-8") as f:
                json.dump({"id": f"MORE-{i}", "title": "Another", "kind": "theft", "chain": CODE.CHAIN, "policy": "haircut",
                           "origins": [{"output": f"{self.theft.txid}:0"}]}, f)
            harbor, before = self.members["harbor"], self.followed(self.members["harbor"])
            harbor.run("case", "report", path, person="officer")
            begun = time.monotonic()
            CODE.until("all follow it", lambda: all(self.followed(m) > before for m in self.members.values()))
            took.append(time.monotonic() - begun)
        figures("report to live traces on all five nodes", took)

    def one_comes_back(self):
        """Meanwhile the chain has grown, and its newest blocks are others now."""
        jp, others = self.members["jp"], [m for m in self.members.values() if m.name != "jp"]
        for _ in range(8):
            self.mine()
        self.litecoind.rpc("invalidateblock", self.litecoind.rpc("getbestblockhash"))
        clean = self.clean.coins[0]
        self.mine(CODE.spend([clean], [(clean.value - CODE.FEE, self.wallet.script("elsewhere"))]))  # another block
        for _ in range(3):
            self.mine()
        height, events = self.litecoind.rpc("getblockcount"), len(others[0].show("log", "show")["events"])
        behind = events - len(jp.show("log", "show")["events"])
        assert behind >= SAMPLES, behind
        begun = time.monotonic()
        jp.serve(jp.config)
        CODE.until("it has the chain", lambda: jp.height() == height)
        CODE.until("it has the log", lambda: jp.digest() == others[0].digest())
        print(f"back after {behind} events and a reorganisation: all is there {time.monotonic() - begun:.1f} s after its start",
              flush=True)

    def followed(self, member):
        request = urllib.request.Request(f"http://{member.host}:{member.port}/metrics",
                                         headers={"Authorization": f"Bearer {member.key}"})
        with urllib.request.urlopen(request, timeout=CODE.WAIT_SECONDS) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(f'cordon_watch_cases{{chain="{CODE.CHAIN}"}} '):
                    return int(line.split()[-1])
        return 0


STEPS = ["begin_chain", "begin_group", "begin_nodes", "begin_case", "storm", "calm", "report_to_traces", "one_goes",
         "alert_to_hold", "one_comes_back", "verify"]


def main():
    return test_group.run_story(CODE, Network, STEPS)


if __name__ == "__main__":
    sys.exit(main())
