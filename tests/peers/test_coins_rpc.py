#!/usr/bin/env -S python3 -B
"""A ledger of a node that is asked by JSON-RPC, held against the ledger of the block files that the same node wrote.

litecoind is the node. The ledger grows while the node does, through a reorganisation, in pieces, and through a proxy
that refuses, leaves out and lies."""

import json
import os
import subprocess
import sys

import files
import node
import proxy as proxies
import tally
import world

CHAIN = "litecoin:regtest"
CORDON = os.environ.get("CORDON", "build/cordon")
SECRET = "secret-of-somebody"


class Nodes:
    """A node that runs, its blocks before and after a reorganisation as files, and ledgers that grew with it."""

    def __init__(self, top):
        self.top = top
        self.node = node.Node(self.folder("node"))
        self.node.start("-rpcauth=somebody:" + RPCAUTH)
        self.world = world.World(self.node)
        self.world.begin()
        self.world.lose_later()
        self.grown = self.ingest("grown")
        self.world.reorganise()
        self.ingest("grown")
        self.node.stop()
        self.blocks = self.node.copy_blocks(self.folder("blocks"))
        self.node.start("-rpcauth=somebody:" + RPCAUTH)
        self.of_files = self.ingest("of-files", self.blocks)

    def end(self):
        self.node.kill()

    def folder(self, name):
        return os.path.join(self.top, name)

    def run(self, name, source, *words):
        done = subprocess.run([CORDON, "ingest", CHAIN, "--from", source, "--ledger", self.folder(name), "--format",
                               "json", *words], capture_output=True, text=True, timeout=120)
        assert SECRET not in done.stdout + done.stderr, "an error shows a key"
        return done

    def ingest(self, name, source=None, *words):
        done = self.run(name, source or self.node.url, *words)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def fails(self, name, source, code, said):
        done = self.run(name, source)
        assert done.returncode == code and said in done.stderr, (said, done.returncode, done.stdout, done.stderr)

    def same(self, name):
        assert files.differences(self.folder(name), self.folder("of-files")) == [], name


# rpcauth.py of Bitcoin Core for somebody's password: salt$HMAC-SHA256(salt, password)
RPCAUTH = node.rpcauth("5a17", SECRET)


def is_that_of_the_files(all_):
    said = all_.ingest("anew")
    assert said["added"] == all_.node.rpc("getblockcount") + 1 and not said["stale"], said
    all_.same("anew")
    assert all_.ingest("anew")["added"] == 0


def grows_through_a_reorganisation(all_):
    assert all_.grown["undone"] == 0
    all_.same("grown")


def in_pieces_is_the_same(all_):
    for to in (0, 1, 99, 130):
        all_.ingest("pieces", None, "--blocks", f"0..{to}")
    all_.ingest("pieces")
    all_.same("pieces")


def the_middle_alone_knows_not_all_values(all_):
    said = all_.ingest("middle", None, "--blocks", "120")
    assert said["without_undo"] > 0, said
    assert all_.ingest("middle")["added"] == 0


def a_password_is_wanted_and_not_shown(all_):
    at = f"127.0.0.1:{all_.node.port}"
    all_.fails("no", f"http://u:{SECRET}-not@{at}", 4, "status 401")
    all_.ingest("by-password", f"http://somebody:{SECRET}@{at}")
    cookie = all_.folder("cookie")
    with open(cookie, "w") as f:
        f.write(f"somebody:{SECRET}\n")
    all_.ingest("by-cookie", f"http://{at}", "--cookie", cookie)
    all_.same("by-cookie")


def another_chain_is_refused(all_):
    done = subprocess.run([CORDON, "ingest", "bitcoin:regtest", "--from", all_.node.url, "--ledger",
                           all_.folder("other")], capture_output=True, text=True)
    assert done.returncode == 3 and "the node is of litecoin:regtest" in done.stderr, done.stderr


def hash_of(all_, height):
    return all_.node.rpc("getblockhash", height)


def through_a_proxy(all_):
    """Whatever it says, the ledger is whole, and goes on when it is honest again."""
    proxy = proxies.Proxy(all_.node)
    try:
        all_.ingest("lied-to", proxy.url, "--blocks", "0..50")

        def another_block(question, answer):
            if question["method"] == "getblock" and question["params"][0] == hash_of(all_, 60):
                answer["result"] = all_.node.rpc("getblock", hash_of(all_, 61), False)
            return answer

        def damaged(question, answer):
            if question["method"] == "getblock" and question["params"][0] == hash_of(all_, 60):
                raw = bytearray.fromhex(answer["result"])
                raw[-1] ^= 1
                answer["result"] = raw.hex()
            return answer

        def left_out(question, answer):
            return None if question["method"] == "getblock" else answer

        def not_in_line(question, answer):
            if question["method"] == "getblockhash" and question["params"][0] == 55:
                answer["result"] = hash_of(all_, 54)
            return answer

        def too_far(question, answer):
            if question["method"] == "getblockcount":
                answer["result"] += 3
            return answer

        for change, code, said in [(another_block, 3, "another block than was asked for"),
                                   (damaged, 3, "root"), (left_out, 3, "half an answer")]:
            proxy.change = change
            all_.fails("lied-to", proxy.url, code, said)
        for change in (not_in_line, None):
            proxy.change = change
            proxy.refuse = None
            all_.ingest("lied-to", proxy.url, "--blocks", "0..54")
        proxy.change = too_far
        all_.ingest("lied-to", proxy.url)
        all_.same("lied-to")
        refused = []

        def busy(_):
            refused.append(1)
            return (503, b"") if len(refused) % 3 == 1 else None

        proxy.change, proxy.refuse = None, busy
        all_.ingest("refused", proxy.url)
        all_.same("refused")
    finally:
        proxy.stop()


TESTS = [is_that_of_the_files, grows_through_a_reorganisation, in_pieces_is_the_same,
         the_middle_alone_knows_not_all_values, a_password_is_wanted_and_not_shown, another_chain_is_refused,
         through_a_proxy]


if __name__ == "__main__":
    sys.exit(tally.run(TESTS, Nodes, node.lack()))
