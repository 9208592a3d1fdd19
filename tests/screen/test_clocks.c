/* Report clocks: dates counted by hand with a calendar, files that will not do, and clocks in the
 * store: started once, overdue first, closed by a person, yearly ones again. */
#include "base/unsaid.h"
#include "support.h"

#include "base/text.h"
#include "base/time.h"
#include "screen/due_store.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY 86400u

static uint64_t seconds(const char *text)
{
    uint64_t t;

    if (!time_from_iso(text, strlen(text), &t))
        test_failed(__FILE__, __LINE__, "\"%s\" is no time", text);
    return t;
}

static struct arena *read_good(const char *text, size_t n, const struct clocks **ret)
{
    struct arena *a = arena_new(NULL, (size_t)8 << 20);
    struct err err;

    CHECK(a);
    CHECK_OK(clocks_read(a, text, n, ret, &err), err);
    return a;
}

/* With the file that ships; weekdays of 2026 and 2027, US federal holidays of 5 U.S.C. 6103. */
static void dates_by_hand(void **state)
{
    static const struct {
        const char *clock, *at, *due;
    } rows[] = {
        /* Monday; Thanksgiving on the 26th: 17 18 19 20, 23 24 25 27, 30, 1 */
        {"ofac-blocked", "2026-11-16T00:00:00Z", "2026-12-01"},
        {"ofac-blocked", "2026-11-16T23:59:59Z", "2026-12-01"},
        /* Saturday, Sunday: Monday is the first */
        {"ofac-blocked", "2026-11-14T12:00:00Z", "2026-11-30"},
        {"ofac-blocked", "2026-11-15T12:00:00Z", "2026-11-30"},
        /* over the end of the year: 21 22 23 24, 28 29 30 31, 4, 5 */
        {"ofac-blocked", "2026-12-18T12:00:00Z", "2027-01-05"},
        /* the 4th is a Saturday, so the 3rd is a holiday: 6 to 10, 13 to 17 */
        {"ofac-blocked", "2026-07-02T12:00:00Z", "2026-07-17"},
        {"ofac-rejected", "2026-03-02T12:00:00Z", "2026-03-16"},
        {"eu-frozen", "2026-12-20T12:00:00Z", "2027-01-03"},
        {"eu-frozen", "2028-02-20T12:00:00Z", "2028-03-05"},
        /* held on 30 June: from the 1st of July on it is next year's */
        {"ofac-annual", "2026-01-01T00:00:00Z", "2026-09-30"},
        {"ofac-annual", "2026-06-30T23:59:59Z", "2026-09-30"},
        {"ofac-annual", "2026-07-01T00:00:00Z", "2027-09-30"},
        {"ofac-annual", "2026-09-30T12:00:00Z", "2027-09-30"},
        {"uk-annual", "2026-09-30T12:00:00Z", "2026-11-30"},
        {"uk-annual", "2026-10-01T12:00:00Z", "2027-11-30"},
    };
    const struct clocks *c;
    size_t n;
    const char *text = clocks_default(&n);
    struct arena *a = read_good(text, n, &c);

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t which = clocks_find(c, rows[i].clock);
        struct clock_time t;
        char day[TIME_DAY_MAX];

        test_row("%s %s", rows[i].clock, rows[i].at);
        CHECK(which != SIZE_MAX);
        t = clocks_due(c, which, seconds(rows[i].at));
        CHECK_S(time_day(t.due * DAY, day), rows[i].due);
        CHECK_U(t.until, seconds(rows[i].due) + DAY);
        CHECK_U(t.day, seconds(rows[i].at) / DAY);
    }
    arena_free(a);
}

#define CLOCK(more)                                                                                \
    "holidays:\n  h: [2026-12-25, 2026-12-24]\nclocks:\n- id: x\n  jurisdiction: X\n"              \
    "  report: frozen_funds\n  on: {decision: BLOCK}\n  basis: somewhere\n" more

