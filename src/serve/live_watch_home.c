/* What the home's files say: own addresses, the member's policy of alerts, services by its tags. */
#include "entity/tag_set.h"
#include "group/alert_policy.h"
#include "screen/screener.h"
#include "serve/clock.h"
#include "serve/live_watch_parts.h"

#include <stdio.h>
#include <sys/stat.h>

#define POLICY_BYTES_MAX ((size_t)1 << 20)
#define AGAIN_MS 5000u /* until what could not be read for a while is tried again */

/* What is no stamp: a file that it is said of is read with the next look. */
static const struct hash32 unread = {{1}};

/* True: it cannot be read now, and nothing is to be made of that. Told once. */
static bool is_for_later(struct live_watch *x, const struct err *err, struct hash32 *seen)
{
    if (!live_watch_passes(err))
        return false;
    if (!x->home_again_ms)
        log_event(x->log, LOG_ERROR, "watch", NULL, "cannot be read now: %s", err->text);
    x->home_later_ms = clock_steady_ms() + AGAIN_MS;
    *seen = unread;
    return true;
}

/* ---- own addresses ---- */

void live_watch_own(struct live_watch *x, struct place *p)
{
    struct own_set *set = NULL;
    struct err err;

    if (x->own && !own_set_make(x->own, p->chain, &set, &err) &&
        !is_for_later(x, &err, &x->own_seen))
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

void live_watch_again(struct live_watch *x)
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

void live_watch_no_memory(struct live_watch *x)
{
    if (!x->again_ms)
        log_event(x->log, LOG_ERROR, "watch", NULL,
                  "no memory for what cases have reached: it is looked at again");
    x->again_ms = clock_steady_ms() + AGAIN_MS;
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
    bool ok =
        a ? watch_alerts_policy(a, x->home, &p, &err) : err_fail(&err, ERR_NOMEM, POLICY_FILE);

    if (ok || !is_for_later(x, &err, &x->policy_seen)) {
        if (!ok)
            log_event(x->log, LOG_ERROR, "watch", NULL, "%s", err.text);
        atomic_store(&x->early_ms, ok && p.early ? p.early_minutes * 60000 : 0);
    }
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
        live_watch_again(x);
}

/* ---- known services ---- */

/* By the first tag that says so, unless one accuses whoever has the address. */
const char *live_watch_service(void *ctx, const struct chain *chain, struct bytes script)
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
    static const struct hash32 nothing;
    struct tag_set *before = x->tags, *now = NULL;
    char path[PATH_MAX];
    struct err err;

    if (hash32_equal(&stamp, &x->tags_seen))
        return;
    x->tags_seen = stamp;
    if (!hash32_equal(&stamp, &nothing) &&
        snprintf(path, sizeof(path), "%s/" TAG_SET_FILE, x->home) < (int)sizeof(path) &&
        !tag_set_open(path, &now, &err)) {
        if (is_for_later(x, &err, &x->tags_seen))
            return;
        now = NULL;
    }
    x->tags = now;
    for (size_t i = 0; i < x->places_n; i++) {
        if (x->places[i].watch)
            watch_coins_services(x->places[i].watch, live_watch_service, x);
        if (x->places[i].accounts)
            watch_accounts_services(x->places[i].accounts, live_watch_service, x);
    }
    if (x->crossing)
        watch_crossing_services(x->crossing, live_watch_service, x);
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
        if (!is_for_later(x, &err, &x->own_seen))
            log_event(x->log, LOG_ERROR, "watch", NULL, "own addresses of before stay: %s",
                      err.text);
        return;
    }
    x->own = own;
    for (size_t i = 0; i < x->places_n; i++)
        live_watch_own(x, &x->places[i]);
    own_free(before);
}

void live_watch_home(struct live_watch *x)
{
    if (x->home_again_ms && clock_steady_ms() < x->home_again_ms)
        return;
    x->home_later_ms = 0;
    own_look(x);
    policy_look(x);
    tags_look(x);
    x->home_again_ms = x->home_later_ms;
}
