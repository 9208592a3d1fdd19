/* Bodies at rest. */
#include "group/log_parts.h"

#include "base/mem.h"

#include <sodium.h>
#include <stdlib.h>

#define NONCE_N crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
#define TAG_N crypto_aead_xchacha20poly1305_ietf_ABYTES
#define KEY_N crypto_aead_xchacha20poly1305_ietf_KEYBYTES
#define WRAPPED_N (NONCE_N + KEY_N + TAG_N)

static void seal(const struct group_log *l, const uint8_t key[KEY_N], struct bytes what,
                 struct bytes with, uint8_t *ret)
{
    l->random->fill(l->random->ctx, ret, NONCE_N);
    crypto_aead_xchacha20poly1305_ietf_encrypt(ret + NONCE_N, NULL, what.p, what.n, with.p, with.n,
                                               NULL, ret, key);
}

static bool unseal(const uint8_t key[KEY_N], struct bytes sealed, struct bytes with, uint8_t *ret)
{
    return sealed.n >= NONCE_N + TAG_N && !crypto_aead_xchacha20poly1305_ietf_decrypt(
                                              ret, NULL, NULL, sealed.p + NONCE_N,
                                              sealed.n - NONCE_N, with.p, with.n, sealed.p, key);
}

enum key_found { KEY_IS_NEW, KEY_IS_HERE, KEY_IS_ERASED };

/* The key of an object's bodies of one class. */
static bool key_find(struct group_log *l, const struct event *e, uint8_t ret[KEY_N],
                     enum key_found *ret_found, struct err *err)
{
    struct bytes with = {(const uint8_t *)e->object, strlen(e->object)};
    struct store_query *q = NULL;
    bool row = false;
    bool ok = log_query(l, LOG_KEY_OF, &q, err) && store_bind_text(q, 1, e->object, err) &&
              store_bind_text(q, 2, e->retention, err) && store_step(q, &row, err);

    *ret_found = KEY_IS_NEW;
    if (ok && row) {
        *ret_found = store_is_null(q, 0) ? KEY_IS_ERASED : KEY_IS_HERE;
        if (*ret_found == KEY_IS_HERE &&
            (store_blob(q, 0).n != WRAPPED_N || !unseal(l->key, store_blob(q, 0), with, ret)))
            ok = err_fail(err, ERR_CORRUPT, "\"%s\": the key of its bodies is not this home's",
                          e->object);
    }
    log_query_end(q);
    return ok;
}

static bool key_make(struct group_log *l, const struct event *e, uint8_t ret[KEY_N],
                     struct err *err)
{
    struct bytes with = {(const uint8_t *)e->object, strlen(e->object)};
    uint8_t wrapped[WRAPPED_N];
    struct store_query *q = NULL;
    bool ok;

    l->random->fill(l->random->ctx, ret, KEY_N);
    seal(l, l->key, (struct bytes){ret, KEY_N}, with, wrapped);
    ok = log_query(l, LOG_KEY_PUT, &q, err) && store_bind_text(q, 1, e->object, err) &&
         store_bind_text(q, 2, e->retention, err) &&
         store_bind_blob(q, 3, (struct bytes){wrapped, sizeof(wrapped)}, err) &&
         store_step(q, NULL, err);
    log_query_end(q);
    return ok;
}

static bool sealed_put(struct group_log *l, const struct hash32 *id, struct bytes sealed,
                       struct err *err)
{
    struct store_query *q = NULL;
    bool ok = log_query(l, LOG_BODY_PUT, &q, err) && store_bind_blob(q, 1, sealed, err) &&
              store_bind_blob(q, 2, (struct bytes){id->b, sizeof(id->b)}, err) &&
              store_step(q, NULL, err);

    log_query_end(q);
    return ok;
}

static bool seal_and_put(struct group_log *l, const struct event_line *line,
                         const uint8_t key[KEY_N], struct err *err)
{
    const struct hash32 *id = &line->event.id;
    size_t plain_n = sizeof(line->salt.b) + line->body.n, n = NONCE_N + plain_n + TAG_N;
    uint8_t *plain = mem_alloc(plain_n), *sealed = mem_alloc(n);
    bool ok = (plain && sealed) || err_fail(err, ERR_NOMEM, "a body of %zu bytes", line->body.n);

    if (ok) {
        memcpy(plain, line->salt.b, sizeof(line->salt.b));
        memcpy(plain + sizeof(line->salt.b), line->body.p, line->body.n);
        seal(l, key, (struct bytes){plain, plain_n}, (struct bytes){id->b, sizeof(id->b)}, sealed);
        ok = sealed_put(l, id, (struct bytes){sealed, n}, err);
    }
    if (plain)
        sodium_memzero(plain, plain_n);
    mem_free(plain);
    mem_free(sealed);
    return ok;
}

