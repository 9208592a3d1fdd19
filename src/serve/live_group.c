#include "serve/live_group.h"

#include "base/mem.h"
#include "group/retention.h"
#include "serve/clock.h"

#include <pthread.h>
#include <sodium.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

struct ear {
    void (*f)(void *ctx, uint64_t version);
    void *ctx;
};

#define EXPIRE_MS ((uint64_t)60000)

struct live_group {
    pthread_rwlock_t lock; /* of what group points to */
    struct group_log *group;
    pthread_mutex_t ears_lock;
    struct ear ears[LIVE_GROUP_LISTENERS_MAX];
    size_t ears_n;
    struct log *log;
    char home[PATH_MAX], file[PATH_MAX], keys[PATH_MAX];
    _Atomic(uint64_t) version, changes, rows;
    atomic_bool failed;
    uint64_t expire_ms; /* when it is next looked for what is to be erased */
    bool scrubs;        /* something was erased, and is in the file's own log still */
};

static void fill(void *ctx, void *p, size_t n)
{
    (void)ctx;
    randombytes_buf(p, n);
}

const struct group_random live_random = {fill, NULL};

/* ---- under the lock ---- */

static void let_go(struct live_group *g)
{
    g->group = group_log_close(g->group);
}

/* A log that is being made by another process is not there yet. */
static bool take_hold(struct live_group *g, struct err *err)
{
    bool ok;

    if (access(g->file, F_OK)) {
        atomic_store(&g->failed, false);
        return true;
    }
    ok = group_log_keep(g->home, &live_random, &g->group, err);
    if (!ok)
        g->group = NULL;
    atomic_store(&g->failed, !ok && err->class != ERR_NOT_FOUND);
    return ok || err->class == ERR_NOT_FOUND;
}

static void start_again(struct live_group *g)
{
    struct err err;

    let_go(g);
    if (!take_hold(g, &err))
        log_event(g->log, LOG_ERROR, "group", NULL, "%s", err.text);
}

/* Is there more than what was told of? */
static bool has_grown(struct live_group *g)
{
    const struct fold *f = g->group ? group_log_fold(g->group) : NULL;
    uint64_t rows = g->group ? group_log_rows(g->group) : 0,
             changes = g->group ? rows + group_log_notes_last(g->group) : 0,
             version = rows + (f ? fold_decided_n(f) : 0);

    if (changes <= atomic_load(&g->changes))
        return false;
    atomic_store(&g->rows, rows);
    atomic_store(&g->changes, changes);
    if (version > atomic_load(&g->version))
        atomic_store(&g->version, version);
    return true;
}

/* ---- opening ---- */

static bool names_fit(struct live_group *g, const char *home)
{
    int n = snprintf(g->home, sizeof(g->home), "%s", home),
        m = snprintf(g->file, sizeof(g->file), "%s/" LOG_FILE, home),
        k = snprintf(g->keys, sizeof(g->keys), "%s/" KEYS_FOLDER, home);

    return n < PATH_MAX && m < PATH_MAX && k < PATH_MAX;
}

