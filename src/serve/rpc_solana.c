/* A node of Solana, by JSON-RPC: a question a slot, several on their way at once. */
#include "chain/dialect.h"
#include "chain/solana/block.h"
#include "serve/rpc_source_parts.h"
#include "serve/solana_tip.h"

static bool solana_open_source(struct rpc_source *s, struct err *err)
{
    s->own = solana_block_new();
    return s->own || err_fail(err, ERR_NOMEM, "a block");
}

static void solana_close_source(struct rpc_source *s)
{
    solana_block_free(s->own);
}

static bool node_tip(struct rpc_source *s, uint64_t *ret, struct err *err)
{
    return solana_ask_slot(s->client, s->o.confirmed, ret, err);
}

static bool node_hash(struct rpc_source *s, uint64_t height, struct hash32 *ret, struct err *err)
{
    return solana_ask_hash(s->client, height, s->o.confirmed, ret, err);
}

static bool probe_all(struct rpc_source *s, struct err *err)
{
    s->node.block_receipts = true;
    s->node.traces = RPC_TRACES_BLOCK; /* calls are among what a transaction did */
    return solana_ask_chain(s->client, s->chain, err) && node_tip(s, &s->node.tip, err);
}

static bool unit_ask(struct rpc_source *s, struct unit *u, struct err *err)
{
    u->tickets_n = 0;
    u->loaded = false;
    if (!solana_ask_block(s->client, u->first, true, s->o.confirmed, &u->tickets[0], err))
        return false;
    u->tickets_n = 1;
    return true;
}

static bool unit_load(struct rpc_source *s, struct unit *u, bool *ret_refused, struct err *err)
{
    *ret_refused = false;
    if (!rpc_wait(s->client, u->tickets[0], &u->answers[0], err))
        return false;
    u->loaded = true;
    return true;
}

static bool block_read(struct rpc_source *s, const struct unit *u, struct transfer_block *ret,
                       struct err *err)
{
    s->skipped = solana_is_skipped(u->answers[0]);
    if (s->skipped)
        return true;
    return (solana_block_start(s->own, err) &&
            solana_block_answer(s->own, s->height, u->answers[0], err) &&
            solana_block_facts(s->own, ret, err)) ||
           rpc_source_in_node(s, err);
}

static bool tip_open(const char *url, const struct chain *chain, bool confirmed,
                     struct rpc_options options, void **ret, struct err *err)
{
    struct solana_tip *t;

    if (!solana_tip_open(url, chain, confirmed, options, &t, err))
        return false;
    *ret = t;
    return true;
}

static void tip_close(void *tip)
{
    solana_tip_close(tip);
}

static bool tip_block(void *tip, uint64_t slot, uint64_t *ret_slot, struct hash32 *ret_hash,
                      struct err *err)
{
    return solana_tip_block(tip, slot, ret_slot, ret_hash, err);
}

const struct rpc_dialect rpc_dialect_solana = {
    .of = &dialect_solana,
    .tip_open = tip_open,
    .tip_close = tip_close,
    .tip_block = tip_block,
    .open = solana_open_source,
    .close = solana_close_source,
    .probe = probe_all,
    .tip = node_tip,
    .hash = node_hash,
    .ask = unit_ask,
    .load = unit_load,
    .read = block_read,
};
