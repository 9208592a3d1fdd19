/* Acts for two persons: every order of who says what, against a second way to count. */
#include "support.h"
#include "world.h"

#include <stdio.h>

#define CASE_A "case:000000000000000000000000000000aa"
#define ALERT_A "alert:0000000000000000000000000000000000000000000000000000000000000001"
#define STEPS_MAX 6

/* What happens after a report by us at 100: who (member, key) says what. */
struct said {
    unsigned member;
    enum world_key key;
    const char *type;
};

static const struct {
    const char *name;
    struct said said[STEPS_MAX];
    const char *effects; /* a letter each: S a step, 2 waits for a second, C another condition */
    enum state state;
} rows[] = {
    {"one person verifies", {{1, WORLD_INV, "case.verify"}}, "2", CASE_REPORTED},
    {"two persons verify",
     {{1, WORLD_INV, "case.verify"}, {1, WORLD_HEAD, "case.verify"}},
     "2S",
     CASE_VERIFIED},
    {"the same person twice",
     {{1, WORLD_INV, "case.verify"}, {1, WORLD_INV, "case.verify"}},
     "22",
     CASE_REPORTED},
    {"persons of two members",
     {{1, WORLD_INV, "case.verify"}, {2, WORLD_HEAD, "case.verify"}},
     "22",
     CASE_REPORTED},
    {"two of two members each",
     {{1, WORLD_INV, "case.verify"}, {2, WORLD_INV, "case.verify"}, {1, WORLD_HEAD, "case.verify"}},
     "22S",
     CASE_VERIFIED},
    {"the reporter's own two",
     {{0, WORLD_HEAD, "case.verify"}, {0, WORLD_INV, "case.verify"}},
     "CC",
     CASE_REPORTED},
    {"a step in between",
     {{1, WORLD_INV, "case.verify"},
      {2, WORLD_INV, "case.dispute"},
      {1, WORLD_HEAD, "case.verify"}},
     "2S2",
     CASE_DISPUTED},
    {"and again after it",
     {{1, WORLD_INV, "case.verify"},
      {2, WORLD_INV, "case.dispute"},
      {1, WORLD_HEAD, "case.verify"},
      {1, WORLD_INV, "case.verify"}},
     "2S2S",
     CASE_VERIFIED},
    {"what is not listed takes one", {{1, WORLD_INV, "case.dispute"}}, "S", CASE_DISPUTED},
    {"two retract",
     {{0, WORLD_INV, "case.retract"}, {0, WORLD_DESK, "case.retract"}},
     "2S",
     CASE_RETRACTED},
    {"another act is no second",
     {{0, WORLD_INV, "case.retract"},
      {1, WORLD_INV, "case.verify"},
      {0, WORLD_INV, "case.retract"}},
     "222",
     CASE_REPORTED},
};

static char letter(const struct fold_event *e)
{
    if (e->effect == EFFECT_STEP)
        return 'S';
    return fold_waits_for_second(e) ? '2' : 'C';
}

static void start(struct world *w, const char *two, struct world_event **ret_report)
{
    world_start_two(w, two);
    world_found(w);
    *ret_report =
        world_say(w, (struct world_say){0, WORLD_INV, 5, CASE_A, "case.report", .ms = 100});
}

/* Streams by key, so that each is whole. */
static void say_all(struct world *w, const struct said *said, const struct hash32 *report)
{
    const struct world_event *prev[WORLD_MEMBERS][WORLD_KEYS] = {{NULL}};

    for (size_t i = 0; i < STEPS_MAX && said[i].type; i++) {
        const struct said *s = &said[i];

        prev[s->member][s->key] = world_say(w, (struct world_say){.member = s->member,
                                                                  .key = s->key,
                                                                  .stream = 10 + s->key,
                                                                  .object = CASE_A,
                                                                  .type = s->type,
                                                                  .ms = 200 + i,
                                                                  .after = {report},
                                                                  .prev = prev[s->member][s->key]});
    }
}

static void acts_for_two(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct world_event *report;
        struct world w;
        struct fold *f;
        size_t first;

        test_row("%s", rows[i].name);
        start(&w, "[\"case.verify\",\"case.retract\"]", &report);
        first = w.n;
        say_all(&w, rows[i].said, &report->e.id);
        f = world_fold(&w, NULL, w.n);
        CHECK_U(w.n - first, strlen(rows[i].effects));
        for (size_t k = first; k < w.n; k++)
            CHECK_U(letter(fold_find(f, &w.events[k].e.id)), rows[i].effects[k - first]);
        CHECK_U(fold_object(f, CASE_A, "all")->state, rows[i].state);
        fold_free(f);
        world_end(&w);
    }
}

