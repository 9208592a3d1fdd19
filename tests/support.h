/* Helpers of all test programs, on top of cmocka.
 *
 * A row of a table names itself with test_row; a failing CHECK prints that name. Random tests take
 * their seed from CORDON_SEED or the default and print it. Data of the real world lies at
 * CORDON_DATA (default ../shared/data from the source tree); where a file is missing the test skips
 * and says why. */
#ifndef CORDON_TESTS_SUPPORT_H
#define CORDON_TESTS_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka wants the four above first */
#include <cmocka.h>

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"
#include "base/json.h"

void test_row(const char *name, ...) __attribute__((format(printf, 1, 2)));
void test_failed(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), noreturn));

#define CHECK(cond)                                                                                \
    do {                                                                                           \
        if (!(cond))                                                                               \
            test_failed(__FILE__, __LINE__, "%s is false", #cond);                                 \
    } while (0)
#define CHECK_U(got, want)                                                                         \
    do {                                                                                           \
        unsigned long long got_ = (unsigned long long)(got), want_ = (unsigned long long)(want);   \
        if (got_ != want_)                                                                         \
            test_failed(__FILE__, __LINE__, "%s is %llu, want %llu", #got, got_, want_);           \
    } while (0)
#define CHECK_S(got, want)                                                                         \
    do {                                                                                           \
        const char *got_ = (got), *want_ = (want);                                                 \
        if (!got_ || strcmp(got_, want_))                                                          \
            test_failed(__FILE__, __LINE__, "%s is \"%s\", want \"%s\"", #got,                     \
                        got_ ? got_ : "(null)", want_);                                            \
    } while (0)
/* A call that must succeed; err is the struct err it was given. */
#define CHECK_OK(call, err)                                                                        \
    do {                                                                                           \
        if (!(call))                                                                               \
            test_failed(__FILE__, __LINE__, "%s: %s", #call, (err).text);                          \
    } while (0)

/* spaces allowed; a heap block of exactly that size, freed at exit */
struct bytes test_hex(const char *hex);
/* a file below CORDON_DATA, zstd undone; skips the test if missing */
struct bytes test_data(const char *path);
/* such a file as JSON, in an arena that the caller frees */
const struct json *test_data_json(const char *path, struct arena **ret_arena);
/* its path; skips the test if missing */
char *test_data_path(const char *path);
/* a new empty directory, removed at exit */
char *test_dir(void);
void test_write(const char *path, const void *p, size_t n);
struct bytes test_read(const char *path);

/* Examples in words: past spaces, *s moves behind the word if it stands there; behind a number,
 * which must. */
bool test_word(const char **s, const char *word);
uint64_t test_number(const char **s);

bool test_long(void);     /* is there time for more of it? CORDON_LONG is set (make check-long) */
uint64_t test_seed(void); /* prints it once */
struct test_random {
    uint64_t s;
};
uint64_t test_random(struct test_random *r); /* splitmix64 */
uint64_t test_below(struct test_random *r, uint64_t n);

/* Runs fn on every proper prefix of sample (in a heap block of exactly that size, so that a
 * sanitizer sees one byte too many), and on the whole; fn must refuse each prefix and take the
 * whole. */
void test_truncations(struct bytes sample, bool (*fn)(struct bytes in, void *ctx), void *ctx);
/* Runs fn with the first, second, ... allocation (mem_alloc) and all after it failing until one run
 * hits none; fn returns whether it succeeded; it must succeed exactly when nothing was refused.
 * Then once more with each of them failing alone: it may succeed, if fn finds all to be right. */
void test_failed_allocations(bool (*fn)(void *ctx), void *ctx);
/* Compares with the golden file tests/golden/NAME; CORDON_GOLDEN=write makes it anew. */
void test_golden(const char *name, const char *p, size_t n);

#endif
