#include "ledger/columns.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t nothing[16];

static bool map_one(int dir, unsigned which, uint64_t bytes, bool writable, struct columns *c,
                    struct err *err)
{
    const struct column_form *form = &c->shape->columns[which];
    bool write = writable && form->in_place;
    struct stat st;
    int fd;
    void *p;

    if (!bytes)
        return true;
    fd = openat(dir, form->name, (write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? err_fail(err, ERR_CORRUPT, "%s: missing", form->name)
                               : err_system(err, "%s", form->name);
    if (fstat(fd, &st) || (uint64_t)st.st_size < bytes) {
        close(fd);
        return err_fail(err, ERR_CORRUPT, "%s: shorter than the head says", form->name);
    }
    p = mmap(NULL, bytes, write ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED, fd, 0);
    close(fd);
    if (p == MAP_FAILED)
        return err_system(err, "%s", form->name);
    c->at[which] = p;
    c->mapped[which] = bytes;
    return true;
}

bool columns_map(int dir, const struct head *head, const struct counts *n, unsigned how,
                 struct columns *ret, struct err *err)
{
    const struct ledger_shape *s = head->shape;

    memset(ret, 0, sizeof(*ret));
    ret->chain = head->chain;
    ret->shape = s;
    ret->n = *n;
    for (unsigned i = 0; i < COLUMNS_MAX; i++)
        ret->at[i] = nothing;
    for (unsigned i = 0; i < s->columns_n; i++)
        if (!map_one(dir, i, column_bytes(s, n, i), how & COLUMNS_WRITABLE, ret, err))
            goto failed;
    for (unsigned i = 0; !(how & COLUMNS_BARE) && i < s->indexes_n; i++) {
        if (!index_open(dir, s->indexes[i].name, n->n[s->indexes[i].by], s->indexes[i].key_bytes,
                        &ret->index[i], err))
            goto failed;
        ret->index_bytes += index_bytes(&ret->index[i]);
    }
    return true;
failed:
    columns_unmap(ret);
    return false;
}

void columns_unmap(struct columns *c)
{
    for (unsigned i = 0; i < COLUMNS_MAX; i++)
        if (c->mapped[i]) {
            munmap((void *)(uintptr_t)c->at[i], c->mapped[i]);
            c->at[i] = nothing;
            c->mapped[i] = 0;
        }
    for (unsigned i = 0; i < INDEXES_MAX; i++)
        index_close(&c->index[i]);
}

struct counts columns_before(const struct columns *c, uint64_t block)
{
    struct counts n = {{0}};

    if (block >= c->n.n[COUNT_BLOCK])
        return c->n;
    for (unsigned i = 0; i < c->shape->counts_n; i++)
        n.n[i] = columns_block_count(c, block, i);
    return n;
}

uint32_t columns_find_block(const struct columns *c, const struct hash32 *hash)
{
    const struct index *x = &c->index[INDEX_BLOCK];
    struct index_walk walk = {0};
    uint64_t id;

    for (uint64_t i = c->n.n[COUNT_BLOCK]; i-- > x->covered;)
        if (!memcmp(columns_block_hash(c, i), hash->b, 32))
            return (uint32_t)i;
    while (index_next(x, columns_key_of_hash(c, INDEX_BLOCK, hash->b), &walk, &id))
        if (id < c->n.n[COUNT_BLOCK] && !memcmp(columns_block_hash(c, id), hash->b, 32))
            return (uint32_t)id;
    return BLOCK_NONE;
}

void columns_keys(const struct columns *c, unsigned index, uint64_t first, ledger_key_put *put,
                  void *ctx)
{
    const struct index *x = &c->index[index];
    uint64_t n = c->n.n[c->shape->indexes[index].by], id = first;

    for (unsigned i = 0; i < x->runs_n; i++) {
        const struct index_run *r = &x->runs[i];

        if (r->first + r->n <= id)
            continue;
        if (r->first == id)
            for (uint64_t k = 0; k < r->n; k++)
                put(ctx, index_run_key(r, k), index_run_id(r, k));
        else
            for (uint64_t k = id; k < r->first + r->n; k++)
                put(ctx, c->shape->key_of(c, index, k), k);
        id = r->first + r->n;
    }
    for (; id < n; id++)
        put(ctx, c->shape->key_of(c, index, id), id);
}

uint32_t columns_tx_block(const struct columns *c, uint64_t tx)
{
    uint64_t low = 0, high = c->n.n[COUNT_BLOCK];

    if (tx >= c->n.n[COUNT_TX] || !high) /* a damaged head may tell of transactions alone */
        return BLOCK_NONE;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;

        if (columns_block_count(c, middle, COUNT_TX) <= tx)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}

static uint64_t run_first(const struct columns *c, uint64_t run)
{
    return load_le32(c->at[COLUMN_RUN] + 4 * run);
}

struct ledger_run columns_run(const struct columns *c, uint32_t run)
{
    uint64_t runs = c->n.n[COUNT_RUN], blocks = c->n.n[COUNT_BLOCK], first, end;

    if (run >= runs)
        return (struct ledger_run){0, 0};
    first = run_first(c, run);
    end = (uint64_t)run + 1 < runs ? run_first(c, (uint64_t)run + 1) : blocks;
    if (first > end || end > blocks)
        return (struct ledger_run){0, 0};
    return (struct ledger_run){(uint32_t)first, (uint32_t)(end - first)};
}

uint32_t columns_run_of(const struct columns *c, uint32_t block)
{
    uint64_t low = 0, high = c->n.n[COUNT_RUN];

    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;

        if (run_first(c, middle) <= block)
            low = middle;
        else
            high = middle;
    }
    return (uint32_t)low;
}
