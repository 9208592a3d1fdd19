#include "trace/ends.h"

#include <stdlib.h>
#include <string.h>

struct spender { /* a transaction that spends tainted outputs */
    uint32_t tx, hop;
    enum fate fate;
};

struct end {                     /* a reached output that goes no further */
    const struct trace_stop *at; /* NULL: no stop */
    enum fate fate;
    uint32_t script, i;
};

struct sorting {
    struct arena *a;
    const struct trace_doc *d;
    const struct page_names *names;
    struct ends *e;
    struct spender *spenders;
    uint32_t *txs;
    struct flow_output *outputs;
    enum fate *fates;
    struct end *ends;
    size_t spenders_n, ends_n;
};

static uint64_t add(uint64_t a, uint64_t b)
{
    return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

static int u32_order(const void *pa, const void *pb)
{
    const uint32_t *x = pa, *y = pb;

    return (*x > *y) - (*x < *y);
}

static int spender_order(const void *pa, const void *pb)
{
    const struct spender *x = pa, *y = pb;

    return x->tx != y->tx ? (x->tx < y->tx ? -1 : 1) : (x->hop > y->hop) - (x->hop < y->hop);
}

static bool moves(const struct trace_reached *r)
{
    return r->stop < 0 && r->spent_by != COINS_TX_NONE;
}

/* Whether the trace went on through each transaction: not past the hop limit, not where an input is
 * unknown. */
static bool spenders_find(struct sorting *s)
{
    const struct trace *t = s->d->trace;
    size_t n = 0, u = 0;

    s->spenders = ARENA_ARRAY(s->a, struct spender, t->reached_n);
    if (!s->spenders)
        return false;
    for (size_t i = 0; i < t->reached_n; i++)
        if (moves(&t->reached[i]))
            s->spenders[n++] =
                (struct spender){t->reached[i].spent_by, t->reached[i].hop, FATE_MOVED};
    qsort(s->spenders, n, sizeof(*s->spenders), spender_order);
    for (size_t i = 0; i < n; i++) { /* the least hop of each comes first */
        struct spender *k = &s->spenders[i];

        if (s->spenders_n && s->spenders[s->spenders_n - 1].tx == k->tx)
            continue;
        while (u < t->unresolved_n && t->unresolved[u].tx < k->tx)
            u++;
        if (u < t->unresolved_n && t->unresolved[u].tx == k->tx)
            k->fate = FATE_UNRESOLVED;
        else if (s->d->hops_max != TRACE_HOPS_NONE && k->hop >= s->d->hops_max)
            k->fate = FATE_CUT;
        s->spenders[s->spenders_n++] = *k;
    }
    return true;
}

static enum fate fate_of(const struct sorting *s, const struct trace_reached *r)
{
    struct spender key = {.tx = r->spent_by};
    size_t low = 0, high = s->spenders_n;

    if (r->stop >= 0)
        return FATE_EXIT;
    if (r->spent_by == COINS_TX_NONE)
        return FATE_HELD;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (s->spenders[middle].tx < key.tx)
            low = middle + 1;
        else
            high = middle;
    }
    return s->spenders[low].fate;
}

static uint32_t tx_number(const struct sorting *s, uint32_t tx)
{
    const uint32_t *at = bsearch(&tx, s->txs, s->e->world.txs_n, sizeof(tx), u32_order);

    return (uint32_t)(at - s->txs);
}

static bool world_make(struct sorting *s)
{
    const struct trace *t = s->d->trace;
    size_t n = 0, kept = 0;

    s->txs = ARENA_ARRAY(s->a, uint32_t, 2 * t->reached_n);
    s->outputs = ARENA_ARRAY(s->a, struct flow_output, t->reached_n);
    s->fates = ARENA_ARRAY(s->a, enum fate, t->reached_n);
    if (!s->txs || !s->outputs || !s->fates)
        return false;
    for (size_t i = 0; i < t->reached_n; i++) {
        const struct trace_reached *r = &t->reached[i];
        uint32_t maker = coins_maker(&s->d->coins, r->output);

        s->fates[i] = fate_of(s, r);
        s->outputs[i] = (struct flow_output){r->taint, r->origin ? FLOW_SOURCE : maker, FLOW_END, 0,
                                             (uint32_t)i};
        if (!r->origin)
            s->txs[n++] = maker;
        if (s->fates[i] == FATE_MOVED)
            s->txs[n++] = s->outputs[i].to = r->spent_by;
        if (!r->origin)
            continue;
        s->e->origins = add(s->e->origins, r->taint);
        s->e->origin_last = maker;
        if (!s->e->origins_n++)
            s->e->origin_first = maker;
    }
    qsort(s->txs, n, sizeof(*s->txs), u32_order);
    for (size_t i = 0; i < n; i++)
        if (!kept || s->txs[kept - 1] != s->txs[i])
            s->txs[kept++] = s->txs[i];
    s->e->world.txs_n = (uint32_t)kept;
    return true;
}

