/* Forward traces: one pass, in the order of the ledger, over the transactions that spend something
 * tainted.
 *
 * A tainted output that is followed waits in the queue for the transaction that spends it; edges
 * only point forward, so the least transaction in the queue has all its tainted inputs there, and
 * is done with once visited. One that several cases come to is read once; each case then looks only
 * at its own outputs, so that none can change another's result. Outputs are reached in the order of
 * the ledger, which is the order of the result.
 *
 *     queue: least transaction -> its tainted inputs, by case -> policy: shares of outputs and
 *            of the fee -> reached, queue
 *
 * Memory is fetched a few transactions ahead of the visit, since a chain's columns are larger than
 * any cache. */
#include "trace/engine_parts.h"

#include "base/mem.h"

#include <string.h>

#define DUE_NONE UINT32_MAX
#define DUE_SHORT 16

static const char *const policy_names[] = {"fifo", "lifo", "haircut", "tiho", "poison", "libr"};

const char *trace_policy_name(enum trace_policy policy)
{
    return policy_names[policy];
}

bool trace_policy_from_name(const char *name, enum trace_policy *ret)
{
    for (size_t i = 0; i < sizeof(policy_names) / sizeof(policy_names[0]); i++)
        if (!strcmp(name, policy_names[i])) {
            *ret = (enum trace_policy)i;
            return true;
        }
    return false;
}

static bool keeps_runs(enum trace_policy policy)
{
    return policy == TRACE_FIFO || policy == TRACE_LIFO;
}

static bool nomem(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "trace");
}

/* Totals are sums over different outputs of a chain; damaged columns alone can bring one past 64
 * bits. */
static bool count(uint64_t *total, uint64_t amount, struct err *err)
{
    if (__builtin_add_overflow(*total, amount, total))
        return err_fail(err, ERR_CORRUPT, "tainted amounts add up past 64 bits");
    return true;
}

/* Where the next of what is reached is to be written, all of it; NULL: it cannot be. */
static struct trace_reached *reached_place(struct state *s, struct err *err)
{
    if (s->reached_all + s->ask->origins_n >= s->reached_max && !s->ask->reached_cut) {
        err_fail(err, ERR_LIMIT, "more than %zu outputs are reached", s->reached_max);
        return NULL;
    }
    if (!mem_room((void **)&s->reached, &s->reached_size, s->reached_n + 1, sizeof(*s->reached))) {
        nomem(err);
        return NULL;
    }
    s->reached_all++;
    return &s->reached[s->reached_n++];
}

/* ---- the transaction in hand, for one case: due[from, to) is what it spends ---- */

static bool unresolved_add(struct state *s, uint32_t tx, uint64_t taint, struct err *err)
{
    if (!mem_room((void **)&s->unresolved, &s->unresolved_size, s->unresolved_n + 1,
                  sizeof(*s->unresolved)))
        return nomem(err);
    s->unresolved[s->unresolved_n++] = (struct trace_unresolved){tx, taint};
    s->inexact = true;
    return count(&s->totals.unresolved, taint, err);
}

/* Which of due[from, to) is that output, or to. Few inputs are tainted as a rule; looking at each
 * is quicker then. */
static size_t due_find(const struct engine *e, size_t from, size_t to, uint64_t output)
{
    uint64_t wanted = (e->due[from].output >> OUTPUT_BITS << OUTPUT_BITS) | output;
    size_t end = to;

    while (to - from > DUE_SHORT) {
        size_t middle = from + (to - from) / 2;

        if (e->due[middle].output <= wanted)
            from = middle;
        else
            to = middle;
    }
    for (; from < to; from++)
        if (e->due[from].output == wanted)
            return from;
    return end;
}

/* Which inputs are tainted. Each that is due must be spent by exactly one of them. */
static bool match_inputs(struct engine *e, size_t from, size_t to, struct err *err)
{
    const struct parts *p = &e->parts;
    size_t matched = 0;

    for (size_t i = 0; i < p->in.n; i++) {
        size_t k = p->in_output[i] == COINS_NONE ? to : due_find(e, from, to, p->in_output[i]);

        e->in_due[i] = DUE_NONE;
        if (k == to)
            continue;
        if (e->due[k].tx == QUEUE_NONE)
            return err_fail(err, ERR_CORRUPT, "transaction %u: spends output %llu twice", p->tx,
                            (unsigned long long)p->in_output[i]);
        e->due[k].tx = QUEUE_NONE;
        e->in_due[i] = (uint32_t)k;
        matched++;
    }
    if (matched != to - from)
        return err_fail(err, ERR_CORRUPT, "transaction %u: does not spend an output that says so",
                        p->tx);
    return true;
}

