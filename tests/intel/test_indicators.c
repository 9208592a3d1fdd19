/* Indicators from others: each format as it is met, what is no wallet, markings, files that are cut
 * or hostile; and what cordon writes comes back as it was. */
#include "support.h"

#include "intel/indicators.h"
#include "intel/wallet.h"

#include <stdio.h>
#include <stdlib.h>

#define GENESIS "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
#define EVM_KEY "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"
#define TRON "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
#define XMR                                                                                        \
    "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBE" \
    "P3A"

static struct bytes bytes_of(const char *text)
{
    return (struct bytes){(const uint8_t *)text, strlen(text)};
}

static struct arena *read_good(const char *text, struct tag_pack *p, struct indicators_told *told)
{
    struct arena *a = arena_new(NULL, (size_t)64 << 20);
    struct err err;

    CHECK(a);
    CHECK_OK(indicators_read(a, bytes_of(text), "sample", p, told, &err), err);
    return a;
}

/* Fails unless it is refused with that text in the complaint. */
static void refused(const char *text, const char *why)
{
    struct arena *a = arena_new(NULL, (size_t)64 << 20);
    struct indicators_told told;
    struct tag_pack p;
    struct err err;

    CHECK(a);
    test_row("%.60s", text);
    CHECK(!indicators_read(a, bytes_of(text), "sample", &p, &told, &err));
    CHECK_U(err.class, ERR_INPUT);
    if (!strstr(err.text, why))
        test_failed(__FILE__, __LINE__, "\"%s\" does not say \"%s\"", err.text, why);
    arena_free(a);
}

/* ---- STIX ---- */

#define ID(type, n)                                                                                \
    "\"type\":\"" type "\",\"id\":\"" type "--00000000-0000-4000-8000-00000000000" n "\""
#define BUNDLE(objects) "{\"type\":\"bundle\",\"id\":\"bundle--1\",\"objects\":[" objects "]}"
#define WALLET(n, more) "{" ID("cryptocurrency-wallet", n) ",\"value\":\"" GENESIS "\"" more "}"
#define INDICATOR(n, pattern, more)                                                                \
    "{" ID("indicator", n) ",\"pattern_type\":\"stix\",\"pattern\":\"" pattern "\"" more "}"
#define OF_GENESIS "[cryptocurrency-wallet:value = '" GENESIS "']"
#define MARKED(id) ",\"object_marking_refs\":[\"marking-definition--" id "\"]"
#define GREEN_1 "34098fce-860f-48ae-8e50-ebd3cc5e41da"
#define GREEN_2 "bab4a63c-aed9-4cf5-a766-dfca5abac2bb"
#define CLEAR_2 "94868c89-83c2-464b-929b-a1a8aa3c8487"
#define OWN "00000000-0000-4000-8000-000000000009"
#define STATEMENT(text)                                                                            \
    "{" ID("marking-definition", "9") ",\"definition_type\":\"statement\","                        \
                                      "\"definition\":{\"statement\":\"" text "\"}}"

