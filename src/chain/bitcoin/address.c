/* Addresses: Base58Check for hashes of keys and scripts, Bech32 and Bech32m for witness programs;
 * and the names of shielded pools. */
#include "chain/bitcoin/script.h"

#include "chain/bitcoin/base58.h"
#include "chain/bitcoin/bech32.h"
#include "chain/bitcoin/pool.h"

#define HASH_BYTES 20
#define BASE58_ADDRESS_BYTES (1 + HASH_BYTES + BASE58_CHECKSUM_BYTES) /* version, hash, checksum */
#define PROGRAM_MAX 40                                                /* BIP 141 */
#define OP_1 0x51
#define SHOWN_MAX 100 /* characters of a refused address repeated in the complaint */

_Static_assert(ADDRESS_BYTES_MAX > BECH32_CHARS_MAX, "the longest address fits");

/* A version above 255 is two bytes, the higher first. */
static void hash_write(uint16_t version, const uint8_t hash[HASH_BYTES],
                       char ret[ADDRESS_BYTES_MAX])
{
    uint8_t raw[2 + HASH_BYTES] = {(uint8_t)(version >> 8), (uint8_t)version};
    char text[BASE58_TEXT_MAX];
    size_t from = version <= UINT8_MAX;

    memcpy(raw + 2, hash, HASH_BYTES);
    base58check_write((struct bytes){raw + from, sizeof(raw) - from}, text);
    memcpy(ret, text, strlen(text) + 1);
}

static bool witness_write(const struct chain *chain, uint8_t version, struct bytes program,
                          char ret[ADDRESS_BYTES_MAX])
{
    struct bech32 b = {.kind = version ? BECH32M : BECH32, .values = {version}};

    if (!chain->hrp)
        return false;
    memcpy(b.hrp, chain->hrp, strlen(chain->hrp));
    b.values_n = 1 + bech32_from_bytes(program, b.values + 1);
    bech32_write(&b, ret);
    return true;
}

static bool pool_write(const struct chain *chain, struct bytes script, char ret[ADDRESS_BYTES_MAX])
{
    uint32_t pool = pool_of_script(chain, script);

    if (pool == POOL_NONE)
        return false;
    memcpy(ret, pool_address(chain, pool), strlen(pool_address(chain, pool)) + 1);
    return true;
}

bool address_of_script(const struct chain *chain, struct bytes script, char ret[ADDRESS_BYTES_MAX])
{
    struct bytes payload;
    struct hash20 hash;

    ret[0] = 0;
    switch (script_classify(script, &payload)) {
    case SCRIPT_P2PK:
        hash = hash160(payload.p, payload.n);
        hash_write(chain->p2pkh, hash.b, ret);
        return true;
    case SCRIPT_P2PKH:
        hash_write(chain->p2pkh, payload.p, ret);
        return true;
    case SCRIPT_P2SH:
        hash_write(chain->p2sh, payload.p, ret);
        return true;
    case SCRIPT_P2WPKH:
    case SCRIPT_P2WSH:
        return witness_write(chain, 0, payload, ret);
    case SCRIPT_P2TR:
    case SCRIPT_WITNESS:
        return witness_write(chain, (uint8_t)(script.p[0] - OP_1 + 1), payload, ret);
    case SCRIPT_RETURN:
        return pool_write(chain, script, ret);
    case SCRIPT_OTHER:
    case SCRIPT_MULTISIG:
        return false;
    }
    return false;
}

struct hashed { /* Base58Check undone */
    uint16_t version;
    uint8_t hash[HASH_BYTES];
};

/* With its checksum right, of whichever chain. */
static bool hash_read(const char *s, struct hashed *ret, struct err *err)
{
    uint8_t raw[BASE58_BYTES_MAX];
    size_t n;

    if (!base58_read(s, raw, &n, err))
        return false;
    if (n != BASE58_ADDRESS_BYTES && n != BASE58_ADDRESS_BYTES + 1)
        return err_fail(err, ERR_INPUT, "%zu bytes in base58, an address has %d", n,
                        BASE58_ADDRESS_BYTES);
    if (!base58check_right((struct bytes){raw, n}))
        return err_fail(err, ERR_INPUT, "the checksum is wrong");
    n -= HASH_BYTES + BASE58_CHECKSUM_BYTES;
    ret->version = n == 1 ? raw[0] : (uint16_t)(raw[0] << 8 | raw[1]);
    if (n == 2 && !raw[0]) /* the same number as one byte */
        return err_fail(err, ERR_INPUT, "a version of two bytes that is of one");
    memcpy(ret->hash, raw + n, HASH_BYTES);
    return true;
}

