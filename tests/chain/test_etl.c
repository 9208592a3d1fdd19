/* Tables of ethereum-etl: real exports against sums that were taken by other means (Python), small
 * tables by hand for each rule, and damaged ones. */
#include "support.h"

#include "base/text.h"
#include "chain/evm/etl.h"
#include "chain/evm/rpc.h"

#include <stdio.h>
#include <stdlib.h>

static const struct chain *ethereum(void)
{
    return chain_by_name("ethereum");
}

struct totals {
    size_t blocks, txs, failed, internals, n[128];
    struct u256 sum[128], credit;
    uint64_t positions[128];
    size_t events;
    struct transfer_block last;
};

static void total(struct transfer_source *s, struct totals *ret)
{
    struct transfer_block b;
    struct err err;
    bool end;

    *ret = (struct totals){0};
    for (;;) {
        CHECK_OK(s->next(s->self, &b, &end, &err), err);
        if (end)
            break;
        CHECK(b.grade == GRADE_PROVEN);
        ret->blocks++;
        ret->internals += b.internals;
        ret->last = b;
        for (size_t i = 0; i < b.txs_n; i++) {
            ret->txs++;
            ret->failed += b.txs[i].failed;
            ret->events += b.txs[i].events_n;
            for (size_t k = 0; k < b.txs[i].transfers_n; k++) {
                const struct fact_transfer *t = &b.txs[i].transfers[k];

                ret->n[t->kind]++;
                u256_add(ret->sum[t->kind], t->amount, &ret->sum[t->kind]);
                ret->positions[t->kind] += t->position;
                if (t->kind == TRANSFER_FEE)
                    u256_add(ret->credit, t->credit, &ret->credit);
            }
        }
    }
    s->free(s->self);
}

static void check_sum(struct u256 got, const char *want)
{
    char text[U256_TEXT_MAX];

    u256_to_text(got, text);
    CHECK_S(text, want);
}

static void open_data(const char *const *names, size_t n, struct transfer_source *ret)
{
    const char *paths[8];
    struct err err;

    for (size_t i = 0; i < n; i++)
        paths[i] = test_data_path(names[i]);
    CHECK_OK(etl_open(paths, n, ethereum(), ret, &err), err);
}

/* 17173049 and 17173050: all tables but traces */
static void two_blocks(void **state)
{
    static const char *const names[] = {
        "evm/etl/17173049_token_transfers.json.zst", "evm/etl/17173049_logs.json.zst",
        "evm/etl/17173049_blocks.json.zst", "evm/etl/17173049_transactions.json.zst"};
    struct transfer_source s;
    struct totals t;

    open_data(names, 4, &s);
    total(&s, &t);
    CHECK_U(t.blocks, 2);
    CHECK_U(t.txs, 298 + 2); /* withdrawals */
    CHECK_U(t.failed, 9);
    CHECK_U(t.internals, 0);
    CHECK_U(t.n[TRANSFER_VALUE], 127);
    check_sum(t.sum[TRANSFER_VALUE], "82246255043361813012");
    CHECK_U(t.n[TRANSFER_FEE], 298);
    check_sum(t.sum[TRANSFER_FEE], "2362878739684767282");
    check_sum(t.credit, "375965483951717124");
    CHECK_U(t.n[TRANSFER_WITHDRAWAL], 32);
    check_sum(t.sum[TRANSFER_WITHDRAWAL], "430048384000000000");
    CHECK_U(t.n[TRANSFER_LOG], 279 + 61); /* Transfers that move something, and WETH */
    CHECK_U(t.n[TRANSFER_STATED], 0);
    CHECK_U(t.n[TRANSFER_REWARD], 0);
    CHECK_U(t.last.height, 17173050);
    CHECK_U(t.last.time, 1683030011);
    CHECK(t.last.prev.b[0] == 0xaa && t.last.prev.b[1] == 0x5a);
}

