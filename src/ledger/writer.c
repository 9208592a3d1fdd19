/* Blocks of coins on their way into a ledger: batches are filled, joined, committed (files.h). */
#include "ledger/writer.h"

#include "base/mem.h"
#include "ledger/batch.h"
#include "ledger/files.h"

#include <stdlib.h>

struct ledger_writer {
    char *dir;
    struct files f;
    struct pool *pool;
    struct batch *batch;
    struct batch_view view; /* of the batch that is being committed */
};

static void put_block(struct put *u, const struct batch_view *v, size_t i)
{
    uint8_t record[BLOCK_RECORD_BYTES] = {0};
    const struct batch_block *b = &v->blocks[i];

    memcpy(record, b->header, HEADER_BYTES);
    memcpy(record + BLOCK_AT_HASH, b->hash.b, 32);
    store_le32(record + BLOCK_AT_HEIGHT, b->height);
    store_le32(record + BLOCK_AT_SIZE, b->size);
    for (unsigned k = 0; k < COUNTS_N; k++)
        store_le64(record + BLOCK_AT_COUNTS + 8 * k, v->block_counts[i * COUNTS_N + k]);
    put_bytes(u, record, sizeof(record));
}

static void put_column(void *ctx, struct put *u, unsigned which)
{
    const struct batch_view *v = &((struct ledger_writer *)ctx)->view;
    const uint64_t *n = v->n.n, *first = v->block_counts; /* first: the counts before the batch */

    switch (which) {
    case COLUMN_BLOCK:
        for (size_t i = 0; i < n[COUNT_BLOCK]; i++)
            put_block(u, v, i);
        return;
    case COLUMN_RUN:
        for (size_t i = 0; i < n[COUNT_BLOCK]; i++)
            if (v->blocks[i].run_start) {
                uint8_t block[4];

                store_le32(block, (uint32_t)(first[COUNT_BLOCK] + i));
                put_bytes(u, block, 4);
            }
        return;
    default:
        break;
    }
    switch ((enum column)which) {
    case COLUMN_TX_ID:
        put_bytes(u, v->txids, n[COUNT_TX] * 32);
        break;
    case COLUMN_TX_FIRST:
        for (size_t i = 0; i < n[COUNT_TX]; i++) {
            put_id(u, first[COUNT_OUT] + v->tx_out[i]);
            put_id(u, first[COUNT_IN] + v->tx_in[i]);
        }
        break;
    case COLUMN_OUT_VALUE:
        put_bytes(u, v->values, n[COUNT_OUT] * 8);
        break;
    case COLUMN_OUT_SCRIPT:
        put_bytes(u, v->out_script, n[COUNT_OUT] * 4);
        break;
    case COLUMN_OUT_PREV:
        for (size_t i = 0; i < n[COUNT_OUT]; i++)
            put_id(u, v->out_prev[i]);
        break;
    case COLUMN_OUT_SPENT:
        put_bytes(u, v->out_spent, n[COUNT_OUT] * 4);
        break;
    case COLUMN_IN_SOURCE:
        for (size_t i = 0; i < n[COUNT_IN]; i++)
            put_id(u, v->in_source[i]);
        break;
    case COLUMN_EXT_OUTPOINT:
        put_bytes(u, v->ext_outpoint, n[COUNT_EXT] * OUTPOINT_BYTES);
        break;
    case COLUMN_EXT_VALUE:
        put_bytes(u, v->ext_value, n[COUNT_EXT] * 8);
        break;
    case COLUMN_EXT_SCRIPT:
        put_bytes(u, v->ext_script, n[COUNT_EXT] * 4);
        break;
    case COLUMN_SCRIPT_START:
        for (size_t i = 0; i < n[COUNT_SCRIPT]; i++)
            put_id(u, first[COUNT_SCRIPT_BYTE] + v->script_start[i]);
        break;
    case COLUMN_SCRIPT_LAST:
        put_bytes(u, v->script_last, n[COUNT_SCRIPT] * 8);
        break;
    case COLUMN_SCRIPT_DATA:
        put_bytes(u, v->script_data, n[COUNT_SCRIPT_BYTE]);
        break;
    case COLUMNS_N:
        break;
    }
}