static bool world_number(struct sorting *s, struct err *err)
{
    for (size_t i = 0; i < s->d->trace->reached_n; i++) {
        struct flow_output *o = &s->outputs[i];

        if (o->to != FLOW_END && o->from != FLOW_SOURCE && o->to <= o->from)
            return err_fail(err, ERR_CORRUPT, "transaction %u spends an output of transaction %u",
                            o->to, o->from);
        if (o->from != FLOW_SOURCE)
            o->from = tx_number(s, o->from);
        if (o->to != FLOW_END)
            o->to = tx_number(s, o->to);
    }
    return true;
}

/* --- ends, grouped --- */

static int stop_order(const struct trace_stop *x, const struct trace_stop *y)
{
    int order;

    if (!x || !y || x == y)
        return (x != NULL) - (y != NULL);
    order = strcmp(x->name, y->name);
    return order ? order : strcmp(x->category, y->category);
}

static int end_group_order(const struct end *x, const struct end *y)
{
    return x->fate != y->fate ? (x->fate < y->fate ? -1 : 1) : stop_order(x->at, y->at);
}

static int end_order(const void *pa, const void *pb)
{
    const struct end *x = pa, *y = pb;
    int order = end_group_order(x, y);

    if (order)
        return order;
    if (x->script != y->script)
        return x->script < y->script ? -1 : 1;
    return (x->i > y->i) - (x->i < y->i);
}

static bool ends_find(struct sorting *s)
{
    const struct trace *t = s->d->trace;

    s->ends = ARENA_ARRAY(s->a, struct end, t->reached_n);
    if (!s->ends)
        return false;
    for (size_t i = 0; i < t->reached_n; i++) {
        const struct trace_reached *r = &t->reached[i];

        if (s->fates[i] != FATE_MOVED)
            s->ends[s->ends_n++] =
                (struct end){r->stop >= 0 ? &s->d->stops[r->stop] : NULL, s->fates[i],
                             s->names->script_of(s->names->ctx, r->output), (uint32_t)i};
    }
    qsort(s->ends, s->ends_n, sizeof(*s->ends), end_order);
    return true;
}

static bool rows_make(struct sorting *s)
{
    struct ends *e = s->e;
    const struct trace_reached *reached = s->d->trace->reached;

    e->rows = ARENA_ARRAY(s->a, struct ends_row, s->ends_n);
    e->groups = ARENA_ARRAY(s->a, struct ends_group, s->ends_n);
    if (!e->rows || !e->groups)
        return false;
    for (size_t k = 0; k < s->ends_n; k++) {
        const struct end *x = &s->ends[k];
        uint64_t taint = reached[x->i].taint;
        bool group = !k || end_group_order(x, x - 1);

        if (group)
            e->groups[e->groups_n++] =
                (struct ends_group){x->fate, reached[x->i].stop, 0, 0, 0, x->i};
        if (group || x->script != x[-1].script) {
            e->rows[e->rows_n++] =
                (struct ends_row){x->fate, reached[x->i].stop, x->script, 0, 0, x->i, 0};
            e->groups[e->groups_n - 1].rows_n++;
        }
        e->rows[e->rows_n - 1].amount = add(e->rows[e->rows_n - 1].amount, taint);
        e->rows[e->rows_n - 1].outputs_n++;
        e->groups[e->groups_n - 1].amount = add(e->groups[e->groups_n - 1].amount, taint);
        e->groups[e->groups_n - 1].outputs_n++;
    }
    return true;
}

static int row_order(const void *pa, const void *pb)
{
    const struct ends_row *x = pa, *y = pb;

    return x->amount != y->amount ? (x->amount > y->amount ? -1 : 1)
                                  : (x->first > y->first) - (x->first < y->first);
}

static int group_order(const void *pa, const void *pb)
{
    const struct ends_group *x = pa, *y = pb;

    return x->amount != y->amount ? (x->amount > y->amount ? -1 : 1)
                                  : (x->first > y->first) - (x->first < y->first);
}

