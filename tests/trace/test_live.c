/* Live traces: at every block a case must stand where a trace over the ledger cut there stands,
 * whatever was added, removed and undone on the way. */
#include "support.h"

#include "base/mem.h"
#include "trace/live.h"
#include "trace/world.h"

#include <stdlib.h>

#define CASES 8
#define BLOCKS_MAX 40
#define BACKS 4u
#define ARENA_MAX ((size_t)1 << 26)

struct seen { /* of an output, as passes have told it */
    bool listed, origin;
    uint64_t taint;
    uint32_t hop;
    int32_t stop;
};

struct asked {
    bool there, grows;
    uint32_t number, from; /* grows: outputs of this number modulo 7, from one on */
    uint64_t origins[WORLD_PARTS_MAX];
    int stop[WORLD_PARTS_MAX];
    struct trace_case ask;
    struct seen seen[WORLD_PARTS_MAX];
};

struct house {
    struct world w;
    struct trace_live *live;
    struct asked asked[CASES];
    uint32_t ends[BLOCKS_MAX + 1]; /* transactions at the end of each block */
    size_t blocks;
    struct test_random r;
};

static int32_t stop_of(void *ctx, uint64_t output)
{
    return ((const int *)ctx)[output];
}

static void random_tx(struct house *h)
{
    struct world *w = &h->w;
    struct test_random *r = &h->r;
    uint32_t ins_n = (uint32_t)(test_below(r, 8) ? 1 + test_below(r, 4) : 0), before = w->outs_n;
    uint32_t outs_n = (uint32_t)test_below(r, 5);
    uint64_t left = 0;
    bool unknown = false;

    world_tx(w);
    for (uint32_t i = 0; i < ins_n && before; i++) {
        uint32_t o = (uint32_t)test_below(r, before);

        if (!test_below(r, 60))
            world_outside(w, test_below(r, 3) ? test_below(r, 20) : UINT64_MAX);
        else if (w->spent_by[o] < 0)
            world_in(w, o);
        else
            continue;
        unknown |= w->in_value[w->ins_n - 1] == UINT64_MAX;
        left += w->in_value[w->ins_n - 1];
    }
    if (!w->txs[w->txs_n - 1].in_n || unknown)
        left = test_below(r, 40);
    for (uint32_t j = 0; j < outs_n; j++) {
        uint64_t value = j + 1 < outs_n || !test_below(r, 3) ? test_below(r, left + 1) : left;

        world_out(w, value);
        left -= value;
    }
}

static void drop_txs(struct world *w, uint32_t txs_n)
{
    while (w->txs_n > txs_n) {
        struct world_tx *tx = &w->txs[--w->txs_n];

        for (uint32_t i = tx->in; i < w->ins_n; i++)
            if (w->in[i] >= 0)
                w->spent_by[w->in[i]] = -1;
            else
                w->ext_n--;
        w->ins_n = tx->in;
        w->outs_n = tx->out;
    }
}

/* ---- the comparison ---- */

static void name_row(const struct house *h, const struct asked *c)
{
    char text[1200];

    world_print(&h->w, text, sizeof(text));
    test_row("%s | %s from %d, %zu blocks", text, trace_policy_name(c->ask.policy),
             (int)c->origins[0], h->blocks);
}

static void same_totals(const struct trace_totals *a, const struct trace_totals *b)
{
    CHECK_U(a->origin, b->origin);
    CHECK_U(a->held, b->held);
    CHECK_U(a->exits, b->exits);
    CHECK_U(a->cut, b->cut);
    CHECK_U(a->fees, b->fees);
    CHECK_U(a->dust, b->dust);
    CHECK_U(a->unresolved, b->unresolved);
}

/* All that passes have told so far. */
static void same_told(const struct asked *c, const struct trace *want)
{
    size_t k = 0;

    for (size_t o = 0; o < WORLD_PARTS_MAX; o++) {
        const struct trace_reached *r = &want->reached[k];

        if (!c->seen[o].listed)
            continue;
        CHECK(k < want->reached_n);
        CHECK_U(o, r->output);
        CHECK_U(c->seen[o].taint, r->taint);
        CHECK_U(c->seen[o].hop, r->hop);
        CHECK_U(c->seen[o].stop, r->stop);
        CHECK_U(c->seen[o].origin, r->origin);
        k++;
    }
    CHECK_U(k, want->reached_n);
}

