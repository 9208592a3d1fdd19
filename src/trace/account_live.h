/* Forward traces over accounts that go on with each new block, many cases at once: what
 * trace/live.h is for coins.
 *
 * What is kept between two blocks is each case's tainted holdings, in one table by holding, and its
 * totals. A pass takes the transfers that are new: one whose two ends are not in the table costs
 * two looks, and what is in it goes through the pass of account_trace_forward from there on
 * (trace/account_parts.h). So at every block a case stands where account_trace_forward would stand
 * on the ledger cut there. A case that is added is first followed over the past, alone.
 *
 * Passes can be undone, the last one first, as many as are kept. A case that was added after what
 * is undone is over then, and has to be added anew; so has one that has met a limit, while the
 * others go on. What is asked with stop_of and conversions_of must not change: a conversion that is
 * known only by a later block is not followed (see routes_asked of trace/routes.h).
 *
 * Units:     those of trace/account.h; a case is known by the number that account_live_add gave,
 *            which is never given again.
 * Ownership: accounts, and what a case asks with, are borrowed for the call, but for stop_of,
 *            conversions_of and their contexts, which have to stay. What is told is borrowed until
 *            the next call that changes the trace.
 * Errors:    ERR_NOMEM; ERR_CORRUPT the columns contradict themselves, or are not those of before
 *            and more: only account_live_free is left then, and after account_live_back has failed.
 *            account_live_add: ERR_USAGE an origin that is not there; ERR_LIMIT: the case is not
 *            taken, and the others stay as they were.
 * Threads:   one owner. */
#ifndef CORDON_TRACE_ACCOUNT_LIVE_H
#define CORDON_TRACE_ACCOUNT_LIVE_H

#include "trace/account.h"

#define ACCOUNT_LIVE_HELD_MAX ((size_t)1 << 26)
#define ACCOUNT_LIVE_BACK_MAX 4096u
#define ACCOUNT_LIVE_CASES_MAX ((size_t)1 << 20)

struct account_live;

struct account_live_limits {
    size_t held_max;   /* tainted holdings of all cases together; 0: ACCOUNT_LIVE_HELD_MAX */
    uint32_t back_max; /* passes that can be undone, ACCOUNT_LIVE_BACK_MAX at most */
};

struct account_live_origin { /* that a pass finds in its blocks */
    uint32_t number;
    struct account_origin origin;
};

struct account_live_case {
    size_t moves_n, held_n; /* all of them so far; holdings that are tainted */
    bool exact, full;
    const struct err *over; /* NULL: it is followed */
};

bool account_live_new(struct account_live_limits limits, struct account_live **ret,
                      struct err *err) MUST_USE;
struct account_live *account_live_free(struct account_live *t); /* takes NULL, returns NULL */

/* accounts: as far as the last pass went. */
bool account_live_add(struct account_live *t, const struct accounts *accounts,
                      const struct account_case *ask, uint32_t *ret_number,
                      struct err *err) MUST_USE;
void account_live_remove(struct account_live *t, uint32_t number);
/* To the end of accounts, which is that of before and more, by whole transactions. Origins, by
 * number and transfer: only of transfers that are new. */
bool account_live_advance(struct account_live *t, const struct accounts *accounts,
                          const struct account_live_origin *origins, size_t origins_n,
                          struct err *err) MUST_USE;
/* Undoes the last pass. ERR_NOT_FOUND: none is kept, and nothing has changed. */
bool account_live_back(struct account_live *t, struct err *err) MUST_USE;

struct account_live_hold {
    uint32_t number, hop;
    struct u256 taint;
};
/* Which cases hold value at a holding, up to max; how many. */
size_t account_live_holds(const struct account_live *t, uint64_t holding,
                          struct account_live_hold *ret, size_t max);

uint64_t account_live_transfers(const struct account_live *t); /* how far the passes have come */
uint32_t account_live_backs(const struct account_live *t);
uint64_t account_live_held(const struct account_live *t);
uint64_t account_live_bytes(const struct account_live *t); /* of memory, about */

struct account_live_case account_live_case(const struct account_live *t, uint32_t number);
/* The cases that the last pass, or addition, came to, and the moves of each in it, ascending. */
size_t account_live_touched(const struct account_live *t, const uint32_t **ret);
const struct account_move *account_live_moves(const struct account_live *t, uint32_t number,
                                              size_t *ret_n);
/* A case as it stands: no moves, and of balances only those that are held, with their units if the
 * case asked for them. Looks at all that it has come to. */
bool account_live_tell(const struct account_live *t, struct arena *a, uint32_t number,
                       struct account_trace *ret, struct err *err) MUST_USE;

#endif
