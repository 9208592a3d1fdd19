/* A transaction of an EVM chain in no block yet, as its object in JSON (eth_subscribe,
 * newPendingTransactions; eth_getTransactionByHash): the coin by its value, a token by transfer and
 * transferFrom of ERC-20. Else: chain/pending.h.
 *
 * Ownership, errors, threads: as chain/pending.h. */
#ifndef CORDON_CHAIN_EVM_PENDING_H
#define CORDON_CHAIN_EVM_PENDING_H

#include "chain/pending.h"

bool evm_pending_read(struct arena *a, struct bytes json, struct pending_tx *ret,
                      struct err *err) MUST_USE;

#endif