static bool hash_script(const struct chain *chain, const struct hashed *h, uint8_t *ret,
                        size_t *ret_n, struct err *err)
{
    uint8_t packed[1 + HASH_BYTES];
    struct bytes script;
    size_t used;

    memcpy(packed + 1, h->hash, HASH_BYTES);
    if (h->version == chain->p2pkh)
        packed[0] = SCRIPT_P2PKH;
    else if (h->version == chain->p2sh || (chain->p2sh_old && h->version == chain->p2sh_old))
        packed[0] = SCRIPT_P2SH;
    else
        return err_fail(err, ERR_INPUT, "version %d is not of %s", h->version, chain->name);
    /* A class and its hash are a packed script: unpacking builds it. */
    if (!script_unpack((struct bytes){packed, sizeof(packed)}, ret, &script, &used))
        return err_fail(err, ERR_INPUT, "no script");
    *ret_n = script.n;
    return true;
}

static bool witness_script(const struct chain *chain, const struct bech32 *b, uint8_t *ret,
                           size_t *ret_n, struct err *err)
{
    uint8_t version = b->values[0], program[BECH32_CHARS_MAX];
    size_t n;

    if (!chain->hrp || strcmp(b->hrp, chain->hrp))
        return err_fail(err, ERR_INPUT, "\"%s1\" is not of %s", b->hrp, chain->name);
    if (!b->values_n || version > 16)
        return err_fail(err, ERR_INPUT, "no witness version from 0 to 16");
    if (b->kind != (version ? BECH32M : BECH32))
        return err_fail(err, ERR_INPUT, "witness version %d with the checksum of %s", version,
                        version ? "bech32" : "bech32m");
    if (!bech32_to_bytes(b->values + 1, b->values_n - 1, program, &n))
        return err_fail(err, ERR_INPUT, "bits are left over after the last byte");
    if (n < 2 || n > PROGRAM_MAX || (!version && n != 20 && n != 32))
        return err_fail(err, ERR_INPUT, "a witness program of %zu bytes", n);
    ret[0] = version ? (uint8_t)(OP_1 + version - 1) : 0;
    ret[1] = (uint8_t)n;
    memcpy(ret + 2, program, n);
    *ret_n = n + 2;
    return true;
}

static bool starts_with_hrp(const char *s, const struct chain *chain)
{
    size_t n = chain->hrp ? strlen(chain->hrp) : 0;

    return n && !strncasecmp(s, chain->hrp, n) && s[n] == '1';
}

/* Both encodings are tried, the likelier first; if neither fits, the complaint is of the one that
 * was probably meant. */
static bool read_either(const struct chain *chain, const char *s, uint8_t *ret, size_t *ret_n,
                        struct err *err)
{
    struct hashed h;
    struct bech32 b;
    struct err other;

    if (starts_with_hrp(s, chain)) {
        if (bech32_read(s, &b, err))
            return witness_script(chain, &b, ret, ret_n, err);
        return hash_read(s, &h, &other) && hash_script(chain, &h, ret, ret_n, err);
    }
    if (hash_read(s, &h, err))
        return hash_script(chain, &h, ret, ret_n, err);
    return bech32_read(s, &b, &other) && witness_script(chain, &b, ret, ret_n, err);
}

static bool pool_read(const struct chain *chain, const char *s, uint8_t *ret, size_t *ret_n)
{
    for (uint32_t i = 0; i < pools_count(chain); i++)
        if (!strcmp(s, pool_address(chain, i))) {
            *ret_n = pool_script(chain, i).n;
            memcpy(ret, pool_script(chain, i).p, *ret_n);
            return true;
        }
    return false;
}

bool address_read(const struct chain *chain, const char *s, uint8_t ret_script[SCRIPT_FORM_MAX],
                  size_t *ret_n, struct err *err)
{
    for (size_t i = 0; s[i]; i++)
        if (s[i] <= 32 || s[i] >= 127) /* not repeated: it may do things to a terminal */
            return err_fail(err, ERR_INPUT, "address: character %zu is not one that addresses have",
                            i + 1);
    if (!pool_read(chain, s, ret_script, ret_n) && !read_either(chain, s, ret_script, ret_n, err))
        return err_in(err, "address \"%.*s\"", SHOWN_MAX, s);
    return true;
}
