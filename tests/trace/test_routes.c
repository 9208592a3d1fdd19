/* Routes: conversions of one transaction by rows; cases that cross ledgers, worked out by hand;
 * what is not followed and why. */
#include "route_world.h"
#include "support.h"

#include "base/mem.h"
#include "base/text.h"
#include "chain/account_name.h"
#include "trace/routes_parts.h"

#include <stdio.h>
#include <stdlib.h>

#define ARENA_MAX ((size_t)1 << 30)

/* ---- one transaction ---- */

static const struct {
    const char *name, *chain, *text;
    /* by group: "in 0 out 1 proven", legs by their place in the transaction */
    const char *want;
} conversion_rows[] = {
    {"wrapping", "evm:dev", "v X>W 10; l 0>X 10 W 0; e wrap W 0", "in 0 out 1 proven\n"},
    {"the native side is not told", "evm:dev", "l 0>X 10 W 0; e wrap W 0", ""},
    {"another amount", "evm:dev", "v X>W 11; l 0>X 10 W 0; e wrap W 0", ""},
    {"two wrappings, in order", "evm:dev",
     "i X>W 10; i Y>W 10; l 0>X 10 W 0; l 0>Y 10 W 1; e wrap W 0; e wrap W 1",
     "in 0 out 2 proven\nin 1 out 3 proven\n"},
    {"unwrapping", "evm:dev", "i W>X 10; l X>0 10 W 0; e unwrap W 0", "in 1 out 0 proven\n"},
    {"a swap as the pool says it", "evm:dev", "l X>P 10 T 0; l P>X 7 U 1; e swap P 2 10 7",
     "in 0 out 1 proven\n"},
    {"other sums", "evm:dev", "l X>P 10 T 0; l P>X 7 U 1; e swap P 2 10 8",
     "in 0 out 1 candidate\n"},
    {"nothing said", "evm:dev", "l X>P 10 T 0; l P>X 7 U 1; e swap P 2 ", "in 0 out 1 candidate\n"},
    {"a pool that nobody knows", "ethereum", "l X>P 10 T 0; l P>X 7 U 1; e swap P 2 10 7",
     "in 0 out 1 candidate\n"},
    /* USDC and WETH at their pair of Uniswap V2 */
    {"a pool known by its address", "ethereum",
     "l X>b4e16d0168e52d35cacd2c6185b44281ec28c9dc 10 a0b86991c6218b36c1d19d4a2e9eb0ce3606eb48 0; "
     "l b4e16d0168e52d35cacd2c6185b44281ec28c9dc>X 7 c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2 1; "
     "e swap b4e16d0168e52d35cacd2c6185b44281ec28c9dc 2 10 7",
     "in 0 out 1 proven\n"},
    /* the same at Uniswap V3's pool of 0.05 percent */
    {"one of V3", "ethereum",
     "l X>88e6a0c2ddd26feeb64f039a2c41296fcb3f5640 10 c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2 0; "
     "l 88e6a0c2ddd26feeb64f039a2c41296fcb3f5640>X 7 a0b86991c6218b36c1d19d4a2e9eb0ce3606eb48 1; "
     "e swap 88e6a0c2ddd26feeb64f039a2c41296fcb3f5640 2 10 7",
     "in 0 out 1 proven\n"},
    {"the pair's address on another chain", "bsc",
     "l X>b4e16d0168e52d35cacd2c6185b44281ec28c9dc 10 a0b86991c6218b36c1d19d4a2e9eb0ce3606eb48 0; "
     "l b4e16d0168e52d35cacd2c6185b44281ec28c9dc>X 7 c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2 1; "
     "e swap b4e16d0168e52d35cacd2c6185b44281ec28c9dc 2 10 7",
     "in 0 out 1 candidate\n"},
    {"two pools, one behind the other", "evm:dev",
     "l X>P 10 T 0; l P>Q 7 U 1; l Q>X 5 S 2; e swap P 3 10 7; e swap Q 4 7 5",
     "in 0 out 1 proven\nin 1 out 2 proven\n"},
    {"two swaps inside one vault", "evm:dev",
     "l X>P 10 T 0; l P>X 5 S 1; e swap P 2 10 7; e swap P 3 7 5", "in 0 out 1 proven\n"},
    {"two swaps side by side", "evm:dev",
     "l X>P 10 T 0; l X>P 4 T 1; l P>X 7 S 2; l P>X 3 S 3; e swap P 4 10 7; e swap P 5 4 3",
     "in 0 in 1 out 2 out 3 proven\n"},
    {"two assets in", "evm:dev", "l X>P 10 T 0; l X>P 4 U 1; l P>X 7 S 2; e swap P 4 10 7", ""},
    {"what is given back is the same asset", "evm:dev",
     "l X>P 10 T 0; l P>X 4 T 1; e swap P 4 10 4", ""},
    {"native coin through a router, wrapped, swapped", "evm:dev",
     "v X>R 10; i R>W 10; l 0>R 10 W 0; l R>P 10 W 1; l P>X 7 U 2; e wrap W 0; e swap P 3 10 7",
     "in 1 out 2 proven\nin 3 out 4 proven\n"},
    {"a loan", "evm:dev",
     "l X>L 10 T 0; l K>X 6 U 1; e borrow L 2 0x5858585858585858585858585858585858585858 6",
     "in 0! out 1 proven\n"},
    {"a loan against what was given before", "evm:dev",
     "l K>X 6 U 0; e borrow L 2 0x5858585858585858585858585858585858585858 6", ""},
    {"a loan to nobody known", "evm:dev",
     "l X>L 10 T 0; l K>X 6 U 1; e borrow L 2 0x5a58585858585858585858585858585858585858 6", ""},
    {"a loan said badly", "evm:dev", "l X>L 10 T 0; l K>X 6 U 1; e borrow L 2 0x58 6", ""},
};

static void conversions_show(const struct route_world *w, const struct account_conversion *c,
                             size_t n, char *to, size_t room)
{
    uint64_t first = route_transfer(w, 0, 0, 0);

    *to = '\0';
    for (size_t i = 0; i < n; i++) {
        bool last = i + 1 == n || c[i + 1].group != c[i].group;

        snprintf(to + strlen(to), room - strlen(to), "%s%s %d%s",
                 i && c[i - 1].group == c[i].group ? " " : "", c[i].out ? "out" : "in",
                 (int)(c[i].transfer - first), c[i].collateral ? "!" : "");
        if (last)
            snprintf(to + strlen(to), room - strlen(to), " %s\n", move_grade_name(c[i].grade));
    }
}

static void conversions(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(conversion_rows) / sizeof(conversion_rows[0]); i++) {
        struct route_world w = {.n = 0};
        const struct account_conversion *c;
        struct routes *r;
        char got[1000];
        struct err err;
        size_t n;

        test_row("%s", conversion_rows[i].name);
        route_world_accounts(&w, conversion_rows[i].chain, conversion_rows[i].text);
        CHECK_OK(routes_new(w.ledgers, w.n, NULL, 0, NULL, 0, &r, &err), err);
        CHECK_OK(routes_conversions(r, 0, 0, &c, &n, &err), err);
        conversions_show(&w, c, n, got, sizeof(got));
        CHECK_S(got, conversion_rows[i].want);
        routes_free(r);
        route_world_free(&w);
    }
}

/* ---- cases that cross ledgers ---- */

#define X40 "0x5858585858585858585858585858585858585858"
#define C40 "0x4343434343434343434343434343434343434343"
#define HASH(b) b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b b

struct scene {
    const char *name;
    struct {
        const char *chain, *text, *scripts; /* scripts: of coins */
    } ledger[3];
    /* "LEDGER TX.PLACE", an origin of the case; TX.PLACE of coins too */
    const char *origin;
    /* "0 1.0 > 1 2.0": asserted */
    const char *asserted;
    /* links, candidates, then what is held or has ended, by ledger */
    const char *want;
};

#define LONG_MEMO "0123456789qqqqqqqqqqqqqqqqqqqq" /* of which 20 letters are beyond */

