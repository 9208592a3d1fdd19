#include "serve/notify.h"

#include "base/mem.h"
#include "group/map.h"
#include "serve/clock.h"
#include "serve/courier.h"
#include "serve/metrics.h"
#include "serve/notify_look.h"

#include <errno.h>
#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>

#define TURN_BYTES_MAX ((size_t)256 << 20)
#define ROTA_ARENA_BYTES ((size_t)16 << 20)
#define POLL_MS 200 /* how long the network is waited for */
#define LOOK_PAUSE_MS 20
#define LOOK_LEAST_MS 10000 /* another rota is seen by then */
#define FILL_MS 100
#define COUNT_MS 1000
#define PURGE_MS 3600000
#define CHANNELS_MAX (CONFIG_CHANNELS_MAX + 1)
#define AGAIN_MS 1000 /* after something failed here */

struct channel {
    const struct config_channel *config;
    _Atomic(uint64_t) sent, failed, given_up, waiting, oldest_ms;
};

struct outlets { /* of one configuration */
    const struct config *config;
    struct courier *courier;
    struct channel channels[CHANNELS_MAX];
    size_t n;
};

struct notify {
    struct node *node;
    struct live_group *group;
    struct log *log;
    struct store *store; /* of the thread, once it runs */
    /* now: the thread changes it, under lock; next: of a newer configuration, for the thread */
    struct outlets *now, *next;
    pthread_mutex_t lock;
    struct map told; /* of struct look_thing */
    struct arena *rota_arena;
    struct rota rota;
    bool quiet, had_failed, rota_failed;
    uint64_t looked_ms, next_ms, filled_ms, counted_ms, purged_ms;
    uint64_t rest_us; /* it is not looked before, by clock_steady_us */
    _Atomic(uint64_t) waits[WAIT_RENEWAL + 1];
    pthread_t thread;
    bool running, listening;
    atomic_bool ending, changed;
};

uint64_t notify_core_ms(const struct config *c)
{
    return c->core_seconds * 1000;
}

/* ---- what goes to whom ---- */

static bool has_kind(const struct config_channel *c, const char *kind)
{
    for (size_t i = 0; i < c->kinds.n; i++)
        if (!strcmp(c->kinds.at[i], kind))
            return true;
    return !c->kinds.n;
}

static bool wants(const struct config_channel *c, const struct outbox_message *m)
{
    return has_kind(c, m->kind) && (int)m->severity >= severity_from_name(c->least);
}

bool notify_put(struct store *s, const struct config *c, const struct outbox_message *m,
                const char *line, struct err *err)
{
    uint64_t number;
    bool new;

    if (m->core && !c->core.url)
        return true;
    if (!outbox_put(s, m, &number, &new, err))
        return false;
    if (m->core)
        return !new || outbox_send(s, number, NOTIFY_CORE, line, err);
    for (size_t i = 0; new &&i < c->notify_n; i++)
        if (wants(&c->notify[i], m) && !outbox_send(s, number, c->notify[i].name, line, err))
            return false;
    return true;
}

/* ---- what was told ---- */

static const struct look_thing *told(void *ctx, const struct hash32 *thing)
{
    struct notify *x = ctx;

    return map_get(&x->told, thing);
}

static bool told_keep(void *ctx, const struct outbox_told *t)
{
    struct notify *x = ctx;
    struct look_thing *at = map_get(&x->told, &t->thing);

    if (!at) {
        at = mem_zero(sizeof(*at));
        if (!at)
            return false;
        at->thing = t->thing;
        if (!map_put(&x->told, at)) {
            mem_free(at);
            return false;
        }
    }
    at->sequence = t->sequence;
    snprintf(at->state, sizeof(at->state), "%s", t->state);
    return true;
}

static void told_free(struct notify *x)
{
    for (size_t i = 0; i < x->told.size; i++)
        mem_free(x->told.slots[i].thing);
    map_free(&x->told);
}

/* ---- looking ---- */

struct looking {
    struct notify *x;
    struct look *look;
    struct err err;
    bool ok;
};

static void look_under_lock(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct looking *g = ctx;

    g->ok = true;
    g->look->member = live_group_member(g->x->group, fold);
    if (fold && g->look->member)
        g->ok = look_at_log(g->look, l, fold, &g->err);
}

