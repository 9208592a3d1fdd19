/* cordon ingest: block files -> the ledger of a chain. Stopped at any moment, the next run goes on.
 */
#include "cli/cli.h"

#include "base/json.h"
#include "chain/bitcoin/block.h"
#include "cli/ingest_accounts.h"
#include "cli/ingest_node.h"
#include "cli/progress.h"
#include "entity/cluster_update.h"
#include "ledger/ingest.h"

#include <signal.h>
#include <stdatomic.h>

#define THREADS_MAX 256

static atomic_bool stop;

static void on_signal(int signal_number)
{
    stop = true;
    signal(signal_number, SIG_DFL); /* whoever asks twice does not want to wait */
}

static void tell_progress(void *ctx, const struct ingest_progress *p)
{
    progress_show(ctx, p->bytes_done, p->bytes_all);
}

/* The chain is the first argument; further ones are more paths, for whoever let a shell name many
 * after --from. */
static bool paths_of(struct call *c, const char *const **ret, size_t *ret_n, struct err *err)
{
    const char **paths = ARENA_ARRAY(c->arena, const char *, c->given_n + 1);
    size_t n = 0;
    bool chain = false, from = false;

    if (!paths)
        return err_fail(err, ERR_NOMEM, "%zu paths", c->given_n);
    for (size_t i = 0; i < c->given_n; i++) {
        const struct given *g = &c->given[i];

        from |= g->option && !strcmp(g->option->name, "from");
        if (!g->option ? chain : !strcmp(g->option->name, "from"))
            paths[n++] = g->value;
        chain |= !g->option;
    }
    *ret = paths;
    *ret_n = n;
    return from || err_fail(err, ERR_USAGE, "--from PATH is missing: where the blocks are");
}

static bool options_read(struct call *c, struct ingest_options *o, struct err *err)
{
    const char *memory = call_option(c, "memory"), *check = call_option(c, "check");
    uint64_t threads;

    if (memory && !size_from_text(memory, &o->ledger.memory))
        return err_fail(err, ERR_USAGE, "--memory \"%s\": a size like 512M or 4G is wanted",
                        memory);
    if (memory && o->ledger.memory < LEDGER_MEMORY_MIN)
        return err_fail(err, ERR_USAGE, "--memory \"%s\": at least %lluM is wanted", memory,
                        (unsigned long long)(LEDGER_MEMORY_MIN >> 20));
    if (!call_number(c, "threads", THREADS_MAX, 0, &threads, err))
        return false;
    o->ledger.threads = (unsigned)threads;
    if (check && !strcmp(check, "full"))
        o->checks = BLOCK_CHECK_FULL;
    return paths_of(c, &o->paths, &o->paths_n, err);
}

static void tell(struct call *c, const char *place, const struct ingest_result *r)
{
    text_printf(c->out, "%s: %llu blocks added", place, (unsigned long long)r->added);
    if (r->undone)
        text_printf(c->out, ", %llu undone for a better branch", (unsigned long long)r->undone);
    if (r->known)
        text_printf(c->out, ", %llu there already", (unsigned long long)r->known);
    if (r->stale)
        text_printf(c->out, ", %llu of worse branches passed over", (unsigned long long)r->stale);
    text_str(c->out, r->stopped ? "; stopped, the same command goes on\n" : "\n");
    if (r->without_undo)
        text_printf(c->out,
                    "note: %llu blocks spend outputs that are not here and have no whole undo "
                    "record: what was spent is "
                    "unknown\n",
                    (unsigned long long)r->without_undo);
    if (r->notes[0])
        text_printf(c->out, "note: %s\n", r->notes);
}

static void tell_json(struct call *c, const char *chain, const char *place,
                      const struct ingest_result *r)
{
    struct json_out j = json_to(c->out, true);

    json_object(&j);
    json_put_string(&j, "schema", "cordon.ingest/1");
    json_put_string(&j, "chain", chain);
    json_put_string(&j, "ledger", place);
    json_put_number(&j, "added", r->added);
    json_put_number(&j, "undone", r->undone);
    json_put_number(&j, "known", r->known);
    json_put_number(&j, "stale", r->stale);
    json_put_number(&j, "without_undo", r->without_undo);
    json_put_bool(&j, "stopped", r->stopped);
    json_put_string(&j, "notes", r->notes);
    json_object_end(&j);
    text_char(c->out, '\n');
}

/* Where somebody has clustered this ledger, what is new is clustered, too. */
static bool entities_follow(struct call *c, const char *place, struct err *err)
{
    struct clusters_update_options o = {.stop = &stop};
    struct clusters_updated done;
    struct ledger *l;
    bool ok;

    if (!clusters_there(place))
        return true;
    if (!ledger_open(place, &l, err))
        return false;
    ok = clusters_update(l, &o, &done, err);
    ledger_close(l);
    if (ok && !call_json(c))
        text_printf(c->out, "%s: %llu blocks clustered\n", place,
                    (unsigned long long)done.blocks_added);
    return ok;
}

