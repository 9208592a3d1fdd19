/* cordon entity and entities over a ledger of accounts: deposit addresses of exchanges, by the
 * wallets that --wallets names, else by those that tags and cases of the home know; c->accounts is
 * open. */
#ifndef CORDON_CLI_ENTITY_ACCOUNTS_H
#define CORDON_CLI_ENTITY_ACCOUNTS_H

#include "cli/cli.h"

bool account_cmd_entity(struct call *c, struct err *err) MUST_USE;
bool account_cmd_entities(struct call *c, struct err *err) MUST_USE;

#endif
