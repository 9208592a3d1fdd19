#include "trace/flow.h"

#include <stdlib.h>
#include <string.h>

/* Columns are first thinned evenly to this many before the costliest-kept merging, which is
 * quadratic. */
#define COLUMNS_MERGED_MAX 1024

struct group { /* transactions that will be one node; id: in order of the first of them */
    enum flow_kind kind;
    uint32_t column, id;
    uint64_t in;
};

struct layout {
    struct arena *a;
    const struct flow_world *w;
    struct flow_limits limits;
    struct flow *f;
    uint32_t *group_of; /* [txs_n] */
    struct group *groups;
    uint32_t groups_n;
    uint64_t *tx_in; /* [txs_n] */
    uint32_t *slot_at, *begin,
        *end;       /* [targets_n]: a target's passes are slot_at.., of columns begin..end */
    uint64_t total; /* the fullest column's */
};

static uint64_t add(uint64_t a, uint64_t b) /* a damaged ledger may say anything: stay at the top */
{
    return b > UINT64_MAX - a ? UINT64_MAX : a + b;
}

static bool no_room(const struct layout *l, struct err *err)
{
    return arena_fail(l->a, err, "a picture of the flow");
}

/* --- chains --- */

static bool chains_find(struct layout *l, uint32_t **ret_next)
{
    const struct flow_world *w = l->w;
    uint32_t *parent = ARENA_ARRAY(l->a, uint32_t, w->txs_n);
    uint32_t *next = ARENA_ARRAY(l->a, uint32_t, w->txs_n);
    bool *mixed = ARENA_ARRAY(l->a, bool, w->txs_n);

    if (!parent || !next || !mixed)
        return false;
    for (size_t i = 0; i < w->outputs_n; i++) {
        const struct flow_output *o = &w->outputs[i];

        if (o->to == FLOW_END)
            continue;
        if (o->from == FLOW_SOURCE || (parent[o->to] && parent[o->to] != o->from + 1))
            mixed[o->to] = true;
        if (o->from != FLOW_SOURCE)
            parent[o->to] = o->from + 1; /* 0: none yet */
    }
    memset(next, 0xff, w->txs_n * sizeof(*next));
    for (uint32_t t = 0; t < w->txs_n; t++) {
        uint32_t p = parent[t] - 1;

        if (!parent[t] || mixed[t] || l->tx_in[t] < l->tx_in[p] - l->tx_in[p] / 2)
            continue; /* what comes into t is all from p */
        if (next[p] == UINT32_MAX || l->tx_in[t] > l->tx_in[next[p]])
            next[p] = t;
    }
    *ret_next = next;
    return true;
}

/* Every transaction gets a group: a chain's number, or one of its own. Groups are in order of their
 * first. */
static bool groups_make(struct layout *l)
{
    uint32_t txs_n = l->w->txs_n, *next = NULL;

    l->group_of = ARENA_ARRAY(l->a, uint32_t, txs_n);
    l->groups = ARENA_ARRAY(l->a, struct group, txs_n);
    l->tx_in = ARENA_ARRAY(l->a, uint64_t, txs_n);
    if (!l->group_of || !l->groups || !l->tx_in)
        return false;
    for (size_t i = 0; i < l->w->outputs_n; i++)
        if (l->w->outputs[i].to != FLOW_END)
            l->tx_in[l->w->outputs[i].to] =
                add(l->tx_in[l->w->outputs[i].to], l->w->outputs[i].amount);
    if (l->limits.chain_min && !chains_find(l, &next))
        return false;
    memset(l->group_of, 0xff, txs_n * sizeof(*l->group_of));
    for (uint32_t t = 0; t < txs_n; t++) {
        uint32_t length = 0;
        bool fold;

        if (l->group_of[t] != UINT32_MAX)
            continue;
        for (uint32_t u = t; next && u != UINT32_MAX; u = next[u])
            length++;
        fold = next && length >= l->limits.chain_min;
        l->groups[l->groups_n] = (struct group){
            .kind = fold ? FLOW_CHAIN : FLOW_TX, .id = l->groups_n, .in = l->tx_in[t]};
        l->group_of[t] = l->groups_n;
        for (uint32_t u = next ? next[t] : UINT32_MAX; fold && u != UINT32_MAX; u = next[u])
            l->group_of[u] = l->groups_n;
        l->groups_n++;
    }
    return true;
}

