/* Forward traces: rows by hand, and against the naive implementation on random worlds and on all small ones. */
#include "support.h"

#include "base/mem.h"
#include "trace/naive.h"
#include "trace/trace.h"

#include <stdio.h>
#include <stdlib.h>

#define CASES_MAX 512
#define ARENA_MAX ((size_t)1 << 30)

struct question { /* the same for both implementations */
    struct naive_ask ask;
    uint64_t origins[WORLD_PARTS_MAX];
    struct trace_case as_case;
};

static int32_t stop_of(void *ctx, uint64_t output)
{
    return ((const int *)ctx)[output];
}

static void question_clear(struct question *q)
{
    memset(q->ask.origin, 0, sizeof(q->ask.origin));
    memset(q->ask.stop, 0xff, sizeof(q->ask.stop));
    q->ask.dust = 0;
    q->ask.hops_max = TRACE_HOPS_NONE;
}

static void question_end(const struct world *w, struct question *q)
{
    size_t n = 0;

    for (uint32_t o = 0; o < w->outs_n; o++)
        if (q->ask.origin[o])
            q->origins[n++] = o;
    q->as_case = (struct trace_case){.origins = q->origins,
                                     .origins_n = n,
                                     .policy = (enum trace_policy)q->ask.policy,
                                     .dust = q->ask.dust,
                                     .hops_max = q->ask.hops_max,
                                     .stop_of = stop_of,
                                     .stop_ctx = q->ask.stop};
}

static void name_row(const struct world *w, const struct question *q)
{
    char text[200], from[40] = "";
    size_t n = 0;

    world_print(w, text, sizeof(text));
    for (size_t i = 0; i < q->as_case.origins_n && n < sizeof(from) - 8; i++)
        n += (size_t)snprintf(from + n, sizeof(from) - n, " %d", (int)q->origins[i]);
    test_row("%s %s from%s", text, trace_policy_name(q->as_case.policy), from);
}

#define SAME(got, want)                                                                                                \
    do {                                                                                                               \
        if ((got) != (want)) {                                                                                         \
            name_row(w, q);                                                                                            \
            CHECK_U(got, want);                                                                                        \
        }                                                                                                              \
    } while (0)

static void same(const struct world *w, const struct question *q, const struct trace *t, const struct naive *n)
{
    size_t k = 0, u = 0;

    for (uint32_t o = 0; o < w->outs_n; o++) {
        const struct trace_reached *r = &t->reached[k];

        if (!n->out[o].listed)
            continue;
        if (k == t->reached_n)
            SAME(k, t->reached_n + 1);
        SAME(r->output, o);
        SAME(r->taint, n->out[o].taint);
        SAME(r->hop, n->out[o].hop);
        SAME(r->stop, n->out[o].stop);
        SAME(r->origin, n->out[o].origin);
        SAME(r->spent_by, w->spent_by[o] < 0 ? COINS_TX_NONE : (uint32_t)w->spent_by[o]);
        k++;
    }
    SAME(t->reached_n, k);
    for (uint32_t i = 0; i < w->txs_n; i++) {
        if (!n->unresolved[i])
            continue;
        if (u == t->unresolved_n)
            SAME(u, t->unresolved_n + 1);
        SAME(t->unresolved[u].tx, i);
        SAME(t->unresolved[u++].taint, n->unresolved[i]);
    }
    SAME(t->unresolved_n, u);
    SAME(t->totals.origin, n->origin);
    SAME(t->totals.held, n->held);
    SAME(t->totals.exits, n->exits);
    SAME(t->totals.cut, n->cut);
    SAME(t->totals.fees, n->fees);
    SAME(t->totals.dust, n->dust);
    SAME(t->totals.unresolved, n->unresolved_sum);
    SAME(t->exact, n->exact);
    if (q->ask.policy != NAIVE_POISON)
        SAME(n->held + n->exits + n->cut + n->fees + n->dust + n->unresolved_sum, n->origin);
}

/* All questions at once must answer as each by the naive way does. */
static void all_same(struct world *w, struct question *q, size_t n)
{
    static struct trace_case cases[CASES_MAX];
    static struct trace got[CASES_MAX];
    static struct naive want;
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct coins coins = world_coins(w);
    struct err err;

    CHECK(a);
    for (size_t i = 0; i < n; i++) {
        question_end(w, &q[i]);
        cases[i] = q[i].as_case;
    }
    if (!trace_forward(a, &coins, cases, n, got, &err)) {
        name_row(w, &q[0]);
        CHECK_OK(false, err);
    }
    for (size_t i = 0; i < n; i++) {
        naive_trace(w, &q[i].ask, &want);
        same(w, &q[i], &got[i], &want);
    }
    arena_free(a);
}

