/* Router memos: rows, junk, every truncation, real memos and scripts. */
#include "support.h"

#include "base/json.h"
#include "base/text.h"
#include "chain/memo.h"

#include <stdio.h>
#include <stdlib.h>

#define TXID "50AD5CFE4AFB72D6096DAE8968F1A25B23F65285D0DEB26EB8BA9710C176B5CE"

static const struct {
    const char *text;
    /* "kind chain.ticker-contract>destination/refund limit interval/quantity affiliate/points" or
     * "kind txid"; "": no memo */
    const char *want;
} rows[] = {
    /* of the mocks of a node's answers */
    {"=:BTC.BTC:bc1qyw9m7jdgrp2has5w5jjle6x9djlenx6mp00yp5:125456",
     "swap BTC.BTC->bc1qyw9m7jdgrp2has5w5jjle6x9djlenx6mp00yp5/ 125456 / /"},
    {"=:ETH/USDC-0XA0B86991C6218B36C1D19D4A2E9EB0CE3606EB48:thor14mh37ua4vkyur0l5ra297a4la6tmf95mt9"
     "6a55:135560143957",
     "swap ETH/USDC-0XA0B86991C6218B36C1D19D4A2E9EB0CE3606EB48>thor14mh37ua4vkyur0l5ra297a4la6tmf95"
     "mt96a55/ 135560143957 / /"},
    {"=:ETH/USDT-0XDAC17F958D2EE523A2206206994597C13D831EC7:thor1x4d5g75v67affmr9qjuu75swjsgme4jsc"
     "xj7pl:0/1/0:dx:10",
     "swap ETH/USDT-0XDAC17F958D2EE523A2206206994597C13D831EC7>thor1x4d5g75v67affmr9qjuu75swjsgme4"
     "jscxj7pl/ 0 1/0 dx/10"},
    {"=:ETH~ETH:thor14mh37ua4vkyur0l5ra297a4la6tmf95mt96a55:163442245",
     "swap ETH~ETH->thor14mh37ua4vkyur0l5ra297a4la6tmf95mt96a55/ 163442245 / /"},
    {"=:THOR.RUNE:thor18lskl38ewc56mp2mzp4t5wfhawmwmmvg366f0a",
     "swap THOR.RUNE->thor18lskl38ewc56mp2mzp4t5wfhawmwmmvg366f0a/ - / /"},
    {"REFUND:" TXID, "refund " TXID},
    /* short forms, case, an exponent, two addresses */
    {"=:b:bc1q", "swap BTC.BTC->bc1q/ - / /"},
    {"s:e:0xabc/0xdef:12e6/3/0:t:30", "swap ETH.ETH->0xabc/0xdef 12000000 3/0 t/30"},
    {"SWAP:ETH:0xabc", "swap ETH.ETH->0xabc/ - / /"},
    {"=:x:rabc", "swap XRP.XRP->rabc/ - / /"},
    {"=:tr:Tabc", "swap TRON.TRX->Tabc/ - / /"},
    {"=<:r:thor1x:1E8", "swap THOR.RUNE->thor1x/ 100000000 / /"},
    {"out:" TXID, "out " TXID},
    {"OUT:0x" TXID ":more", "out " TXID},
    {"$+:BTC.BTC:bc1q:1", "loan-open BTC.BTC->bc1q/ 1 / /"},
    {"+:ETH.ETH:thor1", "add ETH.ETH->/ - / /"},
    {"=:o:9xQe", "swap SOL.SOL->9xQe/ - / /"},
    {"=:z:t1abc", "swap ZEC.ZEC->t1abc/ - / /"},
    /* THORChain, "Transaction Memos", its own examples */
    {"SWAP:ETH.ETH:0xe6a30f4f3bad978910e2cbb4d97581f5b5a0ade0",
     "swap ETH.ETH->0xe6a30f4f3bad978910e2cbb4d97581f5b5a0ade0/ - / /"},
    {"=:BTC.BTC:bc1q6527vxxqjpq80la2l0sw7hay3lj6dz07zs6gzl/"
     "0x7a093cebfa77403672d68e1c22d0681400a36682",
     "swap BTC.BTC->bc1q6527vxxqjpq80la2l0sw7hay3lj6dz07zs6gzl/"
     "0x7a093cebfa77403672d68e1c22d0681400a36682 - / /"},
    {"SWAP:ETH.ETH:0xe6a30f4f3bad978910e2cbb4d97581f5b5a0ade0:10000000",
     "swap ETH.ETH->0xe6a30f4f3bad978910e2cbb4d97581f5b5a0ade0/ 10000000 / /"},
    {"SWAP:ETH.ETH:0xe6a30f4f3bad978910e2cbb4d97581f5b5a0ade0:10000000/1/1",
     "swap ETH.ETH->0xe6a30f4f3bad978910e2cbb4d97581f5b5a0ade0/ 10000000 1/1 /"},
    {"SWAP:ETH.ETH:0xe6a30f4f3bad978910e2cbb4d97581f5b5a0ade0:10000000/3/0:t:10",
     "swap ETH.ETH->0xe6a30f4f3bad978910e2cbb4d97581f5b5a0ade0/ 10000000 3/0 t/10"},
    {"s:ETH.ETH:0xe6a30f4f3bad978910e2cbb4d97581f5b5a0ade0:1e6/3/0:t:10",
     "swap ETH.ETH->0xe6a30f4f3bad978910e2cbb4d97581f5b5a0ade0/ 1000000 3/0 t/10"},
    {"=:r:thor1el4ufmhll3yw7zxzszvfakrk66j7fx0tvcslym:19779138111",
     "swap THOR.RUNE->thor1el4ufmhll3yw7zxzszvfakrk66j7fx0tvcslym/ 19779138111 / /"},
    {"=:BSC.BNB:0xe6a30f4f3bad978910e2cbb4d97581f5b5a0ade0:544e6/2/6",
     "swap BSC.BNB->0xe6a30f4f3bad978910e2cbb4d97581f5b5a0ade0/ 544000000 2/6 /"},
    {"=:BTC~BTC:thor1g6pnmnyeg48yc3lg796plt0uw50qpp7humfggz:1e6/1/0:dx:10",
     "swap BTC~BTC->thor1g6pnmnyeg48yc3lg796plt0uw50qpp7humfggz/ 1000000 1/0 dx/10"},
    {"=:BTC-BTC:thor1g6pnmnyeg48yc3lg796plt0uw50qpp7humfggz:1e6/1/0:dx:10",
     "swap BTC-BTC->thor1g6pnmnyeg48yc3lg796plt0uw50qpp7humfggz/ 1000000 1/0 dx/10"},
    {"=:ETH.ETH:0x3021c479f7f8c9f1d5c7d8523ba5e22c0bcb5430::t1/t2/t3/t4/t5:10",
     "swap ETH.ETH->0x3021c479f7f8c9f1d5c7d8523ba5e22c0bcb5430/ - / t1/t2/t3/t4/t5/10"},
    {"=:ETH.ETH:0x3021c479f7f8c9f1d5c7d8523ba5e22c0bcb5430::t1/dx/ss:10/20/30",
     "swap ETH.ETH->0x3021c479f7f8c9f1d5c7d8523ba5e22c0bcb5430/ - / t1/dx/ss/10/20/30"},
    {"=<:ASSET:DESTADDR:LIM/43200/0", "swap ASSET.ASSET->DESTADDR/ - 43200/0 /"},
    {"=:ASSET:DESTADDR:/1/1", "swap ASSET.ASSET->DESTADDR/ - 1/1 /"},
    {"=:ETH.USDT:dx:100e7:t:10", "swap ETH.USDT->dx/ 1000000000 / t/10"},
    {"LOAN+:BSC.BUSD:0xe6a30f4f3bad978910e2cbb4d97581f5b5a0ade0",
     "loan-open BSC.BUSD->0xe6a30f4f3bad978910e2cbb4d97581f5b5a0ade0/ - / /"},
    {"$-:ETH.ETH:0xe9973cb51ee04446a54ffca73446d33f133d2f49:404204059",
     "loan-repay ETH.ETH->0xe9973cb51ee04446a54ffca73446d33f133d2f49/ 404204059 / /"},
    {"WITHDRAW:BTC/BTC:10000", "withdraw BTC/BTC->/ - / /"},
    {"+:BTC/BTC::t:10", "add BTC/BTC->/ - / /"},
    {"TRADE+:thor1x2whgc2nt665y0kc44uywhynazvp0l8tp0vtu6",
     "keep .->thor1x2whgc2nt665y0kc44uywhynazvp0l8tp0vtu6/ - / /"},
    {"SECURE+:thor1x2whgc2nt665y0kc44uywhynazvp0l8tp0vtu6",
     "keep .->thor1x2whgc2nt665y0kc44uywhynazvp0l8tp0vtu6/ - / /"},
    {"x:tthor14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9sw58u9f:AA==",
     "keep .->tthor14hj2tavq8fpesdwxxcu44rty3hh90vhujrvcmstl4zr3txmfvw9sw58u9f/ - / /"},
    {"tcy:thor1tj237x6zdpk3l7x8g4qhutqnnjq5v6syglprz7", "other .->/ - / /"},
    {"m=<:1234BTC.BTC:1234ETH.ETH:0", "other .->/ - / /"},
    {"REFERENCE:BTC.BTC:=:ETH.ETH:0x1c7b17362c84287bd1184447e6dfeaf920c31bbe", "other .->/ - / /"},
    {"R:20002", "reference .->/ - / /"},
    {"MIGRATE:3494355", "migrate .->/ - / /"},
    /* what stands behind | is no part of it */
    {"=:b:bc1q|1:t:30", "swap BTC.BTC->bc1q/ - / /"},
    {"OUT:" TXID "|abc:def", "out " TXID},
    /* of Solana: bytes 0 to 63, and the same without a letter of its last */
    {"OUT:1GMkH3brNXiNNs1tiFZHu4yZSRrzJwxi5wB9bHFtMinfCXNnR1adh8Vo8NTheK4evneedH4qmvjeqcBBNAefgS",
     "out FDEAB9ACF3710362BD2658CDC9A29E8F9C757FCF9811603A8C447CD1D9151108"},
    {"refund:"
     "1GMkH3brNXiNNs1tiFZHu4yZSRrzJwxi5wB9bHFtMinfCXNnR1adh8Vo8NTheK4evneedH4qmvjeqcBBNAefgS|x",
     "refund FDEAB9ACF3710362BD2658CDC9A29E8F9C757FCF9811603A8C447CD1D9151108"},
    {"OUT:1GMkH3brNXiNNs1tiFZHu4yZSRrzJwxi5wB9bHFtMinfCXNnR1adh8Vo8NTheK4evneedH4qmvjeqcBBNAefg",
     ""},
    {"OUT:"
     "1GMkH3brNXiNNs1tiFZHu4yZSRrzJwxi5wB9bHFtMinfCXNnR1adh8Vo8NTheK4evneedH4qmvjeqcBBNAefgSzzz",
     ""},
    {"OUT:0GMkH3brNXiNNs1tiFZHu4yZSRrzJwxi5wB9bHFtMinfCXNnR1adh8Vo8NTheK4evneedH4qmvjeqcBBNAefgS",
     ""},
    /* junk that people send */
    {"=:BTC.BTC:bc1q:abc:t:1.5", "swap BTC.BTC->bc1q/ - / t/1.5"},
    {"=:BTC.BTC:bc1q:1e99", "swap BTC.BTC->bc1q/ - / /"},
    {"=:BTC.BTC:bc1q:9e77", "swap BTC.BTC->bc1q/ - / /"},
    {"=:::::", "swap .->/ - / /"},
    {"=:", "swap .->/ - / /"},
    {"=:..:x", "swap .->x/ - / /"},
    {"=:a b.c:x", "swap .->x/ - / /"},
    {"=:e:x:1:a:2:b:3:c:d:e:f:::::::::::::::::::::", "swap ETH.ETH->x/ 1 / a/2"},
    /* no memos */
    {"", ""},
    {":", ""},
    {"=", ""},
    {"out", ""},
    {"hello: world", ""},
    {"r:20x02", ""},
    {"r:", ""},
    {"x:\xa9\x05\x9c\xbb", ""},
    {"|=:b:bc1q", ""},
    {"=|:b:bc1q", ""},
    {"OUT:50AD", ""},
    {"OUT:" TXID "00", ""},
    {"OUT:zz50AD5CFE4AFB72D6096DAE8968F1A25B23F65285D0DEB26EB8BA9710C176B5", ""},
};

