#include "trace/account_show.h"

#include "chain/bank/currency.h"
#include "chain/bitcoin/base58.h"
#include "chain/dialect.h"
#include "chain/tokens.h"
#include "chain/tx_text.h"

#include <stdio.h>
#include <time.h>

void tx_name_of(const struct chain *chain, const struct hash32 *hash, char ret[TX_NAME_MAX])
{
    static const char digits[] = "0123456789abcdef";
    size_t n = 0;

    if (chain->dialect->tx == TX_IS_SIGNATURE) {
        base58_write((struct bytes){hash->b, sizeof(hash->b)}, ret);
        return;
    }
    if (chain->dialect->tx == TX_IS_HEX_0X) {
        ret[n++] = '0';
        ret[n++] = 'x';
    }
    for (size_t i = 0; i < sizeof(hash->b); i++) {
        ret[n++] = digits[hash->b[i] >> 4];
        ret[n++] = digits[hash->b[i] & 15];
    }
    ret[n] = 0;
}

void tx_name(const struct account_ledger *l, uint64_t tx, char ret[TX_NAME_MAX])
{
    struct hash32 hash = account_ledger_txid(l, tx);
    struct accounts_range events = account_ledger_events(l, tx);
    struct account_ledger_event first = account_ledger_event(l, events.first);

    if (events.n && first.kind == EVENT_NAME && first.data.n <= TX_NAME_BYTES_MAX) {
        base58_write(first.data, ret);
        return;
    }
    tx_name_of(account_ledger_chain(l), &hash, ret);
}

void tx_name_or_hash(const struct account_ledger *l, uint64_t tx, const struct hash32 *hash,
                     char ret[TX_NAME_MAX])
{
    if (tx < account_ledger_counts(l).transactions)
        tx_name(l, tx, ret);
    else if (account_ledger_chain(l)->dialect->tx == TX_IS_SIGNATURE)
        ret[0] = 0; /* a signature cannot be told from its hash */
    else
        tx_name_of(account_ledger_chain(l), hash, ret);
}

static char kind_letter(enum transfer_kind kind)
{
    switch (kind) {
    case TRANSFER_FREEZE:
    case TRANSFER_UNFREEZE:
    case TRANSFER_WIPE:
        return 'l'; /* what an issuer did is an event, too */
    case TRANSFER_FEE:
    case TRANSFER_VALUE:
    case TRANSFER_INTERNAL:
    case TRANSFER_LOG:
    case TRANSFER_WITHDRAWAL:
    case TRANSFER_REWARD:
    case TRANSFER_STAKING:
    case TRANSFER_VOTING:
    case TRANSFER_RENT:
    case TRANSFER_STATED:
    case TRANSFER_PAYMENT:
    case TRANSFER_BALANCE:
    case TRANSFER_PAIRED:
    case TRANSFER_NOTE:
        break;
    }
    return (char)kind;
}

/* "l3", "i0_1": what follows the hash. */
static size_t kind_name(const struct account_ledger *l, uint64_t transfer, const struct transfer *t,
                        char *ret)
{
    size_t n = 0;

    ret[n++] = kind_letter(t->kind);
    if (t->kind == TRANSFER_INTERNAL) {
        struct bytes path = account_ledger_path(l, transfer);

        for (size_t i = 0; i + 4 <= path.n && i < 4 * (size_t)TRACE_PATH_MAX; i += 4)
            n += (size_t)snprintf(ret + n, 12, "%s%u", i ? "_" : "", load_le32(path.p + i));
    } else if ((t->kind != TRANSFER_FEE && t->kind != TRANSFER_VALUE) || t->position) {
        n += (size_t)snprintf(ret + n, 12, "%u", (unsigned)t->position);
    }
    ret[n] = 0;
    return n;
}

