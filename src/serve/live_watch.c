/* The thread's turn: own addresses and cases, where they have changed; then each ledger to its end;
 * then what was found is said. */
#include "serve/live_watch.h"

#include "base/mem.h"
#include "entity/tag_set.h"
#include "group/alert_policy.h"
#include "group/disclosed.h"
#include "group/quota.h"
#include "group/report.h"
#include "group/show.h"
#include "screen/screen_labels.h"
#include "serve/clock.h"
#include "serve/deposit_place.h"
#include "trace/account_show.h"
#include "watch/crossing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDERS_TURNS 20u /* between two looks at the folders */
#define AGAIN_MS 60000u   /* until what failed is tried again */
#define SAY_AGAIN_MS 5000u
#define SAY_AT_ONCE 512u
#define TOLD_AT_ONCE 100u /* lines of the log */
#define POLICY_BYTES_MAX ((size_t)1 << 20)
#define ID_MAX (3 * OBJECT_NAME_MAX)
#define HOME_PREFIX "home:"

const unsigned live_watch_buckets_ms[LIVE_WATCH_BUCKETS] = {1,  2,   5,   10,   25,
                                                            50, 100, 250, 1000, 10000};

struct wanted { /* a case; revision: zeros in the home */
    char id[ID_MAX];
    struct hash32 revision;
    enum state state;
    uint64_t cut; /* origins over the quota, which are left out */
    enum handling_what what;
};

struct named {
    struct wanted *at; /* by id, once all are here */
    size_t n, size;
    bool bad;
};

struct place { /* a ledger */
    const struct chain *chain;
    struct watch_coins *watch; /* one of the two, or none */
    struct watch_accounts *accounts;
    struct own_set *own;
    uint64_t again_ms, blocks_all;
    uint32_t self_n; /* blocks that self-watch has looked at, from the first turn's on */
    struct hash32 self_last;
    bool self_begun;
};

struct live_watch {
    pthread_mutex_t lock; /* of told, totals, heard and ending */
    pthread_cond_t wake;
    struct live_watch_one told[LIVE_LEDGERS_MAX];
    size_t told_n;
    struct live_watch_totals totals;
    bool ending, running, heard;
    pthread_t thread;
    struct live_ledgers *ledgers;
    struct live_group *group;
    struct log *log;
    struct self_watch *self; /* NULL: none */
    struct undone *undone;   /* NULL: of no group */
    struct early *early;
    _Atomic(uint64_t) early_ms;
    void (*on_early)(void *ctx);
    void *early_ctx;
    const char *member; /* while cases are gathered, of whom some are handled; else NULL */
    char home[PATH_MAX], cases[PATH_MAX];
    /* the rest is the thread's, once it runs */
    struct place places[LIVE_LEDGERS_MAX];
    size_t places_n;
    struct own *own;
    struct hash32 own_seen, cases_seen;
    uint64_t cases_due_us; /* they are not looked at before */
    bool fresh;            /* cases are to be given to all places again */
    unsigned turns;
    struct tag_set *tags; /* NULL: there are none */
    struct hash32 tags_seen;
    struct hash32 charter;
    struct hash32 policy_seen; /* of group.yaml */
    uint64_t reached;          /* the charter's quota; 0: none */
    uint64_t version;          /* of the group's log */
    struct named named;
    struct watch_alert *queue;
    size_t queue_n, queue_size;
    struct watch_alert *shallow; /* told, and held once they are deeper */
    size_t shallow_n, shallow_size;
    struct watch_crossing *crossing; /* NULL: there is one ledger, or it has failed */
    uint64_t crossing_again_ms;
    uint64_t found_turn, lost_turn, say_again_ms;
    uint32_t tip; /* of the ledger in hand */
    struct live_ledgers_one one;
    live_watch_paid_fn *paid;
    void *paid_ctx;
};

static uint64_t ms(void)
{
    return clock_steady_us() / 1000;
}

/* ---- own addresses ---- */

static void place_own(struct live_watch *x, struct place *p)
{
    struct own_set *set = NULL;
    struct err err;

    if (x->own && !own_set_make(x->own, p->chain, &set, &err))
        log_event(x->log, LOG_ERROR, "watch", NULL, "own addresses on %s: %s", p->chain->name,
                  err.text);
    if (p->watch)
        watch_coins_own(p->watch, set);
    if (p->accounts)
        watch_accounts_own(p->accounts, set);
    if (x->crossing)
        watch_crossing_again(x->crossing);
    own_set_free(p->own);
    p->own = set;
}

