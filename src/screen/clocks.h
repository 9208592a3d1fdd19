/* Report clocks: which decision obliges whom to report what, and by when.
 *
 *     zone: "-05:00"                      # the day of a decision is the day there
 *     holidays:
 *       us-federal: [2026-11-26, 2026-12-25]
 *     clocks:
 *       - id: ofac-blocked
 *         jurisdiction: US
 *         report: blocked_property
 *         on: {decision: BLOCK, direction: inbound, list: ofac-sdn}
 *         within: 10 business days        # or "14 days", "72 hours"
 *         holidays: us-federal
 *         weekend: [saturday, sunday]     # these, if it is left out
 *         basis: 31 CFR 501.603(b)(1)
 *       - id: ofac-annual
 *         ...
 *         every_year: 09-30               # of what was held on the last of these before:
 *         held_on: 06-30
 *
 * Days are counted from the day after the decision's, so that what is due within one business day
 * of a Friday is due on Monday. What is due on a day is due until it ends, in the zone. "days" may
 * end on a weekend or holiday; with "ends: next_business_day", or "previous_business_day", it is
 * moved there.
 *
 * Kinds of report are a fixed list, in which suspicious-transaction reports are not: that one
 * exists must be told to nobody, so it has no place here. A text that names one is refused.
 *
 * Units:     times in seconds since 1970, UTC; days since 1970.
 * Ownership: clocks live in the arena that they were read into.
 * Errors:    ERR_INPUT, beginning "line 7: "; ERR_LIMIT more than CLOCKS_MAX; ERR_NOMEM.
 * Threads:   constant once read. */
#ifndef CORDON_SCREEN_CLOCKS_H
#define CORDON_SCREEN_CLOCKS_H

#include "base/arena.h"
#include "base/err.h"
#include "screen/reason.h"

#define CLOCKS_MAX 64
#define CLOCKS_BYTES_MAX ((size_t)1 << 20)
#define CLOCKS_TEXT_MAX 400    /* bytes of an id, a basis, a reference */
#define CLOCK_PERIOD_MAX 10000 /* days or hours */

enum clock_report { /* the names are on disk */
                    CLOCK_BLOCKED_PROPERTY,
                    CLOCK_REJECTED_TRANSACTION,
                    CLOCK_FROZEN_FUNDS,
                    CLOCK_LISTED_CUSTOMER,
                    CLOCK_ANNUAL_HOLDINGS,
};
#define CLOCK_REPORTS 5

struct clocks;

struct report_clock {
    const char *id, *jurisdiction, *basis;
    enum clock_report report;
    bool yearly;
};

struct clock_time {
    uint64_t day;   /* since 1970: of the decision, in the zone */
    uint64_t until; /* due before this second */
    uint64_t due;   /* day since 1970, in the zone: the last on which it is in time */
};

bool clocks_read(struct arena *a, const char *p, size_t n, const struct clocks **ret,
                 struct err *err) MUST_USE;
const char *clocks_default(size_t *ret_n); /* the text of the file that ships: examples */
size_t clocks_n(const struct clocks *c);
struct report_clock clocks_at(const struct clocks *c, size_t i);
/* Does a decision about somebody on that list start the i-th? */
bool clocks_starts(const struct clocks *c, size_t i, enum screen_decision decision,
                   enum screen_direction direction, const char *list);
struct clock_time clocks_due(const struct clocks *c, size_t i, uint64_t now);
/* Of a yearly clock, the year after the one whose last day is given. */
struct clock_time clocks_year_after(const struct clocks *c, size_t i, struct clock_time t);
/* By its id, or SIZE_MAX. */
size_t clocks_find(const struct clocks *c, const char *id);

const char *clock_report_name(enum clock_report r); /* "blocked_property" */

#endif
