/* Reading: simdjson says where tokens start, and this file does the rest: grammar (RFC 8259,
 * section numbers below are its own), escapes, numbers, limits and keys given twice. The tree grows
 * on an explicit stack, so depth in the input never becomes depth on ours. Between two tokens
 * nothing but white space is let pass, so that what is accepted does not rest on the tokens being
 * complete. */
#include "base/json.h"

#include "base/json_tokens.h"
#include "base/mem.h"
#include "base/sort.h"

#include <assert.h>

#define FEW_KEYS 16

enum want {
    WANT_VALUE,
    WANT_VALUE_OR_END,
    WANT_KEY,
    WANT_KEY_OR_END,
    WANT_COLON,
    WANT_COMMA,
    WANT_NOTHING
};

struct reader {
    struct arena *a;
    const char *p;
    size_t n, at, end; /* end: of the token before */
    struct err *err;
    enum want want;
    struct json *root, *key; /* key: a member whose value is still to come */
    struct {
        struct json *node, *last;
    } open[JSON_DEPTH_MAX];
    size_t open_n;
};

static bool bad(struct reader *r, size_t at, const char *what)
{
    return err_fail(r->err, ERR_INPUT, "byte %zu: %s", at, what);
}

static bool no_memory(struct reader *r)
{
    return arena_fail(r->a, r->err, "json");
}

/* Section 2: "Insignificant whitespace is allowed before or after any of the six structural
 * characters." */
static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Section 6: minus? int frac? exp? Returns where it ends, or 0. */
static size_t number_end(const char *p, size_t n, size_t at)
{
    at += at < n && p[at] == '-';
    if (at == n || !is_digit(p[at]))
        return 0;
    if (p[at++] != '0')
        while (at < n && is_digit(p[at]))
            at++;
    if (at < n && p[at] == '.') {
        if (++at == n || !is_digit(p[at]))
            return 0;
        while (at < n && is_digit(p[at]))
            at++;
    }
    if (at < n && (p[at] == 'e' || p[at] == 'E')) {
        at++;
        at += at < n && (p[at] == '+' || p[at] == '-');
        if (at == n || !is_digit(p[at]))
            return 0;
        while (at < n && is_digit(p[at]))
            at++;
    }
    return at;
}

/* Of eight bytes: none has its high bit set, is below 0x20, or is one of the two. */
static bool are_plain(uint64_t v)
{
    const uint64_t ones = 0x0101010101010101, high = ones << 7;
    uint64_t quote = v ^ ones * '"', back = v ^ ones * '\\';

    return !((v | (v - ones * 0x20) | (quote - ones) | (back - ones)) & high);
}

static uint64_t eight(const char *p)
{
    uint64_t v;

    memcpy(&v, p, 8);
    return v;
}

/* Where the string that opens at at ends, past its quote; 0: it does not. */
static size_t string_end(const char *p, size_t n, size_t at)
{
    for (at++; n - at >= 8 && are_plain(eight(p + at));)
        at += 8;
    for (; at < n && (unsigned char)p[at] >= 0x20; at++) {
        if (p[at] == '"')
            return at + 1;
        if (p[at] == '\\')
            at++;
    }
    return 0;
}

static bool hex4(const char *p, size_t n, uint32_t *ret)
{
    uint8_t two[2];

    if (n < 4 || !hex_decode(p, 4, two, 2))
        return false;
    *ret = (uint32_t)two[0] << 8 | two[1];
    return true;
}

static size_t utf8_put(char *to, uint32_t c)
{
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        to[0] = (char)(0xc0 | c >> 6);
        to[1] = (char)(0x80 | (c & 63));
        return 2;
    }
    if (c < 0x10000) {
        to[0] = (char)(0xe0 | c >> 12);
        to[1] = (char)(0x80 | (c >> 6 & 63));
        to[2] = (char)(0x80 | (c & 63));
        return 3;
    }
    to[0] = (char)(0xf0 | c >> 18);
    to[1] = (char)(0x80 | (c >> 12 & 63));
    to[2] = (char)(0x80 | (c >> 6 & 63));
    to[3] = (char)(0x80 | (c & 63));
    return 4;
}

/* Section 7: a character outside the basic plane is written as two escapes, high surrogate first.
 * One alone names no character and has no UTF-8, so it is refused. Returns how many bytes of p it
 * took, or 0. */
