/* The columns, counts and indexes of a ledger of coins, and what is read of them. */
#ifndef CORDON_LEDGER_COINS_COLUMNS_H
#define CORDON_LEDGER_COINS_COLUMNS_H

#include "ledger/coins.h"
#include "ledger/columns.h"
#include "ledger/ledger.h"

enum count {
    COUNT_OUT = COUNTS_COMMON,
    COUNT_IN,
    COUNT_EXT,
    COUNT_SCRIPT,
    COUNT_SCRIPT_BYTE,
    COUNT_ADDRESS, /* counted, but no column is this long */
    COUNTS_N,
};

enum column {
    COLUMN_TX_ID = COLUMNS_COMMON,
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

enum index_kind { INDEX_SCRIPT = INDEXES_COMMON, INDEXES_N };

extern const struct ledger_shape coins_shape;

#define BLOCK_RECORD_BYTES 192
#define BLOCK_AT_HASH 80
#define BLOCK_AT_HEIGHT 112
#define BLOCK_AT_SIZE 116
#define BLOCK_AT_COUNTS 120

struct ledger_block columns_ledger_block(const struct columns *c, uint32_t block);

/* A packed script in place; an empty span where the column is damaged. */
struct bytes columns_packed(const struct columns *c, uint32_t script);

/* The index's key of a script: the first 8 bytes of SHA-256 of its address form, so that the P2PK
 * scripts of a key are found beside its P2PKH. */
uint64_t key_of_script(struct bytes script);

struct coins columns_coins(const struct columns *c, const struct counts *n);

#endif
