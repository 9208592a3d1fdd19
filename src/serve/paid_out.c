#include "serve/paid_out.h"

#include "trace/account_show.h"

#include <stdio.h>
#include <string.h>

struct paying { /* of one deposit */
    const struct live_ledgers_one *one;
    struct watch_alert *at;
    struct accounts accounts; /* of a ledger of accounts: all of it */
    uint64_t deposit_tx;      /* likewise */
    struct u256 sum;
    size_t n;
};

static void sum_add(struct paying *p, struct u256 part)
{
    if (!u256_add(p->sum, part, &p->sum))
        p->sum = (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
}

static char *next_name(struct paying *p)
{
    return p->n < WATCH_ALERT_PAID_MAX ? p->at->paid[p->n++] : NULL;
}

/* ---- coins ---- */

/* The output of a transaction that pays the address, or the transaction alone. */
static void output_name(const struct live_ledgers_one *one, const char *tx, uint32_t at,
                        const char *address, char ret[WATCH_ALERT_OUTPUT_MAX])
{
    struct coins_range outs = coins_outputs(ledger_coins(one->coins), at);
    uint8_t script[SCRIPT_FORM_MAX], buffer[SCRIPT_FORM_MAX];
    struct bytes is;
    struct err none;
    size_t n;

    snprintf(ret, WATCH_ALERT_OUTPUT_MAX, "%s", tx);
    if (!address_read(one->chain, address, script, &n, &none))
        return;
    for (uint64_t i = 0; i < outs.n; i++) {
        uint32_t of = ledger_script_of(one->coins, outs.first + i);

        if (of != SCRIPT_NONE && ledger_script(one->coins, of, buffer, &is) &&
            bytes_equal(is, (struct bytes){script, n})) {
            snprintf(ret, WATCH_ALERT_OUTPUT_MAX, "%s:%llu", tx, (unsigned long long)i);
            return;
        }
    }
}

/* Is that transaction on the chain, not before the deposit? What pays out before it came is none
 * of it. */
static bool coins_have(const struct paying *p, const char *tx, uint32_t *ret)
{
    struct hash32 id;

    if (strlen(tx) != 2 * sizeof(id.b) || !hash_from_hex(tx, &id))
        return false;
    for (size_t i = 0; i < sizeof(id.b) / 2; i++) {
        uint8_t b = id.b[i];

        id.b[i] = id.b[sizeof(id.b) - 1 - i];
        id.b[sizeof(id.b) - 1 - i] = b;
    }
    *ret = ledger_find_tx(p->one->coins, &id);
    return *ret != COINS_TX_NONE &&
           ledger_block(p->one->coins, ledger_tx_block(p->one->coins, *ret)).height >=
               p->at->height;
}

/* ---- accounts ---- */

static uint64_t accounts_tx_named(const struct paying *p, const char *tx, size_t n)
{
    struct hash32 id;
    char digits[2 * sizeof(id.b) + 1];
    uint64_t at;

    if (n > 2 && !memcmp(tx, "0x", 2)) {
        tx += 2;
        n -= 2;
    }
    if (n != sizeof(digits) - 1)
        return ACCOUNTS_NONE;
    memcpy(digits, tx, n);
    digits[n] = 0;
    if (!hash_from_hex(digits, &id))
        return ACCOUNTS_NONE;
    at = account_ledger_find_tx(p->one->accounts, &id);
    return at != ACCOUNTS_NONE && !account_ledger_tx_failed(p->one->accounts, at) ? at
                                                                                  : ACCOUNTS_NONE;
}

/* The transfer of a transaction that pays the address that asset, or the transaction alone. */
static void transfer_paid_name(const struct paying *p, const char *tx, uint64_t at,
                               const char *address, char ret[WATCH_ALERT_OUTPUT_MAX])
{
    struct accounts_range of = accounts_tx(&p->accounts, at);
    uint8_t key[ACCOUNT_KEY_MAX];
    struct err none;
    size_t n;

    snprintf(ret, WATCH_ALERT_OUTPUT_MAX, "%s", tx);
    if (strchr(tx, ':') || !account_read(p->one->chain, address, key, &n, &none))
        return;
    for (uint64_t i = of.first; i < of.first + of.n; i++) {
        struct transfer t = accounts_transfer(&p->accounts, i);
        char name[TRANSFER_NAME_MAX], asset[ACCOUNT_NAME_MAX];
        struct bytes is;

        if (t.to == ACCOUNTS_NONE || t.kind == TRANSFER_FEE)
            continue;
        is = account_ledger_key(p->one->accounts, accounts_holding(&p->accounts, t.to).account);
        asset_text(p->one->accounts, transfer_asset(&p->accounts, &t), asset);
        transfer_name(p->one->accounts, i, name);
        if (bytes_equal(is, (struct bytes){key, n}) && !strcmp(asset, p->at->asset) &&
            strlen(name) < WATCH_ALERT_OUTPUT_MAX) {
            memcpy(ret, name, strlen(name) + 1);
            return;
        }
    }
}

/* What the account has paid to others since, by the book. */
static void bank_look(struct paying *p)
{
    const char *colon = strchr(p->at->output, ':');
    struct accounts_range of = accounts_tx(&p->accounts, p->deposit_tx);
    uint64_t event = of.first, holding;
    char name[TRANSFER_NAME_MAX];

    for (; event < of.first + of.n; event++) { /* the deposit among its transfers */
        transfer_name(p->one->accounts, event, name);
        if (colon && !strcmp(name, p->at->output))
            break;
    }
    if (event == of.first + of.n)
        return;
    holding = accounts_transfer(&p->accounts, event).to;
    for (unsigned i = 0; holding != ACCOUNTS_NONE && i < PAID_OUT_EVENTS_MAX; i++) {
        struct transfer t;
        char *to;

        event = accounts_next(&p->accounts, holding, event);
        if (event == ACCOUNTS_NONE)
            return;
        t = accounts_transfer(&p->accounts, event);
        if (t.from != holding || t.to == holding || t.kind == TRANSFER_FEE)
            continue;
        sum_add(p, t.amount);
        transfer_name(p->one->accounts, event, name);
        to = strlen(name) < WATCH_ALERT_OUTPUT_MAX ? next_name(p) : NULL;
        if (to)
            memcpy(to, name, strlen(name) + 1);
    }
}

/* ---- registered withdrawals ---- */

static void registered_row(struct paying *p, struct store_query *q)
{
    const char *tx = store_text(q, 0), *address = store_text(q, 1), *amount = store_text(q, 2);
    uint64_t of_accounts = ACCOUNTS_NONE;
    uint32_t of_coins = COINS_TX_NONE;
    struct u256 part;
    char *to;

    if (!tx || !address || !amount || !u256_from_text(amount, strlen(amount), &part))
        return;
    if (p->one->coins
            ? !coins_have(p, tx, &of_coins)
            : (of_accounts = accounts_tx_named(p, tx, strcspn(tx, ":"))) == ACCOUNTS_NONE ||
                  of_accounts <= p->deposit_tx)
        return;
    sum_add(p, part);
    to = next_name(p);
    if (!to)
        return;
    if (p->one->coins)
        output_name(p->one, tx, of_coins, address, to);
    else
        transfer_paid_name(p, tx, of_accounts, address, to);
}

/* A token goes by its address, or by what it calls itself. */
static void also_named(const struct paying *p, char ret[ACCOUNT_NAME_MAX])
{
    struct asset_facts facts;
    uint64_t asset;
    struct err none;

    snprintf(ret, ACCOUNT_NAME_MAX, "%s", p->at->asset);
    if (p->one->coins || !asset_find(p->one->accounts, p->at->asset, &asset, &none))
        return;
    facts = asset_facts_of(p->one->accounts, asset);
    if (facts.symbol)
        snprintf(ret, ACCOUNT_NAME_MAX, "%s", facts.symbol);
}

static bool registered_look(struct paying *p, struct store *s, struct err *err)
{
    struct store_query *q = NULL;
    char also[ACCOUNT_NAME_MAX];
    bool row, ok;

    also_named(p, also);
    ok = store_prepare(s,
                       "SELECT tx, address, amount FROM " TRANSFER_RECENT
                       " WHERE direction = 'outbound' AND account = ? AND "
                       "(asset = ? COLLATE NOCASE OR asset = ?) AND chain IN (?, ?) AND tx IS NOT "
                       "NULL",
                       &q, err) &&
         store_bind_text(q, 1, p->at->account, err) && store_bind_text(q, 2, p->at->asset, err) &&
         store_bind_text(q, 3, also, err) && store_bind_text(q, 4, p->one->chain->name, err) &&
         store_bind_text(q, 5, p->at->chain, err);
    while (ok && (ok = store_step(q, &row, err)) && row)
        registered_row(p, q);
    store_finish(q);
    return ok;
}

bool paid_out(struct store *s, const struct live_ledgers_one *one, struct watch_alert *at,
              struct err *err)
{
    struct paying p = {.one = one, .at = at, .sum = u256_of(0)};
    struct u256 least;
    bool ok = true;

    if (one->accounts) {
        p.accounts = account_ledger_until(one->accounts,
                                          (uint32_t)account_ledger_counts(one->accounts).blocks);
        p.deposit_tx = accounts_tx_named(&p, at->output, strcspn(at->output, ":"));
        if (p.deposit_tx == ACCOUNTS_NONE)
            return true;
    }
    if (one->accounts && one->chain->shape == CHAIN_BANK)
        bank_look(&p);
    else if (*at->account)
        ok = registered_look(&p, s, err);
    at->paid_out = ok && u256_mul_div(at->received, u256_of(9), u256_of(10), &least) &&
                   !u256_zero(p.sum) && !u256_less(p.sum, least);
    if (!at->paid_out)
        for (size_t i = 0; i < p.n; i++)
            at->paid[i][0] = 0;
    return ok;
}
