/* Small chains of coins, told a transaction at a time, as facts for a ledger.
 *
 *     story_block(&s);
 *     story_tx(&s, "", "A50 b20");     a coinbase that pays 50 to A and 20 to b: outputs 0 and 1
 *     story_tx(&s, "0 1", "=b69");     spends both; output 2 is paid to the hash of b's key
 *
 * A capital letter is the hash of a key (P2WPKH), a small one a bare key (P2PK), with = before it
 * the P2PKH of that key. The first transaction of a block has no inputs. Outputs are counted over
 * the whole story. */
#ifndef CORDON_TESTS_ENTITY_STORY_H
#define CORDON_TESTS_ENTITY_STORY_H

#include "support.h"

#include "chain/facts.h"

#define STORY_BLOCKS_MAX 32
#define STORY_TXS_MAX 16
#define STORY_PARTS_MAX 128

struct story_block_room {
    struct hash32 txids[STORY_TXS_MAX];
    uint32_t ins[STORY_TXS_MAX], outs[STORY_TXS_MAX];
    const uint8_t *inputs[STORY_PARTS_MAX];
    struct fact_output outputs[STORY_PARTS_MAX];
};

struct story {
    struct block_facts blocks[STORY_BLOCKS_MAX];
    size_t blocks_n;
    struct story_block_room room[STORY_BLOCKS_MAX];
    uint8_t outpoints[STORY_BLOCKS_MAX * STORY_PARTS_MAX][OUTPOINT_BYTES]; /* of all outputs */
    uint32_t outputs_n, txs_n;
    uint8_t branch; /* so that another story of the same length has other hashes */
};

void story_start(struct story *s, uint8_t branch);
void story_block(struct story *s);
void story_tx(struct story *s, const char *inputs, const char *outputs);
void story_drop(struct story *s, size_t blocks_n); /* the newest: their outputs are forgotten */
struct bytes story_script(const char *who);        /* "A", "b", "=b"; static */

#endif
