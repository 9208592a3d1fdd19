#include "support.h"

#include "base/json.h"
#include "base/text.h"
#include "chain/dialect.h"
#include "chain/evm/source.h"

#include <stdio.h>
#include <stdlib.h>

static const struct chain apis = {.shape = CHAIN_ACCOUNTS,
                                  .dialect = &dialect_evm,
                                  .name = "evm:apis",
                                  .decimals = 18,
                                  .evm_id = 0xc72dd9d5e883e};

/* "1 2 3", or what was wrong. */
static const char *heights(const struct chain *chain, const char *const *paths, size_t paths_n)
{
    static char said[1024];
    struct transfer_source s;
    struct transfer_block f;
    struct err err;
    bool end = false;
    size_t n = 0;

    said[0] = 0;
    if (!evm_blocks_open(chain, paths, paths_n, &s, &err)) {
        snprintf(said, sizeof(said), "%s", err.text);
        return said;
    }
    for (;;) {
        if (!s.next(s.self, &f, &end, &err)) {
            snprintf(said + n, sizeof(said) - n, "%s%s", n ? " " : "", err.text);
            break;
        }
        if (end)
            break;
        n += (size_t)snprintf(said + n, sizeof(said) - n, "%s%u", n ? " " : "", f.height);
    }
    s.free(s.self);
    return said;
}

static void rlp_files(void **state)
{
    static const char *const names[] = {"19426587", "17034870", "14764013", "15537394",
                                        "15537393", "19426586", "17034869"};
    const char *paths[7];

    for (size_t i = 0; i < 7; i++) {
        char name[64];

        snprintf(name, sizeof(name), "evm/blocks/mainnet-%s.yaml.zst", names[i]);
        paths[i] = test_data_path(name);
    }
    CHECK_S(heights(chain_by_name("ethereum"), paths, 7),
            "14764013 15537393 15537394 17034869 17034870 19426586 19426587");
}

struct made {
    char path[4200];
    struct text t;
};

static struct made make(const char *name)
{
    struct made m = {.t = text_new((size_t)16 << 20)};

    snprintf(m.path, sizeof(m.path), "%s/%s", test_dir(), name);
    return m;
}

static const char *made_path(struct made *m)
{
    CHECK(!m->t.bad);
    test_write(m->path, m->t.p, m->t.n);
    return m->path;
}

/* A line of what a node of the data has answered. */
static void record(struct made *m, const char *method, const char *param, const char *file)
{
    struct arena *a = arena_new(NULL, (size_t)64 << 20);
    struct bytes answer = test_data(file);
    struct json_out j = json_to(&m->t, false);
    const struct json *tree;
    struct err err;

    CHECK_OK(json_read(a, (const char *)answer.p, answer.n, &tree, &err), err);
    json_object(&j);
    json_key(&j, "method");
    json_string(&j, method);
    json_key(&j, "params");
    json_array(&j);
    json_string(&j, param);
    json_bool(&j, true);
    json_array_end(&j);
    json_key(&j, "result");
    json_tree(&j, json_get(tree, "result"));
    json_object_end(&j);
    text_char(&m->t, '\n');
    arena_free(a);
}

#define ETL "evm/etl/1755634/web3_response."

static void put_1755634(struct made *m)
{
    text_str(&m->t, "{\"method\":\"eth_chainId\",\"params\":[],\"result\":\"0x1\"}\n");
    text_str(&m->t, "{\"method\":\"web3_clientVersion\",\"params\":[],\"result\":\"Geth\"}\n\n");
    record(m, "eth_getBlockByNumber", "0x1ac9f2", ETL "eth_getBlockByNumber_0x1ac9f2_true.json");
}

static void put_1755635(struct made *m)
{
    record(m, "eth_getBlockByNumber", "0x1ac9f3", ETL "eth_getBlockByNumber_0x1ac9f3_true.json");
    record(m, "eth_getTransactionReceipt", "0x2e",
           ETL "eth_getTransactionReceipt_0x2e3dcd051a91d3a694.json");
    record(m, "eth_getTransactionReceipt", "0x9a",
           ETL "eth_getTransactionReceipt_0x9a5437ec71b74ecf59.json");
}

