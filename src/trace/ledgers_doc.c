/* A result of several ledgers, written: the parts as they are alone, and how value went from one to
 * the other. */
#include "trace/ledgers_run.h"

#include "base/csv.h"
#include "chain/facts.h"
#include "trace/account_json.h"
#include "trace/graphml.h"
#include "trace/lanes.h"

#include <stdio.h>

#define ROWS_MAX 30

static bool is_same(struct u256 a, struct u256 b)
{
    return u256_equal(a, b);
}

static void outpoint_text(const struct ledger *l, uint64_t output, char ret[OUTPOINT_TEXT_MAX])
{
    const struct trace_doc names = {.ledger = l, .coins = *ledger_coins(l)};

    trace_doc_outpoint(&names, output, ret);
}

static uint64_t leg_asset(const struct account_ledger *l, uint64_t transfer)
{
    struct transfer t = accounts_transfer(account_ledger_accounts(l), transfer);

    return transfer_asset(account_ledger_accounts(l), &t);
}

static void put_leg(struct json_out *j, const struct trace_ledger *ledgers,
                    const struct route_leg *leg)
{
    const struct trace_ledger *l = &ledgers[leg->ledger];
    char transfer[TRANSFER_NAME_MAX], output[OUTPOINT_TEXT_MAX], asset[ACCOUNT_NAME_MAX];

    json_object(j);
    json_put_string(j, "chain", trace_ledger_chain(l)->name);
    if (l->accounts) {
        transfer_name(l->accounts, leg->id, transfer);
        json_put_string(j, "transfer", transfer);
        asset_text(l->accounts, leg_asset(l->accounts, leg->id), asset);
        json_put_string(j, "asset", asset);
    } else {
        outpoint_text(l->coins, leg->id, output);
        json_put_string(j, "output", output);
    }
    json_put_u256(j, "amount", leg->amount);
    json_object_end(j);
}

static void put_legs(struct json_out *j, const char *key, const struct trace_ledger *ledgers,
                     const struct route_leg *legs, size_t n)
{
    json_key(j, key);
    json_array(j);
    for (size_t i = 0; i < n; i++)
        put_leg(j, ledgers, &legs[i]);
    json_array_end(j);
}

void routes_put_links(struct json_out *j, const struct trace_ledger *ledgers,
                      const struct route_link *links, size_t n)
{
    json_key(j, "routes");
    json_array(j);
    for (size_t i = 0; i < n; i++) {
        const struct route_link *k = &links[i];

        json_object(j);
        json_put_string(j, "rule", route_rule_name(k->rule));
        json_put_string(j, "grade", move_grade_name(k->grade));
        put_legs(j, "from", ledgers, k->from, k->from_n);
        put_legs(j, "to", ledgers, k->to, k->to_n);
        json_put_u256(j, "amount_in", k->amount_in);
        json_put_u256(j, "amount_out", k->amount_out);
        json_put_u256(j, "taint_in", k->taint_in);
        json_put_u256(j, "taint_out", k->taint_out);
        if (k->same_coin) {
            json_put_u256(j, "fee", k->fee);
            json_put_u256(j, "fee_taint", k->fee_taint);
        } else {
            json_put_string(j, "fee", NULL);
            json_put_string(j, "fee_taint", NULL);
        }
        json_put_string(j, "source", k->source);
        json_object_end(j);
    }
    json_array_end(j);
}

/* A transaction's id, as its chain shows it. */
static void tx_text(const struct trace_ledger *l, uint64_t tx, char ret[TX_NAME_MAX])
{
    if (l->accounts) {
        tx_name(l->accounts, tx, ret);
    } else {
        const struct trace_doc names = {.ledger = l->coins};

        trace_doc_txid(&names, (uint32_t)tx, ret);
    }
}

/* What the chain says, where it is text. */
static const char *said_text(const struct route_candidate *k, char ret[EVENT_DATA_MAX + 1])
{
    const char *p = (const char *)k->said.p;

    if (!k->said.n || k->said.n > EVENT_DATA_MAX || !utf8_valid(p, k->said.n) ||
        !text_is_plain(p, k->said.n))
        return NULL;
    memcpy(ret, k->said.p, k->said.n);
    ret[k->said.n] = '\0';
    return ret;
}

