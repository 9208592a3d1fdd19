/* cordon entities: makes the clusters of a ledger, brings them up to date, checks them, drops them.
 */
#include "cli/cli.h"

#include "base/json.h"
#include "cli/entity_accounts.h"
#include "cli/progress.h"
#include "entity/cluster.h"
#include "entity/cluster_update.h"

#include <signal.h>
#include <stdatomic.h>

static atomic_bool stop;

static void on_signal(int signal_number)
{
    stop = true;
    signal(signal_number, SIG_DFL);
}

static void tell_progress(void *ctx, uint64_t done, uint64_t all)
{
    progress_show(ctx, done, all);
}

/* The names of a file like those of stops. */
static bool actors_read(struct call *c, const struct cluster_actor **ret, size_t *ret_n,
                        struct err *err)
{
    const struct trace_stop *stops = NULL;
    const char *path = call_option(c, "actors");
    struct cluster_actor *actors;
    struct bytes in;
    size_t n = 0;

    *ret_n = 0;
    if (!path)
        return true;
    if (!file_read(c->arena, path, CLUSTER_ACTORS_MAX * 64, &in, err) ||
        !stops_read(c->arena, in, path, &stops, &n, err))
        return false;
    actors = ARENA_ARRAY(c->arena, struct cluster_actor, n);
    if (!actors)
        return err_fail(err, ERR_NOMEM, "%zu actors", n);
    for (size_t i = 0; i < n; i++) {
        uint8_t *form = arena_alloc(c->arena, SCRIPT_FORM_MAX);

        if (!form)
            return err_fail(err, ERR_NOMEM, "%zu actors", n);
        if (!address_read(ledger_chain(c->ledger), stops[i].address, form, &actors[i].script.n,
                          err))
            return err_in(err, "%s", path);
        actors[i].script.p = form;
        actors[i].name = stops[i].name;
    }
    *ret = actors;
    *ret_n = n;
    return true;
}

/* Rules are only named where they are asked for; else those that are there hold. */
static bool rules_of_call(struct call *c, struct cluster_rules *room,
                          const struct cluster_rules **ret, struct err *err)
{
    const struct cluster_actor *actors = NULL;
    uint64_t join_max;
    size_t n;

    *ret = NULL;
    if (!call_number(c, "join-max", UINT32_MAX, CLUSTER_JOIN_MAX, &join_max, err) ||
        !actors_read(c, &actors, &n, err))
        return false;
    if (!call_option(c, "join-max") && !call_option(c, "actors"))
        return true;
    *ret = room;
    return cluster_rules_make(c->arena, (uint32_t)join_max, actors, n, room, err);
}

static bool tell(struct call *c, const struct clusters_updated *done, struct err *err)
{
    struct clusters_counts n;
    struct clusters *clusters;

    if (!clusters_open(c->ledger, &clusters, err))
        return false;
    n = clusters_counts(clusters);
    if (call_json(c)) {
        struct json_out j = json_to(c->out, true);

        json_object(&j);
        json_put_string(&j, "schema", "cordon.entities/1");
        json_put_string(&j, "chain", ledger_chain(c->ledger)->name);
        json_put_string(&j, "ledger", ledger_dir(c->ledger));
        json_put_number(&j, "added", done->blocks_added);
        json_put_number(&j, "undone", done->blocks_undone);
        json_put_bool(&j, "stopped", done->stopped);
        json_put_number(&j, "blocks", n.blocks);
        json_put_number(&j, "addresses", n.scripts);
        json_put_number(&j, "entities", n.scripts - n.merges);
        json_put_number(&j, "coinjoins", n.coinjoins);
        json_put_number(&j, "refused", n.refused);
        json_put_number(&j, "bytes", n.bytes);
        json_put_number(&j, "join_max", clusters_rules(clusters)->join_max);
        json_put_number(&j, "actors", clusters_rules(clusters)->actors_n);
        json_object_end(&j);
        text_char(c->out, '\n');
    } else {
        text_printf(c->out, "%s: %llu blocks added", ledger_dir(c->ledger),
                    (unsigned long long)done->blocks_added);
        if (done->blocks_undone)
            text_printf(c->out, ", %llu undone", (unsigned long long)done->blocks_undone);
        text_str(c->out, done->stopped ? "; stopped, the same command goes on\n" : "\n");
        text_printf(c->out,
                    "%u addresses are %u entities; %u CoinJoins left out, %u joins refused\n",
                    n.scripts, n.scripts - n.merges, n.coinjoins, n.refused);
    }
    clusters_close(clusters);
    return true;
}

