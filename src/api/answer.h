/* Answers of a ledger as JSON: docs/schemas/info.json, tx.json, block.json and address.json.
 *
 * Amounts are decimal strings of base units. The caller asks text_end.
 *
 * Errors:    those of lookup.h. */
#ifndef CORDON_API_ANSWER_H
#define CORDON_API_ANSWER_H

#include "base/text.h"
#include "ledger/ledger.h"

void answer_info(struct text *to, const struct ledger *l);
bool answer_block(struct text *to, const struct ledger *l, const char *height_or_hash,
                  struct err *err) MUST_USE;
bool answer_tx(struct text *to, const struct ledger *l, const char *txid, struct err *err) MUST_USE;
bool answer_address(struct text *to, const struct ledger *l, const char *address,
                    struct err *err) MUST_USE;

#endif
