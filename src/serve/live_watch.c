/* The thread's turn: own addresses and cases, where they have changed; then each ledger to its end;
 * then what was found is said. */
#include "base/mem.h"
#include "entity/tag_set.h"
#include "screen/screen_labels.h"
#include "serve/clock.h"
#include "serve/live_watch_parts.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define FOLDERS_TURNS 20u /* between two looks at the folders */

const unsigned live_watch_buckets_ms[LIVE_WATCH_BUCKETS] = {1,  2,   5,   10,   25,
                                                            50, 100, 250, 1000, 10000};

static void count(struct live_watch *x, const struct watch_said *said, bool blocks, uint64_t took)
{
    pthread_mutex_lock(&x->lock);
    x->totals.found += x->found_turn;
    x->totals.lost += x->lost_turn;
    x->totals.alerts += said->alerts;
    x->totals.holds += said->holds;
    x->totals.late += said->late;
    if (x->self)
        x->totals.self = self_watch_counts(x->self);
    if (x->undone)
        x->totals.undone = undone_counts(x->undone);
    if (blocks) {
        x->totals.turns++;
        x->totals.turns_ms += took;
        for (size_t i = 0; i < LIVE_WATCH_BUCKETS; i++)
            x->totals.turns_at_most[i] += took <= live_watch_buckets_ms[i];
    }
    x->told_n = x->places_n;
    for (size_t i = 0; i < x->places_n; i++) {
        const struct place *p = &x->places[i];

        x->told[i] = (struct live_watch_one){
            .chain = p->chain, .blocks_all = p->blocks_all, .failed = p->again_ms != 0};
        x->told[i].counts = live_watch_counts(x, p);
    }
    pthread_mutex_unlock(&x->lock);
    x->found_turn = x->lost_turn = 0;
}

static void undone_look(struct live_watch *x)
{
    struct live_ledgers_view *v;

    if (!x->undone)
        return;
    v = live_ledgers_take(x->ledgers);
    undone_turn(x->undone, v);
    live_ledgers_drop(x->ledgers, v);
}

void live_watch_look(struct live_watch *x)
{
    struct live_ledgers_view *v = live_ledgers_take(x->ledgers);
    uint64_t begun = clock_steady_ms();
    bool folders = x->turns % FOLDERS_TURNS == 0, blocks;
    struct watch_said said;

    if (folders)
        live_watch_home(x);
    if (x->again_ms && begun >= x->again_ms) {
        x->again_ms = 0;
        live_watch_again(x);
    }
    live_watch_places(x, v);
    live_watch_cases(x, folders);
    blocks = live_watch_ledgers(x, v);
    if (blocks)
        live_watch_shallow(x, v);
    if (x->self)
        self_watch_due(x->self, v, clock_steady_ms());
    live_ledgers_drop(x->ledgers, v);
    said = live_watch_say(x);
    if (x->told_cases && !x->fresh && !x->cases_again_ms)
        screen_cases_settle(x->told_cases);
    undone_look(x);
    count(x, &said, blocks, clock_steady_ms() - begun);
    x->turns++;
}

/* Waits a turn; false: it is over. */
static bool turn(struct live_watch *x)
{
    struct timespec until;
    bool go;

    clock_steady_in_ms(&until, LIVE_WATCH_MS);
    pthread_mutex_lock(&x->lock);
    while (!x->heard && !x->ending && !pthread_cond_timedwait(&x->wake, &x->lock, &until))
        ;
    x->heard = false;
    go = !x->ending;
    pthread_mutex_unlock(&x->lock);
    return go;
}

static void *work(void *live)
{
    struct live_watch *x = live;

    while (turn(x))
        live_watch_look(x);
    return NULL;
}

static void on_event(void *ctx, uint64_t version)
{
    struct live_watch *x = ctx;

    (void)version;
    pthread_mutex_lock(&x->lock);
    x->heard = true;
    pthread_cond_signal(&x->wake);
    pthread_mutex_unlock(&x->lock);
}

bool live_watch_new(const char *home, struct live_ledgers *ledgers, struct live_group *group,
                    const struct live_watch_options *options, struct log *log,
                    struct live_watch **ret, struct err *err)
{
    struct live_watch *x = mem_zero(sizeof(*x));
    bool ok;

