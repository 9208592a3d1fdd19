/* Alerts and holds: names from the rules of docs/protocol.md, stories, and what is held at a
 * time. */
#include "group/alert_policy.h"
#include "group/disclosed.h"
#include "group/times.h"
#include "naive.h"
#include "trace/case.h"

#include <stdlib.h>

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

static void scene_start_with(struct scene *s, const char *quotas)
{
    memset(s, 0, sizeof(*s));
    s->a = arena_new(NULL, ARENA_BYTES);
    world_start_with(&s->w, quotas);
    world_found(&s->w);
    s->report = say(s, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.report", .ms = 10});
}

static void scene_start(struct scene *s)
{
    scene_start_with(s, "{\"live_cases\":9}");
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

static const struct event_facts *reason(struct scene *s, const char *word)
{
    return keep(s, (struct event_facts){.reason = word});
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

/* A case that nobody has verified may have one soft hold, and a deposit one, ever. */
static void soft_holds_on_what_is_not_verified(void **state)
{
    struct scene s;
    const char *a, *other, *b;

    (void)state;
    scene_start_with(&s, "{\"live_cases\":9,\"soft_unverified\":1}");
    say(&s, (struct world_say){1, WORLD_INV, 0, CASE_B, "case.report", .ms = 11});
    a = named(&s, CASE_A, "aa:0");
    other = named(&s, CASE_A, "bb:0");
    b = named(&s, CASE_B, "aa:0");
    say(&s, (struct world_say){0, WORLD_NODE, 0, a, "alert.send", .ms = 20,
                               .facts = told(&s, CASE_A, "aa:0", 10, 100)});
    say(&s, (struct world_say){0, WORLD_NODE, 0, other, "alert.send", .ms = 21,
                               .facts = told(&s, CASE_A, "bb:0", 10, 100)});
    say(&s, (struct world_say){1, WORLD_NODE, 0, b, "alert.send", .ms = 22,
                               .facts = told(&s, CASE_B, "aa:0", 10, 100)});
    say(&s, (struct world_say){2, WORLD_NODE, 0, a, "alert.hold-soft", .ms = 30,
                               .facts = hold(&s, 10, 1000)});
    holds(&s, a, 31, 10, ALERT_WHY_NOTHING);
    say(&s, (struct world_say){2, WORLD_NODE, 0, other, "alert.hold-soft", .ms = 31,
                               .facts = hold(&s, 10, 1000)});
    say(&s, (struct world_say){2, WORLD_DESK, 0, a, "alert.release", .ms = 32});
    say(&s, (struct world_say){2, WORLD_NODE, 0, b, "alert.hold-soft", .ms = 33,
                               .facts = hold(&s, 10, 1000)});
    holds(&s, a, 40, 0, ALERT_WHY_NO_HOLD);
    holds(&s, other, 40, 0, ALERT_WHY_UNVERIFIED); /* the case has had its one */
    holds(&s, b, 40, 0, ALERT_WHY_SECOND_SOFT);    /* and the deposit, though it was let go */
    verify(&s, 50);
    holds(&s, other, 60, 10, ALERT_WHY_NOTHING);
    holds(&s, b, 60, 10, ALERT_WHY_NOTHING);
    scene_end(&s);
}

/* One account for a case: the second order is without effect while the first holds. */
static void a_cap_on_accounts(void **state)
{
    struct scene s;
    const char *a, *b;

    (void)state;
    scene_start_with(&s, "{\"live_cases\":9,\"accounts\":1}");
    verify(&s, 20);
    a = named(&s, CASE_A, "aa:0");
    b = named(&s, CASE_A, "bb:0");
    say(&s, (struct world_say){0, WORLD_NODE, 0, a, "alert.send", .ms = 30,
                               .facts = told(&s, CASE_A, "aa:0", 10, 10)});
    say(&s, (struct world_say){0, WORLD_NODE, 0, b, "alert.send", .ms = 31,
                               .facts = told(&s, CASE_A, "bb:0", 10, 10)});
    say(&s, (struct world_say){2, WORLD_DESK, 0, a, "alert.acknowledge", .ms = 40});
    say(&s, (struct world_say){2, WORLD_DESK, 0, b, "alert.acknowledge", .ms = 41});
    say(&s, (struct world_say){2, WORLD_DESK, 0, b, "alert.order", .ms = 42,
                               .facts = order(&s, 10, 500)});
    say(&s, (struct world_say){2, WORLD_DESK, 0, a, "alert.order", .ms = 43,
                               .facts = order(&s, 10, 1000)});
    holds(&s, b, 100, 10, ALERT_WHY_NOTHING);
    holds(&s, a, 100, 0, ALERT_WHY_ACCOUNTS);
    holds(&s, a, 500, 10, ALERT_WHY_NOTHING);
    scene_end(&s);
}

/* Two cases of a member that may have one: the second is followed by nobody. */
static void a_case_over_the_quota(void **state)
{
    struct scene s;
    struct world_event *report;
    const char *b;

    (void)state;
    scene_start_with(&s, "{\"live_cases\":1}");
    report = say(&s, (struct world_say){0, WORLD_INV, 0, CASE_B, "case.report", .ms = 11});
    say(&s, (struct world_say){1, WORLD_INV, 0, CASE_B, "case.verify", .ms = 12,
                               .after = {&report->e.id}});
    b = named(&s, CASE_B, "aa:0");
    say(&s, (struct world_say){0, WORLD_NODE, 0, b, "alert.send", .ms = 20,
                               .facts = told(&s, CASE_B, "aa:0", 10, 100)});
    say(&s, (struct world_say){2, WORLD_NODE, 0, b, "alert.hold-soft", .ms = 30,
                               .facts = hold(&s, 10, 1000)});
    holds(&s, b, 40, 0, ALERT_WHY_QUOTA);
    say(&s, (struct world_say){0, WORLD_INV, 0, CASE_A, "case.retract", .ms = 50});
    holds(&s, b, 60, 10, ALERT_WHY_NOTHING);
    scene_end(&s);
}

/* ---- how long it took ---- */

/* Two alerts of one case: 31 and 20 to a soft hold; of two the 95th percentile is the later. */
static void times_from_the_log(void **state)
{
    static const struct {
        const char *member;
        enum times_kind kind;
        uint64_t n, p50, p95;
    } want[] = {
        {"jp", TIMES_SOFT, 2, 20, 31},    {"jp", TIMES_PERSON, 1, 60, 60},
        {"jp", TIMES_RELEASE, 1, 49, 49}, {"kr", TIMES_VERIFY, 1, 15, 15},
        {"us", TIMES_ALERT, 1, 20, 20},
    };
    struct scene s;
    struct times_row *rows;
    const char *a, *b;
    struct fold *f;
    struct err err;
    size_t n;

    (void)state;
    scene_start(&s); /* reported at 10 */
    verify(&s, 25);
    a = named(&s, CASE_A, "aa:0");
    b = named(&s, CASE_A, "bb:0");
    say(&s, (struct world_say){0, WORLD_NODE, 0, a, "alert.send", .ms = 30,
                               .facts = told(&s, CASE_A, "aa:0", 10, 10)});
    say(&s, (struct world_say){0, WORLD_NODE, 0, b, "alert.send", .ms = 40,
                               .facts = told(&s, CASE_A, "bb:0", 10, 10)});
    say(&s, (struct world_say){2, WORLD_NODE, 0, b, "alert.hold-soft", .ms = 60,
                               .facts = hold(&s, 10, 1000)});
    say(&s, (struct world_say){2, WORLD_NODE, 0, a, "alert.hold-soft", .ms = 61,
                               .facts = hold(&s, 10, 1000)});
    say(&s, (struct world_say){2, WORLD_DESK, 0, a, "alert.acknowledge", .ms = 90});
    say(&s, (struct world_say){2, WORLD_DESK, 0, a, "alert.release", .ms = 110});
    f = world_fold(&s.w, NULL, s.w.n);
    CHECK_OK(times_of(s.a, f, &(struct times_of){.from_ms = 0}, &rows, &n, &err), err);
    CHECK_U(n, sizeof(want) / sizeof(want[0]));
    for (size_t i = 0; i < n; i++) {
        test_row("%s %s", want[i].member, times_name(want[i].kind));
        CHECK_S(rows[i].member, want[i].member);
        CHECK_S(times_name(rows[i].kind), times_name(want[i].kind));
        CHECK_U(rows[i].n, want[i].n);
        CHECK_U(rows[i].p50_ms, want[i].p50);
        CHECK_U(rows[i].p95_ms, want[i].p95);
    }
    fold_free(f);
    scene_end(&s);
}

/* jp has the stream of the report since 17 and that of the alerts since 35 and 52. Who reported has
 * given itself a receipt, which does not count. */
static void times_of_receipts(void **state)
{
    static const struct {
        const char *member;
        enum times_kind kind;
        uint64_t n, p50, p95;
    } want[] = {
        {"jp", TIMES_REPORTED, 1, 7, 7},
        {"jp", TIMES_ALERTED, 2, 5, 12},
        {"us", TIMES_ALERT, 1, 20, 20},
    };
    struct receipt_head heads[4] = {{.member = "jp", .author = "us", .ms = 17},
                                    {.member = "jp", .author = "us", .ms = 35},
                                    {.member = "jp", .author = "us", .ms = 52},
                                    {.member = "us", .author = "us", .ms = 11}};
    struct receipts receipts = {heads, 4};
    struct world_event *a, *b;
    struct times_row *rows;
    struct scene s;
    struct fold *f;
    struct err err;
    size_t n;

    (void)state;
    scene_start(&s); /* reported at 10 */
    a = say(&s, (struct world_say){0, WORLD_NODE, 5, named(&s, CASE_A, "aa:0"), "alert.send",
                                   .ms = 30, .facts = told(&s, CASE_A, "aa:0", 10, 10)});
    b = say(&s, (struct world_say){0, WORLD_NODE, 5, named(&s, CASE_A, "bb:0"), "alert.send",
                                   .ms = 40, .prev = a, .facts = told(&s, CASE_A, "bb:0", 10, 10)});
    f = world_fold(&s.w, NULL, s.w.n);
    heads[0].stream = heads[3].stream = fold_object(f, CASE_A, AUDIENCE_ALL)->first->e.stream;
    heads[0].seq = heads[3].seq = 1;
    heads[1].stream = heads[2].stream = b->e.stream;
    heads[1].seq = 1;
    heads[2].seq = 2;
    if (memcmp(heads[0].stream.b, heads[1].stream.b, sizeof(heads[0].stream.b)) > 0)
        receipts =
            (struct receipts){(struct receipt_head[]){heads[1], heads[2], heads[0], heads[3]}, 4};
    CHECK_OK(times_of(s.a, f, &(struct times_of){.receipts = &receipts}, &rows, &n, &err), err);
    CHECK_U(n, sizeof(want) / sizeof(want[0]));
    for (size_t i = 0; i < n; i++) {
        test_row("%s %s", want[i].member, times_name(want[i].kind));
        CHECK_S(rows[i].member, want[i].member);
        CHECK_S(times_name(rows[i].kind), times_name(want[i].kind));
        CHECK_U(rows[i].n, want[i].n);
        CHECK_U(rows[i].p50_ms, want[i].p50);
        CHECK_U(rows[i].p95_ms, want[i].p95);
    }
    fold_free(f);
    scene_end(&s);
}

/* ---- a member's policy ---- */

#define ACTIVE "soft_holds: {mode: active}"
#define FOUND(tainted, received) FOUND_AT(tainted, received, 6)
#define FOUND_AT(t, r, deep)                                                                       \
    {                                                                                              \
        .asset = "BTC", .policy = TRACE_FIFO, .tainted = {{t}}, .received = {{r}}, .hops = 3,      \
        .depth = (deep)                                                                            \
    }
#define VERIFIED                                                                                   \
    {                                                                                              \
        .live = true, .verified = true                                                             \
    }

static const struct {
    const char *name, *yaml;
    struct alert_found found;
    struct alert_case of;
    enum alert_not why;
    uint64_t amount, lasts; /* minutes */
} policy_rows[] = {
    {"no file", "", FOUND(50, 100), VERIFIED, ALERT_NOT_MODE, 0, 0},
    {"off", "soft_holds: {mode: off}", FOUND(50, 100), VERIFIED, ALERT_NOT_MODE, 0, 0},
    {"as long as the charter grants", ACTIVE, FOUND(50, 100), VERIFIED, ALERT_NOT_NOTHING, 50, 60},
    {"shorter", "soft_holds: {mode: active, minutes: 7}", FOUND(50, 100), VERIFIED,
     ALERT_NOT_NOTHING, 50, 7},
    {"a tenth", ACTIVE, FOUND(10, 100), VERIFIED, ALERT_NOT_NOTHING, 10, 60},
    {"less than a tenth", ACTIVE, FOUND(9, 100), VERIFIED, ALERT_NOT_SHARE, 0, 0},
    {"less than the charter's share", "soft_holds: {mode: active, share_ppm_min: 0}",
     FOUND(9, 1000), VERIFIED, ALERT_NOT_SHARE, 0, 0},
    {"too little", "soft_holds: {mode: active, amount_min: {BTC: \"51\"}}", FOUND(50, 100),
     VERIFIED, ALERT_NOT_AMOUNT, 0, 0},
    {"too far", "soft_holds: {mode: active, hops_max: 2}", FOUND(50, 100), VERIFIED, ALERT_NOT_HOPS,
     0, 0},
    {"poison",
     ACTIVE,
     {"BTC", TRACE_POISON, {{50}}, {{100}}, 3, false, 6, NULL},
     VERIFIED,
     ALERT_NOT_POISON,
     0,
     0},
    {"cut short",
     ACTIVE,
     {"BTC", TRACE_FIFO, {{50}}, {{100}}, 3, true, 6, NULL},
     VERIFIED,
     ALERT_NOT_CUT,
     0,
     0},
    {"not in a block", ACTIVE, FOUND_AT(50, 100, 0), VERIFIED, ALERT_NOT_DEPTH, 0, 0},
    {"in one", ACTIVE, FOUND_AT(50, 100, 1), VERIFIED, ALERT_NOT_NOTHING, 50, 60},
    {"deeper", "soft_holds: {mode: active, depth_min: 3}", FOUND_AT(50, 100, 2), VERIFIED,
     ALERT_NOT_DEPTH, 0, 0},
    {"as deep as that", "soft_holds: {mode: active, depth_min: 3}", FOUND_AT(50, 100, 3), VERIFIED,
     ALERT_NOT_NOTHING, 50, 60},
    {"past a service",
     "soft_holds: {mode: active, grade_min: medium}",
     {"BTC", TRACE_FIFO, {{50}}, {{100}}, 3, false, 6, "an exchange"},
     VERIFIED,
     ALERT_NOT_GRADE,
     0,
     0},
    {"of high grade once it is deep", "soft_holds: {mode: active, grade_min: high}",
     FOUND_AT(50, 100, 5), VERIFIED, ALERT_NOT_DEPTH, 0, 0},
    {"of high grade", "soft_holds: {mode: active, grade_min: high}", FOUND(50, 100), VERIFIED,
     ALERT_NOT_NOTHING, 50, 60},
    {"never of high grade", "soft_holds: {mode: active, grade_min: high}", FOUND_AT(49, 100, 1),
     VERIFIED, ALERT_NOT_GRADE, 0, 0},
    {"not verified", ACTIVE, FOUND(50, 100), {.live = true}, ALERT_NOT_UNVERIFIED, 0, 0},
    {"again",
     ACTIVE,
     FOUND(50, 100),
     {.live = true, .deposit_had_soft = true},
     ALERT_NOT_SECOND,
     0,
     0},
    {"retracted", ACTIVE, FOUND(50, 100), {.verified = true}, ALERT_NOT_CASE, 0, 0},
    {"disputed, though the charter grants soft holds on what is not verified",
     ACTIVE,
     FOUND(50, 100),
     {.live = true, .disputed = true},
     ALERT_NOT_DISPUTED,
     0,
     0},
    {"over the quota",
     ACTIVE,
     FOUND(50, 100),
     {.live = true, .verified = true, .over_quota = true},
     ALERT_NOT_CASE,
     0,
     0},
};

static void policies(void **state)
{
    struct scene s;

    (void)state;
    scene_start(&s);
    for (size_t i = 0; i < sizeof(policy_rows) / sizeof(policy_rows[0]); i++) {
        struct bytes yaml = {(const uint8_t *)policy_rows[i].yaml, strlen(policy_rows[i].yaml)};
        struct alert_policy p = alert_policy_default();
        struct alert_advice a;
        struct err err;

        test_row("%s", policy_rows[i].name);
        if (yaml.n)
            CHECK_OK(alert_policy_read(s.a, yaml, &p, &err), err);
        a = alert_policy(&p, &s.w.charter, &policy_rows[i].of, &policy_rows[i].found, 1000);
        CHECK_S(alert_not_text(a.why), alert_not_text(policy_rows[i].why));
        CHECK_U(a.hold, policy_rows[i].why == ALERT_NOT_NOTHING);
        CHECK_U(a.tell, policy_rows[i].of.live && !policy_rows[i].of.over_quota);
        CHECK_U(a.amount.w[0], policy_rows[i].amount);
        CHECK_U(a.expires, a.hold ? 1000 + policy_rows[i].lasts * MINUTE : 0);
    }
    scene_end(&s);
}

/* ---- grades ---- */

static const struct {
    const char *name;
    bool verified;
    enum trace_policy policy;
    uint64_t tainted, depth; /* of 100 */
    bool traced, cut;
    uint64_t hops;
    const char *service;
    enum alert_grade grade;
    unsigned doubts;
} grade_rows[] = {
    {"high", true, TRACE_FIFO, 50, 6, true, false, 10, NULL, ALERT_HIGH, 0},
    {"11 hops", true, TRACE_FIFO, 50, 6, true, false, 11, NULL, ALERT_MEDIUM, DOUBT_HOPS},
    {"5 blocks", true, TRACE_FIFO, 50, 5, true, false, 10, NULL, ALERT_MEDIUM, DOUBT_DEPTH},
    {"a bank's book", true, TRACE_FIFO, 50, ALERT_DEPTH_FINAL, true, false, 10, NULL, ALERT_HIGH,
     0},
    {"less than half", true, TRACE_FIFO, 49, 6, true, false, 10, NULL, ALERT_MEDIUM, DOUBT_HALF},
    {"a tenth", true, TRACE_FIFO, 10, 6, true, false, 10, NULL, ALERT_MEDIUM, DOUBT_HALF},
    {"less than a tenth", true, TRACE_FIFO, 9, 6, true, false, 10, NULL, ALERT_LOW, DOUBT_SHARE},
    {"told by others", true, TRACE_FIFO, 50, 6, false, true, 99, NULL, ALERT_MEDIUM, DOUBT_TRACED},
    {"not verified", false, TRACE_FIFO, 50, 6, true, false, 10, NULL, ALERT_LOW, DOUBT_UNVERIFIED},
    {"poison", true, TRACE_POISON, 50, 6, true, false, 10, NULL, ALERT_LOW, DOUBT_POISON},
    {"cut", true, TRACE_FIFO, 50, 6, true, true, 10, NULL, ALERT_LOW, DOUBT_CUT},
    {"past a service, and shallow", true, TRACE_FIFO, 50, 1, true, false, 10, "an exchange",
     ALERT_LOW, DOUBT_SERVICE | DOUBT_DEPTH},
};

static void grades(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(grade_rows) / sizeof(grade_rows[0]); i++) {
        struct alert_grounds g = {.verified = grade_rows[i].verified,
                                  .policy = grade_rows[i].policy,
                                  .tainted = u256_of(grade_rows[i].tainted),
                                  .received = u256_of(100),
                                  .depth = grade_rows[i].depth,
                                  .traced = grade_rows[i].traced,
                                  .cut = grade_rows[i].cut,
                                  .hops = grade_rows[i].hops,
                                  .service = grade_rows[i].service};
        unsigned doubts = alert_doubts(&g);
        enum alert_grade again;

        test_row("%s", grade_rows[i].name);
        CHECK_U(doubts, grade_rows[i].doubts);
        CHECK_U(alert_grade(doubts), grade_rows[i].grade);
        CHECK(alert_grade_by_name(alert_grade_name(grade_rows[i].grade), &again));
        CHECK_U(again, grade_rows[i].grade);
    }
}

static void bad_policies(void **state)
{
    static const char *const bad[] = {
        "soft_holds: {mode: on}",
        "soft_holds: {}",
        "soft_hold: {mode: active}",
        "soft_holds: {mode: active, hops: 3}",
        "soft_holds: {mode: active, cut: 1}",
        "soft_holds: {mode: active, minutes: -1}",
        "soft_holds: {mode: active, share_ppm_min: 1000001}",
        "soft_holds: {mode: active, amount_min: {BTC: x}}",
        "soft_holds: {mode: active, amount_min: 7}",
        "soft_holds: {mode: active, grade_min: best}",
        "soft_holds: {mode: active, grade_min: 1}",
        "soft_holds: {mode: active, depth_min: x}",
        "early: {minutes: 5}",
        "early: {mode: soon}",
        "early: {mode: active, minutes: 1441}",
        "early: {mode: active, hours: 1}",
    };
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct alert_policy p;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct bytes yaml = {(const uint8_t *)bad[i], strlen(bad[i])};

        test_row("%s", bad[i]);
        CHECK(!alert_policy_read(a, yaml, &p, &err));
        CHECK_U(err.class, ERR_INPUT);
    }
    arena_free(a);
}

/* ---- what the finder keeps, and what a holder discloses ---- */

#define HEX64 "00000000000000000000000000000000000000000000000000000000000000ff"

static void found_bodies(void **state)
{
    static const char *const bad[] = {
        "{\"found\":{}}",
        "{\"found\":7}",
        "{\"found\":{\"block\":\"\",\"cut\":true,\"height\":1,\"hops\":1}}",
        "{\"found\":{\"block\":\"aa\",\"cut\":1,\"height\":1,\"hops\":1}}",
        "{\"found\":{\"block\":\"aa\",\"height\":1,\"hops\":1}}",
        "{\"found\":{\"block\":\"aa\",\"cut\":true,\"hops\":1}}",
        "{\"found\":{\"block\":\"aa\",\"cut\":true,\"height\":-1,\"hops\":1}}",
        "{\"found\":{\"block\":\"aa\",\"cut\":true,\"height\":1,\"hops\":1,\"more\":1}}",
        "{\"found\":{\"block\":\"aa\",\"cut\":true,\"height\":1,\"hops\":1,\"service\":\"\"}}",
    };
    const struct alert_found_at found = {
        .block = HEX64, .height = 812000, .hops = 3, .cut = true, .service = "an exchange"};
    const struct alert_body b = {.chain = "bip122:0", .output = "aa:0", .found = &found};
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct alert_body got;
    struct bytes body;
    struct err err;

    (void)state;
    CHECK_OK(alert_body_make(a, &b, &body, &err), err);
    CHECK_OK(alert_body_read(a, body, &got, &err), err);
    CHECK_S(got.found->block, HEX64);
    CHECK_S(got.found->service, "an exchange");
    CHECK_U(got.found->height, 812000);
    CHECK_U(got.found->hops, 3);
    CHECK(got.found->cut);
    for (size_t n = 0; n < body.n; n++)
        CHECK(!alert_body_read(a, (struct bytes){body.p, n}, &got, &err));
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        test_row("%s", bad[i]);
        CHECK(!alert_body_read(a, (struct bytes){(const uint8_t *)bad[i], strlen(bad[i])}, &got,
                               &err));
        CHECK_U(err.class, ERR_INPUT);
    }
    arena_free(a);
}

