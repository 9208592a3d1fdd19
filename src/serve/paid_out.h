/* Was the account that a deposit was paid to paid out since? Then there is nothing to hold.
 *
 * What is known is what the member has registered (POST /v1/transfers, outbound): that nine tenths
 * of what the deposit had, or more (the rest may be fees), have left the account since, in
 * transactions that are on the chain. At a bank the book itself says it: what the account has paid
 * to others since the deposit came.
 *
 * Ownership: the store is the caller's.
 * Errors:    those of the store.
 * Threads:   of the store. */
#ifndef CORDON_SERVE_PAID_OUT_H
#define CORDON_SERVE_PAID_OUT_H

#include "serve/live_ledgers.h"
#include "serve/watch_alerts.h"
#include "store/store.h"

/* Among the newest of the registered transfers, so that a look has an end. */
#define TRANSFER_RECENT                                                                            \
    "(SELECT direction, tx, address, account, asset, amount, chain FROM transfer ORDER BY id "     \
    "DESC LIMIT 100000)"
#define PAID_OUT_EVENTS_MAX 100000u /* of a bank's account that are looked at */

/* Fills at->paid_out, and at->paid where it is. */
bool paid_out(struct store *s, const struct live_ledgers_one *one, struct watch_alert *at,
              struct err *err) MUST_USE;

#endif
