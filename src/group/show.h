/* How cases and events of the group are told as JSON, by commands and over HTTP alike
 * (docs/schemas/group-case.json, group-cases.json, group-log.json).
 *
 * Ownership: what is read lies in the arena.
 * Errors:    those of group/log.h.
 * Threads:   as of the log. */
#ifndef CORDON_GROUP_SHOW_H
#define CORDON_GROUP_SHOW_H

#include "base/json.h"
#include "group/handling.h"
#include "group/log.h"
#include "group/report.h"

const char *body_state_name(enum body_state s);
/* The i-th case of which something is said, from *i on, which moves behind it; NULL: no more. */
const struct fold_object *case_next(const struct fold *f, size_t *i);
/* What the newest revision says; *ret_state is BODY_HERE where it can be read. */
bool case_report(struct group_log *l, struct arena *a, const struct fold_object *o,
                 enum body_state *ret_state, struct report *ret, struct err *err) MUST_USE;
/* Members of an open object. */
/* How many of its origins are over the charter's quota, and left out; r NULL: not known, 0. */
uint64_t case_origins_cut(const struct fold *f, const struct report *r);
/* Member "handling": as this home's member is told (group/handling.h), or null. */
void handling_put(struct json_out *j, const struct handling *h);
void case_put(struct json_out *j, const struct fold *f, const struct fold_object *o,
              enum body_state state, const struct report *r);
/* What somebody wrote with an event; NULL: nothing that is here. */
bool event_note(struct group_log *l, struct arena *a, const struct fold_event *e, const char **ret,
                struct err *err) MUST_USE;
/* Member "events": of any object. */
bool events_put(struct json_out *j, struct group_log *l, struct arena *a,
                const struct fold_object *o, struct err *err) MUST_USE;
/* Members "report" and "events". */
bool case_story_put(struct json_out *j, struct group_log *l, struct arena *a,
                    const struct fold_object *o, enum body_state state, const struct report *r,
                    struct err *err) MUST_USE;
/* An event of the log: an object. */
void logged_put(struct json_out *j, const struct fold *f, const struct fold_event *e);

#endif
