/* Each case has an engine of its own, so that one can end and give its memory back. The table that
 * all share is trace/held.h, with holdings in the place of outputs and a node's number as taint:
 *
 *     new transfer -> its two holdings -> in the table? -> the nodes wake, and wait in the queue
 *     queue empty  -> nodes that were looked at and are tainted go back to the table
 */
#include "trace/account_live.h"

#include "base/mem.h"
#include "trace/account_parts.h"
#include "trace/held.h"

#include <stdlib.h>
#include <string.h>

#define HOLDING_BITS 40 /* of a holding's id, below the case's number in the table */
#define HOLDING_MASK (((uint64_t)1 << HOLDING_BITS) - 1)
#define LOOK_MAX 64u /* cases of one holding that are told */
#define FETCH_AHEAD 16u
#define MOVES_KEPT 1024u

struct followed { /* a case */
    struct account_case ask;
    struct account_origin *origins;
    size_t origins_size;
    struct engine g;
    struct state s;
    size_t held_n;
    uint64_t turn;  /* the last that came to it */
    uint32_t since; /* passes there were when it was added */
    bool over;
    struct err why;
};

struct saved { /* a node as it was before a pass */
    uint32_t number;
    struct node was;
};

struct journal { /* of a case, before a pass */
    uint32_t number;
    struct state was; /* its lists are not */
    struct account_totals *totals;
    size_t totals_n, unsettled_n, origins_n, nodes_n, held_n;
    struct saved *saved;
    size_t saved_n, saved_size;
};

struct pass { /* what is needed to undo it */
    uint64_t transfers_n, holdings_n;
    struct journal *of;
    size_t of_n, of_size;
};

struct woken {
    uint32_t number, node;
    uint64_t event;
};

struct account_live {
    struct followed **cases; /* NULL: gone */
    size_t cases_n, cases_size;
    struct held *held;
    size_t held_max;
    uint64_t transfers_n, holdings_n;
    uint64_t turn;
    uint32_t *touched;
    size_t touched_n, touched_size;
    struct pass *passes; /* [back_max + 1], a ring: the one in hand, and those that are kept */
    uint32_t back_max, depth, backs;
    struct journal *journal; /* of the case in hand; NULL: it is followed over the past */
    struct woken *woken;
    size_t woken_n, woken_size;
    struct queue_item *found;
    size_t found_n, found_size;
    bool broken;
};

static bool nomem(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "live traces of accounts");
}

static uint64_t key_of(uint32_t number, uint64_t holding)
{
    return (uint64_t)number << HOLDING_BITS | holding;
}

/* ---- before and after a pass ---- */

static void journal_free(struct journal *j)
{
    for (size_t i = 0; i < j->saved_n; i++)
        mem_free(j->saved[i].was.more);
    mem_free(j->saved);
    mem_free(j->totals);
}

/* It is kept for many passes to come, and does not grow. */
static void journal_fit(struct journal *j)
{
    struct saved *fit = j->saved_n ? mem_grow(j->saved, j->saved_n * sizeof(*fit)) : NULL;

    if (!j->saved_n)
        j->saved = mem_free(j->saved);
    if (!fit && j->saved_n)
        return;
    j->saved = fit;
    j->saved_size = j->saved_n;
}

static void pass_free(struct pass *p)
{
    for (size_t i = 0; i < p->of_n; i++)
        journal_free(&p->of[i]);
    mem_free(p->of);
    *p = (struct pass){0};
}

static bool journal_begin(struct account_live *t, struct followed *f, uint32_t number,
                          struct err *err)
{
    struct pass *p = &t->passes[t->depth % (t->back_max + 1)];
    struct journal *j;

    if (!mem_room((void **)&p->of, &p->of_size, p->of_n + 1, sizeof(*p->of)))
        return nomem(err);
    j = &p->of[p->of_n];
    *j = (struct journal){.number = number,
                          .was = f->s,
                          .totals = mem_array(f->s.totals_n + 1, sizeof(*j->totals)),
                          .totals_n = f->s.totals_n,
                          .unsettled_n = f->s.unsettled_n,
                          .origins_n = f->ask.origins_n,
                          .nodes_n = f->g.nodes_n,
                          .held_n = f->held_n};
    if (!j->totals)
        return nomem(err);
    if (j->totals_n)
        memcpy(j->totals, f->s.totals, j->totals_n * sizeof(*j->totals));
    p->of_n++;
    t->journal = j;
    return true;
}

