/* What an instrument binds: by kind and ground, of whom, of which alert, and on which days. */
#include "group/instrument.h"
#include "support.h"

#include <stdio.h>

#define ALERT "alert:00000000000000000000000000000000000000000000000000000000000000a1"
#define OTHER "alert:00000000000000000000000000000000000000000000000000000000000000a2"
#define CASE_A "case:000000000000000000000000000000aa"
#define CASE_B "case:000000000000000000000000000000bb" /* that it was merged into */
#define CASE_C "case:000000000000000000000000000000cc"
#define DAY ((uint64_t)86400000)
#define SERVED (UINT64_C(20454) * DAY) /* 2026-01-01, days since 1970 */
#define LAST (UINT64_C(20635) * DAY)   /* 2026-07-01 */

static bool binds(const char *kind, const char *basis, const char *more, uint64_t ms,
                  uint64_t *ret_until, struct err *err)
{
    struct arena *a = arena_new(NULL, 1 << 20);
    struct charter_member holder = {.id = "ex", .country = "KR"};
    struct instrument_act act = {&holder, ALERT, CASE_A, CASE_B, basis, ms};
    struct hash32 group = {{0}};
    char fields[1000];
    struct record r;
    bool ok;

    snprintf(fields, sizeof(fields),
             "{\"kind\":\"%s\",\"issuer\":\"a court\",\"number\":\"1\",\"document\":"
             "\"0000000000000000000000000000000000000000000000000000000000000001\",%s}",
             kind, more);
    CHECK_OK(record_make(a, record_kind("instrument"), &group,
                         (struct bytes){(const uint8_t *)fields, strlen(fields)}, &r, err),
             *err);
    ok = instrument_binds(&r, &act, ret_until, err);
    arena_free(a);
    return ok;
}

#define DAYS "\"served\":\"2026-01-01\",\"expires\":\"2026-07-01\","
#define HERE "\"reach\":[\"KR\"],\"alert\":\"" ALERT "\""

static const struct {
    const char *name, *more;
    uint64_t ms;
    const char *says; /* NULL: it binds */
} rows[] = {
    {"the country", DAYS HERE, SERVED + DAY, NULL},
    {"the member", DAYS "\"reach\":[\"US\",\"ex\"],\"alert\":\"" ALERT "\"", SERVED, NULL},
    {"another country", DAYS "\"reach\":[\"US\",\"JP\"],\"alert\":\"" ALERT "\"", SERVED,
     "its reach has neither ex nor KR"},
    {"no part of a name", DAYS "\"reach\":[\"KRW\",\"exchange\",\"kr\"],\"alert\":\"" ALERT "\"",
     SERVED, "its reach has neither ex nor KR"},
    {"the case", DAYS "\"reach\":[\"KR\"],\"case\":\"" CASE_A "\"", SERVED, NULL},
    {"what it was merged into", DAYS "\"reach\":[\"KR\"],\"case\":\"" CASE_B "\"", SERVED, NULL},
    {"another case", DAYS "\"reach\":[\"KR\"],\"case\":\"" CASE_C "\"", SERVED,
     "it is of another case, case:000000000000000"},
    {"another alert", DAYS "\"reach\":[\"KR\"],\"alert\":\"" OTHER "\"", SERVED,
     "it is of another alert, alert:00000000000000"},
    {"of this alert and another case", DAYS HERE ",\"case\":\"" CASE_C "\"", SERVED,
     "it is of another case, case:000000000000000"},
    {"of nothing", DAYS "\"reach\":[\"KR\"]", SERVED, "it names neither the alert nor its case"},
    {"a millisecond before it is served", DAYS HERE, SERVED - 1,
     "it is served on 2026-01-01, and not before"},
    {"as it is served", DAYS HERE, SERVED, NULL},
    {"the last millisecond", DAYS HERE, LAST + DAY - 1, NULL},
    {"a millisecond behind", DAYS HERE, LAST + DAY, "it expired with 2026-07-01"},
    {"a month", "\"served\":\"2026-01\",\"expires\":\"2026-07-01\"," HERE, SERVED,
     "served \"2026-01\": a whole day is wanted of it"},
};

static void of_whom_and_when(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint64_t until = 0;
        struct err err;
        bool ok = binds("order", "court-order", rows[i].more, rows[i].ms, &until, &err);

        test_row("%s", rows[i].name);
        CHECK_U(ok, rows[i].says == NULL);
        if (ok)
            CHECK_U(until, LAST + DAY);
        else
            CHECK_S(err.text, rows[i].says);
    }
}

/* docs/registers.md, "Instruments": the table of grounds, written out. */
static void which_ground(void **state)
{
    static const struct {
        const char *kind, *gives;
    } kinds[] = {
        {"preservation-request", " le-request "},
        {"contact-24-7", " le-request "},
        {"fiu-information", " internal-aml regulator-directive safe-harbour "},
        {"mutual-legal-assistance", " le-request court-order "},
        {"order", " court-order regulator-directive sanctions "},
        {"warrant", " court-order "},
        {"issuer-freeze-request", " tos internal-aml "},
    };
    static const char *const bases[] = {
        "tos",         "internal-aml", "regulator-directive", "le-request",
        "court-order", "sanctions",    "self-reg-delay",      "safe-harbour"};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        for (size_t b = 0; b < sizeof(bases) / sizeof(bases[0]); b++) {
            char word[40];
            uint64_t until;
            struct err err;

            test_row("%s by %s", bases[b], kinds[i].kind);
            snprintf(word, sizeof(word), " %s ", bases[b]);
            CHECK_U(binds(kinds[i].kind, bases[b], DAYS HERE ",\"consent\":\"given\"", SERVED,
                          &until, &err),
                    strstr(kinds[i].gives, word) != NULL);
        }
}

static void the_last_of_all_days(void **state)
{
    uint64_t until = 0;
    struct err err;

    (void)state;
    CHECK_OK(binds("warrant", "court-order",
                   "\"served\":\"2026-01-01\",\"expires\":\"9999-12-31\"," HERE, SERVED, &until,
                   &err),
             err);
    CHECK_U(until, EVENT_MS_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_whom_and_when),
        cmocka_unit_test(which_ground),
        cmocka_unit_test(the_last_of_all_days),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
