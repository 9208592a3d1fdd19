/* EIP-55: "convert the address to hex, but if the ith digit is a letter (ie. it's one of abcdef)
 * print it in uppercase if the 4*ith bit of the hash of the lowercase hexadecimal address is 1". */
#include "chain/evm/address.h"

#include "base/keccak.h"
#include "base/text.h"

#define DIGITS (2 * EVM_ADDRESS_BYTES)

void evm_address_write(const uint8_t key[EVM_ADDRESS_BYTES], char ret[EVM_ADDRESS_TEXT_MAX])
{
    static const char digit[] = "0123456789abcdef";
    char *hex = ret + 2;
    struct hash32 hash;

    ret[0] = '0';
    ret[1] = 'x';
    for (size_t i = 0; i < EVM_ADDRESS_BYTES; i++) {
        hex[2 * i] = digit[key[i] >> 4];
        hex[2 * i + 1] = digit[key[i] & 15];
    }
    hex[DIGITS] = 0;
    hash = keccak256(hex, DIGITS);
    for (size_t i = 0; i < DIGITS; i++)
        if (hex[i] >= 'a' && (hash.b[i / 2] << (i % 2 ? 4 : 0) & 0x80))
            hex[i] = (char)(hex[i] - 'a' + 'A');
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

bool evm_address_read(const char *s, uint8_t ret[EVM_ADDRESS_BYTES], struct err *err)
{
    uint8_t key[EVM_ADDRESS_BYTES];
    char right[EVM_ADDRESS_TEXT_MAX];

    if (s[0] != '0' || (s[1] != 'x' && s[1] != 'X'))
        return err_fail(err, ERR_INPUT, "address \"%.100s\": 0x and 40 hex digits are wanted", s);
    if (strlen(s + 2) != DIGITS || !hex_decode(s + 2, DIGITS, key, sizeof(key)))
        return err_fail(err, ERR_INPUT, "address \"%.100s\": 40 hex digits after 0x are wanted", s);
    if (mixed(s + 2)) {
        evm_address_write(key, right);
        if (memcmp(s + 2, right + 2, DIGITS) != 0)
            return err_fail(err, ERR_INPUT,
                            "address \"%.100s\": its capitals are not those of EIP-55: "
                            "a digit is wrong",
                            s);
    }
    memcpy(ret, key, sizeof(key));
    return true;
}
