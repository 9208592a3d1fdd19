/* Tainted outputs that wait for the transaction that spends them, in the order of the ledger.
 *
 * Edges only point forward, so the least transaction ever pushed is never below the last one taken.
 * That lets the queue be a few arrays instead of a heap: transactions of the window in hand (4096
 * of them) have a slot each, later ones lie in far buckets by their upper bits and are dealt out
 * when the window comes to them; each item moves at most twice, and always in the order in which
 * memory likes it.
 *
 *     far[1]: bits 22-31    far[0]: bits 12-21 of the window's neighbours
 *     near:   the window, a slot a transaction
 *
 * Backward traces turn the order round by pushing the distance from the end. Memory follows what
 * waits, not the length of the chain.
 *
 * Threads:   one owner. */
#ifndef CORDON_TRACE_QUEUE_H
#define CORDON_TRACE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_NONE UINT32_MAX

struct queue_item {
    uint32_t tx; /* where it waits */
    uint32_t hop;
    uint64_t output; /* with a case's number above its bits */
    uint64_t taint;
    /* place in a store of runs; 0 of them: tainted whole, or the policy keeps none */
    uint32_t runs, runs_n;
};

struct queue;

struct queue *queue_new(void); /* NULL: no memory */
struct queue *queue_free(struct queue *q);

/* item->tx not below the last one taken. false: no memory. */
bool queue_push(struct queue *q, const struct queue_item *item);
/* The same in two steps: where an item for tx is to be written, all of it and before the next call.
 * An item that was just put together elsewhere costs a processor dearly to copy. NULL: no
 * memory. */
struct queue_item *queue_place(struct queue *q, uint32_t tx);
/* The least transaction that something waits for; false when none, or for want of memory
 * (*ret_nomem). */
bool queue_first(struct queue *q, uint32_t *ret_tx, bool *ret_nomem);
/* All that wait for the transaction queue_first gave, by output, into an array that grows. false:
 * no memory. */
bool queue_take_all(struct queue *q, uint32_t tx, struct queue_item **at, size_t *ret_n,
                    size_t *size);
/* Hints for fetching memory early: the next transaction of the window after this one (QUEUE_NONE:
 * none, or past the window), and one of those that wait for it. */
uint32_t queue_after(const struct queue *q, uint32_t tx);
const struct queue_item *queue_glance(const struct queue *q, uint32_t tx);

#endif
