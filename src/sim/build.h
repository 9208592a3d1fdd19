/* A block while it is being made: transactions are written one after another as they will stand on
 * the wire, beside them the undo data of what they spend; ids are hashed many at a time; at the end
 * come coinbase, roots and work.
 *
 *   header | count | coinbase | txs: [version .. body .. witness .. locktime] [..] ..
 *   undo:    count            | per transaction: count, per input: height and coinbase, amount,
 *                               script
 *
 * A transaction's id is known once build_hash has run, so what spends it within the block is added
 * after that. Rules: BIP 34 (height), BIP 141 (weight, commitment), BIP 144 (form); Bitcoin Core's
 * undo.h and compressor.h.
 *
 * Ownership: build_free. What build_finish returns is borrowed until the next build_start. */
#ifndef CORDON_SIM_BUILD_H
#define CORDON_SIM_BUILD_H

#include "base/err.h"
#include "base/hash.h"
#include "sim/lock.h"

#define BUILD_WEIGHT_MAX 4000000u
#define TX_INPUTS_MAX 400
#define TX_OUTPUTS_MAX 2100
#define MEMO_MAX 80

struct coin { /* an unspent output */
    struct hash32 txid;
    uint64_t value;
    uint32_t vout, lock;
    uint32_t height; /* height << 1 | coinbase */
    uint32_t owner;  /* a wallet */
    uint32_t next,
        at; /* for who keeps it: next coin of the wallet, place in the log of recent ones */
};

struct pay { /* an output to be */
    uint64_t value;
    uint32_t lock;
    uint32_t owner;
    uint32_t mark;       /* 0, or what the truth wants to know once there is a txid */
    uint8_t memo;        /* not 0: an OP_RETURN with that many bytes instead of a lock */
    const uint8_t *text; /* of the memo; NULL: random bytes */
};

struct draft { /* a transaction to be */
    struct coin in[TX_INPUTS_MAX];
    struct pay out[TX_OUTPUTS_MAX];
    size_t in_n, out_n;
    uint32_t locktime;
};

struct build;

struct build_counts {
    uint64_t bytes, txs, inputs, outputs;
};

struct build_block {
    struct bytes head, txs, undo; /* the block is head and then txs */
    struct hash32 hash, coinbase;
    uint64_t reward; /* to the miner: subsidy and fees */
};

struct build_plan { /* what the end of a block needs to know */
    struct hash32 prev;
    uint32_t height, time;
    uint64_t subsidy;
    uint32_t lock;   /* where the miner is paid */
    const char *tag; /* the miner's text in the coinbase */
};

struct build *build_new(uint64_t key); /* NULL: no memory */
struct build *build_free(struct build *b);
void build_start(struct build *b);
/* Bytes and weight that the block has so far. */
size_t build_bytes(const struct build *b);
uint64_t build_weight(const struct build *b);
size_t build_txs(const struct build *b);
/* Returns the transaction's number in the block (from 1: 0 is the coinbase), or 0: no room. */
size_t build_add(struct build *b, const struct draft *d, struct dice *dice);
void build_hash(struct build *b); /* ids of all that were added since */
const struct hash32 *build_txid(const struct build *b, size_t tx); /* after build_hash */
bool build_finish(struct build *b, const struct build_plan *plan, struct dice *dice,
                  struct build_block *ret, struct err *err) MUST_USE;
struct build_counts build_counts(const struct build *b); /* of all blocks finished so far */

#endif
