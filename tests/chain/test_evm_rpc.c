/* Nodes' answers: of real nodes (the data's README says where from), and made by hand to be wrong
 * in one place. */
#include "support.h"

#include "base/json.h"
#include "base/text.h"
#include "chain/dialect.h"
#include "chain/evm/rpc.h"

#include <stdio.h>
#include <stdlib.h>

/* The chain that the answers of ethereum/execution-apis come from. */
static const struct chain apis = {.shape = CHAIN_ACCOUNTS,
                                  .dialect = &dialect_evm,
                                  .name = "evm:apis",
                                  .decimals = 18,
                                  .evm_id = 0xc72dd9d5e883e};

static struct bytes bytes_of(const char *s)
{
    return (struct bytes){(const uint8_t *)s, strlen(s)};
}

static void check_u256(struct u256 got, const char *want)
{
    char text[U256_TEXT_MAX];

    u256_to_text(got, text);
    CHECK_S(text, want);
}

static bool same_key(struct bytes key, const char *hex)
{
    return bytes_equal(key, test_hex(hex));
}

/* The answer of an .io file: its line that starts with "<<". */
static struct bytes io_answer(const char *name)
{
    char path[128];
    struct bytes file;
    const char *p, *end;

    snprintf(path, sizeof(path), "evm/rpc/%s.io", name);
    file = test_data(path);
    p = memmem(file.p, file.n, "\n<< ", 4);
    CHECK(p);
    p += 4;
    end = memchr(p, '\n', file.n - (size_t)(p - (const char *)file.p));
    return (struct bytes){(const uint8_t *)p,
                          end ? (size_t)(end - p) : file.n - (size_t)(p - (const char *)file.p)};
}

/* Its hash is that of the header written again, so no field of it can be another. */
static void header(void **state)
{
    static const char *const fields[] = {
        "stateRoot", "extraData", "gasUsed", "requestsHash", "parentBeaconBlockRoot", "logsBloom"};
    struct bytes answer = io_answer("eth_getBlockByNumber__get-latest");
    struct evm_rpc *r = evm_rpc_new(&apis);
    struct err err;

    CHECK_OK(evm_rpc_start(r, 0x36, &err), err);
    CHECK_OK(evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER, answer, &err), err);
    CHECK_U(evm_rpc_block(r)->header.optional_n, EVM_HEADER_PRAGUE);
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        uint8_t *copy = malloc(answer.n + 2), *at;
        char name[64];

        test_row("%s", fields[i]);
        CHECK(copy);
        memcpy(copy, answer.p, answer.n);
        snprintf(name, sizeof(name), "\"%s\":\"0x", fields[i]);
        at = memmem(copy, answer.n, name, strlen(name));
        CHECK(at);
        at += strlen(name);
        if (*at == '"') { /* no extra data: then some */
            memmove(at + 2, at, answer.n - (size_t)(at - copy));
            memcpy(at, "00", 2);
        } else {
            *at = *at == '1' ? '2' : '1';
        }
        CHECK_OK(evm_rpc_start(r, 0x36, &err), err);
        CHECK(!evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER,
                              (struct bytes){copy, answer.n + (copy[answer.n - 1] == '}' ? 0 : 2)},
                              &err));
        CHECK_S(err.text, "block 54: eth_getBlockByNumber: \"hash\" is not that of the header");
        free(copy);
    }
    CHECK_OK(evm_rpc_start(r, 0x37, &err), err);
    CHECK(!evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER, answer, &err));
    CHECK_S(err.text, "block 55: eth_getBlockByNumber: block 55 was asked for");
    CHECK_OK(evm_rpc_start(r, EVM_NUMBER_ANY, &err), err);
    CHECK(!evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER,
                          io_answer("eth_getBlockByNumber__get-block-prague-fork"), &err));
    CHECK(strstr(err.text, "only its hash: whole transactions are to be asked for"));
    evm_rpc_free(r);
}

/* Block 54 and its receipts: figures read off the answers. 0x52f71 gas at 0x1a21398 is
 * 339825 * 27399064; with a base fee of one less, the tip is a wei a unit. */
static void block_and_receipts(void **state)
{
    struct evm_rpc *r = evm_rpc_new(&apis);
    struct transfer_block f;
    struct err err;
    struct u256 fees = u256_of(0), tips = u256_of(0);

    CHECK_OK(evm_rpc_start(r, 0x36, &err), err);
    CHECK_OK(
        evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER, io_answer("eth_getBlockByNumber__get-latest"), &err),
        err);
    CHECK_OK(evm_rpc_answer(r, EVM_BLOCK_RECEIPTS,
                            io_answer("eth_getBlockReceipts__get-block-receipts-latest"), &err),
             err);
    CHECK_OK(evm_rpc_facts(r, &f, &err), err);
    CHECK_U(f.txs_n, 4);
    CHECK_U(f.height, 0x36);
    CHECK(!f.internals);
    for (size_t i = 0; i < 4; i++) {
        u256_add(fees, f.txs[i].transfers[0].amount, &fees);
        u256_add(tips, f.txs[i].transfers[0].credit, &tips);
    }
    check_u256(fees, "9310886923800");
    check_u256(tips, "339825");
    CHECK_U(f.txs[3].transfers_n, 2); /* the fee, and 2 wei */
    check_u256(f.txs[3].transfers[1].amount, "2");
    CHECK(same_key(f.txs[3].transfers[1].to, "7dcd17433742f4c0ca53122ab541d0ba67fc27df"));
    CHECK(!memcmp(evm_rpc_block(r)->txs[0].to,
                  test_hex("891baaf101b07222bbcf62e7dc519199d09255b0").p, 20));
    evm_rpc_free(r);
}

static void node_errors(void **state)
{
    static const struct {
        const char *answer, *want;
        enum err_class class;
    } rows[] = {
        {"{\"jsonrpc\":\"2.0\",\"id\":1,\"error\":{\"code\":-32601,\"message\":\"the method "
         "debug_x does not exist\"}}",
         "block 7: eth_getBlockByNumber: the node says: the method debug_x does not exist (-32601)",
         ERR_NOT_FOUND},
        {"{\"error\":{\"message\":\"busy\xc3\xa9\\n\",\"data\":[1]}}",
         "block 7: eth_getBlockByNumber: the node says: busy??\\n (no code)", ERR_SYSTEM},
        {"{\"error\":{}}", "block 7: eth_getBlockByNumber: the node says: an error (no code)",
         ERR_SYSTEM},
        {"{\"error\":null,\"result\":null}",
         "block 7: eth_getBlockByNumber: the node has no such block or transaction", ERR_NOT_FOUND},
        {"{\"id\":1}", "block 7: eth_getBlockByNumber: byte 7: neither \"result\" nor \"error\"",
         ERR_INPUT},
        {"[]", "block 7: eth_getBlockByNumber: byte 0: an object is wanted", ERR_INPUT},
        {"<html>", "block 7: eth_getBlockByNumber: byte 0: an object is wanted", ERR_INPUT},
        {"", "block 7: eth_getBlockByNumber: byte 0: a value is wanted, and the text ends",
         ERR_INPUT},
        {"{\"result\":{}}", "block 7: eth_getBlockByNumber: \"hash\" is missing", ERR_INPUT},
        {"{\"result\":[]}", "block 7: eth_getBlockByNumber: byte 10: an object is wanted",
         ERR_INPUT},
    };
    struct evm_rpc *r = evm_rpc_new(&apis);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct err err;

        test_row("%s", rows[i].answer);
        CHECK_OK(evm_rpc_start(r, 7, &err), err);
        CHECK(!evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER, bytes_of(rows[i].answer), &err));
        CHECK_S(err.text, rows[i].want);
        CHECK_U(err.class, rows[i].class);
    }
    evm_rpc_free(r);
}