static const struct {
    const char *name, *text, *withdrawal;
    bool bad;
    enum origin_kind kind;
} disclosed_rows[] = {
    {"an output", "{\"origins\":[{\"output\":\"" HEX64 ":7\"}],\"title\":\"T\"}", HEX64 ":1", false,
     ORIGIN_OUTPUT},
    {"a transaction", "{\"origins\":[{\"output\":\"" HEX64 ":7\"}]}", HEX64, false, ORIGIN_TX},
    {"a transfer", "{\"chain\":\"ethereum\",\"origins\":[{\"tx\":\"" HEX64 "\"}]}", HEX64 ":v",
     false, ORIGIN_TRANSFER},
    {"what was asserted before is not",
     "{\"conversions\":[{\"from\":{\"output\":\"" HEX64
     ":7\"},\"source\":\"x\",\"to\":{\"output\":\"" HEX64
     ":9\"}}],\"origins\":[{\"output\":\"" HEX64 ":7\"}]}",
     HEX64 ":1", false, ORIGIN_OUTPUT},
    {"no transaction", "{\"origins\":[{\"output\":\"" HEX64 ":7\"}]}", "ff:1", true, ORIGIN_OUTPUT},
};

/* Policy, limits and stops are the case's; the origin is the withdrawal, and by whose word. */
static void disclosed_cases(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);

    (void)state;
    for (size_t i = 0; i < sizeof(disclosed_rows) / sizeof(disclosed_rows[0]); i++) {
        const char *text = disclosed_rows[i].text;
        struct disclosed d = {.alert = "alert:" HEX64,
                              .audience = "two",
                              .holder = "jp",
                              .basis = "le-request",
                              .withdrawals = &disclosed_rows[i].withdrawal,
                              .withdrawals_n = 1};
        struct case_file file;
        struct bytes got;
        struct err err;
        bool ok;

        test_row("%s", disclosed_rows[i].name);
        ok = disclosed_case(a, (struct bytes){(const uint8_t *)text, strlen(text)}, &d, &got, &err);
        CHECK_U(ok, !disclosed_rows[i].bad);
        if (!ok)
            continue;
        CHECK_OK(case_read(a, got, &file, &err), err);
        CHECK_U(file.origins_n, 1);
        CHECK_U(file.origins[0].kind, disclosed_rows[i].kind);
        CHECK_U(file.conversions_n, 0);
        CHECK(strstr(file.title, "by the word of jp (le-request, alert:00000000)"));
        CHECK_U(file.sources_n, 1);
    }
    arena_free(a);
}

