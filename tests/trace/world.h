/* Small worlds of coins for tests: written as text, or built a transaction at a time.
 *
 *     t0: -> 5 3            a coinbase that pays 5 and 3
 *     t1: 0.1 0.0 -> 4 3    spends output 1 and then output 0 of t0; the fee is 1
 *     t2: 1.0 ? +9 -> 12    and an output outside the ledger of unknown value, and one known to
 *                           be of 9
 *
 * Transactions stand on lines of their own, or with "/" between them. The builder checks nothing
 * but its own limits, so that a test can build what cannot be. coins borrows from the world. */
#ifndef CORDON_TESTS_TRACE_WORLD_H
#define CORDON_TESTS_TRACE_WORLD_H

#include "ledger/coins.h"

#define WORLD_TXS_MAX 64
#define WORLD_PARTS_MAX 512

struct world_tx {
    uint32_t in, in_n, out, out_n; /* first and how many of the flat inputs and outputs */
};

struct world {
    struct world_tx txs[WORLD_TXS_MAX];
    uint32_t txs_n, ins_n, outs_n, ext_n;
    int32_t in[WORLD_PARTS_MAX];        /* output's number; -1: outside */
    uint64_t in_value[WORLD_PARTS_MAX]; /* of what it spends; UINT64_MAX: unknown */
    uint64_t out[WORLD_PARTS_MAX];      /* value */
    int32_t spent_by[WORLD_PARTS_MAX];  /* transaction, or -1 */
    uint8_t columns[WORLD_TXS_MAX * TX_FIRST_BYTES + WORLD_PARTS_MAX * (8 + 4 + ID_BYTES + 8)];
};

void world_clear(struct world *w);
/* begins a transaction; what follows belongs to it */
void world_tx(struct world *w);
void world_in(struct world *w, uint32_t output);
void world_outside(struct world *w, uint64_t value); /* UINT64_MAX: unknown */
void world_out(struct world *w, uint64_t value);
struct coins world_coins(struct world *w); /* columns made anew */
/* NULL, or what it stumbled over */
const char *world_read(struct world *w, const char *text);
/* "1.0"; returns what follows, or NULL */
const char *world_output(const struct world *w, const char *s, uint64_t *ret);
void world_print(const struct world *w, char *to, size_t size); /* as it would be written */

#endif
