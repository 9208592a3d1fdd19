/* The document for machines: docs/schemas/trace-accounts.json. Ledger order throughout, each item
 * of a list on a line of its own, so that two documents can be compared line by line. */
#include "trace/account_doc.h"
#include "trace/account_json.h"
#include "trace/ledgers_run.h"

#include "base/json.h"
#include "chain/facts.h"

#include <stdio.h>

static void put_asset(struct json_out *j, const struct account_doc *d, uint64_t asset)
{
    char name[ACCOUNT_NAME_MAX];

    asset_text(d->ledger, asset, name);
    json_put_string(j, "asset", name);
}

static void put_transfer(struct json_out *j, const struct account_doc *d, uint64_t transfer)
{
    char name[TRANSFER_NAME_MAX];

    transfer_name(d->ledger, transfer, name);
    json_put_string(j, "transfer", name);
}

static void put_chain(struct json_out *j, const struct account_doc *d)
{
    json_put_string(j, "chain", account_ledger_chain(d->ledger)->name);
}

static void put_holder(struct json_out *j, const struct account_doc *d, const char *key,
                       uint64_t holding)
{
    char name[ACCOUNT_NAME_MAX];

    holder_text(d->ledger, holding, name);
    json_put_string(j, key, *name ? name : NULL);
}

void account_put_height(struct json_out *j, uint32_t height)
{
    json_put_number_or_null(j, "height", height, HEIGHT_UNKNOWN);
}

void account_put_block(struct json_out *j, const struct chain *chain,
                       const struct account_ledger_block *b)
{
    static const struct hash32 none;
    char hash[TX_NAME_MAX];

    tx_name_of(chain, &b->hash, hash);
    json_object(j);
    account_put_height(j, b->height);
    json_put_string(j, "hash", hash32_equal(&b->hash, &none) ? NULL : hash);
    json_put_number(j, "time", b->time);
    json_object_end(j);
}

static void put_block(struct json_out *j, const struct account_doc *d, uint32_t block)
{
    struct account_ledger_block b = account_ledger_block(d->ledger, block);

    account_put_block(j, account_ledger_chain(d->ledger), &b);
}

static void put_stop(struct json_out *j, const struct account_doc *d, int32_t number)
{
    struct trace_stop stop;

    json_key(j, "stop");
    if (number == STOP_NONE) {
        json_null(j);
        return;
    }
    stop = account_doc_stop(d, number);
    json_object(j);
    json_put_string(j, "name", stop.name);
    json_put_string(j, "category", stop.category);
    json_put_string(j, "source", stop.source);
    json_object_end(j);
}

static void put_used_stop(struct json_out *j, const struct trace_stop *stop)
{
    json_object(j);
    json_put_string(j, "address", stop->address);
    json_put_string(j, "name", stop->name);
    json_put_string(j, "category", stop->category);
    json_put_string(j, "source", stop->source);
    if (stop->chain)
        json_put_string(j, "chain", stop->chain);
    json_object_end(j);
}

/* Without 0x, since the chain may be another ledger's; what reads it takes both. */
static void put_written_hash(struct json_out *j, const char *key, const struct case_origin *o)
{
    char name[2 * sizeof(o->txid.b) + 2 + TRANSFER_NAME_MAX];
    size_t n = 0;

    for (size_t i = sizeof(o->txid.b); i-- > 0; n += 2)
        snprintf(name + n, 3, "%02x", o->txid.b[i]);
    if (o->kind == ORIGIN_OUTPUT)
        snprintf(name + n, sizeof(name) - n, ":%u", o->vout);
    else if (o->kind == ORIGIN_TRANSFER)
        snprintf(name + n, sizeof(name) - n, ":%s", o->transfer);
    json_put_string(j, key, name);
}

