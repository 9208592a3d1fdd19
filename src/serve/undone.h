/* Alerts of this node whose deposits have left its chain.
 *
 * When blocks are undone, a deposit in one of them mostly comes back in the new branch; so nothing
 * is said at first, and what is held stays held (serve/live_holds.h says so with it). One that is
 * nowhere UNDONE_BLOCKS blocks after that was seen is void: alert.void, reorganised, which ends its
 * hold. If it turns up again later, the watch finds it and it is told anew. Since when it is gone
 * stands in HOME/undone.txt, so that a node that starts again does not begin to count again: a line
 * a deposit, "OBJECT AUDIENCE HEIGHT", the newest block's height when it was gone first. Where the
 * file is lost or cannot be read, the node counts anew.
 *
 * Ownership: group and log are borrowed.
 * Errors:    told to the log.
 * Threads:   one owner. */
#ifndef CORDON_SERVE_UNDONE_H
#define CORDON_SERVE_UNDONE_H

#include "serve/live_group.h"
#include "serve/live_ledgers.h"

#define UNDONE_FILE "undone.txt"
#define UNDONE_FILE_BYTES_MAX ((size_t)1 << 28)
#define UNDONE_BLOCKS 6u
#define UNDONE_DEPOSITS_MAX ((size_t)1 << 20)

struct undone;
struct undone_counts {
    size_t deposits, gone; /* that are looked at, now; of them those whose block was undone */
    uint64_t voided;
};

/* NULL: no memory */
struct undone *undone_new(const char *home, struct live_group *group, struct log *log);
struct undone *undone_free(struct undone *u); /* takes NULL, returns NULL */
void undone_turn(struct undone *u, const struct live_ledgers_view *v);
struct undone_counts undone_counts(const struct undone *u);

#endif
