/* Keys of addresses, held against OFAC's lists (whose tickers are no chains), the CashAddr
 * specification's table, and the wallets of exchanges on four chains. */
#include "support.h"

#include "base/csv.h"
#include "base/json.h"
#include "chain/address_form.h"
#include "chain/address_key.h"
#include "chain/address_same.h"
#include "chain/bitcoin/cashaddr.h"
#include "chain/bitcoin/script.h"
#include "chain/dialect.h"

#include <stdio.h>
#include <stdlib.h>

static bool reads(const char *text, const char *hint, struct address_key *ret)
{
    struct err err = {0};
    bool ok = address_key_read(text, strlen(text), hint, ret, &err);

    CHECK_U(err.class, ok ? ERR_NONE : ERR_INPUT);
    return ok;
}

/* What is read again, by its space's name or by its text, is the same. */
static void check_key(const char *text, const char *hint, enum address_space space,
                      const char *canonical)
{
    struct address_key key, again;

    test_row("%s, %s", text, hint ? hint : "by itself");
    CHECK(reads(text, hint, &key));
    CHECK_U(key.space, space);
    CHECK_S(key.text, canonical);
    CHECK_U(key.n, strlen(canonical));
    CHECK(reads(key.text, address_space_name((enum address_space)key.space), &again));
    CHECK(address_key_equal(&key, &again));
    CHECK(!address_key_compare(&key, &again));
    CHECK(address_key_from((enum address_space)key.space, key.text, key.n, &again));
    CHECK(address_key_equal(&key, &again));
}

