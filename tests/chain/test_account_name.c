#include "support.h"

#include "chain/account_name.h"
#include "chain/evm/address.h"
#include "chain/tron/address.h"

/* EIP-55, "Test Cases". */
static const char *const checksummed[] = {
    "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
};

static void eip55(void **state)
{
    for (size_t i = 0; i < sizeof(checksummed) / sizeof(checksummed[0]); i++) {
        uint8_t key[EVM_ADDRESS_BYTES];
        char shown[EVM_ADDRESS_TEXT_MAX];
        struct err err;

        test_row("%s", checksummed[i]);
        CHECK_OK(evm_address_read(checksummed[i], key, &err), err);
        evm_address_write(key, shown);
        CHECK_S(shown, checksummed[i]);
    }
}

static const struct {
    const char *name, *text;
    bool good;
} evm_rows[] = {
    {"all lower", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", true},
    {"all upper", "0x5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED", true},
    {"an upper X", "0X5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED", true},
    {"one letter's case", "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed", false},
    {"one digit", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAee", false},
    {"no 0x", "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", false},
    {"a digit short", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae", false},
    {"a digit more", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed0", false},
    {"no digit", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaeg", false},
    {"empty", "", false},
    {"0x alone", "0x", false},
};

static void evm_reading(void **state)
{
    for (size_t i = 0; i < sizeof(evm_rows) / sizeof(evm_rows[0]); i++) {
        uint8_t key[EVM_ADDRESS_BYTES];
        struct err err = {0};
        char shown[EVM_ADDRESS_TEXT_MAX];

        test_row("%s", evm_rows[i].name);
        CHECK_U(evm_address_read(evm_rows[i].text, key, &err), evm_rows[i].good);
        CHECK_U(err.class, evm_rows[i].good ? ERR_NONE : ERR_INPUT);
        if (evm_rows[i].good) {
            evm_address_write(key, shown);
            CHECK_S(shown, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed");
        }
    }
}

/* USDT on Tron: its issuer gives the address in Base58; the hex form is what nodes answer. */
static void tron(void **state)
{
    static const char usdt[] = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
                      hex[] = "41a614f803b6fd780986a42c78ec9c7f77e6ded13c";
    uint8_t key[TRON_ADDRESS_BYTES], again[TRON_ADDRESS_BYTES];
    char shown[TRON_ADDRESS_TEXT_MAX];
    struct err err;

    CHECK_OK(tron_address_read(usdt, key, &err), err);
    CHECK_OK(tron_address_read(hex, again, &err), err);
    CHECK(!memcmp(key, again, sizeof(key)));
    CHECK_OK(tron_address_read("0xa614f803b6fd780986a42c78ec9c7f77e6ded13c", again, &err), err);
    CHECK(!memcmp(key, again, sizeof(key)));
    tron_address_write(key, shown);
    CHECK_S(shown, usdt);
    CHECK(!tron_address_read("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u", key, &err));
    CHECK(!tron_address_read("TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6", key, &err));
    CHECK(!tron_address_read("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", key, &err)); /* Bitcoin's */
    CHECK(!tron_address_read("42a614f803b6fd780986a42c78ec9c7f77e6ded13c", key, &err));
    CHECK(!tron_address_read("", key, &err));
}

static void names(void **state)
{
    static const struct {
        const char *chain, *text, *shown; /* shown NULL: refused */
    } rows[] = {
        {"ethereum", "0xde709f2102306220921060314715629080e2fb77",
         "0xde709f2102306220921060314715629080e2fb77"},
        {"tron", "41a614f803b6fd780986a42c78ec9c7f77e6ded13c",
         "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"},
        {"bank:rcbc", "PH-9013 511 02", "PH-9013 511 02"},
        {"bank:rcbc", "", NULL},
        {"bank:rcbc", "\xff", NULL},
        {"bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", NULL},
        {"ethereum", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", NULL},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct chain *chain = chain_by_name(rows[i].chain);
        uint8_t key[ACCOUNT_KEY_MAX];
        char shown[ACCOUNT_NAME_MAX];
        struct err err;
        size_t n;

        test_row("%s %s", rows[i].chain, rows[i].text);
        CHECK_U(account_read(chain, rows[i].text, key, &n, &err), rows[i].shown != NULL);
        if (!rows[i].shown)
            continue;
        account_name(chain, (struct bytes){key, n}, shown);
        CHECK_S(shown, rows[i].shown);
    }
}

static void damaged_keys(void **state)
{
    uint8_t key[ACCOUNT_KEY_MAX];
    char shown[ACCOUNT_NAME_MAX];

    memset(key, 0xab, sizeof(key));
    account_name(chain_by_name("ethereum"), (struct bytes){key, 2}, shown);
    CHECK_S(shown, "0xabab");
    account_name(chain_by_name("tron"), (struct bytes){key, sizeof(key)}, shown);
    CHECK_U(strlen(shown), 2 + 2 * sizeof(key));
    account_name(chain_by_name("bank:rcbc"), (struct bytes){key, 3}, shown);
    CHECK_S(shown, "???");
    account_name(chain_by_name("bank:rcbc"), (struct bytes){(const uint8_t *)"a\nb", 3}, shown);
    CHECK_S(shown, "a?b");
    account_name(chain_by_name("ethereum"), (struct bytes){NULL, 0}, shown);
    CHECK_S(shown, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eip55), cmocka_unit_test(evm_reading),  cmocka_unit_test(tron),
        cmocka_unit_test(names), cmocka_unit_test(damaged_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