static bool cmd_ingest_run(struct call *c, struct err *err)
{
    struct progress p = progress_start("ingested", true);
    struct ingest_options o = {.stop = &stop, .progress = tell_progress, .ctx = &p};
    struct ingest_result result;
    const char *place;
    bool ok;

    if (!chain_from_name(call_arg(c, 0), &o.chain, err) || !options_read(c, &o, err) ||
        !ledger_place(c, o.chain->name, &place, err))
        return false;
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    if (chain_has_accounts(o.chain))
        return ingest_accounts(c, &o, place, err);
    if (call_option(c, "map"))
        return err_fail(err, ERR_USAGE, "--map is of lists and tables; %s has blocks",
                        o.chain->name);
    if (!ingest_from_node(&o) && (call_option(c, "blocks") || call_option(c, "cookie")))
        return err_fail(err, ERR_USAGE, "--blocks and --cookie are of nodes");
    ok = ingest_from_node(&o) ? ingest_node_coins(c, &o, place, &result, err)
                              : ingest(place, &o, &result, err);
    progress_end(&p);
    if (ok && call_json(c))
        tell_json(c, o.chain->name, place, &result);
    else if (ok)
        tell(c, place, &result);
    return ok && entities_follow(c, place, err);
}

static const struct option options[] = {
    {"from", "PATH", "a blocks folder or file, - for a stream (zstd or not), or a node, http://...",
     true},
    {"blocks", "HEIGHTS", "of a node: FROM or FROM..TO (default: all that it has)", false},
    {"cookie", "FILE", "of a node: where it keeps user and password (~/.bitcoin/.cookie)", false},
    {"map", "MAP", "columns of a list or table: time=when,from=src,to=dst,amount=eth", false},
    {"ledger", "DIR", "the ledger's folder (default: CHAIN's in $CORDON_HOME)", false},
    {"memory", "SIZE", "how much memory may be used: 512M, 4G (default: 1G)", false},
    {"threads", "N", "how many threads work (default: one a processor)", false},
    {"check", "txid|full", "full: the witnesses, too; of Solana who signed (default: txid)", false},
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon ingest bitcoin --from ~/.bitcoin/blocks",
     "everything that one's own node has, whole or pruned"},
    {"cordon ingest bitcoin --from http://127.0.0.1:8332 --cookie ~/.bitcoin/.cookie",
     "the same by JSON-RPC, while the node runs; the same command again goes on"},
    {"cordon ingest ethereum --from transfers.csv",
     "what somebody wrote down: time, from, to, amount"},
    {"cordon ingest ethereum --from http://127.0.0.1:8545 --blocks 19000000",
     "what a node has from there on; the same command again goes on"},
    {"zstdcat blocks.zst | cordon ingest bitcoin --from -", "a stream of blocks"},
    {NULL, NULL},
};

const struct command cmd_ingest = {
    .name = "ingest",
    .heading = "ledgers, and what is followed over them",
    .args = "CHAIN [PATH...]",
    .args_min = 1,
    .args_max = CALL_WORDS_MAX,
    .options = options,
    .run = cmd_ingest_run,
    .summary = "read blocks into the ledger of a chain",
    .about =
        "Blocks that the ledger has are passed over, new ones are appended, and a branch with "
        "more work\n"
        "replaces the newest blocks. Transaction ids, merkle roots, proof of work and the "
        "links between\n"
        "headers are always checked. It may be stopped at any moment: what is committed "
        "stays, the same\n"
        "command goes on, and the ledger is byte for byte that of an undisturbed run.\n"
        "\n"
        "Paths may be given by --from, each with its own, or after the chain and a --from. "
        "Chains of coins:\n"
        "bitcoin, litecoin, dogecoin, zcash, their test networks (bitcoin:test), bitcoin:sim; "
        "of accounts:\n"
        "ethereum and others (docs/accounts.md), tron, tron:shasta, tron:nile, solana, xrpl,\n"
        "bank:NAME. JSON: docs/schemas/ingest.json.\n"
        "\n"
        "Files of account chains are told apart by how they begin: tables of ethereum-etl, blocks "
        "in RLP,\n"
        "answers of a node (Ethereum's, Solana's, Tron's), of TronGrid. A list of transfers as\n"
        "investigators have it is CSV with time, from, to and amount; a bank's book is pacs.008, "
        "MT 103 or a\n"
        "table. --map says which column is which where the header does not.",
    .examples = examples,
};