void transfer_name(const struct account_ledger *l, uint64_t transfer, char ret[TRANSFER_NAME_MAX])
{
    const struct accounts *a = account_ledger_accounts(l);
    struct transfer t;
    size_t n;

    ret[0] = 0;
    if (transfer >= a->transfers_n)
        return;
    t = accounts_transfer(a, transfer);
    tx_name(l, accounts_tx_of(a, transfer), ret);
    n = strlen(ret);
    ret[n++] = ':';
    kind_name(l, transfer, &t, ret + n);
}

void account_text(const struct account_ledger *l, uint64_t account, char ret[ACCOUNT_NAME_MAX])
{
    account_name(account_ledger_chain(l), account_ledger_key(l, account), ret);
}

void asset_text(const struct account_ledger *l, uint64_t asset, char ret[ACCOUNT_NAME_MAX])
{
    const struct chain *chain = account_ledger_chain(l);

    if (asset == ACCOUNT_NOBODY)
        snprintf(ret, ACCOUNT_NAME_MAX, "%s", chain->symbol ? chain->symbol : "");
    else
        account_text(l, asset, ret);
}

void holder_text(const struct account_ledger *l, uint64_t holding, char ret[ACCOUNT_NAME_MAX])
{
    const struct accounts *a = account_ledger_accounts(l);

    ret[0] = 0;
    if (holding < a->holdings_n)
        account_text(l, accounts_holding(a, holding).account, ret);
}

struct asset_facts asset_facts_of(const struct account_ledger *l, uint64_t asset)
{
    const struct chain *chain = account_ledger_chain(l);
    struct token token;
    unsigned told;

    if (asset == ACCOUNT_NOBODY && chain->symbol)
        return (struct asset_facts){chain->symbol, true, chain->decimals};
    if (chain->shape == CHAIN_BANK) {
        struct bytes code = account_ledger_key(l, asset);
        const struct currency *money = currency_find((const char *)code.p, code.n);

        if (money)
            return (struct asset_facts){money->code, true, money->digits};
    }
    if (token_find(chain, account_ledger_key(l, asset), &token))
        return (struct asset_facts){token.symbol, true, token.decimals};
    if (account_ledger_decimals(l, asset, &told))
        return (struct asset_facts){NULL, true, told};
    if (asset != ACCOUNT_NOBODY && chain->issued_decimals)
        return (struct asset_facts){NULL, true, chain->issued_decimals};
    return (struct asset_facts){.symbol = NULL};
}

void text_u256(struct text *to, struct u256 amount, unsigned decimals, int width)
{
    char digits[U256_TEXT_MAX], shown[2 * U256_TEXT_MAX + 8];
    size_t n = u256_to_text(amount, digits), at = 0;

    if (decimals >= U256_TEXT_MAX)
        decimals = U256_TEXT_MAX - 1; /* a token may say anything */
    if (n <= decimals) {
        shown[at++] = '0';
        shown[at++] = '.';
        memset(shown + at, '0', decimals - n);
        at += decimals - n;
        memcpy(shown + at, digits, n);
        at += n;
    } else {
        memcpy(shown, digits, n - decimals);
        at = n - decimals;
        shown[at++] = '.';
        memcpy(shown + at, digits + n - decimals, decimals);
        at += decimals;
    }
    while (shown[at - 1] == '0')
        at--;
    if (shown[at - 1] == '.')
        at--;
    for (int i = (int)at; i < width; i++)
        text_char(to, ' ');
    text_put(to, shown, at);
}

void text_asset_amount(struct text *to, const struct account_ledger *l, uint64_t asset,
                       struct u256 amount)
{
    struct asset_facts facts = asset_facts_of(l, asset);
    char name[ACCOUNT_NAME_MAX];

    text_u256(to, amount, facts.has_decimals ? facts.decimals : 0, 0);
    text_char(to, ' ');
    if (!facts.has_decimals)
        text_str(to, "base units of ");
    asset_text(l, asset, name);
    text_str(to, facts.symbol ? facts.symbol : name);
}

