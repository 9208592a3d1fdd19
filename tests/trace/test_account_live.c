/* Live traces of accounts: at every block a case must stand where a trace over the ledger cut there
 * stands, whatever was added, removed and undone on the way. */
#include "support.h"

#include "trace/account_live.h"
#include "trace/account_same.h"
#include "trace/account_world.h"

#include <stdlib.h>

#define CASES 8
#define BLOCKS_MAX 30
#define TRANSFERS_MAX 2000
#define ORIGINS_MAX 4096
#define BACKS 4u
#define ARENA_MAX ((size_t)1 << 28)

struct asked {
    bool there, grows; /* grows: an origin is every third transfer to this account */
    int account;
    uint32_t number;
    struct account_origin origins[ORIGINS_MAX];
    int stop[AW_ACCOUNTS];
    bool converts;
    struct account_case ask;
    struct account_move moves[TRANSFERS_MAX + ORIGINS_MAX]; /* as passes have told them */
    size_t moves_n;
};

struct house {
    struct account_world w;
    struct account_live *live;
    struct asked asked[CASES];
    size_t ends[BLOCKS_MAX + 1]; /* transfers at the end of each block */
    size_t blocks;
    int accounts, assets;
    uint64_t amount_max;
    bool freezes, bursts;
    struct account_conversion legs[64];
    struct test_random r;
};

static int32_t stop_of(void *ctx, uint64_t account)
{
    return account >= AW_ASSETS ? ((const int *)ctx)[account - AW_ASSETS] : STOP_NONE;
}

/* The first transfer of each asset but the first goes on in the first of another asset: what it is
 * depends on the transaction alone. */
static size_t conversions_of(void *ctx, uint64_t tx, const struct account_conversion **ret)
{
    struct house *h = ctx;
    uint64_t in = UINT64_MAX, out = UINT64_MAX;
    size_t n = 0;

    for (uint64_t i = 0; tx % 2 && i < h->w.n; i++) {
        const struct aw_transfer *t = &h->w.at[i];
        bool may = t->tx == tx && t->from != t->to && t->kind != TRANSFER_FEE &&
                   t->kind != TRANSFER_FREEZE && t->kind != TRANSFER_UNFREEZE;

        if (may && in == UINT64_MAX)
            in = i;
        else if (may && out == UINT64_MAX && t->asset != h->w.at[in].asset)
            out = i;
    }
    if (out != UINT64_MAX) {
        h->legs[n++] = (struct account_conversion){.transfer = in, .collateral = tx % 3 == 0};
        h->legs[n++] = (struct account_conversion){.transfer = out, .out = true};
    }
    *ret = h->legs;
    return n;
}

/* ---- a world that grows ---- */

static int random_account(struct house *h)
{
    return (int)test_below(&h->r, (uint64_t)h->accounts);
}

static void random_transfer(struct house *h, bool first)
{
    struct account_world *w = &h->w;
    struct test_random *r = &h->r;
    int from = test_below(r, 6) ? random_account(h) : AW_NOBODY;
    int to = test_below(r, 12) ? random_account(h) : AW_NOBODY;
    int asset = (int)test_below(r, (uint64_t)h->assets);
    uint64_t amount = test_below(r, h->amount_max + 1);

    if (from == AW_NOBODY && to == AW_NOBODY)
        to = 0;
    if (first && !test_below(r, 3)) {
        account_world_fee(w, random_account(h), to, amount % 4, test_below(r, amount % 4 + 1));
        return;
    }
    if (h->freezes && !test_below(r, 8)) {
        bool wipe = !test_below(r, 4);

        account_world_add(w,
                          wipe               ? TRANSFER_WIPE
                          : test_below(r, 2) ? TRANSFER_UNFREEZE
                                             : TRANSFER_FREEZE,
                          random_account(h), wipe ? to : AW_NOBODY, asset, wipe ? amount : 0);
        return;
    }
    account_world_add(w, asset ? TRANSFER_LOG : TRANSFER_VALUE, from, to, asset, amount);
}

/* So many of one account that marks are met, and jumps. */
static void random_burst(struct house *h)
{
    int hub = random_account(h), asset = (int)test_below(&h->r, (uint64_t)h->assets);

    account_world_tx(&h->w);
    for (uint64_t n = 50 + test_below(&h->r, 300); n; n--)
        if (test_below(&h->r, 6))
            account_world_add(&h->w, TRANSFER_VALUE, AW_NOBODY, hub, asset, test_below(&h->r, 3));
        else
            account_world_add(&h->w, TRANSFER_VALUE, hub, AW_NOBODY, asset, test_below(&h->r, 2));
}

