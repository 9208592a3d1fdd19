/* The document for people: what happened in plain sentences, where the money is, then the way it
 * went.
 *
 * Lists show the largest amounts, and say how much is not shown; the whole is in the other formats.
 */
#include "chain/facts.h"
#include "trace/doc.h"
#include "trace/patterns.h"

#define ROWS_MAX 30     /* of a list */
#define WAY_ROWS_MAX 40 /* of hops output by output; beyond, a line a hop */
#define HOPS_SHOWN_MAX 100

struct largest { /* the largest taints so far, the first in ledger order of equals */
    const struct trace_reached *at[ROWS_MAX];
    size_t n;
    uint64_t all_n, all;
};

static void largest_add(struct largest *l, const struct trace_reached *r)
{
    size_t i = l->n;

    l->all_n++;
    l->all += r->taint;
    if (i == ROWS_MAX) {
        if (l->at[i - 1]->taint >= r->taint)
            return;
        i--;
    } else {
        l->n++;
    }
    for (; i && l->at[i - 1]->taint < r->taint; i--)
        l->at[i] = l->at[i - 1];
    l->at[i] = r;
}

static void put_amount(struct text *to, const struct trace_doc *d, uint64_t amount, int width)
{
    text_amount(to, amount, ledger_chain(d->ledger)->decimals, width);
}

static void put_count(struct text *to, uint64_t n, const char *what, const char *ending)
{
    text_printf(to, "%llu %s%s", (unsigned long long)n, what, n == 1 ? "" : ending);
}

static void put_block(struct text *to, const struct trace_doc *d, uint32_t block)
{
    struct ledger_block b = ledger_block(d->ledger, block);

    text_str(to, "block ");
    if (b.height == HEIGHT_UNKNOWN)
        text_hex_reversed(to, b.hash.b, 32);
    else
        text_u64(to, b.height);
}

static void put_head(struct text *to, const struct trace_doc *d, uint32_t hops, uint64_t origins)
{
    uint32_t tip = (uint32_t)ledger_counts(d->ledger).blocks - 1;

    if (d->case_id || d->title)
        text_printf(to, "Case %s%s%s\n\n", d->case_id ? d->case_id : "",
                    d->case_id && d->title ? ": " : "", d->title ? d->title : "");
    if (origins || !d->trace->totals.converted_in)
        put_count(to, origins, "output", "s");
    else
        text_str(to, "What came by a route");
    text_printf(to, " on %s %s followed with %s to ", ledger_chain(d->ledger)->name,
                origins > 1 ? "were" : "was", trace_policy_name(d->policy));
    put_block(to, d, d->blocks_n - 1);
    if (tip >= d->blocks_n) {
        text_str(to, " (the ledger reaches to ");
        put_block(to, d, tip);
        text_char(to, ')');
    }
    text_str(to, ".\n");
    if (d->dust > 1) {
        text_str(to, "Taint below ");
        put_amount(to, d, d->dust, 0);
        text_str(to, " was not followed.\n");
    }
    if (d->hops_max != TRACE_HOPS_NONE)
        text_printf(to, "At most %u hop%s were followed.\n", d->hops_max,
                    d->hops_max == 1 ? "" : "s");
    if (d->trace->totals.converted_in) {
        put_amount(to, d, d->trace->totals.converted_in, 0);
        text_str(to, " came by a route and ");
    }
    put_amount(to, d, d->trace->totals.origin, 0);
    text_str(to, " was marked; it reached ");
    put_count(to, d->trace->reached_n, "output", "s");
    text_str(to, " in ");
    put_count(to, hops, "hop", "s");
    text_str(to, d->trace->exact ? ". Every unit is accounted for.\n"
                 : d->policy == TRACE_POISON
                     ? ". The trace passed inputs whose value is not known.\n"
                     : ". The trace is not exact: some of it ended at inputs of unknown value.\n");
    if (d->policy == TRACE_POISON)
        text_str(to, "Under poison whole outputs are marked, so the amounts add up to more than "
                     "was taken.\n");
}

