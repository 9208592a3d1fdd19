/* Shapes drawn by hand from what each protocol does, and things that merely look like one. */
#include "support.h"

#include "base/text.h"
#include "chain/bitcoin/shape.h"
#include "chain/facts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COINS_MAX 5000

static struct shape_scratch scratch;
static struct shape_coin coins[2][COINS_MAX];

static enum script_class class_of(char letter)
{
    switch (letter) {
    case 'w':
    case 'c': /* Wasabi's first coordinator */
        return SCRIPT_P2WPKH;
    case 'W':
        return SCRIPT_P2WSH;
    case 't':
        return SCRIPT_P2TR;
    case 'k':
        return SCRIPT_P2PKH;
    case 's':
        return SCRIPT_P2SH;
    case 'r':
        return SCRIPT_RETURN;
    default:
        return SCRIPT_OTHER;
    }
}

/* "5000w*3 700k#9 ?w 12?": values with the letter of their class, times how many; each has a script
 * of its own but for those with the same #number; ? is an unknown value or script. */
static size_t draw(const char *s, struct shape_coin *to, uint64_t *script)
{
    size_t n = 0;

    while (*s) {
        char *end = (char *)s;
        struct shape_coin coin = {.value = *s == '?' ? SHAPE_UNKNOWN : strtoull(s, &end, 10)};
        uint64_t same = 0, times = 1;

        end += *s == '?';
        coin.class = class_of(*end);
        coin.coordinator = *end == 'c';
        coin.script = *end == '?' ? SHAPE_UNKNOWN : 0;
        if (*++end == '#')
            same = strtoull(end + 1, &end, 10);
        if (*end == '*')
            times = strtoull(end + 1, &end, 10);
        for (; times--; n++) {
            assert_true(n < COINS_MAX);
            to[n] = coin;
            if (coin.script != SHAPE_UNKNOWN)
                to[n].script = same ? same : 1000 + (*script)++;
        }
        s = end + (*end == ' ');
    }
    return n;
}

static struct tx_shape drawn(uint32_t height, const char *inputs, const char *outputs)
{
    uint64_t script = 0;
    struct tx_shape tx = {.height = height, .inputs = coins[0], .outputs = coins[1]};

    tx.inputs_n = draw(inputs, coins[0], &script);
    tx.outputs_n = draw(outputs, coins[1], &script);
    return tx;
}

#define ANY HEIGHT_UNKNOWN
#define MIX5 "1000000w*3 1000302w 1000787w"
#define OUT5 "1000000w*5"
#define TEN_CHANGE                                                                                 \
    "4990000w 4991000w 4992000w 4993000w 4994000w 4995000w 4996000w 4997000w 4998000w 300000w"
#define W2_IN "9000000w*2 3000000t*3 1000000w*5 500000w*10"
#define JM3_IN "1500000w 700000w 800000w 2000000w"
#define JM3_OUT "1000000w*3 499000w 501000w 999000w"

