#include "serve/webhook.h"

#include "group/keys.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define SECRET_MIN 24
#define HEAD_MAX 200 /* "ID.TIMESTAMP." */

/* ---- keys ---- */

static bool is_pair(const char *line, size_t n)
{
    return n > 5 && !memcmp(line, "whsk_", 5);
}

static bool key_read(const char *line, size_t n, struct webhook_keys *k)
{
    uint8_t seed[crypto_sign_SEEDBYTES], public[crypto_sign_PUBLICKEYBYTES];
    bool pair = is_pair(line, n);
    size_t got = 0, skip = pair ? 5 : 6;

    if (k->n == WEBHOOK_KEYS_MAX || (!pair && (n <= 6 || memcmp(line, "whsec_", 6))) ||
        sodium_base642bin(k->at[k->n].b, WEBHOOK_KEY_MAX, line + skip, n - skip, NULL, &got, NULL,
                          sodium_base64_VARIANT_ORIGINAL))
        return false;
    if (pair && got != crypto_sign_SEEDBYTES && got != crypto_sign_SECRETKEYBYTES)
        return false;
    if (pair) { /* the public half follows from the seed, whatever stands behind it */
        memcpy(seed, k->at[k->n].b, sizeof(seed));
        crypto_sign_seed_keypair(public, k->at[k->n].b, seed);
        sodium_memzero(seed, sizeof(seed));
        got = crypto_sign_SECRETKEYBYTES;
    }
    k->at[k->n].pair = pair;
    k->at[k->n].n = got;
    return k->at[k->n++].n >= SECRET_MIN;
}

bool webhook_keys_read(struct bytes text, struct webhook_keys *ret, struct err *err)
{
    const char *p = (const char *)text.p, *end = p + text.n;
    unsigned line = 1;

    *ret = (struct webhook_keys){.n = 0};
    for (; p < end; line++) {
        const char *stop = memchr(p, '\n', (size_t)(end - p));
        size_t n = (size_t)((stop ? stop : end) - p);

        if (n && p[n - 1] == '\r')
            n--;
        if (n && *p != '#' && !key_read(p, n, ret)) {
            webhook_keys_end(ret);
            return err_fail(err, ERR_INPUT,
                            "line %u: whsec_ or whsk_ and base64 is wanted, %d keys at most", line,
                            WEBHOOK_KEYS_MAX);
        }
        p = stop ? stop + 1 : end;
    }
    return ret->n || err_fail(err, ERR_INPUT, "there is no key in it");
}

bool webhook_keys_load(const char *path, struct webhook_keys *ret, struct err *err)
{
    uint8_t buffer[KEY_FILE_BYTES_MAX];
    struct bytes text;
    bool ok = key_file_read(path, buffer, &text, err) &&
              (webhook_keys_read(text, ret, err) || err_in(err, "\"%s\"", path));

    sodium_memzero(buffer, sizeof(buffer));
    return ok;
}

void webhook_keys_end(struct webhook_keys *k)
{
    sodium_memzero(k, sizeof(*k));
}

/* ---- signing ---- */

static void hmac(const uint8_t *key, size_t key_n, const char *head, struct bytes body,
                 uint8_t ret[crypto_auth_hmacsha256_BYTES])
{
    crypto_auth_hmacsha256_state s;

    crypto_auth_hmacsha256_init(&s, key, key_n);
    crypto_auth_hmacsha256_update(&s, (const uint8_t *)head, strlen(head));
    crypto_auth_hmacsha256_update(&s, body.p, body.n);
    crypto_auth_hmacsha256_final(&s, ret);
    sodium_memzero(&s, sizeof(s));
}

/* Ed25519 reads its message twice: it has to be in one piece. */
static bool pair_sign(const uint8_t *key, const char *head, struct bytes body,
                      uint8_t ret[crypto_sign_BYTES])
{
    struct text whole = text_new(SIZE_MAX / 2);
    bool ok;

    text_str(&whole, head);
    text_put(&whole, (const char *)body.p, body.n);
    ok = !whole.bad;
    if (ok)
        crypto_sign_detached(ret, NULL, (const uint8_t *)whole.p, whole.n, key);
    text_free(&whole);
    return ok;
}

void webhook_sign(const struct webhook_keys *k, const char *id, uint64_t seconds, struct bytes body,
                  struct text *to)
{
    char head[HEAD_MAX],
        text[sodium_base64_ENCODED_LEN(crypto_sign_BYTES, sodium_base64_VARIANT_ORIGINAL)];
    uint8_t signature[crypto_sign_BYTES];

    snprintf(head, sizeof(head), "%s.%llu.", id, (unsigned long long)seconds);
    for (size_t i = 0; i < k->n; i++) {
        size_t n = k->at[i].pair ? crypto_sign_BYTES : crypto_auth_hmacsha256_BYTES;

        if (!k->at[i].pair)
            hmac(k->at[i].b, k->at[i].n, head, body, signature);
        else if (!pair_sign(k->at[i].b, head, body, signature)) {
            to->bad = true;
            return;
        }
        sodium_bin2base64(text, sizeof(text), signature, n, sodium_base64_VARIANT_ORIGINAL);
        text_printf(to, "%s%s,%s", i ? " " : "", k->at[i].pair ? "v1a" : "v1", text);
    }
}
