/* Past questions, asked of another screener: what changed in their answers.
 *
 * A run goes through the kept questions by number, a piece at a time: a piece is read, asked
 * outside of any transaction, and written in one, with its changes and with the potential matches
 * that came up. Unless all are wanted, a question whose answer stands on the screener already, and
 * on what cases of the group say of it now, is passed over: so a change of cases asks only about
 * whom it touches, and a run that was killed is gone on with by the next one, at the question where
 * it stopped, and what it had found by then is told once more.
 *
 * Every question is asked in full. Asking only about the entries that changed would miss some: the
 * weight of a word depends on all names of all lists, so that one new entry can lift the likeness
 * of another.
 *
 * Ownership: screener, ledgers and store are borrowed until again_free.
 * Errors:    those of the store, ERR_NOMEM. A question that cannot be asked any more is counted and
 *            left as it is.
 * Threads:   a run belongs to one thread; any number of runs, in any number of processes, may be
 *            under way. */
#ifndef CORDON_SCREEN_AGAIN_H
#define CORDON_SCREEN_AGAIN_H

#include "screen/question_store.h"

#define AGAIN_PIECE 256 /* questions that are asked before the next look around */

struct again_counts {
    uint64_t asked, changed; /* questions; those whose answer is another one */
    uint64_t matched;        /* those with a potential match that they did not have */
    uint64_t failed;         /* that could not be asked */
};

struct again_told {
    const struct question *question;      /* as it was */
    const struct question_change *change; /* NULL: as before */
    const char *error;                    /* why it could not be asked; else NULL */
};

struct again_options {
    const struct screener *screener;      /* with names, if any question is about one */
    const struct screen_ledgers *ledgers; /* that are asked; NULL: none */
    struct store *store;
    uint64_t now;               /* seconds since 1970 */
    bool all;                   /* also those whose answers stand as they should */
    struct screen_cases *cases; /* of a group; NULL: none. When they change another run is due */
    /* Not NULL: what stands on this screener differs from what stood on that one by false positives
     * alone, so that an answer for which no list was a reason is the same, and is not asked for. */
    const struct hash32 *but_matches;
    void (*tell)(void *ctx, const struct again_told *told); /* or NULL */
    void *ctx;
};

struct again;

bool again_new(const struct again_options *o, struct again **ret, struct err *err) MUST_USE;
struct again *again_free(struct again *r); /* takes NULL, returns NULL */
/* Asked from now on, in place of those of the options; borrowed until others are, or NULL. */
void again_ledgers(struct again *r, const struct screen_ledgers *ledgers);
/* The next piece; *ret_more false: all have been asked. */
bool again_step(struct again *r, bool *ret_more, struct err *err) MUST_USE;
struct again_counts again_counts(const struct again *r);

#endif