/* What all cases have reached is to be looked at once more. */
static void all_again(struct live_watch *x)
{
    for (size_t i = 0; i < x->places_n; i++) {
        if (x->places[i].watch)
            watch_coins_own(x->places[i].watch, x->places[i].own);
        if (x->places[i].accounts)
            watch_accounts_own(x->places[i].accounts, x->places[i].own);
    }
    if (x->crossing)
        watch_crossing_again(x->crossing);
}

/* Of its name, size and time; zeros: it is not there. */
static struct hash32 file_stamp(const char *home, const char *name)
{
    struct hash32 none = {{0}};
    char path[PATH_MAX];
    struct stat st;
    uint64_t is[4];

    if (snprintf(path, sizeof(path), "%s/%s", home, name) >= (int)sizeof(path) || stat(path, &st))
        return none;
    is[0] = (uint64_t)st.st_ino;
    is[1] = (uint64_t)st.st_size;
    is[2] = (uint64_t)st.st_mtim.tv_sec;
    is[3] = (uint64_t)st.st_mtim.tv_nsec;
    return sha256(is, sizeof(is));
}

/* One that cannot be read grants nothing, and is told when a deposit is to be said. */
static void early_policy(struct live_watch *x)
{
    struct arena *a = arena_new(NULL, POLICY_BYTES_MAX);
    struct alert_policy p;
    struct err err;
    bool ok = a && watch_alerts_policy(a, x->home, &p, &err);

    if (a && !ok)
        log_event(x->log, LOG_ERROR, "watch", NULL, "%s", err.text);
    atomic_store(&x->early_ms, ok && p.early ? p.early_minutes * 60000 : 0);
    arena_free(a);
}

/* By another policy of the member other deposits may be held. */
static void policy_look(struct live_watch *x)
{
    struct hash32 stamp = file_stamp(x->home, POLICY_FILE);

    if (hash32_equal(&stamp, &x->policy_seen))
        return;
    x->policy_seen = stamp;
    early_policy(x);
    if (x->turns)
        all_again(x);
}

/* ---- known services ---- */

/* By the first tag that says so, unless one accuses whoever has the address. */
static const char *service_of(void *ctx, const struct chain *chain, struct bytes script)
{
    struct live_watch *x = ctx;
    struct address_key key;
    struct tag_found found;
    const char *name = NULL;

    if (!x->tags || !address_key_of(chain, script, &key) || !tag_set_find(x->tags, &key, &found))
        return NULL;
    for (size_t i = 0; i < found.tags_n; i++) {
        struct tag t;

        tag_set_tag(x->tags, &found, i, &t);
        if (t.abuse)
            return NULL;
        if (!name && tag_category_group(t.category) == TAG_GROUP_SERVICE)
            name = t.actor && *t.actor ? t.actor : t.label;
    }
    return name;
}

/* Other tags: names that cases remember are of those before, so all are followed anew. */
static void tags_look(struct live_watch *x)
{
    struct hash32 stamp = file_stamp(x->home, TAG_SET_FILE);
    struct tag_set *before = x->tags;
    char path[PATH_MAX];
    struct err none;

    if (hash32_equal(&stamp, &x->tags_seen))
        return;
    x->tags_seen = stamp;
    x->tags = NULL;
    if (snprintf(path, sizeof(path), "%s/" TAG_SET_FILE, x->home) < (int)sizeof(path) &&
        !tag_set_open(path, &x->tags, &none))
        x->tags = NULL;
    for (size_t i = 0; i < x->places_n; i++) {
        if (x->places[i].watch)
            watch_coins_services(x->places[i].watch, service_of, x);
        if (x->places[i].accounts)
            watch_accounts_services(x->places[i].accounts, service_of, x);
    }
    tag_set_close(before);
}

/* What cannot be read is told once, and those of before stay. */
static void own_look(struct live_watch *x)
{
    struct hash32 stamp = own_stamp(x->home);
    struct own *own, *before = x->own;
    struct err err;

    if (hash32_equal(&stamp, &x->own_seen) && x->turns)
        return;
    x->own_seen = stamp;
    if (!own_open(x->home, &own, &err)) {
        log_event(x->log, LOG_ERROR, "watch", NULL, "own addresses of before stay: %s", err.text);
        return;
    }
    x->own = own;
    for (size_t i = 0; i < x->places_n; i++)
        place_own(x, &x->places[i]);
    own_free(before);
}

/* ---- cases ---- */

static void named_add(struct named *named, const char *id, const struct hash32 *revision,
                      enum state state)
{
    struct wanted *w;

