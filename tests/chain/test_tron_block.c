/* Blocks of Tron as a full node answers: real headers whose ids are known, the first block of the
 * main network and a block of a private one with all that its root commits to, small ones made
 * here by hand, and whatever may be wrong with them.
 *
 * Known answers: Nile 66987565, of java-tron's documentation; Shasta 200; main network
 * 0, whose id every node has built in; block 165 of a private network of java-tron 4.8. */
#include "support.h"

#include "base/mem.h"
#include "base/text.h"
#include "chain/tron/block.h"
#include "chain/tron/solid.h"

#include <stdio.h>

#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define NILE_ID "0000000003fe262d52bfa4b2814f816fd2e57af5b98a33d60d8630a03a908e0e"
#define NILE                                                                                       \
    "{\"blockID\":\"" NILE_ID "\",\"block_header\":{\"raw_data\":{\"number\":66987565,"            \
    "\"txTrieRoot\":\"faf8fe3858339ead25cc892461c82a59b84dca4a51c45b026676bf3f45a352a2\","         \
    "\"witness_address\":\"41b2f713d57dbcec679d93a8849fa0cd0e4db594ba\","                          \
    "\"parentHash\":\"0000000003fe262c85cd6b02033f4c3e5c1efa35de256a17bd906dc61fb1aeed\","         \
    "\"version\":34,\"timestamp\":1777445121000}}}"
#define SHASTA                                                                                     \
    "{\"blockID\":\"00000000000000c83ad3d3759a57db65c945053a0351bd044e3cb46dd939ecfd\","           \
    "\"block_header\":{\"raw_data\":{\"number\":200,\"txTrieRoot\":\"" ZEROS "\","                 \
    "\"witness_address\":\"41928c9af0651632157ef27a2cf17ca72c575a4d21\","                          \
    "\"parentHash\":\"00000000000000c7d54cdd476da9f19493bfffe62757c9deee1b87342b898ea6\","         \
    "\"version\":6,\"timestamp\":1545846339000}}}"
/* "A new system must allow existing systems to be linked together without requiring any central
 * control or coordination" */
#define FIRST_WITNESS                                                                              \
    "41206e65772073797374656d206d75737420616c6c6f77206578697374696e672073797374656d7320746f206265" \
    "206c696e6b656420746f67657468657220776974686f757420726571756972696e6720616e792063656e7472616c" \
    "20636f6e74726f6c206f7220636f6f7264696e6174696f6e"
#define FIRST_TX(id, raw) "{\"txID\":\"" id "\",\"raw_data_hex\":\"" raw "\"}"
#define FIRST_URL                                                                                  \
    "0a2d747970652e676f6f676c65617069732e636f6d2f70726f746f636f6c2e5472616e73666572436f6e7472"     \
    "616374"
#define FIRST_OWNER "0a173078303030303030303030303030303030303030303030"
#define FIRST_ID_1 "788b4d0ca432b3d07f895dffe80429bf58398d0e86222460b07f9db38e238803"
#define FIRST_ID_2 "dfb4a633165cb85963ec1edfb4c9283644a3e136b77c063f4ba2e39307863a75"
#define FIRST_ID_3 "25b18a55f86afb10e7aca38d0073d04c80397c6636069193953fdefaea0b8369"
#define FIRST_TO_1 "12154171b0af54e0a1182a5e0947d6a64f3b22740ef3181880808ec69bffedaf01"
#define FIRST_TO_2 "121541ef1bd15b5b657f69611b053a6f4fcd7268a50858"
#define FIRST_TO_3 "12154177944d19c052b73ee2286823aa83f8138cb7032f1880808080808080808001"
#define FIRST_RAW_1 "5a6f0801126b" FIRST_URL "123a" FIRST_OWNER FIRST_TO_1
#define FIRST_RAW_2 "5a6508011261" FIRST_URL "1230" FIRST_OWNER FIRST_TO_2
#define FIRST_RAW_3 "5a700801126c" FIRST_URL "123b" FIRST_OWNER FIRST_TO_3
#define FIRST_TXS                                                                                  \
    FIRST_TX(FIRST_ID_1, FIRST_RAW_1)                                                              \
    "," FIRST_TX(FIRST_ID_2, FIRST_RAW_2) "," FIRST_TX(FIRST_ID_3, FIRST_RAW_3)
