#include "serve/live_questions.h"

#include "base/mem.h"
#include "screen/again.h"
#include "serve/clock.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#define DAY_S 86400
#define FORGET_EVERY_S 3600
#define AWAY_MS 60000 /* that blocks are undone for */
#define PIECE_BYTES_MAX ((size_t)1 << 30)

struct waiting { /* its texts follow it */
    struct waiting *next;
    struct question_asked asked;
};

struct live_questions {
    pthread_mutex_t lock; /* of the queue and the counts */
    pthread_cond_t some, room;
    struct waiting *first, **last;
    struct live_questions_counts counts;
    bool ending, running, stuck; /* stuck: full for so long that nobody waits for room */
    pthread_t thread;
    struct live_screener *screener;
    struct live_exposure *exposure;
    struct log *log;
    uint64_t keep_days;
    /* the rest is the thread's, once it runs */
    struct store *store;
    struct question_writer *writer;
    bool failing;
    uint64_t wrote_us;               /* when, by clock_steady_us */
    uint64_t forgot;                 /* when */
    struct live_screener_view *view; /* of the run */
    struct again *run;
    struct hash32 stands, but_matches;   /* what the last run that is over was of, */
    uint64_t cases, run_cases;           /* and which changes of cases; the one under way */
    uint64_t run_begun_us, cases_due_us; /* before that no other cases are asked about */
    bool asked;                          /* there was one */
    uint64_t away_ms;                    /* since when a ledger is; 0: none is */
};

/* ---- the queue ---- */

static const char *copied(char **to, const char *text)
{
    size_t n = strlen(text) + 1;
    const char *ret = *to;

    memcpy(*to, text, n);
    *to += n;
    return ret;
}

static struct waiting *waiting_new(const struct question_asked *x)
{
    const char *ref = x->ref ? x->ref : "";
    size_t n = strlen(x->subject) + strlen(x->form) + strlen(ref) + strlen(x->outcome.rule) +
               strlen(x->outcome.reasons) + 5;
    struct waiting *w = mem_alloc(sizeof(*w) + n);
    char *to;

    if (!w)
        return NULL;
    to = (char *)(w + 1);
    w->next = NULL;
    w->asked = *x;
    w->asked.subject = copied(&to, x->subject);
    w->asked.form = copied(&to, x->form);
    w->asked.ref = x->ref ? copied(&to, ref) : NULL;
    w->asked.outcome.rule = copied(&to, x->outcome.rule);
    w->asked.outcome.reasons = copied(&to, x->outcome.reasons);
    return w;
}

static bool is_full(const struct live_questions *l)
{
    return l->counts.waiting >= QUESTIONS_WAITING_MAX;
}

bool live_questions_full(struct live_questions *l)
{
    bool full;

    pthread_mutex_lock(&l->lock);
    full = is_full(l) && !l->stuck;
    pthread_mutex_unlock(&l->lock);
    return full;
}

/* Under the lock. *ret_late: this one has waited its time out. Behind it nobody waits before there
 * is room, or whoever decides about withdrawals would stand still. */
static bool room(struct live_questions *l, bool *ret_late)
{
    struct timespec end;

    *ret_late = false;
    clock_steady_in_ms(&end, QUESTIONS_WAIT_MS);
    while (is_full(l) && !l->stuck && !*ret_late)
        *ret_late = pthread_cond_timedwait(&l->room, &l->lock, &end) && is_full(l) && !l->stuck;
    if (*ret_late) {
        l->stuck = true;
        pthread_cond_broadcast(&l->room);
    }
    return !is_full(l);
}

void live_questions_put(struct live_questions *l, const struct question_asked *asked)
{
    struct waiting *w = waiting_new(asked);
    bool late = false, kept;

    pthread_mutex_lock(&l->lock);
    kept = w && room(l, &late);
    if (kept) {
        *l->last = w;
        l->last = &w->next;
        l->counts.waiting++;
        if (l->counts.waiting == 1 || l->counts.waiting == QUESTIONS_PIECE)
            pthread_cond_signal(&l->some);
    } else {
        l->counts.lost++;
    }
    pthread_mutex_unlock(&l->lock);
    if (!kept)
        mem_free(w);
    if (late)
        log_event(l->log, LOG_ERROR, "questions", NULL,
                  "%d wait to be kept, none was for %d ms: more are not, until some are",
                  QUESTIONS_WAITING_MAX, QUESTIONS_WAIT_MS);
    else if (!w)
        log_event(l->log, LOG_ERROR, "questions", NULL, "no memory: a question was not kept");
}