static bool line_of_inputs(struct engine *e, bool turned)
{
    const struct parts *p = &e->parts;
    uint64_t base = 0;

    e->line.n = 0;
    for (size_t i = 0; i < p->in.n; base += p->in_value[i++]) {
        const struct queue_item *due;

        if (e->in_due[i] == DUE_NONE)
            continue;
        due = &e->due[e->in_due[i]];
        if (!due->runs_n && !run_list_add(&e->line, base, base + p->in_value[i]))
            return false;
        if (due->runs_n == RUNS_ONE &&
            !run_list_add(&e->line, base + due->runs, base + due->runs + due->taint))
            return false;
        for (uint32_t r = 0; has_place(due) && r < due->runs_n; r++) {
            struct run run = e->store.at[due->runs + r];

            if (!run_list_add(&e->line, base + run.start, base + run.end))
                return false;
        }
    }
    if (turned)
        run_list_turn(&e->line, p->in_sum);
    return true;
}

void engine_drop_runs(struct engine *e, struct state *s, const struct queue_item *item)
{
    if (!has_place(item))
        return;
    run_store_drop(&e->store, item->runs, item->runs_n);
    s->runs_live -= item->runs_n;
}

/* What was tainted in the inputs is spent. */
static void drop_runs(struct engine *e, struct state *s, size_t from, size_t to)
{
    for (size_t k = from; k < to; k++)
        engine_drop_runs(e, s, &e->due[k]);
}

static bool keep_runs(struct engine *e, struct state *s, struct queue_item *item, struct err *err)
{
    size_t n = e->piece.n;

    if (n == 1 && e->piece.at[0].start <= UINT32_MAX) {
        item->runs = (uint32_t)e->piece.at[0].start;
        item->runs_n = RUNS_ONE;
        return true;
    }
    if (n > TRACE_RUNS_MAX - s->runs_live || n > TRACE_RUNS_MOVED_MAX - s->runs_moved)
        return err_fail(err, ERR_LIMIT, "transaction %u: taint is in too many pieces", e->parts.tx);
    if (!run_store_put(&e->store, e->piece.at, (uint32_t)n, &item->runs))
        return nomem(err);
    item->runs_n = (uint32_t)n;
    s->runs_live += n;
    s->runs_moved += n;
    return true;
}

static uint64_t case_of(const struct engine *e, const struct state *s)
{
    return (uint64_t)(s - e->states) << OUTPUT_BITS;
}

/* e->piece of an output that is held. */
static bool tell_units(const struct engine *e, struct state *s, uint64_t output, struct err *err)
{
    size_t n = e->piece.n;

    if (n > TRACE_RUNS_MAX - s->units_n)
        return err_fail(err, ERR_LIMIT, "what is held is tainted in too many pieces");
    if (!mem_room((void **)&s->units, &s->units_size, s->units_n + n, sizeof(*s->units)))
        return nomem(err);
    for (size_t i = 0; i < n; i++)
        s->units[s->units_n++] =
            (struct trace_units){output, e->piece.at[i].start, e->piece.at[i].end};
    return true;
}

/* Past the most that may be reached, in the order of the ledger: origins that came before count. */
static bool is_full(const struct state *s)
{
    return s->ask->reached_cut && s->reached_all + s->origins_at >= s->reached_max;
}

/* Whole; what is held keeps its tx, by which it is found again. */
static void fill_item(struct queue_item *item, uint32_t spent_by, uint64_t output, uint32_t hop,
                      uint64_t taint)
{
    if (spent_by != COINS_TX_NONE)
        item->tx = spent_by;
    item->hop = hop;
    item->output = output;
    item->taint = taint;
    item->runs = item->runs_n = 0;
}

/* Where an output with taint waits: for the transaction that spends it, or for one of a later
 * block. */