static bool wanted_put(struct notify *x, const struct look_wanted *w, struct err *err)
{
    for (size_t i = 0; i < w->messages_n; i++)
        if (!notify_put(x->store, x->now->config, &w->messages[i], w->line, err))
            return false;
    return outbox_told_put(x->store, &w->told, err);
}

/* All or nothing; *ret_full: there is no room in the outbox. */
static bool look_write(struct notify *x, const struct look *look, bool *ret_full, struct err *err)
{
    uint64_t waiting = 0;
    bool ok;

    *ret_full = false;
    if (!look->n)
        return true;
    if (!store_begin(x->store, err))
        return false;
    ok = outbox_n(x->store, &waiting, err);
    *ret_full = ok && waiting + 2 * look->n * CHANNELS_MAX > OUTBOX_MAX;
    for (size_t i = 0; ok && !*ret_full && i < look->n; i++)
        ok = wanted_put(x, &look->wanted[i], err);
    ok = ok && !*ret_full && store_commit(x->store, err);
    if (!ok)
        store_rollback(x->store);
    return ok || *ret_full;
}

/* A rota that cannot be read is told once; the one before stays. */
static void rota_renew(struct notify *x)
{
    struct arena *fresh = arena_new(NULL, ROTA_ARENA_BYTES);
    struct rota rota;
    struct err err;

    if (!fresh || !rota_load(fresh, node_home(x->node), &rota, &err)) {
        if (fresh && !x->rota_failed)
            log_event(x->log, LOG_ERROR, "notify", NULL, "%s", err.text);
        x->rota_failed = fresh;
        arena_free(fresh);
        return;
    }
    arena_free(x->rota_arena);
    x->rota_arena = fresh;
    x->rota = rota;
    x->rota_failed = false;
}

static bool look_once(struct notify *x, struct look *look, struct err *err)
{
    struct looking g = {.x = x, .look = look};
    bool full;

    rota_renew(x);
    live_group_read(x->group, look_under_lock, &g);
    if (!g.ok) {
        *err = g.err;
        return false;
    }
    if (!look_write(x, look, &full, err))
        return false;
    for (size_t i = 0; !full && i < look->n; i++)
        if (!told_keep(x, &look->wanted[i].told)) /* in the store it is: not told twice */
            return err_fail(err, ERR_NOMEM, "what was told");
    x->quiet = x->quiet && look->more;
    x->next_ms = full || look->more                         ? look->ms + (full ? AGAIN_MS : 0)
                 : look->next_ms < look->ms + LOOK_LEAST_MS ? look->next_ms
                                                            : look->ms + LOOK_LEAST_MS;
    for (size_t i = 0; !look->more && i <= WAIT_RENEWAL; i++)
        atomic_store(&x->waits[i], look->counts.waits[i]);
    if (look->n && !full)
        node_wake(x->node);
    return true;
}

static void told_failure(struct notify *x, const struct err *err)
{
    if (!x->had_failed)
        log_event(x->log, LOG_ERROR, "notify", NULL, "%s", err->text);
    x->had_failed = true;
}

static void look(struct notify *x, uint64_t now)
{
    struct arena *a = arena_new(NULL, TURN_BYTES_MAX);
    struct look *look = a ? ARENA_NEW(a, struct look) : NULL;
    uint64_t began_us = clock_steady_us();
    struct err err;
    bool ok = look || err_fail(&err, ERR_NOMEM, "messages");

    atomic_store(&x->changed, false);
    if (ok) {
        *look = (struct look){.arena = a,
                              .rota = &x->rota,
                              .ms = now,
                              .core_ms = notify_core_ms(x->now->config),
                              .quiet = x->quiet,
                              .told = told,
                              .told_ctx = x,
                              .next_ms = UINT64_MAX};
        ok = look_once(x, look, &err);
    }
    arena_free(a);
    if (ok) {
        x->had_failed = false;
    } else {
        told_failure(x, &err);
        x->next_ms = now + AGAIN_MS;
    }
    x->looked_ms = now;
    x->rest_us = clock_tenth_us(began_us) + LOOK_PAUSE_MS * 1000;
    x->filled_ms = 0;
}

/* A log that changes all the time is looked at for a tenth of the time. */
static bool is_due(const struct notify *x, uint64_t now)
{
    if (now < x->looked_ms) /* the clock was set back */
        return true;
    return clock_steady_us() >= x->rest_us && (atomic_load(&x->changed) || now >= x->next_ms);
}

