/* Tokens that are known by their contract: what they are called, and how many digits their amounts
 * have after the point. The contract alone names a token; a symbol is what people call it, and
 * anybody can call another one the same (a spoof token), which is not in this table. A chain may
 * have several of one symbol: old and new, or bridged by different hands.
 *
 * Also of Tron, and of Solana (a token is its mint). Threads: safe; the table is constant. */
#ifndef CORDON_CHAIN_TOKENS_H
#define CORDON_CHAIN_TOKENS_H

#include "base/bytes.h"
#include "base/hash.h"
#include "chain/chain.h"

#define TOKEN_KEY_BYTES_MAX 32

struct token {
    const char *symbol;
    unsigned decimals;
};

bool token_find(const struct chain *chain, struct bytes key, struct token *ret);

/* What people would take a symbol for: the chain's native coin, or the first of its tokens here
 * that reads the same (chain/symbol.h). */
struct token_meant {
    const char *symbol;
    bool native;
    uint8_t key[TOKEN_KEY_BYTES_MAX]; /* of a token: its contract */
    size_t key_n;
};
bool token_meant(const struct chain *chain, const char *symbol, struct token_meant *ret);
/* SHA-256 of the table and of the rules by which symbols are read, for a document's inputs. */
struct hash32 tokens_hash(void);

#endif
