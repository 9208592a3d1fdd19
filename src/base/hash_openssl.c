/* SHA-256, RIPEMD-160 and SHA-1 by OpenSSL's low-level functions.
 *
 * OpenSSL 3 calls them deprecated; its one-shot functions look the digest up at every call, which
 * costs three times as much for messages of a transaction's size. This is the one file in which the
 * warning is silenced. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "base/hash_kernel.h"

#include <openssl/ripemd.h>
#include <openssl/sha.h>
#include <string.h>

static void begin(void)
{
}

static void one(uint32_t state[8], const uint8_t *p, size_t blocks)
{
    SHA256_CTX c;

    memset(&c, 0, sizeof(c));
    memcpy(c.h, state, sizeof(c.h));
    SHA256_Update(&c, p, blocks * 64); /* whole blocks: nothing stays behind in c */
    memcpy(state, c.h, sizeof(c.h));
}

static void two(uint32_t state_a[8], const uint8_t *a, uint32_t state_b[8], const uint8_t *b,
                size_t blocks)
{
    one(state_a, a, blocks);
    one(state_b, b, blocks);
}

const struct sha256_kernel sha256_openssl = {"openssl", begin, one, two};

void ripemd160(const void *p, size_t n, uint8_t ret[20])
{
    RIPEMD160_CTX c;

    RIPEMD160_Init(&c);
    RIPEMD160_Update(&c, p, n);
    RIPEMD160_Final(ret, &c);
}

void sha1_two(const void *a, size_t a_n, const void *b, size_t b_n, uint8_t ret[20])
{
    SHA_CTX c;

    SHA1_Init(&c);
    SHA1_Update(&c, a, a_n);
    SHA1_Update(&c, b, b_n);
    SHA1_Final(ret, &c);
}