static const struct scene scenes[] = {
    {"to Bitcoin by a router, and back",
     {{"evm:dev",
       "v ->A 1000\nv A>X 100\nv X>R 80; i R>V 80; e memo R 0 =:BTC.BTC:@b:0\n"
       "v V>R 40; i R>C 40; e memo R 0 OUT:" HASH("82"),
       NULL},
      {"bitcoin:regtest", "t0: -> 500 / t1: 0.0 -> 60 430 0 / t2: 1.0 -> 50 0 9",
       "z b z OUT:" HASH("03") " y =:ETH.ETH:" C40 " b"}},
     "0 1.0",
     NULL,
     "router stated 0:3 > 1:1 80 60, 80 60\n"
     "router stated 1:4 > 0:4 50 40, 50 40\n"
     "0: X 20 held; C 40 held; origin 100 in 40 out 80\n"
     "1: 4 50 goes on; 6 9 held; origin 0 in 60 fees 1\n"},
    {"to a vault itself, by a memo in the input, and from one",
     {{"evm:dev",
       "v ->A 1000\nv A>X 80\nv X>V 80; e memo V 0 =:BTC.BTC:@b:0\n"
       "v V>C 40; e memo V 0 OUT:" HASH("82"),
       NULL},
      {"bitcoin:regtest", "t0: -> 500 / t1: 0.0 -> 60 430 0 / t2: 1.0 -> 50 0 9",
       "z b z OUT:" HASH("03") " y =:ETH.ETH:" C40 " b"}},
     "0 1.0",
     NULL,
     "router stated 0:2 > 1:1 80 60, 80 60\n"
     "router stated 1:4 > 0:3 50 40, 50 40\n"
     "0: C 40 held; origin 80 in 40 out 80\n"
     "1: 4 50 goes on; 6 9 held; origin 0 in 60 fees 1\n"},
    {"to what is no vault that is known",
     {{"ethereum", "v ->X 80\nv X>V 80; e memo V 0 =:BTC.BTC:@b:0", NULL},
      {"bitcoin:regtest", "t0: -> 500 / t1: 0.0 -> 60 430 0", "z b z OUT:" HASH("02")}},
     "0 0.0",
     NULL,
     "? router 0:1 - a contract that is not known says it\n"
     "0: V 80 held; origin 80 in 0 out 0\n"
     "1: origin 0 in 0 fees 0\n"},
    {"a payment to somebody else is not followed",
     {{"evm:dev", "v ->A 1000\nv A>X 100\nv X>R 80; i R>V 80; e memo R 0 =:BTC.BTC:@c:0", NULL},
      {"bitcoin:regtest", "t0: -> 500 / t1: 0.0 -> 60 430 0", "z b z OUT:" HASH("03")}},
     "0 1.0",
     NULL,
     "? router 0:2 1:1 what was paid is not what the memo asked for\n"
     "0: X 20 held; V 80 held; origin 100 in 0 out 0\n"
     "1: origin 0 in 0 fees 0\n"},
    {"a refund",
     {{"evm:dev",
       "v ->A 1000\nv A>X 100\nfee X 1; v X>R 80; i R>V 80; e memo R 0 =:BTC.BTC:@c:0\n"
       "v V>R 70; i R>X 70; e memo R 0 REFUND:" HASH("03"),
       NULL},
      {"bitcoin:regtest", "t0: -> 500", "z"}},
     "0 1.0",
     NULL,
     "refund stated 0:4 > 0:5 80 70, 80 70 fee 10 10\n"
     "0: X 89 held; origin 100 in 70 out 80\n"
     "1: origin 0 in 0 fees 0\n"},
    {"a swap that is filled in part, and the rest of it back",
     {{"evm:dev",
       "v ->A 1000\nv A>X 60\nv B>X 20\nfee X 0; v X>R 80; i R>V 80; e memo R 0 "
       "=<:BTC.BTC:@b:9/1/0\n"
       "v V>R 16; i R>X 16; e memo R 0 REFUND:" HASH("04"),
       NULL},
      {"bitcoin:regtest", "t0: -> 500 / t1: 0.0 -> 40 450 0", "z b z OUT:" HASH("04")}},
     "0 1.0",
     NULL,
     "router stated 0:5 > 1:1 80 40, 60 30\n"
     "refund stated 0:5 > 0:6 80 16, 60 12\n"
     "0: X 12 held; origin 60 in 12 out 60\n"
     "1: 1 30 held; origin 0 in 30 fees 0\n"},
    {"liquidity that is paid back, and some that is kept",
     {{"evm:dev",
       "v ->A 1000\nv A>X 100\nfee X 1; v X>R 60; i R>V 60; e memo R 0 +:ETH.ETH:thor1x\n"
       "v V>R 50; i R>X 50; e memo R 0 REFUND:" HASH(
           "03") "\n"
                 "fee X 1; v X>R 10; i R>V 10; e memo R 0 +:ETH.ETH:thor1x\n"
                 "v V>R 5; i R>X 5; e memo R 0 OUT:" HASH("05"),
       NULL}},
     "0 1.0",
     NULL,
     "refund stated 0:4 > 0:5 60 50, 60 50 fee 10 10\n"
     "0: X 78 held; V 10 held; origin 100 in 50 out 60\n"},
    {"to the sender's own account, since the memo names none",
     {{"evm:dev",
       "v ->A 1000\nv A>X 100\nfee X 1; v X>R 80; i R>V 80; e memo R 0 =:BASE.ETH\n"
       "fee X 1; v X>R 10; i R>V 10; e memo R 0 =:BASE.ETH",
       NULL},
      {"evm:sim",
       "v ->V 90\nv V>X 40; e memo V 0 OUT:" HASH("03") "\nv V>C 40; e memo V 0 OUT:" HASH("04"),
       NULL}},
     "0 1.0",
     NULL,
     "router stated 0:4 > 1:1 80 40, 80 40 fee 40 40\n"
     "? router 0:3 1:2 what was paid is not what the memo asked for\n"
     "0: X 8 held; V 10 held; origin 100 in 0 out 80\n"
     "1: X 40 held; origin 0 in 40 out 0\n"},
    {"a memo that goes on in the hash of a key, as routers write what is above 80 bytes",
     {{"evm:dev", "v ->A 1000\nv A>X 100\nv X>R 80; i R>V 80; e memo R 0 =:BTC.BTC:@b:0|" LONG_MEMO,
       NULL},
      {"bitcoin:regtest", "t0: -> 500 / t1: 0.0 -> 60 430 0 0",
       "z b z OUT:" HASH("03") "|0123456789^ q"}},
     "0 1.0",
     NULL,
     "router stated 0:3 > 1:1 80 60, 80 60\n"
     "0: X 20 held; origin 100 in 0 out 80\n"
     "1: 1 60 held; origin 0 in 60 fees 0\n"},
    {"one that goes on otherwise",
     {{"evm:dev", "v ->A 1000\nv A>X 100\nv X>R 80; i R>V 80; e memo R 0 =:BTC.BTC:@b:0|" LONG_MEMO,
       NULL},
      {"bitcoin:regtest", "t0: -> 500 / t1: 0.0 -> 60 430 0 0",
       "z b z OUT:" HASH("03") "|0123456789^ OUT:x"}},
     "0 1.0",
     NULL,
     "router stated 0:3 > 1:1 80 60, 80 60\n"
     "0: X 20 held; origin 100 in 0 out 80\n"
     "1: 1 60 held; origin 0 in 60 fees 0\n"},
    {"what stands behind the memo, in what is paid for it",
     {{"evm:dev", "v ->A 1000\nv A>X 100\nv X>R 80; i R>V 80; e memo R 0 =:BTC.BTC:@b:0|a:1", NULL},
      {"bitcoin:regtest", "t0: -> 500 / t1: 0.0 -> 60 430 0", "z b z OUT:" HASH("03") "|a:1"}},
     "0 1.0",
     NULL,
     "router stated 0:3 > 1:1 80 60, 80 60\n"
     "0: X 20 held; origin 100 in 0 out 80\n"
     "1: 1 60 held; origin 0 in 60 fees 0\n"},
    /* 79 bytes and ^, then q: the hash of the output behind them */
    {"from Bitcoin by a memo that goes on in an output",
     {{"evm:dev", "v ->V 1000\nv V>R 40; i R>C 40; e memo R 0 OUT:" HASH("81"), NULL},
      {"bitcoin:regtest", "t0: -> 500 / t1: 0.0 -> 9 400 0 90",
       "z z y =:ETH.ETH:" C40 ":0/1/0:tttttttttttttttttttt^ q"}},
     "1 0.0",
     NULL,
     "router stated 1:2 > 0:1 400 40, 400 40\n"
     "0: C 40 held; origin 0 in 40 out 0\n"
     "1: 1 9 held; 2 400 goes on; 4 90 held; origin 500 in 0 fees 1\n"},
    {"by a bridge, half of it tainted",
     {{"evm:dev", "l ->X 10 T 0\nl ->X 10 T 0\nl X>B 20 T 0; e out B 1 key:1\nl X>B 1 T 0", NULL},
      {"evm:sim", "l 0>Y 18 U 0; e in B 1 key:1\nl Y>Z 9 U 0", NULL}},
     "0 1.0",
     NULL,
     "bridge proven 0:2 > 1:0 20 18, 10 9\n"
     "0: origin 10 in 0 out 10\n"
     "1: Z 9 held; origin 0 in 9 out 0\n"},
    {"native coin between chains of one coin: the fee shows",
     {{"evm:dev", "v ->X 10\nv X>B 10; e out B 1 key:1", NULL},
      {"evm:sim", "v ->S 100\nv S>Y 9; e in S 1 key:1", NULL}},
     "0 0.0",
     NULL,
     "bridge proven 0:1 > 1:1 10 9, 10 9 fee 1 1\n"
     "0: origin 10 in 0 out 10\n"
     "1: Y 9 held; origin 0 in 9 out 0\n"},
    {"a key said twice",
     {{"evm:dev", "v ->X 10\nv X>B 10; e out B 1 key:1", NULL},
      {"evm:sim", "v ->S 100\nv S>Y 9; e in S 1 key:1\nv S>Y 9; e in S 1 key:1", NULL}},
     "0 0.0",
     NULL,
     "? bridge 0:1 1:1 the key is said more than once\n"
     "0: B 10 held; origin 10 in 0 out 0\n"
     "1: origin 0 in 0 out 0\n"},
    {"a key that strangers say, too, on both sides and before",
     {{"ethereum",
       "v ->X 10\nv X>Z 1; e out D 1 dln:1\n"
       "v X>ef4fb24ad0916217251f553c0596f8edc630eb66 9; "
       "e out ef4fb24ad0916217251f553c0596f8edc630eb66 1 dln:1\nv Z>X 1; e out D 1 dln:1",
       NULL},
      {"bsc",
       "v ->S 100\nv S>Z 1; e in D 1 dln:1\n"
       "v S>Y 8; e in e7351fd770a37282b91d153ee690b63579d6dd7f 1 dln:1\nv S>Z 1; e in D 1 dln:1",
       NULL}},
     "0 0.0",
     NULL,
     "bridge proven 0:2 > 1:2 9 8, 9 8\n"
     "? bridge 0:1 1:2 a contract that is not known says it\n"
     "? bridge 0:3 1:2 a contract that is not known says it\n"
     "0: X 1 held; origin 10 in 0 out 9\n"
     "1: Y 8 held; origin 0 in 8 out 0\n"},
    /* numbers 4 and 5 of a bus for three, each of its own pool; 6 waits, 7 is of two receipts */
    {"by a bus, beside others",
     {{"arbitrum",
       "l ->X 10 T 0\nv ->X 9\n"
       "v X>19cfce47ed54a88614648dc3f19a5980097007dd 1; l "
       "X>e8cdf27acd73a434d661c84887215f7598e7d0d3 6 T 0; e out "
       "19cfce47ed54a88614648dc3f19a5980097007dd 1 "
       "stargate-ride:42161:30184:5:"
       "0x0000000000000000000000005959595959595959595959595959595959595959; "
       "e out e8cdf27acd73a434d661c84887215f7598e7d0d3 2 "
       "lz2-guid:0x0000000000000000000000000000000000000000000000000000000000000000\n"
       "l X>e8cdf27acd73a434d661c84887215f7598e7d0d3 2 T 0; e out "
       "19cfce47ed54a88614648dc3f19a5980097007dd 1 "
       "stargate-ride:42161:30184:9:"
       "0x0000000000000000000000005959595959595959595959595959595959595959; e out "
       "e8cdf27acd73a434d661c84887215f7598e7d0d3 2 "
       "lz2-guid:0x0000000000000000000000000000000000000000000000000000000000000000\n"
       "v ->W 3; e in 19cfce47ed54a88614648dc3f19a5980097007dd 1 stargate-bus:42161:30184:4; e in "
       "19cfce47ed54a88614648dc3f19a5980097007dd 1 stargate-driven:3:0xab; "
       "e in D 2 stargate-bus:42161:30184:5; e in D 2 stargate-driven:3:0xcd\n"
       "l X>e8cdf27acd73a434d661c84887215f7598e7d0d3 1 T 0; e out "
       "19cfce47ed54a88614648dc3f19a5980097007dd 1 "
       "stargate-ride:42161:30184:6:"
       "0x0000000000000000000000005a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a; e out "
       "e8cdf27acd73a434d661c84887215f7598e7d0d3 2 "
       "lz2-guid:0x0000000000000000000000000000000000000000000000000000000000000000",
       NULL},
      {"base",
       "l ->27a16dc786820b16e5c9028b75b99f6f604b5d26 50 U 0; l "
       "->27a16dc786820b16e5c9028b75b99f6f604b5d26 50 V 1\n"
       "l 27a16dc786820b16e5c9028b75b99f6f604b5d26>Z 7 U 0; e in "
       "27a16dc786820b16e5c9028b75b99f6f604b5d26 1 lz2-guid:0xab; l "
       "27a16dc786820b16e5c9028b75b99f6f604b5d26>Y 5 U 2; e in "
       "27a16dc786820b16e5c9028b75b99f6f604b5d26 3 lz2-guid:0xab; "
       "l 27a16dc786820b16e5c9028b75b99f6f604b5d26>Z 8 U 4; e in "
       "27a16dc786820b16e5c9028b75b99f6f604b5d26 5 lz2-guid:0xab",
       NULL}},
     "0 0.0",
     NULL,
     "bridge proven 0:3 > 1:3 6 5, 6 5\n"
     "? bridge 0:3 - no ledger here has the other side\n"
     "? bridge 0:5 1:1 which transfer is meant is not clear\n"
     "0: X 1 held; \xe8 3 held; origin 10 in 0 out 6\n"
     "1: Y 5 held; origin 0 in 5 out 0\n"},
    {"native coin to a pool that pays the messenger out of it",
     {{"ethereum",
       "v ->X 120\nfee X 1; v X>77b2043768d28e9c9ab44e1abfc95944bce57931 103; i "
       "77b2043768d28e9c9ab44e1abfc95944bce57931>6d6620efa72948c5f68a3c8646d58c00d3f4a980 3; i "
       "6d6620efa72948c5f68a3c8646d58c00d3f4a980>E 3; e out "
       "77b2043768d28e9c9ab44e1abfc95944bce57931 1 lz2-guid:0x1\n"
       "fee X 1; v X>77b2043768d28e9c9ab44e1abfc95944bce57931 6; i "
       "77b2043768d28e9c9ab44e1abfc95944bce57931>E 1; i 77b2043768d28e9c9ab44e1abfc95944bce57931>X "
       "1; e out 77b2043768d28e9c9ab44e1abfc95944bce57931 1 lz2-guid:0x2\n"
       "fee X 1; v X>77b2043768d28e9c9ab44e1abfc95944bce57931 6; i "
       "77b2043768d28e9c9ab44e1abfc95944bce57931>E 3; e out "
       "77b2043768d28e9c9ab44e1abfc95944bce57931 1 lz2-guid:0x3",
       NULL},
      {"base",
       "v ->dc181bd607330aeebef6ea62e03e5e1fb4b6f7c7 999\ni "
       "dc181bd607330aeebef6ea62e03e5e1fb4b6f7c7>Y 99; e in "
       "dc181bd607330aeebef6ea62e03e5e1fb4b6f7c7 1 lz2-guid:0x1\n"
       "i dc181bd607330aeebef6ea62e03e5e1fb4b6f7c7>Y 4; e in "
       "dc181bd607330aeebef6ea62e03e5e1fb4b6f7c7 1 lz2-guid:0x2\ni "
       "dc181bd607330aeebef6ea62e03e5e1fb4b6f7c7>Y 3; e in "
       "dc181bd607330aeebef6ea62e03e5e1fb4b6f7c7 1 lz2-guid:0x3",
       NULL}},
     "0 0.0",
     NULL,
     "bridge proven 0:2 > 1:1 103 99, 103 99 fee 4 4\n"
     "? bridge 0:2 1:2 which transfer is meant is not clear\n"
     "? bridge 0:3 1:3 which transfer is meant is not clear\n"
     "0: X 2 held; w 12 held; origin 120 in 0 out 103\n"
     "1: Y 99 held; origin 0 in 99 out 0\n"},
    {"a key said by nobody here",
     {{"evm:dev", "v ->X 10\nv X>B 10; e out B 1 key:1", NULL}},
     "0 0.0",
     NULL,
     "? bridge 0:1 - no ledger here has the other side\n"
     "0: B 10 held; origin 10 in 0 out 0\n"},
    {"contracts that nobody knows",
     {{"ethereum", "v ->X 10\nv X>B 10; e out B 1 key:1", NULL},
      {"bsc", "v ->S 100\nv S>Y 9; e in S 1 key:1", NULL}},
     "0 0.0",
     NULL,
     "? bridge 0:1 1:1 a contract that is not known says it\n"
     "0: B 10 held; origin 10 in 0 out 0\n"
     "1: origin 0 in 0 out 0\n"},
    {"both sides say the same, which is no key",
     {{"evm:dev", "v ->X 10\nv X>B 10; e out B 1 ~like:1", NULL},
      {"evm:sim", "v ->S 100\nv S>Y 9; e in S 1 ~like:1", NULL}},
     "0 0.0",
     NULL,
     "? bridge 0:1 1:1 both sides say the same, but no number of their own\n"
     "0: B 10 held; origin 10 in 0 out 0\n"
     "1: origin 0 in 0 out 0\n"},
    {"by Celer, which pays from a pool of its own",
     {{"ethereum",
       "v ->X 10\nv X>5427fefa711eff984124bfbb1ab6fbf5e3da1820 10; "
       "e out 5427fefa711eff984124bfbb1ab6fbf5e3da1820 1 celer:1",
       NULL},
      {"bsc",
       "v ->dd90e5e87a2081dcf0391920868ebc2ffb81a1af 100\n"
       "v dd90e5e87a2081dcf0391920868ebc2ffb81a1af>Y 9; "
       "e in dd90e5e87a2081dcf0391920868ebc2ffb81a1af 1 celer:1",
       NULL}},
     "0 0.0",
     NULL,
     "bridge proven 0:1 > 1:1 10 9, 10 9\n"
     "0: origin 10 in 0 out 10\n"
     "1: Y 9 held; origin 0 in 9 out 0\n"},
    /* the depositor's tokens go by way of the forwarder, and a driver pays by way of Mayan */
    {"by an order of Mayan",
     {{"ethereum",
       "l ->X 10 T 0\nl X>F 10 T 0; l F>40ffe85a28dc9993541449464d7529a922142960 10 T 0; "
       "e out 40ffe85a28dc9993541449464d7529a922142960 1 mayan-swift:1",
       NULL},
      {"base",
       "l ->S 100 U 0\nl S>d78d199f8c402e7b5cc2abe278df0412400a3bae 8 U 0; "
       "l d78d199f8c402e7b5cc2abe278df0412400a3bae>Y 8 U 0; "
       "e in d78d199f8c402e7b5cc2abe278df0412400a3bae 1 mayan-swift:1",
       NULL}},
     "0 0.0",
     NULL,
     "bridge proven 0:2 > 1:2 10 8, 10 8\n"
     "0: origin 10 in 0 out 10\n"
     "1: Y 8 held; origin 0 in 8 out 0\n"},
    /* tokens go to a pool of Allbridge's; Wormhole's message is the same transfer's, and may still
     * be looked up */
    {"by Allbridge, over Wormhole",
     {{"ethereum",
       "l ->X 10 T 0\nl X>7dbf07ad92ed4e26d5511b4f285508ebf174135d 10 T 0; "
       "e out 98f3c9e6e3face36baad05fe09d375ef1464288b 1 wormhole:2:1:1; "
       "e out 609c690e8f7d68a59885c9132e812eebdaaf0c9e 2 allbridge:1:1",
       NULL},
      {"polygon",
       "l ->0394c4f17738a10096510832beab89a9dd090791 100 U 0\n"
       "l 0394c4f17738a10096510832beab89a9dd090791>Y 9 U 0; "
       "e in 7775d63836987f444e2f14aa0fa2602204d7d3e0 1 allbridge:1:1",
       NULL}},
     "0 0.0",
     NULL,
     "bridge proven 0:1 > 1:1 10 9, 10 9\n"
     "? bridge 0:1 - no ledger here has the other side\n"
     "0: origin 10 in 0 out 10\n"
     "1: Y 9 held; origin 0 in 9 out 0\n"},
    /* a burn, and a mint of which a fee stays with the bridge, which holds others' fees: those are
     * not what it pays */
    {"by Synapse",
     {{"arbitrum",
       "l ->X 10 T 0\nl X>0 10 T 0; e out 6f4e8eba4d337f874ab57478acc2cb5bacdc19c9 1 synapse:1",
       NULL},
      {"ethereum",
       "l 0>2796317b0ff8538f253012862c06787adfb8ceb6 50 U 0\n"
       "l 0>2796317b0ff8538f253012862c06787adfb8ceb6 10 U 0; "
       "l 2796317b0ff8538f253012862c06787adfb8ceb6>Y 9 U 0; "
       "e in 2796317b0ff8538f253012862c06787adfb8ceb6 3 synapse:1",
       NULL}},
     "0 0.0",
     NULL,
     "bridge proven 0:1 > 1:2 10 9, 10 9\n"
     "0: origin 10 in 0 out 10\n"
     "1: Y 9 held; origin 0 in 9 out 0\n"},
    /* the inbox gives what it is paid to the bridge; a deposit is issued to who sent it */
    {"ether to Arbitrum",
     {{"ethereum",
       "v ->X 10\nv X>4dbd4fc535ac27206064b68ffcf827b0a60bab3f 10; "
       "i 4dbd4fc535ac27206064b68ffcf827b0a60bab3f>8315177ab297ba92a06054ce80a67ed4dbd7ed3a 10; "
       "e out 4dbd4fc535ac27206064b68ffcf827b0a60bab3f 1 arb-in:42161:7",
       NULL},
      {"arbitrum",
       "v 0>A 3; e in 000000000000000000000000000000000000006e 0 arb-in:42161:6\n"
       "v 0>Y 10; e in 000000000000000000000000000000000000006e 0 arb-in:42161:7",
       NULL}},
     "0 0.0",
     NULL,
     "bridge proven 0:2 > 1:1 10 10, 10 10 fee 0 0\n"
     "0: origin 10 in 0 out 10\n"
     "1: Y 10 held; origin 0 in 10 out 0\n"},
    /* of a deposit of tokens, ether pays for the ticket: each goes its own way */
    {"tokens to Arbitrum",
     {{"ethereum",
       "v ->X 3; l ->X 10 T 0\nv X>R 3; i R>4dbd4fc535ac27206064b68ffcf827b0a60bab3f 3; "
       "i 4dbd4fc535ac27206064b68ffcf827b0a60bab3f>8315177ab297ba92a06054ce80a67ed4dbd7ed3a 3; "
       "l X>a3a7b6f88361f48403514059f1f16c8e78d60eec 10 T 0; "
       "e out 4dbd4fc535ac27206064b68ffcf827b0a60bab3f 2 arb-in:42161:7; "
       "e out a3a7b6f88361f48403514059f1f16c8e78d60eec 3 arb-token:42161:7",
       NULL},
      {"arbitrum",
       "v 0>A 3; e in 000000000000000000000000000000000000006e 0 arb-in:42161:7\n"
       "l 0>Y 10 U 0; e in 000000000000000000000000000000000000006e 0 arb-token:42161:7",
       NULL}},
     "0 0.0",
     NULL,
     "bridge proven 0:4 > 1:0 3 3, 3 3 fee 0 0\n"
     "0: origin 3 in 0 out 3\n"
     "1: A 3 held; origin 0 in 3 out 0\n"},
    {"tokens to Arbitrum, of which nobody saw the ether move on",
     {{"ethereum",
       "v ->X 3; l ->X 10 T 0\nv X>R 3; l X>a3a7b6f88361f48403514059f1f16c8e78d60eec 10 T 0; "
       "e out 4dbd4fc535ac27206064b68ffcf827b0a60bab3f 2 arb-in:42161:7; "
       "e out a3a7b6f88361f48403514059f1f16c8e78d60eec 3 arb-token:42161:7",
       NULL},
      {"arbitrum",
       "v 0>A 3; e in 000000000000000000000000000000000000006e 0 arb-in:42161:7\n"
       "l 0>Y 10 U 0; e in 000000000000000000000000000000000000006e 0 arb-token:42161:7",
       NULL}},
     "0 0.1",
     NULL,
     "bridge proven 0:3 > 1:1 10 10, 10 10\n"
     "? bridge 0:1 1:0 which transfer is meant is not clear\n"
     "0: origin 10 in 0 out 10\n"
     "1: Y 10 held; origin 0 in 10 out 0\n"},
    /* Hop sends by the chain's own bridge, which says a key, too: as of the data's receipt
     * 0xac42ca2d..., and of 0xd4664041... */
    {"by Hop, in a message of the inbox",
     {{"ethereum",
       "l ->X 10 T 0\nl X>3666f603cc164936c1b87e207f36beba4ac5f18a 10 T 0; "
       "e out 4dbd4fc535ac27206064b68ffcf827b0a60bab3f 2 arb-in:42161:7; "
       "e out 3666f603cc164936c1b87e207f36beba4ac5f18a 3 hop-l1:42161:0x1:10:1",
       NULL},
      {"arbitrum",
       "v 0>A 3; e in 000000000000000000000000000000000000006e 0 arb-in:42161:7\n"
       "l 0>Y 9 U 2; e in 000000000000000000000000000000000000006e 0 arb-token:42161:7; "
       "e in ea5abf2c909169823d939de377ef2bf897a6ce98 3 hop-l1:42161:0x1:10:1",
       NULL}},
     "0 0.0",
     NULL,
     "bridge proven 0:1 > 1:1 10 9, 10 9\n"
     "? bridge 0:1 1:0 which transfer is meant is not clear\n"
     "0: origin 10 in 0 out 10\n"
     "1: Y 9 held; origin 0 in 9 out 0\n"},
    {"ether by Hop, in a message of the OP stack",
     {{"ethereum",
       "v ->X 10\nv X>b8901acb165ed027e32754e0ffe830802919727f 10; "
       "e out beb5fc579115071764c7423a4f12edde41f106ed 1 op-message:0x1; "
       "e out b8901acb165ed027e32754e0ffe830802919727f 3 hop-l1:10:0x1:10:1",
       NULL},
      {"optimism",
       "l 0>83f6244bd87662118d96d9a6d44f09dfff14b30e 10 H 1; "
       "l 83f6244bd87662118d96d9a6d44f09dfff14b30e>Y 10 H 2; "
       "e in 83f6244bd87662118d96d9a6d44f09dfff14b30e 3 hop-l1:10:0x1:10:1; "
       "e in 4200000000000000000000000000000000000007 4 op-message:0x1",
       NULL}},
     "0 0.0",
     NULL,
     "bridge proven 0:1 > 1:1 10 10, 10 10\n"
     "? bridge 0:1 1:0 which transfer is meant is not clear\n"
     "0: origin 10 in 0 out 10\n"
     "1: Y 10 held; origin 0 in 10 out 0\n"},
    /* a mailbox carries for a token that nobody knows: its burn is clear, its vault is not */
    {"by Hyperlane, burned, and locked with a stranger",
     {{"ethereum",
       "l ->X 10 T 0\n"
       "l X>0 4 T 0; e out c005dc82818d67af737725bd4bf75435d065d239 1 hyperlane:1\n"
       "l X>V 6 T 0; e out c005dc82818d67af737725bd4bf75435d065d239 1 hyperlane:2",
       NULL},
      {"base",
       "l 0>Y 4 U 0; e in ea87ae93fa0019a82a727bfd3ebd1cfca8f64f1d 1 hyperlane:1\n"
       "l 0>Z 6 U 0; e in ea87ae93fa0019a82a727bfd3ebd1cfca8f64f1d 1 hyperlane:2",
       NULL}},
     "0 0.0",
     NULL,
     "bridge proven 0:1 > 1:0 4 4, 4 4\n"
     "? bridge 0:2 1:1 which transfer is meant is not clear\n"
     "0: V 6 held; origin 10 in 0 out 4\n"
     "1: Y 4 held; origin 0 in 4 out 0\n"},
    /* a messenger takes any message: what went to a stranger has not left with it */
    {"beside a known bridge, to a stranger",
     {{"ethereum",
       "v ->X 10\nv X>Y 10; e out beb5fc579115071764c7423a4f12edde41f106ed 1 op-message:1", NULL},
      {"optimism",
       "v ->S 100\nv S>Z 1; e in 4200000000000000000000000000000000000007 1 op-message:1", NULL}},
     "0 0.0",
     NULL,
     "? bridge 0:1 1:1 which transfer is meant is not clear\n"
     "0: Y 10 held; origin 10 in 0 out 0\n"
     "1: origin 0 in 0 out 0\n"},
    {"to a bridge's vault, with a fee to a stranger",
     {{"ethereum",
       "l ->X 10 T 0\nv ->X 3\nv X>Y 3; l X>99c9fc46f92e8a1c0dec1b1747d010903e884be1 10 T 0; "
       "e out beb5fc579115071764c7423a4f12edde41f106ed 1 op-message:1",
       NULL},
      {"optimism", "l 0>Z 10 U 0; e in 4200000000000000000000000000000000000007 1 op-message:1",
       NULL}},
     "0 0.0",
     NULL,
     "bridge proven 0:3 > 1:0 10 10, 10 10\n"
     "0: origin 10 in 0 out 10\n"
     "1: Z 10 held; origin 0 in 10 out 0\n"},
    /* an order of deBridge lies with an account of its own, which its event names */
    {"from Solana by what an order's account holds, and without its name",
     {{"solana",
       "i ->X 10\n"
       "i X>H 6; i X>F 1; "
       "e out 0d0720fe448de59d8811e24d6df917dc8d0d98b392ddf4dd2b622a747a60fded 1 dln:1; "
       "e holder H 1\n"
       "i X>H 2; e out 0d0720fe448de59d8811e24d6df917dc8d0d98b392ddf4dd2b622a747a60fded 1 dln:2",
       NULL},
      {"ethereum",
       "v ->S 100\nv S>Y 5; e in e7351fd770a37282b91d153ee690b63579d6dd7f 1 dln:1\n"
       "v S>Z 1; e in e7351fd770a37282b91d153ee690b63579d6dd7f 1 dln:2",
       NULL}},
     "0 0.0",
     NULL,
     "bridge proven 0:1 > 1:1 6 5, 6 5\n"
     "? bridge 0:2 1:2 which transfer is meant is not clear\n"
     "0: X 1 held; H 2 held; F 1 held; origin 10 in 0 out 6\n"
     "1: Y 5 held; origin 0 in 5 out 0\n"},
    {"from a program of Solana that nobody knows",
     {{"solana",
       "i ->X 10\n"
       "i X>H 10; "
       "e out 0d0720fe448de59d8811e24d6df917dc8d0d98b392ddf4dd2b622a747a60fdee 1 dln:1; "
       "e holder H 1",
       NULL},
      {"ethereum", "v ->S 100\nv S>Y 5; e in e7351fd770a37282b91d153ee690b63579d6dd7f 1 dln:1",
       NULL}},
     "0 0.0",
     NULL,
     "? bridge 0:1 1:1 a contract that is not known says it\n"
     "0: H 10 held; origin 10 in 0 out 0\n"
     "1: origin 0 in 0 out 0\n"},
    {"which transfer is not clear",
     {{"evm:dev", "v ->X 10\nv X>B 6; l X>C 3 T 0; e out D 1 key:1", NULL},
      {"evm:sim", "v ->S 100\nv S>Y 9; e in S 1 key:1", NULL}},
     "0 0.0",
     NULL,
     "? bridge 0:1 1:1 which transfer is meant is not clear\n"
     "0: X 4 held; B 6 held; origin 10 in 0 out 0\n"
     "1: origin 0 in 0 out 0\n"},
    {"asserted: a token stolen, native coin spent",
     {{"evm:dev", "l 0>X 100 T 0\nl X>M 100 T 0\nv M>X 30\nv X>Y 30", NULL}},
     "0 0.0",
     "0 1.0 > 0 2.0",
     "asserted stated 0:1 > 0:2 100 30, 100 30\n"
     "0: Y 30 held; origin 100 in 30 out 100\n"},
    {"asserted: the first of several",
     {{"evm:dev", "l 0>X 100 T 0\nl X>M 40 T 0\nv M>X 30\nv X>Y 30", NULL}},
     "0 0.0",
     "0 1.0 > 0 2.0",
     "asserted stated 0:1 > 0:2 40 30, 40 30\n"
     "0: X 60 held; Y 30 held; origin 100 in 30 out 40\n"},
    {"round and round",
     {{"evm:dev",
       "v ->X 10\nv X>B 10; e out B 1 key:1\nv S>X 8; e in S 1 key:2\nv X>B 8; e out B 1 key:3\n",
       NULL},
      {"evm:sim",
       "v ->S 100\nv S>Y 9; e in S 1 key:1\nv Y>B 9; e out B 1 key:2\nv S>Y 7; e in S 1 key:3",
       NULL}},
     "0 0.0",
     NULL,
     "bridge proven 0:1 > 1:1 10 9, 10 9 fee 1 1\n"
     "bridge proven 0:3 > 1:3 8 7, 8 7 fee 1 1\n"
     "bridge proven 1:2 > 0:2 9 8, 9 8 fee 1 1\n"
     "0: origin 10 in 8 out 18\n"
     "1: Y 7 held; origin 0 in 16 out 9\n"},
    {"swapped, then bridged",
     {{"evm:dev",
       "l ->X 10 T 0\nl X>P 10 T 0; l P>X 70 U 1; e swap P 2 10 70\nl X>0 70 U 0; e out B 1 key:1",
       NULL},
      {"evm:sim", "l 0>Y 70 U 0; e in B 1 key:1", NULL}},
     "0 0.0",
     NULL,
     "swap proven 0:1 > 0:2 10 70, 10 70\n"
     "bridge proven 0:3 > 1:0 70 70, 70 70\n"
     "0: origin 10 in 70 out 80\n"
     "1: Y 70 held; origin 0 in 70 out 0\n"},
    {"collateral stops, the loan goes on",
     {{"evm:dev", "l ->X 10 T 0\nl X>L 10 T 0; l K>X 6 U 1; e borrow L 2 " X40 " 6\nl X>Y 6 U 0",
       NULL}},
     "0 0.0",
     NULL,
     "loan proven 0:1 > 0:2 10 6, 10 6\n"
     "0: L 10 collateral; Y 6 held; origin 10 in 6 out 0\n"},
};

