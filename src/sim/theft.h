/* Thefts, and the truth about them: what was taken, each place where it went, and how.
 *
 * A thief's money stays in outputs of its own: no transaction of a thief has an input of anybody
 * else, until a CoinJoin. So up to there every policy of taint shows the same, to the satoshi;
 * beyond it they differ, and only this page knows.
 *
 *   0 peel     a hot wallet's coins; one small piece after another goes to exchanges, the rest is
 *              kept
 *   1 split    people's wallets, gathered, split in six, sent to exchanges, a custodial mixer, and
 *              kept
 *   2 wasabi   a hot wallet's coins; through Wasabi-1-like CoinJoins, then to an exchange
 *   3 layered  two outputs: one peeled and then a JoinMarket taker's, one through Wasabi-2-like
 *              CoinJoins
 *   4 swap     what a theft on the account chain (accounts.h) became: a router's vault pays it out
 *              here, and it is peeled. One, and only where that chain is asked for
 *   5 payroll  no theft: wages of two workers under false names, month by month, gathered and sold
 *              at the very deposit address of an exchange where the first theft was. One, and only
 *              where it is asked for */
#ifndef CORDON_SIM_THEFT_H
#define CORDON_SIM_THEFT_H

#include "sim/mix.h"

#define THEFTS_MAX 64
#define THEFT_KINDS 4 /* that take turns */
#define THEFT_SWAP 4
#define THEFT_PAYROLL 5
#define ORIGINS_MAX 8
#define ENDS_MAX 256
#define PEELS_MAX 32
#define ROUNDS_MAX 32
#define CASE_ID_MAX 16

enum end_kind { END_DEPOSIT, END_MIXER, END_COINJOIN, END_HELD };

struct known_output {
    struct hash32 txid;
    uint32_t vout, lock;
    uint64_t value;
};

struct end {
    struct known_output output;
    enum end_kind kind;
    uint32_t at; /* a service; for a CoinJoin which of rounds; for what is held NONE */
};

struct round { /* a CoinJoin in which stolen money took part */
    struct hash32 txid;
    enum mix_kind kind;
    struct known_output got[ENDS_MAX / 4];
    size_t got_n;
};

struct theft {
    unsigned kind, step;
    uint32_t victim, exchange[2]; /* services */
    uint32_t main, side, clean;   /* the thief's wallets; clean: out of CoinJoins */
    unsigned peels_left, waited;
    uint32_t height; /* of the theft; 0: not yet */
    struct known_output origins[ORIGINS_MAX];
    size_t origins_n;
    struct end ends[ENDS_MAX], after[ENDS_MAX]; /* after: beyond the CoinJoins */
    size_t ends_n, after_n;
    struct hash32 peels[PEELS_MAX];
    size_t peels_n;
    struct round rounds[ROUNDS_MAX];
    size_t rounds_n;
};

struct thefts {
    struct world *w;
    struct mixes *mixes;
    uint32_t mixer; /* the custodial one */
    struct theft *all[THEFTS_MAX];
    size_t n;
    bool payrolls;           /* wages are among them */
    struct theft *payroll;   /* those; NULL: not planned yet */
    bool swaps;              /* one theft comes by a swap */
    struct theft *swap;      /* that one; NULL: not planned yet */
    uint32_t vault;          /* the router's wallet */
    uint32_t payout;         /* the lock that the swap asks for */
    char memo[MEMO_MAX + 1]; /* what it is paid with */
};

/* swap: one theft comes from the account chain of that seed; NULL: none does. payroll: wages are
 * among them. */
bool thefts_new(struct world *w, struct mixes *m, const uint64_t *swap, bool payroll,
                struct thefts **ret, struct err *err) MUST_USE;
struct thefts *thefts_free(struct thefts *t);
/* Where the wages met the first theft: an output of each case there. NULL: they did not. */
const struct end *thefts_meeting(const struct thefts *t);
void thefts_open(struct thefts *t);  /* at the start of a block */
void thefts_close(struct thefts *t); /* the run is over: what the thieves still have is held */

#endif
