#include "support.h"

#include "base/cursor.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/sort.h"
#include "base/text.h"

#include <stdatomic.h>
#include <stdlib.h>

static const struct {
    const char *name, *hex;
    bool bad;
    uint64_t want;
} compact_rows[] = {
    {"one byte", "fc", false, 252},
    {"two bytes, least", "fd fd00", false, 253},
    {"two bytes, longer than needed", "fd fc00", true, 0},
    {"four bytes, least", "fe 00000100", false, 65536},
    {"four bytes, longer than needed", "fe ffff0000", true, 0},
    {"eight bytes, longer than needed", "ff ffffffff00000000", true, 0},
    {"eight bytes", "ff 0000000001000000", false, (uint64_t)1 << 32},
    {"cut short", "fe 0000", true, 0},
    {"empty", "", true, 0},
};

static void compact_size(void **state)
{
    for (size_t i = 0; i < sizeof(compact_rows) / sizeof(compact_rows[0]); i++) {
        struct bytes in = test_hex(compact_rows[i].hex);
        struct cursor c = cursor_over(in.p, in.n);

        test_row("%s", compact_rows[i].name);
        CHECK_U(cursor_compact(&c), compact_rows[i].want);
        CHECK_U(c.bad, compact_rows[i].bad);
    }
}

static void arena_limits(void **state)
{
    struct arena *a = arena_new(NULL, 1000), *b;

    CHECK(a);
    CHECK(arena_alloc(a, 500));
    b = arena_new(a, 10000);
    CHECK(b);
    CHECK(arena_alloc(b, 400));
    CHECK(!arena_alloc(b, 400)); /* the parent's limit counts */
    CHECK(arena_limited(b));
    b = arena_free(b);
    CHECK(arena_alloc(a, 400));
    CHECK(!ARENA_ARRAY(a, uint64_t, SIZE_MAX / 4));
    arena_free(a);
    arena_free(NULL);
}

static void text_grows_to_its_limit(void **state)
{
    struct text t = text_new(10);
    struct err err;

    text_str(&t, "12345");
    text_u64(&t, 678);
    CHECK_S(text_string(&t), "12345678");
    text_str(&t, "abc");
    CHECK(!text_end(&t, &err));
    CHECK_U(err.class, ERR_LIMIT);
    text_free(&t);
}

static void numbers_from_text(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        uint64_t want;
    } rows[] = {
        {"0", true, 0},
        {"18446744073709551615", true, UINT64_MAX},
        {"18446744073709551616", false, 0},
        {"", false, 0},
        {"01", false, 0},
        {"+1", false, 0},
        {"1 ", false, 0},
        {"99999999999999999999", false, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t got = 0;

        test_row("\"%s\"", rows[i].text);
        CHECK_U(u64_from_text(rows[i].text, strlen(rows[i].text), &got), rows[i].ok);
        CHECK_U(got, rows[i].want);
    }
}

static void utf8(void **state)
{
    static const struct {
        const char *name, *hex;
        bool ok;
    } rows[] = {
        {"ascii", "41", true},
        {"two", "c3a9", true},
        {"three", "ed9fbf", true},
        {"four", "f48fbfbf", true},
        {"overlong", "c080", false},
        {"surrogate", "eda080", false},
        {"past the end", "f4908080", false},
        {"cut", "e282", false},
        {"lone continuation", "80", false},
        {"overlong three", "e09fbf", false},
        {"overlong four", "f08fbfbf", false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes in = test_hex(rows[i].hex);

        test_row("%s", rows[i].name);
        CHECK_U(utf8_valid((const char *)in.p, in.n), rows[i].ok);
    }
}

static void one_task(void *ctx, size_t task, unsigned worker)
{
    atomic_fetch_add(&((atomic_uint *)ctx)[task], 1);
}

static void pool_runs_each_once(void **state)
{
    static atomic_uint count[1000];
    struct pool *p = pool_new(4);

    CHECK(p);
    for (unsigned round = 1; round <= 50; round++) {
        pool_run(p, 1000, one_task, count);
        for (size_t i = 0; i < 1000; i++)
            CHECK_U(count[i], round);
    }
    pool_free(p);
}

static int by_key_then_index(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;

    return x->key != y->key      ? (x->key < y->key ? -1 : 1)
           : x->index < y->index ? -1
                                 : x->index > y->index;
}

static void sorts_any_keys(void **state)
{
    static struct keyed got[5000], want[5000], scratch[5000];
    struct test_random r = {test_seed()};

    for (unsigned round = 0; round < 300; round++) {
        size_t n = test_below(&r, round < 200 ? 60 : 5000);
        uint64_t mask = round % 3 == 0 ? UINT64_MAX : round % 3 == 1 ? 0xff00000000000003 : 1;

        test_row("round %u, %zu entries, mask %llx", round, n, (unsigned long long)mask);
        for (size_t i = 0; i < n; i++)
            want[i] = got[i] =
                (struct keyed){test_random(&r) & mask, (uint32_t)test_below(&r, 1000), 7};
        sort_keyed(got, n, scratch);
        qsort(want, n, sizeof(want[0]), by_key_then_index);
        CHECK(!memcmp(got, want, n * sizeof(got[0])));
    }
}

static void err_context(void **state)
{
    struct err err;

    CHECK(!err_fail(&err, ERR_INPUT, "outputs end early at byte %d", 91));
    CHECK(!err_in(&err, "block %u", 812000));
    CHECK_S(err.text, "block 812000: outputs end early at byte 91");
    CHECK_U(err_exit_code(&err), 3);
    CHECK(!err_fail(&err, ERR_INPUT, "\"%s\"", "a\nb\x1b[0m"));
    CHECK_S(err.text, "\"a?b?[0m\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compact_size),
        cmocka_unit_test(arena_limits),
        cmocka_unit_test(text_grows_to_its_limit),
        cmocka_unit_test(numbers_from_text),
        cmocka_unit_test(utf8),
        cmocka_unit_test(pool_runs_each_once),
        cmocka_unit_test(err_context),
        cmocka_unit_test(sorts_any_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