static void no_logs(void **state)
{
    static const char *const names[] = {"evm/etl/17173049_token_transfers.json.zst"};
    struct transfer_source s;
    struct totals t;

    open_data(names, 1, &s);
    total(&s, &t);
    CHECK_U(t.blocks, 2);
    CHECK_U(t.n[TRANSFER_LOG], 0);
    CHECK_U(t.n[TRANSFER_STATED], 288);
    CHECK_U(t.positions[TRANSFER_STATED], 49016);
    CHECK_U(t.sum[TRANSFER_STATED].w[0], 17506181478030481805ULL);
    CHECK_U(t.n[TRANSFER_FEE] + t.n[TRANSFER_VALUE], 0);
    CHECK(t.last.hash.b[0] && !t.last.prev.b[0] && !t.last.prev.b[31]);
}

/* The two tables of the first DAO transfers; JSON-RPC's receipts beside them say the same. */
static void before_byzantium(void **state)
{
    static const char *const names[] = {"evm/etl/1755634/expected_blocks.json",
                                        "evm/etl/1755634/expected_logs.json",
                                        "evm/etl/1755634/expected_transactions.json",
                                        "evm/etl/1755634/expected_token_transfers.json"};
    struct transfer_source s;
    struct totals t;

    open_data(names, 4, &s);
    total(&s, &t);
    CHECK_U(t.blocks, 2);
    CHECK_U(t.n[TRANSFER_FEE], 2);
    CHECK_U(t.failed, 0);
    CHECK_U(t.n[TRANSFER_LOG], 1);
    CHECK_U(t.positions[TRANSFER_LOG], 0);
    check_sum(t.sum[TRANSFER_LOG], "5000000000000000000");
    CHECK_U(t.n[TRANSFER_REWARD], 2); /* neither block has uncles */
    check_sum(t.sum[TRANSFER_REWARD], "10000000000000000000");
}

static void same_transfers(const struct fact_tx *a, const struct fact_tx *b)
{
    CHECK(hash32_equal(&a->hash, &b->hash) && a->failed == b->failed);
    CHECK_U(a->transfers_n, b->transfers_n);
    for (size_t i = 0; i < a->transfers_n; i++) {
        const struct fact_transfer *x = &a->transfers[i], *y = &b->transfers[i];

        CHECK(x->kind == y->kind && x->position == y->position && bytes_equal(x->path, y->path) &&
              bytes_equal(x->from, y->from) && bytes_equal(x->to, y->to) &&
              bytes_equal(x->asset, y->asset) && u256_equal(x->amount, y->amount) &&
              u256_equal(x->credit, y->credit));
    }
}

#define NODE "evm/etl/1755634/web3_response.eth_"

/* Ids do not depend on the source: what ethereum-etl made of a node's answers, and these
 * themselves. */
static void same_as_a_node(void **state)
{
    static const char *const names[] = {"evm/etl/1755634/expected_logs.json",
                                        "evm/etl/1755634/expected_blocks.json",
                                        "evm/etl/1755634/expected_transactions.json"};
    static const char *const blocks[] = {NODE "getBlockByNumber_0x1ac9f2_true.json",
                                         NODE "getBlockByNumber_0x1ac9f3_true.json"};
    static const char *const receipts[] = {NODE "getTransactionReceipt_0x2e3dcd051a91d3a694.json",
                                           NODE "getTransactionReceipt_0x9a5437ec71b74ecf59.json"};
    struct evm_rpc *r = evm_rpc_new(ethereum());
    struct transfer_source s;
    struct transfer_block etl, node;
    struct err err;
    bool end;

    CHECK(r);
    open_data(names, 3, &s);
    for (size_t i = 0; i < 2; i++) {
        CHECK_OK(evm_rpc_start(r, 1755634 + i, &err), err);
        CHECK_OK(evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER, test_data(blocks[i]), &err), err);
        for (size_t k = 0; i && k < 2; k++)
            CHECK_OK(evm_rpc_answer(r, EVM_RECEIPT, test_data(receipts[k]), &err), err);
        CHECK_OK(evm_rpc_facts(r, &node, &err), err);
        CHECK_OK(s.next(s.self, &etl, &end, &err), err);
        CHECK(!end && hash32_equal(&etl.hash, &node.hash) && hash32_equal(&etl.prev, &node.prev));
        CHECK(etl.height == node.height && etl.time == node.time);
        CHECK_U(etl.txs_n, node.txs_n);
        for (size_t k = 0; k < node.txs_n; k++)
            same_transfers(&etl.txs[k], &node.txs[k]);
    }
    s.free(s.self);
    evm_rpc_free(r);
}

