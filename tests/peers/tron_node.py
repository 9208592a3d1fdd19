"""A full node of Tron as others see it by HTTP: /wallet/getnowblock, getblockbynum, gettransactioninfobyblocknum.

There is no node of Tron that a test could run. The transactions here are real ones, signed by their makers (a page of
TronGrid's in the data), the first block is that of the main network, and ids, roots and hashes are computed as java-tron
does, by this file's own hand. The blocks around the transactions are made up: their numbers, times and makers. Infos are
made of what TronGrid tells of the transaction; the log of a token's transfer, which it does not tell, is made of the call.

A test mines, puts one branch in the place of another, and may change or refuse answers on the way."""

import copy
import hashlib
import http.server
import json
import os
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.environ.get("CORDON_DATA", os.path.join(HERE, "..", "..", "..", "shared", "data"))
PAGE = os.path.join(DATA, "evm", "tron", "account_transactions_1.json")
FIRST = 20829000  # where the made-up chain begins
MAKERS = 27
TRANSFER = "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
GENESIS = {
    "blockID": "00000000000000001ebf88508a03865c71d452e25f4d51194196a1d22b6653dc",
    "block_header": {"raw_data": {
        "txTrieRoot": "8ef446bf3f395af929c218014f6101ec86576c5f61b2ae3236bf3a2ab5e2fecd",
        "witness_address": ("A new system must allow existing systems to be linked together without requiring any central "
                            "control or coordination").encode().hex(),
        "parentHash": "e58f33f9baf9305dc6f82b9f1934ea8f0ade2defb951258d50167028c780351f"}}}


def sha256(data):
    return hashlib.sha256(data).digest()


def varint(n):
    out = b""
    while n > 0x7f:
        out += bytes([n & 0x7f | 0x80])
        n >>= 7
    return out + bytes([n])


def number(field, n):
    return varint(field << 3) + varint(n) if n else b""


def data(field, b):
    return varint(field << 3 | 2) + varint(len(b)) + b


def block_id(raw):
    header = (number(1, raw.get("timestamp", 0)) + data(2, bytes.fromhex(raw["txTrieRoot"])) +
              data(3, bytes.fromhex(raw["parentHash"])) + number(7, raw.get("number", 0)) +
              data(9, bytes.fromhex(raw["witness_address"])) + number(10, raw.get("version", 0)))
    return (raw.get("number", 0).to_bytes(8, "big") + sha256(header)[8:]).hex()


def leaf(tx):
    whole = data(1, bytes.fromhex(tx["raw_data_hex"]))
    for signature in tx["signature"]:
        whole += data(2, bytes.fromhex(signature))
    for ret in tx["ret"]:
        whole += data(5, number(3, ["DEFAULT", "SUCCESS", "REVERT"].index(ret["contractRet"])))
    return sha256(whole)


def root(txs):
    level = [leaf(tx) for tx in txs]
    while len(level) > 1:
        level = [sha256(level[i] + level[i + 1]) if i + 1 < len(level) else level[i] for i in range(0, len(level), 2)]
    return level[0].hex() if level else "00" * 32


def lack():
    return None if os.path.exists(PAGE) else f"{PAGE} is not here"


def real():
    """Transactions of the page, oldest first, with what an info of each has."""
    with open(PAGE) as f:
        rows = json.load(f)["data"]
    return [told(row) for row in sorted(rows, key=lambda r: (r["block_timestamp"], r["txID"]))]


def told(row):
    tx = {"ret": [{"contractRet": row["ret"][0]["contractRet"]}], "signature": row["signature"], "txID": row["txID"],
          "raw_data": row["raw_data"], "raw_data_hex": row["raw_data_hex"]}
    info = {"id": row["txID"], "contractResult": [""], "receipt": {"net_fee": row["net_fee"]}}
    if row["ret"][0].get("fee"):
        info["fee"] = row["ret"][0]["fee"]
    value = row["raw_data"]["contract"][0]["parameter"]["value"]
    call = value.get("data", "")
    if call.startswith("a9059cbb") and tx["ret"][0]["contractRet"] == "SUCCESS":
        word = "0" * 24
        info["contract_address"] = value["contract_address"]
        info["log"] = [{"address": value["contract_address"][2:],
                        "topics": [TRANSFER, word + value["owner_address"][2:], word + call[32:72]], "data": call[72:136]}]
    return tx, info


class Chain:
    def __init__(self, salt=0):
        self.blocks = []  # (block, infos)
        self.salt = salt

    def fork(self, undone, salt):
        other = Chain(salt)
        other.blocks = self.blocks[:len(self.blocks) - undone]
        return other

    def tip(self):
        block = self.blocks[-1][0]
        return block["block_header"]["raw_data"]["number"], block["blockID"]

    def mine(self, txs=()):
        last = self.blocks[-1][0] if self.blocks else None
        height = last["block_header"]["raw_data"]["number"] + 1 if last else FIRST
        maker = (height * 7 + self.salt) % MAKERS
        raw = {"number": height, "txTrieRoot": root([tx for tx, _ in txs]), "witness_address": "41" + f"{maker + 1:040x}",
               "parentHash": last["blockID"] if last else "00" * 32, "version": 15,
               "timestamp": 1592000000000 + (height - FIRST) * 3000}
        block = {"blockID": block_id(raw), "block_header": {"raw_data": raw, "witness_signature": "00" * 65}}
        if txs:
            block["transactions"] = [tx for tx, _ in txs]
        self.blocks.append((block, [{**info, "blockNumber": height, "blockTimeStamp": raw["timestamp"]}
                                    for _, info in txs]))
        return self


class Tron:
    """change(path, number, answer) gives the answer to pass on; refuse(path) may give (status, bytes) instead."""

    def __init__(self, chain):
        self.chain = chain
        self.change = self.refuse = None
        node = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])) or b"{}")
                status, answer = node.answer(self.path, body)
                try:
                    self.send_response(status)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)
                except ConnectionError:
                    self.close_connection = True

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/secret-of-somebody"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path, question):
        path = path.replace("/secret-of-somebody", "")
        if self.refuse and (refused := self.refuse(path)):
            return refused
        height, blocks = question.get("num"), self.chain.blocks
        if path == "/wallet/getnowblock":
            answer = blocks[-1][0]
        elif path == "/wallet/getblockbynum":
            answer = GENESIS if height == 0 else blocks[height - FIRST][0] if 0 <= height - FIRST < len(blocks) else {}
        elif path == "/wallet/gettransactioninfobyblocknum":
            answer = blocks[height - FIRST][1] if 0 <= height - FIRST < len(blocks) else {}
        else:
            return 405, b"{}"
        if self.change:
            answer = self.change(path, height, copy.deepcopy(answer))
        return 200, json.dumps(answer).encode()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
