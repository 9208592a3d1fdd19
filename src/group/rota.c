#include "group/rota.h"

#include "base/io.h"
#include "base/text.h"
#include "base/time.h"
#include "base/yaml.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unicode/ucal.h>

#define MINUTE_MS ((uint64_t)60000)
#define DAY_MINUTES 1440
#define ZONE_MAX 64
#define AFTER_MAX 10080 /* minutes: a week */

struct rota rota_default(void)
{
    return (struct rota){.levels = {{.after_ms = 0},
                                    {.after_ms = 5 * MINUTE_MS},
                                    {.after_ms = 10 * MINUTE_MS},
                                    {.after_ms = 15 * MINUTE_MS}},
                         .levels_n = 4};
}

/* ---- reading ---- */

static bool bad(const struct json *at, const char *what, struct err *err)
{
    return err_fail(err, ERR_INPUT, "line %zu: %s", at->offset, what);
}

static bool plain(const struct json *o, const char *name, const char **ret, struct err *err)
{
    const struct json *j = json_get(o, name);

    *ret = NULL;
    if (!j)
        return true;
    if ((j->type != JSON_STRING && j->type != JSON_NUMBER) || !j->text_n ||
        j->text_n > ROTA_TEXT_MAX || memchr(j->text, 0, j->text_n) ||
        !text_is_plain(j->text, j->text_n))
        return bad(j, "1 to 200 bytes without control characters are wanted", err);
    *ret = j->text;
    return true;
}

/* As a list of addresses parted by commas is made of them. */
static bool mail_fits(const char *s)
{
    const char *at = strchr(s, '@');

    return at && at > s && at[1] && !strpbrk(s, ", <>\"");
}

static bool person_read(const struct json *j, struct rota_person *p, struct err *err)
{
    static const char *const known[] = {"name", "mail", "phone", NULL};

    if (j->type != JSON_OBJECT)
        return bad(j, "name, mail, phone", err);
    if (j->key_n > ROTA_TEXT_MAX || !j->key_n || !text_is_plain(j->key, j->key_n))
        return bad(j, "what a person is called has 1 to 200 bytes", err);
    p->id = j->key;
    return (json_only(j, "a person", known, err) && plain(j, "name", &p->name, err) &&
            plain(j, "mail", &p->mail, err) && plain(j, "phone", &p->phone, err) &&
            (!p->mail || mail_fits(p->mail) || bad(j, "mail: an address is wanted", err)));
}

