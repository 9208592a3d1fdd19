/* cordon entity: which addresses are held to be under one control with one, and why. */
#include "cli/cli.h"

#include "api/entity.h"
#include "cli/entity_accounts.h"

#define MEMBERS_MAX 100000000u

static void show_script(struct call *c, uint32_t script)
{
    entity_show_script(c->out, c->ledger, script);
}

static void show_reason(struct call *c, const struct entity *e, const struct cluster_reason *r)
{
    struct hash32 txid;
    struct ledger_block b;
    uint64_t first;

    if (r->link == LINK_SAME_KEY) {
        text_str(c->out, "one key of two forms\n");
        return;
    }
    txid = ledger_txid(c->ledger, r->tx);
    b = ledger_block(c->ledger, ledger_tx_block(c->ledger, r->tx));
    first = coins_inputs(clusters_coins(e->clusters), r->tx).first;
    text_printf(c->out, "inputs %llu and %llu of ", (unsigned long long)(r->inputs[0] - first),
                (unsigned long long)(r->inputs[1] - first));
    show_txid(c->out, &txid);
    text_str(c->out, ", ");
    show_block(c->out, &b);
    text_char(c->out, '\n');
}

static void show_why(struct call *c, const struct entity *e)
{
    if (!e->together) {
        text_printf(c->out, "%s is not of the same entity\n", e->why_address);
        return;
    }
    text_printf(c->out, "why %s: %zu steps%s\n", e->why_address, e->why.n,
                e->why.shortest ? ", no chain is shorter"
                                : ", as the entity grew; others may be shorter");
    for (size_t i = 0; i < e->why.n; i++) {
        text_str(c->out, "  ");
        show_script(c, e->why.steps[i].scripts[0]);
        text_str(c->out, "\n    ");
        show_reason(c, e, &e->why.steps[i]);
    }
    if (e->why.n) {
        text_str(c->out, "  ");
        show_script(c, e->why.steps[e->why.n - 1].scripts[1]);
        text_char(c->out, '\n');
    }
}

static void show_seen(struct call *c, const char *what, uint32_t block)
{
    struct ledger_block b = ledger_block(c->ledger, block);

    text_printf(c->out, "%-11s ", what);
    show_block(c->out, &b);
    text_char(c->out, '\n');
}

static void show_refused(struct call *c, const struct entity *e)
{
    if (e->refused_all)
        text_printf(c->out, "not joined  %llu times with another entity:\n",
                    (unsigned long long)e->refused_all);
    for (size_t i = 0; i < e->refused_n; i++) {
        const struct cluster_refusal *r = &e->refused[i];

        text_printf(c->out, "  %s (%u and %u addresses): ",
                    r->kind == REFUSED_LARGE ? "both are large" : "two actors", r->sizes[0],
                    r->sizes[1]);
        show_reason(c, e, &r->reason);
    }
}

static void show_entity(struct call *c, const struct entity *e)
{
    text_printf(c->out, "%-11s %s\n%-11s ", "address", e->address, "clustering");
    if (e->clusters && clusters_counts(e->clusters).blocks) {
        struct ledger_block b = ledger_block(c->ledger, clusters_counts(e->clusters).blocks - 1);

        text_str(c->out, "on, to ");
        show_block(c->out, &b);
        text_char(c->out, '\n');
    } else {
        text_str(c->out, e->clusters ? "on\n" : "off: only forms of one key\n");
    }
    if (e->script == SCRIPT_NONE) {
        text_str(c->out, "never seen\n");
        return;
    }
    text_printf(c->out, "%-11s ", "entity");
    show_script(c, e->members[0]);
    text_printf(c->out, "\n%-11s %zu addresses\n", "size", e->members_n);
    if (e->newer)
        text_str(c->out, "note: seen after the last block of the clusters\n");
    else if (e->clusters) {
        show_seen(c, "first seen", e->seen.block_first);
        show_seen(c, e->seen.complete ? "last seen" : "at least to", e->seen.block_last);
    }
    for (size_t i = 0; i < e->actors_n; i++)
        text_printf(c->out, "%-11s %s\n", "actor", e->actors[i]);
    if (e->deposit.actor)
        text_printf(c->out, "deposit of  %s: all of %u spent outputs went on to it\n",
                    e->deposit.actor, e->deposit.swept);
    show_refused(c, e);
    if (e->why_address) {
        show_why(c, e);
        return;
    }
    for (size_t i = 0; i < e->shown_n; i++) {
        text_str(c->out, "  ");
        show_script(c, e->members[e->shown + i]);
        text_char(c->out, '\n');
    }
    if (e->shown + e->shown_n < e->members_n)
        text_printf(c->out, "  and %zu more: --after the last of these\n",
                    e->members_n - e->shown - e->shown_n);
}

