/* A line on the terminal that says how far long work is, how fast it goes, and how long it will
 * take. Nothing is written where stderr is not a terminal. */
#include "cli/progress.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define SECONDS_BETWEEN 0.2

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct progress progress_start(const char *what, bool bytes)
{
    double at = now();

    return (struct progress){
        .what = what, .bytes = bytes, .shown = isatty(STDERR_FILENO), .start = at, .last = at};
}

static void time_left(double seconds)
{
    if (seconds < 60)
        fprintf(stderr, "%.0f s left", seconds);
    else if (seconds < 3600)
        fprintf(stderr, "%.0f min left", seconds / 60);
    else
        fprintf(stderr, "%.1f h left", seconds / 3600);
}

void progress_show(struct progress *p, uint64_t done, uint64_t all)
{
    double at, spent, share = all ? (double)done / (double)all : 0;

    if (!p->shown)
        return;
    at = now();
    spent = at - p->start;
    if (at - p->last < SECONDS_BETWEEN || spent <= 0 || share <= 0)
        return;
    p->last = at;
    p->drawn = true;
    fprintf(stderr, "\r%s %3.0f %%  ", p->what, 100 * share);
    if (p->bytes)
        fprintf(stderr, "%.0f MB/s  ", (double)done / spent / 1e6);
    else
        fprintf(stderr, "%.0f/s  ", (double)done / spent);
    time_left(spent * (1 - share) / share);
    fprintf(stderr, "   ");
    fflush(stderr);
}

void progress_end(struct progress *p)
{
    if (p->drawn)
        fprintf(stderr, "\r%*s\r", 70, "");
    p->drawn = false;
}
