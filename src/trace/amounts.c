#include "trace/amounts.h"

#include <stdbool.h>
#include <string.h>

/* A heap whose first is the largest key, among equals the lowest index. Few are taken of it as a
 * rule, so that sorting would be waste. */
static bool before(const struct ranked *a, const struct ranked *b)
{
    return a->key != b->key ? a->key > b->key : a->index < b->index;
}

static void sink(struct ranked *heap, size_t n, size_t at)
{
    struct ranked it = heap[at];

    for (size_t child; (child = 2 * at + 1) < n; at = child) {
        if (child + 1 < n && before(&heap[child + 1], &heap[child]))
            child++;
        if (!before(&heap[child], &it))
            break;
        heap[at] = heap[child];
    }
    heap[at] = it;
}

static void heap_make(struct ranked *heap, size_t n)
{
    for (size_t i = n / 2; i-- > 0;)
        sink(heap, n, i);
}

static uint32_t heap_take(struct ranked *heap, size_t *n)
{
    uint32_t index = heap[0].index;

    heap[0] = heap[--*n];
    if (*n)
        sink(heap, *n, 0);
    return index;
}

/* a * b / by, where the quotient is known to fit. */
static uint64_t divide(uint64_t a, uint64_t b, uint64_t by, uint64_t *ret_remainder)
{
    unsigned __int128 product = (unsigned __int128)a * b;

    if (product >> 64 == 0) {
        *ret_remainder = (uint64_t)product % by;
        return (uint64_t)product / by;
    }
    *ret_remainder = (uint64_t)(product % by);
    return (uint64_t)(product / by);
}

void share_haircut(const uint64_t *parts, size_t n, uint64_t sum, uint64_t tainted,
                   uint64_t *ret_share, struct ranked *scratch)
{
    uint64_t left = tainted;

    if (tainted == sum) { /* the common case at the start of a trace */
        memcpy(ret_share, parts, n * sizeof(*parts));
        return;
    }
    for (size_t i = 0; i < n; i++) {
        ret_share[i] = divide(tainted, parts[i], sum, &scratch[i].key);
        scratch[i].index = (uint32_t)i;
        left -= ret_share[i];
    }
    /* The remainders add up to left * sum and each is below sum: more than left of them are not
     * 0. */
    if (!left)
        return;
    heap_make(scratch, n);
    for (; left; left--)
        ret_share[heap_take(scratch, &n)]++;
}

void share_tiho(const uint64_t *parts, size_t n, uint64_t tainted, uint64_t *ret_share,
                struct ranked *scratch)
{
    size_t outputs_n = n - 1, waiting = outputs_n;

    for (size_t i = 0; i < outputs_n; i++)
        scratch[i] = (struct ranked){parts[i], (uint32_t)i};
    memset(ret_share, 0, n * sizeof(*ret_share));
    heap_make(scratch, outputs_n);
    while (tainted && waiting) {
        uint32_t i = heap_take(scratch, &waiting);

        ret_share[i] = parts[i] < tainted ? parts[i] : tainted;
        tainted -= ret_share[i];
    }
    ret_share[outputs_n] = tainted;
}
