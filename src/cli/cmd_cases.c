/* cordon cases: the register of incidents. Cases that are worked on: cordon case. */
#include "cli/register_call.h"

static bool cmd_cases_run(struct call *c, struct err *err)
{
    const char *word = call_arg(c, 0);

    if (!strcmp(word, "import") && call_args_n(c) == 2)
        return register_import(c, call_arg(c, 1), err);
    if (!strcmp(word, "list") && call_args_n(c) == 1)
        return register_list(c, err);
    return err_fail(err, ERR_USAGE, "import FILE or list is wanted");
}

static const struct example examples[] = {
    {"cordon cases import thefts.csv", "take in a table of known thefts"},
    {NULL, NULL},
};

const struct command cmd_cases = {
    .name = "cases",
    .args = "import FILE | list",
    .args_min = 1,
    .args_max = 2,
    .options = register_options,
    .needs = NEEDS_NOTHING,
    .run = cmd_cases_run,
    .summary = "the register of incidents: thefts, and whatever else happened",
    .about =
        "The same as cordon register with incident. Known thefts, and other events of any kind, "
        "with who\n"
        "attributes them to whom and by what source. Cases that the group works on: cordon case.",
    .examples = examples,
};
