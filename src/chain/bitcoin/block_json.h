/* Blocks as nodes tell them in JSON, getblock with verbosity 2 of Bitcoin Core and what descends
 * from it: the fields of the header, an AuxPoW, and the hex of each transaction, put together to
 * the raw block. Litecoin's MWEB part is told in words and left out, as nodes leave it out for
 * those who do not know it. Nothing is believed by that: whoever reads the raw block checks it.
 *
 * Ownership: in the arena.
 * Errors:    ERR_INPUT a field that is missing or of another form (text names it), transactions
 *            without their bytes, or a chain of which JSON does not tell all (Zcash); ERR_LIMIT;
 *            ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_BITCOIN_BLOCK_JSON_H
#define CORDON_CHAIN_BITCOIN_BLOCK_JSON_H

#include "base/err.h"
#include "chain/chain.h"

struct arena;

bool block_of_json(struct arena *a, const struct chain *chain, struct bytes json, struct bytes *ret,
                   struct err *err) MUST_USE;
/* What stands before the transactions alone, which verbosity 1 tells as well. */
bool block_head_of_json(struct arena *a, const struct chain *chain, struct bytes json,
                        struct bytes *ret, struct err *err) MUST_USE;

#endif
