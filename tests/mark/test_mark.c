/* Markings: words and ids of both versions of TLP, and that putting marks together never widens. */
#include "support.h"

#include "base/uuid.h"
#include "mark/mark.h"

static void words(void **state)
{
    static const struct {
        const char *word;
        bool known;
        enum tlp want;
    } rows[] = {
        {"TLP:CLEAR", true, TLP_CLEAR},   {"white", true, TLP_CLEAR},
        {"tlp:white", true, TLP_CLEAR},   {"Green", true, TLP_GREEN},
        {"TLP:AMBER", true, TLP_AMBER},   {"tlp:amber+strict", true, TLP_AMBER_STRICT},
        {"RED", true, TLP_RED},           {"", false, TLP_NONE},
        {"tlp:", false, TLP_NONE},        {"tlp:ex:chr", false, TLP_NONE},
        {"tlp:unclear", false, TLP_NONE}, {"amber strict", false, TLP_NONE},
        {"TLP:AMBER ", false, TLP_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum tlp t = TLP_NONE;

        test_row("%s", rows[i].word);
        CHECK_U(tlp_read(rows[i].word, strlen(rows[i].word), &t), rows[i].known);
        CHECK_U(t, rows[i].want);
    }
}

/* The three families of ids that are in use, as they were collected. */
static void ids_in_the_wild(void **state)
{
    struct arena *a;
    const struct json *all = test_data_json("stix/tlp/tlp-ids-in-the-wild.json", &a);
    size_t n = 0;

    (void)state;
    for (const struct json *family = all->child; family; family = family->next)
        for (const struct json *one = family->child; one; one = one->next, n++) {
            enum tlp by_word, by_id;

            test_row("%s %s", family->key, one->key);
            CHECK(tlp_read(one->key, one->key_n, &by_word));
            CHECK(tlp_of_id(one->text, &by_id));
            CHECK_U(by_id, by_word);
            if (!strcmp(family->key, "oasis_tlp2"))
                CHECK_S(tlp_id(by_word), one->text);
        }
    CHECK_U(n, 14);
    arena_free(a);
}

static void unknown_and_missing(void **state)
{
    enum tlp t;

    (void)state;
    CHECK(!tlp_of_id("marking-definition--00000000-0000-4000-8000-000000000000", &t));
    CHECK_U(mark_effective(TLP_NONE), TLP_AMBER_STRICT);
    CHECK_U(mark_effective(TLP_CLEAR), TLP_CLEAR);
    CHECK_U(tlp_narrower(TLP_NONE, TLP_CLEAR), TLP_AMBER_STRICT);
    CHECK_U(tlp_narrower(TLP_NONE, TLP_RED), TLP_RED);
    for (int x = TLP_CLEAR; x <= TLP_RED; x++)
        for (int y = TLP_CLEAR; y <= TLP_RED; y++)
            CHECK_U(tlp_narrower((enum tlp)x, (enum tlp)y), x > y ? x : y);
}

static void both_uses_hold(void **state)
{
    static const struct {
        const char *one, *other, *want;
    } rows[] = {
        {"", "", ""},
        {"screening", "", "screening"},
        {"", "screening", "screening"},
        {"screening", "screening", "screening"},
        {"screening", "not in court", "screening; not in court"},
        {"screening; not in court", "not in court", "screening; not in court"},
        {"court", "not in court", "court; not in court"},
        {"pap:red", "PAP:GREEN", "PAP:RED"},
        {"PAP:CLEAR", "pap:amber", "PAP:AMBER"},
        {"PAP:WHITE", "PAP:CLEAR", "PAP:CLEAR"},
        {"PAP:RED", "screening", "PAP:RED; screening"},
    };
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    char long_use[MARK_USE_MAX + 1];
    const char *got;
    struct err err;

    (void)state;
    CHECK(a);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_row("%s + %s", rows[i].one, rows[i].other);
        CHECK_OK(mark_use_both(a, rows[i].one, rows[i].other, &got, &err), err);
        CHECK_S(got, rows[i].want);
    }
    memset(long_use, 'x', MARK_USE_MAX);
    long_use[MARK_USE_MAX] = 0;
    CHECK(!mark_use_both(a, long_use, "more", &got, &err));
    CHECK_U(err.class, ERR_LIMIT);
    arena_free(a);
}

/* RFC 9562, appendix A.4: namespace of DNS names, "www.example.com". */
static void uuid_of_a_name(void **state)
{
    static const struct uuid dns = {{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4,
                                     0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}};
    struct uuid u = uuid5(&dns, "www.example.com", 15);
    char text[UUID_TEXT];

    (void)state;
    CHECK_S(uuid_text(&u, text), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(ids_in_the_wild),
        cmocka_unit_test(unknown_and_missing),
        cmocka_unit_test(both_uses_hold),
        cmocka_unit_test(uuid_of_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