static void forms_of_periods(void **state)
{
    static const struct {
        const char *name, *text, *at, *due, *until;
    } rows[] = {
        {"hours", CLOCK("  within: 72 hours\n"), "2026-11-26T10:00:00Z", "2026-11-29",
         "2026-11-29T10:00:00Z"},
        {"a zone", "zone: \"-05:00\"\n" CLOCK("  within: 1 business day\n"), "2026-11-17T03:00:00Z",
         "2026-11-17", "2026-11-18T05:00:00Z"},
        {"a zone ahead", "zone: \"+09:00\"\n" CLOCK("  within: 1 business day\n"),
         "2026-11-16T16:00:00Z", "2026-11-18", "2026-11-18T15:00:00Z"},
        {"another weekend", CLOCK("  within: 1 business days\n  weekend: [friday, saturday]\n"),
         "2026-11-19T12:00:00Z", "2026-11-22", "2026-11-23T00:00:00Z"},
        {"ends on a holiday", CLOCK("  within: 14 days\n  holidays: h\n"), "2026-12-11T12:00:00Z",
         "2026-12-25", "2026-12-26T00:00:00Z"},
        {"is moved on", CLOCK("  within: 14 days\n  holidays: h\n  ends: next_business_day\n"),
         "2026-12-11T12:00:00Z", "2026-12-28", "2026-12-29T00:00:00Z"},
        {"is moved back",
         CLOCK("  within: 14 days\n  holidays: h\n  ends: previous_business_day\n"),
         "2026-12-11T12:00:00Z", "2026-12-23", "2026-12-24T00:00:00Z"},
        {"the same day", CLOCK("  within: 0 days\n"), "2026-12-11T12:00:00Z", "2026-12-11",
         "2026-12-12T00:00:00Z"},
        {"by a day before the one held on", CLOCK("  every_year: 02-28\n  held_on: 12-31\n"),
         "2026-12-11T12:00:00Z", "2027-02-28", "2027-03-01T00:00:00Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct clocks *c;
        struct arena *a;
        struct clock_time t;
        char day[TIME_DAY_MAX];

        test_row("%s", rows[i].name);
        a = read_good(rows[i].text, strlen(rows[i].text), &c);
        t = clocks_due(c, 0, seconds(rows[i].at));
        CHECK_S(time_day(t.due * DAY, day), rows[i].due);
        CHECK_U(t.until, seconds(rows[i].until));
        arena_free(a);
    }
}

/* 31 December 2026 is a Thursday, 2027 a Friday, 2028 a Sunday, 2029 a Monday. */
static void year_after_year(void **state)
{
    static const char text[] =
        CLOCK("  every_year: 12-31\n  held_on: 06-30\n  ends: next_business_day\n");
    static const char *const due[] = {"2026-12-31", "2027-12-31", "2029-01-01", "2029-12-31"};
    const struct clocks *c;
    struct arena *a = read_good(text, strlen(text), &c);
    struct clock_time t = clocks_due(c, 0, seconds("2026-05-05"));

    (void)state;
    for (size_t i = 0; i < sizeof(due) / sizeof(due[0]); i++) {
        char day[TIME_DAY_MAX];

        CHECK_S(time_day(t.due * DAY, day), due[i]);
        t = clocks_year_after(c, 0, t);
    }
    arena_free(a);
}

static void what_starts_them(void **state)
{
    static const char text[] =
        "clocks:\n- {id: a, jurisdiction: X, report: blocked_property, basis: b, within: 1 day,"
        " on: {decision: [BLOCK, REJECT], direction: inbound, list: [l, m]}}\n"
        "- {id: b, jurisdiction: X, report: rejected_transaction, basis: b, within: 1 day,"
        " on: {decision: REJECT}}\n";
    const struct clocks *c;
    struct arena *a = read_good(text, strlen(text), &c);

    (void)state;
    CHECK_U(clocks_n(c), 2);
    CHECK(clocks_starts(c, 0, SCREEN_BLOCK, SCREEN_INBOUND, "l"));
    CHECK(clocks_starts(c, 0, SCREEN_REJECT, SCREEN_INBOUND, "m"));
    CHECK(!clocks_starts(c, 0, SCREEN_BLOCK, SCREEN_OUTBOUND, "l"));
    CHECK(!clocks_starts(c, 0, SCREEN_BLOCK, SCREEN_INBOUND, "n"));
    CHECK(!clocks_starts(c, 0, SCREEN_REVIEW, SCREEN_INBOUND, "l"));
    CHECK(!clocks_starts(c, 1, SCREEN_BLOCK, SCREEN_INBOUND, "l"));
    CHECK(clocks_starts(c, 1, SCREEN_REJECT, SCREEN_OUTBOUND, "anything"));
    arena_free(a);
}

static void files_refused(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "there is nothing in it"},
        {"clocks: 1\n", "line 1: clocks: a list is wanted"},
        {"clocks: []\nother: 1\n", "other"},
        {CLOCK(""), "either within or every_year is wanted"},
        {CLOCK("  within: 10\n"), "within: as"},
        {CLOCK("  within: 10 weeks\n"), "within: as"},
        {CLOCK("  within: 10001 days\n"), "within: as"},
        {CLOCK("  within: 1 day\n  every_year: 09-30\n"), "either within or every_year"},
        {CLOCK("  within: 1 day\n  held_on: 09-30\n"), "held_on goes with every_year"},
        {CLOCK("  every_year: 09-31\n  held_on: 06-30\n"), "every_year: a day of the year"},
        {CLOCK("  every_year: 02-29\n  held_on: 06-30\n"), "every_year: a day of the year"},
        {CLOCK("  every_year: 09-30\n"), "held_on: a day of the year"},
        {CLOCK("  within: 1 day\n  holidays: none\n"), "there is no such list of days"},
        {CLOCK("  within: 1 day\n  weekend: [someday]\n"), "weekend: days are wanted"},
        {CLOCK("  within: 1 day\n  weekend: [sunday, monday, tuesday, wednesday, thursday, friday,"
               " saturday]\n"),
         "no day is left for business"},
        {CLOCK("  within: 1 day\n  ends: sometime\n"), "ends: next_business_day"},
        {CLOCK("  within: 1 hour\n  ends: next_business_day\n"), "ends: of clocks that count days"},
        {CLOCK("  within: 1 day\n  to: somebody\n"), "to"},
        {"zone: \"5\"\n" CLOCK("  within: 1 day\n"), "zone: a distance from UTC"},
        {"zone: \"-15:00\"\n" CLOCK("  within: 1 day\n"), "zone: a distance from UTC"},
        {"clocks:\n- {id: a, jurisdiction: X, report: suspicious_transaction, basis: b,"
         " within: 1 day, on: {decision: BLOCK}}\n",
         "report: blocked_property"},
        {"clocks:\n- {id: my sar, jurisdiction: X, report: frozen_funds, basis: b, within: 1 day,"
         " on: {decision: BLOCK}}\n",
         "suspicious-transaction reports have no clock here"},
        {"clocks:\n- {id: a, jurisdiction: X, report: frozen_funds, basis: Suspicious things,"
         " within: 1 day, on: {decision: BLOCK}}\n",
         "suspicious-transaction reports have no clock here"},
        {"clocks:\n- {id: a, jurisdiction: X, report: frozen_funds, basis: b, within: 1 day,"
         " on: {decision: REVIEW}}\n",
         "decision: BLOCK or REJECT is wanted"},
        {"clocks:\n- {id: a, jurisdiction: X, report: frozen_funds, basis: b, within: 1 day,"
         " on: {decision: BLOCK, direction: up}}\n",
         "direction: inbound or outbound"},
        {CLOCK("  within: 1 day\n") "- {id: x, jurisdiction: X, report: frozen_funds, basis: b,"
                                    " within: 1 day, on: {decision: BLOCK}}\n",
         "two clocks have that id"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, (size_t)8 << 20);
        const struct clocks *c;
        struct err err;

        CHECK(a);
        test_row("%zu: %.80s", i, rows[i].why);
        CHECK(!clocks_read(a, rows[i].text, strlen(rows[i].text), &c, &err));
        CHECK_U(err.class, ERR_INPUT);
        if (!strstr(err.text, rows[i].why))
            test_failed(__FILE__, __LINE__, "\"%s\" does not say \"%s\"", err.text, rows[i].why);
        arena_free(a);
    }
}