static struct queue_item *waiting_place(struct engine *e, uint32_t spent_by, uint64_t output,
                                        struct err *err)
{
    struct queue_item *item =
        spent_by == COINS_TX_NONE ? held_place(e->held, output) : queue_place(e->queue, spent_by);

    if (!item && spent_by == COINS_TX_NONE)
        err_fail(err, ERR_LIMIT, "more tainted outputs than may be held");
    else if (!item)
        nomem(err);
    return item;
}

/* An output has got taint: e->piece says where in it, if the policy keeps runs. An origin knows no
 * stop and is not too small. */
static bool reach(struct engine *e, struct state *s, uint64_t output, uint64_t value,
                  uint64_t taint, uint32_t hop, bool origin, struct err *err)
{
    const struct trace_case *ask = s->ask;
    int32_t stop = ask->stop_of && !origin ? ask->stop_of(ask->stop_ctx, output) : -1;
    struct trace_reached *r;
    struct queue_item *item;
    uint32_t spent_by;

    if (stop < 0 && !origin && taint < ask->dust)
        return count(&s->totals.dust, taint, err);
    if (!origin && is_full(s)) {
        s->full = true;
        return count(&s->totals.cut, taint, err);
    }
    spent_by = coins_spender(e->coins, output);
    if (spent_by <= e->parts.tx)
        return err_fail(err, ERR_CORRUPT,
                        "transaction %u: its output %llu is spent before it is made", e->parts.tx,
                        (unsigned long long)output);
    r = reached_place(s, err);
    if (!r)
        return false;
    *r = (struct trace_reached){.output = output,
                                .taint = taint,
                                .spent_by = spent_by,
                                .hop = hop,
                                .stop = stop,
                                .origin = origin};
    if (stop < 0 && spent_by == COINS_TX_NONE && ask->units && keeps_runs(ask->policy) &&
        taint != value && !tell_units(e, s, output, err))
        return false;
    if ((stop >= 0 || spent_by == COINS_TX_NONE || !taint) &&
        !count(stop >= 0 ? &s->totals.exits : &s->totals.held, taint, err))
        return false;
    if (stop >= 0 || !taint || (spent_by == COINS_TX_NONE && !e->held))
        return true;
    item = waiting_place(e, spent_by, case_of(e, s) | output, err);
    if (!item)
        return false;
    fill_item(item, spent_by, case_of(e, s) | output, hop, taint);
    return !keeps_runs(ask->policy) || taint == value || keep_runs(e, s, item, err);
}

/* Which units are tainted is a question only where some are not. */
static bool by_runs(const struct engine *e, enum trace_policy policy, uint64_t tainted)
{
    return keeps_runs(policy) && tainted < e->parts.in_sum;
}

/* Shares of all parts, where how much is all there is to know. */
static void share_amounts(struct engine *e, enum trace_policy policy, uint64_t tainted)
{
    const struct parts *p = &e->parts;

    if (policy == TRACE_HAIRCUT)
        share_haircut(p->out_value, p->out.n + 1, p->in_sum, tainted, e->share, e->ranked);
    else if (policy == TRACE_TIHO)
        share_tiho(p->out_value, p->out.n + 1, tainted, e->share, e->ranked);
    else /* poison, and what is tainted whole: the fee too, as far as it is known */
        memcpy(e->share, p->out_value, (p->out.n + 1) * sizeof(*e->share));
}

/* An origin of value 0 leads nowhere, and is listed all the same. */
static bool is_marked(const struct trace_mark *mark)
{
    return mark->taint || !mark->arrival;
}

static void swap_lists(struct run_list *a, struct run_list *b)
{
    struct run_list swap = *a;

    *a = *b;
    *b = swap;
}

/* e->piece, and the first n units besides: as many as they are together. */
static bool piece_mark(struct engine *e, uint64_t n, uint64_t *ret_n)
{
    uint64_t end = n;
    size_t i = 0;

    e->marked.n = 0;
    for (; i < e->piece.n && e->piece.at[i].start <= end; i++)
        end = e->piece.at[i].end > end ? e->piece.at[i].end : end;
    if (!run_list_add(&e->marked, 0, end))
        return false;
    *ret_n = end;
    for (; i < e->piece.n; i++) {
        *ret_n += e->piece.at[i].end - e->piece.at[i].start;
        if (!run_list_add(&e->marked, e->piece.at[i].start, e->piece.at[i].end))
            return false;
    }
    swap_lists(&e->piece, &e->marked);
    return true;
}

