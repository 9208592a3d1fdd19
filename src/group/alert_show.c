#include "group/alert_show.h"

#include "base/time.h"
#include "group/show.h"

#include <stdio.h>

const char *alert_time(uint64_t ms, char ret[ALERT_TIME_MAX])
{
    char day[TIME_DAY_MAX];
    uint64_t s = ms / 1000;

    snprintf(ret, ALERT_TIME_MAX, "%.10sT%02u:%02u:%02u.%03uZ", time_day(s, day),
             (unsigned)(s / 3600 % 24), (unsigned)(s / 60 % 60), (unsigned)(s % 60),
             (unsigned)(ms % 1000));
    return ret;
}

static void hold_json(struct json_out *j, const struct alert_now *n)
{
    const struct event_facts *said = n->object->hold->e.facts, *order = n->order;
    char time[ALERT_TIME_MAX];

    json_object(j);
    json_put_u256(j, "amount", said->amount);
    json_put_u256(j, "in_force", n->amount);
    json_put_bool(j, "soft", n->soft);
    json_put_string(j, "since", alert_time(n->object->held->e.ms, time));
    json_put_string(j, "expires", alert_time(n->expires, time));
    json_put_string(j, "kind", order ? order->kind : NULL);
    json_put_string(j, "reason", order ? order->reason : NULL);
    json_put_string(j, "basis", said->basis ? said->basis : order ? order->basis : NULL);
    json_put_string(j, "instrument", n->instrument);
    json_put_string(j, "why", *alert_why_text(n->why) ? alert_why_text(n->why) : NULL);
    json_object_end(j);
}

static void time_put(struct json_out *j, const char *name, uint64_t ms)
{
    char time[ALERT_TIME_MAX];

    json_put_string(j, name, ms ? alert_time(ms, time) : NULL);
}

static void notice_json(struct json_out *j, const struct alert_notice *n)
{
    json_key(j, "notice");
    if (!n->due && !n->given && !n->by) {
        json_null(j);
        return;
    }
    json_object(j);
    time_put(j, "due", n->due);
    time_put(j, "deferred_until", n->deferred);
    json_put_string(j, "deferral_basis", n->by);
    time_put(j, "given", n->given);
    json_object_end(j);
}

static void place_json(struct json_out *j, const struct alert_place *at)
{
    json_key(j, "on_chain");
    if (!at || at->at == ALERT_PLACE_UNKNOWN)
        json_null(j);
    else
        json_bool(j, at->at == ALERT_PLACE_THERE);
    json_put_number_or_null(j, "depth", at ? at->depth : 0, 0);
}

unsigned alert_doubts_now(const struct alert_now *n, const struct alert_body *of,
                          const struct alert_place *at)
{
    struct alert_grounds g = {.verified = n->verified,
                              .policy = TRACE_POISON,
                              .tainted = n->told->amount,
                              .received = n->told->received,
                              .depth = at ? at->depth : 0,
                              .traced = of->found};

    if (!trace_policy_from_name(n->told->policy, &g.policy))
        g.policy = TRACE_POISON;
    if (of->found) {
        g.cut = of->found->cut;
        g.hops = of->found->hops;
        g.service = of->found->service;
    }
    return alert_doubts(&g);
}

static void grade_json(struct json_out *j, unsigned doubts)
{
    json_put_string(j, "grade", alert_grade_name(alert_grade(doubts)));
    json_key(j, "grade_why");
    json_array(j);
    for (unsigned d = 1; d <= DOUBT_LAST; d <<= 1)
        if (doubts & d)
            json_string(j, alert_doubt_text((enum alert_doubt)d));
    json_array_end(j);
}

void alert_json(struct json_out *j, const struct alert_now *n, const struct alert_body *of,
                const struct alert_place *at)
{
    const struct event_facts *told = n->told;
    char time[ALERT_TIME_MAX];

    json_put_string(j, "object", n->object->object);
    json_put_string(j, "audience", n->object->audience);
    json_put_string(j, "state", state_name(n->state));
    json_put_bool(j, "live", n->live);
    json_key(j, "disclosed");
    if (n->state == ALERT_TOO_LATE)
        json_bool(j, n->disclosed);
    else
        json_null(j);
    json_put_string(j, "case", told->case_object);
    json_put_string(j, "case_state", state_name(n->case_state));
    json_put_bool(j, "verified", n->verified);
    handling_put(j, &n->handling);
    json_put_string(j, "holder", told->holder);
    json_put_string(j, "told_by", n->object->first->e.author);
    json_put_string(j, "time", alert_time(n->object->first->e.ms, time));
    json_put_string(j, "asset", told->asset);
    json_put_u256(j, "amount", told->amount);
    json_put_u256(j, "received", told->received);
    json_put_string(j, "policy", told->policy);
    json_put_hex(j, "deposit", told->deposit.b, sizeof(told->deposit.b));
    json_put_string(j, "chain", of->output ? of->chain : NULL);
    json_put_string(j, "output", of->output);
    json_put_string(j, "address", of->output ? of->address : NULL);
    place_json(j, at);
    grade_json(j, alert_doubts_now(n, of, at));
    json_key(j, "hold");
    if (n->object->hold)
        hold_json(j, n);
    else
        json_null(j);
    notice_json(j, &n->notice);
}