static void words_that_are_secret(void **state)
{
    (void)state;
    CHECK(unsaid_in("SAR"));
    CHECK(unsaid_in("filed as SAR-2026/7"));
    CHECK(unsaid_in("str 12"));
    CHECK(unsaid_in("\uc758\uc2ec\uac70\ub798\ubcf4\uace0 \uc81c\ucd9c"));
    CHECK(unsaid_in("\u7591\u308f\u3057\u3044\u53d6\u5f15"));
    CHECK(unsaid_in("\u53ef\u7591\u4ea4\u6613"));
    CHECK(unsaid_in("a Suspicious-activity report"));
    CHECK(!unsaid_in("ORS-STARS-2026"));
    CHECK(!unsaid_in("Sarah, Strauss"));
    CHECK(!unsaid_in(""));
}

/* ---- the store ---- */

static struct store *opened(void)
{
    static const struct store_schema *const schemas[] = {&due_schema};
    char path[4096];
    struct store *s;
    struct err err;

    snprintf(path, sizeof(path), "%s/records.sqlite", test_dir());
    CHECK_OK(store_open(path, STORE_WRITE, schemas, 1, &s, &err), err);
    return s;
}

static void start(struct store *s, const struct clocks *c, uint64_t match, const char *list,
                  const char *at)
{
    struct due_of of = {match, "evm 0x00", list, "36", SCREEN_BLOCK, SCREEN_INBOUND};
    struct err err;

    CHECK_OK(store_begin(s, &err) && due_start(s, c, &of, seconds(at), &err) &&
                 store_commit(s, &err),
             err);
}

