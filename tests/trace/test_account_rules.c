/* The examples about accounts in docs/taint.md, run; walks with marks; what is refused; damaged
 * columns; failing memory. */
#include "support.h"

#include "base/mem.h"
#include "trace/account.h"
#include "trace/account_world.h"

#include <stdio.h>
#include <stdlib.h>

#define ARENA_MAX ((size_t)1 << 28)
#define LEGS_MAX 16
#define ORIGINS_MAX 8
#define CALLERS_STOP 7

/* ---- docs/taint.md ---- */

struct example {
    struct account_world w;
    struct account_conversion legs[LEGS_MAX], given[LEGS_MAX];
    size_t legs_n, groups_n;
    struct account_origin origins[ORIGINS_MAX];
    bool stop[AW_ACCOUNTS];
    struct account_case ask;
};

static int32_t stop_of(void *ctx, uint64_t account)
{
    return account >= AW_ASSETS && ((const bool *)ctx)[account - AW_ASSETS] ? CALLERS_STOP
                                                                            : STOP_NONE;
}

static size_t conversions_of(void *ctx, uint64_t tx, const struct account_conversion **ret)
{
    struct example *e = ctx;
    size_t n = 0;

    for (size_t i = 0; i < e->legs_n; i++)
        if (e->w.at[e->legs[i].transfer].tx == tx)
            e->given[n++] = e->legs[i];
    *ret = e->given;
    return n;
}

static uint64_t transfer(const struct example *e, const char **s)
{
    uint64_t id;
    const char *end = account_world_transfer(&e->w, *s + strspn(*s, " "), &id);

    CHECK(end);
    *s = end;
    return id;
}

static int asset(const struct example *e, const char **s)
{
    for (int i = 1; i < e->w.assets_n; i++)
        if (test_word(s, e->w.assets[i]))
            return i;
    return 0;
}

/* "convert 1.0 1.1 > 1.2" */
static void read_conversion(struct example *e, const char *s, bool collateral)
{
    bool out = false;

    while (*s && *s != '\n') {
        if (test_word(&s, ">"))
            out = true;
        e->legs[e->legs_n++] = (struct account_conversion){.transfer = transfer(e, &s),
                                                           .group = (uint32_t)e->groups_n,
                                                           .out = out,
                                                           .collateral = collateral && !out};
    }
    e->groups_n++;
}

/* "fifo from 0.0 1.0(3) stop B dust 3 hops 2 hub 4 moves 5:" */
static const char *read_question(struct example *e, const char *s)
{
    char name[16];

    CHECK(sscanf(s, "%15s", name) == 1);
    s += strlen(name);
    e->ask = (struct account_case){.origins = e->origins,
                                   .hops_max = TRACE_HOPS_NONE,
                                   .stop_of = stop_of,
                                   .stop_ctx = e->stop,
                                   .conversions_of = conversions_of,
                                   .conversions_ctx = e};
    CHECK(trace_policy_from_name(name, &e->ask.policy));
    memset(e->stop, 0, sizeof(e->stop));
    CHECK(test_word(&s, "from"));
    while (!test_word(&s, ":")) {
        if (test_word(&s, "stop ")) {
            e->stop[*s++ - 'A'] = true;
        } else if (test_word(&s, "dust ")) {
            e->ask.dust = u256_of(test_number(&s));
        } else if (test_word(&s, "hops ")) {
            e->ask.hops_max = (uint32_t)test_number(&s);
        } else if (test_word(&s, "moves ")) {
            e->ask.moves_max = (size_t)test_number(&s);
            e->ask.moves_cut = true;
        } else if (test_word(&s, "hub ")) {
            e->ask.hub_spends_max = (uint32_t)test_number(&s);
        } else {
            struct account_origin *o = &e->origins[e->ask.origins_n++];

            *o = (struct account_origin){.transfer = transfer(e, &s)};
            o->taint = e->w.at[o->transfer].credit;
            if (*s == '(') {
                s++;
                o->taint = u256_of(test_number(&s));
                CHECK(test_word(&s, ")"));
            }
        }
    }
    return s;
}

