/* Random blocks as facts, for tests of what takes facts: linked headers, made-up txids, spends of
 * earlier outputs, scripts that come again. The same seed makes the same blocks. */
#ifndef CORDON_TESTS_LEDGER_FACTS_H
#define CORDON_TESTS_LEDGER_FACTS_H

#include "support.h"

#include "chain/facts.h"

struct maker_output {
    struct hash32 txid;
    uint32_t vout;
    uint64_t value;
    struct bytes script;
    uint32_t block; /* that made it */
    bool spent;
};

struct maker {
    struct test_random r;
    struct block_facts *blocks; /* [blocks_n] */
    size_t blocks_n;
    struct maker_output *outputs; /* of all blocks, in order */
    size_t outputs_n;
    struct bytes *scripts;
    size_t scripts_n;
    uint32_t outside_in_1000; /* of inputs that spend what is not there */
    bool undo_data;
    void **blobs;
    size_t blobs_n;
};

void maker_start(struct maker *m, uint64_t seed);
/* more of them; after the last */
void maker_blocks(struct maker *m, size_t blocks, size_t txs_max);
/* forget the newest, so that others can follow */
void maker_drop(struct maker *m, size_t blocks_n);
void maker_end(struct maker *m);

#endif
