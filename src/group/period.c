#include "group/period.h"

#include "base/time.h"

#include <string.h>

#define YEAR_MIN 1970
#define YEAR_MAX 9998

/* One side of a period: days from year, month, day up to those of the second three. */
struct side {
    unsigned year, month, day; /* 0: not said */
    unsigned months;           /* that it lasts, where a day is not said; 0: it is a moment */
};

static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                     "jul", "aug", "sep", "oct", "nov", "dec"};

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static void spaces(const char **at)
{
    while (**at == ' ')
        ++*at;
}

/* Does it begin with these words? Then they are passed over, and the space behind them. */
static bool take(const char **at, const char *words)
{
    size_t n = strlen(words);

    for (size_t i = 0; i < n; i++)
        if (lower((*at)[i]) != words[i])
            return false;
    *at += n;
    spaces(at);
    return true;
}

/* So many digits and no more. */
static bool digits(const char **at, size_t least, size_t most, unsigned *ret)
{
    size_t n = 0;
    uint64_t v;

    while ((*at)[n] >= '0' && (*at)[n] <= '9')
        n++;
    if (n < least || n > most)
        return false;
    for (v = 0; n; n--)
        v = v * 10 + (uint64_t)(*(*at)++ - '0');
    *ret = (unsigned)v;
    return true;
}

static bool year(const char **at, struct side *s)
{
    const char *was = *at;

    if (digits(at, 4, 4, &s->year) && s->year >= YEAR_MIN && s->year <= YEAR_MAX)
        return true;
    *at = was;
    s->year = 0;
    return false;
}

static bool month(const char **at, struct side *s)
{
    for (unsigned i = 0; i < 12; i++)
        if (take(at, months[i])) {
            while (lower(**at) >= 'a' && lower(**at) <= 'z') /* the rest of the month's name */
                ++*at;
            spaces(at);
            s->month = i + 1;
            s->months = 1;
            return true;
        }
    return false;
}

static bool quarter(const char **at, struct side *s)
{
    unsigned n;

    if (!take(at, "q") || !digits(at, 1, 1, &n) || n < 1 || n > 4)
        return false;
    s->month = 3 * n - 2;
    s->months = 3;
    spaces(at);
    return true;
}

/* 2019, 2019-11, 2019-11-27, 2025Q3. Behind a year "-2022" is another year. */
static bool from_year(const char **at, struct side *s)
{
    const char *was;

    if (!year(at, s))
        return false;
    s->months = 12;
    if (lower(**at) == 'q')
        return quarter(at, s);
    was = *at;
    if (**at != '-')
        return true;
    ++*at;
    if (!digits(at, 2, 2, &s->month)) {
        *at = was;
        return true;
    }
    s->months = 1;
    if (**at == '-') {
        ++*at;
        return digits(at, 2, 2, &s->day) && s->day;
    }
    return s->month != 0;
}

static bool part_of_year(const char **at, struct side *s)
{
    static const struct {
        const char *words;
        unsigned month, months;
    } parts[] = {
        {"first half of", 1, 6},
        {"second half of", 7, 6},
        {"h1", 1, 6},
        {"h2", 7, 6},
        {"mid-", 7, 0},
        {"mid", 7, 0},
        {"end of", 13, 0},
    };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (take(at, parts[i].words)) {
            s->month = parts[i].month;
            s->months = parts[i].months;
            return year(at, s);
        }
    return quarter(at, s) && year(at, s);
}

static bool side_read(const char **at, struct side *s)
{
    const char *was = *at;

    *s = (struct side){.year = 0};
    if (from_year(at, s))
        return true;
    *at = was;
    *s = (struct side){.year = 0};
    if (part_of_year(at, s))
        return true;
    *at = was;
    *s = (struct side){.year = 0};
    if (digits(at, 1, 2, &s->day))
        spaces(at);
    if (!month(at, s))
        return false;
    if (!year(at, s))
        return **at == '\0' || **at == ' ' || **at == '-';
    return true;
}

static bool first_second(const struct side *s, uint64_t *ret)
{
    return time_from_date(s->year, s->month ? s->month : 1, s->day ? s->day : 1, ret);
}

static bool second_behind(const struct side *s, uint64_t *ret)
{
    unsigned behind = (s->month ? s->month : 1) - 1 + s->months; /* months from the year's start */

    if (s->day) {
        if (!first_second(s, ret))
            return false;
        *ret += 86400;
        return true;
    }
    return time_from_date(s->year + behind / 12, behind % 12 + 1, 1, ret);
}

bool period_read(const char *text, struct period *ret)
{
    struct side from, to;
    const char *at = text;
    struct period p = {0, 0};
    bool open = take(&at, "to ") || take(&at, "until ");

    if (!side_read(&at, &from))
        return false;
    spaces(&at);
    to = from;
    if (!open && *at == '-') {
        at++;
        spaces(&at);
        if (!side_read(&at, &to))
            return false;
        spaces(&at);
        if (!from.year)
            from.year = to.year;
        if (!to.year)
            to.year = from.year;
    }
    if (*at || !from.year || (!open && !first_second(&from, &p.from)) || !second_behind(&to, &p.to))
        return false;
    *ret = p;
    return p.from < p.to;
}

bool period_of_year(unsigned year_number, struct period *ret)
{
    return year_number >= YEAR_MIN && year_number <= YEAR_MAX &&
           time_from_date(year_number, 1, 1, &ret->from) &&
           time_from_date(year_number + 1, 1, 1, &ret->to);
}

bool period_of_quarter(unsigned year_number, unsigned number, struct period *ret)
{
    struct side s = {.year = year_number, .month = 3 * number - 2, .months = 3};

    return year_number >= YEAR_MIN && year_number <= YEAR_MAX && number >= 1 && number <= 4 &&
           first_second(&s, &ret->from) && second_behind(&s, &ret->to);
}
