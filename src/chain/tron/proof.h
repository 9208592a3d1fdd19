/* Proofs of Tron's transactions (block_proof.h): the header as its representative has signed it,
 * the tree's leaves, all of them, for only so a transaction's place is sure, and the transactions
 * whole, with their signatures and results.
 *
 * What they tell is what a transaction itself moves (v), and that it did not fail. What a contract
 * did with it, as logs and internal transactions say (and so tokens), fees and rewards no header
 * commits to. Transactions that make a contract, or do not say whether they failed, are left out;
 * so is one of 64 bytes, which could be two of the tree's hashes.
 *
 * A header's signature names a key. Mostly it is that of the representative that the header names;
 * some have given another key leave to sign for them (java-tron, witness permission).
 *
 * Errors:    ERR_INPUT a node is missing, not led to, or out of order; leaves of another root; a
 *            signature of nobody, or another's than the proof says; what bytes.h says; ERR_LIMIT;
 *            ERR_NOMEM.
 * Threads:   one prover a thread. */
#ifndef CORDON_CHAIN_TRON_PROOF_H
#define CORDON_CHAIN_TRON_PROOF_H

#include "chain/block_proof.h"
#include "chain/tron/bytes.h"

extern const struct block_proofs tron_proofs;

#define TRON_SIGNATURE_BYTES 65u
/* Whose key has signed the header. ERR_INPUT: nobody's. */
bool tron_signer(const struct tron_head *h, struct bytes signature, uint8_t ret[TRON_KEY_BYTES],
                 struct err *err) MUST_USE;

#endif
