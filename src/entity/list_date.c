/* Days and dates in the many ways in which lists write them. */
#include "entity/list_make.h"

#include "base/time.h"

#include <strings.h>

#define PARTS_MAX 3

struct part {
    bool word;
    unsigned number, digits;
    unsigned month; /* of a word; 0: none, as "dd" and "mm" of the UK, which are not told */
};

static unsigned month_of(const char *p, size_t n)
{
    static const char names[] = "january  february march    april    may      june     july     "
                                "august   septemberoctober  november december ";

    if (n < 3 || n > 9)
        return 0;
    for (unsigned i = 0; i < 12; i++) {
        const char *name = names + (size_t)i * 9;
        size_t k = 0;

        while (k < n && name[k] == (char)(p[k] | 0x20))
            k++;
        if (k == n)
            return i + 1;
    }
    return 0;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* What may stand between the parts: one mark, spaces, and the year, month and day of Japanese and
 * Chinese dates. */
static size_t between_at(const char *p, size_t n)
{
    if (*p == ' ' || *p == '-' || *p == '/' || *p == '.' || *p == ',')
        return 1;
    return n >= 3 && (!memcmp(p, "年", 3) || !memcmp(p, "月", 3) || !memcmp(p, "日", 3)) ? 3 : 0;
}

/* "2015-07-01-04:00", "2020-11-30T20:31:19.923-05:00": what follows a whole day. */
static bool is_time(const char *p, size_t n)
{
    bool colon = false;

    if (n && *p != 'T' && *p != '-' && *p != '+' && *p != 'Z' && *p != ' ')
        return false;
    for (size_t i = 1; i < n; i++) {
        if (!is_digit(p[i]) && !strchr(":.+-Z ", p[i]))
            return false;
        colon = colon || p[i] == ':';
    }
    return n < 2 || colon;
}

static bool parts_read(const char *p, size_t n, struct part *parts, size_t *ret_n)
{
    size_t at = 0, between;

    *ret_n = 0;
    while (at < n) {
        struct part part = {false, 0, 0, 0};
        size_t from = at;

        if (*ret_n == PARTS_MAX) {
            at += n - at >= 3 && !memcmp(p + at, "日", 3) ? 3 : 0;
            return is_time(p + at, n - at);
        }
        while (at < n && is_digit(p[at]) && part.digits < 5) {
            part.number = part.number * 10 + (unsigned)(p[at++] - '0');
            part.digits++;
        }
        while (!part.digits && at < n && is_letter(p[at]))
            at++;
        if (at == from || part.digits > 4)
            return false;
        if (!part.digits) {
            part.word = true;
            part.month = month_of(p + from, at - from);
            if (!part.month && !(at - from == 2 && (p[from] | 0x20) == (p[from + 1] | 0x20)))
                return false; /* neither a month nor "dd" */
        }
        parts[(*ret_n)++] = part;
        if (*ret_n == PARTS_MAX)
            continue;
        for (; at < n && (between = between_at(p + at, n - at)); at += between)
            ;
    }
    return *ret_n > 0;
}

static bool day_make(unsigned year, unsigned month, unsigned day, struct list_day *ret)
{
    static const unsigned char days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (!year || year > 9999 || month > 12 || (!month && day) || (month && day > days[month - 1]) ||
        (month == 2 && day == 29 && (year % 4 || (!(year % 100) && year % 400))))
        return false;
    *ret = (struct list_day){(uint16_t)year, (uint8_t)month, (uint8_t)day};
    return true;
}

bool list_day_read(const char *p, size_t n, bool month_first, struct list_day *ret)
{
    struct part at[PARTS_MAX];
    size_t parts;

    while (n && (p[n - 1] == ' ' || p[n - 1] == '.'))
        n--;
    while (n && *p == ' ') {
        p++;
        n--;
    }
    if (!parts_read(p, n, at, &parts))
        return false;
    if (parts == 1)
        return at[0].digits == 4 && day_make(at[0].number, 0, 0, ret);
    if (parts == 2) {
        if (at[0].digits == 4) /* 1962-03 */
            return !at[1].word && at[1].digits <= 2 && day_make(at[0].number, at[1].number, 0, ret);
        if (at[1].digits != 4)
            return false;
        return day_make(at[1].number, at[0].word ? at[0].month : at[0].number, 0, ret);
    }
    if (at[0].digits == 4 && !at[2].word && at[2].digits <= 2) /* 1962-03-28, 1962 Mar 28 */
        return day_make(at[0].number, at[1].word ? at[1].month : at[1].number, at[2].number, ret);
    if (at[2].digits != 4 || at[0].digits > 2 || at[1].digits > 2)
        return false;
    if (at[1].word) /* 28 Mar 1962, dd/mm/1962 */
        return day_make(at[2].number, at[1].month, at[1].month ? at[0].number : 0, ret);
    if (at[0].word && at[0].month) /* March 28, 1962 */
        return day_make(at[2].number, at[0].month, at[1].number, ret);
    if (at[0].word) /* dd/03/1962 */
        return day_make(at[2].number, at[1].number, 0, ret);
    return month_first ? day_make(at[2].number, at[0].number, at[1].number, ret)
                       : day_make(at[2].number, at[1].number, at[1].number ? at[0].number : 0, ret);
}

/* Passes over a word at the start, in whatever case. */
static bool skip(const char **p, const char *word)
{
    size_t n = strlen(word);

    if (strncasecmp(*p, word, n) != 0)
        return false;
    *p += n;
    return true;
}

struct list_date list_date_read(const char *text)
{
    static const char *const about[] = {"circa ",          "ca. ",   "c. ",      "approximately ",
                                        "approximately: ", "about ", "approx. ", "around "};
    static const char *const betweens[] = {" to ", " - ", " and ", " or ", " – "};
    struct list_date ret = {.text = text};
    const char *p = text;
    size_t n;

    for (size_t i = 0; i < sizeof(about) / sizeof(about[0]); i++)
        ret.circa = ret.circa || skip(&p, about[i]);
    if (!skip(&p, "between "))
        skip(&p, "from ");
    n = strlen(p);
    n -= n && p[n - 1] == '.';
    for (size_t i = 0; i < sizeof(betweens) / sizeof(betweens[0]); i++) {
        const char *at = strstr(p, betweens[i]), *to;

        if (!at)
            continue;
        to = at + strlen(betweens[i]);
        ret.circa = skip(&to, "circa ") || ret.circa;
        if (list_day_read(p, (size_t)(at - p), false, &ret.from) &&
            list_day_read(to, strlen(to), false, &ret.to) && list_day_order(ret.from, ret.to) <= 0)
            return ret;
        ret.from = ret.to = (struct list_day){0, 0, 0};
    }
    if (n == 9 && p[4] == '-' && list_day_read(p, 4, false, &ret.from) && /* 1962-1964 */
        list_day_read(p + 5, 4, false, &ret.to) && list_day_order(ret.from, ret.to) <= 0)
        return ret;
    ret.from = (struct list_day){0, 0, 0};
    if (list_day_read(p, n, false, &ret.from))
        ret.to = ret.from;
    else
        ret.from = ret.to = (struct list_day){0, 0, 0};
    return ret;
}

uint64_t list_day_seconds(struct list_day day)
{
    uint64_t seconds;

    return time_from_date(day.year, day.month ? day.month : 1, day.day ? day.day : 1, &seconds)
               ? seconds
               : 0;
}
