#include "support.h"

#include "base/u256.h"

static struct u256 from_text(const char *s)
{
    struct u256 v;

    CHECK(u256_from_text(s, strlen(s), &v));
    return v;
}

#define LARGEST "115792089237316195423570985008687907853269984665640564039457584007913129639935"

/* 2^256 - 1 and its neighbours from the definition; ether's 18 decimals from the Yellow Paper,
 * 2.1. */
static void text(void **state)
{
    static const struct {
        const char *name, *text;
        bool good;
        struct u256 want;
    } rows[] = {
        {"nothing", "0", true, {{0}}},
        {"2^64", "18446744073709551616", true, {{0, 1}}},
        {"an ether", "1000000000000000000", true, {{1000000000000000000u}}},
        {"largest", LARGEST, true, {{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}}},
        {"one more",
         "115792089237316195423570985008687907853269984665640564039457584007913129639936",
         false,
         {{0}}},
        {"79 digits", "1" LARGEST, false, {{0}}},
        {"empty", "", false, {{0}}},
        {"leading zero", "01", false, {{0}}},
        {"sign", "-1", false, {{0}}},
        {"point", "1.0", false, {{0}}},
        {"white space", " 1", false, {{0}}},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct u256 v = {{0}};
        char back[U256_TEXT_MAX];

        test_row("%s", rows[i].name);
        CHECK_U(u256_from_text(rows[i].text, strlen(rows[i].text), &v), rows[i].good);
        if (!rows[i].good)
            continue;
        CHECK(u256_equal(v, rows[i].want));
        CHECK_U(u256_to_text(v, back), strlen(rows[i].text));
        CHECK_S(back, rows[i].text);
    }
}

