/* A ledger's files as they lie on disk; docs/ledger-format.md says the same to a stranger.
 *
 *     head                 text, written last by renaming: what it does not name does not exist
 *     lock                 byte 0: the one writer; byte 1: readers (shared), an undo (exclusive)
 *     block tx.id out.value ...   columns: fixed width, little-endian, nothing before or between
 *     index.tx.L.K ...     sorted runs over a fixed grid of ids (index.h)
 *
 * Which columns, counts and indexes there are is the ledger's shape: coins (coins_columns.h) or
 * accounts (account_columns.h), as the family of its chain says. All else is the same for both.
 *
 * Most columns only ever grow; those that also change in place do so only to what other columns
 * already say, so that whoever died half-way is finished by the next writer. */
#ifndef CORDON_LEDGER_FORMAT_H
#define CORDON_LEDGER_FORMAT_H

#include "base/err.h"
#include "base/hash.h"
#include "chain/chain.h"

#define LEDGER_FORMAT 2
#define HEAD_BYTES_MAX 8192
#define COLUMNS_MAX 24
#define COUNTS_MAX 16
#define INDEXES_MAX 4

/* The first counts, columns and indexes of every ledger. What else lies in such files (entity/) has
 * only the first of each in common. */
enum { COUNT_BLOCK, COUNT_RUN, COUNT_TX, COUNTS_COMMON };
enum { COLUMN_BLOCK, COLUMN_RUN, COLUMNS_COMMON };
enum { INDEX_TX, INDEX_BLOCK, INDEXES_COMMON };

struct counts {
    uint64_t n[COUNTS_MAX]; /* 0 past the shape's own */
};

struct columns;

struct column_form {
    const char *name;
    unsigned width;
    unsigned by; /* the count that says how long it is */
    bool in_place;
};

struct count_form {
    const char *name;
    uint64_t max; /* what an id or an offset of its width can count */
};

struct index_form {
    const char *name;
    unsigned by;
    unsigned key_bytes; /* INDEX_KEY_WHOLE or INDEX_KEY_SHORT */
};

struct ledger_shape {
    const char *title; /* the head's first word */
    bool of_accounts;  /* else of coins */
    const struct column_form *columns;
    const struct count_form *counts;
    const struct index_form *indexes;
    unsigned columns_n, counts_n, indexes_n;
    /* A block's record holds its hash and the counts as they were before it, counts_n le64, so that
     * an undo is a matter of cutting. */
    unsigned block_at_hash, block_at_counts;
    /* The key under which an index finds an id, as index_key has it; 0 where the columns are
     * damaged. */
    uint64_t (*key_of)(const struct columns *c, unsigned index, uint64_t id);
    /* Writes into the columns that change in place what those of from .. to say; can be done
     * again. */
    void (*apply)(const struct columns *c, const struct counts *from, const struct counts *to);
    /* Takes that back, from the newest on; can be done again. */
    void (*revert)(const struct columns *c, const struct counts *to, const struct counts *from);
};

struct head {
    const struct chain *chain;
    const struct ledger_shape *shape;
    struct counts now; /* what the columns hold */
    /* what readers may see: at rest the same as now; less while a batch is being applied */
    struct counts applied;
    /* at rest the same as now; more while blocks are being undone: what there was before */
    struct counts undo;
    uint64_t sum[COLUMNS_MAX]; /* of columns that only grow; 0 for the others */
    struct hash32 tip;         /* hash of the last block of now */
};

/* ERR_NOT_FOUND: there is none; ERR_INPUT: it is a ledger of another shape */
bool head_read(int dir, const struct ledger_shape *shape, struct head *ret,
               struct err *err) MUST_USE;
/* HEAD_LATER: after a crash of the system the head before may be there again. HEAD_FLEETING: none
 * may be. */
enum head_rest { HEAD_DURABLE, HEAD_LATER, HEAD_FLEETING };
bool head_write(int dir, const struct head *head, enum head_rest rest, struct err *err) MUST_USE;
bool head_parse(const char *p, size_t n, const struct ledger_shape *shape, struct head *ret,
                struct err *err) MUST_USE;

/* The checksum of a column: the sum over its 8-byte words (the last padded with zeros) of a mix of
 * the word and its number. It can be grown, and shrunk again. */
/* from: byte offset, a multiple of 8 */
uint64_t column_sum(uint64_t from, const uint8_t *p, size_t n);
uint64_t column_mix(uint64_t number, uint64_t word);

/* Exclusive or shared hold on one byte of the file `lock`; false with ERR_SYSTEM if wait is not
 * wanted. */
enum lock_byte { LOCK_WRITER, LOCK_READERS, LOCK_AWAITED };
bool lock_take(int fd, enum lock_byte byte, bool exclusive, bool wait, struct err *err) MUST_USE;
void lock_drop(int fd, enum lock_byte byte);
/* Waits until no reader is left, and says meanwhile that it does: LOCK_AWAITED, which a reader that
 * stays can look at (ledger_awaited). */
bool lock_readers_out(int fd, struct err *err) MUST_USE;
void lock_readers_in(int fd);
bool lock_is_awaited(int fd);

#endif
