/* The sponge of "The Keccak reference", version 3.0, section 1.1: rate 1088 bits, and the padding
 * 10*1 with nothing before it. FIPS 202 puts the bits 01 in front, which is all that tells SHA3-256
 * from this. */
#include "base/keccak.h"

#include <nettle/sha3.h>

#define RATE_BYTES 136

static void absorb(struct sha3_state *s, const uint8_t *block)
{
    for (size_t i = 0; i < RATE_BYTES / 8; i++)
        s->a[i] ^= load_le64(block + 8 * i);
    sha3_permute(s);
}

struct hash32 keccak256(const void *p, size_t n)
{
    const uint8_t *at = p;
    uint8_t last[RATE_BYTES] = {0};
    struct sha3_state s = {{0}};
    struct hash32 ret;

    for (; n >= RATE_BYTES; at += RATE_BYTES, n -= RATE_BYTES)
        absorb(&s, at);
    if (n)
        memcpy(last, at, n);
    last[n] = 0x01;
    last[RATE_BYTES - 1] |= 0x80;
    absorb(&s, last);
    for (size_t i = 0; i < 4; i++)
        store_le64(ret.b + 8 * i, s.a[i]);
    return ret;
}
