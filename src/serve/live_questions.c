#include "serve/live_questions.h"

#include "base/mem.h"
#include "screen/again.h"
#include "serve/clock.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

#define DAY_S 86400
#define FORGET_EVERY_S 3600
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
    bool ending, running;
    pthread_t thread;
    struct live_screener *screener;
    struct live_exposure *exposure;
    struct log *log;
    uint64_t keep_days;
    /* the rest is the thread's, once it runs */
    struct store *store;
    struct question_writer *writer;
    bool failing;
    uint64_t forgot;                 /* when */
    struct live_screener_view *view; /* of the run */
    struct again *run;
    struct hash32 stands, but_matches; /* what the last run that is over was of */
    bool asked;                        /* there was one */
};

/* ---- the queue ---- */

static void until(struct timespec *ret, unsigned ms)
{
    clock_gettime(CLOCK_MONOTONIC, ret);
    ret->tv_sec += ms / 1000;
    ret->tv_nsec += (long)(ms % 1000) * 1000000;
    ret->tv_sec += ret->tv_nsec / 1000000000;
    ret->tv_nsec %= 1000000000;
}

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
    char *to = (char *)(w + 1);

    if (!w)
        return NULL;
    w->next = NULL;
    w->asked = *x;
    w->asked.subject = copied(&to, x->subject);
    w->asked.form = copied(&to, x->form);
    w->asked.ref = x->ref ? copied(&to, ref) : NULL;
    w->asked.outcome.rule = copied(&to, x->outcome.rule);
    w->asked.outcome.reasons = copied(&to, x->outcome.reasons);
    return w;
}

bool live_questions_full(struct live_questions *l)
{
    bool full;

    pthread_mutex_lock(&l->lock);
    full = l->counts.waiting >= QUESTIONS_WAITING_MAX;
    pthread_mutex_unlock(&l->lock);
    return full;
}

void live_questions_put(struct live_questions *l, const struct question_asked *asked)
{
    struct waiting *w = waiting_new(asked);
    struct timespec end;
    int late = 0;

    pthread_mutex_lock(&l->lock);
    if (w && l->counts.waiting >= QUESTIONS_WAITING_MAX) {
        until(&end, QUESTIONS_WAIT_MS);
        while (!late && l->counts.waiting >= QUESTIONS_WAITING_MAX)
            late = pthread_cond_timedwait(&l->room, &l->lock, &end);
    }
    if (w && !late) {
        *l->last = w;
        l->last = &w->next;
        if (!l->counts.waiting++)
            pthread_cond_signal(&l->some);
        w = NULL;
    } else {
        l->counts.lost++;
        late = 1;
    }
    pthread_mutex_unlock(&l->lock);
    mem_free(w);
    if (late)
        log_event(l->log, LOG_ERROR, "questions", NULL, "a question was not kept");
}

struct live_questions_counts live_questions_counts(struct live_questions *l)
{
    struct live_questions_counts r;

    pthread_mutex_lock(&l->lock);
    r = l->counts;
    pthread_mutex_unlock(&l->lock);
    return r;
}

/* The first ones, which stay where they are until they are written; waits a turn for some. */
static size_t some(struct live_questions *l, bool *ret_ending)
{
    struct timespec end;
    size_t n;

    until(&end, l->run ? 0 : LIVE_SCREENER_MS);
    pthread_mutex_lock(&l->lock);
    while (!l->first && !l->ending && !l->run && !pthread_cond_timedwait(&l->some, &l->lock, &end))
        ;
    *ret_ending = l->ending;
    n = l->counts.waiting < QUESTIONS_PIECE ? l->counts.waiting : QUESTIONS_PIECE;
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

/* A view of the ledgers is held for a piece, and no longer: an undo waits for it. */
static bool step(struct live_questions *l, bool *ret_more, struct err *err)
{
    struct live_exposure_view *v = live_exposure_take(l->exposure);
    bool ok;

    again_ledgers(l->run, live_exposure_at(v));
    ok = again_step(l->run, ret_more, err);
    again_ledgers(l->run, NULL);
    live_exposure_drop(l->exposure, v);
    return ok;
}

/* A run is of the screener in use: if another one came in, it is left, and the next one goes on. */
static bool run_begin(struct live_questions *l, struct err *err)
{
    struct live_screener_view *v = live_screener_take(l->screener);
    const struct screener *s = live_screener_at(v);
    struct screener_stands stands = screener_stands(s);
    bool under_way = l->run && s == live_screener_at(l->view),
         done = !l->run && l->asked && hash32_equal(&stands.hash, &l->stands);
    struct again_options o = {.screener = s, .store = l->store, .now = clock_seconds()};

    if (under_way || done) {
        live_screener_drop(l->screener, v);
        return true;
    }
    run_leave(l);
    l->view = v;
    if (l->asked && hash32_equal(&stands.but_matches, &l->but_matches))
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

    if (!l->run && exposure_is_coming(l))
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

static void pause_turn(void)
{
    struct timespec turn = {0, LIVE_SCREENER_MS * 1000000L};

    nanosleep(&turn, NULL);
}

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
    pthread_condattr_t steady;
    bool ok;

    if (!l)
        return err_fail(err, ERR_NOMEM, "questions");
    l->screener = screener;
    l->exposure = exposure;
    l->log = log;
    l->keep_days = keep_days;
    l->last = &l->first;
    pthread_mutex_init(&l->lock, NULL);
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&l->some, &steady);
    pthread_cond_init(&l->room, &steady);
    pthread_condattr_destroy(&steady);
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
