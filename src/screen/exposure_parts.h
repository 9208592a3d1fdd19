/* What a pass over coins fills, and saves: of this folder alone. */
#ifndef CORDON_SCREEN_EXPOSURE_PARTS_H
#define CORDON_SCREEN_EXPOSURE_PARTS_H

#include "screen/exposure.h"
#include "trace/amounts.h"
#include "trace/parts.h"

struct record { /* of one output and label; up to one hop is direct */
    uint64_t amount;
    uint32_t tx;
    uint32_t from; /* direct: the script that paid; else the record before */
    uint32_t next; /* of the same output: record + 1; 0: none */
    uint16_t label, hops;
};
_Static_assert(sizeof(struct record) == 24, "records are many");

static inline bool is_direct(const struct record *r)
{
    return r->hops <= 1;
}

struct sum {
    uint64_t amount, largest;
    uint32_t best, next; /* next: sum + 1; 0: none */
    uint16_t label, hops;
    uint8_t direct, sent; /* 0 or 1 */
    uint16_t zero;
};
_Static_assert(sizeof(struct sum) == 32, "without holes: they are saved as they are");

struct totals {
    uint64_t received, sent;
};

struct gathered {
    uint16_t label;
    uint64_t direct, indirect;
    uint64_t best_direct, best_indirect; /* the largest contributions */
    uint32_t payer, record;              /* and whose they are */
};

struct exposure {
    enum trace_policy policy;
    uint32_t labels_n, cut_ppm, records_max, scripts_max;
    uint64_t outputs_max;
    uint32_t txs_done;
    uint64_t outputs_done, unresolved;
    struct exposure_note note;

    uint32_t *first; /* [outputs] record + 1 */
    struct record *records;
    uint32_t records_n;
    uint32_t *head;        /* [scripts] sum + 1 */
    struct totals *totals; /* [scripts] */
    struct sum *sums;
    uint32_t sums_n, scripts_seen;

    struct exposure_labels labels;

    struct gathered *gathered; /* [labels_n] in order of appearance */
    size_t gathered_n;
    uint16_t *row_of;         /* [labels_n] row + 1 */
    struct exposure_cut *cut; /* [labels_n] */
    struct parts parts;
    uint64_t *share, *share_direct;
    struct ranked *ranked;
    size_t share_size, share_direct_size, ranked_size;
};

#endif
