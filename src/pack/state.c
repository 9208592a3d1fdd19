/* Sections out of cases, alerts and holds. They count as AMBER+STRICT: only the full version has
 * them. */
#include "pack/parts.h"

#include "group/instrument.h"
#include "group/show.h"
#include "group/times.h"
#include "trace/rates.h"

#include <stdlib.h>

#define HOUR_MS ((uint64_t)3600000)
#define MERGES_MAX 16 /* of one case after another */

static const struct fold_event *first_step(const struct fold_object *o, const char *type)
{
    const struct fold_event *e;

    for (size_t i = 0; (e = fold_event_of(o, i)); i++)
        if (e->effect == EFFECT_STEP && !strcmp(e->e.type, type))
            return e;
    return NULL;
}

/* ---- cases ---- */

static bool report_of(struct making *m, const struct fold_object *o, struct report *ret,
                      enum body_state *state)
{
    if (!m->failed && !case_report(m->log, m->a, o, state, ret, m->err))
        m->failed = true;
    return !m->failed;
}

struct said_of { /* the incident that says which case is of it */
    const char *object;
    const struct record_said *incident;
    size_t i;
};

static int by_object(const void *pa, const void *pb)
{
    const struct said_of *a = pa, *b = pb;
    int order = strcmp(a->object, b->object);

    return order ? order : (a->i > b->i) - (a->i < b->i);
}

/* [*ret_n] by case, the newest of each last. */
static struct said_of *said_of_cases(struct making *m, size_t *ret_n)
{
    struct said_of *all;
    struct records incidents;
    size_t n = 0;

    *ret_n = 0;
    records_seen(m, "incident", &incidents);
    all = ARENA_ARRAY(m->a, struct said_of, incidents.n + 1);
    if (!all) {
        making_failed(m, ERR_NOMEM, "a pack");
        return NULL;
    }
    for (size_t i = 0; i < incidents.n; i++)
        if (record_text(&incidents.at[i].record, "case"))
            all[n++] =
                (struct said_of){record_text(&incidents.at[i].record, "case"), &incidents.at[i], i};
    if (n)
        qsort(all, n, sizeof(*all), by_object);
    *ret_n = n;
    return all;
}

/* Who did it, in whose eyes, and why. NULL: nobody says so. */
static const struct record_said *incident_of(const struct said_of *all, size_t n,
                                             const char *object)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(all[middle].object, object) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low && !strcmp(all[low - 1].object, object) ? all[low - 1].incident : NULL;
}

static void case_row(struct making *m, struct pack_table *t, const struct fold_object *o,
                     const struct record_said *incident)
{
    const struct fold_event *verify = first_step(o, "case.verify");
    enum body_state state;
    struct report r;

    if (!report_of(m, o, &r, &state))
        return;
    row_add(m, t);
    cell_add(m, t, day_of(m, first_step(o, "case.report")->e.ms));
    cell_add(m, t, o->owner);
    cell_add(m, t, state == BODY_HERE ? case_title(m, &r) : body_state_name(state));
    cell_value(m, t, state == BODY_HERE ? r.file.kind : NULL);
    cell_add(m, t, verify ? verify->e.author : NULL);
    cell_value(m, t, state_name(o->state));
    cell_add(m, t, incident ? record_text(&incident->record, "attributed_by") : NULL);
    cell_value(m, t, incident ? record_text(&incident->record, "confidence") : NULL);
    cell_add(m, t, incident ? record_text(&incident->record, "basis") : NULL);
    denial_cells(m, t, incident);
    cell_add(m, t, id_of(m, o->object));
}