static void recorded_errors(void **state)
{
    struct evm_rpc *r = evm_rpc_new(&apis);
    struct err err;

    CHECK_OK(evm_rpc_start(r, EVM_NUMBER_ANY, &err), err);
    CHECK(!evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER,
                          io_answer("eth_getBlockByNumber__get-block-notfound"), &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    CHECK(!evm_rpc_answer(r, EVM_BLOCK_RECEIPTS,
                          io_answer("eth_getBlockReceipts__get-block-receipts-not-found"), &err));
    CHECK(!evm_rpc_answer(r, EVM_LOGS, io_answer("eth_getLogs__filter-error-reversed-block-range"),
                          &err));
    CHECK_S(err.text, "eth_getLogs: the node says: invalid block range params (-32602)");
    evm_rpc_free(r);
}

/* Mainnet, June 2016: what ethereum-etl makes of the same answers (expected_transactions.json,
 * expected_token_transfers.json). */
static void homestead(void **state)
{
    struct evm_rpc *r = evm_rpc_new(chain_by_name("ethereum"));
    const struct fact_transfer *t;
    struct transfer_block f;
    struct err err;

    CHECK_OK(evm_rpc_start(r, 1755634, &err), err);
    CHECK_OK(evm_rpc_answer(
                 r, EVM_BLOCK_BY_NUMBER,
                 test_data("evm/etl/1755634/web3_response.eth_getBlockByNumber_0x1ac9f2_true.json"),
                 &err),
             err);
    CHECK_OK(evm_rpc_facts(r, &f, &err), err);
    CHECK_U(f.txs_n, 1); /* the block's reward alone */
    CHECK_U(f.txs[0].transfers[0].kind, TRANSFER_REWARD);
    check_u256(f.txs[0].transfers[0].amount, "5000000000000000000");
    CHECK(f.internals);

    CHECK_OK(evm_rpc_start(r, 1755635, &err), err);
    CHECK_OK(evm_rpc_answer(
                 r, EVM_BLOCK_BY_NUMBER,
                 test_data("evm/etl/1755634/web3_response.eth_getBlockByNumber_0x1ac9f3_true.json"),
                 &err),
             err);
    CHECK(!evm_rpc_facts(r, &f, &err));
    CHECK_S(err.text, "block 1755635: neither receipts nor logs");
    CHECK_OK(evm_rpc_answer(r, EVM_RECEIPT,
                            test_data("evm/etl/1755634/web3_response.eth_getTransactionReceipt_"
                                      "0x9a5437ec71b74ecf59.json"),
                            &err),
             err);
    CHECK(!evm_rpc_facts(r, &f, &err));
    CHECK_S(err.text, "block 1755635: receipts of 1 of its 2 transactions");
    CHECK_OK(evm_rpc_answer(r, EVM_RECEIPT,
                            test_data("evm/etl/1755634/web3_response.eth_getTransactionReceipt_"
                                      "0x2e3dcd051a91d3a694.json"),
                            &err),
             err);
    CHECK_OK(evm_rpc_facts(r, &f, &err), err);
    CHECK_U(f.txs_n, 3);
    CHECK(!f.txs[0].failed && !f.txs[1].failed);
    CHECK_U(f.txs[0].transfers_n, 2);
    t = &f.txs[0].transfers[0];
    CHECK(t->kind == TRANSFER_FEE && same_key(t->from, "ed059bc543141c8c93031d545079b3da0233b27f"));
    check_u256(t->amount, "728360000000000"); /* 36418 * 20000000000 */
    check_u256(t->credit, "728360000000000");
    t = &f.txs[0].transfers[1];
    CHECK(t->kind == TRANSFER_LOG && !t->position);
    CHECK(same_key(t->asset, "bb9bc244d798123fde783fcc1c72d3bb8c189413"));
    CHECK(same_key(t->from, "6498077292a0921c8804924fdf47b5e91e2a215f"));
    CHECK(same_key(t->to, "8b3b3b624c3c0397d3da8fd861512393d51dcbac"));
    check_u256(t->amount, "5000000000000000000");
    CHECK_U(f.txs[1].transfers_n, 2);
    t = &f.txs[1].transfers[1];
    CHECK(t->kind == TRANSFER_VALUE && same_key(t->to, "ec1ebac9da3430213281c80fa6d46378341a96ae"));
    check_u256(t->amount, "405738107000000000");
    evm_rpc_free(r);
}

#define HASH_508110 "0xc881ee96ddf8b5be74d7680ccda437466b14b9d942aa0161f139fe920690f665"

static const char block_508110[] =
    "{\"result\":{\"number\":\"0x7c0ce\",\"hash\":\"" HASH_508110 "\",\"parentHash\":\""
    "0x0000000000000000000000000000000000000000000000000000000000000000\",\"timestamp\":"
    "\"0x563f0fdc\","
    "\"difficulty\":\"0x1\",\"miner\":\"0x2a65aca4d5fc5b5c859090a6c34d164135398226\",\"uncles\":["
    "\"0x0000000000000000000000000000000000000000000000000000000000000001\"],\"transactions\":["
    "{\"hash\":\"0xcdfc8283894591201a62fcec43553d446a1ec46aaaacd98f69692d5a3ade317c\",\"from\":"
    "\"0x52de4b32e40ba930679efeb2214357cdf6fec979\",\"to\":null,\"value\":\"0x0\",\"gas\":"
    "\"0x1e8480\","
    "\"gasPrice\":\"0x1\",\"input\":\"0x60\",\"nonce\":\"0x0\",\"transactionIndex\":\"0x0\"},"
    "{\"hash\":\"0x435f5f71090a14a7eca2d7c14103f9dbaa962777bc959794e5c6d17ed771406e\",\"from\":"
    "\"0xfecab546498f74591d4f6d448a4a63552850f122\",\"to\":"
    "\"0x32be343b94f860124dc4fee278fdcbd38c102d88\",\"value\":\"0x44b1e5395d69d800\",\"gas\":"
    "\"0x5208\",\"gasPrice\":\"0x1\",\"input\":\"0x\",\"nonce\":\"0x0\",\"transactionIndex\":"
    "\"0x1\"}]}}";

/* The trace of a node, and what ethereum-etl makes of it (508110_expected_traces.json): a creation
 * without value, a payment, rewards of the block and of an uncle two blocks back. */
static void trace_of_508110(void **state)
{
    struct evm_rpc *r = evm_rpc_new(chain_by_name("ethereum"));
    const struct fact_transfer *t;
    struct transfer_block f;
    struct err err;

    CHECK_OK(evm_rpc_start(r, 508110, &err), err);
    CHECK_OK(evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER, bytes_of(block_508110), &err), err);
    CHECK_OK(evm_rpc_answer(r, EVM_TRACE_BLOCK,
                            test_data("evm/etl/508110_web3_response.trace_block_0x7c0ce.json"),
                            &err),
             err);
    CHECK_OK(evm_rpc_answer(r, EVM_LOGS, bytes_of("{\"result\":[]}"), &err), err);
    CHECK_OK(evm_rpc_facts(r, &f, &err), err);
    CHECK(f.internals);
    CHECK_U(f.txs_n, 3);
    CHECK_U(f.txs[0].transfers_n, 0);
    CHECK_U(f.txs[1].transfers_n, 1);
    check_u256(f.txs[1].transfers[0].amount, "4949989500000000000");
    CHECK_U(f.txs[2].transfers_n, 2);
    t = f.txs[2].transfers;
    check_u256(t[0].amount, "5156250000000000000");
    check_u256(t[1].amount, "3750000000000000000");
    CHECK(same_key(t[1].to, "2a65aca4d5fc5b5c859090a6c34d164135398226"));
    CHECK_U(evm_rpc_block(r)->txs[0].status, EVM_DONE);
    evm_rpc_free(r);
}

