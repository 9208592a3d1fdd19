#include "group/disclosed.h"

#include "group/grounds.h"
#include "trace/case.h"

#include <stdio.h>

/* The alert itself, which may be of another audience than what is disclosed of it. */
static const struct fold_object *alert_find(const struct fold *f, const char *name,
                                            const char *audience)
{
    const struct charter *c = fold_charter(f);
    const struct fold_object *o = fold_object(f, name, audience);

    if (o && o->told)
        return o;
    o = fold_object(f, name, AUDIENCE_ALL);
    for (size_t i = 0; c && (!o || !o->told) && i < c->groups_n; i++)
        o = fold_object(f, name, c->groups[i].id);
    return o && o->told ? o : NULL;
}

static const char *case_audience(const struct fold *f, const char *name, const char *audience)
{
    const struct fold_object *o = alert_case_object(f, name, audience);

    return o ? o->audience : AUDIENCE_ALL;
}

static bool body_here(struct group_log *l, struct arena *a, const struct fold_event *e,
                      struct alert_body *ret, bool *ret_here, struct err *err)
{
    enum body_state state;
    struct salt32 salt;
    struct bytes body;
    struct err not_one;

    *ret_here = false;
    if (!group_log_body(l, a, e, &state, &salt, &body, err))
        return false;
    if (state != BODY_HERE)
        return true;
    *ret_here = alert_body_read(a, body, ret, &not_one);
    return *ret_here || not_one.class == ERR_INPUT ||
           err_fail(err, not_one.class, "%s", not_one.text);
}

bool disclosed_next(struct group_log *l, struct arena *a, size_t *at, struct disclosed *ret,
                    bool *ret_any, struct err *err)
{
    const struct fold *f = group_log_fold(l);
    const struct fold_event *e;

    for (*ret_any = false; !*ret_any && (e = fold_event_at(f, *at)); ++*at) {
        const struct fold_object *o =
            alert_discloses(f, e) ? alert_find(f, e->e.object, e->e.audience) : NULL;
        struct alert_body b = {.account = NULL};
        bool here;

        /* only its holder knows where it went */
        if (!o || strcmp(o->owner, e->e.author) != 0)
            continue;
        if (!body_here(l, a, e, &b, &here, err))
            return false;
        if (!here || !b.withdrawals_n)
            continue;
        *ret_any = true;
        *ret = (struct disclosed){.event = e,
                                  .alert = o->object,
                                  .audience = e->e.audience,
                                  .holder = o->owner,
                                  .basis = e->e.facts->basis,
                                  .case_object = o->told->e.facts->case_object,
                                  .withdrawals = b.withdrawals,
                                  .withdrawals_n = b.withdrawals_n};
        ret->case_audience = case_audience(f, ret->case_object, e->e.audience);
    }
    return true;
}

static void origin_put(struct json_out *j, const char *withdrawal)
{
    const char *kind = "tx", *colon = strchr(withdrawal, ':');

    if (colon)
        kind = colon[1] >= '0' && colon[1] <= '9' ? "output" : "transfer";
    json_object(j);
    json_put_string(j, kind, withdrawal);
    json_object_end(j);
}

static void words_put(struct text *to, const struct disclosed *d)
{
    text_printf(to, "by the word of %s (%s, %.14s), not proved by the chain", d->holder, d->basis,
                d->alert);
}

static void case_put(struct json_out *j, const struct json *o, const struct disclosed *d,
                     const char *words)
{
    const struct json *title = json_get(o, "title");
    struct text to = text_new(CASE_FILE_BYTES_MAX);

    text_printf(&to, "%s%s%s", title ? title->text : "", title ? ": " : "", words);
    json_object(j);
    for (const struct json *m = o->child; m; m = m->next) {
        if (!strcmp(m->key, "origins") || !strcmp(m->key, "conversions") ||
            !strcmp(m->key, "title") || !strcmp(m->key, "sources"))
            continue;
        json_key_n(j, m->key, m->key_n);
        json_tree(j, m);
    }
    json_put_string(j, "title", to.bad ? words : text_string(&to));
    json_key(j, "origins");
    json_array(j);
    for (size_t i = 0; i < d->withdrawals_n; i++)
        origin_put(j, d->withdrawals[i]);
    json_array_end(j);
    json_key(j, "sources");
    json_array(j);
    json_string(j, words);
    json_array_end(j);
    json_object_end(j);
    text_free(&to);
}

bool disclosed_case(struct arena *a, struct bytes case_text, const struct disclosed *d,
                    struct bytes *ret, struct err *err)
{
    struct text to = text_new(CASE_FILE_BYTES_MAX), words = text_new(ERR_TEXT_MAX);
    struct json_out j = json_to(&to, false);
    struct case_file file;
    const struct json *o;
    bool ok = json_read(a, (const char *)case_text.p, case_text.n, &o, err);

    words_put(&words, d);
    if (ok)
        case_put(&j, o, d, words.bad ? "" : text_string(&words));
    ok = ok && text_end(&to, err);
    if (ok) {
        *ret = (struct bytes){arena_copy(a, to.p, to.n), to.n};
        ok = ret->p || err_fail(err, ERR_NOMEM, "a case");
    }
    text_free(&to);
    text_free(&words);
    return ok && (case_read(a, *ret, &file, err) || err_in(err, "what %s discloses", d->holder));
}