static int32_t read_stop(const char **s)
{
    static const struct {
        const char *name;
        int32_t stop;
    } stops[] = {
        {"(burned)", STOP_BURNED},     {"(frozen)", STOP_FROZEN},         {"(hub)", STOP_HUB},
        {"(overflow)", STOP_OVERFLOW}, {"(collateral)", STOP_COLLATERAL}, {"(stop)", CALLERS_STOP}};

    for (size_t i = 0; **s == '(' && i < sizeof(stops) / sizeof(stops[0]); i++)
        if (test_word(s, stops[i].name))
            return stops[i].stop;
    return STOP_NONE;
}

/* "0.0=5@0 2.0=4@1!(burned) |"; a stop may be left out, since balances tell it. */
static const char *check_moves(struct example *e, const char *s, const struct account_trace *t)
{
    size_t n = 0;

    for (; !test_word(&s, "|"); n++) {
        uint64_t id = transfer(e, &s);
        const struct account_move *m = &t->moves[n];
        int32_t stop;

        CHECK(n < t->moves_n);
        CHECK_U(m->transfer, id);
        CHECK(test_word(&s, "="));
        CHECK_U(m->taint.w[0], test_number(&s));
        CHECK(test_word(&s, "@"));
        CHECK_U(m->hop, test_number(&s));
        CHECK_U(m->beyond, test_word(&s, "!"));
        stop = read_stop(&s);
        CHECK(stop == STOP_NONE || stop == m->stop);
    }
    CHECK_U(t->moves_n, n);
    return s;
}

/* "A=3 B.usd=4(burned) |" */
static const char *check_balances(struct example *e, const char *s, const struct account_trace *t)
{
    size_t n = 0;

    for (; !test_word(&s, "|"); n++) {
        int account = *(s += strspn(s, " ")) - 'A', of;
        uint64_t taint;
        int32_t stop;
        size_t k = 0;

        s++;
        of = test_word(&s, ".") ? asset(e, &s) : 0;
        CHECK(test_word(&s, "="));
        taint = test_number(&s);
        stop = read_stop(&s);
        while (k < t->balances_n &&
               (t->balances[k].holding != (uint64_t)e->w.holding_of[account][of] ||
                t->balances[k].stop != stop))
            k++;
        CHECK(k < t->balances_n);
        CHECK_U(t->balances[k].taint.w[0], taint);
    }
    CHECK_U(t->balances_n, n);
    return s;
}

/* "10 + converted 2 = held 7 + fees 3": those not named are 0. */
static const char *check_total(const char *s, const struct account_totals *t)
{
    struct {
        const char *name;
        uint64_t amount;
    } parts[] = {{"held", t->held.w[0]},
                 {"exits", t->exits.w[0]},
                 {"cut", t->cut.w[0]},
                 {"fees", t->fees.w[0]},
                 {"dust", t->dust.w[0]},
                 {"unresolved", t->unresolved.w[0]},
                 {"converted", t->converted_out.w[0]}};
    uint64_t in = 0;

    CHECK_U(t->origin.w[0], (s += strspn(s, " "), test_number(&s)));
    if (test_word(&s, "+ converted "))
        in = test_number(&s);
    CHECK_U(t->converted_in.w[0], in);
    CHECK(test_word(&s, "=") || test_word(&s, ":"));
    do {
        size_t i = 0;

        while (i < 7 && !test_word(&s, parts[i].name))
            i++;
        CHECK(i < 7);
        s += strspn(s, " ");
        CHECK_U(parts[i].amount, test_number(&s));
        parts[i].amount = 0;
    } while (test_word(&s, "+"));
    for (size_t i = 0; i < 7; i++)
        CHECK_U(parts[i].amount, 0);
    return s;
}

static void check_totals(struct example *e, const char *s, const struct account_trace *t)
{
    size_t n = 0;

    do {
        uint64_t id = aw_asset(asset(e, &s));
        size_t k = 0;

        test_word(&s, ":");
        while (k < t->totals_n && t->totals[k].asset != id)
            k++;
        CHECK(k < t->totals_n);
        s = check_total(s, &t->totals[k]);
        n++;
    } while (test_word(&s, ";"));
    CHECK_U(t->totals_n, n);
    CHECK_U(t->exact, !test_word(&s, "inexact"));
    CHECK(!*s);
}

