#include "support.h"

#include "base/hash.h"
#include "base/keccak.h"
#include "base/sha512.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

static void check_hex(const uint8_t *got, size_t n, const char *want)
{
    struct bytes b = test_hex(want);

    CHECK_U(n, b.n);
    if (memcmp(got, b.p, n))
        test_failed(__FILE__, __LINE__, "digest is not %s", want);
}

/* FIPS 180-4's examples (NIST, "SHA256.pdf" and "SHA2_Additional.pdf") */
static const struct {
    const char *name, *text, *digest;
    size_t repeat;
} fips_rows[] = {
    {"one block", "abc", "ba7816bf 8f01cfea 414140de 5dae2223 b00361a3 96177a9c b410ff61 f20015ad",
     1},
    {"two blocks", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61 d20638b8 e5c02693 0c3e6039 a33ce459 64ff2167 f6ecedd4 19db06c1", 1},
    {"nothing", "", "e3b0c442 98fc1c14 9afbf4c8 996fb924 27ae41e4 649b934c a495991b 7852b855", 1},
    {"a million a's", "a",
     "cdc76e5c 9914fb92 81a1c7e2 84d73e67 f1809a48 a497200e 046d39cc c7112cd0", 1000000},
};

static void each_kernel(void (*fn)(void))
{
    fn();
    sha256_force_openssl(true);
    assert_string_equal(sha256_kernel(), "openssl");
    fn();
    sha256_force_openssl(false);
}

static void fips_once(void)
{
    for (size_t i = 0; i < sizeof(fips_rows) / sizeof(fips_rows[0]); i++) {
        size_t n = strlen(fips_rows[i].text);
        char *all = malloc(n * fips_rows[i].repeat + 1);
        struct sha256_stream s;
        struct hash32 got;

        test_row("%s, %s", fips_rows[i].name, sha256_kernel());
        sha256_start(&s);
        for (size_t k = 0; k < fips_rows[i].repeat; k++) {
            memcpy(all + k * n, fips_rows[i].text, n);
            sha256_add(&s, fips_rows[i].text, n);
        }
        got = sha256(all, n * fips_rows[i].repeat);
        check_hex(got.b, 32, fips_rows[i].digest);
        got = sha256_done(&s);
        check_hex(got.b, 32, fips_rows[i].digest);
        free(all);
    }
}

static void fips(void **state)
{
    each_kernel(fips_once);
}

static struct hash32 reference(const void *p, size_t n, bool twice)
{
    struct hash32 h;

    CHECK(EVP_Digest(p, n, h.b, NULL, EVP_sha256(), NULL));
    if (twice)
        CHECK(EVP_Digest(h.b, 32, h.b, NULL, EVP_sha256(), NULL));
    return h;
}

enum { LENGTH_MAX = 300 };

/* Every length alone and among others, in blocks of exactly that size. */
static void lengths_once(void)
{
    static struct bytes whole[LENGTH_MAX + 1];
    static struct hash32 got[LENGTH_MAX + 1];
    struct test_random r = {test_seed()};

    for (size_t n = 0; n <= LENGTH_MAX; n++) {
        uint8_t *p = malloc(n ? n : 1);
        struct hash32 one, two, want;

        test_row("%zu bytes, %s", n, sha256_kernel());
        for (size_t i = 0; i < n; i++)
            p[i] = (uint8_t)test_random(&r);
        whole[n] = (struct bytes){p, n};
        want = reference(p, n, false);
        one = sha256(p, n);
        CHECK(hash32_equal(&one, &want));
        want = reference(p, n, true);
        two = sha256d(p, n);
        CHECK(hash32_equal(&two, &want));
        for (size_t chunk = 1; chunk <= 65; chunk += 8) {
            struct sha256_stream s;

            sha256_start(&s);
            for (size_t at = 0; at < n; at += chunk)
                sha256_add(&s, p + at, n - at < chunk ? n - at : chunk);
            want = sha256_done(&s);
            CHECK(hash32_equal(&want, &one));
        }
    }
    sha256_many(whole, LENGTH_MAX + 1, got);
    for (size_t n = 0; n <= LENGTH_MAX; n++) {
        struct hash32 want = reference(whole[n].p, n, false);

        test_row("%zu bytes among others, %s", n, sha256_kernel());
        CHECK(hash32_equal(&got[n], &want));
        free((void *)whole[n].p);
    }
}

static void lengths(void **state)
{
    each_kernel(lengths_once);
}

/* Messages of up to three pieces of random lengths, in batches of random sizes. */
static void parts_once(void)
{
    enum { BATCH_MAX = 9, PIECE_MAX = 200 };
    struct test_random r = {test_seed()};

    for (int round = 0; round < 2000; round++) {
        size_t n = test_below(&r, BATCH_MAX + 1);
        struct hash_parts parts[BATCH_MAX] = {0};
        struct hash32 got[BATCH_MAX], want[BATCH_MAX];

        for (size_t i = 0; i < n; i++) {
            uint8_t all[3 * PIECE_MAX];
            size_t all_n = 0;

            for (int k = 0; k < 3; k++) {
                size_t piece_n =
                    test_below(&r, 3) ? test_below(&r, PIECE_MAX) : 64 * test_below(&r, 3);
                uint8_t *p = malloc(piece_n ? piece_n : 1);

                for (size_t b = 0; b < piece_n; b++)
                    p[b] = all[all_n++] = (uint8_t)test_random(&r);
                parts[i].part[k] = (struct bytes){p, piece_n};
            }
            want[i] = reference(all, all_n, true);
        }
        sha256d_parts(parts, n, got);
        test_row("round %d, %s", round, sha256_kernel());
        for (size_t i = 0; i < n; i++) {
            CHECK(hash32_equal(&got[i], &want[i]));
            for (int k = 0; k < 3; k++)
                free((void *)parts[i].part[k].p);
        }
    }
}

static void parts(void **state)
{
    each_kernel(parts_once);
}

static void pairs_once(void)
{
    struct test_random r = {test_seed()};

    for (size_t n = 0; n <= 17; n++) {
        struct hash32 in[36], got[18], want[18];

        for (size_t i = 0; i < sizeof(in); i++)
            ((uint8_t *)in)[i] = (uint8_t)test_random(&r);
        for (size_t i = 0; i < n; i++)
            want[i] = reference(&in[2 * i], 64, true);
        test_row("%zu pairs, %s", n, sha256_kernel());
        sha256d_64(in, n, got);
        CHECK(!n || !memcmp(got, want, n * sizeof(*want)));
        sha256d_64(in, n, in);
        CHECK(!n || !memcmp(in, want, n * sizeof(*want)));
    }
}

static void pairs(void **state)
{
    each_kernel(pairs_once);
}

/* The key of the first coinbase and the hash in its address 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa. */
static void hash160_of_a_key(void **state)
{
    struct bytes key = test_hex("04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb6"
                                "49f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5f");
    struct hash20 got = hash160(key.p, key.n);

    check_hex(got.b, 20, "62e907b15cbf27d5425399ebf6f0fb50ebb88f18");
}

/* The empty text and "abc": the Keccak team's known answers (KeccakTools, ShortMsgKAT_256.txt has
 * the first); the transfer event's topic: ERC-20. The rate is 136 bytes, so a text of one less
 * holds both ends of the padding in one byte, and one of 136 needs a block more; their digests are
 * those of an independent implementation of the specification's pseudocode, in Python. */
static void keccak(void **state)
{
    static const struct {
        const char *name, *text, *digest;
        size_t repeat;
    } rows[] = {
        {"nothing", "", "c5d24601 86f7233c 927e7db2 dcc703c0 e500b653 ca82273b 7bfad804 5d85a470",
         1},
        {"abc", "abc", "4e03657a ea45a94f c7d47ba8 26c8d667 c0d1e6e3 3a64a036 ec44f58f a12d6c45",
         1},
        {"an event", "Transfer(address,address,uint256)",
         "ddf252ad 1be2c89b 69c2b068 fc378daa 952ba7f1 63c4a116 28f55a4d f523b3ef", 1},
        {"135 bytes", "a",
         "34367dc2 48bbd832 f4e3e69d faac2f92 638bd0bb d18f2912 ba4ef454 919cf446", 135},
        {"136 bytes", "a",
         "a6c4d403 279fe3e0 af03729c aada8374 b5ca54d8 065329a3 ebcaeb4b 60aa386e", 136},
        {"137 bytes", "a",
         "d869f639 c7046b49 29fc92a4 d988a8b2 2c55fbad b802c0c6 6ebcd484 f1915f39", 137},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t n = strlen(rows[i].text) * rows[i].repeat;
        char *text = malloc(n + 1);
        struct hash32 got;

        test_row("%s", rows[i].name);
        CHECK(text);
        for (size_t k = 0; k < rows[i].repeat; k++)
            memcpy(text + k * strlen(rows[i].text), rows[i].text, strlen(rows[i].text));
        got = keccak256(text, n);
        free(text);
        check_hex(got.b, 32, rows[i].digest);
    }
}

/* FIPS 180-4's own "abc", and nothing; in one piece and in three. */
static void half_of_512(void **state)
{
    static const char abc[] =
        "ddaf35a1 93617aba cc417349 ae204131 12e6fa4e 89a97ea2 0a9eeee6 4b55d39a";
    const struct bytes none = {NULL, 0}, one = {(const uint8_t *)"abc", 3},
                       three[] = {{(const uint8_t *)"a", 1}, none, {(const uint8_t *)"bc", 2}};
    struct hash32 got = sha512_half(&one, 1);

    check_hex(got.b, 32, abc);
    got = sha512_half(three, 3);
    check_hex(got.b, 32, abc);
    got = sha512_half(&none, 1);
    check_hex(got.b, 32, "cf83e135 7eefb8bd f1542850 d66d8007 d620e405 0b5715dc 83f4a921 d36ce9ce");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fips),        cmocka_unit_test(lengths),          cmocka_unit_test(parts),
        cmocka_unit_test(pairs),       cmocka_unit_test(hash160_of_a_key), cmocka_unit_test(keccak),
        cmocka_unit_test(half_of_512),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
