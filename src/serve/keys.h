/* API keys: who may ask what.
 *
 * A key is shown once, when it is made: "cordon_" ID "_" SECRET, with 8 hexadecimal digits and 43
 * letters of base64url (256 random bits). Kept is a BLAKE2b-256 hash of the whole; a key is found
 * by its id and compared in constant time. (A random key needs no slow hash, unlike a password.)
 *
 * A struct keys is what is in the store at one time, for many readers; whoever holds it takes a
 * new one when the store has changed.
 *
 * Errors:    ERR_USAGE a name or scope that does not fit, or a name that is taken; ERR_NOT_FOUND;
 *            those of the store.
 * Threads:   a struct keys is only read, by any number. */
#ifndef CORDON_SERVE_KEYS_H
#define CORDON_SERVE_KEYS_H

#include "base/arena.h"
#include "base/err.h"
#include "store/store.h"

#define KEYS_MAX 10000
#define KEY_NAME_MAX 64
#define KEY_ID_N 8
#define KEY_TEXT_MAX 64 /* as shown, with its NUL */
#define KEY_HASH_N 32

struct key_row {
    char id[KEY_ID_N + 1];
    char name[KEY_NAME_MAX + 1];
    unsigned scopes;        /* of enum http_scope */
    uint64_t made, revoked; /* seconds since 1970; revoked 0: it holds */
    unsigned char hash[KEY_HASH_N];
};

struct keys {
    struct key_row *rows; /* [n] sorted by id */
    size_t n;
};

extern const struct store_schema keys_schema;

bool keys_read(struct arena *a, struct store *s, struct keys *ret, struct err *err) MUST_USE;
/* The key as it is to be shown, once. */
bool key_add(struct store *s, const char *name, unsigned scopes, uint64_t now,
             char ret[KEY_TEXT_MAX], struct err *err) MUST_USE;
bool key_revoke(struct store *s, const char *name, uint64_t now, struct err *err) MUST_USE;

/* The row of a key that somebody has shown; NULL: none, or revoked. */
const struct key_row *keys_find(const struct keys *k, const char *shown);

/* "screen,read" <-> bits */
bool scopes_from_text(const char *text, unsigned *ret, struct err *err) MUST_USE;
const char *scope_name(unsigned bit); /* NULL: no such */

#endif
