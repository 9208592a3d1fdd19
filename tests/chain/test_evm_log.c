/* What logs say: rows of the table one by one, real receipts against the events found in them by
 * others, logs cut short. */
#include "support.h"

#include "base/json.h"
#include "base/keccak.h"
#include "base/text.h"
#include "chain/dialect.h"
#include "chain/evm/log.h"

#include <stdio.h>
#include <stdlib.h>

/* A log as text: address, topics and data in hex, spaces between topics. */
static struct evm_log log_of(const char *address, const char *topics, const char *data)
{
    struct bytes t = test_hex(topics);

    return (struct evm_log){.address = test_hex(address),
                            .topics = (const uint8_t(*)[32])t.p,
                            .topics_n = t.n / 32,
                            .data = test_hex(data),
                            .index = 7};
}

#define NOTHING_12 "000000000000000000000000"
#define ALICE "00112233445566778899aabbccddeeff00112233"
#define BOB "ffeeddccbbaa99887766554433221100ffeeddcc"
#define TOKEN "a0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
#define WETH "c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
#define USDT "dac17f958d2ee523a2206206994597c13d831ec7"
#define TRANSFER "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef "
#define WORD_0 "0000000000000000000000000000000000000000000000000000000000000000"
#define WORD_5 "0000000000000000000000000000000000000000000000000000000000000005"
#define WORD_6 "0000000000000000000000000000000000000000000000000000000000000006"
#define WORD_64 "0000000000000000000000000000000000000000000000000000000000000040"
#define ZERO_KEY "0000000000000000000000000000000000000000"

