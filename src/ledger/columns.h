/* The ledger's files, mapped: what the reader and the writer of every shape share.
 *
 * Columns are mapped up to the counts asked for, read-only, or (the writer) those that change in
 * place also for writing. A column of length 0 is a pointer to nothing that may be read.
 *
 * Errors:    ERR_CORRUPT a file that is missing, or shorter than the head says; ERR_SYSTEM; those
 *            of index.h.
 * Threads:   what is mapped read-only may be read by any number; one maps and writes. */
#ifndef CORDON_LEDGER_COLUMNS_H
#define CORDON_LEDGER_COLUMNS_H

#include "ledger/format.h"
#include "ledger/index.h"
#include "ledger/ledger.h"

struct columns {
    const struct chain *chain;
    const struct ledger_shape *shape;
    struct counts n;
    const uint8_t *at[COLUMNS_MAX];
    size_t mapped[COLUMNS_MAX];
    struct index index[INDEXES_MAX];
    uint64_t index_bytes;
};

/* COLUMNS_BARE leaves the index out: a writer that recovers has none yet. */
enum { COLUMNS_WRITABLE = 1, COLUMNS_BARE = 2 };
bool columns_map(int dir, const struct head *head, const struct counts *n, unsigned how,
                 struct columns *ret, struct err *err) MUST_USE;
void columns_unmap(struct columns *c);

static inline uint8_t *columns_in_place(const struct columns *c, unsigned which)
{
    return (uint8_t *)(uintptr_t)c->at[which]; /* mapped for writing */
}

static inline const uint8_t *columns_block(const struct columns *c, uint64_t block)
{
    return c->at[COLUMN_BLOCK] + block * c->shape->columns[COLUMN_BLOCK].width;
}

static inline uint64_t columns_block_count(const struct columns *c, uint64_t block, unsigned which)
{
    return load_le64(columns_block(c, block) + c->shape->block_at_counts + (size_t)8 * which);
}

static inline const uint8_t *columns_block_hash(const struct columns *c, uint64_t block)
{
    return columns_block(c, block) + c->shape->block_at_hash;
}

/* The counts as they were before a block; block n.n[COUNT_BLOCK] gives all. */
struct counts columns_before(const struct columns *c, uint64_t block);

uint32_t columns_find_block(const struct columns *c, const struct hash32 *hash); /* BLOCK_NONE */
uint32_t columns_tx_block(const struct columns *c, uint64_t tx);                 /* BLOCK_NONE */

struct ledger_run columns_run(const struct columns *c, uint32_t run); /* 0, 0 out of range */
uint32_t columns_run_of(const struct columns *c, uint32_t block);

/* How many bytes of a column there are at those counts. */
static inline uint64_t column_bytes(const struct ledger_shape *s, const struct counts *n,
                                    unsigned which)
{
    return n->n[s->columns[which].by] * s->columns[which].width;
}

static inline uint64_t key_of_hash(const uint8_t *hash)
{
    return load_be64(hash);
}

/* As an index of that shape has it. */
static inline uint64_t columns_key_of_hash(const struct columns *c, unsigned index,
                                           const uint8_t *hash)
{
    return index_key(key_of_hash(hash), c->shape->indexes[index].key_bytes);
}

/* The keys of all ids of an index from first on, in no order: what stands in whole runs is read
 * from them. */
void columns_keys(const struct columns *c, unsigned index, uint64_t first, ledger_key_put *put,
                  void *ctx);

#endif
