/* The cases of the group whose log a home has, followed over all of its ledgers: what a running
 * node tells (serve/live_watch.h), worked out once.
 *
 * Errors:    those of the log and of ledgers; ERR_NOMEM.
 * Threads:   one. */
#ifndef CORDON_CLI_GROUP_CASES_H
#define CORDON_CLI_GROUP_CASES_H

#include "base/arena.h"
#include "screen/screen_cases.h"

/* places: of the home's ledgers. *ret NULL: the home is of no group, or no case is told. */
bool group_cases_open(struct arena *a, const char *home, const char *const *places, size_t n,
                      struct screen_cases **ret, struct err *err) MUST_USE;

#endif
