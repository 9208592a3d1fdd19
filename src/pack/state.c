/* Sections out of cases, alerts and holds. They count as AMBER+STRICT: only the full version has
 * them. */
#include "pack/parts.h"

#include "base/time.h"
#include "group/alert.h"
#include "group/show.h"
#include "group/times.h"

#include <stdlib.h>

#define HOUR_MS ((uint64_t)3600000)

static bool is_ours(const struct making *m, const struct fold_object *o, const char *kind)
{
    return o->first && object_is(o->object, kind) &&
           !strcmp(o->audience, m->pack->options.audience);
}

static bool in_quarter(const struct making *m, const struct fold_event *e)
{
    return e->e.ms / 1000 >= m->quarter.from && e->e.ms / 1000 < m->quarter.to;
}

static const struct fold_event *first_step(const struct fold_object *o, const char *type)
{
    const struct fold_event *e;

    for (size_t i = 0; (e = fold_event_of(o, i)); i++)
        if (e->effect == EFFECT_STEP && !strcmp(e->e.type, type))
            return e;
    return NULL;
}

static const char *id(struct making *m, const struct fold_object *o)
{
    return made_text(m, "%.12s", strchr(o->object, ':') + 1);
}

static const char *day(struct making *m, uint64_t ms)
{
    char text[TIME_DAY_MAX];

    return made_text(m, "%s", time_day(ms / 1000, text));
}

/* ---- cases ---- */

static const char *case_title(struct making *m, const struct fold_object *o)
{
    enum body_state state;
    struct report r;

    if (m->failed)
        return NULL;
    if (!case_report(m->log, m->a, o, &state, &r, m->err)) {
        m->failed = true;
        return NULL;
    }
    return state == BODY_HERE ? r.file.title : body_state_name(state);
}

static void cases(struct making *m)
{
    static const enum pack_word columns[] = {PACK_C_REPORTED,    PACK_C_OWNER, PACK_C_TITLE,
                                             PACK_C_VERIFIED_BY, PACK_C_STATE, PACK_C_ID,
                                             PACK_WORDS_N};
    struct pack_section *s = section_add(m, PACK_CASES);
    struct pack_table *t = table_add(m, s, PACK_CASES, "cordon case list --format json", columns);
    const struct fold_object *o;

    for (size_t i = 0; (o = fold_object_at(m->fold, i)) && !m->failed; i++) {
        const struct fold_event *report, *verify;

        if (!is_ours(m, o, "case") || !(report = first_step(o, "case.report")) ||
            !in_quarter(m, report))
            continue;
        verify = first_step(o, "case.verify");
        row_add(m, t);
        cell_add(m, t, day(m, report->e.ms));
        cell_add(m, t, o->owner);
        cell_add(m, t, case_title(m, o));
        cell_add(m, t, verify ? verify->e.author : NULL);
        cell_value(m, t, state_name(o->state));
        cell_add(m, t, id(m, o));
    }
}

/* ---- times ---- */

static const char *seconds(struct making *m, uint64_t ms)
{
    return made_text(m, "%llu.%03u", (unsigned long long)(ms / 1000), (unsigned)(ms % 1000));
}

static bool times_in(struct making *m, const struct period *p, struct times_row **rows, size_t *n)
{
    struct times_of of = {.audience = m->pack->options.audience,
                          .from_ms = p->from * 1000,
                          .until_ms = p->to * 1000}; /* receipts differ from home to home */

    if (!m->failed && !times_of(m->a, m->fold, &of, rows, n, m->err))
        m->failed = true;
    return !m->failed;
}

static void times(struct making *m)
{
    static const enum pack_word columns[] = {PACK_C_OWNER, PACK_C_WHAT, PACK_C_N,
                                             PACK_C_P50,   PACK_C_P95,  PACK_WORDS_N};
    static const enum pack_word trend[] = {PACK_C_QUARTER, PACK_C_OWNER, PACK_C_WHAT, PACK_C_N,
                                           PACK_C_P50,     PACK_C_P95,   PACK_WORDS_N};
    static const char query[] = "cordon case times --format json";
    struct pack_section *s = section_add(m, PACK_RESPONSE);
    struct pack_table *now = table_add(m, s, PACK_RESPONSE, query, columns);
    struct pack_table *then = table_add(m, s, PACK_TREND, query, trend);

    for (unsigned back = PACK_TREND_QUARTERS; back-- > 0;) {
        unsigned at = m->pack->options.year * 4 + m->pack->options.quarter - 1 - back;
        struct times_row *rows = NULL;
        struct period p;
        size_t n = 0;

        if (!period_of_quarter(at / 4, at % 4 + 1, &p) || !times_in(m, &p, &rows, &n))
            continue;
        for (size_t i = 0; i < n; i++) {
            struct pack_table *t = back ? then : now;

            row_add(m, t);
            if (back)
                cell_add(m, t, made_text(m, "%uQ%u", at / 4, at % 4 + 1));
            cell_add(m, t, rows[i].member);
            cell_value(m, t, times_name(rows[i].kind));
            cell_u64(m, t, rows[i].n);
            cell_number(m, t, seconds(m, rows[i].p50_ms));
            cell_number(m, t, seconds(m, rows[i].p95_ms));
        }
    }
}

