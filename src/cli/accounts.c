#include "cli/accounts.h"

#include "api/account_answer.h"
#include "api/account_lookup.h"
#include "trace/account_show.h"

#define RUNS_SHOWN_MAX 20 /* a list of transfers may have thousands */

static void put_block(struct text *to, const struct account_ledger *l, uint32_t block)
{
    struct account_ledger_block b = account_ledger_block(l, block);

    if (b.height != HEIGHT_UNKNOWN)
        text_printf(to, "height %u, ", b.height);
    text_time(to, b.time);
}

static uint32_t block_of(const struct account_ledger *l, uint64_t transfer)
{
    return account_ledger_tx_block(l, accounts_tx_of(account_ledger_accounts(l), transfer));
}

static void info_text(struct call *c)
{
    const struct account_ledger *l = c->accounts;
    struct account_ledger_counts n = account_ledger_counts(l);
    const struct {
        const char *what;
        uint64_t n;
    } rows[] = {
        {"blocks", n.blocks},       {"transactions", n.transactions},
        {"transfers", n.transfers}, {"accounts", n.accounts},
        {"holdings", n.holdings},   {"events", n.events},
        {"bytes", n.bytes},         {"runs", n.runs},
    };

    text_printf(c->out, "%-20s %s\n%-20s %s\n", "chain", account_ledger_chain(l)->name, "ledger",
                account_ledger_dir(l));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        text_printf(c->out, "%-20s %llu\n", rows[i].what, (unsigned long long)rows[i].n);
    for (uint32_t i = 0; i < n.runs && i < RUNS_SHOWN_MAX; i++) {
        struct ledger_run run = account_ledger_run(l, i);

        text_printf(c->out, "  %u block%s\n    from ", run.blocks_n, run.blocks_n == 1 ? "" : "s");
        put_block(c->out, l, run.block_first);
        text_str(c->out, "\n    to   ");
        put_block(c->out, l, run.block_first + (run.blocks_n ? run.blocks_n - 1 : 0));
        text_char(c->out, '\n');
    }
    if (n.runs > RUNS_SHOWN_MAX)
        text_printf(c->out, "  and %llu more (all of them: --format json)\n",
                    (unsigned long long)(n.runs - RUNS_SHOWN_MAX));
}

bool account_cmd_info(struct call *c, struct err *err)
{
    if (call_json(c))
        answer_account_info(c->out, c->accounts);
    else
        info_text(c);
    return true;
}

static void put_hash(struct text *to, const struct account_ledger *l, const struct hash32 *hash)
{
    static const struct hash32 none;
    char name[TX_NAME_MAX];

    tx_name_of(account_ledger_chain(l), hash, name);
    text_str(to, hash32_equal(hash, &none) ? "not told" : name);
}

bool account_cmd_block(struct call *c, struct err *err)
{
    const struct account_ledger *l = c->accounts;
    struct account_ledger_block b;
    char name[TX_NAME_MAX];
    uint32_t found;

    if (call_json(c))
        return answer_account_block(c->out, l, call_arg(c, 0), err);
    if (!lookup_account_block(l, call_arg(c, 0), &found, err))
        return false;
    b = account_ledger_block(l, found);
    text_str(c->out, "block         ");
    put_hash(c->out, l, &b.hash);
    text_str(c->out, "\nheight        ");
    show_height(c->out, b.height);
    text_str(c->out, "\ntime          ");
    text_time(c->out, b.time);
    text_str(c->out, "\nprevious      ");
    put_hash(c->out, l, &b.prev);
    text_printf(c->out, "\ngrade         %s%s\ntransactions  %llu\n",
                b.grade == GRADE_PROVEN ? "proven" : "stated",
                b.internals || account_ledger_chain(l)->shape == CHAIN_BANK
                    ? ""
                    : ", internal transfers not told",
                (unsigned long long)b.txs_n);
    for (uint64_t i = 0; i < b.txs_n && !c->out->bad; i++) {
        tx_name(l, b.tx_first + i, name);
        text_printf(c->out, "  %s\n", name);
    }
    return true;
}

