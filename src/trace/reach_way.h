/* By which way what a case has reached came there: move by move back to an origin, each time by the
 * one that brought most of those that are a hop nearer.
 *
 * A case that came from another ledger has its way from there on.
 *
 * Threads: as the ledger's readers, and those who ask the reach. */
#ifndef CORDON_TRACE_REACH_WAY_H
#define CORDON_TRACE_REACH_WAY_H

#include "trace/ledgers_run.h"
#include "trace/reach.h"

#define REACH_WAY_MAX 256 /* hops; nothing is told of a longer way */

/* Transactions of coins, transfers of accounts, the last of which made the move: at most max, the
 * last ones; how many. */
size_t reach_way(const struct trace_ledger *at, const struct reach *r, uint64_t move, uint64_t *ret,
                 size_t max);

#endif