    if (named->n == named->size) {
        size_t size = named->size ? 2 * named->size : 64;
        struct wanted *grown = mem_grow(named->at, size * sizeof(*grown));

        named->bad |= !grown;
        if (!grown)
            return;
        named->at = grown;
        named->size = size;
    }
    w = &named->at[named->n++];
    *w = (struct wanted){.revision = *revision, .state = state};
    snprintf(w->id, sizeof(w->id), "%s", id);
}

/* Of the one that was added last. */
static void named_last(struct named *named, uint64_t cut, enum handling_what what)
{
    if (named->n) {
        named->at[named->n - 1].cut = cut;
        named->at[named->n - 1].what = what;
    }
}

static int by_id(const void *one, const void *other)
{
    const struct wanted *a = one, *b = other;

    return strcmp(a->id, b->id);
}

static const struct wanted *named_find(const struct named *named, const char *id)
{
    struct wanted key = {.id = ""};

    snprintf(key.id, sizeof(key.id), "%s", id);
    return named->n ? bsearch(&key, named->at, named->n, sizeof(key), by_id) : NULL;
}

static bool is_named(void *ctx, const char *id)
{
    return named_find(ctx, id) != NULL;
}

static void case_give(struct live_watch *x, struct named *named, const char *id,
                      const struct hash32 *revision, enum state state, struct bytes text)
{
    struct err err;

    named_add(named, id, revision, state);
    for (size_t i = 0; i < x->places_n; i++) {
        const struct place *p = &x->places[i];

        if ((p->watch && !watch_coins_case(p->watch, id, text, &err)) ||
            (p->accounts && !watch_accounts_case(p->accounts, id, text, &err)))
            log_event(x->log, LOG_ERROR, "watch", NULL, "case %s: %s", id, err.text);
    }
    if (x->crossing && !watch_crossing_case(x->crossing, id, text, &err))
        log_event(x->log, LOG_ERROR, "watch", NULL, "case %s: %s", id, err.text);
}

static void case_drop(struct live_watch *x, const char *id)
{
    for (size_t i = 0; i < x->places_n; i++) {
        if (x->places[i].watch)
            watch_coins_drop(x->places[i].watch, id);
        if (x->places[i].accounts)
            watch_accounts_drop(x->places[i].accounts, id);
    }
    if (x->crossing)
        watch_crossing_drop(x->crossing, id);
}

/* May more of what it has reached be held in the one state than in the other? */
static bool is_other(const struct wanted *before, enum state now, enum handling_what what)
{
    return case_is_verified(before->state) != case_is_verified(now) ||
           (before->state == CASE_DISPUTED) != (now == CASE_DISPUTED) || before->what != what;
}

static enum handling_what handling_here(const struct live_watch *x, const struct fold *f,
                                        const struct fold_object *o)
{
    return x->member ? handling_of(f, o->object, x->member).what : HANDLING_HOLD;
}

/* One that comes to be verified, is disputed no more, or is handled otherwise is followed anew:
 * what it has reached may be held now. "OBJECT AUDIENCE". A revision that was given before is not
 * read again. */
static void group_case(struct live_watch *x, struct named *named, struct group_log *l,
                       const struct fold *f, const struct fold_object *o)
{
    const struct fold_event *e = fold_find(f, &o->revision);
    enum handling_what what = handling_here(x, f, o);
    enum body_state body_state = BODY_NONE;
    const struct wanted *before;
    struct arena *a;
    struct salt32 salt;
    struct bytes body;
    struct report report;
    struct bytes text;
    uint64_t cut;
    char id[ID_MAX];
    struct err err;

    snprintf(id, sizeof(id), "%s %s", o->object, o->audience);
    before = named_find(&x->named, id);
    if (before && !x->fresh && hash32_equal(&before->revision, &o->revision) &&
        !is_other(before, o->state, what)) {
        named_add(named, id, &o->revision, o->state);
        named_last(named, before->cut, what);
        return;
    }
    if (before && is_other(before, o->state, what))
        case_drop(x, id);
    a = arena_new(NULL, WATCH_CASE_BYTES_MAX);
    if (a && e && group_log_body(l, a, e, &body_state, &salt, &body, &err) &&
        body_state == BODY_HERE && report_read(a, body, &report, &err) &&
        report_origins_cut(a, report.text, fold_charter(f)->quotas.origins, &text, &cut, &err)) {
        case_give(x, named, id, &o->revision, o->state, text);
        named_last(named, cut, what);
    }
    arena_free(a);
}

struct gathering {
    struct live_watch *x;
    struct named *named;
};

