/* Merkle trees over lists that only grow: RFC 6962, section 2.1 (and RFC 9162, section 2.1).
 *
 *     leaf = SHA-256(0x00 | entry)      node = SHA-256(0x01 | left | right)
 *
 * The left side of a node holds the greatest power of two of leaves that is less than all of them;
 * the root of no leaves is SHA-256 of nothing. A proof of inclusion shows that an entry is at its
 * place in a tree of a root; one of consistency that a tree is the beginning of a larger one. Each
 * is a list of at most 64 hashes, from the leaves up.
 *
 * Threads: safe, but for one owner of a tree that grows. */
#ifndef CORDON_GROUP_MERKLE_H
#define CORDON_GROUP_MERKLE_H

#include "base/hash.h"

#define MERKLE_LEVELS 64

struct merkle_tree { /* a tree that grows; all zeros: empty */
    uint64_t n;
    struct hash32 full[MERKLE_LEVELS]; /* of 2^i leaves, where n has that bit */
};

struct merkle_proof {
    struct hash32 at[MERKLE_LEVELS];
    size_t n;
};

struct hash32 merkle_leaf(struct bytes entry);
void merkle_tree_add(struct merkle_tree *m, const struct hash32 *leaf);
struct hash32 merkle_tree_root(const struct merkle_tree *m);

/* Of the leaf at index, below n, among leaves[n]. */
void merkle_inclusion(const struct hash32 *leaves, uint64_t n, uint64_t index,
                      struct merkle_proof *ret);
/* Of the first `before`, at most n, of leaves[n]. */
void merkle_consistency(const struct hash32 *leaves, uint64_t n, uint64_t before,
                        struct merkle_proof *ret);

/* Nothing is expected of what is given. */
bool merkle_includes(const struct hash32 *root, uint64_t n, uint64_t index,
                     const struct hash32 *leaf, const struct merkle_proof *proof);
bool merkle_consistent(const struct hash32 *root, uint64_t n, const struct hash32 *root_before,
                       uint64_t before, const struct merkle_proof *proof);

#endif