static const struct {
    const char *text, *hint;
    enum address_space space;
    const char *key; /* NULL: as text */
} good_rows[] = {
    /* by itself: the coin of block 0, BIP 173's and BIP 350's examples */
    {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", NULL, SPACE_BITCOIN, NULL},
    {"3P14159f73E4gFr7JterCCQh9QjiTjiZrG", NULL, SPACE_BITCOIN, NULL},
    {"BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", NULL, SPACE_BITCOIN,
     "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"},
    {"bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0", NULL, SPACE_BITCOIN, NULL},
    {"tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy", NULL, SPACE_BITCOIN_TEST,
     NULL},
    /* EIP-55's example in three cases */
    {"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", NULL, SPACE_EVM,
     "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"},
    {"0X5AAEB6053F3E94C9B9A09F33669435E7EF1BEAED", NULL, SPACE_EVM,
     "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"},
    {"xdc5aaeb6053f3e94c9b9a09f33669435e7ef1beaed", NULL, SPACE_EVM,
     "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"},
    /* the contract of USDT on Tron */
    {"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", NULL, SPACE_TRON, NULL},
    {"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "USDT", SPACE_TRON, NULL},
    {"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "BTC", SPACE_TRON, NULL},
    {"41a614f803b6fd780986a42c78ec9c7f77e6ded13c", "tron", SPACE_TRON,
     "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"},
    {"0xa614f803b6fd780986a42c78ec9c7f77e6ded13c", "tron:0x2b6653dc", SPACE_TRON,
     "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"},
    /* the ticker alone does not make it an address of Tron */
    {"0xa614f803b6fd780986a42c78ec9c7f77e6ded13c", "TRX", SPACE_EVM, NULL},
    /* what moves is not where */
    {"0x983a81ca6FB1e441266D2FbcB7D8E530AC2E05A2", "USDC", SPACE_EVM,
     "0x983a81ca6fb1e441266d2fbcb7d8e530ac2e05a2"},
    {"1CF46Rfbp97absrs7zb7dFfZS6qBXUm9EP", "USDT", SPACE_BITCOIN, NULL},
    {"1CF46Rfbp97absrs7zb7dFfZS6qBXUm9EP", "usdt", SPACE_BITCOIN, NULL},
    /* chains by name and by CAIP-2 */
    {"0xa614f803b6fd780986a42c78ec9c7f77e6ded13c", "eip155:56", SPACE_EVM, NULL},
    {"0xa614f803b6fd780986a42c78ec9c7f77e6ded13c", "polygon", SPACE_EVM, NULL},
    {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bip122:000000000019d6689c085ae165831e93", SPACE_BITCOIN,
     NULL},
    {"bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080", "bitcoin:regtest", SPACE_BITCOIN_TEST, NULL},
    {"9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM", "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
     SPACE_SOLANA, NULL},
    {"9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM", NULL, SPACE_SOLANA, NULL},
    /* XRP Ledger, "Special Addresses": ACCOUNT_ZERO, ACCOUNT_ONE, the genesis account */
    {"rrrrrrrrrrrrrrrrrrrrrhoLvTp", NULL, SPACE_XRP, NULL},
    {"rrrrrrrrrrrrrrrrrrrrBZbvji", "xrpl:0", SPACE_XRP, NULL},
    {"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh", "Ripple", SPACE_XRP, NULL},
    /* version bytes of several coins: the one that was named */
    {"DFFJhnQNZf8rf67tYnesPu7MuGUpYtzv7Z", "XVG", SPACE_VERGE, NULL},
    {"DFFJhnQNZf8rf67tYnesPu7MuGUpYtzv7Z", NULL, SPACE_DOGECOIN, NULL},
    {"12sjrrhoFEsedNRhtgwvvRqjFTh8fZTDX9", NULL, SPACE_BITCOIN, NULL},
    {"XnPFsRWTaSgiVauosEwQ6dEitGYXgwznz2", "DASH", SPACE_DASH, NULL},
    {"GPwg61XoHqQPNmAucFACuQ5H9sGCDv9TpS", "BTG", SPACE_BITCOIN_GOLD, NULL},
    {"t1g7wowvQ8gn2v8jrU1biyJ26sieNqNsBJy", NULL, SPACE_ZCASH, NULL},
    /* no row: a checksum that is right, a form that nobody else has, a text */
    {"cosmos1h9ymfm2fxrqgd257dlw5nku3jgqjgpl59sm5ns", NULL, SPACE_OTHER, NULL},
    {"Terra1t0an4m6t47rp3mj57rdfzw6dpd3lw8erxjppgw", "Luna", SPACE_OTHER,
     "terra1t0an4m6t47rp3mj57rdfzw6dpd3lw8erxjppgw"},
    {"ecash:qpuqempp9cv9u00jht2yvhhelmtudpvp6q680ygtfe", "XEC", SPACE_OTHER, NULL},
    {"bitfinexcw21", "EOS", SPACE_OTHER, NULL},
    {"0xA08fd235db5de8023721b5f9b6e29c0ee5253982ccdd423a1cd9f682ae745821", "AION", SPACE_OTHER,
     "0xa08fd235db5de8023721b5f9b6e29c0ee5253982ccdd423a1cd9f682ae745821"},
    {"0x91d9592c91b05d9dc6c2dcd083f19f843d0dd8f3", "Callisto", SPACE_EVM, NULL},
    {"7fDmp1P8oU5Ux9h7q1nx2gcPXiJwUcMC9P", "XNS", SPACE_OTHER, NULL}, /* and not of Dash */
};

/* As wallets, explorers and tables write them. */
static const struct {
    const char *text, *hint;
    enum address_space space;
    const char *key;
} form_rows[] = {
    /* BIP 21, ZIP 321 and what wallets write for other coins */
    {"bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", NULL, SPACE_BITCOIN,
     "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"},
    {"bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa?amount=20.3&label=Luke-Jr", "XBT", SPACE_BITCOIN,
     "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"},
    {"BITCOIN:BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4?AMOUNT=1", NULL, SPACE_BITCOIN,
     "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"},
    {"litecoin://LVuDpNCSSj6pQ7t9Pv6d6sUkLKoqDEVUnJ", NULL, SPACE_LITECOIN,
     "LVuDpNCSSj6pQ7t9Pv6d6sUkLKoqDEVUnJ"},
    {"bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a?amount=1", NULL, SPACE_BITCOIN_CASH,
     "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"},
    {"bitcoincash:1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", NULL, SPACE_BITCOIN_CASH,
     "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"},
    {"bch:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a", NULL, SPACE_BITCOIN_CASH,
     "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"},
    {"solana:9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM?amount=1", NULL, SPACE_SOLANA,
     "9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM"},
    {"tron:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", NULL, SPACE_TRON,
     "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"},
    {"xrp:rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh?amount=1&dt=7", NULL, SPACE_XRP,
     "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh:7"},
    {"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh?dt=7", NULL, SPACE_XRP,
     "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh:7"},
    /* ERC-681, "Examples": of a transfer of a token, whom it goes to */
    {"ethereum:0x89205a3a3b2a69de6dbf7f01ed13b2108b2c43e7/transfer?address="
     "0x8e23ee67d1332ad560396262c48ffbb01f93d052&uint256=1",
     NULL, SPACE_EVM, "0x8e23ee67d1332ad560396262c48ffbb01f93d052"},
    {"ethereum:pay-0x89205a3a3b2a69de6dbf7f01ed13b2108b2c43e7@1?value=2.014e18", "USDT", SPACE_EVM,
     "0x89205a3a3b2a69de6dbf7f01ed13b2108b2c43e7"},
    /* CAIP-10, "Test Cases"; ERC-3770; did:pkh */
    {"eip155:1:0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb", NULL, SPACE_EVM,
     "0xab16a96d359ec26a11e2c2b3d8f8b8942d5bfcdb"},
    {"bip122:000000000019d6689c085ae165831e93:128Lkh3S7CkDTBZ8W7BbpsN3YYizJMp8p6", NULL,
     SPACE_BITCOIN, "128Lkh3S7CkDTBZ8W7BbpsN3YYizJMp8p6"},
    {"did:pkh:eip155:1:0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb", NULL, SPACE_EVM,
     "0xab16a96d359ec26a11e2c2b3d8f8b8942d5bfcdb"},
    {"arb1:0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb", NULL, SPACE_EVM,
     "0xab16a96d359ec26a11e2c2b3d8f8b8942d5bfcdb"},
    /* pages; blanks and what shows nothing */
    {"https://etherscan.io/address/0xab16a96D359eC26a11e2C2b3d8f8B8942d5Bfcdb#code", NULL,
     SPACE_EVM, "0xab16a96d359ec26a11e2c2b3d8f8b8942d5bfcdb"},
    {"https://tronscan.org/#/address/TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", NULL, SPACE_TRON,
     "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"},
    {" \t1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\r\n", NULL, SPACE_BITCOIN,
     "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"},
    {"\xef\xbb\xbf\xe2\x80\x8b"
     "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\xc2\xa0",
     NULL, SPACE_BITCOIN, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"},
    /* without "0x", and filled as in the topic of a log; nodes of Tron */
    {"ab16a96d359ec26a11e2c2b3d8f8b8942d5bfcdb", NULL, SPACE_EVM,
     "0xab16a96d359ec26a11e2c2b3d8f8b8942d5bfcdb"},
    {"0x000000000000000000000000ab16a96d359ec26a11e2c2b3d8f8b8942d5bfcdb", NULL, SPACE_EVM,
     "0xab16a96d359ec26a11e2c2b3d8f8b8942d5bfcdb"},
    {"41a614f803b6fd780986a42c78ec9c7f77e6ded13c", NULL, SPACE_TRON,
     "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"},
    {"0x41a614f803b6fd780986a42c78ec9c7f77e6ded13c", "USDT", SPACE_TRON,
     "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"},
    /* EIP-1191, "Test Cases", chains 30 and 31 */
    {"0x27b1FdB04752BBc536007A920D24ACB045561c26", NULL, SPACE_EVM,
     "0x27b1fdb04752bbc536007a920d24acb045561c26"},
    {"0x27B1FdB04752BbC536007a920D24acB045561C26", NULL, SPACE_EVM,
     "0x27b1fdb04752bbc536007a920d24acb045561c26"},
    /* ZIP 320 */
    {"tex1s2rt77ggv6q989lr49rkgzmh5slsksa9khdgte", NULL, SPACE_ZCASH,
     "t1VmmGiyjVNeCjxDZzg7vZmd99WyzVby9yC"},
};

static void forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(form_rows) / sizeof(form_rows[0]); i++)
        check_key(form_rows[i].text, form_rows[i].hint, form_rows[i].space, form_rows[i].key);
}

/* The secret key 1, as every chain writes it. */
static const struct {
    enum address_space space;
    const char *text;
} one_key[] = {
    {SPACE_BITCOIN, "1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH"},
    {SPACE_BITCOIN, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"},
    {SPACE_BITCOIN, "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN"},
    {SPACE_BITCOIN_CASH, "qp63uahgrxged4z5jswyt5dn5v3lzsem6cy4spdc2h"},
    {SPACE_BITCOIN_SV, "qp63uahgrxged4z5jswyt5dn5v3lzsem6cy4spdc2h"},
    {SPACE_LITECOIN, "LVuDpNCSSj6pQ7t9Pv6d6sUkLKoqDEVUnJ"},
    {SPACE_DOGECOIN, "DFpN6QqFfUm3gKNaxN6tNcab1FArL9cZLE"},
    {SPACE_DASH, "XmN7PQYWKn5MJFna5fRYgP6mxT2F7xpekE"},
    {SPACE_ZCASH, "t1UYsZVJkLPeMjxEtACvSxfWuNmddpWfxzs"},
    {SPACE_BITCOIN_GOLD, "GUXByHDZLvU4DnVH9imSFckt3HEQ5cFgE5"},
};

static bool has_same(const struct address_key *of, enum address_space space, const char *text)
{
    struct address_key same[ADDRESS_SAME_MAX];
    size_t n = address_same(of, same);

    for (size_t i = 0; i < n; i++)
        if (same[i].space == space && !strcmp(same[i].text, text))
            return true;
    return false;
}

static void one_key_on_all_chains(void **state)
{
    struct address_key key, same[ADDRESS_SAME_MAX];

    (void)state;
    for (size_t from = 0; from < 2; from++) { /* what hashes the key itself */
        test_row("%s", one_key[from].text);
        CHECK(reads(one_key[from].text, NULL, &key));
        for (size_t i = 0; i < sizeof(one_key) / sizeof(one_key[0]); i++)
            CHECK(i == from || has_same(&key, one_key[i].space, one_key[i].text));
        CHECK(!has_same(&key, one_key[from].space, one_key[from].text));
    }
    CHECK(reads("0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf", NULL, &key));
    CHECK(has_same(&key, SPACE_TRON, "TMVQGm1qAQYVdetCeGRRkTWYYrLXuHK2HC"));
    CHECK(has_same(&key, SPACE_OTHER, "inj10e0525sfrf53yh2aljmm3sn9jq5njk7lwfmzjf"));
    CHECK(reads("TMVQGm1qAQYVdetCeGRRkTWYYrLXuHK2HC", NULL, &key));
    CHECK(has_same(&key, SPACE_EVM, "0x7e5f4552091a69125d5dfcb7b8c2659029395bdf"));
    /* Harmony's documentation */
    CHECK(reads("0xebcd16e8c1d8f493ba04e99a56474122d81a9c58", NULL, &key));
    CHECK(has_same(&key, SPACE_OTHER, "one1a0x3d6xpmr6f8wsyaxd9v36pytvp48zckswvv9"));
    /* a script of several keys is the same script elsewhere, and no key */
    CHECK(reads("3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC", NULL, &key));
    CHECK(has_same(&key, SPACE_BITCOIN_CASH, "ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq"));
    CHECK(!has_same(&key, SPACE_BITCOIN_CASH, "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"));
    CHECK(reads("9WzDXwBbmkg8ZTbNMqUxvQRAyrZzDsGYdLVL9zYtAWWM", NULL, &key));
    CHECK_U(address_same(&key, same), 0);
}

static void what_looks_like_an_address(void **state)
{
    static const char right[] = "0x27b1fdb04752bbc536007a920d24acb045561c26";
    static const struct {
        const char *text;
        bool same, meant;
    } rows[] = {
        {"0x27B1fdb04752bbc536007a920d24acb045561c26", true, true}, /* a wrong capital */
        {"0x27b1fdb04752bbc536007\xd0\xb0"
         "920d24acb045561c26",
         true, true}, /* U+0430 */
        {"\xef\xbc\x90x27b1fdb04752bbc536007a920d24acb045561c26.", true, true},
        {"<0x27b1fdb04752bbc536007a920d24acb045561c26>", true, true},
        {"Ox27b1fdb04752bbc536007a920d24acb045561c26", true, true},
        {"0x27b1fdb04752bbc536007a920d24acb045561c27", false, true},
        {"vitalik.eth", false, true},
        {"Kim Jong Un", false, false},
        {"KoreaMiningDevelopmentTradingCorporation", false, false},
        {"Small Trading Company 1234567890 Limited", false, false},
    };
    char wanted[ADDRESS_LOOKS_MAX], looks[ADDRESS_LOOKS_MAX];

    (void)state;
    CHECK(address_looks(right, strlen(right), wanted));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t n = strlen(rows[i].text);

        test_row("%s", rows[i].text);
        CHECK_U(address_looks(rows[i].text, n, looks) && !strcmp(looks, wanted), rows[i].same);
        CHECK_U(address_is_meant(rows[i].text, n), rows[i].meant);
    }
}

static void good(void **state)
{
    for (size_t i = 0; i < sizeof(good_rows) / sizeof(good_rows[0]); i++)
        check_key(good_rows[i].text, good_rows[i].hint, good_rows[i].space,
                  good_rows[i].key ? good_rows[i].key : good_rows[i].text);
}

static void complaints(void **state)
{
    static const struct {
        const char *text, *hint, *want;
    } wrong[] = {
        {"", NULL, "address \"\": nothing"},
        {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", NULL,
         "address \"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb\": the checksum is wrong"},
        {"1A1zP1eP5QGefi2DMPTfTL5SLmv7Div0Na", "BTC",
         "address \"1A1zP1eP5QGefi2DMPTfTL5SLmv7Div0Na\": character 32 is not of base58"},
        {"1A1zP1eP5QGefi2DMPTfTL5SLmv7Div0Na", NULL,
         "address \"1A1zP1eP5QGefi2DMPTfTL5SLmv7Div0Na\" is of no chain that is known"},
        {"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", NULL,
         "address \"bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5\": the checksum is wrong"},
        {"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u", "USDT",
         "address \"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u\": the checksum is wrong"},
        {"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "bitcoin",
         "address \"TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t\": version 65 is not of bitcoin"},
        {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "solana",
         "address \"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\" is none of solana"},
        {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "eip155:1",
         "address \"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\": 0x and 40 hex digits are wanted"},
        {"0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed", NULL,
         "address \"0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed\": its capitals are not those of "
         "EIP-55: a digit is wrong"},
        {"0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae", NULL,
         "address \"0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae\" is of no chain that is known"},
        {"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTi", NULL,
         "address \"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTi\": the checksum is wrong"},
        {"t1g7wowvQ8gn2v8jrU1biyJ26sieNqNsBJz", "ZEC",
         "address \"t1g7wowvQ8gn2v8jrU1biyJ26sieNqNsBJz\": the checksum is wrong"},
        {"49HqitRzdnhYjgTEAhgGpCfsjdTeMbUTU6cyR4JV1R7k2Eej9rGT8JpFiYDa4tZM6RZ", "XMR",
         "address \"49HqitRzdnhYjgTEAhgGpCfsjdTeMbUTU6cyR4JV1R7k2Eej9rGT8JpFiYDa4tZM6RZ\": 67 "
         "characters, an address of Monero has 95 or 106"},
        {"bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6b",
         NULL, /* b is no such character */
         "address \"bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6b\": character 54 is not "
         "of cashaddr"},
        {"bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6c", NULL,
         "address \"bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6c\": the checksum is "
         "wrong"},
        /* XLS-5's example of an account with tag 1, with a digit changed; a tag is said once, and
         * has 32 bits; the same account on a test network */
        {"X7AcgcsBL6XDcUb289X4mJ8djcdyKaGZMhc9YTE92ehJ2Fv", NULL,
         "address \"X7AcgcsBL6XDcUb289X4mJ8djcdyKaGZMhc9YTE92ehJ2Fv\": the checksum is wrong"},
        {"X7AcgcsBL6XDcUb289X4mJ8djcdyKaGZMhc9YTE92ehJ2Fu:2", "xrpl",
         "address \"X7AcgcsBL6XDcUb289X4mJ8djcdyKaGZMhc9YTE92ehJ2Fu:2\": an X-address has its tag "
         "within"},
        {"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh:4294967296", "xrpl",
         "address \"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh:4294967296\": a tag is a number up to "
         "4294967295, with no zeros before it"},
        {"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh:007", NULL,
         "address \"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh:007\": a tag is a number up to 4294967295, "
         "with no zeros before it"},
        {"T719a5UwUCnEs54UsxG9CJYYDhwmFCqkr7wxCcNcfZ6p5GZ", "XRP",
         "address \"T719a5UwUCnEs54UsxG9CJYYDhwmFCqkr7wxCcNcfZ6p5GZ\": it is of a test network of "
         "the XRP Ledger"},
        /* ZIP 316's first test vector; of MWEB and Sprout, whose checksums nobody computes here,
         * the length and how they begin */
        {"u1l8xunezsvhq8fgzfl7404m450nwnd76zshscn6nfys7vyz2ywyh4cc5daaq0c7q2su5lqfh23sp7fkf3kt27ve5"
         "9"
         "48mzpfdvckzaect2jtte308mkwlycj2u0eac077wu70vqcetkxf",
         "zcash",
         "address \"u1l8xunezsvhq8fgzfl7404m450nwn...\": a unified address: ask about its "
         "transparent one (t1..., t3...)"},
        {"ltcmweb1qqqqsyqcyq5rqwzqfpg9scrgwpugpzysnzs23v9ccrydpk8qarc0jqqqpqgpsgpgxquyqjzstpsxsurcs"
         "zy"
         "fpx9q4zct3sxg6rvwp68slyqxcnt29",
         NULL,
         "address \"ltcmweb1qqqqsyqcyq5rqwzqfpg9sc...\": it is within MWEB, of which only "
         "pool:mweb "
         "is seen"},
        {"zc8E5gYid86n4bo2Usdq1cpr7PpfoJGzttwBHEEgGhGkLUg7SPPVFNB2AkRFXZ7usfphup5426dt1buMmY3fkYeRr"
         "QG"
         "La8y",
         "ZEC",
         "address \"zc8E5gYid86n4bo2Usdq1cpr7PpfoJ...\": it is within Zcash's first pool, of which "
         "only pool:sprout is seen"},
        {"vitalik.eth", NULL,
         "address \"vitalik.eth\" is a domain: ask about the address that it stands for"},
        {"bitcoin:1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa?bc=bc1qxyz", NULL,
         "address: the URI names an address behind \"?\", too: each is asked about alone"},
        {"ethereum:0x89205a3a3b2a69de6dbf7f01ed13b2108b2c43e7/approve?address=0x1", NULL,
         "address: the URI calls a function of a contract, and does not say who is paid"},
        {"two words", "EOS", "address: character 4 is not one that addresses have"},
        {"a\x1b[2J", "EOS", "address: character 2 is not one that addresses have"},
    };

    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct address_key key;
        struct err err = {0};

        test_row("row %zu", i);
        CHECK(!address_key_read(wrong[i].text, strlen(wrong[i].text), wrong[i].hint, &key, &err));
        CHECK_U(err.class, ERR_INPUT);
        CHECK_S(err.text, wrong[i].want);
    }
}

/* A chain without a row is another matter in a file of tags than in a question. */
static void unknown_chains(void **state)
{
    static const char evm[] = "0x098b716b8aaf21512996dc57eb0615e2383e2f96";
    static const char *const known[] = {"ethereum", "eip155:1", "XBT", "usdt", "other"},
                             *const unknown[] = {"ethereun", "cardano", "bank:acme", "eth\n"};
    struct address_key key;
    struct err err = {0};

    (void)state;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        test_row("%s", known[i]);
        CHECK(address_chain_known(known[i], &err));
        CHECK(address_key_read_known(evm, strlen(evm), known[i], &key, &err) || i == 2);
    }
    for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        test_row("%s", unknown[i]);
        CHECK(address_key_read(evm, strlen(evm), unknown[i], &key, &err));
        CHECK(!address_chain_known(unknown[i], &err));
        CHECK(!address_key_read_known(evm, strlen(evm), unknown[i], &key, &err));
        CHECK_U(err.class, ERR_INPUT);
        CHECK(strstr(err.text, "\" is not known; known are bitcoin, bitcoin-test, ") &&
              strstr(err.text, " ethereum, ") && strstr(err.text, ", tron, solana, xrp, other"));
        CHECK(!strchr(err.text, '\n'));
    }
}