/* Another charter, with other quotas: everything is followed anew under it. */
static void charter_look(struct live_watch *x, const struct fold *f)
{
    const struct charter *c = fold_charter(f);

    if (!c || hash32_equal(&c->hash, &x->charter))
        return;
    x->charter = c->hash;
    if (c->quotas.reached == x->reached) {
        all_again(x);
        return;
    }
    x->reached = c->quotas.reached;
    for (size_t i = 0; i < x->places_n; i++) {
        x->places[i].watch = watch_coins_free(x->places[i].watch);
        x->places[i].accounts = watch_accounts_free(x->places[i].accounts);
    }
    x->crossing = watch_crossing_free(x->crossing);
}

/* What goes on from a disclosed withdrawal is a case beside its own: "OBJECT AUDIENCE EVENT", whose
 * alerts are told to the audience of the disclosure. */
static void disclosed_give(struct live_watch *x, struct named *named, struct group_log *l,
                           const struct fold_object *o, const struct disclosed *d)
{
    enum handling_what what = handling_here(x, group_log_fold(l), o);
    struct sha256_stream s;
    struct hash32 revision;
    enum body_state body_state;
    const struct wanted *before;
    struct arena *a = arena_new(NULL, WATCH_CASE_BYTES_MAX);
    struct report report;
    struct bytes text;
    char id[ID_MAX], event[65];
    struct err err;

    sha256_start(&s);
    sha256_add(&s, o->revision.b, sizeof(o->revision.b));
    sha256_add(&s, d->event->e.id.b, sizeof(d->event->e.id.b));
    revision = sha256_done(&s);
    for (size_t i = 0; i < sizeof(d->event->e.id.b); i++)
        snprintf(event + 2 * i, 3, "%02x", d->event->e.id.b[i]);
    snprintf(id, sizeof(id), "%s %s %s", o->object, d->audience, event);
    before = named_find(&x->named, id);
    if (before && !x->fresh && hash32_equal(&before->revision, &revision) &&
        !is_other(before, o->state, what)) {
        named_add(named, id, &revision, o->state);
        named_last(named, 0, what);
    } else if (a && case_report(l, a, o, &body_state, &report, &err) && body_state == BODY_HERE) {
        if (before && is_other(before, o->state, what))
            case_drop(x, id);
        if (disclosed_case(a, report.text, d, &text, &err)) {
            case_give(x, named, id, &revision, o->state, text);
            named_last(named, 0, what);
        } else
            log_event(x->log, LOG_WARNING, "watch", NULL, "%.14s: %s", d->alert, err.text);
    }
    arena_free(a);
}

static void group_disclosed(struct live_watch *x, struct named *named, struct group_log *l,
                            const struct fold *f)
{
    struct arena *a = arena_new(NULL, WATCH_CASE_BYTES_MAX);
    struct disclosed d;
    bool any = a != NULL;
    struct err err;

    for (size_t at = 0; any && disclosed_next(l, a, &at, &d, &any, &err) && any;) {
        const struct fold_object *o = fold_object(f, d.case_object, d.case_audience);

        if (o && o->first && case_is_live(o) && !case_over_quota(f, o))
            disclosed_give(x, named, l, o, &d);
    }
    arena_free(a);
}

static void group_cases(void *ctx, struct group_log *l, const struct fold *f)
{
    struct gathering *g = ctx;
    const struct fold_object *o;

    if (!f || !fold_charter(f))
        return;
    g->x->member = handling_any(f) ? live_group_member(g->x->group, f) : NULL;
    group_disclosed(g->x, g->named, l, f);
    for (size_t i = 0; (o = fold_object_at(f, i)) != NULL; i++)
        if (case_is_live(o) && !case_over_quota(f, o))
            group_case(g->x, g->named, l, f, o);
}

static void group_charter(void *ctx, struct group_log *l, const struct fold *f)
{
    (void)l;
    if (f)
        charter_look(ctx, f);
}

static void home_case(struct live_watch *x, struct named *named, const char *name)
{
    static const struct hash32 none;
    struct text text = text_new(CASE_FILE_BYTES_MAX);
    char path[PATH_MAX], id[ID_MAX], piece[4096];
    int path_n = snprintf(path, sizeof(path), "%s/%s", x->cases, name);
    int fd = path_n > 0 && path_n < PATH_MAX ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t n;

    snprintf(id, sizeof(id), HOME_PREFIX "%s", name);
    while (fd >= 0 && (n = read(fd, piece, sizeof(piece))) > 0)
        text_put(&text, piece, (size_t)n);
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && !text.bad)
        case_give(x, named, id, &none, STATE_NONE, (struct bytes){(const uint8_t *)text.p, text.n});
    text_free(&text);
}