static void decimal(void **state)
{
    static const struct {
        const char *text;
        unsigned decimals;
        const char *want; /* NULL: refused */
    } rows[] = {
        {"1.5", 18, "1500000000000000000"},
        {"0.0", 18, "0"},
        {"173600", 18, "173600000000000000000000"},
        {"1.0569", 4, "10569"},
        {"1.0569", 3, NULL},
        {"1.50", 1, "15"},
        {"1.", 18, NULL},
        {".5", 18, NULL},
        {"1.5.5", 18, NULL},
        {"1e5", 18, NULL},
        {"00.5", 18, NULL},
        {"25500000", 6, "25500000000000"},
        {"1", 77,
         "1"
         "0000000000"
         "0000000000"
         "0000000000"
         "0000000000"
         "0000000000"
         "0000000000"
         "0000000000"
         "0000000"},
        {"1", 78, NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct u256 v = {{0}};

        test_row("%s with %u decimals", rows[i].text, rows[i].decimals);
        CHECK_U(u256_from_decimal(rows[i].text, strlen(rows[i].text), rows[i].decimals, &v),
                rows[i].want != NULL);
        if (rows[i].want)
            CHECK(u256_equal(v, from_text(rows[i].want)));
    }
}

static void hex(void **state)
{
    struct u256 v;
    uint8_t be[U256_BYTES];
    static const char largest[] =
        "0xffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

    CHECK(u256_from_hex("0x0", 3, &v) && u256_zero(v));
    CHECK(u256_from_hex("0x00De0b6b3a7640000", 19, &v) &&
          u256_equal(v, from_text("1000000000000000000")));
    CHECK(u256_from_hex(largest, 66, &v) && u256_equal(v, from_text(LARGEST)));
    CHECK(!u256_from_hex("0x", 2, &v) && !u256_from_hex("12", 2, &v) &&
          !u256_from_hex("0xg", 3, &v));
    CHECK(!u256_from_hex("0x0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff", 67,
                         &v));
    u256_to_be(from_text("258"), be);
    CHECK(be[31] == 2 && be[30] == 1 && !be[29] && !be[0]);
    CHECK(u256_from_be(be, 32, &v) && u256_equal(v, u256_of(258)));
    CHECK(u256_from_be(be + 30, 2, &v) && u256_equal(v, u256_of(258)));
    CHECK(u256_from_be(be, 0, &v) && u256_zero(v));
}

/* The naive twin: bit by bit, with a remainder that may need 257 bits. */
static bool slow_mul_div(struct u256 a, struct u256 b, struct u256 c, struct u256 *ret)
{
    uint64_t product[8] = {0}, rest[5] = {0}, quotient[8] = {0};

    for (int bit = 0; bit < 256; bit++) {
        if (!(b.w[bit / 64] >> bit % 64 & 1))
            continue;
        for (int at = 0, carry = 0; at < 512; at++) { /* product += a << bit, a bit at a time */
            int of_a = at >= bit && at - bit < 256
                           ? (int)(a.w[(at - bit) / 64] >> (at - bit) % 64 & 1)
                           : 0;
            int sum = (int)(product[at / 64] >> at % 64 & 1) + of_a + carry;

            product[at / 64] = (product[at / 64] & ~(1ULL << at % 64)) | (uint64_t)(sum & 1)
                                                                             << at % 64;
            carry = sum >> 1;
        }
    }
    if (u256_zero(c))
        return false;
    for (int at = 511; at >= 0; at--) {
        bool above = false, below = false;

        for (int i = 4; i > 0; i--)
            rest[i] = rest[i] << 1 | rest[i - 1] >> 63;
        rest[0] = rest[0] << 1 | (product[at / 64] >> at % 64 & 1);
        for (int i = 4; i >= 0 && !above && !below; i--) {
            above = rest[i] > (i < 4 ? c.w[i] : 0);
            below = rest[i] < (i < 4 ? c.w[i] : 0);
        }
        if (below)
            continue;
        quotient[at / 64] |= 1ULL << at % 64;
        for (int i = 0, borrow = 0; i < 5; i++) {
            unsigned __int128 take = (unsigned __int128)(i < 4 ? c.w[i] : 0) + (unsigned)borrow;

            borrow = rest[i] < take;
            rest[i] -= (uint64_t)take;
        }
    }
    memcpy(ret->w, quotient, 32);
    return !(quotient[4] | quotient[5] | quotient[6] | quotient[7]);
}

/* Numbers whose words are often all zeros or all ones, where division goes wrong if it does. */
static struct u256 draw(struct test_random *r)
{
    struct u256 v;

    for (int i = 0; i < 4; i++) {
        uint64_t kind = test_below(r, 4);

        v.w[i] = kind == 0   ? 0
                 : kind == 1 ? UINT64_MAX
                 : kind == 2 ? test_random(r)
                             : 1ULL << test_below(r, 64);
    }
    for (uint64_t keep = test_below(r, 5); keep < 4; keep++)
        v.w[keep] = 0;
    return v;
}

static void mul_div(void **state)
{
    struct test_random r = {test_seed()};

    for (int i = 0; i < 3000; i++) {
        struct u256 a = draw(&r), b = draw(&r), c = draw(&r), got = {{0}}, want = {{0}};
        bool good = slow_mul_div(a, b, c, &want);

        test_row("case %d", i);
        CHECK_U(u256_mul_div(a, b, c, &got), good);
        CHECK(!good || u256_equal(got, want));
    }
}

static void sums(void **state)
{
    struct test_random r = {test_seed()};
    struct u256 one = u256_of(1), largest = from_text(LARGEST), v;

    CHECK(!u256_add(largest, one, &v) && u256_zero(v));
    CHECK(!u256_sub(u256_of(0), one, &v) && u256_equal(v, largest));
    for (int i = 0; i < 10000; i++) {
        struct u256 a = draw(&r), b = draw(&r), sum, back;
        bool fits = u256_add(a, b, &sum);

        CHECK_U(u256_sub(sum, b, &back), fits);
        CHECK(u256_equal(back, a));
        CHECK_U(u256_less(sum, a), !fits);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text),    cmocka_unit_test(decimal), cmocka_unit_test(hex),
        cmocka_unit_test(mul_div), cmocka_unit_test(sums),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
