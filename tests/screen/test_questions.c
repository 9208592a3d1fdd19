/* Questions as they are kept: one form for all ways of asking, differences by hand, changes with
 * numbers of their own, a run that was killed. */
#include "screen/question_store.h"

#include "support.h"

#include <stdio.h>

#define ADDRESS "0x098B716B8Aaf21512996dC57EB0615e2383E2f96"
#define ADDRESS_KEY "0x098b716b8aaf21512996dc57eb0615e2383e2f96"

static struct arena *arena;

static struct store *opened(void)
{
    static char path[4096];
    const struct store_schema *schemas[] = {&question_schema};
    struct store *s = NULL;
    struct err err;

    snprintf(path, sizeof(path), "%s/records.sqlite", test_dir());
    CHECK_OK(store_open(path, STORE_WRITE, schemas, 1, &s, &err), err);
    return s;
}

static int begin(void **state)
{
    (void)state;
    arena = arena_new(NULL, (size_t)64 << 20);
    return !arena;
}

static int end(void **state)
{
    (void)state;
    arena = arena_free(arena);
    return 0;
}

/* Of a screener without any records: nothing is listed, and an outage decides. */
static struct question_asked asked_of(const struct screen_question *q)
{
    struct screener_options o = {.names = true};
    struct question_asked asked = {.at = 0};
    struct screener *s = NULL;
    struct screen_answer a;
    struct err err;

    CHECK_OK(screener_open(&o, &s, &err), err);
    CHECK_OK(screen_ask(s, arena, q, &a, &err), err);
    CHECK_OK(question_asked_of(arena, s, q, &a, "w-1", &asked, &err), err);
    asked.outcome.rule = "";
    screener_close(s);
    return asked;
}

static const char *const documents[] = {"A1", "B\t2\""};

static const struct {
    const char *name, *form;
    struct screen_question q;
} form_rows[] = {
    {"an address",
     "{\"address\":\"" ADDRESS "\",\"direction\":\"inbound\"}",
     {.address = ADDRESS, .name = "", .kind = NAME_UNKNOWN}},
    {"a transfer",
     "{\"address\":\"" ADDRESS "\",\"chain\":\"ethereum\",\"direction\":\"outbound\","
     "\"asset\":\"ETH\",\"decimals\":18,\"amount\":\"1000000000000000000000\"}",
     {.address = ADDRESS,
      .name = "",
      .chain = "ethereum",
      .direction = SCREEN_OUTBOUND,
      .kind = NAME_UNKNOWN,
      .asset = "ETH",
      .decimals = 18,
      .amount = {{0x35c9adc5dea00000ull, 0x36, 0, 0}}}},
    {"a name and nothing else",
     "{\"name\":\"Kim Jong Un\",\"direction\":\"inbound\"}",
     {.subject = SCREEN_OF_NAME, .address = "", .name = "Kim Jong Un", .kind = NAME_UNKNOWN}},
    {"all that can be told of a name",
     "{\"name\":\"Kim Jong Un\",\"kind\":\"person\",\"mode\":\"ofac\",\"threshold\":900,"
     "\"born\":\"1984-01-08\",\"nationality\":\"KP\",\"documents\":[\"A1\",\"B\\t2\\\"\"],"
     "\"direction\":\"outbound\"}",
     {.subject = SCREEN_OF_NAME,
      .address = "",
      .name = "Kim Jong Un",
      .direction = SCREEN_OUTBOUND,
      .kind = NAME_PERSON,
      .mode = NAME_MODE_OFAC,
      .threshold = 900,
      .facts = {.birth_year = 1984,
                .birth_month = 1,
                .birth_day = 8,
                .nationality = "KP",
                .ids = documents,
                .ids_n = 2}}},
    {"born in a year",
     "{\"name\":\"Kim\",\"born\":\"1984\",\"document\":\"A1\",\"direction\":\"inbound\"}",
     {.subject = SCREEN_OF_NAME,
      .address = "",
      .name = "Kim",
      .kind = NAME_UNKNOWN,
      .facts = {.birth_year = 1984, .ids = documents, .ids_n = 1}}},
};