/* What is held, as the whole trace has it. */
static void same_held(const struct trace *got, const struct trace *want)
{
    size_t k = 0;

    for (size_t i = 0; i < want->reached_n; i++) {
        const struct trace_reached *r = &want->reached[i];

        if (r->spent_by != COINS_TX_NONE || r->stop >= 0 || !r->taint)
            continue;
        CHECK(k < got->reached_n);
        CHECK_U(got->reached[k].output, r->output);
        CHECK_U(got->reached[k].taint, r->taint);
        CHECK_U(got->reached[k].hop, r->hop);
        CHECK_U(got->reached[k++].origin, r->origin);
    }
    CHECK_U(got->reached_n, k);
    CHECK_U(got->units_n, want->units_n);
    for (size_t i = 0; i < want->units_n; i++) {
        CHECK_U(got->units[i].output, want->units[i].output);
        CHECK_U(got->units[i].start, want->units[i].start);
        CHECK_U(got->units[i].end, want->units[i].end);
    }
    CHECK_U(got->unresolved_n, want->unresolved_n);
    for (size_t i = 0; i < want->unresolved_n; i++) {
        CHECK_U(got->unresolved[i].tx, want->unresolved[i].tx);
        CHECK_U(got->unresolved[i].taint, want->unresolved[i].taint);
    }
}

static void same(struct house *h, struct asked *c)
{
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct coins coins = world_coins(&h->w);
    struct trace_live_case is = trace_live_case(h->live, c->number);
    struct trace want, got;
    struct err err;

    name_row(h, c);
    CHECK(!is.over);
    CHECK_OK(trace_forward(a, &coins, &c->ask, 1, &want, &err), err);
    CHECK_OK(trace_live_tell(h->live, a, c->number, &got, &err), err);
    same_totals(&got.totals, &want.totals);
    same_totals(&is.totals, &want.totals);
    CHECK_U(got.exact, want.exact);
    CHECK_U(got.full, want.full);
    CHECK_U(is.reached_n, want.reached_n);
    CHECK_U(is.held_n, got.reached_n);
    same_told(c, &want);
    same_held(&got, &want);
    arena_free(a);
}

static void all_same(struct house *h)
{
    uint64_t held = 0;

    for (size_t i = 0; i < CASES; i++)
        if (h->asked[i].there) {
            same(h, &h->asked[i]);
            held += trace_live_case(h->live, h->asked[i].number).held_n;
        }
    CHECK(trace_live_held(h->live) >= held);
}

/* ---- what happens ---- */

static void listen(struct house *h, struct asked *c)
{
    size_t n;
    const struct trace_reached *r = trace_live_reached(h->live, c->number, &n);

    for (size_t i = 0; i < n; i++) {
        struct seen *s = &c->seen[r[i].output];

        CHECK(!s->listed);
        *s = (struct seen){true, r[i].origin, r[i].taint, r[i].hop, r[i].stop};
    }
}

static bool grows_by(const struct asked *c, uint32_t output)
{
    return c->grows && output >= c->from && output % 7 == c->from % 7;
}

static void add_case(struct house *h, struct asked *c)
{
    struct coins coins = world_coins(&h->w);
    struct err err;

    memset(c->seen, 0, sizeof(c->seen));
    CHECK_OK(trace_live_add(h->live, &coins, &c->ask, &c->number, &err), err);
    c->there = true;
    listen(h, c);
}

static void random_case(struct house *h, struct asked *c)
{
    struct test_random *r = &h->r;
    uint32_t from = (uint32_t)test_below(r, h->w.outs_n);
    size_t n = 0;

    memset(c->stop, 0xff, sizeof(c->stop));
    if (!test_below(r, 3))
        for (uint64_t i = test_below(r, 9); i < 9; i++)
            c->stop[test_below(r, WORLD_PARTS_MAX / 4)] = (int)test_below(r, 5);
    c->grows = !test_below(r, 3);
    c->from = from;
    for (uint32_t o = from; o < h->w.outs_n; o++)
        if (c->grows ? grows_by(c, o) : o == from || !test_below(r, 20))
            c->origins[n++] = o;
    c->ask = (struct trace_case){.origins = c->origins,
                                 .origins_n = n,
                                 .policy = (enum trace_policy)test_below(r, 5),
                                 .dust = test_below(r, 3) ? 0 : test_below(r, 5),
                                 .hops_max = test_below(r, 3) ? TRACE_HOPS_NONE
                                                              : (uint32_t)test_below(r, 5),
                                 .units = true,
                                 .stop_of = stop_of,
                                 .stop_ctx = c->stop};
    if (!test_below(r, 3)) {
        c->ask.reached_cut = true;
        c->ask.reached_max = c->grows ? 75 + test_below(r, 10) : n + test_below(r, 12);
    }
    add_case(h, c);
}

