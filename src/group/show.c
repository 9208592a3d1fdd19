#include "group/show.h"

#include "base/unsaid.h"
#include "group/quota.h"

const char *body_state_name(enum body_state s)
{
    switch (s) {
    case BODY_NONE:
        return "none";
    case BODY_HERE:
        return "here";
    case BODY_WITHHELD:
        return "withheld";
    case BODY_ERASED:
        return "erased";
    }
    return NULL;
}

/* ---- cases ---- */

const struct fold_object *case_next(const struct fold *f, size_t *i)
{
    const struct fold_object *o;

    while ((o = fold_object_at(f, (*i)++)))
        if (object_is(o->object, "case") && o->first)
            return o;
    return NULL;
}

bool case_report(struct group_log *l, struct arena *a, const struct fold_object *o,
                 enum body_state *ret_state, struct report *ret, struct err *err)
{
    const struct fold_event *e = fold_find(group_log_fold(l), &o->revision);
    struct salt32 salt;
    struct bytes body;

    return group_log_body(l, a, e, ret_state, &salt, &body, err) &&
           (*ret_state != BODY_HERE || report_read(a, body, ret, err));
}

uint64_t case_origins_cut(const struct fold *f, const struct report *r)
{
    const struct charter *c = fold_charter(f);

    return r && c && r->file.origins_n > c->quotas.origins ? r->file.origins_n - c->quotas.origins
                                                           : 0;
}

void handling_put(struct json_out *j, const struct handling *h)
{
    json_key(j, "handling");
    if (!h->said) {
        json_null(j);
        return;
    }
    json_object(j);
    json_put_string(j, "what", handling_name(h->what));
    json_put_string(j, "by", h->said->e.author);
    json_put_string(j, "audience", h->said->e.audience);
    json_put_number(j, "ms", h->said->e.ms);
    json_object_end(j);
}

void case_put(struct json_out *j, const struct fold *f, const struct fold_object *o,
              enum body_state state, const struct report *r)
{
    struct handling handling = handling_of(f, o->object, NULL);

    json_put_string(j, "object", o->object);
    json_put_string(j, "audience", o->audience);
    json_put_string(j, "state", state_name(o->state));
    json_put_string(j, "owner", o->owner);
    json_put_hex(j, "revision", o->revision.b, sizeof(o->revision.b));
    json_put_bool(j, "over_quota", case_over_quota(f, o));
    json_put_number(j, "origins_cut", case_origins_cut(f, state == BODY_HERE ? r : NULL));
    json_put_string(j, "into", o->state == CASE_MERGED ? o->last->e.into : NULL);
    json_put_string(j, "body", body_state_name(state));
    json_put_string(j, "title", state == BODY_HERE ? r->file.title : NULL);
    json_put_string(j, "routes", state == BODY_HERE ? report_routes_name(report_routes(r)) : NULL);
    handling_put(j, &handling);
}

/* ---- their events ---- */

bool event_note(struct group_log *l, struct arena *a, const struct fold_event *e, const char **ret,
                struct err *err)
{
    enum body_state state;
    const struct json *o;
    struct salt32 salt;
    struct bytes body;

    *ret = NULL;
    if (!group_log_body(l, a, e, &state, &salt, &body, err))
        return false;
    if (state != BODY_HERE || !json_read(a, (const char *)body.p, body.n, &o, err))
        return true;
    if (json_get(o, "note") && !json_text(json_get(o, "note"), "note", ret, err))
        *ret = NULL;
    if (*ret && (!text_is_plain(*ret, strlen(*ret)) || unsaid_in(*ret)))
        *ret = NULL;
    return true;
}

static void effect_members(struct json_out *j, const struct fold *f, const struct fold_event *e)
{
    struct text why = text_new(ERR_TEXT_MAX);

    effect_put(&why, f, e);
    json_put_string(j, "person", e->person);
    json_put_string(j, "to", e->effect == EFFECT_STEP ? state_name(e->to) : NULL);
    json_put_string(j, "without_effect", e->effect == EFFECT_STEP ? NULL : text_string(&why));
    text_free(&why);
}

static void event_put(struct json_out *j, const struct fold *f, const struct fold_event *e,
                      const char *note)
{
    json_object(j);
    json_put_hex(j, "id", e->e.id.b, sizeof(e->e.id.b));
    json_put_number(j, "ms", e->e.ms);
    json_put_string(j, "type", e->e.type);
    json_put_string(j, "author", e->e.author);
    effect_members(j, f, e);
    if (e->e.facts) {
        json_key(j, "facts");
        facts_put(j, e->e.type, e->e.facts);
    }
    json_put_string(j, "note", note);
    json_object_end(j);
}

bool events_put(struct json_out *j, struct group_log *l, struct arena *a,
                const struct fold_object *o, struct err *err)
{
    const struct fold_event *e;
    const char *note;

    json_key(j, "events");
    json_array(j);
    for (size_t i = 0; (e = fold_event_of(o, i)); i++) {
        if (!event_note(l, a, e, &note, err))
            return false;
        event_put(j, group_log_fold(l), e, note);
    }
    json_array_end(j);
    return true;
}

bool case_story_put(struct json_out *j, struct group_log *l, struct arena *a,
                    const struct fold_object *o, enum body_state state, const struct report *r,
                    struct err *err)
{
    json_key(j, "report");
    if (state == BODY_HERE)
        json_raw(j, (const char *)r->body.p, r->body.n);
    else
        json_null(j);
    return events_put(j, l, a, o, err);
}

void logged_put(struct json_out *j, const struct fold *f, const struct fold_event *e)
{
    json_object(j);
    json_put_number(j, "row", e->number);
    json_put_hex(j, "id", e->e.id.b, sizeof(e->e.id.b));
    json_put_string(j, "standing", standing_name(e->standing));
    effect_members(j, f, e);
    json_key(j, "event");
    json_raw(j, (const char *)e->e.text.p, e->e.text.n);
    json_object_end(j);
}
