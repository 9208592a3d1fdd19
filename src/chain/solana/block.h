/* Blocks of Solana, from a node's answers (JSON-RPC) -> facts.
 *
 *     getBlock        a block: transactionDetails "full", encoding "json" or "jsonParsed",
 *                     maxSupportedTransactionVersion 1, with or without rewards
 *     getTransaction  one transaction; several of one slot are one block, whose hash nobody tells
 *
 * A block's height is its slot, as explorers and nodes name it; slots may be empty, and a block
 * names the one before it by hash. What an answer to getBlock does not say is its own slot: whoever
 * asked knows it.
 *
 * A transaction's hash is SHA-256 of its first signature; the signature itself, its name for
 * people, is an event (EVENT_NAME). Rewards of a block (of its leader: what it gets of the fees; of
 * stakes and votes; rent that was collected, which is less than nothing) stand in a last
 * transaction with the block's hash. Half of each base fee is burned, so that a fee is paid to
 * nobody, and the leader's part is a reward.
 *
 * Checked:   what tx.h says of each transaction; that no transaction is there twice.
 * Ownership: facts last until the next start. Answers are borrowed until the facts were used.
 * Errors:    ERR_INPUT naming slot, transaction, member; ERR_NOT_FOUND the node does not have it,
 *            or the slot was skipped; ERR_SYSTEM another error in the node's words; ERR_LIMIT;
 *            ERR_NOMEM.
 * Threads:   one a thread. */
#ifndef CORDON_CHAIN_SOLANA_BLOCK_H
#define CORDON_CHAIN_SOLANA_BLOCK_H

#include "chain/solana/tx.h"

#define SOLANA_BLOCK_BYTES_MAX ((size_t)512 << 20) /* of one answer */
#define SOLANA_BLOCK_MEMORY_MAX ((size_t)2 << 30)
#define SOLANA_TXS_MAX ((size_t)1 << 20) /* of one block */
/* Of a slot, where they come one by one: each is held against the others. */
#define SOLANA_ALONE_MAX ((size_t)1 << 16)

struct solana_block;

struct solana_block *solana_block_new(void); /* NULL: no memory */
struct solana_block *solana_block_free(struct solana_block *b);

/* From now on each transaction must be signed by those who have to (message.h), but for votes,
 * which are most of what there is and move their fee alone: ERR_INPUT if it is not, or if its
 * encoding does not show it. */
void solana_block_check(struct solana_block *b);

/* A block begins, empty. */
bool solana_block_start(struct solana_block *b, struct err *err) MUST_USE;
/* The answer to getBlock of that slot. */
bool solana_block_answer(struct solana_block *b, uint64_t slot, struct bytes answer,
                         struct err *err) MUST_USE;
/* An answer to getTransaction, as its slot's next transaction: all of one slot. One that is there
 * is told once. */
bool solana_block_add(struct solana_block *b, struct bytes answer, struct err *err) MUST_USE;
bool solana_block_facts(struct solana_block *b, struct transfer_block *ret,
                        struct err *err) MUST_USE;

/* What kind of answer, and of when: so that files are put in order before they are read whole.
 * slot: of a transaction; of a block the first that it can be (after its parent's). */
struct solana_sight {
    bool is_block, has_parent;
    uint64_t slot, parent_slot, index; /* index: in the block, or UINT64_MAX */
    struct hash32 hash, parent;        /* of a block */
};
bool solana_sight(struct bytes answer, struct solana_sight *ret, struct err *err) MUST_USE;

/* The transactions of an answer of either kind, one after another, as solana_packet_write takes
 * them: each must be taken, or the walk be bad. */
typedef bool solana_tx_fn(struct json_walk *w, void *ctx);
bool solana_each_tx(struct bytes answer, solana_tx_fn *fn, void *ctx, struct err *err) MUST_USE;

/* The result of a small answer: a number (getSlot), or the hash of genesis (getGenesisHash). */
bool solana_number(struct bytes answer, uint64_t *ret, struct err *err) MUST_USE;
/* The last of a list of numbers (getBlocks); *ret_none: it is empty. */
bool solana_last_number(struct bytes answer, bool *ret_none, uint64_t *ret,
                        struct err *err) MUST_USE;
bool solana_hash(struct bytes answer, struct hash32 *ret, struct err *err) MUST_USE;

/* An error of JSON-RPC that says that there is no block at a slot, and never will be. */
bool solana_is_skipped(struct bytes answer);

#endif
