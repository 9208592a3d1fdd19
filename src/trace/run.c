#include "trace/run.h"

#include "trace/stops.h"

static bool no_memory(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "a trace");
}

bool trace_until_height(const struct ledger *l, uint32_t height, uint32_t *ret_blocks_n,
                        struct err *err)
{
    uint32_t blocks_n;

    (void)ledger_coins_until(l, height, &blocks_n);
    if (!blocks_n)
        return err_fail(err, ERR_NOT_FOUND, "the ledger has no block at or below height %u",
                        height);
    *ret_blocks_n = blocks_n;
    return true;
}

bool trace_until_time(const struct ledger *l, uint64_t time, uint32_t *ret_blocks_n,
                      struct err *err)
{
    uint64_t all = ledger_counts(l).blocks;
    uint32_t n = 0;

    while (n < all && ledger_block(l, n).time <= time)
        n++;
    if (!n)
        return err_fail(err, ERR_NOT_FOUND, "the ledger's first block is later than that");
    *ret_blocks_n = n;
    return true;
}

struct coins trace_coins_of(const struct ledger *l, uint32_t blocks_n)
{
    struct coins c = *ledger_coins(l);
    uint32_t tx;

    if (blocks_n >= ledger_counts(l).blocks)
        return c;
    tx = ledger_block(l, blocks_n).tx_first;
    if (tx < c.txs_n) {
        uint64_t outputs_n = coins_outputs(&c, tx).first, inputs_n = coins_inputs(&c, tx).first;

        c.txs_n = tx;
        c.outputs_n = outputs_n;
        c.inputs_n = inputs_n;
    }
    return c;
}

bool trace_request_from_case(struct arena *a, const struct ledger *l, const struct case_file *c,
                             const struct trace_stop *more, size_t more_n,
                             struct trace_request *ret, struct err *err)
{
    struct trace_stop *stops = ARENA_ARRAY(a, struct trace_stop, c->stops_n + more_n);
    struct trace_request r = {
        .case_id = c->id,
        .title = c->title,
        .origins = c->origins,
        .origins_n = c->origins_n,
        .policy = c->has_policy ? c->policy : TRACE_FIFO,
        .dust = c->dust.w[0],
        .hops_max = c->has_hops ? c->hops_max : TRACE_HOPS_NONE,
        .stops = stops,
        .stops_n = c->stops_n + more_n,
    };

    if (!stops)
        return no_memory(a, err);
    if (c->chain && strcmp(c->chain, ledger_chain(l)->name))
        return err_fail(err, ERR_INPUT, "chain: the case is of \"%s\", the ledger of %s", c->chain,
                        ledger_chain(l)->name);
    if (c->conversions_n)
        return err_fail(err, ERR_INPUT, "conversions: not followed in one ledger of coins");
    if (u256_less(u256_of(UINT64_MAX), c->dust))
        return err_fail(err, ERR_INPUT, "limits.dust: more than there is of any coin");
    if (c->stops_n)
        memcpy(stops, c->stops, c->stops_n * sizeof(*stops));
    if (more_n)
        memcpy(stops + c->stops_n, more, more_n * sizeof(*stops));
    if (c->has_until && !trace_until_height(l, c->until, &r.blocks_n, err))
        return err_in(err, "limits.until");
    if (c->has_until_time && !trace_until_time(l, c->until_time, &r.blocks_n, err))
        return err_in(err, "limits.until_time");
    *ret = r;
    return true;
}

static bool prepare(struct arena *a, const struct trace_request *r, bool units, struct trace_doc *d,
                    struct trace_case *ret, struct err *err)
{
    struct stop_set *stops = NULL;
    struct trace_case c = {
        .policy = r->policy, .dust = r->dust, .hops_max = r->hops_max, .units = units};

    if (!origins_resolve(a, d->ledger, &d->coins, r->origins, r->origins_n, &c.origins,
                         &c.origins_n, err))
        return false;
    if (r->stops_n) {
        if (!stop_set_new(a, d->ledger, r->stops, r->stops_n, &stops, err))
            return false;
        c.stop_of = stop_set_of;
        c.stop_ctx = stops;
    }
    *ret = c;
    return true;
}

struct trace_doc trace_doc_of(const struct ledger *l, const struct trace_request *r,
                              const struct trace *t)
{
    uint64_t all = ledger_counts(l).blocks;
    struct trace_doc d = {
        .ledger = l,
        .blocks_n = r->blocks_n && r->blocks_n < all ? r->blocks_n : (uint32_t)all,
        .case_id = r->case_id,
        .title = r->title,
        .policy = r->policy,
        .dust = r->dust,
        .hops_max = r->hops_max,
        .stops = r->stops,
        .stops_n = r->stops_n,
        .trace = t,
    };

    d.coins = trace_coins_of(l, d.blocks_n);
    return d;
}

/* Follows those of a stretch of requests that share a snapshot. */
static bool follow(struct arena *a, struct trace_doc *docs, const struct trace_case *cases,
                   size_t n, struct trace *traces, struct err *err)
{
    if (!trace_forward(a, &docs->coins, cases, n, traces, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (!trace_doc_complete(a, &docs[i], err))
            return false;
    return true;
}

bool trace_run(struct arena *a, const struct ledger *l, const struct trace_request *requests,
               size_t n, struct trace_doc *ret, struct err *err)
{
    struct trace *traces = ARENA_ARRAY(a, struct trace, n);
    struct trace_case *cases = ARENA_ARRAY(a, struct trace_case, n);
    size_t first = 0;

    if (n > TRACE_REQUESTS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d cases", TRACE_REQUESTS_MAX);
    if (!traces || !cases)
        return no_memory(a, err);
    for (size_t i = 0; i < n; i++) {
        struct trace_request own = requests[i];

        if (!stops_with_pools(a, ledger_chain(l), own.stops, own.stops_n, &own.stops, &own.stops_n,
                              err))
            return false;
        ret[i] = trace_doc_of(l, &own, &traces[i]);
        if (!prepare(a, &own, n > 1, &ret[i], &cases[i], err))
            return requests[i].case_id ? err_in(err, "case \"%.100s\"", requests[i].case_id)
                                       : false;
    }
    for (size_t i = 1; i <= n; i++) {
        if (i < n && ret[i].blocks_n == ret[first].blocks_n)
            continue;
        if (!follow(a, &ret[first], &cases[first], i - first, &traces[first], err))
            return false;
        first = i;
    }
    return true;
}