/* An origin with a mark, and what has flowed into it: e->piece says where, if cuts. */
static bool reach_mark(struct engine *e, struct state *s, size_t i, uint64_t inflow, bool cuts,
                       uint32_t hop, struct err *err)
{
    const struct trace_mark *mark = &s->ask->marks[i];
    uint64_t output = s->ask->origins[i], value = coins_value(e->coins, output), taint = value;

    if (!inflow || mark->hop < hop)
        hop = mark->hop;
    if (keeps_runs(s->ask->policy) && (cuts || !inflow) && value) {
        if (!cuts)
            e->piece.n = 0;
        if (!piece_mark(e, mark->taint, &taint))
            return nomem(err);
    } else if (s->ask->policy != TRACE_POISON && value - inflow > mark->taint) {
        taint = inflow + mark->taint;
    }
    return count(mark->arrival ? &s->totals.converted_in : &s->totals.origin, taint - inflow,
                 err) &&
           reach(e, s, output, value, taint, hop, !mark->arrival, err);
}

/* Marked origins among the outputs into which nothing flows. */
static bool reach_marks(struct engine *e, struct state *s, struct err *err)
{
    const struct trace_case *ask = s->ask;
    uint64_t end = e->parts.out.first + e->parts.out.n;

    while (s->origins_at < ask->origins_n && ask->origins[s->origins_at] < e->parts.out.first)
        s->origins_at++;
    for (; s->origins_at < ask->origins_n && ask->origins[s->origins_at] < end; s->origins_at++)
        if (is_marked(&ask->marks[s->origins_at]) &&
            !reach_mark(e, s, s->origins_at, 0, false, 0, err))
            return false;
    return true;
}

/* The outputs in order: whichever got a share is reached; one that is an origin is so already, and
 * whole. */
static bool deal_shares(struct engine *e, struct state *s, uint64_t tainted, uint32_t hop,
                        struct err *err)
{
    const struct parts *p = &e->parts;
    const struct trace_case *ask = s->ask;
    bool cuts = by_runs(e, ask->policy, tainted);
    uint64_t position = 0, left = tainted;
    size_t cut_at = 0;

    if (!cuts)
        share_amounts(e, ask->policy, tainted);
    while (s->origins_at < ask->origins_n && ask->origins[s->origins_at] < p->out.first)
        s->origins_at++;
    for (size_t j = 0; j < p->out.n; position += p->out_value[j++]) {
        uint64_t output = p->out.first + j, taint;

        if (cuts && !runs_cut(&e->line, &cut_at, position, position + p->out_value[j], &e->piece,
                              &e->share[j]))
            return nomem(err);
        taint = e->share[j];
        left -= taint;
        if (s->origins_at < ask->origins_n && ask->origins[s->origins_at] == output) {
            size_t i = s->origins_at++;

            if (!ask->marks)
                s->totals.origin -= taint;
            else if ((taint || is_marked(&ask->marks[i])) &&
                     !reach_mark(e, s, i, taint, cuts, hop, err))
                return false;
        } else if (taint && !reach(e, s, output, p->out_value[j], taint, hop, false, err)) {
            return false;
        }
    }
    return count(&s->totals.fees, ask->policy == TRACE_POISON ? e->share[p->out.n] : left, err);
}

