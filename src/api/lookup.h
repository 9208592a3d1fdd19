/* Questions to a ledger in the words of a person, and what is worth knowing about the answer.
 *
 * Ownership: what is returned by value is a copy; the ledger is borrowed.
 * Errors:    ERR_USAGE what was typed is no such thing, ERR_NOT_FOUND it is not in the ledger.
 * Threads:   one ledger may serve many. */
#ifndef CORDON_API_LOOKUP_H
#define CORDON_API_LOOKUP_H

#include "chain/facts.h"
#include "ledger/ledger.h"

bool lookup_block(const struct ledger *l, const char *height_or_hash, uint32_t *ret,
                  struct err *err) MUST_USE;
bool lookup_tx(const struct ledger *l, const char *txid, uint32_t *ret, struct err *err) MUST_USE;

struct lookup_spent { /* what an input spends, as far as the ledger knows */
    struct hash32 txid;
    uint32_t vout;
    uint64_t value;  /* UINT64_MAX: unknown */
    uint32_t script; /* SCRIPT_NONE: unknown */
    bool inside;     /* the output is in the ledger */
    /* "pool:sapling": it came out of there, and txid and vout say nothing; NULL: an output */
    const char *pool;
};

struct lookup_spent lookup_spent(const struct ledger *l, uint64_t input);
/* Inputs less outputs; false for a coinbase, or where the value of an input is not known. */
bool lookup_fee(const struct ledger *l, uint32_t tx, uint64_t *ret);

struct lookup_output {
    struct hash32 txid, spent_by;
    uint32_t vout, tx, spender; /* COINS_TX_NONE: unspent */
    uint64_t value;
    struct ledger_block block;
};

struct lookup_output lookup_output(const struct ledger *l, uint64_t output);

/* The outputs of an address, newest first, and their sums so far. */
struct lookup_address {
    const struct ledger *ledger;
    uint64_t head[LEDGER_TWINS_MAX]; /* the newest not yet taken of each script that the address
                                        stands for */
    size_t scripts_n;
    uint64_t outputs_n, received, spent;
    uint32_t tx_first, tx_last; /* COINS_TX_NONE: never seen */
};

/* An address that was never seen has no outputs: that is an answer. ERR_INPUT: it is no address of
 * this chain. */
bool lookup_address(const struct ledger *l, const char *address, struct lookup_address *ret,
                    struct err *err) MUST_USE;
/* *ret_more false: that was all, and ret is not filled. */
bool lookup_address_next(struct lookup_address *w, struct lookup_output *ret, bool *ret_more,
                         struct err *err) MUST_USE;

#endif