static const struct {
    const char *name, *chain, *address, *topics, *data;
    /* what is said: "KIND FROM>TO AMOUNT" and "kind DATA", nobody as - */
    const char *want;
} said_rows[] = {
    {"a token's transfer", "ethereum", TOKEN, TRANSFER NOTHING_12 ALICE NOTHING_12 BOB, WORD_5,
     "l " ALICE ">" BOB " 5\n"},
    {"of nothing", "ethereum", TOKEN, TRANSFER NOTHING_12 ALICE NOTHING_12 BOB, WORD_0, ""},
    {"of an ERC-721", "ethereum", TOKEN, TRANSFER NOTHING_12 ALICE NOTHING_12 BOB WORD_5, "", ""},
    {"not indexed", "ethereum", TOKEN, TRANSFER, NOTHING_12 ALICE NOTHING_12 BOB WORD_5, ""},
    {"no account", "ethereum", TOKEN, TRANSFER "010000000000000000000000" ALICE NOTHING_12 BOB,
     WORD_5, ""},
    {"more data than it needs", "ethereum", TOKEN, TRANSFER NOTHING_12 ALICE NOTHING_12 BOB,
     WORD_5 WORD_6, "l " ALICE ">" BOB " 5\n"},
    {"wrapping", "ethereum", WETH,
     "e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c" NOTHING_12 ALICE, WORD_5,
     "l " ZERO_KEY ">" ALICE " 5\n3 \n"},
    {"unwrapping", "ethereum", WETH,
     "7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65" NOTHING_12 ALICE, WORD_5,
     "l " ALICE ">" ZERO_KEY " 5\n4 \n"},
    {"a deposit that is no wrapping", "ethereum", TOKEN,
     "e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c" NOTHING_12 ALICE, WORD_5,
     ""},
    {"another chain's wrapper", "bsc", WETH,
     "e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c" NOTHING_12 ALICE, WORD_5,
     ""},
    {"a chain of tests takes any", "evm:dev", TOKEN,
     "e1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c" NOTHING_12 ALICE, WORD_5,
     "l " ZERO_KEY ">" ALICE " 5\n3 \n"},
    {"blacklisted, in the data", "ethereum", USDT,
     "42e160154868087d6bfdc0ca23d96a1c1cfa32f1b72ba9ba27b69b98a0d819dc", NOTHING_12 ALICE,
     "z " ALICE ">- 0\n"},
    {"blacklisted on Tron, indexed", "tron", "a614f803b6fd780986a42c78ec9c7f77e6ded13c",
     "42e160154868087d6bfdc0ca23d96a1c1cfa32f1b72ba9ba27b69b98a0d819dc" NOTHING_12 ALICE, "",
     "z " ALICE ">- 0\n"},
    {"taken off the list", "ethereum", USDT,
     "d7e9ec6e6ecd65492dce6bf513cd6867560d49544421d0783ddf06e76c24470c", NOTHING_12 ALICE,
     "u " ALICE ">- 0\n"},
    /* supply_events.csv of the data: 200,000 USDT of 0x532961b2... */
    {"destroyed", "ethereum", USDT,
     "61e6e66b0d6339b2980aecc6ccc0039736791f0ccde9ed512e789a7fbdd698c6",
     NOTHING_12 "532961b23a28a9e5a8b1769bdb3e8906fc7c7a01"
                "0000000000000000000000000000000000000000000000000000002e90edd000",
     "x 532961b23a28a9e5a8b1769bdb3e8906fc7c7a01>- 200000000000\n"},
    {"issued to the owner", "ethereum", USDT,
     "cb8241adb0c3fdb35b70c24ce35c5eb0c17af7431c99f827d44a445ca624176a", WORD_5,
     "l ->c6cde7c39eb2f0f0095f41570af89efc2c1ea828 5\n"},
    {"issued to nobody known", "tron", "a614f803b6fd780986a42c78ec9c7f77e6ded13c",
     "cb8241adb0c3fdb35b70c24ce35c5eb0c17af7431c99f827d44a445ca624176a", WORD_5, ""},
    {"redeemed", "ethereum", USDT,
     "702d5967f45f6513a38ffc42d6ba9bf230bd40e8f53b16363c7eb4fd2deb9a44", WORD_5,
     "l c6cde7c39eb2f0f0095f41570af89efc2c1ea828>- 5\n"},
    {"frozen by Circle", "ethereum", TOKEN,
     "ffa4e6181777692565cf28528fc88fd1516ea86b56da075235fa575af6a4b855" NOTHING_12 ALICE, "",
     "z " ALICE ">- 0\n"},
    {"frozen by a caller", "ethereum", "3398385c205c060ef54744ee817c1487e28a6616",
     "51d18786e9cb144f87d46e7b796309ea84c7c687d91e09c97f051eacf59bc528" NOTHING_12 BOB NOTHING_12
         ALICE,
     "", "z " ALICE ">- 0\n"},
    {"a swap of a pair", "ethereum", BOB,
     "d78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822" NOTHING_12 ALICE NOTHING_12
         ALICE,
     WORD_0 WORD_5 WORD_6 WORD_0, "2 5 6\n"},
    {"a swap that brings both", "ethereum", BOB,
     "d78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822" NOTHING_12 ALICE NOTHING_12
         ALICE,
     WORD_5 WORD_5 WORD_6 WORD_0, "2 \n"},
    {"a swap of the same asset", "ethereum", BOB,
     "d78ad95fa46c994b6551d0da85fc275fe613ce37657fb8d5e3d130840159d822" NOTHING_12 ALICE NOTHING_12
         ALICE,
     WORD_5 WORD_0 WORD_6 WORD_0, "2 \n"},
    /* the first pool of V3 in the receipts: amount0 209,667,101, amount1 -209,805,707 */
    {"a swap with signs", "base", "06959273e9a65433de71f5a452d529544e07ddd0",
     "c42079f94a6350d7e6235f29174924f928cc2ac818eb64fed8004e115fbcca67" NOTHING_12 ALICE NOTHING_12
         ALICE,
     "000000000000000000000000000000000000000000000000000000000c7f441d"
     "fffffffffffffffffffffffffffffffffffffffffffffffffffffffff37e9e75",
     "2 209667101 209805707\n"},
    {"a swap of V4: the caller's signs", "arbitrum", "360e68faccca8ca495c1b759fd9eee466db9fb32",
     "40e9cecb9f5f1f1c5b9c97dec2917b7ee92e57ba5563708daca94dd84ad7112f" WORD_5 NOTHING_12 ALICE,
     "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
     "000000000000000000000000000000000000000000000000000000001b59bea5",
     "2 1 458866341\n"},
    {"a router's memo", "ethereum", BOB,
     "ef519b7eb82aaf6ac376a6df2d793843ebfd593de5f1a0601d3cc6ab49ebb395" NOTHING_12 ALICE WORD_0,
     WORD_5 WORD_64 "0000000000000000000000000000000000000000000000000000000000000003"
                    "3d3a620000000000000000000000000000000000000000000000000000000000",
     "1 =:b\n"},
    {"a memo past the end", "ethereum", BOB,
     "ef519b7eb82aaf6ac376a6df2d793843ebfd593de5f1a0601d3cc6ab49ebb395" NOTHING_12 ALICE WORD_0,
     WORD_5 WORD_64 "00000000000000000000000000000000000000000000000000000000000000213d3a62", ""},
    {"a memo's offset past all", "ethereum", BOB,
     "ef519b7eb82aaf6ac376a6df2d793843ebfd593de5f1a0601d3cc6ab49ebb395" NOTHING_12 ALICE WORD_0,
     WORD_5 "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", ""},
    {"burned for CCTP", "arbitrum", BOB,
     "2fa9ca894982930190727e75500a97d8dc500233a5065e0f3126c48fbe0343c0" WORD_5 WORD_0 WORD_0, "",
     "5 cctp:3:5\n"},
    {"burned where CCTP is not", "bsc", BOB,
     "2fa9ca894982930190727e75500a97d8dc500233a5065e0f3126c48fbe0343c0" WORD_5 WORD_0 WORD_0, "",
     ""},
    {"minted by CCTP", "ethereum", BOB,
     "58200b4c34ae05ee816d710053fff3fb75af4395915d3d2a771b24aa10e3cc5d" WORD_0 WORD_5, WORD_6,
     "6 cctp:6:5\n"},
    /* exploit.csv: withdrawal 2000000 */
    {"paid by the Ronin bridge", "ethereum", "1a2a1c938ce3ec39b6d47113c7955baa9dd454f2",
     "86174ea401f083b9bb1bdebca3068f27fb023c7091365ed2a8a02b8d75cf0e52"
     "00000000000000000000000000000000000000000000000000000000001e8480" WORD_0 WORD_0,
     WORD_5, "6 ronin-withdrawal:2000000\n"},
    {"into a mixer", "ethereum", "a160cdab225685da1d56aa342ad8841c3b53f291",
     "a945e51eec50ab98c161376f0db4cf2aeba3ec92755fe2fcd388bdbbb80ff196" WORD_5, WORD_0 WORD_5,
     "7 \n"},
    {"out of it", "ethereum", "a160cdab225685da1d56aa342ad8841c3b53f291",
     "e9e508bad6d4c3227e881ca19068f099da81b5164dd6d62b2eaf1e8bc6c34931" NOTHING_12 BOB,
     NOTHING_12 ALICE WORD_5 WORD_0, "8 0x" ALICE "\n"},
    {"borrowed", "ethereum", BOB,
     "b3d084820fb1a9decffb176436bd02558d15fac9b0ddfed8c465bc7359d7dce0" NOTHING_12 TOKEN NOTHING_12
         ALICE WORD_0,
     NOTHING_12 BOB WORD_5, "9 0x" ALICE " 5\n"},
};

