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
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AGAIN_MS 5000u /* until what could not be given is tried again */

static const struct hash32 no_revision; /* of the home's cases, and of what is to be given again */

static bool named_add(struct named *named, const char *id, const struct hash32 *revision,
                      enum state state)
{
    struct wanted *w;

    if (named->n == named->size) {
        size_t size = named->size ? 2 * named->size : 64;
        struct wanted *grown = mem_grow(named->at, size * sizeof(*grown));

        if (!grown) {
            named->bad = named->lost = true;
            return false;
        }
        named->at = grown;
        named->size = size;
    }
    w = &named->at[named->n++];
    *w = (struct wanted){.revision = *revision, .state = state};
    snprintf(w->id, sizeof(w->id), "%s", id);
    return true;
}

/* Of the one that was added last; member NULL: it is nobody's by itself. */
static void named_last(struct named *named, uint64_t cut, enum handling_what what,
                       const char *member)
{
    snprintf(named->at[named->n - 1].member, sizeof(named->at[0].member), "%s",
             member ? member : "");
    named->at[named->n - 1].cut = cut;
    named->at[named->n - 1].what = what;
}

/* It cannot be given now: what was given before, if something was, stays as it was, and all is
 * tried again. What can never be given is none that could be followed. */
static void named_later(struct named *named, const struct wanted *before, const struct err *err)
{
    if (!live_watch_passes(err))
        return;
    named->bad = true;
    if (before && named_add(named, before->id, &no_revision, before->state))
        named_last(named, before->cut, before->what, before->member);
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

    return !w || w->cut; /* of one that could not be named it is not known */
}

static bool is_named(void *ctx, const char *id)
{
    return named_find(ctx, id) != NULL;
}

/* One that could not be given everywhere is named by no revision, so that it is given again. */
static void give_fail(struct live_watch *x, struct named *named, const struct err *err)
{
    struct wanted *w = &named->at[named->n - 1];

    if (!x->cases_again_ms)
        log_event(x->log, LOG_ERROR, "watch", NULL, "case %s: %s", w->id, err->text);
    if (live_watch_passes(err)) {
        named->bad = true;
        w->revision = no_revision;
    }
}

