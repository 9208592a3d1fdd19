/* Sections out of the registers (docs/registers.md). */
#include "pack/parts.h"

#include "base/sort.h"
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

/* ---- in the order of days ---- */

struct of_day {
    const char *day;
    const struct record_said *said;
};

static int by_day(const void *pa, const void *pb)
{
    const struct of_day *a = pa, *b = pb;

    return strcmp(a->day, b->day);
}

/* As they are read: by a day of theirs, "2025-11" before what is of a day in it; what is of one day
 * in the order in which it was first said. named() asks for the order in which all were said. */
static struct records by_days(struct making *m, const struct records *all, const char *day)
{
    struct of_day *of = ARENA_ARRAY(m->a, struct of_day, all->n + 1);
    const struct of_day **at = ARENA_ARRAY(m->a, const struct of_day *, 2 * all->n + 1);
    struct record_said *to = ARENA_ARRAY(m->a, struct record_said, all->n + 1);

    if (!of || !at || !to) {
        making_failed(m, ERR_NOMEM, "a pack");
        return (struct records){.n = 0};
    }
    for (size_t i = 0; i < all->n; i++) {
        of[i] = (struct of_day){field(&all->at[i], day), &all->at[i]};
        of[i].day = of[i].day ? of[i].day : "";
        at[i] = &of[i];
    }
    sort_pointers((const void **)at, all->n, (const void **)at + all->n, by_day);
    for (size_t i = 0; i < all->n; i++)
        to[i] = *at[i]->said;
    return (struct records){.at = to, .n = all->n};
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
    static const enum pack_word columns[] = {PACK_C_DATE,
                                             PACK_C_VICTIM,
                                             PACK_C_KIND,
                                             PACK_C_CHAINS,
                                             PACK_C_USD,
                                             PACK_C_ATTRIBUTED,
                                             PACK_C_CONFIDENCE,
                                             PACK_C_BASIS,
                                             PACK_C_ACTOR,
                                             PACK_C_DENIED_BY,
                                             PACK_C_DENIED_IN_GENERAL,
                                             PACK_C_SOURCE,
                                             PACK_C_ID,
                                             PACK_WORDS_N};
    struct pack_table *t =
        table_add(m, s, PACK_INCIDENTS, "cordon cases list --format json", columns);

