/* Members are sorted a level at a time, on an explicit stack. */
#include "base/json_canonical.h"

#include "base/sort.h"

/* RFC 8785, 3.2.3: "Property name strings to be sorted are formatted as arrays of UTF-16 code
 * units." In UTF-8 that is the order of bytes, but that a character beyond the basic plane (F0 and
 * up) is written with surrogates (D800 and up), which come before U+E000 (EE and EF). */
static unsigned rank(char c)
{
    unsigned byte = (unsigned char)c;

    return byte == 0xee || byte == 0xef ? byte + 0x10 : byte;
}

int json_name_order(const char *a, size_t a_n, const char *b, size_t b_n)
{
    size_t n = a_n < b_n ? a_n : b_n;

    for (size_t i = 0; i < n; i++)
        if (a[i] != b[i])
            return rank(a[i]) < rank(b[i]) ? -1 : 1;
    return (a_n > b_n) - (a_n < b_n);
}

static int member_order(const void *a, const void *b)
{
    const struct json *one = a, *other = b;

    return json_name_order(one->key, one->key_n, other->key, other->key_n);
}

static bool integer_is_plain(const struct json *j)
{
    size_t sign = j->text[0] == '-';
    uint64_t v;

    return u64_from_text(j->text + sign, j->text_n - sign, &v) && v <= JSON_INTEGER_MAX &&
           !(sign && !v);
}

struct level {
    const struct json *of;
    const struct json **children; /* [of->children_n] as they are written */
    size_t next;
};

static bool level_open(struct arena *a, const struct json *of, struct level *ret, struct err *err)
{
    size_t n = of->children_n, i = 0;
    const void **scratch = ARENA_ARRAY(a, const void *, n);

    *ret = (struct level){of, ARENA_ARRAY(a, const struct json *, n), 0};
    if (!scratch || !ret->children)
        return arena_fail(a, err, "json of %zu members", n);
    for (const struct json *child = of->child; child; child = child->next)
        ret->children[i++] = child;
    if (of->type == JSON_OBJECT)
        sort_pointers((const void **)ret->children, n, scratch, member_order);
    return true;
}

static bool leaf_put(struct json_out *j, const struct json *at, struct err *err)
{
    switch (at->type) {
    case JSON_NULL:
        json_null(j);
        return true;
    case JSON_FALSE:
    case JSON_TRUE:
        json_bool(j, at->type == JSON_TRUE);
        return true;
    case JSON_NUMBER:
        json_raw(j, at->text, at->text_n);
        return integer_is_plain(at) ||
               err_fail(err, ERR_INPUT,
                        "byte %zu: only whole numbers up to 2^53 - 1, written plainly", at->offset);
    case JSON_STRING:
        json_string_n(j, at->text, at->text_n);
        return true;
    case JSON_ARRAY:
    case JSON_OBJECT:
        break; /* the caller's */
    }
    return true;
}

static void level_close(struct json_out *j, const struct level *l)
{
    if (l->of->type == JSON_OBJECT)
        json_object_end(j);
    else
        json_array_end(j);
}

/* One value: a leaf, or the level that it opens. */
static bool value_put(struct arena *a, struct json_out *j, const struct json *at,
                      struct level *open, size_t *open_n, struct err *err)
{
    if (at->type < JSON_ARRAY)
        return leaf_put(j, at, err);
    if (!level_open(a, at, &open[*open_n], err))
        return false;
    if (at->type == JSON_OBJECT)
        json_object(j);
    else
        json_array(j);
    (*open_n)++;
    return true;
}

bool json_canonical_put(struct arena *a, const struct json *root, struct text *to, struct err *err)
{
    struct json_out j = json_to(to, false);
    struct level open[JSON_DEPTH_MAX];
    size_t open_n = 0;

    if (!value_put(a, &j, root, open, &open_n, err))
        return false;
    while (open_n) {
        struct level *l = &open[open_n - 1];

        if (l->next == l->of->children_n) {
            level_close(&j, l);
            open_n--;
            continue;
        }
        if (l->of->type == JSON_OBJECT)
            json_key_n(&j, l->children[l->next]->key, l->children[l->next]->key_n);
        if (!value_put(a, &j, l->children[l->next++], open, &open_n, err))
            return false;
    }
    if (!to->bad)
        return true;
    return to->over ? err_fail(err, ERR_LIMIT, "json of more than %zu bytes", to->max)
                    : err_fail(err, ERR_NOMEM, "json");
}

bool json_canonical_read(struct arena *a, const char *p, size_t n, const struct json **ret,
                         struct err *err)
{
    struct text again = text_new(2 * n + 16);
    const struct json *root;
    size_t same = 0;
    bool ok = json_read(a, p, n, &root, err) && json_canonical_put(a, root, &again, err);

    while (ok && same < n && same < again.n && again.p[same] == p[same])
        same++;
    if (ok && (same < n || again.n != n))
        ok = err_fail(err, ERR_INPUT, "byte %zu: not canonical JSON (RFC 8785)", same);
    text_free(&again);
    if (ok)
        *ret = root;
    return ok;
}
