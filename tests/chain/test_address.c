/* Addresses, held against Bitcoin Core's and the BIPs' vectors and real pairs of script and
 * address. */
#include "support.h"

#include "base/json.h"
#include "chain/bitcoin/base58.h"
#include "chain/bitcoin/bech32.h"
#include "chain/bitcoin/script.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

static const struct json *item(const struct json *array, size_t i)
{
    const struct json *j = array->child;

    while (i--)
        j = j->next;
    return j;
}

static const char *text_of(const struct json *object, const char *key)
{
    const struct json *j = json_get(object, key);

    CHECK(j && j->type == JSON_STRING);
    return j->text;
}

static void check_bytes(struct bytes got, struct bytes want)
{
    CHECK_U(got.n, want.n);
    CHECK(bytes_equal(got, want));
}

static bool reads(const struct chain *chain, const char *address)
{
    uint8_t script[SCRIPT_FORM_MAX];
    struct err err;
    size_t n;

    return address_read(chain, address, script, &n, &err);
}

static bool reads_anywhere(const char *address)
{
    size_t n;
    const struct chain *const *all = chain_all(&n);

    for (size_t i = 0; i < n; i++)
        if (reads(all[i], address))
            return true;
    return false;
}

static void check_reads(const struct chain *chain, const char *address, struct bytes want)
{
    uint8_t script[SCRIPT_FORM_MAX];
    struct err err;
    size_t n;

    CHECK_OK(address_read(chain, address, script, &n, &err), err);
    check_bytes((struct bytes){script, n}, want);
}

static void check_pair(const struct chain *chain, struct bytes script, const char *address)
{
    char shown[ADDRESS_BYTES_MAX];

    check_reads(chain, address, script);
    CHECK(address_of_script(chain, script, shown));
    CHECK_S(shown, address);
}

static void base58_both_ways(void **state)
{
    struct arena *a;
    const struct json *j = test_data_json("bitcoin/vectors/core-base58_encode_decode.json", &a);

    CHECK(j->children_n > 10);
    for (const struct json *row = j->child; row; row = row->next) {
        struct bytes raw = test_hex(item(row, 0)->text);
        uint8_t got[BASE58_BYTES_MAX];
        char shown[BASE58_TEXT_MAX];
        struct err err;
        size_t n;

        test_row("%s", item(row, 1)->text);
        base58_write(raw, shown);
        CHECK_S(shown, item(row, 1)->text);
        CHECK_OK(base58_read(shown, got, &n, &err), err);
        check_bytes((struct bytes){got, n}, raw);
    }
    arena_free(a);
}

static void base58_limits(void **state)
{
    uint8_t most[BASE58_BYTES_MAX], got[BASE58_BYTES_MAX];
    char shown[BASE58_TEXT_MAX], ones[BASE58_TEXT_MAX + 1];
    struct err err;
    size_t n;

    memset(most, 0xff, sizeof(most));
    base58_write((struct bytes){most, sizeof(most)}, shown);
    CHECK_U(strlen(shown), 350); /* 2048 bits / log2(58) = 349.6 */
    CHECK_OK(base58_read(shown, got, &n, &err), err);
    check_bytes((struct bytes){got, n}, (struct bytes){most, sizeof(most)});
    memset(ones, '1', sizeof(ones));
    ones[BASE58_BYTES_MAX] = 0;
    CHECK_OK(base58_read(ones, got, &n, &err), err);
    CHECK_U(n, BASE58_BYTES_MAX);
    ones[BASE58_BYTES_MAX] = '1';
    ones[BASE58_BYTES_MAX + 1] = 0;
    CHECK(!base58_read(ones, got, &n, &err));
    ones[BASE58_BYTES_MAX + 1] = '1';
    ones[BASE58_TEXT_MAX] = 0;
    CHECK(!base58_read(ones, got, &n, &err));
    CHECK(base58_long((struct bytes){NULL, 0}, got, sizeof(got), &n) && !n); /* no text at all */
    CHECK(!base58_read("1 1", got, &n, &err));
    CHECK_S(err.text, "character 2 is not of base58");
}