static size_t unescape_u(const char *p, size_t n, uint32_t *ret)
{
    uint32_t high, low;

    if (!hex4(p, n, &high) || (high >= 0xdc00 && high < 0xe000))
        return 0;
    *ret = high;
    if (high < 0xd800 || high >= 0xdc00)
        return 4;
    if (n < 10 || p[4] != '\\' || p[5] != 'u' || !hex4(p + 6, n - 6, &low) || low < 0xdc00 ||
        low >= 0xe000)
        return 0;
    *ret = 0x10000 + ((high & 0x3ff) << 10) + (low & 0x3ff);
    return 10;
}

static char unescape_one(char c)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *found = c ? strchr(from, c) : NULL;

    return found ? to[found - from] : 0;
}

static bool string_take(struct reader *r, const char **ret, size_t *ret_n)
{
    size_t end = string_end(r->p, r->n, r->at), n = 0;
    char *to;

    if (!end)
        return bad(r, r->at, "a string without an end, or with a control character in it");
    to =
        arena_alloc(r->a, end - r->at - 1); /* an escape is never shorter than what it stands for */
    if (!to)
        return no_memory(r);
    for (size_t i = r->at + 1; i < end - 1;) {
        uint32_t c;
        size_t took;

        if (r->p[i] != '\\') {
            const char *back = memchr(r->p + i, '\\', end - 1 - i);
            size_t run = back ? (size_t)(back - (r->p + i)) : end - 1 - i;

            memcpy(to + n, r->p + i, run);
            n += run;
            i += run;
            continue;
        }
        if (r->p[i + 1] == 'u') {
            took = unescape_u(r->p + i + 2, end - 1 - i - 2, &c);
            if (!took)
                return bad(r, i, "a bad \\u escape");
            n += utf8_put(to + n, c);
            i += 2 + took;
        } else {
            to[n] = unescape_one(r->p[i + 1]);
            if (!to[n++])
                return bad(r, i, "a bad escape");
            i += 2;
        }
    }
    *ret = to;
    *ret_n = n;
    r->end = end;
    return true;
}

static int key_compare(const void *one, const void *other)
{
    const struct json *a = one, *b = other;

    if (a->key_n != b->key_n)
        return a->key_n < b->key_n ? -1 : 1;
    return memcmp(a->key, b->key, a->key_n);
}

static const void **keys_sorted(struct arena *a, const struct json *object)
{
    size_t n = object->children_n, i = 0;
    const void **at = ARENA_ARRAY(a, const void *, n), **scratch = ARENA_ARRAY(a, const void *, n);

    if (!at || !scratch)
        return NULL;
    for (const struct json *child = object->child; child; child = child->next)
        at[i++] = child;
    sort_pointers(at, n, scratch, key_compare);
    return at;
}

static bool given_twice(struct reader *r, const struct json *twice)
{
    return err_fail(r->err, ERR_INPUT, "byte %zu: \"%.100s\" is given twice", twice->offset,
                    twice->key);
}

/* Of few each with each, without any memory. */
static bool few_keys_unique(struct reader *r, const struct json *object)
{
    for (const struct json *later = object->child->next; later; later = later->next)
        for (const struct json *k = object->child; k != later; k = k->next)
            if (!key_compare(k, later))
                return given_twice(r, later);
    return true;
}

/* Section 4: "The names within an object SHOULD be unique." Here they must be: readers disagree on
 * which of two counts. */
static bool keys_unique(struct reader *r, const struct json *object)
{
    const struct json *twice = NULL;
    struct arena *scratch;
    const void **sorted;

    if (object->children_n < 2)
        return true;
    if (object->children_n <= FEW_KEYS)
        return few_keys_unique(r, object);
    scratch = arena_new(r->a, SIZE_MAX / 4);
    sorted = scratch ? keys_sorted(scratch, object) : NULL;
    for (size_t i = 1; sorted && i < object->children_n; i++) {
        const struct json *this = sorted[i];

        if (!key_compare(sorted[i - 1], this) && (!twice || this->offset < twice->offset))
            twice = this;
    }
    if (!scratch)
        no_memory(r);
    else if (!sorted)
        arena_refused(scratch, r->err, "json");
    arena_free(scratch);
    if (twice)
        return given_twice(r, twice);
    return sorted != NULL;
}

