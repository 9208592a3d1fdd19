/* Origins and stops as a ledger of accounts knows them: names become ids.
 *
 * Ownership: all in the arena; the ledger is borrowed.
 * Errors:    ERR_INPUT what is written is not of this ledger's chain, ERR_NOT_FOUND it is not in
 *            the ledger, both naming origins[i] or the stop; ERR_LIMIT, ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_TRACE_ACCOUNT_ORIGINS_H
#define CORDON_TRACE_ACCOUNT_ORIGINS_H

#include "ledger/account_ledger.h"
#include "trace/account.h"
#include "trace/case.h"

#define ACCOUNT_ORIGINS_MAX ((size_t)1 << 24)

/* Origins -> transfers of this ledger within the snapshot accounts, ascending, each once, whole,
 * with the grade of their blocks. An address is the taker's: every transfer to it, of each asset or
 * of the one given, at or after from_height or from_time. A transaction stands for its transfers
 * but the fee. ORIGIN_BEYOND: what an account spends above its recorded balance; taint is that
 * part. */
bool account_origins_resolve(struct arena *a, const struct account_ledger *l,
                             const struct accounts *accounts, const struct case_origin *origins,
                             size_t n, struct account_origin **ret, size_t *ret_n,
                             struct err *err) MUST_USE;

/* The same, one by one: account_origins_add may fail with ERR_NOT_FOUND and go on, for what another
 * ledger has; it names no origins[i]. account_origins_sort makes at[] ascend, each once. */
struct account_origins {
    struct arena *a;
    const struct account_ledger *ledger;
    const struct accounts *accounts;
    struct account_origin *at;
    size_t n, room;
};
bool account_origins_add(struct account_origins *f, const struct case_origin *o,
                         struct err *err) MUST_USE;
void account_origins_sort(struct account_origins *f);

/* Stops ready to be asked by the engine: account_stop_set_of(set, account) gives the stop's place
 * in stops, which stays borrowed. Addresses not in the ledger and stops of another chain count for
 * the hash only. Of two stops with one address the canonical order's first is named. The zero
 * address is STOP_BURNED where no stop names it. A stop at a token account, as accounts know it, is
 * one at its owner, too, after those that name him. */
struct account_stop_set;
bool account_stop_set_new(struct arena *a, const struct account_ledger *l,
                          const struct accounts *accounts, const struct trace_stop *stops, size_t n,
                          struct account_stop_set **ret, struct err *err) MUST_USE;
int32_t account_stop_set_of(void *set, uint64_t account);
uint64_t account_zero_address(const struct account_ledger *l); /* ACCOUNTS_NONE: it has none */

#endif
