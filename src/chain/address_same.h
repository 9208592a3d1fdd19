/* Which other addresses belong to the one who can spend from an address: the same key, or the same
 * script, as other chains and other forms write it. Whoever has the key of 1A1z... has that of the
 * address of Bitcoin Cash, Litecoin or Dogecoin with the same hash, and of bc1q... and the nested
 * 3... with it; whoever has that of 0x... has the T... of Tron.
 *
 *   a hash of a key     P2PKH of all coins; P2WPKH, and P2SH around it, where a coin has them
 *   a hash of a script  P2SH of all coins; P2WSH where it is one of 32 bytes, and P2SH around it
 *   Taproot             where a coin has it
 *   20 bytes of an EVM  Tron, and the Bech32 forms of chains whose accounts are those of the EVM
 *
 * What only a public key would tell is not told: a Bitcoin address of an EVM key, for one.
 *
 * Threads:   safe. */
#ifndef CORDON_CHAIN_ADDRESS_SAME_H
#define CORDON_CHAIN_ADDRESS_SAME_H

#include "chain/address_key.h"

#define ADDRESS_SAME_MAX 32

/* Into ret, without key itself; returns how many. */
size_t address_same(const struct address_key *key, struct address_key ret[ADDRESS_SAME_MAX]);

#endif