static void put_total(struct text *to, const struct trace_doc *d, const char *name, uint64_t amount)
{
    uint64_t all = d->trace->totals.origin + d->trace->totals.converted_in;

    text_printf(to, "  %-14s", name);
    put_amount(to, d, amount, 20);
    if (all && d->policy != TRACE_POISON) {
        uint64_t tenths = (uint64_t)((unsigned __int128)amount * 1000 / all);

        text_printf(to, "  %3u.%u %%", (unsigned)(tenths / 10), (unsigned)(tenths % 10));
    }
    text_char(to, '\n');
}

static void put_totals(struct text *to, const struct trace_doc *d)
{
    const struct trace_totals *t = &d->trace->totals;

    text_char(to, '\n');
    put_total(to, d, "came to stops", t->exits);
    put_total(to, d, "still held", t->held);
    put_total(to, d, "fees", t->fees);
    if (t->cut)
        put_total(to, d, "hop limit", t->cut);
    if (t->dust)
        put_total(to, d, "dust", t->dust);
    if (t->unresolved)
        put_total(to, d, "unresolved", t->unresolved);
    put_total(to, d, "marked", t->origin);
    if (t->converted_in)
        put_total(to, d, "came by a route", t->converted_in);
}

static void put_where(struct text *to, const struct trace_doc *d, uint64_t output)
{
    uint8_t form[SCRIPT_FORM_MAX];
    struct bytes script;

    if (ledger_script(d->ledger, ledger_script_of(d->ledger, output), form, &script) &&
        script.n <= ADDRESS_BYTES_MAX)
        script_show(to, ledger_chain(d->ledger), script);
    else
        text_str(to, "a long script");
}

static void put_row(struct text *to, const struct trace_doc *d, const struct trace_reached *r)
{
    uint32_t height =
        ledger_block(d->ledger, ledger_tx_block(d->ledger, trace_doc_maker(d, r))).height;
    char output[OUTPOINT_TEXT_MAX];

    trace_doc_outpoint(d, r->output, output);
    put_amount(to, d, r->taint, 20);
    text_printf(to, "  %5u  ", r->hop);
    if (height == HEIGHT_UNKNOWN)
        text_str(to, "      ?");
    else
        text_printf(to, "%7u", height);
    text_str(to, "  ");
    put_where(to, d, r->output);
    if (r->stop >= 0) {
        const struct trace_stop *stop = &d->stops[r->stop];

        text_printf(to, "  %s%s%s%s", stop->name, *stop->category ? " (" : "", stop->category,
                    *stop->category ? ")" : "");
    }
    text_printf(to, "\n%38s%s\n", "", output);
}

static void put_list(struct text *to, const struct trace_doc *d, const char *title,
                     const struct largest *l)
{
    uint64_t shown = 0;

    if (!l->all_n)
        return;
    text_printf(to, "\n%s\n%20s  %5s  %7s  %s\n", title, "amount", "hop", "height", "where");
    for (size_t i = 0; i < l->n; i++) {
        put_row(to, d, l->at[i]);
        shown += l->at[i]->taint;
    }
    if (l->all_n == l->n)
        return;
    put_amount(to, d, l->all - shown, 20);
    text_str(to, "  in ");
    put_count(to, l->all_n - l->n, "further output", "s");
    text_char(to, '\n');
}

struct hop_sum {
    uint64_t outputs, taint;
};

/* Many outputs, as a line a hop. What moved on is what neither ended here nor stayed. */
static void put_hops(struct text *to, const struct trace_doc *d)
{
    struct hop_sum sums[HOPS_SHOWN_MAX + 1] = {{0, 0}};

    for (size_t i = 0; i < d->trace->reached_n; i++) {
        const struct trace_reached *r = &d->trace->reached[i];
        struct hop_sum *s = &sums[r->hop < HOPS_SHOWN_MAX ? r->hop : HOPS_SHOWN_MAX];

        s->outputs++;
        s->taint += r->taint;
    }
    text_printf(to, "\nThe way, hop by hop\n%20s  %5s  %s\n", "amount", "hop", "outputs");
    for (unsigned i = 0; i <= HOPS_SHOWN_MAX; i++)
        if (sums[i].outputs) {
            put_amount(to, d, sums[i].taint, 20);
            text_printf(to, "  %5u%s %llu\n", i, i == HOPS_SHOWN_MAX ? "+" : " ",
                        (unsigned long long)sums[i].outputs);
        }
}

