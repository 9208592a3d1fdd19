/* What the group's commands tell alike: which object is meant, and what happened to it. */
#ifndef CORDON_CLI_GROUP_SHOW_H
#define CORDON_CLI_GROUP_SHOW_H

#include "cli/group_call.h"

/* Of a kind ("case"), by its digits, or as many of the first as tell it from all others; of the
 * call's --audience, if that is given. */
bool object_find(struct call *c, const struct fold *f, const char *kind, const char *id,
                 const struct fold_object **ret, struct err *err) MUST_USE;
/* The events of an object, a line each. */
bool object_events(struct call *c, struct group_log *l, const struct fold_object *o,
                   struct err *err) MUST_USE;
void amount_put(struct text *to, struct u256 amount); /* base units */
/* --note, if it is given: else NULL. */
bool note_of_call(struct call *c, const char **ret, struct err *err) MUST_USE;

#endif
