/* A batch: whole blocks on their way into a ledger, held in memory in the order and nearly in the
 * form of the columns.
 *
 * Blocks are prepared in parallel, each into a segment of its own (segment_fill); segments are put
 * one after another (batch_take), and the whole is then joined with itself and with the ledger so
 * far (batch_join):
 *
 *     inputs   sorted by the prefix of the txid that they spend, walked along the batch's own
 *              txids, the index's runs and its tail; what is found nowhere lies outside the ledger
 *     scripts  sorted by key, grouped, walked along the index of scripts; new ones get ids in the
 *              order of first appearance
 *
 * Sorting instead of a table of all unspent outputs: memory follows the batch and not the chain,
 * reads of the ledger go in one direction, and the result cannot depend on where one batch ends and
 * the next begins.
 *
 * Ownership: a batch keeps its arrays from one use to the next.
 * Threads:   segments are filled in parallel; the rest is called by one thread and uses the pool
 *            inside. */
#ifndef CORDON_LEDGER_BATCH_H
#define CORDON_LEDGER_BATCH_H

#include "base/pool.h"
#include "chain/facts.h"
#include "ledger/coins_columns.h"
#include "ledger/writer.h"

struct segment { /* one block, prepared: packed and keyed */
    void *p;     /* all arrays are in this one allocation, */
    size_t room; /* of this size; it is used again by the next segment_fill */
    uint8_t header[HEADER_BYTES];
    struct hash32 hash;
    uint32_t height, size;
    bool run_start; /* set by the caller: it does not link to the block before it */
    size_t txs_n, inputs_n, outputs_n, heap_n;
    struct hash32 *txids;
    uint32_t *tx_inputs_n, *tx_outputs_n;
    uint8_t *outpoints; /* 36 each */
    uint64_t *values, *script_keys;
    uint32_t *script_n; /* packed lengths */
    uint8_t *heap;
    const struct fact_spent *spent; /* borrowed from the facts, or NULL */
};

/* s starts as {0}; what it was filled with before is gone. */
bool segment_fill(struct segment *s, const struct block_facts *facts, struct err *err) MUST_USE;
void segment_free(struct segment *s);

struct batch_block {
    uint8_t header[HEADER_BYTES];
    struct hash32 hash;
    uint32_t height, size, tx, in, out; /* first of each, counted within the batch */
    bool run_start;
    const struct fact_spent *spent;
};

struct batch;

struct batch *batch_new(uint64_t memory, struct pool *pool); /* NULL: no memory */
struct batch *batch_free(struct batch *b);
void batch_clear(struct batch *b);
/* an empty batch takes any one block */
bool batch_fits(const struct batch *b, const struct segment *s, size_t n);
size_t batch_blocks(const struct batch *b);
bool batch_take(struct batch *b, const struct segment *s, size_t n, struct err *err) MUST_USE;

/* Joins with the ledger as mapped. ERR_INPUT: the blocks contradict themselves or the ledger (an
 * output spent twice, or spent that is not there); nothing has changed then. */
bool batch_join(struct batch *b, const struct columns *c, spent_fn *spent, void *ctx,
                struct err *err) MUST_USE;

/* After the join, for the writer. Ids are the ledger's. */
struct batch_view {
    struct counts n; /* how many of each the batch adds */
    const struct batch_block *blocks;
    const struct hash32 *txids;
    const uint32_t *tx_out, *tx_in; /* [txs + 1], counted within the batch */
    const uint64_t *values;
    const uint32_t *out_script, *out_spent; /* as the columns want them */
    const uint64_t *out_prev;
    const uint64_t *in_source;
    const uint8_t *ext_outpoint; /* 36 each */
    const uint64_t *ext_value;
    const uint32_t *ext_script;   /* id + 1; 0 unknown */
    const uint64_t *script_start; /* within the batch's script bytes */
    const uint64_t *script_last;
    const uint8_t *script_data;
    const struct keyed *new_txs; /* sorted by key; index counts within the batch */
    const struct keyed *new_scripts;
    /* [old_spends_n] key: output id of the ledger so far; with: spender's id + 1 */
    const struct keyed *old_spends;
    size_t old_spends_n;
    /* [old_lasts_n] index: a script known before; key: its newest output's id + 1 */
    const struct keyed *old_lasts;
    size_t old_lasts_n;
    /* [blocks][COUNTS_N]: counts before each block, the ledger's */
    const uint64_t *block_counts;
};
struct batch_view batch_view(const struct batch *b);

#endif
