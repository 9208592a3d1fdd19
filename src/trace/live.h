/* Forward traces that go on with each new block, many cases at once.
 *
 * What is kept between two blocks is each case's tainted outputs that nobody has spent, in one
 * table by output, and its totals. A pass takes the blocks that are new: an input of theirs that is
 * not in the table costs one look, and what is in it goes through the step of trace_forward
 * (trace/engine_parts.h). So at every block a case stands where trace_forward would stand on the
 * ledger cut there. A case that is added is first followed over the past, alone, by the same step.
 *
 * Passes can be undone, the last one first, as many as are kept. A case that was added after what
 * is undone is over then, and has to be added anew; so has one that has met a limit, while the
 * others go on. Under fifo and lifo TRACE_RUNS_MAX counts what is held, too.
 *
 * Units:     those of trace/trace.h; a case is known by the number that trace_live_add gave, which
 *            is never given again.
 * Ownership: coins, and what a case asks with, are borrowed for the call, but for stop_of and
 *            stop_ctx, which have to stay. What is told is borrowed until the next call that
 *            changes the trace.
 * Errors:    ERR_NOMEM; ERR_CORRUPT the columns contradict themselves, or are not those of before
 *            and more: only trace_live_free is left then, and after trace_live_back has failed.
 *            trace_live_add: ERR_USAGE an origin that is not there; ERR_LIMIT: the case is not
 *            taken, and the others stay as they were.
 * Threads:   one owner. */
#ifndef CORDON_TRACE_LIVE_H
#define CORDON_TRACE_LIVE_H

#include "trace/trace.h"

#define TRACE_LIVE_HELD_MAX ((size_t)1 << 26)
#define TRACE_LIVE_BACK_MAX 4096u

struct trace_live;

struct trace_live_limits {
    size_t held_max;   /* tainted unspent outputs of all cases together; 0: TRACE_LIVE_HELD_MAX */
    uint32_t back_max; /* passes that can be undone, TRACE_LIVE_BACK_MAX at most */
};

struct trace_live_origin { /* that a pass finds in its blocks */
    uint32_t number;
    uint64_t output;
};

struct trace_live_case {
    struct trace_totals totals;
    size_t reached_n, held_n; /* all that it has reached; of these, tainted and unspent */
    bool exact, full;
    const struct err *over; /* NULL: it is followed */
};

bool trace_live_new(struct trace_live_limits limits, struct trace_live **ret,
                    struct err *err) MUST_USE;
struct trace_live *trace_live_free(struct trace_live *t); /* takes NULL, returns NULL */

/* coins: as far as the last pass went. */
bool trace_live_add(struct trace_live *t, const struct coins *coins, const struct trace_case *ask,
                    uint32_t *ret_number, struct err *err) MUST_USE;
void trace_live_remove(struct trace_live *t, uint32_t number);
/* To the end of coins, which is that of before and more. Origins, by number and output: only of
 * outputs that are new, and not of a case with marks. */
bool trace_live_advance(struct trace_live *t, const struct coins *coins,
                        const struct trace_live_origin *origins, size_t origins_n,
                        struct err *err) MUST_USE;
/* Undoes the last pass. ERR_NOT_FOUND: none is kept, and nothing has changed. */
bool trace_live_back(struct trace_live *t, struct err *err) MUST_USE;

struct trace_live_hold {
    uint32_t number, hop;
    uint64_t taint;
};
/* Which cases hold an output that nobody has spent, up to max; how many. */
size_t trace_live_holds(const struct trace_live *t, uint64_t output, struct trace_live_hold *ret,
                        size_t max);

uint64_t trace_live_txs(const struct trace_live *t); /* how far the passes have come */
uint32_t trace_live_backs(const struct trace_live *t);
uint64_t trace_live_held(const struct trace_live *t);
uint64_t trace_live_bytes(const struct trace_live *t); /* of memory, about */

struct trace_live_case trace_live_case(const struct trace_live *t, uint32_t number);
/* The cases that the last pass, or addition, came to, and what each reached in it, ascending. */
size_t trace_live_touched(const struct trace_live *t, const uint32_t **ret);
const struct trace_reached *trace_live_reached(const struct trace_live *t, uint32_t number,
                                               size_t *ret_n);
/* A case as it stands: of what is reached only what is held, with its units. Looks at all that is
 * held. */
bool trace_live_tell(const struct trace_live *t, struct arena *a, uint32_t number,
                     struct trace *ret, struct err *err) MUST_USE;

#endif
