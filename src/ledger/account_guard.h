/* In front of a ledger of a bank's book that has some of it already: a payment that is there is not
 * taken a second time, with more of its messages or among others, and so stands in the book once.
 * What was taken as it is now goes through, and the ledger passes over it.
 *
 * Ownership: it takes over *source; on failure *source stays as it is.
 * Errors:    those of account_ledger_open; while read: ERR_INPUT naming the payment, and the
 *            source's.
 * Threads:   one caller. */
#ifndef CORDON_LEDGER_ACCOUNT_GUARD_H
#define CORDON_LEDGER_ACCOUNT_GUARD_H

#include "chain/transfers.h"

/* dir: the ledger's folder, which need not be there. */
bool account_guard(const char *dir, struct transfer_source *source, struct err *err) MUST_USE;

#endif