static void home_cases(struct live_watch *x, struct named *named)
{
    DIR *d = opendir(x->cases);
    struct dirent *entry;

    while (d && (entry = readdir(d)) != NULL) {
        size_t n = strlen(entry->d_name);

        if (entry->d_name[0] != '.' && n > 5 && !strcmp(entry->d_name + n - 5, ".json"))
            home_case(x, named, entry->d_name);
    }
    if (d)
        closedir(d);
}

/* When the log or the folder is another one, or a place is new. A log that changes all the time is
 * looked at for a tenth of the time: whoever writes it waits for that. */
static void cases_look(struct live_watch *x, bool folders)
{
    struct hash32 stamp = folders ? screen_cases_stamp(x->cases) : x->cases_seen;
    uint64_t version = x->group ? live_group_version(x->group) : 0;
    struct named named = {0};
    struct gathering g = {x, &named};
    uint64_t begun = clock_steady_us();

    if (!x->fresh && ((version == x->version && hash32_equal(&stamp, &x->cases_seen)) ||
                      begun < x->cases_due_us))
        return;
    x->cases_seen = stamp;
    x->version = version;
    if (x->group)
        live_group_read(x->group, group_cases, &g);
    home_cases(x, &named);
    if (named.n)
        qsort(named.at, named.n, sizeof(*named.at), by_id);
    for (size_t i = 0; !named.bad && i < x->places_n; i++) {
        if (x->places[i].watch)
            watch_coins_keep(x->places[i].watch, is_named, &named);
        if (x->places[i].accounts)
            watch_accounts_keep(x->places[i].accounts, is_named, &named);
    }
    if (!named.bad && x->crossing)
        watch_crossing_keep(x->crossing, is_named, &named);
    x->fresh = named.bad;
    mem_free(x->named.at);
    x->named = named;
    x->cases_due_us = clock_tenth_us(begun);
}

/* ---- ledgers ---- */

static struct place *place_of(struct live_watch *x, const struct chain *chain)
{
    struct place *p;

    for (size_t i = 0; i < x->places_n; i++)
        if (x->places[i].chain == chain)
            return &x->places[i];
    if (x->places_n == LIVE_LEDGERS_MAX)
        return NULL;
    p = &x->places[x->places_n++];
    *p = (struct place){.chain = chain};
    place_own(x, p);
    return p;
}

static void place_fail(struct live_watch *x, struct place *p, const struct err *err)
{
    log_event(x->log, LOG_ERROR, "watch", NULL, "%s: %s", p->chain->name, err->text);
    p->watch = watch_coins_free(p->watch);
    p->accounts = watch_accounts_free(p->accounts);
    p->again_ms = ms() + AGAIN_MS;
}

/* A watch that is not there yet, or has failed. */
static void place_begin(struct live_watch *x, struct place *p)
{
    struct watch_limits limits = {.reached_max = x->reached};
    struct err err;

    if (p->watch || p->accounts || (p->again_ms && ms() < p->again_ms))
        return;
    p->again_ms = 0;
    if (chain_has_accounts(p->chain) ? !watch_accounts_new(p->chain, limits, &p->accounts, &err)
                                     : !watch_coins_new(p->chain, limits, &p->watch, &err)) {
        place_fail(x, p, &err);
        return;
    }
    if (p->watch) {
        watch_coins_own(p->watch, p->own);
        watch_coins_services(p->watch, service_of, x);
    } else {
        watch_accounts_own(p->accounts, p->own);
        watch_accounts_services(p->accounts, service_of, x);
    }
    if (x->crossing && p->watch)
        watch_coins_crossing(p->watch);
    if (x->crossing && p->accounts)
        watch_accounts_crossing(p->accounts);
    x->fresh = true;
}

/* A case may go from one to another. */
static void crossing_begin(struct live_watch *x)
{
    struct err err;

    if (x->crossing_again_ms && ms() < x->crossing_again_ms)
        return;
    x->crossing_again_ms = 0;
    if (!watch_crossing_new(x->reached, &x->crossing, &err)) {
        x->crossing_again_ms = ms() + AGAIN_MS;
        return;
    }
    for (size_t i = 0; i < x->places_n; i++) {
        if (x->places[i].watch)
            watch_coins_crossing(x->places[i].watch);
        if (x->places[i].accounts)
            watch_accounts_crossing(x->places[i].accounts);
    }
    x->fresh = true;
}

