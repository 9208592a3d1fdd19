#include "serve/clock.h"

#include <stdio.h>

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

uint64_t clock_tenth_us(uint64_t began_us)
{
    uint64_t now = clock_steady_us();

    return now + 9 * (now - began_us);
}

void clock_in_ms(struct timespec *ret, uint64_t ms)
{
    clock_gettime(CLOCK_REALTIME, ret);
    ret->tv_sec += (time_t)(ms / 1000);
    ret->tv_nsec += (long)(ms % 1000) * 1000000L;
    ret->tv_sec += ret->tv_nsec / 1000000000L;
    ret->tv_nsec %= 1000000000L;
}

void clock_text(char ret[CLOCK_TEXT_MAX])
{
    struct timespec t;
    struct tm at;

    clock_gettime(CLOCK_REALTIME, &t);
    gmtime_r(&t.tv_sec, &at);
    snprintf(ret, CLOCK_TEXT_MAX, "%04u-%02u-%02uT%02u:%02u:%02u.%06uZ",
             (unsigned)(at.tm_year + 1900) % 10000, (unsigned)(at.tm_mon + 1) % 100,
             (unsigned)at.tm_mday % 100, (unsigned)at.tm_hour % 100, (unsigned)at.tm_min % 100,
             (unsigned)at.tm_sec % 100, (unsigned)(t.tv_nsec / 1000) % 1000000);
}