static size_t list(struct store *s, struct arena *a, uint64_t day, bool closed,
                   const struct due **ret)
{
    struct err err;
    size_t n;
    bool more;

    CHECK_OK(due_list(s, a, day, closed, ret, &n, &more, &err), err);
    CHECK(!more);
    return n;
}

static void started_once(void **state)
{
    const struct clocks *c;
    const struct due *all;
    size_t text_n;
    const char *text = clocks_default(&text_n);
    struct arena *a = read_good(text, text_n, &c);
    struct store *s = opened();

    (void)state;
    start(s, c, 1, "ofac-sdn", "2026-11-16T10:00:00Z");
    start(s, c, 1, "ofac-sdn", "2026-11-16T20:00:00Z"); /* asked again */
    CHECK_U(list(s, a, UINT64_MAX, false, &all), 2);
    CHECK_S(all[0].clock, "ofac-blocked");
    CHECK_S(all[0].report, "blocked_property");
    CHECK_S(all[0].decision, "BLOCK");
    CHECK_U(all[0].started, seconds("2026-11-16T10:00:00Z"));
    CHECK_S(all[1].clock, "ofac-annual");
    start(s, c, 1, "ofac-sdn", "2026-11-17T10:00:00Z"); /* the next day */
    start(s, c, 2, "ofac-sdn", "2026-11-16T10:00:00Z"); /* another match */
    start(s, c, 3, "eu", "2026-11-16T10:00:00Z");
    start(s, c, 4, "un", "2026-11-16T10:00:00Z"); /* nobody's */
    CHECK_U(list(s, a, UINT64_MAX, false, &all), 5);
    CHECK_S(all[0].clock, "eu-frozen"); /* 30 November, before 1 and 2 December */
    CHECK_U(all[1].match, 1);
    CHECK_U(all[2].match, 2);
    CHECK_U(all[3].time.due, seconds("2026-12-02") / DAY);
    CHECK_U(list(s, a, seconds("2026-12-01") / DAY, false, &all), 3);
    store_close(s);
    arena_free(a);
}

