/* Running a request: at once, or by a worker; and waiting for its audit lines. A streamed answer
 * takes the same way again for each chunk.
 *
 * Requests that register something are run by one worker at a time, in a transaction for all that
 * come within GROUP_US, or while the one before was committed: each is a part of it, which is taken
 * back alone where it fails, and none is answered before the commit. */
#include "serve/server_parts.h"

#include "base/mem.h"
#include "serve/clock.h"
#include "serve/kept.h"

#include <errno.h>

#define GROUP_US 5000
#define QUIET_ROUNDS 8 /* of a socket's thread, before a request of it is suspended */

struct queue {
    struct exchange *first, **last;
};

struct work {
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct queue any, stores; /* stores: those of HTTP_STORES */
    bool storing;             /* a worker has what is in stores */
    size_t waiting;
    unsigned threads_n;
    bool ending;
    struct exchange *keyed; /* those with an Idempotency-Key that run now */
    pthread_t threads[];
};

/* ---- outcomes ---- */

static void problem(struct exchange *x, unsigned status, const char *detail)
{
    struct http_response *r = &x->job.response;

    if (r->pull && r->pull_end)
        r->pull_end(r->pull_ctx);
    r->pull = NULL;
    r->pull_end = NULL;
    http_problem(r, status, detail, x->job.request.id);
}

static void failed(struct exchange *x, const struct err *err)
{
    unsigned status = http_status_of(err->class);

    if (status < 500 || err->class == ERR_NOMEM) {
        problem(x, status, err->text);
        return;
    }
    log_event(x->server->options.log, LOG_ERROR, "failed", x->job.request.id, "%s", err->text);
    problem(x, status, "see the node's log by the request's id");
}

/* The bytes of an answer count as those of bodies do, until it is sent. */
static void count_answer(struct exchange *x)
{
    struct http_response *r = &x->job.response;
    struct server *s = x->server;
    struct err err;

    if (!r->pull && !text_end(&r->body, &err)) {
        failed(x, &err);
        return;
    }
    if (atomic_fetch_add(&s->memory, r->body.n) + r->body.n > s->memory_max) {
        atomic_fetch_sub(&s->memory, r->body.n);
        problem(x, 503, "too much is being answered at once");
        return;
    }
    x->memory += r->body.n;
}

/* ---- suspending ---- */

static void suspend(struct exchange *x)
{
    atomic_fetch_add(&x->server->suspended, 1);
    MHD_suspend_connection(x->mhd);
}

/* Under the lock: whoever ends the server sees it counted, or it sees the end. */
bool exchange_suspend(struct exchange *x)
{
    struct work *w = x->server->work;
    bool ok;

    pthread_mutex_lock(&w->lock);
    ok = !w->ending;
    if (ok)
        suspend(x);
    pthread_mutex_unlock(&w->lock);
    return ok;
}

/* Behind this call the exchange is the socket's thread's, and may be gone. */
static void resume(struct exchange *x)
{
    struct server *s = x->server;

    if (x->stage == STAGE_RUNNING)
        x->stage = STAGE_ANSWER;
    MHD_resume_connection(x->mhd);
    atomic_fetch_sub(&s->suspended, 1);
}

/* Behind the change of its state the exchange is another thread's, unless it was left. */
static void entry_done(struct audit_entry *e, bool durable)
{
    struct exchange *x = e->ctx;

    if (!durable)
        atomic_store(&x->entry_failed, true);
    if (atomic_fetch_sub(&x->entries_left, 1) != 1)
        return;
    if (atomic_load(&x->entry_failed)) {
        if (x->stage == STAGE_RUNNING)
            problem(x, 503, "the audit log cannot be written");
        x->chunk_failed = true;
    }
    switch (atomic_exchange(&x->wait, WAIT_DONE)) {
    case WAIT_SUSPENDED:
        resume(x);
        break;
    case WAIT_LEFT:
        exchange_free(x);
        break;
    case WAIT_NONE:
    case WAIT_ROUNDS:
    case WAIT_DONE:
        break;
    }
}

/* It goes on when all entries are durable. */
static void audits_put(struct exchange *x, enum exchange_wait wait)
{
    struct http_response *r = &x->job.response;
    struct audit *audit = x->server->options.audit;
    size_t n = r->audits_n;

    r->audits_n = 0;
    atomic_store(&x->entries_left, (unsigned)n);
    atomic_store(&x->wait, wait);
    for (size_t i = 0; i < n; i++)
        x->entries[i] = (struct audit_entry){.json = r->audits[i], .ctx = x, .done = entry_done};
    for (size_t i = 0; i < n; i++) /* behind the last one, x may be gone */
        audit_put(audit, &x->entries[i]);
}

