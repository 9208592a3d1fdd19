/* The flow as a graph, for Gephi, yEd, Cytoscape, igraph (GraphML 1.0): accounts are nodes, moves
 * are edges from account to account. What issues and what burns is the node "nobody". */
#include "chain/facts.h"
#include "trace/account_doc.h"
#include "trace/graphml.h"

#include <stdlib.h>

static const struct graphml_key keys[] = {
    {"chain", "node", "string"},    {"account", "node", "string"}, {"stop", "node", "string"},
    {"category", "node", "string"}, {"held", "node", "string"},    {"transfer", "edge", "string"},
    {"height", "edge", "int"},      {"time", "edge", "long"},      {"asset", "edge", "string"},
    {"amount", "edge", "string"},   {"taint", "edge", "string"},   {"hop", "edge", "int"},
    {"grade", "edge", "string"},
};

static uint64_t account_of(const struct account_doc *d, uint64_t holding)
{
    return holding < d->accounts.holdings_n ? accounts_holding(&d->accounts, holding).account
                                            : ACCOUNT_NOBODY;
}

static int id_order(const void *pa, const void *pb)
{
    const uint64_t *x = pa, *y = pb;

    return (*x > *y) - (*x < *y);
}

/* The first stop at one of the account's holdings, and whether any of it is held. */
static void put_ends(struct text *to, const struct account_doc *d, uint64_t account)
{
    const struct account_trace *t = d->trace;
    bool stopped = false, held = false;

    for (size_t i = 0; i < t->balances_n; i++) {
        if (account_of(d, t->balances[i].holding) != account)
            continue;
        held |= t->balances[i].stop == STOP_NONE;
        if (t->balances[i].stop != STOP_NONE && !stopped) {
            struct trace_stop stop = account_doc_stop(d, t->balances[i].stop);

            graphml_data(to, "stop", stop.name);
            graphml_data(to, "category", stop.category);
            stopped = true;
        }
    }
    if (held)
        graphml_data(to, "held", "yes");
}

static void put_node(struct text *to, const struct account_doc *d, uint64_t account)
{
    char name[ACCOUNT_NAME_MAX];

    account_text(d->ledger, account, name);
    text_printf(to, "<node id=\"a%llu\">", (unsigned long long)account);
    graphml_data(to, "chain", account_ledger_chain(d->ledger)->name);
    graphml_data(to, "account", account == ACCOUNT_NOBODY ? "nobody" : name);
    put_ends(to, d, account);
    text_str(to, "</node>\n");
}

void account_graphml_move(struct text *to, const struct account_doc *d,
                          const struct account_move *m)
{
    struct transfer t = accounts_transfer(&d->accounts, m->transfer);
    struct account_ledger_block b = account_doc_block(d, m->transfer);
    char name[ACCOUNT_NAME_MAX], id[TRANSFER_NAME_MAX];

    transfer_name(d->ledger, m->transfer, id);
    asset_text(d->ledger, transfer_asset(&d->accounts, &t), name);
    graphml_data(to, "transfer", id);
    if (b.height != HEIGHT_UNKNOWN)
        graphml_number(to, "height", b.height);
    graphml_number(to, "time", b.time);
    graphml_data(to, "asset", name);
    graphml_amount(to, "amount", t.amount);
    graphml_amount(to, "taint", m->taint);
    graphml_number(to, "hop", m->hop);
    graphml_data(to, "grade", move_grade_name(m->grade));
}

static void put_edge(struct text *to, const struct account_doc *d, const struct account_move *m)
{
    struct transfer t = accounts_transfer(&d->accounts, m->transfer);

    text_printf(to, "<edge source=\"a%llu\" target=\"a%llu\">",
                (unsigned long long)account_of(d, t.from), (unsigned long long)account_of(d, t.to));
    account_graphml_move(to, d, m);
    text_str(to, "</edge>\n");
}

bool account_write_graphml(struct arena *a, struct text *to, const struct account_doc *d,
                           struct err *err)
{
    const struct account_trace *t = d->trace;
    uint64_t *ids = ARENA_ARRAY(a, uint64_t, 2 * t->moves_n);
    size_t n = 0;

    if (!ids)
        return arena_fail(a, err, "%zu moves", t->moves_n);
    for (size_t i = 0; i < t->moves_n; i++) {
        struct transfer x = accounts_transfer(&d->accounts, t->moves[i].transfer);

        ids[n++] = account_of(d, x.from);
        ids[n++] = account_of(d, x.to);
    }
    if (n)
        qsort(ids, n, sizeof(*ids), id_order);
    text_str(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                 "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n");
    graphml_keys(to, keys, sizeof(keys) / sizeof(keys[0]));
    text_str(to, "<graph edgedefault=\"directed\">\n");
    for (size_t i = 0; i < n; i++)
        if (!i || ids[i - 1] != ids[i])
            put_node(to, d, ids[i]);
    for (size_t i = 0; i < t->moves_n; i++)
        put_edge(to, d, &t->moves[i]);
    text_str(to, "</graph>\n</graphml>\n");
    return true;
}
