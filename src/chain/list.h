/* Lists of transfers as investigators have them: CSV with time, from, to and amount, and often no
 * more.
 *
 * A column is known by its name in the header (either case), or by a map, which is itself a record
 * of CSV; KEY=COLUMN, or KEY:VALUE for all rows:
 *
 *     time=time_utc,from=from,to=to,amount=amount_eth,decimals=18
 *     time=dst_timestamp,from:0x1a2a...4f2,to=beneficiary,amount=amount,asset=dst_token,decimals=0
 *
 *     key        without a map the first that is there of
 *     time       time, time_utc, timestamp, block_timestamp, time_stamp, datetime, date
 *     from       from, from_address, sender
 *     to         to, to_address, recipient, receiver, beneficiary
 *     amount     amount, value, amount_ and the chain's symbol (amount_eth)
 *     asset      asset, token, symbol, token_symbol, currency
 *     contract   token_contract, contract_address, token_address, contract
 *     tx         tx, tx_hash, transaction_hash, hash, txid
 *     decimals   (a number, and decimals/ASSET=N for one asset) how many digits an amount has after
 *                its point at most; 0 for base units
 *
 * Time (base/time.h), from, to and amount must be there. The asset is the contract where its field
 * is not empty; else by name: empty or the chain's symbol is the native coin, an address a token,
 * any other text names itself (the text is its key). Amounts are read exactly as they are
 * printed, an exponent too; more digits than decimals are refused, never rounded. Decimals of the
 * native coin are the chain's; a token's must be given. A column that holds only whole numbers may
 * be of base units, so decimals must be given there too, unless amount_eth says it. Values in a
 * currency (value_usd) are no amounts: asset:USD,amount=value_usd,decimals=15 reads them as that.
 *
 * What is told: transfers of kind s, grade GRADE_STATED, in order of time, then of paths and rows.
 * A block is all rows of one time; no height, no hash. A row that has the hash of its transaction
 * keeps it (rows of one hash and time are one transaction); else the hash is SHA-256 of
 *
 *     cordon.list/1 LF time,from,to,asset,amount,n
 *
 * with seconds, accounts as account_name writes them, asset likewise (empty: native), amount in
 * base units and n the number of equal rows before it: the same row has the same hash whatever list
 * it is in. A transfer's position is its number among those of one hash. Rows of amount 0 move
 * nothing and are left out.
 *
 * Ownership: the source keeps copies; paths need not outlive the call. All is read at opening.
 * Errors:    ERR_USAGE the map, or a chain whose accounts are not addresses; ERR_INPUT naming file,
 *            line and column; ERR_NOT_FOUND, ERR_SYSTEM a file; ERR_LIMIT, ERR_NOMEM.
 * Threads:   one caller. */
#ifndef CORDON_CHAIN_LIST_H
#define CORDON_CHAIN_LIST_H

#include "chain/chain.h"
#include "chain/transfers.h"

#define LIST_COLUMNS_MAX 128
#define LIST_ROWS_MAX ((size_t)1 << 22)
#define LIST_BYTES_MAX ((size_t)4 << 30) /* of memory */
#define LIST_ASSETS_MAX 64               /* with decimals of their own in a map */

/* Plain files, or packed with zstd; "-" is stdin. map: NULL or "" for none. */
bool list_open(const char *const *paths, size_t paths_n, const char *map, const struct chain *chain,
               struct transfer_source *ret, struct err *err) MUST_USE;

struct list_file {
    const char *name; /* for messages */
    struct bytes in;
};
/* The same from memory. */
bool list_from(const struct list_file *files, size_t files_n, const char *map,
               const struct chain *chain, struct transfer_source *ret, struct err *err) MUST_USE;

struct list_counts {
    uint64_t rows;
    uint64_t zero;  /* of amount 0, left out */
    uint64_t equal; /* equal to a row before, hash and all: told, but maybe twice in the lists */
};
struct list_counts list_counts(const struct transfer_source *s); /* s: from list_open */

#endif