/* Step 3, from the batch. It reads only the two lists that the next join writes anew, and a join
 * waits for it. Both may come in any order; old_spends is sorted, so that pages are touched
 * once. */
static void apply(void *ctx, const struct columns *c)
{
    const struct batch_view *v = &((struct ledger_writer *)ctx)->view;
    uint8_t *spent = columns_in_place(c, COLUMN_OUT_SPENT),
            *last = columns_in_place(c, COLUMN_SCRIPT_LAST);

    for (size_t i = 0; i < v->old_spends_n; i++)
        store_le32(spent + v->old_spends[i].key * 4, v->old_spends[i].with);
    for (size_t i = 0; i < v->old_lasts_n; i++)
        store_le64(last + (uint64_t)v->old_lasts[i].index * 8, v->old_lasts[i].key);
}

static bool commit(struct ledger_writer *w, struct err *err)
{
    struct addition a = {.put = put_column, .apply = apply, .ctx = w};
    size_t blocks_n = batch_blocks(w->batch);
    struct keyed *blocks = mem_array(blocks_n, sizeof(*blocks));
    bool ok;

    if (!blocks)
        return err_fail(err, ERR_NOMEM, "%zu blocks", blocks_n);
    w->view = batch_view(w->batch);
    for (size_t i = 0; i < blocks_n; i++)
        blocks[i] = (struct keyed){key_of_hash(w->view.blocks[i].hash.b), (uint32_t)i, 0};
    qsort(blocks, blocks_n, sizeof(*blocks), keyed_order);
    a.n = w->view.n;
    a.tip = w->view.blocks[blocks_n - 1].hash;
    a.fresh[INDEX_TX] = w->view.new_txs;
    a.fresh[INDEX_BLOCK] = blocks;
    a.fresh[INDEX_SCRIPT] = w->view.new_scripts;
    ok = files_commit(&w->f, w->pool, &a, err);
    mem_free(blocks);
    return ok;
}

static bool start(struct ledger_writer *w, const struct chain *chain, struct ledger_options o,
                  struct err *err)
{
    if (!o.memory)
        o.memory = LEDGER_MEMORY_DEFAULT;
    if (o.memory < LEDGER_MEMORY_MIN)
        return err_fail(err, ERR_USAGE, "memory of less than %llu MiB",
                        (unsigned long long)(LEDGER_MEMORY_MIN >> 20));
    if (!files_open(&w->f, w->dir, &coins_shape, chain, o.fleeting, err))
        return false;
    w->pool = pool_new(o.threads);
    /* Five eighths are the batch's; blocks on their way, buffers and what grows an index share the
     * rest. */
    w->batch = w->pool ? batch_new(o.memory / 8 * 5, w->pool) : NULL;
    return w->batch || err_fail(err, ERR_NOMEM, "memory for a batch");
}

bool ledger_writer_open(const char *dir, const struct chain *chain, struct ledger_options o,
                        struct ledger_writer **ret, struct err *err)
{
    struct ledger_writer *w = mem_zero(sizeof(*w));

    if (!w)
        return err_fail(err, ERR_NOMEM, "ledger");
    files_init(&w->f);
    w->dir = mem_alloc(strlen(dir) + 1);
    if (w->dir)
        memcpy(w->dir, dir, strlen(dir) + 1);
    else
        err_fail(err, ERR_NOMEM, "ledger");
    if (!w->dir || !start(w, chain, o, err)) {
        ledger_writer_close(w);
        return err_in(err, "%s", dir);
    }
    *ret = w;
    return true;
}

struct ledger_writer *ledger_writer_close(struct ledger_writer *w)
{
    if (!w)
        return NULL;
    files_close(&w->f);
    batch_free(w->batch);
    pool_free(w->pool);
    mem_free(w->dir);
    return mem_free(w);
}

