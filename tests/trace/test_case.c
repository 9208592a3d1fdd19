#include "support.h"

#include "trace/case.h"

#define TXID "1111111111111111111111111111111111111111111111111111111111111112"
#define ARENA_BYTES ((size_t)64 << 20)

static bool read_case(struct arena *a, const char *text, struct case_file *ret, struct err *err)
{
    return case_read(a, (struct bytes){(const uint8_t *)text, strlen(text)}, ret, err);
}

static const char whole[] =
    "{\"id\":\"c-1\",\"title\":\"A raid\",\"kind\":\"theft\",\"chain\":\"bitcoin:regtest\","
    "\"origins\":[{\"output\":\"" TXID ":7\"},{\"tx\":\"" TXID "\"},"
    "{\"address\":\"1abc\",\"from_height\":120},{\"address\":\"1abd\"}],"
    "\"policy\":\"haircut\",\"limits\":{\"dust\":\"546\",\"hops_max\":12,\"until\":900},"
    "\"stops\":[{\"address\":\"1x\",\"name\":\"Ex, Inc.\",\"category\":\"exchange\"}],"
    "\"sources\":[\"https://example.org/1\"]}";

static void a_whole_case(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct case_file c;
    struct err err;

    CHECK_OK(read_case(a, whole, &c, &err), err);
    CHECK_S(c.id, "c-1");
    CHECK_S(c.title, "A raid");
    CHECK_S(c.kind, "theft");
    CHECK_S(c.chain, "bitcoin:regtest");
    CHECK_U(c.origins_n, 4);
    CHECK_U(c.origins[0].kind, ORIGIN_OUTPUT);
    CHECK_U(c.origins[0].vout, 7);
    CHECK_U(c.origins[0].txid.b[0], 0x12); /* shown reversed */
    CHECK_U(c.origins[0].txid.b[31], 0x11);
    CHECK_U(c.origins[1].kind, ORIGIN_TX);
    CHECK_U(c.origins[2].kind, ORIGIN_ADDRESS);
    CHECK_S(c.origins[2].address, "1abc");
    CHECK_U(c.origins[2].from_height, 120);
    CHECK_U(c.origins[3].from_height, 0);
    CHECK(c.has_policy && c.policy == TRACE_HAIRCUT);
    CHECK(c.has_dust && c.has_hops && c.has_until);
    CHECK(u256_equal(c.dust, u256_of(546)));
    CHECK_U(c.hops_max, 12);
    CHECK_U(c.until, 900);
    CHECK_U(c.stops_n, 1);
    CHECK_S(c.stops[0].name, "Ex, Inc.");
    CHECK_S(c.stops[0].source, "case");
    CHECK_S(c.sources[0], "https://example.org/1");
    arena_free(a);
}

static void the_least_case(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct case_file c;
    struct err err;

    CHECK_OK(read_case(a, "{\"origins\":[{\"tx\":\"" TXID "\"}]}", &c, &err), err);
    CHECK(!c.id && !c.title && !c.kind && !c.chain && !c.stops_n && !c.sources_n);
    CHECK(!c.has_policy && !c.has_dust && !c.has_hops && !c.has_until);
    CHECK_U(c.hops_max, TRACE_HOPS_NONE);
    arena_free(a);
}

#define WITH(members) "{\"origins\":[{\"tx\":\"" TXID "\"}]," members "}"
#define ORIGIN(origin) "{\"origins\":[{\"tx\":\"" TXID "\"},{\"tx\":\"" TXID "\"}," origin "]}"

