/* Stop files, and stops in canonical form. Every complaint names the line. */
#include "trace/stops.h"

#include "base/cursor.h"
#include "base/sort.h"

#define STOP_FIELDS_MAX 4 /* address, name, category, chain */

static bool no_memory(const struct arena *a, struct err *err, const char *what)
{
    return arena_limited(a) ? err_fail(err, ERR_LIMIT, "%s: too much of it", what)
                            : err_fail(err, ERR_NOMEM, "%s", what);
}

/* RFC 4180: fields parted by commas, records by CRLF (or, as most files have it, LF); a field in
 * quotes may hold commas, line ends and quotes, each quote written twice. */
struct csv {
    struct cursor at;
    size_t line; /* of the record being read, from 1 */
    size_t lines_in;
    size_t fields_n; /* of the header; 0: not read yet */
};

static int csv_peek(const struct csv *c)
{
    return cursor_left(&c->at) ? *c->at.at : -1;
}

static bool csv_line_ends(const struct csv *c)
{
    int next = csv_peek(c);

    return next < 0 || next == '\n' ||
           (next == '\r' && cursor_left(&c->at) > 1 && c->at.at[1] == '\n');
}

static bool csv_quoted(struct arena *a, struct csv *c, const char **ret, struct err *err)
{
    const uint8_t *from = ++c->at.at;
    size_t n = 0;
    char *to;

    for (;; c->at.at++) {
        if (csv_peek(c) < 0)
            return err_fail(err, ERR_INPUT, "line %zu: a quote that does not end", c->line);
        c->lines_in += *c->at.at == '\n';
        if (*c->at.at == '"') {
            if (cursor_left(&c->at) < 2 || c->at.at[1] != '"')
                break;
            c->at.at++;
        }
    }
    to = arena_alloc(a, (size_t)(c->at.at - from) + 1);
    if (!to)
        return no_memory(a, err, "stops");
    for (const uint8_t *p = from; p < c->at.at; p++) {
        to[n++] = (char)*p;
        p += *p == '"';
    }
    c->at.at++;
    *ret = to;
    if (!csv_line_ends(c) && csv_peek(c) != ',')
        return err_fail(err, ERR_INPUT, "line %zu: more after a closing quote", c->line);
    return true;
}

static bool csv_field(struct arena *a, struct csv *c, const char **ret, struct err *err)
{
    const uint8_t *from = c->at.at;

    if (csv_peek(c) == '"') {
        if (!csv_quoted(a, c, ret, err))
            return false;
    } else {
        while (!csv_line_ends(c) && csv_peek(c) != ',') {
            if (*c->at.at == '"')
                return err_fail(err, ERR_INPUT, "line %zu: a quote within a field", c->line);
            c->at.at++;
        }
        *ret = arena_string(a, (const char *)from, (size_t)(c->at.at - from));
        if (!*ret)
            return no_memory(a, err, "stops");
    }
    return true;
}

/* A record of as many fields as the header has. */
static bool csv_record(struct arena *a, struct csv *c, const char *fields[STOP_FIELDS_MAX],
                       struct err *err)
{
    size_t n = 0, max = c->fields_n ? c->fields_n : STOP_FIELDS_MAX;

    c->line += 1 + c->lines_in;
    c->lines_in = 0;
    for (;;) {
        if (n == max)
            return err_fail(err, ERR_INPUT, "line %zu: more than %zu fields", c->line, max);
        if (!csv_field(a, c, &fields[n++], err))
            return false;
        if (csv_line_ends(c))
            break;
        c->at.at++; /* the comma */
    }
    if (csv_peek(c) >= 0)
        c->at.at += csv_peek(c) == '\r' ? 2 : 1;
    max = c->fields_n ? c->fields_n : STOP_FIELDS_MAX - 1; /* the chain may be left out */
    if (n < max)
        return err_fail(err, ERR_INPUT, "line %zu: %zu field%s, %zu are wanted", c->line, n,
                        n == 1 ? "" : "s", max);
    c->fields_n = n;
    return true;
}

static size_t count_lines(struct bytes in)
{
    size_t n = 1;

    for (size_t i = 0; i < in.n; i++)
        n += in.p[i] == '\n';
    return n;
}

static const char *const names[STOP_FIELDS_MAX] = {"address", "name", "category", "chain"};

static bool stop_row(struct arena *a, struct csv *c, const char *source, struct trace_stop *ret,
                     struct err *err)
{
    const char *fields[STOP_FIELDS_MAX] = {NULL}, *chain;

