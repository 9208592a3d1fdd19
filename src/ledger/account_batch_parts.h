/* What the files of a batch of accounts share. Nobody else includes this. */
#ifndef CORDON_LEDGER_ACCOUNT_BATCH_PARTS_H
#define CORDON_LEDGER_ACCOUNT_BATCH_PARTS_H

#include "base/sort.h"
#include "ledger/account_batch.h"

#define NUMBER_NONE UINT32_MAX /* no such number within the batch */

struct batch_account_block {
    struct hash32 hash, prev;
    uint64_t time;
    uint32_t height;
    uint8_t flags;
    bool run_start;
    uint64_t counts[ACCOUNT_COUNTS_N]; /* before it: within the batch, then the ledger's */
};

/* A transfer's record but for what the join gives it. */
struct batch_transfer {
    uint32_t from, to;  /* holdings of the batch, or NUMBER_NONE */
    uint64_t low, high; /* amount: accounts.h */
    uint32_t position;
    uint8_t kind;
};

struct batch_event {
    uint32_t tx, log, subject; /* subject: account of the batch */
    uint32_t data_n;
    uint8_t kind;
};

/* A holding of the batch while its events are walked. */
struct batch_holding {
    uint32_t account, asset; /* of the batch */
    uint64_t id;
    uint64_t last;     /* newest event so far, or ACCOUNTS_NONE */
    uint32_t n;        /* events in the batch */
    uint32_t sums;     /* number of its running sums, or NUMBER_NONE where it needs none */
    uint8_t ordinal;   /* of last */
    bool last_is_from; /* last has it as from */
};

struct batch_sums {
    struct holding_sums sums;
    uint64_t mark; /* the holding's newest, or ACCOUNTS_NONE */
};

struct table { /* open addressing; a slot is the key's upper half and the number + 1 */
    uint64_t *slots;
    size_t size, cap; /* powers of two */
};

struct account_batch {
    uint64_t memory;
    size_t cap_blocks, cap_tx, cap_transfer, cap_account, cap_holding, cap_event, cap_heap;
    size_t blocks_n, txs_n, transfers_n, accounts_n, holdings_n, wides_n, paths_n, events_n;
    size_t keys_n, path_bytes, event_bytes; /* bytes */

    struct batch_account_block *blocks;
    struct hash32 *tx_hash;
    uint32_t *tx_first; /* [txs + 1] */
    uint8_t *tx_flags;
    struct batch_transfer *transfers;
    struct batch_event *events;
    uint8_t *wide, *path_data, *event_data, *keys;
    uint32_t *path_n; /* bytes */

    struct table accounts_table, holdings_table;
    uint64_t *account_hash, *account_key; /* account_key: where it lies in keys, and its length */
    struct batch_holding *holdings;
    uint32_t *cache;  /* accounts lately asked for */
    uint32_t *assets; /* of the transfers of the block that is being taken */
    uint64_t nobody;  /* key of the empty account */

    /* the join */
    const struct columns *c;
    uint64_t *account_id, *account_last; /* account_last: newest holding, where asked for */
    struct keyed *new_txs, *tx_scratch;  /* for the index, as the next three */
    struct keyed *new_blocks, *new_accounts, *new_holdings;
    struct keyed *sorted, *scratch, *maybe; /* [accounts and holdings] */
    size_t maybe_n, maybe_cap;
    struct keyed *tail, *tail_scratch; /* [INDEX_GRID] */
    size_t new_accounts_n, new_holdings_n;
    uint8_t *holding_records;       /* of new holdings */
    uint8_t *records, *prev, *next; /* columns of the transfers */
    uint8_t *marks, *far;
    size_t marks_n, marks_cap, far_n;
    struct batch_sums *sums;
    size_t sums_n, sums_cap;
    struct keyed *old_next; /* key: 2 * transfer + (to's ? 1 : 0); index: the link to the next */
    size_t old_next_n;
    struct counts added;
};

static inline struct bytes batch_key(const struct account_batch *b, uint32_t account)
{
    return (struct bytes){b->keys + (b->account_key[account] >> 8),
                          b->account_key[account] & ACCOUNT_KEY_MAX};
}

#endif
