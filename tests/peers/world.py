"""A small history on a regtest node: every kind of output, chains within a block, a reorganisation."""

from coins import (COIN, KEPT, NO_SCRIPT, OPEN, P2PK, P2PKH, P2WPKH, P2WSH_TRUE, RETURN,
                   RETURN_BARE, SIGNED, TRUE, Coin, Tx)

MATURITY = 100  # blocks before a coinbase may be spent
FEE = 1_000


class World:
    def __init__(self, node):
        self.node = node

    def mine(self, n=1, script=P2WSH_TRUE):
        """Blocks whose coinbase pays script."""
        return self.node.rpc("generatetodescriptor", n, self.descriptor(script))

    def block(self, *txs):
        """A block of exactly these transactions, in this order. Nothing goes through the node's
        mempool, whose rules are stricter than those of blocks."""
        made = self.node.rpc("generateblock", self.descriptor(P2WSH_TRUE), [tx.hex for tx in txs])
        return made["hash"]

    def descriptor(self, script):
        return self.node.rpc("getdescriptorinfo", f"raw({script.hex()})")["descriptor"]

    def reward(self, height):
        """The coinbase of a height as a coin."""
        block = self.node.rpc("getblock", self.node.rpc("getblockhash", height), 2)
        paid = block["tx"][0]["vout"][0]
        return Coin(block["tx"][0]["txid"], 0, int(paid["value"] * COIN),
                    bytes.fromhex(paid["scriptPubKey"]["hex"]))

    def begin(self):
        self.mine(20)
        self.mine(5, P2PK)
        self.mine(5, TRUE)
        self.mine(MATURITY)
        self.every_kind()
        self.volume()

    def every_kind(self):
        """Each kind of output made and, where it can be, spent."""
        kinds = SIGNED + OPEN + KEPT
        coin = self.reward(1)
        each = coin.value // (len(kinds) + 1)
        many = Tx([coin], [(0 if s in (RETURN, RETURN_BARE) else each, s) for s in kinds])
        self.block(many)
        txs = []
        for i, made in enumerate(many.coins[:len(SIGNED)]):
            half = made.value // 2
            txs.append(Tx([made], [(half, SIGNED[i - 1]), (half - FEE - i, P2WPKH)], self.node))
            if i % 2:  # and on, within the same block
                last = txs[-1].coins[1]
                txs.append(Tx([last], [(last.value - FEE, P2PKH)], self.node))
        spendable = many.coins[len(SIGNED):len(SIGNED) + len(OPEN)]
        txs.append(Tx(spendable, [(sum(c.value for c in spendable) - FEE, NO_SCRIPT)]))
        self.block(*txs)
        of_key, of_nobody = self.reward(21), self.reward(26)
        self.block(Tx([of_key, of_nobody], [(of_key.value, P2WSH_TRUE)], self.node))

    def volume(self, n=300):
        coin = self.reward(2)
        wide = Tx([coin], [(coin.value // n, P2WSH_TRUE)] * n)
        third = coin.value // n // 3
        self.block(wide)
        self.block(*(Tx([made], [(third, OPEN[i % len(OPEN)]), (third, P2WSH_TRUE)])
                     for i, made in enumerate(wide.coins)))

    def lose_later(self):
        """Three blocks at the tip that reorganise() will take away."""
        coins = [self.reward(height) for height in (3, 4, 5)]
        self.back, otherwise, never = (Tx([c], [(c.value - FEE, P2WPKH)]) for c in coins)
        self.otherwise = coins[1]
        self.stale_blocks = [self.block(self.back, otherwise), self.block(never), self.block()]
        self.stale_txids = [otherwise.txid, never.txid]

    def reorganise(self):
        """Three blocks lose against four. One of their transactions comes back in the new branch, the
        coin of one is spent otherwise there, one just never happened."""
        self.node.rpc("invalidateblock", self.stale_blocks[0])
        self.block(Tx([self.otherwise], [(self.otherwise.value - 2 * FEE, TRUE)]))
        self.block(self.back)
        self.block()
        self.block()
        self.node.rpc("reconsiderblock", self.stale_blocks[0])