static void traces(void **state)
{
    static const char *const names[] = {"evm/etl/508110_expected_traces.json"};
    struct transfer_source s;
    struct totals t;

    open_data(names, 1, &s);
    total(&s, &t);
    CHECK_U(t.blocks, 1);
    CHECK_U(t.txs, 3);
    CHECK_U(t.internals, 1);
    CHECK_U(t.n[TRANSFER_VALUE], 1);
    check_sum(t.sum[TRANSFER_VALUE], "4949989500000000000");
    CHECK_U(t.n[TRANSFER_REWARD], 2);
    check_sum(t.sum[TRANSFER_REWARD], "8906250000000000000");
    CHECK_U(t.positions[TRANSFER_REWARD], 1);
    CHECK_U(t.n[TRANSFER_INTERNAL], 0);
}

static void without_receipts(void **state)
{
    static const char *const names[] = {"evm/etl/transactions_3300400.csv.zst"};
    struct transfer_source s;
    struct totals t;

    open_data(names, 1, &s);
    total(&s, &t);
    CHECK_U(t.blocks, 1293);
    CHECK_U(t.txs, 19999);
    CHECK_U(t.n[TRANSFER_VALUE], 17945);
    check_sum(t.sum[TRANSFER_VALUE], "4444745723742655536222408");
    CHECK_U(t.n[TRANSFER_FEE], 0);
    CHECK_U(t.failed, 0);
    CHECK_U(t.last.height, 3302204);
}

/* Small tables, in short: "@a" is the account 0xaa...aa, "$1" the hash 0x11...11, "~a" an account
 * as a topic, "!t" the topic of Transfer, "!5" a word of 5. */
#define BLOCKS "number,hash,parent_hash,miner,timestamp,difficulty,sha3_uncles,base_fee_per_gas\n"
#define TXS                                                                                        \
    "hash,block_number,transaction_index,from_address,to_address,value,gas,gas_price,input,"       \
    "transaction_type,nonce,block_timestamp,receipt_gas_used,receipt_status,"                      \
    "receipt_effective_gas_price\n"
#define LOGS                                                                                       \
    "log_index,transaction_hash,transaction_index,block_number,address,data,topics,"               \
    "block_timestamp\n"
#define TOKENS                                                                                     \
    "token_address,from_address,to_address,value,transaction_hash,log_index,block_number,"         \
    "block_timestamp\n"
#define TRACES                                                                                     \
    "transaction_index,from_address,to_address,value,trace_type,call_type,trace_address,error,"    \
    "status,transaction_hash,block_number,block_timestamp\n"
static void many(struct text *to, char c, size_t n)
{
    while (n--)
        text_char(to, c);
}

static const char *spelled(const char *in, struct text *to)
{
    static const char transfer[] =
        "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef";

    *to = text_new((size_t)1 << 16);
    for (; *in; in++) {
        if (!strchr("@$~!", *in)) {
            text_char(to, *in);
            continue;
        }
        if (in[0] == '!' && in[1] == 't') {
            text_str(to, transfer);
        } else {
            text_str(to, "0x");
            many(to, '0', *in == '!' ? 63 : *in == '~' ? 24 : 0);
            many(to, in[1], *in == '!' ? 1 : *in == '$' ? 64 : 40);
        }
        in++;
    }
    text_str(to, "");
    return to->n ? text_string(to) : "";
}