/* ---- random worlds ---- */

static uint64_t random_outside(struct test_random *r)
{
    return test_below(r, 3) ? test_below(r, 20) : UINT64_MAX;
}

static void random_tx(struct world *w, struct test_random *r)
{
    uint64_t left = test_below(r, 2) ? test_below(r, 40) : test_below(r, 4);
    uint32_t ins_n = (uint32_t)(test_below(r, 8) ? 1 + test_below(r, 4) : 0), before = w->outs_n;
    uint32_t outs_n = (uint32_t)test_below(r, 5);
    bool unknown = false;

    world_tx(w);
    for (uint32_t i = 0; i < ins_n; i++) {
        uint32_t o = before ? (uint32_t)test_below(r, before) : 0;

        if (!test_below(r, 40)) {
            world_outside(w, random_outside(r));
        } else if (before && w->spent_by[o] < 0) {
            world_in(w, o);
        } else {
            continue;
        }
        left = (w->txs[w->txs_n - 1].in_n == 1 ? 0 : left) + w->in_value[w->ins_n - 1];
        unknown |= w->in_value[w->ins_n - 1] == UINT64_MAX;
    }
    if (unknown)
        left = test_below(r, 30);
    for (uint32_t j = 0; j < outs_n; j++) {
        uint64_t value = j + 1 < outs_n || !test_below(r, 3) ? test_below(r, left + 1) : left;

        if (value >= NAIVE_UNITS_MAX)
            value = NAIVE_UNITS_MAX - 1;
        world_out(w, value);
        left -= value;
    }
}

static void random_world(struct world *w, struct test_random *r)
{
    uint32_t n = 1 + (uint32_t)test_below(r, test_below(r, 20) ? 10 : 40);

    world_clear(w);
    while (w->txs_n < n)
        random_tx(w, r);
}

static void random_question(const struct world *w, struct question *q, struct test_random *r, enum naive_policy policy)
{
    uint64_t origins = 1 + test_below(r, 3);

    question_clear(q);
    q->ask.policy = policy;
    for (uint64_t i = 0; w->outs_n && i < origins; i++)
        q->ask.origin[test_below(r, test_below(r, 2) ? w->outs_n : (w->outs_n + 3) / 4)] = true;
    if (!test_below(r, 3))
        for (uint64_t i = test_below(r, 3); w->outs_n && i < 3; i++)
            q->ask.stop[test_below(r, w->outs_n)] = (int)test_below(r, 5);
    if (!test_below(r, 3))
        q->ask.dust = test_below(r, 5);
    if (!test_below(r, 3))
        q->ask.hops_max = (uint32_t)test_below(r, 5);
}

static bool longer(void)
{
    const char *is = getenv("CORDON_LONG");

    return is && !strcmp(is, "1");
}

static void random_worlds(void **state)
{
    static struct world w;
    static struct question q[10];
    struct test_random r = {test_seed()};
    size_t n = longer() ? 1000000 : 100000;

    for (size_t i = 0; i < n; i++) {
        random_world(&w, &r);
        for (size_t k = 0; k < 10; k++)
            random_question(&w, &q[k], &r, (enum naive_policy)(k % 5));
        all_same(&w, q, 10);
    }
    print_message("%zu random ledgers, 10 cases each\n", n);
}

/* Poison reaches whatever any other policy reaches. */
static void poison_reaches_all(void **state)
{
    static struct world w;
    static struct question q[5];
    static struct trace_case cases[5];
    static struct trace got[5];
    struct test_random r = {test_seed() + 1};

    for (size_t i = 0; i < 5000; i++) {
        struct arena *a = arena_new(NULL, ARENA_MAX);
        struct coins coins;
        struct err err;

        random_world(&w, &r);
        coins = world_coins(&w);
        random_question(&w, &q[0], &r, NAIVE_FIFO);
        q[0].ask.dust = 0;
        for (size_t k = 0; k < 5; k++) {
            q[k].ask = q[0].ask;
            q[k].ask.policy = (enum naive_policy)k;
            question_end(&w, &q[k]);
            cases[k] = q[k].as_case;
        }
        CHECK_OK(trace_forward(a, &coins, cases, 5, got, &err), err);
        for (size_t k = 0; k < 4; k++)
            for (size_t p = 0, j = 0; j < got[k].reached_n; j++, p++) {
                while (p < got[4].reached_n && got[4].reached[p].output < got[k].reached[j].output)
                    p++;
                CHECK(p < got[4].reached_n && got[4].reached[p].output == got[k].reached[j].output);
                CHECK(got[4].reached[p].taint >= got[k].reached[j].taint);
            }
        arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_worlds),
        cmocka_unit_test(poison_reaches_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
