/* An address that follows from a program and seeds (Solana, "Program derived addresses"): SHA-256
 * of the seeds, a byte, the program and a few words, with the highest byte for which that is no
 * point of the curve, so that nobody has a key to it.
 *
 * Threads:   safe. */
#ifndef CORDON_CHAIN_SOLANA_DERIVED_H
#define CORDON_CHAIN_SOLANA_DERIVED_H

#include "chain/solana/tx.h"

#define SOLANA_SEEDS_MAX 512 /* bytes of all seeds, one behind the other */

/* seeds: all of them. False: there is none, which nobody has seen, or seeds are too long. */
bool solana_derived(struct bytes seeds, const uint8_t program[SOLANA_KEY_BYTES],
                    uint8_t ret[SOLANA_KEY_BYTES]);

#endif
