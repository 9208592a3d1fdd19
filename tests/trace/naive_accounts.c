#include "trace/naive_accounts.h"

#include <stdlib.h>
#include <string.h>

struct pile { /* of units in the order in which they came */
    uint8_t *unit;
    size_t n, size;
    uint64_t came;
    bool frozen, hub;
    uint32_t spends, hop;
    int grade;
};

struct run {
    const struct account_world *w;
    const struct naive_account_ask *ask;
    struct naive_account_trace *r;
    struct pile pile[AW_ACCOUNTS][AW_ASSETS];
    /* of each group: what its in-legs brought */
    uint64_t brought[NAIVE_LEGS_MAX], sum[NAIVE_LEGS_MAX];
    uint32_t hop[NAIVE_LEGS_MAX];
    int grade[NAIVE_LEGS_MAX];
    bool broken[NAIVE_LEGS_MAX];
    uint64_t *parcel_of; /* what each in-leg brought */
    size_t moves_n;
};

static size_t tainted(const struct pile *p)
{
    size_t n = 0;

    for (size_t i = 0; p->unit && i < p->n; i++)
        n += p->unit[i];
    return n;
}

static void append(struct pile *p, bool unit)
{
    if (p->n == p->size) {
        p->size = p->size ? 2 * p->size : 64;
        p->unit = realloc(p->unit, p->size);
        if (!p->unit)
            abort();
    }
    p->unit[p->n++] = unit;
}

static void none_of(struct pile *p)
{
    for (size_t i = 0; p->unit && i < p->n; i++)
        p->unit[i] = false;
}

static void all_of(struct pile *p)
{
    for (size_t i = 0; p->unit && i < p->n; i++)
        p->unit[i] = true;
}

static void remove_at(struct pile *p, size_t i)
{
    memmove(p->unit + i, p->unit + i + 1, p->n - i - 1);
    p->n--;
}

/* Takes one unit with that label, whichever; false: there is none. */
static bool take_label(struct pile *p, bool label)
{
    for (size_t i = 0; i < p->n; i++)
        if (p->unit[i] == label) {
            remove_at(p, i);
            return true;
        }
    return false;
}

/* x units leave onto a parcel, as they will lie with the receiver. */
static void take(enum trace_policy policy, struct pile *p, uint64_t x, struct pile *parcel)
{
    uint64_t had = p->n, gets = x < had ? x : had, lacks = x - gets, share;
    bool any = tainted(p) > 0;

    parcel->n = 0;
    switch (policy) {
    case TRACE_FIFO:
        for (uint64_t i = 0; i < lacks; i++)
            append(parcel, false);
        for (uint64_t i = 0; i < gets; i++) {
            append(parcel, p->unit[0]);
            remove_at(p, 0);
        }
        return;
    case TRACE_LIFO:
        for (uint64_t i = p->n - gets; i < had; i++)
            append(parcel, p->unit[i]);
        p->n -= gets;
        for (uint64_t i = 0; i < lacks; i++)
            append(parcel, false);
        return;
    case TRACE_HAIRCUT:
        share = had ? tainted(p) * gets / had : 0;
        for (uint64_t i = 0; i < x; i++) {
            append(parcel, i < share);
            take_label(p, i < share);
        }
        return;
    case TRACE_TIHO:
        for (uint64_t i = 0; i < x; i++) {
            bool label = take_label(p, true);

            if (!label)
                take_label(p, false);
            append(parcel, label);
        }
        return;
    case TRACE_LIBR: /* clean ones first; whoever has none left pays with what there is */
        share = 0;
        for (uint64_t i = 0; i < gets; i++)
            if (!take_label(p, false))
                share += take_label(p, true);
        for (uint64_t i = 0; i < x; i++)
            append(parcel, i < share);
        return;
    case TRACE_POISON:
        for (uint64_t i = 0; i < gets; i++)
            remove_at(p, 0);
        for (uint64_t i = 0; i < x; i++)
            append(parcel, any);
        return;
    }
}

static void end_at(struct run *run, int account, int asset, int stop, uint64_t taint, uint32_t hop)
{
    struct naive_ended *e = &run->r->ended[account][asset][NAIVE_OF_STOP(stop)];

    if (!e->taint || hop < e->hop)
        e->hop = hop;
    e->taint += taint;
}

