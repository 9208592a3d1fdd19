#include "support.h"

#include "base/text.h"
#include "chain/evm/rlp.h"

#include <stdlib.h>

/* Any one item, to its last byte, with an explicit stack for the lists in it. */
static bool well_formed(struct bytes in)
{
    struct rlp open[16] = {rlp_over(in)};
    size_t open_n = 1, items_n = 0;

    while (open_n) {
        struct rlp *r = &open[open_n - 1];

        if (r->bad)
            return false;
        if (!rlp_more(r)) {
            open_n--;
            continue;
        }
        items_n += open_n == 1;
        if (rlp_next_is_list(r)) {
            if (open_n == 16)
                return false;
            open[open_n] = rlp_list(r);
            if (r->bad)
                return false;
            open_n++;
        } else {
            rlp_string(r);
        }
    }
    return items_n == 1;
}

/* The examples of the Ethereum wiki's "RLP", and the kinds of faults of ethereum/tests,
 * RLPTests/invalidRLPTest.json. */
static void forms(void **state)
{
    static const struct {
        const char *name, *hex;
        bool good;
    } rows[] = {
        {"dog", "83 646f67", true},
        {"cat, dog", "c8 83636174 83646f67", true},
        {"empty string", "80", true},
        {"empty list", "c0", true},
        {"a byte", "0f", true},
        {"the largest byte as itself", "7f", true},
        {"the least byte with a head", "81 80", true},
        {"1024", "82 0400", true},
        {"three", "c7 c0 c1c0 c3c0c1c0", true},
        {"56 bytes",
         "b838 4c6f72656d20697073756d20646f6c6f722073697420616d65742c20636f6e7365637465"
         "7475722061646970697369"
         "63696e6720656c6974",
         true},
        {"nothing", "", false},
        {"two items", "8080", false},
        {"a byte with a head", "81 7f", false},
        {"a string cut short", "83 646f", false},
        {"a list cut short", "c8 83636174", false},
        {"an item past its list", "c1 83 6162", false},
        {"a long form of 55",
         "b837 0000000000000000000000000000000000000000000000000000000000000000"
         "0000000000000000000000000000000000000000000000",
         false},
        {"a length with a leading zero",
         "b90038 000000000000000000000000000000000000000000000000"
         "0000000000000000000000000000000000000000000000000000"
         "000000000000",
         false},
        {"a length without an end", "b8", false},
        {"a length of 2^64 - 1", "bf ffffffffffffffff 00", false},
        {"a list's of 2^64 - 1", "ff ffffffffffffffff 00", false},
        {"a long list of 0", "f800", false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_row("%s", rows[i].name);
        CHECK_U(well_formed(test_hex(rows[i].hex)), rows[i].good);
    }
}

static void numbers(void **state)
{
    static const struct {
        const char *name, *hex;
        bool good, good_256;
        uint64_t want;
    } rows[] = {
        {"0", "80", true, true, 0},
        {"15", "0f", true, true, 15},
        {"1024", "820400", true, true, 1024},
        {"2^64 - 1", "88ffffffffffffffff", true, true, UINT64_MAX},
        {"2^64", "89010000000000000000", false, true, 0},
        {"a zero byte", "00", false, false, 0},
        {"a leading zero", "820001", false, false, 0},
        {"a list", "c0", false, false, 0},
        {"2^256", "a1 01 0000000000000000000000000000000000000000000000000000000000000000", false,
         false, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes in = test_hex(rows[i].hex);
        struct rlp r = rlp_over(in), wide = rlp_over(in);
        uint64_t v = rlp_u64(&r);
        struct u256 w = rlp_u256(&wide);

        test_row("%s", rows[i].name);
        CHECK_U(rlp_end(&r), rows[i].good);
        CHECK_U(v, rows[i].want);
        CHECK_U(rlp_end(&wide), rows[i].good_256);
        CHECK_U(w.w[0], rows[i].want);
    }
}

static void kinds(void **state)
{
    struct bytes in = test_hex("c8 83636174 83646f67");
    struct rlp r = rlp_over(in), list = rlp_list(&r);
    struct bytes whole;

    CHECK(rlp_end(&r));
    CHECK(rlp_fixed(&list, 3) && rlp_more(&list));
    CHECK(!rlp_end(&list)); /* dog is left */
    r = rlp_over(in);
    whole = rlp_item(&r);
    CHECK(bytes_equal(whole, in));
    r = rlp_over(in);
    CHECK(!rlp_string(&r).n && r.bad); /* a list is no string */
    CHECK(!rlp_more(&r) && !rlp_item(&r).n && !rlp_u64(&r));
    CHECK(rlp_list(&r).bad);
    list = rlp_over(test_hex("83646f67"));
    CHECK(!rlp_fixed(&list, 2) && list.bad);
}

/* Written lists are read again, at the edges of both forms of length. */
static void writing(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 55, 56, 255, 256, 65535, 65536};
    struct rlp_out o = {0};

    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        uint8_t *p = calloc(1, sizes[i] + 1);
        size_t outer, inner;
        struct rlp r, list;

        CHECK(p);
        memset(p, 0x7f, sizes[i]);
        rlp_out_clear(&o);
        outer = rlp_open(&o);
        rlp_put_u64(&o, sizes[i]);
        inner = rlp_open(&o);
        rlp_put_string(&o, p, sizes[i]);
        rlp_close(&o, inner);
        rlp_close(&o, outer);
        CHECK(!o.bad && well_formed((struct bytes){o.p, o.n}));
        r = rlp_over((struct bytes){o.p, o.n});
        list = rlp_list(&r);
        CHECK_U(rlp_u64(&list), sizes[i]);
        r = rlp_list(&list);
        CHECK(bytes_equal(rlp_string(&r), (struct bytes){p, sizes[i]}));
        CHECK(rlp_end(&r) && rlp_end(&list));
        free(p);
    }
    rlp_out_free(&o);
}

static bool whole_list(struct bytes in, void *ctx)
{
    return well_formed(in);
}

static void truncations(void **state)
{
    test_truncations(test_hex("ce 83636174 c9 83646f67 820400 7f 80"), whole_list, NULL);
}

static bool write_one(void *ctx)
{
    struct rlp_out o = {0};
    size_t list = rlp_open(&o);
    bool ok;

    rlp_put_u256(&o, u256_of(1024));
    rlp_put_string(&o, "a text of some length, that is longer than 55 bytes, as may be seen", 67);
    rlp_close(&o, list);
    ok = !o.bad;
    rlp_out_free(&o);
    return ok;
}

static void no_memory(void **state)
{
    test_failed_allocations(write_one, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forms),   cmocka_unit_test(numbers),     cmocka_unit_test(kinds),
        cmocka_unit_test(writing), cmocka_unit_test(truncations), cmocka_unit_test(no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
