/* Which blocks of Tron are solid: TRON_SOLID of its representatives have made them or one above.
 *
 * A reorganisation replaces blocks that are not; whoever says of a solid one that another stands in
 * its place is not believed. Known are the blocks of this process's life, TRON_SOLID_BLOCKS at
 * most. A block added takes the place of what stood at its height and above, unless it is there.
 * Threads: one caller.
 * Source: java-tron, DposService.updateSolidBlock: of the 27 latest blocks' numbers the one that
 * 70 % of them reach. */
#ifndef CORDON_CHAIN_TRON_SOLID_H
#define CORDON_CHAIN_TRON_SOLID_H

#include "chain/tron/block.h"

#define TRON_SOLID_BLOCKS 1024u

struct tron_solid {                         /* zeros: nothing is known */
    struct tron_head at[TRON_SOLID_BLOCKS]; /* by height mod its size */
    uint32_t first, n;                      /* those from first on are there, and linked */
};

void tron_solid_add(struct tron_solid *s, const struct tron_head *h);
/* Is it in the place of a solid one? */
bool tron_solid_breaks(const struct tron_solid *s, const struct tron_head *h);

#endif
