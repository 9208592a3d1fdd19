/* Who is on duty: by the clock on the wall, over midnights and summer times; files that are
 * none. */
#include "group/rota.h"

#include "../support.h"
#include "base/time.h"

#include <stdio.h>
#include <string.h>

#define ARENA_BYTES ((size_t)16 << 20)
#define MINUTE ((uint64_t)60000)
#define DAY ((uint64_t)86400000)

#define PEOPLE "people: {a: {mail: a@b.example}, b: {}, c: {}}\n"

static uint64_t at(const char *text)
{
    uint64_t seconds;

    CHECK(time_from_iso(text, strlen(text), &seconds));
    return seconds * 1000;
}

static struct rota rota(struct arena *a, const char *yaml)
{
    struct rota r;
    struct err err;

    CHECK_OK(rota_read(a, (struct bytes){(const uint8_t *)yaml, strlen(yaml)}, &r, &err), err);
    return r;
}

#define WEEK "days: [mon, tue, wed, thu, fri]"
#define NIGHTS                                                                                     \
    PEOPLE "levels: [{after: 0m, shifts: [{who: a, " WEEK ", from: 09:00, to: 18:00},"             \
           " {who: b, " WEEK ", from: 18:00, to: 09:00}]}]\n"
#define DATED                                                                                      \
    PEOPLE "levels: [{after: 0m, shifts: [{who: a, from: 2026-10-25 02:30, to: 2026-10-25 03:00}," \
           " {who: b}]}]\n"

/* 2026-11-26 was a Thursday. Seoul is nine hours before UTC, all the year. */
static const struct {
    const char *name, *yaml, *time, *who; /* NULL: nobody */
} duty_rows[] = {
    {"a morning", "timezone: Asia/Seoul\n" NIGHTS, "2026-11-26T00:00:00Z", "a"},
    {"a minute before", "timezone: Asia/Seoul\n" NIGHTS, "2026-11-25T23:59:59Z", "b"},
    {"an evening", "timezone: Asia/Seoul\n" NIGHTS, "2026-11-26T09:00:00Z", "b"},
    {"Friday's night is Saturday's morning", "timezone: Asia/Seoul\n" NIGHTS,
     "2026-11-27T23:59:00Z", "b"},
    {"and no more", "timezone: Asia/Seoul\n" NIGHTS, "2026-11-28T00:00:00Z", NULL},
    {"Sunday's night is not Monday's morning", "timezone: Asia/Seoul\n" NIGHTS,
     "2026-11-29T23:00:00Z", NULL},
    {"a half hour's zone", "timezone: Asia/Kolkata\n" NIGHTS, "2026-11-26T03:30:00Z", "a"},
    {"and before", "timezone: Asia/Kolkata\n" NIGHTS, "2026-11-26T03:29:00Z", "b"},
    {"west of Greenwich", "timezone: America/New_York\n" NIGHTS, "2026-11-26T14:00:00Z", "a"},
    {"in summer an hour sooner", "timezone: America/New_York\n" NIGHTS, "2026-07-01T13:00:00Z",
     "a"},
    {"and not before", "timezone: America/New_York\n" NIGHTS, "2026-07-01T12:59:00Z", "b"},
    /* Berlin's clocks go from 03:00 back to 02:00 at 01:00 UTC: 02:30 comes twice. */
    {"an hour that comes twice", "timezone: Europe/Berlin\n" DATED, "2026-10-25T00:30:00Z", "a"},
    {"between", "timezone: Europe/Berlin\n" DATED, "2026-10-25T01:00:00Z", "b"},
    {"the second time", "timezone: Europe/Berlin\n" DATED, "2026-10-25T01:30:00Z", "a"},
    {"over", "timezone: Europe/Berlin\n" DATED, "2026-10-25T02:00:00Z", "b"},
    {"no zone's summer", "timezone: UTC\n" DATED, "2026-10-25T02:30:00Z", "a"},
};

static void duty(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(duty_rows) / sizeof(duty_rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct rota r = rota(a, duty_rows[i].yaml);
        const struct rota_person *p = rota_on_duty(&r, 1, at(duty_rows[i].time));

        test_row("%s", duty_rows[i].name);
        CHECK(!p == !duty_rows[i].who);
        if (p)
            CHECK_S(p->id, duty_rows[i].who);
        CHECK(!rota_on_duty(&r, 0, at(duty_rows[i].time)));
        CHECK(!rota_on_duty(&r, 2, at(duty_rows[i].time)));
        arena_free(a);
    }
}

static void gaps(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct rota r = rota(a, "timezone: Asia/Seoul\n" NIGHTS), none = rota_default();
    uint64_t from = at("2026-11-26T00:00:00Z");

    (void)state;
    CHECK_U(rota_gap(&r, 1, from, from + 3 * DAY), at("2026-11-28T00:00:00Z"));
    CHECK_U(rota_gap(&r, 1, from, from + DAY), from + DAY);
    CHECK_U(rota_gap(&r, 2, from, from + DAY), from);
    CHECK_U(rota_gap(&none, 1, from, from + DAY), from);
    r = rota(a, "timezone: Asia/Seoul\n" DATED);
    CHECK_U(rota_gap(&r, 1, from, from + 3 * DAY), from + 3 * DAY);
    arena_free(a);
}

