/* The newest blocks are taken back, as if they had never been there. */
#include "ledger/files.h"

#include "base/mem.h"

#include <stdlib.h>
#include <unistd.h>

/* The index after an undo: runs that both counts have are kept, the rest is made from the
 * columns. */
static bool reindex(struct files *f, const struct columns *c, unsigned which, struct err *err)
{
    const struct index_form *form = &c->shape->indexes[which];
    uint64_t was = f->head.undo.n[form->by], now = f->head.now.n[form->by];
    struct index plan_was, kept;
    struct keyed *fresh;
    uint64_t n;
    bool ok;

    index_plan(was, form->key_bytes, &plan_was);
    index_plan(now, form->key_bytes, &kept);
    for (unsigned i = 0; i < kept.runs_n; i++)
        if (i >= plan_was.runs_n || kept.runs[i].level != plan_was.runs[i].level ||
            kept.runs[i].first != plan_was.runs[i].first) {
            kept.covered = kept.runs[i].first;
            break;
        }
    if (!index_open(f->dir, form->name, kept.covered, form->key_bytes, &kept, err))
        return false;
    n = now - kept.covered;
    fresh = mem_reserve(n * sizeof(*fresh));
    if (!fresh) {
        index_close(&kept);
        return err_fail(err, ERR_NOMEM, "index");
    }
    for (uint64_t i = 0; i < n; i++)
        fresh[i] = (struct keyed){c->shape->key_of(c, which, kept.covered + i), (uint32_t)i, 0};
    qsort(fresh, n, sizeof(*fresh), keyed_order);
    ok = index_grow(f->dir, form->name, &kept, now, fresh, n, err) &&
         index_sync(f->dir, form->name, kept.covered, now, err);
    mem_unreserve(fresh, n * sizeof(*fresh));
    index_close(&kept);
    return ok;
}

bool files_finish_undo(struct files *f, struct err *err)
{
    const struct ledger_shape *shape = f->head.shape;
    struct columns c;
    bool ok;

    if (!columns_map(f->dir, &f->head, &f->head.undo, COLUMNS_WRITABLE | COLUMNS_BARE, &c, err))
        return false;
    shape->revert(&c, &f->head.now, &f->head.undo);
    ok = files_sync(f, SYNC_IN_PLACE, err);
    for (unsigned i = 0; ok && i < shape->indexes_n; i++)
        ok = reindex(f, &c, i, err);
    columns_unmap(&c);
    if (ok && fsync(f->dir))
        ok = err_system(err, "folder");
    f->head.undo = f->head.now;
    return ok && files_head(f, &f->head, HEAD_DURABLE, err);
}

/* A column's checksum without what lies past a length. */
static uint64_t sum_without(const struct columns *c, unsigned which, uint64_t sum, uint64_t bytes)
{
    uint64_t from = bytes & ~(uint64_t)7, end = c->mapped[which];

    if (bytes >= end)
        return sum;
    sum -= column_sum(from, c->at[which] + from, end - from);
    return bytes == from ? sum : sum + column_sum(from, c->at[which] + from, bytes - from);
}

bool files_undo(struct files *f, uint32_t blocks_n, struct err *err)
{
    const struct ledger_shape *shape = f->head.shape;
    struct head next;

    if (!files_settled(f, err))
        return false;
    next = f->head;
    if (blocks_n >= f->head.now.n[COUNT_BLOCK])
        return true;
    next.undo = f->head.now;
    next.now = next.applied = columns_before(&f->c, blocks_n);
    for (unsigned k = 0; k < shape->counts_n; k++)
        if (next.now.n[k] > f->head.now.n[k])
            return err_fail(err, ERR_CORRUPT, "the record of block %u is damaged", blocks_n);
    memset(next.tip.b, 0, 32);
    if (blocks_n)
        memcpy(next.tip.b, columns_block_hash(&f->c, blocks_n - 1), 32);
    for (unsigned i = 0; i < shape->columns_n; i++)
        if (!shape->columns[i].in_place)
            next.sum[i] = sum_without(&f->c, i, next.sum[i], column_bytes(shape, &next.now, i));
    if (!lock_readers_out(f->lock, err) || !files_head(f, &next, HEAD_DURABLE, err))
        return false;
    f->head = next;
    columns_unmap(&f->c);
    if (!files_finish_undo(f, err) || !files_cut(f, &f->head.now, err))
        return false;
    lock_readers_in(f->lock);
    return files_sweep(f, err) && files_remap(f, err);
}
