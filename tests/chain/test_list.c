/* Lists of transfers: rows for the rules, real lists with sums that were taken by other means
 * (Python's decimal), what a hash is made of, hostile bytes. */
#include "support.h"

#include "chain/account_name.h"
#include "chain/list.h"

#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#define A "0x098b716b8aaf21512996dc57eb0615e2383e2f96"
#define B "0x1a2a1c938ce3ec39b6d47113c7955baa9dd454f2"
#define TOKEN "0xdac17f958d2ee523a2206206994597c13d831ec7"
#define H1 "0xdd5cd734d4d67ff5af7e53cdd72c26d4d7d28d08c8f0ff32d12ab3e2a277e4bc"
#define H2 "0x0085abb10611a46b804015da4915f5ca7bff421973893f5dbbf898822e87e716"

/* What a source tells: "time:from>to amount asset pos;" in short, blocks parted by '|'. */
static void shown(struct transfer_source *s, char *ret, size_t size)
{
    struct transfer_block b;
    struct err err;
    bool end;
    size_t n = 0;

    *ret = 0;
    for (;;) {
        CHECK_OK(s->next(s->self, &b, &end, &err), err);
        if (end)
            return;
        CHECK(b.grade == GRADE_STATED && b.height == HEIGHT_UNKNOWN && !b.internals);
        n += (size_t)snprintf(ret + n, size - n, "|%llu", (unsigned long long)b.time);
        for (size_t i = 0; i < b.txs_n; i++) {
            n += (size_t)snprintf(ret + n, size - n, " %02x:", b.txs[i].hash.b[0]);
            for (size_t k = 0; k < b.txs[i].transfers_n; k++) {
                const struct fact_transfer *t = &b.txs[i].transfers[k];
                char amount[U256_TEXT_MAX];

                CHECK(t->kind == TRANSFER_STATED && u256_equal(t->amount, t->credit));
                u256_to_text(t->amount, amount);
                n += (size_t)snprintf(ret + n, size - n, "%s%u=%02x>%02x %s", k ? "," : "",
                                      t->position, t->from.n ? t->from.p[0] : 0,
                                      t->to.n ? t->to.p[0] : 0, amount);
                if (t->asset.n == 20)
                    n += (size_t)snprintf(ret + n, size - n, " %02x..", t->asset.p[0]);
                else
                    n += (size_t)snprintf(ret + n, size - n, " %.*s", (int)t->asset.n,
                                          t->asset.n ? (const char *)t->asset.p : "");
            }
        }
    }
}

static bool open_text(const char *text, const char *map, struct transfer_source *ret,
                      struct err *err)
{
    struct list_file f = {"list.csv", {(const uint8_t *)text, strlen(text)}};

    return list_from(&f, 1, map, chain_by_name("ethereum"), ret, err);
}

#define HEAD "time,from,to,amount,asset,tx\n"

