/* Whole numbers of 256 bits: amounts of account chains, never floating point.
 *
 * EVM words are 256 bits wide (Ethereum Yellow Paper, 4.3), so amounts, balances and their sums are
 * too. Arithmetic that can leave the range says so. Text is decimal without sign, white space or
 * leading zeros, as in text.h.
 * Threads: all are safe; nothing is kept. */
#ifndef CORDON_BASE_U256_H
#define CORDON_BASE_U256_H

#include "base/bytes.h"

#define U256_BYTES 32
#define U256_TEXT_MAX 79 /* 78 digits and a NUL */

struct u256 {
    uint64_t w[4]; /* least significant first */
};

static inline struct u256 u256_of(uint64_t v)
{
    return (struct u256){{v, 0, 0, 0}};
}

static inline bool u256_zero(struct u256 a)
{
    return !(a.w[0] | a.w[1] | a.w[2] | a.w[3]);
}

static inline int u256_compare(struct u256 a, struct u256 b) /* below 0, 0, above 0 */
{
    for (int i = 3; i >= 0; i--)
        if (a.w[i] != b.w[i])
            return a.w[i] < b.w[i] ? -1 : 1;
    return 0;
}

static inline bool u256_less(struct u256 a, struct u256 b)
{
    return u256_compare(a, b) < 0;
}

static inline bool u256_equal(struct u256 a, struct u256 b)
{
    return !u256_compare(a, b);
}

static inline struct u256 u256_min(struct u256 a, struct u256 b)
{
    return u256_less(b, a) ? b : a;
}

/* *ret = a + b, or a - b; false: past 2^256 - 1, or below 0 (*ret is then the result modulo 2^256).
 * ret may be an operand. */
static inline bool u256_add(struct u256 a, struct u256 b, struct u256 *ret)
{
    unsigned long long carry = 0;

    for (int i = 0; i < 4; i++) {
        unsigned __int128 sum = (unsigned __int128)a.w[i] + b.w[i] + carry;

        ret->w[i] = (uint64_t)sum;
        carry = (unsigned long long)(sum >> 64);
    }
    return !carry;
}

static inline bool u256_sub(struct u256 a, struct u256 b, struct u256 *ret)
{
    bool less = u256_less(a, b);
    uint64_t borrow = 0;

    for (int i = 0; i < 4; i++) {
        unsigned __int128 take = (unsigned __int128)b.w[i] + borrow;

        borrow = a.w[i] < take;
        ret->w[i] = a.w[i] - (uint64_t)take;
    }
    return !less;
}

static inline struct u256 u256_load_le(const uint8_t *p) /* 32 bytes */
{
    return (struct u256){{load_le64(p), load_le64(p + 8), load_le64(p + 16), load_le64(p + 24)}};
}

static inline void u256_store_le(uint8_t *p, struct u256 v)
{
    for (int i = 0; i < 4; i++)
        store_le64(p + 8 * i, v.w[i]);
}

/* floor(a * b / c), exactly; false: c is 0 or the result does not fit. */
bool u256_mul_div(struct u256 a, struct u256 b, struct u256 c, struct u256 *ret);
/* false: past 2^256 - 1 (*ret is then the product modulo 2^256) */
bool u256_mul(struct u256 a, struct u256 b, struct u256 *ret);

/* big-endian, any length; false: does not fit */
bool u256_from_be(const uint8_t *p, size_t n, struct u256 *ret);
void u256_to_be(struct u256 v, uint8_t ret[U256_BYTES]);
/* decimal digits alone; false: not that, or too large */
bool u256_from_text(const char *p, size_t n, struct u256 *ret);
/* "0x" and 1 to 64 hex digits (a QUANTITY of Ethereum's JSON-RPC, but leading zeros are read); else
 * false */
bool u256_from_hex(const char *p, size_t n, struct u256 *ret);
size_t u256_to_text(struct u256 v, char ret[U256_TEXT_MAX]); /* NUL-terminated; its length */
/* Decimal with a point: "1.5" with 18 decimals is 1500000000000000000. More digits than decimals:
 * false. */
bool u256_from_decimal(const char *p, size_t n, unsigned decimals, struct u256 *ret);

#endif
