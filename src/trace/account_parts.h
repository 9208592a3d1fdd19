/* What the files of the engine over accounts share: see account.h for the rules, account.c for the
 * pass, account_live.c for passes that go on with each block.
 *
 * A node is what one case knows of one holding. While it is tainted it waits in the queue for its
 * next event; at.sums are those just before that event. Afterwards it stays, so that the way to the
 * sums is short if taint comes again. */
#ifndef CORDON_TRACE_ACCOUNT_PARTS_H
#define CORDON_TRACE_ACCOUNT_PARTS_H

#include "trace/account.h"
#include "trace/event_queue.h"

#define ACCOUNT_CASES_MAX ((size_t)1 << 20)
#define ACCOUNT_NODES_MAX ((size_t)1 << 30) /* below the top bit, see account.c */
/* Fifo and lifo, a case: runs of taint kept at one time, and runs written in all. */
#define ACCOUNT_RUNS_MAX ((uint64_t)1 << 25)
#define ACCOUNT_RUNS_MOVED_MAX ((uint64_t)1 << 34)

/* A run of units, [start, end). */
struct units {
    struct u256 start, end;
};

struct units_list { /* ascends; runs that touch are one */
    struct units *at;
    size_t n, size;
};

struct node {
    uint64_t holding, account;
    struct accounts_point at;
    struct u256 taint; /* not 0 while tainted; under poison the balance is meant instead */
    /* fifo: in arrival coordinates (all that ever came in is numbered from 0); lifo: from the
     * bottom of the balance. None of these by other policies. */
    struct units one, *more; /* more: [more_size], if one does not do */
    uint32_t runs_first, runs_n, more_size;
    uint32_t state, total; /* indexes */
    uint32_t hop, spends, idle;
    uint32_t saved;         /* live: the turn that has last looked at it */
    uint8_t grade, ordinal; /* ordinal: that at.event must have, if it is known */
    bool ordinal_known, tainted, hub, frozen;
};

struct state { /* of a case */
    const struct account_case *ask;
    uint32_t number;
    size_t origins_at;      /* the first origin not yet passed */
    size_t origins_waiting; /* the one that is in the queue */
    uint64_t done_end;      /* transfers below are done with */
    size_t moves_max;
    uint32_t hub_spends_max;
    struct account_move *moves; /* live: of the pass in hand */
    size_t moves_n, moves_size;
    size_t moves_before;           /* live: of the passes before */
    struct account_balance *ended; /* by something that came to a holding with taint in it */
    size_t ended_n, ended_size;
    struct account_totals *totals;
    size_t totals_n, totals_size;
    struct account_unsettled *unsettled;
    size_t unsettled_n, unsettled_size;
    struct account_units *units;
    size_t units_n, units_size;
    uint64_t runs_live, runs_moved;
    /* conversions: transfers of the transaction in hand end here, and need not wait in the queue;
     * and those below this have been asked about */
    uint64_t within_end, asked_end;
    bool inexact, full;
};

/* What a transfer carries, while it is in hand. */
struct carry {
    struct units_list runs; /* fifo, lifo: within the transfer's units */
    struct u256 taint;
    uint32_t hop;
    uint8_t grade;
    bool beyond;
};

/* Conversions of the transaction in hand (account_convert.c). */
struct group {
    uint32_t ins_left, outs, ins_first; /* ins_first: of the list of in-legs, or LEG_NONE */
    uint32_t waiting;                   /* transfers that wait for it, a list */
    struct u256 sum;                    /* of the in-legs' amounts */
    struct u256 taint;                  /* of the in-legs */
    uint64_t in_asset, out_asset;
    uint32_t hop;
    uint8_t grade;
    bool broken;
};

struct leg {          /* of each transfer of the transaction */
    uint32_t in, out; /* groups, or LEG_NONE */
    uint32_t next_in; /* of the group's in-legs */
    uint32_t after;   /* the next transfer of the same asset */
    uint32_t waits;   /* the next one that waits for the same group */
    enum move_grade in_grade, out_grade;
    bool collateral, leaves;
    bool begins, done; /* begins: the first of its asset */
    struct u256 taint; /* of an in-leg: what it brought */
};

struct lane { /* sorts as asset, then place */
    uint64_t asset, place;
};
#define LEG_NONE UINT32_MAX

struct slot { /* of a table: case and id, what it stands for */
    uint64_t key;
    uint32_t value;
};

struct table {
    struct slot *at;
    size_t n, size; /* size a power of two, or 0 */
};

struct engine {
    const struct accounts *accounts;
    struct state *states;
    size_t cases_n;
    struct event_queue *queue;
    struct node **chunks; /* of NODES_CHUNK each, so that a node stays where it is */
    size_t nodes_n, chunks_size;
    struct table nodes, assets; /* by case and holding, by case and asset */
    uint64_t events;
    struct carry carry;
    struct units_list scratch;
    /* the transaction asked about last */
    struct accounts_range tx;
    uint64_t tx_number;
    struct group *groups;
    struct leg *legs;
    struct lane *lanes; /* transfers by asset */
    size_t groups_n, groups_size, legs_size, lanes_size;
    /* how far memory has been asked for: fetched is leads events in front of the visit */
    uint64_t fetched[2];
    unsigned leads[2];
    /* Live: before a node of passes before is looked at; else NULL. */
    bool (*before)(void *ctx, struct node *n, uint32_t number, struct err *err);
    void *before_ctx;
};

