/* The cases of a watch, by an id of the caller's: what those of one ledger (coins.h, accounts.h)
 * and that of several (crossing.h) keep alike.
 *
 * A watch's own struct begins with a struct watch_case, and is the watch's to make and, by end, to
 * take down.
 *
 * Errors:  ERR_NOMEM, ERR_LIMIT: nothing has changed.
 * Threads: one owner. */
#ifndef CORDON_WATCH_CASES_H
#define CORDON_WATCH_CASES_H

#include "base/hash.h"
#include "trace/case.h"
#include "watch/found.h"

struct watch_case {
    char *id;
    struct hash32 text; /* its SHA-256 */
    struct arena *arena;
    struct case_file file; /* in the arena */
    enum watch_state state;
    struct err why; /* it waits, or is refused */
};

/* The text is read; what is wrong with it is the case's (WATCH_REFUSED). False: no memory, and
 * nothing is left. */
bool watch_case_begin(struct watch_case *c, const char *id, struct bytes text,
                      struct err *err) MUST_USE;
/* What watch_case_begin made. */
void watch_case_end(struct watch_case *c);
/* Why it waits or is refused; "": it does neither. */
const char *watch_case_text(const struct watch_case *c);

struct watch_cases {
    struct watch_case **at; /* [n] */
    size_t n, size;
    void (*end)(void *watch, struct watch_case *c); /* takes down all of it */
    void *watch;
};

void watch_cases_free(struct watch_cases *all);
struct watch_case *watch_cases_find(const struct watch_cases *all, const char *id); /* or NULL */
/* Is it there, with that text? */
bool watch_cases_has(const struct watch_cases *all, const char *id, struct bytes text);
/* In place of one of that id, which ends. */
bool watch_cases_put(struct watch_cases *all, struct watch_case *c, struct err *err) MUST_USE;
void watch_cases_drop(struct watch_cases *all, const char *id);
/* Drops all that keep says no to. */
void watch_cases_keep(struct watch_cases *all, bool (*keep)(void *ctx, const char *id), void *ctx);
/* Tells those in a state. */
void watch_cases_in(const struct watch_cases *all, enum watch_state state,
                    void (*each)(void *ctx, const char *id), void *ctx);

#endif
