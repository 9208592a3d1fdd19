/* Script classes and the packed form. */
#include "support.h"

#include "chain/bitcoin/script.h"

#include <ctype.h>
#include <stdlib.h>

#define HASH "00112233445566778899aabbccddeeff00112233"
#define HASH32 HASH "445566778899aabbccddeeff"
#define KEY2 "02" HASH32
#define KEY3 "03" HASH32
#define KEY4 "04" HASH32 HASH32
#define KEY6 "06" HASH32 HASH32
#define TWENTY_KEYS                                                                                \
    "21" KEY2 "21" KEY2 "21" KEY2 "21" KEY2 "21" KEY2 "21" KEY2 "21" KEY2 "21" KEY2 "21" KEY2      \
    "21" KEY2 "21" KEY2 "21" KEY2 "21" KEY2 "21" KEY2 "21" KEY2 "21" KEY2 "21" KEY2 "21" KEY2      \
    "21" KEY2 "21" KEY2

/* By the rules of Bitcoin Core's Solver (script/solver.cpp); packed_n is counted by hand: class and
 * payload, or class, length and script. */
static const struct {
    const char *name, *hex;
    enum script_class class;
    const char *payload;
    size_t packed_n;
} class_rows[] = {
    {"empty", "", SCRIPT_OTHER, "", 2},
    {"p2pkh", "76a914" HASH "88ac", SCRIPT_P2PKH, HASH, 21},
    {"p2pkh, another end", "76a914" HASH "88ad", SCRIPT_OTHER, "76a914" HASH "88ad", 27},
    {"p2pkh, one byte more", "76a914" HASH "88ac00", SCRIPT_OTHER, "76a914" HASH "88ac00", 28},
    {"p2sh", "a914" HASH "87", SCRIPT_P2SH, HASH, 21},
    {"p2sh, pushed the long way", "a94c14" HASH "87", SCRIPT_OTHER, "a94c14" HASH "87", 26},
    {"p2pk, even key", "21" KEY2 "ac", SCRIPT_P2PK, KEY2, 34},
    {"p2pk, odd key", "21" KEY3 "ac", SCRIPT_P2PK, KEY3, 34},
    {"p2pk, long key", "41" KEY4 "ac", SCRIPT_P2PK, KEY4, 66},
    {"p2pk, hybrid key", "41" KEY6 "ac", SCRIPT_P2PK, KEY6, 66},
    {"p2pk, no key begins with 5", "2105" HASH32 "ac", SCRIPT_OTHER, "2105" HASH32 "ac", 37},
    {"p2pk, short key of a long kind", "2104" HASH32 "ac", SCRIPT_OTHER, "2104" HASH32 "ac", 37},
    {"p2wpkh", "0014" HASH, SCRIPT_P2WPKH, HASH, 21},
    {"p2wsh", "0020" HASH32, SCRIPT_P2WSH, HASH32, 33},
    {"version 0, another length", "001511" HASH, SCRIPT_OTHER, "001511" HASH, 25},
    {"p2tr", "5120" HASH32, SCRIPT_P2TR, HASH32, 33},
    {"version 1, 20 bytes", "5114" HASH, SCRIPT_WITNESS, HASH, 24},
    {"pay to anchor", "51024e73", SCRIPT_WITNESS, "4e73", 6},
    {"version 16, 2 bytes", "60020102", SCRIPT_WITNESS, "0102", 6},
    {"version 2, 40 bytes", "5228" HASH HASH, SCRIPT_WITNESS, HASH HASH, 44},
    {"version 2, 41 bytes", "522911" HASH HASH, SCRIPT_OTHER, "522911" HASH HASH, 45},
    {"version 1, 1 byte", "510111", SCRIPT_OTHER, "510111", 5},
    {"version 17 is no number", "61020102", SCRIPT_OTHER, "61020102", 6},
    {"version 1, length and push differ", "51030102", SCRIPT_OTHER, "51030102", 6},
    {"return, nothing", "6a", SCRIPT_RETURN, "", 3},
    {"return, a push", "6a0401020304", SCRIPT_RETURN, "0401020304", 8},
    {"return, a push cut short", "6a4cff00", SCRIPT_RETURN, "4cff00", 6},
    {"return, ends as multisig does", "6aae", SCRIPT_RETURN, "ae", 4},
    {"1 of 1", "5121" KEY2 "51ae", SCRIPT_MULTISIG, "5121" KEY2 "51ae", 39},
    {"2 of 3", "5221" KEY2 "41" KEY4 "21" KEY3 "53ae", SCRIPT_MULTISIG,
     "5221" KEY2 "41" KEY4 "21" KEY3 "53ae", 139},
    {"1 of 1, key pushed the long way", "514c21" KEY2 "51ae", SCRIPT_MULTISIG, "514c21" KEY2 "51ae",
     40},
    {"1 of 20", "51" TWENTY_KEYS "0114ae", SCRIPT_MULTISIG, "51" TWENTY_KEYS "0114ae", 688},
    {"1 of 21", "51" TWENTY_KEYS "21" KEY2 "0115ae", SCRIPT_OTHER,
     "51" TWENTY_KEYS "21" KEY2 "0115ae", 722},
    {"1 of 1, count not minimal", "5121" KEY2 "0101ae", SCRIPT_OTHER, "5121" KEY2 "0101ae", 40},
    {"0 of 1", "0021" KEY2 "51ae", SCRIPT_OTHER, "0021" KEY2 "51ae", 39},
    {"0 of 0", "0000ae", SCRIPT_OTHER, "0000ae", 5},
    {"2 of 1", "5221" KEY2 "51ae", SCRIPT_OTHER, "5221" KEY2 "51ae", 39},
    {"1 of 2 with one key", "5121" KEY2 "52ae", SCRIPT_OTHER, "5121" KEY2 "52ae", 39},
    {"multisig, count missing", "5121" KEY2 "ae", SCRIPT_OTHER, "5121" KEY2 "ae", 38},
    {"multisig, more before the end", "5121" KEY2 "5161ae", SCRIPT_OTHER, "5121" KEY2 "5161ae", 40},
    {"multisig, verify", "5121" KEY2 "51af", SCRIPT_OTHER, "5121" KEY2 "51af", 39},
    {"the end alone", "ae", SCRIPT_OTHER, "ae", 3},
    {"the end inside a push", "5101ae", SCRIPT_OTHER, "5101ae", 5},
};

