/* Patterns in a trace: recorded, not scored. What each means and how well it is found: docs/patterns.md.
 *
 * Ownership: in the arena. Order: by first transaction, then kind. Threads: safe. */
#ifndef CORDON_TRACE_PATTERNS_H
#define CORDON_TRACE_PATTERNS_H

#include "ledger/ledger.h"
#include "trace/trace.h"

enum pattern_kind {
    PATTERN_PEEL_CHAIN,
    PATTERN_COINJOIN, /* which kind: coinjoin */
    PATTERN_FAN_OUT,
    PATTERN_FAN_IN,
};

struct pattern {
    enum pattern_kind kind;
    const char *coinjoin;       /* "wasabi1", "wasabi2", "whirlpool", "joinmarket"; NULL for others */
    const uint32_t *txs;        /* [txs_n] the transactions it is made of, in order */
    size_t txs_n;
    const uint64_t *peeled;     /* peel chain: [txs_n] the output peeled off at each step; else NULL */
    uint64_t outputs_n, inputs_n; /* fan-out, fan-in, CoinJoin: how many */
};

const char *pattern_kind_name(enum pattern_kind kind); /* "peel-chain", "coinjoin", "fan-out", "fan-in" */
bool patterns_find(struct arena *a, const struct ledger *l, const struct coins *coins, const struct trace *t,
                   const struct pattern **ret, size_t *ret_n, struct err *err) MUST_USE;

#endif
