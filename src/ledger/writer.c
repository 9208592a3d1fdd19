/* Opening, recovering and closing; appending facts. How bytes are committed is commit.c, how they
 * are taken back undo.c. */
#include "ledger/writer_parts.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

const struct index_row writer_indexes[INDEXES_N] = {
    {"tx", COUNT_TX}, {"script", COUNT_SCRIPT}, {"block", COUNT_BLOCK}};

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

bool writer_cut(struct ledger_writer *w, const struct counts *n, struct err *err)
{
    for (unsigned i = 0; i < COLUMNS_N; i++) {
        uint64_t bytes = column_bytes(n, i);
        struct stat st;

        if (fstat(w->fd[i], &st))
            return err_system(err, "%s", column_forms[i].name);
        if ((uint64_t)st.st_size < bytes)
            return err_fail(err, ERR_CORRUPT, "%s: shorter than the head says",
                            column_forms[i].name);
        if ((uint64_t)st.st_size > bytes && ftruncate(w->fd[i], (off_t)bytes))
            return err_system(err, "%s", column_forms[i].name);
    }
    return true;
}

/* Without a head nothing was ever committed, so columns that hold anything are somebody else's
 * files, or a ledger's whose head is lost: not ours to cut. */
static bool nobodys(const struct ledger_writer *w, struct err *err)
{
    for (unsigned i = 0; i < COLUMNS_N; i++) {
        struct stat st;

        if (!fstatat(w->dir_fd, column_forms[i].name, &st, 0) &&
            (!S_ISREG(st.st_mode) || st.st_size))
            return err_fail(err, ERR_INPUT, "holds a file \"%s\" and no ledger's head: not touched",
                            column_forms[i].name);
    }
    return true;
}

bool writer_sweep(struct ledger_writer *w, struct err *err)
{
    const uint64_t *n = w->head.now.n;

    return index_sweep(w->dir_fd, "tx", n[COUNT_TX], err) &&
           index_sweep(w->dir_fd, "script", n[COUNT_SCRIPT], err) &&
           index_sweep(w->dir_fd, "block", n[COUNT_BLOCK], err);
}

bool writer_sync(struct ledger_writer *w, bool in_place, struct err *err)
{
    for (unsigned i = 0; i < COLUMNS_N; i++)
        if (column_forms[i].in_place == in_place && fdatasync(w->fd[i]))
            return err_system(err, "%s", column_forms[i].name);
    return true;
}

bool writer_remap(struct ledger_writer *w, struct err *err)
{
    columns_unmap(&w->c);
    return columns_map(w->dir_fd, &w->head, &w->head.now, COLUMNS_WRITABLE, &w->c, err);
}

struct keyed writer_index_entry(const struct columns *c, enum index_kind kind, uint64_t id)
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

static bool recover(struct ledger_writer *w, struct err *err)
{
    bool undoing = memcmp(&w->head.undo, &w->head.now, sizeof(w->head.now)) != 0;

    if (undoing) {
        if (!lock_take(w->lock, LOCK_READERS, true, true, err))
            return false;
        if (!writer_finish_undo(w, err) || !writer_cut(w, &w->head.now, err))
            return false;
        lock_drop(w->lock, LOCK_READERS);
    } else if (!writer_cut(w, &w->head.now, err)) {
        return false;
    }
    if (memcmp(&w->head.applied, &w->head.now, sizeof(w->head.now)) && !writer_apply_again(w, err))
        return false;
    unlinkat(w->dir_fd, "head.new", 0);
    return writer_sweep(w, err) && writer_remap(w, err);
}

static bool open_in(struct ledger_writer *w, const struct chain *chain, struct ledger_options o,
                    struct err *err)
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
        if (!nobodys(w, err) || !open_columns(w, err) || !head_write(w->dir_fd, &w->head, err))
            return false;
    } else {
        if (w->head.chain != chain)
            return err_fail(err, ERR_INPUT, "this is a ledger of %s, not of %s",
                            w->head.chain->name, chain->name);
        if (!open_columns(w, err))
            return false;
    }
    if (!recover(w, err))
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
    if (!writer_settled(w, &err)) /* whoever wants to know asks with ledger_writer_finish */
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
    ok = writer_settled(w, err) && batch_join(w->batch, &w->c, spent, ctx, err) &&
         writer_commit(w, err);
    batch_clear(w->batch);
    return ok || err_in(err, "%s", w->dir);
}

bool ledger_writer_finish(struct ledger_writer *w, struct err *err)
{
    return writer_settled(w, err) || err_in(err, "%s", w->dir);
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
