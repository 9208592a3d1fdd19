/* The screener of a call: lists, tags and rules of the home, and the records, open for writing.
 *
 * Errors:    those of screener_open and records_open. */
#ifndef CORDON_CLI_SCREENING_H
#define CORDON_CLI_SCREENING_H

#include "cli/cli.h"

struct screening {
    struct screener *screener;
    struct store *store; /* for matches and questions to be written down */
};

/* names: are names asked about? as_of year 0: the newest lists. The rules are --rules FILE, else
 * rules.yaml of the home if it is there, else those that ship. */
bool screening_open(struct call *c, bool names, struct list_day as_of, struct screening *ret,
                    struct err *err) MUST_USE;
void screening_close(struct screening *s);
/* The text of those rules; p NULL: those that ship. */
bool rules_of_call(struct call *c, struct bytes *ret, struct err *err) MUST_USE;

#endif
