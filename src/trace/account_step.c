/* One transfer, for one case: what it takes from its sender, what is marked on it, where it comes
 * to. */
#include "trace/account_parts.h"

#include "base/mem.h"

struct step { /* in hand */
    uint64_t event;
    struct transfer t;
    struct node *from, *to; /* NULL: not tainted, and not entered */
    uint64_t asset;
    struct leg *leg;
    bool origin, out_leg, idle;
    bool exempt; /* from stops and the dust limit: an origin, but for what came by a route */
};

static bool corrupt(uint64_t event, struct err *err)
{
    return err_fail(err, ERR_CORRUPT, "transfer %llu contradicts itself",
                    (unsigned long long)event);
}

/* A tainted node that stands at this event; NULL where there is none. */
static bool standing(const struct engine *g, const struct state *s, const struct step *st,
                     uint64_t holding, struct node **ret, struct err *err)
{
    struct node *n = holding == ACCOUNTS_NONE ? NULL : node_find(g, s, holding);
    uint8_t ordinal =
        holding == st->t.from && holding != ACCOUNTS_NONE ? st->t.from_ordinal : st->t.to_ordinal;

    *ret = NULL;
    if (!n || !n->tainted)
        return true;
    if (n->at.event < st->event)
        return corrupt(st->event, err);
    if (n->at.event > st->event)
        return true;
    if (n->ordinal_known && n->ordinal != ordinal)
        return corrupt(st->event, err);
    if (g->before && !g->before(g->before_ctx, n, node_number(g, s, n), err))
        return false;
    n->ordinal = ordinal;
    *ret = n;
    return true;
}

/* What leaves a sender for good. */
static struct u256 spent(const struct transfer *t)
{
    if (t->kind == TRANSFER_FREEZE || t->kind == TRANSFER_UNFREEZE)
        return u256_of(0);
    if (t->from != t->to)
        return t->amount;
    return t->kind == TRANSFER_FEE ? minus(t->amount, t->credit) : u256_of(0);
}

static bool spend(struct engine *g, struct state *s, struct step *st, struct err *err)
{
    struct node *n = st->from;
    struct carry *c = &g->carry;
    struct u256 x = spent(&st->t);
    struct account_totals *totals = &s->totals[n->total];

    if (st->t.kind == TRANSFER_FREEZE)
        return node_end(s, n, STOP_FROZEN, err);
    if (u256_zero(x))
        return true;
    if (!node_take(g, s, n, x, c, err))
        return false;
    s->inexact |= c->beyond;
    if (st->t.kind == TRANSFER_PAIRED)
        c->grade = MOVE_CANDIDATE;
    n->spends++;
    st->idle = u256_zero(c->taint);
    if (st->idle) {
        carry_clear(c);
        return true;
    }
    if (c->hop > s->ask->hops_max && s->ask->hops_max != TRACE_HOPS_NONE) {
        if (!total_add(s, &totals->cut, c->taint, err))
            return false;
        carry_clear(c);
    } else if (st->t.kind == TRANSFER_FEE) {
        if (!total_add(s, &totals->fees, c->taint, err))
            return false;
        carry_clear(c);
    }
    return true;
}

/* Its sums go over the event, and it goes on, or ends. */
static bool pass(struct engine *g, struct state *s, struct step *st, struct node *n,
                 struct err *err)
{
    holding_sums_step(&n->at.sums, &st->t, n->holding);
    if (n->tainted && (n->at.sums.flags & MARK_OVER) && !node_end(s, n, STOP_OVERFLOW, err))
        return false;
    if (n->tainted && n == st->from && s->ask->policy != TRACE_FIFO &&
        n->spends > s->hub_spends_max) {
        n->hub = true;
        if (!node_end(s, n, STOP_HUB, err))
            return false;
    }
    return node_advance(g, s, n, st->idle, err);
}

/* ---- what is marked ---- */

static const struct account_origin *origin_at(struct state *s, uint64_t event)
{
    const struct account_origin *origins = s->ask->origins;
    size_t low = s->origins_at, high = s->ask->origins_n;

    if (!s->within_end) { /* events ascend */
        while (low < high && origins[low].transfer < event)
            low++;
        s->origins_at = low;
        return low < high && origins[low].transfer == event ? &origins[low] : NULL;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (origins[middle].transfer < event)
            low = middle + 1;
        else
            high = middle;
    }
    return low < s->ask->origins_n && origins[low].transfer == event ? &origins[low] : NULL;
}

/* Marks the first n units of what is carried, and counts those that are new. More of an asset than
 * 256 bits hold is not marked: hostile tokens alone have that. */
