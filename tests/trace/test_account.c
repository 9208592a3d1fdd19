/* Forward traces over accounts against the naive implementation: on random worlds, long lists
 * among them, and on all small ones. */
#include "support.h"

#include "trace/account.h"
#include "trace/naive_accounts.h"

#include <stdio.h>

#define CASES_MAX 256
#define ORIGINS_MAX 8
#define ARENA_MAX ((size_t)1 << 30)

struct question { /* the same for both implementations */
    struct naive_account_ask ask;
    struct account_origin origins[ORIGINS_MAX];
    const struct account_world *w;
    struct account_conversion legs[NAIVE_LEGS_MAX];
};

static int32_t stop_of(void *ctx, uint64_t account)
{
    const struct question *q = ctx;

    return account >= AW_ASSETS ? q->ask.stop[account - AW_ASSETS] : STOP_NONE;
}

static size_t conversions_of(void *ctx, uint64_t tx, const struct account_conversion **ret)
{
    struct question *q = ctx;
    size_t n = 0;

    for (size_t i = 0; i < q->ask.legs_n; i++)
        if (q->w->at[q->ask.legs[i].transfer].tx == tx)
            q->legs[n++] = (struct account_conversion){.transfer = q->ask.legs[i].transfer,
                                                       .group = q->ask.legs[i].group,
                                                       .out = q->ask.legs[i].out,
                                                       .collateral = q->ask.legs[i].collateral,
                                                       .leaves = q->ask.legs[i].leaves,
                                                       .grade = q->ask.legs[i].grade};
    *ret = q->legs;
    return n;
}

static void question_clear(struct question *q, const struct account_world *w)
{
    memset(q, 0, sizeof(*q));
    memset(q->ask.stop, 0xff, sizeof(q->ask.stop));
    q->ask.hops_max = TRACE_HOPS_NONE;
    q->w = w;
}

static struct account_case as_case(struct question *q)
{
    q->ask.origins = q->origins;
    return (struct account_case){.origins = q->origins,
                                 .origins_n = q->ask.origins_n,
                                 .policy = q->ask.policy,
                                 .dust = u256_of(q->ask.dust),
                                 .hops_max = q->ask.hops_max,
                                 .hub_spends_max = q->ask.hub_spends_max,
                                 .units = true,
                                 .moves_max = q->ask.moves_max,
                                 .moves_cut = q->ask.moves_max != 0,
                                 .stop_of = stop_of,
                                 .stop_ctx = q,
                                 .conversions_of = q->ask.legs_n ? conversions_of : NULL,
                                 .conversions_ctx = q};
}

static void name_row(const struct account_world *w, const struct question *q)
{
    char text[1600], more[400] = "";
    size_t n = 0;

    account_world_print(w, text, sizeof(text));
    for (size_t i = 0; i < q->ask.origins_n && n + 40 < sizeof(more); i++)
        n += (size_t)snprintf(more + n, sizeof(more) - n, " %llu(%llu)",
                              (unsigned long long)q->origins[i].transfer,
                              (unsigned long long)q->origins[i].taint.w[0]);
    for (size_t i = 0; i < q->ask.legs_n && n + 40 < sizeof(more); i++)
        n += (size_t)snprintf(more + n, sizeof(more) - n, " %s %u:%llu%s",
                              q->ask.legs[i].out ? "out" : "in", q->ask.legs[i].group,
                              (unsigned long long)q->ask.legs[i].transfer,
                              q->ask.legs[i].collateral ? "c" : "");
    test_row("%s dust %llu hops %u hub %u from%s: %s", trace_policy_name(q->ask.policy),
             (unsigned long long)q->ask.dust, q->ask.hops_max, q->ask.hub_spends_max, more, text);
}

#define SAME(got, want)                                                                            \
    do {                                                                                           \
        if ((got) != (want)) {                                                                     \
            name_row(w, q);                                                                        \
            CHECK_U(got, want);                                                                    \
        }                                                                                          \
    } while (0)