/* Answers made by hand are written short: ' is a quote, @b0 a hash of b0 over and over, $aa a key.
 * The text is good for seven more calls. */
static const char *written(const char *made)
{
    static char text[8][1 << 14];
    static unsigned turn;
    char *to = text[turn = (turn + 1) % 8], *at = to;

    for (; *made; made++) {
        unsigned times = *made == '@' ? 32 : *made == '$' ? 20 : 0;

        CHECK(at - to < (1 << 14) - 80);
        if (!times) {
            *at++ = *made == '\'' ? '"' : *made;
            continue;
        }
        *at++ = '0';
        *at++ = 'x';
        for (unsigned i = 0; i < times; i++, at += 2)
            memcpy(at, made + 1, 2);
        made += 2;
    }
    *at = 0;
    return to;
}

static const char made_block[] =
    "{'jsonrpc':'2.0','id':1,'result':{'number':'0x10','hash':'@b0','parentHash':'@af',"
    "'timestamp':'0x100','miner':'$fe','baseFeePerGas':'0x2','transactions':["
    "{'blockHash':'@b0','hash':'@70','from':'$aa','to':'$bb','value':'0x9','gas':'0xffff',"
    "'gasPrice':'0x3','input':'0x0102','nonce':'0x1','transactionIndex':'0x0','type':'0x0',"
    "'chainId':'0x7a69'},"
    "{'blockHash':'@b0','hash':'@71','from':'$aa','to':null,'value':'0x0','gas':'0xffff',"
    "'maxFeePerGas':'0x9','maxPriorityFeePerGas':'0x1','input':'0x','nonce':'0x2',"
    "'transactionIndex':'0x1','type':'0x2'}],'uncles':[]}}";

#define LOG(tx, tx_index, index)                                                                   \
    "{'address':'$cc','topics':["                                                                  \
    "'0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef',"                        \
    "'0x000000000000000000000000a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1',"                        \
    "'0x000000000000000000000000b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1'],"                       \
    "'data':'0x000000000000000000000000000000000000000000000000000000000000002a',"                 \
    "'blockHash':'@b0','transactionHash':'" tx "','transactionIndex':'" tx_index                   \
    "','logIndex':'" index "','removed':false}"
#define LOG_0 LOG("@70", "0x0", "0x0")
#define LOG_1 LOG("@70", "0x0", "0x1")
#define LOG_2 LOG("@71", "0x1", "0x2")
#define RECEIPT_0                                                                                  \
    "{'blockHash':'@b0','transactionHash':'@70','transactionIndex':'0x0',"                         \
    "'cumulativeGasUsed':'0x64','gasUsed':'0x64','effectiveGasPrice':'0x3','from':'$aa',"          \
    "'logs':[" LOG_0 "," LOG_1 "],'status':'0x1','contractAddress':null}"
#define RECEIPT_1                                                                                  \
    "{'blockHash':'@b0','transactionHash':'@71','transactionIndex':'0x1',"                         \
    "'cumulativeGasUsed':'0x96','gasUsed':'0x32','from':'$aa','logs':[" LOG_2                      \
    "],'status':'0x1','contractAddress':'$cd'}"

static const char made_receipts[] = "{'result':[" RECEIPT_0 "," RECEIPT_1 "]}";
static const char made_logs[] = "{'result':[" LOG_0 "," LOG_1 "," LOG_2 "]}";

/* Frames of the first transaction: a call of 5 with a staticcall of a precompiled contract before
 * it, which has no number; a delegatecall under which a creation of 3; a failed call with a call of
 * 8 within it; a self-destruct of 2. */
static const char made_calls[] =
    "{'result':[{'txHash':'@70','result':{'from':'$aa','gas':'0x1','gasUsed':'0x1','to':'$bb',"
    "'input':'0x','calls':["
    "{'from':'$bb','to':'0x0000000000000000000000000000000000000001','type':'STATICCALL'},"
    "{'from':'$bb','to':'$c1','value':'0x5','type':'CALL'},"
    "{'from':'$bb','to':'$c2','calls':[{'from':'$bb','to':'$c3','value':'0x3','type':'CREATE2'}],"
    "'value':'0x9','type':'DELEGATECALL'},"
    "{'from':'$bb','to':'$c4','error':'out of gas','calls':["
    "{'from':'$c4','to':'$c5','value':'0x8','type':'CALL'}],'value':'0x7','type':'CALL'},"
    "{'from':'$bb','to':'$c6','value':'0x2','type':'SELFDESTRUCT'}],"
    "'value':'0x9','type':'CALL'}},"
    "{'result':{'from':'$aa','to':'$cd','value':'0x0','type':'CREATE'}}]}";

/* The same, as trace_block has it. */
#define FRAME(tx, position, path)                                                                  \
    "{'blockHash':'@b0','blockNumber':16,'transactionHash':'" tx                                   \
    "','transactionPosition':" position ",'traceAddress':[" path "],'subtraces':0,"
#define CALL(from, to, value)                                                                      \
    "'type':'call','action':{'callType':'call','from':'" from "','to':'" to "','value':'" value    \
    "'},'result':{'gasUsed':'0x0'}}"
#define FRAME_0 FRAME("@70", "0", "0") CALL("$bb", "$c1", "0x5")

