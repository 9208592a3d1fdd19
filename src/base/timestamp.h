/* Trusted time: tokens of RFC 3161 over a SHA-256.
 *
 * A time-stamping authority signs that it has seen a hash at a time. Here requests are made
 * (TimeStampReq) and tokens read: of which hash, at what time, by whom, and whether the signature
 * is that of the certificate inside. Whether that certificate is to be trusted is for whoever knows
 * its authority: openssl ts -verify -CAfile.
 *
 * Errors:    ERR_INPUT it is no granted response, or not of a SHA-256, or its signature does not
 *            hold; ERR_NOMEM.
 * Ownership: in the arena.
 * Threads:   safe. */
#ifndef CORDON_BASE_TIMESTAMP_H
#define CORDON_BASE_TIMESTAMP_H

#include "base/arena.h"
#include "base/err.h"
#include "base/hash.h"

#define TIMESTAMP_BYTES_MAX ((size_t)1 << 20)

struct timestamp {
    struct hash32 imprint;
    const char *time; /* "2026-11-26T17:05:12Z" */
    const char *by;   /* subject of the certificate that has signed, RFC 2253 */
    const char *serial;
};

/* DER of a request for a token over a hash, with the certificate wanted inside. */
bool timestamp_request(struct arena *a, const struct hash32 *hash, struct bytes *ret,
                       struct err *err) MUST_USE;
/* DER of a response (TimeStampResp), or of the token alone. */
bool timestamp_read(struct arena *a, struct bytes token, struct timestamp *ret,
                    struct err *err) MUST_USE;

#endif
