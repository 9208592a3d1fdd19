/* Acts for two persons: every order of who says what, against a second way to count. */
#include "support.h"
#include "world.h"

#include <stdio.h>
#include <stdlib.h>

#define CASE_A "case:000000000000000000000000000000aa"
#define ALERT_A "alert:0000000000000000000000000000000000000000000000000000000000000001"
#define CASE_B "case:000000000000000000000000000000bb"
#define CASE_C "case:000000000000000000000000000000cc"
#define STEPS_MAX 6

/* What happens after a report by us at 100: who (member, key) says what. */
struct said {
    unsigned member;
    enum world_key key;
    const char *type, *into;
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
    {"a merge is a retraction by another name",
     {{0, WORLD_INV, "case.merge", CASE_B}, {0, WORLD_DESK, "case.merge", CASE_B}},
     "2S",
     CASE_MERGED},
    {"into two cases",
     {{0, WORLD_INV, "case.merge", CASE_B}, {0, WORLD_DESK, "case.merge", CASE_C}},
     "22",
     CASE_REPORTED},
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
                                                                  .into = s->into,
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
        uint64_t first_end, second_end; /* said at 400 and 500 */
        bool held;
    } orders[] = {{600, 600, "tos", "tos", 5000000, 6000000, true}, /* two hours, rounded up */
                  {600, 500, "tos", "tos", 5000000, 5000000, false},
                  {600, 600, "tos", "internal-aml", 5000000, 5000000, false},
                  {600, 600, "tos", "tos", 7200400, 7200500, true},
                  {600, 600, "tos", "tos", 7200400, 7200501, false},
                  {600, 600, "tos", "tos", 7200400, 3600501, true},
                  {600, 600, "tos", "tos", 7200400, 3600500, false},
                  {600, 600, "tos", "tos", 3600401, 3600401, true}}; /* one moment */

    (void)state;
    for (size_t i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
        struct event_facts told = world_alert(CASE_A, "jp");
        struct event_facts a = {.amount = u256_of(orders[i].first),
                                .expires = orders[i].first_end,
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
        b.expires = orders[i].second_end;
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
            CHECK_U(o->hold->e.facts->expires, orders[i].second_end);
        fold_free(f);
        world_end(&w);
    }
}

/* What another member may say at any time, with any clock, does not part two who say the same: else
 * it undid what they have done. */
static void others_do_not_part_them(void **state)
{
    static const struct {
        unsigned member;
        enum world_key key;
        const char *type;
        uint64_t ms; /* the two say it at 400 and 500 */
        bool held;
    } between[] = {{0, WORLD_INV, "alert.relay", 450, true},
                   {1, WORLD_HEAD, "alert.relay", 450, true},
                   {1, WORLD_HEAD, "alert.relay", 350, true},
                   {2, WORLD_DESK, "alert.open", 450, false}}; /* their own: as it was */

    (void)state;
    for (size_t i = 0; i < sizeof(between) / sizeof(between[0]); i++) {
        struct event_facts told = world_alert(CASE_A, "jp");
        struct event_facts order = world_order("tos", 5000000);
        struct world_event *report;
        size_t backwards[WORLD_EVENTS_MAX];
        struct world w;
        struct fold *f;

        test_row("%zu", i);
        start(&w, "[\"alert.order\"]", &report);
        world_say(&w, (struct world_say){2, WORLD_NODE, 6, ALERT_A, "alert.detect", .ms = 200,
                                         .facts = &told});
        world_say(&w,
                  (struct world_say){2, WORLD_DESK, 7, ALERT_A, "alert.acknowledge", .ms = 300});
        world_say(&w, (struct world_say){2, WORLD_INV, 8, ALERT_A, "alert.order", .ms = 400,
                                         .facts = &order});
        world_say(&w, (struct world_say){2, WORLD_HEAD, 9, ALERT_A, "alert.order", .ms = 500,
                                         .facts = &order});
        world_say(&w, (struct world_say){between[i].member, between[i].key, 10, ALERT_A,
                                         between[i].type, .ms = between[i].ms});
        for (size_t k = 0; k < w.n; k++)
            backwards[k] = w.n - 1 - k;
        f = world_fold(&w, backwards, w.n);
        CHECK_U(fold_find(f, &w.events[w.n - 1].e.id)->effect, EFFECT_STEP);
        CHECK_U(fold_object(f, ALERT_A, "all")->state,
                between[i].held ? ALERT_ORDERED : ALERT_ACKNOWLEDGED);
        fold_free(f);
        world_end(&w);
    }
}