static const char *place_read(const struct route_world *w, const char *s, struct route_leg *ret)
{
    char *end;
    uint64_t tx, place;

    ret->ledger = (uint32_t)strtoul(s, &end, 10);
    tx = strtoul(end, &end, 10);
    CHECK(*end == '.' && ret->ledger < w->n);
    place = strtoul(end + 1, &end, 10);
    if (w->ledgers[ret->ledger].coins) {
        const struct coins *c = w->ledgers[ret->ledger].coins;

        CHECK(tx < c->txs_n);
        ret->id = coins_outputs(c, (uint32_t)tx).first + place;
        ret->amount = u256_of(coins_value(c, ret->id));
    } else {
        CHECK(w->ledgers[ret->ledger].accounts);
        ret->id = route_transfer(w, ret->ledger, tx, place);
        ret->amount = accounts_transfer(w->ledgers[ret->ledger].accounts, ret->id).credit;
    }
    return end;
}

static void put_legs(char *to, size_t room, const struct route_leg *legs, size_t n)
{
    for (size_t i = 0; i < n; i++)
        snprintf(to + strlen(to), room - strlen(to), "%s%u:%d", i ? "," : "", legs[i].ledger,
                 (int)legs[i].id);
}

static void put_account(const struct route_ledger *l, const struct account_balance *b, char *to,
                        size_t room)
{
    struct bytes key = l->key(l->ctx, accounts_holding(l->accounts, b->holding).account);
    const char *stop =
        b->stop == STOP_NONE ? "held" : account_stop_name((enum account_stop)b->stop);

    snprintf(to + strlen(to), room - strlen(to), " %c %d %s;", key.n ? key.p[0] : '-',
             (int)b->taint.w[0], stop);
}

