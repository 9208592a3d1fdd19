/* Arrays that only grow, and what they lead to:
 *
 *     first[output]  -> records of that output, one after the other
 *     owners[script] -> sums of that script (exposure_lists.h)
 *
 * A transaction gathers its inputs' records in a row a label (struct gathered), and shares each row
 * out; each output then takes its shares in order of labels, so that its owner's sums are gone
 * through once. Most transactions have nothing to gather, and cost a look at their inputs' owners;
 * what they will look at is fetched before their turn. */
#include "screen/exposure.h"

#include "base/mem.h"
#include "screen/exposure_parts.h"
#include "trace/amounts.h"

/* ---- opening ---- */

static bool rows_make(struct exposure *x, struct err *err)
{
    size_t n = (size_t)x->labels_n + 1;

    x->gathered = mem_array(n, sizeof(*x->gathered));
    x->row_of = mem_array(n, sizeof(*x->row_of));
    x->labels_there = mem_array(n / 64 + 1, sizeof(*x->labels_there));
    x->rows = mem_array(n, sizeof(*x->rows));
    x->arrived = mem_array(2 * n, sizeof(*x->arrived));
    x->keys = mem_array(2 * n, sizeof(*x->keys));
    x->cut = mem_array(n, sizeof(*x->cut));
    return (x->gathered && x->row_of && x->labels_there && x->rows && x->arrived && x->keys &&
            x->cut) ||
           err_fail(err, ERR_NOMEM, "exposure");
}

bool exposure_new(const struct exposure_options *o, struct exposure **ret, struct err *err)
{
    struct exposure *x = mem_zero(sizeof(*x));
    bool ok;

    if (!x)
        return err_fail(err, ERR_NOMEM, "exposure");
    x->policy = o->asked.policy;
    x->labels_n = o->asked.labels_n;
    x->cut_ppm = o->asked.cut_ppm;
    x->records_max = o->records_max ? o->records_max : UINT32_MAX - 1;
    x->scripts_max = o->scripts_max ? o->scripts_max : UINT32_MAX - 1;
    x->outputs_max = (uint64_t)UINT32_MAX << 2;
    x->first = mem_reserve_growing(x->outputs_max * sizeof(*x->first));
    x->records = mem_reserve_growing((size_t)x->records_max * sizeof(*x->records));
    x->owners = mem_reserve_growing((size_t)x->scripts_max * sizeof(*x->owners));
    x->sums.element = sizeof(struct sum);
    x->sums.max = x->records_max;
    x->sums.p = mem_reserve_growing((size_t)x->sums.max * x->sums.element);
    ok = (x->first && x->records && x->owners && x->sums.p) || err_fail(err, ERR_NOMEM, "exposure");
    ok = ok && exposure_labels_read(&x->labels, &o->asked, x->scripts_max, err) &&
         rows_make(x, err); /* labels_n has been looked at */
    if (ok) {
        *ret = x;
        return true;
    }
    exposure_free(x);
    return false;
}

bool exposure_more(struct exposure *x, const struct exposure_asked *more, struct err *err)
{
    return exposure_labels_more(&x->labels, more, err);
}

struct exposure *exposure_free(struct exposure *x)
{
    if (!x)
        return NULL;
    mem_unreserve(x->first, x->outputs_max * sizeof(*x->first));
    mem_unreserve(x->records, (size_t)x->records_max * sizeof(*x->records));
    mem_unreserve(x->owners, (size_t)x->scripts_max * sizeof(*x->owners));
    mem_unreserve(x->sums.p, (size_t)x->sums.max * x->sums.element);
    exposure_labels_free(&x->labels);
    mem_free(x->gathered);
    mem_free(x->row_of);
    mem_free(x->cut);
    parts_free(&x->parts);
    mem_free(x->in_script);
    mem_free(x->out_script);
    mem_free(x->labels_there);
    mem_free(x->rows);
    mem_free(x->arrived);
    mem_free(x->keys);
    mem_free(x->splits);
    mem_free(x->share);
    mem_free(x->share_direct);
    mem_free(x->ranked);
    mem_free(x);
    return NULL;
}