static void cases(struct making *m)
{
    static const enum pack_word columns[] = {PACK_C_REPORTED,
                                             PACK_C_OWNER,
                                             PACK_C_TITLE,
                                             PACK_C_KIND,
                                             PACK_C_VERIFIED_BY,
                                             PACK_C_STATE,
                                             PACK_C_ATTRIBUTED,
                                             PACK_C_CONFIDENCE,
                                             PACK_C_BASIS,
                                             PACK_C_DENIED_BY,
                                             PACK_C_DENIED_IN_GENERAL,
                                             PACK_C_ID,
                                             PACK_WORDS_N};
    struct pack_section *s = section_add(m, PACK_CASES);
    struct pack_table *t = table_add(m, s, PACK_CASES, "cordon case list --format json", columns);
    const struct fold_object *o;
    size_t n;
    const struct said_of *said = said_of_cases(m, &n);

    for (size_t i = 0; (o = fold_object_at(m->fold, i)) && !m->failed; i++) {
        const struct fold_event *report;

        if (is_of_audience(m, o, "case") && (report = first_step(o, "case.report")) &&
            in_quarter(m, report->e.ms))
            case_row(m, t, o, incident_of(said, n, o->object));
    }
}

/* ---- times ---- */

static bool times_in(struct making *m, const struct period *p, struct times_row **rows, size_t *n)
{
    struct times_of of = {.audience = m->pack->options.audience,
                          .from_ms = p->from * 1000,
                          .until_ms = p->to * 1000, /* receipts differ from home to home */
                          .together = true};

    if (!m->failed && !times_of(m->a, m->fold, &of, rows, n, m->err))
        m->failed = true;
    return !m->failed;
}

struct quarter_times {
    const char *name; /* "2026Q3" */
    struct times_row *rows;
    size_t n;
};

static const struct times_row *times_find(const struct quarter_times *q,
                                          const struct times_row *like)
{
    for (size_t i = 0; i < q->n; i++)
        if (q->rows[i].kind == like->kind && !strcmp(q->rows[i].member, like->member))
            return &q->rows[i];
    return NULL;
}

static void times_begin(struct making *m, struct pack_table *t, const struct times_row *row)
{
    row_add(m, t);
    row_name(m, t, row->member, times_name(row->kind), NULL);
    if (*row->member)
        cell_add(m, t, row->member);
    else
        cell_word(m, t, PACK_ALL_MEMBERS);
    cell_value(m, t, times_name(row->kind));
}

static void times_behind(struct making *m, const struct times_row *row)
{
    for (size_t i = 0; i < row->n; i++)
        cell_behind_u64(m, row->at[i]->object, row->at[i]->ms);
}

/* A row a member and way, a column a quarter: the medians. */
static void trend(struct making *m, struct pack_table *t, const struct quarter_times *all, size_t n)
{
    for (size_t q = 0; q < n; q++)
        t->column_texts[q + 2] = all[q].name;
    for (size_t q = 0; q < n; q++)
        for (size_t i = 0; i < all[q].n; i++) {
            const struct times_row *like = &all[q].rows[i];
            bool told = false;

            for (size_t k = 0; k < q && !told; k++)
                told = times_find(&all[k], like);
            if (told)
                continue;
            times_begin(m, t, like);
            for (size_t k = 0; k < n; k++) {
                const struct times_row *row = times_find(&all[k], like);

                if (!row)
                    cell_number(m, t, NULL);
                else if (cell_seconds(m, t, PACK_MEDIAN, row->p50_ms))
                    times_behind(m, row);
            }
        }
}

static void times(struct making *m)
{
    static const enum pack_word columns[] = {PACK_C_OWNER, PACK_C_WHAT, PACK_C_N,
                                             PACK_C_P50,   PACK_C_P95,  PACK_WORDS_N};
    static const enum pack_word quarters[] = {PACK_C_OWNER,   PACK_C_WHAT,    PACK_C_QUARTER,
                                              PACK_C_QUARTER, PACK_C_QUARTER, PACK_C_QUARTER,
                                              PACK_C_QUARTER, PACK_C_QUARTER, PACK_C_QUARTER,
                                              PACK_C_QUARTER, PACK_WORDS_N};
    static const char query[] = "cordon case times --format json";
    struct pack_section *s = section_add(m, PACK_RESPONSE);
    struct pack_table *now = table_add(m, s, PACK_RESPONSE, query, columns);
    struct pack_table *then = table_add(m, s, PACK_TREND, query, quarters);
    struct quarter_times all[PACK_TREND_QUARTERS] = {{NULL, NULL, 0}};

    for (unsigned q = 0; q < PACK_TREND_QUARTERS; q++) {
        unsigned at =
            m->pack->options.year * 4 + m->pack->options.quarter - PACK_TREND_QUARTERS + q;
        struct period p;

        all[q].name = made_text(m, "%uQ%u", at / 4, at % 4 + 1);
        if (!period_of_quarter(at / 4, at % 4 + 1, &p) || !times_in(m, &p, &all[q].rows, &all[q].n))
            all[q].n = 0;
    }
    for (size_t i = 0; i < all[PACK_TREND_QUARTERS - 1].n; i++) {
        const struct times_row *row = &all[PACK_TREND_QUARTERS - 1].rows[i];

        times_begin(m, now, row);
        if (cell_count(m, now, row->n))
            for (size_t k = 0; k < row->n; k++)
                cell_behind(m, row->at[k]->object);
        if (cell_seconds(m, now, PACK_MEDIAN, row->p50_ms))
            times_behind(m, row);
        if (cell_seconds(m, now, PACK_P95, row->p95_ms))
            times_behind(m, row);
    }
    if (!m->failed)
        trend(m, then, all, PACK_TREND_QUARTERS);
}

