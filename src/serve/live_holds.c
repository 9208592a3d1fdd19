#include "serve/live_holds.h"

#include "base/mem.h"
#include "group/alert_show.h"
#include "serve/clock.h"

#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#define GATE_BYTES_MAX ((size_t)1 << 30)
#define RENEWED_MS 50 /* a log that changes oftener is looked at by the tick */

struct live_holds {
    struct live_group *group;
    struct log *log;
    char keys[PATH_MAX];
    pthread_mutex_t making, lock; /* making: one at a time; lock: of gate and arena */
    struct arena *arena;
    const struct alert_gate *gate; /* NULL: nothing is held */
    atomic_bool stale;
    _Atomic(uint64_t) made_ms;
};

/* ---- making it anew ---- */

struct making {
    struct live_holds *h;
    struct arena *arena;
    const struct alert_gate *gate;
    struct err err;
    bool ok;
};

/* Whose node this is; NULL: no member's. */
static const char *holder_of(const struct live_holds *h, const struct fold *fold)
{
    const struct charter *c = fold ? fold_charter(fold) : NULL;
    const struct charter_key *key = NULL;
    struct signer node;
    struct err none;

    if (c && key_open(h->keys, NULL, (struct bytes){NULL, 0}, &node, &none)) {
        key = charter_key(c, &node.key);
        signer_end(&node);
    }
    return key ? c->members[key->member].id : NULL;
}

static void make(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct making *m = ctx;
    const char *holder = holder_of(m->h, fold);

    m->ok = !holder || alert_gate_make(l, m->arena, holder, clock_ms(), &m->gate, &m->err);
}

static void renew(struct live_holds *h)
{
    struct making m = {.h = h, .arena = arena_new(NULL, GATE_BYTES_MAX)};
    struct arena *old = m.arena;

    if (!m.arena)
        return; /* stays stale: the tick tries again */
    pthread_mutex_lock(&h->making);
    atomic_store(&h->stale, false);
    live_group_read(h->group, make, &m);
    if (m.ok) {
        pthread_mutex_lock(&h->lock);
        old = h->arena;
        h->arena = m.arena;
        h->gate = m.gate;
        pthread_mutex_unlock(&h->lock);
    } else if (!atomic_exchange(&h->stale, true)) {
        log_event(h->log, LOG_ERROR, "group", NULL, "holds: %s", m.err.text);
    }
    atomic_store(&h->made_ms, clock_ms());
    pthread_mutex_unlock(&h->making);
    arena_free(old);
}

static void changed(void *ctx, uint64_t version)
{
    struct live_holds *h = ctx;

    (void)version;
    atomic_store(&h->stale, true);
    if (clock_ms() - atomic_load(&h->made_ms) >= RENEWED_MS)
        renew(h);
}

void live_holds_tick(struct live_holds *h)
{
    uint64_t until;

    pthread_mutex_lock(&h->lock);
    until = h->gate ? alert_gate_until(h->gate) : UINT64_MAX;
    pthread_mutex_unlock(&h->lock);
    if (atomic_load(&h->stale) || clock_ms() >= until)
        renew(h);
}

/* ---- opening ---- */

bool live_holds_open(const char *home, struct live_group *g, struct log *log,
                     struct live_holds **ret, struct err *err)
{
    struct live_holds *h = mem_zero(sizeof(*h));

    if (!h)
        return err_fail(err, ERR_NOMEM, "holds");
    pthread_mutex_init(&h->making, NULL);
    pthread_mutex_init(&h->lock, NULL);
    h->group = g;
    h->log = log;
    if (snprintf(h->keys, sizeof(h->keys), "%s/" KEYS_FOLDER, home) >= (int)sizeof(h->keys)) {
        live_holds_close(h);
        return err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", home);
    }
    atomic_store(&h->stale, true);
    if (!live_group_listen(g, changed, h, err)) {
        live_holds_close(h);
        return false;
    }
    renew(h);
    *ret = h;
    return true;
}

struct live_holds *live_holds_close(struct live_holds *h)
{
    if (!h)
        return NULL;
    live_group_deafen(h->group, changed, h);
    arena_free(h->arena);
    pthread_mutex_destroy(&h->making);
    pthread_mutex_destroy(&h->lock);
    return mem_free(h);
}

/* ---- asking ---- */

/* A copy; *ok turns false where there is no memory. */
static const char *kept(struct arena *a, const char *s, bool *ok)
{
    const char *copy = s ? arena_string(a, s, strlen(s)) : NULL;

    *ok = *ok && (copy || !s);
    return copy;
}

static struct screen_reason reason_of(struct arena *a, const struct alert_held *held, bool *ok)
{
    char time[ALERT_TIME_MAX];

    return (struct screen_reason){.evidence = SCREEN_HELD,
                                  .category = held->reason ? held->reason : "theft",
                                  .source = kept(a, held->told_by, ok),
                                  .entry = kept(a, held->alert, ok),
                                  .case_id = kept(a, held->case_object, ok),
                                  .label = held->by,
                                  .until = kept(a, alert_time(held->expires, time), ok),
                                  .asset = kept(a, held->asset, ok),
                                  .amount = held->amount};
}

bool live_holds_ask(struct live_holds *h, struct arena *a, const struct alert_asked *q,
                    const struct screen_reason **ret, size_t *ret_n, struct err *err)
{
    struct alert_held *held = ARENA_ARRAY(a, struct alert_held, LIVE_HOLDS_TOLD_MAX);
    struct screen_reason *reasons = ARENA_ARRAY(a, struct screen_reason, LIVE_HOLDS_TOLD_MAX);
    bool ok = held && reasons;
    size_t n = 0;

    pthread_mutex_lock(&h->lock);
    if (ok && h->gate)
        n = alert_gate_ask(h->gate, q, clock_ms(), held, LIVE_HOLDS_TOLD_MAX);
    for (size_t i = 0; i < n; i++)
        reasons[i] = reason_of(a, &held[i], &ok);
    pthread_mutex_unlock(&h->lock);
    *ret = reasons;
    *ret_n = n;
    return ok || err_fail(err, ERR_NOMEM, "holds");
}

size_t live_holds_n(struct live_holds *h)
{
    size_t n;

    pthread_mutex_lock(&h->lock);
    n = h->gate ? alert_gate_n(h->gate) : 0;
    pthread_mutex_unlock(&h->lock);
    return n;
}