    if (!csv_record(a, c, fields, err))
        return false;
    for (size_t i = 0; i < c->fields_n; i++)
        if (!text_is_plain(fields[i], strlen(fields[i])))
            return err_fail(err, ERR_INPUT, "line %zu: %s: a control character in it", c->line,
                            names[i]);
    if (!*fields[0])
        return err_fail(err, ERR_INPUT, "line %zu: address: empty", c->line);
    chain = fields[3] && *fields[3] ? fields[3] : NULL;
    if (chain && !chain_by_name(chain))
        return err_fail(err, ERR_INPUT, "line %zu: chain: \"%.100s\" is not known here", c->line,
                        chain);
    *ret = (struct trace_stop){fields[0], fields[1], fields[2], source, chain};
    return true;
}

static bool header_read(struct arena *a, struct csv *c, struct err *err)
{
    const char *fields[STOP_FIELDS_MAX] = {NULL};

    if (!csv_record(a, c, fields, err))
        return false;
    for (size_t i = 0; i < c->fields_n; i++)
        if (strcmp(fields[i], names[i]))
            return err_fail(err, ERR_INPUT, "line 1: the header address,name,category is wanted%s",
                            c->fields_n > 3 ? ", or with chain" : "");
    return true;
}

bool stops_read(struct arena *a, struct bytes in, const char *source, const struct trace_stop **ret,
                size_t *ret_n, struct err *err)
{
    static const uint8_t bom[] = {0xef, 0xbb, 0xbf};
    struct csv c;
    struct trace_stop *at;
    size_t n = 0, max = count_lines(in);

    if (in.n > CASE_FILE_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "a stop file of more than %zu bytes", CASE_FILE_BYTES_MAX);
    if (!utf8_valid((const char *)in.p, in.n) || (in.n && memchr(in.p, 0, in.n)))
        return err_fail(err, ERR_INPUT, "not UTF-8 text");
    if (in.n >= sizeof(bom) && !memcmp(in.p, bom, sizeof(bom)))
        in = (struct bytes){in.p + sizeof(bom), in.n - sizeof(bom)};
    c = (struct csv){.at = cursor_over(in.p, in.n)};
    if (!header_read(a, &c, err))
        return false;
    source = arena_string(a, source, strlen(source));
    at = ARENA_ARRAY(a, struct trace_stop, max < CASE_STOPS_MAX ? max : CASE_STOPS_MAX);
    if (!at || !source)
        return no_memory(a, err, "stops");
    while (cursor_left(&c.at)) {
        if (n == CASE_STOPS_MAX)
            return err_fail(err, ERR_LIMIT, "more than %zu stops", CASE_STOPS_MAX);
        if (!stop_row(a, &c, source, &at[n++], err))
            return false;
    }
    *ret = at;
    *ret_n = n;
    return true;
}

int stop_compare(const void *one, const void *other)
{
    const struct trace_stop *a = one, *b = other;
    int order = strcmp(a->address, b->address);

    if (!order)
        order = strcmp(a->name, b->name);
    if (!order)
        order = strcmp(a->category, b->category);
    return order ? order : strcmp(a->chain ? a->chain : "", b->chain ? b->chain : "");
}

const struct trace_stop **stops_sorted(struct arena *a, const struct trace_stop *stops, size_t n)
{
    const void **at = ARENA_ARRAY(a, const void *, n), **scratch = ARENA_ARRAY(a, const void *, n);

    if (!at || !scratch)
        return NULL;
    for (size_t i = 0; i < n; i++)
        at[i] = &stops[i];
    sort_pointers(at, n, scratch, stop_compare);
    return (const struct trace_stop **)at;
}

static void csv_hash(struct sha256_stream *s, const char *field, char after)
{
    bool quote = strpbrk(field, ",\"\r\n");

    if (quote)
        sha256_add(s, "\"", 1);
    for (const char *p = field; *p;) {
        size_t n = strcspn(p, "\"");

        sha256_add(s, p, n);
        if (p[n])
            sha256_add(s, "\"\"", 2);
        p += n + (p[n] != 0);
    }
    if (quote)
        sha256_add(s, "\"", 1);
    sha256_add(s, &after, 1);
}

bool stops_hash(struct arena *a, const struct trace_stop *stops, size_t n, struct hash32 *ret,
                struct err *err)
{
    struct arena *scratch = arena_new(a, SIZE_MAX / 4);
    const struct trace_stop **at = scratch ? stops_sorted(scratch, stops, n) : NULL;
    struct sha256_stream s;

    if (!at) {
        arena_free(scratch);
        return no_memory(a, err, "stops");
    }
    sha256_start(&s);
    for (size_t i = 0; i < n; i++) {
        if (i && !stop_compare(at[i - 1], at[i]))
            continue;
        csv_hash(&s, at[i]->address, ',');
        csv_hash(&s, at[i]->name, ',');
        csv_hash(&s, at[i]->category, at[i]->chain ? ',' : '\n');
        if (at[i]->chain)
            csv_hash(&s, at[i]->chain, '\n');
    }
    *ret = sha256_done(&s);
    arena_free(scratch);
    return true;
}