void routes_put_candidates(struct json_out *j, const struct trace_ledger *ledgers,
                           const struct route_candidate *candidates, size_t n)
{
    char id[TX_NAME_MAX], said[EVENT_DATA_MAX + 1];

    json_key(j, "candidates");
    json_array(j);
    for (size_t i = 0; i < n; i++) {
        const struct route_candidate *k = &candidates[i];

        json_object(j);
        json_put_string(j, "rule", route_rule_name(k->rule));
        json_put_string(j, "chain", trace_ledger_chain(&ledgers[k->ledger])->name);
        tx_text(&ledgers[k->ledger], k->tx, id);
        json_put_string(j, "tx", id);
        json_key(j, "other");
        if (k->other == ACCOUNTS_NONE) {
            json_null(j);
        } else {
            json_object(j);
            json_put_string(j, "chain", trace_ledger_chain(&ledgers[k->other_ledger])->name);
            tx_text(&ledgers[k->other_ledger], k->other, id);
            json_put_string(j, "tx", id);
            json_object_end(j);
        }
        json_put_string(j, "says", said_text(k, said));
        json_put_string(j, "ground", k->ground);
        json_object_end(j);
    }
    json_array_end(j);
}

static void text_legs(struct text *to, const struct trace_ledger *ledgers,
                      const struct route_leg *legs, size_t n, struct u256 amount, struct u256 taint)
{
    const struct trace_ledger *l = &ledgers[legs[0].ledger];
    char name[TRANSFER_NAME_MAX];

    if (l->accounts) {
        text_asset_amount(to, l->accounts, leg_asset(l->accounts, legs[0].id), taint);
        transfer_name(l->accounts, legs[0].id, name);
    } else {
        text_u256(to, taint, ledger_chain(l->coins)->decimals, 0);
        text_printf(to, " %s", ledger_chain(l->coins)->symbol);
        outpoint_text(l->coins, legs[0].id, name);
    }
    if (!is_same(amount, taint)) {
        text_str(to, " of ");
        if (l->accounts)
            text_asset_amount(to, l->accounts, leg_asset(l->accounts, legs[0].id), amount);
        else
            text_u256(to, amount, ledger_chain(l->coins)->decimals, 0);
    }
    text_printf(to, " on %s\n      %s", trace_ledger_chain(l)->name, name);
    if (n > 1)
        text_printf(to, " and %zu more", n - 1);
    text_char(to, '\n');
}

void routes_text_links(struct text *to, const struct trace_ledger *ledgers,
                       const struct route_link *links, size_t n)
{
    if (!n)
        return;
    text_str(to, "\nWent on by routes\n");
    for (size_t i = 0; i < n && i < ROWS_MAX; i++) {
        const struct route_link *k = &links[i];

        if (!k->from_n || !k->to_n)
            continue;
        text_printf(to, "  %s, %s%s%s\n    ", route_rule_name(k->rule), move_grade_name(k->grade),
                    k->source ? ": " : "", k->source ? k->source : "");
        text_legs(to, ledgers, k->from, k->from_n, k->amount_in, k->taint_in);
        text_str(to, " -> ");
        text_legs(to, ledgers, k->to, k->to_n, k->amount_out, k->taint_out);
    }
    if (n > ROWS_MAX)
        text_printf(to, "  and %zu more\n", n - ROWS_MAX);
}

void routes_text_candidates(struct text *to, const struct trace_ledger *ledgers,
                            const struct route_candidate *candidates, size_t n)
{
    char id[TX_NAME_MAX], said[EVENT_DATA_MAX + 1];

    if (!n)
        return;
    text_str(to, "\nCandidates, not followed\n");
    for (size_t i = 0; i < n && i < ROWS_MAX; i++) {
        const struct route_candidate *k = &candidates[i];

        tx_text(&ledgers[k->ledger], k->tx, id);
        text_printf(to, "  %s: %s\n    %s on %s\n", route_rule_name(k->rule), k->ground, id,
                    trace_ledger_chain(&ledgers[k->ledger])->name);
        if (said_text(k, said))
            text_printf(to, "    it says %s\n", said);
        if (k->other == ACCOUNTS_NONE)
            continue;
        tx_text(&ledgers[k->other_ledger], k->other, id);
        text_printf(to, "    %s on %s\n", id, trace_ledger_chain(&ledgers[k->other_ledger])->name);
    }
    if (n > ROWS_MAX)
        text_printf(to, "  and %zu more\n", n - ROWS_MAX);
}

