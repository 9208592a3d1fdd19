/* Wallets as they are written: ids of the standard, the same bytes twice, cells that no spreadsheet
 * takes for a formula. What is read back is asked in test_indicators.c. */
#include "support.h"

#include "base/time.h"
#include "intel/wallet.h"

static struct wallet wallet(const char *key, enum address_space space)
{
    return (struct wallet){.key = key,
                           .space = space,
                           .network = "",
                           .label = "a label",
                           .source = "https://example.org/a",
                           .source_name = "pack",
                           .external_id = "",
                           .abuse = TAG_THEFT,
                           .confidence = TAG_AUTHORITY_DATA,
                           .day = WALLET_NO_DAY,
                           .use = ""};
}

static const struct wallet_sheet sheet = {"Example CERT", {TLP_AMBER_STRICT, "screening"}};

typedef bool writer(struct text *to, struct arena *a, const struct wallet_sheet *s,
                    const struct wallet *w, size_t n, struct err *err);

static struct text written(writer *write, struct arena *a, const struct wallet_sheet *s,
                           const struct wallet *w, size_t n)
{
    struct text t = text_new((size_t)1 << 20);
    struct err err;

    CHECK_OK(write(&t, a, s, w, n, &err), err);
    CHECK(text_string(&t));
    return t;
}

/* The ids that OASIS' own library gives to the same values. */
static void ids_of_the_standard(void **state)
{
    struct arena *a;
    const struct json *all = test_data_json("stix/ids/deterministic-sco-ids.json", &a);
    size_t n = 0;

    (void)state;
    for (const struct json *one = all->child; one; one = one->next) {
        const struct json *object = json_get(one, "object");
        const char *id = json_get(one, "expected_id")->text;
        struct wallet w = wallet("", SPACE_EVM);
        struct text t;

        if (!json_is_string(json_get(object, "type"), "cryptocurrency-wallet"))
            continue;
        n++;
        test_row("%s", id);
        w.key = json_get(object, "value")->text;
        t = written(wallets_stix, a, &sheet, &w, 1);
        CHECK(strstr(t.p, id));
        text_free(&t);
    }
    CHECK_U(n, 4);
    arena_free(a);
}

static const struct json *by_type(const struct json *bundle, const char *type, size_t which)
{
    for (const struct json *o = json_get(bundle, "objects")->child; o; o = o->next)
        if (json_is_string(json_get(o, "type"), type) && !which--)
            return o;
    return NULL;
}

static size_t count_type(const struct json *bundle, const char *type)
{
    size_t n = 0;

    while (by_type(bundle, type, n))
        n++;
    return n;
}

static void a_bundle(void **state)
{
    struct arena *a = arena_new(NULL, (size_t)16 << 20);
    struct wallet w[3] = {wallet("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", SPACE_BITCOIN),
                          wallet("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", SPACE_BITCOIN),
                          wallet("0x098b716b8aaf21512996dc57eb0615e2383e2f96", SPACE_EVM)};
    const struct json *bundle, *o, *refs;
    struct text t, again;
    struct err err;

    (void)state;
    CHECK(a);
    w[1].label = "another";
    w[1].use = "not in court";
    CHECK(time_from_date(2022, 3, 23, &w[2].day));
    t = written(wallets_stix, a, &sheet, w, 3);
    CHECK_OK(json_read(a, t.p, t.n, &bundle, &err), err);
    CHECK(!json_get(bundle, "spec_version")); /* section 8: bundles of 2.1 have none */
    CHECK_U(count_type(bundle, "cryptocurrency-wallet"), 2);
    CHECK_U(count_type(bundle, "indicator"), 3);
    CHECK_U(count_type(bundle, "marking-definition"), 3); /* TLP, two uses */
    CHECK_U(count_type(bundle, "identity"), 2);
    /* by value: the EVM address is first */
    o = by_type(bundle, "indicator", 0);
    CHECK_S(json_get(o, "pattern")->text,
            "[cryptocurrency-wallet:value = '0x098b716b8aaf21512996dc57eb0615e2383e2f96']");
    CHECK_S(json_get(o, "valid_from")->text, "2022-03-23T00:00:00.000Z");
    CHECK_S(json_get(o, "created")->text, "2022-03-23T00:00:00.000Z");
    CHECK_S(json_get(o, "confidence")->text, "60");
    refs = json_get(o, "object_marking_refs");
    CHECK_U(refs->children_n, 2);
    CHECK_S(refs->child->text, "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003");
    o = by_type(bundle, "cryptocurrency-wallet", 1); /* under every use of what is said of it */
    CHECK_U(json_get(o, "object_marking_refs")->children_n, 3);
    again = written(wallets_stix, a, &sheet, w, 3);
    CHECK_U(again.n, t.n);
    CHECK(!memcmp(again.p, t.p, t.n));
    text_free(&again);
    text_free(&t);
    arena_free(a);
}