static bool node_add(struct reader *r, enum json_type type, struct json **ret)
{
    struct json *node = r->key ? r->key : ARENA_NEW(r->a, struct json), *parent;

    if (!node)
        return no_memory(r);
    node->type = type;
    node->offset = r->at;
    *ret = node;
    r->want = r->open_n ? WANT_COMMA : WANT_NOTHING;
    if (!r->open_n) {
        r->root = node;
        return true;
    }
    parent = r->open[r->open_n - 1].node;
    if (parent->child)
        r->open[r->open_n - 1].last->next = node;
    else
        parent->child = node;
    r->open[r->open_n - 1].last = node;
    parent->children_n++;
    r->key = NULL;
    return true;
}

static bool container_open(struct reader *r, bool object)
{
    struct json *node;

    if (r->open_n == JSON_DEPTH_MAX)
        return err_fail(r->err, ERR_LIMIT, "byte %zu: nested deeper than %d", r->at,
                        JSON_DEPTH_MAX);
    if (!node_add(r, object ? JSON_OBJECT : JSON_ARRAY, &node))
        return false;
    r->open[r->open_n].node = node;
    r->open[r->open_n++].last = NULL;
    r->want = object ? WANT_KEY_OR_END : WANT_VALUE_OR_END;
    r->end = r->at + 1;
    return true;
}

static bool container_close(struct reader *r)
{
    const struct json *node = r->open[--r->open_n].node;

    if (node->type == JSON_OBJECT && !keys_unique(r, node))
        return false;
    r->want = r->open_n ? WANT_COMMA : WANT_NOTHING;
    r->end = r->at + 1;
    return true;
}

static bool literal(struct reader *r, const char *word, enum json_type type)
{
    size_t n = strlen(word);
    struct json *node;

    if (r->n - r->at < n || memcmp(r->p + r->at, word, n))
        return bad(r, r->at, "a value is wanted");
    r->end = r->at + n;
    return node_add(r, type, &node);
}

static bool number(struct reader *r)
{
    size_t end = number_end(r->p, r->n, r->at);
    struct json *node;

    if (!end)
        return bad(r, r->at, "a bad number");
    if (!node_add(r, JSON_NUMBER, &node))
        return false;
    node->text_n = end - r->at;
    node->text = arena_string(r->a, r->p + r->at, node->text_n);
    r->end = end;
    return node->text ? true : no_memory(r);
}

static bool value(struct reader *r, char c)
{
    struct json *node = NULL;

    switch (c) {
    case '{':
    case '[':
        return container_open(r, c == '{');
    case '"':
        return node_add(r, JSON_STRING, &node) && node &&
               string_take(r, &node->text, &node->text_n);
    case 't':
        return literal(r, "true", JSON_TRUE);
    case 'f':
        return literal(r, "false", JSON_FALSE);
    case 'n':
        return literal(r, "null", JSON_NULL);
    default:
        return c == '-' || is_digit(c) ? number(r) : bad(r, r->at, "a value is wanted");
    }
}

static bool key(struct reader *r, char c)
{
    if (c != '"')
        return bad(r, r->at, "a name in quotes is wanted");
    r->key = ARENA_NEW(r->a, struct json);
    if (!r->key)
        return no_memory(r);
    r->want = WANT_COLON;
    return string_take(r, &r->key->key, &r->key->key_n);
}

static bool token(struct reader *r)
{
    char c = r->p[r->at];
    bool object = r->open_n && r->open[r->open_n - 1].node->type == JSON_OBJECT;

    switch (r->want) {
    case WANT_VALUE_OR_END:
        if (c == ']')
            return container_close(r);
        return value(r, c);
    case WANT_VALUE:
        return value(r, c);
    case WANT_KEY_OR_END:
        if (c == '}')
            return container_close(r);
        return key(r, c);
    case WANT_KEY:
        return key(r, c);
    case WANT_COLON:
        r->want = WANT_VALUE;
        r->end = r->at + 1;
        return c == ':' ? true : bad(r, r->at, "a colon is wanted");
    case WANT_COMMA:
        if (c == (object ? '}' : ']'))
            return container_close(r);
        r->want = object ? WANT_KEY : WANT_VALUE;
        r->end = r->at + 1;
        return c == ','
                   ? true
                   : bad(r, r->at, object ? "a comma or } is wanted" : "a comma or ] is wanted");
    case WANT_NOTHING:
        return bad(r, r->at, "more after the end of the document");
    }
    return false;
}

static bool gap_is_space(struct reader *r, size_t to)
{
    for (size_t i = r->end; i < to; i++)
        if (!is_space(r->p[i]))
            return bad(r, i, "not part of JSON");
    return r->end <= to ? true : bad(r, to, "not part of JSON");
}