static void markings_of_bundles(void **state)
{
    static const struct {
        const char *name, *text;
        enum tlp tlp;
        const char *use;
        size_t unknown;
    } rows[] = {
        {"none", BUNDLE(WALLET("1", "")), TLP_AMBER_STRICT, "", 0},
        {"TLP 1", BUNDLE(WALLET("1", MARKED(GREEN_1))), TLP_GREEN, "", 0},
        {"TLP 2", BUNDLE(WALLET("1", MARKED(GREEN_2))), TLP_GREEN, "", 0},
        {"clear", BUNDLE(WALLET("1", MARKED(CLEAR_2))), TLP_CLEAR, "", 0},
        {"OpenCTI's", BUNDLE(WALLET("1", MARKED("826578e1-40ad-459f-bc73-ede076f81f37"))),
         TLP_AMBER_STRICT, "", 0},
        {"unknown is red", BUNDLE(WALLET("1", MARKED(OWN))), TLP_RED, "", 1},
        {"empty is none", BUNDLE(WALLET("1", ",\"object_marking_refs\":[]")), TLP_AMBER_STRICT, "",
         0},
        {"not a text", BUNDLE(WALLET("1", ",\"object_marking_refs\":[7]")), TLP_RED, "", 1},
        {"statement alone", BUNDLE(WALLET("1", MARKED(OWN)) "," STATEMENT("Permitted use: x")),
         TLP_AMBER_STRICT, "x", 0},
        {"a statement of another kind",
         BUNDLE(STATEMENT("Copyright X") "," WALLET("1", MARKED(OWN))), TLP_AMBER_STRICT,
         "Copyright X", 0},
        {"the narrower of two wallets",
         BUNDLE(WALLET("1", MARKED(CLEAR_2)) "," INDICATOR(
             "2", "[cryptocurrency-wallet:value = '" TRON "']", MARKED(GREEN_2))),
         TLP_GREEN, "", 0},
        {"of wallet and indicator",
         BUNDLE(INDICATOR("2", OF_GENESIS, MARKED(CLEAR_2)) "," WALLET("1", MARKED(GREEN_2))),
         TLP_GREEN, "", 0},
        {"one of two is not marked",
         BUNDLE(INDICATOR("2", OF_GENESIS, MARKED(CLEAR_2)) "," INDICATOR("3", OF_GENESIS, "")),
         TLP_AMBER_STRICT, "", 0},
        {"granular",
         BUNDLE(WALLET("1", MARKED(CLEAR_2) ",\"granular_markings\":[{\"marking_ref\":"
                                            "\"marking-definition--" GREEN_2
                                            "\",\"selectors\":[\"value\"]},{\"lang\":\"ko\","
                                            "\"selectors\":[\"value\"]}]")),
         TLP_GREEN, "", 0},
        {"what is known is not redefined",
         BUNDLE("{\"type\":\"marking-definition\",\"id\":\"marking-definition--" GREEN_2
                "\",\"definition_type\":\"tlp\",\"definition\":{\"tlp\":\"white\"}}," WALLET(
                    "1", MARKED(GREEN_2))),
         TLP_GREEN, "", 0},
        {"TLP of somebody's own id",
         BUNDLE(WALLET("1", MARKED(OWN)) ",{" ID(
             "marking-definition", "9") ",\"definition_type\":"
                                        "\"tlp\",\"definition\":{\"tlp\":\"amber\"}}"),
         TLP_AMBER, "", 0},
        {"a TLP that is none",
         BUNDLE(WALLET("1", MARKED(OWN)) ",{" ID(
             "marking-definition", "9") ",\"definition_type\":"
                                        "\"tlp\",\"definition\":{\"tlp\":\"mauve\"}}"),
         TLP_RED, "", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct indicators_told told;
        struct tag_pack p;
        struct arena *a;

        test_row("%s", rows[i].name);
        a = read_good(rows[i].text, &p, &told);
        CHECK_S(tlp_name(p.mark.tlp), tlp_name(rows[i].tlp));
        CHECK_S(p.mark.use, rows[i].use);
        CHECK_U(p.private, rows[i].tlp != TLP_CLEAR);
        CHECK_U(told.marks_unknown, rows[i].unknown);
        CHECK_S(p.format, "stix");
        arena_free(a);
    }
}

static void forms_of_wallets(void **state)
{
    static const char *const rows[] = {
        BUNDLE(WALLET("1", "")),
        WALLET("1", ""), /* an object alone */
        BUNDLE("{" ID("cryptocurrency-wallet", "1") ",\"address\":\"" GENESIS "\"}"),
        BUNDLE("{" ID("x-opencti-cryptocurrency-wallet", "1") ",\"value\":\"" GENESIS "\"}"),
        BUNDLE(INDICATOR("1", OF_GENESIS, "")),
        BUNDLE(INDICATOR("1", "[x-opencti-cryptocurrency-wallet:value='" GENESIS "']", "")),
        BUNDLE(WALLET("1", "") "," INDICATOR("2", OF_GENESIS, "")),
        BUNDLE(WALLET("1", "") "," WALLET("2", "")), /* copies of one object */
        "\xef\xbb\xbf {\"objects\":[" WALLET("1", "") "],\"id\":\"b\",\"type\":\"bundle\"}\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct indicators_told told;
        struct tag_pack p;
        struct arena *a;

        test_row("%zu", i);
        a = read_good(rows[i], &p, &told);
        CHECK_U(p.tags_n, 1);
        CHECK_S(p.tags[0].key, GENESIS);
        CHECK_U(p.tags[0].space, SPACE_BITCOIN);
        CHECK_U(told.others, 0);
        arena_free(a);
    }
}

static void what_an_indicator_says(void **state)
{
    struct indicators_told told;
    struct tag_pack p;
    struct arena *a = read_good(
        BUNDLE(INDICATOR(
            "1", "[cryptocurrency-wallet:value = '" EVM_KEY "']",
            ",\"name\":\"upbit\\nhack\",\"labels\":[\"theft\",\"mixer\"],\"confidence\":65,"
            "\"created\":\"2024-01-02T03:04:05.000Z\",\"modified\":\"2024-02-03T00:00:00Z\","
            "\"external_references\":[{\"source_name\":\"x\"},{\"source_name\":\"y\","
            "\"url\":\"https://example.org/\"}]") "," INDICATOR("2", OF_GENESIS,
                                                                ",\"description\":\"d\","
                                                                "\"created_by_ref\":\"identity--"
                                                                "00000000-0000-4000-8000-"
                                                                "000000000003\"") ",{" ID("identit"
                                                                                          "y",
                                                                                          "3") ","
                                                                                               "\"n"
                                                                                               "am"
                                                                                               "e\""
                                                                                               ":"
                                                                                               "\"A"
                                                                                               " "
                                                                                               "CER"
                                                                                               "T\""
                                                                                               "}"),
        &p, &told);
    const struct tag *t;

    (void)state;
    CHECK_U(p.tags_n, 2);
    t = &p.whats[p.tags[0].what]; /* bitcoin is before evm */
    CHECK_S(t->label, "d");
    CHECK_S(t->source, "A CERT");
    CHECK_U(t->lastmod, TAG_NO_DAY);
    t = &p.whats[p.tags[1].what];
    CHECK_S(t->label, "upbit hack");
    CHECK_U(t->abuse, TAG_THEFT);
    CHECK_U(t->category, TAG_MIXER);
    CHECK_S(t->source, "https://example.org/");
    CHECK_U(tag_confidence_level(t->confidence), 60); /* the level below */
    CHECK_U(t->lastmod, 1706918400);
    arena_free(a);
}

static void patterns(void **state)
{
    static const struct {
        const char *pattern;
        enum pattern_reading want;
        size_t n;
    } rows[] = {
        {"[cryptocurrency-wallet:value = 'a']", PATTERN_WALLETS, 1},
        {" [ cryptocurrency-wallet:value='a' ] ", PATTERN_WALLETS, 1},
        {"[cryptocurrency-wallet:value = 'a' OR cryptocurrency-wallet:value = 'b']",
         PATTERN_WALLETS, 2},
        {"[cryptocurrency-wallet:value = 'a'] OR [cryptocurrency-wallet:value = 'b']",
         PATTERN_WALLETS, 2},
        {"[cryptocurrency-wallet:value IN ('a', 'b', 'c')]", PATTERN_WALLETS, 3},
        {"[domain-name:value = 'x' OR cryptocurrency-wallet:value = 'a']", PATTERN_WALLETS, 1},
        {"[cryptocurrency-wallet:value = 'a' AND cryptocurrency-wallet:value = 'b']",
         PATTERN_UNREAD, 0},
        {"[cryptocurrency-wallet:value = 'a'] FOLLOWEDBY [cryptocurrency-wallet:value = 'b']",
         PATTERN_UNREAD, 0},
        {"[cryptocurrency-wallet:value = 'a'] WITHIN 5 SECONDS", PATTERN_UNREAD, 0},
        {"[cryptocurrency-wallet:value != 'a']", PATTERN_UNREAD, 0},
        {"[cryptocurrency-wallet:value NOT = 'a']", PATTERN_UNREAD, 0},
        {"[NOT cryptocurrency-wallet:value = 'a']", PATTERN_UNREAD, 0},
        {"[cryptocurrency-wallet:value LIKE 'a%']", PATTERN_UNREAD, 0},
        {"[cryptocurrency-wallet:value = 'a]", PATTERN_UNREAD, 0},
        {"[cryptocurrency-wallet:value = 'a\\'", PATTERN_UNREAD, 0},
        {"[cryptocurrency-wallet:value = 'a'", PATTERN_UNREAD, 0},
        {"[cryptocurrency-wallet:value", PATTERN_UNREAD, 0},
        {"[cryptocurrency-wallet:value IN ('a']", PATTERN_UNREAD, 0},
        {"[cryptocurrency-wallet:holder_ref.name = 'x']", PATTERN_OTHER, 0},
        {"[ipv4-addr:value = '198.51.100.1']", PATTERN_OTHER, 0},
        {"", PATTERN_OTHER, 0},
    };
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    const char *values[PATTERN_VALUES_MAX];
    size_t n;

    (void)state;
    CHECK(a);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_row("%s", rows[i].pattern);
        CHECK_U(stix_pattern_wallets(a, rows[i].pattern, values, &n), rows[i].want);
        CHECK_U(rows[i].want == PATTERN_WALLETS ? n : 0, rows[i].n);
    }
    CHECK_U(stix_pattern_wallets(a, "[cryptocurrency-wallet:value = 'a\\'b\\\\c']", values, &n),
            PATTERN_WALLETS);
    CHECK_S(values[0], "a'b\\c");
    arena_free(a);
}

