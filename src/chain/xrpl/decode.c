/* Bytes -> JSON. An object's fields follow one another up to an end marker; a list's items are
 * fields of type object. */
#include "chain/xrpl/codec.h"

#include "chain/xrpl/address.h"
#include "chain/xrpl/definitions.h"
#include "chain/xrpl/wire.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define VALUE_TEXT_MAX 64
#define OBJECT_END 0xe1u
#define ARRAY_END 0xf1u
#define MANTISSA_MIN 1000000000000000u /* of what accounts issue */
#define MANTISSA_MAX 9999999999999999u
#define EXPONENT_MIN (-96)
#define EXPONENT_MAX 80
#define EXPONENT_ZERO 97 /* what stands for 0 */

struct level { /* an object or list that has begun */
    struct json *at, **tail;
    unsigned last; /* type and number of its last field */
};

struct reading {
    struct arena *a;
    struct cursor c;
    struct level stack[XRPL_DEPTH_MAX];
    unsigned depth, fields;
    struct err *err;
};

static bool no_memory(const struct reading *r)
{
    return arena_fail(r->a, r->err, "an object");
}

static bool bad(const struct reading *r, const char *what)
{
    return err_fail(r->err, ERR_INPUT, "byte %zu: %s", cursor_offset(&r->c), what);
}

/* ---- the tree ---- */

static struct json *add(struct reading *r, const char *key, enum json_type type)
{
    struct level *top = &r->stack[r->depth - 1];
    struct json *j = ARENA_NEW(r->a, struct json);

    if (!j) {
        no_memory(r);
        return NULL;
    }
    j->type = type;
    j->key = key;
    j->key_n = key ? strlen(key) : 0;
    *top->tail = j;
    top->tail = &j->next;
    top->at->children_n++;
    return j;
}

static bool add_text(struct reading *r, const char *key, enum json_type type, const char *text)
{
    struct json *j = add(r, key, type);

    if (!j)
        return false;
    j->text_n = strlen(text);
    j->text = arena_string(r->a, text, j->text_n);
    return j->text || no_memory(r);
}

static bool add_number(struct reading *r, const char *key, uint64_t v)
{
    char text[VALUE_TEXT_MAX];

    snprintf(text, sizeof(text), "%" PRIu64, v);
    return add_text(r, key, JSON_NUMBER, text);
}

static bool add_hex(struct reading *r, const char *key, struct bytes b)
{
    static const char digits[] = "0123456789ABCDEF";
    struct json *j = add(r, key, JSON_STRING);
    char *text;

    if (!j)
        return false;
    text = arena_alloc(r->a, 2 * b.n + 1);
    if (!text)
        return no_memory(r);
    for (size_t i = 0; i < b.n; i++) {
        text[2 * i] = digits[b.p[i] >> 4];
        text[2 * i + 1] = digits[b.p[i] & 15];
    }
    j->text = text;
    j->text_n = 2 * b.n;
    return true;
}

static bool push(struct reading *r, const char *key, enum json_type type)
{
    struct json *j;

    if (r->depth == XRPL_DEPTH_MAX)
        return bad(r, "too deep");
    j = add(r, key, type);
    if (!j)
        return false;
    r->stack[r->depth++] = (struct level){.at = j, .tail = &j->child};
    return true;
}

/* ---- values ---- */

static bool account(struct reading *r, const char *key, struct bytes b)
{
    char name[XRPL_NAME_MAX] = "";

    if (r->c.bad)
        return true; /* is told at the end */
    if (b.n && (b.n != XRPL_ACCOUNT_BYTES || !xrpl_name(b, name)))
        return bad(r, "an account has 20 bytes");
    return add_text(r, key, JSON_STRING, name);
}

static bool currency(struct reading *r, const char *key, struct bytes b)
{
    static const uint8_t xrp[20];
    char name[XRPL_NAME_MAX];

    if (r->c.bad)
        return true;
    if (memcmp(b.p, xrp, sizeof(xrp)) != 0)
        xrpl_currency_name(b.p, name);
    else
        snprintf(name, sizeof(name), "XRP");
    return add_text(r, key, JSON_STRING, name);
}

/* rippled, STAmount::getText: a plain decimal where it is short. */
static void issued_text(uint64_t mantissa, int exponent, bool minus, char ret[VALUE_TEXT_MAX])
{
    char digits[24];
    const char *sign = minus ? "-" : "";
    int n;

    while (mantissa && mantissa % 10 == 0 && exponent < 0) {
        mantissa /= 10;
        exponent++;
    }
    n = snprintf(digits, sizeof(digits), "%" PRIu64, mantissa);
    if (!mantissa || !exponent)
        snprintf(ret, VALUE_TEXT_MAX, "%s%s", sign, digits);
    else if (exponent > 0 || exponent < -20)
        snprintf(ret, VALUE_TEXT_MAX, "%s%se%d", sign, digits, exponent);
    else if (-exponent >= n)
        snprintf(ret, VALUE_TEXT_MAX, "%s0.%.*s%s", sign, -exponent - n, "00000000000000000000",
                 digits);
    else
        snprintf(ret, VALUE_TEXT_MAX, "%s%.*s.%s", sign, n + exponent, digits,
                 digits + n + exponent);
}

