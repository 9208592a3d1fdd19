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

/* slot: or SOLANA_TIP_NEWEST. */
bool solana_tip_block(struct rpc_client *c, uint64_t slot, bool confirmed, uint64_t *ret_slot,
                      struct hash32 *ret_hash, struct err *err) MUST_USE;

/* There must be room. */
bool solana_ask_block(struct rpc_client *c, uint64_t slot, bool whole, bool confirmed,
                      unsigned *ret_ticket, struct err *err) MUST_USE;
bool solana_ask_slot(struct rpc_client *c, bool confirmed, uint64_t *ret, struct err *err) MUST_USE;
bool solana_ask_hash(struct rpc_client *c, uint64_t slot, bool confirmed, struct hash32 *ret,
                     struct err *err) MUST_USE;
/* The slot of the first block that it still has; 0: it has all, or does not say. */
uint64_t solana_ask_first(struct rpc_client *c);
/* Is it of that chain? */
bool solana_ask_chain(struct rpc_client *c, const struct chain *chain, struct err *err) MUST_USE;

#endif
