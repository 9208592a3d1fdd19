/* Reading what people hand in: a case file, a stop file, an origin typed on a command line. Every
 * complaint names the place in the words of the file: origins[2].output, line 7. */
#include "trace/case.h"

#include "base/cursor.h"
#include "base/json.h"
#include "base/sort.h"
#include "trace/stops.h"

#include <stdio.h>

static bool no_memory(const struct arena *a, struct err *err, const char *what)
{
    return arena_limited(a) ? err_fail(err, ERR_LIMIT, "%s: too much of it", what)
                            : err_fail(err, ERR_NOMEM, "%s", what);
}

/* Nothing that would move a terminal, break a line or be unfit for XML: C0 and C1 controls, DEL,
 * U+FFFE and U+FFFF. */
static bool is_plain(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;

    for (size_t i = 0; i < n; i++)
        if (p[i] < 0x20 || p[i] == 0x7f || (p[i] == 0xc2 && i + 1 < n && p[i + 1] < 0xa0) ||
            (p[i] == 0xef && i + 2 < n && p[i + 1] == 0xbf && p[i + 2] >= 0xbe))
            return false;
    return true;
}

static bool plain_text(const struct json *j, const char *what, const char **ret, struct err *err)
{
    if (!json_text(j, what, ret, err))
        return false;
    if (!is_plain(*ret, strlen(*ret)))
        return err_fail(err, ERR_INPUT, "%s: a control character in it", what);
    return true;
}

static bool plain_text_if(const struct json *object, const char *name, const char **ret,
                          struct err *err)
{
    const struct json *j = json_get(object, name);

    return !j || plain_text(j, name, ret, err);
}

static bool u32_if(const struct json *object, const char *name, const char *what, bool *ret_has,
                   uint32_t *ret, struct err *err)
{
    const struct json *j = json_get(object, name);
    uint64_t v;

    if (!j)
        return true;
    if (!json_u64(j, what, &v, err))
        return false;
    if (v >= UINT32_MAX)
        return err_fail(err, ERR_INPUT, "%s: %llu is too much", what, (unsigned long long)v);
    if (ret_has)
        *ret_has = true;
    *ret = (uint32_t)v;
    return true;
}

static bool txid_from_text(const char *s, size_t n, struct hash32 *ret)
{
    uint8_t shown[32];

    if (!hex_decode(s, n, shown, 32))
        return false;
    for (size_t i = 0; i < 32; i++)
        ret->b[i] = shown[31 - i];
    return true;
}

static bool outpoint_from_text(const char *s, struct case_origin *ret)
{
    const char *colon = strchr(s, ':');
    uint64_t vout;

    if (!colon || !txid_from_text(s, (size_t)(colon - s), &ret->txid) ||
        !u64_from_text(colon + 1, strlen(colon + 1), &vout) || vout > UINT32_MAX)
        return false;
    ret->kind = ORIGIN_OUTPUT;
    ret->vout = (uint32_t)vout;
    return true;
}

bool origin_from_text(struct arena *a, const char *s, struct case_origin *ret, struct err *err)
{
    struct case_origin o = {.kind = ORIGIN_ADDRESS};
    size_t n = strlen(s);

    if (strchr(s, ':')) {
        if (!outpoint_from_text(s, &o))
            return err_fail(err, ERR_INPUT, "\"%.200s\" is not TXID:VOUT", s);
    } else if (txid_from_text(s, n, &o.txid)) {
        o.kind = ORIGIN_TX;
    } else if (!n || n >= ADDRESS_BYTES_MAX || !utf8_valid(s, n) || !is_plain(s, n)) {
        return err_fail(err, ERR_INPUT, "\"%.200s\" is not TXID:VOUT, TXID or an address", s);
    } else {
        o.address = arena_string(a, s, n);
        if (!o.address)
            return no_memory(a, err, "origin");
    }
    *ret = o;
    return true;
}