/* ---- one transaction ---- */

static void add_up(uint64_t *to, uint64_t v)
{
    if (__builtin_add_overflow(*to, v, to))
        *to = UINT64_MAX;
}

static uint32_t owner(const struct exposure *x, const struct exposure_view *v, uint64_t output)
{
    uint32_t script = v->script_of(v->ledger, output);

    return script < x->scripts_max ? script : EXPOSURE_NONE;
}

static const struct exposure_set *labels_of(const struct exposure *x, uint32_t script)
{
    return script != EXPOSURE_NONE ? exposure_set_of(&x->labels, script) : NULL;
}

static struct gathered *row(struct exposure *x, uint16_t label)
{
    if (!x->row_of[label]) {
        x->gathered[x->gathered_n] = (struct gathered){.label = label};
        x->row_of[label] = (uint16_t)++x->gathered_n;
        x->labels_there[label / 64] |= (uint64_t)1 << label % 64;
    }
    return &x->gathered[x->row_of[label] - 1];
}

static void gather_direct(struct exposure *x, uint16_t label, uint64_t value, uint32_t payer)
{
    struct gathered *g = row(x, label);

    add_up(&g->direct, value);
    if (value > g->best_direct) {
        g->best_direct = value;
        g->payer = payer;
    }
}

static void gather_record(struct exposure *x, uint32_t record)
{
    const struct record *from = &x->records[record];
    struct gathered *g = row(x, label_of(from));

    add_up(&g->indirect, from->amount);
    if (from->amount > g->best_indirect) {
        g->best_indirect = from->amount;
        g->record = record;
    }
}

/* Is it less than what goes on? Then it is counted. */
static bool cut(struct exposure *x, uint16_t label, uint64_t amount, uint64_t value)
{
    if ((unsigned __int128)amount * EXPOSURE_PPM >= (unsigned __int128)value * x->cut_ppm)
        return false;
    x->cut[label].parts++;
    add_up(&x->cut[label].amount, amount);
    return true;
}

/* What the records of an output bring that are of neither its owner's labels nor its own. */
static void gather_records(struct exposure *x, uint64_t output, uint64_t value,
                           const struct exposure_set *s, bool origin)
{
    uint32_t at = x->first[output] - 1, end;

    for (bool last = false; !last; at = end) {
        uint16_t label = label_of(&x->records[at]);
        uint64_t amount = 0;

        for (end = at; !last && label_of(&x->records[end]) == label; end++) {
            add_up(&amount, x->records[end].amount);
            last = x->records[end].label & RECORD_LAST;
        }
        if ((s && exposure_set_has(s, label)) ||
            (origin && exposure_origin_is(&x->labels, output, label)) ||
            (x->cut_ppm && cut(x, label, amount, value)))
            continue;
        for (; at < end; at++)
            gather_record(x, at);
    }
}

/* What an input brings: its owner's labels and its own, whole; else what the records of its output
 * say. */
static void gather(struct exposure *x, uint64_t output, uint64_t value, uint32_t script)
{
    const struct exposure_set *s = labels_of(x, script);
    const struct exposure_origin *o = x->labels.origins;
    bool origin = false;

    for (uint32_t i = 0; s && i < s->n; i++)
        gather_direct(x, s->labels[i], value, script);
    if (x->labels.origins_n)
        for (size_t at = exposure_origin_at(&x->labels, output);
             at < x->labels.origins_n && o[at].id == output; at++) {
            origin = true;
            if (!exposure_set_has(s, o[at].label))
                gather_direct(x, o[at].label, value, EXPOSURE_NONE);
        }
    if (x->first[output] && !(s && s->stops))
        gather_records(x, output, value, s, origin);
}

/* What comes out of a shielded pool is the pool's, whoever paid into it. Its script may be paid for
 * the first time later than this. */
