#include "chain/bitcoin/xpub.h"

#include "chain/bitcoin/base58.h"

#include <nettle/hmac.h>
#include <secp256k1.h>
#include <string.h>

#define XPUB_BYTES 78 /* version 4, depth 1, parent 4, number 4, chain code 32, key 33 */
#define XPUB_TEXT_MAX 112

static const struct {
    uint32_t version;
    enum xpub_script script;
    bool secret;
} versions[] = {
    {0x0488b21e, XPUB_PKH, false},     {0x0488ade4, XPUB_PKH, true},     /* xpub */
    {0x049d7cb2, XPUB_SH_WPKH, false}, {0x049d7878, XPUB_SH_WPKH, true}, /* ypub */
    {0x04b24746, XPUB_WPKH, false},    {0x04b2430c, XPUB_WPKH, true},    /* zpub */
    {0x043587cf, XPUB_PKH, false},     {0x04358394, XPUB_PKH, true},     /* tpub */
    {0x044a5262, XPUB_SH_WPKH, false}, {0x044a4e28, XPUB_SH_WPKH, true}, /* upub */
    {0x045f1cf6, XPUB_WPKH, false},    {0x045f18bc, XPUB_WPKH, true},    /* vpub */
};

bool xpub_like(const char *p, size_t n)
{
    return n > 4 && strchr("xyztuv", p[0]) &&
           (!memcmp(p + 1, "pub", 3) || !memcmp(p + 1, "prv", 3));
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static bool version_read(const uint8_t *p, struct xpub *ret, struct err *err)
{
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        if (be32(p) != versions[i].version)
            continue;
        if (versions[i].secret)
            return err_fail(err, ERR_INPUT, "a private key: only public ones are read here");
        ret->script = versions[i].script;
        return true;
    }
    return err_fail(err, ERR_INPUT, "an extended key of a kind that is not known");
}

static bool on_curve(const uint8_t key[33])
{
    secp256k1_pubkey point;

    return secp256k1_ec_pubkey_parse(secp256k1_context_static, &point, key, 33);
}

bool xpub_read(const char *p, size_t n, struct xpub *ret, struct err *err)
{
    static const uint8_t none[8];
    uint8_t raw[BASE58_BYTES_MAX];
    char text[XPUB_TEXT_MAX + 1];
    size_t raw_n;

    if (n > XPUB_TEXT_MAX)
        return err_fail(err, ERR_INPUT, "an extended key is too long");
    memcpy(text, p, n);
    text[n] = 0;
    if (!base58_read(text, raw, &raw_n, err))
        return err_in(err, "extended key");
    if (raw_n != XPUB_BYTES + BASE58_CHECKSUM_BYTES ||
        !base58check_right((struct bytes){raw, raw_n}))
        return err_fail(err, ERR_INPUT, "an extended key's length or checksum is wrong");
    if (!version_read(raw, ret, err))
        return false;
    /* BIP 32, test vector 5: "zero depth with non-zero parent fingerprint", "... index" */
    if (!raw[4] && memcmp(raw + 5, none, sizeof(none)) != 0)
        return err_fail(err, ERR_INPUT, "an extended key of depth 0 with a parent");
    memcpy(ret->chain_code, raw + 13, 32);
    memcpy(ret->key, raw + 45, 33);
    return on_curve(ret->key) || err_fail(err, ERR_INPUT, "an extended key that is no public key");
}

/* BIP 32: "let I = HMAC-SHA512(Key = cpar, Data = serP(Kpar) || ser32(i)) ... The returned child
 * key Ki is point(parse256(IL)) + Kpar. The returned chain code ci is IR." */
bool xpub_child(const struct xpub *parent, uint32_t index, struct xpub *ret, struct err *err)
{
    const uint8_t number[4] = {(uint8_t)(index >> 24), (uint8_t)(index >> 16),
                               (uint8_t)(index >> 8), (uint8_t)index};
    struct hmac_sha512_ctx mac;
    secp256k1_pubkey point;
    uint8_t both[64];
    size_t n = sizeof(ret->key);

    if (index >= XPUB_HARDENED)
        return err_fail(err, ERR_INPUT, "a hardened step: not from a public key");
    hmac_sha512_set_key(&mac, sizeof(parent->chain_code), parent->chain_code);
    hmac_sha512_update(&mac, sizeof(parent->key), parent->key);
    hmac_sha512_update(&mac, sizeof(number), number);
    hmac_sha512_digest(&mac, sizeof(both), both);
    if (!secp256k1_ec_pubkey_parse(secp256k1_context_static, &point, parent->key, 33) ||
        !secp256k1_ec_pubkey_tweak_add(secp256k1_context_static, &point, both))
        return err_fail(err, ERR_INPUT, "no child key %u", index);
    ret->script = parent->script;
    secp256k1_ec_pubkey_serialize(secp256k1_context_static, ret->key, &n, &point,
                                  SECP256K1_EC_COMPRESSED);
    memcpy(ret->chain_code, both + 32, 32);
    return true;
}