static bool origin_output(const struct json *j, const char *what, struct case_origin *ret,
                          struct err *err)
{
    const char *s;

    if (!json_text(j, what, &s, err))
        return false;
    if (!outpoint_from_text(s, ret))
        return err_fail(err, ERR_INPUT, "%s: \"%.200s\" is not TXID:VOUT", what, s);
    return true;
}

static bool origin_tx(const struct json *j, const char *what, struct case_origin *ret,
                      struct err *err)
{
    const char *s;

    if (!json_text(j, what, &s, err))
        return false;
    if (!txid_from_text(s, j->text_n, &ret->txid))
        return err_fail(err, ERR_INPUT, "%s: \"%.200s\" is not a transaction id", what, s);
    ret->kind = ORIGIN_TX;
    return true;
}

static bool origin_read(const struct json *j, size_t i, struct case_origin *ret, struct err *err)
{
    static const char *const known[] = {"output", "tx", "address", "from_height", NULL};
    const struct json *output = json_get(j, "output"), *tx = json_get(j, "tx"),
                      *address = json_get(j, "address");
    char at[64], what[128];

    snprintf(at, sizeof(at), "origins[%zu]", i);
    if (!json_only(j, at, known, err))
        return false;
    if ((output != NULL) + (tx != NULL) + (address != NULL) != 1)
        return err_fail(err, ERR_INPUT, "%s: one of output, tx and address is wanted", at);
    if (!address && json_get(j, "from_height"))
        return err_fail(err, ERR_INPUT, "%s.from_height: goes with an address only", at);
    if (output) {
        snprintf(what, sizeof(what), "%s.output", at);
        return origin_output(output, what, ret, err);
    }
    if (tx) {
        snprintf(what, sizeof(what), "%s.tx", at);
        return origin_tx(tx, what, ret, err);
    }
    ret->kind = ORIGIN_ADDRESS;
    snprintf(what, sizeof(what), "%s.address", at);
    if (!plain_text(address, what, &ret->address, err))
        return false;
    snprintf(what, sizeof(what), "%s.from_height", at);
    return u32_if(j, "from_height", what, NULL, &ret->from_height, err);
}

static bool list(const struct json *j, const char *what, size_t max, struct err *err)
{
    if (j->type != JSON_ARRAY)
        return err_fail(err, ERR_INPUT, "%s: a list is wanted", what);
    if (j->children_n > max)
        return err_fail(err, ERR_LIMIT, "%s: more than %zu", what, max);
    return true;
}

static bool origins_read(struct arena *a, const struct json *j, struct case_file *ret,
                         struct err *err)
{
    struct case_origin *at;
    size_t i = 0;

    if (!j)
        return err_fail(err, ERR_INPUT, "origins: missing");
    if (!list(j, "origins", CASE_ORIGINS_MAX, err))
        return false;
    if (!j->children_n)
        return err_fail(err, ERR_INPUT, "origins: none");
    at = ARENA_ARRAY(a, struct case_origin, j->children_n);
    if (!at)
        return no_memory(a, err, "origins");
    for (const struct json *o = j->child; o; o = o->next, i++)
        if (!origin_read(o, i, &at[i], err))
            return false;
    ret->origins = at;
    ret->origins_n = i;
    return true;
}

static bool stop_read(const struct json *j, size_t i, struct trace_stop *ret, struct err *err)
{
    static const char *const known[] = {"address", "name", "category", "source", NULL};
    const char **to[] = {&ret->address, &ret->name, &ret->category, &ret->source};
    char what[64];

    ret->source = "case";
    snprintf(what, sizeof(what), "stops[%zu]", i);
    if (!json_only(j, what, known, err))
        return false;
    for (size_t k = 0; k < 4; k++) {
        const struct json *member = json_get(j, known[k]);

        snprintf(what, sizeof(what), "stops[%zu].%s", i, known[k]);
        if ((member || k < 3) && !plain_text(member, what, to[k], err))
            return false;
    }
    return *ret->address ? true : err_fail(err, ERR_INPUT, "stops[%zu].address: empty", i);
}