/* The pattern validator's own cases: what it refuses is never taken for a list of wallets. */
static void patterns_of_the_standard(void **state)
{
    struct arena *a;
    const struct json *all = test_data_json("stix/pattern/syntax-cases.json", &a);
    const char *values[PATTERN_VALUES_MAX];
    size_t n, seen = 0;

    (void)state;
    for (const struct json *one = all->child; one; one = one->next, seen++)
        CHECK_U(stix_pattern_wallets(a, json_get(one, "pattern")->text, values, &n), PATTERN_OTHER);
    CHECK_U(seen, 54);
    arena_free(a);
}

static void counted(void **state)
{
    struct indicators_told told;
    struct tag_pack p;
    struct arena *a = read_good(
        BUNDLE(INDICATOR("1", OF_GENESIS, ",\"revoked\":true") "," INDICATOR(
            "2", "[cryptocurrency-wallet:value LIKE 'a%']",
            "") "," INDICATOR("3", "[ipv4-addr:value = '198.51.100.1']",
                              "") ",{" ID("malware",
                                          "4") "}," WALLET("5",
                                                           ",\"x\":1") ",{" ID("cryptocurrency-"
                                                                               "wallet",
                                                                               "6") ",\"value\":"
                                                                                    "\"no "
                                                                                    "address\"}"),
        &p, &told);

    (void)state;
    CHECK_U(told.revoked, 1);
    CHECK_U(told.patterns, 1);
    CHECK_U(told.others, 2);
    CHECK_U(told.wallets, 2);
    CHECK_U(p.tags_n, 1);
    CHECK_U(p.stated_n, 2);
    CHECK_U(p.counts[TAG_PROBLEM_ADDRESS], 1);
    arena_free(a);
}