#define FIRST                                                                                      \
    "{\"blockID\":\"00000000000000001ebf88508a03865c71d452e25f4d51194196a1d22b6653dc\","           \
    "\"block_header\":{\"raw_data\":{\"txTrieRoot\":"                                              \
    "\"8ef446bf3f395af929c218014f6101ec86576c5f61b2ae3236bf3a2ab5e2fecd\",\"witness_address\":"    \
    "\"" FIRST_WITNESS "\",\"parentHash\":"                                                        \
    "\"e58f33f9baf9305dc6f82b9f1934ea8f0ade2defb951258d50167028c780351f\"}},\"transactions\":"     \
    "[" FIRST_TXS "]}"
#define PRIVATE_TX "db8667ffea27109131fd5c113abcadd535c896590814a50dbf9eda253a8d19da"
#define PRIVATE_RAW                                                                                \
    "0a0200a42208b0ef6ad98a02403e40b8e1e8d38f345a57083b12530a38747970652e676f6f676c65617069732e63" \
    "6f6d2f70726f746f636f6c2e43616e63656c416c6c556e667265657a655632436f6e747261637412170a1541dcf2" \
    "957055e8fcde477a077ecfeddf5ab235754770a1899cbf8f34"
#define PRIVATE_HEAD                                                                               \
    "{\"blockID\":\"00000000000000a568a725352ccd7fbad4e65f56ed11d420a505c21f2230145d\","           \
    "\"block_header\":{\"raw_data\":{\"timestamp\":1790865510000,\"txTrieRoot\":"                  \
    "\"c85f5050cb4a05c58222017f823191d5ae1ca07b7bd7f090f493a35c10f03491\",\"parentHash\":"         \
    "\"00000000000000a4b0ef6ad98a02403ebb86833716c2350b6338a6ee79df2dfc\",\"number\":165,"         \
    "\"witness_address\":\"417e5f4552091a69125d5dfcb7b8c2659029395bdf\",\"version\":38}},"         \
    "\"transactions\":[{\"raw_data\":{},\"signature\":[\""
#define PRIVATE_SIGNATURE                                                                          \
    "755e1552868a1734c90c28dacb66e58f85eaa5fc2845593280e3b6ee1cf1b7af793cc378d8c3ad144542502270ab" \
    "852095665abfffdea306200a9942a67e161401"
#define PRIVATE_TAIL "\"raw_data_hex\":\"" PRIVATE_RAW "\",\"txID\":\"" PRIVATE_TX "\"}]}"
#define PRIVATE                                                                                    \
    PRIVATE_HEAD PRIVATE_SIGNATURE "\"],\"ret\":[{\"contractRet\":\"SUCCESS\"}]," PRIVATE_TAIL
#define PRIVATE_INFO                                                                               \
    "[{\"id\":\"" PRIVATE_TX "\",\"blockNumber\":165,\"blockTimeStamp\":1790865510000,"            \
    "\"contractResult\":[\"\"],\"receipt\":{\"net_usage\":250}}]"

static struct bytes of(const char *s)
{
    return (struct bytes){(const uint8_t *)s, strlen(s)};
}

