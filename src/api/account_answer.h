/* The JSON of look-ups in a ledger of accounts: docs/schemas/info-accounts.json, block-
 * accounts.json, tx-accounts.json, address-accounts.json. The counterpart of answer.h; its contract
 * is the same. */
#ifndef CORDON_API_ACCOUNT_ANSWER_H
#define CORDON_API_ACCOUNT_ANSWER_H

#include "base/text.h"
#include "ledger/account_ledger.h"

void answer_account_info(struct text *to, const struct account_ledger *l);
bool answer_account_block(struct text *to, const struct account_ledger *l,
                          const char *height_or_hash, struct err *err) MUST_USE;
bool answer_account_tx(struct text *to, const struct account_ledger *l, const char *txid,
                       struct err *err) MUST_USE;
bool answer_account_address(struct text *to, const struct account_ledger *l, const char *address,
                            struct err *err) MUST_USE;

#endif
