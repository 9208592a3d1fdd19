/* What a pass over coins fills, and saves: of this folder alone. */
#ifndef CORDON_SCREEN_EXPOSURE_PARTS_H
#define CORDON_SCREEN_EXPOSURE_PARTS_H

#include "screen/exposure.h"
#include "screen/exposure_lists.h"
#include "trace/amounts.h"
#include "trace/parts.h"

#define RECORD_LAST ((uint16_t)1 << 15) /* of label: no more of its output */

/* Of one output and label; up to one hop is direct. Those of an output follow each other by label,
 * the direct one first. */
struct record {
    uint64_t amount;
    uint32_t tx;
    uint32_t from;  /* direct: the script that paid; else the record before */
    uint32_t payer; /* the script that paid first on its way; EXPOSURE_NONE: an origin */
    uint16_t label, hops;
};
_Static_assert(sizeof(struct record) == 24, "records are many, and without holes");

static inline bool is_direct(const struct record *r)
{
    return r->hops <= 1;
}

static inline uint16_t label_of(const struct record *r)
{
    return r->label & (uint16_t)~RECORD_LAST;
}

enum { SUM_DIRECT, SUM_INDIRECT, SUM_SENT, SUM_KINDS = 4 };

struct sum {
    uint16_t key; /* label * SUM_KINDS + kind */
    uint16_t hops;
    uint32_t best;
    uint64_t amount, largest;
};
_Static_assert(sizeof(struct sum) == 24, "without holes: they are saved as they are");

struct owner { /* a script */
    uint64_t received, sent;
    struct exposure_list sums;
};
_Static_assert(sizeof(struct owner) == 24, "without holes");

struct gathered {
    uint16_t label;
    uint64_t direct, indirect;
    uint64_t best_direct, best_indirect; /* the largest contributions */
    uint32_t payer, record;              /* and whose they are */
};

struct split { /* what an output gets of a row */
    uint64_t direct, indirect;
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
    struct owner *owners; /* [scripts] */
    uint32_t scripts_seen;
    struct exposure_lists sums;

    struct exposure_labels labels;
    struct exposure_cut *cut; /* [labels_n] */

    /* of the transaction at hand */
    struct parts parts;
    uint32_t *in_script, *out_script;
    struct gathered *gathered; /* [labels_n] in order of appearance */
    size_t gathered_n;
    uint16_t *row_of;       /* [labels_n] row + 1 */
    uint64_t *labels_there; /* [labels_n / 64 + 1] bits */
    uint16_t *rows;         /* [labels_n] those that go on, by label */
    struct sum *arrived;    /* [2 * labels_n] at one owner, by key */
    uint16_t *keys;         /* [2 * labels_n] theirs */
    struct split *splits;   /* of so many outputs, those of all rows each */
    uint64_t *share, *share_direct;
    struct ranked *ranked;
    size_t in_size, out_size, splits_size, share_size, share_direct_size, ranked_size;
};

#endif
