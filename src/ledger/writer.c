#include "ledger/writer.h"

#include "base/mem.h"
#include "ledger/batch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define PUT_BYTES ((size_t)256 << 10)

struct ledger_writer {
    char *dir;
    int dir_fd, lock;
    int fd[COLUMNS_N];
    struct pool *pool;
    struct batch *batch;
    struct head head;
    struct columns c;
    struct appending *settling; /* a batch whose bytes are written and not yet durable or applied */
    pthread_t settler;
};

static bool settled(struct ledger_writer *w, struct err *err);

static uint64_t column_bytes(const struct counts *n, enum column which)
{
    return n->n[column_forms[which].by] * column_forms[which].width;
}

/* ---- opening ---- */

static bool make_folder(const char *path, struct err *err)
{
    char *copy = mem_alloc(strlen(path) + 1);

    if (!copy)
        return err_fail(err, ERR_NOMEM, "path");
    memcpy(copy, path, strlen(path) + 1);
    for (char *at = copy + 1; *at; at++)
        if (*at == '/') {
            *at = 0;
            mkdir(copy, 0755);
            *at = '/';
        }
    mem_free(copy);
    if (mkdir(path, 0755) && errno != EEXIST)
        return err_system(err, "cannot make the folder");
    return true;
}

static bool open_columns(struct ledger_writer *w, struct err *err)
{
    for (unsigned i = 0; i < COLUMNS_N; i++) {
        w->fd[i] = openat(w->dir_fd, column_forms[i].name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (w->fd[i] < 0)
            return err_system(err, "%s", column_forms[i].name);
    }
    return true;
}

static bool cut_columns(struct ledger_writer *w, const struct counts *n, struct err *err)
{
    for (unsigned i = 0; i < COLUMNS_N; i++) {
        uint64_t bytes = column_bytes(n, i);
        struct stat st;

        if (fstat(w->fd[i], &st))
            return err_system(err, "%s", column_forms[i].name);
        if ((uint64_t)st.st_size < bytes)
            return err_fail(err, ERR_CORRUPT, "%s: shorter than the head says", column_forms[i].name);
        if ((uint64_t)st.st_size > bytes && ftruncate(w->fd[i], (off_t)bytes))
            return err_system(err, "%s", column_forms[i].name);
    }
    return true;
}

static bool sweep(struct ledger_writer *w, struct err *err)
{
    const uint64_t *n = w->head.now.n;

    return index_sweep(w->dir_fd, "tx", n[COUNT_TX], err) &&
           index_sweep(w->dir_fd, "script", n[COUNT_SCRIPT], err) &&
           index_sweep(w->dir_fd, "block", n[COUNT_BLOCK], err);
}

static bool sync_columns(struct ledger_writer *w, bool in_place, struct err *err)
{
    for (unsigned i = 0; i < COLUMNS_N; i++)
        if (column_forms[i].in_place == in_place && fdatasync(w->fd[i]))
            return err_system(err, "%s", column_forms[i].name);
    return true;
}

static bool remap(struct ledger_writer *w, struct err *err)
{
    columns_unmap(&w->c);
    return columns_map(w->dir_fd, &w->head, &w->head.now, COLUMNS_WRITABLE, &w->c, err);
}

/* Step 3 done again after a crash: what in.source and out.script of the unapplied part say. */
static bool apply_again(struct ledger_writer *w, struct err *err)
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
    if (!sync_columns(w, true, err))
        return false;
    w->head.applied = w->head.now;
    return head_write(w->dir_fd, &w->head, err);
}

/* Keys of ids [first, n) of one index, from the columns. */
enum index_kind { INDEX_TX, INDEX_SCRIPT, INDEX_BLOCK, INDEXES_N };
static const struct {
    const char *name;
    enum count by;
} indexes[INDEXES_N] = {{"tx", COUNT_TX}, {"script", COUNT_SCRIPT}, {"block", COUNT_BLOCK}};

static struct keyed index_entry(const struct columns *c, enum index_kind kind, uint64_t id)
{
    uint8_t form[SCRIPT_FORM_MAX];
    struct bytes script;
    uint64_t key = 0;
    size_t used;

    switch (kind) {
    case INDEX_TX:
        key = key_of_hash(c->at[COLUMN_TX_ID] + id * 32);
        break;
    case INDEX_SCRIPT:
        if (script_unpack(columns_packed(c, (uint32_t)id), form, &script, &used))
            key = key_of_script(script);
        break;
    case INDEX_BLOCK:
        key = key_of_hash(columns_block(c, id) + BLOCK_AT_HASH);
        break;
    case INDEXES_N:
        break;
    }
    return (struct keyed){key, (uint32_t)id, 0};
}