static bool mark(struct engine *g, struct state *s, const struct step *st, struct u256 n,
                 bool converted, struct err *err)
{
    struct account_totals *totals;
    struct u256 entered, fresh;
    uint32_t total;

    if (u256_zero(n))
        return true;
    if (!total_of(g, s, st->asset, &total, err))
        return false;
    totals = &s->totals[total];
    if (s->ask->policy != TRACE_POISON &&
        (!u256_add(totals->origin, totals->converted_in, &entered) ||
         !u256_add(entered, n, &entered))) {
        s->inexact = true;
        return true;
    }
    if (!carry_mark(g, s, &g->carry, n, &fresh, err))
        return false;
    return total_add(s, converted ? &totals->converted_in : &totals->origin, fresh, err);
}

static bool mark_origin(struct engine *g, struct state *s, struct step *st,
                        const struct account_origin *o, struct err *err)
{
    struct carry *c = &g->carry;

    st->origin = true;
    st->exempt = !o->arrival;
    c->hop = o->hop < c->hop ? o->hop : c->hop;
    if ((uint8_t)o->grade > c->grade)
        c->grade = (uint8_t)o->grade;
    if (st->t.from == st->t.to || st->t.kind == TRANSFER_FREEZE || st->t.kind == TRANSFER_UNFREEZE)
        return true; /* moves nothing */
    return mark(g, s, st, o->taint, o->arrival, err);
}

/* An out-leg gets floor(taint * amount / sum of in-legs). */
static bool mark_conversion(struct engine *g, struct state *s, struct step *st, struct err *err)
{
    const struct group *group = &g->groups[st->leg->out];
    struct carry *c = &g->carry;
    struct u256 share = u256_of(0);

    if (group->broken || u256_zero(group->taint) || st->t.from == st->t.to)
        return true;
    if (s->ask->policy == TRACE_POISON)
        share = st->t.credit;
    else if (!u256_mul_div(group->taint, st->t.credit, group->sum, &share))
        return corrupt(st->event, err);
    if (u256_zero(share))
        return true;
    st->out_leg = true;
    c->hop = group->hop < c->hop ? group->hop : c->hop;
    if (group->grade > c->grade)
        c->grade = group->grade;
    if ((uint8_t)st->leg->out_grade > c->grade)
        c->grade = (uint8_t)st->leg->out_grade;
    return mark(g, s, st, share, true, err);
}

/* ---- where it comes to ---- */

static bool move_add(struct engine *g, struct state *s, const struct step *st, int32_t stop,
                     bool in_leg, struct err *err)
{
    const struct carry *c = &g->carry;

    if (s->moves_before + s->moves_n >= s->moves_max && !s->ask->moves_cut)
        return err_fail(err, ERR_LIMIT, "more than %zu transfers carry taint", s->moves_max);
    if (!mem_room((void **)&s->moves, &s->moves_size, s->moves_n + 1, sizeof(*s->moves)))
        return no_memory(err);
    s->moves[s->moves_n++] = (struct account_move){.transfer = st->event,
                                                   .taint = c->taint,
                                                   .hop = c->hop,
                                                   .stop = stop,
                                                   .grade = (enum move_grade)c->grade,
                                                   .origin = st->origin,
                                                   .beyond = c->beyond,
                                                   .in_leg = in_leg,
                                                   .out_leg = st->out_leg};
    return true;
}

static bool into_group(struct engine *g, struct state *s, struct step *st, struct err *err)
{
    struct group *group = &g->groups[st->leg->in];
    const struct carry *c = &g->carry;
    struct account_totals *totals;
    uint32_t total, hop = c->hop + (c->hop != UINT32_MAX);

    if (!total_of(g, s, st->asset, &total, err))
        return false;
    totals = &s->totals[total];
    if (hop > s->ask->hops_max && s->ask->hops_max != TRACE_HOPS_NONE)
        return total_add(s, st->leg->collateral ? &totals->exits : &totals->cut, c->taint, err);
    group->hop = hop < group->hop ? hop : group->hop;
    if (c->grade > group->grade)
        group->grade = c->grade;
    if ((uint8_t)st->leg->in_grade > group->grade)
        group->grade = (uint8_t)st->leg->in_grade;
    if (st->leg->collateral)
        return (u256_add(group->taint, c->taint, &group->taint) || corrupt(st->event, err)) &&
               total_add(s, &totals->exits, c->taint, err);
    st->leg->taint = c->taint;
    if (!u256_add(group->taint, c->taint, &group->taint))
        return corrupt(st->event, err);
    return true;
}

static bool exit_add(struct engine *g, struct state *s, const struct step *st, struct err *err)
{
    uint32_t total;

    return total_of(g, s, st->asset, &total, err) &&
           total_add(s, &s->totals[total].exits, g->carry.taint, err);
}

static bool dust_add(struct engine *g, struct state *s, const struct step *st, struct err *err)
{
    uint32_t total;

    return total_of(g, s, st->asset, &total, err) &&
           total_add(s, &s->totals[total].dust, g->carry.taint, err);
}

