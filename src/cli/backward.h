/* cordon trace --backward: one case's origins as targets, and where their value came from. */
#ifndef CORDON_CLI_BACKWARD_H
#define CORDON_CLI_BACKWARD_H

#include "cli/command.h"
#include "trace/case.h"

bool backward(struct call *c, const struct case_file *f, struct err *err) MUST_USE;

#endif