/* Says where a text that has no tokens is wrong. */
static bool complain(struct reader *r)
{
    size_t first = 0, good = 0, end = r->n;

    if (!utf8_valid(r->p, r->n)) {
        while (end - good > 1) { /* the longest valid start, to within the character at its end */
            size_t middle = good + (end - good) / 2, cut = middle;

            while (cut > good && ((unsigned char)r->p[cut] & 0xc0) == 0x80 && middle - cut < 3)
                cut--;
            if (utf8_valid(r->p, cut))
                good = middle;
            else
                end = middle;
        }
        return bad(r, good, "not UTF-8 around here");
    }
    for (; first < r->n && is_space(r->p[first]); first++)
        ;
    if (first == r->n)
        return bad(r, r->n, "a value is wanted, and the text ends");
    for (size_t at = first; at < r->n; at++)
        if (r->p[at] == '"') {
            size_t string = string_end(r->p, r->n, at);

            if (!string)
                return bad(r, at, "a string without an end, or with a control character in it");
            at = string - 1;
        }
    return bad(r, first, "not JSON");
}

bool json_complain(const char *p, size_t n, struct err *err)
{
    struct reader r = {.p = p, .n = n, .err = err};

    return complain(&r);
}

static bool read_tokens(struct reader *r, const struct json_tokens *t)
{
    for (size_t i = 0; i < t->n; i++) {
        r->at = t->at[i];
        if (!gap_is_space(r, r->at) || !token(r))
            return false;
    }
    if (!gap_is_space(r, r->n))
        return false;
    return r->want == WANT_NOTHING ? true : bad(r, r->n, "the text ends too early");
}

bool json_read(struct arena *a, const char *p, size_t n, const struct json **ret, struct err *err)
{
    struct reader r = {.a = a, .p = p, .n = n, .err = err, .want = WANT_VALUE};
    struct json_tokens tokens = {NULL, 0};
    bool ok = false;

    if (n > JSON_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "json of more than %zu bytes", JSON_BYTES_MAX);
    if (!n)
        return bad(&r, 0, "a value is wanted, and the text ends");
    switch (json_tokens_find(p, (uint32_t)n, &tokens)) {
    case JSON_TOKENS_OK:
        ok = read_tokens(&r, &tokens);
        break;
    case JSON_TOKENS_BAD:
        complain(&r);
        break;
    case JSON_TOKENS_NOMEM:
        err_fail(err, ERR_NOMEM, "json of %zu bytes", n);
        break;
    }
    mem_free(tokens.at);
    if (ok)
        *ret = r.root;
    return ok;
}

const struct json *json_get(const struct json *object, const char *name)
{
    size_t n = strlen(name);

    if (!object || object->type != JSON_OBJECT)
        return NULL;
    for (const struct json *child = object->child; child; child = child->next)
        if (child->key_n == n && !memcmp(child->key, name, n))
            return child;
    return NULL;
}

bool json_is_string(const struct json *j, const char *s)
{
    return j && j->type == JSON_STRING && j->text_n == strlen(s) && !memcmp(j->text, s, j->text_n);
}

bool json_u64(const struct json *j, const char *what, uint64_t *ret, struct err *err)
{
    if (!j)
        return err_fail(err, ERR_INPUT, "%s: missing", what);
    if ((j->type != JSON_NUMBER && j->type != JSON_STRING) ||
        !u64_from_text(j->text, j->text_n, ret))
        return err_fail(err, ERR_INPUT, "%s: a whole number is wanted", what);
    return true;
}

bool json_text(const struct json *j, const char *what, const char **ret, struct err *err)
{
    if (!j)
        return err_fail(err, ERR_INPUT, "%s: missing", what);
    if (j->type != JSON_STRING)
        return err_fail(err, ERR_INPUT, "%s: a string is wanted", what);
    if (memchr(j->text, 0, j->text_n))
        return err_fail(err, ERR_INPUT, "%s: a NUL in it", what);
    *ret = j->text;
    return true;
}

bool json_only(const struct json *object, const char *what, const char *const *known,
               struct err *err)
{
    if (!object || object->type != JSON_OBJECT)
        return err_fail(err, ERR_INPUT, "%s: an object is wanted", what);
    for (const struct json *child = object->child; child; child = child->next) {
        const char *const *k = known;

        while (*k && (child->key_n != strlen(*k) || memcmp(child->key, *k, child->key_n)))
            k++;
        if (!*k)
            return err_fail(err, ERR_INPUT, "%s: unknown member \"%.100s\"", what, child->key);
    }
    return true;
}

