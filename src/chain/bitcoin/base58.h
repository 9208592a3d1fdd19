/* Base58: bytes as a number in base 58, big end first, each leading zero byte as a '1' (Bitcoin
 * Core, base58.cpp). No white space is skipped. Sizes are bounded, since the work grows with their
 * square. Base58Check adds the first four bytes of the double SHA-256 at the end.
 *
 * Threads:   safe. */
#ifndef CORDON_CHAIN_BITCOIN_BASE58_H
#define CORDON_CHAIN_BITCOIN_BASE58_H

#include "base/bytes.h"
#include "base/err.h"

#define BASE58_BYTES_MAX 256
#define BASE58_TEXT_MAX 352 /* 256 bytes are 350 digits at most; and a NUL */
#define BASE58_CHECKSUM_BYTES 4

extern const char base58_alphabet[]; /* the 58 digits in their order */
extern const uint8_t base58_digits[256];

static inline int base58_digit(char c) /* from 0; -1: it is none */
{
    return base58_digits[(uint8_t)c] - 1;
}

void base58_write(struct bytes in, char ret[BASE58_TEXT_MAX]); /* in.n up to BASE58_BYTES_MAX */
/* ERR_INPUT: a character that is no digit (text names its place), too long. */
bool base58_read(const char *s, uint8_t ret[BASE58_BYTES_MAX], size_t *ret_n,
                 struct err *err) MUST_USE;

/* The same of whatever is as long as a packet of Solana, without words: up to max bytes. False: a
 * character that is no digit, or too long. */
#define BASE58_LONG_MAX 4096u
bool base58_long(struct bytes text, uint8_t *ret, size_t max, size_t *ret_n);

/* The same where the length is known, in time that grows with it alone: ret_n a multiple of 8, up
 * to BASE58_FIXED_MAX. False: a character that is no digit, or another length. */
#define BASE58_FIXED_MAX 64
bool base58_fixed(struct bytes text, uint8_t *ret, size_t ret_n);

/* in without its checksum, which is added: in.n up to BASE58_BYTES_MAX less
 * BASE58_CHECKSUM_BYTES. */
void base58check_write(struct bytes in, char ret[BASE58_TEXT_MAX]);
/* Are the last four bytes the checksum of those before them? */
bool base58check_right(struct bytes in);

#endif