/* What a node holds is taken out of the sums, until the pass is over and it is counted again. */
static bool before(void *live, struct node *n, uint32_t number, struct err *err)
{
    struct account_live *t = live;
    struct journal *j = t->journal;
    struct followed *f;
    struct saved *s;

    if (!j || number >= j->nodes_n || n->saved == (uint32_t)t->turn)
        return true;
    if (!mem_room((void **)&j->saved, &j->saved_size, j->saved_n + 1, sizeof(*j->saved)))
        return nomem(err);
    s = &j->saved[j->saved_n];
    s->number = number;
    if (!node_copy(n, &s->was))
        return nomem(err);
    j->saved_n++;
    n->saved = (uint32_t)t->turn;
    f = t->cases[j->number];
    if (!n->tainted)
        return true;
    f->held_n--;
    if (f->ask.policy != TRACE_POISON) {
        struct u256 *held = &f->s.totals[n->total].held;

        if (!u256_sub(*held, n->taint, held))
            return err_fail(err, ERR_CORRUPT, "case %u: holds less than its parts", j->number);
    }
    return true;
}

static bool park(struct account_live *t, struct followed *f, uint32_t number, uint32_t at,
                 struct err *err)
{
    struct node *n = node_at(&f->g, at);
    struct queue_item *item;

    if (!n->tainted)
        return true;
    if (n->at.event != ACCOUNTS_NONE)
        return err_fail(err, ERR_CORRUPT, "holding %llu: its events have no end",
                        (unsigned long long)n->holding);
    item = held_place(t->held, key_of(number, n->holding));
    if (!item)
        return err_fail(err, ERR_LIMIT, "more than %zu tainted holdings of all cases", t->held_max);
    item->output = key_of(number, n->holding);
    item->taint = at;
    item->hop = n->hop;
    item->runs = item->runs_n = 0;
    f->held_n++;
    return f->ask.policy == TRACE_POISON ||
           total_add(&f->s, &f->s.totals[n->total].held, n->taint, err);
}

/* Those that were looked at, and the new ones. */
static bool park_all(struct account_live *t, struct followed *f, uint32_t number, struct err *err)
{
    const struct journal *j = t->journal;

    for (size_t i = 0; j && i < j->saved_n; i++)
        if (!park(t, f, number, j->saved[i].number, err))
            return false;
    for (size_t i = j ? j->nodes_n : 0; i < f->g.nodes_n; i++)
        if (!park(t, f, number, (uint32_t)i, err))
            return false;
    return account_conserved(&f->s, err);
}

/* ---- a case ends ---- */

static void followed_drop(struct followed *f)
{
    account_state_free(&f->s);
    f->g.queue = event_queue_free(f->g.queue);
    account_engine_free(&f->g);
    f->g = (struct engine){0};
    f->s = (struct state){.ask = &f->ask};
}

static struct followed *followed_free(struct followed *f)
{
    if (!f)
        return NULL;
    followed_drop(f);
    mem_free(f->origins);
    return mem_free(f);
}

static void end_case(struct account_live *t, uint32_t number, const struct err *why)
{
    struct followed *f = t->cases[number];
    struct queue_item item;

    for (size_t i = 0; i < f->g.nodes_n; i++)
        (void)held_remove(t->held, key_of(number, node_at(&f->g, (uint32_t)i)->holding), &item);
    followed_drop(f);
    f->held_n = 0;
    f->over = true;
    f->why = *why;
}

/* ---- a case in hand ---- */

/* The queue is a new one, since it goes forward only, and the next case begins further back. */
static bool engine_turn(struct account_live *t, struct followed *f, const struct accounts *accounts,
                        struct err *err)
{
    f->g.accounts = accounts;
    f->g.states = &f->s;
    f->g.cases_n = 1;
    f->g.before = before;
    f->g.before_ctx = t;
    f->g.tx = (struct accounts_range){0, 0};
    f->g.fetched[0] = f->g.fetched[1] = 0;
    f->g.leads[0] = f->g.leads[1] = 0;
    f->s.moves_before += f->s.moves_n;
    f->s.moves_n = f->s.ended_n = 0;
    if (f->s.moves_size > MOVES_KEPT) { /* a first pass may have had many */
        f->s.moves = mem_free(f->s.moves);
        f->s.moves_size = 0;
    }
    f->g.queue = event_queue_new();
    return f->g.queue || nomem(err);
}