static void end_pile(struct run *run, int account, int asset, int stop)
{
    struct pile *p = &run->pile[account][asset];
    uint64_t n = tainted(p);

    end_at(run, account, asset, stop, n, p->hop);
    run->r->totals[asset].exits += n;
    none_of(p);
}

static const struct account_origin *origin_of(const struct run *run, uint64_t i)
{
    for (size_t k = 0; k < run->ask->origins_n; k++)
        if (run->ask->origins[k].transfer == i)
            return &run->ask->origins[k];
    return NULL;
}

static const struct naive_leg *leg_of(const struct run *run, uint64_t i, bool out)
{
    for (size_t k = 0; k < run->ask->legs_n; k++)
        if (run->ask->legs[k].transfer == i && run->ask->legs[k].out == out)
            return &run->ask->legs[k];
    return NULL;
}

/* The first n units of the parcel get the label; how many had it not. */
static uint64_t label(struct pile *parcel, uint64_t n, enum trace_policy policy)
{
    uint64_t fresh = 0, had = tainted(parcel);

    if (policy != TRACE_FIFO && policy != TRACE_LIFO)
        for (size_t i = 0; i < parcel->n; i++) /* those that have it lie in front */
            parcel->unit[i] = i < had;
    for (uint64_t i = 0; parcel->unit && i < n; i++) {
        fresh += !parcel->unit[i];
        parcel->unit[i] = true;
    }
    return fresh;
}

static void receive(struct run *run, int account, int asset, const struct pile *parcel, bool clean,
                    uint32_t hop, int grade)
{
    struct pile *p = &run->pile[account][asset];
    bool was = tainted(p) > 0, comes = !clean && tainted(parcel) > 0;

    if (comes && !was) {
        p->hop = hop;
        p->grade = grade;
        p->spends = 0;
    }
    if (comes && hop < p->hop)
        p->hop = hop;
    if (comes && grade > p->grade)
        p->grade = grade;
    for (size_t i = 0; i < parcel->n; i++)
        append(p, !clean && parcel->unit[i]);
    p->came += parcel->n;
    if (run->ask->policy == TRACE_POISON && (was || comes))
        all_of(p);
}

static bool held_back(const struct run *run, uint32_t hop)
{
    return run->ask->hops_max != TRACE_HOPS_NONE && hop > run->ask->hops_max;
}

/* Is this in-leg's group one to go on from? */
static bool goes_on(const struct run *run, const struct naive_leg *leg)
{
    if (leg && leg->leaves)
        return true;
    for (size_t k = 0; leg && k < run->ask->legs_n; k++)
        if (run->ask->legs[k].out && run->ask->legs[k].group == leg->group)
            return true;
    return false;
}

