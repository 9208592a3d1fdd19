/* The document of a backward trace for machines: docs/schemas/source.json, in the manner of
 * doc_json.c. */
#include "base/json.h"
#include "chain/facts.h"
#include "trace/backward.h"
#include "trace/doc.h"

struct writer {
    struct json_out j;
    const struct source_doc *d;
    struct trace_doc names; /* for the names of outputs and transactions */
};

static void put_output(struct writer *w, const char *key, uint64_t output)
{
    char name[OUTPOINT_TEXT_MAX];

    trace_doc_outpoint(&w->names, output, name);
    json_put_string(&w->j, key, name);
}

static void put_txid(struct writer *w, const char *key, uint32_t tx)
{
    char id[TXID_TEXT_MAX];

    json_key(&w->j, key);
    if (tx == COINS_TX_NONE) {
        json_null(&w->j);
        return;
    }
    trace_doc_txid(&w->names, tx, id);
    json_string_n(&w->j, id, 64);
}

static void put_height(struct writer *w, uint32_t block)
{
    uint32_t height = ledger_block(w->d->ledger, block).height;

    json_put_number_or_null(&w->j, "height", height, HEIGHT_UNKNOWN);
}

static void put_block(struct writer *w, const char *key, uint32_t block)
{
    struct hash32 hash = ledger_block(w->d->ledger, block).hash;

    json_key(&w->j, key);
    json_object(&w->j);
    put_height(w, block);
    json_put_hex_reversed(&w->j, "hash", hash.b, 32);
    json_object_end(&w->j);
}

static void put_inputs(struct writer *w)
{
    json_key(&w->j, "inputs");
    json_object(&w->j);
    json_put_string(&w->j, "rules", TRACE_RULES);
    json_put_number_or_null(&w->j, "hops_max", w->d->hops_max, TRACE_HOPS_NONE);
    put_block(w, "until", w->d->blocks_n - 1);
    json_object_end(&w->j);
}

static void put_targets(struct writer *w)
{
    json_key(&w->j, "targets");
    json_array(&w->j);
    for (size_t i = 0; i < w->d->sources->sources_n; i++) {
        const struct trace_source *s = &w->d->sources->sources[i];

        if (s->hop)
            continue;
        json_object(&w->j);
        put_output(w, "output", s->output);
        json_put_decimal(&w->j, "value", s->amount);
        json_object_end(&w->j);
    }
    json_array_end(&w->j);
}

static void put_source(struct writer *w, const struct trace_source *s)
{
    char address[ADDRESS_BYTES_MAX];

    json_object(&w->j);
    put_output(w, "output", s->output);
    put_height(w, ledger_tx_block(w->d->ledger, coins_maker(&w->d->coins, s->output)));
    json_put_string(&w->j, "address",
                    trace_doc_address(&w->names, s->output, address) ? address : NULL);
    json_put_decimal(&w->j, "value", coins_value(&w->d->coins, s->output));
    json_put_decimal(&w->j, "amount", s->amount);
    json_put_number(&w->j, "hop", s->hop);
    put_txid(w, "spent_by", s->spent_by);
    json_put_string(&w->j, "end", trace_source_end_name(s->end));
    json_object_end(&w->j);
}

static void put_outside(struct writer *w, const struct trace_outside *o)
{
    uint32_t script;
    const uint8_t *outpoint = ledger_outside(w->d->ledger, o->input, &script);
    const char *pool = ledger_input_pool(w->d->ledger, o->input);

    json_object(&w->j);
    json_key(&w->j, "output");
    if (outpoint && !pool) {
        char name[OUTPOINT_TEXT_MAX];
        struct text t = text_new(sizeof(name));

        text_hex_reversed(&t, outpoint, 32);
        text_char(&t, ':');
        text_u64(&t, load_le32(outpoint + 32));
        json_string(&w->j, text_string(&t));
        w->j.to->bad |= t.bad;
        text_free(&t);
    } else {
        json_null(&w->j);
    }
    if (pool)
        json_put_string(&w->j, "pool", pool);
    json_put_decimal(&w->j, "amount", o->amount);
    json_put_number(&w->j, "hop", o->hop);
    put_txid(w, "spent_by", o->tx);
    json_object_end(&w->j);
}

static void put_totals(struct writer *w)
{
    json_key(&w->j, "totals");
    json_object(&w->j);
    json_put_decimal(&w->j, "target", w->d->sources->totals.target);
    json_put_decimal(&w->j, "coinbase", w->d->sources->totals.coinbase);
    json_put_decimal(&w->j, "outside", w->d->sources->totals.outside);
    json_put_decimal(&w->j, "pool", w->d->sources->totals.pool);
    json_put_decimal(&w->j, "cut", w->d->sources->totals.cut);
    json_put_decimal(&w->j, "unresolved", w->d->sources->totals.unresolved);
    json_object_end(&w->j);
}

void trace_source_write_json(struct text *to, const struct source_doc *d)
{
    struct writer w = {.j = json_to(to, true), .d = d};

    w.names = (struct trace_doc){.ledger = d->ledger, .coins = d->coins, .blocks_n = d->blocks_n};
    json_object(&w.j);
    json_put_string(&w.j, "schema", SOURCE_SCHEMA);
    json_put_string(&w.j, "chain", ledger_chain(d->ledger)->name);
    json_put_string(&w.j, "policy", trace_policy_name(d->policy));
    json_put_bool(&w.j, "exact", d->sources->exact);
    put_block(&w, "data_as_of", (uint32_t)ledger_counts(d->ledger).blocks - 1);
    put_inputs(&w);
    put_targets(&w);
    json_key(&w.j, "sources");
    json_array(&w.j);
    for (size_t i = 0; i < d->sources->sources_n; i++)
        put_source(&w, &d->sources->sources[i]);
    json_array_end(&w.j);
    json_key(&w.j, "outside");
    json_array(&w.j);
    for (size_t i = 0; i < d->sources->outside_n; i++)
        put_outside(&w, &d->sources->outside[i]);
    json_array_end(&w.j);
    put_totals(&w);
    json_put_number(&w.j, "decimals", ledger_chain(d->ledger)->decimals);
    json_object_end(&w.j);
    text_char(to, '\n');
}
