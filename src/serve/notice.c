#include "serve/notify.h"

#include "group/alert_show.h"

#define NOTICE_BYTES_MAX ((size_t)64 << 10)

/* Standard Webhooks' shape: type, timestamp, data. */
static void json_write(struct text *to, const struct notice *n, const struct outbox_message *m,
                       bool less)
{
    struct json_out j = json_to(to, false);
    char time[ALERT_TIME_MAX];

    json_object(&j);
    json_put_string(&j, "type", n->kind);
    json_put_string(&j, "timestamp", alert_time(m->ms, time));
    json_key(&j, "data");
    json_object(&j);
    json_put_string(&j, "schema", "cordon.notice/1");
    json_put_string(&j, "id", m->id);
    json_put_string(&j, "severity", severity_name(n->severity));
    json_put_string(&j, "subject",
                    less ? "something that not all of the group may see" : n->subject);
    json_put_bool(&j, "restricted", n->restricted);
    json_put_string(&j, "object", less ? NULL : n->object);
    json_put_string(&j, "case", less ? NULL : n->case_object);
    json_put_string(&j, "state", less ? NULL : n->state);
    json_put_string(&j, "waits_for", n->waits_for);
    json_put_string(&j, "since", n->since);
    json_put_string(&j, "by", n->by);
    json_put_number(&j, "level", n->level);
    json_put_number(&j, "levels", n->levels);
    json_put_string(&j, "people", n->people);
    json_put_string(&j, "to_do", n->to_do);
    json_object_end(&j);
    json_object_end(&j);
}

static void line_put(struct text *to, const char *name, const char *value)
{
    if (value)
        text_printf(to, "%-8s%s\n", name, value);
}

static void mail_write(struct text *to, const struct notice *n, const struct outbox_message *m)
{
    if (n->restricted) {
        text_str(to, "It was not told to all of the group, so that it is not in this mail.\n\n");
    } else {
        text_printf(to, "%s\n\n", n->subject);
        line_put(to, "Object", n->object);
        line_put(to, "Case", n->case_object);
        line_put(to, "State", n->state);
    }
    line_put(to, "Waits", n->waits_for);
    line_put(to, "Since", n->since);
    line_put(to, "By", n->by);
    if (n->levels)
        text_printf(to, "%-8s%llu of %llu\n", "Level", (unsigned long long)n->level,
                    (unsigned long long)n->levels);
    line_put(to, "Called", n->people);
    line_put(to, "Do", n->to_do);
    line_put(to, "Notice", m->id);
    text_str(to, "\ncordon oncall waiting tells all that waits.\n");
}

static const char *taken(struct arena *a, struct text *t, bool *ok)
{
    const char *s = *ok && text_string(t) ? arena_string(a, t->p, t->n) : NULL;

    *ok = s != NULL;
    text_free(t);
    return s;
}

bool notice_write(struct arena *a, const struct notice *n, struct outbox_message *m,
                  struct err *err)
{
    struct text t = text_new(NOTICE_BYTES_MAX);
    bool ok = true;

    m->kind = n->kind;
    m->severity = n->severity;
    json_write(&t, n, m, false);
    m->body = taken(a, &t, &ok);
    if (n->restricted) {
        t = text_new(NOTICE_BYTES_MAX);
        json_write(&t, n, m, true);
        m->open = taken(a, &t, &ok);
    }
    t = text_new(NOTICE_BYTES_MAX);
    text_printf(&t, "cordon: %s",
                n->restricted ? "something that not all of the group may see" : n->subject);
    m->subject = taken(a, &t, &ok);
    t = text_new(NOTICE_BYTES_MAX);
    mail_write(&t, n, m);
    m->text = taken(a, &t, &ok);
    return ok || err_fail(err, ERR_NOMEM, "a notice");
}