    for (size_t i = 0; i < all->n; i++) {
        const struct record_said *r = &all->at[i];

        if (!is_theft(r) || !day_in_quarter(m, field(r, "date")))
            continue;
        row_add(m, t);
        row_name_object(m, t, r->of->object);
        cell_add(m, t, field(r, "date"));
        cell_add(m, t, incident_name(r));
        cell_value(m, t, field(r, "kind") ? field(r, "kind") : "theft");
        cell_add(m, t, list_of(m, r, "chains"));
        cell_stated(m, t, field(r, "amount_usd"), r->of->object);
        cell_add(m, t, field(r, "attributed_by"));
        cell_value(m, t, field(r, "confidence"));
        cell_add(m, t, field(r, "basis"));
        cell_add(m, t, field(r, "actor"));
        denial_cells(m, t, r);
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
    enum pack_word label, days_label, usd_label; /* PACK_WORDS_N: of no amounts */
    uint64_t n, usd, *days; /* [days_n] of those that say which theft they answer */
    size_t days_n;
};

/* The record of an object, if this reader sees it. Records stand in the order in which they were
 * first said. */
static const struct record_said *record_at(const struct records *all, const struct fold_object *o)
{
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

/* Another record that one names in that field: a theft that an act answers, a commitment that an
 * action is for. */
static const struct record_said *named(const struct making *m, const struct records *all,
                                       const struct record_said *r, const char *in)
{
    const char *name = field(r, in);

    return name ? record_at(all, fold_object(m->fold, name, m->pack->options.audience)) : NULL;
}

/* Nearest rank: of one, that; of two, the lower. */
static void median(struct making *m, struct pack_section *s, enum pack_word label, uint64_t *days,
                   size_t n)
{
    if (!n)
        return;
    qsort(days, n, sizeof(*days), by_number);
    figure_number(m, s, label, PACK_MEDIAN, days[(n + 1) / 2 - 1]);
}

static void day_behind(struct making *m, const struct record_said *r)
{
    struct period day;

    if (whole_day(field(r, "date"), &day))
        cell_behind_u64(m, r->of->object, day.from);
}

static void act_row(struct making *m, struct pack_table *t, const struct record_said *r,
                    const struct record_said *theft, struct acts *acts)
{
    uint64_t days, usd;
    bool known = theft && days_between(field(theft, "date"), field(r, "date"), &days);

    acts->n++;
    behind(m, acts->label, r->of->object);
    if (acts->usd_label != PACK_WORDS_N && record_number(&r->record, "amount_usd", &usd)) {
        acts->usd += usd;
        behind_u64(m, acts->usd_label, r->of->object, usd);
    }
    if (known) {
        acts->days[acts->days_n++] = days;
        behind_u64(m, acts->days_label, r->of->object, days);
    }
    row_add(m, t);
    row_name_object(m, t, r->of->object);
    cell_add(m, t, field(r, "date"));
    cell_value(m, t, field(r, "kind"));
    cell_add(m, t, incident_name(r));
    cell_stated(m, t, field(r, "amount_usd"), r->of->object);
    cell_add(m, t, theft ? incident_name(theft) : NULL);
    cell_add(m, t, theft ? field(theft, "date") : NULL);
    if (cell_figure(m, t, PACK_DAYS,
                    known ? made_text(m, "%llu", (unsigned long long)days) : NULL) &&
        theft) {
        day_behind(m, theft);
        day_behind(m, r);
    }
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
        behind(m, PACK_ATTRIBUTED_N, all->at[i].of->object);
        if (!days_between(field(&all->at[i], "date"), on->child->text, &days[known]))
            continue;
        behind_u64(m, PACK_DAYS_ATTRIBUTION, all->at[i].of->object, days[known]);
        known++;
    }
    figure_number(m, s, PACK_ATTRIBUTED_N, PACK_COUNT, n);
    median(m, s, PACK_DAYS_ATTRIBUTION, days, known);
}

static void deterrence(struct making *m, const struct records *all)
{
    static const enum pack_word columns[] = {
        PACK_C_DATE,       PACK_C_KIND, PACK_C_TITLE,  PACK_C_USD, PACK_C_THEFT,
        PACK_C_THEFT_DATE, PACK_C_DAYS, PACK_C_SOURCE, PACK_C_ID,  PACK_WORDS_N};
    static const char query[] = "cordon cases list --format json";
    struct records dated = by_days(m, all, "date");
    struct acts acts[] = {
        {"designation", PACK_DESIGNATIONS_N, PACK_DAYS_DESIGNATION, PACK_WORDS_N, 0, 0, NULL, 0},
        {"indictment", PACK_INDICTMENTS_N, PACK_DAYS_CHARGE, PACK_WORDS_N, 0, 0, NULL, 0},
        {"seizure", PACK_SEIZURES_N, PACK_DAYS_SEIZURE, PACK_SEIZED_USD, 0, 0, NULL, 0}};
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
        for (size_t i = 0; i < dated.n; i++)
            if (is(&dated.at[i], "kind", acts[k].kind) &&
                day_in_quarter(m, field(&dated.at[i], "date")))
                act_row(m, t, &dated.at[i], named(m, all, &dated.at[i], "about"), &acts[k]);
        figure_number(m, s, acts[k].label, PACK_COUNT, acts[k].n);
        if (acts[k].usd)
            figure_number(m, s, acts[k].usd_label, PACK_SUM, acts[k].usd);
        median(m, s, acts[k].days_label, acts[k].days, acts[k].days_n);
    }
    pack_denied(m, s);
}

/* Wages of disguised workers are no victim's loss. */
static bool is_payroll(const struct record_said *r)
{
    return is(r, "kind", "payroll");
}

bool is_loss(const struct record_said *r)
{
    return is_theft(r) && !is_payroll(r);
}

/* How many of the quarter, how many of these without an amount, and what the others come to. */
static void stated(struct making *m, struct pack_section *s, const struct records *all,
                   bool (*is_one)(const struct record_said *r), const enum pack_word labels[3])
{
    uint64_t n = 0, unsaid = 0, usd = 0, amount;

    for (size_t i = 0; i < all->n; i++) {
        const struct record_said *r = &all->at[i];

        if (!is_one(r) || !day_in_quarter(m, field(r, "date")))
            continue;
        n++;
        behind(m, labels[0], r->of->object);
        if (record_number(&r->record, "amount_usd", &amount)) {
            usd += amount; /* below 2^53 each, and at most 10^5 of them a table */
            behind_u64(m, labels[2], r->of->object, amount);
        } else {
            unsaid++;
            behind(m, labels[1], r->of->object);
        }
    }
    figure_number(m, s, labels[0], PACK_COUNT, n);
    if (!n && is_one == is_payroll)
        return;
    figure_number(m, s, labels[1], PACK_COUNT, unsaid);
    figure_number(m, s, labels[2], PACK_SUM, usd);
}

