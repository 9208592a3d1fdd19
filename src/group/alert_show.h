/* Alerts as JSON, for commands and HTTP alike: docs/schemas/group-alert.json.
 * Threads: safe. */
#ifndef CORDON_GROUP_ALERT_SHOW_H
#define CORDON_GROUP_ALERT_SHOW_H

#include "group/alert_grade.h"
#include "group/alert_log.h"
#include "group/show.h"

#define ALERT_TIME_MAX 32

enum alert_at {
    ALERT_PLACE_UNKNOWN, /* which deposit it is, or its chain, is not known here */
    ALERT_PLACE_THERE,
    ALERT_PLACE_UNDONE, /* its block, which was there, is not there any more, nor is it elsewhere */
};

struct alert_place { /* of a deposit, on the chain as it is here now */
    enum alert_at at;
    uint64_t depth; /* blocks on it and its own; 0: not known */
    uint32_t tip;   /* the height of the newest block */
};

/* Members of an object that is begun. of: which deposit it is; its output NULL: not known. at NULL:
 * no chain was looked at. */
void alert_json(struct json_out *j, const struct alert_now *n, const struct alert_body *of,
                const struct alert_place *at);
unsigned alert_doubts_now(const struct alert_now *n, const struct alert_body *of,
                          const struct alert_place *at);
/* RFC 3339 with milliseconds: "2026-11-26T12:00:00.000Z"; returns ret. */
const char *alert_time(uint64_t ms, char ret[ALERT_TIME_MAX]);

#endif