static bool issued(struct reading *r, const char *key, uint64_t first)
{
    uint64_t mantissa = first & (((uint64_t)1 << 54) - 1);
    int exponent = (int)(first >> 54 & 255) - EXPONENT_ZERO;
    bool plus = first >> 62 & 1;
    char text[VALUE_TEXT_MAX];
    struct bytes code = cursor_take(&r->c, 20), issuer = cursor_take(&r->c, 20);

    if (mantissa ? mantissa < MANTISSA_MIN || mantissa > MANTISSA_MAX || exponent < EXPONENT_MIN ||
                       exponent > EXPONENT_MAX
                 : first != (uint64_t)1 << 63)
        return bad(r, "an amount that is not in its one form");
    issued_text(mantissa, mantissa ? exponent : 0, mantissa && !plus, text);
    if (!push(r, key, JSON_OBJECT) || !currency(r, "currency", code) ||
        !account(r, "issuer", issuer) || !add_text(r, "value", JSON_STRING, text))
        return false;
    r->depth--;
    return true;
}

/* "0x8: not XRP, 0x4: positive, 0x2: a multi-purpose token" of the first byte. */
static bool amount(struct reading *r, const char *key)
{
    char text[VALUE_TEXT_MAX];
    uint64_t first;
    bool token = cursor_left(&r->c) && (*r->c.at & 0xa0) == 0x20;
    uint8_t lead = token ? cursor_u8(&r->c) : 0;

    first = xrpl_be(&r->c, 8);
    if (token) {
        struct bytes id = cursor_take(&r->c, 24);

        if ((lead & 0x9f & ~0x40) || first >> 63)
            return bad(r, "an amount of a token that is not in its one form");
        snprintf(text, sizeof(text), "%s%" PRIu64, lead & 0x40 || !first ? "" : "-", first);
        if (!(lead & 0x40) && !first)
            return bad(r, "an amount of a token that is not in its one form");
        if (r->c.bad)
            return true;
        if (!push(r, key, JSON_OBJECT) || !add_hex(r, "mpt_issuance_id", id) ||
            !add_text(r, "value", JSON_STRING, text))
            return false;
        r->depth--;
        return true;
    }
    if (first >> 63)
        return issued(r, key, first);
    if (!(first >> 62 & 1) && !(first << 2))
        return bad(r, "minus 0 drops");
    snprintf(text, sizeof(text), "%s%" PRIu64, first >> 62 & 1 ? "" : "-",
             first & (((uint64_t)1 << 62) - 1));
    return add_text(r, key, JSON_STRING, text);
}

static bool number(struct reading *r, const char *key)
{
    int64_t mantissa = (int64_t)xrpl_be(&r->c, 8);
    int64_t exponent = (int32_t)xrpl_be(&r->c, 4);
    char text[VALUE_TEXT_MAX];

    for (; mantissa && mantissa % 10 == 0; mantissa /= 10)
        exponent++;
    if (!mantissa)
        snprintf(text, sizeof(text), "0");
    else
        snprintf(text, sizeof(text), "%" PRId64 "e%" PRId64, mantissa, exponent);
    return add_text(r, key, JSON_STRING, text);
}

/* A currency and its issuer; or of a token its issuer, account one, and its number, low first. */
static bool issue(struct reading *r, const char *key)
{
    static const uint8_t xrp[20], one[20] = {[19] = 1};
    struct bytes code = cursor_take(&r->c, 20), issuer;
    uint8_t id[24];

    if (!code.n)
        return true; /* is told at the end */
    if (!push(r, key, JSON_OBJECT))
        return false;
    issuer = memcmp(code.p, xrp, 20) ? cursor_take(&r->c, 20) : (struct bytes){NULL, 0};
    if (r->c.bad)
        return true;
    if (!issuer.n) {
        if (!currency(r, "currency", code))
            return false;
    } else if (!memcmp(issuer.p, one, 20)) {
        uint32_t sequence = cursor_le32(&r->c);

        for (unsigned i = 0; i < 4; i++)
            id[i] = (uint8_t)(sequence >> (24 - 8 * i));
        memcpy(id + 4, code.p, 20);
        if (!add_hex(r, "mpt_issuance_id", (struct bytes){id, sizeof(id)}))
            return false;
    } else if (!currency(r, "currency", code) || !account(r, "issuer", issuer)) {
        return false;
    }
    r->depth--;
    return true;
}