/* What comes back out of a form makes the same form and key again. */
static void forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(form_rows) / sizeof(form_rows[0]); i++) {
        struct question_asked first = asked_of(&form_rows[i].q), again;
        struct screen_question q;
        struct err err;

        test_row("%s", form_rows[i].name);
        CHECK_S(first.form, form_rows[i].form);
        CHECK_OK(question_form_read(arena, first.form, 77, &q, &err), err);
        CHECK_U(q.now, 77);
        CHECK_U(q.threshold, form_rows[i].q.threshold);
        CHECK_U(q.facts.ids_n, form_rows[i].q.facts.ids_n);
        again = asked_of(&q);
        CHECK_S(again.form, form_rows[i].form);
        CHECK(!memcmp(again.key, first.key, sizeof(first.key)));
    }
}

static bool form_truncated(struct bytes in, void *ctx)
{
    char *form = arena_string(arena, (const char *)in.p, in.n);
    struct screen_question q;
    struct err err;

    (void)ctx;
    if (question_form_read(arena, form, 0, &q, &err))
        return true;
    CHECK_U(err.class, ERR_CORRUPT);
    return false;
}

static void damaged_forms(void **state)
{
    const char *form = form_rows[3].form;

    (void)state;
    test_truncations((struct bytes){(const uint8_t *)form, strlen(form)}, form_truncated, NULL);
}

/* One address in two ways of writing is one question; the other direction is another one. */
static void keys(void **state)
{
    struct screen_question q = {.address = ADDRESS, .name = "", .kind = NAME_UNKNOWN};
    struct question_asked a = asked_of(&q), b, c;

    (void)state;
    q.address = ADDRESS_KEY;
    b = asked_of(&q);
    q.direction = SCREEN_OUTBOUND;
    c = asked_of(&q);
    CHECK_S(a.subject, ADDRESS_KEY);
    CHECK(!memcmp(a.key, b.key, QUESTION_KEY_BYTES));
    CHECK(memcmp(a.key, c.key, QUESTION_KEY_BYTES) != 0);
    CHECK(!memcmp(a.key, c.key, QUESTION_KEY_SUBJECT));
}

#define LISTED_1 "listed\tsanctions\tofac-sdn\t1\texact\n"
#define ALIKE_1 "listed\tsanctions\tofac-sdn\t1\talike\n"
#define QUIET_1 "listed\tsanctions\tofac-sdn\t1\talike quiet\n"
#define LISTED_2 "listed\tsanctions\tofac-sdn\t2\texact\n"
#define TAGGED "tagged\tmixer\tpack\t\t\n"

static const struct {
    const char *name, *from, *to, *added, *removed;
    uint64_t matches;
} difference_rows[] = {
    {"the same", LISTED_1 TAGGED, LISTED_1 TAGGED, "", "", 0},
    {"listed", "", LISTED_1, LISTED_1, "", 1},
    {"no more listed", LISTED_1, "", "", LISTED_1, 0},
    {"a tag is no match", "", TAGGED, TAGGED, "", 0},
    {"another entry", LISTED_1 TAGGED, LISTED_2 TAGGED, LISTED_2, LISTED_1, 1},
    {"one in front, one behind", LISTED_2, LISTED_1 LISTED_2 TAGGED, LISTED_1 TAGGED, "", 1},
    {"found to be a false positive", ALIKE_1, QUIET_1, QUIET_1, ALIKE_1, 0},
    {"and no more", QUIET_1, ALIKE_1, ALIKE_1, QUIET_1, 1},
    {"both", ALIKE_1 QUIET_1, ALIKE_1, "", QUIET_1, 0},
};

static void differences(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(difference_rows) / sizeof(difference_rows[0]); i++) {
        struct question_outcome from = {.reasons = difference_rows[i].from},
                                to = {.reasons = difference_rows[i].to};
        struct question_difference d = {.matches = 0};
        struct err err;

        test_row("%s", difference_rows[i].name);
        CHECK_OK(question_difference(arena, from.reasons, to.reasons, &d, &err), err);
        CHECK_S(d.added, difference_rows[i].added);
        CHECK_S(d.removed, difference_rows[i].removed);
        CHECK_U(d.matches, difference_rows[i].matches);
        CHECK(question_differs(&from, &to) == (*d.added || *d.removed));
    }
}

