#include "trace/live.h"

#include "base/mem.h"
#include "base/sort.h"
#include "trace/engine_parts.h"

#include <stdlib.h>
#include <string.h>

#define LOOK_MAX 64u /* cases of one output that are told */
#define SWEEP_LEAST 1024u
#define REACHED_KEPT 1024u

struct followed { /* a case */
    struct trace_case ask;
    uint64_t *origins;
    struct trace_mark *marks;  /* NULL: its origins are whole */
    size_t origins_size, told; /* told: origins that passes so far have told */
    uint64_t turn;             /* the last that came to it */
    uint32_t since;            /* passes there were when it was added */
    size_t held_n;
    struct err why; /* once it is over */
};

struct saved { /* of a case, before a pass */
    uint32_t number;
    bool inexact, full;
    struct trace_totals totals;
    size_t reached_all, unresolved_n, origins_n, origins_at, held_n;
    uint64_t runs_moved;
};

struct pass { /* what is needed to undo it */
    uint64_t txs_n, outputs_n, inputs_n;
    struct saved *saved;
    size_t saved_n, saved_size;
    struct queue_item *taken; /* a place of runs is one in runs */
    size_t taken_n, taken_size;
    struct run *runs;
    size_t runs_n, runs_size;
    uint64_t *put; /* what it has added to the table */
    size_t put_n, put_size;
};

struct trace_live {
    struct engine e;
    struct followed **cases; /* NULL: gone */
    size_t cases_size, states_size;
    uint64_t txs_n, outputs_n, inputs_n;
    uint64_t turn;
    uint32_t *touched;
    size_t touched_n, touched_size;
    struct pass *passes; /* [back_max], a ring */
    uint32_t back_max, depth, backs;
    struct pass *pass; /* the one in hand; NULL: it cannot be undone */
    size_t held_max;
    size_t over_held_n; /* about how many in the table are of cases that are over */
    struct queue_item *found;
    size_t found_n, found_size;
    bool broken;
};

static bool nomem(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "live traces");
}

/* ---- the engine asks and tells ---- */

static bool save(struct trace_live *t, uint32_t number, struct err *err)
{
    const struct state *s = &t->e.states[number];
    struct pass *p = t->pass;

    if (!p)
        return true;
    if (!mem_room((void **)&p->saved, &p->saved_size, p->saved_n + 1, sizeof(*p->saved)))
        return nomem(err);
    p->saved[p->saved_n++] = (struct saved){.number = number,
                                            .inexact = s->inexact,
                                            .full = s->full,
                                            .totals = s->totals,
                                            .reached_all = s->reached_all,
                                            .unresolved_n = s->unresolved_n,
                                            .origins_n = t->cases[number]->ask.origins_n,
                                            .origins_at = s->origins_at,
                                            .held_n = t->cases[number]->held_n,
                                            .runs_moved = s->runs_moved};
    return true;
}

static bool touch(void *live, size_t number, struct err *err)
{
    struct trace_live *t = live;

    if (t->cases[number]->turn == t->turn)
        return true;
    if (!mem_room((void **)&t->touched, &t->touched_size, t->touched_n + 1, sizeof(*t->touched)))
        return nomem(err);
    if (!save(t, (uint32_t)number, err))
        return false;
    t->cases[number]->turn = t->turn;
    t->touched[t->touched_n++] = (uint32_t)number;
    return true;
}

static void end_case(struct trace_live *t, size_t number, const struct err *why)
{
    struct followed *f = t->cases[number];
    struct state *s = &t->e.states[number];

    s->over = true;
    f->why = *why;
    t->over_held_n += f->held_n + s->reached_n;
    f->held_n = 0;
    engine_state_free(s);
    s->reached_n = s->reached_size = 0;
    s->unresolved_n = s->unresolved_size = 0;
}

/* ---- what is over leaves the table once it is much, or the table is full ---- */

static void sweep(struct trace_live *t, bool now)
{
    const struct queue_item *at;
    struct queue_item item;

    if (!now && (t->over_held_n < SWEEP_LEAST || t->over_held_n < held_n(t->e.held) / 2))
        return;
    for (size_t i = 0; (at = held_at(t->e.held, i)) != NULL; i++) {
        struct state *s;

        if (at->output == HELD_EMPTY)
            continue;
        s = &t->e.states[at->output >> OUTPUT_BITS];
        if (s->over && held_remove(t->e.held, at->output, &item))
            engine_drop_runs(&t->e, s, &item);
    }
    t->over_held_n = 0;
}

