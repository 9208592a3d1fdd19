/* Pieces of JSON that the documents of accounts share.
 *
 * Threads:   as the writer's. */
#ifndef CORDON_TRACE_ACCOUNT_JSON_H
#define CORDON_TRACE_ACCOUNT_JSON_H

#include "base/json.h"
#include "ledger/account_ledger.h"
#include "trace/case.h"

void account_put_height(struct json_out *j, uint32_t height); /* with its key; null: unknown */
/* {"height","hash","time"}; hash null: not told */
void account_put_block(struct json_out *j, const struct chain *chain,
                       const struct account_ledger_block *b);
/* The member "conversions", as in a case file. */
void account_put_conversions(struct json_out *j, const struct case_conversion *at, size_t n);
/* The member "trusts". */
struct trace_trusts;
void account_put_trusts(struct json_out *j, const struct trace_trusts *t);

#endif