static int keyed_order(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;

    return x->key != y->key ? (x->key < y->key ? -1 : 1) : x->index < y->index ? -1 : x->index > y->index;
}

/* The index after an undo: runs that both counts have are kept, the rest is made from the columns. */
static bool reindex(struct ledger_writer *w, const struct columns *c, enum index_kind kind, struct err *err)
{
    uint64_t was = w->head.undo.n[indexes[kind].by], now = w->head.now.n[indexes[kind].by];
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
    if (!index_open(w->dir_fd, indexes[kind].name, kept.covered, &kept, err))
        return false;
    n = now - kept.covered;
    fresh = mem_reserve(n * sizeof(*fresh));
    if (!fresh) {
        index_close(&kept);
        return err_fail(err, ERR_NOMEM, "index");
    }
    for (uint64_t i = 0; i < n; i++)
        fresh[i] = index_entry(c, kind, kept.covered + i);
    qsort(fresh, n, sizeof(*fresh), keyed_order);
    ok = index_grow(w->dir_fd, indexes[kind].name, &kept, now, fresh, n, err) &&
         index_sync(w->dir_fd, indexes[kind].name, kept.covered, now, err);
    mem_unreserve(fresh, n * sizeof(*fresh));
    index_close(&kept);
    return ok;
}

/* Takes back in place what the blocks between now and undo did; can be done again. */
static bool undo_in_place(struct ledger_writer *w, const struct columns *c, struct err *err)
{
    const struct counts *to = &w->head.now, *from = &w->head.undo;
    uint8_t *spent = columns_in_place(c, COLUMN_OUT_SPENT), *last = columns_in_place(c, COLUMN_SCRIPT_LAST);

    for (uint64_t i = to->n[COUNT_IN]; i < from->n[COUNT_IN]; i++) {
        uint64_t id = load_le40(c->at[COLUMN_IN_SOURCE] + i * ID_BYTES);

        if (id < to->n[COUNT_OUT])
            store_le32(spent + id * 4, 0);
    }
    for (uint64_t out = from->n[COUNT_OUT]; out-- > to->n[COUNT_OUT];) {
        uint32_t script = load_le32(c->at[COLUMN_OUT_SCRIPT] + out * 4);

        if (script < to->n[COUNT_SCRIPT])
            store_le64(last + (uint64_t)script * 8, load_le40(c->at[COLUMN_OUT_PREV] + out * ID_BYTES));
    }
    return sync_columns(w, true, err);
}

static bool finish_undo(struct ledger_writer *w, struct err *err)
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

static bool recover(struct ledger_writer *w, struct err *err)
{
    bool undoing = memcmp(&w->head.undo, &w->head.now, sizeof(w->head.now)) != 0;

    if (undoing) {
        if (!lock_take(w->lock, LOCK_READERS, true, true, err))
            return false;
        if (!finish_undo(w, err) || !cut_columns(w, &w->head.now, err))
            return false;
        lock_drop(w->lock, LOCK_READERS);
    } else if (!cut_columns(w, &w->head.now, err)) {
        return false;
    }
    if (memcmp(&w->head.applied, &w->head.now, sizeof(w->head.now)) && !apply_again(w, err))
        return false;
    unlinkat(w->dir_fd, "head.new", 0);
    return sweep(w, err) && remap(w, err);
}

