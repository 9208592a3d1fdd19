#include "serve/keys.h"

#include "serve/http.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define PREFIX "cordon_"
#define SECRET_N 43 /* base64url of 32 bytes, without padding */

static const char *const steps[] = {
    "CREATE TABLE key (id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL UNIQUE,"
    " scopes INTEGER NOT NULL, made INTEGER NOT NULL, revoked INTEGER NOT NULL,"
    " hash BLOB NOT NULL) WITHOUT ROWID",
};
const struct store_schema keys_schema = {"key", steps, sizeof(steps) / sizeof(steps[0])};

/* ---- scopes ---- */

static const struct {
    unsigned bit;
    const char *name;
} scope_rows[] = {{HTTP_SCREEN, "screen"}, {HTTP_READ, "read"}, {HTTP_ADMIN, "admin"},
                  {HTTP_GROUP, "group"},   {HTTP_BANK, "bank"}, {HTTP_CORE, "core"},
                  {HTTP_LEADS, "leads"},   {HTTP_ACT, "act"}};

#define SCOPES_N (sizeof(scope_rows) / sizeof(scope_rows[0]))

const char *scope_name(unsigned bit)
{
    for (size_t i = 0; i < SCOPES_N; i++)
        if (scope_rows[i].bit == bit)
            return scope_rows[i].name;
    return NULL;
}

bool scopes_from_text(const char *text, unsigned *ret, struct err *err)
{
    unsigned bits = 0;

    for (const char *at = text, *end; at; at = *end ? end + 1 : NULL) {
        size_t i = 0, n;

        end = strchr(at, ',');
        end = end ? end : at + strlen(at);
        n = (size_t)(end - at);
        while (i < SCOPES_N &&
               (strlen(scope_rows[i].name) != n || strncmp(scope_rows[i].name, at, n)))
            i++;
        if (i == SCOPES_N)
            return err_fail(
                err, ERR_USAGE,
                "unknown scope \"%.*s\" (known: screen, read, admin, group, bank, core, leads, "
                "act)",
                (int)n, at);
        bits |= scope_rows[i].bit;
    }
    *ret = bits;
    return true;
}

/* ---- rows ---- */

static void key_hash(const char *shown, unsigned char ret[KEY_HASH_N])
{
    crypto_generichash(ret, KEY_HASH_N, (const unsigned char *)shown, strlen(shown), NULL, 0);
}

static bool name_fits(const char *name)
{
    size_t n = strlen(name);

    return n >= 1 && n <= KEY_NAME_MAX && utf8_valid(name, n) && text_is_plain(name, n);
}

static bool row_of(struct store_query *q, struct key_row *ret, struct err *err)
{
    struct bytes hash = store_blob(q, 5);

    *ret = (struct key_row){
        .scopes = (unsigned)store_u64(q, 2), .made = store_u64(q, 3), .revoked = store_u64(q, 4)};
    if (store_text_n(q, 0) != KEY_ID_N || store_text_n(q, 1) > KEY_NAME_MAX || hash.n != KEY_HASH_N)
        return err_fail(err, ERR_CORRUPT, "a key of the store is none");
    memcpy(ret->id, store_text(q, 0), KEY_ID_N);
    memcpy(ret->name, store_text(q, 1), store_text_n(q, 1));
    memcpy(ret->hash, hash.p, KEY_HASH_N);
    return true;
}

bool keys_read(struct arena *a, struct store *s, struct keys *ret, struct err *err)
{
    struct keys k = {.n = 0};
    struct store_query *q = NULL;
    size_t size = 0;
    bool more = false;
    bool ok = store_prepare(s, "SELECT id, name, scopes, made, revoked, hash FROM key ORDER BY id",
                            &q, err);

    while (ok && (ok = store_step(q, &more, err)) && more) {
        if (k.n == size) {
            struct key_row *rows = ARENA_ARRAY(a, struct key_row, size ? size * 2 : 16);

            if (!rows || size > KEYS_MAX) {
                ok = err_fail(err, rows ? ERR_LIMIT : ERR_NOMEM, "%zu keys", size);
                break;
            }
            if (k.n)
                memcpy(rows, k.rows, k.n * sizeof(*rows));
            k.rows = rows;
            size = size ? size * 2 : 16;
        }
        ok = row_of(q, &k.rows[k.n], err);
        k.n++;
    }
    store_finish(q);
    if (ok)
        *ret = k;
    return ok;
}

