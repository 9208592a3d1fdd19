/* What programs of figures share: clocks, numbers that are the same each time, memory that is there
 * or ends the program, and how an error ends it. */
#ifndef CORDON_BENCH_BENCH_H
#define CORDON_BENCH_BENCH_H

#include "base/err.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* ---- clocks, in seconds ---- */

static inline double seconds_of(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static inline double wall(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

/* Of the processor, so that other work on the machine does not count; of all threads. */
static inline double cpu(void)
{
    return seconds_of(CLOCK_PROCESS_CPUTIME_ID);
}

static inline double cpu_of_thread(void)
{
    return seconds_of(CLOCK_THREAD_CPUTIME_ID);
}

/* The best of so many runs, in seconds of the thread. */
static inline double best_of(void (*fn)(void *ctx), void *ctx, int runs)
{
    double best = 1e9;

    for (int i = 0; i < runs; i++) {
        double start = cpu_of_thread(), took;

        fn(ctx);
        took = cpu_of_thread() - start;
        if (took < best)
            best = took;
    }
    return best;
}

/* ---- ends ---- */

static inline _Noreturn void fail(const char *what)
{
    fprintf(stderr, "%s: %s\n", program_invocation_short_name, what);
    exit(1);
}

static inline void must(bool ok, const struct err *err)
{
    if (!ok)
        fail(err->text);
}

static inline void *take(size_t n) /* zeros */
{
    void *p = calloc(1, n);

    if (!p)
        fail("no memory");
    return p;
}

/* ---- numbers ---- */

static inline uint64_t mix(uint64_t *seed) /* splitmix64 */
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15;

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static inline uint64_t next(void)
{
    static uint64_t seed = 1;

    return mix(&seed);
}

static inline uint64_t below(uint64_t n)
{
    return (uint64_t)((unsigned __int128)next() * n >> 64);
}

static inline int by_size(const void *a, const void *b)
{
    const double *x = a, *y = b;

    return *x < *y ? -1 : *x > *y;
}

/* Of ascending seconds, in milliseconds. */
static inline double percentile(const double *at, size_t n, unsigned percent)
{
    size_t i = (n * percent + 99) / 100;

    return at[i ? i - 1 : 0] * 1000;
}

/* ---- what memory can do, to hold figures against ---- */

#define RANDOM_READS ((size_t)20000000)
#define RANDOM_READ_BYTES ((size_t)512 << 20)

static inline double random_reads(void) /* millions a second */
{
    uint64_t *at = take(RANDOM_READ_BYTES), sum = 0, mask = RANDOM_READ_BYTES / 8 - 1;
    double begin;

    for (size_t i = 0; i <= mask; i++)
        at[i] = i;
    begin = cpu();
    for (size_t i = 0; i < RANDOM_READS; i++)
        sum += at[next() & mask];
    begin = cpu() - begin;
    free(at);
    return RANDOM_READS / begin / 1e6 + (sum == 1 ? 1e-9 : 0);
}

#endif