static void put_ledger_of_accounts(const struct route_ledger *l, const struct account_trace *t,
                                   char *to, size_t room)
{
    uint64_t origin = 0, in = 0, out = 0;

    for (size_t i = 0; i < t->balances_n; i++)
        put_account(l, &t->balances[i], to, room);
    for (size_t i = 0; i < t->totals_n; i++) {
        origin += t->totals[i].origin.w[0];
        in += t->totals[i].converted_in.w[0];
        out += t->totals[i].converted_out.w[0];
    }
    snprintf(to + strlen(to), room - strlen(to), " origin %d in %d out %d\n", (int)origin, (int)in,
             (int)out);
}

static void put_ledger_of_coins(const struct trace *t, char *to, size_t room)
{
    for (size_t i = 0; i < t->reached_n; i++)
        if (t->reached[i].stop == ROUTES_STOP || t->reached[i].spent_by == COINS_TX_NONE)
            snprintf(to + strlen(to), room - strlen(to), " %d %d %s;", (int)t->reached[i].output,
                     (int)t->reached[i].taint,
                     t->reached[i].stop == ROUTES_STOP ? "goes on" : "held");
    snprintf(to + strlen(to), room - strlen(to), " origin %d in %d fees %d\n",
             (int)t->totals.origin, (int)t->totals.converted_in, (int)t->totals.fees);
}