static void one_example(char *text)
{
    static struct example e;
    struct accounts accounts;
    char *world_end = strstr(text, "\n"), *line;

    while (world_end && world_end[1] == 't' && world_end[2] >= '0' && world_end[2] <= '9')
        world_end = strstr(world_end + 1, "\n");
    CHECK(world_end);
    *world_end = 0;
    e.legs_n = e.groups_n = 0;
    test_row("%s", text);
    CHECK(!account_world_read(&e.w, text));
    accounts = account_world_build(&e.w);
    for (line = strtok(world_end + 1, "\n"); line; line = strtok(NULL, "\n")) {
        struct arena *a = arena_new(NULL, ARENA_MAX);
        const char *s = line;
        struct account_trace t;
        struct err err;

        test_row("%s: %s", text, line);
        if (test_word(&s, "convert ") || test_word(&s, "collateral ")) {
            read_conversion(&e, s, line[2] == 'l');
        } else {
            s = read_question(&e, line);
            CHECK_OK(account_trace_forward(a, &accounts, &e.ask, 1, &t, &err), err);
            s = check_moves(&e, s, &t);
            s = check_balances(&e, s, &t);
            check_totals(&e, s, &t);
        }
        arena_free(a);
    }
    account_world_free(&e.w);
}

static void document(void **state)
{
    static const char begin[] = "\n```accounts\n", end[] = "\n```\n";
    struct bytes doc = test_read(CORDON_SOURCE "/docs/taint.md");
    char *text = malloc(doc.n + 1), *s = text;
    size_t n = 0;

    memcpy(text, doc.p, doc.n);
    text[doc.n] = 0;
    while ((s = strstr(s, begin))) {
        char *stop;

        s += strlen(begin);
        stop = strstr(s, end);
        CHECK(stop);
        *stop = 0;
        one_example(s);
        s = stop + 1;
        n++;
    }
    free(text);
    CHECK(n >= 15);
    print_message("%zu examples of docs/taint.md\n", n);
}

/* ---- walks with marks ---- */

#define HUB 0
#define LONG_LISTS 4

/* Whoever is in the first event has holding 0. */
static void hub_first(struct account_world *w)
{
    account_world_clear(w);
    account_world_tx(w);
    account_world_add(w, TRANSFER_VALUE, AW_NOBODY, HUB, 0, 1);
}

/* One account with n events: in and out, some of 0, a freeze now and then. */
static void hub_world(struct account_world *w, uint64_t n, struct test_random *r)
{
    hub_first(w);
    while (w->n < n) {
        uint64_t what = test_below(r, 400);

        if (what == 0)
            account_world_add(w, TRANSFER_FREEZE, HUB, AW_NOBODY, 0, 0);
        else if (what == 1)
            account_world_add(w, TRANSFER_UNFREEZE, HUB, AW_NOBODY, 0, 0);
        else if (what == 2)
            account_world_add(w, TRANSFER_VALUE, HUB, HUB, 0, 5);
        else if (what < 240)
            account_world_add(w, TRANSFER_VALUE, 1 + (int)test_below(r, 5), HUB, 0,
                              test_below(r, 9));
        else
            account_world_add(w, TRANSFER_VALUE, HUB, 1 + (int)test_below(r, 5), 0,
                              test_below(r, 9));
    }
}

static void same_sums(const struct holding_sums *got, const struct holding_sums *want)
{
    CHECK_U(got->in.w[0], want->in.w[0]);
    CHECK_U(got->balance.w[0], want->balance.w[0]);
    CHECK_U(got->freezes, want->freezes);
    CHECK_U(got->flags, want->flags);
}

