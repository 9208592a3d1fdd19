/* Days are whole numbers, and a year is looked at through base/time.h; the arithmetic is a walk
 * from day to day, which CLOCK_PERIOD_MAX bounds. */
#include "screen/clocks.h"

#include "base/unsaid.h"

#include "base/text.h"
#include "base/time.h"
#include "base/yaml.h"
#include "clocks_default.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define DAY 86400u
#define HOLIDAYS_MAX 4096
#define LISTS_MAX 64

enum unit { UNIT_BUSINESS_DAYS, UNIT_DAYS, UNIT_HOURS, UNIT_YEARLY };
enum ends { ENDS_THERE, ENDS_NEXT, ENDS_PREVIOUS };

struct days { /* ascending */
    const uint32_t *at;
    size_t n;
};

struct month_day {
    unsigned month, day;
};

struct row {
    struct report_clock shown;
    uint32_t decisions, directions; /* a bit each */
    const char **lists;             /* [lists_n] none: any */
    size_t lists_n;
    enum unit unit;
    enum ends ends;
    uint32_t period;
    struct month_day by, held;
    struct days holidays;
    uint32_t weekend; /* a bit a day of the week, Sunday first */
};

struct clocks {
    struct row *at;
    size_t n;
    int64_t zone; /* seconds */
};

static const char *const reports[CLOCK_REPORTS] = {
    [CLOCK_BLOCKED_PROPERTY] = "blocked_property",
    [CLOCK_REJECTED_TRANSACTION] = "rejected_transaction",
    [CLOCK_FROZEN_FUNDS] = "frozen_funds",
    [CLOCK_LISTED_CUSTOMER] = "listed_customer",
    [CLOCK_ANNUAL_HOLDINGS] = "annual_holdings",
};

static const char *const weekdays[7] = {"sunday",   "monday", "tuesday", "wednesday",
                                        "thursday", "friday", "saturday"};

const char *clocks_default(size_t *ret_n)
{
    *ret_n = sizeof(embedded_clocks) - 1;
    return embedded_clocks;
}

const char *clock_report_name(enum clock_report r)
{
    return reports[r];
}

/* ---- reading ---- */

struct reader {
    struct arena *a;
    const struct json *holidays;
    struct err *err;
};

static bool wrong(struct reader *r, const struct json *at, const char *what)
{
    return err_fail(r->err, ERR_INPUT, "line %zu: %s", at->offset, what);
}

static bool no_memory(struct reader *r)
{
    return err_fail(r->err, ERR_NOMEM, "clocks");
}

static bool text_read(struct reader *r, const struct json *row, const char *name, const char **ret)
{
    const struct json *j = json_get(row, name);

    if (!j || j->type != JSON_STRING || !j->text_n || j->text_n > CLOCKS_TEXT_MAX ||
        !text_is_plain(j->text, j->text_n))
        return err_fail(r->err, ERR_INPUT, "line %zu: %s: a text of one line is wanted",
                        j ? j->offset : row->offset, name);
    if (unsaid_in(j->text))
        return err_fail(r->err, ERR_INPUT,
                        "line %zu: %s: suspicious-transaction reports have no clock here",
                        j->offset, name);
    *ret = j->text;
    return true;
}

/* A word, or a list of them: the n-th; NULL: no more. */
static const struct json *nth(const struct json *j, size_t n)
{
    if (!j || j->type != JSON_ARRAY)
        return n ? NULL : j;
    for (j = j->child; j && n; n--)
        j = j->next;
    return j;
}

static bool decisions_read(struct reader *r, const struct json *on, struct row *row)
{
    const struct json *j, *all = json_get(on, "decision");

    for (size_t i = 0; (j = nth(all, i)); i++) {
        if (json_is_string(j, screen_decision_name(SCREEN_BLOCK)))
            row->decisions |= 1u << SCREEN_BLOCK;
        else if (json_is_string(j, screen_decision_name(SCREEN_REJECT)))
            row->decisions |= 1u << SCREEN_REJECT;
        else
            return wrong(r, j, "decision: BLOCK or REJECT is wanted");
    }
    return row->decisions || wrong(r, on, "on: a decision is wanted, BLOCK or REJECT");
}

static bool direction_read(struct reader *r, const struct json *on, struct row *row)
{
    const struct json *j = json_get(on, "direction");

    row->directions = 1u << SCREEN_INBOUND | 1u << SCREEN_OUTBOUND;
    if (!j)
        return true;
    for (int d = 0; d < SCREEN_DIRECTIONS; d++)
        if (json_is_string(j, screen_direction_name((enum screen_direction)d))) {
            row->directions = 1u << d;
            return true;
        }
    return wrong(r, j, "direction: inbound or outbound is wanted");
}