static bool visit_case(struct engine *e, size_t from, size_t to, struct err *err)
{
    struct state *s = &e->states[e->due[from].output >> OUTPUT_BITS];
    const struct trace_case *ask = s->ask;
    uint32_t hop = UINT32_MAX;
    uint64_t tainted = 0;
    bool ok;

    if (s->over) {
        drop_runs(e, s, from, to);
        return true;
    }
    if (e->begin && !e->begin(e->ctx, (size_t)(s - e->states), err))
        return false;
    if (ask->marks) { /* those that wait for their maker; no input spends them here */
        while (to > from && (e->due[to - 1].output & OUTPUT_MASK) >= e->parts.out.first)
            to--;
        if (to == from)
            return reach_marks(e, s, err);
    }
    for (size_t k = from; k < to; k++) {
        if (e->due[k].hop < hop)
            hop = e->due[k].hop;
        if (!count(&tainted, e->due[k].taint, err))
            return false;
    }
    if (!match_inputs(e, from, to, err))
        return false;
    if (hop >= ask->hops_max) {
        ok = count(&s->totals.cut, tainted, err);
    } else if (!e->parts.known && ask->policy != TRACE_POISON) {
        ok = unresolved_add(s, e->parts.tx, tainted, err);
    } else {
        s->inexact |= !e->parts.known;
        if (by_runs(e, ask->policy, tainted) && !line_of_inputs(e, ask->policy == TRACE_LIFO))
            return nomem(err);
        ok = deal_shares(e, s, tainted, hop + 1, err);
    }
    drop_runs(e, s, from, to);
    return ok && (!ask->marks || reach_marks(e, s, err));
}

/* ---- the pass ---- */

static void fetch_both_ends(const uint8_t *p, uint64_t n)
{
    __builtin_prefetch(p);
    __builtin_prefetch(p + n - !!n);
}

/* Memory for transactions to come, in three steps, since each needs what the one before has
 * fetched: where their parts are; their parts; what their inputs spend. */
static void fetch(const struct engine *e, unsigned stage, uint32_t tx)
{
    const struct coins *c = e->coins;
    const struct queue_item *item;
    struct coins_range in, out;

    __builtin_prefetch(c->tx_first + (uint64_t)tx * TX_FIRST_BYTES);
    if (stage == 0)
        return;
    in = coins_inputs(c, tx);
    if (stage == 1) {
        out = coins_outputs(c, tx);
        item = queue_glance(e->queue, tx);
        if (item && has_place(item))
            __builtin_prefetch(&e->store.at[item->runs]);
        fetch_both_ends(c->in_source + in.first * ID_BYTES, in.n * ID_BYTES);
        fetch_both_ends(c->out_value + out.first * 8, out.n * 8);
        fetch_both_ends(c->out_spent + out.first * 4, out.n * 4);
        return;
    }
    for (uint64_t i = 0; i < in.n && i < 8; i++) {
        uint64_t source = load_le40(c->in_source + (in.first + i) * ID_BYTES);

        if (source < c->outputs_n)
            __builtin_prefetch(c->out_value + source * 8);
    }
}

static void fetch_ahead(struct engine *e, uint32_t tx)
{
    static const uint32_t leads[ENGINE_STAGES] = {24, 16, 8};

    for (unsigned stage = 0; stage < ENGINE_STAGES; stage++) {
        struct ahead *a = &e->ahead[stage];

        if (a->lead)
            a->lead--;
        if (!a->lead || a->key < tx)
            *a = (struct ahead){tx, 0};
        while (a->lead < leads[stage]) {
            uint32_t next = queue_after(e->queue, a->key);

            if (next == QUEUE_NONE)
                break;
            fetch(e, stage, next);
            a->key = next;
            a->lead++;
        }
    }
}

/* A live case that meets a limit ends, and the others go on. */
static bool ends_alone(struct engine *e, size_t from, const struct err *err)
{
    size_t number = e->due[from].output >> OUTPUT_BITS;

    if (!e->over || err->class != ERR_LIMIT)
        return false;
    e->states[number].over = true;
    e->over(e->ctx, number, err);
    return true;
}

static bool visit(struct engine *e, uint32_t tx, struct err *err)
{
    struct parts *p = &e->parts;

    if (!queue_take_all(e->queue, tx, &e->due, &e->due_n, &e->due_size))
        return nomem(err);
    if (!parts_read(p, e->coins, tx, err))
        return false;
    if (p->in.first < e->in_end || p->out.first < e->out_end)
        return err_fail(err, ERR_CORRUPT, "transaction %u: its inputs or outputs are another's",
                        tx);
    e->in_end = p->in.first + p->in.n;
    e->out_end = p->out.first + p->out.n;
    if (!mem_room((void **)&e->in_due, &e->in_due_size, p->in.n, sizeof(*e->in_due)) ||
        !mem_room((void **)&e->share, &e->share_size, p->out.n + 1, sizeof(*e->share)) ||
        !mem_room((void **)&e->ranked, &e->ranked_size, p->out.n + 1, sizeof(*e->ranked)))
        return nomem(err);
    for (size_t from = 0, to; from < e->due_n; from = to) {
        for (to = from + 1;
             to < e->due_n && !((e->due[to].output ^ e->due[from].output) >> OUTPUT_BITS); to++)
            ;
        if (!visit_case(e, from, to, err) && !ends_alone(e, from, err))
            return false;
    }
    return true;
}

