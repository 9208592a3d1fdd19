/* One door: what each file of real data is taken for, and what is told of it. */
#include "support.h"

#include "chain/transfer_source.h"

#include <stdio.h>
#include <sys/stat.h>

static const struct {
    const char *path, *chain, *map;
    const char *form;
    size_t blocks, transfers;
} rows[] = {
    {"evm/etl/17173049_transactions.json.zst", "ethereum", NULL, "ethereum-etl", 2, 127 + 298},
    {"evm/etl/17173049_blocks.json.zst", "ethereum", NULL, "ethereum-etl", 2, 32},
    {"evm/etl/508110_expected_traces.json", "ethereum", NULL, "ethereum-etl", 1, 3},
    {"evm/etl/transactions_3300400.csv.zst", "ethereum", NULL, "ethereum-etl", 1293, 17945},
    {"evm/ronin2022/transfers.csv", "ethereum", NULL, "list", 291, 311},
    {"evm/bybit2025/hops.csv", "ethereum", "decimals=18", "list", 180, 219},
    {"bridges2/flows/xscam.csv.zst", "ethereum", "amount=Value_in_USD,asset:USD,decimals=18",
     "list", 1248, 1307},
    {"evm/blocks/mainnet-15537394.yaml.zst", "ethereum", NULL, "blocks", 1, SIZE_MAX},
    {"evm/tron/account_transactions_1.json", "tron", NULL, "TronGrid", 20, 45},
};

static void real_files(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct chain *chain = chain_by_name(rows[i].chain);
        const char *path = test_data_path(rows[i].path);
        struct transfer_source_options options = {.map = rows[i].map};
        struct transfer_source s;
        struct transfer_block b;
        struct err err;
        size_t blocks = 0, transfers = 0;
        bool end = false;

        test_row("%s", rows[i].path);
        CHECK_S(transfer_source_form(chain, test_data(rows[i].path)), rows[i].form);
        CHECK_OK(transfer_source_open(chain, &path, 1, &options, &s, &err), err);
        for (;; blocks++) {
            CHECK_OK(s.next(s.self, &b, &end, &err), err);
            if (end)
                break;
            for (size_t k = 0; k < b.txs_n; k++)
                transfers += b.txs[k].transfers_n;
        }
        s.free(s.self);
        CHECK_U(blocks, rows[i].blocks);
        if (rows[i].transfers != SIZE_MAX)
            CHECK_U(transfers, rows[i].transfers);
    }
}

static const struct {
    const char *text, *chain, *form;
} forms[] = {
    {"", "ethereum", NULL},
    {"time,from,to,amount\n", "ethereum", "list"},
    {"time,from,to,amount", "tron", "list"},
    {"no fields\n", "ethereum", NULL},
    {"\xff,\xfe\n", "ethereum", NULL},
    {"<xml,>\n", "ethereum", NULL},
    {"{\"a\":1}\n", "ethereum", NULL},
    {" {\"data\":[]}", "tron", "TronGrid"},
    {"time,from,to,amount\n", "bitcoin", NULL},
};

static void beginnings(void **state)
{
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        struct bytes in = {(const uint8_t *)forms[i].text, strlen(forms[i].text)};
        const char *got = transfer_source_form(chain_by_name(forms[i].chain), in);

        test_row("%s", forms[i].text);
        if (forms[i].form)
            CHECK_S(got, forms[i].form);
        else
            CHECK(!got);
    }
}

