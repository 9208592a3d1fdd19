/* Tron documentation, "Account address format": 0x41 and the last 20 bytes of the key's Keccak-256,
 * with the first four bytes of their double SHA-256 behind, in Base58. */
#include "chain/tron/address.h"

#include "base/hash.h"
#include "base/text.h"
#include "chain/bitcoin/base58.h"

#define PREFIX 0x41
#define BODY (1 + TRON_ADDRESS_BYTES)
#define SUM 4

void tron_address_write(const uint8_t key[TRON_ADDRESS_BYTES], char ret[TRON_ADDRESS_TEXT_MAX])
{
    char text[BASE58_TEXT_MAX];
    uint8_t b[BODY + SUM] = {PREFIX};
    struct hash32 sum;

    memcpy(b + 1, key, TRON_ADDRESS_BYTES);
    sum = sha256d(b, BODY);
    memcpy(b + BODY, sum.b, SUM);
    base58_write((struct bytes){b, sizeof(b)}, text);
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
    struct hash32 sum;
    size_t n;

    if (read_hex(s, ret))
        return true;
    if (!base58_read(s, b, &n, err))
        return err_in(err, "address \"%.100s\"", s);
    if (n != BODY + SUM || b[0] != PREFIX)
        return err_fail(err, ERR_INPUT, "address \"%.100s\" is none of Tron", s);
    sum = sha256d(b, BODY);
    if (memcmp(b + BODY, sum.b, SUM) != 0)
        return err_fail(err, ERR_INPUT,
                        "address \"%.100s\": its checksum is wrong: a digit is wrong", s);
    memcpy(ret, b + 1, TRON_ADDRESS_BYTES);
    return true;
}
