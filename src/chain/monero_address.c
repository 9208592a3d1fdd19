/* Blocks: 8 bytes are 11 digits, and the last block of k bytes has as many digits as k bytes can
 * need, so that an address has always one length. */
#include "chain/monero_address.h"

#include "base/keccak.h"
#include "chain/bitcoin/base58.h"

#define BLOCK_BYTES 8
#define BLOCK_DIGITS 11
#define BYTES_MAX 77
#define SUM_BYTES 4

enum network {
    NETWORK_STANDARD = 18,
    NETWORK_INTEGRATED = 19,
    NETWORK_SUBADDRESS = 42,
};

/* Digits of one block to bytes; false: no digits, or more than those bytes can hold. */
static bool block_read(const char *s, size_t digits, uint8_t *ret, size_t bytes)
{
    unsigned __int128 v = 0;

    for (size_t i = 0; i < digits; i++) {
        const char *digit = memchr(base58_alphabet, s[i], 58);

        if (!digit)
            return false;
        v = v * 58 + (unsigned)(digit - base58_alphabet);
    }
    if (v >> 8 * bytes)
        return false;
    for (size_t i = 0; i < bytes; i++)
        ret[i] = (uint8_t)(v >> 8 * (bytes - 1 - i));
    return true;
}

bool monero_address_check(const char *s, struct err *err)
{
    size_t n = strlen(s), bytes = 0;
    uint8_t raw[BYTES_MAX], network;
    struct hash32 sum;

    if (n != MONERO_ADDRESS_CHARS && n != MONERO_INTEGRATED_ADDRESS_CHARS)
        return err_fail(err, ERR_INPUT, "%zu characters, an address of Monero has %d or %d", n,
                        MONERO_ADDRESS_CHARS, MONERO_INTEGRATED_ADDRESS_CHARS);
    for (size_t i = 0; i < n; i += BLOCK_DIGITS) {
        /* the last block: 7 digits are 5 bytes, both lengths have such a one */
        size_t digits = n - i < BLOCK_DIGITS ? n - i : BLOCK_DIGITS,
               k = digits < BLOCK_DIGITS ? 5 : BLOCK_BYTES;

        if (!block_read(s + i, digits, raw + bytes, k))
            return err_fail(err, ERR_INPUT, "characters %zu to %zu are not of Monero's base58",
                            i + 1, i + digits);
        bytes += k;
    }
    network = raw[0];
    if (n == MONERO_INTEGRATED_ADDRESS_CHARS
            ? network != NETWORK_INTEGRATED
            : network != NETWORK_STANDARD && network != NETWORK_SUBADDRESS)
        return err_fail(err, ERR_INPUT, "network %d is not Monero's main one", network);
    sum = keccak256(raw, bytes - SUM_BYTES);
    if (memcmp(sum.b, raw + bytes - SUM_BYTES, SUM_BYTES) != 0)
        return err_fail(err, ERR_INPUT, "the checksum is wrong");
    return true;
}
