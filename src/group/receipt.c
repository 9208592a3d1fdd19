#include "group/receipt.h"

#include "base/json.h"

#include <stdlib.h>

#define TAG "cordon.receipt/1"

static const struct hash32 none;

static int hash_order(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct hash32));
}

static void inner_put(struct json_out *j, const struct receipt *r)
{
    json_object(j);
    json_put_string(j, "cursor", r->cursor);
    json_key(j, "events");
    json_array(j);
    for (size_t i = 0; i < RECEIPT_EVENTS_N; i++)
        json_hex(j, r->events[i].b, sizeof(r->events[i].b));
    json_array_end(j);
    json_put_hex(j, "key", r->key.b, sizeof(r->key.b));
    json_put_number(j, "ms", r->ms);
    json_object_end(j);
}

bool receipt_put(struct text *to, const struct signer *by, const struct hash32 *group,
                 struct receipt *r, struct err *err)
{
    struct text inner = text_new(RECEIPT_BYTES_MAX);
    struct json_out j = json_to(&inner, false), out = json_to(to, false);
    struct signature signature;
    bool ok;

    r->key = by->key;
    qsort(r->events, RECEIPT_EVENTS_N, sizeof(r->events[0]), hash_order);
    inner_put(&j, r);
    ok = text_end(&inner, err) &&
         group_sign(by, TAG, group, (struct bytes){(const uint8_t *)inner.p, inner.n}, &signature,
                    err);
    if (ok) {
        json_object(&out);
        json_key(&out, "receipt");
        json_raw(&out, inner.p, inner.n);
        json_put_hex(&out, "signature", signature.b, sizeof(signature.b));
        json_object_end(&out);
    }
    text_free(&inner);
    return ok;
}

static bool hex_read(const struct json *v, const char *name, uint8_t *ret, size_t n,
                     struct err *err)
{
    const char *hex = NULL;

    if (!json_text(v, name, &hex, err))
        return false;
    return (strlen(hex) == 2 * n && hex_decode(hex, 2 * n, ret, n)) ||
           err_fail(err, ERR_INPUT, "%s: %zu hexadecimal digits are wanted", name, 2 * n);
}

static bool events_read(const struct json *v, struct receipt *ret, struct err *err)
{
    size_t n = 0;

    if (v && v->type == JSON_ARRAY && v->children_n == RECEIPT_EVENTS_N)
        for (const struct json *at = v->child; at; at = at->next, n++)
            if (!hex_read(at, "events", ret->events[n].b, sizeof(ret->events[n].b), err))
                return false;
    if (n != RECEIPT_EVENTS_N)
        return err_fail(err, ERR_INPUT, "events: %d are wanted", RECEIPT_EVENTS_N);
    for (size_t i = 1; i < n; i++) {
        int order = hash_order(&ret->events[i - 1], &ret->events[i]);

        if (order > 0 || (!order && !hash32_equal(&ret->events[i], &none)))
            return err_fail(err, ERR_INPUT, "events: ascending, each once");
    }
    return true;
}

static bool inner_read(const struct json *r, struct receipt *ret, struct err *err)
{
    static const char *const known[] = {"cursor", "events", "key", "ms", NULL};
    uint8_t cursor[RECEIPT_CURSOR_N / 2];

    if (!r)
        return err_fail(err, ERR_INPUT, "receipt: missing");
    if (!json_only(r, "receipt", known, err) ||
        !hex_read(json_get(r, "cursor"), "cursor", cursor, sizeof(cursor), err) ||
        !events_read(json_get(r, "events"), ret, err) ||
        !hex_read(json_get(r, "key"), "key", ret->key.b, sizeof(ret->key.b), err) ||
        !json_u64(json_get(r, "ms"), "ms", &ret->ms, err))
        return false;
    memcpy(ret->cursor, json_get(r, "cursor")->text, RECEIPT_CURSOR_N + 1);
    return ret->ms <= EVENT_MS_MAX || err_fail(err, ERR_INPUT, "ms: no time");
}

bool receipt_read(struct arena *a, struct bytes text, const struct hash32 *group,
                  struct receipt *ret, struct err *err)
{
    static const char *const known[] = {"receipt", "signature", NULL};
    struct text again = text_new(RECEIPT_BYTES_MAX);
    struct signature signature;
    const struct json *o;
    bool ok, fits = false;

    ok = (text.n <= RECEIPT_BYTES_MAX || err_fail(err, ERR_LIMIT, "a receipt is too long")) &&
         json_canonical_read(a, (const char *)text.p, text.n, &o, err) &&
         json_only(o, "receipt", known, err) && inner_read(json_get(o, "receipt"), ret, err) &&
         hex_read(json_get(o, "signature"), "signature", signature.b, sizeof(signature.b), err) &&
         json_canonical_put(a, json_get(o, "receipt"), &again, err) && text_end(&again, err) &&
         group_signed(&ret->key, TAG, group, (struct bytes){(const uint8_t *)again.p, again.n},
                      &signature, &fits, err);
    text_free(&again);
    return ok && (fits || err_fail(err, ERR_INPUT, "a receipt that its key has not signed"));
}
