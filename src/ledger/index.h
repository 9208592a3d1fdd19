/* From a key to ids: sorted runs over a fixed grid.
 *
 * Ids 0 .. n-1 are covered by runs of 8192 * 16^L ids each, the largest that fit first, as digits
 * cover a number; the rest (fewer than 8192, the tail) is not in any run and is looked through in
 * the column itself. So which runs there are follows from n alone, whoever wrote them in whatever
 * steps:
 *
 *     n = 300,000:  level 1  [0 .. 131072) [131072 .. 262144)
 *                   level 0  [262144 .. 270336) ... [286720 .. 294912)     four of them
 *                   tail     5,088 ids
 *
 * A run is a file: n keys (le64 or le40, ascending; the same key: id ascending), then n ids less
 * the run's first, as many bytes each as the level wants (2, 3, 3, 4, 4). A key is a plain prefix
 * of 8 or 5 bytes, read big-endian; whoever finds an id verifies the full key. In memory a key of 5
 * bytes stands in the upper bits of 64, the lower ones 0 (index_key). Only as many bytes are
 * touched as a search needs.
 *
 * Threads:   an open index is read-only. */
#ifndef CORDON_LEDGER_INDEX_H
#define CORDON_LEDGER_INDEX_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/sort.h"

#define INDEX_GRID 8192u
#define INDEX_FAN 16u
#define INDEX_LEVELS 5u
#define INDEX_IDS_MAX ((uint64_t)1 << 37) /* 256 runs of the highest level */
#define INDEX_RUNS_MAX ((INDEX_LEVELS - 1) * (INDEX_FAN - 1) + 256)

enum { INDEX_KEY_WHOLE = 8, INDEX_KEY_SHORT = 5 }; /* bytes */

static inline uint64_t index_key(uint64_t key, unsigned key_bytes)
{
    return key_bytes == INDEX_KEY_WHOLE ? key : key & ~(uint64_t)0xffffff;
}

struct index_run {
    unsigned level, key_bytes, id_bytes;
    uint64_t first, n; /* ids */
    const uint8_t *keys, *ids;
};

struct index {
    struct index_run runs[INDEX_RUNS_MAX];
    unsigned runs_n;
    unsigned key_bytes;
    uint64_t covered; /* ids below this are in a run */
};

/* The runs that n ids have, without files: keys and ids NULL. */
void index_plan(uint64_t n, unsigned key_bytes, struct index *ret);

/* Maps them. ERR_NOT_FOUND: a file is not there (the writer may have moved on); ERR_CORRUPT: of
 * another size. */
bool index_open(int dir, const char *name, uint64_t n, unsigned key_bytes, struct index *ret,
                struct err *err) MUST_USE;
void index_close(struct index *x);
uint64_t index_bytes(const struct index *x); /* of its files */

static inline uint64_t index_run_key(const struct index_run *r, uint64_t i)
{
    return r->key_bytes == INDEX_KEY_WHOLE ? load_le64(r->keys + 8 * i)
                                           : load_le40(r->keys + 5 * i) << 24;
}

static inline uint64_t index_run_id(const struct index_run *r, uint64_t i)
{
    const uint8_t *p = r->ids + r->id_bytes * i;
    uint32_t id = load_le16(p);

    if (r->id_bytes > 2)
        id |= (uint32_t)p[2] << 16;
    if (r->id_bytes > 3)
        id |= (uint32_t)p[3] << 24;
    return r->first + id;
}

/* Entries of one key, newest run first: start from {0}, false ends. */
struct index_walk {
    unsigned run; /* runs looked through */
    uint64_t at, end;
};
bool index_next(const struct index *x, uint64_t key, struct index_walk *w, uint64_t *ret_id);

/* Writes what n ids have and from (open) has not; index_sync then makes it durable. fresh holds
 * every entry from from->covered on, sorted; index is the id less from->covered. */
bool index_grow(int dir, const char *name, const struct index *from, uint64_t n,
                const struct keyed *fresh, size_t fresh_n, struct err *err) MUST_USE;
/* from, n: ids before, after */
bool index_sync(int dir, const char *name, uint64_t from, uint64_t n, struct err *err) MUST_USE;
/* Removes every run file of that name that n ids do not have. */
bool index_sweep(int dir, const char *name, uint64_t n, struct err *err) MUST_USE;

/* For a batch: joins sorted keys with one run, calling hit(ctx, i, id) for each pair of equal keys.
 * Keys far apart are sought, keys close together walked to, so the cost follows the smaller
 * side. */
void index_join(const struct index_run *run, const struct keyed *keys, size_t keys_n,
                void (*hit)(void *ctx, size_t i, uint64_t id), void *ctx);

#endif