#define CLASS_ROWS (sizeof(class_rows) / sizeof(class_rows[0]))

static void check_bytes(struct bytes got, struct bytes want)
{
    CHECK_U(got.n, want.n);
    CHECK(bytes_equal(got, want));
}

static void classes(void **state)
{
    for (size_t i = 0; i < CLASS_ROWS; i++) {
        struct bytes script = test_hex(class_rows[i].hex), payload;

        test_row("%s", class_rows[i].name);
        CHECK_S(script_class_name(script_classify(script, &payload)),
                script_class_name(class_rows[i].class));
        check_bytes(payload, test_hex(class_rows[i].payload));
        CHECK(payload.p >= script.p && payload.p + payload.n <= script.p + script.n);
    }
}

/* Packs into a block that ends where the packing does, so that a sanitizer sees one byte too many.
 */
static struct bytes pack(struct bytes script)
{
    static uint8_t room[1 << 20];
    size_t n;

    CHECK(script.n + 10 <= sizeof(room));
    n = script_pack(script, room);
    CHECK(n <= script.n + 10);
    return (struct bytes){memcpy(malloc(n), room, n), n};
}

static void there_and_back(struct bytes script)
{
    struct bytes packed = pack(script), got;
    uint8_t out[SCRIPT_FORM_MAX];
    size_t used = 0;

    CHECK(script_unpack(packed, out, &got, &used));
    CHECK_U(used, packed.n);
    check_bytes(got, script);
    free((void *)packed.p);
}

static bool unpack_whole(struct bytes in, void *ctx)
{
    uint8_t out[SCRIPT_FORM_MAX];
    struct bytes script;
    size_t used;

    return script_unpack(in, out, &script, &used) && used == in.n;
}

static void packing(void **state)
{
    for (size_t i = 0; i < CLASS_ROWS; i++) {
        struct bytes script = test_hex(class_rows[i].hex), packed = pack(script);

        test_row("%s", class_rows[i].name);
        CHECK_U(packed.n, class_rows[i].packed_n);
        CHECK_U(packed.p[0], class_rows[i].class);
        there_and_back(script);
        test_truncations(packed, unpack_whole, NULL);
        free((void *)packed.p);
    }
}

static void packing_of_long_scripts(void **state)
{
    static const size_t lengths[] = {252, 253, 254, 255, 256, 10000, 65535, 65536, 100000};
    static uint8_t script[100000];

    memset(script, 0x51, sizeof(script));
    for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        struct bytes packed = pack((struct bytes){script, lengths[i]});

        test_row("%zu bytes", lengths[i]);
        CHECK_U(packed.n, lengths[i] + 1 + (lengths[i] < 253 ? 1 : lengths[i] < 65536 ? 3 : 5));
        there_and_back((struct bytes){script, lengths[i]});
        free((void *)packed.p);
    }
}

static void packings_refused(void **state)
{
    static const struct {
        const char *name, *hex;
    } rows[] = {
        {"nothing", ""},
        {"no such class", "0a00"},
        {"no such class", "ff0151"},
        {"a key of no kind", "0105" HASH32},
        {"length past the end", "000251"},
        {"length longer than needed", "00fd010051"},
        {"length of 2^64 - 1", "00ffffffffffffffffff51"},
        {"p2pkh packed whole", "001976a914" HASH "88ac"},
        {"p2pkh packed as multisig", "081976a914" HASH "88ac"},
        {"return packed as other", "00016a"},
        {"other packed as return", "090151"},
        {"p2wpkh packed as witness", "07160014" HASH},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t out[SCRIPT_FORM_MAX];
        struct bytes script;
        size_t used;

        test_row("%s", rows[i].name);
        CHECK(!script_unpack(test_hex(rows[i].hex), out, &script, &used));
    }
}

