/* Look-alikes: addresses made to be taken for one that a trace came through, by their first and
 * last digits, which is what people compare. Whoever makes one sends nothing, or a worthless token
 * of a known name, from or to the account, so that it stands in its list. Such transfers carry no
 * taint, for they are of another asset or of nothing; here they are only told.
 *
 * Looked at are the counterparties of the accounts that value came through. Like is what shares the
 * first and the last digits of an address (struct look_rule; 0x and the T of Tron are none, and a
 * capital letter of hex is as the small one). By the default, 3 and 4, two of 268 million addresses
 * of hex are alike by chance. Of an account that is like several the first that value came through,
 * in the order of the ledger's accounts, is named; one that value came through is never told.
 *
 * Errors:    ERR_NOMEM, ERR_LIMIT (the arena's). No more than LOOK_EVENTS_MAX events are looked at.
 * Order:     by account, then holding and event.
 * Threads:   safe. */
#ifndef CORDON_TRACE_LOOK_ALIKES_H
#define CORDON_TRACE_LOOK_ALIKES_H

#include "ledger/account_ledger.h"
#include "trace/account.h"
#include "trace/case.h"

#define LOOK_EVENTS_MAX ((uint64_t)1 << 20)
#define LOOK_ALIKES_MAX 4096

struct look_alike {
    uint64_t account, like; /* like: the one that value came through */
    uint64_t transfer;      /* the first found with it */
};

bool look_alikes_find(struct arena *a, const struct account_ledger *l,
                      const struct accounts *accounts, const struct account_trace *t,
                      struct look_rule rule, const struct look_alike **ret, size_t *ret_n,
                      struct err *err) MUST_USE;

/* The accounts that a trace's value came through, ascending, each once; also asked by others that
 * look around it. */
bool look_accounts_of(struct arena *a, const struct accounts *accounts,
                      const struct account_trace *t, const uint64_t **ret, size_t *ret_n,
                      struct err *err) MUST_USE;
/* The holdings of an account that are in the snapshot, the newest first: *h is the last of the
 * whole ledger at the start (account_ledger_holding_last). false: no more. */
bool look_next_holding(const struct account_ledger *l, const struct accounts *accounts, uint64_t *h,
                       uint64_t *ret);

#endif
