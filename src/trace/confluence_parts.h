/* What the files of confluence share: entries of a place, and what they sum up to.
 *
 * Ownership, errors: as confluence.h. Threads: sums belong to one. */
#ifndef CORDON_TRACE_CONFLUENCE_PARTS_H
#define CORDON_TRACE_CONFLUENCE_PARTS_H

#include "trace/confluence.h"

struct confluence_entry { /* of a case at a place */
    uint32_t doc, at;     /* at: a move or reached output, or (not came) a balance */
    uint64_t asset;
    struct u256 taint;
    uint64_t held; /* the holding or output that it is in */
    bool came, holds;
};

struct confluence_sum { /* of a case and an asset */
    uint64_t asset;
    uint32_t doc;
    struct u256 taint;
};

struct confluence_sums {           /* of the place in hand */
    const void **order, **scratch; /* [order_size] entries; the caller fills them in */
    struct confluence_sum *at;     /* [n] by asset, then document */
    size_t n, order_n, order_size;
};

/* Room for n entries at a time. */
bool confluence_room(struct arena *job, struct confluence_sums *s, size_t n);
/* What came by order[0, n); they are put into the order of assets. */
void confluence_sum(struct confluence_sums *s, size_t n);
/* The asset that most of the cases have there, and the least that any of those has of it; 0 if it
 * is one case alone. */
void confluence_lead(const struct confluence_sums *s, uint64_t *ret_asset,
                     struct u256 *ret_meeting);
/* Amounts of cases[n] and the place's assets, of what was summed up. */
bool confluence_amounts(struct arena *a, const struct ledgers_doc *docs, size_t ledger,
                        struct confluence_sums *s, struct confluence_case *cases, size_t n,
                        struct confluence *ret, struct err *err) MUST_USE;

#endif
