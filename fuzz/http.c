/* A request's target, query and headers: the first line is a target, the lines behind it are fields
 * with a colon. What is taken keeps the promises of serve/http.h. */
#include "serve/http.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool nothing(struct http_job *job, struct err *err)
{
    (void)job;
    (void)err;
    return true;
}

static const struct http_route routes[] = {
    {"GET", "/v1/address/{chain}/{address}", HTTP_READ, 0, 0, nothing},
    {"POST", "/{a}/{b}/{c}/{d}", HTTP_READ, 0, 0, nothing},
    {"GET", "/{a}.json", HTTP_READ, 0, 0, nothing},
};

static void decoded(const char *text)
{
    assert(utf8_valid(text, strlen(text)) && text_is_plain(text, strlen(text)));
}

static void target(struct arena *a, const char *text, const char *method)
{
    struct bytes path, query, params[HTTP_PARAMS_MAX] = {{NULL, 0}};
    const struct http_field *fields;
    const char *param;
    char allow[64];
    size_t row, n;
    struct err err;

    if (!http_target_split(text, &path, &query))
        return;
    assert(path.n && path.n + query.n <= strlen(text) && *path.p == '/');
    if (http_query_read(a, (const char *)query.p, query.n, *method == 'G', &fields, &n, &err))
        for (size_t i = 0; i < n; i++) {
            decoded(fields[i].name);
            decoded(fields[i].value);
        }
    if (http_route_find(routes, 3, method, path, &row, params, allow, sizeof(allow)) == HTTP_FOUND)
        for (size_t i = 0; i < HTTP_PARAMS_MAX && params[i].p; i++) {
            assert(params[i].p >= path.p && params[i].p + params[i].n <= path.p + path.n);
            assert(!memchr(params[i].p, '/', params[i].n));
            if (http_decode(a, (const char *)params[i].p, params[i].n, false, &param, &err))
                decoded(param);
        }
}

static void headers(char *lines)
{
    struct http_field fields[HTTP_HEADERS_MAX + 1];
    struct http_framing f;
    unsigned status = 0;
    struct err err;
    size_t n = 0;

    while (lines && *lines && n <= HTTP_HEADERS_MAX) {
        char *end = strchr(lines, '\n'), *colon;

        if (end)
            *end = 0;
        colon = strchr(lines, ':');
        if (colon)
            *colon = 0;
        fields[n++] = (struct http_field){lines, colon ? colon + 1 : ""};
        lines = end ? end + 1 : NULL;
    }
    if (http_framing_read(fields, n, true, &f, &status, &err))
        assert(!f.chunked || !f.length);
    else
        assert(status == 400 || status == 431 || status == 501);
    for (size_t i = 0; i < n; i++)
        http_id_fits(fields[i].value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 22);
    char *text = a ? arena_string(a, (const char *)data, size) : NULL, *line;

    if (text) {
        line = strchr(text, '\n');
        if (line)
            *line++ = 0;
        target(a, text, "GET");
        target(a, text, "POST");
        headers(line);
    }
    arena_free(a);
    return 0;
}
