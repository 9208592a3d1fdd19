/* When silence on a text counts as good as a clearance: random revisions, words and versions of the
 * charter, countersigned sooner or later, against a second program that knows the rule in words
 * alone, to the millisecond. The seed is printed. */
#include "group/clearance.h"
#include "home.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>

#define HOUR ((uint64_t)3600000)
#define DAY (24 * HOUR)
#define START ((uint64_t)1795000000000) /* within 2026-11-18 */
#define FIRST_DAY 20776                 /* 2026-11-19, since 1970 */
#define DAYS 10
#define ACTS 25
#define REVISIONS_MAX (ACTS + 2)

struct drawn {
    struct home home;
    struct test_random r;
    uint64_t hours[2]; /* of the charter's versions; 0: it does not say */
    bool second;       /* the second is in force */
    char object[OBJECT_NAME_MAX];
    struct hash32 revisions[REVISIONS_MAX];
    size_t revisions_n;
    /* what the second program remembers */
    uint64_t revised_ms, revised_hours;
    uint64_t seen_ms; /* when both others had countersigned the newest revision; 0: not yet */
    unsigned until;
    char word[WORLD_MEMBERS]; /* of the newest revision: 0 none, 'c', 'o' */
};

static const struct charter *in_force(const struct drawn *d)
{
    return fold_charter(group_log_fold(d->home.log));
}

static uint64_t naive_hours(const struct drawn *d, bool second)
{
    return d->hours[second] ? d->hours[second] : 72;
}

static uint64_t naive_silent_from(const struct drawn *d)
{
    uint64_t hours = naive_hours(d, d->second), end = (FIRST_DAY + d->until + 1) * DAY;

    uint64_t from = d->seen_ms > d->revised_ms ? d->seen_ms : d->revised_ms;

    if (!d->seen_ms)
        return CLEARANCE_NEVER_SILENT;
    hours = d->revised_hours > hours ? d->revised_hours : hours;
    return from + hours * HOUR > end ? from + hours * HOUR : end;
}

static const char *naive_state(const struct drawn *d, unsigned member, uint64_t ms)
{
    if (d->word[member])
        return d->word[member] == 'c' ? "cleared" : "objected";
    return ms >= naive_silent_from(d) ? "silent" : "waits";
}

/* ---- acts ---- */

static size_t seen_silent, seen_waits, seen_old_charter, seen_shorter, seen_unwitnessed, seen_late;

/* Of the two that may countersign what us says one is not more than half. */
static void witness(struct drawn *d, bool both)
{
    home_witness(&d->home, both ? 6 : 2);
    if (both && !d->seen_ms) {
        d->seen_ms = d->home.ms / 1000 * 1000;
        seen_late += d->seen_ms > d->revised_ms + HOUR;
    }
}

/* old: it names the first version, though the second is in force. */
static void revise(struct drawn *d, bool old)
{
    char fields[300];
    struct record r;
    struct err err;

    d->until = (unsigned)test_below(&d->r, DAYS);
    snprintf(fields, sizeof(fields),
             "{\"title\":\"number %zu\",\"sha256\":\"%064d\",\"silence_until\":\"2026-11-%02u\"}",
             d->revisions_n, 7, 19 + d->until);
    CHECK_OK(record_make(d->home.w.arena, record_kind("text"), &d->home.w.group,
                         (struct bytes){(uint8_t *)fields, strlen(fields)}, &r, &err),
             err);
    if (!d->revisions_n)
        snprintf(d->object, sizeof(d->object), "%s", r.object);
    d->seen_ms = 0;
    d->revised_ms = d->home.ms;
    d->revised_hours = naive_hours(d, d->second && !old);
    memset(d->word, 0, sizeof(d->word));
    d->revisions[d->revisions_n] =
        home_say(&d->home, 0, WORLD_HEAD,
                 (struct group_log_act){.type = d->revisions_n ? "text.revise" : "text.state",
                                        .object = d->object,
                                        .retention = "keep",
                                        .charter = old ? &d->home.w.group : NULL,
                                        .body = r.body});
    d->revisions_n++;
}

static void word_say(struct drawn *d)
{
    unsigned member = (unsigned)test_below(&d->r, WORLD_MEMBERS);
    bool clears = test_below(&d->r, 2), newest = test_below(&d->r, 4) > 0;
    size_t of = newest ? d->revisions_n - 1 : test_below(&d->r, d->revisions_n);

    home_say(&d->home, member, WORLD_HEAD,
             (struct group_log_act){.type = clears ? "text.clear" : "text.object",
                                    .object = d->object,
                                    .after = &d->revisions[of],
                                    .after_n = 1});
    if (of == d->revisions_n - 1)
        d->word[member] = clears ? 'c' : 'o';
}