static bool open_in(struct ledger_writer *w, const struct chain *chain, struct ledger_options o, struct err *err)
{
    w->lock = openat(w->dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (w->lock < 0)
        return err_system(err, "lock");
    if (!lock_take(w->lock, LOCK_WRITER, true, false, err))
        return false;
    if (!head_read(w->dir_fd, &w->head, err)) {
        if (err->class != ERR_NOT_FOUND)
            return false;
        w->head.chain = chain;
        if (!open_columns(w, err) || !cut_columns(w, &w->head.now, err) ||
            !head_write(w->dir_fd, &w->head, err))
            return false;
    } else {
        if (w->head.chain != chain)
            return err_fail(err, ERR_INPUT, "this is a ledger of %s, not of %s", w->head.chain->name,
                            chain->name);
        if (!open_columns(w, err))
            return false;
    }
    if (!recover(w, err))
        return false;
    w->pool = pool_new(o.threads);
    /* Five eighths are the batch's; blocks on their way, buffers and what grows an index share the rest. */
    w->batch = w->pool ? batch_new(o.memory / 8 * 5, w->pool) : NULL;
    return w->batch || err_fail(err, ERR_NOMEM, "memory for a batch");
}

bool ledger_writer_open(const char *dir, const struct chain *chain, struct ledger_options o,
                        struct ledger_writer **ret, struct err *err)
{
    struct ledger_writer *w = mem_zero(sizeof(*w));
    bool ok = false;

    if (!o.memory)
        o.memory = LEDGER_MEMORY_DEFAULT;
    if (!w)
        return err_fail(err, ERR_NOMEM, "ledger");
    w->dir_fd = w->lock = -1;
    for (unsigned i = 0; i < COLUMNS_N; i++)
        w->fd[i] = -1;
    w->dir = mem_alloc(strlen(dir) + 1);
    if (!w->dir) {
        err_fail(err, ERR_NOMEM, "ledger");
    } else if (o.memory < LEDGER_MEMORY_MIN) {
        err_fail(err, ERR_USAGE, "memory of less than %llu MiB",
                 (unsigned long long)(LEDGER_MEMORY_MIN >> 20));
    } else {
        memcpy(w->dir, dir, strlen(dir) + 1);
        ok = make_folder(dir, err);
    }
    if (ok) {
        w->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        ok = w->dir_fd >= 0 ? open_in(w, chain, o, err) : err_system(err, "folder");
    }
    if (!ok) {
        ledger_writer_close(w);
        return err_in(err, "%s", dir);
    }
    *ret = w;
    return true;
}

struct ledger_writer *ledger_writer_close(struct ledger_writer *w)
{
    struct err err;

    if (!w)
        return NULL;
    if (!settled(w, &err)) /* whoever wants to know asks with ledger_writer_finish */
        err.text[0] = 0;
    columns_unmap(&w->c);
    batch_free(w->batch);
    pool_free(w->pool);
    for (unsigned i = 0; i < COLUMNS_N; i++)
        if (w->fd[i] >= 0)
            close(w->fd[i]);
    if (w->lock >= 0)
        close(w->lock);
    if (w->dir_fd >= 0)
        close(w->dir_fd);
    mem_free(w->dir);
    return mem_free(w);
}

/* ---- appending ---- */

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

struct appending {
    struct ledger_writer *w;
    struct batch_view v;
    struct head next;
    struct err errs[COLUMNS_N + INDEXES_N];
    bool bad[COLUMNS_N + INDEXES_N];
};

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
    const struct index *from = kind == INDEX_TX ? &c->txs : kind == INDEX_SCRIPT ? &c->scripts : &c->blocks;
    uint64_t first = from->covered, old = c->n.n[indexes[kind].by], added = a->v.n.n[indexes[kind].by];
    const struct keyed *more = kind == INDEX_TX ? a->v.new_txs : kind == INDEX_SCRIPT ? a->v.new_scripts : NULL;
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
        fresh[n + i] = index_entry(c, kind, first + i);
    qsort(fresh + n, tail_n, sizeof(*fresh), keyed_order);
    if (more) {
        for (size_t i = 0; i < n; i++)
            fresh[i] = t < tail_n && (m == added || fresh[n + t].key < more[m].key ||
                                      (fresh[n + t].key == more[m].key && fresh[n + t].index < more[m].index))
                           ? fresh[n + t++]
                           : more[m++];
    } else {
        memcpy(fresh, fresh + n, tail_n * sizeof(*fresh));
        for (size_t i = 0; i < added; i++)
            fresh[tail_n + i] = (struct keyed){key_of_hash(a->v.blocks[i].hash.b), (uint32_t)(old + i), 0};
        qsort(fresh, n, sizeof(*fresh), keyed_order);
    }
    a->bad[COLUMNS_N + kind] = !index_grow(a->w->dir_fd, indexes[kind].name, from, old + added, fresh, n,
                                           &a->errs[COLUMNS_N + kind]);
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

/* Step 3. Both lists may come in any order; old_spends is sorted, so that pages are touched once. */
static void apply(struct ledger_writer *w, const struct batch_view *v)
{
    uint8_t *spent = columns_in_place(&w->c, COLUMN_OUT_SPENT), *last = columns_in_place(&w->c, COLUMN_SCRIPT_LAST);

    for (size_t i = 0; i < v->old_spends_n; i++)
        store_le32(spent + v->old_spends[i].key * 4, v->old_spends[i].with);
    for (size_t i = 0; i < v->old_lasts_n; i++)
        store_le64(last + (uint64_t)v->old_lasts[i].index * 8, v->old_lasts[i].key);
}

static bool counts_within(const struct counts *n, struct err *err)
{
    if (n->n[COUNT_TX] >= UINT32_MAX - 2 || n->n[COUNT_SCRIPT] >= UINT32_MAX - 2 ||
        n->n[COUNT_OUT] >= COINS_OUTSIDE - 2 || n->n[COUNT_IN] >= COINS_OUTSIDE - 2)
        return err_fail(err, ERR_LIMIT, "the chain has more than format %d can count", LEDGER_FORMAT);
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

/* The rest: what takes time here is the disk, so it goes on while the next blocks are prepared. It reads of the batch only
 * the two lists that the next join writes anew, and a join waits for it. */
static void *settle(void *arg)
{
    struct appending *a = arg;
    struct ledger_writer *w = a->w;
    struct err *err = &a->errs[0];
    bool ok = sync_columns(w, false, err) && sync_columns(w, true, err);

    for (unsigned i = 0; ok && i < INDEXES_N; i++)
        ok = index_sync(w->dir_fd, indexes[i].name, w->head.now.n[indexes[i].by], a->next.now.n[indexes[i].by], err);
    if (ok && fsync(w->dir_fd))
        ok = err_system(err, "folder");
    ok = ok && head_write(w->dir_fd, &a->next, err);
    if (ok) {
        w->head = a->next;
        ok = remap(w, err);
    }
    if (ok) {
        apply(w, &a->v);
        ok = sync_columns(w, true, err);
        w->head.applied = w->head.now;
    }
    a->bad[0] = !(ok && head_write(w->dir_fd, &w->head, err) && sweep(w, err));
    return NULL;
}

static bool settled(struct ledger_writer *w, struct err *err)
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

static bool commit(struct ledger_writer *w, struct err *err)
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
    ok = settled(w, err) && batch_join(w->batch, &w->c, spent, ctx, err) && commit(w, err);
    batch_clear(w->batch);
    return ok || err_in(err, "%s", w->dir);
}

bool ledger_writer_finish(struct ledger_writer *w, struct err *err)
{
    return settled(w, err) || err_in(err, "%s", w->dir);
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
        return err_fail(err, ERR_INPUT, "block at height %u would fill a gap: ingest anew", s->height);
    return true;
}

bool ledger_append(struct ledger_writer *w, const struct block_facts *facts, size_t n, struct err *err)
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

/* ---- undoing ---- */

/* A column's checksum without what lies past a length. */
static uint64_t sum_without(const struct columns *c, enum column which, uint64_t sum, uint64_t bytes)
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

    if (!settled(w, err))
        return false;
    next = w->head;
    if (blocks_n >= w->head.now.n[COUNT_BLOCK])
        return true;
    next.undo = w->head.now;
    next.now = next.applied = columns_before(&w->c, blocks_n);
    for (unsigned k = 0; k < COUNTS_N; k++)
        if (next.now.n[k] > w->head.now.n[k])
            return err_fail(err, ERR_CORRUPT, "%s: the record of block %u is damaged", w->dir, blocks_n);
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
    if (!finish_undo(w, err) || !cut_columns(w, &w->head.now, err))
        return false;
    lock_drop(w->lock, LOCK_READERS);
    return sweep(w, err) && remap(w, err);
}

/* ---- looking ---- */

uint32_t ledger_writer_blocks(const struct ledger_writer *w)
{
    return (uint32_t)w->head.now.n[COUNT_BLOCK];
}

uint32_t ledger_writer_runs(const struct ledger_writer *w)
{
    return (uint32_t)w->head.now.n[COUNT_RUN];
}

struct ledger_block ledger_writer_block(const struct ledger_writer *w, uint32_t block)
{
    return columns_ledger_block(&w->c, block);
}

uint32_t ledger_writer_find_block(const struct ledger_writer *w, const struct hash32 *hash)
{
    return columns_find_block(&w->c, hash);
}

uint32_t ledger_writer_run_first(const struct ledger_writer *w, uint32_t run)
{
    return run < ledger_writer_runs(w) ? load_le32(w->c.at[COLUMN_RUN] + 4 * (uint64_t)run)
                                       : ledger_writer_blocks(w);
}