static void same_moves(const struct account_world *w, const struct question *q,
                       const struct account_trace *t, const struct naive_account_trace *n)
{
    size_t k = 0, u = 0;

    for (uint64_t i = 0; i < w->n; i++) {
        const struct account_move *m;
        const struct naive_move *want = &n->moves[i];

        if (n->unsettled[i]) {
            if (u == t->unsettled_n)
                SAME(u, t->unsettled_n + 1);
            SAME(t->unsettled[u].transfer, i);
            SAME(t->unsettled[u++].taint.w[0], n->unsettled[i]);
        }
        if (!want->listed)
            continue;
        if (k == t->moves_n)
            SAME(k, t->moves_n + 1);
        m = &t->moves[k];
        SAME(m->transfer, i);
        SAME(m->taint.w[0], want->taint);
        SAME(m->hop, want->hop);
        SAME(m->stop, want->stop);
        SAME(m->grade, want->grade);
        SAME(m->origin, want->origin);
        SAME(m->beyond, want->beyond && want->taint);
        SAME(m->in_leg, want->in_leg);
        SAME(m->out_leg, want->out_leg);
        k++;
    }
    SAME(t->moves_n, k);
    SAME(t->unsettled_n, u);
}

static void same_balances(const struct account_world *w, const struct question *q,
                          const struct account_trace *t, const struct naive_account_trace *n)
{
    size_t listed = 0;

    for (int a = 0; a < AW_ACCOUNTS; a++)
        for (int s = 0; s < AW_ASSETS; s++)
            for (int e = 0; e < NAIVE_STOPS; e++) {
                const struct naive_ended *want = &n->ended[a][s][e];
                size_t k = 0;

                if (!want->taint)
                    continue;
                while (k < t->balances_n &&
                       (t->balances[k].holding != (uint64_t)w->holding_of[a][s] ||
                        NAIVE_OF_STOP(t->balances[k].stop) != e))
                    k++;
                if (k == t->balances_n)
                    SAME(k, t->balances_n + 1);
                SAME(t->balances[k].taint.w[0], want->taint);
                SAME(t->balances[k].hop, want->hop);
                listed++;
            }
    SAME(t->balances_n, listed);
    for (size_t k = 1; k < t->balances_n; k++)
        SAME(t->balances[k - 1].holding < t->balances[k].holding ||
                 t->balances[k - 1].stop < t->balances[k].stop,
             true);
}

/* Of what is held, the units: fifo by the number of their arrival, lifo from the bottom. */
static void same_units(const struct account_world *w, const struct question *q,
                       const struct account_trace *t, const struct naive_account_trace *n)
{
    bool fifo = q->ask.policy == TRACE_FIFO;
    uint64_t told = 0, tainted = 0;

    for (int a = 0; a < AW_ACCOUNTS && (fifo || q->ask.policy == TRACE_LIFO); a++)
        for (int s = 0; s < AW_ASSETS; s++) {
            const struct naive_pile *p = &n->piles[a][s];

            for (uint64_t u = 0; u < p->n; u++) {
                uint64_t at = u + (fifo ? p->left : 0);
                bool is = false;

                for (size_t k = 0; k < t->units_n; k++)
                    is |= t->units[k].holding == (uint64_t)w->holding_of[a][s] &&
                          t->units[k].start.w[0] <= at && at < t->units[k].end.w[0];
                SAME(is, p->unit[u] != 0);
                tainted += p->unit[u];
            }
        }
    for (size_t k = 0; k < t->units_n; k++) {
        told += t->units[k].end.w[0] - t->units[k].start.w[0];
        SAME(k && t->units[k].holding == t->units[k - 1].holding &&
                 t->units[k].start.w[0] <= t->units[k - 1].end.w[0],
             false);
        SAME(k && t->units[k].holding < t->units[k - 1].holding, false);
    }
    SAME(told, tainted);
}

