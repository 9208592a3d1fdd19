#include "serve/rpc_source.h"

#include "base/mem.h"
#include "ledger/account_ledger.h"
#include "serve/rpc_source_parts.h"

#define AGAIN_MAX 4 /* times that one block is asked for */

bool rpc_source_load_one(struct rpc_source *s, struct unit *u, bool *ret_refused, struct err *err)
{
    *ret_refused = false;
    if (!rpc_wait(s->client, u->tickets[0], &u->answers[0], err))
        return false;
    u->loaded = true;
    return true;
}

bool rpc_source_in_node(const struct rpc_source *s, struct err *err)
{
    return err_in(err, "%s", rpc_client_host(s->client));
}

/* Forgets what was asked for and not given yet. */
static void replan(struct rpc_source *s)
{
    for (; s->units_n; s->units_n--) {
        struct unit *u = &s->units[s->units_first];

        for (unsigned i = 0; i < u->tickets_n; i++)
            rpc_done(s->client, u->tickets[i]);
        if (s->d->drop)
            s->d->drop(s, u);
        s->units_first = (s->units_first + 1) % UNITS_MAX;
    }
    s->planned = s->height;
}

/* Asks ahead as far as there is room; one place stays free for what a block needs beside. */
static bool plan(struct rpc_source *s, struct err *err)
{
    unsigned each = s->node.batches ? 1 : ASKED_MAX;
    uint64_t last = s->to < s->limit ? s->to : s->limit;

    while (s->planned <= last && s->units_n < UNITS_MAX &&
           (rpc_client_room(s->client) > each || !s->units_n)) {
        struct unit *u = &s->units[(s->units_first + s->units_n) % UNITS_MAX];
        uint64_t left = last - s->planned + 1;

        if (!u->answers)
            u->answers = mem_array((size_t)RPC_BATCH_MAX * ID_STEP, sizeof(*u->answers));
        if (!u->answers)
            return err_fail(err, ERR_NOMEM, "answers");
        u->first = s->planned;
        u->n = !s->node.batches ? 1 : left < s->batch ? (unsigned)left : s->batch;
        s->units_n++; /* so that replan finds its tickets */
        if (!s->d->ask(s, u, err))
            return false;
        s->planned += u->n;
    }
    return true;
}

static bool is_given(const struct rpc_source *s, uint64_t height)
{
    return height >= s->given_from && height < s->height && s->height - height <= RPC_REORG_BLOCKS;
}

static void give(struct rpc_source *s, const struct hash32 *hash)
{
    s->given[s->height % RPC_REORG_BLOCKS] = *hash;
    s->height++;
    s->again = 0;
}

/* There is no block at this height: what stands at it is the block below. */
static void pass_over(struct rpc_source *s)
{
    struct hash32 below;

    if (is_given(s, s->height - 1)) {
        below = s->given[(s->height - 1) % RPC_REORG_BLOCKS];
        give(s, &below);
        return;
    }
    s->given_from = ++s->height;
    s->again = 0;
}

/* Goes back to the last block given that the node still has. *ret_same: that is the newest. */
static bool go_back(struct rpc_source *s, bool *ret_same, struct err *err)
{
    uint64_t at = s->height;
    struct hash32 hash;

    while (is_given(s, at - 1)) {
        if (!s->d->hash(s, at - 1, &hash, err)) {
            if (err->class != ERR_NOT_FOUND)
                return false;
        } else if (hash32_equal(&hash, &s->given[(at - 1) % RPC_REORG_BLOCKS])) {
            *ret_same = at == s->height;
            s->height = at;
            return true;
        }
        at--;
    }
    return err_fail(err, ERR_INPUT, "%s: the node's chain has changed below block %llu",
                    rpc_client_host(s->client), (unsigned long long)at);
}

static bool not_validated(const struct rpc_source *s, uint64_t height, struct err *err)
{
    return err_fail(err, ERR_INPUT,
                    "%s: block %llu is not what was validated before, or does not stand on it",
                    rpc_client_host(s->client), (unsigned long long)height);
}

/* The block that was read does not stand on the one before it. */
static bool reorganised(struct rpc_source *s, struct err *err)
{
    bool same;

    if (s->d->final)
        return not_validated(s, s->height, err);
    if (!go_back(s, &same, err))
        return false;
    if (same && ++s->again >= AGAIN_MAX)
        return err_fail(err, ERR_INPUT,
                        "%s: block %llu does not name block %llu, as the node has it, as its "
                        "parent",
                        rpc_client_host(s->client), (unsigned long long)s->height,
                        (unsigned long long)s->height - 1);
    if (!same && ++s->reorgs > RPC_REORGS_MAX)
        return err_fail(err, ERR_LIMIT, "%s: more than %d reorganisations",
                        rpc_client_host(s->client), RPC_REORGS_MAX);
    replan(s);
    return true;
}