/* What the year's thefts come to, up to the quarter's end: what others' figures of the year are
 * held against. */
static void since_january(struct making *m, struct pack_section *s, const struct records *all)
{
    struct period first = m->quarter, day;
    uint64_t usd = 0, amount;

    (void)period_of_quarter(m->pack->options.year, 1, &first); /* there is one: there is a later */
    for (size_t i = 0; i < all->n; i++) {
        const struct record_said *r = &all->at[i];

        if (!is_loss(r) || !period_read(field(r, "date"), &day) || day.from < first.from ||
            day.to > m->quarter.to || !record_number(&r->record, "amount_usd", &amount))
            continue;
        usd += amount;
        behind_u64(m, PACK_YEAR_USD, r->of->object, amount);
    }
    figure_number(m, s, PACK_YEAR_USD, PACK_SUM, usd);
}

static void losses(struct making *m, struct pack_section *s, const struct records *all)
{
    static const enum pack_word of_thefts[] = {PACK_THEFTS_N, PACK_THEFTS_UNSTATED,
                                               PACK_THEFTS_USD},
                                of_wages[] = {PACK_PAYROLL_N, PACK_PAYROLL_UNSTATED,
                                              PACK_PAYROLL_USD};

    stated(m, s, all, is_loss, of_thefts);
    since_january(m, s, all);
    stated(m, s, all, is_payroll, of_wages);
}

/* What stands in a row of losses: how many, what they come to, and of how many nobody said it. */
struct loss {
    const char *actor;
    uint64_t n, usd, unstated;
};

static void loss_add(struct loss *l, const struct record_said *r)
{
    uint64_t usd;

    l->n++;
    if (record_number(&r->record, "amount_usd", &usd))
        l->usd += usd;
    else
        l->unstated++;
}

/* Which thefts stand in a row: of a quarter, or of an actor in the pack's. */
struct losses_of {
    const struct period *quarter;
    const char *actor; /* NULL: of all */
};

static bool is_loss_of(const struct record_said *r, const struct losses_of *of)
{
    const char *actor = field(r, "actor");
    struct period day;

    return is_loss(r) && period_read(field(r, "date"), &day) && day.from >= of->quarter->from &&
           day.to <= of->quarter->to && (!of->actor || !strcmp(actor ? actor : "", of->actor));
}

enum loss_part { LOSS_ALL, LOSS_USD, LOSS_UNSTATED };

static void loss_behind(struct making *m, const struct records *all, const struct losses_of *of,
                        enum loss_part part)
{
    for (size_t i = 0; i < all->n; i++) {
        const struct record_said *r = &all->at[i];
        uint64_t usd;

        if (!is_loss_of(r, of))
            continue;
        if (part == LOSS_ALL)
            cell_behind(m, r->of->object);
        else if (!record_number(&r->record, "amount_usd", &usd)) {
            if (part == LOSS_UNSTATED)
                cell_behind(m, r->of->object);
        } else if (part == LOSS_USD)
            cell_behind_u64(m, r->of->object, usd);
    }
}

static void loss_cells(struct making *m, struct pack_table *t, const struct loss *l,
                       const struct records *all, const struct losses_of *of)
{
    if (cell_count(m, t, l->n))
        loss_behind(m, all, of, LOSS_ALL);
    if (cell_sum(m, t, l->usd))
        loss_behind(m, all, of, LOSS_USD);
    if (cell_count(m, t, l->unstated))
        loss_behind(m, all, of, LOSS_UNSTATED);
}

/* This quarter and those before it, the oldest first. */
static void losses_by_quarter(struct making *m, struct pack_section *s, const struct records *all)
{
    static const enum pack_word columns[] = {PACK_C_QUARTER, PACK_C_N, PACK_C_USD, PACK_C_UNSTATED,
                                             PACK_WORDS_N};
    struct pack_table *t =
        table_add(m, s, PACK_LOSSES_BY_QUARTER, "cordon cases list --format json", columns);
    unsigned last = m->pack->options.year * 4 + m->pack->options.quarter - 1;

    for (unsigned q = last - PACK_TREND_QUARTERS + 1; q <= last && all->n; q++) {
        struct loss loss = {.n = 0};
        struct period quarter;
        struct losses_of of = {&quarter, NULL};
        const char *name = made_text(m, "%uQ%u", q / 4, q % 4 + 1);

        if (!period_of_quarter(q / 4, q % 4 + 1, &quarter))
            continue;
        for (size_t i = 0; i < all->n; i++)
            if (is_loss_of(&all->at[i], &of))
                loss_add(&loss, &all->at[i]);
        if (!loss.n && q != last && m->pack->options.reader != PACK_READER_FULL)
            continue; /* that there is nothing to be told is no news of nothing lost */
        row_add(m, t);
        row_name(m, t, name, NULL, NULL);
        cell_add(m, t, name);
        loss_cells(m, t, &loss, all, &of);
    }
}

