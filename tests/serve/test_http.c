/* Requests as text: escapes, queries, paths, framing; and problems. */
#include "serve/http.h"

#include "base/json.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ARENA_BYTES ((size_t)1 << 20)

static const struct {
    const char *name, *text;
    bool plus;
    const char *want; /* NULL: refused */
} decode_rows[] = {
    {"as it is", "abc", false, "abc"},
    {"nothing", "", false, ""},
    {"a slash", "a%2Fb", false, "a/b"},
    {"small digits", "%e2%82%ac", false, "\xe2\x82\xac"},
    {"a plus in a path", "a+b", false, "a+b"},
    {"a plus in a query", "a+b", true, "a b"},
    {"a percent", "100%25", true, "100%"},
    {"cut after the percent", "a%", false, NULL},
    {"cut after one digit", "a%4", false, NULL},
    {"no digits", "%zz", false, NULL},
    {"a space for a digit", "% 1", false, NULL},
    {"NUL", "%00", false, NULL},
    {"a newline", "%0a", false, NULL},
    {"a C1 control", "%c2%80", false, NULL},
    {"overlong", "%c0%af", false, NULL},
    {"half a surrogate", "%ed%a0%80", false, NULL},
};

static void decoding(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(decode_rows) / sizeof(decode_rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        const char *got = NULL;
        struct err err;
        bool ok = http_decode(a, decode_rows[i].text, strlen(decode_rows[i].text),
                              decode_rows[i].plus, &got, &err);

        test_row("%s", decode_rows[i].name);
        CHECK_U(ok, decode_rows[i].want != NULL);
        if (ok)
            CHECK_S(got, decode_rows[i].want);
        arena_free(a);
    }
}

static const struct {
    const char *name, *text;
    bool bad;
    size_t n;
    const char *x; /* the value of "x" */
} query_rows[] = {
    {"none", "", false, 0, NULL},
    {"one", "x=1", false, 1, "1"},
    {"without a value", "x", false, 1, ""},
    {"an empty value", "x=", false, 1, ""},
    {"an equals sign in the value", "x=a=b", false, 1, "a=b"},
    {"several", "a=1&x=2&b=3", false, 3, "2"},
    {"empty ones between", "&&x=2&&", false, 1, "2"},
    {"an escaped name", "%78=2", false, 1, "2"},
    {"twice", "x=1&x=1", true, 0, NULL},
    {"twice, once escaped", "x=1&%78=1", true, 0, NULL},
    {"a broken name", "%7=1", true, 0, NULL},
    {"a broken value", "x=%7", true, 0, NULL},
};

static void queries(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct text many = text_new(ARENA_BYTES);
    struct http_request r = {.query_n = 0};
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(query_rows) / sizeof(query_rows[0]); i++) {
        bool ok = http_query_read(a, query_rows[i].text, strlen(query_rows[i].text), false,
                                  &r.query, &r.query_n, &err);

        test_row("%s", query_rows[i].name);
        CHECK_U(ok, !query_rows[i].bad);
        if (!ok)
            continue;
        CHECK_U(r.query_n, query_rows[i].n);
        if (query_rows[i].x)
            CHECK_S(http_query(&r, "x"), query_rows[i].x);
        else
            CHECK(!http_query(&r, "x"));
    }
    test_row("as many as may be, and one more");
    for (unsigned i = 0; i <= HTTP_QUERY_MAX; i++) {
        text_printf(&many, "&n%u=%u", i, i);
        CHECK_U(http_query_read(a, many.p, many.n, false, &r.query, &r.query_n, &err),
                i < HTTP_QUERY_MAX);
    }
    CHECK_U(err.class, ERR_LIMIT);
    text_free(&many);
    arena_free(a);
}

static bool query_whole(void *unused)
{
    static const char text[] = "a=1&b=%41&c=d+e";
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct http_field *fields;
    struct err err;
    size_t n;
    bool ok = a && http_query_read(a, text, sizeof(text) - 1, false, &fields, &n, &err);

    (void)unused;
    arena_free(a);
    return ok;
}

