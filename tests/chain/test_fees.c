#include "support.h"

#include "chain/evm/fees.h"

static const uint8_t proposer[20] = {0xaa};

/* Hand calculations: 21000 gas at 12 wei with a base fee of 10 are 252000, of which 210000 are base
 * fee and 42000 the tip. */
static void parts(void **state)
{
    static const struct {
        const char *name, *chain;
        uint64_t height;
        struct evm_fee fee;
        size_t n;
        struct {
            unsigned position;
            uint64_t amount, credit;
            int first, last; /* bytes of to; -1: nobody */
        } want[3];
    } rows[] = {
        {"before London",
         "ethereum",
         1,
         {.gas_used = 21000, .gas_price = {{12}}},
         1,
         {{0, 252000, 252000, 0xaa, 0}}},
        {"London",
         "ethereum",
         1,
         {.gas_used = 21000, .gas_price = {{12}}, .has_base_fee = true, .base_fee = {{10}}},
         1,
         {{0, 252000, 42000, 0xaa, 0}}},
        {"blobs",
         "ethereum",
         1,
         {.gas_used = 21000,
          .gas_price = {{12}},
          .has_base_fee = true,
          .base_fee = {{10}},
          .blob_gas_used = 131072,
          .blob_price = {{3}}},
         1,
         {{0, 252000 + 393216, 42000, 0xaa, 0}}},
        {"nothing paid", "ethereum", 1, {.gas_used = 21000}, 0, {{0}}},
        {"Base",
         "base",
         1,
         {.gas_used = 21000,
          .gas_price = {{12}},
          .has_base_fee = true,
          .base_fee = {{10}},
          .l1_fee = {{777}}},
         3,
         {{0, 42000, 42000, 0xaa, 0}, {1, 210000, 210000, 0x42, 0x19}, {2, 777, 777, 0x42, 0x1a}}},
        {"Optimism, no tip",
         "optimism",
         105235063,
         {.gas_used = 21000,
          .gas_price = {{10}},
          .has_base_fee = true,
          .base_fee = {{10}},
          .operator_fee = {{5}}},
         2,
         {{1, 210000, 210000, 0x42, 0x19}, {3, 5, 5, 0x42, 0x1b}}},
        {"Optimism before its vaults",
         "optimism",
         105235062,
         {.gas_used = 21000, .gas_price = {{10}}, .l1_fee = {{777}}},
         1,
         {{0, 210777, 210777, 0x42, 0x11}}},
        /* real receipts, the fields as nodes gave them: 0x4f1e95.., 0x3e18e3.., 0xe2111c.. and
         * 0x1d47c8.. of Optimism, 0xd78eb0.. of Base (whose header is not there: no base fee),
         * 0x0fe650.. of Arbitrum, whose gas includes that for L1 */
        {"Optimism, block 2806776",
         "optimism",
         2806776,
         {.gas_used = 0x79b5d, .gas_price = {{0xf4240}}, .l1_fee = {{0x2ea588609bcdd}}},
         1,
         {{0, 821114405228061, 821114405228061, 0x42, 0x11}}},
        {"Optimism, block 32331543",
         "optimism",
         32331543,
         {.gas_used = 0x44d91, .gas_price = {{0xf4240}}, .l1_fee = {{0xcb3dbeb8ddf0}}},
         1,
         {{0, 223748054230064, 223748054230064, 0x42, 0x11}}},
        {"Optimism, block 62966450",
         "optimism",
         62966450,
         {.gas_used = 0x1c2e2, .gas_price = {{0xf4240}}, .l1_fee = {{0x38e72475bc08}}},
         1,
         {{0, 62680826296456, 62680826296456, 0x42, 0x11}}},
        {"Optimism, block 68938664: gas for nothing",
         "optimism",
         68938664,
         {.gas_used = 0x1ddf9, .l1_fee = {{0x7dbb2f464e00}}},
         1,
         {{0, 138242905492992, 138242905492992, 0x42, 0x11}}},
        {"Base, block 14197522",
         "base",
         14197522,
         {.gas_used = 0x46093, .gas_price = {{0x71d6b15}}, .l1_fee = {{0x664b8a613}}},
         2,
         {{0, 34242874596623, 34242874596623, 0xaa, 0}, {2, 27459626515, 27459626515, 0x42, 0x1a}}},
        {"Arbitrum, block 305740587",
         "arbitrum",
         305740587,
         {.gas_used = 0x1ed4e,
          .gas_price = {{0x989680}},
          .has_base_fee = true,
          .base_fee = {{0x989680}}},
         1,
         {{0, 1262860000000, 0, -1, 0}}},
        {"BSC",
         "bsc",
         1,
         {.gas_used = 21000,
          .gas_price = {{12}},
          .has_base_fee = true,
          .base_fee = {{0}},
          .blob_gas_used = 131072,
          .blob_price = {{3}}},
         1,
         {{0, 252000 + 393216, 252000 + 393216, 0xaa, 0}}},
        {"Polygon before its vault",
         "polygon",
         23849999,
         {.gas_used = 21000, .gas_price = {{12}}, .has_base_fee = true, .base_fee = {{10}}},
         1,
         {{0, 252000, 42000, 0xaa, 0}}},
        {"Polygon's first vault",
         "polygon",
         50522999,
         {.gas_used = 21000, .gas_price = {{12}}, .has_base_fee = true, .base_fee = {{10}}},
         2,
         {{0, 42000, 42000, 0xaa, 0}, {1, 210000, 210000, 0x70, 0x38}}},
        {"Polygon's second vault",
         "polygon",
         50523000,
         {.gas_used = 21000, .gas_price = {{12}}, .has_base_fee = true, .base_fee = {{10}}},
         2,
         {{0, 42000, 42000, 0xaa, 0}, {1, 210000, 210000, 0x7a, 0x54}}},
        {"Arbitrum",
         "arbitrum",
         1,
         {.gas_used = 21000, .gas_price = {{10}}, .has_base_fee = true, .base_fee = {{10}}},
         1,
         {{0, 210000, 0, -1, 0}}},
        {"Avalanche",
         "avalanche",
         1,
         {.gas_used = 21000, .gas_price = {{12}}, .has_base_fee = true, .base_fee = {{10}}},
         1,
         {{0, 252000, 252000, 0xaa, 0}}},
        {"a chain of tests",
         "evm:dev",
         1,
         {.gas_used = 21000, .gas_price = {{12}}, .has_base_fee = true, .base_fee = {{10}}},
         1,
         {{0, 252000, 42000, 0xaa, 0}}},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct evm_fee fee = rows[i].fee;
        struct evm_fee_part got[EVM_FEE_PARTS_MAX];
        struct err err;
        size_t n;

        test_row("%s", rows[i].name);
        fee.height = rows[i].height;
        fee.proposer = proposer;
        CHECK_OK(evm_fee_parts(evm_rules(chain_by_name(rows[i].chain)), &fee, got, &n, &err), err);
        CHECK_U(n, rows[i].n);
        for (size_t k = 0; k < n; k++) {
            CHECK_U(got[k].position, rows[i].want[k].position);
            CHECK(u256_equal(got[k].amount, u256_of(rows[i].want[k].amount)));
            CHECK(u256_equal(got[k].credit, u256_of(rows[i].want[k].credit)));
            CHECK_U(!got[k].to, rows[i].want[k].first < 0);
            if (got[k].to) {
                CHECK_U(got[k].to[0], rows[i].want[k].first);
                CHECK_U(got[k].to[19], rows[i].want[k].last);
            }
        }
    }
}

