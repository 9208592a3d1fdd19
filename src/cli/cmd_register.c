/* cordon register: what members write down beside cases and alerts. */
#include "cli/register_call.h"

static const struct form { /* of a call: its word, and how many arguments follow the register */
    const char *word;
    size_t args;
} forms[] = {
    {"import", 1}, {"state", 1},  {"revise", 2}, {"withdraw", 1}, {"done", 1},
    {"clear", 1},  {"object", 1}, {"list", 0},   {"show", 1},
};

static bool cmd_register_run(struct call *c, struct err *err)
{
    const char *word = call_arg(c, 0), *first = call_arg(c, 2);
    const struct form *f = NULL;

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        if (!strcmp(forms[i].word, word))
            f = &forms[i];
    if (!f)
        return err_fail(
            err, ERR_USAGE,
            "\"%s\": import, state, revise, withdraw, done, clear, object, list or show is "
            "wanted",
            word);
    if (call_args_n(c) != f->args + 2)
        return err_fail(err, ERR_USAGE, "%s: a register and %zu more are wanted", word, f->args);
    if (!strcmp(word, "import"))
        return register_import(c, first, err);
    if (!strcmp(word, "list"))
        return register_list(c, err);
    if (!strcmp(word, "show"))
        return register_show(c, err);
    if (!strcmp(word, "state"))
        return register_act(c, word, NULL, first, err);
    return register_act(c, word, first, call_arg(c, 3), err);
}

static const struct option options[] = {
    {"audience", "GROUP", "of what is new: which group of the charter is told (default: all)",
     false},
    OPTION_AS,
    OPTION_PASSPHRASE,
    OPTION_HOME,
    OPTION_REGISTER_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon register state meeting meeting.json", "write down a meeting"},
    {"cordon register done action 3f9a", "an action is done"},
    {"cordon register list action --format csv", "those that stand, as a table"},
    {NULL, NULL},
};

const struct command cmd_register = {
    .name = "register",
    .args = "import|state|revise|withdraw|done|clear|object|list|show KIND [ID] [FILE]",
    .args_min = 2,
    .args_max = 4,
    .options = options,
    .needs = NEEDS_NOTHING,
    .run = cmd_register_run,
    .heading = "the quarter",
    .summary = "write down incidents, claims, meetings, actions and more for the group",
    .about =
        "A register is incident, claim, meeting, action, commitment, obligation, outreach, text,\n"
        "instrument, notice, complaint, finding or rate. Its fields stand in docs/registers.md.\n"
        "state takes a JSON file with them; import a CSV table whose header names them, whole or "
        "not "
        "at\n"
        "all. A row that is in the log already is left alone.\n"
        "\n"
        "What is written is signed and told to the group like a case. Its member alone may revise "
        "or\n"
        "withdraw it; done is of actions. A text that is to be published names its SHA-256 and a "
        "day: each\n"
        "government clears it, or objects, or is silent until that day has passed.\n"
        "\n"
        "JSON: docs/schemas/register.json, register-record.json, register-import.json.",
    .examples = examples,
};