static bool on_read(struct reader *r, const struct json *object, struct row *row)
{
    static const char *const known[] = {"decision", "direction", "list", NULL};
    const struct json *on = json_get(object, "on"), *lists, *j;

    if (!on || on->type != JSON_OBJECT)
        return wrong(r, object, "on: {decision: ..., list: ...} is wanted");
    if (!json_only(on, "on", known, r->err))
        return false;
    lists = json_get(on, "list");
    row->lists = ARENA_ARRAY(r->a, const char *, LISTS_MAX);
    if (!row->lists)
        return no_memory(r);
    for (; (j = nth(lists, row->lists_n)); row->lists_n++) {
        if (j->type != JSON_STRING || row->lists_n == LISTS_MAX - 1)
            return wrong(r, j, "list: names of lists are wanted");
        row->lists[row->lists_n] = j->text;
    }
    return decisions_read(r, on, row) && direction_read(r, on, row);
}

static int day_order(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return (x > y) - (x < y);
}

static bool holidays_read(struct reader *r, const struct json *row, struct days *ret)
{
    const struct json *name = json_get(row, "holidays"), *all;
    uint32_t *at = ARENA_ARRAY(r->a, uint32_t, HOLIDAYS_MAX);

    *ret = (struct days){at, 0};
    if (!name)
        return true;
    all = name->type == JSON_STRING ? json_get(r->holidays, name->text) : NULL;
    if (!all || all->type != JSON_ARRAY)
        return wrong(r, name, "holidays: there is no such list of days");
    if (!at)
        return no_memory(r);
    for (const struct json *j = all->child; j; j = j->next) {
        uint64_t second;

        if (j->type != JSON_STRING || j->text_n != 10 ||
            !time_from_iso(j->text, j->text_n, &second))
            return wrong(r, j, "a day is wanted, as 2026-12-25");
        if (ret->n == HOLIDAYS_MAX)
            return err_fail(r->err, ERR_LIMIT, "line %zu: more than %d holidays", j->offset,
                            HOLIDAYS_MAX);
        at[ret->n++] = (uint32_t)(second / DAY);
    }
    qsort(at, ret->n, sizeof(*at), day_order);
    return true;
}

static bool weekend_read(struct reader *r, const struct json *object, uint32_t *ret)
{
    const struct json *all = json_get(object, "weekend"), *j;

    *ret = all ? 0 : 1u << 0 | 1u << 6;
    if (all && all->type != JSON_ARRAY)
        return wrong(r, all, "weekend: a list of days is wanted, as [friday, saturday]");
    for (size_t i = 0; (j = nth(all, i)); i++) {
        unsigned d = 0;

        while (d < 7 && !json_is_string(j, weekdays[d]))
            d++;
        if (d == 7)
            return wrong(r, j, "weekend: days are wanted, as [friday, saturday]");
        *ret |= 1u << d;
    }
    return *ret != 127 || wrong(r, all, "weekend: no day is left for business");
}

/* "10 business days" */
static bool within_read(struct reader *r, const struct json *j, struct row *row)
{
    static const struct {
        const char *name;
        enum unit unit;
    } units[] = {
        {" business days", UNIT_BUSINESS_DAYS},
        {" business day", UNIT_BUSINESS_DAYS},
        {" days", UNIT_DAYS},
        {" day", UNIT_DAYS},
        {" hours", UNIT_HOURS},
        {" hour", UNIT_HOURS},
    };
    size_t n = j->type == JSON_STRING ? strcspn(j->text, " ") : 0;
    uint64_t period;

    if (n && u64_from_text(j->text, n, &period) && period <= CLOCK_PERIOD_MAX)
        for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
            if (!strcmp(j->text + n, units[i].name)) {
                row->period = (uint32_t)period;
                row->unit = units[i].unit;
                return true;
            }
    return wrong(r, j, "within: as \"10 business days\", \"14 days\" or \"72 hours\"");
}

/* "09-30"; 29 February is no day of every year. */
static bool month_day_read(struct reader *r, const struct json *row, const char *name,
                           struct month_day *ret)
{
    const struct json *j = json_get(row, name);
    char date[16];
    uint64_t second;

    if (j && j->type == JSON_STRING && j->text_n == 5) {
        snprintf(date, sizeof(date), "2025-%s", j->text);
        if (time_from_iso(date, 10, &second)) {
            ret->month = (unsigned)(j->text[0] - '0') * 10 + (unsigned)(j->text[1] - '0');
            ret->day = (unsigned)(j->text[3] - '0') * 10 + (unsigned)(j->text[4] - '0');
            return true;
        }
    }
    return err_fail(r->err, ERR_INPUT, "line %zu: %s: a day of the year is wanted, as \"09-30\"",
                    j ? j->offset : row->offset, name);
}

