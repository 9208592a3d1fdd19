/* Conversions within a transaction: value that goes on in another asset.
 *
 * What an out-leg gets is known once all in-legs of its group are done, though it may stand before
 * them. Holdings are of one asset, so transfers of different assets can change places and nothing
 * shows; those of one asset cannot. So each asset is a lane that goes on in order, and stops at an
 * out-leg until its group is full:
 *
 *     WETH   |  3: pool -> taker (out of group 0)      waits until 5 is done
 *     ETH    |  1: ...   5: taker -> pool (in of 0)
 *
 * Where all lanes stand still the legs wait for one another in a circle: the group of the lowest
 * transfer that waits is given up. What its in-legs brought is unresolved, and reported. */
#include "trace/account_parts.h"

#include "base/mem.h"

#include <stdlib.h>

#define CONVERT_TRANSFERS_MAX ((uint64_t)1 << 20)

void account_convert_free(struct engine *g)
{
    mem_free(g->groups);
    mem_free(g->legs);
    mem_free(g->lanes);
}

static uint64_t asset_of(const struct accounts *a, uint64_t event)
{
    struct transfer t = accounts_transfer(a, event);
    uint64_t holding = t.from != ACCOUNTS_NONE ? t.from : t.to;

    return holding != ACCOUNTS_NONE ? accounts_holding(a, holding).asset : ACCOUNTS_NONE;
}

static bool may_convert(const struct transfer *t)
{
    return t->from != t->to && t->kind != TRANSFER_FEE && t->kind != TRANSFER_FREEZE &&
           t->kind != TRANSFER_UNFREEZE && t->kind != TRANSFER_NOTE;
}

/* A leg joins its group; what contradicts breaks it. */
static void join(struct engine *g, const struct account_conversion *c, uint32_t number)
{
    struct group *group = &g->groups[number];
    uint32_t i = (uint32_t)(c->transfer - g->tx.first);
    struct transfer t = accounts_transfer(g->accounts, c->transfer);
    uint64_t asset = asset_of(g->accounts, c->transfer);
    struct leg *leg = &g->legs[i];
    bool first = c->out ? !group->outs : group->ins_first == LEG_NONE;
    uint64_t *of = c->out ? &group->out_asset : &group->in_asset;

    if ((c->out ? leg->out : leg->in) != LEG_NONE || !may_convert(&t)) {
        group->broken = true;
        return;
    }
    if (first)
        *of = asset;
    group->broken |= *of != asset;
    if (c->out) {
        group->outs++;
        leg->out = number;
        leg->out_grade = c->grade;
        return;
    }
    leg->in = number;
    leg->in_grade = c->grade;
    leg->collateral = c->collateral;
    leg->leaves = c->leaves;
    leg->next_in = group->ins_first;
    group->ins_first = i;
    group->ins_left++;
    group->broken |= !u256_add(group->sum, t.credit, &group->sum);
}

/* Groups and legs of the transaction. */
static bool read_groups(struct engine *g, const struct account_conversion *c, size_t n,
                        struct err *err)
{
    uint64_t transfers = g->tx.n;

    if (!mem_room((void **)&g->groups, &g->groups_size, n, sizeof(*g->groups)) ||
        !mem_room((void **)&g->legs, &g->legs_size, transfers, sizeof(*g->legs)) ||
        !mem_room((void **)&g->lanes, &g->lanes_size, transfers, sizeof(*g->lanes)))
        return no_memory(err);
    for (uint64_t i = 0; i < transfers; i++)
        g->legs[i] = (struct leg){.in = LEG_NONE, .out = LEG_NONE, .next_in = LEG_NONE};
    g->groups_n = 0;
    for (size_t k = 0; k < n; k++) {
        if (!k || c[k].group != c[k - 1].group)
            g->groups[g->groups_n++] =
                (struct group){.ins_first = LEG_NONE, .waiting = LEG_NONE, .hop = UINT32_MAX};
        if (c[k].transfer < g->tx.first || c[k].transfer - g->tx.first >= transfers)
            return err_fail(err, ERR_USAGE, "a conversion names transfer %llu of elsewhere",
                            (unsigned long long)c[k].transfer);
        join(g, &c[k], (uint32_t)(g->groups_n - 1));
    }
    for (uint64_t i = 0; i < transfers; i++) { /* what goes nowhere is no conversion */
        struct leg *leg = &g->legs[i];

        if (leg->in != LEG_NONE && !leg->leaves && !g->groups[leg->in].outs &&
            !g->groups[leg->in].broken)
            leg->in = LEG_NONE;
    }
    return true;
}

static int lane_compare(const void *one, const void *other)
{
    const struct lane *a = one, *b = other;

    if (a->asset != b->asset)
        return a->asset < b->asset ? -1 : 1;
    return (a->place > b->place) - (a->place < b->place);
}

/* Each transfer's next of the same asset. */
static void read_lanes(struct engine *g)
{
    struct lane *lane = g->lanes;
    uint64_t n = g->tx.n;

    for (uint64_t i = 0; i < n; i++)
        lane[i] = (struct lane){asset_of(g->accounts, g->tx.first + i), i};
    qsort(lane, n, sizeof(*lane), lane_compare);
    for (uint64_t i = 0; i < n; i++) {
        struct leg *leg = &g->legs[lane[i].place];

        leg->after = i + 1 < n && lane[i + 1].asset == lane[i].asset ? (uint32_t)lane[i + 1].place
                                                                     : LEG_NONE;
        leg->begins = !i || lane[i - 1].asset != lane[i].asset;
    }
}