static void block(struct house *h)
{
    struct trace_live_origin more[WORLD_PARTS_MAX];
    struct coins coins;
    uint32_t before = h->w.outs_n;
    size_t n = 0;
    struct err err;

    for (uint64_t i = test_below(&h->r, 4); i < 4 && h->w.txs_n < WORLD_TXS_MAX; i++)
        random_tx(h);
    coins = world_coins(&h->w);
    for (size_t i = 0; i < CASES; i++)
        for (uint32_t o = before; o < h->w.outs_n; o++)
            if (h->asked[i].there && grows_by(&h->asked[i], o)) {
                h->asked[i].origins[h->asked[i].ask.origins_n++] = o;
                more[n++] = (struct trace_live_origin){h->asked[i].number, o};
            }
    CHECK_OK(trace_live_advance(h->live, &coins, more, n, &err), err);
    h->ends[++h->blocks] = h->w.txs_n;
    for (size_t i = 0; i < CASES; i++)
        if (h->asked[i].there)
            listen(h, &h->asked[i]);
}

static void forget(struct house *h, struct asked *c)
{
    while (c->ask.origins_n && c->origins[c->ask.origins_n - 1] >= h->w.outs_n)
        c->ask.origins_n--;
    for (uint32_t o = h->w.outs_n; o < WORLD_PARTS_MAX; o++)
        c->seen[o].listed = false;
}

/* Undone blocks: who was added since is over, and is asked for anew if it still can be. */
static void back(struct house *h)
{
    struct err err;

    CHECK_OK(trace_live_back(h->live, &err), err);
    drop_txs(&h->w, h->ends[--h->blocks]);
    CHECK_U(trace_live_txs(h->live), h->w.txs_n);
    for (size_t i = 0; i < CASES; i++) {
        struct asked *c = &h->asked[i];

        if (!c->there)
            continue;
        forget(h, c);
        if (!trace_live_case(h->live, c->number).over)
            continue;
        trace_live_remove(h->live, c->number);
        c->there = false;
        if (c->ask.origins_n)
            add_case(h, c);
    }
}

static void life(struct house *h)
{
    struct err err;

    world_clear(&h->w);
    h->blocks = 0;
    for (size_t i = 0; i < CASES; i++)
        h->asked[i].there = false;
    CHECK_OK(trace_live_new((struct trace_live_limits){.back_max = BACKS}, &h->live, &err), err);
    while (h->blocks < BLOCKS_MAX && h->w.txs_n < WORLD_TXS_MAX - 4) {
        struct asked *c = &h->asked[test_below(&h->r, CASES)];

        block(h);
        all_same(h);
        if (c->there && !test_below(&h->r, 6)) {
            trace_live_remove(h->live, c->number);
            c->there = false;
        } else if (!c->there && h->w.outs_n) {
            random_case(h, c);
            same(h, c);
        }
        for (size_t n = test_below(&h->r, 6) ? 0 : 1 + test_below(&h->r, BACKS);
             n && trace_live_backs(h->live); n--) {
            back(h);
            all_same(h);
        }
    }
    h->live = trace_live_free(h->live);
}

static void at_every_block(void **state)
{
    static struct house h;
    size_t n = 400;

    (void)state;
    h.r = (struct test_random){test_seed()};
    for (size_t i = 0; i < n; i++)
        life(&h);
    print_message("%zu random ledgers that grow, up to %d cases each\n", n, CASES);
}

/* ---- rows by hand ---- */

