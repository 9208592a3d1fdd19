/* Addresses: Base58Check for hashes of keys and scripts, Bech32 and Bech32m for witness programs.
 */
#include "chain/bitcoin/script.h"

#include "chain/bitcoin/base58.h"
#include "chain/bitcoin/bech32.h"

#define BASE58_ADDRESS_BYTES (1 + 20 + BASE58_CHECKSUM_BYTES) /* version, hash, checksum */
#define PROGRAM_MAX 40                                        /* BIP 141 */
#define OP_1 0x51
#define SHOWN_MAX 100 /* characters of a refused address repeated in the complaint */

_Static_assert(ADDRESS_BYTES_MAX > BECH32_CHARS_MAX, "the longest address fits");

static void hash_write(uint8_t version, const uint8_t hash[20], char ret[ADDRESS_BYTES_MAX])
{
    uint8_t raw[1 + 20] = {version};
    char text[BASE58_TEXT_MAX];

    memcpy(raw + 1, hash, 20);
    base58check_write((struct bytes){raw, sizeof(raw)}, text);
    memcpy(ret, text, strlen(text) + 1);
}

static void witness_write(const struct chain *chain, uint8_t version, struct bytes program,
                          char ret[ADDRESS_BYTES_MAX])
{
    struct bech32 b = {.kind = version ? BECH32M : BECH32, .values = {version}};

    memcpy(b.hrp, chain->hrp, strlen(chain->hrp));
    b.values_n = 1 + bech32_from_bytes(program, b.values + 1);
    bech32_write(&b, ret);
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
        witness_write(chain, 0, payload, ret);
        return true;
    case SCRIPT_P2TR:
    case SCRIPT_WITNESS:
        witness_write(chain, (uint8_t)(script.p[0] - OP_1 + 1), payload, ret);
        return true;
    case SCRIPT_OTHER:
    case SCRIPT_MULTISIG:
    case SCRIPT_RETURN:
        return false;
    }
    return false;
}

/* Base58Check undone: version and hash with their checksum right, of whichever chain. */
static bool hash_read(const char *s, uint8_t ret[1 + 20], struct err *err)
{
    uint8_t raw[BASE58_BYTES_MAX];
    size_t n;

    if (!base58_read(s, raw, &n, err))
        return false;
    if (n != BASE58_ADDRESS_BYTES)
        return err_fail(err, ERR_INPUT, "%zu bytes in base58, an address has %d", n,
                        BASE58_ADDRESS_BYTES);
    if (!base58check_right((struct bytes){raw, n}))
        return err_fail(err, ERR_INPUT, "the checksum is wrong");
    memcpy(ret, raw, 21);
    return true;
}

static bool hash_script(const struct chain *chain, const uint8_t raw[1 + 20], uint8_t *ret,
                        size_t *ret_n, struct err *err)
{
    uint8_t packed[1 + 20];
    struct bytes script;
    size_t used;

    memcpy(packed, raw, sizeof(packed));
    if (raw[0] == chain->p2pkh)
        packed[0] = SCRIPT_P2PKH;
    else if (raw[0] == chain->p2sh || (chain->p2sh_old && raw[0] == chain->p2sh_old))
        packed[0] = SCRIPT_P2SH;
    else
        return err_fail(err, ERR_INPUT, "version %d is not of %s", raw[0], chain->name);
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

    if (strcmp(b->hrp, chain->hrp))
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
    size_t n = strlen(chain->hrp);

    return !strncasecmp(s, chain->hrp, n) && s[n] == '1';
}

/* Both encodings are tried, the likelier first; if neither fits, the complaint is of the one that
 * was probably meant. */
static bool read_either(const struct chain *chain, const char *s, uint8_t *ret, size_t *ret_n,
                        struct err *err)
{
    uint8_t raw[1 + 20] = {0};
    struct bech32 b;
    struct err other;

    if (starts_with_hrp(s, chain)) {
        if (bech32_read(s, &b, err))
            return witness_script(chain, &b, ret, ret_n, err);
        return hash_read(s, raw, &other) && hash_script(chain, raw, ret, ret_n, err);
    }
    if (hash_read(s, raw, err))
        return hash_script(chain, raw, ret, ret_n, err);
    return bech32_read(s, &b, &other) && witness_script(chain, &b, ret, ret_n, err);
}

bool address_read(const struct chain *chain, const char *s, uint8_t ret_script[SCRIPT_FORM_MAX],
                  size_t *ret_n, struct err *err)
{
    for (size_t i = 0; s[i]; i++)
        if (s[i] <= 32 || s[i] >= 127) /* not repeated: it may do things to a terminal */
            return err_fail(err, ERR_INPUT, "address: character %zu is not one that addresses have",
                            i + 1);
    if (!read_either(chain, s, ret_script, ret_n, err))
        return err_in(err, "address \"%.*s\"", SHOWN_MAX, s);
    return true;
}
