/* That there is a suspicious-transaction report is told in no field: each text of what is about
 * somebody's money is tried with each word for one, each list of words is read, each schema. */
#include "base/unsaid.h"

#include "group/alert_log.h"
#include "group/machine.h"
#include "group/record.h"
#include "group/report.h"
#include "support.h"

#include <dirent.h>
#include <stdio.h>

static const char *const named[] = {
    "an STR was filed",
    "see SAR-2026/7",
    "strs",
    "S.T.R. no. 4",
    "s.a.r",
    "smr_2026",
    "suspicious activity",
    "upon suspicion",
    "\xef\xbc\xb3\xef\xbc\xb4\xef\xbc\xb2", /* STR in wide letters */
    "\xec\x9d\x98\xec\x8b\xac\xea\xb1\xb0\xeb\x9e\x98\xeb\xb3\xb4\xea\xb3\xa0", /* Korean */
    "\xec\x9d\x98\xec\x8b\xac \xea\xb1\xb0\xeb\x9e\x98",
    "\xed\x98\x90\xec\x9d\x98\xea\xb1\xb0\xeb\x9e\x98\xeb\xb3\xb4\xea\xb3\xa0",
    "\xe7\x96\x91\xe3\x82\x8f\xe3\x81\x97\xe3\x81\x84\xe5\x8f\x96\xe5\xbc\x95", /* Japanese */
    "\xe7\x96\x91\xe3\x82\x8f\xe3\x81\x97\xe3\x81\x84\xe3\x80\x80\xe5\x8f\x96\xe5\xbc\x95",
    "\xe5\x8f\xaf\xe7\x96\x91\xe4\xba\xa4\xe6\x98\x93", /* Chinese */
    /* what is not seen between, other marks between, other letters that look alike, other words */
    "an S\u200bT\u200bR was filed",
    "S\u00adAR",
    "\u2060s\u2060a\u2060r\u2060",
    "\uff33\uff21\uff32\uff0e",
    "S-T-R",
    "s a r",
    "S_A_R",
    "S\u00b7T\u00b7R",
    "\u0405\u0410R",
    "\u0455\u0442\u0433",
    "\u03a4he \u0405\u03a4R",
    "\U0001d412\U0001d400\U0001d411",
    "\U0001d494\U0001d495\U0001d493",
    "\u24e2\u24e3\u24e1",
    "\U0001f142\U0001f130\U0001f141",
    "\U0001f1f8\U0001f1f9\U0001f1f7",
    "\ua731\u1d00\u0280",
    "s u s p i c i o u s",
    "suspiciously fast",
    "Unusual Transaction Report",
    "unusual-activity-report",
    "filed in goAML",
    "\u110b\u1174\u1109\u1175\u11b7\u1100\u1165\u1105\u1162\u1107\u1169\u1100\u1169",
    "\u1112\u1167\u11b7\u110b\u1174 \u1100\u1165\u1105\u1162",
    "\uc758\u200b\uc2ec\uac70\ub798",
    "\uc758\uc2ec\ub418\ub294 \uac70\ub798",
    "\uc218\uc0c1\ud55c \uac70\ub798",
    "\u7591\u30fb\u308f\u3057\u3044\u53d6\u5f15",
    "\u7591\u308f\u3057\u304d\u53d6\u5f15",
    "\u7591\u3044\u306e\u3042\u308b\u53d6\u5f15",
    "\u7591\u53d6\u5c4a\u51fa",
    "\u53ef\u7591\u6d3b\u52a8\u62a5\u544a",
    "\u53ef\u7591-\u4ea4\u6613",
};
#define NAMED_N (sizeof(named) / sizeof(named[0]))

static void words(void **state)
{
    static const char *const others[] = {
        "",
        "star",
        "Sarah, Strauss",
        "ORS-STARS-2026",
        "constr.",
        "sa r",
        "St. R",
        "the strategy",
        "s.t.a.r",
        "S T R I C T",
        "s-t-r-i-c-t",
        "\xff\xfe",
        "\xe7",
        "\xec\x9d\x98\xec\x8b\xac",
    };

    (void)state;
    for (size_t i = 0; i < NAMED_N; i++) {
        test_row("%s", named[i]);
        CHECK(unsaid_in(named[i]));
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        test_row("%s", others[i]);
        CHECK(!unsaid_in(others[i]));
    }
}

/* ---- registers: every field of every one ---- */

/* What is said of programmes, of what is public and between governments, may speak of such reports
 * in general. A register that is in neither list has to be put into one. */
