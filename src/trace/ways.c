#include "trace/ways.h"

#include "base/sort.h"

#define NONE UINT32_MAX

struct making {
    struct arena *job;
    const struct ledgers_doc *d;
    struct ways w;
    uint32_t *before;
    /* links by the legs that they go on to: key is the leg's id, with its ledger */
    struct keyed *to;
    size_t to_n;
    uint32_t *least; /* [links_n] of what a link goes on from, the step of the least hop */
};

static bool no_room(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "the ways");
}

static size_t steps_of(const struct trace_part *p)
{
    if (p->accounts)
        return p->accounts->trace->moves_n;
    return p->coins ? p->coins->trace->reached_n : 0;
}

uint32_t way_ledger(const struct ways *w, uint32_t step)
{
    uint32_t i = 0;

    while (step >= w->first[i + 1])
        i++;
    return i;
}

uint64_t way_id(const struct ways *w, uint32_t step)
{
    uint32_t l = way_ledger(w, step), i = step - w->first[l];
    const struct trace_part *p = &w->doc->parts[l];

    return p->accounts ? p->accounts->trace->moves[i].transfer : p->coins->trace->reached[i].output;
}

uint32_t way_hop(const struct ways *w, uint32_t step)
{
    uint32_t l = way_ledger(w, step), i = step - w->first[l];
    const struct trace_part *p = &w->doc->parts[l];

    return p->accounts ? p->accounts->trace->moves[i].hop : p->coins->trace->reached[i].hop;
}

/* ---- links ---- */

