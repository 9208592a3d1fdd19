/* The rules of docs/taint.md a second time, as plainly as they can be written: every transaction in
 * turn, every output an array of its single units, shares by asking who is owed most. For worlds of
 * a few hundred units. It reads the world as built, not the columns, and shares no code with
 * src/trace. */
#ifndef CORDON_TESTS_TRACE_NAIVE_H
#define CORDON_TESTS_TRACE_NAIVE_H

#include "trace/world.h"

enum naive_policy { NAIVE_FIFO, NAIVE_LIFO, NAIVE_HAIRCUT, NAIVE_TIHO, NAIVE_POISON };

#define NAIVE_UNITS_MAX 256 /* in one output */

struct naive_ask {
    enum naive_policy policy;
    bool origin[WORLD_PARTS_MAX];
    uint64_t mark[WORLD_PARTS_MAX]; /* arrived: its first units, and what flows in; 0: none did */
    uint32_t mark_hop[WORLD_PARTS_MAX];
    int stop[WORLD_PARTS_MAX]; /* -1: none */
    uint64_t dust;
    uint32_t hops_max; /* UINT32_MAX: none */
};

struct naive_output {
    bool listed, origin;
    uint64_t taint;
    uint32_t hop;
    int stop;
    bool unit[NAIVE_UNITS_MAX]; /* fifo and lifo: which */
};

struct naive {
    struct naive_output out[WORLD_PARTS_MAX];
    uint64_t unresolved[WORLD_TXS_MAX]; /* what came in; 0: not unresolved */
    uint64_t origin, converted_in, held, exits, cut, fees, dust, unresolved_sum;
    bool exact;
};

void naive_trace(const struct world *w, const struct naive_ask *ask, struct naive *ret);

/* Backwards, from one output: how much each output of the world contributed, and where that
 * ended. */
struct naive_sources {
    uint64_t amount[WORLD_PARTS_MAX]; /* by output; 0: not an ancestor */
    uint32_t hop[WORLD_PARTS_MAX];
    uint64_t outside[WORLD_PARTS_MAX]; /* by input */
    uint64_t coinbase, outside_sum, cut, unresolved;
};

void naive_back(const struct world *w, uint32_t output, enum naive_policy policy, uint32_t hops_max,
                struct naive_sources *ret);

#endif
