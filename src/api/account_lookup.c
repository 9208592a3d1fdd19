#include "api/account_lookup.h"

#include "base/text.h"
#include "chain/account_name.h"
#include "chain/tx_text.h"
#include "trace/account_show.h"

bool lookup_account_block(const struct account_ledger *l, const char *height_or_hash, uint32_t *ret,
                          struct err *err)
{
    struct hash32 hash;
    uint64_t height;

    if (block_hash_read(height_or_hash, strlen(height_or_hash), &hash))
        *ret = account_ledger_find_block(l, &hash);
    else if (u64_from_text(height_or_hash, strlen(height_or_hash), &height) &&
             height < HEIGHT_UNKNOWN)
        *ret = account_ledger_find_height(l, (uint32_t)height);
    else
        return err_fail(err, ERR_USAGE, "\"%s\": a height or a block's hash is wanted",
                        height_or_hash);
    return *ret != BLOCK_NONE ||
           err_fail(err, ERR_NOT_FOUND, "block \"%s\" is not in the ledger", height_or_hash);
}

bool lookup_account_tx(const struct account_ledger *l, const char *txid, uint64_t *ret,
                       struct err *err)
{
    struct hash32 id;

    if (!block_hash_read(txid, strlen(txid), &id)) /* rewards stand under the block's */
        return err_fail(err, ERR_USAGE,
                        "\"%s\": a transaction's hash of 64 hex digits, or a signature, is wanted",
                        txid);
    *ret = account_ledger_find_tx(l, &id);
    return *ret != ACCOUNTS_NONE ||
           err_fail(err, ERR_NOT_FOUND, "transaction \"%s\" is not in the ledger", txid);
}

bool lookup_holdings(const struct account_ledger *l, const char *address, uint64_t *ret,
                     struct err *err)
{
    uint8_t key[ACCOUNT_KEY_MAX];
    uint64_t account;
    size_t n;

    if (!account_read(account_ledger_chain(l), address, key, &n, err))
        return false;
    account = account_ledger_find(l, (struct bytes){key, n});
    if (account == ACCOUNTS_NONE && account_is_block(l, address, err))
        return false;
    *ret = account == ACCOUNTS_NONE ? ACCOUNTS_NONE : account_ledger_holding_last(l, account);
    return true;
}

bool lookup_token_account(const struct account_ledger *l, const char *address, uint64_t *ret_owner,
                          uint64_t *ret_holding)
{
    uint8_t key[ACCOUNT_KEY_MAX];
    struct err ignored;
    uint64_t account, asset;
    size_t n;

    if (!account_read(account_ledger_chain(l), address, key, &n, &ignored))
        return false;
    account = account_ledger_find(l, (struct bytes){key, n});
    if (account == ACCOUNTS_NONE ||
        !account_ledger_owner(l, account_ledger_accounts(l), account, ret_owner, &asset))
        return false;
    *ret_holding = account_ledger_find_holding(l, *ret_owner, asset);
    return true;
}

bool lookup_only_notes(const struct account_ledger *l, uint64_t holding)
{
    struct lookup_holding h = lookup_holding(l, holding);
    uint64_t transfer;

    return !lookup_holding_next(&h, &transfer);
}

const char *lookup_transfer_kind(enum transfer_kind kind)
{
    switch (kind) {
    case TRANSFER_FEE:
        return "fee";
    case TRANSFER_VALUE:
        return "value";
    case TRANSFER_INTERNAL:
        return "internal";
    case TRANSFER_LOG:
        return "token";
    case TRANSFER_FREEZE:
        return "freeze";
    case TRANSFER_UNFREEZE:
        return "unfreeze";
    case TRANSFER_WIPE:
        return "wipe";
    case TRANSFER_WITHDRAWAL:
        return "withdrawal";
    case TRANSFER_REWARD:
        return "reward";
    case TRANSFER_STAKING:
        return "staking";
    case TRANSFER_VOTING:
        return "voting";
    case TRANSFER_RENT:
        return "rent";
    case TRANSFER_STATED:
        return "stated";
    case TRANSFER_PAYMENT:
        return "payment";
    case TRANSFER_BALANCE:
        return "balance";
    case TRANSFER_PAIRED:
        return "paired";
    case TRANSFER_NOTE:
        return "note";
    }
    return "damaged";
}

const char *lookup_event_kind(enum event_kind kind)
{
    switch (kind) {
    case EVENT_MEMO:
        return "memo";
    case EVENT_SWAP:
        return "swap";
    case EVENT_WRAP:
        return "wrap";
    case EVENT_UNWRAP:
        return "unwrap";
    case EVENT_BRIDGE_OUT:
        return "bridge-out";
    case EVENT_BRIDGE_IN:
        return "bridge-in";
    case EVENT_MIX_IN:
        return "mix-in";
    case EVENT_MIX_OUT:
        return "mix-out";
    case EVENT_BORROW:
        return "borrow";
    case EVENT_REPAY:
        return "repay";
    case EVENT_NAME:
        return "name";
    case EVENT_NONCE:
        return "durable-nonce";
    case EVENT_OWNER:
        return "owner";
    case EVENT_DECIMALS:
        return "decimals";
    case EVENT_HIDDEN:
        return "confidential";
    case EVENT_HOLDER:
        return "holder";
    }
    return "damaged";
}

struct lookup_holding lookup_holding(const struct account_ledger *l, uint64_t holding)
{
    uint64_t first = accounts_holding(account_ledger_accounts(l), holding).first;

    return (struct lookup_holding){
        .ledger = l, .holding = holding, .next = first, .first = first, .last = first};
}

bool lookup_holding_next(struct lookup_holding *h, uint64_t *ret_transfer)
{
    const struct accounts *a = account_ledger_accounts(h->ledger);
    struct transfer t;
    struct u256 beyond;

    while (h->next < a->transfers_n && accounts_transfer(a, h->next).kind == TRANSFER_NOTE)
        h->next = accounts_next(a, h->holding, h->next);
    if (h->next >= a->transfers_n)
        return false;
    *ret_transfer = h->last = h->next;
    t = accounts_transfer(a, h->next);
    beyond = holding_sums_step(&h->sums, &t, h->holding);
    if (!u256_add(h->beyond, beyond, &h->beyond))
        h->sums.flags |= MARK_OVER;
    h->events_n++;
    h->next = accounts_next(a, h->holding, h->next);
    return true;
}
