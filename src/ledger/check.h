/* Whether a ledger still says what it said: every byte against checksums, and what follows from
 * other columns against them.
 *
 * Reads the whole ledger once. ERR_CORRUPT names the file, and the block, transaction or output
 * where it is known.
 *
 * Memory:    8 bytes a script, or an account or holding.
 * Threads:   safe beside others who read. */
#ifndef CORDON_LEDGER_CHECK_H
#define CORDON_LEDGER_CHECK_H

#include "base/err.h"

bool ledger_check(const char *dir, struct err *err) MUST_USE; /* coins */
bool account_ledger_check(const char *dir, struct err *err) MUST_USE;

#endif