    if (!x)
        return err_fail(err, ERR_NOMEM, "watch");
    x->ledgers = ledgers;
    x->on_early = options->early;
    x->early_ctx = options->early_ctx;
    x->paid = options->paid;
    x->told_cases = group ? options->cases : NULL;
    x->paid_ctx = options->paid_ctx;
    x->log = log;
    x->version = UINT64_MAX;
    pthread_mutex_init(&x->lock, NULL);
    clock_cond_init(&x->wake);
    ok = (size_t)snprintf(x->home, sizeof(x->home), "%s", home) < sizeof(x->home) &&
         (size_t)snprintf(x->cases, sizeof(x->cases), "%s/%s", home, CASES_FOLDER) <
             sizeof(x->cases);
    if (!ok)
        err_set(err, ERR_SYSTEM, "\"%s\": too long a name", home);
    x->early = ok ? early_new() : NULL;
    ok = ok && (x->early || err_fail(err, ERR_NOMEM, "early warnings"));
    if (ok && options->self_ms) {
        x->self =
            self_watch_new(x->home, options->self_ms, options->known, options->known_ctx, log);
        ok = x->self || err_fail(err, ERR_NOMEM, "self-watch");
    }
    if (ok && group) {
        ok = live_group_listen(group, on_event, x, err);
        x->group = ok ? group : NULL;
        x->undone = ok ? undone_new(x->home, group, log) : NULL;
        ok = ok && (x->undone || err_fail(err, ERR_NOMEM, "watch"));
    }
    if (!ok) {
        live_watch_close(x);
        return false;
    }
    *ret = x;
    return true;
}

bool live_watch_open(const char *home, struct live_ledgers *ledgers, struct live_group *group,
                     const struct live_watch_options *options, struct log *log,
                     struct live_watch **ret, struct err *err)
{
    struct live_watch *x = NULL;

    if (!live_watch_new(home, ledgers, group, options, log, &x, err))
        return false;
    errno = pthread_create(&x->thread, NULL, work, x);
    x->running = !errno;
    if (!x->running) {
        err_system(err, "a thread for live traces");
        live_watch_close(x);
        return false;
    }
    *ret = x;
    return true;
}

struct live_watch *live_watch_close(struct live_watch *x)
{
    if (!x)
        return NULL;
    if (x->group)
        live_group_deafen(x->group, on_event, x);
    if (x->running) {
        pthread_mutex_lock(&x->lock);
        x->ending = true;
        pthread_cond_signal(&x->wake);
        pthread_mutex_unlock(&x->lock);
        pthread_join(x->thread, NULL);
    }
    for (size_t i = 0; i < x->places_n; i++) {
        watch_coins_free(x->places[i].watch);
        watch_accounts_free(x->places[i].accounts);
        own_set_free(x->places[i].own);
    }
    watch_crossing_free(x->crossing);
    own_free(x->own);
    self_watch_free(x->self);
    undone_free(x->undone);
    early_free(x->early);
    tag_set_close(x->tags);
    mem_free(x->queue);
    mem_free(x->shallow);
    mem_free(x->named.at);
    pthread_cond_destroy(&x->wake);
    pthread_mutex_destroy(&x->lock);
    return mem_free(x);
}

void live_watch_tx(struct live_watch *x, const struct chain *chain, struct bytes raw)
{
    early_take(x->early, chain, raw);
    on_event(x, 0);
}

struct leaving {
    const struct live_watch *x;
    const char *case_object;
    bool alone;
};

static void leave_look(void *ctx, struct group_log *l, const struct fold *f)
{
    struct leaving *g = ctx;
    const char *member = f ? live_group_member(g->x->group, f) : NULL;

    (void)l;
    g->alone = member && handling_of(f, g->case_object, member).what != HANDLING_HOLD;
}

bool live_watch_left_alone(struct live_watch *x, const char *case_object)
{
    struct leaving g = {x, case_object, false};

    if (x->group && object_is(case_object, "case"))
        live_group_read(x->group, leave_look, &g);
    return g.alone;
}

struct early *live_watch_early(struct live_watch *x)
{
    return x->early;
}

uint64_t live_watch_early_ms(struct live_watch *x)
{
    return atomic_load(&x->early_ms);
}

size_t live_watch_all(struct live_watch *x, struct live_watch_one *ret, size_t max)
{
    size_t n;

    pthread_mutex_lock(&x->lock);
    n = x->told_n < max ? x->told_n : max;
    if (n)
        memcpy(ret, x->told, n * sizeof(*ret));
    pthread_mutex_unlock(&x->lock);
    return n;
}

struct live_watch_totals live_watch_totals(struct live_watch *x)
{
    struct live_watch_totals ret;

    pthread_mutex_lock(&x->lock);
    ret = x->totals;
    pthread_mutex_unlock(&x->lock);
    return ret;
}