bool case_stops_read(struct arena *a, const struct json *j, const struct trace_stop **ret,
                     size_t *ret_n, struct err *err)
{
    struct trace_stop *at;
    size_t i = 0;

    if (!list(j, "stops", CASE_STOPS_MAX, err))
        return false;
    at = ARENA_ARRAY(a, struct trace_stop, j->children_n);
    if (!at)
        return no_memory(a, err, "stops");
    for (const struct json *s = j->child; s; s = s->next, i++)
        if (!stop_read(s, i, &at[i], err))
            return false;
    *ret = at;
    *ret_n = i;
    return true;
}

static bool sources_read(struct arena *a, const struct json *j, struct case_file *ret,
                         struct err *err)
{
    const char **at;
    char what[64];
    size_t i = 0;

    if (!list(j, "sources", CASE_SOURCES_MAX, err))
        return false;
    at = ARENA_ARRAY(a, const char *, j->children_n);
    if (!at)
        return no_memory(a, err, "sources");
    for (const struct json *s = j->child; s; s = s->next, i++) {
        snprintf(what, sizeof(what), "sources[%zu]", i);
        if (!plain_text(s, what, &at[i], err))
            return false;
    }
    ret->sources = at;
    ret->sources_n = i;
    return true;
}

static bool limits_read(const struct json *j, struct case_file *ret, struct err *err)
{
    static const char *const known[] = {"dust", "hops_max", "until", NULL};
    const struct json *dust = json_get(j, "dust");

    if (!json_only(j, "limits", known, err))
        return false;
    if (dust && !json_u64(dust, "limits.dust", &ret->dust, err))
        return false;
    ret->has_dust = dust != NULL;
    return u32_if(j, "hops_max", "limits.hops_max", &ret->has_hops, &ret->hops_max, err) &&
           u32_if(j, "until", "limits.until", &ret->has_until, &ret->until, err);
}

static bool policy_read(const struct json *j, struct case_file *ret, struct err *err)
{
    const char *s;

    if (!json_text(j, "policy", &s, err))
        return false;
    ret->has_policy = true;
    if (!trace_policy_from_name(s, &ret->policy))
        return err_fail(err, ERR_INPUT,
                        "policy: \"%.100s\" is not fifo, lifo, haircut, tiho or poison", s);
    return true;
}

static bool kind_check(const char *kind, struct err *err)
{
    static const char *const kinds[] = {"theft", "payroll", "extortion", "intrusion"};

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (!kind || !strcmp(kind, kinds[i]))
            return true;
    return err_fail(err, ERR_INPUT,
                    "kind: \"%.100s\" is not theft, payroll, extortion or intrusion", kind);
}

bool case_read(struct arena *a, struct bytes in, struct case_file *ret, struct err *err)
{
    static const char *const known[] = {"id",     "title",  "kind",  "chain",   "origins",
                                        "policy", "limits", "stops", "sources", NULL};
    struct case_file c = {.hops_max = TRACE_HOPS_NONE};
    const struct json *j, *stops, *sources, *limits, *policy;

    if (in.n > CASE_FILE_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "a case file of more than %zu bytes", CASE_FILE_BYTES_MAX);
    if (!json_read(a, (const char *)in.p, in.n, &j, err) || !json_only(j, "case", known, err))
        return false;
    if (!plain_text_if(j, "id", &c.id, err) || !plain_text_if(j, "title", &c.title, err) ||
        !plain_text_if(j, "kind", &c.kind, err) || !plain_text_if(j, "chain", &c.chain, err) ||
        !kind_check(c.kind, err) || !origins_read(a, json_get(j, "origins"), &c, err))
        return false;
    if (c.chain && !chain_by_name(c.chain))
        return err_fail(err, ERR_INPUT, "chain: \"%.100s\" is not known here", c.chain);
    policy = json_get(j, "policy");
    limits = json_get(j, "limits");
    stops = json_get(j, "stops");
    sources = json_get(j, "sources");
    if ((policy && !policy_read(policy, &c, err)) || (limits && !limits_read(limits, &c, err)) ||
        (stops && !case_stops_read(a, stops, &c.stops, &c.stops_n, err)) ||
        (sources && !sources_read(a, sources, &c, err)))
        return false;
    *ret = c;
    return true;
}

