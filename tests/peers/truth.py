"""What the node says of its best chain, in the words of cordon's answers."""

from coins import COIN, p2pkh

CLASSES = {
    "pubkey": "p2pk", "pubkeyhash": "p2pkh", "scripthash": "p2sh", "witness_v0_keyhash": "p2wpkh",
    "witness_v0_scripthash": "p2wsh", "witness_v1_taproot": "p2tr", "witness_unknown": "witness",
    "multisig": "multisig", "nulldata": "return", "nonstandard": "other",
}
NO_ADDRESS = ("multisig", "return", "other")


def sats(amount):
    value = amount * COIN
    assert value == int(value)
    return int(value)


def address(node, script):
    """As the node shows it; of a bare key as that of its hash, which the node leaves out."""
    raw = bytes.fromhex(script["hex"])
    if script["type"] == "pubkey":
        return node.rpc("decodescript", p2pkh(raw[1:-1]).hex())["addresses"][0]
    return script["addresses"][0] if CLASSES[script["type"]] not in NO_ADDRESS else None


class Output:
    def __init__(self, node, said, txid, block):
        script = said["scriptPubKey"]
        self.name = f"{txid}:{said['n']}"
        self.value = sats(said["value"])
        self.script = script["hex"]
        self.kind = CLASSES[script["type"]]
        self.address = address(node, script)
        self.block = block
        self.spent_by = None


class Truth:
    def __init__(self, node):
        tip = node.rpc("getblockcount")
        hashes = node.rpc_many([("getblockhash", height) for height in range(tip + 1)])
        self.blocks = node.rpc_many([("getblock", hash_, 2) for hash_ in hashes])
        self.outputs, self.txs, self.fees = {}, {}, {}
        for block in self.blocks:
            for tx in block["tx"]:
                self.add(node, block, tx)
        self.check(node)

    def add(self, node, block, tx):
        self.txs[tx["txid"]] = block
        for said in tx["vout"]:
            output = Output(node, said, tx["txid"], block)
            self.outputs[output.name] = output
        paid = 0
        for spent in self.spent(tx):
            spent.spent_by = tx["txid"]
            paid += spent.value
        if paid:
            self.fees[tx["txid"]] = paid - sum(sats(said["value"]) for said in tx["vout"])

    def spent(self, tx):
        return [self.outputs[f"{i['txid']}:{i['vout']}"] for i in tx["vin"] if "coinbase" not in i]

    def check(self, node):
        """The node's own sums over its unspent outputs: without the genesis block's, which it never
        entered, and those that begin with OP_RETURN, which it never keeps."""
        unspent = [o for o in self.outputs.values()
                   if not o.spent_by and o.block["height"] and not o.script.startswith("6a")]
        said = node.rpc("gettxoutsetinfo")
        assert said["txouts"] == len(unspent)
        assert sats(said["total_amount"]) == sum(o.value for o in unspent)

    def addresses(self):
        paid = {}
        for output in self.outputs.values():
            if output.address:
                paid.setdefault(output.address, []).append(output)
        return paid