struct live_questions_counts live_questions_counts(struct live_questions *l)
{
    struct live_questions_counts r;

    pthread_mutex_lock(&l->lock);
    r = l->counts;
    pthread_mutex_unlock(&l->lock);
    return r;
}

/* How long until the next transaction; 0: now. Under the lock. */
static unsigned pause_left(const struct live_questions *l)
{
    uint64_t gone_ms = (clock_steady_us() - l->wrote_us) / 1000;

    if (l->counts.waiting >= QUESTIONS_PIECE || l->ending || gone_ms >= QUESTIONS_PAUSE_MS)
        return 0;
    return QUESTIONS_PAUSE_MS - (unsigned)gone_ms;
}

/* The first ones, which stay where they are until they are written; waits a turn for some, and for
 * company of theirs. While a run is under way nothing is waited for: it may be no piece yet. */
static size_t some(struct live_questions *l, bool *ret_ending)
{
    struct timespec end;
    unsigned left;
    size_t n;

    clock_steady_in_ms(&end, LIVE_SCREENER_MS);
    pthread_mutex_lock(&l->lock);
    while (!l->first && !l->ending && !l->run && !pthread_cond_timedwait(&l->some, &l->lock, &end))
        ;
    while ((left = pause_left(l)) && l->first && !l->run) {
        clock_steady_in_ms(&end, left);
        pthread_cond_timedwait(&l->some, &l->lock, &end);
    }
    *ret_ending = l->ending;
    n = left ? 0 : l->counts.waiting < QUESTIONS_PIECE ? l->counts.waiting : QUESTIONS_PIECE;
    pthread_mutex_unlock(&l->lock);
    return n;
}

/* The first n are done with. */
static void drop(struct live_questions *l, size_t n, bool kept)
{
    struct waiting *done, *rest;

    pthread_mutex_lock(&l->lock);
    done = l->first;
    for (size_t i = 0; i < n; i++)
        l->first = l->first->next;
    rest = l->first;
    if (!rest)
        l->last = &l->first;
    l->counts.waiting -= n;
    l->counts.kept += kept ? n : 0;
    l->counts.lost += kept ? 0 : n;
    l->stuck = l->stuck && is_full(l);
    pthread_cond_broadcast(&l->room);
    pthread_mutex_unlock(&l->lock);
    while (done != rest) {
        struct waiting *next = done->next;

        mem_free(done);
        done = next;
    }
}

/* ---- writing ---- */

static bool write_some(struct live_questions *l, size_t n, struct err *err)
{
    struct arena *a = arena_new(NULL, PIECE_BYTES_MAX);
    const struct waiting *w = l->first; /* only this thread takes any away */
    bool ok = a || err_fail(err, ERR_NOMEM, "questions");

    l->wrote_us = clock_steady_us();
    ok = ok && store_begin(l->store, err);
    for (size_t i = 0; ok && i < n; i++) {
        ok = question_keep(l->writer, a, &w->asked, err);
        w = i + 1 < n ? w->next : NULL; /* behind the last one others put theirs */
    }
    ok = ok && store_commit(l->store, err);
    if (!ok)
        store_rollback(l->store);
    arena_free(a);
    return ok;
}

/* Told once, until it works again. */
static void tell(struct live_questions *l, bool ok, const struct err *err)
{
    if (!ok && !l->failing)
        log_event(l->log, LOG_ERROR, "questions", NULL, "%s", err->text);
    l->failing = !ok;
}