/* ---- a deposit leaves the chain ---- */

/* Void, and told again when it is there again, with what it is there; of what was void for another
 * reason, or is another deposit, nothing is told anew. */
static void void_and_told_again(void **state)
{
    struct scene s;
    struct event_facts *other;
    const char *a, *b;

    (void)state;
    scene_start(&s);
    verify(&s, 20);
    a = named(&s, CASE_A, "aa:0");
    b = named(&s, CASE_A, "bb:0");
    say(&s, (struct world_say){0, WORLD_NODE, 0, a, "alert.send", .ms = 30,
                               .facts = told(&s, CASE_A, "aa:0", 900, 1000)});
    say(&s, (struct world_say){0, WORLD_NODE, 0, b, "alert.send", .ms = 31,
                               .facts = told(&s, CASE_A, "bb:0", 900, 1000)});
    say(&s, (struct world_say){2, WORLD_NODE, 0, a, "alert.hold-soft", .ms = 40,
                               .facts = hold(&s, 900, 1000)});
    effect_is(&s,
              say(&s, (struct world_say){0, WORLD_NODE, 0, a, "alert.send", .ms = 41,
                                         .facts = told(&s, CASE_A, "aa:0", 900, 1000)}),
              EFFECT_NO_STEP, 0);
    say(&s, (struct world_say){2, WORLD_NODE, 0, a, "alert.void", .ms = 50,
                               .facts = reason(&s, "reorganised")});
    holds(&s, a, 51, 0, ALERT_WHY_NO_HOLD);
    CHECK(!now(&s, a, 51).live);
    other = arena_copy(s.a, told(&s, CASE_A, "bb:0", 900, 1000), sizeof(*other));
    effect_is(
        &s,
        say(&s, (struct world_say){0, WORLD_NODE, 0, a, "alert.send", .ms = 52, .facts = other}),
        EFFECT_CONDITION, IF_AGAIN);
    effect_is(&s,
              say(&s, (struct world_say){2, WORLD_NODE, 0, a, "alert.detect", .ms = 53,
                                         .facts = told(&s, CASE_A, "aa:0", 700, 800)}),
              EFFECT_STEP, 0);
    CHECK_S(state_name(now(&s, a, 54).state), "detected");
    effect_is(&s,
              say(&s, (struct world_say){2, WORLD_NODE, 0, a, "alert.hold-soft", .ms = 55,
                                         .facts = hold(&s, 701, 1000)}),
              EFFECT_CONDITION, IF_AMOUNT);
    say(&s, (struct world_say){2, WORLD_NODE, 0, a, "alert.hold-soft", .ms = 56,
                               .facts = hold(&s, 700, 1000)});
    holds(&s, a, 57, 700, ALERT_WHY_NOTHING);
    say(&s, (struct world_say){2, WORLD_NODE, 0, b, "alert.void", .ms = 60,
                               .facts = reason(&s, "duplicate")});
    effect_is(&s,
              say(&s, (struct world_say){0, WORLD_NODE, 0, b, "alert.send", .ms = 61,
                                         .facts = told(&s, CASE_A, "bb:0", 900, 1000)}),
              EFFECT_CONDITION, IF_AGAIN);
    scene_end(&s);
}