/* Core's fourth test network has the addresses of the third. */
static const struct chain *network(const char *name)
{
    static const char *const names[][2] = {{"main", "bitcoin"},
                                           {"testnet4", "bitcoin:test"},
                                           {"signet", "bitcoin:signet"},
                                           {"regtest", "bitcoin:regtest"}};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (!strcmp(names[i][0], name))
            return chain_by_name(names[i][1]);
    test_failed(__FILE__, __LINE__, "network %s", name);
}

/* BIP 173 allows all of an address in upper case, for QR codes; the vectors say which to flip. */
static void check_flipped(const struct chain *chain, const char *address, const struct json *about)
{
    const struct json *flip = json_get(about, "tryCaseFlip");
    char flipped[ADDRESS_BYTES_MAX] = {0};

    for (size_t i = 0; address[i]; i++)
        flipped[i] = (char)toupper((unsigned char)address[i]);
    CHECK_U(reads(chain, flipped), flip && flip->type == JSON_TRUE);
}

static void core_valid(void **state)
{
    struct arena *a;
    const struct json *j = test_data_json("bitcoin/vectors/core-key_io_valid.json", &a);
    size_t addresses = 0;

    for (const struct json *row = j->child; row; row = row->next) {
        const struct json *about = item(row, 2);
        const struct chain *chain = network(text_of(about, "chain"));
        const char *address = item(row, 0)->text;

        test_row("%s", address);
        if (json_get(about, "isPrivkey")->type == JSON_TRUE) {
            CHECK(!reads_anywhere(address));
            continue;
        }
        check_pair(chain, test_hex(item(row, 1)->text), address);
        check_flipped(chain, address, about);
        addresses++;
    }
    CHECK(addresses >= 30);
    arena_free(a);
}

static void core_invalid(void **state)
{
    struct arena *a;
    const struct json *j = test_data_json("bitcoin/vectors/core-key_io_invalid.json", &a);

    CHECK(j->children_n >= 50);
    for (const struct json *row = j->child; row; row = row->next) {
        test_row("%s", row->child->text);
        CHECK(!reads_anywhere(row->child->text));
    }
    arena_free(a);
}

static void check_bech32(const struct json *set, enum bech32_kind kind)
{
    for (const struct json *row = json_get(set, "valid_strings")->child; row; row = row->next) {
        const char *s = text_of(row, "string");
        char shown[BECH32_CHARS_MAX + 1];
        struct bech32 b;
        struct err err;

        test_row("%s", s);
        CHECK_OK(bech32_read(s, &b, &err), err);
        CHECK_U(b.kind, kind);
        bech32_write(&b, shown);
        CHECK(!strcasecmp(shown, s));
    }
    for (const struct json *row = json_get(set, "invalid_strings")->child; row; row = row->next) {
        struct bytes raw = test_hex(text_of(row, "hex"));
        char s[256] = {0};
        struct bech32 b;
        struct err err;

        memcpy(s, raw.p, raw.n);
        test_row("%s", text_of(row, "reason"));
        CHECK(!bech32_read(s, &b, &err) || b.kind != kind);
    }
}

static void bip173_and_bip350(void **state)
{
    struct arena *a;
    const struct json *j = test_data_json("bitcoin/vectors/bip173-bip350.json", &a),
                      *m = json_get(j, "bech32m");

    check_bech32(json_get(j, "bech32"), BECH32);
    check_bech32(m, BECH32M);
    for (const struct json *row = json_get(m, "valid_segwit_addresses")->child; row;
         row = row->next) {
        const char *s = text_of(row, "address");
        bool test = s[0] == 't' || s[0] == 'T';

        test_row("%s", s);
        check_reads(chain_by_name(test ? "bitcoin:test" : "bitcoin"), s,
                    test_hex(text_of(row, "scriptPubKey")));
    }
    for (const struct json *row = json_get(m, "invalid_segwit_addresses")->child; row;
         row = row->next) {
        test_row("%s", text_of(row, "reason"));
        CHECK(!reads_anywhere(text_of(row, "string")));
    }
    arena_free(a);
}

static void bip341_wallet(void **state)
{
    struct arena *a;
    const struct json *j = test_data_json("bitcoin/vectors/core-bip341_wallet_vectors.json", &a);
    const struct json *rows = json_get(j, "scriptPubKey");

    CHECK(rows->children_n >= 7);
    for (const struct json *row = rows->child; row; row = row->next) {
        const struct json *want = json_get(row, "expected");

        test_row("%s", text_of(want, "bip350Address"));
        check_pair(chain_by_name("bitcoin"), test_hex(text_of(want, "scriptPubKey")),
                   text_of(want, "bip350Address"));
    }
    arena_free(a);
}