/* Nobody's hashes; 2022-03-23T13:29:09Z is the second 1648042149 (date -u -d ... +%s). */
static void a_case_of_accounts(void **state)
{
    static const char text[] =
        "{\"chain\":\"ethereum\",\"origins\":[{\"transfer\":\"0x" TXID ":l3\"},"
        "{\"transfer\":\"" TXID ":i0_1\",\"chain\":\"ethereum\"},"
        "{\"address\":\"0xaB\",\"from_time\":\"2022-03-23T13:29:09Z\",\"asset\":\"ETH\"},"
        "{\"tx\":\"0x" TXID "\",\"asset\":\"0xcd\"}],"
        "\"policy\":\"libr\",\"limits\":{\"dust\":\"1000000000000000000000\","
        "\"until_time\":1648042149},"
        "\"stops\":[{\"address\":\"0xef\",\"name\":\"E\",\"category\":\"\",\"chain\":\"tron\"}],"
        "\"conversions\":[{\"from\":{\"transfer\":\"" TXID ":v\"},"
        "\"to\":{\"beyond\":\"0xab\",\"asset\":\"ETH\"},\"amount\":\"7\","
        "\"source\":\"https://example.org\"}]}";
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct u256 dust;
    struct case_file c;
    struct err err;

    CHECK_OK(read_case(a, text, &c, &err), err);
    CHECK_U(c.origins[0].kind, ORIGIN_TRANSFER);
    CHECK_S(c.origins[0].transfer, "l3");
    CHECK_U(c.origins[0].txid.b[0], 0x12);
    CHECK_S(c.origins[1].transfer, "i0_1");
    CHECK_S(c.origins[1].chain, "ethereum");
    CHECK_U(c.origins[2].from_time, 1648042149);
    CHECK_S(c.origins[2].asset, "ETH");
    CHECK_S(c.origins[3].asset, "0xcd");
    CHECK(c.policy == TRACE_LIBR && c.has_until_time && c.until_time == 1648042149);
    CHECK(u256_from_text("1000000000000000000000", 22, &dust) && u256_equal(c.dust, dust));
    CHECK_S(c.stops[0].chain, "tron");
    CHECK_U(c.conversions_n, 1);
    CHECK_U(c.conversions[0].to[0].kind, ORIGIN_BEYOND);
    CHECK(c.conversions[0].has_amount && u256_equal(c.conversions[0].amount, u256_of(7)));
    CHECK_S(c.conversions[0].source, "https://example.org");
    CHECK(!c.conversions[0].note);
    CHECK_OK(read_case(a,
                       "{\"chain\":\"tron\",\"origins\":[{\"address\":\"T\"},"
                       "{\"address\":\"1a\",\"chain\":\"bitcoin\"}]}",
                       &c, &err),
             err);
    CHECK_S(c.origins[1].chain, "bitcoin");
    arena_free(a);
}

