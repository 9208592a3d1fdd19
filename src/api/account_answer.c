#include "api/account_answer.h"

#include "api/account_lookup.h"
#include "base/json.h"
#include "chain/facts.h"
#include "trace/account_json.h"
#include "trace/account_show.h"

static void put_block(struct json_out *j, const char *name, const struct account_ledger *l,
                      uint32_t block)
{
    struct account_ledger_block b = account_ledger_block(l, block);

    json_key(j, name);
    account_put_block(j, account_ledger_chain(l), &b);
}

static void put_block_of(struct json_out *j, const char *name, const struct account_ledger *l,
                         uint64_t transfer)
{
    uint64_t tx = accounts_tx_of(account_ledger_accounts(l), transfer);

    put_block(j, name, l, account_ledger_tx_block(l, tx));
}

static void put_asset(struct json_out *j, const struct account_ledger *l, uint64_t asset)
{
    struct asset_facts facts = asset_facts_of(l, asset);
    char name[ACCOUNT_NAME_MAX];

    asset_text(l, asset, name);
    json_put_string(j, "asset", name);
    json_put_string(j, "symbol", facts.symbol);
    json_key(j, "decimals");
    if (facts.has_decimals)
        json_number(j, facts.decimals);
    else
        json_null(j);
}

static void put_holder(struct json_out *j, const char *name, const struct account_ledger *l,
                       uint64_t holding)
{
    char text[ACCOUNT_NAME_MAX];

    holder_text(l, holding, text);
    json_put_string(j, name, *text ? text : NULL);
}

static void put_hash(struct json_out *j, const char *name, const struct account_ledger *l,
                     const struct hash32 *hash)
{
    static const struct hash32 none;
    char text[TX_NAME_MAX];

    tx_name_of(account_ledger_chain(l), hash, text);
    json_put_string(j, name, hash32_equal(hash, &none) ? NULL : text);
}

/* Every answer says of which chain it speaks, and how far the ledger reaches. */
static struct json_out begin(struct text *to, const char *schema, const struct account_ledger *l)
{
    struct json_out j = json_to(to, true);
    uint64_t blocks_n = account_ledger_counts(l).blocks;

    json_object(&j);
    json_put_string(&j, "schema", schema);
    json_put_string(&j, "chain", account_ledger_chain(l)->name);
    if (blocks_n)
        put_block(&j, "data_as_of", l, (uint32_t)blocks_n - 1);
    else
        json_put_string(&j, "data_as_of", NULL);
    return j;
}

static void end(struct json_out *j)
{
    json_object_end(j);
    text_char(j->to, '\n');
}

void answer_account_info(struct text *to, const struct account_ledger *l)
{
    struct json_out j = begin(to, "cordon.info.accounts/1", l);
    struct account_ledger_counts n = account_ledger_counts(l);

    json_put_string(&j, "caip2", account_ledger_chain(l)->caip2);
    json_put_number(&j, "runs", n.runs);
    json_put_number(&j, "blocks", n.blocks);
    json_put_number(&j, "transactions", n.transactions);
    json_put_number(&j, "transfers", n.transfers);
    json_put_number(&j, "accounts", n.accounts);
    json_put_number(&j, "holdings", n.holdings);
    json_put_number(&j, "events", n.events);
    json_put_number(&j, "bytes", n.bytes);
    json_key(&j, "run_list");
    json_array(&j);
    for (uint32_t i = 0; i < n.runs; i++) {
        struct ledger_run run = account_ledger_run(l, i);

        json_object(&j);
        json_put_number(&j, "blocks", run.blocks_n);
        put_block(&j, "first", l, run.block_first);
        put_block(&j, "last", l, run.block_first + (run.blocks_n ? run.blocks_n - 1 : 0));
        json_object_end(&j);
    }
    json_array_end(&j);
    end(&j);
}