static void places_look(struct live_watch *x, struct live_ledgers_view *v)
{
    if (x->group)
        live_group_read(x->group, group_charter, x);
    for (size_t i = 0; i < live_ledgers_n(v); i++) {
        struct live_ledgers_one one = live_ledgers_at(v, i);
        struct place *p = place_of(x, one.chain);

        if (p)
            place_begin(x, p);
    }
    if (!x->crossing && live_ledgers_n(v) > 1)
        crossing_begin(x);
}

/* ---- found ---- */

static bool room_for(struct watch_alert **list, size_t n, size_t *size)
{
    size_t more = *size ? 2 * *size : 256;
    struct watch_alert *grown;

    if (n < *size)
        return true;
    if (n >= LIVE_WATCH_QUEUE_MAX)
        return false;
    grown = mem_grow(*list, more * sizeof(*grown));
    if (!grown)
        return false;
    *list = grown;
    *size = more;
    return true;
}

static void home_found(const struct live_watch *x, const struct watch_found *found)
{
    const struct chain *chain = found->chain;
    bool native = chain->symbol && !strcmp(found->asset, chain->symbol);
    struct text t = text_new((size_t)4 << 10);

    text_printf(&t, "case %s: ", found->case_id + strlen(HOME_PREFIX));
    text_u256(&t, found->tainted, native ? chain->decimals : 0, 0);
    text_str(&t, " of ");
    text_u256(&t, found->amount, native ? chain->decimals : 0, 0);
    text_printf(&t, " %s at %s on %s, %u hops", found->asset, found->place, chain->name,
                found->hop);
    if (!t.bad)
        log_event(x->log, LOG_INFO, "deposit", NULL, "%s", text_string(&t));
    text_free(&t);
}

/* All of it, or nothing. */
static void text_fit(char *to, size_t room, const char *from)
{
    size_t n = strlen(from);

    if (n < room)
        memcpy(to, from, n + 1);
}

static bool is_cut(const struct live_watch *x, const char *id)
{
    const struct wanted *w = named_find(&x->named, id);

    return w && w->cut;
}

static uint64_t depth_of(const struct live_watch *x, const struct watch_found *found)
{
    if (found->height == HEIGHT_UNKNOWN)
        return ALERT_DEPTH_FINAL;
    return x->tip >= found->height ? x->tip - found->height + 1 : 1;
}

static void on_found(void *ctx, const struct watch_found *found)
{
    struct live_watch *x = ctx;
    const char *space = strchr(found->case_id, ' ');
    struct watch_alert *a;
    struct err err;

    x->found_turn++;
    if (!strncmp(found->case_id, HOME_PREFIX, strlen(HOME_PREFIX))) {
        if (x->found_turn <= TOLD_AT_ONCE)
            home_found(x, found);
        return;
    }
    if (!space || strlen(found->place) >= sizeof(a->output) ||
        strlen(found->asset) >= sizeof(a->asset) ||
        !room_for(&x->queue, x->queue_n, &x->queue_size)) {
        x->lost_turn++;
        return;
    }
    a = &x->queue[x->queue_n++];
    *a = (struct watch_alert){.chain = found->chain->caip2,
                              .received = found->amount,
                              .tainted = found->tainted,
                              .policy = found->policy,
                              .hops = found->hop,
                              .height = found->height,
                              .depth = depth_of(x, found),
                              .cut = !found->exact || is_cut(x, found->case_id)};
    deposit_block_name(found->chain, &found->block, a->block);
    if (found->service)
        text_fit(a->service, sizeof(a->service), found->service);
    text_fit(a->address, sizeof(a->address), found->address);
    text_fit(a->account, sizeof(a->account), found->own.account);
    snprintf(a->case_object, sizeof(a->case_object), "%.*s", (int)(space - found->case_id),
             found->case_id);
    snprintf(a->audience, sizeof(a->audience), "%.*s", (int)strcspn(space + 1, " "), space + 1);
    snprintf(a->asset, sizeof(a->asset), "%s", found->asset);
    snprintf(a->output, sizeof(a->output), "%s", found->place);
    if (x->paid && !x->paid(x->paid_ctx, &x->one, a, &err))
        log_event(x->log, LOG_ERROR, "watch", NULL, "%s: was it paid out? %s", a->output, err.text);
}

/* ---- deposits that are held once they are deeper ---- */

static void shallow_add(struct live_watch *x, const struct watch_alert *at, const bool *waits,
                        size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (waits[i]) {
            if (room_for(&x->shallow, x->shallow_n, &x->shallow_size))
                x->shallow[x->shallow_n++] = at[i];
            else
                x->lost_turn++;
        }
}

