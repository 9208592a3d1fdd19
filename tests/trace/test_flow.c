#include "support.h"

#include "trace/flow.h"

#include <stdlib.h>

#define LIMITS ((struct flow_limits){.columns_max = 12, .nodes_max = 30, .chain_min = 4})
#define OUT(amount, from, to)                                                                      \
    {                                                                                              \
        (amount), (from), (to), 0                                                                  \
    }
#define END(amount, from, lane)                                                                    \
    {                                                                                              \
        (amount), (from), FLOW_END, (lane)                                                         \
    }

static uint64_t all_of(const struct flow_world *w) /* what the origins brought */
{
    uint64_t sum = 0;

    for (size_t i = 0; i < w->outputs_n; i++)
        if (w->outputs[i].from == FLOW_SOURCE)
            sum += w->outputs[i].amount;
    return sum;
}

static int pass_by_place(const void *pa, const void *pb)
{
    const struct flow_pass *x = pa, *y = pb;

    return x->column != y->column ? (x->column < y->column ? -1 : 1)
                                  : (x->y > y->y) - (x->y < y->y);
}

/* No two bands of a column touch, all are inside, and each is as high as its amount says. */
static void check_columns(struct arena *a, const struct flow *f, uint64_t total)
{
    struct flow_pass *p = arena_copy(a, f->passes, f->passes_n * sizeof(*p));

    CHECK(p);
    qsort(p, f->passes_n, sizeof(*p), pass_by_place);
    for (size_t i = 0; i < f->passes_n; i++) {
        uint64_t want =
            total ? (uint64_t)((unsigned __int128)p[i].amount * FLOW_HEIGHT / total) : 0;

        CHECK_U(p[i].h, want < FLOW_THIN ? FLOW_THIN : want);
        CHECK(p[i].y >= 0 && p[i].y + p[i].h <= f->height);
        CHECK(p[i].column < f->columns_n);
        if (i && p[i - 1].column == p[i].column)
            CHECK(p[i - 1].y + p[i - 1].h < p[i].y);
    }
}

/* Every transaction is in one node; bands go forward in time; columns are spans of time if they say
 * so. */
static void check_nodes(struct arena *a, const struct flow_world *w, const struct flow *f,
                        struct flow_limits limits)
{
    uint32_t *seen = ARENA_ARRAY(a, uint32_t, w->txs_n), first_max = 0, last_max = 0;

    CHECK(seen);
    CHECK(f->nodes_n <= limits.nodes_max + limits.columns_max + 1);
    CHECK(f->columns_n <= limits.columns_max + 1);
    CHECK_U(f->nodes[0].kind, FLOW_ORIGINS);
    for (size_t i = 1; i < f->nodes_n; i++) {
        const struct flow_node *n = &f->nodes[i];

        CHECK(n->txs_n > 0);
        CHECK(n->column >= 1 && n->column < f->columns_n - 1);
        CHECK(n->column >= f->nodes[i - 1].column);
        for (uint32_t k = 0; k < n->txs_n; k++) {
            seen[n->txs[k]]++;
            CHECK(!k || n->txs[k] > n->txs[k - 1]);
        }
        if (f->by_time && n->column > f->nodes[i - 1].column)
            last_max = first_max;
        if (f->by_time)
            CHECK(n->column == 1 || n->txs[0] > last_max);
        if (n->txs[0] > first_max)
            first_max = n->txs[0];
    }
    for (uint32_t t = 0; t < w->txs_n; t++)
        CHECK_U(seen[t], 1);
    for (size_t i = 0; i < f->links_n; i++)
        if (f->links[i].target < f->nodes_n)
            CHECK(f->nodes[f->links[i].target].column > f->nodes[f->links[i].from].column);
}

/* What is shown or folded is everything: lanes hold what came in; nodes pay out what they take in.
 */
static void check_sums(const struct flow_world *w, const struct flow *f)
{
    uint64_t sum = 0, outputs = 0, inside = 0;

    for (uint32_t i = 0; i < f->lanes_n; i++)
        sum += f->lanes[i];
    CHECK_U(sum, all_of(w));
    CHECK_U(f->nodes[0].out, all_of(w));
    for (size_t i = 1; i < f->nodes_n; i++)
        CHECK_U(f->nodes[i].in, f->nodes[i].out);
    for (size_t i = 0; i < f->links_n; i++)
        outputs += f->links[i].outputs_n;
    for (size_t i = 1; i < f->nodes_n; i++) /* an output inside a fold: both its ends are members */
        for (size_t o = 0; o < w->outputs_n; o++) {
            bool from = false, to = false;

            for (uint32_t k = 0; k < f->nodes[i].txs_n; k++) {
                from = from || w->outputs[o].from == f->nodes[i].txs[k];
                to = to || w->outputs[o].to == f->nodes[i].txs[k];
            }
            inside += from && to;
        }
    CHECK_U(outputs + inside, w->outputs_n);
}

