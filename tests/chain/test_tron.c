/* TronGrid's answers: a real page against sums taken by other means (Python), small pages by hand,
 * damaged ones. */
#include "support.h"

#include "base/text.h"
#include "chain/account_name.h"
#include "chain/tron/grid.h"

#include <stdio.h>
#include <stdlib.h>

static const struct chain *tron(void)
{
    return chain_by_name("tron");
}

/* In short, as in test_etl.c; accounts by their last digit, assets in brackets */
static bool shown(struct transfer_source *s, char *ret, size_t size, struct err *err)
{
    static const char digit[] = "0123456789abcdef";
    struct transfer_block b;
    size_t n = 0;
    bool end, ok;

    *ret = 0;
    for (;;) {
        ok = s->next(s->self, &b, &end, err);
        if (!ok || end)
            break;
        n += (size_t)snprintf(ret + n, size - n, "#%d@%llu%s",
                              b.height == HEIGHT_UNKNOWN ? -1 : (int)b.height,
                              (unsigned long long)b.time, b.internals ? "+" : "");
        CHECK((b.grade == GRADE_STATED) == (b.height == HEIGHT_UNKNOWN));
        for (size_t i = 0; i < b.txs_n; i++) {
            n += (size_t)snprintf(ret + n, size - n, " %c%s", digit[b.txs[i].hash.b[31] & 15],
                                  b.txs[i].failed ? "!" : "");
            for (size_t k = 0; k < b.txs[i].transfers_n; k++) {
                const struct fact_transfer *t = &b.txs[i].transfers[k];
                char amount[U256_TEXT_MAX];

                u256_to_text(t->amount, amount);
                n += (size_t)snprintf(ret + n, size - n, " %c%u:%c>%c %s", (char)t->kind,
                                      t->position, t->from.n ? digit[t->from.p[19] & 15] : '-',
                                      t->to.n ? digit[t->to.p[19] & 15] : '-', amount);
                if (t->asset.n == 20)
                    n += (size_t)snprintf(ret + n, size - n, "[%c]", digit[t->asset.p[19] & 15]);
                else if (t->asset.n)
                    n += (size_t)snprintf(ret + n, size - n, "[%.*s]", (int)t->asset.n,
                                          (const char *)t->asset.p);
            }
        }
    }
    s->free(s->self);
    return ok;
}

static void real_page(void **state)
{
    const char *path = test_data_path("evm/tron/account_transactions_1.json");
    struct u256 fees = u256_of(0), native = fees, usdt = fees;
    size_t blocks = 0, txs = 0, fees_n = 0, native_n = 0, usdt_n = 0, trc10_n = 0;
    char sum[U256_TEXT_MAX], name[ACCOUNT_NAME_MAX];
    struct transfer_source s;
    struct transfer_block b;
    struct err err;
    bool end;

    CHECK_OK(tron_open(&path, 1, tron(), &s, &err), err);
    for (;; blocks++) {
        CHECK_OK(s.next(s.self, &b, &end, &err), err);
        if (end)
            break;
        CHECK(b.internals && b.grade == GRADE_PROVEN && b.height <= 20829763);
        txs += b.txs_n;
        for (size_t i = 0; i < b.txs_n; i++)
            for (size_t k = 0; k < b.txs[i].transfers_n; k++) {
                const struct fact_transfer *t = &b.txs[i].transfers[k];

                account_name(tron(), t->asset, name);
                if (t->kind == TRANSFER_FEE) {
                    CHECK(u256_add(fees, t->amount, &fees) && u256_zero(t->credit));
                    fees_n++;
                } else if (t->asset.n == 7) { /* TRC-10: the only one */
                    CHECK(!memcmp(t->asset.p, "1002000", 7) && t->amount.w[0] == 7639170000000);
                    trc10_n++;
                } else if (!t->asset.n) {
                    CHECK(t->kind == TRANSFER_VALUE && u256_add(native, t->amount, &native));
                    native_n++;
                } else {
                    CHECK_S(name, "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t");
                    CHECK(t->kind == TRANSFER_STATED && u256_add(usdt, t->amount, &usdt));
                    account_name(tron(), t->from, name);
                    CHECK_S(name, "TM1zzNDZD2DPASbKcgdVoTYhfmYgtfwx9R");
                    usdt_n++;
                }
            }
    }
    s.free(s.self);
    CHECK_U(blocks, 20);
    CHECK_U(txs, 25);
    CHECK_U(native_n, 7);
    CHECK_U(usdt_n, 17);
    CHECK_U(trc10_n, 1);
    CHECK_U(fees_n, 20);
    u256_to_text(fees, sum);
    CHECK_S(sum, "3474260");
    u256_to_text(native, sum);
    CHECK_S(sum, "22787791781");
    u256_to_text(usdt, sum);
    CHECK_S(sum, "54049105000");
}

