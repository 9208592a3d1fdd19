#include "serve/clock.h"

uint64_t clock_seconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec;
}

uint64_t clock_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

uint64_t clock_steady_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

uint64_t clock_steady_ms(void)
{
    return clock_steady_us() / 1000;
}

uint64_t clock_tenth_us(uint64_t began_us)
{
    uint64_t now = clock_steady_us();

    return now + 9 * (now - began_us);
}

void clock_steady_in_ms(struct timespec *ret, uint64_t ms)
{
    clock_gettime(CLOCK_MONOTONIC, ret);
    ret->tv_sec += (time_t)(ms / 1000);
    ret->tv_nsec += (long)(ms % 1000) * 1000000L;
    ret->tv_sec += ret->tv_nsec / 1000000000L;
    ret->tv_nsec %= 1000000000L;
}

void clock_cond_init(pthread_cond_t *ret)
{
    pthread_condattr_t steady;

    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(ret, &steady);
    pthread_condattr_destroy(&steady);
}

/* So many digits, and what parts them from the next. */
static char *digits(char *to, unsigned v, unsigned n, char behind)
{
    for (unsigned i = n; i-- > 0; v /= 10)
        to[i] = (char)('0' + v % 10);
    to[n] = behind;
    return to + n + 1;
}

/* Written for each request, so without printf. */
void clock_text(char ret[CLOCK_TEXT_MAX])
{
    struct timespec t;
    struct tm at;

    clock_gettime(CLOCK_REALTIME, &t);
    gmtime_r(&t.tv_sec, &at);
    ret = digits(ret, (unsigned)(at.tm_year + 1900), 4, '-');
    ret = digits(ret, (unsigned)(at.tm_mon + 1), 2, '-');
    ret = digits(ret, (unsigned)at.tm_mday, 2, 'T');
    ret = digits(ret, (unsigned)at.tm_hour, 2, ':');
    ret = digits(ret, (unsigned)at.tm_min, 2, ':');
    ret = digits(ret, (unsigned)at.tm_sec, 2, '.');
    ret = digits(ret, (unsigned)(t.tv_nsec / 1000), 6, 'Z');
    *ret = 0;
}
