#include "group/wait.h"

#include "group/alert_show.h"

#include <string.h>

/* Renewal is asked for when a quarter of a hold's time is left. */
static struct wait wait_renewal(const struct alert_now *n)
{
    uint64_t from = n->object->held->e.ms, to = n->expires;

    return (struct wait){
        .what = WAIT_RENEWAL, .since = to > from ? to - (to - from) / 4 : to, .by = to};
}

static struct wait wait_of(const struct alert_now *n, uint64_t core_ms)
{
    uint64_t by = n->why == ALERT_WHY_NOTHING || n->why == ALERT_WHY_RECEIVED ? n->expires : 0;

    if (!n->live || (n->handling.what != HANDLING_HOLD && !n->order)) /* it may go its way */
        return (struct wait){.what = WAIT_NOTHING};
    switch (n->state) {
    case ALERT_DETECTED:
    case ALERT_SENT:
    case ALERT_SOFT_HELD:
        return (struct wait){.what = WAIT_PERSON, .since = n->object->first->e.ms, .by = by};
    case ALERT_ACKNOWLEDGED:
        return (struct wait){.what = WAIT_ORDER, .since = n->object->last->e.ms, .by = by};
    case ALERT_ORDERED:
        if (!by)
            break;
        return (struct wait){.what = WAIT_CORE, .since = n->object->hold->e.ms + core_ms, .by = by};
    case ALERT_HELD:
    case ALERT_HELD_PART:
        if (!by)
            break;
        return wait_renewal(n);
    case STATE_NONE:
    case CHARTER_PROPOSED:
    case CHARTER_ADOPTED:
    case KEY_REVOKED:
    case CASE_DRAFT:
    case CASE_REPORTED:
    case CASE_VERIFIED:
    case CASE_DISPUTED:
    case CASE_ACTIVE:
    case CASE_CONTAINED:
    case CASE_CLOSED:
    case CASE_RETRACTED:
    case CASE_MERGED:
    case RECORD_STATED:
    case RECORD_DONE:
    case RECORD_WITHDRAWN:
    case HANDLING_SET:
    case EXPORT_APPROVED:
    case PRESERVED:
    case ALERT_OPENED:
    case ALERT_REPAIR:
    case ALERT_LEGAL:
    case ALERT_DECLINED:
    case ALERT_TOO_LATE:
    case ALERT_RELEASED:
    case ALERT_SEIZED:
    case ALERT_RETURNED:
    case ALERT_VOID:
        break;
    }
    return (struct wait){.what = WAIT_NOTHING};
}

struct wait alert_wait(const struct alert_now *n, uint64_t core_ms, uint64_t ms)
{
    struct wait w = wait_of(n, core_ms);
    bool of_event = w.what == WAIT_PERSON || w.what == WAIT_ORDER;

    w.mark = w.since;
    if (of_event && w.since > ms)
        w.since = w.since - ms > WAIT_AHEAD_MS ? 0 : ms;
    return w;
}

const char *wait_name(enum wait_for what)
{
    switch (what) {
    case WAIT_NOTHING:
        return "nothing";
    case WAIT_PERSON:
        return "person";
    case WAIT_ORDER:
        return "order";
    case WAIT_CORE:
        return "core";
    case WAIT_RENEWAL:
        return "renewal";
    }
    return NULL;
}

const char *wait_to_do(enum wait_for what)
{
    switch (what) {
    case WAIT_NOTHING:
        return "nothing";
    case WAIT_PERSON:
        return "acknowledge it (cordon alert acknowledge), or decline it";
    case WAIT_ORDER:
        return "order a hold (cordon hold order), or decline it";
    case WAIT_CORE:
        return "see why the own system has not enforced the hold (cordon hold enforced)";
    case WAIT_RENEWAL:
        return "extend the hold (cordon hold extend), or release it";
    }
    return NULL;
}

/* Those of a level, or of the first where none is called yet. */
static void called_json(struct json_out *j, const struct rota *r, size_t level, uint64_t ms)
{
    json_array(j);
    for (size_t i = 1; i <= (level ? level : 1); i++) {
        const struct rota_person *p = rota_on_duty(r, i, ms);

        if (!p)
            continue;
        json_object(j);
        json_put_number(j, "level", i);
        json_put_string(j, "who", p->id);
        json_put_string(j, "name", p->name);
        json_put_string(j, "phone", p->phone);
        json_object_end(j);
    }
    json_array_end(j);
}

static void wait_json(struct json_out *j, const struct alert_now *n, const struct wait *w,
                      const struct rota *r, uint64_t ms)
{
    size_t level = rota_level(r, w->since, ms);
    uint64_t next = w->since > ms ? w->since : rota_next(r, w->since, ms);
    char time[ALERT_TIME_MAX];

    json_object(j);
    json_put_string(j, "object", n->object->object);
    json_put_string(j, "audience", n->object->audience);
    json_put_string(j, "case", n->told->case_object);
    json_put_string(j, "state", state_name(n->state));
    json_put_string(j, "waits_for", wait_name(w->what));
    json_put_string(j, "to_do", wait_to_do(w->what));
    json_put_string(j, "since", alert_time(w->since, time));
    json_put_string(j, "by", w->by ? alert_time(w->by, time) : NULL);
    json_put_number(j, "level", level);
    json_put_number(j, "levels", r->levels_n);
    json_put_string(j, "next", next != UINT64_MAX ? alert_time(next, time) : NULL);
    json_key(j, "called");
    called_json(j, r, level, ms);
    json_object_end(j);
}

void waits_json(struct json_out *j, const struct alert_book *b, const char *member,
                const struct rota *r, uint64_t core_ms, uint64_t ms)
{
    json_object(j);
    json_put_string(j, "schema", "cordon.escalations/1");
    json_key(j, "waiting");
    json_array(j);
    for (size_t i = 0; b && member && i < alert_book_n(b); i++) {
        struct alert_now n = alert_at(b, i, ms);
        struct wait w = alert_wait(&n, core_ms, ms);

        if (w.what != WAIT_NOTHING && n.object->owner && !strcmp(n.object->owner, member))
            wait_json(j, &n, &w, r, ms);
    }
    json_array_end(j);
    json_object_end(j);
}
