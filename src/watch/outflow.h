/* What leaves a member's own wallets: transactions that spend what was paid to a hot or cold wallet
 * (watch/own.h) and pay somebody else. Change and what goes to another own address is not told.
 *
 * Ownership: what is told is good for the call.
 * Errors:    ERR_NOMEM.
 * Threads:   one ledger and one set may serve many. */
#ifndef CORDON_WATCH_OUTFLOW_H
#define CORDON_WATCH_OUTFLOW_H

#include "ledger/ledger.h"
#include "watch/own.h"

struct outflow_payment {
    uint32_t vout;
    uint64_t amount;
    char address[ADDRESS_BYTES_MAX]; /* "": it has none */
};

struct outflow {
    const struct chain *chain;
    struct hash32 txid;
    uint32_t height;
    const struct outflow_payment *payments; /* [payments_n] to others */
    size_t payments_n;
    uint64_t sum;
};
typedef void outflow_fn(void *ctx, const struct outflow *o);

/* Of the ledger's blocks from one on, up to but without another. */
bool outflows_find(const struct ledger *l, const struct own_set *own, uint32_t from, uint32_t to,
                   outflow_fn *f, void *ctx, struct err *err) MUST_USE;

#endif