/* ---- sending ---- */

static struct courier_letter letter_of(const struct channel *c, const struct outbox_message *m,
                                       uint64_t now)
{
    bool all = m->core || c->config->restricted || !m->open;

    return (struct courier_letter){.id = m->id,
                                   .now_ms = now,
                                   .body = all ? m->body : m->open,
                                   .subject = m->subject,
                                   .text = m->text,
                                   .on_duty = m->to};
}

static uint64_t pause_of(uint64_t tries, uint64_t wanted_ms)
{
    uint64_t ms = tries < 9 ? NOTIFY_PAUSE_MS << tries : NOTIFY_PAUSE_MS_MAX;

    ms = ms < NOTIFY_PAUSE_MS_MAX ? ms : NOTIFY_PAUSE_MS_MAX;
    ms += randombytes_uniform((uint32_t)(ms / 8));
    return ms > wanted_ms ? ms : wanted_ms;
}

/* d: as its row is now. */
static bool again(struct notify *x, size_t channel, const struct outbox_due *d, uint64_t after_ms,
                  const char *why, struct err *err)
{
    struct channel *c = &x->now->channels[channel];
    uint64_t now = clock_ms();
    bool core = d->message.core;

    atomic_fetch_add(&c->failed, 1);
    if (!(d->tries & (d->tries - 1)))
        log_event(x->log, LOG_WARNING, "notify", NULL, "%s: %s (try %llu of %s)", c->config->name,
                  why, (unsigned long long)d->tries + 1, d->message.id);
    if (!core && now >= d->message.ms && now - d->message.ms >= NOTIFY_GIVE_UP_MS) {
        atomic_fetch_add(&c->given_up, 1);
        log_event(x->log, LOG_ERROR, "notify", NULL, "%s: %s is given up: %s", c->config->name,
                  d->message.id, why);
        return outbox_done(x->store, d->send, err);
    }
    return outbox_again(x->store, d->send, now + pause_of(d->tries, after_ms), why, err);
}

static bool fill(struct notify *x, size_t channel, struct err *err)
{
    struct arena *a = arena_new(NULL, TURN_BYTES_MAX);
    struct outbox_due due[2 * COURIER_EACH_MAX];
    size_t n = 0;
    uint64_t now = clock_ms();
    bool ok = (a || err_fail(err, ERR_NOMEM, "messages")) &&
              outbox_due(x->store, a, x->now->channels[channel].config->name, now, due,
                         sizeof(due) / sizeof(due[0]), &n, err);

    for (size_t i = 0; ok && i < n && courier_room(x->now->courier, channel); i++) {
        struct courier_letter l = letter_of(&x->now->channels[channel], &due[i].message, now);
        struct err why;

        if (!courier_under_way(x->now->courier, due[i].send) &&
            !courier_send(x->now->courier, channel, &l, due[i].send, &why))
            ok = again(x, channel, &due[i], 0, why.text, err);
    }
    arena_free(a);
    return ok;
}

static bool ended(struct notify *x, const struct courier_result *r, struct err *err)
{
    struct arena *a = arena_new(NULL, TURN_BYTES_MAX);
    struct outbox_due d;
    bool there = false, ok;

    if (!a)
        return err_fail(err, ERR_NOMEM, "messages");
    if (r->arrived) {
        atomic_fetch_add(&x->now->channels[r->channel].sent, 1);
        ok = outbox_done(x->store, r->tag, err);
    } else {
        ok = outbox_find(x->store, a, r->tag, &d, &there, err) &&
             (!there || again(x, r->channel, &d, r->after_ms, r->why, err));
    }
    arena_free(a);
    return ok;
}

static bool ended_all(struct notify *x, const struct courier_result *r, size_t n, struct err *err)
{
    bool ok = store_begin(x->store, err);

    for (size_t i = 0; ok && i < n; i++)
        ok = ended(x, &r[i], err);
    ok = ok && store_commit(x->store, err);
    if (!ok)
        store_rollback(x->store);
    return ok;
}

static bool send_turn(struct notify *x, uint64_t now, struct err *err)
{
    struct courier_result r[COURIER_FLIGHTS_MAX];
    size_t n = 0;

    if (now - x->filled_ms >= FILL_MS || now < x->filled_ms) {
        for (size_t i = 0; i < x->now->n; i++)
            if (!fill(x, i, err))
                return false;
        x->filled_ms = now;
    }
    if (!courier_step(x->now->courier, POLL_MS, r, COURIER_FLIGHTS_MAX, &n, err))
        return false;
    if (!n)
        return true;
    x->filled_ms = 0;
    return ended_all(x, r, n, err);
}

