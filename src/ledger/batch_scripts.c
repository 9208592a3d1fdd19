/* Scripts: which id each one has. Occurrences are sorted by key and fall into groups of one script;
 * groups are looked for in the ledger, and those that are new get ids in order of their first
 * occurrence. */
#include "ledger/batch_parts.h"

#include <stdlib.h>

static uint64_t occ_key(const struct batch *b, size_t occ)
{
    return b->occ_own ? b->occ_key[occ] : b->out_key[occ];
}

static struct bytes occ_packed(const struct batch *b, size_t occ)
{
    return packed_in(b, b->occ_own ? b->occ_packed[occ] : b->out_packed[occ]);
}

static uint32_t occ_output(const struct batch *b, size_t occ)
{
    return b->occ_own ? b->occ_of[occ] : (uint32_t)occ;
}

static bool occ_entry(const struct batch *b, size_t i, struct keyed *ret)
{
    *ret = (struct keyed){occ_key(b, i), (uint32_t)i, 0};
    return true;
}

static bool script_is(const struct batch *b, uint32_t script, uint32_t occ)
{
    return bytes_equal(columns_packed(b->c, script), occ_packed(b, occ));
}

static void script_try(struct batch *b, size_t group, uint32_t script)
{
    if (script_is(b, script, b->occs.at[group].index)) {
        b->group_id[group] = script;
        b->group_old[group] = load_le64(b->c->at[COLUMN_SCRIPT_LAST] + (uint64_t)script * 8);
    } else {
        b->occs.at[group].with = 1; /* another script of that address is known already */
    }
}

static void script_hit(void *ctx, size_t i, uint64_t id)
{
    const struct bucket_hits *h = ctx;
    struct batch *b = h->b;
    size_t first = b->occs.start[h->bucket];

    if (b->script_maybe_n[h->bucket] < b->groups_n[h->bucket])
        b->script_maybe[first + b->script_maybe_n[h->bucket]++] =
            (struct keyed){id, (uint32_t)(first + i), 0};
    else
        script_try(b, first + i, (uint32_t)id);
}

/* Entries of one key: [at, end). Their groups go to the front of the bucket, where entries are used
 * up already. */
static size_t group_run(struct batch *b, size_t bucket, size_t at, size_t end, size_t groups)
{
    struct keyed *e = b->occs.at + b->occs.start[bucket];
    size_t first = groups, base = b->occs.start[bucket];
    uint64_t out0 = b->c->n.n[COUNT_OUT];

    for (; at < end; at++) {
        struct keyed one = e[at];
        size_t g = first;
        uint32_t out = occ_output(b, one.index);

        while (g < groups && !bytes_equal(occ_packed(b, e[g].index), occ_packed(b, one.index)))
            g++;
        if (g == groups) {
            e[groups++] = (struct keyed){one.key, one.index, g > first};
            b->group_last[base + g] = 0;
            b->group_old[base + g] = 0;
            b->group_id[base + g] = NOT_FOUND;
        }
        b->occ_group[one.index] = (uint32_t)(base + g);
        if (out >> 31)
            continue;
        b->out_prev[out] = b->group_last[base + g];
        b->group_last[base + g] = out0 + out + 1;
    }
    return groups;
}

/* Entries are in order of keys, what they stand for is all over the batch: in two steps, for one
 * leads to the other. */
static void fetch_ahead(const struct batch *b, const struct keyed *e, size_t at, size_t n)
{
    if (at + 24 >= n)
        return;
    __builtin_prefetch(b->occ_own ? &b->occ_packed[e[at + 24].index]
                                  : &b->out_packed[e[at + 24].index]);
    __builtin_prefetch(&b->occ_group[e[at + 24].index], 1);
    __builtin_prefetch(occ_packed(b, e[at + 12].index).p);
}

static void join_scripts(void *ctx, size_t bucket, unsigned worker)
{
    struct batch *b = ctx;
    const struct keyed *e = b->occs.at + b->occs.start[bucket];
    size_t n = b->occs.start[bucket + 1] - b->occs.start[bucket], groups = 0;
    struct bucket_hits hits = {b, bucket};

    for (size_t at = 0, end; at < n; at = end) {
        uint64_t key = e[at].key;

        for (end = at + 1; end < n && e[end].key == key; end++)
            fetch_ahead(b, e, end, n);
        fetch_ahead(b, e, end, n);
        groups = group_run(b, bucket, at, end, groups);
    }
    b->groups_n[bucket] = groups;
    b->script_maybe_n[bucket] = 0;
    for (unsigned r = 0; r < b->c->index[INDEX_SCRIPT].runs_n; r++)
        index_join(&b->c->index[INDEX_SCRIPT].runs[r], e, groups, script_hit, &hits);
    batch_tail_join(b->script_tail, b->script_tail_n, e, groups, script_hit, &hits);
}