/* Ends the case in hand where a limit is what is wrong. */
static bool settle(struct account_live *t, struct followed *f, uint32_t number, bool ok,
                   struct err *err)
{
    struct err why;

    ok = ok && park_all(t, f, number, err);
    if (t->journal)
        journal_fit(t->journal);
    t->journal = NULL;
    f->g.queue = event_queue_free(f->g.queue);
    f->g.accounts = NULL;
    if (ok)
        return true;
    if (err->class != ERR_LIMIT)
        return err_in(err, "case %u", number);
    why = *err;
    end_case(t, number, &why);
    return true;
}

static bool touch(struct account_live *t, uint32_t number, struct err *err)
{
    if (t->cases[number]->turn == t->turn)
        return true;
    if (!mem_room((void **)&t->touched, &t->touched_size, t->touched_n + 1, sizeof(*t->touched)))
        return nomem(err);
    t->cases[number]->turn = t->turn;
    t->touched[t->touched_n++] = number;
    return true;
}

/* ---- a pass ---- */

static bool wake_holding(struct account_live *t, uint64_t holding, uint64_t event, struct err *err)
{
    t->found_n = 0;
    if (!held_take(t->held, holding, &t->found, &t->found_n, &t->found_size) ||
        !mem_room((void **)&t->woken, &t->woken_size, t->woken_n + t->found_n, sizeof(*t->woken)))
        return nomem(err);
    for (size_t i = 0; i < t->found_n; i++) {
        uint32_t number = (uint32_t)(t->found[i].output >> HOLDING_BITS);

        t->woken[t->woken_n++] = (struct woken){number, (uint32_t)t->found[i].taint, event};
        if (!touch(t, number, err))
            return false;
    }
    return true;
}

/* The first new event of each holding that is tainted; the rest it finds by itself. */
static bool wake_all(struct account_live *t, const struct accounts *a, struct err *err)
{
    t->woken_n = 0;
    for (uint64_t e = t->transfers_n; held_n(t->held) && e < a->transfers_n; e++) {
        const uint8_t *p = a->transfer + e * TRANSFER_BYTES;
        uint64_t from = load_le40(p), to = load_le40(p + ACCOUNTS_ID_BYTES);

        if (e + FETCH_AHEAD < a->transfers_n) {
            held_fetch(t->held, load_le40(p + FETCH_AHEAD * TRANSFER_BYTES));
            held_fetch(t->held, load_le40(p + FETCH_AHEAD * TRANSFER_BYTES + ACCOUNTS_ID_BYTES));
        }
        if ((from < t->holdings_n && !wake_holding(t, from, e, err)) ||
            (to < t->holdings_n && to != from && !wake_holding(t, to, e, err)))
            return false;
    }
    return true;
}

static int by_case(const void *one, const void *other)
{
    const struct woken *a = one, *b = other;

    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return (a->event > b->event) - (a->event < b->event);
}

static int by_number(const void *one, const void *other)
{
    const uint32_t *a = one, *b = other;

    return (*a > *b) - (*a < *b);
}

static bool origins_append(struct account_live *t, struct followed *f,
                           const struct account_live_origin *at, size_t n, struct err *err)
{
    size_t from = f->ask.origins_n;

    if (!mem_room((void **)&f->origins, &f->origins_size, from + n + 1, sizeof(*f->origins)))
        return nomem(err);
    for (size_t i = 0; i < n; i++) {
        if (at[i].origin.transfer < t->transfers_n)
            return err_fail(err, ERR_USAGE, "origin %llu is of a block before",
                            (unsigned long long)at[i].origin.transfer);
        f->origins[from + i] = at[i].origin;
    }
    f->ask.origins = f->origins;
    f->ask.origins_n = from + n;
    return !n || account_more_origins(&f->g, &f->s, from, err);
}

