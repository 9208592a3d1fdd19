/* The registers (group/record.h) as they stand in a log.
 *
 * Ownership: in the arena; objects are borrowed from the log's fold.
 * Errors:    those of the log. A body that is no record is none, and is counted: whoever signed it
 *            may run a newer program.
 * Threads:   as the log. */
#ifndef CORDON_GROUP_RECORD_LOG_H
#define CORDON_GROUP_RECORD_LOG_H

#include "group/log.h"
#include "group/record.h"

struct record_said {
    struct record record; /* its newest revision; .object is set */
    const struct fold_object *of;
};

struct records {
    const struct record_said *at; /* [n] in the order in which they were first said */
    size_t n;
    uint64_t unread; /* withheld, erased or not understood: not among them */
};

/* All of a kind that were not withdrawn. */
bool records_of(struct group_log *l, struct arena *a, const struct record_kind *k,
                struct records *ret, struct err *err) MUST_USE;
/* One of them. *ret_here false: its body cannot be read. */
bool record_of(struct group_log *l, struct arena *a, const struct record_kind *k,
               const struct fold_object *o, struct record_said *ret, bool *ret_here,
               struct err *err) MUST_USE;

#endif
