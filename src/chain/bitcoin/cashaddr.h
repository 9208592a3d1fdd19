/* CashAddr, the addresses of Bitcoin Cash: a prefix, ':', and in 32 characters a version byte, a
 * hash and a checksum of 40 bits (Bitcoin Cash specification, "Address format for Bitcoin Cash").
 * The prefix is part of the checksum, but need not be written.
 *
 * Threads:   safe. */
#ifndef CORDON_CHAIN_BITCOIN_CASHADDR_H
#define CORDON_CHAIN_BITCOIN_CASHADDR_H

#include "base/bytes.h"
#include "base/err.h"

#define CASHADDR_PREFIX_MAX 20
#define CASHADDR_HASH_MAX 64
#define CASHADDR_TEXT_MAX 114 /* 1 + 64 bytes and the checksum are 112 characters; and a NUL */

enum cashaddr_type { /* the version byte's; each has a twin that may receive CashTokens */
                     CASHADDR_P2PKH = 0,
                     CASHADDR_P2SH = 1,
                     CASHADDR_TOKEN_P2PKH = 2,
                     CASHADDR_TOKEN_P2SH = 3,
};

struct cashaddr {
    char prefix[CASHADDR_PREFIX_MAX + 1]; /* in lower case */
    enum cashaddr_type type;
    uint8_t hash[CASHADDR_HASH_MAX];
    size_t hash_n; /* 20, 24, 28, 32, 40, 48, 56, 64 */
};

/* prefix is taken where s has none. ERR_INPUT: length, a character (text names its place), mixed
 * case, version, checksum. */
bool cashaddr_read(const char *s, const char *prefix, struct cashaddr *ret,
                   struct err *err) MUST_USE;
void cashaddr_write(const struct cashaddr *in, char ret[CASHADDR_TEXT_MAX]); /* no prefix */

#endif
