/* Forward traces: one pass, in the order of the ledger, over the transactions that spend something tainted.
 *
 * Every output that a case has reached is a node. A node that is followed waits in the queue under the transaction that
 * spends it; edges only point forward, so the least transaction in the queue has all its tainted inputs there,
 * and is done with once visited. A transaction that several cases come to is read once; each case then looks only
 * at its own nodes, so that none can change another's result.
 *
 *     queue: least transaction -> its nodes, by case -> policy: shares of outputs and fee -> nodes -> queue
 *
 * Memory is fetched a few transactions ahead of the visit, since a chain's columns are larger than any cache. */
#include "trace/trace.h"

#include "base/mem.h"
#include "base/sort.h"
#include "trace/amounts.h"
#include "trace/parts.h"
#include "trace/queue.h"
#include "trace/runs.h"

#include <string.h>

#define NODE_NONE UINT32_MAX
#define STAGES 3
#define OUTPUT_BITS 40 /* of an output's id, below the case in a due node's key */

struct node {
    uint64_t output, taint;
    uint32_t hop, spent_by;
    int32_t stop;
    uint32_t in_case;
    uint32_t runs, runs_n; /* place in the store; 0 runs: tainted whole, or the policy keeps none */
};

struct state { /* of a case */
    const struct trace_case *ask;
    size_t origins_from, origins_at; /* its origins are nodes from there on; the first one not yet passed */
    size_t reached_n, reached_max;
    uint64_t runs_live, runs_moved;
    struct trace_totals totals;
    struct trace_unresolved *unresolved;
    size_t unresolved_n, unresolved_size;
    bool inexact;
};

struct ahead { /* how far memory has been asked for: key is lead transactions in front of the visit */
    uint32_t key, lead;
};

struct engine {
    const struct coins *coins;
    struct state *states;
    size_t cases_n;
    struct queue *queue;
    struct node *nodes;
    size_t nodes_n, nodes_size;
    struct run_store store;
    uint64_t in_end, out_end; /* of the transaction visited last: ranges must ascend */
    struct ahead ahead[STAGES];

    /* Of the transaction in hand, used again for each. */
    struct parts parts;
    struct keyed *due, *due_scratch; /* nodes that it spends: case and output, node */
    size_t due_n, due_size, due_scratch_size;
    uint32_t *in_node; /* [in.n] the node an input spends in the case in hand, or NODE_NONE */
    size_t in_node_size;
    uint64_t *share; /* [out.n + 1] */
    size_t share_size;
    struct ranked *ranked; /* [out.n + 1] */
    size_t ranked_size;
    struct run_list line, piece;
};

static const char *const policy_names[] = {"fifo", "lifo", "haircut", "tiho", "poison"};

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

/* Totals are sums over different outputs of a chain; damaged columns alone can bring one past 64 bits. */
static bool count(uint64_t *total, uint64_t amount, struct err *err)
{
    if (__builtin_add_overflow(*total, amount, total))
        return err_fail(err, ERR_CORRUPT, "tainted amounts add up past 64 bits");
    return true;
}

static bool node_add(struct engine *e, struct state *s, struct node node, struct err *err)
{
    if (s->reached_n == s->reached_max)
        return err_fail(err, ERR_LIMIT, "more than %zu outputs are reached", s->reached_max);
    if (e->nodes_n == NODE_NONE ||
        !parts_room((void **)&e->nodes, &e->nodes_size, e->nodes_n + 1, sizeof(*e->nodes)))
        return nomem(err);
    s->reached_n++;
    e->nodes[e->nodes_n++] = node;
    return true;
}

/* ---- the transaction in hand, for one case: due[from, to) are the nodes it spends ---- */

static bool unresolved_add(struct state *s, uint32_t tx, uint64_t taint, struct err *err)
{
    if (!parts_room((void **)&s->unresolved, &s->unresolved_size, s->unresolved_n + 1, sizeof(*s->unresolved)))
        return nomem(err);
    s->unresolved[s->unresolved_n++] = (struct trace_unresolved){tx, taint};
    s->inexact = true;
    return count(&s->totals.unresolved, taint, err);
}