/* What an answer rests on: sorted, none twice, whatever stands in the texts. */
static void identities(void **state)
{
    struct screen_reason reasons[] = {
        {.evidence = SCREEN_TAGGED, .category = "mixer", .source = "b\tpack\n", .own = true},
        {.evidence = SCREEN_LISTED,
         .category = "sanctions",
         .source = "ofac-sdn 2024-03-28",
         .list = "ofac-sdn",
         .entry = "1",
         .exact = true},
        {.evidence = SCREEN_TAGGED, .category = "mixer", .source = "a", .label = "one"},
        {.evidence = SCREEN_TAGGED, .category = "mixer", .source = "a", .label = "two"},
        {.evidence = SCREEN_EXPOSED,
         .category = "theft",
         .source = "case",
         .case_id = "C-1",
         .direct = true,
         .received = true,
         .asset = "BTC",
         .hops = 1},
    };
    struct screener_options o = {.names = false};
    struct screen_answer a = {.facts = {.reasons = reasons, .reasons_n = 5}};
    struct question_outcome got = {.reasons = ""};
    struct screener *s = NULL;
    struct err err;

    (void)state;
    CHECK_OK(screener_open(&o, &s, &err), err);
    CHECK_OK(question_outcome_of(arena, s, &a, &got, &err), err);
    CHECK_S(got.reasons, "exposed\ttheft\tcase\tC-1\tdirect received BTC\n" LISTED_1
                         "tagged\tmixer\ta\t\t\ntagged\tmixer\tb pack \t\town\n");
    screener_close(s);
}

/* ---- the store ---- */

static void kept(struct store *s, struct question_writer *w, struct question_asked *x,
                 enum screen_decision d, const char *reasons, uint64_t at)
{
    struct err err;

    x->at = at;
    x->outcome.decision = d;
    x->outcome.reasons = reasons;
    CHECK_OK(store_begin(s, &err), err);
    CHECK_OK(question_keep(w, arena, x, &err), err);
    CHECK_OK(store_commit(s, &err), err);
}

static size_t listed(struct store *s, const struct question_filter *f, const struct question **ret)
{
    size_t n = 0;
    struct err err;

    CHECK_OK(question_list(s, arena, f, 10, ret, &n, &err), err);
    return n;
}

static size_t changes(struct store *s, uint64_t after, const struct question_change **ret)
{
    size_t n = 0;
    struct err err;

    CHECK_OK(question_changes(s, arena, after, 10, ret, &n, &err), err);
    return n;
}

static void a_question_is_one_row(void **state)
{
    struct screen_question q = {.address = ADDRESS, .name = "", .kind = NAME_UNKNOWN};
    struct question_asked x = asked_of(&q);
    struct store *s = opened();
    struct question_writer *w = NULL;
    const struct question_change *c;
    const struct question *at;
    struct err err;

    (void)state;
    CHECK_OK(question_writer_new(s, &w, &err), err);
    kept(s, w, &x, SCREEN_UNKNOWN, "", 1000);
    kept(s, w, &x, SCREEN_UNKNOWN, "", 3000);
    x.ref = NULL;
    kept(s, w, &x, SCREEN_BLOCK, LISTED_1, 2000); /* written late: asked before the last */
    CHECK_U(listed(s, &(struct question_filter){.since = 0}, &at), 1);
    CHECK_U(at->first, 1000);
    CHECK_U(at->last, 3000);
    CHECK_U(at->times, 3);
    CHECK_S(at->ref, "w-1");
    CHECK_S(at->outcome.reasons, LISTED_1);
    CHECK_U(changes(s, 0, &c), 1);
    CHECK(!c->again && c->from.decision == SCREEN_UNKNOWN && c->to.decision == SCREEN_BLOCK);
    CHECK_S(c->difference.added, LISTED_1);
    CHECK_U(changes(s, c->id, &c), 0);
    CHECK_U(listed(s, &(struct question_filter){.subject = ADDRESS_KEY}, &at), 1);
    CHECK_U(listed(s, &(struct question_filter){.subject = ADDRESS}, &at), 0);
    CHECK_U(listed(s, &(struct question_filter){.since = 3001}, &at), 0);
    CHECK_U(listed(s, &(struct question_filter){.not_stands = &x.outcome.stands}, &at), 0);
    question_writer_free(w);
    store_close(s);
}