static bool script_maybe_entry(const struct batch *b, size_t i, struct keyed *ret)
{
    *ret = b->script_maybe[i];
    return true;
}

static void verify_scripts(void *ctx, size_t bucket, unsigned worker)
{
    struct batch *b = ctx;
    const struct keyed *at = b->found.at + b->found.start[bucket];
    size_t n = b->found.start[bucket + 1] - b->found.start[bucket];

    for (size_t i = 0; i < n; i++) {
        if (i + 8 < n && at[i + 8].key < b->c->n.n[COUNT_SCRIPT]) {
            __builtin_prefetch(b->c->at[COLUMN_SCRIPT_START] + at[i + 8].key * ID_BYTES);
            __builtin_prefetch(b->c->at[COLUMN_SCRIPT_LAST] + at[i + 8].key * 8);
        }
        script_try(b, at[i].index, (uint32_t)at[i].key);
    }
}

static void mark_new(void *ctx, size_t bucket, unsigned worker)
{
    struct batch *b = ctx;

    for (size_t g = b->occs.start[bucket]; g < b->occs.start[bucket] + b->groups_n[bucket]; g++)
        if (b->group_id[g] == NOT_FOUND)
            b->occ_new[b->occs.at[g].index] = b->occs.at[g].with ? 2 : 1;
}

static bool has_address(struct bytes packed)
{
    uint8_t form[SCRIPT_FORM_MAX];
    struct bytes script, payload;
    size_t used;

    return script_unpack(packed, form, &script, &used) &&
           script_has_address(script_classify(script, &payload));
}

/* How many new scripts a block has, and their bytes; then (second) their ids and bytes in place. */
static void count_new(void *ctx, size_t block, unsigned worker)
{
    struct batch *b = ctx;
    uint64_t *counts = b->block_counts + (block + 1) * COUNTS_N;

    counts[COUNT_SCRIPT] = counts[COUNT_SCRIPT_BYTE] = counts[COUNT_ADDRESS] = 0;
    for (size_t occ = b->block_occ[block]; occ < b->block_occ[block + 1]; occ++)
        if (b->occ_new[occ]) {
            struct bytes packed = occ_packed(b, occ);

            counts[COUNT_SCRIPT]++;
            counts[COUNT_SCRIPT_BYTE] += packed.n;
            counts[COUNT_ADDRESS] += b->occ_new[occ] == 1 && has_address(packed);
        }
}

static void place_new(void *ctx, size_t block, unsigned worker)
{
    struct batch *b = ctx;
    const uint64_t *counts = b->block_counts + block * COUNTS_N;
    uint64_t script0 = b->c->n.n[COUNT_SCRIPT], id = counts[COUNT_SCRIPT];
    uint64_t at = counts[COUNT_SCRIPT_BYTE] - b->c->n.n[COUNT_SCRIPT_BYTE];

    for (size_t occ = b->block_occ[block]; occ < b->block_occ[block + 1]; occ++)
        if (b->occ_new[occ]) {
            struct bytes packed = occ_packed(b, occ);
            uint32_t group = b->occ_group[occ];

            b->group_id[group] = (uint32_t)id;
            b->script_start[id - script0] = at;
            b->script_last[id - script0] = b->group_last[group];
            memcpy(b->script_data + at, packed.p, packed.n);
            at += packed.n;
            id++;
        }
}

static void place_outputs(void *ctx, size_t slice, unsigned worker)
{
    struct batch *b = ctx;

    for (size_t occ = slice_start(b->occ_n, slice); occ < slice_start(b->occ_n, slice + 1); occ++) {
        uint32_t group = b->occ_group[occ], out = occ_output(b, occ);

        if (out >> 31) {
            b->ext_script[out & ~(1u << 31)] = b->group_id[group] + 1;
            continue;
        }
        b->out_script[out] = b->group_id[group];
        if (!b->out_prev[out])
            b->out_prev[out] = b->group_old[group];
    }
}

static void clear_new(void *ctx, size_t slice, unsigned worker)
{
    struct batch *b = ctx;
    size_t first = slice_start(b->occ_n, slice);

    memset(b->occ_new + first, 0, slice_start(b->occ_n, slice + 1) - first);
}