static void random_block(struct house *h)
{
    if (h->bursts && h->w.n < TRANSFERS_MAX - 500 && !test_below(&h->r, 8))
        random_burst(h);
    for (uint64_t n = test_below(&h->r, 5); n && h->w.n < TRANSFERS_MAX - 10; n--) {
        account_world_tx(&h->w);
        for (uint64_t k = 0, all = 1 + test_below(&h->r, 4); k < all; k++)
            random_transfer(h, !k);
    }
}

/* ---- the comparison ---- */

static void name_row(const struct house *h, const struct asked *c)
{
    static char text[1600];

    account_world_print(&h->w, text, sizeof(text));
    test_row("%s case %u from %d of %zu, %zu blocks: %s", trace_policy_name(c->ask.policy),
             c->number, (int)c->origins[0].transfer, c->ask.origins_n, h->blocks, text);
}

static void same_moves(const struct asked *c, const struct account_trace *want)
{
    CHECK_U(c->moves_n, want->moves_n);
    for (size_t i = 0; i < want->moves_n; i++) {
        const struct account_move *a = &c->moves[i], *b = &want->moves[i];

        CHECK_U(a->transfer, b->transfer);
        CHECK(u256_equal(a->taint, b->taint));
        CHECK_U(a->hop, b->hop);
        CHECK(a->stop == b->stop && a->grade == b->grade);
        CHECK(a->origin == b->origin && a->beyond == b->beyond);
        CHECK(a->in_leg == b->in_leg && a->out_leg == b->out_leg);
    }
}

static void same_held(const struct account_trace *got, const struct account_trace *want)
{
    same_account_held(got, want);
    CHECK_U(got->units_n, want->units_n);
    for (size_t i = 0; i < want->units_n; i++) {
        CHECK_U(got->units[i].holding, want->units[i].holding);
        CHECK(u256_equal(got->units[i].start, want->units[i].start));
        CHECK(u256_equal(got->units[i].end, want->units[i].end));
    }
    CHECK_U(got->unsettled_n, want->unsettled_n);
    for (size_t i = 0; i < want->unsettled_n; i++)
        CHECK_U(got->unsettled[i].transfer, want->unsettled[i].transfer);
}

static void same(struct house *h, const struct accounts *accounts, struct asked *c)
{
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct account_live_case is = account_live_case(h->live, c->number);
    struct account_trace want, got;
    struct err err;

    name_row(h, c);
    CHECK(!is.over);
    CHECK_OK(account_trace_forward(a, accounts, &c->ask, 1, &want, &err), err);
    CHECK_OK(account_live_tell(h->live, a, c->number, &got, &err), err);
    CHECK_U(got.exact, want.exact);
    CHECK_U(got.full, want.full);
    CHECK_U(is.moves_n, want.moves_n);
    CHECK_U(is.held_n, got.balances_n);
    same_moves(c, &want);
    same_held(&got, &want);
    same_account_totals(&got, &want);
    arena_free(a);
}

static void all_same(struct house *h, const struct accounts *accounts)
{
    uint64_t held = 0;

    for (size_t i = 0; i < CASES; i++)
        if (h->asked[i].there) {
            same(h, accounts, &h->asked[i]);
            held += account_live_case(h->live, h->asked[i].number).held_n;
        }
    CHECK_U(account_live_held(h->live), held);
}

/* ---- what happens ---- */

static void listen(struct house *h, struct asked *c)
{
    size_t n;
    const struct account_move *m = account_live_moves(h->live, c->number, &n);

    if (n)
        memcpy(c->moves + c->moves_n, m, n * sizeof(*m));
    c->moves_n += n;
}

static bool grows_by(const struct house *h, const struct asked *c, uint64_t transfer)
{
    const struct aw_transfer *t = &h->w.at[transfer];

    return c->grows && t->to == c->account && t->kind != TRANSFER_FEE && transfer % 3 == 0 &&
           c->ask.origins_n < ORIGINS_MAX;
}

static void add_case(struct house *h, const struct accounts *accounts, struct asked *c)
{
    struct err err;

    c->moves_n = 0;
    CHECK_OK(account_live_add(h->live, accounts, &c->ask, &c->number, &err), err);
    c->there = true;
    listen(h, c);
}

