/* By which rules scripts become one entity, as text that is kept with them: who brings them up to
 * date does so by the same rules.
 *
 *     join-max 100000
 *     actor 0014751e...  Harbour Coin
 *
 * join-max: two clusters that both have so many scripts or more are never joined. actor: a script
 * (hex of the address form, script.h) that is known to be somebody's; clusters of different actors
 * are never joined. An address with two names says nothing, and is left out. Lines are sorted, so
 * that the same rules have the same text.
 *
 * Ownership: in the arena.
 * Errors:    ERR_INPUT a name that is no plain text, or too long; ERR_CORRUPT a text that is not
 *            written so; ERR_LIMIT too many actors; ERR_NOMEM.
 * Threads:   safe; rules are read-only once made. */
#ifndef CORDON_ENTITY_CLUSTER_RULES_H
#define CORDON_ENTITY_CLUSTER_RULES_H

#include "base/arena.h"
#include "base/bytes.h"
#include "base/err.h"

#define CLUSTER_JOIN_MAX 100000u /* the default; ours, see docs/entities.md */
#define CLUSTER_ACTORS_MAX ((size_t)1 << 22)
#define CLUSTER_NAME_MAX 200 /* bytes of an actor's name */

struct cluster_actor {
    struct bytes script; /* in rules: the address form */
    const char *name;
};

struct cluster_rules {
    uint32_t join_max;
    const struct cluster_actor *actors; /* in rules: ascending by script, each once */
    size_t actors_n;
    struct bytes text; /* of the whole */
};

bool cluster_rules_make(struct arena *a, uint32_t join_max, const struct cluster_actor *actors,
                        size_t actors_n, struct cluster_rules *ret, struct err *err) MUST_USE;
bool cluster_rules_read(struct arena *a, struct bytes text, struct cluster_rules *ret,
                        struct err *err) MUST_USE;
/* The actor of a script (any form of the address); NULL: none. */
const struct cluster_actor *cluster_actor_of(const struct cluster_rules *r, struct bytes script);

#endif
