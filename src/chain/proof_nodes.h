/* Nodes of a tree of hashes, as a proof holds them (block_proof.h): each once, by its hash
 * ascending, and known by that hash alone. What a node says of those below it is its chain's.
 *
 * Ownership: sets and copies live in the arena given; nodes that are opened are borrowed.
 * Errors:    ERR_INPUT not by their hash, each once; ERR_LIMIT; ERR_NOMEM.
 * Threads:   safe; a set belongs to its caller. */
#ifndef CORDON_CHAIN_PROOF_NODES_H
#define CORDON_CHAIN_PROOF_NODES_H

#include "chain/block_proof.h"

typedef struct hash32 proof_hash_fn(struct bytes node);

struct proof_nodes;
bool proof_nodes_open(struct arena *a, const struct bytes *nodes, size_t n, proof_hash_fn *hash,
                      struct proof_nodes **ret, struct err *err) MUST_USE;
/* NULL: none has that hash. ret_again (or NULL): it has been come by before. */
const struct bytes *proof_nodes_find(struct proof_nodes *s, const uint8_t hash[32],
                                     bool *ret_again);
/* Has each of them been come by? ERR_INPUT: not. */
bool proof_nodes_used(const struct proof_nodes *s, struct err *err) MUST_USE;

/* Nodes on their way into a proof. */
struct proof_kept {
    struct arena *a;
    struct bytes *at; /* [n] */
    size_t n, room;
};
/* A copy of one more. False: no memory. */
bool proof_keep(struct proof_kept *k, struct bytes node) MUST_USE;
/* All that were kept, as a proof has them. */
bool proof_kept_put(const struct proof_kept *k, proof_hash_fn *hash, struct block_proof *ret,
                    struct err *err) MUST_USE;

bool proof_no_memory(const struct arena *a, struct err *err);

#endif