/* --- columns --- */

struct edge {
    uint32_t from, to;
};

static int edge_by_to(const void *pa, const void *pb)
{
    const struct edge *x = pa, *y = pb;

    return x->to != y->to ? (x->to < y->to ? -1 : 1) : (x->from > y->from) - (x->from < y->from);
}

/* Groups are in order of time and edges in order of where they end, so each group's sources have
 * their columns before it gets its own. By time: a column goes on until a group needs something
 * from it. */
static uint32_t columns_assign(struct layout *l, const struct edge *edges, size_t edges_n,
                               bool by_time)
{
    uint32_t last = 1;
    size_t e = 0;

    for (uint32_t g = 0; g < l->groups_n; g++) {
        uint32_t column = by_time ? last : 1;

        for (; e < edges_n && edges[e].to == g; e++)
            if (l->groups[edges[e].from].column >= column)
                column = l->groups[edges[e].from].column + 1;
        l->groups[g].column = column;
        if (column > last)
            last = column;
    }
    return last + 1; /* with the origins' */
}

static bool columns_make(struct layout *l, uint32_t *ret_n)
{
    struct edge *edges = ARENA_ARRAY(l->a, struct edge, l->w->outputs_n);
    size_t n = 0;

    if (!edges)
        return false;
    for (size_t i = 0; i < l->w->outputs_n; i++) {
        const struct flow_output *o = &l->w->outputs[i];

        if (o->from != FLOW_SOURCE && o->to != FLOW_END &&
            l->group_of[o->from] != l->group_of[o->to])
            edges[n++] = (struct edge){l->group_of[o->from], l->group_of[o->to]};
    }
    qsort(edges, n, sizeof(*edges), edge_by_to);
    *ret_n = columns_assign(l, edges, n, true);
    l->f->by_time = *ret_n <= l->limits.columns_max;
    if (!l->f->by_time)
        *ret_n = columns_assign(l, edges, n, false);
    return true;
}

struct window { /* neighbouring columns that become one */
    uint32_t first, n;
    uint64_t in;
};

/* Neighbours that carry least are merged until few enough are left. */
static bool windows_merge(struct layout *l, uint32_t *columns_n)
{
    uint32_t step = *columns_n / COLUMNS_MERGED_MAX + 1, n = 0;
    struct window *windows = ARENA_ARRAY(l->a, struct window, *columns_n);
    uint32_t *window_of = ARENA_ARRAY(l->a, uint32_t, *columns_n);

    if (!windows || !window_of)
        return false;
    for (uint32_t c = 1; c < *columns_n; c += step)
        windows[n++] = (struct window){c, c + step < *columns_n ? step : *columns_n - c, 0};
    for (uint32_t g = 0; g < l->groups_n; g++) {
        struct window *into = &windows[(l->groups[g].column - 1) / step];

        into->in = add(into->in, l->groups[g].in);
    }
    while (n + 1 > l->limits.columns_max) {
        uint32_t best = 0;

        for (uint32_t i = 1; i + 1 < n; i++)
            if (add(windows[i].in, windows[i + 1].in) < add(windows[best].in, windows[best + 1].in))
                best = i;
        windows[best].n += windows[best + 1].n;
        windows[best].in = add(windows[best].in, windows[best + 1].in);
        memmove(&windows[best + 1], &windows[best + 2], (n - best - 2) * sizeof(*windows));
        n--;
    }
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = 0; k < windows[i].n; k++)
            window_of[windows[i].first + k] = i;
    for (uint32_t g = 0; g < l->groups_n; g++) {
        uint32_t i = window_of[l->groups[g].column];

        l->groups[g].column = i + 1;
        if (windows[i].n > 1) /* they may feed each other: one node */
            l->groups[g].kind = FLOW_MANY;
    }
    *columns_n = n + 1;
    return true;
}