/* Whoever was faster is not overwritten. */
static void an_answer_is_of_the_row_that_was_read(void **state)
{
    struct screen_question q = {.address = ADDRESS, .name = "", .kind = NAME_UNKNOWN};
    struct question_asked x = asked_of(&q);
    struct question_outcome to = x.outcome;
    struct question_difference d = {TAGGED, "", 0};
    struct store *s = opened();
    struct question_writer *w = NULL;
    const struct question_change *c;
    const struct question *at;
    uint64_t change = 9;
    struct err err;

    (void)state;
    CHECK_OK(question_writer_new(s, &w, &err), err);
    kept(s, w, &x, SCREEN_UNKNOWN, "", 1000);
    CHECK_U(listed(s, &(struct question_filter){.since = 0}, &at), 1);
    kept(s, w, &x, SCREEN_UNKNOWN, "", 2000);
    to.reasons = TAGGED;
    CHECK_OK(question_answered(w, at, &to, &d, 3000, &change, &err), err);
    CHECK_U(change, 0);
    CHECK_U(changes(s, 0, &c), 0);
    CHECK_U(listed(s, &(struct question_filter){.since = 0}, &at), 1);
    CHECK_S(at->outcome.reasons, "");
    CHECK_OK(question_answered(w, at, &to, &d, 3000, &change, &err), err);
    CHECK(change > 0);
    CHECK_U(changes(s, 0, &c), 1);
    CHECK(c->again && c->at == 3000 && c->question.last == 2000 && c->question.checked == 3000);
    question_writer_free(w);
    store_close(s);
}

static void forgotten(void **state)
{
    struct screen_question q = {.address = ADDRESS, .name = "", .kind = NAME_UNKNOWN};
    struct question_asked x = asked_of(&q), y;
    struct store *s = opened();
    struct question_writer *w = NULL;
    const struct question_change *c;
    const struct question *at;
    struct question_totals t;
    uint64_t n = 9, last;
    struct err err;

    (void)state;
    q.direction = SCREEN_OUTBOUND;
    y = asked_of(&q);
    CHECK_OK(question_writer_new(s, &w, &err), err);
    kept(s, w, &x, SCREEN_UNKNOWN, "", 1000);
    kept(s, w, &x, SCREEN_BLOCK, LISTED_1, 1001);
    kept(s, w, &y, SCREEN_UNKNOWN, "", 1002);
    CHECK_OK(question_forget(s, 1002, &n, &err), err);
    CHECK_U(n, 1);
    CHECK_U(listed(s, &(struct question_filter){.since = 0}, &at), 1);
    CHECK_U(at->last, 1002);
    CHECK_U(changes(s, 0, &c), 0);
    /* a number is never given twice */
    CHECK_OK(question_totals(s, &t, &err), err);
    last = t.changes_last;
    CHECK(last > 0);
    kept(s, w, &y, SCREEN_BLOCK, LISTED_1, 1003);
    CHECK_U(changes(s, last, &c), 1);
    CHECK_U(c->id, last + 1);
    question_writer_free(w);
    store_close(s);
}

#define DAY 86400

static struct question_asked outbound(unsigned amount)
{
    struct screen_question q = {.address = ADDRESS,
                                .name = "",
                                .kind = NAME_UNKNOWN,
                                .direction = SCREEN_OUTBOUND,
                                .asset = "ETH",
                                .decimals = 18,
                                .amount = {{amount}}};

    return asked_of(&q);
}

/* Asked again alike, on the same day or the next: what is forgotten is told by the second. */
static void forgotten_by_the_second(void **state)
{
    static const struct {
        uint64_t asked[4]; /* up to the first 0 */
        uint64_t last;
    } rows[] = {
        {{3 * DAY - 1}, 3 * DAY - 1},          {{3 * DAY}, 3 * DAY},
        {{3 * DAY, 3 * DAY + 5}, 3 * DAY + 5}, {{2 * DAY, 3 * DAY + 9, 4 * DAY, 3 * DAY}, 4 * DAY},
        {{3 * DAY + 7, 2 * DAY}, 3 * DAY + 7}, /* written late */
    };
    const size_t rows_n = sizeof(rows) / sizeof(rows[0]);
    struct store *s = opened();
    struct question_writer *w = NULL;
    struct err err;

    (void)state;
    CHECK_OK(question_writer_new(s, &w, &err), err);
    for (size_t i = 0; i < rows_n; i++) {
        struct question_asked x = outbound((unsigned)i + 1);

        for (size_t k = 0; k < 4 && rows[i].asked[k]; k++)
            kept(s, w, &x, SCREEN_UNKNOWN, TAGGED, rows[i].asked[k]);
    }
    for (uint64_t before = 2 * DAY; before <= 4 * DAY + 1; before++) {
        const struct question *at;
        size_t want = 0, left;
        uint64_t n;

        if (before == 2 * DAY + 2)
            before = 3 * DAY - 2;
        if (before == 3 * DAY + 11)
            before = 4 * DAY - 1;
        test_row("%llu", (unsigned long long)before);
        CHECK_OK(question_forget(s, before, &n, &err), err);
        left = listed(s, &(struct question_filter){.since = 0}, &at);
        for (size_t i = 0; i < rows_n; i++) {
            bool stays = rows[i].last >= before;

            CHECK(!stays || want >= left || at[want].last == rows[i].last);
            want += stays;
        }
        CHECK_U(left, want);
    }
    question_writer_free(w);
    store_close(s);
}

