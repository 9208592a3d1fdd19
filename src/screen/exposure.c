/* Two kinds of lists, in arrays that only grow:
 *
 *     first[output] -> records of that output, linked
 *     head[script]  -> sums of that script, linked
 *
 * A transaction gathers its inputs' records in a row a label (struct gathered), and shares each row
 * out. Most transactions have nothing to gather, and cost a look at their inputs' owners. */
#include "screen/exposure.h"

#include "base/mem.h"
#include "screen/exposure_parts.h"
#include "trace/amounts.h"

/* ---- opening ---- */

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
    x->first = mem_reserve(x->outputs_max * sizeof(*x->first));
    x->records = mem_reserve((size_t)x->records_max * sizeof(*x->records));
    x->head = mem_reserve((size_t)x->scripts_max * sizeof(*x->head));
    x->totals = mem_reserve((size_t)x->scripts_max * sizeof(*x->totals));
    x->sums = mem_reserve((size_t)x->records_max * sizeof(*x->sums));
    ok = exposure_labels_read(&x->labels, &o->asked, x->scripts_max, err);
    if (ok) { /* labels_n has been looked at */
        x->gathered = mem_array(o->asked.labels_n + 1, sizeof(*x->gathered));
        x->row_of = mem_array(o->asked.labels_n + 1, sizeof(*x->row_of));
        x->cut = mem_array(o->asked.labels_n + 1, sizeof(*x->cut));
        ok = (x->first && x->records && x->head && x->totals && x->sums && x->gathered &&
              x->row_of && x->cut) ||
             err_fail(err, ERR_NOMEM, "exposure");
    }
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
    mem_unreserve(x->head, (size_t)x->scripts_max * sizeof(*x->head));
    mem_unreserve(x->totals, (size_t)x->scripts_max * sizeof(*x->totals));
    mem_unreserve(x->sums, (size_t)x->records_max * sizeof(*x->sums));
    exposure_labels_free(&x->labels);
    mem_free(x->gathered);
    mem_free(x->row_of);
    mem_free(x->cut);
    parts_free(&x->parts);
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
    struct gathered *g = row(x, from->label);

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

/* What an input brings: its owner's labels and its own, whole; else what the records of its output
 * say. */
static void gather(struct exposure *x, uint64_t output, uint64_t value, uint32_t script)
{
    const struct exposure_set *s = labels_of(x, script);
    const struct exposure_origin *o = x->labels.origins;

    for (uint32_t i = 0; s && i < s->n; i++)
        gather_direct(x, s->labels[i], value, script);
    for (size_t at = exposure_origin_at(&x->labels, output);
         at < x->labels.origins_n && o[at].id == output; at++)
        if (!exposure_set_has(s, o[at].label))
            gather_direct(x, o[at].label, value, EXPOSURE_NONE);
    if (s && s->stops)
        return;
    for (uint32_t r = x->first[output], end; r; r = end) {
        uint16_t label = x->records[r - 1].label;
        uint64_t amount = 0;

        /* a label's direct and indirect record follow each other */
        for (end = r; end && x->records[end - 1].label == label; end = x->records[end - 1].next)
            add_up(&amount, x->records[end - 1].amount);
        if (exposure_set_has(s, label) || exposure_origin_is(&x->labels, output, label) ||
            cut(x, label, amount, value))
            continue;
        for (; r != end; r = x->records[r - 1].next)
            gather_record(x, r - 1);
    }
}

static bool sum_add(struct exposure *x, uint32_t script, const struct sum *what, struct err *err)
{
    uint32_t at = x->head[script];
    struct sum *s;

    while (at && (x->sums[at - 1].label != what->label || x->sums[at - 1].direct != what->direct ||
                  x->sums[at - 1].sent != what->sent))
        at = x->sums[at - 1].next;
    if (!at) {
        if (x->sums_n == x->records_max)
            return err_fail(err, ERR_LIMIT, "exposure: more than %u sums", x->records_max);
        s = &x->sums[x->sums_n++];
        *s = *what;
        s->largest = what->amount;
        s->next = x->head[script];
        x->head[script] = x->sums_n;
        return true;
    }
    s = &x->sums[at - 1];
    add_up(&s->amount, what->amount);
    if (what->amount > s->largest) {
        s->largest = what->amount;
        s->best = what->best;
        s->hops = what->hops;
    }
    return true;
}

