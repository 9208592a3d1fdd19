#include "serve/live_entities.h"

#include "base/mem.h"
#include "entity/cluster.h"
#include "entity/cluster_update.h"
#include "serve/clock.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define AGAIN_MS 1000u /* until what failed is tried again */

struct place { /* a chain that is followed; the thread's, but for one */
    struct live_entities_one one;
    struct hash32 done; /* the ledger's last block when its clusters were brought up to date */
    uint64_t stamp;     /* of these clusters; 0: nothing was done yet */
    uint64_t again_ms;  /* not before */
    bool there;
};

struct live_entities {
    pthread_mutex_t lock; /* of ending, held, and what is told of places */
    pthread_cond_t wake;
    bool ending, running;
    pthread_t thread;
    struct live_ledgers *ledgers;
    struct live_ledgers_view *held; /* while clusters are brought up to date */
    atomic_bool stop;
    struct log *log;
    struct place places[LIVE_LEDGERS_MAX];
    size_t places_n;
};

static uint64_t ms(void)
{
    return clock_steady_us() / 1000;
}

static struct place *place_of(struct live_entities *x, const struct chain *chain)
{
    for (size_t i = 0; i < x->places_n; i++)
        if (x->places[i].one.chain == chain)
            return &x->places[i];
    return NULL;
}

static void fail(struct live_entities *x, struct place *p, const struct err *err)
{
    bool was;

    p->again_ms = ms() + AGAIN_MS;
    pthread_mutex_lock(&x->lock);
    was = p->one.failed;
    p->one.failed = true;
    pthread_mutex_unlock(&x->lock);
    if (!was)
        log_event(x->log, LOG_WARNING, "entities", NULL, "%s: %s", p->one.chain->name, err->text);
}

static void done(struct live_entities *x, struct place *p, const struct clusters_updated *u,
                 uint64_t begun)
{
    bool was;

    pthread_mutex_lock(&x->lock);
    was = p->one.failed;
    p->one.failed = false;
    p->one.undone += u->blocks_undone;
    p->one.blocks = u->blocks;
    p->one.took_ms = ms() - begun;
    pthread_mutex_unlock(&x->lock);
    if (was)
        log_event(x->log, LOG_INFO, "entities", NULL, "%s: up to date again", p->one.chain->name);
}

static void hold(struct live_entities *x, struct live_ledgers_view *v)
{
    pthread_mutex_lock(&x->lock);
    x->stop = x->ending;
    x->held = v;
    pthread_mutex_unlock(&x->lock);
}

static void update(struct live_entities *x, struct place *p, const struct ledger *l)
{
    struct clusters_update_options o = {.stop = &x->stop};
    struct clusters_updated u;
    uint64_t begun = ms();
    struct err err;

    if (!clusters_update(l, &o, &u, &err)) {
        fail(x, p, &err);
        return;
    }
    done(x, p, &u, begun);
    if (u.stopped)
        return;
    p->done = ledger_block(l, u.blocks - 1).hash;
    p->stamp = clusters_stamp(ledger_dir(l));
}

/* Is there anything to do? Clusters that somebody has made anew have another stamp. */
static bool is_due(struct live_entities *x, struct place *p, const struct ledger *l)
{
    uint64_t blocks = ledger_counts(l).blocks, stamp = clusters_stamp(ledger_dir(l));
    struct hash32 tip;

    pthread_mutex_lock(&x->lock);
    p->there = stamp && blocks;
    pthread_mutex_unlock(&x->lock);
    if (!p->there || (p->again_ms && ms() < p->again_ms))
        return false;
    p->again_ms = 0;
    tip = ledger_block(l, (uint32_t)blocks - 1).hash;
    return stamp != p->stamp || !hash32_equal(&tip, &p->done);
}

static void look(struct live_entities *x)
{
    struct live_ledgers_view *v = live_ledgers_take(x->ledgers);

    hold(x, v);
    for (size_t i = 0; i < live_ledgers_n(v) && !x->stop; i++) {
        struct live_ledgers_one one = live_ledgers_at(v, i);
        struct place *p = place_of(x, one.chain);

        if (p && one.coins && is_due(x, p, one.coins))
            update(x, p, one.coins);
    }
    hold(x, NULL);
    live_ledgers_drop(x->ledgers, v);
}

/* Waits a turn; false: it is over. */
static bool turn(struct live_entities *x)
{
    struct timespec until;
    bool go;

    clock_steady_in_ms(&until, LIVE_ENTITIES_MS);
    pthread_mutex_lock(&x->lock);
    while (!x->ending && !pthread_cond_timedwait(&x->wake, &x->lock, &until))
        ;
    go = !x->ending;
    pthread_mutex_unlock(&x->lock);
    return go;
}

static void *work(void *live)
{
    struct live_entities *x = live;

    while (turn(x))
        look(x);
    return NULL;
}

bool live_entities_open(struct live_ledgers *ledgers, const struct chain *const *chains, size_t n,
                        struct log *log, struct live_entities **ret, struct err *err)
{
    struct live_entities *x = mem_zero(sizeof(*x));

    if (!x || n > LIVE_LEDGERS_MAX) {
        mem_free(x);
        return err_fail(err, ERR_NOMEM, "entities");
    }
    x->ledgers = ledgers;
    x->log = log;
    for (size_t i = 0; i < n; i++)
        x->places[x->places_n++].one.chain = chains[i];
    pthread_mutex_init(&x->lock, NULL);
    clock_cond_init(&x->wake);
    errno = pthread_create(&x->thread, NULL, work, x);
    x->running = !errno;
    if (!x->running) {
        err_system(err, "a thread for entities");
        live_entities_close(x);
        return false;
    }
    *ret = x;
    return true;
}

struct live_entities *live_entities_close(struct live_entities *x)
{
    if (!x)
        return NULL;
    if (x->running) {
        pthread_mutex_lock(&x->lock);
        x->ending = true;
        x->stop = true;
        pthread_cond_signal(&x->wake);
        pthread_mutex_unlock(&x->lock);
        pthread_join(x->thread, NULL);
    }
    pthread_cond_destroy(&x->wake);
    pthread_mutex_destroy(&x->lock);
    return mem_free(x);
}

void live_entities_tick(struct live_entities *x)
{
    struct live_ledgers_view *v = live_ledgers_take(x->ledgers);

    pthread_mutex_lock(&x->lock);
    if (x->held && x->held != v && live_ledgers_away(v))
        x->stop = true;
    pthread_mutex_unlock(&x->lock);
    live_ledgers_drop(x->ledgers, v);
}

size_t live_entities_all(struct live_entities *x, struct live_entities_one *ret, size_t max)
{
    struct live_ledgers_view *v = live_ledgers_take(x->ledgers);
    struct live_ledgers_one one;
    size_t n = 0;

    pthread_mutex_lock(&x->lock);
    for (size_t i = 0; i < x->places_n && n < max; i++)
        if (x->places[i].there)
            ret[n++] = x->places[i].one;
    pthread_mutex_unlock(&x->lock);
    for (size_t i = 0; i < n; i++)
        if (live_ledgers_find(v, ret[i].chain->name, &one) && one.coins)
            ret[i].blocks_all = ledger_counts(one.coins).blocks;
    live_ledgers_drop(x->ledgers, v);
    return n;
}