/* A marked origin waits for the transaction that makes it, since what flows in counts. */
static bool begin_mark(struct engine *e, struct state *s, size_t i, struct err *err)
{
    uint64_t output = s->ask->origins[i], taint = s->ask->marks[i].taint;
    struct queue_item item = {
        coins_maker(e->coins, output), 0, case_of(e, s) | output, taint, 0, 0};

    if (taint > coins_value(e->coins, output))
        return err_fail(err, ERR_USAGE, "origin %llu: more is marked than it is worth",
                        (unsigned long long)output);
    return !is_marked(&s->ask->marks[i]) || queue_push(e->queue, &item) || nomem(err);
}

/* An origin waits whole from the start, whatever flows into it later. One of value 0 leads
 * nowhere. */
static bool begin_origin(struct engine *e, struct state *s, uint64_t output, struct err *err)
{
    uint64_t value = coins_value(e->coins, output);
    uint32_t spent_by = coins_spender(e->coins, output);
    struct queue_item *item;

    if (!count(&s->totals.origin, value, err))
        return false;
    if (spent_by == COINS_TX_NONE)
        s->totals.held += value;
    if (!value || (spent_by == COINS_TX_NONE && !e->held))
        return true;
    item = waiting_place(e, spent_by, case_of(e, s) | output, err);
    if (!item)
        return false;
    fill_item(item, spent_by, case_of(e, s) | output, 0, value);
    return true;
}

bool engine_origins(struct engine *e, struct state *s, size_t from, struct err *err)
{
    const struct trace_case *ask = s->ask;

    if (ask->origins_n > s->reached_max)
        return err_fail(err, ERR_LIMIT, "more than %zu outputs are reached", s->reached_max);
    for (size_t i = from; i < ask->origins_n; i++) {
        uint64_t output = ask->origins[i];

        if (output >= e->coins->outputs_n)
            return err_fail(err, ERR_USAGE, "origin %llu is not in the ledger",
                            (unsigned long long)output);
        if (i && output <= ask->origins[i - 1])
            return err_fail(err, ERR_USAGE, "origins do not ascend");
        if (!(ask->marks ? begin_mark(e, s, i, err) : begin_origin(e, s, output, err)))
            return false;
    }
    return true;
}

bool engine_case(struct engine *e, struct state *s, const struct trace_case *ask, struct err *err)
{
    s->ask = ask;
    s->reached_max = ask->reached_max ? ask->reached_max : TRACE_REACHED_MAX;
    return engine_origins(e, s, 0, err);
}

bool engine_conserved(const struct state *s, size_t number, struct err *err)
{
    const struct trace_totals *t = &s->totals;
    uint64_t out = 0, in = t->origin;

    if (s->ask->policy == TRACE_POISON)
        return true;
    if (!count(&in, t->converted_in, err) || !count(&out, t->held, err) ||
        !count(&out, t->exits, err) || !count(&out, t->cut, err) || !count(&out, t->fees, err) ||
        !count(&out, t->dust, err) || !count(&out, t->unresolved, err))
        return false;
    if (out != in)
        return err_fail(err, ERR_CORRUPT, "case %zu: %llu was marked and %llu is accounted for",
                        number, (unsigned long long)in, (unsigned long long)out);
    return true;
}

/* ---- the result ---- */

static bool no_room(struct arena *a, struct err *err)
{
    return arena_fail(a, err, "the outputs reached");
}

