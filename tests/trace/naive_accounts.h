/* Taint over accounts in the most obvious way: each unit of each balance is an element of a list,
 * with its label; every event of the world is looked at. Slow, and for small amounts only. Shares
 * nothing with the engine but the names of stops and kinds. */
#ifndef CORDON_TESTS_TRACE_NAIVE_ACCOUNTS_H
#define CORDON_TESTS_TRACE_NAIVE_ACCOUNTS_H

#include "trace/account.h"
#include "trace/account_world.h"

#define NAIVE_LEGS_MAX 64

struct naive_leg { /* a conversion's, sorted by group */
    uint64_t transfer;
    uint32_t group;
    bool out, collateral, leaves;
    enum move_grade grade;
};

struct naive_account_ask {
    enum trace_policy policy;
    const struct account_origin *origins;
    size_t origins_n;
    uint64_t dust;
    uint32_t hops_max, hub_spends_max; /* 0: no limit */
    size_t moves_max;                  /* past it is cut; 0: no limit */
    int stop[AW_ACCOUNTS];             /* STOP_NONE, or of the account */
    struct naive_leg legs[NAIVE_LEGS_MAX];
    size_t legs_n;
};

struct naive_move {
    bool listed, origin, beyond, in_leg, out_leg;
    uint64_t taint;
    uint32_t hop;
    int stop;
    enum move_grade grade;
};

struct naive_ended { /* by account, asset and stop from STOP_NONE (0) to STOP_COLLATERAL (5), then
                        the caller's */
    uint64_t taint;
    uint32_t hop;
};
#define NAIVE_STOPS 16
#define NAIVE_OF_STOP(stop) ((stop) < 0 ? -(stop)-1 : (stop) + 6)

struct naive_pile { /* what an account has in the end, and which units of it are tainted */
    uint8_t *unit;  /* [n] from the oldest to the newest */
    size_t n;
    uint64_t left; /* how many that came before them have left */
};

struct naive_totals {
    uint64_t origin, converted_in, held, exits, cut, fees, dust, unresolved, converted_out;
    bool used;
};

struct naive_account_trace {
    struct naive_move *moves; /* [world's n] */
    uint64_t *unsettled;      /* [world's n] */
    struct naive_ended ended[AW_ACCOUNTS][AW_ASSETS][NAIVE_STOPS];
    struct naive_totals totals[AW_ASSETS];
    struct naive_pile piles[AW_ACCOUNTS][AW_ASSETS];
    bool exact, full;
};

/* r: zero, or a result before, whose lists are freed */
void naive_account_trace(const struct account_world *w, const struct naive_account_ask *ask,
                         struct naive_account_trace *r);

#endif
