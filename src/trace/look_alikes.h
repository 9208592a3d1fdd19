/* Look-alikes: addresses made to be taken for one that a trace came through, by their first and
 * last digits, which is what people compare. Whoever makes one sends nothing, or a worthless token
 * of a known name, from or to the account, so that it stands in its list. Such transfers carry no
 * taint, for they are of another asset or of nothing; here they are only told.
 *
 * Looked at are the counterparties of the accounts that value came through. Like is what shares the
 * first LOOK_HEAD and the last LOOK_TAIL digits: two of 268 million do by chance.
 *
 * Errors:    ERR_NOMEM, ERR_LIMIT (the arena's). No more than LOOK_EVENTS_MAX events are looked at.
 * Order:     by account, then holding and event. */
#ifndef CORDON_TRACE_LOOK_ALIKES_H
#define CORDON_TRACE_LOOK_ALIKES_H

#include "ledger/account_ledger.h"
#include "trace/account.h"

#define LOOK_HEAD 3
#define LOOK_TAIL 4
#define LOOK_EVENTS_MAX ((uint64_t)1 << 20)
#define LOOK_ALIKES_MAX 4096

struct look_alike {
    uint64_t account, like; /* like: the one that value came through */
    uint64_t transfer;      /* the first found with it */
};

bool look_alikes_find(struct arena *a, const struct account_ledger *l,
                      const struct accounts *accounts, const struct account_trace *t,
                      const struct look_alike **ret, size_t *ret_n, struct err *err) MUST_USE;

#endif
