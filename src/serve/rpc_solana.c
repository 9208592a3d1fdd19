/* A node of Solana, by JSON-RPC: a question a slot, several on their way at once. */
#include "chain/dialect.h"
#include "chain/solana/block.h"
#include "serve/clock.h"
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

static void check_source(struct rpc_source *s)
{
    solana_block_check(s->own);
}

static bool node_tip(struct rpc_source *s, uint64_t *ret, struct err *err)
{
    return solana_ask_slot(s->client, s->o.confirmed, ret, err);
}

static bool node_hash(struct rpc_source *s, uint64_t height, struct hash32 *ret, struct err *err)
{
    return solana_ask_hash(s->client, height, s->o.confirmed, ret, err);
}

/* A node that has lost old blocks may call their slots skipped: so what is wanted has to begin with
 * what it has. Whoever wants all that it has gets that. */
static bool begin(struct rpc_source *s, struct err *err)
{
    bool resumes = s->o.have && s->o.have_tip >= s->o.from;
    uint64_t wanted = resumes ? s->o.have_tip : s->o.from;

    s->node.first = solana_ask_first(s->client);
    if (s->node.first <= wanted)
        return true;
    if (wanted)
        return err_fail(err, ERR_NOT_FOUND, "%s: its blocks begin at slot %llu, not at %llu",
                        rpc_client_host(s->client), (unsigned long long)s->node.first,
                        (unsigned long long)wanted);
    s->height = s->given_from = s->node.first;
    return true;
}

static bool probe_all(struct rpc_source *s, struct err *err)
{
    s->node.block_receipts = true;
    s->node.traces = RPC_TRACES_BLOCK; /* calls are among what a transaction did */
    return solana_ask_chain(s->client, s->chain, err) && node_tip(s, &s->node.tip, err) &&
           begin(s, err);
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

#define AHEAD_SECONDS_MAX 3600

/* Nothing proves a block's time, and the ledger takes no earlier one behind it: a single node that
 * tells of one in years to come would keep out all that is true. */
static bool has_been(const struct rpc_source *s, const struct transfer_block *b, struct err *err)
{
    return b->time <= clock_seconds() + AHEAD_SECONDS_MAX ||
           err_fail(err, ERR_INPUT,
                    "%s: block %llu is of a time more than an hour ahead of this machine's clock",
                    rpc_client_host(s->client), (unsigned long long)s->height);
}

static bool block_read(struct rpc_source *s, const struct unit *u, struct transfer_block *ret,
                       struct err *err)
{
    s->skipped = solana_is_skipped(u->answers[0]);
    if (s->skipped)
        return true;
    if (!solana_block_start(s->own, err) ||
        !solana_block_answer(s->own, s->height, u->answers[0], err) ||
        !solana_block_facts(s->own, ret, err))
        return rpc_source_in_node(s, err);
    return has_been(s, ret, err);
}

const struct rpc_dialect rpc_dialect_solana = {
    .of = &dialect_solana,
    .news = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"slotSubscribe\",\"params\":[]}",
    .tip_chain = solana_ask_chain,
    .tip_block = solana_tip_block,
    .open = solana_open_source,
    .close = solana_close_source,
    .check = check_source,
    .probe = probe_all,
    .tip = node_tip,
    .hash = node_hash,
    .ask = unit_ask,
    .load = rpc_source_load_one,
    .read = block_read,
};
