/* The ledger's files, mapped: what the reader and the writer share.
 *
 * Columns are mapped up to the counts asked for, read-only, or (the writer) the two that change in
 * place also for writing. A column of length 0 is a pointer to nothing that may be read. */
#ifndef CORDON_LEDGER_COLUMNS_H
#define CORDON_LEDGER_COLUMNS_H

#include "ledger/format.h"
#include "ledger/index.h"
#include "ledger/ledger.h"

struct columns {
    const struct chain *chain;
    struct counts n;
    const uint8_t *at[COLUMNS_N];
    size_t mapped[COLUMNS_N];
    struct index txs, scripts, blocks;
    uint64_t index_bytes;
};

/* COLUMNS_BARE leaves the index out: a writer that recovers has none yet. */
enum { COLUMNS_WRITABLE = 1, COLUMNS_BARE = 2 };
bool columns_map(int dir, const struct head *head, const struct counts *n, unsigned how,
                 struct columns *ret, struct err *err) MUST_USE;
void columns_unmap(struct columns *c);

static inline uint8_t *columns_in_place(const struct columns *c, enum column which)
{
    return (uint8_t *)(uintptr_t)c->at[which]; /* mapped for writing */
}

static inline const uint8_t *columns_block(const struct columns *c, uint64_t block)
{
    return c->at[COLUMN_BLOCK] + block * BLOCK_RECORD_BYTES;
}

static inline uint64_t block_count(const uint8_t *record, enum count which)
{
    return load_le64(record + BLOCK_AT_COUNTS + 8 * which);
}

/* The counts as they were before a block; block n.n[COUNT_BLOCK] gives all. */
struct counts columns_before(const struct columns *c, uint64_t block);

struct ledger_block columns_ledger_block(const struct columns *c, uint32_t block);
uint32_t columns_find_block(const struct columns *c, const struct hash32 *hash); /* BLOCK_NONE */

static inline uint64_t key_of_hash(const uint8_t *hash)
{
    return load_be64(hash);
}

/* A packed script in place; an empty span where the column is damaged. */
struct bytes columns_packed(const struct columns *c, uint32_t script);

/* The index's key of a script: the first 8 bytes of SHA-256 of its address form, so that the P2PK
 * scripts of a key are found beside its P2PKH. */
uint64_t key_of_script(struct bytes script);

struct coins columns_coins(const struct columns *c, const struct counts *n);

#endif
