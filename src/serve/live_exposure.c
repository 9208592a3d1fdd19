/* The thread's turn: what ledgers are there, and which labels; a place for each ledger; a step of
 * each pass; a view, if anything in it is another. Passes, labels and views are counted, for a view
 * outlives what the thread thinks of. */
#include "serve/live_exposure.h"

#include "base/mem.h"
#include "screen/screen_entity.h"
#include "screen/screen_wallets.h"
#include "serve/clock.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define STEP_TXS 2048u    /* of a first pass, between two looks at everything else */
#define CATCH_UP_MS 1000u /* new blocks of a ledger are taken for so long before a view shows it */
#define CASES_TURNS 20u   /* between two looks at the folder of cases */
#define AGAIN_MS 600000u  /* until what failed is tried again */
#define KEEP_MS 600000u   /* between two times that a pass is kept */

struct labels {
    unsigned refs; /* places and passes that have them */
    struct screen_labels *labels;
};

struct pass {
    unsigned refs; /* views, and one for being a place's */
    struct screen_ledger *x;
    struct labels *labels;
    uint64_t begun_ms;
    bool done; /* once it has come to the ledger's end */
};

struct place { /* a ledger */
    const struct chain *chain;
    char dir[PATH_MAX];
    struct hash32 wanted; /* of the labels that are asked for now */
    struct pass *now, *next;
    struct trace_ledger ledger;       /* of the ledgers' view at hand; both NULL: it is away */
    uint64_t again_ms, next_again_ms; /* not before that; 0: nothing failed */
    uint64_t pass_ms, blocks_all, txs_all;
    int lock;               /* of what is kept; -1: not ours */
    uint64_t kept, kept_ms; /* blocks of what was kept last, and when */
    uint64_t clusters;      /* their stamp when a view was last put, or a little older */
};

struct live_exposure_view {
    unsigned refs;
    struct screen_ledgers ledgers;
    struct live_ledgers_view *opened;
    struct labels *labels; /* NULL: none yet */
    struct pass *passes[SCREEN_LEDGERS_MAX];
    size_t passes_n;
};

struct live_exposure {
    pthread_mutex_t lock; /* of all refs, now, told and ending */
    pthread_cond_t wake;
    struct live_exposure_view *now;
    struct live_exposure_one told[SCREEN_LEDGERS_MAX];
    size_t told_n;
    bool ending, running;
    pthread_t thread;
    /* the rest is the thread's */
    struct live_ledgers *live;
    struct live_screener *screener;
    struct screen_cases *group_cases; /* NULL: there is no group */
    struct log *log;
    char home[PATH_MAX], tags[PATH_MAX], cases[PATH_MAX];
    struct place places[SCREEN_LEDGERS_MAX];
    size_t places_n;
    struct live_ledgers_view *opened;
    struct live_screener_view *asked; /* that the labels are of */
    struct labels *labels;
    struct hash32 cases_seen;
    unsigned cases_turn;
    bool labels_failed, changed;
};

static uint64_t ms(void)
{
    return clock_steady_us() / 1000;
}

/* ---- what is counted ---- */

static void labels_unref(struct live_exposure *x, struct labels *l)
{
    bool last;

    if (!l)
        return;
    pthread_mutex_lock(&x->lock);
    last = --l->refs == 0;
    pthread_mutex_unlock(&x->lock);
    if (last) {
        screen_labels_free(l->labels);
        mem_free(l);
    }
}

static struct labels *labels_ref(struct live_exposure *x, struct labels *l)
{
    pthread_mutex_lock(&x->lock);
    l->refs++;
    pthread_mutex_unlock(&x->lock);
    return l;
}

static void pass_unref(struct live_exposure *x, struct pass *p)
{
    bool last;

    if (!p)
        return;
    pthread_mutex_lock(&x->lock);
    last = --p->refs == 0;
    pthread_mutex_unlock(&x->lock);
    if (last) {
        screen_ledger_free(p->x);
        labels_unref(x, p->labels);
        mem_free(p);
    }
}

