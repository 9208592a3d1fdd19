#include "group/merkle.h"

struct hash32 merkle_leaf(struct bytes entry)
{
    static const uint8_t tag = 0;
    struct sha256_stream s;

    sha256_start(&s);
    sha256_add(&s, &tag, 1);
    sha256_add(&s, entry.p, entry.n);
    return sha256_done(&s);
}

static struct hash32 node(const struct hash32 *left, const struct hash32 *right)
{
    uint8_t message[1 + 2 * sizeof(left->b)] = {1};

    memcpy(message + 1, left->b, sizeof(left->b));
    memcpy(message + 1 + sizeof(left->b), right->b, sizeof(right->b));
    return sha256(message, sizeof(message));
}

/* ---- a tree that grows: as one counts in binary ---- */

void merkle_tree_add(struct merkle_tree *m, const struct hash32 *leaf)
{
    struct hash32 carry = *leaf;
    unsigned level = 0;

    for (; m->n >> level & 1; level++)
        carry = node(&m->full[level], &carry);
    m->full[level] = carry;
    m->n++;
}

struct hash32 merkle_tree_root(const struct merkle_tree *m)
{
    struct hash32 root = {{0}};
    bool any = false;

    for (unsigned level = 0; level < MERKLE_LEVELS; level++) {
        if (!(m->n >> level & 1))
            continue;
        root = any ? node(&m->full[level], &root) : m->full[level];
        any = true;
    }
    return any ? root : sha256("", 0);
}

/* ---- proofs ---- */

static struct hash32 root_of(const struct hash32 *leaves, uint64_t n)
{
    struct merkle_tree m = {.n = 0};

    for (uint64_t i = 0; i < n; i++)
        merkle_tree_add(&m, &leaves[i]);
    return merkle_tree_root(&m);
}

/* The greatest power of two below n, which is at least 2. */
static uint64_t split(uint64_t n)
{
    return (uint64_t)1 << (63 - __builtin_clzll(n - 1));
}

/* They were found from the root down. */
static void turn(struct merkle_proof *p)
{
    for (size_t i = 0; i < p->n / 2; i++) {
        struct hash32 t = p->at[i];

        p->at[i] = p->at[p->n - 1 - i];
        p->at[p->n - 1 - i] = t;
    }
}

/* RFC 6962, section 2.1.1: "PATH(m, D[n]) = PATH(m, D[0:k]) : MTH(D[k:n]) for m < k; and
 * PATH(m, D[n]) = PATH(m - k, D[k:n]) : MTH(D[0:k]) for m >= k" */
void merkle_inclusion(const struct hash32 *leaves, uint64_t n, uint64_t index,
                      struct merkle_proof *ret)
{
    ret->n = 0;
    while (n > 1) {
        uint64_t k = split(n);

        if (index < k) {
            ret->at[ret->n++] = root_of(leaves + k, n - k);
            n = k;
        } else {
            ret->at[ret->n++] = root_of(leaves, k);
            leaves += k;
            index -= k;
            n -= k;
        }
    }
    turn(ret);
}

/* RFC 6962, section 2.1.2: SUBPROOF(m, D[n], b), "b" being that the subtree of the first m leaves
 * is one whose root the verifier has. */
void merkle_consistency(const struct hash32 *leaves, uint64_t n, uint64_t before,
                        struct merkle_proof *ret)
{
    bool known = true;

    ret->n = 0;
    while (before && before != n) {
        uint64_t k = split(n);

        if (before <= k) {
            ret->at[ret->n++] = root_of(leaves + k, n - k);
            n = k;
        } else {
            ret->at[ret->n++] = root_of(leaves, k);
            leaves += k;
            before -= k;
            n -= k;
            known = false;
        }
    }
    if (before && !known)
        ret->at[ret->n++] = root_of(leaves, n);
    turn(ret);
}

/* ---- checking: RFC 9162, sections 2.1.3.2 and 2.1.4.2 ---- */

bool merkle_includes(const struct hash32 *root, uint64_t n, uint64_t index,
                     const struct hash32 *leaf, const struct merkle_proof *proof)
{
    uint64_t fn = index, sn = n - 1;
    struct hash32 r = *leaf;

    if (index >= n)
        return false;
    for (size_t i = 0; i < proof->n; i++) {
        if (!sn)
            return false;
        if (fn & 1 || fn == sn) {
            r = node(&proof->at[i], &r);
            for (; fn && !(fn & 1); sn >>= 1)
                fn >>= 1;
        } else {
            r = node(&r, &proof->at[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return !sn && hash32_equal(&r, root);
}

static bool grows(const struct hash32 *root, uint64_t n, const struct hash32 *root_before,
                  uint64_t before, const struct merkle_proof *proof)
{
    /* "If first is an exact power of 2, then prepend first_hash to the consistency_path array." */
    bool whole = !(before & (before - 1));
    uint64_t fn = before - 1, sn = n - 1;
    struct hash32 fr, sr;

    if (!whole && !proof->n)
        return false;
    fr = sr = whole ? *root_before : proof->at[0];
    for (; fn & 1; fn >>= 1)
        sn >>= 1;
    for (size_t i = !whole; i < proof->n; i++) {
        if (!sn)
            return false;
        if (fn & 1 || fn == sn) {
            fr = node(&proof->at[i], &fr);
            sr = node(&proof->at[i], &sr);
            for (; fn && !(fn & 1); sn >>= 1)
                fn >>= 1;
        } else {
            sr = node(&sr, &proof->at[i]);
        }
        fn >>= 1;
        sn >>= 1;
    }
    return !sn && hash32_equal(&fr, root_before) && hash32_equal(&sr, root);
}

bool merkle_consistent(const struct hash32 *root, uint64_t n, const struct hash32 *root_before,
                       uint64_t before, const struct merkle_proof *proof)
{
    struct hash32 nothing = sha256("", 0);

    if (before > n || proof->n > MERKLE_LEVELS)
        return false;
    if (!before)
        return !proof->n && hash32_equal(root_before, &nothing);
    if (before == n)
        return !proof->n && hash32_equal(root, root_before);
    return grows(root, n, root_before, before, proof);
}
