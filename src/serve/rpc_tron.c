/* A full node of Tron, by HTTP: two questions about a block, which are asked together. */
#include "serve/rpc_source_parts.h"
#include "serve/tron_tip.h"

static bool tron_open_source(struct rpc_source *s, struct err *err)
{
    (void)s;
    (void)err;
    return true;
}

static void tron_close_source(struct rpc_source *s)
{
    arena_free(s->block);
}

static bool node_tip(struct rpc_source *s, uint64_t *ret, struct err *err)
{
    struct tron_head h;

    if (!tron_ask_head(s->client, TRON_TIP_NEWEST, &h, err))
        return false;
    *ret = h.height;
    return true;
}

static bool node_hash(struct rpc_source *s, uint64_t height, struct hash32 *ret, struct err *err)
{
    struct tron_head h;

    if (!tron_ask_head(s->client, height, &h, err))
        return false;
    *ret = h.id;
    return true;
}

static bool probe_all(struct rpc_source *s, struct err *err)
{
    s->node.block_receipts = true;
    s->node.traces = RPC_TRACES_BLOCK; /* internal transactions are among the infos */
    return tron_ask_chain(s->client, s->chain, err) && node_tip(s, &s->node.tip, err);
}

static bool unit_ask(struct rpc_source *s, struct unit *u, struct err *err)
{
    static const char *const paths[] = {TRON_PATH_BLOCK, TRON_PATH_INFOS};

    u->tickets_n = 0;
    u->loaded = false;
    for (unsigned i = 0; i < sizeof(paths) / sizeof(paths[0]); i++, u->tickets_n++)
        if (!tron_ask(s->client, paths[i], u->first, &u->tickets[i], err))
            return false;
    return true;
}

static bool unit_load(struct rpc_source *s, struct unit *u, bool *ret_refused, struct err *err)
{
    *ret_refused = false;
    for (unsigned i = 0; i < u->tickets_n; i++)
        if (!rpc_wait(s->client, u->tickets[i], &u->answers[i], err))
            return false;
    u->loaded = true;
    return true;
}

static bool block_read(struct rpc_source *s, const struct unit *u, struct transfer_block *ret,
                       struct err *err)
{
    struct tron_head head;

    arena_free(s->block);
    s->block = arena_new(NULL, TRON_BLOCK_MEMORY);
    if (!s->block)
        return err_fail(err, ERR_NOMEM, "a block");
    if (!tron_block_read(s->block, s->chain, u->answers[0], u->answers[1], &head, ret, err))
        return rpc_source_in_node(s, err);
    if (head.height != s->height)
        return err_fail(err, ERR_INPUT, "%s: another block than was asked for",
                        rpc_client_host(s->client));
    s->head = head;
    return true;
}

/* It stands on the one given before. */
static bool block_given(struct rpc_source *s, struct err *err)
{
    if (!s->o.solid)
        return true;
    if (tron_solid_breaks(s->o.solid, &s->head))
        return err_fail(err, ERR_INPUT,
                        "%s: it was solid, made or followed by %u representatives, and the node "
                        "now has another",
                        rpc_client_host(s->client), TRON_SOLID);
    tron_solid_add(s->o.solid, &s->head);
    return true;
}

const struct rpc_dialect rpc_dialect_tron = {
    .open = tron_open_source,
    .close = tron_close_source,
    .probe = probe_all,
    .tip = node_tip,
    .hash = node_hash,
    .ask = unit_ask,
    .load = unit_load,
    .read = block_read,
    .given = block_given,
};
