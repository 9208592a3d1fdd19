#include "support.h"

#include <stdio.h>

#include "base/json.h"
#include "base/json_walk.h"

#include <stdlib.h>

#define ARENA_BYTES ((size_t)64 << 20)

/* Documents that RFC 8259 (or this reader, where the RFC leaves it open) refuses, wherever in the
 * document the fault lies. Text in these rows is C-escaped, so "\\u" is the two characters. */
static const struct {
    const char *text;
    enum err_class class;
} bad_rows[] = {
    {"", ERR_INPUT},
    {" \t\r\n", ERR_INPUT},
    {"[", ERR_INPUT},
    {"]", ERR_INPUT},
    {"{", ERR_INPUT},
    {"}", ERR_INPUT},
    {"[}", ERR_INPUT},
    {"{]", ERR_INPUT},
    {"[1", ERR_INPUT},
    {"[1,", ERR_INPUT},
    {"[1,]", ERR_INPUT},
    {"[,1]", ERR_INPUT},
    {"[1,,2]", ERR_INPUT},
    {"[1 2]", ERR_INPUT},
    {"[1]]", ERR_INPUT},
    {"[1]x", ERR_INPUT},
    {"[1] 2", ERR_INPUT},
    {"[1],", ERR_INPUT},
    {"1 2", ERR_INPUT},
    {"\"a\"\"b\"", ERR_INPUT},
    {"[\"a\"b]", ERR_INPUT},
    {"[1\"a\"]", ERR_INPUT},
    {"[\"a\" 1]", ERR_INPUT},
    {"[1:2]", ERR_INPUT},
    {"{1:2}", ERR_INPUT},
    {"{a:2}", ERR_INPUT},
    {"{'a':2}", ERR_INPUT},
    {"['a']", ERR_INPUT},
    {"{\"a\"}", ERR_INPUT},
    {"{\"a\",1}", ERR_INPUT},
    {"{\"a\" 1}", ERR_INPUT},
    {"{\"a\":}", ERR_INPUT},
    {"{\"a\":1,}", ERR_INPUT},
    {"{\"a\":1 \"b\":2}", ERR_INPUT},
    {"{\"a\":1]", ERR_INPUT},
    {"{,\"a\":1}", ERR_INPUT},
    {"{\"a\"::1}", ERR_INPUT},
    {"{null:1}", ERR_INPUT},
    {"{\"a\":{\"b\":[1,{\"c\":tru}]}}", ERR_INPUT},
    {"{\"deep\":[[[[1,2,3,{\"x\":[1 ,]}]]]],\"after\":1}", ERR_INPUT},
    {"true1", ERR_INPUT},
    {"[truee]", ERR_INPUT},
    {"[True]", ERR_INPUT},
    {"[nul]", ERR_INPUT},
    {"[nulll]", ERR_INPUT},
    {"[fals]", ERR_INPUT},
    {"t", ERR_INPUT},
    {"nul", ERR_INPUT},
    {"[NaN]", ERR_INPUT},
    {"[Infinity]", ERR_INPUT},
    {"[-Infinity]", ERR_INPUT},
    {"[undefined]", ERR_INPUT},
    {"[01]", ERR_INPUT},
    {"[-01]", ERR_INPUT},
    {"[00]", ERR_INPUT},
    {"[+1]", ERR_INPUT},
    {"[-]", ERR_INPUT},
    {"-", ERR_INPUT},
    {"[--1]", ERR_INPUT},
    {"[.5]", ERR_INPUT},
    {"[5.]", ERR_INPUT},
    {"[5.e1]", ERR_INPUT},
    {"[1e]", ERR_INPUT},
    {"1e", ERR_INPUT},
    {"[1e+]", ERR_INPUT},
    {"[1e1.5]", ERR_INPUT},
    {"[0x10]", ERR_INPUT},
    {"[1_000]", ERR_INPUT},
    {"[1a]", ERR_INPUT},
    {"[1.2.3]", ERR_INPUT},
    {"[- 1]", ERR_INPUT},
    {"[1 e5]", ERR_INPUT},
    {"\"", ERR_INPUT},
    {"\"abc", ERR_INPUT},
    {"\"abc\\", ERR_INPUT},
    {"\"abc\\\"", ERR_INPUT},
    {"[\"\\x\"]", ERR_INPUT},
    {"[\"\\'\"]", ERR_INPUT},
    {"[\"\\0\"]", ERR_INPUT},
    {"[\"\\U0041\"]", ERR_INPUT},
    {"[\"\\u\"]", ERR_INPUT},
    {"[\"\\u12\"]", ERR_INPUT},
    {"[\"\\u12g4\"]", ERR_INPUT},
    {"[\"\\ud800\"]", ERR_INPUT},
    {"[\"\\udc00\"]", ERR_INPUT},
    {"[\"\\ud800x\"]", ERR_INPUT},
    {"[\"\\ud800\\n\"]", ERR_INPUT},
    {"[\"\\ud800\\u0041\"]", ERR_INPUT},
    {"[\"\\ud800\\ud800\"]", ERR_INPUT},
    {"[\"\\udc00\\ud800\"]", ERR_INPUT},
    {"[\"a\nb\"]", ERR_INPUT},
    {"[\"a\tb\"]", ERR_INPUT},
    {"[\"\x01\"]", ERR_INPUT},
    {"{\"a\nb\":1}", ERR_INPUT},
    {"{\"\\q\":1}", ERR_INPUT},
    {"[\"\x80\"]", ERR_INPUT},
    {"[\"\xc0\x80\"]", ERR_INPUT},
    {"[\"\xc3\"]", ERR_INPUT},
    {"[\"\xed\xa0\x80\"]", ERR_INPUT},
    {"[\"\xf4\x90\x80\x80\"]", ERR_INPUT},
    {"[1]\xff", ERR_INPUT},
    {"\xef\xbb\xbf[]", ERR_INPUT},
    {"[1]\xc2\xa0", ERR_INPUT},
    {"[1]\f", ERR_INPUT},
    {"[1,\v2]", ERR_INPUT},
    {"[1/*2*/]", ERR_INPUT},
    {"[1]//", ERR_INPUT},
    {"#[1]", ERR_INPUT},
    {"{\"a\":1,\"a\":1}", ERR_INPUT},
    {"{\"a\":1,\"b\":{\"c\":0,\"d\":0,\"\\u0063\":0}}", ERR_INPUT},
    {"{\"\":1,\"\":2}", ERR_INPUT},
    {"[{\"a\":1,\"b\":2,\"c\":3,\"a\":{}}]", ERR_INPUT},
    {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", ERR_LIMIT},
};

static bool walk_over(const char *p, size_t n, struct err *err)
{
    struct json_walk w;
    bool ok;

    if (!json_walk_open(&w, p, n, err))
        return false;
    json_walk_skip(&w);
    ok = json_walk_end(&w);
    json_walk_close(&w);
    return ok;
}

/* What the walk leaves to its caller (json_walk.h): bad escapes, keys given twice, and depth of
 * which it allows more. */
static bool walk_may_take(const char *text)
{
    return strchr(text, '\\') || strstr(text, "\"a\":1,\"a\"") || strstr(text, "\"\":2") ||
           strstr(text, "\"c\":3,\"a\"");
}

static void refused(void **state)
{
    for (size_t i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        size_t n = strlen(bad_rows[i].text);
        char *exact = malloc(n ? n : 1); /* so that a sanitizer sees one byte too many */
        const struct json *j = NULL;
        struct err err;

        test_row("%s", bad_rows[i].text);
        memcpy(exact, bad_rows[i].text, n);
        CHECK(!json_read(a, exact, n, &j, &err));
        CHECK_U(err.class, bad_rows[i].class);
        CHECK(!j);
        CHECK(!walk_over(exact, n, &err) || walk_may_take(bad_rows[i].text));
        free(exact);
        arena_free(a);
    }
}

static void nul_bytes_refused(void **state)
{
    static const char in_string[] = "[\"a\0b\"]", outside[] = "[1]\0", between[] = "[1,\0 2]";
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct json *j;
    struct err err;

    CHECK(!json_read(a, in_string, sizeof(in_string) - 1, &j, &err));
    CHECK(!json_read(a, outside, sizeof(outside) - 1, &j, &err));
    CHECK(!json_read(a, between, sizeof(between) - 1, &j, &err));
    arena_free(a);
}

static const struct json *read_ok(struct arena *a, const char *text)
{
    const struct json *j = NULL;
    struct err err;

    CHECK_OK(walk_over(text, strlen(text), &err), err);
    CHECK_OK(json_read(a, text, strlen(text), &j, &err), err);
    return j;
}

/* What each document says, in the compact form of the writer below: expected values by hand. */
static const struct {
    const char *text, *want;
} good_rows[] = {
    {"null", "null"},
    {" true ", "true"},
    {"\r\n\tfalse", "false"},
    {"[]", "[]"},
    {"{ }", "{}"},
    {"[ [ ] , { } , [ [ ] ] ]", "[[],{},[[]]]"},
    {"{\"a\" : [ 1 , -0 ] , \"b\" : { \"a\" : null } }", "{\"a\":[1,-0],\"b\":{\"a\":null}}"},
    {"0", "0"},
    {"-12", "-12"},
    {"9007199254740993", "9007199254740993"},
    {"18446744073709551616", "18446744073709551616"},
    {"[1e999, 0.10, 1E+2, 1e-00, -0.0e0]", "[1e999,0.10,1E+2,1e-00,-0.0e0]"},
    {"\"\"", "\"\""},
    {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""},
    {"\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\"", "\"A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
    {"\"\\u0000\\u001F\\u007f\"", "\"\\u0000\\u001f\x7f\""},
    {"\"\\uFFFF\\udbff\\udfff\"", "\"\xef\xbf\xbf\xf4\x8f\xbf\xbf\""},
    {"\"[{,:}]\"", "\"[{,:}]\""},
    {"{\"\":0,\"a\\u0000\":1,\"a\":2}", "{\"\":0,\"a\\u0000\":1,\"a\":2}"},
};

static void good(void **state)
{
    for (size_t i = 0; i < sizeof(good_rows) / sizeof(good_rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct text t = text_new(1 << 20);
        struct json_out out = json_to(&t, false);

        test_row("%s", good_rows[i].text);
        json_tree(&out, read_ok(a, good_rows[i].text));
        CHECK_S(text_string(&t), good_rows[i].want);
        text_free(&t);
        arena_free(a);
    }
}

static void depth_at_its_limit(void **state)
{
    char text[2 * JSON_DEPTH_MAX + 3];
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct json *j;
    struct err err;

    memset(text, '[', JSON_DEPTH_MAX + 1);
    memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
    CHECK_OK(json_read(a, text + 1, 2 * JSON_DEPTH_MAX, &j, &err), err);
    CHECK(!json_read(a, text, 2 * JSON_DEPTH_MAX + 2, &j, &err));
    CHECK_U(err.class, ERR_LIMIT);
    CHECK_S(err.text, "byte 64: nested deeper than 64");
    arena_free(a);
}

static void complaints(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"{\"a\":1,\"b\":2,\"a\":3}", "byte 17: \"a\" is given twice"},
        {"[1,]", "byte 3: a value is wanted"},
        {"[1 2]", "byte 3: a comma or ] is wanted"},
        {"[1\"a\"]", "byte 2: not part of JSON"},
        {"{\"a\":[01]}", "byte 7: not part of JSON"},
        {"[\"ab\\q\"]", "byte 4: a bad escape"},
        {"[\"abc", "byte 1: a string without an end, or with a control character in it"},
        {"[1]]", "byte 3: more after the end of the document"},
        {"[1", "byte 2: the text ends too early"},
        {"  ", "byte 2: a value is wanted, and the text ends"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        const struct json *j;
        struct err err;

        test_row("%s", rows[i].text);
        CHECK(!json_read(a, rows[i].text, strlen(rows[i].text), &j, &err));
        CHECK_S(err.text, rows[i].want);
        arena_free(a);
    }
}

static void tree_and_its_accessors(void **state)
{
    static const char *const known[] = {"n", "big", "s", "list", "nul", NULL};
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct json *j = read_ok(a, "{\"n\":42,\"big\":\"18446744073709551615\",\"s\":\"x\","
                                      "\"list\":[1,2,3],\"nul\":\"a\\u0000\"}");
    const char *s;
    uint64_t v;
    struct err err;

    CHECK_U(j->children_n, 5);
    CHECK_U(json_get(j, "list")->children_n, 3);
    CHECK_U(json_get(j, "list")->offset, 52);
    CHECK(!json_get(j, "lis") && !json_get(NULL, "n") && !json_get(json_get(j, "n"), "n"));
    CHECK_OK(json_u64(json_get(j, "n"), "n", &v, &err), err);
    CHECK_U(v, 42);
    CHECK_OK(json_u64(json_get(j, "big"), "big", &v, &err), err);
    CHECK_U(v, UINT64_MAX);
    CHECK(!json_u64(json_get(j, "s"), "s", &v, &err));
    CHECK_S(err.text, "s: a whole number is wanted");
    CHECK(!json_u64(NULL, "s", &v, &err));
    CHECK_S(err.text, "s: missing");
    CHECK_OK(json_text(json_get(j, "s"), "s", &s, &err), err);
    CHECK_S(s, "x");
    CHECK(!json_text(json_get(j, "nul"), "nul", &s, &err));
    CHECK(!json_text(json_get(j, "n"), "n", &s, &err));
    CHECK(json_is_string(json_get(j, "s"), "x") && !json_is_string(NULL, "x"));
    CHECK(!json_is_string(json_get(j, "nul"), "a"));
    CHECK_OK(json_only(j, "case", known, &err), err);
    CHECK(!json_only(j, "case", known + 1, &err));
    CHECK_S(err.text, "case: unknown member \"n\"");
    CHECK(!json_only(json_get(j, "n"), "n", known, &err));
    arena_free(a);
}

static void writer(void **state)
{
    static const uint8_t bytes[] = {0x01, 0xab};
    struct text t = text_new(1 << 20);
    struct json_out j = json_to(&t, false);

    json_object(&j);
    json_key(&j, "a\"");
    json_array(&j);
    json_number(&j, 7);
    json_decimal(&j, UINT64_MAX);
    json_bool(&j, true);
    json_null(&j);
    json_string(&j, NULL);
    json_array_end(&j);
    json_key(&j, "hex");
    json_hex(&j, bytes, 2);
    json_key(&j, "reversed");
    json_hex_reversed(&j, bytes, 2);
    json_key(&j, "not utf-8");
    json_string_n(&j, "a\xc3(\xe2\x82", 5);
    json_key(&j, "empty");
    json_object(&j);
    json_object_end(&j);
    json_object_end(&j);
    CHECK_S(text_string(&t),
            "{\"a\\\"\":[7,\"18446744073709551615\",true,null,null],\"hex\":\"01ab\",\"reversed\":"
            "\"ab01\","
            "\"not utf-8\":\"a\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\",\"empty\":{}}");
    text_free(&t);
}

static void writer_of_members(void **state)
{
    static const uint8_t bytes[] = {0x01, 0xab};
    struct text t = text_new(1 << 20);
    struct json_out j = json_to(&t, false);
    struct u256 one_and_64_zeros = {.w = {0, 1}};

    json_object(&j);
    json_put_string(&j, "a", "b\n");
    json_put_string(&j, "none", NULL);
    json_put_number(&j, "n", UINT64_MAX);
    json_put_number_or_null(&j, "o", 6, 7);
    json_put_number_or_null(&j, "p", 7, 7);
    json_put_decimal(&j, "q", 12);
    json_put_u256(&j, "r", one_and_64_zeros);
    json_put_bool(&j, "s", false);
    json_put_hex(&j, "t", bytes, 2);
    json_put_hex_reversed(&j, "u", bytes, 2);
    json_object_end(&j);
    CHECK_S(text_string(&t), "{\"a\":\"b\\n\",\"none\":null,\"n\":18446744073709551615,"
                             "\"o\":6,\"p\":null,\"q\":\"12\",\"r\":\"18446744073709551616\","
                             "\"s\":false,\"t\":\"01ab\",\"u\":\"ab01\"}");
    text_free(&t);
}

static void writer_pretty(void **state)
{
    struct text t = text_new(1 << 20);
    struct json_out j = json_to(&t, true);
    struct arena *a = arena_new(NULL, ARENA_BYTES);

    json_tree(&j, read_ok(a, "{\"a\":1,\"b\":[{\"x\":[1,2],\"y\":2},3],\"c\":{},\"d\":[]}"));
    CHECK_S(text_string(&t),
            "{\n  \"a\": 1,\n  \"b\": [\n    {\"x\": [1,2],\"y\": 2},\n    3\n  ],\n"
            "  \"c\": {},\n  \"d\": []\n}");
    text_free(&t);
    arena_free(a);
}

static const char sample[] =
    "{\"a\":[1,-2.5e3,\"x\\u00e9\\ud83d\\ude00\",true,null],\"b\":{\"c\":\"\",\"d\":[{}]},"
    "\"e\":\"\xc3\xa9\",\"f\":0,\"g\":1,\"h\":2}";

static bool take(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct json *j;
    struct err err;
    bool ok = json_read(a, (const char *)in.p, in.n, &j, &err);

    arena_free(a);
    return ok;
}

static void truncations(void **state)
{
    test_truncations((struct bytes){(const uint8_t *)sample, sizeof(sample) - 1}, take, NULL);
}

static bool with_allocations(void *ctx)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct json *j;
    struct err err = {ERR_NONE, ""};
    bool ok = a && json_read(a, sample, sizeof(sample) - 1, &j, &err);

    CHECK(ok || !a || err.class == ERR_NOMEM);
    arena_free(a);
    return ok;
}

static void failed_allocations(void **state)
{
    test_failed_allocations(with_allocations, NULL);
}

/* 200,000 names are checked in one sort; a pairwise comparison would take minutes. */
static void many_keys(void **state)
{
    enum { KEYS = 200000 };
    struct text t = text_new((size_t)32 << 20);
    struct arena *a = arena_new(NULL, (size_t)256 << 20);
    const struct json *j;
    struct err err;

    text_char(&t, '{');
    for (unsigned i = 0; i < KEYS; i++)
        text_printf(&t, "%s\"key%u\":0", i ? "," : "", i ^ 0x155);
    text_char(&t, '}');
    CHECK_OK(json_read(a, t.p, t.n, &j, &err), err);
    CHECK_U(j->children_n, KEYS);
    t.n--;
    text_str(&t, ",\"key77\":1}");
    CHECK(!json_read(a, t.p, t.n, &j, &err));
    CHECK(strstr(err.text, "\"key77\" is given twice"));
    text_free(&t);
    arena_free(a);
}

static void arena_limit(void **state)
{
    struct arena *a = arena_new(NULL, 600);
    const struct json *j;
    struct err err;

    CHECK(!json_read(a, sample, sizeof(sample) - 1, &j, &err));
    CHECK_U(err.class, ERR_LIMIT);
    arena_free(a);
}

/* Random trees, written out and read back, say the same: by comparing the two texts. */
static void random_json(struct test_random *r, struct json_out *j, unsigned depth)
{
    unsigned kind = (unsigned)test_below(r, depth < 5 ? 7 : 5);
    char s[8];

    switch (kind) {
    case 0:
        json_null(j);
        break;
    case 1:
        json_bool(j, test_below(r, 2));
        break;
    case 2:
        json_number(j, test_random(r) >> test_below(r, 64));
        break;
    case 3:
    case 4:
        for (size_t i = 0; i < sizeof(s); i++)
            s[i] = (char)test_below(r, 128);
        json_string_n(j, s, test_below(r, sizeof(s)));
        break;
    case 5:
        json_array(j);
        for (uint64_t n = test_below(r, 5); n; n--)
            random_json(r, j, depth + 1);
        json_array_end(j);
        break;
    default:
        json_object(j);
        for (uint64_t n = test_below(r, 12); n; n--) {
            json_key(j, (const char[]){(char)('a' + n), 0});
            random_json(r, j, depth + 1);
        }
        json_object_end(j);
    }
}

/* Without the white space between tokens: character by character. */
static void put_compact(struct text *t, const char *s)
{
    bool in = false;

    for (; *s; s++) {
        in ^= *s == '"';
        if (in && *s == '\\')
            text_char(t, *s++);
        if (in || !strchr(" \n", *s))
            text_char(t, *s);
    }
}

/* The same, value by value of a walk. */
static void put_walked(struct text *t, struct json_walk *w)
{
    struct bytes v;

    switch (json_walk_type(w)) {
    case JSON_OBJECT:
        json_walk_object(w);
        text_char(t, '{');
        for (bool first = true; json_walk_key(w, &v); first = false) {
            text_printf(t, "%s\"%.*s\":", first ? "" : ",", (int)v.n, (const char *)v.p);
            put_walked(t, w);
        }
        text_char(t, '}');
        return;
    case JSON_ARRAY:
        json_walk_array(w);
        text_char(t, '[');
        for (bool first = true; json_walk_item(w); first = false) {
            text_str(t, first ? "" : ",");
            put_walked(t, w);
        }
        text_char(t, ']');
        return;
    case JSON_STRING:
        v = json_walk_string(w);
        text_printf(t, "\"%.*s\"", (int)v.n, (const char *)v.p);
        return;
    case JSON_NUMBER:
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL:
        v = json_walk_scalar(w);
        text_put(t, (const char *)v.p, v.n);
        return;
    }
}

static void walk_says_the_same(const char *json)
{
    struct text want = text_new(1 << 20), got = text_new(1 << 20);
    struct json_walk w;
    struct err err;

    put_compact(&want, json);
    CHECK_OK(json_walk_open(&w, json, strlen(json), &err), err);
    put_walked(&got, &w);
    CHECK_OK(json_walk_end(&w), err);
    json_walk_close(&w);
    CHECK_S(text_string(&got), text_string(&want));
    text_free(&want);
    text_free(&got);
}

static void random_round_trips(void **state)
{
    struct test_random r = {test_seed()};

    for (unsigned i = 0; i < 2000; i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct text one = text_new(1 << 20), other = text_new(1 << 20);
        struct json_out to_one = json_to(&one, i % 2), to_other = json_to(&other, i % 2);

        random_json(&r, &to_one, 0);
        json_tree(&to_other, read_ok(a, text_string(&one)));
        CHECK_S(text_string(&other), text_string(&one));
        walk_says_the_same(text_string(&one));
        text_free(&one);
        text_free(&other);
        arena_free(a);
    }
}

static void walk(void **state)
{
    static const char text[] =
        " {\"a\": \"x\\\"y\" , \"b\":[1, [ ], {\"c\":null}, -2.5e3 ],\"d\":{}, \"e\" :true } ";
    struct json_walk w;
    struct bytes key, v;
    struct err err;

    CHECK_OK(json_walk_open(&w, text, strlen(text), &err), err);
    CHECK(json_walk_object(&w));
    CHECK(json_walk_key(&w, &key) && key.n == 1 && key.p[0] == 'a');
    v = json_walk_string(&w);
    CHECK(v.n == 4 && !memcmp(v.p, "x\\\"y", 4));
    CHECK(json_walk_key(&w, &key) && json_walk_type(&w) == JSON_ARRAY && json_walk_array(&w));
    CHECK(json_walk_item(&w) && json_walk_scalar(&w).n == 1);
    CHECK(json_walk_item(&w) && json_walk_array(&w) && !json_walk_item(&w));
    CHECK(json_walk_item(&w) && json_walk_type(&w) == JSON_OBJECT);
    json_walk_skip(&w);
    CHECK(json_walk_item(&w));
    v = json_walk_scalar(&w);
    CHECK(v.n == 6 && !memcmp(v.p, "-2.5e3", 6));
    CHECK(!json_walk_item(&w));
    CHECK(json_walk_key(&w, &key) && json_walk_object(&w) && !json_walk_key(&w, &key));
    CHECK(json_walk_key(&w, &key) && json_walk_type(&w) == JSON_TRUE);
    CHECK_U(json_walk_scalar(&w).n, 4);
    CHECK(!json_walk_key(&w, &key) && json_walk_end(&w));
    json_walk_close(&w);
}

static void walk_complains(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"[1,", "byte 3: the text ends too early"},
        {"{\"a\" 1}", "byte 5: a colon is wanted"},
        {"[1 2]", "byte 3: a comma or ] is wanted"},
        {"{\"a\":1]", "byte 6: a comma or } is wanted"},
        {"[tru]", "byte 1: a value is wanted"},
        {"{1:2}", "byte 1: a name in quotes is wanted"},
        {"[1]x", "byte 3: more after the end of the document"},
        {"\"abc", "byte 0: a string without an end, or with a control character in it"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err err;

        test_row("%s", rows[i].text);
        CHECK(!walk_over(rows[i].text, strlen(rows[i].text), &err));
        CHECK_S(err.text, rows[i].want);
    }
}

