/* Chains that the node follows: their ledgers in the node's home grow with nodes of these chains.
 *
 * A thread a chain. Every poll_ms, or when it is woken, it asks each of the chain's nodes for its
 * newest block, finds out up to which block they agree (follow_agree.h), and takes the blocks up to
 * there from the first node in the order of the configuration that has them (follow_node.h). A node
 * that fails is left alone for a while that doubles, and the next one is used; when it answers
 * again it is preferred again. The ledger never grows past what is agreed on, and what it has stays
 * until a branch that is agreed on takes its place. A process that dies at any moment leaves a
 * whole ledger; the next goes on from it, whatever happened meanwhile.
 *
 * This process is the only writer of these ledgers. When blocks have become readable, the node's
 * ledgers are renewed (live_ledgers.h), which tells whoever listens there.
 *
 * A bank's book is followed by a folder instead: messages that are put there are taken once each
 * (follow_folder.h). With or without one it takes those that are handed in (follow_take).
 *
 * Between two polls a node may say itself that there is something new: Bitcoin's by ZeroMQ
 * (follow_zmq.h), an EVM chain's by WebSocket (follow_heads.h). That wakes, and no more.
 * Transactions that ZeroMQ brings are early warnings for whoever listens to the mempool: they are
 * in no block yet and may never be, nobody has checked them, and no ledger has them.
 *
 * Ownership: configuration, home, ledgers and log are borrowed until follow_close.
 * Errors:    follow_prepare, follow_open: ERR_INPUT a chain that is not known or cannot be
 *            followed, or twice; ERR_USAGE a URL; those of a ledger's writer; ERR_SYSTEM no thread.
 *            What fails later is told to the log, to metrics and to readiness, and tried again.
 * Threads:   any, but for opening and closing: one. */
#ifndef CORDON_SERVE_FOLLOW_H
#define CORDON_SERVE_FOLLOW_H

#include "serve/follow_folder.h"
#include "serve/node.h"

#define FOLLOW_LISTENERS_MAX 8
#define FOLLOW_SPLIT_MS 600000u /* so long may nodes differ in their newest block alone */
#define FOLLOW_BEHIND_MAX 6u    /* blocks; further behind the node is not ready */

struct follow;

struct follow_status {
    uint64_t height; /* of the ledger; UINT64_MAX: it is empty */
    uint64_t tip;    /* that is agreed on, as last seen; UINT64_MAX: none yet */
    uint64_t behind; /* blocks up to there that the ledger lacks */
    unsigned nodes, up;
    bool disagree;
};

/* Makes the ledgers that are not there yet, and finishes what a killed process left. */
bool follow_prepare(const struct config *config, const char *home, struct err *err) MUST_USE;
bool follow_open(const struct config *config, const char *home, struct live_ledgers *ledgers,
                 struct log *log, struct follow **ret, struct err *err) MUST_USE;
struct follow *follow_close(struct follow *f);

/* A transaction that is in no block yet, in a thread of its own. raw, borrowed for the call: of a
 * chain of coins its bytes; of an EVM chain its object in JSON. */
typedef void follow_mempool_fn(void *ctx, const struct chain *chain, struct bytes raw);
bool follow_mempool(struct follow *f, follow_mempool_fn *fn, void *ctx); /* false: too many */
/* Waits until it is not being called. */
void follow_unlisten(struct follow *f, void *ctx);
/* False: the chain has no nodes that are followed. */
bool follow_status(struct follow *f, const struct chain *chain, struct follow_status *ret);

/* Messages for a bank's book, one call after another; waits until they are durable and readable,
 * and for others a second at most (ERR_NOMEM).
 * ERR_NOT_FOUND: no book of that name is followed; ERR_INPUT, ERR_LIMIT: the messages' fault, and
 * nothing was taken; ERR_NOMEM, ERR_SYSTEM: handed in again they are taken once, whatever became of
 * them. */
bool follow_take(struct follow *f, const struct chain *chain, struct bytes messages,
                 struct follow_took *ret, struct err *err) MUST_USE;

/* What it has opened is its struct follow; NULL where nothing is followed. */
extern const struct node_part follow_part;

#endif