static void without_memory(void **state)
{
    (void)state;
    test_failed_allocations(query_whole, NULL);
}

#define H "Host", "a"
static const struct {
    const char *name;
    bool old; /* HTTP/1.0 */
    unsigned status;
    uint64_t length;
    bool chunked;
    struct http_field fields[4];
} framing_rows[] = {
    {"no body", false, 0, 0, false, {{H}}},
    {"a length", false, 0, 12, false, {{H}, {"Content-Length", "12"}}},
    {"zeros in front", false, 0, 12, false, {{H}, {"content-length", "0012"}}},
    {"chunks", false, 0, 0, true, {{H}, {"Transfer-Encoding", "Chunked"}}},
    {"HTTP/1.0 without Host", true, 0, 0, false, {{"X", "y"}}},
    {"no Host", false, 400, 0, false, {{"X", "y"}}},
    {"two Hosts", true, 400, 0, false, {{H}, {"host", "b"}}},
    {"an empty length", false, 400, 0, false, {{H}, {"Content-Length", ""}}},
    {"a sign", false, 400, 0, false, {{H}, {"Content-Length", "+1"}}},
    {"hexadecimal", false, 400, 0, false, {{H}, {"Content-Length", "0x1"}}},
    {"2^64", false, 400, 0, false, {{H}, {"Content-Length", "18446744073709551616"}}},
    {"a list", false, 400, 0, false, {{H}, {"Content-Length", "1, 1"}}},
    {"twice", false, 400, 0, false, {{H}, {"Content-Length", "1"}, {"content-length", "1"}}},
    {"both",
     false,
     400,
     0,
     false,
     {{H}, {"Content-Length", "1"}, {"transfer-encoding", "chunked"}}},
    {"an encoding twice",
     false,
     400,
     0,
     false,
     {{H}, {"Transfer-Encoding", "chunked"}, {"Transfer-Encoding", "chunked"}}},
    {"identity", false, 501, 0, false, {{H}, {"Transfer-Encoding", "identity"}}},
    {"chunked last", false, 501, 0, false, {{H}, {"Transfer-Encoding", "gzip, chunked"}}},
    {"chunks in HTTP/1.0", true, 400, 0, false, {{H}, {"Transfer-Encoding", "chunked"}}},
    {"two keys", false, 400, 0, false, {{H}, {"authorization", "a"}, {"Authorization", "a"}}},
    {"a space in a name", false, 400, 0, false, {{H}, {"X y", "z"}}},
    {"an empty name", false, 400, 0, false, {{H}, {"", "z"}}},
    {"8-bit name", false, 400, 0, false, {{H}, {"\xc3\xa4", "z"}}},
    {"8-bit value, which is allowed", false, 0, 0, false, {{H}, {"X", "\xc3\xa4"}}},
    {"a tab in a value, which is allowed", false, 0, 0, false, {{H}, {"X", "a\tb"}}},
    {"DEL in a value", false, 400, 0, false, {{H}, {"X", "a\x7f"}}},
    {"CR in a value", false, 400, 0, false, {{H}, {"X", "a\rb"}}},
};

static void framing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(framing_rows) / sizeof(framing_rows[0]); i++) {
        struct http_framing f = {.length = 0};
        unsigned status = 0;
        struct err err;
        size_t n = 0;
        bool ok;

        while (n < 4 && framing_rows[i].fields[n].name)
            n++;
        ok = http_framing_read(framing_rows[i].fields, n, !framing_rows[i].old, &f, &status, &err);
        test_row("%s", framing_rows[i].name);
        CHECK_U(ok, !framing_rows[i].status);
        if (!ok) {
            CHECK_U(status, framing_rows[i].status);
            continue;
        }
        CHECK_U(f.length, framing_rows[i].length);
        CHECK_U(f.chunked, framing_rows[i].chunked);
    }
}

static bool nothing(struct http_job *job, struct err *err)
{
    (void)job;
    (void)err;
    return true;
}