static const char *const of_somebody[] = {"instrument", "notice", "complaint", NULL},
                         *const in_general[] = {"incident",   "claim",      "meeting",  "action",
                                                "commitment", "obligation", "outreach", "text",
                                                "finding",    "rate",       NULL};

static bool is_in(const char *const *list, const char *s)
{
    while (*list && strcmp(*list, s) != 0)
        list++;
    return *list;
}

static bool holds_text(const struct record_field *f)
{
    return f->form == RECORD_TEXT || f->form == RECORD_LONG || f->form == RECORD_LIST;
}

static void example_put(struct json_out *j, const struct record_field *f, const char *text)
{
    static const char hash[] = "0000000000000000000000000000000000000000000000000000000000000001";

    json_key(j, f->name);
    switch (f->form) {
    case RECORD_LIST:
        json_array(j);
        json_string(j, "US");
        json_string(j, text);
        json_array_end(j);
        break;
    case RECORD_CHOICE:
        json_string(j, f->words[0]);
        break;
    case RECORD_DAY:
        json_string(j, "2026-01-02");
        break;
    case RECORD_TLP:
        json_string(j, "red");
        break;
    case RECORD_OBJECT:
        json_string(j, "alert:00000000000000000000000000000001");
        break;
    case RECORD_SHA256:
        json_string(j, hash);
        break;
    case RECORD_TEXT:
    case RECORD_LONG:
        json_string(j, text);
        break;
    case RECORD_WORD:
    case RECORD_USD:
    case RECORD_NUMBER:
    case RECORD_DAYS:
    case RECORD_AMOUNT:
    case RECORD_DECIMAL:
    case RECORD_SUMS:
        test_failed(__FILE__, __LINE__, "%s: a form that such registers had not", f->name);
    }
}

static bool taken(const struct record_kind *k, const struct record_field *of, const char *text,
                  struct err *err)
{
    struct arena *a = arena_new(NULL, 1 << 20);
    struct text fields = text_new(10000);
    struct json_out j = json_to(&fields, false);
    struct hash32 group = {{0}};
    struct record r;
    bool ok;

    json_object(&j);
    for (const struct record_field *f = k->fields; f->name; f++)
        example_put(&j, f, f == of ? text : "plain");
    json_object_end(&j);
    ok = record_make(a, k, &group, (struct bytes){(const uint8_t *)fields.p, fields.n}, &r, err);
    text_free(&fields);
    arena_free(a);
    return ok;
}

static void registers(void **state)
{
    (void)state;
    for (size_t i = 0; i < record_kinds_n; i++) {
        const struct record_kind *k = &record_kinds[i];

        test_row("%s", k->name);
        CHECK(is_in(of_somebody, k->name) != is_in(in_general, k->name));
        for (const struct record_field *f = k->fields; f->name; f++)
            for (size_t n = 0; is_in(of_somebody, k->name) && holds_text(f) && n < NAMED_N; n++) {
                char says[200];
                struct err err;

                test_row("%s.%s: %s", k->name, f->name, named[n]);
                CHECK_OK(taken(k, f, "plain", &err), err);
                CHECK(!taken(k, f, named[n], &err));
                snprintf(says, sizeof(says),
                         "%s: whether there is a suspicious-transaction report is not written here",
                         f->name);
                CHECK_S(err.text, says);
            }
    }
}

/* ---- events ---- */

/* Of each type with facts, each word of a list: none names one, and none but those is taken. */
static void lists_of_words(void **state)
{
    const char *const *const lists[] = {hold_kinds,      hold_reasons, hold_bases,
                                        decline_reasons, void_reasons, deferral_bases,
                                        handling_words};
    static const char *const words_of[] = {"basis", "kind", "reason", "handling", "policy"};
    static const unsigned facts_of[] = {FACT_BASIS, FACT_KIND, FACT_REASON, FACT_HANDLING,
                                        FACT_POLICY};
    size_t tried = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        for (const char *const *w = lists[i]; *w; w++) {
            test_row("%s", *w);
            CHECK(!unsaid_in(*w));
        }
    for (size_t i = 0; i < steps_n; i++)
        for (size_t f = 0; f < sizeof(words_of) / sizeof(words_of[0]); f++)
            for (size_t n = 0; n < NAMED_N; n++) {
                struct arena *a = arena_new(NULL, 1 << 16);
                struct text to = text_new(1000);
                struct json_out j = json_to(&to, false);
                const struct event_facts *facts;
                const struct json *o;
                struct err err;

                if (facts_of_type(steps[i].type) & facts_of[f]) {
                    json_object(&j);
                    json_put_string(&j, words_of[f], named[n]);
                    json_object_end(&j);
                    test_row("%s %s", steps[i].type, named[n]);
                    CHECK_OK(json_read(a, to.p, to.n, &o, &err), err);
                    CHECK(!facts_read(a, o, steps[i].type, &facts, &err));
                    tried++;
                }
                text_free(&to);
                arena_free(a);
            }
    CHECK(tried > 100);
}