static const char made_trace[] =
    "{'result':[" FRAME("@70", "0", "") CALL("$aa", "$bb", "0x9") "," FRAME_0 "," FRAME(
        "@70", "0",
        "1") "'type':'call','action':{'callType':'delegatecall','from':'$bb',"
             "'to':'$c2','value':'0x9'},'result':{}}," FRAME(
                 "@70", "0",
                 "1,0") "'type':'create','action':{'from':'$bb','value':'0x3'},"
                        "'result':{'address':'$c3'}}," FRAME(
                            "@70", "0",
                            "2") "'error':'Out of gas'," CALL("$bb", "$c4",
                                                              "0x7") "," FRAME("@70", "0", "2,0")
                            CALL("$c4", "$c5", "0x8") "," FRAME(
                                "@70", "0", "3") "'type':'suicide','action':{'address':'$bb','"
                                                 "refundAddress':'$c6',"
                                                 "'balance':'0x2'},'result':null}," FRAME(
                                                     "@71", "1",
                                                     "") "'type':'create','action':{'from':'$aa','"
                                                         "value':'0x0'},"
                                                         "'result':{'address':'$cd'}}]}";

static struct evm_rpc *made(void)
{
    struct evm_rpc *r = evm_rpc_new(chain_by_name("evm:dev"));
    struct err err;

    CHECK(r);
    CHECK_OK(evm_rpc_start(r, 16, &err), err);
    return r;
}

static void put_key(struct text *t, struct bytes key)
{
    if (!key.n)
        text_str(t, "--");
    else
        text_printf(t, "%02x", key.p[0]);
}

static const char *told(struct evm_rpc *r)
{
    static char said[2048];
    struct text t = text_new(sizeof(said));
    struct transfer_block f;
    struct err err;

    CHECK_OK(evm_rpc_facts(r, &f, &err), err);
    for (size_t i = 0; i < f.txs_n; i++)
        for (size_t k = 0; k < f.txs[i].transfers_n; k++) {
            const struct fact_transfer *m = &f.txs[i].transfers[k];
            char amount[U256_TEXT_MAX];

            text_printf(&t, "%s%zu%c", t.n ? "; " : "", i, m->kind);
            if (m->position)
                text_printf(&t, "%u", m->position);
            for (size_t p = 0; p < m->path.n; p += 4)
                text_printf(&t, "%s%u", p ? "_" : "", load_le32(m->path.p + p));
            text_char(&t, ' ');
            put_key(&t, m->from);
            text_char(&t, '>');
            put_key(&t, m->to);
            u256_to_text(m->amount, amount);
            text_printf(&t, " %s", amount);
        }
    snprintf(said, sizeof(said), "%s", text_string(&t));
    text_free(&t);
    return said;
}

#define TOLD_FEES_0 "0f aa>fe 300; 0v aa>bb 9; "
#define TOLD_INTERNALS "0i0 bb>c1 5; 0i1_0 bb>c3 3; 0i3 bb>c6 2; "
#define TOLD_LOGS_0 "0l a1>b1 42; 0l1 a1>b1 42; "
#define TOLD_1 "1f aa>fe 150; 1l a1>b1 42"

/* Ids and order do not depend on which trace there was, nor on the order of the answers. */
static void one_block_many_ways(void **state)
{
    static const struct {
        const char *name;
        enum evm_method first, second;
        const char *answers[2];
        const char *want;
    } rows[] = {
        {"no trace",
         EVM_BLOCK_RECEIPTS,
         EVM_BLOCK_RECEIPTS,
         {made_receipts, NULL},
         TOLD_FEES_0 TOLD_LOGS_0 TOLD_1},
        {"callTracer",
         EVM_BLOCK_RECEIPTS,
         EVM_DEBUG_TRACE,
         {made_receipts, made_calls},
         TOLD_FEES_0 TOLD_INTERNALS TOLD_LOGS_0 TOLD_1},
        {"callTracer first",
         EVM_DEBUG_TRACE,
         EVM_BLOCK_RECEIPTS,
         {made_calls, made_receipts},
         TOLD_FEES_0 TOLD_INTERNALS TOLD_LOGS_0 TOLD_1},
        {"trace_block",
         EVM_BLOCK_RECEIPTS,
         EVM_TRACE_BLOCK,
         {made_receipts, made_trace},
         TOLD_FEES_0 TOLD_INTERNALS TOLD_LOGS_0 TOLD_1},
        {"logs alone",
         EVM_LOGS,
         EVM_TRACE_BLOCK,
         {made_logs, NULL},
         "0v aa>bb 9; " TOLD_LOGS_0 "1l a1>b1 42"},
        {"receipts one by one",
         EVM_RECEIPT,
         EVM_RECEIPT,
         {"{'result':" RECEIPT_1 "}", "{'result':" RECEIPT_0 "}"},
         TOLD_FEES_0 TOLD_LOGS_0 TOLD_1},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct evm_rpc *r = made();
        struct err err;

        test_row("%s", rows[i].name);
        CHECK_OK(evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER, bytes_of(written(made_block)), &err), err);
        CHECK_OK(evm_rpc_answer(r, rows[i].first, bytes_of(written(rows[i].answers[0])), &err),
                 err);
        if (rows[i].answers[1])
            CHECK_OK(evm_rpc_answer(r, rows[i].second, bytes_of(written(rows[i].answers[1])), &err),
                     err);
        CHECK_S(told(r), rows[i].want);
        CHECK_U(evm_rpc_block(r)->txs[1].to[0], rows[i].first == EVM_LOGS ? 0 : 0xcd);
        evm_rpc_free(r);
    }
}

/* What came to Arbitrum from Ethereum. Ether is issued to its sender, paid on, with no fee, and the
 * message that it is of is told. So is that of a ticket, and what the ticket asks for, right behind
 * it: not what somebody has run again. */