static void put_transfer(struct text *to, const struct account_ledger *l, uint64_t transfer)
{
    struct transfer t = accounts_transfer(account_ledger_accounts(l), transfer);
    char from[ACCOUNT_NAME_MAX], into[ACCOUNT_NAME_MAX], id[TRANSFER_NAME_MAX];

    transfer_name(l, transfer, id);
    holder_text(l, t.from, from);
    holder_text(l, t.to, into);
    text_printf(to, "  %-6s %-10s ", strchr(id, ':') ? strchr(id, ':') + 1 : "",
                lookup_transfer_kind(t.kind));
    text_asset_amount(to, l, transfer_asset(account_ledger_accounts(l), &t), t.amount);
    text_printf(to, "\n         %s -> %s\n", *from ? from : "nobody", *into ? into : "nobody");
}

/* Whose token accounts were among those of a transaction: what its notes say. */
static void put_token_accounts(struct text *to, const struct account_ledger *l,
                               struct accounts_range transfers)
{
    char token_account[ACCOUNT_NAME_MAX], owner[ACCOUNT_NAME_MAX];
    struct account_ledger_event e;
    bool first = true;

    for (uint64_t i = 0; i < transfers.n && !to->bad; i++) {
        if (!account_ledger_note(l, transfers.first + i, EVENT_OWNER, &e))
            continue;
        holder_text(l, accounts_transfer(account_ledger_accounts(l), transfers.first + i).from,
                    token_account);
        account_text(l, e.subject, owner);
        text_printf(to, "%s  %s of %s\n", first ? "token accounts\n" : "", token_account, owner);
        first = false;
    }
}

/* Who gave whom what is confidential: nobody sees how much. */
static void put_hidden(struct text *to, const struct account_ledger *l,
                       struct accounts_range transfers)
{
    const struct accounts *a = account_ledger_accounts(l);
    char from[ACCOUNT_NAME_MAX], into[ACCOUNT_NAME_MAX], asset[ACCOUNT_NAME_MAX];
    struct account_ledger_event e;
    bool first = true;

    for (uint64_t i = 0; i < transfers.n && !to->bad; i++) {
        struct transfer t = accounts_transfer(a, transfers.first + i);

        if (!account_ledger_note(l, transfers.first + i, EVENT_HIDDEN, &e))
            continue;
        holder_text(l, t.from, from);
        account_text(l, e.subject, into);
        asset_text(l, transfer_asset(a, &t), asset);
        text_printf(to, "%s  some %s\n         %s -> %s\n",
                    first ? "confidential, nobody sees how much\n" : "", asset, from, into);
        first = false;
    }
}

/* Of notes it is told above. False: it is of one. */
static bool put_event(struct text *to, const struct account_ledger *l, uint64_t event, bool first)
{
    struct account_ledger_event e = account_ledger_event(l, event);
    char subject[ACCOUNT_NAME_MAX];

    if (e.kind == EVENT_OWNER || e.kind == EVENT_DECIMALS || e.kind == EVENT_HIDDEN ||
        e.kind == EVENT_HOLDER)
        return false;
    if (first)
        text_str(to, "says\n");
    account_text(l, e.subject, subject);
    text_printf(to, "  l%-5u %-10s %s\n", e.log, lookup_event_kind(e.kind), subject);
    if (!e.data.n)
        return true;
    text_printf(to, "%9s", "");
    if (text_is_plain((const char *)e.data.p, e.data.n) &&
        utf8_valid((const char *)e.data.p, e.data.n))
        text_put(to, (const char *)e.data.p, e.data.n);
    else
        text_hex(to, e.data.p, e.data.n);
    text_char(to, '\n');
    return true;
}

bool account_cmd_tx(struct call *c, struct err *err)
{
    const struct account_ledger *l = c->accounts;
    struct accounts_range range;
    char name[TX_NAME_MAX];
    unsigned said = 0;
    uint64_t tx;

    if (call_json(c))
        return answer_account_tx(c->out, l, call_arg(c, 0), err);
    if (!lookup_account_tx(l, call_arg(c, 0), &tx, err))
        return false;
    tx_name(l, tx, name);
    text_printf(c->out, "transaction  %s\nin           ", name);
    put_block(c->out, l, account_ledger_tx_block(l, tx));
    text_str(c->out,
             account_ledger_tx_failed(l, tx) ? "\nit failed, and moved its fee alone\n" : "\n");
    range = accounts_tx(account_ledger_accounts(l), tx);
    text_str(c->out, range.n ? "moves\n" : "moves nothing\n");
    for (uint64_t i = 0; i < range.n && !c->out->bad; i++)
        if (accounts_transfer(account_ledger_accounts(l), range.first + i).kind != TRANSFER_NOTE)
            put_transfer(c->out, l, range.first + i);
    put_token_accounts(c->out, l, range);
    put_hidden(c->out, l, range);
    range = account_ledger_events(l, tx);
    if (range.n && account_ledger_event(l, range.first).kind == EVENT_NAME) { /* as above */
        range.first++;
        range.n--;
    }
    for (uint64_t i = 0; i < range.n && !c->out->bad; i++)
        said += put_event(c->out, l, range.first + i, !said);
    return true;
}