/* A body whose key was destroyed stays away, whoever brings it. */
bool body_seal(struct group_log *l, const struct event_line *line, struct err *err)
{
    uint8_t key[KEY_N];
    enum key_found found;
    bool ok = key_find(l, &line->event, key, &found, err);

    if (ok && found == KEY_IS_NEW)
        ok = key_make(l, &line->event, key, err);
    if (ok && found != KEY_IS_ERASED)
        ok = seal_and_put(l, line, key, err);
    sodium_memzero(key, sizeof(key));
    return ok;
}

bool body_open(struct group_log *l, struct arena *a, const struct event *e, struct bytes sealed,
               enum body_state *ret_state, struct salt32 *ret_salt, struct bytes *ret,
               struct err *err)
{
    uint8_t key[KEY_N], *plain = NULL;
    enum key_found found;
    struct hash32 is;

    *ret = (struct bytes){NULL, 0};
    if (!key_find(l, e, key, &found, err))
        return false;
    if (found == KEY_IS_ERASED || !sealed.n) {
        *ret_state = found == KEY_IS_ERASED ? BODY_ERASED : BODY_WITHHELD;
        return true;
    }
    plain = arena_alloc(a, sealed.n + 1);
    if (!plain)
        return err_fail(err, ERR_NOMEM, "a body of %zu bytes", sealed.n);
    if (found == KEY_IS_NEW || !unseal(key, sealed, (struct bytes){e->id.b, 32}, plain) ||
        sealed.n < NONCE_N + TAG_N + sizeof(ret_salt->b))
        return err_fail(err, ERR_CORRUPT, "a body cannot be opened");
    memcpy(ret_salt->b, plain, sizeof(ret_salt->b));
    *ret = (struct bytes){plain + 32, sealed.n - NONCE_N - TAG_N - 32};
    is = body_commitment(ret_salt, *ret);
    *ret_state = BODY_HERE;
    return hash32_equal(&is, &e->body) ||
           err_fail(err, ERR_CORRUPT, "a body is not the one that was signed");
}

/* Into q, which the caller ends: the sealed bytes are the store's until then. */
static bool sealed_of(struct group_log *l, const struct hash32 *id, struct store_query **q,
                      struct bytes *ret, struct err *err)
{
    bool row = false;
    bool ok = log_query(l, LOG_BODY_OF, q, err) &&
              store_bind_blob(*q, 1, (struct bytes){id->b, sizeof(id->b)}, err) &&
              store_step(*q, &row, err);

    *ret = (struct bytes){NULL, 0};
    if (ok && row && !store_is_null(*q, 0))
        *ret = store_blob(*q, 0);
    return ok;
}

bool group_log_body(struct group_log *l, struct arena *a, const struct fold_event *e,
                    enum body_state *ret, struct salt32 *ret_salt, struct bytes *ret_body,
                    struct err *err)
{
    struct store_query *q = NULL;
    struct bytes sealed;
    bool ok;

    *ret = BODY_NONE;
    *ret_body = (struct bytes){NULL, 0};
    if (!event_has_body(&e->e))
        return true;
    pthread_mutex_lock(&l->reading);
    ok = sealed_of(l, &e->e.id, &q, &sealed, err) &&
         body_open(l, a, &e->e, sealed, ret, ret_salt, ret_body, err);
    log_query_end(q);
    pthread_mutex_unlock(&l->reading);
    return ok;
}

static bool body_erase(struct group_log *l, const struct event *e, uint64_t *n, struct err *err)
{
    struct store_query *q = NULL;
    bool ok =
        store_prepare(l->store, "UPDATE group_event SET body = NULL WHERE hash = ?", &q, err) &&
        store_bind_blob(q, 1, (struct bytes){e->id.b, sizeof(e->id.b)}, err) &&
        store_step(q, NULL, err);

    store_finish(q);
    *n += ok;
    return ok;
}

