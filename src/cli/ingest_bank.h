/* cordon ingest of a bank's book into a ledger that has some of it: a payment that is there is not
 * taken a second time with more of its messages. */
#ifndef CORDON_CLI_INGEST_BANK_H
#define CORDON_CLI_INGEST_BANK_H

#include "chain/transfers.h"
#include "cli/cli.h"

/* Puts itself between *source, which it takes over, and whoever reads it. On failure *source stays
 * as it is. */
bool ingest_bank_guard(struct call *c, const char *place, struct transfer_source *source,
                       struct err *err) MUST_USE;

#endif