static void levels(void **state)
{
    struct rota r = rota_default();
    uint64_t t = at("2026-11-26T00:00:00Z");

    (void)state;
    CHECK_U(rota_level(&r, t, t - 1), 0);
    CHECK_U(rota_level(&r, t, t), 1);
    CHECK_U(rota_level(&r, t, t + 5 * MINUTE - 1), 1);
    CHECK_U(rota_level(&r, t, t + 5 * MINUTE), 2);
    CHECK_U(rota_level(&r, t, t + 15 * MINUTE), 4);
    CHECK_U(rota_level(&r, 0, t), 4);
    CHECK_U(rota_next(&r, t, t), t + 5 * MINUTE);
    CHECK_U(rota_next(&r, t, t + 15 * MINUTE), UINT64_MAX);
}

static const struct {
    const char *name, *yaml, *want;
} bad_rows[] = {
    {"no keys", "[]", "timezone, people and levels are wanted"},
    {"no zone", PEOPLE "levels: []\n", "timezone"},
    {"no such zone", "timezone: Asia/Soul\n" PEOPLE "levels: []\n", "timezone: a name of the IANA"},
    {"an offset is none", "timezone: GMT+9\n" PEOPLE "levels: []\n",
     "timezone: a name of the IANA"},
    {"no people", "timezone: UTC\nlevels: []\n", "people is wanted"},
    {"no levels", "timezone: UTC\n" PEOPLE "levels: []\n", "levels: a list is wanted"},
    {"nobody known", "timezone: UTC\n" PEOPLE "levels: [{after: 0m, shifts: [{who: d}]}]\n",
     "line 3: who: one of people is wanted"},
    {"an unknown key", "timezone: UTC\n" PEOPLE "levels: [{after: 0m, shift: []}]\n", "shift"},
    {"no time after", "timezone: UTC\n" PEOPLE "levels: [{after: 10, shifts: [{who: a}]}]\n",
     "line 3: after: minutes or hours"},
    {"no later",
     "timezone: UTC\n" PEOPLE
     "levels: [{after: 1h, shifts: [{who: a}]}, {after: 60m, shifts: [{who: a}]}]\n",
     "after: later than the level before"},
    {"days without times",
     "timezone: UTC\n" PEOPLE "levels: [{after: 0m, shifts: [{who: a, days: [mon]}]}]\n",
     "09:00 is wanted with days"},
    {"no day",
     "timezone: UTC\n" PEOPLE
     "levels: [{after: 0m, shifts: [{who: a, days: [Mon], from: 09:00, to: 10:00}]}]\n",
     "days: mon, tue"},
    {"no hour",
     "timezone: UTC\n" PEOPLE
     "levels: [{after: 0m, shifts: [{who: a, days: [mon], from: 09:00, to: 24:01}]}]\n",
     "09:00 is wanted"},
    {"a shift of no length",
     "timezone: UTC\n" PEOPLE "levels: [{after: 0m, shifts: [{who: a, from: 2026-01-02 00:00, to: "
     "2026-01-01 00:00}]}]\n",
     "a shift has a length"},
    {"two in one address", "timezone: UTC\npeople: {a: {mail: \"a@b, c@d\"}}\nlevels: []\n",
     "mail: an address is wanted"},
    {"no address", "timezone: UTC\npeople: {a: {mail: nobody}}\nlevels: []\n",
     "mail: an address is wanted"},
    {"not plain", "timezone: UTC\npeople: {a: {name: \"x\\u001b[2J\"}}\nlevels: []\n",
     "without control characters"},
};

static void refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct bytes in = {(const uint8_t *)bad_rows[i].yaml, strlen(bad_rows[i].yaml)};
        struct rota r;
        struct err err;

        test_row("%s", bad_rows[i].name);
        CHECK(!rota_read(a, in, &r, &err));
        if (!strstr(err.text, bad_rows[i].want))
            test_failed(__FILE__, __LINE__, "\"%s\", want \"%s\"", err.text, bad_rows[i].want);
        arena_free(a);
    }
}

static const char whole[] = "timezone: Asia/Seoul\n" NIGHTS;

static void cut_short(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof(whole); n++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct rota r;
        struct err err;

        test_row("%zu bytes", n);
        if (rota_read(a, (struct bytes){(const uint8_t *)whole, n}, &r, &err))
            CHECK(n >= sizeof(whole) - 2);
        arena_free(a);
    }
}

static bool read_whole(void *unused)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct rota r;
    struct err err;
    bool ok =
        a && rota_read(a, (struct bytes){(const uint8_t *)whole, sizeof(whole) - 1}, &r, &err);

    (void)unused;
    arena_free(a);
    return ok;
}

static void without_memory(void **state)
{
    (void)state;
    test_failed_allocations(read_whole, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(duty),    cmocka_unit_test(gaps),      cmocka_unit_test(levels),
        cmocka_unit_test(refused), cmocka_unit_test(cut_short), cmocka_unit_test(without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
