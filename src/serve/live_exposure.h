/* The exposure that a node answers from, gone on with as its ledgers grow.
 *
 * A thread of its own works it out, ledger by ledger: a first pass where there is none that fits,
 * the new blocks where there is one, and where labels have changed (tags, lists, cases, policy or
 * cut) another pass beside the old one, which goes on to answer until the other is done. A reader
 * takes a view: ledgers and passes as they were at one time, which holds until it is let go. Taking
 * one waits for nobody; asking waits for a slice of transactions at most (screen_ledger.h). A
 * ledger that is let go for an undo is in no view, and its pass is kept only if the ledger comes
 * back with all of its blocks.
 *
 * Passes are kept in the folder `exposure` of the home, a file a ledger and one before it: now and
 * then, and at the end. Who cannot write there says so in the log, and works them out again.
 *
 * The cases of a group are no labels of a pass: views tell them as they are when they are asked.
 *
 * Ownership: ledgers, screener and log are borrowed until live_exposure_close.
 * Errors:    live_exposure_open: ERR_NOMEM, ERR_SYSTEM no thread. What fails later is told to the
 *            log, and the ledger's questions are answered as by an outage.
 * Threads:   any number take views; open and close one. */
#ifndef CORDON_SERVE_LIVE_EXPOSURE_H
#define CORDON_SERVE_LIVE_EXPOSURE_H

#include "screen/screen_cases.h"
#include "screen/screen_ledger.h"
#include "serve/live_ledgers.h"
#include "serve/live_screener.h"

#define LIVE_EXPOSURE_MS 100

struct live_exposure;
struct live_exposure_view;

struct live_exposure_one { /* of a ledger, for people and metrics */
    const struct chain *chain;
    enum screen_ledger_state state;
    bool renewing; /* another pass is under way beside it */
    uint64_t blocks, blocks_all;
    uint64_t txs, txs_all; /* of the pass that is under way, or answers */
    uint64_t bytes;        /* of memory, all passes together */
    uint64_t pass_ms;      /* that the last whole pass took; 0: none since the start */
};

/* group: the node may be of one, and somebody follows its cases (live_exposure_cases). */
bool live_exposure_open(const char *home, struct live_ledgers *ledgers,
                        struct live_screener *screener, bool group, struct log *log,
                        struct live_exposure **ret, struct err *err) MUST_USE;
struct live_exposure *live_exposure_close(struct live_exposure *x); /* no view may be out */

struct live_exposure_view *live_exposure_take(struct live_exposure *x);
void live_exposure_drop(struct live_exposure *x, struct live_exposure_view *v);
const struct screen_ledgers *live_exposure_at(const struct live_exposure_view *v);
/* Until live_exposure_close; NULL: no group. */
struct screen_cases *live_exposure_cases(struct live_exposure *x);
/* At most max; how many. */
size_t live_exposure_all(struct live_exposure *x, struct live_exposure_one *ret, size_t max);

#endif