static bool record_add(struct exposure *x, uint64_t output, const struct record *r, uint32_t script,
                       struct err *err)
{
    struct sum sum = {.amount = r->amount,
                      .best = x->records_n,
                      .label = r->label,
                      .hops = r->hops,
                      .direct = is_direct(r)};

    if (x->records_n == x->records_max)
        return err_fail(err, ERR_LIMIT, "exposure: more than %u records", x->records_max);
    x->records[x->records_n] = *r;
    x->records[x->records_n].next = x->first[output];
    x->first[output] = ++x->records_n;
    return script == EXPOSURE_NONE || sum_add(x, script, &sum, err);
}

static bool share_room(struct exposure *x, size_t n, struct err *err)
{
    return (parts_room((void **)&x->share, &x->share_size, n, sizeof(*x->share)) &&
            parts_room((void **)&x->share_direct, &x->share_direct_size, n,
                       sizeof(*x->share_direct)) &&
            parts_room((void **)&x->ranked, &x->ranked_size, n, sizeof(*x->ranked))) ||
           err_fail(err, ERR_NOMEM, "exposure");
}

static void share_out(struct exposure *x, uint64_t amount, uint64_t *ret)
{
    struct parts *p = &x->parts;

    memset(ret, 0, (p->out.n + 1) * sizeof(*ret));
    if (!amount)
        return;
    if (x->policy == TRACE_HAIRCUT)
        share_haircut(p->out_value, p->out.n + 1, p->in_sum, amount, ret, x->ranked);
    else if (x->policy == TRACE_TIHO)
        share_tiho(p->out_value, p->out.n + 1, amount, ret, x->ranked);
    else
        memcpy(ret, p->out_value, p->out.n * sizeof(*ret));
}

/* One label's value to the outputs. What a share has of direct value is direct; the rest came
 * through others. */
static bool pass_on(struct exposure *x, const struct exposure_view *v, const struct gathered *g,
                    struct err *err)
{
    struct parts *p = &x->parts;
    uint32_t hops = g->best_indirect ? x->records[g->record].hops + 1u : 1;
    uint64_t all = g->direct;

    add_up(&all, g->indirect);
    share_out(x, all < p->in_sum ? all : p->in_sum, x->share);
    share_out(x, g->direct < p->in_sum ? g->direct : p->in_sum, x->share_direct);
    for (size_t i = 0; i < p->out.n; i++) {
        uint64_t output = p->out.first + i,
                 direct = x->share_direct[i] < x->share[i] ? x->share_direct[i] : x->share[i],
                 indirect = x->share[i] - direct;
        uint32_t script = owner(x, v, output);
        struct record r = {.tx = p->tx, .label = g->label};

        if (!x->share[i] || exposure_set_has(labels_of(x, script), g->label) ||
            exposure_origin_is(&x->labels, output, g->label))
            continue;
        r.hops = 1;
        r.amount = direct;
        r.from = g->payer;
        if (direct && !record_add(x, output, &r, script, err))
            return false;
        r.hops = (uint16_t)(hops < EXPOSURE_HOPS_MAX ? hops : EXPOSURE_HOPS_MAX);
        r.amount = indirect;
        r.from = g->record;
        if (indirect && !record_add(x, output, &r, script, err))
            return false;
    }
    return true;
}

/* What each input's owner has paid of what went to labelled addresses: by its part of the
 * inputs. */