static void put_key(char *to, size_t room, struct bytes key)
{
    size_t n = strlen(to);

    if (!key.n)
        snprintf(to + n, room - n, "-");
    for (size_t i = 0; i < key.n; i++)
        snprintf(to + n + 2 * i, room - n - 2 * i, "%02x", key.p[i]);
}

static void said_show(const struct evm_said *said, char *to, size_t room)
{
    char amount[U256_TEXT_MAX];

    to[0] = '\0';
    for (size_t i = 0; i < said->transfers_n; i++) {
        snprintf(to + strlen(to), room - strlen(to), "%c ", said->transfers[i].kind);
        put_key(to, room, said->transfers[i].from);
        snprintf(to + strlen(to), room - strlen(to), ">");
        put_key(to, room, said->transfers[i].to);
        u256_to_text(said->transfers[i].amount, amount);
        snprintf(to + strlen(to), room - strlen(to), " %s\n", amount);
    }
    for (size_t i = 0; i < said->events_n; i++)
        snprintf(to + strlen(to), room - strlen(to), "%d %.*s\n", said->events[i].kind,
                 (int)said->events[i].data.n, (const char *)said->events[i].data.p);
}

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(said_rows) / sizeof(said_rows[0]); i++) {
        struct evm_log log = log_of(said_rows[i].address, said_rows[i].topics, said_rows[i].data);
        static struct evm_said said;
        char text[2048];

        test_row("%s", said_rows[i].name);
        evm_log_read(chain_by_name(said_rows[i].chain), &log, &said);
        said_show(&said, text, sizeof(text));
        CHECK_S(text, said_rows[i].want);
        for (size_t k = 0; k < said.transfers_n; k++) {
            CHECK_U(said.transfers[k].position, 7);
            CHECK(bytes_equal(said.transfers[k].asset, log.address));
        }
    }
}

