/* The rows of all commands, and what their files share. */
#ifndef CORDON_CLI_CLI_H
#define CORDON_CLI_CLI_H

#include "cli/command.h"

extern const struct command cmd_help;

const struct command *const *all_commands(void); /* main's table */

#endif
