/* As the engine, the other way round: the queue gives transactions from the latest to the earliest
 * (their distance from the end is what it orders by), and what waits is how much of a transaction's
 * outputs is wanted. */
#include "trace/backward.h"

#include "base/mem.h"
#include "base/sort.h"
#include "trace/amounts.h"
#include "trace/parts.h"
#include "trace/queue.h"
#include "trace/runs.h"

struct back {
    const struct coins *coins;
    const struct trace_target *ask;
    struct queue *queue;
    struct run_store store;
    struct trace_sources found;
    size_t sources_size, outside_size, sources_max;
    uint64_t in_first, out_first; /* of the transaction visited last: ranges must descend */
    uint64_t runs_live, runs_moved;

    /* Of the transaction in hand. */
    struct parts parts;
    struct queue_item *due; /* what is wanted of its outputs, ascending */
    size_t due_n, due_size;
    uint64_t *share; /* [in.n] what each input contributes */
    size_t share_size;
    struct ranked *ranked; /* [in.n] */
    size_t ranked_size;
    struct run_list line, piece;
};

static bool nomem(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "trace");
}

static bool count(uint64_t *total, uint64_t amount, struct err *err)
{
    if (__builtin_add_overflow(*total, amount, total))
        return err_fail(err, ERR_CORRUPT, "amounts add up past 64 bits");
    return true;
}

static bool by_runs(const struct back *b)
{
    return b->ask->policy == TRACE_FIFO || b->ask->policy == TRACE_LIFO;
}