/* Random bytes, and standard forms with a few bytes changed, cut or added. */
static void packing_at_random(void **state)
{
    struct test_random r = {test_seed()};
    struct bytes rows[CLASS_ROWS];

    for (size_t i = 0; i < CLASS_ROWS; i++)
        rows[i] = test_hex(class_rows[i].hex);
    for (int i = 0; i < 200000; i++) {
        uint8_t bytes[1024];
        struct bytes row, script = {bytes, test_below(&r, 80)};

        test_row("case %d", i);
        for (size_t k = 0; k < script.n; k++)
            bytes[k] = (uint8_t)test_random(&r);
        if (test_below(&r, 4)) {
            row = rows[test_below(&r, CLASS_ROWS)];
            memcpy(bytes, row.p, row.n);
            script.n = row.n && !test_below(&r, 4) ? row.n - 1 : row.n + test_below(&r, 2);
            if (script.n && !test_below(&r, 2))
                bytes[test_below(&r, script.n)] = (uint8_t)test_random(&r);
        }
        there_and_back(script);
    }
}

/* The scripts that the transactions of a day's mempool spent. Lines: txid, fee, transaction, then
 * value:script;value:script... */
static void packing_of_real_scripts(void **state)
{
    struct bytes raw = test_data("bitcoin/graph/mempool-2024.tsv.zst");
    const char *at = memchr(raw.p, '\n', raw.n), *end = (const char *)raw.p + raw.n;
    size_t scripts = 0, forms = 0;

    while (at && (at = memchr(at, ':', (size_t)(end - at)))) {
        uint8_t script[10000];
        struct bytes payload;
        size_t digits = 0;

        at++;
        while (at + digits < end && isxdigit((unsigned char)at[digits]))
            digits++;
        test_row("script %zu", scripts);
        CHECK(hex_decode(at, digits, script, digits / 2));
        there_and_back((struct bytes){script, digits / 2});
        forms += script_has_address(script_classify((struct bytes){script, digits / 2}, &payload));
        scripts++;
        at += digits;
    }
    CHECK_U(scripts, 11053); /* inputs, as the data's description counts them */
    CHECK(forms > scripts * 9 / 10);
}

static void shown(void **state)
{
    static const struct {
        const char *name, *hex, *want;
    } rows[] = {
        {"2 of 3", "5221" KEY2 "41" KEY4 "21" KEY3 "53ae", "multi(2," KEY2 "," KEY4 "," KEY3 ")"},
        {"1 of 1, key pushed the long way", "514c21" KEY2 "51ae", "multi(1," KEY2 ")"},
        {"return", "6a0401020304", "return:0401020304"},
        {"other", "5151", "script:5151"},
        {"empty", "", "script:"},
        {"BIP 173's example", "0014751e76e8199196d454941c45d1b3a323f1433bd6",
         "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct text t = text_new(4096);

        test_row("%s", rows[i].name);
        script_show(&t, chain_by_name("bitcoin"), test_hex(rows[i].hex));
        CHECK_S(text_string(&t), rows[i].want);
        text_free(&t);
    }
}

static bool show_multisig(void *ctx)
{
    struct text t = text_new(4096);
    struct err err;
    bool ok;

    script_show(&t, chain_by_name("bitcoin"), *(struct bytes *)ctx);
    ok = text_end(&t, &err);
    text_free(&t);
    return ok;
}

static void shown_without_memory(void **state)
{
    struct bytes script = test_hex("51" TWENTY_KEYS "0114ae");

    test_failed_allocations(show_multisig, &script);
}

/* The key of Bitcoin's genesis block and its well-known address. */
static void keys_are_shown_as_their_hash(void **state)
{
    struct bytes script =
        test_hex("4104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6"
                 "bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac");
    uint8_t form[SCRIPT_FORM_MAX];
    char address[ADDRESS_BYTES_MAX];

    CHECK(address_of_script(chain_by_name("bitcoin"), script, address));
    CHECK_S(address, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
    check_bytes(script_address_form(script, form),
                test_hex("76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac"));
    script = test_hex("0014" HASH);
    check_bytes(script_address_form(script, form), script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes),
        cmocka_unit_test(packing),
        cmocka_unit_test(packing_of_long_scripts),
        cmocka_unit_test(packings_refused),
        cmocka_unit_test(packing_at_random),
        cmocka_unit_test(packing_of_real_scripts),
        cmocka_unit_test(shown),
        cmocka_unit_test(shown_without_memory),
        cmocka_unit_test(keys_are_shown_as_their_hash),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
