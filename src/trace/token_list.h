/* What tokens call themselves, as a source tells it. A ledger keeps no symbols, for they are no
 * part of a block; lists that have them are given beside it, to tell spoof tokens (trace/spoofs.h).
 *
 * A list is CSV with a header, a JSON array of objects, an object that has one as "result", "data",
 * "tokens" or "token_transfers", or an object a line. Known are the names that ethereum-etl
 * (tables tokens), explorers' lists of token transfers (tokentx), TronGrid and TronScan use:
 *
 *     contract   address, contract, contractAddress, token_address, token_contract; of an object
 *                token_info or tokenInfo its address or tokenId
 *     symbol     symbol, tokenSymbol, token_symbol; asset; of such an object symbol or tokenAbbr
 *     chain      chain, as cordon info names it; without it any chain with such addresses
 *
 * in any case, with _ or not; what else stands there is passed over, and so are rows that name no
 * contract (native coin) or no symbol. A row that is there twice counts once. Control characters
 * and what is not UTF-8 in a symbol become U+FFFD, for a token may call itself that, too.
 *
 * Canonical form, for the hash: rows sorted by address, symbol and chain, each
 * address,symbol[,chain] as stop lists are written (trace/case.h).
 *
 * Ownership: all in the arena.
 * Errors:    ERR_INPUT naming line or row; ERR_LIMIT, ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_TRACE_TOKEN_LIST_H
#define CORDON_TRACE_TOKEN_LIST_H

#include "trace/case.h"

#define TOKEN_LIST_BYTES_MAX ((size_t)256 << 20)
#define TOKEN_LIST_COLUMNS_MAX 128
#define TOKEN_SYMBOL_BYTES_MAX 256 /* the rest of a longer one is left out */

/* source: where it is from, for people. Sorted, each once. */
bool token_list_read(struct arena *a, struct bytes in, const char *source,
                     const struct trace_token **ret, size_t *ret_n, struct err *err) MUST_USE;
/* Both lists as one, sorted, each row once. */
bool token_list_join(struct arena *a, const struct trace_token *one, size_t one_n,
                     const struct trace_token *other, size_t other_n,
                     const struct trace_token **ret, size_t *ret_n, struct err *err) MUST_USE;
/* SHA-256 of the canonical form of a sorted list. */
struct hash32 token_list_hash(const struct trace_token *tokens, size_t n);

#endif