/* The due node of that output: they ascend. Few inputs are tainted as a rule, and then looking at each is quicker. */
static size_t due_find(const struct engine *e, size_t from, size_t to, uint64_t output)
{
    uint64_t wanted = (e->due[from].key >> OUTPUT_BITS << OUTPUT_BITS) | output;
    size_t end = to;

    while (to - from > 8) {
        size_t middle = from + (to - from) / 2;

        if (e->due[middle].key <= wanted)
            from = middle;
        else
            to = middle;
    }
    for (; from < to; from++)
        if (e->due[from].key == wanted)
            return from;
    return end;
}

/* Which inputs are tainted. Each due node must be spent by exactly one of them. */
static bool match_inputs(struct engine *e, size_t from, size_t to, struct err *err)
{
    const struct parts *p = &e->parts;
    size_t matched = 0;

    for (size_t i = 0; i < p->in.n; i++) {
        size_t k = p->in_output[i] == COINS_NONE ? to : due_find(e, from, to, p->in_output[i]);

        e->in_node[i] = NODE_NONE;
        if (k == to)
            continue;
        if (e->due[k].with)
            return err_fail(err, ERR_CORRUPT, "transaction %u: spends output %llu twice", p->tx,
                            (unsigned long long)p->in_output[i]);
        e->due[k].with = 1;
        e->in_node[i] = e->due[k].index;
        matched++;
    }
    if (matched != to - from)
        return err_fail(err, ERR_CORRUPT, "transaction %u: does not spend an output that says so", p->tx);
    return true;
}

static bool line_of_inputs(struct engine *e, bool turned)
{
    const struct parts *p = &e->parts;
    uint64_t base = 0;

    e->line.n = 0;
    for (size_t i = 0; i < p->in.n; base += p->in_value[i++]) {
        const struct node *node;

        if (e->in_node[i] == NODE_NONE)
            continue;
        node = &e->nodes[e->in_node[i]];
        if (!node->runs_n && !run_list_add(&e->line, base, base + p->in_value[i]))
            return false;
        for (uint32_t r = 0; r < node->runs_n; r++) {
            struct run run = e->store.at[node->runs + r];

            if (!run_list_add(&e->line, base + run.start, base + run.end))
                return false;
        }
    }
    if (turned)
        run_list_turn(&e->line, p->in_sum);
    return true;
}

/* What was tainted in the inputs is spent: their runs go back to the store. */
static void drop_runs(struct engine *e, struct state *s, size_t from, size_t to)
{
    for (size_t k = from; k < to; k++) {
        struct node *node = &e->nodes[e->due[k].index];

        if (node->runs_n) {
            run_store_drop(&e->store, node->runs, node->runs_n);
            s->runs_live -= node->runs_n;
            node->runs_n = 0;
        }
    }
}

static bool keep_runs(struct engine *e, struct state *s, struct node *node, struct err *err)
{
    size_t n = e->piece.n;

    if (n > TRACE_RUNS_MAX - s->runs_live || n > TRACE_RUNS_MOVED_MAX - s->runs_moved)
        return err_fail(err, ERR_LIMIT, "transaction %u: taint is in too many pieces", e->parts.tx);
    if (!run_store_put(&e->store, e->piece.at, (uint32_t)n, &node->runs))
        return nomem(err);
    node->runs_n = (uint32_t)n;
    s->runs_live += n;
    s->runs_moved += n;
    return true;
}

/* An output has got taint: e->piece says where in it, if the policy keeps runs. */
static bool reach(struct engine *e, struct state *s, uint64_t output, uint64_t value, uint64_t taint, uint32_t hop,
                  struct err *err)
{
    const struct trace_case *ask = s->ask;
    struct node node = {.output = output, .taint = taint, .hop = hop, .stop = -1};

