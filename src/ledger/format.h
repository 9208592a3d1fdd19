/* The ledger's files as they lie on disk; docs/ledger-format.md says the same to a stranger.
 *
 *     head                 text, written last by renaming: what it does not name does not exist
 *     lock                 byte 0: the one writer; byte 1: readers (shared), an undo (exclusive)
 *     block tx.id out.value ...   columns: fixed width, little-endian, nothing before or between
 *     index.tx.L.K ...     sorted runs over a fixed grid of ids (index.h)
 *
 * All but two columns only ever grow; out.spent and script.last also change in place, and only to
 * what other columns already say, so that whoever died half-way is finished by the next writer. */
#ifndef CORDON_LEDGER_FORMAT_H
#define CORDON_LEDGER_FORMAT_H

#include "base/err.h"
#include "chain/chain.h"
#include "ledger/coins.h"

#define LEDGER_FORMAT 1
#define HEAD_BYTES_MAX 8192

enum count {
    COUNT_BLOCK,
    COUNT_RUN,
    COUNT_TX,
    COUNT_OUT,
    COUNT_IN,
    COUNT_EXT,
    COUNT_SCRIPT,
    COUNT_SCRIPT_BYTE,
    COUNT_ADDRESS, /* counted, but no column is this long */
    COUNTS_N,
};

enum column {
    COLUMN_BLOCK,
    COLUMN_RUN,
    COLUMN_TX_ID,
    COLUMN_TX_FIRST,
    COLUMN_OUT_VALUE,
    COLUMN_OUT_SCRIPT,
    COLUMN_OUT_PREV,
    COLUMN_OUT_SPENT,
    COLUMN_IN_SOURCE,
    COLUMN_EXT_OUTPOINT,
    COLUMN_EXT_VALUE,
    COLUMN_EXT_SCRIPT,
    COLUMN_SCRIPT_START,
    COLUMN_SCRIPT_LAST,
    COLUMN_SCRIPT_DATA,
    COLUMNS_N,
};

struct column_form {
    const char *name;
    unsigned width;
    enum count by;
    bool in_place;
};

extern const struct column_form column_forms[COLUMNS_N];
extern const char *const count_names[COUNTS_N];

struct counts {
    uint64_t n[COUNTS_N];
};

/* A block's record: what stood before it, so that an undo is a matter of cutting. */
#define BLOCK_RECORD_BYTES 192
#define BLOCK_AT_HASH 80
#define BLOCK_AT_HEIGHT 112
#define BLOCK_AT_SIZE 116
#define BLOCK_AT_COUNTS 120 /* COUNTS_N le64: the counts before this block */

struct head {
    const struct chain *chain;
    struct counts now; /* what the columns hold */
    /* what readers may see: at rest the same as now; less while a batch is being applied */
    struct counts applied;
    /* at rest the same as now; more while blocks are being undone: what there was before */
    struct counts undo;
    uint64_t sum[COLUMNS_N]; /* of columns that only grow; 0 for the two others */
    struct hash32 tip;       /* hash of the last block of now */
};

/* ERR_NOT_FOUND: there is none */
bool head_read(int dir, struct head *ret, struct err *err) MUST_USE;
bool head_write(int dir, const struct head *head, struct err *err) MUST_USE;
bool head_parse(const char *p, size_t n, struct head *ret, struct err *err) MUST_USE;

/* The checksum of a column: the sum over its 8-byte words (the last padded with zeros) of a mix of
 * the word and its number. It can be grown, and shrunk again. */
/* from: byte offset, a multiple of 8 */
uint64_t column_sum(uint64_t from, const uint8_t *p, size_t n);

/* Exclusive or shared hold on one byte of the file `lock`; false with ERR_SYSTEM if wait is not
 * wanted. */
enum lock_byte { LOCK_WRITER, LOCK_READERS };
bool lock_take(int fd, enum lock_byte byte, bool exclusive, bool wait, struct err *err) MUST_USE;
void lock_drop(int fd, enum lock_byte byte);

#endif