/* One block could not be read. Worth asking again, perhaps in another way? */
static bool ask_again(struct rpc_source *s, bool refused, struct err *err)
{
    unsigned pause = s->o.client.pause_ms ? s->o.client.pause_ms : RPC_PAUSE_MS;

    if (err->class == ERR_NOMEM)
        return false;
    if (refused) {
        s->node.batches = false;
    } else if (err->class == ERR_LIMIT && s->node.batches && s->batch > 1) {
        s->batch /= 2;
    } else if (err->class == ERR_NOT_FOUND && s->o.to == RPC_TO_TIP) {
        if (!s->d->tip(s, &s->node.tip, err))
            return false;
        if (s->node.tip < s->height) { /* the chain has become shorter: that is all of it */
            s->to = s->node.tip;
            replan(s);
            return true;
        }
        if (++s->again >= AGAIN_MAX)
            return err_in(err, "the node does not have all of it");
    } else if (++s->again >= AGAIN_MAX || err->class == ERR_LIMIT) {
        return false;
    }
    replan(s);
    return !s->again || rpc_client_pause(s->client, pause << (s->again - 1), err);
}

/* Past the last block: has the chain grown meanwhile? */
static bool at_end(struct rpc_source *s, bool *ret_end, struct err *err)
{
    *ret_end = true;
    if (s->o.to != RPC_TO_TIP || s->to != s->node.tip)
        return true;
    if (!s->d->tip(s, &s->node.tip, err))
        return false;
    *ret_end = s->node.tip < s->height;
    if (!*ret_end)
        s->to = s->node.tip;
    return true;
}

static bool one_read(struct rpc_source *s, struct transfer_block *ret, bool *ret_refused,
                     struct err *err)
{
    struct unit *u;

    *ret_refused = false;
    if (!plan(s, err))
        return false;
    u = &s->units[s->units_first];
    return (u->loaded || s->d->load(s, u, ret_refused, err)) && s->d->read(s, u, ret, err);
}

/* The unit in front has been given whole. */
static void unit_end(struct rpc_source *s)
{
    struct unit *u = &s->units[s->units_first];

    if (s->height < u->first + u->n)
        return;
    for (unsigned i = 0; i < u->tickets_n; i++)
        rpc_done(s->client, u->tickets[i]);
    if (s->d->drop)
        s->d->drop(s, u);
    s->units_first = (s->units_first + 1) % UNITS_MAX;
    s->units_n--;
}

static bool source_next(void *self, struct transfer_block *ret, bool *ret_end, struct err *err)
{
    struct rpc_source *s = self;
    bool refused;

    if (s->units_n)
        unit_end(s);
    for (;;) {
        *ret_end = s->height > s->limit;
        if (*ret_end)
            return true;
        if (s->height > s->to) {
            if (!at_end(s, ret_end, err))
                return false;
            if (*ret_end)
                return true;
            replan(s);
        }
        if (!one_read(s, ret, &refused, err)) {
            if (s->o.client.stop && *s->o.client.stop) {
                *ret_end = true; /* whoever set it knows that this is not all */
                return true;
            }
            if (!ask_again(s, refused, err)) {
                replan(s);
                err_prefix(err, "block %llu", (unsigned long long)s->height);
                return false;
            }
            continue;
        }
        if (s->skipped) {
            s->skipped = false;
            pass_over(s);
            unit_end(s);
            continue;
        }
        if (is_given(s, s->height - 1) &&
            !hash32_equal(&ret->prev, &s->given[(s->height - 1) % RPC_REORG_BLOCKS])) {
            if (!reorganised(s, err))
                return false;
            continue;
        }
        if (s->d->given && !s->d->given(s, err)) {
            replan(s);
            err_prefix(err, "block %llu", (unsigned long long)s->height);
            return false;
        }
        give(s, &ret->hash);
        *ret_end = false;
        return true;
    }
}

static void source_free(void *self)
{
    struct rpc_source *s = self;

    if (!s)
        return;
    for (unsigned i = 0; i < UNITS_MAX; i++)
        mem_free(s->units[i].answers);
    s->d->close(s);
    rpc_client_close(s->client);
    mem_free(s);
}

/* After the newest block of the ledger that the node has, too; steps back double. */
static bool resume(struct rpc_source *s, struct err *err)
{
    uint64_t at = s->o.have_tip < s->node.tip ? s->o.have_tip : s->node.tip, step = 1;
    uint64_t top = at;
    struct hash32 ours, theirs;

    if (!s->o.have || at < s->o.from)
        return true;
    for (;;) {
        if (!s->o.have(s->o.have_ctx, at, &ours))
            return true; /* below what the ledger has: from where it was asked to */
        if (!s->d->hash(s, at, &theirs, err))
            return false;
        if (hash32_equal(&ours, &theirs)) {
            s->height = at;
            s->given_from = at;
            give(s, &ours);
            return true;
        }
        if (s->d->final)
            return not_validated(s, at, err);
        if (top - at > RPC_REORG_BLOCKS)
            return err_fail(err, ERR_INPUT,
                            "%s: the node has another chain than the ledger, for more than %u "
                            "blocks",
                            rpc_client_host(s->client), RPC_REORG_BLOCKS);
        if (at < s->o.from + step)
            return true;
        at -= step;
        step *= 2;
    }
}