#define NODES_CHUNK 256u

static inline struct node *node_at(const struct engine *g, uint32_t i)
{
    return &g->chunks[i / NODES_CHUNK][i % NODES_CHUNK];
}

static inline struct u256 plus(struct u256 a, struct u256 b) /* known to fit */
{
    u256_add(a, b, &a);
    return a;
}

static inline struct u256 minus(struct u256 a, struct u256 b) /* known not to be below 0 */
{
    u256_sub(a, b, &a);
    return a;
}

static inline bool keeps_units(const struct state *s)
{
    return s->ask->policy == TRACE_FIFO || s->ask->policy == TRACE_LIFO;
}

static inline bool no_memory(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "trace");
}

/* ---- account.c ---- */

/* All origins of a case, from the first, whether they can be marked. */
bool account_begin(struct engine *g, struct state *s, const struct account_case *ask,
                   uint32_t number, struct err *err) MUST_USE;
/* Origins from one on, that were added at the end of s->ask. */
bool account_more_origins(struct engine *g, struct state *s, size_t from, struct err *err) MUST_USE;
/* Everything in the queue, and what comes of it. */
bool account_pass(struct engine *g, struct err *err) MUST_USE;
bool account_conserved(const struct state *s, struct err *err) MUST_USE;
/* What a node holds, by its case's policy. */
struct u256 account_held(const struct state *s, const struct node *n);
int account_balance_compare(const void *one, const void *other);
int account_total_compare(const void *one, const void *other);
int account_unsettled_compare(const void *one, const void *other);
int account_units_compare(const void *one, const void *other);
void account_state_free(struct state *s);
/* All but the states themselves and the queue. */
void account_engine_free(struct engine *g);

/* ---- account_node.c ---- */

struct node *node_find(const struct engine *g, const struct state *s, uint64_t holding);
uint32_t node_number(const struct engine *g, const struct state *s, const struct node *n);
void node_fetch(const struct engine *g, uint64_t holding);
/* The node of a holding, made if need be, standing at an event of it: at.event is event, unless it
 * is tainted and waits for a later one. */
bool node_enter(struct engine *g, struct state *s, uint64_t holding, uint64_t event,
                struct node **ret, struct err *err) MUST_USE;
/* Its event at.event is done with, at.sums are those after it: go on to the next. idle: nothing of
 * taint was moved. */
bool node_advance(struct engine *g, struct state *s, struct node *n, bool idle,
                  struct err *err) MUST_USE;
void node_clean(struct state *s, struct node *n);
/* Live: nodes and totals from a number on are gone, as if nothing had come to them. */
void nodes_back(struct engine *g, const struct state *s, size_t nodes_n);
void totals_back(struct engine *g, struct state *s, size_t totals_n);
/* All that is tainted in it ends there. */
bool node_end(struct state *s, struct node *n, int32_t stop, struct err *err) MUST_USE;
/* What a spend of x takes; at.sums still those before. */
bool node_take(struct engine *g, struct state *s, struct node *n, struct u256 x, struct carry *ret,
               struct err *err) MUST_USE;
/* What a transfer carries arrives at event. */
bool node_put(struct engine *g, struct state *s, struct node *n, uint64_t event,
              const struct carry *c, struct err *err) MUST_USE;
/* Which of its units are tainted, onto the case's list. */
bool node_units(struct state *s, struct node *n, struct err *err) MUST_USE;
void nodes_free(struct engine *g);
/* A copy with runs of its own; false: no memory. */
bool node_copy(const struct node *n, struct node *ret);

/* The first n units of a transfer are marked; *ret_new: those that were not before. */
bool carry_mark(struct engine *g, const struct state *s, struct carry *c, struct u256 n,
                struct u256 *ret_new, struct err *err) MUST_USE;
void carry_clear(struct carry *c);

bool total_of(struct engine *g, struct state *s, uint64_t asset, uint32_t *ret,
              struct err *err) MUST_USE;
bool total_add(const struct state *s, struct u256 *to, struct u256 amount,
               struct err *err) MUST_USE;

/* ---- account_step.c ---- */

/* One transfer, for one case. leg: what it is to a conversion, or NULL. */
bool account_step(struct engine *g, struct state *s, uint64_t event, struct leg *leg,
                  struct err *err) MUST_USE;

/* ---- account_convert.c ---- */

/* The transaction of an event that a case has come to: if it has conversions, all of it is done and
 * *ret_done set. */
bool account_convert(struct engine *g, struct state *s, uint64_t event, bool *ret_done,
                     struct err *err) MUST_USE;
void account_convert_free(struct engine *g);

#endif
