/* Questions of a node: kept behind the answers, and asked again when another screener came in.
 *
 * One thread does both, with a connection of its own. Who answers hands a question over and goes
 * on: the audit line is what must be durable before an answer, a question may follow a moment
 * later. Up to QUESTIONS_WAITING_MAX wait; beyond that whoever answers waits too, for losing one
 * means that nobody hears of it when its subject comes on a list. When one has waited
 * QUESTIONS_WAIT_MS the records are taken to be broken: it is counted as lost, as are those behind
 * it without a wait, until some of those that wait were written; the log says so once, and answers
 * go out, for the audit log has them. Closing writes all that wait; a node that is killed loses
 * them: those of the last moment, for one that comes alone is written at once, and others wait for
 * company QUESTIONS_PAUSE_MS at most.
 *
 * When the screener in use is another one, or the cases of the group are others (one is verified or
 * retracted, and whom it has reached is known), all questions are asked of it (screen/again.h), a
 * piece at a time between two writings, and the log says what came of it. Where nothing but settled
 * matches changed, those that no list was a reason of are not asked. While exposure is worked out
 * for the first time, or anew since blocks were undone, when questions are answered as by an
 * outage, no run begins, and one that is under way is left.
 *
 * Ownership: screener, exposure and log are borrowed until live_questions_close.
 * Errors:    live_questions_open: those of the store.
 * Threads:   put, full and counts: any; open and close: one. */
#ifndef CORDON_SERVE_LIVE_QUESTIONS_H
#define CORDON_SERVE_LIVE_QUESTIONS_H

#include "screen/question.h"
#include "serve/live_exposure.h"
#include "serve/live_screener.h"
#include "serve/log.h"

#define QUESTIONS_WAITING_MAX 65536
#define QUESTIONS_WAIT_MS 2000
#define QUESTIONS_PIECE 8192   /* written in one transaction, */
#define QUESTIONS_PAUSE_MS 200 /* which follow each other no sooner, but when one is full */

struct live_questions;

struct live_questions_counts {
    uint64_t kept, lost; /* since the start */
    uint64_t waiting;
    uint64_t asked, changed, matched; /* again, in runs that are over */
    bool running;                     /* a run is under way */
};

/* keep_days: what was not asked for so long is forgotten, once an hour. */
bool live_questions_open(struct live_screener *screener, struct live_exposure *exposure,
                         struct log *log, uint64_t keep_days, struct live_questions **ret,
                         struct err *err) MUST_USE;
struct live_questions *live_questions_close(struct live_questions *l); /* takes NULL */
/* True: put would wait. False also where it would lose it. */
bool live_questions_full(struct live_questions *l);
void live_questions_put(struct live_questions *l, const struct question_asked *asked);
struct live_questions_counts live_questions_counts(struct live_questions *l);

#endif
