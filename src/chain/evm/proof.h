/* Proofs of an EVM chain's transactions (block_proof.h): a header, and nodes of its tries of
 * transactions and receipts (Yellow Paper, appendix D).
 *
 * Of the receipt before a transaction's own the gas used until then is taken, as a fee is what is
 * between the two. Receipts from before Byzantium that do not say whether the transaction failed
 * (block.h) prove nothing: it is left out.
 *
 * Errors:    ERR_INPUT a node is missing, of another shape than the one canonical, not led to, or
 *            out of order; header, transaction or receipt as of block.h; ERR_LIMIT; ERR_NOMEM.
 * Threads:   one prover a thread. */
#ifndef CORDON_CHAIN_EVM_PROOF_H
#define CORDON_CHAIN_EVM_PROOF_H

#include "chain/evm/block.h"
#include "chain/proof_nodes.h"

extern const struct block_proofs evm_proofs;

/* A block's two lists as their tries have them. */
struct evm_lists {
    struct bytes header; /* borrowed */
    struct rlp_out txs, receipts;
    size_t *tx_ends, *receipt_ends; /* [txs_n], [receipts_n] where each ends */
    size_t txs_n, receipts_n, txs_max, receipts_max;
    struct bytes withdrawals; /* borrowed; their list, n 0: there is none */
};

struct evm_lists *evm_lists_clear(struct evm_lists *l); /* keeps its memory; returns l */
void evm_lists_free(struct evm_lists *l);
/* After one has been written to txs or receipts. */
bool evm_lists_tx_end(struct evm_lists *l, struct err *err) MUST_USE;
bool evm_lists_receipt_end(struct evm_lists *l, struct err *err) MUST_USE;
/* From a block of RLP as evm_block_read has it. */
bool evm_lists_read(struct evm_lists *l, struct bytes header, struct bytes body,
                    struct bytes receipts, struct err *err) MUST_USE;
/* want: whose header l has. Where the lists have other roots than the header, why is said. */
bool evm_lists_prove(const struct chain *chain, const struct evm_lists *l,
                     struct wanted_block *want, struct arena *a, struct err *err) MUST_USE;

/* The value at a key of any such trie. ERR_NOT_FOUND: it has none there. */
bool evm_nodes_find(struct proof_nodes *s, const struct hash32 *root, struct bytes key,
                    struct bytes *ret, struct err *err) MUST_USE;
struct hash32 evm_node_hash(struct bytes node);

#endif