/* Orders count together only for the same amount and ground; what the second says is what holds. */
static void orders_have_to_agree(void **state)
{
    static const struct {
        uint64_t first, second;
        const char *first_basis, *second_basis;
        bool held;
    } orders[] = {{600, 600, "tos", "tos", true},
                  {600, 500, "tos", "tos", false},
                  {600, 600, "tos", "internal-aml", false}};

    (void)state;
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        struct event_facts told = {.amount = u256_of(600),
                                   .asset = "BTC",
                                   .case_object = CASE_A,
                                   .holder = "jp",
                                   .policy = "fifo",
                                   .received = u256_of(1000)};
        struct event_facts a = {.amount = u256_of(orders[i].first),
                                .expires = 5000000,
                                .kind = "withdrawal-limit",
                                .reason = "theft",
                                .basis = orders[i].first_basis};
        struct event_facts b = a;
        struct world_event *report;
        const struct fold_object *o;
        struct world w;
        struct fold *f;

        test_row("%zu", i);
        b.amount = u256_of(orders[i].second);
        b.basis = orders[i].second_basis;
        b.expires = 6000000;
        start(&w, "[\"alert.order\"]", &report);
        world_say(&w, (struct world_say){2, WORLD_NODE, 6, ALERT_A, "alert.detect", .ms = 200,
                                         .facts = &told});
        world_say(&w,
                  (struct world_say){2, WORLD_DESK, 7, ALERT_A, "alert.acknowledge", .ms = 300});
        world_say(&w, (struct world_say){2, WORLD_INV, 8, ALERT_A, "alert.order", .ms = 400,
                                         .facts = &a});
        world_say(&w, (struct world_say){2, WORLD_HEAD, 9, ALERT_A, "alert.order", .ms = 500,
                                         .facts = &b});
        f = world_fold(&w, NULL, w.n);
        o = fold_object(f, ALERT_A, "all");
        CHECK_U(o->state, orders[i].held ? ALERT_ORDERED : ALERT_ACKNOWLEDGED);
        if (orders[i].held)
            CHECK_U(o->hold->e.facts->expires, 6000000);
        fold_free(f);
        world_end(&w);
    }
}

/* All sequences of four acts by five speakers: verified exactly if two persons of one other member
 * have said so since the last step, counted here by hand. */
static void every_sequence_of_four(void **state)
{
    static const struct said speakers[] = {{1, WORLD_INV, "case.verify"},
                                           {1, WORLD_HEAD, "case.verify"},
                                           {2, WORLD_INV, "case.verify"},
                                           {2, WORLD_INV, "case.dispute"},
                                           {0, WORLD_INV, "case.verify"}};
    enum { SPEAKERS = 5, LENGTH = 4 };

    (void)state;
    for (unsigned n = 0; n < SPEAKERS * SPEAKERS * SPEAKERS * SPEAKERS; n++) {
        struct said said[STEPS_MAX] = {{0}};
        unsigned waiting[WORLD_MEMBERS] = {0}; /* bits of keys */
        enum state want = CASE_REPORTED;
        struct world_event *report;
        struct world w;
        struct fold *f;

        for (unsigned i = 0, rest = n; i < LENGTH; i++, rest /= SPEAKERS) {
            const struct said *s = &speakers[rest % SPEAKERS];
            bool verifies = !strcmp(s->type, "case.verify");
            enum state was = want;

            said[i] = *s;
            if (!verifies) {
                if (want != CASE_DISPUTED)
                    want = CASE_DISPUTED;
            } else if (s->member && want != CASE_VERIFIED) {
                if (waiting[s->member] & ~(1U << s->key))
                    want = CASE_VERIFIED;
                else
                    waiting[s->member] |= 1U << s->key;
            }
            if (want != was)
                memset(waiting, 0, sizeof(waiting));
        }
        test_row("%u", n);
        start(&w, "[\"case.verify\"]", &report);
        say_all(&w, said, &report->e.id);
        f = world_fold(&w, NULL, w.n);
        CHECK_U(fold_object(f, CASE_A, "all")->state, want);
        fold_free(f);
        world_end(&w);
    }
}

static void a_charter_lists_them(void **state)
{
    static const struct {
        const char *list;
        bool ok;
    } lists[] = {{"[]", true},
                 {"[\"case.verify\"]", true},
                 {"[\"case.verify\",\"case.verify\"]", false},
                 {"[\"case.report\"]", false},
                 {"[\"alert.hold-soft\"]", false},
                 {"{}", false},
                 {"[1]", false}};

    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        struct arena *a = arena_new(NULL, SIZE_MAX);
        struct text t = text_new(10000);
        struct charter c;
        struct err err;

        text_printf(
            &t,
            "{\"name\":\"A\",\"groups\":[],\"quotas\":{\"live_cases\":1},\"members\":[{\"id\":"
            "\"us\",\"name\":\"U\",\"country\":\"US\",\"kind\":\"agency\",\"government\":true,"
            "\"state\":\"active\",\"keys\":[],\"persons\":[]}],\"two_persons\":%s}",
            lists[i].list);
        test_row("%s", lists[i].list);
        CHECK_U(charter_make(a, (struct bytes){(const uint8_t *)t.p, t.n}, NULL, &c, &err),
                lists[i].ok);
        text_free(&t);
        arena_free(a);
    }
}

#define EXPORT_A "export:0000000000000000000000000000000000000000000000000000000000000001"

/* ---- each act of the list, by one person, twice by the same, and by two ---- */