/* Lines: type, scriptPubKey, address, with a tab between. */
static void real_pairs(void **state)
{
    struct bytes raw = test_data("bitcoin/vectors/address-pairs-mainnet.tsv.zst");
    FILE *f = fmemopen((void *)raw.p, raw.n, "r");
    char line[512], type[16], hex[128], address[ADDRESS_BYTES_MAX];
    size_t pairs = 0;

    while (fgets(line, sizeof(line), f)) {
        struct bytes payload;

        if (line[0] == '#')
            continue;
        CHECK(sscanf(line, "%15s %127s %127s", type, hex, address) == 3);
        test_row("%s", address);
        check_pair(chain_by_name("bitcoin"), test_hex(hex), address);
        CHECK_S(type + (type[0] == 'v' ? 3 : 0), /* "v0_p2wsh" */
                script_class_name(script_classify(test_hex(hex), &payload)));
        pairs++;
    }
    fclose(f);
    CHECK_U(pairs, 5000);
}

/* One of each encoding: the genesis coin's address, BIP 16's kind, BIP 173's and BIP 350's
 * examples. */
static const struct {
    const char *chain, *address;
} sample_rows[] = {
    {"bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"},
    {"bitcoin", "3P14159f73E4gFr7JterCCQh9QjiTjiZrG"},
    {"bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"},
    {"bitcoin", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"},
    {"bitcoin:test", "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy"},
};

#define SAMPLE_ROWS (sizeof(sample_rows) / sizeof(sample_rows[0]))

static void every_truncation(void **state)
{
    for (size_t i = 0; i < SAMPLE_ROWS; i++) {
        const struct chain *chain = chain_by_name(sample_rows[i].chain);
        size_t n = strlen(sample_rows[i].address);

        for (size_t cut = 0; cut <= n; cut++) {
            char *s = strndup(sample_rows[i].address, cut); /* a block that ends with its NUL */

            test_row("%s", s);
            CHECK_U(reads(chain, s), cut == n);
            CHECK(!cut || cut == n ||
                  !reads(chain, sample_rows[i].address + cut)); /* and from the front */
            free(s);
        }
    }
}

static void every_wrong_character(void **state)
{
    for (size_t i = 0; i < SAMPLE_ROWS; i++) {
        const struct chain *chain = chain_by_name(sample_rows[i].chain);
        size_t n = strlen(sample_rows[i].address);
        char s[ADDRESS_BYTES_MAX];

        for (size_t at = 0; at < n; at++)
            for (int c = 1; c < 256; c++) {
                memcpy(s, sample_rows[i].address, n + 1);
                s[at] = (char)c;
                test_row("%s, character %zu as %d", sample_rows[i].address, at + 1, c);
                CHECK_U(reads(chain, s), s[at] == sample_rows[i].address[at]);
            }
    }
}

static void every_swap_of_neighbours(void **state)
{
    for (size_t i = 0; i < SAMPLE_ROWS; i++) {
        size_t n = strlen(sample_rows[i].address);
        char s[ADDRESS_BYTES_MAX];

        for (size_t at = 0; at + 1 < n; at++) {
            memcpy(s, sample_rows[i].address, n + 1);
            s[at] = sample_rows[i].address[at + 1];
            s[at + 1] = sample_rows[i].address[at];
            test_row("%s", s);
            CHECK_U(reads(chain_by_name(sample_rows[i].chain), s), s[at] == s[at + 1]);
        }
    }
}

static void complaints(void **state)
{
    static const struct {
        const char *chain, *address, *want;
    } rows[] = {
        {"bitcoin", "", "address \"\": 0 bytes in base58, an address has 25"},
        {"bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
         "address \"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb\": the checksum is wrong"},
        {"bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7Div0Na",
         "address \"1A1zP1eP5QGefi2DMPTfTL5SLmv7Div0Na\": character 32 is not of base58"},
        {"bitcoin:test", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
         "address \"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\": version 0 is not of bitcoin:test"},
        {"bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
         "address \"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5\": the checksum is wrong"},
        {"bitcoin:regtest", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
         "address \"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4\": \"bc1\" is not of "
         "bitcoin:regtest"},
        {"bitcoin", "bc1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
         "address \"bc1Qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4\": upper and lower case are mixed"},
        /* BIP 350: version 1 with BIP 173's checksum, and version 0 with BIP 350's */
        {"bitcoin", "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
         "address \"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd\": witness "
         "version 1 "
         "with the checksum of bech32"},
        {"bitcoin", "bc1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqlvtmpf", NULL},
        {"bitcoin", "1A1z\x1b[2J", "address: character 5 is not one that addresses have"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint8_t script[SCRIPT_FORM_MAX];
        struct err err;
        size_t n;

        test_row("row %zu", i);
        CHECK(!address_read(chain_by_name(rows[i].chain), rows[i].address, script, &n, &err));
        CHECK_U(err.class, ERR_INPUT);
        if (rows[i].want)
            CHECK_S(err.text, rows[i].want);
    }
}

/* What has no address says so; and an address of each chain is one of that chain alone, but that
 * the test networks of Bitcoin share theirs. */
static void chains_apart(void **state)
{
    static const char *const forms[] = {"76a91400112233445566778899aabbccddeeff0011223388ac",
                                        "a91400112233445566778899aabbccddeeff0011223387",
                                        "001400112233445566778899aabbccddeeff00112233", "51024e73"};
    size_t n;
    const struct chain *const *all = chain_all(&n);

    for (size_t f = 0; f < sizeof(forms) / sizeof(forms[0]); f++)
        for (size_t i = 0; i < n; i++) {
            char shown[ADDRESS_BYTES_MAX];

            test_row("form %zu on %s", f, all[i]->name);
            if (f >= 2 && !all[i]->hrp) { /* no Bech32: a script like any other */
                CHECK(!address_of_script(all[i], test_hex(forms[f]), shown));
                continue;
            }
            CHECK(address_of_script(all[i], test_hex(forms[f]), shown));
            check_reads(all[i], shown, test_hex(forms[f]));
            if (strcmp(all[i]->name, "bitcoin") && strcmp(all[i]->name, "bitcoin:sim"))
                continue;
            for (size_t k = 0; k < n; k++) /* Litecoin still reads Bitcoin's P2SH as its own */
                CHECK_U(reads(all[k], shown),
                        k == i || (f == 1 && all[k]->p2sh_old && all[k]->p2sh_old == all[i]->p2sh));
        }
}

static void litecoins_old_prefix(void **state)
{
    struct bytes script = test_hex("a91400112233445566778899aabbccddeeff0011223387");
    char old[ADDRESS_BYTES_MAX], now[ADDRESS_BYTES_MAX];

    CHECK(address_of_script(chain_by_name("bitcoin:regtest"), script, old)); /* version 196 */
    CHECK(address_of_script(chain_by_name("litecoin:regtest"), script, now));
    CHECK(old[0] == '2' && now[0] == 'Q');
    check_reads(chain_by_name("litecoin:regtest"), old, script);
    CHECK(!reads(chain_by_name("bitcoin:regtest"), now));
}

static void no_address(void **state)
{
    static const char *const rows[] = {
        "", "6a", "51", "00151100112233445566778899aabbccddeeff00112233",
        "5121020011223344556677889900112233445566778899001122334455667788990051ae"};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char shown[ADDRESS_BYTES_MAX];

        test_row("%s", rows[i]);
        CHECK(!address_of_script(chain_by_name("bitcoin"), test_hex(rows[i]), shown));
        CHECK_S(shown, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(base58_both_ways),
        cmocka_unit_test(base58_limits),
        cmocka_unit_test(core_valid),
        cmocka_unit_test(core_invalid),
        cmocka_unit_test(bip173_and_bip350),
        cmocka_unit_test(bip341_wallet),
        cmocka_unit_test(real_pairs),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(every_wrong_character),
        cmocka_unit_test(every_swap_of_neighbours),
        cmocka_unit_test(complaints),
        cmocka_unit_test(chains_apart),
        cmocka_unit_test(litecoins_old_prefix),
        cmocka_unit_test(no_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
