#include "cli/ingest_node.h"

#include "ledger/account_ledger.h"
#include "serve/rpc_source.h"

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
static bool blocks_read(const char *text, struct rpc_source_options *o, struct err *err)
{
    const char *dots;
    size_t n;

    if (!text)
        return true;
    dots = strstr(text, "..");
    n = dots ? (size_t)(dots - text) : strlen(text);
    if (height_read(text, n, &o->from) &&
        (!dots || !dots[2] ||
         (height_read(dots + 2, strlen(dots + 2), &o->to) && o->to >= o->from)))
        return true;
    return err_fail(err, ERR_USAGE, "--blocks \"%s\": FROM or FROM..TO, heights, are wanted", text);
}

static bool have(void *ctx, uint64_t height, struct hash32 *ret)
{
    const struct account_ledger *l = ctx;
    uint32_t block = account_ledger_find_height(l, (uint32_t)height);

    if (block == BLOCK_NONE)
        return false;
    *ret = account_ledger_block(l, block).hash;
    return true;
}

/* The ledger as it is, if there is one; NULL with err's class NONE: there is none, or it is empty.
 * */
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
    o->have = have;
    o->have_ctx = l;
    o->have_tip = account_ledger_block(l, (uint32_t)n - 1).height;
    if (o->have_tip == HEIGHT_UNKNOWN)
        o->have = NULL; /* a list of somebody's, which the writer will say something about */
    return l;
}

static const char *note_of(const struct rpc_node *node, bool wanted)
{
    return wanted && node->traces == RPC_TRACES_NONE
               ? "this node tells no internal transfers: traces will say that they are not exact"
               : "";
}

bool ingest_node_open(struct call *c, const struct ingest_options *o, const char *place,
                      struct transfer_source *ret, const char **ret_note, struct err *err)
{
    struct rpc_source_options source = {.client.stop = o->stop, .to = RPC_TO_TIP};
    struct account_ledger *l;
    struct rpc_node node;
    bool ok;

    if (o->paths_n != 1)
        return err_fail(err, ERR_USAGE, "one node, and nothing beside it");
    if (call_option(c, "map"))
        return err_fail(err, ERR_USAGE, "--map is of lists and tables; a node has blocks");
    if (!blocks_read(call_option(c, "blocks"), &source, err))
        return false;
    l = ledger_before(place, &source, err);
    if (!l && err->class != ERR_NONE)
        return false;
    ok = rpc_source_open(o->paths[0], o->chain, source, ret, err);
    account_ledger_close(l);
    if (!ok)
        return false;
    node = rpc_source_node(ret);
    *ret_note = note_of(&node, !source.no_traces);
    return true;
}
