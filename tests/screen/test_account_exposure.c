/* Exposure over accounts: small worlds worked out by hand, and random ones against a naive second
 * implementation that keeps every label of every holding in a table, and against the trace engine
 * where only origins are asked about. */
#include "screen/account_exposure.h"

#include "screen/saved.h"
#include "trace/account.h"
#include "trace/account_world.h"

#include <stdio.h>
#include <stdlib.h>

#define LABELS 3
#define PARTS 64
#define PEOPLE 8
#define ASSETS 2

struct asked {
    struct account_world w;
    struct accounts a;
    struct exposure_source sources[16];
    struct exposure_origin origins[16];
    struct account_exposure_options options;
};

static void world_of(struct asked *q, const char *text)
{
    const char *bad;

    memset(q, 0, sizeof(*q));
    bad = account_world_read(&q->w, text);
    CHECK_S(bad ? bad : "", "");
    q->a = account_world_build(&q->w);
    q->options.asked = (struct exposure_asked){
        .policy = TRACE_HAIRCUT, .labels_n = LABELS, .sources = q->sources, .origins = q->origins};
}

static void label(struct asked *q, char account, uint16_t label, bool stops)
{
    q->sources[q->options.asked.sources_n++] =
        (struct exposure_source){aw_account(account - 'A'), label, stops};
}

static void origin(struct asked *q, uint64_t transfer, uint16_t label)
{
    q->origins[q->options.asked.origins_n++] = (struct exposure_origin){transfer, label};
}

static struct account_exposure *made(const struct asked *q)
{
    struct account_exposure *x = NULL;
    struct err err;

    CHECK_OK(account_exposure_new(&q->options, &x, &err), err);
    CHECK_OK(account_exposure_add(x, &q->a, &err), err);
    return x;
}

/* "label amount/share hops[!]" of each part; ! is direct */
static const char *told(const struct exposure_part *parts, size_t n)
{
    static char text[2048];
    size_t at = 0;

    text[0] = 0;
    for (size_t i = 0; i < n; i++) {
        char amount[U256_TEXT_MAX];

        u256_to_text(parts[i].amount, amount);
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%u %s/%u %u%s", i ? ", " : "",
                               parts[i].label, amount, parts[i].share_ppm, parts[i].hops,
                               parts[i].direct ? "!" : "");
    }
    return text;
}

static uint64_t holding(const struct asked *q, char account, int asset)
{
    int64_t h = q->w.holding_of[account - 'A'][asset];

    return h < 0 ? ACCOUNTS_NONE : (uint64_t)h;
}

static const char *of(const struct account_exposure *x, const struct asked *q, char account,
                      int asset, enum account_exposure_kind kind)
{
    struct exposure_part parts[PARTS];

    return told(parts, account_exposure_holding(x, holding(q, account, asset), kind, parts, PARTS));
}

#define RECEIVED(account) of(x, &q, account, 0, EXPOSURE_RECEIVED)
#define SENT(account) of(x, &q, account, 0, EXPOSURE_SENT)
#define HELD(account) of(x, &q, account, 0, EXPOSURE_HELD)

/* A is labelled. B gets 80 of it and 40 clean; of the fee of 12 are 8 of the 80, of the 60 that it
 * pays are floor(72 * 60 / 108) = 40. */
static void two_hops(void **state)
{
    struct account_exposure_totals totals;
    struct account_exposure *x;
    struct exposure_part part[PARTS];
    uint64_t path[4], source;
    struct asked q;
    bool kept;

    (void)state;
    world_of(&q, "t0: ->A 100, ->D 100\n"
                 "t1: A>B 80, A>A 20\n"
                 "t2: D>B 40\n"
                 "t3: fee B>M 12/4, B>C 60\n"
                 "t4: A>C 20\n");
    label(&q, 'A', 2, false);
    x = made(&q);
    CHECK_S(RECEIVED('A'), "");
    CHECK_S(RECEIVED('B'), "2 80/666666 1!");
    CHECK_S(RECEIVED('M'), "");
    CHECK_S(RECEIVED('C'), "2 40/500000 2, 2 20/250000 1!");
    CHECK_S(HELD('B'), "2 32/666666 1!");
    CHECK_S(HELD('C'), "2 40/500000 2, 2 20/250000 1!");
    CHECK_S(SENT('B'), "");
    totals = account_exposure_totals(x, holding(&q, 'B', 0));
    CHECK_U(totals.received.w[0], 120);
    CHECK_U(totals.sent.w[0], 72);
    CHECK_U(totals.balance.w[0], 48);
    CHECK_U(account_exposure_totals(x, holding(&q, 'M', 0)).received.w[0], 4);
    CHECK_U(account_exposure_totals(x, 999).received.w[0], 0);
    CHECK_U(account_exposure_holding(x, holding(&q, 'C', 0), EXPOSURE_RECEIVED, part, PARTS), 2);
    CHECK_U(account_exposure_path(x, &q.a, part[0].best, path, 4, &source), 2);
    CHECK_U(path[0], 2); /* A>B */
    CHECK_U(path[1], 6); /* B>C */
    CHECK_U(source, aw_account(0));
    CHECK_U(account_exposure_path(x, &q.a, part[0].best, path, 1, &source), 2); /* the last one */
    CHECK_U(path[0], 6);
    CHECK_U(account_exposure_path(x, &q.a, part[1].best, path, 4, &source), 1);
    CHECK_U(path[0], 7);
    CHECK_U(account_exposure_path(x, &q.a, 999, path, 4, &source), 0);
    CHECK_U(account_exposure_transfer(x, &q.a, 6, EXPOSURE_RECEIVED, part, PARTS, &kept), 1);
    CHECK_S(told(part, 1), "2 40/666666 2");
    CHECK_U(account_exposure_transfer_path(x, &q.a, 6, part, path, 4, &source), 2);
    CHECK_U(path[0], 2);
    CHECK_U(path[1], 6);
    CHECK_U(source, aw_account(0));
    CHECK_U(account_exposure_transfer(x, &q.a, 7, EXPOSURE_RECEIVED, part, PARTS, &kept), 1);
    CHECK_S(told(part, 1), "2 20/1000000 1!");
    CHECK_U(account_exposure_transfer(x, &q.a, 8, EXPOSURE_RECEIVED, part, PARTS, &kept), 0);
    CHECK(!kept);
    CHECK_U(account_exposure_holding(x, 999, EXPOSURE_RECEIVED, part, PARTS), 0);
    CHECK_U(account_exposure_counts(x).beyond, 0);
    CHECK_U(account_exposure_counts(x).transfers, 8);
    account_exposure_free(x);
    account_world_free(&q.w);
}