static void script_tail(struct batch *b)
{
    uint64_t first = b->c->index[INDEX_SCRIPT].covered, n = b->c->n.n[COUNT_SCRIPT] - first;

    b->script_tail_n = 0;
    for (uint64_t i = first; i < first + n; i++) {
        uint8_t form[SCRIPT_FORM_MAX];
        struct bytes script;
        size_t used;

        if (script_unpack(columns_packed(b->c, (uint32_t)i), form, &script, &used))
            b->script_tail[b->script_tail_n++] =
                (struct keyed){key_of_script(script), (uint32_t)i, 0};
    }
    qsort(b->script_tail, b->script_tail_n, sizeof(*b->script_tail), keyed_order);
}

/* The counts before each block, for its record; the sums of the new scripts stand there already,
 * one block each. */
static void count_blocks(struct batch *b)
{
    uint64_t ext = 0, runs = 0;

    for (size_t i = 0; i <= b->blocks_n; i++) {
        uint64_t *n = b->block_counts + i * COUNTS_N;
        bool last = i == b->blocks_n;

        n[COUNT_BLOCK] = b->c->n.n[COUNT_BLOCK] + i;
        n[COUNT_RUN] = b->c->n.n[COUNT_RUN] + runs;
        n[COUNT_TX] = b->c->n.n[COUNT_TX] + (last ? b->txs_n : b->blocks[i].tx);
        n[COUNT_IN] = b->c->n.n[COUNT_IN] + (last ? b->ins_n : b->blocks[i].in);
        n[COUNT_OUT] = b->c->n.n[COUNT_OUT] + (last ? b->outs_n : b->blocks[i].out);
        n[COUNT_EXT] = b->c->n.n[COUNT_EXT] + ext;
        if (last)
            break;
        runs += b->blocks[i].run_start;
        if (b->occ_own)
            for (size_t in = b->blocks[i].in;
                 in < (i + 1 < b->blocks_n ? b->blocks[i + 1].in : b->ins_n); in++)
                ext += (b->in_source[in] & COINS_OUTSIDE) != 0;
    }
    for (unsigned k = COUNT_SCRIPT; k < COUNTS_N; k++) {
        b->block_counts[k] = b->c->n.n[k];
        for (size_t i = 1; i <= b->blocks_n; i++)
            b->block_counts[i * COUNTS_N + k] += b->block_counts[(i - 1) * COUNTS_N + k];
    }
}

static void list_scripts(struct batch *b)
{
    uint32_t script0 = (uint32_t)b->c->n.n[COUNT_SCRIPT];

    b->scripts_n = 0;
    b->old_lasts_n = 0;
    for (size_t bucket = 0; bucket < (size_t)1 << b->occs.bits; bucket++)
        for (size_t g = b->occs.start[bucket]; g < b->occs.start[bucket] + b->groups_n[bucket]; g++)
            if (b->group_id[g] >= script0)
                b->new_scripts[b->scripts_n++] =
                    (struct keyed){b->occs.at[g].key, b->group_id[g] - script0, 0};
            else if (b->group_last[g])
                b->old_lasts[b->old_lasts_n++] =
                    (struct keyed){b->group_last[g], b->group_id[g], 0};
}

bool batch_resolve_scripts(struct batch *b, struct err *err)
{
    size_t maybe_n = 0;

    script_tail(b);
    if (!batch_sort(b, &b->occs, occ_entry, b->occ_n, batch_bits(b->occ_n), 0, err))
        return false;
    pool_run(b->pool, (size_t)1 << b->occs.bits, join_scripts, b);
    for (size_t bucket = 0; bucket < (size_t)1 << b->occs.bits; bucket++) {
        memmove(b->script_maybe + maybe_n, b->script_maybe + b->occs.start[bucket],
                b->script_maybe_n[bucket] * sizeof(*b->script_maybe));
        maybe_n += b->script_maybe_n[bucket];
    }
    /* The scratch of both sorts is free by now and lends its room. */
    b->found.at = b->occs.scratch;
    b->found.scratch = b->new_scripts;
    if (!batch_sort(b, &b->found, script_maybe_entry, maybe_n, batch_bits(maybe_n),
                    batch_lead(b->c->n.n[COUNT_SCRIPT]), err))
        return false;
    pool_run(b->pool, (size_t)1 << b->found.bits, verify_scripts, b);
    pool_run(b->pool, SLICES, clear_new, b);
    pool_run(b->pool, (size_t)1 << b->occs.bits, mark_new, b);
    pool_run(b->pool, b->blocks_n, count_new, b);
    count_blocks(b);
    pool_run(b->pool, b->blocks_n, place_new, b);
    pool_run(b->pool, SLICES, place_outputs, b);
    list_scripts(b);
    return true;
}
