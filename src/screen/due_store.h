/* Reports that are due: clocks that decisions have started (clocks.h), and that persons stop.
 *
 * A decision about a match starts a clock once a day, however often it is asked; a yearly clock
 * once for all that is due on one day. Closing one says who reported, and under which reference.
 * When a yearly one is closed, the next year's starts, unless nothing is held any more. What a
 * clock was when it started stays: a changed file changes none that runs.
 *
 * Of suspicious-transaction reports nothing can be written here: there is no kind for them, and a
 * reference or person that names one is refused.
 *
 * Units:     seconds since 1970; days since 1970.
 * Ownership: results live in the arena given.
 * Errors:    ERR_NOT_FOUND no such number; ERR_USAGE it is closed, or a text that will not do; the
 *            store's.
 * Order:     by the time until which it is due, then by number: what is overdue comes first.
 * Threads:   as the store's. */
#ifndef CORDON_SCREEN_DUE_STORE_H
#define CORDON_SCREEN_DUE_STORE_H

#include "base/json.h"
#include "screen/clocks.h"
#include "store/store.h"

#define DUE_LIST_MAX 1000

extern const struct store_schema due_schema;

struct due_of { /* the decision about one match */
    uint64_t match;
    const char *subject, *list, *entry;
    enum screen_decision decision;
    enum screen_direction direction;
};

struct due {
    uint64_t id;
    const char *clock, *jurisdiction, *report, *basis;
    const char *decision, *subject, *list, *entry; /* yearly: of the first that started it */
    uint64_t match, started;
    struct clock_time time;
    uint64_t done_at; /* 0: open */
    const char *done_by, *reference;
};

/* Starts what such a decision starts and does not run yet. Within a transaction of the caller. */
bool due_start(struct store *s, const struct clocks *c, const struct due_of *of, uint64_t now,
               struct err *err) MUST_USE;
/* Those due by a day since 1970 (UINT64_MAX: all), at most DUE_LIST_MAX; *ret_more: there are more.
 * closed: those that are closed, too. */
bool due_list(struct store *s, struct arena *a, uint64_t day, bool closed, const struct due **ret,
              size_t *ret_n, bool *ret_more, struct err *err) MUST_USE;
bool due_get(struct store *s, struct arena *a, uint64_t id, struct due *ret,
             struct err *err) MUST_USE;

struct due_done {
    const char *person, *reference;
    uint64_t now;
    bool last; /* of a yearly one: nothing is held any more */
};
/* A transaction of its own. c: for the next year; NULL, or without that clock: there is none. */
bool due_close(struct store *s, const struct clocks *c, uint64_t id, const struct due_done *done,
               struct err *err) MUST_USE;

struct due_counts {
    uint64_t open, overdue;
};
bool due_count(struct store *s, uint64_t now, struct due_counts *ret, struct err *err) MUST_USE;

/* "cordon.due/1": what due_list found, as of now. */
/* Its members. */
void due_list_put(struct json_out *j, const struct due *all, size_t n, bool more, uint64_t now);
void due_list_json(struct json_out *j, const struct due *all, size_t n, bool more, uint64_t now);

#endif