bool answer_account_block(struct text *to, const struct account_ledger *l,
                          const char *height_or_hash, struct err *err)
{
    struct account_ledger_block b;
    char name[TX_NAME_MAX];
    struct json_out j;
    uint32_t found;

    if (!lookup_account_block(l, height_or_hash, &found, err))
        return false;
    b = account_ledger_block(l, found);
    j = begin(to, "cordon.block.accounts/1", l);
    account_put_height(&j, b.height);
    put_hash(&j, "hash", l, &b.hash);
    put_hash(&j, "previous", l, &b.prev);
    json_put_number(&j, "time", b.time);
    json_put_string(&j, "grade", b.grade == GRADE_PROVEN ? "proven" : "stated");
    json_put_bool(&j, "internals", b.internals);
    json_key(&j, "transactions");
    json_array(&j);
    for (uint64_t i = 0; i < b.txs_n && !to->bad; i++) {
        tx_name(l, b.tx_first + i, name);
        json_string(&j, name);
    }
    json_array_end(&j);
    end(&j);
    return true;
}

static void put_transfer(struct json_out *j, const struct account_ledger *l, uint64_t transfer)
{
    struct transfer t = accounts_transfer(account_ledger_accounts(l), transfer);
    char name[TRANSFER_NAME_MAX];

    json_object(j);
    transfer_name(l, transfer, name);
    json_put_string(j, "transfer", name);
    json_put_string(j, "kind", lookup_transfer_kind(t.kind));
    put_holder(j, "from", l, t.from);
    put_holder(j, "to", l, t.to);
    put_asset(j, l, transfer_asset(account_ledger_accounts(l), &t));
    json_put_u256(j, "amount", t.amount);
    json_put_u256(j, "credit", t.credit);
    json_object_end(j);
}

/* A memo is text where it can be; the rest of what contracts say is bytes. */
static void put_event(struct json_out *j, const struct account_ledger *l, uint64_t event)
{
    struct account_ledger_event e = account_ledger_event(l, event);
    char name[ACCOUNT_NAME_MAX];
    bool text = e.kind == EVENT_MEMO && utf8_valid((const char *)e.data.p, e.data.n);

    json_object(j);
    json_put_string(j, "kind", lookup_event_kind(e.kind));
    json_put_number(j, "log", e.log);
    account_text(l, e.subject, name);
    json_put_string(j, "subject", *name ? name : NULL);
    json_key(j, text ? "text" : "data");
    if (text)
        json_string_n(j, (const char *)e.data.p, e.data.n);
    else
        json_hex(j, e.data.p, e.data.n);
    json_object_end(j);
}

/* The txid says a name, and notes are told by themselves. */
static bool is_told(enum event_kind kind)
{
    return kind != EVENT_NAME && kind != EVENT_OWNER && kind != EVENT_DECIMALS &&
           kind != EVENT_HIDDEN && kind != EVENT_HOLDER;
}

/* What notes of one kind say: of from, and of the event's subject. */
static void put_notes(struct json_out *j, const struct account_ledger *l,
                      struct accounts_range transfers, enum event_kind kind,
                      const char *const names[3])
{
    const struct accounts *a = account_ledger_accounts(l);
    char subject[ACCOUNT_NAME_MAX];
    struct account_ledger_event e;
    bool any = false;

    for (uint64_t i = 0; i < transfers.n && !j->to->bad; i++) {
        struct transfer t = accounts_transfer(a, transfers.first + i);

        if (!account_ledger_note(l, transfers.first + i, kind, &e))
            continue;
        if (!any) {
            json_key(j, names[0]);
            json_array(j);
        }
        any = true;
        json_object(j);
        put_holder(j, names[1], l, t.from);
        account_text(l, e.subject, subject);
        json_put_string(j, names[2], subject);
        put_asset(j, l, transfer_asset(a, &t));
        json_object_end(j);
    }
    if (any)
        json_array_end(j);
}

bool answer_account_tx(struct text *to, const struct account_ledger *l, const char *txid,
                       struct err *err)
{
    static const char *const owners[] = {"token_accounts", "account", "owner"}, *const hidden[] = {
                                                                                    "confidential",
                                                                                    "from", "to"};
    struct accounts_range range;
    struct account_ledger_block b;
    char name[TX_NAME_MAX];
    struct json_out j;
    uint32_t block;
    uint64_t tx;

