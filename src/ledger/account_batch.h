/* A batch of blocks on their way into a ledger of accounts, in the order and nearly in the form of
 * the columns.
 *
 *     take   transfers are put one after another; their accounts and holdings get numbers within
 *            the batch, in order of first appearance, from tables
 *     join   those numbers become the ledger's ids: sorted by key, walked along the index's runs
 *            and its tail, verified in order of ids; new ones get ids in order of first appearance.
 *            Then the transfers are walked once, and each learns the events before and after it
 *
 * Tables are of the batch and not of the chain, so memory is bounded, and where one batch ends and
 * the next begins does not show. Accounts are told apart by SHA-256 of their keys, which the index
 * wants anyway: whoever wants many to meet in one place has to search for each.
 *
 * Ownership: a batch keeps its arrays from one use to the next.
 * Threads:   one caller at a time; the join uses the pool inside. */
#ifndef CORDON_LEDGER_ACCOUNT_BATCH_H
#define CORDON_LEDGER_ACCOUNT_BATCH_H

#include "base/pool.h"
#include "ledger/account_columns.h"
#include "ledger/files.h"

/* What one block may hold; more is ERR_LIMIT. */
#define ACCOUNT_BLOCK_PARTS_MAX (1u << 22)       /* transactions; transfers; events */
#define ACCOUNT_BLOCK_HEAP_MAX ((size_t)1 << 30) /* bytes of keys, paths and data */

struct account_batch;

struct account_batch *account_batch_new(uint64_t memory); /* NULL: no memory */
struct account_batch *account_batch_free(struct account_batch *b);
void account_batch_clear(struct account_batch *b);

size_t account_batch_blocks(const struct account_batch *b);
/* an empty batch takes any one block */
bool account_batch_fits(const struct account_batch *b, const struct transfer_block *block);
/* hash: the block's, or its digest. ERR_INPUT: the block contradicts itself; ERR_LIMIT. After an
 * error the batch is as it was before. */
bool account_batch_take(struct account_batch *b, const struct transfer_block *block,
                        const struct hash32 *hash, bool run_start, struct err *err) MUST_USE;

/* Joins with the ledger as mapped. ERR_CORRUPT: its columns contradict themselves. */
bool account_batch_join(struct account_batch *b, const struct columns *c, struct err *err) MUST_USE;

/* What the joined batch adds; borrowed until the next clear or join. */
struct addition account_batch_addition(struct account_batch *b);

#endif
