/* What the commands of look-ups say of a ledger of accounts, as text; c->accounts is open. */
#ifndef CORDON_CLI_ACCOUNTS_H
#define CORDON_CLI_ACCOUNTS_H

#include "cli/cli.h"

bool account_cmd_info(struct call *c, struct err *err) MUST_USE;
bool account_cmd_block(struct call *c, struct err *err) MUST_USE;
bool account_cmd_tx(struct call *c, struct err *err) MUST_USE;
bool account_cmd_address(struct call *c, struct err *err) MUST_USE;

#endif
