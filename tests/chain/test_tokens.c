#include "support.h"

#include "chain/account_name.h"
#include "chain/evm/tokens.h"

/* The contract of USDT on Tron as its issuer writes it, and that of USDC on Ethereum, whose EIP-55
 * form is a checksum of its own. */
static void known_by_contract(void **state)
{
    static const struct {
        const char *chain, *address, *symbol;
        unsigned decimals;
    } rows[] = {
        {"tron", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "USDT", 6},
        {"ethereum", "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48", "USDC", 6},
        {"ethereum", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", "WETH", 18},
        {"base", "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2", NULL, 0},
        {"ethereum", "0x002c93452d54B6d64bfA9879fCaB14a74f1BDD44", NULL, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct chain *chain = chain_by_name(rows[i].chain);
        uint8_t key[ACCOUNT_KEY_MAX];
        struct token token;
        struct err err;
        size_t n;

        test_row("%s on %s", rows[i].address, rows[i].chain);
        CHECK_OK(account_read(chain, rows[i].address, key, &n, &err), err);
        CHECK_U(token_find(chain, (struct bytes){key, n}, &token), rows[i].symbol != NULL);
        if (!rows[i].symbol)
            continue;
        CHECK_S(token.symbol, rows[i].symbol);
        CHECK_U(token.decimals, rows[i].decimals);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_by_contract),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
