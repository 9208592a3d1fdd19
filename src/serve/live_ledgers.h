/* The ledgers that a node answers from, opened anew when they have grown.
 *
 * A reader takes a view: all ledgers as they were at one time. Taking one waits for nobody, and a
 * view holds until it is let go, whatever is opened meanwhile; the last to let go of it closes it.
 * A writer that must undo blocks waits for its readers (ledger_awaited): then that ledger is let
 * go, is in no view, and is opened again when the undo is done.
 *
 * Errors:    live_ledgers_open: those of ledger_open; a place named outright must hold a ledger.
 * Threads:   any number; renewals go one after another. */
#ifndef CORDON_SERVE_LIVE_LEDGERS_H
#define CORDON_SERVE_LIVE_LEDGERS_H

#include "ledger/account_ledger.h"
#include "ledger/ledger.h"

#define LIVE_LEDGERS_MAX 64

struct live_ledgers;
struct live_ledgers_view;

struct live_ledgers_one { /* one of coins and accounts is not NULL */
    struct ledger *coins;
    struct account_ledger *accounts;
    const struct chain *chain;
};

struct live_ledgers_tip { /* of the last block */
    bool any;
    uint32_t height; /* HEIGHT_UNKNOWN */
    uint64_t time;   /* seconds since 1970 */
};

bool live_ledgers_open(const char *const *dirs, size_t dirs_n, struct live_ledgers **ret,
                       struct err *err) MUST_USE;
struct live_ledgers *live_ledgers_close(struct live_ledgers *l); /* no view may be out */

struct live_ledgers_view *live_ledgers_take(struct live_ledgers *l);
void live_ledgers_drop(struct live_ledgers *l, struct live_ledgers_view *v);
size_t live_ledgers_n(const struct live_ledgers_view *v);
/* Of those that were asked for, how many are let go for an undo. */
size_t live_ledgers_away(const struct live_ledgers_view *v);
struct live_ledgers_one live_ledgers_at(const struct live_ledgers_view *v, size_t i);
/* By the chain's name, short or CAIP-2; false: there is none. */
bool live_ledgers_find(const struct live_ledgers_view *v, const char *chain,
                       struct live_ledgers_one *ret);
struct live_ledgers_tip live_ledgers_tip(const struct live_ledgers_one *one);

/* Opens those whose head has changed since, lets go of those that an undo waits for, and puts a new
 * view in place of the old; *ret_changed how many. False: one cannot be opened, which stays as it
 * was, and err says why. */
bool live_ledgers_renew(struct live_ledgers *l, size_t *ret_changed, struct err *err) MUST_USE;

#endif
