#include "serve/http.h"

#include "base/json.h"

#include <errno.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

bool http_body_read(const struct http_body *b, uint64_t offset, void *to, size_t n, size_t *ret_n,
                    struct err *err)
{
    ssize_t got;

    if (offset >= b->n)
        n = 0;
    else if (n > b->n - offset)
        n = (size_t)(b->n - offset);
    *ret_n = n;
    if (!n)
        return true;
    if (b->p) {
        memcpy(to, b->p + offset, n);
        return true;
    }
    do
        got = pread(b->fd, to, n, (off_t)offset);
    while (got < 0 && errno == EINTR);
    if (got <= 0)
        return err_system(err, "a spooled body");
    *ret_n = (size_t)got;
    return true;
}

/* ---- text of requests ---- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

bool http_decode(struct arena *a, const char *p, size_t n, bool plus, const char **ret,
                 struct err *err)
{
    char *text = arena_alloc(a, n + 1);
    size_t at = 0;

    if (!text)
        return err_fail(err, ERR_NOMEM, "%zu bytes of a request", n);
    for (size_t i = 0; i < n; i++) {
        char c = p[i];

        if (c == '%') {
            int high = n - i > 2 ? hex_digit(p[i + 1]) : -1;
            int low = n - i > 2 ? hex_digit(p[i + 2]) : -1;

            if (high < 0 || low < 0)
                return err_fail(err, ERR_INPUT, "a %% without two hexadecimal digits");
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        text[at++] = c;
    }
    if (!utf8_valid(text, at) || !text_is_plain(text, at))
        return err_fail(err, ERR_INPUT, "not UTF-8, or with control characters");
    text[at] = 0;
    *ret = text;
    return true;
}

static bool query_put(struct arena *a, struct http_field *at, const char *p, size_t n,
                      struct err *err)
{
    const char *equals = memchr(p, '=', n);
    size_t name_n = equals ? (size_t)(equals - p) : n;

    return http_decode(a, p, name_n, true, &at->name, err) &&
           http_decode(a, equals ? equals + 1 : "", equals ? n - name_n - 1 : 0, true, &at->value,
                       err);
}

static bool given_before(const struct http_field *fields, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(fields[i].name, name))
            return true;
    return false;
}

bool http_query_read(struct arena *a, const char *p, size_t n, bool repeats,
                     const struct http_field **ret, size_t *ret_n, struct err *err)
{
    const char *end = p + n;
    struct http_field *fields;
    size_t fields_n = 0;

    *ret = NULL;
    *ret_n = 0;
    if (!n)
        return true;
    fields = ARENA_ARRAY(a, struct http_field, HTTP_QUERY_MAX);
    if (!fields)
        return err_fail(err, ERR_NOMEM, "a query");
    while (p < end) {
        const char *stop = memchr(p, '&', (size_t)(end - p));
        size_t part = (size_t)((stop ? stop : end) - p);

        if (fields_n == HTTP_QUERY_MAX)
            return err_fail(err, ERR_LIMIT, "more than %d query parameters", HTTP_QUERY_MAX);
        if (part) {
            if (!query_put(a, &fields[fields_n], p, part, err))
                return err_in(err, "query");
            if (!repeats && given_before(fields, fields_n, fields[fields_n].name))
                return err_fail(err, ERR_INPUT, "query: \"%s\" is given twice",
                                fields[fields_n].name);
            fields_n++;
        }
        p += part + (stop != NULL);
    }
    *ret = fields;
    *ret_n = fields_n;
    return true;
}

const char *http_query(const struct http_request *r, const char *name)
{
    for (size_t i = 0; i < r->query_n; i++)
        if (!strcmp(r->query[i].name, name))
            return r->query[i].value;
    return NULL;
}

const char *http_header(const struct http_request *r, const char *name)
{
    for (size_t i = 0; i < r->headers_n; i++)
        if (!strcasecmp(r->headers[i].name, name))
            return r->headers[i].value;
    return NULL;
}

bool http_query_number(const struct http_request *r, const char *name, uint64_t max, uint64_t *ret,
                       struct err *err)
{
    const char *text = http_query(r, name);

    return !text || (u64_from_text(text, strlen(text), ret) && *ret <= max) ||
           err_fail(err, ERR_INPUT, "%s: a number up to %llu is wanted", name,
                    (unsigned long long)max);
}

bool http_query_only(const struct http_request *r, const char *const *known, struct err *err)
{
    for (size_t i = 0; i < r->query_n; i++) {
        const char *const *k = known;

        while (*k && strcmp(*k, r->query[i].name))
            k++;
        if (!*k)
            return err_fail(err, ERR_USAGE, "unknown query parameter \"%s\"", r->query[i].name);
    }
    return true;
}

/* ---- framing ---- */