static void same_totals(const struct account_world *w, const struct question *q,
                        const struct account_trace *t, const struct naive_account_trace *n)
{
    for (int s = 0; s < AW_ASSETS; s++) {
        const struct naive_totals *want = &n->totals[s];
        struct account_totals none = {.asset = aw_asset(s)}, *got = &none;

        for (size_t k = 0; k < t->totals_n; k++)
            if (t->totals[k].asset == aw_asset(s))
                got = &t->totals[k];
        SAME(got->origin.w[0], want->origin);
        SAME(got->converted_in.w[0], want->converted_in);
        SAME(got->held.w[0], want->held);
        SAME(got->exits.w[0], want->exits);
        SAME(got->cut.w[0], want->cut);
        SAME(got->fees.w[0], want->fees);
        SAME(got->dust.w[0], want->dust);
        SAME(got->unresolved.w[0], want->unresolved);
        SAME(got->converted_out.w[0], want->converted_out);
        if (q->ask.policy != TRACE_POISON)
            SAME(want->held + want->exits + want->cut + want->fees + want->dust + want->unresolved +
                     want->converted_out,
                 want->origin + want->converted_in);
    }
}

/* All questions at once must answer as each by the naive way does. */
static void all_same(struct account_world *w, struct question *questions, size_t n)
{
    static struct account_case cases[CASES_MAX];
    static struct account_trace got[CASES_MAX];
    static struct naive_account_trace want;
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct accounts accounts = account_world_build(w);
    struct err err;

    CHECK(a);
    for (size_t i = 0; i < n; i++)
        cases[i] = as_case(&questions[i]);
    if (!account_trace_forward(a, &accounts, cases, n, got, &err)) {
        name_row(w, &questions[0]);
        CHECK_OK(false, err);
    }
    for (size_t i = 0; i < n; i++) {
        const struct question *q = &questions[i];

        naive_account_trace(w, &q->ask, &want);
        same_moves(w, q, &got[i], &want);
        same_balances(w, q, &got[i], &want);
        same_totals(w, q, &got[i], &want);
        same_units(w, q, &got[i], &want);
        SAME(got[i].exact, want.exact);
        SAME(got[i].full, want.full);
    }
    arena_free(a);
}

/* ---- random worlds ---- */

struct shape {
    int accounts, assets;
    uint64_t amount_max;
    bool freezes, burst;
};

static int random_account(struct test_random *r, const struct shape *s)
{
    return (int)test_below(r, (uint64_t)s->accounts);
}

static void random_transfer(struct account_world *w, struct test_random *r, const struct shape *s,
                            bool first)
{
    int from = test_below(r, 6) ? random_account(r, s) : AW_NOBODY;
    int to = test_below(r, 12) ? random_account(r, s) : AW_NOBODY;
    int asset = (int)test_below(r, (uint64_t)s->assets);
    uint64_t amount = test_below(r, s->amount_max + 1);

    if (from == AW_NOBODY && to == AW_NOBODY)
        to = 0;
    if (first && !test_below(r, 3)) {
        account_world_fee(w, random_account(r, s), to, amount % 4, test_below(r, amount % 4 + 1));
        return;
    }
    if (s->freezes && !test_below(r, 8)) {
        int kind = (int)test_below(r, 4);

        if (kind == 0)
            account_world_add(w, TRANSFER_WIPE, random_account(r, s), to, asset, amount);
        else
            account_world_add(w, kind == 1 ? TRANSFER_UNFREEZE : TRANSFER_FREEZE,
                              random_account(r, s), AW_NOBODY, asset, 0);
        return;
    }
    account_world_add(w, asset ? TRANSFER_LOG : TRANSFER_VALUE, from, to, asset, amount);
}

/* Clean value in and out of one account, many times, so that lists are long enough for marks. */
static void random_burst(struct account_world *w, struct test_random *r, const struct shape *s)
{
    int hub = random_account(r, s), asset = (int)test_below(r, (uint64_t)s->assets);
    uint64_t n = 50 + test_below(r, 700), outs = test_below(r, 4);

    account_world_tx(w);
    for (uint64_t i = 0; i < n; i++) {
        account_world_add(w, TRANSFER_VALUE, AW_NOBODY, hub, asset, test_below(r, 3));
        if (outs && !test_below(r, 2 * outs))
            account_world_add(w, TRANSFER_VALUE, hub, AW_NOBODY, asset, test_below(r, 3));
        if (s->freezes && !test_below(r, 300))
            account_world_add(w, test_below(r, 2) ? TRANSFER_FREEZE : TRANSFER_UNFREEZE, hub,
                              AW_NOBODY, asset, 0);
    }
}