static void end_by_limit(void *live, size_t number, const struct err *why)
{
    struct trace_live *t = live;

    end_case(t, number, why);
    sweep(t, held_n(t->e.held) == t->held_max);
}

/* ---- a pass ---- */

static void pass_free(struct pass *p)
{
    mem_free(p->saved);
    mem_free(p->taken);
    mem_free(p->runs);
    mem_free(p->put);
    *p = (struct pass){0};
}

/* A first pass may have reached much. */
static void forget_reached(struct state *s)
{
    s->reached_n = 0;
    if (s->reached_size <= REACHED_KEPT)
        return;
    s->reached = mem_free(s->reached);
    s->reached_size = 0;
}

/* The queue is a new one, since it goes forward only: a case that is added begins in the past, and
 * after blocks were undone others come in their places. */
static bool turn_begin(struct trace_live *t, const struct coins *coins, struct err *err)
{
    for (size_t i = 0; i < t->touched_n; i++)
        forget_reached(&t->e.states[t->touched[i]]);
    t->touched_n = 0;
    t->turn++;
    t->e.coins = coins;
    queue_free(t->e.queue);
    t->e.queue = queue_new();
    return t->e.queue || nomem(err);
}

static void pass_begin(struct trace_live *t)
{
    t->pass = NULL;
    if (!t->back_max)
        return;
    t->pass = &t->passes[t->depth % t->back_max];
    pass_free(t->pass);
    *t->pass = (struct pass){.txs_n = t->txs_n, .outputs_n = t->outputs_n, .inputs_n = t->inputs_n};
}

static bool save_taken(struct trace_live *t, struct queue_item item, struct err *err)
{
    struct pass *p = t->pass;

    if (!p)
        return true;
    if (!mem_room((void **)&p->taken, &p->taken_size, p->taken_n + 1, sizeof(*p->taken)))
        return nomem(err);
    if (has_place(&item)) {
        if (p->runs_n > UINT32_MAX - item.runs_n)
            return err_fail(err, ERR_LIMIT, "a block spends taint in too many pieces");
        if (!mem_room((void **)&p->runs, &p->runs_size, p->runs_n + item.runs_n, sizeof(*p->runs)))
            return nomem(err);
        memcpy(p->runs + p->runs_n, t->e.store.at + item.runs, item.runs_n * sizeof(*p->runs));
        item.runs = (uint32_t)p->runs_n;
        p->runs_n += item.runs_n;
    }
    p->taken[p->taken_n++] = item;
    return true;
}

/* From the table to the queue. */
static bool spend(struct trace_live *t, struct queue_item *item, struct err *err)
{
    size_t number = item->output >> OUTPUT_BITS;
    struct state *s = &t->e.states[number];
    uint32_t spender = coins_spender(t->e.coins, item->output & OUTPUT_MASK);

    if (s->over) {
        engine_drop_runs(&t->e, s, item);
        return true;
    }
    if (spender == COINS_TX_NONE || spender < t->txs_n)
        return err_fail(err, ERR_CORRUPT, "output %llu: an input spends it, and it does not say so",
                        (unsigned long long)(item->output & OUTPUT_MASK));
    if (!touch(t, number, err) || !save_taken(t, *item, err))
        return false;
    s->totals.held -= item->taint;
    t->cases[number]->held_n--;
    item->tx = spender;
    return queue_push(t->e.queue, item) || nomem(err);
}

#define FETCH_AHEAD 16

static bool spend_all(struct trace_live *t, const struct coins *coins, struct err *err)
{
    for (uint64_t i = t->inputs_n; held_n(t->e.held) && i < coins->inputs_n; i++) {
        uint64_t source = load_le40(coins->in_source + i * ID_BYTES);

        if (i + FETCH_AHEAD < coins->inputs_n)
            held_fetch(t->e.held, load_le40(coins->in_source + (i + FETCH_AHEAD) * ID_BYTES));
        if (source >= t->outputs_n) /* outside, or new */
            continue;
        t->found_n = 0;
        if (!held_take(t->e.held, source, &t->found, &t->found_n, &t->found_size))
            return nomem(err);
        for (size_t k = 0; k < t->found_n; k++)
            if (!spend(t, &t->found[k], err))
                return false;
    }
    return true;
}

