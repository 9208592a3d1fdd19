/* What truly happened, written down: DIR/truth.json ("cordon.truth/1"), DIR/stops.csv and
 * DIR/cases/THEFT-n.json; their form is in docs/sim.md. Stops are the addresses of exchanges and
 * mixers. */
#ifndef CORDON_SIM_TRUTH_H
#define CORDON_SIM_TRUTH_H

#include "sim/theft.h"

bool truth_write(const struct thefts *t, const char *dir, uint64_t seed, uint32_t blocks,
                 struct err *err) MUST_USE;
void truth_remove(const char *dir, size_t thefts_n); /* whatever of it is there */

#endif