static bool name_is_taken(struct store *s, const char *name, bool *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s, "SELECT 1 FROM key WHERE name = ?", &q, err) &&
              store_bind_text(q, 1, name, err) && store_step(q, ret, err);

    store_finish(q);
    return ok;
}

static bool row_put(struct store *s, const struct key_row *row, struct err *err)
{
    struct store_query *q = NULL;
    bool ok = store_prepare(s,
                            "INSERT INTO key (id, name, scopes, made, revoked, hash)"
                            " VALUES (?, ?, ?, ?, 0, ?)",
                            &q, err) &&
              store_bind_text(q, 1, row->id, err) && store_bind_text(q, 2, row->name, err) &&
              store_bind_u64(q, 3, row->scopes, err) && store_bind_u64(q, 4, row->made, err) &&
              store_bind_blob(q, 5, (struct bytes){row->hash, KEY_HASH_N}, err) &&
              store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

bool key_add(struct store *s, const char *name, unsigned scopes, uint64_t now,
             char ret[KEY_TEXT_MAX], struct err *err)
{
    struct key_row row = {.scopes = scopes, .made = now};
    unsigned char secret[32];
    char text[SECRET_N + 1];
    bool taken = false, ok;

    if (!name_fits(name))
        return err_fail(err, ERR_USAGE, "\"%s\": a name has 1 to %d plain characters", name,
                        KEY_NAME_MAX);
    if (!scopes)
        return err_fail(err, ERR_USAGE, "a key without a scope can do nothing");
    if (sodium_init() < 0)
        return err_fail(err, ERR_SYSTEM, "no source of randomness");
    memcpy(row.name, name, strlen(name));
    snprintf(row.id, sizeof(row.id), "%08x", randombytes_random());
    randombytes_buf(secret, sizeof(secret));
    sodium_bin2base64(text, sizeof(text), secret, sizeof(secret),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    snprintf(ret, KEY_TEXT_MAX, "%s%s_%s", PREFIX, row.id, text);
    key_hash(ret, row.hash);
    sodium_memzero(secret, sizeof(secret));
    sodium_memzero(text, sizeof(text));
    if (!store_begin(s, err))
        return false;
    ok = name_is_taken(s, name, &taken, err);
    if (ok && taken)
        ok = err_fail(err, ERR_USAGE, "there is a key \"%s\" already", name);
    ok = ok && row_put(s, &row, err) && store_commit(s, err);
    if (!ok) {
        store_rollback(s);
        sodium_memzero(ret, KEY_TEXT_MAX);
    }
    return ok;
}

bool key_revoke(struct store *s, const char *name, uint64_t now, struct err *err)
{
    struct store_query *q = NULL;
    bool ok =
        store_prepare(s, "UPDATE key SET revoked = ? WHERE name = ? AND revoked = 0", &q, err) &&
        store_bind_u64(q, 1, now, err) && store_bind_text(q, 2, name, err) &&
        store_step(q, NULL, err);

    if (ok && !store_changed(s))
        ok = err_fail(err, ERR_NOT_FOUND, "no key \"%s\" that could be revoked", name);
    store_finish(q);
    return ok;
}

static int by_id(const void *id, const void *row)
{
    return memcmp(id, ((const struct key_row *)row)->id, KEY_ID_N);
}

const struct key_row *keys_find(const struct keys *k, const char *shown)
{
    const size_t prefix_n = sizeof(PREFIX) - 1;
    unsigned char hash[KEY_HASH_N];
    const struct key_row *row;

    if (!k->n || strlen(shown) != prefix_n + KEY_ID_N + 1 + SECRET_N ||
        strncmp(shown, PREFIX, prefix_n))
        return NULL;
    row = bsearch(shown + prefix_n, k->rows, k->n, sizeof(*k->rows), by_id);
    if (!row)
        return NULL;
    key_hash(shown, hash);
    return !sodium_memcmp(hash, row->hash, KEY_HASH_N) && !row->revoked ? row : NULL;
}