void routes_text_trusts(struct text *to, const struct trace_trusts *t)
{
    if (!t->used_n)
        return;
    text_str(to, "\nContracts whose word was taken\n");
    for (size_t i = 0; i < t->used_n && i < ROWS_MAX; i++)
        text_printf(to, "  %s on %s: %s%s\n", t->used[i].contract, t->used[i].chain,
                    t->used[i].name, t->used[i].grade == MOVE_STATED ? ", as the case says" : "");
    if (t->used_n > ROWS_MAX)
        text_printf(to, "  and %zu more\n", t->used_n - ROWS_MAX);
}

static void put_coin_block(struct json_out *j, const struct ledger *l, uint32_t block)
{
    struct ledger_block b = ledger_block(l, block);

    json_object(j);
    account_put_height(j, b.height);
    json_put_hex_reversed(j, "hash", b.hash.b, sizeof(b.hash.b));
    json_put_number(j, "time", b.time);
    json_object_end(j);
}

/* All that were asked, also those that nothing of the case came to. */
static void put_ledgers(struct json_out *j, const struct ledgers_doc *d)
{
    json_key(j, "ledgers");
    json_array(j);
    for (size_t i = 0; i < d->ledgers_n; i++) {
        const struct trace_ledger *l = &d->ledgers[i];
        uint32_t last = d->blocks_n[i] ? d->blocks_n[i] - 1 : 0;

        json_object(j);
        json_put_string(j, "chain", trace_ledger_chain(l)->name);
        json_key(j, "until");
        if (l->coins) {
            put_coin_block(j, l->coins, last);
        } else {
            struct account_ledger_block b = account_ledger_block(l->accounts, last);

            account_put_block(j, account_ledger_chain(l->accounts), &b);
        }
        json_object_end(j);
    }
    json_array_end(j);
}

void ledgers_write_json(struct text *to, const struct ledgers_doc *d)
{
    struct json_out j = json_to(to, true);
    struct text part = text_to(text_one_line, to);
    struct err ignored; /* to is bad then, and says so */

    json_object(&j);
    json_put_string(&j, "schema", LEDGERS_TRACE_SCHEMA);
    json_put_string(&j, "case", d->case_id);
    json_put_string(&j, "policy", trace_policy_name(d->policy));
    json_put_bool(&j, "exact", d->exact);
    put_ledgers(&j, d);
    json_key(&j, "parts");
    json_array(&j);
    for (size_t i = 0; i < d->ledgers_n; i++) {
        if (!d->parts[i].coins && !d->parts[i].accounts)
            continue;
        json_raw(&j, "", 0);
        if (d->parts[i].coins)
            trace_write_json(&part, d->parts[i].coins);
        else
            account_write_json(&part, d->parts[i].accounts);
        if (!text_end(&part, &ignored))
            to->bad = true;
    }
    text_free(&part);
    json_array_end(&j);
    account_put_conversions(&j, d->conversions, d->conversions_n);
    account_put_trusts(&j, &d->trusts);
    routes_put_links(&j, d->ledgers, d->links, d->links_n);
    routes_put_candidates(&j, d->ledgers, d->candidates, d->candidates_n);
    json_object_end(&j);
    text_char(to, '\n');
}

bool ledgers_write_text(struct arena *a, struct text *to, const struct ledgers_doc *d,
                        struct err *err)
{
    bool some = false;

    for (size_t i = 0; i < d->ledgers_n; i++) {
        if (!d->parts[i].coins && !d->parts[i].accounts)
            continue;
        if (some)
            text_str(to, "\n--------\n\n");
        some = true;
        if (d->parts[i].coins)
            trace_write_text(to, d->parts[i].coins);
        else if (!account_write_text(a, to, d->parts[i].accounts, err))
            return false;
    }
    text_str(to, "\n--------\n");
    routes_text_links(to, d->ledgers, d->links, d->links_n);
    routes_text_candidates(to, d->ledgers, d->candidates, d->candidates_n);
    routes_text_trusts(to, &d->trusts);
    if (!d->links_n)
        text_str(to, "\nNothing went from one ledger to another.\n");
    return true;
}

