/* The rules of docs/protocol.md once more, written as plainly as they can be: for a whole set of
 * events at once, without anything kept, in any time it takes. */
#ifndef CORDON_TESTS_GROUP_NAIVE_H
#define CORDON_TESTS_GROUP_NAIVE_H

#include "world.h"

/* The same text as world_outcome of a fold that has had these events of w. */
const char *naive_outcome(struct arena *a, const struct world *w, const size_t *which, size_t n);

/* What an alert holds at a time, of a set of events whose audience is all, each in a stream of its
 * own, with clocks that differ: by the words of "Alerts at a time". */
uint64_t naive_held(const struct world *w, const size_t *which, size_t n, const char *alert,
                    uint64_t ms);

#endif
