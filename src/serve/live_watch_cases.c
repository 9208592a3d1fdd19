/* The cases that are live in the group's log, and those in the home's folder, given to whoever
 * follows them: once, until they change. */
#include "base/mem.h"
#include "base/text.h"
#include "group/disclosed.h"
#include "group/quota.h"
#include "group/report.h"
#include "group/show.h"
#include "screen/screen_labels.h"
#include "serve/clock.h"
#include "serve/live_watch_parts.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

/* Of the one that was added last; member NULL: it is nobody's by itself. */
static void named_last(struct named *named, uint64_t cut, enum handling_what what,
                       const char *member)
{
    if (named->n) {
        snprintf(named->at[named->n - 1].member, sizeof(named->at[0].member), "%s",
                 member ? member : "");
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

bool live_watch_is_cut(const struct live_watch *x, const char *id)
{
    const struct wanted *w = named_find(&x->named, id);

    return w && w->cut;
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

void live_watch_drop(struct live_watch *x, const char *id)
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
    char id[WANTED_ID_MAX];
    struct err err;

    snprintf(id, sizeof(id), "%s %s", o->object, o->audience);
    before = named_find(&x->named, id);
    if (before && !x->fresh && hash32_equal(&before->revision, &o->revision) &&
        !is_other(before, o->state, what)) {
        named_add(named, id, &o->revision, o->state);
        named_last(named, before->cut, what, o->owner);
        return;
    }
    if (before && is_other(before, o->state, what))
        live_watch_drop(x, id);
    a = arena_new(NULL, WATCH_CASE_BYTES_MAX);
    if (a && e && group_log_body(l, a, e, &body_state, &salt, &body, &err) &&
        body_state == BODY_HERE && report_read(a, body, &report, &err) &&
        report_origins_cut(a, report.text, fold_charter(f)->quotas.origins, &text, &cut, &err)) {
        if (what == HANDLING_HOLD)
            live_watch_tell(x, id, o->owner, o->state, text);
        case_give(x, named, id, &o->revision, o->state, text);
        named_last(named, cut, what, o->owner);
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
        live_watch_again(x);
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
    char id[WANTED_ID_MAX], event[65];
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
        named_last(named, 0, what, NULL);
    } else if (a && case_report(l, a, o, &body_state, &report, &err) && body_state == BODY_HERE) {
        if (before && is_other(before, o->state, what))
            live_watch_drop(x, id);
        if (disclosed_case(a, report.text, d, &text, &err)) {
            case_give(x, named, id, &revision, o->state, text);
            named_last(named, 0, what, NULL);
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

void live_watch_charter(struct live_watch *x)
{
    if (x->group)
        live_group_read(x->group, group_charter, x);
}

static void home_case(struct live_watch *x, struct named *named, const char *name)
{
    static const struct hash32 none;
    struct text text = text_new(CASE_FILE_BYTES_MAX);
    char path[PATH_MAX], id[WANTED_ID_MAX], piece[4096];
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
void live_watch_cases(struct live_watch *x, bool folders)
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
    live_watch_keep(x);
    x->cases_due_us = clock_tenth_us(begun);
}
