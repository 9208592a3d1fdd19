/* What there is to tell: of the group's log as it is, what differs from what was told.
 * Inside serve/notify.c. */
#ifndef CORDON_SERVE_NOTIFY_LOOK_H
#define CORDON_SERVE_NOTIFY_LOOK_H

#include "serve/notify.h"

#define LOOK_MAX 512       /* things at once */
#define LOOK_STATE_MAX 100 /* of what was told */

struct look_thing {
    struct hash32 thing;
    uint64_t sequence;
    char state[LOOK_STATE_MAX];
};

struct look_wanted { /* of one thing */
    struct outbox_told told;
    struct outbox_message messages[2]; /* to the core, to people */
    size_t messages_n;
    const char *line;
};

struct look_counts { /* what waits, by enum wait_for: those that somebody was called for */
    uint64_t waits[WAIT_RENEWAL + 1];
};

struct look {
    struct arena *arena; /* of what is found */
    const struct rota *rota;
    uint64_t ms, core_ms;
    bool quiet; /* cases are noted and not told: the first look at a log that was there before */
    const struct look_thing *(*told)(void *ctx, const struct hash32 *thing);
    void *told_ctx;
    const char *member; /* whose node it is */
    /* found: */
    struct look_wanted wanted[LOOK_MAX];
    size_t n;
    bool more;        /* than LOOK_MAX */
    uint64_t next_ms; /* when something changes by itself */
    struct look_counts counts;
};

/* Everything of the log that is the member's. */
bool look_at_log(struct look *x, struct group_log *l, const struct fold *fold,
                 struct err *err) MUST_USE;

#endif
