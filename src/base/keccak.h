/* Keccak-256 as Ethereum has it: the Keccak team's padding of before the standard, so not SHA3-256
 * of FIPS 202. The permutation is nettle's.
 *
 * Threads:   safe. */
#ifndef CORDON_BASE_KECCAK_H
#define CORDON_BASE_KECCAK_H

#include "base/hash.h"

struct hash32 keccak256(const void *p, size_t n);

#endif
