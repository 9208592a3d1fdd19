#include "group/retention.h"

#include "group/alert.h"
#include "group/quota.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY_MS ((uint64_t)86400000)
#define BYTES_MAX ((size_t)1 << 30)

const char *retention_state_name(enum retention_state s)
{
    switch (s) {
    case RETENTION_DUE:
        return "due";
    case RETENTION_RUNS:
        return "runs";
    case RETENTION_LIVE:
        return "live";
    case RETENTION_PRESERVED:
        return "preserved";
    case RETENTION_NO_TERM:
        return "no term";
    }
    return NULL;
}

/* ---- objects by name, whatever their audiences ---- */

struct named {
    const struct fold_object **at; /* [n] by name */
    size_t n;
};

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct fold_object *const *)a)->object,
                  (*(const struct fold_object *const *)b)->object);
}

static bool named_make(struct arena *a, const struct fold *f, struct named *ret, struct err *err)
{
    const struct fold_object *o;

    while (fold_object_at(f, ret->n))
        ret->n++;
    ret->at = ARENA_ARRAY(a, const struct fold_object *, ret->n + 1);
    if (!ret->at)
        return err_fail(err, ERR_NOMEM, "%zu objects", ret->n);
    for (size_t i = 0; (o = fold_object_at(f, i)); i++)
        ret->at[i] = o;
    qsort(ret->at, ret->n, sizeof(struct fold_object *), by_name);
    return true;
}