/* Requests that this thread has begun. */
static _Thread_local uint64_t begun;

/* A connection that is suspended is taken out of epoll, put back, read once more in vain, and its
 * thread is woken: four system calls of seven. While others keep the thread busy, lines are mostly
 * durable when it comes by again, so only where nothing else has come for a few rounds is it
 * suspended. */
bool exchange_waited(struct exchange *x)
{
    enum exchange_wait wait = WAIT_ROUNDS;

    if (atomic_load(&x->wait) != WAIT_ROUNDS)
        return atomic_load(&x->wait) == WAIT_DONE;
    x->wait_quiet = x->wait_begun == begun ? x->wait_quiet + 1 : 0;
    x->wait_begun = begun;
    if (x->wait_quiet < QUIET_ROUNDS || !exchange_suspend(x))
        return false;
    if (!atomic_compare_exchange_strong(&x->wait, &wait, WAIT_SUSPENDED))
        resume(x);
    return false;
}

bool exchange_leave(struct exchange *x)
{
    enum exchange_wait wait = WAIT_ROUNDS;

    return !atomic_compare_exchange_strong(&x->wait, &wait, WAIT_LEFT);
}

/* ---- running ---- */

/* False: another request of that owner and key runs now. */
static bool key_take(struct exchange *x)
{
    struct work *w = x->server->work;
    bool is_free = true;

    pthread_mutex_lock(&w->lock);
    for (const struct exchange *o = w->keyed; o && is_free; o = o->keyed_next)
        is_free = strcmp(o->key, x->key) != 0 || strcmp(o->caller, x->caller) != 0;
    if (is_free) {
        x->keyed_next = w->keyed;
        w->keyed = x;
    }
    pthread_mutex_unlock(&w->lock);
    return is_free;
}

static void key_let_go(struct exchange *x)
{
    struct work *w = x->server->work;
    struct exchange **at = &w->keyed;

    pthread_mutex_lock(&w->lock);
    while (*at != x)
        at = &(*at)->keyed_next;
    *at = x->keyed_next;
    pthread_mutex_unlock(&w->lock);
}

/* What it does outside of the store can be done again, so a crash before the answer is kept does
 * no harm. */
static bool run_kept(struct exchange *x, struct store *store, struct err *err)
{
    struct http_job *job = &x->job;
    uint64_t now = clock_seconds();
    bool found = false, ok;

    if (!kept_find(store, job, x->key, now, &found, err))
        return false;
    if (found)
        return true;
    ok = x->route->run(job, err) && store_begin(store, err) &&
         kept_put(store, job, x->key, now, err) && store_commit(store, err);
    if (!ok)
        store_rollback(store);
    return ok;
}

static bool needs_store(const struct exchange *x)
{
    return x->route->flags & HTTP_STORES || (x->route->flags & HTTP_KEEPS && x->key);
}

static bool key_taken(struct exchange *x)
{
    if (!x->key || key_take(x))
        return true;
    x->key = NULL;
    problem(x, 409, "a request with this Idempotency-Key is being answered");
    http_response_field(&x->job.response, "Retry-After", "1");
    return false;
}

static bool run_with_store(struct exchange *x, struct store *store, struct err *err)
{
    bool ok;

    if (!store)
        return err_fail(err, ERR_SYSTEM, "the store cannot be opened");
    if (!key_taken(x))
        return true;
    ok = run_kept(x, store, err);
    key_let_go(x);
    return ok;
}

/* Where a request may have an Idempotency-Key; nowhere is one passed over in silence. */
static bool key_read(struct exchange *x, struct err *err)
{
    const struct http_request *r = &x->job.request;

    for (size_t i = 0; i < r->headers_n; i++) {
        if (strcasecmp(r->headers[i].name, "Idempotency-Key") != 0)
            continue;
        if (x->key)
            return err_fail(err, ERR_USAGE, "more than one Idempotency-Key");
        x->key = r->headers[i].value;
    }
    if (!x->key || strcmp(r->method, "POST") != 0) {
        x->key = NULL; /* what is only read is the same for every asking */
        return true;
    }
    if (!(x->route->flags & (HTTP_STORES | HTTP_KEEPS)))
        return err_fail(err, ERR_USAGE, "Idempotency-Key: answers of this path are not kept");
    return kept_key_fits(x->key) ||
           err_fail(err, ERR_USAGE, "Idempotency-Key: 1 to %d visible characters", KEPT_KEY_MAX);
}