static void view_unref(struct live_exposure *x, struct live_exposure_view *v)
{
    bool last;

    pthread_mutex_lock(&x->lock);
    last = --v->refs == 0;
    pthread_mutex_unlock(&x->lock);
    if (!last)
        return;
    for (size_t i = 0; i < v->ledgers.n; i++) { /* ours, that others only read */
        screen_entities_free((struct screen_entities *)v->ledgers.at[i].entities);
        screen_wallets_free((struct screen_wallets *)v->ledgers.at[i].wallets);
    }
    for (size_t i = 0; i < v->passes_n; i++)
        pass_unref(x, v->passes[i]);
    labels_unref(x, v->labels);
    if (v->opened)
        live_ledgers_drop(x->live, v->opened);
    mem_free(v);
}

struct live_exposure_view *live_exposure_take(struct live_exposure *x)
{
    struct live_exposure_view *v;

    pthread_mutex_lock(&x->lock);
    v = x->now;
    v->refs++;
    pthread_mutex_unlock(&x->lock);
    return v;
}

void live_exposure_drop(struct live_exposure *x, struct live_exposure_view *v)
{
    view_unref(x, v);
}

const struct screen_ledgers *live_exposure_at(const struct live_exposure_view *v)
{
    return &v->ledgers;
}

struct screen_cases *live_exposure_cases(struct live_exposure *x)
{
    return x->group_cases;
}

size_t live_exposure_all(struct live_exposure *x, struct live_exposure_one *ret, size_t max)
{
    size_t n;

    pthread_mutex_lock(&x->lock);
    n = x->told_n < max ? x->told_n : max;
    if (n)
        memcpy(ret, x->told, n * sizeof(*ret));
    pthread_mutex_unlock(&x->lock);
    return n;
}

static void tell(struct live_exposure *x, const struct place *p, enum log_level level,
                 const char *what)
{
    log_event(x->log, level, "exposure", NULL, "%s: %s", p ? p->chain->name : "labels", what);
}

/* ---- ledgers ---- */

static const char *dir_of(const struct live_ledgers_one *one)
{
    return one->coins ? ledger_dir(one->coins) : account_ledger_dir(one->accounts);
}

static struct place *place_of(struct live_exposure *x, const struct live_ledgers_one *one)
{
    struct place *p;

    for (size_t i = 0; i < x->places_n; i++)
        if (!strcmp(x->places[i].dir, dir_of(one)))
            return &x->places[i];
    if (x->places_n == SCREEN_LEDGERS_MAX ||
        !address_space_of_chain(one->chain)) /* of a bank: no address is asked about */
        return NULL;
    p = &x->places[x->places_n];
    *p = (struct place){.chain = one->chain, .lock = -1, .kept_ms = ms()};
    if ((size_t)snprintf(p->dir, sizeof(p->dir), "%s", dir_of(one)) >= sizeof(p->dir))
        return NULL;
    if (x->labels)
        p->wanted = screen_labels_hash(x->labels->labels, p->chain);
    x->places_n++;
    return p;
}

/* A pass that has blocks which its ledger has not any more tells nothing. */
static void place_check(struct live_exposure *x, struct place *p)
{
    if (p->now && !screen_ledger_fits(p->now->x, &p->ledger)) {
        tell(x, p, LOG_INFO, "blocks were undone: the pass begins anew");
        pass_unref(x, p->now);
        p->now = NULL;
    }
    if (p->next && !screen_ledger_fits(p->next->x, &p->ledger)) {
        pass_unref(x, p->next);
        p->next = NULL;
    }
}

static void ledgers_look(struct live_exposure *x)
{
    struct live_ledgers_view *v = live_ledgers_take(x->live);

    if (v == x->opened) {
        live_ledgers_drop(x->live, v);
        return;
    }
    for (size_t i = 0; i < x->places_n; i++)
        x->places[i].ledger = (struct trace_ledger){NULL, NULL};
    for (size_t i = 0; i < live_ledgers_n(v); i++) {
        struct live_ledgers_one one = live_ledgers_at(v, i);
        struct place *p = place_of(x, &one);

        if (!p)
            continue;
        p->ledger = (struct trace_ledger){one.coins, one.accounts};
        p->blocks_all = one.coins ? ledger_counts(one.coins).blocks
                                  : account_ledger_counts(one.accounts).blocks;
        p->txs_all = one.coins ? ledger_counts(one.coins).transactions
                               : account_ledger_counts(one.accounts).transactions;
        place_check(x, p);
    }
    if (x->opened)
        live_ledgers_drop(x->live, x->opened);
    x->opened = v;
    x->changed = true;
}

