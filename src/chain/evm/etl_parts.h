/* What the files that read ethereum-etl's tables share: see etl.h.
 *
 * etl.c goes through the tables block by block, etl_rows.c takes in the rows of a block,
 * etl_order.c brings them in order once it is whole, etl_facts.c tells it.
 *
 * Ownership, errors, threads: as etl_block.h. */
#ifndef CORDON_CHAIN_EVM_ETL_PARTS_H
#define CORDON_CHAIN_EVM_ETL_PARTS_H

#include "chain/evm/etl_block.h"

#define ETL_NO_TX UINT32_MAX
#define ETL_HASH_TEXT_BYTES 66

struct etl_lane {
    struct etl_table **tables; /* [tables_n] by first block */
    size_t tables_n, at;
    bool row; /* there is one at hand, of block number */
    uint64_t number;
};

struct etl {
    struct etl_table *tables; /* [tables_n] */
    size_t tables_n;
    struct etl_table **by_lane;
    struct etl_lane lanes[ETL_KINDS];
    struct etl_block block;
    bool begun;
    /* of this block */
    uint32_t *slots; /* [slots_n] number of a transaction + 1, by hash; 0: free */
    size_t slots_n, slots_max;
    uint32_t tx_before; /* the transaction that the row before named, or ETL_NO_TX */
    char hash_text[ETL_HASH_TEXT_BYTES], block_hash_text[ETL_HASH_TEXT_BYTES];
    struct keyed *keys, *scratch; /* [keys_max] */
    void *moved;
    size_t keys_max, moved_max, order_max;
};

/* Room for the hashes of a block that begins, or for more of them. */
bool etl_slots_grow(struct etl *e, struct err *err) MUST_USE;
bool etl_row_read(struct etl *e, const struct etl_table *t, struct err *err) MUST_USE;
/* Room for n keys, and for n rows of that size to be moved. */
bool etl_keys_room(struct etl *e, size_t n, size_t size, struct err *err) MUST_USE;
/* Transactions, and all that is of them, by index: what etl_block_facts wants. */
bool etl_block_order(struct etl *e, struct err *err) MUST_USE;

#endif
