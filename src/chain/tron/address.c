/* Tron documentation, "Account address format": 0x41 and the last 20 bytes of the key's Keccak-256,
 * with the first four bytes of their double SHA-256 behind, in Base58. */
#include "chain/tron/address.h"

#include "base/text.h"
#include "chain/bitcoin/base58.h"

#define PREFIX 0x41
#define BODY (1 + TRON_ADDRESS_BYTES)

void tron_address_write(const uint8_t key[TRON_ADDRESS_BYTES], char ret[TRON_ADDRESS_TEXT_MAX])
{
    char text[BASE58_TEXT_MAX];
    uint8_t b[BODY] = {PREFIX};

    memcpy(b + 1, key, TRON_ADDRESS_BYTES);
    base58check_write((struct bytes){b, sizeof(b)}, text);
    memcpy(ret, text, strlen(text) + 1);
}

static bool read_hex(const char *s, uint8_t ret[TRON_ADDRESS_BYTES])
{
    return (!strncmp(s, "41", 2) || !strncmp(s, "0x", 2)) &&
           strlen(s) == 2 + 2 * TRON_ADDRESS_BYTES &&
           hex_decode(s + 2, 2 * TRON_ADDRESS_BYTES, ret, TRON_ADDRESS_BYTES);
}

bool tron_address_read(const char *s, uint8_t ret[TRON_ADDRESS_BYTES], struct err *err)
{
    uint8_t b[BASE58_BYTES_MAX];
    size_t n;

    if (read_hex(s, ret))
        return true;
    if (!base58_read(s, b, &n, err))
        return err_in(err, "address \"%.100s\"", s);
    if (n != BODY + BASE58_CHECKSUM_BYTES || b[0] != PREFIX)
        return err_fail(err, ERR_INPUT, "address \"%.100s\" is none of Tron", s);
    if (!base58check_right((struct bytes){b, n}))
        return err_fail(err, ERR_INPUT,
                        "address \"%.100s\": its checksum is wrong: a digit is wrong", s);
    memcpy(ret, b + 1, TRON_ADDRESS_BYTES);
    return true;
}
