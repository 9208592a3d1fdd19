/* xrpl.org, "Base58 Encodings": Bitcoin's with another order of the digits. X-addresses: XLS-5. */
#include "chain/xrpl/address.h"

#include "base/text.h"
#include "chain/account_name.h"
#include "chain/bitcoin/base58.h"

#include <stdio.h>

static const char alphabet[] = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
#define X_BYTES 35 /* prefix, account, flags, tag, checksum */

/* Digits of one alphabet as those of the other; false: a character that is in neither. */
static bool translate(const char *s, size_t n, const char *from, const char *to,
                      char ret[BASE58_TEXT_MAX])
{
    if (n >= BASE58_TEXT_MAX)
        return false;
    for (size_t i = 0; i < n; i++) {
        const char *digit = s[i] ? strchr(from, s[i]) : NULL;

        if (!digit)
            return false;
        ret[i] = to[digit - from];
    }
    ret[n] = 0;
    return true;
}

/* Base58 undone, whatever the checksum. */
static bool raw_read(const char *s, size_t s_n, uint8_t ret[BASE58_BYTES_MAX], size_t *ret_n)
{
    char text[BASE58_TEXT_MAX];
    struct err ignored;

    return translate(s, s_n, alphabet, base58_alphabet, text) &&
           base58_read(text, ret, ret_n, &ignored);
}

/* Base58Check undone: n bytes with the checksum. */
static bool checked_read(const char *s, size_t s_n, uint8_t ret[BASE58_BYTES_MAX], size_t n)
{
    size_t got;

    return raw_read(s, s_n, ret, &got) && got == n && base58check_right((struct bytes){ret, n});
}

static bool account_read_n(const char *s, size_t n, uint8_t ret[XRPL_ACCOUNT_BYTES])
{
    uint8_t raw[BASE58_BYTES_MAX];

    if (!checked_read(s, n, raw, 1 + XRPL_ACCOUNT_BYTES + BASE58_CHECKSUM_BYTES) || raw[0])
        return false;
    memcpy(ret, raw + 1, XRPL_ACCOUNT_BYTES);
    return true;
}

static const char *x_wrong(const uint8_t raw[X_BYTES], bool tagged)
{
    if (!base58check_right((struct bytes){raw, X_BYTES}))
        return "the checksum is wrong";
    if (raw[1] == 0x93)
        return "it is of a test network of the XRP Ledger";
    return tagged ? "an X-address has its tag within" : "its tag is none that the XRP Ledger has";
}

const char *xrpl_wrong(const char *text)
{
    size_t n, account_n = strcspn(text, ":");
    bool tagged = text[account_n] != 0;
    uint8_t raw[BASE58_BYTES_MAX];

    if (!raw_read(text, account_n, raw, &n))
        return NULL;
    if (n == X_BYTES && ((raw[0] == 0x05 && raw[1] == 0x44) || (raw[0] == 0x04 && raw[1] == 0x93)))
        return x_wrong(raw, tagged);
    if (n != 1 + XRPL_ACCOUNT_BYTES + BASE58_CHECKSUM_BYTES || raw[0])
        return NULL;
    if (!base58check_right((struct bytes){raw, n}))
        return "the checksum is wrong";
    return tagged ? "a tag is a number up to 4294967295, with no zeros before it" : NULL;
}

bool xrpl_account_read(const char *text, uint8_t ret[XRPL_ACCOUNT_BYTES])
{
    return account_read_n(text, strlen(text), ret);
}

static void tag_put(uint8_t *to, uint32_t tag)
{
    for (unsigned i = 0; i < 4; i++)
        to[i] = (uint8_t)(tag >> (24 - 8 * i));
}

void xrpl_tagged_key(const uint8_t account[XRPL_ACCOUNT_BYTES], uint32_t tag,
                     uint8_t ret[XRPL_TAGGED_BYTES])
{
    memcpy(ret, account, XRPL_ACCOUNT_BYTES);
    tag_put(ret + XRPL_ACCOUNT_BYTES, tag);
}