static bool more_origins(struct trace_live *t, const struct trace_live_origin *at, size_t n,
                         struct err *err)
{
    struct followed *f = t->cases[at->number];
    struct state *s = &t->e.states[at->number];
    size_t before = f->ask.origins_n;

    if (f->marks)
        return err_fail(err, ERR_USAGE, "a case with marks gets no more origins");
    if (!touch(t, at->number, err))
        return false;
    if (!mem_room((void **)&f->origins, &f->origins_size, before + n, sizeof(*f->origins)))
        return nomem(err);
    for (size_t i = 0; i < n; i++) {
        if (at[i].output < t->outputs_n)
            return err_fail(err, ERR_USAGE, "origin %llu is of a block before",
                            (unsigned long long)at[i].output);
        f->origins[before + i] = at[i].output;
    }
    f->ask.origins = f->origins;
    f->ask.origins_n = before + n;
    if (engine_origins(&t->e, s, before, err))
        return true;
    if (err->class != ERR_LIMIT)
        return false;
    end_by_limit(t, at->number, err);
    return true;
}

static bool all_origins(struct trace_live *t, const struct trace_live_origin *origins, size_t n,
                        struct err *err)
{
    for (size_t from = 0, to; from < n; from = to) {
        uint32_t number = origins[from].number;

        for (to = from + 1; to < n && origins[to].number == number; to++)
            ;
        if (number < t->e.cases_n && t->cases[number] && !t->e.states[number].over &&
            !more_origins(t, origins + from, to - from, err))
            return false;
    }
    return true;
}

static bool waits(const struct trace_reached *r)
{
    return r->spent_by == COINS_TX_NONE && r->stop < 0 && r->taint;
}

static bool case_done(struct trace_live *t, uint32_t number, struct err *err)
{
    struct state *s = &t->e.states[number];
    struct followed *f = t->cases[number];
    struct pass *p = t->pass;

    if (!engine_conserved(s, number, err) || !engine_place_origins(&t->e, s, f->told, err))
        return false;
    f->told = f->ask.origins_n;
    for (size_t i = 0; i < s->reached_n; i++) {
        if (!waits(&s->reached[i]))
            continue;
        f->held_n++;
        if (!p)
            continue;
        if (!mem_room((void **)&p->put, &p->put_size, p->put_n + 1, sizeof(*p->put)))
            return nomem(err);
        p->put[p->put_n++] = (uint64_t)number << OUTPUT_BITS | s->reached[i].output;
    }
    return true;
}

static bool turn_end(struct trace_live *t, struct err *err)
{
    if (!engine_pass(&t->e, err))
        return false;
    for (size_t i = 0; i < t->touched_n; i++)
        if (!t->e.states[t->touched[i]].over && !case_done(t, t->touched[i], err))
            return false;
    return true;
}

bool trace_live_advance(struct trace_live *t, const struct coins *coins,
                        const struct trace_live_origin *origins, size_t origins_n, struct err *err)
{
    if (t->broken || coins->txs_n < t->txs_n || coins->outputs_n < t->outputs_n ||
        coins->inputs_n < t->inputs_n)
        return err_fail(err, ERR_CORRUPT, "live traces: the ledger is not that of before and more");
    t->broken = true; /* unless it comes to its end */
    pass_begin(t);
    if (!turn_begin(t, coins, err) || !all_origins(t, origins, origins_n, err) ||
        !spend_all(t, coins, err) || !turn_end(t, err))
        return false;
    t->txs_n = coins->txs_n;
    t->outputs_n = coins->outputs_n;
    t->inputs_n = coins->inputs_n;
    t->depth++;
    t->backs += t->backs < t->back_max;
    t->broken = false;
    sweep(t, false);
    return true;
}

/* ---- a case more, a case less ---- */

static struct followed *followed_free(struct followed *f)
{
    if (!f)
        return NULL;
    mem_free(f->origins);
    mem_free(f->marks);
    return mem_free(f);
}

static struct followed *followed_new(const struct trace_case *ask)
{
    struct followed *f = mem_zero(sizeof(*f));