/* false: it could not even be named. */
static bool case_give(struct live_watch *x, struct named *named, const char *id,
                      const struct hash32 *revision, enum state state, struct bytes text)
{
    struct err err;

    if (!named_add(named, id, revision, state))
        return false;
    for (size_t i = 0; i < x->places_n; i++) {
        const struct place *p = &x->places[i];

        if ((p->watch && !watch_coins_case(p->watch, id, text, &err)) ||
            (p->accounts && !watch_accounts_case(p->accounts, id, text, &err)))
            give_fail(x, named, &err);
    }
    if (x->crossing && !watch_crossing_case(x->crossing, id, text, &err))
        give_fail(x, named, &err);
    return true;
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

/* What is followed of it; *ret_here false: its body is not here. */
static bool case_body(struct group_log *l, struct arena *a, const struct fold *f,
                      const struct fold_object *o, struct bytes *ret_text, uint64_t *ret_cut,
                      bool *ret_here, struct err *err)
{
    const struct fold_event *e = fold_find(f, &o->revision);
    enum body_state state = BODY_NONE;
    struct report report;
    struct bytes body;
    struct salt32 salt;

    *ret_here = false;
    if (!a)
        return err_fail(err, ERR_NOMEM, "case");
    if (e && !group_log_body(l, a, e, &state, &salt, &body, err))
        return false;
    *ret_here = state == BODY_HERE;
    return !*ret_here || (report_read(a, body, &report, err) &&
                          report_origins_cut(a, report.text, fold_charter(f)->quotas.origins,
                                             ret_text, ret_cut, err));
}

/* One that comes to be verified, is disputed no more, or is handled otherwise is followed anew:
 * what it has reached may be held now. "OBJECT AUDIENCE". A revision that was given before is not
 * read again. */
static void group_case(struct live_watch *x, struct named *named, struct group_log *l,
                       const struct fold *f, const struct fold_object *o)
{
    enum handling_what what = handling_here(x, f, o);
    const struct wanted *before;
    struct arena *a;
    struct bytes text;
    uint64_t cut;
    bool here;
    char id[WANTED_ID_MAX];
    struct err err;

    snprintf(id, sizeof(id), "%s %s", o->object, o->audience);
    before = named_find(&x->named, id);
    if (before && !x->fresh && hash32_equal(&before->revision, &o->revision) &&
        !is_other(before, o->state, what)) {
        if (named_add(named, id, &o->revision, o->state))
            named_last(named, before->cut, what, o->owner);
        return;
    }
    a = arena_new(NULL, WATCH_CASE_BYTES_MAX);
    if (!case_body(l, a, f, o, &text, &cut, &here, &err) ||
        (here && what == HANDLING_HOLD &&
         !live_watch_tell(x, id, o->owner, o->state, text, &err))) {
        named_later(named, before, &err);
    } else {
        if (before && is_other(before, o->state, what))
            live_watch_drop(x, id);
        if (here && case_give(x, named, id, &o->revision, o->state, text))
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
    struct arena *a;
    struct report report;
    struct bytes text;
    bool read;
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
        if (named_add(named, id, &revision, o->state))
            named_last(named, 0, what, NULL);
        return;
    }
    a = arena_new(NULL, WATCH_CASE_BYTES_MAX);
    read = a && case_report(l, a, o, &body_state, &report, &err);
    if (!read || (body_state == BODY_HERE && !disclosed_case(a, report.text, d, &text, &err))) {
        if (!a)
            err_set(&err, ERR_NOMEM, "case");
        if (!x->cases_again_ms)
            log_event(x->log, LOG_WARNING, "watch", NULL, "%.14s: %s", d->alert, err.text);
        named_later(named, before, &err);
    } else {
        if (before && is_other(before, o->state, what))
            live_watch_drop(x, id);
        if (body_state == BODY_HERE && case_give(x, named, id, &revision, o->state, text))
            named_last(named, 0, what, NULL);
    }
    arena_free(a);
}

static void group_disclosed(struct live_watch *x, struct named *named, struct group_log *l,
                            const struct fold *f)
{
    struct arena *a = arena_new(NULL, WATCH_CASE_BYTES_MAX);
    struct disclosed d;
    bool any = true, ok = a != NULL;
    struct err err;

    for (size_t at = 0; ok && (ok = disclosed_next(l, a, &at, &d, &any, &err)) && any;) {
        const struct fold_object *o = fold_object(f, d.case_object, d.case_audience);

        if (o && o->first && case_is_live(o) && !case_over_quota(f, o))
            disclosed_give(x, named, l, o, &d);
    }
    if (!ok && (!a || live_watch_passes(&err)))
        named->bad = named->lost = true; /* what is behind is not known */
    arena_free(a);
}

static void group_cases(void *ctx, struct group_log *l, const struct fold *f)
{
    struct gathering *g = ctx;
    const struct fold_object *o;

    if (!f || !fold_charter(f))
        return;
    g->x->member = NULL;
    if (handling_any(f) && !live_group_member_known(g->x->group, f, &g->x->member)) {
        g->named->bad = g->named->lost = true; /* what is to be observed here is not known */
        return;
    }
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
    struct text text = text_new(CASE_FILE_BYTES_MAX);
    char path[PATH_MAX], id[WANTED_ID_MAX], piece[4096];
    int path_n = snprintf(path, sizeof(path), "%s/%s", x->cases, name);
    int fd = path_n > 0 && path_n < PATH_MAX ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    bool gone = fd < 0 && (errno == ENOENT || path_n >= PATH_MAX);
    ssize_t n = -1;
    struct err err;

    snprintf(id, sizeof(id), HOME_PREFIX "%s", name);
    while (fd >= 0 && (n = read(fd, piece, sizeof(piece))) > 0)
        text_put(&text, piece, (size_t)n);
    if (fd >= 0)
        close(fd);
    if (n < 0 || (text.bad && !text.over)) {
        err_set(&err, text.bad ? ERR_NOMEM : ERR_SYSTEM, "case");
        if (!gone)
            named_later(named, named_find(&x->named, id), &err);
    } else if (!text.bad) {
        case_give(x, named, id, &no_revision, STATE_NONE,
                  (struct bytes){(const uint8_t *)text.p, text.n});
    }
    text_free(&text);
}

static void home_cases(struct live_watch *x, struct named *named)
{
    DIR *d = opendir(x->cases);
    struct dirent *entry;

    if (!d && errno != ENOENT && errno != ENOTDIR)
        named->bad = named->lost = true;

    while (d && (entry = readdir(d)) != NULL) {
        size_t n = strlen(entry->d_name);

        if (entry->d_name[0] != '.' && n > 5 && !strcmp(entry->d_name + n - 5, ".json"))
            home_case(x, named, entry->d_name);
    }
    if (d)
        closedir(d);
}

/* What was gathered is what is followed from now on. Where some could not be given nothing of
 * before is dropped, and screening is told that some are missing. */
static void take_over(struct live_watch *x, struct named *named)
{
    if (named->n)
        qsort(named->at, named->n, sizeof(*named->at), by_id);
    for (size_t i = 0; !named->bad && i < x->places_n; i++) {
        if (x->places[i].watch)
            watch_coins_keep(x->places[i].watch, is_named, named);
        if (x->places[i].accounts)
            watch_accounts_keep(x->places[i].accounts, is_named, named);
    }
    if (!named->bad && x->crossing)
        watch_crossing_keep(x->crossing, is_named, named);
    if (named->bad && !x->cases_again_ms)
        log_event(x->log, LOG_ERROR, "watch", NULL,
                  "no memory, or a file: some cases are not followed yet");
    x->cases_again_ms = named->bad ? clock_steady_ms() + AGAIN_MS : 0;
    x->fresh = named->lost;
    if (named->lost) { /* those of before are what the next look compares with */
        mem_free(named->at);
    } else {
        mem_free(x->named.at);
        x->named = *named;
    }
    if (x->told_cases)
        screen_cases_short(x->told_cases, named->bad);
    if (!named->bad)
        live_watch_keep(x);
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

    if (x->cases_again_ms
            ? clock_steady_ms() < x->cases_again_ms
            : !x->fresh && ((version == x->version && hash32_equal(&stamp, &x->cases_seen)) ||
                            begun < x->cases_due_us))
        return;
    x->cases_seen = stamp;
    x->version = version;
    if (x->group)
        live_group_read(x->group, group_cases, &g);
    home_cases(x, &named);
    take_over(x, &named);
    x->cases_due_us = clock_tenth_us(begun);
}