/* "Address format for Bitcoin Cash", "Examples of address translation". */
static const struct {
    const char *legacy, *cash;
} cash_rows[] = {
    {"1BpEi6DfDAUFd7GtittLSdBeYJvcoaVggu", "qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a"},
    {"1KXrWXciRDZUpQwQmuM1DbwsKDLYAYsVLR", "qr95sy3j9xwd2ap32xkykttr4cvcu7as4y0qverfuy"},
    {"16w1D5WRVKJuZUsSRzdLp9w3YGcgoxDXb", "qqq3728yw0y47sqn6l2na30mcw6zm78dzqre909m2r"},
    {"3CWFddi6m4ndiGyKqzYvsFYagqDLPVMTzC", "ppm2qsznhks23z7629mms6s4cwef74vcwvn0h829pq"},
    {"3LDsS579y7sruadqu11beEJoTjdFiFCdX4", "pr95sy3j9xwd2ap32xkykttr4cvcu7as4yc93ky28e"},
    {"31nwvkZwyPdgzjBJZXfDmSWsC4ZLKpYyUw", "pqq3728yw0y47sqn6l2na30mcw6zm78dzq5ucqzc37"},
};

static void both_forms_of_bitcoin_cash(void **state)
{
    for (size_t i = 0; i < sizeof(cash_rows) / sizeof(cash_rows[0]); i++) {
        char text[80];

        check_key(cash_rows[i].legacy, "BCH", SPACE_BITCOIN_CASH, cash_rows[i].cash);
        check_key(cash_rows[i].legacy, "BSV", SPACE_BITCOIN_SV, cash_rows[i].cash);
        check_key(cash_rows[i].legacy, NULL, SPACE_BITCOIN, cash_rows[i].legacy);
        check_key(cash_rows[i].cash, NULL, SPACE_BITCOIN_CASH, cash_rows[i].cash);
        check_key(cash_rows[i].cash, "BCH", SPACE_BITCOIN_CASH, cash_rows[i].cash);
        snprintf(text, sizeof(text), "bitcoincash:%s", cash_rows[i].cash);
        check_key(text, NULL, SPACE_BITCOIN_CASH, cash_rows[i].cash);
        check_key(text, "BTC", SPACE_BITCOIN_CASH, cash_rows[i].cash);
        for (char *p = text; *p; p++)
            *p = *p >= 'a' && *p <= 'z' ? (char)(*p - 32) : *p;
        check_key(text, NULL, SPACE_BITCOIN_CASH, cash_rows[i].cash);
    }
    /* BCH-SLP: another prefix, and so another checksum, of a key like any other */
    check_key("simpleledger:qp5y6ggsn8y0pzghhn2zap7kyestzqh2vc7t400n96", "USDT", SPACE_BITCOIN_CASH,
              "qp5y6ggsn8y0pzghhn2zap7kyestzqh2vcjs756nmy");
}

