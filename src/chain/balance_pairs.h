/* Who paid whom, where a chain tells only balances before and after: one rule for all of them.
 *
 * Of each asset, payers and payees of equal amounts are paired first, then payers in their order
 * pay payees in theirs; their order is that in which they were first named. What is left has no
 * other side: a payer's goes to whom his change names (gone_to), a payee's comes from whom it names
 * (come_from), and the empty key is nobody. A pair is sure where all payers, or all payees, of the
 * asset are one: then there is nothing to guess.
 *
 * Ownership: keys are borrowed.
 * Errors:    ERR_NOMEM; ERR_LIMIT a sum past 2^256 - 1; what put says.
 * Threads:   one caller. */
#ifndef CORDON_CHAIN_BALANCE_PAIRS_H
#define CORDON_CHAIN_BALANCE_PAIRS_H

#include "base/err.h"
#include "base/u256.h"

struct balance_change {
    struct bytes holder, asset;
    struct u256 more, less; /* after balance_pairs both are 0 */
    struct bytes gone_to, come_from;
};

struct balance_changes { /* zeroed at first; cleared by n = 0 */
    struct balance_change *at;
    size_t n, size;
};

/* amount more, or less, is held. What one holder has of one asset is one change. NULL: err is
 * set. */
struct balance_change *balance_change(struct balance_changes *c, struct bytes holder,
                                      struct bytes asset, struct u256 amount, bool less,
                                      struct err *err);

struct balance_pair {
    struct bytes from, to, asset; /* from, to empty: nobody */
    struct u256 amount;
    bool sure;
};
typedef bool balance_pair_fn(void *ctx, const struct balance_pair *p, struct err *err);

bool balance_pairs(struct balance_changes *c, balance_pair_fn *put, void *ctx,
                   struct err *err) MUST_USE;

#endif