    if (!lookup_account_tx(l, txid, &tx, err))
        return false;
    block = account_ledger_tx_block(l, tx);
    b = account_ledger_block(l, block);
    j = begin(to, "cordon.tx.accounts/1", l);
    tx_name(l, tx, name);
    json_put_string(&j, "txid", name);
    put_block(&j, "block", l, block);
    json_put_number(&j, "index", tx - b.tx_first);
    json_put_bool(&j, "failed", account_ledger_tx_failed(l, tx));
    json_put_string(&j, "grade", b.grade == GRADE_PROVEN ? "proven" : "stated");
    json_put_bool(&j, "internals", b.internals);
    json_key(&j, "transfers");
    json_array(&j);
    range = accounts_tx(account_ledger_accounts(l), tx);
    for (uint64_t i = 0; i < range.n && !to->bad; i++)
        if (accounts_transfer(account_ledger_accounts(l), range.first + i).kind != TRANSFER_NOTE)
            put_transfer(&j, l, range.first + i);
    json_array_end(&j);
    put_notes(&j, l, range, EVENT_OWNER, owners);
    put_notes(&j, l, range, EVENT_HIDDEN, hidden);
    json_key(&j, "events");
    json_array(&j);
    range = account_ledger_events(l, tx);
    for (uint64_t i = 0; i < range.n && !to->bad; i++)
        if (is_told(account_ledger_event(l, range.first + i).kind))
            put_event(&j, l, range.first + i);
    json_array_end(&j);
    end(&j);
    return true;
}

static void put_holding_transfer(struct json_out *j, const struct account_ledger *l,
                                 uint64_t transfer)
{
    const struct accounts *a = account_ledger_accounts(l);
    struct transfer t = accounts_transfer(a, transfer);
    struct account_ledger_block b =
        account_ledger_block(l, account_ledger_tx_block(l, accounts_tx_of(a, transfer)));
    char name[TRANSFER_NAME_MAX];

    json_object(j);
    transfer_name(l, transfer, name);
    json_put_string(j, "transfer", name);
    json_put_string(j, "kind", lookup_transfer_kind(t.kind));
    account_put_height(j, b.height);
    json_put_number(j, "time", b.time);
    put_holder(j, "from", l, t.from);
    put_holder(j, "to", l, t.to);
    json_put_u256(j, "amount", t.amount);
    json_put_u256(j, "credit", t.credit);
    json_object_end(j);
}

static void put_holding(struct json_out *j, const struct account_ledger *l, uint64_t holding)
{
    struct lookup_holding h = lookup_holding(l, holding);
    struct u256 spent;
    uint64_t transfer;

    json_object(j);
    put_asset(j, l, accounts_holding(account_ledger_accounts(l), holding).asset);
    json_key(j, "transfers");
    json_array(j);
    while (!j->to->bad && lookup_holding_next(&h, &transfer)) /* as found: there may be millions */
        put_holding_transfer(j, l, transfer);
    json_array_end(j);
    u256_sub(h.sums.in, h.sums.balance, &spent);
    json_put_u256(j, "received", h.sums.in);
    json_put_u256(j, "spent", spent);
    json_put_u256(j, "balance", h.sums.balance);
    json_put_u256(j, "beyond", h.beyond);
    json_put_bool(j, "over", h.sums.flags & MARK_OVER);
    put_block_of(j, "first_seen", l, h.first);
    put_block_of(j, "last_seen", l, h.last);
    json_object_end(j);
}

bool answer_account_address(struct text *to, const struct account_ledger *l, const char *address,
                            struct err *err)
{
    const struct accounts *a = account_ledger_accounts(l);
    struct json_out j;
    uint64_t h, before, owner, of = ACCOUNTS_NONE;
    char name[ACCOUNT_NAME_MAX];

    if (!lookup_holdings(l, address, &h, err))
        return false;
    j = begin(to, "cordon.address.accounts/1", l);
    json_put_string(&j, "address", address);
    if (lookup_token_account(l, address, &owner, &of)) {
        account_text(l, owner, name);
        json_put_string(&j, "token_account_of", name);
    }
    json_key(&j, "holdings");
    json_array(&j);
    if (of < a->holdings_n)
        put_holding(&j, l, of);
    for (; h < a->holdings_n && !to->bad; h = before) {
        if (!lookup_only_notes(l, h))
            put_holding(&j, l, h);
        before = accounts_holding(a, h).before;
        if (before >= h)
            break; /* the first, or damaged: the list descends */
    }
    json_array_end(&j);
    end(&j);
    return true;
}