static const char *indicator_id(struct arena *a, const struct wallet_sheet *s, struct wallet w)
{
    const struct json *bundle;
    struct text t = written(wallets_stix, a, s, &w, 1);
    struct err err;

    CHECK_OK(json_read(a, t.p, t.n, &bundle, &err), err);
    text_free(&t);
    return json_get(by_type(bundle, "indicator", 0), "id")->text;
}

/* STIX 2.1, 3.6.2: one id and day must never say two things. */
static void what_differs_has_another_id(void **state)
{
    struct arena *a = arena_new(NULL, (size_t)64 << 20);
    struct wallet usual = wallet("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", SPACE_BITCOIN), w[9];
    struct wallet_sheet other = sheet;
    const char *id;

    (void)state;
    CHECK(a);
    id = indicator_id(a, &sheet, usual);
    CHECK_S(indicator_id(a, &sheet, usual), id);
    for (size_t i = 0; i < 9; i++)
        w[i] = usual;
    w[0].label = "b";
    w[1].source = "b";
    w[2].source_name = "b";
    w[3].network = "b";
    w[4].category = TAG_MIXER;
    w[5].abuse = TAG_SCAM;
    w[6].confidence = TAG_HEURISTIC;
    w[7].day = 86400;
    w[8].use = "b";
    for (size_t i = 0; i < 9; i++) {
        test_row("%zu", i);
        CHECK(strcmp(indicator_id(a, &sheet, w[i]), id) != 0);
    }
    other.mark.tlp = TLP_GREEN;
    CHECK(strcmp(indicator_id(a, &other, usual), id) != 0);
    other = sheet;
    other.mark.use = "any";
    CHECK(strcmp(indicator_id(a, &other, usual), id) != 0);
    other = sheet;
    other.producer = "somebody else";
    CHECK(strcmp(indicator_id(a, &other, usual), id) != 0);
    arena_free(a);
}

static void an_event(void **state)
{
    static const struct {
        enum tlp tlp;
        const char *distribution, *tag;
    } rows[] = {
        {TLP_CLEAR, "3", "tlp:clear"}, {TLP_GREEN, "2", "tlp:green"},
        {TLP_AMBER, "1", "tlp:amber"}, {TLP_AMBER_STRICT, "0", "tlp:amber+strict"},
        {TLP_RED, "0", "tlp:red"},
    };
    struct arena *a = arena_new(NULL, (size_t)16 << 20);
    struct wallet w[2] = {wallet("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", SPACE_BITCOIN),
                          wallet("TNDjh6WGLYyWmkh8vfu42bXVHUqFNQ3rDq", SPACE_TRON)};

    (void)state;
    CHECK(a);
    w[1].abuse = TAG_UNKNOWN;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wallet_sheet s = {"Example CERT", {rows[i].tlp, "PAP:GREEN"}};
        struct text t = written(wallets_misp, a, &s, w, 2);
        const struct json *j, *event, *at;
        struct err err;

        test_row("%s", rows[i].tag);
        CHECK_OK(json_read(a, t.p, t.n, &j, &err), err);
        event = json_get(j, "Event");
        CHECK_S(json_get(event, "distribution")->text, rows[i].distribution);
        CHECK_S(json_get(json_get(event, "Tag")->child, "name")->text, rows[i].tag);
        CHECK_S(json_get(json_get(event, "Tag")->child->next, "name")->text, "PAP:GREEN");
        at = json_get(json_get(event, "Object")->child, "Attribute")->child;
        CHECK_S(json_get(at, "type")->text, "btc");
        CHECK_U(json_get(at, "to_ids")->type, JSON_TRUE);
        at = json_get(json_get(event, "Object")->child->next, "Attribute")->child;
        CHECK_S(json_get(at, "object_relation")->text, "address-crypto");
        CHECK_U(json_get(at, "to_ids")->type, JSON_FALSE); /* nobody accuses it */
        text_free(&t);
    }
    arena_free(a);
}

