#!/usr/bin/env -S python3 -B
"""cordon serve follows nodes of a chain: litecoind's regtest, two of them that a test keeps together or apart, one
behind a proxy that may lie. What the node serves is held against what litecoind says, and its ledger against one made
of block files' worth of the same chain by cordon ingest."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request

import coins
import files
import node
import proxy as proxies
import tally
import world

CHAIN = "litecoin:regtest"
HERE = os.path.dirname(os.path.abspath(__file__))
CORDON = os.environ.get("CORDON", "build/cordon")
SECRET = "secret-of-somebody"
WAIT_SECONDS = 180
CONFIG = """
listen: 127.0.0.1:0
follow:
  - chain: {chain}
    urls: {urls}
    poll_ms: {poll_ms}
    agree: {agree}
    {more}
"""


def until(what, wanted):
    """Waits for what() to give the wanted; the seconds it took."""
    start = time.monotonic()
    while True:
        got = what()
        if got == wanted:
            return time.monotonic() - start
        if time.monotonic() - start > WAIT_SECONDS:
            raise AssertionError(f"still {got!r}, wanted {wanted!r}")
        time.sleep(0.005)


def cordon(*args, code=0):
    """What it says when it ends with that code: of a failure the complaint."""
    done = subprocess.run([CORDON, *args], capture_output=True, text=True)
    assert done.returncode == code, (args, done.returncode, done.stdout, done.stderr)
    return done.stderr if code else done.stdout


class Server:
    """cordon serve with a home of its own."""

    def __init__(self, top, urls, agree=1, chain=CHAIN, poll_ms=20, more=""):
        self.home = os.path.join(top, "home")
        self.chain, self.poll_ms, self.more = chain, poll_ms, more
        self.log = os.path.join(top, "log")
        self.config = os.path.join(top, "cordon.yaml")
        self.process = None
        os.makedirs(self.home, exist_ok=True)
        self.write(urls, agree)
        self.key = self.run("key", "add", "test", "--scope", "read,screen").strip()

    def env(self):
        return {**os.environ, "CORDON_HOME": self.home}

    def run(self, *args):
        """cordon, with this home; what it says."""
        return subprocess.run([CORDON, *args], check=True, capture_output=True, text=True, env=self.env()).stdout

    def write(self, urls, agree=1):
        with open(self.config, "w") as f:
            f.write(CONFIG.format(chain=self.chain, urls=json.dumps(urls), agree=agree,
                                  poll_ms=self.poll_ms, more=self.more))

    def put(self, folder, name, text):
        """A file of the home, there at once."""
        os.makedirs(os.path.join(self.home, folder), exist_ok=True)
        path = os.path.join(self.home, folder, name)
        with open(path + ".part", "w", encoding="utf-8") as f:
            f.write(text)
        os.rename(path + ".part", path)
        return path

    def found(self):
        """Deposits that the log tells of, each once."""
        told = [json.loads(line)["text"] for line in self.said().splitlines() if '"event":"deposit"' in line]
        return sorted({text.split(" at ")[1].split(" on ")[0] for text in told})

    @property
    def ledger(self):
        return os.path.join(self.home, self.chain)

    def start(self):
        with open(self.log, "w") as log:
            self.process = subprocess.Popen([CORDON, "serve", "--config", self.config], stderr=log, env=self.env())
        start = time.monotonic()
        while not (port := re.search(r"\(port (\d+)\)", self.said())):
            assert self.process.poll() is None and time.monotonic() - start < WAIT_SECONDS, self.said()
            time.sleep(0.02)
        self.port = int(port[1])
        return self

    def said(self):
        with open(self.log) as f:
            return f.read()

    def events(self):
        """The end of its log, without requests."""
        return "".join([line + "\n" for line in self.said().splitlines() if '"event":"request"' not in line][-12:])

    def end(self, how=signal.SIGTERM):
        if self.process:
            self.process.send_signal(how)
            code = self.process.wait(WAIT_SECONDS)
            self.process = None
            assert SECRET not in self.said(), "the log shows a key"
            assert how == signal.SIGKILL or code == 0, (code, self.said())

    def get(self, path, body=None):
        """Status and body; a body is posted."""
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", body and json.dumps(body).encode(),
                                         headers={"Authorization": f"Bearer {self.key}"})
        try:
            with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as e:
            return e.code, e.read().decode()

    def tip(self):
        """Height and hash of what is readable."""
        for ledger in json.loads(self.get("/v1/info")[1])["ledgers"]:
            if ledger["chain"] == self.chain and ledger["data_as_of"]:
                return ledger["data_as_of"]["height"], ledger["data_as_of"]["hash"]
        return None

    def metric(self, name):
        found = re.search(rf'^cordon_{name}{{chain="{self.chain}"}} (\d+)$', self.get("/metrics")[1], re.M)
        return int(found[1]) if found else None

    def reasons(self):
        """Why it is not ready, as far as the chain goes."""
        return [why for why in json.loads(self.get("/readyz")[1])["reasons"] if why.startswith(self.chain)]


class Several(Server):
    """Of several chains, with a configuration of its own."""

    def __init__(self, top, config):
        self.text = config
        super().__init__(top, [])

    def write(self, urls, agree=1):
        with open(self.config, "w", encoding="utf-8") as f:
            f.write(self.text)


def tip(litecoind):
    return tuple(litecoind.rpc_many([("getblockcount",), ("getbestblockhash",)]))


def copy(from_, to):
    """Blocks that one node has, to the other."""
    for height in range(1, from_.rpc("getblockcount") + 1):
        hash_ = from_.rpc("getblockhash", height)
        to.rpc("submitblock", from_.rpc("getblock", hash_, False))


class Two:
    """Two nodes with the same history, and a server that follows both."""

    def __init__(self, top):
        self.top = top
        self.a, self.b = (node.Node(os.path.join(top, name)) for name in "ab")
        self.a.start()
        self.b.start()
        self.world, self.other = world.World(self.a), world.World(self.b)
        self.world.mine(30)
        copy(self.a, self.b)
        self.proxy = proxies.Proxy(self.b)
        self.server = Server(top, [self.a.url, self.proxy.url]).start()
        until(self.server.tip, tip(self.a))

    def mine(self, n=1):
        """On both."""
        self.world.mine(n)
        copy(self.a, self.b)
        until(self.server.tip, tip(self.a))

    def end(self):
        self.server.end()
        self.proxy.stop()
        self.a.kill()
        self.b.kill()


def blocks_are_readable_soon(t):
    took = []
    for _ in range(20):
        t.world.mine()
        took.append(until(t.server.tip, tip(t.a)))
        copy(t.a, t.b)
    took.sort()
    print(f"mined to readable over HTTP: median {took[10] * 1000:.0f} ms, longest {took[-1] * 1000:.0f} ms; "
          f"seen to readable, the last: {t.server.metric('follow_readable_ms')} ms")
    until(lambda: t.server.metric("follow_behind_blocks"), 0)
    assert t.server.reasons() == [], t.server.reasons()


def answers_say_how_far_it_is(t):
    height, hash_ = tip(t.a)
    want = {"tip": height, "behind": 0, "nodes": 2, "up": 2, "disagree": False}
    until(lambda: json.loads(t.server.get(f"/v1/block/{CHAIN}/{hash_}")[1]).get("following"), want)
    said = t.server.get("/v1/info")[1]
    assert json.loads(said)["ledgers"][0]["following"] == want
    path = os.path.join(t.top, "answer")
    for asked in f"/v1/block/{CHAIN}/{hash_}", "/v1/info":
        with open(path, "w") as f:
            f.write(t.server.get(asked)[1])
        subprocess.run([os.path.join(HERE, "..", "serve", "check_answer.py"), "GET", asked, "200", path], check=True)


def a_reorganisation_is_followed(t):
    before = t.server.metric("follow_undone_total")
    t.mine(3)
    lost = t.a.rpc("getblockhash", t.a.rpc("getblockcount") - 2)
    for litecoind in t.a, t.b:
        litecoind.rpc("invalidateblock", lost)
    t.world.mine(4, world.TRUE)
    copy(t.a, t.b)
    until(t.server.tip, tip(t.a))
    until(lambda: t.server.metric("follow_undone_total"), before + 3)
    status, _ = t.server.get(f"/v1/block/{CHAIN}/{lost}")
    assert status == 404, status


def the_next_node_is_used_and_left_again(t):
    t.a.kill()
    t.other.mine()
    until(t.server.tip, tip(t.b))
    until(lambda: t.server.metric("follow_node"), 1)
    t.a.start()
    copy(t.b, t.a)
    t.server.end()
    t.server.write([t.a.url, t.proxy.url])  # it has another port now
    t.server.start()
    until(lambda: t.server.metric("follow_node"), 0)
    t.proxy.refuse = lambda _: (500, b"")
    until(lambda: t.server.metric("follow_nodes_up"), 1)
    t.mine()
    t.proxy.refuse = None
    until(lambda: t.server.metric("follow_nodes_up"), 2)


def it_goes_on_after_kill_9(t):
    for _ in range(5):
        t.server.end(signal.SIGKILL)
        t.world.mine(7)
        t.server.start()
        time.sleep(0.1)
    copy(t.a, t.b)
    until(t.server.tip, tip(t.a))


def nodes_that_disagree_hold_it(t):
    """One after the other mines a block of its own: the last common one stays, until one branch is longer on both."""
    common = tip(t.a)
    t.server.end()
    t.world.mine(3)
    t.other.mine(3, world.TRUE)
    t.server.start()
    until(t.server.reasons, [f"{CHAIN}: nodes disagree"])
    assert t.server.tip() == common, t.server.tip()
    until(lambda: t.server.metric("follow_disagree"), 1)
    t.world.mine()
    copy(t.a, t.b)
    until(t.server.tip, tip(t.a))
    until(t.server.reasons, [])
    until(lambda: "nodes agree again" in t.server.said(), True)  # the log waits a moment for more


def a_node_without_blocks_is_passed_over(t):
    """It knows its newest block, and does not give it: the other one is used, and the log is not filled."""
    t.server.end()
    t.server.write([t.proxy.url, t.a.url])
    t.proxy.change = lambda question, answer: {**answer, "result": None, "error": {"code": -1, "message": "pruned"}} \
        if question["method"] == "getblock" else answer
    t.server.start()
    for _ in range(3):
        t.other.mine()
        time.sleep(0.1)
        copy(t.b, t.a)
        until(t.server.tip, tip(t.a))
    until(lambda: t.server.metric("follow_node"), 1)
    assert t.server.said().count("pruned") == 1, t.server.events()
    t.proxy.change = None
    t.server.end()
    t.server.write([t.a.url, t.proxy.url])
    t.server.start()


def a_node_that_lies_is_told(t):
    """It says another hash at its tip than there is."""
    def lies(question, answer):
        if question["method"] == "getblockhash" and question["params"][0] > 30:
            answer["result"] = "7" * 64
        return answer

    before = tip(t.a)
    t.proxy.change = lies
    until(lambda: t.server.metric("follow_disagree"), 1)
    t.world.mine()
    copy(t.a, t.b)
    time.sleep(0.3)
    assert t.server.tip() == before, "it went past what is agreed on"
    t.proxy.change = None
    until(t.server.tip, tip(t.a))
    until(t.server.reasons, [])


def address(litecoind, script):
    return litecoind.rpc("deriveaddresses", litecoind.rpc("getdescriptorinfo", f"raw({script.hex()})")["descriptor"])[0]


def entity(server, whose):
    """How many addresses belong with it, and up to which block that is known."""
    status, body = server.get(f"/v1/entity/{CHAIN}/{whose}")
    if status != 200:
        return status
    found = json.loads(body)["found"]
    return found["entity"] and found["entity"]["size"], found["clustering"], \
        found["clusters_as_of"] and found["clusters_as_of"]["height"]


def related(server, whose):
    """What a decision says of other addresses of the entity, and of the clusters."""
    status, body = server.get("/v1/screen/address", {"address": whose, "chain": CHAIN})
    assert status == 200, body
    answer = json.loads(body)
    return [(r["category"], r["label"]) for r in answer["reasons"] if r["evidence"] == "entity"], \
        [e["entities"] and e["entities"]["height"] for e in answer["exposure"]]


def entities_follow_the_ledger(t):
    """Two addresses are spent together: they are one entity at once, and two again when that block is undone."""
    one, other = (address(t.a, script) for script in (coins.P2WSH_TRUE, coins.P2SH_TRUE))
    t.mine(100)
    reward = t.world.reward(1)
    half = coins.Tx([reward], [(reward.value // 2, coins.P2SH_TRUE), (reward.value // 4, coins.P2WSH_TRUE)])
    t.world.block(half)
    copy(t.a, t.b)
    until(t.server.tip, tip(t.a))
    assert entity(t.server, other) == (1, "off", None), entity(t.server, other)
    until(lambda: related(t.server, one), ([], [None]))
    t.server.run("entities", "--ledger", t.server.ledger)
    until(lambda: entity(t.server, other), (1, "on", tip(t.a)[0]))
    tags = os.path.join(t.top, "pack.yaml")
    with open(tags, "w") as f:
        f.write("title: pack\nsource: here\nlastmod: 2024-01-01\ntags:\n"
                f"- address: {other}\n  currency: LTC\n  label: somebody's wallet\n  category: mixer\n")
    t.server.run("tags", "import", tags)
    until(lambda: related(t.server, one), ([], [tip(t.a)[0]]))

    both = t.world.block(coins.Tx(half.coins, [(reward.value // 2, coins.TRUE)]))
    copy(t.a, t.b)
    took = until(lambda: related(t.server, one), ([("mixer", f"{other} (somebody's wallet)")], [tip(t.a)[0]]))
    print(f"mined to a reason by entity over HTTP: {took * 1000:.0f} ms; "
          f"clusters: {t.server.metric('entities_renew_ms')} ms")
    assert entity(t.server, one) == (2, "on", tip(t.a)[0]), entity(t.server, one)
    until(lambda: t.server.metric("entities_behind_blocks"), 0)
    until(lambda: t.server.metric("entities_failed"), 0)
    until(lambda: t.server.metric("entities_undone_total"), 0)

    for litecoind in t.a, t.b:
        litecoind.rpc("invalidateblock", both)
    for _ in range(2):
        t.world.block()  # what was undone waits in the mempool, and stays there
    copy(t.a, t.b)
    until(t.server.tip, tip(t.a))
    until(lambda: (related(t.server, one), entity(t.server, one)), (([], [tip(t.a)[0]]), (1, "on", tip(t.a)[0])))
    until(lambda: t.server.metric("entities_undone_total"), 1)
    t.world.block(coins.Tx(half.coins, [(reward.value // 3, coins.TRUE)]))
    copy(t.a, t.b)
    until(lambda: entity(t.server, one), (2, "on", tip(t.a)[0]))


def what_it_wrote_is_what_ingest_writes(t):
    """Clusters, too."""
    until(lambda: t.server.metric("entities_behind_blocks"), 0)
    t.server.end()
    anew = os.path.join(t.top, "anew")
    for args in ("ingest", CHAIN, "--from", t.a.url), ("entities", "--chain", CHAIN):
        done = subprocess.run([CORDON, *args, "--ledger", anew], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    for folder in "", "entities":
        assert files.differences(os.path.join(anew, folder), os.path.join(t.server.ledger, folder)) == [], folder
    t.server.start()


TESTS = [blocks_are_readable_soon, answers_say_how_far_it_is, a_reorganisation_is_followed, entities_follow_the_ledger,
         the_next_node_is_used_and_left_again, it_goes_on_after_kill_9, nodes_that_disagree_hold_it,
         a_node_without_blocks_is_passed_over, a_node_that_lies_is_told, what_it_wrote_is_what_ingest_writes]


if __name__ == "__main__":
    sys.exit(tally.run(TESTS, Two, node.lack()))
