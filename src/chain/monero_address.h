/* Addresses of Monero, which are only recognised and checked, for its ledger tells nothing of them:
 * Base58 in blocks of eight bytes (CryptoNote standard 7), a network byte (18 standard, 19
 * integrated, 42 subaddress), keys, and four bytes of Keccak-256.
 *
 * Errors:    ERR_INPUT with what is wrong.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_MONERO_ADDRESS_H
#define CORDON_CHAIN_MONERO_ADDRESS_H

#include "base/bytes.h"
#include "base/err.h"

#define MONERO_ADDRESS_CHARS 95             /* network, two keys, checksum: 69 bytes */
#define MONERO_INTEGRATED_ADDRESS_CHARS 106 /* and 8 bytes of a payment id */

bool monero_address_check(const char *s, struct err *err) MUST_USE;

#endif
