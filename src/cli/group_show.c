#include "cli/group_show.h"

#include "base/json.h"
#include "base/unsaid.h"
#include "group/alert_show.h"

#define NOTE_BYTES_MAX 10000

/* ---- finding one ---- */

static bool is_meant(const struct fold_object *o, const char *kind, const char *id,
                     const char *audience)
{
    const char *digits = strchr(o->object, ':') + 1;

    return object_is(o->object, kind) && o->first && o->state != ALERT_OPENED &&
           !strncmp(digits, id, strlen(id)) && (!audience || !strcmp(audience, o->audience));
}

bool object_find(struct call *c, const struct fold *f, const char *kind, const char *id,
                 const struct fold_object **ret, struct err *err)
{
    const char *audience = call_option(c, "audience");
    const struct fold_object *o;

    *ret = NULL;
    id += object_is(id, kind) ? strlen(kind) + 1 : 0;
    for (size_t i = 0; *id && (o = fold_object_at(f, i)); i++) {
        if (!is_meant(o, kind, id, audience))
            continue;
        if (*ret)
            return err_fail(err, ERR_USAGE, "\"%s\" may be several %ss", id, kind);
        *ret = o;
    }
    return *ret || err_fail(err, ERR_NOT_FOUND, "\"%s\" is no %s here", id, kind);
}

bool note_of_call(struct call *c, const char **ret, struct err *err)
{
    const char *note = call_option(c, "note");

    *ret = note;
    if (!note)
        return true;
    if (!text_is_plain(note, strlen(note)) || !utf8_valid(note, strlen(note)) ||
        strlen(note) > NOTE_BYTES_MAX)
        return err_fail(err, ERR_USAGE, "--note: too long, or with control characters");
    return !unsaid_in(note) ||
           err_fail(err, ERR_INPUT,
                    "note: whether there is a suspicious-transaction report is not written here");
}

/* ---- telling ---- */

void amount_put(struct text *to, struct u256 amount)
{
    char digits[U256_TEXT_MAX];

    u256_to_text(amount, digits);
    text_str(to, digits);
}

static void facts_text(struct text *to, const struct event_facts *f, unsigned which)
{
    char time[ALERT_TIME_MAX];

    if (which & FACT_AMOUNT) {
        text_char(to, ' ');
        amount_put(to, f->amount);
    }
    if (which & FACT_RECEIVED) {
        text_str(to, " of ");
        amount_put(to, f->received);
    }
    if (f->asset)
        text_printf(to, " %s", f->asset);
    if (f->holder)
        text_printf(to, " at %s", f->holder);
    if (which & FACT_EXPIRES)
        text_printf(to, " until %s", alert_time(f->expires, time));
    if (f->handling)
        text_printf(to, " %s", f->handling);
    if (f->kind)
        text_printf(to, ", %s", f->kind);
    if (f->reason)
        text_printf(to, ", %s", f->reason);
    if (f->basis)
        text_printf(to, ", %s", f->basis);
}

static void event_line_text(struct text *to, const struct fold *f, const struct fold_event *e,
                            const char *note)
{
    text_str(to, "  ");
    show_ms(to, e->e.ms);
    text_printf(to, "  %-13s %s/%s", e->e.type, e->e.author, e->person ? e->person : "-");
    if (e->e.facts)
        facts_text(to, e->e.facts, facts_of_type(e->e.type));
    if (e->effect == EFFECT_STEP) {
        text_printf(to, " -> %s", state_name(e->to));
    } else {
        text_str(to, "  (");
        effect_put(to, f, e);
        text_char(to, ')');
    }
    text_printf(to, "%s%s\n", note ? ": " : "", note ? note : "");
}

bool object_events(struct call *c, struct group_log *l, const struct fold_object *o,
                   struct err *err)
{
    const struct fold_event *e;
    const char *note;

    for (size_t i = 0; (e = fold_event_of(o, i)); i++) {
        if (!event_note(l, c->arena, e, &note, err))
            return false;
        event_line_text(c->out, group_log_fold(l), e, note);
    }
    return true;
}