static void arbitrum_deposits(void **state)
{
    static const char block[] =
        "{'result':{'number':'0x10','hash':'@b0','parentHash':'@af','timestamp':'0x100',"
        "'miner':'$fe','baseFeePerGas':'0x2','transactions':["
        "{'blockHash':'@b0','hash':'@70','from':'$aa','to':'$bb','value':'0x9','gas':'0x0',"
        "'gasPrice':'0x0','input':'0x','nonce':'0x0','transactionIndex':'0x0','type':'0x64',"
        "'chainId':'0xa4b1','requestId':"
        "'0x00000000000000000000000000000000000000000000000000000000001b6e2f'},"
        "{'blockHash':'@b0','hash':'@71','from':'$aa','to':'$6e','value':'0x0','gas':'0x0',"
        "'gasPrice':'0x0','input':'0x','nonce':'0x0','transactionIndex':'0x1','type':'0x69',"
        "'chainId':'0xa4b1','depositValue':'0x5','requestId':"
        "'0x00000000000000000000000000000000000000000000000000000000001b6e30'},"
        "{'blockHash':'@b0','hash':'@72','from':'$aa','to':'$bb','value':'0x2','gas':'0x0',"
        "'gasPrice':'0x0','input':'0x','nonce':'0x0','transactionIndex':'0x2','type':'0x68',"
        "'chainId':'0xa4b1','ticketId':'@71'},"
        "{'blockHash':'@b0','hash':'@73','from':'$aa','to':'$bb','value':'0x1','gas':'0x0',"
        "'gasPrice':'0x0','input':'0x','nonce':'0x1','transactionIndex':'0x3','type':'0x68',"
        "'chainId':'0xa4b1','ticketId':'@71'},"
        "{'blockHash':'@b0','hash':'@74','from':'$aa','to':'$6e','value':'0x0','gas':'0x0',"
        "'gasPrice':'0x0','input':'0x','nonce':'0x0','transactionIndex':'0x4','type':'0x69',"
        "'chainId':'0xa4b1','depositValue':'0x6','requestId':"
        "'0x00000000000000000000000000000000000000000000000000000000001b6e31'},"
        "{'blockHash':'@b0','hash':'@75','from':'$aa','to':'$bb','value':'0x1','gas':'0x0',"
        "'gasPrice':'0x0','input':'0x','nonce':'0x2','transactionIndex':'0x5','type':'0x68',"
        "'chainId':'0xa4b1','ticketId':'@71'}],'uncles':[]}}";
    static const char *const keys[] = {
        "arb-in:42161:1797679",    "arb-in:42161:1797680",
        "arb-token:42161:1797680", NULL,
        "arb-in:42161:1797681",    NULL,
    };
    struct text receipts = text_new(1 << 16);
    struct evm_rpc *r = evm_rpc_new(chain_by_name("arbitrum"));
    struct transfer_block f;
    struct err err;

    (void)state;
    CHECK(r);
    text_printf(&receipts, "{'result':[");
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
        text_printf(&receipts,
                    "%s{'blockHash':'@b0','transactionHash':'@7%zu','transactionIndex':'0x%zu',"
                    "'cumulativeGasUsed':'0x0','gasUsed':'0x0','effectiveGasPrice':'0x0',"
                    "'from':'$aa','logs':[],'status':'0x1','contractAddress':null}",
                    i ? "," : "", i, i);
    text_printf(&receipts, "]}");
    CHECK_OK(evm_rpc_start(r, 16, &err), err);
    CHECK_OK(evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER, bytes_of(written(block)), &err), err);
    CHECK_OK(evm_rpc_answer(r, EVM_BLOCK_RECEIPTS, bytes_of(written(text_string(&receipts))), &err),
             err);
    CHECK_S(told(r), "0v1 -->aa 9; 0v aa>bb 9; 1v1 -->aa 5; 2v aa>bb 2; 3v aa>bb 1; 4v1 -->aa 6; "
                     "5v aa>bb 1");
    CHECK_OK(evm_rpc_facts(r, &f, &err), err);
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        CHECK_U(f.txs[i].events_n, keys[i] ? 1 : 0);
        if (!keys[i])
            continue;
        CHECK_U(f.txs[i].events[0].kind, EVENT_BRIDGE_IN);
        CHECK_U(f.txs[i].events[0].subject.p[19], 0x6e);
        CHECK(bytes_equal(f.txs[i].events[0].data, bytes_of(keys[i])));
    }
    text_free(&receipts);
    evm_rpc_free(r);
}

