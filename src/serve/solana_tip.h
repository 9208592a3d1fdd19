/* Short questions to a node of Solana: how far it is, and the hash of a slot's block.
 *
 * Slots may be empty. The hash of a slot is that of its block, or of the newest block below it: so
 * that any two nodes can be asked about any slot that both have passed. How sure a block must be is
 * its commitment: "finalized" cannot be undone, "confirmed" has the votes of two thirds of the
 * stake and comes some 12 seconds sooner.
 *
 * Errors:  ERR_INPUT another chain, or an answer that is none; ERR_NOT_FOUND the node is not so
 *          far; ERR_SYSTEM network, or an error of the node; ERR_LIMIT, ERR_NOMEM. Threads: one
 * caller. */
#ifndef CORDON_SERVE_SOLANA_TIP_H
#define CORDON_SERVE_SOLANA_TIP_H

#include "base/hash.h"
#include "chain/chain.h"
#include "serve/rpc_client.h"

#define SOLANA_TIP_NEWEST UINT64_MAX

struct solana_tip;

bool solana_tip_open(const char *url, const struct chain *chain, bool confirmed,
                     struct rpc_options options, struct solana_tip **ret, struct err *err) MUST_USE;
struct solana_tip *solana_tip_close(struct solana_tip *t);
/* slot: or SOLANA_TIP_NEWEST. */
bool solana_tip_block(struct solana_tip *t, uint64_t slot, uint64_t *ret_slot,
                      struct hash32 *ret_hash, struct err *err) MUST_USE;

/* By a client of one's own; there must be room. */
bool solana_ask_block(struct rpc_client *c, uint64_t slot, bool whole, bool confirmed,
                      unsigned *ret_ticket, struct err *err) MUST_USE;
bool solana_ask_slot(struct rpc_client *c, bool confirmed, uint64_t *ret, struct err *err) MUST_USE;
bool solana_ask_hash(struct rpc_client *c, uint64_t slot, bool confirmed, struct hash32 *ret,
                     struct err *err) MUST_USE;
/* Is it of that chain? */
bool solana_ask_chain(struct rpc_client *c, const struct chain *chain, struct err *err) MUST_USE;

#endif