/* Clusters come to new blocks after the ledger does, and whoever renews them tells nobody. */
static void clusters_look(struct live_exposure *x)
{
    for (size_t i = 0; i < x->places_n; i++) {
        struct place *p = &x->places[i];
        uint64_t stamp = p->ledger.coins ? clusters_stamp(p->dir) : p->clusters;

        x->changed |= stamp != p->clusters;
        p->clusters = stamp;
    }
}

/* ---- labels ---- */

/* Those of the same hash are called anew; for the rest another pass is wanted. */
static void labels_put(struct live_exposure *x, struct labels *fresh)
{
    for (size_t i = 0; i < x->places_n; i++) {
        struct place *p = &x->places[i];
        struct pass *passes[] = {p->now, p->next};

        p->again_ms = p->next_again_ms = 0;

        p->wanted = screen_labels_hash(fresh->labels, p->chain);
        for (size_t k = 0; k < 2; k++) {
            struct labels *old;
            struct screen_as_of as_of;

            if (!passes[k])
                continue;
            as_of = screen_ledger_as_of(passes[k]->x);
            if (!hash32_equal(&as_of.labels, &p->wanted))
                continue;
            old = passes[k]->labels;
            passes[k]->labels = labels_ref(x, fresh);
            screen_ledger_labels(passes[k]->x, fresh->labels);
            labels_unref(x, old);
        }
    }
    labels_unref(x, x->labels);
    x->labels = fresh;
    x->changed = true; /* a case may name addresses that no ledger has */
}

static bool labels_make(struct live_exposure *x, struct live_screener_view *of, struct err *err)
{
    struct labels *fresh = mem_zero(sizeof(*fresh));

    if (!fresh)
        return err_fail(err, ERR_NOMEM, "labels");
    if (!screen_labels_make(live_screener_at(of), x->tags, x->cases, &fresh->labels, err)) {
        mem_free(fresh);
        return false;
    }
    fresh->refs = 1;
    labels_put(x, fresh);
    return true;
}

/* When lists, tags, rules or cases are others. What cannot be read is told once, and tried again
 * with the next look at the cases; the labels of before stay. */
static void labels_look(struct live_exposure *x)
{
    struct live_screener_view *v = live_screener_take(x->screener);
    bool look = !x->cases_turn--, again = v != x->asked;
    struct hash32 cases = x->cases_seen;
    struct err err;

    if (look) {
        x->cases_turn = CASES_TURNS;
        cases = screen_cases_stamp(x->cases);
        again |= x->labels_failed || !hash32_equal(&cases, &x->cases_seen);
    }
    if (!again) {
        live_screener_drop(x->screener, v);
        return;
    }
    if (labels_make(x, v, &err)) {
        x->labels_failed = false;
    } else {
        if (!x->labels_failed)
            log_event(x->log, err.class == ERR_DIFFERS ? LOG_INFO : LOG_ERROR, "exposure", NULL,
                      "labels of before stay: %s", err.text);
        x->labels_failed = true;
    }
    x->cases_seen = cases;
    if (x->asked)
        live_screener_drop(x->screener, x->asked);
    x->asked = v;
}

/* ---- passes ---- */

/* kept: what is in the home may be gone on with. */
static struct pass *pass_begin(struct live_exposure *x, struct place *p, bool kept, struct err *err)
{
    struct pass *fresh = mem_zero(sizeof(*fresh));
    struct err why = {.class = ERR_NONE};