static void gather_pool(struct exposure *x, const struct exposure_view *v, size_t i)
{
    const struct exposure_set *s;
    uint32_t script;

    if (!v->from_pool || !v->from_pool(v->ledger, x->parts.in.first + i, &script))
        return;
    script = script < x->scripts_seen ? script : EXPOSURE_NONE;
    s = labels_of(x, script);
    gather_direct(x, v->pool_label, x->parts.in_value[i], script);
    for (uint32_t k = 0; s && k < s->n; k++)
        if (s->labels[k] != v->pool_label)
            gather_direct(x, s->labels[k], x->parts.in_value[i], script);
}

static bool inputs_read(struct exposure *x, const struct exposure_view *v, struct err *err)
{
    const struct parts *p = &x->parts;

    if (!mem_room((void **)&x->in_script, &x->in_size, p->in.n, sizeof(*x->in_script)))
        return err_fail(err, ERR_NOMEM, "exposure");
    for (size_t i = 0; i < p->in.n; i++) {
        x->in_script[i] = EXPOSURE_NONE;
        if (p->in_output[i] == COINS_NONE) {
            gather_pool(x, v, i);
            continue;
        }
        x->in_script[i] = owner(x, v, p->in_output[i]);
        if (x->in_script[i] != EXPOSURE_NONE)
            add_up(&x->owners[x->in_script[i]].sent, p->in_value[i]);
        gather(x, p->in_output[i], p->in_value[i], x->in_script[i]);
    }
    return true;
}

/* *ret: do they pay a labelled address? */
static bool outputs_read(struct exposure *x, const struct exposure_view *v, bool *ret,
                         struct err *err)
{
    const struct parts *p = &x->parts;

    *ret = false;
    if (!mem_room((void **)&x->out_script, &x->out_size, p->out.n, sizeof(*x->out_script)))
        return err_fail(err, ERR_NOMEM, "exposure");
    for (size_t i = 0; i < p->out.n; i++) {
        uint32_t script = x->out_script[i] = owner(x, v, p->out.first + i);

        if (script == EXPOSURE_NONE)
            continue;
        if (script >= x->scripts_seen)
            x->scripts_seen = script + 1;
        add_up(&x->owners[script].received, p->out_value[i]);
        *ret |= x->labels.set_of[script] != 0;
    }
    return true;
}

/* ---- what an output or an owner gets ---- */

/* Of x->arrived, whose keys ascend. */
static bool sums_add(struct exposure *x, uint32_t script, size_t n, struct err *err)
{
    struct owner *o = &x->owners[script];
    struct sum *s;

    for (size_t i = 0; i < n; i++)
        x->keys[i] = x->arrived[i].key;
    if (!exposure_list_put(&x->sums, &o->sums, x->keys, n, err))
        return false;
    s = exposure_list_at(&x->sums, &o->sums);
    for (size_t i = 0; i < n; i++) {
        const struct sum *a = &x->arrived[i];

        while (s->key < a->key)
            s++;
        add_up(&s->amount, a->amount);
        if (a->amount > s->largest) {
            s->largest = a->amount;
            s->best = a->best;
            s->hops = a->hops;
        }
    }
    return true;
}

/* As the next record, and the n-th sum that arrives at its owner. */
static void record_add(struct exposure *x, uint16_t label, uint16_t hops, uint64_t amount,
                       uint32_t from, size_t *n)
{
    struct record *r = &x->records[x->records_n];

    if (!amount)
        return;
    *r = (struct record){.amount = amount,
                         .tx = x->parts.tx,
                         .from = from,
                         .payer = hops <= 1 ? from : x->records[from].payer,
                         .label = label,
                         .hops = hops};
    x->arrived[(*n)++] = (struct sum){
        .key = (uint16_t)(label * SUM_KINDS + (is_direct(r) ? SUM_DIRECT : SUM_INDIRECT)),
        .hops = hops,
        .best = x->records_n++,
        .amount = amount};
}