/* In short, as in test_tron.c; accounts by their last digit, assets in brackets */
static bool shown(const char *block, const char *infos, char *ret, size_t size, struct err *err)
{
    static const char digit[] = "0123456789abcdef";
    struct arena *a = arena_new(NULL, TRON_BLOCK_MEMORY);
    struct transfer_block b;
    struct tron_head head;
    size_t n = 0;

    *ret = 0;
    if (!a)
        return err_fail(err, ERR_NOMEM, "an arena");
    if (!tron_block_read(a, chain_by_name("tron"), of(block), of(infos), &head, &b, err)) {
        arena_free(a);
        return false;
    }
    CHECK(b.internals && b.grade == GRADE_PROVEN && b.height == head.height);
    for (size_t i = 0; i < b.txs_n; i++) {
        n += (size_t)snprintf(ret + n, size - n, "%s%s", i ? ";" : "", b.txs[i].failed ? "!" : "");
        for (size_t k = 0; k < b.txs[i].transfers_n; k++) {
            const struct fact_transfer *t = &b.txs[i].transfers[k];
            char amount[U256_TEXT_MAX];

            u256_to_text(t->amount, amount);
            n += (size_t)snprintf(ret + n, size - n, " %c%u", (char)t->kind, t->position);
            for (size_t at = 0; at < t->path.n; at += 4)
                n += (size_t)snprintf(ret + n, size - n, "_%u", load_le32(t->path.p + at));
            n += (size_t)snprintf(ret + n, size - n, ":%c>%c %s",
                                  t->from.n ? digit[t->from.p[19] & 15] : '-',
                                  t->to.n ? digit[t->to.p[19] & 15] : '-', amount);
            if (t->asset.n == 20)
                n += (size_t)snprintf(ret + n, size - n, "[%c]", digit[t->asset.p[19] & 15]);
            else if (t->asset.n)
                n += (size_t)snprintf(ret + n, size - n, "[%.*s]", (int)t->asset.n,
                                      (const char *)t->asset.p);
        }
        for (size_t k = 0; k < b.txs[i].events_n; k++) {
            const struct fact_event *e = &b.txs[i].events[k];

            n += (size_t)snprintf(ret + n, size - n, " e%d@%u:%c %.*s", e->kind, e->log,
                                  digit[e->subject.p[19] & 15], (int)e->data.n,
                                  (const char *)e->data.p);
        }
    }
    arena_free(a);
    return true;
}

static void known_headers(void **state)
{
    static const struct {
        const char *name, *answer, *id;
        uint32_t height;
        uint64_t time_ms;
    } rows[] = {
        {"Nile", NILE, NILE_ID, 66987565, 1777445121000},
        {"Shasta", SHASTA, "00000000000000c83ad3d3759a57db65c945053a0351bd044e3cb46dd939ecfd", 200,
         1545846339000},
        {"the first", FIRST, "00000000000000001ebf88508a03865c71d452e25f4d51194196a1d22b6653dc", 0,
         0},
    };
    struct tron_head h;
    struct err err;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes id = test_hex(rows[i].id);

        test_row("%s", rows[i].name);
        CHECK_OK(tron_head_read(of(rows[i].answer), &h, &err), err);
        CHECK(!memcmp(h.id.b, id.p, 32));
        CHECK_U(h.height, rows[i].height);
        CHECK_U(h.time_ms, rows[i].time_ms);
    }
    CHECK(tron_head_is_first(&h, chain_by_name("tron")));
    CHECK(!tron_head_is_first(&h, chain_by_name("tron:nile")));
    CHECK(!tron_head_is_first(&h, chain_by_name("ethereum")));
    h.height = 1;
    CHECK(!tron_head_is_first(&h, chain_by_name("tron")));
}

static void known_blocks(void **state)
{
    char got[1024];
    struct err err;

    CHECK_OK(shown(FIRST, "{}", got, sizeof(got), &err), err);
    CHECK_S(got, " v0:->8 99000000000000000;;"); /* to 4171b0...f318 */
    CHECK_OK(shown(PRIVATE, PRIVATE_INFO, got, sizeof(got), &err), err);
    CHECK_S(got, "");
}

