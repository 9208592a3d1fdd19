/* The member's own core system says that it has enforced a hold that was ordered: the node signs
 * that, alert.enforce or alert.enforce-part.
 * Threads: any number. */
#ifndef CORDON_SERVE_HOLD_ENFORCED_H
#define CORDON_SERVE_HOLD_ENFORCED_H

#include "serve/live_group.h"
#include "serve/node.h"

#define ENFORCED_BYTES_MAX ((size_t)4 << 10)

struct enforced { /* {"amount","expires","partly"}, each where it is said */
    bool has_amount, has_expires, has_partly, partly;
    struct u256 amount;
    uint64_t expires; /* milliseconds since 1970 */
};

/* A body; an empty one says nothing but that it is done. */
bool enforced_read(struct arena *a, struct bytes body, struct enforced *ret,
                   struct err *err) MUST_USE;
/* POST /v1/holds/{id}/enforced. ERR_NOT_FOUND, ERR_DIFFERS the hold is not one that is ordered. */
bool hold_enforced(struct http_job *job, struct live_group *g, struct err *err) MUST_USE;

#endif