static int by_actor(const void *pa, const void *pb)
{
    const struct loss *a = pa, *b = pb;

    return strcmp(a->actor, b->actor);
}

static int by_loss(const void *pa, const void *pb)
{
    const struct loss *a = pa, *b = pb;

    if (!*a->actor != !*b->actor) /* of whom nobody says anything stands last */
        return *a->actor ? -1 : 1;
    if (a->usd != b->usd)
        return a->usd < b->usd ? 1 : -1;
    return strcmp(a->actor, b->actor);
}

/* Not every theft is the same state's. */
static void losses_by_actor(struct making *m, struct pack_section *s, const struct records *all)
{
    static const enum pack_word columns[] = {PACK_C_ACTOR, PACK_C_N, PACK_C_USD, PACK_C_UNSTATED,
                                             PACK_WORDS_N};
    struct pack_table *t =
        table_add(m, s, PACK_LOSSES_BY_ACTOR, "cordon cases list --format json", columns);
    struct loss *of = ARENA_ARRAY(m->a, struct loss, all->n + 1);
    size_t n = 0, kept = 0;

    if (!of) {
        making_failed(m, ERR_NOMEM, "a pack");
        return;
    }
    for (size_t i = 0; i < all->n; i++) {
        const char *actor = field(&all->at[i], "actor");

        if (!is_loss(&all->at[i]) || !day_in_quarter(m, field(&all->at[i], "date")))
            continue;
        of[n].actor = actor ? actor : "";
        loss_add(&of[n++], &all->at[i]);
    }
    if (n)
        qsort(of, n, sizeof(*of), by_actor);
    for (size_t i = 0; i < n; i++)
        if (kept && !by_actor(&of[kept - 1], &of[i])) {
            of[kept - 1].n++;
            of[kept - 1].usd += of[i].usd;
            of[kept - 1].unstated += of[i].unstated;
        } else {
            of[kept++] = of[i];
        }
    if (kept)
        qsort(of, kept, sizeof(*of), by_loss);
    for (size_t i = 0; i < kept; i++) {
        row_add(m, t);
        row_name(m, t, of[i].actor, NULL, NULL);
        if (*of[i].actor)
            cell_add(m, t, of[i].actor);
        else
            cell_word(m, t, PACK_NOT_STATED);
        loss_cells(m, t, &of[i], all, &(struct losses_of){&m->quarter, of[i].actor});
    }
}

static void other_events(struct making *m, const struct records *all)
{
    static const enum pack_word columns[] = {PACK_C_DATE,  PACK_C_KIND, PACK_C_TITLE,
                                             PACK_C_ACTOR, PACK_C_USD,  PACK_C_SOURCE,
                                             PACK_C_ID,    PACK_WORDS_N};
    struct pack_section *s = section_add(m, PACK_EVENTS);
    struct pack_table *t = table_add(m, s, PACK_EVENTS, "cordon cases list --format json", columns);

    for (size_t i = 0; i < all->n; i++) {
        const struct record_said *r = &all->at[i];

        if (is_theft(r) || !day_in_quarter(m, field(r, "date")))
            continue;
        row_add(m, t);
        row_name_object(m, t, r->of->object);
        cell_add(m, t, field(r, "date"));
        cell_value(m, t, field(r, "kind"));
        cell_add(m, t, field(r, "title") ? field(r, "title") : field(r, "victim"));
        cell_add(m, t, field(r, "actor"));
        cell_stated(m, t, field(r, "amount_usd"), r->of->object);
        cell_source(m, t, field(r, "source"));
        cell_add(m, t, id_of(m, r->of->object));
    }
}

/* ---- claims ---- */

