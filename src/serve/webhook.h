/* Signatures of webhooks, as Standard Webhooks 1.0 has them
 * (github.com/standard-webhooks/standard-webhooks, spec/standard-webhooks.md).
 *
 *     webhook-id: hold-3f9a...-1          the same each time that a message is sent
 *     webhook-timestamp: 1795219200       of this time, seconds
 *     webhook-signature: v1,BASE64 v1a,BASE64
 *
 * Signed is ID.TIMESTAMP.BODY: v1 by HMAC-SHA256, v1a by Ed25519. A file of keys has one a line,
 * "whsec_" with the base64 of 24 to 64 random bytes, or "whsk_" with that of an Ed25519 seed (or of
 * seed and public key); all of them sign, so that keys can be changed one after the other.
 *
 * Errors:    ERR_INPUT with the line, but nothing of what stands there; those of group/keys.h.
 * Threads:   safe. */
#ifndef CORDON_SERVE_WEBHOOK_H
#define CORDON_SERVE_WEBHOOK_H

#include "base/bytes.h"
#include "base/err.h"
#include "base/text.h"

#define WEBHOOK_KEYS_MAX 8
#define WEBHOOK_KEY_MAX 64

struct webhook_keys {
    struct {
        bool pair; /* Ed25519 */
        uint8_t b[WEBHOOK_KEY_MAX];
        size_t n;
    } at[WEBHOOK_KEYS_MAX];
    size_t n;
};

bool webhook_keys_read(struct bytes text, struct webhook_keys *ret, struct err *err) MUST_USE;
/* A file that its owner alone may read. */
bool webhook_keys_load(const char *path, struct webhook_keys *ret, struct err *err) MUST_USE;
void webhook_keys_end(struct webhook_keys *k); /* nothing secret stays in it */
/* The value of webhook-signature. */
void webhook_sign(const struct webhook_keys *k, const char *id, uint64_t seconds, struct bytes body,
                  struct text *to);

#endif
