/* How a case is handled: who may say so, whose word counts for whom, in whatever order it comes,
 * and what becomes of a soft hold. */
#include "group/alert.h"
#include "group/handling.h"
#include "support.h"
#include "world.h"

#define CASE_A "case:000000000000000000000000000000aa"
#define CASE_B "case:000000000000000000000000000000bb"
#define HANDLING_A "handling:000000000000000000000000000000aa"
#define HANDLING_B "handling:000000000000000000000000000000bb"
#define ALERT_A "alert:0000000000000000000000000000000000000000000000000000000000000001"
#define SAID_MAX 4

struct said {
    unsigned member;
    enum world_key key;
    const char *audience, *handling;
};

/* us, kr and jp are governments; "two" is of us and kr. The case is kr's, for all. */
static const struct {
    const char *name;
    struct said said[SAID_MAX];
    const char *effects; /* a letter each: S a step, R the role, C a condition */
    enum handling_what us, jp;
} rows[] = {
    {"nobody has said anything", {{0}}, "", HANDLING_HOLD, HANDLING_HOLD},
    {"sealed to two", {{0, WORLD_INV, "two", "observe"}}, "S", HANDLING_OBSERVE, HANDLING_HOLD},
    {"to all", {{0, WORLD_HEAD, AUDIENCE_ALL, "none"}}, "S", HANDLING_NONE, HANDLING_NONE},
    {"not by a node", {{0, WORLD_NODE, "two", "observe"}}, "R", HANDLING_HOLD, HANDLING_HOLD},
    {"nor by a compliance officer",
     {{0, WORLD_DESK, "two", "observe"}},
     "R",
     HANDLING_HOLD,
     HANDLING_HOLD},
    {"the newest word of who leads",
     {{0, WORLD_INV, "two", "observe"}, {0, WORLD_HEAD, "two", "hold"}},
     "SS",
     HANDLING_HOLD,
     HANDLING_HOLD},
    {"another authority has no word on it",
     {{0, WORLD_INV, "two", "observe"}, {1, WORLD_INV, "two", "hold"}},
     "SC",
     HANDLING_OBSERVE,
     HANDLING_HOLD},
    {"nor has one that says so elsewhere later",
     {{0, WORLD_INV, "two", "observe"}, {2, WORLD_INV, AUDIENCE_ALL, "none"}},
     "SS",
     HANDLING_OBSERVE,
     HANDLING_NONE},
    {"but whose case it is leads, even later",
     {{0, WORLD_INV, "two", "observe"}, {1, WORLD_INV, AUDIENCE_ALL, "none"}},
     "SS",
     HANDLING_NONE,
     HANDLING_NONE},
    {"the newest of two audiences",
     {{0, WORLD_INV, "two", "observe"}, {0, WORLD_HEAD, AUDIENCE_ALL, "none"}},
     "SS",
     HANDLING_NONE,
     HANDLING_NONE},
};

static const struct event_facts *facts_of(struct world *w, const char *word)
{
    struct event_facts f = {.handling = NULL};

    for (const char *const *at = handling_words; *at; at++)
        if (!strcmp(*at, word))
            f.handling = *at;
    return arena_copy(w->arena, &f, sizeof(f));
}

static void start(struct world *w)
{
    world_start(w);
    world_found(w);
    world_say(w, (struct world_say){1, WORLD_INV, 5, CASE_A, "case.report", .ms = 100});
}

/* A stream a speaker and audience, whole; the others' clocks do not matter. */
static struct world_event *handling_say(struct world *w, const struct said *s, const char *object,
                                        unsigned at)
{
    return world_say(w, (struct world_say){.member = s->member,
                                           .key = s->key,
                                           .stream = 20 + at,
                                           .object = object,
                                           .type = "handling.set",
                                           .audience = s->audience,
                                           .ms = 200 + at,
                                           .facts = facts_of(w, s->handling)});
}

static char letter(const struct fold_event *e)
{
    return e->effect == EFFECT_STEP ? 'S' : e->effect == EFFECT_ROLE ? 'R' : 'C';
}

static void whose_word_counts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t first, order[WORLD_EVENTS_MAX];
        struct world w;

        test_row("%s", rows[i].name);
        start(&w);
        first = w.n;
        for (unsigned k = 0; k < SAID_MAX && rows[i].said[k].handling; k++)
            handling_say(&w, &rows[i].said[k], HANDLING_A, k);
        for (unsigned turn = 0; turn < 2; turn++) { /* forwards, and backwards */
            struct fold *f;

            for (size_t k = 0; k < w.n; k++)
                order[k] = turn ? w.n - 1 - k : k;
            f = world_fold(&w, order, w.n);
            for (size_t k = first; k < w.n; k++)
                CHECK_U(letter(fold_find(f, &w.events[k].e.id)), rows[i].effects[k - first]);
            CHECK_U(handling_of(f, CASE_A, "us").what, rows[i].us);
            CHECK_U(handling_of(f, CASE_A, "kr").what, rows[i].us);
            CHECK_U(handling_of(f, CASE_A, "jp").what, rows[i].jp);
            CHECK_U(handling_of(f, CASE_A, NULL).what, rows[i].us);
            CHECK_U(handling_of(f, CASE_A, "nobody").what, rows[i].jp);
            CHECK_U(handling_any(f), strchr(rows[i].effects, 'S') != NULL);
            fold_free(f);
        }
        world_end(&w);
    }
}