static void row_take(struct exposure *x, const struct gathered *g, const struct split *split,
                     size_t *n)
{
    uint32_t hops = g->best_indirect ? x->records[g->record].hops + 1u : 1;

    record_add(x, g->label, 1, split->direct, g->payer, n);
    record_add(x, g->label, (uint16_t)(hops < EXPOSURE_HOPS_MAX ? hops : EXPOSURE_HOPS_MAX),
               split->indirect, g->record, n);
}

#define NO_LABEL UINT32_MAX

/* An output takes its shares; an origin's output is of its label where it was made, whole. */
static bool output_take(struct exposure *x, size_t i, size_t rows_n, const struct split *splits,
                        struct err *err)
{
    const struct exposure_labels *l = &x->labels;
    const struct exposure_set *s = labels_of(x, x->out_script[i]);
    uint64_t output = x->parts.out.first + i;
    size_t o = l->origins_n ? exposure_origin_at(l, output) : 0, n = 0, r = 0;
    size_t most = 2 * rows_n + (l->origins_n ? x->labels_n : 0);
    uint32_t first = x->records_n;

    if (x->records_max - x->records_n < most)
        return err_fail(err, ERR_LIMIT, "exposure: more than %u records", x->records_max);
    for (;;) {
        const struct gathered *g = r < rows_n ? &x->gathered[x->rows[r]] : NULL;
        uint32_t row = g ? g->label : NO_LABEL,
                 made = o < l->origins_n && l->origins[o].id == output ? l->origins[o].label
                                                                       : NO_LABEL;

        if (row < made) {
            if (!exposure_set_has(s, g->label))
                row_take(x, g, &splits[r], &n);
            r++;
            continue;
        }
        if (made == NO_LABEL)
            break;
        record_add(x, l->origins[o++].label, 0, x->parts.out_value[i], EXPOSURE_NONE, &n);
        r += row == made;
    }
    if (!n)
        return true;
    x->records[x->records_n - 1].label |= RECORD_LAST;
    x->first[output] = first + 1;
    return x->out_script[i] == EXPOSURE_NONE || sums_add(x, x->out_script[i], n, err);
}

/* ---- sharing ---- */

#define SPLITS_MAX ((size_t)1 << 20) /* a transaction with more is gone through in pieces */

static void share_out(struct exposure *x, uint64_t amount, uint64_t *ret)
{
    struct parts *p = &x->parts;

    if (amount > p->in_sum)
        amount = p->in_sum;
    if (!amount)
        memset(ret, 0, (p->out.n + 1) * sizeof(*ret));
    else if (x->policy == TRACE_HAIRCUT)
        share_haircut(p->out_value, p->out.n + 1, p->in_sum, amount, ret, x->ranked);
    else if (x->policy == TRACE_TIHO)
        share_tiho(p->out_value, p->out.n + 1, amount, ret, x->ranked);
    else
        memcpy(ret, p->out_value, p->out.n * sizeof(*ret));
}

/* One row to the outputs from first on. What a share has of direct value is direct; the rest came
 * through others. */
static void row_share(struct exposure *x, const struct gathered *g, size_t first, size_t n,
                      struct split *ret, size_t stride)
{
    uint64_t all = g->direct;

    add_up(&all, g->indirect);
    share_out(x, all, x->share);
    if (g->direct)
        share_out(x, g->direct, x->share_direct);
    for (size_t i = 0; i < n; i++, ret += stride) {
        uint64_t share = x->share[first + i], direct = g->direct ? x->share_direct[first + i] : 0;

        ret->direct = direct < share ? direct : share;
        ret->indirect = share - ret->direct;
    }
}

/* By label. */
static size_t rows_order(struct exposure *x)
{
    size_t n = 0;

    for (size_t w = 0; n < x->gathered_n; w++)
        for (uint64_t bits = x->labels_there[w]; bits; bits &= bits - 1) {
            size_t label = w * 64 + (size_t)__builtin_ctzll(bits);

            x->rows[n++] = (uint16_t)(x->row_of[label] - 1);
        }
    return n;
}

