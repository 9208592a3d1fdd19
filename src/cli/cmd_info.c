/* cordon info: what a ledger holds, and how far it reaches. */
#include "cli/cli.h"

#include "api/answer.h"
#include "cli/accounts.h"
#include "ledger/check.h"

static struct ledger_block run_end(const struct ledger *l, struct ledger_run run, bool last)
{
    return ledger_block(l, run.block_first + (last && run.blocks_n ? run.blocks_n - 1 : 0));
}

#define RUNS_SHOWN_MAX 20 /* in text: a folder of single blocks may have thousands */

static void info_text(struct call *c, const struct ledger *l, const struct ledger_counts *n)
{
    const struct {
        const char *what;
        uint64_t n;
    } rows[] = {
        {"blocks", n->blocks},
        {"transactions", n->transactions},
        {"outputs", n->outputs},
        {"inputs", n->inputs},
        {"of them from outside", n->outside},
        {"scripts", n->scripts},
        {"addresses", n->addresses},
        {"bytes", n->bytes},
    };

    text_printf(c->out, "%-20s %s\n%-20s %s\n", "chain", ledger_chain(l)->name, "ledger",
                ledger_dir(l));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        text_printf(c->out, "%-20s %llu\n", rows[i].what, (unsigned long long)rows[i].n);
    text_printf(c->out, "%-20s %llu\n", "runs", (unsigned long long)n->runs);
    for (uint32_t i = 0; i < n->runs && i < RUNS_SHOWN_MAX; i++) {
        struct ledger_run run = ledger_run(l, i);
        struct ledger_block first = run_end(l, run, false), last = run_end(l, run, true);

        text_printf(c->out, "  %u blocks\n    from ", run.blocks_n);
        show_block(c->out, &first);
        text_str(c->out, "\n    to   ");
        show_block(c->out, &last);
        text_char(c->out, '\n');
    }
    if (n->runs > RUNS_SHOWN_MAX)
        text_printf(c->out, "  and %llu more (all of them: --format json)\n",
                    (unsigned long long)(n->runs - RUNS_SHOWN_MAX));
}

static bool cmd_info_run(struct call *c, struct err *err)
{
    struct ledger_counts n;

    if (c->accounts)
        return account_cmd_info(c, err);
    n = ledger_counts(c->ledger);
    if (call_option(c, "check") && !ledger_check(ledger_dir(c->ledger), err))
        return false;
    if (call_json(c))
        answer_info(c->out, c->ledger);
    else
        info_text(c, c->ledger, &n);
    if (call_option(c, "check") && !call_json(c))
        text_str(c->out, "checked: every column agrees with its checksum and with the others\n");
    return true;
}

static const struct option options[] = {
    OPTION_LEDGER,
    OPTION_CHAIN,
    {"check", NULL, "read every byte and compare it with the checksums and with the rest first",
     false},
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon info --ledger demo/ledger", "what the ledger of the demo holds"},
    {NULL, NULL},
};

const struct command cmd_info = {
    .name = "info",
    .options = options,
    .needs = NEEDS_LEDGER,
    .run = cmd_info_run,
    .summary = "show what a ledger holds and how far it reaches",
    .about = "Counts of blocks, transactions, outputs, inputs, scripts and addresses, and the runs "
             "that the\n"
             "ledger is made of. A run is a series of blocks without a gap: a whole chain is one "
             "run, a\n"
             "pruned folder or a single block is another. JSON: docs/schemas/info.json.",
    .examples = examples,
};
