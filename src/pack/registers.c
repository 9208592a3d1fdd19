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

static const char *id(struct making *m, const struct record_said *r)
{
    return made_text(m, "%.12s", strchr(r->of->object, ':') + 1);
}

/* The items of a list, parted by "; ". */
static const char *list(struct making *m, const struct record_said *r, const char *name)
{
    const struct json *value = json_get(r->record.of, name);
    const char *all = NULL;

    for (const struct json *item = value ? value->child : NULL; item; item = item->next)
        all = made_text(m, "%s%s%s", all ? all : "", all ? "; " : "", item->text);
    return all;
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
        cell_add(m, t, list(m, r, "chains"));
        cell_number(m, t, field(r, "amount_usd"));
        cell_add(m, t, field(r, "attributed_by"));
        cell_add(m, t, field(r, "confidence"));
        cell_add(m, t, field(r, "basis"));
        cell_add(m, t, field(r, "actor"));
        cell_source(m, t, field(r, "source"));
        cell_add(m, t, id(m, r));
    }
}

static int by_number(const void *a, const void *b)
{
    const uint64_t *x = a, *y = b;

    return (*x > *y) - (*x < *y);
}

/* From a day to the first of the days of a list; both whole days. */
static bool days_between(const struct record_said *r, const char *from, const char *to,
                         uint64_t *ret)
{
    const char *began = field(r, from);
    const struct json *days = json_get(r->record.of, to);
    struct period a, b;

    if (!began || strlen(began) != 10 || !days || !days->child || days->child->text_n != 10 ||
        !period_read(began, &a) || !period_read(days->child->text, &b) || b.from < a.from)
        return false;
    *ret = (b.from - a.from) / DAY_SECONDS;
    return true;
}

static uint64_t of_kind_in_quarter(const struct making *m, const struct records *all,
                                   const char *kind)
{
    uint64_t n = 0;

    for (size_t i = 0; i < all->n; i++)
        n += is(&all->at[i], "kind", kind) && day_in_quarter(m, field(&all->at[i], "date"));
    return n;
}

static void deterrence(struct making *m, const struct records *all)
{
    static const char query[] = "cordon cases list --format json";
    struct pack_section *s = section_add(m, PACK_DETERRENCE);
    uint64_t *days = arena_alloc(m->a, (all->n + 1) * sizeof(*days));
    size_t n = 0;

    if (!days) {
        making_failed(m, ERR_NOMEM, "a pack");
        return;
    }
    for (size_t i = 0; i < all->n; i++)
        if (is_theft(&all->at[i]) && day_in_quarter(m, field(&all->at[i], "date")))
            n += days_between(&all->at[i], "date", "attributed_on", &days[n]);
    qsort(days, n, sizeof(*days), by_number);
    figure_number(m, s, PACK_ATTRIBUTED_N, n, query);
    if (n)
        figure_number(m, s, PACK_DAYS_ATTRIBUTION, days[(n + 1) / 2 - 1], query);
    figure_number(m, s, PACK_DESIGNATIONS_N, of_kind_in_quarter(m, all, "designation"), query);
    figure_number(m, s, PACK_INDICTMENTS_N, of_kind_in_quarter(m, all, "indictment"), query);
    figure_number(m, s, PACK_SEIZURES_N, of_kind_in_quarter(m, all, "seizure"), query);
}

static void losses(struct making *m, struct pack_section *s, const struct records *all)
{
    static const char query[] = "cordon cases list --format json";
    uint64_t n = 0, usd = 0, unstated = 0, amount;

    for (size_t i = 0; i < all->n; i++) {
        if (!is_theft(&all->at[i]) || !day_in_quarter(m, field(&all->at[i], "date")))
            continue;
        n++;
        if (record_number(&all->at[i].record, "amount_usd", &amount))
            usd += amount; /* below 2^53 each, and at most 10^5 of them a table */
        else
            unstated++;
    }
    figure_number(m, s, PACK_THEFTS_N, n, query);
    figure_number(m, s, PACK_THEFTS_USD, usd, query);
    figure_number(m, s, PACK_THEFTS_UNSTATED, unstated, query);
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
        cell_add(m, t, id(m, r));
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
    cell_add(m, t, c->revised_by ? id(m, c->revised_by) : NULL);
    cell_add(m, t, field(r, "notes"));
    cell_source(m, t, field(r, "reported_by"));
    cell_add(m, t, id(m, r));
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

static void columns_put(struct making *m, struct pack_table *t, const struct record_said *r,
                        const struct column *columns)
{
    row_add(m, t);
    for (const struct column *c = columns; c->field; c++)
        if (!strcmp(c->field, "source"))
            cell_source(m, t, field(r, c->field));
        else if (!strcmp(c->field, "id"))
            cell_add(m, t, id(m, r));
        else if (!strcmp(c->field, "owner-of"))
            cell_add(m, t, r->of->owner);
        else
            cell_value(m, t, c->is_list ? list(m, r, c->field) : field(r, c->field));
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

static const struct column obligation_columns[] = {
    {PACK_C_DATE, "date", false},         {PACK_C_INSTRUMENT, "instrument", false},
    {PACK_C_REQUIRES, "requires", false}, {PACK_C_OWNER, "member", false},
    {PACK_C_REPORTED, "reported", false}, {PACK_C_REPORT, "report", false},
    {PACK_C_SOURCE, "source", false},     {PACK_C_ID, "id", false},
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
static const struct column action_columns[] = {{PACK_C_DUE, "due", false},
                                               {PACK_C_OWNER, "owner", false},
                                               {PACK_C_TEXT, "text", false},
                                               {PACK_C_ID, "id", false},
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
    dated(m, PACK_OBLIGATIONS, "obligation", "date", obligation_columns);
    complaints(m);
    dated(m, PACK_OUTREACH, "outreach", "date", outreach_columns);
    dated(m, PACK_MEETINGS, "meeting", "date", meeting_columns);
    dated(m, PACK_COMMITMENTS, "commitment", NULL, commitment_columns);
    actions(m);
}
