/* The report clocks of a call: clocks.yaml of the home if it is there, else the examples that ship.
 *
 * Errors:    those of clocks_read, with the file's name; ERR_SYSTEM. */
#ifndef CORDON_CLI_CLOCKS_H
#define CORDON_CLI_CLOCKS_H

#include "cli/cli.h"
#include "screen/clocks.h"

/* Its text; p NULL: those that ship. */
bool clocks_text_of_call(struct call *c, struct bytes *ret, struct err *err) MUST_USE;
bool clocks_of_call(struct call *c, const struct clocks **ret, struct err *err) MUST_USE;

#endif