/* A hold of 72 hours that is dated a year ahead is none for that year, but for the day by which a
 * clock may be wrong; a machine's, an order and an extension alike. */
static void dated_ahead(void **state)
{
    static const uint64_t year = 366 * 24 * HOUR, day = 24 * HOUR;
    struct scene s;
    const char *a, *b, *c;

    (void)state;
    scene_start(&s);
    verify(&s, 20);
    a = named(&s, CASE_A, "aa:0");
    b = named(&s, CASE_A, "bb:0");
    c = named(&s, CASE_A, "cc:0");
    say(&s, (struct world_say){0, WORLD_NODE, 0, a, "alert.send", .ms = 30,
                               .facts = told(&s, CASE_A, "aa:0", 900, 1000)});
    say(&s, (struct world_say){0, WORLD_NODE, 0, b, "alert.send", .ms = 31,
                               .facts = told(&s, CASE_A, "bb:0", 900, 1000)});
    say(&s, (struct world_say){0, WORLD_NODE, 0, c, "alert.send", .ms = 32,
                               .facts = told(&s, CASE_A, "cc:0", 900, 1000)});
    say(&s, (struct world_say){2, WORLD_DESK, 0, a, "alert.acknowledge", .ms = 40});
    say(&s, (struct world_say){2, WORLD_DESK, 0, c, "alert.acknowledge", .ms = 41});
    say(&s, (struct world_say){2, WORLD_DESK, 0, c, "alert.order", .ms = 42,
                               .facts = order(&s, 900, 42 + 72 * HOUR)});
    holds(&s, c, 43, 900, ALERT_WHY_NOTHING);
    effect_is(&s, /* dated to the hold's last moment, of which it is far */
              say(&s, (struct world_say){2, WORLD_DESK, 0, c, "alert.extend", .ms = 41 + 72 * HOUR,
                                         .facts = keep(
                                             &s, (struct event_facts){.amount = u256_of(900),
                                                                      .expires = 41 + 144 * HOUR,
                                                                      .basis = "tos"})}),
              EFFECT_STEP, 0);
    holds(&s, c, 40 + 48 * HOUR, 0, ALERT_WHY_AHEAD);
    holds(&s, c, 41 + 48 * HOUR, 900, ALERT_WHY_NOTHING);
    say(&s, (struct world_say){2, WORLD_DESK, 0, a, "alert.order", .ms = year,
                               .facts = order(&s, 900, year + 72 * HOUR)});
    say(&s, (struct world_say){2, WORLD_NODE, 0, b, "alert.hold-soft", .ms = year + 1,
                               .facts = hold(&s, 900, year + 60 * MINUTE)});
    holds(&s, a, 60, 0, ALERT_WHY_AHEAD);
    holds(&s, a, year - day - 1, 0, ALERT_WHY_AHEAD);
    holds(&s, a, year - day, 900, ALERT_WHY_NOTHING);
    holds(&s, a, year + 72 * HOUR - 1, 900, ALERT_WHY_NOTHING);
    holds(&s, a, year + 72 * HOUR, 0, ALERT_WHY_EXPIRED);
    holds(&s, b, year - day, 0, ALERT_WHY_AHEAD);
    holds(&s, b, year - day + 1, 900, ALERT_WHY_NOTHING);
    scene_end(&s);
}

