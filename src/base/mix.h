/* A keyed hash of bytes for tables in memory and in files that are made anew with their content: it
 * spreads keys evenly, and who does not know the seed cannot choose keys that meet. It is no
 * cryptographic hash.
 *
 * Each step multiplies to 128 bits and folds the halves, eight bytes at a time.
 * Threads: safe. */
#ifndef CORDON_BASE_MIX_H
#define CORDON_BASE_MIX_H

#include "base/bytes.h"

static inline uint64_t mix_fold(uint64_t a, uint64_t b)
{
    unsigned __int128 product = (unsigned __int128)a * b;

    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t mix_bytes(uint64_t seed, const void *p, size_t n)
{
    const uint64_t odd = 0x9e3779b97f4a7c15, other = 0xd1b54a32d192ed03;
    const uint8_t *at = p;
    uint64_t h = mix_fold(seed ^ odd, n ^ other), tail = 0;

    for (; n >= 8; n -= 8, at += 8)
        h = mix_fold(h ^ load_le64(at), odd ^ seed);
    memcpy(&tail, at, n);
    return mix_fold(h ^ tail, other);
}

#endif
