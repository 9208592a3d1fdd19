#include "serve/follow_node.h"

#include "base/mem.h"
#include "chain/bitcoin/block.h"
#include "serve/rpc_source.h"

#define GROW_BLOCKS 256u /* of a chain of accounts, in one go */

struct follow_node {
    struct follow_node_options o;
    struct bitcoin_rpc *coins_tip, *coins; /* coins: opened when first used */
    struct rpc_tip *tip;                   /* of a chain of accounts */
    bool source_open;
    struct transfer_source source;
    const char *second; /* as it was opened with */
    uint64_t given;     /* the last block that the source gave */
    struct hash32 given_hash;
};

/* ---- the ledger ---- */

bool follow_ledger_open(struct follow_ledger *l, struct err *err)
{
    struct ledger_options o = {.memory = FOLLOW_MEMORY};

    if (l->coins || l->accounts)
        return true;
    return chain_has_accounts(l->chain)
               ? account_ledger_writer_open(l->dir, l->chain, o, &l->accounts, err)
               : ledger_writer_open(l->dir, l->chain, o, &l->coins, err);
}

void follow_ledger_close(struct follow_ledger *l)
{
    l->coins = ledger_writer_close(l->coins);
    l->accounts = account_ledger_writer_close(l->accounts);
}

/* ---- opening ---- */

static bool is_coins(const struct follow_node *n)
{
    return n->o.chain->shape == CHAIN_COINS;
}

bool follow_node_open(const struct follow_node_options *o, struct follow_node **ret,
                      struct err *err)
{
    struct rpc_options tip = {.tries = 1,
                              .connect_ms = FOLLOW_TIP_MS,
                              .total_ms = FOLLOW_TIP_MS,
                              .cookie = o->cookie,
                              .stop = o->stop};
    struct follow_node *n = mem_zero(sizeof(*n));

    if (!n)
        return err_fail(err, ERR_NOMEM, "a node");
    n->o = *o;
    if (!(is_coins(n) ? bitcoin_rpc_open(o->url, o->chain, tip, &n->coins_tip, err)
                      : rpc_tip_open(o->url, o->chain, o->confirmed, tip, &n->tip, err))) {
        mem_free(n);
        return false;
    }
    *ret = n;
    return true;
}

static void source_end(struct follow_node *n)
{
    if (n->source_open)
        n->source.free(n->source.self);
    n->source_open = false;
}

void follow_node_rest(struct follow_node *n)
{
    if (!n)
        return;
    source_end(n);
    n->coins = bitcoin_rpc_close(n->coins);
}

struct follow_node *follow_node_close(struct follow_node *n)
{
    if (!n)
        return NULL;
    follow_node_rest(n);
    bitcoin_rpc_close(n->coins_tip);
    rpc_tip_close(n->tip);
    return mem_free(n);
}

bool follow_node_tip(struct follow_node *n, uint64_t *ret_height, struct hash32 *ret_hash,
                     struct err *err)
{
    return is_coins(n) ? bitcoin_rpc_tip(n->coins_tip, ret_height, ret_hash, err)
                       : rpc_tip_block(n->tip, RPC_TIP_NEWEST, ret_height, ret_hash, err);
}

bool follow_node_hash(struct follow_node *n, uint64_t height, struct hash32 *ret, struct err *err)
{
    return is_coins(n) ? bitcoin_rpc_hash(n->coins_tip, height, ret, err)
                       : rpc_tip_block(n->tip, height, &height, ret, err);
}

/* ---- blocks ---- */

static struct rpc_options for_blocks(const struct follow_node *n)
{
    return (struct rpc_options){.tries = 2,
                                .connect_ms = FOLLOW_TIP_MS,
                                .idle_ms = FOLLOW_IDLE_MS,
                                .cookie = n->o.cookie,
                                .stop = n->o.stop};
}

