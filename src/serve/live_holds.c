#include "serve/live_holds.h"

#include "base/mem.h"
#include "group/alert_show.h"
#include "serve/clock.h"
#include "serve/deposit_place.h"

#include <pthread.h>
#include <stdatomic.h>

#define GATE_BYTES_MAX ((size_t)1 << 30)
#define RENEWED_MS 50 /* a log that changes oftener is looked at by who asks, and by the tick */
#define NEVER UINT64_MAX

struct live_holds {
    struct live_group *group;
    struct live_ledgers *ledgers;
    struct log *log;
    pthread_mutex_t making, lock; /* making: one at a time; lock: of gate and arena */
    struct arena *arena;
    const struct alert_gate *gate; /* NULL: nothing is held */
    _Atomic(uint64_t) made_of;     /* the log's version; NEVER */
    _Atomic(uint64_t) made_ms;
    atomic_bool failed; /* the last time, which was told */
};

/* ---- making it anew ---- */

struct making {
    struct live_holds *h;
    struct arena *arena;
    const struct alert_gate *gate;
    uint64_t of; /* the log's version */
    struct err err;
    bool ok;
};

static void make(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct making *m = ctx;
    const char *holder = live_group_member(m->h->group, fold);

    m->of = live_group_version(m->h->group);
    m->ok = !holder || alert_gate_make(l, m->arena, holder, clock_ms(), &m->gate, &m->err);
}

static bool is_stale(struct live_holds *h)
{
    return atomic_load(&h->made_of) != live_group_version(h->group);
}

static bool renew_now(struct live_holds *h, struct err *err)
{
    struct making m = {.h = h, .arena = arena_new(NULL, GATE_BYTES_MAX)};
    struct arena *old = m.arena;

    if (!m.arena)
        return err_fail(err, ERR_NOMEM, "holds");
    live_group_read(h->group, make, &m);
    atomic_store(&h->made_ms, clock_ms());
    if (m.ok) {
        pthread_mutex_lock(&h->lock);
        old = h->arena;
        h->arena = m.arena;
        h->gate = m.gate;
        pthread_mutex_unlock(&h->lock);
        atomic_store(&h->made_of, m.of);
        atomic_store(&h->failed, false);
    } else {
        if (!atomic_exchange(&h->failed, true))
            log_event(h->log, LOG_ERROR, "group", NULL, "holds: %s", m.err.text);
        *err = m.err;
    }
    arena_free(old);
    return m.ok;
}

/* always: though the log is as it was */
static bool renew(struct live_holds *h, bool always, struct err *err)
{
    bool ok;

    pthread_mutex_lock(&h->making);
    ok = (!always && !is_stale(h)) || renew_now(h, err);
    pthread_mutex_unlock(&h->making);
    return ok;
}

static void changed(void *ctx, uint64_t version)
{
    struct live_holds *h = ctx;
    struct err told;

    (void)version;
    if (clock_ms() - atomic_load(&h->made_ms) >= RENEWED_MS)
        renew(h, false, &told);
}

void live_holds_tick(struct live_holds *h)
{
    struct err told;
    uint64_t until;

    pthread_mutex_lock(&h->lock);
    until = h->gate ? alert_gate_until(h->gate) : UINT64_MAX;
    pthread_mutex_unlock(&h->lock);
    if (clock_ms() >= until)
        renew(h, true, &told);
    else if (is_stale(h))
        renew(h, false, &told);
}

/* ---- opening ---- */

bool live_holds_open(struct live_group *g, struct live_ledgers *ledgers, struct log *log,
                     struct live_holds **ret, struct err *err)
{
    struct live_holds *h = mem_zero(sizeof(*h));
    struct err told;

    if (!h)
        return err_fail(err, ERR_NOMEM, "holds");
    pthread_mutex_init(&h->making, NULL);
    pthread_mutex_init(&h->lock, NULL);
    h->group = g;
    h->ledgers = ledgers;
    h->log = log;
    atomic_store(&h->made_of, NEVER);
    if (!live_group_listen(g, changed, h, err)) {
        live_holds_close(h);
        return false;
    }
    renew(h, true, &told);
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

static bool is_off_chain(const struct live_ledgers_view *v, const struct alert_held *held)
{
    struct alert_body of = {.chain = held->chain, .output = held->output, .found = held->found};
    struct alert_place at = deposit_place(v, &of);

    return at.at == ALERT_PLACE_UNDONE;
}

static struct screen_reason reason_of(struct arena *a, const struct live_ledgers_view *v,
                                      const struct alert_held *held, bool *ok)
{
    char time[ALERT_TIME_MAX];

    return (struct screen_reason){.evidence = SCREEN_HELD,
                                  .category = held->reason ? held->reason : "theft",
                                  .source = kept(a, held->told_by, ok),
                                  .entry = kept(a, held->alert, ok),
                                  .case_id = kept(a, held->case_object, ok),
                                  .label = held->by,
                                  .off_chain = is_off_chain(v, held),
                                  .until = kept(a, alert_time(held->expires, time), ok),
                                  .asset = kept(a, held->asset, ok),
                                  .amount = held->amount};
}

bool live_holds_ask(struct live_holds *h, struct arena *a, const struct alert_asked *q,
                    const struct screen_reason **ret, size_t *ret_n, struct err *err)
{
    struct alert_held held[LIVE_HOLDS_TOLD_MAX];
    struct screen_reason *reasons = NULL;
    struct live_ledgers_view *v;
    bool ok = true;
    size_t n = 0;

    /* A hold counts from the moment it is in the log; what cannot be known is no "nothing". */
    if (is_stale(h) && !renew(h, false, err))
        return false;
    v = live_ledgers_take(h->ledgers);
    pthread_mutex_lock(&h->lock);
    if (h->gate)
        n = alert_gate_ask(h->gate, q, clock_ms(), held, LIVE_HOLDS_TOLD_MAX);
    if (n) { /* seldom */
        reasons = ARENA_ARRAY(a, struct screen_reason, n);
        ok = reasons != NULL;
    }
    for (size_t i = 0; ok && i < n; i++)
        reasons[i] = reason_of(a, v, &held[i], &ok);
    pthread_mutex_unlock(&h->lock);
    live_ledgers_drop(h->ledgers, v);
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