static bool key_erase(struct group_log *l, const char *object, const char *retention,
                      struct err *err)
{
    struct store_query *q = NULL;
    bool ok =
        store_prepare(l->store, "INSERT OR REPLACE INTO group_key VALUES (?, ?, NULL)", &q, err) &&
        store_bind_text(q, 1, object, err) && store_bind_text(q, 2, retention, err) &&
        store_step(q, NULL, err);

    store_finish(q);
    return ok;
}

static int key_order(const void *a, const void *b)
{
    const struct group_log_key *x = a, *y = b;
    int order = strcmp(x->object, y->object);

    return order ? order : strcmp(x->class, y->class);
}

bool group_log_erase_keys(struct group_log *l, const struct group_log_key *keys, size_t n,
                          uint64_t *ret_n, struct err *err)
{
    const struct fold_event *e;

    *ret_n = 0;
    for (size_t i = 0; n && l->fold && (e = fold_event_at(l->fold, i)); i++) {
        struct group_log_key key = {e->e.object, e->e.retention};

        if (event_has_body(&e->e) && bsearch(&key, keys, n, sizeof(key), key_order) &&
            !body_erase(l, &e->e, ret_n, err))
            return false;
    }
    for (size_t i = 0; i < n; i++)
        if (!key_erase(l, keys[i].object, keys[i].class, err))
            return false;
    return true;
}

bool group_log_erase(struct group_log *l, const char *object, uint64_t *ret_n, struct err *err)
{
    const struct fold_event *e;

    *ret_n = 0;
    if (object_is(object, "charter"))
        return err_fail(err, ERR_INPUT, "\"%s\": charters are kept", object);
    for (size_t i = 0; l->fold && (e = fold_event_at(l->fold, i)); i++)
        if (!strcmp(e->e.object, object) && event_has_body(&e->e) &&
            strcmp(e->e.retention, "keep") != 0 &&
            (!body_erase(l, &e->e, ret_n, err) || !key_erase(l, object, e->e.retention, err)))
            return false;
    return *ret_n || err_fail(err, ERR_NOT_FOUND, "\"%s\" has no body that may be erased", object);
}

static const char *text_of(struct arena *a, struct store_query *q, int column)
{
    return arena_string(a, store_text(q, column), store_text_n(q, column));
}

static bool keys_read(struct group_log *l, struct arena *a, struct group_log_key **ret,
                      size_t *ret_n, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false, ok;
    size_t n = 0;

    ok = store_prepare(l->store,
                       "SELECT count(*) FROM group_key WHERE key IS NOT NULL AND "
                       "retention != 'keep'",
                       &q, err) &&
         store_step(q, &row, err);
    if (ok)
        n = (size_t)store_u64(q, 0);
    store_finish(q);
    q = NULL;
    *ret = ARENA_ARRAY(a, struct group_log_key, n + 1);
    ok = ok && (*ret || err_fail(err, ERR_NOMEM, "%zu keys", n)) &&
         store_prepare(l->store,
                       "SELECT object, retention FROM group_key WHERE key IS NOT NULL AND "
                       "retention != 'keep' ORDER BY object, retention",
                       &q, err);
    for (*ret_n = 0; ok && *ret_n < n && (ok = store_step(q, &row, err)) && row;) {
        struct group_log_key *k = &(*ret)[(*ret_n)++];

        k->object = text_of(a, q, 0);
        k->class = text_of(a, q, 1);
        ok = (k->object && k->class) || err_fail(err, ERR_NOMEM, "%zu keys", n);
    }
    store_finish(q);
    return ok;
}

bool group_log_keys(struct group_log *l, struct arena *a, struct group_log_key **ret, size_t *ret_n,
                    struct err *err)
{
    bool ok;

    pthread_mutex_lock(&l->reading);
    ok = keys_read(l, a, ret, ret_n, err);
    pthread_mutex_unlock(&l->reading);
    return ok;
}

bool group_log_scrub(struct group_log *l, bool *ret_done, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false;
    bool ok = store_prepare(l->store, "PRAGMA wal_checkpoint(TRUNCATE)", &q, err) &&
              store_step(q, &row, err);

    *ret_done = ok && row && !store_u64(q, 0); /* busy, pages, pages that went into the file */
    store_finish(q);
    return ok;
}