    node.in_case = (uint32_t)(s - e->states);
    if (ask->stop_of)
        node.stop = ask->stop_of(ask->stop_ctx, output);
    if (node.stop < 0 && taint < ask->dust)
        return count(&s->totals.dust, taint, err);
    node.spent_by = coins_spender(e->coins, output);
    if (node.spent_by != COINS_TX_NONE && node.spent_by <= e->parts.tx)
        return err_fail(err, ERR_CORRUPT, "transaction %u: its output %llu is spent before it is made", e->parts.tx,
                        (unsigned long long)output);
    if (node.stop >= 0 || node.spent_by == COINS_TX_NONE)
        return count(node.stop >= 0 ? &s->totals.exits : &s->totals.held, taint, err) && node_add(e, s, node, err);
    if (keeps_runs(ask->policy) && taint < value && !keep_runs(e, s, &node, err))
        return false;
    if (!node_add(e, s, node, err))
        return false;
    return queue_push(e->queue, node.spent_by, (uint32_t)(e->nodes_n - 1)) || nomem(err);
}

/* Shares of all parts, for the policies that know only how much. */
static void share_amounts(struct engine *e, enum trace_policy policy, uint64_t tainted)
{
    const struct parts *p = &e->parts;

    if (policy == TRACE_HAIRCUT)
        share_haircut(p->out_value, p->out.n + 1, p->in_sum, tainted, e->share, e->ranked);
    else if (policy == TRACE_TIHO)
        share_tiho(p->out_value, p->out.n + 1, tainted, e->share, e->ranked);
    else /* poison: the fee too is tainted whole, as far as it is known */
        memcpy(e->share, p->out_value, (p->out.n + 1) * sizeof(*e->share));
}

/* The outputs in order: whichever got a share is reached; one that is an origin is so already, and whole. */
static bool deal_shares(struct engine *e, struct state *s, uint64_t tainted, uint32_t hop, struct err *err)
{
    const struct parts *p = &e->parts;
    const struct trace_case *ask = s->ask;
    bool by_runs = keeps_runs(ask->policy);
    uint64_t position = 0, left = tainted;
    size_t cut_at = 0;

    if (!by_runs)
        share_amounts(e, ask->policy, tainted);
    while (s->origins_at < ask->origins_n && ask->origins[s->origins_at] < p->out.first)
        s->origins_at++;
    for (size_t j = 0; j < p->out.n; position += p->out_value[j++]) {
        uint64_t output = p->out.first + j, taint;

        if (by_runs && !runs_cut(&e->line, &cut_at, position, position + p->out_value[j], &e->piece, &e->share[j]))
            return nomem(err);
        taint = e->share[j];
        left -= taint;
        if (s->origins_at < ask->origins_n && ask->origins[s->origins_at] == output) {
            s->origins_at++;
            s->totals.origin -= taint;
        } else if (taint && !reach(e, s, output, p->out_value[j], taint, hop, err)) {
            return false;
        }
    }
    return count(&s->totals.fees, ask->policy == TRACE_POISON ? e->share[p->out.n] : left, err);
}

static bool visit_case(struct engine *e, size_t from, size_t to, struct err *err)
{
    struct state *s = &e->states[e->due[from].key >> OUTPUT_BITS];
    const struct trace_case *ask = s->ask;
    uint32_t hop = UINT32_MAX;
    uint64_t tainted = 0;
    bool ok;

    for (size_t k = from; k < to; k++) {
        const struct node *node = &e->nodes[e->due[k].index];

        if (node->hop < hop)
            hop = node->hop;
        if (!count(&tainted, node->taint, err))
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
        if (keeps_runs(ask->policy) && !line_of_inputs(e, ask->policy == TRACE_LIFO))
            return nomem(err);
        ok = deal_shares(e, s, tainted, hop + 1, err);
    }
    drop_runs(e, s, from, to);
    return ok;
}

/* ---- the pass ---- */

/* Memory for transactions to come, in three steps, since each needs what the one before has fetched: where their parts
 * are; their parts; what their inputs spend. */
