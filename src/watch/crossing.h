/* Cases that go from ledger to ledger, watched: what goes on by a bridge, a router or an asserted
 * conversion is found where it arrives.
 *
 * All cases are given; one is followed here if it names several chains, or from when a watch of one
 * ledger has said that a transaction of it goes on elsewhere (watch_crossing_wake). It goes on with
 * each new block of any ledger (watch/crossing_live.h). What a route carries can be known later
 * than it was sent, and changes then what came after: with each such route, and after blocks were
 * undone, a case is traced anew over all of them, as cordon trace does.
 *
 * A deposit may be found more than once (after blocks were undone, with another amount, or by a
 * watch of one ledger before): it is known by case and place.
 *
 * Ownership: ledgers and own addresses are borrowed for a turn.
 * Errors:    as watch/coins.h.
 * Threads:   one owner. */
#ifndef CORDON_WATCH_CROSSING_H
#define CORDON_WATCH_CROSSING_H

#include "trace/ledgers_run.h"
#include "watch/crossing_live.h"
#include "watch/found.h"
#include "watch/passed.h"

#define WATCH_CROSSING_LEDGERS_MAX ((size_t)ROUTES_LEDGERS_MAX)

struct watch_crossing;

struct watch_crossing_ledger {
    struct trace_ledger ledger;
    const struct own_set *own; /* NULL: none */
    uint32_t blocks_max;       /* its first ones alone; 0: all */
};

/* reached_max: of a case in each ledger; 0: none. */
bool watch_crossing_new(size_t reached_max, struct watch_crossing **ret, struct err *err) MUST_USE;
struct watch_crossing *watch_crossing_free(struct watch_crossing *w); /* takes NULL, returns NULL */

bool watch_crossing_case(struct watch_crossing *w, const char *id, struct bytes text,
                         struct err *err) MUST_USE;
void watch_crossing_drop(struct watch_crossing *w, const char *id);
void watch_crossing_keep(struct watch_crossing *w, bool (*keep)(void *ctx, const char *id),
                         void *ctx);
void watch_crossing_wake(struct watch_crossing *w, const char *id);
/* What all have reached is to be told once more. */
void watch_crossing_again(struct watch_crossing *w);
/* As watch_coins_services and watch_accounts_services; what goes on from ledger to ledger leaves it
 * behind. All cases are followed anew in the next turn. */
void watch_crossing_services(struct watch_crossing *w, watch_service_fn *f, void *ctx);
/* As watch_coins_reach, of all ledgers of a case that is followed here. */
void watch_crossing_reach(struct watch_crossing *w, const struct watch_reach *to);
/* Those past WATCH_CROSSING_LEDGERS_MAX are left out. */
bool watch_crossing_turn(struct watch_crossing *w, const struct watch_crossing_ledger *ledgers,
                         size_t n, watch_found_fn *found, void *ctx, struct err *err) MUST_USE;

size_t watch_crossing_followed(const struct watch_crossing *w);
/* followed, held and bytes: of the cases that have come to the ledger of a chain. */
struct watch_counts watch_crossing_counts(const struct watch_crossing *w,
                                          const struct chain *chain);
/* How often any case was traced whole. */
size_t watch_crossing_traces(const struct watch_crossing *w);
/* Which cases hold an output of the chain's ledger, or value at a holding of it, as of the last
 * turn, up to max; how many. */
size_t watch_crossing_tainted(const struct watch_crossing *w, const struct chain *chain,
                              uint64_t place, struct crossing_hold *ret, size_t max);
/* A case as it is followed; NULL: it is not. */
const struct crossing_case *watch_crossing_live(const struct watch_crossing *w, const char *id);
/* False: no such case, or it is not followed here (and need not be). text: as watch/coins.h. */
bool watch_crossing_state(const struct watch_crossing *w, const char *id, enum watch_state *ret,
                          const char **ret_text);

/* Does a case name several chains? */
bool case_names_chains(const struct case_file *c);

#endif
