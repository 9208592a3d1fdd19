#include "serve/deposit_place.h"

#include "group/event.h"

#include <string.h>

static void turned(struct hash32 *h)
{
    for (size_t i = 0; i < sizeof(h->b) / 2; i++) {
        uint8_t b = h->b[i];

        h->b[i] = h->b[sizeof(h->b) - 1 - i];
        h->b[sizeof(h->b) - 1 - i] = b;
    }
}

void deposit_block_name(const struct chain *chain, const struct hash32 *hash, char ret[65])
{
    static const char digits[] = "0123456789abcdef";
    struct hash32 h = *hash;

    if (!chain_has_accounts(chain))
        turned(&h);
    for (size_t i = 0; i < sizeof(h.b); i++) {
        ret[2 * i] = digits[h.b[i] >> 4];
        ret[2 * i + 1] = digits[h.b[i] & 15];
    }
    ret[2 * sizeof(h.b)] = 0;
}

static bool hash_named(const struct chain *chain, const char *name, size_t n, struct hash32 *ret)
{
    char digits[65];

    if (chain_has_accounts(chain) && n > 2 && !memcmp(name, "0x", 2)) {
        name += 2;
        n -= 2;
    }
    if (n != 64)
        return false;
    memcpy(digits, name, n);
    digits[n] = 0;
    if (!hash_from_hex(digits, ret))
        return false;
    if (!chain_has_accounts(chain))
        turned(ret);
    return true;
}

/* The height of the block that has the transaction; false: none has. */
static bool height_of(const struct live_ledgers_one *one, const struct hash32 *tx, uint32_t *ret)
{
    if (one->coins) {
        uint32_t at = ledger_find_tx(one->coins, tx);

        if (at == COINS_TX_NONE)
            return false;
        *ret = ledger_block(one->coins, ledger_tx_block(one->coins, at)).height;
    } else {
        uint64_t at = account_ledger_find_tx(one->accounts, tx);

        if (at == ACCOUNTS_NONE || account_ledger_tx_failed(one->accounts, at))
            return false;
        *ret =
            account_ledger_block(one->accounts, account_ledger_tx_block(one->accounts, at)).height;
    }
    return true;
}

/* Has the ledger a block of that height, and is it not this one? */
static bool has_another(const struct live_ledgers_one *one, const struct alert_found_at *at)
{
    struct hash32 want, have;
    uint32_t block;

    if (at->height >= HEIGHT_UNKNOWN ||
        !hash_named(one->chain, at->block, strlen(at->block), &want))
        return false;
    block = one->coins ? ledger_find_height(one->coins, (uint32_t)at->height)
                       : account_ledger_find_height(one->accounts, (uint32_t)at->height);
    if (block == BLOCK_NONE)
        return false;
    have = one->coins ? ledger_block(one->coins, block).hash
                      : account_ledger_block(one->accounts, block).hash;
    return !hash32_equal(&want, &have);
}

struct alert_place deposit_place_in(const struct live_ledgers_one *one, const struct alert_body *of)
{
    struct alert_place p = {.at = ALERT_PLACE_UNKNOWN};
    struct live_ledgers_tip tip = live_ledgers_tip(one);
    struct hash32 tx;
    uint32_t height;

    if (!tip.any || tip.height == HEIGHT_UNKNOWN ||
        !hash_named(one->chain, of->output, strcspn(of->output, ":"), &tx))
        return p;
    p.tip = tip.height;
    if (height_of(one, &tx, &height)) {
        p.at = ALERT_PLACE_THERE;
        p.depth = height != HEIGHT_UNKNOWN && height <= tip.height ? tip.height - height + 1 : 0;
    } else {
        p.at = of->found && has_another(one, of->found) ? ALERT_PLACE_UNDONE : ALERT_PLACE_UNKNOWN;
    }
    return p;
}

struct alert_place deposit_place(const struct live_ledgers_view *v, const struct alert_body *of)
{
    struct live_ledgers_one one;

    if (!of->output || !of->chain || !live_ledgers_find(v, of->chain, &one))
        return (struct alert_place){.at = ALERT_PLACE_UNKNOWN};
    return deposit_place_in(&one, of);
}