/* One key is one person, under whatever names two versions have it. */
static void one_key_by_two_names(void **state)
{
    static const struct {
        enum world_key second; /* under the second version, in which "inv" is "ann" */
        bool verified;
    } speakers[] = {{WORLD_INV, false}, {WORLD_DESK, true}};

    (void)state;
    for (size_t i = 0; i < sizeof(speakers) / sizeof(speakers[0]); i++) {
        struct world_event *report;
        struct charter second;
        struct world w;
        struct fold *f;
        char *draft, *name;

        test_row("%zu", i);
        start(&w, "[\"case.verify\"]", &report);
        draft = strndup((const char *)w.charter.text.p, w.charter.text.n);
        for (name = draft; (name = strstr(name, "\"inv\""));)
            memcpy(name, "\"ann\"", 5);
        world_second(&w, draft, 300, &second);
        free(draft);
        world_say(&w, (struct world_say){1, WORLD_INV, 20, CASE_A, "case.verify", .ms = 200,
                                         .after = {&report->e.id}});
        world_say(&w,
                  (struct world_say){1, speakers[i].second, 21, CASE_A, "case.verify", .ms = 400,
                                     .after = {&report->e.id}, .charter = &second.hash});
        f = world_fold(&w, NULL, w.n);
        CHECK_U(fold_charter(f)->version, 2);
        CHECK_S(fold_find(f, &w.events[w.n - 1].e.id)->person, i ? "desk" : "ann");
        CHECK_U(fold_object(f, CASE_A, "all")->state,
                speakers[i].verified ? CASE_VERIFIED : CASE_REPORTED);
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
                 {"[\"key.revoke\"]", true},
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

#define INSTRUMENT_A "instrument:0000000000000000000000000000000000000000000000000000000000000001"
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
    {"instrument.withdraw", {"instrument.state"}},
    {"alert.order", {"alert.detect", "alert.acknowledge"}},
    {"alert.extend", {"alert.detect", "alert.acknowledge", "alert.order"}},
    {"alert.release", {"alert.detect", "alert.acknowledge", "alert.order"}},
    {"alert.legal", {"alert.detect", "alert.acknowledge", "alert.order", "alert.enforce"}},
    {"alert.return", {"alert.detect", "alert.acknowledge", "alert.order", "alert.enforce"}},
    {"alert.seize", {"alert.detect", "alert.acknowledge", "alert.order"}},
    {"alert.seize", {"alert.detect", "alert.acknowledge", "alert.order", "alert.enforce"}},
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

/* What an alert.legal goes by, said when it is needed. */
static const struct hash32 *paper_of(struct world *w, const char *type)
{
    if (strcmp(type, "alert.legal") != 0 && strcmp(type, "alert.seize") != 0)
        return NULL;
    for (size_t i = 0; i < w->n; i++)
        if (!strcmp(w->events[i].e.type, "instrument.state"))
            return &w->events[i].e.id;
    return &world_say(w, (struct world_say){.member = 2,
                                            .key = WORLD_DESK,
                                            .stream = 99,
                                            .object = INSTRUMENT_A,
                                            .type = "instrument.state",
                                            .ms = 150})
                ->e.id;
}

/* Whose it is: of a report by us, jp verifies; us retracts and closes; jp holds. */
static struct world_event *act_say(struct world *w, enum world_key key, const char *type,
                                   uint64_t ms, const struct hash32 *report)
{
    bool of_case = !strncmp(type, "case.", 5), handles = !strcmp(type, "handling.set");
    bool by_us = !strcmp(type, "case.retract") || !strcmp(type, "case.close");

    return world_say(w,
                     (struct world_say){.member = by_us ? 0 : 2,
                                        .key = key,
                                        .stream = 100 + (unsigned)ms,
                                        .object = of_case                             ? CASE_A
                                                  : !strcmp(type, "export.approve")   ? EXPORT_A
                                                  : !strncmp(type, "instrument.", 11) ? INSTRUMENT_A
                                                  : handles ? "handling:000000000000000000000000"
                                                              "000000aa"
                                                            : ALERT_A,
                                        .type = type,
                                        .ms = ms,
                                        .after = {report, paper_of(w, type)},
                                        .facts = facts_for(w, type)});
}

/* A hold goes on by the paper that both have seen. */
static void by_one_paper(void **state)
{
    static const struct {
        unsigned first[2], second[2]; /* numbers of papers; 0: none */
        bool legal;
    } papers[] = {{{1}, {1}, true},
                  {{1}, {2}, false},
                  {{1, 2}, {2, 1}, true},
                  {{1}, {1, 2}, false},
                  {{1, 2}, {1}, false}};
    static const char *const names[] = {
        NULL, "instrument:0000000000000000000000000000000000000000000000000000000000000001",
        "instrument:0000000000000000000000000000000000000000000000000000000000000002"};

    (void)state;
    for (size_t i = 0; i < sizeof(papers) / sizeof(papers[0]); i++) {
        const struct world_event *paper[3] = {NULL};
        struct world_event *report;
        struct world w;
        struct fold *f;
        uint64_t ms = 200;
        static const char *const before[] = {"alert.detect", "alert.acknowledge", "alert.order",
                                             "alert.enforce"};

        test_row("%zu", i);
        start(&w, "[\"alert.legal\"]", &report);
        for (unsigned p = 1; p < 3; p++)
            paper[p] = world_say(&w, (struct world_say){2, WORLD_DESK, 90 + p, names[p],
                                                        "instrument.state", .ms = 150});
        for (size_t n = 0; n < 4; n++, ms++)
            act_say(&w, n % 3 ? WORLD_DESK : WORLD_NODE, before[n], ms, &report->e.id);
        for (unsigned p = 0; p < 2; p++, ms++) {
            const unsigned *by = p ? papers[i].second : papers[i].first;

            world_say(&w, (struct world_say){
                              2, p ? WORLD_INV : WORLD_DESK, 100 + p, ALERT_A, "alert.legal",
                              .ms = ms, .facts = facts_for(&w, "alert.legal"),
                              .after = {&paper[by[0]]->e.id, by[1] ? &paper[by[1]]->e.id : NULL}});
        }
        f = world_fold(&w, NULL, w.n);
        CHECK_U(fold_object(f, ALERT_A, "all")->state, papers[i].legal ? ALERT_LEGAL : ALERT_HELD);
        fold_free(f);
        world_end(&w);
    }
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

/* ---- which version judges ---- */

#define CASES 8
#define VERIFIES 3

struct version_said {
    const struct world_event *e;
    char effect; /* as letter() has it; N: the case was verified before */
};

struct version_world {
    struct world w;
    struct charter second;
    const struct world_event *adopts; /* the signature that does, at 502 */
    unsigned list[2];                 /* does that version ask for two? */
    struct version_said said[CASES * VERIFIES];
    size_t said_n;
};

static struct { /* that there was something to see */
    size_t asked, unasked;
} versions_seen;

static void versions_start(struct version_world *v)
{
    static const char *const lists[] = {"\"two_persons\":[]", "\"two_persons\":[\"case.verify\"]"};
    struct text draft = text_new((size_t)64 << 10);
    const char *text, *at;

    world_start_two(&v->w, strchr(lists[v->list[0]], '['));
    world_found(&v->w);
    text = (const char *)v->w.charter.text.p;
    at = strstr(text, lists[v->list[0]]);
    text_put(&draft, text, (size_t)(at - text));
    text_str(&draft, lists[v->list[1]]);
    text_str(&draft, at + strlen(lists[v->list[0]]));
    CHECK(text_string(&draft));
    v->adopts = world_second(&v->w, draft.p, 500, &v->second);
    text_free(&draft);
}

/* In words: the version that it names, or the second behind its adoption in order; of one clock and
 * author and number the id decides. */
static bool naive_asks(const struct version_world *v, const struct world_event *e)
{
    bool names_second = hash32_equal(&e->e.charter, &v->second.hash);

    return v->list[names_second || e->e.ms > 502 ||
                   (e->e.ms == 502 && memcmp(&v->adopts->e.id, &e->e.id, 32) < 0)];
}

static void case_said(struct version_world *v, struct test_random *r, unsigned c)
{
    uint64_t ms = 495 + test_below(r, 8);
    const struct world_event *report;
    char name[OBJECT_NAME_MAX];
    unsigned waiting = 0; /* bits of keys */
    bool verified = false;

    snprintf(name, sizeof(name), "case:%032u", c);
    report = world_say(&v->w, (struct world_say){0, WORLD_INV, 200 + c,
                                                 arena_string(v->w.arena, name, strlen(name)),
                                                 "case.report", .ms = 100});
    for (unsigned i = 0; i < VERIFIES; i++, ms += 1 + test_below(r, 3)) {
        enum world_key key = (enum world_key)(WORLD_INV + test_below(r, 3));
        struct version_said *s = &v->said[v->said_n++];
        struct world_say say = {1,
                                key,
                                300 + 10 * c + i,
                                report->e.object,
                                "case.verify",
                                .ms = ms,
                                .after = {&report->e.id},
                                .charter = test_below(r, 3) ? NULL : &v->second.hash};
        bool two;

        s->e = world_say(&v->w, say);
        two = naive_asks(v, s->e);
        s->effect = verified ? 'N' : !two || waiting & ~(1U << key) ? 'S' : '2';
        waiting |= s->effect == '2' ? 1U << key : 0;
        verified = verified || s->effect == 'S';
        versions_seen.asked += s->effect == '2' && !say.charter && !v->list[0];
        versions_seen.unasked += s->effect == 'S' && !two && !say.charter && v->list[0];
    }
}

/* Verifications by persons of kr under two versions, around the signature that adopts the second;
 * in any order of delivery. */
static void no_old_version_is_a_way_round(void **state)
{
    struct test_random r = {test_seed()};

    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        struct version_world v = {
            .list = {(unsigned)test_below(&r, 2), (unsigned)test_below(&r, 2)}};
        size_t order[WORLD_EVENTS_MAX];
        struct fold *f;

        versions_start(&v);
        for (unsigned c = 0; c < CASES; c++)
            case_said(&v, &r, c);
        for (size_t i = 0; i < v.w.n; i++) {
            size_t at = test_below(&r, i + 1);

            order[i] = order[at];
            order[at] = i;
        }
        f = world_fold(&v.w, order, v.w.n);
        CHECK_U(fold_charter(f)->version, 2);
        for (size_t i = 0; i < v.said_n; i++) {
            const struct fold_event *e = fold_find(f, &v.said[i].e->e.id);

            test_row("round %u, %zu", round, i);
            CHECK_U(e->effect == EFFECT_NO_STEP ? 'N' : letter(e), v.said[i].effect);
        }
        fold_free(f);
        world_end(&v.w);
    }
    CHECK(versions_seen.asked && versions_seen.unasked);
}

/* ---- keys: one person stops, two revoke ---- */

#define KEY_EVENTS 16
#define NAMED_MAX 4

struct key_act {
    const struct world_event *e;
    unsigned member;
    enum world_key by, of; /* of: WORLD_KEYS: an act that is about no key */
    size_t named[NAMED_MAX], named_n;
};

/* The rule again, in words: full[k] is the revocation of key k, by its number; -1: none. */
struct naive_keys {
    const struct key_act *x;
    size_t n;
    int full[WORLD_KEYS];
    bool waits[KEY_EVENTS];
};

static bool names(const struct key_act *r, size_t i)
{
    for (size_t k = 0; k < r->named_n; k++)
        if (r->named[k] == i)
            return true;
    return false;
}

static bool names_alike(const struct key_act *a, const struct key_act *b)
{
    bool alike = a->named_n == b->named_n;

    for (size_t k = 0; k < b->named_n; k++)
        alike = alike && names(a, b->named[k]);
    return alike;
}

static bool not_taken_back(const struct naive_keys *s, size_t i)
{
    const struct key_act *x = &s->x[i];

    return x->member || s->full[x->by] < 0 || names(&s->x[s->full[x->by]], i);
}

static void naive_revocations(struct naive_keys *s)
{
    for (size_t k = 0; k < WORLD_KEYS; k++)
        s->full[k] = -1;
    for (size_t i = 0; i < s->n; i++) {
        const struct key_act *r = &s->x[i];
        bool second = false;

        s->waits[i] = false;
        if (r->of == WORLD_KEYS || r->member || r->by == WORLD_NODE || s->full[r->of] >= 0 ||
            !not_taken_back(s, i))
            continue;
        for (size_t q = 0; q < i; q++)
            second = second || (s->waits[q] && s->x[q].of == r->of && s->x[q].by != r->by &&
                                names_alike(&s->x[q], r) && not_taken_back(s, q));
        s->waits[i] = !second;
        if (second)
            s->full[r->of] = (int)i;
    }
}

static bool naive_stops(const struct naive_keys *s, size_t r, enum world_key key)
{
    return s->waits[r] && s->x[r].of == key && s->full[key] < 0 && s->full[s->x[r].by] < 0;
}

static bool naive_counts(const struct naive_keys *s, size_t i)
{
    bool stopped = false;

    for (size_t r = 0; r < i && !s->x[i].member; r++)
        stopped = stopped || naive_stops(s, r, s->x[i].by);
    return not_taken_back(s, i) && (s->x[i].of != WORLD_KEYS || !stopped);
}

static struct { /* that there was something to see */
    size_t revoked, stopped, void_acts, freed, spoke_stopped;
} keys_seen;

static const char *key_object(struct world *w, enum world_key key)
{
    struct signer s = world_signer(0, key);
    struct text t = text_new(OBJECT_NAME_MAX);
    const char *ret;

    text_str(&t, "key:");
    text_hex(&t, s.key.b, sizeof(s.key.b));
    ret = arena_string(w->arena, t.p, t.n);
    text_free(&t);
    return ret;
}

static void key_act_draw(struct test_random *r, struct key_act *x, size_t i)
{
    struct key_act *a = &x[i];
    size_t like = i ? test_below(r, i) : 0;

    *a = (struct key_act){.member = !test_below(r, 12),
                          .by = (enum world_key)test_below(r, WORLD_KEYS),
                          .of = WORLD_KEYS};
    if (test_below(r, 2))
        return;
    a->of = (enum world_key)test_below(r, WORLD_KEYS);
    if (i && x[like].of != WORLD_KEYS && test_below(r, 4)) { /* as another has said it */
        a->of = x[like].of;
        a->named_n = x[like].named_n;
        memcpy(a->named, x[like].named, sizeof(a->named));
        return;
    }
    for (size_t k = 0; k < i && a->named_n < NAMED_MAX; k++)
        if (!x[k].member && x[k].by == a->of && test_below(r, 3))
            a->named[a->named_n++] = k;
}

static void key_act_say(struct world *w, struct key_act *x, size_t i)
{
    struct key_act *a = &x[i];
    char name[OBJECT_NAME_MAX];
    struct world_say say = {.member = a->member,
                            .key = a->by,
                            .stream = 100 + (unsigned)i,
                            .type = a->of == WORLD_KEYS ? "case.draft" : "key.revoke",
                            .ms = 1000 + i};

    snprintf(name, sizeof(name), "case:%032zu", i);
    say.object =
        a->of == WORLD_KEYS ? arena_string(w->arena, name, strlen(name)) : key_object(w, a->of);
    for (size_t k = 0; k < a->named_n; k++)
        say.after[k] = &x[a->named[k]].e->e.id;
    a->e = world_say(w, say);
}

static void keys_check(const struct fold *f, const struct naive_keys *s)
{
    for (size_t i = 0; i < s->n; i++) {
        const struct fold_event *e = fold_find(f, &s->x[i].e->e.id);
        bool counts = naive_counts(s, i), is = s->x[i].of != WORLD_KEYS;

        test_row("event %zu", i);
        CHECK_U(e->standing, counts ? STANDING_GOOD : STANDING_REVOKED);
        CHECK_U(fold_waits_for_second(e), is && s->waits[i] && counts);
        if (is)
            CHECK_U(e->effect == EFFECT_STEP, s->full[s->x[i].of] == (int)i);
        keys_seen.void_acts += !is && !counts;
        keys_seen.freed += s->waits[i] && not_taken_back(s, i) && s->full[s->x[i].by] >= 0;
        for (size_t r = 0; is && r < i && !s->x[i].member; r++)
            keys_seen.spoke_stopped += counts && naive_stops(s, r, s->x[i].by);
    }
    for (unsigned k = 0; k < WORLD_KEYS; k++) {
        struct signer key = world_signer(0, (enum world_key)k);
        const char *limit = fold_key_limit(f, &key.key), *want = NULL;

        for (size_t r = 0; r < s->n; r++)
            want = naive_stops(s, r, (enum world_key)k) ? "stopped" : want;
        want = s->full[k] >= 0 ? "revoked" : want;
        CHECK_U(limit != NULL, want != NULL);
        if (want)
            CHECK_S(limit, want);
        keys_seen.revoked += s->full[k] >= 0;
        keys_seen.stopped += want && s->full[k] < 0;
    }
}

/* Acts and revocations by whoever, in any order of delivery, against the words. */
static void one_stops_two_revoke(void **state)
{
    struct test_random r = {test_seed()};

    (void)state;
    for (unsigned round = 0; round < 400; round++) {
        struct key_act x[KEY_EVENTS];
        struct naive_keys s = {.x = x, .n = KEY_EVENTS};
        size_t order[WORLD_EVENTS_MAX];
        struct world w;
        struct fold *f;

        world_start_two(&w, "[\"key.revoke\"]");
        world_found(&w);
        for (size_t i = 0; i < KEY_EVENTS; i++) {
            key_act_draw(&r, x, i);
            key_act_say(&w, x, i);
        }
        naive_revocations(&s);
        for (size_t i = 0; i < w.n; i++) {
            size_t at = test_below(&r, i + 1);

            order[i] = order[at];
            order[at] = i;
        }
        f = world_fold(&w, order, w.n);
        keys_check(f, &s);
        fold_free(f);
        world_end(&w);
    }
    CHECK(keys_seen.revoked && keys_seen.stopped && keys_seen.void_acts && keys_seen.freed &&
          keys_seen.spoke_stopped);
}

/* By hand. A rogue head stops the other two at 200: what they say from then on is void, what they
 * said before stands, and together they revoke the rogue's key, and are free again. */
static void nobody_is_locked_out(void **state)
{
    struct world_event *before, *at, *behind, *stop, *first, *second, *rogue;
    const struct fold_object *key;
    struct world w;
    struct fold *f;
    struct signer desk = world_signer(0, WORLD_DESK), head = world_signer(0, WORLD_HEAD);

    (void)state;
    world_start_two(&w, "[\"key.revoke\"]");
    world_found(&w);
    before =
        world_say(&w, (struct world_say){0, WORLD_DESK, 10, "case:00000000000000000000000000000001",
                                         "case.draft", .ms = 199});
    at =
        world_say(&w, (struct world_say){0, WORLD_DESK, 11, "case:00000000000000000000000000000002",
                                         "case.draft", .ms = 200}); /* "us", seq 1: by its id */
    stop = world_say(&w, (struct world_say){0, WORLD_HEAD, 12, key_object(&w, WORLD_DESK),
                                            "key.revoke", .ms = 200, .prev = NULL});
    behind =
        world_say(&w, (struct world_say){0, WORLD_DESK, 13, "case:00000000000000000000000000000003",
                                         "case.draft", .ms = 201});
    rogue = world_say(&w, (struct world_say){0, WORLD_HEAD, 14, key_object(&w, WORLD_INV),
                                             "key.revoke", .ms = 202});
    f = world_fold(&w, NULL, w.n);
    CHECK_U(fold_find(f, &before->e.id)->standing, STANDING_GOOD);
    CHECK_U(fold_find(f, &at->e.id)->standing,
            event_order(&at->e, &stop->e) < 0 ? STANDING_GOOD : STANDING_REVOKED);
    CHECK_U(fold_find(f, &behind->e.id)->standing, STANDING_REVOKED);
    CHECK(fold_waits_for_second(fold_find(f, &stop->e.id)));
    CHECK_S(fold_key_limit(f, &desk.key), "stopped");
    fold_free(f);

    test_row("the two that are stopped, together");
    first = world_say(&w, (struct world_say){0, WORLD_DESK, 15, key_object(&w, WORLD_HEAD),
                                             "key.revoke", .ms = 300, .after = {&stop->e.id}});
    second = world_say(&w, (struct world_say){0, WORLD_INV, 16, key_object(&w, WORLD_HEAD),
                                              "key.revoke", .ms = 301, .after = {&stop->e.id}});
    f = world_fold(&w, NULL, w.n);
    key = fold_object(f, key_object(&w, WORLD_HEAD), "all");
    CHECK_U(key->state, KEY_REVOKED);
    CHECK_U(fold_find(f, &second->e.id)->effect, EFFECT_STEP);
    CHECK(fold_waits_for_second(fold_find(f, &first->e.id)));
    CHECK_U(fold_find(f, &stop->e.id)->standing, STANDING_GOOD); /* said, and stops nothing */
    CHECK_U(fold_find(f, &rogue->e.id)->standing, STANDING_REVOKED);
    CHECK_U(fold_find(f, &behind->e.id)->standing, STANDING_GOOD);
    CHECK_S(fold_key_limit(f, &head.key), "revoked");
    CHECK(!fold_key_limit(f, &desk.key));
    fold_free(f);
    world_end(&w);
}

/* A charter that does not list it: one revokes, with what was signed, as charters of before say. */
static void unlisted_one_revokes(void **state)
{
    struct world_event *act, *revoke;
    struct world w;
    struct fold *f;

    (void)state;
    world_start_two(&w, "[\"alert.release\"]");
    world_found(&w);
    act =
        world_say(&w, (struct world_say){0, WORLD_DESK, 10, "case:00000000000000000000000000000001",
                                         "case.draft", .ms = 199});
    revoke = world_say(&w, (struct world_say){0, WORLD_HEAD, 11, key_object(&w, WORLD_DESK),
                                              "key.revoke", .ms = 200});
    f = world_fold(&w, NULL, w.n);
    CHECK_U(fold_find(f, &revoke->e.id)->effect, EFFECT_STEP);
    CHECK_U(fold_find(f, &act->e.id)->standing, STANDING_REVOKED);
    fold_free(f);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_old_version_is_a_way_round),
        cmocka_unit_test(one_stops_two_revoke),
        cmocka_unit_test(nobody_is_locked_out),
        cmocka_unit_test(unlisted_one_revokes),
        cmocka_unit_test(acts_for_two),
        cmocka_unit_test(orders_have_to_agree),
        cmocka_unit_test(others_do_not_part_them),
        cmocka_unit_test(by_one_paper),
        cmocka_unit_test(one_key_by_two_names),
        cmocka_unit_test(every_sequence_of_four),
        cmocka_unit_test(a_charter_lists_them),
        cmocka_unit_test(each_act_takes_two),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