static bool people_read(struct arena *a, const struct json *o, struct rota *r, struct err *err)
{
    struct rota_person *at;

    if (!o || o->type != JSON_OBJECT)
        return err_fail(err, ERR_INPUT, "people is wanted");
    if (o->children_n > ROTA_PEOPLE_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d people", ROTA_PEOPLE_MAX);
    r->people = at = ARENA_ARRAY(a, struct rota_person, o->children_n + 1);
    if (!at)
        return err_fail(err, ERR_NOMEM, "a rota");
    for (const struct json *j = o->child; j; j = j->next)
        if (!person_read(j, &at[r->people_n++], err))
            return false;
    return true;
}

/* "09:00", "24:00" */
static bool clock_read(const char *s, uint64_t *ret)
{
    uint64_t h, m;

    if (strlen(s) != 5 || s[2] != ':' || s[0] < '0' || s[0] > '2' || s[1] < '0' || s[1] > '9' ||
        s[3] < '0' || s[3] > '5' || s[4] < '0' || s[4] > '9')
        return false;
    h = (uint64_t)(s[0] - '0') * 10 + (uint64_t)(s[1] - '0');
    m = (uint64_t)(s[3] - '0') * 10 + (uint64_t)(s[4] - '0');
    *ret = h * 60 + m;
    return *ret <= DAY_MINUTES;
}

/* "2026-12-07 09:00", of the wall: minutes since 1970 as if it were UTC */
static bool date_read(const char *s, uint64_t *ret)
{
    uint64_t seconds;

    if (strlen(s) != 16 || s[10] != ' ' || !time_from_iso(s, 16, &seconds))
        return false;
    *ret = seconds / 60;
    return true;
}

static bool days_read(const struct json *list, unsigned *ret, struct err *err)
{
    static const char *const names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

    for (const struct json *j = list->child; j; j = j->next) {
        unsigned bit = 0;

        while (bit < 7 && !json_is_string(j, names[bit]))
            bit++;
        if (bit == 7)
            return bad(j, "days: mon, tue, wed, thu, fri, sat, sun", err);
        *ret |= 1U << bit;
    }
    return list->type == JSON_ARRAY && *ret ? true : bad(list, "days: a list is wanted", err);
}

static bool times_read(const struct json *o, struct rota_shift *s, struct err *err)
{
    const struct json *days = json_get(o, "days");
    const char *from, *to;
    bool (*read)(const char *s, uint64_t *ret) = days ? clock_read : date_read;

    if (!plain(o, "from", &from, err) || !plain(o, "to", &to, err) ||
        (days && !days_read(days, &s->days, err)))
        return false;
    if (!from && !to && !days)
        return true;
    if (!from || !to || !read(from, &s->from) || !read(to, &s->to))
        return bad(o,
                   days ? "from and to: 09:00 is wanted with days"
                        : "from and to: 2026-12-07 09:00 is wanted",
                   err);
    return (days ? s->from != s->to : s->from < s->to) ||
           bad(o, "from and to: a shift has a length", err);
}

static bool shift_read(const struct json *o, const struct rota *r, struct rota_shift *s,
                       struct err *err)
{
    static const char *const known[] = {"who", "days", "from", "to", NULL};
    const char *who;

    if (!json_only(o, "a shift", known, err) || !plain(o, "who", &who, err))
        return err_in(err, "line %zu", o->offset);
    for (size_t i = 0; who && i < r->people_n; i++)
        if (!strcmp(r->people[i].id, who))
            s->who = &r->people[i];
    if (!s->who)
        return bad(o, "who: one of people is wanted", err);
    return times_read(o, s, err);
}

/* "0m", "10m", "2h" */
static bool after_read(const struct json *o, uint64_t *ret, struct err *err)
{
    const char *s;
    uint64_t n;
    size_t len;

    if (!plain(o, "after", &s, err))
        return false;
    len = s ? strlen(s) : 0;
    if (len < 2 || (s[len - 1] != 'm' && s[len - 1] != 'h') || !u64_from_text(s, len - 1, &n) ||
        n > AFTER_MAX)
        return bad(o, "after: minutes or hours are wanted (10m, 2h)", err);
    *ret = n * (s[len - 1] == 'h' ? 60 : 1) * MINUTE_MS;
    return true;
}

static bool level_read(struct arena *a, const struct json *o, struct rota *r, struct err *err)
{
    static const char *const known[] = {"after", "shifts", NULL};
    const struct json *shifts = json_get(o, "shifts");
    struct rota_level *l = &r->levels[r->levels_n];
    struct rota_shift *at;

    if (r->levels_n == ROTA_LEVELS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d levels", ROTA_LEVELS_MAX);
    if (!json_only(o, "a level", known, err))
        return err_in(err, "line %zu", o->offset);
    if (!after_read(o, &l->after_ms, err))
        return false;
    if (r->levels_n && l->after_ms <= l[-1].after_ms)
        return bad(o, "after: later than the level before", err);
    if (!shifts || shifts->type != JSON_ARRAY || !shifts->children_n ||
        shifts->children_n > ROTA_SHIFTS_MAX)
        return bad(o, "shifts: 1 to 1000 are wanted", err);
    l->shifts = at = ARENA_ARRAY(a, struct rota_shift, shifts->children_n);
    if (!at)
        return err_fail(err, ERR_NOMEM, "a rota");
    for (const struct json *j = shifts->child; j; j = j->next)
        if (!shift_read(j, r, &at[l->shifts_n++], err))
            return false;
    r->levels_n++;
    return true;
}

/* ASCII to UTF-16, as ICU has it; false: no name of a zone. */
static bool zone_name(const char *s, UChar ret[ZONE_MAX])
{
    size_t n = strlen(s);

    if (!n || n >= ZONE_MAX)
        return false;
    for (size_t i = 0; i <= n; i++) {
        if ((unsigned char)s[i] >= 0x80)
            return false;
        ret[i] = (UChar)s[i];
    }
    return true;
}

static bool zone_read(const struct json *o, struct rota *r, struct err *err)
{
    UChar name[ZONE_MAX], canonical[ZONE_MAX * 2];
    UErrorCode code = U_ZERO_ERROR;
    UBool system = 0;

    if (!plain(o, "timezone", &r->timezone, err))
        return false;
    if (!r->timezone || !zone_name(r->timezone, name) ||
        (ucal_getCanonicalTimeZoneID(name, -1, canonical, ZONE_MAX * 2, &system, &code),
         U_FAILURE(code) || !system))
        return err_fail(err, ERR_INPUT,
                        "timezone: a name of the IANA database is wanted (Asia/Seoul, UTC)");
    return true;
}

bool rota_read(struct arena *a, struct bytes yaml, struct rota *ret, struct err *err)
{
    static const char *const known[] = {"timezone", "people", "levels", NULL};
    struct rota r = {.levels_n = 0};
    const struct json *o, *levels;

    if (!yaml_read(a, (const char *)yaml.p, yaml.n, &o, err))
        return false;
    if (o->type != JSON_OBJECT)
        return err_fail(err, ERR_INPUT, "timezone, people and levels are wanted");
    if (!json_only(o, "the rota", known, err) || !zone_read(o, &r, err) ||
        !people_read(a, json_get(o, "people"), &r, err))
        return false;
    levels = json_get(o, "levels");
    if (!levels || levels->type != JSON_ARRAY || !levels->children_n)
        return err_fail(err, ERR_INPUT, "levels: a list is wanted");
    for (const struct json *j = levels->child; j; j = j->next)
        if (!level_read(a, j, &r, err))
            return false;
    *ret = r;
    return true;
}

bool rota_load(struct arena *a, const char *home, struct rota *ret, struct err *err)
{
    char path[PATH_MAX];
    struct bytes yaml;

    if (snprintf(path, sizeof(path), "%s/" ROTA_FILE, home) >= (int)sizeof(path))
        return err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", home);
    if (!file_load_if(a, path, ROTA_BYTES_MAX, &yaml, err))
        return false;
    if (!yaml.p)
        *ret = rota_default();
    return !yaml.p || rota_read(a, yaml, ret, err) || err_in(err, "\"%s\"", path);
}

/* ---- on duty ---- */

/* NULL: there is none, or it cannot be known. */
static UCalendar *calendar_open(const struct rota *r)
{
    UChar name[ZONE_MAX];
    UErrorCode code = U_ZERO_ERROR;
    UCalendar *c;

    if (!r->timezone || !zone_name(r->timezone, name))
        return NULL;
    c = ucal_open(name, -1, "", UCAL_GREGORIAN, &code);
    return U_SUCCESS(code) ? c : NULL;
}

/* Minutes since 1970 that a clock on the wall shows; false: it cannot be known. */
static bool wall_of(UCalendar *c, uint64_t ms, uint64_t *ret)
{
    UErrorCode code = U_ZERO_ERROR;
    int64_t shift;

    ucal_setMillis(c, (UDate)ms, &code);
    shift = (int64_t)ucal_get(c, UCAL_ZONE_OFFSET, &code) + ucal_get(c, UCAL_DST_OFFSET, &code);
    if (U_FAILURE(code) || (shift < 0 && (uint64_t)-shift > ms))
        return false;
    *ret = (uint64_t)((int64_t)ms + shift) / MINUTE_MS;
    return true;
}

/* 1970-01-01 was a Thursday. */
static bool has_day(const struct rota_shift *s, uint64_t day)
{
    return s->days & 1U << (day + 3) % 7;
}

static bool fits(const struct rota_shift *s, uint64_t wall)
{
    uint64_t day = wall / DAY_MINUTES, minute = wall % DAY_MINUTES;

    if (!s->from && !s->to)
        return true;
    if (!s->days)
        return s->from <= wall && wall < s->to;
    if (s->from < s->to)
        return has_day(s, day) && s->from <= minute && minute < s->to;
    return (has_day(s, day) && minute >= s->from) || (day && has_day(s, day - 1) && minute < s->to);
}

static const struct rota_person *on_duty(const struct rota_level *l, uint64_t wall)
{
    for (size_t i = 0; i < l->shifts_n; i++)
        if (fits(&l->shifts[i], wall))
            return l->shifts[i].who;
    return NULL;
}

const struct rota_person *rota_on_duty(const struct rota *r, size_t level, uint64_t ms)
{
    UCalendar *c = level && level <= r->levels_n ? calendar_open(r) : NULL;
    const struct rota_person *p = NULL;
    uint64_t wall;

    if (c && wall_of(c, ms, &wall))
        p = on_duty(&r->levels[level - 1], wall);
    if (c)
        ucal_close(c);
    return p;
}

uint64_t rota_gap(const struct rota *r, size_t level, uint64_t from, uint64_t to)
{
    UCalendar *c = level && level <= r->levels_n ? calendar_open(r) : NULL;
    uint64_t wall;

    if (!c)
        return from;
    while (from < to && wall_of(c, from, &wall) && on_duty(&r->levels[level - 1], wall))
        from += MINUTE_MS;
    ucal_close(c);
    return from < to ? from : to;
}

size_t rota_level(const struct rota *r, uint64_t since, uint64_t ms)
{
    size_t n = 0;

    while (n < r->levels_n && ms >= since && ms - since >= r->levels[n].after_ms)
        n++;
    return n;
}

uint64_t rota_next(const struct rota *r, uint64_t since, uint64_t ms)
{
    size_t n = rota_level(r, since, ms);

    return n < r->levels_n ? since + r->levels[n].after_ms : UINT64_MAX;
}