static void fetch(const struct engine *e, unsigned stage, uint32_t tx)
{
    const struct coins *c = e->coins;
    uint32_t node;
    struct coins_range in, out;

    __builtin_prefetch(c->tx_first + (uint64_t)tx * TX_FIRST_BYTES);
    if (stage == 0)
        return;
    in = coins_inputs(c, tx);
    if (stage == 1) {
        out = coins_outputs(c, tx);
        node = queue_glance(e->queue, tx);
        if (node != QUEUE_NONE)
            __builtin_prefetch(&e->nodes[node]);
        __builtin_prefetch(c->in_source + in.first * ID_BYTES);
        __builtin_prefetch(c->out_value + out.first * 8);
        __builtin_prefetch(c->out_spent + out.first * 4);
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
    static const uint32_t leads[STAGES] = {24, 16, 8};

    for (unsigned stage = 0; stage < STAGES; stage++) {
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

static bool take_due(struct engine *e, uint32_t tx, struct err *err)
{
    uint32_t node;

    for (e->due_n = 0; queue_take(e->queue, tx, &node); e->due_n++) {
        if (!parts_room((void **)&e->due, &e->due_size, e->due_n + 1, sizeof(*e->due)))
            return nomem(err);
        e->due[e->due_n] = (struct keyed){
            (uint64_t)e->nodes[node].in_case << OUTPUT_BITS | e->nodes[node].output, node, 0};
    }
    if (e->due_n > 1) {
        if (!parts_room((void **)&e->due_scratch, &e->due_scratch_size, e->due_n, sizeof(*e->due_scratch)))
            return nomem(err);
        sort_keyed(e->due, e->due_n, e->due_scratch);
    }
    return true;
}

static bool visit(struct engine *e, uint32_t tx, struct err *err)
{
    struct parts *p = &e->parts;

    if (!take_due(e, tx, err) || !parts_read(p, e->coins, tx, err))
        return false;
    if (p->in.first < e->in_end || p->out.first < e->out_end)
        return err_fail(err, ERR_CORRUPT, "transaction %u: its inputs or outputs are another's", tx);
    e->in_end = p->in.first + p->in.n;
    e->out_end = p->out.first + p->out.n;
    if (!parts_room((void **)&e->in_node, &e->in_node_size, p->in.n, sizeof(*e->in_node)) ||
        !parts_room((void **)&e->share, &e->share_size, p->out.n + 1, sizeof(*e->share)) ||
        !parts_room((void **)&e->ranked, &e->ranked_size, p->out.n + 1, sizeof(*e->ranked)))
        return nomem(err);
    for (size_t from = 0, to; from < e->due_n; from = to) {
        for (to = from + 1; to < e->due_n && !((e->due[to].key ^ e->due[from].key) >> OUTPUT_BITS); to++)
            ;
        if (!visit_case(e, from, to, err))
            return false;
    }
    return true;
}

/* Origins are nodes of their own, whole, whatever flows into them later. One of value 0 leads nowhere. */
static bool begin_case(struct engine *e, struct state *s, const struct trace_case *ask, struct err *err)
{
    s->ask = ask;
    s->origins_from = e->nodes_n;
    s->reached_max = ask->reached_max ? ask->reached_max : TRACE_REACHED_MAX;
    for (size_t i = 0; i < ask->origins_n; i++) {
        struct node node = {.output = ask->origins[i], .stop = -1, .in_case = (uint32_t)(s - e->states)};

        if (node.output >= e->coins->outputs_n)
            return err_fail(err, ERR_USAGE, "origin %llu is not in the ledger", (unsigned long long)node.output);
        if (i && node.output <= ask->origins[i - 1])
            return err_fail(err, ERR_USAGE, "origins do not ascend");
        node.taint = coins_value(e->coins, node.output);
        node.spent_by = coins_spender(e->coins, node.output);
        if (!node_add(e, s, node, err) || !count(&s->totals.origin, node.taint, err))
            return false;
        if (node.spent_by == COINS_TX_NONE)
            s->totals.held += node.taint;
        else if (node.taint && !queue_push(e->queue, node.spent_by, (uint32_t)(e->nodes_n - 1)))
            return nomem(err);
    }
    return true;
}

static bool conserved(const struct state *s, size_t number, struct err *err)
{
    const struct trace_totals *t = &s->totals;
    uint64_t out = 0;

    if (s->ask->policy == TRACE_POISON)
        return true;
    if (!count(&out, t->held, err) || !count(&out, t->exits, err) || !count(&out, t->cut, err) ||
        !count(&out, t->fees, err) || !count(&out, t->dust, err) || !count(&out, t->unresolved, err))
        return false;
    if (out != t->origin)
        return err_fail(err, ERR_CORRUPT, "case %zu: %llu was marked and %llu is accounted for", number,
                        (unsigned long long)t->origin, (unsigned long long)out);
    return true;
}

/* ---- the result ---- */

static bool no_room(struct arena *a, struct err *err)
{
    return err_fail(err, arena_limited(a) ? ERR_LIMIT : ERR_NOMEM, "no room for the outputs reached");
}

static bool make_room(struct engine *e, struct arena *a, struct trace *ret, struct err *err)
{
    for (size_t i = 0; i < e->cases_n; i++) {
        struct state *s = &e->states[i];

        ret[i] = (struct trace){.totals = s->totals, .exact = !s->inexact, .unresolved_n = s->unresolved_n};
        ret[i].reached = ARENA_ARRAY(a, struct trace_reached, s->reached_n);
        ret[i].unresolved = arena_copy(a, s->unresolved, s->unresolved_n * sizeof(*s->unresolved));
        if (!ret[i].reached || !ret[i].unresolved)
            return no_room(a, err);
    }
    return true;
}

static struct trace_reached reached_of(const struct node *n, bool origin)
{
    return (struct trace_reached){.output = n->output, .taint = n->taint, .hop = n->hop, .spent_by = n->spent_by,
                                  .stop = n->stop, .origin = origin};
}

/* The origins that come before an output, in their places. */
static void origins_before(const struct engine *e, struct state *s, uint64_t output, struct trace *ret)
{
    while (s->origins_at < s->ask->origins_n && s->ask->origins[s->origins_at] < output)
        ret->reached[ret->reached_n++] = reached_of(&e->nodes[s->origins_from + s->origins_at++], true);
}

/* Nodes were made in the order of the ledger, but for the origins, which were made first. */
static void hand_over(struct engine *e, size_t origins_n, struct trace *ret)
{
    for (size_t i = 0; i < e->cases_n; i++)
        e->states[i].origins_at = 0;
    for (size_t k = origins_n; k < e->nodes_n; k++) {
        const struct node *node = &e->nodes[k];
        struct trace *to = &ret[node->in_case];

        origins_before(e, &e->states[node->in_case], node->output, to);
        to->reached[to->reached_n++] = reached_of(node, false);
    }
    for (size_t i = 0; i < e->cases_n; i++)
        origins_before(e, &e->states[i], COINS_NONE, &ret[i]);
}

static bool run(struct engine *e, struct arena *a, const struct trace_case *cases, struct trace *ret, struct err *err)
{
    size_t origins_n;
    uint32_t tx;
    bool out_of_memory = false;

    e->queue = queue_new();
    e->states = mem_array(e->cases_n, sizeof(*e->states));
    if (!e->queue || !e->states)
        return nomem(err);
    for (size_t i = 0; i < e->cases_n; i++)
        if (!begin_case(e, &e->states[i], &cases[i], err))
            return false;
    origins_n = e->nodes_n;
    while (queue_first(e->queue, &tx, &out_of_memory)) {
        fetch_ahead(e, tx);
        if (!visit(e, tx, err))
            return false;
    }
    if (out_of_memory)
        return nomem(err);
    for (size_t i = 0; i < e->cases_n; i++)
        if (!conserved(&e->states[i], i, err))
            return false;
    if (!make_room(e, a, ret, err))
        return false;
    hand_over(e, origins_n, ret);
    return true;
}

static void engine_end(struct engine *e)
{
    for (size_t i = 0; e->states && i < e->cases_n; i++)
        mem_free(e->states[i].unresolved);
    mem_free(e->states);
    queue_free(e->queue);
    mem_free(e->nodes);
    run_store_free(&e->store);
    parts_free(&e->parts);
    mem_free(e->due);
    mem_free(e->due_scratch);
    mem_free(e->in_node);
    mem_free(e->share);
    mem_free(e->ranked);
    run_list_free(&e->line);
    run_list_free(&e->piece);
}

bool trace_forward(struct arena *a, const struct coins *coins, const struct trace_case *cases, size_t cases_n,
                   struct trace *ret, struct err *err)
{
    struct engine e = {.coins = coins, .cases_n = cases_n};
    bool ok;

    if (cases_n > TRACE_CASES_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu cases at once", TRACE_CASES_MAX);
    ok = run(&e, a, cases, ret, err);
    engine_end(&e);
    return ok;
}
