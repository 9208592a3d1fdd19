#include "serve/hold_enforced.h"

#include "base/json.h"
#include "base/time.h"
#include "group/alert_show.h"
#include "serve/audit.h"
#include "serve/clock.h"
#include "serve/screening.h"

#include <string.h>

/* ---- what it says ---- */

bool enforced_read(struct arena *a, struct bytes body, struct enforced *ret, struct err *err)
{
    static const char *const known[] = {"amount", "expires", "partly", NULL};
    const struct json *o, *amount, *expires, *partly;
    uint64_t seconds;

    *ret = (struct enforced){.has_amount = false};
    if (!body.n)
        return true;
    if (!json_read(a, (const char *)body.p, body.n, &o, err) || !json_only(o, "a hold", known, err))
        return false;
    amount = json_get(o, "amount");
    expires = json_get(o, "expires");
    partly = json_get(o, "partly");
    if (amount &&
        (amount->type != JSON_STRING ||
         !u256_from_text(amount->text, amount->text_n, &ret->amount) || u256_zero(ret->amount)))
        return err_fail(err, ERR_INPUT, "amount: a whole number of base units in quotes is wanted");
    if (expires &&
        (expires->type != JSON_STRING || !time_from_iso(expires->text, expires->text_n, &seconds)))
        return err_fail(err, ERR_INPUT, "expires: a time is wanted (2026-11-26T12:00:00Z)");
    if (partly && partly->type != JSON_TRUE && partly->type != JSON_FALSE)
        return err_fail(err, ERR_INPUT, "partly: true or false is wanted");
    ret->has_amount = amount;
    ret->has_expires = expires;
    ret->expires = expires ? seconds * 1000 : 0;
    ret->has_partly = partly;
    ret->partly = partly && partly->type == JSON_TRUE;
    return true;
}

/* ---- what is done ---- */

struct enforcing {
    struct http_job *job;
    struct live_group *group;
    struct enforced said;
    struct event_facts facts;
    struct group_log_act act;
    struct hash32 after[2], id;
    bool done; /* it was said before */
    enum state state;
    struct err *err;
    bool ok;
};

/* Of the audiences that were told, one whose hold is ordered goes first. */
static const struct fold_object *find(const struct fold *fold, const char *member, const char *id)
{
    const struct fold_object *o, *ret = NULL;

    for (size_t i = 0; member && (o = alert_named(fold, id, i)); i++)
        if (o->owner && !strcmp(o->owner, member) && (!ret || o->state == ALERT_ORDERED))
            ret = o;
    return ret;
}

static bool was_said(const struct fold_object *o)
{
    return (o->state == ALERT_HELD || o->state == ALERT_HELD_PART) && o->hold &&
           !strncmp(o->hold->e.type, "alert.enforce", 13);
}

/* The facts: what it says, or what was ordered. */
static bool judge(struct enforcing *g, const struct fold_object *o)
{
    const struct enforced *said = &g->said;
    const struct event_facts *held = o->hold ? o->hold->e.facts : NULL;
    bool less;

    if (!held || (o->state != ALERT_ORDERED && o->state != ALERT_HELD_PART && !was_said(o)))
        return err_fail(g->err, ERR_DIFFERS, "the alert is %s: no hold is ordered",
                        state_name(o->state));
    g->facts.amount = said->has_amount ? said->amount : held->amount;
    g->facts.expires = said->has_expires ? said->expires : held->expires;
    if (g->facts.expires > held->expires && g->facts.expires - held->expires < 1000)
        g->facts.expires = held->expires;
    less = u256_less(g->facts.amount, held->amount);
    if (said->has_partly && !said->partly && less)
        return err_fail(g->err, ERR_INPUT, "amount: less than what was ordered is held in part");
    g->act.type = said->partly || less ? "alert.enforce-part" : "alert.enforce";
    g->done = was_said(o) && u256_equal(g->facts.amount, held->amount) &&
              (!said->has_expires || g->facts.expires / 1000 == held->expires / 1000) &&
              (!said->has_partly || said->partly == (o->state == ALERT_HELD_PART));
    g->state = o->state;
    g->facts.expires = g->done ? held->expires : g->facts.expires;
    if (g->done)
        g->id = o->hold->e.id;
    return true;
}

static const char *kept(struct enforcing *g, const char *s)
{
    return arena_string(g->job->arena, s, strlen(s));
}

static bool look_up(struct enforcing *g, const struct fold *fold)
{
    const char *id = g->job->request.params[0];
    const struct fold_object *o = fold ? find(fold, live_group_member(g->group, fold), id) : NULL;

    if (!o)
        return err_fail(g->err, ERR_NOT_FOUND, "there is no alert \"%.100s\" of this member here",
                        id);
    if (!judge(g, o))
        return false;
    g->act.object = kept(g, o->object);
    g->act.audience = kept(g, o->audience);
    g->act.facts = &g->facts;
    g->after[0] = o->first->e.id;
    g->after[1] = o->last->e.id;
    g->act.after = g->after;
    g->act.after_n = o->last->e.ms <= clock_ms() + GROUP_LOG_AHEAD_MS ? 2 : 1;
    return (g->act.object && g->act.audience) || err_fail(g->err, ERR_NOMEM, "a hold");
}

static void read_fold(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct enforcing *g = ctx;

    (void)l;
    g->ok = look_up(g, fold);
}

static bool say(struct enforcing *g)
{
    if (g->done)
        return true;
    if (!live_group_say(g->group, &g->act, &g->id, g->err)) {
        if (g->err->class == ERR_INPUT) /* the log would not take it: as things are */
            g->err->class = ERR_DIFFERS;
        return false;
    }
    g->state = !strcmp(g->act.type, "alert.enforce") ? ALERT_HELD : ALERT_HELD_PART;
    return true;
}

static void members_put(struct enforcing *g, struct json_out *j)
{
    char time[ALERT_TIME_MAX];

    json_put_string(j, "object", g->act.object);
    json_put_string(j, "audience", g->act.audience);
    json_put_string(j, "state", state_name(g->state));
    json_put_u256(j, "amount", g->facts.amount);
    json_put_string(j, "expires", alert_time(g->facts.expires, time));
    json_put_hex(j, "event", g->id.b, sizeof(g->id.b));
    json_put_bool(j, "again", g->done);
}

static bool audited(struct enforcing *g)
{
    struct text line = text_new(AUDIT_LINE_BYTES_MAX);
    struct json_out j = screening_audit_begin(g->job, &line, "hold enforced");
    bool ok;

    members_put(g, &j);
    json_object_end(&j);
    ok = text_end(&line, g->err) && http_audit(g->job, line.p, line.n, g->err);
    text_free(&line);
    return ok;
}

bool hold_enforced(struct http_job *job, struct live_group *group, struct err *err)
{
    static const char *const known[] = {NULL};
    struct bytes body = {job->request.body.p, (size_t)job->request.body.n};
    struct json_out j = json_to(&job->response.body, false);
    struct enforcing *g = ARENA_NEW(job->arena, struct enforcing);

    if (!g)
        return err_fail(err, ERR_NOMEM, "a hold");
    g->job = job;
    g->group = group;
    g->err = err;
    if (!http_query_only(&job->request, known, err) ||
        !enforced_read(job->arena, body, &g->said, err))
        return false;
    live_group_read(group, read_fold, g);
    if (!g->ok || !say(g) || !audited(g))
        return false;
    json_object(&j);
    json_put_string(&j, "schema", "cordon.hold-enforced/1");
    members_put(g, &j);
    json_object_end(&j);
    return true;
}
