/* A hold's clock: every sequence of three acts at every choice of times, in any order of delivery,
 * against a second way to tell by whom and until when it is held. It goes on without a gap, or is
 * over; and nothing is held without an end. */
#include "group/alert.h"
#include "support.h"
#include "world.h"

#define CASE_A "case:000000000000000000000000000000aa"
#define WARRANT "instrument:00000000000000000000000000000000000000000000000000000000000000ff"
#define ALERT_A "alert:0000000000000000000000000000000000000000000000000000000000000001"
#define HOUR ((uint64_t)3600000)
#define HOURS 5   /* acts are at hours 1 to 5 */
#define LENGTH 3  /* acts */
#define SHORT 2   /* hours that an order or extension lasts */
#define LONG 1000 /* that an instrument does */

enum act { ORDER, ENFORCE, EXTEND, LEGAL, RELEASE, ACTS };

static const char *const types[ACTS] = {"alert.order", "alert.enforce", "alert.extend",
                                        "alert.legal", "alert.release"};

struct model { /* what is held, told by hand */
    enum { SEEN, ORDERED, HELD, LAWFUL, FREE } state;
    uint64_t until; /* hours; 0: nothing is held */
};

static bool model_take(struct model *m, enum act act, uint64_t hour, uint64_t expires)
{
    bool runs = m->until > hour;

    switch (act) {
    case ORDER:
        if (m->state != SEEN)
            return false;
        m->state = ORDERED;
        break;
    case ENFORCE:
        if (m->state != ORDERED || !runs || expires > m->until)
            return false;
        m->state = HELD;
        break;
    case EXTEND:
        if ((m->state != ORDERED && m->state != HELD) || !runs)
            return false;
        break;
    case LEGAL:
        if ((m->state != HELD && m->state != LAWFUL) || !runs)
            return false;
        m->state = LAWFUL;
        break;
    case RELEASE:
        if (m->state == FREE)
            return false;
        *m = (struct model){FREE, 0};
        return true;
    case ACTS:
        return false;
    }
    m->until = expires;
    return true;
}

static struct event_facts facts_of(enum act act, uint64_t expires)
{
    struct event_facts f = {.amount = u256_of(600), .expires = expires * HOUR};

    if (act != ENFORCE)
        f.basis = hold_bases[0];
    if (act == ORDER) {
        f.kind = hold_kinds[1];
        f.reason = hold_reasons[0];
    }
    return f;
}

static void check_at(const struct fold *f, struct arena *a, const struct model *m, uint64_t ms)
{
    struct alert_now n;

    CHECK(alert_now(alert_book(a, f), fold_object(f, ALERT_A, AUDIENCE_ALL), ms, &n));
    CHECK_U(!u256_zero(n.amount), m->until * HOUR > ms);
    if (!u256_zero(n.amount)) /* no hold without a clock */
        CHECK_U(n.expires, m->until * HOUR);
}

static void try_one(const enum act acts[LENGTH], const uint64_t hours[LENGTH])
{
    struct event_facts told = world_alert(CASE_A, "jp");
    struct event_facts facts[LENGTH];
    const struct world_event *prev, *warrant;
    struct model m = {SEEN, 0};
    size_t order[WORLD_EVENTS_MAX];
    struct world w;

    world_start(&w);
    world_found(&w);
    world_say(&w, (struct world_say){0, WORLD_INV, 5, CASE_A, "case.report", .ms = 100});
    warrant =
        world_say(&w, (struct world_say){2, WORLD_DESK, 7, WARRANT, "instrument.state", .ms = 150});
    prev = world_say(&w, (struct world_say){2, WORLD_NODE, 6, ALERT_A, "alert.detect", .ms = 200,
                                            .facts = &told});
    prev = world_say(&w, (struct world_say){2, WORLD_DESK, 6, ALERT_A, "alert.acknowledge",
                                            .ms = 300, .prev = prev});
    for (size_t i = 0; i < LENGTH; i++) {
        uint64_t expires = acts[i] == ENFORCE && m.until > hours[i]
                               ? m.until
                               : hours[i] + (acts[i] == LEGAL ? LONG : SHORT);
        bool took = model_take(&m, acts[i], hours[i], expires);
        struct fold *f;

        facts[i] = facts_of(acts[i], expires);
        prev = world_say(&w, (struct world_say){2, acts[i] == ENFORCE ? WORLD_NODE : WORLD_DESK, 6,
                                                ALERT_A, types[acts[i]], .ms = hours[i] * HOUR,
                                                .facts = acts[i] == RELEASE ? NULL : &facts[i],
                                                .after = {acts[i] == LEGAL ? &warrant->e.id : NULL},
                                                .prev = prev});
        for (size_t k = 0; k < w.n; k++) /* what came last comes first */
            order[k] = w.n - 1 - k;
        f = world_fold(&w, order, w.n);
        CHECK_U(fold_find(f, &prev->e.id)->effect == EFFECT_STEP, took);
        /* from the act to the last moment before the next, and to the end of all clocks */
        check_at(f, w.arena, &m, hours[i] * HOUR);
        check_at(f, w.arena, &m, (i + 1 < LENGTH ? hours[i + 1] : 2 * LONG) * HOUR - 1);
        if (m.until) {
            check_at(f, w.arena, &m, m.until * HOUR - 1);
            check_at(f, w.arena, &m, m.until * HOUR);
        }
        fold_free(f);
    }
    world_end(&w);
}

