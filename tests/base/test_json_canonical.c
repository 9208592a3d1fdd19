/* RFC 8785: its own examples, as far as they have whole numbers only, and what we refuse beside. */
#include "support.h"

#include "base/json_canonical.h"

#include <stdlib.h>

#define ARENA_BYTES ((size_t)8 << 20)

static bool written(const char *in, size_t n, struct text *to, struct err *err)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct json *j;
    bool ok = json_read(a, in, n, &j, err) && json_canonical_put(a, j, to, err);

    arena_free(a);
    return ok;
}

static bool canonical(const char *in, size_t n, struct err *err)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct json *j = NULL;
    bool ok = json_canonical_read(a, in, n, &j, err);

    arena_free(a);
    return ok;
}

static const struct {
    const char *name, *in, *want;
} rows[] = {
    /* 3.2.2, without its numbers: they are not whole */
    {"strings and literals of 3.2.2",
     "{\n\"string\": \"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\",\n"
     "\"literals\": [null, true, false]\n}",
     "{\"literals\":[null,true,false],"
     "\"string\":\"\xe2\x82\xac$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}"},
    {"names of 3.2.3",
     "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\","
     "\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\",\"1\":\"One\","
     "\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\","
     "\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}",
     "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
     "\"\xc3\xb6\":\"Latin Small Letter O With Diaeresis\",\"\xe2\x82\xac\":\"Euro Sign\","
     "\"\xf0\x9f\x98\x80\":\"Emoji: Grinning Face\","
     "\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}"},
    /* Appendix B: zero, and the largest whole numbers that stay exact */
    {"zero", "0", "0"},
    {"the largest", "[9007199254740991, -9007199254740991]",
     "[9007199254740991,-9007199254740991]"},
    /* 3.2.2.2: the two-letter escapes, \u00xx in lower case for other controls, nothing else */
    {"escapes", "\"\\u0008\\u0009\\u000A\\u000C\\u000D\\u001F\\u007f\\u2028\\/\"",
     "\"\\b\\t\\n\\f\\r\\u001f\x7f\xe2\x80\xa8/\""},
    {"nested", "[ { \"b\" : { } , \"a\" : [ ] , \"\" : [ [ ] , \"\" ] } ]",
     "[{\"\":[[],\"\"],\"a\":[],\"b\":{}}]"},
    {"a name that begins another", "{\"aa\":1,\"a\":2,\"ab\":3}", "{\"a\":2,\"aa\":1,\"ab\":3}"},
    {"U+E000 after U+10FFFF", "{\"\\ue000\":1,\"\\udbff\\udfff\":2,\"\\ud7ff\":3}",
     "{\"\xed\x9f\xbf\":3,\"\xf4\x8f\xbf\xbf\":2,\"\xee\x80\x80\":1}"},
};

static void examples_of_the_standard(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct text to = text_new(ARENA_BYTES);
        struct err err;

        test_row("%s", rows[i].name);
        CHECK_OK(written(rows[i].in, strlen(rows[i].in), &to, &err), err);
        CHECK_S(text_string(&to), rows[i].want);
        CHECK_OK(canonical(to.p, to.n, &err), err);
        if (strcmp(rows[i].in, rows[i].want)) {
            CHECK(!canonical(rows[i].in, strlen(rows[i].in), &err));
            CHECK_U(err.class, ERR_INPUT);
        }
        text_free(&to);
    }
}

/* What cannot be written at all. */
static const char *const refused[] = {
    "-0",
    "1.0",
    "1e3",
    "1E400",
    "0.5",
    "9007199254740992",  /* Appendix B, "Max pos int": RFC 7493 warns from here on */
    "-9007199254740992", /* and its "Max neg int" */
    "18446744073709551616",
    "{\"a\":1,\"a\":1}",
    "{\"a\":1,\"\\u0061\":1}",
    "\"\\ud83d\"",
    "\"\\ude00\\ud83d\"",
    "\"\xed\xa0\xbd\"", /* a surrogate in UTF-8 */
    "\"\xc0\x80\"",     /* overlong */
    "\"\xff\"",
    "",
    "[1,]",
};

/* What means something that is written otherwise. */
static const char *const otherwise[] = {
    " 1",          "1\n",     "[1, 2]",         "{\"b\":1,\"a\":2}",
    "\"\\u0041\"", "\"\\/\"", "\"\\u000A\"",    "\"\\u001F\"",
    "\"\\u0008\"", "[ ]",     "\xef\xbb\xbf{}",
};

static void all_else_is_refused(void **state)
{
    struct text to = text_new(ARENA_BYTES);
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        test_row("%s", refused[i]);
        CHECK(!written(refused[i], strlen(refused[i]), &to, &err));
        CHECK_U(err.class, ERR_INPUT);
        CHECK(!canonical(refused[i], strlen(refused[i]), &err));
    }
    for (size_t i = 0; i < sizeof(otherwise) / sizeof(otherwise[0]); i++) {
        test_row("%s", otherwise[i]);
        CHECK(!canonical(otherwise[i], strlen(otherwise[i]), &err));
        CHECK_U(err.class, ERR_INPUT);
    }
    text_free(&to);
}

static void members_of_any_order_are_written_alike(void **state)
{
    struct test_random r = {test_seed()};
    struct err err;

    (void)state;
    for (int round = 0; round < 200; round++) {
        struct text in = text_new(ARENA_BYTES), one = text_new(ARENA_BYTES),
                    other = text_new(ARENA_BYTES);
        int n = 1 + (int)test_below(&r, 40), start = (int)test_below(&r, (uint64_t)n);

        for (int way = 0; way < 2; way++) {
            in.n = 0;
            text_char(&in, '{');
            for (int i = 0; i < n; i++) {
                int k = way ? (start + i) % n : n - 1 - i;

                text_printf(&in, "%s\"\\u%04x%d\":[%d]", i ? "," : "", k * 1553 % 0xd800, k, k);
            }
            text_char(&in, '}');
            CHECK_OK(written(in.p, in.n, way ? &other : &one, &err), err);
        }
        CHECK_S(text_string(&one), text_string(&other));
        CHECK_OK(canonical(one.p, one.n, &err), err);
        text_free(&in);
        text_free(&one);
        text_free(&other);
    }
}

static bool taken(struct bytes in, void *ctx)
{
    struct err err;

    (void)ctx;
    return canonical((const char *)in.p, in.n, &err);
}

static void every_truncation(void **state)
{
    static const char sample[] = "{\"a\":[1,\"\xe2\x82\xac\",null],\"b\":{\"c\":-7}}";

    (void)state;
    test_truncations((struct bytes){(const uint8_t *)sample, sizeof(sample) - 1}, taken, NULL);
}

static bool with_memory(void *ctx)
{
    static const char sample[] = "{\"a\":[1,{\"d\":2,\"e\":[]}],\"b\":{\"c\":-7}}";
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct json *j;
    struct err err;
    bool ok = a && json_canonical_read(a, sample, sizeof(sample) - 1, &j, &err);

    (void)ctx;
    arena_free(a);
    return ok;
}

static void every_allocation(void **state)
{
    (void)state;
    test_failed_allocations(with_memory, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples_of_the_standard),
        cmocka_unit_test(all_else_is_refused),
        cmocka_unit_test(members_of_any_order_are_written_alike),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(every_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