/* Where bands leave a node or join one, they lie beside each other within it. */
static void check_joints(const struct flow *f)
{
    for (size_t i = 0; i < f->links_n; i++) {
        const struct flow_link *k = &f->links[i];
        const struct flow_node *n = &f->nodes[k->from];

        CHECK(k->from_y >= n->y && k->from_y + k->from_h <= n->y + n->h);
        for (size_t j = 0; j < i; j++) {
            const struct flow_link *other = &f->links[j];

            if (other->from == k->from)
                CHECK(other->from_y + other->from_h <= k->from_y ||
                      k->from_y + k->from_h <= other->from_y);
            if (other->target == k->target &&
                f->nodes[other->from].column == f->nodes[k->from].column)
                CHECK(other->to_y + other->to_h <= k->to_y || k->to_y + k->to_h <= other->to_y);
        }
    }
}

static struct flow lay(struct arena *a, const struct flow_world *w, struct flow_limits limits)
{
    struct flow f;
    struct err err;

    CHECK_OK(flow_lay_out(a, w, limits, &f, &err), err);
    check_columns(a, &f, all_of(w));
    check_nodes(a, w, &f, limits);
    check_sums(w, &f);
    check_joints(&f);
    return f;
}

/* 100 come in; 60 go on from tx 0 to tx 2, 30 to tx 1 and on to tx 2, 10 stay; tx 2 pays 85 to a
 * stop, 5 are its fee. */
static const struct flow_output split[] = {OUT(100, FLOW_SOURCE, 0),
                                           OUT(60, 0, 2),
                                           OUT(30, 0, 1),
                                           END(10, 0, 1),
                                           OUT(30, 1, 2),
                                           END(85, 2, 0)};
static const struct flow_world split_world = {split, 6, 3, 3, 2};

static void split_and_joined(void **state)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    struct flow f = lay(a, &split_world, LIMITS);

    CHECK_U(f.nodes_n, 4);
    CHECK_U(f.columns_n, 5);
    CHECK(f.by_time);
    for (uint32_t i = 0; i < 4; i++)
        CHECK_U(f.nodes[i].column, i);
    CHECK_U(f.lanes[0], 85);
    CHECK_U(f.lanes[1], 10);
    CHECK_U(f.lanes[2], 5);
    CHECK_U(f.nodes[3].in, 90);
    CHECK_U(f.nodes[0].h, FLOW_HEIGHT);
    CHECK_U(f.nodes[3].h, FLOW_HEIGHT * 9 / 10);
    CHECK_U(f.nodes[2].h, FLOW_HEIGHT * 3 / 10);
    arena_free(a);
}

static void chain_world(struct arena *a, uint32_t length,
                        struct flow_world *ret) /* peels 1 of each step to lane 0 */
{
    struct flow_output *o = ARENA_ARRAY(a, struct flow_output, 2 * (size_t)length + 1);
    size_t n = 0;

    CHECK(o);
    for (uint32_t i = 0; i <= length; i++) {
        o[n++] =
            (struct flow_output){1000 - i, i ? i - 1 : FLOW_SOURCE, i < length ? i : FLOW_END, 1};
        if (i)
            o[n++] = (struct flow_output){1, i - 1, FLOW_END, 0};
    }
    *ret = (struct flow_world){o, n, length, 3, 2};
}

static void chains_fold(void **state)
{
    struct arena *a = arena_new(NULL, (size_t)4 << 20);
    struct flow_world w, inside;
    struct flow f;
    struct err err;

    chain_world(a, 86, &w);
    f = lay(a, &w, LIMITS);
    CHECK_U(f.nodes_n, 2);
    CHECK_U(f.nodes[1].kind, FLOW_CHAIN);
    CHECK_U(f.nodes[1].txs_n, 86);
    CHECK_U(f.lanes[0], 86);
    CHECK_U(f.lanes[1], 914);
    CHECK_OK(flow_inside(a, &w, &f.nodes[1], &inside, &err), err);
    CHECK_U(inside.lanes_n, 4);
    f = lay(a, &inside, (struct flow_limits){.columns_max = 100, .nodes_max = 200});
    CHECK_U(f.nodes_n, 87);
    CHECK_U(f.lanes[3], 0);
    chain_world(a, 3, &w); /* shorter than chain_min */
    CHECK_U(lay(a, &w, LIMITS).nodes_n, 4);
    arena_free(a);
}