static void forget(struct live_questions *l)
{
    uint64_t now = clock_seconds(), n = 0, kept_for = l->keep_days * DAY_S;
    struct err err;
    bool ok;

    if (now - l->forgot < FORGET_EVERY_S)
        return;
    l->forgot = now;
    ok = question_forget(l->store, now > kept_for ? now - kept_for : 0, &n, &err);
    if (!ok)
        log_event(l->log, LOG_ERROR, "questions", NULL, "%s", err.text);
    else if (n)
        log_event(l->log, LOG_INFO, "questions", NULL,
                  "%llu that nobody asked for %llu days are forgotten", (unsigned long long)n,
                  (unsigned long long)l->keep_days);
}

/* ---- asking again ---- */

static void running(struct live_questions *l, bool is)
{
    pthread_mutex_lock(&l->lock);
    l->counts.running = is;
    pthread_mutex_unlock(&l->lock);
}

static void run_leave(struct live_questions *l)
{
    l->run = again_free(l->run);
    if (l->view)
        live_screener_drop(l->screener, l->view);
    l->view = NULL;
    running(l, false);
}

static void run_over(struct live_questions *l)
{
    struct again_counts n = again_counts(l->run);
    struct screener_stands stands = screener_stands(live_screener_at(l->view));

    l->asked = true;
    l->cases = l->run_cases;
    l->cases_due_us = clock_tenth_us(l->run_begun_us);
    l->stands = stands.hash;
    l->but_matches = stands.but_matches;
    run_leave(l);
    pthread_mutex_lock(&l->lock);
    l->counts.asked += n.asked;
    l->counts.changed += n.changed;
    l->counts.matched += n.matched;
    pthread_mutex_unlock(&l->lock);
    if (n.asked || n.failed)
        log_event(l->log, n.matched || n.failed ? LOG_WARNING : LOG_INFO, "questions", NULL,
                  "%llu asked again, %llu changed, %llu with a new potential match, %llu could not "
                  "be asked",
                  (unsigned long long)n.asked, (unsigned long long)n.changed,
                  (unsigned long long)n.matched, (unsigned long long)n.failed);
}

static bool exposure_is_coming(struct live_questions *l)
{
    struct live_exposure_one all[SCREEN_LEDGERS_MAX];
    size_t n = live_exposure_all(l->exposure, all, SCREEN_LEDGERS_MAX);

    for (size_t i = 0; i < n; i++)
        if (all[i].state == SCREEN_COMING)
            return true;
    return false;
}

/* Blocks are being undone, or were, and exposure is worked out anew: for a while questions are
 * answered as by an outage. One that is away for longer may be gone for good. */
static bool is_passing(struct live_questions *l, const struct screen_ledgers *at)
{
    uint64_t now = clock_steady_ms();
    bool away = false;

    for (size_t i = 0; i < at->n; i++) {
        if (at->at[i].state == SCREEN_COMING)
            return true;
        away = away || at->at[i].state == SCREEN_AWAY;
    }
    l->away_ms = !away ? 0 : l->away_ms ? l->away_ms : now;
    return away && now - l->away_ms < AWAY_MS;
}

static void pause_turn(void)
{
    struct timespec turn = {0, LIVE_SCREENER_MS * 1000000L};

    nanosleep(&turn, NULL);
}

/* A view of the ledgers is held for a piece, and no longer: an undo waits for it. A run that meets
 * one is left, and begins anew behind it: nobody is told that what was said is said no more. */
static bool step(struct live_questions *l, bool *ret_more, struct err *err)
{
    struct live_exposure_view *v = live_exposure_take(l->exposure);
    bool ok;

    if (is_passing(l, live_exposure_at(v))) {
        live_exposure_drop(l->exposure, v);
        run_leave(l);
        pause_turn();
        *ret_more = true;
        return true;
    }
    again_ledgers(l->run, live_exposure_at(v));
    ok = again_step(l->run, ret_more, err);
    again_ledgers(l->run, NULL);
    live_exposure_drop(l->exposure, v);
    return ok;
}

/* A run is of the screener in use: if another one came in, it is left, and the next one goes on. If
 * other cases of the group came in, it goes on to its end, and another run follows; cases that
 * change all the time are asked about for a tenth of the time. */
