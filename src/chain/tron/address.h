/* Addresses of Tron: the 20 bytes after the prefix 41, as people and nodes write them.
 *
 * Shown as Base58Check ("T..."); read in that form, as 41 and 40 hex digits (what nodes answer), or
 * as 0x and 40 hex digits (what the chain's EVM has). Hex has no checksum.
 *
 * Errors:    ERR_INPUT with what is wrong, the text quoted.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_TRON_ADDRESS_H
#define CORDON_CHAIN_TRON_ADDRESS_H

#include "base/bytes.h"
#include "base/err.h"

#define TRON_ADDRESS_BYTES 20
#define TRON_ADDRESS_TEXT_MAX 36 /* 25 bytes are 35 digits at most; and a NUL */

void tron_address_write(const uint8_t key[TRON_ADDRESS_BYTES], char ret[TRON_ADDRESS_TEXT_MAX]);
bool tron_address_read(const char *s, uint8_t ret[TRON_ADDRESS_BYTES], struct err *err) MUST_USE;

#endif
