/* A ledger of accounts, watched: as watch/coins.h, for chains with accounts. Cases go on with each
 * new block (trace/account_live.h).
 *
 * What an account case goes on by within a transaction (swaps, wraps, loans) is followed; where a
 * transaction of it says that value goes on elsewhere by a bridge or a router, what has come may
 * change with a later block of any ledger. Such a case, and one that asserts conversions, is traced
 * anew with each turn that has blocks, over this ledger (WATCH_FOLLOWED, and traces grow).
 *
 * A case is followed within this ledger; one that names other chains besides is refused, or, like
 * those that are traced anew, left to watch/crossing.h.
 *
 * Ownership, errors, threads: as watch/coins.h. */
#ifndef CORDON_WATCH_ACCOUNTS_H
#define CORDON_WATCH_ACCOUNTS_H

#include "ledger/account_ledger.h"
#include "trace/account_live.h"
#include "watch/coins.h"
#include "watch/found.h"

#define WATCH_TRACE_BYTES_MAX ((size_t)8 << 30) /* of one trace anew */

struct watch_accounts;

/* limits.reached_max: of the transfers that carry value of a case. */
bool watch_accounts_new(const struct chain *chain, struct watch_limits limits,
                        struct watch_accounts **ret, struct err *err) MUST_USE;
struct watch_accounts *watch_accounts_free(struct watch_accounts *w);

bool watch_accounts_case(struct watch_accounts *w, const char *id, struct bytes text,
                         struct err *err) MUST_USE;
void watch_accounts_drop(struct watch_accounts *w, const char *id);
void watch_accounts_keep(struct watch_accounts *w, bool (*keep)(void *ctx, const char *id),
                         void *ctx);
void watch_accounts_own(struct watch_accounts *w, struct own_set *own);
/* As watch_coins_services: script is an account's key. What an account that is a service has spent
 * of a case, but for the case's origins, came past it, and what is spent from there on. */
void watch_accounts_services(struct watch_accounts *w, watch_service_fn *f, void *ctx);
/* As watch_coins_reach. */
void watch_accounts_reach(struct watch_accounts *w, const struct watch_reach *to);
/* From now on cases that go to other ledgers are not traced here (WATCH_CROSSES): who they are is
 * told to each. */
void watch_accounts_crossing(struct watch_accounts *w);
void watch_accounts_crossers(const struct watch_accounts *w,
                             void (*each)(void *ctx, const char *id), void *ctx);
bool watch_accounts_turn(struct watch_accounts *w, const struct account_ledger *l,
                         uint32_t blocks_max, watch_found_fn *found, void *ctx,
                         struct err *err) MUST_USE;

struct watch_accounts_held {
    const char *case_id; /* as the watcher was given it; until the next call that changes cases */
    struct u256 taint;
};
/* Which cases hold value at a holding of the ledger, as of the last turn, up to max; how many. Not
 * those that are traced anew. */
size_t watch_accounts_tainted(const struct watch_accounts *w, uint64_t holding,
                              struct watch_accounts_held *ret, size_t max);

struct watch_counts watch_accounts_counts(const struct watch_accounts *w);
/* ret_traces: how often it was traced from its origins on. */
bool watch_accounts_state(const struct watch_accounts *w, const char *id, enum watch_state *ret,
                          const char **ret_text, size_t *ret_traces);

#endif
