/* JSON -> bytes: the fields of each object by type and number, lists as they stand. */
#include "chain/xrpl/codec.h"

#include "chain/xrpl/address.h"
#include "chain/xrpl/definitions.h"
#include "chain/xrpl/wire.h"

#include <stdlib.h>

#define OBJECT_END 0xe1u
#define ARRAY_END 0xf1u
#define MANTISSA_MIN 1000000000000000u /* of what accounts issue: 16 digits */
#define MANTISSA_MAX 9999999999999999u
#define EXPONENT_MIN (-96)
#define EXPONENT_MAX 80
#define NUMBER_MIN 1000000000000000000u /* of a Number: 19 digits, or 18 if those are too much */
#define NUMBER_EXPONENT_MAX 32768
#define NUMBER_ZERO INT32_MIN
#define DIGITS_MAX 19
#define VALUE_EXPONENT_MAX 40000

struct member {
    const struct xrpl_field *f;
    const struct json *value;
};

struct level {             /* an object or list that is being written */
    struct member *fields; /* [n], sorted; of a list NULL */
    size_t n, at;
    const struct json *item; /* of a list: what comes next */
    bool no_account;         /* of UNLModify, whose account is written with no byte */
};

struct writing {
    struct arena *a;
    struct text *to;
    struct level stack[XRPL_DEPTH_MAX];
    unsigned depth;
    struct err *err;
};

static bool no_memory(const struct writing *w)
{
    return err_fail(w->err, ERR_NOMEM, "an object");
}

static bool bad(const struct writing *w, const char *what)
{
    return err_fail(w->err, ERR_INPUT, "%s", what);
}

static void put(struct writing *w, const void *p, size_t n)
{
    text_put(w->to, p, n);
}

static void put_be(struct writing *w, uint64_t v, unsigned n)
{
    while (n--)
        text_char(w->to, (char)(uint8_t)(v >> 8 * n));
}

static void put_code(struct writing *w, const struct xrpl_field *f)
{
    put_be(w, (uint64_t)(f->type < 16 ? f->type << 4 : 0) | (f->nth < 16 ? f->nth : 0), 1);
    if (f->type >= 16)
        put_be(w, f->type, 1);
    if (f->nth >= 16)
        put_be(w, f->nth, 1);
}

/* ---- values ---- */

static bool is_text(const struct json *j)
{
    return j && j->type == JSON_STRING;
}

static bool put_hex(struct writing *w, const struct json *j, size_t n)
{
    uint8_t b[32];

    if (!is_text(j) || !hex_decode(j->text, j->text_n, b, n))
        return bad(w, "hex digits are wanted");
    put(w, b, n);
    return true;
}

static void put_length(struct writing *w, size_t n)
{
    uint8_t b[XRPL_LENGTH_BYTES];
    struct bytes length = xrpl_length(n, b);

    put(w, length.p, length.n);
}

static bool put_blob(struct writing *w, const struct json *j)
{
    size_t n = is_text(j) ? j->text_n / 2 : 0;
    uint8_t *b;

    if (!is_text(j) || n > XRPL_LENGTH_MAX)
        return bad(w, "hex digits are wanted");
    b = arena_alloc(w->a, n + 1);
    if (!b)
        return no_memory(w);
    if (!hex_decode(j->text, j->text_n, b, n))
        return bad(w, "hex digits are wanted");
    put_length(w, n);
    put(w, b, n);
    return true;
}

static bool account_of(const struct writing *w, const struct json *j,
                       uint8_t ret[XRPL_ACCOUNT_BYTES])
{
    return (is_text(j) && xrpl_account_read(j->text, ret)) || bad(w, "an account is wanted");
}

static bool put_account(struct writing *w, const struct json *j, bool with_length)
{
    uint8_t key[XRPL_ACCOUNT_BYTES];

    if (with_length && is_text(j) && !j->text_n) {
        put_length(w, 0);
        return true;
    }
    if (!account_of(w, j, key))
        return false;
    if (with_length)
        put_length(w, sizeof(key));
    put(w, key, sizeof(key));
    return true;
}

static bool put_currency(struct writing *w, const struct json *j)
{
    uint8_t code[20] = {0};

    if (!json_is_string(j, "XRP") && (!is_text(j) || !xrpl_currency_read(j->text, j->text_n, code)))
        return bad(w, "a currency is wanted");
    put(w, code, sizeof(code));
    return true;
}

/* A decimal as a whole number without zeros at its end, and its exponent. */
struct decimal {
    uint64_t digits;
    long exponent;
    bool minus;
};

