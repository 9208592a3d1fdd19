/* What a running node holds: which accounts, addresses and deposits have an alert whose hold is in
 * force, kept ready for whoever asks about a withdrawal, and renewed with the group's log: no
 * answer is older than the log. Where it cannot be renewed, asking fails.
 *
 * A hold whose deposit was undone, and may come back, still holds, and says so.
 *
 * Ownership: borrows the live_group and the ledgers, which are to be closed after it.
 * Errors:    ERR_NOMEM, ERR_LIMIT, those of the log.
 * Threads:   safe, but for live_holds_open and live_holds_close. Asking waits for a commit at most.
 */
#ifndef CORDON_SERVE_LIVE_HOLDS_H
#define CORDON_SERVE_LIVE_HOLDS_H

#include "group/alert_log.h"
#include "screen/reason.h"
#include "serve/live_group.h"
#include "serve/live_ledgers.h"

#define LIVE_HOLDS_TOLD_MAX 100 /* for one question */

struct live_holds;

bool live_holds_open(struct live_group *g, struct live_ledgers *ledgers, struct log *log,
                     struct live_holds **ret, struct err *err) MUST_USE;
struct live_holds *live_holds_close(struct live_holds *h);
/* To be called now and then: holds end by the clock, too. */
void live_holds_tick(struct live_holds *h);
/* Reasons of evidence SCREEN_HELD, in the arena. */
bool live_holds_ask(struct live_holds *h, struct arena *a, const struct alert_asked *q,
                    const struct screen_reason **ret, size_t *ret_n, struct err *err) MUST_USE;
size_t live_holds_n(struct live_holds *h); /* in force */

#endif
