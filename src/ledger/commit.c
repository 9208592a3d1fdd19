/* A batch becomes part of the ledger: writer.h says in which steps, and why whoever dies on the way
 * leaves it whole. */
#include "ledger/files.h"

#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define PUT_BYTES ((size_t)256 << 10)
#define TASKS_MAX (COLUMNS_MAX + INDEXES_MAX)

struct settling {
    struct files *f;
    struct addition a;
    struct head next;
    struct err errs[TASKS_MAX]; /* columns, then indexes */
    bool bad[TASKS_MAX];
};

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

void put_bytes(struct put *u, const void *p, size_t n)
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

void put_id(struct put *u, uint64_t id)
{
    uint8_t five[8];

    store_le64(five, id);
    if (PUT_BYTES - u->n >= 8) { /* eight bytes are one store; only five count */
        memcpy(u->p + u->n, five, 8);
        u->n += 5;
        if (u->n == PUT_BYTES)
            put_flush(u, u->n);
    } else {
        put_bytes(u, five, 5);
    }
}

static void append_column(struct settling *s, unsigned which)
{
    struct files *f = s->f;
    const struct column_form *form = &f->head.shape->columns[which];
    struct put u = {.p = mem_alloc(PUT_BYTES + 8)};

    if (!u.p) {
        s->bad[which] = !err_fail(&s->errs[which], ERR_NOMEM, "%s", form->name);
        return;
    }
    put_start(&u, f->fd[which], column_bytes(f->head.shape, &f->head.now, which),
              f->head.sum[which]);
    s->a.put(s->a.ctx, &u, which);
    put_flush(&u, u.n);
    if (!form->in_place)
        s->next.sum[which] = u.sum;
    if (u.bad)
        s->bad[which] = !err_system(&s->errs[which], "%s", form->name);
    else if (!f->fleeting)
        sync_file_range(u.fd, 0, 0, SYNC_FILE_RANGE_WRITE); /* the disk may begin; settle waits */
    mem_free(u.p);
}

/* The tail so far and what the batch adds, merged: both are sorted. */
static void append_index(struct settling *s, unsigned which)
{
    const struct columns *c = &s->f->c;
    const struct ledger_shape *shape = c->shape;
    const struct index *from = &c->index[which];
    unsigned by = shape->indexes[which].by, task = shape->columns_n + which;
    uint64_t first = from->covered, old = c->n.n[by], added = s->a.n.n[by];
    const struct keyed *more = s->a.fresh[which];
    size_t tail_n = (size_t)(old - first), n = tail_n + added, t = 0, m = 0;
    struct index plan;
    struct keyed *fresh;

    index_plan(old + added, from->key_bytes, &plan);
    if (plan.covered == first)
        return;
    fresh = mem_reserve((n + tail_n) * sizeof(*fresh));
    if (!fresh) {
        s->bad[task] = !err_fail(&s->errs[task], ERR_NOMEM, "index");
        return;
    }
    for (size_t i = 0; i < tail_n; i++)
        fresh[n + i] = (struct keyed){shape->key_of(c, which, first + i), (uint32_t)i, 0};
    qsort(fresh + n, tail_n, sizeof(*fresh), keyed_order);
    for (size_t i = 0; i < n; i++) {
        if (t < tail_n && (m == added || fresh[n + t].key <= more[m].key)) {
            fresh[i] = fresh[n + t++]; /* the same key: the tail's ids are lower */
        } else {
            fresh[i] = more[m++];
            fresh[i].index += (uint32_t)tail_n;
        }
    }
    s->bad[task] = !index_grow(s->f->dir, shape->indexes[which].name, from, old + added, fresh, n,
                               &s->errs[task]);
    mem_unreserve(fresh, (n + tail_n) * sizeof(*fresh));
}

static void append_one(void *ctx, size_t task, unsigned worker)
{
    struct settling *s = ctx;
    unsigned columns_n = s->f->head.shape->columns_n;

    if (task < columns_n)
        append_column(s, (unsigned)task);
    else
        append_index(s, (unsigned)task - columns_n);
}

