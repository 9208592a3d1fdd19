/* Questions of a node: kept behind the answers, and asked again when another screener came in.
 *
 * One thread does both, with a connection of its own. Who answers hands a question over and goes
 * on: the audit line is what must be durable before an answer, a question may follow a moment
 * later. Up to QUESTIONS_WAITING_MAX wait; beyond that whoever answers waits too, for losing one
 * means that nobody hears of it when its subject comes on a list. After QUESTIONS_WAIT_MS the disk
 * is taken to be broken: the question is counted as lost, the log says so, and the answer goes out,
 * for the audit log has it. Closing writes all that wait; a node that is killed loses them.
 *
 * When the screener in use is another one, all questions are asked of it (screen/again.h), a piece
 * at a time between two writings, and the log says what came of it. Where nothing but settled
 * matches changed, those that no list was a reason of are not asked. While exposure is worked out
 * for the first time, when questions are answered as by an outage, no run begins.
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
#define QUESTIONS_PIECE 512 /* written in one transaction */

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
/* True: put would wait. */
bool live_questions_full(struct live_questions *l);
void live_questions_put(struct live_questions *l, const struct question_asked *asked);
struct live_questions_counts live_questions_counts(struct live_questions *l);

#endif