static void show(const struct route_world *w, const struct routes_trace *t, char *to, size_t room)
{
    *to = '\0';
    for (size_t i = 0; i < t->links_n; i++) {
        const struct route_link *l = &t->links[i];

        snprintf(to + strlen(to), room - strlen(to), "%s %s ", route_rule_name(l->rule),
                 move_grade_name(l->grade));
        put_legs(to, room, l->from, l->from_n);
        snprintf(to + strlen(to), room - strlen(to), " > ");
        put_legs(to, room, l->to, l->to_n);
        snprintf(to + strlen(to), room - strlen(to), " %d %d, %d %d", (int)l->amount_in.w[0],
                 (int)l->amount_out.w[0], (int)l->taint_in.w[0], (int)l->taint_out.w[0]);
        if (l->same_coin)
            snprintf(to + strlen(to), room - strlen(to), " fee %d %d", (int)l->fee.w[0],
                     (int)l->fee_taint.w[0]);
        snprintf(to + strlen(to), room - strlen(to), "\n");
    }
    for (size_t i = 0; i < t->candidates_n; i++) {
        const struct route_candidate *c = &t->candidates[i];

        snprintf(to + strlen(to), room - strlen(to), "? %s %u:%d ", route_rule_name(c->rule),
                 c->ledger, (int)c->tx);
        if (c->other == ACCOUNTS_NONE)
            snprintf(to + strlen(to), room - strlen(to), "- %s\n", c->ground);
        else
            snprintf(to + strlen(to), room - strlen(to), "%u:%d %s\n", c->other_ledger,
                     (int)c->other, c->ground);
    }
    for (size_t i = 0; i < w->n; i++) {
        snprintf(to + strlen(to), room - strlen(to), "%d:", (int)i);
        if (w->ledgers[i].coins)
            put_ledger_of_coins(&t->coins[i], to, room);
        else
            put_ledger_of_accounts(&w->ledgers[i], &t->accounts[i], to, room);
    }
}