static const struct http_route table[] = {
    {"GET", "/a", HTTP_PUBLIC, 0, 0, nothing},
    {"POST", "/a", HTTP_PUBLIC, 0, 0, nothing},
    {"GET", "/a/{x}", HTTP_PUBLIC, 0, 0, nothing},
    {"DELETE", "/a/{x}", HTTP_PUBLIC, 0, 0, nothing},
    {"GET", "/a/{x}/b/{y}", HTTP_PUBLIC, 0, 0, nothing},
    {"GET", "/a/{x}.json", HTTP_PUBLIC, 0, 0, nothing},
};

static const struct {
    const char *method, *path;
    enum http_found found;
    size_t row;
    const char *params[2];
    const char *allow;
} route_rows[] = {
    {"GET", "/a", HTTP_FOUND, 0, {NULL}, NULL},
    {"HEAD", "/a", HTTP_FOUND, 0, {NULL}, NULL},
    {"POST", "/a", HTTP_FOUND, 1, {NULL}, NULL},
    {"PUT", "/a", HTTP_NO_METHOD, 0, {NULL}, "GET, HEAD, POST, OPTIONS"},
    {"get", "/a", HTTP_NO_METHOD, 0, {NULL}, "GET, HEAD, POST, OPTIONS"},
    {"GET", "/a/1", HTTP_FOUND, 2, {"1"}, NULL},
    {"GET", "/a/1%2F2", HTTP_FOUND, 2, {"1%2F2"}, NULL},
    {"POST", "/a/1", HTTP_NO_METHOD, 0, {NULL}, "GET, HEAD, DELETE, OPTIONS"},
    {"GET", "/a/1/b/2", HTTP_FOUND, 4, {"1", "2"}, NULL},
    {"GET", "/a//b/2", HTTP_NO_PATH, 0, {NULL}, NULL},
    {"GET", "/a/", HTTP_NO_PATH, 0, {NULL}, NULL},
    {"GET", "/a/1/b", HTTP_NO_PATH, 0, {NULL}, NULL},
    {"GET", "/a/1/b/2/3", HTTP_NO_PATH, 0, {NULL}, NULL},
    {"GET", "/", HTTP_NO_PATH, 0, {NULL}, NULL},
    {"GET", "/b", HTTP_NO_PATH, 0, {NULL}, NULL},
};

static void routes(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(route_rows) / sizeof(route_rows[0]); i++) {
        const char *path = route_rows[i].path;
        struct bytes params[HTTP_PARAMS_MAX] = {{NULL, 0}};
        char allow[64];
        size_t row = 0;
        enum http_found found =
            http_route_find(table, sizeof(table) / sizeof(table[0]), route_rows[i].method,
                            (struct bytes){(const uint8_t *)path, strlen(path)}, &row, params,
                            allow, sizeof(allow));

        test_row("%s %s", route_rows[i].method, path);
        CHECK_U(found, route_rows[i].found);
        if (route_rows[i].allow)
            CHECK_S(allow, route_rows[i].allow);
        if (found != HTTP_FOUND)
            continue;
        CHECK_U(row, route_rows[i].row);
        for (unsigned k = 0; k < 2 && route_rows[i].params[k]; k++)
            CHECK(params[k].n == strlen(route_rows[i].params[k]) &&
                  !memcmp(params[k].p, route_rows[i].params[k], params[k].n));
    }
}

static const struct {
    const char *target;
    bool fits;
    const char *path, *query;
} target_rows[] = {
    {"/", true, "/", ""},
    {"/a?b", true, "/a", "b"},
    {"/a?", true, "/a", ""},
    {"/a?b?c", true, "/a", "b?c"},
    {"/bitcoin:sim/1%2f", true, "/bitcoin:sim/1%2f", ""},
    {"", false, NULL, NULL},
    {"*", false, NULL, NULL},
    {"a", false, NULL, NULL},
    {"http://a/", false, NULL, NULL},
    {"/a#b", false, NULL, NULL},
    {"/a b", false, NULL, NULL},
    {"/a\\b", false, NULL, NULL},
    {"/\x7f", false, NULL, NULL},
    {"/\xc3\xa4", false, NULL, NULL},
};

