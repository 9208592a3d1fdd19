#include "support.h"

#include "base/cursor.h"
#include "base/io.h"
#include "base/mem.h"
#include "base/pool.h"
#include "base/replace.h"
#include "base/sort.h"
#include "base/text.h"
#include "base/time.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* The class is what tells a question that is too large from a machine that is too full; the limit
 * named is the one that was in the way. */
static void arena_says_what_it_refused(void **state)
{
    struct arena *a = arena_new(NULL, 1000), *b;
    struct err err;

    CHECK(a);
    b = arena_new(a, 10000);
    CHECK(b);
    CHECK_U(arena_class(b), ERR_NOMEM);
    CHECK(!arena_fail(b, &err, "%d moves", 12));
    CHECK_U(err.class, ERR_NOMEM);
    CHECK_S(err.text, "12 moves: no memory");
    CHECK(!arena_alloc(b, 1001));
    CHECK_U(arena_class(b), ERR_LIMIT);
    CHECK(!arena_fail(b, &err, "%d moves", 12));
    CHECK_U(err.class, ERR_LIMIT);
    CHECK_S(err.text, "12 moves: more than 1000 bytes of memory");
    CHECK_U(arena_class(a), ERR_NOMEM); /* nothing was asked of it by name */
    arena_free(a);
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
        for (size_t n = in.n; n < 24; n++) /* and wherever it stands between letters */
            for (size_t at = 0; at + in.n <= n; at++) {
                char text[24];

                memset(text, 'a', n);
                memcpy(text + at, in.p, in.n);
                CHECK_U(utf8_valid(text, n), rows[i].ok);
            }
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

static const struct {
    const char *text;
    bool bad;
    uint64_t want; /* by date -u -d TEXT +%s */
} times[] = {
    {"2022-03-23T13:16:57Z", false, 1648041417},
    {"2022-03-23 13:16:57", false, 1648041417},
    {"2022-03-23 13:16:57 UTC", false, 1648041417},
    {"2022-03-23T13:16:57.999Z", false, 1648041417},
    {"2022-03-23T14:16:57+01:00", false, 1648041417},
    {"2022-03-23T08:46:57-0430", false, 1648041417},
    {"2022-03-23 13:16", false, 1648041360},
    {"2022-03-23", false, 1647993600},
    {"2020-02-29", false, 1582934400},
    {"2000-02-29", false, 951782400},
    {"1970-01-01T00:00:00Z", false, 0},
    {"9999-12-31T23:59:59Z", false, 253402300799},
    {"1648041417", false, 1648041417},
    {"0", false, 0},
    {"1648041417000", true, 0},
    {"2021-02-29", true, 0},
    {"2100-02-29", true, 0},
    {"2022-13-01", true, 0},
    {"2022-00-10", true, 0},
    {"2022-04-31", true, 0},
    {"2022-04-00", true, 0},
    {"1969-12-31", true, 0},
    {"2022-03-23T24:00:00Z", true, 0},
    {"2022-03-23T13:60:00Z", true, 0},
    {"2022-03-23T13:16:60Z", true, 0},
    {"2022-03-23T13:16:57.Z", true, 0},
    {"2022-03-23T13:16:57+1", true, 0},
    {"1970-01-01T00:00:00+00:01", true, 0},
    {"2022-03-23T", true, 0},
    {"2022-03-23x", true, 0},
    {"2022-03-23T13:16:57Zz", true, 0},
    {"23.03.2022", true, 0},
    {"-1", true, 0},
    {"", true, 0},
    {"2016-02-04 23:59", false, 1454630340},
    {"2016-02-04T23:59:59.123Z", false, 1454630399},
    {"2016-02-05T05:29:59+05:30", false, 1454630399},
    {"2016-02-04T18:59:59-05:00", false, 1454630399},
    {"2016-02-04T23:59:59+05", true, 0},
    {"2016-2-4", true, 0},
    {"04/02/2016", true, 0},
    {"2100-03-01", false, 4107542400},
};

static void times_from_text(void **state)
{
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
        size_t n = strlen(times[i].text);
        bool seconds = n && strspn(times[i].text, "0123456789") == n;
        uint64_t got = 0, iso = 0;

        test_row("%s", times[i].text);
        CHECK_U(time_from_text(times[i].text, n, &got), !times[i].bad);
        CHECK_U(time_from_iso(times[i].text, n, &iso), !times[i].bad && !seconds);
        CHECK_U(got, times[i].want);
        CHECK_U(iso, seconds ? 0 : times[i].want);
    }
}