static bool bridge(struct reading *r, const char *key)
{
    static const char *const rows[][2] = {{"LockingChainDoor", "LockingChainIssue"},
                                          {"IssuingChainDoor", "IssuingChainIssue"}};

    if (!push(r, key, JSON_OBJECT))
        return false;
    for (size_t i = 0; i < 2; i++) {
        if (cursor_u8(&r->c) != XRPL_ACCOUNT_BYTES)
            return bad(r, "a bridge's door has 20 bytes");
        if (!account(r, rows[i][0], cursor_take(&r->c, XRPL_ACCOUNT_BYTES)) ||
            !issue(r, rows[i][1]))
            return false;
    }
    r->depth--;
    return true;
}

#define STEP_ACCOUNT 0x01u
#define STEP_CURRENCY 0x10u
#define STEP_ISSUER 0x20u
#define PATH_MORE 0xffu

static bool path_step(struct reading *r, unsigned kind)
{
    if (kind & ~(STEP_ACCOUNT | STEP_CURRENCY | STEP_ISSUER))
        return bad(r, "a step of a path of no known kind");
    if (!push(r, NULL, JSON_OBJECT) ||
        (kind & STEP_ACCOUNT && !account(r, "account", cursor_take(&r->c, 20))) ||
        (kind & STEP_CURRENCY && !currency(r, "currency", cursor_take(&r->c, 20))) ||
        (kind & STEP_ISSUER && !account(r, "issuer", cursor_take(&r->c, 20))))
        return false;
    r->depth--;
    return true;
}

static bool paths(struct reading *r, const char *key)
{
    unsigned kind;

    if (!push(r, key, JSON_ARRAY) || !push(r, NULL, JSON_ARRAY))
        return false;
    while ((kind = cursor_u8(&r->c)) && !r->c.bad) {
        if (r->fields++ == XRPL_FIELDS_MAX)
            return err_fail(r->err, ERR_LIMIT, "more than %u fields", XRPL_FIELDS_MAX);
        if (kind != PATH_MORE) {
            if (!path_step(r, kind))
                return false;
            continue;
        }
        if (!r->stack[r->depth - 1].at->child)
            return bad(r, "an empty path");
        r->depth--;
        if (!push(r, NULL, JSON_ARRAY))
            return false;
    }
    if (!r->stack[r->depth - 1].at->child)
        return bad(r, "an empty path");
    r->depth -= 2;
    return true;
}

static bool vector256(struct reading *r, const char *key, struct bytes b)
{
    if (b.n % 32)
        return bad(r, "a list of hashes of another length");
    if (!push(r, key, JSON_ARRAY))
        return false;
    for (size_t i = 0; i < b.n; i += 32)
        if (!add_hex(r, NULL, (struct bytes){b.p + i, 32}))
            return false;
    r->depth--;
    return true;
}

static bool named(struct reading *r, const struct xrpl_field *f, const char *key, uint64_t v)
{
    enum xrpl_names which = xrpl_names_of(f);
    const char *name = which ? xrpl_names_at(which, (uint32_t)v) : NULL;

    return name ? add_text(r, key, JSON_STRING, name) : add_number(r, key, v);
}

static bool uint64(struct reading *r, const struct xrpl_field *f, const char *key)
{
    uint64_t v = xrpl_be(&r->c, 8);
    char text[VALUE_TEXT_MAX];

    if (xrpl_is_decimal(f))
        snprintf(text, sizeof(text), "%" PRIu64, v);
    else
        snprintf(text, sizeof(text), "%" PRIX64, v);
    return add_text(r, key, JSON_STRING, text);
}

