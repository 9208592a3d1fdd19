/* What a person's act upon a hold stands on: a row of the charter's basis matrix (group/basis.h),
 * and of an alert.legal a paper. Without them it takes no step: a hold that was keeps its end.
 *
 * Asked of an act at its place in order, of what was told and relayed before it; whose case it is,
 * and what was said of papers, by all that is here. So the fold asks (group/fold_steps.c), when the
 * objects of cases and instruments are folded and before the act itself is, and whoever shows why.
 *
 * Errors:    ERR_INPUT: the row that is missing.
 * Threads:   as the fold. */
#ifndef CORDON_GROUP_GROUNDS_H
#define CORDON_GROUP_GROUNDS_H

#include "group/fold.h"

/* Does the charter that judges it (fold_charter_of) grant an act upon an alert (order, extend,
 * legal, disclose) by its basis? *ret: the row; NULL: there is no matrix, or it does not. */
bool alert_basis(const struct fold *f, const struct fold_object *o, const struct fold_event *act,
                 const struct basis_row **ret, struct err *err) MUST_USE;
/* Is it a disclosure that a row grants? One that none does is followed by nobody, though it took
 * its step. */
bool alert_discloses(const struct fold *f, const struct fold_event *e);
/* Does an alert.legal, or an alert.seize, name what was said of an instrument that stood then? */
bool alert_paper(const struct fold *f, const struct fold_event *legal);
/* The case that an alert told to an audience is of: of those that this audience and all were told
 * of, the first in order, so that nobody puts another of that name in its place. NULL: no such. */
const struct fold_object *alert_case_object(const struct fold *f, const char *name,
                                            const char *audience);

#endif