static int group_by_in(const void *pa, const void *pb)
{
    const struct group *x = pa, *y = pb;

    return x->in != y->in ? (x->in > y->in ? -1 : 1) : (x->id > y->id) - (x->id < y->id);
}

/* The least of each column become one, if more are left than may be drawn. */
static bool least_fold(struct layout *l, uint32_t columns_n)
{
    uint32_t keep = l->limits.nodes_max > columns_n ? l->limits.nodes_max - columns_n : 1;
    struct group *sorted;

    if (l->groups_n <= l->limits.nodes_max)
        return true;
    sorted = arena_copy(l->a, l->groups, l->groups_n * sizeof(*sorted));
    if (!sorted)
        return false;
    qsort(sorted, l->groups_n, sizeof(*sorted), group_by_in);
    for (uint32_t i = keep; i < l->groups_n; i++)
        l->groups[sorted[i].id].kind = FLOW_MANY;
    return true;
}

/* --- nodes and links --- */

static int group_by_column(const void *pa, const void *pb)
{
    const struct group *x = pa, *y = pb;

    return x->column != y->column ? (x->column < y->column ? -1 : 1)
                                  : (x->id > y->id) - (x->id < y->id);
}

/* Groups -> nodes, all FLOW_MANY of a column in one; group_of then says which node a transaction is
 * in. */
static bool nodes_make(struct layout *l)
{
    struct flow *f = l->f;
    uint32_t txs_n = l->w->txs_n, *node_of = ARENA_ARRAY(l->a, uint32_t, l->groups_n), *members,
             many = 0;

    f->nodes = ARENA_ARRAY(l->a, struct flow_node, (size_t)l->groups_n + 1);
    members = ARENA_ARRAY(l->a, uint32_t, txs_n);
    if (!node_of || !f->nodes || !members)
        return false;
    f->nodes[0] = (struct flow_node){.kind = FLOW_ORIGINS};
    f->nodes_n = 1;
    qsort(l->groups, l->groups_n, sizeof(*l->groups), group_by_column);
    for (uint32_t i = 0; i < l->groups_n; i++) {
        const struct group *g = &l->groups[i];

        if (g->kind == FLOW_MANY && many && f->nodes[many].column == g->column) {
            node_of[g->id] = many;
            continue;
        }
        if (g->kind == FLOW_MANY)
            many = (uint32_t)f->nodes_n;
        node_of[g->id] = (uint32_t)f->nodes_n;
        f->nodes[f->nodes_n++] = (struct flow_node){.kind = g->kind, .column = g->column};
    }
    for (uint32_t t = 0; t < txs_n; t++) {
        l->group_of[t] = node_of[l->group_of[t]];
        f->nodes[l->group_of[t]].txs_n++;
    }
    for (size_t i = 1; i < f->nodes_n; i++) {
        f->nodes[i].txs = members;
        members += f->nodes[i].txs_n;
        if (f->nodes[i].kind == FLOW_MANY && f->nodes[i].txs_n == 1)
            f->nodes[i].kind = FLOW_TX;
        f->nodes[i].txs_n = 0;
    }
    for (uint32_t t = 0; t < txs_n; t++) {
        struct flow_node *n = &f->nodes[l->group_of[t]];

        ((uint32_t *)n->txs)[n->txs_n++] = t;
    }
    return true;
}

static int link_by_pair(const void *pa, const void *pb)
{
    const struct flow_link *x = pa, *y = pb;

    return x->from != y->from ? (x->from < y->from ? -1 : 1)
                              : (x->target > y->target) - (x->target < y->target);
}

static void links_join(struct flow *f)
{
    size_t n = 0;

    for (size_t i = 0; i < f->links_n; i++) {
        struct flow_link *last = n ? &f->links[n - 1] : NULL, *k = &f->links[i];

        if (last && last->from == k->from && last->target == k->target) {
            last->amount = add(last->amount, k->amount);
            last->outputs_n += k->outputs_n;
        } else {
            f->links[n++] = *k;
        }
    }
    f->links_n = n;
}

