/* Whoever waits for an event of an account ledger, in the order of the ledger.
 *
 * As queue.h, for ids of 40 bits and more: the least event ever pushed is never below the last one
 * taken, so events of the window in hand (4096 of them) have a slot each, and later ones lie in far
 * buckets by their upper bits until the window comes to them. Each waiter moves at most four times.
 *
 *     far[2]: bits 32-41    far[1]: bits 22-31    far[0]: bits 12-21    near: a slot an event
 *
 * A waiter that has lost interest is left in and passed over by whoever takes it. Memory follows
 * what waits.
 *
 * Threads:   one owner. */
#ifndef CORDON_TRACE_EVENT_QUEUE_H
#define CORDON_TRACE_EVENT_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EVENT_NONE UINT64_MAX

struct event_queue;

struct event_queue *event_queue_new(void); /* NULL: no memory */
struct event_queue *event_queue_free(struct event_queue *q);

/* event below 2^42, not below the last one taken. false: no memory. */
bool event_queue_push(struct event_queue *q, uint64_t event, uint32_t who);
/* The least event with its latest waiter, taken out. false: none, or no memory (*ret_nomem). */
bool event_queue_take(struct event_queue *q, uint64_t *ret_event, uint32_t *ret_who,
                      bool *ret_nomem);
/* Hints for fetching memory early: the next event of the window after this one (EVENT_NONE: none,
 * or past the window), and one of those that wait for it. */
uint64_t event_queue_after(const struct event_queue *q, uint64_t event);
uint32_t event_queue_glance(const struct event_queue *q, uint64_t event);

#endif