static const struct {
    const char *name, *in, *map, *want;
} rows[] = {
    {"order is of time, then of rows",
     HEAD "7," A "," B ",1.5,," H1 "\n5," B "," A ",2,ETH," H2 "\n7," B "," A ",3,eth," H2 "\n",
     NULL,
     "|5 00:0=1a>09 2000000000000000000 |7 dd:0=09>1a 1500000000000000000  "
     "00:1=1a>09 3000000000000000000 "},
    {"rows of one transaction stand together",
     HEAD "7," A "," B ",1.0,," H1 "\n7," B "," A ",2,," H2 "\n7," B "," A ",3,," H1 "\n", NULL,
     "|7 dd:0=09>1a 1000000000000000000 ,1=1a>09 3000000000000000000  "
     "00:0=1a>09 2000000000000000000 "},
    {"exponents as printed", HEAD "7," A "," B ",1e-05,," H1 "\n8," A "," B ",1.25E+3,," H2 "\n",
     NULL, "|7 dd:0=09>1a 10000000000000 |8 00:0=09>1a 1250000000000000000000 "},
    {"amounts of 0 are left out",
     HEAD "7," A "," B ",0.0,," H1 "\n8," A "," B ",0,," H2 "\n9," A "," B ",0e5,," H2 "\n", NULL,
     ""},
    {"base units", HEAD "7," A "," B ",15,," H1 "\n", "decimals=0", "|7 dd:0=09>1a 15 "},
    {"decimals of assets",
     HEAD "7," A "," B ",1.5," TOKEN "," H1 "\n8," A "," B ",1.5,GOLD," H1 "\n9," A "," B
          ",1.5,," H1 "\n",
     "decimals=3,decimals/" TOKEN "=6",
     "|7 dd:0=09>1a 1500000 da..|8 dd:1=09>1a 1500 GOLD|9 dd:2=09>1a 1500 "},
    {"a contract before a name",
     "time,from,to,amount,asset,token_contract,tx\n"
     "7," A "," B ",2,ETH," TOKEN "," H1 "\n"
     "8," A "," B ",2.0,ETH,," H1 "\n",
     "decimals/" TOKEN "=6", "|7 dd:0=09>1a 2000000 da..|8 dd:1=09>1a 2000000000000000000 "},
    {"columns in capitals, of other names",
     "To,Timestamp,From,Value_in_USD,Tx_hash\n" B ",2024-08-22 14:05:59," A ",34755.5," H1 "\n",
     "amount=Value_in_USD,asset:USD,decimals=2", "|1724335559 dd:0=09>1a 3475550 USD"},
    {"a value for all rows, an empty line, carriage returns",
     "t,to,n,tx\r\n\r\n7," B ",5," H1 "\r\n", "time=t,from:" A ",amount=n,decimals=0",
     "|7 dd:0=09>1a 5 "},
    {"nobody", "time,from,to,amount,tx\n7,," B ",1.0," H1 "\n8," B ",,1.0," H1 "\n", NULL,
     "|7 dd:0=00>1a 1000000000000000000 |8 dd:1=1a>00 1000000000000000000 "},
    {"the largest",
     HEAD "7," A "," B ",115792089237316195423570985008687907853269984665640564039457584007913129"
          "639935,," H1 "\n",
     "decimals=0",
     "|7 dd:0=09>1a "
     "115792089237316195423570985008687907853269984665640564039457584007913129639935 "},
    {"no rows", HEAD, NULL, ""},
};

static void rules(void **state)
{
    char got[1024];
    struct transfer_source s;
    struct err err;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_row("%s", rows[i].name);
        CHECK_OK(open_text(rows[i].in, rows[i].map, &s, &err), err);
        shown(&s, got, sizeof(got));
        s.free(s.self);
        CHECK_S(got, rows[i].want);
    }
}

#define BIG "115792089237316195423570985008687907853269984665640564039457584007913129639936"