/* --- lanes --- */

static struct ends_lane *lane_add(struct ends *e, enum fate fate, bool others)
{
    struct ends_lane *lane = &e->lanes[e->world.lanes_n++];

    *lane = (struct ends_lane){.fate = fate, .stop = -1, .script = SCRIPT_NONE, .others = others};
    return lane;
}

/* The largest exits by name, the largest holders, and one lane for the others of each; then what
 * else there is. */
static bool lanes_make(struct sorting *s)
{
    struct ends *e = s->e;
    size_t exits = 0, held = 0, held_all = 0;

    e->lanes = ARENA_ARRAY(s->a, struct ends_lane, ENDS_EXIT_LANES_MAX + ENDS_HELD_LANES_MAX + 6);
    if (!e->lanes)
        return false;
    for (size_t i = 0; i < e->groups_n; i++)
        if (e->groups[i].fate == FATE_EXIT && exits++ < ENDS_EXIT_LANES_MAX)
            lane_add(e, FATE_EXIT, false)->stop = e->groups[i].stop;
    if (exits > ENDS_EXIT_LANES_MAX)
        lane_add(e, FATE_EXIT, true);
    for (size_t i = 0; i < e->rows_n; i++)
        held_all += e->rows[i].fate == FATE_HELD;
    for (size_t i = 0; i < e->rows_n && held < ENDS_HELD_LANES_MAX; i++)
        if (e->rows[i].fate == FATE_HELD && e->rows[i].script != SCRIPT_NONE) {
            lane_add(e, FATE_HELD, false)->script = e->rows[i].script;
            held++;
        }
    if (held_all > held)
        lane_add(e, FATE_HELD, true);
    for (enum fate fate = FATE_CUT; fate <= FATE_FEES; fate++)
        lane_add(e, fate, true);
    e->world.rest_lane = e->world.lanes_n - 1;
    return true;
}

static uint32_t lane_of(const struct sorting *s, enum fate fate, int32_t stop, uint32_t script)
{
    const struct ends *e = s->e;
    uint32_t i = 0;

    for (; i < e->world.lanes_n; i++) {
        const struct ends_lane *lane = &e->lanes[i];

        if (lane->fate != fate)
            continue;
        if (lane->others || (fate == FATE_HELD && lane->script == script) ||
            (fate == FATE_EXIT && !stop_order(&s->d->stops[lane->stop], &s->d->stops[stop])))
            break;
    }
    return i;
}

static void lanes_fill(struct sorting *s)
{
    struct ends *e = s->e;

    for (size_t k = 0; k < s->ends_n; k++) {
        const struct end *x = &s->ends[k];
        bool same = k && !end_group_order(x, x - 1) && x->script == x[-1].script;
        uint32_t lane = same ? s->outputs[x[-1].i].lane
                             : lane_of(s, x->fate, s->d->trace->reached[x->i].stop, x->script);

        s->outputs[x->i].lane = lane;
        e->lanes[lane].amount = add(e->lanes[lane].amount, s->outputs[x->i].amount);
        e->lanes[lane].outputs_n++;
    }
    for (size_t i = 0; i < e->rows_n; i++) {
        e->rows[i].lane = s->outputs[e->rows[i].first].lane;
        e->lanes[e->rows[i].lane].rows_n++;
    }
    for (size_t i = 0; i < e->groups_n; i++)
        e->lanes[s->outputs[e->groups[i].first].lane].groups_n++;
}

bool ends_sort(struct arena *a, const struct trace_doc *d, const struct page_names *names,
               struct ends *ret, struct err *err)
{
    struct ends e = {0};
    struct sorting s = {.a = a, .d = d, .names = names, .e = &e};

    if (!spenders_find(&s) || !world_make(&s))
        goto no_room;
    if (!world_number(&s, err))
        return false;
    if (!ends_find(&s) || !rows_make(&s))
        goto no_room;
    qsort(e.rows, e.rows_n, sizeof(*e.rows), row_order);
    qsort(e.groups, e.groups_n, sizeof(*e.groups), group_order);
    if (!lanes_make(&s))
        goto no_room;
    lanes_fill(&s);
    e.world.outputs = s.outputs;
    e.world.outputs_n = d->trace->reached_n;
    e.txs = s.txs;
    e.fates = s.fates;
    *ret = e;
    return true;
no_room:
    return arena_fail(a, err, "a page");
}
