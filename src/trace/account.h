/* Follow taint forward over accounts: from transfers somebody has marked to every balance it has
 * reached.
 *
 * Rules: "cordon.taint/1", docs/taint.md. A holding (one account's balance of one asset) is a run
 * of units in the order of their arrival. What a spend of x takes of a balance B with T tainted
 * units:
 *   fifo     from the front
 *   lifo     from the back, in the order in which it lay there
 *   haircut  floor(T * x / B) tainted units
 *   tiho     tainted first: min(T, x)
 *   libr     clean first: max(0, T - (B - x)); the lowest intermediate balance rule
 *   poison   all of x while the balance has not been 0 since; not conserved
 * A spend above the recorded balance takes all of it and clean units of unknown origin (at the
 * front for fifo, at the back for lifo), and makes the result inexact. Transfers are taken in the
 * order of the ledger. A fee's amount is spent and ends in fees; its credit reaches the proposer
 * clean. from = to moves nothing. What nobody sends is clean. An origin is a whole transfer, or its
 * first units up to taint; a unit that already carries the label stays one.
 *
 * Where value ends: at an account that stop_of names, or of which it says that it hides whose its
 * units are (confidential); burned (to nobody or to the zero key, or
 * wiped); frozen (an issuer's freeze of the holding: what is there then, and what comes while it
 * lasts); hub (another policy than fifo, and more than hub_spends_max later spends of the holding
 * were passed: what is still there); overflow (sums past 2^256 - 1, which a hostile token can
 * make).
 *
 * Conversions: within one transaction value may go on in another transfer, of another asset (a swap
 * at a pool, wrapping, a loan against collateral). conversions_of names them; in-legs and out-legs
 * of a group each have one asset. What comes in by an in-leg leaves its asset
 * (totals.converted_out); out-leg j gets floor(taint * amount(j) / sum of in-legs) (totals.
 * converted_in of its asset), at the front of what it carries. A loan's in-leg ends at a stop and
 * all the same gives to the out-leg: collateral.
 *
 * Units:     base units; hops count transfers from the origin: a transfer's hop is 1 + the least
 *            hop of what has come to its holding since that was last without taint.
 * Ownership: the result lives in the arena; everything else is borrowed for the call only.
 * Errors:    ERR_LIMIT more than moves_max moves; ERR_NOMEM; ERR_CORRUPT the columns contradict
 *            themselves; ERR_USAGE an origin out of range, or not ascending.
 * Order:     moves, balances and totals ascend by transfer, holding, asset: same input, same bytes
 *            out. A case's result is the same alone or with others.
 * Threads:   one ledger may serve many traces at once. */
#ifndef CORDON_TRACE_ACCOUNT_H
#define CORDON_TRACE_ACCOUNT_H

#include "base/arena.h"
#include "ledger/accounts.h"
#include "trace/trace.h"

#define ACCOUNT_HUB_SPENDS_MAX 1000000u
#define ACCOUNT_MOVES_MAX ((size_t)1 << 27)

enum account_stop { /* below 0; a caller's own stops count from 0 */
                    STOP_NONE = -1,
                    STOP_BURNED = -2,
                    STOP_FROZEN = -3,
                    STOP_HUB = -4,
                    STOP_OVERFLOW = -5,
                    STOP_COLLATERAL = -6,
                    STOP_CONFIDENTIAL = -7,
};
const char *account_stop_name(enum account_stop stop); /* "burned"; NULL: not one of these */

enum move_grade { MOVE_PROVEN, MOVE_STATED, MOVE_CANDIDATE }; /* a path's grade is its worst */
const char *move_grade_name(enum move_grade grade);

struct account_origin {
    uint64_t transfer;
    struct u256 taint; /* at most its credit; the first units of it */
    enum move_grade grade;
    /* by a route from elsewhere: counts as converted_in, not as origin, and ends at a stop or as
     * dust like what is reached */
    bool arrival;
    uint32_t hop; /* 0; of an arrival, 1 + that of what it goes on from */
};

