/* What cases of the group say in one answer, as one hash: while it is the same, and all else that
 * the answer stands on, so is the answer. Of this folder alone.
 *
 * It is of each case of which an address is an origin, and of each part of what cases brought or
 * were sent: who reports it, its state, flow, amount and distance. Shares are of what an address
 * received or paid in all, which is the ledger's. zeros: they say nothing. */
#ifndef CORDON_SCREEN_CASES_HASH_H
#define CORDON_SCREEN_CASES_HASH_H

#include "screen/ask_ledger.h"

struct cases_hash {
    struct sha256_stream h;
    bool any;
};

void cases_hash_origins(struct cases_hash *x, struct screen_cases *c,
                        const struct address_key *key);
void cases_hash_parts(struct cases_hash *x, const struct exposed_all *all);
struct hash32 cases_hash_done(struct cases_hash *x);

#endif
