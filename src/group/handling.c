#include "group/handling.h"

#include <stdio.h>

#define MERGES_MAX 16 /* of one case after another */

static const char *const names[] = {
    [HANDLING_HOLD] = "hold", [HANDLING_OBSERVE] = "observe", [HANDLING_NONE] = "none"};

const char *handling_name(enum handling_what what)
{
    return names[what];
}

void handling_object(const char *case_object, char ret[OBJECT_NAME_MAX])
{
    snprintf(ret, OBJECT_NAME_MAX, "handling:%s", strchr(case_object, ':') + 1);
}

bool handling_any(const struct fold *f)
{
    const struct fold_object *o;

    for (size_t i = 0; (o = fold_object_at(f, i)); i++)
        if (object_is(o->object, "handling") && o->first)
            return true;
    return false;
}

struct look {
    const struct fold *f;
    const char *object, *lead; /* lead: the member whose case it is; NULL: not known */
    const struct fold_event *first, *said;
};

/* Whose case it is: of whichever audience was told first; what it was merged into is in *ret_into.
 */
static const char *owner_of(const struct fold *f, const char *case_object, const char **ret_into)
{
    const struct charter *c = fold_charter(f);
    const struct fold_object *o = NULL, *at;

    for (size_t i = 0; i <= c->groups_n; i++) {
        at = fold_object(f, case_object, i ? c->groups[i - 1].id : AUDIENCE_ALL);
        if (at && at->first && (!o || event_order(&at->first->e, &o->first->e) < 0))
            o = at;
    }
    *ret_into = o && o->state == CASE_MERGED ? o->last->e.into : NULL;
    return o ? o->owner : NULL;
}

static bool leads(const struct look *x, const struct fold_object *o)
{
    bool is_lead = x->lead && !strcmp(o->owner, x->lead);
    bool lead_was = x->first && x->lead && !strcmp(x->first->e.author, x->lead);

    if (!x->first || is_lead != lead_was)
        return !x->first || is_lead;
    return event_order(&o->first->e, &x->first->e) < 0;
}

static const struct fold_object *said_to(const struct look *x, const char *audience)
{
    const struct fold_object *o = fold_object(x->f, x->object, audience);

    return o && o->first ? o : NULL;
}

static void first_find(struct look *x, const char *audience)
{
    const struct fold_object *o = said_to(x, audience);

    if (o && leads(x, o))
        x->first = o->first;
}

static void newest_find(struct look *x, const char *audience)
{
    const struct fold_object *o = said_to(x, audience);

    if (o && !strcmp(o->owner, x->first->e.author) &&
        (!x->said || event_order(&x->said->e, &o->last->e) < 0))
        x->said = o->last;
}

static void each_audience(struct look *x, const char *member,
                          void (*look)(struct look *, const char *audience))
{
    const struct charter *c = fold_charter(x->f);
    int64_t at = member ? charter_member(c, member) : -1;

    look(x, AUDIENCE_ALL);
    for (size_t i = 0; i < c->groups_n; i++)
        if (!member || (at >= 0 && charter_hears(c, (uint32_t)at, c->groups[i].id)))
            look(x, c->groups[i].id);
}

static enum handling_what what_of(const struct fold_event *said)
{
    const char *word = said->e.facts->handling;

    if (!strcmp(word, names[HANDLING_OBSERVE]))
        return HANDLING_OBSERVE;
    return strcmp(word, names[HANDLING_NONE]) ? HANDLING_HOLD : HANDLING_NONE;
}

struct handling handling_of(const struct fold *f, const char *case_object, const char *member)
{
    struct handling ret = {.what = HANDLING_HOLD};

    for (int merges = 0; fold_charter(f) && case_object && merges <= MERGES_MAX; merges++) {
        char object[OBJECT_NAME_MAX];
        struct look x = {.f = f, .object = object};
        const char *into;

        handling_object(case_object, object);
        x.lead = owner_of(f, case_object, &into);
        each_audience(&x, member, first_find);
        if (x.first)
            each_audience(&x, member, newest_find);
        if (x.said) {
            ret.said = x.said;
            ret.what = what_of(x.said);
            return ret;
        }
        case_object = into;
    }
    return ret;
}