static void follow_transfer(struct run *run, uint64_t i)
{
    const struct aw_transfer *t = &run->w->at[i];
    const struct account_origin *origin = origin_of(run, i);
    bool exempt;
    const struct naive_leg *in = leg_of(run, i, false), *out = leg_of(run, i, true);
    const struct naive_account_ask *ask = run->ask;
    struct naive_move *move = &run->r->moves[i];
    struct naive_totals *totals = &run->r->totals[t->asset];
    struct pile *from = t->from < 0 ? NULL : &run->pile[t->from][t->asset];
    struct pile *to = t->to < 0 ? NULL : &run->pile[t->to][t->asset];
    struct pile parcel = {0};
    uint64_t amount = t->amount.w[0], taint;
    uint32_t hop = UINT32_MAX;
    int grade = 0, stop = STOP_NONE;

    if (t->kind == TRANSFER_FREEZE || t->kind == TRANSFER_UNFREEZE) {
        if (!from)
            return;
        if (t->kind == TRANSFER_FREEZE && tainted(from))
            end_pile(run, t->from, t->asset, STOP_FROZEN);
        from->frozen = t->kind == TRANSFER_FREEZE;
        if (origin)
            *move = (struct naive_move){.listed = true,
                                        .origin = true,
                                        .stop = STOP_NONE,
                                        .hop = origin->hop,
                                        .grade = origin->grade};
        return;
    }
    if (t->from == t->to)
        amount = t->kind == TRANSFER_FEE ? amount - t->credit.w[0] : 0;
    for (uint64_t u = 0; !from && u < amount; u++)
        append(&parcel, false);
    if (from) {
        bool was = tainted(from) > 0;

        if (was && amount > from->n) {
            move->beyond = true;
            run->r->exact = false;
        }
        take(ask->policy, from, amount, &parcel);
        if (tainted(&parcel)) {
            hop = from->hop + 1;
            grade = from->grade;
            if (held_back(run, hop)) {
                totals->cut += tainted(&parcel);
                totals->used = true;
                none_of(&parcel);
                hop = UINT32_MAX;
                grade = 0;
                move->beyond = false;
            }
        }
        if (was && amount && ++from->spends > ask->hub_spends_max && ask->hub_spends_max &&
            ask->policy != TRACE_FIFO && tainted(from)) {
            end_pile(run, t->from, t->asset, STOP_HUB);
            from->hub = true;
        }
    }
    if (t->kind == TRANSFER_FEE) {
        if (tainted(&parcel)) {
            totals->fees += tainted(&parcel);
            totals->used = true;
            hop = UINT32_MAX;
            grade = 0;
            move->beyond = false;
        }
        parcel.n = 0;
        for (uint64_t u = 0; u < t->credit.w[0]; u++)
            append(&parcel, false);
    }
    if (t->from == t->to)
        parcel.n = 0;
    if (origin) {
        hop = origin->hop < hop ? origin->hop : hop;
        grade = (int)origin->grade > grade ? (int)origin->grade : grade;
        if (t->from != t->to && origin->taint.w[0]) {
            uint64_t fresh = label(&parcel, origin->taint.w[0], ask->policy);

            totals->used = true;
            *(origin->arrival ? &totals->converted_in : &totals->origin) += fresh;
        }
    }
    if (out && !run->broken[out->group] && run->brought[out->group]) {
        uint64_t share = ask->policy == TRACE_POISON
                             ? parcel.n
                             : run->brought[out->group] * parcel.n / run->sum[out->group];

        if (share) {
            hop = run->hop[out->group] < hop ? run->hop[out->group] : hop;
            grade = run->grade[out->group] > grade ? run->grade[out->group] : grade;
            grade = (int)out->grade > grade ? (int)out->grade : grade;
            totals->converted_in += label(&parcel, share, ask->policy);
            totals->used = true;
            move->out_leg = true;
        }
    }
    taint = tainted(&parcel);
    exempt = origin && !origin->arrival; /* from stops and dust: what came by a route is not */
    move->listed = origin || taint;
    move->origin = origin;
    move->taint = taint;
    move->hop = hop;
    move->grade = (enum move_grade)grade;
    move->stop = STOP_NONE;
    if (taint && !origin && ask->moves_max && run->moves_n >= ask->moves_max) {
        totals->cut += taint;
        totals->used = true;
        move->listed = false;
        run->r->full = true;
        if (to)
            receive(run, t->to, t->asset, &parcel, true, 0, 0);
        free(parcel.unit);
        return;
    }
    if (in && !goes_on(run, in))
        in = NULL;
    if (taint && to && !exempt)
        stop = ask->stop[t->to];
    if (taint && (stop == STOP_NONE || stop == STOP_BURNED) && in) {
        if (!exempt && taint < ask->dust) {
            totals->dust += taint;
            move->listed = false;
        } else {
            bool too_far = held_back(run, hop + 1);

            move->in_leg = true;
            if (in->collateral) {
                move->stop = STOP_COLLATERAL;
                totals->exits += taint;
                end_at(run, t->to < 0 ? t->from : t->to, t->asset, STOP_COLLATERAL, taint, hop);
            } else if (too_far) {
                totals->cut += taint;
            } else {
                run->parcel_of[i] = taint;
            }
            if (!too_far) {
                run->brought[in->group] += taint;
                if (hop + 1 < run->hop[in->group])
                    run->hop[in->group] = hop + 1;
                if (grade > run->grade[in->group])
                    run->grade[in->group] = grade;
                if ((int)in->grade > run->grade[in->group])
                    run->grade[in->group] = (int)in->grade;
            }
        }
        if (to)
            receive(run, t->to, t->asset, &parcel, true, 0, 0);
        free(parcel.unit);
        return;
    }
    if (taint && stop == STOP_NONE && !to)
        stop = STOP_BURNED;
    if (taint && stop == STOP_NONE && !exempt && taint < ask->dust) {
        totals->dust += taint;
        move->listed = false;
        receive(run, t->to, t->asset, &parcel, true, 0, 0);
        free(parcel.unit);
        return;
    }
    if (taint && stop == STOP_NONE && to->frozen)
        stop = STOP_FROZEN;
    if (taint && stop == STOP_NONE && to->hub)
        stop = STOP_HUB;
    if (taint && stop != STOP_NONE) {
        move->stop = stop;
        totals->exits += taint;
        end_at(run, to ? t->to : t->from, t->asset, stop, taint, hop);
    }
    if (to)
        receive(run, t->to, t->asset, &parcel, stop != STOP_NONE, hop, grade);
    free(parcel.unit);
}