static const struct {
    const char *name, *block, *infos, *want;
    enum err_class class;
} refused[] = {
    {"nothing", "{}", "[]", "there is no such block", ERR_NOT_FOUND},
    {"an error", "{\"Error\":\"class java.lang.Exception : no\"}", "[]",
     "the node says: class java.lang.Exception : no", ERR_SYSTEM},
    {"no JSON", "<html>", "[]", NULL, ERR_INPUT},
    {"no header", "{\"blockID\":\"00\"}", "[]", "block_header: raw_data is wanted", ERR_INPUT},
    {"no signature of the transaction",
     PRIVATE_HEAD "00\"],\"ret\":[{\"contractRet\":\"SUCCESS\"}]," PRIVATE_TAIL, PRIVATE_INFO,
     "block 165: txTrieRoot: is not the root over its transactions", ERR_INPUT},
    {"another result",
     PRIVATE_HEAD PRIVATE_SIGNATURE "\"],\"ret\":[{\"contractRet\":\"REVERT\"}]," PRIVATE_TAIL,
     PRIVATE_INFO, "block 165: txTrieRoot: is not the root over its transactions", ERR_INPUT},
    {"no result", PRIVATE_HEAD PRIVATE_SIGNATURE "\"]," PRIVATE_TAIL, PRIVATE_INFO,
     "block 165: txTrieRoot: is not the root over its transactions", ERR_INPUT},
    {"a result that is none",
     PRIVATE_HEAD PRIVATE_SIGNATURE "\"],\"ret\":[{\"contractRet\":\"FINE\"}]," PRIVATE_TAIL,
     PRIVATE_INFO, "block 165: transaction 0: contractRet: a result that is not known", ERR_INPUT},
    {"a result with more in it",
     PRIVATE_HEAD PRIVATE_SIGNATURE
     "\"],\"ret\":[{\"contractRet\":\"SUCCESS\",\"x\":1}]," PRIVATE_TAIL,
     PRIVATE_INFO, "block 165: transaction 0: ret: unknown member \"x\"", ERR_INPUT},
    {"no infos", PRIVATE, "{}", "block 165: 1 transactions, but infos of 0", ERR_INPUT},
    {"infos of another block", PRIVATE,
     "[{\"id\":\"" PRIVATE_TX "\",\"blockNumber\":164,\"blockTimeStamp\":1790865510000}]",
     "block 165: info 0 is of another block", ERR_INPUT},
    {"infos of another time", PRIVATE,
     "[{\"id\":\"" PRIVATE_TX "\",\"blockNumber\":165,\"blockTimeStamp\":1}]",
     "block 165: info 0 is of another block", ERR_INPUT},
    {"infos of another transaction", PRIVATE,
     "[{\"id\":\"" ZEROS "\",\"blockNumber\":165,\"blockTimeStamp\":1790865510000}]",
     "block 165: info 0 is of another transaction", ERR_INPUT},
    {"an error for infos", PRIVATE, "{\"Error\":\"no\"}", "block 165: the node says: no",
     ERR_SYSTEM},
    {"more infos", SHASTA, PRIVATE_INFO, "block 200: 0 transactions, but infos of 1", ERR_INPUT},
    {"transactions that the root does not have", NILE, "[]",
     "block 66987565: txTrieRoot: is not the root over its transactions", ERR_INPUT},
};

static void refusals(void **state)
{
    char got[1024];
    struct err err;

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        test_row("%s", refused[i].name);
        CHECK(!shown(refused[i].block, refused[i].infos, got, sizeof(got), &err));
        CHECK_U(err.class, refused[i].class);
        if (refused[i].want)
            CHECK_S(err.text, refused[i].want);
    }
}

/* Each digit of a header changed makes another id. */
static void every_digit_counts(void **state)
{
    size_t from = (size_t)(strstr(NILE, "raw_data") - NILE), n = strlen(NILE);
    struct tron_head h;
    struct err err;

    for (size_t i = from; i < n; i++) {
        char changed[sizeof(NILE)];

        memcpy(changed, NILE, sizeof(NILE));
        if (changed[i] < '0' || changed[i] > '9')
            continue;
        changed[i] = changed[i] == '9' ? '1' : (char)(changed[i] + 1);
        test_row("byte %zu", i);
        CHECK(!tron_head_read(of(changed), &h, &err));
        CHECK_U(err.class, ERR_INPUT);
    }
}

/* ---- small blocks, made here ---- */

static size_t put(uint8_t *to, const void *p, size_t n)
{
    memcpy(to, p, n);
    return n;
}

/* A field of bytes shorter than 128. */
static size_t field(uint8_t *to, unsigned number, const uint8_t *p, size_t n)
{
    to[0] = (uint8_t)(number << 3 | 2);
    to[1] = (uint8_t)n;
    return 2 + put(to + 2, p, n);
}

/* Height 1, time 1000 ms, with one transaction: a contract whose message is value (hex), and a
 * memo, or NULL. */
