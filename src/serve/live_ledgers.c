#include "serve/live_ledgers.h"

#include "base/mem.h"

#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>

/* One opening of one ledger; views share it. */
struct opened {
    struct live_ledgers_one one;
    struct timespec changed; /* of its head, before it was opened */
    ino_t head;
    unsigned refs; /* views that have it */
};

struct live_ledgers_view {
    unsigned refs; /* readers, and one for being the newest */
    size_t n, away;
    struct opened *at[LIVE_LEDGERS_MAX];
    size_t place[LIVE_LEDGERS_MAX]; /* which of the folders it is */
};

struct live_ledgers {
    pthread_mutex_t renewing;
    pthread_mutex_t lock; /* of all refs, and of which view is the newest */
    struct live_ledgers_view *now;
    size_t n;
    char *dirs[LIVE_LEDGERS_MAX];
};

/* ---- opening ---- */

static bool head_of(const char *dir, struct opened *o)
{
    char path[PATH_MAX];
    struct stat st;

    if ((size_t)snprintf(path, sizeof(path), "%s/head", dir) >= sizeof(path) || stat(path, &st))
        return false;
    o->changed = st.st_mtim;
    o->head = st.st_ino;
    return true;
}

static bool is_other(const struct opened *a, const struct opened *b)
{
    return a->changed.tv_sec != b->changed.tv_sec || a->changed.tv_nsec != b->changed.tv_nsec ||
           a->head != b->head;
}

static bool open_any(const char *dir, struct live_ledgers_one *ret, struct err *err)
{
    if (account_ledger_open(dir, &ret->accounts, err)) {
        ret->chain = account_ledger_chain(ret->accounts);
        return true;
    }
    if (err->class != ERR_INPUT || !ledger_open(dir, &ret->coins, err)) /* INPUT: of coins */
        return false;
    ret->chain = ledger_chain(ret->coins);
    return true;
}

static bool opened_new(const char *dir, struct opened **ret, struct err *err)
{
    struct opened *o = mem_zero(sizeof(*o));

    if (!o)
        return err_fail(err, ERR_NOMEM, "\"%s\"", dir);
    head_of(dir, o);
    if (!open_any(dir, &o->one, err)) {
        mem_free(o);
        return false;
    }
    *ret = o;
    return true;
}

static void opened_end(struct opened *o)
{
    ledger_close(o->one.coins);
    account_ledger_close(o->one.accounts);
    mem_free(o);
}

/* Under the lock; what nobody has any more is put on ret_end, to be closed without it. */
static void view_unref(struct live_ledgers_view *v, struct opened **ret_end, size_t *ret_end_n,
                       bool *ret_free)
{
    *ret_end_n = 0;
    *ret_free = --v->refs == 0;
    if (!*ret_free)
        return;
    for (size_t i = 0; i < v->n; i++)
        if (--v->at[i]->refs == 0)
            ret_end[(*ret_end_n)++] = v->at[i];
}

static void view_end(struct live_ledgers *l, struct live_ledgers_view *v)
{
    struct opened *end[LIVE_LEDGERS_MAX];
    size_t end_n;
    bool gone;

    pthread_mutex_lock(&l->lock);
    view_unref(v, end, &end_n, &gone);
    pthread_mutex_unlock(&l->lock);
    for (size_t i = 0; i < end_n; i++)
        opened_end(end[i]);
    if (gone)
        mem_free(v);
}

bool live_ledgers_open(const char *const *dirs, size_t dirs_n, struct live_ledgers **ret,
                       struct err *err)
{
    struct live_ledgers *l = mem_zero(sizeof(*l));
    bool ok;

    if (!l)
        return err_fail(err, ERR_NOMEM, "ledgers");
    pthread_mutex_init(&l->lock, NULL);
    pthread_mutex_init(&l->renewing, NULL);
    l->now = mem_zero(sizeof(*l->now));
    ok = l->now || err_fail(err, ERR_NOMEM, "ledgers");
    if (ok)
        l->now->refs = 1;
    if (ok && dirs_n > LIVE_LEDGERS_MAX)
        ok = err_fail(err, ERR_LIMIT, "more than %d ledgers", LIVE_LEDGERS_MAX);
    for (size_t i = 0; ok && i < dirs_n; i++) {
        size_t n = strlen(dirs[i]) + 1;

        l->dirs[i] = mem_alloc(n);
        ok = l->dirs[i] || err_fail(err, ERR_NOMEM, "ledgers");
        if (!ok)
            break;
        memcpy(l->dirs[i], dirs[i], n);
        l->n++;
        ok = opened_new(dirs[i], &l->now->at[i], err);
        if (ok) {
            l->now->at[i]->refs = 1;
            l->now->place[i] = i;
            l->now->n++;
        }
    }
    if (!ok) {
        live_ledgers_close(l);
        return false;
    }
    *ret = l;
    return true;
}

