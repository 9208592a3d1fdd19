/* Why two scripts are one entity: a chain of transactions, each of which spends two of its scripts
 * together, from the one to the other.
 *
 * The shortest chain is sought from both ends through the ledger, step by step, among the scripts
 * of the entity. Where that looks at more than CLUSTER_WHY_LOOKS_MAX inputs and outputs, the chain
 * is that of the merges by which the entity grew: right as well, but perhaps longer, and said to be
 * so.
 *
 * Ownership: in the arena.
 * Errors:    ERR_NOT_FOUND they are not one entity; ERR_CORRUPT damaged columns; ERR_LIMIT the
 *            arena's limit; ERR_NOMEM.
 * Order:     from the first script to the second; the same snapshot and question, the same chain.
 * Threads:   safe. */
#ifndef CORDON_ENTITY_CLUSTER_WHY_H
#define CORDON_ENTITY_CLUSTER_WHY_H

#include "entity/cluster.h"

#define CLUSTER_WHY_LOOKS_MAX 4000000u

struct cluster_why {
    const struct cluster_reason *steps; /* [n] scripts[1] of a step is scripts[0] of the next */
    size_t n;                           /* 0: it is one script */
    bool shortest;
};

/* looks_max: 0 for CLUSTER_WHY_LOOKS_MAX */
bool clusters_why(const struct clusters *c, struct arena *a, uint32_t from, uint32_t to,
                  uint32_t looks_max, struct cluster_why *ret, struct err *err) MUST_USE;

#endif