static char *made(unsigned type, const char *value, const char *result, const char *memo)
{
    struct bytes v = test_hex(value);
    uint8_t any[200], contract[210], raw[320], tx[340], header[100];
    struct text t = text_new(4096);
    struct hash32 txid, root, id;
    size_t n, any_n, contract_n, raw_n;

    any_n = field(any, 2, v.p, v.n);
    contract_n = put(contract, (uint8_t[]){8, (uint8_t)type}, 2);
    contract_n += field(contract + contract_n, 2, any, any_n);
    raw_n = memo ? field(raw, 10, (const uint8_t *)memo, strlen(memo)) : 0;
    raw_n += field(raw + raw_n, 11, contract, contract_n);
    txid = sha256(raw, raw_n);
    tx[0] = 1 << 3 | 2; /* it may be longer than 127 */
    n = 1;
    if (raw_n > 127) {
        tx[n++] = (uint8_t)(raw_n | 0x80);
        tx[n++] = (uint8_t)(raw_n >> 7);
    } else {
        tx[n++] = (uint8_t)raw_n;
    }
    n += put(tx + n, raw, raw_n);
    n += put(tx + n, (uint8_t[]){5 << 3 | 2, 2, 3 << 3, !strcmp(result, "SUCCESS") ? 1 : 2}, 4);
    root = sha256(tx, n);
    n = put(header, (uint8_t[]){1 << 3, 0xe8, 0x07}, 3);
    n += field(header + n, 2, root.b, 32);
    n += field(header + n, 3, (uint8_t[32]){0}, 32);
    n += put(header + n, (uint8_t[]){7 << 3, 1}, 2);
    id = sha256(header, n);
    memcpy(id.b, (uint8_t[]){0, 0, 0, 0, 0, 0, 0, 1}, 8);
    text_str(&t, "{\"blockID\":\"");
    text_hex(&t, id.b, 32);
    text_str(&t, "\",\"block_header\":{\"raw_data\":{\"number\":1,\"timestamp\":1000,"
                 "\"parentHash\":\"" ZEROS "\",\"txTrieRoot\":\"");
    text_hex(&t, root.b, 32);
    text_str(&t, "\"}},\"transactions\":[{\"txID\":\"");
    text_hex(&t, txid.b, 32);
    text_printf(&t, "\",\"ret\":[{\"contractRet\":\"%s\"}],\"raw_data_hex\":\"", result);
    text_hex(&t, raw, raw_n);
    text_str(&t, "\"}]}");
    CHECK(text_string(&t));
    return t.p;
}

/* The info, with the transaction's id as the block says it. */
static char *info_for(const char *block, const char *more)
{
    struct text t = text_new(8192);
    const char *id = strstr(block, "\"txID\":\"") + 8;

    text_printf(&t, "[{\"id\":\"%.64s\",\"blockNumber\":1,\"blockTimeStamp\":1000%s}]", id, more);
    CHECK(text_string(&t));
    return t.p;
}

#define A "4100000000000000000000000000000000000000a1"
#define B "4100000000000000000000000000000000000000b2"
#define C "4100000000000000000000000000000000000000c3"
#define OWNER "0a15" A
#define WORD "000000000000000000000000"
#define LOG                                                                                        \
    ",\"log\":[{\"address\":\"00000000000000000000000000000000000000c3\",\"topics\":["             \
    "\"ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef\",\"" WORD                 \
    "00000000000000000000000000000000000000a1\",\"" WORD                                           \
    "00000000000000000000000000000000000000b2\"],\"data\":\"" WORD                                 \
    "0000000000000000000000000000000000000064\"}]"
#define CALL(values, more)                                                                         \
    "{\"caller_address\":\"" C "\",\"transferTo_address\":\"" B "\",\"callValueInfo\":[" values    \
    "]" more "}"

