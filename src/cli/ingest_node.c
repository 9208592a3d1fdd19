#include "cli/ingest_node.h"

#include "cli/progress.h"
#include "ledger/account_ledger.h"
#include "serve/bitcoin_rpc.h"
#include "serve/rpc_source.h"

#include <stdio.h>

static bool is_node(const char *path)
{
    return !strncmp(path, "http://", 7) || !strncmp(path, "https://", 8);
}

bool ingest_from_node(const struct ingest_options *o)
{
    for (size_t i = 0; i < o->paths_n; i++)
        if (is_node(o->paths[i]))
            return true;
    return false;
}

static bool height_read(const char *p, size_t n, uint64_t *ret)
{
    return u64_from_text(p, n, ret) && *ret < HEIGHT_UNKNOWN;
}

/* "FROM", "FROM..", "FROM..TO" */
static bool blocks_read(const char *text, uint64_t *ret_from, uint64_t *ret_to, struct err *err)
{
    const char *dots;
    size_t n;

    if (!text)
        return true;
    dots = strstr(text, "..");
    n = dots ? (size_t)(dots - text) : strlen(text);
    if (height_read(text, n, ret_from) &&
        (!dots || !dots[2] ||
         (height_read(dots + 2, strlen(dots + 2), ret_to) && *ret_to >= *ret_from)))
        return true;
    return err_fail(err, ERR_USAGE, "--blocks \"%s\": FROM or FROM..TO, heights, are wanted", text);
}

/* The ledger as it is, if there is one. NULL with err's class NONE: there is none, or it is
 * empty. */
static struct account_ledger *ledger_before(const char *place, struct rpc_source_options *o,
                                            struct err *err)
{
    struct account_ledger *l = NULL;
    uint64_t n;

    err->class = ERR_NONE;
    if (!account_ledger_open(place, &l, err)) {
        if (err->class == ERR_NOT_FOUND)
            err->class = ERR_NONE;
        return NULL;
    }
    n = account_ledger_counts(l).blocks;
    if (!n)
        return account_ledger_close(l);
    o->have = rpc_have_ledger;
    o->have_ctx = l;
    o->have_tip = account_ledger_block(l, (uint32_t)n - 1).height;
    if (o->have_tip == HEIGHT_UNKNOWN)
        o->have = NULL; /* a list of somebody's, which the writer will say something about */
    return l;
}

static const char *note_of(struct call *c, const struct rpc_node *node,
                           const struct rpc_source_options *o)
{
    char text[80];
    const char *note;

    if (!o->no_traces && node->traces == RPC_TRACES_NONE)
        return "this node tells no internal transfers: traces will say that they are not exact";
    if (!node->first || o->from || o->have)
        return "";
    snprintf(text, sizeof(text), "this node's blocks begin at %llu",
             (unsigned long long)node->first);
    note = arena_string(c->arena, text, strlen(text));
    return note ? note : "";
}

static bool one_node(struct call *c, const struct ingest_options *o, struct err *err)
{
    if (o->paths_n != 1)
        return err_fail(err, ERR_USAGE, "one node, and nothing beside it");
    if (call_option(c, "map"))
        return err_fail(err, ERR_USAGE, "--map is of lists and tables; a node has blocks");
    return true;
}

bool ingest_node_open(struct call *c, const struct ingest_options *o, const char *place,
                      struct transfer_source *ret, const char **ret_note, struct err *err)
{
    struct rpc_source_options source = {
        .client = {.stop = o->stop, .cookie = call_option(c, "cookie")}, .to = RPC_TO_TIP};
    struct account_ledger *l;
    struct rpc_node node;
    bool ok;

    if (!one_node(c, o, err) ||
        !blocks_read(call_option(c, "blocks"), &source.from, &source.to, err))
        return false;
    l = ledger_before(place, &source, err);
    if (!l && err->class != ERR_NONE)
        return false;
    ok = rpc_source_open(o->paths[0], o->chain, source, ret, err);
    account_ledger_close(l);
    if (!ok)
        return false;
    node = rpc_source_node(ret);
    *ret_note = note_of(c, &node, &source);
    return true;
}

static void result_add(struct ingest_result *to, const struct ingest_result *step)
{
    to->added += step->added;
    to->undone += step->undone;
    to->known += step->known;
    to->stale += step->stale;
    to->without_undo += step->without_undo;
    to->stopped = step->stopped;
}

static bool coins_steps(struct bitcoin_rpc *node, struct ledger_writer *w,
                        const struct bitcoin_range *range, struct ingest_result *ret,
                        struct err *err)
{
    struct progress p = progress_start("ingested", false);
    struct bitcoin_step step = {.more = true};
    uint64_t before = ledger_writer_blocks(w);
    bool ok = true;

    while (ok && step.more && !*range->stop) {
        ok = bitcoin_rpc_step(node, w, range, &step, err);
        result_add(ret, &step.blocks);
        progress_show(&p, before + ret->added, step.tip + 1);
    }
    progress_end(&p);
    ret->stopped |= *range->stop != 0;
    return ok || *range->stop;
}

bool ingest_node_coins(struct call *c, const struct ingest_options *o, const char *place,
                       struct ingest_result *ret, struct err *err)
{
    struct rpc_options client = {.stop = o->stop, .cookie = call_option(c, "cookie")};
    struct bitcoin_range range = {.to = BITCOIN_TO_TIP, .checks = o->checks, .stop = o->stop};
    struct bitcoin_rpc *node;
    struct ledger_writer *w;
    bool ok;

    memset(ret, 0, sizeof(*ret));
    if (!one_node(c, o, err) ||
        !blocks_read(call_option(c, "blocks"), &range.from, &range.to, err) ||
        !bitcoin_rpc_open(o->paths[0], o->chain, client, &node, err))
        return false;
    ok = ledger_writer_open(place, o->chain, o->ledger, &w, err);
    if (ok) {
        ok = coins_steps(node, w, &range, ret, err);
        ledger_writer_close(w);
    }
    bitcoin_rpc_close(node);
    return ok;
}
