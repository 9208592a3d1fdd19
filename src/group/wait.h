/* What an alert waits for, since when, and how far that has been carried up: worked out from the
 * log and a time, whenever somebody reads it.
 *
 *     a person    from its first event, until one of the holder's people acknowledges or acts
 *     an order    from the acknowledgement, until a hold is ordered or the alert declined
 *     the core    from core_ms behind the order, until the member's own system has enforced it
 *     a renewal   from three quarters of the hold's time, until it is extended or ended
 *
 * An event whose clock is more than a minute ahead of the reader's is no reason to wait: it counts
 * as having waited for ever.
 *
 * Units:     milliseconds since 1970.
 * Threads:   safe. */
#ifndef CORDON_GROUP_WAIT_H
#define CORDON_GROUP_WAIT_H

#include "base/json.h"
#include "group/alert.h"
#include "group/rota.h"

#define WAIT_AHEAD_MS 60000

enum wait_for {
    WAIT_NOTHING,
    WAIT_PERSON,
    WAIT_ORDER,
    WAIT_CORE,
    WAIT_RENEWAL,
};

struct wait {
    enum wait_for what;
    uint64_t since; /* may be later than now: it is not due yet */
    uint64_t mark;  /* the same for all of one waiting: since, as the log has it */
    uint64_t by;    /* when the hold ends; 0: nothing is held */
};

/* Of an alert of the holder's own. */
struct wait alert_wait(const struct alert_now *n, uint64_t core_ms, uint64_t ms);
const char *wait_name(enum wait_for what);  /* "person" */
const char *wait_to_do(enum wait_for what); /* in words */
/* All that waits of a member's own, with who is called (docs/schemas/escalations.json). */
void waits_json(struct json_out *j, const struct alert_book *b, const char *member,
                const struct rota *r, uint64_t core_ms, uint64_t ms);

#endif