void text_time(struct text *to, uint64_t seconds)
{
    time_t at = (time_t)seconds;
    char shown[64] = "?";
    struct tm tm;

    if (seconds <= (uint64_t)253402300799 && gmtime_r(&at, &tm))
        strftime(shown, sizeof(shown), "%Y-%m-%d %H:%M:%S", &tm);
    text_str(to, shown);
}

uint64_t transfer_asset(const struct accounts *a, const struct transfer *t)
{
    uint64_t holding = t->from < a->holdings_n ? t->from : t->to;

    return holding < a->holdings_n ? accounts_holding(a, holding).asset : ACCOUNT_NOBODY;
}

bool tx_nonce(const struct account_ledger *l, uint64_t tx, char ret[ACCOUNT_NAME_MAX])
{
    struct accounts_range events = account_ledger_events(l, tx);

    for (uint64_t i = 0; i < events.n; i++) {
        struct account_ledger_event e = account_ledger_event(l, events.first + i);

        if (e.kind == EVENT_NONCE) {
            account_text(l, e.subject, ret);
            return true;
        }
    }
    return false;
}

bool account_is_block(const struct account_ledger *l, const char *text, struct err *err)
{
    struct accounts_range rewards = {.n = 0};
    char first[TRANSFER_NAME_MAX];
    struct hash32 hash;
    uint64_t tx;

    if (!block_hash_read(text, strlen(text), &hash) ||
        account_ledger_find_block(l, &hash) == BLOCK_NONE)
        return false;
    tx = account_ledger_find_tx(l, &hash);
    if (tx != ACCOUNTS_NONE)
        rewards = accounts_tx(account_ledger_accounts(l), tx);
    if (rewards.n)
        transfer_name(l, rewards.first, first);
    err_set(err, ERR_NOT_FOUND, "\"%.100s\" is a block, and no address%s%s", text,
            rewards.n ? ": its rewards have names of their own, the first " : "",
            rewards.n ? first : "");
    return true;
}

bool account_find(const struct account_ledger *l, const char *text, uint64_t *ret, struct err *err)
{
    uint8_t key[ACCOUNT_KEY_MAX];
    size_t n;

    if (!account_read(account_ledger_chain(l), text, key, &n, err))
        return false;
    *ret = account_ledger_find(l, (struct bytes){key, n});
    return *ret != ACCOUNTS_NONE ||
           (!account_is_block(l, text, err) &&
            err_fail(err, ERR_NOT_FOUND, "\"%.100s\" is not in the ledger", text));
}

bool asset_find(const struct account_ledger *l, const char *text, uint64_t *ret, struct err *err)
{
    const char *symbol = account_ledger_chain(l)->symbol;

    if (!symbol || strcmp(text, symbol))
        return account_find(l, text, ret, err) || err_in(err, "asset");
    *ret = ACCOUNT_NOBODY;
    return true;
}

bool transfer_find(const struct account_ledger *l, const struct accounts *accounts,
                   const struct hash32 *hash, const char *name, uint64_t *ret, struct err *err)
{
    char shown[TX_NAME_MAX], own[TRANSFER_NAME_MAX];
    uint64_t tx = account_ledger_find_tx(l, hash);
    struct accounts_range range;

    tx_name_or_hash(l, tx, hash, shown);
    if (tx >= accounts->txs_n)
        return err_fail(err, ERR_NOT_FOUND, "transaction %s is not in the ledger%s", shown,
                        tx == ACCOUNTS_NONE ? "" : " that early");
    range = accounts_tx(accounts, tx);
    for (uint64_t i = 0; i < range.n; i++) {
        struct transfer t = accounts_transfer(accounts, range.first + i);

        kind_name(l, range.first + i, &t, own);
        if (!strcmp(own, name)) {
            *ret = range.first + i;
            return true;
        }
    }
    return err_fail(err, ERR_NOT_FOUND, "transaction %s has no transfer \"%.60s\"%s", shown, name,
                    account_ledger_tx_failed(l, tx) ? ": it failed" : "");
}
