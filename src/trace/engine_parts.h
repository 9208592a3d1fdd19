/* What the two drivers of forward traces share: trace_forward over a ledger as it stands
 * (trace/trace.h), and live traces, which go on with each block (trace/live.h). There is one step,
 * a transaction with its tainted inputs, and one loop over the queue (engine.c).
 *
 * What differs is where an output waits that nobody has spent: nowhere in trace_forward, since what
 * is not spent then never will be; in a live trace in the table `held`, from which an input of a
 * later block takes it to the queue.
 *
 * Errors:    those of trace.h.
 * Threads:   an engine belongs to one. */
#ifndef CORDON_TRACE_ENGINE_PARTS_H
#define CORDON_TRACE_ENGINE_PARTS_H

#include "trace/amounts.h"
#include "trace/held.h"
#include "trace/parts.h"
#include "trace/queue.h"
#include "trace/runs.h"
#include "trace/trace.h"

#define ENGINE_STAGES 3
#define OUTPUT_BITS 40 /* of an output's id, below the case's number in what waits */
#define OUTPUT_MASK (((uint64_t)1 << OUTPUT_BITS) - 1)

/* An item's runs rest in the store, but for a single one that starts low enough to stand in the
 * item itself: most do. */
#define RUNS_ONE UINT32_MAX

struct state { /* of a case */
    const struct trace_case *ask;
    size_t origins_at;             /* the first origin not yet passed */
    struct trace_reached *reached; /* all but origins, ascending; live: of the pass in hand */
    size_t reached_n, reached_size;
    size_t reached_all, reached_max; /* all, of whichever pass */
    uint64_t runs_live, runs_moved;
    struct trace_totals totals;
    struct trace_unresolved *unresolved;
    size_t unresolved_n, unresolved_size;
    struct trace_units *units;
    size_t units_n, units_size;
    bool inexact, full;
    bool over; /* live: it has met a limit, or is gone */
};

/* how far memory has been asked for: key is lead transactions in front of the visit */
struct ahead {
    uint32_t key, lead;
};

struct engine {
    const struct coins *coins;
    struct state *states;
    size_t cases_n;
    struct queue *queue;
    struct held *held; /* NULL: nothing waits for later blocks */
    /* Live: before a case's first transaction of a pass, and when a limit ends it. */
    bool (*begin)(void *ctx, size_t number, struct err *err);
    void (*over)(void *ctx, size_t number, const struct err *why);
    void *ctx;
    struct run_store store;
    uint64_t in_end, out_end; /* of the transaction visited last: ranges must ascend */
    struct ahead ahead[ENGINE_STAGES];

    /* Of the transaction in hand, used again for each. */
    struct parts parts;
    /* what it spends, by case and output; a matched one's tx is QUEUE_NONE */
    struct queue_item *due;
    size_t due_n, due_size;
    uint32_t *in_due; /* [in.n] which of due an input spends for the case in hand, or DUE_NONE */
    size_t in_due_size;
    uint64_t *share; /* [out.n + 1] */
    size_t share_size;
    struct ranked *ranked; /* [out.n + 1] */
    size_t ranked_size;
    struct run_list line, piece, marked;
};

static inline bool has_place(const struct queue_item *item)
{
    return item->runs_n && item->runs_n != RUNS_ONE;
}

/* Limits, and all origins in their places. */
bool engine_case(struct engine *e, struct state *s, const struct trace_case *ask,
                 struct err *err) MUST_USE;
/* Origins from one on, which wait whole from now, whatever flows into them. */
bool engine_origins(struct engine *e, struct state *s, size_t from, struct err *err) MUST_USE;
/* Everything in the queue, and what comes of it. */
bool engine_pass(struct engine *e, struct err *err) MUST_USE;
bool engine_conserved(const struct state *s, size_t number, struct err *err) MUST_USE;
/* Origins from one on take their places among what was reached. */
bool engine_place_origins(const struct engine *e, struct state *s, size_t from,
                          struct err *err) MUST_USE;
/* An item's runs go back to the store. */
void engine_drop_runs(struct engine *e, struct state *s, const struct queue_item *item);
void engine_state_free(struct state *s);
void engine_end(struct engine *e);

#endif