/* With each turn that has new blocks all of them are asked about again. One that was undone is let
 * go: when it is back it is found again. */
static void shallow_look(struct live_watch *x, const struct live_ledgers_view *v)
{
    size_t n = x->shallow_n;

    x->shallow_n = 0;
    for (size_t i = 0; i < n; i++) {
        struct watch_alert *a = &x->shallow[i];
        struct alert_body of = {.chain = a->chain, .output = a->output};
        struct alert_place at = deposit_place(v, &of);

        if (at.at != ALERT_PLACE_THERE)
            continue;
        a->depth = at.depth;
        if (room_for(&x->queue, x->queue_n, &x->queue_size))
            x->queue[x->queue_n++] = *a;
        else
            x->shallow[x->shallow_n++] = *a;
    }
}

/* What cannot be said now stays in the queue for a while; a home without a node's key says
 * nothing. */
static struct watch_said say_all(struct live_watch *x)
{
    struct watch_said all = {0};
    bool waits[SAY_AT_ONCE];
    size_t i = 0, n = 0;

    if (x->say_again_ms && ms() < x->say_again_ms)
        return all;
    x->say_again_ms = 0;
    for (; x->group && i < x->queue_n && !x->say_again_ms; i += n) {
        struct watch_said said;
        struct err err;

        n = x->queue_n - i < SAY_AT_ONCE ? x->queue_n - i : SAY_AT_ONCE;
        if (watch_alerts_say(x->group, x->home, x->queue + i, n, waits, &said, &err)) {
            all.alerts += said.alerts;
            all.holds += said.holds;
            all.late += said.late;
            shallow_add(x, x->queue + i, waits, n);
        } else if (err.class != ERR_NOT_FOUND) {
            log_event(x->log, LOG_ERROR, "watch", NULL, "%zu deposits are not told yet: %s",
                      x->queue_n - i, err.text);
            x->say_again_ms = ms() + SAY_AGAIN_MS;
            n = 0;
        }
    }
    x->queue_n = x->say_again_ms ? x->queue_n - i : 0;
    if (x->queue_n && i)
        memmove(x->queue, x->queue + i, x->queue_n * sizeof(*x->queue));
    if (all.alerts)
        log_event(x->log, LOG_WARNING, "alert", NULL,
                  "%zu deposits of stolen value have come to own addresses, %zu are held softly, "
                  "%zu were paid out before",
                  all.alerts, all.holds, all.late);
    return all;
}

/* ---- the thread ---- */

static struct watch_counts place_counts(const struct place *p)
{
    if (p->watch)
        return watch_coins_counts(p->watch);
    return p->accounts ? watch_accounts_counts(p->accounts) : (struct watch_counts){0};
}

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
        x->told[i].counts = place_counts(p);
    }
    pthread_mutex_unlock(&x->lock);
    x->found_turn = x->lost_turn = 0;
}

#define SELF_AGAIN 100u /* blocks that are looked at once more after some were undone */

/* What was there when the node started is not looked at. */
static void self_look(struct live_watch *x, struct place *p, const struct ledger *l)
{
    uint32_t n = (uint32_t)ledger_counts(l).blocks, from = p->self_n;
    struct hash32 last;

    if (!x->self || !n)
        return;
    last = ledger_block(l, n - 1).hash;
    if (n == from && hash32_equal(&last, &p->self_last))
        return;
    if (from && p->self_begun) {
        struct hash32 before = ledger_block(l, from - 1).hash;

        if (from > n || !hash32_equal(&before, &p->self_last))
            from = from > SELF_AGAIN ? from - SELF_AGAIN : 0;
    }
    if (p->self_begun && p->own && own_set_wallets(p->own))
        self_watch_blocks(x->self, l, p->own, from, ms());
    p->self_n = n;
    p->self_last = last;
    p->self_begun = true;
}

static void coins_look(struct live_watch *x, struct place *p, const struct ledger *l)
{
    self_look(x, p, l);
    if (early_turn(x->early, p->watch, p->own, l, clock_ms()) && x->on_early)
        x->on_early(x->early_ctx);
}

/* ---- cases that go from ledger to ledger ---- */

struct crossing_found {
    struct live_watch *x;
    const struct live_ledgers_view *v;
};

static void on_crossing_found(void *ctx, const struct watch_found *found)
{
    struct crossing_found *c = ctx;

    if (!live_ledgers_find(c->v, found->chain->caip2, &c->x->one))
        return;
    c->x->tip = live_ledgers_tip(&c->x->one).height;
    on_found(c->x, found);
}

static void on_crosser(void *ctx, const char *id)
{
    watch_crossing_wake(((struct live_watch *)ctx)->crossing, id);
}