/* Every length of hash that the version byte can tell, both ways; and every wrong character. */
static void cashaddr_both_ways(void **state)
{
    static const size_t sizes[] = {20, 24, 28, 32, 40, 48, 56, 64};
    struct test_random r = {test_seed()};

    for (size_t i = 0; i < 8 * 4; i++) {
        struct cashaddr c = {.prefix = "bchtest", .type = (enum cashaddr_type)(i % 4)}, again;
        char text[CASHADDR_TEXT_MAX];
        struct err err;
        size_t n;

        c.hash_n = sizes[i / 4];
        for (size_t k = 0; k < c.hash_n; k++)
            c.hash[k] = (uint8_t)test_random(&r);
        cashaddr_write(&c, text);
        test_row("%s", text);
        CHECK_OK(cashaddr_read(text, "bchtest", &again, &err), err);
        CHECK(again.type == c.type && again.hash_n == c.hash_n && !strcmp(again.prefix, c.prefix) &&
              !memcmp(c.hash, again.hash, c.hash_n));
        CHECK(!cashaddr_read(text, "bitcoincash", &again, &err));
        n = strlen(text);
        for (size_t at = 0; at < n; at++) {
            char was = text[at];

            text[at] = was == 'q' ? 'p' : 'q';
            CHECK(!cashaddr_read(text, "bchtest", &again, &err));
            text[at] = 0;
            CHECK(!cashaddr_read(text, "bchtest", &again, &err));
            text[at] = was;
        }
    }
}

