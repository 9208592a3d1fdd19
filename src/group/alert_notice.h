/* Notice to an account's owner that it is held: when it is due by the basis matrix, until when and
 * by which ground it is put off, and when it was given.
 *
 *     due       the earliest of clock and notice_hours, of the acts since the last order
 *     put off   until what the newest alert.defer says that each act before it lets, and no longer
 *               than those behind it let
 *     lets      up to defer_hours from the act, where its row has the ground in defer_by; up to its
 *               own notice_hours, where it has not; for ever, where it names no defer_hours
 *
 * An alert.defer beyond that is without effect. docs/protocol.md, "Notice".
 *
 * Units:     milliseconds since 1970.
 * Ownership: grounds are words of fixed lists.
 * Errors:    ERR_INPUT naming the row that does not let it.
 * Threads:   as the fold. */
#ifndef CORDON_GROUP_ALERT_NOTICE_H
#define CORDON_GROUP_ALERT_NOTICE_H

#include "group/fold.h"

struct alert_notice {  /* 0: not so */
    uint64_t due;      /* by the matrix's row of the act; 0: none is owed */
    uint64_t deferred; /* put off until, */
    const char *by;    /* by this ground; NULL: it is not */
    uint64_t given;    /* when */
};

struct alert_notice alert_notice(const struct fold *f, const struct fold_object *o);
/* Until when it is in time. */
uint64_t alert_notice_by(const struct alert_notice *n);
/* Is it owed at a time: not given, and not put off beyond that? */
bool alert_notice_owed(const struct alert_notice *n, uint64_t ms);
/* May it be put off until then by that ground, as the acts before an event say? before NULL: as all
 * do. by: a ground that is on no list is one that no row names. */
bool alert_may_defer(const struct fold *f, const struct fold_object *o,
                     const struct fold_event *before, const char *by, uint64_t until_ms,
                     struct err *err) MUST_USE;

#endif