static bool pay(struct exposure *x, const struct exposure_view *v, const struct exposure_set *to,
                uint64_t value, struct err *err)
{
    const struct parts *p = &x->parts;

    for (size_t i = 0; i < p->in.n; i++) {
        uint32_t script =
            p->in_output[i] == COINS_NONE ? EXPOSURE_NONE : owner(x, v, p->in_output[i]);
        const struct exposure_set *of = labels_of(x, script);
        uint64_t amount = (uint64_t)((unsigned __int128)p->in_value[i] * value / p->in_sum);

        for (uint32_t l = 0; script != EXPOSURE_NONE && amount && l < to->n; l++) {
            struct sum sum = {.amount = amount,
                              .best = p->tx,
                              .label = to->labels[l],
                              .hops = 1,
                              .direct = true,
                              .sent = true};

            if (!exposure_set_has(of, sum.label) && !sum_add(x, script, &sum, err))
                return false;
        }
    }
    return true;
}

static void see(struct exposure *x, uint32_t script)
{
    if (script != EXPOSURE_NONE && script >= x->scripts_seen)
        x->scripts_seen = script + 1;
}

static void inputs_read(struct exposure *x, const struct exposure_view *v)
{
    const struct parts *p = &x->parts;

    for (size_t i = 0; i < p->in.n; i++) {
        uint32_t script;

        if (p->in_output[i] == COINS_NONE)
            continue;
        script = owner(x, v, p->in_output[i]);
        if (script != EXPOSURE_NONE)
            add_up(&x->totals[script].sent, p->in_value[i]);
        gather(x, p->in_output[i], p->in_value[i], script);
    }
}

/* Origins are of their label where they were made. */
static bool origin_made(struct exposure *x, uint64_t output, uint64_t value, uint32_t script,
                        struct err *err)
{
    const struct exposure_origin *o = x->labels.origins;

    for (size_t at = exposure_origin_at(&x->labels, output);
         at < x->labels.origins_n && o[at].id == output; at++) {
        struct record r = {
            .tx = x->parts.tx, .amount = value, .from = EXPOSURE_NONE, .label = o[at].label};

        if (value && !record_add(x, output, &r, script, err))
            return false;
    }
    return true;
}

/* Does it pay a labelled address? */
static bool outputs_read(struct exposure *x, const struct exposure_view *v)
{
    const struct parts *p = &x->parts;
    bool pays = false;

    for (size_t i = 0; i < p->out.n; i++) {
        uint32_t script = owner(x, v, p->out.first + i);

        if (script == EXPOSURE_NONE)
            continue;
        see(x, script);
        add_up(&x->totals[script].received, p->out_value[i]);
        pays |= x->labels.set_of[script] != 0;
    }
    return pays;
}

static bool outputs_pass(struct exposure *x, const struct exposure_view *v, bool pays,
                         struct err *err)
{
    const struct parts *p = &x->parts;
    bool ok = true;

    for (size_t i = 0; ok && x->labels.origins_n && i < p->out.n; i++)
        ok = origin_made(x, p->out.first + i, p->out_value[i], owner(x, v, p->out.first + i), err);
    if (!p->in.n || !p->in_sum)
        return ok;
    if (!p->known && x->policy != TRACE_POISON) {
        x->unresolved += x->gathered_n > 0;
        return ok;
    }
    for (size_t i = 0; ok && i < x->gathered_n; i++)
        ok = pass_on(x, v, &x->gathered[i], err);
    for (size_t i = 0; ok && pays && p->known && i < p->out.n; i++) {
        const struct exposure_set *to = labels_of(x, owner(x, v, p->out.first + i));

        ok = !to || pay(x, v, to, p->out_value[i], err);
    }
    return ok;
}

static bool tx_add(struct exposure *x, const struct exposure_view *v, uint32_t tx, struct err *err)
{
    bool pays, ok;

    if (!parts_read(&x->parts, &v->coins, tx, err))
        return false;
    if (x->parts.out.first + x->parts.out.n > x->outputs_max)
        return err_fail(err, ERR_LIMIT, "exposure: more than %llu outputs",
                        (unsigned long long)x->outputs_max);
    inputs_read(x, v);
    pays = outputs_read(x, v);
    ok =
        (!x->gathered_n || share_room(x, x->parts.out.n + 1, err)) && outputs_pass(x, v, pays, err);
    for (size_t i = 0; i < x->gathered_n; i++)
        x->row_of[x->gathered[i].label] = 0;
    x->gathered_n = 0;
    return ok;
}

