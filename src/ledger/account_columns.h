/* The columns, counts and indexes of a ledger of accounts, and what is read of them. */
#ifndef CORDON_LEDGER_ACCOUNT_COLUMNS_H
#define CORDON_LEDGER_ACCOUNT_COLUMNS_H

#include "ledger/accounts.h"
#include "ledger/columns.h"

enum account_count {
    COUNT_TRANSFER = COUNTS_COMMON,
    COUNT_ACCOUNT,
    COUNT_KEY_BYTE,
    COUNT_HOLDING,
    COUNT_WIDE,
    COUNT_MARK,
    COUNT_PATH,
    COUNT_PATH_BYTE,
    COUNT_EVENT,
    COUNT_EVENT_BYTE,
    COUNT_FAR,
    ACCOUNT_COUNTS_N,
};

enum account_column {
    COLUMN_TX = COLUMNS_COMMON,
    COLUMN_TX_HASH,
    COLUMN_TRANSFER,
    COLUMN_TRANSFER_PREV,
    COLUMN_TRANSFER_NEXT,
    COLUMN_TRANSFER_FAR,
    COLUMN_WIDE,
    COLUMN_ACCOUNT_START,
    COLUMN_ACCOUNT_DATA,
    COLUMN_ACCOUNT_LAST,
    COLUMN_HOLDING,
    COLUMN_HOLDING_LAST,
    COLUMN_MARK,
    COLUMN_PATH_START,
    COLUMN_PATH_DATA,
    COLUMN_EVENT,
    COLUMN_EVENT_DATA,
    ACCOUNT_COLUMNS_N,
};

enum account_index { INDEX_ACCOUNT = INDEXES_COMMON, INDEX_HOLDING, ACCOUNT_INDEXES_N };

extern const struct ledger_shape accounts_shape;

#define ACCOUNT_BLOCK_BYTES 192
#define ACCOUNT_BLOCK_AT_PREV 32
#define ACCOUNT_BLOCK_AT_TIME 64
#define ACCOUNT_BLOCK_AT_HEIGHT 72
#define ACCOUNT_BLOCK_AT_FLAGS 76
#define ACCOUNT_BLOCK_AT_COUNTS 80
#define ACCOUNT_BLOCK_STATED 1u
#define ACCOUNT_BLOCK_INTERNALS 2u
#define ACCOUNT_BLOCK_DIGEST 4u /* the source told no hash: it is a digest of the block's content */
#define TX_FAILED 1u
#define EVENT_RECORD_BYTES                                                                         \
    20u /* transaction le40, kind u8, log le32, subject le40, data's start le40 */

/* The key of account.data; an empty span where the column is damaged. */
struct bytes columns_account_key(const struct columns *c, uint64_t account);

/* The keys of the indexes: the first bytes of SHA-256 of an account's key; a holding's two ids
 * mixed as a column's words are. */
uint64_t key_of_account(struct bytes key);
static inline uint64_t key_of_account_hash(const uint8_t *sha256)
{
    return index_key(key_of_hash(sha256), INDEX_KEY_SHORT);
}
static inline uint64_t key_of_holding(uint64_t account, uint64_t asset)
{
    return index_key(column_mix(account, asset), INDEX_KEY_SHORT);
}

static inline bool columns_holding_is(const struct columns *c, uint64_t holding, uint64_t account,
                                      uint64_t asset)
{
    const uint8_t *p = c->at[COLUMN_HOLDING] + holding * HOLDING_BYTES; /* it is in range */

    return load_le40(p) == account && load_le40(p + ACCOUNTS_ID_BYTES) == asset;
}

struct accounts columns_accounts(const struct columns *c, const struct counts *n);

#endif