static const struct {
    const char *in, *map, *want;
} refused[] = {
    {"", NULL, "list.csv: empty"},
    {"from,to,amount\n", NULL,
     "list.csv: line 1: no column for time (a map names it: time=COLUMN)"},
    {"time,to,amount\n", NULL,
     "list.csv: line 1: no column for from (a map names it: from=COLUMN)"},
    {"time,from,to,Value_in_USD\n", NULL,
     "list.csv: line 1: no column for amount; \"Value_in_USD\" is a worth, not an amount of an "
     "asset "
     "(asset:USD,amount=Value_in_USD,decimals=N reads it as one)"},
    {HEAD, "time=when", "list.csv: line 1: no column \"when\""},
    {HEAD, "when=time",
     "map: \"when\" is not time, from, to, amount, asset, contract, tx or decimals"},
    {HEAD, "time=time,time=time", "map: time: given twice"},
    {HEAD, "time=time,time:5", "map: time: given twice"},
    {HEAD, "decimals=1,decimals=2", "map: decimals: given twice"},
    {HEAD, "decimals=-1", "map: decimals \"-1\": a number up to 79 is wanted"},
    {HEAD, "decimals/0xda=6", "map: address \"0xda\": 40 hex digits after 0x are wanted"},
    {HEAD, "time", "map: \"time\" is neither KEY=COLUMN nor KEY:VALUE"},
    {HEAD, "time=\"time", "map: line 1: a quote within a field"},
    {HEAD "7," A "," B ",1.5,\n", NULL, "list.csv: line 2: 5 fields, 6 are wanted"},
    {HEAD "x," A "," B ",1.5,,\n", NULL,
     "list.csv: line 2: time: \"x\" is no time (2022-03-23T13:16:57Z, or seconds)"},
    {HEAD "7,0x09," B ",1.5,,\n", NULL,
     "list.csv: line 2: from: address \"0x09\": 40 hex digits after 0x are wanted"},
    {HEAD "7,,,1.5,,\n", NULL, "list.csv: line 2: neither from nor to"},
    {HEAD "7," A "," B ",1.5,,0x12\n", NULL,
     "list.csv: line 2: tx: \"0x12\" is not the hash of a transaction"},
    {HEAD "7," A "," B ",-1.5,,\n", NULL, "list.csv: line 2: amount: \"-1.5\" is no amount"},
    {HEAD "7," A "," B ",\"1,234.5\",,\n", NULL,
     "list.csv: line 2: amount: \"1,234.5\" is no amount"},
    {HEAD "7," A "," B ",.5,,\n", NULL, "list.csv: line 2: amount: \".5\" is no amount"},
    {HEAD "7," A "," B ",5.,,\n", NULL, "list.csv: line 2: amount: \"5.\" is no amount"},
    {HEAD "7," A "," B ",05,,\n", NULL, "list.csv: line 2: amount: \"05\" is no amount"},
    {HEAD "7," A "," B ",1.5e,,\n", NULL, "list.csv: line 2: amount: \"1.5e\" is no amount"},
    {HEAD "7," A "," B ",nan,,\n", NULL, "list.csv: line 2: amount: \"nan\" is no amount"},
    {HEAD "7," A "," B ",,,\n", NULL, "list.csv: line 2: amount: \"\" is no amount"},
    {HEAD "7," A "," B ",1e-19,,\n", NULL,
     "list.csv: line 2: amount: \"1e-19\" has more digits than decimals"},
    {HEAD "7," A "," B ",1.0000000000000000001,,\n", NULL,
     "list.csv: line 2: amount: \"1.0000000000000000001\" has more digits than decimals"},
    {HEAD "7," A "," B ",1e999,,\n", NULL, "list.csv: line 2: amount: \"1e999\" is too much"},
    {HEAD "7," A "," B "," BIG ",,\n", "decimals=0",
     "list.csv: line 2: amount: \"" BIG "\" is too much"},
    {HEAD "7," A "," B ",1,,\n8," A "," B ",2,,\n", NULL,
     "list.csv: amount: only whole numbers, which may be coins or base units (a map tells: "
     "decimals=18, or decimals=0)"},
    {HEAD "7," A "," B ",1.5,GOLD,\n", NULL,
     "list.csv: line 2: decimals of GOLD are not known (a map tells them: decimals=N, or "
     "decimals/GOLD=N)"},
    {HEAD "7," A "," B ",1.5,G\x01,\n", NULL,
     "list.csv: line 2: asset: a control character in it, or not UTF-8"},
    {HEAD "7," A "," B ",1.5,\xff,\n", NULL,
     "list.csv: line 2: asset: a control character in it, or not UTF-8"},
    {HEAD "7,\"" A "," B ",1.5,,\n", NULL, "list.csv: line 2: a quote that does not end"},
};

static void refusals(void **state)
{
    struct transfer_source s;
    struct err err;

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        test_row("%s", refused[i].want);
        CHECK(!open_text(refused[i].in, refused[i].map, &s, &err));
        CHECK_S(err.text, refused[i].want);
        CHECK(err.class == (strncmp(refused[i].want, "map", 3) ? ERR_INPUT : ERR_USAGE) ||
              strstr(refused[i].want, "0xda"));
    }
    CHECK(!list_from(NULL, 0, NULL, chain_by_name("bitcoin"), &s, &err));
    CHECK_S(err.text, "a list of transfers is not of bitcoin");
}