static void random_world(struct account_world *w, struct test_random *r)
{
    uint64_t n = 1 + test_below(r, test_below(r, 20) ? 12 : 50);
    struct shape s = {.accounts = 1 + (int)test_below(r, 6),
                      .assets = 1 + (int)test_below(r, 3),
                      .amount_max = test_below(r, 2) ? 4 : 20,
                      .freezes = !test_below(r, 4),
                      .burst = !test_below(r, 25)};

    account_world_clear(w);
    for (uint64_t i = 0; i < n; i++) {
        uint64_t transfers = 1 + test_below(r, 4);

        if (s.burst && !test_below(r, 4))
            random_burst(w, r, &s);
        account_world_tx(w);
        for (uint64_t k = 0; k < transfers; k++)
            random_transfer(w, r, &s, !k);
    }
}

static void random_origins(const struct account_world *w, struct question *q, struct test_random *r)
{
    uint64_t at = 0;

    for (uint64_t n = 1 + test_below(r, 3); n && q->ask.origins_n < ORIGINS_MAX; n--) {
        uint64_t i = at + test_below(r, test_below(r, 2) ? w->n - at : (w->n - at + 3) / 4);
        struct account_origin *o = &q->origins[q->ask.origins_n++];

        *o = (struct account_origin){.transfer = i, .taint = w->at[i].credit};
        if (!test_below(r, 4))
            o->taint = u256_of(test_below(r, o->taint.w[0] + 1));
        if (!test_below(r, 6))
            o->grade = (enum move_grade)test_below(r, 3);
        if (!test_below(r, 6)) {
            o->arrival = true;
            o->hop = (uint32_t)test_below(r, 3);
        }
        at = i + 1;
        if (at == w->n)
            break;
    }
}

/* Groups of legs in transactions: each of one asset in, one asset out. */
static void random_legs(const struct account_world *w, struct question *q, struct test_random *r)
{
    for (uint64_t i = 0, end; i < w->n; i = end) {
        uint64_t groups = test_below(r, 3);

        for (end = i + 1; end < w->n && w->at[end].tx == w->at[i].tx; end++)
            ;
        for (; groups && q->ask.legs_n + 4 < NAIVE_LEGS_MAX / 2; groups--) {
            uint32_t group = q->ask.legs_n ? q->ask.legs[q->ask.legs_n - 1].group + 1 : 0;
            int asset[2] = {-1, -1};
            bool collateral = !test_below(r, 4), leaves = !collateral && !test_below(r, 4);

            for (uint64_t k = i; k < end && k < i + 20 && q->ask.legs_n + 2 < NAIVE_LEGS_MAX; k++) {
                const struct aw_transfer *t = &w->at[k];
                bool out = !leaves && test_below(r, 2), taken = t->from == t->to;

                for (size_t x = 0; x < q->ask.legs_n; x++)
                    taken |= q->ask.legs[x].transfer == k &&
                             (q->ask.legs[x].out == out || q->ask.legs[x].group == group);
                if (taken || t->kind == TRANSFER_FEE || t->kind == TRANSFER_FREEZE ||
                    t->kind == TRANSFER_UNFREEZE || (asset[out] >= 0 && asset[out] != t->asset) ||
                    !test_below(r, 3))
                    continue;
                asset[out] = t->asset;
                q->ask.legs[q->ask.legs_n++] =
                    (struct naive_leg){.transfer = k,
                                       .group = group,
                                       .out = out,
                                       .collateral = !out && collateral,
                                       .leaves = leaves,
                                       .grade = test_below(r, 8) ? MOVE_PROVEN : MOVE_STATED};
            }
        }
    }
}