/* OFAC names tickers; another list of the same addresses names the chains. */
static const struct {
    const char *chain;
    enum address_space space;
} list_chains[] = {
    {"bitcoin", SPACE_BITCOIN},
    {"bitcoin_cash", SPACE_BITCOIN_CASH},
    {"bitcoin_gold", SPACE_BITCOIN_GOLD},
    {"bitcoin_sv", SPACE_BITCOIN_SV},
    {"dash", SPACE_DASH},
    {"ethereum", SPACE_EVM},
    {"litecoin", SPACE_LITECOIN},
    {"monero", SPACE_MONERO},
    {"ripple", SPACE_XRP},
    {"solana", SPACE_SOLANA},
    {"tron", SPACE_TRON},
    {"verge", SPACE_VERGE},
    {"zcash", SPACE_ZCASH},
};

static enum address_space space_of(const char *chain)
{
    for (size_t i = 0; i < sizeof(list_chains) / sizeof(list_chains[0]); i++)
        if (!strcmp(list_chains[i].chain, chain))
            return list_chains[i].space;
    test_failed(__FILE__, __LINE__, "a chain without a row: %s", chain);
}

static void ofac_by_chain(void **state)
{
    struct arena *a;
    const struct json *list = json_get(
        test_data_json("sanctions/ofac/crypto-addresses-2026-05-20.json", &a), "addresses");
    size_t n = 0;

    for (const struct json *row = list->child; row; row = row->next, n++) {
        const char *text = json_get(row, "address")->text, *chain = json_get(row, "chain")->text;
        const struct json *tickers = json_get(row, "ofac_tickers");
        struct address_key first, key;

        if (text[0] ==
            'T') /* OFAC has one of Tron's under XBT, and so that list calls it Bitcoin's */
            chain = "tron";
        test_row("%s of %s", text, chain);
        CHECK(reads(text, chain, &first));
        CHECK_U(first.space, space_of(chain));
        for (const struct json *t = tickers->child; t; t = t->next) {
            test_row("%s of %s, as %s", text, chain, t->text);
            CHECK(reads(text, t->text, &key));
            CHECK(address_key_equal(&first, &key));
        }
    }
    CHECK_U(n, 774);
    arena_free(a);
}