uint32_t xrpl_tag(const uint8_t key[XRPL_TAGGED_BYTES])
{
    return (uint32_t)key[20] << 24 | (uint32_t)key[21] << 16 | (uint32_t)key[22] << 8 | key[23];
}

void xrpl_token_key(const uint8_t id[XRPL_TOKEN_ID_BYTES], uint8_t ret[XRPL_TOKEN_BYTES])
{
    memset(ret, 0, XRPL_TOKEN_BYTES);
    memcpy(ret, id + 4, XRPL_ACCOUNT_BYTES);
    ret[39] = 1;
    for (unsigned i = 0; i < 4; i++)
        ret[40 + i] = id[3 - i];
}

static void token_id(const uint8_t *key, uint8_t ret[XRPL_TOKEN_ID_BYTES])
{
    for (unsigned i = 0; i < 4; i++)
        ret[i] = key[43 - i];
    memcpy(ret + 4, key, XRPL_ACCOUNT_BYTES);
}

/* Prefix 05 44 (main network), account, 0 or 1 for whether there is a tag, the tag as le64. */
static bool x_read(const char *text, uint8_t ret[XRPL_KEY_MAX], size_t *ret_n)
{
    uint8_t raw[BASE58_BYTES_MAX];
    uint64_t tag;

    if (!checked_read(text, strlen(text), raw, X_BYTES) || raw[0] != 0x05 || raw[1] != 0x44 ||
        raw[22] > 1)
        return false;
    tag = load_le64(raw + 23);
    if (tag > UINT32_MAX || (!raw[22] && tag))
        return false;
    memcpy(ret, raw + 2, XRPL_ACCOUNT_BYTES);
    *ret_n = raw[22] ? XRPL_TAGGED_BYTES : XRPL_ACCOUNT_BYTES;
    if (raw[22])
        tag_put(ret + XRPL_ACCOUNT_BYTES, (uint32_t)tag);
    return true;
}

/* xrpl.org, "Currency Codes": letters, digits and these. */
static bool is_code(const char *p, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!p[i] || !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                             "?!@#$%^&*<>(){}[]|",
                             p[i]))
            return false;
    return true;
}

bool xrpl_currency_read(const char *text, size_t n, uint8_t ret[20])
{
    memset(ret, 0, 20);
    if (n == 40)
        return hex_decode(text, n, ret, 20);
    if (n != 3 || !is_code(text, n) || !memcmp(text, "XRP", 3))
        return false;
    memcpy(ret + 12, text, 3);
    return true;
}

bool xrpl_read(const char *text, uint8_t ret[XRPL_KEY_MAX], size_t *ret_n, struct err *err)
{
    const char *colon = strchr(text, ':'), *dot = strchr(text, '.');
    uint8_t id[XRPL_TOKEN_ID_BYTES];
    const char *wrong;
    uint64_t tag;

    if (!strncmp(text, ACCOUNT_NAME_HIDDEN, strlen(ACCOUNT_NAME_HIDDEN)) &&
        hex_decode(text + strlen(ACCOUNT_NAME_HIDDEN), strlen(text + strlen(ACCOUNT_NAME_HIDDEN)),
                   id, sizeof(id))) {
        xrpl_token_key(id, ret);
        ret[XRPL_TOKEN_BYTES] = XRPL_HIDDEN_MARK;
        *ret_n = XRPL_HIDDEN_BYTES;
        return true;
    }
    if (dot && xrpl_currency_read(text, (size_t)(dot - text), ret) &&
        xrpl_account_read(dot + 1, ret + 20)) {
        *ret_n = XRPL_ASSET_BYTES;
        return true;
    }
    if (colon && account_read_n(text, (size_t)(colon - text), ret) &&
        u64_from_text(colon + 1, strlen(colon + 1), &tag) && tag <= UINT32_MAX) {
        tag_put(ret + XRPL_ACCOUNT_BYTES, (uint32_t)tag);
        *ret_n = XRPL_TAGGED_BYTES;
        return true;
    }
    *ret_n = XRPL_ACCOUNT_BYTES;
    if (xrpl_account_read(text, ret) || x_read(text, ret, ret_n))
        return true;
    *ret_n = XRPL_TOKEN_BYTES;
    if (hex_decode(text, strlen(text), id, sizeof(id))) {
        xrpl_token_key(id, ret);
        return true;
    }
    *ret_n = XRPL_ENTRY_BYTES;
    if (hex_decode(text, strlen(text), ret, XRPL_ENTRY_BYTES))
        return true;
    wrong = xrpl_wrong(text);
    return err_fail(err, ERR_INPUT, "address \"%.100s\": %s", text,
                    wrong ? wrong
                          : "r..., r...:TAG or an X-address of the XRP Ledger is wanted, its "
                            "checksum right");
}