static bool ends_read(struct reader *r, const struct json *object, struct row *row)
{
    const struct json *j = json_get(object, "ends");

    if (!j)
        return true;
    if (row->unit == UNIT_BUSINESS_DAYS || row->unit == UNIT_HOURS)
        return wrong(r, j, "ends: of clocks that count days");
    row->ends = json_is_string(j, "next_business_day")       ? ENDS_NEXT
                : json_is_string(j, "previous_business_day") ? ENDS_PREVIOUS
                                                             : ENDS_THERE;
    return row->ends != ENDS_THERE ||
           wrong(r, j, "ends: next_business_day or previous_business_day");
}

static bool when_read(struct reader *r, const struct json *object, struct row *row)
{
    const struct json *within = json_get(object, "within");
    const struct json *yearly = json_get(object, "every_year");

    if (!within == !yearly)
        return wrong(r, object, "either within or every_year is wanted");
    if (within && json_get(object, "held_on"))
        return wrong(r, object, "held_on goes with every_year");
    if (within ? !within_read(r, within, row)
               : !month_day_read(r, object, "every_year", &row->by) ||
                     !month_day_read(r, object, "held_on", &row->held))
        return false;
    if (yearly)
        row->unit = UNIT_YEARLY;
    row->shown.yearly = yearly != NULL;
    return ends_read(r, object, row);
}

static bool report_read(struct reader *r, const struct json *object, enum clock_report *ret)
{
    const struct json *j = json_get(object, "report");

    for (int i = 0; j && i < CLOCK_REPORTS; i++)
        if (json_is_string(j, reports[i])) {
            *ret = (enum clock_report)i;
            return true;
        }
    return wrong(r, j ? j : object,
                 "report: blocked_property, rejected_transaction, frozen_funds, listed_customer or "
                 "annual_holdings is wanted");
}

static bool row_read(struct reader *r, const struct json *object, struct row *row)
{
    static const char *const known[] = {"id",      "jurisdiction", "report",  "on",
                                        "within",  "every_year",   "held_on", "holidays",
                                        "weekend", "ends",         "basis",   NULL};

    if (object->type != JSON_OBJECT)
        return wrong(r, object, "a clock is wanted");
    return json_only(object, "clock", known, r->err) &&
           text_read(r, object, "id", &row->shown.id) &&
           text_read(r, object, "jurisdiction", &row->shown.jurisdiction) &&
           text_read(r, object, "basis", &row->shown.basis) &&
           report_read(r, object, &row->shown.report) && on_read(r, object, row) &&
           when_read(r, object, row) && holidays_read(r, object, &row->holidays) &&
           weekend_read(r, object, &row->weekend);
}

/* "+09:00" */
static bool zone_read(struct reader *r, const struct json *j, int64_t *ret)
{
    unsigned hours, minutes;
    char sign;

    *ret = 0;
    if (!j)
        return true;
    if (j->type != JSON_STRING || j->text_n != 6 || strspn(j->text + 1, "0123456789:") != 5 ||
        sscanf(j->text, "%c%2u:%2u", &sign, &hours, &minutes) != 3 || !strchr("+-", sign) ||
        hours > 14 || minutes > 59)
        return wrong(r, j, "zone: a distance from UTC is wanted, as \"-05:00\"");
    *ret = (int64_t)(hours * 3600 + minutes * 60) * (sign == '-' ? -1 : 1);
    return true;
}

static bool rows_read(struct reader *r, const struct json *root, struct clocks *c)
{
    const struct json *rows = json_get(root, "clocks");

    if (!rows || rows->type != JSON_ARRAY)
        return wrong(r, root, "clocks: a list is wanted");
    if (rows->children_n > CLOCKS_MAX)
        return err_fail(r->err, ERR_LIMIT, "line %zu: more than %d clocks", rows->offset,
                        CLOCKS_MAX);
    c->at = ARENA_ARRAY(r->a, struct row, rows->children_n + 1);
    if (!c->at)
        return no_memory(r);
    for (const struct json *j = rows->child; j; j = j->next, c->n++) {
        if (!row_read(r, j, &c->at[c->n]))
            return false;
        if (clocks_find(c, c->at[c->n].shown.id) != SIZE_MAX)
            return wrong(r, j, "two clocks have that id");
    }
    return true;
}