static size_t spell(const char *const *texts, struct etl_file files[4])
{
    static const char *const names[] = {"one.csv", "two.csv", "three.csv", "four.csv"};
    static struct text kept[4];
    size_t n = 0;

    for (; n < 4 && texts[n]; n++) {
        const char *text;

        text_free(&kept[n]);
        text = spelled(texts[n], &kept[n]);
        files[n] = (struct etl_file){names[n], {(const uint8_t *)text, strlen(text)}};
    }
    return n;
}

static bool open_texts(const char *const *texts, struct transfer_source *ret, struct err *err)
{
    struct etl_file files[4];
    size_t n = spell(texts, files);

    return etl_from(files, n, ethereum(), ret, err);
}

/* In short: "#height@time", hashes by a digit, "kind position[path]:from>to amount(credit)asset" */
static bool shown(struct transfer_source *s, char *ret, size_t size, struct err *err)
{
    static const char digit[] = "0123456789abcdef";
    struct text to = text_new(size);
    struct transfer_block b;
    bool end, ok;

    for (;;) {
        ok = s->next(s->self, &b, &end, err);
        if (!ok || end)
            break;
        text_printf(&to, "#%u@%llu%s", b.height, (unsigned long long)b.time,
                    b.internals ? "+" : "");
        for (size_t i = 0; i < b.txs_n; i++) {
            text_printf(&to, " %c%s", digit[b.txs[i].hash.b[0] & 15], b.txs[i].failed ? "!" : "");
            for (size_t k = 0; k < b.txs[i].transfers_n; k++) {
                const struct fact_transfer *t = &b.txs[i].transfers[k];
                char amount[U256_TEXT_MAX];

                u256_to_text(t->amount, amount);
                text_printf(&to, " %c%u", (char)t->kind, t->position);
                for (size_t m = 0; m < t->path.n; m += 4)
                    text_printf(&to, "_%u", load_le32(t->path.p + m));
                text_printf(&to, ":%c>%c %s", t->from.n ? digit[t->from.p[0] & 15] : '-',
                            t->to.n ? digit[t->to.p[0] & 15] : '-', amount);
                if (!u256_equal(t->amount, t->credit))
                    text_printf(&to, "(%llu)", (unsigned long long)t->credit.w[0]);
                if (t->asset.n)
                    text_printf(&to, "%c", digit[t->asset.p[0] & 15]);
            }
            for (size_t k = 0; k < b.txs[i].events_n; k++) {
                const struct fact_event *e = &b.txs[i].events[k];

                text_printf(&to, " e%d:%c %.*s", e->kind, digit[e->subject.p[0] & 15],
                            (int)e->data.n, (const char *)e->data.p);
            }
        }
    }
    s->free(s->self);
    snprintf(ret, size, "%s", to.n ? text_string(&to) : "");
    text_free(&to);
    return ok;
}