static bool exponent_read(const char *p, size_t n, long *ret)
{
    bool minus = n && *p == '-', sign = n && (*p == '-' || *p == '+');
    uint64_t v;

    if (!u64_from_text(p + sign, n - sign, &v) || v > VALUE_EXPONENT_MAX)
        return false;
    *ret = minus ? -(long)v : (long)v;
    return true;
}

static bool digits_read(const char *p, size_t n, struct decimal *ret)
{
    unsigned zeros = 0, digits = 0; /* zeros: not yet counted, since all of the rest may be */
    bool point = false, any = false;

    for (size_t i = 0; i < n; i++) {
        if (p[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (p[i] < '0' || p[i] > '9')
            return false;
        any = true;
        ret->exponent -= point;
        zeros++;
        if (p[i] == '0')
            continue;
        digits = digits ? digits + zeros : 1;
        if (digits > DIGITS_MAX)
            return false;
        for (; ret->digits && zeros > 1; zeros--)
            ret->digits *= 10;
        ret->digits = 10 * ret->digits + (uint64_t)(p[i] - '0');
        zeros = 0;
    }
    ret->exponent += zeros;
    return any;
}

static bool decimal_read(const struct json *j, struct decimal *ret)
{
    const char *p = j->text, *e;
    size_t n = j->text_n;

    *ret = (struct decimal){.minus = n && *p == '-'};
    p += ret->minus;
    n -= ret->minus;
    e = memchr(p, 'e', n);
    if (!e)
        e = memchr(p, 'E', n);
    if (e && !exponent_read(e + 1, n - (size_t)(e + 1 - p), &ret->exponent))
        return false;
    if (!digits_read(p, e ? (size_t)(e - p) : n, ret))
        return false;
    if (!ret->digits)
        *ret = (struct decimal){.digits = 0};
    return true;
}

static bool put_issued(struct writing *w, const struct json *j)
{
    const struct json *value = json_get(j, "value");
    struct decimal d;
    uint64_t first = (uint64_t)1 << 63;

    if (!is_text(value) || !decimal_read(value, &d))
        return bad(w, "a decimal is wanted");
    for (; d.digits && d.digits < MANTISSA_MIN; d.digits *= 10)
        d.exponent--;
    if (d.digits > MANTISSA_MAX ||
        (d.digits && (d.exponent < EXPONENT_MIN || d.exponent > EXPONENT_MAX)))
        return bad(w, "more than 16 digits, or out of range");
    if (d.digits)
        first |= (uint64_t)!d.minus << 62 | (uint64_t)(d.exponent + 97) << 54 | d.digits;
    put_be(w, first, 8);
    return put_currency(w, json_get(j, "currency")) && put_account(w, json_get(j, "issuer"), false);
}

static bool drops_of(const struct json *j, bool *ret_minus, uint64_t *ret)
{
    if (!j || (j->type != JSON_STRING && j->type != JSON_NUMBER))
        return false;
    *ret_minus = j->text_n && j->text[0] == '-';
    return u64_from_text(j->text + *ret_minus, j->text_n - *ret_minus, ret);
}

static bool put_amount(struct writing *w, const struct json *j)
{
    const struct json *token = json_get(j, "mpt_issuance_id");
    bool minus;
    uint64_t v;

    if (token) {
        if (!drops_of(json_get(j, "value"), &minus, &v) || v >> 63)
            return bad(w, "a whole number is wanted");
        put_be(w, minus ? 0x20 : 0x60, 1);
        put_be(w, v, 8);
        return put_hex(w, token, 24);
    }
    if (json_get(j, "currency"))
        return put_issued(w, j);
    if (!drops_of(j, &minus, &v) || v >> 61)
        return bad(w, "an amount is wanted");
    put_be(w, (minus && v ? 0 : (uint64_t)1 << 62) | v, 8);
    return true;
}

static bool put_number(struct writing *w, const struct json *j)
{
    struct decimal d;

    if (!is_text(j) || !decimal_read(j, &d))
        return bad(w, "a decimal is wanted");
    for (; d.digits && d.digits < NUMBER_MIN; d.digits *= 10)
        d.exponent--;
    if (d.digits > INT64_MAX) {
        if (d.digits % 10)
            return bad(w, "more than 18 digits");
        d.digits /= 10;
        d.exponent++;
    }
    if (d.digits && (d.exponent < -NUMBER_EXPONENT_MAX || d.exponent > NUMBER_EXPONENT_MAX))
        return bad(w, "out of range");
    put_be(w, d.minus ? (uint64_t)0 - d.digits : d.digits, 8);
    put_be(w, d.digits ? (uint64_t)d.exponent : (uint64_t)NUMBER_ZERO, 4);
    return true;
}

static bool put_issue(struct writing *w, const struct json *j)
{
    static const uint8_t one[20] = {[19] = 1};
    const struct json *token = json_get(j, "mpt_issuance_id");
    uint8_t id[24];

    if (!token)
        return put_currency(w, json_get(j, "currency")) &&
               (json_is_string(json_get(j, "currency"), "XRP") ||
                put_account(w, json_get(j, "issuer"), false));
    if (!is_text(token) || !hex_decode(token->text, token->text_n, id, sizeof(id)))
        return bad(w, "hex digits are wanted");
    put(w, id + 4, 20);
    put(w, one, sizeof(one));
    for (unsigned i = 0; i < 4; i++)
        put(w, id + 3 - i, 1);
    return true;
}

static bool put_bridge(struct writing *w, const struct json *j)
{
    return put_account(w, json_get(j, "LockingChainDoor"), true) &&
           put_issue(w, json_get(j, "LockingChainIssue")) &&
           put_account(w, json_get(j, "IssuingChainDoor"), true) &&
           put_issue(w, json_get(j, "IssuingChainIssue"));
}

static bool put_step(struct writing *w, const struct json *step)
{
    const struct json *account = json_get(step, "account"), *code = json_get(step, "currency"),
                      *issuer = json_get(step, "issuer");

    put_be(w, (account ? 0x01u : 0) | (code ? 0x10u : 0) | (issuer ? 0x20u : 0), 1);
    return (!account || put_account(w, account, false)) && (!code || put_currency(w, code)) &&
           (!issuer || put_account(w, issuer, false));
}

static bool put_paths(struct writing *w, const struct json *j)
{
    if (!j->child)
        return bad(w, "a path is wanted");
    for (const struct json *path = j->child; path; path = path->next) {
        if (!path->child)
            return bad(w, "a path is wanted");
        for (const struct json *step = path->child; step; step = step->next)
            if (!put_step(w, step))
                return false;
        put_be(w, path->next ? 0xff : 0, 1);
    }
    return true;
}

static bool put_vector256(struct writing *w, const struct json *j)
{
    if (j->type != JSON_ARRAY || j->children_n > XRPL_LENGTH_MAX / 32)
        return bad(w, "a list of hashes is wanted");
    put_length(w, 32 * j->children_n);
    for (const struct json *h = j->child; h; h = h->next)
        if (!put_hex(w, h, 32))
            return false;
    return true;
}

static bool put_whole(struct writing *w, const struct member *m, unsigned n)
{
    enum xrpl_names which = xrpl_names_of(m->f);
    const struct json *j = m->value;
    bool minus;
    uint64_t v;
    uint32_t named;

    if (which && is_text(j) && xrpl_names_find(which, j->text, &named))
        v = named;
    else if (!drops_of(j, &minus, &v) || minus)
        return bad(w, "a whole number is wanted");
    if (v >> (8 * n))
        return bad(w, "the number is too much");
    put_be(w, v, n);
    return true;
}

/* In hex with or without zeros in front; some in decimal. */
static bool put_uint64(struct writing *w, const struct member *m)
{
    static const char zeros[] = "0000000000000000";
    const struct json *j = m->value;
    char text[sizeof(zeros)];
    uint8_t b[8];
    bool minus;
    uint64_t v;

    if (!is_text(j) || xrpl_is_decimal(m->f)) {
        if (!drops_of(j, &minus, &v) || minus)
            return bad(w, "a whole number is wanted");
        put_be(w, v, 8);
        return true;
    }
    if (!j->text_n || j->text_n > 16)
        return bad(w, "hex digits are wanted");
    memcpy(text, zeros, sizeof(text));
    memcpy(text + 16 - j->text_n, j->text, j->text_n);
    if (!hex_decode(text, 16, b, sizeof(b)))
        return bad(w, "hex digits are wanted");
    put(w, b, sizeof(b));
    return true;
}

static bool put_int32(struct writing *w, const struct json *j)
{
    bool minus;
    uint64_t v;

    if (!drops_of(j, &minus, &v) || v > (uint64_t)INT32_MAX + minus)
        return bad(w, "a whole number is wanted");
    put_be(w, minus ? (uint64_t)0 - v : v, 4);
    return true;
}

/* ---- objects and lists ---- */

static int by_code(const void *a, const void *b)
{
    const struct member *x = a, *y = b;
    unsigned xc = x->f->type * 256u + x->f->nth, yc = y->f->type * 256u + y->f->nth;

    return (xc > yc) - (xc < yc);
}

/* A server's own words begin with a lower-case letter. */
static bool is_own(const struct json *m)
{
    return m->key_n && m->key[0] >= 'a' && m->key[0] <= 'z';
}

static bool push_object(struct writing *w, const struct json *j)
{
    struct level *l;
    const struct json *alias = NULL;

    if (j->type != JSON_OBJECT || w->depth == XRPL_DEPTH_MAX)
        return bad(w, "an object is wanted");
    l = &w->stack[w->depth];
    *l = (struct level){.fields = ARENA_ARRAY(w->a, struct member, j->children_n + 1)};
    if (!l->fields)
        return no_memory(w);
    for (const struct json *m = j->child; m; m = m->next) {
        const struct xrpl_field *f = is_own(m) ? NULL : xrpl_field_named(m->key);

        if (f)
            l->fields[l->n++] = (struct member){f, m};
        else if (!is_own(m) && w->depth == 0 && !strcmp(m->key, "DeliverMax"))
            alias = m; /* API version 2: what a payment's Amount is called */
        else if (!is_own(m))
            return err_fail(w->err, ERR_INPUT, "%s: a field that is not known here", m->key);
    }
    if (alias && !json_get(j, "Amount"))
        l->fields[l->n++] = (struct member){xrpl_field_named("Amount"), alias};
    l->no_account = json_is_string(json_get(j, "TransactionType"), "UNLModify");
    qsort(l->fields, l->n, sizeof(*l->fields), by_code);
    w->depth++;
    return true;
}

static bool push_array(struct writing *w, const struct json *j)
{
    if (j->type != JSON_ARRAY || w->depth == XRPL_DEPTH_MAX)
        return bad(w, "a list is wanted");
    w->stack[w->depth++] = (struct level){.item = j->child};
    return true;
}

static bool put_value(struct writing *w, const struct member *m, bool no_account)
{
    const struct json *j = m->value;

    switch ((enum xrpl_type)m->f->type) {
    case XRPL_UINT8:
        return put_whole(w, m, 1);
    case XRPL_UINT16:
        return put_whole(w, m, 2);
    case XRPL_UINT32:
        return put_whole(w, m, 4);
    case XRPL_UINT64:
        return put_uint64(w, m);
    case XRPL_INT32:
        return put_int32(w, j);
    case XRPL_HASH128:
        return put_hex(w, j, 16);
    case XRPL_HASH160:
        return put_hex(w, j, 20);
    case XRPL_HASH192:
        return put_hex(w, j, 24);
    case XRPL_HASH256:
        return put_hex(w, j, 32);
    case XRPL_BLOB:
        return put_blob(w, j);
    case XRPL_ACCOUNT:
        if (no_account && !strcmp(m->f->name, "Account")) {
            put_length(w, 0);
            return true;
        }
        return put_account(w, j, true);
    case XRPL_VECTOR256:
        return put_vector256(w, j);
    case XRPL_CURRENCY:
        return put_currency(w, j);
    case XRPL_AMOUNT:
        return put_amount(w, j);
    case XRPL_NUMBER:
        return put_number(w, j);
    case XRPL_PATHS:
        return put_paths(w, j);
    case XRPL_ISSUE:
        return put_issue(w, j);
    case XRPL_BRIDGE:
        return put_bridge(w, j);
    case XRPL_OBJECT:
        return push_object(w, j);
    case XRPL_ARRAY:
        return push_array(w, j);
    }
    return bad(w, "a field of a type that is not known here");
}

/* One field, one item, or the end of what has none any more. */
static bool step(struct writing *w)
{
    struct level *l = &w->stack[w->depth - 1];
    const struct xrpl_field *f;
    const char *name;

    if (l->fields) {
        const struct member *m = &l->fields[l->at];

        if (l->at == l->n) {
            if (--w->depth)
                put_be(w, OBJECT_END, 1);
            return true;
        }
        l->at++;
        put_code(w, m->f);
        return put_value(w, m, l->no_account) || err_in(w->err, "%s", m->f->name);
    }
    if (!l->item) {
        w->depth--;
        put_be(w, ARRAY_END, 1);
        return true;
    }
    name = l->item->children_n == 1 ? l->item->child->key : NULL;
    f = name ? xrpl_field_named(name) : NULL;
    if (!f || f->type != XRPL_OBJECT) {
        bad(w, "a list's items have a name each");
        return name && err_in(w->err, "\"%.60s\"", name);
    }
    put_code(w, f);
    if (!push_object(w, l->item->child))
        return err_in(w->err, "%s", f->name);
    l->item = l->item->next;
    return true;
}

bool xrpl_encode(struct arena *a, const struct json *object, struct text *to, struct err *err)
{
    struct writing w = {.a = a, .to = to, .err = err};

    if (!push_object(&w, object))
        return false;
    while (w.depth)
        if (!step(&w))
            return false;
    return text_end(to, err) || err_in(err, "an object");
}
