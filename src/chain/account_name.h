/* Accounts by name: the key that a ledger keeps, and the text that people write, on any account
 * chain.
 *
 * EVM: 20 bytes, shown as EIP-55 has it. Tron: 20 bytes, shown as Base58Check. Solana: 32 bytes in
 * base 58, without a checksum. XRP Ledger: xrpl/address.h. A bank: the key is the text itself; what
 * is not printable UTF-8 in it is shown as "?".
 *
 * Errors:    ERR_INPUT the text names no account of that chain (quoted), or is too long.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_ACCOUNT_NAME_H
#define CORDON_CHAIN_ACCOUNT_NAME_H

#include "base/err.h"
#include "chain/chain.h"
#include "chain/transfers.h"

#define ACCOUNT_NAME_HIDDEN "confidential:" /* before a token: what is confidential of it */
#define ACCOUNT_NAME_MAX 520                /* a key of any length as hex, and a NUL */

/* The empty key gives the empty text. A key whose length is not its chain's (a damaged ledger) is
 * shown as "0x" and hex. */
void account_name(const struct chain *chain, struct bytes key, char ret[ACCOUNT_NAME_MAX]);
bool account_read(const struct chain *chain, const char *text, uint8_t ret[ACCOUNT_KEY_MAX],
                  size_t *ret_n, struct err *err) MUST_USE;

#endif
