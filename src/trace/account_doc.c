/* What all writers of a document ask, and what follows from a trace without being part of it. */
#include "trace/account_doc.h"

#include "trace/stops.h"

static bool no_memory(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "a trace");
}

struct trace_stop account_doc_stop(const struct account_doc *d, int32_t stop)
{
    const char *name;

    if (stop >= 0)
        return d->stops[stop];
    name = account_stop_name((enum account_stop)stop);
    return (struct trace_stop){"", name ? name : "", name ? name : "", TRACE_RULES, NULL};
}

struct account_ledger_block account_doc_block(const struct account_doc *d, uint64_t transfer)
{
    uint32_t block = account_ledger_tx_block(d->ledger, accounts_tx_of(&d->accounts, transfer));

    return account_ledger_block(d->ledger, block);
}

uint64_t account_doc_asset(const struct account_doc *d, const struct account_move *m)
{
    struct transfer t = accounts_transfer(&d->accounts, m->transfer);

    return transfer_asset(&d->accounts, &t);
}

static bool find_used(struct arena *a, struct account_doc *d, struct err *err)
{
    bool *used = ARENA_ARRAY(a, bool, d->stops_n);

    for (size_t i = 0; used && i < d->trace->balances_n; i++)
        if (d->trace->balances[i].stop >= 0)
            used[d->trace->balances[i].stop] = true;
    d->stops_used = used ? stops_used(a, d->stops, d->stops_n, used, &d->stops_used_n) : NULL;
    return d->stops_used || no_memory(a, err);
}

static bool is_held(const struct account_trace *t, uint64_t holding)
{
    size_t low = 0, high = t->balances_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (t->balances[middle].holding < holding)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < t->balances_n && t->balances[low].holding == holding; low++)
        if (t->balances[low].stop == STOP_NONE)
            return true;
    return false;
}

/* The block of the first move to a holding that holds some of it still, or BLOCK_NONE. */
static uint32_t oldest_held(const struct account_doc *d)
{
    for (size_t i = 0; i < d->trace->moves_n; i++) {
        uint64_t transfer = d->trace->moves[i].transfer;

        if (is_held(d->trace, accounts_transfer(&d->accounts, transfer).to))
            return account_ledger_tx_block(d->ledger, accounts_tx_of(&d->accounts, transfer));
    }
    return BLOCK_NONE;
}

static bool find_gaps(struct arena *a, struct account_doc *d, struct err *err)
{
    uint64_t runs = account_ledger_counts(d->ledger).runs;
    uint32_t oldest = oldest_held(d), first;
    struct trace_gap *at;

    if (oldest >= d->blocks_n)
        return true;
    first = account_ledger_run_of(d->ledger, oldest);
    at = first < runs ? ARENA_ARRAY(a, struct trace_gap, runs - first) : NULL;
    if (!at)
        return no_memory(a, err);
    d->gaps = at;
    for (uint64_t r = (uint64_t)first + 1; r < runs; r++) {
        uint32_t before = account_ledger_run(d->ledger, (uint32_t)r).block_first;

        if (before < d->blocks_n)
            at[d->gaps_n++] = (struct trace_gap){before - 1, before};
    }
    return true;
}

/* The block of the first move of the native coin, or BLOCK_NONE. */
static uint32_t first_native(const struct account_doc *d)
{
    for (size_t i = 0; i < d->trace->moves_n; i++)
        if (account_doc_asset(d, &d->trace->moves[i]) == ACCOUNT_NOBODY)
            return account_ledger_tx_block(
                d->ledger, accounts_tx_of(&d->accounts, d->trace->moves[i].transfer));
    return BLOCK_NONE;
}

static void ask_internals(struct account_doc *d)
{
    enum chain_shape shape = account_ledger_chain(d->ledger)->shape;
    uint32_t native = first_native(d);

    d->internals = true;
    d->unseen = false;
    if (shape == CHAIN_BANK)
        return;
    for (uint32_t b = 0; b < d->blocks_n; b++)
        if (!account_ledger_block(d->ledger, b).internals) {
            d->internals = false;
            d->unseen |= b >= native;
        }
}

bool account_doc_complete(struct arena *a, struct account_doc *d, struct err *err)
{
    d->gaps_n = 0;
    if (!stops_hash(a, d->stops, d->stops_n, &d->stops_sha256, err) || !find_used(a, d, err) ||
        !find_gaps(a, d, err) ||
        !look_alikes_find(a, d->ledger, &d->accounts, d->trace, d->look, &d->look_alikes,
                          &d->look_alikes_n, err) ||
        !spoofs_find(a, d->ledger, &d->accounts, d->trace, d->tokens, d->tokens_n, &d->spoofs,
                     &d->spoofs_n, err))
        return false;
    d->tokens_sha256 = token_list_hash(d->tokens, d->tokens_n);
    ask_internals(d);
    d->paired = 0;
    for (size_t i = 0; i < d->trace->moves_n; i++)
        d->paired +=
            accounts_transfer(&d->accounts, d->trace->moves[i].transfer).kind == TRANSFER_PAIRED;
    d->exact = d->trace->exact && !d->unseen && !d->paired;
    return true;
}