struct pool *ledger_writer_pool(struct ledger_writer *w)
{
    return w->pool;
}

bool ledger_writer_fits(const struct ledger_writer *w, const struct segment *s, size_t n)
{
    return batch_fits(w->batch, s, n);
}

bool ledger_writer_take(struct ledger_writer *w, const struct segment *s, size_t n, struct err *err)
{
    return batch_take(w->batch, s, n, err);
}

size_t ledger_writer_held(const struct ledger_writer *w)
{
    return batch_blocks(w->batch);
}

bool ledger_writer_commit(struct ledger_writer *w, spent_fn *spent, void *ctx, struct err *err)
{
    bool ok;

    if (!batch_blocks(w->batch))
        return true;
    ok = files_settled(&w->f, err) && batch_join(w->batch, &w->f.c, spent, ctx, err) &&
         commit(w, err);
    batch_clear(w->batch);
    return ok || err_in(err, "%s", w->dir);
}

bool ledger_writer_finish(struct ledger_writer *w, struct err *err)
{
    return files_settled(&w->f, err) || err_in(err, "%s", w->dir);
}

/* Where a block stands that comes after the tip: its height, and whether it starts a run. */
static bool place(const struct block_facts *f, const struct ledger_block *before, struct segment *s,
                  struct err *err)
{
    s->run_start = !before || !hash32_equal(&f->prev, &before->hash);
    if (before && !s->run_start && before->height != HEIGHT_UNKNOWN)
        s->height = before->height + 1;
    if (before && s->run_start && s->height != HEIGHT_UNKNOWN &&
        (before->height == HEIGHT_UNKNOWN || s->height <= before->height))
        return err_fail(err, ERR_INPUT, "block at height %u would fill a gap: ingest anew",
                        s->height);
    return true;
}

bool ledger_append(struct ledger_writer *w, const struct block_facts *facts, size_t n,
                   struct err *err)
{
    uint32_t blocks = ledger_writer_blocks(w);
    struct ledger_block before = {.height = HEIGHT_UNKNOWN};
    bool has = blocks > 0, ok = true;

    if (has)
        before = ledger_writer_block(w, blocks - 1);
    for (size_t i = 0; ok && i < n; i++) {
        struct segment s = {0};

        if (!segment_fill(&s, &facts[i], err))
            return false;
        ok = place(&facts[i], has ? &before : NULL, &s, err);
        if (ok && !batch_fits(w->batch, &s, 1))
            ok = ledger_writer_commit(w, NULL, NULL, err);
        if (ok)
            ok = batch_take(w->batch, &s, 1, err);
        before.hash = s.hash;
        before.height = s.height;
        has = true;
        segment_free(&s);
    }
    if (!ok) {
        batch_clear(w->batch);
        return false;
    }
    return ledger_writer_commit(w, NULL, NULL, err) && ledger_writer_finish(w, err);
}

uint32_t ledger_writer_blocks(const struct ledger_writer *w)
{
    return (uint32_t)w->f.head.now.n[COUNT_BLOCK];
}

uint32_t ledger_writer_runs(const struct ledger_writer *w)
{
    return (uint32_t)w->f.head.now.n[COUNT_RUN];
}

struct ledger_block ledger_writer_block(const struct ledger_writer *w, uint32_t block)
{
    return columns_ledger_block(&w->f.c, block);
}

uint32_t ledger_writer_find_block(const struct ledger_writer *w, const struct hash32 *hash)
{
    return columns_find_block(&w->f.c, hash);
}

uint32_t ledger_writer_run_first(const struct ledger_writer *w, uint32_t run)
{
    return run < ledger_writer_runs(w) ? load_le32(w->f.c.at[COLUMN_RUN] + 4 * (uint64_t)run)
                                       : ledger_writer_blocks(w);
}

bool ledger_undo(struct ledger_writer *w, uint32_t blocks_n, struct err *err)
{
    return files_undo(&w->f, blocks_n, err) || err_in(err, "%s", w->dir);
}