/* A log cut short says nothing, or no less than what its row reads. */
static void cut_short(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(said_rows) / sizeof(said_rows[0]); i++) {
        struct evm_log log = log_of(said_rows[i].address, said_rows[i].topics, said_rows[i].data);
        struct bytes whole = log.data;
        static struct evm_said said;

        test_row("%s", said_rows[i].name);
        for (size_t n = 0; n < whole.n; n++) {
            uint8_t *p = malloc(n ? n : 1);
            char text[2048];

            CHECK(p != NULL);
            memcpy(p, whole.p, n);
            log.data = (struct bytes){p, n};
            evm_log_read(chain_by_name(said_rows[i].chain), &log, &said);
            said_show(&said, text, sizeof(text));
            CHECK(!*text || !strncmp(text, said_rows[i].want, 1));
            free(p);
        }
        log.data = whole;
        log.topics_n = 0;
        evm_log_read(chain_by_name(said_rows[i].chain), &log, &said);
        CHECK_U(said.transfers_n + said.events_n, 0);
    }
}

/* No two rows for one topic and number of topics. */
static void rows_differ(void **state)
{
    (void)state;
    for (size_t i = 0; i < evm_log_rows(); i++)
        for (size_t k = 0; k < i; k++) {
            struct evm_log_row a = evm_log_row(i), b = evm_log_row(k);

            test_row("%s and %s", a.signature, b.signature);
            CHECK(a.topics_n != b.topics_n || memcmp(a.topic, b.topic, 32) != 0);
        }
}

static void topics_are_hashes(void **state)
{
    (void)state;
    for (size_t i = 0; i < evm_log_rows(); i++) {
        struct evm_log_row row = evm_log_row(i);
        struct hash32 hash = keccak256(row.signature, strlen(row.signature));

        test_row("%s", row.signature);
        CHECK(!memcmp(hash.b, row.topic, 32));
    }
}

/* The events that others found in the receipts: events.tsv. */
struct found {
    const char *tx, *log_index, *event, *contract, *key;
    bool seen, key_equal;
};

struct receipts {
    char *text; /* of the file */
    struct found found[128];
    size_t found_n, keys_n, seen_n, equal_n, more_n;
    struct text more; /* keys said where the file has none, with their direction */
};

static char *field_cut(char **at)
{
    char *start = *at, *end = start + strcspn(start, "\t\n");

    *at = *end ? end + 1 : end;
    *end = '\0';
    return start;
}

static void events_read(struct receipts *r)
{
    struct bytes in = test_data("bridges2/receipts/events.tsv");
    char *at;

    r->text = strndup((const char *)in.p, in.n);
    CHECK(r->text != NULL);
    at = r->text + strcspn(r->text, "\n") + 1;
    while (*at) {
        struct found *f = &r->found[r->found_n++];

        CHECK(r->found_n < 128);
        field_cut(&at); /* chain_id */
        f->tx = field_cut(&at);
        field_cut(&at); /* block */
        f->log_index = field_cut(&at);
        field_cut(&at); /* protocol */
        f->event = field_cut(&at);
        f->contract = field_cut(&at);
        f->key = field_cut(&at);
        r->keys_n += *f->key != '\0';
    }
}

static struct bytes hex_of(struct arena *a, const struct json *j)
{
    size_t n = (j->text_n - 2) / 2;
    uint8_t *p = arena_alloc(a, n ? n : 1);

    CHECK(p && hex_decode(j->text + 2, 2 * n, p, n));
    return (struct bytes){p, n};
}

static struct evm_log log_from(struct arena *a, const struct json *j)
{
    const struct json *topics = json_get(j, "topics");
    struct evm_log log = {.address = hex_of(a, json_get(j, "address")),
                          .topics_n = topics->children_n,
                          .data = hex_of(a, json_get(j, "data")),
                          .index = (uint32_t)strtoul(json_get(j, "logIndex")->text, NULL, 16)};
    uint8_t(*to)[32] = arena_alloc(a, 32 * (log.topics_n + 1));
    size_t i = 0;

