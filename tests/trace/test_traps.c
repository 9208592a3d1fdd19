/* Look-alike addresses and spoof tokens over small lists: who is told, as what, by which digits;
 * lists of symbols in the forms that sources write. */
#include "support.h"

#include "chain/list.h"
#include "ledger/account_ingest.h"
#include "trace/ledgers_run.h"
#include "trace/token_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define ARENA_BYTES ((size_t)512 << 20)

/* 0xaaaa0...01 and so on: four digits, then 35 of 0, then one */
#define ZEROS "00000000000000000000000000000000"
#define VICTIM "0xaaa1" ZEROS "beef"
#define PAYER "0xccc1" ZEROS "dead"
#define PAYEE "0xbbb1" ZEROS "cafe"
#define TWIN "0xbbb2" ZEROS "cafe"    /* as PAYEE: 3 and 4 */
#define TRIPLET "0xbbb3" ZEROS "cafe" /* and another */
#define TAIL_ONLY "0xbba1" ZEROS "cafe"
#define HEAD_ONLY "0xbbb4" ZEROS "cafd"
#define SPOOF "0x1111111111111111111111111111111111111111"
#define USDT "0xdac17f958d2ee523a2206206994597c13d831ec7"

/* Of Tron; the first two share R7N and UXNW, the third ends in dWNw. */
#define TRON_ONE "TR7NHqjeKQxGTCi8q46Zc9c3tiAVsHUXNW"
#define TRON_TWO "TR7NHqjeKQxGTCi8q46Zc9c3tiGsSnUXNW"
#define TRON_CASE "TR7NHqjeKQxGTCi8q46Zc9cDrwzjZ1dWNw"
#define TRON_FROM "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"

struct scene {
    const char *chain, *rows; /* time,from,to,amount,asset behind a header */
    const char *traced;       /* native coin that came to it */
    struct look_rule rule;    /* 0, 0: the default */
    const char *tokens;       /* a list, or NULL */
    const char *more;         /* members of the case */
    const char *want;         /* "ACCOUNT as LIKE\n", "ASSET SYMBOL as LIKE at ACCOUNT\n" */
};

static struct account_ledger *ledger_of(const char *chain_name, const char *rows)
{
    static const char header[] = "time,from,to,amount,contract\n";
    const struct chain *chain = chain_by_name(chain_name);
    struct account_ingest_options o = {.stop = NULL};
    struct account_ingest_result r;
    struct account_ledger *l;
    struct transfer_source s;
    struct text t = text_new((size_t)64 << 20);
    struct list_file file = {"list.csv", {NULL, 0}};
    char path[512];
    struct err err;

    text_str(&t, header);
    text_str(&t, rows);
    CHECK(text_string(&t));
    file.in = (struct bytes){(const uint8_t *)t.p, t.n};
    snprintf(path, sizeof(path), "%s/ledger", test_dir());
    CHECK_OK(list_from(&file, 1,
                       "time=time,from=from,to=to,amount=amount,contract=contract,"
                       "decimals=6",
                       chain, &s, &err),
             err);
    CHECK_OK(account_ingest(path, chain, &s, &o, &r, &err), err);
    s.free(s.self);
    text_free(&t);
    CHECK_OK(account_ledger_open(path, &l, &err), err);
    return l;
}

static bool run(struct arena *a, struct account_ledger *l, const struct scene *s,
                struct ledgers_doc *ret, struct err *err)
{
    struct trace_ledger *set = ARENA_NEW(a, struct trace_ledger);
    char text[1000];
    struct case_file c;

    if (!set)
        return err_fail(err, ERR_NOMEM, "set");
    set->accounts = l;
    snprintf(
        text, sizeof(text),
        "{\"id\":\"c\",\"chain\":\"%s\",\"origins\":[{\"address\":\"%s\",\"asset\":\"%s\"}]%s}",
        s->chain, s->traced, chain_by_name(s->chain)->symbol, s->more ? s->more : "");
    if (!case_read(a, (struct bytes){(const uint8_t *)text, strlen(text)}, &c, err))
        return false;
    if (s->rule.head + s->rule.tail)
        c.look = s->rule;
    if (s->tokens &&
        !token_list_read(a, (struct bytes){(const uint8_t *)s->tokens, strlen(s->tokens)}, "list",
                         &c.tokens, &c.tokens_n, err))
        return false;
    return ledgers_run(a, set, 1, NULL, &c, 1, NULL, 0, ret, err);
}