/* The group takes another time. */
static void adopt(struct drawn *d)
{
    struct text draft = text_new((size_t)64 << 10);
    const char *was = (const char *)in_force(d)->text.p, *at = strstr(was, "\"quotas\":{");
    struct charter made;

    CHECK(at);
    text_put(&draft, was, (size_t)(at - was));
    text_printf(&draft, "\"quotas\":{\"live_cases\":9");
    if (d->hours[1])
        text_printf(&draft, ",\"silence_hours\":%u", (unsigned)d->hours[1]);
    text_str(&draft, strchr(at, '}'));
    CHECK(text_string(&draft));
    home_charter(&d->home, draft.p, &made);
    text_free(&draft);
    d->second = true;
}

/* ---- the two against each other ---- */

static void check_at(struct drawn *d, uint64_t ms)
{
    struct arena *a = arena_new(NULL, SIZE_MAX);
    const struct fold_object *o = fold_object(group_log_fold(d->home.log), d->object, AUDIENCE_ALL);
    struct record_said said;
    struct clearance c;
    bool here, cleared = true;
    struct err err;

    CHECK_OK(record_of(d->home.log, a, record_kind("text"), o, &said, &here, &err), err);
    CHECK(here);
    CHECK_OK(clearance_of(d->home.log, a, &said, ms, &c, &err), err);
    CHECK_U(c.silent_from_ms, naive_silent_from(d));
    CHECK_U(c.n, WORLD_MEMBERS);
    for (size_t i = 0; i < c.n; i++)
        for (unsigned m = 0; m < WORLD_MEMBERS; m++) {
            const char *want = naive_state(d, m, ms);

            if (strcmp(c.rows[i].member, world_members[m]) != 0)
                continue;
            CHECK_S(clearance_name(c.rows[i].state), want);
            cleared = cleared && (!strcmp(want, "cleared") || !strcmp(want, "silent"));
            seen_silent += !strcmp(want, "silent");
            seen_waits += !strcmp(want, "waits");
        }
    CHECK_U(c.cleared, cleared);
    arena_free(a);
}

static void check_all(struct drawn *d)
{
    check_at(d, naive_silent_from(d) - 1);
    if (d->seen_ms) {
        check_at(d, naive_silent_from(d));
        check_at(d, naive_silent_from(d) + 1);
    }
    seen_unwitnessed += !d->seen_ms;
    check_at(d, d->home.ms);
}

static void try_one(struct drawn *d)
{
    static const uint64_t some[] = {0, 24, 25, 71, 72, 73, 100, 240, 2160};
    char quotas[80];

    for (size_t i = 0; i < 2; i++)
        d->hours[i] = some[test_below(&d->r, sizeof(some) / sizeof(some[0]))];
    snprintf(quotas, sizeof(quotas), "{\"live_cases\":9,\"silence_hours\":%u}",
             (unsigned)d->hours[0]);
    world_start_with(&d->home.w, d->hours[0] ? quotas : "{\"live_cases\":9}");
    home_start(&d->home, START);
    d->second = false;
    d->revisions_n = 0;
    revise(d, false);
    check_all(d);
    for (unsigned i = 0; i < ACTS; i++) {
        unsigned what = (unsigned)test_below(&d->r, 10);

        test_row("act %u: %u", i, what);
        d->home.ms += test_below(&d->r, 20 * HOUR);
        if (what == 0 && !d->second) {
            adopt(d);
            seen_shorter += naive_hours(d, true) < d->revised_hours;
            check_all(d);
            revise(d, true); /* its stream has not named the second yet */
            seen_old_charter++;
        } else if (what < 3) {
            revise(d, false);
        } else {
            word_say(d);
        }
        check_all(d);
        if (test_below(&d->r, 3)) {
            witness(d, test_below(&d->r, 3));
            check_all(d);
        }
    }
    home_end(&d->home);
}

static void silence(void **state)
{
    struct drawn d = {.r = {test_seed()}};

    (void)state;
    for (unsigned i = 0; i < 20; i++)
        try_one(&d);
    CHECK(seen_silent && seen_waits && seen_old_charter && seen_shorter);
    CHECK(seen_unwitnessed && seen_late);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(silence)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
