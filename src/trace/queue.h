/* Work still to do, in the order of the ledger: numbers that wait for a transaction.
 *
 * Edges only point forward, so the least key ever pushed is never below the last one taken. That lets the queue
 * be a few arrays instead of a heap: keys of the window in hand (4096 of them) have a slot each, later ones lie in
 * far buckets by their upper bits and are dealt out when the window comes to them; each item moves at most twice.
 *
 *     far[1]: bits 22-31    far[0]: bits 12-21 of the window's neighbours    near: the window, a slot a key
 *
 * Memory follows what waits, not the range of keys. Threads: one owner. */
#ifndef CORDON_TRACE_QUEUE_H
#define CORDON_TRACE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_NONE UINT32_MAX

struct queue;

struct queue *queue_new(void); /* NULL: no memory */
struct queue *queue_free(struct queue *q);

/* key not below the last one taken. false: no memory. */
bool queue_push(struct queue *q, uint32_t key, uint32_t value);
/* The least key that waits; false when none does, or for want of memory (*ret_nomem). */
bool queue_first(struct queue *q, uint32_t *ret_key, bool *ret_nomem);
/* One of the values that wait for a key queue_first gave; false: no more. */
bool queue_take(struct queue *q, uint32_t key, uint32_t *ret_value);
/* Hints for fetching memory early: the next key of the window after this one (QUEUE_NONE: none, or past the
 * window), and one of its values. */
uint32_t queue_after(const struct queue *q, uint32_t key);
uint32_t queue_glance(const struct queue *q, uint32_t key);

#endif