static void show(const struct ledgers_doc *d, struct text *to)
{
    const struct account_doc *doc = d->parts[0].accounts;
    char one[ACCOUNT_NAME_MAX], other[ACCOUNT_NAME_MAX];

    for (size_t i = 0; i < doc->look_alikes_n; i++) {
        account_text(doc->ledger, doc->look_alikes[i].account, one);
        account_text(doc->ledger, doc->look_alikes[i].like, other);
        text_printf(to, "%s as %s\n", one, other);
    }
    for (size_t i = 0; i < doc->spoofs_n; i++) {
        const struct spoof *s = &doc->spoofs[i];

        asset_text(doc->ledger, s->asset, one);
        spoof_meant_text(doc->ledger, s, other);
        text_printf(to, "%s %s as %s", one, s->told->symbol, other);
        account_text(doc->ledger, s->account, one);
        text_printf(to, " at %s\n", one);
    }
}

/* Ten come to VICTIM, who pays PAYEE; then come the traps. */
#define PAID                                                                                       \
    "1," PAYER "," VICTIM ",10.0,\n"                                                               \
    "2," VICTIM "," PAYEE ",4.0,\n"
#define TRAP(from, to) "3," from "," to ",0.000001," SPOOF "\n"

static const struct scene scenes[] = {
    {"ethereum", PAID, VICTIM, {0, 0}, NULL, NULL, ""},
    {"ethereum",
     PAID TRAP(VICTIM, TWIN),
     VICTIM,
     {0, 0},
     NULL,
     NULL,
     "0xbbb2" ZEROS "cafe as 0xbbb1" ZEROS "cafe\n"},
    /* from it, too; each once, in the order in which they were met */
    {"ethereum",
     PAID TRAP(TRIPLET, VICTIM) TRAP(VICTIM, TRIPLET) TRAP(VICTIM, TWIN),
     VICTIM,
     {0, 0},
     NULL,
     NULL,
     "0xbbb3" ZEROS "cafe as 0xbbb1" ZEROS "cafe\n0xbbb2" ZEROS "cafe as 0xbbb1" ZEROS "cafe\n"},
    {"ethereum",
     PAID TRAP(VICTIM, TAIL_ONLY) TRAP(VICTIM, HEAD_ONLY),
     VICTIM,
     {0, 0},
     NULL,
     NULL,
     ""},
    {"ethereum",
     PAID TRAP(VICTIM, TAIL_ONLY) TRAP(VICTIM, HEAD_ONLY),
     VICTIM,
     {2, 4},
     NULL,
     NULL,
     "0xbba1" ZEROS "cafe as 0xbbb1" ZEROS "cafe\n"},
    {"ethereum",
     PAID TRAP(VICTIM, TAIL_ONLY) TRAP(VICTIM, HEAD_ONLY),
     VICTIM,
     {3, 3},
     NULL,
     NULL,
     ""},
    {"ethereum", PAID TRAP(VICTIM, TWIN), VICTIM, {4, 4}, NULL, NULL, ""},
    {"ethereum",
     PAID TRAP(VICTIM, TWIN),
     VICTIM,
     {0, 16},
     NULL,
     NULL,
     "0xbbb2" ZEROS "cafe as 0xbbb1" ZEROS "cafe\n"},
    {"ethereum",
     PAID TRAP(VICTIM, TWIN),
     VICTIM,
     {0, 0},
     NULL,
     ",\"look_alike\":{\"head\":4,\"tail\":4}",
     ""},
    /* two of a trace that are alike are its own, and no trap */
    {"ethereum", PAID "2," VICTIM "," TWIN ",4.0,\n", VICTIM, {0, 0}, NULL, NULL, ""},
    /* what is like both is told as the one that the ledger knew first */
    {"ethereum",
     PAID "2," VICTIM "," TWIN ",4.0,\n" TRAP(VICTIM, TRIPLET),
     VICTIM,
     {0, 0},
     NULL,
     NULL,
     "0xbbb3" ZEROS "cafe as 0xbbb1" ZEROS "cafe\n"},
    /* of base58 a small letter is another digit */
    {"tron",
     "1," TRON_FROM "," TRON_ONE ",10.0,\n3," TRON_ONE "," TRON_TWO ",0.1," TRON_FROM "\n",
     TRON_ONE,
     {0, 0},
     NULL,
     NULL,
     TRON_TWO " as " TRON_ONE "\n"},
    {"tron",
     "1," TRON_FROM "," TRON_ONE ",10.0,\n3," TRON_ONE "," TRON_CASE ",0.1," TRON_FROM "\n",
     TRON_ONE,
     {3, 2},
     NULL,
     NULL,
     ""},
    {"tron",
     "1," TRON_FROM "," TRON_ONE ",10.0,\n3," TRON_ONE "," TRON_CASE ",0.1," TRON_FROM "\n",
     TRON_ONE,
     {16, 0},
     NULL,
     NULL,
     TRON_CASE " as " TRON_FROM "\n"},

    /* spoof tokens */
    {"ethereum",
     PAID TRAP(VICTIM, SPOOF),
     VICTIM,
     {0, 0},
     "address,symbol\n" SPOOF ",USD\u0422\n",
     NULL,
     SPOOF " USD\u0422 as 0xdAC17F958D2ee523a2206206994597C13D831ec7 at 0xAaa1" ZEROS "beef\n"},
    {"ethereum",
     PAID TRAP(VICTIM, SPOOF),
     VICTIM,
     {0, 0},
     NULL,
     ",\"tokens\":[{\"address\":\"" SPOOF "\",\"symbol\":\"ETH\",\"source\":\"s\"}]",
     SPOOF " ETH as ETH at 0xAaa1" ZEROS "beef\n"},
    /* the known contract itself; another symbol; another chain; nothing moved it here */
    {"ethereum",
     PAID "3," SPOOF "," VICTIM ",1.0," USDT "\n",
     VICTIM,
     {0, 0},
     "address,symbol\n" USDT ",USDT\n",
     NULL,
     ""},
    {"ethereum",
     PAID TRAP(VICTIM, SPOOF),
     VICTIM,
     {0, 0},
     "address,symbol\n" SPOOF ",GOLD\n",
     NULL,
     ""},
    {"ethereum",
     PAID TRAP(VICTIM, SPOOF),
     VICTIM,
     {0, 0},
     "address,symbol,chain\n" SPOOF ",USDT,bsc\n",
     NULL,
     ""},
    {"ethereum",
     PAID "3," SPOOF "," TAIL_ONLY ",1.0," SPOOF "\n",
     VICTIM,
     {0, 0},
     "address,symbol\n" SPOOF ",USDT\n",
     NULL,
     ""},
    {"tron",
     "1," TRON_FROM "," TRON_ONE ",10.0,\n3," TRON_CASE "," TRON_ONE ",0.1," TRON_TWO "\n",
     TRON_ONE,
     {0, 0},
     "contract_address,token_symbol\n" TRON_TWO ",USDT\n",
     NULL,
     TRON_TWO " USDT as TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t at " TRON_ONE "\n"},
};