static void recorded(void **state)
{
    const struct chain *ethereum = chain_by_name("ethereum");
    struct made both = make("both.jsonl"), first = make("first.jsonl"),
                second = make("second.jsonl"), turned = make("turned.jsonl");
    const char *paths[2];
    char want[5000];

    put_1755634(&both);
    put_1755635(&both);
    put_1755634(&first);
    put_1755635(&second);
    put_1755635(&turned);
    put_1755634(&turned);
    paths[0] = made_path(&both);
    CHECK_S(heights(ethereum, paths, 1), "1755634 1755635");
    paths[0] = made_path(&second);
    paths[1] = made_path(&first);
    CHECK_S(heights(ethereum, paths, 2), "1755634 1755635");
    paths[1] = paths[0];
    snprintf(want, sizeof(want),
             "1755635 %s line 3: block 1755635 after block 1755635: blocks ascend, each once",
             paths[0]);
    CHECK_S(heights(ethereum, paths, 2), want);
    paths[0] = made_path(&turned);
    snprintf(want, sizeof(want),
             "1755635 %s line 7: block 1755634 after block 1755635: blocks ascend, each once",
             paths[0]);
    CHECK_S(heights(ethereum, paths, 1), want);
    paths[0] = first.path;
    snprintf(want, sizeof(want),
             "%s line 1: eth_chainId: the node's chain is 0x1, where bsc is 0x38", paths[0]);
    CHECK_S(heights(chain_by_name("bsc"), paths, 1), want);
    text_free(&both.t);
    text_free(&first.t);
    text_free(&second.t);
    text_free(&turned.t);
}

static void put_io(struct made *m, const char *name)
{
    char path[128];
    struct bytes file;

    snprintf(path, sizeof(path), "evm/rpc/%s.io", name);
    file = test_data(path);
    text_put(&m->t, (const char *)file.p, file.n);
}

static void pairs(void **state)
{
    struct made m = make("a.io"), cut = make("cut.io");
    const char *path;
    char want[5000];

    put_io(&m, "eth_getBlockByNumber__get-latest");
    put_io(&m, "eth_getBlockReceipts__get-block-receipts-latest");
    put_io(&m, "eth_getTransactionByHash__get-dynamic-fee"); /* not asked for here */
    path = made_path(&m);
    CHECK_S(heights(&apis, &path, 1), "54");
    put_io(&cut, "eth_getBlockByNumber__get-latest");
    put_io(&cut, "eth_getBlockReceipts__get-block-receipts-n"); /* of another block */
    path = made_path(&cut);
    snprintf(
        want, sizeof(want),
        "%s line 6: block 54: eth_getBlockReceipts: receipt 0: \"transactionHash\" is not that "
        "of the block's transaction",
        path);
    CHECK_S(heights(&apis, &path, 1), want);
    text_free(&m.t);
    text_free(&cut.t);
}

static void refused(void **state)
{
    static const struct {
        const char *name, *text, *want; /* after the path */
    } rows[] = {
        {"another form", "block,hash\n1,2\n",
         " line 1: neither a JSON object nor \">> \" or \"<< \" and one"},
        {"no body", "header: 0xc0\n", " line 1: a line that starts with body: is wanted"},
        {"no receipts", "header: 0xc0\nbody: 0xc0\n",
         " line 2: a line that starts with receipts: is wanted"},
        {"parts out of order", "header: 0xc0\nreceipts: 0xc0\n",
         " line 2: a line that starts with body: is wanted"},
        {"half a byte", "header: 0xc\n", " line 1: header: 0x and whole bytes of hex are wanted"},
        {"no hex", "header:\n", " line 1: header: 0x and whole bytes of hex are wanted"},
        {"no header", "header: 0xc0\nbody: 0xc0\nreceipts: 0xc0\n",
         " line 3: header: a field is missing, or not of its size"},
        {"no JSON", "{\"method\":\n", " line 1: byte 10: the text ends too early"},
        {"no block first", "{\"method\":\"eth_getLogs\",\"result\":[]}\n",
         " line 1: eth_getLogs: before the block that it is about"},
        {"an error",
         "{\"method\":\"eth_getBlockByNumber\",\"params\":[\"0x5\"],\"error\":{"
         "\"message\":\"no\"}}",
         " line 1: block 5: eth_getBlockByNumber: the node says: no (no code)"},
        {"no answer", "{\"method\":\"eth_getBlockByNumber\",\"params\":[\"0x5\"]}",
         " line 1: block 5: eth_getBlockByNumber: byte 49: neither \"result\" nor \"error\""},
        {"an answer last", "{\"result\":null,\"method\":\"eth_getBlockByNumber\"}",
         " line 1: eth_getBlockByNumber: the node has no such block or transaction"},
        {"more behind", "{\"method\":\"eth_chainId\",\"result\":\"0x1\"} 1",
         " line 1: eth_chainId: byte 40: more after the end of the document"},
        {"an error beside", "{\"method\":\"eth_chainId\",\"result\":\"0x1\",\"error\":1}",
         " line 1: eth_chainId: byte 46: \"error\" beside a \"result\""},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct made m = make("a");
        const char *path;
        char want[5000];

        test_row("%s", rows[i].name);
        text_str(&m.t, rows[i].text);
        path = made_path(&m);
        snprintf(want, sizeof(want), "%s%s", path, rows[i].want);
        CHECK_S(heights(chain_by_name("ethereum"), &path, 1), want);
        text_free(&m.t);
    }
}