static bool links_make(struct layout *l)
{
    const struct flow_world *w = l->w;
    struct flow *f = l->f;
    uint64_t *tx_out = ARENA_ARRAY(l->a, uint64_t, w->txs_n);

    f->links = ARENA_ARRAY(l->a, struct flow_link, w->outputs_n + w->txs_n);
    f->lanes = ARENA_ARRAY(l->a, uint64_t, w->lanes_n);
    f->lanes_n = w->lanes_n;
    if (!tx_out || !f->links || !f->lanes)
        return false;
    for (size_t i = 0; i < w->outputs_n; i++) {
        const struct flow_output *o = &w->outputs[i];
        uint32_t from = o->from == FLOW_SOURCE ? 0 : l->group_of[o->from];
        uint32_t target = o->to == FLOW_END ? (uint32_t)f->nodes_n + o->lane : l->group_of[o->to];

        if (o->from != FLOW_SOURCE)
            tx_out[o->from] = add(tx_out[o->from], o->amount);
        if (from != target)
            f->links[f->links_n++] = (struct flow_link){from, target, o->amount, 1, 0, 0, 0, 0};
    }
    for (uint32_t t = 0; t < w->txs_n; t++)
        if (l->tx_in[t] > tx_out[t])
            f->links[f->links_n++] = (struct flow_link){l->group_of[t],
                                                        (uint32_t)f->nodes_n + w->rest_lane,
                                                        l->tx_in[t] - tx_out[t],
                                                        0,
                                                        0,
                                                        0,
                                                        0,
                                                        0};
    qsort(f->links, f->links_n, sizeof(*f->links), link_by_pair);
    links_join(f);
    for (size_t i = 0; i < f->links_n; i++) {
        const struct flow_link *k = &f->links[i];
        uint64_t *into =
            k->target < f->nodes_n ? &f->nodes[k->target].in : &f->lanes[k->target - f->nodes_n];

        f->nodes[k->from].out = add(f->nodes[k->from].out, k->amount);
        *into = add(*into, k->amount);
    }
    return true;
}

/* --- passes: a band in each column from the first that feeds it to its own --- */

static uint32_t link_column(const struct flow *f,
                            const struct flow_link *k) /* where it joins its target's band */
{
    return f->nodes[k->from].column + 1;
}

static bool passes_make(struct layout *l)
{
    struct flow *f = l->f;
    uint32_t targets_n = (uint32_t)f->nodes_n + f->lanes_n, at = 0;

    l->slot_at = ARENA_ARRAY(l->a, uint32_t, targets_n);
    l->begin = ARENA_ARRAY(l->a, uint32_t, targets_n);
    l->end = ARENA_ARRAY(l->a, uint32_t, targets_n);
    if (!l->slot_at || !l->begin || !l->end)
        return false;
    for (uint32_t t = 0; t < targets_n; t++) {
        l->end[t] = t < f->nodes_n ? f->nodes[t].column : f->columns_n - 1;
        l->begin[t] =
            t < f->nodes_n ? l->end[t] : f->columns_n; /* a lane that nothing comes to has none */
    }
    for (size_t i = 0; i < f->links_n; i++)
        if (link_column(f, &f->links[i]) < l->begin[f->links[i].target])
            l->begin[f->links[i].target] = link_column(f, &f->links[i]);
    for (uint32_t t = 0; t < targets_n; t++) {
        l->slot_at[t] = at;
        at += l->end[t] + 1 - l->begin[t];
    }
    f->passes_n = at;
    f->passes = ARENA_ARRAY(l->a, struct flow_pass, at);
    if (!f->passes)
        return false;
    for (uint32_t t = 0; t < targets_n; t++)
        for (uint32_t c = l->begin[t]; c <= l->end[t]; c++)
            f->passes[l->slot_at[t] + c - l->begin[t]] =
                (struct flow_pass){.target = t, .column = c};
    for (size_t i = 0; i < f->links_n; i++) {
        const struct flow_link *k = &f->links[i];

        for (uint32_t c = link_column(f, k); c <= l->end[k->target]; c++) {
            struct flow_pass *p = &f->passes[l->slot_at[k->target] + c - l->begin[k->target]];

            p->amount = add(p->amount, k->amount);
        }
    }
    for (uint32_t t = 0; t < f->nodes_n;
         t++) { /* at its own column a node is as high as its larger side */
        struct flow_pass *p = &f->passes[l->slot_at[t] + l->end[t] - l->begin[t]];

        p->amount = f->nodes[t].in > f->nodes[t].out ? f->nodes[t].in : f->nodes[t].out;
    }
    return true;
}