static void show(const struct memo *m, char *to, size_t room)
{
    char limit[U256_TEXT_MAX] = "-";
    size_t n = (size_t)snprintf(to, room, "%s ", memo_kind_name(m->kind));

    if (m->kind == MEMO_OUT || m->kind == MEMO_REFUND) {
        for (size_t i = 0; i < 32; i++)
            n += (size_t)snprintf(to + n, room - n, "%02X", m->txid.b[i]);
        return;
    }
    if (m->has_limit)
        u256_to_text(m->limit, limit);
#define S(b) (int)(b).n, (const char *)(b).p
    snprintf(to + n, room - n, "%.*s%c%.*s-%.*s>%.*s/%.*s %s %.*s/%.*s %.*s/%.*s",
             S(m->asset.chain), m->asset.where ? m->asset.where : '.', S(m->asset.ticker),
             S(m->asset.contract), S(m->destination), S(m->refund), limit, S(m->interval),
             S(m->quantity), S(m->affiliate), S(m->affiliate_points));
#undef S
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t n = strlen(rows[i].text);
        char *text = malloc(n ? n : 1), got[512] = "";
        struct memo m;

        test_row("\"%s\"", rows[i].text);
        CHECK(text != NULL);
        memcpy(text, rows[i].text, n);
        if (memo_read((struct bytes){(const uint8_t *)text, n}, &m))
            show(&m, got, sizeof(got));
        free(text);
        CHECK_S(got, rows[i].want);
    }
}

