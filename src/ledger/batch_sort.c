/* Parallel sorting of a batch: counted and scattered into buckets by the leading bits of the keys,
 * slice by slice, then each bucket by itself. The order of the result does not depend on who did
 * what. */
#include "ledger/batch_parts.h"

#include "base/mem.h"

#define BUCKET_ENTRIES 4096u

struct sorting {
    struct batch *b;
    struct sorted *to;
    entry_fn *entry;
    size_t n;
    uint32_t *counts; /* [SLICES][buckets] */
};

static size_t bucket_of(const struct sorted *s, uint64_t key)
{
    return s->bits ? (size_t)(key << s->lead >> (64 - s->bits)) : 0;
}

static void count_slice(void *ctx, size_t slice, unsigned worker)
{
    const struct sorting *s = ctx;
    uint32_t *counts = s->counts + (slice << s->to->bits);
    struct keyed e;

    for (size_t i = slice_start(s->n, slice); i < slice_start(s->n, slice + 1); i++)
        if (s->entry(s->b, i, &e))
            counts[bucket_of(s->to, e.key)]++;
}

static void scatter_slice(void *ctx, size_t slice, unsigned worker)
{
    const struct sorting *s = ctx;
    uint32_t *put = s->counts + (slice << s->to->bits);
    struct keyed e;

    for (size_t i = slice_start(s->n, slice); i < slice_start(s->n, slice + 1); i++)
        if (s->entry(s->b, i, &e))
            s->to->at[put[bucket_of(s->to, e.key)]++] = e;
}

static void sort_bucket(void *ctx, size_t bucket, unsigned worker)
{
    const struct sorting *s = ctx;
    size_t first = s->to->start[bucket], n = s->to->start[bucket + 1] - first;

    sort_keyed(s->to->at + first, n, s->to->scratch + first);
}

unsigned batch_bits(size_t n)
{
    unsigned bits = 0;

    while (bits < BUCKET_BITS_MAX && n >> bits > BUCKET_ENTRIES)
        bits++;
    return bits;
}

/* Sorts what entry makes of 0 .. n-1 into to, by bits and after lead leading zero bits of the
 * keys. */
bool batch_sort(struct batch *b, struct sorted *to, entry_fn *entry, size_t n, unsigned bits,
                unsigned lead, struct err *err)
{
    struct sorting s = {b, to, entry, n, NULL};
    size_t buckets = (size_t)1 << bits, at = 0;

    to->bits = bits;
    to->lead = lead;
    s.counts = mem_array(SLICES << bits, sizeof(*s.counts));
    if (!s.counts)
        return err_fail(err, ERR_NOMEM, "sorting %zu entries", n);
    pool_run(b->pool, SLICES, count_slice, &s);
    for (size_t bucket = 0; bucket < buckets; bucket++) {
        to->start[bucket] = at;
        for (size_t slice = 0; slice < SLICES; slice++) {
            uint32_t here = s.counts[(slice << bits) + bucket];

            s.counts[(slice << bits) + bucket] = (uint32_t)at;
            at += here;
        }
    }
    to->start[buckets] = at;
    pool_run(b->pool, SLICES, scatter_slice, &s);
    pool_run(b->pool, buckets, sort_bucket, &s);
    mem_free(s.counts);
    return true;
}

/* Sorted keys against a sorted tail: both are walked. */
void batch_tail_join(const struct keyed *tail, size_t tail_n, const struct keyed *keys,
                     size_t keys_n, void (*hit)(void *ctx, size_t i, uint64_t id), void *ctx)
{
    size_t low = keys_n ? keyed_lower_bound(tail, tail_n, keys[0].key) : tail_n;

    for (size_t i = 0; i < keys_n && low < tail_n; i++) {
        while (low < tail_n && tail[low].key < keys[i].key)
            low++;
        for (size_t same = low; same < tail_n && tail[same].key == keys[i].key; same++)
            hit(ctx, i, tail[same].index);
    }
}

unsigned batch_lead(uint64_t n) /* leading zero bits of all numbers below n */
{
    return n > 1 ? (unsigned)__builtin_clzll(n - 1) : 63;
}