struct account_conversion {
    uint64_t transfer; /* of the transaction asked for */
    uint32_t group;    /* legs of one number belong together */
    bool out;          /* an out-leg; else an in-leg */
    /* in-leg: what comes stays at the stop, and the out-leg gets its share all the same */
    bool collateral;
    /* in-leg: what comes leaves this ledger by a route; such a group has no out-legs */
    bool leaves;
    enum move_grade grade;
};

struct account_case {
    const struct account_origin *origins; /* [origins_n] ascending by transfer, each once */
    size_t origins_n;
    enum trace_policy policy;
    struct u256 dust;        /* taint below this is not followed; 0 or 1: none is dropped */
    uint32_t hops_max;       /* TRACE_HOPS_NONE: no limit */
    uint32_t hub_spends_max; /* 0: ACCOUNT_HUB_SPENDS_MAX */
    size_t moves_max;        /* 0: ACCOUNT_MOVES_MAX */
    /* What would be moved past moves_max, in the order in which it is followed, is cut; origins are
     * moves and never cut. Else: ERR_LIMIT */
    bool moves_cut;
    bool units; /* fifo and lifo: tell which units of what is held are tainted */
    /* STOP_NONE, the stop's number, STOP_BURNED for the zero key, or STOP_CONFIDENTIAL. NULL: no
     * stops */
    int32_t (*stop_of)(void *ctx, uint64_t account);
    void *stop_ctx;
    /* The conversions of a transaction, by group; borrowed until the next call. NULL: none are
     * known. */
    size_t (*conversions_of)(void *ctx, uint64_t tx, const struct account_conversion **ret);
    void *conversions_ctx;
};

struct account_move { /* a transfer that carried taint, or an origin */
    uint64_t transfer;
    struct u256 taint;
    uint32_t hop;
    int32_t stop; /* where it came to; STOP_NONE: it went on, or is held */
    enum move_grade grade;
    bool origin;
    bool beyond;  /* its sender spent more than the recorded balance */
    bool in_leg;  /* what it carried went on by a conversion, or was to (see unsettled) */
    bool out_leg; /* got taint by a conversion */
};

struct account_balance { /* tainted value that is held, or has ended, at a holding */
    uint64_t holding;
    struct u256 taint;
    uint32_t hop;        /* the least of what has come since it was last without taint */
    int32_t stop;        /* STOP_NONE: held */
    struct u256 balance; /* of the holding in the end, tainted or not, where this is held */
};

/* Tainted units [start, end) of what is held: under fifo by the number of their arrival, all that
 * ever came in being numbered from 0; under lifo from the bottom of the balance. Two cases of one
 * policy count alike, so that what both have can be seen. */
struct account_units {
    uint64_t holding;
    struct u256 start, end;
};

/* of one asset. All but poison: origin + converted_in = the rest, asserted at run time */
struct account_totals {
    uint64_t asset;     /* account; ACCOUNT_NOBODY is the native coin */
    struct u256 origin; /* newly marked value only */
    struct u256 converted_in, held, exits, cut, fees, dust, unresolved, converted_out;
};

/* An in-leg whose conversion cannot be followed: its legs contradict each other, or wait for one
 * another in a circle. What it carried is in totals.unresolved. */
struct account_unsettled {
    uint64_t transfer;
    struct u256 taint;
};

struct account_trace {
    struct account_move *moves; /* [moves_n] */
    size_t moves_n;
    struct account_balance *balances; /* [balances_n] by holding, then stop */
    size_t balances_n;
    struct account_units *units; /* [units_n] ascending; of a case that asked for them */
    size_t units_n;
    struct account_totals *totals; /* [totals_n] */
    size_t totals_n;
    struct account_unsettled *unsettled; /* [unsettled_n] ascending by transfer */
    size_t unsettled_n;
    /* false: some holding spent more than its recorded balance while it was tainted, or something
     * is unsettled, or amounts of an asset were too many to be marked (see docs/taint.md) */
    bool exact;
    bool full;       /* moves_cut was needed */
    uint64_t events; /* that were looked at: what the trace cost. Of all cases together */
};

/* Several cases in one pass over the tainted part; ret[cases_n]. */
bool account_trace_forward(struct arena *a, const struct accounts *accounts,
                           const struct account_case *cases, size_t cases_n,
                           struct account_trace *ret, struct err *err) MUST_USE;

#endif
