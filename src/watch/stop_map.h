/* Stops by the keys of their addresses, for cases that go on while a ledger grows: an address that
 * is in no block yet is a stop from its first on. What stop_set_of and account_stop_set_of
 * (trace/run.h, trace/account_run.h) answer for a ledger as it stands.
 *
 * Ownership: stops are borrowed for the call.
 * Errors:    ERR_INPUT a stop's address, ERR_LIMIT, ERR_NOMEM. Threads: one owner. */
#ifndef CORDON_WATCH_STOP_MAP_H
#define CORDON_WATCH_STOP_MAP_H

#include "ledger/account_ledger.h"
#include "ledger/ledger.h"
#include "trace/case.h"

struct stop_map;

/* Those of other chains are left out. Of two with one address the canonical order's first is
 * meant. */
bool stop_map_new(const struct chain *chain, const struct trace_stop *stops, size_t n,
                  struct stop_map **ret, struct err *err) MUST_USE;
struct stop_map *stop_map_free(struct stop_map *m); /* takes NULL, returns NULL */

/* The number of the stop that an output is at; -1. */
int32_t stop_map_output(const struct stop_map *m, const struct ledger *l, uint64_t output);
/* As account_case's stop_of. */
int32_t stop_map_account(const struct stop_map *m, const struct account_ledger *l,
                         uint64_t account);

/* Who owns the token accounts that are stops, as the ledger has it now; before the first question
 * about accounts, and again where stop_map_moved says so. */
bool stop_map_owners(struct stop_map *m, const struct account_ledger *l,
                     const struct accounts *accounts, struct err *err) MUST_USE;
/* Do accounts from accounts_n on, or what transfers from transfers_n on note, make a stop of an
 * account that was none before? */
bool stop_map_moved(const struct stop_map *m, const struct account_ledger *l,
                    const struct accounts *accounts, uint64_t accounts_n, uint64_t transfers_n);

#endif