/* Bundles of OpenCTI's client and an event of ESET: nothing of them is a wallet, and none fails. */
static void files_of_others(void **state)
{
    static const struct {
        const char *path;
        size_t wallets, objects;
    } rows[] = {
        {"stix/opencti/DATA-TEST-STIX2_v2.json", 0, 59},
        {"stix/opencti/basicMalwareWithSample.json", 0, 2},
        {"stix/opencti/indicator_stix.json", 0, 2},
        {"stix/crypto-sco/cryptocurrency-wallet--b6ae6083-875f-5fe9-84b9-89e168f89406.json", 1, 1},
        {"stix/crypto-sco/cryptocurrency-transaction--d3b3642a-9759-5078-9fae-3a868238889c.json", 0,
         1},
        {"stix/dprk/eset-lazarus-lazarus_3cx.json.zst", 0, 50},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, (size_t)64 << 20);
        struct bytes in = test_data(rows[i].path);
        struct indicators_told told;
        struct tag_pack p;
        struct err err;

        CHECK(a);
        test_row("%s", rows[i].path);
        CHECK_OK(indicators_read(a, in, "x", &p, &told, &err), err);
        CHECK_U(told.wallets, rows[i].wallets);
        CHECK(told.others + told.wallets <= rows[i].objects && told.marks_unknown == 0);
        arena_free(a);
    }
}