static void no_file(void **state)
{
    const char *path = "/nowhere/a";
    struct transfer_source s;
    struct err err;

    CHECK(!evm_blocks_open(chain_by_name("ethereum"), &path, 1, &s, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    CHECK_S(err.text, "/nowhere/a: no such file");
    CHECK(!evm_blocks_open(chain_by_name("ethereum"), &path, 0, &s, &err));
    CHECK_U(err.class, ERR_USAGE);
}

/* Heights 5 and 6, a gap, 9, and a 10 that names 8 as its parent. */
static void not_linked(void **state)
{
#define BLOCK(number, hash, parent)                                                                \
    "{\"method\":\"eth_getBlockByNumber\",\"result\":{\"number\":\"" number                        \
    "\",\"hash\":\"0x" hash                                                                        \
    "000000000000000000000000000000000000000000000000000000000000\",\"parentHash\":\"0x" parent    \
    "000000000000000000000000000000000000000000000000000000000000\",\"timestamp\":\"0x1\","        \
    "\"miner\":\"0x0000000000000000000000000000000000000000\",\"transactions\":[]}}\n"
    struct made m = make("a");
    const char *path;
    char want[5000];

    text_str(&m.t, BLOCK("0x5", "0005", "0004") BLOCK("0x6", "0006", "0005")
                       BLOCK("0x9", "0009", "0008") BLOCK("0xa", "000a", "0008"));
    path = made_path(&m);
    snprintf(want, sizeof(want),
             "5 6 9 %s line 4: block 10: its parent is another than the block 9 before it", path);
    CHECK_S(heights(chain_by_name("evm:dev"), &path, 1), want);
    text_free(&m.t);
}

static bool open_and_read(void *ctx)
{
    const char *const *paths = ctx;
    struct transfer_source s;
    struct transfer_block f;
    bool ok, end = false;
    struct err err;

    ok = evm_blocks_open(chain_by_name("ethereum"), paths, 2, &s, &err);
    if (ok) {
        while (ok && !end)
            ok = s.next(s.self, &f, &end, &err);
        s.free(s.self);
    }
    if (!ok)
        CHECK_U(err.class, ERR_NOMEM);
    return ok;
}

static void no_memory(void **state)
{
    struct made second = make("second.jsonl");
    const char *paths[2];

    put_1755635(&second);
    paths[0] = made_path(&second);
    paths[1] = test_data_path("evm/blocks/mainnet-15537393.yaml.zst");
    test_failed_allocations(open_and_read, paths);
    text_free(&second.t);
}

static void guess(void **state)
{
    static const struct {
        const char *start;
        bool want;
    } rows[] = {
        {"header: 0xf9", true},
        {"// a comment\n>> {", true},
        {">> {", true},
        {"{\"method\":\"eth_chainId\"", true},
        {"{\"jsonrpc\":\"2.0\",\"method\":\"eth_chainId\"", true},
        {"{\"type\":\"transaction\"", false}, /* ethereum-etl */
        {"hash,nonce", false},
        {"", false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_row("%s", rows[i].start);
        CHECK_U(
            evm_blocks_like((struct bytes){(const uint8_t *)rows[i].start, strlen(rows[i].start)}),
            rows[i].want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rlp_files), cmocka_unit_test(recorded), cmocka_unit_test(pairs),
        cmocka_unit_test(refused),   cmocka_unit_test(no_file),  cmocka_unit_test(not_linked),
        cmocka_unit_test(no_memory), cmocka_unit_test(guess),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