static const struct {
    const char *name;
    uint64_t height; /* a block's, or ANY */
    const char *inputs, *outputs;
    enum shape_kind kind;
    uint64_t denomination;
    size_t equal_n, participants_n;
} rows[] = {
    {"whirlpool", 600000, MIX5, OUT5, SHAPE_WHIRLPOOL, 1000000, 5, 5},
    {"whirlpool, height unknown", ANY, MIX5, OUT5, SHAPE_WHIRLPOOL, 1000000, 5, 5},
    {"whirlpool, its first block", 570000, MIX5, OUT5, SHAPE_WHIRLPOOL, 1000000, 5, 5},
    {"whirlpool, a block too early", 569999, MIX5, OUT5, SHAPE_PLAIN, 0, 0, 0},
    {"whirlpool of eight", ANY, "50000000w*6 50000500w*2", "50000000w*8", SHAPE_WHIRLPOOL, 50000000,
     8, 8},
    {"whirlpool of ten", ANY, "100000w*9 100500w", "100000w*10", SHAPE_WHIRLPOOL, 100000, 10, 10},
    {"eleven are too many", ANY, "100000w*10 100500w", "100000w*11", SHAPE_PLAIN, 0, 0, 0},
    {"four are too few", ANY, "100000w*3 100500w", "100000w*4", SHAPE_PLAIN, 0, 0, 0},
    {"one member pays to a P2WSH", ANY, MIX5, "1000000w*4 1000000W", SHAPE_WHIRLPOOL, 1000000, 5,
     5},
    {"one member pays to a P2SH", ANY, MIX5, "1000000w*4 1000000s", SHAPE_PLAIN, 0, 0, 0},
    {"an input of another class", ANY, "1000000w*3 1000302k 1000787w", OUT5, SHAPE_PLAIN, 0, 0, 0},
    {"no pool has that amount", ANY, "2000000w*3 2000302w 2000787w", "2000000w*5", SHAPE_PLAIN, 0,
     0, 0},
    {"the most that an entrant brings", ANY, "1000000w*4 1110000w", OUT5, SHAPE_WHIRLPOOL, 1000000,
     5, 5},
    {"one more", ANY, "1000000w*4 1110001w", OUT5, SHAPE_PLAIN, 0, 0, 0},
    {"an input below the pool's amount", ANY, "1000000w*3 999999w 1000800w", OUT5, SHAPE_PLAIN, 0,
     0, 0},
    {"nobody was mixed before", ANY, "1000302w*5", OUT5, SHAPE_PLAIN, 0, 0, 0},
    {"nobody pays the miners", ANY, "1000000w*5", OUT5, SHAPE_PLAIN, 0, 0, 0},
    {"two outputs to one script", ANY, MIX5, "1000000w*3 1000000w#7*2", SHAPE_PLAIN, 0, 0, 0},
    {"two inputs of one script", ANY, "1000000w*2 1000000w#7 1000302w#7 1000787w", OUT5,
     SHAPE_PLAIN, 0, 0, 0},
    {"inputs unknown", ANY, "??*5", OUT5, SHAPE_WHIRLPOOL, 1000000, 5, 5},
    {"one input unknown", ANY, "1000000w*3 1000302w ?w", OUT5, SHAPE_WHIRLPOOL, 1000000, 5, 5},
    {"the known input forbids it", ANY, "??*4 900000w", OUT5, SHAPE_PLAIN, 0, 0, 0},

    {"wasabi 1", 650000, "15000000w*10", "10000000w*10 " TEN_CHANGE, SHAPE_WASABI1, 10000000, 10,
     10},
    {"wasabi 1, height unknown", ANY, "15000000w*10", "10000000w*10 " TEN_CHANGE, SHAPE_WASABI1,
     10000000, 10, 10},
    {"its last block", 846200, "15000000w*10", "10000000w*10 " TEN_CHANGE, SHAPE_WASABI1, 10000000,
     10, 10},
    {"least amount", 650000, "15000000w*10", "8000000w*10 6000000w 300000w", SHAPE_WASABI1, 8000000,
     10, 10},
    {"below the least amount", 650000, "15000000w*10", "7999999w*10 6000000w 300000w", SHAPE_PLAIN,
     0, 0, 0},
    {"nine equal", 650000, "15000000w*10", "10000000w*9 6000000w 300000w", SHAPE_PLAIN, 0, 0, 0},
    {"one value besides", 650000, "15000000w*10", "10000000w*10 6000000w", SHAPE_PLAIN, 0, 0, 0},
    {"an input of another class", 650000, "15000000w*9 15000000s*1",
     "10000000w*10 6000000w 300000w", SHAPE_PLAIN, 0, 0, 0},
    {"more than seven inputs each", 650000, "15000000w*71", "10000000w*10 6000000w 300000w",
     SHAPE_PLAIN, 0, 0, 0},
    {"inputs unknown", 650000, "??*10", "10000000w*10 6000000w 300000w", SHAPE_WASABI1, 10000000,
     10, 10},
    {"the first coordinator's fee", 540000, "20000000w*3", "18000000w*3 1800000w 54000c",
     SHAPE_WASABI1, 18000000, 3, 3},
    {"the same at an unknown height", ANY, "20000000w*3", "18000000w*3 1800000w 54000c",
     SHAPE_WASABI1, 18000000, 3, 3},
    {"two equal do not do", 540000, "20000000w*3", "18000000w*2 1800000w 54000c", SHAPE_PLAIN, 0, 0,
     0},
    {"its script after its time", 610000, "20000000w*3",
     "18000000w*3 1800000w 54000c 99000w 98000w", SHAPE_PLAIN, 0, 0, 0},

    {"wasabi 2", 800000, W2_IN, "4782969w*3 2097152t*2 1000000w*5 531441w*4 200000w 77777w",
     SHAPE_WASABI2, 1000000, 5, 0},
    {"wasabi 2, a block too early", 741212, W2_IN,
     "4782969w*3 2097152t*2 1000000w*5 531441w*4 200000w 77777w", SHAPE_PLAIN, 0, 0, 0},
    {"nineteen inputs", 800000, "9000000w*2 3000000t*3 1000000w*5 500000w*9",
     "4782969w*3 2097152t*2 1000000w*5 531441w*4 200000w 77777w", SHAPE_PLAIN, 0, 0, 0},
    {"outputs not sorted", 800000, W2_IN,
     "2097152t*2 4782969w*3 1000000w*5 531441w*4 200000w 77777w", SHAPE_PLAIN, 0, 0, 0},
    {"inputs not sorted", 800000, "3000000t*3 9000000w*2 1000000w*5 500000w*10",
     "4782969w*3 2097152t*2 1000000w*5 531441w*4 200000w 77777w", SHAPE_PLAIN, 0, 0, 0},
    {"four in five are standard, not more", 800000, W2_IN,
     "2097152t*2 1000000w*3 531441w*3 77777w 66666w", SHAPE_PLAIN, 0, 0, 0},
    {"a script with more than a tenth of the inputs", 800000, "9000000w#5*3 3000000t*2 1000000w*15",
     "4782969w*3 2097152t*2 1000000w*5 531441w*4 200000w 77777w", SHAPE_PLAIN, 0, 0, 0},
    {"an output of less than 5,000", 800000, W2_IN,
     "4782969w*3 2097152t*2 1000000w*5 531441w*4 200000w 4096w", SHAPE_PLAIN, 0, 0, 0},
    {"a P2SH input", 800000, "9000000w*2 3000000s*1 1000000w*17",
     "4782969w*3 2097152t*2 1000000w*5 531441w*4 200000w 77777w", SHAPE_PLAIN, 0, 0, 0},
    {"inputs unknown", 800000, "??*20", "4782969w*3 2097152t*2 1000000w*5 531441w*4 200000w 77777w",
     SHAPE_WASABI2, 1000000, 5, 0},

    {"tx0", 600000, "9000000w", "0r 50000w 1010000w*6 2000000w", SHAPE_WHIRLPOOL_TX0, 1000000, 6,
     1},
    {"tx0 of one coin, no change", 600000, "1065000k", "0r 50000w 1010000w", SHAPE_WHIRLPOOL_TX0,
     1000000, 1, 1},
    {"tx0 of seventy", 600000, "90000000w", "0r 50000w 1010000w*70", SHAPE_WHIRLPOOL_TX0, 1000000,
     70, 1},
    {"seventy-one", 600000, "90000000w", "0r 50000w 1010000w*71", SHAPE_PLAIN, 0, 0, 0},
    {"least fee", 600000, "9000000w", "0r 25000w 1010000w*6", SHAPE_WHIRLPOOL_TX0, 1000000, 6, 1},
    {"below the least fee", 600000, "9000000w", "0r 24999w 1010000w*6", SHAPE_PLAIN, 0, 0, 0},
    {"three of change", 600000, "9000000w", "0r 20w 30w 40w 50000w 1010000w*6", SHAPE_PLAIN, 0, 0,
     0},
    {"not in the order of BIP 69", 600000, "9000000w", "50000w 0r 1010000w*6", SHAPE_PLAIN, 0, 0,
     0},
    {"no OP_RETURN", 600000, "9000000w", "50000w 1010000w*6 2000000w", SHAPE_PLAIN, 0, 0, 0},
    {"two OP_RETURNs", 600000, "9000000w", "0r*2 50000w 1010000w*6", SHAPE_PLAIN, 0, 0, 0},
    {"change to another class", 600000, "9000000w", "0r 50000w 1010000w*6 2000000k", SHAPE_PLAIN, 0,
     0, 0},
    {"too little extra", 600000, "9000000w", "0r 50000w 1000099w*6", SHAPE_PLAIN, 0, 0, 0},

    {"joinmarket", 500000, JM3_IN, JM3_OUT, SHAPE_JOINMARKET, 1000000, 3, 3},
    {"joinmarket, height unknown", ANY, JM3_IN, JM3_OUT, SHAPE_JOINMARKET, 1000000, 3, 3},
    {"joinmarket, a block too early", 336860, JM3_IN, JM3_OUT, SHAPE_PLAIN, 0, 0, 0},
    {"the taker empties a wallet", ANY, "1002000w 1500000w 2000000w", "1000000w*3 500500w 1000500w",
     SHAPE_JOINMARKET, 1000000, 3, 3},
    {"of P2PKH", ANY, "1500000k 700000k 800000k 2000000k", "1000000k*3 499000k 501000k 999000k",
     SHAPE_JOINMARKET, 1000000, 3, 3},
    {"the taker pays a P2SH", ANY, JM3_IN, "1000000w*2 1000000s 499000w 501000w 999000w",
     SHAPE_JOINMARKET, 1000000, 3, 3},
    {"two pay a P2SH", ANY, JM3_IN, "1000000w 1000000s*2 499000w 501000w 999000w", SHAPE_PLAIN, 0,
     0, 0},
    {"inputs of two classes", ANY, "1500000w 700000w 800000w 2000000s", JM3_OUT, SHAPE_PLAIN, 0, 0,
     0},
    {"stonewall: two equal of four", ANY, "1500000w 1600000w 900000w",
     "1000000w*2 1300000w 690000w", SHAPE_PLAIN, 0, 0, 0},
    {"stonewall: two equal of three", ANY, "1500000w 1600000w", "1000000w*2 1090000w", SHAPE_PLAIN,
     0, 0, 0},
    {"one change too many", ANY, JM3_IN, "1000000w*3 499000w 501000w 900000w 98000w", SHAPE_PLAIN,
     0, 0, 0},
    {"two of change missing", ANY, "1001000w 1001000w 2000000w", "1000000w*3 999000w", SHAPE_PLAIN,
     0, 0, 0},
    {"two inputs of one script", ANY, "1500000w#9 1500000w#9 2000000w", JM3_OUT, SHAPE_PLAIN, 0, 0,
     0},
    {"an amount of dust", ANY, "40000w*4", "27299w*3 12000w 13000w 14000w", SHAPE_PLAIN, 0, 0, 0},
    {"inputs unknown: too little is said", ANY, "??*4", JM3_OUT, SHAPE_PLAIN, 0, 0, 0},
    {"one more input unknown", ANY, JM3_IN " ??", JM3_OUT, SHAPE_JOINMARKET, 1000000, 3, 3},
    {"scripts known, values not", ANY, "?w*4", JM3_OUT, SHAPE_JOINMARKET, 1000000, 3, 3},

    /* Not CoinJoins, however equal their outputs. */
    {"an exchange pays six customers from its hot wallet", 700000, "50000000w",
     "1000000w*6 43999000w", SHAPE_PLAIN, 0, 0, 0},
    {"an exchange pays from many deposits, one of them large", 700000, "9000000w 400000w*5",
     "1000000w*3 2000000w 2500000w 3499000w", SHAPE_PLAIN, 0, 0, 0},
    {"withdrawals of a tenth of a bitcoin, one payer", 650000, "500000000w 20000w*14",
     "10000000w*14 12345w 345678w 359000000w", SHAPE_PLAIN, 0, 0, 0},
    {"withdrawals, half the outputs alike", 650000, "500000000w 20000w*9",
     "1000000w*5 12345w 345678w 400000w 500000w 490000000w", SHAPE_PLAIN, 0, 0, 0},
    {"a faucet: fifty of one size", 500000, "3000000k", "50000k*50 498000k", SHAPE_PLAIN, 0, 0, 0},
    {"a faucet of two sizes", 500000, "3000000k", "50000k*25 30000k*25 998000k", SHAPE_PLAIN, 0, 0,
     0},
    {"a pool pays its miners", 500000, "1250000000w", "1000000w*20 2500000w*20 1179000000w",
     SHAPE_PLAIN, 0, 0, 0},
    {"a consolidation", 800000, "50000w*200", "9990000w", SHAPE_PLAIN, 0, 0, 0},
    {"a consolidation into round coins", 800000, "23444989t#3 300000t#3*127", "2000000t*21 51500t",
     SHAPE_PLAIN, 0, 0, 0},
    {"a split into round coins by one owner", 800000, "99000000w#3*24",
     "134217728w*4 100000000w*4 50000000w*4 20000000w*5 123456w", SHAPE_PLAIN, 0, 0, 0},
    {"a wallet splits to itself", 700000, "5001000w", "1000000w*5", SHAPE_PLAIN, 0, 0, 0},
    {"inscriptions: 600 and 546 many times", 830000, "600t*3 546t*2 1500000w",
     "1200t 546t*5 600t*4 990000w", SHAPE_PLAIN, 0, 0, 0},
    {"three token transfers", 830000, "546t 20000w", "0r 546t*3 18000w", SHAPE_PLAIN, 0, 0, 0},
    {"no outputs", 700000, "5000w", "", SHAPE_PLAIN, 0, 0, 0},
    {"a coinbase", 700000, "", "625000000w 0r*2", SHAPE_PLAIN, 0, 0, 0},
    {"as many coins as are looked at", 650000, "20000000w*4096", "10000000w*4000 5000w 6000w",
     SHAPE_WASABI1, 10000000, 4000, 4000},
    {"an input more", 650000, "20000000w*4097", "10000000w*4000 5000w 6000w", SHAPE_PLAIN, 0, 0, 0},
    {"an output more", 650000, "20000000w*4096", "10000000w*4095 5000w 6000w", SHAPE_PLAIN, 0, 0,
     0},
    {"more than there is", ANY, "1000000w*4 18446744073709551614w", OUT5, SHAPE_PLAIN, 0, 0, 0},
};