/* A merged case is handled as itself, or else as the one that it goes on as. */
static void of_a_merged_case(void **state)
{
    static const struct said b = {0, WORLD_INV, "two", "observe"},
                             a = {0, WORLD_INV, "two", "none"};
    struct world_event *report;
    struct world w;
    struct fold *f;

    (void)state;
    start(&w);
    report = &w.events[w.n - 1];
    world_say(&w, (struct world_say){0, WORLD_INV, 6, CASE_B, "case.report", .ms = 110});
    world_say(&w, (struct world_say){1, WORLD_INV, 5, CASE_A, "case.merge", .into = CASE_B,
                                     .ms = 120, .prev = report});
    handling_say(&w, &b, HANDLING_B, 1);
    f = world_fold(&w, NULL, w.n);
    CHECK_U(handling_of(f, CASE_A, "kr").what, HANDLING_OBSERVE);
    CHECK_U(handling_of(f, CASE_A, "jp").what, HANDLING_HOLD);
    fold_free(f);
    handling_say(&w, &a, HANDLING_A, 2);
    f = world_fold(&w, NULL, w.n);
    CHECK_U(handling_of(f, CASE_A, "kr").what, HANDLING_NONE);
    CHECK_U(handling_of(f, CASE_B, "kr").what, HANDLING_OBSERVE);
    fold_free(f);
    world_end(&w);
}

/* A case of two is theirs, whoever tells all of one of that name behind it. */
static void another_of_that_name(void **state)
{
    static const struct said theirs = {2, WORLD_INV, AUDIENCE_ALL, "none"},
                             ours = {0, WORLD_INV, "two", "observe"};
    struct world w;
    struct fold *f;

    (void)state;
    start(&w);
    world_say(&w, (struct world_say){0, WORLD_INV, 6, CASE_B, "case.report", "two", .ms = 110});
    world_say(&w, (struct world_say){2, WORLD_INV, 6, CASE_B, "case.report", .ms = 120});
    handling_say(&w, &theirs, HANDLING_B, 1);
    handling_say(&w, &ours, HANDLING_B, 2);
    f = world_fold(&w, NULL, w.n);
    CHECK_U(handling_of(f, CASE_B, "kr").what, HANDLING_OBSERVE);
    CHECK_U(handling_of(f, CASE_B, "jp").what, HANDLING_NONE);
    fold_free(f);
    world_end(&w);
}

/* A machine's hold is in force but for the holder that is to let it go; a person's stays. */
static void holds_that_are_let_go(void **state)
{
    static const struct {
        const char *handling;
        unsigned holder; /* us, which is of the audience, or jp */
        bool ordered, held;
    } holds[] = {
        {"hold", 0, false, true},    {"observe", 0, false, false}, {"none", 0, false, false},
        {"observe", 2, false, true}, {"none", 2, false, true},     {"observe", 0, true, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++) {
        const char *holder = world_members[holds[i].holder];
        struct said said = {1, WORLD_HEAD, "two", holds[i].handling};
        struct event_facts told = world_alert(CASE_A, holder);
        struct event_facts soft = {.amount = u256_of(600), .expires = 100000};
        struct event_facts order = {.amount = u256_of(600),
                                    .expires = 200000,
                                    .kind = hold_kinds[1],
                                    .reason = hold_reasons[0],
                                    .basis = hold_bases[0]};
        const struct world_event *prev;
        struct alert_now now;
        struct world w;
        struct fold *f;

        test_row("%zu", i);
        start(&w);
        world_say(&w, (struct world_say){0, WORLD_INV, 6, CASE_A, "case.verify", .ms = 150,
                                         .after = {&w.events[w.n - 1].e.id}});
        prev = world_say(&w, (struct world_say){holds[i].holder, WORLD_NODE, 7, ALERT_A,
                                                "alert.detect", .ms = 300, .facts = &told});
        prev = world_say(&w, (struct world_say){holds[i].holder, WORLD_NODE, 7, ALERT_A,
                                                "alert.hold-soft", .ms = 310, .facts = &soft,
                                                .prev = prev});
        if (holds[i].ordered)
            world_say(&w, (struct world_say){holds[i].holder, WORLD_DESK, 7, ALERT_A, "alert.order",
                                             .ms = 320, .facts = &order, .prev = prev});
        handling_say(&w, &said, HANDLING_A, 9);
        f = world_fold(&w, NULL, w.n);
        CHECK(alert_now(alert_book(w.arena, f), fold_object(f, ALERT_A, AUDIENCE_ALL), 1000, &now));
        CHECK_U(!u256_zero(now.amount), holds[i].held);
        CHECK_U(now.why, holds[i].held ? ALERT_WHY_NOTHING : ALERT_WHY_HANDLING);
        fold_free(f);
        world_end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whose_word_counts),
        cmocka_unit_test(of_a_merged_case),
        cmocka_unit_test(another_of_that_name),
        cmocka_unit_test(holds_that_are_let_go),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