static void told(void **state)
{
    for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
        const struct scene *s = &scenes[i];
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct account_ledger *l = ledger_of(s->chain, s->rows);
        struct text got = text_new(1 << 20);
        struct ledgers_doc d;
        struct err err;

        test_row("scene %zu", i);
        CHECK_OK(run(a, l, s, &d, &err), err);
        show(&d, &got);
        CHECK(text_string(&got));
        if (strcasecmp(got.p, s->want)) /* EIP-55 is the address tests' matter */
            CHECK_S(got.p, s->want);
        text_free(&got);
        account_ledger_close(l);
        arena_free(a);
    }
}

/* More than are told: the first LOOK_ALIKES_MAX. */
static void limit(void **state)
{
    struct scene s = {.chain = "ethereum", .traced = VICTIM};
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct text rows = text_new((size_t)64 << 20);
    struct account_ledger *l;
    struct ledgers_doc d;
    struct err err;

    text_str(&rows, PAID);
    for (unsigned i = 0; i < LOOK_ALIKES_MAX + 10; i++)
        text_printf(&rows, "%u," VICTIM ",0xbbb%033xcafe,0.000001," SPOOF "\n", 3 + i, i + 1);
    CHECK(text_string(&rows));
    l = ledger_of("ethereum", rows.p);
    CHECK_OK(run(a, l, &s, &d, &err), err);
    CHECK_U(d.parts[0].accounts->look_alikes_n, LOOK_ALIKES_MAX);
    text_free(&rows);
    account_ledger_close(l);
    arena_free(a);
}

