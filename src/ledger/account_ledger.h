/* A ledger of accounts, read: as ledger.h for coins, what cordon keeps of an account chain, mapped
 * from disk.
 *
 * Opening takes a snapshot: a block appears whole or not at all, and later appends do not show.
 * Ids are those of accounts.h; blocks count from 0 in ledger order; a block of a list or a bank's
 * book has no height, only a time.
 *
 * Ownership: what is returned is borrowed until account_ledger_close.
 * Errors:    opening: ERR_NOT_FOUND no ledger there, ERR_CORRUPT its files contradict themselves or
 *            its format is not ours, ERR_INPUT it is a ledger of coins, ERR_SYSTEM. Accessors with
 *            an id out of range give zeros, never a fault.
 * Threads:   one ledger may serve many threads at once. */
#ifndef CORDON_LEDGER_ACCOUNT_LEDGER_H
#define CORDON_LEDGER_ACCOUNT_LEDGER_H

#include "base/err.h"
#include "chain/chain.h"
#include "ledger/accounts.h"
#include "ledger/ledger.h"

struct account_ledger;

struct account_ledger_counts {
    uint64_t blocks, transactions, transfers, accounts, holdings, events, runs;
    uint64_t bytes; /* of all files of the ledger */
};

struct account_ledger_block {
    struct hash32 hash, prev; /* zeros: not told by the source */
    uint32_t height;          /* HEIGHT_UNKNOWN: lists and books */
    uint64_t time;            /* seconds since 1970 */
    enum block_grade grade;
    bool internals; /* internal transfers were available */
    uint64_t tx_first, txs_n;
};

bool account_ledger_open(const char *dir, struct account_ledger **ret, struct err *err) MUST_USE;
struct account_ledger *account_ledger_close(struct account_ledger *l);
const char *account_ledger_dir(const struct account_ledger *l);
const struct chain *account_ledger_chain(const struct account_ledger *l);
struct account_ledger_counts account_ledger_counts(const struct account_ledger *l);

/* All of the snapshot, or its first blocks_n blocks. */
const struct accounts *account_ledger_accounts(const struct account_ledger *l);
struct accounts account_ledger_until(const struct account_ledger *l, uint32_t blocks_n);

struct account_ledger_block account_ledger_block(const struct account_ledger *l, uint32_t block);
uint32_t account_ledger_find_block(const struct account_ledger *l, const struct hash32 *hash);
uint32_t account_ledger_find_height(const struct account_ledger *l, uint32_t height);
/* How many blocks stand at or below a height, or at or before a time. */
uint32_t account_ledger_blocks_to_height(const struct account_ledger *l, uint32_t height);
uint32_t account_ledger_blocks_to_time(const struct account_ledger *l, uint64_t time);
struct ledger_run account_ledger_run(const struct account_ledger *l, uint32_t run);
uint32_t account_ledger_run_of(const struct account_ledger *l, uint32_t block);
uint32_t account_ledger_tx_block(const struct account_ledger *l, uint64_t tx); /* BLOCK_NONE */

struct hash32 account_ledger_txid(const struct account_ledger *l, uint64_t tx);
bool account_ledger_tx_failed(const struct account_ledger *l, uint64_t tx);
/* The newest of that hash; ACCOUNTS_NONE. */
uint64_t account_ledger_find_tx(const struct account_ledger *l, const struct hash32 *hash);

struct bytes account_ledger_key(const struct account_ledger *l, uint64_t account);
uint64_t account_ledger_find(const struct account_ledger *l, struct bytes key); /* ACCOUNTS_NONE */
/* As ledger_script_key and ledger_script_keys, of accounts. */
uint64_t account_ledger_sought(struct bytes key);
void account_ledger_keys(const struct account_ledger *l, uint64_t first, ledger_key_put *put,
                         void *ctx);
/* The holdings of an account, newest first: start here, go on with holding.before; ACCOUNTS_NONE
 * ends. */
uint64_t account_ledger_holding_last(const struct account_ledger *l, uint64_t account);
uint64_t account_ledger_find_holding(const struct account_ledger *l, uint64_t account,
                                     uint64_t asset); /* ACCOUNTS_NONE */
/* The newest event of a holding in this snapshot (accounts.h's holding_last may lie past it); go on
 * with accounts_prev. ACCOUNTS_NONE: out of range, or damaged. */
uint64_t account_ledger_last(const struct account_ledger *l, uint64_t holding);

/* The trace path of an internal transfer: child numbers, le32 each. Empty for other kinds. */
struct bytes account_ledger_path(const struct account_ledger *l, uint64_t transfer);

struct account_ledger_event {
    uint64_t tx, subject; /* subject: account */
    enum event_kind kind;
    uint32_t log;
    struct bytes data;
};
/* The events of a transaction are neighbours: the first, and how many. */
struct accounts_range account_ledger_events(const struct account_ledger *l, uint64_t tx);
struct account_ledger_event account_ledger_event(const struct account_ledger *l, uint64_t event);

/* The event of a note (TRANSFER_NOTE). False: it is none, or says something else. */
bool account_ledger_note(const struct account_ledger *l, uint64_t transfer, enum event_kind kind,
                         struct account_ledger_event *ret);
/* What notes say of an account. Of a token account: whose it is, by the newest note
 * in until, and the asset that is in it. */
bool account_ledger_owner(const struct account_ledger *l, const struct accounts *until,
                          uint64_t account, uint64_t *ret_owner, uint64_t *ret_asset);
/* Of a token account that all notes call the same one's: it was never made over to another. In time
 * that grows with the notes. */
bool account_ledger_sole_owner(const struct account_ledger *l, uint64_t account,
                               uint64_t *ret_owner);
/* Of a token, by the first note of it. */
bool account_ledger_decimals(const struct account_ledger *l, uint64_t asset, unsigned *ret);

#endif
