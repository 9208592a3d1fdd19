/* Alerts and holds: names from the rules of docs/protocol.md, stories, and what is held at a
 * time. */
#include "group/alert.h"
#include "world.h"

#include <stdio.h>

#define CASE_A "case:000000000000000000000000000000aa"
#define CASE_B "case:000000000000000000000000000000bb"
#define ARENA_BYTES ((size_t)256 << 20)
#define MINUTE ((uint64_t)60000)
#define HOUR ((uint64_t)3600000)

/* ---- a small world: us reports, kr verifies, jp is the exchange ---- */

struct scene {
    struct world w;
    struct arena *a;
    struct world_event *last[WORLD_MEMBERS * 8]; /* of a member's stream */
    struct world_event *report;
};

static struct world_event *say(struct scene *s, struct world_say what)
{
    unsigned at = what.member * 8 + what.stream;

    what.prev = s->last[at];
    s->last[at] = world_say(&s->w, what);
    return s->last[at];
}

static void scene_start(struct scene *s)
{
    memset(s, 0, sizeof(*s));
    s->a = arena_new(NULL, ARENA_BYTES);
    world_start(&s->w);
    world_found(&s->w);
    s->report = say(s, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.report", .ms = 10});
}

static void scene_end(struct scene *s)
{
    world_end(&s->w);
    arena_free(s->a);
}

static void verify(struct scene *s, uint64_t ms)
{
    say(s, (struct world_say){1, WORLD_INV, 0, CASE_A, "case.verify", .ms = ms,
                              .after = {&s->report->e.id}});
}

static const struct event_facts *keep(struct scene *s, struct event_facts f)
{
    return arena_copy(s->a, &f, sizeof(f));
}

/* What an alert of an output tells; jp has it. */
static const struct event_facts *told(struct scene *s, const char *of, const char *output,
                                      uint64_t amount, uint64_t received)
{
    struct alert_key k = {.case_object = of, .chain = "bip122:0", .output = output, .member = "jp"};

    return keep(s, (struct event_facts){.asset = "BTC",
                                        .case_object = of,
                                        .holder = "jp",
                                        .policy = "fifo",
                                        .deposit = alert_deposit(&k),
                                        .amount = u256_of(amount),
                                        .received = u256_of(received)});
}

static const char *named(struct scene *s, const char *of, const char *output)
{
    struct alert_key k = {.case_object = of, .chain = "bip122:0", .output = output, .member = "jp"};
    char name[OBJECT_NAME_MAX];

    alert_object(&k, name);
    return arena_string(s->a, name, strlen(name));
}

static const struct event_facts *hold(struct scene *s, uint64_t amount, uint64_t expires)
{
    return keep(s, (struct event_facts){.amount = u256_of(amount), .expires = expires});
}

static const struct event_facts *order(struct scene *s, uint64_t amount, uint64_t expires)
{
    return keep(s, (struct event_facts){.amount = u256_of(amount),
                                        .expires = expires,
                                        .kind = "account-restriction",
                                        .reason = "theft",
                                        .basis = "tos"});
}

static struct alert_now now(struct scene *s, const char *alert, uint64_t ms)
{
    struct fold *f = world_fold(&s->w, NULL, s->w.n);
    const struct alert_book *b = alert_book(s->a, f);
    struct alert_now n;

    CHECK(b);
    CHECK(alert_now(b, fold_object(f, alert, AUDIENCE_ALL), ms, &n));
    fold_free(f);
    return n;
}

static void effect_is(struct scene *s, const struct world_event *e, enum effect effect,
                      unsigned unmet)
{
    struct fold *f = world_fold(&s->w, NULL, s->w.n);
    const struct fold_event *at = fold_find(f, &e->e.id);

    CHECK_S(standing_name(at->standing), "good");
    CHECK_U(at->effect, effect);
    CHECK_U(at->unmet, unmet);
    fold_free(f);
}

static void holds(struct scene *s, const char *alert, uint64_t ms, uint64_t amount,
                  enum alert_why why)
{
    struct alert_now n = now(s, alert, ms);

    CHECK_S(alert_why_text(n.why), alert_why_text(why));
    CHECK_U(n.amount.w[0], amount);
}

/* ---- stories ---- */

/* By an exchange: told, held by machine, seen, ordered, enforced, extended, released. */
static void a_hold_from_end_to_end(void **state)
{
    struct scene s;
    const char *alert;

    (void)state;
    scene_start(&s);
    verify(&s, 20);
    alert = named(&s, CASE_A, "aa:0");
    say(&s, (struct world_say){0, WORLD_NODE, 0, alert, "alert.send", .ms = 30,
                               .facts = told(&s, CASE_A, "aa:0", 900, 1000)});
    holds(&s, alert, 31, 0, ALERT_WHY_NO_HOLD);
    say(&s, (struct world_say){2, WORLD_NODE, 0, alert, "alert.hold-soft", .ms = 40,
                               .facts = hold(&s, 900, 40 + 60 * MINUTE)});
    holds(&s, alert, 41, 900, ALERT_WHY_NOTHING);
    CHECK(now(&s, alert, 41).soft);
    holds(&s, alert, 40 + 60 * MINUTE, 0, ALERT_WHY_EXPIRED);
    say(&s, (struct world_say){2, WORLD_DESK, 0, alert, "alert.acknowledge", .ms = 50});
    holds(&s, alert, 51, 900, ALERT_WHY_NOTHING);
    say(&s, (struct world_say){2, WORLD_DESK, 0, alert, "alert.order", .ms = 60,
                               .facts = order(&s, 800, 60 + 72 * HOUR)});
    holds(&s, alert, 60 + 71 * HOUR, 800, ALERT_WHY_NOTHING);
    CHECK(!now(&s, alert, 61).soft);
    say(&s, (struct world_say){2, WORLD_NODE, 0, alert, "alert.enforce-part", .ms = 70,
                               .facts = hold(&s, 500, 60 + 72 * HOUR)});
    holds(&s, alert, 71, 500, ALERT_WHY_NOTHING);
    say(&s, (struct world_say){2, WORLD_DESK, 0, alert, "alert.extend", .ms = 80 + 70 * HOUR,
                               .facts = keep(&s, (struct event_facts){.amount = u256_of(500),
                                                                      .expires = 142 * HOUR,
                                                                      .basis = "le-request"})});
    holds(&s, alert, 141 * HOUR, 500, ALERT_WHY_NOTHING);
    say(&s, (struct world_say){2, WORLD_DESK, 0, alert, "alert.release", .ms = 100 * HOUR});
    holds(&s, alert, 101 * HOUR, 0, ALERT_WHY_NO_HOLD);
    CHECK_S(state_name(now(&s, alert, 0).state), "released");
    scene_end(&s);
}

static void what_a_machine_may_not(void **state)
{
    struct event_facts *poison;
    struct scene s;
    const char *a, *b, *c;

    (void)state;
    scene_start(&s);
    verify(&s, 20);
    a = named(&s, CASE_A, "aa:0");
    b = named(&s, CASE_A, "bb:0");
    c = named(&s, CASE_A, "cc:0");
    /* less than 1 % of the deposit; by poison; of somebody else */
    say(&s, (struct world_say){0, WORLD_NODE, 0, a, "alert.send", .ms = 30,
                               .facts = told(&s, CASE_A, "aa:0", 99, 10000)});
    poison = arena_copy(s.a, told(&s, CASE_A, "bb:0", 99, 100), sizeof(*poison));
    poison->policy = "poison";
    say(&s, (struct world_say){0, WORLD_NODE, 0, b, "alert.send", .ms = 31, .facts = poison});
    say(&s, (struct world_say){0, WORLD_NODE, 0, c, "alert.send", .ms = 32,
                               .facts = told(&s, CASE_A, "cc:0", 100, 10000)});
    effect_is(&s,
              say(&s, (struct world_say){2, WORLD_NODE, 0, a, "alert.hold-soft", .ms = 40,
                                         .facts = hold(&s, 99, 1000)}),
              EFFECT_CONDITION, IF_LEAST);
    effect_is(&s,
              say(&s, (struct world_say){2, WORLD_NODE, 0, b, "alert.hold-soft", .ms = 41,
                                         .facts = hold(&s, 99, 1000)}),
              EFFECT_CONDITION, IF_LEAST);
    effect_is(&s,
              say(&s, (struct world_say){2, WORLD_NODE, 0, c, "alert.hold-soft", .ms = 42,
                                         .facts = hold(&s, 101, 43 + 60 * MINUTE)}),
              EFFECT_CONDITION, IF_AMOUNT | IF_SOFT_TIME);
    effect_is(&s,
              say(&s, (struct world_say){2, WORLD_NODE, 0, c, "alert.hold-soft", .ms = 43,
                                         .facts = hold(&s, 100, 43)}),
              EFFECT_CONDITION, IF_EXPIRES);
    effect_is(&s,
              say(&s, (struct world_say){1, WORLD_NODE, 1, c, "alert.hold-soft", .ms = 44,
                                         .facts = hold(&s, 100, 1000)}),
              EFFECT_CONDITION, IF_OWN);
    effect_is(&s,
              say(&s, (struct world_say){2, WORLD_NODE, 0, c, "alert.order", .ms = 45,
                                         .facts = order(&s, 100, 1000)}),
              EFFECT_NO_STEP, 0);
    effect_is(&s,
              say(&s, (struct world_say){2, WORLD_NODE, 0, c, "alert.hold-soft", .ms = 46,
                                         .facts = hold(&s, 100, 1000)}),
              EFFECT_STEP, 0);
    effect_is(&s,
              say(&s, (struct world_say){2, WORLD_NODE, 0, c, "alert.order", .ms = 47,
                                         .facts = order(&s, 100, 1000)}),
              EFFECT_ROLE, 0);
    scene_end(&s);
}

static void retraction_and_merging(void **state)
{
    struct scene s;
    const char *alert;

    (void)state;
    scene_start(&s);
    verify(&s, 20);
    alert = named(&s, CASE_A, "aa:0");
    say(&s, (struct world_say){0, WORLD_NODE, 0, alert, "alert.send", .ms = 30,
                               .facts = told(&s, CASE_A, "aa:0", 900, 1000)});
    say(&s, (struct world_say){2, WORLD_NODE, 0, alert, "alert.hold-soft", .ms = 40,
                               .facts = hold(&s, 900, 1000)});
    say(&s, (struct world_say){1, WORLD_INV, 0, CASE_B, "case.report", .ms = 50});
    holds(&s, alert, 60, 900, ALERT_WHY_NOTHING);
    /* merged: it goes on as the other, which nobody has verified */
    say(&s, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.merge", .ms = 61, .into = CASE_B});
    holds(&s, alert, 62, 0, ALERT_WHY_UNVERIFIED);
    CHECK(now(&s, alert, 62).live);
    say(&s, (struct world_say){0, WORLD_INV, 0, CASE_B, "case.verify", .ms = 63,
                               .after = {&s.w.events[s.w.n - 2].e.id}});
    holds(&s, alert, 64, 900, ALERT_WHY_NOTHING);
    say(&s, (struct world_say){1, WORLD_INV, 0, CASE_B, "case.retract", .ms = 70});
    holds(&s, alert, 71, 0, ALERT_WHY_CASE_GONE);
    CHECK(!now(&s, alert, 71).live);
    scene_end(&s);
}

/* Two cases on one deposit: the second hold gets what the first leaves. */
static void never_more_than_received(void **state)
{
    struct scene s;
    const char *a, *b;

    (void)state;
    scene_start(&s);
    verify(&s, 20);
    say(&s, (struct world_say){1, WORLD_INV, 0, CASE_B, "case.report", .ms = 21});
    say(&s, (struct world_say){0, WORLD_INV, 0, CASE_B, "case.verify", .ms = 22,
                               .after = {&s.w.events[s.w.n - 1].e.id}});
    a = named(&s, CASE_A, "aa:0");
    b = named(&s, CASE_B, "aa:0");
    say(&s, (struct world_say){0, WORLD_NODE, 0, a, "alert.send", .ms = 30,
                               .facts = told(&s, CASE_A, "aa:0", 700, 1000)});
    say(&s, (struct world_say){1, WORLD_NODE, 0, b, "alert.send", .ms = 31,
                               .facts = told(&s, CASE_B, "aa:0", 600, 1000)});
    say(&s, (struct world_say){2, WORLD_NODE, 0, b, "alert.hold-soft", .ms = 40,
                               .facts = hold(&s, 600, 500)});
    say(&s, (struct world_say){2, WORLD_NODE, 0, a, "alert.hold-soft", .ms = 41,
                               .facts = hold(&s, 700, 1000)});
    holds(&s, b, 100, 600, ALERT_WHY_NOTHING);
    holds(&s, a, 100, 400, ALERT_WHY_RECEIVED);
    holds(&s, a, 500, 700, ALERT_WHY_NOTHING); /* the other is over */
    scene_end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hold_from_end_to_end),
        cmocka_unit_test(what_a_machine_may_not),
        cmocka_unit_test(retraction_and_merging),
        cmocka_unit_test(never_more_than_received),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