static void crossing_look(struct live_watch *x, const struct live_ledgers_view *v)
{
    struct watch_crossing_ledger at[LIVE_LEDGERS_MAX];
    struct crossing_found found = {x, v};
    size_t n = 0;
    struct err err;

    for (size_t i = 0; i < x->places_n; i++) {
        if (x->places[i].watch)
            watch_coins_crossers(x->places[i].watch, on_crosser, x);
        if (x->places[i].accounts)
            watch_accounts_crossers(x->places[i].accounts, on_crosser, x);
    }
    for (size_t i = 0; i < live_ledgers_n(v) && n < LIVE_LEDGERS_MAX; i++) {
        struct live_ledgers_one one = live_ledgers_at(v, i);
        const struct place *p = place_of(x, one.chain);

        at[n++] = (struct watch_crossing_ledger){.ledger = {one.coins, one.accounts},
                                                 .own = p ? p->own : NULL};
    }
    if (watch_crossing_turn(x->crossing, at, n, on_crossing_found, &found, &err))
        return;
    log_event(x->log, LOG_ERROR, "watch", NULL, "cases that go from ledger to ledger: %s",
              err.text);
    x->crossing = watch_crossing_free(x->crossing);
    x->crossing_again_ms = ms() + AGAIN_MS;
}

static bool ledgers_turn(struct live_watch *x, const struct live_ledgers_view *v)
{
    bool blocks = false;

    for (size_t i = 0; i < live_ledgers_n(v); i++) {
        struct live_ledgers_one one = live_ledgers_at(v, i);
        struct place *p = place_of(x, one.chain);
        struct err err;

        if (!p || (!p->watch && !p->accounts))
            continue;
        p->blocks_all = one.coins ? ledger_counts(one.coins).blocks
                                  : account_ledger_counts(one.accounts).blocks;
        blocks |= place_counts(p).blocks != p->blocks_all;
        x->one = one;
        x->tip = live_ledgers_tip(&one).height;
        if (one.coins
                ? !watch_coins_turn(p->watch, one.coins, UINT32_MAX, on_found, x, &err)
                : !watch_accounts_turn(p->accounts, one.accounts, UINT32_MAX, on_found, x, &err))
            place_fail(x, p, &err);
        else if (one.coins)
            coins_look(x, p, one.coins);
        else if (early_turn_accounts(x->early, p->accounts, p->own, one.accounts, clock_ms()) &&
                 x->on_early)
            x->on_early(x->early_ctx);
    }
    if (x->crossing)
        crossing_look(x, v);
    return blocks;
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

static void look(struct live_watch *x)
{
    struct live_ledgers_view *v = live_ledgers_take(x->ledgers);
    uint64_t begun = ms();
    bool folders = x->turns % FOLDERS_TURNS == 0, blocks;
    struct watch_said said;

    if (folders) {
        own_look(x);
        policy_look(x);
        tags_look(x);
    }
    places_look(x, v);
    cases_look(x, folders);
    blocks = ledgers_turn(x, v);
    if (blocks)
        shallow_look(x, v);
    if (x->self)
        self_watch_due(x->self, v, ms());
    live_ledgers_drop(x->ledgers, v);
    said = say_all(x);
    undone_look(x);
    count(x, &said, blocks, ms() - begun);
    x->turns++;
}

/* Waits a turn; false: it is over. */
static bool turn(struct live_watch *x)
{
    struct timespec until;
    bool go;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += LIVE_WATCH_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000L;
    until.tv_nsec %= 1000000000L;
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
        look(x);
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

bool live_watch_open(const char *home, struct live_ledgers *ledgers, struct live_group *group,
                     const struct live_watch_options *options, struct log *log,
                     struct live_watch **ret, struct err *err)
{
    struct live_watch *x = mem_zero(sizeof(*x));
    pthread_condattr_t steady;
    bool ok;

    if (!x)
        return err_fail(err, ERR_NOMEM, "watch");
    x->ledgers = ledgers;
    x->on_early = options->early;
    x->early_ctx = options->early_ctx;
    x->paid = options->paid;
    x->paid_ctx = options->paid_ctx;
    x->log = log;
    x->version = UINT64_MAX;
    pthread_mutex_init(&x->lock, NULL);
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(&x->wake, &steady);
    pthread_condattr_destroy(&steady);
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
    if (ok) {
        errno = pthread_create(&x->thread, NULL, work, x);
        x->running = !errno;
        ok = x->running || err_system(err, "a thread for live traces");
    }
    if (!ok) {
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