static void nothing_moved(void **state)
{
    static const struct flow_output held[] = {END(7, FLOW_SOURCE, 1), END(0, FLOW_SOURCE, 1)};
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    struct flow_world w = {held, 2, 0, 3, 2}, empty = {NULL, 0, 0, 1, 0};
    struct flow f = lay(a, &w, LIMITS);

    CHECK_U(f.nodes_n, 1);
    CHECK_U(f.links_n, 1);
    CHECK_U(f.links[0].outputs_n, 2);
    CHECK_U(f.lanes[1], 7);
    f = lay(a, &empty, LIMITS);
    CHECK_U(f.links_n, 0);
    arena_free(a);
}

/* A random world: each transaction takes some of what lies unspent and pays it out in parts. */
static void random_world(struct arena *a, struct test_random *r, uint32_t txs_n,
                         struct flow_world *ret)
{
    size_t max = 4 + 4 * (size_t)txs_n, n = 0;
    struct flow_output *o = ARENA_ARRAY(a, struct flow_output, max);

    CHECK(o);
    for (size_t i = 0; i < 4; i++)
        o[n++] = (struct flow_output){test_below(r, 1u << (4 * i + 1)), FLOW_SOURCE, FLOW_END, 0};
    for (uint32_t t = 0; t < txs_n; t++) {
        uint64_t in = 0;
        size_t before = n, parts = 1 + test_below(r, 4), takes = 1 + test_below(r, 2);

        for (size_t k = 0; k < takes; k++) {
            size_t i = test_below(r, 3) ? before - 1 - test_below(r, before < 6 ? before : 6)
                                        : test_below(r, before);

            if (o[i].to == FLOW_END && o[i].lane == 0) {
                o[i].to = t;
                in += o[i].amount;
            }
        }
        for (size_t k = 0; k < parts; k++) {
            uint64_t part = k + 1 < parts || !test_below(r, 2) ? test_below(r, in + 1) : in;

            o[n++] = (struct flow_output){part, t, FLOW_END,
                                          test_below(r, 4) ? 0 : 1 + (uint32_t)test_below(r, 2)};
            in -= part;
        }
    }
    *ret = (struct flow_world){o, n, txs_n, 4, 3};
}

static void random_worlds(void **state)
{
    struct test_random r = {test_seed()};

    for (unsigned i = 0; i < 300; i++) {
        struct arena *a = arena_new(NULL, (size_t)16 << 20);
        struct flow_limits limits = {3 + (uint32_t)test_below(&r, 12),
                                     20 + (uint32_t)test_below(&r, 30),
                                     (uint32_t)test_below(&r, 6)};
        struct flow_world w, inside;
        struct flow f;
        struct err err;

        test_row("world %u", i);
        random_world(a, &r, (uint32_t)test_below(&r, 120), &w);
        f = lay(a, &w, limits);
        for (size_t k = 1; k < f.nodes_n; k++)
            if (f.nodes[k].txs_n > 1) {
                CHECK_OK(flow_inside(a, &w, &f.nodes[k], &inside, &err), err);
                lay(a, &inside, limits);
                CHECK(all_of(&inside) >= f.nodes[k].in);
            }
        arena_free(a);
    }
}

static bool split_laid(void *ctx)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    struct flow f;
    struct err err;
    bool ok = a && flow_lay_out(a, &split_world, LIMITS, &f, &err);

    arena_free(a);
    return ok;
}

static void failed_allocations(void **state)
{
    test_failed_allocations(split_laid, NULL);
}

static void arena_limit(void **state)
{
    for (size_t max = 0;; max += 16) {
        struct arena *a = arena_new(NULL, max);
        struct flow f;
        struct err err;
        bool ok = flow_lay_out(a, &split_world, LIMITS, &f, &err);

        arena_free(a);
        if (ok)
            return;
        CHECK_U(err.class, ERR_LIMIT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(split_and_joined),   cmocka_unit_test(chains_fold),
        cmocka_unit_test(nothing_moved),      cmocka_unit_test(random_worlds),
        cmocka_unit_test(failed_allocations), cmocka_unit_test(arena_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
