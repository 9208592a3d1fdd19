#include "screen/saved.h"

#include "ledger/format.h"
#include "screen/exposure_file.h"

#include <glob.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#define FLIPS 1000
#define CHOSEN 2000
#define HEAD_SUM_AT (sizeof(struct exposure_file_head) - 8)

static void refused(const char *path, saved_load *load, void *ctx)
{
    struct err err;

    CHECK(!load(ctx, path, &err));
    CHECK_S(err_class_name(err.class), "corrupt");
}

static void sum_up(uint8_t *p, size_t n)
{
    store_le64(p + HEAD_SUM_AT, column_sum(0, p, HEAD_SUM_AT));
    store_le64(p + n - 8, column_sum(0, p, n - 8));
}

/* A number somewhere is another; the file is whole. It may be refused, or mean something else. */
static void chosen(const char *path, struct bytes whole, saved_load *load, void *ctx,
                   struct test_random *r)
{
    static const uint64_t values[] = {0, 1, 2, 3, 7, UINT32_MAX, UINT64_MAX, (uint64_t)1 << 63};
    uint8_t *p = malloc(whole.n);

    CHECK(p);
    for (unsigned i = 0; i < CHOSEN; i++) {
        size_t width = (size_t)1 << test_below(r, 4);
        size_t from = test_below(r, 16) ? sizeof(struct exposure_file_head) : 64;
        size_t at = (from + test_below(r, whole.n - 8 - from)) & ~(width - 1);
        uint64_t value = values[test_below(r, sizeof(values) / sizeof(values[0]))];
        struct err err = {.class = ERR_NONE};

        test_row("chosen %u: %llx at %zu", i, (unsigned long long)value, at);
        memcpy(p, whole.p, whole.n);
        memcpy(p + at, &value, width);
        sum_up(p, whole.n);
        test_write(path, p, whole.n);
        if (!load(ctx, path, &err))
            CHECK(err.class == ERR_CORRUPT || err.class == ERR_LIMIT || err.class == ERR_DIFFERS);
    }
    free(p);
}

void saved_damaged(const char *path, saved_load *load, void *ctx, struct test_random *r)
{
    struct bytes whole = test_read(path);
    uint8_t *p = malloc(whole.n + 1);
    struct err err;

    CHECK(p);
    memcpy(p, whole.p, whole.n);
    p[whole.n] = 0;
    for (size_t n = 0; n < whole.n; n++) {
        test_row("first %zu bytes", n);
        test_write(path, p, n);
        refused(path, load, ctx);
    }
    test_write(path, p, whole.n + 1);
    refused(path, load, ctx);
    for (unsigned i = 0; i < FLIPS; i++) {
        size_t at = (size_t)test_below(r, whole.n), bit = (size_t)test_below(r, 8);

        test_row("bit %zu of byte %zu", bit, at);
        p[at] ^= (uint8_t)(1u << bit);
        test_write(path, p, whole.n);
        refused(path, load, ctx);
        p[at] ^= (uint8_t)(1u << bit);
    }
    chosen(path, whole, load, ctx, r);
    test_write(path, whole.p, whole.n);
    CHECK_OK(load(ctx, path, &err), err);
    free(p);
}

void saved_half(const char *path, saved_save *save, void *ctx)
{
    struct bytes whole = test_read(path);
    struct rlimit was, less;
    char parts[512];
    glob_t found;

    CHECK(!getrlimit(RLIMIT_FSIZE, &was));
    signal(SIGXFSZ, SIG_IGN);
    snprintf(parts, sizeof(parts), "%s.part*", path);
    for (size_t n = 0; n < whole.n; n++) {
        struct bytes now;
        struct err err;

        less = was;
        less.rlim_cur = n;
        CHECK(!setrlimit(RLIMIT_FSIZE, &less));
        CHECK(!save(ctx, path, &err));
        CHECK(!setrlimit(RLIMIT_FSIZE, &was));
        CHECK_S(err_class_name(err.class), "system");
        now = test_read(path);
        CHECK(bytes_equal(now, whole));
        CHECK_U(glob(parts, 0, NULL, &found), GLOB_NOMATCH);
    }
    signal(SIGXFSZ, SIG_DFL);
}
