/* The newest blocks are taken back, as if they had never been there. */
#include "ledger/writer_parts.h"

#include "base/mem.h"

#include <stdlib.h>
#include <unistd.h>

/* The index after an undo: runs that both counts have are kept, the rest is made from the
 * columns. */
static bool reindex(struct ledger_writer *w, const struct columns *c, enum index_kind kind,
                    struct err *err)
{
    uint64_t was = w->head.undo.n[writer_indexes[kind].by],
             now = w->head.now.n[writer_indexes[kind].by];
    struct index plan_was, kept;
    struct keyed *fresh;
    uint64_t n;
    bool ok;

    index_plan(was, &plan_was);
    index_plan(now, &kept);
    for (unsigned i = 0; i < kept.runs_n; i++)
        if (i >= plan_was.runs_n || kept.runs[i].level != plan_was.runs[i].level ||
            kept.runs[i].first != plan_was.runs[i].first) {
            kept.covered = kept.runs[i].first;
            break;
        }
    if (!index_open(w->dir_fd, writer_indexes[kind].name, kept.covered, &kept, err))
        return false;
    n = now - kept.covered;
    fresh = mem_reserve(n * sizeof(*fresh));
    if (!fresh) {
        index_close(&kept);
        return err_fail(err, ERR_NOMEM, "index");
    }
    for (uint64_t i = 0; i < n; i++)
        fresh[i] = writer_index_entry(c, kind, kept.covered + i);
    qsort(fresh, n, sizeof(*fresh), keyed_order);
    ok = index_grow(w->dir_fd, writer_indexes[kind].name, &kept, now, fresh, n, err) &&
         index_sync(w->dir_fd, writer_indexes[kind].name, kept.covered, now, err);
    mem_unreserve(fresh, n * sizeof(*fresh));
    index_close(&kept);
    return ok;
}

/* Takes back in place what the blocks between now and undo did; can be done again. */
static bool undo_in_place(struct ledger_writer *w, const struct columns *c, struct err *err)
{
    const struct counts *to = &w->head.now, *from = &w->head.undo;
    uint8_t *spent = columns_in_place(c, COLUMN_OUT_SPENT),
            *last = columns_in_place(c, COLUMN_SCRIPT_LAST);

    for (uint64_t i = to->n[COUNT_IN]; i < from->n[COUNT_IN]; i++) {
        uint64_t id = load_le40(c->at[COLUMN_IN_SOURCE] + i * ID_BYTES);

        if (id < to->n[COUNT_OUT])
            store_le32(spent + id * 4, 0);
    }
    for (uint64_t out = from->n[COUNT_OUT]; out-- > to->n[COUNT_OUT];) {
        uint32_t script = load_le32(c->at[COLUMN_OUT_SCRIPT] + out * 4);

        if (script < to->n[COUNT_SCRIPT])
            store_le64(last + (uint64_t)script * 8,
                       load_le40(c->at[COLUMN_OUT_PREV] + out * ID_BYTES));
    }
    return writer_sync(w, true, err);
}

bool writer_finish_undo(struct ledger_writer *w, struct err *err)
{
    struct columns c;
    bool ok;

    if (!columns_map(w->dir_fd, &w->head, &w->head.undo, COLUMNS_WRITABLE | COLUMNS_BARE, &c, err))
        return false;
    ok = undo_in_place(w, &c, err);
    for (unsigned i = 0; ok && i < INDEXES_N; i++)
        ok = reindex(w, &c, i, err);
    columns_unmap(&c);
    if (ok && fsync(w->dir_fd))
        ok = err_system(err, "folder");
    w->head.undo = w->head.now;
    return ok && head_write(w->dir_fd, &w->head, err);
}

/* A column's checksum without what lies past a length. */
static uint64_t sum_without(const struct columns *c, enum column which, uint64_t sum,
                            uint64_t bytes)
{
    uint64_t from = bytes & ~(uint64_t)7, end = c->mapped[which];

    if (bytes >= end)
        return sum;
    sum -= column_sum(from, c->at[which] + from, end - from);
    return bytes == from ? sum : sum + column_sum(from, c->at[which] + from, bytes - from);
}

bool ledger_undo(struct ledger_writer *w, uint32_t blocks_n, struct err *err)
{
    struct head next;

    if (!writer_settled(w, err))
        return false;
    next = w->head;
    if (blocks_n >= w->head.now.n[COUNT_BLOCK])
        return true;
    next.undo = w->head.now;
    next.now = next.applied = columns_before(&w->c, blocks_n);
    for (unsigned k = 0; k < COUNTS_N; k++)
        if (next.now.n[k] > w->head.now.n[k])
            return err_fail(err, ERR_CORRUPT, "%s: the record of block %u is damaged", w->dir,
                            blocks_n);
    memset(next.tip.b, 0, 32);
    if (blocks_n)
        next.tip = ledger_writer_block(w, blocks_n - 1).hash;
    for (unsigned i = 0; i < COLUMNS_N; i++)
        if (!column_forms[i].in_place)
            next.sum[i] = sum_without(&w->c, i, next.sum[i], column_bytes(&next.now, i));
    if (!lock_take(w->lock, LOCK_READERS, true, true, err) || !head_write(w->dir_fd, &next, err))
        return false;
    w->head = next;
    columns_unmap(&w->c);
    if (!writer_finish_undo(w, err) || !writer_cut(w, &w->head.now, err))
        return false;
    lock_drop(w->lock, LOCK_READERS);
    return writer_sweep(w, err) && writer_remap(w, err);
}