/* From the back, so that nothing is overwritten. */
bool engine_place_origins(const struct engine *e, struct state *s, size_t first, struct err *err)
{
    size_t from = s->reached_n, origins = s->ask->origins_n, to = from + origins - first;

    if (s->ask->marks) /* reached in their places */
        return true;
    if (!mem_room((void **)&s->reached, &s->reached_size, to, sizeof(*s->reached)))
        return nomem(err);
    s->reached_n = to;
    while (origins > first) {
        uint64_t output = s->ask->origins[origins - 1];

        if (from && s->reached[from - 1].output > output) {
            s->reached[--to] = s->reached[--from];
            continue;
        }
        s->reached[--to] = (struct trace_reached){.output = output,
                                                  .taint = coins_value(e->coins, output),
                                                  .spent_by = coins_spender(e->coins, output),
                                                  .stop = -1,
                                                  .origin = true};
        origins--;
    }
    return true;
}

/* What a state grew becomes the arena's: a long list is not copied. */
static bool hand_over(struct state *s, struct arena *a, struct trace *ret, struct err *err)
{
    if (!arena_adopt(a, s->reached, s->reached_size * sizeof(*s->reached)))
        return no_room(a, err);
    *ret = (struct trace){.reached = s->reached,
                          .reached_n = s->reached_n,
                          .totals = s->totals,
                          .full = s->full,
                          .exact = !s->inexact};
    s->reached = NULL;
    if (!arena_adopt(a, s->unresolved, s->unresolved_size * sizeof(*s->unresolved)))
        return no_room(a, err);
    ret->unresolved = s->unresolved;
    ret->unresolved_n = s->unresolved_n;
    s->unresolved = NULL;
    if (!arena_adopt(a, s->units, s->units_size * sizeof(*s->units)))
        return no_room(a, err);
    ret->units = s->units;
    ret->units_n = s->units_n;
    s->units = NULL;
    return true;
}

bool engine_pass(struct engine *e, struct err *err)
{
    bool out_of_memory = false;
    uint32_t tx;

    memset(e->ahead, 0, sizeof(e->ahead));
    e->in_end = e->out_end = 0;
    while (queue_first(e->queue, &tx, &out_of_memory)) {
        fetch_ahead(e, tx);
        if (!visit(e, tx, err))
            return false;
    }
    return !out_of_memory || nomem(err);
}

static bool run(struct engine *e, struct arena *a, const struct trace_case *cases,
                struct trace *ret, struct err *err)
{
    e->queue = queue_new();
    e->states = mem_array(e->cases_n, sizeof(*e->states));
    if (!e->queue || !e->states)
        return nomem(err);
    for (size_t i = 0; i < e->cases_n; i++)
        if (!engine_case(e, &e->states[i], &cases[i], err))
            return false;
    if (!engine_pass(e, err))
        return false;
    for (size_t i = 0; i < e->cases_n; i++)
        if (!engine_conserved(&e->states[i], i, err) ||
            !engine_place_origins(e, &e->states[i], 0, err))
            return false;
    for (size_t i = 0; i < e->cases_n; i++)
        if (!hand_over(&e->states[i], a, &ret[i], err))
            return false;
    return true;
}

void engine_state_free(struct state *s)
{
    s->reached = mem_free(s->reached);
    s->unresolved = mem_free(s->unresolved);
    s->units = mem_free(s->units);
}

void engine_end(struct engine *e)
{
    for (size_t i = 0; e->states && i < e->cases_n; i++)
        engine_state_free(&e->states[i]);
    mem_free(e->states);
    queue_free(e->queue);
    run_store_free(&e->store);
    parts_free(&e->parts);
    mem_free(e->due);
    mem_free(e->in_due);
    mem_free(e->share);
    mem_free(e->ranked);
    run_list_free(&e->line);
    run_list_free(&e->piece);
    run_list_free(&e->marked);
}

bool trace_forward(struct arena *a, const struct coins *coins, const struct trace_case *cases,
                   size_t cases_n, struct trace *ret, struct err *err)
{
    struct engine e = {.coins = coins, .cases_n = cases_n};
    bool ok;

    if (cases_n > TRACE_CASES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu cases at once", TRACE_CASES_MAX);
    for (size_t i = 0; i < cases_n; i++)
        if (cases[i].policy == TRACE_LIBR)
            return err_fail(err, ERR_USAGE, "libr is a rule of accounts, not of coins");
    ok = run(&e, a, cases, ret, err);
    engine_end(&e);
    return ok;
}
