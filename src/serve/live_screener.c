/* Whether anything has changed is asked in two steps. The cheap one, each time: the store's count
 * of commits, and the rule file's time. If either differs, a stamp of all that a screener stands on
 * is made; matches that requests write down change the first and not the second. */
#include "serve/live_screener.h"

#include "base/io.h"
#include "base/mem.h"
#include "screen/due_store.h"
#include "screen/question_store.h"
#include "serve/clock.h"
#include "serve/node.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>

#define STAMP_BYTES_MAX ((size_t)256 << 20)
#define AGAIN_TURNS (10000 / LIVE_SCREENER_MS) /* after a failure */

struct live_screener_view {
    unsigned refs; /* readers, and one for being the newest */
    struct screener *screener;
};

struct seen { /* what the cheap look saw */
    uint64_t version;
    struct seen_file {
        struct timespec changed;
        off_t n;
        ino_t ino; /* 0: no file */
    } rules, clocks;
};

struct live_screener {
    pthread_mutex_t lock; /* of refs, now, counts, wanted and ending */
    pthread_cond_t wake;
    struct live_screener_view *now;
    struct live_screener_counts counts;
    bool wanted, ending, running;
    pthread_t thread;
    /* the rest is the thread's, once it runs */
    struct log *log;
    struct store *store;
    struct seen seen;
    struct hash32 stamp;
    unsigned again; /* turns until what failed is tried again; 0: nothing failed */
    char records[PATH_MAX], tags[PATH_MAX], rules[PATH_MAX], clocks[PATH_MAX];
};

static const struct store_schema *const schemas[] = {&list_schema, &tag_schema, &match_schema,
                                                     &due_schema, &question_schema};

/* ---- has anything changed? ---- */

static struct seen_file look_at(const char *path)
{
    struct stat st;

    return stat(path, &st) ? (struct seen_file){.n = 0}
                           : (struct seen_file){st.st_mtim, st.st_size, st.st_ino};
}

static bool file_equal(const struct seen_file *a, const struct seen_file *b)
{
    return a->changed.tv_sec == b->changed.tv_sec && a->changed.tv_nsec == b->changed.tv_nsec &&
           a->n == b->n && a->ino == b->ino;
}

static bool look(struct live_screener *l, struct seen *ret, struct err *err)
{
    *ret = (struct seen){.rules = look_at(l->rules), .clocks = look_at(l->clocks)};
    return node_store_version(l->store, &ret->version, err);
}

static bool seen_equal(const struct seen *a, const struct seen *b)
{
    return a->version == b->version && file_equal(&a->rules, &b->rules) &&
           file_equal(&a->clocks, &b->clocks);
}

struct files { /* p NULL: there is none */
    struct bytes rules, clocks;
};

static bool files_load(struct live_screener *l, struct arena *a, struct files *ret, struct err *err)
{
    return file_load_if(a, l->rules, RULES_BYTES_MAX, &ret->rules, err) &&
           file_load_if(a, l->clocks, RULES_BYTES_MAX, &ret->clocks, err);
}

static void file_stamp(struct text *to, struct bytes in)
{
    text_printf(to, "\n%d %zu\n", in.p != NULL, in.n);
    if (in.n)
        text_put(to, (const char *)in.p, in.n);
}

static bool stamp_write(struct live_screener *l, struct arena *a, const struct files *files,
                        struct text *to, struct err *err)
{
    const struct list_version *versions;
    const struct tag_pack_row *packs;
    struct match_quiet quiet;
    struct hash32 tags;
    size_t versions_n, packs_n;

    if (!list_current(l->store, a, (struct list_day){0, 0, 0}, &versions, &versions_n, err) ||
        !tag_store_packs(l->store, a, &packs, &packs_n, err) ||
        !match_quiet_load(l->store, a, &quiet, err))
        return false;
    for (size_t i = 0; i < versions_n; i++)
        text_printf(to, "list %llu\n", (unsigned long long)versions[i].id);
    tags = tag_store_stamp(packs, packs_n);
    text_put(to, (const char *)tags.b, sizeof(tags.b));
    for (size_t i = 0; i < quiet.n; i++)
        text_put(to, (const char *)quiet.keys[i].b, sizeof(quiet.keys[i].b));
    file_stamp(to, files->rules);
    file_stamp(to, files->clocks);
    return text_end(to, err);
}

/* Versions are never altered in the store, so their numbers say which they are. */
static bool stamp_make(struct live_screener *l, struct arena *a, const struct files *files,
                       struct hash32 *ret, struct err *err)
{
    struct text t = text_new(STAMP_BYTES_MAX);
    bool ok = stamp_write(l, a, files, &t, err);

    if (ok)
        *ret = sha256(t.p, t.n);
    text_free(&t);
    return ok;
}

/* ---- views ---- */

static void view_end(struct live_screener *l, struct live_screener_view *v)
{
    bool last;

    pthread_mutex_lock(&l->lock);
    last = --v->refs == 0;
    pthread_mutex_unlock(&l->lock);
    if (!last)
        return;
    screener_close(v->screener);
    mem_free(v);
}

struct live_screener_view *live_screener_take(struct live_screener *l)
{
    struct live_screener_view *v;

    pthread_mutex_lock(&l->lock);
    v = l->now;
    v->refs++;
    pthread_mutex_unlock(&l->lock);
    return v;
}

void live_screener_drop(struct live_screener *l, struct live_screener_view *v)
{
    view_end(l, v);
}

const struct screener *live_screener_at(const struct live_screener_view *v)
{
    return v->screener;
}

struct live_screener_counts live_screener_counts(struct live_screener *l)
{
    struct live_screener_counts r;

