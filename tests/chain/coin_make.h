/* Blocks of other coins made by hand: headers with their proof of work on the test networks, where
 * it is easy, and transactions whose maker says what they hold. A second implementation, and a
 * plain one: no walk, no arrays borrowed from the bytes.
 *
 * Threads:   none. */
#ifndef CORDON_TESTS_CHAIN_COIN_MAKE_H
#define CORDON_TESTS_CHAIN_COIN_MAKE_H

#include "block_make.h"
#include "support.h"

#define COIN_SIDES_MAX 8

struct coin_spend {
    struct hash32 txid;
    uint32_t vout;
};

struct coin_pay {
    uint64_t value;
    const char *script; /* hex; NULL: P2PKH of a hash whose bytes are all who */
    char who;
};

/* What a transaction is to say. Pools are Sprout, Sapling, Orchard. */
struct coin_tx {
    uint32_t version;
    size_t spends_n, pays_n;
    struct coin_spend spends[COIN_SIDES_MAX];
    struct coin_pay pays[COIN_SIDES_MAX];
    uint32_t height;    /* not 0: a coinbase of that height */
    int64_t balance[3]; /* above 0: so much comes out of the pool; else goes into it */
    unsigned parts[3];  /* how many JoinSplits, outputs and spends, actions it has */
    bool hogex;
};

/* The bytes, and the txid; the coins' own way: v5 of Zcash as ZIP 244. */
struct hash32 coin_tx_zcash(struct make *m, const struct coin_tx *t, struct test_random *r);
struct hash32 coin_tx_bitcoin(struct make *m, const struct coin_tx *t);

/* A block of zcash:regtest. */
struct hash32 coin_block_zcash(struct make *m, const struct hash32 *prev,
                               const struct make *const *txs, const struct hash32 *ids, size_t n);

/* What may be wrong with an AuxPoW; all zero: nothing. */
struct coin_aux {
    unsigned chains;   /* height of the tree of chains */
    unsigned coinbase; /* of the parent's tree */
    bool no_tag, two_tags, tag_elsewhere, late, no_root, short_script;
    bool wrong_size, wrong_slot, index, other_parent, own_parent, other_id, no_bit, no_work,
        witness;
};
/* A block of dogecoin:regtest, mined with a parent. NULL: alone. */
struct hash32 coin_block_dogecoin(struct make *m, const struct hash32 *prev,
                                  const struct make *const *txs, const struct hash32 *ids, size_t n,
                                  const struct coin_aux *aux);

/* A block of litecoin:regtest; mweb: what stands behind its transactions, hex, or NULL. */
struct hash32 coin_block_litecoin(struct make *m, const struct hash32 *prev,
                                  const struct make *const *txs, const struct hash32 *ids, size_t n,
                                  const char *mweb);

#endif