/* "@b" in a text is the address of letter b on Bitcoin's regtest. */
static char *addressed(const char *text)
{
    size_t room = strlen(text) + 4096, n = 0;
    char *to = calloc(1, room);

    CHECK(to);
    for (const char *at = text; *at && n < room - 1; at++)
        if (*at == '@' && at[1]) {
            char address[ADDRESS_BYTES_MAX];

            route_address("bitcoin:regtest", *++at, address);
            n += (size_t)snprintf(to + n, room - n, "%s", address);
        } else {
            to[n++] = *at;
        }
    return to;
}

static void scene_make(struct route_world *w, const struct scene *s)
{
    memset(w, 0, sizeof(*w));
    for (size_t i = 0; i < 3 && s->ledger[i].chain; i++) {
        char *text = addressed(s->ledger[i].text);

        if (s->ledger[i].scripts)
            route_world_coins(w, s->ledger[i].chain, text, s->ledger[i].scripts);
        else
            route_world_accounts(w, s->ledger[i].chain, text);
        free(text);
    }
}

struct asked {
    struct account_origin account_origin;
    uint64_t coin_origin;
    struct account_case accounts[ROUTE_WORLD_LEDGERS];
    struct trace_case coins[ROUTE_WORLD_LEDGERS];
    struct route_leg from, to;
    struct route_asserted asserted;
    size_t asserted_n;
};

static void scene_ask(const struct route_world *w, const struct scene *s, enum trace_policy policy,
                      struct asked *q)
{
    struct route_leg origin;

    memset(q, 0, sizeof(*q));
    place_read(w, s->origin, &origin);
    q->account_origin = (struct account_origin){.transfer = origin.id, .taint = origin.amount};
    q->coin_origin = origin.id;
    for (size_t i = 0; i < w->n; i++) {
        q->accounts[i] = (struct account_case){.policy = policy, .hops_max = TRACE_HOPS_NONE};
        q->coins[i] = (struct trace_case){.policy = policy, .hops_max = TRACE_HOPS_NONE};
        if (i == origin.ledger && w->ledgers[i].coins) {
            q->coins[i].origins = &q->coin_origin;
            q->coins[i].origins_n = 1;
        } else if (i == origin.ledger) {
            q->accounts[i].origins = &q->account_origin;
            q->accounts[i].origins_n = 1;
        }
    }
    if (!s->asserted)
        return;
    place_read(w, place_read(w, s->asserted, &q->from) + 3, &q->to);
    q->asserted = (struct route_asserted){&q->from, &q->to, 1, 1, "somebody"};
    q->asserted_n = 1;
}

static bool scene_run(const struct route_world *w, const struct asked *q, struct arena *a,
                      struct routes_trace *ret, struct err *err)
{
    struct routes_case c = {q->accounts, q->coins};
    struct routes *r;
    bool ok;

    if (!routes_new(w->ledgers, w->n, NULL, 0, &q->asserted, q->asserted_n, &r, err))
        return false;
    ok = routes_run(a, r, &c, 1, ret, err);
    routes_free(r);
    return ok;
}

static void scenes_by_hand(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_MAX);
        struct route_world w;
        struct routes_trace t;
        struct asked q;
        char got[4000];
        struct err err;

        test_row("%s", scenes[i].name);
        scene_make(&w, &scenes[i]);
        scene_ask(&w, &scenes[i], TRACE_FIFO, &q);
        CHECK_OK(scene_run(&w, &q, a, &t, &err), err);
        show(&w, &t, got, sizeof(got));
        CHECK_S(got, scenes[i].want);
        arena_free(a);
        route_world_free(&w);
    }
}

/* ---- contracts that the caller names ---- */

#define KEY(c) ((struct bytes){(const uint8_t *)c c c c c c c c c c c c c c c c c c c c, 20})

/* A bridge that nobody knows, named on both sides: followed, and no better than whoever says so.
 * Named on one side: not followed. What an assertion says of the same transfer is not needed. */
static void named_by_the_caller(void **state)
{
    static const struct {
        const char *name, *asserted, *want;
        size_t trusts_n, used_n;
        const char *left;
    } rows[] = {
        {"both sides", NULL, "bridge stated 0:1 > 1:1 10 9, 10 9\n", 2, 2, "B"},
        {"both sides, and asserted", "0 1.0 > 1 1.0", "bridge stated 0:1 > 1:1 10 9, 10 9\n", 2, 2,
         "B"},
        {"one side", NULL, "? bridge 0:1 1:1 a contract that is not known says it\n", 1, 1, "B"},
        /* the one that says so is known, the one that takes the value is named */
        {"a vault", NULL, "bridge stated 0:1 > 1:1 10 9, 10 9\n", 2, 3,
         "beb5fc579115071764c7423a4f12edde41f106ed"},
    };
    char left[100];
    struct scene s = {
        .ledger = {{"ethereum", left, NULL}, {"bsc", "v ->S 100\nv S>Y 9; e in S 1 key:1", NULL}},
        .origin = "0 0.0"};
    const struct route_trust trusts[] = {{chain_by_name("ethereum"), KEY("B"), "a bridge"},
                                         {chain_by_name("bsc"), KEY("S"), "its other side"}};

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_MAX);
        const struct route_used *used;
        struct routes_trace t;
        struct route_world w;
        struct routes *r;
        struct asked q;
        char got[4000];
        struct err err;
        size_t n;

        test_row("%s", rows[i].name);
        s.asserted = rows[i].asserted;
        snprintf(left, sizeof(left), "v ->X 10\nv X>B 10; e out %s 1 key:1", rows[i].left);
        scene_make(&w, &s);
        scene_ask(&w, &s, TRACE_FIFO, &q);
        CHECK_OK(routes_new(w.ledgers, w.n, trusts, rows[i].trusts_n, &q.asserted, q.asserted_n, &r,
                            &err),
                 err);
        CHECK_OK(routes_run(a, r, &(struct routes_case){q.accounts, q.coins}, 1, &t, &err), err);
        show(&w, &t, got, sizeof(got));
        CHECK(!strncmp(got, rows[i].want, strlen(rows[i].want)));
        CHECK_U(t.links_n, rows[i].trusts_n == 2);
        CHECK_OK(routes_used(r, &used, &n, &err), err);
        CHECK_U(n, rows[i].used_n);
        for (size_t k = 0; k < n; k++) {
            bool built_in = used[k].grade == MOVE_PROVEN;

            CHECK_S(used[k].name, built_in ? "OP Mainnet portal" : trusts[used[k].ledger].name);
            CHECK(!built_in || rows[i].used_n == 3);
        }
        routes_free(r);
        arena_free(a);
        route_world_free(&w);
    }
}