/* The step of a leg, or NONE: the trace did not reach it. */
static uint32_t step_of(const struct making *m, const struct route_leg *leg)
{
    const struct trace_part *p = &m->d->parts[leg->ledger];
    size_t low = 0, high = steps_of(p);

    if (p->coins) {
        size_t at = trace_reached_find(p->coins->trace, leg->id);

        return at < high ? m->w.first[leg->ledger] + (uint32_t)at : NONE;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (p->accounts->trace->moves[middle].transfer < leg->id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < steps_of(p) && p->accounts->trace->moves[low].transfer == leg->id
               ? m->w.first[leg->ledger] + (uint32_t)low
               : NONE;
}

static bool links_read(struct making *m, struct err *err)
{
    const struct ledgers_doc *d = m->d;
    struct keyed *scratch;
    size_t all = 0;

    for (size_t i = 0; i < d->links_n; i++)
        all += d->links[i].to_n;
    m->least = ARENA_ARRAY(m->job, uint32_t, d->links_n);
    m->to = ARENA_ARRAY(m->job, struct keyed, all);
    scratch = ARENA_ARRAY(m->job, struct keyed, all);
    if (!m->least || !m->to || !scratch)
        return no_room(m->job, err);
    for (size_t i = 0; i < d->links_n; i++) {
        const struct route_link *l = &d->links[i];

        m->least[i] = NONE;
        for (size_t k = 0; k < l->from_n; k++) {
            uint32_t step = step_of(m, &l->from[k]);

            if (step != NONE &&
                (m->least[i] == NONE || way_hop(&m->w, step) < way_hop(&m->w, m->least[i])))
                m->least[i] = step;
        }
        for (size_t k = 0; k < l->to_n; k++)
            m->to[m->to_n++] = (struct keyed){l->to[k].id, (uint32_t)i, l->to[k].ledger};
    }
    sort_keyed(m->to, m->to_n, scratch);
    return true;
}

/* By a route: a step of hop - 1, or NONE. */
static uint32_t by_link(const struct making *m, uint32_t ledger, uint64_t id, uint32_t hop)
{
    for (size_t i = keyed_lower_bound(m->to, m->to_n, id); i < m->to_n && m->to[i].key == id; i++) {
        uint32_t step = m->least[m->to[i].index];

        if (m->to[i].with == ledger && step != NONE && way_hop(&m->w, step) + 1 == hop)
            return step;
    }
    return NONE;
}

/* ---- accounts ----
 *
 * What came to a holding and may be what the next spend goes on from: hops ascend, and of two with
 * one hop the newer stands. A node's hop is the least since it was last without taint; so what has
 * a lesser one than a spend goes on from has left before, and never comes back. */

struct holdings {
    struct keyed *at; /* [n] by holding, each once; index: of the queues */
    size_t n;
    uint32_t *head, *tail;  /* [n] moves */
    uint32_t *after, *prev; /* [moves_n] within a holding's queue */
};

static bool holdings_make(struct making *m, const struct account_doc *d, struct holdings *h,
                          struct err *err)
{
    const struct account_trace *t = d->trace;
    struct keyed *scratch = ARENA_ARRAY(m->job, struct keyed, t->moves_n);
    size_t n = 0;

    *h = (struct holdings){.at = ARENA_ARRAY(m->job, struct keyed, t->moves_n),
                           .head = ARENA_ARRAY(m->job, uint32_t, t->moves_n),
                           .tail = ARENA_ARRAY(m->job, uint32_t, t->moves_n),
                           .after = ARENA_ARRAY(m->job, uint32_t, t->moves_n),
                           .prev = ARENA_ARRAY(m->job, uint32_t, t->moves_n)};
    if (!scratch || !h->at || !h->head || !h->tail || !h->after || !h->prev)
        return no_room(m->job, err);
    for (size_t i = 0; i < t->moves_n; i++)
        h->at[i] = (struct keyed){accounts_transfer(&d->accounts, t->moves[i].transfer).to, 0, 0};
    sort_keyed(h->at, t->moves_n, scratch);
    for (size_t i = 0; i < t->moves_n; i++)
        if (!n || h->at[n - 1].key != h->at[i].key) {
            h->head[n] = h->tail[n] = NONE;
            h->at[n++].key = h->at[i].key;
        }
    h->n = n;
    return true;
}

static size_t queue_of(const struct holdings *h, uint64_t holding) /* h->n: none */
{
    size_t i = keyed_lower_bound(h->at, h->n, holding);

    return i < h->n && h->at[i].key == holding ? i : h->n;
}

static void came(struct holdings *h, const struct account_move *moves, uint32_t i, uint64_t holding)
{
    size_t q = queue_of(h, holding);

    while (h->tail[q] != NONE && moves[h->tail[q]].hop >= moves[i].hop)
        h->tail[q] = h->prev[h->tail[q]];
    h->prev[i] = h->tail[q];
    h->after[i] = NONE;
    if (h->tail[q] == NONE)
        h->head[q] = i;
    else
        h->after[h->tail[q]] = i;
    h->tail[q] = i;
}

/* What a spend goes on from, by its hop. */
static uint32_t went(struct holdings *h, const struct account_move *moves, uint64_t holding,
                     uint32_t hop)
{
    size_t q = queue_of(h, holding);

    if (q == h->n)
        return NONE;
    while (h->head[q] != NONE && moves[h->head[q]].hop + 1 < hop) {
        h->head[q] = h->after[h->head[q]];
        if (h->head[q] == NONE)
            h->tail[q] = NONE;
        else
            h->prev[h->head[q]] = NONE;
    }
    return h->head[q] != NONE && moves[h->head[q]].hop + 1 == hop ? h->head[q] : NONE;
}

static bool ways_of_accounts(struct making *m, uint32_t ledger, struct err *err)
{
    const struct account_doc *d = m->d->parts[ledger].accounts;
    const struct account_trace *t = d->trace;
    uint32_t first = m->w.first[ledger];
    struct holdings h;

    if (!holdings_make(m, d, &h, err))
        return false;
    for (uint32_t i = 0; i < t->moves_n; i++) {
        const struct account_move *move = &t->moves[i];
        struct transfer x = accounts_transfer(&d->accounts, move->transfer);
        uint32_t from = NONE;

        if (move->hop)
            from = by_link(m, ledger, move->transfer, move->hop);
        if (move->hop && from == NONE) {
            from = went(&h, t->moves, x.from, move->hop);
            from = from == NONE ? NONE : first + from;
        }
        m->before[first + i] = from;
        if (move->stop == STOP_NONE && !move->in_leg && x.to != ACCOUNTS_NONE &&
            !u256_zero(move->taint))
            came(&h, t->moves, i, x.to);
    }
    return true;
}

/* ---- coins ---- */

static bool ways_of_coins(struct making *m, uint32_t ledger, struct err *err)
{
    const struct trace_doc *d = m->d->parts[ledger].coins;
    const struct trace *t = d->trace;
    struct keyed *spent = ARENA_ARRAY(m->job, struct keyed, t->reached_n),
                 *scratch = ARENA_ARRAY(m->job, struct keyed, t->reached_n);
    uint32_t first = m->w.first[ledger], maker = COINS_TX_NONE, least = NONE;
    size_t n = 0;

    if (!spent || !scratch)
        return no_room(m->job, err);
    for (uint32_t i = 0; i < t->reached_n; i++)
        if (t->reached[i].stop < 0 && t->reached[i].taint &&
            t->reached[i].spent_by != COINS_TX_NONE)
            spent[n++] = (struct keyed){t->reached[i].spent_by, i, 0};
    sort_keyed(spent, n, scratch);
    for (uint32_t i = 0; i < t->reached_n; i++) {
        const struct trace_reached *r = &t->reached[i];
        uint32_t tx = trace_doc_maker(d, r), from = NONE;

        if (tx != maker) {
            maker = tx;
            least = NONE;
            for (size_t k = keyed_lower_bound(spent, n, tx); k < n && spent[k].key == tx; k++)
                if (least == NONE || t->reached[spent[k].index].hop < t->reached[least].hop)
                    least = spent[k].index;
        }
        if (r->hop && least != NONE && t->reached[least].hop + 1 == r->hop)
            from = first + least;
        else if (r->hop)
            from = by_link(m, ledger, r->output, r->hop);
        m->before[first + i] = from;
    }
    return true;
}

static bool all_ledgers(struct making *m, struct err *err)
{
    if (!links_read(m, err))
        return false;
    for (uint32_t i = 0; i < m->d->ledgers_n; i++) {
        const struct trace_part *p = &m->d->parts[i];

        if ((p->accounts && !ways_of_accounts(m, i, err)) ||
            (p->coins && !ways_of_coins(m, i, err)))
            return false;
    }
    return true;
}

bool ways_make(struct arena *a, const struct ledgers_doc *d, struct ways *ret, struct err *err)
{
    struct making m = {.d = d, .w.doc = d};
    uint32_t *first = ARENA_ARRAY(a, uint32_t, d->ledgers_n + 1);
    size_t all = 0;
    bool ok;

    if (!first)
        return no_room(a, err);
    for (size_t i = 0; i < d->ledgers_n; i++) {
        all += steps_of(&d->parts[i]);
        if (all >= WAY_BEGINS)
            return err_fail(err, ERR_LIMIT, "a case of more than %u steps", WAY_BEGINS - 1);
        first[i + 1] = (uint32_t)all;
    }
    m.w.first = first;
    m.w.steps_n = (uint32_t)all;
    m.before = ARENA_ARRAY(a, uint32_t, all);
    m.job = arena_new(a, SIZE_MAX / 4);
    if (!m.before || !m.job)
        return no_room(a, err);
    ok = all_ledgers(&m, err);
    arena_free(m.job);
    m.w.before = m.before;
    *ret = m.w;
    return ok;
}
