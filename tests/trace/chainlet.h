/* A small chain of whole blocks with real hashes and proof of work, on the simulated chain: a theft
 * whose every figure can be counted by hand (base units; a letter is who is paid).
 *
 *     block 1   coinbase -> 50 V
 *     block 2   coinbase -> 20 W
 *     block 3   coinbase -> 1 M    t1: V's 50           -> 30 A, 19 B          fee 1
 *     block 4   coinbase -> 1 M    t2: W's 20, A's 30   -> 40 X, 9 C           fee 1
 *     block 5   coinbase -> 1 M    t3: C's 9            -> 5 D, 3 E            fee 1
 *     block 6   coinbase -> 1 M    t4: E's 3            -> 2 A                 fee 1
 *
 * E is paid to its bare key (P2PK), all others to the hash of theirs (P2PKH). */
#ifndef CORDON_TESTS_TRACE_CHAINLET_H
#define CORDON_TESTS_TRACE_CHAINLET_H

#include "support.h"

#include "chain/bitcoin/block.h"
#include "ledger/ledger.h"

#define CHAINLET_BLOCKS 7

struct chainlet {
    struct bytes blocks[CHAINLET_BLOCKS]; /* block 0 is the genesis block */
    struct hash32 t[5];                   /* txids of t1 to t4; t[0] is block 1's coinbase */
};

const struct chainlet *chainlet(void);
const struct chain *chainlet_chain(void);
const char *chainlet_address(char who); /* good for the next 15 calls */
/* Another block behind prev, whose miner is paid 2 to N, with one of the transactions t1 to t4 in
 * it, or none (0). Heights of up to 16. */
struct bytes chainlet_block(unsigned height, struct bytes prev, unsigned t);
struct bytes chainlet_tx(unsigned t); /* t1 to t4, as they are sent; good for ever */
void chainlet_append(const char *ledger, const struct bytes *blocks, size_t n);
/* A folder with a ledger of those blocks whose bit is set in which, and one with all blocks as Core
 * keeps them. */
char *chainlet_ledger(unsigned which);
char *chainlet_files(void);

#endif
