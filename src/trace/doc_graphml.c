/* The flow as a graph, for Gephi, yEd, Cytoscape, igraph (GraphML 1.0, graphml.graphdrawing.org).
 *
 *     tx --output--> tx --output--> tx --output--> held | exit
 *
 * A transaction is a node once: if it made a reached output, when the first of these comes; if it
 * only spent some (all went to fees, was cut or ended unresolved), when the first that it spends
 * comes. */
#include "chain/facts.h"
#include "trace/doc.h"
#include "trace/graphml.h"

static const struct graphml_key keys[] = {
    {"kind", "node", "string"},    {"txid", "node", "string"},     {"height", "node", "int"},
    {"stop", "node", "string"},    {"category", "node", "string"}, {"output", "edge", "string"},
    {"value", "edge", "long"},     {"taint", "edge", "long"},      {"hop", "edge", "int"},
    {"address", "edge", "string"},
};

static bool made_reached(const struct trace_doc *d, uint32_t tx)
{
    struct coins_range outputs = coins_outputs(&d->coins, tx);
    size_t at = trace_reached_from(d->trace, outputs.first);

    return at < d->trace->reached_n && d->trace->reached[at].output < outputs.first + outputs.n;
}

/* Is this output the first reached one among the inputs of its spender? */
static bool first_spent(const struct trace_doc *d, const struct trace_reached *r)
{
    struct coins_range inputs = coins_inputs(&d->coins, r->spent_by);

    for (uint64_t i = 0; i < inputs.n; i++) {
        uint64_t value, source = coins_source(&d->coins, inputs.first + i, &value);
        size_t at = trace_reached_find(d->trace, source);

        if (at < d->trace->reached_n && d->trace->reached[at].stop < 0)
            return source == r->output;
    }
    return false;
}

static void put_tx(struct text *to, const struct trace_doc *d, uint32_t tx)
{
    uint32_t height = ledger_block(d->ledger, ledger_tx_block(d->ledger, tx)).height;
    char id[TXID_TEXT_MAX];

    trace_doc_txid(d, tx, id);
    text_printf(to, "<node id=\"%s\">", id);
    graphml_data(to, "kind", "transaction");
    graphml_data(to, "txid", id);
    if (height != HEIGHT_UNKNOWN)
        graphml_number(to, "height", height);
    text_str(to, "</node>\n");
}

static void put_leaf(struct text *to, const struct trace_doc *d, const struct trace_reached *r,
                     const char *output)
{
    text_printf(to, "<node id=\"%s\">", output);
    graphml_data(to, "kind", r->stop >= 0 ? "exit" : "held");
    if (r->stop >= 0) {
        graphml_data(to, "stop", d->stops[r->stop].name);
        graphml_data(to, "category", d->stops[r->stop].category);
    }
    text_str(to, "</node>\n");
}

static bool is_leaf(const struct trace_reached *r)
{
    return r->stop >= 0 || r->spent_by == COINS_TX_NONE;
}

static void put_nodes(struct text *to, const struct trace_doc *d, size_t i)
{
    const struct trace_reached *r = &d->trace->reached[i];
    uint32_t maker = trace_doc_maker(d, r);
    char output[OUTPOINT_TEXT_MAX];

    if (!i || trace_doc_maker(d, r - 1) != maker)
        put_tx(to, d, maker);
    if (is_leaf(r)) {
        trace_doc_outpoint(d, r->output, output);
        put_leaf(to, d, r, output);
    } else if (!made_reached(d, r->spent_by) && first_spent(d, r)) {
        put_tx(to, d, r->spent_by);
    }
}

static void put_edge(struct text *to, const struct trace_doc *d, const struct trace_reached *r)
{
    char output[OUTPOINT_TEXT_MAX], from[TXID_TEXT_MAX], spender[TXID_TEXT_MAX] = "",
                                                         address[ADDRESS_BYTES_MAX];

    trace_doc_outpoint(d, r->output, output);
    trace_doc_txid(d, trace_doc_maker(d, r), from);
    if (!is_leaf(r))
        trace_doc_txid(d, r->spent_by, spender);
    text_printf(to, "<edge source=\"%s\" target=\"%s\">", from, is_leaf(r) ? output : spender);
    graphml_data(to, "output", output);
    graphml_number(to, "value", coins_value(&d->coins, r->output));
    graphml_number(to, "taint", r->taint);
    graphml_number(to, "hop", r->hop);
    if (trace_doc_address(d, r->output, address))
        graphml_data(to, "address", address);
    text_str(to, "</edge>\n");
}

void trace_write_graphml(struct text *to, const struct trace_doc *d)
{
    text_str(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                 "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\" "
                 "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
                 "xsi:schemaLocation=\"http://graphml.graphdrawing.org/xmlns "
                 "http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd\">\n");
    graphml_keys(to, keys, sizeof(keys) / sizeof(keys[0]));
    text_str(to, "<graph id=\"trace\" edgedefault=\"directed\">\n");
    for (size_t i = 0; i < d->trace->reached_n; i++)
        put_nodes(to, d, i);
    for (size_t i = 0; i < d->trace->reached_n; i++)
        put_edge(to, d, &d->trace->reached[i]);
    text_str(to, "</graph>\n</graphml>\n");
}