/* RFC 4180: fields parted by commas, records by CRLF (or, as most files have it, LF); a field in
 * quotes may hold commas, line ends and quotes, each quote written twice. */
struct csv {
    struct cursor at;
    size_t line; /* of the record being read, from 1 */
    size_t lines_in;
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

static bool csv_record(struct arena *a, struct csv *c, const char *fields[3], struct err *err)
{
    size_t n = 0;

    c->line += 1 + c->lines_in;
    c->lines_in = 0;
    for (;;) {
        if (n == 3)
            return err_fail(err, ERR_INPUT, "line %zu: more than 3 fields", c->line);
        if (!csv_field(a, c, &fields[n++], err))
            return false;
        if (csv_line_ends(c))
            break;
        c->at.at++; /* the comma */
    }
    if (csv_peek(c) >= 0)
        c->at.at += csv_peek(c) == '\r' ? 2 : 1;
    if (n < 3)
        return err_fail(err, ERR_INPUT, "line %zu: %zu field%s, 3 are wanted", c->line, n,
                        n == 1 ? "" : "s");
    return true;
}

static size_t count_lines(struct bytes in)
{
    size_t n = 1;

    for (size_t i = 0; i < in.n; i++)
        n += in.p[i] == '\n';
    return n;
}

static bool stop_row(struct arena *a, struct csv *c, const char *source, struct trace_stop *ret,
                     struct err *err)
{
    static const char *const names[] = {"address", "name", "category"};
    const char *fields[3];

    if (!csv_record(a, c, fields, err))
        return false;
    for (size_t i = 0; i < 3; i++)
        if (!is_plain(fields[i], strlen(fields[i])))
            return err_fail(err, ERR_INPUT, "line %zu: %s: a control character in it", c->line,
                            names[i]);
    if (!*fields[0])
        return err_fail(err, ERR_INPUT, "line %zu: address: empty", c->line);
    *ret = (struct trace_stop){fields[0], fields[1], fields[2], source};
    return true;
}

bool stops_read(struct arena *a, struct bytes in, const char *source, const struct trace_stop **ret,
                size_t *ret_n, struct err *err)
{
    static const uint8_t bom[] = {0xef, 0xbb, 0xbf};
    struct csv c;
    struct trace_stop *at;
    const char *header[3];
    size_t n = 0, max = count_lines(in);

    if (in.n > CASE_FILE_BYTES_MAX)
        return err_fail(err, ERR_LIMIT, "a stop file of more than %zu bytes", CASE_FILE_BYTES_MAX);
    if (!utf8_valid((const char *)in.p, in.n) || (in.n && memchr(in.p, 0, in.n)))
        return err_fail(err, ERR_INPUT, "not UTF-8 text");
    if (in.n >= sizeof(bom) && !memcmp(in.p, bom, sizeof(bom)))
        in = (struct bytes){in.p + sizeof(bom), in.n - sizeof(bom)};
    c = (struct csv){.at = cursor_over(in.p, in.n)};
    if (!csv_record(a, &c, header, err))
        return false;
    if (strcmp(header[0], "address") || strcmp(header[1], "name") || strcmp(header[2], "category"))
        return err_fail(err, ERR_INPUT, "line 1: the header address,name,category is wanted");
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
    return order ? order : strcmp(a->category, b->category);
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
        csv_hash(&s, at[i]->category, '\n');
    }
    *ret = sha256_done(&s);
    arena_free(scratch);
    return true;
}