/* ---- MISP ---- */

#define ATTRIBUTE(type, value, more)                                                               \
    "{\"type\":\"" type "\",\"category\":\"Financial fraud\",\"value\":\"" value "\"" more "}"
#define EVENT(tags, attributes, objects)                                                           \
    "{\"Event\":{\"info\":\"an event\",\"date\":\"2024-03-04\",\"Orgc\":{\"name\":\"A CERT\"},"    \
    "\"Attribute\":[" attributes "],\"Object\":[" objects "],\"Tag\":[" tags "]}}"
#define TAG(name) "{\"name\":\"" name "\"}"

static void events(void **state)
{
    struct indicators_told told;
    struct tag_pack p;
    const struct tag *t;
    struct arena *a = read_good(
        EVENT(TAG("tlp:green") "," TAG("PAP:AMBER"),
              ATTRIBUTE("btc", GENESIS, ",\"comment\":\"ransom\"") "," ATTRIBUTE(
                  "xmr", XMR, "") "," ATTRIBUTE("ip-dst", "198.51.100.1",
                                                "") "," ATTRIBUTE("btc",
                                                                  "1A1zP1eP5QGefi2DMPTfTL5S"
                                                                  "Lmv7DivfNb",
                                                                  "") "," ATTRIBUTE("btc",
                                                                                    "12QtD5BFwRsdN"
                                                                                    "sAZY76UVE1xyC"
                                                                                    "GNTojH9h",
                                                                                    ",\"deleted\":"
                                                                                    "true"),
              "{\"name\":\"coin-address\",\"Attribute\":[" ATTRIBUTE(
                  "text", TRON,
                  ",\"object_relation\":\"address-crypto\"") "," ATTRIBUTE("text", "USDT",
                                                                           ",\"object"
                                                                           "_relation"
                                                                           "\":"
                                                                           "\"symbol"
                                                                           "\"") "]}"),
        &p, &told);

    (void)state;
    CHECK_S(p.format, "misp");
    CHECK_U(p.mark.tlp, TLP_GREEN);
    CHECK_S(p.mark.use, "PAP:AMBER");
    CHECK_U(p.tags_n, 3);
    CHECK_U(p.stated_n, 4);
    CHECK_U(told.others, 1);
    CHECK_U(told.revoked, 1);
    t = &p.whats[p.tags[0].what];
    CHECK_S(t->label, "ransom");
    CHECK_S(t->source, "A CERT");
    CHECK_U(t->lastmod, 1709510400);
    CHECK_U(p.tags[1].space, SPACE_MONERO);
    CHECK_S(p.whats[p.tags[1].what].label, "an event");
    CHECK_U(p.tags[2].space, SPACE_TRON);
    CHECK_S(p.whats[p.tags[2].what].network, "USDT");
    arena_free(a);
}

/* What other tools write: tags of taxonomies and galaxies, of the event and of an attribute. */
static void taxonomies(void **state)
{
    struct indicators_told told;
    struct tag_pack p;
    const struct tag *t;
    struct arena *a = read_good(
        EVENT(TAG("tlp:clear") "," TAG("misp-galaxy:threat-actor=\\\"Lazarus Group\\\"") "," TAG(
                  "circl:incident-classification=\\\"scam\\\"") "," TAG("type:OSINT"),
              ATTRIBUTE("btc", GENESIS,
                        ",\"first_seen\":\"2024-02-21T14:00:00.000000+00:00\",\"Tag\":[" TAG(
                            "cryptocurrency-threat:Next-Generation Crypto Mixers") "]") "," //
              ATTRIBUTE("xmr", XMR, ",\"Tag\":[" TAG("cordon:category=\\\"exchange\\\"") "]"),
              ""),
        &p, &told);

    (void)state;
    CHECK_U(p.tags_n, 2);
    t = &p.whats[p.tags[0].what];
    CHECK_U(t->category, TAG_MIXER);
    CHECK_U(t->abuse, TAG_SCAM);
    CHECK_S(t->label, "an event (Lazarus Group)");
    CHECK_U(t->lastmod, 1708524000);
    t = &p.whats[p.tags[1].what]; /* what we wrote ourselves is all that counts */
    CHECK_U(t->category, TAG_EXCHANGE);
    CHECK_U(t->abuse, TAG_UNKNOWN);
    arena_free(a);
}