/* An answer with one place changed, where it starts with from, and what is then said. */
static const struct change {
    enum evm_method method;
    const char *name, *from, *to, *want;
} changes[] = {
    {EVM_BLOCK_BY_NUMBER, "another block", "'number':'0x10'", "'number':'0x11'",
     "block 16: eth_getBlockByNumber: block 16 was asked for"},
    {EVM_BLOCK_BY_NUMBER, "no number", "'number'", "'numbre'",
     "block 16: eth_getBlockByNumber: \"number\" is missing"},
    {EVM_BLOCK_BY_NUMBER, "another chain", "'0x7a69'", "'0x0001'",
     "block 16: eth_getBlockByNumber: transaction 0: of chain 1, where evm:dev is 31337"},
    {EVM_BLOCK_BY_NUMBER, "transactions out of order", "'transactionIndex':'0x0'",
     "'transactionIndex':'0x1'",
     "block 16: eth_getBlockByNumber: transaction 0: \"transactionIndex\" is 1"},
    {EVM_BLOCK_BY_NUMBER, "a key that is short", "'from':'$aa", "'from':'0xa",
     "block 16: eth_getBlockByNumber: transaction 0: \"from\" is not 0x and 20 bytes of hex"},
    {EVM_BLOCK_BY_NUMBER, "a value that is no number", "'value':'0x9'", "'value':'0xg'",
     "block 16: eth_getBlockByNumber: transaction 0: \"value\" is not 0x and hex digits, up to "
     "2^256 - 1"},
    {EVM_BLOCK_BY_NUMBER, "a field twice", "'nonce':'0x1'", "'gas':'0x1'",
     "block 16: eth_getBlockByNumber: transaction 0: \"gas\" is given twice"},
    {EVM_BLOCK_BY_NUMBER, "a null", "'gas':'0xffff'", "'gas':null",
     "block 16: eth_getBlockByNumber: transaction 0: \"gas\" is missing"},
    {EVM_BLOCK_BY_NUMBER, "pending", "'hash':'@b0'", "'hash':null",
     "block 16: eth_getBlockByNumber: \"hash\" is missing"},
    {EVM_BLOCK_BY_NUMBER, "a transaction of elsewhere", "'blockHash':'@b0", "'blockHash':'@b1",
     "block 16: eth_getBlockByNumber: transaction 1: \"blockHash\" is that of another block"},
    {EVM_BLOCK_BY_NUMBER, "a time past 2^64", "'0x100'", "'0x10000000000000000'",
     "block 16: eth_getBlockByNumber: \"timestamp\" is not 0x and hex digits, up to 2^64 - 1"},
    {EVM_BLOCK_RECEIPTS, "a receipt missing", "," RECEIPT_1, "",
     "block 16: eth_getBlockReceipts: 1 receipts for 2 transactions"},
    {EVM_BLOCK_RECEIPTS, "a receipt of elsewhere", "'transactionHash':'@70",
     "'transactionHash':'@72",
     "block 16: eth_getBlockReceipts: receipt 0: log 0: \"transactionHash\" is not that of the "
     "receipt"},
    {EVM_BLOCK_RECEIPTS, "receipts out of order", "'transactionIndex':'0x0'",
     "'transactionIndex':'0x1'",
     "block 16: eth_getBlockReceipts: receipt 0: \"transactionIndex\" is 1"},
    {EVM_BLOCK_RECEIPTS, "of another block", "'blockHash':'@b0", "'blockHash':'@b1",
     "block 16: eth_getBlockReceipts: receipt 0: \"blockHash\" is not that of the block"},
    {EVM_BLOCK_RECEIPTS, "gas that does not add up", "'cumulativeGasUsed':'0x96'",
     "'cumulativeGasUsed':'0x97'", "block 16: receipt 1: \"cumulativeGasUsed\" does not add up"},
    {EVM_BLOCK_RECEIPTS, "logs out of order", "'logIndex':'0x1'", "'logIndex':'0x2'",
     "block 16: eth_getBlockReceipts: receipt 0: log 1: \"logIndex\" is out of order"},
    {EVM_BLOCK_RECEIPTS, "a log missing between receipts", "'logIndex':'0x2'", "'logIndex':'0x3'",
     "block 16: receipt 1: \"logIndex\" is out of order, or a log is missing"},
    {EVM_BLOCK_RECEIPTS, "a log that was taken back", "'removed':false", "'removed':true",
     "block 16: eth_getBlockReceipts: receipt 0: log 0: \"removed\": its block is no longer in "
     "the chain"},
    {EVM_BLOCK_RECEIPTS, "a topic that is short", "'0xddf2", "'0xddf",
     "block 16: eth_getBlockReceipts: receipt 0: log 0: a topic is not 0x and 32 bytes of hex"},
    {EVM_BLOCK_RECEIPTS, "half a byte of data", "'data':'0x0", "'data':'0x",
     "block 16: eth_getBlockReceipts: receipt 0: log 0: \"data\" is not 0x and whole bytes of hex"},
    {EVM_BLOCK_RECEIPTS, "no logs", "'logs'", "'lgos'",
     "block 16: eth_getBlockReceipts: receipt 0: \"logs\" is missing"},
    {EVM_BLOCK_RECEIPTS, "a status of 2", "'status':'0x1'", "'status':'0x2'",
     "block 16: eth_getBlockReceipts: receipt 0: \"status\" is neither 0x0 nor 0x1"},
    {EVM_BLOCK_RECEIPTS, "more gas than there was", "'gasUsed':'0x64'", "'gasUsed':'0x10000'",
     "block 16: eth_getBlockReceipts: receipt 0: \"gasUsed\" is more than the transaction's gas"},
    {EVM_BLOCK_RECEIPTS, "another sender", "'from':'$aa", "'from':'$ab",
     "block 16: eth_getBlockReceipts: receipt 0: \"from\" is not that of the transaction"},
    {EVM_LOGS, "a log missing", LOG_1 ",", "",
     "block 16: eth_getLogs: log 1: \"logIndex\" is 2: out of order, or a log is missing"},
    {EVM_LOGS, "of no transaction", "'transactionIndex':'0x1'", "'transactionIndex':'0x2'",
     "block 16: eth_getLogs: log 2: \"transactionIndex\" is 2, of 2 transactions"},
    {EVM_LOGS, "of another transaction", "'transactionHash':'@70", "'transactionHash':'@72",
     "block 16: eth_getLogs: log 0: \"transactionHash\" is not that of the block's transaction"},
    {EVM_DEBUG_TRACE, "of another transaction", "'txHash':'@70", "'txHash':'@72",
     "block 16: debug_traceBlockByNumber: transaction 0: \"txHash\" is not that of the block's "
     "transaction"},
    {EVM_DEBUG_TRACE, "another value", "'value':'0x9','type':'CALL'}}",
     "'value':'0x8','type':'CALL'}}",
     "block 16: debug_traceBlockByNumber: transaction 0: \"value\" is not that of the "
     "transaction"},
    {EVM_DEBUG_TRACE, "a kind of frame", "'CREATE2'", "'CREATE3'",
     "block 16: debug_traceBlockByNumber: transaction 0: \"type\" of a frame is not known"},
    {EVM_DEBUG_TRACE, "a frame of nobody", "'from':'$c4", "'form':'$c4",
     "block 16: debug_traceBlockByNumber: transaction 0: \"from\" is missing"},
    {EVM_DEBUG_TRACE, "a trace that failed", "'result':{'from'", "'error':{'from'",
     "block 16: debug_traceBlockByNumber: transaction 0: \"result\" is missing"},
    {EVM_TRACE_BLOCK, "a frame missing", FRAME_0 ",", "",
     "block 16: trace_block: frame 1: \"traceAddress\" is out of order"},
    {EVM_TRACE_BLOCK, "a frame below none", "[2,0]", "[2,0,0]",
     "block 16: trace_block: frame 5: \"traceAddress\" is out of order"},
    {EVM_TRACE_BLOCK, "a frame below another", "[2,0]", "[1,1]",
     "block 16: trace_block: frame 5: \"traceAddress\" is out of order"},
    {EVM_TRACE_BLOCK, "of another transaction", "'transactionPosition':0",
     "'transactionPosition':1",
     "block 16: trace_block: frame 0: \"transactionPosition\" is 1: out of order, or a trace is "
     "missing"},
    {EVM_TRACE_BLOCK, "of another block", "'blockHash':'@b0", "'blockHash':'@b1",
     "block 16: trace_block: frame 0: \"blockHash\" is not that of the block"},
    {EVM_TRACE_BLOCK, "a kind of frame", "'suicide'", "'suicidal'",
     "block 16: trace_block: frame 6: \"type\" is not known"},
    {EVM_TRACE_BLOCK, "a creation of nothing", "'address':'$c3", "'adress':'$c3",
     "block 16: trace_block: frame 3: \"address\" is missing"},
};

static const char *answer_of(enum evm_method m)
{
    switch (m) {
    case EVM_BLOCK_BY_NUMBER:
        return made_block;
    case EVM_BLOCK_RECEIPTS:
        return made_receipts;
    case EVM_LOGS:
        return made_logs;
    case EVM_DEBUG_TRACE:
        return made_calls;
    case EVM_TRACE_BLOCK:
        return made_trace;
    case EVM_CHAIN_ID:
    case EVM_BLOCK_BY_HASH:
    case EVM_RECEIPT:
    case EVM_UNCLE:
        break;
    }
    return NULL;
}

static void refused(void **state)
{
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        const struct change *c = &changes[i];
        const char *answer = answer_of(c->method), *at = strstr(answer, c->from);
        struct text changed = text_new(1 << 16);
        struct evm_rpc *r = made();
        struct transfer_block f;
        struct err err;

        test_row("%s: %s", evm_method_name(c->method), c->name);
        CHECK(at);
        text_put(&changed, answer, (size_t)(at - answer));
        text_str(&changed, c->to);
        text_str(&changed, at + strlen(c->from));
        if (c->method != EVM_BLOCK_BY_NUMBER)
            CHECK_OK(evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER, bytes_of(written(made_block)), &err),
                     err);
        CHECK(!evm_rpc_answer(r, c->method, bytes_of(written(text_string(&changed))), &err) ||
              !evm_rpc_facts(r, &f, &err));
        CHECK_S(err.text, c->want);
        CHECK_U(err.class, ERR_INPUT);
        text_free(&changed);
        evm_rpc_free(r);
    }
}