/* RFC 9110 section 5.6.2 */
static bool is_token(const char *s)
{
    static const char others[] = "!#$%&'*+-.^_`|~";

    if (!*s)
        return false;
    for (; *s; s++)
        if (!((*s >= 'a' && *s <= 'z') || (*s >= 'A' && *s <= 'Z') || (*s >= '0' && *s <= '9') ||
              *s == '-' || strchr(others, *s)))
            return false;
    return true;
}

/* RFC 9110 section 5.5: field-vchar (obs-text with it), space and tab. */
static bool is_value(const char *s)
{
    for (; *s; s++)
        if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
            return false;
    return true;
}

static bool framing_fail(struct err *err, unsigned *ret_status, unsigned status, const char *text)
{
    *ret_status = status;
    return err_fail(err, status == 431 ? ERR_LIMIT : ERR_INPUT, "%s", text);
}

static bool length_read(const char *value, struct http_framing *f)
{
    size_t n = strlen(value);

    while (n > 1 && *value == '0') { /* "1*DIGIT" allows zeros in front */
        value++;
        n--;
    }
    return u64_from_text(value, n, &f->length);
}

bool http_framing_read(const struct http_field *headers, size_t n, bool version_1_1,
                       struct http_framing *ret, unsigned *ret_status, struct err *err)
{
    struct http_framing f = {.chunked = false};
    unsigned hosts = 0, lengths = 0, encodings = 0, keys[2] = {0};
    size_t bytes = 0;

    if (n > HTTP_HEADERS_MAX)
        return framing_fail(err, ret_status, 431, "too many header fields");
    for (size_t i = 0; i < n; i++) {
        const char *name = headers[i].name, *value = headers[i].value;

        bytes += strlen(name) + strlen(value) + 4;
        if (bytes > HTTP_HEADER_BYTES_MAX)
            return framing_fail(err, ret_status, 431, "header fields are too large");
        if (!is_token(name) || !is_value(value))
            return framing_fail(err, ret_status, 400,
                                "a header field with bytes that it may not "
                                "have");
        hosts += !strcasecmp(name, "Host");
        keys[0] += !strcasecmp(name, "Authorization");
        keys[1] += !strcasecmp(name, "X-API-Key");
        if (!strcasecmp(name, "Content-Length")) {
            lengths++;
            if (!length_read(value, &f))
                return framing_fail(err, ret_status, 400, "Content-Length is not a number");
        }
        if (!strcasecmp(name, "Transfer-Encoding")) {
            encodings++;
            f.chunked = true;
            if (strcasecmp(value, "chunked"))
                return framing_fail(err, ret_status, 501, "an unknown Transfer-Encoding");
        }
    }
    if (keys[0] > 1 || keys[1] > 1)
        return framing_fail(err, ret_status, 400, "more than one key");
    if (hosts > 1 || (version_1_1 && !hosts))
        return framing_fail(err, ret_status, 400, "exactly one Host is wanted");
    if (lengths > 1 || encodings > 1 || (lengths && encodings))
        return framing_fail(err, ret_status, 400,
                            "more than one of Content-Length and Transfer-Encoding");
    if (encodings && !version_1_1)
        return framing_fail(err, ret_status, 400, "Transfer-Encoding in HTTP/1.0");
    *ret = f;
    return true;
}

bool http_id_fits(const char *id)
{
    size_t n = 0;

    for (; id[n]; n++)
        if (n == HTTP_ID_MAX ||
            !((id[n] >= 'a' && id[n] <= 'z') || (id[n] >= 'A' && id[n] <= 'Z') ||
              (id[n] >= '0' && id[n] <= '9') || strchr("._-", id[n])))
            return false;
    return n > 0;
}

bool http_target_split(const char *target, struct bytes *ret_path, struct bytes *ret_query)
{
    const char *mark = strchr(target, '?');
    size_t n = strlen(target), path_n = mark ? (size_t)(mark - target) : n;

    if (target[0] != '/' || n > HTTP_TARGET_BYTES_MAX)
        return false;
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)target[i] <= 0x20 || (unsigned char)target[i] >= 0x7f ||
            strchr("#\"<>\\^`{|}", target[i])) /* not of RFC 3986 */
            return false;
    *ret_path = (struct bytes){(const uint8_t *)target, path_n};
    *ret_query = mark ? (struct bytes){(const uint8_t *)mark + 1, n - path_n - 1}
                      : (struct bytes){(const uint8_t *)"", 0};
    return true;
}

/* ---- routes ---- */