static void markings_of_events(void **state)
{
    static const struct {
        const char *name, *text;
        enum tlp tlp;
        const char *use;
    } rows[] = {
        {"none", EVENT("", ATTRIBUTE("btc", GENESIS, ""), ""), TLP_AMBER_STRICT, ""},
        {"other tags", EVENT(TAG("osint:x"), ATTRIBUTE("btc", GENESIS, ""), ""), TLP_AMBER_STRICT,
         ""},
        {"white", EVENT(TAG("tlp:white"), ATTRIBUTE("btc", GENESIS, ""), ""), TLP_CLEAR, ""},
        {"two", EVENT(TAG("tlp:green") "," TAG("TLP:CLEAR"), ATTRIBUTE("btc", GENESIS, ""), ""),
         TLP_GREEN, ""},
        {"unknown", EVENT(TAG("tlp:unclear"), ATTRIBUTE("btc", GENESIS, ""), ""), TLP_RED, ""},
        {"of the attribute",
         EVENT(TAG("tlp:clear"), ATTRIBUTE("btc", GENESIS, ",\"Tag\":[" TAG("tlp:amber") "]"), ""),
         TLP_AMBER, ""},
        {"the attribute alone",
         EVENT("", ATTRIBUTE("btc", GENESIS, ",\"Tag\":[" TAG("tlp:clear") "]"), ""), TLP_CLEAR,
         ""},
        {"of another attribute",
         EVENT(TAG("tlp:clear"),
               ATTRIBUTE("btc", GENESIS, "") "," ATTRIBUTE("domain", "x.org",
                                                           ",\"Tag\":[" TAG("tlp:red") "]"),
               ""),
         TLP_CLEAR, ""},
        {"uses",
         EVENT(TAG("tlp:clear") "," TAG("cordon:permitted-use=\\\"say \\\"x\\\"\\\""),
               ATTRIBUTE("btc", GENESIS, ""), ""),
         TLP_CLEAR, "say \"x\""},
        {"a word that PAP does not have",
         EVENT(TAG("tlp:clear") "," TAG("PAP:BLUE"), ATTRIBUTE("btc", GENESIS, ""), ""), TLP_CLEAR,
         "PAP:RED"},
        {"two events",
         "{\"response\":[" EVENT(TAG("tlp:clear"), ATTRIBUTE("btc", GENESIS, ""), "") "," EVENT(
             TAG("tlp:amber"), ATTRIBUTE("xmr", XMR, ""), "") "]}",
         TLP_AMBER, ""},
        {"a list", "[" EVENT(TAG("tlp:clear"), ATTRIBUTE("btc", GENESIS, ""), "") "]", TLP_CLEAR,
         ""},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct indicators_told told;
        struct tag_pack p;
        struct arena *a;

        test_row("%s", rows[i].name);
        a = read_good(rows[i].text, &p, &told);
        CHECK_S(tlp_name(p.mark.tlp), tlp_name(rows[i].tlp));
        CHECK_S(p.mark.use, rows[i].use);
        CHECK_U(p.private, rows[i].tlp != TLP_CLEAR);
        arena_free(a);
    }
}

/* ---- tables ---- */