/* Every prefix is read without a byte too many; what is read names nothing outside of it. */
static void cut_short(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        for (size_t n = 0; n < strlen(rows[i].text); n++) {
            uint8_t *text = malloc(n ? n : 1);
            struct memo m;

            test_row("%zu of \"%s\"", n, rows[i].text);
            CHECK(text != NULL);
            memcpy(text, rows[i].text, n);
            if (memo_read((struct bytes){text, n}, &m))
                CHECK(m.destination.n + m.refund.n + m.affiliate.n <= n);
            free(text);
        }
}

static const struct {
    const char *name, *script, *want; /* NULL: no memo */
} scripts[] = {
    {"a short push", "6a 03 3d3a62", "=:b"},
    {"PUSHDATA1", "6a 4c 03 3d3a62", "=:b"},
    {"PUSHDATA2", "6a 4d 0300 3d3a62", "=:b"},
    {"more after it", "6a 03 3d3a62 01ff", "=:b"},
    {"nothing pushed", "6a 00", NULL},
    {"nothing follows", "6a", NULL},
    {"a number", "6a 51", NULL},
    {"another script", "76 a9 14", NULL},
    {"PUSHDATA4", "6a 4e 03000000 3d3a62", NULL},
    {"", "", NULL},
};

static void in_scripts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        struct bytes script = test_hex(scripts[i].script), text;

        test_row("%s", scripts[i].name);
        CHECK(memo_in_script(script, &text) == (scripts[i].want != NULL));
        if (!scripts[i].want)
            continue;
        CHECK(text.n == strlen(scripts[i].want) && !memcmp(text.p, scripts[i].want, text.n));
        for (size_t n = 0; n < 4 && n < script.n; n++) {
            struct bytes cut = {script.p, script.n - 1 - n};
            struct bytes pushed;

            if (memo_in_script(cut, &pushed))
                CHECK(pushed.n <= cut.n);
        }
    }
}