/* Every walk against the sums of all events, one after the other. */
static void walk_from(const struct accounts *a, const struct holding_sums *before,
                      const bool *frozen, uint64_t event, struct test_random *r)
{
    struct accounts_point from = {event, before[event]}, got;
    uint64_t want = event, known = test_below(r, event + 1);
    struct accounts_point anchor = {known, before[known]};
    struct u256 position = holding_left(&before[event]);
    struct holding_sums sums;
    struct err err;
    bool is;

    CHECK_OK(accounts_sums_before(a, 0, event, NULL, &sums, &err), err);
    same_sums(&sums, &before[event]);
    CHECK_OK(accounts_sums_before(a, 0, event, &anchor, &sums, &err), err);
    same_sums(&sums, &before[event]);
    CHECK_OK(accounts_frozen(a, 0, &from, &is, &err), err);
    CHECK_U(is, frozen[event]);
    u256_add(position, u256_of(test_below(r, 3) ? test_below(r, 2000) : 0), &position);
    CHECK_OK(accounts_leaves(a, 0, &from, position, &got, &err), err);
    while (want < a->transfers_n && before[want + 1].freezes == before[event].freezes &&
           !u256_less(position, holding_left(&before[want + 1])))
        want++;
    CHECK_U(got.event, want == a->transfers_n ? ACCOUNTS_NONE : want);
    same_sums(&got.sums, &before[want]);
}

static void walks(void **state)
{
    static const uint64_t sizes[LONG_LISTS] = {40, 255, 1500, 70000};
    static struct account_world w;
    struct test_random r = {test_seed()};

    for (size_t k = 0; k < LONG_LISTS; k++) {
        struct holding_sums *before = calloc(sizes[k] + 1, sizeof(*before));
        bool *frozen = calloc(sizes[k] + 1, sizeof(*frozen));
        struct accounts a, young;

        hub_world(&w, sizes[k], &r);
        a = young = account_world_build(&w);
        CHECK_U(w.holding_of[HUB][0], 0);
        for (uint64_t i = 0; i < sizes[k]; i++) {
            struct transfer t = accounts_transfer(&a, i);

            before[i + 1] = before[i];
            frozen[i + 1] = frozen[i];
            holding_sums_step(&before[i + 1], &t, (uint64_t)w.holding_of[HUB][0]);
            if (t.kind == TRANSFER_FREEZE || t.kind == TRANSFER_UNFREEZE)
                frozen[i + 1] = t.kind == TRANSFER_FREEZE;
        }
        /* a reader's older snapshot: the newest event lies past it */
        young.transfers_n = sizes[k] * 2 / 3;
        for (young.marks_n = 0; young.marks_n < a.marks_n &&
                                accounts_mark(&a, young.marks_n).event < young.transfers_n;)
            young.marks_n++;
        for (int i = 0; i < 600; i++) {
            test_row("%llu events, walk %d", (unsigned long long)sizes[k], i);
            walk_from(&a, before, frozen, test_below(&r, a.transfers_n), &r);
            walk_from(&young, before, frozen, test_below(&r, young.transfers_n), &r);
        }
        free(before);
        free(frozen);
    }
    account_world_free(&w);
}

/* A fifo trace passes a long list in few steps, and ends where the naive count says. */
static void hub_is_passed(void **state)
{
    static struct account_world w;
    const uint64_t n = 200000, before = 3000, after = 60001;
    struct account_origin origin = {.transfer = 1, .taint = u256_of(10)};
    struct account_case ask = {
        .origins = &origin, .origins_n = 1, .policy = TRACE_FIFO, .hops_max = TRACE_HOPS_NONE};
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct accounts accounts;
    struct account_trace t;
    struct err err;

    hub_first(&w);
    account_world_add(&w, TRANSFER_VALUE, AW_NOBODY, 2, 0, 10);
    for (uint64_t i = 0; i < before; i++) /* so much is there first */
        account_world_add(&w, TRANSFER_VALUE, AW_NOBODY, HUB, 0, 20);
    account_world_add(&w, TRANSFER_VALUE, 2, HUB, 0, 10);
    for (uint64_t i = 0; w.n < n; i++) /* one unit in, one out: 1 + 3000 * 20 leave before */
        account_world_add(&w, TRANSFER_VALUE, i % 2 ? HUB : AW_NOBODY,
                          i % 2 ? 3 + (int)(i % 4) : HUB, 0, 1);
    accounts = account_world_build(&w);
    CHECK_OK(account_trace_forward(a, &accounts, &ask, 1, &t, &err), err);
    CHECK_U(t.moves_n, 12);
    CHECK_U(t.moves[1].transfer, before + 2);
    for (uint64_t i = 0; i < 10; i++) {
        CHECK_U(t.moves[2 + i].transfer, before + 3 + 2 * (after + i) + 1);
        CHECK_U(t.moves[2 + i].taint.w[0], 1);
    }
    CHECK(t.events < 1000);
    ask.policy = TRACE_TIHO;
    CHECK_OK(account_trace_forward(a, &accounts, &ask, 1, &t, &err), err);
    CHECK_U(t.moves_n, 12);
    CHECK_U(t.moves[11].transfer, before + 3 + 19);
    ask.policy = TRACE_LIBR; /* 60,001 clean units are always there */
    ask.hub_spends_max = 5000;
    CHECK_OK(account_trace_forward(a, &accounts, &ask, 1, &t, &err), err);
    CHECK_U(t.moves_n, 2);
    CHECK_U(t.balances_n, 1);
    CHECK_U(t.balances[0].stop, STOP_HUB);
    arena_free(a);
    account_world_free(&w);
}

