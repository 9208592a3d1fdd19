/* Block headers: 80 bytes, their proof of work, and the work that they stand for. */
#include "chain/bitcoin/block.h"

#include <openssl/evp.h>

struct block_header header_read(const uint8_t raw[80])
{
    struct block_header h = {
        .version = load_le32(raw),
        .time = load_le32(raw + 68),
        .bits = load_le32(raw + 72),
        .nonce = load_le32(raw + 76),
    };

    memcpy(h.prev.b, raw + 4, 32);
    memcpy(h.merkle_root.b, raw + 36, 32);
    return h;
}

/* Bitcoin Core, arith_uint256::SetCompact: a sign bit, 23 bits of mantissa and a base-256 exponent.
 * False for what no block may have: negative, zero, or of more than 256 bits. */
static bool target_of(uint32_t bits, struct hash32 *ret)
{
    uint32_t size = bits >> 24, mantissa = bits & 0x7fffff;
    struct hash32 target = {{0}};

    if (size < 3) {
        mantissa >>= 8 * (3 - size);
        size = 3;
    }
    if (!mantissa || bits & 0x800000)
        return false;
    for (uint32_t i = 0; i < 3; i++) {
        uint8_t digit = (uint8_t)(mantissa >> 8 * i);
        uint32_t at = size - 3 + i;

        if (digit && at >= 32)
            return false;
        if (at < 32)
            target.b[at] = digit;
    }
    *ret = target;
    return true;
}

static bool above(const struct hash32 *a, const struct hash32 *b)
{
    for (int i = 31; i >= 0; i--)
        if (a->b[i] != b->b[i])
            return a->b[i] > b->b[i];
    return false;
}

static bool scrypt_of(const uint8_t raw[80], struct hash32 *ret)
{
    return EVP_PBE_scrypt((const char *)raw, 80, raw, 80, 1024, 1, 1, 0, ret->b, 32) == 1;
}

bool header_work_valid(const struct chain *chain, const uint8_t raw[80], const struct hash32 *hash)
{
    struct hash32 target, easiest, proof = *hash;

    if (!target_of(load_le32(raw + 72), &target) || !target_of(chain->bits_max, &easiest) ||
        above(&target, &easiest))
        return false;
    switch (chain->pow) {
    case POW_SHA256D:
        break;
    case POW_SCRYPT:
        if (!scrypt_of(raw, &proof))
            return false;
        break;
    }
    return !above(&proof, &target);
}

/* 256-bit numbers as four words, the least first, for the one division that chains need. */
struct wide {
    uint64_t w[4];
};

static void wide_double(struct wide *a, uint64_t low)
{
    for (int i = 0; i < 4; i++) {
        uint64_t high = a->w[i] >> 63;

        a->w[i] = a->w[i] << 1 | low;
        low = high;
    }
}

/* a -= b where b <= a; false and nothing done where it is not. */
static bool wide_take(struct wide *a, const struct wide *b)
{
    struct wide rest;
    unsigned borrow = 0;

    for (int i = 0; i < 4; i++) {
        __extension__ unsigned __int128 d = (unsigned __int128)a->w[i] - b->w[i] - borrow;

        rest.w[i] = (uint64_t)d;
        borrow = d >> 64 != 0;
    }
    if (!borrow)
        *a = rest;
    return !borrow;
}

static void wide_add_one(struct wide *a)
{
    for (int i = 0; i < 4 && !++a->w[i]; i++)
        ;
}

/* 2^256 does not fit, but 2^256 / (t + 1) = (2^256 - 1 - t) / (t + 1) + 1 does. */
struct hash32 header_work(uint32_t bits)
{
    struct hash32 target, work = {{0}};
    struct wide t, dividend, rest = {{0}}, quotient = {{0}};

    if (!target_of(bits, &target))
        return work;
    memcpy(&t, target.b, 32);
    for (int i = 0; i < 4; i++)
        dividend.w[i] = ~t.w[i];
    wide_add_one(&t);
    for (int i = 0; i < 256; i++) {
        wide_double(&rest, dividend.w[3] >> 63);
        wide_double(&dividend, 0);
        wide_double(&quotient, wide_take(&rest, &t));
    }
    wide_add_one(&quotient);
    memcpy(work.b, &quotient, 32);
    return work;
}
