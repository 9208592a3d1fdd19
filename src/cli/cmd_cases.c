/* cordon cases: the register of incidents. Cases that are worked on: cordon case. */
#include "cli/register_call.h"

static const struct word words[] = {
    {"import", "FILE", "audience tlp", register_import, "take in a table"},
    {"list", NULL, NULL, register_list, "those that stand"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct example examples[] = {
    {"cordon cases import thefts.csv", "take in a table of known thefts"},
    {NULL, NULL},
};

const struct command cmd_cases = {
    .name = "cases",
    .words = words,
    .options = register_options,
    .summary = "the register of incidents: thefts, and whatever else happened",
    .about =
        "The same as cordon register with incident. Known thefts, and other events of any kind, "
        "with who\n"
        "attributes them to whom and by what source. Cases that the group works on: cordon case.",
    .examples = examples,
};
