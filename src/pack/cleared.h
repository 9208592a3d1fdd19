/* Whether a pack may be told to everybody: all governments have cleared a text that names its hash
 * (group/clearance.h), and
 * that text was told to all, or to the audience that the pack is of: what some heard of clears
 * nothing that others have a word in.
 *
 * Ownership: scratch in the arena.
 * Errors:    ERR_DIFFERS it is not cleared, and by whom not; ERR_INPUT no text that stands; those
 *            of the log.
 * Threads:   as the log. */
#ifndef CORDON_PACK_CLEARED_H
#define CORDON_PACK_CLEARED_H

#include "pack/pack.h"

/* By that text, at that time. */
bool pack_cleared(struct group_log *l, struct arena *a, const struct pack *p,
                  const struct fold_object *text, uint64_t ms, struct err *err) MUST_USE;
/* By any text of the log. */
bool pack_cleared_by_any(struct group_log *l, struct arena *a, const struct pack *p, uint64_t ms,
                         bool *ret, struct err *err) MUST_USE;

#endif