static const struct {
    const char *text, *day; /* NULL: refused */
    uint64_t want;          /* by date -u -d DAY +%s */
} swift_days[] = {
    {"160204", "2016-02-04", 1454544000},
    {"160229", "2016-02-29", 1456704000},
    {"150229", NULL, 0},
    {"000229", "2000-02-29", 951782400},
    {"791231", "2079-12-31", 3471206400},
    {"800101", "1980-01-01", 315532800},
    {"991231", "1999-12-31", 946598400},
    {"161301", NULL, 0},
    {"160200", NULL, 0},
    {"16-2-4", NULL, 0},
    {"16020", NULL, 0},
    {"1602044", NULL, 0},
    {"", NULL, 0},
};

static void days(void **state)
{
    char day[TIME_DAY_MAX];

    for (size_t i = 0; i < sizeof(swift_days) / sizeof(swift_days[0]); i++) {
        uint64_t got = 0;

        test_row("%s", swift_days[i].text);
        CHECK_U(time_from_yymmdd(swift_days[i].text, strlen(swift_days[i].text), &got),
                swift_days[i].day != NULL);
        CHECK_U(got, swift_days[i].want);
        if (swift_days[i].day)
            CHECK_S(time_day(got + 86399, day), swift_days[i].day);
    }
    CHECK_S(time_day(253402300799, day), "9999-12-31");
}

static void *slow_reader(void *ctx) /* a pipe holds 64 kB: the writer has to wait for this */
{
    const int *fd = ctx;
    static uint8_t got[300000];
    size_t n = 0;
    ssize_t some;

    while ((some = read(*fd, got + n, sizeof(got) - n < 1000 ? sizeof(got) - n : 1000)) > 0)
        n += (size_t)some;
    for (size_t i = 0; i < n; i++)
        if (got[i] != (uint8_t)(i * 7))
            return NULL;
    return n == sizeof(got) ? got : NULL;
}

static void whole_writes(void **state)
{
    static uint8_t sent[300000];
    pthread_t reader;
    void *got;
    int ends[2], full = open("/dev/full", O_WRONLY | O_CLOEXEC);

    for (size_t i = 0; i < sizeof(sent); i++)
        sent[i] = (uint8_t)(i * 7);
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(pthread_create(&reader, NULL, slow_reader, &ends[0]), 0);
    assert_true(write_whole(ends[1], sent, sizeof(sent)));
    close(ends[1]);
    pthread_join(reader, &got);
    assert_non_null(got);
    close(ends[0]);
    assert_true(full >= 0);
    errno = 0;
    assert_false(write_whole(full, sent, sizeof(sent)));
    assert_int_equal(errno, ENOSPC);
    assert_true(write_whole(full, sent, 0));
    close(full);
}

