/* Short questions to a node of an EVM chain: its newest block, and the hash of a height.
 *
 * Errors:  ERR_INPUT another chain, or an answer that is none; ERR_NOT_FOUND it does not have the
 *          block; ERR_SYSTEM network, or an error of the node; ERR_NOMEM. Threads: one caller. */
#ifndef CORDON_SERVE_EVM_TIP_H
#define CORDON_SERVE_EVM_TIP_H

#include "base/hash.h"
#include "chain/chain.h"
#include "serve/rpc_client.h"

#define EVM_TIP_NEWEST UINT64_MAX
#define EVM_TIP_BYTES_MAX ((size_t)4 << 20) /* a block with the hashes of its transactions */

/* Is it of that chain? */
bool evm_ask_chain(struct rpc_client *c, const struct chain *chain, struct err *err) MUST_USE;
/* height: or EVM_TIP_NEWEST. */
bool evm_ask_head(struct rpc_client *c, uint64_t height, uint64_t *ret_height,
                  struct hash32 *ret_hash, struct err *err) MUST_USE;
/* A block of an answer, for fuzzing. */
bool evm_tip_read(struct bytes answer, uint64_t *ret_height, struct hash32 *ret_hash,
                  struct err *err) MUST_USE;

#endif