/* The world of two_hops: of B's 120 are 80 of the label, 666,666 in a million, when it pays the
 * fee. */
static void less_than_the_cut_ends(void **state)
{
    static const struct {
        uint32_t cut_ppm;
        const char *c, *held;
        uint64_t cut;
    } rows[] = {
        {0, "0 40/500000 2, 0 20/250000 1!", "0 32/666666 1!", 0},
        {666666, "0 40/500000 2, 0 20/250000 1!", "0 32/666666 1!", 0},
        {666667, "0 20/250000 1!", "", 1},
    };
    struct asked q;

    (void)state;
    world_of(&q, "t0: ->A 100, ->D 100\n"
                 "t1: A>B 80, A>A 20\n"
                 "t2: D>B 40\n"
                 "t3: fee B>M 12/4, B>C 60\n"
                 "t4: A>C 20\n");
    label(&q, 'A', 0, false);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct account_exposure *x;

        test_row("%u ppm", rows[i].cut_ppm);
        q.options.asked.cut_ppm = rows[i].cut_ppm;
        x = made(&q);
        CHECK_S(RECEIVED('B'), "0 80/666666 1!"); /* as it came */
        CHECK_S(RECEIVED('C'), rows[i].c);
        CHECK_S(HELD('B'), rows[i].held);
        CHECK_U(account_exposure_counts(x).cut, rows[i].cut);
        CHECK_U(account_exposure_cut(x, 0), rows[i].cut);
        CHECK_U(account_exposure_cut(x, LABELS), 0);
        account_exposure_free(x);
    }
    account_world_free(&q.w);
}

/* Who spends nothing cuts nothing. */
static void nothing_spent_cuts_nothing(void **state)
{
    struct account_exposure *x;
    struct asked q;

    (void)state;
    world_of(&q, "t0: ->A 1, ->D 9\nt1: A>B 1, D>B 9\nt2: B>C 0\n");
    label(&q, 'A', 0, false);
    q.options.asked.cut_ppm = 500000;
    x = made(&q);
    CHECK_S(HELD('B'), "0 1/100000 1!");
    CHECK_U(account_exposure_counts(x).cut, 0);
    account_exposure_free(x);
    account_world_free(&q.w);
}

/* What comes to a service stays there; what it pays out is the service's. */
static void a_service_ends_it(void **state)
{
    struct account_exposure *x;
    struct asked q;

    (void)state;
    world_of(&q, "t0: ->A 100\nt1: A>S 100\nt2: S>C 60, S>B 40\n");
    label(&q, 'A', 0, false);
    label(&q, 'S', 1, true);
    label(&q, 'B', 0, false);
    x = made(&q);
    CHECK_S(RECEIVED('S'), "0 100/1000000 1!");
    CHECK_S(HELD('S'), "");
    CHECK_S(RECEIVED('C'), "1 60/1000000 1!");
    CHECK_S(RECEIVED('B'), "1 40/1000000 1!");
    CHECK_S(SENT('A'), "1 100/1000000 1!");
    CHECK_S(SENT('S'), "0 40/400000 1!");
    account_exposure_free(x);
    /* the same, if it does not stop: the thief's value goes on beside the service's */
    q.sources[1].stops = false;
    x = made(&q);
    CHECK_S(RECEIVED('C'), "0 60/1000000 2, 1 60/1000000 1!");
    CHECK_S(RECEIVED('B'), "1 40/1000000 1!");
    account_exposure_free(x);
    account_world_free(&q.w);
}