bool exposure_add(struct exposure *x, const struct exposure_view *view, struct err *err)
{
    for (; x->txs_done < view->coins.txs_n; x->txs_done++)
        if (!tx_add(x, view, x->txs_done, err))
            return false;
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
        .sums = x->sums_n,
        .unresolved = x->unresolved,
        .cut = cut_n,
        .bytes = x->outputs_done * sizeof(*x->first) +
                 (uint64_t)x->records_n * sizeof(*x->records) +
                 (uint64_t)x->scripts_seen *
                     (sizeof(*x->head) + sizeof(*x->totals) + sizeof(*x->labels.set_of)) +
                 (uint64_t)x->sums_n * sizeof(*x->sums),
    };
}

static size_t sums_of(const struct exposure *x, uint32_t script, bool sent, uint64_t all,
                      struct exposure_part *ret, size_t max)
{
    size_t n = 0, there = 0;

    if (script >= x->scripts_seen)
        return 0;
    for (uint32_t at = x->head[script]; at; at = x->sums[at - 1].next) {
        const struct sum *s = &x->sums[at - 1];
        struct exposure_part part = {.label = s->label,
                                     .direct = s->direct,
                                     .amount = u256_of(s->amount),
                                     .hops = s->hops,
                                     .best = s->best};

        if (s->sent != sent)
            continue;
        exposure_part_put(ret, &n, max, part, u256_of(all));
        there++;
    }
    return there;
}

uint64_t exposure_received_total(const struct exposure *x, uint32_t script)
{
    return script < x->scripts_seen ? x->totals[script].received : 0;
}

