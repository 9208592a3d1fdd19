/* Candidates: what may be the other side of something that says no key. Leads for a person, with
 * their grounds and how many others they stand among; never taint.
 *
 * A mixer's pool takes and gives one denomination, so a withdrawal may be of any deposit before it:
 * the anonymity set is the deposits less the withdrawals until then. Grounds that single out
 * withdrawals occur by chance as well (docs/routes.md); the size of the set says how much they are
 * worth.
 *
 * Units:     at is a time in seconds or a block, one for all; amounts are base units. Accounts are
 *            numbers, equal for equal accounts; ROUTES_UNKNOWN is equal to none. Lists ascend by
 *            at.
 * Errors:    ERR_NOMEM, ERR_LIMIT more than ROUTES_LINKS_MAX candidates; ERR_USAGE a list does not
 *            ascend.
 * Order:     by at, then place in the list.
 * Threads:   safe. */
#ifndef CORDON_TRACE_ROUTES_CANDIDATES_H
#define CORDON_TRACE_ROUTES_CANDIDATES_H

#include "base/arena.h"
#include "base/err.h"
#include "base/u256.h"

#define ROUTES_UNKNOWN UINT64_MAX

struct route_seen {
    uint64_t at, account;
    struct u256 amount;
    uint64_t gas_price; /* 0: not known */
    uint64_t asset;     /* of a pool: unused */
};

/* ---- does what left an account go with what came into a pool? ---- */

struct pool_window {
    uint64_t from, to; /* [from, to): from a spend to the next, at most so long */
    uint64_t could;    /* deposits that the spend could pay for */
    uint64_t deposits; /* that came in */
    bool fits;         /* deposits >= could */
};

/* One a spend, ret[spends_n]. Agreement in time and number, no more. */
bool pool_windows(const struct route_seen *spends, size_t spends_n,
                  const struct route_seen *deposits, size_t deposits_n, struct u256 denomination,
                  uint64_t longest, struct pool_window *ret, struct err *err) MUST_USE;

/* ---- who may have taken it out again? ---- */

enum pool_ground {
    POOL_TIME = 1,    /* within the time asked for, after a deposit of the case */
    POOL_ACCOUNT = 2, /* it goes to an account that deposited */
    POOL_GAS = 4,     /* at a gas price that one of the case's deposits has, and no other one */
    POOL_NUMBER =
        8, /* this account takes out, in that time, as many as the case put in (3 or more) */
};
#define POOL_NUMBER_MIN 3

struct pool_candidate {
    size_t withdrawal; /* its place */
    unsigned grounds;
    uint64_t anonymity; /* deposits less withdrawals before it; 0: more have gone out than came */
};

/* deposits: all of the pool; ours: places of the case's among them, ascending. The withdrawals up
 * to within after the last of ours. */
bool pool_candidates(struct arena *a, const struct route_seen *deposits, size_t deposits_n,
                     const size_t *ours, size_t ours_n, const struct route_seen *withdrawals,
                     size_t withdrawals_n, uint64_t within, const struct pool_candidate **ret,
                     size_t *ret_n, struct err *err) MUST_USE;

/* ---- bridges without a key ---- */

struct match_rule {
    uint64_t within;    /* arrives at most so long after */
    uint32_t fee_parts; /* of a million of the amount, at most */
    bool same_account;  /* to the account that is known to be paid */
};

struct match {
    size_t in; /* the earliest candidate's place; CANDIDATES_NONE */
    size_t n;  /* how many there are */
};
#define CANDIDATES_NONE SIZE_MAX

/* Of each that left, ret[outs_n]: what may be its arrival: the same asset's number, later, no more
 * and not much less. */
bool match_by_amount(const struct route_seen *outs, size_t outs_n, const struct route_seen *ins,
                     size_t ins_n, struct match_rule rule, struct match *ret,
                     struct err *err) MUST_USE;

#endif