static void random_case(struct house *h, const struct accounts *accounts, struct asked *c)
{
    struct test_random *r = &h->r;
    uint64_t from = test_below(r, h->w.n);
    size_t n = 0;

    memset(c->stop, 0xff, sizeof(c->stop));
    if (!test_below(r, 3))
        c->stop[test_below(r, 6)] = (int)test_below(r, 5);
    c->grows = !test_below(r, 3);
    c->account = random_account(h);
    c->ask = (struct account_case){
        .policy = (enum trace_policy)test_below(r, 6),
        .dust = u256_of(test_below(r, 3) ? 0 : test_below(r, 5)),
        .hops_max = test_below(r, 3) ? TRACE_HOPS_NONE : (uint32_t)test_below(r, 5),
        .hub_spends_max = test_below(r, 3) ? 0 : 1 + (uint32_t)test_below(r, 6),
        .units = true,
        .stop_of = stop_of,
        .stop_ctx = c->stop};
    if (!test_below(r, 3)) {
        c->ask.conversions_of = conversions_of;
        c->ask.conversions_ctx = h;
    }
    for (uint64_t i = from; i < h->w.n; i++)
        if (c->grows ? grows_by(h, c, i) : i == from || !test_below(r, 40)) {
            c->origins[n] = (struct account_origin){.transfer = i, .taint = h->w.at[i].credit};
            if (!c->grows && !test_below(r, 6))
                c->origins[n] = (struct account_origin){
                    .transfer = i,
                    .taint = u256_of(test_below(r, h->w.at[i].credit.w[0] + 1)),
                    .arrival = true,
                    .grade = MOVE_STATED,
                    .hop = 2};
            n++;
        }
    c->ask.origins = c->origins;
    c->ask.origins_n = n;
    if (!test_below(r, 3)) {
        c->ask.moves_cut = true;
        c->ask.moves_max = 1 + test_below(r, 20);
    }
    add_case(h, accounts, c);
}

static void block(struct house *h, struct accounts *accounts)
{
    static struct account_live_origin more[CASES * TRANSFERS_MAX];
    uint64_t before = h->w.n;
    size_t n = 0;
    struct err err;

    random_block(h);
    *accounts = account_world_build(&h->w);
    for (size_t i = 0; i < CASES; i++)
        for (uint64_t t = before; t < h->w.n; t++) {
            struct asked *c = &h->asked[i];

            if (!c->there || !grows_by(h, c, t))
                continue;
            c->origins[c->ask.origins_n] =
                (struct account_origin){.transfer = t, .taint = h->w.at[t].credit};
            more[n].number = c->number;
            more[n++].origin = c->origins[c->ask.origins_n++];
        }
    for (size_t i = 1; i < n; i++) /* by number; numbers are not in the order of places */
        for (size_t k = i; k && more[k - 1].number > more[k].number; k--) {
            struct account_live_origin swap = more[k];

            more[k] = more[k - 1];
            more[k - 1] = swap;
        }
    CHECK_OK(account_live_advance(h->live, accounts, more, n, &err), err);
    h->ends[++h->blocks] = h->w.n;
    for (size_t i = 0; i < CASES; i++)
        if (h->asked[i].there)
            listen(h, &h->asked[i]);
}

static void drop_transfers(struct account_world *w, size_t n)
{
    w->n = n;
    w->txs_n = n ? w->at[n - 1].tx + 1 : 0;
}

/* Undone blocks: who was added since is over, and is asked for anew if it still can be. */
static void back(struct house *h, struct accounts *accounts)
{
    struct err err;

    CHECK_OK(account_live_back(h->live, &err), err);
    drop_transfers(&h->w, h->ends[--h->blocks]);
    *accounts = account_world_build(&h->w);
    CHECK_U(account_live_transfers(h->live), h->w.n);
    for (size_t i = 0; i < CASES; i++) {
        struct asked *c = &h->asked[i];

        if (!c->there)
            continue;
        while (c->ask.origins_n && c->origins[c->ask.origins_n - 1].transfer >= h->w.n)
            c->ask.origins_n--;
        while (c->moves_n && c->moves[c->moves_n - 1].transfer >= h->w.n)
            c->moves_n--;
        if (!account_live_case(h->live, c->number).over)
            continue;
        account_live_remove(h->live, c->number);
        c->there = false;
        if (c->ask.origins_n)
            add_case(h, accounts, c);
    }
}