/* sha256sum of the text, by hand; equal rows count, in whatever list they are. */
static void made_hashes(void **state)
{
    static const char row[] =
        "2022-03-23T13:16:57Z,0x4976a4a02f38326660d17bf34b431dc6e2eb2327," A ",1.0569\n";
    char text[512], other[512];
    struct list_file files[2] = {{"one", {(const uint8_t *)text, 0}},
                                 {"other", {(const uint8_t *)other, 0}}};
    struct bytes want[2] = {
        test_hex("e38a680aa37814db38ac7476d33da1070d0d0b030ec6523dce70eb85d15d556a"),
        test_hex("3a47eb19d6d965a970a3c77f92a618415ef69f229c035ae8798bb239bc3b7896")};
    struct transfer_source s;
    struct transfer_block b;
    struct err err;
    bool end;

    files[0].in.n = (size_t)snprintf(text, sizeof(text), "time_utc,from,to,amount_eth\n%s", row);
    files[1].in.n = (size_t)snprintf(other, sizeof(other),
                                     "from,to,amount_eth,time\n" A "," B
                                     ",1.0,5\n0x4976A4A02f38326660D17bf34b431dC6e2eb2327," A
                                     ",1.05690,1648041417\n");
    CHECK_OK(list_from(files, 2, NULL, chain_by_name("ethereum"), &s, &err), err);
    CHECK_OK(s.next(s.self, &b, &end, &err), err);
    CHECK_U(b.time, 5);
    CHECK_OK(s.next(s.self, &b, &end, &err), err);
    CHECK_U(b.txs_n, 2);
    for (size_t i = 0; i < 2; i++)
        CHECK(!memcmp(b.txs[i].hash.b, want[i].p, 32));
    CHECK_OK(s.next(s.self, &b, &end, &err), err);
    CHECK(end);
    CHECK_U(list_counts(&s).rows, 3);
    s.free(s.self);
}

/* Accounts of other lengths: keys of 32 bytes, and accounts with a tag; assets by their names. The
 * first row's hash is what sha256sum says of "cordon.list/1\n" and its words. */
