/* Follow taint forward over coins: from outputs somebody has marked to every output they have
 * reached.
 *
 * Rules: "cordon.taint/1", docs/taint.md. Value is a run of base units; taint is never above value.
 *
 *     fifo     inputs in order form a line; outputs in order take from its front, the fee gets
 *              what is left
 *     lifo     outputs in order take from the back, keeping what they took in the order in which
 *              they took it; the fee gets what is left
 *     haircut  each output its share of the tainted total by value, by largest remainder, ties to
 *              the lower index, the fee last
 *     tiho     the tainted total fills outputs from the largest down, ties to the lower index,
 *              then the fee
 *     poison   any tainted input taints every output whole; not conserved
 *
 * Coinbases are clean: taint ends at fees. Conserving policies end at a transaction with an input
 * of unknown value (unresolved). Origins are whole outputs, but for those with a mark
 * (trace/routes), of which the first units are tainted, and what flows in besides: of what comes by
 * amount alone, no unit is taken for one that was marked while there are others. An output of value
 * 0 carries nothing but is still listed if it is one. An origin is followed even at a stop and
 * below the dust limit. Under poison totals.fees counts the whole fee of every tainted transaction
 * whose inputs are all known.
 *
 * Order of decisions for an output that got taint: origin (marked whole, hop 0), stop (ends in
 * exits), dust (taint below limit: counted in totals.dust, not listed), else followed. A
 * transaction whose least tainted input hop is hops_max is not followed: what comes in is cut
 * (asked first, so also where an input is unknown).
 *
 * Units:     base units; hops count transactions from the origin.
 * Ownership: the result lives in the arena; coins and origins are borrowed for the call only.
 * Errors:    ERR_LIMIT more than reached_max outputs, or taint in too many pieces; ERR_NOMEM;
 *            ERR_CORRUPT the columns contradict themselves (text names the transaction's id);
 *            ERR_USAGE an origin out of range. The call fails as a whole, whichever case it was.
 * Order:     reached[] and unresolved[] ascend: same input, same bytes out. A case's result is the
 *            same alone or with others.
 * Threads:   one coins may serve many traces at once. */
#ifndef CORDON_TRACE_TRACE_H
#define CORDON_TRACE_TRACE_H

#include "base/arena.h"
#include "base/err.h"
#include "ledger/coins.h"

#define TRACE_RULES "cordon.taint/1"
#define TRACE_HOPS_NONE UINT32_MAX
#define TRACE_REACHED_MAX ((size_t)1 << 28)
#define TRACE_CASES_MAX ((size_t)1 << 20)
/* Fifo and lifo, a case: runs of taint kept at one time, and runs written in all, so that value cut
 * into ever more pieces costs neither memory nor time without end. */
#define TRACE_RUNS_MAX ((uint64_t)1 << 26)
#define TRACE_RUNS_MOVED_MAX ((uint64_t)1 << 34)

/* The last is a rule of accounts alone: over coins it is ERR_USAGE. */
enum trace_policy { TRACE_FIFO, TRACE_LIFO, TRACE_HAIRCUT, TRACE_TIHO, TRACE_POISON, TRACE_LIBR };

const char *trace_policy_name(enum trace_policy policy);
bool trace_policy_from_name(const char *name, enum trace_policy *ret);

struct trace_mark { /* of an origin: its first units, up to taint */
    uint64_t taint; /* at most the output's value */
    uint32_t hop;   /* 0; of an arrival, 1 + that of what it goes on from */
    /* by a route from elsewhere: counts as converted_in, and ends at a stop like what is reached */
    bool arrival;
};

struct trace_case {
    const uint64_t *origins; /* [origins_n] output ids, ascending, each once */
    size_t origins_n;
    const struct trace_mark *marks; /* [origins_n], or NULL: each is an origin, and whole */
    enum trace_policy policy;
    uint64_t dust;      /* taint below this is not followed; 0 or 1: none is dropped */
    uint32_t hops_max;  /* TRACE_HOPS_NONE: no limit */
    size_t reached_max; /* 0: TRACE_REACHED_MAX */
    /* What would be reached past reached_max, origins that came before among them, is cut, in the
     * order of the ledger, and the result full; else it is an error. */
    bool reached_cut;
    bool units; /* fifo and lifo: tell which units of what is held are tainted */
    /* Is this output at a stop? -1, or the stop's number, which comes back in reached[].stop. NULL:
     * no stops. */
    int32_t (*stop_of)(void *ctx, uint64_t output);
    void *stop_ctx;
};

struct trace_reached {
    uint64_t output, taint;
    uint32_t hop, spent_by; /* spent_by: transaction id, or COINS_TX_NONE */
    int32_t stop;           /* -1: none */
    bool origin;
};

/* Units [start, end) of a held output of which not all are tainted: two cases of one policy count
 * alike, so that what both have can be seen. */
struct trace_units {
    uint64_t output, start, end;
};

struct trace_unresolved {
    uint32_t tx;
    uint64_t taint; /* what came in */
};

/* all but poison: origin + converted_in = held + exits + cut + fees + dust + unresolved, asserted
 * at run time */
struct trace_totals {
    uint64_t origin, converted_in; /* newly marked value only */
    uint64_t held, exits, cut, fees, dust, unresolved;
};

struct trace {
    struct trace_reached *reached; /* [reached_n] ascending by output */
    size_t reached_n;
    struct trace_unresolved *unresolved; /* [unresolved_n] ascending by tx */
    size_t unresolved_n;
    struct trace_units *units; /* [units_n] ascending; of a case that asked for them */
    size_t units_n;
    struct trace_totals totals;
    bool full; /* reached_cut was needed */
    /* false: something ended unresolved, or (poison) passed an input of unknown value */
    bool exact;
};

/* Several cases in one pass over the tainted part; ret[cases_n]. */
bool trace_forward(struct arena *a, const struct coins *coins, const struct trace_case *cases,
                   size_t cases_n, struct trace *ret, struct err *err) MUST_USE;

#endif
