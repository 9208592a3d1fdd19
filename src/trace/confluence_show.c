/* Where cases meet, written for machines and for people. */
#include "trace/confluence.h"

#include "trace/account_json.h"

#define ROWS_MAX 30

static const struct trace_ledger *ledger_of(const struct ledgers_doc *docs, size_t ledger)
{
    return &docs->ledgers[ledger];
}

static void place_text(const struct ledgers_doc *docs, const struct confluence *p,
                       char ret[TRANSFER_NAME_MAX])
{
    const struct trace_ledger *l = ledger_of(docs, p->ledger);
    struct trace_doc names = {.ledger = l->coins};

    _Static_assert(TRANSFER_NAME_MAX >= ACCOUNT_NAME_MAX &&
                       TRANSFER_NAME_MAX >= OUTPOINT_TEXT_MAX &&
                       TRANSFER_NAME_MAX >= ADDRESS_BYTES_MAX,
                   "the longest name");
    if (l->coins)
        names.coins = *ledger_coins(l->coins);
    switch (p->kind) {
    case CONFLUENCE_ACCOUNT:
        account_text(l->accounts, p->id, ret);
        return;
    case CONFLUENCE_ADDRESS:
        (void)trace_doc_address(&names, p->id, ret);
        return;
    case CONFLUENCE_OUTPUT:
        trace_doc_outpoint(&names, p->id, ret);
        return;
    case CONFLUENCE_TRANSACTION:
        trace_doc_txid(&names, (uint32_t)p->id, ret);
        return;
    }
}

/* ---- JSON ---- */

static void put_asset(struct json_out *j, const struct trace_ledger *l, uint64_t asset)
{
    const struct chain *chain = trace_ledger_chain(l);
    char name[ACCOUNT_NAME_MAX];
    struct asset_facts facts = {chain->symbol, true, chain->decimals};

    json_key(j, "asset");
    if (l->accounts) {
        facts = asset_facts_of(l->accounts, asset);
        asset_text(l->accounts, asset, name);
        json_string(j, name);
    } else {
        json_string(j, chain->symbol);
    }
    json_key(j, "decimals");
    if (facts.has_decimals)
        json_number(j, facts.decimals);
    else
        json_null(j);
}

static void put_step(struct json_out *j, const struct ledgers_doc *docs,
                     const struct confluence_step *s)
{
    const struct trace_ledger *l = ledger_of(docs, s->ledger);
    char transfer[TRANSFER_NAME_MAX], output[OUTPOINT_TEXT_MAX];

    json_object(j);
    json_put_string(j, "chain", trace_ledger_chain(l)->name);
    if (l->accounts) {
        transfer_name(l->accounts, s->id, transfer);
        json_put_string(j, "transfer", transfer);
    } else {
        const struct trace_doc names = {.ledger = l->coins, .coins = *ledger_coins(l->coins)};

        trace_doc_outpoint(&names, s->id, output);
        json_put_string(j, "output", output);
    }
    json_object_end(j);
}

static void put_case(struct json_out *j, const struct ledgers_doc *docs, const struct confluence *p,
                     const struct confluence_case *c)
{
    json_object(j);
    json_put_string(j, "case", docs[c->doc].case_id);
    json_put_number(j, "number", c->doc + 1);
    json_put_number(j, "hop", c->hop);
    json_key(j, "amounts");
    json_array(j);
    for (size_t i = 0; i < c->amounts_n; i++) {
        json_object(j);
        put_asset(j, ledger_of(docs, p->ledger), c->amounts[i].asset);
        json_put_u256(j, "taint", c->amounts[i].taint);
        json_put_u256(j, "held", c->amounts[i].held);
        json_put_u256(j, "share", c->amounts[i].share);
        json_object_end(j);
    }
    json_array_end(j);
    json_key(j, "path");
    json_array(j);
    for (size_t i = 0; i < c->path_n; i++)
        put_step(j, docs, &c->path[i]);
    json_array_end(j);
    json_put_bool(j, "path_whole", c->path_whole);
    json_object_end(j);
}