/* 41 and 20 bytes of one digit; hashes so, too */
#define D4(d) d d d d
#define D20(d) D4(d) D4(d) D4(d) D4(d) D4(d)
#define K(d) "41" D20(d d)
#define H(d) D20(d d) D20(d) D4(d)
#define ARG(d) "0000000000000000000000" K(d)
#define PLAIN(d) "000000000000000000000000" D20(d d)
#define WORD(d) "000000000000000000000000000000000000000000000000000000000000000" d
#define TX(h, block, raw, result, type, value)                                                     \
    "{\"txID\":\"" H(h) "\",\"blockNumber\":" block ",\"block_timestamp\":" block "000,"           \
                        "\"net_fee\":3,\"energy_fee\":4,\"internal_transactions\":[],"             \
                        "\"raw_data\":{\"timestamp\":" raw ",\"contract\":[{\"type\":\"" type      \
                        "\",\"parameter\":{\"value\":{\"owner_address\":\"" K(                     \
                            "a") "\"," value "}}}]},"                                              \
                                 "\"ret\":[{\"contractRet\":\"" result "\"}]}"
#define PAY(h, block, raw, n)                                                                      \
    TX(h, block, raw, "SUCCESS", "TransferContract", "\"to_address\":\"" K("b") "\",\"amount\":" n)
#define CALL(h, data, more)                                                                        \
    TX(h, "7", "1", "SUCCESS", "TriggerSmartContract",                                             \
       "\"contract_address\":\"" K("c") "\",\"data\":\"" data "\"" more)
#define LISTED(h, from, to, n)                                                                     \
    "{\"transaction_id\":\"" H(h) "\",\"block_timestamp\":7000,\"from\":\"" K(                     \
        from) "\",\"to\":\"" K(to) "\",\"type\":\"Transfer\",\"value\":\"" n                       \
                                   "\",\"token_info\":{\"address\":\"" K(                          \
                                       "c") "\",\"decimals\":6}}"

static const struct {
    const char *name, *pages[2], *want;
} rules[] = {
    {"blocks ascend, whatever the page's order; within, as they were made",
     {"{\"data\":[" PAY("1", "8", "5", "50") "," PAY("2", "7", "9", "60") "," PAY("3", "7", "3",
                                                                                  "70") "]}"},
     "#7@7+ 3 f0:a>- 7 v0:a>b 70 2 f0:a>- 7 v0:a>b 60#8@8+ 1 f0:a>- 7 v0:a>b 50"},
    {"a list alone; a transaction that is there twice",
     {"[" PAY("1", "8", "5", "50") "]", "[" PAY("1", "8", "5", "50") "]"},
     "#8@8+ 1 f0:a>- 7 v0:a>b 50"},
    {"what failed moves only its fee",
     {"[" TX("1", "7", "1", "OUT_OF_ENERGY", "TriggerSmartContract",
             "\"contract_address\":\"" K("c") "\",\"call_value\":5") "]"},
     "#7@7+ 1! f0:a>- 7"},
    {"transfer, with 41 before the address and without",
     {"[" CALL("1", "a9059cbb" ARG("d") WORD("5"),
               "") "," CALL("2", "a9059cbb" PLAIN("d") WORD("6"), "") "]"},
     "#7@7+ 1 f0:a>- 7 s0:a>d 5[c] 2 f0:a>- 7 s0:a>d 6[c]"},
    {"transferFrom, value sent along, a token sent along",
     {"[" CALL("1", "23b872dd" ARG("e") ARG("d") WORD("5"),
               ",\"call_value\":8,\"call_token_value\":9,\"token_id\":1000001") "]"},
     "#7@7+ 1 f0:a>- 7 v0:a>c 8 v1:a>c 9[1000001] s0:e>d 5[c]"},
    {"another call, and half a one, say nothing",
     {"[" CALL("1", "a9059cbc" ARG("d") WORD("5"), "") "," CALL("2", "a9059cbb" ARG("d"), "") "]"},
     "#7@7+ 1 f0:a>- 7 2 f0:a>- 7"},
    {"TRC-10, its number as digits and as their hex",
     {"[" TX(
         "1", "7", "1", "SUCCESS", "TransferAssetContract",
         "\"to_address\":\"" K(
             "b") "\",\"amount\":5,\"asset_name\":\"1002000\"") "," TX("2", "7", "2", "SUCCESS",
                                                                       "TransferAssetContract",
                                                                       "\"to_address\":\"" K(
                                                                           "b") "\",\"amount\":6,"
                                                                                "\"asset_name\":"
                                                                                "\"31303032303030"
                                                                                "\"") "]"},
     "#7@7+ 1 f0:a>- 7 v0:a>b 5[1002000] 2 f0:a>- 7 v0:a>b 6[1002000]"},
    {"TRC-20 pages have no height",
     {"{\"data\":[" LISTED("1", "d", "e", "5") "," LISTED("1", "d", "e", "5") "]}",
      "{\"data\":[" LISTED("1", "d", "e", "5") "," LISTED("1", "e", "f", "5") "]}"},
     "#-1@7 1 s0:d>e 5[c] s1:d>e 5[c] s2:e>f 5[c]"},
    {"what is listed of a transaction that is here is told once",
     {"[" CALL("1", "a9059cbb" ARG("d") WORD("5"), "") "]",
      "[" LISTED("1", "a", "d", "5") "," LISTED("1", "d", "e", "2") "]"},
     "#7@7+ 1 f0:a>- 7 s0:a>d 5[c] s1:d>e 2[c]"},
    {"no rows", {"{\"data\":[]}"}, ""},
};