    if (!fresh) {
        err_set(err, ERR_NOMEM, "exposure");
        return NULL;
    }
    if (!(kept ? screen_ledger_open(x->labels->labels, &p->ledger, x->home, &fresh->x, &why, err)
               : screen_ledger_new(x->labels->labels, &p->ledger, &fresh->x, err)))
        return mem_free(fresh);
    if (why.class != ERR_NONE)
        tell(x, p, LOG_WARNING, why.text);
    if (kept)
        p->kept = screen_ledger_counts(fresh->x).blocks;
    fresh->refs = 1;
    fresh->labels = labels_ref(x, x->labels);
    fresh->begun_ms = ms();
    return fresh;
}

static bool is_wanted(const struct place *p, struct pass *pass)
{
    struct screen_as_of as_of = screen_ledger_as_of(pass->x);

    return hash32_equal(&as_of.labels, &p->wanted) && !screen_ledger_stale(pass->x);
}

static void pass_done(struct live_exposure *x, struct place *p, struct pass *pass)
{
    if (pass->done)
        return;
    pass->done = true;
    p->pass_ms = ms() - pass->begun_ms;
    x->changed = true;
}

static bool step(struct live_exposure *x, struct place *p, struct pass *pass, uint64_t for_ms,
                 bool *ret_more, struct err *err)
{
    uint64_t end = ms() + for_ms;

    do {
        if (!screen_ledger_add(pass->x, &p->ledger, STEP_TXS, ret_more, err))
            return false;
    } while (*ret_more && ms() < end);
    if (!*ret_more && !pass->done)
        screen_ledger_seek(pass->x, &p->ledger);
    if (!*ret_more)
        pass_done(x, p, pass);
    return true;
}

/* Nothing that failed is tried again at once: a pass may take hours. */
static bool pass_fail(struct live_exposure *x, struct place *p, struct pass **pass,
                      uint64_t *again_ms, const struct err *err)
{
    tell(x, p, LOG_ERROR, err->text);
    pass_unref(x, *pass);
    *pass = NULL;
    *again_ms = ms() + AGAIN_MS;
    x->changed = true;
    return false;
}

static bool is_due(uint64_t *again_ms)
{
    if (*again_ms && ms() < *again_ms)
        return false;
    *again_ms = 0;
    return true;
}

/* ---- what is kept ---- */

static void keep(struct live_exposure *x, struct place *p)
{
    struct err err;
    uint64_t blocks;

    if (!p->now || !p->now->done)
        return;
    blocks = screen_ledger_counts(p->now->x).blocks;
    p->kept_ms = ms();
    if (blocks == p->kept)
        return;
    if ((p->lock >= 0 || screen_keep_lock(x->home, p->chain, &p->lock, &err)) &&
        screen_ledger_keep(p->now->x, x->home, &err))
        p->kept = blocks;
    else
        tell(x, p, LOG_WARNING, err.text);
}

/* The pass that answers, or will. True: it has not come to the end. */
static bool now_turn(struct live_exposure *x, struct place *p)
{
    bool more = false;
    struct err err;

    if (!is_due(&p->again_ms))
        return false;
    if (p->now && !p->now->done && !is_wanted(p, p->now)) { /* nobody has asked it yet */
        pass_unref(x, p->now);
        p->now = NULL;
    }
    if (!p->now && !(p->now = pass_begin(x, p, true, &err)))
        return pass_fail(x, p, &p->now, &p->again_ms, &err);
    if (!step(x, p, p->now, p->now->done ? CATCH_UP_MS : 0, &more, &err))
        return pass_fail(x, p, &p->now, &p->again_ms, &err);
    return more;
}

/* The pass by other labels beside it. */
static bool next_turn(struct live_exposure *x, struct place *p)
{
    bool more = false, other = !is_wanted(p, p->now);
    struct err err;

    if (p->next && (!other || !is_wanted(p, p->next))) {
        pass_unref(x, p->next);
        p->next = NULL;
    }
    if (!other || !is_due(&p->next_again_ms))
        return false;
    if ((!p->next && !(p->next = pass_begin(x, p, false, &err))) ||
        !step(x, p, p->next, 0, &more, &err))
        return pass_fail(x, p, &p->next, &p->next_again_ms, &err);
    if (more)
        return true;
    pass_unref(x, p->now);
    p->now = p->next;
    p->next = NULL;
    p->kept = 0;
    tell(x, p, LOG_INFO, "the pass by the new labels is done");
    keep(x, p);
    return false;
}

