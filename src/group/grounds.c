#include "group/grounds.h"

#include "group/instrument.h"

#define HOUR_MS ((uint64_t)3600000)

const struct fold_object *alert_case_object(const struct fold *f, const char *name,
                                            const char *audience)
{
    const struct fold_object *own = fold_object(f, name, audience),
                             *all = fold_object(f, name, AUDIENCE_ALL);

    if (!own || !own->first)
        return all && all->first ? all : NULL;
    return all && all->first && event_order(&all->first->e, &own->first->e) < 0 ? all : own;
}

/* ---- the matrix ---- */

struct telling { /* of an alert; NULL: it is not here */
    const struct fold_object *o;
    const struct fold_event *e;
};

static struct basis_party party_of(const struct charter *c, const char *member)
{
    int64_t at = charter_member(c, member);

    return at < 0 ? (struct basis_party){"", ""}
                  : (struct basis_party){c->members[at].country, c->members[at].kind};
}

static bool tells(const struct fold_event *e)
{
    return e->effect == EFFECT_STEP && (e->to == ALERT_DETECTED || e->to == ALERT_SENT) &&
           e->e.facts && e->e.facts->holder;
}

/* What was told of the alert before the act; of one that was not told to that audience (a
 * disclosure may be to another) what was told to others. */
static struct telling telling_of(const struct fold *f, const struct charter *c,
                                 const struct fold_object *o, const struct fold_event *act)
{
    struct telling t = {o, NULL};
    const struct fold_event *e;

    for (size_t i = 0; (e = fold_event_of(o, i)) && event_order(&e->e, &act->e) < 0; i++)
        if (tells(e))
            t.e = e;
    for (size_t i = 0; !t.e && i <= c->groups_n; i++) {
        t.o = fold_object(f, o->object, i ? c->groups[i - 1].id : AUDIENCE_ALL);
        t.e = t.o && t.o != o ? t.o->told : NULL;
    }
    return t;
}

/* Has a government of that country taken it on before the act? */
static bool is_relayed(const struct charter *c, const struct fold_object *o, const char *country,
                       const struct fold_event *act)
{
    const struct fold_event *e;

    for (size_t i = 0; (e = fold_event_of(o, i)) && event_order(&e->e, &act->e) < 0; i++) {
        int64_t at = charter_member(c, e->e.author);

        if (e->effect == EFFECT_STEP && !strcmp(e->e.type, "alert.relay") && at >= 0 &&
            c->members[at].government && !strcmp(c->members[at].country, country))
            return true;
    }
    return false;
}

/* By each basis, the clock of the first such act upon the alert before this one. One that is void
 * and told anew goes on to count: the money was held meanwhile. */
static void firsts_find(const struct fold_object *o, const struct fold_event *act,
                        uint64_t ret[BASIS_WORDS_MAX])
{
    const struct fold_event *e;

    for (size_t i = 0; (e = fold_event_of(o, i)) && event_order(&e->e, &act->e) < 0; i++)
        if (e->effect == EFFECT_STEP && !strcmp(e->e.type, act->e.type)) {
            uint64_t *at = &ret[basis_place(e->e.facts->basis)];

            *at = *at ? *at : e->e.ms;
        }
}

static const char *requester_of(const struct fold *f, const struct telling *t)
{
    const struct fold_object *of =
        t->e ? alert_case_object(f, t->e->e.facts->case_object, t->o->audience) : NULL;

    if (of && of->owner)
        return of->owner;
    return t->e ? t->e->e.author : "";
}

bool alert_basis(const struct fold *f, const struct fold_object *o, const struct fold_event *act,
                 const struct basis_row **ret, struct err *err)
{
    const struct charter *c = fold_charter_of(f, &act->e);
    const struct event_facts *facts = act->e.facts;
    uint64_t first_ms[BASIS_WORDS_MAX] = {0};
    struct basis_act a;
    struct telling t;

    *ret = NULL;
    if (!c || !c->bases.there || !facts || !facts->basis)
        return true;
    t = telling_of(f, c, o, act);
    firsts_find(o, act, first_ms);
    a = (struct basis_act){
        .act = strchr(act->e.type, '.') + 1,
        .requester = party_of(c, requester_of(f, &t)),
        .holder = party_of(c, t.e && t.o == o ? t.e->e.facts->holder : act->e.author),
        .basis = facts->basis,
        .ms = act->e.ms,
        .first_ms = first_ms,
        .until_ms = facts->expires,
        .hours =
            facts->expires > act->e.ms ? (facts->expires - act->e.ms + HOUR_MS - 1) / HOUR_MS : 0};
    a.relayed = t.e && is_relayed(c, t.o, a.holder.country, act);
    return basis_grants(&c->bases, &a, ret, err);
}

bool alert_discloses(const struct fold *f, const struct fold_event *e)
{
    const struct basis_row *row;
    struct err why;

    return e->effect == EFFECT_STEP && !strcmp(e->e.type, "alert.disclose") &&
           alert_basis(f, fold_object(f, e->e.object, e->e.audience), e, &row, &why);
}

/* ---- papers ---- */

bool alert_paper(const struct fold *f, const struct fold_event *legal)
{
    for (size_t i = 0; i < legal->e.after_n; i++) {
        const struct fold_object *o = instrument_named(f, legal, i);

        if (o && (o->state != RECORD_WITHDRAWN || event_order(&o->last->e, &legal->e) > 0))
            return true;
    }
    return false;
}