static bool open_pages(const char *const *pages, struct transfer_source *ret, struct err *err)
{
    struct tron_file files[2];
    size_t n = 0;

    for (; n < 2 && pages[n]; n++)
        files[n] = (struct tron_file){n ? "two.json" : "one.json",
                                      {(const uint8_t *)pages[n], strlen(pages[n])}};
    return tron_from(files, n, tron(), ret, err);
}

static void by_hand(void **state)
{
    char got[1024];
    struct transfer_source s;
    struct err err;

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        test_row("%s", rules[i].name);
        CHECK_OK(open_pages(rules[i].pages, &s, &err), err);
        CHECK_OK(shown(&s, got, sizeof(got), &err), err);
        CHECK_S(got, rules[i].want);
    }
}

static const struct {
    const char *pages[2], *want;
} refused[] = {
    {{"{}"}, "one.json: data: a list is wanted"},
    {{"{\"data\":5}"}, "one.json: data: a list is wanted"},
    {{"[{}]"}, "one.json: data[0]: txID: neither that nor transaction_id"},
    {{"[{\"txID\":\"12\"}]"}, "one.json: data[0]: txID: 64 hex digits are wanted"},
    {{"[{\"txID\":\"" H("1") "\"}]"}, "one.json: data[0]: blockNumber: a whole number is wanted"},
    {{"[{\"txID\":\"" H("1") "\",\"blockNumber\":7}]"},
     "one.json: data[0]: block_timestamp: a whole number is wanted"},
    {{"[{\"txID\":\"" H("1") "\",\"blockNumber\":4294967295,\"block_timestamp\":7000}]"},
     "one.json: data[0]: blockNumber: is too much"},
    {{"[{\"txID\":\"" H("1") "\",\"blockNumber\":7,\"block_timestamp\":7000}]"},
     "one.json: data[0]: raw_data.contract: a list of one is wanted"},
    {{"[" PAY("1", "7", "1", "50") "," PAY("2", "7", "1", "-5") "]"},
     "one.json: data[1]: amount: a whole number is wanted"},
    {{"[" PAY("1", "7", "1", "5.0") "]"}, "one.json: data[0]: amount: a whole number is wanted"},
    {{"[" TX("1", "7", "1", "SUCCESS", "TransferContract", "\"to_address\":5") "]"},
     "one.json: data[0]: to_address: an address is wanted"},
};

static void refusals(void **state)
{
    struct transfer_source s;
    struct err err;

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        test_row("%s", refused[i].want);
        CHECK(!open_pages(refused[i].pages, &s, &err));
        CHECK_S(err.text, refused[i].want);
        CHECK_U(err.class, ERR_INPUT);
    }
    CHECK(!tron_from(NULL, 0, chain_by_name("ethereum"), &s, &err));
    CHECK_U(err.class, ERR_USAGE);
}

static bool one_page(struct bytes in, void *ctx)
{
    struct tron_file f = {"cut", in};
    struct transfer_source s;
    char got[1024];
    struct err err;

    return tron_from(&f, 1, tron(), &s, &err) && shown(&s, got, sizeof(got), &err);
}

static void truncations(void **state)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        test_truncations(
            (struct bytes){(const uint8_t *)rules[i].pages[0], strlen(rules[i].pages[0])}, one_page,
            NULL);
}

static bool read_all(void *ctx)
{
    struct transfer_source s;
    char got[1024];
    struct err err;

    if (!open_pages(ctx, &s, &err)) {
        CHECK_U(err.class, ERR_NOMEM);
        return false;
    }
    return shown(&s, got, sizeof(got), &err);
}

static void failed_allocations(void **state)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        test_row("%s", rules[i].name);
        test_failed_allocations(read_all, (void *)rules[i].pages);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_page),          cmocka_unit_test(by_hand),
        cmocka_unit_test(refusals),           cmocka_unit_test(truncations),
        cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