void pack_cases(struct making *m)
{
    if (m->pack->options.reader == PACK_READER_FULL)
        cases(m);
}

void pack_times(struct making *m)
{
    if (m->pack->options.reader == PACK_READER_FULL)
        times(m);
}

/* ---- quality ---- */

/* When its case no longer stood, and no hold with it; UINT64_MAX: it stands. */
static uint64_t gone_ms(const struct making *m, const struct alert_now *now)
{
    const char *name = now->told->case_object;
    uint64_t at = UINT64_MAX;

    for (int merges = 0; !now->live && merges < MERGES_MAX; merges++) {
        const struct fold_object *o = alert_case_object(m->fold, name, now->object->audience);

        if (!o || (o->state != CASE_RETRACTED && o->state != CASE_MERGED))
            break;
        at = o->last->e.ms;
        if (o->state == CASE_RETRACTED)
            break;
        name = o->last->e.into;
    }
    return at;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t between(uint64_t from, uint64_t until, uint64_t stop)
{
    uint64_t end = least(until, stop);

    return end > from ? end - from : 0;
}

static bool ends_hold(enum state s)
{
    static const enum state ends[] = {ALERT_DECLINED, ALERT_TOO_LATE, ALERT_RELEASED,
                                      ALERT_SEIZED,   ALERT_RETURNED, ALERT_VOID};

    for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
        if (ends[i] == s)
            return true;
    return false;
}

/* Until when what it says is held was, at most: by an instrument no longer than that stood. */
static uint64_t said_until(const struct making *m, const struct fold_event *e)
{
    uint64_t expires = e->e.facts->expires;

    return strcmp(e->e.type, "alert.legal") != 0 ? expires
                                                 : least(expires, instrument_end(m->fold, e));
}

/* How long something was held: from each step that says so to the next that says otherwise, its
 * end, its paper's, the case's or the cut-off, whichever came first. Hours between two holds do not
 * count. */
static uint64_t held_ms(const struct making *m, const struct alert_now *now)
{
    uint64_t gone = gone_ms(m, now), stop = least(gone, m->cut_off_ms);
    uint64_t from = 0, until = 0, sum = 0;
    const struct fold_event *e;

    for (size_t i = 0; (e = fold_event_of(now->object, i)); i++) {
        bool says = says_what_is_held(e);

        if (e->effect != EFFECT_STEP || (!says && !ends_hold(e->to)))
            continue;
        sum += between(from, until, least(e->e.ms, stop));
        from = e->e.ms;
        until = says ? said_until(m, e) : 0;
    }
    return sum + between(from, until, stop);
}

/* Did its holder let go of it because whoever's it is complained, and was right? */
static bool released_upon_complaint(struct making *m, const struct alert_now *now)
{
    struct records all;

    if (now->state != ALERT_RELEASED)
        return false;
    records_seen(m, "complaint", &all);
    for (size_t i = 0; i < all.n; i++) {
        const struct record *r = &all.at[i].record;
        const char *outcome = record_text(r, "outcome");

        if (outcome && !strcmp(outcome, "released") &&
            !strcmp(record_text(r, "alert"), now->object->object) &&
            !strcmp(all.at[i].of->owner, now->told->holder))
            return true;
    }
    return false;
}

static uint64_t wrong_ms_of(struct making *m, const struct alert_now *now)
{
    return fate_of(now) == WITHDRAWN || released_upon_complaint(m, now) ? held_ms(m, now) : 0;
}

static const char *reporter_of(const struct making *m, const struct fold_object *alert)
{
    const struct event_facts *told = alert->first->e.facts;
    const struct fold_object *o =
        told ? alert_case_object(m->fold, told->case_object, alert->audience) : NULL;

    return o && o->owner ? o->owner : alert->first->e.author;
}

static const char *reason_of(const struct fold_object *o)
{
    return o->last->e.facts && o->last->e.facts->reason ? o->last->e.facts->reason : NULL;
}

static const char *hours_text(struct making *m, uint64_t ms)
{
    return made_text(m, "%llu.%02u", (unsigned long long)(ms / HOUR_MS),
                     (unsigned)(ms % HOUR_MS * 100 / HOUR_MS));
}

static const char alerts_query[] = "cordon alert list --format json";

static void withdrawn(struct making *m, struct pack_section *s)
{
    static const enum pack_word columns[] = {PACK_C_DATE,  PACK_C_REPORTER, PACK_C_HOLDER,
                                             PACK_C_STATE, PACK_C_REASON,   PACK_C_HOURS,
                                             PACK_C_ID,    PACK_WORDS_N};
    struct pack_table *t = table_add(m, s, PACK_ALERTS_TAKEN_BACK, alerts_query, columns);

    for (size_t i = 0; i < m->alerts_n; i++) {
        const struct alert_now *now = &m->alerts[i];
        enum fate fate = fate_of(now);
        bool complained = released_upon_complaint(m, now);

        if (fate != WITHDRAWN && fate != DECLINED && !complained)
            continue;
        row_add(m, t);
        row_name_object(m, t, now->object->object);
        cell_add(m, t, day_of(m, now->object->first->e.ms));
        cell_add(m, t, reporter_of(m, now->object));
        cell_add(m, t, now->told->holder);
        cell_value(m, t, state_name(now->state));
        if (complained)
            cell_word(m, t, PACK_COMPLAINTS);
        else
            cell_value(m, t, reason_of(now->object));
        if (cell_figure(m, t, PACK_HOURS, hours_text(m, wrong_ms_of(m, now))))
            cell_behind_u64(m, now->object->object, wrong_ms_of(m, now));
        cell_add(m, t, id_of(m, now->object->object));
    }
}

/* By reporter, or by policy of taint: how many alerts, how many of them were taken back, and for
 * how long value was held on these and on those that a complaint ended. */
struct tally {
    const char *name;
    uint64_t n, withdrawn, declined, wrong_ms;
};

static const char *tally_name(struct making *m, const struct alert_now *now, bool by_policy)
{
    return by_policy ? now->told->policy : reporter_of(m, now->object);
}

static int by_tally(const void *pa, const void *pb)
{
    const struct tally *a = pa, *b = pb;

    return strcmp(a->name, b->name);
}

static struct tally *tallies(struct making *m, bool by_policy, size_t *ret_n)
{
    struct tally *all = ARENA_ARRAY(m->a, struct tally, m->alerts_n + 1);
    size_t n = 0;

    *ret_n = 0;
    if (!all) {
        making_failed(m, ERR_NOMEM, "a pack");
        return NULL;
    }
    for (size_t i = 0; i < m->alerts_n; i++) {
        const struct alert_now *now = &m->alerts[i];
        const char *name = tally_name(m, now, by_policy);
        enum fate fate = fate_of(now);
        size_t k = 0;

        while (k < n && strcmp(all[k].name, name) != 0)
            k++;
        if (k == n)
            all[n++] = (struct tally){.name = name};
        all[k].n++;
        all[k].withdrawn += fate == WITHDRAWN;
        all[k].declined += fate == DECLINED;
        all[k].wrong_ms += wrong_ms_of(m, now);
    }
    if (n)
        qsort(all, n, sizeof(*all), by_tally);
    *ret_n = n;
    return all;
}

/* The alerts of one tally that came to that end; OPEN: all of them. */
static void tally_behind(struct making *m, bool by_policy, const char *name, enum fate fate)
{
    for (size_t i = 0; i < m->alerts_n; i++)
        if (!strcmp(tally_name(m, &m->alerts[i], by_policy), name) &&
            (fate == OPEN || fate_of(&m->alerts[i]) == fate))
            cell_behind(m, m->alerts[i].object->object);
}

static void tally_parts(struct making *m, bool by_policy, const char *name)
{
    for (size_t i = 0; i < m->alerts_n; i++)
        if (!strcmp(tally_name(m, &m->alerts[i], by_policy), name))
            cell_behind_part(m, m->alerts[i].object->object,
                             fate_of(&m->alerts[i]) == WITHDRAWN ? "1" : "0", "1");
}

static void tally_hours(struct making *m, bool by_policy, const char *name)
{
    for (size_t i = 0; i < m->alerts_n; i++) {
        const struct alert_now *now = &m->alerts[i];
        uint64_t ms = wrong_ms_of(m, now);

        if (ms && !strcmp(tally_name(m, now, by_policy), name))
            cell_behind_u64(m, now->object->object, ms);
    }
}

static void tallies_put(struct making *m, struct pack_section *s, enum pack_word title,
                        bool by_policy)
{
    const enum pack_word columns[] = {by_policy ? PACK_C_POLICY : PACK_C_REPORTER,
                                      PACK_ALERTS_TOLD,
                                      PACK_C_WITHDRAWN,
                                      PACK_C_DECLINED,
                                      PACK_C_OF_TOLD,
                                      PACK_WRONG_HOURS,
                                      PACK_WORDS_N};
    struct pack_table *t = table_add(m, s, title, alerts_query, columns);
    size_t n;
    const struct tally *all = tallies(m, by_policy, &n);

    for (size_t i = 0; i < n; i++) {
        row_add(m, t);
        row_name(m, t, all[i].name, NULL, NULL);
        cell_add(m, t, all[i].name);
        if (cell_count(m, t, all[i].n))
            tally_behind(m, by_policy, all[i].name, OPEN);
        if (cell_count(m, t, all[i].withdrawn))
            tally_behind(m, by_policy, all[i].name, WITHDRAWN);
        if (cell_count(m, t, all[i].declined))
            tally_behind(m, by_policy, all[i].name, DECLINED);
        if (cell_figure(m, t, PACK_SHARE,
                        made_percent(m, u256_of(all[i].withdrawn), u256_of(all[i].n))))
            tally_parts(m, by_policy, all[i].name);
        if (cell_figure(m, t, PACK_HOURS, hours_text(m, all[i].wrong_ms)))
            tally_hours(m, by_policy, all[i].name);
    }
}

static enum pack_word rate_word(enum rate_kind k)
{
    switch (k) {
    case RATE_MEASURED:
        return PACK_R_MEASURED;
    case RATE_CONVENTION:
        return PACK_R_CONVENTION;
    case RATE_SOURCES:
        return PACK_R_SOURCES;
    case RATE_UNKNOWN:
        return PACK_R_UNKNOWN;
    case RATE_SHAPE:
        break;
    }
    return PACK_R_SHAPE;
}

static void error_rates(struct making *m, struct pack_section *s)
{
    static const enum pack_word columns[] = {PACK_C_RULE,   PACK_C_KNOWN,     PACK_C_SAMPLE,
                                             PACK_C_RECALL, PACK_C_PRECISION, PACK_C_DOCUMENT,
                                             PACK_WORDS_N};
    struct pack_table *t = table_add(m, s, PACK_ERROR_RATES, NULL, columns);

    for (size_t i = 0; i < rule_rates_n; i++) {
        row_add(m, t);
        cell_value(m, t, rule_rates[i].rule);
        cell_word(m, t, rate_word(rule_rates[i].kind));
        cell_number(m, t, rule_rates[i].sample);
        cell_number(m, t, rule_rates[i].recall);
        cell_number(m, t, rule_rates[i].precision);
        cell_add(m, t, rule_rates[i].source);
    }
}

static void cases_in(struct making *m, struct pack_section *s, enum pack_word label,
                     enum state state)
{
    const struct fold_object *o;
    uint64_t n = 0;

    for (size_t i = 0; (o = fold_object_at(m->fold, i)); i++)
        if (is_of_audience(m, o, "case") && o->state == state && in_quarter(m, o->first->e.ms)) {
            n++;
            behind(m, label, o->object);
        }
    figure_number(m, s, label, PACK_COUNT, n);
}

/* How many of the quarter's alerts came to that end. */
static void alerts_in(struct making *m, struct pack_section *s, enum pack_word label,
                      enum fate fate)
{
    uint64_t n = 0;

    for (size_t i = 0; i < m->alerts_n; i++)
        if (fate_of(&m->alerts[i]) == fate) {
            n++;
            behind(m, label, m->alerts[i].object->object);
        }
    figure_number(m, s, label, PACK_COUNT, n);
}

static void wrong_hours(struct making *m, struct pack_section *s)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < m->alerts_n; i++) {
        uint64_t ms = wrong_ms_of(m, &m->alerts[i]);

        sum += ms;
        if (ms)
            behind_u64(m, PACK_WRONG_HOURS, m->alerts[i].object->object, ms);
    }
    figure_add(m, s, PACK_WRONG_HOURS, PACK_HOURS, hours_text(m, sum));
}