static void refusals(void **state)
{
    const char *dir = test_dir();
    char one[512], other[512], want[1400];
    const char *paths[2] = {one, other};
    const struct chain *ethereum = chain_by_name("ethereum");
    struct transfer_source s;
    struct err err;

    snprintf(one, sizeof(one), "%s/one", dir);
    snprintf(other, sizeof(other), "%s/other", dir);
    test_write(one, "time,from,to,amount\n", 20);
    test_write(other, "nothing\n", 8);
    CHECK(!transfer_source_open(ethereum, paths, 2, NULL, &s, &err));
    snprintf(want, sizeof(want),
             "%s: no form of transfers of ethereum that is known here (tables of ethereum-etl, "
             "blocks in RLP, recorded answers of a node, or a list in CSV)",
             other);
    CHECK_S(err.text, want);
    test_write(other,
               "token_address,from_address,to_address,value,transaction_hash,log_index,"
               "block_number\n",
               83);
    CHECK(!transfer_source_open(ethereum, paths, 2, NULL, &s, &err));
    snprintf(want, sizeof(want), "%s is of the form list, and %s of ethereum-etl: one at a time",
             one, other);
    CHECK_S(err.text, want);
    paths[0] = "no such file";
    CHECK(!transfer_source_open(ethereum, paths, 1, NULL, &s, &err));
    CHECK_S(err.text, "no such file: no such file");
    CHECK(err.class == ERR_NOT_FOUND);
    CHECK(!transfer_source_open(ethereum, paths, 0, NULL, &s, &err));
    CHECK(err.class == ERR_USAGE);
    CHECK(!transfer_source_open(chain_by_name("bitcoin"), paths, 1, NULL, &s, &err));
    CHECK_S(err.text, "bitcoin has no accounts");
}

static void file_in(const char *dir, const char *name, const char *row)
{
    char path[900], text[300];
    int n = snprintf(text, sizeof(text), "time,from,to,amount\n%s\n", row);

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    test_write(path, text, (size_t)n);
}

static const struct transfer_source_options coins = {
    .map = "time=time,from=from,to=to,amount=amount,decimals=18"};

static size_t rows_of(const char *path)
{
    struct transfer_source s;
    struct transfer_block b;
    size_t n = 0;
    bool end = false;
    struct err err;

    CHECK_OK(transfer_source_open(chain_by_name("ethereum"), &path, 1, &coins, &s, &err), err);
    for (; !end; n += !end)
        CHECK_OK(s.next(s.self, &b, &end, &err), err);
    s.free(s.self);
    return n;
}

/* A folder is its files in the order of their names: hidden ones and folders inside are not. */
static void folders(void **state)
{
    const char *dir = test_dir(), *paths[1];
    char inside[600], want[700];
    struct transfer_source s;
    struct err err;

    snprintf(inside, sizeof(inside), "%s/inside", dir);
    CHECK(!mkdir(inside, 0777));
    file_in(inside, "more.csv", "2024-01-03,0x1,0x2,1");
    file_in(dir, ".hidden", "nonsense");
    paths[0] = dir;
    CHECK(!transfer_source_open(chain_by_name("ethereum"), paths, 1, NULL, &s, &err));
    snprintf(want, sizeof(want), "%s: no file in it", dir);
    CHECK_S(err.text, want);
    file_in(dir, "b.csv",
            "2024-01-01,0x0000000000000000000000000000000000000001,"
            "0x0000000000000000000000000000000000000002,1");
    file_in(dir, "a.csv",
            "2024-01-02,0x0000000000000000000000000000000000000001,"
            "0x0000000000000000000000000000000000000002,1");
    CHECK_U(rows_of(dir), 2);
    file_in(dir, "c.csv", "never");
    CHECK(!transfer_source_open(chain_by_name("ethereum"), paths, 1, &coins, &s, &err));
    snprintf(want, sizeof(want), "%s/c.csv", dir);
    CHECK(strstr(err.text, want));
}

static bool open_one(void *ctx)
{
    const char *path = ctx;
    struct transfer_source s;
    struct err err;

    if (!transfer_source_open(chain_by_name("ethereum"), &path, 1, NULL, &s, &err)) {
        CHECK_U(err.class, ERR_NOMEM);
        return false;
    }
    s.free(s.self);
    return true;
}

static void failed_allocations(void **state)
{
    test_failed_allocations(open_one, test_data_path("evm/etl/17173049_blocks.json.zst"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_files),         cmocka_unit_test(beginnings),
        cmocka_unit_test(refusals),           cmocka_unit_test(folders),
        cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