/* Past its quota of moves a case goes no further. */
static bool is_past(const struct state *s, const struct step *st)
{
    return s->ask->moves_cut && !st->origin && s->moves_before + s->moves_n >= s->moves_max;
}

static bool cut_add(struct engine *g, struct state *s, const struct step *st, struct err *err)
{
    uint32_t total;

    s->full = true;
    return total_of(g, s, st->asset, &total, err) &&
           total_add(s, &s->totals[total].cut, g->carry.taint, err);
}

/* Into a holding: *ret_stop if it ends there all the same. */
static bool settle(struct engine *g, struct state *s, struct step *st, int32_t *ret_stop,
                   struct err *err)
{
    struct holding_sums after;
    struct node *n;

    if (!node_enter(g, s, st->t.to, st->event, &n, err))
        return false;
    after = n->at.sums;
    if (n->at.event == st->event)
        holding_sums_step(&after, &st->t, n->holding);
    if (after.flags & MARK_OVER)
        *ret_stop = STOP_OVERFLOW;
    else if (!n->tainted && n->frozen)
        *ret_stop = STOP_FROZEN;
    else if (n->hub)
        *ret_stop = STOP_HUB;
    else if (!node_put(g, s, n, st->event, &g->carry, err))
        return false;
    if (n->at.event == st->event) {
        n->ordinal = st->t.to_ordinal;
        st->to = n;
    }
    return true;
}

static bool arrive(struct engine *g, struct state *s, struct step *st, struct err *err)
{
    const struct account_case *ask = s->ask;
    const struct carry *c = &g->carry;
    bool small = !st->exempt && u256_less(c->taint, ask->dust);
    int32_t stop = STOP_NONE;

    if (u256_zero(c->taint))
        return !st->origin || move_add(g, s, st, STOP_NONE, false, err);
    if (is_past(s, st))
        return cut_add(g, s, st, err);
    if (st->t.to != ACCOUNTS_NONE && !st->exempt && ask->stop_of) {
        stop = ask->stop_of(ask->stop_ctx, accounts_holding(g->accounts, st->t.to).account);
        stop = stop < STOP_CONFIDENTIAL ? STOP_NONE : stop;
    }
    /* What a bridge burns at the zero address comes out elsewhere. */
    if ((stop == STOP_NONE || stop == STOP_BURNED) && st->leg && st->leg->in != LEG_NONE) {
        if (small)
            return dust_add(g, s, st, err);
        stop = st->leg->collateral ? STOP_COLLATERAL : STOP_NONE;
        return move_add(g, s, st, stop, true, err) && into_group(g, s, st, err);
    }
    if (stop == STOP_NONE && st->t.to == ACCOUNTS_NONE)
        stop = STOP_BURNED;
    if (stop == STOP_NONE && small)
        return dust_add(g, s, st, err);
    if (stop == STOP_NONE && !settle(g, s, st, &stop, err))
        return false;
    if (stop != STOP_NONE && !exit_add(g, s, st, err))
        return false;
    return move_add(g, s, st, stop, false, err);
}

/* What each of the two ends is: one asset, and one that exists. */
static bool read_step(const struct engine *g, struct step *st, struct err *err)
{
    const struct accounts *a = g->accounts;
    bool from = st->t.from != ACCOUNTS_NONE, to = st->t.to != ACCOUNTS_NONE;

    st->asset = from || to ? accounts_holding(a, from ? st->t.from : st->t.to).asset : 0;
    if (from && to && accounts_holding(a, st->t.to).asset != st->asset)
        return corrupt(st->event, err);
    if (st->asset >= a->accounts_n || u256_less(st->t.amount, st->t.credit))
        return corrupt(st->event, err);
    return true;
}

bool account_step(struct engine *g, struct state *s, uint64_t event, struct leg *leg,
                  struct err *err)
{
    struct step st = {
        .event = event, .t = accounts_transfer(g->accounts, event), .leg = leg, .idle = true};
    const struct account_origin *origin = origin_at(s, event);
    struct node *to;

    g->events++;
    carry_clear(&g->carry);
    if (!read_step(g, &st, err) || !standing(g, s, &st, st.t.from, &st.from, err))
        return false;
    if (st.t.to != st.t.from && !standing(g, s, &st, st.t.to, &st.to, err))
        return false;
    if (st.from && !spend(g, s, &st, err))
        return false;
    if (origin && !mark_origin(g, s, &st, origin, err))
        return false;
    if (leg && leg->out != LEG_NONE && !mark_conversion(g, s, &st, err))
        return false;
    to = st.to;
    if (!arrive(g, s, &st, err))
        return false;
    if (st.from && !pass(g, s, &st, st.from, err))
        return false;
    st.to = st.to ? st.to : to;
    return !st.to || pass(g, s, &st, st.to, err);
}