static void run(struct exchange *x, struct store *store)
{
    struct err err;
    bool ok = needs_store(x) ? run_with_store(x, store, &err) : x->route->run(&x->job, &err);

    if (!ok)
        failed(x, &err);
    if (!x->job.later)
        count_answer(x);
}

static void pull(struct exchange *x)
{
    struct http_response *r = &x->job.response;
    struct err err;
    bool more = false;

    x->chunk.n = x->chunk_at = 0;
    if (!r->pull(r->pull_ctx, &x->chunk, &more, &err) || !text_end(&x->chunk, &err)) {
        log_event(x->server->options.log, LOG_ERROR, "broken off", x->job.request.id, "%s",
                  err.text);
        x->chunk_failed = true;
    }
    x->chunk_last = !more;
}

static void answered(struct exchange *x)
{
    if (x->job.response.audits_n && !x->chunk_failed)
        audits_put(x, WAIT_SUSPENDED);
    else
        resume(x);
}

/* ---- queues ---- */

static void queue_put(struct queue *q, struct exchange *x)
{
    x->next = NULL;
    *q->last = x;
    q->last = &x->next;
}

static struct exchange *queue_take(struct queue *q)
{
    struct exchange *x = q->first;

    if (x) {
        q->first = x->next;
        q->last = q->first ? q->last : &q->first;
    }
    return x;
}

/* ---- registering, many at once ---- */

/* A part of the transaction that is open, its answer kept with what it stores. */
static bool run_stored(struct exchange *x, struct store *store, struct err *err)
{
    struct http_job *job = &x->job;
    const char *key = x->key;
    uint64_t now = clock_seconds();
    bool found = false, ok;

    if (!store_part(store, err))
        return false;
    job->store = store;
    ok = (!key || kept_find(store, job, key, now, &found, err)) &&
         (found || (x->route->run(job, err) && (!key || kept_put(store, job, key, now, err))));
    job->store = NULL;
    return ok && store_part_keep(store, err);
}

/* False: the transaction is no more. */
static bool group_add(struct exchange *x, struct store *store, struct err *ret_err)
{
    struct err err;

    if (!key_taken(x) || run_stored(x, store, &err))
        return true;
    failed(x, &err);
    return store_part_undo(store, ret_err);
}

/* The next that may still come along. */
static struct exchange *group_next(struct work *w)
{
    struct exchange *x;

    pthread_mutex_lock(&w->lock);
    x = w->ending ? NULL : queue_take(&w->stores);
    w->waiting -= x != NULL;
    pthread_mutex_unlock(&w->lock);
    return x;
}

/* why NULL: what it stored is durable. */
static void group_answer(struct exchange *x, const struct err *why)
{
    if (x->key)
        key_let_go(x);
    if (why)
        failed(x, why);
    count_answer(x);
    answered(x);
}

/* While there is no transaction, all that wait fail at once, and not one after the other. */
static void group_run(struct exchange *x, struct store *store)
{
    struct work *w = x->server->work;
    uint64_t us = x->server->options.group_us ? x->server->options.group_us : GROUP_US, until;
    struct queue group = {.last = &group.first};
    struct err err;
    bool ok =
        store ? store_begin(store, &err) : err_fail(&err, ERR_SYSTEM, "the store cannot be opened");

    until = clock_steady_us() + us; /* from when the store is its own */
    do {
        if (!ok)
            x->key = NULL;
        else
            ok = group_add(x, store, &err);
        queue_put(&group, x);
        x = !ok || clock_steady_us() < until ? group_next(w) : NULL;
    } while (x);
    ok = ok && store_commit(store, &err);
    if (!ok && store)
        store_rollback(store);
    while ((x = queue_take(&group)))
        group_answer(x, ok ? NULL : &err);
}

/* ---- workers ---- */

static bool is_running(const struct exchange *x)
{
    return x->stage == STAGE_RUNNING;
}

static bool is_stored(const struct exchange *x)
{
    return x->route->flags & HTTP_STORES;
}

static void work_one(struct exchange *x, struct store *store, bool ending)
{
    if (ending && is_running(x)) {
        problem(x, 503, "the node is stopping");
    } else if (ending) {
        x->chunk_failed = true;
    } else if (!is_running(x)) {
        pull(x);
    } else if (is_stored(x)) {
        group_run(x, store);
        return;
    } else {
        run(x, store);
    }
    answered(x);
}

/* With the lock; stored: it had some of stores before, and others are to have their turn. */
static struct exchange *work_take(struct work *w, bool stored)
{
    struct exchange *x = stored ? queue_take(&w->any) : NULL;