static void by_hand(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct tx_shape tx = drawn((uint32_t)rows[i].height, rows[i].inputs, rows[i].outputs);
        struct shape_finding found = shape_find(&scratch, &tx);

        test_row("%s (row %zu)", rows[i].name, i);
        CHECK_S(shape_kind_name(found.kind), shape_kind_name(rows[i].kind));
        CHECK_U(found.denomination, rows[i].denomination);
        CHECK_U(found.equal_n, rows[i].equal_n);
        CHECK_U(found.participants_n, rows[i].participants_n);
        if (found.kind != SHAPE_PLAIN)
            CHECK_U(found.inputs_known, !strchr(rows[i].inputs, '?'));
    }
}

/* The two sets of standard denominations, ours by division, this one by multiplication as their
 * makers list them. */
static bool listed(uint64_t value)
{
    static const struct {
        uint64_t times, base;
    } series[] = {{1, 2}, {1, 3}, {2, 3}, {1, 10}, {2, 10}, {5, 10}};

    for (size_t i = 0; i < sizeof(series) / sizeof(series[0]); i++)
        for (uint64_t v = series[i].times; v <= 134375000000; v *= series[i].base)
            if (v == value && v >= 5000)
                return true;
    return false;
}

static void wasabi2_denominations(void **state)
{
    size_t n = 0;

    for (uint64_t v = 4990; v < 2000000; v++) {
        struct tx_shape tx;
        char outputs[128];
        bool is;

        if (v > 20000 && !listed(v - 1) && !listed(v) && !listed(v + 1))
            continue;
        /* Of 20 outputs 12 are standard without the five of v, 17 with them. */
        snprintf(outputs, sizeof(outputs),
                 "200000000w*4 100000000w*4 50000000w*4 7654321w 2345678w 2123456w %lluw*5",
                 (unsigned long long)v);
        tx = drawn(800000, "900000000w*20", outputs);
        is = shape_find(&scratch, &tx).kind == SHAPE_WASABI2;
        test_row("%llu", (unsigned long long)v);
        CHECK_U(is, listed(v));
        n += is;
    }
    CHECK(n > 20);
}

