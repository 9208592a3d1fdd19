/* Does a live case reach what leads name? Asked of cases that were told to all of the group, and of
 * no other: an answer, and how long it takes, say nothing about the rest.
 *
 * The cases are followed over the chain's ledger from its beginning (watch/coins.h), with the
 * targets in the place of own addresses, for many leads at once. The ledger is let go of between
 * pieces, so that an undo waits for one of them at most.
 *
 * Ownership: borrowed for the call.
 * Errors:    ERR_NOMEM; ERR_CORRUPT from the ledger.
 * Threads:   any number. */
#ifndef CORDON_SERVE_LEAD_JUDGE_H
#define CORDON_SERVE_LEAD_JUDGE_H

#include "serve/lead_store.h"
#include "serve/live_group.h"
#include "serve/live_ledgers.h"

#include <stdatomic.h>

#define LEAD_JUDGED_MAX 1000 /* at once */

struct lead_verdict {
    bool known;                    /* the chain's ledger is here */
    char reached[OBJECT_NAME_MAX]; /* by which case; "": by none */
};

/* Of leads of one chain. ending: it may end early, and then fails. */
bool lead_judge(struct live_ledgers *ledgers, struct live_group *g, const struct lead *leads,
                size_t n, const atomic_bool *ending, struct lead_verdict *ret,
                struct err *err) MUST_USE;

#endif
