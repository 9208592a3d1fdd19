/* What all writers of a document ask, and what follows from a trace without being part of it. */
#include "trace/doc.h"

#include "trace/patterns.h"
#include "trace/stops.h"

#include <stdio.h>

uint32_t trace_doc_maker(const struct trace_doc *d, const struct trace_reached *r)
{
    return coins_maker(&d->coins, r->output);
}

bool trace_doc_held(const struct trace_reached *r)
{
    return r->stop < 0 && r->spent_by == COINS_TX_NONE;
}

bool trace_doc_address(const struct trace_doc *d, uint64_t output, char ret[ADDRESS_BYTES_MAX])
{
    uint8_t form[SCRIPT_FORM_MAX];
    struct bytes script;

    ret[0] = 0;
    return ledger_script(d->ledger, ledger_script_of(d->ledger, output), form, &script) &&
           address_of_script(ledger_chain(d->ledger), script, ret);
}

void trace_doc_txid(const struct trace_doc *d, uint32_t tx, char ret[TXID_TEXT_MAX])
{
    static const char digits[] = "0123456789abcdef";
    struct hash32 id = ledger_txid(d->ledger, tx);

    for (size_t i = 0; i < 32; i++) {
        ret[2 * i] = digits[id.b[31 - i] >> 4];
        ret[2 * i + 1] = digits[id.b[31 - i] & 15];
    }
    ret[64] = 0;
}

void trace_doc_outpoint(const struct trace_doc *d, uint64_t output, char ret[OUTPOINT_TEXT_MAX])
{
    uint32_t tx = coins_maker(&d->coins, output);
    uint64_t vout = output - coins_outputs(&d->coins, tx).first;

    trace_doc_txid(d, tx, ret);
    snprintf(ret + 64, OUTPOINT_TEXT_MAX - 64, ":%u", (unsigned)vout);
}

size_t trace_reached_from(const struct trace *t, uint64_t output)
{
    size_t low = 0, high = t->reached_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (t->reached[middle].output < output)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t trace_reached_find(const struct trace *t, uint64_t output)
{
    size_t at = trace_reached_from(t, output);

    return at < t->reached_n && t->reached[at].output == output ? at : t->reached_n;
}

void text_amount(struct text *to, uint64_t amount, unsigned decimals, int width)
{
    uint64_t one = 1;

    for (unsigned i = 0; i < decimals; i++)
        one *= 10;
    width -= decimals ? (int)decimals + 1 : 0;
    text_printf(to, "%*llu", width > 0 ? width : 0, (unsigned long long)(amount / one));
    if (decimals)
        text_printf(to, ".%0*llu", (int)decimals, (unsigned long long)(amount % one));
}

static bool no_memory(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "a trace");
}

static bool find_used(struct arena *a, struct trace_doc *d, struct err *err)
{
    bool *used = ARENA_ARRAY(a, bool, d->stops_n);

    for (size_t i = 0; used && i < d->trace->reached_n; i++)
        if (d->trace->reached[i].stop >= 0)
            used[d->trace->reached[i].stop] = true;
    d->stops_used = used ? stops_used(a, d->stops, d->stops_n, used, &d->stops_used_n) : NULL;
    return d->stops_used || no_memory(a, err);
}

/* The block of the oldest output that is still held, or BLOCK_NONE. */
static uint32_t oldest_held(const struct trace_doc *d)
{
    for (size_t i = 0; i < d->trace->reached_n; i++)
        if (trace_doc_held(&d->trace->reached[i]))
            return ledger_tx_block(d->ledger, trace_doc_maker(d, &d->trace->reached[i]));
    return BLOCK_NONE;
}

static bool find_gaps(struct arena *a, struct trace_doc *d, struct err *err)
{
    uint64_t runs = ledger_counts(d->ledger).runs;
    uint32_t oldest = oldest_held(d), first;
    struct trace_gap *at;

    if (oldest >= d->blocks_n)
        return true;
    first = ledger_run_of(d->ledger, oldest);
    at = first < runs ? ARENA_ARRAY(a, struct trace_gap, runs - first) : NULL;
    if (!at)
        return no_memory(a, err);
    d->gaps = at;
    for (uint64_t r = (uint64_t)first + 1; r < runs; r++) {
        uint32_t before = ledger_run(d->ledger, (uint32_t)r).block_first;

        if (before < d->blocks_n)
            at[d->gaps_n++] = (struct trace_gap){before - 1, before};
    }
    return true;
}

bool trace_doc_complete(struct arena *a, struct trace_doc *d, struct err *err)
{
    d->gaps_n = 0;
    return stops_hash(a, d->stops, d->stops_n, &d->stops_sha256, err) && find_used(a, d, err) &&
           find_gaps(a, d, err) &&
           patterns_find(a, d->ledger, &d->coins, d->trace, &d->patterns, &d->patterns_n, err);
}
