/* A full node of Tron, by HTTP: two questions about a block, which are asked together. What it
 * tells beside the block another node may have to tell alike. */
#include "serve/rpc_source_parts.h"

#include "base/mem.h"
#include "chain/dialect.h"
#include "chain/tron/solid.h"
#include "ledger/account_writer.h"
#include "serve/tron_tip.h"

#define ASK_SECOND 2 /* among a unit's answers */

struct own {
    struct arena *block; /* of the block that was read last; and its header */
    struct tron_head head;
};

static bool tron_open_source(struct rpc_source *s, struct err *err)
{
    struct rpc_options o = s->o.client;

    s->own = mem_zero(sizeof(struct own));
    if (!s->own)
        return err_fail(err, ERR_NOMEM, "a source");
    return !s->o.second || rpc_client_open(s->o.second, o, &s->second, err);
}

static void tron_close_source(struct rpc_source *s)
{
    struct own *own = s->own;

    rpc_client_close(s->second);
    if (own)
        arena_free(own->block);
    mem_free(own);
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
    u->has_second = s->second && tron_ask(s->second, TRON_PATH_INFOS, u->first, &u->second, err);
    return u->has_second || !s->second;
}

static void unit_drop(struct rpc_source *s, struct unit *u)
{
    if (u->has_second)
        rpc_done(s->second, u->second);
    u->has_second = false;
}

static bool unit_load(struct rpc_source *s, struct unit *u, bool *ret_refused, struct err *err)
{
    *ret_refused = false;
    for (unsigned i = 0; i < u->tickets_n; i++)
        if (!rpc_wait(s->client, u->tickets[i], &u->answers[i], err))
            return false;
    if (u->has_second && !rpc_wait(s->second, u->second, &u->answers[ASK_SECOND], err))
        return false;
    u->loaded = true;
    return true;
}

/* Nothing in a header commits to infos: two nodes must say the same. */
static bool second_agrees(struct rpc_source *s, const struct unit *u,
                          const struct transfer_block *block, struct err *err)
{
    struct hash32 one = account_block_digest(block), two;
    struct arena *a = arena_new(NULL, TRON_BLOCK_MEMORY);
    struct transfer_block other;
    struct tron_head head;
    bool ok;

    if (!a)
        return err_fail(err, ERR_NOMEM, "a block");
    ok = tron_block_read(a, s->chain, u->answers[0], u->answers[ASK_SECOND], &head, &other, err) ||
         err_in(err, "%s", rpc_client_host(s->second));
    if (ok) {
        two = account_block_digest(&other);
        ok =
            hash32_equal(&one, &two) ||
            err_fail(err, ERR_INPUT, "%s and %s tell different fees, logs or internal transactions",
                     rpc_client_host(s->client), rpc_client_host(s->second));
    }
    arena_free(a);
    return ok;
}

static bool block_read(struct rpc_source *s, const struct unit *u, struct transfer_block *ret,
                       struct err *err)
{
    struct own *own = s->own;
    struct tron_head head;

    arena_free(own->block);
    own->block = arena_new(NULL, TRON_BLOCK_MEMORY);
    if (!own->block)
        return err_fail(err, ERR_NOMEM, "a block");
    if (!tron_block_read(own->block, s->chain, u->answers[0], u->answers[1], &head, ret, err))
        return rpc_source_in_node(s, err);
    if (head.height != s->height)
        return err_fail(err, ERR_INPUT, "%s: another block than was asked for",
                        rpc_client_host(s->client));
    own->head = head;
    return !u->has_second || second_agrees(s, u, ret, err);
}

/* It stands on the one given before. */
static bool block_given(struct rpc_source *s, struct err *err)
{
    const struct own *own = s->own;

    if (!s->o.kept)
        return true;
    if (tron_solid_breaks(s->o.kept, &own->head))
        return err_fail(err, ERR_INPUT,
                        "%s: it was solid, made or followed by %u representatives, and the node "
                        "now has another",
                        rpc_client_host(s->client), TRON_SOLID);
    tron_solid_add(s->o.kept, &own->head);
    return true;
}

static bool tip_block(struct rpc_client *c, uint64_t height, bool confirmed, uint64_t *ret_height,
                      struct hash32 *ret_hash, struct err *err)
{
    struct tron_head h;

    (void)confirmed;
    if (!tron_ask_head(c, height, &h, err))
        return false;
    *ret_height = h.height;
    *ret_hash = h.id;
    return true;
}

const struct rpc_dialect rpc_dialect_tron = {
    .of = &dialect_tron,
    .answer_max = TRON_BLOCK_BYTES_MAX,
    .kept = sizeof(struct tron_solid),
    .uncommitted = true,
    .tip_answer_max = TRON_BLOCK_BYTES_MAX,
    .tip_chain = tron_ask_chain,
    .tip_block = tip_block,
    .open = tron_open_source,
    .close = tron_close_source,
    .probe = probe_all,
    .tip = node_tip,
    .hash = node_hash,
    .ask = unit_ask,
    .load = unit_load,
    .read = block_read,
    .drop = unit_drop,
    .given = block_given,
};
