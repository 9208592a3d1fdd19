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

struct evm_tip;

bool evm_tip_open(const char *url, const struct chain *chain, struct rpc_options options,
                  struct evm_tip **ret, struct err *err) MUST_USE;
struct evm_tip *evm_tip_close(struct evm_tip *t);
/* height: or EVM_TIP_NEWEST. */
bool evm_tip_block(struct evm_tip *t, uint64_t height, uint64_t *ret_height,
                   struct hash32 *ret_hash, struct err *err) MUST_USE;
/* A block of an answer, for fuzzing. */
bool evm_tip_read(struct bytes answer, uint64_t *ret_height, struct hash32 *ret_hash,
                  struct err *err) MUST_USE;

#endif
