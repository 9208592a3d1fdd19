#include "group/times.h"

#include "base/json.h"
#include "base/sort.h"

struct samples {
    const struct times_of *of;
    struct times_sample *at;
    size_t n;
};

static void put_ms(struct samples *s, const struct fold_event *from, const char *member,
                   uint64_t ms, enum times_kind kind)
{
    struct times_sample one = {member, from->e.object, kind, ms > from->e.ms ? ms - from->e.ms : 0};

    if (ms < s->of->from_ms || (s->of->until_ms && ms >= s->of->until_ms))
        return;
    s->at[s->n++] = one;
    one.member = "";
    if (s->of->together)
        s->at[s->n++] = one;
}

static void put(struct samples *s, const struct fold_event *from, const struct fold_event *to,
                enum times_kind kind)
{
    if (from && to)
        put_ms(s, from, to->e.author, to->e.ms, kind);
}

/* Nobody gives itself a receipt. */
static void put_receipt(struct samples *s, const struct fold_event *from, const char *member,
                        enum times_kind kind)
{
    uint64_t ms;

    if (s->of->receipts && strcmp(from->e.author, member) != 0 &&
        receipts_find(s->of->receipts, member, &from->e, &ms))
        put_ms(s, from, member, ms, kind);
}

/* The next member that gave one, from the i-th row on, which moves behind them; NULL: no more. */
static const char *receiver_next(const struct receipts *of, size_t *i)
{
    const char *member = of && *i < of->n ? of->at[*i].member : NULL;

    while (member && *i < of->n && !strcmp(of->at[*i].member, member))
        ++*i;
    return member;
}

/* The first event of a type that did something, from the i-th on, which moves behind it. */
static const struct fold_event *first_of(const struct fold_object *o, const char *type, size_t *i)
{
    const struct fold_event *e;

    while ((e = fold_event_of(o, (*i)++)))
        if (e->effect == EFFECT_STEP && !strcmp(e->e.type, type))
            return e;
    return NULL;
}

static const struct fold_event *first(const struct fold_object *o, const char *type)
{
    size_t i = 0;

    return first_of(o, type, &i);
}

static const struct fold_object *first_alert(const struct fold *f, const struct fold_object *of,
                                             const char *audience)
{
    const struct fold_object *o, *ret = NULL;

    for (size_t i = 0; (o = fold_object_at(f, i)); i++)
        if (object_is(o->object, "alert") && o->first && o->first->e.facts &&
            facts_of_type(o->first->e.type) & FACT_CASE &&
            !strcmp(o->first->e.facts->case_object, of->object) &&
            (!strcmp(of->audience, AUDIENCE_ALL) || !strcmp(o->audience, of->audience)) &&
            (!audience || !strcmp(o->audience, audience)) &&
            (!ret || event_order(&o->first->e, &ret->first->e) < 0))
            ret = o;
    return ret;
}

static void of_case(const struct fold *f, const struct fold_object *o, struct samples *s)
{
    const struct fold_event *report = first(o, "case.report");
    const struct fold_object *alert = first_alert(f, o, s->of->audience);
    const char *member;

    put(s, report, first(o, "case.verify"), TIMES_VERIFY);
    if (alert)
        put(s, report, alert->first, TIMES_ALERT);
    for (size_t i = 0; report && (member = receiver_next(s->of->receipts, &i));)
        put_receipt(s, report, member, TIMES_REPORTED);
}

static void of_alert(const struct fold_object *o, struct samples *s)
{
    const struct fold_event *began = NULL, *e;

    for (size_t i = 0; (e = fold_event_of(o, i)) && !began; i++)
        if (e->effect == EFFECT_STEP &&
            (!strcmp(e->e.type, "alert.hold-soft") || !strcmp(e->e.type, "alert.order")))
            began = e;
    if (o->owner)
        put_receipt(s, o->first, o->owner, TIMES_ALERTED);
    put(s, o->first, first(o, "alert.hold-soft"), TIMES_SOFT);
    put(s, o->first, first(o, "alert.acknowledge"), TIMES_PERSON);
    put(s, o->first, first(o, "alert.enforce"), TIMES_ENFORCED);
    put(s, began, first(o, "alert.release"), TIMES_RELEASE);
}

static int sample_order(const void *a, const void *b)
{
    const struct times_sample *x = a, *y = b;
    int order = strcmp(x->member, y->member);

    if (!order)
        order = (x->kind > y->kind) - (x->kind < y->kind);
    return order ? order : (x->ms > y->ms) - (x->ms < y->ms);
}