/* ---- overflow ---- */

static struct u256 all_ones(void)
{
    return (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
}

static void big(struct account_world *w, int from, int to, struct u256 amount)
{
    account_world_add(w, TRANSFER_LOG, from, to, 1, 0);
    w->at[w->n - 1].amount = w->at[w->n - 1].credit = amount;
}

/* A hostile token's sums pass 2^256 - 1: what is there, and what comes, ends in overflow. */
static void sums_go_over(void **state)
{
    static struct account_world w;

    for (int policy = TRACE_FIFO; policy <= TRACE_LIBR; policy++) {
        struct account_origin origins[] = {{.transfer = 0, .taint = u256_of(5)},
                                           {.transfer = 3, .taint = u256_of(2)}};
        struct account_case ask = {.origins = origins,
                                   .origins_n = 2,
                                   .policy = (enum trace_policy)policy,
                                   .hops_max = TRACE_HOPS_NONE};
        struct arena *a = arena_new(NULL, ARENA_MAX);
        struct accounts accounts;
        struct account_trace t;
        struct err err;

        test_row("%s", trace_policy_name(ask.policy));
        account_world_clear(&w);
        account_world_tx(&w);
        big(&w, AW_NOBODY, 0, u256_of(5));
        big(&w, AW_NOBODY, 0, all_ones());
        big(&w, 0, 1, u256_of(3));
        big(&w, AW_NOBODY, 2, u256_of(2));
        big(&w, 2, 0, u256_of(2));
        accounts = account_world_build(&w);
        CHECK_OK(account_trace_forward(a, &accounts, &ask, 1, &t, &err), err);
        CHECK_U(t.moves_n, 3);
        CHECK_U(t.moves[2].stop, STOP_OVERFLOW);
        CHECK_U(t.balances_n, 1);
        CHECK_U(t.balances[0].stop, STOP_OVERFLOW);
        if (policy != TRACE_POISON)
            CHECK_U(t.balances[0].taint.w[0], 7);
        arena_free(a);
    }
    account_world_free(&w);
}

/* Two origins that add up past 2^256 - 1: the second is listed and not marked. */
static void marks_go_over(void **state)
{
    static struct account_world w;

    for (int policy = TRACE_FIFO; policy <= TRACE_LIBR; policy++) {
        struct account_origin origins[] = {{.transfer = 0, .taint = all_ones()},
                                           {.transfer = 1, .taint = u256_of(1)}};
        struct account_case ask = {.origins = origins,
                                   .origins_n = 2,
                                   .policy = (enum trace_policy)policy,
                                   .hops_max = TRACE_HOPS_NONE};
        struct arena *a = arena_new(NULL, ARENA_MAX);
        struct accounts accounts;
        struct account_trace t;
        struct err err;

        account_world_clear(&w);
        account_world_tx(&w);
        big(&w, AW_NOBODY, 0, all_ones());
        big(&w, AW_NOBODY, 1, u256_of(1));
        big(&w, 1, 2, u256_of(1));
        accounts = account_world_build(&w);
        CHECK_OK(account_trace_forward(a, &accounts, &ask, 1, &t, &err), err);
        CHECK_U(t.exact, policy == TRACE_POISON);
        CHECK_U(t.moves_n, policy == TRACE_POISON ? 3 : 2);
        CHECK(u256_equal(t.totals[0].origin, all_ones()));
        arena_free(a);
    }
    account_world_free(&w);
}

/* ---- what is refused ---- */

static enum err_class ask_class(const struct accounts *accounts, const struct account_case *ask)
{
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct account_trace t;
    struct err err = {0};
    bool ok = account_trace_forward(a, accounts, ask, 1, &t, &err);