static void alerts_quality(struct making *m, struct pack_section *s)
{
    if (!alerts_find(m))
        return;
    alerts_in(m, s, PACK_ALERTS_VOID, WITHDRAWN);
    alerts_in(m, s, PACK_ALERTS_DECLINED, DECLINED);
    cases_in(m, s, PACK_CASES_RETRACTED, CASE_RETRACTED);
    cases_in(m, s, PACK_CASES_DISPUTED, CASE_DISPUTED);
    wrong_hours(m, s);
    withdrawn(m, s);
    tallies_put(m, s, PACK_BY_REPORTER, false);
    tallies_put(m, s, PACK_BY_POLICY, true);
}

void pack_quality(struct making *m)
{
    struct pack_section *s = section_add(m, PACK_QUALITY);

    if (m->pack->options.reader == PACK_READER_FULL)
        alerts_quality(m, s);
    error_rates(m, s);
}

static bool is_payroll(struct making *m, const struct fold_object *o)
{
    enum body_state state;
    struct report r;

    return report_of(m, o, &r, &state) && state == BODY_HERE && r.file.kind &&
           !strcmp(r.file.kind, "payroll");
}

void pack_state_summary(struct making *m, struct pack_section *s)
{
    const struct fold_object *o;
    uint64_t reported = 0, verified = 0, payroll = 0;

    if (m->pack->options.reader != PACK_READER_FULL || !alerts_find(m))
        return;
    for (size_t i = 0; (o = fold_object_at(m->fold, i)); i++) {
        const struct fold_event *report;

        if (!is_of_audience(m, o, "case") || !(report = first_step(o, "case.report")) ||
            !in_quarter(m, report->e.ms))
            continue;
        reported++;
        behind(m, PACK_CASES_REPORTED, o->object);
        if (first_step(o, "case.verify")) {
            verified++;
            behind(m, PACK_CASES_VERIFIED, o->object);
        }
        if (is_payroll(m, o)) {
            payroll++;
            behind(m, PACK_PAYROLL_CASES_N, o->object);
        }
    }
    for (size_t i = 0; i < m->alerts_n; i++)
        behind(m, PACK_ALERTS_TOLD, m->alerts[i].object->object);
    figure_number(m, s, PACK_CASES_REPORTED, PACK_COUNT, reported);
    figure_number(m, s, PACK_CASES_VERIFIED, PACK_COUNT, verified);
    figure_number(m, s, PACK_PAYROLL_CASES_N, PACK_COUNT, payroll);
    figure_number(m, s, PACK_ALERTS_TOLD, PACK_COUNT, m->alerts_n);
    alerts_in(m, s, PACK_ALERTS_HELD, HELD);
    alerts_in(m, s, PACK_ALERTS_RAN_OUT, RAN_OUT);
    alerts_in(m, s, PACK_ALERTS_ESCAPED, ESCAPED);
}