/* Each address of three days reads; USDT's are on three chains, BCH's of two forms. */
static void ofac_by_ticker(void **state)
{
    static const struct {
        const char *day;
        size_t n;
    } days[] = {{"2023-12-29", 575}, {"2024-02-24", 585}, {"2024-03-28", 596}};

    for (size_t d = 0; d < sizeof(days) / sizeof(days[0]); d++) {
        char path[80];
        struct arena *a;
        const struct json *lists;
        size_t n = 0, usdt[ADDRESS_SPACES] = {0};

        snprintf(path, sizeof(path), "sanctions/ofac/%s/expected-crypto-addresses.json",
                 days[d].day);
        lists = json_get(test_data_json(path, &a), "by_currency");
        for (const struct json *list = lists->child; list; list = list->next)
            for (const struct json *row = list->child; row; row = row->next, n++) {
                struct address_key key;

                test_row("%s of %s", row->text, list->key);
                CHECK(reads(row->text, list->key, &key));
                CHECK(key.space != SPACE_OTHER);
                if (!strcmp(list->key, "USDT"))
                    usdt[key.space]++;
                if (!strcmp(list->key, "BCH"))
                    CHECK_U(key.space, SPACE_BITCOIN_CASH);
            }
        test_row("%s", days[d].day);
        CHECK_U(n, days[d].n);
        if (!d) { /* counted by hand: 0x, 1 or 3, T */
            CHECK_U(usdt[SPACE_EVM], 7);
            CHECK_U(usdt[SPACE_BITCOIN], 7);
            CHECK_U(usdt[SPACE_TRON], 3);
        }
        arena_free(a);
    }
}