/* Whoever spends only from one script joins nobody, whatever comes out. */
static void one_owner(void **state)
{
    struct test_random random = {test_seed()};

    for (int round = 0; round < 20000; round++) {
        struct tx_shape tx = {.inputs = coins[0], .outputs = coins[1]};
        uint64_t equal = test_below(&random, 4)
                             ? 1 + test_below(&random, 20000000)
                             : (uint64_t[]){100000, 1000000, 5000000, 10000000}[round % 4];
        struct shape_finding found;

        tx.height = test_below(&random, 2) ? HEIGHT_UNKNOWN : (uint32_t)test_below(&random, 900000);
        tx.inputs_n = 1 + test_below(&random, 40);
        tx.outputs_n = 1 + test_below(&random, 40);
        for (size_t i = 0; i < tx.inputs_n; i++)
            coins[0][i] =
                (struct shape_coin){equal + test_below(&random, 1000), 1, SCRIPT_P2WPKH, false};
        for (size_t i = 0; i < tx.outputs_n; i++)
            coins[1][i] =
                (struct shape_coin){test_below(&random, 3) ? equal : test_below(&random, equal),
                                    2 + i, SCRIPT_P2WPKH, !test_below(&random, 50)};
        found = shape_find(&scratch, &tx);
        test_row("round %d: %zu in, %zu out", round, tx.inputs_n, tx.outputs_n);
        CHECK(!shape_is_coinjoin(found.kind));
    }
}

