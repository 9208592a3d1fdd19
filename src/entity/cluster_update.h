/* Brings the clusters of a ledger up to date: makes them, goes on with the blocks that are new, and
 * takes back those that the ledger has no more. However that was done in steps, the files are those
 * of a build from the first block on: a function of the blocks and the rules.
 *
 * Kept beside the ledger in a folder of its own (CLUSTER_FOLDER), whose head is written last:
 * whoever dies at any byte leaves the last whole batch (ledger/files.h).
 *
 * One transaction at a time, in ledger order; before them in each block its new scripts. Costs
 * follow the new blocks, not the chain, but for memory that is reserved and touched where needed.
 *
 * Memory:    8 bytes a script that is looked at, and the merges of a batch.
 * Errors:    ERR_USAGE they were made by other rules; ERR_SYSTEM disk, or another writer;
 *            ERR_CORRUPT damaged columns, of the ledger or ours; ERR_NOMEM. What was committed
 *            stays.
 * Threads:   one caller, who has no struct clusters of the ledger open: an undo waits for readers.
 */
#ifndef CORDON_ENTITY_CLUSTER_UPDATE_H
#define CORDON_ENTITY_CLUSTER_UPDATE_H

#include "entity/cluster_rules.h"
#include "ledger/ledger.h"

#include <stdatomic.h>

struct clusters_update_options {
    const struct cluster_rules *rules; /* NULL: those that are there, else the default */
    const atomic_bool *stop;           /* NULL, or set by a signal or another thread: ends early */
    void (*progress)(void *ctx, uint64_t blocks_done, uint64_t blocks_all); /* NULL: nobody asks */
    void *ctx;
    uint32_t batch_merges; /* commits after so many; 0: CLUSTER_BATCH_MERGES */
};

#define CLUSTER_BATCH_MERGES (1u << 20)
#define CLUSTER_BATCH_BLOCKS (1u << 16)

struct clusters_updated {
    uint64_t blocks, blocks_added, blocks_undone; /* that they have now; of these, by this call */
    uint64_t merges, refused, coinjoins;          /* of those added */
    bool stopped;
};

bool clusters_update(const struct ledger *l, const struct clusters_update_options *o,
                     struct clusters_updated *ret, struct err *err) MUST_USE;

/* Is there such a folder? Then whoever changes the ledger brings it up to date. */
bool clusters_there(const char *ledger_dir);
/* Removes it. False with ERR_NOT_FOUND: there is none. */
bool clusters_remove(const char *ledger_dir, struct err *err) MUST_USE;
/* Every column against its checksum, and up and down against merge. */
bool clusters_check(const char *ledger_dir, struct err *err) MUST_USE;

#endif