static bool value(struct reading *r, const struct xrpl_field *f, const char *key)
{
    char text[VALUE_TEXT_MAX];

    switch ((enum xrpl_type)f->type) {
    case XRPL_UINT8:
        return named(r, f, key, xrpl_be(&r->c, 1));
    case XRPL_UINT16:
        return named(r, f, key, xrpl_be(&r->c, 2));
    case XRPL_UINT32:
        return named(r, f, key, xrpl_be(&r->c, 4));
    case XRPL_UINT64:
        return uint64(r, f, key);
    case XRPL_INT32:
        snprintf(text, sizeof(text), "%" PRId32, (int32_t)xrpl_be(&r->c, 4));
        return add_text(r, key, JSON_NUMBER, text);
    case XRPL_HASH128:
        return add_hex(r, key, cursor_take(&r->c, 16));
    case XRPL_HASH160:
        return add_hex(r, key, cursor_take(&r->c, 20));
    case XRPL_HASH192:
        return add_hex(r, key, cursor_take(&r->c, 24));
    case XRPL_HASH256:
        return add_hex(r, key, cursor_take(&r->c, 32));
    case XRPL_BLOB:
        return add_hex(r, key, cursor_take(&r->c, xrpl_length_read(&r->c)));
    case XRPL_ACCOUNT:
        return account(r, key, cursor_take(&r->c, xrpl_length_read(&r->c)));
    case XRPL_VECTOR256:
        return vector256(r, key, cursor_take(&r->c, xrpl_length_read(&r->c)));
    case XRPL_CURRENCY:
        return currency(r, key, cursor_take(&r->c, 20));
    case XRPL_AMOUNT:
        return amount(r, key);
    case XRPL_NUMBER:
        return number(r, key);
    case XRPL_PATHS:
        return paths(r, key);
    case XRPL_ISSUE:
        return issue(r, key);
    case XRPL_BRIDGE:
        return bridge(r, key);
    case XRPL_OBJECT:
        return push(r, key, JSON_OBJECT);
    case XRPL_ARRAY:
        return push(r, key, JSON_ARRAY);
    }
    return bad(r, "a field of a type that is not known here");
}

/* ---- fields ---- */

/* Where it stands in an object, or what it is of in a list: type in the high byte. */
static bool code_read(struct reading *r, unsigned *ret)
{
    unsigned first = cursor_u8(&r->c), type = first >> 4, nth = first & 15;

    if (!type)
        type = cursor_u8(&r->c);
    if (!nth)
        nth = cursor_u8(&r->c);
    if (!r->c.bad && ((!(first >> 4) && type < 16) || (!(first & 15) && nth < 16)))
        return bad(r, "a field's number that is longer than needed");
    *ret = type << 8 | nth;
    return true;
}

static bool pop(struct reading *r, bool array)
{
    struct level *top = &r->stack[r->depth - 1];

    if (r->depth == 1 || array != (top->at->type == JSON_ARRAY))
        return bad(r, "an end of what has not begun");
    r->depth--;
    /* An item of a list stands in an object of its own. */
    if (!array && r->depth > 1 && r->stack[r->depth - 2].at->type == JSON_ARRAY &&
        r->stack[r->depth - 1].at->type == JSON_OBJECT && !r->stack[r->depth - 1].at->key)
        r->depth--;
    return true;
}

static bool field_read(struct reading *r)
{
    static const struct xrpl_field unknown = {"", 0, 0};
    struct level *top = &r->stack[r->depth - 1];
    const struct xrpl_field *f;
    struct xrpl_field other;
    char name[24];
    const char *key;
    unsigned code;

    if (!code_read(r, &code))
        return false;
    if (r->c.bad)
        return true; /* is told at the end */
    if (code == (OBJECT_END >> 4 << 8 | 1) || code == (ARRAY_END >> 4 << 8 | 1))
        return pop(r, code == (ARRAY_END >> 4 << 8 | 1));
    if (r->fields++ == XRPL_FIELDS_MAX)
        return err_fail(r->err, ERR_LIMIT, "more than %u fields", XRPL_FIELDS_MAX);
    f = xrpl_field_of(code >> 8, code & 255);
    if (!f) {
        other = unknown;
        other.type = (uint8_t)(code >> 8);
        f = &other;
        snprintf(name, sizeof(name), "#%u.%u", code >> 8, code & 255);
    }
    key = f == &other ? arena_string(r->a, name, strlen(name)) : f->name;
    if (!key)
        return no_memory(r);
    if (top->at->type == JSON_ARRAY)
        return code >> 8 == XRPL_OBJECT ? push(r, NULL, JSON_OBJECT) && push(r, key, JSON_OBJECT)
                                        : bad(r, "a list of what are no objects");
    if (code <= top->last)
        return bad(r, "a field that is not in its order");
    top->last = code;
    return value(r, f, key) || err_in(r->err, "%s", key);
}

bool xrpl_decode(struct arena *a, struct bytes in, const struct json **ret, struct err *err)
{
    struct reading r = {.a = a, .c = cursor_over(in.p, in.n), .depth = 1, .err = err};
    struct json *root = ARENA_NEW(a, struct json);

    if (!root)
        return no_memory(&r);
    root->type = JSON_OBJECT;
    r.stack[0] = (struct level){.at = root, .tail = &root->child};
    while (!r.c.bad && cursor_left(&r.c))
        if (!field_read(&r))
            return false;
    if (r.c.bad || r.depth != 1)
        return err_fail(err, ERR_INPUT, "an object ends early, at byte %zu", cursor_offset(&r.c));
    *ret = root;
    return true;
}