static void random_question(const struct account_world *w, struct question *q,
                            struct test_random *r, enum trace_policy policy)
{
    static const int stops[] = {0, 1, 2, 3, 4, STOP_BURNED};

    question_clear(q, w);
    q->ask.policy = policy;
    random_origins(w, q, r);
    if (!test_below(r, 3))
        for (int i = 0; i < 3; i++)
            q->ask.stop[test_below(r, 6)] = stops[test_below(r, 6)];
    if (!test_below(r, 3))
        q->ask.dust = test_below(r, 5);
    if (!test_below(r, 3))
        q->ask.hops_max = (uint32_t)test_below(r, 5);
    if (!test_below(r, 3))
        q->ask.hub_spends_max = 1 + (uint32_t)test_below(r, 4);
    if (!test_below(r, 3))
        random_legs(w, q, r);
    if (!q->ask.legs_n && !test_below(r, 4)) /* else the order within a transaction decides */
        q->ask.moves_max = 1 + test_below(r, 8);
}

static void random_worlds(void **state)
{
    static struct account_world w;
    static struct question q[12];
    struct test_random r = {test_seed()};
    size_t n = test_long() ? 400000 : 10000;

    for (size_t i = 0; i < n; i++) {
        random_world(&w, &r);
        for (size_t k = 0; k < 12; k++)
            random_question(&w, &q[k], &r, (enum trace_policy)(k % 6));
        all_same(&w, q, 12);
    }
    account_world_free(&w);
    print_message("%zu random ledgers, 12 cases each\n", n);
}

/* ---- every small world ---- */

#define SMALL_MAX 5
#define ROLES 5 /* none; in and out of group 0; in and out of group 1 */

struct small {
    struct account_world w;
    uint64_t worlds, cases, every; /* of the whole worlds, ask one in so many */
    size_t n;                      /* how many transfers */
    bool conversions;
    int role[SMALL_MAX];
    struct question q[CASES_MAX];
};

static void add_question(struct small *s, size_t *n, uint64_t origin, uint64_t taint,
                         enum trace_policy policy)
{
    struct question *q = &s->q[*n];

    question_clear(q, &s->w);
    q->ask.policy = policy;
    q->origins[0] = (struct account_origin){.transfer = origin, .taint = u256_of(taint)};
    q->ask.origins_n = 1;
    for (size_t i = 0; s->conversions && i < s->n; i++) {
        uint32_t group = s->role[i] > 2;

        if (s->role[i])
            q->ask.legs[q->ask.legs_n++] =
                (struct naive_leg){.transfer = i, .group = group, .out = s->role[i] % 2 == 0};
    }
    for (size_t i = 1; i < q->ask.legs_n; i++) /* by group */
        for (size_t k = i; k && q->ask.legs[k - 1].group > q->ask.legs[k].group; k--) {
            struct naive_leg leg = q->ask.legs[k];

            q->ask.legs[k] = q->ask.legs[k - 1];
            q->ask.legs[k - 1] = leg;
        }
    ++*n;
}

static void ask_small(struct small *s)
{
    size_t n = 0;

    if (s->worlds++ % s->every)
        return;
    for (uint64_t i = 0; i < s->n; i++)
        for (int policy = TRACE_FIFO; policy <= TRACE_LIBR; policy++) {
            uint64_t credit = s->w.at[i].credit.w[0];

            add_question(s, &n, i, credit, (enum trace_policy)policy);
            if (credit > 1)
                add_question(s, &n, i, 1, (enum trace_policy)policy);
        }
    /* and the first two together */
    for (int policy = TRACE_FIFO; s->n > 1 && policy <= TRACE_LIBR; policy++) {
        add_question(s, &n, 0, s->w.at[0].credit.w[0], (enum trace_policy)policy);
        s->q[n - 1].origins[1] = (struct account_origin){.transfer = 1, .taint = s->w.at[1].credit};
        s->q[n - 1].ask.origins_n = 2;
    }
    all_same(&s->w, s->q, n);
    s->cases += n;
}

