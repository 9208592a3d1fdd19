/* Findings: what a trace says of a case, as records that the group's quarter is counted from.
 *
 * One finding for each asset on each chain: how much was traced, what of it is still held, what
 * came to stops and to which, what was lost to view; the shapes that its transactions form, ways to
 * the largest stops, and where the case meets others. docs/registers.md. The document itself stays
 * where it was made; its SHA-256 stands in the record, and cordon verify works it out again.
 *
 * Input:     what cordon trace --format json prints: a document, or one a line of several cases
 *            with their confluence behind them. Documents of other cases are passed over.
 * Ownership: all in the arena.
 * Errors:    ERR_INPUT no such document, or one that is no trace (the text names the member);
 *            ERR_NOT_FOUND none is of this case; those of record.h.
 * Order:     as the documents have their parts and assets.
 * Threads:   safe. */
#ifndef CORDON_GROUP_FINDING_H
#define CORDON_GROUP_FINDING_H

#include "group/record.h"

#define FINDING_BYTES_MAX ((size_t)1 << 30)
#define FINDINGS_MAX 1000
#define FINDING_STOPS_MAX 200 /* by name, the largest; others together */
#define FINDING_PATHS_MAX 5   /* to the largest stops */
#define FINDING_STEPS_MAX 12  /* of a path that are told */
#define FINDING_MEETS_MAX 50

struct finding_of {
    const char *case_object, *case_id; /* as it was reported */
    const char *tlp, *notes;           /* NULL: not said */
};

bool findings_of_trace(struct arena *a, const struct hash32 *group, struct bytes documents,
                       const struct finding_of *of, struct record **ret, size_t *ret_n,
                       struct err *err) MUST_USE;

#endif