/* Memos that go on in further outputs; the first two are THORChain's own example ("Sending
 * Transactions", "Examples using dummy txs"). */
#define LONG_START                                                                                 \
    "6a4c50"                                                                                       \
    "535741503a474149412e41544f4d3a636f736d6f7331666567617064346a6333656a716567306575"             \
    "336a6b34687672373468673636303736677979642f626331716e667730676b6b303571786c3338"
static const char long_on[] = LONG_START "5e", long_not_on[] = LONG_START "30";
#define LONG_WANT                                                                                  \
    "SWAP:GAIA.ATOM:cosmos1fegapd4jc3ejqeg0eu3jk4hvr74hg66076gyyd/"                                \
    "bc1qnfw0gkk05qxl38mslc69hc6vc64mksyw6zzxhg"
#define VAULT "0014 0101010101010101010101010101010101010101"

static const struct {
    const char *name, *scripts[6], *parts, *want; /* parts: of each script, is it of the memo? */
} output_rows[] = {
    {"P2WPKH",
     {VAULT, VAULT, long_on, "00146d736c633639686336766336346d6b737977367a",
      "00147a78686700000000000000000000000000000000", VAULT},
     "001110",
     LONG_WANT},
    {"P2PKH",
     {long_on, "76a9146d736c633639686336766336346d6b737977367a88ac",
      "76a9147a7868670000000000000000000000000000000088ac", VAULT},
     "1110",
     LONG_WANT},
    {"no ^", {long_not_on, VAULT}, "10", NULL},
    {"a ^ too early", {"6a065e3d3a623a62", VAULT}, "10", "^=:b:b"},
    {"short", {VAULT, "6a053d3a623a62", VAULT}, "010", "=:b:b"},
    {"pushed in two", {"6a033d3a62", VAULT, "6a023a62"}, "101", "=:b:b"},
    {"a byte that is no text", {"6a053d3a620062", VAULT}, "10", ""},
    {"a hash that is no text", {long_on, VAULT}, "11", ""},
    {"no memo", {VAULT, "6a", VAULT}, "000", ""},
};