/* True: there is more to do. */
static bool place_turn(struct live_exposure *x, struct place *p)
{
    bool more;

    if ((!p->ledger.coins && !p->ledger.accounts) || !x->labels)
        return false;
    more = now_turn(x, p);
    if (!more && p->now)
        more = next_turn(x, p);
    if (ms() >= p->kept_ms + KEEP_MS)
        keep(x, p);
    return more;
}

/* ---- views ---- */

static struct screen_ledger_at told_of(const struct place *p)
{
    struct screen_ledger_at at = {.chain = p->chain, .state = SCREEN_READY};

    if (!p->ledger.coins && !p->ledger.accounts)
        at.state = SCREEN_AWAY;
    else if (p->again_ms)
        at.state = SCREEN_FAILED;
    else if (!p->now || !p->now->done)
        at.state = SCREEN_COMING;
    if (at.state == SCREEN_READY) {
        at.exposure = p->now->x;
        at.ledger = p->ledger;
    }
    return at;
}

static void tell_all(struct live_exposure *x)
{
    struct live_exposure_one told[SCREEN_LEDGERS_MAX];

    for (size_t i = 0; i < x->places_n; i++) {
        const struct place *p = &x->places[i];
        struct screen_ledger_counts now = {0}, next = {0};

        if (p->now)
            now = screen_ledger_counts(p->now->x);
        if (p->next)
            next = screen_ledger_counts(p->next->x);
        told[i] = (struct live_exposure_one){.chain = p->chain,
                                             .state = told_of(p).state,
                                             .renewing = p->next != NULL,
                                             .blocks = now.blocks,
                                             .blocks_all = p->blocks_all,
                                             .txs = p->next ? next.txs : now.txs,
                                             .txs_all = p->txs_all,
                                             .bytes = now.bytes + next.bytes,
                                             .pass_ms = p->pass_ms};
    }
    pthread_mutex_lock(&x->lock);
    if (x->places_n)
        memcpy(x->told, told, x->places_n * sizeof(*told));
    x->told_n = x->places_n;
    pthread_mutex_unlock(&x->lock);
}

/* Without clusters, or with those of other blocks, an answer says that there are none. */
static const struct screen_entities *entities_of(const struct screen_ledger_at *at)
{
    struct screen_entities *e = NULL;
    struct err ignored;

    return screen_entities_make(at->ledger.coins, at->exposure, &e, &ignored) ? e : NULL;
}

static const struct screen_wallets *wallets_of(const struct screen_ledger_at *at)
{
    struct screen_wallets *w = NULL;
    struct err ignored;

    return screen_wallets_make(at->ledger.accounts, at->exposure, &w, &ignored) ? w : NULL;
}

static bool view_put(struct live_exposure *x)
{
    struct live_exposure_view *v = mem_zero(sizeof(*v)), *old;

    if (!v)
        return false;
    v->refs = 1;
    v->ledgers.cases = x->group_cases;
    v->opened = live_ledgers_take(x->live);
    if (v->opened != x->opened) { /* a newer one: the next turn's */
        live_ledgers_drop(x->live, v->opened);
        mem_free(v);
        return false;
    }
    if (x->labels) {
        v->labels = labels_ref(x, x->labels);
        v->ledgers.labels = v->labels->labels;
    }
    for (size_t i = 0; i < x->places_n; i++) {
        struct screen_ledger_at at = told_of(&x->places[i]);

        if (at.exposure && at.ledger.coins)
            at.entities = entities_of(&at);
        else if (at.exposure)
            at.wallets = wallets_of(&at);
        v->ledgers.at[v->ledgers.n++] = at;
    }
    pthread_mutex_lock(&x->lock);
    for (size_t i = 0; i < x->places_n; i++)
        if (v->ledgers.at[i].exposure) {
            x->places[i].now->refs++;
            v->passes[v->passes_n++] = x->places[i].now;
        }
    old = x->now;
    x->now = v;
    pthread_mutex_unlock(&x->lock);
    view_unref(x, old);
    return true;
}

