/* One scatter by the bits below those that all keys share puts uniform keys into buckets of about
 * two entries, which insertion finishes; a bucket that is large all the same (equal or chosen keys)
 * goes to a heap sort. */
#include "base/sort.h"

#include <stdbool.h>
#include <string.h>

#define INSERTION_MAX 24
#define BUCKET_BITS_MAX 13

static bool before(const struct keyed *a, const struct keyed *b)
{
    return a->key != b->key ? a->key < b->key : a->index < b->index;
}

static void insertion(struct keyed *at, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        struct keyed x = at[i];
        size_t k = i;

        for (; k && before(&x, &at[k - 1]); k--)
            at[k] = at[k - 1];
        at[k] = x;
    }
}

static void sift(struct keyed *at, size_t i, size_t n)
{
    struct keyed x = at[i];

    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && before(&at[child], &at[child + 1]))
            child++;
        if (!before(&x, &at[child]))
            break;
        at[i] = at[child];
    }
    at[i] = x;
}

static void heap(struct keyed *at, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sift(at, i, n);
    for (size_t end = n; end-- > 1;) {
        struct keyed x = at[0];

        at[0] = at[end];
        at[end] = x;
        sift(at, 0, end);
    }
}

static bool sorted(const struct keyed *at, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (before(&at[i], &at[i - 1]))
            return false;
    return true;
}

static void small(struct keyed *at, size_t n)
{
    if (n <= INSERTION_MAX)
        insertion(at, n);
    else if (!sorted(at, n))
        heap(at, n);
}

void sort_keyed(struct keyed *at, size_t n, struct keyed *scratch)
{
    uint32_t start[(1u << BUCKET_BITS_MAX) + 1];
    uint64_t differ = 0;
    unsigned bits = 1, shift;

    for (size_t i = 1; i < n; i++)
        differ |= at[i].key ^ at[0].key;
    if (n <= INSERTION_MAX || !differ || n > UINT32_MAX) {
        small(at, n);
        return;
    }
    while (bits < BUCKET_BITS_MAX && (size_t)2 << bits < n)
        bits++;
    shift = 64 - (unsigned)__builtin_clzll(differ);
    shift = shift > bits ? shift - bits : 0;
    memset(start, 0, (((size_t)1 << bits) + 1) * sizeof(start[0]));
    for (size_t i = 0; i < n; i++)
        start[(at[i].key >> shift & (((uint64_t)1 << bits) - 1)) + 1]++;
    for (size_t b = 0; b < (size_t)1 << bits; b++)
        start[b + 1] += start[b];
    for (size_t i = 0; i < n; i++)
        scratch[start[at[i].key >> shift & (((uint64_t)1 << bits) - 1)]++] = at[i];
    memcpy(at, scratch, n * sizeof(*at));
    for (size_t b = 0, first = 0; b < (size_t)1 << bits; first = start[b++])
        if (start[b] - first > 1)
            small(at + first, start[b] - first);
}

static void merge(const void **from, size_t middle, size_t n, const void **to,
                  int (*compare)(const void *a, const void *b))
{
    size_t i = 0, j = middle;

    for (size_t k = 0; k < n; k++)
        to[k] = j == n || (i < middle && compare(from[i], from[j]) <= 0) ? from[i++] : from[j++];
}

void sort_pointers(const void **at, size_t n, const void **scratch,
                   int (*compare)(const void *a, const void *b))
{
    const void **from = at, **to = scratch;

    for (size_t width = 1; width < n; width *= 2) {
        const void **swap = from;

        for (size_t i = 0; i < n; i += 2 * width) {
            size_t left = n - i;

            merge(from + i, left < width ? left : width, left < 2 * width ? left : 2 * width,
                  to + i, compare);
        }
        from = to;
        to = swap;
    }
    if (from != at)
        memcpy(at, from, n * sizeof(*at));
}

int keyed_order(const void *a, const void *b)
{
    return before(a, b) ? -1 : before(b, a);
}

size_t keyed_lower_bound(const struct keyed *at, size_t n, uint64_t key)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (at[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