static void tables(void **state)
{
    struct indicators_told told;
    struct tag_pack p;
    struct arena *a = read_good("tlp,address,label,category,permitted_use,confidence\r\n"
                                "clear," GENESIS ",'=cmd,exchange|theft,a,70\r\n"
                                "\r\n"
                                "GREEN," EVM_KEY ",'quoted',,b,\r\n"
                                "clear,nothing,x,,a,1\r\n",
                                &p, &told);
    const struct tag *t;

    (void)state;
    CHECK_S(p.format, "indicators");
    CHECK_U(p.mark.tlp, TLP_GREEN);
    CHECK_S(p.mark.use, "a; b");
    CHECK_U(p.tags_n, 2);
    CHECK_U(p.stated_n, 3);
    t = &p.whats[p.tags[0].what];
    CHECK_S(t->label, "=cmd");
    CHECK_U(t->category, TAG_EXCHANGE);
    CHECK_U(t->abuse, TAG_THEFT);
    CHECK_U(tag_confidence_level(t->confidence), 70);
    CHECK_S(p.whats[p.tags[1].what].label, "'quoted'");
    arena_free(a);
    a = read_good("address,tlp\n" GENESIS ",mauve\n", &p, &told);
    CHECK_U(p.mark.tlp, TLP_RED);
    CHECK_U(told.marks_unknown, 1);
    arena_free(a);
    a = read_good("address\n" GENESIS "\n", &p, &told);
    CHECK_U(p.mark.tlp, TLP_AMBER_STRICT);
    arena_free(a);
}

static void what_is_none_of_them(void **state)
{
    (void)state;
    refused("", "there is nothing in it");
    refused(" \n", "there is nothing in it");
    refused("{}", "neither a bundle of STIX nor an event of MISP");
    refused("{\"a\":1}", "neither a bundle of STIX nor an event of MISP");
    refused("{\"type\":\"bundle\",\"objects\":[", "");
    refused("{\"type\":\"bundle\",\"objects\":[{\"type\":1,\"type\":2}]}",
            "in what begins at byte 28");
    refused("[1]", "an object is wanted");
    refused("name,value\n1,2\n", "no column \"address\"");
    refused("address,tlp\n1,2,3\n", "line 2: 3 fields, 2 are wanted");
    refused("address,permitted_use\n" GENESIS ",\"a\nb\"\n", "no plain text");
}

/* ---- cut, without memory, and back again ---- */

static bool reads(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, (size_t)16 << 20);
    struct indicators_told told;
    struct tag_pack p;
    struct err err;
    bool ok;

    (void)ctx;
    CHECK(a);
    ok = indicators_read(a, in, "x", &p, &told, &err);
    arena_free(a);
    return ok;
}

static const char whole_bundle[] = BUNDLE(WALLET("1", MARKED(OWN)) "," INDICATOR(
    "2", OF_GENESIS, ",\"labels\":[\"theft\"]") "," STATEMENT("Permitted use: x"));
static const char whole_event[] =
    EVENT(TAG("tlp:green"), ATTRIBUTE("btc", GENESIS, ""),
          "{\"name\":\"coin-address\",\"Attribute\":[" ATTRIBUTE(
              "text", TRON, ",\"object_relation\":\"address-crypto\"") "]}");

static void truncations(void **state)
{
    (void)state;
    test_truncations(bytes_of(whole_bundle), reads, NULL);
    test_truncations(bytes_of(whole_event), reads, NULL);
}

static size_t whole_tags[2];

static bool reads_both(void *ctx)
{
    (void)ctx;
    for (int i = 0; i < 2; i++) {
        struct arena *a = arena_new(NULL, (size_t)16 << 20);
        struct indicators_told told;
        struct tag_pack p;
        struct err err;
        bool ok =
            a && indicators_read(a, bytes_of(i ? whole_event : whole_bundle), "x", &p, &told, &err);

        if (ok) { /* no indicator is left out */
            CHECK_U(told.patterns, 0);
            CHECK_U(p.tags_n, whole_tags[i]);
        }
        arena_free(a);
        if (!ok)
            return false;
    }
    return true;
}

static void no_memory(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct arena *a = arena_new(NULL, (size_t)16 << 20);
        struct indicators_told told;
        struct tag_pack p;
        struct err err;

        CHECK_OK(indicators_read(a, bytes_of(i ? whole_event : whole_bundle), "x", &p, &told, &err),
                 err);
        whole_tags[i] = p.tags_n;
        arena_free(a);
    }
    test_failed_allocations(reads_both, NULL);
}