/* t1 spends what was stolen; the ledger is first seen before it. */
static void a_block_more(void **state)
{
    static struct world w;
    const uint64_t origin = 0;
    const struct trace_case ask = {
        .origins = &origin, .origins_n = 1, .policy = TRACE_HAIRCUT, .hops_max = TRACE_HOPS_NONE};
    const struct trace_reached *r;
    const uint32_t *touched;
    struct trace_live *t;
    struct coins coins;
    uint32_t number;
    struct err err;
    size_t n;

    (void)state;
    CHECK(!world_read(&w, "t0: -> 5\nt1: -> 3\n"));
    coins = world_coins(&w);
    CHECK_OK(trace_live_new((struct trace_live_limits){.back_max = 1}, &t, &err), err);
    CHECK_OK(trace_live_advance(t, &coins, NULL, 0, &err), err);
    CHECK_OK(trace_live_add(t, &coins, &ask, &number, &err), err);
    CHECK_U(trace_live_case(t, number).totals.held, 5);
    CHECK(!world_read(&w, "t0: -> 5\nt1: -> 3\nt2: 0.0 1.0 -> 4 3\n"));
    coins = world_coins(&w);
    CHECK_OK(trace_live_advance(t, &coins, NULL, 0, &err), err);
    CHECK_U(trace_live_touched(t, &touched), 1);
    CHECK_U(touched[0], number);
    r = trace_live_reached(t, number, &n);
    CHECK_U(n, 2); /* 5 of 8: docs/taint.md, haircut */
    CHECK_U(r[0].output, 2);
    CHECK_U(r[0].taint, 2);
    CHECK_U(r[1].taint, 2);
    CHECK_U(r[1].hop, 1);
    CHECK_U(trace_live_case(t, number).totals.fees, 1);
    CHECK_OK(trace_live_back(t, &err), err);
    CHECK_U(trace_live_case(t, number).totals.held, 5);
    CHECK_U(trace_live_case(t, number).totals.fees, 0);
    CHECK(!trace_live_back(t, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    trace_live_free(t);
}

/* The table is full for one case; the other goes on. */
static void a_limit_ends_one(void **state)
{
    static struct world w;
    const uint64_t origins[2] = {0, 1};
    struct trace_case ask = {.origins_n = 1, .policy = TRACE_FIFO, .hops_max = TRACE_HOPS_NONE};
    struct trace_live *t;
    struct coins coins;
    uint32_t number[2];
    struct err err;

    (void)state;
    CHECK(!world_read(&w, "t0: -> 9 5\n"));
    coins = world_coins(&w);
    CHECK_OK(trace_live_new((struct trace_live_limits){.held_max = 3}, &t, &err), err);
    CHECK_OK(trace_live_advance(t, &coins, NULL, 0, &err), err);
    for (size_t i = 0; i < 2; i++) {
        ask.origins = &origins[i];
        CHECK_OK(trace_live_add(t, &coins, &ask, &number[i], &err), err);
    }
    CHECK(!world_read(&w, "t0: -> 9 5\nt1: 0.0 -> 2 2 2 3\nt2: 0.1 -> 5\n"));
    coins = world_coins(&w);
    CHECK_OK(trace_live_advance(t, &coins, NULL, 0, &err), err);
    CHECK(trace_live_case(t, number[0]).over);
    CHECK_U(trace_live_case(t, number[0]).over->class, ERR_LIMIT);
    CHECK(!trace_live_case(t, number[1]).over);
    CHECK_U(trace_live_case(t, number[1]).totals.held, 5);
    CHECK_U(trace_live_held(t), 1);
    trace_live_free(t);
}

static void refuses(void **state)
{
    static struct world w;
    const uint64_t origins[2] = {7, 7};
    const struct trace_mark mark = {.taint = 1};
    struct trace_case ask = {.origins = origins, .origins_n = 1, .hops_max = TRACE_HOPS_NONE};
    struct trace_live *t;
    struct coins coins, fewer;
    uint32_t number;
    struct err err;

    (void)state;
    CHECK(!world_read(&w, "t0: -> 9 5\n"));
    coins = world_coins(&w);
    CHECK_OK(trace_live_new((struct trace_live_limits){0}, &t, &err), err);
    CHECK(!trace_live_add(t, &coins, &ask, &number, &err)); /* it has not come so far */
    CHECK_U(err.class, ERR_CORRUPT);
    CHECK_OK(trace_live_advance(t, &coins, NULL, 0, &err), err);
    CHECK(!trace_live_add(t, &coins, &ask, &number, &err));
    CHECK_U(err.class, ERR_USAGE);
    ask.marks = &mark;
    CHECK(!trace_live_add(t, &coins, &ask, &number, &err));
    CHECK_U(err.class, ERR_USAGE);
    fewer = coins;
    fewer.txs_n = 0;
    CHECK(!trace_live_advance(t, &fewer, NULL, 0, &err));
    CHECK_U(err.class, ERR_CORRUPT);
    CHECK_OK(trace_live_advance(t, &coins, NULL, 0, &err), err); /* refused, not broken */
    trace_live_free(t);
}

static bool whole(void *ctx)
{
    struct world *w = ctx;
    const uint64_t origin = 0;
    const struct trace_case ask = {
        .origins = &origin, .origins_n = 1, .policy = TRACE_LIFO, .hops_max = TRACE_HOPS_NONE};
    struct trace_live *t;
    struct coins all = world_coins(w), first = all;
    uint32_t number;
    struct err err;
    bool ok;

    first.txs_n = 2;
    first.outputs_n = 3;
    first.inputs_n = 0;
    if (!trace_live_new((struct trace_live_limits){.back_max = 2}, &t, &err))
        return false;
    ok = trace_live_advance(t, &first, NULL, 0, &err) &&
         trace_live_add(t, &first, &ask, &number, &err) &&
         trace_live_advance(t, &all, NULL, 0, &err) && trace_live_back(t, &err) &&
         trace_live_advance(t, &all, NULL, 0, &err);
    trace_live_free(t);
    return ok;
}

static void every_allocation(void **state)
{
    static struct world w;

    (void)state;
    CHECK(!world_read(&w, "t0: -> 9 5\nt1: -> 4\nt2: 0.0 1.0 -> 2 2 2 3\nt3: 2.0 2.3 0.1 -> 5\n"));
    test_failed_allocations(whole, &w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_more),   cmocka_unit_test(a_limit_ends_one),
        cmocka_unit_test(refuses),        cmocka_unit_test(every_allocation),
        cmocka_unit_test(at_every_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
