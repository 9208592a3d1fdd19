/* Forward traces over accounts: one pass, in the order of the ledger, over the events of holdings
 * that are tainted.
 *
 * A tainted holding waits in the queue for its next event, whether that brings, takes or does
 * nothing to its taint; so all that an event needs to know of its two ends is there when its turn
 * comes. A long list is not walked: after a while without taint moving, the next event that can
 * move any is found by the marks, and what arrives in between finds its place by them too. Under
 * fifo taint lies in arrival coordinates, so nothing about it changes until its turn to leave
 * comes, and a hub of any length is passed in a few hundred steps.
 *
 *     queue: least event -> spend, mark, arrive (account_step.c) -> nodes go on (account_node.c)
 *
 * Each case has nodes of its own, so none can change another's result. */
#include "trace/account_parts.h"

#include "base/mem.h"

#include <stdlib.h>

#define IS_ORIGIN 0x80000000u /* of who waits: a case's next origin, not a node */

static const char *const stop_names[] = {NULL,       "burned",     "frozen",      "hub",
                                         "overflow", "collateral", "confidential"};
static const char *const grade_names[] = {"proven", "stated", "candidate"};

const char *account_stop_name(enum account_stop stop)
{
    return stop <= STOP_BURNED && stop >= STOP_CONFIDENTIAL ? stop_names[-stop - 1] : NULL;
}

const char *move_grade_name(enum move_grade grade)
{
    return grade_names[grade];
}

/* ---- the pass ---- */

static bool origin_wait(struct engine *g, struct state *s, struct err *err)
{
    const struct account_case *ask = s->ask;

    while (s->origins_waiting < ask->origins_n &&
           ask->origins[s->origins_waiting].transfer < s->done_end)
        s->origins_waiting++;
    return s->origins_waiting == ask->origins_n ||
           event_queue_push(g->queue, ask->origins[s->origins_waiting].transfer,
                            IS_ORIGIN | s->number) ||
           no_memory(err);
}

static bool origins_check(const struct engine *g, const struct account_case *ask, size_t from,
                          struct err *err)
{
    for (size_t i = from; i < ask->origins_n; i++) {
        const struct account_origin *o = &ask->origins[i];
        struct transfer t;

        if (o->transfer >= g->accounts->transfers_n)
            return err_fail(err, ERR_USAGE, "origin %llu is not in the ledger",
                            (unsigned long long)o->transfer);
        if (i && o->transfer <= o[-1].transfer)
            return err_fail(err, ERR_USAGE, "origins do not ascend");
        t = accounts_transfer(g->accounts, o->transfer);
        if (u256_less(t.credit, o->taint))
            return err_fail(err, ERR_USAGE, "origin %llu is more than its transfer moved",
                            (unsigned long long)o->transfer);
    }
    return true;
}

bool account_begin(struct engine *g, struct state *s, const struct account_case *ask,
                   uint32_t number, struct err *err)
{
    *s = (struct state){.ask = ask,
                        .number = number,
                        .moves_max = ask->moves_max ? ask->moves_max : ACCOUNT_MOVES_MAX,
                        .hub_spends_max =
                            ask->hub_spends_max ? ask->hub_spends_max : ACCOUNT_HUB_SPENDS_MAX};
    return account_more_origins(g, s, 0, err);
}

bool account_more_origins(struct engine *g, struct state *s, size_t from, struct err *err)
{
    return origins_check(g, s->ask, from, err) && origin_wait(g, s, err);
}

/* Memory for events to come, in three steps, since each needs what the one before has fetched: the
 * transfer; who its ends are; where the one it comes to stood before. */
static void fetch(const struct engine *g, unsigned stage, uint64_t event)
{
    const struct accounts *a = g->accounts;
    uint32_t who;
    uint64_t to, prev;

    if (event >= a->transfers_n)
        return;
    if (stage == 0) {
        who = event_queue_glance(g->queue, event);
        if (who < g->nodes_n) {
            const char *n = (const char *)node_at(g, who);

            for (size_t at = 0; at < sizeof(struct node); at += 64)
                __builtin_prefetch(n + at);
        }
        __builtin_prefetch(a->transfer + event * TRANSFER_BYTES);
        __builtin_prefetch(a->transfer + event * TRANSFER_BYTES + TRANSFER_BYTES - 1);
        __builtin_prefetch(a->links_next + event * LINKS_BYTES);
        __builtin_prefetch(a->links_prev + event * LINKS_BYTES);
        return;
    }
    to = load_le40(a->transfer + event * TRANSFER_BYTES + ACCOUNTS_ID_BYTES);
    if (to >= a->holdings_n)
        return;
    if (stage == 1) {
        node_fetch(g, load_le40(a->transfer + event * TRANSFER_BYTES));
        node_fetch(g, to);
        __builtin_prefetch(a->holding + to * HOLDING_BYTES);
        prev = event - load_le32(a->links_prev + event * LINKS_BYTES + LINK_BYTES);
        if (prev < event)
            __builtin_prefetch(a->transfer + prev * TRANSFER_BYTES);
    }
}