static void closed_by_a_person(void **state)
{
    static const struct due_done bad[] = {
        {"", "ref", 1, false},
        {"kim", "", 1, false},
        {"kim", "SAR 12", 1, false},
        {"kim", "two\nlines", 1, false},
    };
    struct due_done done = {"kim", "ORS-1", seconds("2026-11-20"), false};
    const struct clocks *c;
    const struct due *all;
    size_t text_n;
    const char *text = clocks_default(&text_n);
    struct arena *a = read_good(text, text_n, &c);
    struct store *s = opened();
    struct due_counts counts;
    struct err err;

    (void)state;
    start(s, c, 1, "ofac-sdn", "2026-11-16T10:00:00Z");
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        CHECK(!due_close(s, c, 1, &bad[i], &err));
        CHECK_U(err.class, ERR_USAGE);
    }
    CHECK(!due_close(s, c, 99, &done, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    CHECK_OK(due_count(s, seconds("2026-12-01T23:59:59Z"), &counts, &err), err);
    CHECK_U(counts.open, 2);
    CHECK_U(counts.overdue, 0);
    CHECK_OK(due_count(s, seconds("2026-12-02T00:00:00Z"), &counts, &err), err);
    CHECK_U(counts.overdue, 1);
    CHECK_OK(due_close(s, c, 1, &done, &err), err);
    CHECK(!due_close(s, c, 1, &done, &err));
    CHECK_U(err.class, ERR_USAGE);
    CHECK_OK(due_count(s, seconds("2026-12-02T00:00:00Z"), &counts, &err), err);
    CHECK_U(counts.open, 1);
    CHECK_U(counts.overdue, 0);
    CHECK_U(list(s, a, UINT64_MAX, false, &all), 1);
    CHECK_U(list(s, a, UINT64_MAX, true, &all), 2);
    CHECK_S(all[0].done_by, "kim");
    CHECK_S(all[0].reference, "ORS-1");
    start(s, c, 1, "ofac-sdn", "2026-11-16T22:00:00Z"); /* closed is not started again */
    CHECK_U(list(s, a, UINT64_MAX, false, &all), 1);
    /* the yearly one goes on to the next year, until nothing is held */
    CHECK_OK(due_close(s, c, all[0].id, &done, &err), err);
    CHECK_U(list(s, a, UINT64_MAX, false, &all), 1);
    CHECK_U(all[0].time.due, seconds("2028-09-30") / DAY);
    done.last = true;
    CHECK_OK(due_close(s, c, all[0].id, &done, &err), err);
    CHECK_U(list(s, a, UINT64_MAX, false, &all), 0);
    store_close(s);
    arena_free(a);
}

static bool reads(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, (size_t)8 << 20);
    const struct clocks *c;
    struct err err;
    bool ok;

    (void)ctx;
    CHECK(a);
    ok = clocks_read(a, (const char *)in.p, in.n, &c, &err) && clocks_n(c) == 5;
    arena_free(a);
    return ok;
}

/* Cut before its last word, the file that ships lacks a clock or is refused. */
static void truncated(void **state)
{
    size_t n;
    const char *text = clocks_default(&n);

    (void)state;
    CHECK(reads((struct bytes){(const uint8_t *)text, n}, NULL));
    for (size_t i = 0; i < n - strlen("SI 2024/1157, Sanctions (EU Exit) (Miscellaneous "
                                      "Amendments) (No. 2) Regulations 2024\n");
         i += 7) {
        char *cut = malloc(i ? i : 1);

        CHECK(cut);
        memcpy(cut, text, i); /* a block of exactly that size */
        CHECK(!reads((struct bytes){(const uint8_t *)cut, i}, NULL));
        free(cut);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(dates_by_hand),   cmocka_unit_test(forms_of_periods),
        cmocka_unit_test(year_after_year), cmocka_unit_test(what_starts_them),
        cmocka_unit_test(files_refused),   cmocka_unit_test(words_that_are_secret),
        cmocka_unit_test(started_once),    cmocka_unit_test(closed_by_a_person),
        cmocka_unit_test(truncated),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