static void targets(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(target_rows) / sizeof(target_rows[0]); i++) {
        struct bytes path, query;
        bool fits = http_target_split(target_rows[i].target, &path, &query);

        test_row("%s", target_rows[i].target);
        CHECK_U(fits, target_rows[i].fits);
        if (!fits)
            continue;
        CHECK(path.n == strlen(target_rows[i].path) &&
              !memcmp(path.p, target_rows[i].path, path.n));
        CHECK(query.n == strlen(target_rows[i].query) &&
              !memcmp(query.p, target_rows[i].query, query.n));
    }
}

static void ids(void **state)
{
    char longest[HTTP_ID_MAX + 2];

    (void)state;
    memset(longest, 'a', sizeof(longest));
    longest[HTTP_ID_MAX] = 0;
    CHECK(http_id_fits(longest));
    longest[HTTP_ID_MAX] = 'a';
    longest[HTTP_ID_MAX + 1] = 0;
    CHECK(!http_id_fits(longest));
    CHECK(http_id_fits("3f.A_z-9"));
    CHECK(!http_id_fits(""));
    CHECK(!http_id_fits("a b"));
    CHECK(!http_id_fits("a\"b"));
    CHECK(!http_id_fits("a\nb"));
}

static void bodies(void **state)
{
    char path[4096], got[8];
    struct http_body memory = {.n = 5, .p = (const uint8_t *)"abcde", .fd = -1}, file = {.n = 5};
    size_t n;
    struct err err;

    (void)state;
    snprintf(path, sizeof(path), "%s/body", test_dir());
    test_write(path, "abcdeXX", 7); /* what is behind its length is not of the body */
    file.fd = fileno(fopen(path, "re"));
    for (unsigned i = 0; i < 2; i++) {
        const struct http_body *b = i ? &file : &memory;

        CHECK_OK(http_body_read(b, 0, got, 3, &n, &err), err);
        CHECK(n == 3 && !memcmp(got, "abc", 3));
        CHECK_OK(http_body_read(b, 3, got, 8, &n, &err), err);
        CHECK(n == 2 && !memcmp(got, "de", 2));
        CHECK_OK(http_body_read(b, 5, got, 8, &n, &err), err);
        CHECK_U(n, 0);
        CHECK_OK(http_body_read(b, UINT64_MAX, got, 8, &n, &err), err);
        CHECK_U(n, 0);
    }
    file.n = 100; /* it was cut off under us */
    CHECK(!http_body_read(&file, 50, got, 8, &n, &err));
    close(file.fd);
}

static void problems(void **state)
{
    struct http_response r = {.body = text_new(1000), .audits_n = 3};
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct json *j;
    struct err err;

    (void)state;
    text_str(&r.body, "half an answer");
    http_problem(&r, 404, "no \"x\" here", "id-1");
    CHECK_U(r.audits_n, 0);
    CHECK_OK(json_read(a, r.body.p, r.body.n, &j, &err), err);
    CHECK(json_is_string(json_get(j, "title"), "Not Found"));
    CHECK(json_is_string(json_get(j, "detail"), "no \"x\" here"));
    CHECK(json_is_string(json_get(j, "request_id"), "id-1"));
    CHECK_S(json_get(j, "status")->text, "404");
    http_problem(&r, 418, NULL, "id-2");
    CHECK_OK(json_read(a, r.body.p, r.body.n, &j, &err), err);
    CHECK(!json_get(j, "detail"));
    text_free(&r.body);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decoding), cmocka_unit_test(queries), cmocka_unit_test(without_memory),
        cmocka_unit_test(framing),  cmocka_unit_test(routes),  cmocka_unit_test(targets),
        cmocka_unit_test(ids),      cmocka_unit_test(bodies),  cmocka_unit_test(problems),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