static const struct {
    const char *text, *want;
} complaint_rows[] = {
    {"[]", "case: an object is wanted"},
    {"{\"origins\":[}", "byte 12: a value is wanted"},
    {"{}", "origins: missing"},
    {"{\"origins\":[]}", "origins: none"},
    {"{\"origins\":{}}", "origins: a list is wanted"},
    {WITH("\"polcy\":\"fifo\""), "case: unknown member \"polcy\""},
    {WITH("\"policy\":\"first\""),
     "policy: \"first\" is not fifo, lifo, haircut, tiho, libr or poison"},
    {WITH("\"policy\":1"), "policy: a string is wanted"},
    {WITH("\"chain\":\"dash\""), "chain: \"dash\" is not known here"},
    {WITH("\"kind\":\"prank\""), "kind: \"prank\" is not theft, payroll, extortion or intrusion"},
    {WITH("\"title\":\"a\\u001b[2J\""), "title: a control character in it"},
    {WITH("\"title\":\"a\\u009bx\""), "title: a control character in it"},
    {WITH("\"id\":7"), "id: a string is wanted"},
    {WITH("\"limits\":{\"dust\":-1}"), "limits.dust: a whole number is wanted"},
    {WITH("\"limits\":{\"dust\":1.5}"), "limits.dust: a whole number is wanted"},
    {WITH("\"limits\":{\"hops\":1}"), "limits: unknown member \"hops\""},
    {WITH("\"limits\":{\"hops_max\":4294967295}"), "limits.hops_max: 4294967295 is too much"},
    {WITH("\"limits\":[]"), "limits: an object is wanted"},
    {WITH("\"stops\":[{\"address\":\"a\",\"name\":\"b\"}]"), "stops[0].category: missing"},
    {WITH("\"stops\":[{\"address\":\"\",\"name\":\"b\",\"category\":\"\"}]"),
     "stops[0].address: empty"},
    {WITH("\"stops\":[{\"adress\":\"a\"}]"), "stops[0]: unknown member \"adress\""},
    {WITH("\"sources\":[\"a\",2]"), "sources[1]: a string is wanted"},
    {ORIGIN("{\"output\":\"" TXID "\"}"), "origins[2].output: \"" TXID "\" is not TXID:VOUT"},
    {ORIGIN("{\"output\":\"" TXID ":01\"}"), "origins[2].output: \"" TXID ":01\" is not TXID:VOUT"},
    {ORIGIN("{\"output\":\"" TXID ":4294967296\"}"),
     "origins[2].output: \"" TXID ":4294967296\" is not TXID:VOUT"},
    {ORIGIN("{\"output\":\"12:0\"}"), "origins[2].output: \"12:0\" is not TXID:VOUT"},
    {ORIGIN("{\"tx\":\"12\"}"), "origins[2].tx: \"12\" is not a transaction id"},
    {ORIGIN("{\"tx\":\"" TXID "\",\"address\":\"a\"}"),
     "origins[2]: one of output, tx, transfer and address is wanted"},
    {ORIGIN("{}"), "origins[2]: one of output, tx, transfer and address is wanted"},
    {ORIGIN("7"), "origins[2]: an object is wanted"},
    {ORIGIN("{\"tx\":\"" TXID "\",\"from_height\":1}"),
     "origins[2].from_height: goes with an address only"},
    {ORIGIN("{\"address\":\"a\",\"from_height\":\"x\"}"),
     "origins[2].from_height: a whole number is wanted"},
    {ORIGIN("{\"address\":\"a\",\"from_time\":\"2022-02-29T00:00:00Z\"}"),
     "origins[2].from_time: \"2022-02-29T00:00:00Z\" is neither seconds since 1970 nor like "
     "2022-03-23T13:29:09Z"},
    {ORIGIN("{\"address\":\"a\",\"from_time\":253402300800}"), "origins[2].from_time: too late"},
    {ORIGIN("{\"transfer\":\"" TXID ":x1\"}"),
     "origins[2].transfer: \"" TXID ":x1\" is not a transfer like HASH:v or HASH:l3"},
    {ORIGIN("{\"transfer\":\"" TXID ":i0_\"}"),
     "origins[2].transfer: \"" TXID ":i0_\" is not a transfer like HASH:v or HASH:l3"},
    {ORIGIN("{\"transfer\":\"" TXID ":v\",\"asset\":\"ETH\"}"),
     "origins[2].asset: an output or a transfer has one asset alone"},
    {ORIGIN("{\"beyond\":\"a\"}"), "origins[2]: unknown member \"beyond\""},
    {ORIGIN("{\"address\":\"a\",\"chain\":\"dash\"}"),
     "origins[2].chain: \"dash\" is not known here"},
    {WITH("\"conversions\":[{}]"), "conversions[0].from: missing"},
    {WITH("\"conversions\":[{\"from\":{\"tx\":\"" TXID "\"}}]"), "conversions[0].to: missing"},
    {WITH("\"conversions\":[{\"from\":{\"tx\":\"" TXID "\"},\"to\":{\"beyond\":\"a\"}}]"),
     "conversions[0].source: missing"},
    {WITH("\"conversions\":[{\"from\":{\"beyond\":\"a\"}}]"),
     "conversions[0].from: unknown member \"beyond\""},
    {WITH("\"conversions\":[{\"from\":{\"tx\":\"" TXID "\"},\"to\":{\"chain\":\"tron\"}}]"),
     "conversions[0].to: one of output, tx, transfer, address and beyond is wanted"},
    {WITH("\"conversions\":[{\"from\":[]}]"), "conversions[0].from: none"},
    {WITH("\"conversions\":[{\"from\":[{\"tx\":\"" TXID "\"},{\"tx\":7}]}]"),
     "conversions[0].from[1].tx: a string is wanted"},
    {WITH("\"limits\":{\"until\":1,\"until_time\":2}"), "limits: one of until and until_time"},
    {WITH("\"stops\":[{\"address\":\"a\",\"name\":\"b\",\"category\":\"\",\"chain\":\"x\"}]"),
     "stops[0].chain: \"x\" is not known here"},
};

