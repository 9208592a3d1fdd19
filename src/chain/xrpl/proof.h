/* Proofs of the XRP Ledger's transactions (block_proof.h): a ledger's header, and nodes of its tree
 * of transactions (hashes.h), as they are hashed. A leaf is a transaction with its metadata, and so
 * tells all that it moved, by the rules of tx.h; its place is its metadata's TransactionIndex.
 *
 * Made from whole ledgers, as a server answers `ledger` with transactions expanded, in JSON or in
 * bytes. Of answers that do not tell all of the header, or a transaction that cannot be written as
 * it was hashed, nothing is proven.
 *
 * What a proof does not prove: that the ledger is the network's, as its validators have signed it.
 *
 * Errors:    ERR_INPUT a node is missing, not led to, come to twice, at another place than its
 *            transaction's name leads to, or out of order; what tx.h and codec.h say; ERR_LIMIT;
 *            ERR_NOMEM.
 * Threads:   one prover a thread. */
#ifndef CORDON_CHAIN_XRPL_PROOF_H
#define CORDON_CHAIN_XRPL_PROOF_H

#include "chain/block_proof.h"

extern const struct block_proofs xrpl_proofs;

#endif
