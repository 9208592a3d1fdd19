/* Clusters of the followed ledgers of coins, brought up to date as these grow.
 *
 * A thread of its own: where the folder `entities` is beside a ledger that the node follows, its
 * clusters are brought up to date with each new view of the ledgers, undone blocks too
 * (entity/cluster_update.h). Nobody waits for it: a block is readable, and its alerts are said,
 * before its clusters are. What reads clusters sees by their stamp that there are newer ones. A
 * process that dies leaves the last whole batch, and the next one goes on from it.
 *
 * An undo of a ledger waits for this thread for a block and a tick at most: what is under way is
 * ended early, and gone on with later.
 *
 * Ownership: ledgers and log are borrowed until live_entities_close; chains are copied.
 * Errors:    live_entities_open: ERR_NOMEM, ERR_SYSTEM no thread. What fails later (a full disk,
 *            another writer) is told to the log once, and tried again.
 * Threads:   live_entities_all and live_entities_tick any; open and close one. */
#ifndef CORDON_SERVE_LIVE_ENTITIES_H
#define CORDON_SERVE_LIVE_ENTITIES_H

#include "serve/live_ledgers.h"
#include "serve/log.h"

#define LIVE_ENTITIES_MS 100

struct live_entities;

struct live_entities_one { /* of a ledger with clusters, for people and metrics */
    const struct chain *chain;
    uint64_t blocks, blocks_all; /* that its clusters have; that the ledger has */
    uint64_t undone;             /* blocks that were taken back, since the start */
    uint64_t took_ms;            /* the last time that there was something to do */
    bool failed;
};

bool live_entities_open(struct live_ledgers *ledgers, const struct chain *const *chains, size_t n,
                        struct log *log, struct live_entities **ret, struct err *err) MUST_USE;
struct live_entities *live_entities_close(struct live_entities *x);
/* After the ledgers were renewed: ends early what an undo waits for. */
void live_entities_tick(struct live_entities *x);
/* At most max; how many. */
size_t live_entities_all(struct live_entities *x, struct live_entities_one *ret, size_t max);

#endif