/* Whoever told an alert takes it back until a person of its holder has seen it, and keeps nobody
 * from telling it; then it is the holder's. */
static void taken_back(void **state)
{
    static const char *const seen[] = {"alert.acknowledge", "alert.order", "alert.enforce"};
    struct scene s;
    const char *a;

    (void)state;
    for (size_t n = 0; n <= 3; n++) {
        test_row("%zu", n);
        scene_start(&s);
        verify(&s, 20);
        a = named(&s, CASE_A, "aa:0");
        say(&s, (struct world_say){0, WORLD_NODE, 0, a, "alert.send", .ms = 30,
                                   .facts = told(&s, CASE_A, "aa:0", 900, 1000)});
        say(&s, (struct world_say){2, WORLD_NODE, 0, a, "alert.hold-soft", .ms = 40,
                                   .facts = hold(&s, 900, 1000)});
        for (size_t i = 0; i < n; i++)
            say(&s,
                (struct world_say){2, i == 2 ? WORLD_NODE : WORLD_DESK, 0, a, seen[i], .ms = 41 + i,
                                   .facts = !i       ? NULL
                                            : i == 1 ? order(&s, 900, 1000)
                                                     : hold(&s, 900, 1000)});
        effect_is(&s,
                  say(&s, (struct world_say){1, WORLD_INV, 0, a, "alert.void", .ms = 50,
                                             .facts = reason(&s, "other")}),
                  EFFECT_CONDITION, n ? IF_OWN : IF_PARTY);
        effect_is(&s,
                  say(&s, (struct world_say){0, WORLD_INV, 0, a, "alert.void", .ms = 51,
                                             .facts = reason(&s, "other")}),
                  n ? EFFECT_CONDITION : EFFECT_STEP, n ? IF_OWN : 0);
        holds(&s, a, 52, n ? 900 : 0, n ? ALERT_WHY_NOTHING : ALERT_WHY_NO_HOLD);
        if (n) { /* set back to before anybody had seen it */
            effect_is(&s,
                      say(&s, (struct world_say){0, WORLD_INV, 5, a, "alert.void", .ms = 40,
                                                 .facts = reason(&s, "other")}),
                      EFFECT_CONDITION, IF_PARTY);
            holds(&s, a, 52, 900, ALERT_WHY_NOTHING);
        }
        if (n) {
            effect_is(&s,
                      say(&s, (struct world_say){2, WORLD_DESK, 0, a, "alert.void", .ms = 60,
                                                 .facts = reason(&s, "other")}),
                      EFFECT_STEP, 0);
            effect_is(&s, /* what its holder has ended nobody tells again */
                      say(&s, (struct world_say){1, WORLD_INV, 0, a, "alert.send", .ms = 61,
                                                 .facts = told(&s, CASE_A, "aa:0", 900, 1000)}),
                      EFFECT_CONDITION, IF_AGAIN);
        } else {
            effect_is(&s,
                      say(&s, (struct world_say){0, WORLD_INV, 0, a, "alert.send", .ms = 60,
                                                 .facts = told(&s, CASE_A, "aa:0", 900, 1000)}),
                      EFFECT_CONDITION, IF_AGAIN);
            effect_is(&s,
                      say(&s, (struct world_say){1, WORLD_INV, 0, a, "alert.send", .ms = 61,
                                                 .facts = told(&s, CASE_A, "aa:0", 900, 1000)}),
                      EFFECT_STEP, 0);
            effect_is(&s, /* it is another's word now */
                      say(&s, (struct world_say){0, WORLD_INV, 0, a, "alert.void", .ms = 62,
                                                 .facts = reason(&s, "other")}),
                      EFFECT_CONDITION, IF_PARTY);
            say(&s, (struct world_say){2, WORLD_NODE, 0, a, "alert.hold-soft", .ms = 63,
                                       .facts = hold(&s, 900, 1000)});
            holds(&s, a, 64, 900, ALERT_WHY_NOTHING);
        }
        scene_end(&s);
    }
}