static void in_outputs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(output_rows) / sizeof(output_rows[0]); i++) {
        struct memo_outputs m = {.n = 0};
        struct bytes text;

        test_row("%s", output_rows[i].name);
        for (size_t k = 0; output_rows[i].parts[k]; k++)
            CHECK_U(memo_outputs_add(&m, test_hex(output_rows[i].scripts[k])),
                    output_rows[i].parts[k] == '1');
        text = memo_outputs_end(&m);
        if (output_rows[i].want)
            CHECK(text.n == strlen(output_rows[i].want) &&
                  (!text.n || !memcmp(text.p, output_rows[i].want, text.n)));
    }
}

/* However many outputs there are, no more is kept than a memo may have. */
static void outputs_without_end(void **state)
{
    struct memo_outputs m = {.n = 0};
    uint8_t script[2 + 255] = {0x6a, 0x4b};

    (void)state;
    memset(script + 2, 'x', 75);
    for (unsigned i = 0; i < 100; i++)
        CHECK(memo_outputs_add(&m, (struct bytes){script, 77}));
    CHECK(m.n <= MEMO_BYTES_MAX);
    CHECK_U(memo_outputs_end(&m).n, 0);
}

/* What a transaction's input may be: only what is asked of a router, or paid for it. */
static void sent(void **state)
{
    static const struct {
        const char *input;
        bool want;
    } inputs[] = {
        {"=:b:bc1q", true},
        {"SWAP:BTC.BTC:bc1q:0/3/0:t:30", true},
        {"$-:BTC.BTC:bc1q", true},
        {"OUT:" TXID, true},
        {"REFUND:" TXID, true},
        {"", false},
        {"MIGRATE:123", false},
        {"+:ETH.ETH:thor1", false},
        {"donate:ETH.ETH", false},
        {"hello: world", false},
        {" =:b:bc1q", false},
        {"\xa9\x05\x9c\xbb:=:b:bc1q", false}, /* transfer(address,uint256) */
    };
    static char longest[MEMO_BYTES_MAX + 1];
    struct memo m;

    (void)state;
    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++) {
        struct bytes in = {(const uint8_t *)inputs[i].input, strlen(inputs[i].input)};

        test_row("%s", inputs[i].input);
        CHECK_U(memo_is_sent(in, &m), inputs[i].want);
    }
    memset(longest, 'x', sizeof(longest));
    memcpy(longest, "=:b:", 4);
    CHECK(memo_is_sent((struct bytes){(const uint8_t *)longest, MEMO_BYTES_MAX}, &m));
    CHECK(!memo_is_sent((struct bytes){(const uint8_t *)longest, MEMO_BYTES_MAX + 1}, &m));
}

struct counts {
    size_t all, read;
};

static void walk(const struct json *root, struct counts *c)
{
    const struct json *stack[256];
    size_t n = 0;

    stack[n++] = root;
    while (n) {
        const struct json *j = stack[--n];
        struct memo m;

        if (j->key && !strcmp(j->key, "memo") && j->type == JSON_STRING && j->text_n) {
            c->all++;
            c->read += memo_read((struct bytes){(const uint8_t *)j->text, j->text_n}, &m);
        }
        for (const struct json *k = j->child; k; k = k->next)
            if (k->child || (k->key && !strcmp(k->key, "memo"))) {
                CHECK(n < 256);
                stack[n++] = k;
            }
    }
}

static void real(void **state)
{
    static const char *const files[] = {
        "evm/thorchain/midgard_actions_1.json", "evm/thorchain/midgard_actions_2.json",
        "evm/thorchain/scheduled_queue.json", "evm/thorchain/thornode_incomplete_tx.json",
        "evm/thorchain/thornode_tx.json"};
    struct counts c = {0, 0};

    (void)state;
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        struct bytes in = test_data(files[i]);
        struct arena *a = arena_new(NULL, (size_t)16 << 20);
        const struct json *root;
        struct err err;

        CHECK(a != NULL);
        CHECK_OK(json_read(a, (const char *)in.p, in.n, &root, &err), err);
        walk(root, &c);
        arena_free(a);
    }
    printf("memos: %zu, read: %zu\n", c.all, c.read);
    CHECK_U(c.all, 12);
    CHECK_U(c.read, 12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(cut_short),
        cmocka_unit_test(in_scripts),
        cmocka_unit_test(in_outputs),
        cmocka_unit_test(outputs_without_end),
        cmocka_unit_test(sent),
        cmocka_unit_test(real),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
