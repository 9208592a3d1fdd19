/* A server of the XRP Ledger, by JSON-RPC: a question a ledger, several on their way at once. It is
 * asked for the ledger's own bytes; one that answers in JSON is understood, too. */
#include "chain/dialect.h"
#include "serve/rpc_source_parts.h"
#include "serve/xrpl_tip.h"

#include <stdio.h>

#define BLOCK_MEMORY ((size_t)1 << 30)
#define ANSWER_BYTES_MAX ((size_t)256 << 20)

static bool open_source(struct rpc_source *s, struct err *err)
{
    (void)s;
    (void)err;
    return true;
}

/* Its own is the arena of the block that was read last. */
static void close_source(struct rpc_source *s)
{
    s->own = arena_free(s->own);
}

static bool node_tip(struct rpc_source *s, uint64_t *ret, struct err *err)
{
    struct hash32 ignored;

    return xrpl_ask_head(s->client, XRPL_TIP_NEWEST, ret, &ignored, err);
}

static bool node_hash(struct rpc_source *s, uint64_t height, struct hash32 *ret, struct err *err)
{
    return xrpl_ask_head(s->client, height, &height, ret, err);
}

static bool probe_all(struct rpc_source *s, struct err *err)
{
    struct xrpl_server server;

    if (!xrpl_ask_server(s->client, s->chain, &server, err))
        return false;
    snprintf(s->client_name, sizeof(s->client_name), "%s", server.client);
    s->node.chain_id = server.network;
    s->node.block_receipts = true;
    s->node.traces = RPC_TRACES_BLOCK; /* metadata tell every balance that changed */
    return node_tip(s, &s->node.tip, err);
}

static bool unit_ask(struct rpc_source *s, struct unit *u, struct err *err)
{
    u->tickets_n = 0;
    u->loaded = false;
    if (!xrpl_ask_ledger(s->client, u->first, true, &u->tickets[0], err))
        return false;
    u->tickets_n = 1;
    return true;
}

static bool block_read(struct rpc_source *s, const struct unit *u, struct transfer_block *ret,
                       struct err *err)
{
    arena_free(s->own);
    s->own = arena_new(NULL, BLOCK_MEMORY);
    if (!s->own)
        return err_fail(err, ERR_NOMEM, "a ledger");
    if (!xrpl_answer_block(s->own, u->answers[0], ret, err))
        return rpc_source_in_node(s, err);
    return ret->height == s->height ||
           err_fail(err, ERR_INPUT, "%s: another ledger than was asked for",
                    rpc_client_host(s->client));
}

static bool tip_chain(struct rpc_client *c, const struct chain *chain, struct err *err)
{
    struct xrpl_server ignored;

    return xrpl_ask_server(c, chain, &ignored, err);
}

static bool tip_block(struct rpc_client *c, uint64_t height, bool confirmed, uint64_t *ret_height,
                      struct hash32 *ret_hash, struct err *err)
{
    (void)confirmed;
    return xrpl_ask_head(c, height == RPC_TIP_NEWEST ? XRPL_TIP_NEWEST : height, ret_height,
                         ret_hash, err);
}

const struct rpc_dialect rpc_dialect_xrpl = {
    .of = &dialect_xrpl,
    .news = "{\"id\":1,\"command\":\"subscribe\",\"streams\":[\"ledger\"]}",
    .answer_max = ANSWER_BYTES_MAX,
    .final = true,
    .tip_chain = tip_chain,
    .tip_block = tip_block,
    .open = open_source,
    .close = close_source,
    .probe = probe_all,
    .tip = node_tip,
    .hash = node_hash,
    .ask = unit_ask,
    .load = rpc_source_load_one,
    .read = block_read,
};