    if (!f ||
        !mem_room((void **)&f->origins, &f->origins_size, ask->origins_n + 1, sizeof(*f->origins)))
        return followed_free(f);
    if (ask->origins_n)
        memcpy(f->origins, ask->origins, ask->origins_n * sizeof(*f->origins));
    if (ask->marks) {
        f->marks = mem_array(ask->origins_n + 1, sizeof(*f->marks));
        if (!f->marks)
            return followed_free(f);
        memcpy(f->marks, ask->marks, ask->origins_n * sizeof(*f->marks));
    }
    f->ask = *ask;
    f->ask.origins = f->origins;
    f->ask.marks = f->marks;
    f->ask.units = false; /* told from what is held */
    return f;
}

static bool place_case(struct trace_live *t, const struct trace_case *ask, struct err *err)
{
    size_t n = t->e.cases_n;

    if (!mem_room((void **)&t->e.states, &t->states_size, n + 1, sizeof(*t->e.states)) ||
        !mem_room((void **)&t->cases, &t->cases_size, n + 1, sizeof(struct followed *)))
        return nomem(err);
    t->cases[n] = followed_new(ask);
    if (!t->cases[n])
        return nomem(err);
    t->cases[n]->since = t->depth;
    t->e.states[n] = (struct state){0};
    t->e.cases_n++;
    return true;
}

/* What was queued for a case that is not taken goes. */
static bool follow_past(struct trace_live *t, uint32_t number, struct err *err)
{
    struct err why;

    if (!touch(t, number, err))
        return false;
    if (!engine_case(&t->e, &t->e.states[number], &t->cases[number]->ask, err)) {
        if (err->class != ERR_LIMIT && err->class != ERR_USAGE)
            return false;
        why = *err;
        end_case(t, number, &why);
    }
    return turn_end(t, err);
}