static void cells(void **state)
{
    static const struct {
        const char *label, *want;
    } rows[] = {
        {"plain", ",plain,"},
        {"a, b", ",\"a, b\","},
        {"say \"x\"", ",\"say \"\"x\"\"\","},
        {"=1+1", ",'=1+1,"},
        {"+41 79", ",'+41 79,"},
        {"-1", ",'-1,"},
        {"@SUM(A1)", ",'@SUM(A1),"},
        {"'=1", ",''=1,"},
        {"'quoted'", ",'quoted',"},
        {"=HYPERLINK(\"x\")", ",\"'=HYPERLINK(\"\"x\"\")\","},
    };
    struct arena *a = arena_new(NULL, (size_t)1 << 22);

    (void)state;
    CHECK(a);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wallet w = wallet("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", SPACE_BITCOIN);
        struct text t;

        test_row("%s", rows[i].label);
        w.label = rows[i].label;
        t = written(wallets_csv, a, &sheet, &w, 1);
        CHECK(strstr(t.p, rows[i].want));
        text_free(&t);
    }
    arena_free(a);
}

static void chains(void **state)
{
    static const struct {
        const char *key, *network, *chain, *asset, *caip2;
        enum address_space space;
    } rows[] = {
        {"0x098b716b8aaf21512996dc57eb0615e2383e2f96", "", "evm", "", "evm", SPACE_EVM},
        {"0x098b716b8aaf21512996dc57eb0615e2383e2f96", "ETH", "evm", "ETH", "eip155:1", SPACE_EVM},
        {"0x098b716b8aaf21512996dc57eb0615e2383e2f96", "USDT", "evm", "USDT", "evm", SPACE_EVM},
        {"0x098b716b8aaf21512996dc57eb0615e2383e2f96", "polygon", "polygon", "", "eip155:137",
         SPACE_EVM},
        {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "XBT", "bitcoin", "XBT",
         "bip122:000000000019d6689c085ae165831e93", SPACE_BITCOIN},
        {"TNDjh6WGLYyWmkh8vfu42bXVHUqFNQ3rDq", "USDT", "tron", "USDT", "tron:0x2b6653dc",
         SPACE_TRON},
        {"cosmos1", "ATOM", "other", "ATOM", "other", SPACE_OTHER},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct wallet w = wallet(rows[i].key, rows[i].space);
        char caip2[ADDRESS_CAIP2_MAX];

        w.network = rows[i].network;
        test_row("%s %s", rows[i].key, rows[i].network);
        CHECK_S(wallet_chain(&w), rows[i].chain);
        CHECK_S(wallet_asset(&w), rows[i].asset);
        CHECK_S(wallet_caip2(&w, caip2), rows[i].caip2);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_of_the_standard),
        cmocka_unit_test(a_bundle),
        cmocka_unit_test(what_differs_has_another_id),
        cmocka_unit_test(an_event),
        cmocka_unit_test(cells),
        cmocka_unit_test(chains),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
