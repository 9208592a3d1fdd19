/* What a pass over accounts fills, and saves: of this folder alone. Structs have no holes, as they
 * are saved as they are. */
#ifndef CORDON_SCREEN_ACCOUNT_EXPOSURE_PARTS_H
#define CORDON_SCREEN_ACCOUNT_EXPOSURE_PARTS_H

#include "screen/account_exposure.h"
#include "screen/exposure_lists.h"

#define WIDE ((uint64_t)1 << 63) /* of high: low is an index into wide */
#define NO_RECORD EXPOSURE_NO_RECORD

struct number {
    uint64_t low, high;
};

enum kind { OF_ORIGIN, OF_DIRECT, OF_INDIRECT, OF_SENT, KINDS };
#define KINDS_HELD 3

struct record { /* of one arrival */
    struct number amount;
    uint64_t transfer;
    uint32_t from; /* the record before; NO_RECORD: a labelled account paid, or it is an origin */
    uint16_t hops; /* 0: an origin; 1: direct */
    uint16_t zero;
};
_Static_assert(sizeof(struct record) == 32, "records are many");

struct sum {      /* of one holding, label and kind */
    uint16_t key; /* label * KINDS + kind */
    uint16_t zero;
    uint32_t best, held_best; /* record + 1; 0: none */
    uint32_t zero_too;
    struct number amount, held;
};
_Static_assert(sizeof(struct sum) == 48, "sums are many");

struct newest { /* one of the newest arrivals */
    struct number amount;
    uint64_t transfer;
    uint32_t from;
    uint16_t key, hops;
};
_Static_assert(sizeof(struct newest) == 32, "two a cache line");

#define SLOT_SEEN 1u
#define SLOT_FROZEN 2u
#define SLOT_OVER 4u

struct slot {
    struct number in, balance, sent;
    struct exposure_list sums;
    uint16_t held_n; /* sums of which something is held */
    uint16_t set;    /* set + 1, of its account */
    uint8_t flags, zero[3];
};
_Static_assert(sizeof(struct slot) == 64, "a cache line");

struct row { /* what a spend takes of one label */
    uint16_t label;
    struct sum *of[KINDS_HELD]; /* of which something is held; or NULL */
    uint32_t best[KINDS_HELD];  /* their largest, a record + 1 */
    struct u256 taken[KINDS_HELD];
};

struct arrival { /* of a label and kind, at one holding */
    uint16_t key, hops;
    uint32_t from;
    struct u256 amount;
};

struct account_exposure {
    enum trace_policy policy;
    uint32_t labels_n, cut_ppm;
    uint64_t holdings_max, holdings_n;
    uint64_t transfers_done, beyond;
    struct exposure_note note;
    uint32_t records_max, records_n, wide_n;
    struct slot *slots;
    struct record *records;
    struct exposure_lists sums;
    struct u256 *wide;
    struct newest *newest; /* a ring: the i-th arrival is at i % newest_max */
    uint32_t newest_max;
    uint64_t arrivals; /* in all */
    struct exposure_labels labels;
    uint64_t *cut; /* [labels_n] */

    /* of the transfer at hand */
    struct row *rows; /* [labels_n] by label */
    size_t rows_n;
    struct arrival *arrived; /* [2 * labels_n] by key */
    uint16_t *keys;          /* [2 * labels_n] theirs */
    size_t arrived_n;
};

static inline uint32_t newest_n(const struct account_exposure *x)
{
    return x->arrivals < x->newest_max ? (uint32_t)x->arrivals : x->newest_max;
}

static inline struct u256 number_get(const struct account_exposure *x, struct number n)
{
    return n.high & WIDE ? x->wide[n.low] : (struct u256){{n.low, n.high, 0, 0}};
}

/* A sum that does not fit stays at the largest number. */
static inline struct u256 amount_plus(struct u256 a, struct u256 b)
{
    if (!u256_add(a, b, &a))
        a = (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    return a;
}

#endif
