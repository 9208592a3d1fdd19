/* Past questions decided twice: by the rules in force, and by others that somebody thinks of. Each
 * is asked anew of the screener, so that both decide about the same facts of today.
 *
 * Ownership: the result lives in the arena given, and points into both rules.
 * Errors:    those of the store; ERR_LIMIT more than REPLAY_ROWS_MAX different rows; ERR_NOMEM.
 * Order:     rows by decision before, decision after, what decided before and after.
 * Threads:   as the store's. */
#ifndef CORDON_SCREEN_REPLAY_H
#define CORDON_SCREEN_REPLAY_H

#include "screen/question_store.h"

#define REPLAY_ROWS_MAX 4096
#define REPLAY_EXAMPLES 3

struct replay_side {
    enum screen_decision decision;
    enum verdict_by by;
    const char *rule; /* "": none */
};

struct replay_row {
    struct replay_side from, to;
    uint64_t n;                            /* questions */
    const char *examples[REPLAY_EXAMPLES]; /* subjects, the first of them; NULL: no more */
};

struct replay {
    const struct replay_row *rows;
    size_t rows_n;
    uint64_t asked, differ; /* questions; those that are decided otherwise */
    uint64_t failed;        /* that could not be asked */
};

struct replay_options {
    const struct screener *screener;
    const struct screen_ledgers *ledgers; /* that are asked; NULL: none */
    struct store *store;
    const struct rules *others;
    uint64_t since; /* asked at or after that time */
    uint64_t now;
};

bool replay_rules(struct arena *a, const struct replay_options *o, struct replay *ret,
                  struct err *err) MUST_USE;

#endif
