"""A server of the XRP Ledger as others see it by JSON-RPC: server_info, and ledger in JSON and in binary.

There is no server that a test could run. Ledger 7501326 is the main network's own, as is 38129; the ledgers behind the former
are made up around real transactions of the main network with their metadata (the data's), each ledger's tree and header hashed
by this file's own hand. What bytes a transaction has is asked of xrpl-bytes, and held to the transaction's id here.

A test makes ledgers, says which are validated and which a server has not got, and may change or refuse answers on the way."""

import copy
import csv
import hashlib
import json
import os
import struct
import subprocess

import tron_node

FOLDER = os.path.join(tron_node.DATA, "xrpl")
FIRST = 7501326
REAL = "ledgers/ledger-7501326-full.json.zst"
OTHER = "ledgers/ledger-38129-response.json"
ZERO = "0" * 64
EPOCH = 946684800  # times count from 2000 on
NAMES = {"tx", "tx_json", "transaction"}


def found():
    return os.path.exists(os.path.join(FOLDER, REAL))


def load(name):
    path = os.path.join(FOLDER, name)
    if not name.endswith(".zst"):
        with open(path, encoding="utf-8") as f:
            return f.read()
    return subprocess.run(["zstd", "-dc", path], check=True, capture_output=True, text=True).stdout


def half(data):
    return hashlib.sha512(data).digest()[:32]


def in_bytes(objects):
    """What each is on the wire; None where it cannot be written."""
    lines = "".join(json.dumps(o) + "\n" for o in objects)
    done = subprocess.run([os.environ["XRPL_BYTES"]], check=True, input=lines, capture_output=True, text=True)
    return [None if line == "-" else bytes.fromhex(line) for line in done.stdout.split()]


def length(n):
    if n <= 192:
        return bytes([n])
    if n <= 12480:
        return bytes([193 + (n - 193 >> 8), n - 193 & 255])
    return bytes([241 + (n - 12481 >> 16)]) + (n - 12481 & 65535).to_bytes(2, "big")


class Tx:
    def __init__(self, tx, meta, raw_tx, raw_meta):
        self.tx, self.meta, self.raw_tx, self.raw_meta = tx, meta, raw_tx, raw_meta
        self.id = half(b"TXN\0" + raw_tx)
        assert self.id.hex().upper() == tx["hash"], tx["hash"]

    def leaf(self):
        return half(b"SND\0" + length(len(self.raw_tx)) + self.raw_tx + length(len(self.raw_meta)) + self.raw_meta + self.id)


def txs_of(pairs):
    raw_txs, raw_metas = in_bytes(tx for tx, _ in pairs), in_bytes(meta for _, meta in pairs)
    return [Tx(tx, meta, a, b) for (tx, meta), a, b in zip(pairs, raw_txs, raw_metas) if a and b]


def real():
    """Transactions of the main network, each once."""
    with open(os.path.join(FOLDER, "TRANSACTIONS.tsv"), encoding="utf-8", newline="") as f:
        mainnet = [row["network_guess"] == "mainnet" for row in csv.DictReader(f, delimiter="\t")]
    pairs = []
    for line, wanted in zip(load("tx/transactions.jsonl.zst").splitlines(), mainnet, strict=True):
        outer = json.loads(line)
        tx = next((outer[n] for n in NAMES if isinstance(outer.get(n), dict)), outer)
        meta = outer.get("meta") or tx.get("meta") or outer.get("metaData") or tx.get("metaData")
        tx = {k: v for k, v in tx.items() if k not in ("meta", "metaData")}
        tx.setdefault("hash", outer.get("hash"))
        if wanted:
            pairs.append((tx, meta))
    return txs_of(pairs)


def root(account, before, after):
    return {"ModifiedNode": {"LedgerEntryType": "AccountRoot", "LedgerIndex": ZERO,
                             "FinalFields": {"Account": account, "Balance": str(after)},
                             "PreviousFields": {"Balance": str(before)}}}


