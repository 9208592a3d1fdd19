/* Sets of small numbers, a bit each: 64 to a word, n a multiple of 64.
 *
 * Ownership: the caller's words, zeroed to begin with.
 * Threads:   as the words'. */
#ifndef CORDON_BASE_BITSET_H
#define CORDON_BASE_BITSET_H

#include <stdbool.h>
#include <stdint.h>

static inline bool bitset_has(const uint64_t *set, uint32_t i)
{
    return set[i / 64] >> i % 64 & 1;
}

static inline void bitset_put(uint64_t *set, uint32_t i)
{
    set[i / 64] |= (uint64_t)1 << i % 64;
}

static inline void bitset_clear(uint64_t *set, uint32_t i)
{
    set[i / 64] &= ~((uint64_t)1 << i % 64);
}

/* The first number of the set at or after i, or n. */
static inline uint32_t bitset_next(const uint64_t *set, uint32_t i, uint32_t n)
{
    uint64_t word;

    if (i >= n)
        return n;
    word = set[i / 64] & UINT64_MAX << i % 64;
    for (i /= 64; !word;) {
        if (++i == n / 64)
            return n;
        word = set[i];
    }
    return i * 64 + (uint32_t)__builtin_ctzll(word);
}

#endif