static void one_transfer(struct run *run, uint64_t i)
{
    follow_transfer(run, i);
    run->moves_n += run->r->moves[i].listed;
}

/* ---- conversions ---- */

static bool ins_wait(const struct run *run, uint32_t group, const bool *done)
{
    for (size_t k = 0; k < run->ask->legs_n; k++)
        if (!run->ask->legs[k].out && run->ask->legs[k].group == group &&
            !done[run->ask->legs[k].transfer])
            return true;
    return false;
}

/* May transfer i be done now? Not before those of its asset before it, nor before what feeds it. */
static bool may_go(const struct run *run, uint64_t first, uint64_t i, const bool *done)
{
    const struct naive_leg *out = leg_of(run, i, true);

    for (uint64_t k = first; k < i; k++)
        if (!done[k] && run->w->at[k].asset == run->w->at[i].asset)
            return false;
    return !out || run->broken[out->group] || !ins_wait(run, out->group, done);
}

static void one_tx(struct run *run, uint64_t first, uint64_t end)
{
    bool *done = calloc(run->w->n + 1, 1);
    uint64_t left = end - first;

    while (left) {
        uint64_t i = first;

        while (i < end && (done[i] || !may_go(run, first, i, done)))
            i++;
        if (i < end) {
            one_transfer(run, i);
            done[i] = true;
            left--;
            continue;
        }
        for (i = first; done[i]; i++)
            ;
        run->broken[leg_of(run, i, true)->group] = true;
    }
    free(done);
}

static void settle(struct run *run)
{
    for (size_t k = 0; k < run->ask->legs_n; k++) {
        const struct naive_leg *leg = &run->ask->legs[k];
        struct naive_totals *totals = &run->r->totals[run->w->at[leg->transfer].asset];
        uint64_t brought = run->parcel_of[leg->transfer];

        if (leg->out || !brought)
            continue;
        if (!run->broken[leg->group]) {
            totals->converted_out += brought;
            continue;
        }
        totals->unresolved += brought;
        run->r->unsettled[leg->transfer] = brought;
        run->r->exact = false;
    }
}

void naive_account_trace(const struct account_world *w, const struct naive_account_ask *ask,
                         struct naive_account_trace *r)
{
    struct run *run = calloc(1, sizeof(*run));

    run->w = w;
    run->ask = ask;
    run->r = r;
    run->parcel_of = calloc(w->n + 1, sizeof(*run->parcel_of));
    free(r->moves);
    free(r->unsettled);
    for (int a = 0; a < AW_ACCOUNTS; a++)
        for (int k = 0; k < AW_ASSETS; k++)
            free(r->piles[a][k].unit);
    memset(r, 0, sizeof(*r));
    r->moves = calloc(w->n + 1, sizeof(*r->moves));
    r->unsettled = calloc(w->n + 1, sizeof(*r->unsettled));
    r->exact = true;
    memset(run->hop, 0xff, sizeof(run->hop));
    for (size_t k = 0; k < ask->legs_n; k++)
        if (!ask->legs[k].out)
            run->sum[ask->legs[k].group] += w->at[ask->legs[k].transfer].amount.w[0];
    for (uint64_t i = 0, end; i < w->n; i = end) {
        for (end = i + 1; end < w->n && w->at[end].tx == w->at[i].tx; end++)
            ;
        one_tx(run, i, end);
    }
    settle(run);
    for (int a = 0; a < AW_ACCOUNTS; a++)
        for (int k = 0; k < AW_ASSETS; k++) {
            uint64_t n = tainted(&run->pile[a][k]);

            if (n)
                end_at(run, a, k, STOP_NONE, n, run->pile[a][k].hop);
            r->totals[k].held += n;
            r->piles[a][k] = (struct naive_pile){run->pile[a][k].unit, run->pile[a][k].n,
                                                 run->pile[a][k].came - run->pile[a][k].n};
        }
    free(run->parcel_of);
    free(run);
}
