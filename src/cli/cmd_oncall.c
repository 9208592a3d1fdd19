/* cordon oncall: who is on duty, and what waits for whom. */
#include "cli/group_show.h"

#include "base/time.h"
#include "group/alert_show.h"
#include "group/wait.h"
#include "serve/config.h"

#define AHEAD_MS ((uint64_t)30 * 86400000) /* for which a rota is looked at */

/* ---- who is on duty ---- */

static void show_json(struct text *to, const struct rota *r, uint64_t ms)
{
    struct json_out j = json_to(to, true);
    char time[ALERT_TIME_MAX];

    json_object(&j);
    json_put_string(&j, "schema", "cordon.oncall/1");
    json_put_string(&j, "at", alert_time(ms, time));
    json_put_string(&j, "timezone", r->timezone);
    json_key(&j, "levels");
    json_array(&j);
    for (size_t i = 1; i <= r->levels_n; i++) {
        const struct rota_person *p = rota_on_duty(r, i, ms);
        uint64_t gap = rota_gap(r, i, ms, ms + AHEAD_MS);

        json_object(&j);
        json_put_number(&j, "level", i);
        json_put_number(&j, "after_ms", r->levels[i - 1].after_ms);
        json_put_string(&j, "who", p ? p->id : NULL);
        json_put_string(&j, "name", p ? p->name : NULL);
        json_put_string(&j, "mail", p ? p->mail : NULL);
        json_put_string(&j, "phone", p ? p->phone : NULL);
        json_put_string(&j, "gap", gap < ms + AHEAD_MS ? alert_time(gap, time) : NULL);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    text_char(to, '\n');
}

static void or_nothing(struct text *to, const char *before, const char *s)
{
    if (s)
        text_printf(to, "%s%s", before, s);
}

static void show_text(struct text *to, const struct rota *r, uint64_t ms)
{
    char time[ALERT_TIME_MAX];

    for (size_t i = 1; i <= r->levels_n; i++) {
        const struct rota_person *p = rota_on_duty(r, i, ms);
        uint64_t gap = rota_gap(r, i, ms, ms + AHEAD_MS);

        text_printf(to, "level %zu, after %llu min: %s", i,
                    (unsigned long long)(r->levels[i - 1].after_ms / 60000),
                    p ? p->name ? p->name : p->id : "nobody");
        if (p) {
            or_nothing(to, ", ", p->mail);
            or_nothing(to, ", ", p->phone);
        }
        if (p && gap < ms + AHEAD_MS)
            text_printf(to, "; nobody from %s on", alert_time(gap, time));
        text_char(to, '\n');
    }
}

static bool at_of_call(struct call *c, uint64_t *ret, struct err *err)
{
    const char *at = call_option(c, "at");
    uint64_t seconds;

    *ret = now_ms();
    if (!at)
        return true;
    if (!time_from_text(at, strlen(at), &seconds))
        return err_fail(err, ERR_USAGE, "--at \"%s\": a time is wanted (2026-12-07T09:00:00Z)", at);
    *ret = seconds * 1000;
    return true;
}

static bool show(struct call *c, struct err *err)
{
    const char *home;
    struct rota r;
    uint64_t ms;

    if (!home_of_call(c, &home, err) || !at_of_call(c, &ms, err) ||
        !rota_load(c->arena, home, &r, err))
        return false;
    if (call_json(c))
        show_json(c->out, &r, ms);
    else
        show_text(c->out, &r, ms);
    return true;
}

/* ---- a file, before it is put into the home ---- */

static bool check(struct call *c, struct err *err)
{
    const char *path = call_arg(c, 1);
    struct bytes yaml;
    struct rota r;
    uint64_t ms;
    char time[ALERT_TIME_MAX];
    bool whole = true;

    if (!at_of_call(c, &ms, err) || !file_read(c->arena, path, ROTA_BYTES_MAX, &yaml, err))
        return false;
    if (!rota_read(c->arena, yaml, &r, err))
        return err_in(err, "\"%s\"", path);
    for (size_t i = 1; i <= r.levels_n; i++) {
        uint64_t gap = rota_gap(&r, i, ms, ms + AHEAD_MS);

        if (gap == ms + AHEAD_MS)
            continue;
        whole = false;
        text_printf(c->out, "level %zu: nobody from %s on\n", i, alert_time(gap, time));
    }
    return whole || err_fail(err, ERR_DIFFERS, "\"%s\": nobody is on duty at times", path);
}

/* ---- what waits ---- */

static void waiting_line(struct text *to, const struct alert_now *n, const struct wait *w,
                         const struct rota *r, uint64_t ms)
{
    size_t level = rota_level(r, w->since, ms);
    const struct rota_person *p = rota_on_duty(r, level ? level : 1, ms);
    char time[ALERT_TIME_MAX];

    text_printf(to, "%.12s  %-12s  for %-8s since %s", strchr(n->object->object, ':') + 1,
                state_name(n->state), wait_name(w->what), alert_time(w->since, time));
    text_printf(to, "  level %zu of %zu  %s", level, r->levels_n,
                p ? p->name ? p->name : p->id : "nobody");
    if (w->by)
        text_printf(to, "  until %s", alert_time(w->by, time));
    text_printf(to, "\n    %s\n", wait_to_do(w->what));
}

static bool core_ms_of_call(struct call *c, uint64_t *ret, struct err *err)
{
    const char *path = call_option(c, "config");
    struct config config = config_default();

    if (path && !config_load(c->arena, path, &config, err))
        return false;
    *ret = config.core_seconds * 1000;
    return true;
}

static void waiting_text(struct text *to, const struct alert_book *b, const char *member,
                         const struct rota *r, uint64_t core_ms, uint64_t ms)
{
    size_t n = 0;

    for (size_t i = 0; i < alert_book_n(b); i++) {
        struct alert_now now = alert_at(b, i, ms);
        struct wait w = alert_wait(&now, core_ms, ms);

        if (w.what == WAIT_NOTHING || strcmp(now.object->owner, member) != 0)
            continue;
        waiting_line(to, &now, &w, r, ms);
        n++;
    }
    if (!n)
        text_str(to, "nothing waits\n");
}

static bool waiting(struct call *c, struct group_log *l, struct err *err)
{
    const struct alert_book *b = alert_book(c->arena, group_log_fold(l));
    const char *home, *member;
    struct signer by;
    struct rota r;
    uint64_t core_ms, ms;
    bool ok;

    if (!b)
        return err_fail(err, ERR_NOMEM, "alerts");
    if (!fold_charter(group_log_fold(l)))
        return err_fail(err, ERR_NOT_FOUND, "no charter is adopted yet");
    if (!home_of_call(c, &home, err) || !at_of_call(c, &ms, err) ||
        !core_ms_of_call(c, &core_ms, err) || !rota_load(c->arena, home, &r, err) ||
        !node_signer(c, &by, err))
        return false;
    ok = author_of(fold_charter(group_log_fold(l)), &by, &member, err);
    signer_end(&by);
    if (!ok)
        return false;
    if (call_json(c)) {
        struct json_out j = json_to(c->out, true);

        waits_json(&j, b, member, &r, core_ms, ms);
        text_char(c->out, '\n');
    } else {
        waiting_text(c->out, b, member, &r, core_ms, ms);
    }
    return true;
}

static bool waiting_run(struct call *c, struct err *err)
{
    return group_tell(c, waiting, err);
}

static const struct word words[] = {
    {"show", NULL, "at", show, "who is on duty"},
    {"check", "FILE", "at", check, "a file before it is put into the home: is somebody always on"},
    {"waiting", NULL, "at config", waiting_run, "which alerts wait, and for whom"},
    {NULL, NULL, NULL, NULL, NULL},
};

static const struct option options[] = {
    {"at", "TIME", "at that time (default: now)", false},
    {"config", "FILE", "the node's configuration, for core.seconds (default: 60)", false},
    OPTION_HOME,
    OPTION_FORMAT,
    {NULL, NULL, NULL, false},
};

static const struct example examples[] = {
    {"cordon oncall show", "who is on duty"},
    {"cordon oncall check oncall.yaml", "is somebody always on duty?"},
    {"cordon oncall waiting", "what waits for whom"},
    {NULL, NULL},
};

const struct command cmd_oncall = {
    .name = "oncall",
    .words = words,
    .options = options,
    .summary = "who is on duty, and which alerts wait for whom",
    .about =
        "oncall.yaml in the home says who is on duty and after how long the next level is called\n"
        "(docs/notify.md); no other member sees it. show tells who it is; check reads a file, and\n"
        "says when nobody is on duty in the 30 days to come (exit 1). waiting tells which alerts "
        "of\n"
        "this member wait for a person, an order, the own system or a renewal, since when, and "
        "which\n"
        "level is called. JSON: docs/schemas/oncall.json, escalations.json.",
    .examples = examples,
};