/* But for Wasabi 2 and tx0, which sort, the order of inputs and outputs says nothing. */
static void order_says_nothing(void **state)
{
    struct test_random random = {test_seed()};

    for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
        struct tx_shape tx = drawn((uint32_t)rows[row].height, rows[row].inputs, rows[row].outputs);
        struct shape_finding found;

        if (rows[row].kind == SHAPE_WASABI2 || rows[row].kind == SHAPE_WHIRLPOOL_TX0 ||
            tx.inputs_n > 100)
            continue;
        for (size_t side = 0; side < 2; side++)
            for (size_t i = side ? tx.outputs_n : tx.inputs_n; i > 1; i--) {
                size_t other = test_below(&random, i);
                struct shape_coin coin = coins[side][i - 1];

                coins[side][i - 1] = coins[side][other];
                coins[side][other] = coin;
            }
        found = shape_find(&scratch, &tx);
        test_row("%s, shuffled (row %zu)", rows[row].name, row);
        if (found.kind != SHAPE_WASABI2 &&
            found.kind != SHAPE_WHIRLPOOL_TX0) /* rows that were plain for their order only */
            CHECK_S(shape_kind_name(found.kind), shape_kind_name(rows[row].kind));
    }
}

static void coins_of_scripts(void **state)
{
    struct bytes first = test_hex("0014 869f5c7a4cd7776ae0c0fcd9c3315abb239a9f0d");
    struct bytes second = test_hex("0014 eaaab82317670d0ee3013b073b25a7a5c780f528");
    struct bytes other = test_hex("0014 eaaab82317670d0ee3013b073b25a7a5c780f529");
    struct bytes hash = test_hex("a914 869f5c7a4cd7776ae0c0fcd9c3315abb239a9f0d 87");
    char address[ADDRESS_BYTES_MAX];

    CHECK(address_of_script(chain_by_name("bitcoin"), first, address));
    CHECK_S(address, "bc1qs604c7jv6amk4cxqlnvuxv26hv3e48cds4m0ew");
    CHECK(address_of_script(chain_by_name("bitcoin"), second, address));
    CHECK_S(address, "bc1qa24tsgchvuxsaccp8vrnkfd85hrcpafg20kmjw");
    CHECK(shape_coin_of(1, first, 7).coordinator && shape_coin_of(1, second, 7).coordinator);
    CHECK(!shape_coin_of(1, other, 7).coordinator && !shape_coin_of(1, hash, 7).coordinator);
    CHECK_U(shape_coin_of(1, hash, 7).class, SCRIPT_P2SH);
    CHECK_U(shape_coin_of(9, hash, 7).value, 9);
    CHECK_U(shape_coin_of(9, hash, 7).script, 7);
    CHECK_U(shape_coin_unknown(9).script, SHAPE_UNKNOWN);
    CHECK(!shape_is_coinjoin(SHAPE_WHIRLPOOL_TX0) && !shape_is_coinjoin(SHAPE_PLAIN));
    CHECK_S(shape_kind_name(SHAPE_WHIRLPOOL_TX0), "whirlpool-tx0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(by_hand),          cmocka_unit_test(wasabi2_denominations),
        cmocka_unit_test(one_owner),        cmocka_unit_test(order_says_nothing),
        cmocka_unit_test(coins_of_scripts),
    };

    return cmocka_run_group_tests_name("shape", tests, NULL, NULL);
}