static bool clusters_of_call(struct call *c, struct clusters **ret, struct err *err)
{
    const char *wanted = call_option(c, "clustering");

    *ret = NULL;
    if (wanted && !strcmp(wanted, "off"))
        return true;
    /* Nobody has asked for them: then there are none, which the answer says. */
    return clusters_open(c->ledger, ret, err) || (err->class == ERR_NOT_FOUND && !wanted);
}

static bool cmd_entity_run(struct call *c, struct err *err)
{
    struct entity_options o = {.why = call_option(c, "why"), .after = call_option(c, "after")};
    struct clusters *clusters;
    struct entity e;
    bool ok;

    if (c->accounts)
        return account_cmd_entity(c, err);
    if (call_option(c, "wallets"))
        return err_fail(err, ERR_USAGE,
                        "--wallets is of chains with accounts; of coins, see "
                        "cordon entities --actors");
    if (!call_number(c, "members", MEMBERS_MAX, ENTITY_MEMBERS_SHOWN, &o.members, err) ||
        !clusters_of_call(c, &clusters, err))
        return false;
    ok = entity_find(c->arena, c->ledger, clusters, call_arg(c, 0), &o, &e, err);
    if (ok && call_json(c))
        answer_entity(c->out, &e);
    else if (ok)
        show_entity(c, &e);
    clusters_close(clusters);
    return ok;
}

static const struct option options[] = {
    {"why", "ADDRESS", "by which transactions that address belongs with it", false},
    {"members", "N", "how many members are shown (default: 100)", false},
    {"after", "ADDRESS", "show the members after this one", false},
    {"wallets", "FILE", "of accounts: known wallets (address,name,category), instead of the home's",
     false},
    {"clustering", "on|off", "off: only forms of one key (default: on, if clusters are there)",
     false},
    OPTION_LEDGER,
    OPTION_CHAIN,
    OPTION_FORMAT,
    {NULL, NULL, NULL, false}};

static const struct example examples[] = {
    {"cordon entity 12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S", "the addresses that belong with it"},
    {"cordon entity 12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S --why 1Q2TWHE3GMdB6BZKafqwxXtWAWgFt5Jvm3",
     "the shortest chain of transactions between the two"},
    {NULL, NULL},
};

const struct command cmd_entity = {
    .name = "entity",
    .args = "ADDRESS",
    .args_min = 1,
    .args_max = 1,
    .options = options,
    .needs = NEEDS_LEDGER,
    .run = cmd_entity_run,
    .summary = "show which addresses belong with one, and why",
    .about = "Addresses that were spent in one transaction are held to be one entity's, CoinJoins "
             "left out\n"
             "(docs/entities.md). Clusters are made by cordon entities; without them an address "
             "stands alone, and\n"
             "the answer says that clustering is off. JSON: docs/schemas/entity.json.\n"
             "\n"
             "On chains with accounts it is asked whether the address is a deposit address of an "
             "exchange whose\n"
             "wallets tags and cases of the home know, or --wallets, and which of them it pays "
             "to.\n"
             "JSON: docs/schemas/deposit.json.",
    .examples = examples,
};
