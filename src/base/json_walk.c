/* Tokens are those of json_tokens.h: braces, brackets, colons, commas, and where strings and other
 * scalars start. A string's end is not scanned for: it is the quote before the next token, with
 * nothing but white space between, since all quotes within strings have been told apart when the
 * tokens were found. */
#include "base/json_walk.h"

#include "base/mem.h"
#include "base/text.h"

#include <assert.h>

#define WHOLE_DIGITS 19u /* that always fit in 64 bits */

bool json_walk_bad(struct json_walk *w, const char *what)
{
    if (!w->bad)
        err_set(w->err, ERR_INPUT, "byte %zu: %s", w->here, what);
    w->bad = true;
    return false;
}

bool json_walk_open(struct json_walk *w, const char *p, size_t n, struct err *err)
{
    *w = (struct json_walk){.p = p, .n = n, .err = err};
    if (n > JSON_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "json of more than %zu bytes", JSON_BYTES_MAX);
    switch (n ? json_tokens_find(p, (uint32_t)n, &w->tokens) : JSON_TOKENS_BAD) {
    case JSON_TOKENS_OK:
        return true;
    case JSON_TOKENS_NOMEM:
        return err_fail(err, ERR_NOMEM, "json of %zu bytes", n);
    case JSON_TOKENS_BAD:
        break;
    }
    return json_complain(p, n, err);
}

void json_walk_close(struct json_walk *w)
{
    mem_free(w->tokens.at);
    w->tokens = (struct json_tokens){NULL, 0};
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The byte of the token to come; past the last, the end. */
static inline size_t place(const struct json_walk *w)
{
    return w->next < w->tokens.n ? w->tokens.at[w->next] : w->n;
}

/* Why there is no token at that byte, behind the last one. */
static char not_taken(struct json_walk *w, size_t at)
{
    if (w->bad)
        return 0;
    w->here = at;
    for (size_t i = w->end; i < at; i++)
        if (!is_space(w->p[i])) {
            w->here = i;
            json_walk_bad(w, "not part of JSON");
            return 0;
        }
    json_walk_bad(w, "the text ends too early");
    return 0;
}

/* Takes the next token: its first byte, or 0. */
static inline char take(struct json_walk *w)
{
    size_t at = place(w), end = w->end;

    while (end < at && is_space(w->p[end]))
        end++;
    if (w->bad || end != at || w->next == w->tokens.n)
        return not_taken(w, at);
    w->here = at;
    w->next++;
    w->end = at + 1;
    return w->p[at];
}

static inline char peek(const struct json_walk *w)
{
    return !w->bad && w->next < w->tokens.n ? w->p[w->tokens.at[w->next]] : 0;
}

static inline bool in_object(const struct json_walk *w)
{
    return w->object[(w->depth - 1) / 64] >> (w->depth - 1) % 64 & 1;
}

enum json_type json_walk_type(const struct json_walk *w)
{
    switch (peek(w)) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
        return JSON_TRUE;
    case 'f':
        return JSON_FALSE;
    case 'n':
        return JSON_NULL;
    default:
        return JSON_NUMBER;
    }
}

static inline bool go_in(struct json_walk *w, bool object)
{
    uint64_t *level;

    if (w->depth == JSON_WALK_DEPTH_MAX) {
        if (!w->bad)
            err_set(w->err, ERR_LIMIT, "byte %zu: nested deeper than %d", w->here,
                    JSON_WALK_DEPTH_MAX);
        w->bad = true;
        return false;
    }
    level = &w->object[w->depth / 64];
    *level = (*level & ~((uint64_t)1 << w->depth % 64)) | (uint64_t)object << w->depth % 64;
    w->depth++;
    return true;
}

bool json_walk_object(struct json_walk *w)
{
    if (take(w) != '{')
        return json_walk_bad(w, "an object is wanted");
    return go_in(w, true);
}

bool json_walk_array(struct json_walk *w)
{
    if (take(w) != '[')
        return json_walk_bad(w, "a list is wanted");
    return go_in(w, false);
}

/* Another element in the innermost level? Takes the comma before it, or the end. The first of a
 * level has none: the last token opened it. */
static inline bool another(struct json_walk *w, char end)
{
    char last;

    if (w->bad)
        return false;
    assert(w->depth && in_object(w) == (end == '}'));
    last = w->p[w->here];
    if (peek(w) == end) {
        take(w);
        w->depth--;
        return false;
    }
    if (last != '{' && last != '[' && take(w) != ',')
        return json_walk_bad(w, end == '}' ? "a comma or } is wanted" : "a comma or ] is wanted");
    return !w->bad;
}

/* The string whose quote was taken. */
static inline struct bytes string_rest(struct json_walk *w)
{
    size_t start = w->here + 1, end = place(w);

    while (end > start && is_space(w->p[end - 1]))
        end--;
    if (end <= start || w->p[end - 1] != '"') {
        json_walk_bad(w, "a string without an end");
        return (struct bytes){NULL, 0};
    }
    w->end = end;
    return (struct bytes){(const uint8_t *)w->p + start, end - 1 - start};
}

/* As nearly all keys are: a comma, unless it is the first, the key and its colon, with nothing
 * between them. False: it is to be looked at. */
