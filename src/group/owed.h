/* What the holds of a member oblige it to, by when: to tell an account's owner (group/alert.h,
 * struct alert_notice), to answer a complaint (docs/registers.md). A complaint is on the list of
 * whoever holds, whichever member wrote it down, and on that member's own.
 *
 * Ownership: in the arena, and good when the log is closed.
 * Errors:    those of the log; ERR_NOMEM.
 * Threads:   as the log. */
#ifndef CORDON_GROUP_OWED_H
#define CORDON_GROUP_OWED_H

#include "group/record_log.h"

struct owed {
    const char *what;   /* "notice", "complaint" */
    const char *object; /* the alert, the complaint */
    const char *alert;
    const char *by;  /* who wrote the complaint down, and writes down its answer; else NULL */
    uint64_t due_ms; /* in time until then; of a complaint the end of its day */
};

/* By that time at the latest, the earliest first. */
bool owed_of(struct group_log *l, struct arena *a, const char *member, uint64_t by_ms,
             uint64_t now_ms, struct owed **ret, size_t *ret_n, struct err *err) MUST_USE;
/* Member "owed". */
void owed_put(struct json_out *j, const struct owed *rows, size_t n, uint64_t now_ms);

#endif
