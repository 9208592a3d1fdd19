#include "group/instrument.h"

#include "base/time.h"
#include "group/alert.h"

#define DAY_S 86400u
#define DAY_TEXT_N 10

/* By which grounds each kind lets a holder act. */
static const struct {
    const char *kind;
    const char *bases[4];
} grounds[] = {
    {"preservation-request", {"le-request"}},
    {"contact-24-7", {"le-request"}},
    {"fiu-information", {"internal-aml", "regulator-directive", "safe-harbour"}},
    {"mutual-legal-assistance", {"le-request", "court-order"}},
    {"order", {"court-order", "regulator-directive", "sanctions"}},
    {"warrant", {"court-order"}},
    {"issuer-freeze-request", {"tos", "internal-aml"}},
};

static bool gives(const char *kind, const char *basis)
{
    for (size_t i = 0; i < sizeof(grounds) / sizeof(grounds[0]); i++)
        for (size_t k = 0; !strcmp(grounds[i].kind, kind) && k < 4 && grounds[i].bases[k]; k++)
            if (!strcmp(grounds[i].bases[k], basis))
                return true;
    return false;
}

static bool reaches(const struct json *reach, const struct charter_member *holder)
{
    for (const struct json *j = reach ? reach->child : NULL; j; j = j->next)
        if (!strcmp(j->text, holder->id) || !strcmp(j->text, holder->country))
            return true;
    return false;
}

/* A month or a year is too vague to bind by. */
static bool day_of(const struct record *r, const char *field, uint64_t *ret_ms, struct err *err)
{
    const char *day = record_text(r, field);
    uint64_t time;

    if (strlen(day) != DAY_TEXT_N || !time_from_iso(day, DAY_TEXT_N, &time))
        return err_fail(err, ERR_INPUT, "%s \"%s\": a whole day is wanted of it", field, day);
    *ret_ms = time * 1000;
    return true;
}

static bool is_of(const struct record *r, const struct instrument_act *act, struct err *err)
{
    const char *alert = record_text(r, "alert"), *of = record_text(r, "case");

    if (!alert && !of)
        return err_fail(err, ERR_INPUT, "it names neither the alert nor its case");
    if (alert && strcmp(alert, act->alert) != 0)
        return err_fail(err, ERR_INPUT, "it is of another alert, %.20s", alert);
    if (of && strcmp(of, act->case_object) != 0 && strcmp(of, act->case_now) != 0)
        return err_fail(err, ERR_INPUT, "it is of another case, %.20s", of);
    return true;
}

struct instrument_act instrument_act_of(const struct fold *f, const struct fold_object *alert,
                                        const char *basis, uint64_t ms)
{
    const struct event_facts *told = alert->told->e.facts;
    const struct charter *c = fold_charter(f);
    int64_t holder = c ? charter_member(c, told->holder) : -1;
    const struct fold_object *now = alert_case_now(f, told->case_object, alert->audience);

    return (struct instrument_act){.holder = holder < 0 ? NULL : &c->members[holder],
                                   .alert = alert->object,
                                   .case_object = told->case_object,
                                   .case_now = now ? now->object : told->case_object,
                                   .basis = basis,
                                   .ms = ms};
}

bool instrument_binds(const struct record *r, const struct instrument_act *act, uint64_t *ret_until,
                      struct err *err)
{
    const char *kind = record_text(r, "kind");
    uint64_t served, last;

    if (!is_of(r, act, err) || !day_of(r, "served", &served, err) ||
        !day_of(r, "expires", &last, err))
        return false;
    if (!reaches(json_get(r->of, "reach"), act->holder))
        return err_fail(err, ERR_INPUT, "its reach has neither %s nor %s", act->holder->id,
                        act->holder->country);
    if (!gives(kind, act->basis))
        return err_fail(err, ERR_INPUT, "%s is no ground that a %s gives", act->basis, kind);
    if (act->ms < served)
        return err_fail(err, ERR_INPUT, "it is served on %s, and not before",
                        record_text(r, "served"));
    if (act->ms >= last + DAY_S * 1000)
        return err_fail(err, ERR_INPUT, "it expired with %s", record_text(r, "expires"));
    *ret_until = last + DAY_S * 1000 < EVENT_MS_MAX ? last + DAY_S * 1000 : EVENT_MS_MAX;
    return true;
}

const struct fold_object *instrument_named(const struct fold *f, const struct fold_event *legal,
                                           size_t i)
{
    const struct fold_event *e = fold_find(f, &legal->e.after[i]);

    return e && object_is(e->e.object, "instrument") && e->effect == EFFECT_STEP
               ? fold_object(f, e->e.object, e->e.audience)
               : NULL;
}

const struct fold_object *instrument_of(const struct fold *f, const struct fold_event *legal)
{
    for (size_t i = 0; i < legal->e.after_n; i++) {
        const struct fold_object *o = instrument_named(f, legal, i);

        if (o && o->state == RECORD_STATED)
            return o;
    }
    return NULL;
}

uint64_t instrument_end(const struct fold *f, const struct fold_event *legal)
{
    uint64_t end = 0;

    if (instrument_of(f, legal))
        return UINT64_MAX;
    for (size_t i = 0; i < legal->e.after_n; i++) {
        const struct fold_object *o = instrument_named(f, legal, i);

        if (o && o->last->e.ms > end)
            end = o->last->e.ms;
    }
    return end;
}
