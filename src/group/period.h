/* The time that a claim is about, as sources write it.
 *
 *     2022   2019-11   2019-11-27   Nov 2019   27 Nov 2019   2025Q3   Q3 2025
 *     first half of 2023   2018-2022   Jan - Sep 2025   2015 - mid-2023   to end of 2025   any
 *
 * The words stay as they were written; what they mean is the first second of the first day and that
 * after the last, UTC. "to X" begins with 1970; "mid-Y" is the end of June. A side that lacks its
 * year has the other side's.
 *
 * Threads: safe. */
#ifndef CORDON_GROUP_PERIOD_H
#define CORDON_GROUP_PERIOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct period {
    uint64_t from, to; /* to: the first second behind it */
};

/* false: not understood, and what is said of it stays words alone */
bool period_read(const char *text, struct period *ret);
bool period_of_year(unsigned year, struct period *ret);
bool period_of_quarter(unsigned year, unsigned quarter /* 1 to 4 */, struct period *ret);

static inline bool period_same(const struct period *a, const struct period *b)
{
    return a->from == b->from && a->to == b->to;
}
static inline bool period_meet(const struct period *a, const struct period *b)
{
    return a->from < b->to && b->from < a->to;
}

#endif
