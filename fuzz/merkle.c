/* Proofs over a tree of a few leaves: how many, which, and the hashes as they come. One that is
 * taken is of the leaf that is there, or of the beginning that is there; what the tree itself
 * proves is taken. */
#include "group/merkle.h"

#include <assert.h>
#include <string.h>

#define LEAVES_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct hash32 root_of(const struct hash32 *leaves, uint64_t n)
{
    struct merkle_tree m = {.n = 0};

    for (uint64_t i = 0; i < n; i++)
        merkle_tree_add(&m, &leaves[i]);
    return merkle_tree_root(&m);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct hash32 leaves[LEAVES_MAX], root, before, leaf = {{0}};
    struct merkle_proof proof = {.n = 0}, good;
    uint64_t n, index;

    if (size < 3)
        return 0;
    n = 1 + data[0] % LEAVES_MAX;
    index = data[1];
    for (uint64_t i = 0; i < n; i++)
        leaves[i] = merkle_leaf((struct bytes){data + 2, (size_t)(i % (size - 2)) + 1});
    for (size_t at = 2; at + sizeof(leaf.b) <= size && proof.n < MERKLE_LEVELS; proof.n++) {
        memcpy(proof.at[proof.n].b, data + at, sizeof(leaf.b));
        at += sizeof(leaf.b);
    }
    root = root_of(leaves, n);
    memcpy(leaf.b, data, size < sizeof(leaf.b) ? size : sizeof(leaf.b));
    if (merkle_includes(&root, n, index, &leaf, &proof))
        assert(index < n && hash32_equal(&leaf, &leaves[index]));
    if (index < n) {
        merkle_inclusion(leaves, n, index, &good);
        assert(merkle_includes(&root, n, index, &leaves[index], &good));
        if (merkle_includes(&root, n, index, &leaves[index], &proof))
            assert(proof.n == good.n && !memcmp(proof.at, good.at, good.n * sizeof(good.at[0])));
    }
    if (merkle_consistent(&root, n, &leaf, index, &proof) && index && index <= n) {
        before = root_of(leaves, index);
        assert(hash32_equal(&leaf, &before));
    }
    if (index <= n) {
        before = root_of(leaves, index);
        merkle_consistency(leaves, n, index, &good);
        assert(merkle_consistent(&root, n, &before, index, &good));
    }
    return 0;
}
