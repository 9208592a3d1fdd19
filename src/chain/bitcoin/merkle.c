/* Merkle trees over txids: each level pairs the one below, the last of an odd number with itself.
 *
 * That last rule lets two lists of transactions have one root (CVE-2012-2459): repeating the tail
 * of a list looks like its padding. A pair of equal hashes in the data tells such a list. */
#include "base/mem.h"
#include "chain/bitcoin/block.h"

struct hash32 merkle_fold(struct hash32 *tree, size_t n, bool *ret_mutated)
{
    bool mutated = false;

    while (n > 1) {
        for (size_t i = 0; i + 1 < n; i += 2)
            mutated |= hash32_equal(&tree[i], &tree[i + 1]);
        if (n % 2)
            tree[n] = tree[n - 1];
        n = (n + 1) / 2;
        sha256d_64(tree, n, tree);
    }
    *ret_mutated = mutated;
    return tree[0];
}

static struct hash32 *copy_of(const struct hash32 *txids, size_t n)
{
    struct hash32 *tree = mem_array(n + 1, sizeof(*tree));

    if (tree && n)
        memcpy(tree, txids, n * sizeof(*tree));
    return tree;
}

bool merkle_root(const struct hash32 *txids, size_t n, struct hash32 *ret_root, bool *ret_mutated,
                 struct err *err)
{
    struct hash32 *tree = copy_of(txids, n);

    if (!tree)
        return err_fail(err, ERR_NOMEM, "merkle tree of %zu transactions", n);
    *ret_root = merkle_fold(tree, n, ret_mutated);
    mem_free(tree);
    return true;
}

size_t merkle_branch(const struct hash32 *txids, size_t n, size_t i, struct hash32 *ret_branch,
                     struct err *err)
{
    struct hash32 *tree = copy_of(txids, n);
    size_t depth = 0;

    if (!tree) {
        err_fail(err, ERR_NOMEM, "merkle tree of %zu transactions", n);
        return MERKLE_BRANCH_FAILED;
    }
    for (; n > 1; i /= 2) {
        if (n % 2)
            tree[n] = tree[n - 1];
        ret_branch[depth++] = tree[i ^ 1];
        n = (n + 1) / 2;
        sha256d_64(tree, n, tree);
    }
    mem_free(tree);
    return depth;
}

struct hash32 merkle_climb(const struct hash32 *leaf, size_t i, const struct hash32 *branch,
                           size_t branch_n)
{
    struct hash32 at = *leaf;

    for (size_t k = 0; k < branch_n; k++, i /= 2) {
        struct hash32 pair[2];

        pair[i % 2] = at;
        pair[(i + 1) % 2] = branch[k];
        at = sha256d(pair, sizeof(pair));
    }
    return at;
}