static void put_end(struct json_out *j, const struct case_origin *o)
{
    json_object(j);
    switch (o->kind) {
    case ORIGIN_OUTPUT:
        put_written_hash(j, "output", o);
        break;
    case ORIGIN_TX:
        put_written_hash(j, "tx", o);
        break;
    case ORIGIN_TRANSFER:
        put_written_hash(j, "transfer", o);
        break;
    case ORIGIN_ADDRESS:
        json_put_string(j, "address", o->address);
        break;
    case ORIGIN_BEYOND:
        json_put_string(j, "beyond", o->address);
        break;
    }
    if (o->from_height)
        json_put_number(j, "from_height", o->from_height);
    if (o->from_time) {
        json_put_number(j, "from_time", o->from_time);
    }
    if (o->chain)
        json_put_string(j, "chain", o->chain);
    if (o->asset)
        json_put_string(j, "asset", o->asset);
    json_object_end(j);
}

static void put_ends(struct json_out *j, const char *key, const struct case_origin *at, size_t n)
{
    json_key(j, key);
    if (n > 1)
        json_array(j);
    for (size_t i = 0; i < n; i++)
        put_end(j, &at[i]);
    if (n > 1)
        json_array_end(j);
}

/* As a case file has them, so that they can be read again. */
void account_put_conversions(struct json_out *j, const struct case_conversion *at, size_t n)
{
    json_key(j, "conversions");
    json_array(j);
    for (size_t i = 0; i < n; i++) {
        json_object(j);
        put_ends(j, "from", at[i].from, at[i].from_n);
        put_ends(j, "to", at[i].to, at[i].to_n);
        if (at[i].has_amount)
            json_put_u256(j, "amount", at[i].amount);
        json_put_string(j, "source", at[i].source);
        if (at[i].note)
            json_put_string(j, "note", at[i].note);
        json_object_end(j);
    }
    json_array_end(j);
}

void account_put_trusts(struct json_out *j, const struct trace_trusts *t)
{
    struct hash32 known = routes_trusts_hash();

    json_key(j, "trusts");
    json_object(j);
    json_put_hex(j, "known_sha256", known.b, sizeof(known.b));
    json_key(j, "stated");
    json_array(j);
    for (size_t i = 0; i < t->stated_n; i++) {
        json_object(j);
        json_put_string(j, "chain", t->stated[i].chain);
        json_put_string(j, "contract", t->stated[i].contract);
        json_put_string(j, "name", t->stated[i].name);
        json_put_string(j, "source", t->stated[i].source);
        json_object_end(j);
    }
    json_array_end(j);
    json_key(j, "used");
    json_array(j);
    for (size_t i = 0; i < t->used_n; i++) {
        json_object(j);
        json_put_string(j, "chain", t->used[i].chain);
        json_put_string(j, "contract", t->used[i].contract);
        json_put_string(j, "name", t->used[i].name);
        json_put_string(j, "grade", move_grade_name(t->used[i].grade));
        json_object_end(j);
    }
    json_array_end(j);
    json_object_end(j);
}