/* chain,address,exchange,source_file: each is of the chain that its row names, also by itself. */
static void wallets_of_exchanges(void **state)
{
    static const struct {
        const char *file;
        size_t n;
    } files[] = {{"coins/labels/exchanges.csv", 39},
                 {"solana/labels/exchanges.csv", 158},
                 {"xrpl/labels/exchanges.csv", 64}};

    for (size_t f = 0; f < sizeof(files) / sizeof(files[0]); f++) {
        struct csv csv = csv_over(test_data(files[f].file), ',');
        struct csv_field fields[8];
        size_t fields_n, n = 0;
        bool end;
        struct err err;

        CHECK_OK(csv_next(&csv, fields, 8, &fields_n, &end, &err), err);
        for (;; n++) {
            char chain[32], text[128];
            struct address_key key, alone;

            CHECK_OK(csv_next(&csv, fields, 8, &fields_n, &end, &err), err);
            if (end)
                break;
            snprintf(chain, sizeof(chain), "%.*s", (int)fields[0].n, fields[0].p);
            snprintf(text, sizeof(text), "%.*s", (int)fields[1].n, fields[1].p);
            test_row("%s of %s", text, chain);
            CHECK(reads(text, chain, &key));
            CHECK_S(key.text, text);
            CHECK(reads(text, NULL, &alone));
            /* Litecoin's old form of P2SH is Bitcoin's */
            CHECK(address_key_equal(&key, &alone) || text[0] == '3');
        }
        CHECK_U(n, files[f].n);
    }
}

static const char monero[] = "49HqitRzdnhYjgTEAhgGpCfsjdTeMbUTU6cyR4JV1R7k2Eej9rGT8JpFiYDa4tZM6RZ"
                             "iFrHmMzgSrhHEqpDYKBe5B2ufNsL"; /* of OFAC's list */
static const char *const samples[] = {
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
    "bitcoincash:qpm2qsznhks23z7629mms6s4cwef74vcwvy22gdx6a",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
    "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
    "t1g7wowvQ8gn2v8jrU1biyJ26sieNqNsBJy",
    monero,
};

/* Cut anywhere, or with any character another, it is refused. */
static void every_truncation_and_character(void **state)
{
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        size_t n = strlen(samples[i]);
        struct address_key whole, key;
        struct err err;

        CHECK(reads(samples[i], NULL, &whole));
        for (size_t cut = 0; cut < n; cut++) {
            char *p = malloc(cut ? cut : 1); /* a block of exactly that size */

            CHECK(p);
            memcpy(p, samples[i], cut);
            test_row("%.*s", (int)cut, samples[i]);
            /* 44 digits of Monero's may be 32 bytes, which is all that an address of Solana is */
            CHECK(!address_key_read(p, cut, NULL, &key, &err) || key.space == SPACE_SOLANA);
            free(p);
        }
        for (size_t at = 0; at < n; at++)
            for (int c = 1; c < 256; c++) {
                char text[ADDRESS_KEY_MAX];

                memcpy(text, samples[i], n + 1);
                text[at] = (char)c;
                test_row("%s, character %zu as %d", samples[i], at + 1, c);
                /* the case of 0x, and of EIP-55's digits, may say nothing */
                if (address_key_read(text, n, NULL, &key, &err))
                    CHECK(address_key_equal(&whole, &key));
            }
    }
}

