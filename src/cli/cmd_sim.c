/* cordon sim: a simulated chain with thefts in it, as Bitcoin Core's files, and the truth about
 * them. */
#include "cli/cli.h"

#include "base/json.h"
#include "cli/progress.h"
#include "sim/genesis.h"
#include "sim/sim.h"

static void show_progress(void *ctx, uint64_t done, uint64_t all)
{
    progress_show(ctx, done, all);
}

/* n / of with as many digits after the point. */
static void put_ratio(struct text *to, uint64_t n, uint64_t of, unsigned digits)
{
    uint64_t unit = 1, hundredths;

    for (unsigned i = 0; i < digits; i++)
        unit *= 10;
    hundredths = of ? (n * unit + of / 2) / of : 0;
    text_printf(to, "%llu", (unsigned long long)(hundredths / unit));
    if (digits)
        text_printf(to, ".%0*llu", (int)digits, (unsigned long long)(hundredths % unit));
}

static void sim_text(struct text *to, const char *dir, const struct sim_shape *s)
{
    text_printf(to, "%s/blocks: %llu blocks, %llu transactions, %llu bytes\n", dir,
                (unsigned long long)s->blocks, (unsigned long long)s->transactions,
                (unsigned long long)s->bytes);
    text_str(to, "a transaction: ");
    put_ratio(to, s->bytes, s->transactions, 0);
    text_str(to, " bytes, ");
    put_ratio(to, s->inputs, s->transactions, 2);
    text_str(to, " inputs, ");
    put_ratio(to, s->outputs, s->transactions, 2);
    text_str(to, " outputs, ");
    put_ratio(to, s->scripts, s->outputs, 2);
    text_printf(to, " new scripts an output\n%s/truth.json: %u thefts, each a case in %s/cases\n",
                dir, s->thefts, dir);
}

static void sim_json(struct text *to, const struct sim_shape *s)
{
    struct json_out j = json_to(to, true);
    const struct {
        const char *key;
        uint64_t n;
    } rows[] = {{"blocks", s->blocks}, {"bytes", s->bytes},     {"transactions", s->transactions},
                {"inputs", s->inputs}, {"outputs", s->outputs}, {"scripts", s->scripts},
                {"thefts", s->thefts}};

    json_object(&j);
    json_put_string(&j, "schema", "cordon.sim/1");
    json_put_string(&j, "chain", SIM_CHAIN);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        json_put_number(&j, rows[i].key, rows[i].n);
    json_object_end(&j);
    text_char(to, '\n');
}

static bool cmd_sim_run(struct call *c, struct err *err)
{
    const char *bytes = call_option(c, "bytes");
    struct progress p;
    struct sim_options o = {.dir = call_option(c, "out"),
                            .xor = call_option(c, "xor") != NULL,
                            .accounts = call_option(c, "accounts") != NULL,
                            .payroll = call_option(c, "payroll") != NULL};
    struct sim_shape shape;
    bool ok;

    if (!o.dir)
        return err_fail(err, ERR_USAGE, "--out DIR is missing: where the chain is written");
    if (!call_number(c, "seed", UINT64_MAX, 1, &o.seed, err) ||
        !call_number(c, "blocks", SIM_BLOCKS_MAX, 0, &o.blocks, err))
        return false;
    if (bytes && !size_from_text(bytes, &o.bytes))
        return err_fail(err, ERR_USAGE, "--bytes \"%s\": a size is wanted, like 64M", bytes);
    if (!o.blocks == !bytes)
        return err_fail(err, ERR_USAGE, "either --blocks N or --bytes SIZE is wanted");
    p = progress_start("simulated", bytes != NULL);
    o.progress = show_progress;
    o.ctx = &p;
    ok = sim_run(&o, &shape, err);
    progress_end(&p);
    if (!ok)
        return false;
    if (call_json(c))
        sim_json(c->out, &shape);
    else
        sim_text(c->out, o.dir, &shape);
    return true;
}

static const struct option options[] = {
    {"out", "DIR", "where the chain is written; DIR/blocks must not be there yet", false},
    {"blocks", "N", "so many small blocks, the genesis block among them", false},
    {"bytes", "SIZE", "so many bytes of blocks as large as today's: 64M, 1G", false},
    {"seed", "N", "which world: the same number gives the same bytes (default: 1)", false},
    {"xor", NULL, "obfuscate the files, with an xor.dat, as Bitcoin Core does since version 28",
     false},
    {"accounts", NULL, "an account chain, evm:sim, beside it; a theft is swapped to bitcoin:sim",
     false},
    {"payroll", NULL, "wages of disguised workers among the cases, sold where a theft was", false},
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon sim --seed 7 --blocks 300 --out world", "a small chain with five thefts"},
    {"cordon sim --bytes 1G --out big", "a gigabyte of blocks of today's shape"},
    {"cordon sim --seed 7 --blocks 300 --accounts --out world",
     "and a theft that goes from one chain to another"},
    {NULL, NULL},
};

const struct command cmd_sim = {
    .name = "sim",
    .heading = "to try it",
    .options = options,
    .run = cmd_sim_run,
    .summary = "simulate a chain with thefts in it, and tell the truth about them",
    .about = "Writes DIR/blocks as Bitcoin Core would (blk and rev files), DIR/truth.json with "
             "what became of each\n"
             "stolen output, DIR/cases with each theft as a case file, and DIR/stops.csv with the "
             "addresses of\n"
             "exchanges and mixers. The chain is bitcoin:sim, which has a genesis block and "
             "addresses of its own.\n"
             "Signatures are random bytes; all else is as on a real chain. The world and the files "
             "are described\n"
             "in docs/sim.md. JSON: docs/schemas/sim.json, and docs/schemas/truth.json of "
             "DIR/truth.json.",
    .examples = examples,
};
