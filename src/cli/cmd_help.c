/* cordon help: what the table of commands says. */
#include "cli/cli.h"

static bool cmd_help_run(struct call *c, struct err *err)
{
    const struct command *const *table = all_commands();
    const char *name = call_arg(c, 0);
    const struct command *command = name ? command_find(table, name) : NULL;

    if (call_option(c, "completion")) {
        help_completion(c->out, table);
        return true;
    }
    if (name && !command)
        return command_unknown(table, name, err);
    if (call_option(c, "man"))
        help_man(c->out, table, command);
    else if (command)
        help_command(c->out, command);
    else
        help_all(c->out, table);
    return true;
}

static const struct option options[] = {
    {"man", NULL, "print the source of the man page, which scdoc reads", false},
    {"completion", NULL, "print the completion of bash", false},
    {NULL, NULL, NULL, false},
};

const struct command cmd_help = {
    .name = "help",
    .args = "[COMMAND]",
    .args_max = 1,
    .options = options,
    .run = cmd_help_run,
    .summary = "tell what a command does, with its options and examples",
};