static const struct {
    const char *name;
    unsigned type;
    const char *value, *result, *info, *want; /* want of a refusal begins with "block" */
    const char *memo;
} rules[] = {
    {"native", 1, OWNER "1215" B "1805", "SUCCESS", ",\"fee\":7", " f0:1>- 7 v0:1>2 5"},
    {"nothing at all", 1, OWNER "1215" B, "SUCCESS", "", ""},
    {"a negative amount moves nothing", 1, OWNER "1215" B "18ffffffffffffffffff01", "SUCCESS", "",
     ""},
    {"the last of two amounts counts", 1, OWNER "1215" B "18051806", "SUCCESS", "", " v0:1>2 6"},
    {"a failed one pays its fee", 1, OWNER "1215" B "1805", "REVERT", ",\"fee\":7", "! f0:1>- 7"},
    {"a node's word does not make it fail", 1, OWNER "1215" B "1805", "SUCCESS",
     ",\"result\":\"FAILED\"", " v0:1>2 5"},
    {"TRC-10", 2,
     "0a0731303030303031"
     "1215" A "1a15" B "2005",
     "SUCCESS", "", " v0:1>2 5[1000001]"},
    {"a token's name of 20 bytes is none", 2,
     "0a14"
     "3131313131313131313131313131313131313131"
     "1215" A "1a15" B "2005",
     "SUCCESS", "",
     "block 1: transaction 0: to_address, asset_name: an address and a token are wanted"},
    {"a call with value and tokens", 31,
     OWNER "1215" C "1805"
           "2809"
           "30c1843d",
     "SUCCESS", "", " v0:1>3 5 v1:1>3 9[1000001]"},
    {"a log", 31, OWNER "1215" C, "SUCCESS", LOG, " l0:1>2 100[3]"},
    {"a failed one's log", 31, OWNER "1215" C, "REVERT", LOG, "!"},
    {"internal ones, in their order", 31, OWNER "1215" C, "SUCCESS",
     ",\"internal_transactions\":[" CALL("{}", "") "," CALL("{\"callValue\":3}", "") "," CALL(
         "{\"callValue\":4},{\"callValue\":5,\"tokenId\":\"1000001\"}", "") "]" LOG,
     " i0_1:3>2 3 i0_2:3>2 4 i0_2_1:3>2 5[1000001] l0:1>2 100[3]"},
    {"one that was rejected", 31, OWNER "1215" C, "SUCCESS",
     ",\"internal_transactions\":[" CALL("{\"callValue\":3}", ",\"rejected\":true") "]", ""},
    {"a creation", 30,
     OWNER "12022809"
           "1805"
           "20c1843d",
     "SUCCESS", ",\"contract_address\":\"" C "\"", " v0:1>3 9 v1:1>3 5[1000001]"},
    {"a creation without an address", 30, OWNER "12022809", "SUCCESS", "",
     "block 1: transaction 0: contract_address: an address is wanted"},
    {"a reward paid out", 13, OWNER, "SUCCESS", ",\"withdraw_amount\":8", " r0:->1 8"},
    {"a vote", 4, OWNER, "SUCCESS", ",\"fee\":1", " f0:1>- 1"},
    {"nobody is paid", 1, OWNER "1805", "SUCCESS", "",
     "block 1: transaction 0: to_address: an address is wanted"},
    {"damaged", 1, "0a15", "SUCCESS", "",
     "block 1: transaction 0: raw_data_hex: a damaged contract"},
    {"five topics", 31, OWNER "1215" C, "SUCCESS",
     ",\"log\":[{\"address\":\"00000000000000000000000000000000000000c3\",\"topics\":[1,1,1,1,1]}]",
     "block 1: transaction 0: log 0: topics: a list of four at most is wanted"},
    {"asked of a vault", 1, OWNER "1215" B "1805", "SUCCESS", ",\"fee\":7",
     " f0:1>- 7 v0:1>2 5 e1@0:2 =:b:x", "=:b:x"},
    {"with a token", 31, OWNER "1215" C, "SUCCESS", LOG, " l0:1>2 100[3] e1@1:2 =:b:x", "=:b:x"},
    {"paid by a vault", 31, OWNER "1215" C, "SUCCESS", LOG,
     " l0:1>2 100[3] e1@1:1 "
     "OUT:0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
     "OUT:0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"},
    {"what people write", 1, OWNER "1215" B "1805", "SUCCESS", "", " v0:1>2 5", "thanks: a lot"},
    {"of two that are paid it is nobody's", 31, OWNER "1215" C "1805", "SUCCESS", LOG,
     " v0:1>3 5 l0:1>2 100[3]", "=:b:x"},
    {"of one that failed", 1, OWNER "1215" B "1805", "REVERT", "", "!", "=:b:x"},
    {"a fee that is none", 1, OWNER "1215" B, "SUCCESS", ",\"fee\":-1",
     "block 1: transaction 0: fee: a whole number is wanted"},
};

static void by_hand(void **state)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        char *block = made(rules[i].type, rules[i].value, rules[i].result, rules[i].memo),
             *info = info_for(block, rules[i].info), got[1024];
        bool bad = !strncmp(rules[i].want, "block", 5), ok;
        struct err err;

        test_row("%s", rules[i].name);
        ok = shown(block, info, got, sizeof(got), &err);
        if (bad) {
            CHECK(!ok);
            CHECK_S(err.text, rules[i].want);
            CHECK_U(err.class, ERR_INPUT);
        } else {
            CHECK_OK(ok, err);
            CHECK_S(got, rules[i].want);
        }
        mem_free(block);
        mem_free(info);
    }
}