static const struct {
    const char *text, *want; /* LOOK_RULE of the option; NULL: refused */
} rules[] = {
    {"3,4", "3 4"},   {"0,4", "0 4"},
    {"16,0", "16 0"}, {"8,8", "8 8"},
    {"1,2", NULL},    {"9,8", NULL},
    {"17,0", NULL},   {"3", NULL},
    {"3,", NULL},     {",4", NULL},
    {"-3,4", NULL},   {"3,4,5", NULL},
    {"", NULL},       {"99999999999999999999,1", NULL},
};

static void rule_of_text(void **state)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct look_rule r;
        char got[32];
        struct err err;
        bool ok = look_rule_from_text(rules[i].text, &r, &err);

        test_row("\"%s\"", rules[i].text);
        CHECK_U(ok, rules[i].want != NULL);
        if (!ok) {
            CHECK_U(err.class, ERR_USAGE);
            continue;
        }
        snprintf(got, sizeof(got), "%u %u", r.head, r.tail);
        CHECK_S(got, rules[i].want);
    }
}

/* ---- lists ---- */

static const struct {
    const char *name, *in;
    const char *want; /* "address symbol[ chain]\n", or what is complained of after a ! */
} lists[] = {
    {"ethereum-etl, CSV", "address,symbol,name,decimals,total_supply\n0x2,B,b,18,1\n0x1,A,a,6,1\n",
     "0x1 A\n0x2 B\n"},
    {"ethereum-etl, a line each",
     "{\"address\": \"0x2\", \"symbol\": \"B\", \"decimals\": \"18\"}\n\n"
     "{\"address\": \"0x1\", \"symbol\": \"A\", \"decimals\": null}\n",
     "0x1 A\n0x2 B\n"},
    {"an explorer's answer",
     "{\"status\":\"1\",\"result\":[{\"contractAddress\":\"0x1\",\"tokenSymbol\":\"A\",\"to\":"
     "\"0x9\"},"
     "{\"contractAddress\":\"0x1\",\"tokenSymbol\":\"A\"}]}",
     "0x1 A\n"},
    {"an explorer's table",
     "\"Txhash\",\"ContractAddress\",\"TokenName\",\"TokenSymbol\"\n\"0x5\",\"0x1\",\"a\",\"A, or "
     "so\"\n",
     "0x1 A, or so\n"},
    {"quotes within", "address,symbol\n0x1,\"A \"\"real\"\" one\"\n", "0x1 A \"real\" one\n"},
    {"TronGrid",
     "{\"data\":[{\"value\":\"1\",\"token_info\":{\"symbol\":\"USDT\",\"address\":\"TR7\"}}]}",
     "TR7 USDT\n"},
    {"TronScan",
     "{\"token_transfers\":[{\"contract_address\":\"TR7\",\"tokenInfo\":{\"tokenId\":\"TR7\","
     "\"tokenAbbr\":\"USDT\"}}]}",
     "TR7 USDT\n"},
    {"a list of transfers: native coin is left out",
     "time,from,to,asset,contract\n1,a,b,ETH,\n2,a,b,E\u0422H,0x1\n", "0x1 E\u0422H\n"},
    {"the contract's own column before a plain address",
     "address,contract_address,symbol\n0x9,0x1,A\n", "0x1 A\n"},
    {"a chain", "address,symbol,chain\n0x1,A,bsc\n0x1,A,\n", "0x1 A\n0x1 A bsc\n"},
    {"no symbol", "address,symbol\n0x1,\n", ""},
    {"one object", "{\"address\":\"0x1\",\"symbol\":\"A\"}", "0x1 A\n"},
    {"what cannot be shown", "address,symbol\n0x1,A\x01\xff\xd0\n",
     "0x1 A\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\n"},
    {"empty list", "[]", ""},
    {"no such column", "address,name\n0x1,A\n", "!line 1: a header is wanted"},
    {"nothing", "", "!line 1: a header is wanted"},
    {"a chain that nobody knows", "address,symbol,chain\n0x1,A,moon\n", "!line 2: chain"},
    {"numbers", "[1]", "!row 0: an object is wanted"},
    {"damaged", "{\"address\":\"0x1\",\"symbol\":\"A\"}\n{\"address\"\n", "!line 2: "},
    {"not an address", "address,symbol\n\x01,A\n", "!line 2: the contract"},
};