static void put_way(struct text *to, const struct trace_doc *d)
{
    if (d->trace->reached_n > WAY_ROWS_MAX) {
        put_hops(to, d);
        return;
    }
    text_printf(to, "\nThe way, in order of time\n%20s  %5s  %7s  %s\n", "amount", "hop", "height",
                "where");
    for (size_t i = 0; i < d->trace->reached_n; i++)
        put_row(to, d, &d->trace->reached[i]);
}

static void put_pattern(struct text *to, const struct trace_doc *d, const struct pattern *p)
{
    char first[TXID_TEXT_MAX];

    trace_doc_txid(d, p->txs[0], first);
    switch (p->kind) {
    case PATTERN_PEEL_CHAIN:
        text_printf(to, "  a peel chain of %zu transactions from %s\n", p->txs_n, first);
        break;
    case PATTERN_COINJOIN:
        text_printf(to, "  a CoinJoin (%s) of %llu inputs and %llu outputs, %s\n", p->coinjoin,
                    (unsigned long long)p->inputs_n, (unsigned long long)p->outputs_n, first);
        break;
    case PATTERN_FAN_OUT:
        text_printf(to, "  a fan-out to %llu outputs, %s\n", (unsigned long long)p->outputs_n,
                    first);
        break;
    case PATTERN_FAN_IN:
        text_printf(to, "  a fan-in of %llu inputs, %s\n", (unsigned long long)p->inputs_n, first);
        break;
    }
}

static void put_patterns(struct text *to, const struct trace_doc *d)
{
    if (!d->patterns_n)
        return;
    text_str(to, "\nPatterns on the way\n");
    for (size_t i = 0; i < d->patterns_n && i < ROWS_MAX; i++)
        if (d->patterns[i].txs_n)
            put_pattern(to, d, &d->patterns[i]);
    if (d->patterns_n > ROWS_MAX)
        text_printf(to, "  and %zu more\n", d->patterns_n - ROWS_MAX);
}

static void put_unresolved(struct text *to, const struct trace_doc *d)
{
    char id[TXID_TEXT_MAX];

    if (!d->trace->unresolved_n)
        return;
    text_str(to, "\nEnded at transactions with an input of unknown value\n");
    for (size_t i = 0; i < d->trace->unresolved_n && i < ROWS_MAX; i++) {
        trace_doc_txid(d, d->trace->unresolved[i].tx, id);
        put_amount(to, d, d->trace->unresolved[i].taint, 20);
        text_printf(to, "  %s\n", id);
    }
    if (d->trace->unresolved_n > ROWS_MAX)
        text_printf(to, "%20s  and %zu more\n", "", d->trace->unresolved_n - ROWS_MAX);
}

static void put_gaps(struct text *to, const struct trace_doc *d)
{
    if (!d->gaps_n)
        return;
    text_str(to,
             "\nBlocks are missing from the ledger; what is held may have been spent in them\n");
    for (size_t i = 0; i < d->gaps_n && i < ROWS_MAX; i++) {
        text_str(to, "  after ");
        put_block(to, d, d->gaps[i].after);
        text_str(to, ", before ");
        put_block(to, d, d->gaps[i].before);
        text_char(to, '\n');
    }
    if (d->gaps_n > ROWS_MAX)
        text_printf(to, "  and %zu more\n", d->gaps_n - ROWS_MAX);
}

void trace_write_text(struct text *to, const struct trace_doc *d)
{
    struct largest exits = {.n = 0}, held = {.n = 0};
    uint64_t origins = 0;
    uint32_t hops = 0;

    for (size_t i = 0; i < d->trace->reached_n; i++) {
        const struct trace_reached *r = &d->trace->reached[i];

        origins += r->origin;
        hops = r->hop > hops ? r->hop : hops;
        if (r->stop >= 0)
            largest_add(&exits, r);
        else if (trace_doc_held(r))
            largest_add(&held, r);
    }
    put_head(to, d, hops, origins);
    put_totals(to, d);
    put_list(to, d, "Came to stops", &exits);
    put_list(to, d, "Still held", &held);
    put_unresolved(to, d);
    put_gaps(to, d);
    put_patterns(to, d);
    put_way(to, d);
}
