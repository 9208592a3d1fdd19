#include "support.h"

#include "chain/account_name.h"
#include "chain/tokens.h"

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

/* Which asset a symbol would be read as, on its own chain. */
static void meant(void **state)
{
    static const struct {
        const char *chain, *symbol, *want, *address; /* address NULL: native; want NULL: none */
    } rows[] = {
        {"ethereum", "E\u0422H", "ETH", NULL},
        {"ethereum", "stE\u0422H", "stETH", "0xae7ab96520DE3A18E5e111B5EaAb095312D7fE84"},
        {"ethereum", "usdt", "USDT", "0xdAC17F958D2ee523a2206206994597C13D831ec7"},
        {"tron", "USD\u0422", "USDT", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"},
        {"bsc", "ETH", NULL, NULL}, /* pegged: no coin of that chain */
        {"ethereum", "USDTX", NULL, NULL},
        {"ethereum", "", NULL, NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct chain *chain = chain_by_name(rows[i].chain);
        char name[ACCOUNT_NAME_MAX];
        struct token_meant got;

        test_row("%s on %s", rows[i].symbol, rows[i].chain);
        CHECK_U(token_meant(chain, rows[i].symbol, &got), rows[i].want != NULL);
        if (!rows[i].want)
            continue;
        CHECK_S(got.symbol, rows[i].want);
        CHECK_U(got.native, rows[i].address == NULL);
        if (got.native)
            continue;
        account_name(chain, (struct bytes){got.key, got.key_n}, name);
        CHECK_S(name, rows[i].address);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_by_contract),
        cmocka_unit_test(meant),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