static bool share_room(struct exposure *x, size_t splits, struct err *err)
{
    size_t n = x->parts.out.n + 1;

    return (mem_room((void **)&x->share, &x->share_size, n, sizeof(*x->share)) &&
            mem_room((void **)&x->share_direct, &x->share_direct_size, n,
                     sizeof(*x->share_direct)) &&
            mem_room((void **)&x->ranked, &x->ranked_size, n, sizeof(*x->ranked)) &&
            mem_room((void **)&x->splits, &x->splits_size, splits, sizeof(*x->splits))) ||
           err_fail(err, ERR_NOMEM, "exposure");
}

static bool origin_between(const struct exposure_labels *l, struct coins_range outputs)
{
    size_t at = l->origins_n ? exposure_origin_at(l, outputs.first) : 0;

    return at < l->origins_n && l->origins[at].id - outputs.first < outputs.n;
}

static bool outputs_take(struct exposure *x, struct err *err)
{
    size_t rows_n = rows_order(x), n = x->parts.out.n, piece = n;

    if (!rows_n && !origin_between(&x->labels, x->parts.out))
        return true;
    if (rows_n && n > SPLITS_MAX / rows_n)
        piece = SPLITS_MAX / rows_n;
    if (!share_room(x, piece * rows_n + 1, err))
        return false;
    for (size_t first = 0; first < n; first += piece) {
        if (piece > n - first)
            piece = n - first;
        for (size_t r = 0; r < rows_n; r++)
            row_share(x, &x->gathered[x->rows[r]], first, piece, x->splits + r, rows_n);
        for (size_t i = 0; i < piece; i++)
            if (!output_take(x, first + i, rows_n, x->splits + i * rows_n, err))
                return false;
    }
    return true;
}

static void rows_clear(struct exposure *x)
{
    for (size_t i = 0; i < x->gathered_n; i++) {
        uint16_t label = x->gathered[i].label;

        x->row_of[label] = 0;
        x->labels_there[label / 64] = 0;
    }
    x->gathered_n = 0;
}

/* ---- one transaction ---- */

/* What each input's owner has paid of what went to labelled addresses: by its part of the
 * inputs. */
static bool pay(struct exposure *x, const struct exposure_set *to, uint64_t value, struct err *err)
{
    const struct parts *p = &x->parts;

    for (size_t i = 0; i < p->in.n; i++) {
        uint32_t script = x->in_script[i];
        const struct exposure_set *of = labels_of(x, script);
        uint64_t amount = (uint64_t)((unsigned __int128)p->in_value[i] * value / p->in_sum);
        size_t n = 0;

        for (uint32_t l = 0; script != EXPOSURE_NONE && amount && l < to->n; l++)
            if (!exposure_set_has(of, to->labels[l]))
                x->arrived[n++] =
                    (struct sum){.key = (uint16_t)(to->labels[l] * SUM_KINDS + SUM_SENT),
                                 .hops = 1,
                                 .best = p->tx,
                                 .amount = amount};
        if (n && !sums_add(x, script, n, err))
            return false;
    }
    return true;
}

static bool tx_pass(struct exposure *x, bool pays, struct err *err)
{
    const struct parts *p = &x->parts;
    bool known = p->known || x->policy == TRACE_POISON, ok;

    if (!p->in_sum || !known) {
        x->unresolved += p->in_sum && x->gathered_n > 0;
        rows_clear(x);
    }
    ok = outputs_take(x, err);
    rows_clear(x);
    for (size_t i = 0; ok && pays && p->known && p->in_sum && i < p->out.n; i++) {
        const struct exposure_set *to = labels_of(x, x->out_script[i]);

        ok = !to || pay(x, to, p->out_value[i], err);
    }
    return ok;
}

