/* Random blocks of an account chain as facts, for tests of what takes them: linked, with transfers
 * of all kinds between few accounts, so that holdings have many events. The same seed makes the
 * same blocks. */
#ifndef CORDON_TESTS_LEDGER_ACCOUNT_FACTS_H
#define CORDON_TESTS_LEDGER_ACCOUNT_FACTS_H

#include "support.h"

#include "chain/transfers.h"

struct account_maker {
    struct test_random r;
    struct transfer_block *blocks; /* [blocks_n] */
    size_t blocks_n, blocks_room;
    struct bytes *keys; /* accounts met so far */
    size_t keys_n;
    unsigned new_in_1000; /* of accounts: one that was not there before */
    bool hashes;          /* blocks have hashes and heights; else only times */
    uint8_t branch;       /* another number gives other blocks */
    void **blobs;
    size_t blobs_n;
};

void account_maker_start(struct account_maker *m, uint64_t seed);
/* more of them; after the last */
void account_maker_blocks(struct account_maker *m, size_t blocks, size_t txs_max);
/* forget the newest, so that others can follow */
void account_maker_drop(struct account_maker *m, size_t blocks_n);
void account_maker_end(struct account_maker *m);

#endif