static void lock_init(pthread_rwlock_t *lock)
{
    pthread_rwlockattr_t a;

    pthread_rwlockattr_init(&a);
    pthread_rwlockattr_setkind_np(&a, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    pthread_rwlock_init(lock, &a);
    pthread_rwlockattr_destroy(&a);
}

bool live_group_open(const char *home, struct log *log, struct live_group **ret, struct err *err)
{
    struct live_group *g = mem_zero(sizeof(*g));
    bool ok;

    if (!g)
        return err_fail(err, ERR_NOMEM, "a group");
    lock_init(&g->lock);
    pthread_mutex_init(&g->ears_lock, NULL);
    g->log = log;
    ok = names_fit(g, home) || err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", home);
    ok = ok && (sodium_init() >= 0 || err_fail(err, ERR_SYSTEM, "libsodium cannot start")) &&
         take_hold(g, err);
    if (!ok) {
        live_group_close(g);
        return false;
    }
    has_grown(g);
    *ret = g;
    return true;
}

struct live_group *live_group_close(struct live_group *g)
{
    if (!g)
        return NULL;
    let_go(g);
    pthread_rwlock_destroy(&g->lock);
    pthread_mutex_destroy(&g->ears_lock);
    return mem_free(g);
}

/* ---- listeners ---- */

bool live_group_listen(struct live_group *g, void (*f)(void *ctx, uint64_t version), void *ctx,
                       struct err *err)
{
    bool ok;

    pthread_mutex_lock(&g->ears_lock);
    ok = g->ears_n < LIVE_GROUP_LISTENERS_MAX;
    if (ok)
        g->ears[g->ears_n++] = (struct ear){f, ctx};
    pthread_mutex_unlock(&g->ears_lock);
    return ok || err_fail(err, ERR_LIMIT, "more than %d listeners", LIVE_GROUP_LISTENERS_MAX);
}

void live_group_deafen(struct live_group *g, void (*f)(void *ctx, uint64_t version), void *ctx)
{
    size_t left = 0;

    pthread_mutex_lock(&g->ears_lock);
    for (size_t i = 0; i < g->ears_n; i++)
        if (g->ears[i].f != f || g->ears[i].ctx != ctx)
            g->ears[left++] = g->ears[i];
    g->ears_n = left;
    pthread_mutex_unlock(&g->ears_lock);
}

/* The lock of the listeners stays, so that nobody is called after live_group_deafen. */
static void tell(struct live_group *g)
{
    pthread_mutex_lock(&g->ears_lock);
    for (size_t i = 0; i < g->ears_n; i++)
        g->ears[i].f(g->ears[i].ctx, atomic_load(&g->version));
    pthread_mutex_unlock(&g->ears_lock);
}

/* ---- reading ---- */

void live_group_read(struct live_group *g,
                     void (*f)(void *ctx, struct group_log *l, const struct fold *fold), void *ctx)
{
    pthread_rwlock_rdlock(&g->lock);
    f(ctx, g->group, g->group ? group_log_fold(g->group) : NULL);
    pthread_rwlock_unlock(&g->lock);
}

bool live_group_member_known(const struct live_group *g, const struct fold *fold, const char **ret)
{
    const struct charter *c = fold ? fold_charter(fold) : NULL;
    const struct charter_key *key;
    struct signer node;
    struct err err;

    *ret = NULL;
    if (!c)
        return true;
    if (!key_open(g->keys, NULL, (struct bytes){NULL, 0}, &node, &err))
        return err.class != ERR_NOMEM && err.class != ERR_SYSTEM;
    key = charter_key(c, &node.key);
    signer_end(&node);
    *ret = key ? c->members[key->member].id : NULL;
    return true;
}

const char *live_group_member(const struct live_group *g, const struct fold *fold)
{
    const char *member;

    return live_group_member_known(g, fold, &member) ? member : NULL;
}

uint64_t live_group_version(struct live_group *g)
{
    return atomic_load(&g->version);
}

uint64_t live_group_changes(struct live_group *g)
{
    return atomic_load(&g->changes);
}

uint64_t live_group_rows(struct live_group *g)
{
    return atomic_load(&g->rows);
}

bool live_group_failed(struct live_group *g)
{
    return atomic_load(&g->failed);
}

bool live_group_renew(struct live_group *g, struct err *err)
{
    bool ok, grown;

    pthread_rwlock_wrlock(&g->lock);
    ok = g->group ? group_log_refresh(g->group, err) : take_hold(g, err);
    if (!ok && g->group)
        start_again(g);
    grown = has_grown(g);
    pthread_rwlock_unlock(&g->lock);
    if (grown)
        tell(g);
    return ok;
}

/* ---- writing ---- */

bool live_group_write(struct live_group *g,
                      bool (*f)(void *ctx, struct group_log *l, struct err *err), void *ctx,
                      struct err *err)
{
    bool ok, grown;

    pthread_rwlock_wrlock(&g->lock);
    if (g->group) {
        ok = group_log_begin(g->group, err);
        ok = ok && (group_log_fold(g->group) ||
                    err_fail(err, ERR_NOT_FOUND, "this home is of no group yet"));
        ok = ok && f(ctx, g->group, err) && group_log_commit(g->group, err);
        if (!ok && !group_log_cancel(g->group, err))
            start_again(g);
    } else {
        ok = err_fail(err, ERR_NOT_FOUND, "this home is of no group yet");
    }
    grown = has_grown(g);
    pthread_rwlock_unlock(&g->lock);
    if (grown)
        tell(g);
    return ok;
}

struct expiring {
    const struct live_group *g;
    uint64_t ms, erased;
    bool due;
};

static void due_look(void *ctx, struct group_log *l, const struct fold *f)
{
    struct expiring *x = ctx;
    struct arena *a =
        f && fold_charter(f) && fold_charter(f)->terms_n ? arena_new(NULL, SIZE_MAX) : NULL;
    struct retention *rows;
    struct err none;
    size_t n;

    if (a && retention_of(l, a, live_group_member(x->g, f), x->ms, &rows, &n, &none))
        for (size_t i = 0; i < n; i++)
            x->due = x->due || rows[i].state == RETENTION_DUE;
    arena_free(a);
}

static bool expire(void *ctx, struct group_log *l, struct err *err)
{
    struct expiring *x = ctx;

    return retention_expire(l, live_group_member(x->g, group_log_fold(l)), x->ms, &x->erased, err);
}

/* Whoever reads it now is waited for till the next time. */
static bool scrub(struct live_group *g, struct err *err)
{
    bool ok = true, done = false;

    pthread_rwlock_wrlock(&g->lock);
    if (g->group)
        ok = group_log_scrub(g->group, &done, err);
    g->scrubs = !done;
    pthread_rwlock_unlock(&g->lock);
    return ok;
}

bool live_group_expire(struct live_group *g, uint64_t *ret_n, struct err *err)
{
    struct expiring x = {.g = g, .ms = clock_ms()};

    *ret_n = 0;
    if (x.ms >= g->expire_ms || g->expire_ms > x.ms + EXPIRE_MS) {
        g->expire_ms = x.ms + EXPIRE_MS;
        live_group_read(g, due_look, &x);
        if (x.due && !live_group_write(g, expire, &x, err))
            return false;
        *ret_n = x.erased;
        g->scrubs = g->scrubs || x.due;
    }
    return !g->scrubs || scrub(g, err);
}

struct saying {
    struct group_log_act act;
    struct hash32 *id;
};

static bool author_find(const struct fold *f, struct group_log_act *act, struct err *err)
{
    const struct charter *c = act->charter ? fold_document(f, act->charter) : fold_charter(f);
    const struct charter_key *key = c ? charter_key(c, &act->by->key) : NULL;

    if (!key)
        return err_fail(err, ERR_INPUT, "the key is no member's in the charter");
    act->author = c->members[key->member].id;
    return true;
}

static bool say(void *ctx, struct group_log *l, struct err *err)
{
    struct saying *s = ctx;

    return (s->act.author || author_find(group_log_fold(l), &s->act, err)) &&
           group_log_say(l, &s->act, s->id, err);
}

bool live_group_say(struct live_group *g, const struct group_log_act *act, struct hash32 *ret_id,
                    struct err *err)
{
    struct saying s = {*act, ret_id};
    struct signer node;
    bool ok;

    if (!s.act.now_ms)
        s.act.now_ms = clock_ms();
    if (s.act.by)
        return live_group_write(g, say, &s, err);
    if (!key_open(g->keys, NULL, (struct bytes){NULL, 0}, &node, err))
        return false;
    s.act.by = &node;
    ok = live_group_write(g, say, &s, err);
    signer_end(&node);
    return ok;
}