static bool run_begin(struct live_questions *l, struct err *err)
{
    struct screen_cases *cases = live_exposure_cases(l->exposure);
    uint64_t changes = screen_cases_counts(cases).changes;
    struct live_screener_view *v = live_screener_take(l->screener);
    const struct screener *s = live_screener_at(v);
    struct screener_stands stands = screener_stands(s);
    bool under_way = l->run && s == live_screener_at(l->view),
         same = changes == l->cases || clock_steady_us() < l->cases_due_us,
         done = !l->run && l->asked && hash32_equal(&stands.hash, &l->stands) && same;
    struct again_options o = {
        .screener = s, .store = l->store, .now = clock_seconds(), .cases = cases};

    if (under_way || done) {
        live_screener_drop(l->screener, v);
        return true;
    }
    run_leave(l);
    l->view = v;
    l->run_cases = changes;
    l->run_begun_us = clock_steady_us();
    if (l->asked && changes == l->cases && hash32_equal(&stands.but_matches, &l->but_matches))
        o.but_matches = &l->stands;
    if (!again_new(&o, &l->run, err)) {
        run_leave(l);
        return false;
    }
    running(l, true);
    return true;
}

static bool again(struct live_questions *l, struct err *err)
{
    bool more = true;

    if (!l->run && (exposure_is_coming(l) || screen_cases_busy(live_exposure_cases(l->exposure))))
        return true;
    if (!run_begin(l, err))
        return false;
    if (!l->run)
        return true;
    if (!step(l, &more, err)) {
        run_leave(l);
        return false;
    }
    if (!more)
        run_over(l);
    return true;
}

/* ---- the thread ---- */

static void *work(void *live)
{
    struct live_questions *l = live;
    bool ending = false;

    for (;;) {
        size_t n = some(l, &ending);
        struct err err = {.class = ERR_NONE};
        bool ok = !n || write_some(l, n, &err);

        if (ok)
            drop(l, n, true);
        else if (ending)
            drop(l, n, false);
        if (ending && !n)
            return NULL;
        if (!ending) {
            forget(l);
            ok = ok && again(l, &err);
        }
        tell(l, ok, &err);
        if (!ok && !ending)
            pause_turn();
    }
}

/* ---- opening ---- */

bool live_questions_open(struct live_screener *screener, struct live_exposure *exposure,
                         struct log *log, uint64_t keep_days, struct live_questions **ret,
                         struct err *err)
{
    struct live_questions *l = mem_zero(sizeof(*l));
    bool ok;

    if (!l)
        return err_fail(err, ERR_NOMEM, "questions");
    l->screener = screener;
    l->exposure = exposure;
    l->log = log;
    l->keep_days = keep_days;
    l->last = &l->first;
    pthread_mutex_init(&l->lock, NULL);
    clock_cond_init(&l->some);
    clock_cond_init(&l->room);
    ok = live_screener_records(screener, &l->store, err) &&
         question_writer_new(l->store, &l->writer, err);
    if (ok) {
        errno = pthread_create(&l->thread, NULL, work, l);
        l->running = !errno;
        ok = l->running || err_system(err, "a thread for questions");
    }
    if (!ok) {
        live_questions_close(l);
        return false;
    }
    *ret = l;
    return true;
}

struct live_questions *live_questions_close(struct live_questions *l)
{
    if (!l)
        return NULL;
    if (l->running) {
        pthread_mutex_lock(&l->lock);
        l->ending = true;
        pthread_cond_signal(&l->some);
        pthread_mutex_unlock(&l->lock);
        pthread_join(l->thread, NULL);
    }
    run_leave(l);
    if (l->counts.lost)
        log_event(l->log, LOG_ERROR, "questions", NULL, "%llu were not kept",
                  (unsigned long long)l->counts.lost);
    question_writer_free(l->writer);
    store_close(l->store);
    pthread_cond_destroy(&l->some);
    pthread_cond_destroy(&l->room);
    pthread_mutex_destroy(&l->lock);
    return mem_free(l);
}
