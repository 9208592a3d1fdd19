/* A picture of a flow, as numbers: which transactions are drawn, where, and how wide the bands
 * between them are.
 *
 *     column 0      1          2          3         end
 *     origins   ==> tx  =====> tx ======> chain ==> |
 *                     \=================> tx    ==> | lanes: an exchange, still held, fees, ...
 *                      \=========================== |
 *
 * Value flows left to right and every band goes forward in time. A lane is an end; it starts where
 * value first comes to it and grows to the right edge, so that each column holds all of the value,
 * at rest, moving or arrived, and the widths of a column add up to the same total. Where a flow is
 * small enough, a column is a span of time of its own (by_time: what starts in a column starts
 * before all of the next); otherwise it is a layer of hops.
 *
 * What is too much to draw is folded, never left out: a run of transactions each of which hands
 * most of its value to the next becomes one node (FLOW_CHAIN); the least of a column become one
 * node (FLOW_MANY), and so do whole columns where there are too many. A folded node's txs say which
 * they are.
 *
 * Units:     amounts in base units; lengths in tenths of a pixel. A band is amount * FLOW_HEIGHT /
 *            total high, at least FLOW_THIN.
 * Ownership: the result lives in the arena; the world is borrowed for the call.
 * Errors:    ERR_NOMEM, ERR_LIMIT (the arena's).
 * Order:     a function of the world alone: same world, same numbers.
 * Threads:   safe. */
#ifndef CORDON_TRACE_FLOW_H
#define CORDON_TRACE_FLOW_H

#include "base/arena.h"
#include "base/err.h"

#include <stdint.h>

#define FLOW_SOURCE UINT32_MAX /* flow_output.from: an origin */
#define FLOW_END UINT32_MAX    /* flow_output.to: it ended, in the lane given */
#define FLOW_HEIGHT 3400
#define FLOW_THIN 10
#define FLOW_GAP 60

struct flow_output { /* value that one tainted output carries */
    uint64_t amount;
    uint32_t from, to; /* transactions, counted in order of time; from < to */
    uint32_t lane;     /* if to is FLOW_END */
    uint32_t id;       /* the caller's */
};

struct flow_world { /* whose outputs each lie between two transactions, or an origin and an end */
    const struct flow_output *outputs;
    size_t outputs_n;
    uint32_t txs_n;
    uint32_t lanes_n;   /* in the order in which they lie, the last at the bottom */
    uint32_t rest_lane; /* takes what a transaction took in and did not pay out: fees */
};

struct flow_limits {
    uint32_t columns_max; /* at least 2 */
    uint32_t nodes_max;   /* more than columns_max */
    uint32_t chain_min;   /* shortest chain that is folded; 0: none is */
};

enum flow_kind { FLOW_ORIGINS, FLOW_TX, FLOW_CHAIN, FLOW_MANY };

struct flow_node {
    enum flow_kind kind;
    uint32_t column;
    const uint32_t *txs; /* [txs_n] ascending; none for FLOW_ORIGINS */
    uint32_t txs_n;
    uint64_t in, out; /* from and to others; what moves inside a fold is not counted */
    int32_t y, h;
};

/* A band from a node to what its value comes to next: target < nodes_n is a node, else lane target
 * - nodes_n. It joins the band of its target in the column after the node's. */
struct flow_link {
    uint32_t from, target;
    uint64_t amount, outputs_n;
    int32_t from_y, from_h, to_y, to_h;
};

/* A target's band at one column on its way there, and how it goes on to the next. */
struct flow_pass {
    uint32_t target, column;
    uint64_t amount;
    int32_t y, h;       /* at this column */
    int32_t to_y, to_h; /* where it goes on in the next; not of a lane at the last column */
};

struct flow {
    struct flow_node
        *nodes; /* [nodes_n] by column, then first transaction; nodes[0] is FLOW_ORIGINS */
    struct flow_link *links;  /* [links_n] by from, then target; each pair once */
    struct flow_pass *passes; /* [passes_n] by target, then column */
    uint64_t *lanes;          /* [lanes_n] what came to each */
    size_t nodes_n, links_n, passes_n;
    uint32_t lanes_n, columns_n; /* column columns_n - 1 holds the ends of the lanes only */
    int32_t height;
    bool by_time;
};

bool flow_lay_out(struct arena *a, const struct flow_world *w, struct flow_limits limits,
                  struct flow *ret, struct err *err) MUST_USE;

/* What is inside a folded node, as a world of its own: what comes from outside is from FLOW_SOURCE,
 * what leaves ends in a further lane, the last (number w->lanes_n). Transaction i of it is
 * node->txs[i] of w. */
bool flow_inside(struct arena *a, const struct flow_world *w, const struct flow_node *node,
                 struct flow_world *ret, struct err *err) MUST_USE;

#endif
