/* The first half of SHA-512 (FIPS 180-4), which is the XRP Ledger's hash.
 *
 * Threads:   safe. */
#ifndef CORDON_BASE_SHA512_H
#define CORDON_BASE_SHA512_H

#include "base/hash.h"

/* A message in pieces, hashed as one. */
struct hash32 sha512_half(const struct bytes *parts, size_t n);

#endif