static bool head_cut(struct bytes in, void *ctx)
{
    struct tron_head h;
    struct err err;

    return tron_head_read(in, &h, &err);
}

static bool infos_cut(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, TRON_BLOCK_MEMORY);
    struct transfer_block b;
    struct tron_head h;
    struct err err;
    bool ok = tron_block_read(a, chain_by_name("tron"), of(PRIVATE), in, &h, &b, &err);

    arena_free(a);
    return ok;
}

static void truncations(void **state)
{
    test_truncations(of(NILE), head_cut, NULL);
    test_truncations(of(PRIVATE_INFO), infos_cut, NULL);
}

static bool read_one(void *ctx)
{
    char *const *both = ctx, got[1024];
    struct err err;

    if (shown(both[0], both[1], got, sizeof(got), &err))
        return true;
    CHECK_U(err.class, ERR_NOMEM);
    return false;
}

static void failed_allocations(void **state)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        char *both[2];

        if (!strncmp(rules[i].want, "block", 5))
            continue;
        test_row("%s", rules[i].name);
        both[0] = made(rules[i].type, rules[i].value, rules[i].result, rules[i].memo);
        both[1] = info_for(both[0], rules[i].info);
        test_failed_allocations(read_one, both);
        mem_free(both[0]);
        mem_free(both[1]);
    }
}

/* ---- solid blocks ---- */

static struct tron_head head(uint32_t height, uint8_t branch, uint8_t maker, uint8_t parent_branch)
{
    struct tron_head h = {.height = height, .witness = {maker}};

    store_le32(h.id.b, height);
    h.id.b[4] = branch;
    if (height)
        store_le32(h.parent.b, height - 1);
    h.parent.b[4] = parent_branch;
    return h;
}

static void solid(void **state)
{
    static struct tron_solid s;
    struct tron_head other;

    for (uint32_t i = 100; i < 120; i++) {
        struct tron_head h = head(i, 0, (uint8_t)(i % 27), 0);

        tron_solid_add(&s, &h);
        tron_solid_add(&s, &h); /* twice is once */
    }
    /* 100 and 101 have nineteen makers from them on, 102 has eighteen */
    other = head(101, 1, 5, 0);
    CHECK(tron_solid_breaks(&s, &other));
    other = head(101, 0, 5, 0);
    CHECK(!tron_solid_breaks(&s, &other)); /* itself */
    other = head(102, 1, 5, 0);
    CHECK(!tron_solid_breaks(&s, &other));
    other = head(99, 1, 5, 0);
    CHECK(!tron_solid_breaks(&s, &other)); /* not known */
    other = head(102, 1, 5, 0);
    tron_solid_add(&s, &other); /* a branch: what stood there and above is gone */
    other = head(101, 1, 5, 0);
    CHECK(!tron_solid_breaks(&s, &other));
    other = head(200, 0, 1, 0); /* with a gap: begun anew */
    tron_solid_add(&s, &other);
    CHECK_U(s.n, 1);
}

/* One maker alone makes nothing solid; more blocks than are kept push out the oldest. */
static void solid_by_many(void **state)
{
    static struct tron_solid s;
    struct tron_head other = head(5, 1, 1, 0);

    for (uint32_t i = 0; i < TRON_SOLID_BLOCKS + 10; i++) {
        struct tron_head h = head(i, 0, (uint8_t)(i % (TRON_SOLID - 1)), 0);

        tron_solid_add(&s, &h);
    }
    CHECK_U(s.first, 10);
    CHECK(!tron_solid_breaks(&s, &other));
    other = head(20, 1, 1, 0);
    CHECK(!tron_solid_breaks(&s, &other)); /* eighteen of them, again and again */
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_headers),
        cmocka_unit_test(known_blocks),
        cmocka_unit_test(refusals),
        cmocka_unit_test(every_digit_counts),
        cmocka_unit_test(by_hand),
        cmocka_unit_test(truncations),
        cmocka_unit_test(failed_allocations),
        cmocka_unit_test(solid),
        cmocka_unit_test(solid_by_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