/* Coins in the columns of moves: an output is a transfer to its address from a transaction. */
static void csv_coins(struct text *to, const struct ledgers_doc *d, const struct trace_doc *c)
{
    char output[OUTPOINT_TEXT_MAX], address[ADDRESS_BYTES_MAX], txid[TXID_TEXT_MAX];

    for (size_t i = 0; i < c->trace->reached_n; i++) {
        const struct trace_reached *r = &c->trace->reached[i];
        struct ledger_block b =
            ledger_block(c->ledger, ledger_tx_block(c->ledger, trace_doc_maker(c, r)));
        const struct trace_stop *stop = r->stop >= 0 ? &c->stops[r->stop] : NULL;

        trace_doc_outpoint(c, r->output, output);
        trace_doc_txid(c, trace_doc_maker(c, r), txid);
        trace_doc_address(c, r->output, address);
        csv_put(to, d->case_id);
        text_printf(to, ",%s,%s,", ledger_chain(c->ledger)->name, output);
        if (b.height != HEIGHT_UNKNOWN)
            text_u64(to, b.height);
        text_printf(to, ",%u,%s,%s,%s,%llu,%llu,%u,proven,", b.time, txid, address,
                    ledger_chain(c->ledger)->symbol,
                    (unsigned long long)coins_value(&c->coins, r->output),
                    (unsigned long long)r->taint, r->hop);
        csv_put(to, stop ? stop->name : NULL);
        text_char(to, ',');
        csv_put(to, stop ? stop->category : NULL);
        text_char(to, ',');
        csv_put(to, stop ? stop->source : NULL);
        text_str(to, "\r\n");
    }
}

void ledgers_write_csv(struct text *to, const struct ledgers_doc *d)
{
    account_write_csv_header(to);
    for (size_t i = 0; i < d->ledgers_n; i++) {
        if (d->parts[i].accounts)
            account_write_csv_rows(to, d->parts[i].accounts);
        if (d->parts[i].coins)
            csv_coins(to, d, d->parts[i].coins);
    }
}

static void graph_place(struct text *to, const struct ledgers_doc *d, const struct lanes_place *x,
                        size_t number)
{
    const struct trace_ledger *l = &d->ledgers[x->key.ledger];
    struct text name = text_new((size_t)64 << 10);

    lanes_place_text(l, x->key, &name);
    text_printf(to, "<node id=\"n%zu\">", number);
    graphml_data(to, "chain", trace_ledger_chain(l)->name);
    graphml_data(to, "kind", x->key.kind == PLACE_TX ? "transaction" : "account");
    graphml_data(to, "name", text_string(&name) ? name.p : "");
    if (x->stop != STOP_NONE)
        graphml_data(to, "stop", lanes_stop_name(d, x));
    if (x->held)
        graphml_data(to, "held", "yes");
    text_str(to, "</node>\n");
    text_free(&name);
}

static void graph_output(struct text *to, const struct trace_doc *d, const struct trace_reached *r)
{
    struct ledger_block b =
        ledger_block(d->ledger, ledger_tx_block(d->ledger, trace_doc_maker(d, r)));
    char id[OUTPOINT_TEXT_MAX];

    trace_doc_outpoint(d, r->output, id);
    graphml_data(to, "transfer", id);
    if (b.height != HEIGHT_UNKNOWN)
        graphml_number(to, "height", b.height);
    graphml_number(to, "time", b.time);
    graphml_data(to, "asset", ledger_chain(d->ledger)->symbol);
    graphml_amount(to, "amount", u256_of(coins_value(&d->coins, r->output)));
    graphml_amount(to, "taint", u256_of(r->taint));
    graphml_number(to, "hop", r->hop);
    graphml_data(to, "grade", move_grade_name(MOVE_PROVEN));
}

static void leg_asset_text(const struct trace_ledger *l, const struct route_leg *leg,
                           char ret[ACCOUNT_NAME_MAX])
{
    if (l->accounts)
        asset_text(l->accounts, leg_asset(l->accounts, leg->id), ret);
    else
        snprintf(ret, ACCOUNT_NAME_MAX, "%s", ledger_chain(l->coins)->symbol);
}