static void whole_files(void **state)
{
    static const size_t sizes[] = {0, 1, 16383, 16384, 16385, 70000};
    struct bytes got;
    struct err err;

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct arena *a = arena_new(NULL, (size_t)1 << 20);
        static uint8_t sent[70000];
        char path[] = "/tmp/whole-XXXXXX";
        int fd = mkstemp(path);

        memset(sent, (int)i + 1, sizeof(sent));
        assert_true(fd >= 0 && write_whole(fd, sent, sizes[i]) && !close(fd));
        CHECK(file_load(a, path, sizes[i], &got, &err));
        CHECK_U(got.n, sizes[i]);
        assert_non_null(got.p);
        assert_memory_equal(got.p, sent, sizes[i]);
        CHECK(file_load_if(a, path, sizes[i], &got, &err) && got.n == sizes[i]);
        CHECK(!sizes[i] || (!file_load(a, path, sizes[i] - 1, &got, &err) &&
                            err.class == ERR_LIMIT && strstr(err.text, path)));
        unlink(path);
        CHECK(!file_load(a, path, 9, &got, &err) && err.class == ERR_SYSTEM);
        CHECK(file_load_if(a, path, 9, &got, &err) && !got.p);
        arena_free(a);
    }
    /* What is there and cannot be read is not taken for absent. */
    CHECK(!file_load_if(NULL, "/", 9, &got, &err) && err.class == ERR_SYSTEM);
}

static void arrays_grow(void **state)
{
    void *p = NULL;
    size_t size = 0;

    assert_true(mem_room(&p, &size, 0, 8) && mem_room(&p, &size, 1, 8) && size >= 1);
    memset(p, 7, size * 8);
    assert_true(mem_room(&p, &size, 1000, 8) && size >= 1000);
    CHECK_U(((uint8_t *)p)[7], 7);
    mem_fail_from(0);
    assert_false(mem_room(&p, &size, 100000, 8));
    mem_fail_from(-1);
    assert_true(size >= 1000 && size < 100000);
    assert_false(mem_room(&p, &size, SIZE_MAX / 4, 8));
    mem_free(p);
}

/* What a writer that was killed has left goes with the next that writes there: not what one that
 * lives is writing, nor what is young (it may be of a process that is not seen from here). */
static void a_part_that_was_left(void **state)
{
    static const struct {
        const char *ending;
        bool old, goes;
    } rows[] = {
        {".part-999999999", true, true}, /* more than any process has */
        {".part-999999998", false, false}, {".part-1", true, false},
        {".part-0999999999", true, false}, {".part-", true, false},
        {".part-9x", true, false},         {".parts-999999999", true, false},
        {"2.part-999999999", true, false},
    };
    const char *dir = test_dir();
    char path[4200], left[4300];
    struct replace r;
    struct err err;

    (void)state;
    snprintf(path, sizeof(path), "%s/name", dir);
    test_write(path, "before", 6);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct timespec age[2] = {{1, 0}, {1, 0}};

        snprintf(left, sizeof(left), "%s%s", path, rows[i].ending);
        test_write(left, "x", 1);
        if (rows[i].old)
            CHECK(!utimensat(AT_FDCWD, left, age, 0));
    }
    CHECK_OK(replace_begin(&r, path, &err), err);
    CHECK_OK(replace_end(&r, replace_put(&r, "after", 5, &err), &err), err);
    CHECK(bytes_equal(test_read(path), (struct bytes){(const uint8_t *)"after", 5}));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(left, sizeof(left), "%s%s", path, rows[i].ending);
        test_row("%s", rows[i].ending);
        CHECK_U(access(left, F_OK) != 0, rows[i].goes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compact_size),
        cmocka_unit_test(arena_limits),
        cmocka_unit_test(arena_says_what_it_refused),
        cmocka_unit_test(text_grows_to_its_limit),
        cmocka_unit_test(numbers_from_text),
        cmocka_unit_test(utf8),
        cmocka_unit_test(pool_runs_each_once),
        cmocka_unit_test(err_context),
        cmocka_unit_test(times_from_text),
        cmocka_unit_test(days),
        cmocka_unit_test(whole_writes),
        cmocka_unit_test(whole_files),
        cmocka_unit_test(a_part_that_was_left),
        cmocka_unit_test(arrays_grow),
        cmocka_unit_test(sorts_any_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
