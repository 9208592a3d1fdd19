#include "serve/solana_tip.h"

#include "base/mem.h"
#include "chain/solana/block.h"

#include <stdio.h>

#define BODY_MAX 320
#define BACK_FIRST 64u /* slots below one that is empty, where its newest block is looked for */
#define BACK_MAX 4096u

static const char *commitment(bool confirmed)
{
    return confirmed ? "confirmed" : "finalized";
}

static bool send(struct rpc_client *c, const char *method, const char *params, unsigned *ret_ticket,
                 struct err *err)
{
    char body[BODY_MAX];
    int n = snprintf(body, sizeof(body),
                     "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"%s\",\"params\":[%s]}", method,
                     params);

    return rpc_send(c, body, (size_t)n, ret_ticket, err);
}

bool solana_ask_block(struct rpc_client *c, uint64_t slot, bool whole, bool confirmed,
                      unsigned *ret_ticket, struct err *err)
{
    char params[BODY_MAX / 2];

    snprintf(params, sizeof(params),
             "%llu,{\"encoding\":\"json\",\"transactionDetails\":\"%s\",\"rewards\":%s,"
             "\"maxSupportedTransactionVersion\":1,\"commitment\":\"%s\"}",
             (unsigned long long)slot, whole ? "full" : "none", whole ? "true" : "false",
             commitment(confirmed));
    return send(c, "getBlock", params, ret_ticket, err);
}

static bool in_node(const struct rpc_client *c, struct err *err)
{
    return err_in(err, "%s", rpc_client_host(c));
}

bool solana_ask_slot(struct rpc_client *c, bool confirmed, uint64_t *ret, struct err *err)
{
    struct bytes answer;
    unsigned ticket;
    char params[64];
    bool ok;

    snprintf(params, sizeof(params), "{\"commitment\":\"%s\"}", commitment(confirmed));
    if (!send(c, "getSlot", params, &ticket, err) || !rpc_wait(c, ticket, &answer, err))
        return false;
    ok = solana_number(answer, ret, err);
    rpc_done(c, ticket);
    return ok || in_node(c, err);
}

uint64_t solana_ask_first(struct rpc_client *c)
{
    struct bytes answer;
    struct err ignored;
    unsigned ticket;
    uint64_t first;

    if (!send(c, "getFirstAvailableBlock", "", &ticket, &ignored) ||
        !rpc_wait(c, ticket, &answer, &ignored))
        return 0;
    if (!solana_number(answer, &first, &ignored))
        first = 0;
    rpc_done(c, ticket);
    return first;
}

/* *ret_skipped: there is no block at the slot, and never will be. */
static bool ask_one(struct rpc_client *c, uint64_t slot, bool confirmed, bool *ret_skipped,
                    struct hash32 *ret, struct err *err)
{
    struct solana_sight sight;
    struct bytes answer;
    unsigned ticket;
    bool ok;

    if (!solana_ask_block(c, slot, false, confirmed, &ticket, err) ||
        !rpc_wait(c, ticket, &answer, err))
        return false;
    *ret_skipped = solana_is_skipped(answer);
    ok = *ret_skipped || solana_sight(answer, &sight, err);
    rpc_done(c, ticket);
    if (!ok)
        return in_node(c, err);
    if (!*ret_skipped && !sight.is_block)
        return err_fail(err, ERR_INPUT, "%s: no block", rpc_client_host(c));
    if (!*ret_skipped)
        *ret = sight.hash;
    return true;
}

/* The newest slot with a block, from first to last; *ret_none: none. */
static bool newest_of(struct rpc_client *c, uint64_t first, uint64_t last, bool confirmed,
                      bool *ret_none, uint64_t *ret, struct err *err)
{
    struct bytes answer;
    unsigned ticket;
    char params[128];
    bool ok;

    snprintf(params, sizeof(params), "%llu,%llu,{\"commitment\":\"%s\"}", (unsigned long long)first,
             (unsigned long long)last, commitment(confirmed));
    if (!send(c, "getBlocks", params, &ticket, err) || !rpc_wait(c, ticket, &answer, err))
        return false;
    ok = solana_last_number(answer, ret_none, ret, err);
    rpc_done(c, ticket);
    if (ok && !*ret_none && (*ret < first || *ret > last))
        ok = err_fail(err, ERR_INPUT, "slots that were not asked for");
    return ok || in_node(c, err);
}

bool solana_ask_hash(struct rpc_client *c, uint64_t slot, bool confirmed, struct hash32 *ret,
                     struct err *err)
{
    uint64_t tip, newest;
    bool skipped, none = true;

    if (!ask_one(c, slot, confirmed, &skipped, ret, err))
        return false;
    if (!skipped)
        return true;
    if (!solana_ask_slot(c, confirmed, &tip, err))
        return false;
    if (tip < slot)
        return err_fail(err, ERR_NOT_FOUND, "%s: it is not at slot %llu yet", rpc_client_host(c),
                        (unsigned long long)slot);
    for (uint64_t back = BACK_FIRST; none && back <= BACK_MAX; back *= 8) {
        uint64_t first = slot > back ? slot - back : 0;

        if (!newest_of(c, first, slot, confirmed, &none, &newest, err))
            return false;
        if (!first)
            break;
    }
    if (none)
        return err_fail(err, ERR_NOT_FOUND, "%s: no block for a long time before slot %llu",
                        rpc_client_host(c), (unsigned long long)slot);
    if (!ask_one(c, newest, confirmed, &skipped, ret, err))
        return false;
    return !skipped ||
           err_fail(err, ERR_INPUT, "%s: a block that it has, and has not", rpc_client_host(c));
}

bool solana_ask_chain(struct rpc_client *c, const struct chain *chain, struct err *err)
{
    struct hash32 genesis;
    struct bytes answer;
    unsigned ticket;
    bool ok;

    if (!send(c, "getGenesisHash", "", &ticket, err) || !rpc_wait(c, ticket, &answer, err))
        return false;
    ok = solana_hash(answer, &genesis, err);
    rpc_done(c, ticket);
    if (!ok)
        return in_node(c, err);
    return hash32_equal(&genesis, &chain->genesis) ||
           err_fail(err, ERR_INPUT, "%s: the node's genesis is not that of %s", rpc_client_host(c),
                    chain->name);
}

bool solana_tip_block(struct rpc_client *c, uint64_t slot, bool confirmed, uint64_t *ret_slot,
                      struct hash32 *ret_hash, struct err *err)
{
    if (slot == SOLANA_TIP_NEWEST && !solana_ask_slot(c, confirmed, &slot, err))
        return false;
    *ret_slot = slot;
    return solana_ask_hash(c, slot, confirmed, ret_hash, err);
}