/* From Bitcoin to the XRP Ledger, whose addresses are not hex, paid by a vault that the caller
 * names or does not. */
static void to_a_chain_with_other_addresses(void **state)
{
    const struct chain *xrpl = chain_by_name("xrpl");
    const struct route_trust trusts[] = {{xrpl, KEY("V"), "a vault"}};
    static const char *const wants[] = {
        "? router 0:1 1:1 what was paid is not what the memo asked for\n"
        "0: 1 100 held; 2 399 held; origin 500 in 0 fees 1\n"
        "1: origin 0 in 0 out 0\n",
        "router stated 0:1 > 1:1 100 40, 100 40\n"
        "0: 1 100 goes on; 2 399 held; origin 500 in 0 fees 1\n"
        "1: C 40 held; origin 0 in 40 out 0\n"};
    char name[ACCOUNT_NAME_MAX], scripts[ACCOUNT_NAME_MAX + 30];

    (void)state;
    account_name(xrpl, KEY("C"), name);
    snprintf(scripts, sizeof(scripts), "z b z =:XRP.XRP:%s", name);
    for (size_t i = 0; i < 2; i++) {
        const struct scene s = {
            .ledger = {{"bitcoin:regtest", "t0: -> 500 / t1: 0.0 -> 100 399 0", scripts},
                       {"xrpl", "v ->V 50\nv V>C 40; e memo V 0 OUT:" HASH("81"), NULL}},
            .origin = "0 0.0"};
        struct arena *a = arena_new(NULL, ARENA_MAX);
        struct routes_trace t;
        struct route_world w;
        struct routes *r;
        struct asked q;
        char got[4000];
        struct err err;

        test_row("%zu named", i);
        scene_make(&w, &s);
        scene_ask(&w, &s, TRACE_FIFO, &q);
        CHECK_OK(routes_new(w.ledgers, w.n, trusts, i, NULL, 0, &r, &err), err);
        CHECK_OK(routes_run(a, r, &(struct routes_case){q.accounts, q.coins}, 1, &t, &err), err);
        show(&w, &t, got, sizeof(got));
        CHECK_S(got, wants[i]);
        routes_free(r);
        arena_free(a);
        route_world_free(&w);
    }
}

struct hashes {
    uint64_t at[64];
    size_t n;
};

static void hash_add(void *ctx, uint64_t key)
{
    struct hashes *h = ctx;

    CHECK(h->n < 64);
    h->at[h->n++] = key;
}

/* New outputs of coins tell what they are for, in one output or two, by the same key as a trace has
 * asked for. */
static void payments_to_come(void **state)
{
    static const struct {
        const char *behind, *scripts;
        bool tells;
    } new_outputs[] = {
        {"", "z b z OUT:" HASH("03") " q", true},
        {"|" LONG_MEMO, "z b z OUT:" HASH("03") "|0123456789^ q", true},
        {"|" LONG_MEMO, "z b z OUT:" HASH("04") "|0123456789^ q", false},
        {"|" LONG_MEMO, "z b z =:ETH.ETH:" HASH("03") "|0123456789^ q", false},
        {"", "z b z OUT:FDEAB9ACF3710362BD2658CDC9A29E8F9C757FCF9811603A8C447CD1D9151108 q", false},
        {"",
         "z b z OUT:1GMkH3brNXiNNs1tiFZHu4yZSRrzJwxi5wB9bHFtMinfCXNnR1adh8Vo8NTheK4evneedH4qmvj^ "
         "+eqcBBNAefgS",
         false}};
    const size_t signed_from = 4;
    uint64_t before = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(new_outputs) / sizeof(new_outputs[0]); i++) {
        const uint64_t none[ROUTE_WORLD_LEDGERS] = {0};
        struct hashes asked_for = {.n = 0}, told = {.n = 0};
        struct route_keys *keys = route_keys_new();
        struct arena *a = arena_new(NULL, ARENA_MAX);
        struct scene s = {.origin = "0 1.0"};
        struct routes_trace trace;
        struct route_world w;
        struct routes *r;
        struct asked q;
        char line[400];
        bool tells = false;
        struct err err;

        test_row("%zu", i);
        CHECK(keys);
        snprintf(line, sizeof(line),
                 "v ->A 1000\nv A>X 100\nv X>R 80; i R>V 80; e memo R 0 =:BTC.BTC:@b:0%s",
                 new_outputs[i].behind);
        s.ledger[0].chain = "evm:dev";
        s.ledger[0].text = line;
        s.ledger[1].chain = "bitcoin:regtest";
        s.ledger[1].text = "t0: -> 500 / t1: 0.0 -> 60 430 0 0";
        s.ledger[1].scripts = new_outputs[i].scripts;
        scene_make(&w, &s);
        scene_ask(&w, &s, TRACE_FIFO, &q);
        CHECK_OK(routes_new(w.ledgers, w.n, NULL, 0, NULL, 0, &r, &err), err);
        routes_lend(r, keys, hash_add, &asked_for);
        CHECK_OK(routes_run(a, r, &(struct routes_case){q.accounts, q.coins}, 1, &trace, &err),
                 err);
        CHECK_OK(route_keys_grow(keys, w.ledgers, w.n, none, hash_add, &told, &err), err);
        for (size_t x = 0; x < asked_for.n; x++)
            for (size_t y = 0; y < told.n; y++)
                tells |= asked_for.at[x] == told.at[y];
        CHECK_U(tells, new_outputs[i].tells);
        if (i >= signed_from) { /* the same of a signature as of its SHA-256 */
            CHECK_U(told.n, 1);
            CHECK(i == signed_from || told.at[0] == before);
            before = told.at[0];
        }
        routes_free(r);
        route_keys_free(keys);
        arena_free(a);
        route_world_free(&w);
    }
}

/* A transaction of more transfers than are looked into: it says so, and is not passed over. */
static void more_than_is_looked_into(void **state)
{
    static const char *const wants[] = {
        "bridge proven 0:4096 > 1:0 9 8, 9 8\n",
        "? bridge 0:1 - it moves or says more than is looked into\n"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct text t = text_new((size_t)1 << 17);
        struct scene s = {.origin = "0 0.0"};
        struct arena *a = arena_new(NULL, ARENA_MAX);
        struct routes_trace trace;
        struct route_world w;
        struct routes *r;
        struct asked q;
        char got[4000];
        struct err err;

        test_row("%zu more", i);
        text_str(&t, "l ->X 9 T 0\n");
        for (size_t k = 0; k < ROUTES_LEGS_MAX - 1 + i; k++)
            text_str(&t, "v Q>Q 1; ");
        text_str(&t, "l X>B 9 T 0; e out B 1 key:1");
        s.ledger[0].chain = "evm:dev";
        s.ledger[0].text = text_string(&t);
        s.ledger[1].chain = "evm:sim";
        s.ledger[1].text = "l 0>Y 8 U 0; e in B 1 key:1";
        scene_make(&w, &s);
        scene_ask(&w, &s, TRACE_FIFO, &q);
        CHECK_OK(routes_new(w.ledgers, w.n, NULL, 0, NULL, 0, &r, &err), err);
        CHECK_OK(routes_run(a, r, &(struct routes_case){q.accounts, q.coins}, 1, &trace, &err),
                 err);
        show(&w, &trace, got, sizeof(got));
        got[strlen(wants[i]) < sizeof(got) ? strlen(wants[i]) : 0] = '\0';
        CHECK_S(got, wants[i]);
        routes_free(r);
        arena_free(a);
        route_world_free(&w);
        text_free(&t);
    }
}

/* A pool that the caller names, one that a factory made, and one that is both: the chain's word is
 * the better one. */
static void named_pools(void **state)
{
    static const char line[] = "l X>P 10 T 0; l P>X 7 U 1; e swap P 2 10 7; "
                               "l X>b4e16d0168e52d35cacd2c6185b44281ec28c9dc 10 "
                               "a0b86991c6218b36c1d19d4a2e9eb0ce3606eb48 3; "
                               "l b4e16d0168e52d35cacd2c6185b44281ec28c9dc>X 7 "
                               "c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2 4; "
                               "e swap b4e16d0168e52d35cacd2c6185b44281ec28c9dc 5 10 7";
    static const uint8_t pair[] = {0xb4, 0xe1, 0x6d, 0x01, 0x68, 0xe5, 0x2d, 0x35, 0xca, 0xcd,
                                   0x2c, 0x61, 0x85, 0xb4, 0x42, 0x81, 0xec, 0x28, 0xc9, 0xdc};
    const struct route_trust trusts[] = {
        {chain_by_name("ethereum"), KEY("P"), "a pool"},
        {chain_by_name("ethereum"), {pair, sizeof(pair)}, "what is known already"},
        {chain_by_name("bsc"), KEY("P"), "elsewhere"}};
    const struct account_conversion *c;
    const struct route_used *used;
    struct route_world w = {.n = 0};
    struct routes *r;
    char got[1000];
    struct err err;
    size_t n;

    (void)state;
    route_world_accounts(&w, "ethereum", line);
    CHECK_OK(routes_new(w.ledgers, w.n, trusts, 3, NULL, 0, &r, &err), err);
    CHECK_OK(routes_conversions(r, 0, 0, &c, &n, &err), err);
    conversions_show(&w, c, n, got, sizeof(got));
    CHECK_S(got, "in 0 out 1 stated\nin 2 out 3 proven\n");
    CHECK_OK(routes_used(r, &used, &n, &err), err);
    CHECK_U(n, 2);
    CHECK_S(used[0].name, "a pool"); /* 0x50.. before 0xb4.. */
    CHECK_U(used[0].grade, MOVE_STATED);
    CHECK_S(used[1].name, "Uniswap V2 pair");
    CHECK_U(used[1].grade, MOVE_PROVEN);
    routes_free(r);
    route_world_free(&w);
}