static const struct {
    const char *name, *texts[4], *want;
} rules[] = {
    {"values, failures, fees; in order of the index",
     {TXS "$2,7,1,@c,@d,6,30000,9,0x,2,0,100,21000,0,3\n"
          "$1,7,0,@a,@b,5,30000,9,0x,0,0,100,21000,1,\n"},
     "#7@100 1 f0:a>- 189000(0) v0:a>b 5 2! f0:c>- 63000(0)"},
    {"type 2 without an effective price: no fee",
     {TXS "$1,7,0,@a,@b,5,30000,9,0x,2,0,100,21000,1,\n"},
     "#7@100 1 v0:a>b 5"},
    {"the proposer and the base fee are the block's; blocks without transactions",
     {TXS "$1,7,0,@a,@b,5,30000,9,0x,2,0,100,10,1,3\n", BLOCKS "6,$5,$4,@e,90,0,,\n"
                                                               "7,$6,$5,@e,100,0,,2\n"},
     "#6@90#7@100 1 f0:a>e 30(10) v0:a>b 5"},
    {"before London the proposer gets all; the reward, without uncles",
     {TXS "$1,7,0,@a,@b,5,30000,9,0x,,0,100,10,,\n", BLOCKS
      "7,$6,$5,@e,100,3,0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347,\n"},
     "#7@100 1 v0:a>b 5 6 r0:->e 5000000000000000000"},
    {"before Byzantium: all gas used is a failure, but for a plain payment",
     {TXS "$1,7,0,@a,@b,5,30000,9,0x12,,0,100,30000,,\n"
          "$2,7,1,@a,@b,5,21000,9,0x,,0,100,21000,,\n"
          "$3,7,2,@a,@b,5,30000,9,0x12,,0,100,29999,,\n"},
     "#7@100 1! 2 v0:a>b 5 3 v0:a>b 5"}, /* its contract is 0x343c43a3... */
    {"an input that is a memo; one that is none, and one that nothing goes with",
     {TXS "$1,7,0,@a,@b,5,30000,9,0x3d3a623a78,2,0,100,,,\n"
          "$2,7,1,@a,@b,5,30000,9,0x3d3a,2,0,100,,,\n"
          "$3,7,2,@a,@b,0,30000,9,0x3d3a623a78,2,0,100,,,\n"},
     "#7@100 1 v0:a>b 5 e1:b =:b:x 2 v0:a>b 5 e1:b =: 3"},
    {"a creation's contract is known by its nonce",
     {TXS "$1,7,0,0x6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0,,5,9,9,0x,0,1,100,,,\n"},
     "#7@100 1 v0:a>4 5"},
    {"logs: indexes in the transaction; zero amounts and four topics are left out",
     {LOGS "0,$1,0,7,@a,0x,$f,100\n"
           "1,$1,0,7,@a,!5,\"!t,~c,~d\",100\n"
           "2,$2,1,7,@a,0x,,100\n"
           "3,$2,1,7,@a,!5,\"!t,~c,~d\",100\n"
           "4,$2,1,7,@a,0x,\"!t,~c,~d,~1\",100\n"},
     "#7@100 1 l1:c>d 5a 2 l1:c>d 5a"},
    {"logs that are numbered within their transaction already",
     {LOGS "0,$1,0,7,@a,0x,$f,100\n"
           "0,$2,1,7,@a,0x,,100\n"
           "1,$2,1,7,@a,!5,\"!t,~c,~d\",100\n"},
     "#7@100 1 2 l1:c>d 5a"},
    {"token transfers alone: stated, at the index in the block",
     {TOKENS "@a,@c,@d,5,$1,3,7,100\n"
             "@a,@d,@e,6,$1,9,7,100\n"
             "@b,@d,@e,0,$2,12,7,100\n"},
     "#7@100 1 s3:c>d 5a s9:d>e 6a 2"},
    {"with logs, token transfers are not read",
     {TOKENS "@a,@c,@d,5,$1,3,7,100\n", LOGS "0,$1,0,7,@a,!5,\"!t,~c,~d\",100\n"},
     "#7@100 1 l0:c>d 5a"},
    {"token transfers of a failed transaction are none",
     {TOKENS "@a,@c,@d,5,$1,3,7,100\n", TXS "$1,7,0,@a,@b,5,30000,9,0x,2,0,100,10,0,3\n"},
     "#7@100 1! f0:a>- 30(0)"},
    {"frames: what failed and all below it moves nothing",
     {TRACES "0,@a,@b,5,call,call,,,1,$1,7,100\n"
             "0,@b,@c,6,call,call,0,Reverted,0,$1,7,100\n"
             "0,@c,@d,7,call,call,\"0,0\",,1,$1,7,100\n"
             "0,@b,@d,8,call,call,1,,1,$1,7,100\n"
             "0,@d,@e,9,call,delegatecall,\"1,0\",,1,$1,7,100\n"
             "0,@d,@e,10,create,,\"1,1\",,1,$1,7,100\n"
             "0,@d,@d,11,suicide,,\"1,1,0\",,1,$1,7,100\n"
             "0,@d,@f,12,suicide,,\"1,2\",,1,$1,7,100\n"
             "0,@b,@d,0,call,call,2,,1,$1,7,100\n"},
     "#7@100+ 1 v0:a>b 5 i0_1:b>d 8 i0_1_1:d>e 10 i0_1_1_0:d>- 11 i0_1_2:d>f 12"},
    {"a failed transaction's frames, and its value told once",
     {TRACES "0,@a,@b,5,call,call,,out of gas,0,$1,7,100\n"
             "0,@b,@c,6,call,call,0,,1,$1,7,100\n"
             "1,@a,@c,7,call,call,,,1,$2,7,100\n"
             ",,@e,3,reward,,,,1,,7,100\n",
      TXS "$1,7,0,@a,@b,5,30000,9,0x,2,0,100,,,\n"
          "$2,7,1,@a,@c,7,30000,9,0x,2,0,100,,,\n"},
     "#7@100+ 1! 2 v0:a>c 7 0 r0:->e 3"},
    {"two files of one kind, the later given first",
     {TOKENS "@a,@c,@d,5,$1,0,8,110\n", TOKENS "@a,@c,@d,6,$2,0,7,100\n"},
     "#7@100 2 s0:c>d 6a#8@110 1 s0:c>d 5a"},
    {"JSON lines, with null and other members",
     {"{\"type\": \"token_transfer\", \"x\": {\"y\": [\"}\\\"\", 1]}, \"token_address\": \"@a\", "
      "\"from_address\": \"@c\", \"to_address\": \"@d\", \"value\": "
      "115792089237316195423570985008687907853269984665640564039457584007913129639935, "
      "\"transaction_hash\": \"$1\", \"log_index\": 3, \"block_number\": 7, \"block_timestamp\": "
      "100, \"block_hash\": null}\r\n"
      "\n"},
     "#7@100 1 s3:c>d "
     "115792089237316195423570985008687907853269984665640564039457584007913129639935a"},
    {"receipts in a table of their own",
     {TXS "$1,7,0,@a,@b,5,30000,9,0x,2,0,100,,,\n",
      "transaction_hash,transaction_index,block_number,gas_used,cumulative_gas_used,status,"
      "effective_gas_price\n"
      "$1,0,7,10,10,0,3\n"},
     "#7@100 1! f0:a>- 30(0)"},
    {"blocks in any order",
     {TOKENS "@a,@c,@d,5,$1,1,8,110\n"
             "@a,@c,@d,6,$2,0,9,120\n"
             "@a,@c,@d,7,$3,0,7,100\n"
             "@a,@c,@d,8,$4,0,8,110\n"},
     "#7@100 3 s0:c>d 7a#8@110 1 s1:c>d 5a 4 s0:c>d 8a#9@120 2 s0:c>d 6a"},
    {"no rows", {TOKENS}, ""},
};

