/* Addresses of EVM chains: 20 bytes, as people write them.
 *
 * Shown in the mixed case of EIP-55, whose capitals are a checksum. Read with "0x" in front; all
 * lower or all upper case has no checksum and is taken, a mixed case must be the right one, or
 * that of EIP-1191 (Rootstock).
 *
 * Errors:    ERR_INPUT with what is wrong, the text quoted.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_EVM_ADDRESS_H
#define CORDON_CHAIN_EVM_ADDRESS_H

#include "base/bytes.h"
#include "base/err.h"

#define EVM_ADDRESS_BYTES 20
#define EVM_ADDRESS_TEXT_MAX 43 /* 0x, 40 digits and a NUL */

void evm_address_write(const uint8_t key[EVM_ADDRESS_BYTES], char ret[EVM_ADDRESS_TEXT_MAX]);
bool evm_address_read(const char *s, uint8_t ret[EVM_ADDRESS_BYTES], struct err *err) MUST_USE;

#endif