static void out_of_turn(void **state)
{
    struct evm_rpc *r = made();
    struct transfer_block f;
    struct err err;

    CHECK(!evm_rpc_facts(r, &f, &err));
    CHECK_S(err.text, "no block has been answered");
    CHECK(!evm_rpc_answer(r, EVM_BLOCK_RECEIPTS, bytes_of(written(made_receipts)), &err));
    CHECK_S(err.text, "block 16: eth_getBlockReceipts: before the block that it is about");
    CHECK_OK(evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER, bytes_of(written(made_block)), &err), err);
    CHECK(!evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER, bytes_of(written(made_block)), &err));
    CHECK_S(err.text, "block 16: eth_getBlockByNumber: answered twice");
    CHECK_OK(evm_rpc_answer(r, EVM_TRACE_BLOCK, bytes_of(written(made_trace)), &err), err);
    CHECK(!evm_rpc_answer(r, EVM_DEBUG_TRACE, bytes_of(written(made_calls)), &err));
    CHECK_OK(evm_rpc_answer(r, EVM_CHAIN_ID, bytes_of("{\"result\":\"0x7a69\"}"), &err), err);
    CHECK(!evm_rpc_answer(r, EVM_CHAIN_ID, bytes_of("{\"result\":\"0x1\"}"), &err));
    CHECK_S(err.text, "block 16: eth_chainId: the node's chain is 0x1, where evm:dev is 0x7a69");
    evm_rpc_free(r);
}

static void status_against_trace(void **state)
{
    struct text failed = text_new(1 << 16);
    const char *at = strstr(made_receipts, "'status':'0x1'");
    struct evm_rpc *r = made();
    struct transfer_block f;
    struct err err;

    text_put(&failed, made_receipts, (size_t)(at - made_receipts));
    text_str(&failed, "'status':'0x0'");
    text_str(&failed, at + strlen("'status':'0x1'"));
    CHECK_OK(evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER, bytes_of(written(made_block)), &err), err);
    CHECK_OK(evm_rpc_answer(r, EVM_TRACE_BLOCK, bytes_of(written(made_trace)), &err), err);
    CHECK_OK(evm_rpc_answer(r, EVM_BLOCK_RECEIPTS, bytes_of(written(text_string(&failed))), &err),
             err);
    CHECK(!evm_rpc_facts(r, &f, &err));
    CHECK_S(err.text, "block 16: receipt 0: \"status\" is not what the trace says");
    text_free(&failed);
    evm_rpc_free(r);
}

static const char *written_answer(enum evm_method m)
{
    return written(answer_of(m));
}

struct one {
    enum evm_method method;
};

static bool read_answer(struct bytes in, void *ctx)
{
    const struct one *o = ctx;
    struct evm_rpc *r = made();
    struct transfer_block f;
    struct err err;
    bool ok = true;

    if (o->method != EVM_BLOCK_BY_NUMBER)
        ok = evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER, bytes_of(written(made_block)), &err);
    ok = ok && evm_rpc_answer(r, o->method, in, &err);
    if (ok && o->method == EVM_BLOCK_RECEIPTS)
        ok = evm_rpc_facts(r, &f, &err);
    evm_rpc_free(r);
    return ok;
}

/* The first transaction's input, which is kept if it is a memo, whatever its case. */
static void memo_in_input(void **state)
{
    static const struct {
        const char *input, *want;
        uint64_t n;
    } rows[] = {
        {"0x3d3a623a78", "=:b:x", 5}, {"0x3D3A623A58", "=:b:X", 5}, {"0x3d3a623a7", NULL, 0},
        {"0x3d3a62zz78", NULL, 0},    {"0x7a7a7a", "", 3},          {"0xa9059cbb", "", 4},
    };
    static const char was[] = "'input':'0x0102'";

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct evm_rpc *r = made();
        const char *at = strstr(made_block, was);
        char text[sizeof(made_block) + 32];
        struct err err;
        bool ok;

        test_row("%s", rows[i].input);
        CHECK(at);
        snprintf(text, sizeof(text), "%.*s'input':'%s'%s", (int)(at - made_block), made_block,
                 rows[i].input, at + strlen(was));
        at = written(text);
        ok = evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER, (struct bytes){(const uint8_t *)at, strlen(at)},
                            &err);
        CHECK_U(ok, rows[i].want != NULL);
        if (ok) {
            const struct evm_tx *t = &evm_rpc_block(r)->txs[0];

            CHECK_U(t->input_n, rows[i].n);
            CHECK(t->memo.n == strlen(rows[i].want) &&
                  (!t->memo.n || !memcmp(t->memo.p, rows[i].want, t->memo.n)));
        } else {
            CHECK(strstr(err.text, "\"input\""));
        }
        evm_rpc_free(r);
    }
}

static void truncations(void **state)
{
    static const enum evm_method methods[] = {EVM_BLOCK_BY_NUMBER, EVM_BLOCK_RECEIPTS, EVM_LOGS,
                                              EVM_DEBUG_TRACE, EVM_TRACE_BLOCK};

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        struct one o = {methods[i]};
        char *sample = strdup(written_answer(methods[i]));

        test_row("%s", evm_method_name(methods[i]));
        CHECK(sample);
        test_truncations(bytes_of(sample), read_answer, &o);
        free(sample);
    }
}

static bool read_all(void *ctx)
{
    static const enum evm_method methods[] = {EVM_BLOCK_BY_NUMBER, EVM_BLOCK_RECEIPTS,
                                              EVM_TRACE_BLOCK};
    struct evm_rpc *r = evm_rpc_new(chain_by_name("evm:dev"));
    struct transfer_block f;
    struct err err;
    bool ok = r && evm_rpc_start(r, 16, &err);

    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
        ok = ok && evm_rpc_answer(r, methods[i], bytes_of(written_answer(methods[i])), &err);
    ok = ok && evm_rpc_facts(r, &f, &err);
    if (ok && evm_rpc_start(r, 16, &err))
        ok = evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER, bytes_of(written(made_block)), &err) &&
             evm_rpc_answer(r, EVM_DEBUG_TRACE, bytes_of(written(made_calls)), &err);
    else
        ok = false;
    if (!ok && r)
        CHECK_U(err.class, ERR_NOMEM);
    evm_rpc_free(r);
    return ok;
}

static void no_memory(void **state)
{
    test_failed_allocations(read_all, NULL);
}

/* callTracer's frames as deep as the EVM allows, and one more. */
static void depth(void **state)
{
    for (unsigned n = TRACE_PATH_MAX; n <= TRACE_PATH_MAX + 1; n++) {
        struct text t = text_new(1 << 20);
        struct evm_rpc *r = made();
        struct err err;
        bool ok;

        text_str(&t, "{\"result\":[{\"result\":");
        for (unsigned i = 0; i < n; i++)
            text_str(&t, "{\"calls\":[");
        text_str(&t, written("{'type':'CALL','from':'$cc','to':'$cd','value':'0x1'}"));
        for (unsigned i = 0; i < n; i++)
            text_str(&t, written(i + 1 == n
                                     ? "],'type':'CALL','from':'$aa','to':'$cc','value':'0x9'}"
                                     : "],'type':'CALL','from':'$cc','to':'$cc','value':'0x0'}"));
        text_str(&t, written("},{'result':{'type':'CREATE','from':'$aa','to':'$cd'}}]}"));
        CHECK_OK(evm_rpc_answer(r, EVM_BLOCK_BY_NUMBER, bytes_of(written(made_block)), &err), err);
        ok = evm_rpc_answer(r, EVM_DEBUG_TRACE, bytes_of(text_string(&t)), &err);
        CHECK_U(ok, n == TRACE_PATH_MAX);
        if (!ok)
            CHECK_S(err.text, "block 16: debug_traceBlockByNumber: transaction 0: calls nested "
                              "deeper than 1024");
        text_free(&t);
        evm_rpc_free(r);
    }
}

