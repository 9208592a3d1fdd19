/* The run: trace each ledger, see what goes on by routes, mark it where it arrives, and again,
 * until a round brings no other arrivals than the one before.
 *
 * Each round starts from the cases' origins and the arrivals found so far, so that the last round
 * is the whole result, and nothing has to be taken back. Value only goes on to where it arrives,
 * later, so that a round settles at least the earliest arrival that the one before had not right.
 */
#include "trace/routes.h"

#include "base/mem.h"
#include "trace/routes_parts.h"

#include <stdlib.h>

/* ---- a round ---- */

struct arrival {
    uint32_t case_n, ledger;
    uint64_t id;
    struct u256 taint;
    uint32_t hop;
    enum move_grade grade;
};

struct arrivals { /* by case, ledger, id */
    struct arrival *at;
    size_t n, size;
};

struct found { /* by one case in one round */
    struct route_link *links;
    size_t links_n, links_size;
    struct route_candidate *candidates;
    size_t candidates_n, candidates_size;
};

struct run {
    struct arena *a; /* of the round */
    struct routes *r;
    const struct routes_case *cases;
    size_t cases_n;
    struct arrivals now, next;
    struct account_trace **accounts; /* [ledgers_n][cases_n] */
    struct trace **coins;
    struct account_case **account_cases; /* [ledgers_n][cases_n] as they were asked */
    struct trace_case **coin_cases;
    struct found *found; /* [cases_n] */
};

static int arrival_compare(const void *one, const void *other)
{
    const struct arrival *a = one, *b = other;

    if (a->case_n != b->case_n)
        return a->case_n < b->case_n ? -1 : 1;
    if (a->ledger != b->ledger)
        return a->ledger < b->ledger ? -1 : 1;
    return (a->id > b->id) - (a->id < b->id);
}