/* The first of that name; those that follow may have it, too. */
static size_t named_find(const struct named *all, const char *object)
{
    size_t low = 0, high = all->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(all->at[middle]->object, object) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const struct fold_object *named_next(const struct named *all, const char *object, size_t *i)
{
    return *i < all->n && !strcmp(all->at[*i]->object, object) ? all->at[(*i)++] : NULL;
}

/* Whose case it is, of whichever audience was told first; NULL: no case. What others tell of one of
 * that name keeps nothing of it. */
static const char *case_owner(const struct named *all, const char *object)
{
    const struct fold_object *o, *first = NULL;

    for (size_t i = named_find(all, object);
         object_is(object, "case") && (o = named_next(all, object, &i));)
        if (o->first && (!first || event_order(&o->first->e, &first->first->e) < 0))
            first = o;
    return first ? first->owner : NULL;
}

static bool is_anothers(const struct fold_object *o, const char *owner)
{
    return owner && o->first && strcmp(o->owner, owner) != 0;
}

/* ---- legal holds ---- */

static bool may_preserve(const struct charter *c, const char *author, const char *member)
{
    int64_t at = charter_member(c, author);

    return (member && !strcmp(author, member)) || (at >= 0 && c->members[at].government);
}

/* Of each author the newest word counts. */
static const char *preserved_in(const struct fold *f, const struct fold_object *o,
                                const char *member)
{
    const struct fold_event *e, *later;

    for (size_t i = 0; o && (e = fold_event_of(o, i)); i++) {
        bool newest = e->effect == EFFECT_STEP && !strcmp(e->e.type, "preserve.order") &&
                      may_preserve(fold_charter(f), e->e.author, member);

        for (size_t k = i + 1; newest && (later = fold_event_of(o, k)); k++)
            newest = later->effect != EFFECT_STEP || strcmp(later->e.author, e->e.author) != 0;
        if (newest)
            return e->e.author;
    }
    return NULL;
}

static const char *preserved_by(const struct fold *f, const char *object, const char *member)
{
    const struct charter *c = fold_charter(f);
    char name[OBJECT_NAME_MAX];
    const char *by;

    snprintf(name, sizeof(name), "preserve:%s", strchr(object, ':') + 1);
    by = preserved_in(f, fold_object(f, name, AUDIENCE_ALL), member);
    for (size_t i = 0; !by && i < c->groups_n; i++)
        by = preserved_in(f, fold_object(f, name, c->groups[i].id), member);
    return by;
}

/* The alert as it was told, to whichever audience; NULL: it is none. */
static const struct event_facts *told_of(const struct fold *f, const char *object)
{
    const struct charter *c = fold_charter(f);
    const struct fold_object *o = fold_object(f, object, AUDIENCE_ALL);

    for (size_t i = 0; (!o || !o->told) && i < c->groups_n; i++)
        o = fold_object(f, object, c->groups[i].id);
    return o && o->told ? o->told->e.facts : NULL;
}

const char *retention_preserved(const struct fold *f, const char *object, const char *member)
{
    const struct event_facts *told;
    const char *by;

    if (!fold_charter(f))
        return NULL;
    by = preserved_by(f, object, member);
    told = by ? NULL : told_of(f, object);
    return told ? preserved_by(f, told->case_object, member) : by;
}

/* ---- what is live ---- */

static bool case_stays(const struct named *all, const char *object)
{
    const char *owner = case_owner(all, object);
    const struct fold_object *o;

    for (size_t i = named_find(all, object); (o = named_next(all, object, &i));)
        if (o->first && !is_anothers(o, owner) && (o->state == CASE_DRAFT || case_is_live(o)))
            return true;
    return false;
}

static bool alert_stays(const struct named *all, const struct alert_book *b,
                        const struct fold_object *o, uint64_t ms)
{
    struct alert_now now;

    return alert_now(b, o, ms, &now) &&
           (!u256_zero(now.amount) || (now.live && case_stays(all, o->told->e.facts->case_object)));
}

/* Does a hold that is in force go by it? */
static bool is_in_use(const struct alert_book *b, const char *instrument, uint64_t ms)
{
    for (size_t i = 0; i < alert_book_n(b); i++) {
        struct alert_now now = alert_at(b, i, ms);

        if (now.instrument && !strcmp(now.instrument, instrument) && !u256_zero(now.amount))
            return true;
    }
    return false;
}

static bool is_live(const struct named *all, const struct alert_book *b, const char *object,
                    uint64_t ms)
{
    const struct fold_object *o;
    char name[OBJECT_NAME_MAX];

    if (object_is(object, "handling")) {
        snprintf(name, sizeof(name), "case:%s", strchr(object, ':') + 1);
        return case_stays(all, name);
    }
    if (object_is(object, "case"))
        return case_stays(all, object);
    if (object_is(object, "instrument"))
        return is_in_use(b, object, ms);
    for (size_t i = named_find(all, object); (o = named_next(all, object, &i));)
        if (o->told && alert_stays(all, b, o, ms))
            return true;
    return false;
}

/* ---- terms ---- */

static uint64_t newest_of(const struct named *all, const char *object, uint64_t ms)
{
    const char *owner = case_owner(all, object);
    uint64_t newest = 0;
    const struct fold_object *o;
    const struct fold_event *e;

    for (size_t i = named_find(all, object); (o = named_next(all, object, &i));)
        for (size_t k = 0; !is_anothers(o, owner) && (e = fold_event_of(o, k)); k++)
            if (e->effect == EFFECT_STEP && e->e.ms > newest && e->e.ms <= ms + DAY_MS)
                newest = e->e.ms;
    return newest;
}

struct looking {
    struct group_log *l;
    struct arena *arena;
    struct named all;
    const struct alert_book *book;
    const char *member;
    uint64_t ms;
};

static void judge(const struct looking *x, struct retention *r)
{
    const struct fold *f = group_log_fold(x->l);
    uint64_t days = charter_term(fold_charter(f), r->class);

    r->preserved_by = retention_preserved(f, r->object, x->member);
    if (days)
        r->until_ms = newest_of(&x->all, r->object, x->ms) + days * DAY_MS;
    if (!days)
        r->state = RETENTION_NO_TERM;
    else if (is_live(&x->all, x->book, r->object, x->ms))
        r->state = RETENTION_LIVE;
    else if (r->preserved_by)
        r->state = RETENTION_PRESERVED;
    else
        r->state = x->ms < r->until_ms ? RETENTION_RUNS : RETENTION_DUE;
}

bool retention_of(struct group_log *l, struct arena *a, const char *member, uint64_t ms,
                  struct retention **ret, size_t *ret_n, struct err *err)
{
    struct looking x = {.l = l, .arena = a, .member = member, .ms = ms};
    struct group_log_key *keys;
    struct retention *rows;
    size_t n;

    *ret_n = 0;
    if (!group_log_fold(l) || !fold_charter(group_log_fold(l)))
        return true;
    x.book = alert_book(a, group_log_fold(l));
    if (!x.book)
        return err_fail(err, ERR_NOMEM, "alerts");
    if (!named_make(a, group_log_fold(l), &x.all, err) || !group_log_keys(l, a, &keys, &n, err))
        return false;
    rows = ARENA_ARRAY(a, struct retention, n + 1);
    if (!rows)
        return err_fail(err, ERR_NOMEM, "%zu keys", n);
    for (size_t i = 0; i < n; i++) {
        rows[i] = (struct retention){.object = keys[i].object, .class = keys[i].class};
        judge(&x, &rows[i]);
    }
    *ret = rows;
    *ret_n = n;
    return true;
}

bool retention_expire(struct group_log *l, const char *member, uint64_t ms, uint64_t *ret_n,
                      struct err *err)
{
    struct arena *a = arena_new(NULL, BYTES_MAX);
    struct group_log_key *due = NULL;
    struct retention *rows = NULL;
    size_t n = 0, due_n = 0;
    bool ok =
        a ? retention_of(l, a, member, ms, &rows, &n, err) : err_fail(err, ERR_NOMEM, "retention");

    *ret_n = 0;
    if (ok) {
        due = ARENA_ARRAY(a, struct group_log_key, n + 1);
        ok = due || err_fail(err, ERR_NOMEM, "retention");
    }
    for (size_t i = 0; ok && i < n; i++)
        if (rows[i].state == RETENTION_DUE)
            due[due_n++] = (struct group_log_key){rows[i].object, rows[i].class};
    ok = ok && group_log_erase_keys(l, due, due_n, ret_n, err);
    arena_free(a);
    return ok;
}