def payment(sequence, source, to, drops, tag=None, fee=10, memo=None, rich=50_000_000):
    """One that nobody made, hashed as the ledger does."""
    tx = {"TransactionType": "Payment", "Account": source, "Destination": to, "Amount": str(drops), "Fee": str(fee), "Flags": 0,
          "Sequence": sequence, "SigningPubKey": "02" + "11" * 32, "TxnSignature": "00",
          **({} if tag is None else {"DestinationTag": tag}),
          **({} if memo is None else {"Memos": [{"Memo": {"MemoData": memo.encode().hex().upper()}}]})}
    meta = {"TransactionIndex": sequence, "TransactionResult": "tesSUCCESS", "AffectedNodes": [
        root(source, rich, rich - drops - fee), root(to, rich // 10, rich // 10 + drops)]}
    raw_tx, raw_meta = in_bytes([tx, meta])
    tx["hash"] = half(b"TXN\0" + raw_tx).hex().upper()
    return Tx(tx, meta, raw_tx, raw_meta)


def tree(leaves, level=0):
    """leaves: (name, hash). A leaf alone stands where it is."""
    children = b""
    for branch in range(16):
        mine = [(name, h) for name, h in leaves if name[level // 2] >> (0 if level & 1 else 4) & 15 == branch]
        children += bytes(32) if not mine else mine[0][1] if len(mine) == 1 else tree(mine, level + 1)
    return half(b"MIN\0" + children)


class Ledger:
    """One of the chain: its header, as members and as bytes, and its transactions."""

    def __init__(self, index, parent, txs, state, close, coins, parent_close):
        root = tree([(t.id, t.leaf()) for t in txs]).hex().upper() if txs else ZERO
        self.txs, self.index, self.close, self.coins = txs, index, close, coins
        self.raw = (struct.pack(">IQ", index, coins) + bytes.fromhex(parent + root + state) +
                    struct.pack(">IIBB", parent_close, close, 10, 0))
        self.hash = half(b"LWR\0" + self.raw).hex().upper()
        self.members = {"account_hash": state, "close_flags": 0, "close_time": close, "close_time_resolution": 10, "closed": True,
                        "ledger_hash": self.hash, "ledger_index": str(index), "parent_close_time": parent_close,
                        "parent_hash": parent, "total_coins": str(coins), "transaction_hash": root}

    def answer(self, transactions, expand, binary):
        ledger = {"closed": True, "ledger_data": self.raw.hex().upper()} if binary else dict(self.members)
        if transactions and not expand:
            ledger["transactions"] = [t.tx["hash"] for t in self.txs]
        elif transactions and binary:
            ledger["transactions"] = [{"meta": t.raw_meta.hex().upper(), "tx_blob": t.raw_tx.hex().upper()} for t in self.txs]
        elif transactions:
            ledger["transactions"] = [{**t.tx, "metaData": t.meta} for t in self.txs]
        return {"ledger": ledger, "ledger_hash": self.hash, "ledger_index": self.index, "status": "success", "validated": True}


def real_ledger(name):
    """A ledger of the main network; what the file leaves out of its header is found by its hash."""
    told = json.loads(load(name))
    told = told.get("ledger", told)
    txs = txs_of([({k: v for k, v in t.items() if k != "metaData"}, t["metaData"]) for t in told["transactions"]])
    close = int(told["close_time"])
    ledger = Ledger(int(told["ledger_index"]), told["parent_hash"], txs, told["account_hash"], close, int(told["total_coins"]), close)
    assert ledger.hash == told["ledger_hash"] and len(txs) == len(told["transactions"]), ledger.hash
    return ledger


class Chain:
    def __init__(self, first, salt=0):
        self.ledgers = {first.index: first}
        self.salt = salt
        self.validated = first.index

    def fork(self, undone, salt):
        """Another history, of the last ledgers. There is none on the real network."""
        other = Chain(next(iter(self.ledgers.values())), salt)
        other.validated = max(self.ledgers) - undone
        other.ledgers = {i: l for i, l in self.ledgers.items() if i <= other.validated}
        return other

    def tip(self):
        return self.validated, self.ledgers[self.validated].hash

    def make(self, txs=(), validated=True, parent=None, close=None):
        """close: when; else 4 s after the one before."""
        last = self.ledgers[max(self.ledgers)]
        state = half(f"{self.salt} {last.index}".encode()).hex().upper()
        ledger = Ledger(last.index + 1, parent or last.hash, list(txs), state, close or last.close + 4, last.coins - 10 * len(txs),
                        last.close)
        self.ledgers[ledger.index] = ledger
        if validated:
            self.validated = ledger.index
        return self


def error(name, words):
    return {"result": {"error": name, "error_message": words, "status": "error"}}


class Xrpl(tron_node.Tron):
    """missing: indices that it has not got; in_json: it knows no binary; change(method, index, answer), refuse(method)."""

    network = None

    def __init__(self, chain):
        self.missing, self.in_json = set(), False
        super().__init__(chain)

    def answer(self, path, question):
        method, params = question["method"], question["params"][0]
        if self.refuse and (refused := self.refuse(method)):
            return refused
        index, chain = None, self.chain
        if method == "server_info":
            info = {"build_version": "2.3.0", "complete_ledgers": f"{FIRST}-{chain.validated}", "server_state": "full",
                    "validated_ledger": {"hash": chain.tip()[1], "seq": chain.validated}}
            answer = {"result": {"info": info if self.network is None else {**info, "network_id": self.network}, "status": "success"}}
        elif method == "ledger":
            index = params["ledger_index"]
            index = chain.validated if index == "validated" else index
            if index > max(chain.ledgers) or index not in chain.ledgers or index in self.missing:
                answer = error("lgrNotFound", "ledgerNotFound")
            else:
                result = chain.ledgers[index].answer(params.get("transactions", False), params.get("expand", False),
                                                     params.get("binary", False) and not self.in_json)
                answer = {"result": {**result, "validated": index <= chain.validated}}
        else:
            answer = error("unknownCmd", "Unknown method.")
        if self.change:
            answer = self.change(method, index, copy.deepcopy(answer))
        return 200, json.dumps(answer).encode()
