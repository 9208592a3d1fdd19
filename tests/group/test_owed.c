/* What holds oblige to, and whom: complaints that any member wrote down of any member's alert, to
 * one audience or another, against a second program that knows it in words alone, to the
 * millisecond. The seed is printed. */
#include "group/owed.h"
#include "home.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY ((uint64_t)86400000)
#define START ((uint64_t)1795000000000) /* within 2026-11-18 */
#define FIRST_DAY 20776                 /* 2026-11-19, since 1970 */
#define CASE_A "case:000000000000000000000000000000aa"
#define ALERTS 4
#define COMPLAINTS 12

struct complaint {
    unsigned by, alert, day; /* alert ALERTS: one that nobody knows of */
    bool answered;
    char object[OBJECT_NAME_MAX];
};

struct drawn {
    struct home home;
    struct test_random r;
    unsigned holder[ALERTS];
    bool of_two[ALERTS]; /* told to us and kr alone */
    struct complaint of[COMPLAINTS];
};

static void alert_name(unsigned i, char ret[OBJECT_NAME_MAX])
{
    snprintf(ret, OBJECT_NAME_MAX, "alert:%064u", i);
}

static void alert_say(struct drawn *h, unsigned i)
{
    struct event_facts told = {.amount = u256_of(600),
                               .asset = "BTC",
                               .case_object = CASE_A,
                               .policy = "fifo",
                               .received = u256_of(1000)};
    char name[OBJECT_NAME_MAX];

    h->of_two[i] = test_below(&h->r, 2);
    h->holder[i] = (unsigned)test_below(&h->r, h->of_two[i] ? 2 : WORLD_MEMBERS);
    told.holder = world_members[h->holder[i]];
    alert_name(i, name);
    home_say(&h->home, h->holder[i], WORLD_NODE,
             (struct group_log_act){.type = "alert.detect",
                                    .object = name,
                                    .audience = h->of_two[i] ? "two" : AUDIENCE_ALL,
                                    .facts = &told});
}

static void complaint_say(struct drawn *h, unsigned i)
{
    struct complaint *c = &h->of[i];
    char name[OBJECT_NAME_MAX], fields[400];
    struct record r;
    struct err err;

    *c = (struct complaint){.by = (unsigned)test_below(&h->r, WORLD_MEMBERS),
                            .alert = (unsigned)test_below(&h->r, ALERTS + 1),
                            .day = (unsigned)test_below(&h->r, 8),
                            .answered = !test_below(&h->r, 4)};
    alert_name(c->alert, name);
    snprintf(fields, sizeof(fields),
             "{\"alert\":\"%s\",\"received\":\"2026-11-18\",\"answer_due\":\"2026-11-%02u\","
             "\"grounds\":\"number %u\"%s}",
             name, 19 + c->day, i,
             c->answered ? ",\"answered\":\"2026-11-19\",\"outcome\":\"upheld\",\"reasons\":\"so\""
                         : "");
    CHECK_OK(record_make(h->home.w.arena, record_kind("complaint"), &h->home.w.group,
                         (struct bytes){(uint8_t *)fields, strlen(fields)}, &r, &err),
             err);
    snprintf(c->object, sizeof(c->object), "%s", r.object);
    home_say(
        &h->home, c->by, WORLD_DESK,
        (struct group_log_act){
            .type = "complaint.state", .object = r.object, .retention = "keep", .body = r.body});
}

/* ---- the second program ---- */

static uint64_t naive_due(const struct complaint *c)
{
    return (FIRST_DAY + c->day + 1) * DAY - 1; /* in time as long as the day is not over */
}

static bool naive_owes(const struct drawn *h, const struct complaint *c, unsigned member)
{
    return !c->answered &&
           (c->by == member || (c->alert < ALERTS && h->holder[c->alert] == member));
}

/* ---- the two against each other ---- */

static const struct owed *row_of(const struct owed *rows, size_t n, const char *object)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(rows[i].object, object))
            return &rows[i];
    return NULL;
}

static size_t seen_of_others;

static void list_check(struct drawn *h, unsigned member, uint64_t by_ms)
{
    struct arena *a = arena_new(NULL, SIZE_MAX);
    struct owed *rows;
    size_t n, want = 0;
    struct err err;

    CHECK_OK(owed_of(h->home.log, a, world_members[member], by_ms, START, &rows, &n, &err), err);
    for (size_t i = 0; i < COMPLAINTS; i++) {
        const struct complaint *c = &h->of[i];
        bool owes = naive_owes(h, c, member) && naive_due(c) <= by_ms;
        const struct owed *row = row_of(rows, n, c->object);

        test_row("%s, the %zuth, by %llu", world_members[member], i, (unsigned long long)by_ms);
        CHECK_U(row != NULL, owes);
        want += owes;
        if (!row)
            continue;
        CHECK_S(row->what, "complaint");
        CHECK_S(row->by, world_members[c->by]);
        CHECK_U(row->due_ms, naive_due(c));
        seen_of_others += c->by != member;
    }
    CHECK_U(n, want);
    for (size_t i = 1; i < n; i++)
        CHECK(rows[i - 1].due_ms <= rows[i].due_ms);
    arena_free(a);
}

static void whoever_holds_owes(void **state)
{
    struct drawn h = {.r = {test_seed()}};

    (void)state;
    for (unsigned round = 0; round < 8; round++) {
        world_start(&h.home.w);
        home_start(&h.home, START);
        for (unsigned i = 0; i < ALERTS; i++)
            alert_say(&h, i);
        for (unsigned i = 0; i < COMPLAINTS; i++)
            complaint_say(&h, i);
        for (unsigned member = 0; member < WORLD_MEMBERS; member++)
            for (unsigned i = 0; i < COMPLAINTS; i++)
                for (int k = -1; k <= 1; k++)
                    list_check(&h, member, naive_due(&h.of[i]) + (uint64_t)k);
        home_end(&h.home);
    }
    CHECK(seen_of_others);
}

/* In time until the last millisecond of its day. */
static void when_it_is_overdue(void **state)
{
    static const struct {
        uint64_t now;
        const char *want;
    } rows[] = {{999, "false"}, {1000, "false"}, {1001, "true"}};
    struct owed one = {"complaint", "complaint:01", "alert:02", "kr", 1000};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct text to = text_new(4096);
        struct json_out j = json_to(&to, false);
        char want[40];

        test_row("at %llu", (unsigned long long)rows[i].now);
        json_object(&j);
        owed_put(&j, &one, 1, rows[i].now);
        json_object_end(&j);
        snprintf(want, sizeof(want), "\"overdue\":%s", rows[i].want);
        CHECK(text_string(&to) && strstr(to.p, want) && strstr(to.p, "\"by\":\"kr\""));
        text_free(&to);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(whoever_holds_owes),
                                       cmocka_unit_test(when_it_is_overdue)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