uint64_t exposure_sent_total(const struct exposure *x, uint32_t script)
{
    return script < x->scripts_seen ? x->totals[script].sent : 0;
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
    size_t n = 0, there = 0;

    if (output >= x->outputs_done)
        return 0;
    for (uint32_t at = x->first[output]; at; at = x->records[at - 1].next, there++) {
        const struct record *r = &x->records[at - 1];
        struct exposure_part part = {.label = r->label,
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
    size_t hops = 1, kept;
    uint32_t at = record;

    *ret_source = EXPOSURE_NONE;
    if (record >= x->records_n)
        return 0;
    for (; !is_direct(&x->records[at]); hops++)
        at = x->records[at].from; /* always an earlier one */
    *ret_source = x->records[at].from;
    kept = hops < max ? hops : max;
    for (at = record; kept; at = x->records[at].from)
        ret_txs[--kept] = x->records[at].tx;
    return hops;
}

/* ---- further on ---- */

#define FAR_BYTES_MAX ((size_t)1 << 26)

struct walk {
    const struct exposure *x;
    const struct exposure_view *view;
    const struct exposure_set *own;
    uint32_t script;
};

/* The labels of an output's owner, if the walk ends there. */
static const struct exposure_set *walk_end(const struct walk *w, uint64_t output)
{
    uint32_t script = owner(w->x, w->view, output);
    const struct exposure_set *s = script == w->script ? NULL : labels_of(w->x, script);

    for (uint32_t i = 0; s && i < s->n; i++)
        if (s->stops || !exposure_set_has(w->own, s->labels[i]))
            return s;
    return NULL;
}

static int32_t walk_stop(void *ctx, uint64_t output)
{
    return walk_end(ctx, output) ? 0 : -1;
}

/* Ascending, as a trace wants them. */
static bool walk_origins(struct arena *a, const struct exposure_far_asked *asked,
                         struct trace_case *ask, struct err *err)
{
    size_t n = asked->outputs_n < EXPOSURE_FAR_OWN_MAX ? asked->outputs_n : EXPOSURE_FAR_OWN_MAX;
    uint64_t *origins = ARENA_ARRAY(a, uint64_t, n + 1);

    if (!origins)
        return err_fail(err, ERR_NOMEM, "exposure");
    for (size_t i = 0; i < n; i++) {
        if (i && asked->outputs[i] >= asked->outputs[i - 1])
            return err_fail(err, ERR_USAGE, "exposure: outputs are not newest first");
        origins[n - 1 - i] = asked->outputs[i];
    }
    ask->origins = origins;
    ask->origins_n = n;
    return true;
}

/* As many hops as the limit allows. */
static bool walk_trace(struct arena *a, const struct exposure_view *v, struct trace_case *ask,
                       struct trace *ret, struct exposure_far *far, struct err *err)
{
    for (; far->hops > 1; far->hops--) {
        ask->hops_max = far->hops;
        if (trace_forward(a, &v->coins, ask, 1, ret, err)) {
            far->cut |= ret->totals.cut > 0;
            far->exact = ret->exact;
            return true;
        }
        if (err->class != ERR_LIMIT)
            return false;
        far->cut = true;
    }
    *ret = (struct trace){.reached_n = 0};
    return true;
}

static void walk_count(const struct walk *w, const struct trace *t, struct sum *sums)
{
    for (size_t i = 0; i < t->reached_n; i++) {
        const struct trace_reached *r = &t->reached[i];
        const struct exposure_set *s = r->hop > 1 ? walk_end(w, r->output) : NULL;

        for (uint32_t l = 0; s && l < s->n; l++) {
            struct sum *sum = &sums[s->labels[l]];

            if (exposure_set_has(w->own, s->labels[l]))
                continue;
            add_up(&sum->amount, r->taint);
            if (r->taint > sum->largest) {
                sum->largest = r->taint;
                sum->hops = (uint16_t)r->hop;
                sum->best = coins_maker(&w->view->coins, r->output);
            }
        }
    }
}

static bool walk_far(struct arena *a, const struct walk *w, const struct exposure_far_asked *asked,
                     struct exposure_part *ret, size_t max, struct exposure_far *far,
                     struct err *err)
{
    struct trace_case ask = {.policy = w->x->policy,
                             .stop_of = walk_stop,
                             .stop_ctx = (void *)w,
                             .reached_max = EXPOSURE_FAR_OUTPUTS_MAX};
    struct sum *sums = ARENA_ARRAY(a, struct sum, w->x->labels_n + 1);
    uint64_t all = exposure_sent_total(w->x, w->script);
    size_t n = 0;
    struct trace t;

    if (asked->outputs_max && asked->outputs_max < ask.reached_max)
        ask.reached_max = asked->outputs_max;
    if (!sums)
        return err_fail(err, ERR_NOMEM, "exposure");
    if (!walk_origins(a, asked, &ask, err) || !walk_trace(a, w->view, &ask, &t, far, err))
        return false;
    walk_count(w, &t, sums);
    for (uint32_t l = 0; l < w->x->labels_n; l++) {
        struct exposure_part part = {.label = (uint16_t)l,
                                     .amount = u256_of(sums[l].amount),
                                     .hops = sums[l].hops,
                                     .best = sums[l].best};

        if (!sums[l].amount)
            continue;
        exposure_part_put(ret, &n, max, part, u256_of(all));
        far->parts_n++;
    }
    return true;
}

bool exposure_sent_far(const struct exposure *x, const struct exposure_view *view,
                       const struct exposure_far_asked *asked, struct exposure_part *ret,
                       size_t max, struct exposure_far *ret_far, struct err *err)
{
    struct exposure_far far = {.hops = EXPOSURE_FAR_HOPS_MAX,
                               .cut = asked->outputs_n > EXPOSURE_FAR_OWN_MAX,
                               .exact = true};
    struct walk w = {x, view, NULL, asked->script};
    struct arena *a = arena_new(NULL, FAR_BYTES_MAX);
    bool ok;

    if (!a)
        return err_fail(err, ERR_NOMEM, "exposure");
    if (asked->script < x->scripts_max)
        w.own = labels_of(x, asked->script);
    if (asked->hops_max && asked->hops_max < far.hops)
        far.hops = asked->hops_max;
    ok = walk_far(a, &w, asked, ret, max, &far, err);
    arena_free(a);
    if (ok)
        *ret_far = far;
    return ok;
}