static struct flow_pass *pass_at(const struct layout *l, uint32_t target, uint32_t column)
{
    return &l->f->passes[l->slot_at[target] + column - l->begin[target]];
}

static int32_t scaled(uint64_t amount, uint64_t total, int32_t height)
{
    return total ? (int32_t)((unsigned __int128)amount * (uint64_t)height / total) : 0;
}

static bool heights_set(struct layout *l)
{
    struct flow *f = l->f;
    uint64_t *sum = ARENA_ARRAY(l->a, uint64_t, f->columns_n);
    int32_t *high = ARENA_ARRAY(l->a, int32_t, f->columns_n);

    if (!sum || !high)
        return false;
    for (size_t i = 0; i < f->passes_n; i++) {
        sum[f->passes[i].column] = add(sum[f->passes[i].column], f->passes[i].amount);
        if (sum[f->passes[i].column] > l->total)
            l->total = sum[f->passes[i].column];
    }
    for (size_t i = 0; i < f->passes_n; i++) {
        struct flow_pass *p = &f->passes[i];

        p->h = scaled(p->amount, l->total, FLOW_HEIGHT);
        if (p->h < FLOW_THIN)
            p->h = FLOW_THIN;
        high[p->column] += p->h + FLOW_GAP;
        if (high[p->column] > f->height)
            f->height = high[p->column];
    }
    return true;
}

/* --- places: column by column, each band near what feeds it --- */

struct place {
    struct flow_pass *pass;
    uint64_t pull; /* the middle of what feeds it, weighed by amount */
    bool lane;
};

static int place_in_order(const void *pa, const void *pb)
{
    const struct place *x = pa, *y = pb;

    if (x->lane != y->lane)
        return x->lane ? 1 : -1;
    if (!x->lane && x->pull != y->pull)
        return x->pull < y->pull ? -1 : 1;
    if (!x->lane && x->pass->amount != y->pass->amount)
        return x->pass->amount > y->pass->amount ? -1 : 1;
    return (x->pass->target > y->pass->target) - (x->pass->target < y->pass->target);
}

/* For every target the middle of what feeds it in the column before, once that column has its
 * places. */
static void pulls_set(const struct layout *l, uint32_t column, const size_t *links_at,
                      unsigned __int128 *pull, unsigned __int128 *weight)
{
    const struct flow *f = l->f;
    uint32_t targets_n = (uint32_t)f->nodes_n + f->lanes_n;

    memset(pull, 0, targets_n * sizeof(*pull));
    memset(weight, 0, targets_n * sizeof(*weight));
    for (uint32_t t = 0; t < targets_n; t++)
        if (column && l->begin[t] < column && l->end[t] >= column) {
            const struct flow_pass *p = pass_at(l, t, column - 1);

            pull[t] = (unsigned __int128)p->amount * (uint64_t)(2 * p->y + p->h);
            weight[t] = p->amount;
        }
    for (size_t i = links_at[column ? column - 1 : 0]; column && i < links_at[column]; i++) {
        const struct flow_link *k = &f->links[i];
        const struct flow_node *n = &f->nodes[k->from];

        pull[k->target] += (unsigned __int128)k->amount * (uint64_t)(2 * n->y + n->h);
        weight[k->target] += k->amount;
    }
}

static void column_place(struct layout *l, struct place *places, size_t n)
{
    int32_t top = 0, bottom = l->f->height;

    qsort(places, n, sizeof(*places), place_in_order);
    for (size_t i = 0; i < n && !places[i].lane; i++) {
        places[i].pass->y = top;
        top += places[i].pass->h + FLOW_GAP;
    }
    for (size_t i = n; i-- > 0 && places[i].lane;) {
        bottom -= places[i].pass->h + FLOW_GAP;
        places[i].pass->y = bottom + FLOW_GAP;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t t = places[i].pass->target;

        if (t < l->f->nodes_n && places[i].pass->column == l->end[t]) {
            l->f->nodes[t].y = places[i].pass->y;
            l->f->nodes[t].h = places[i].pass->h;
        }
    }
}

