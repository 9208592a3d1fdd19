/* The first block of the simulated chain, and the facts that the chain table's row "bitcoin:sim" is
 * made of.
 *
 * The block is fixed: one coinbase that pays nobody nothing, its text in the scriptSig as in
 * Bitcoin's genesis block.
 *
 *     hash (as shown)    763d331ac67e410d9da444d0ecd04bb9ad5eb3305ba13de1f5312fc49a6c8bda
 *     CAIP-2             bip122:763d331ac67e410d9da444d0ecd04bb9
 *
 * The magic's bytes are unlikely in text and differ from every Bitcoin network's; addresses have
 * prefixes of their own, so that nobody takes a simulated one for an address of another chain. */
#ifndef CORDON_SIM_GENESIS_H
#define CORDON_SIM_GENESIS_H

#include "base/bytes.h"

#define SIM_CHAIN "bitcoin:sim"
#define SIM_MAGIC 0xd1a7e9f5u        /* f5 e9 a7 d1 in the file */
#define SIM_BITS 0x207fffffu         /* every second hash is good enough */
#define SIM_P2PKH 63                 /* addresses start with S */
#define SIM_P2SH 125                 /* with s */
#define SIM_HRP "sim"                /* with sim1 */
#define SIM_GENESIS_TIME 1735689600u /* 1 January 2025, 00:00 UTC */

struct bytes sim_genesis(void); /* the whole block; constant */

#endif