static void every_sequence(void **state)
{
    (void)state;
    for (unsigned n = 0; n < ACTS * ACTS * ACTS; n++) {
        enum act acts[LENGTH] = {n % ACTS, n / ACTS % ACTS, n / ACTS / ACTS};

        for (uint64_t a = 1; a <= HOURS; a++)
            for (uint64_t b = a + 1; b <= HOURS; b++)
                for (uint64_t c = b + 1; c <= HOURS; c++) {
                    test_row("%s %s %s at %d %d %d", types[acts[0]], types[acts[1]], types[acts[2]],
                             (int)a, (int)b, (int)c);
                    try_one(acts, (const uint64_t[]){a, b, c});
                }
    }
}

/* Hours become months: at the last moment, and not a moment after. */
static void to_an_instrument(void **state)
{
    static const struct {
        uint64_t legal_ms;
        enum { STANDS, REVISED, NONE, WITHDRAWN, OTHER, SINCE } paper;
        enum alert_why why;
    } rows[] = {{3 * HOUR - 1, STANDS, ALERT_WHY_NOTHING},
                {3 * HOUR, STANDS, ALERT_WHY_EXPIRED},
                {3 * HOUR + 1, STANDS, ALERT_WHY_EXPIRED},
                {3 * HOUR - 1, REVISED, ALERT_WHY_NOTHING},
                /* by no paper nothing is said, and the order's end stays */
                {3 * HOUR - 2, NONE, ALERT_WHY_EXPIRED},
                {3 * HOUR - 2, WITHDRAWN, ALERT_WHY_EXPIRED},
                {3 * HOUR - 2, OTHER, ALERT_WHY_EXPIRED}, /* an event that is of none */
                /* it stood then, and was withdrawn since: the hold ends with it */
                {3 * HOUR - 2, SINCE, ALERT_WHY_INSTRUMENT}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct event_facts told = world_alert(CASE_A, "jp");
        struct event_facts order = facts_of(ORDER, 3), enforce = facts_of(ENFORCE, 3);
        struct event_facts legal = facts_of(LEGAL, 4000);
        const struct world_event *prev, *paper, *case_a;
        struct alert_now n;
        struct world w;
        struct fold *f;

        test_row("%zu", i);
        world_start(&w);
        world_found(&w);
        case_a =
            world_say(&w, (struct world_say){0, WORLD_INV, 5, CASE_A, "case.report", .ms = 100});
        paper = world_say(
            &w, (struct world_say){2, WORLD_DESK, 7, WARRANT, "instrument.state", .ms = 150});
        if (rows[i].paper == REVISED || rows[i].paper == WITHDRAWN || rows[i].paper == SINCE)
            world_say(&w, (struct world_say){2, WORLD_DESK, 7, WARRANT,
                                             rows[i].paper == REVISED ? "instrument.revise"
                                                                      : "instrument.withdraw",
                                             .ms = rows[i].paper == SINCE ? 3 * HOUR : 160,
                                             .prev = paper});
        prev = world_say(&w, (struct world_say){2, WORLD_NODE, 6, ALERT_A, "alert.detect",
                                                .ms = 200, .facts = &told});
        prev = world_say(&w, (struct world_say){2, WORLD_DESK, 6, ALERT_A, "alert.acknowledge",
                                                .ms = 300, .prev = prev});
        prev = world_say(&w, (struct world_say){2, WORLD_DESK, 6, ALERT_A, "alert.order",
                                                .ms = HOUR, .facts = &order, .prev = prev});
        prev = world_say(&w, (struct world_say){2, WORLD_NODE, 6, ALERT_A, "alert.enforce",
                                                .ms = HOUR + 1, .facts = &enforce, .prev = prev});
        world_say(&w, (struct world_say){2, WORLD_DESK, 6, ALERT_A, "alert.legal",
                                         .ms = rows[i].legal_ms, .facts = &legal,
                                         .after = {rows[i].paper == NONE    ? NULL
                                                   : rows[i].paper == OTHER ? &case_a->e.id
                                                                            : &paper->e.id},
                                         .prev = prev});
        f = world_fold(&w, NULL, w.n);
        CHECK(alert_now(alert_book(w.arena, f), fold_object(f, ALERT_A, AUDIENCE_ALL), 3999 * HOUR,
                        &n));
        CHECK_U(n.why, rows[i].why);
        CHECK_U(!u256_zero(n.amount), rows[i].why == ALERT_WHY_NOTHING);
        CHECK(rows[i].why != ALERT_WHY_NOTHING || !strcmp(n.instrument, WARRANT));
        CHECK(alert_now(alert_book(w.arena, f), fold_object(f, ALERT_A, AUDIENCE_ALL), 3 * HOUR - 1,
                        &n));
        CHECK_U(!u256_zero(n.amount), rows[i].paper != SINCE);
        CHECK(alert_now(alert_book(w.arena, f), fold_object(f, ALERT_A, AUDIENCE_ALL), 4000 * HOUR,
                        &n));
        CHECK(u256_zero(n.amount));
        fold_free(f);
        world_end(&w);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sequence),
        cmocka_unit_test(to_an_instrument),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
