/* Alerts as JSON, for commands and HTTP alike: docs/schemas/group-alert.json.
 * Threads: safe. */
#ifndef CORDON_GROUP_ALERT_SHOW_H
#define CORDON_GROUP_ALERT_SHOW_H

#include "group/alert_log.h"
#include "group/show.h"

#define ALERT_TIME_MAX 32

/* Members of an object that is begun. of: which deposit it is; its output NULL: not known. */
void alert_json(struct json_out *j, const struct alert_now *n, const struct alert_body *of);
/* RFC 3339 with milliseconds: "2026-11-26T12:00:00.000Z"; returns ret. */
const char *alert_time(uint64_t ms, char ret[ALERT_TIME_MAX]);

#endif