/* ---- the thread ---- */

/* Waits a turn, unless there is work; false: it is over. */
static bool turn(struct live_exposure *x, bool busy)
{
    struct timespec until;
    bool go;

    clock_steady_in_ms(&until, LIVE_EXPOSURE_MS);
    pthread_mutex_lock(&x->lock);
    while (!busy && !x->ending && !pthread_cond_timedwait(&x->wake, &x->lock, &until))
        ;
    go = !x->ending;
    pthread_mutex_unlock(&x->lock);
    return go;
}

static void *work(void *live)
{
    struct live_exposure *x = live;
    bool busy = true;

    while (turn(x, busy)) {
        busy = false;
        ledgers_look(x);
        clusters_look(x);
        labels_look(x);
        if (x->changed && live_ledgers_away(x->opened))
            x->changed = !view_put(x); /* an undo waits */
        for (size_t i = 0; i < x->places_n; i++)
            busy |= place_turn(x, &x->places[i]);
        if (x->changed)
            x->changed = !view_put(x);
        tell_all(x);
    }
    return NULL;
}

static bool path_of(char ret[PATH_MAX], const char *home, const char *name, struct err *err)
{
    int n = snprintf(ret, PATH_MAX, "%s/%s", home, name);

    return (n > 0 && n < PATH_MAX) || err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", home);
}

bool live_exposure_open(const char *home, struct live_ledgers *ledgers,
                        struct live_screener *screener, bool group, struct log *log,
                        struct live_exposure **ret, struct err *err)
{
    struct live_exposure *x = mem_zero(sizeof(*x));
    bool ok;

    if (!x)
        return err_fail(err, ERR_NOMEM, "exposure");
    x->live = ledgers;
    x->screener = screener;
    x->log = log;
    pthread_mutex_init(&x->lock, NULL);
    clock_cond_init(&x->wake);
    x->now = mem_zero(sizeof(*x->now));
    x->group_cases = group ? screen_cases_new(true) : NULL;
    ok = (!group || x->group_cases || err_fail(err, ERR_NOMEM, "exposure")) &&
         (x->now || err_fail(err, ERR_NOMEM, "exposure")) && path_of(x->home, home, ".", err) &&
         path_of(x->tags, home, TAG_SET_FILE, err) && path_of(x->cases, home, CASES_FOLDER, err);
    if (ok) {
        x->now->refs = 1;
        ledgers_look(x);
        ok = view_put(x) || err_fail(err, ERR_NOMEM, "exposure");
    }
    if (ok) {
        errno = pthread_create(&x->thread, NULL, work, x);
        x->running = !errno;
        ok = x->running || err_system(err, "a thread for exposure");
    }
    if (!ok) {
        live_exposure_close(x);
        return false;
    }
    *ret = x;
    return true;
}

struct live_exposure *live_exposure_close(struct live_exposure *x)
{
    if (!x)
        return NULL;
    if (x->running) {
        pthread_mutex_lock(&x->lock);
        x->ending = true;
        pthread_cond_signal(&x->wake);
        pthread_mutex_unlock(&x->lock);
        pthread_join(x->thread, NULL);
        for (size_t i = 0; i < x->places_n; i++)
            keep(x, &x->places[i]);
    }
    if (x->now)
        view_unref(x, x->now);
    for (size_t i = 0; i < x->places_n; i++) {
        pass_unref(x, x->places[i].now);
        pass_unref(x, x->places[i].next);
        if (x->places[i].lock >= 0)
            close(x->places[i].lock);
    }
    labels_unref(x, x->labels);
    screen_cases_free(x->group_cases);
    if (x->asked)
        live_screener_drop(x->screener, x->asked);
    if (x->opened)
        live_ledgers_drop(x->live, x->opened);
    pthread_cond_destroy(&x->wake);
    pthread_mutex_destroy(&x->lock);
    return mem_free(x);
}
