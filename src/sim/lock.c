/* Scripts and spends of each kind; lengths as on today's chain (low-R signatures of 71 bytes with
 * their hash type, every other one 72 without that grinding). */
#include "sim/lock.h"

#define KEY_BYTES 33
#define REDEEM_BYTES 105 /* OP_2 <33> <33> <33> OP_3 OP_CHECKMULTISIG */

/* n bytes (at most 40) that belong to a lock; turn tells its several keys apart. */
static void lock_bytes(uint64_t key, uint32_t lock, unsigned turn, uint8_t *ret, size_t n)
{
    uint64_t s = key ^ ((uint64_t)lock << 8 | turn) * 0xd6e8feb86659fd93;
    uint8_t all[40];

    for (size_t i = 0; i < n; i += 8)
        store_le64(all + i, splitmix64(&s));
    memcpy(ret, all, n);
}

static uint8_t *put(uint8_t *at, const void *p, size_t n)
{
    memcpy(at, p, n);
    return at + n;
}

size_t lock_script(uint64_t key, uint32_t lock, uint8_t ret[LOCK_SCRIPT_MAX])
{
    switch (lock_kind(lock)) {
    case LOCK_P2WPKH:
        ret[0] = 0x00;
        ret[1] = 20;
        lock_bytes(key, lock, 0, ret + 2, 20);
        return 22;
    case LOCK_P2TR:
    case LOCK_P2WSH:
        ret[0] = lock_kind(lock) == LOCK_P2TR ? 0x51 : 0x00; /* OP_1, OP_0 */
        ret[1] = 32;
        lock_bytes(key, lock, 0, ret + 2, 32);
        return 34;
    case LOCK_P2PKH:
        put(ret, "\x76\xa9\x14", 3); /* OP_DUP OP_HASH160 <20> OP_EQUALVERIFY OP_CHECKSIG */
        lock_bytes(key, lock, 0, ret + 3, 20);
        put(ret + 23, "\x88\xac", 2);
        return 25;
    case LOCK_P2SH_P2WPKH:
    case LOCK_P2SH_MULTISIG:
        put(ret, "\xa9\x14", 2); /* OP_HASH160 <20> OP_EQUAL */
        lock_bytes(key, lock, 0, ret + 2, 20);
        ret[22] = 0x87;
        return 23;
    }
    return 0;
}

size_t lock_undo(uint64_t key, uint32_t lock, uint8_t ret[LOCK_UNDO_MAX])
{
    size_t n;

    switch (lock_kind(lock)) {
    case LOCK_P2PKH:
        ret[0] = 0x00;
        lock_bytes(key, lock, 0, ret + 1, 20);
        return 21;
    case LOCK_P2SH_P2WPKH:
    case LOCK_P2SH_MULTISIG:
        ret[0] = 0x01;
        lock_bytes(key, lock, 0, ret + 1, 20);
        return 21;
    case LOCK_P2WPKH:
    case LOCK_P2TR:
    case LOCK_P2WSH:
        n = lock_script(key, lock, ret + 1);
        ret[0] = (uint8_t)(n + 6); /* six special forms come first */
        return n + 1;
    }
    return 0;
}

/* A DER signature and its hash type, with its length in front. */
static uint8_t *put_signature(uint8_t *at, struct dice *d)
{
    bool high = dice_u64(d) & 1;
    size_t r = high ? 33 : 32;

    *at++ = (uint8_t)(39 + r);
    at = put(at, "\x30", 1);
    *at++ = (uint8_t)(36 + r);
    *at++ = 0x02;
    *at++ = (uint8_t)r;
    dice_fill(d, at, r);
    at[0] = high ? 0x00 : (uint8_t)(at[0] & 0x7f);
    at += r;
    at = put(at, "\x02\x20", 2);
    dice_fill(d, at, 32);
    at[0] &= 0x7f;
    at += 32;
    *at++ = 0x01; /* SIGHASH_ALL */
    return at;
}