bool clocks_read(struct arena *a, const char *p, size_t n, const struct clocks **ret,
                 struct err *err)
{
    static const char *const known[] = {"zone", "holidays", "clocks", NULL};
    struct clocks *c = ARENA_NEW(a, struct clocks);
    struct reader r = {.a = a, .err = err};
    const struct json *root;

    if (!c)
        return no_memory(&r);
    if (!yaml_read(a, p, n, &root, err))
        return false;
    if (root->type != JSON_OBJECT)
        return wrong(&r, root, "clocks: a list is wanted");
    r.holidays = json_get(root, "holidays");
    if (!json_only(root, "the file", known, err) ||
        !zone_read(&r, json_get(root, "zone"), &c->zone) || !rows_read(&r, root, c))
        return false;
    *ret = c;
    return true;
}

/* ---- asking ---- */

size_t clocks_n(const struct clocks *c)
{
    return c->n;
}

struct report_clock clocks_at(const struct clocks *c, size_t i)
{
    return c->at[i].shown;
}

size_t clocks_find(const struct clocks *c, const char *id)
{
    for (size_t i = 0; i < c->n; i++)
        if (!strcmp(c->at[i].shown.id, id))
            return i;
    return SIZE_MAX;
}

bool clocks_starts(const struct clocks *c, size_t i, enum screen_decision decision,
                   enum screen_direction direction, const char *list)
{
    const struct row *row = &c->at[i];
    bool listed = !row->lists_n;

    for (size_t k = 0; k < row->lists_n; k++)
        listed |= !strcmp(row->lists[k], list);
    return listed && row->decisions >> decision & 1 && row->directions >> direction & 1;
}

static bool is_business(const struct row *row, uint64_t day)
{
    uint32_t key = (uint32_t)day;

    if (row->weekend >> (day + 4) % 7 & 1) /* 1970-01-01 was a Thursday */
        return false;
    return !row->holidays.n ||
           !bsearch(&key, row->holidays.at, row->holidays.n, sizeof(key), day_order);
}

/* A list of holidays could take every day there is: so far it goes, and no further. */
static uint64_t business_from(const struct row *row, uint64_t day, bool forward)
{
    for (int i = 0; i < HOLIDAYS_MAX + 7 && !is_business(row, day); i++)
        day += forward ? 1 : (uint64_t)-1;
    return day;
}

static uint64_t business_days_after(const struct row *row, uint64_t day, uint32_t n)
{
    for (; n; n--)
        day = business_from(row, day + 1, true);
    return day;
}

static unsigned year_of(uint64_t day)
{
    char text[TIME_DAY_MAX];

    return (unsigned)strtoul(time_day(day * DAY, text), NULL, 10);
}

static uint64_t day_of(unsigned year, struct month_day m)
{
    uint64_t second = 0;

    if (!time_from_date(year, m.month, m.day, &second))
        return UINT32_MAX;
    return second / DAY;
}

/* What is held on a day of a year is reported by the next day of that kind behind it. */
static uint64_t yearly_due(const struct row *row, unsigned year)
{
    uint64_t held = day_of(year, row->held), by = day_of(year, row->by);

    return by > held ? by : day_of(year + 1, row->by);
}

static struct clock_time time_of(const struct clocks *c, const struct row *row, uint64_t day,
                                 uint64_t due)
{
    if (row->ends != ENDS_THERE)
        due = business_from(row, due, row->ends == ENDS_NEXT);
    return (struct clock_time){day, (uint64_t)((int64_t)((due + 1) * DAY) - c->zone), due};
}

struct clock_time clocks_due(const struct clocks *c, size_t i, uint64_t now)
{
    const struct row *row = &c->at[i];
    uint64_t here = (uint64_t)((int64_t)now + c->zone), day = here / DAY;
    unsigned year;

    switch (row->unit) {
    case UNIT_BUSINESS_DAYS:
        return time_of(c, row, day, business_days_after(row, day, row->period));
    case UNIT_DAYS:
        return time_of(c, row, day, day + row->period);
    case UNIT_HOURS:
        return (struct clock_time){day, now + row->period * 3600u,
                                   (here + row->period * 3600u) / DAY};
    case UNIT_YEARLY:
        break;
    }
    year = year_of(day);
    return time_of(c, row, day, yearly_due(row, day <= day_of(year, row->held) ? year : year + 1));
}

struct clock_time clocks_year_after(const struct clocks *c, size_t i, struct clock_time t)
{
    const struct row *row = &c->at[i];
    unsigned year = year_of(t.due) + 1;

    while (time_of(c, row, t.day, day_of(year, row->by)).due > t.due) /* it may have been moved */
        year--;
    return time_of(c, row, t.day, day_of(year + 1, row->by));
}