static void other_chains(void **state)
{
    static const char one[] = "5Q544fKrFoe6tsEbD7S8EmxGTJYAKtTVhAW5Q5pge4j1",
                      two[] = "AobVSwdW9BbpMdJvTqeCN4hPAmh4rHm7vwLnQ5ATSyrS",
                      mint[] = "So11111111111111111111111111111111111111112",
                      whole[] = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
                      tagged[] = "rGWrZyQqhTp9Xu7G5Pkayo7bXjH4k4QYpf:4294967295",
                      issued[] = "USD.rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh";
    static const struct {
        const char *chain, *from, *to, *asset, *hash;
    } on[] = {
        {"solana", one, two, mint,
         "57a254445ee58bd216d35c5472fb4034eebca9a977873c7db1e11d7ecbe54a0f"},
        {"xrpl", whole, tagged, issued, NULL},
        {"xrpl", tagged, "", issued, NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(on) / sizeof(on[0]); i++) {
        char text[512], name[ACCOUNT_NAME_MAX];
        const struct chain *chain = chain_by_name(on[i].chain);
        struct list_file f = {"l", {(const uint8_t *)text, 0}};
        const struct fact_transfer *t;
        struct transfer_source s;
        struct transfer_block b;
        struct err err;
        bool end;

        test_row("%s > %s", on[i].from, on[i].to);
        f.in.n = (size_t)snprintf(text, sizeof(text), "time,from,to,amount,asset\n5,%s,%s,1.0,%s\n",
                                  on[i].from, on[i].to, on[i].asset);
        CHECK_OK(list_from(&f, 1, "decimals=9", chain, &s, &err), err);
        CHECK_OK(s.next(s.self, &b, &end, &err), err);
        CHECK_U(b.txs_n, 1);
        t = b.txs[0].transfers;
        account_name(chain, t->from, name);
        CHECK_S(name, on[i].from);
        account_name(chain, t->to, name);
        CHECK_S(name, on[i].to);
        account_name(chain, t->asset, name);
        CHECK_S(name, on[i].asset);
        if (on[i].hash)
            CHECK(!memcmp(b.txs[0].hash.b, test_hex(on[i].hash).p, 32));
        s.free(s.self);
        snprintf(text, sizeof(text), "time,from,to,amount\n5,%s,%s,1.0\n", issued, whole);
        f.in.n = strlen(text);
        CHECK(!list_from(&f, 1, "decimals=9", chain, &s, &err)); /* no account of either */
        CHECK_U(err.class, ERR_INPUT);
    }
}

static void counted(void **state)
{
    struct transfer_source s;
    struct err err;

    CHECK_OK(open_text(HEAD "7," A "," B ",1.0,," H1 "\n8," A "," B ",0.0,," H2 "\n7," A "," B
                            ",1.0,," H1 "\n7," A "," B ",1.5,," H1 "\n",
                       NULL, &s, &err),
             err);
    CHECK_U(list_counts(&s).rows, 4);
    CHECK_U(list_counts(&s).zero, 1);
    CHECK_U(list_counts(&s).equal, 1);
    s.free(s.self);
}

struct want_sum {
    const char *asset, *sum;
};

static void real_list(const char *path, const char *map, uint64_t rows_n, uint64_t zero,
                      size_t blocks, size_t txs, const struct want_sum *sums, size_t sums_n)
{
    const char *full = test_data_path(path);
    const struct chain *ethereum = chain_by_name("ethereum");
    struct u256 got[16] = {{{0}}};
    struct transfer_source s;
    struct transfer_block b;
    struct err err;
    bool end;
    size_t blocks_n = 0, txs_n = 0;
    uint64_t time = 0;
    char name[ACCOUNT_NAME_MAX];

    test_row("%s", path);
    CHECK_OK(list_open(&full, 1, map, ethereum, &s, &err), err);
    for (;; blocks_n++) {
        CHECK_OK(s.next(s.self, &b, &end, &err), err);
        if (end)
            break;
        CHECK(b.time > time);
        time = b.time;
        txs_n += b.txs_n;
        for (size_t i = 0; i < b.txs_n; i++)
            for (size_t k = 0; k < b.txs[i].transfers_n; k++) {
                const struct fact_transfer *t = &b.txs[i].transfers[k];
                size_t at = 0;

                if (!t->asset.n || t->asset.n == 20)
                    account_name(ethereum, t->asset, name);
                else
                    snprintf(name, sizeof(name), "%.*s", (int)t->asset.n, (const char *)t->asset.p);
                while (at < sums_n && strcasecmp(sums[at].asset, name) != 0)
                    at++;
                CHECK(at < sums_n);
                CHECK(u256_add(got[at], t->amount, &got[at]));
            }
    }
    CHECK_U(list_counts(&s).rows, rows_n);
    CHECK_U(list_counts(&s).zero, zero);
    CHECK_U(list_counts(&s).equal, 0);
    s.free(s.self);
    CHECK_U(blocks_n, blocks);
    CHECK_U(txs_n, txs);
    for (size_t i = 0; i < sums_n; i++) {
        char sum[U256_TEXT_MAX];

        test_row("%s %s", path, sums[i].asset);
        u256_to_text(got[i], sum);
        CHECK_S(sum, sums[i].sum);
    }
}

/* rows and sums by Python (decimal), from the files themselves */
static void ronin(void **state)
{
    static const struct want_sum sums[] = {{"", "335425720385774384372600"}};

    real_list("evm/ronin2022/transfers.csv", NULL, 436, 125, 291, 311, sums, 1);
}

static void bybit(void **state)
{
    static const struct want_sum sums[] = {
        {"", "606167615154545633418300"},
        {"0x669507921b89c11536fe28fb2b955fbc23dbe86d", "1100000000000000000"},
        {"0x2a120e7f2f1d8ffd173ed17aa5089f11206b5177", "79736200000000000000000"},
        {"0xae7ab96520de3a18e5e111b5eaab095312d7fe84", "180751095835360000000000"},
        {"0xee33058e9fceb8ebece8bdb0e70fcb257595c562", "190375547917680000000000"},
        {"0x1c75a0e50e488a8ef04cb681d24486c74a2802d7", "60000000000000000000000"},
        {"0xd5f7838f5c461feff7fe49ea5ebaf7728bb0adfa", "16000000000000000000000"},
        {"0xe6829d9a7ee3040e1276fa75293bde931859e8fa", "15000000000000000000000"},
        {"0x0d99217c4084b141dcab56d83693994ba8fda911", "70000000000000000000000"},
        {"0xec84a5249b19f5bcd5123cff73512bcc05c8e33e", "554337426924259590000"},
        {"0x2f22686d82dded300c975e63b62efbe824c9d236", "170237991682128520000"},
        {"0xfabda8051efe4462367785953a3bba55cefe7215", "206872705888001860000"},
    };

    real_list("evm/bybit2025/hops.csv", "decimals=18", 243, 24, 180, 209, sums, 12);
}

static void stable_coins(void **state)
{
    static const struct want_sum sums[] = {
        {"0xdac17f958d2ee523a2206206994597c13d831ec7", "5307337103774"},
        {"0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", "485019545310"},
        {"0xa47c8bf37f92abed4a126bda807a7b7498661acd", "37756544232800000000000"},
    };

    real_list("evm/etl/usdt_transfers_14669683.csv",
              "decimals=6,decimals/0xa47c8bf37f92abed4a126bda807a7b7498661acd=18", 99, 0, 3, 99,
              sums, 3);
}

static void theft(void **state) /* in base units, each token once */
{
    static const struct want_sum sums[] = {
        {"0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2", "173600000000000000000000"},
        {"0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", "25500000000000"},
    };

    real_list("evm/ronin2022/exploit.csv",
              "time=dst_timestamp,from:0x1a2a1c938ce3ec39b6d47113c7955baa9dd454f2,to=beneficiary,"
              "amount=amount,asset=dst_token,tx=dst_transaction_hash,decimals=0",
              2, 0, 2, 2, sums, 2);
}

static void worth(void **state)
{
    static const struct want_sum vault[] = {{"USD", "139197327888969010341196000"}},
                                 atomic[] = {{"USD", "50700956971102999824408000"}},
                                 lifi[] = {{"USD", "22215924118724810402930000"}};
    static const char map[] = "amount=Value_in_USD,asset:USD,decimals=18";
    const char *full = test_data_path("bridges2/flows/54m.csv");
    struct transfer_source s;
    struct err err;

    CHECK(!list_open(&full, 1, NULL, chain_by_name("ethereum"), &s, &err));
    CHECK(strstr(err.text, "\"Value_in_USD\" is a worth, not an amount"));
    real_list("bridges2/flows/54m.csv", map, 292, 0, 259, 273, vault, 1);
    real_list("bridges2/flows/atomic.csv", map, 1080, 0, 1005, 1063, atomic, 1);
    real_list("bridges2/flows/lifi.csv", map, 135, 0, 131, 133, lifi, 1);
}

/* Cut anywhere: an error, or the rows before the cut and no others. */
static void truncations(void **state)
{
    static const char text[] = HEAD "7," A "," B ",1.5,," H1 "\n8," B "," A ",2.25,ETH," H2 "\n";
    size_t taken = 0;

    for (size_t n = 0; n < sizeof(text); n++) {
        uint8_t *p = malloc(n ? n : 1);
        struct list_file f = {"list.csv", {p, n}};
        struct transfer_source s;
        struct err err;

        memcpy(p, text, n);
        if (list_from(&f, 1, NULL, chain_by_name("ethereum"), &s, &err)) {
            CHECK(list_counts(&s).rows <= 2);
            taken++;
            s.free(s.self);
        } else {
            CHECK(err.class == ERR_INPUT);
        }
        free(p);
    }
    /* in the header from the whole of "amount" on: 11; in a row without its hash (the comma is
     * there), with it, and with the line end: 2 times 3 */
    CHECK_U(taken, 17);
}

static bool read_all(void *ctx)
{
    struct transfer_source s;
    struct transfer_block b;
    struct err err;
    bool end = false;

    if (!open_text(HEAD "7," A "," B ",1.5,," H1 "\n8," B "," A ",2.25,GOLD,\n", "decimals/GOLD=2",
                   &s, &err)) {
        CHECK(err.class == ERR_NOMEM);
        return false;
    }
    while (!end)
        CHECK_OK(s.next(s.self, &b, &end, &err), err);
    s.free(s.self);
    return true;
}

static void failed_allocations(void **state)
{
    test_failed_allocations(read_all, NULL);
}

static void files(void **state)
{
    const char *missing = "no such file.csv";
    struct transfer_source s;
    struct err err;

    CHECK(!list_open(&missing, 1, NULL, chain_by_name("ethereum"), &s, &err));
    CHECK(err.class == ERR_NOT_FOUND);
    CHECK_S(err.text, "no such file.csv: no such file");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules),       cmocka_unit_test(refusals),
        cmocka_unit_test(made_hashes), cmocka_unit_test(other_chains),
        cmocka_unit_test(counted),     cmocka_unit_test(ronin),
        cmocka_unit_test(bybit),       cmocka_unit_test(stable_coins),
        cmocka_unit_test(theft),       cmocka_unit_test(worth),
        cmocka_unit_test(truncations), cmocka_unit_test(failed_allocations),
        cmocka_unit_test(files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