/* Polygon's header does not name who sealed the block. */
static void proposer_not_told(void **state)
{
    struct evm_fee fee = {.height = 50523000,
                          .gas_used = 1,
                          .gas_price = {{12}},
                          .has_base_fee = true,
                          .base_fee = {{10}}};
    struct evm_fee_part got[EVM_FEE_PARTS_MAX];
    struct err err;
    size_t n;

    CHECK_OK(evm_fee_parts(evm_rules(chain_by_name("polygon")), &fee, got, &n, &err), err);
    CHECK_U(n, 2);
    CHECK(!got[0].to && u256_equal(got[0].amount, u256_of(2)) && u256_zero(got[0].credit));
    CHECK(got[1].to && u256_equal(got[1].credit, u256_of(10)));
}

static void refused(void **state)
{
    const struct evm_rules *rules = evm_rules(chain_by_name("ethereum"));
    struct evm_fee fee = {.gas_used = 2,
                          .gas_price = {{9}},
                          .has_base_fee = true,
                          .base_fee = {{10}},
                          .proposer = proposer};
    struct evm_fee_part got[EVM_FEE_PARTS_MAX];
    struct err err;
    size_t n;

    CHECK(!evm_fee_parts(rules, &fee, got, &n, &err) && err.class == ERR_INPUT);
    fee.gas_price = (struct u256){{0, 0, 0, 1ull << 63}};
    CHECK(!evm_fee_parts(rules, &fee, got, &n, &err) && err.class == ERR_INPUT);
    fee.gas_price = (struct u256){{0, 0, 0, 1ull << 62}};
    CHECK_OK(evm_fee_parts(rules, &fee, got, &n, &err), err); /* 2^255 */
    fee.l1_fee = (struct u256){{0, 0, 0, 1ull << 63}};
    CHECK(!evm_fee_parts(rules, &fee, got, &n, &err) && err.class == ERR_INPUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(parts), cmocka_unit_test(proposer_not_told),
                                       cmocka_unit_test(refused)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