static inline bool plain_key(struct json_walk *w, struct bytes *ret)
{
    const uint32_t *t = w->tokens.at + w->next;
    bool first;

    if (w->bad || w->tokens.n - w->next < 3)
        return false;
    first = w->p[w->here] == '{';
    if (!first && (t[0] != w->end || w->p[t[0]] != ',' || *++t != w->end + 1))
        return false;
    if (t[0] != w->end + !first || w->p[t[0]] != '"' || w->p[t[1]] != ':' ||
        w->p[t[1] - 1] != '"' || t[1] - t[0] < 2)
        return false;
    *ret = (struct bytes){(const uint8_t *)w->p + t[0] + 1, t[1] - t[0] - 2};
    w->next += first ? 2 : 3;
    w->here = t[1];
    w->end = w->here + 1;
    return true;
}

static inline bool next_key(struct json_walk *w, struct bytes *ret)
{
    if (plain_key(w, ret))
        return true;
    if (!another(w, '}'))
        return false;
    if (take(w) != '"')
        return json_walk_bad(w, "a name in quotes is wanted");
    *ret = string_rest(w);
    if (!w->bad && take(w) != ':')
        json_walk_bad(w, "a colon is wanted");
    return !w->bad;
}

bool json_walk_key(struct json_walk *w, struct bytes *ret)
{
    return next_key(w, ret);
}

bool json_walk_item(struct json_walk *w)
{
    return another(w, ']');
}

struct bytes json_walk_string(struct json_walk *w)
{
    if (take(w) == '"')
        return string_rest(w);
    json_walk_bad(w, "a string is wanted");
    return (struct bytes){NULL, 0};
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_end(const char *p, size_t n, size_t at)
{
    while (at < n && is_digit(p[at]))
        at++;
    return at;
}

/* RFC 8259, section 6: minus? int frac? exp?, and nothing else. */
static bool is_number(const char *p, size_t n)
{
    size_t at = n && p[0] == '-', start = at;

    at = digits_end(p, n, at);
    if (at == start || (p[start] == '0' && at > start + 1))
        return false;
    if (at < n && p[at] == '.') {
        start = ++at;
        at = digits_end(p, n, at);
        if (at == start)
            return false;
    }
    if (at < n && (p[at] | 0x20) == 'e') {
        at++;
        at += at < n && (p[at] == '+' || p[at] == '-');
        start = at;
        at = digits_end(p, n, at);
        if (at == start)
            return false;
    }
    return at == n;
}

static bool is_word(const char *p, size_t n, const char *word)
{
    return n == strlen(word) && !memcmp(p, word, n);
}

static inline struct bytes scalar_rest(struct json_walk *w)
{
    const char *p = w->p + w->here;
    size_t end = place(w), n;

    while (end > w->here && is_space(w->p[end - 1]))
        end--;
    n = end - w->here;
    if (!is_number(p, n) && !is_word(p, n, "true") && !is_word(p, n, "false") &&
        !is_word(p, n, "null")) {
        json_walk_bad(w, "a value is wanted");
        return (struct bytes){NULL, 0};
    }
    w->end = end;
    return (struct bytes){(const uint8_t *)p, n};
}

/* The scalar whose first byte was taken. */
static inline struct bytes scalar_of(struct json_walk *w, char first)
{
    if (!w->bad && first != '"' && first != '{' && first != '[')
        return scalar_rest(w);
    json_walk_bad(w, "a number, true, false or null is wanted");
    return (struct bytes){NULL, 0};
}

struct bytes json_walk_scalar(struct json_walk *w)
{
    return scalar_of(w, take(w));
}

/* As nearly all are: digits from the one token to the next. False: it is to be looked at. */
static inline bool whole_rest(struct json_walk *w, bool quoted, uint64_t *ret)
{
    size_t start = w->here + quoted, at = start, next = place(w);
    uint64_t v = 0;

    while (at < next && is_digit(w->p[at]))
        v = 10 * v + (uint64_t)(w->p[at++] - '0');
    if (at == start || at - start > WHOLE_DIGITS || (w->p[start] == '0' && at > start + 1))
        return false;
    at += quoted && at < next && w->p[at] == '"';
    if (at != next || (quoted && w->p[at - 1] != '"'))
        return false;
    w->end = at;
    *ret = v;
    return true;
}

bool json_walk_whole(struct json_walk *w, uint64_t *ret)
{
    char first = take(w);
    struct bytes text;

    if (!w->bad && whole_rest(w, first == '"', ret))
        return true;
    text = first == '"' ? string_rest(w) : scalar_of(w, first);
    return !w->bad && u64_from_text((const char *)text.p, text.n, ret);
}

/* One value, or the start of one that is nested. */
static inline void skip_one(struct json_walk *w)
{
    char c = take(w);

    if (w->bad)
        return;
    if (c == '{' || c == '[')
        go_in(w, c == '{');
    else if (c == '"')
        string_rest(w);
    else
        scalar_rest(w);
}

void json_walk_skip(struct json_walk *w)
{
    unsigned depth = w->depth;
    struct bytes key;

    skip_one(w);
    while (!w->bad && w->depth > depth) {
        bool more = in_object(w) ? next_key(w, &key) : another(w, ']');

        if (more)
            skip_one(w);
    }
}

struct bytes json_walk_value(struct json_walk *w)
{
    size_t start = place(w);

    json_walk_skip(w);
    return w->bad ? (struct bytes){NULL, 0}
                  : (struct bytes){(const uint8_t *)w->p + start, w->end - start};
}

bool json_walk_end(struct json_walk *w)
{
    if (w->bad)
        return false;
    for (w->here = w->end; w->here < w->n; w->here++)
        if (!is_space(w->p[w->here]))
            return json_walk_bad(w, "more after the end of the document");
    return w->depth ? json_walk_bad(w, "the text ends too early") : true;
}
