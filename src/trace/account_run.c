#include "trace/account_run.h"

#include "chain/facts.h"

static bool no_memory(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "a trace");
}

bool account_until_of_case(const struct account_ledger *l, const struct case_file *c,
                           uint32_t *ret_blocks_n, struct err *err)
{
    const char *what = c->has_until ? "limits.until" : "limits.until_time";
    uint32_t n = 0;

    *ret_blocks_n = 0;
    if (!c->has_until && !c->has_until_time)
        return true;
    if (c->has_until)
        n = account_ledger_blocks_to_height(l, c->until);
    else
        n = account_ledger_blocks_to_time(l, c->until_time);
    *ret_blocks_n = n;
    return n || err_fail(err, ERR_NOT_FOUND, "%s: the ledger has no block that early", what);
}

bool account_request_from_case(struct arena *a, const struct account_ledger *l,
                               const struct case_file *c, const struct trace_stop *more,
                               size_t more_n, struct account_request *ret, struct err *err)
{
    struct trace_stop *stops = ARENA_ARRAY(a, struct trace_stop, c->stops_n + more_n);
    struct account_request r = {
        .case_id = c->id,
        .title = c->title,
        .origins = c->origins,
        .origins_n = c->origins_n,
        .conversions = c->conversions,
        .conversions_n = c->conversions_n,
        .policy = c->has_policy ? c->policy : TRACE_FIFO,
        .dust = c->dust,
        .hops_max = c->has_hops ? c->hops_max : TRACE_HOPS_NONE,
        .stops = stops,
        .stops_n = c->stops_n + more_n,
        .look = c->look.head + c->look.tail ? c->look : (struct look_rule){LOOK_HEAD, LOOK_TAIL},
        .tokens = c->tokens,
        .tokens_n = c->tokens_n,
    };

    if (!stops)
        return no_memory(a, err);
    if (c->chain && chain_by_name(c->chain) != account_ledger_chain(l))
        return err_fail(err, ERR_INPUT, "chain: the case is of \"%s\", the ledger of %s", c->chain,
                        account_ledger_chain(l)->name);
    if (c->stops_n)
        memcpy(stops, c->stops, c->stops_n * sizeof(*stops));
    if (more_n)
        memcpy(stops + c->stops_n, more, more_n * sizeof(*stops));
    if (!account_until_of_case(l, c, &r.blocks_n, err))
        return false;
    *ret = r;
    return true;
}

struct account_doc account_doc_of(const struct account_ledger *l, const struct account_request *r,
                                  const struct account_trace *t)
{
    uint64_t all = account_ledger_counts(l).blocks;
    struct account_doc d = {
        .ledger = l,
        .blocks_n = r->blocks_n && r->blocks_n < all ? r->blocks_n : (uint32_t)all,
        .case_id = r->case_id,
        .title = r->title,
        .policy = r->policy,
        .dust = r->dust,
        .hops_max = r->hops_max,
        .hub_spends_max = r->hub_spends_max,
        .stops = r->stops,
        .stops_n = r->stops_n,
        .conversions = r->conversions,
        .conversions_n = r->conversions_n,
        .look = r->look,
        .tokens = r->tokens,
        .tokens_n = r->tokens_n,
        .trace = t,
    };

    d.accounts = account_ledger_until(l, d.blocks_n);
    return d;
}