/* ---- other channels ---- */

static struct outlets *outlets_close(struct outlets *o)
{
    if (!o)
        return NULL;
    courier_close(o->courier);
    return mem_free(o);
}

static bool outlets_open(const struct config *c, struct outlets **ret, struct err *err)
{
    const struct config_channel *all[CHANNELS_MAX] = {NULL};
    struct outlets *o = mem_zero(sizeof(*o));

    if (!o)
        return err_fail(err, ERR_NOMEM, "messages");
    o->config = c;
    if (c->core.url)
        all[o->n++] = &c->core;
    for (size_t i = 0; i < c->notify_n; i++)
        all[o->n++] = &c->notify[i];
    for (size_t i = 0; i < o->n; i++)
        o->channels[i].config = all[i];
    if (!courier_open(all, o->n, &o->courier, err)) {
        outlets_close(o);
        return false;
    }
    *ret = o;
    return true;
}

/* A channel that has its name still goes on counting. */
static void outlets_count(struct outlets *to, struct outlets *from)
{
    for (size_t i = 0; i < to->n; i++)
        for (size_t k = 0; k < from->n; k++)
            if (!strcmp(to->channels[i].config->name, from->channels[k].config->name)) {
                atomic_store(&to->channels[i].sent, atomic_load(&from->channels[k].sent));
                atomic_store(&to->channels[i].failed, atomic_load(&from->channels[k].failed));
                atomic_store(&to->channels[i].given_up, atomic_load(&from->channels[k].given_up));
            }
}

bool notify_reload(struct notify *x, const struct config *c, struct err *err)
{
    struct outlets *fresh, *unused;

    if (!outlets_open(c, &fresh, err))
        return false;
    pthread_mutex_lock(&x->lock);
    unused = x->next;
    x->next = fresh;
    pthread_mutex_unlock(&x->lock);
    outlets_close(unused);
    notify_wake(x);
    return true;
}

/* What was under way is sent again: a message may come twice, with the same id. */
static void outlets_renew(struct notify *x)
{
    struct outlets *before = NULL;

    pthread_mutex_lock(&x->lock);
    if (x->next) {
        before = x->now;
        outlets_count(x->next, before);
        x->now = x->next;
        x->next = NULL;
    }
    pthread_mutex_unlock(&x->lock);
    if (before)
        x->filled_ms = 0;
    outlets_close(before);
}

/* ---- the thread ---- */

static bool count(struct notify *x, struct err *err)
{
    struct arena *a = arena_new(NULL, TURN_BYTES_MAX);
    bool ok = a || err_fail(err, ERR_NOMEM, "messages");

    for (size_t i = 0; ok && i < x->now->n; i++) {
        struct outbox_waiting w;

        ok = outbox_waiting(x->store, a, x->now->channels[i].config->name, &w, err);
        if (ok) {
            atomic_store(&x->now->channels[i].waiting, w.n);
            atomic_store(&x->now->channels[i].oldest_ms, w.oldest_ms);
        }
    }
    arena_free(a);
    return ok;
}

static bool purge(struct notify *x, struct err *err)
{
    bool ok =
        store_begin(x->store, err) && outbox_purge(x->store, err) && store_commit(x->store, err);

    if (!ok)
        store_rollback(x->store);
    return ok;
}

static bool turn(struct notify *x, struct err *err)
{
    uint64_t now;

    outlets_renew(x);
    now = clock_ms();
    if (is_due(x, now))
        look(x, now);
    if (!send_turn(x, now, err))
        return false;
    if (now - x->counted_ms >= COUNT_MS || now < x->counted_ms) {
        x->counted_ms = now;
        if (!count(x, err))
            return false;
    }
    if (now - x->purged_ms < PURGE_MS)
        return true;
    x->purged_ms = now;
    return purge(x, err);
}

static void *work(void *ctx)
{
    struct notify *x = ctx;
    struct timespec pause = {AGAIN_MS / 1000, 0};
    struct err err;

    while (!atomic_load(&x->ending))
        if (!turn(x, &err)) {
            told_failure(x, &err);
            nanosleep(&pause, NULL);
        }
    return NULL;
}

