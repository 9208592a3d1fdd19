/* The screener of a call: lists, tags and rules of the home, and the records, open for writing.
 *
 * Errors:    those of screener_open and records_open. */
#ifndef CORDON_CLI_SCREENING_H
#define CORDON_CLI_SCREENING_H

#include "cli/cli.h"
#include "screen/question_store.h"

struct screening {
    struct screener *screener;
    struct store *store; /* for matches and questions to be written down */
    struct question_writer *keeper;
};

/* names: are names asked about? as_of year 0: the newest lists. The rules are --rules FILE, else
 * rules.yaml of the home if it is there, else those that ship. */
bool screening_open(struct call *c, bool names, struct list_day as_of, struct screening *ret,
                    struct err *err) MUST_USE;
void screening_close(struct screening *s);
/* A screen_keep (screen/batch.h) of a struct screening. */
bool screening_keep(void *screening, struct arena *a, const struct screen_question *q,
                    const struct screen_answer *answer, const char *ref, struct err *err) MUST_USE;
/* The text of those rules; p NULL: those that ship. */
bool rules_of_call(struct call *c, struct bytes *ret, struct err *err) MUST_USE;

#endif
