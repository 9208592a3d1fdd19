/* Deposit addresses of exchanges on chains of coins that are not spent together with the exchange's
 * wallet, but sweep into it: whatever the entity spends goes to entities of one known actor alone
 * (cluster_rules.h; to itself, and to nobody, OP_RETURN, does not count).
 *
 * What was spent together with a known wallet is that actor's entity already, and is not asked
 * here. A payer who once sent all that he had to an exchange looks the same: so sweeps says how
 * many outputs there were, and one alone is weak.
 *
 * Ownership: in the arena.
 * Errors:    ERR_CORRUPT damaged columns; ERR_LIMIT the arena's limit; ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_ENTITY_CLUSTER_DEPOSIT_H
#define CORDON_ENTITY_CLUSTER_DEPOSIT_H

#include "entity/cluster.h"

struct cluster_known; /* whose the entities are that have an actor */

bool cluster_known_make(const struct clusters *c, struct arena *a, const struct cluster_known **ret,
                        struct err *err) MUST_USE;
const char *cluster_known_actor(const struct cluster_known *k, uint32_t root); /* NULL: nobody's */

struct cluster_deposit {
    const char *actor; /* NULL: it is none */
    uint32_t swept;    /* outputs that went on to the actor */
};

/* members: of one entity. At most CLUSTER_OUTPUTS_MAX outputs are looked at; an entity with more is
 * none. */
struct cluster_deposit cluster_deposit_judge(const struct clusters *c,
                                             const struct cluster_known *k, const uint32_t *members,
                                             size_t n);

#endif
