/* What a pass over accounts fills, and saves: of this folder alone. Structs have no holes, as they
 * are saved as they are. */
#ifndef CORDON_SCREEN_ACCOUNT_EXPOSURE_PARTS_H
#define CORDON_SCREEN_ACCOUNT_EXPOSURE_PARTS_H

#include "screen/account_exposure.h"

#define WIDE ((uint64_t)1 << 63) /* of high: low is an index into wide */
#define NO_RECORD UINT32_MAX

struct number {
    uint64_t low, high;
};

enum kind { OF_ORIGIN, OF_DIRECT, OF_INDIRECT, OF_SENT };
#define KINDS_HELD 3

struct record { /* of one arrival */
    struct number amount;
    uint64_t transfer;
    uint32_t from; /* the record before; NO_RECORD: a labelled account paid, or it is an origin */
    uint16_t hops; /* 0: an origin; 1: direct */
    uint16_t zero;
};
_Static_assert(sizeof(struct record) == 32, "records are many");

struct sum { /* of one holding, label and kind */
    struct number amount, held;
    uint32_t best, held_best; /* record + 1; 0: none */
    uint32_t next;            /* sum + 1; 0: none */
    uint16_t label;
    uint8_t kind, zero;
};
_Static_assert(sizeof(struct sum) == 48, "sums are many");

#define SLOT_SEEN 1u
#define SLOT_FROZEN 2u
#define SLOT_OVER 4u

struct slot {
    struct number in, balance, sent;
    uint32_t first, first_sent; /* sum + 1 */
    uint32_t held_n;            /* sums of which something is held */
    uint16_t set;               /* set + 1, of its account */
    uint8_t flags, zero;
};
_Static_assert(sizeof(struct slot) == 64, "a cache line");

struct row { /* what a spend takes of one label */
    uint16_t label;
    uint32_t sum[KINDS_HELD];  /* sum + 1 */
    uint32_t best[KINDS_HELD]; /* their largest, a record + 1 */
    struct u256 taken[KINDS_HELD];
};

struct account_exposure {
    enum trace_policy policy;
    uint32_t labels_n, cut_ppm;
    uint64_t holdings_max, holdings_n;
    uint64_t transfers_done, beyond;
    struct exposure_note note;
    uint32_t records_max, records_n, sums_n, wide_n;
    struct slot *slots;
    struct record *records;
    struct sum *sums;
    struct u256 *wide;
    struct exposure_labels labels;
    struct row *rows; /* [labels_n] in order of appearance */
    size_t rows_n;
    uint16_t *row_of; /* [labels_n] row + 1 */
    uint64_t *cut;    /* [labels_n] */
};

static inline struct u256 number_get(const struct account_exposure *x, struct number n)
{
    return n.high & WIDE ? x->wide[n.low] : (struct u256){{n.low, n.high, 0, 0}};
}

#endif
