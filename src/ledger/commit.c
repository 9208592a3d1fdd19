/* A batch becomes part of the ledger: writer.h says in which steps, and why whoever dies on the way
 * leaves it whole. */
#include "ledger/writer_parts.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define PUT_BYTES ((size_t)256 << 10)

struct appending {
    struct ledger_writer *w;
    struct batch_view v;
    struct head next;
    struct err errs[COLUMNS_N + INDEXES_N];
    bool bad[COLUMNS_N + INDEXES_N];
};

/* Bytes on their way to the end of a column, with its checksum carried on. */
struct put {
    int fd;
    uint64_t at, sum; /* at: where p goes; a multiple of 8 */
    size_t n;
    uint8_t *p; /* [PUT_BYTES] */
    bool bad;
};

static void put_flush(struct put *u, size_t n)
{
    u->sum += column_sum(u->at, u->p, n);
    for (size_t done = 0; done < n && !u->bad;) {
        ssize_t wrote = pwrite(u->fd, u->p + done, n - done, (off_t)(u->at + done));

        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0) {
            if (!wrote)
                errno = ENOSPC;
            u->bad = true;
            break;
        }
        done += (size_t)wrote;
    }
    u->at += n;
    u->n = 0;
}

static void put_start(struct put *u, int fd, uint64_t bytes, uint64_t sum)
{
    u->fd = fd;
    u->n = bytes % 8;
    u->at = bytes - u->n;
    u->sum = sum;
    u->bad = pread(fd, u->p, u->n, (off_t)u->at) != (ssize_t)u->n;
    if (u->n)
        u->sum -= column_sum(u->at, u->p, u->n);
}

static void put_bytes(struct put *u, const void *p, size_t n)
{
    const uint8_t *from = p;

    while (n) {
        size_t take = PUT_BYTES - u->n < n ? PUT_BYTES - u->n : n;

        memcpy(u->p + u->n, from, take);
        u->n += take;
        from += take;
        n -= take;
        if (u->n == PUT_BYTES)
            put_flush(u, u->n);
    }
}

static void put_id(struct put *u, uint64_t id)
{
    uint8_t five[8];

    store_le64(five, id);
    if (PUT_BYTES - u->n >= 8) { /* eight bytes are one store; only five count */
        memcpy(u->p + u->n, five, 8);
        u->n += ID_BYTES;
        if (u->n == PUT_BYTES)
            put_flush(u, u->n);
    } else {
        put_bytes(u, five, ID_BYTES);
    }
}

static void put_block(struct put *u, const struct batch_view *v, size_t i)
{
    uint8_t record[BLOCK_RECORD_BYTES] = {0};
    const struct batch_block *b = &v->blocks[i];

    memcpy(record, b->header, 80);
    memcpy(record + BLOCK_AT_HASH, b->hash.b, 32);
    store_le32(record + BLOCK_AT_HEIGHT, b->height);
    store_le32(record + BLOCK_AT_SIZE, b->size);
    for (unsigned k = 0; k < COUNTS_N; k++)
        store_le64(record + BLOCK_AT_COUNTS + 8 * k, v->block_counts[i * COUNTS_N + k]);
    put_bytes(u, record, sizeof(record));
}