/* A key is what a ledger keeps, and back: on each chain, and on no other family. */
static void on_ledgers(void **state)
{
    static const struct {
        const char *chain, *text, *key;
    } ledgers[] = {
        {"bitcoin", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
         "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac"},
        {"bitcoin", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
         "0014751e76e8199196d454941c45d1b3a323f1433bd6"},
        {"bitcoin:regtest", "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080",
         "0014751e76e8199196d454941c45d1b3a323f1433bd6"},
        {"ethereum", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
         "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"},
        {"base", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
         "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"},
        {"tron", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t", "a614f803b6fd780986a42c78ec9c7f77e6ded13c"},
    };

    for (size_t i = 0; i < sizeof(ledgers) / sizeof(ledgers[0]); i++) {
        const struct chain *chain = chain_by_name(ledgers[i].chain);
        struct bytes want = test_hex(ledgers[i].key);
        uint8_t on[ACCOUNT_KEY_MAX];
        struct address_key key, again;
        size_t n;

        test_row("%s", ledgers[i].text);
        CHECK(reads(ledgers[i].text, chain->name, &key));
        CHECK(address_key_on(&key, chain, on, &n));
        CHECK(bytes_equal((struct bytes){on, n}, want));
        CHECK(address_key_of(chain, want, &again));
        CHECK(address_key_equal(&key, &again));
        CHECK(!address_key_on(&key, chain_by_name("bitcoin:sim"), on, &n));
        CHECK(!address_key_on(&key, chain_by_name("bank:rcbc"), on, &n));
        CHECK(!address_key_of(chain_by_name("bank:rcbc"), want, &again));
        CHECK(!address_key_of(chain, (struct bytes){want.p, want.n - 1}, &again));
    }
}

/* Each chain that has ledgers has a space, and its own addresses are in it. */
static void chains_have_spaces(void **state)
{
    static const char p2sh[] = "a91400112233445566778899aabbccddeeff0011223387",
                      p2wpkh[] = "001400112233445566778899aabbccddeeff00112233";
    size_t n;
    const struct chain *const *coins = chain_all(&n);
    const struct chain *accounts;

    for (size_t i = 0; i < 2 * n; i++) {
        const struct chain *chain = coins[i / 2];
        struct bytes script = test_hex(i % 2 || !chain->hrp ? p2sh : p2wpkh);
        char shown[ADDRESS_BYTES_MAX];
        struct address_key key, read;
        uint8_t on[ACCOUNT_KEY_MAX];
        size_t on_n;

        test_row("%s", chain->name);
        CHECK(address_of_script(chain, script, shown));
        CHECK(reads(shown, chain->name, &read));
        CHECK(reads(shown, chain->caip2, &key));
        CHECK(address_key_equal(&read, &key));
        CHECK(address_key_of(chain, script, &key));
        CHECK(address_key_equal(&read, &key));
        CHECK(address_key_on(&key, chain, on, &on_n));
        CHECK(bytes_equal((struct bytes){on, on_n}, script));
    }
    accounts = chain_all_accounts(&n);
    for (size_t i = 0; i < n; i++) {
        struct address_key key;

        bool solana = accounts[i].dialect == &dialect_solana;
        uint8_t on[ACCOUNT_KEY_MAX];
        size_t on_n;
        struct bytes in =
            test_hex(solana ? "c6fa7af3bedbad3a3d65f36aabc97431b1bbe4c2d2f6e0e47ca60203452f5d61"
                            : "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed");

        test_row("%s", accounts[i].name);
        CHECK(address_key_of(&accounts[i], in, &key));
        CHECK_U(key.space, accounts[i].dialect == &dialect_tron   ? SPACE_TRON
                           : solana                               ? SPACE_SOLANA
                           : accounts[i].dialect == &dialect_xrpl ? SPACE_XRP
                                                                  : SPACE_EVM);
        CHECK(address_key_on(&key, &accounts[i], on, &on_n));
        CHECK(bytes_equal((struct bytes){on, on_n}, in));
        if (solana)
            CHECK_S(key.text, "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v");
    }
}

static void spaces(void **state)
{
    struct address_key key;
    char big[ADDRESS_KEY_MAX + 1];

    for (int s = SPACE_NONE + 1; s < ADDRESS_SPACES; s++) {
        test_row("%d", s);
        CHECK_U(address_space_by_name(address_space_name((enum address_space)s)), s);
    }
    CHECK_U(address_space_by_name("nowhere"), SPACE_NONE);
    CHECK_S(address_space_name(SPACE_NONE), "none");
    memset(big, 'a', sizeof(big));
    CHECK(!address_key_from(SPACE_NONE, big, 4, &key));
    CHECK(!address_key_from(ADDRESS_SPACES, big, 4, &key));
    CHECK(!address_key_from(SPACE_OTHER, big, 0, &key));
    CHECK(!address_key_from(SPACE_OTHER, big, ADDRESS_KEY_MAX, &key));
    CHECK(!address_key_from(SPACE_OTHER, "a b", 3, &key));
    CHECK(address_key_from(SPACE_OTHER, big, ADDRESS_KEY_MAX - 1, &key));
    CHECK_U(strlen(key.text), ADDRESS_KEY_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good),
        cmocka_unit_test(forms),
        cmocka_unit_test(one_key_on_all_chains),
        cmocka_unit_test(what_looks_like_an_address),
        cmocka_unit_test(complaints),
        cmocka_unit_test(unknown_chains),
        cmocka_unit_test(both_forms_of_bitcoin_cash),
        cmocka_unit_test(cashaddr_both_ways),
        cmocka_unit_test(ofac_by_chain),
        cmocka_unit_test(ofac_by_ticker),
        cmocka_unit_test(wallets_of_exchanges),
        cmocka_unit_test(every_truncation_and_character),
        cmocka_unit_test(on_ledgers),
        cmocka_unit_test(chains_have_spaces),
        cmocka_unit_test(spaces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