    if (!x && !w->storing) {
        x = queue_take(&w->stores);
        w->storing = x != NULL;
    }
    x = x ? x : queue_take(&w->any);
    w->waiting -= x != NULL;
    return x;
}

/* NULL: it is over. */
static struct exchange *work_wait(struct work *w, bool stored, bool *ret_ending)
{
    struct exchange *x;

    pthread_mutex_lock(&w->lock);
    if (stored) {
        w->storing = false;
        pthread_cond_signal(&w->wake);
    }
    while (!(x = work_take(w, stored)) && !w->ending)
        pthread_cond_wait(&w->wake, &w->lock);
    *ret_ending = w->ending;
    pthread_mutex_unlock(&w->lock);
    return x;
}

static void *worker(void *server)
{
    struct server *s = server;
    struct store *store = NULL;
    struct exchange *x;
    struct err err;
    bool ending, stored = false;

    while ((x = work_wait(s->work, stored, &ending))) {
        stored = is_running(x) && is_stored(x);
        if (!store && needs_store(x) && s->options.store &&
            !s->options.store(s->options.node, &store, &err))
            log_event(s->options.log, LOG_ERROR, "store", x->id, "%s", err.text);
        work_one(x, store, ending);
    }
    store_close(store);
    return NULL;
}

/* False: too many wait already. The connection is suspended before a worker may have it. */
static bool work_put(struct exchange *x)
{
    struct server *s = x->server;
    struct work *w = s->work;
    bool room;

    pthread_mutex_lock(&w->lock);
    room = !w->ending && (!is_running(x) || w->waiting < s->options.limits.waiting);
    if (room) {
        suspend(x);
        queue_put(is_stored(x) ? &w->stores : &w->any, x);
        w->waiting++;
        if (!is_stored(x) || !w->storing)
            pthread_cond_signal(&w->wake);
    }
    pthread_mutex_unlock(&w->lock);
    return room;
}

uint64_t work_waiting(struct server *s)
{
    uint64_t n;

    pthread_mutex_lock(&s->work->lock);
    n = s->work->waiting;
    pthread_mutex_unlock(&s->work->lock);
    return n;
}

bool work_start(struct server *s, struct err *err)
{
    unsigned n = s->options.workers;
    struct work *w = mem_zero(sizeof(*w) + n * sizeof(w->threads[0]));

    if (!w)
        return err_fail(err, ERR_NOMEM, "workers");
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, NULL);
    w->any.last = &w->any.first;
    w->stores.last = &w->stores.first;
    s->work = w;
    for (; w->threads_n < n; w->threads_n++) {
        errno = pthread_create(&w->threads[w->threads_n], NULL, worker, s);
        if (errno)
            return err_system(err, "a worker's thread");
    }
    return true;
}

void work_stop(struct server *s)
{
    struct work *w = s->work;

    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_broadcast(&w->wake);
    pthread_mutex_unlock(&w->lock);
    for (unsigned i = 0; i < w->threads_n; i++)
        pthread_join(w->threads[i], NULL);
}

struct work *work_free(struct work *w)
{
    if (!w)
        return NULL;
    pthread_mutex_destroy(&w->lock);
    pthread_cond_destroy(&w->wake);
    return mem_free(w);
}

/* ---- from the sockets' threads ---- */

/* False: it is a worker's. */
static bool run_here(struct exchange *x)
{
    if (x->route->flags & HTTP_WORKER || needs_store(x))
        return false;
    x->job.at_once = x->route->flags & HTTP_AT_ONCE;
    run(x, NULL);
    if (!x->job.later)
        return true;
    x->job.at_once = x->job.later = false;
    return false;
}

bool exchange_run(struct exchange *x)
{
    struct err err;

    x->stage = STAGE_RUNNING;
    begun++;
    if (!key_read(x, &err)) {
        failed(x, &err);
        return true;
    }
    if (!run_here(x)) {
        if (work_put(x))
            return false;
        problem(x, 503, "too many requests wait already");
        http_response_field(&x->job.response, "Retry-After", "1");
        return true;
    }
    if (!x->job.response.audits_n)
        return true;
    x->wait_begun = begun;
    audits_put(x, WAIT_ROUNDS);
    return false;
}

bool exchange_pull(struct exchange *x)
{
    if (x->route->flags & HTTP_WORKER) {
        if (work_put(x))
            return false;
        x->chunk_failed = true;
        return true;
    }
    pull(x);
    if (x->chunk_failed || !x->job.response.audits_n)
        return true;
    if (!exchange_suspend(x)) {
        x->chunk_failed = true;
        return true;
    }
    audits_put(x, WAIT_SUSPENDED);
    return false;
}