bool trace_live_add(struct trace_live *t, const struct coins *coins, const struct trace_case *ask,
                    uint32_t *ret_number, struct err *err)
{
    uint32_t number = (uint32_t)t->e.cases_n;

    if (t->broken || coins->txs_n != t->txs_n || coins->outputs_n != t->outputs_n)
        return err_fail(err, ERR_CORRUPT, "live traces: the ledger is not that of before");
    if (number >= TRACE_CASES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu cases in all", TRACE_CASES_MAX);
    if (ask->policy == TRACE_LIBR)
        return err_fail(err, ERR_USAGE, "live traces over coins know no rule of accounts");
    if (!place_case(t, ask, err))
        return false;
    t->broken = true;
    t->pass = NULL;
    if (!turn_begin(t, coins, err) || !follow_past(t, number, err))
        return false;
    t->broken = false;
    if (t->e.states[number].over) {
        *err = t->cases[number]->why;
        trace_live_remove(t, number);
        return false;
    }
    *ret_number = number;
    return true;
}

void trace_live_remove(struct trace_live *t, uint32_t number)
{
    static const struct err gone = {.class = ERR_NOT_FOUND, .text = "no longer followed"};

    if (number >= t->e.cases_n || !t->cases[number])
        return;
    end_case(t, number, &gone);
    for (size_t i = 0; i < t->touched_n; i++)
        if (t->touched[i] == number)
            t->touched[i--] = t->touched[--t->touched_n];
    t->cases[number] = followed_free(t->cases[number]);
    sweep(t, false);
}

/* ---- undone ---- */

static void end_younger(struct trace_live *t)
{
    static const struct err why = {.class = ERR_NOT_FOUND,
                                   .text = "blocks were undone since it was added"};
    bool any = false;

    for (uint32_t i = 0; i < t->e.cases_n; i++)
        if (t->cases[i] && !t->e.states[i].over && t->cases[i]->since >= t->depth) {
            end_case(t, i, &why);
            any = true;
        }
    if (any)
        sweep(t, true);
}

static void unput(struct trace_live *t, const struct pass *p)
{
    struct queue_item item;

    for (size_t i = 0; i < p->put_n; i++)
        if (held_remove(t->e.held, p->put[i], &item))
            engine_drop_runs(&t->e, &t->e.states[item.output >> OUTPUT_BITS], &item);
}

static bool untake(struct trace_live *t, const struct pass *p, const struct queue_item *item,
                   struct err *err)
{
    struct state *s = &t->e.states[item->output >> OUTPUT_BITS];
    struct queue_item *place;
    uint32_t next;

    if (s->over)
        return true;
    place = held_place(t->e.held, item->output);
    if (!place)
        return err_fail(err, ERR_LIMIT, "more tainted outputs than may be held");
    next = place->tx;
    *place = *item;
    place->tx = next;
    if (!has_place(item))
        return true;
    s->runs_live += item->runs_n;
    return run_store_put(&t->e.store, p->runs + item->runs, item->runs_n, &place->runs) ||
           nomem(err);
}

static void unsave(struct trace_live *t, const struct saved *saved)
{
    struct state *s = &t->e.states[saved->number];
    struct followed *f = t->cases[saved->number];

    if (!f || s->over)
        return;
    s->inexact = saved->inexact;
    s->full = saved->full;
    s->totals = saved->totals;
    s->reached_all = saved->reached_all;
    s->unresolved_n = saved->unresolved_n;
    s->origins_at = saved->origins_at;
    s->runs_moved = saved->runs_moved;
    f->held_n = saved->held_n;
    f->ask.origins_n = f->told = saved->origins_n;
}

bool trace_live_back(struct trace_live *t, struct err *err)
{
    struct pass *p;

    if (t->broken || !t->backs)
        return err_fail(err, t->broken ? ERR_CORRUPT : ERR_NOT_FOUND,
                        "live traces: no pass that could be undone");
    t->broken = true;
    if (!turn_begin(t, NULL, err))
        return false;
    p = &t->passes[(t->depth - 1) % t->back_max];
    end_younger(t);
    unput(t, p);
    for (size_t i = 0; i < p->taken_n; i++)
        if (!untake(t, p, &p->taken[i], err))
            return false;
    for (size_t i = 0; i < p->saved_n; i++)
        unsave(t, &p->saved[i]);
    t->txs_n = p->txs_n;
    t->outputs_n = p->outputs_n;
    t->inputs_n = p->inputs_n;
    t->depth--;
    t->backs--;
    t->broken = false;
    return true;
}

/* ---- the whole ---- */

bool trace_live_new(struct trace_live_limits limits, struct trace_live **ret, struct err *err)
{
    struct trace_live *t = mem_zero(sizeof(*t));

    if (!t)
        return nomem(err);
    t->back_max = limits.back_max < TRACE_LIVE_BACK_MAX ? limits.back_max : TRACE_LIVE_BACK_MAX;
    t->passes = mem_array(t->back_max, sizeof(*t->passes));
    t->held_max = limits.held_max ? limits.held_max : TRACE_LIVE_HELD_MAX;
    t->e.held = held_new(t->held_max, OUTPUT_MASK);
    t->e.begin = touch;
    t->e.over = end_by_limit;
    t->e.ctx = t;
    if (!t->passes || !t->e.held) {
        trace_live_free(t);
        return nomem(err);
    }
    *ret = t;
    return true;
}

struct trace_live *trace_live_free(struct trace_live *t)
{
    if (!t)
        return NULL;
    for (size_t i = 0; i < t->e.cases_n; i++)
        followed_free(t->cases[i]);
    for (uint32_t i = 0; t->passes && i < t->back_max; i++)
        pass_free(&t->passes[i]);
    mem_free(t->cases);
    mem_free(t->touched);
    mem_free(t->passes);
    mem_free(t->found);
    held_free(t->e.held);
    engine_end(&t->e);
    return mem_free(t);
}

/* ---- told ---- */

uint64_t trace_live_txs(const struct trace_live *t)
{
    return t->txs_n;
}

uint32_t trace_live_backs(const struct trace_live *t)
{
    return t->backs;
}

size_t trace_live_holds(const struct trace_live *t, uint64_t output, struct trace_live_hold *ret,
                        size_t max)
{
    struct queue_item items[LOOK_MAX];
    size_t n = held_look(t->e.held, output, items, max < LOOK_MAX ? max : LOOK_MAX);

    for (size_t i = 0; i < n; i++)
        ret[i] = (struct trace_live_hold){.number = (uint32_t)(items[i].output >> OUTPUT_BITS),
                                          .hop = items[i].hop,
                                          .taint = items[i].taint};
    return n;
}

uint64_t trace_live_held(const struct trace_live *t)
{
    return held_n(t->e.held);
}

uint64_t trace_live_bytes(const struct trace_live *t)
{
    uint64_t n = held_bytes(t->e.held) + t->e.store.size * sizeof(*t->e.store.at) +
                 t->states_size * sizeof(*t->e.states);

    for (uint32_t i = 0; i < t->back_max; i++) {
        const struct pass *p = &t->passes[i];

        n += p->saved_size * sizeof(*p->saved) + p->taken_size * sizeof(*p->taken) +
             p->runs_size * sizeof(*p->runs) + p->put_size * sizeof(*p->put);
    }
    for (size_t i = 0; i < t->e.cases_n; i++)
        n += t->e.states[i].reached_size * sizeof(*t->e.states[i].reached);
    return n;
}

struct trace_live_case trace_live_case(const struct trace_live *t, uint32_t number)
{
    static const struct err gone = {.class = ERR_NOT_FOUND, .text = "no such case"};
    const struct state *s;

    if (number >= t->e.cases_n || !t->cases[number])
        return (struct trace_live_case){.over = &gone};
    s = &t->e.states[number];
    return (struct trace_live_case){.totals = s->totals,
                                    .reached_n = s->reached_all + t->cases[number]->ask.origins_n,
                                    .held_n = t->cases[number]->held_n,
                                    .exact = !s->inexact,
                                    .full = s->full,
                                    .over = s->over ? &t->cases[number]->why : NULL};
}

size_t trace_live_touched(const struct trace_live *t, const uint32_t **ret)
{
    *ret = t->touched;
    return t->touched_n;
}

const struct trace_reached *trace_live_reached(const struct trace_live *t, uint32_t number,
                                               size_t *ret_n)
{
    bool there = number < t->e.cases_n && t->cases[number] && t->cases[number]->turn == t->turn;

    *ret_n = there ? t->e.states[number].reached_n : 0;
    return there ? t->e.states[number].reached : NULL;
}

static int by_output(const void *one, const void *other)
{
    const struct queue_item *a = one, *b = other;

    return a->output < b->output ? -1 : a->output > b->output;
}

static bool is_origin(const struct followed *f, uint64_t output)
{
    size_t low = 0, high = f->ask.origins_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (f->origins[middle] < output)
            low = middle + 1;
        else
            high = middle;
    }
    return low < f->ask.origins_n && f->origins[low] == output;
}

