#include "ledger/index.h"

#include "base/bytes.h"
#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID_BYTES_MAX 4u
#define OUT_ENTRIES 16384u
/* runs that one run is made of: up to a level's worth of each lower one, and what is fresh */
#define SOURCES_MAX (INDEX_LEVELS * INDEX_FAN + 1)

static uint64_t level_ids(unsigned level)
{
    return (uint64_t)INDEX_GRID << (4 * level);
}

/* Ids of a run of 2^13, 2^17, 2^21, 2^25, 2^29. */
static unsigned level_id_bytes(unsigned level)
{
    return (13 + 4 * level + 7) / 8;
}

static uint64_t run_bytes(const struct index_run *r)
{
    return r->n * (r->key_bytes + r->id_bytes);
}

void index_plan(uint64_t n, unsigned key_bytes, struct index *ret)
{
    uint64_t at = 0;

    memset(ret, 0, sizeof(*ret));
    ret->key_bytes = key_bytes;
    for (unsigned level = INDEX_LEVELS; level-- > 0;)
        for (; n - at >= level_ids(level) && ret->runs_n < INDEX_RUNS_MAX; at += level_ids(level))
            ret->runs[ret->runs_n++] = (struct index_run){.level = level,
                                                          .key_bytes = key_bytes,
                                                          .id_bytes = level_id_bytes(level),
                                                          .first = at,
                                                          .n = level_ids(level)};
    ret->covered = at;
}

static void run_name(char ret[64], const char *name, const struct index_run *r)
{
    snprintf(ret, 64, "index.%s.%u.%llu", name, r->level, (unsigned long long)(r->first / r->n));
}

static bool run_open(int dir, const char *name, struct index_run *r, struct err *err)
{
    char file[64];
    struct stat st;
    int fd;
    void *p;

    run_name(file, name, r);
    fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return err_fail(err, ERR_NOT_FOUND, "%s: missing", file);
    if (fd < 0)
        return err_system(err, "%s", file);
    if (fstat(fd, &st) || (uint64_t)st.st_size != run_bytes(r)) {
        close(fd);
        return err_fail(err, ERR_CORRUPT, "%s: not %llu bytes long", file,
                        (unsigned long long)run_bytes(r));
    }
    p = mmap(NULL, run_bytes(r), PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (p == MAP_FAILED)
        return err_system(err, "%s", file);
    r->keys = p;
    r->ids = r->keys + r->n * r->key_bytes;
    return true;
}

bool index_open(int dir, const char *name, uint64_t n, unsigned key_bytes, struct index *ret,
                struct err *err)
{
    index_plan(n, key_bytes, ret);
    for (unsigned i = 0; i < ret->runs_n; i++)
        if (!run_open(dir, name, &ret->runs[i], err)) {
            index_close(ret);
            return false;
        }
    return true;
}

void index_close(struct index *x)
{
    for (unsigned i = 0; i < x->runs_n; i++)
        if (x->runs[i].keys) {
            munmap((void *)(uintptr_t)x->runs[i].keys, run_bytes(&x->runs[i]));
            x->runs[i].keys = x->runs[i].ids = NULL;
        }
}

uint64_t index_bytes(const struct index *x)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < x->runs_n; i++)
        sum += run_bytes(&x->runs[i]);
    return sum;
}