static void names_of_steps(void **state)
{
    (void)state;
    for (size_t i = 0; i < steps_n; i++) {
        test_row("%s", steps[i].type);
        CHECK(!unsaid_in(steps[i].type));
        CHECK(!unsaid_in(state_name(steps[i].to)));
    }
}

/* What looks like one in an address, and what a token is called, is none. */
static void not_in_addresses(void **state)
{
    static const char text[] =
        "{\"id\":\"A\",\"origins\":[{\"address\":\"bc1qstr7sar0smr8\",\"chain\":\"bitcoin\"}],"
        "\"tokens\":"
        "[{"
        "\"address\":\"0x0000000000000000000000000000000000000001\",\"symbol\":\"STR\"}]}";
    struct arena *a = arena_new(NULL, 1 << 20);
    struct report r;
    struct err err;

    (void)state;
    CHECK_OK(report_make(a, (struct bytes){(const uint8_t *)text, strlen(text)}, &r, &err), err);
    arena_free(a);
}

static void notes_and_cases(void **state)
{
    static const char *const members[] = {
        "\"id\":\"%s\"",
        "\"id\":\"A\",\"title\":\"%s\"",
        "\"id\":\"A\",\"stops\":[{\"address\":\"1BoatSLRHtKNngkdXEeobR76b53LETtpyT\",\"name\":\"%"
        "s\","
        "\"category\":\"exchange\"}]",
    };

    (void)state;
    for (size_t n = 0; n < NAMED_N; n++) {
        struct arena *a = arena_new(NULL, 1 << 20);
        struct alert_body b = {.note = named[n]};
        struct bytes made;
        struct err err;

        test_row("%s", named[n]);
        CHECK(!alert_body_make(a, &b, &made, &err));
        CHECK_U(err.class, ERR_INPUT);
        for (size_t m = 0; m < sizeof(members) / sizeof(members[0]); m++) {
            char member[400], text[600];
            struct report r;

            snprintf(member, sizeof(member), members[m], named[n]);
            snprintf(text, sizeof(text), "{%s,\"origins\":[{\"output\":\"%064x:0\"}]}", member, 1);
            CHECK(!report_make(a, (struct bytes){(const uint8_t *)text, strlen(text)}, &r, &err));
            CHECK(strstr(err.text, "whether there is a suspicious-transaction report"));
        }
        arena_free(a);
    }
}

/* ---- what is shown: names and words of each schema ---- */

/* "suspiciousReport" and "str_filed" are words, too. */
static bool names_one(const char *s)
{
    char apart[400];
    size_t n = 0;

    for (; *s && n + 2 < sizeof(apart); s++) {
        if (*s >= 'A' && *s <= 'Z')
            apart[n++] = ' ';
        apart[n++] = *s;
    }
    apart[n] = 0;
    return unsaid_in(apart);
}

static void schema_check(const struct json *o)
{
    const struct json *at[JSON_DEPTH_MAX + 1], *j = o->child;
    size_t depth = 0;

    while (j || depth) {
        if (!j) {
            j = at[--depth]->next;
            continue;
        }
        if (j->key)
            CHECK(!names_one(j->key));
        else if (j->type == JSON_STRING)
            CHECK(!names_one(j->text)); /* of an enum */
        if (j->child) {
            at[depth++] = j;
            j = j->child;
        } else {
            j = j->next;
        }
    }
}

static void schemas(void **state)
{
    static const char folder[] = CORDON_SOURCE "/docs/schemas";
    DIR *d = opendir(folder);
    struct dirent *e;
    size_t n = 0;

    (void)state;
    CHECK(d != NULL);
    while ((e = readdir(d))) {
        struct arena *a = arena_new(NULL, 64 << 20);
        const struct json *o;
        char path[4096];
        struct bytes text;
        struct err err;

        snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
        test_row("%s", e->d_name);
        if (strstr(e->d_name, ".json")) {
            text = test_read(path);
            CHECK_OK(json_read(a, (const char *)text.p, text.n, &o, &err), err);
            schema_check(o);
            n++;
        }
        arena_free(a);
    }
    closedir(d);
    CHECK(n > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(registers),
        cmocka_unit_test(lists_of_words),
        cmocka_unit_test(names_of_steps),
        cmocka_unit_test(not_in_addresses),
        cmocka_unit_test(notes_and_cases),
        cmocka_unit_test(schemas),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
