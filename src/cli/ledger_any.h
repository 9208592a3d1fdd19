/* A ledger of a home, of either shape.
 *
 * Errors:    those of ledger_open and account_ledger_open. */
#ifndef CORDON_CLI_LEDGER_ANY_H
#define CORDON_CLI_LEDGER_ANY_H

#include "trace/ledgers_run.h"

bool ledger_any_open(const char *place, struct trace_ledger *ret, struct err *err) MUST_USE;
void ledger_any_close(struct trace_ledger *l);

#endif