/* ---- money ---- */

enum fate { OPEN, HELD, RELEASED, RETURNED, SEIZED, ESCAPED, DECLINED, WITHDRAWN, FATES };

static enum fate fate_of(const struct alert_now *now)
{
    static const struct {
        enum state state;
        enum fate fate;
    } ends[] = {{ALERT_DECLINED, DECLINED}, {ALERT_TOO_LATE, ESCAPED},  {ALERT_RELEASED, RELEASED},
                {ALERT_SEIZED, SEIZED},     {ALERT_RETURNED, RETURNED}, {ALERT_VOID, WITHDRAWN}};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (ends[i].state == now->state)
            return ends[i].fate;
    if (!now->live)
        return WITHDRAWN;
    return u256_zero(now->amount) ? OPEN : HELD;
}

struct sums { /* of one holder and asset */
    const char *holder, *asset;
    struct u256 reached, by[FATES];
    uint64_t n;
};

struct book {
    const struct alert_book *alerts;
    struct sums *sums;
    size_t n, most;
    uint64_t alerts_n, fates[FATES];
};

static struct u256 plus(struct u256 a, struct u256 b)
{
    struct u256 sum;

    return u256_add(a, b, &sum) ? sum
                                : (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
}

static struct sums *sums_of(struct book *b, const struct event_facts *told)
{
    size_t i = 0;

