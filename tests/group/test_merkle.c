/* Merkle trees: the vectors of the certificate transparency project, and all sizes to SIZES against
 * the definitions of RFC 6962, section 2.1, written down as they stand there. */
#include "group/merkle.h"

#include "rfc6962.h"
#include "support.h"

#define SIZES 72

static bool same(const struct merkle_proof *a, const struct merkle_proof *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!hash32_equal(&a->at[i], &b->at[i]))
            return false;
    return true;
}

static void leaves_make(struct hash32 *leaves)
{
    for (size_t i = 0; i < SIZES; i++)
        leaves[i] = merkle_leaf((struct bytes){(const uint8_t *)&i, sizeof(i)});
}

/* ---- vectors ---- */

static const char *const ct_leaves[] = {"",
                                        "00",
                                        "10",
                                        "2021",
                                        "3031",
                                        "40414243",
                                        "5051525354555657",
                                        "606162636465666768696a6b6c6d6e6f"};
/* of the first n of them */
static const char *const ct_roots[] = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};
static const struct {
    const char *name;
    bool consistency;
    size_t of, n; /* the index, or the size before; of so many */
    const char *proof[4];
} ct_proofs[] = {
    {"inclusion 0 of 8",
     false,
     0,
     8,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
    {"inclusion 5 of 8",
     false,
     5,
     8,
     {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
    {"consistency 1 to 8",
     true,
     1,
     8,
     {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
    {"consistency 6 to 8",
     true,
     6,
     8,
     {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
    {"consistency 2 to 5",
     true,
     2,
     5,
     {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
};

static struct hash32 hash(const char *hex)
{
    struct hash32 h;

    CHECK(hex_decode(hex, strlen(hex), h.b, 32));
    return h;
}

static void vectors(void **state)
{
    struct hash32 leaves[8];
    struct merkle_tree m = {.n = 0};

    (void)state;
    for (size_t i = 0; i <= 8; i++) {
        struct hash32 root = merkle_tree_root(&m), want = hash(ct_roots[i]);

        test_row("%zu leaves", i);
        CHECK(hash32_equal(&root, &want));
        if (i < 8) {
            leaves[i] = merkle_leaf(test_hex(ct_leaves[i]));
            merkle_tree_add(&m, &leaves[i]);
        }
    }
    for (size_t i = 0; i < sizeof(ct_proofs) / sizeof(ct_proofs[0]); i++) {
        struct merkle_proof want = {.n = 0}, got;

        test_row("%s", ct_proofs[i].name);
        while (want.n < 4 && ct_proofs[i].proof[want.n]) {
            want.at[want.n] = hash(ct_proofs[i].proof[want.n]);
            want.n++;
        }
        if (ct_proofs[i].consistency)
            merkle_consistency(leaves, ct_proofs[i].n, ct_proofs[i].of, &got);
        else
            merkle_inclusion(leaves, ct_proofs[i].n, ct_proofs[i].of, &got);
        CHECK(same(&got, &want));
    }
}

/* ---- all sizes ---- */

static void roots(void **state)
{
    struct hash32 leaves[SIZES];
    struct merkle_tree m = {.n = 0};

    (void)state;
    leaves_make(leaves);
    for (size_t n = 0; n <= SIZES; n++) {
        struct hash32 got = merkle_tree_root(&m), want = rfc6962_root(leaves, n);

        test_row("%zu leaves", n);
        CHECK(hash32_equal(&got, &want));
        CHECK_U(m.n, n);
        if (n < SIZES)
            merkle_tree_add(&m, &leaves[n]);
    }
}

/* A proof proves what it is of, and nothing once any part of it is another. */
static void inclusions(void **state)
{
    struct hash32 leaves[SIZES];

    (void)state;
    leaves_make(leaves);
    for (size_t n = 1; n <= SIZES; n++)
        for (size_t i = 0; i < n; i++) {
            struct hash32 root = rfc6962_root(leaves, n);
            struct merkle_proof want = {.n = 0}, p;

            test_row("%zu of %zu", i, n);
            rfc6962_path(i, leaves, n, &want);
            merkle_inclusion(leaves, n, i, &p);
            CHECK(same(&p, &want));
            CHECK(merkle_includes(&root, n, i, &leaves[i], &p));
            CHECK(!merkle_includes(&root, n, i, &leaves[(i + 1) % SIZES], &p));
            CHECK(!merkle_includes(&root, n, n, &leaves[i], &p));
            for (size_t k = 0; k < n; k++)
                CHECK(k == i || !merkle_includes(&root, n, k, &leaves[i], &p));
            for (size_t k = 0; k < p.n; k++) {
                p.at[k].b[k % 32] ^= 1;
                CHECK(!merkle_includes(&root, n, i, &leaves[i], &p));
                p.at[k].b[k % 32] ^= 1;
            }
            p.n++;
            p.at[p.n - 1] = root;
            CHECK(!merkle_includes(&root, n, i, &leaves[i], &p));
            p.n -= 2;
            CHECK(n == 1 || !merkle_includes(&root, n, i, &leaves[i], &p));
        }
}

static void consistencies(void **state)
{
    struct hash32 leaves[SIZES];

    (void)state;
    leaves_make(leaves);
    for (size_t n = 0; n <= SIZES; n++)
        for (size_t m = 0; m <= n; m++) {
            struct hash32 root = rfc6962_root(leaves, n), before = rfc6962_root(leaves, m),
                          other = rfc6962_root(leaves, SIZES);
            struct merkle_proof want = {.n = 0}, p;

            test_row("%zu to %zu", m, n);
            if (m)
                rfc6962_subproof(m, leaves, n, true, &want);
            merkle_consistency(leaves, n, m, &p);
            CHECK(same(&p, &want));
            CHECK(merkle_consistent(&root, n, &before, m, &p));
            other.b[0] ^= 1;
            CHECK(!merkle_consistent(&root, n, &other, m, &p));
            CHECK(!m || !merkle_consistent(&other, n, &before, m, &p));
            CHECK(m == n || !merkle_consistent(&before, m, &root, n, &p));
            for (size_t k = 0; k < p.n; k++) {
                p.at[k].b[k % 32] ^= 1;
                CHECK(!merkle_consistent(&root, n, &before, m, &p));
                p.at[k].b[k % 32] ^= 1;
            }
            p.at[p.n++] = root;
            CHECK(!merkle_consistent(&root, n, &before, m, &p));
            if (want.n) {
                p.n -= 2;
                CHECK(!merkle_consistent(&root, n, &before, m, &p));
            }
        }
}

/* Sizes that no tree has: answered, and soon. */
static void absurd(void **state)
{
    struct hash32 h = {{7}};
    struct merkle_proof p = {.n = MERKLE_LEVELS};

    (void)state;
    CHECK(!merkle_includes(&h, UINT64_MAX, UINT64_MAX - 1, &h, &p));
    CHECK(!merkle_includes(&h, 0, 0, &h, &p));
    CHECK(!merkle_consistent(&h, UINT64_MAX, &h, UINT64_MAX - 1, &p));
    CHECK(!merkle_consistent(&h, UINT64_MAX, &h, (uint64_t)1 << 63, &p));
    p.n = 0;
    CHECK(!merkle_consistent(&h, UINT64_MAX, &h, 3, &p));
    CHECK(!merkle_consistent(&h, 2, &h, 3, &p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),       cmocka_unit_test(roots),  cmocka_unit_test(inclusions),
        cmocka_unit_test(consistencies), cmocka_unit_test(absurd),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