#define ACCOUNT_TEXT_MAX 48

static void account_write(const uint8_t *account, char ret[ACCOUNT_TEXT_MAX])
{
    uint8_t raw[1 + XRPL_ACCOUNT_BYTES] = {0};
    char text[BASE58_TEXT_MAX], own[BASE58_TEXT_MAX];

    memcpy(raw + 1, account, XRPL_ACCOUNT_BYTES);
    base58check_write((struct bytes){raw, sizeof(raw)}, text);
    translate(text, strlen(text), base58_alphabet, alphabet, own);
    memcpy(ret, own, strlen(own) + 1); /* 35 at most */
}

static size_t hex_write(const uint8_t *p, size_t n, char *ret)
{
    for (size_t i = 0; i < n; i++)
        snprintf(ret + 2 * i, 3, "%02X", p[i]);
    return 2 * n;
}

/* Three characters at bytes 12 to 14, and zeros around them; else hex. */
static size_t currency_write(const uint8_t *code, char *ret)
{
    static const uint8_t zeros[12];
    uint8_t back[20];

    if (!memcmp(code, zeros, 12) && !memcmp(code + 15, zeros, 5) &&
        xrpl_currency_read((const char *)code + 12, 3, back)) {
        memcpy(ret, code + 12, 3);
        return 3;
    }
    return hex_write(code, 20, ret);
}

void xrpl_currency_name(const uint8_t code[20], char ret[XRPL_NAME_MAX])
{
    ret[currency_write(code, ret)] = 0;
}

bool xrpl_hides(struct bytes key)
{
    return key.n == XRPL_HIDDEN_BYTES && key.p[XRPL_TOKEN_BYTES] == XRPL_HIDDEN_MARK;
}

bool xrpl_name(struct bytes key, char ret[XRPL_NAME_MAX])
{
    uint8_t id[XRPL_TOKEN_ID_BYTES];
    size_t n;

    switch (key.n) {
    case XRPL_ACCOUNT_BYTES:
        account_write(key.p, ret);
        return true;
    case XRPL_HIDDEN_BYTES:
        token_id(key.p, id);
        n = strlen(ACCOUNT_NAME_HIDDEN);
        memcpy(ret, ACCOUNT_NAME_HIDDEN, n);
        ret[n + hex_write(id, sizeof(id), ret + n)] = 0;
        return xrpl_hides(key);
    case XRPL_TAGGED_BYTES:
        account_write(key.p, ret);
        n = strlen(ret);
        snprintf(ret + n, XRPL_NAME_MAX - n, ":%lu", (unsigned long)xrpl_tag(key.p));
        return true;
    case XRPL_ENTRY_BYTES:
        ret[hex_write(key.p, key.n, ret)] = 0;
        return true;
    case XRPL_ASSET_BYTES:
        n = currency_write(key.p, ret);
        ret[n++] = '.';
        account_write(key.p + 20, ret + n);
        return true;
    case XRPL_TOKEN_BYTES:
        token_id(key.p, id);
        ret[hex_write(id, sizeof(id), ret)] = 0;
        return true;
    default:
        return false;
    }
}