static void life(struct house *h)
{
    struct accounts accounts;
    struct err err;

    account_world_clear(&h->w);
    h->blocks = 0;
    h->accounts = 1 + (int)test_below(&h->r, 6);
    h->assets = 1 + (int)test_below(&h->r, 3);
    h->amount_max = test_below(&h->r, 2) ? 4 : 20;
    h->freezes = !test_below(&h->r, 4);
    h->bursts = !test_below(&h->r, 6);
    for (size_t i = 0; i < CASES; i++)
        h->asked[i].there = false;
    CHECK_OK(account_live_new((struct account_live_limits){.back_max = BACKS}, &h->live, &err),
             err);
    while (h->blocks < BLOCKS_MAX) {
        struct asked *c = &h->asked[test_below(&h->r, CASES)];

        block(h, &accounts);
        all_same(h, &accounts);
        if (c->there && !test_below(&h->r, 6)) {
            account_live_remove(h->live, c->number);
            c->there = false;
        } else if (!c->there && h->w.n) {
            random_case(h, &accounts, c);
            same(h, &accounts, c);
        }
        for (size_t n = test_below(&h->r, 5) ? 0 : 1 + test_below(&h->r, BACKS);
             n && account_live_backs(h->live); n--) {
            back(h, &accounts);
            all_same(h, &accounts);
        }
    }
    h->live = account_live_free(h->live);
}

static void at_every_block(void **state)
{
    static struct house h;
    size_t n = 400;

    (void)state;
    h.r = (struct test_random){test_seed()};
    for (size_t i = 0; i < n; i++)
        life(&h);
    account_world_free(&h.w);
    print_message("%zu random ledgers that grow, up to %d cases each\n", n, CASES);
}

/* ---- rows by hand ---- */

static struct accounts read_world(struct account_world *w, const char *text)
{
    account_world_clear(w);
    CHECK(!account_world_read(w, text));
    return account_world_build(w);
}

