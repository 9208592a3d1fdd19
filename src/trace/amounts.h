/* The policies that know only how much: a transaction's tainted total, shared among its parts.
 *
 * Parts are the outputs in order and the fee, last. The shares add up to the total, and none is
 * above its part, provided the total is not above the sum of the parts.
 *
 * Threads:   safe, scratch is the caller's. */
#ifndef CORDON_TRACE_AMOUNTS_H
#define CORDON_TRACE_AMOUNTS_H

#include <stddef.h>
#include <stdint.h>

struct ranked {
    uint64_t key;
    uint32_t index;
};

/* In proportion to the parts: whole units by largest remainder, ties to the lower index. sum is
 * that of the parts, not 0. */
void share_haircut(const uint64_t *parts, size_t n, uint64_t sum, uint64_t tainted,
                   uint64_t *ret_share, struct ranked *scratch /* [n] */);
/* The largest output first, ties to the lower index; the last part, the fee, gets what is left. */
void share_tiho(const uint64_t *parts, size_t n, uint64_t tainted, uint64_t *ret_share,
                struct ranked *scratch /* [n] */);

#endif
