/* The files of clusters, as they lie in the folder `entities` of a ledger; docs/entities.md says
 * the same to a stranger. They are columns like a ledger's (ledger/format.h, ledger/files.h),
 * committed and undone in the same steps.
 *
 *     block   [blocks]   hash of the ledger's block, and the counts as they were before it
 *     merge   [merges]   why two clusters became one, and what they were
 *     refused [refused]  why two clusters stayed two
 *     rules   [bytes]    by which rules (cluster_rules.h), written with the first block
 *     up      [scripts]  the merge by which a root became another's child, + 1; 0: it is a root
 *     down    [scripts]  the newest merge into it, + 1; 0: none
 *
 * A forest of scripts: up -> merge -> root, upwards; down -> merge.before -> ..., a root's
 * children, newest first. The child is the smaller of two clusters (of equal ones that of the
 * higher root), so no path is longer than a number has binary digits, and nothing is ever
 * compressed: a merge taken back leaves what was there before it. A reader's snapshot is a count of
 * merges: a link at or past it does not exist for him.
 *
 * Threads:   one writer, and readers each with a snapshot, as a ledger's. */
#ifndef CORDON_ENTITY_CLUSTER_COLUMNS_H
#define CORDON_ENTITY_CLUSTER_COLUMNS_H

#include "ledger/columns.h"

enum cluster_count {
    CLUSTER_BLOCKS, /* the ledger's COUNT_BLOCK */
    CLUSTER_SCRIPTS,
    CLUSTER_MERGES,
    CLUSTER_REFUSED,
    CLUSTER_RULE_BYTES,
    CLUSTER_COINJOINS, /* counted, but no column is this long */
    CLUSTER_COUNTS_N,
};

enum cluster_column {
    CLUSTER_BLOCK,
    CLUSTER_MERGE,
    CLUSTER_REFUSAL,
    CLUSTER_RULES,
    CLUSTER_UP,
    CLUSTER_DOWN,
    CLUSTER_COLUMNS_N,
};

#define CLUSTER_FOLDER "entities"
#define CLUSTER_BLOCK_BYTES 80
#define CLUSTER_MERGE_BYTES 21
#define CLUSTER_REFUSED_BYTES 22
#define CLUSTER_DEPTH_MAX 33 /* links from a script to its root: log2 of 2^32, and one */

/* A reason: the input whose script was spent with that of the transaction's first known one, or
 * with this bit the script that stands for the key of an earlier one. */
#define CLUSTER_TWIN ((uint64_t)1 << 39)

struct cluster_merge {
    uint64_t reason;
    uint32_t child, root; /* the smaller cluster's root, and the other's, which stays one */
    uint32_t size;        /* of both, scripts */
    uint32_t before;      /* the merge into root before this one, + 1; 0: none */
};

struct cluster_refused {
    uint64_t reason;
    uint32_t roots[2], sizes[2]; /* of the first known input's cluster, and of the other's */
    uint8_t kind;                /* enum cluster_refusal_kind */
};

extern const struct ledger_shape cluster_shape;

struct cluster_merge cluster_merge_load(const uint8_t *p);
void cluster_merge_store(uint8_t *p, const struct cluster_merge *m);
struct cluster_refused cluster_refused_load(const uint8_t *p);
void cluster_refused_store(uint8_t *p, const struct cluster_refused *r);

#endif
