/* One exported table of ethereum-etl, row by row: CSV with a header, or a JSON object a line. What
 * etl.c builds on, and nobody else sees.
 *
 * ethereum-etl's workers write batches of blocks as they come to an end, so a table need not be in
 * order of blocks. Opening reads the block numbers; if they are not, it keeps where the rows of
 * each block stand, and rows are told in order all the same: by block, within a block as they
 * stand.
 *
 * Fields are asked for by column, borrowed as text until the next row, and converted by those who
 * want them; columns that are not in the list are passed over. JSON's null is an empty field, as it
 * is in CSV. Every complaint names file, line and column.
 * Threads: a table belongs to one. */
#ifndef CORDON_CHAIN_EVM_ETL_TABLE_H
#define CORDON_CHAIN_EVM_ETL_TABLE_H

#include "base/csv.h"
#include "base/hash.h"
#include "base/u256.h"
#include "chain/bitcoin/source_file.h"

#define ETL_FIELDS_MAX 256
#define ETL_RUNS_MAX ((size_t)1 << 26)
#define ETL_LINE_BYTES_MAX CSV_RECORD_BYTES_MAX

enum etl_kind {
    ETL_BLOCKS,
    ETL_TRANSACTIONS,
    ETL_RECEIPTS,
    ETL_LOGS,
    ETL_TOKEN_TRANSFERS,
    ETL_TRACES,
    ETL_KINDS
};

/* In the order of the names in etl_table.c. */
enum etl_column {
    ETL_NUMBER,
    ETL_HASH,
    ETL_PARENT_HASH,
    ETL_MINER,
    ETL_DIFFICULTY,
    ETL_SHA3_UNCLES,
    ETL_TIMESTAMP,
    ETL_TRANSACTION_COUNT,
    ETL_BASE_FEE_PER_GAS,
    ETL_WITHDRAWALS,
    ETL_EXCESS_BLOB_GAS,
    ETL_BLOCK_NUMBER,
    ETL_BLOCK_HASH,
    ETL_BLOCK_TIMESTAMP,
    ETL_TRANSACTION_HASH,
    ETL_TRANSACTION_INDEX,
    ETL_NONCE,
    ETL_FROM_ADDRESS,
    ETL_TO_ADDRESS,
    ETL_VALUE,
    ETL_GAS,
    ETL_GAS_PRICE,
    ETL_INPUT,
    ETL_TRANSACTION_TYPE,
    ETL_RECEIPT_STATUS,
    ETL_RECEIPT_GAS_USED,
    ETL_RECEIPT_CONTRACT_ADDRESS,
    ETL_RECEIPT_EFFECTIVE_GAS_PRICE,
    ETL_RECEIPT_L1_FEE,
    ETL_RECEIPT_BLOB_GAS_USED,
    ETL_RECEIPT_BLOB_GAS_PRICE,
    ETL_LOG_INDEX,
    ETL_ADDRESS,
    ETL_DATA,
    ETL_TOPICS,
    ETL_TOKEN_ADDRESS,
    ETL_TRACE_TYPE,
    ETL_CALL_TYPE,
    ETL_REWARD_TYPE,
    ETL_TRACE_ADDRESS,
    ETL_ERROR,
    ETL_STATUS,
    ETL_GAS_USED,
    ETL_CUMULATIVE_GAS_USED,
    ETL_CONTRACT_ADDRESS,
    ETL_EFFECTIVE_GAS_PRICE,
    ETL_L1_FEE,
    ETL_BLOB_GAS_USED,
    ETL_BLOB_GAS_PRICE,
    ETL_COLUMNS
};

struct etl_vector {
    void *at;
    size_t n, max;
};

/* Rows of one block that stand together. */
struct etl_run {
    uint64_t offset, bytes;
    uint64_t line; /* of the row before it */
    uint32_t number, rows;
};

struct etl_table {
    const char *name;
    enum etl_kind kind;
    bool json;
    struct source_file file; /* not open: of memory */
    uint64_t brought;        /* bytes of it that were made sure of */
    struct csv csv;
    size_t columns_n;               /* of CSV */
    uint16_t at[ETL_COLUMNS];       /* field of a column; ETL_FIELDS_MAX: not here */
    uint16_t order[ETL_FIELDS_MAX]; /* JSON: the column of the row's n-th member, last time */
    size_t line;
    const uint8_t *start;
    uint64_t first;       /* block of the first row; UINT64_MAX: none */
    struct etl_run *runs; /* [runs_n] where the table is not in order of blocks; else NULL */
    size_t runs_n, run_at;
    uint32_t run_left;                           /* rows of the run before run_at */
    struct csv_field fields[ETL_FIELDS_MAX + 1]; /* the last is empty */
};

/* Is this the beginning of one of ethereum-etl's tables? */
bool etl_table_is(struct bytes beginning);
bool etl_table_open(struct etl_table *t, const char *path, struct err *err) MUST_USE;
bool etl_table_from(struct etl_table *t, const char *name, struct bytes in,
                    struct err *err) MUST_USE;
void etl_table_close(struct etl_table *t);
/* The block of the row at hand. */
bool etl_row_number(const struct etl_table *t, uint32_t *ret, struct err *err) MUST_USE;
bool etl_table_next(struct etl_table *t, bool *ret_end, struct err *err) MUST_USE;

static inline const struct csv_field *etl_field(const struct etl_table *t, enum etl_column c)
{
    return &t->fields[t->at[c]];
}

/* The column exists: in CSV's header, or in this row of JSON. */
static inline bool etl_has_column(const struct etl_table *t, enum etl_column c)
{
    return t->at[c] != ETL_FIELDS_MAX;
}

static inline bool etl_has(const struct etl_table *t, enum etl_column c)
{
    return etl_field(t, c)->n != 0;
}

bool etl_bad(const struct etl_table *t, enum etl_column c, const char *why, struct err *err);
/* An empty field is an error. */
bool etl_u64(const struct etl_table *t, enum etl_column c, uint64_t *ret, struct err *err) MUST_USE;
bool etl_u32(const struct etl_table *t, enum etl_column c, uint32_t *ret, struct err *err) MUST_USE;
bool etl_u256(const struct etl_table *t, enum etl_column c, struct u256 *ret,
              struct err *err) MUST_USE;
bool etl_hash(const struct etl_table *t, enum etl_column c, struct hash32 *ret,
              struct err *err) MUST_USE;
bool etl_address(const struct etl_table *t, enum etl_column c, uint8_t ret[20],
                 struct err *err) MUST_USE;
bool etl_time(const struct etl_table *t, enum etl_column c, uint64_t *ret,
              struct err *err) MUST_USE;

#endif