/* ---- every subset of what three members may say of two cases and one deposit of each ---- */

#define RECEIVED 1000
#define POOL_MAX 24

struct pool {
    struct scene s;
    const char *alert[2];
    size_t from, n; /* of the world's events */
};

/* Each in a stream of its own, so that any of them may be missing. */
static struct world_event *put(struct pool *p, struct world_say what)
{
    what.stream = (unsigned)(10 + p->n);
    what.ms = 10 + 10 * p->n++;
    return world_say(&p->s.w, what);
}

static void pool_start(struct pool *p)
{
    struct scene *s = &p->s;
    struct world_event *a, *b;

    memset(p, 0, sizeof(*p));
    s->a = arena_new(NULL, ARENA_BYTES);
    world_start(&s->w);
    world_found(&s->w);
    p->from = s->w.n;
    p->alert[0] = named(s, CASE_A, "aa:0");
    p->alert[1] = named(s, CASE_B, "aa:0");
    a = put(p, (struct world_say){0, WORLD_INV, .object = CASE_A, .type = "case.report"});
    put(p, (struct world_say){1, WORLD_INV, .object = CASE_A, .type = "case.verify",
                              .after = {&a->e.id}});
    b = put(p, (struct world_say){1, WORLD_INV, .object = CASE_B, .type = "case.report"});
    put(p, (struct world_say){0, WORLD_NODE, .object = p->alert[0], .type = "alert.send",
                              .facts = told(s, CASE_A, "aa:0", 700, RECEIVED)});
    put(p, (struct world_say){1, WORLD_NODE, .object = p->alert[1], .type = "alert.send",
                              .facts = told(s, CASE_B, "aa:0", 600, RECEIVED)});
    put(p, (struct world_say){1, WORLD_NODE, .object = p->alert[0], .type = "alert.hold-soft",
                              .facts = hold(s, 700, 3000)}); /* not its holder */
    put(p, (struct world_say){2, WORLD_NODE, .object = p->alert[1], .type = "alert.hold-soft",
                              .facts = hold(s, 600, 1500)});
    put(p, (struct world_say){2, WORLD_NODE, .object = p->alert[0], .type = "alert.hold-soft",
                              .facts = hold(s, 700, 2000)});
    put(p, (struct world_say){0, WORLD_INV, .object = CASE_B, .type = "case.verify",
                              .after = {&b->e.id}});
    put(p, (struct world_say){0, WORLD_NODE, .object = p->alert[0], .type = "alert.void",
                              .facts = reason(s, "other")}); /* who told of it */
    put(p, (struct world_say){1, WORLD_NODE, .object = p->alert[0], .type = "alert.send",
                              .facts = told(s, CASE_A, "aa:0", 300, 400)}); /* in another block */
    put(p, (struct world_say){2, WORLD_DESK, .object = p->alert[0], .type = "alert.acknowledge"});
    put(p, (struct world_say){2, WORLD_DESK, .object = p->alert[0], .type = "alert.order",
                              .facts = order(s, 650, 5000)});
    put(p, (struct world_say){2, WORLD_NODE, .object = p->alert[0], .type = "alert.enforce",
                              .facts = hold(s, 500, 4000)});
    put(p,
        (struct world_say){1, WORLD_INV, .object = CASE_B, .type = "case.merge", .into = CASE_A});
    put(p, (struct world_say){0, WORLD_INV, .object = CASE_A, .type = "case.retract"});
    put(p, (struct world_say){2, WORLD_DESK, .object = p->alert[1], .type = "alert.release"});
    put(p, (struct world_say){2, WORLD_NODE, .object = p->alert[0], .type = "alert.hold-soft",
                              .facts = hold(s, 300, 4500)});
}