static void complaints_name_the_member(void **state)
{
    for (size_t i = 0; i < sizeof(complaint_rows) / sizeof(complaint_rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct case_file c;
        struct err err;

        test_row("%s", complaint_rows[i].text);
        CHECK(!read_case(a, complaint_rows[i].text, &c, &err));
        CHECK_S(err.text, complaint_rows[i].want);
        CHECK_U(err.class, ERR_INPUT);
        arena_free(a);
    }
}

static void typed_origins(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        enum origin_kind kind;
    } rows[] = {
        {TXID ":0", true, ORIGIN_OUTPUT},
        {TXID, true, ORIGIN_TX},
        {"0x" TXID, true, ORIGIN_TX},
        {"0x" TXID ":v", true, ORIGIN_TRANSFER},
        {TXID ":l12", true, ORIGIN_TRANSFER},
        {TXID ":i", true, ORIGIN_TRANSFER},
        {TXID ":l", false, 0},
        {TXID ":v0", false, 0},
        {TXID ":v1", true, ORIGIN_TRANSFER},
        {TXID ":i0_12_3", true, ORIGIN_TRANSFER},
        {TXID ":i0__3", false, 0},
        {TXID ":l01", false, 0},
        {TXID ":l1_2", false, 0},
        {"1BoatSLRHtKNngkdXEeobR76b53LETtpyT", true, ORIGIN_ADDRESS},
        {"rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe:7", true, ORIGIN_ADDRESS}, /* and tag */
        {"rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYe:4294967296", false, 0},
        {"rPT1Sjq2YGrBMTttX4GZHjKu9dyfzbpAYf:7", false, 0},
        {"1BoatSLRHtKNngkdXEeobR76b53LETtpyT:7", false, 0},
        {TXID ":", false, 0},
        {TXID ":-1", false, 0},
        {":0", false, 0},
        {"", false, 0},
        {"a\nb", false, 0},
        {"\xff", false, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct case_origin o;
        struct err err;

        test_row("%s", rows[i].text);
        CHECK_U(origin_from_text(a, rows[i].text, &o, &err), rows[i].ok);
        CHECK(!rows[i].ok || o.kind == rows[i].kind);
        arena_free(a);
    }
}

static bool read_stops(struct arena *a, const char *text, const struct trace_stop **ret,
                       size_t *ret_n, struct err *err)
{
    return stops_read(a, (struct bytes){(const uint8_t *)text, strlen(text)}, "s.csv", ret, ret_n,
                      err);
}

static void stop_files(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct trace_stop *stops;
    struct err err;
    size_t n;

    CHECK_OK(read_stops(a,
                        "\xef\xbb\xbf"
                        "address,name,category\r\n1b,\"Ex, \"\"Inc\"\"\",exchange\r\n1a,,\n"
                        "\"1c\",Mix,mixer",
                        &stops, &n, &err),
             err);
    CHECK_U(n, 3);
    CHECK_S(stops[0].address, "1b");
    CHECK_S(stops[0].name, "Ex, \"Inc\"");
    CHECK_S(stops[0].category, "exchange");
    CHECK_S(stops[0].source, "s.csv");
    CHECK_S(stops[1].address, "1a");
    CHECK_S(stops[1].name, "");
    CHECK_S(stops[1].category, "");
    CHECK_S(stops[2].address, "1c");
    CHECK_S(stops[2].category, "mixer");
    CHECK_OK(read_stops(a, "address,name,category", &stops, &n, &err), err);
    CHECK_U(n, 0);
    CHECK_OK(read_stops(a, "address,name,category,chain\na,b,c,tron\na,b,c,\n", &stops, &n, &err),
             err);
    CHECK_U(n, 2);
    CHECK_S(stops[0].chain, "tron");
    CHECK(!stops[1].chain);
    arena_free(a);
}

static void stop_complaints(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", "line 1: 1 field, 3 are wanted"},
        {"addr,name,category\n", "line 1: the header address,name,category is wanted"},
        {"address,name,category\n1a,b\n", "line 2: 2 fields, 3 are wanted"},
        {"address,name,category\n1a,b,c,d\n", "line 2: more than 3 fields"},
        {"address,name,category,chain\n1a,b,c\n", "line 2: 3 fields, 4 are wanted"},
        {"address,name,category,chain\n1a,b,c,x\n", "line 2: chain: \"x\" is not known here"},
        {"address,name,category\n\n", "line 2: 1 field, 3 are wanted"},
        {"address,name,category\n,b,c\n", "line 2: address: empty"},
        {"address,name,category\n1a,\"b,c\n", "line 2: a quote that does not end"},
        {"address,name,category\n1a,\"b\"x,c\n", "line 2: more after a closing quote"},
        {"address,name,category\n1a,b\"x,c\n", "line 2: a quote within a field"},
        {"address,name,category\n1a,b,c\n1b,\x1b[2J,c\n",
         "line 3: name: a control character in it"},
        {"address,name,category\n1a,\"b\nb\",c\n", "line 2: name: a control character in it"},
        {"address,name,category\n1a,\xff,c\n", "not UTF-8 text"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        const struct trace_stop *stops;
        struct err err;
        size_t n;

        test_row("%s", rows[i].text);
        CHECK(!read_stops(a, rows[i].text, &stops, &n, &err));
        CHECK_S(err.text, rows[i].want);
        arena_free(a);
    }
}

/* The canonical form of these, by hand, is the text hashed here. */
static void stops_in_canonical_form(void **state)
{
    static const char canonical[] =
        "1a,\"x,\"\"y\"\"\",\n1b,A,exchange\n1b,A,exchange,tron\n1b,B,exchange\n";
    static const struct trace_stop stops[] = {
        {"1b", "B", "exchange", "x"},         {"1a", "x,\"y\"", "", "x"},
        {"1b", "A", "exchange", "other"},     {"1b", "A", "exchange", "x"},
        {"1b", "A", "exchange", "x", "tron"},
    };
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct hash32 got, want = sha256(canonical, sizeof(canonical) - 1), none = sha256("", 0);
    struct err err;

    CHECK_OK(stops_hash(a, stops, 5, &got, &err), err);
    CHECK(hash32_equal(&got, &want));
    CHECK_OK(stops_hash(a, NULL, 0, &got, &err), err);
    CHECK(hash32_equal(&got, &none));
    arena_free(a);
}

static bool take(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct case_file c;
    struct err err;
    bool ok = case_read(a, in, &c, &err);

    arena_free(a);
    return ok;
}

static void truncations(void **state)
{
    test_truncations((struct bytes){(const uint8_t *)whole, sizeof(whole) - 1}, take, NULL);
}

static bool with_allocations(void *ctx)
{
    static const char csv[] = "address,name,category\n1b,\"Ex\",exchange\n1a,,\n";
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct trace_stop *stops;
    struct case_origin origin;
    struct hash32 hash;
    struct case_file c;
    struct err err = {ERR_NONE, ""};
    size_t n;
    bool ok = a && read_case(a, whole, &c, &err) && read_stops(a, csv, &stops, &n, &err) &&
              stops_hash(a, stops, n, &hash, &err) && origin_from_text(a, "1a", &origin, &err);

    CHECK(ok || !a || err.class == ERR_NOMEM);
    arena_free(a);
    return ok;
}

static void failed_allocations(void **state)
{
    test_failed_allocations(with_allocations, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_case),    cmocka_unit_test(a_case_of_accounts),
        cmocka_unit_test(the_least_case),  cmocka_unit_test(complaints_name_the_member),
        cmocka_unit_test(typed_origins),   cmocka_unit_test(stop_files),
        cmocka_unit_test(stop_complaints), cmocka_unit_test(stops_in_canonical_form),
        cmocka_unit_test(truncations),     cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