/* What left, and what came of it: of its own asset, on its own chain. */
static void graph_route(struct text *to, const struct ledgers_doc *d, const struct route_link *k)
{
    char asset[ACCOUNT_NAME_MAX];

    leg_asset_text(&d->ledgers[k->from[0].ledger], &k->from[0], asset);
    graphml_data(to, "asset", asset);
    graphml_amount(to, "amount", k->amount_in);
    graphml_amount(to, "taint", k->taint_in);
    leg_asset_text(&d->ledgers[k->to[0].ledger], &k->to[0], asset);
    graphml_data(to, "asset_out", asset);
    graphml_amount(to, "amount_out", k->amount_out);
    graphml_amount(to, "taint_out", k->taint_out);
    graphml_data(to, "grade", move_grade_name(k->grade));
    graphml_data(to, "route", route_rule_name(k->rule));
    if (k->source)
        graphml_data(to, "source", k->source);
}

static void graph_edge(struct text *to, const struct ledgers_doc *d, const struct lanes_edge *e)
{
    const struct trace_part *part = &d->parts[e->ledger];

    text_printf(to, "<edge source=\"n%u\" target=\"n%u\">", e->from, e->to);
    switch (e->kind) {
    case EDGE_MOVE:
        account_graphml_move(to, part->accounts, &part->accounts->trace->moves[e->at]);
        break;
    case EDGE_OUTPUT:
        graph_output(to, part->coins, &part->coins->trace->reached[e->at]);
        break;
    case EDGE_ROUTE:
        graph_route(to, d, &d->links[e->at]);
        break;
    }
    text_str(to, "</edge>\n");
}

/* Accounts and transactions as nodes; as edges each move, each output that was reached and each
 * route. */
bool ledgers_write_graphml(struct arena *a, struct text *to, const struct ledgers_doc *d,
                           struct err *err)
{
    static const struct graphml_key keys[] = {
        {"chain", "node", "string"},     {"kind", "node", "string"},
        {"name", "node", "string"},      {"stop", "node", "string"},
        {"held", "node", "string"},      {"transfer", "edge", "string"},
        {"height", "edge", "int"},       {"time", "edge", "long"},
        {"asset", "edge", "string"},     {"amount", "edge", "string"},
        {"taint", "edge", "string"},     {"hop", "edge", "int"},
        {"grade", "edge", "string"},     {"route", "edge", "string"},
        {"asset_out", "edge", "string"}, {"amount_out", "edge", "string"},
        {"taint_out", "edge", "string"}, {"source", "edge", "string"},
    };
    struct lanes l;

    if (!lanes_find(a, d, &l, err))
        return false;
    text_str(to, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                 "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n");
    graphml_keys(to, keys, sizeof(keys) / sizeof(keys[0]));
    text_str(to, "<graph edgedefault=\"directed\">\n");
    for (size_t i = 0; i < l.places_n; i++)
        graph_place(to, d, &l.places[i], i);
    for (size_t i = 0; i < l.edges_n; i++)
        graph_edge(to, d, &l.edges[i]);
    text_str(to, "</graph>\n</graphml>\n");
    return true;
}

bool ledgers_write(struct arena *a, struct text *to, const struct ledgers_doc *d,
                   const char *format, struct err *err)
{
    const struct account_doc *one = d->ledgers_n == 1 ? d->parts[0].accounts : NULL;

    if (!strcmp(format, "json") && one)
        account_write_json(to, one);
    else if (!strcmp(format, "json"))
        ledgers_write_json(to, d);
    else if (!strcmp(format, "csv"))
        ledgers_write_csv(to, d);
    else if (!strcmp(format, "graphml"))
        return one ? account_write_graphml(a, to, one, err) : ledgers_write_graphml(a, to, d, err);
    else if (!strcmp(format, "html"))
        return ledgers_write_html(a, to, d, err);
    else if (!strcmp(format, "text"))
        return one ? account_write_text(a, to, one, err) : ledgers_write_text(a, to, d, err);
    else
        return err_fail(err, ERR_USAGE, "unknown format \"%s\"", format);
    return true;
}
