/* Ledgers as routes ask them. */
#include "trace/routes.h"

static struct hash32 account_txid(const void *ctx, uint64_t tx)
{
    return account_ledger_txid(ctx, tx);
}

static struct bytes account_key(const void *ctx, uint64_t account)
{
    return account_ledger_key(ctx, account);
}

static uint64_t account_find(const void *ctx, struct bytes key)
{
    return account_ledger_find(ctx, key);
}

static struct accounts_range account_events(const void *ctx, uint64_t tx)
{
    return account_ledger_events(ctx, tx);
}

static struct account_ledger_event account_event(const void *ctx, uint64_t event)
{
    return account_ledger_event(ctx, event);
}

struct route_ledger route_ledger_of(const struct account_ledger *l, const struct accounts *snapshot)
{
    return (struct route_ledger){.chain = account_ledger_chain(l),
                                 .accounts = snapshot,
                                 .ctx = l,
                                 .txid = account_txid,
                                 .key = account_key,
                                 .find = account_find,
                                 .events = account_events,
                                 .event = account_event,
                                 .events_n = account_ledger_counts(l).events};
}

static struct hash32 coin_txid(const void *ctx, uint64_t tx)
{
    return ledger_txid(ctx, (uint32_t)tx);
}

static bool coin_script(const void *ctx, uint64_t output, uint8_t buffer[SCRIPT_FORM_MAX],
                        struct bytes *ret)
{
    uint32_t script = ledger_script_of(ctx, output);

    return script != SCRIPT_NONE && ledger_script(ctx, script, buffer, ret);
}

static uint64_t coin_script_last(const void *ctx, struct bytes script)
{
    uint32_t id = ledger_find_script(ctx, script);

    return id == SCRIPT_NONE ? COINS_NONE : ledger_script_last(ctx, id);
}

static uint64_t coin_script_prev(const void *ctx, uint64_t output)
{
    return ledger_script_prev(ctx, output);
}

struct route_ledger route_ledger_of_coins(const struct ledger *l, const struct coins *snapshot)
{
    return (struct route_ledger){.chain = ledger_chain(l),
                                 .coins = snapshot,
                                 .ctx = l,
                                 .txid = coin_txid,
                                 .script = coin_script,
                                 .script_last = coin_script_last,
                                 .script_prev = coin_script_prev};
}
