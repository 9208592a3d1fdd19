/* Hashes, and 32-byte identifiers as structs of their own.
 *
 * SHA-256 is FIPS 180-4; sha256d is SHA-256 of SHA-256 (Bitcoin). Where the processor has SHA-NI
 * our own kernel runs two streams at once; elsewhere OpenSSL's low-level functions serve.
 *
 * Threads:   all functions are safe; the processor is asked once. */
#ifndef CORDON_BASE_HASH_H
#define CORDON_BASE_HASH_H

#include "base/bytes.h"

struct hash32 {
    uint8_t b[32]; /* in the order of the wire; shown reversed where the field does so */
};

struct hash20 {
    uint8_t b[20];
};

static inline bool hash32_equal(const struct hash32 *a, const struct hash32 *b)
{
    return !memcmp(a->b, b->b, 32);
}

/* A message in up to three pieces, hashed as one: a segwit transaction without its witness is
 * version | inputs and outputs | locktime. Unused pieces have n = 0. */
struct hash_parts {
    struct bytes part[3];
};

struct hash32 sha256(const void *p, size_t n);
struct hash32 sha256d(const void *p, size_t n);
/* Many messages at a time, into ret[n]: each twice, or each once. */
void sha256d_parts(const struct hash_parts *messages, size_t n, struct hash32 *ret);
void sha256_many(const struct bytes *messages, size_t n, struct hash32 *ret);
/* ret[i] = sha256d(pairs[2i] pairs[2i+1]); ret may be pairs. */
void sha256d_64(const struct hash32 *pairs, size_t n, struct hash32 *ret);
struct hash20 hash160(const void *p, size_t n); /* RIPEMD-160 of SHA-256 */
struct hash20 ripemd160_of(const void *p, size_t n);
const char *sha256_kernel(void); /* "sha-ni x2" or "openssl": a build fact for people */

/* Tests and measurements only: on leaves our own kernel unused until off. */
void sha256_force_openssl(bool on);

/* Streaming, for files. */
struct sha256_stream {
    uint32_t state[8];
    uint64_t n;
    uint8_t block[64];
};
void sha256_start(struct sha256_stream *s);
void sha256_add(struct sha256_stream *s, const void *p, size_t n);
struct hash32 sha256_done(struct sha256_stream *s);

#endif
