/* Rules decided twice, and another service's table, against what follows from the rules by hand. */
#include "screen/against.h"
#include "screen/replay.h"

#include "support.h"

#include <stdio.h>

#define SAME                                                                                       \
    "outage: {inbound: REVIEW, outbound: HOLD}\n"                                                  \
    "old_data: {after: 1h, inbound: REVIEW, outbound: HOLD}\n"                                     \
    "no_ledger: {inbound: UNKNOWN, outbound: UNKNOWN}\n"                                           \
    "otherwise: {inbound: CREDIT, outbound: ALLOW}\n"

/* ---- words of others ---- */

static const struct {
    const char *word;
    enum against_column column;
    bool known;
    enum screen_decision want;
} word_rows[] = {
    {"low", AGAINST_RISK, true, SCREEN_ALLOW},
    {"Low", AGAINST_RISK, true, SCREEN_ALLOW},
    {"MEDIUM", AGAINST_RISK, true, SCREEN_REVIEW},
    {"high", AGAINST_RISK, true, SCREEN_HOLD},
    {"Severe", AGAINST_RISK, true, SCREEN_BLOCK},
    {"very high", AGAINST_RISK, true, SCREEN_BLOCK},
    {"hig", AGAINST_RISK, false, SCREEN_UNKNOWN},
    {"7.5", AGAINST_RISK, false, SCREEN_UNKNOWN},
    {"", AGAINST_RISK, false, SCREEN_UNKNOWN},
    {"low|medium", AGAINST_RISK, false, SCREEN_UNKNOWN},
    {"high", AGAINST_DECISION, false, SCREEN_UNKNOWN},
    {"Approved", AGAINST_DECISION, true, SCREEN_ALLOW},
    {"HOLD", AGAINST_DECISION, true, SCREEN_REVIEW},
    {"BLOCK", AGAINST_DECISION, true, SCREEN_BLOCK},
    {"sanctions", AGAINST_CATEGORY, true, SCREEN_REVIEW},
    {"stolen_funds", AGAINST_CATEGORY, true, SCREEN_REVIEW},
    {"Mixing Service", AGAINST_CATEGORY, true, SCREEN_REVIEW},
    {"exchange", AGAINST_CATEGORY, true, SCREEN_ALLOW},
    {"unknown", AGAINST_CATEGORY, true, SCREEN_UNKNOWN},
    {"beanstalk", AGAINST_CATEGORY, false, SCREEN_UNKNOWN},
};

static void words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(word_rows) / sizeof(word_rows[0]); i++) {
        enum screen_decision got = SCREEN_UNKNOWN;

        test_row("%s, %d", word_rows[i].word, word_rows[i].column);
        CHECK(against_word(word_rows[i].column, word_rows[i].word, &got) == word_rows[i].known);
        CHECK_U(got, word_rows[i].want);
    }
}

static void maps(void **state)
{
    static const char *const wrong[] = {"high", "=HOLD", "high=", "high=hold", "high=HELD"};
    struct against_map m = {.n = 0};
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        test_row("%s", wrong[i]);
        CHECK(!against_map_add(&m, wrong[i], &err));
        CHECK_U(err.class, ERR_USAGE);
    }
    CHECK_OK(against_map_add(&m, "a=b=HOLD", &err), err);
    CHECK_U(m.words_n[0], 3);
    CHECK_U(m.decisions[0], SCREEN_HOLD);
    while (m.n < AGAINST_MAP_MAX)
        CHECK_OK(against_map_add(&m, "x=ALLOW", &err), err);
    CHECK(!against_map_add(&m, "x=ALLOW", &err));
    CHECK_U(err.class, ERR_LIMIT);
}

/* ---- tables: without any list all is an outage, REVIEW inbound ---- */

static const struct {
    const char *name, *table;
    uint64_t want[AGAINST_WHERES]; /* both, ours, theirs, neither, unread */
    const char *error;
} table_rows[] = {
    {"a decision goes before risk, risk before category",
     "name,decision,risk,category\nA B,pass,high,theft\nA B,,high,exchange\nA B,,,exchange\n",
     {1, 2, 0, 0, 0},
     NULL},
    {"what is not known", "name,risk\nA B,7\nA B,\n,high\nA B,high\n", {1, 0, 0, 0, 3}, NULL},
    {"an own map goes before", "name,risk\nA B,sEvere\n", {0, 1, 0, 0, 0}, NULL},
    {"another name of a column", "name,risk_level\nA B,high\n\n", {1, 0, 0, 0, 0}, NULL},
    {"a direction that is none", "name,risk,direction\nA B,high,up\n", {0, 0, 0, 0, 1}, NULL},
    {"no address", "address,risk\nnot an address,high\n", {0, 0, 0, 0, 1}, NULL},
    {"not UTF-8", "name,risk\nA \xff,high\n", {0, 0, 0, 0, 1}, NULL},
    {"nothing in it", "", {0}, "line 1: a header is wanted"},
    {"nobody", "risk\nhigh\n", {0}, "line 1: a header is wanted, with a column address or name"},
    {"no word", "name\nA B\n", {0}, "line 1: a column decision, risk or category is wanted"},
};