static enum pack_word claims_title(const struct claim_row *c)
{
    switch (c->place) {
    case CLAIM_OF_YEAR:
    case CLAIM_WIDER:
    case CLAIM_SAID_THEN:
        break;
    case CLAIM_DENIAL:
        return PACK_DENIALS;
    }
    if (is(c->said, "measure", "share"))
        return PACK_CLAIMS_SHARES;
    if (c->place == CLAIM_SAID_THEN)
        return PACK_CLAIMS_SAID;
    return c->place == CLAIM_OF_YEAR ? PACK_CLAIMS : PACK_CLAIMS_WIDER;
}

static void claim_row(struct making *m, struct pack_table *t, const struct claim_row *c,
                      enum pack_word title)
{
    const struct record_said *r = c->said;
    bool amount = field(r, "amount_usd_low") || field(r, "amount_usd_high");

    row_add(m, t);
    row_name_object(m, t, r->of->object);
    cell_value(m, t, field(r, "subject"));
    cell_add(m, t, field(r, "claimant"));
    cell_add(m, t, field(r, "published"));
    cell_value(m, t, field(r, "period"));
    if (title == PACK_CLAIMS_SHARES) {
        cell_add(m, t, field(r, "share_of"));
        cell_stated(m, t, field(r, "share_low"), r->of->object);
        cell_stated(m, t, field(r, "share_high"), r->of->object);
    } else {
        cell_value(m, t, field(r, "measure") ? field(r, "measure") : amount ? "amount" : NULL);
        cell_stated(m, t, field(r, "amount_usd_low"), r->of->object);
        cell_stated(m, t, field(r, "amount_usd_high"), r->of->object);
    }
    cell_value(m, t, field(r, "stance"));
    cell_add(m, t, c->revised_by ? id_of(m, c->revised_by->of->object) : NULL);
    cell_add(m, t, field(r, "notes"));
    cell_source(m, t, field(r, "reported_by"));
    cell_add(m, t, id_of(m, r->of->object));
}