static const uint64_t times[] = {0, 140, 1499, 1500, 2500, 4000, 5000, 9000000};

#define MOMENTS_N (sizeof(times) / sizeof(times[0]))

static bool type_is(const struct fold_event *e, const char *type)
{
    return !strcmp(e->e.type, type);
}

/* Whoever reported a case that has such an object. */
static const char *reporter(const struct fold *f, const char *object)
{
    const struct fold_object *o = fold_object(f, object, AUDIENCE_ALL);

    return o && o->first ? o->first->e.author : "";
}

/* Nobody acts alone where two are asked, or for another: who verifies a case did not report it, who
 * takes it back or merges it did, and what is held is held by who has it. Nothing took effect
 * twice. */
static void only_who_may(const struct fold *f)
{
    const struct fold_event *e;

    for (size_t i = 0; (e = fold_event_at(f, i)); i++) {
        if (e->effect != EFFECT_STEP)
            continue;
        CHECK_U(e->standing, STANDING_GOOD);
        if (type_is(e, "case.verify"))
            CHECK(strcmp(e->e.author, reporter(f, e->e.object)) != 0);
        if (type_is(e, "case.retract") || type_is(e, "case.merge"))
            CHECK_S(e->e.author, reporter(f, e->e.object));
        if (type_is(e, "alert.hold-soft") || type_is(e, "alert.acknowledge") ||
            type_is(e, "alert.order") || type_is(e, "alert.enforce") || type_is(e, "alert.release"))
            CHECK_S(e->e.author, "jp");
        if (type_is(e, "alert.acknowledge") || type_is(e, "alert.order"))
            CHECK_S(e->person, "desk");
        for (size_t k = 0; k < i; k++)
            CHECK(!hash32_equal(&fold_event_at(f, k)->e.id, &e->e.id));
    }
}

/* What holds of any set of events: as was worked out plainly, with an end, on a case that stands,
 * and never more than was received. */
static void always(struct pool *p, const struct fold *f, uint64_t want[MOMENTS_N][2])
{
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    const struct alert_book *b = alert_book(a, f);

    CHECK(b);
    only_who_may(f);
    for (size_t t = 0; t < MOMENTS_N; t++) {
        for (int i = 0; i < 2; i++) {
            const struct fold_object *o = fold_object(f, p->alert[i], AUDIENCE_ALL);
            struct alert_now now = {.expires = 0};

            if (o && alert_now(b, o, times[t], &now) && want[t][i]) {
                CHECK(now.expires > times[t] && now.expires <= 5000);
                CHECK(now.live && now.case_state != CASE_RETRACTED);
            }
            CHECK_U(now.amount.w[0], want[t][i]);
        }
        CHECK(want[t][0] + want[t][1] <= RECEIVED);
    }
    arena_free(a);
}

static void shuffle(struct test_random *r, size_t *order, size_t n)
{
    for (size_t i = n; i > 1; i--) {
        size_t k = test_below(r, i), t = order[i - 1];

        order[i - 1] = order[k];
        order[k] = t;
    }
}

static void subset(struct pool *p, struct test_random *r, size_t set, int orders)
{
    size_t which[WORLD_EVENTS_MAX], n = 0;
    struct arena *a = arena_new(NULL, (size_t)16 << 20);
    uint64_t want[MOMENTS_N][2];
    const char *said = NULL;

    for (size_t i = 0; i < p->from; i++)
        which[n++] = i;
    for (size_t i = 0; i < p->n; i++)
        if (set >> i & 1)
            which[n++] = p->from + i;
    test_row("subset %zx", set);
    for (size_t t = 0; t < MOMENTS_N; t++)
        for (int i = 0; i < 2; i++)
            want[t][i] = naive_held(&p->s.w, which, n, p->alert[i], times[t]);
    for (int k = 0; k < orders; k++) {
        struct fold *f = world_fold(&p->s.w, which, n);
        const char *says = world_outcome(a, f);

        said = said ? said : says;
        CHECK_S(says, said);
        always(p, f, want);
        fold_free(f);
        shuffle(r, which, n);
    }
    arena_free(a);
}

/* Which subsets are tried: from one, to before another; all: each of them, not a few. */
struct share {
    size_t from, to;
    bool all;
};

/* CORDON_MODEL_PART=k/n: all of the k-th of n parts; so that hours can be done in pieces. */
static struct share share_of(size_t sets)
{
    const char *part = getenv("CORDON_MODEL_PART");
    struct share ret = {0, sets, test_long()};
    size_t k, n;

    if (!part)
        return ret;
    if (sscanf(part, "%zu/%zu", &k, &n) != 2 || !k || k > n || n > sets)
        test_failed(__FILE__, __LINE__, "CORDON_MODEL_PART=%s: k/n is wanted", part);
    ret = (struct share){sets * (k - 1) / n, sets * k / n, true};
    print_message("subsets %zu to %zu of %zu\n", ret.from, ret.to - 1, sets);
    return ret;
}

/* CORDON_LONG: all of them. */
static void every_subset(void **state)
{
    struct test_random r = {test_seed()};
    struct share share;
    struct pool p;

    (void)state;
    pool_start(&p);
    CHECK(p.n <= POOL_MAX);
    share = share_of((size_t)1 << p.n);
    for (size_t set = share.from; set < share.to; set++)
        if (share.all || !test_below(&r, 512))
            subset(&p, &r, set, share.all ? 2 : 3);
    subset(&p, &r, 0x30157,
           3); /* the other alert of the deposit holds more than this one received */
    subset(&p, &r, ((size_t)1 << p.n) - 1, 100);
    scene_end(&p.s);
}

/* ---- told to two of three ---- */