static void by_hand(void **state)
{
    char got[2048];
    struct transfer_source s;
    struct err err;

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        test_row("%s", rules[i].name);
        CHECK_OK(open_texts(rules[i].texts, &s, &err), err);
        CHECK_OK(shown(&s, got, sizeof(got), &err), err);
        CHECK_S(got, rules[i].want);
    }
}

static const struct {
    const char *texts[4], *want;
} refused[] = {
    {{"a,b\n"
      "1,2\n"},
     "one.csv: is no table of ethereum-etl (blocks, transactions, receipts, logs, token_transfers, "
     "traces)"},
    {{""},
     "one.csv: is no table of ethereum-etl (blocks, transactions, receipts, logs, token_transfers, "
     "traces)"},
    {{"hash,hash\n"}, "one.csv: line 1: hash: twice in the header"},
    {{TOKENS "@a,@c,@d,5,$1,0,7,110\n"
             "@a,@c,@d,5,$2,0,9,110\n",
      TOKENS "@a,@c,@d,5,$1,0,8,110\n"},
     "two.csv: line 2: block 8 after block 9, with which the table of this kind before it ends"},
    {{TOKENS "@a,@c,@d,5,$1,0,8,110\n"
             "@a,@c,@d,5,$1,0,8,110\n"},
     "block 8: two token transfers of index 0 in one transaction"},
    {{TOKENS "@a,@c,@d,5,$1,0,8\n"}, "one.csv: line 2: 7 fields, 8 are wanted"},
    {{TOKENS "@a,@c,0xd,5,$1,0,8,110\n"}, "one.csv: line 2: to_address: \"0xd\" is no address"},
    {{TOKENS "@a,@c,@d,5.0,$1,0,8,110\n"},
     "one.csv: line 2: value: \"5.0\" is no whole number below 2^256"},
    {{TOKENS "@a,@c,@d,5,0x12,0,8,110\n"},
     "one.csv: line 2: transaction_hash: \"0x12\" is no hash"},
    {{TOKENS "@a,@c,@d,5,$1,0,-8,110\n"},
     "one.csv: line 2: block_number: \"-8\" is no whole number"},
    {{TOKENS "@a,@c,@d,5,$1,0,4294967295,110\n"},
     "one.csv: line 2: block_number: \"4294967295\" is too much"},
    {{TOKENS "@a,@c,@d,5,$1,0,8,\n"},
     "block 8: no table tells its time (blocks, or rows with block_timestamp)"},
    {{TOKENS "@a,@c,@d,5,$1,0,8,soon\n"}, "one.csv: line 2: block_timestamp: \"soon\" is no time"},
    {{TOKENS "@a,@c,@d,5,$1,0,8,110\n", BLOCKS}, "block 8: is in no table of blocks"},
    {{TOKENS "@a,@c,@d,5,$1,0,8,110\n", TXS},
     "one.csv: line 2: transaction_hash: \"$1\" is in no table of transactions"},
    {{TXS "$1,7,0,@a,@b,5,30000,9,0x,2,0,100,,,\n"
          "$1,7,1,@a,@b,5,30000,9,0x,2,0,100,,,\n"},
     "one.csv: line 3: hash: \"$1\" is there twice"},
    {{TXS "$1,7,0,@a,@b,5,30000,9,0x,2,0,100,,,\n"
          "$2,7,0,@a,@b,5,30000,9,0x,2,0,100,,,\n"},
     "block 7: two transactions of index 0"},
    {{TXS "$1,7,,@a,@b,5,30000,9,0x,2,0,100,,,\n"},
     "one.csv: line 2: transaction_index: \"\" is empty"},
    {{TXS "$1,7,0,@a,@b,5,30000,9,0x,2,0,100,5,2,\n"},
     "one.csv: line 2: receipt_status: \"2\" is neither 0 nor 1"},
    {{BLOCKS "7,$6,$5,@e,100,0,,2\n"
             "7,$6,$5,@e,100,0,,2\n"},
     "one.csv: line 3: block 7 is there twice"},
    {{LOGS "1,$1,0,7,@a,0x,$f,100\n"},
     "block 7: logs are missing (they are not numbered without a gap), so that the index of a log "
     "in its transaction is not known"},
    {{LOGS "0,$1,0,7,@a,0x,$f,100\n"
           "0,$1,0,7,@a,0x,$f,100\n"},
     "block 7: two logs of index 0 in one transaction"},
    {{LOGS "0,$1,0,7,@a,0x,$f,100\n"
           "1,$1,1,7,@a,0x,$f,100\n"},
     "one.csv: line 3: transaction_index: \"1\" is not what another row of it says"},
    {{LOGS "0,$1,0,7,@a,0x,0x12,100\n"}, "one.csv: line 2: topics: \"0x12\" are no topics"},
    {{TRACES "0,@a,@b,5,call,call,,,1,$1,7,100\n"
             "0,@b,@c,6,call,call,\"0,0\",,1,$1,7,100\n"},
     "block 7: one.csv: line 3: trace_address: out of order, or a frame above it is missing"},
    {{TRACES "0,@a,@b,5,call,call,,,1,$1,7,100\n"
             "0,@a,@b,5,call,call,,,1,$1,7,100\n"},
     "block 7: one.csv: line 3: trace_address: out of order, or a frame above it is missing"},
    {{TRACES "0,@a,@b,5,jump,,,,1,$1,7,100\n"},
     "one.csv: line 2: trace_type: \"jump\" is no kind of trace"},
    {{TRACES "0,@a,@b,5,call,call,x,,1,$1,7,100\n"},
     "one.csv: line 2: trace_address: \"x\" is no path"},
    {{TRACES "0,@a,@b,5,call,call,,,1,$1,7,100\n", TXS "$1,7,0,@a,@b,5,30000,9,0x,2,0,100,,,\n"
                                                       "$2,7,1,@a,@b,5,30000,9,0x,2,0,100,,,\n"},
     "block 7: traces are missing: of a transaction there is none"},
    {{"{\"token_address\":1"}, "one.csv: line 1: damaged JSON"},
    {{"{\"block_number\":1,\"block_number\":1}"}, "one.csv: line 1: block_number: given twice"},
};