static bool pattern_fits(const char *pattern, struct bytes path, struct bytes *params)
{
    const char *p = (const char *)path.p, *end = p + path.n;
    size_t params_n = 0;

    while (*pattern && p < end) {
        if (*pattern == '{') {
            const char *slash = memchr(p, '/', (size_t)(end - p));
            size_t n = (size_t)((slash ? slash : end) - p);

            if (!n || params_n == HTTP_PARAMS_MAX)
                return false;
            params[params_n++] = (struct bytes){(const uint8_t *)p, n};
            p += n;
            pattern = strchr(pattern, '}') + 1;
        } else if (*pattern++ != *p++) {
            return false;
        }
    }
    return !*pattern && p == end;
}

static bool method_fits(const char *has, const char *wanted)
{
    return !strcmp(has, wanted) || (!strcmp(has, "GET") && !strcmp(wanted, "HEAD"));
}

enum http_found http_route_find(const struct http_route *routes, size_t routes_n,
                                const char *method, struct bytes path, size_t *ret_row,
                                struct bytes params[HTTP_PARAMS_MAX], char *ret_allow,
                                size_t allow_size)
{
    size_t allow_n = 0;

    ret_allow[0] = 0;
    for (size_t i = 0; i < routes_n; i++) {
        if (!pattern_fits(routes[i].pattern, path, params))
            continue;
        if (method_fits(routes[i].method, method)) {
            *ret_row = i;
            return HTTP_FOUND;
        }
        if (allow_n < allow_size)
            allow_n += (size_t)snprintf(ret_allow + allow_n, allow_size - allow_n, "%s%s, ",
                                        routes[i].method,
                                        !strcmp(routes[i].method, "GET") ? ", HEAD" : "");
    }
    if (allow_n && allow_n < allow_size)
        snprintf(ret_allow + allow_n, allow_size - allow_n, "OPTIONS");
    return allow_n ? HTTP_NO_METHOD : HTTP_NO_PATH;
}

/* ---- responses ---- */

bool http_response_field(struct http_response *r, const char *name, const char *value)
{
    if (r->fields_n == HTTP_FIELDS_MAX)
        return false;
    r->fields[r->fields_n++] = (struct http_field){name, value};
    return true;
}

bool http_audit(struct http_job *job, const char *entry, size_t n, struct err *err)
{
    return http_audit_pieces(job, &(struct bytes){(const uint8_t *)entry, n}, 1, err);
}

bool http_audit_pieces(struct http_job *job, const struct bytes *pieces, size_t n, struct err *err)
{
    struct http_response *r = &job->response;
    uint8_t *copy;
    size_t all = 0;

    if (r->audits_n == HTTP_AUDITS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d audit entries", HTTP_AUDITS_MAX);
    for (size_t i = 0; i < n; i++)
        all += pieces[i].n;
    copy = arena_room(job->arena, all);
    if (!copy)
        return err_fail(err, ERR_NOMEM, "an audit entry of %zu bytes", all);
    r->audits[r->audits_n++] = (struct bytes){copy, all};
    for (size_t i = 0; i < n; copy += pieces[i++].n)
        if (pieces[i].n)
            memcpy(copy, pieces[i].p, pieces[i].n);
    return true;
}

unsigned http_status_of(enum err_class class)
{
    switch (class) {
    case ERR_NONE:
        return 200;
    case ERR_DIFFERS:
        return 409;
    case ERR_USAGE:
    case ERR_INPUT:
        return 400;
    case ERR_NOT_FOUND:
        return 404;
    case ERR_LIMIT:
        return 422;
    case ERR_NOMEM:
        return 503;
    case ERR_CORRUPT:
    case ERR_SYSTEM:
        return 500;
    }
    return 500;
}

const char *http_status_title(unsigned status)
{
    static const struct {
        unsigned status;
        const char *title;
    } rows[] = {
        {200, "OK"},
        {201, "Created"},
        {204, "No Content"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {414, "URI Too Long"},
        {415, "Unsupported Media Type"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {505, "HTTP Version Not Supported"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].status == status)
            return rows[i].title;
    return "Error";
}

void http_problem(struct http_response *r, unsigned status, const char *detail, const char *id)
{
    struct json_out j;

    text_free(&r->body);
    r->body = text_new(HTTP_ANSWER_BYTES_MAX);
    r->status = status;
    r->type = "application/problem+json";
    r->audits_n = 0;
    j = json_to(&r->body, false);
    json_object(&j);
    json_key(&j, "type");
    json_string(&j, "about:blank"); /* RFC 9457 section 4.2.1: the title is the status' */
    json_put_string(&j, "title", http_status_title(status));
    json_put_number(&j, "status", status);
    if (detail && *detail) {
        json_put_string(&j, "detail", detail);
    }
    json_put_string(&j, "request_id", id);
    json_object_end(&j);
}