    pthread_mutex_lock(&l->lock);
    r = l->counts;
    pthread_mutex_unlock(&l->lock);
    return r;
}

bool live_screener_records(const struct live_screener *l, struct store **ret, struct err *err)
{
    return store_open(l->records, STORE_WRITE, schemas, sizeof(schemas) / sizeof(schemas[0]), ret,
                      err);
}

/* ---- opening ---- */

static void view_put(struct live_screener *l, struct live_screener_view *v)
{
    struct live_screener_view *old;

    pthread_mutex_lock(&l->lock);
    v->refs = 1;
    old = l->now;
    l->now = v;
    l->counts.loads++;
    l->counts.stale = false;
    pthread_mutex_unlock(&l->lock);
    if (old)
        view_end(l, old);
}

static bool load(struct live_screener *l, const struct files *files, struct err *err)
{
    struct live_screener_view *v = mem_zero(sizeof(*v));
    struct screener_options o = {.store = l->store,
                                 .tag_set = l->tags,
                                 .rules = (const char *)files->rules.p,
                                 .rules_n = files->rules.n,
                                 .clocks = (const char *)files->clocks.p,
                                 .clocks_n = files->clocks.n,
                                 .names = true};

    if (!v)
        return err_fail(err, ERR_NOMEM, "screening");
    if (!screener_open(&o, &v->screener, err)) {
        mem_free(v);
        return false;
    }
    view_put(l, v);
    return true;
}

/* The look and the stamp come first: what changes behind them is seen by the next look. */
static bool renew(struct live_screener *l, bool wanted, struct err *err)
{
    struct arena *a;
    struct seen seen;
    struct hash32 stamp;
    struct files files;
    bool ok;

    if (!look(l, &seen, err))
        return false;
    if (!wanted && seen_equal(&seen, &l->seen))
        return true;
    a = arena_new(NULL, STAMP_BYTES_MAX);
    ok = a || err_fail(err, ERR_NOMEM, "screening");
    ok = ok && files_load(l, a, &files, err) && stamp_make(l, a, &files, &stamp, err);
    if (ok && (wanted || !hash32_equal(&stamp, &l->stamp)))
        ok = load(l, &files, err);
    arena_free(a);
    l->seen = seen;
    if (ok)
        l->stamp = stamp;
    return ok;
}

/* Waits a turn; false: it is over. */
static bool turn(struct live_screener *l, bool *ret_wanted)
{
    struct timespec until;
    bool go;

    clock_steady_in_ms(&until, LIVE_SCREENER_MS);
    pthread_mutex_lock(&l->lock);
    while (!l->wanted && !l->ending && !pthread_cond_timedwait(&l->wake, &l->lock, &until))
        ;
    *ret_wanted = l->wanted;
    l->wanted = false;
    go = !l->ending;
    pthread_mutex_unlock(&l->lock);
    return go;
}

static void *watch(void *live)
{
    struct live_screener *l = live;
    bool wanted;

    while (turn(l, &wanted)) {
        struct err err;
        uint64_t before = live_screener_counts(l).loads;

        if (l->again && !--l->again)
            wanted = true;
        if (renew(l, wanted, &err)) {
            if (live_screener_counts(l).loads == before)
                continue;
            l->again = 0;
            log_event(l->log, LOG_INFO, "screening", NULL, "lists, tags and rules opened anew");
            continue;
        }
        l->again = l->again ? l->again : AGAIN_TURNS;
        pthread_mutex_lock(&l->lock);
        l->counts.failed++;
        l->counts.stale = true;
        pthread_mutex_unlock(&l->lock);
        log_event(l->log, LOG_ERROR, "screening", NULL, "what was opened before stays: %s",
                  err.text);
    }
    return NULL;
}

static bool path_of(char ret[PATH_MAX], const char *home, const char *name, struct err *err)
{
    int n = snprintf(ret, PATH_MAX, "%s/%s", home, name);

    return (n > 0 && n < PATH_MAX) || err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", home);
}

bool live_screener_open(const char *home, struct log *log, struct live_screener **ret,
                        struct err *err)
{
    struct live_screener *l = mem_zero(sizeof(*l));
    bool ok;

    if (!l)
        return err_fail(err, ERR_NOMEM, "screening");
    l->log = log;
    pthread_mutex_init(&l->lock, NULL);
    clock_cond_init(&l->wake);
    ok = path_of(l->records, home, RECORDS_FILE, err) &&
         path_of(l->tags, home, TAG_SET_FILE, err) && path_of(l->rules, home, RULES_FILE, err) &&
         path_of(l->clocks, home, CLOCKS_FILE, err) && live_screener_records(l, &l->store, err) &&
         renew(l, true, err);
    if (ok) {
        errno = pthread_create(&l->thread, NULL, watch, l);
        l->running = !errno;
        ok = l->running || err_system(err, "a thread for screening");
    }
    if (!ok) {
        live_screener_close(l);
        return false;
    }
    *ret = l;
    return true;
}

void live_screener_renew(struct live_screener *l)
{
    pthread_mutex_lock(&l->lock);
    l->wanted = true;
    pthread_cond_signal(&l->wake);
    pthread_mutex_unlock(&l->lock);
}

struct live_screener *live_screener_close(struct live_screener *l)
{
    if (!l)
        return NULL;
    if (l->running) {
        pthread_mutex_lock(&l->lock);
        l->ending = true;
        pthread_cond_signal(&l->wake);
        pthread_mutex_unlock(&l->lock);
        pthread_join(l->thread, NULL);
    }
    if (l->now)
        view_end(l, l->now);
    store_close(l->store);
    pthread_cond_destroy(&l->wake);
    pthread_mutex_destroy(&l->lock);
    return mem_free(l);
}
