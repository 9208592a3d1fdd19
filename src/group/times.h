/* How long members took, from the clocks of the events of the log, and of the receipts beside it.
 *
 * Each that stands and did something counts once for the member that did it. The percentiles are by
 * nearest rank: of n times in order, the one numbered ceil(n * p / 100). What a member has received
 * counts where it has said so to this home: once a second at most, so the time is at most a second
 * and a round longer than it took.
 *
 * Units:     milliseconds; a clock that stands before the one it is counted from makes 0.
 * Ownership: the rows live in the arena, names are borrowed from the fold and the receipts.
 * Errors:    ERR_NOMEM, ERR_LIMIT.
 * Order:     by member, then by kind.
 * Threads:   as the fold. */
#ifndef CORDON_GROUP_TIMES_H
#define CORDON_GROUP_TIMES_H

#include "group/log.h"

enum times_kind {
    TIMES_VERIFY,   /* from a report to its verification */
    TIMES_ALERT,    /* from a report to the first alert of its case, */
    TIMES_REPORTED, /* to another member's receipt for it */
    TIMES_ALERTED,  /* from an alert that another told to the holder's receipt for it, */
    TIMES_SOFT,     /* to the holder's soft hold, */
    TIMES_PERSON,   /* to a person's acknowledgement, */
    TIMES_ENFORCED, /* to the first hold that the holder's system has enforced */
    TIMES_RELEASE,  /* from the beginning of a hold to its release */
};
#define TIMES_N (TIMES_RELEASE + 1)

/* One member, once: how long it took from an event of that object. */
struct times_sample {
    const char *member, *object;
    enum times_kind kind;
    uint64_t ms;
};
struct times_row {
    const char *member;
    enum times_kind kind;
    uint64_t n, p50_ms, p95_ms;
    const struct times_sample *const *at; /* [n] that it is counted from, by ms */
};

struct times_of { /* whose: NULL audience: of all; until 0: whenever it was done */
    const char *audience;
    uint64_t from_ms, until_ms;      /* the latter event is at or after from, and before until */
    const struct receipts *receipts; /* NULL: none */
    bool together;                   /* also of all members together, whose member is "" */
};
bool times_of(struct arena *a, const struct fold *f, const struct times_of *of,
              struct times_row **ret, size_t *ret_n, struct err *err) MUST_USE;
const char *times_name(enum times_kind kind); /* "report-to-verify" */
/* docs/schemas/group-times.json */
void times_json(struct text *to, const struct times_row *rows, size_t n, bool pretty);

#endif