static void put_place(struct json_out *j, const struct ledgers_doc *docs,
                      const struct confluence *p)
{
    char name[TRANSFER_NAME_MAX];

    json_object(j);
    json_put_string(j, "chain", trace_ledger_chain(ledger_of(docs, p->ledger))->name);
    json_put_string(j, "kind", confluence_kind_name(p->kind));
    place_text(docs, p, name);
    json_put_string(j, "place", name);
    json_key(j, "assets");
    json_array(j);
    for (size_t i = 0; i < p->assets_n; i++) {
        json_object(j);
        put_asset(j, ledger_of(docs, p->ledger), p->assets[i].asset);
        json_put_u256(j, "meeting", p->assets[i].meeting);
        json_put_u256(j, "held", p->assets[i].held);
        json_object_end(j);
    }
    json_array_end(j);
    json_key(j, "cases");
    json_array(j);
    for (size_t i = 0; i < p->cases_n; i++)
        put_case(j, docs, p, &p->cases[i]);
    json_array_end(j);
    json_object_end(j);
}

void confluence_write_json(struct text *to, const struct ledgers_doc *docs,
                           const struct confluences *c)
{
    struct json_out j = json_to(to, true);

    json_object(&j);
    json_put_string(&j, "schema", CONFLUENCE_SCHEMA);
    json_put_number(&j, "places_n", c->all_n);
    json_key(&j, "places");
    json_array(&j);
    for (size_t i = 0; i < c->places_n; i++)
        put_place(&j, docs, &c->places[i]);
    json_array_end(&j);
    json_object_end(&j);
    text_char(to, '\n');
}

/* ---- text ---- */

static void put_sum(struct text *to, const struct trace_ledger *l, uint64_t asset,
                    struct u256 amount)
{
    if (l->accounts) {
        text_asset_amount(to, l->accounts, asset, amount);
    } else {
        text_u256(to, amount, trace_ledger_chain(l)->decimals, 0);
        text_printf(to, " %s", trace_ledger_chain(l)->symbol);
    }
}

/* What a way's steps are called, together. */
static const char *steps_name(const struct ledgers_doc *docs, const struct confluence_case *c)
{
    size_t transfers = 0;

    for (size_t i = 0; i < c->path_n; i++)
        transfers += ledger_of(docs, c->path[i].ledger)->accounts != NULL;
    if (transfers == c->path_n)
        return "transfer";
    return transfers ? "step" : "output";
}

static void case_line(struct text *to, const struct ledgers_doc *docs, const struct confluence *p,
                      const struct confluence_case *c)
{
    const char *id = docs[c->doc].case_id;

    text_str(to, "    ");
    for (size_t i = 0; i < c->amounts_n; i++) {
        text_str(to, i ? ", " : "");
        put_sum(to, ledger_of(docs, p->ledger), c->amounts[i].asset, c->amounts[i].taint);
    }
    text_printf(to, " of case %s, hop %u, by %s%zu %s%s\n", id ? id : "without a name", c->hop,
                c->path_whole ? "" : "more than ", c->path_n, steps_name(docs, c),
                c->path_n == 1 ? "" : "s");
}

static void held_line(struct text *to, const struct ledgers_doc *docs, const struct confluence *p,
                      const struct confluence_asset *x)
{
    const struct trace_ledger *l = ledger_of(docs, p->ledger);
    bool first = true;

    if (u256_zero(x->held))
        return;
    text_str(to, "    still there: ");
    put_sum(to, l, x->asset, x->held);
    for (size_t i = 0; i < p->cases_n; i++)
        for (size_t k = 0; k < p->cases[i].amounts_n; k++) {
            const struct confluence_amount *m = &p->cases[i].amounts[k];
            const char *id = docs[p->cases[i].doc].case_id;

            if (m->asset != x->asset || u256_zero(m->share))
                continue;
            text_str(to, first ? "; shared: " : ", ");
            put_sum(to, l, m->asset, m->share);
            text_printf(to, " to %s", id ? id : "the case without a name");
            first = false;
        }
    text_char(to, '\n');
}

void confluence_write_text(struct text *to, const struct ledgers_doc *docs,
                           const struct confluences *c)
{
    char name[TRANSFER_NAME_MAX];

    text_str(to, c->all_n ? "\nWhere the cases meet\n" : "\nThe cases do not meet anywhere.\n");
    for (size_t i = 0; i < c->places_n && i < ROWS_MAX; i++) {
        const struct confluence *p = &c->places[i];

        place_text(docs, p, name);
        text_printf(to, "  %s%s\n", p->kind == CONFLUENCE_TRANSACTION ? "transaction " : "", name);
        for (size_t k = 0; k < p->cases_n; k++)
            case_line(to, docs, p, &p->cases[k]);
        for (size_t k = 0; k < p->assets_n; k++)
            held_line(to, docs, p, &p->assets[k]);
    }
    if (c->all_n > ROWS_MAX)
        text_printf(to, "  and %zu more\n", c->all_n - ROWS_MAX);
}