/* B has 5 of A's 10 and 3 of its own behind them: by fifo the first 5 of the 6 that it pays. */
static void a_block_more(void **state)
{
    static struct account_world w;
    const struct account_origin origin = {.transfer = 0, .taint = u256_of(10)};
    const struct account_case ask = {
        .origins = &origin, .origins_n = 1, .policy = TRACE_FIFO, .hops_max = TRACE_HOPS_NONE};
    static const char first[] = "t0: ->A 10\nt1: A>B 5, ->B 3\n";
    static const char then[] = "t0: ->A 10\nt1: A>B 5, ->B 3\nt2: ->C 1\nt3: B>C 6\n";
    struct accounts a = read_world(&w, first);
    struct arena *arena = arena_new(NULL, ARENA_MAX);
    struct account_live_hold hold;
    const struct account_move *m;
    struct account_trace told;
    const uint32_t *touched;
    struct account_live *t;
    uint32_t number;
    struct err err;
    size_t n;

    (void)state;
    CHECK_OK(account_live_new((struct account_live_limits){.back_max = 1}, &t, &err), err);
    CHECK_OK(account_live_advance(t, &a, NULL, 0, &err), err);
    CHECK_OK(account_live_add(t, &a, &ask, &number, &err), err);
    CHECK_U(account_live_held(t), 2);
    a = read_world(&w, then);
    CHECK_OK(account_live_advance(t, &a, NULL, 0, &err), err);
    CHECK_U(account_live_touched(t, &touched), 1);
    CHECK_U(touched[0], number);
    m = account_live_moves(t, number, &n);
    CHECK_U(n, 1);
    CHECK_U(m[0].transfer, 4);
    CHECK_U(m[0].taint.w[0], 5);
    CHECK_U(m[0].hop, 2);
    CHECK_U(account_live_holds(t, (uint64_t)w.holding_of[2][0], &hold, 1), 1);
    CHECK_U(hold.taint.w[0], 5);
    CHECK_U(hold.number, number);
    CHECK_OK(account_live_tell(t, arena, number, &told, &err), err);
    CHECK_U(told.totals_n, 1);
    CHECK_U(told.totals[0].held.w[0], 10);
    CHECK_OK(account_live_back(t, &err), err);
    CHECK_U(account_live_transfers(t), 3);
    CHECK_U(account_live_holds(t, (uint64_t)w.holding_of[1][0], &hold, 1), 1);
    CHECK_U(hold.taint.w[0], 5);
    CHECK_U(account_live_holds(t, (uint64_t)w.holding_of[2][0], &hold, 1), 0);
    CHECK(!account_live_back(t, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    account_live_free(t);
    account_world_free(&w);
    arena_free(arena);
}

/* The table has room for three: the case that would have two more ends, the other goes on. */
static void a_limit_ends_one(void **state)
{
    static struct account_world w;
    const struct account_origin origins[2] = {{.transfer = 0, .taint = u256_of(9)},
                                              {.transfer = 1, .taint = u256_of(5)}};
    struct account_case ask = {.origins_n = 1, .policy = TRACE_LIFO, .hops_max = TRACE_HOPS_NONE};
    struct accounts a = read_world(&w, "t0: ->A 9, ->B 5\n");
    struct account_live *t;
    uint32_t number[2];
    struct err err;

    (void)state;
    CHECK_OK(account_live_new((struct account_live_limits){.held_max = 3}, &t, &err), err);
    CHECK_OK(account_live_advance(t, &a, NULL, 0, &err), err);
    for (size_t i = 0; i < 2; i++) {
        ask.origins = &origins[i];
        CHECK_OK(account_live_add(t, &a, &ask, &number[i], &err), err);
    }
    a = read_world(&w, "t0: ->A 9, ->B 5\nt1: A>C 2, A>D 2, A>E 2\nt2: B>F 5\n");
    CHECK_OK(account_live_advance(t, &a, NULL, 0, &err), err);
    CHECK(account_live_case(t, number[0]).over);
    CHECK_U(account_live_case(t, number[0]).over->class, ERR_LIMIT);
    CHECK(!account_live_case(t, number[1]).over);
    CHECK_U(account_live_held(t), 1);
    account_live_free(t);
    account_world_free(&w);
}

static void refuses(void **state)
{
    static struct account_world w;
    const struct account_origin far = {.transfer = 7, .taint = u256_of(1)};
    struct account_case ask = {.origins = &far, .origins_n = 1, .hops_max = TRACE_HOPS_NONE};
    struct accounts a = read_world(&w, "t0: ->A 9\n"), none = {0};
    struct account_live_origin late = {.number = 0};
    struct account_live *t;
    uint32_t number;
    struct err err;

    (void)state;
    CHECK_OK(account_live_new((struct account_live_limits){0}, &t, &err), err);
    CHECK(!account_live_add(t, &a, &ask, &number, &err)); /* it has not come so far */
    CHECK_U(err.class, ERR_CORRUPT);
    CHECK_OK(account_live_advance(t, &a, NULL, 0, &err), err);
    CHECK(!account_live_add(t, &a, &ask, &number, &err));
    CHECK_U(err.class, ERR_USAGE);
    CHECK(!account_live_advance(t, &none, NULL, 0, &err));
    CHECK_U(err.class, ERR_CORRUPT);
    CHECK_OK(account_live_advance(t, &a, &late, 1, &err), err); /* of no case that is followed */
    CHECK(!account_live_back(t, &err));                         /* none is kept */
    account_live_free(t);
    account_world_free(&w);
}

struct grown {
    struct account_world first, all;
};

static bool whole(void *ctx)
{
    struct grown *w = ctx;
    const struct account_origin origin = {.transfer = 0, .taint = u256_of(9)};
    const struct account_case ask = {.origins = &origin,
                                     .origins_n = 1,
                                     .policy = TRACE_FIFO,
                                     .units = true,
                                     .hops_max = TRACE_HOPS_NONE};
    struct accounts first = account_world_build(&w->first), all = account_world_build(&w->all);
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct account_trace told;
    struct account_live *t;
    uint32_t number;
    struct err err;
    bool ok = a != NULL;

    if (!account_live_new((struct account_live_limits){.back_max = 2}, &t, &err)) {
        arena_free(a);
        return false;
    }
    ok = ok && account_live_advance(t, &first, NULL, 0, &err) &&
         account_live_add(t, &first, &ask, &number, &err) &&
         account_live_advance(t, &all, NULL, 0, &err) && account_live_back(t, &err) &&
         account_live_advance(t, &all, NULL, 0, &err) &&
         account_live_tell(t, a, number, &told, &err);
    account_live_free(t);
    arena_free(a);
    return ok;
}

static void every_allocation(void **state)
{
    static struct grown w;
    static const char first[] = "t0: ->A 9\nt1: A>B 2, ->B 1\nt2: A>B 2\n";
    static const char all[] = "t0: ->A 9\nt1: A>B 2, ->B 1\nt2: A>B 2\n"
                              "t3: B>C 1 , ->C 4\nt4: A>C 5, C>D 3, ->E 3 usd\n";

    (void)state;
    read_world(&w.first, first);
    read_world(&w.all, all);
    test_failed_allocations(whole, &w);
    account_world_free(&w.first);
    account_world_free(&w.all);
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