static bool is_target(const struct trace_target *t, uint64_t output)
{
    size_t low = 0, high = t->outputs_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (t->outputs[middle] == output)
            return true;
        if (t->outputs[middle] < output)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static bool keep_runs(struct back *b, struct queue_item *item, struct err *err)
{
    size_t n = b->piece.n;

    if (n > TRACE_RUNS_MAX - b->runs_live || n > TRACE_RUNS_MOVED_MAX - b->runs_moved)
        return err_fail(err, ERR_LIMIT, "transaction %u: its value is in too many pieces",
                        b->parts.tx);
    if (!run_store_put(&b->store, b->piece.at, (uint32_t)n, &item->runs))
        return nomem(err);
    item->runs_n = (uint32_t)n;
    b->runs_live += n;
    b->runs_moved += n;
    return true;
}

/* An output is a source: it waits until its own transaction's turn comes. before: the transaction
 * that spends it. */
static bool source_add(struct back *b, const struct trace_source *source, uint64_t before,
                       struct err *err)
{
    struct trace_sources *f = &b->found;
    uint32_t maker = coins_maker(b->coins, source->output);
    struct coins_range made = {0, 0};
    struct queue_item item = {
        .hop = source->hop, .output = source->output, .taint = source->amount};

    if (maker < before)
        made = coins_outputs(b->coins, maker);
    if (source->output < made.first || source->output - made.first >= made.n)
        return err_fail(err, ERR_CORRUPT,
                        "output %llu belongs to no transaction before its spender",
                        (unsigned long long)source->output);
    item.tx = (uint32_t)(b->coins->txs_n - 1) - maker;
    if (f->sources_n == b->sources_max)
        return err_fail(err, ERR_LIMIT, "more than %zu sources", b->sources_max);
    if (!mem_room((void **)&f->sources, &b->sources_size, f->sources_n + 1, sizeof(*f->sources)))
        return nomem(err);
    f->sources[f->sources_n++] = *source;
    if (b->ask->pool_output && b->ask->pool_output(b->ask->pool_ctx, source->output)) {
        f->sources[f->sources_n - 1].end = SOURCE_POOL;
        return count(&f->totals.pool, source->amount, err);
    }
    if (!source->amount)
        return true;
    if (source->hop && by_runs(b) && source->amount < coins_value(b->coins, source->output) &&
        !keep_runs(b, &item, err))
        return false;
    return queue_push(b->queue, &item) || nomem(err);
}

static bool outside_add(struct back *b, size_t i, uint64_t amount, uint32_t hop, struct err *err)
{
    struct trace_sources *f = &b->found;

    if (!mem_room((void **)&f->outside, &b->outside_size, f->outside_n + 1, sizeof(*f->outside)))
        return nomem(err);
    f->outside[f->outside_n++] =
        (struct trace_outside){b->parts.in.first + i, amount, b->parts.tx, hop};
    return count(b->ask->pool_input && b->ask->pool_input(b->ask->pool_ctx, b->parts.in.first + i)
                     ? &f->totals.pool
                     : &f->totals.outside,
                 amount, err);
}

/* Which units of the line of inputs are wanted: those that went to the wanted units of the
 * outputs. */
static bool line_of_outputs(struct back *b)
{
    const struct parts *p = &b->parts;
    uint64_t base = 0;
    size_t k = 0;

    b->line.n = 0;
    for (size_t j = 0; j < p->out.n && k < b->due_n; base += p->out_value[j++]) {
        const struct queue_item *due = &b->due[k];

        if (due->output != p->out.first + j)
            continue;
        if (!due->runs_n && !run_list_add(&b->line, base, base + p->out_value[j]))
            return false;
        for (uint32_t r = 0; r < due->runs_n; r++) {
            struct run run = b->store.at[due->runs + r];

            if (!run_list_add(&b->line, base + run.start, base + run.end))
                return false;
        }
        k++;
    }
    if (b->ask->policy == TRACE_LIFO)
        run_list_turn(&b->line, p->in_sum);
    return true;
}

/* The inputs in order, each with what it contributes. */
static bool deal_back(struct back *b, uint64_t wanted, uint32_t hop, struct err *err)
{
    const struct parts *p = &b->parts;
    uint64_t position = 0;
    size_t cut_at = 0;

    if (b->ask->policy == TRACE_HAIRCUT)
        share_haircut(p->in_value, p->in.n, p->in_sum, wanted, b->share, b->ranked);
    if (by_runs(b) && !line_of_outputs(b))
        return nomem(err);
    for (size_t i = 0; i < p->in.n; position += p->in_value[i++]) {
        uint64_t output = p->in_output[i], amount;

        if (by_runs(b) && !runs_cut(&b->line, &cut_at, position, position + p->in_value[i],
                                    &b->piece, &b->share[i]))
            return nomem(err);
        if (b->ask->policy == TRACE_POISON)
            b->share[i] = p->in_value[i] == UINT64_MAX && output == COINS_NONE ? 0 : p->in_value[i];
        amount = b->share[i];
        if (output == COINS_NONE) {
            if ((amount || b->ask->policy == TRACE_POISON) && !outside_add(b, i, amount, hop, err))
                return false;
        } else if (is_target(b->ask, output)) {
            b->found.totals.target -= amount;
        } else if (amount) {
            struct trace_source s = {output, amount, hop, p->tx, SOURCE_GOES_ON};

            if (!source_add(b, &s, p->tx, err))
                return false;
        }
    }
    return true;
}

static void drop_runs(struct back *b)
{
    for (size_t k = 0; k < b->due_n; k++)
        if (b->due[k].runs_n) {
            run_store_drop(&b->store, b->due[k].runs, b->due[k].runs_n);
            b->runs_live -= b->due[k].runs_n;
        }
}

static bool read_tx(struct back *b, uint32_t tx, struct err *err)
{
    struct parts *p = &b->parts;

    if (!parts_read(p, b->coins, tx, err))
        return false;
    if (p->in.first + p->in.n > b->in_first || p->out.first + p->out.n > b->out_first)
        return err_fail(err, ERR_CORRUPT, "transaction %u: its inputs or outputs are another's",
                        tx);
    b->in_first = p->in.first;
    b->out_first = p->out.first;
    if (!mem_room((void **)&b->share, &b->share_size, p->in.n, sizeof(*b->share)) ||
        !mem_room((void **)&b->ranked, &b->ranked_size, p->in.n, sizeof(*b->ranked)))
        return nomem(err);
    return true;
}

static bool visit(struct back *b, uint32_t place, struct err *err)
{
    uint32_t tx = (uint32_t)(b->coins->txs_n - 1) - place, hop = UINT32_MAX;
    struct trace_sources *f = &b->found;
    uint64_t wanted = 0;
    bool ok;

    if (!queue_take_all(b->queue, place, &b->due, &b->due_n, &b->due_size))
        return nomem(err);
    if (!read_tx(b, tx, err))
        return false;
    for (size_t k = 0; k < b->due_n; k++) {
        if (k && b->due[k].output == b->due[k - 1].output)
            return err_fail(err, ERR_CORRUPT, "output %llu is spent twice",
                            (unsigned long long)b->due[k].output);
        if (b->due[k].hop < hop)
            hop = b->due[k].hop;
        if (!count(&wanted, b->due[k].taint, err))
            return false;
    }
    if (!b->parts.in.n) {
        ok = count(&f->totals.coinbase, wanted, err);
    } else if (hop >= b->ask->hops_max) {
        ok = count(&f->totals.cut, wanted, err);
    } else if (!b->parts.known && b->ask->policy != TRACE_POISON) {
        f->exact = false;
        ok = count(&f->totals.unresolved, wanted, err);
    } else {
        f->exact &= b->parts.known;
        ok = deal_back(b, wanted, hop + 1, err);
    }
    drop_runs(b);
    return ok;
}

static bool begin(struct back *b, struct err *err)
{
    for (size_t i = 0; i < b->ask->outputs_n; i++) {
        struct trace_source s = {.output = b->ask->outputs[i], .spent_by = COINS_TX_NONE};

        if (s.output >= b->coins->outputs_n)
            return err_fail(err, ERR_USAGE, "output %llu is not in the ledger",
                            (unsigned long long)s.output);
        if (i && s.output <= b->ask->outputs[i - 1])
            return err_fail(err, ERR_USAGE, "outputs do not ascend");
        s.amount = coins_value(b->coins, s.output);
        if (!count(&b->found.totals.target, s.amount, err) ||
            !source_add(b, &s, b->coins->txs_n, err))
            return false;
    }
    return true;
}

static bool conserved(const struct back *b, struct err *err)
{
    uint64_t out = 0;

    if (b->ask->policy == TRACE_POISON)
        return true;
    if (!count(&out, b->found.totals.coinbase, err) || !count(&out, b->found.totals.outside, err) ||
        !count(&out, b->found.totals.pool, err) || !count(&out, b->found.totals.cut, err) ||
        !count(&out, b->found.totals.unresolved, err))
        return false;
    if (out != b->found.totals.target)
        return err_fail(err, ERR_CORRUPT, "%llu was asked for and %llu is accounted for",
                        (unsigned long long)b->found.totals.target, (unsigned long long)out);
    return true;
}

static bool known_inputs(const struct coins *coins, struct coins_range in)
{
    for (uint64_t i = in.first; i < in.first + in.n; i++) {
        uint64_t value;

        if (coins_source(coins, i, &value) == COINS_NONE && value == UINT64_MAX)
            return false;
    }
    return true;
}

/* Why the way back ended at a source. least: the least hop among the sources that its transaction
 * made. */
static enum trace_source_end end_of(const struct back *b, uint32_t tx, uint32_t least)
{
    struct coins_range in = coins_inputs(b->coins, tx);

    if (!in.n)
        return SOURCE_COINBASE;
    if (least >= b->ask->hops_max)
        return SOURCE_CUT;
    return b->ask->policy == TRACE_POISON || known_inputs(b->coins, in) ? SOURCE_GOES_ON
                                                                        : SOURCE_UNRESOLVED;
}

/* Sources of one transaction stand together once sorted, and end in the same way. Those of value 0
 * lead nowhere and do not count for the hop, but are told what the others are. */
static void tell_ends(const struct back *b)
{
    struct trace_source *s = b->found.sources;

    for (size_t i = 0, j; i < b->found.sources_n; i = j) {
        uint32_t tx = coins_maker(b->coins, s[i].output), least = UINT32_MAX;
        struct coins_range made = coins_outputs(b->coins, tx);
        enum trace_source_end end;

        for (j = i; j < b->found.sources_n && s[j].output - made.first < made.n; j++)
            if (s[j].hop < least && s[j].amount && s[j].end != SOURCE_POOL)
                least = s[j].hop;
        for (end = end_of(b, tx, least == UINT32_MAX ? 0 : least); i < j; i++)
            s[i].end = s[i].end == SOURCE_POOL ? SOURCE_POOL : end;
    }
}

static bool sort_sources(struct back *b, struct err *err)
{
    struct trace_sources *f = &b->found;
    struct keyed *order = mem_array(f->sources_n, sizeof(*order)),
                 *scratch = mem_array(f->sources_n, sizeof(*scratch));
    struct trace_source *sorted = mem_array(f->sources_n, sizeof(*sorted));
    bool ok = order && scratch && sorted;

    if (ok) {
        for (size_t i = 0; i < f->sources_n; i++)
            order[i] = (struct keyed){f->sources[i].output, (uint32_t)i, 0};
        sort_keyed(order, f->sources_n, scratch);
        for (size_t i = 0; i < f->sources_n; i++)
            sorted[i] = f->sources[order[i].index];
        mem_free(f->sources);
        f->sources = sorted;
        b->sources_size = f->sources_n;
    } else {
        mem_free(sorted);
    }
    mem_free(order);
    mem_free(scratch);
    return ok || nomem(err);
}

/* Inputs of one transaction were found in order, transactions from the last: turned round in
 * blocks. */
static bool sort_outside(struct back *b, struct err *err)
{
    struct trace_sources *f = &b->found;
    struct trace_outside *sorted = mem_array(f->outside_n, sizeof(*sorted));
    size_t to = f->outside_n;

    if (!sorted)
        return nomem(err);
    for (size_t i = 0, j; i < f->outside_n; i = j) {
        for (j = i; j < f->outside_n && f->outside[j].tx == f->outside[i].tx; j++)
            ;
        to -= j - i;
        memcpy(sorted + to, f->outside + i, (j - i) * sizeof(*sorted));
    }
    mem_free(f->outside);
    f->outside = sorted;
    b->outside_size = f->outside_n;
    return true;
}

static bool hand_over(struct back *b, struct arena *a, struct trace_sources *ret, struct err *err)
{
    struct trace_sources all = b->found;

    if (!arena_adopt(a, b->found.sources, b->sources_size * sizeof(*all.sources)))
        return arena_fail(a, err, "the sources");
    b->found.sources = NULL;
    if (!arena_adopt(a, b->found.outside, b->outside_size * sizeof(*all.outside)))
        return arena_fail(a, err, "the sources");
    b->found.outside = NULL;
    *ret = all;
    return true;
}

static bool run(struct back *b, struct arena *a, struct trace_sources *ret, struct err *err)
{
    uint32_t place;
    bool out_of_memory = false;

    b->queue = queue_new();
    if (!b->queue)
        return nomem(err);
    if (!begin(b, err))
        return false;
    while (queue_first(b->queue, &place, &out_of_memory))
        if (!visit(b, place, err))
            return false;
    if (out_of_memory)
        return nomem(err);
    if (!conserved(b, err) || !sort_sources(b, err) || !sort_outside(b, err))
        return false;
    tell_ends(b);
    return hand_over(b, a, ret, err);
}

bool trace_backward(struct arena *a, const struct coins *coins, const struct trace_target *target,
                    struct trace_sources *ret, struct err *err)
{
    struct back b = {
        .coins = coins, .ask = target, .in_first = UINT64_MAX, .out_first = UINT64_MAX};
    bool ok;

    if (target->policy == TRACE_TIHO)
        return err_fail(err, ERR_USAGE,
                        "tiho has no way back: choose fifo, lifo, haircut or poison");
    b.found.exact = true;
    b.sources_max = target->sources_max ? target->sources_max : TRACE_REACHED_MAX;
    ok = run(&b, a, ret, err);
    mem_free(b.found.sources);
    mem_free(b.found.outside);
    queue_free(b.queue);
    run_store_free(&b.store);
    parts_free(&b.parts);
    mem_free(b.due);
    mem_free(b.share);
    mem_free(b.ranked);
    run_list_free(&b.line);
    run_list_free(&b.piece);
    return ok;
}

const char *trace_source_end_name(enum trace_source_end end)
{
    switch (end) {
    case SOURCE_GOES_ON:
        return NULL;
    case SOURCE_COINBASE:
        return "coinbase";
    case SOURCE_POOL:
        return "pool";
    case SOURCE_CUT:
        return "cut";
    case SOURCE_UNRESOLVED:
        return "unresolved";
    }
    return NULL;
}