/* B has 6 of the label and 4 clean, and pays 5. */
static void policies_take_differently(void **state)
{
    static const struct {
        enum trace_policy policy;
        const char *paid, *held;
    } rows[] = {
        {TRACE_HAIRCUT, "0 3/600000 2", "0 3/600000 1!"},
        {TRACE_TIHO, "0 5/1000000 2", "0 1/200000 1!"},
        {TRACE_POISON, "0 5/1000000 2", "0 5/1000000 1!"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct account_exposure *x;
        struct asked q;

        test_row("%s", trace_policy_name(rows[i].policy));
        world_of(&q, "t0: ->A 6, ->D 4\nt1: A>B 6, D>B 4\nt2: B>C 5\n");
        label(&q, 'A', 0, false);
        q.options.asked.policy = rows[i].policy;
        x = made(&q);
        CHECK_S(RECEIVED('C'), rows[i].paid);
        CHECK_S(HELD('B'), rows[i].held);
        account_exposure_free(x);
        account_world_free(&q.w);
    }
}

/* docs/taint.md, "Spends above the recorded balance" */
static void spends_above_the_balance(void **state)
{
    struct account_exposure *x;
    struct asked q;

    (void)state;
    world_of(&q, "t0: ->A 4\nt1: A>B 4\nt2: B>C 6\nt3: C>D 3\n");
    label(&q, 'A', 0, false);
    x = made(&q);
    CHECK_S(RECEIVED('C'), "0 4/666666 2");
    CHECK_S(RECEIVED('D'), "0 2/666666 3");
    CHECK_S(HELD('B'), "");
    CHECK_U(account_exposure_totals(x, holding(&q, 'B', 0)).sent.w[0], 6);
    CHECK_U(account_exposure_counts(x).beyond, 1);
    account_exposure_free(x);
    q.options.asked.policy = TRACE_POISON;
    x = made(&q);
    CHECK_S(RECEIVED('C'), "0 6/1000000 2");
    CHECK_S(RECEIVED('D'), "0 3/1000000 3");
    CHECK_S(HELD('B'), "");
    account_exposure_free(x);
    account_world_free(&q.w);
}

/* Of 9 that came 3 are burned; what is there ends with the freeze, and so does what comes while it
 * lasts. Of 8 new ones in 16 a spend of 8 takes 4. */
static void burns_and_freezes_end_it(void **state)
{
    struct account_exposure *x;
    struct asked q;

    (void)state;
    world_of(&q, "t0: ->A 20 usd\nt1: A>B 9 usd\nt2: B>- 3 usd\nt3: freeze B usd\nt4: A>B 2 usd\n"
                 "t5: unfreeze B usd\nt6: A>B 8 usd\nt7: B>C 8 usd\n");
    label(&q, 'A', 0, false);
    x = made(&q);
    CHECK_S(of(x, &q, 'B', 1, EXPOSURE_RECEIVED), "0 19/1000000 1!");
    CHECK_S(of(x, &q, 'B', 1, EXPOSURE_HELD), "0 4/500000 1!");
    CHECK_S(of(x, &q, 'C', 1, EXPOSURE_RECEIVED), "0 4/500000 2");
    account_exposure_free(x);
    account_world_free(&q.w);
}

/* A proposer that pays its own fee loses what is burned: 2 of 10, of which floor(5 * 2 / 10) = 1 is
 * of the label. */
static void own_fees(void **state)
{
    struct account_exposure *x;
    struct asked q;

    (void)state;
    world_of(&q, "t0: ->A 5, ->M 5\nt1: A>M 5\nt2: fee M>M 3/1, M>M 7\n");
    label(&q, 'A', 0, false);
    x = made(&q);
    CHECK_S(RECEIVED('M'), "0 5/500000 1!");
    CHECK_S(HELD('M'), "0 4/500000 1!");
    CHECK_U(account_exposure_totals(x, holding(&q, 'M', 0)).sent.w[0], 2);
    account_exposure_free(x);
    account_world_free(&q.w);
}

static void origins_are_of_their_case(void **state)
{
    struct account_exposure *x;
    struct exposure_part part[PARTS];
    uint64_t path[4], source;
    struct asked q;

    (void)state;
    world_of(&q, "t0: ->A 50, ->A 50\nt1: A>B 50\nt2: B>C 50\nt3: D>E 40, D>E 10\n");
    origin(&q, 0, 0);
    origin(&q, 0, 0); /* twice is once */
    origin(&q, 5, 0);
    label(&q, 'D', 0, false);
    x = made(&q);
    CHECK_S(RECEIVED('A'), "0 50/500000 0!");
    CHECK_S(RECEIVED('B'), "0 25/500000 1!");
    CHECK_S(RECEIVED('C'), "0 25/500000 2");
    CHECK_S(RECEIVED('E'), "0 50/1000000 1!"); /* 40 of D's and 10 by themselves */
    CHECK_U(account_exposure_holding(x, holding(&q, 'C', 0), EXPOSURE_HELD, part, PARTS), 1);
    CHECK_U(account_exposure_path(x, &q.a, part[0].best, path, 4, &source), 2);
    CHECK_U(path[0], 2);
    CHECK_U(path[1], 3);
    CHECK_U(source, ACCOUNTS_NONE);
    account_exposure_free(x);
    account_world_free(&q.w);
}

/* The holding was without the label in between: what came since begins the way. */
static void the_way_is_of_what_is_there(void **state)
{
    struct account_exposure *x;
    struct exposure_part part[PARTS];
    uint64_t path[4], source;
    struct asked q;

    (void)state;
    world_of(&q,
             "t0: ->A 90, ->E 20\nt1: A>B 90\nt2: B>C 90\nt3: E>F 20\nt4: F>B 20\nt5: B>D 20\n");
    label(&q, 'A', 0, false);
    label(&q, 'E', 0, false);
    x = made(&q);
    CHECK_S(RECEIVED('B'), "0 90/818181 1!, 0 20/181818 2");
    CHECK_S(RECEIVED('D'), "0 20/1000000 3");
    CHECK_U(account_exposure_holding(x, holding(&q, 'D', 0), EXPOSURE_RECEIVED, part, PARTS), 1);
    CHECK_U(account_exposure_path(x, &q.a, part[0].best, path, 4, &source), 3);
    CHECK_U(path[0], 4);
    CHECK_U(path[1], 5);
    CHECK_U(path[2], 6);
    CHECK_U(source, aw_account('E' - 'A'));
    account_exposure_free(x);
    account_world_free(&q.w);
}

static void each_asset_by_itself(void **state)
{
    struct account_exposure *x;
    struct exposure_part part[PARTS];
    uint64_t holdings[PARTS];
    struct asked q;

    (void)state;
    world_of(&q, "t0: ->A 9 usd, ->A 9\nt1: A>B 9 usd, A>B 4, ->B 4\nt2: B>C 3 usd\n");
    label(&q, 'A', 1, false);
    x = made(&q);
    CHECK_U(account_exposure_account(x, &q.a, holding(&q, 'B', 0), EXPOSURE_HELD, part, holdings,
                                     PARTS),
            2);
    CHECK_S(told(part, 2), "1 4/500000 1!, 1 6/1000000 1!");
    CHECK_U(holdings[0], holding(&q, 'B', 0));
    CHECK_U(holdings[1], holding(&q, 'B', 1));
    CHECK_U(
        account_exposure_account(x, &q.a, holding(&q, 'B', 0), EXPOSURE_HELD, part, holdings, 1),
        2);
    CHECK_S(told(part, 1), "1 4/500000 1!");
    CHECK_U(account_exposure_account(x, &q.a, ACCOUNTS_NONE, EXPOSURE_HELD, part, holdings, 1), 0);
    account_exposure_free(x);
    account_world_free(&q.w);
}

/* t2 pays 2^200 of 2^202, of which 3 in 4 are of the label: 3 * 2^198. Then sums go over. */
static void wide_amounts(void **state)
{
    struct account_exposure *x;
    struct exposure_part part[PARTS];
    struct u256 most = {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    struct asked q;

    (void)state;
    world_of(&q, "t0: ->A 1, ->D 1\nt1: A>B 1, D>B 1\nt2: B>C 1\nt3: ->B 1\nt4: B>E 1\n");
    for (size_t i = 0; i < q.w.n; i++) {
        q.w.at[i].amount.w[0] = 0;
        q.w.at[i].amount.w[3] = i == 0 || i == 2 ? 0x300 : 0x100; /* 2^200 is bit 8 of it */
        q.w.at[i].credit = q.w.at[i].amount;
    }
    q.w.at[5].amount = q.w.at[5].credit = most;
    q.a = account_world_build(&q.w);
    label(&q, 'A', 0, false);
    x = made(&q);
    CHECK_U(account_exposure_holding(x, holding(&q, 'C', 0), EXPOSURE_RECEIVED, part, PARTS), 1);
    CHECK(u256_equal(part[0].amount, (struct u256){{0, 0, 0, 0xc0}}));
    CHECK_U(part[0].share_ppm, 750000);
    CHECK_S(HELD('B'), "");
    CHECK_S(RECEIVED('E'), "");
    CHECK(u256_equal(account_exposure_totals(x, holding(&q, 'B', 0)).received, most));
    account_exposure_free(x);
    account_world_free(&q.w);
}

static void limits(void **state)
{
    struct account_exposure *x = NULL;
    struct asked q;
    struct err err;

    (void)state;
    world_of(&q, "t0: ->A 60\nt1: A>B 30\nt2: A>C 30\n");
    label(&q, 'A', 0, false);
    q.options.records_max = 1;
    CHECK_OK(account_exposure_new(&q.options, &x, &err), err);
    CHECK(!account_exposure_add(x, &q.a, &err));
    CHECK_U(err.class, ERR_LIMIT);
    account_exposure_free(x);
    q.options.records_max = 0;
    q.options.holdings_max = 2;
    CHECK_OK(account_exposure_new(&q.options, &x, &err), err);
    CHECK(!account_exposure_add(x, &q.a, &err));
    CHECK_U(err.class, ERR_LIMIT);
    account_exposure_free(x);
    q.options.asked.policy = TRACE_LIFO;
    CHECK(!account_exposure_new(&q.options, &x, &err));
    CHECK_U(err.class, ERR_USAGE);
    q.options.asked.policy = TRACE_HAIRCUT;
    q.options.accounts_max = 1; /* A is past it */
    CHECK(!account_exposure_new(&q.options, &x, &err));
    CHECK_U(err.class, ERR_USAGE);
    q.options.asked.labels_n = EXPOSURE_LABELS_MAX + 1;
    CHECK(!account_exposure_new(&q.options, &x, &err));
    CHECK_U(err.class, ERR_LIMIT);
    account_world_free(&q.w);
}

/* ---- the naive second ---- */

enum { ORIGIN, DIRECT, INDIRECT };

struct naive_holding {
    uint64_t in, out, balance, held[LABELS][3], got[LABELS][2], sent[LABELS];
    bool frozen;
};

#define MOVES 64

struct naive {
    struct naive_holding of[PEOPLE][ASSETS];
    uint64_t brought[MOVES][LABELS][2], paid[MOVES][LABELS]; /* by single transfers */
    bool has[PEOPLE][LABELS], stops[PEOPLE];
    uint64_t cut_ppm, cut[LABELS];
};

/* Has a holding that spends too little of a label for it to go on? Then it ends. */
static void naive_cut(struct naive *n, enum trace_policy policy, struct naive_holding *h,
                      unsigned l)
{
    uint64_t held = h->held[l][ORIGIN] + h->held[l][DIRECT] + h->held[l][INDIRECT];

    if (policy == TRACE_POISON || !held || held * 1000000 >= n->cut_ppm * h->balance)
        return;
    memset(h->held[l], 0, sizeof(h->held[l]));
    n->cut[l]++;
}

/* taken[k] of one label, taken from what is held */
static void naive_take(enum trace_policy policy, struct naive_holding *h, unsigned l, uint64_t x,
                       uint64_t taken[3])
{
    uint64_t all[4] = {0}, cut[4] = {0}, spent = x < h->balance ? x : h->balance;

    for (unsigned k = 0; k < 3; k++) {
        all[k + 1] = all[k] + h->held[l][k];
        if (policy == TRACE_HAIRCUT)
            cut[k + 1] = h->balance ? all[k + 1] * spent / h->balance : 0;
        else
            cut[k + 1] = all[k + 1] < spent ? all[k + 1] : spent;
        taken[k] = cut[k + 1] - cut[k];
    }
    if (policy == TRACE_POISON) {
        bool any = false;

        for (unsigned k = 0; k < 3; k++) {
            taken[k] = h->held[l][k] && !any ? x : 0;
            any |= h->held[l][k] != 0;
            if (spent == h->balance)
                h->held[l][k] = 0;
        }
        return;
    }
    for (unsigned k = 0; k < 3; k++)
        h->held[l][k] -= taken[k];
}

static bool naive_origin(const struct asked *q, uint64_t id, unsigned l)
{
    for (size_t i = 0; i < q->options.asked.origins_n; i++)
        if (q->origins[i].id == id && q->origins[i].label == l)
            return true;
    return false;
}

static void naive_put(struct naive *n, const struct asked *q, uint64_t id, unsigned l,
                      unsigned kind, uint64_t amount)
{
    const struct aw_transfer *t = &q->w.at[id];
    enum trace_policy policy = q->options.asked.policy;
    struct naive_holding *to = &n->of[t->to][t->asset];

    if (!amount || n->has[t->to][l])
        return;
    to->got[l][kind == INDIRECT] += amount;
    n->brought[id][l][kind == INDIRECT] += amount;
    if (!to->frozen && !n->stops[t->to])
        to->held[l][kind] = policy == TRACE_POISON ? 1 : to->held[l][kind] + amount;
}

static void naive_arrive(struct naive *n, const struct asked *q, uint64_t id, unsigned l,
                         const uint64_t taken[3])
{
    const struct aw_transfer *t = &q->w.at[id];
    uint64_t x = t->amount.w[0];
    bool payer_has = t->from >= 0 && n->has[t->from][l];

    if (naive_origin(q, id, l)) {
        naive_put(n, q, id, l, ORIGIN, x);
    } else if (payer_has) {
        naive_put(n, q, id, l, DIRECT, x);
    } else {
        naive_put(n, q, id, l, DIRECT, taken[ORIGIN]);
        naive_put(n, q, id, l, INDIRECT, taken[DIRECT] + taken[INDIRECT]);
    }
    if (t->from >= 0 && !payer_has && n->has[t->to][l]) {
        n->of[t->from][t->asset].sent[l] += x;
        n->paid[id][l] += x;
    }
}

static void naive_transfer(struct naive *n, const struct asked *q, uint64_t id)
{
    const struct aw_transfer *t = &q->w.at[id];
    struct naive_holding *from = t->from < 0 ? NULL : &n->of[t->from][t->asset];
    uint64_t x = t->amount.w[0], taken[LABELS][3] = {{0}};

    if (t->kind == TRANSFER_FREEZE || t->kind == TRANSFER_UNFREEZE) {
        if (from)
            from->frozen = t->kind == TRANSFER_FREEZE;
        if (from && from->frozen)
            memset(from->held, 0, sizeof(from->held));
        return;
    }
    if (t->from == t->to) {
        if (t->kind != TRANSFER_FEE || !from)
            return;
        x -= t->credit.w[0];
    }
    for (unsigned l = 0; from && x && l < LABELS; l++) {
        naive_cut(n, q->options.asked.policy, from, l);
        naive_take(q->options.asked.policy, from, l, x, taken[l]);
    }
    if (from) {
        from->out += x;
        from->balance -= x < from->balance ? x : from->balance;
    }
    if (t->to < 0 || t->from == t->to)
        return;
    n->of[t->to][t->asset].in += t->credit.w[0];
    n->of[t->to][t->asset].balance += t->credit.w[0];
    for (unsigned l = 0; t->kind != TRANSFER_FEE && l < LABELS; l++)
        naive_arrive(n, q, id, l, taken[l]);
}

static void random_world(struct asked *q, struct test_random *r)
{
    static const enum transfer_kind kinds[] = {TRANSFER_VALUE,  TRANSFER_VALUE,   TRANSFER_VALUE,
                                               TRANSFER_VALUE,  TRANSFER_FEE,     TRANSFER_WIPE,
                                               TRANSFER_FREEZE, TRANSFER_UNFREEZE};
    unsigned n = 3 + (unsigned)test_below(r, 40);

    account_world_clear(&q->w);
    q->w.assets_n = ASSETS;
    for (unsigned i = 0; i < n; i++) {
        enum transfer_kind kind = kinds[test_below(r, i < 4 ? 4 : 8)];
        int from = i < 4 || !test_below(r, 8) ? AW_NOBODY : (int)test_below(r, PEOPLE);
        int to = test_below(r, 10) ? (int)test_below(r, PEOPLE) : AW_NOBODY;
        uint64_t amount = test_below(r, 5) ? test_below(r, 40) : test_below(r, 400);

        if (!i || test_below(r, 2))
            account_world_tx(&q->w);
        if (kind == TRANSFER_FEE && from >= 0)
            account_world_fee(&q->w, from, to, amount, test_below(r, amount + 1));
        else if (kind != TRANSFER_FEE && kind != TRANSFER_FREEZE && kind != TRANSFER_UNFREEZE)
            account_world_add(&q->w, kind, from, to, (int)test_below(r, ASSETS), amount);
        else if (kind != TRANSFER_FEE && from >= 0)
            account_world_add(&q->w, kind, from, AW_NOBODY, (int)test_below(r, ASSETS), 0);
    }
    q->a = account_world_build(&q->w);
}

static void random_asked(struct asked *q, struct naive *n, struct test_random *r)
{
    static const enum trace_policy policies[] = {TRACE_HAIRCUT, TRACE_TIHO, TRACE_POISON};

    random_world(q, r);
    q->options.asked = (struct exposure_asked){.policy = policies[test_below(r, 3)],
                                               .labels_n = LABELS,
                                               .sources = q->sources,
                                               .origins = q->origins};
    q->options.newest_max = test_below(r, 2) ? 1 + (uint32_t)test_below(r, 8) : 0;
    if (test_below(r, 2))
        n->cut_ppm = q->options.asked.cut_ppm = (uint32_t)test_below(r, 1000001);
    for (unsigned k = (unsigned)test_below(r, 6); k; k--) {
        unsigned account = (unsigned)test_below(r, PEOPLE), l = (unsigned)test_below(r, LABELS);
        bool stops = test_below(r, 3) == 0;

        label(q, (char)('A' + account), (uint16_t)l, stops);
        n->has[account][l] = true;
        n->stops[account] |= stops;
    }
    for (unsigned k = (unsigned)test_below(r, 3); k; k--) {
        uint64_t id = test_below(r, q->w.n);

        if (q->w.at[id].kind == TRANSFER_VALUE)
            origin(q, id, (uint16_t)test_below(r, LABELS));
    }
}

static uint64_t amount_of(const struct account_exposure *x, uint64_t h,
                          enum account_exposure_kind kind, unsigned l, bool direct)
{
    struct exposure_part parts[PARTS];
    size_t n = account_exposure_holding(x, h, kind, parts, PARTS);

    for (size_t i = 0; i < n; i++)
        if (parts[i].label == l && parts[i].direct == direct)
            return parts[i].amount.w[0];
    return 0;
}

static void same_as_naive(const struct account_exposure *x, const struct asked *q,
                          const struct naive *n, uint64_t h, int account, int asset)
{
    const struct naive_holding *want = &n->of[account][asset];
    struct account_exposure_totals totals = account_exposure_totals(x, h);
    bool poison = q->options.asked.policy == TRACE_POISON;

    CHECK_U(totals.received.w[0], want->in);
    CHECK_U(totals.sent.w[0], want->out);
    CHECK_U(totals.balance.w[0], want->balance);
    for (unsigned l = 0; l < LABELS; l++) {
        uint64_t direct = want->held[l][ORIGIN] + want->held[l][DIRECT],
                 indirect = want->held[l][INDIRECT];

        if (poison) {
            indirect = indirect && !direct ? want->balance : 0;
            direct = direct ? want->balance : 0;
        }
        CHECK_U(amount_of(x, h, EXPOSURE_RECEIVED, l, true), want->got[l][0]);
        CHECK_U(amount_of(x, h, EXPOSURE_RECEIVED, l, false), want->got[l][1]);
        CHECK_U(amount_of(x, h, EXPOSURE_SENT, l, true), want->sent[l]);
        CHECK_U(amount_of(x, h, EXPOSURE_HELD, l, true), direct);
        CHECK_U(amount_of(x, h, EXPOSURE_HELD, l, false), indirect);
    }
}

/* Each way leads from a source, by transfers that follow one another. */
static void ways_hold(const struct account_exposure *x, const struct asked *q, uint64_t h)
{
    struct exposure_part parts[PARTS];
    size_t n = account_exposure_holding(x, h, EXPOSURE_RECEIVED, parts, PARTS);

    for (size_t i = 0; i < n; i++) {
        uint64_t path[PARTS], source;
        size_t hops = account_exposure_path(x, &q->a, parts[i].best, path, PARTS, &source);

        CHECK(hops && hops <= PARTS);
        CHECK_U(hops, parts[i].hops ? parts[i].hops : 1);
        CHECK_U(accounts_transfer(&q->a, path[hops - 1]).to, h);
        for (size_t k = 1; k < hops; k++) {
            CHECK(path[k - 1] < path[k]);
            CHECK_U(accounts_transfer(&q->a, path[k - 1]).to,
                    accounts_transfer(&q->a, path[k]).from);
        }
    }
}

/* Each transfer brought what the table says, or is older than what is kept; the newest is kept. */
static void same_transfers(const struct account_exposure *x, const struct asked *q,
                           const struct naive *n)
{
    bool before = false;

    for (uint64_t id = 0; id < q->a.transfers_n; id++) {
        struct exposure_part in[PARTS], out[PARTS];
        bool kept;
        size_t in_n = account_exposure_transfer(x, &q->a, id, EXPOSURE_RECEIVED, in, PARTS, &kept);
        size_t out_n = account_exposure_transfer(x, &q->a, id, EXPOSURE_SENT, out, PARTS, &kept);
        uint64_t got[LABELS][2] = {{0}}, paid[LABELS] = {0};

        CHECK(kept || (!before && q->options.newest_max));
        before = kept;
        for (size_t i = 0; i < in_n; i++) {
            uint64_t way[PARTS], source;
            size_t hops = account_exposure_transfer_path(x, &q->a, id, &in[i], way, PARTS, &source);

            got[in[i].label][!in[i].direct] += in[i].amount.w[0];
            CHECK_U(hops, in[i].hops ? in[i].hops : 1);
            CHECK_U(way[hops - 1], id);
            for (size_t k = 1; k < hops; k++)
                CHECK_U(accounts_transfer(&q->a, way[k - 1]).to,
                        accounts_transfer(&q->a, way[k]).from);
            if (hops > 1) { /* the last ones, where there is no room for all */
                CHECK_U(account_exposure_transfer_path(x, &q->a, id, &in[i], way, 1, &source),
                        hops);
                CHECK_U(way[0], id);
            }
        }
        for (size_t i = 0; i < out_n; i++)
            paid[out[i].label] += out[i].amount.w[0];
        for (unsigned l = 0; kept && l < LABELS; l++) {
            CHECK_U(got[l][0], n->brought[id][l][0]);
            CHECK_U(got[l][1], n->brought[id][l][1]);
            CHECK_U(paid[l], n->paid[id][l]);
        }
    }
}

static uint64_t first_transfer(const struct asked *q, uint64_t account)
{
    for (uint64_t id = 0; id < q->a.transfers_n; id++) {
        struct transfer t = accounts_transfer(&q->a, id);

        if ((t.from != ACCOUNTS_NONE && accounts_holding(&q->a, t.from).account == account) ||
            (t.to != ACCOUNTS_NONE && accounts_holding(&q->a, t.to).account == account))
            return id;
    }
    return 0;
}

/* The labels of whoever is first met in a transfer. */
static void labels_at(struct account_exposure *x, const struct asked *q, uint64_t id)
{
    struct exposure_source sources[16];
    struct exposure_origin origins[16];
    struct exposure_asked more = {.labels_n = LABELS, .sources = sources, .origins = origins};
    struct err err;

    for (size_t i = 0; i < q->options.asked.sources_n; i++)
        if (first_transfer(q, q->sources[i].owner) == id)
            sources[more.sources_n++] = q->sources[i];
    for (size_t i = 0; i < q->options.asked.origins_n; i++)
        if (q->origins[i].id == id)
            origins[more.origins_n++] = q->origins[i];
    CHECK_OK(account_exposure_more(x, &more, &err), err);
}

/* A transfer at a time, with labels as they come, it is what it is at once. */
static void goes_on(const struct account_exposure *once, const struct asked *q)
{
    struct account_exposure_options options = q->options;
    struct account_exposure *x = NULL;
    struct err err;

    options.asked.sources_n = options.asked.origins_n = 0;
    CHECK_OK(account_exposure_new(&options, &x, &err), err);
    for (uint64_t n = 0; n < q->a.transfers_n; n++) {
        struct accounts part = q->a;

        labels_at(x, q, n);
        part.transfers_n = n + 1;
        CHECK_OK(account_exposure_add(x, &part, &err), err);
    }
    CHECK_U(account_exposure_counts(x).records, account_exposure_counts(once).records);
    for (uint64_t h = 0; h < q->a.holdings_n; h++)
        for (int kind = EXPOSURE_RECEIVED; kind <= EXPOSURE_HELD; kind++) {
            struct exposure_part parts[PARTS];
            char want[2048];
            size_t n =
                account_exposure_holding(once, h, (enum account_exposure_kind)kind, parts, PARTS);

            snprintf(want, sizeof(want), "%s", told(parts, n));
            n = account_exposure_holding(x, h, (enum account_exposure_kind)kind, parts, PARTS);
            CHECK_S(told(parts, n), want);
        }
    account_exposure_free(x);
}

static void random_worlds(void **state)
{
    struct test_random r = {test_seed()};
    struct asked *q = calloc(1, sizeof(*q));
    struct naive *n = calloc(1, sizeof(*n));

    (void)state;
    CHECK(q && n);
    for (unsigned i = 0; i < 1500; i++) {
        struct account_exposure *x;

        test_row("world %u", i);
        memset(n, 0, sizeof(*n));
        random_asked(q, n, &r);
        x = made(q);
        for (uint64_t t = 0; t < q->w.n; t++)
            naive_transfer(n, q, t);
        for (int account = 0; account < PEOPLE; account++)
            for (int asset = 0; asset < ASSETS; asset++)
                if (q->w.holding_of[account][asset] >= 0) {
                    uint64_t h = (uint64_t)q->w.holding_of[account][asset];

                    same_as_naive(x, q, n, h, account, asset);
                    ways_hold(x, q, h);
                }
        same_transfers(x, q, n);
        for (unsigned l = 0; l < LABELS; l++)
            CHECK_U(account_exposure_cut(x, (uint16_t)l), n->cut[l]);
        if (i % 8 == 0)
            goes_on(x, q);
        account_exposure_free(x);
    }
    account_world_free(&q->w);
    free(n);
    free(q);
}

/* Of one origin and nothing else, what is held is what a trace finds there. */
static void as_traced(struct asked *q, uint64_t id)
{
    struct account_origin o = {.transfer = id, .taint = q->w.at[id].credit};
    struct account_case ask = {.origins = &o,
                               .origins_n = 1,
                               .policy = q->options.asked.policy,
                               .hops_max = TRACE_HOPS_NONE};
    struct arena *a = arena_new(NULL, (size_t)1 << 24);
    uint64_t held[AW_ACCOUNTS * AW_ASSETS] = {0};
    struct account_exposure *x = made(q);
    struct account_trace t;
    struct err err;

    CHECK(a);
    CHECK_OK(account_trace_forward(a, &q->a, &ask, 1, &t, &err), err);
    for (size_t i = 0; i < t.balances_n; i++)
        if (t.balances[i].stop == STOP_NONE)
            held[t.balances[i].holding] += t.balances[i].taint.w[0];
    for (uint64_t h = 0; h < q->a.holdings_n; h++)
        CHECK_U(amount_of(x, h, EXPOSURE_HELD, 0, true) + amount_of(x, h, EXPOSURE_HELD, 0, false),
                held[h]);
    account_exposure_free(x);
    arena_free(a);
}

static void as_the_trace(void **state)
{
    static const enum trace_policy policies[] = {TRACE_HAIRCUT, TRACE_TIHO, TRACE_POISON};
    struct test_random r = {test_seed()};
    struct asked *q = calloc(1, sizeof(*q));

    (void)state;
    CHECK(q);
    for (unsigned i = 0; i < 600; i++) {
        uint64_t id;

        test_row("world %u", i);
        random_world(q, &r);
        q->options.asked = (struct exposure_asked){.policy = policies[i % 3],
                                                   .labels_n = LABELS,
                                                   .sources = q->sources,
                                                   .origins = q->origins};
        id = test_below(&r, q->w.n);
        if (q->w.at[id].kind != TRANSFER_VALUE || q->w.at[id].to < 0)
            continue;
        origin(q, id, 0);
        as_traced(q, id);
    }
    account_world_free(&q->w);
    free(q);
}

/* ---- saved, and loaded ---- */

static const struct hash32 hash_of = {{1, 2, 3}};

static void same_answers(const struct account_exposure *x, const struct account_exposure *y,
                         const struct asked *q)
{
    for (uint64_t h = 0; h <= q->a.holdings_n; h++)
        for (int kind = EXPOSURE_RECEIVED; kind <= EXPOSURE_HELD; kind++) {
            struct exposure_part got[PARTS], want[PARTS];
            enum account_exposure_kind k = (enum account_exposure_kind)kind;
            size_t n = account_exposure_holding(x, h, k, got, PARTS);

            CHECK_U(account_exposure_holding(y, h, k, want, PARTS), n);
            for (size_t i = 0; i < n; i++) {
                CHECK_U(got[i].label, want[i].label);
                CHECK_U(got[i].direct, want[i].direct);
                CHECK(u256_equal(got[i].amount, want[i].amount));
                CHECK_U(got[i].hops, want[i].hops);
                CHECK_U(got[i].best, want[i].best);
            }
        }
    for (uint64_t id = 0; id < q->a.transfers_n; id++) {
        struct exposure_part got[PARTS], want[PARTS];
        bool kept, wanted;
        size_t n = account_exposure_transfer(x, &q->a, id, EXPOSURE_RECEIVED, got, PARTS, &kept);

        CHECK_U(account_exposure_transfer(y, &q->a, id, EXPOSURE_RECEIVED, want, PARTS, &wanted),
                n);
        CHECK_U(kept, wanted);
        for (size_t i = 0; i < n; i++) {
            CHECK(u256_equal(got[i].amount, want[i].amount));
            CHECK_U(got[i].best, want[i].best);
        }
    }
    CHECK_U(account_exposure_counts(x).transfers, account_exposure_counts(y).transfers);
    CHECK_U(account_exposure_counts(x).beyond, account_exposure_counts(y).beyond);
    for (uint16_t l = 0; l < LABELS; l++)
        CHECK_U(account_exposure_cut(x, l), account_exposure_cut(y, l));
}

/* Saved on the way, loaded, and brought to the end: the answers and the bytes of who never
 * stopped. */
static void saved_on_the_way(const struct asked *q, const char *path, uint64_t transfers)
{
    struct account_exposure *once = made(q), *x = NULL, *y = NULL;
    struct accounts part = q->a;
    struct bytes got, want;
    struct err err;

    part.transfers_n = transfers;
    CHECK_OK(account_exposure_new(&q->options, &x, &err), err);
    CHECK_OK(account_exposure_add(x, &part, &err), err);
    account_exposure_note(x)->n = 2;
    account_exposure_note(x)->bytes[1] = 7;
    CHECK_OK(account_exposure_save(x, path, &hash_of, &err), err);
    CHECK_OK(account_exposure_load(path, &q->options, &hash_of, &y, &err), err);
    CHECK_U(account_exposure_counts(y).transfers, transfers);
    CHECK_U(account_exposure_note(y)->n, 2);
    CHECK_U(account_exposure_note(y)->bytes[1], 7);
    same_answers(x, y, q);
    CHECK_OK(account_exposure_add(y, &q->a, &err), err);
    same_answers(once, y, q);
    account_exposure_note(y)->n = 0;
    CHECK_OK(account_exposure_save(y, path, &hash_of, &err), err);
    got = test_read(path);
    CHECK_OK(account_exposure_save(once, path, &hash_of, &err), err);
    want = test_read(path);
    CHECK(bytes_equal(got, want));
    account_exposure_free(once);
    account_exposure_free(x);
    account_exposure_free(y);
}

static void saved_worlds(void **state)
{
    struct test_random r = {test_seed()};
    struct asked *q = calloc(1, sizeof(*q));
    struct naive *n = calloc(1, sizeof(*n));
    char path[512];

    (void)state;
    CHECK(q && n);
    snprintf(path, sizeof(path), "%s/exposure", test_dir());
    for (unsigned i = 0; i < 100; i++) {
        test_row("world %u", i);
        random_asked(q, n, &r);
        if (i % 4 == 0) /* wide ones */
            for (size_t t = 0; t < q->w.n; t++) {
                q->w.at[t].amount.w[3] = q->w.at[t].amount.w[0];
                q->w.at[t].credit.w[3] = q->w.at[t].credit.w[0];
            }
        q->a = account_world_build(&q->w);
        saved_on_the_way(q, path, test_below(&r, q->a.transfers_n + 1));
    }
    account_world_free(&q->w);
    free(n);
    free(q);
}

struct kept { /* a world that is saved, loaded and used */
    struct asked q;
    char path[512];
};

static void kept_make(struct kept *k)
{
    world_of(&k->q, "t0: ->A 100, ->D 100\nt1: A>B 80, A>S 20\nt2: D>B 40\n"
                    "t3: fee B>M 12/4, B>C 60\nt4: C>S 20, S>E 5\nt5: C>E 7, B>C 1\n");
    k->q.w.at[0].amount.w[3] = k->q.w.at[0].credit.w[3] = 1; /* A has more than it can pay */
    k->q.w.at[2].amount.w[1] = k->q.w.at[2].credit.w[1] = (uint64_t)1 << 63;
    k->q.a = account_world_build(&k->q.w);
    label(&k->q, 'A', 0, false);
    label(&k->q, 'S', 1, false);
    origin(&k->q, 1, 2);
    k->q.options.asked.cut_ppm = 10;
}

static bool kept_save(void *ctx, const char *path, struct err *err)
{
    struct kept *k = ctx;
    struct account_exposure *x = NULL;
    struct accounts part = k->q.a;
    bool ok;

    part.transfers_n -= 3;
    ok = account_exposure_new(&k->q.options, &x, err) && account_exposure_add(x, &part, err) &&
         account_exposure_save(x, path, &hash_of, err);
    account_exposure_free(x);
    return ok;
}

static bool kept_load(void *ctx, const char *path, struct err *err)
{
    struct kept *k = ctx;
    struct account_exposure *x = NULL;
    struct exposure_part part[PARTS];
    uint64_t way[4], source;

    if (!account_exposure_load(path, &k->q.options, &hash_of, &x, err))
        return false;
    for (uint64_t h = 0; h < k->q.a.holdings_n; h++)
        for (int kind = EXPOSURE_RECEIVED; kind <= EXPOSURE_HELD; kind++)
            account_exposure_holding(x, h, (enum account_exposure_kind)kind, part, PARTS);
    for (uint32_t i = 0; i < account_exposure_counts(x).records; i++)
        account_exposure_path(x, &k->q.a, i, way, 4, &source);
    for (uint64_t t = 0; t < k->q.a.transfers_n; t++) {
        bool there;
        size_t n = account_exposure_transfer(x, &k->q.a, t, EXPOSURE_RECEIVED, part, PARTS, &there);

        for (size_t i = 0; i < n; i++)
            account_exposure_transfer_path(x, &k->q.a, t, &part[i], way, 4, &source);
    }
    CHECK_OK(account_exposure_add(x, &k->q.a, err), *err);
    account_exposure_free(x);
    return true;
}

static void damaged_files(void **state)
{
    struct test_random r = {test_seed()};
    struct account_exposure *x = NULL;
    struct hash32 other = hash_of;
    struct err err;
    struct kept k;

    (void)state;
    kept_make(&k);
    snprintf(k.path, sizeof(k.path), "%s/exposure", test_dir());
    CHECK(!kept_load(&k, k.path, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    CHECK_OK(kept_save(&k, k.path, &err), err);
    saved_damaged(k.path, kept_load, &k, &r);
    saved_half(k.path, kept_save, &k);
    other.b[31] = 1;
    CHECK(!account_exposure_load(k.path, &k.q.options, &other, &x, &err));
    CHECK_U(err.class, ERR_DIFFERS);
    k.q.options.asked.policy = TRACE_TIHO;
    CHECK(!kept_load(&k, k.path, &err));
    CHECK_U(err.class, ERR_DIFFERS);
    k.q.options.asked.policy = TRACE_HAIRCUT;
    k.q.options.holdings_max = 1;
    CHECK(!kept_load(&k, k.path, &err));
    CHECK_U(err.class, ERR_LIMIT);
    account_world_free(&k.q.w);
}

static bool load_again(void *ctx)
{
    struct kept *k = ctx;
    struct account_exposure *x = NULL;
    struct err err;
    bool ok = account_exposure_load(k->path, &k->q.options, &hash_of, &x, &err);

    account_exposure_free(x);
    return ok;
}

static bool build(void *ctx)
{
    const struct asked *q = ctx;
    struct account_exposure *x = NULL;
    struct err err;
    bool ok = account_exposure_new(&q->options, &x, &err) && account_exposure_add(x, &q->a, &err);

    account_exposure_free(x);
    return ok;
}

static void failed_allocations(void **state)
{
    struct asked q;
    struct kept k;
    struct err err;

    (void)state;
    world_of(&q, "t0: ->A 60\nt1: A>B 30\nt2: B>C 30\n");
    label(&q, 'A', 0, false);
    test_failed_allocations(build, &q);
    account_world_free(&q.w);
    kept_make(&k);
    snprintf(k.path, sizeof(k.path), "%s/exposure", test_dir());
    CHECK_OK(kept_save(&k, k.path, &err), err);
    test_failed_allocations(load_again, &k);
    account_world_free(&k.q.w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_hops),
        cmocka_unit_test(less_than_the_cut_ends),
        cmocka_unit_test(nothing_spent_cuts_nothing),
        cmocka_unit_test(a_service_ends_it),
        cmocka_unit_test(policies_take_differently),
        cmocka_unit_test(spends_above_the_balance),
        cmocka_unit_test(burns_and_freezes_end_it),
        cmocka_unit_test(own_fees),
        cmocka_unit_test(origins_are_of_their_case),
        cmocka_unit_test(the_way_is_of_what_is_there),
        cmocka_unit_test(each_asset_by_itself),
        cmocka_unit_test(wide_amounts),
        cmocka_unit_test(limits),
        cmocka_unit_test(random_worlds),
        cmocka_unit_test(as_the_trace),
        cmocka_unit_test(saved_worlds),
        cmocka_unit_test(damaged_files),
        cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