static void changed(void *ctx, uint64_t version)
{
    (void)version;
    notify_wake(ctx);
}

void notify_wake(struct notify *x)
{
    atomic_store(&x->changed, true);
    pthread_mutex_lock(&x->lock);
    courier_wake(x->now->courier);
    pthread_mutex_unlock(&x->lock);
}

/* ---- opening ---- */

static bool open_all(struct notify *x, struct err *err)
{
    x->rota_arena = arena_new(NULL, ROTA_ARENA_BYTES);
    if (!x->rota_arena)
        return err_fail(err, ERR_NOMEM, "a rota");
    if (!rota_load(x->rota_arena, node_home(x->node), &x->rota, err) ||
        !node_store_open(x->node, &x->store, err) ||
        !outbox_told_each(x->store, told_keep, x, err) ||
        !outlets_open(node_told(x->node), &x->now, err) ||
        !live_group_listen(x->group, changed, x, err))
        return false;
    x->listening = true;
    x->quiet = !x->told.n;
    errno = pthread_create(&x->thread, NULL, work, x);
    x->running = !errno;
    return x->running || err_system(err, "a thread for messages");
}

bool notify_open(struct node *n, struct live_group *g, struct notify **ret, struct err *err)
{
    struct notify *x = mem_zero(sizeof(*x));

    if (!x)
        return err_fail(err, ERR_NOMEM, "messages");
    x->node = n;
    x->group = g;
    x->log = node_log(n);
    pthread_mutex_init(&x->lock, NULL);
    atomic_store(&x->changed, true);
    if (!open_all(x, err)) {
        notify_close(x);
        return false;
    }
    *ret = x;
    return true;
}

struct notify *notify_close(struct notify *x)
{
    if (!x)
        return NULL;
    if (x->listening)
        live_group_deafen(x->group, changed, x);
    if (x->running) {
        atomic_store(&x->ending, true);
        notify_wake(x);
        pthread_join(x->thread, NULL);
    }
    outlets_close(x->next);
    outlets_close(x->now);
    pthread_mutex_destroy(&x->lock);
    store_close(x->store);
    arena_free(x->rota_arena);
    told_free(x);
    return mem_free(x);
}

/* ---- metrics ---- */

static void of_each(struct notify *x, struct text *to, const char *name, size_t offset)
{
    for (size_t i = 0; i < x->now->n; i++)
        metric_u64(to, name, "channel", x->now->channels[i].config->name,
                   atomic_load((_Atomic(uint64_t) *)((char *)&x->now->channels[i] + offset)));
}

void notify_metrics(struct notify *x, struct text *to)
{
    uint64_t now = clock_ms();

    pthread_mutex_lock(&x->lock);
    metric_head(to, "cordon_notify_sent_total", "counter", "Messages that have arrived.");
    of_each(x, to, "cordon_notify_sent_total", offsetof(struct channel, sent));
    metric_head(to, "cordon_notify_failed_total", "counter", "Tries that failed.");
    of_each(x, to, "cordon_notify_failed_total", offsetof(struct channel, failed));
    metric_head(to, "cordon_notify_given_up_total", "counter",
                "Messages to people that did not arrive within a day.");
    of_each(x, to, "cordon_notify_given_up_total", offsetof(struct channel, given_up));
    metric_head(to, "cordon_notify_waiting", "gauge", "Messages that have not arrived yet.");
    of_each(x, to, "cordon_notify_waiting", offsetof(struct channel, waiting));
    metric_head(to, "cordon_notify_oldest_seconds", "gauge", "The age of the oldest of them.");
    for (size_t i = 0; i < x->now->n; i++) {
        uint64_t ms = atomic_load(&x->now->channels[i].oldest_ms);

        metric_u64(to, "cordon_notify_oldest_seconds", "channel", x->now->channels[i].config->name,
                   ms && ms < now ? (now - ms) / 1000 : 0);
    }
    pthread_mutex_unlock(&x->lock);
    metric_head(to, "cordon_waiting_alerts", "gauge",
                "Alerts of this member's that wait, and for whom, when somebody was called.");
    for (int w = WAIT_PERSON; w <= WAIT_RENEWAL; w++)
        metric_u64(to, "cordon_waiting_alerts", "for", wait_name((enum wait_for)w),
                   atomic_load(&x->waits[w]));
}
