/* How people write a transaction, on any account chain: 64 hex digits, with 0x before them or not;
 * a signature of Solana, 64 bytes in base 58, which a ledger keeps as its SHA-256.
 *
 * Threads:   safe. */
#ifndef CORDON_CHAIN_TX_TEXT_H
#define CORDON_CHAIN_TX_TEXT_H

#include "base/hash.h"

/* In the order in which it is shown. False: it is none. */
bool tx_hash_read(const char *s, size_t n, struct hash32 *ret);
/* The same, or a block's hash: on Solana 32 bytes in base 58, which elsewhere are an address. */
bool block_hash_read(const char *s, size_t n, struct hash32 *ret);

#endif