static void put_token_inputs(struct json_out *j, const struct account_doc *d)
{
    struct hash32 known = tokens_hash();

    json_put_hex(j, "known_tokens_sha256", known.b, sizeof(known.b));
    json_put_hex(j, "tokens_sha256", d->tokens_sha256.b, sizeof(d->tokens_sha256.b));
    json_key(j, "tokens");
    json_array(j);
    for (size_t i = 0; i < d->spoofs_n; i++) {
        const struct trace_token *t = d->spoofs[i].told;

        json_object(j);
        json_put_string(j, "address", t->address);
        json_put_string(j, "symbol", t->symbol);
        json_put_string(j, "source", t->source);
        if (t->chain)
            json_put_string(j, "chain", t->chain);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_inputs(struct json_out *j, const struct account_doc *d)
{
    json_key(j, "inputs");
    json_object(j);
    json_put_string(j, "rules", TRACE_RULES);
    json_put_u256(j, "dust", d->dust);
    json_put_number_or_null(j, "hops_max", d->hops_max, TRACE_HOPS_NONE);
    json_put_number(j, "hub_spends_max",
                    d->hub_spends_max ? d->hub_spends_max : ACCOUNT_HUB_SPENDS_MAX);
    json_key(j, "until");
    put_block(j, d, d->blocks_n - 1);
    json_key(j, "internals");
    if (account_ledger_chain(d->ledger)->shape == CHAIN_BANK)
        json_null(j);
    else
        json_bool(j, d->internals);
    json_put_hex(j, "stops_sha256", d->stops_sha256.b, 32);
    json_key(j, "stops");
    json_array(j);
    for (size_t i = 0; i < d->stops_used_n; i++)
        put_used_stop(j, &d->stops[d->stops_used[i]]);
    json_array_end(j);
    account_put_conversions(j, d->conversions, d->conversions_n);
    json_key(j, "look_alike");
    json_object(j);
    json_put_number(j, "head", d->look.head);
    json_put_number(j, "tail", d->look.tail);
    json_object_end(j);
    put_token_inputs(j, d);
    if (d->trusts)
        account_put_trusts(j, d->trusts);
    json_object_end(j);
}

static void put_origins(struct json_out *j, const struct account_doc *d)
{
    json_key(j, "origins");
    json_array(j);
    for (size_t i = 0; i < d->origins_n; i++) {
        struct transfer t = accounts_transfer(&d->accounts, d->origins[i].transfer);
        char nonce[ACCOUNT_NAME_MAX];

        json_object(j);
        put_transfer(j, d, d->origins[i].transfer);
        if (tx_nonce(d->ledger, accounts_tx_of(&d->accounts, d->origins[i].transfer), nonce))
            json_put_string(j, "durable_nonce", nonce);
        put_asset(j, d, transfer_asset(&d->accounts, &t));
        json_put_u256(j, "amount", t.amount);
        json_put_u256(j, "taint", d->origins[i].taint);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_move(struct json_out *j, const struct account_doc *d, const struct account_move *m)
{
    struct transfer t = accounts_transfer(&d->accounts, m->transfer);
    struct account_ledger_block b = account_doc_block(d, m->transfer);

    json_object(j);
    put_chain(j, d);
    put_transfer(j, d, m->transfer);
    account_put_height(j, b.height);
    json_put_number(j, "time", b.time);
    put_holder(j, d, "from", t.from);
    put_holder(j, d, "to", t.to);
    put_asset(j, d, transfer_asset(&d->accounts, &t));
    json_put_u256(j, "amount", t.amount);
    json_put_u256(j, "taint", m->taint);
    json_put_number(j, "hop", m->hop);
    json_put_string(j, "grade", move_grade_name(m->grade));
    json_put_bool(j, "beyond", m->beyond);
    json_put_string(j, "leg", m->in_leg ? "in" : m->out_leg ? "out" : NULL);
    put_stop(j, d, m->stop);
    json_object_end(j);
}

static void put_moves(struct json_out *j, const struct account_doc *d)
{
    json_key(j, "moves");
    json_array(j);
    for (size_t i = 0; i < d->trace->moves_n; i++)
        put_move(j, d, &d->trace->moves[i]);
    json_array_end(j);
}

static void put_balances(struct json_out *j, const struct account_doc *d)
{
    json_key(j, "balances");
    json_array(j);
    for (size_t i = 0; i < d->trace->balances_n; i++) {
        const struct account_balance *b = &d->trace->balances[i];

        json_object(j);
        put_chain(j, d);
        put_holder(j, d, "account", b->holding);
        put_asset(j, d, accounts_holding(&d->accounts, b->holding).asset);
        json_put_u256(j, "taint", b->taint);
        json_put_number(j, "hop", b->hop);
        put_stop(j, d, b->stop);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_total(struct json_out *j, const struct account_doc *d,
                      const struct account_totals *t)
{
    const struct {
        const char *name;
        struct u256 amount;
    } rows[] = {
        {"origin", t->origin},
        {"converted_in", t->converted_in},
        {"held", t->held},
        {"exits", t->exits},
        {"cut", t->cut},
        {"fees", t->fees},
        {"dust", t->dust},
        {"unresolved", t->unresolved},
        {"converted_out", t->converted_out},
    };
    struct asset_facts facts = asset_facts_of(d->ledger, t->asset);

    json_object(j);
    put_chain(j, d);
    put_asset(j, d, t->asset);
    json_put_string(j, "symbol", facts.symbol);
    json_key(j, "decimals");
    if (facts.has_decimals)
        json_number(j, facts.decimals);
    else
        json_null(j);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        json_put_u256(j, rows[i].name, rows[i].amount);
    json_object_end(j);
}

static void put_totals(struct json_out *j, const struct account_doc *d)
{
    json_key(j, "totals");
    json_array(j);
    for (size_t i = 0; i < d->trace->totals_n; i++)
        put_total(j, d, &d->trace->totals[i]);
    json_array_end(j);
}

static void put_unsettled(struct json_out *j, const struct account_doc *d)
{
    json_key(j, "unsettled");
    json_array(j);
    for (size_t i = 0; i < d->trace->unsettled_n; i++) {
        json_object(j);
        put_transfer(j, d, d->trace->unsettled[i].transfer);
        json_put_u256(j, "taint", d->trace->unsettled[i].taint);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_look_alikes(struct json_out *j, const struct account_doc *d)
{
    char name[ACCOUNT_NAME_MAX];

    json_key(j, "look_alikes");
    json_array(j);
    for (size_t i = 0; i < d->look_alikes_n; i++) {
        const struct look_alike *k = &d->look_alikes[i];
        struct transfer t = accounts_transfer(&d->accounts, k->transfer);

        json_object(j);
        account_text(d->ledger, k->account, name);
        json_put_string(j, "account", name);
        account_text(d->ledger, k->like, name);
        json_put_string(j, "like", name);
        put_transfer(j, d, k->transfer);
        put_asset(j, d, transfer_asset(&d->accounts, &t));
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_spoofs(struct json_out *j, const struct account_doc *d)
{
    char name[ACCOUNT_NAME_MAX];

    json_key(j, "spoof_tokens");
    json_array(j);
    for (size_t i = 0; i < d->spoofs_n; i++) {
        const struct spoof *s = &d->spoofs[i];

        json_object(j);
        put_asset(j, d, s->asset);
        json_put_string(j, "symbol", s->told->symbol);
        spoof_meant_text(d->ledger, s, name);
        json_put_string(j, "like", s->meant.symbol);
        json_put_string(j, "like_asset", name);
        account_text(d->ledger, s->account, name);
        json_put_string(j, "account", name);
        put_transfer(j, d, s->transfer);
        json_object_end(j);
    }
    json_array_end(j);
}

static void put_gaps(struct json_out *j, const struct account_doc *d)
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

void account_write_json(struct text *to, const struct account_doc *d)
{
    struct json_out j = json_to(to, true);
    const struct trace_ledger here = {.accounts = d->ledger};

    json_object(&j);
    json_put_string(&j, "schema", ACCOUNT_TRACE_SCHEMA);
    json_put_string(&j, "case", d->case_id);
    put_chain(&j, d);
    json_put_string(&j, "policy", trace_policy_name(d->policy));
    json_put_bool(&j, "exact", d->exact);
    json_key(&j, "data_as_of");
    put_block(&j, d, (uint32_t)account_ledger_counts(d->ledger).blocks - 1);
    put_inputs(&j, d);
    put_origins(&j, d);
    put_moves(&j, d);
    put_balances(&j, d);
    put_totals(&j, d);
    put_unsettled(&j, d);
    put_look_alikes(&j, d);
    put_spoofs(&j, d);
    put_gaps(&j, d);
    routes_put_links(&j, &here, d->links, d->links_n);
    routes_put_candidates(&j, &here, d->candidates, d->candidates_n);
    json_object_end(&j);
    text_char(to, '\n');
}