static void walk_whole(void **state)
{
    static const struct {
        const char *text;
        uint64_t want;
        bool other, bad; /* something else; not JSON, or nested */
    } rows[] = {
        {"0", 0, false, false},
        {"\"0\"", 0, false, false},
        {" 12 ", 12, false, false},
        {" \"12\" ", 12, false, false},
        {"9999999999999999999", 9999999999999999999u, false, false},
        {"18446744073709551615", UINT64_MAX, false, false},
        {"\"18446744073709551615\"", UINT64_MAX, false, false},
        {"18446744073709551616", 0, true, false},
        {"99999999999999999999", 0, true, false},
        {"-1", 0, true, false},
        {"1.0", 0, true, false},
        {"1e2", 0, true, false},
        {"\"01\"", 0, true, false},
        {"\"1 \"", 0, true, false},
        {"\"\"", 0, true, false},
        {"\"12x\"", 0, true, false},
        {"null", 0, true, false},
        {"01", 0, false, true},
        {"12x", 0, false, true},
        {"[1]", 0, false, true},
        {"{}", 0, false, true},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t n = strlen(rows[i].text);
        char *exact = malloc(n); /* so that a sanitizer sees one byte too many */
        struct json_walk w;
        uint64_t v = 0;
        struct err err;

        test_row("%s", rows[i].text);
        CHECK(exact);
        memcpy(exact, rows[i].text, n);
        CHECK_OK(json_walk_open(&w, exact, n, &err), err);
        CHECK_U(json_walk_whole(&w, &v), !rows[i].other && !rows[i].bad);
        CHECK_U(w.bad, rows[i].bad);
        CHECK_U(v, rows[i].want);
        CHECK(rows[i].bad || json_walk_end(&w));
        json_walk_close(&w);
        free(exact);
    }
}