static void batches(void **state)
{
    static const char list[] = " [ {\"id\":3,\"result\":\"0x10\"} , {\"result\":[1,{}],\"id\":1},"
                               "{\"error\":{\"code\":1},\"id\":null}]";
    static const struct {
        uint64_t id;
        const char *text;
    } want[] = {{3, "{\"id\":3,\"result\":\"0x10\"}"},
                {1, "{\"result\":[1,{}],\"id\":1}"},
                {UINT64_MAX, "{\"error\":{\"code\":1},\"id\":null}"}};
    struct evm_batch *b;
    struct bytes answer;
    struct err err;
    uint64_t id, number;

    CHECK_OK(evm_batch_open(bytes_of(list), &b, &err), err);
    for (size_t i = 0; i < 3; i++) {
        CHECK_OK(evm_batch_next(b, &id, &answer, &err), err);
        CHECK_U(id, want[i].id);
        CHECK(bytes_equal(answer, bytes_of(want[i].text)));
        if (!i)
            CHECK(evm_rpc_quantity(answer, &number, &err) && number == 16);
    }
    CHECK(!evm_batch_next(b, &id, &answer, &err) && err.class == ERR_NONE);
    CHECK(!evm_batch_next(b, &id, &answer, &err) && err.class == ERR_NONE);
    evm_batch_close(b);
    CHECK_OK(evm_batch_open(bytes_of("{\"id\":1,\"result\":null}"), &b, &err), err);
    CHECK(evm_batch_next(b, &id, &answer, &err) && id == 1 && answer.n == 22);
    CHECK(!evm_batch_next(b, &id, &answer, &err) && err.class == ERR_NONE);
    evm_batch_close(b);
    CHECK_OK(evm_batch_open(bytes_of("[{\"id\":1},"), &b, &err), err);
    CHECK(evm_batch_next(b, &id, &answer, &err));
    CHECK(!evm_batch_next(b, &id, &answer, &err) && err.class == ERR_INPUT);
    evm_batch_close(b);
    CHECK(!evm_batch_open(bytes_of(""), &b, &err));
}

static const struct json *result_of(struct arena *a, struct bytes answer)
{
    const struct json *j;
    struct err err;

    CHECK_OK(json_read(a, (const char *)answer.p, answer.n, &j, &err), err);
    return json_get(j, "result");
}

/* Written as signed: the hash is the node's, and who signed is the node's "from". */
static void check_wire(const struct chain *chain, const struct json *tx, struct rlp_out *out,
                       bool *ret_equal)
{
    const struct json *hash = json_get(tx, "hash"), *from = json_get(tx, "from");
    struct rlp_out scratch = {0};
    uint8_t want[32], sender[20];
    struct evm_tx t;
    struct err err;

    *ret_equal = false;
    CHECK(hash && from && hex_decode(hash->text + 2, 64, want, 32));
    CHECK(hex_decode(from->text + 2, 40, sender, 20));
    if (!evm_rpc_wire(tx, out, &err))
        return;
    if (evm_tx_read(chain, (struct bytes){out->p, out->n}, &scratch, &t, &err))
        *ret_equal = !memcmp(t.hash.b, want, 32) && !memcmp(t.from, sender, 20);
    rlp_out_free(&scratch);
}

static void wire_of_apis(void **state)
{
    static const char *const names[] = {"eth_getTransactionByHash__get-dynamic-fee",
                                        "eth_getTransactionByHash__get-setcode-tx"};
    struct arena *a = arena_new(NULL, (size_t)64 << 20);
    struct rlp_out out = {0};
    bool equal;

    for (size_t i = 0; i < 2; i++) {
        test_row("%s", names[i]);
        check_wire(&apis, result_of(a, io_answer(names[i])), &out, &equal);
        CHECK(equal);
    }
    for (const struct json *tx =
             json_get(result_of(a, io_answer("eth_getBlockByNumber__get-latest")), "transactions")
                 ->child;
         tx; tx = tx->next) {
        check_wire(&apis, tx, &out, &equal);
        CHECK(equal);
    }
    rlp_out_free(&out);
    arena_free(a);
}

/* Receipts of bridge use on eight chains: those of the data's README whose hash it could make
 * again. Of the rest, one (0x3e88cd74...) is not as it was signed, and what comes from the chain
 * below is not signed at all. */
static void wire_of_bridges(void **state)
{
    struct bytes file = test_data("bridges2/receipts/receipts.jsonl.zst");
    struct rlp_out out = {0};
    size_t all = 0, same = 0, signed_n = 0;

    for (const uint8_t *p = file.p, *end = file.p + file.n; p < end; all++) {
        const uint8_t *line = memchr(p, '\n', (size_t)(end - p));
        struct arena *a = arena_new(NULL, (size_t)64 << 20);
        struct chain chain = {.shape = CHAIN_ACCOUNTS, .dialect = &dialect_evm, .name = "evm:any"};
        const struct json *j, *tx;
        struct err err;
        bool equal;

        if (!line)
            line = end;
        CHECK_OK(json_read(a, (const char *)p, (size_t)(line - p), &j, &err), err);
        CHECK_OK(json_u64(json_get(j, "chain_id"), "chain_id", &chain.evm_id, &err), err);
        tx = json_get(j, "transaction");
        check_wire(&chain, tx, &out, &equal);
        same += equal;
        signed_n += !json_is_string(json_get(tx, "r"), "0x0");
        test_row("%s", json_get(tx, "hash")->text);
        if (!json_is_string(json_get(tx, "r"), "0x0") &&
            strncmp(json_get(tx, "hash")->text, "0x3e88cd74", 10) != 0)
            CHECK(equal);
        arena_free(a);
        p = line + 1;
    }
    rlp_out_free(&out);
    print_message("hashes and senders of %zu of %zu transactions made again, %zu signed\n", same,
                  all, signed_n);
    CHECK_U(all, 46);
    CHECK_U(signed_n, 36);
    CHECK_U(same, 39); /* all signed but that one, and deposits that tell their source */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header),
        cmocka_unit_test(block_and_receipts),
        cmocka_unit_test(node_errors),
        cmocka_unit_test(recorded_errors),
        cmocka_unit_test(homestead),
        cmocka_unit_test(trace_of_508110),
        cmocka_unit_test(one_block_many_ways),
        cmocka_unit_test(arbitrum_deposits),
        cmocka_unit_test(refused),
        cmocka_unit_test(out_of_turn),
        cmocka_unit_test(status_against_trace),
        cmocka_unit_test(truncations),
        cmocka_unit_test(memo_in_input),
        cmocka_unit_test(no_memory),
        cmocka_unit_test(depth),
        cmocka_unit_test(batches),
        cmocka_unit_test(wire_of_apis),
        cmocka_unit_test(wire_of_bridges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