static void fetch_ahead(struct engine *g, uint64_t event)
{
    static const unsigned leads[] = {16, 8};

    for (unsigned stage = 0; stage < 2; stage++) {
        uint64_t at = g->fetched[stage];
        unsigned lead = g->leads[stage];

        if (lead)
            lead--;
        if (!lead || at < event) {
            at = event;
            lead = 0;
        }
        for (; lead < leads[stage]; lead++) {
            uint64_t next = event_queue_after(g->queue, at);

            if (next == EVENT_NONE)
                break;
            fetch(g, stage, next);
            at = next;
        }
        g->fetched[stage] = at;
        g->leads[stage] = lead;
    }
}

static bool visit(struct engine *g, struct state *s, uint64_t event, struct err *err)
{
    bool done;

    if (event < s->done_end) /* another waited for it too */
        return true;
    if (!account_convert(g, s, event, &done, err))
        return false;
    if (done) {
        s->done_end = s->asked_end;
        return true;
    }
    s->done_end = event + 1;
    return account_step(g, s, event, NULL, err);
}

bool account_pass(struct engine *g, struct err *err)
{
    uint64_t event, before = EVENT_NONE;
    uint32_t who;
    bool out_of_memory;

    while (event_queue_take(g->queue, &event, &who, &out_of_memory)) {
        struct state *s = NULL;

        if (who & IS_ORIGIN)
            s = &g->states[who & ~IS_ORIGIN];
        else if (who < g->nodes_n)
            s = &g->states[node_at(g, who)->state];
        if (!s)
            continue;
        if (event != before)
            fetch_ahead(g, event);
        before = event;
        if (!visit(g, s, event, err) || ((who & IS_ORIGIN) && !origin_wait(g, s, err)))
            return false;
    }
    return !out_of_memory || no_memory(err);
}

/* ---- the result ---- */

bool account_conserved(const struct state *s, struct err *err)
{
    if (s->ask->policy == TRACE_POISON)
        return true;
    for (size_t i = 0; i < s->totals_n; i++) {
        const struct account_totals *t = &s->totals[i];
        const struct u256 parts[] = {t->held, t->exits,      t->cut,          t->fees,
                                     t->dust, t->unresolved, t->converted_out};
        struct u256 in, out = u256_of(0);
        bool fits = u256_add(t->origin, t->converted_in, &in);

        for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++)
            fits = fits && u256_add(out, parts[k], &out);
        if (!fits || !u256_equal(in, out))
            return err_fail(err, ERR_CORRUPT,
                            "case %u: of asset %llu not as much is accounted for as was marked",
                            s->number, (unsigned long long)t->asset);
    }
    return true;
}

struct u256 account_held(const struct state *s, const struct node *n)
{
    return s->ask->policy == TRACE_POISON ? n->at.sums.balance : n->taint;
}

/* What is still tainted is held. */
static bool hold(struct engine *g, struct err *err)
{
    for (size_t i = 0; i < g->nodes_n; i++) {
        struct node *n = node_at(g, (uint32_t)i);
        struct state *s = &g->states[n->state];
        struct u256 taint = account_held(s, n);

        if (!n->tainted)
            continue;
        if (!mem_room((void **)&s->ended, &s->ended_size, s->ended_n + 1, sizeof(*s->ended)))
            return no_memory(err);
        s->ended[s->ended_n++] =
            (struct account_balance){n->holding, taint, n->hop, STOP_NONE, n->at.sums.balance};
        if (!total_add(s, &s->totals[n->total].held, taint, err))
            return false;
        if (s->ask->units && keeps_units(s) && !node_units(s, n, err))
            return false;
    }
    return true;
}

int account_balance_compare(const void *one, const void *other)
{
    const struct account_balance *a = one, *b = other;

    if (a->holding != b->holding)
        return a->holding < b->holding ? -1 : 1;
    return (a->stop > b->stop) - (a->stop < b->stop);
}

int account_total_compare(const void *one, const void *other)
{
    const struct account_totals *a = one, *b = other;

    return (a->asset > b->asset) - (a->asset < b->asset);
}

int account_unsettled_compare(const void *one, const void *other)
{
    const struct account_unsettled *a = one, *b = other;

    return (a->transfer > b->transfer) - (a->transfer < b->transfer);
}

int account_units_compare(const void *one, const void *other)
{
    const struct account_units *a = one, *b = other;

    if (a->holding != b->holding)
        return a->holding < b->holding ? -1 : 1;
    return u256_compare(a->start, b->start);
}

