/* Disclosed withdrawals: where an alert was too late, its holder tells one audience where the money
 * went on to (alert.disclose), and that audience follows it from there.
 *
 * The chain does not link a withdrawal to a deposit: that is the holder's word, which stays within
 * the audience, and no trace of the case for all changes by it. So what is followed is a case of
 * its own, made from the one that is disclosed to: its policy, limits and stops, the withdrawals as
 * whole origins, and who says so in its title and sources. docs/protocol.md, section 7.
 *
 * Ownership: in the arena, but for what is borrowed from the log until that changes.
 * Errors:    ERR_INPUT a withdrawal that is no origin; those of the log.
 * Threads:   as the log. */
#ifndef CORDON_GROUP_DISCLOSED_H
#define CORDON_GROUP_DISCLOSED_H

#include "group/alert_log.h"

struct disclosed {
    const struct fold_event *event; /* alert.disclose */
    const char *alert, *audience, *holder, *basis;
    const char *case_object, *case_audience;
    const char *const *withdrawals; /* [withdrawals_n] */
    size_t withdrawals_n;
};

/* The next disclosure from the *at-th event of the log on that had effect, whose body is here and
 * whose alert is known; *at goes on behind it. false: no more, or err. */
bool disclosed_next(struct group_log *l, struct arena *a, size_t *at, struct disclosed *ret,
                    bool *ret_any, struct err *err) MUST_USE;
/* The case file that follows it: of the case as it was reported. */
bool disclosed_case(struct arena *a, struct bytes case_text, const struct disclosed *d,
                    struct bytes *ret, struct err *err) MUST_USE;

#endif
