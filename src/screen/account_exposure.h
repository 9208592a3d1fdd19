/* Exposure on ledgers of accounts: exposure.h's words and answers, by the rules of docs/taint.md
 * for accounts.
 *
 * One pass over the transfers, in ledger order, which goes on with each new block. Every holding
 * has its recorded balance; of each label's T units in a balance of B a spend of x takes
 * floor(T*x/B) under haircut, min(T, x) under tiho, and under poison is of the label whole. A
 * spend above the balance takes all of it. Fees are spent first and end; from = to moves nothing;
 * what is issued is clean; a burn, an issuer's freeze and sums past 2^256 - 1 end what was there.
 * What a labelled account pays out is of its labels whole, but for what comes to an account of the
 * same label. What came to a stopping account goes no further, and is not held there.
 *
 *     L --5--> a (5 of L, 5 clean) --6--> b        a received 5 of L directly; b 3, two hops away
 *
 * A label's units in a holding are of an origin, direct or indirect, and leave in these parts: the
 * first o of the units as floor(o*x/B) of them, the first o + d likewise, so that the parts of the
 * taken add up. What was of an origin is direct where it comes to next; all else is indirect.
 *
 * With a cut a label of which a balance has less than so many parts per million just before a spend
 * ends there, and none of it is spent; what was received stays as it is.
 *
 * The way of a part is a chain of records, one for an arrival that is the largest of its label, in
 * all or since the holding was last without it. What single transfers brought is kept of the newest
 * ones: so many arrivals of labels, however many transfers they are of.
 *
 * Units:     base units of the holding's asset; sums that do not fit stay at 2^256 - 1.
 * Ownership: an exposure owns what it needs; answers are copies. Columns are borrowed for a call.
 * Errors:    those of exposure.h; ERR_LIMIT also more than holdings_max holdings. After an error
 *            only account_exposure_free is left.
 * Order:     answers by amount, largest first, then label, direct before indirect.
 * Threads:   one writer (account_exposure_add), or any number of readers. */
#ifndef CORDON_SCREEN_ACCOUNT_EXPOSURE_H
#define CORDON_SCREEN_ACCOUNT_EXPOSURE_H

#include "ledger/accounts.h"
#include "screen/exposure_common.h"

struct account_exposure_options {
    struct exposure_asked asked;         /* owners are accounts, origins transfers */
    uint64_t holdings_max, accounts_max; /* 0: 2^33; only what is used is memory */
    uint32_t records_max;                /* of records, sums and wide numbers each; 0: 2^32 - 2 */
    uint32_t newest_max;                 /* arrivals that are kept one by one; 0: 2^20 */
};

struct account_exposure_counts {
    uint64_t transfers, records, sums;
    uint64_t beyond; /* spends above the recorded balance: the answers are not exact */
    uint64_t cut;    /* labels of holdings that went no further */
    uint64_t bytes;  /* of memory in use, about */
};

enum account_exposure_kind {
    EXPOSURE_RECEIVED, /* over all time; by a transfer */
    EXPOSURE_SENT,     /* paid straight to labelled accounts, over all time; by a transfer */
    EXPOSURE_HELD,     /* what of it the balance has now */
};

struct account_exposure_totals {
    struct u256 received, sent; /* fees included */
    struct u256 balance;        /* as recorded */
};

struct account_exposure;

bool account_exposure_new(const struct account_exposure_options *options,
                          struct account_exposure **ret, struct err *err) MUST_USE;
struct account_exposure *account_exposure_free(struct account_exposure *x); /* NULL is fine */
/* More sources and origins, between two calls of account_exposure_add: only of accounts and
 * transfers that no transfer so far has had, and of an account all at once. Policy and number of
 * labels stay. */
bool account_exposure_more(struct account_exposure *x, const struct exposure_asked *more,
                           struct err *err) MUST_USE;
/* As exposure_save, exposure_load, exposure_note. */
bool account_exposure_save(const struct account_exposure *x, const char *path,
                           const struct hash32 *of, struct err *err) MUST_USE;
bool account_exposure_load(const char *path, const struct account_exposure_options *options,
                           const struct hash32 *of, struct account_exposure **ret,
                           struct err *err) MUST_USE;
struct exposure_note *account_exposure_note(struct account_exposure *x);
/* Goes on to the end of the columns, which are those of before and more. */
bool account_exposure_add(struct account_exposure *x, const struct accounts *accounts,
                          struct err *err) MUST_USE;
struct account_exposure_counts account_exposure_counts(const struct account_exposure *x);
/* of one label; no label: 0 */
uint64_t account_exposure_cut(const struct account_exposure *x, uint16_t label);

/* Of one holding: at most max parts, whose best is a record; returns how many there are. Shares are
 * of what was received, sent, or is held. A holding past those seen has none. */
size_t account_exposure_holding(const struct account_exposure *x, uint64_t holding,
                                enum account_exposure_kind kind, struct exposure_part *ret,
                                size_t max);
struct account_exposure_totals account_exposure_totals(const struct account_exposure *x,
                                                       uint64_t holding);
/* Of an account, each asset by itself: its holdings from the newest (account_ledger_holding_last)
 * to the oldest. At most max parts, each with its holding; returns how many there are. */
size_t account_exposure_account(const struct account_exposure *x, const struct accounts *accounts,
                                uint64_t holding_last, enum account_exposure_kind kind,
                                struct exposure_part *ret, uint64_t *ret_holdings, size_t max);

/* Of one transfer: what it brought its receiver (EXPOSURE_RECEIVED), or paid straight to a labelled
 * account; at most max parts, whose best is the record before it, EXPOSURE_NO_RECORD where the way
 * begins with it. Shares are of its amount. *ret_kept false: it is not come by yet, or older than
 * what is kept, and nothing is told. */
#define EXPOSURE_NO_RECORD UINT32_MAX
size_t account_exposure_transfer(const struct account_exposure *x, const struct accounts *accounts,
                                 uint64_t transfer, enum account_exposure_kind kind,
                                 struct exposure_part *ret, size_t max, bool *ret_kept);
/* The way of such a part, which ends with the transfer; as account_exposure_path. */
size_t account_exposure_transfer_path(const struct account_exposure *x,
                                      const struct accounts *accounts, uint64_t transfer,
                                      const struct exposure_part *part, uint64_t *ret_transfers,
                                      size_t max, uint64_t *ret_source);

/* The way of the largest contributions to a record, from its source on: transfers, the last of
 * which is the record's own. At most max, the last ones; returns how many there are. *ret_source:
 * the account that paid first (ACCOUNTS_NONE: an origin). */
size_t account_exposure_path(const struct account_exposure *x, const struct accounts *accounts,
                             uint32_t record, uint64_t *ret_transfers, size_t max,
                             uint64_t *ret_source);

#endif