    arena_free(a);
    return ok ? ERR_NONE : err.class;
}

static size_t elsewhere(void *ctx, uint64_t tx, const struct account_conversion **ret)
{
    static const struct account_conversion leg = {.transfer = 99};

    (void)ctx;
    (void)tx;
    *ret = &leg;
    return 1;
}

static void refused(void **state)
{
    struct account_origin origins[2] = {{.transfer = 0, .taint = u256_of(4)},
                                        {.transfer = 1, .taint = u256_of(1)}};
    struct account_case good = {.origins = origins,
                                .origins_n = 2,
                                .policy = TRACE_FIFO,
                                .hops_max = TRACE_HOPS_NONE},
                        ask = good;
    struct account_world w = {0};
    struct accounts accounts;

    CHECK(!account_world_read(&w, "t0: ->A 4\nt1: A>B 3\nt2: B>C 2"));
    accounts = account_world_build(&w);
    CHECK_U(ask_class(&accounts, &ask), ERR_NONE);
    origins[0].taint = u256_of(5);
    CHECK_U(ask_class(&accounts, &ask), ERR_USAGE);
    origins[0] = (struct account_origin){.transfer = 1};
    CHECK_U(ask_class(&accounts, &ask), ERR_USAGE);
    origins[0] = (struct account_origin){.transfer = 0};
    origins[1] = (struct account_origin){.transfer = 3};
    CHECK_U(ask_class(&accounts, &ask), ERR_USAGE);
    ask.origins_n = 1;
    origins[0].taint = u256_of(4);
    ask.moves_max = 2;
    CHECK_U(ask_class(&accounts, &ask), ERR_LIMIT);
    ask = good;
    ask.origins_n = 1;
    ask.conversions_of = elsewhere;
    CHECK_U(ask_class(&accounts, &ask), ERR_USAGE);
    account_world_free(&w);
}

/* A transfer in two roles of one kind, groups of two assets: given up, and said. */
static void contradicting_legs(void **state)
{
    static struct example e;
    struct account_origin origin = {.transfer = 0, .taint = u256_of(4)};
    struct account_case ask = {.origins = &origin,
                               .origins_n = 1,
                               .policy = TRACE_FIFO,
                               .hops_max = TRACE_HOPS_NONE,
                               .conversions_of = conversions_of,
                               .conversions_ctx = &e};
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct accounts accounts;
    struct account_trace t;
    struct err err;

    CHECK(!account_world_read(&e.w, "t0: ->A 4\nt1: A>P 4, P>A 3 usd, P>A 1 btc"));
    accounts = account_world_build(&e.w);
    e.legs[0] = (struct account_conversion){.transfer = 1};
    e.legs[1] = (struct account_conversion){.transfer = 2, .out = true};
    e.legs[2] = (struct account_conversion){.transfer = 3, .out = true};
    e.legs_n = 3;
    CHECK_OK(account_trace_forward(a, &accounts, &ask, 1, &t, &err), err);
    CHECK_U(t.exact, false);
    CHECK_U(t.unsettled_n, 1);
    CHECK_U(t.unsettled[0].transfer, 1);
    CHECK_U(t.unsettled[0].taint.w[0], 4);
    CHECK_U(t.totals[0].unresolved.w[0], 4);
    arena_free(a);
    account_world_free(&e.w);
}

/* ---- damage, and no memory ---- */

static void busy_world(struct account_world *w, struct test_random *r)
{
    account_world_clear(w);
    for (int i = 0; i < 700; i++) {
        if (i % 3 == 0)
            account_world_tx(w);
        account_world_add(w, TRANSFER_VALUE, test_below(r, 4) ? (int)test_below(r, 4) : AW_NOBODY,
                          (int)test_below(r, 4), (int)test_below(r, 8) == 0, test_below(r, 30));
    }
}

static void six_cases(struct account_case *ask, const struct account_origin *origins, size_t n)
{
    for (int policy = TRACE_FIFO; policy <= TRACE_LIBR; policy++)
        ask[policy] = (struct account_case){.origins = origins,
                                            .origins_n = n,
                                            .policy = (enum trace_policy)policy,
                                            .hops_max = TRACE_HOPS_NONE};
}

/* Any byte of any column may be anything: the answer is a result or ERR_CORRUPT. */
static void damaged_columns(void **state)
{
    static struct account_world w;
    struct test_random r = {test_seed() + 1};
    struct account_origin origins[3] = {{.transfer = 0}, {.transfer = 40}, {.transfer = 41}};
    struct account_case ask[6];
    struct account_trace t[6];
    uint64_t refused_n = 0;

    six_cases(ask, origins, 3);
    for (int round = 0; round < 3000; round++) {
        struct arena *a = arena_new(NULL, ARENA_MAX);
        struct accounts accounts;
        struct err err = {0};
        size_t bytes[8];

        if (round % 50 == 0) {
            busy_world(&w, &r);
            for (int i = 0; i < 3; i++)
                origins[i].taint = w.at[origins[i].transfer].credit;
        }
        accounts = account_world_build(&w);
        bytes[0] = accounts.txs_n * TX_RECORD_BYTES;
        bytes[1] = accounts.transfers_n * TRANSFER_BYTES;
        bytes[2] = bytes[3] = accounts.transfers_n * LINKS_BYTES;
        bytes[4] = accounts.wide_n * U256_BYTES;
        bytes[5] = accounts.holdings_n * HOLDING_BYTES;
        bytes[6] = accounts.holdings_n * ACCOUNTS_ID_BYTES;
        bytes[7] = accounts.marks_n * MARK_BYTES;
        for (uint64_t k = 1 + test_below(&r, 3); k; k--) {
            size_t column = test_below(&r, 8);

            if (bytes[column])
                w.column[column][test_below(&r, bytes[column])] ^=
                    (uint8_t)(1 << test_below(&r, 8));
        }
        test_row("round %d", round);
        if (!account_trace_forward(a, &accounts, ask, 6, t, &err)) {
            CHECK(err.class == ERR_CORRUPT || err.class == ERR_USAGE);
            refused_n++;
        }
        arena_free(a);
    }
    CHECK(refused_n > 500);
    account_world_free(&w);
    print_message("%llu of 3000 damaged worlds refused\n", (unsigned long long)refused_n);
}

static bool all_policies(void *ctx)
{
    struct account_world *w = ctx;
    struct account_origin origins[2] = {{.transfer = 0, .taint = w->at[0].credit},
                                        {.transfer = 40, .taint = w->at[40].credit}};
    struct account_case ask[6];
    struct account_trace t[6];
    struct accounts accounts = account_world_build(w);
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct err err;
    bool ok;

    six_cases(ask, origins, 2);
    ok = a && account_trace_forward(a, &accounts, ask, 6, t, &err);
    if (a && !ok)
        CHECK_U(err.class, ERR_NOMEM);
    arena_free(a);
    return ok;
}

static void failed_allocations(void **state)
{
    static struct account_world w;
    struct test_random r = {test_seed() + 2};

    busy_world(&w, &r);
    test_failed_allocations(all_policies, &w);
    account_world_free(&w);
}

static void names(void **state)
{
    CHECK_S(account_stop_name(STOP_BURNED), "burned");
    CHECK_S(account_stop_name(STOP_COLLATERAL), "collateral");
    CHECK_S(account_stop_name(STOP_CONFIDENTIAL), "confidential");
    CHECK(!account_stop_name(STOP_NONE));
    CHECK_S(move_grade_name(MOVE_STATED), "stated");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(document),           cmocka_unit_test(walks),
        cmocka_unit_test(hub_is_passed),      cmocka_unit_test(sums_go_over),
        cmocka_unit_test(marks_go_over),      cmocka_unit_test(refused),
        cmocka_unit_test(contradicting_legs), cmocka_unit_test(damaged_columns),
        cmocka_unit_test(failed_allocations), cmocka_unit_test(names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