static void list_forms(void **state)
{
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        size_t length = strlen(lists[i].in);
        uint8_t *copy = malloc(length ? length : 1); /* exactly, for the sanitizers */
        struct bytes in = {copy, length};
        const struct trace_token *tokens;
        struct text got = text_new(1 << 20);
        struct err err;
        size_t n;
        bool ok;

        memcpy(copy, lists[i].in, length);
        test_row("%s", lists[i].name);
        ok = token_list_read(a, in, "s", &tokens, &n, &err);
        for (size_t k = 0; ok && k < n; k++)
            text_printf(&got, "%s %s%s%s\n", tokens[k].address, tokens[k].symbol,
                        tokens[k].chain ? " " : "", tokens[k].chain ? tokens[k].chain : "");
        if (!ok)
            text_printf(&got, "!%s", err.text);
        CHECK(text_string(&got));
        if (*lists[i].want == '!')
            CHECK(!strncmp(got.p, lists[i].want, strlen(lists[i].want)));
        else
            CHECK_S(got.p, lists[i].want);
        text_free(&got);
        free(copy);
        arena_free(a);
    }
}

/* Every truncation is read or refused, and nothing is read beyond it. */
static void list_truncations(void **state)
{
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
        for (size_t n = 0; n < strlen(lists[i].in); n++) {
            struct arena *a = arena_new(NULL, ARENA_BYTES);
            uint8_t *copy = malloc(n ? n : 1);
            const struct trace_token *tokens;
            struct err err = {ERR_NONE, ""};
            size_t tokens_n;

            memcpy(copy, lists[i].in, n);
            if (!token_list_read(a, (struct bytes){copy, n}, "s", &tokens, &tokens_n, &err))
                CHECK_U(err.class, ERR_INPUT);
            free(copy);
            arena_free(a);
        }
}

/* The same tokens in another order and form have the same hash: that of
 * "0x1,A\n0x2,\"B,b\",bsc\n", by coreutils' sha256sum. */
static void list_hash(void **state)
{
    static const char *const same[] = {
        "address,symbol,chain\n0x2,\"B,b\",bsc\n0x1,A,\n",
        "[{\"address\":\"0x1\",\"symbol\":\"A\"},{\"address\":\"0x2\",\"symbol\":\"B,b\","
        "\"chain\":\"bsc\"},{\"address\":\"0x1\",\"symbol\":\"A\"}]",
    };
    struct bytes want =
        test_hex("27f9dfe3c26739c7e225521006383a284b8f7aacb42cdf55775b864efdc7c225");

    for (size_t i = 0; i < 2; i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        const struct trace_token *tokens;
        struct hash32 hash;
        struct err err;
        size_t n;

        CHECK_OK(token_list_read(a, (struct bytes){(const uint8_t *)same[i], strlen(same[i])}, "s",
                                 &tokens, &n, &err),
                 err);
        hash = token_list_hash(tokens, n);
        CHECK(!memcmp(hash.b, want.p, sizeof(hash.b)));
        arena_free(a);
    }
}

static bool with_allocations(void *ctx)
{
    static const struct scene s = {
        "ethereum", NULL, VICTIM, {0, 0}, "address,symbol\n" SPOOF ",ETH\n", NULL, NULL};
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct err err = {ERR_NONE, ""};
    struct ledgers_doc d;
    bool ok = a && run(a, ctx, &s, &d, &err);

    CHECK(ok || !a || err.class == ERR_NOMEM);
    CHECK(!ok || (d.parts[0].accounts->look_alikes_n == 1 && d.parts[0].accounts->spoofs_n == 1));
    arena_free(a);
    return ok;
}

static void failed_allocations(void **state)
{
    struct account_ledger *l = ledger_of("ethereum", PAID TRAP(VICTIM, TWIN));

    test_failed_allocations(with_allocations, l);
    account_ledger_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(told),
        cmocka_unit_test(limit),
        cmocka_unit_test(rule_of_text),
        cmocka_unit_test(list_forms),
        cmocka_unit_test(list_truncations),
        cmocka_unit_test(list_hash),
        cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
