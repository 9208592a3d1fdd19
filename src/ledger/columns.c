#include "ledger/columns.h"

#include "chain/facts.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const uint8_t nothing[16];

static bool map_one(int dir, enum column which, uint64_t bytes, bool writable, struct columns *c,
                    struct err *err)
{
    const struct column_form *form = &column_forms[which];
    bool write = writable && form->in_place;
    struct stat st;
    int fd;
    void *p;

    c->at[which] = nothing;
    c->mapped[which] = 0;
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

static uint64_t index_size(const struct index *x)
{
    return x->covered * 12;
}

bool columns_map(int dir, const struct head *head, const struct counts *n, unsigned how,
                 struct columns *ret, struct err *err)
{
    memset(ret, 0, sizeof(*ret));
    ret->chain = head->chain;
    ret->n = *n;
    for (unsigned i = 0; i < COLUMNS_N; i++)
        ret->at[i] = nothing;
    for (unsigned i = 0; i < COLUMNS_N; i++)
        if (!map_one(dir, i, n->n[column_forms[i].by] * column_forms[i].width,
                     how & COLUMNS_WRITABLE, ret, err))
            goto failed;
    if (how & COLUMNS_BARE)
        return true;
    if (!index_open(dir, "tx", n->n[COUNT_TX], &ret->txs, err) ||
        !index_open(dir, "script", n->n[COUNT_SCRIPT], &ret->scripts, err) ||
        !index_open(dir, "block", n->n[COUNT_BLOCK], &ret->blocks, err))
        goto failed;
    ret->index_bytes = index_size(&ret->txs) + index_size(&ret->scripts) + index_size(&ret->blocks);
    return true;
failed:
    columns_unmap(ret);
    return false;
}

void columns_unmap(struct columns *c)
{
    for (unsigned i = 0; i < COLUMNS_N; i++)
        if (c->mapped[i]) {
            munmap((void *)(uintptr_t)c->at[i], c->mapped[i]);
            c->at[i] = nothing;
            c->mapped[i] = 0;
        }
    index_close(&c->txs);
    index_close(&c->scripts);
    index_close(&c->blocks);
}

struct counts columns_before(const struct columns *c, uint64_t block)
{
    struct counts n;

    if (block >= c->n.n[COUNT_BLOCK])
        return c->n;
    for (unsigned i = 0; i < COUNTS_N; i++)
        n.n[i] = block_count(columns_block(c, block), i);
    return n;
}

struct ledger_block columns_ledger_block(const struct columns *c, uint32_t block)
{
    struct ledger_block b = {.height = HEIGHT_UNKNOWN};
    const uint8_t *record;
    uint64_t end;

    if (block >= c->n.n[COUNT_BLOCK])
        return b;
    record = columns_block(c, block);
    end = columns_before(c, (uint64_t)block + 1).n[COUNT_TX];
    memcpy(b.header, record, 80);
    memcpy(b.hash.b, record + BLOCK_AT_HASH, 32);
    b.height = load_le32(record + BLOCK_AT_HEIGHT);
    b.size = load_le32(record + BLOCK_AT_SIZE);
    b.time = load_le32(record + 68);
    b.tx_first = (uint32_t)block_count(record, COUNT_TX);
    if (b.tx_first <= end && end <= c->n.n[COUNT_TX])
        b.txs_n = (uint32_t)(end - b.tx_first);
    return b;
}

uint32_t columns_find_block(const struct columns *c, const struct hash32 *hash)
{
    struct index_walk walk = {0};
    uint32_t id;

    for (uint64_t i = c->n.n[COUNT_BLOCK]; i-- > c->blocks.covered;)
        if (!memcmp(columns_block(c, i) + BLOCK_AT_HASH, hash->b, 32))
            return (uint32_t)i;
    while (index_next(&c->blocks, key_of_hash(hash->b), &walk, &id))
        if (id < c->n.n[COUNT_BLOCK] && !memcmp(columns_block(c, id) + BLOCK_AT_HASH, hash->b, 32))
            return id;
    return BLOCK_NONE;
}

struct bytes columns_packed(const struct columns *c, uint32_t script)
{
    uint64_t all = c->n.n[COUNT_SCRIPT_BYTE], from, to;

    if (script >= c->n.n[COUNT_SCRIPT])
        return (struct bytes){nothing, 0};
    from = load_le40(c->at[COLUMN_SCRIPT_START] + (uint64_t)script * ID_BYTES);
    to = (uint64_t)script + 1 < c->n.n[COUNT_SCRIPT]
             ? load_le40(c->at[COLUMN_SCRIPT_START] + ((uint64_t)script + 1) * ID_BYTES)
             : all;
    if (from > to || to > all)
        return (struct bytes){nothing, 0};
    return (struct bytes){c->at[COLUMN_SCRIPT_DATA] + from, to - from};
}

uint64_t key_of_script(struct bytes script)
{
    uint8_t form[SCRIPT_FORM_MAX];
    struct bytes b = script_address_form(script, form);
    struct hash32 h = sha256(b.p, b.n);

    return key_of_hash(h.b);
}

struct coins columns_coins(const struct columns *c, const struct counts *n)
{
    return (struct coins){
        .txs_n = n->n[COUNT_TX],
        .outputs_n = n->n[COUNT_OUT],
        .inputs_n = n->n[COUNT_IN],
        .ext_n = n->n[COUNT_EXT],
        .tx_first = c->at[COLUMN_TX_FIRST],
        .out_value = c->at[COLUMN_OUT_VALUE],
        .out_spent = c->at[COLUMN_OUT_SPENT],
        .in_source = c->at[COLUMN_IN_SOURCE],
        .ext_value = c->at[COLUMN_EXT_VALUE],
    };
}