typedef bool writer(struct text *to, struct arena *a, const struct wallet_sheet *s,
                    const struct wallet *w, size_t n, struct err *err);

/* What goes out comes in again: key, space, words, label, source, day, marking and use. */
static void back_again(void **state)
{
    static writer *const writers[] = {wallets_stix, wallets_misp, wallets_csv};
    static const struct wallet all[] = {
        {GENESIS, SPACE_BITCOIN, "BTC", "=a \"label\", 한", "https://example.org/", "p", "",
         TAG_EXCHANGE, TAG_THEFT, TAG_AUTHORITY_DATA, 1709510400, ""},
        {"qpf2cphc5dkuclkqur7lhj2yuqq9pk3hmukle77vhq", SPACE_BITCOIN_CASH, "BCH", "b", "somewhere",
         "p", "", TAG_UNKNOWN, TAG_SANCTIONED, TAG_WEB_CRAWL, 1709510400, ""},
        {EVM_KEY, SPACE_EVM, "polygon", "c", "x", "p", "", TAG_MIXER, TAG_UNKNOWN, TAG_OWNERSHIP,
         1709510400, "only here"},
        {TRON, SPACE_TRON, "USDT", "d", "x", "p", "", TAG_UNKNOWN, TAG_UNKNOWN, TAG_HEURISTIC,
         1709510400, ""},
        {"cosmos-address", SPACE_OTHER, "ATOM", "e", "x", "p", "", TAG_UNKNOWN, TAG_UNKNOWN,
         TAG_HEURISTIC, 1709510400, ""},
        {"no-chain", SPACE_OTHER, "", "f", "x", "p", "", TAG_UNKNOWN, TAG_UNKNOWN, TAG_HEURISTIC,
         1709510400, ""},
    };
    static const struct wallet_sheet sheet = {"A CERT", {TLP_GREEN, "screening"}};

    (void)state;
    for (size_t k = 0; k < 3; k++) {
        struct arena *a = arena_new(NULL, (size_t)64 << 20);
        struct text t = text_new((size_t)1 << 20);
        struct indicators_told told;
        struct tag_pack p;
        struct err err;

        CHECK(a);
        CHECK_OK(writers[k](&t, a, &sheet, all, 6, &err), err);
        CHECK_OK(
            indicators_read(a, (struct bytes){(const uint8_t *)t.p, t.n}, "x", &p, &told, &err),
            err);
        CHECK_U(p.tags_n, 6);
        CHECK_U(p.mark.tlp, TLP_GREEN);
        CHECK(strstr(p.mark.use, "only here") && strstr(p.mark.use, "screening"));
        CHECK_U(told.others + told.patterns + told.marks_unknown, 0);
        for (size_t i = 0; i < 6; i++) {
            const struct wallet *w = &all[i];
            const struct tag *got = NULL;

            test_row("%zu %s", k, w->key);
            for (size_t n = 0; n < p.tags_n; n++)
                if (!strcmp(p.tags[n].key, w->key) && p.tags[n].space == w->space)
                    got = &p.whats[p.tags[n].what];
            CHECK(got);
            CHECK_S(got->label, w->label);
            CHECK_S(got->source, w->source);
            CHECK_U(got->category, w->category);
            CHECK_U(got->abuse, w->abuse);
            CHECK_U(tag_confidence_level(got->confidence), tag_confidence_level(w->confidence));
            CHECK_U(got->lastmod, w->day);
            if (*w->network && strcmp(w->network, "polygon"))
                CHECK_S(got->network, w->network);
        }
        text_free(&t);
        arena_free(a);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(markings_of_bundles),
        cmocka_unit_test(forms_of_wallets),
        cmocka_unit_test(what_an_indicator_says),
        cmocka_unit_test(patterns),
        cmocka_unit_test(patterns_of_the_standard),
        cmocka_unit_test(counted),
        cmocka_unit_test(files_of_others),
        cmocka_unit_test(events),
        cmocka_unit_test(taxonomies),
        cmocka_unit_test(markings_of_events),
        cmocka_unit_test(tables),
        cmocka_unit_test(what_is_none_of_them),
        cmocka_unit_test(truncations),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(back_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
