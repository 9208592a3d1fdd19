/* Cases followed live over the node's ledgers, and what they reach at own addresses.
 *
 * A thread of its own: the cases that are live in the group's log, and those in the folder `cases`
 * of the home; own addresses of the folder `own`; each ledger of coins, as it grows. What a case of
 * the group reaches is said as this member's alert, and held softly where charter and policy let it
 * (serve/watch_alerts.h); what a case of the home alone reaches is told to the log.
 *
 * Whom a case of the group has reached, own address or not, is told to screening as well, but for
 * cases that are to be observed here or let go (group/handling.h).
 *
 * Alerts whose deposits leave the chain become void after a while (serve/undone.h).
 *
 * It holds no ledger between two turns, so that an undo waits for a turn at most.
 *
 * Ownership: ledgers, group and log are borrowed until live_watch_close. group NULL: there is none.
 * Errors:    live_watch_open: ERR_NOMEM, ERR_SYSTEM no thread. What fails later is told to the log.
 * Threads:   live_watch_all any number; open and close one. */
#ifndef CORDON_SERVE_LIVE_WATCH_H
#define CORDON_SERVE_LIVE_WATCH_H

#include "screen/screen_cases.h"
#include "serve/early.h"
#include "serve/live_group.h"
#include "serve/live_ledgers.h"
#include "serve/self_watch.h"
#include "serve/undone.h"
#include "serve/watch_alerts.h"
#include "watch/accounts.h"
#include "watch/coins.h"

#define LIVE_WATCH_MS 50
#define LIVE_WATCH_QUEUE_MAX 100000u /* deposits that wait to be said; beyond they are counted */
#define LIVE_WATCH_BUCKETS 10

struct live_watch;

struct live_watch_one { /* of a ledger */
    const struct chain *chain;
    struct watch_counts counts;
    uint64_t blocks_all;
    bool failed; /* it is begun anew after a while */
};

struct live_watch_totals {
    uint64_t found, alerts, holds, late, lost; /* lost: deposits past the queue */
    struct self_watch_counts self;
    struct undone_counts undone;
    /* Turns that took new blocks, from when they were seen to when their alerts were said. */
    uint64_t turns, turns_ms, turns_at_most[LIVE_WATCH_BUCKETS];
};
extern const unsigned live_watch_buckets_ms[LIVE_WATCH_BUCKETS];

/* Was the account that a deposit was paid to paid out since, as far as the member has registered
 * it? paid_out and paid of the alert are filled. one: the ledger that has the deposit. */
typedef bool live_watch_paid_fn(void *ctx, const struct live_ledgers_one *one,
                                struct watch_alert *at, struct err *err);

struct live_watch_options {
    void (*early)(void *ctx); /* there are new early warnings; NULL: nobody waits for them */
    void *early_ctx;
    live_watch_paid_fn *paid; /* NULL: nothing is known of that */
    void *paid_ctx;
    struct screen_cases *cases; /* told what the group's cases reach; NULL: nobody asks for it */
    uint64_t self_ms;           /* serve/self_watch.h; 0: none */
    self_watch_known_fn *known;
    void *known_ctx;
};

bool live_watch_open(const char *home, struct live_ledgers *ledgers, struct live_group *group,
                     const struct live_watch_options *options, struct log *log,
                     struct live_watch **ret, struct err *err) MUST_USE;
struct live_watch *live_watch_close(struct live_watch *x);
/* A transaction that is in no block yet, which is copied: early warnings may come of it. */
void live_watch_tx(struct live_watch *x, const struct chain *chain, struct bytes raw);
struct early *live_watch_early(struct live_watch *x); /* until live_watch_close */
/* Is nothing of that case to be held here, by how it is handled (group/handling.h)? */
bool live_watch_left_alone(struct live_watch *x, const char *case_object);
/* So long from when it was seen an early warning meets withdrawals, in milliseconds; 0: never. */
uint64_t live_watch_early_ms(struct live_watch *x);
/* At most max; how many. */
size_t live_watch_all(struct live_watch *x, struct live_watch_one *ret, size_t max);
struct live_watch_totals live_watch_totals(struct live_watch *x);

#endif