/* Those of a case in a ledger: a span of the list. */
static const struct arrival *arrivals_of(const struct arrivals *all, uint32_t case_n,
                                         uint32_t ledger, size_t *ret_n)
{
    struct arrival first = {.case_n = case_n, .ledger = ledger};
    size_t low = 0, high = all->n, end;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (arrival_compare(&all->at[middle], &first) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (end = low; end < all->n && all->at[end].case_n == case_n && all->at[end].ledger == ledger;
         end++)
        ;
    *ret_n = end - low;
    return all->n ? all->at + low : NULL;
}

/* A case's own origins and what arrives, ascending; its own stand where both are one. */
static bool account_origins(struct run *run, uint32_t case_n, uint32_t ledger,
                            struct account_case *c, struct err *err)
{
    size_t arrivals_n, n = 0, i = 0, k = 0;
    const struct arrival *arrivals = arrivals_of(&run->now, case_n, ledger, &arrivals_n);
    struct account_origin *to =
        ARENA_ARRAY(run->a, struct account_origin, c->origins_n + arrivals_n + 1);

    if (!to)
        return routes_nomem(err);
    while (i < c->origins_n || k < arrivals_n) {
        bool own =
            k == arrivals_n || (i < c->origins_n && c->origins[i].transfer <= arrivals[k].id);

        if (own) {
            k += k < arrivals_n && arrivals[k].id == c->origins[i].transfer;
            to[n++] = c->origins[i++];
            continue;
        }
        to[n++] = (struct account_origin){.transfer = arrivals[k].id,
                                          .taint = arrivals[k].taint,
                                          .grade = arrivals[k].grade,
                                          .arrival = true,
                                          .hop = arrivals[k].hop};
        k++;
    }
    c->origins = to;
    c->origins_n = n;
    return true;
}

static bool coin_origins(struct run *run, uint32_t case_n, uint32_t ledger, struct trace_case *c,
                         struct err *err)
{
    const struct coins *coins = run->r->ledgers[ledger].coins;
    size_t arrivals_n, n = 0, i = 0, k = 0;
    const struct arrival *arrivals = arrivals_of(&run->now, case_n, ledger, &arrivals_n);
    uint64_t *to;
    struct trace_mark *marks;

    if (!arrivals_n)
        return true;
    to = ARENA_ARRAY(run->a, uint64_t, c->origins_n + arrivals_n);
    marks = ARENA_ARRAY(run->a, struct trace_mark, c->origins_n + arrivals_n);
    if (!to || !marks)
        return routes_nomem(err);
    while (i < c->origins_n || k < arrivals_n) {
        bool own = k == arrivals_n || (i < c->origins_n && c->origins[i] <= arrivals[k].id);

        if (own) {
            k += k < arrivals_n && arrivals[k].id == c->origins[i];
            marks[n].taint =
                c->origins[i] < coins->outputs_n ? coins_value(coins, c->origins[i]) : 0;
            to[n++] = c->origins[i++];
            continue;
        }
        marks[n] = (struct trace_mark){arrivals[k].taint.w[0], arrivals[k].hop, true};
        to[n++] = arrivals[k++].id;
    }
    c->origins = to;
    c->marks = marks;
    c->origins_n = n;
    return true;
}

static bool trace_accounts(struct run *run, uint32_t ledger, struct err *err)
{
    struct routes_hook h = {.r = run->r, .ledger = ledger};
    struct account_case *cases = ARENA_ARRAY(run->a, struct account_case, run->cases_n + 1);

    run->accounts[ledger] = ARENA_ARRAY(run->a, struct account_trace, run->cases_n + 1);
    run->account_cases[ledger] = cases;
    if (!run->accounts[ledger] || !cases)
        return routes_nomem(err);
    for (uint32_t i = 0; i < run->cases_n; i++) {
        cases[i] = run->cases[i].accounts[ledger];
        cases[i].conversions_of = routes_hook_conversions;
        cases[i].conversions_ctx = &h;
        if (!account_origins(run, i, ledger, &cases[i], err))
            return false;
    }
    if (!account_trace_forward(run->a, run->r->ledgers[ledger].accounts, cases, run->cases_n,
                               run->accounts[ledger], err))
        return false;
    if (h.failed)
        *err = h.err;
    return !h.failed;
}

static bool trace_coins(struct run *run, uint32_t ledger, struct err *err)
{
    struct trace_case *cases = ARENA_ARRAY(run->a, struct trace_case, run->cases_n + 1);
    struct routes_hook *hooks = ARENA_ARRAY(run->a, struct routes_hook, run->cases_n + 1);

    run->coins[ledger] = ARENA_ARRAY(run->a, struct trace, run->cases_n + 1);
    run->coin_cases[ledger] = cases;
    if (!run->coins[ledger] || !cases || !hooks)
        return routes_nomem(err);
    for (uint32_t i = 0; i < run->cases_n; i++) {
        cases[i] = run->cases[i].coins[ledger];
        hooks[i] = (struct routes_hook){.r = run->r,
                                        .ledger = ledger,
                                        .stop_of = cases[i].stop_of,
                                        .stop_ctx = cases[i].stop_ctx};
        cases[i].stop_of = routes_hook_stop;
        cases[i].stop_ctx = &hooks[i];
        if (!coin_origins(run, i, ledger, &cases[i], err))
            return false;
    }
    if (!trace_forward(run->a, run->r->ledgers[ledger].coins, cases, run->cases_n,
                       run->coins[ledger], err))
        return false;
    for (uint32_t i = 0; i < run->cases_n; i++)
        if (hooks[i].failed) {
            *err = hooks[i].err;
            return false;
        }
    return true;
}

/* ---- what went on ---- */

/* Tainted value that a transaction's legs carried. */
struct carried {
    struct u256 taint;
    uint32_t hop;
    enum move_grade grade;
};

static void carry_add(struct carried *c, struct u256 taint, uint32_t hop, enum move_grade grade)
{
    if (u256_zero(taint))
        return;
    c->hop = u256_zero(c->taint) || hop < c->hop ? hop : c->hop;
    c->grade = grade > c->grade ? grade : c->grade;
    if (!u256_add(c->taint, taint, &c->taint))
        c->taint = (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
}

static const struct account_move *move_of(const struct account_trace *t, uint64_t transfer)
{
    size_t low = 0, high = t->moves_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (t->moves[middle].transfer < transfer)
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->moves_n && t->moves[low].transfer == transfer ? &t->moves[low] : NULL;
}

static const struct trace_reached *reached_of(const struct trace *t, uint64_t output)
{
    size_t low = 0, high = t->reached_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (t->reached[middle].output < output)
            low = middle + 1;
        else
            high = middle;
    }
    return low < t->reached_n && t->reached[low].output == output ? &t->reached[low] : NULL;
}

/* What a leg of a link carried on, if the trace let it go on by a route. */
static void carried_by(const struct run *run, uint32_t case_n, const struct route_leg *leg,
                       struct carried *to)
{
    if (run->r->ledgers[leg->ledger].coins) {
        const struct trace_reached *o = reached_of(&run->coins[leg->ledger][case_n], leg->id);

        if (o && o->stop == ROUTES_STOP)
            carry_add(to, u256_of(o->taint), o->hop, MOVE_PROVEN);
    } else {
        const struct account_move *m = move_of(&run->accounts[leg->ledger][case_n], leg->id);

        if (m && m->in_leg)
            carry_add(to, m->taint, m->hop, m->grade);
    }
}

static bool found_link(struct found *f, struct route_link link, struct err *err)
{
    if (f->links_n == ROUTES_LINKS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu links", ROUTES_LINKS_MAX);
    if (!mem_room((void **)&f->links, &f->links_size, f->links_n + 1, sizeof(*f->links)))
        return routes_nomem(err);
    f->links[f->links_n++] = link;
    return true;
}

static bool found_candidate(struct found *f, struct route_candidate c, struct err *err)
{
    if (f->candidates_n == ROUTES_LINKS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu candidates", ROUTES_LINKS_MAX);
    if (!mem_room((void **)&f->candidates, &f->candidates_size, f->candidates_n + 1,
                  sizeof(*f->candidates)))
        return routes_nomem(err);
    f->candidates[f->candidates_n++] = c;
    return true;
}

/* A leg's part of what went on, at most its amount. */
static struct u256 share_of(struct u256 taint, struct u256 leg, struct u256 in)
{
    struct u256 share;

    if (!u256_mul_div(taint, leg, in, &share))
        return u256_zero(in) ? u256_of(0) : leg;
    return u256_min(share, leg);
}

static void settle_taint(struct route_link *link, struct carried c)
{
    struct u256 out = u256_of(0);

    for (size_t i = 0; i < link->to_n; i++)
        u256_add(out, share_of(c.taint, link->to[i].amount, link->amount_in), &out);
    link->taint_in = c.taint;
    link->taint_out = out;
    link->grade = c.grade > link->grade ? c.grade : link->grade;
    if (link->same_coin && u256_less(out, c.taint))
        u256_sub(c.taint, out, &link->fee_taint);
}

static bool arrive(struct run *run, uint32_t case_n, const struct route_link *link,
                   struct carried c, struct err *err)
{
    for (size_t i = 0; i < link->to_n; i++) {
        struct u256 taint = share_of(c.taint, link->to[i].amount, link->amount_in);

        if (u256_zero(taint))
            continue;
        if (run->next.n == ROUTES_LINKS_MAX)
            return err_fail(err, ERR_LIMIT, "more than %zu arrivals", ROUTES_LINKS_MAX);
        if (!mem_room((void **)&run->next.at, &run->next.size, run->next.n + 1,
                      sizeof(*run->next.at)))
            return routes_nomem(err);
        run->next.at[run->next.n++] = (struct arrival){case_n, link->to[i].ledger, link->to[i].id,
                                                       taint,  c.hop + 1,          link->grade};
    }
    return true;
}

static bool follow_link(struct run *run, uint32_t case_n, const struct route_link *l,
                        struct err *err)
{
    struct route_link link = *l;
    struct carried c = {.taint = u256_of(0)};

    for (size_t i = 0; i < link.from_n; i++)
        carried_by(run, case_n, &link.from[i], &c);
    if (u256_zero(c.taint))
        return true;
    settle_taint(&link, c);
    return found_link(&run->found[case_n], link, err) && arrive(run, case_n, &link, c, err);
}

/* One group of conversions within the ledger, as a link. */
static bool group_link(struct run *run, uint32_t case_n, uint32_t ledger, size_t from, size_t to,
                       struct err *err)
{
    struct routes *r = run->r;
    struct route_link link = {.rule = r->rules[r->answer[from].group],
                              .grade = r->answer[from].grade,
                              .same_coin = r->rules[r->answer[from].group] == ROUTE_WRAP,
                              .source = "events"};
    struct route_leg *legs = ARENA_ARRAY(run->a, struct route_leg, to - from);
    struct carried c = {.taint = u256_of(0)};
    size_t n = 0;

    if (!legs)
        return routes_nomem(err);
    for (unsigned out = 0; out < 2; out++) {
        struct u256 *sum = out ? &link.amount_out : &link.amount_in;

        if (out)
            link.from_n = n;
        for (size_t i = from; i < to; i++) {
            struct transfer t;

            if (r->answer[i].out != out)
                continue;
            t = accounts_transfer(r->ledgers[ledger].accounts, r->answer[i].transfer);
            legs[n++] = (struct route_leg){ledger, r->answer[i].transfer, t.credit};
            if (!u256_add(*sum, t.credit, sum))
                return true; /* the engine has not followed it either */
        }
    }
    link.from = legs;
    link.to = legs + link.from_n;
    link.to_n = n - link.from_n;
    for (size_t i = 0; i < link.from_n; i++)
        carried_by(run, case_n, &link.from[i], &c);
    if (u256_zero(c.taint))
        return true;
    settle_taint(&link, c);
    return found_link(&run->found[case_n], link, err);
}

/* All that a transaction of accounts says of the case: conversions in it, links, candidates. */
static bool account_tx(struct run *run, uint32_t case_n, uint32_t ledger, uint64_t tx,
                       struct err *err)
{
    const struct account_conversion *c;
    size_t n;

    if (!routes_conversions(run->r, ledger, tx, &c, &n, err))
        return false;
    for (size_t from = 0, to; from < n; from = to) {
        for (to = from + 1; to < n && c[to].group == c[from].group; to++)
            ;
        if (c[from].leaves)
            continue;
        if (c[from].grade == MOVE_CANDIDATE) {
            struct route_candidate found = {
                .rule = run->r->rules[c[from].group],
                .ledger = ledger,
                .tx = tx,
                .other = ACCOUNTS_NONE,
                .other_ledger = UINT32_MAX,
                .ground = "the pool is not known, or its events say other sums"};

            if (!found_candidate(&run->found[case_n], found, err))
                return false;
        } else if (!group_link(run, case_n, ledger, from, to, err)) {
            return false;
        }
    }
    return true;
}

static bool links_of_tx(struct run *run, uint32_t case_n, uint32_t ledger, uint64_t tx,
                        struct err *err)
{
    const struct route_candidate *candidates;
    const struct route_link *links;
    size_t links_n, candidates_n;

    if (!routes_of_tx(run->a, run->r, ledger, tx, &links, &links_n, &candidates, &candidates_n,
                      err))
        return false;
    for (size_t i = 0; i < links_n; i++)
        if (!follow_link(run, case_n, &links[i], err))
            return false;
    for (size_t i = 0; i < candidates_n; i++)
        if (!found_candidate(&run->found[case_n], candidates[i], err))
            return false;
    return true;
}

/* The transactions through which a case's value came, in order. */
static bool follow_ledger(struct run *run, uint32_t case_n, uint32_t ledger, struct err *err)
{
    const struct route_ledger *l = &run->r->ledgers[ledger];
    uint64_t last = ACCOUNTS_NONE;

    if (l->coins) {
        const struct trace *t = &run->coins[ledger][case_n];

        for (size_t i = 0; i < t->reached_n; i++) {
            uint64_t tx = coins_maker(l->coins, t->reached[i].output);

            if (tx != last && !links_of_tx(run, case_n, ledger, tx, err))
                return false;
            last = tx;
        }
        return true;
    }
    for (size_t i = 0; i < run->accounts[ledger][case_n].moves_n; i++) {
        uint64_t tx;

        if (!l->accounts->txs_n)
            break;
        tx = accounts_tx_of(l->accounts, run->accounts[ledger][case_n].moves[i].transfer);
        if (tx != last && (!account_tx(run, case_n, ledger, tx, err) ||
                           !links_of_tx(run, case_n, ledger, tx, err)))
            return false;
        last = tx;
    }
    return true;
}

/* Did the trace of accounts take the leg for this assertion, not for something proven? */
static bool leg_is_asserted(struct routes *r, const struct route_leg *leg, bool *ret,
                            struct err *err)
{
    const struct accounts *a = r->ledgers[leg->ledger].accounts;
    const struct account_conversion *c;
    size_t n;

    *ret = r->ledgers[leg->ledger].coins != NULL;
    if (*ret)
        return true;
    if (leg->id >= a->transfers_n || !a->txs_n)
        return err_fail(err, ERR_USAGE, "transfer %llu of an assertion is not in the ledger",
                        (unsigned long long)leg->id);
    if (!routes_conversions(r, leg->ledger, accounts_tx_of(a, leg->id), &c, &n, err))
        return false;
    for (size_t i = r->answer_asserted; i < n; i++)
        *ret |= c[i].transfer == leg->id;
    return true;
}

static bool follow_asserted(struct run *run, uint32_t case_n, const struct route_asserted *s,
                            struct err *err)
{
    struct route_link link = {.rule = ROUTE_ASSERTED,
                              .grade = MOVE_STATED,
                              .from = s->from,
                              .to = s->to,
                              .from_n = s->from_n,
                              .to_n = s->to_n,
                              .source = s->source};
    struct carried c = {.taint = u256_of(0)};

    for (size_t i = 0; i < s->from_n; i++) {
        bool asserted;

        if (!leg_is_asserted(run->r, &s->from[i], &asserted, err))
            return false;
        if (asserted)
            carried_by(run, case_n, &s->from[i], &c);
        if (!u256_add(link.amount_in, s->from[i].amount, &link.amount_in))
            return err_fail(err, ERR_LIMIT, "amounts of a route add up past 256 bits");
    }
    for (size_t i = 0; i < s->to_n; i++)
        if (!u256_add(link.amount_out, s->to[i].amount, &link.amount_out))
            return err_fail(err, ERR_LIMIT, "amounts of a route add up past 256 bits");
    if (u256_zero(c.taint))
        return true;
    settle_taint(&link, c);
    return found_link(&run->found[case_n], link, err) && arrive(run, case_n, &link, c, err);
}

/* Arrivals at one place are one; in order. */
static void merge_arrivals(struct run *run)
{
    struct arrivals *all = &run->next;
    size_t n = 0;

    if (all->n)
        qsort(all->at, all->n, sizeof(*all->at), arrival_compare);
    for (size_t i = 0; i < all->n; i++) {
        struct arrival *to = n ? &all->at[n - 1] : NULL, *from = &all->at[i];

        if (!to || arrival_compare(to, from) != 0) {
            all->at[n++] = *from;
            continue;
        }
        if (!u256_add(to->taint, from->taint, &to->taint))
            to->taint = (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
        to->hop = from->hop < to->hop ? from->hop : to->hop;
        to->grade = from->grade > to->grade ? from->grade : to->grade;
    }
    all->n = n;
    for (size_t i = 0; i < n; i++) { /* never more than there is */
        struct arrival *to = &all->at[i];
        const struct route_ledger *l = &run->r->ledgers[to->ledger];

        to->taint = u256_min(to->taint, l->coins ? u256_of(coins_value(l->coins, to->id))
                                                 : accounts_transfer(l->accounts, to->id).credit);
    }
}

static bool arrivals_equal(const struct arrivals *a, const struct arrivals *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (arrival_compare(&a->at[i], &b->at[i]) != 0 ||
            !u256_equal(a->at[i].taint, b->at[i].taint) || a->at[i].hop != b->at[i].hop ||
            a->at[i].grade != b->at[i].grade)
            return false;
    return true;
}

static bool one_round(struct run *run, struct err *err)
{
    size_t ledgers_n = run->r->ledgers_n;

    run->accounts = ARENA_ARRAY(run->a, struct account_trace *, ledgers_n + 1);
    run->coins = ARENA_ARRAY(run->a, struct trace *, ledgers_n + 1);
    run->account_cases = ARENA_ARRAY(run->a, struct account_case *, ledgers_n + 1);
    run->coin_cases = ARENA_ARRAY(run->a, struct trace_case *, ledgers_n + 1);
    if (!run->accounts || !run->coins || !run->account_cases || !run->coin_cases)
        return routes_nomem(err);
    for (uint32_t i = 0; i < ledgers_n; i++)
        if (run->r->ledgers[i].coins ? !trace_coins(run, i, err) : !trace_accounts(run, i, err))
            return false;
    run->next.n = 0;
    for (uint32_t c = 0; c < run->cases_n; c++) {
        run->found[c].links_n = run->found[c].candidates_n = 0;
        for (uint32_t i = 0; i < ledgers_n; i++)
            if (!follow_ledger(run, c, i, err))
                return false;
        for (size_t i = 0; i < run->r->asserted_n; i++)
            if (!follow_asserted(run, c, &run->r->asserted[i], err))
                return false;
    }
    merge_arrivals(run);
    return true;
}

static bool hand_over(struct run *run, struct routes_trace *ret, struct err *err)
{
    size_t ledgers_n = run->r->ledgers_n;

    for (uint32_t c = 0; c < run->cases_n; c++) {
        struct found *f = &run->found[c];
        struct account_trace *accounts = ARENA_ARRAY(run->a, struct account_trace, ledgers_n + 1);
        struct trace *coins = ARENA_ARRAY(run->a, struct trace, ledgers_n + 1);
        const struct account_case **account_cases =
            ARENA_ARRAY(run->a, const struct account_case *, ledgers_n + 1);
        const struct trace_case **coin_cases =
            ARENA_ARRAY(run->a, const struct trace_case *, ledgers_n + 1);

        if (!accounts || !coins || !account_cases || !coin_cases)
            return routes_nomem(err);
        ret[c] = (struct routes_trace){
            .accounts = accounts,
            .coins = coins,
            .account_cases = account_cases,
            .coin_cases = coin_cases,
            .links = arena_copy(run->a, f->links, f->links_n * sizeof(*f->links)),
            .links_n = f->links_n,
            .candidates =
                arena_copy(run->a, f->candidates, f->candidates_n * sizeof(*f->candidates)),
            .candidates_n = f->candidates_n,
            .exact = true};
        if (!ret[c].links || !ret[c].candidates)
            return routes_nomem(err);
        for (uint32_t i = 0; i < ledgers_n; i++) {
            if (run->r->ledgers[i].coins) {
                coins[i] = run->coins[i][c];
                coin_cases[i] = &run->coin_cases[i][c];
                ret[c].exact &= coins[i].exact;
                continue;
            }
            accounts[i] = run->accounts[i][c];
            account_cases[i] = &run->account_cases[i][c];
            ret[c].exact &= accounts[i].exact;
        }
    }
    return true;
}

static bool rounds(struct run *run, struct arena *a, struct err *err)
{
    for (unsigned round = 0; round < ROUTES_ROUNDS_MAX; round++) {
        struct arrivals swap;
        bool same;

        run->a = arena_new(a, ROUND_BYTES_MAX);
        if (!run->a)
            return routes_nomem(err);
        if (!one_round(run, err))
            return false;
        same = arrivals_equal(&run->now, &run->next);
        swap = run->now;
        run->now = run->next;
        run->next = swap;
        if (same)
            return true;
        run->a = arena_free(run->a);
    }
    return err_fail(err, ERR_LIMIT, "routes have no end after %d rounds", ROUTES_ROUNDS_MAX);
}

bool routes_run(struct arena *a, struct routes *r, const struct routes_case *cases, size_t cases_n,
                struct routes_trace *ret, struct err *err)
{
    struct run run = {.r = r, .cases = cases, .cases_n = cases_n};
    bool ok;

    if (cases_n > TRACE_CASES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu cases at once", TRACE_CASES_MAX);
    run.found = mem_array(cases_n + 1, sizeof(*run.found));
    ok = run.found ? rounds(&run, a, err) && hand_over(&run, ret, err) : routes_nomem(err);
    for (size_t i = 0; run.found && i < cases_n; i++) {
        mem_free(run.found[i].links);
        mem_free(run.found[i].candidates);
    }
    mem_free(run.found);
    mem_free(run.now.at);
    mem_free(run.next.at);
    return ok;
}