/* Under every conserving policy what a link carries on is the share of what went in, and no ledger
 * loses a unit: the engines assert the rest. */
static void shares_by_every_policy(void **state)
{
    static const enum trace_policy policies[] = {TRACE_FIFO, TRACE_LIFO, TRACE_HAIRCUT, TRACE_TIHO,
                                                 TRACE_POISON};

    (void)state;
    for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
        struct route_world w;

        scene_make(&w, &scenes[i]);
        for (size_t k = 0; k < sizeof(policies) / sizeof(policies[0]); k++) {
            struct arena *a = arena_new(NULL, ARENA_MAX);
            struct routes_trace t;
            struct asked q;
            struct err err;

            test_row("%s by %s", scenes[i].name, trace_policy_name(policies[k]));
            scene_ask(&w, &scenes[i], policies[k], &q);
            CHECK_OK(scene_run(&w, &q, a, &t, &err), err);
            for (size_t n = 0; n < t.links_n; n++) {
                const struct route_link *l = &t.links[n];

                CHECK_U(l->taint_out.w[0],
                        l->taint_in.w[0] * l->amount_out.w[0] / l->amount_in.w[0]);
                CHECK(!l->same_coin || l->taint_out.w[0] + l->fee_taint.w[0] == l->taint_in.w[0]);
            }
            arena_free(a);
        }
        route_world_free(&w);
    }
}

/* ---- random worlds ---- */

static char random_account(struct test_random *r)
{
    return "ABCDEXYZ"[test_below(r, 8)];
}

/* One transaction: something that a route is made of, told rightly as a rule, among other moves. */
static void random_line(struct test_random *r, unsigned ledger, char *to, size_t room)
{
    char x = random_account(r), y = random_account(r), noise[200] = "";
    int in = 1 + (int)test_below(r, 20), out = 1 + (int)test_below(r, 20);
    int said = test_below(r, 8) ? out : out + 1, key = (int)test_below(r, 30);

    if (!test_below(r, 3))
        snprintf(noise, sizeof(noise), "l %c>%c %d %c 9;", random_account(r), random_account(r),
                 1 + (int)test_below(r, 9), "TU"[test_below(r, 2)]);
    switch (test_below(r, 8)) {
    case 0:
        snprintf(to, room, "l %c>P %d T 0; l P>%c %d U 1; %s e swap P 10 %d %d", x, in, y, out,
                 noise, in, said);
        break;
    case 1:
        snprintf(to, room, "v %c>P %d; l P>%c %d T 1; %s e swap P 10 %d %d", x, in, y, out, noise,
                 in, said);
        break;
    case 2:
        snprintf(to, room,
                 "l %c>P %d T 0; l P>Q %d U 1; l Q>%c %d S 2; %s e swap P 10 %d %d; "
                 "e swap Q 11 %d %d",
                 x, in, out, y, in, noise, in, out, out, said == out ? in : in + 1);
        break;
    case 3:
        snprintf(to, room, "v %c>W %d; l 0>%c %d W 0; %s e wrap W 0", x, in, y,
                 said == out ? in : 1, noise);
        break;
    case 4:
        snprintf(to, room, "i W>%c %d; l %c>0 %d W 0; %s e unwrap W 0", y, in, x, in, noise);
        break;
    case 5:
        snprintf(to, room, "l %c>%s %d T 0; %s e out B 10 %u:%d", x, test_below(r, 2) ? "B" : "0",
                 in, noise, ledger, key);
        break;
    case 6:
        snprintf(to, room, "l %s>%c %d T 0; %s e in B 10 %u:%d", test_below(r, 2) ? "B" : "0", x,
                 in, noise, 1 - ledger, key);
        break;
    default:
        snprintf(to, room, "v %c>%c %d; l %c>%c %d T 0;%s", x, y, in, y, x, out, noise);
    }
}

static void random_world(struct route_world *w, struct test_random *r)
{
    memset(w, 0, sizeof(*w));
    for (unsigned i = 0; i < 2; i++) {
        static char text[20000];
        size_t n = (size_t)snprintf(text, sizeof(text), "v ->A 50; l ->A 50 T 0\n");

        for (uint64_t k = 2 + test_below(r, 50); k > 0; k--) {
            random_line(r, i, text + n, sizeof(text) - n - 1);
            n += strlen(text + n);
            text[n++] = '\n';
        }
        text[n] = '\0';
        route_world_accounts(w, i ? "evm:sim" : "evm:dev", text);
    }
}

/* Whatever events say: the engines' books balance (they fail if not), links carry shares, a run
 * twice is the same. */
static void whatever_events_say(void **state)
{
    static const struct scene s = {.origin = "0 0.0"};
    struct test_random r = {test_seed()};
    size_t links = 0, candidates = 0;

    (void)state;
    for (unsigned round = 0; round < 15; round++) {
        struct route_world w;

        random_world(&w, &r);
        for (unsigned k = 0; k < 6; k++) {
            struct arena *a = arena_new(NULL, ARENA_MAX);
            struct routes_trace t, again;
            static char one[1 << 16], other[1 << 16];
            struct asked q;
            struct err err;

            test_row("round %u by %s", round, trace_policy_name((enum trace_policy)k));
            scene_ask(&w, &s, (enum trace_policy)k, &q);
            CHECK_OK(scene_run(&w, &q, a, &t, &err), err);
            CHECK_OK(scene_run(&w, &q, a, &again, &err), err);
            show(&w, &t, one, sizeof(one));
            show(&w, &again, other, sizeof(other));
            CHECK_S(one, other);
            for (size_t n = 0; n < t.links_n; n++) {
                const struct route_link *l = &t.links[n];

                CHECK(!u256_zero(l->taint_in) && l->from_n && l->to_n);
                CHECK(!u256_less(l->amount_out, l->taint_out));
                CHECK(l->grade != MOVE_CANDIDATE);
            }
            links += t.links_n;
            candidates += t.candidates_n;
            arena_free(a);
        }
        route_world_free(&w);
    }
    printf("%zu links, %zu candidates\n", links, candidates);
    CHECK(links > 0 && candidates > 0);
}

struct failing {
    struct route_world w;
    struct asked q;
};

static bool failing_run(void *ctx)
{
    struct failing *f = ctx;
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct routes_trace t;
    struct err err;
    bool ok = a && scene_run(&f->w, &f->q, a, &t, &err);

    arena_free(a);
    return ok;
}

static void allocations_fail(void **state)
{
    static const size_t which[] = {0, 1, 2, 9, 12};
    static struct failing f;

    (void)state;
    for (size_t i = 0; i < sizeof(which) / sizeof(which[0]); i++) {
        test_row("%s", scenes[which[i]].name);
        scene_make(&f.w, &scenes[which[i]]);
        scene_ask(&f.w, &scenes[which[i]], TRACE_FIFO, &f.q);
        test_failed_allocations(failing_run, &f);
        route_world_free(&f.w);
    }
}

/* Two cases at once: each as alone. */
static void cases_at_once(void **state)
{
    const struct scene *s = &scenes[3];
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct route_world w;
    struct routes_trace alone, together[2];
    struct asked one, other;
    struct routes_case cases[2];
    struct routes *r;
    char want[4000], got[4000];
    struct err err;

    (void)state;
    scene_make(&w, s);
    scene_ask(&w, s, TRACE_FIFO, &one);
    scene_ask(&w, s, TRACE_HAIRCUT, &other);
    cases[0] = (struct routes_case){one.accounts, one.coins};
    cases[1] = (struct routes_case){other.accounts, other.coins};
    CHECK_OK(routes_new(w.ledgers, w.n, NULL, 0, NULL, 0, &r, &err), err);
    CHECK_OK(routes_run(a, r, cases, 2, together, &err), err);
    for (size_t i = 0; i < 2; i++) {
        CHECK_OK(routes_run(a, r, &cases[i], 1, &alone, &err), err);
        show(&w, &alone, want, sizeof(want));
        show(&w, &together[i], got, sizeof(got));
        CHECK_S(got, want);
    }
    routes_free(r);
    route_world_free(&w);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conversions),
        cmocka_unit_test(scenes_by_hand),
        cmocka_unit_test(named_by_the_caller),
        cmocka_unit_test(to_a_chain_with_other_addresses),
        cmocka_unit_test(named_pools),
        cmocka_unit_test(payments_to_come),
        cmocka_unit_test(more_than_is_looked_into),
        cmocka_unit_test(shares_by_every_policy),
        cmocka_unit_test(cases_at_once),
        cmocka_unit_test(whatever_events_say),
        cmocka_unit_test(allocations_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