static void refusals(void **state)
{
    char got[2048];
    struct transfer_source s;
    struct text want;
    struct err err;

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        test_row("%s", refused[i].want);
        if (open_texts(refused[i].texts, &s, &err))
            CHECK(!shown(&s, got, sizeof(got), &err));
        CHECK_S(err.text, spelled(refused[i].want, &want));
        text_free(&want);
        CHECK_U(err.class, ERR_INPUT);
    }
    CHECK(!etl_from(NULL, 0, chain_by_name("tron"), &s, &err));
    CHECK_U(err.class, ERR_USAGE);
}

/* Cut anywhere: an error, or no more than the whole has. */
static void truncations(void **state)
{
    struct transfer_source s;
    char got[2048], whole[2048];
    struct err err;

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct text first;
        const char *text = spelled(rules[i].texts[0], &first);
        size_t size = strlen(text);

        test_row("%s", rules[i].name);
        CHECK_OK(open_texts(rules[i].texts, &s, &err) && shown(&s, whole, sizeof(whole), &err),
                 err);
        for (size_t n = 0; n < size; n++) {
            uint8_t *p = malloc(n ? n : 1);
            struct etl_file f = {"cut", {p, n}};

            memcpy(p, text, n);
            if (etl_from(&f, 1, ethereum(), &s, &err) && shown(&s, got, sizeof(got), &err))
                CHECK(n + 1 >= size || strlen(got) <= sizeof(whole));
            else
                CHECK(err.class == ERR_INPUT);
            free(p);
        }
        text_free(&first);
    }
}

struct spelled {
    struct etl_file files[4];
    size_t n;
};

static bool read_all(void *ctx)
{
    const struct spelled *tables = ctx;
    struct transfer_source s;
    struct transfer_block b;
    struct err err;
    bool end = false, ok = etl_from(tables->files, tables->n, ethereum(), &s, &err);

    if (ok) {
        while (ok && !end)
            ok = s.next(s.self, &b, &end, &err);
        s.free(s.self);
    }
    CHECK(ok || err.class == ERR_NOMEM);
    return ok;
}

static void failed_allocations(void **state)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++) {
        struct spelled tables;

        test_row("%s", rules[i].name);
        tables.n = spell(rules[i].texts, tables.files);
        test_failed_allocations(read_all, &tables);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_blocks),       cmocka_unit_test(no_logs),
        cmocka_unit_test(before_byzantium), cmocka_unit_test(same_as_a_node),
        cmocka_unit_test(traces),           cmocka_unit_test(without_receipts),
        cmocka_unit_test(by_hand),          cmocka_unit_test(refusals),
        cmocka_unit_test(truncations),      cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