static void walk_depth(void **state)
{
    static char text[2 * JSON_WALK_DEPTH_MAX + 2];
    struct err err;

    memset(text, '[', JSON_WALK_DEPTH_MAX);
    memset(text + JSON_WALK_DEPTH_MAX, ']', JSON_WALK_DEPTH_MAX);
    CHECK_OK(walk_over(text, 2 * JSON_WALK_DEPTH_MAX, &err), err);
    memset(text, '[', JSON_WALK_DEPTH_MAX + 1);
    memset(text + JSON_WALK_DEPTH_MAX + 1, ']', JSON_WALK_DEPTH_MAX + 1);
    CHECK(!walk_over(text, sizeof(text), &err) && err.class == ERR_LIMIT);
}

static bool walk_exact(struct bytes in, void *ctx)
{
    struct err err;

    return walk_over((const char *)in.p, in.n, &err);
}

static void walk_truncations(void **state)
{
    static const char text[] = "{\"a\":[1,{\"b\":\"c\\n\"},[],null,true],\"d\":-1.5e+7}";

    test_truncations((struct bytes){(const uint8_t *)text, strlen(text)}, walk_exact, NULL);
}

/* Wherever a character stands that is written otherwise, in a string of whatever length. */
static void escapes_in_every_place(void **state)
{
    static const struct {
        char c;
        const char *with;
    } odd[] = {
        {'"', "\\\""},       {'\\', "\\\\"},           {'\n', "\\n"}, {'\x01', "\\u0001"},
        {'\x1f', "\\u001f"}, {'\x80', "\xef\xbf\xbd"}, {' ', " "},    {'\x7f', "\x7f"},
    };

    (void)state;
    for (size_t n = 1; n <= 40; n++)
        for (size_t at = 0; at < n; at++)
            for (size_t o = 0; o < sizeof(odd) / sizeof(odd[0]); o++) {
                char in[41], want[64];
                struct text t = text_new(256);
                struct json_out j = json_to(&t, false);

                memset(in, 'a', n);
                in[at] = odd[o].c;
                snprintf(want, sizeof(want), "[\"%.*s%s%.*s\"", (int)at, in, odd[o].with,
                         (int)(n - at - 1), in + at + 1);
                json_array(&j); /* there is room now */
                json_string_n(&j, in, n);
                CHECK_S(text_string(&t), want);
                text_free(&t);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_in_every_place),
        cmocka_unit_test(refused),
        cmocka_unit_test(nul_bytes_refused),
        cmocka_unit_test(good),
        cmocka_unit_test(depth_at_its_limit),
        cmocka_unit_test(complaints),
        cmocka_unit_test(tree_and_its_accessors),
        cmocka_unit_test(writer),
        cmocka_unit_test(writer_of_members),
        cmocka_unit_test(writer_pretty),
        cmocka_unit_test(truncations),
        cmocka_unit_test(failed_allocations),
        cmocka_unit_test(many_keys),
        cmocka_unit_test(arena_limit),
        cmocka_unit_test(random_round_trips),
        cmocka_unit_test(walk),
        cmocka_unit_test(walk_complains),
        cmocka_unit_test(walk_whole),
        cmocka_unit_test(walk_depth),
        cmocka_unit_test(walk_truncations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