static bool places_set(struct layout *l, const size_t *links_at)
{
    const struct flow *f = l->f;
    uint32_t targets_n = (uint32_t)f->nodes_n + f->lanes_n;
    struct place *places = ARENA_ARRAY(l->a, struct place, targets_n);
    unsigned __int128 *pull = ARENA_ARRAY(l->a, unsigned __int128, targets_n);
    unsigned __int128 *weight = ARENA_ARRAY(l->a, unsigned __int128, targets_n);

    if (!places || !pull || !weight)
        return false;
    for (uint32_t c = 0; c < f->columns_n; c++) {
        size_t n = 0;

        pulls_set(l, c, links_at, pull, weight);
        for (uint32_t t = 0; t < targets_n; t++)
            if (l->begin[t] <= c && c <= l->end[t])
                places[n++] = (struct place){pass_at(l, t, c),
                                             weight[t] ? (uint64_t)(pull[t] / weight[t]) : 0,
                                             t >= f->nodes_n};
        column_place(l, places, n);
    }
    return true;
}

/* --- where bands leave and join, in an order in which they do not cross --- */

struct joint {
    struct flow_link *link; /* or a pass that goes on */
    struct flow_pass *pass;
    int32_t other_y;
    uint32_t owner, id;
};

static int joint_in_order(const void *pa, const void *pb)
{
    const struct joint *x = pa, *y = pb;

    if (x->owner != y->owner)
        return x->owner < y->owner ? -1 : 1;
    if (x->other_y != y->other_y)
        return x->other_y < y->other_y ? -1 : 1;
    return (x->id > y->id) - (x->id < y->id);
}

/* The k-th share of a side is cut at amounts summed so far, so that shares meet without a gap. */
static void share_cut(uint64_t *sum, uint64_t amount, uint64_t whole, int32_t y, int32_t h,
                      int32_t *ret_y, int32_t *ret_h)
{
    int32_t from = scaled(*sum, whole, h);

    *sum = add(*sum, amount);
    if (*sum > whole)
        *sum = whole;
    *ret_y = y + from;
    *ret_h = scaled(*sum, whole, h) - from;
}

static void leaving_cut(struct layout *l, struct joint *joints, size_t from, size_t to)
{
    struct flow *f = l->f;
    uint64_t sum = 0;
    size_t n = 0;

    for (size_t i = from; i < to; i++)
        joints[n++] = (struct joint){
            .link = &f->links[i],
            .other_y = pass_at(l, f->links[i].target, link_column(f, &f->links[i]))->y,
            .owner = f->links[i].from,
            .id = (uint32_t)i};
    qsort(joints, n, sizeof(*joints), joint_in_order);
    for (size_t i = 0; i < n; i++) {
        struct flow_link *k = joints[i].link;
        const struct flow_node *node = &f->nodes[k->from];

        if (!i || joints[i - 1].owner != k->from)
            sum = 0;
        share_cut(&sum, k->amount, node->in > node->out ? node->in : node->out, node->y, node->h,
                  &k->from_y, &k->from_h);
    }
}

static void joining_cut(struct layout *l, struct joint *joints, uint32_t column, size_t from,
                        size_t to)
{
    struct flow *f = l->f;
    uint32_t targets_n = (uint32_t)f->nodes_n + f->lanes_n;
    uint64_t sum = 0;
    size_t n = 0;

    for (size_t i = from; i < to; i++)
        joints[n++] = (struct joint){.link = &f->links[i],
                                     .other_y = f->links[i].from_y,
                                     .owner = f->links[i].target,
                                     .id = (uint32_t)i};
    for (uint32_t t = 0; t < targets_n; t++)
        if (l->begin[t] < column && column <= l->end[t])
            joints[n++] = (struct joint){.pass = pass_at(l, t, column - 1),
                                         .other_y = pass_at(l, t, column - 1)->y,
                                         .owner = t,
                                         .id = UINT32_MAX};
    qsort(joints, n, sizeof(*joints), joint_in_order);
    for (size_t i = 0; i < n; i++) {
        const struct flow_pass *into = pass_at(l, joints[i].owner, column);
        bool link = joints[i].link != NULL;

        if (!i || joints[i - 1].owner != joints[i].owner)
            sum = 0;
        share_cut(&sum, link ? joints[i].link->amount : joints[i].pass->amount, into->amount,
                  into->y, into->h, link ? &joints[i].link->to_y : &joints[i].pass->to_y,
                  link ? &joints[i].link->to_h : &joints[i].pass->to_h);
    }
}

