#include "chain/tx_text.h"

#include "base/text.h"
#include "chain/bitcoin/base58.h"

#define SIGNATURE_BYTES 64

bool tx_hash_read(const char *s, size_t n, struct hash32 *ret)
{
    uint8_t signature[SIGNATURE_BYTES];

    if (n > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
        s += 2;
        n -= 2;
    }
    if (hex_decode(s, n, ret->b, sizeof(ret->b)))
        return true;
    if (!base58_fixed((struct bytes){(const uint8_t *)s, n}, signature, sizeof(signature)))
        return false;
    *ret = sha256(signature, sizeof(signature));
    return true;
}

bool block_hash_read(const char *s, size_t n, struct hash32 *ret)
{
    return tx_hash_read(s, n, ret) ||
           base58_fixed((struct bytes){(const uint8_t *)s, n}, ret->b, sizeof(ret->b));
}