static const struct {
    const char *type;
    const char *before[5]; /* acts of jp, the holder, or on the case, that bring it there */
} act_rows[] = {
    {"case.verify", {NULL}},
    {"case.retract", {NULL}},
    {"case.close", {"case.verify"}},
    {"handling.set", {NULL}},
    {"export.approve", {NULL}},
    {"alert.order", {"alert.detect", "alert.acknowledge"}},
    {"alert.extend", {"alert.detect", "alert.acknowledge", "alert.order"}},
    {"alert.release", {"alert.detect", "alert.acknowledge", "alert.order"}},
    {"alert.legal", {"alert.detect", "alert.acknowledge", "alert.order", "alert.enforce"}},
    {"alert.return", {"alert.detect", "alert.acknowledge", "alert.order", "alert.enforce"}},
    {"alert.seize",
     {"alert.detect", "alert.acknowledge", "alert.order", "alert.enforce", "alert.legal"}},
    {"alert.disclose", {"alert.detect", "alert.too-late"}},
};

static const struct event_facts *facts_for(struct world *w, const char *type)
{
    unsigned wanted = facts_of_type(type);
    struct event_facts f = {.expires = 0};

    if (wanted & FACT_AMOUNT)
        f.amount = u256_of(600);
    if (wanted & FACT_EXPIRES)
        f.expires = 5000000;
    if (wanted & FACT_BASIS)
        f.basis = hold_bases[0];
    if (wanted & FACT_KIND)
        f.kind = hold_kinds[1];
    if (wanted & FACT_REASON)
        f.reason = hold_reasons[0];
    if (wanted & FACT_HANDLING)
        f.handling = handling_words[0];
    if (wanted & FACT_HOLDER) {
        f.asset = "BTC";
        f.case_object = CASE_A;
        f.holder = "jp";
        f.policy = "fifo";
        f.received = u256_of(1000);
    }
    return wanted ? arena_copy(w->arena, &f, sizeof(f)) : NULL;
}

/* Whose it is: of a report by us, jp verifies; us retracts and closes; jp holds. */
static struct world_event *act_say(struct world *w, enum world_key key, const char *type,
                                   uint64_t ms, const struct hash32 *report)
{
    bool of_case = !strncmp(type, "case.", 5), handles = !strcmp(type, "handling.set");
    bool by_us = !strcmp(type, "case.retract") || !strcmp(type, "case.close");

    return world_say(w, (struct world_say){.member = by_us ? 0 : 2,
                                           .key = key,
                                           .stream = 100 + (unsigned)ms,
                                           .object = of_case                           ? CASE_A
                                                     : !strcmp(type, "export.approve") ? EXPORT_A
                                                     : handles ? "handling:000000000000000000000000"
                                                                 "000000aa"
                                                               : ALERT_A,
                                           .type = type,
                                           .ms = ms,
                                           .after = {report},
                                           .facts = facts_for(w, type)});
}

static void each_act_takes_two(void **state)
{
    static const struct {
        enum world_key keys[3];
        size_t n;
        bool steps;
    } speakers[] = {{{WORLD_INV}, 1, false},
                    {{WORLD_INV, WORLD_INV}, 2, false},
                    {{WORLD_INV, WORLD_INV, WORLD_INV}, 3, false},
                    {{WORLD_INV, WORLD_HEAD}, 2, true},
                    {{WORLD_INV, WORLD_INV, WORLD_DESK}, 3, true},
                    {{WORLD_HEAD, WORLD_DESK}, 2, true}};

    (void)state;
    for (size_t i = 0; i < sizeof(act_rows) / sizeof(act_rows[0]); i++)
        for (size_t k = 0; k < sizeof(speakers) / sizeof(speakers[0]); k++) {
            struct world_event *report, *last = NULL;
            char list[100];
            struct world w;
            struct fold *f;
            uint64_t ms = 200;

            test_row("%s %zu", act_rows[i].type, k);
            snprintf(list, sizeof(list), "[\"%s\"]", act_rows[i].type);
            start(&w, list, &report);
            for (size_t n = 0; n < 5 && act_rows[i].before[n]; n++, ms++) {
                const char *type = act_rows[i].before[n];
                bool by_node = !strcmp(type, "alert.detect") || !strcmp(type, "alert.enforce");

                act_say(&w, by_node ? WORLD_NODE : WORLD_DESK, type, ms, &report->e.id);
            }
            for (size_t n = 0; n < speakers[k].n; n++, ms++)
                last = act_say(&w, speakers[k].keys[n], act_rows[i].type, ms, &report->e.id);
            f = world_fold(&w, NULL, w.n);
            CHECK_U(fold_find(f, &last->e.id)->effect == EFFECT_STEP, speakers[k].steps);
            CHECK_U(fold_waits_for_second(fold_find(f, &last->e.id)), !speakers[k].steps);
            fold_free(f);
            world_end(&w);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acts_for_two),           cmocka_unit_test(orders_have_to_agree),
        cmocka_unit_test(every_sequence_of_four), cmocka_unit_test(a_charter_lists_them),
        cmocka_unit_test(each_act_takes_two),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
