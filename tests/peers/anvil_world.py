"""A small history on anvil: ether, a token, a contract that passes ether on, failures; and what each block
of it moved, told naively from the node's answers. That is the truth that cordon is held against."""

import json
import os
import time

import anvil_node

MINE_SECONDS = 180

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"  # ERC-20
ETHER = 10 ** 18
# Passes its value on to the address in its input: CALL(gas, input, value), written by hand.
FORWARDER = "0x600f600c600039600f6000f3" + "600060006000600034600035" + "5af100"


def word(value):
    return f"{int(value, 16) if isinstance(value, str) else value:064x}"


def text_words(text):
    raw = text.encode().hex()
    return word(len(text)) + raw.ljust(64, "0")


class World:
    def __init__(self, anvil):
        self.anvil = anvil
        self.accounts = [a.lower() for a in anvil.accounts]
        self.mines = True

    def send(self, **tx):
        tx.setdefault("gas", 1_000_000)
        for name in "value", "gas", "gasPrice":
            if name in tx:
                tx[name] = hex(tx[name])
        name = self.anvil.rpc("eth_sendTransaction", {"from": tx.pop("source"), **tx})
        if self.mines:
            self.receipt(name)  # so that transactions have their blocks one after another
        return name

    def receipt(self, name):
        """Of a transaction that will be mined."""
        until = time.monotonic() + MINE_SECONDS
        while True:
            receipt = self.anvil.rpc("eth_getTransactionReceipt", name)
            if receipt or time.monotonic() > until:
                return receipt
            time.sleep(0.01)

    def mine_each(self, mines):
        self.mines = mines
        self.anvil.rpc("evm_setAutomine", mines)

    def create(self, code):
        tx = self.send(source=self.accounts[0], data=code, gas=4_000_000)
        return self.receipt(tx)["contractAddress"].lower()

    def begin(self):
        with open(os.path.join(anvil_node.CONTRACTS, "ERC20PresetFixedSupply.json")) as f:
            code = json.load(f)["bytecode"]
        # constructor(string name, string symbol, uint256 supply, address owner)
        supply = 10 ** 27
        self.token = self.create(code + word(128) + word(192) + word(supply) +
                                 word(self.accounts[0]) + text_words("Gold") + text_words("GLD"))
        self.forwarder = self.create(FORWARDER)

    def pay(self, source, to, value):
        return self.send(source=source, to=to, value=value)

    def pay_token(self, source, to, value):
        return self.send(source=source, to=self.token, data="0xa9059cbb" + word(to) + word(value))

    def forward(self, source, to, value):
        return self.send(source=source, to=self.forwarder, data="0x" + word(to), value=value)

    def live(self):
        """Every kind of move, and each kind of failure; some blocks with several transactions."""
        a = self.accounts
        self.pay(a[1], a[2], 3 * ETHER)
        self.pay_token(a[0], a[3], 10 ** 20 + 7)
        self.forward(a[2], a[4], ETHER // 3)
        self.send(source=a[3], to=a[5], value=5, gasPrice=3 * 10 ** 9)  # of type 0
        self.pay_token(a[4], a[5], 1)  # has none: fails, but its fee is paid
        self.mine_each(False)
        for i in range(4):
            self.pay(a[i], a[i + 1], (i + 1) * 1000)
            self.pay_token(a[0], a[i + 2], 10 + i)
        self.forward(a[6], a[7], 2 * ETHER)
        self.anvil.rpc("evm_mine")
        self.mine_each(True)
        self.anvil.rpc("anvil_mine", "0x3")
        self.pay_token(a[3], a[6], 10 ** 19)
        self.pay(a[5], a[5], 4)  # to itself
        self.pay(a[7], a[8], 1)

    def tip(self):
        return int(self.anvil.rpc("eth_blockNumber"), 16)

    def block(self, number):
        return self.anvil.rpc("eth_getBlockByNumber", hex(number), True)

    def moves(self, number):
        """The lines that rpc-blocks prints of a block, addresses in lower case."""
        block = self.block(number)
        base = int(block["baseFeePerGas"], 16)
        lines = [" ".join(["block", str(number), block["hash"][2:], block["parentHash"][2:],
                           str(int(block["timestamp"], 16)), "whole"])]
        for tx in block["transactions"]:
            receipt = self.anvil.rpc("eth_getTransactionReceipt", tx["hash"])
            name = tx["hash"][2:]
            used, price = int(receipt["gasUsed"], 16), int(receipt["effectiveGasPrice"], 16)
            lines.append(f"{name}:f {tx['from']} {block['miner']} - {used * price} "
                         f"{used * (price - base)}")
            if receipt["status"] != "0x1":
                continue
            to, value = tx["to"] or receipt["contractAddress"], int(tx["value"], 16)
            if value:
                lines.append(f"{name}:v {tx['from']} {to} - {value} {value}")
            trace = self.anvil.rpc("debug_traceTransaction", tx["hash"], {"tracer": "callTracer"})
            for path, call in self.calls(trace, ()):
                value = int(call["value"], 16)
                lines.append(f"{name}:i{'_'.join(map(str, path))} {call['from']} {call['to']} - "
                             f"{value} {value}")
            first = min((int(log["logIndex"], 16) for log in receipt["logs"]), default=0)
            for log in receipt["logs"]:
                if log["topics"][0] != TRANSFER:
                    continue
                source, to = ("0x" + topic[26:] for topic in log["topics"][1:3])
                value = int(log["data"], 16)
                lines.append(f"{name}:l{int(log['logIndex'], 16) - first} {source} {to} "
                             f"{log['address']} {value} {value}")
        return [line.lower() for line in lines]

    def calls(self, frame, path):
        """Inner calls that moved ether, depth first."""
        for i, call in enumerate(frame.get("calls", [])):
            here = path + (i,)
            if "error" in call:
                continue
            if call["type"] == "CALL" and int(call.get("value", "0x0"), 16):
                yield here, call
            yield from self.calls(call, here)

    def all_moves(self, first=0, last=None):
        last = self.tip() if last is None else last
        return [self.moves(number) for number in range(first, last + 1)]
