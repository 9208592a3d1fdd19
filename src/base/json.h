/* JSON (RFC 8259): a reader that never rounds, and a writer.
 *
 * Reader: a whole document becomes a tree in the arena. Numbers stay as their text (amounts are
 * exact; nothing becomes a double), strings are unescaped, UTF-8 is checked, a key given twice is
 * refused, depth and size have limits. Tokens come from simdjson's On-Demand parser behind one
 * small C++ file.
 *
 * Ownership: the tree lives in the arena; the input need not outlive the call.
 * Errors:    ERR_INPUT with the byte where it happened; ERR_LIMIT; ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_BASE_JSON_H
#define CORDON_BASE_JSON_H

#include "base/arena.h"
#include "base/text.h"
#include "base/u256.h"

#define JSON_DEPTH_MAX 64
#define JSON_BYTES_MAX ((size_t)1 << 30)

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT
};

struct json {
    enum json_type type;
    const char *key; /* inside an object: its name, NUL-terminated; else NULL */
    size_t key_n;
    /* a string's bytes, or a number as written; NUL-terminated after text_n bytes */
    const char *text;
    size_t text_n;             /* a string may hold NUL bytes of its own: compare lengths */
    size_t offset;             /* where it starts in the input, for messages */
    struct json *child, *next; /* first member or item; next sibling, in order of the input */
    size_t children_n;
};

bool json_read(struct arena *a, const char *p, size_t n, const struct json **ret,
               struct err *err) MUST_USE;

/* Says where a text in which no tokens were found (json_tokens.h) is wrong; returns false. */
bool json_complain(const char *p, size_t n, struct err *err);

/* NULL: absent, or not an object */
const struct json *json_get(const struct json *object, const char *name);
bool json_is_string(const struct json *j, const char *s); /* NULL-safe */
/* Exact reads with the complaint made: false sets err ("amount: a whole number is wanted"). */
/* number or decimal string */
bool json_u64(const struct json *j, const char *what, uint64_t *ret, struct err *err) MUST_USE;
/* no NUL inside */
bool json_text(const struct json *j, const char *what, const char **ret, struct err *err) MUST_USE;
/* Refuses a member of an object that is not in the NULL-terminated list of known keys. */
bool json_only(const struct json *object, const char *what, const char *const *known,
               struct err *err) MUST_USE;

/* Writer: commas and nesting are kept by it; calls that cannot be (a key outside an object) are a
 * programmer's mistake and asserted. pretty puts each member of the outer two levels on a line of
 * its own. */
struct json_out {
    struct text *to;
    unsigned depth;
    bool first[JSON_DEPTH_MAX + 1];
    bool after_key, pretty;
};

struct json_out json_to(struct text *to, bool pretty);
void json_object(struct json_out *j);
void json_object_end(struct json_out *j);
void json_array(struct json_out *j);
void json_array_end(struct json_out *j);
void json_key(struct json_out *j, const char *name);
void json_key_n(struct json_out *j, const char *p, size_t n);
void json_string(struct json_out *j, const char *s); /* NULL writes null */
void json_string_n(struct json_out *j, const char *p, size_t n);
void json_number(struct json_out *j, uint64_t v);
void json_decimal(struct json_out *j, uint64_t v); /* an amount: a decimal string */
void json_bool(struct json_out *j, bool v);
void json_null(struct json_out *j);
void json_hex(struct json_out *j, const uint8_t *p, size_t n);
void json_hex_reversed(struct json_out *j, const uint8_t *p, size_t n);
void json_raw(struct json_out *j, const char *p, size_t n); /* a value that is JSON already */
/* A member in one call: its key, and the value as the writer of the same name has it. */
void json_put_string(struct json_out *j, const char *key, const char *s);
void json_put_number(struct json_out *j, const char *key, uint64_t v);
/* null for the one value that stands for none */
void json_put_number_or_null(struct json_out *j, const char *key, uint64_t v, uint64_t none);
void json_put_decimal(struct json_out *j, const char *key, uint64_t v);
void json_put_u256(struct json_out *j, const char *key, struct u256 v); /* a decimal string, too */
void json_put_bool(struct json_out *j, const char *key, bool v);
void json_put_hex(struct json_out *j, const char *key, const uint8_t *p, size_t n);
void json_put_hex_reversed(struct json_out *j, const char *key, const uint8_t *p, size_t n);
/* what was read, numbers as they were written */
void json_tree(struct json_out *j, const struct json *root);

#endif