bool rpc_have_ledger(void *ctx, uint64_t height, struct hash32 *ret)
{
    const struct account_ledger *l = ctx;
    uint32_t block = account_ledger_find_height(l, (uint32_t)height);
    uint32_t below = account_ledger_blocks_to_height(l, (uint32_t)height);

    if (block == BLOCK_NONE && account_ledger_chain(l)->slots && below)
        block = below - 1;
    if (block == BLOCK_NONE)
        return false;
    *ret = account_ledger_block(l, block).hash;
    return true;
}

/* ---- which nodes are known ---- */

static const struct rpc_dialect *const rpc_dialects[] = {&rpc_dialect_evm, &rpc_dialect_solana,
                                                         &rpc_dialect_tron, &rpc_dialect_xrpl};

const char *rpc_news(const struct chain *chain)
{
    const struct rpc_dialect *d = rpc_dialect_of(chain);

    return d ? d->news : NULL;
}

const struct rpc_dialect *rpc_dialect_of(const struct chain *chain)
{
    for (size_t i = 0; i < sizeof(rpc_dialects) / sizeof(rpc_dialects[0]); i++)
        if (chain->dialect == rpc_dialects[i]->of)
            return rpc_dialects[i];
    return NULL;
}

bool rpc_source_can(const struct chain *chain)
{
    return rpc_dialect_of(chain) != NULL;
}

size_t rpc_kept_bytes(const struct chain *chain)
{
    const struct rpc_dialect *d = rpc_dialect_of(chain);

    return d ? d->kept : 0;
}

bool rpc_is_uncommitted(const struct chain *chain)
{
    const struct rpc_dialect *d = rpc_dialect_of(chain);

    return d && d->uncommitted;
}

static bool no_nodes(const struct chain *chain, struct err *err)
{
    return err_fail(err, ERR_USAGE, "%s: blocks of this chain do not come by this interface",
                    chain->name);
}

static void source_check(void *self)
{
    struct rpc_source *s = self;

    if (s->d->check)
        s->d->check(s);
}

bool rpc_source_open(const char *url, const struct chain *chain, struct rpc_source_options options,
                     struct transfer_source *ret, struct err *err)
{
    struct rpc_source *s;

    const struct rpc_dialect *dialect = rpc_dialect_of(chain);

    if (!dialect)
        return no_nodes(chain, err);
    s = mem_zero(sizeof(*s));
    if (!s)
        return err_fail(err, ERR_NOMEM, "a source");
    s->chain = chain;
    s->d = dialect;
    s->o = options;
    s->limit = UINT64_MAX;
    if (s->o.client.in_flight < 2 && s->o.client.in_flight)
        s->o.client.in_flight = 2;
    s->batch = options.batch ? options.batch : RPC_BATCH;
    s->batch = s->batch < RPC_BATCH_MAX ? s->batch : RPC_BATCH_MAX;
    s->height = s->given_from = options.from;
    if (!s->o.client.answer_max)
        s->o.client.answer_max = s->d->answer_max;
    if (!s->d->open(s, err) || !rpc_client_open(url, s->o.client, &s->client, err) ||
        !s->d->probe(s, err)) {
        source_free(s);
        return false;
    }
    s->to = options.to == RPC_TO_TIP ? s->node.tip : options.to;
    if (!resume(s, err)) {
        source_free(s);
        return false;
    }
    s->planned = s->height;
    *ret = (struct transfer_source){
        .next = source_next, .free = source_free, .check = source_check, .self = s};
    return true;
}

void rpc_source_limit(struct transfer_source *s, uint64_t to)
{
    ((struct rpc_source *)s->self)->limit = to;
}

struct rpc_node rpc_source_node(const struct transfer_source *s)
{
    const struct rpc_source *r = s->self;
    struct rpc_node node = r->node;

    node.host = rpc_client_host(r->client);
    node.client = r->client_name;
    return node;
}

/* ---- short questions ---- */

struct rpc_tip {
    const struct rpc_dialect *d;
    struct rpc_client *client;
    bool confirmed;
};

bool rpc_tip_open(const char *url, const struct chain *chain, bool confirmed,
                  struct rpc_options options, struct rpc_tip **ret, struct err *err)
{
    const struct rpc_dialect *d = rpc_dialect_of(chain);
    struct rpc_tip *t;

    if (!d)
        return no_nodes(chain, err);
    t = mem_zero(sizeof(*t));
    if (!t)
        return err_fail(err, ERR_NOMEM, "a client");
    t->d = d;
    t->confirmed = confirmed;
    if (d->tip_answer_max)
        options.answer_max = d->tip_answer_max;
    if (!rpc_client_open(url, options, &t->client, err) || !d->tip_chain(t->client, chain, err)) {
        rpc_tip_close(t);
        return false;
    }
    *ret = t;
    return true;
}

struct rpc_tip *rpc_tip_close(struct rpc_tip *t)
{
    if (t)
        rpc_client_close(t->client);
    return mem_free(t);
}

bool rpc_tip_block(struct rpc_tip *t, uint64_t height, uint64_t *ret_height,
                   struct hash32 *ret_hash, struct err *err)
{
    return t->d->tip_block(t->client, height, t->confirmed, ret_height, ret_hash, err);
}
