/* Opening, recovering and closing. How bytes are committed is commit.c, how they are taken back
 * undo.c. */
#include "ledger/files.h"

#include "base/folder.h"
#include "base/mem.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static bool open_columns(struct files *f, struct err *err)
{
    for (unsigned i = 0; i < f->head.shape->columns_n; i++) {
        f->fd[i] =
            openat(f->dir, f->head.shape->columns[i].name, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (f->fd[i] < 0)
            return err_system(err, "%s", f->head.shape->columns[i].name);
    }
    return true;
}

bool files_cut(struct files *f, const struct counts *n, struct err *err)
{
    for (unsigned i = 0; i < f->head.shape->columns_n; i++) {
        uint64_t bytes = column_bytes(f->head.shape, n, i);
        struct stat st;

        if (fstat(f->fd[i], &st))
            return err_system(err, "%s", f->head.shape->columns[i].name);
        if ((uint64_t)st.st_size < bytes)
            return err_fail(err, ERR_CORRUPT, "%s: shorter than the head says",
                            f->head.shape->columns[i].name);
        if ((uint64_t)st.st_size > bytes && ftruncate(f->fd[i], (off_t)bytes))
            return err_system(err, "%s", f->head.shape->columns[i].name);
    }
    return true;
}

/* Without a head nothing was ever committed, so columns that hold anything are somebody else's
 * files, or a ledger's whose head is lost: not ours to cut. */
static bool nobodys(const struct files *f, struct err *err)
{
    for (unsigned i = 0; i < f->head.shape->columns_n; i++) {
        struct stat st;

        if (!fstatat(f->dir, f->head.shape->columns[i].name, &st, 0) &&
            (!S_ISREG(st.st_mode) || st.st_size))
            return err_fail(err, ERR_INPUT, "holds a file \"%s\" and no ledger's head: not touched",
                            f->head.shape->columns[i].name);
    }
    return true;
}

bool files_sweep(struct files *f, struct err *err)
{
    const struct ledger_shape *s = f->head.shape;

    for (unsigned i = 0; i < s->indexes_n; i++)
        if (!index_sweep(f->dir, s->indexes[i].name, f->head.now.n[s->indexes[i].by], err))
            return false;
    return true;
}

/* All bytes go to the disk first, together: then the first fdatasync makes the lengths of all files
 * durable in one step of the file system's journal, and the others find it done. */
bool files_sync(struct files *f, unsigned which, struct err *err)
{
    const struct ledger_shape *s = f->head.shape;

    if (f->fleeting)
        return true;
    for (unsigned step = 0; step < 3; step++)
        for (unsigned i = 0; i < s->columns_n; i++) {
            if (!(which & (s->columns[i].in_place ? SYNC_IN_PLACE : SYNC_GROWING)))
                continue;
            if (step == 0)
                sync_file_range(f->fd[i], 0, 0, SYNC_FILE_RANGE_WRITE);
            else if (step == 1)
                sync_file_range(f->fd[i], 0, 0, SYNC_FILE_RANGE_WAIT_BEFORE);
            else if (fdatasync(f->fd[i]))
                return err_system(err, "%s", s->columns[i].name);
        }
    return true;
}

bool files_head(struct files *f, const struct head *head, enum head_rest rest, struct err *err)
{
    return head_write(f->dir, head, f->fleeting ? HEAD_FLEETING : rest, err);
}

bool files_remap(struct files *f, struct err *err)
{
    columns_unmap(&f->c);
    return columns_map(f->dir, &f->head, &f->head.now, COLUMNS_WRITABLE, &f->c, err);
}

/* Step 3 done again after a crash. */
static bool apply_again(struct files *f, struct err *err)
{
    struct columns c;

    if (!columns_map(f->dir, &f->head, &f->head.now, COLUMNS_WRITABLE | COLUMNS_BARE, &c, err))
        return false;
    f->head.shape->apply(&c, &f->head.applied, &f->head.now);
    columns_unmap(&c);
    if (!files_sync(f, SYNC_IN_PLACE, err))
        return false;
    f->head.applied = f->head.now;
    return files_head(f, &f->head, HEAD_DURABLE, err);
}

static bool recover(struct files *f, struct err *err)
{
    bool undoing = memcmp(&f->head.undo, &f->head.now, sizeof(f->head.now)) != 0;

    if (undoing) {
        if (!lock_readers_out(f->lock, err))
            return false;
        if (!files_finish_undo(f, err) || !files_cut(f, &f->head.now, err))
            return false;
        lock_readers_in(f->lock);
    } else if (!files_cut(f, &f->head.now, err)) {
        return false;
    }
    if (memcmp(&f->head.applied, &f->head.now, sizeof(f->head.now)) && !apply_again(f, err))
        return false;
    unlinkat(f->dir, "head.new", 0);
    return files_sweep(f, err) && files_remap(f, err);
}

static bool open_in(struct files *f, const struct ledger_shape *shape, const struct chain *chain,
                    struct err *err)
{
    f->lock = openat(f->dir, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (f->lock < 0)
        return err_system(err, "lock");
    if (!lock_take(f->lock, LOCK_WRITER, true, false, err))
        return false;
    if (!head_read(f->dir, shape, &f->head, err)) {
        if (err->class != ERR_NOT_FOUND)
            return false;
        f->head.chain = chain;
        f->head.shape = shape;
        if (!nobodys(f, err) || !open_columns(f, err) ||
            !files_head(f, &f->head, HEAD_DURABLE, err))
            return false;
    } else {
        if (f->head.chain != chain)
            return err_fail(err, ERR_INPUT, "this is a ledger of %s, not of %s",
                            f->head.chain->name, chain->name);
        if (!open_columns(f, err))
            return false;
    }
    return recover(f, err);
}

void files_init(struct files *f)
{
    memset(f, 0, sizeof(*f));
    f->dir = f->lock = -1;
    for (unsigned i = 0; i < COLUMNS_MAX; i++)
        f->fd[i] = -1;
}

bool files_open(struct files *f, const char *path, const struct ledger_shape *shape,
                const struct chain *chain, bool fleeting, struct err *err)
{
    files_init(f);
    f->fleeting = fleeting;
    if (!folder_make(path, 0755, err))
        return false;
    f->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return f->dir >= 0 ? open_in(f, shape, chain, err) : err_system(err, "folder");
}

void files_close(struct files *f)
{
    struct err err;

    if (!files_settled(f, &err)) /* whoever wants to know asks with files_settled */
        err.text[0] = 0;
    columns_unmap(&f->c);
    for (unsigned i = 0; i < COLUMNS_MAX; i++)
        if (f->fd[i] >= 0)
            close(f->fd[i]);
    if (f->lock >= 0)
        close(f->lock);
    if (f->dir >= 0)
        close(f->dir);
}