static size_t units_of(const struct trace_live *t, const struct queue_item *item,
                       struct trace_units *ret)
{
    uint64_t output = item->output & OUTPUT_MASK;

    if (item->runs_n == RUNS_ONE) {
        *ret = (struct trace_units){output, item->runs, item->runs + item->taint};
        return 1;
    }
    for (uint32_t r = 0; r < item->runs_n; r++)
        ret[r] = (struct trace_units){output, t->e.store.at[item->runs + r].start,
                                      t->e.store.at[item->runs + r].end};
    return item->runs_n;
}

bool trace_live_tell(const struct trace_live *t, struct arena *a, uint32_t number,
                     struct trace *ret, struct err *err)
{
    struct trace_live_case c = trace_live_case(t, number);
    struct queue_item *items = ARENA_ARRAY(a, struct queue_item, c.held_n);
    const struct queue_item *at;
    const struct state *s;
    size_t n = 0, units_n = 0;

    if (c.over)
        return err_fail(err, c.over->class, "%s", c.over->text);
    s = &t->e.states[number];
    *ret = (struct trace){.reached = ARENA_ARRAY(a, struct trace_reached, c.held_n),
                          .reached_n = c.held_n,
                          .unresolved = s->unresolved,
                          .unresolved_n = s->unresolved_n,
                          .totals = s->totals,
                          .full = s->full,
                          .exact = !s->inexact};
    for (size_t i = 0; items && (at = held_at(t->e.held, i)) != NULL; i++)
        if (at->output != HELD_EMPTY && at->output >> OUTPUT_BITS == number && n < c.held_n) {
            items[n++] = *at;
            units_n += at->runs_n == RUNS_ONE ? 1 : at->runs_n;
        }
    ret->units = ARENA_ARRAY(a, struct trace_units, units_n);
    if (!items || !ret->reached || !ret->units)
        return arena_fail(a, err, "what a case holds");
    qsort(items, n, sizeof(*items), by_output);
    for (size_t i = 0; i < n; i++) {
        uint64_t output = items[i].output & OUTPUT_MASK;

        ret->reached[i] = (struct trace_reached){.output = output,
                                                 .taint = items[i].taint,
                                                 .hop = items[i].hop,
                                                 .spent_by = COINS_TX_NONE,
                                                 .stop = -1,
                                                 .origin = is_origin(t->cases[number], output)};
        ret->units_n += units_of(t, &items[i], ret->units + ret->units_n);
    }
    ret->reached_n = n;
    return true;
}