static bool joints_cut(struct layout *l, const size_t *links_at)
{
    const struct flow *f = l->f;
    struct joint *joints = ARENA_ARRAY(l->a, struct joint, f->links_n + f->nodes_n + f->lanes_n);

    if (!joints)
        return false;
    for (uint32_t c = 0; c + 1 < f->columns_n; c++) {
        leaving_cut(l, joints, links_at[c], links_at[c + 1]);
        joining_cut(l, joints, c + 1, links_at[c], links_at[c + 1]);
    }
    return true;
}

/* Links are in order of their nodes, and nodes of their columns: links_at[c] is the first that
 * leaves column c. */
static bool picture_lay(struct layout *l)
{
    struct flow *f = l->f;
    size_t *links_at = ARENA_ARRAY(l->a, size_t, (size_t)f->columns_n + 1), at = 0;

    if (!links_at)
        return false;
    for (uint32_t c = 0; c <= f->columns_n; c++) {
        while (at < f->links_n && f->nodes[f->links[at].from].column < c)
            at++;
        links_at[c] = at;
    }
    return passes_make(l) && heights_set(l) && places_set(l, links_at) && joints_cut(l, links_at);
}

bool flow_lay_out(struct arena *a, const struct flow_world *w, struct flow_limits limits,
                  struct flow *ret, struct err *err)
{
    struct flow f = {.by_time = true};
    struct layout l = {.a = a, .w = w, .limits = limits, .f = &f};
    uint32_t columns_n;

    if (!groups_make(&l) || !columns_make(&l, &columns_n))
        return no_room(&l, err);
    if (columns_n > limits.columns_max && !windows_merge(&l, &columns_n))
        return no_room(&l, err);
    if (!least_fold(&l, columns_n))
        return no_room(&l, err);
    f.columns_n = columns_n + 1;
    if (!nodes_make(&l) || !links_make(&l) || !picture_lay(&l))
        return no_room(&l, err);
    *ret = f;
    return true;
}

bool flow_inside(struct arena *a, const struct flow_world *w, const struct flow_node *node,
                 struct flow_world *ret, struct err *err)
{
    struct layout l = {.a = a};
    uint32_t *local = ARENA_ARRAY(a, uint32_t, w->txs_n); /* number inside + 1 */
    struct flow_output *outputs = NULL;
    size_t n = 0;

    if (!local)
        return no_room(&l, err);
    for (uint32_t i = 0; i < node->txs_n; i++)
        local[node->txs[i]] = i + 1;
    for (int pass = 0; pass < 2; pass++) { /* count, then fill */
        if (pass && !(outputs = ARENA_ARRAY(a, struct flow_output, n)))
            return no_room(&l, err);
        n = 0;
        for (size_t i = 0; i < w->outputs_n; i++) {
            struct flow_output o = w->outputs[i];
            bool from = o.from != FLOW_SOURCE && local[o.from],
                 to = o.to != FLOW_END && local[o.to];

            if (!from && !to)
                continue;
            if (o.to != FLOW_END && !to)
                o.lane = w->lanes_n;
            o.from = from ? local[o.from] - 1 : FLOW_SOURCE;
            o.to = to ? local[o.to] - 1 : FLOW_END;
            if (pass)
                outputs[n] = o;
            n++;
        }
    }
    *ret = (struct flow_world){outputs, n, node->txs_n, w->lanes_n + 1, w->rest_lane};
    return true;
}