static uint8_t *put_key(uint8_t *at, uint64_t key, uint32_t lock, unsigned turn)
{
    *at++ = KEY_BYTES;
    lock_bytes(key, lock, turn, at, KEY_BYTES);
    at[0] = (uint8_t)(0x02 | (at[0] & 1));
    return at + KEY_BYTES;
}

static uint8_t *put_redeem(uint8_t *at, uint64_t key, uint32_t lock)
{
    *at++ = 0x52; /* OP_2 */
    for (unsigned i = 1; i <= 3; i++)
        at = put_key(at, key, lock, i);
    return put(at, "\x53\xae", 2); /* OP_3 OP_CHECKMULTISIG */
}

/* The compact length of the n bytes after ret[0], which move on by two where it needs three bytes.
 */
static size_t put_length(uint8_t *ret, size_t n)
{
    if (n < 0xfd) {
        ret[0] = (uint8_t)n;
        return 1 + n;
    }
    memmove(ret + 3, ret + 1, n);
    ret[0] = 0xfd;
    ret[1] = (uint8_t)n;
    ret[2] = (uint8_t)(n >> 8);
    return 3 + n;
}

size_t lock_script_sig(uint64_t key, uint32_t lock, struct dice *d,
                       uint8_t ret[LOCK_SCRIPT_SIG_MAX])
{
    uint8_t *at = ret + 1;

    switch (lock_kind(lock)) {
    case LOCK_P2WPKH:
    case LOCK_P2TR:
    case LOCK_P2WSH:
        ret[0] = 0;
        return 1;
    case LOCK_P2PKH:
        at = put_key(put_signature(at, d), key, lock, 1);
        ret[0] = (uint8_t)(at - ret - 1);
        return (size_t)(at - ret);
    case LOCK_P2SH_P2WPKH:
        at = put(at, "\x16\x00\x14", 3); /* the push of a P2WPKH script */
        lock_bytes(key, lock, 2, at, 20);
        ret[0] = 23;
        return 24;
    case LOCK_P2SH_MULTISIG:
        *at++ = 0x00; /* OP_CHECKMULTISIG takes one item too many */
        at = put_signature(put_signature(at, d), d);
        at = put(at, "\x4c\x69", 2); /* OP_PUSHDATA1, 105 */
        at = put_redeem(at, key, lock);
        return put_length(ret, (size_t)(at - ret - 1));
    }
    return 0;
}

size_t lock_witness(uint64_t key, uint32_t lock, struct dice *d, uint8_t ret[LOCK_WITNESS_MAX])
{
    uint8_t *at = ret + 1;

    switch (lock_kind(lock)) {
    case LOCK_P2PKH:
    case LOCK_P2SH_MULTISIG:
        ret[0] = 0;
        return 1;
    case LOCK_P2WPKH:
    case LOCK_P2SH_P2WPKH:
        ret[0] = 2;
        at = put_key(put_signature(at, d), key, lock, 1);
        return (size_t)(at - ret);
    case LOCK_P2TR:
        ret[0] = 1;
        *at++ = 64; /* Schnorr, default hash type */
        dice_fill(d, at, 64);
        return 66;
    case LOCK_P2WSH:
        ret[0] = 4;
        *at++ = 0; /* the empty item for OP_CHECKMULTISIG */
        at = put_signature(put_signature(at, d), d);
        *at++ = REDEEM_BYTES;
        at = put_redeem(at, key, lock);
        return (size_t)(at - ret);
    }
    return 0;
}

unsigned lock_input_vbytes(enum lock_kind kind)
{
    static const unsigned vbytes[LOCK_KINDS] = {69, 58, 149, 92, 298, 106};

    return vbytes[kind];
}

unsigned lock_output_vbytes(enum lock_kind kind)
{
    static const unsigned vbytes[LOCK_KINDS] = {31, 43, 34, 32, 32, 43};

    return vbytes[kind];
}