struct json_out json_to(struct text *to, bool pretty)
{
    return (struct json_out){.to = to, .first = {true}, .pretty = pretty};
}

static void line(struct json_out *j)
{
    if (!j->pretty || !j->depth || j->depth > 2)
        return;
    text_char(j->to, '\n');
    for (unsigned i = 0; i < j->depth; i++)
        text_put(j->to, "  ", 2);
}

static void before(struct json_out *j)
{
    if (j->after_key) {
        j->after_key = false;
        return;
    }
    if (!j->first[j->depth])
        text_char(j->to, ',');
    j->first[j->depth] = false;
    line(j);
}

static void open_with(struct json_out *j, char c)
{
    before(j);
    text_char(j->to, c);
    assert(j->depth < JSON_DEPTH_MAX);
    j->first[++j->depth] = true;
}

static void close_with(struct json_out *j, char c)
{
    bool empty = j->first[j->depth], own_line = j->pretty && j->depth <= 2 && !empty;

    assert(j->depth && !j->after_key);
    j->depth--;
    if (own_line) {
        text_char(j->to, '\n');
        text_put(j->to, "  ", j->depth * 2);
    }
    text_char(j->to, c);
}

void json_object(struct json_out *j)
{
    open_with(j, '{');
}

void json_object_end(struct json_out *j)
{
    close_with(j, '}');
}

void json_array(struct json_out *j)
{
    open_with(j, '[');
}

void json_array_end(struct json_out *j)
{
    close_with(j, ']');
}

void json_key_n(struct json_out *j, const char *p, size_t n)
{
    assert(j->depth && !j->after_key);
    json_string_n(j, p, n);
    text_put(j->to, ": ", j->pretty ? 2 : 1);
    j->after_key = true;
}

void json_key(struct json_out *j, const char *name)
{
    json_key_n(j, name, strlen(name));
}

/* How long the character at p is, or 0 if its bytes are not UTF-8. */
static size_t utf8_one(const char *p, size_t n)
{
    for (size_t i = 1; i <= 4 && i <= n; i++)
        if (utf8_valid(p, i))
            return i;
    return 0;
}

/* ASCII that is written as it is: most of what is written. */
static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x80 && c != '"' && c != '\\';
}

/* All of it, if it is plain: what is short is looked at as it is copied. */
static bool plain_copy(char *to, const char *p, size_t n)
{
    uint32_t first, last;
    bool plain = true;

    if (n < 4) {
        for (size_t i = 0; i < n; i++) {
            plain = plain && is_plain((unsigned char)p[i]);
            to[i] = p[i];
        }
        return plain;
    }
    if (n < 8) {
        memcpy(&first, p, 4);
        memcpy(&last, p + n - 4, 4);
        memcpy(to, &first, 4);
        memcpy(to + n - 4, &last, 4);
        return are_plain((uint64_t)last << 32 | first);
    }
    for (size_t i = 0; i + 8 < n && plain; i += 8) {
        plain = are_plain(eight(p + i));
        memcpy(to + i, p + i, 8);
    }
    memcpy(to + n - 8, p + n - 8, 8);
    return plain && are_plain(eight(p + n - 8));
}

/* How many bytes from p on are plain. */
static size_t plain_run(const char *p, size_t n)
{
    size_t i = 0;

    while (n - i >= 8 && are_plain(eight(p + i)))
        i += 8;
    while (i < n && is_plain((unsigned char)p[i]))
        i++;
    return i;
}

static void escaped(struct text *to, const char *p, size_t n)
{
    static const char from[] = "\"\\\b\f\n\r\t", with[] = "\"\\bfnrt";

    for (size_t i = 0; i < n;) {
        size_t plain = plain_run(p + i, n - i), one;
        const char *found;
        unsigned char c;

        text_put(to, p + i, plain);
        i += plain;
        if (i == n)
            return;
        c = (unsigned char)p[i];
        found = c ? strchr(from, c) : NULL;
        one = c < 0x80 ? 1 : utf8_one(p + i, n - i);
        if (found) {
            text_char(to, '\\');
            text_char(to, with[found - from]);
        } else if (c < 0x20) {
            text_printf(to, "\\u%04x", c);
        } else if (!one) { /* what is no character leaves as U+FFFD, so that the document stays one
                            */
            text_str(to, "\xef\xbf\xbd");
        } else {
            text_put(to, p + i, one);
        }
        i += one ? one : 1;
    }
}

