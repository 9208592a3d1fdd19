/* Which of the blocks that a source has go into a ledger, in which order, and what must be undone
 * first.
 *
 * Blocks that link form branches; of branches with the same parent the one with the most work
 * counts (ties: the one found first), the others are stale. The parent may be in the source, in the
 * ledger, or known by its hash alone. Branches whose parent is not there are islands: ordered by
 * height (as the genesis block or BIP 34 prove it), those of unknown height after all others by
 * file name and offset. Of islands that overlap in height the one with less work is left out.
 *
 * Errors:    ERR_INPUT a block would fill a gap of the ledger, or a fork is deeper than can be
 *            undone: "ingest anew".
 * Ownership: the plan is the caller's; plan_free ends it.
 * Threads:   none inside. */
#ifndef CORDON_LEDGER_PLAN_H
#define CORDON_LEDGER_PLAN_H

#include "chain/bitcoin/block.h"
#include "chain/bitcoin/source.h"
#include "ledger/writer.h"

struct plan_item {
    uint32_t block;  /* of the source */
    uint32_t height; /* HEIGHT_UNKNOWN */
    bool run_start;
};

#define PLAN_NONE UINT32_MAX

struct plan {
    uint32_t keep;  /* blocks of the ledger that stay */
    uint32_t *copy; /* by block of the source: where the same block is again, or PLAN_NONE */
    struct plan_item *items;
    size_t items_n;
    size_t known, stale; /* blocks in the ledger already; of branches that lost */
    uint64_t bytes;      /* of all items */
};

bool plan_make(struct source *s, const struct chain *chain, const struct ledger_writer *w,
               struct plan *ret, struct err *err) MUST_USE;
void plan_free(struct plan *p);

/* The facts of a block of the source, from its first copy that is whole; an error is the first
 * copy's. The facts are in scratch and in buffer until their next use. */
bool plan_facts(const struct plan *p, struct source *s, const struct chain *chain, uint32_t block,
                unsigned checks, struct block_scratch *scratch, struct source_buffer *buffer,
                struct block_facts *ret, struct err *err) MUST_USE;

#endif
