/* A ledger of coins, watched: cases are followed with each new block (trace/live.h), and what they
 * reach at an own address is a found deposit.
 *
 * A turn goes from where the last one ended to the end of the ledger, block by block. It begins
 * with what has been undone since: passes are taken back to the last block that both have, and
 * where more was undone than is kept, all cases are followed anew. Then cases that were added: one
 * whose origins are not all in the ledger waits for them. An origin that is an address has all
 * outputs that are paid to it, later ones too.
 *
 * A deposit may be found more than once (after blocks were undone, or own addresses have changed):
 * it is known by case and outpoint. Of a case that is new, those nobody has spent come first.
 *
 * Ownership: the ledger is borrowed for a turn, own addresses until others take their place.
 * Errors:    ERR_NOMEM, ERR_CORRUPT from the ledger: only watch_coins_free is left. What is wrong
 *            with a case is the case's (watch_coins_state).
 * Threads:   one owner. */
#ifndef CORDON_WATCH_COINS_H
#define CORDON_WATCH_COINS_H

#include "ledger/ledger.h"
#include "trace/case.h"
#include "trace/live.h"
#include "watch/found.h"
#include "watch/passed.h"

#define WATCH_BACK_BLOCKS 100u

struct watch_coins;

struct watch_limits {
    size_t held_max;    /* trace_live_limits */
    uint32_t back_max;  /* 0: WATCH_BACK_BLOCKS */
    size_t reached_max; /* of a case: what is past it is cut; 0: TRACE_REACHED_MAX */
};

bool watch_coins_new(const struct chain *chain, struct watch_limits limits,
                     struct watch_coins **ret, struct err *err) MUST_USE;
struct watch_coins *watch_coins_free(struct watch_coins *w); /* takes NULL, returns NULL */

/* A case by an id of the caller's; its text is what cordon trace reads. The same id again, with
 * another text, takes the place of the one before. False only for want of memory, or ERR_LIMIT. */
bool watch_coins_case(struct watch_coins *w, const char *id, struct bytes text,
                      struct err *err) MUST_USE;
void watch_coins_drop(struct watch_coins *w, const char *id);
/* Drops all that keep says no to. */
void watch_coins_keep(struct watch_coins *w, bool (*keep)(void *ctx, const char *id), void *ctx);
/* All cases are followed anew in the next turn, since what they have reached is to be compared.
 * NULL: there are none. */
void watch_coins_own(struct watch_coins *w, struct own_set *own);

/* Who has a script that is a known service, as the caller names it, for as long as the watch
 * stands; NULL: nobody. What a case reaches from there on came past it. All cases are followed anew
 * in the next turn. */
void watch_coins_services(struct watch_coins *w, watch_service_fn *f, void *ctx);

/* Whom all cases reach is told from now on, as they are followed; all are followed anew in the next
 * turn. What to points to is copied; NULL: it ends. */
void watch_coins_reach(struct watch_coins *w, const struct watch_reach *to);

/* From now on cases that go to other ledgers (that name several chains, or have a transaction that
 * asks a router) are not followed here (WATCH_CROSSES): who they are is told to each. */
void watch_coins_crossing(struct watch_coins *w);
void watch_coins_crossers(const struct watch_coins *w, void (*each)(void *ctx, const char *id),
                          void *ctx);

/* To the ledger's end, or through its first blocks_max blocks. */
bool watch_coins_turn(struct watch_coins *w, const struct ledger *l, uint32_t blocks_max,
                      watch_found_fn *found, void *ctx, struct err *err) MUST_USE;

struct watch_tainted {
    const char *case_id; /* as the watcher was given it; until the next call that changes cases */
    uint64_t taint;
};
/* Which cases hold an output of the ledger, as of the last turn, up to max; how many. */
size_t watch_coins_tainted(const struct watch_coins *w, uint64_t output, struct watch_tainted *ret,
                           size_t max);

struct watch_counts watch_coins_counts(const struct watch_coins *w);
/* text: why it waits or is refused; borrowed until the next turn. False: no such case. */
bool watch_coins_state(const struct watch_coins *w, const char *id, enum watch_state *ret,
                       const char **ret_text, struct trace_live_case *ret_case);

#endif