static bool coins_grow(struct follow_node *n, struct follow_ledger *l, uint64_t height,
                       struct follow_grown *ret, struct err *err)
{
    struct bitcoin_range range = {.from = l->from,
                                  .to = height,
                                  .checks = n->o.check ? BLOCK_CHECK_FULL : 0,
                                  .stop = n->o.stop};
    struct bitcoin_step step;
    bool ok;

    if (!n->coins && !bitcoin_rpc_open(n->o.url, n->o.chain, for_blocks(n), &n->coins, err))
        return false;
    ok = bitcoin_rpc_step(n->coins, l->coins, &range, &step, err);
    ret->added = step.blocks.added;
    ret->undone = step.blocks.undone;
    ret->more = step.more;
    ret->broken = step.broken;
    return ok;
}

static bool source_begin(struct follow_node *n, const struct follow_ledger *l, struct err *err)
{
    struct rpc_source_options o = {.client = for_blocks(n),
                                   .from = l->from,
                                   .to = RPC_TO_TIP,
                                   .kept = l->kept,
                                   .confirmed = n->o.confirmed,
                                   .second = n->second};
    struct account_ledger *before;
    uint64_t blocks;
    bool ok;

    if (!account_ledger_open(l->dir, &before, err))
        return false;
    blocks = account_ledger_counts(before).blocks;
    if (blocks) {
        o.have = rpc_have_ledger;
        o.have_ctx = before;
        o.have_tip = account_ledger_block(before, (uint32_t)blocks - 1).height;
    }
    ok = rpc_source_open(n->o.url, n->o.chain, o, &n->source, err);
    account_ledger_close(before);
    if (ok && n->o.check && n->source.check)
        n->source.check(n->source.self);
    n->source_open = ok;
    n->given = 0;
    return ok;
}

/* Takes what the source gives, up to GROW_BLOCKS. */
static bool source_take(struct follow_node *n, struct follow_ledger *l, struct follow_grown *ret,
                        struct err *err)
{
    struct transfer_block block;
    bool end = false;

    for (unsigned i = 0; i < GROW_BLOCKS && !*n->o.stop; i++) {
        if (!n->source.next(n->source.self, &block, &end, err))
            return false;
        if (end)
            return true;
        n->given = block.height;
        n->given_hash = block.hash;
        if (!account_ledger_take(l->accounts, &block, err)) {
            ret->broken = true;
            return false;
        }
    }
    ret->more = true;
    return true;
}

static bool accounts_grow(struct follow_node *n, struct follow_ledger *l, uint64_t height,
                          const struct hash32 *hash, struct follow_grown *ret, struct err *err)
{
    struct account_ledger_took before = account_ledger_took(l->accounts), after;
    struct err later;
    bool ok;

    if (n->source_open && n->given == height && !hash32_equal(&n->given_hash, hash))
        source_end(n); /* reorganised at the same height: it looks anew where the ledger stands */
    if (!n->source_open && !source_begin(n, l, err))
        return false;
    rpc_source_limit(&n->source, height);
    ok = source_take(n, l, ret, err);
    if (!account_ledger_finish(l->accounts, ok ? err : &later)) {
        ok = false;
        ret->broken = true;
    }
    after = account_ledger_took(l->accounts);
    ret->added = after.added - before.added;
    ret->undone = after.undone - before.undone;
    if (!ok)
        source_end(n);
    return ok;
}

bool follow_node_grow(struct follow_node *n, struct follow_ledger *l, uint64_t height,
                      const struct hash32 *hash, const char *second, struct follow_grown *ret,
                      struct err *err)
{
    bool ok;

    if (n->second != second)
        source_end(n);
    n->second = second;
    *ret = (struct follow_grown){.broken = true};
    if (!follow_ledger_open(l, err))
        return false;
    ret->broken = false;
    ok = is_coins(n) ? coins_grow(n, l, height, ret, err)
                     : accounts_grow(n, l, height, hash, ret, err);
    if (ret->broken)
        follow_ledger_close(l);
    return ok;
}
