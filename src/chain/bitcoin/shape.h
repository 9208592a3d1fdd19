/* The shape of one transaction: which kind of CoinJoin it looks like, if any, and the counts that
 * say so.
 *
 * A shape is values, script classes and which scripts are the same; no ledger, no history. Every
 * condition is a whole-number comparison. Definitions, their sources and how often they are right:
 * docs/patterns.md.
 *
 * Unknown inputs: an input outside the ledger may have no value or no script. What forbids a kind
 * is asked of the inputs that are known. What a kind needs at least so many of may be met by
 * unknown ones, and then inputs_known is false; JoinMarket alone demands its distinct input scripts
 * from known inputs, for its outputs say too little. Unknown height: bounds on height are passed
 * over. Bounds: a side with more than SHAPE_COINS_MAX coins is plain: no protocol here makes one.
 *
 * Units:     base units.
 * Memory:    none taken; the scratch is the caller's.
 * Threads:   one scratch a thread. */
#ifndef CORDON_CHAIN_BITCOIN_SHAPE_H
#define CORDON_CHAIN_BITCOIN_SHAPE_H

#include "base/sort.h"
#include "chain/bitcoin/script.h"

/* Above what fits a standard transaction of 400,000 weight units (Bitcoin Core, policy/policy.h,
 * MAX_STANDARD_TX_WEIGHT): 1,470 P2WPKH inputs or 3,225 P2WPKH outputs. */
#define SHAPE_COINS_MAX 4096
#define SHAPE_OUTPUTS_MIN 3 /* fewer are plain, which is most of the chain */
#define SHAPE_UNKNOWN UINT64_MAX

struct shape_coin {
    uint64_t value;  /* SHAPE_UNKNOWN */
    uint64_t script; /* equal for equal scripts, e.g. a ledger's script id; SHAPE_UNKNOWN: class
                        says nothing either */
    enum script_class class;
    bool coordinator; /* pays a fixed script of Wasabi's first coordinator */
};

struct tx_shape {
    uint32_t height; /* HEIGHT_UNKNOWN */
    const struct shape_coin *inputs, *outputs;
    size_t inputs_n, outputs_n;
};

enum shape_kind {
    SHAPE_PLAIN, /* none of those below */
    SHAPE_WASABI1,
    SHAPE_WASABI2,
    SHAPE_WHIRLPOOL,
    SHAPE_WHIRLPOOL_TX0, /* not a CoinJoin: one owner makes coins of a Whirlpool pool's size */
    SHAPE_JOINMARKET,
};

struct shape_finding {
    enum shape_kind kind;
    uint64_t denomination; /* of the equal outputs: the most frequent value; of a tx0: the pool's */
    size_t equal_n;        /* outputs of that value; of a tx0: coins made for the pool */
    size_t participants_n; /* at least so many take part; 0: the shape does not tell (Wasabi 2) */
    bool inputs_known;     /* every input's value and script was known */
};

struct shape_scratch {
    struct keyed at[SHAPE_COINS_MAX], spare[SHAPE_COINS_MAX];
};

const char *shape_kind_name(enum shape_kind kind); /* "plain", "wasabi1", ... "whirlpool-tx0" */
bool shape_is_coinjoin(enum shape_kind kind);

/* script: what equal scripts have in common; bytes may be borrowed for the call only. */
struct shape_coin shape_coin_of(uint64_t value, struct bytes script, uint64_t id);
struct shape_coin
shape_coin_unknown(uint64_t value); /* SHAPE_UNKNOWN, or a value without its script */

struct shape_finding shape_find(struct shape_scratch *scratch, const struct tx_shape *tx);

#endif