/* As the first version made it. */
static const char *const first_version[] = {
    "CREATE TABLE question ("
    " id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, is_name INTEGER NOT NULL,"
    " subject TEXT NOT NULL, form TEXT NOT NULL, ref TEXT NOT NULL, first INTEGER NOT NULL,"
    " last INTEGER NOT NULL, times INTEGER NOT NULL, checked INTEGER NOT NULL,"
    " decision INTEGER NOT NULL, decided_by INTEGER NOT NULL, rule TEXT NOT NULL,"
    " reasons TEXT NOT NULL, stands BLOB NOT NULL);"
    "CREATE INDEX question_last ON question (last);"
    "CREATE TABLE question_change ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, question INTEGER NOT NULL REFERENCES question (id),"
    " at INTEGER NOT NULL, again INTEGER NOT NULL, from_decision INTEGER NOT NULL,"
    " from_by INTEGER NOT NULL, from_rule TEXT NOT NULL, to_decision INTEGER NOT NULL,"
    " to_by INTEGER NOT NULL, to_rule TEXT NOT NULL, added TEXT NOT NULL, removed TEXT NOT NULL,"
    " matches INTEGER NOT NULL);"
    "CREATE INDEX question_change_question ON question_change (question);"
    "CREATE TABLE question_run (id INTEGER PRIMARY KEY, changes_after INTEGER NOT NULL);"
    "INSERT INTO question VALUES (7, x'01', 0, 's', '{}', '', 1, 259199, 2, 3, 0, 0, '', '',"
    " zeroblob(32)), (9, x'02', 0, 't', '{}', '', 1, 259200, 2, 3, 0, 0, '', '', zeroblob(32));",
};

static void records_of_the_first_version(void **state)
{
    const struct store_schema before = {"question", first_version, 1};
    const struct store_schema *schemas[] = {&before};
    const struct question *at;
    struct store *s = NULL;
    char path[4096];
    uint64_t n;
    struct err err;

    (void)state;
    snprintf(path, sizeof(path), "%s/records.sqlite", test_dir());
    CHECK_OK(store_open(path, STORE_WRITE, schemas, 1, &s, &err), err);
    store_close(s);
    schemas[0] = &question_schema;
    CHECK_OK(store_open(path, STORE_WRITE, schemas, 1, &s, &err), err);
    CHECK_U(listed(s, &(struct question_filter){.since = 0}, &at), 2);
    CHECK_OK(question_forget(s, 259200, &n, &err), err);
    CHECK_U(n, 1);
    CHECK_U(listed(s, &(struct question_filter){.since = 0}, &at), 1);
    CHECK_U(at->id, 9);
    store_close(s);
}

static void a_run_that_was_not_ended_goes_on(void **state)
{
    struct store *s = opened();
    uint64_t after = 9;
    bool resumed = true;
    struct err err;

    (void)state;
    CHECK_OK(question_run_begin(s, &after, &resumed, &err), err);
    CHECK(!resumed && after == 0);
    CHECK_OK(question_run_begin(s, &after, &resumed, &err), err);
    CHECK(resumed && after == 0);
    CHECK_OK(question_run_end(s, &err), err);
    CHECK_OK(question_run_begin(s, &after, &resumed, &err), err);
    CHECK(!resumed);
    store_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(forms, begin, end),
        cmocka_unit_test_setup_teardown(damaged_forms, begin, end),
        cmocka_unit_test_setup_teardown(keys, begin, end),
        cmocka_unit_test_setup_teardown(differences, begin, end),
        cmocka_unit_test_setup_teardown(identities, begin, end),
        cmocka_unit_test_setup_teardown(a_question_is_one_row, begin, end),
        cmocka_unit_test_setup_teardown(an_answer_is_of_the_row_that_was_read, begin, end),
        cmocka_unit_test_setup_teardown(forgotten, begin, end),
        cmocka_unit_test_setup_teardown(forgotten_by_the_second, begin, end),
        cmocka_unit_test_setup_teardown(records_of_the_first_version, begin, end),
        cmocka_unit_test_setup_teardown(a_run_that_was_not_ended_goes_on, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
