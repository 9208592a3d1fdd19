/* A home with the log of a small group (world.h), kept open: what its members say goes into the one
 * log, as if all had been taken in.
 *
 * Threads: none. */
#ifndef CORDON_TESTS_GROUP_HOME_H
#define CORDON_TESTS_GROUP_HOME_H

#include "group/log.h"
#include "world.h"

struct home {
    struct world w;   /* to be started before */
    const char *path; /* where it is */
    struct group_log *log;
    uint64_t ms; /* of what is said next; grows by one */
};

/* Its charter is proposed by us, and signed by us and kr. */
void home_start(struct home *h, uint64_t ms);
/* A version after the charter in force, made of a draft, adopted by us and kr. */
void home_charter(struct home *h, const char *draft, struct charter *ret);
struct hash32 home_say(struct home *h, unsigned member, enum world_key key,
                       struct group_log_act act);
/* What us has said is signed and, by these of the others (bits), countersigned, now. */
void home_witness(struct home *h, unsigned members);
void home_end(struct home *h);

#endif
