#include "chain/evm/rpc_fields.h"

#include "chain/memo.h"

#include <stdarg.h>
#include <stdio.h>

bool rpc_bad(struct evm_rpc *r, const char *fmt, ...)
{
    char text[ERR_TEXT_MAX / 2];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (!r->w->bad)
        err_set(r->err, ERR_INPUT, "%s", text);
    r->w->bad = true;
    return false;
}

static unsigned nibble(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10u : 16;
}

bool hex_text(struct bytes text, uint8_t *ret, size_t ret_n)
{
    return text.n == 2 + 2 * ret_n && text.p[0] == '0' && text.p[1] == 'x' &&
           hex_decode((const char *)text.p + 2, text.n - 2, ret, ret_n);
}

bool rpc_same_hash(const struct hash32 *want, struct bytes text)
{
    struct hash32 got;

    return hex_text(text, got.b, sizeof(got.b)) && hash32_equal(&got, want);
}

static bool quantity_u64(struct bytes text, uint64_t *ret)
{
    uint64_t v = 0;

    if (text.n < 3 || text.p[0] != '0' || text.p[1] != 'x')
        return false;
    for (size_t i = 2; i < text.n; i++) {
        unsigned digit = nibble(text.p[i]);

        if (digit > 15 || v >> 60)
            return false;
        v = v << 4 | digit;
    }
    *ret = v;
    return true;
}

static bool wrong(struct evm_rpc *r, const struct field *f, const char *what)
{
    return rpc_bad(r, "\"%s\" is not %s", f->name, what);
}

static bool read_u64(struct evm_rpc *r, const struct field *f, uint64_t *ret)
{
    struct bytes text;

    if (json_walk_type(r->w) == JSON_NUMBER) {
        text = json_walk_scalar(r->w);
        if (r->w->bad)
            return false;
        return u64_from_text((const char *)text.p, text.n, ret)
                   ? true
                   : wrong(r, f, "a whole number up to 2^64 - 1");
    }
    text = json_walk_string(r->w);
    if (r->w->bad)
        return false;
    return quantity_u64(text, ret) ? true : wrong(r, f, "0x and hex digits, up to 2^64 - 1");
}

static bool read_bytes(struct evm_rpc *r, const struct field *f, struct bytes *ret)
{
    struct bytes text = json_walk_string(r->w);
    size_t n = text.n > 2 ? (text.n - 2) / 2 : 0;
    uint8_t *p;

    if (r->w->bad)
        return false;
    p = evm_bytes(r->b, n, r->err);
    if (!p) {
        r->w->bad = true;
        return false;
    }
    *ret = (struct bytes){p, n};
    return hex_text(text, p, n) ? true : wrong(r, f, "0x and whole bytes of hex");
}

/* Only what may be a memo by its length and first byte is undone. */
static bool read_memo(struct evm_rpc *r, const struct field *f, struct evm_tx *to)
{
    uint8_t room[MEMO_BYTES_MAX];
    struct bytes text = json_walk_string(r->w), input = {room, text.n / 2 - 1};
    struct memo memo;

    if (r->w->bad)
        return false;
    if (text.n < 2 || text.n % 2 || text.p[0] != '0' || text.p[1] != 'x')
        return wrong(r, f, "0x and whole bytes of hex");
    to->input_n = input.n;
    if (!input.n || input.n > sizeof(room) || text.p[2] < '2' || text.p[2] > '7')
        return true;
    if (!hex_text(text, room, input.n))
        return wrong(r, f, "0x and whole bytes of hex");
    if (!memo_is_sent(input, &memo) || evm_memo_keep(r->b, input, &to->memo, r->err))
        return true;
    r->w->bad = true;
    return false;
}

static bool read_fixed(struct evm_rpc *r, const struct field *f, uint8_t *ret, size_t n)
{
    struct bytes text = json_walk_string(r->w);

    if (r->w->bad)
        return false;
    if (hex_text(text, ret, n))
        return true;
    return rpc_bad(r, "\"%s\" is not 0x and %zu bytes of hex", f->name, n);
}

static bool read_u256(struct evm_rpc *r, const struct field *f, struct u256 *ret)
{
    struct bytes text = json_walk_string(r->w);

    if (r->w->bad)
        return false;
    return u256_from_hex((const char *)text.p, text.n, ret)
               ? true
               : wrong(r, f, "0x and hex digits, up to 2^256 - 1");
}

static bool read_value(struct evm_rpc *r, const struct field *f, void *to)
{
    void *at = (uint8_t *)to + f->at;

    switch (f->form) {
    case FIELD_U64:
        return read_u64(r, f, at);
    case FIELD_U256:
        return read_u256(r, f, at);
    case FIELD_HASH:
        return read_fixed(r, f, at, 32);
    case FIELD_KEY:
        return read_fixed(r, f, at, 20);
    case FIELD_NONCE:
        return read_fixed(r, f, at, 8);
    case FIELD_BYTES:
        return read_bytes(r, f, at);
    case FIELD_MEMO:
        return read_memo(r, f, at);
    case FIELD_TEXT:
        *(struct bytes *)at = json_walk_string(r->w);
        return !r->w->bad;
    case FIELD_KNOWN:
        json_walk_skip(r->w);
        return !r->w->bad;
    case FIELD_OTHER:
        return f->read(r, at);
    }
    return false;
}

/* Nodes keep to an order, so the row after the last one found is tried first. */
static const struct field *find(const struct field *rows, size_t rows_n, size_t start,
                                struct bytes name)
{
    for (size_t i = 0, at = start; i < rows_n; i++, at++) {
        const struct field *f;

        if (at >= rows_n)
            at -= rows_n;
        f = &rows[at];
        if (f->name[0] == (char)name.p[0] && strlen(f->name) == name.n &&
            !memcmp(f->name, name.p, name.n))
            return f;
    }
    return NULL;
}

bool fields_read(struct evm_rpc *r, const struct field *rows, size_t rows_n, void *to,
                 uint64_t *ret_seen, bool *ret_strange)
{
    struct bytes name;
    size_t start = 0;
    uint64_t seen = 0;

    *ret_seen = 0;
    if (!json_walk_object(r->w))
        return false;
    while (json_walk_key(r->w, &name)) {
        const struct field *f = name.n ? find(rows, rows_n, start, name) : NULL;
        uint64_t bit;

        if (!f) {
            json_walk_skip(r->w);
            if (ret_strange)
                *ret_strange = true;
            continue;
        }
        bit = (uint64_t)1 << (f - rows);
        start = (size_t)(f - rows) + 1;
        if (seen & bit)
            return rpc_bad(r, "\"%s\" is given twice", f->name);
        if (json_walk_type(r->w) == JSON_NULL) {
            json_walk_skip(r->w);
            continue;
        }
        seen |= bit;
        if (!read_value(r, f, to))
            return false;
    }
    *ret_seen = seen;
    return !r->w->bad;
}

bool fields_want(struct evm_rpc *r, const struct field *rows, uint64_t seen, uint64_t wanted)
{
    uint64_t missing = wanted & ~seen;

    return missing ? rpc_bad(r, "\"%s\" is missing", rows[__builtin_ctzll(missing)].name) : true;
}
