"""A node of Solana as others see it by JSON-RPC: getGenesisHash, getSlot, getBlock, getBlocks.

There is no node of Solana that a test could run. The transactions are real ones, with what they did (answers to
getTransaction in the data); the blocks around them are made up: slots of which some are empty, hashes, times. A test makes
slots, puts one branch in the place of another, says what is finalized, and may change or refuse answers on the way."""

import copy
import hashlib
import json
import os

import tron_node

FILE = os.path.join(tron_node.DATA, "solana", "tx", "phishing-json.jsonl")
FIRST = 300000000  # where the made-up chain begins
GENESIS = "5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d"
LEADER = "DDnAqxJVFo2GVTujibHt5cjevHMSE9bo8HJaydHoshdp"
ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


def base58(raw):
    n, out = int.from_bytes(raw, "big"), ""
    while n:
        n, digit = divmod(n, 58)
        out = ALPHABET[digit] + out
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + out


def lack():
    return None if os.path.exists(FILE) else f"{FILE} is not here"


def answers():
    """The answers of the file, a line each, each transaction once, oldest first."""
    with open(FILE) as f:
        lines = {json.loads(line)["result"]["transaction"]["signatures"][0]: line for line in f}
    return sorted(lines.values(), key=lambda line: json.loads(line)["result"]["slot"])


def real():
    return [{"transaction": r["transaction"], "meta": r["meta"], "version": "legacy"}
            for r in (json.loads(line)["result"] for line in answers())]


def signature(n):
    return "Signature" + ALPHABET[n] * 2 + "1" * 76


def sends(n, source, to, lamports, memo=None, version="legacy"):
    """One that nobody made: SOL, and words of the memo program."""
    keys = [source, to, "1" * 32, "MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr"]
    instructions = [{"programIdIndex": 2, "accounts": [0, 1], "data": base58(b"\2\0\0\0" + lamports.to_bytes(8, "little"))}]
    if memo:
        instructions.append({"programIdIndex": 3, "accounts": [0], "data": base58(memo.encode())})
    before = [10 ** 12, 10 ** 12, 1, 1]
    config = {} if version != 1 else {"transactionConfig": {"computeUnitLimit": 300, "heapSize": None, "loadedAccountsDataSizeLimit": 65536,
                                                            "priorityFee": 0}}
    return {"transaction": {"signatures": [signature(n)], "message": {"accountKeys": keys, "instructions": instructions, **config}},
            "meta": {"err": None, "fee": 5000, "innerInstructions": [], "preBalances": before, "preTokenBalances": [],
                     "postBalances": [before[0] - lamports - 5000, before[1] + lamports, 1, 1], "postTokenBalances": []},
            "version": version}


class Chain:
    def __init__(self, salt=0):
        self.slots = {}  # of those that are not empty
        self.salt = salt
        self.next = FIRST
        self.finalized = FIRST - 1

    def fork(self, slot, salt):
        """Another branch from a slot on."""
        other = Chain(salt)
        other.slots = {s: b for s, b in self.slots.items() if s < slot}
        other.next, other.finalized = slot, min(self.finalized, slot - 1)
        return other

    def tip(self, finalized=True):
        slot = max(s for s in self.slots if not finalized or s <= self.finalized)
        return slot, self.slots[slot]["blockhash"]

    def skip(self):
        self.next += 1
        return self

    def make(self, txs=(), final=True):
        parent = max(self.slots, default=FIRST - 1)
        name = hashlib.sha256(f"{self.salt} {self.next}".encode()).digest()
        self.slots[self.next] = {
            "blockhash": base58(name), "parentSlot": parent, "blockHeight": len(self.slots), "blockTime": 1700000000 + self.next - FIRST,
            "previousBlockhash": self.slots[parent]["blockhash"] if parent in self.slots else GENESIS, "transactions": list(txs),
            "rewards": [{"pubkey": LEADER, "lamports": 2500, "postBalance": 1, "rewardType": "Fee", "commission": None}]}
        if final:
            self.finalized = self.next
        return self.skip()


def error(code, words):
    return {"error": {"code": code, "message": words}}


class Solana(tron_node.Tron):
    """change(method, slot, answer) gives the answer to pass on; refuse(method) may give (status, bytes) instead."""

    genesis = GENESIS
    first = None  # the slot of the first block that it still has
    cleaned = False  # whether it says so of those before, or calls them skipped

    def answer(self, path, question):
        method, params = question["method"], question["params"]
        if self.refuse and (refused := self.refuse(method)):
            return refused
        chain, slot = self.chain, params[0] if params and isinstance(params[0], int) else None
        confirmed = params and isinstance(params[-1], dict) and params[-1].get("commitment") == "confirmed"
        tip = chain.tip(not confirmed)[0]
        if method == "getGenesisHash":
            answer = {"result": self.genesis}
        elif method == "getSlot":
            answer = {"result": tip}
        elif method == "getFirstAvailableBlock" and self.first:
            answer = {"result": self.first}
        elif method == "getBlock" and self.first and slot < self.first:
            answer = (error(-32001, f"Block {slot} cleaned up, does not exist on node. First available block: {self.first}")
                      if self.cleaned else error(-32009, f"Slot {slot} was skipped, or missing in long-term storage"))
        elif method == "getBlocks":
            answer = {"result": sorted(s for s in chain.slots if slot <= s <= min(params[1], tip))}
        elif method != "getBlock":
            answer = error(-32601, "Method not found")
        elif slot > tip:
            answer = error(-32004, f"Block not available for slot {slot}")
        elif slot not in chain.slots:
            answer = error(-32007, f"Slot {slot} was skipped, or missing due to ledger jump to recent snapshot")
        else:
            block, most = dict(chain.slots[slot]), params[1]["maxSupportedTransactionVersion"]
            answer = {"result": block}
            if params[1]["transactionDetails"] == "none":
                del block["transactions"], block["rewards"]
            elif any(t["version"] != "legacy" and t["version"] > most for t in block["transactions"]):
                answer = error(-32015, "Transaction version (1) is not supported by the requesting client. Please try the request again "
                                       "with the following configuration parameter: \"maxSupportedTransactionVersion\": 1")
        answer.update(jsonrpc="2.0", id=question["id"])
        if self.change:
            answer = self.change(method, slot, copy.deepcopy(answer))
        return 200, json.dumps(answer).encode()
