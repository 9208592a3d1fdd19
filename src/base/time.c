#include "base/time.h"

#include "base/text.h"

#include <time.h>

#define DAY 86400u
#define SECONDS_DIGITS_MAX 11

struct reader {
    const char *p, *end;
};

static bool number(struct reader *r, unsigned digits, unsigned *ret)
{
    *ret = 0;
    for (; digits; digits--, r->p++) {
        if (r->p == r->end || *r->p < '0' || *r->p > '9')
            return false;
        *ret = *ret * 10 + (unsigned)(*r->p - '0');
    }
    return true;
}

static bool letter(struct reader *r, char c)
{
    if (r->p == r->end || *r->p != c)
        return false;
    r->p++;
    return true;
}

/* Days since 1970 of a date of the Gregorian calendar (H. Hinnant, "chrono-Compatible Low-Level
 * Date Algorithms": years begin with March, so that a leap day is the last). */
static uint64_t days_from_date(unsigned year, unsigned month, unsigned day)
{
    unsigned y = month > 2 ? year : year - 1, of_era = y % 400,
             of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return (uint64_t)(y / 400) * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year -
           719468;
}

bool time_from_date(unsigned year, unsigned month, unsigned day, uint64_t *ret)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (year < 1970 || !month || month > 12 || !day || day > days[month - 1] ||
        (month == 2 && day == 29 && (year % 4 || (!(year % 100) && year % 400))))
        return false;
    *ret = days_from_date(year, month, day) * DAY;
    return true;
}

static bool date(struct reader *r, uint64_t *ret)
{
    unsigned year, month, day;

    return number(r, 4, &year) && letter(r, '-') && number(r, 2, &month) && letter(r, '-') &&
           number(r, 2, &day) && time_from_date(year, month, day, ret);
}

/* hh:mm, hh:mm:ss, hh:mm:ss.sss */
static bool clock_time(struct reader *r, uint64_t *ret)
{
    unsigned hour, minute, second = 0, fraction;

    if (!number(r, 2, &hour) || !letter(r, ':') || !number(r, 2, &minute))
        return false;
    if (letter(r, ':')) {
        if (!number(r, 2, &second))
            return false;
        if (letter(r, '.') || letter(r, ',')) {
            if (!number(r, 1, &fraction))
                return false;
            while (number(r, 1, &fraction))
                ;
        }
    }
    if (hour > 23 || minute > 59 || second > 59)
        return false;
    *ret += hour * 3600 + minute * 60 + second;
    return true;
}

static bool zone(struct reader *r, uint64_t *ret)
{
    bool east = letter(r, '+');
    unsigned hour, minute, seconds;

    if (!east && !letter(r, '-')) {
        if (r->end - r->p == 4 && !memcmp(r->p, " UTC", 4))
            r->p = r->end;
        else
            letter(r, 'Z');
        return true;
    }
    if (!number(r, 2, &hour))
        return false;
    letter(r, ':');
    if (!number(r, 2, &minute) || hour > 23 || minute > 59)
        return false;
    seconds = hour * 3600 + minute * 60;
    if (east && *ret < seconds)
        return false;
    *ret = east ? *ret - seconds : *ret + seconds;
    return true;
}

bool time_from_iso(const char *p, size_t n, uint64_t *ret)
{
    struct reader r = {p, p + n};
    uint64_t t;

    if (!date(&r, &t))
        return false;
    if (r.p != r.end &&
        (!(letter(&r, 'T') || letter(&r, ' ')) || !clock_time(&r, &t) || !zone(&r, &t)))
        return false;
    if (r.p != r.end)
        return false;
    *ret = t;
    return true;
}

bool time_from_text(const char *p, size_t n, uint64_t *ret)
{
    return (n <= SECONDS_DIGITS_MAX && u64_from_text(p, n, ret)) || time_from_iso(p, n, ret);
}

bool time_from_yymmdd(const char *p, size_t n, uint64_t *ret)
{
    struct reader r = {p, p + n};
    unsigned year, month, day;

    return n == 6 && number(&r, 2, &year) && number(&r, 2, &month) && number(&r, 2, &day) &&
           time_from_date(year + (year > 79 ? 1900 : 2000), month, day, ret);
}

const char *time_day(uint64_t time, char ret[TIME_DAY_MAX])
{
    time_t seconds = (time_t)time;
    struct tm tm = {.tm_mday = 1};

    gmtime_r(&seconds, &tm);
    if (!strftime(ret, TIME_DAY_MAX, "%Y-%m-%d", &tm))
        *ret = 0;
    return ret;
}