static void claims(struct making *m)
{
    static const enum pack_word amounts[] = {
        PACK_C_SUBJECT, PACK_C_CLAIMANT, PACK_C_PUBLISHED, PACK_C_PERIOD,  PACK_C_MEASURE,
        PACK_C_LOW,     PACK_C_HIGH,     PACK_C_STANCE,    PACK_C_REVISED, PACK_C_NOTES,
        PACK_C_SOURCE,  PACK_C_ID,       PACK_WORDS_N};
    static const enum pack_word shares[] = {
        PACK_C_SUBJECT,   PACK_C_CLAIMANT,   PACK_C_PUBLISHED, PACK_C_PERIOD,  PACK_C_SHARE_OF,
        PACK_C_SHARE_LOW, PACK_C_SHARE_HIGH, PACK_C_STANCE,    PACK_C_REVISED, PACK_C_NOTES,
        PACK_C_SOURCE,    PACK_C_ID,         PACK_WORDS_N};
    static const enum pack_word titles[] = {PACK_CLAIMS, PACK_DENIALS, PACK_CLAIMS_WIDER,
                                            PACK_CLAIMS_SHARES, PACK_CLAIMS_SAID};
    const char *year = made_text(m, "cordon claims year %u", m->pack->options.year);
    struct pack_section *s = section_add(m, PACK_CLAIMS);
    struct claim_row *rows = NULL;
    struct records all;
    size_t n = 0;

    records_seen(m, "claim", &all);
    if (!m->failed &&
        !claims_of_year(m->a, &all, m->pack->options.year, &m->quarter, &rows, &n, m->err))
        m->failed = true;
    for (size_t k = 0; k < sizeof(titles) / sizeof(titles[0]); k++) {
        bool of_year = titles[k] != PACK_CLAIMS_SAID;
        struct pack_table *t =
            table_add(m, s, titles[k], of_year ? year : "cordon claims list --format json",
                      titles[k] == PACK_CLAIMS_SHARES ? shares : amounts);

        for (size_t i = 0; i < n && !m->failed; i++)
            if (claims_title(&rows[i]) == titles[k])
                claim_row(m, t, &rows[i], titles[k]);
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

static void carried(struct making *m, struct pack_table *t, const struct record_said *r)
{
    uint64_t n = quarters_since(m, r->of->first->e.ms);

    row_name_object(m, t, r->of->object);
    if (cell_figure(m, t, PACK_SINCE, made_text(m, "%llu", (unsigned long long)n)))
        cell_behind_u64(m, r->of->object, r->of->first->e.ms);
}

/* "trilateral 6": the meeting at which it was decided, if this reader sees that. */
static const char *meeting_of(struct making *m, const struct record_said *r)
{
    const struct record_said *meeting;
    struct records all;

    records_seen(m, "meeting", &all);
    meeting = named(m, &all, r, "meeting");
    return meeting ? made_text(m, "%s %s", field(meeting, "series"), field(meeting, "ordinal"))
                   : NULL;
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
        else if (!strcmp(c->field, "meeting"))
            cell_add(m, t, meeting_of(m, r));
        else if (!strcmp(c->field, "done-on"))
            cell_add(m, t, day_of(m, r->of->last->e.ms));
        else if (!strcmp(c->field, "carried"))
            carried(m, t, r);
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
static const struct column outreach_columns[] = {
    {PACK_C_DATE, "date", false},       {PACK_C_OWNER, "owner-of", false},
    {PACK_C_FIRM, "firm", false},       {PACK_C_SUBJECT, "about", false},
    {PACK_ADVISORY, "advisory", false}, {PACK_C_ACKNOWLEDGED, "acknowledged", false},
    {PACK_C_ACTED, "acted", false},     {PACK_C_ACT, "act", false},
    {PACK_C_ID, "id", false},           {PACK_WORDS_N, NULL, false}};
static const struct column meeting_columns[] = {{PACK_C_DATE, "date", false},
                                                {PACK_C_SERIES, "series", false},
                                                {PACK_C_ORDINAL, "ordinal", false},
                                                {PACK_C_PLACE, "place", false},
                                                {PACK_C_HOST, "host", false},
                                                {PACK_C_CHAIRS, "chairs", true},
                                                {PACK_C_PARTICIPANTS, "participants", true},
                                                {PACK_C_AGENDA, "agenda", true},
                                                {PACK_C_DECISIONS, "decisions", true},
                                                {PACK_C_ID, "id", false},
                                                {PACK_WORDS_N, NULL, false}};
static const struct column action_columns[] = {
    {PACK_C_DUE, "due", false},     {PACK_C_OWNER, "owner", false},
    {PACK_C_TEXT, "text", false},   {PACK_C_MEETING, "meeting", false},
    {PACK_C_SINCE, "since", false}, {PACK_C_CARRIED, "carried", false},
    {PACK_C_ID, "id", false},       {PACK_WORDS_N, NULL, false}};
static const struct column done_columns[] = {
    {PACK_C_DUE, "due", false},     {PACK_C_OWNER, "owner", false},
    {PACK_C_TEXT, "text", false},   {PACK_C_MEETING, "meeting", false},
    {PACK_C_SINCE, "since", false}, {PACK_C_DONE_ON, "done-on", false},
    {PACK_C_ID, "id", false},       {PACK_WORDS_N, NULL, false}};

static void meetings(struct making *m)
{
    struct pack_section *s = section_add(m, PACK_MEETINGS);
    struct pack_table *t = table_of(m, s, PACK_MEETINGS, "meeting", meeting_columns);
    struct records all;

    records_seen(m, "meeting", &all);
    all = by_days(m, &all, "date");
    for (size_t i = 0; i < all.n; i++)
        if (day_in_quarter(m, field(&all.at[i], "date")))
            columns_put(m, t, &all.at[i], meeting_columns);
}

/* Of the briefings of a quarter: how many were acknowledged, and how many acted upon since. */
static void outreach(struct making *m)
{
    static const struct {
        enum pack_word label;
        const char *day;
    } counts[] = {{PACK_OUTREACH_N, "date"},
                  {PACK_OUTREACH_ACKNOWLEDGED, "acknowledged"},
                  {PACK_OUTREACH_ACTED, "acted"}};
    struct pack_section *s = section_add(m, PACK_OUTREACH);
    struct pack_table *t = table_of(m, s, PACK_OUTREACH, "outreach", outreach_columns);
    struct records all;

    records_seen(m, "outreach", &all);
    all = by_days(m, &all, "date");
    for (size_t i = 0; i < all.n; i++)
        if (day_in_quarter(m, field(&all.at[i], "date")))
            columns_put(m, t, &all.at[i], outreach_columns);
    for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
        uint64_t n = 0;

        for (size_t i = 0; i < all.n; i++)
            if (day_in_quarter(m, field(&all.at[i], "date")) && field(&all.at[i], counts[k].day)) {
                n++;
                behind(m, counts[k].label, all.at[i].of->object);
            }
        figure_number(m, s, counts[k].label, PACK_COUNT, n);
    }
}

struct progress { /* of the actions for a commitment */
    uint64_t done, n;
};

/* The actions for a commitment: 1 where it is done. */
static void actions_behind(struct making *m, const struct records *all,
                           const struct records *actions, const struct record_said *commitment)
{
    for (size_t i = 0; i < actions->n; i++)
        if (named(m, all, &actions->at[i], "commitment") == commitment)
            cell_behind_u64(m, actions->at[i].of->object, actions->at[i].of->state == RECORD_DONE);
}

/* From a summit's text to initiatives, and to the actions for these. */
static void commitments(struct making *m)
{
    static const enum pack_word columns[] = {PACK_C_DATE,         PACK_C_TEXT,     PACK_C_UNDER,
                                             PACK_C_ACTIONS_DONE, PACK_C_PROGRESS, PACK_C_SOURCE,
                                             PACK_C_ID,           PACK_WORDS_N};
    struct pack_table *t = table_add(m, section_add(m, PACK_COMMITMENTS), PACK_COMMITMENTS,
                                     "cordon register list commitment --format json", columns);
    struct records all, actions, dated;
    struct progress *of;

    records_seen(m, "commitment", &all);
    records_seen(m, "action", &actions);
    dated = by_days(m, &all, "made");
    of = ARENA_ARRAY(m->a, struct progress, all.n + 1);
    if (!of) {
        making_failed(m, ERR_NOMEM, "a pack");
        return;
    }
    for (size_t i = 0; i < actions.n; i++) {
        const struct record_said *c = named(m, &all, &actions.at[i], "commitment");

        if (!c)
            continue;
        of[c - all.at].n++;
        of[c - all.at].done += actions.at[i].of->state == RECORD_DONE;
    }
    for (size_t i = 0; i < dated.n; i++) {
        const struct record_said *r = record_at(&all, dated.at[i].of);
        const struct record_said *under = named(m, &all, r, "under");
        struct progress done = of[r - all.at];

        row_add(m, t);
        row_name_object(m, t, r->of->object);
        cell_add(m, t, field(r, "made"));
        cell_add(m, t, field(r, "text"));
        cell_add(m, t, under ? field(under, "text") : NULL);
        if (cell_figure(m, t, PACK_OF,
                        done.n ? made_text(m, "%llu/%llu", (unsigned long long)done.done,
                                           (unsigned long long)done.n)
                               : NULL))
            actions_behind(m, &all, &actions, r);
        cell_value(m, t, field(r, "progress"));
        cell_source(m, t, field(r, "source"));
        cell_add(m, t, id_of(m, r->of->object));
    }
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

/* Reported in the quarter, asked for in it, or owed still. */
static bool is_of_reports(const struct making *m, const struct record_said *r)
{
    return has_begun(m, r) && field(r, "member") &&
           (!field(r, "reported") || day_in_quarter(m, field(r, "reported")) ||
            day_in_quarter(m, field(r, "date")));
}

/* Governments that have said nothing at all. */
static void silent(struct making *m, struct pack_table *t, const struct records *all,
                   const char *instrument)
{
    const struct charter *c = fold_charter(m->fold);

    for (uint32_t k = 0; k < c->members_n; k++)
        if (c->members[k].government && !c->members[k].suspended &&
            !has_said(all, instrument, c->members[k].id))
            report_row(m, t, instrument, c->members[k].id, NULL);
}

#define OBLIGATIONS_ALL_MAX 1000 /* past them those that said nothing are not looked for */

/* What each government has reported, by instrument; what is not reported stays until it is. Who
 * said nothing at all is known to the full version's readers alone, who know the charter. */
static void reports(struct making *m, struct pack_section *s, const struct records *all)
{
    static const enum pack_word columns[] = {PACK_C_INSTRUMENT, PACK_C_OWNER, PACK_C_REPORTED_ON,
                                             PACK_C_REPORT,     PACK_C_ID,    PACK_WORDS_N};
    struct pack_table *t =
        table_add(m, s, PACK_REPORTS, "cordon register list obligation --format json", columns);
    bool few = all->n <= OBLIGATIONS_ALL_MAX;

    for (size_t i = 0; i < all->n; i++) {
        const char *instrument = field(&all->at[i], "instrument");

        if (few && was_named(all, i))
            continue;
        for (size_t k = i; k < (few ? all->n : i + 1); k++)
            if (is(&all->at[k], "instrument", instrument) && is_of_reports(m, &all->at[k]))
                report_row(m, t, instrument, field(&all->at[k], "member"), &all->at[k]);
        if (few && m->pack->options.reader == PACK_READER_FULL && has_begun(m, &all->at[i]))
            silent(m, t, all, instrument);
    }
}

static void obligations(struct making *m)
{
    struct pack_section *s = section_add(m, PACK_OBLIGATIONS);
    struct pack_table *t = table_of(m, s, PACK_OBLIGATIONS, "obligation", obligation_columns);
    struct records all;

    records_seen(m, "obligation", &all);
    all = by_days(m, &all, "date");
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
    struct pack_section *s = section_add(m, PACK_COMPLAINTS);
    struct pack_table *t = table_of(m, s, PACK_COMPLAINTS, "complaint", complaint_columns);
    uint64_t n = 0, open = 0, released = 0;
    struct records all;

    records_seen(m, "complaint", &all);
    all = by_days(m, &all, "received");
    for (size_t i = 0; i < all.n; i++) {
        if (!day_in_quarter(m, field(&all.at[i], "received")))
            continue;
        n++;
        behind(m, PACK_COMPLAINTS_N, all.at[i].of->object);
        if (!field(&all.at[i], "answered")) {
            open++;
            behind(m, PACK_COMPLAINTS_OPEN, all.at[i].of->object);
        }
        if (is(&all.at[i], "outcome", "released")) {
            released++;
            behind(m, PACK_COMPLAINTS_RELEASED, all.at[i].of->object);
        }
        columns_put(m, t, &all.at[i], complaint_columns);
    }
    figure_number(m, s, PACK_COMPLAINTS_N, PACK_COUNT, n);
    figure_number(m, s, PACK_COMPLAINTS_OPEN, PACK_COUNT, open);
    figure_number(m, s, PACK_COMPLAINTS_RELEASED, PACK_COUNT, released);
}

/* Was it on record at the quarter's end, and done in it or since? */
static bool done_since(const struct making *m, const struct fold_object *o)
{
    return o->last->e.ms / 1000 >= m->quarter.from && o->first->e.ms / 1000 < m->quarter.to;
}

/* Open ones stay until they are done; what was done behind the quarter's end is no longer open, and
 * is not to be missed before the meeting. */
static void actions(struct making *m)
{
    struct pack_section *s = section_add(m, PACK_ACTIONS);
    struct pack_table *open = table_of(m, s, PACK_ACTIONS_OPEN, "action", action_columns);
    struct pack_table *done = table_of(m, s, PACK_ACTIONS_DONE, "action", done_columns);
    struct records all;

    records_seen(m, "action", &all);
    all = by_days(m, &all, "due");
    for (size_t i = 0; i < all.n; i++) {
        const struct fold_object *o = all.at[i].of;

        if (o->state == RECORD_STATED)
            columns_put(m, open, &all.at[i], action_columns);
        else if (done_since(m, o))
            columns_put(m, done, &all.at[i], done_columns);
    }
}

static void open_actions(struct making *m, struct pack_section *s)
{
    uint64_t open = 0, overdue = 0;
    struct records all;
    struct period due;

    records_seen(m, "action", &all);
    for (size_t i = 0; i < all.n; i++)
        if (all.at[i].of->state == RECORD_STATED) {
            open++;
            behind(m, PACK_OPEN_N, all.at[i].of->object);
            if (!period_read(field(&all.at[i], "due"), &due) || due.to > late_at(m))
                continue;
            overdue++;
            behind(m, PACK_OVERDUE_N, all.at[i].of->object);
        }
    figure_number(m, s, PACK_OPEN_N, PACK_COUNT, open);
    figure_number(m, s, PACK_OVERDUE_N, PACK_COUNT, overdue);
}

void pack_registers_summary(struct making *m, struct pack_section *s)
{
    struct records incidents;

    records_seen(m, "incident", &incidents);
    losses(m, s, &incidents);
    open_actions(m, s);
}

void pack_incidents(struct making *m)
{
    struct pack_section *s = section_add(m, PACK_INCIDENTS);
    struct records incidents;

    records_seen(m, "incident", &incidents);
    incidents = by_days(m, &incidents, "date");
    thefts(m, s, &incidents);
    losses_by_quarter(m, s, &incidents);
    losses_by_actor(m, s, &incidents);
}

void pack_deterrence(struct making *m)
{
    struct records incidents;

    records_seen(m, "incident", &incidents);
    deterrence(m, &incidents);
}

void pack_registers_behind(struct making *m)
{
    struct records incidents;

    claims(m);
    records_seen(m, "incident", &incidents);
    incidents = by_days(m, &incidents, "date");
    other_events(m, &incidents);
    obligations(m);
    complaints(m);
    outreach(m);
    meetings(m);
    commitments(m);
    actions(m);
}