static void tables(void **state)
{
    struct screener_options so = {.names = true};
    struct against_map map = {.n = 0};
    struct screener *s = NULL;
    struct err err;

    (void)state;
    CHECK_OK(screener_open(&so, &s, &err), err);
    CHECK_OK(against_map_add(&map, "severe=ALLOW", &err), err);
    for (size_t i = 0; i < sizeof(table_rows) / sizeof(table_rows[0]); i++) {
        const char *t = table_rows[i].table;
        uint64_t n[AGAINST_WHERES];
        struct against_options o = {.screener = s, .map = &map};
        bool ok = against_table(&o, (struct bytes){(const uint8_t *)t, strlen(t)}, n, &err);

        test_row("%s", table_rows[i].name);
        CHECK(ok == !table_rows[i].error);
        if (table_rows[i].error)
            CHECK_S(err.text, table_rows[i].error);
        for (size_t k = 0; k < AGAINST_WHERES; k++)
            CHECK_U(n[k], table_rows[i].want[k]);
    }
    screener_close(s);
}

/* ---- past questions ---- */

static const char others[] = "rules:\n"
                             "  - id: small\n"
                             "    mode: active\n"
                             "    when: {transfer_min: 100 BTC}\n"
                             "    then: {inbound: BLOCK, outbound: BLOCK}\n"
                             "  - id: later\n"
                             "    mode: shadow\n"
                             "    then: {inbound: BLOCK, outbound: BLOCK}\n"
                             "outage: {inbound: REVIEW, outbound: REJECT}\n"
                             "old_data: {after: 1h, inbound: REVIEW, outbound: HOLD}\n"
                             "no_ledger: {inbound: UNKNOWN, outbound: UNKNOWN}\n"
                             "otherwise: {inbound: CREDIT, outbound: ALLOW}\n";

#define COIN "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"

static void keep(struct store *s, struct arena *a, struct screener *by,
                 const struct screen_question *q)
{
    struct question_writer *w = NULL;
    struct question_asked asked;
    struct screen_answer answer;
    struct err err;

    CHECK_OK(question_writer_new(s, &w, &err), err);
    CHECK_OK(screen_ask(by, a, q, &answer, &err), err);
    CHECK_OK(question_asked_of(a, by, q, &answer, NULL, &asked, &err), err);
    CHECK_OK(store_begin(s, &err), err);
    CHECK_OK(question_keep(w, a, &asked, &err), err);
    CHECK_OK(store_commit(s, &err), err);
    question_writer_free(w);
}

static void rules_decide_twice(void **state)
{
    const struct store_schema *schemas[] = {&question_schema};
    struct arena *a = arena_new(NULL, (size_t)64 << 20);
    struct screener_options so = {.rules = SAME, .rules_n = sizeof(SAME) - 1};
    struct screen_question q = {
        .address = COIN, .name = "", .kind = NAME_UNKNOWN, .asset = "BTC", .decimals = 8, .now = 9};
    const struct rules *r;
    struct screener *by = NULL;
    struct store *s = NULL;
    struct replay_options o;
    struct replay got;
    char path[4096];
    struct err err;

    (void)state;
    snprintf(path, sizeof(path), "%s/records.sqlite", test_dir());
    CHECK_OK(store_open(path, STORE_WRITE, schemas, 1, &s, &err), err);
    CHECK_OK(screener_open(&so, &by, &err), err);
    CHECK_OK(rules_read(a, others, strlen(others), &r, &err), err);
    CHECK_U(rules_n(r), 2);
    CHECK_S(rules_about(r, 0).id, "small");
    CHECK(!rules_about(r, 0).shadow && rules_about(r, 1).shadow);
    /* 99 coins and 100, in and out */
    for (int i = 0; i < 4; i++) {
        q.direction = i & 1 ? SCREEN_OUTBOUND : SCREEN_INBOUND;
        q.amount = u256_of(i & 2 ? 10000000000u : 9999999999u);
        keep(s, a, by, &q);
    }
    o = (struct replay_options){.screener = by, .store = s, .others = r, .now = 10};
    CHECK_OK(replay_rules(a, &o, &got, &err), err);
    CHECK_U(got.asked, 4);
    CHECK_U(got.differ, 3);
    CHECK_U(got.rows_n, 4);
    /* REVIEW stays, REVIEW -> BLOCK, HOLD -> REJECT, HOLD -> BLOCK: in that order */
    CHECK(got.rows[0].from.decision == SCREEN_REVIEW && got.rows[0].to.decision == SCREEN_REVIEW);
    CHECK(got.rows[0].to.by == BY_OUTAGE);
    CHECK(got.rows[1].from.decision == SCREEN_REVIEW && got.rows[1].to.decision == SCREEN_BLOCK);
    CHECK_S(got.rows[1].to.rule, "small");
    CHECK(got.rows[2].from.decision == SCREEN_HOLD && got.rows[2].to.decision == SCREEN_REJECT);
    CHECK(got.rows[3].from.decision == SCREEN_HOLD && got.rows[3].to.decision == SCREEN_BLOCK);
    for (int i = 0; i < 4; i++)
        CHECK_U(got.rows[i].n, 1);
    CHECK_S(got.rows[1].examples[0], COIN);
    CHECK(!got.rows[1].examples[1]);
    o.since = 10;
    CHECK_OK(replay_rules(a, &o, &got, &err), err);
    CHECK_U(got.asked, 0);
    screener_close(by);
    store_close(s);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(maps),
        cmocka_unit_test(tables),
        cmocka_unit_test(rules_decide_twice),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