static bool update(struct call *c, struct err *err)
{
    struct progress p = progress_start("clustered", false);
    struct clusters_update_options o = {.stop = &stop, .progress = tell_progress, .ctx = &p};
    struct clusters_updated done;
    struct cluster_rules rules;
    bool ok;

    if (!rules_of_call(c, &rules, &o.rules, err))
        return false;
    if (call_option(c, "anew") && !clusters_remove(ledger_dir(c->ledger), err) &&
        err->class != ERR_NOT_FOUND)
        return false;
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    ok = clusters_update(c->ledger, &o, &done, err);
    progress_end(&p);
    return ok && tell(c, &done, err);
}

static bool cmd_entities_run(struct call *c, struct err *err)
{
    if (c->accounts)
        return account_cmd_entities(c, err);
    if (call_option(c, "wallets"))
        return err_fail(err, ERR_USAGE,
                        "--wallets is of chains with accounts; of coins, see "
                        "--actors");
    if (call_option(c, "drop")) {
        if (!clusters_remove(ledger_dir(c->ledger), err))
            return false;
        text_printf(c->out, "%s: clustering is off\n", ledger_dir(c->ledger));
        return true;
    }
    if (!call_option(c, "check"))
        return update(c, err);
    if (!clusters_check(ledger_dir(c->ledger), err))
        return false;
    text_printf(c->out, "%s: the clusters are as they were written\n", ledger_dir(c->ledger));
    return true;
}

static const struct option options[] = {
    {"actors", "FILE", "addresses that are known to be somebody's: address,name,category", false},
    {"wallets", "FILE", "of accounts: known wallets (address,name,category), instead of the home's",
     false},
    {"join-max", "N", "entities of so many addresses are not joined (default: 100000)", false},
    {"anew", NULL, "from the first block on, such as by other rules", false},
    {"check", NULL, "compare the clusters with their checksums, and change nothing", false},
    {"drop", NULL, "remove them: clustering is off", false},
    OPTION_LEDGER,
    OPTION_CHAIN,
    OPTION_FORMAT,
    {NULL, NULL, NULL, false}};

static const struct example examples[] = {
    {"cordon entities", "makes the clusters of a ledger, or brings them up to date"},
    {"cordon entities --chain ethereum", "deposit addresses of the exchanges that tags know"},
    {"cordon entities --anew --actors exchanges.csv", "never joins two known exchanges"},
    {NULL, NULL},
};

const struct command cmd_entities = {
    .name = "entities",
    .options = options,
    .needs = NEEDS_LEDGER,
    .run = cmd_entities_run,
    .summary = "find out which addresses belong together",
    .about =
        "Addresses that were spent in one transaction are held to be one entity's, CoinJoins left "
        "out; what\n"
        "that means, and what it does not: docs/entities.md. The clusters are kept beside the "
        "ledger, in its\n"
        "folder entities; where they are, cordon ingest and cordon serve bring them up to date. It "
        "may be\n"
        "stopped at any moment. JSON: docs/schemas/entities.json.\n"
        "\n"
        "On chains with accounts all deposit addresses of exchanges are listed, by the wallets "
        "that tags and\n"
        "cases of the home know, or by --wallets, and nothing is kept. JSON: "
        "docs/schemas/deposits.json.",
    .examples = examples,
};