    while (i < b->n && (strcmp(b->sums[i].holder, told->holder) != 0 ||
                        strcmp(b->sums[i].asset, told->asset) != 0))
        i++;
    if (i == b->n && b->n < b->most)
        b->sums[b->n++] = (struct sums){.holder = told->holder, .asset = told->asset};
    return i < b->n ? &b->sums[i] : NULL;
}

static void alerts_sum(struct making *m, struct book *b)
{
    size_t n;

    if (m->failed)
        return;
    b->alerts = alert_book(m->a, m->fold);
    n = b->alerts ? alert_book_n(b->alerts) : 0;
    b->sums = ARENA_ARRAY(m->a, struct sums, n + 1);
    b->most = n;
    if (!b->alerts || !b->sums) {
        making_failed(m, ERR_NOMEM, "a pack");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        struct alert_now now = alert_at(b->alerts, i, m->cut_off_ms);
        struct sums *sums;

        if (!is_ours(m, now.object, "alert") || !in_quarter(m, now.object->first) ||
            !(sums = sums_of(b, now.told)))
            continue;
        b->alerts_n++;
        b->fates[fate_of(&now)]++;
        sums->n++;
        sums->reached = plus(sums->reached, now.told->amount);
        sums->by[fate_of(&now)] = plus(sums->by[fate_of(&now)], now.told->amount);
    }
}

static int by_holder(const void *pa, const void *pb)
{
    const struct sums *a = pa, *b = pb;
    int order = strcmp(a->holder, b->holder);

    return order ? order : strcmp(a->asset, b->asset);
}

static void cell_amount(struct making *m, struct pack_table *t, struct u256 amount)
{
    char digits[U256_TEXT_MAX];

    u256_to_text(amount, digits);
    cell_number(m, t, made_text(m, "%s", digits));
}

static void money(struct making *m, struct book *b)
{
    static const enum pack_word columns[] = {
        PACK_C_HOLDER,   PACK_C_ASSET,     PACK_C_N,        PACK_C_REACHED, PACK_C_OPEN,
        PACK_C_HELD,     PACK_C_RELEASED,  PACK_C_RETURNED, PACK_C_SEIZED,  PACK_C_ESCAPED,
        PACK_C_DECLINED, PACK_C_WITHDRAWN, PACK_WORDS_N};
    struct pack_section *s = section_add(m, PACK_MONEY);
    struct pack_table *t = table_add(m, s, PACK_MONEY, "cordon alert list --format json", columns);

    if (m->failed)
        return;
    qsort(b->sums, b->n, sizeof(*b->sums), by_holder);
    for (size_t i = 0; i < b->n; i++) {
        row_add(m, t);
        cell_add(m, t, b->sums[i].holder);
        cell_add(m, t, b->sums[i].asset);
        cell_u64(m, t, b->sums[i].n);
        cell_amount(m, t, b->sums[i].reached);
        for (unsigned fate = 0; fate < FATES; fate++)
            cell_amount(m, t, b->sums[i].by[fate]);
    }
}

/* ---- quality ---- */

/* How long a hold lasted on what was withdrawn afterwards: from the first that held to what ended
 * it, or to its expiry. */
static uint64_t held_ms(const struct fold_object *o)
{
    const struct fold_event *e, *began = NULL;
    uint64_t expires = 0;

    for (size_t i = 0; (e = fold_event_of(o, i)); i++) {
        if (e->effect != EFFECT_STEP)
            continue;
        if (e->e.facts && e->e.facts->expires) {
            began = began ? began : e;
            expires = e->e.facts->expires;
        } else if (began && e == o->last) {
            uint64_t ended = e->e.ms < expires ? e->e.ms : expires;

            return ended > began->e.ms ? ended - began->e.ms : 0;
        }
    }
    return began && expires > began->e.ms ? expires - began->e.ms : 0;
}

static const char *reporter_of(const struct making *m, const struct fold_object *alert)
{
    const struct event_facts *told = alert->first->e.facts;
    const struct fold_object *o =
        told ? fold_object(m->fold, told->case_object, alert->audience) : NULL;

    return o && o->owner ? o->owner : alert->first->e.author;
}

static const char *reason_of(const struct fold_object *o)
{
    return o->last->e.facts && o->last->e.facts->reason ? o->last->e.facts->reason : NULL;
}

static void withdrawn(struct making *m, struct pack_section *s, struct book *b)
{
    static const enum pack_word columns[] = {PACK_C_DATE,  PACK_C_REPORTER, PACK_C_HOLDER,
                                             PACK_C_STATE, PACK_C_REASON,   PACK_C_HOURS,
                                             PACK_C_ID,    PACK_WORDS_N};
    struct pack_table *t =
        table_add(m, s, PACK_C_WITHDRAWN, "cordon alert list --format json", columns);
    uint64_t all_ms = 0;

    for (size_t i = 0; !m->failed && i < alert_book_n(b->alerts); i++) {
        struct alert_now now = alert_at(b->alerts, i, m->cut_off_ms);
        enum fate fate = fate_of(&now);
        uint64_t ms;

        if (!is_ours(m, now.object, "alert") || !in_quarter(m, now.object->first) ||
            (fate != WITHDRAWN && fate != DECLINED))
            continue;
        ms = fate == WITHDRAWN ? held_ms(now.object) : 0;
        all_ms += ms;
        row_add(m, t);
        cell_add(m, t, day(m, now.object->first->e.ms));
        cell_add(m, t, reporter_of(m, now.object));
        cell_add(m, t, now.told->holder);
        cell_value(m, t, state_name(now.state));
        cell_add(m, t, reason_of(now.object));
        cell_number(m, t,
                    made_text(m, "%llu.%02u", (unsigned long long)(ms / HOUR_MS),
                              (unsigned)(ms % HOUR_MS * 100 / HOUR_MS)));
        cell_add(m, t, id(m, now.object));
    }
    figure_add(m, s, PACK_WRONG_HOURS,
               made_text(m, "%llu.%02u", (unsigned long long)(all_ms / HOUR_MS),
                         (unsigned)(all_ms % HOUR_MS * 100 / HOUR_MS)),
               "cordon alert list --format json");
}

static uint64_t cases_in(const struct making *m, enum state state)
{
    const struct fold_object *o;
    uint64_t n = 0;

    for (size_t i = 0; (o = fold_object_at(m->fold, i)); i++)
        n += is_ours(m, o, "case") && o->state == state && in_quarter(m, o->first);
    return n;
}

static void quality(struct making *m, struct book *b)
{
    struct pack_section *s = section_add(m, PACK_QUALITY);
    static const char alerts[] = "cordon alert list --format json";
    static const char query[] = "cordon case list --format json";

    figure_number(m, s, PACK_ALERTS_VOID, b->fates[WITHDRAWN], alerts);
    figure_number(m, s, PACK_ALERTS_DECLINED, b->fates[DECLINED], alerts);
    figure_number(m, s, PACK_CASES_RETRACTED, cases_in(m, CASE_RETRACTED), query);
    figure_number(m, s, PACK_CASES_DISPUTED, cases_in(m, CASE_DISPUTED), query);
    withdrawn(m, s, b);
}

void pack_state(struct making *m)
{
    struct book b = {.n = 0};

    if (m->pack->options.reader != PACK_READER_FULL)
        return;
    alerts_sum(m, &b);
    cases(m);
    times(m);
    money(m, &b);
    quality(m, &b);
}

void pack_state_summary(struct making *m, struct pack_section *s)
{
    static const char query[] = "cordon case list --format json";
    static const char alerts[] = "cordon alert list --format json";
    const struct fold_object *o;
    struct book b = {.n = 0};
    uint64_t reported = 0, verified = 0;

    if (m->pack->options.reader != PACK_READER_FULL)
        return;
    for (size_t i = 0; (o = fold_object_at(m->fold, i)); i++) {
        const struct fold_event *report;

        if (!is_ours(m, o, "case") || !(report = first_step(o, "case.report")) ||
            !in_quarter(m, report))
            continue;
        reported++;
        verified += first_step(o, "case.verify") != NULL;
    }
    alerts_sum(m, &b);
    figure_number(m, s, PACK_CASES_REPORTED, reported, query);
    figure_number(m, s, PACK_CASES_VERIFIED, verified, query);
    figure_number(m, s, PACK_ALERTS_TOLD, b.alerts_n, alerts);
    figure_number(m, s, PACK_ALERTS_HELD, b.fates[HELD], alerts);
    figure_number(m, s, PACK_ALERTS_ESCAPED, b.fates[ESCAPED], alerts);
}
