/* The exposure that a call asks: ledgers of the home, each with its pass brought up to date, and
 * the cases of the home's group.
 *
 * Errors:    those of ledger_open, screen_labels_make and screen_ledger_add, naming the ledger.
 * Threads:   one. */
#ifndef CORDON_CLI_EXPOSURES_H
#define CORDON_CLI_EXPOSURES_H

#include "cli/cli.h"
#include "screen/screen_ledger.h"

struct exposures {
    struct screen_ledgers ledgers;
    struct screen_labels *labels;
};

/* spaces: a bit for each address space that is asked about; chain: the only one, or NULL. Progress
 * is shown on a terminal. exposures_close ends it, also after an error. */
bool exposures_open(struct call *c, const struct screener *s, uint32_t spaces, const char *chain,
                    struct exposures *ret, struct err *err) MUST_USE;
void exposures_many(struct exposures *x); /* many questions will be asked */
void exposures_close(struct exposures *x);

#endif