static bool tx_add(struct exposure *x, const struct exposure_view *v, uint32_t tx, struct err *err)
{
    bool pays;

    if (!parts_read(&x->parts, &v->coins, tx, err))
        return false;
    if (x->parts.out.first + x->parts.out.n > x->outputs_max)
        return err_fail(err, ERR_LIMIT, "exposure: more than %llu outputs",
                        (unsigned long long)x->outputs_max);
    return inputs_read(x, v, err) && outputs_read(x, v, &pays, err) && tx_pass(x, pays, err);
}

/* ---- fetching ahead ---- */

#define AHEAD 12     /* transactions */
#define FETCH_MAX 16 /* inputs or outputs of each */

/* What inputs name. */
static void fetch_outputs(const struct exposure *x, const struct coins *c, uint32_t tx)
{
    struct coins_range in = coins_inputs(c, tx);

    for (uint64_t i = 0; i < in.n && i < FETCH_MAX; i++) {
        uint64_t output = load_le40(c->in_source + (in.first + i) * ID_BYTES);

        if (output >= c->outputs_n || output >= x->outputs_max)
            continue;
        __builtin_prefetch(&x->first[output]);
        __builtin_prefetch(c->out_value + output * 8);
    }
}

static void fetch_owner(const struct exposure *x, const struct exposure_view *v, uint64_t output)
{
    uint32_t script = owner(x, v, output);

    if (script == EXPOSURE_NONE)
        return;
    __builtin_prefetch(&x->owners[script], 1);
    __builtin_prefetch(&x->labels.set_of[script]);
}

/* What those outputs lead to, and the owners on both sides. */
static void fetch_owners(const struct exposure *x, const struct exposure_view *v, uint32_t tx)
{
    const struct coins *c = &v->coins;
    struct coins_range in = coins_inputs(c, tx), out = coins_outputs(c, tx);

    for (uint64_t i = 0; i < in.n && i < FETCH_MAX; i++) {
        uint64_t output = load_le40(c->in_source + (in.first + i) * ID_BYTES);

        if (output >= c->outputs_n || output >= x->outputs_max)
            continue;
        fetch_owner(x, v, output);
        if (x->first[output])
            __builtin_prefetch(&x->records[x->first[output] - 1]);
    }
    for (uint64_t i = 0; i < out.n && i < FETCH_MAX; i++)
        fetch_owner(x, v, out.first + i);
}

/* The sums of who is paid. */
static void fetch_sums(const struct exposure *x, const struct exposure_view *v, uint32_t tx)
{
    struct coins_range out = coins_outputs(&v->coins, tx);

    for (uint64_t i = 0; i < out.n && i < FETCH_MAX; i++) {
        uint32_t script = owner(x, v, out.first + i);

        if (script != EXPOSURE_NONE && x->owners[script].sums.n)
            __builtin_prefetch(exposure_list_at(&x->sums, &x->owners[script].sums), 1);
    }
}

bool exposure_add(struct exposure *x, const struct exposure_view *view, struct err *err)
{
    const struct coins *c = &view->coins;

    for (; x->txs_done < c->txs_n; x->txs_done++) {
        if (x->txs_done + (uint64_t)3 * AHEAD < c->txs_n) {
            fetch_outputs(x, c, x->txs_done + 3 * AHEAD);
            fetch_owners(x, view, x->txs_done + 2 * AHEAD);
            fetch_sums(x, view, x->txs_done + AHEAD);
        }
        if (!tx_add(x, view, x->txs_done, err))
            return false;
    }
    x->outputs_done = view->coins.outputs_n;
    return true;
}

/* ---- asked ---- */

struct exposure_note *exposure_note(struct exposure *x)
{
    return &x->note;
}

struct exposure_cut exposure_cut(const struct exposure *x, uint16_t label)
{
    return label < x->labels_n ? x->cut[label] : (struct exposure_cut){0, 0};
}

struct exposure_counts exposure_counts(const struct exposure *x)
{
    uint64_t cut_n = 0;