/* Moves that came to a stop join what ended otherwise; then one entry for each holding and stop. */
static bool list_balances(const struct engine *g, struct state *s, struct err *err)
{
    size_t n = 0;

    for (size_t i = 0; i < s->moves_n; i++) {
        const struct account_move *m = &s->moves[i];
        struct transfer t;

        if (m->stop == STOP_NONE)
            continue;
        if (!mem_room((void **)&s->ended, &s->ended_size, s->ended_n + 1, sizeof(*s->ended)))
            return no_memory(err);
        t = accounts_transfer(g->accounts, m->transfer);
        s->ended[s->ended_n++] = (struct account_balance){t.to == ACCOUNTS_NONE ? t.from : t.to,
                                                          m->taint, m->hop, m->stop};
    }
    if (s->ended_n)
        qsort(s->ended, s->ended_n, sizeof(*s->ended), account_balance_compare);
    for (size_t i = 0; i < s->ended_n; i++) {
        struct account_balance *last = n ? &s->ended[n - 1] : NULL;

        if (!last || account_balance_compare(last, &s->ended[i])) {
            s->ended[n++] = s->ended[i];
            continue;
        }
        if (!total_add(s, &last->taint, s->ended[i].taint, err))
            return false;
        if (s->ended[i].hop < last->hop)
            last->hop = s->ended[i].hop;
    }
    s->ended_n = n;
    if (s->units_n)
        qsort(s->units, s->units_n, sizeof(*s->units), account_units_compare);
    if (s->totals_n)
        qsort(s->totals, s->totals_n, sizeof(*s->totals), account_total_compare);
    if (s->unsettled_n)
        qsort(s->unsettled, s->unsettled_n, sizeof(*s->unsettled), account_unsettled_compare);
    return true;
}

static bool adopt(struct arena *a, void **from, size_t bytes, void **ret, struct err *err)
{
    if (!arena_adopt(a, *from, bytes))
        return arena_fail(a, err, "the transfers reached");
    *ret = *from;
    *from = NULL;
    return true;
}

/* What a state grew becomes the arena's: a long list is not copied. */
static bool hand_over(const struct engine *g, struct state *s, struct arena *a,
                      struct account_trace *ret, struct err *err)
{
    *ret = (struct account_trace){.moves_n = s->moves_n,
                                  .balances_n = s->ended_n,
                                  .units_n = s->units_n,
                                  .totals_n = s->totals_n,
                                  .unsettled_n = s->unsettled_n,
                                  .exact = !s->inexact,
                                  .full = s->full,
                                  .events = g->events};
    return adopt(a, (void **)&s->moves, s->moves_size * sizeof(*s->moves), (void **)&ret->moves,
                 err) &&
           adopt(a, (void **)&s->ended, s->ended_size * sizeof(*s->ended), (void **)&ret->balances,
                 err) &&
           adopt(a, (void **)&s->units, s->units_size * sizeof(*s->units), (void **)&ret->units,
                 err) &&
           adopt(a, (void **)&s->totals, s->totals_size * sizeof(*s->totals), (void **)&ret->totals,
                 err) &&
           adopt(a, (void **)&s->unsettled, s->unsettled_size * sizeof(*s->unsettled),
                 (void **)&ret->unsettled, err);
}

static bool run(struct engine *g, struct arena *a, const struct account_case *cases,
                struct account_trace *ret, struct err *err)
{
    g->queue = event_queue_new();
    g->states = mem_array(g->cases_n, sizeof(*g->states));
    if (!g->queue || !g->states)
        return no_memory(err);
    for (size_t i = 0; i < g->cases_n; i++)
        if (!account_begin(g, &g->states[i], &cases[i], (uint32_t)i, err))
            return false;
    if (!account_pass(g, err) || !hold(g, err))
        return false;
    for (size_t i = 0; i < g->cases_n; i++)
        if (!account_conserved(&g->states[i], err) || !list_balances(g, &g->states[i], err))
            return false;
    for (size_t i = 0; i < g->cases_n; i++)
        if (!hand_over(g, &g->states[i], a, &ret[i], err))
            return false;
    return true;
}

void account_state_free(struct state *s)
{
    mem_free(s->moves);
    mem_free(s->ended);
    mem_free(s->totals);
    mem_free(s->units);
    mem_free(s->unsettled);
}

void account_engine_free(struct engine *g)
{
    nodes_free(g);
    account_convert_free(g);
}

static void engine_end(struct engine *g)
{
    for (size_t i = 0; g->states && i < g->cases_n; i++)
        account_state_free(&g->states[i]);
    mem_free(g->states);
    event_queue_free(g->queue);
    account_engine_free(g);
}

bool account_trace_forward(struct arena *a, const struct accounts *accounts,
                           const struct account_case *cases, size_t cases_n,
                           struct account_trace *ret, struct err *err)
{
    struct engine g = {.accounts = accounts, .cases_n = cases_n};
    bool ok;

    if (cases_n > ACCOUNT_CASES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu cases at once", ACCOUNT_CASES_MAX);
    ok = run(&g, a, cases, ret, err);
    engine_end(&g);
    return ok;
}
