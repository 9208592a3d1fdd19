/* The ways of a trace: of each transfer or output that it reached, which one before it it came by.
 *
 * A step is a move of a ledger of accounts, or a reached output of coins; those of all ledgers of a
 * document are numbered one after the other. A step of hop h came by one of hop h - 1:
 *   over accounts  the newest that came to its sender's holding, and has not all left since
 *   over coins     the first input of its transaction with that hop
 *   by a route     the first of that hop among what the link goes on from
 * An origin came by none.
 *
 * Cost:      one pass over each trace, its steps sorted by whom they come to.
 * Ownership: in the arena; the document is borrowed.
 * Errors:    ERR_NOMEM, ERR_LIMIT 2^32 steps.
 * Threads:   safe. */
#ifndef CORDON_TRACE_WAYS_H
#define CORDON_TRACE_WAYS_H

#include "trace/ledgers_run.h"

#define WAY_BEGINS UINT32_MAX

struct ways {
    const struct ledgers_doc *doc;
    const uint32_t *before; /* [steps_n] a step, or WAY_BEGINS */
    const uint32_t *first;  /* [ledgers_n + 1] step of each ledger */
    uint32_t steps_n;
};

bool ways_make(struct arena *a, const struct ledgers_doc *d, struct ways *ret,
               struct err *err) MUST_USE;
/* of a step: its ledger, and what it is there */
uint32_t way_ledger(const struct ways *w, uint32_t step);
uint64_t way_id(const struct ways *w, uint32_t step);
uint32_t way_hop(const struct ways *w, uint32_t step);

#endif