    for (uint32_t l = 0; l < x->labels_n; l++)
        cut_n += x->cut[l].parts;
    return (struct exposure_counts){
        .txs = x->txs_done,
        .records = x->records_n,
        .sums = x->sums.n,
        .unresolved = x->unresolved,
        .cut = cut_n,
        .bytes = x->outputs_done * sizeof(*x->first) +
                 (uint64_t)x->records_n * sizeof(*x->records) +
                 (uint64_t)x->scripts_seen * (sizeof(*x->owners) + sizeof(*x->labels.set_of)) +
                 (uint64_t)x->sums.end * x->sums.element,
    };
}

static size_t sums_of(const struct exposure *x, uint32_t script, bool sent, uint64_t all,
                      struct exposure_part *ret, size_t max)
{
    size_t n = 0, there = 0;
    const struct sum *s;

    if (script >= x->scripts_seen)
        return 0;
    s = exposure_list_at(&x->sums, &x->owners[script].sums);
    for (size_t i = 0; i < x->owners[script].sums.n; i++, s++) {
        unsigned kind = s->key % SUM_KINDS;
        struct exposure_part part = {.label = s->key / SUM_KINDS,
                                     .direct = kind != SUM_INDIRECT,
                                     .amount = u256_of(s->amount),
                                     .hops = s->hops,
                                     .best = s->best};

        if ((kind == SUM_SENT) != sent)
            continue;
        exposure_part_put(ret, &n, max, part, u256_of(all));
        there++;
    }
    return there;
}

void exposure_fetch(const struct exposure *x, uint32_t script)
{
    if (script < x->scripts_seen)
        __builtin_prefetch(&x->owners[script]);
}

void exposure_fetch_sums(const struct exposure *x, uint32_t script)
{
    if (script < x->scripts_seen && x->owners[script].sums.n)
        __builtin_prefetch(exposure_list_at(&x->sums, &x->owners[script].sums));
}

uint64_t exposure_received_total(const struct exposure *x, uint32_t script)
{
    return script < x->scripts_seen ? x->owners[script].received : 0;
}

uint64_t exposure_sent_total(const struct exposure *x, uint32_t script)
{
    return script < x->scripts_seen ? x->owners[script].sent : 0;
}

size_t exposure_received(const struct exposure *x, uint32_t script, struct exposure_part *ret,
                         size_t max)
{
    return sums_of(x, script, false, exposure_received_total(x, script), ret, max);
}

size_t exposure_sent(const struct exposure *x, uint32_t script, struct exposure_part *ret,
                     size_t max)
{
    return sums_of(x, script, true, exposure_sent_total(x, script), ret, max);
}

size_t exposure_output(const struct exposure *x, const struct coins *coins, uint64_t output,
                       struct exposure_part *ret, size_t max)
{
    const struct record *r;
    size_t n = 0, there = 0;

    if (output >= x->outputs_done || !x->first[output])
        return 0;
    for (uint32_t at = x->first[output]; at; at = r->label & RECORD_LAST ? 0 : at + 1, there++) {
        struct exposure_part part;

        r = &x->records[at - 1];
        part = (struct exposure_part){.label = label_of(r),
                                      .direct = is_direct(r),
                                      .amount = u256_of(r->amount),
                                      .hops = r->hops,
                                      .best = at - 1};

        exposure_part_put(ret, &n, max, part, u256_of(coins_value(coins, output)));
    }
    return there;
}

size_t exposure_path(const struct exposure *x, uint32_t record, uint32_t *ret_txs, size_t max,
                     uint32_t *ret_source)
{
    size_t hops, kept;
    uint32_t at = record;

    *ret_source = EXPOSURE_NONE;
    if (record >= x->records_n)
        return 0;
    *ret_source = x->records[record].payer;
    hops = x->records[record].hops ? x->records[record].hops : 1;
    kept = hops < max ? hops : max;
    for (size_t i = kept; i--;) { /* a way of more than EXPOSURE_HOPS_MAX has as many, too */
        ret_txs[i] = x->records[at].tx;
        if (i)
            at = x->records[at].from; /* an indirect one's is always an earlier one */
    }
    return hops;
}
