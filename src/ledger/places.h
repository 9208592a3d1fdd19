/* Which folders hold ledgers.
 *
 * Errors:  ERR_SYSTEM the folder cannot be read, ERR_NOMEM. Threads: safe. */
#ifndef CORDON_LEDGER_PLACES_H
#define CORDON_LEDGER_PLACES_H

#include "base/arena.h"
#include "base/err.h"

/* Every folder in home with a ledger of whichever shape, by name; in the arena. A home that is not
 * there has none. */
bool ledger_places(struct arena *a, const char *home, const char *const **ret, size_t *ret_n,
                   struct err *err) MUST_USE;

#endif