static bool wake_nodes(struct account_live *t, struct followed *f, const struct woken *at, size_t n,
                       struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        struct node *node = node_at(&f->g, at[i].node);

        if (!before(t, node, at[i].node, err))
            return false;
        node->at.event = at[i].event;
        if (!event_queue_push(f->g.queue, at[i].event, at[i].node))
            return nomem(err);
    }
    return true;
}

static bool case_pass(struct account_live *t, uint32_t number, const struct accounts *accounts,
                      const struct woken *woken, size_t woken_n,
                      const struct account_live_origin *origins, size_t origins_n, struct err *err)
{
    struct followed *f = t->cases[number];
    bool ok = journal_begin(t, f, number, err) && engine_turn(t, f, accounts, err);

    ok = ok && wake_nodes(t, f, woken, woken_n, err) &&
         origins_append(t, f, origins, origins_n, err) && account_pass(&f->g, err);
    return settle(t, f, number, ok, err);
}

static bool is_followed(const struct account_live *t, uint32_t number)
{
    return number < t->cases_n && t->cases[number] && !t->cases[number]->over;
}

/* Each case that something has come to, in order. */
static bool cases_pass(struct account_live *t, const struct accounts *accounts,
                       const struct account_live_origin *origins, size_t origins_n, struct err *err)
{
    size_t w = 0, o = 0;

    for (size_t i = 0; i < origins_n; i++)
        if (is_followed(t, origins[i].number) && !touch(t, origins[i].number, err))
            return false;
    if (t->woken_n)
        qsort(t->woken, t->woken_n, sizeof(*t->woken), by_case);
    if (t->touched_n)
        qsort(t->touched, t->touched_n, sizeof(*t->touched), by_number);
    for (size_t i = 0; i < t->touched_n; i++) {
        uint32_t number = t->touched[i];
        size_t w_end, o_end;

        while (w < t->woken_n && t->woken[w].number < number)
            w++;
        for (w_end = w; w_end < t->woken_n && t->woken[w_end].number == number; w_end++)
            ;
        while (o < origins_n && origins[o].number < number)
            o++;
        for (o_end = o; o_end < origins_n && origins[o_end].number == number; o_end++)
            ;
        if (!case_pass(t, number, accounts, w < w_end ? t->woken + w : NULL, w_end - w,
                       o < o_end ? origins + o : NULL, o_end - o, err))
            return false;
        w = w_end;
        o = o_end;
    }
    return true;
}

static void turn_begin(struct account_live *t)
{
    t->touched_n = 0;
    t->turn++;
    t->journal = NULL;
}

bool account_live_advance(struct account_live *t, const struct accounts *accounts,
                          const struct account_live_origin *origins, size_t origins_n,
                          struct err *err)
{
    struct pass *p = &t->passes[t->depth % (t->back_max + 1)];

    if (t->broken || accounts->transfers_n < t->transfers_n || accounts->holdings_n < t->holdings_n)
        return err_fail(err, ERR_CORRUPT, "live traces: the ledger is not that of before and more");
    t->broken = true; /* unless it comes to its end */
    turn_begin(t);
    pass_free(p);
    *p = (struct pass){.transfers_n = t->transfers_n, .holdings_n = t->holdings_n};
    if (!wake_all(t, accounts, err) || !cases_pass(t, accounts, origins, origins_n, err))
        return false;
    t->transfers_n = accounts->transfers_n;
    t->holdings_n = accounts->holdings_n;
    t->depth++;
    t->backs += t->backs < t->back_max;
    t->broken = false;
    return true;
}

/* ---- a case more, a case less ---- */

static struct followed *followed_new(const struct account_case *ask)
{
    struct followed *f = mem_zero(sizeof(*f));

    if (!f ||
        !mem_room((void **)&f->origins, &f->origins_size, ask->origins_n + 1, sizeof(*f->origins)))
        return followed_free(f);
    if (ask->origins_n)
        memcpy(f->origins, ask->origins, ask->origins_n * sizeof(*f->origins));
    f->ask = *ask;
    f->ask.origins = f->origins;
    f->s.ask = &f->ask;
    return f;
}