/* The first entry in [low, high) whose key is not below key. */
static uint64_t lower_bound(const struct index_run *r, uint64_t low, uint64_t high, uint64_t key)
{
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (index_run_key(r, middle) < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Doubling steps from low, then a binary search: cheap when the answer is near, logarithmic when it
 * is far. */
static uint64_t gallop(const struct index_run *r, uint64_t low, uint64_t key)
{
    uint64_t step = 1;

    while (step < r->n - low && index_run_key(r, low + step) < key) {
        low += step;
        step *= 2;
    }
    return lower_bound(r, low, low + step < r->n ? low + step : r->n, key);
}

#define GUESSES 3

/* Keys are prefixes of hashes, so that how large one is tells nearly where it lies, and how far
 * from another. */
static uint64_t guess(const struct index_run *r, uint64_t key)
{
    uint64_t at = (uint64_t)((unsigned __int128)key * r->n >> 64);

    for (unsigned i = 0; i < GUESSES; i++) {
        uint64_t there = index_run_key(r, at);
        uint64_t off = there < key ? key - there : there - key;
        uint64_t by = (uint64_t)((unsigned __int128)off * r->n >> 64);

        if (!by)
            break;
        if (there < key)
            at = by < r->n - at ? at + by : r->n - 1;
        else
            at = by < at ? at - by : 0;
    }
    return at;
}

/* As lower_bound over all of it; with keys that lie otherwise it still takes logarithmic time. */
static uint64_t run_seek(const struct index_run *r, uint64_t key)
{
    uint64_t high, step = 1;

    if (!r->n)
        return 0;
    high = guess(r, key);
    if (index_run_key(r, high) < key)
        return gallop(r, high, key);
    for (; step <= high && index_run_key(r, high - step) >= key; step *= 2)
        high -= step;
    return lower_bound(r, step <= high ? high - step + 1 : 0, high, key);
}

bool index_next(const struct index *x, uint64_t key, struct index_walk *w, uint64_t *ret_id)
{
    while (w->at >= w->end) {
        const struct index_run *r;

        if (w->run == x->runs_n)
            return false;
        r = &x->runs[x->runs_n - ++w->run];
        w->at = run_seek(r, key);
        for (w->end = w->at; w->end < r->n && index_run_key(r, w->end) == key; w->end++)
            ;
    }
    *ret_id = index_run_id(&x->runs[x->runs_n - w->run], --w->end); /* newest first */
    return true;
}

static size_t keys_seek(const struct keyed *keys, size_t n, size_t low, uint64_t key)
{
    size_t step = 1, high;

    for (; step < n - low && keys[low + step].key < key; step *= 2)
        low += step;
    high = low + step < n ? low + step : n;
    return low + keyed_lower_bound(keys + low, high - low, key);
}

void index_join(const struct index_run *run, const struct keyed *keys, size_t keys_n,
                void (*hit)(void *ctx, size_t i, uint64_t id), void *ctx)
{
    uint64_t at = 0;

    if (!keys_n)
        return;
    at = lower_bound(run, 0, run->n, keys[0].key);
    for (size_t i = 0; i < keys_n && at < run->n;) {
        uint64_t key = index_run_key(run, at);

        if (keys[i].key < key) {
            i = keys_seek(keys, keys_n, i, key);
            continue;
        }
        if (keys[i].key > key) {
            at = gallop(run, at, keys[i].key);
            continue;
        }
        for (uint64_t same = at; same < run->n && index_run_key(run, same) == key; same++)
            hit(ctx, i, index_run_id(run, same));
        i++;
    }
}

/* Building: sources are sorted, the smallest head is written next. */
struct merge_source {
    const struct index_run *run; /* or */
    const struct keyed *fresh;
    uint64_t at, n;
    uint64_t base; /* what fresh counts from */
};

struct merge_out {
    int fd;
    uint64_t written, n, first; /* first: id of the run */
    unsigned held, key_bytes, id_bytes;
    uint8_t keys[OUT_ENTRIES * INDEX_KEY_WHOLE], ids[OUT_ENTRIES * ID_BYTES_MAX];
};

static bool out_flush(struct merge_out *o)
{
    size_t keys = (size_t)o->held * o->key_bytes, ids = (size_t)o->held * o->id_bytes;
    bool ok = pwrite(o->fd, o->keys, keys, (off_t)(o->written * o->key_bytes)) == (ssize_t)keys &&
              pwrite(o->fd, o->ids, ids, (off_t)(o->n * o->key_bytes + o->written * o->id_bytes)) ==
                  (ssize_t)ids;

    o->written += o->held;
    o->held = 0;
    return ok;
}

static void out_put(struct merge_out *o, struct keyed e)
{
    if (o->key_bytes == INDEX_KEY_WHOLE)
        store_le64(o->keys + (size_t)8 * o->held, e.key);
    else
        store_le40(o->keys + (size_t)5 * o->held, e.key >> 24);
    for (unsigned i = 0; i < o->id_bytes; i++)
        o->ids[(size_t)o->held * o->id_bytes + i] = (uint8_t)(e.index >> 8 * i);
    o->held++;
}

/* Its index counts from the first id of the run that is written. */
static struct keyed source_head(const struct merge_source *s, uint64_t first)
{
    if (s->fresh)
        return (struct keyed){.key = s->fresh[s->at].key,
                              .index = s->fresh[s->at].index + (uint32_t)(s->base - first)};
    return (struct keyed){.key = index_run_key(s->run, s->at),
                          .index = (uint32_t)(index_run_id(s->run, s->at) - first)};
}

static bool merge(struct merge_source *sources, unsigned n, struct merge_out *out)
{
    struct keyed heads[SOURCES_MAX];

    for (unsigned i = 0; i < n; i++)
        if (sources[i].n)
            heads[i] = source_head(&sources[i], out->first);
    for (;;) {
        unsigned least = n;

        for (unsigned i = 0; i < n; i++)
            if (sources[i].at < sources[i].n &&
                (least == n || heads[i].key < heads[least].key ||
                 (heads[i].key == heads[least].key && heads[i].index < heads[least].index)))
                least = i;
        if (least == n)
            return out_flush(out);
        out_put(out, heads[least]);
        if (out->held == OUT_ENTRIES && !out_flush(out))
            return false;
        if (++sources[least].at < sources[least].n)
            heads[least] = source_head(&sources[least], out->first);
    }
}

static bool run_write(int dir, const char *name, const struct index *from,
                      const struct index_run *r, const struct keyed *fresh, size_t fresh_n,
                      struct merge_out *out, struct err *err)
{
    struct merge_source sources[SOURCES_MAX];
    unsigned n = 0;
    char file[64];
    bool ok;

    for (unsigned i = 0; i < from->runs_n && n < SOURCES_MAX - 1; i++)
        if (from->runs[i].first >= r->first && from->runs[i].first < r->first + r->n)
            sources[n++] = (struct merge_source){.run = &from->runs[i], .n = from->runs[i].n};
    sources[n++] = (struct merge_source){.fresh = fresh, .n = fresh_n, .base = from->covered};
    run_name(file, name, r);
    out->fd = openat(dir, file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    out->written = 0;
    out->held = 0;
    out->n = r->n;
    out->first = r->first;
    out->key_bytes = r->key_bytes;
    out->id_bytes = r->id_bytes;
    ok = out->fd >= 0 && merge(sources, n, out);
    if (ok)
        /* the disk may begin; index_sync waits */
        sync_file_range(out->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    if (!ok)
        err_system(err, "%s", file);
    else if (out->written != r->n)
        ok = err_fail(err, ERR_CORRUPT, "%s: %llu entries where there should be %llu", file,
                      (unsigned long long)out->written, (unsigned long long)r->n);
    if (out->fd >= 0)
        close(out->fd);
    return ok;
}

/* For each 8,192 ids from the first one on: which of the planned runs holds them. */
static uint16_t *run_table(const struct index *plan, uint64_t first)
{
    uint16_t *table = mem_array((size_t)((plan->covered - first) / INDEX_GRID), sizeof(*table));

    for (unsigned i = 0; table && i < plan->runs_n; i++)
        for (uint64_t id = plan->runs[i].first; id < plan->runs[i].first + plan->runs[i].n;
             id += INDEX_GRID)
            if (id >= first)
                table[(id - first) / INDEX_GRID] = (uint16_t)i;
    return table;
}

bool index_grow(int dir, const char *name, const struct index *from, uint64_t n,
                const struct keyed *fresh, size_t fresh_n, struct err *err)
{
    struct index plan;
    uint64_t start[INDEX_RUNS_MAX + 1] = {0}, put[INDEX_RUNS_MAX] = {0};
    struct keyed *sorted = NULL;
    struct merge_out *out = NULL;
    uint16_t *table;
    bool ok = true;

    index_plan(n, from->key_bytes, &plan);
    if (plan.covered == from->covered)
        return true;
    for (unsigned i = 0; i < plan.runs_n; i++) {
        uint64_t end = plan.runs[i].first + plan.runs[i].n;
        uint64_t first = plan.runs[i].first > from->covered ? plan.runs[i].first : from->covered;

        put[i] = start[i];
        start[i + 1] = start[i] + (end > first ? end - first : 0);
    }
    sorted = mem_reserve(start[plan.runs_n] * sizeof(*sorted));
    out = mem_alloc(sizeof(*out));
    table = run_table(&plan, from->covered);
    if (!sorted || !out || !table)
        ok = err_fail(err, ERR_NOMEM, "index of %llu ids", (unsigned long long)n);
    for (size_t i = 0; ok && i < fresh_n; i++)
        if (fresh[i].index < plan.covered - from->covered) {
            unsigned r = table[fresh[i].index / INDEX_GRID];

            if (put[r] < start[r + 1])
                sorted[put[r]++] = fresh[i];
        }
    for (unsigned i = 0; ok && i < plan.runs_n; i++)
        if (start[i + 1] > start[i])
            ok = run_write(dir, name, from, &plan.runs[i], sorted + start[i], put[i] - start[i],
                           out, err);
    mem_free(table);
    mem_free(out);
    mem_unreserve(sorted, start[plan.runs_n] * sizeof(*sorted));
    return ok;
}

bool index_sync(int dir, const char *name, uint64_t from, uint64_t n, struct err *err)
{
    struct index was, plan;

    index_plan(from, INDEX_KEY_WHOLE, &was);
    index_plan(n, INDEX_KEY_WHOLE, &plan);
    for (unsigned i = 0; i < plan.runs_n; i++) {
        char file[64];
        int fd;
        bool ok;

        if (plan.runs[i].first + plan.runs[i].n <= was.covered)
            continue;
        run_name(file, name, &plan.runs[i]);
        fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
        ok = fd >= 0 && !fdatasync(fd);
        if (!ok)
            err_system(err, "%s", file);
        if (fd >= 0)
            close(fd);
        if (!ok)
            return false;
    }
    return true;
}

bool index_sweep(int dir, const char *name, uint64_t n, struct err *err)
{
    struct index plan;
    char prefix[64], want[64];
    int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    bool ok = true;

    if (!d) {
        if (fd >= 0)
            close(fd);
        return err_system(err, "folder");
    }
    index_plan(n, INDEX_KEY_WHOLE, &plan);
    snprintf(prefix, sizeof(prefix), "index.%s.", name);
    for (struct dirent *e; ok && (e = readdir(d));) {
        bool keep = false;

        if (strncmp(e->d_name, prefix, strlen(prefix)))
            continue;
        for (unsigned i = 0; !keep && i < plan.runs_n; i++) {
            run_name(want, name, &plan.runs[i]);
            keep = !strcmp(want, e->d_name);
        }
        if (!keep && unlinkat(dir, e->d_name, 0))
            ok = err_system(err, "%s", e->d_name);
    }
    closedir(d);
    return ok;
}
