/* Forward traces: rows by hand, and against the naive implementation on random worlds and on all
 * small ones. */
#include "support.h"

#include "base/mem.h"
#include "trace/backward.h"
#include "trace/naive.h"
#include "trace/trace.h"

#include <stdio.h>

#define CASES_MAX 512
#define ARENA_MAX ((size_t)1 << 30)

struct question { /* the same for both implementations */
    struct naive_ask ask;
    uint64_t origins[WORLD_PARTS_MAX];
    struct trace_mark marks[WORLD_PARTS_MAX];
    struct trace_case as_case;
};

static int32_t stop_of(void *ctx, uint64_t output)
{
    return ((const int *)ctx)[output];
}

static void question_clear(struct question *q)
{
    memset(q->ask.origin, 0, sizeof(q->ask.origin));
    memset(q->ask.mark, 0, sizeof(q->ask.mark));
    memset(q->ask.stop, 0xff, sizeof(q->ask.stop));
    q->ask.dust = 0;
    q->ask.hops_max = TRACE_HOPS_NONE;
}

static void question_end(const struct world *w, struct question *q)
{
    size_t n = 0;

    bool marked = false;

    for (uint32_t o = 0; o < w->outs_n; o++) {
        marked |= q->ask.mark[o] != 0;
        if (!q->ask.mark[o] && !q->ask.origin[o])
            continue;
        q->marks[n] = q->ask.mark[o] ? (struct trace_mark){q->ask.mark[o], q->ask.mark_hop[o], true}
                                     : (struct trace_mark){.taint = w->out[o]};
        q->origins[n++] = o;
    }
    q->as_case = (struct trace_case){.origins = q->origins,
                                     .origins_n = n,
                                     .marks = marked ? q->marks : NULL,
                                     .policy = (enum trace_policy)q->ask.policy,
                                     .dust = q->ask.dust,
                                     .hops_max = q->ask.hops_max,
                                     .units = true,
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

#define SAME(got, want)                                                                            \
    do {                                                                                           \
        if ((got) != (want)) {                                                                     \
            name_row(w, q);                                                                        \
            CHECK_U(got, want);                                                                    \
        }                                                                                          \
    } while (0)

/* Of what is held, the units: none are told where all are tainted. */
static void same_units(const struct world *w, const struct question *q, const struct trace *t,
                       const struct naive *n)
{
    size_t k = 0;

    for (uint32_t o = 0; o < w->outs_n; o++) {
        const struct naive_output *out = &n->out[o];

        if (!out->listed || out->taint == w->out[o] || out->stop >= 0 || w->spent_by[o] >= 0 ||
            q->ask.policy > NAIVE_LIFO)
            continue;
        for (uint64_t u = 0; u < w->out[o]; u++) {
            bool told = k < t->units_n && t->units[k].output == o && u >= t->units[k].start;

            SAME(told, out->unit[u]);
            if (told && u + 1 == t->units[k].end)
                k++;
        }
    }
    SAME(t->units_n, k);
}

static void same(const struct world *w, const struct question *q, const struct trace *t,
                 const struct naive *n)
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
    SAME(t->totals.converted_in, n->converted_in);
    SAME(t->totals.held, n->held);
    SAME(t->totals.exits, n->exits);
    SAME(t->totals.cut, n->cut);
    SAME(t->totals.fees, n->fees);
    SAME(t->totals.dust, n->dust);
    SAME(t->totals.unresolved, n->unresolved_sum);
    SAME(t->exact, n->exact);
    same_units(w, q, t, n);
    if (q->ask.policy != NAIVE_POISON)
        SAME(n->held + n->exits + n->cut + n->fees + n->dust + n->unresolved_sum,
             n->origin + n->converted_in);
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

static void random_question(const struct world *w, struct question *q, struct test_random *r,
                            enum naive_policy policy)
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

/* What arrives by a route: parts of outputs, by themselves or besides origins. */
static void random_marks(const struct world *w, struct question *q, struct test_random *r)
{
    for (uint64_t i = test_below(r, 4); w->outs_n && i < 4; i++) {
        uint64_t o = test_below(r, w->outs_n);

        if (q->ask.origin[o] || !w->out[o])
            continue;
        q->ask.mark[o] = 1 + test_below(r, w->out[o]);
        q->ask.mark_hop[o] = (uint32_t)test_below(r, 4);
    }
}

static void random_worlds(void **state)
{
    static struct world w;
    static struct question q[10];
    struct test_random r = {test_seed()};
    size_t n = test_long() ? 1000000 : 100000;

    for (size_t i = 0; i < n; i++) {
        random_world(&w, &r);
        for (size_t k = 0; k < 10; k++) {
            random_question(&w, &q[k], &r, (enum naive_policy)(k % 5));
            if (i % 4 == 3 && k >= 5)
                random_marks(&w, &q[k], &r);
        }
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

/* ---- backward ---- */

static bool back(struct arena *a, const struct coins *coins, uint64_t output,
                 enum trace_policy policy, uint32_t hops_max, struct trace_sources *ret)
{
    struct trace_target target = {
        .outputs = &output, .outputs_n = 1, .policy = policy, .hops_max = hops_max};
    struct err err;

    if (!trace_backward(a, coins, &target, ret, &err))
        test_failed(__FILE__, __LINE__, "%s", err.text);
    return true;
}

static void same_sources(const struct world *w, uint32_t target, const struct trace_sources *f,
                         const struct naive_sources *n)
{
    size_t k = 0, v = 0;

    for (uint32_t o = 0; o < w->outs_n; o++) {
        if (!n->amount[o] && o != target)
            continue;
        CHECK(k < f->sources_n);
        CHECK_U(f->sources[k].output, o);
        CHECK_U(f->sources[k].amount, n->amount[o]);
        CHECK_U(f->sources[k++].hop, n->hop[o]);
    }
    CHECK_U(f->sources_n, k);
    for (size_t i = 0; i < f->outside_n; i++) {
        for (; v < f->outside[i].input; v++)
            CHECK_U(n->outside[v], 0);
        CHECK_U(f->outside[i].amount, n->outside[v++]);
    }
    for (; v < w->ins_n; v++)
        CHECK_U(n->outside[v], 0);
    CHECK_U(f->totals.coinbase, n->coinbase);
    CHECK_U(f->totals.outside, n->outside_sum);
    CHECK_U(f->totals.cut, n->cut);
    CHECK_U(f->totals.unresolved, n->unresolved);
}

static void backward_is_the_naive_way_back(void **state)
{
    static const enum trace_policy policies[] = {TRACE_FIFO, TRACE_LIFO, TRACE_HAIRCUT,
                                                 TRACE_POISON};
    static struct world w;
    static struct naive_sources want;
    struct test_random r = {test_seed() + 2};

    for (size_t i = 0; i < 20000; i++) {
        struct arena *a = arena_new(NULL, ARENA_MAX);
        struct coins coins;
        char text[200];

        random_world(&w, &r);
        coins = world_coins(&w);
        world_print(&w, text, sizeof(text));
        for (size_t k = 0; w.outs_n && k < 4; k++) {
            uint32_t target = (uint32_t)test_below(&r, w.outs_n);
            uint32_t hops_max = test_below(&r, 3) ? TRACE_HOPS_NONE : (uint32_t)test_below(&r, 4);
            struct trace_sources got;

            test_row("%s %s back from %u", text, trace_policy_name(policies[k]), target);
            back(a, &coins, target, policies[k], hops_max, &got);
            naive_back(&w, target, (enum naive_policy)policies[k], hops_max, &want);
            same_sources(&w, target, &got, &want);
        }
        arena_free(a);
    }
}

static uint64_t amount_at(const struct trace_sources *f, uint64_t output)
{
    for (size_t i = 0; i < f->sources_n; i++)
        if (f->sources[i].output == output)
            return f->sources[i].amount;
    return 0;
}

static uint64_t taint_at(const struct trace *t, uint64_t output)
{
    for (size_t i = 0; i < t->reached_n; i++)
        if (t->reached[i].output == output)
            return t->reached[i].taint;
    return 0;
}

/* Each unit's way back is its way there: what x gave to y by the trace from x is what y got from x
 * by the way back. */
static void there_and_back(void **state)
{
    static struct world w;
    struct test_random r = {test_seed() + 3};

    for (size_t i = 0; i < 4000; i++) {
        struct arena *a = arena_new(NULL, ARENA_MAX);
        enum trace_policy policy = i % 2 ? TRACE_FIFO : TRACE_LIFO;
        struct trace *there;
        struct coins coins;
        struct err err;

        random_world(&w, &r);
        coins = world_coins(&w);
        there = ARENA_ARRAY(a, struct trace, w.outs_n);
        for (uint64_t x = 0; x < w.outs_n; x++) {
            struct trace_case ask = {
                .origins = &x, .origins_n = 1, .policy = policy, .hops_max = TRACE_HOPS_NONE};

            CHECK_OK(trace_forward(a, &coins, &ask, 1, &there[x], &err), err);
        }
        for (uint64_t y = 0; y < w.outs_n; y++) {
            struct trace_sources f;

            back(a, &coins, y, policy, TRACE_HOPS_NONE, &f);
            for (uint64_t x = 0; x < w.outs_n; x++)
                CHECK_U(taint_at(&there[x], y), amount_at(&f, x));
        }
        arena_free(a);
    }
}

/* ---- every small world ---- */

#define SMALL_OUTPUTS_MAX 8

struct small {
    struct world w;
    uint64_t worlds, cases;
    uint32_t txs_n; /* how deep */
    uint64_t every; /* of the whole worlds, ask one in so many */
    struct question q[SMALL_OUTPUTS_MAX * 5 + 5];
};

static void ask_small(struct small *s)
{
    size_t n = 0;

    if (s->worlds++ % s->every)
        return;
    for (uint32_t o = 0; o < s->w.outs_n; o++)
        for (int policy = NAIVE_FIFO; policy <= NAIVE_POISON; policy++) {
            question_clear(&s->q[n]);
            s->q[n].ask.policy = (enum naive_policy)policy;
            s->q[n++].ask.origin[o] = true;
        }
    /* and all of the first transaction */
    for (int policy = NAIVE_FIFO; policy <= NAIVE_POISON; policy++) {
        question_clear(&s->q[n]);
        s->q[n].ask.policy = (enum naive_policy)policy;
        for (uint32_t o = 0; o < s->w.txs[0].out_n; o++)
            s->q[n].ask.origin[o] = true;
        n++;
    }
    all_same(&s->w, s->q, n);
    s->cases += n;
}

static void small_worlds(struct small *s);

static void take_back(struct world *w, struct world_tx tx)
{
    for (uint32_t i = tx.in; i < w->ins_n; i++)
        w->spent_by[w->in[i]] = -1;
    w->ins_n = tx.in;
    w->outs_n = tx.out;
    w->txs_n--;
}

/* The last transaction has its inputs: every way to pay them out with a fee of 0 or 1. A coinbase:
 * every way. */
static void every_payment(struct small *s, bool coinbase, uint64_t in)
{
    struct world *w = &s->w;
    struct world_tx *tx = &w->txs[w->txs_n - 1];

    for (int pays = 0; pays < 1 + 4 + 16; pays++) {
        uint64_t first = (uint64_t)(pays < 5 ? pays - 1 : (pays - 5) / 4),
                 second = (uint64_t)(pays - 5) % 4;
        uint64_t sum = (pays ? first : 0) + (pays < 5 ? 0 : second);

        if (coinbase ? !pays : sum > in || sum + 1 < in)
            continue;
        tx->out_n = 0;
        w->outs_n = tx->out;
        if (pays)
            world_out(w, first);
        if (pays >= 5)
            world_out(w, second);
        small_worlds(s);
    }
    w->outs_n = tx->out;
    tx->out_n = 0;
}

/* Recursion as deep as a world has transactions: four. */
static void small_worlds(struct small *s)
{
    struct world *w = &s->w;
    uint32_t outs_n = w->outs_n;

    if (w->txs_n == s->txs_n) {
        ask_small(s);
        return;
    }
    for (uint32_t a = 0; a <= outs_n; a++)
        for (uint32_t b = 0; b <= outs_n; b++) {
            struct world_tx tx;

            if (a == outs_n ? b != outs_n : a == b) /* outs_n stands for no input */
                continue;
            if ((a < outs_n && w->spent_by[a] >= 0) || (b < outs_n && w->spent_by[b] >= 0))
                continue;
            world_tx(w);
            tx = w->txs[w->txs_n - 1];
            if (a < outs_n)
                world_in(w, a);
            if (b < outs_n)
                world_in(w, b);
            every_payment(s, a == outs_n,
                          (a < outs_n ? w->out[a] : 0) + (b < outs_n ? w->out[b] : 0));
            take_back(w, tx);
        }
}

static void every_small_world(void **state)
{
    static struct small s;

    for (uint32_t txs_n = 1; txs_n <= 4; txs_n++) {
        s.worlds = s.cases = 0;
        s.txs_n = txs_n;
        s.every = test_long() || txs_n < 3 ? 1 : txs_n == 3 ? 16 : 1009;
        world_clear(&s.w);
        small_worlds(&s);
        print_message("%u transactions: %llu ledgers, one in %llu asked, %llu cases\n", txs_n,
                      (unsigned long long)s.worlds, (unsigned long long)s.every,
                      (unsigned long long)s.cases);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_worlds),
        cmocka_unit_test(poison_reaches_all),
        cmocka_unit_test(backward_is_the_naive_way_back),
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(every_small_world),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