static void put_column(struct put *u, const struct batch_view *v, enum column which)
{
    const uint64_t *n = v->n.n, *first = v->block_counts; /* first: the counts before the batch */

    switch (which) {
    case COLUMN_BLOCK:
        for (size_t i = 0; i < n[COUNT_BLOCK]; i++)
            put_block(u, v, i);
        break;
    case COLUMN_RUN:
        for (size_t i = 0; i < n[COUNT_BLOCK]; i++)
            if (v->blocks[i].run_start) {
                uint8_t block[4];

                store_le32(block, (uint32_t)(first[COUNT_BLOCK] + i));
                put_bytes(u, block, 4);
            }
        break;
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

static void append_column(struct appending *a, enum column which)
{
    struct ledger_writer *w = a->w;
    struct put u = {.p = mem_alloc(PUT_BYTES + 8)};

    if (!u.p) {
        a->bad[which] = !err_fail(&a->errs[which], ERR_NOMEM, "%s", column_forms[which].name);
        return;
    }
    put_start(&u, w->fd[which], column_bytes(&w->head.now, which), w->head.sum[which]);
    put_column(&u, &a->v, which);
    put_flush(&u, u.n);
    if (!column_forms[which].in_place)
        a->next.sum[which] = u.sum;
    if (u.bad)
        a->bad[which] = !err_system(&a->errs[which], "%s", column_forms[which].name);
    else
        sync_file_range(u.fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* the disk may begin; settle waits */
    mem_free(u.p);
}

/* The tail so far and what the batch adds, merged: both are sorted. */
static void append_index(struct appending *a, enum index_kind kind)
{
    const struct columns *c = &a->w->c;
    const struct index *from = kind == INDEX_TX       ? &c->txs
                               : kind == INDEX_SCRIPT ? &c->scripts
                                                      : &c->blocks;
    uint64_t first = from->covered, old = c->n.n[writer_indexes[kind].by],
             added = a->v.n.n[writer_indexes[kind].by];
    const struct keyed *more = kind == INDEX_TX       ? a->v.new_txs
                               : kind == INDEX_SCRIPT ? a->v.new_scripts
                                                      : NULL;
    size_t tail_n = (size_t)(old - first), n = tail_n + added, t = 0, m = 0;
    struct index plan;
    struct keyed *fresh;

    index_plan(old + added, &plan);
    if (plan.covered == first)
        return;
    fresh = mem_reserve((n + tail_n) * sizeof(*fresh));
    if (!fresh) {
        a->bad[COLUMNS_N + kind] = !err_fail(&a->errs[COLUMNS_N + kind], ERR_NOMEM, "index");
        return;
    }
    for (size_t i = 0; i < tail_n; i++)
        fresh[n + i] = writer_index_entry(c, kind, first + i);
    qsort(fresh + n, tail_n, sizeof(*fresh), keyed_order);
    if (more) {
        for (size_t i = 0; i < n; i++)
            fresh[i] =
                t < tail_n &&
                        (m == added || fresh[n + t].key < more[m].key ||
                         (fresh[n + t].key == more[m].key && fresh[n + t].index < more[m].index))
                    ? fresh[n + t++]
                    : more[m++];
    } else {
        memcpy(fresh, fresh + n, tail_n * sizeof(*fresh));
        for (size_t i = 0; i < added; i++)
            fresh[tail_n + i] =
                (struct keyed){key_of_hash(a->v.blocks[i].hash.b), (uint32_t)(old + i), 0};
        qsort(fresh, n, sizeof(*fresh), keyed_order);
    }
    a->bad[COLUMNS_N + kind] = !index_grow(a->w->dir_fd, writer_indexes[kind].name, from,
                                           old + added, fresh, n, &a->errs[COLUMNS_N + kind]);
    mem_unreserve(fresh, (n + tail_n) * sizeof(*fresh));
}

static void append_one(void *ctx, size_t task, unsigned worker)
{
    struct appending *a = ctx;

    if (task < COLUMNS_N)
        append_column(a, task);
    else
        append_index(a, task - COLUMNS_N);
}

/* Step 3. Both lists may come in any order; old_spends is sorted, so that pages are touched
 * once. */
static void apply(struct ledger_writer *w, const struct batch_view *v)
{
    uint8_t *spent = columns_in_place(&w->c, COLUMN_OUT_SPENT),
            *last = columns_in_place(&w->c, COLUMN_SCRIPT_LAST);

    for (size_t i = 0; i < v->old_spends_n; i++)
        store_le32(spent + v->old_spends[i].key * 4, v->old_spends[i].with);
    for (size_t i = 0; i < v->old_lasts_n; i++)
        store_le64(last + (uint64_t)v->old_lasts[i].index * 8, v->old_lasts[i].key);
}

static bool counts_within(const struct counts *n, struct err *err)
{
    if (n->n[COUNT_TX] >= UINT32_MAX - 2 || n->n[COUNT_SCRIPT] >= UINT32_MAX - 2 ||
        n->n[COUNT_OUT] >= COINS_OUTSIDE - 2 || n->n[COUNT_IN] >= COINS_OUTSIDE - 2)
        return err_fail(err, ERR_LIMIT, "the chain has more than format %d can count",
                        LEDGER_FORMAT);
    return true;
}

/* Step 1, but for its end: bytes are written, nothing is durable yet. */
static bool append(struct ledger_writer *w, struct appending *a, struct err *err)
{
    a->w = w;
    a->v = batch_view(w->batch);
    a->next = w->head;
    for (unsigned k = 0; k < COUNTS_N; k++)
        a->next.now.n[k] += a->v.n.n[k];
    a->next.undo = a->next.now;
    a->next.tip = a->v.blocks[a->v.n.n[COUNT_BLOCK] - 1].hash;
    if (!counts_within(&a->next.now, err))
        return false;
    pool_run(w->pool, COLUMNS_N + INDEXES_N, append_one, a);
    for (unsigned i = 0; i < COLUMNS_N + INDEXES_N; i++)
        if (a->bad[i]) {
            *err = a->errs[i];
            return false;
        }
    return true;
}

/* The rest: what takes time here is the disk, so it goes on while the next blocks are prepared. It
 * reads of the batch only the two lists that the next join writes anew, and a join waits for it. */
static void *settle(void *arg)
{
    struct appending *a = arg;
    struct ledger_writer *w = a->w;
    struct err *err = &a->errs[0];
    bool ok = writer_sync(w, false, err) && writer_sync(w, true, err);

    for (unsigned i = 0; ok && i < INDEXES_N; i++)
        ok = index_sync(w->dir_fd, writer_indexes[i].name, w->head.now.n[writer_indexes[i].by],
                        a->next.now.n[writer_indexes[i].by], err);
    if (ok && fsync(w->dir_fd))
        ok = err_system(err, "folder");
    ok = ok && head_write(w->dir_fd, &a->next, err);
    if (ok) {
        w->head = a->next;
        ok = writer_remap(w, err);
    }
    if (ok) {
        apply(w, &a->v);
        ok = writer_sync(w, true, err);
        w->head.applied = w->head.now;
    }
    a->bad[0] = !(ok && head_write(w->dir_fd, &w->head, err) && writer_sweep(w, err));
    return NULL;
}

bool writer_settled(struct ledger_writer *w, struct err *err)
{
    struct appending *a = w->settling;
    bool ok;

    if (!a)
        return true;
    pthread_join(w->settler, NULL);
    w->settling = NULL;
    ok = !a->bad[0];
    if (!ok)
        *err = a->errs[0];
    mem_free(a);
    return ok;
}

bool writer_commit(struct ledger_writer *w, struct err *err)
{
    struct appending *a = mem_zero(sizeof(*a));

    if (!a)
        return err_fail(err, ERR_NOMEM, "commit");
    if (!append(w, a, err)) {
        mem_free(a);
        return false;
    }
    w->settling = a;
    if (pthread_create(&w->settler, NULL, settle, a)) {
        w->settling = NULL;
        mem_free(a);
        return err_fail(err, ERR_SYSTEM, "no thread for a commit");
    }
    return true;
}

/* Step 3 done again after a crash: what in.source and out.script of the unapplied part say. */
bool writer_apply_again(struct ledger_writer *w, struct err *err)
{
    const struct counts *from = &w->head.applied, *to = &w->head.now;
    struct columns c;
    struct coins coins;
    uint8_t *spent, *last;

    if (!columns_map(w->dir_fd, &w->head, to, COLUMNS_WRITABLE | COLUMNS_BARE, &c, err))
        return false;
    spent = columns_in_place(&c, COLUMN_OUT_SPENT);
    last = columns_in_place(&c, COLUMN_SCRIPT_LAST);
    coins = columns_coins(&c, to);
    for (uint64_t tx = from->n[COUNT_TX]; tx < to->n[COUNT_TX]; tx++) {
        struct coins_range in = coins_inputs(&coins, (uint32_t)tx);

        for (uint64_t i = in.first; i < in.first + in.n; i++) {
            uint64_t id = load_le40(c.at[COLUMN_IN_SOURCE] + i * ID_BYTES);

            if (id < to->n[COUNT_OUT])
                store_le32(spent + id * 4, (uint32_t)tx + 1);
        }
    }
    for (uint64_t out = from->n[COUNT_OUT]; out < to->n[COUNT_OUT]; out++) {
        uint32_t script = load_le32(c.at[COLUMN_OUT_SCRIPT] + out * 4);

        if (script < to->n[COUNT_SCRIPT])
            store_le64(last + (uint64_t)script * 8, out + 1);
    }
    columns_unmap(&c);
    if (!writer_sync(w, true, err))
        return false;
    w->head.applied = w->head.now;
    return head_write(w->dir_fd, &w->head, err);
}
