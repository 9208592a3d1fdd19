/* Extended public keys: BIP 32 public derivation, and what SLIP 132 says of their scripts by their
 * first letters (xpub, ypub, zpub; tpub, upub, vpub).
 *
 * Errors:    ERR_INPUT; a private key is refused, and its text is in no error.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_BITCOIN_XPUB_H
#define CORDON_CHAIN_BITCOIN_XPUB_H

#include "base/bytes.h"
#include "base/err.h"

#define XPUB_HARDENED 0x80000000u

enum xpub_script { XPUB_PKH, XPUB_SH_WPKH, XPUB_WPKH };

struct xpub {
    enum xpub_script script;
    uint8_t chain_code[32], key[33];
};

bool xpub_read(const char *p, size_t n, struct xpub *ret, struct err *err) MUST_USE;
/* Is it the beginning of one, public or private? */
bool xpub_like(const char *p, size_t n);
/* index below XPUB_HARDENED. ERR_INPUT: there is none of that number (less than once in 2^127). */
bool xpub_child(const struct xpub *parent, uint32_t index, struct xpub *ret,
                struct err *err) MUST_USE;

#endif
