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
    {"=<:r:thor1x:1E8", "swap THOR.RUNE->thor1x/ 100000000 / /"},
    {"out:" TXID, "out " TXID},
    {"OUT:0x" TXID ":more", "out " TXID},
    {"$+:BTC.BTC:bc1q:1", "loan-open BTC.BTC->bc1q/ 1 / /"},
    {"+:ETH.ETH:thor1", "add ETH.ETH->/ - / /"},
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
             S(m->asset.chain), m->asset.where, S(m->asset.ticker), S(m->asset.contract),
             S(m->destination), S(m->refund), limit, S(m->interval), S(m->quantity),
             S(m->affiliate), S(m->affiliate_points));
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
        cmocka_unit_test(real),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
