/* Whether a ledger's files still say what they said: what is the same for every shape. Nobody but
 * the checks of the shapes includes this.
 *
 * Errors:    ERR_CORRUPT, naming file and place; ERR_SYSTEM, also while it is being written; those
 *            of columns.h.
 * Threads:   safe. */
#ifndef CORDON_LEDGER_CHECK_FILES_H
#define CORDON_LEDGER_CHECK_FILES_H

#include "ledger/columns.h"

/* Checksums of all columns that only grow, then contents(), then every run of every index. */
bool check_files(const char *dir, const struct ledger_shape *shape,
                 bool (*contents)(const struct columns *c, struct err *err),
                 struct err *err) MUST_USE;

/* Records of blocks count upwards, and each block starts a run or is linked to the one before. */
bool check_runs(const struct columns *c, bool (*linked)(const struct columns *c, uint64_t block),
                struct err *err) MUST_USE;

/* "out.spent: output 7 does not agree with the rest"; false */
bool check_bad(const struct columns *c, struct err *err, unsigned column, const char *what,
               uint64_t id);

#endif
