/* What ordinary days bring: payments, deposits, sweeps, batches of withdrawals, cold storage,
 * consolidation, and miners who pay those who mine with them. Every function sends at most one
 * transaction and is false where it could not.
 *
 * The mix is steered: while the chain so far has fewer inputs or outputs a transaction than today's
 * has, gatherings or batches are more likely, so that the averages come out right for every seed.
 */
#ifndef CORDON_SIM_PEOPLE_H
#define CORDON_SIM_PEOPLE_H

#include "sim/world.h"

bool services_new(struct world *w, struct world_size size); /* false: no memory */
uint32_t service_by_name(const struct world *w, const char *name);

bool day_step(struct world *w);
/* What exchanges and services do at the start of a block, before others come. */
void day_open(struct world *w, uint32_t sweep_at);
bool miner_pays(struct world *w, struct coin coinbase, uint32_t wallet, uint32_t shares);
/* An exchange's hot wallet pays n times about value to fresh locks of that kind, all of one owner.
 */
bool exchange_pays(struct world *w, uint32_t owner, enum lock_kind kind, size_t n, uint64_t least,
                   uint64_t most);
uint32_t exchange_richest(const struct world *w);

#endif