bool account_live_add(struct account_live *t, const struct accounts *accounts,
                      const struct account_case *ask, uint32_t *ret_number, struct err *err)
{
    uint32_t number = (uint32_t)t->cases_n;
    struct followed *f;
    bool ok;

    if (t->broken || accounts->transfers_n != t->transfers_n)
        return err_fail(err, ERR_CORRUPT, "live traces: the ledger is not that of before");
    if (number >= ACCOUNT_LIVE_CASES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu cases in all", ACCOUNT_LIVE_CASES_MAX);
    if (!mem_room((void **)&t->cases, &t->cases_size, t->cases_n + 1, sizeof(struct followed *)))
        return nomem(err);
    f = followed_new(ask);
    if (!f)
        return nomem(err);
    t->cases[t->cases_n++] = f;
    f->since = t->depth;
    turn_begin(t);
    if (!touch(t, number, err)) {
        account_live_remove(t, number);
        return false;
    }
    ok = engine_turn(t, f, accounts, err) && account_begin(&f->g, &f->s, &f->ask, 0, err) &&
         account_pass(&f->g, err);
    if (!settle(t, f, number, ok, err)) {
        account_live_remove(t, number);
        return false;
    }
    if (f->over) {
        *err = f->why;
        account_live_remove(t, number);
        return false;
    }
    *ret_number = number;
    return true;
}

void account_live_remove(struct account_live *t, uint32_t number)
{
    static const struct err gone = {.class = ERR_NOT_FOUND, .text = "no longer followed"};

    if (number >= t->cases_n || !t->cases[number])
        return;
    end_case(t, number, &gone);
    for (size_t i = 0; i < t->touched_n; i++)
        if (t->touched[i] == number)
            t->touched[i--] = t->touched[--t->touched_n];
    t->cases[number] = followed_free(t->cases[number]);
}

/* ---- undone ---- */

static void end_younger(struct account_live *t)
{
    static const struct err why = {.class = ERR_NOT_FOUND,
                                   .text = "blocks were undone since it was added"};

    for (uint32_t i = 0; i < t->cases_n; i++)
        if (is_followed(t, i) && t->cases[i]->since >= t->depth)
            end_case(t, i, &why);
}

static void unpark(struct account_live *t, const struct followed *f, uint32_t number, uint32_t at)
{
    const struct node *n = node_at(&f->g, at);
    struct queue_item item;

    if (n->tainted)
        (void)held_remove(t->held, key_of(number, n->holding), &item);
}

/* A node as it was, and back into the table, whose sums are those of before already. */
static bool restore(struct account_live *t, struct followed *f, uint32_t number,
                    struct saved *saved, struct err *err)
{
    struct node *n = node_at(&f->g, saved->number);
    struct queue_item *item;

    mem_free(n->more);
    *n = saved->was;
    saved->was.more = NULL;
    if (!n->tainted)
        return true;
    item = held_place(t->held, key_of(number, n->holding));
    if (!item)
        return err_fail(err, ERR_LIMIT, "more than %zu tainted holdings of all cases", t->held_max);
    item->output = key_of(number, n->holding);
    item->taint = saved->number;
    item->hop = n->hop;
    item->runs = item->runs_n = 0;
    return true;
}

static void state_back(struct followed *f, const struct journal *j)
{
    struct state now = f->s;

    totals_back(&f->g, &now, j->totals_n);
    if (j->totals_n)
        memcpy(now.totals, j->totals, j->totals_n * sizeof(*j->totals));
    f->s = j->was;
    f->s.moves_before += j->was.moves_n; /* what was told of the pass before is told */
    f->s.moves = now.moves;
    f->s.moves_size = now.moves_size;
    f->s.moves_n = 0;
    f->s.ended = now.ended;
    f->s.ended_size = now.ended_size;
    f->s.ended_n = 0;
    f->s.totals = now.totals;
    f->s.totals_size = now.totals_size;
    f->s.unsettled = now.unsettled;
    f->s.unsettled_size = now.unsettled_size;
    f->s.units = now.units;
    f->s.units_size = now.units_size;
    f->ask.origins_n = j->origins_n;
    f->held_n = j->held_n;
}

/* What the pass has put into the table; of all cases, before any is put back. */
static void case_unpark(struct account_live *t, const struct journal *j)
{
    const struct followed *f = t->cases[j->number];

    if (!is_followed(t, j->number))
        return;
    for (size_t i = j->nodes_n; i < f->g.nodes_n; i++)
        unpark(t, f, j->number, (uint32_t)i);
    for (size_t i = 0; i < j->saved_n; i++)
        unpark(t, f, j->number, j->saved[i].number);
}

static bool case_back(struct account_live *t, struct journal *j, struct err *err)
{
    struct followed *f = t->cases[j->number];

    if (!is_followed(t, j->number))
        return true;
    nodes_back(&f->g, &f->s, j->nodes_n);
    state_back(f, j);
    for (size_t i = 0; i < j->saved_n; i++)
        if (!restore(t, f, j->number, &j->saved[i], err))
            return false;
    return true;
}

bool account_live_back(struct account_live *t, struct err *err)
{
    struct pass *p;

    if (t->broken || !t->backs)
        return err_fail(err, t->broken ? ERR_CORRUPT : ERR_NOT_FOUND,
                        "live traces: no pass that could be undone");
    t->broken = true;
    turn_begin(t);
    p = &t->passes[(t->depth - 1) % (t->back_max + 1)];
    end_younger(t);
    for (size_t i = 0; i < p->of_n; i++)
        case_unpark(t, &p->of[i]);
    for (size_t i = 0; i < p->of_n; i++)
        if (!case_back(t, &p->of[i], err))
            return false;
    t->transfers_n = p->transfers_n;
    t->holdings_n = p->holdings_n;
    pass_free(p);
    t->depth--;
    t->backs--;
    t->broken = false;
    return true;
}

/* ---- the whole ---- */

bool account_live_new(struct account_live_limits limits, struct account_live **ret, struct err *err)
{
    struct account_live *t = mem_zero(sizeof(*t));

    if (!t)
        return nomem(err);
    t->back_max = limits.back_max < ACCOUNT_LIVE_BACK_MAX ? limits.back_max : ACCOUNT_LIVE_BACK_MAX;
    t->passes = mem_array(t->back_max + 1, sizeof(*t->passes));
    t->held_max = limits.held_max ? limits.held_max : ACCOUNT_LIVE_HELD_MAX;
    t->held = held_new(t->held_max, HOLDING_MASK);
    if (!t->passes || !t->held) {
        account_live_free(t);
        return nomem(err);
    }
    *ret = t;
    return true;
}

struct account_live *account_live_free(struct account_live *t)
{
    if (!t)
        return NULL;
    for (size_t i = 0; i < t->cases_n; i++)
        followed_free(t->cases[i]);
    for (uint32_t i = 0; t->passes && i <= t->back_max; i++)
        pass_free(&t->passes[i]);
    mem_free((void *)t->cases);
    mem_free(t->touched);
    mem_free(t->passes);
    mem_free(t->woken);
    mem_free(t->found);
    held_free(t->held);
    return mem_free(t);
}

/* ---- told ---- */

uint64_t account_live_transfers(const struct account_live *t)
{
    return t->transfers_n;
}

uint32_t account_live_backs(const struct account_live *t)
{
    return t->backs;
}

uint64_t account_live_held(const struct account_live *t)
{
    return held_n(t->held);
}

size_t account_live_holds(const struct account_live *t, uint64_t holding,
                          struct account_live_hold *ret, size_t max)
{
    struct queue_item items[LOOK_MAX];
    size_t n = held_look(t->held, holding, items, max < LOOK_MAX ? max : LOOK_MAX);

    for (size_t i = 0; i < n; i++) {
        uint32_t number = (uint32_t)(items[i].output >> HOLDING_BITS);
        const struct followed *f = t->cases[number];
        const struct node *node = node_at(&f->g, (uint32_t)items[i].taint);

        ret[i] = (struct account_live_hold){number, node->hop, account_held(&f->s, node)};
    }
    return n;
}

static uint64_t bytes_of(const struct followed *f)
{
    return sizeof(*f) + f->g.nodes_n * sizeof(struct node) +
           (f->g.nodes.size + f->g.assets.size) * sizeof(struct slot) +
           f->s.moves_size * sizeof(*f->s.moves) + f->s.totals_size * sizeof(*f->s.totals) +
           f->origins_size * sizeof(*f->origins) + f->s.runs_live * sizeof(struct units);
}

uint64_t account_live_bytes(const struct account_live *t)
{
    uint64_t n = held_bytes(t->held);

    for (size_t i = 0; i < t->cases_n; i++)
        n += t->cases[i] ? bytes_of(t->cases[i]) : 0;
    for (uint32_t i = 0; i <= t->back_max; i++)
        for (size_t k = 0; k < t->passes[i].of_n; k++)
            n += sizeof(struct journal) + t->passes[i].of[k].saved_size * sizeof(struct saved) +
                 t->passes[i].of[k].totals_n * sizeof(struct account_totals);
    return n;
}

struct account_live_case account_live_case(const struct account_live *t, uint32_t number)
{
    static const struct err gone = {.class = ERR_NOT_FOUND, .text = "no such case"};
    const struct followed *f;

    if (number >= t->cases_n || !t->cases[number])
        return (struct account_live_case){.over = &gone};
    f = t->cases[number];
    return (struct account_live_case){.moves_n = f->s.moves_before + f->s.moves_n,
                                      .held_n = f->held_n,
                                      .exact = !f->s.inexact,
                                      .full = f->s.full,
                                      .over = f->over ? &f->why : NULL};
}

size_t account_live_touched(const struct account_live *t, const uint32_t **ret)
{
    *ret = t->touched;
    return t->touched_n;
}

const struct account_move *account_live_moves(const struct account_live *t, uint32_t number,
                                              size_t *ret_n)
{
    bool there = is_followed(t, number) && t->cases[number]->turn == t->turn;

    *ret_n = there ? t->cases[number]->s.moves_n : 0;
    return there ? t->cases[number]->s.moves : NULL;
}

/* What is held, with its units, into a state of its own. */
static bool hold_all(const struct followed *f, struct state *s, struct arena *a,
                     struct account_trace *ret, struct err *err)
{
    ret->balances = ARENA_ARRAY(a, struct account_balance, f->held_n);
    if (!ret->balances)
        return arena_fail(a, err, "what a case holds");
    for (size_t i = 0; i < f->g.nodes_n; i++) {
        struct node *n = node_at(&f->g, (uint32_t)i);
        struct u256 taint = account_held(&f->s, n);

        if (!n->tainted || ret->balances_n == f->held_n)
            continue;
        ret->balances[ret->balances_n++] =
            (struct account_balance){n->holding, taint, n->hop, STOP_NONE, n->at.sums.balance};
        if (s->ask->policy == TRACE_POISON &&
            !total_add(s, &ret->totals[n->total].held, taint, err))
            return false;
        if (s->ask->units && keeps_units(s) && !node_units(s, n, err))
            return false;
    }
    return true;
}

bool account_live_tell(const struct account_live *t, struct arena *a, uint32_t number,
                       struct account_trace *ret, struct err *err)
{
    struct account_live_case c = account_live_case(t, number);
    const struct followed *f;
    struct state s;
    bool ok;

    if (c.over)
        return err_fail(err, c.over->class, "%s", c.over->text);
    f = t->cases[number];
    s = f->s;
    s.units = NULL;
    s.units_n = s.units_size = 0;
    *ret = (struct account_trace){
        .totals = arena_copy(a, s.totals, s.totals_n * sizeof(*s.totals)),
        .totals_n = s.totals_n,
        .unsettled = arena_copy(a, s.unsettled, s.unsettled_n * sizeof(*s.unsettled)),
        .unsettled_n = s.unsettled_n,
        .exact = c.exact,
        .full = c.full,
        .events = f->g.events};
    if (!ret->totals || !ret->unsettled)
        return arena_fail(a, err, "what a case holds");
    ok = hold_all(f, &s, a, ret, err);
    if (ok) {
        ret->units = arena_copy(a, s.units, s.units_n * sizeof(*s.units));
        ret->units_n = s.units_n;
        ok = ret->units || arena_fail(a, err, "what a case holds");
    }
    mem_free(s.units);
    if (!ok)
        return false;
    if (ret->balances_n)
        qsort(ret->balances, ret->balances_n, sizeof(*ret->balances), account_balance_compare);
    if (ret->units_n)
        qsort(ret->units, ret->units_n, sizeof(*ret->units), account_units_compare);
    if (ret->totals_n)
        qsort(ret->totals, ret->totals_n, sizeof(*ret->totals), account_total_compare);
    if (ret->unsettled_n)
        qsort(ret->unsettled, ret->unsettled_n, sizeof(*ret->unsettled), account_unsettled_compare);
    return true;
}
