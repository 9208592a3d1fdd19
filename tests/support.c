#include "support.h"

#include "base/mem.h"
#include "base/text.h"

#include <dirent.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

static char row_name[256];
static void **keep;
static size_t keep_n;
static char dirs[64][PATH_MAX];
static size_t dirs_n;

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    return remove(path);
}

static void at_end(void)
{
    for (size_t i = 0; i < keep_n; i++)
        free(keep[i]);
    free(keep);
    for (size_t i = 0; i < dirs_n; i++)
        nftw(dirs[i], remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void *kept(void *p)
{
    if (!keep && !dirs_n)
        atexit(at_end);
    if (keep_n % 64 == 0)
        keep = realloc(keep, (keep_n + 64) * sizeof(*keep));
    if (!keep || !p)
        abort();
    keep[keep_n++] = p;
    return p;
}

void test_row(const char *name, ...)
{
    va_list args;

    va_start(args, name);
    vsnprintf(row_name, sizeof(row_name), name, args);
    va_end(args);
}

void test_failed(const char *file, int line, const char *fmt, ...)
{
    char text[2048];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    mem_fail_from(-1);
    print_error("%s:%d: %s%s%s\n", file, line, row_name[0] ? row_name : "", row_name[0] ? ": " : "",
                text);
    _fail(file, line);
    abort();
}

struct bytes test_hex(const char *hex)
{
    size_t n = 0;
    char *digits = malloc(strlen(hex) + 1);
    uint8_t *p;

    for (; *hex; hex++)
        if (*hex != ' ')
            digits[n++] = *hex;
    p = kept(malloc(n / 2 ? n / 2 : 1));
    CHECK(hex_decode(digits, n, p, n / 2));
    free(digits);
    return (struct bytes){p, n / 2};
}

struct bytes test_read(const char *path)
{
    FILE *f = fopen(path, "rb");
    long n;
    uint8_t *p;

    if (!f)
        test_failed(__FILE__, __LINE__, "%s: %s", path, strerror(errno));
    fseek(f, 0, SEEK_END);
    n = ftell(f);
    rewind(f);
    p = kept(malloc(n ? (size_t)n : 1));
    CHECK(fread(p, 1, (size_t)n, f) == (size_t)n);
    fclose(f);
    return (struct bytes){p, (size_t)n};
}

char *test_data_path(const char *path)
{
    const char *top = getenv("CORDON_DATA");
    char *full = kept(malloc(PATH_MAX));

    snprintf(full, PATH_MAX, "%s/%s", top ? top : CORDON_SOURCE "/../shared/data", path);
    if (access(full, R_OK)) {
        print_message("skipped: %s is not here (set CORDON_DATA)\n", full);
        skip();
    }
    return full;
}

struct bytes test_data(const char *path)
{
    char *full = test_data_path(path);
    struct bytes raw = test_read(full);
    size_t n = strlen(full), size = (size_t)1 << 20, out_n = 0, rc = 1;
    uint8_t *p;
    ZSTD_DStream *z;
    ZSTD_inBuffer in = {raw.p, raw.n, 0};

    if (n < 4 || strcmp(full + n - 4, ".zst"))
        return raw;
    z = ZSTD_createDStream();
    p = malloc(size);
    while (rc && in.pos <= in.size) {
        ZSTD_outBuffer out;

        if (size - out_n < (size_t)1 << 19)
            p = realloc(p, size *= 2);
        out = (ZSTD_outBuffer){p, size, out_n};
        rc = ZSTD_decompressStream(z, &out, &in);
        CHECK(!ZSTD_isError(rc));
        if (out.pos == out_n && in.pos == in.size)
            break;
        out_n = out.pos;
    }
    ZSTD_freeDStream(z);
    p = kept(realloc(p, out_n ? out_n : 1));
    return (struct bytes){p, out_n};
}

const struct json *test_data_json(const char *path, struct arena **ret_arena)
{
    struct bytes raw = test_data(path);
    const struct json *j;
    struct err err;

    *ret_arena = arena_new(NULL, (size_t)64 << 20);
    CHECK(*ret_arena);
    CHECK_OK(json_read(*ret_arena, (const char *)raw.p, raw.n, &j, &err), err);
    return j;
}

char *test_dir(void)
{
    const char *tmp = getenv("TMPDIR");

    CHECK(dirs_n < sizeof(dirs) / sizeof(dirs[0]));
    if (!keep && !dirs_n)
        atexit(at_end);
    snprintf(dirs[dirs_n], PATH_MAX, "%s/cordon-test-XXXXXX", tmp ? tmp : "/tmp");
    CHECK(mkdtemp(dirs[dirs_n]));
    return dirs[dirs_n++];
}

void test_write(const char *path, const void *p, size_t n)
{
    FILE *f = fopen(path, "wb");

    CHECK(f);
    CHECK(fwrite(p, 1, n, f) == n);
    CHECK(!fclose(f));
}

bool test_word(const char **s, const char *word)
{
    size_t n = strlen(word);

    while (**s == ' ')
        ++*s;
    if (strncmp(*s, word, n))
        return false;
    *s += n;
    return true;
}

uint64_t test_number(const char **s)
{
    char *end;
    uint64_t n = strtoull(*s, &end, 10);

    CHECK(end != *s);
    *s = end;
    return n;
}

bool test_long(void)
{
    return getenv("CORDON_LONG") != NULL;
}

uint64_t test_seed(void)
{
    static uint64_t seed;
    const char *given = getenv("CORDON_SEED");

    if (!seed) {
        seed = given ? strtoull(given, NULL, 0) : 20261121;
        print_message("seed %llu (set CORDON_SEED to choose)\n", (unsigned long long)seed);
    }
    return seed;
}

uint64_t test_random(struct test_random *r) /* splitmix64, Steele, Lea, Flood 2014 */
{
    uint64_t z = r->s += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

uint64_t test_below(struct test_random *r, uint64_t n)
{
    return (uint64_t)((unsigned __int128)test_random(r) * n >> 64);
}

void test_truncations(struct bytes sample, bool (*fn)(struct bytes in, void *ctx), void *ctx)
{
    for (size_t n = 0; n <= sample.n; n++) {
        uint8_t *p = malloc(n ? n : 1);
        bool took;

        if (n)
            memcpy(p, sample.p, n);
        took = fn((struct bytes){p, n}, ctx);
        free(p);
        if (took != (n == sample.n))
            test_failed(__FILE__, __LINE__, "cut at byte %zu of %zu: %s", n, sample.n,
                        took ? "taken" : "refused");
    }
}

/* What does without one allocation, and goes on with the next, may succeed. */
static void fail_each(bool alone, bool (*fn)(void *ctx), void *ctx)
{
    for (int64_t i = 0;; i++) {
        bool done, hit;

        (alone ? mem_fail_at : mem_fail_from)(i);
        done = fn(ctx);
        hit = mem_fail_hit();
        mem_fail_from(-1);
        if (hit ? done && !alone : !done)
            test_failed(__FILE__, __LINE__, "allocation %lld%s %s and the call %s", (long long)i,
                        alone ? " alone" : "", hit ? "failed" : "was served",
                        done ? "succeeded" : "failed");
        if (!hit)
            return;
    }
}

void test_failed_allocations(bool (*fn)(void *ctx), void *ctx)
{
    fail_each(false, fn, ctx);
    fail_each(true, fn, ctx);
}

void test_golden(const char *name, const char *p, size_t n)
{
    char path[PATH_MAX];
    const char *how = getenv("CORDON_GOLDEN");
    struct bytes want;

    snprintf(path, sizeof(path), CORDON_SOURCE "/tests/golden/%s", name);
    if (how && !strcmp(how, "write"))
        test_write(path, p, n);
    want = test_read(path);
    if (want.n != n || (n && memcmp(want.p, p, n))) {
        size_t at = 0;

        while (at < n && at < want.n && want.p[at] == (uint8_t)p[at])
            at++;
        test_failed(__FILE__, __LINE__, "%s differs from its golden file at byte %zu: ...%.60s",
                    name, at, p + at);
    }
}