struct live_ledgers *live_ledgers_close(struct live_ledgers *l)
{
    if (!l)
        return NULL;
    if (l->now)
        view_end(l, l->now);
    for (size_t i = 0; i < LIVE_LEDGERS_MAX; i++)
        mem_free(l->dirs[i]);
    pthread_mutex_destroy(&l->lock);
    pthread_mutex_destroy(&l->renewing);
    return mem_free(l);
}

/* ---- views ---- */

struct live_ledgers_view *live_ledgers_take(struct live_ledgers *l)
{
    struct live_ledgers_view *v;

    pthread_mutex_lock(&l->lock);
    v = l->now;
    v->refs++;
    pthread_mutex_unlock(&l->lock);
    return v;
}

void live_ledgers_drop(struct live_ledgers *l, struct live_ledgers_view *v)
{
    view_end(l, v);
}

size_t live_ledgers_n(const struct live_ledgers_view *v)
{
    return v->n;
}

size_t live_ledgers_away(const struct live_ledgers_view *v)
{
    return v->away;
}

struct live_ledgers_one live_ledgers_at(const struct live_ledgers_view *v, size_t i)
{
    return v->at[i]->one;
}

bool live_ledgers_find(const struct live_ledgers_view *v, const char *chain,
                       struct live_ledgers_one *ret)
{
    const struct chain *wanted = chain_by_name(chain);

    for (size_t i = 0; i < v->n; i++) {
        const struct chain *is = v->at[i]->one.chain;

        if (is == wanted || !strcmp(is->name, chain) || !strcmp(is->caip2, chain)) {
            *ret = v->at[i]->one;
            return true;
        }
    }
    return false;
}

struct live_ledgers_tip live_ledgers_tip(const struct live_ledgers_one *one)
{
    if (one->coins) {
        uint64_t n = ledger_counts(one->coins).blocks;
        struct ledger_block b = ledger_block(one->coins, (uint32_t)(n ? n - 1 : 0));

        return (struct live_ledgers_tip){n > 0, b.height, b.time};
    }
    uint64_t n = account_ledger_counts(one->accounts).blocks;
    struct account_ledger_block b = account_ledger_block(one->accounts, (uint32_t)(n ? n - 1 : 0));

    return (struct live_ledgers_tip){n > 0, b.height, b.time};
}

static struct opened *opened_of(const struct live_ledgers_view *v, size_t place)
{
    for (size_t i = 0; i < v->n; i++)
        if (v->place[i] == place)
            return v->at[i];
    return NULL;
}

/* What a folder is to be in the next view: *ret NULL, let go for an undo; else as it was, or opened
 * anew. False: it has changed, and cannot be opened. */
static bool renew_one(const struct live_ledgers *l, size_t place, struct opened **ret,
                      struct err *err)
{
    struct opened *was = opened_of(l->now, place), seen = {.head = 0};

    *ret = NULL;
    if (ledger_awaited(l->dirs[place]))
        return true;
    *ret = was;
    if (was && (!head_of(l->dirs[place], &seen) || !is_other(&seen, was)))
        return true;
    return opened_new(l->dirs[place], ret, err);
}

static void view_put(struct live_ledgers *l, struct live_ledgers_view *v)
{
    struct live_ledgers_view *old = l->now;

    pthread_mutex_lock(&l->lock);
    v->refs = 1;
    for (size_t i = 0; i < v->n; i++)
        v->at[i]->refs++;
    l->now = v;
    pthread_mutex_unlock(&l->lock);
    view_end(l, old);
}

bool live_ledgers_renew(struct live_ledgers *l, size_t *ret_changed, struct err *err)
{
    struct live_ledgers_view *v = mem_zero(sizeof(*v));
    bool ok = true;

    *ret_changed = 0;
    if (!v)
        return err_fail(err, ERR_NOMEM, "ledgers");
    pthread_mutex_lock(&l->renewing);
    for (size_t i = 0; i < l->n; i++) {
        struct opened *o, *was = opened_of(l->now, i);

        ok = renew_one(l, i, &o, err) && ok;
        *ret_changed += o != was;
        v->away += !o;
        if (o) {
            v->place[v->n] = i;
            v->at[v->n++] = o;
        }
    }
    if (*ret_changed)
        view_put(l, v);
    else
        mem_free(v);
    pthread_mutex_unlock(&l->renewing);
    return ok;
}
