#include "ledger/check_files.h"

#include <fcntl.h>
#include <unistd.h>

bool check_bad(const struct columns *c, struct err *err, unsigned column, const char *what,
               uint64_t id)
{
    return err_fail(err, ERR_CORRUPT, "%s: %s %llu does not agree with the rest",
                    c->shape->columns[column].name, what, (unsigned long long)id);
}

static bool check_sums(const struct columns *c, const struct head *head, struct err *err)
{
    for (unsigned i = 0; i < c->shape->columns_n; i++)
        if (!c->shape->columns[i].in_place && column_sum(0, c->at[i], c->mapped[i]) != head->sum[i])
            return err_fail(err, ERR_CORRUPT, "%s: does not agree with its checksum",
                            c->shape->columns[i].name);
    return true;
}

bool check_runs(const struct columns *c, bool (*linked)(const struct columns *c, uint64_t block),
                struct err *err)
{
    uint64_t run = 0;

    for (uint64_t i = 0; i < c->n.n[COUNT_BLOCK]; i++) {
        struct counts next = columns_before(c, i + 1);

        for (unsigned k = 0; k < c->shape->counts_n; k++)
            if (columns_block_count(c, i, k) > next.n[k])
                return check_bad(c, err, COLUMN_BLOCK, "block", i);
        if (run < c->n.n[COUNT_RUN] && load_le32(c->at[COLUMN_RUN] + 4 * run) == i)
            run++;
        else if (!i || !linked(c, i))
            return check_bad(c, err, COLUMN_RUN, "block", i);
    }
    return run == c->n.n[COUNT_RUN] || check_bad(c, err, COLUMN_RUN, "run", run);
}

/* A run is right if its entries ascend, each id has its own key, and all ids of the run's range can
 * be among them. */
static bool check_index(const struct columns *c, unsigned which, struct err *err)
{
    const struct index *x = &c->index[which];

    for (unsigned r = 0; r < x->runs_n; r++) {
        const struct index_run *run = &x->runs[r];
        uint64_t key = 0;
        uint32_t id = 0;

        for (uint64_t i = 0; i < run->n; i++) {
            uint64_t next_key = index_run_key(run, i);
            /* counted from the run's first */
            uint32_t next_id = (uint32_t)(index_run_id(run, i) - run->first);

            if ((i && (next_key < key || (next_key == key && next_id <= id))) ||
                next_id >= run->n || c->shape->key_of(c, which, run->first + next_id) != next_key)
                return err_fail(err, ERR_CORRUPT,
                                "index.%s.%u.%llu: entry %llu does not agree with the rest",
                                c->shape->indexes[which].name, run->level,
                                (unsigned long long)(run->first / run->n), (unsigned long long)i);
            key = next_key;
            id = next_id;
        }
    }
    return true;
}

static bool check(int dir, const struct head *head,
                  bool (*contents)(const struct columns *c, struct err *err), struct err *err)
{
    struct columns c;
    bool ok;

    if (memcmp(&head->applied, &head->now, sizeof(head->now)))
        return err_fail(
            err, ERR_SYSTEM,
            "a batch is being applied: check again when it is done, or ingest to finish it");
    if (!columns_map(dir, head, &head->now, 0, &c, err))
        return false;
    ok = check_sums(&c, head, err) && contents(&c, err);
    for (unsigned i = 0; ok && i < c.shape->indexes_n; i++)
        ok = check_index(&c, i, err);
    columns_unmap(&c);
    return ok;
}

/* Is somebody writing, or has somebody written since that head? Then files changed under the check,
 * and what it says against them is worth nothing. */
static bool written(int dir, int lock, const struct head *head)
{
    struct head now;
    struct err none;
    bool writer = !lock_take(lock, LOCK_WRITER, false, false, &none);

    if (!writer)
        lock_drop(lock, LOCK_WRITER);
    return writer || !head_read(dir, head->shape, &now, &none) ||
           memcmp(now.sum, head->sum, sizeof(now.sum)) != 0 ||
           memcmp(&now.now, &head->now, sizeof(now.now)) != 0;
}

bool check_files(const char *path, const struct ledger_shape *shape,
                 bool (*contents)(const struct columns *c, struct err *err), struct err *err)
{
    int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC), lock;
    struct head head;
    bool ok;

    if (dir < 0) {
        err_system(err, "folder");
        return err_in(err, "%s", path);
    }
    /* enough for a reader's hold, and all that a read-only copy gives */
    lock = openat(dir, "lock", O_RDONLY | O_CLOEXEC);
    ok = lock >= 0 ? lock_take(lock, LOCK_READERS, false, true, err) : err_system(err, "lock");
    ok = ok && head_read(dir, shape, &head, err);
    if (ok && !check(dir, &head, contents, err)) {
        ok = false;
        if (err->class != ERR_SYSTEM && written(dir, lock, &head))
            err_fail(err, ERR_SYSTEM, "is being written: check again when that is done");
    }
    if (lock >= 0)
        close(lock);
    close(dir);
    return ok || err_in(err, "%s", path);
}