/* What jp may see gives it no alert, and the same cases as if there had been none. */
static void nobody_outside_sees(void **state)
{
    struct scene s;
    struct alert_key k = {
        .case_object = CASE_A, .chain = "bip122:0", .output = "aa:0", .member = "kr"};
    struct event_facts f = {
        .asset = "BTC", .case_object = CASE_A, .holder = "kr", .policy = "fifo"};
    size_t seen[WORLD_EVENTS_MAX], n = 0;
    char name[OBJECT_NAME_MAX];
    struct fold *fold;

    (void)state;
    scene_start(&s);
    verify(&s, 20);
    alert_object(&k, name);
    f.deposit = alert_deposit(&k);
    f.amount = f.received = u256_of(5);
    say(&s, (struct world_say){0, WORLD_NODE, 1, name, "alert.send", "two", .ms = 30, .facts = &f});
    say(&s, (struct world_say){1, WORLD_NODE, 1, name, "alert.hold-soft", "two", .ms = 40,
                               .facts = hold(&s, 5, 1000)});
    fold = world_fold(&s.w, NULL, s.w.n);
    CHECK_S(state_name(fold_object(fold, name, "two")->state), "soft-held");
    CHECK(!fold_object(fold, name, AUDIENCE_ALL));
    fold_free(fold);
    for (size_t i = 0; i < s.w.n; i++)
        if (charter_hears(&s.w.charter, 2, s.w.events[i].e.audience))
            seen[n++] = i;
    fold = world_fold(&s.w, seen, n);
    CHECK_U(n, s.w.n - 2);
    CHECK(!fold_object(fold, name, "two"));
    CHECK_S(state_name(fold_object(fold, CASE_A, AUDIENCE_ALL)->state), "verified");
    CHECK_U(fold_standing_n(fold, STANDING_GOOD), n); /* nothing waits for what it may not see */
    fold_free(fold);
    /* to one who is not of the audience it cannot be told */
    f.holder = k.member = "jp";
    effect_is(&s,
              say(&s, (struct world_say){0, WORLD_NODE, 1, named(&s, CASE_A, "aa:0"), "alert.send",
                                         "two", .ms = 50, .facts = &f}),
              EFFECT_CONDITION, IF_TELLS);
    scene_end(&s);
}

/* Somebody of the audience tells it of a case of the same name, behind that for all, and takes it
 * back: what is held for the case stays held. A case for two alone is theirs. */
static void a_case_in_its_place(void **state)
{
    static const struct {
        uint64_t ms; /* of the other, for two; the case for all is of 10 */
        const char *says;
        enum alert_why why;
    } rows[] = {{20, "case.report", ALERT_WHY_NOTHING},
                {20, "case.draft", ALERT_WHY_NOTHING},
                {5, "case.draft", ALERT_WHY_NO_CASE}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct alert_key k = {CASE_A, "bip122:0", "aa:0", "kr", {{0}}};
        struct event_facts f = {.asset = "BTC",
                                .case_object = CASE_A,
                                .holder = "kr",
                                .policy = "fifo",
                                .deposit = alert_deposit(&k),
                                .amount = u256_of(600),
                                .received = u256_of(1000)};
        const struct world_event *prev;
        char name[OBJECT_NAME_MAX];
        struct alert_now n;
        struct scene s;
        struct fold *fold;

        test_row("%zu", i);
        alert_object(&k, name);
        scene_start(&s);
        prev = say(
            &s, (struct world_say){0, WORLD_INV, 2, CASE_A, rows[i].says, "two", .ms = rows[i].ms});
        if (i != 2)
            say(&s, (struct world_say){0, WORLD_INV, 2, CASE_A, "case.retract", "two", .ms = 30,
                                       .prev = prev});
        say(&s,
            (struct world_say){0, WORLD_NODE, 3, name, "alert.send", "two", .ms = 40, .facts = &f});
        prev = say(
            &s, (struct world_say){1, WORLD_DESK, 4, name, "alert.acknowledge", "two", .ms = 50});
        say(&s, (struct world_say){1, WORLD_DESK, 4, name, "alert.order", "two", .ms = 60,
                                   .facts = order(&s, 600, 900), .prev = prev});
        fold = world_fold(&s.w, NULL, s.w.n);
        CHECK(alert_now(alert_book(s.a, fold), fold_object(fold, name, "two"), 100, &n));
        CHECK_U(n.why, rows[i].why);
        fold_free(fold);
        scene_end(&s);
    }
}

/* Who opens, or says to disclose, what nobody has told yet, with whatever clock, keeps nobody from
 * telling it, and is no party to it. */
static void opened_before_it_is_told(void **state)
{
    static const char *const types[] = {"alert.open", "alert.disclose"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct event_facts by = {.basis = "tos"};
        const char *name;
        struct scene s;

        test_row("%s", types[i]);
        scene_start(&s);
        verify(&s, 20);
        name = named(&s, CASE_A, "aa:0");
        say(&s, (struct world_say){1, WORLD_DESK, 1, name, types[i], .ms = 30,
                                   .facts = i ? &by : NULL});
        effect_is(&s,
                  say(&s, (struct world_say){0, WORLD_NODE, 1, name, "alert.send", .ms = 40,
                                             .facts = told(&s, CASE_A, "aa:0", 600, 1000)}),
                  EFFECT_STEP, 0);
        say(&s, (struct world_say){2, WORLD_NODE, 1, name, "alert.hold-soft", .ms = 50,
                                   .facts = hold(&s, 600, 100000)});
        effect_is(&s,
                  say(&s, (struct world_say){1, WORLD_DESK, 1, name, "alert.void", .ms = 60,
                                             .facts = reason(&s, "other")}),
                  EFFECT_CONDITION, IF_PARTY);
        CHECK(u256_equal(now(&s, name, 100).amount, u256_of(600)));
        effect_is(&s,
                  say(&s, (struct world_say){0, WORLD_NODE, 1, name, "alert.void", .ms = 70,
                                             .facts = reason(&s, "other")}),
                  EFFECT_STEP, 0);
        scene_end(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_hold_from_end_to_end),
        cmocka_unit_test(what_a_machine_may_not),
        cmocka_unit_test(retraction_and_merging),
        cmocka_unit_test(never_more_than_received),
        cmocka_unit_test(soft_holds_on_what_is_not_verified),
        cmocka_unit_test(a_cap_on_accounts),
        cmocka_unit_test(a_case_over_the_quota),
        cmocka_unit_test(times_from_the_log),
        cmocka_unit_test(times_of_receipts),
        cmocka_unit_test(void_and_told_again),
        cmocka_unit_test(dated_ahead),
        cmocka_unit_test(taken_back),
        cmocka_unit_test(found_bodies),
        cmocka_unit_test(disclosed_cases),
        cmocka_unit_test(policies),
        cmocka_unit_test(grades),
        cmocka_unit_test(bad_policies),
        cmocka_unit_test(every_subset),
        cmocka_unit_test(nobody_outside_sees),
        cmocka_unit_test(a_case_in_its_place),
        cmocka_unit_test(opened_before_it_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
