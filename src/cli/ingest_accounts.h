#ifndef CORDON_CLI_INGEST_ACCOUNTS_H
#define CORDON_CLI_INGEST_ACCOUNTS_H

#include "cli/cli.h"
#include "ledger/ingest.h"

/* o: what the command line says, with its chain; place: the ledger's folder. */
bool ingest_accounts(struct call *c, const struct ingest_options *o, const char *place,
                     struct err *err) MUST_USE;

#endif
