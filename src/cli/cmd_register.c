/* cordon register: what members write down beside cases and alerts. */
#include "cli/register_call.h"

static bool act_run(struct call *c, struct err *err)
{
    return register_act(c, c->word->name, call_arg(c, 2), call_arg(c, 3), err);
}

static bool state_run(struct call *c, struct err *err)
{
    return register_act(c, c->word->name, NULL, call_arg(c, 2), err);
}

static const struct word words[] = {
    {"list", "KIND", NULL, register_list, "those that stand"},
    {"show", "KIND ID", NULL, register_show, "one, with all that was said of it"},
    {"import", "KIND FILE", "audience tlp", register_import, "a table, whole or not at all"},
    {"state", "KIND FILE", "audience own", state_run, "write down a new one"},
    {"revise", "KIND ID FILE", "own", act_run, "write it down anew"},
    {"withdraw", "KIND ID", NULL, act_run, "take it back"},
    {"done", "KIND ID", NULL, act_run, "an action is done"},
    {"clear", "KIND ID", NULL, act_run, "a government has nothing against a text"},
    {"object", "KIND ID", NULL, act_run, "a government has something against it"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"audience", "GROUP", "which group of the charter is told (default: all)", false},
    OPTION_REGISTER_TLP,
    {"own", NULL, "of instrument, notice, complaint: what it says stays in this home", false},
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
    .heading = "the quarter",
    .words = words,
    .options = options,
    .summary = "write down incidents, claims, meetings, actions and more for the group",
    .about =
        "A register is incident, claim, meeting, action, commitment, obligation, outreach, text,\n"
        "instrument, notice, complaint, finding or rate. Its fields stand in docs/registers.md.\n"
        "state takes a JSON file with them; import a CSV table whose header names them, whole or "
        "not "
        "at\n"
        "all. A row that is in the log already is left alone; one that says the same and is "
        "marked\n"
        "otherwise marks that record anew, and is no second one.\n"
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
