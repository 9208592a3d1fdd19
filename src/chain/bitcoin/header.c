/* Block headers, their proof of work, and the work that they stand for.
 *
 *     Bitcoin   version 4 | parent 32 | Merkle root 32 | time 4 | bits 4 | nonce 4
 *     AuxPoW    the same, and behind it what auxpow.c reads, where the version has bit 8
 *     Zcash     version 4 | parent 32 | Merkle root 32 | commitments 32 | time 4 | bits 4 |
 *               nonce 32 | compact size, solution       (protocol specification, 7.6) */
#include "chain/bitcoin/block_walk.h"

#include <openssl/evp.h>

#define VERSION_AUXPOW 0x100u
#define ZCASH_HEADER_BYTES 140
#define ZCASH_TIME_AT 100

struct block_header header_read(const uint8_t raw[HEADER_BYTES])
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

static bool scrypt_of(const uint8_t raw[HEADER_BYTES], struct hash32 *ret)
{
    return EVP_PBE_scrypt((const char *)raw, HEADER_BYTES, raw, HEADER_BYTES, 1024, 1, 1, 0, ret->b,
                          32) == 1;
}

static bool zcash_head(const struct chain *chain, struct bytes raw, struct block_head *ret)
{
    struct cursor c = cursor_over(raw.p, raw.n);
    struct bytes header = cursor_take(&c, ZCASH_HEADER_BYTES);

    if (cursor_compact(&c) != equihash_bytes(chain->equihash_n, chain->equihash_k))
        return false;
    cursor_take(&c, equihash_bytes(chain->equihash_n, chain->equihash_k));
    if (c.bad)
        return false;
    memcpy(ret->header, header.p, 68);
    memcpy(ret->header + 68, header.p + ZCASH_TIME_AT, 12);
    ret->bytes = cursor_offset(&c);
    return true;
}

bool block_heads_short(const struct chain *chain)
{
    return chain->wire != WIRE_ZCASH && !chain->aux_id;
}

bool block_head_read(const struct chain *chain, struct bytes raw, struct block_head *ret,
                     struct err *err)
{
    size_t aux = 0;

    if (raw.n < HEADER_BYTES)
        return err_fail(err, ERR_INPUT, "header ends early at byte %zu", raw.n);
    if (chain->wire == WIRE_ZCASH) {
        if (!zcash_head(chain, raw, ret))
            return err_fail(err, ERR_INPUT, "header: no solution of %zu bytes",
                            equihash_bytes(chain->equihash_n, chain->equihash_k));
        ret->hash = sha256d(raw.p, ret->bytes);
        return true;
    }
    if (chain->aux_id && load_le32(raw.p) & VERSION_AUXPOW) {
        aux = auxpow_bytes((struct bytes){raw.p + HEADER_BYTES, raw.n - HEADER_BYTES});
        if (!aux)
            return err_fail(err, ERR_INPUT, "header: AuxPoW ends early");
    }
    memcpy(ret->header, raw.p, HEADER_BYTES);
    ret->bytes = HEADER_BYTES + aux;
    ret->hash = sha256d(raw.p, HEADER_BYTES);
    return true;
}

static bool target_allowed(const struct chain *chain, const struct block_head *head,
                           struct hash32 *ret)
{
    struct hash32 easiest;

    return target_of(load_le32(head->header + 72), ret) && target_of(chain->bits_max, &easiest) &&
           !above(ret, &easiest);
}

bool block_head_likely(const struct chain *chain, const struct block_head *head)
{
    struct hash32 target;

    return target_allowed(chain, head, &target) &&
           (chain->pow == POW_SCRYPT || (chain->aux_id && head->bytes > HEADER_BYTES) ||
            !above(&head->hash, &target));
}

/* Dogecoin Core, CheckAuxPowProofOfWork: "Except for legacy blocks with full version 1, ensure that
 * the chain ID is correct"; IsLegacy: version 1, or 2 without a chain id. */
static bool aux_id_right(const struct chain *chain, uint32_t version)
{
    return !chain->aux_id || version == 1 || version == 2 || version >> 16 == chain->aux_id;
}

/* The header's own work, or with AuxPoW its parent's. */
static bool work_meets(const struct chain *chain, struct bytes raw, const struct block_head *head,
                       const struct hash32 *target)
{
    uint32_t version = load_le32(head->header);
    const uint8_t *worked = head->header;
    struct hash32 proof;

    if (!aux_id_right(chain, version))
        return false;
    if (head->bytes > HEADER_BYTES &&
        !auxpow_binds(chain, (struct bytes){raw.p + HEADER_BYTES, head->bytes - HEADER_BYTES},
                      &head->hash, &worked))
        return false;
    if (chain->pow == POW_SHA256D)
        proof = sha256d(worked, HEADER_BYTES);
    else if (!scrypt_of(worked, &proof))
        return false;
    return !above(&proof, target);
}

bool block_head_proven(const struct chain *chain, struct bytes raw, const struct block_head *head)
{
    struct hash32 target;
    size_t n;

    if (!target_allowed(chain, head, &target))
        return false;
    switch (chain->pow) {
    case POW_SHA256D:
    case POW_SCRYPT:
        return work_meets(chain, raw, head, &target);
    case POW_EQUIHASH:
        n = equihash_bytes(chain->equihash_n, chain->equihash_k);
        return !above(&head->hash, &target) &&
               equihash_valid(chain->equihash_n, chain->equihash_k, raw.p,
                              (struct bytes){raw.p + head->bytes - n, n});
    }
    return false;
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