static bool counts_within(const struct ledger_shape *s, const struct counts *n, struct err *err)
{
    for (unsigned i = 0; i < s->counts_n; i++)
        if (n->n[i] > s->counts[i].max)
            return err_fail(err, ERR_LIMIT, "the chain has more %s than format %d can count",
                            s->counts[i].name, LEDGER_FORMAT);
    return true;
}

/* Step 1, but for its end: bytes are written, nothing is durable yet. */
static bool append(struct settling *s, struct pool *pool, struct err *err)
{
    const struct ledger_shape *shape = s->f->head.shape;
    unsigned tasks = shape->columns_n + shape->indexes_n;

    s->next = s->f->head;
    for (unsigned k = 0; k < shape->counts_n; k++)
        s->next.now.n[k] += s->a.n.n[k];
    s->next.undo = s->next.now;
    s->next.tip = s->a.tip;
    if (!counts_within(shape, &s->next.now, err))
        return false;
    pool_run(pool, tasks, append_one, s);
    for (unsigned i = 0; i < tasks; i++)
        if (s->bad[i]) {
            *err = s->errs[i];
            return false;
        }
    return true;
}

/* Whether the batch brought new runs of an index. */
static bool runs_moved(const struct settling *s)
{
    const struct ledger_shape *shape = s->f->head.shape;

    for (unsigned i = 0; i < shape->indexes_n; i++) {
        struct index was, now;

        index_plan(s->f->head.now.n[shape->indexes[i].by], shape->indexes[i].key_bytes, &was);
        index_plan(s->next.now.n[shape->indexes[i].by], shape->indexes[i].key_bytes, &now);
        if (was.covered != now.covered)
            return true;
    }
    return false;
}

static bool sync_runs(const struct settling *s, struct err *err)
{
    const struct files *f = s->f;
    const struct ledger_shape *shape = f->head.shape;

    if (f->fleeting)
        return true;
    for (unsigned i = 0; i < shape->indexes_n; i++)
        if (!index_sync(f->dir, shape->indexes[i].name, f->head.now.n[shape->indexes[i].by],
                        s->next.now.n[shape->indexes[i].by], err))
            return false;
    return !fsync(f->dir) || err_system(err, "folder");
}

/* The rest: what takes time here is the disk, so it goes on while the next blocks are prepared.
 * Where no run of an index came or went, as with most single blocks, the folder is made durable
 * once: should the second head be lost with the system, the first says what is to be done again. */
static void *settle(void *arg)
{
    struct settling *s = arg;
    struct files *f = s->f;
    struct err *err = &s->errs[0];
    bool moved = runs_moved(s);
    bool ok = files_sync(f, SYNC_GROWING | SYNC_IN_PLACE, err) && (!moved || sync_runs(s, err)) &&
              files_head(f, &s->next, HEAD_DURABLE, err);

    if (ok) {
        f->head = s->next;
        ok = files_remap(f, err);
    }
    if (ok) {
        s->a.apply(s->a.ctx, &f->c);
        ok = files_sync(f, SYNC_IN_PLACE, err);
        f->head.applied = f->head.now;
    }
    s->bad[0] = !(ok && files_head(f, &f->head, moved ? HEAD_DURABLE : HEAD_LATER, err) &&
                  (!moved || files_sweep(f, err)));
    return NULL;
}

bool files_settled(struct files *f, struct err *err)
{
    struct settling *s = f->settling;
    bool ok;

    if (!s)
        return true;
    pthread_join(f->settler, NULL);
    f->settling = NULL;
    ok = !s->bad[0];
    if (!ok)
        *err = s->errs[0];
    mem_free(s);
    return ok;
}

bool files_commit(struct files *f, struct pool *pool, const struct addition *a, struct err *err)
{
    struct settling *s = mem_zero(sizeof(*s));

    if (!s)
        return err_fail(err, ERR_NOMEM, "commit");
    s->f = f;
    s->a = *a;
    if (!append(s, pool, err)) {
        mem_free(s);
        return false;
    }
    f->settling = s;
    if (pthread_create(&f->settler, NULL, settle, s)) {
        f->settling = NULL;
        mem_free(s);
        return err_fail(err, ERR_SYSTEM, "no thread for a commit");
    }
    return true;
}
