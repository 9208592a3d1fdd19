/* Patterns in a trace: recorded, not scored. What each means and how well it is found:
 * docs/patterns.md.
 *
 * Looked at are the transactions of the trace: those that spend a reached output without a stop and
 * have a reached output themselves. Time and memory are linear in them and their inputs and
 * outputs, but for one sort. The CoinJoin rules know when each protocol was in use on Bitcoin's
 * main chain; on other chains heights are not asked.
 *
 * Ownership: in the arena.
 * Order:     by first transaction, then kind.
 * Threads:   safe.
 * Errors:    ERR_NOMEM; ERR_LIMIT the arena's limit. */
#ifndef CORDON_TRACE_PATTERNS_H
#define CORDON_TRACE_PATTERNS_H

#include "ledger/ledger.h"
#include "trace/trace.h"

#define PEEL_CHAIN_MIN 3 /* transactions: two in a row is any payment from change */
#define FAN_OUT_MIN 10   /* tainted outputs of one transaction */
#define FAN_IN_MIN 10    /* tainted inputs of one transaction */

enum pattern_kind {
    PATTERN_PEEL_CHAIN,
    PATTERN_COINJOIN, /* which kind: coinjoin */
    PATTERN_FAN_OUT,
    PATTERN_FAN_IN,
};

struct pattern {
    enum pattern_kind kind;
    const char *coinjoin; /* "wasabi1", "wasabi2", "whirlpool", "joinmarket"; NULL for others */
    const uint32_t *txs;  /* [txs_n] the transactions it is made of, in order */
    size_t txs_n;
    const uint64_t *peeled; /* peel chain: [txs_n] the output peeled off at each step; else NULL */
    uint64_t outputs_n, inputs_n; /* fan-out, fan-in: tainted ones; CoinJoin: all; peel chain: 0 */
};

const char *
pattern_kind_name(enum pattern_kind kind); /* "peel-chain", "coinjoin", "fan-out", "fan-in" */
/* ledger NULL: scripts are not known, and no CoinJoin is found. */
bool patterns_find(struct arena *a, const struct ledger *l, const struct coins *coins,
                   const struct trace *t, const struct pattern **ret, size_t *ret_n,
                   struct err *err) MUST_USE;

#endif
