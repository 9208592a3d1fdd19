/* Sorting of keyed entries: by key, then by index. Keys are mostly uniform (prefixes of hashes);
 * any input is sorted correctly and in n log n at worst.
 *
 * Threads:   safe, scratch is the caller's. */
#ifndef CORDON_BASE_SORT_H
#define CORDON_BASE_SORT_H

#include <stddef.h>
#include <stdint.h>

struct keyed {
    uint64_t key;
    uint32_t index, with; /* with: carried along */
};

int keyed_order(const void *a, const void *b); /* the same order, for qsort */
/* first entry not below key */
size_t keyed_lower_bound(const struct keyed *at, size_t n, uint64_t key);
void sort_keyed(struct keyed *at, size_t n, struct keyed *scratch /* [n] */);

/* Pointers by whatever compare says, stable, n log n for every input. */
void sort_pointers(const void **at, size_t n, const void **scratch /* [n] */,
                   int (*compare)(const void *a, const void *b));

#endif
