/* Tainted outputs that nobody has spent so far, found by their output: what a live trace rests on
 * between two blocks.
 *
 *     slot of an output -> item -> item ...    an item's tx is the next item's place
 *
 * The table grows slot by slot (linear hashing), so that no single block pays for the growth. Its
 * memory is reserved for all that there may be; only what was touched is used.
 *
 * Threads:   one owner. */
#ifndef CORDON_TRACE_HELD_H
#define CORDON_TRACE_HELD_H

#include "trace/queue.h"

#define HELD_MAX ((size_t)1 << 30)
#define HELD_EMPTY UINT64_MAX /* output of an item's place that is free */

struct held;

/* At most so many items, and HELD_MAX at most; key: the bits of an item's output that it is found
 * by. NULL: no memory. */
struct held *held_new(size_t items_max, uint64_t key);
struct held *held_free(struct held *h); /* takes NULL, returns NULL */

size_t held_n(const struct held *h);
uint64_t held_bytes(const struct held *h); /* of memory, about */

/* Where an item of that output is to be written, all of it but tx, and before the next call. NULL:
 * the table is full. */
struct queue_item *held_place(struct held *h, uint64_t output);
/* Takes all whose key is that, onto the end of an array that grows. False: no memory, and nothing
 * is taken. */
bool held_take(struct held *h, uint64_t key, struct queue_item **at, size_t *n, size_t *size);
/* Copies those whose key is that, up to max, and takes none; how many. */
size_t held_look(const struct held *h, uint64_t key, struct queue_item *ret, size_t max);
/* Takes the one of exactly that output. False: there is none. */
bool held_remove(struct held *h, uint64_t output, struct queue_item *ret);
/* A hint that a key will be asked for soon. */
void held_fetch(const struct held *h, uint64_t key);
/* Places from 0 on, in no order; NULL: there are no more. Where there is no item its output is
 * HELD_EMPTY. */
const struct queue_item *held_at(const struct held *h, size_t place);

#endif