void json_string_n(struct json_out *j, const char *p, size_t n)
{
    struct text *t = j->to;

    before(j);
    if (!t->bad && t->size - t->n > n + 2 && plain_copy(t->p + t->n + 1, p, n)) {
        t->p[t->n] = '"';
        t->p[t->n + 1 + n] = '"';
        t->n += n + 2;
        return;
    }
    text_char(t, '"');
    escaped(t, p, n);
    text_char(t, '"');
}

void json_string(struct json_out *j, const char *s)
{
    if (s)
        json_string_n(j, s, strlen(s));
    else
        json_null(j);
}

void json_number(struct json_out *j, uint64_t v)
{
    before(j);
    text_u64(j->to, v);
}

void json_decimal(struct json_out *j, uint64_t v)
{
    before(j);
    text_char(j->to, '"');
    text_u64(j->to, v);
    text_char(j->to, '"');
}

void json_bool(struct json_out *j, bool v)
{
    before(j);
    text_str(j->to, v ? "true" : "false");
}

void json_null(struct json_out *j)
{
    before(j);
    text_str(j->to, "null");
}

void json_hex(struct json_out *j, const uint8_t *p, size_t n)
{
    before(j);
    text_char(j->to, '"');
    text_hex(j->to, p, n);
    text_char(j->to, '"');
}

void json_hex_reversed(struct json_out *j, const uint8_t *p, size_t n)
{
    before(j);
    text_char(j->to, '"');
    text_hex_reversed(j->to, p, n);
    text_char(j->to, '"');
}

void json_raw(struct json_out *j, const char *p, size_t n)
{
    before(j);
    text_put(j->to, p, n);
}

void json_put_string(struct json_out *j, const char *key, const char *s)
{
    json_key(j, key);
    json_string(j, s);
}

void json_put_number(struct json_out *j, const char *key, uint64_t v)
{
    json_key(j, key);
    json_number(j, v);
}

void json_put_number_or_null(struct json_out *j, const char *key, uint64_t v, uint64_t none)
{
    json_key(j, key);
    if (v == none)
        json_null(j);
    else
        json_number(j, v);
}

void json_put_decimal(struct json_out *j, const char *key, uint64_t v)
{
    json_key(j, key);
    json_decimal(j, v);
}

void json_put_u256(struct json_out *j, const char *key, struct u256 v)
{
    char digits[U256_TEXT_MAX];

    json_key(j, key);
    json_string_n(j, digits, u256_to_text(v, digits));
}

void json_put_bool(struct json_out *j, const char *key, bool v)
{
    json_key(j, key);
    json_bool(j, v);
}

void json_put_hex(struct json_out *j, const char *key, const uint8_t *p, size_t n)
{
    json_key(j, key);
    json_hex(j, p, n);
}

void json_put_hex_reversed(struct json_out *j, const char *key, const uint8_t *p, size_t n)
{
    json_key(j, key);
    json_hex_reversed(j, p, n);
}

static void leaf(struct json_out *j, const struct json *at)
{
    switch (at->type) {
    case JSON_NULL:
        json_null(j);
        break;
    case JSON_FALSE:
    case JSON_TRUE:
        json_bool(j, at->type == JSON_TRUE);
        break;
    case JSON_NUMBER:
        json_raw(j, at->text, at->text_n);
        break;
    case JSON_STRING:
        json_string_n(j, at->text, at->text_n);
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        break; /* opened and closed by json_tree */
    }
}

void json_tree(struct json_out *j, const struct json *root)
{
    const struct json *open[JSON_DEPTH_MAX] = {NULL}, *at = root;
    size_t open_n = 0;

    for (;;) {
        if (at && at != root && at->key)
            json_key_n(j, at->key, at->key_n);
        if (at && at->type >= JSON_ARRAY) {
            open_with(j, at->type == JSON_OBJECT ? '{' : '[');
            open[open_n++] = at;
            at = at->child;
            continue;
        }
        if (at) {
            leaf(j, at);
        } else if (open_n && open[open_n - 1]) {
            at = open[--open_n];
            close_with(j, at->type == JSON_OBJECT ? '}' : ']');
        }
        if (!open_n || !at)
            return;
        at = at->next;
    }
}