    CHECK(to != NULL);
    for (const struct json *t = topics->child; t; t = t->next)
        CHECK(hex_decode(t->text + 2, 64, to[i++], 32));
    log.topics = (const uint8_t(*)[32])to;
    return log;
}

static void one_log(struct receipts *r, const struct chain *chain, const char *tx,
                    const struct evm_log *log, const char *contract)
{
    static struct evm_said said;
    const char *signature = NULL;
    struct found *f = NULL;

    evm_log_name(log, &signature);
    evm_log_read(chain, log, &said);
    for (size_t i = 0; i < r->found_n; i++)
        if (!strcmp(r->found[i].tx, tx) && strtoul(r->found[i].log_index, NULL, 10) == log->index)
            f = &r->found[i];
    if (f) {
        test_row("%s log %u: %s", tx, log->index, f->event);
        CHECK_S(contract, f->contract);
        CHECK(signature && !strncmp(signature, f->event, strlen(f->event)));
        r->seen_n += !f->seen;
        f->seen = true;
    }
    if (f && *f->key) {
        CHECK_U(said.events_n, 1);
        f->key_equal = strlen(f->key) == said.events[0].data.n &&
                       !memcmp(f->key, said.events[0].data.p, said.events[0].data.n);
        CHECK(f->key_equal);
        r->equal_n++;
    }
    for (size_t i = 0; i < said.events_n; i++)
        if ((said.events[i].kind == EVENT_BRIDGE_OUT || said.events[i].kind == EVENT_BRIDGE_IN) &&
            !(f && *f->key)) {
            text_printf(&r->more, "%.*s\n", (int)said.events[i].data.n,
                        (const char *)said.events[i].data.p);
            r->more_n++;
        }
}

static void one_receipt(struct receipts *r, const char *line, size_t n)
{
    struct arena *a = arena_new(NULL, (size_t)64 << 20);
    const struct json *root, *logs;
    struct chain chain = {.shape = CHAIN_ACCOUNTS, .dialect = &dialect_evm};
    struct err err;

    CHECK(a != NULL);
    CHECK_OK(json_read(a, line, n, &root, &err), err);
    CHECK_OK(json_u64(json_get(root, "chain_id"), "chain_id", &chain.evm_id, &err), err);
    logs = json_get(json_get(root, "receipt"), "logs");
    for (const struct json *l = logs->child; l; l = l->next) {
        struct evm_log log = log_from(a, l);

        one_log(r, &chain, json_get(l, "transactionHash")->text, &log,
                json_get(l, "address")->text);
    }
    arena_free(a);
}

static void receipts(void **state)
{
    static struct receipts r;
    struct bytes in = test_data("bridges2/receipts/receipts.jsonl.zst");
    size_t receipts_n = 0;

    (void)state;
    r.more = text_new((size_t)1 << 16);
    events_read(&r);
    for (size_t at = 0, end; at < in.n; at = end + 1, receipts_n++) {
        for (end = at; end < in.n && in.p[end] != '\n'; end++)
            ;
        one_receipt(&r, (const char *)in.p + at, end - at);
    }
    printf("receipts: %zu; events known of %zu: %zu; keys equal of %zu: %zu; keys beyond: %zu\n",
           receipts_n, r.found_n, r.seen_n, r.keys_n, r.equal_n, r.more_n);
    CHECK_U(receipts_n, 46);
    CHECK_U(r.found_n, 62);
    CHECK_U(r.seen_n, 62);
    CHECK_U(r.equal_n, r.keys_n);
    /* Two messages to Optimism whose key is found at their start, too, where the file has none. */
    CHECK(strstr(text_string(&r.more), "op-message:0xe30ab42bcf5783747df4954cab703a763e5135edada1"
                                       "493d83b3cb4cdf6fbdca\n"));
    CHECK(strstr(text_string(&r.more), "op-message:0xe9a085054cf14bc9f7efb511aafb017fb0c8bbb354c1"
                                       "3d782093ab4ccb363a3a\n"));
    text_free(&r.more);
    free(r.text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),       cmocka_unit_test(cut_short),
        cmocka_unit_test(rows_differ), cmocka_unit_test(topics_are_hashes),
        cmocka_unit_test(receipts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
