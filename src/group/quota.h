/* What of a member's cases counts, where it has more than the charter grants: cut alike on every
 * node, since the fold and the charter are alike everywhere.
 * Threads: as the fold. */
#ifndef CORDON_GROUP_QUOTA_H
#define CORDON_GROUP_QUOTA_H

#include "group/fold.h"

/* From reported to contained. */
bool case_is_live(const struct fold_object *o);
/* Live, and beyond its member's live_cases, by the order of their first events: followed by
 * nobody. */
bool case_over_quota(const struct fold *f, const struct fold_object *o);

#endif
