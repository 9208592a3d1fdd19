/* The document for machines: docs/schemas/trace.json. Ledger order throughout, each item of a list
 * on a line of its own, so that two documents can be compared line by line. */
#include "base/json.h"
#include "chain/facts.h"
#include "trace/doc.h"
#include "trace/patterns.h"

static void put_txid(struct json_out *j, const struct trace_doc *d, uint32_t tx)
{
    char id[TXID_TEXT_MAX];

    trace_doc_txid(d, tx, id);
    json_string_n(j, id, 64);
}

static void put_output(struct json_out *j, const struct trace_doc *d, uint64_t output)
{
    char name[OUTPOINT_TEXT_MAX];

    trace_doc_outpoint(d, output, name);
    json_string(j, name);
}

static void put_height(struct json_out *j, const struct trace_doc *d, uint32_t block)
{
    uint32_t height = ledger_block(d->ledger, block).height;

    if (height == HEIGHT_UNKNOWN)
        json_null(j);
    else
        json_number(j, height);
}

static void put_block(struct json_out *j, const struct trace_doc *d, uint32_t block)
{
    struct hash32 hash = ledger_block(d->ledger, block).hash;

    json_object(j);
    json_key(j, "height");
    put_height(j, d, block);
    json_put_hex_reversed(j, "hash", hash.b, 32);
    json_object_end(j);
}

static void put_stop(struct json_out *j, const struct trace_stop *stop, bool address)
{
    json_object(j);
    if (address)
        json_put_string(j, "address", stop->address);
    json_put_string(j, "name", stop->name);
    json_put_string(j, "category", stop->category);
    json_put_string(j, "source", stop->source);
    if (address && stop->chain)
        json_put_string(j, "chain", stop->chain);
    json_object_end(j);
}

static void put_inputs(struct json_out *j, const struct trace_doc *d)
{
    json_key(j, "inputs");
    json_object(j);
    json_put_string(j, "rules", TRACE_RULES);
    json_put_decimal(j, "dust", d->dust);
    json_put_number_or_null(j, "hops_max", d->hops_max, TRACE_HOPS_NONE);
    json_key(j, "until");
    put_block(j, d, d->blocks_n - 1);
    json_put_hex(j, "stops_sha256", d->stops_sha256.b, 32);
    json_key(j, "stops");
    json_array(j);
    for (size_t i = 0; i < d->stops_used_n; i++)
        put_stop(j, &d->stops[d->stops_used[i]], true);
    json_array_end(j);
    json_object_end(j);
}

static void put_origins(struct json_out *j, const struct trace_doc *d)
{
    json_key(j, "origins");
    json_array(j);
    for (size_t i = 0; i < d->trace->reached_n; i++) {
        const struct trace_reached *r = &d->trace->reached[i];

        if (!r->origin)
            continue;
        json_object(j);
        json_key(j, "output");
        put_output(j, d, r->output);
        json_put_decimal(j, "value", coins_value(&d->coins, r->output));
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_one_reached(struct json_out *j, const struct trace_doc *d,
                            const struct trace_reached *r)
{
    char address[ADDRESS_BYTES_MAX];

    json_object(j);
    json_key(j, "output");
    put_output(j, d, r->output);
    json_key(j, "height");
    put_height(j, d, ledger_tx_block(d->ledger, trace_doc_maker(d, r)));
    json_put_string(j, "address", trace_doc_address(d, r->output, address) ? address : NULL);
    json_put_decimal(j, "value", coins_value(&d->coins, r->output));
    json_put_decimal(j, "taint", r->taint);
    json_put_number(j, "hop", r->hop);
    json_key(j, "spent_by");
    if (r->spent_by == COINS_TX_NONE)
        json_null(j);
    else
        put_txid(j, d, r->spent_by);
    json_key(j, "stop");
    if (r->stop < 0)
        json_null(j);
    else
        put_stop(j, &d->stops[r->stop], false);
    json_object_end(j);
}

static void put_reached(struct json_out *j, const struct trace_doc *d)
{
    json_key(j, "reached");
    json_array(j);
    for (size_t i = 0; i < d->trace->reached_n; i++)
        put_one_reached(j, d, &d->trace->reached[i]);
    json_array_end(j);
}

static void put_totals(struct json_out *j, const struct trace_totals *t)
{
    const struct {
        const char *name;
        uint64_t amount;
    } rows[] = {
        {"origin", t->origin}, {"held", t->held}, {"exits", t->exits},           {"cut", t->cut},
        {"fees", t->fees},     {"dust", t->dust}, {"unresolved", t->unresolved},
    };

    json_key(j, "totals");
    json_object(j);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        json_put_decimal(j, rows[i].name, rows[i].amount);
    if (t->converted_in) /* only where a trace crosses ledgers */
        json_put_decimal(j, "converted_in", t->converted_in);
    json_object_end(j);
}

static void put_unresolved(struct json_out *j, const struct trace_doc *d)
{
    json_key(j, "unresolved");
    json_array(j);
    for (size_t i = 0; i < d->trace->unresolved_n; i++) {
        json_object(j);
        json_key(j, "tx");
        put_txid(j, d, d->trace->unresolved[i].tx);
        json_put_decimal(j, "taint", d->trace->unresolved[i].taint);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_gaps(struct json_out *j, const struct trace_doc *d)
{
    json_key(j, "gaps");
    json_array(j);
    for (size_t i = 0; i < d->gaps_n; i++) {
        json_object(j);
        json_key(j, "after");
        put_block(j, d, d->gaps[i].after);
        json_key(j, "before");
        put_block(j, d, d->gaps[i].before);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_pattern(struct json_out *j, const struct trace_doc *d, const struct pattern *p)
{
    json_object(j);
    json_put_string(j, "kind", pattern_kind_name(p->kind));
    if (p->coinjoin)
        json_put_string(j, "coinjoin", p->coinjoin);
    json_key(j, "txs");
    json_array(j);
    for (size_t i = 0; i < p->txs_n; i++)
        put_txid(j, d, p->txs[i]);
    json_array_end(j);
    if (p->peeled) {
        json_key(j, "peeled");
        json_array(j);
        for (size_t i = 0; i < p->txs_n; i++)
            put_output(j, d, p->peeled[i]);
        json_array_end(j);
    }
    if (p->inputs_n)
        json_put_number(j, "inputs", p->inputs_n);
    if (p->outputs_n) {
        json_put_number(j, "outputs", p->outputs_n);
    }
    json_object_end(j);
}

void trace_write_json(struct text *to, const struct trace_doc *d)
{
    struct json_out j = json_to(to, true);

    json_object(&j);
    json_put_string(&j, "schema", TRACE_SCHEMA);
    json_put_string(&j, "case", d->case_id);
    json_put_string(&j, "chain", ledger_chain(d->ledger)->name);
    json_put_string(&j, "policy", trace_policy_name(d->policy));
    json_put_bool(&j, "exact", d->trace->exact);
    json_key(&j, "data_as_of");
    put_block(&j, d, (uint32_t)ledger_counts(d->ledger).blocks - 1);
    put_inputs(&j, d);
    put_origins(&j, d);
    put_reached(&j, d);
    put_totals(&j, &d->trace->totals);
    put_unresolved(&j, d);
    put_gaps(&j, d);
    json_key(&j, "patterns");
    json_array(&j);
    for (size_t i = 0; i < d->patterns_n; i++)
        put_pattern(&j, d, &d->patterns[i]);
    json_array_end(&j);
    json_put_number(&j, "decimals", ledger_chain(d->ledger)->decimals);
    json_object_end(&j);
    text_char(to, '\n');
}
