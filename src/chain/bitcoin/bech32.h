/* Bech32 (BIP 173) and Bech32m (BIP 350): a readable part, '1', values of 5 bits, and a checksum of
 * six characters that finds any four wrong ones.
 *
 * Threads:   safe. */
#ifndef CORDON_CHAIN_BITCOIN_BECH32_H
#define CORDON_CHAIN_BITCOIN_BECH32_H

#include "base/bytes.h"
#include "base/err.h"

#define BECH32_CHARS_MAX 90 /* BIP 173: "A Bech32 string is at most 90 characters long" */
#define BECH32_HRP_MAX 83

enum bech32_kind { /* what a right checksum leaves; BIP 350 */
                   BECH32 = 1,
                   BECH32M = 0x2bc830a3,
};

struct bech32 {
    enum bech32_kind kind;
    char hrp[BECH32_HRP_MAX + 1]; /* in lower case */
    uint8_t values[BECH32_CHARS_MAX];
    size_t values_n;
};

/* ERR_INPUT: length, a character (text names its place), mixed case, checksum. */
bool bech32_read(const char *s, struct bech32 *ret, struct err *err) MUST_USE;
/* hrp and values together at most BECH32_CHARS_MAX - 7. */
void bech32_write(const struct bech32 *in, char ret[BECH32_CHARS_MAX + 1]);

extern const char bech32_alphabet[]; /* the 32 characters in their order; CashAddr has them, too */
/* Bytes as values of 5 bits, the last filled with zeros (BIP 173, convertbits); returns how many.
 */
size_t bech32_from_bytes(struct bytes in, uint8_t *ret);
/* And back. BIP 173: "The last 5-bit group ... padding of at most 4 bits, which MUST be all
 * zeroes". */
bool bech32_to_bytes(const uint8_t *in, size_t in_n, uint8_t *ret, size_t *ret_n) MUST_USE;

#endif