/* What the in-legs of a group brought: it leaves their asset, or nobody knows where it went. */
static bool settle_group(struct engine *g, struct state *s, struct group *group, struct err *err)
{
    for (uint32_t i = group->ins_first; i != LEG_NONE; i = g->legs[i].next_in) {
        struct leg *leg = &g->legs[i];
        uint32_t total;

        if (u256_zero(leg->taint))
            continue;
        if (!total_of(g, s, asset_of(g->accounts, g->tx.first + i), &total, err))
            return false;
        if (!group->broken) {
            if (!total_add(s, &s->totals[total].converted_out, leg->taint, err))
                return false;
            continue;
        }
        if (!mem_room((void **)&s->unsettled, &s->unsettled_size, s->unsettled_n + 1,
                      sizeof(*s->unsettled)))
            return no_memory(err);
        s->unsettled[s->unsettled_n++] = (struct account_unsettled){g->tx.first + i, leg->taint};
        s->inexact = true;
        if (!total_add(s, &s->totals[total].unresolved, leg->taint, err))
            return false;
    }
    return true;
}

struct ready { /* transfers with which a lane goes on, a stack in the list of legs[].waits */
    uint32_t top;
};

static void wake(struct engine *g, struct group *group, struct ready *r)
{
    while (group->waiting != LEG_NONE) {
        uint32_t i = group->waiting;

        group->waiting = g->legs[i].waits;
        g->legs[i].waits = r->top;
        r->top = i;
    }
}

static bool leg_done(struct engine *g, struct state *s, uint32_t i, struct ready *r,
                     struct err *err)
{
    struct leg *leg = &g->legs[i];
    struct group *group;

    leg->done = true;
    if (leg->in == LEG_NONE)
        return true;
    group = &g->groups[leg->in];
    if (--group->ins_left)
        return true;
    wake(g, group, r);
    return settle_group(g, s, group, err);
}

/* A lane goes on from transfer i until it must wait. */
static bool lane_go(struct engine *g, struct state *s, uint32_t i, struct ready *r, struct err *err)
{
    for (; i != LEG_NONE; i = g->legs[i].after) {
        struct leg *leg = &g->legs[i];
        struct group *group = leg->out != LEG_NONE ? &g->groups[leg->out] : NULL;

        if (group && group->ins_left && !group->broken) {
            leg->waits = group->waiting;
            group->waiting = i;
            return true;
        }
        if (!account_step(g, s, g->tx.first + i, leg, err) || !leg_done(g, s, i, r, err))
            return false;
    }
    return true;
}

static int move_compare(const void *one, const void *other)
{
    const struct account_move *a = one, *b = other;

    return (a->transfer > b->transfer) - (a->transfer < b->transfer);
}

static bool all_lanes(struct engine *g, struct state *s, struct err *err)
{
    struct ready r = {LEG_NONE};
    size_t moves_n = s->moves_n;
    uint64_t lowest = 0;

    for (uint64_t i = g->tx.n; i-- > 0;)
        if (g->legs[i].begins) {
            g->legs[i].waits = r.top;
            r.top = (uint32_t)i;
        }
    for (;;) {
        while (r.top != LEG_NONE) {
            uint32_t i = r.top;

            r.top = g->legs[i].waits;
            if (!lane_go(g, s, i, &r, err))
                return false;
        }
        while (lowest < g->tx.n && g->legs[lowest].done)
            lowest++;
        if (lowest == g->tx.n)
            break;
        /* nobody can go on: the lowest one left waits at the head of its lane */
        g->groups[g->legs[lowest].out].broken = true;
        wake(g, &g->groups[g->legs[lowest].out], &r);
    }
    if (s->moves_n > moves_n)
        qsort(s->moves + moves_n, s->moves_n - moves_n, sizeof(*s->moves), move_compare);
    return true;
}

bool account_convert(struct engine *g, struct state *s, uint64_t event, bool *ret_done,
                     struct err *err)
{
    const struct account_conversion *c;
    size_t n;

    *ret_done = false;
    if (!s->ask->conversions_of || event < s->asked_end || !g->accounts->txs_n)
        return true;
    if (!g->tx.n || event < g->tx.first || event - g->tx.first >= g->tx.n) {
        g->tx_number = accounts_tx_of(g->accounts, event);
        g->tx = accounts_tx(g->accounts, g->tx_number);
        if (event < g->tx.first || event - g->tx.first >= g->tx.n)
            return err_fail(err, ERR_CORRUPT, "transfer %llu is of no transaction",
                            (unsigned long long)event);
    }
    s->asked_end = g->tx.first + g->tx.n;
    n = s->ask->conversions_of(s->ask->conversions_ctx, g->tx_number, &c);
    if (!n)
        return true;
    if (g->tx.n > CONVERT_TRANSFERS_MAX || n > 2 * g->tx.n)
        return err_fail(err, ERR_LIMIT, "transaction %llu: too many transfers or conversions",
                        (unsigned long long)g->tx_number);
    if (!read_groups(g, c, n, err))
        return false;
    read_lanes(g);
    s->within_end = s->asked_end;
    if (!all_lanes(g, s, err))
        return false;
    s->within_end = 0;
    *ret_done = true;
    return true;
}
