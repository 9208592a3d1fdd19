/* When bodies are to be erased: the charter's terms by class, what still runs, and legal holds.
 *
 *     "retention":{"case":1825,"own":365}    days; a class without one stays until it is erased
 *
 * The term of an object's bodies of a class runs from the newest event that did something to the
 * object, to whatever audience, by its clock (one that is more than a day ahead does not count).
 * Nothing is erased while the object is live: a case from draft to contained; an alert whose case
 * is, and that has not ended, or that holds; how a live case is handled. Nor while it is preserved:
 * "preserve:" and the digits of the object, or of the case that it is of, by a word of this home's
 * own member or of a government, the newest of whom counts.
 *
 * docs/protocol.md, "Retention".
 *
 * Ownership: in the arena; names are borrowed from the log's fold.
 * Errors:    those of the log; ERR_NOMEM.
 * Threads:   as the log. */
#ifndef CORDON_GROUP_RETENTION_H
#define CORDON_GROUP_RETENTION_H

#include "group/log.h"

enum retention_state {
    RETENTION_DUE,
    RETENTION_RUNS,
    RETENTION_LIVE,
    RETENTION_PRESERVED,
    RETENTION_NO_TERM,
};

struct retention {
    const char *object, *class;
    enum retention_state state;
    uint64_t until_ms;        /* of a term; 0: there is none */
    const char *preserved_by; /* a member; NULL: nobody */
};

/* Of what this home has the keys of, by object and class. member: whose home it is; NULL: nobody's.
 */
bool retention_of(struct group_log *l, struct arena *a, const char *member, uint64_t ms,
                  struct retention **ret, size_t *ret_n, struct err *err) MUST_USE;
/* Erases what is due; in a log that is being written. *ret_n: so many bodies. */
bool retention_expire(struct group_log *l, const char *member, uint64_t ms, uint64_t *ret_n,
                      struct err *err) MUST_USE;
/* Who has the object, or its case, preserved; NULL: nobody. */
const char *retention_preserved(const struct fold *f, const char *object, const char *member);
const char *retention_state_name(enum retention_state s);

#endif
