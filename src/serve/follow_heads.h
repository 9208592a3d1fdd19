/* A node says by WebSocket that it has a new block: one of an EVM chain (newHeads), of Solana
 * (slotSubscribe), a server of the XRP Ledger (its stream "ledger").
 *
 * What it says only wakes: blocks come by the way that checks them, so no message of them is read.
 * Where it is asked for, an EVM chain's node also tells transactions that are in no block yet
 * (newPendingTransactions, whole; where it does not know that, their hashes, and each is asked
 * for); one that refuses both tells blocks alone. The connection is made again after a pause that
 * doubles; without one the chain is polled.
 *
 * Ownership: url and ctx are borrowed until the end.
 * Errors:    ERR_SYSTEM no thread; ERR_NOMEM.
 * Threads:   calls come from a thread of its own. */
#ifndef CORDON_SERVE_FOLLOW_HEADS_H
#define CORDON_SERVE_FOLLOW_HEADS_H

#include "base/bytes.h"
#include "base/err.h"

#include <stdint.h>

#define FOLLOW_HEADS_PAUSE_MS 500u
#define FOLLOW_HEADS_PAUSE_MS_MAX 30000u

struct follow_heads;

struct follow_heads_calls {
    const char *news; /* what it is told, so that it says so; borrowed */
    void (*block)(void *ctx);
    /* A transaction's object as JSON, which nobody has looked at. NULL: they are not asked for */
    void (*pending)(void *ctx, struct bytes json);
    void (*failed)(void *ctx, const struct err *err); /* once, until it worked again */
    void *ctx;
};

bool follow_heads_open(const char *url, struct follow_heads_calls calls, struct follow_heads **ret,
                       struct err *err) MUST_USE;
struct follow_heads *follow_heads_close(struct follow_heads *h);

#endif