static void sum_line(struct call *c, const char *what, uint64_t asset, struct u256 amount)
{
    text_printf(c->out, "%-11s ", what);
    text_asset_amount(c->out, c->accounts, asset, amount);
    text_char(c->out, '\n');
}

static void seen_line(struct call *c, const char *what, uint64_t transfer)
{
    text_printf(c->out, "%-11s ", what);
    put_block(c->out, c->accounts, block_of(c->accounts, transfer));
    text_char(c->out, '\n');
}

static void row_text(struct call *c, uint64_t holding, uint64_t asset, uint64_t transfer)
{
    const struct account_ledger *l = c->accounts;
    struct transfer t = accounts_transfer(account_ledger_accounts(l), transfer);
    bool out = t.from == holding;
    char other[ACCOUNT_NAME_MAX], id[TRANSFER_NAME_MAX];

    transfer_name(l, transfer, id);
    holder_text(l, out ? t.to : t.from, other);
    text_time(c->out, account_ledger_block(l, block_of(l, transfer)).time);
    text_str(c->out, out ? "  - " : "  + ");
    text_asset_amount(c->out, l, asset, out ? t.amount : t.credit);
    text_printf(c->out, "  %s %s\n    %s %s\n", out ? "to" : "from", *other ? other : "nobody", id,
                lookup_transfer_kind(t.kind));
}

static void holding_text(struct call *c, uint64_t holding)
{
    struct lookup_holding h = lookup_holding(c->accounts, holding);
    uint64_t asset = accounts_holding(account_ledger_accounts(c->accounts), holding).asset, e;
    struct u256 spent;

    while (!c->out->bad && lookup_holding_next(&h, &e))
        row_text(c, holding, asset, e);
    u256_sub(h.sums.in, h.sums.balance, &spent);
    text_printf(c->out, "%-11s %llu\n", "transfers", (unsigned long long)h.events_n);
    sum_line(c, "received", asset, h.sums.in);
    sum_line(c, "spent", asset, spent);
    if (!u256_zero(h.beyond))
        sum_line(c, "and beyond", asset, h.beyond);
    sum_line(c, "balance", asset, h.sums.balance);
    seen_line(c, "first seen", h.first);
    seen_line(c, "last seen", h.last);
    text_char(c->out, '\n');
}

bool account_cmd_address(struct call *c, struct err *err)
{
    const struct accounts *a = account_ledger_accounts(c->accounts);
    uint64_t h, before, owner, of, n = 0;
    char name[ACCOUNT_NAME_MAX];
    bool owned;

    if (call_json(c))
        return answer_account_address(c->out, c->accounts, call_arg(c, 0), err);
    if (!lookup_holdings(c->accounts, call_arg(c, 0), &h, err))
        return false;
    owned = lookup_token_account(c->accounts, call_arg(c, 0), &owner, &of);
    if (owned && of < a->holdings_n)
        holding_text(c, of);
    for (; h < a->holdings_n && !c->out->bad; h = before) {
        if (!lookup_only_notes(c->accounts, h)) {
            holding_text(c, h);
            n++;
        }
        before = accounts_holding(a, h).before;
        if (before >= h)
            before = ACCOUNTS_NONE; /* the first, or damaged: the list descends */
    }
    text_printf(c->out, "%-11s %s\n", "address", call_arg(c, 0));
    if (owned) {
        account_text(c->accounts, owner, name);
        text_printf(c->out, "%-11s %s: it is his token account\n", "owner", name);
        n += of < a->holdings_n;
    }
    text_printf(c->out, "%-11s %llu\n", "assets", (unsigned long long)n);
    return true;
}
