/* Sections out of the registers (docs/registers.md). */
#include "pack/parts.h"

#include "group/claims.h"

#include <stdlib.h>

#define DAY_SECONDS 86400

static const char *field(const struct record_said *r, const char *name)
{
    return record_text(&r->record, name);
}

static bool is(const struct record_said *r, const char *name, const char *value)
{
    const char *s = field(r, name);

    return s && !strcmp(s, value);
}

/* ---- incidents ---- */

static bool is_theft(const struct record_said *r)
{
    const char *kind = field(r, "kind");

    return !kind || !strcmp(kind, "theft") || !strcmp(kind, "payroll") ||
           !strcmp(kind, "extortion") || !strcmp(kind, "intrusion");
}

static const char *incident_name(const struct record_said *r)
{
    return field(r, "victim") ? field(r, "victim") : field(r, "title");
}

static void thefts(struct making *m, struct pack_section *s, const struct records *all)
{
    static const enum pack_word columns[] = {PACK_C_DATE,       PACK_C_VICTIM, PACK_C_KIND,
                                             PACK_C_CHAINS,     PACK_C_USD,    PACK_C_ATTRIBUTED,
                                             PACK_C_CONFIDENCE, PACK_C_BASIS,  PACK_C_ACTOR,
                                             PACK_C_SOURCE,     PACK_C_ID,     PACK_WORDS_N};
    struct pack_table *t =
        table_add(m, s, PACK_INCIDENTS, "cordon cases list --format json", columns);

    for (size_t i = 0; i < all->n; i++) {
        const struct record_said *r = &all->at[i];

        if (!is_theft(r) || !day_in_quarter(m, field(r, "date")))
            continue;
        row_add(m, t);
        cell_add(m, t, field(r, "date"));
        cell_add(m, t, incident_name(r));
        cell_value(m, t, field(r, "kind") ? field(r, "kind") : "theft");
        cell_add(m, t, list_of(m, r, "chains"));
        cell_number(m, t, field(r, "amount_usd"));
        cell_add(m, t, field(r, "attributed_by"));
        cell_value(m, t, field(r, "confidence"));
        cell_add(m, t, field(r, "basis"));
        cell_add(m, t, field(r, "actor"));
        cell_source(m, t, field(r, "source"));
        cell_add(m, t, id_of(m, r->of->object));
    }
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

static bool whole_day(const char *s, struct period *ret)
{
    return s && strlen(s) == 10 && period_read(s, ret);
}

/* Days from a theft to an act, both on whole days. */
static bool days_between(const char *from, const char *to, uint64_t *ret)
{
    struct period a, b;

    if (!whole_day(from, &a) || !whole_day(to, &b) || b.from < a.from)
        return false;
    *ret = (b.from - a.from) / DAY_SECONDS;
    return true;
}

struct acts { /* of a kind, in the quarter */
    const char *kind;
    enum pack_word label, days_label;
    uint64_t n, *days; /* [days_n] of those that say which theft they answer */
    size_t days_n;
};

/* The theft that an act says it answers, if this reader sees it. Records stand in the order in
 * which they were first said. */
static const struct record_said *answered(const struct making *m, const struct records *all,
                                          const struct record_said *r)
{
    const char *about = field(r, "about");
    const struct fold_object *o =
        about ? fold_object(m->fold, about, m->pack->options.audience) : NULL;
    size_t low = 0, high = o && o->first ? all->n : 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (event_order(&all->at[middle].of->first->e, &o->first->e) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return o && low < all->n && all->at[low].of == o ? &all->at[low] : NULL;
}

/* Nearest rank: of one, that; of two, the lower. */
static void median(struct making *m, struct pack_section *s, enum pack_word label, uint64_t *days,
                   size_t n)
{
    static const char query[] = "cordon cases list --format json";

    if (!n)
        return;
    qsort(days, n, sizeof(*days), by_number);
    figure_number(m, s, label, days[(n + 1) / 2 - 1], query);
}

static void act_row(struct making *m, struct pack_table *t, const struct record_said *r,
                    const struct record_said *theft, struct acts *acts)
{
    uint64_t days;
    bool known = theft && days_between(field(theft, "date"), field(r, "date"), &days);

    acts->n++;
    if (known)
        acts->days[acts->days_n++] = days;
    row_add(m, t);
    cell_add(m, t, field(r, "date"));
    cell_value(m, t, field(r, "kind"));
    cell_add(m, t, incident_name(r));
    cell_add(m, t, theft ? incident_name(theft) : NULL);
    cell_add(m, t, theft ? field(theft, "date") : NULL);
    if (known)
        cell_u64(m, t, days);
    else
        cell_number(m, t, NULL);
    cell_source(m, t, field(r, "source"));
    cell_add(m, t, id_of(m, r->of->object));
}

/* Thefts of whatever quarter that were attributed in this one. */
static void attributed(struct making *m, struct pack_section *s, const struct records *all,
                       uint64_t *days)
{
    size_t n = 0, known = 0;

    for (size_t i = 0; i < all->n; i++) {
        const struct json *on = json_get(all->at[i].record.of, "attributed_on");

        if (!is_theft(&all->at[i]) || !on || !day_in_quarter(m, on->child->text))
            continue;
        n++;
        known += days_between(field(&all->at[i], "date"), on->child->text, &days[known]);
    }
    figure_number(m, s, PACK_ATTRIBUTED_N, n, "cordon cases list --format json");
    median(m, s, PACK_DAYS_ATTRIBUTION, days, known);
}

static void deterrence(struct making *m, const struct records *all)
{
    static const enum pack_word columns[] = {PACK_C_DATE,   PACK_C_KIND,       PACK_C_TITLE,
                                             PACK_C_THEFT,  PACK_C_THEFT_DATE, PACK_C_DAYS,
                                             PACK_C_SOURCE, PACK_C_ID,         PACK_WORDS_N};
    static const char query[] = "cordon cases list --format json";
    struct acts acts[] = {{"designation", PACK_DESIGNATIONS_N, PACK_DAYS_DESIGNATION, 0, NULL, 0},
                          {"indictment", PACK_INDICTMENTS_N, PACK_DAYS_CHARGE, 0, NULL, 0},
                          {"seizure", PACK_SEIZURES_N, PACK_DAYS_SEIZURE, 0, NULL, 0}};
    struct pack_section *s = section_add(m, PACK_DETERRENCE);
    uint64_t *days = ARENA_ARRAY(m->a, uint64_t, 4 * (all->n + 1));
    struct pack_table *t;

    if (!days) {
        making_failed(m, ERR_NOMEM, "a pack");
        return;
    }
    attributed(m, s, all, days);
    t = table_add(m, s, PACK_ACTS, query, columns);
    for (size_t k = 0; k < 3; k++) {
        acts[k].days = days + (k + 1) * (all->n + 1);
        for (size_t i = 0; i < all->n; i++)
            if (is(&all->at[i], "kind", acts[k].kind) &&
                day_in_quarter(m, field(&all->at[i], "date")))
                act_row(m, t, &all->at[i], answered(m, all, &all->at[i]), &acts[k]);
        figure_number(m, s, acts[k].label, acts[k].n, query);
        median(m, s, acts[k].days_label, acts[k].days, acts[k].days_n);
    }
    pack_denied(m, s);
}

static void losses(struct making *m, struct pack_section *s, const struct records *all)
{
    static const char query[] = "cordon cases list --format json";
    uint64_t n = 0, usd = 0, unstated = 0, payroll = 0, amount;

    for (size_t i = 0; i < all->n; i++) {
        if (!is_theft(&all->at[i]) || !day_in_quarter(m, field(&all->at[i], "date")))
            continue;
        n++;
        payroll += is(&all->at[i], "kind", "payroll");
        if (record_number(&all->at[i].record, "amount_usd", &amount))
            usd += amount; /* below 2^53 each, and at most 10^5 of them a table */
        else
            unstated++;
    }
    figure_number(m, s, PACK_THEFTS_N, n, query);
    figure_number(m, s, PACK_THEFTS_UNSTATED, unstated, query);
    figure_number(m, s, PACK_PAYROLL_N, payroll, query);
    figure_number(m, s, PACK_THEFTS_USD, usd, query);
}

static void other_events(struct making *m, const struct records *all)
{
    static const enum pack_word columns[] = {PACK_C_DATE,   PACK_C_KIND, PACK_C_TITLE, PACK_C_ACTOR,
                                             PACK_C_SOURCE, PACK_C_ID,   PACK_WORDS_N};
    struct pack_section *s = section_add(m, PACK_EVENTS);
    struct pack_table *t = table_add(m, s, PACK_EVENTS, "cordon cases list --format json", columns);

    for (size_t i = 0; i < all->n; i++) {
        const struct record_said *r = &all->at[i];

        if (is_theft(r) || !day_in_quarter(m, field(r, "date")))
            continue;
        row_add(m, t);
        cell_add(m, t, field(r, "date"));
        cell_value(m, t, field(r, "kind"));
        cell_add(m, t, field(r, "title") ? field(r, "title") : field(r, "victim"));
        cell_add(m, t, field(r, "actor"));
        cell_source(m, t, field(r, "source"));
        cell_add(m, t, id_of(m, r->of->object));
    }
}

/* ---- claims ---- */

static void claim_row(struct making *m, struct pack_table *t, const struct claim_row *c)
{
    const struct record_said *r = c->said;

    row_add(m, t);
    cell_add(m, t, field(r, "subject"));
    cell_add(m, t, field(r, "claimant"));
    cell_add(m, t, field(r, "published"));
    cell_add(m, t, field(r, "period"));
    cell_number(m, t, field(r, "amount_usd_low"));
    cell_number(m, t, field(r, "amount_usd_high"));
    cell_value(m, t, field(r, "stance"));
    cell_add(m, t, c->revised_by ? id_of(m, c->revised_by->of->object) : NULL);
    cell_add(m, t, field(r, "notes"));
    cell_source(m, t, field(r, "reported_by"));
    cell_add(m, t, id_of(m, r->of->object));
}

static void claims(struct making *m)
{
    static const enum pack_word columns[] = {
        PACK_C_SUBJECT, PACK_C_CLAIMANT, PACK_C_PUBLISHED, PACK_C_PERIOD, PACK_C_LOW, PACK_C_HIGH,
        PACK_C_STANCE,  PACK_C_REVISED,  PACK_C_NOTES,     PACK_C_SOURCE, PACK_C_ID,  PACK_WORDS_N};
    static const enum pack_word titles[] = {[CLAIM_OF_YEAR] = PACK_CLAIMS,
                                            [CLAIM_WIDER] = PACK_CLAIMS_WIDER,
                                            [CLAIM_DENIAL] = PACK_DENIALS};
    const char *query = made_text(m, "cordon claims year %u", m->pack->options.year);
    struct pack_section *s = section_add(m, PACK_CLAIMS);
    struct claim_row *rows = NULL;
    struct records all;
    size_t n = 0;

    records_seen(m, "claim", &all);
    if (!m->failed && !claims_of_year(m->a, &all, m->pack->options.year, &rows, &n, m->err))
        m->failed = true;
    for (unsigned place = CLAIM_OF_YEAR; place <= CLAIM_DENIAL; place++) {
        struct pack_table *t = table_add(m, s, titles[place], query, columns);

        for (size_t i = 0; i < n && !m->failed; i++)
            if (rows[i].place == (enum claim_place)place)
                claim_row(m, t, &rows[i]);
    }
}

/* ---- the rest, a table each ---- */

struct column {
    enum pack_word title;
    const char *field;
    bool is_list;
};

/* Quarters that have begun since that moment, up to the end of this one. */
static uint64_t quarters_since(const struct making *m, uint64_t ms)
{
    unsigned at = m->pack->options.year * 4 + m->pack->options.quarter - 1;
    uint64_t n = 0;
    struct period p;

    while (n < at && period_of_quarter((unsigned)(at - n) / 4, (unsigned)(at - n) % 4 + 1, &p) &&
           p.from > ms / 1000)
        n++;
    return n;
}

static void columns_put(struct making *m, struct pack_table *t, const struct record_said *r,
                        const struct column *columns)
{
    row_add(m, t);
    for (const struct column *c = columns; c->field; c++)
        if (!strcmp(c->field, "source"))
            cell_source(m, t, field(r, c->field));
        else if (!strcmp(c->field, "id"))
            cell_add(m, t, id_of(m, r->of->object));
        else if (!strcmp(c->field, "owner-of"))
            cell_add(m, t, r->of->owner);
        else if (!strcmp(c->field, "alert"))
            cell_add(m, t, id_of(m, field(r, c->field)));
        else if (!strcmp(c->field, "since"))
            cell_add(m, t, day_of(m, r->of->first->e.ms));
        else if (!strcmp(c->field, "carried"))
            cell_u64(m, t, quarters_since(m, r->of->first->e.ms));
        else
            cell_value(m, t, c->is_list ? list_of(m, r, c->field) : field(r, c->field));
}

static struct pack_table *table_of(struct making *m, struct pack_section *s, enum pack_word title,
                                   const char *kind, const struct column *columns)
{
    enum pack_word titles[PACK_COLUMNS_MAX + 1];
    size_t n = 0;

    for (; columns[n].field; n++)
        titles[n] = columns[n].title;
    titles[n] = PACK_WORDS_N;
    return table_add(m, s, title, made_text(m, "cordon register list %s --format json", kind),
                     titles);
}

static const struct column obligation_columns[] = {{PACK_C_DATE, "date", false},
                                                   {PACK_C_INSTRUMENT, "instrument", false},
                                                   {PACK_C_PROGRAMME, "programme", false},
                                                   {PACK_C_REQUIRES, "requires", false},
                                                   {PACK_C_OWNER, "member", false},
                                                   {PACK_C_REPORTED_ON, "reported", false},
                                                   {PACK_C_REPORT, "report", false},
                                                   {PACK_C_SOURCE, "source", false},
                                                   {PACK_C_ID, "id", false},
                                                   {PACK_WORDS_N, NULL, false}};
static const struct column outreach_columns[] = {{PACK_C_DATE, "date", false},
                                                 {PACK_C_OWNER, "owner-of", false},
                                                 {PACK_C_FIRM, "firm", false},
                                                 {PACK_C_SUBJECT, "about", false},
                                                 {PACK_C_ACKNOWLEDGED, "acknowledged", false},
                                                 {PACK_C_ACTED, "acted", false},
                                                 {PACK_C_ID, "id", false},
                                                 {PACK_WORDS_N, NULL, false}};
static const struct column meeting_columns[] = {
    {PACK_C_DATE, "date", false},       {PACK_C_SERIES, "series", false},
    {PACK_C_ORDINAL, "ordinal", false}, {PACK_C_PLACE, "place", false},
    {PACK_C_HOST, "host", false},       {PACK_C_DECISIONS, "decisions", true},
    {PACK_C_ID, "id", false},           {PACK_WORDS_N, NULL, false}};
static const struct column commitment_columns[] = {{PACK_C_DATE, "made", false},
                                                   {PACK_C_TEXT, "text", false},
                                                   {PACK_C_PROGRESS, "progress", false},
                                                   {PACK_C_SOURCE, "source", false},
                                                   {PACK_C_ID, "id", false},
                                                   {PACK_WORDS_N, NULL, false}};
static const struct column action_columns[] = {
    {PACK_C_DUE, "due", false},         {PACK_C_OWNER, "owner", false},
    {PACK_C_TEXT, "text", false},       {PACK_C_SINCE, "since", false},
    {PACK_C_CARRIED, "carried", false}, {PACK_C_ID, "id", false},
    {PACK_WORDS_N, NULL, false}};

static void dated(struct making *m, enum pack_word title, const char *kind, const char *day,
                  const struct column *columns)
{
    struct pack_table *t = table_of(m, section_add(m, title), title, kind, columns);
    struct records all;

    records_seen(m, kind, &all);
    for (size_t i = 0; i < all.n; i++)
        if (!day || day_in_quarter(m, field(&all.at[i], day)))
            columns_put(m, t, &all.at[i], columns);
}

/* ---- obligations ---- */

static bool has_begun(const struct making *m, const struct record_said *r)
{
    struct period day;

    return period_read(field(r, "date"), &day) && day.from < m->quarter.to;
}

/* Which listing follows from which resolution, of the quarter. */
static void listings(struct making *m, struct pack_section *s, const struct records *all)
{
    static const enum pack_word columns[] = {PACK_C_DATE,    PACK_C_INSTRUMENT, PACK_C_PROGRAMME,
                                             PACK_C_LISTING, PACK_C_SOURCE,     PACK_C_ID,
                                             PACK_WORDS_N};
    struct pack_table *t =
        table_add(m, s, PACK_LISTINGS, "cordon register list obligation --format json", columns);

    for (size_t i = 0; i < all->n; i++) {
        const struct record_said *r = &all->at[i];
        const struct json *list = json_get(r->record.of, "listings");

        if (!day_in_quarter(m, field(r, "date")))
            continue;
        for (const struct json *item = list ? list->child : NULL; item; item = item->next) {
            row_add(m, t);
            cell_add(m, t, field(r, "date"));
            cell_add(m, t, field(r, "instrument"));
            cell_add(m, t, field(r, "programme"));
            cell_add(m, t, item->text);
            cell_source(m, t, field(r, "source"));
            cell_add(m, t, id_of(m, r->of->object));
        }
    }
}

static bool has_said(const struct records *all, const char *instrument, const char *member)
{
    for (size_t i = 0; i < all->n; i++)
        if (is(&all->at[i], "instrument", instrument) && is(&all->at[i], "member", member))
            return true;
    return false;
}

/* Was the instrument told of before this record? */
static bool was_named(const struct records *all, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (is(&all->at[k], "instrument", field(&all->at[i], "instrument")))
            return true;
    return false;
}

static void report_row(struct making *m, struct pack_table *t, const char *instrument,
                       const char *member, const struct record_said *r)
{
    bool reported = r && field(r, "reported");

    row_add(m, t);
    cell_add(m, t, instrument);
    cell_add(m, t, member);
    if (reported)
        cell_add(m, t, field(r, "reported"));
    else
        cell_word(m, t, PACK_NOT_REPORTED);
    cell_add(m, t, r ? field(r, "report") : NULL);
    cell_add(m, t, r ? id_of(m, r->of->object) : NULL);
}

#define OBLIGATIONS_ALL_MAX 1000 /* past them those that said nothing are not looked for */

/* What each government has reported; what is not reported stays until it is. Who said nothing at
 * all is known to the full version's readers alone, who know the charter. */
static void reports(struct making *m, struct pack_section *s, const struct records *all)
{
    static const enum pack_word columns[] = {PACK_C_INSTRUMENT, PACK_C_OWNER, PACK_C_REPORTED_ON,
                                             PACK_C_REPORT,     PACK_C_ID,    PACK_WORDS_N};
    struct pack_table *t =
        table_add(m, s, PACK_REPORTS, "cordon register list obligation --format json", columns);
    const struct charter *c = fold_charter(m->fold);
    bool full = m->pack->options.reader == PACK_READER_FULL && all->n <= OBLIGATIONS_ALL_MAX;

    for (size_t i = 0; i < all->n; i++) {
        const struct record_said *r = &all->at[i];

        if (has_begun(m, r) && field(r, "member") &&
            (!field(r, "reported") || day_in_quarter(m, field(r, "reported")) ||
             day_in_quarter(m, field(r, "date"))))
            report_row(m, t, field(r, "instrument"), field(r, "member"), r);
    }
    for (size_t i = 0; full && i < all->n; i++) {
        const char *instrument = field(&all->at[i], "instrument");

        if (!has_begun(m, &all->at[i]) || was_named(all, i))
            continue;
        for (uint32_t k = 0; k < c->members_n; k++)
            if (c->members[k].government && !c->members[k].suspended &&
                !has_said(all, instrument, c->members[k].id))
                report_row(m, t, instrument, c->members[k].id, NULL);
    }
}

static void obligations(struct making *m)
{
    struct pack_section *s = section_add(m, PACK_OBLIGATIONS);
    struct pack_table *t = table_of(m, s, PACK_OBLIGATIONS, "obligation", obligation_columns);
    struct records all;

    records_seen(m, "obligation", &all);
    for (size_t i = 0; i < all.n; i++)
        if (day_in_quarter(m, field(&all.at[i], "date")))
            columns_put(m, t, &all.at[i], obligation_columns);
    listings(m, s, &all);
    reports(m, s, &all);
}

static const struct column complaint_columns[] = {{PACK_C_RECEIVED, "received", false},
                                                  {PACK_C_OWNER, "owner-of", false},
                                                  {PACK_C_ALERT, "alert", false},
                                                  {PACK_C_ANSWER_DUE, "answer_due", false},
                                                  {PACK_C_ANSWERED, "answered", false},
                                                  {PACK_C_OUTCOME, "outcome", false},
                                                  {PACK_C_ID, "id", false},
                                                  {PACK_WORDS_N, NULL, false}};

static void complaints(struct making *m)
{
    static const char query[] = "cordon register list complaint --format json";
    struct pack_section *s = section_add(m, PACK_COMPLAINTS);
    struct pack_table *t = table_of(m, s, PACK_COMPLAINTS, "complaint", complaint_columns);
    uint64_t n = 0, open = 0, released = 0;
    struct records all;

    records_seen(m, "complaint", &all);
    for (size_t i = 0; i < all.n; i++) {
        if (!day_in_quarter(m, field(&all.at[i], "received")))
            continue;
        n++;
        open += !field(&all.at[i], "answered");
        released += is(&all.at[i], "outcome", "released");
        columns_put(m, t, &all.at[i], complaint_columns);
    }
    figure_number(m, s, PACK_COMPLAINTS_N, n, query);
    figure_number(m, s, PACK_COMPLAINTS_OPEN, open, query);
    figure_number(m, s, PACK_COMPLAINTS_RELEASED, released, query);
}

/* Open ones stay until they are done; a done one stands in the quarter in which that was said. */
static void actions(struct making *m)
{
    struct pack_section *s = section_add(m, PACK_ACTIONS);
    struct pack_table *open = table_of(m, s, PACK_ACTIONS_OPEN, "action", action_columns);
    struct pack_table *done = table_of(m, s, PACK_ACTIONS_DONE, "action", action_columns);
    struct records all;

    records_seen(m, "action", &all);
    for (size_t i = 0; i < all.n; i++) {
        const struct fold_object *o = all.at[i].of;
        uint64_t last = o->last->e.ms / 1000;

        if (o->state == RECORD_STATED)
            columns_put(m, open, &all.at[i], action_columns);
        else if (last >= m->quarter.from && last < m->quarter.to)
            columns_put(m, done, &all.at[i], action_columns);
    }
}

static void open_actions(struct making *m, struct pack_section *s)
{
    static const char query[] = "cordon register list action --format json";
    uint64_t open = 0, overdue = 0;
    struct records all;
    struct period due;

    records_seen(m, "action", &all);
    for (size_t i = 0; i < all.n; i++)
        if (all.at[i].of->state == RECORD_STATED) {
            open++;
            overdue += period_read(field(&all.at[i], "due"), &due) && due.to <= m->quarter.to;
        }
    figure_number(m, s, PACK_OPEN_N, open, query);
    figure_number(m, s, PACK_OVERDUE_N, overdue, query);
}

void pack_registers_summary(struct making *m, struct pack_section *s)
{
    struct records incidents;

    records_seen(m, "incident", &incidents);
    losses(m, s, &incidents);
    open_actions(m, s);
}

void pack_registers_before(struct making *m)
{
    struct records incidents;

    records_seen(m, "incident", &incidents);
    thefts(m, section_add(m, PACK_INCIDENTS), &incidents);
    deterrence(m, &incidents);
}

void pack_registers_behind(struct making *m)
{
    struct records incidents;

    claims(m);
    records_seen(m, "incident", &incidents);
    other_events(m, &incidents);
    obligations(m);
    complaints(m);
    dated(m, PACK_OUTREACH, "outreach", "date", outreach_columns);
    dated(m, PACK_MEETINGS, "meeting", "date", meeting_columns);
    dated(m, PACK_COMMITMENTS, "commitment", NULL, commitment_columns);
    actions(m);
}
