/* EIP-55: "convert the address to hex, but if the ith digit is a letter (ie. it's one of abcdef)
 * print it in uppercase if the 4*ith bit of the hash of the lowercase hexadecimal address is 1". */
#include "chain/evm/address.h"

#include "base/keccak.h"
#include "base/text.h"

#define DIGITS (2 * EVM_ADDRESS_BYTES)

/* EIP-55 hashes the digits; EIP-1191 the number of the chain and "0x" before them, too. */
static void capitals(const char *before, char ret[EVM_ADDRESS_TEXT_MAX])
{
    char all[16 + DIGITS], *hex = ret + 2;
    size_t n = strlen(before);
    struct hash32 hash;

    memcpy(all, before, n);
    memcpy(all + n, hex, DIGITS);
    hash = keccak256(all, n + DIGITS);
    for (size_t i = 0; i < DIGITS; i++)
        if (hex[i] >= 'a' && (hash.b[i / 2] << (i % 2 ? 4 : 0) & 0x80))
            hex[i] = (char)(hex[i] - 'a' + 'A');
}

static void digits_write(const uint8_t key[EVM_ADDRESS_BYTES], char ret[EVM_ADDRESS_TEXT_MAX])
{
    static const char digit[] = "0123456789abcdef";

    ret[0] = '0';
    ret[1] = 'x';
    for (size_t i = 0; i < EVM_ADDRESS_BYTES; i++) {
        ret[2 + 2 * i] = digit[key[i] >> 4];
        ret[3 + 2 * i] = digit[key[i] & 15];
    }
    ret[2 + DIGITS] = 0;
}

void evm_address_write(const uint8_t key[EVM_ADDRESS_BYTES], char ret[EVM_ADDRESS_TEXT_MAX])
{
    digits_write(key, ret);
    capitals("", ret);
}

/* Letters of both cases? */
static bool mixed(const char *hex)
{
    bool lower = false, upper = false;

    for (size_t i = 0; i < DIGITS; i++) {
        lower |= hex[i] >= 'a';
        upper |= hex[i] >= 'A' && hex[i] <= 'F';
    }
    return lower && upper;
}

/* EIP-1191 is in use on Rootstock and its test network alone. */
static bool right_capitals(const char *s, const uint8_t key[EVM_ADDRESS_BYTES])
{
    static const char *const before[] = {"", "300x", "310x"};
    char right[EVM_ADDRESS_TEXT_MAX];

    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); i++) {
        digits_write(key, right);
        capitals(before[i], right);
        if (!memcmp(s + 2, right + 2, DIGITS))
            return true;
    }
    return false;
}

bool evm_address_read(const char *s, uint8_t ret[EVM_ADDRESS_BYTES], struct err *err)
{
    uint8_t key[EVM_ADDRESS_BYTES];

    if (s[0] != '0' || (s[1] != 'x' && s[1] != 'X'))
        return err_fail(err, ERR_INPUT, "address \"%.100s\": 0x and 40 hex digits are wanted", s);
    if (strlen(s + 2) != DIGITS || !hex_decode(s + 2, DIGITS, key, sizeof(key)))
        return err_fail(err, ERR_INPUT, "address \"%.100s\": 40 hex digits after 0x are wanted", s);
    if (mixed(s + 2) && !right_capitals(s, key))
        return err_fail(err, ERR_INPUT,
                        "address \"%.100s\": its capitals are not those of EIP-55: "
                        "a digit is wrong",
                        s);
    memcpy(ret, key, sizeof(key));
    return true;
}
