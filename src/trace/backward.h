/* Where an output's value came from: the trace read backwards, from targets to every output that
 * contributed.
 *
 *     fifo, lifo  the same cut as forward, turned round: each unit goes back the way it came
 *     haircut     what is wanted of a transaction's outputs comes from its inputs in proportion to
 *                 their value, whole units by largest remainder, ties to the lower index
 *     poison      every ancestor, whole; not conserved
 *     tiho        has no inverse: ERR_USAGE
 *
 * The way back ends at coinbases, at outputs outside the ledger, at shielded pools (what comes out
 * of one is everybody's who has put in), at the hop limit (cut), and, under conserving policies, at
 * a transaction with an input of unknown value (unresolved). Targets are whole; one that is
 * another's ancestor too is counted once. Outputs of value 0 contribute nothing.
 *
 * Units, ownership, errors and threads as in trace/trace.h; ERR_USAGE also for tiho. */
#ifndef CORDON_TRACE_BACKWARD_H
#define CORDON_TRACE_BACKWARD_H

#include "base/text.h"
#include "ledger/ledger.h"
#include "trace/trace.h"

struct trace_target {
    const uint64_t *outputs; /* [outputs_n] ids, ascending, each once */
    size_t outputs_n;
    enum trace_policy policy;
    uint32_t hops_max;  /* TRACE_HOPS_NONE: no limit */
    size_t sources_max; /* 0: TRACE_REACHED_MAX */
    /* Is an output a pool's, and does an input come out of one? NULL: there are none. */
    bool (*pool_output)(void *ctx, uint64_t output);
    bool (*pool_input)(void *ctx, uint64_t input);
    void *pool_ctx;
};

enum trace_source_end {
    SOURCE_GOES_ON,    /* its transaction's inputs are sources too */
    SOURCE_COINBASE,   /* newly made */
    SOURCE_POOL,       /* it is a shielded pool's */
    SOURCE_CUT,        /* the hop limit */
    SOURCE_UNRESOLVED, /* its transaction has an input of unknown value */
};

struct trace_source {
    /* amount: what it contributed to the targets; for a target its value */
    uint64_t output, amount;
    uint32_t hop; /* 0: a target; else 1 + the least hop among what its spender made */
    /* the transaction through which it contributed; of a target COINS_TX_NONE */
    uint32_t spent_by;
    enum trace_source_end end;
};

struct trace_outside { /* a source that is not in the ledger, or what came out of a pool */
    /* id of the input that spends it; under poison its value, 0 if unknown */
    uint64_t input, amount;
    uint32_t tx, hop; /* the transaction of that input */
};

struct trace_sources {
    struct trace_source *sources; /* [sources_n] ascending by output, targets included */
    size_t sources_n;
    struct trace_outside *outside; /* [outside_n] ascending by input */
    size_t outside_n;
    struct {
        /* all but poison: the first is the sum of the others */
        uint64_t target, coinbase, outside, pool, cut, unresolved;
    } totals;
    bool exact; /* as of a trace */
};

bool trace_backward(struct arena *a, const struct coins *coins, const struct trace_target *target,
                    struct trace_sources *ret, struct err *err) MUST_USE;
/* NULL: goes on; "coinbase", "pool", "cut", "unresolved" */
const char *trace_source_end_name(enum trace_source_end end);

#define SOURCE_SCHEMA "cordon.source/1"

struct source_doc { /* what its writer wants to know; everything borrowed */
    const struct ledger *ledger;
    struct coins coins; /* as of until */
    uint32_t blocks_n;  /* as of until */
    enum trace_policy policy;
    uint32_t hops_max;
    const struct trace_sources *sources;
};

/* docs/schemas/source.json. Returns when all is in to; the caller asks text_end. */
void trace_source_write_json(struct text *to, const struct source_doc *d);

#endif