static uint64_t rank(const struct times_sample *const *at, size_t n, unsigned percent)
{
    return at[(n * percent + 99) / 100 - 1]->ms;
}

static bool rows(struct arena *a, const struct samples *s, struct times_row **ret, size_t *ret_n,
                 struct err *err)
{
    const struct times_sample **at = ARENA_ARRAY(a, const struct times_sample *, s->n);
    const void **scratch = ARENA_ARRAY(a, const void *, s->n);
    struct times_row *to = ARENA_ARRAY(a, struct times_row, s->n);
    size_t n = 0;

    if (!at || !scratch || !to)
        return err_fail(err, ERR_NOMEM, "times");
    for (size_t i = 0; i < s->n; i++)
        at[i] = &s->at[i];
    sort_pointers((const void **)at, s->n, scratch, sample_order);
    for (size_t i = 0, end; i < s->n; i = end) {
        for (end = i;
             end < s->n && !strcmp(at[end]->member, at[i]->member) && at[end]->kind == at[i]->kind;)
            end++;
        to[n++] = (struct times_row){.member = at[i]->member,
                                     .kind = at[i]->kind,
                                     .n = end - i,
                                     .p50_ms = rank(at + i, end - i, 50),
                                     .p95_ms = rank(at + i, end - i, 95),
                                     .at = at + i};
    }
    *ret = to;
    *ret_n = n;
    return true;
}

static bool is_timed(const struct fold_object *o, const struct times_of *of)
{
    return o->first && (!of->audience || !strcmp(of->audience, o->audience)) &&
           (object_is(o->object, "case") ||
            (object_is(o->object, "alert") && o->state != ALERT_OPENED));
}

/* At the most, of all time: of other records than cases and alerts there is none. */
static size_t samples_most(const struct fold *f, const struct times_of *of)
{
    const struct fold_object *o;
    size_t objects = 0, receivers = 0;

    for (size_t i = 0; (o = fold_object_at(f, i)); i++)
        objects += is_timed(o, of);
    for (size_t i = 0; receiver_next(of->receipts, &i);)
        receivers++;
    return objects * (TIMES_N + receivers) * 2;
}

/* Out of the room for the most, which a quarter's are far from, into an arena that lasts. */
static bool samples_keep(struct arena *a, struct samples *s)
{
    struct times_sample *at = arena_copy(a, s->at, s->n * sizeof(*at));

    s->at = at;
    return at != NULL;
}

bool times_of(struct arena *a, const struct fold *f, const struct times_of *of,
              struct times_row **ret, size_t *ret_n, struct err *err)
{
    struct arena *room = arena_new(a, SIZE_MAX / 4);
    const struct fold_object *o;
    struct samples s = {.of = of};
    bool ok, limited;

    s.at = room ? ARENA_ARRAY(room, struct times_sample, samples_most(f, of)) : NULL;
    for (size_t i = 0; s.at && (o = fold_object_at(f, i)); i++)
        if (is_timed(o, of) && object_is(o->object, "case"))
            of_case(f, o, &s);
        else if (is_timed(o, of))
            of_alert(o, &s);
    ok = s.at && samples_keep(a, &s);
    limited = arena_limited(a) || (room && arena_limited(room));
    arena_free(room);
    if (!ok)
        return err_fail(err, limited ? ERR_LIMIT : ERR_NOMEM, "times");
    return rows(a, &s, ret, ret_n, err);
}

const char *times_name(enum times_kind kind)
{
    switch (kind) {
    case TIMES_VERIFY:
        return "report-to-verify";
    case TIMES_ALERT:
        return "report-to-alert";
    case TIMES_REPORTED:
        return "report-to-receipt";
    case TIMES_ALERTED:
        return "alert-to-receipt";
    case TIMES_SOFT:
        return "alert-to-soft-hold";
    case TIMES_PERSON:
        return "alert-to-person";
    case TIMES_ENFORCED:
        return "alert-to-enforced";
    case TIMES_RELEASE:
        return "hold-to-release";
    }
    return NULL;
}

void times_json(struct text *to, const struct times_row *rows, size_t n, bool pretty)
{
    struct json_out j = json_to(to, pretty);

    json_object(&j);
    json_put_string(&j, "schema", "cordon.group-times/1");
    json_key(&j, "times");
    json_array(&j);
    for (size_t i = 0; i < n; i++) {
        json_object(&j);
        json_put_string(&j, "member", rows[i].member);
        json_put_string(&j, "what", times_name(rows[i].kind));
        json_put_number(&j, "n", rows[i].n);
        json_put_number(&j, "p50_ms", rows[i].p50_ms);
        json_put_number(&j, "p95_ms", rows[i].p95_ms);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
}
