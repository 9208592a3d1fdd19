/* cordon sim: a whole chain out of one number.
 *
 * sim_run writes DIR/blocks (blk, rev and perhaps xor.dat as Bitcoin Core leaves them),
 * DIR/truth.json, DIR/stops.csv and DIR/cases/THEFT-n.json (and DIR/accounts, accounts.h, if asked
 * for): a world of wallets, exchanges, services
 * and miners in which thefts happen, and what truly became of the stolen money. Same options, same
 * bytes, on every machine: docs/sim.md.
 *
 * Errors:    ERR_USAGE what is asked for cannot be; ERR_SYSTEM the disk, or DIR/blocks is there
 *            already; ERR_NOMEM. What was begun is removed then.
 * Threads:   any number of runs at once. */
#ifndef CORDON_SIM_SIM_H
#define CORDON_SIM_SIM_H

#include "base/err.h"

#include <stdint.h>

#define SIM_BLOCKS_MAX 1000000u
#define SIM_BYTES_MIN ((uint64_t)1 << 16)
#define SIM_BYTES_MAX ((uint64_t)1 << 40)

struct sim_options {
    uint64_t seed;
    uint64_t blocks; /* how many, the genesis block among them; 0: as many as make bytes */
    uint64_t bytes;  /* of blk files, reached with the last block */
    const char *dir;
    bool xor ;
    bool accounts; /* with an account chain beside it, and a theft that goes from there to here */
    bool payroll;  /* with wages of disguised workers among the cases */
    void (*progress)(void *ctx, uint64_t done,
                     uint64_t all); /* after each block, in bytes or blocks; may be NULL */
    void *ctx;
};

struct sim_shape { /* of the chain that was made */
    uint64_t blocks, bytes, transactions, inputs, outputs, scripts;
    unsigned thefts;
};

bool sim_run(const struct sim_options *o, struct sim_shape *ret, struct err *err) MUST_USE;

#endif