/* Accounts are named in the order of their first use: any other naming is the same world. */
static void small_worlds(struct small *s, int named)
{
    struct account_world *w = &s->w;
    uint64_t least = s->n > 3 ? 1 : 0;

    if (w->n == s->n) {
        ask_small(s);
        return;
    }
    for (int from = AW_NOBODY; from <= named && from < 3; from++) {
        int after = from == named ? named + 1 : named;

        for (int to = AW_NOBODY; to <= after && to < 3; to++) {
            int now = to == after ? after + 1 : after;

            for (uint64_t amount = least; amount <= 3; amount++) {
                if (from == to && (from == AW_NOBODY || amount > 1))
                    continue;
                account_world_tx(w);
                account_world_add(w, TRANSFER_VALUE, from, to, 0, amount);
                small_worlds(s, now);
                w->n--;
                w->txs_n--;
            }
            for (uint64_t credit = 0; from != AW_NOBODY && credit <= 1; credit++) {
                account_world_tx(w);
                account_world_fee(w, from, to, 1, credit);
                small_worlds(s, now);
                w->n--;
                w->txs_n--;
            }
        }
    }
}

/* Does this role contradict those before it: a group whose legs are of two assets? */
static bool fits(const struct small *s, int role, int asset)
{
    for (size_t i = 0; i < s->w.n; i++)
        if (role && s->role[i] == role && s->w.at[i].asset != asset)
            return false;
    return true;
}

/* One transaction between a taker, A, and a pool, B, in two assets, with every role that each
 * transfer can have in two conversions. */
static void small_conversions(struct small *s, int groups)
{
    static const int ends[][2] = {{0, 1}, {1, 0}, {AW_NOBODY, 0}, {0, AW_NOBODY}};
    struct account_world *w = &s->w;
    size_t i = w->n;

    if (i == s->n) {
        ask_small(s);
        return;
    }
    for (int role = 0; role < ROLES; role++) {
        int group = (role + 1) / 2;

        if (group > groups + 1)
            continue;
        for (int asset = 0; asset < 2; asset++)
            for (size_t e = 0; e < sizeof(ends) / sizeof(ends[0]); e++)
                for (uint64_t amount = 1; amount <= 3; amount += 1 + (s->n > 3)) {
                    if (!fits(s, role, asset))
                        continue;
                    s->role[i] = role;
                    account_world_add(w, TRANSFER_LOG, ends[e][0], ends[e][1], asset, amount);
                    small_conversions(s, group > groups ? group : groups);
                    w->n--;
                }
    }
}

static void every_small_world(void **state)
{
    static const uint64_t every[] = {1, 1, 17, 20011, 4000037}, every_long[] = {1, 1, 1, 7, 20011};
    static struct small s;

    for (s.n = 1; s.n <= SMALL_MAX; s.n++) {
        s.worlds = s.cases = 0;
        s.every = test_long() ? every_long[s.n - 1] : every[s.n - 1];
        account_world_clear(&s.w);
        small_worlds(&s, 0);
        print_message("%zu transfers: %llu ledgers, one in %llu asked, %llu cases\n", s.n,
                      (unsigned long long)s.worlds, (unsigned long long)s.every,
                      (unsigned long long)s.cases);
    }
    account_world_free(&s.w);
}

static void every_small_conversion(void **state)
{
    static const uint64_t every[] = {1, 7, 1009, 200003}, every_long[] = {1, 1, 7, 1009};
    static struct small s;

    s.conversions = true;
    for (s.n = 1; s.n <= 4; s.n++) {
        s.worlds = s.cases = 0;
        s.every = test_long() ? every_long[s.n - 1] : every[s.n - 1];
        account_world_clear(&s.w);
        account_world_tx(&s.w);
        small_conversions(&s, 0);
        print_message("%zu transfers: %llu transactions, one in %llu asked, %llu cases\n", s.n,
                      (unsigned long long)s.worlds, (unsigned long long)s.every,
                      (unsigned long long)s.cases);
    }
    account_world_free(&s.w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_worlds),
        cmocka_unit_test(every_small_world),
        cmocka_unit_test(every_small_conversion),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
