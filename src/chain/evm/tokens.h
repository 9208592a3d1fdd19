/* Tokens that are known by their contract: what they are called, and how many digits their amounts
 * have after the point. The contract alone names a token; a symbol is what people call it, and
 * anybody can call another one the same (a spoof token), which is not in this table.
 *
 * Also of Tron, whose keys are of the same form. Threads: safe; the table is constant. */
#ifndef CORDON_CHAIN_EVM_TOKENS_H
#define CORDON_CHAIN_EVM_TOKENS_H

#include "base/bytes.h"
#include "chain/chain.h"

struct token {
    const char *symbol;
    unsigned decimals;
};

bool token_find(const struct chain *chain, struct bytes key, struct token *ret);

#endif
