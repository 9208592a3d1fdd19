/* Cases over several ledgers that go on with new blocks.
 *
 * Each ledger has one live trace of all cases (trace/live.h, trace/account_live.h), in which what a
 * route brings there is an origin. A case that is followed is traced whole once (trace/routes.h),
 * and goes on from there by the step of the live traces as long as it goes on by the same routes:
 *
 *     new blocks say a key, or pay for a request, that a transaction of the case asks for
 *     a transaction of the case in them goes on by a route that is known at once
 *     its origins, or what it asserts, are others        -> again: it is to be followed anew
 *     blocks were undone, or the ledgers are others       -> all are
 *
 * So after each turn a case stands where cordon trace would stand over the same blocks.
 *
 * Ownership: ledgers are borrowed for a turn, case files for as long as their case is followed.
 * Errors:    ERR_NOMEM, ERR_CORRUPT: only crossing_live_free is left.
 * Threads:   one owner. */
#ifndef CORDON_WATCH_CROSSING_LIVE_H
#define CORDON_WATCH_CROSSING_LIVE_H

#include "trace/account_live.h"
#include "trace/ledgers_run.h"
#include "trace/live.h"
#include "watch/found.h"

#define CROSSING_BYTES_MAX ((size_t)8 << 30) /* of one whole trace */

struct crossing_live;
struct crossing_case; /* one that is followed */

bool crossing_live_new(struct crossing_live **ret, struct err *err) MUST_USE;
/* All cases must have been dropped. Takes NULL, returns NULL. */
struct crossing_live *crossing_live_free(struct crossing_live *l);

/* The ledgers of this turn, each with at least one block; blocks_n: [n] how many count. *ret_anew:
 * they are not those of the turn before and more, so all cases are to be dropped. */
bool crossing_live_begin(struct crossing_live *l, const struct trace_ledger *ledgers,
                         const uint32_t *blocks_n, size_t n, bool *ret_anew,
                         struct err *err) MUST_USE;
/* To the ends of the turn's ledgers. *ret_grown: there are new blocks. */
bool crossing_live_advance(struct crossing_live *l, bool *ret_grown, struct err *err) MUST_USE;

/* Traced whole, to the ends; what crossing_moves and crossing_reached tell is good until the next
 * case is followed. Errors are the case's (those of ledgers_run) but for the two of above. */
bool crossing_case_follow(struct crossing_live *l, const char *id, const struct case_file *file,
                          struct crossing_case **ret, struct err *err) MUST_USE;
struct crossing_case *crossing_case_drop(struct crossing_case *c); /* takes NULL, returns NULL */

bool crossing_case_again(const struct crossing_case *c); /* is it to be followed anew? */
const struct err *crossing_case_over(const struct crossing_case *c); /* a limit, or NULL */
/* What the turn moved in a ledger of accounts, or reached in one of coins: ascending. */
const struct account_move *crossing_moves(const struct crossing_case *c, size_t ledger,
                                          size_t *ret_n);
const struct trace_reached *crossing_reached(const struct crossing_case *c, size_t ledger,
                                             size_t *ret_n);
/* As a document says it: of one ledger of accounts, or of all. */
bool crossing_exact(const struct crossing_case *c, size_t ledger);
bool crossing_exact_all(const struct crossing_case *c);
/* A case as it stands in one ledger, as the live traces tell it; false in *ret_there: nothing of it
 * has come there. */
bool crossing_tell_accounts(const struct crossing_case *c, struct arena *a, size_t ledger,
                            bool *ret_there, struct account_trace *ret, struct err *err) MUST_USE;
bool crossing_tell_coins(const struct crossing_case *c, struct arena *a, size_t ledger,
                         bool *ret_there, struct trace *ret, struct err *err) MUST_USE;

struct crossing_hold {
    const char *id; /* as crossing_case_follow was given it */
    struct u256 taint;
};
/* Which cases hold an output, or value at a holding, up to max; how many. */
size_t crossing_holds(const struct crossing_live *l, const struct chain *chain, uint64_t place,
                      struct crossing_hold *ret, size_t max);
/* followed, held and bytes: of the cases that have come to the ledger of a chain. */
struct watch_counts crossing_live_counts(const struct crossing_live *l, const struct chain *chain);

#endif
