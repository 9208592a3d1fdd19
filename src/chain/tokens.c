/* Each row has been found, contract, symbol and decimals, in what its letters say. Where a token
 * was renamed, or a bridge's token calls itself what the issuer's own does, both stand here.
 *
 *   D  at work in the blocks, receipts and tables that the tests read: transfers of it, and its
 *      name in the labels of explorers or in the answers of TronGrid
 *   I  the issuers' event topics among the same data, which name the contract
 *   L  token lists and configurations in public repositories (Uniswap default-token-list for what
 *      is bridged to Arbitrum; several more that agree with each other) */
#include "chain/tokens.h"

#include "base/text.h"
#include "chain/symbol.h"

static const struct row {
    const char *chain, *key;
    struct token token;
} rows[] = {
    {"ethereum", "dac17f958d2ee523a2206206994597c13d831ec7", {"USDT", 6}},   /* D I L */
    {"ethereum", "a0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", {"USDC", 6}},   /* D I L */
    {"ethereum", "c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2", {"WETH", 18}},  /* D L */
    {"ethereum", "6b175474e89094c44da98b954eedeac495271d0f", {"DAI", 18}},   /* D L */
    {"ethereum", "89d24a6b4ccb1b6faa2625fe562bdd9a23260359", {"SAI", 18}},   /* L; DAI until 2019 */
    {"ethereum", "2260fac5e5542a773aa44fbcfedf7c193bc2c599", {"WBTC", 8}},   /* D L */
    {"ethereum", "ae7ab96520de3a18e5e111b5eaab095312d7fe84", {"stETH", 18}}, /* D L */
    {"ethereum", "d5f7838f5c461feff7fe49ea5ebaf7728bb0adfa", {"mETH", 18}},  /* D L */
    {"ethereum", "e6829d9a7ee3040e1276fa75293bde931859e8fa", {"cmETH", 18}}, /* D L */
    {"bsc", "55d398326f99059ff775485246999027b3197955", {"USDT", 18}},       /* D L */
    {"bsc", "8ac76a51cc950d9822d68b83fe1ad97b32cd580d", {"USDC", 18}},       /* D L */
    {"bsc", "bb4cdb9cbd36b01bd1cbaebf2de08d9173bc095c", {"WBNB", 18}},       /* D L */
    {"polygon", "c2132d05d31c914a87c6611c10748aeb04b58e8f", {"USDT", 6}},    /* D L */
    {"polygon", "3c499c542cef5e3811e1192ce70d8cc03d5c3359", {"USDC", 6}},    /* L */
    {"polygon", "2791bca1f2de4661ed88a30c99a7a9449aa84174", {"USDC.e", 6}},  /* L; was USDC */
    {"arbitrum", "fd086bc7cd5c481dcc9c85ebe478a1c0b69fcbb9", {"USDT", 6}},   /* D L */
    {"arbitrum", "af88d065e77c8cc2239327c5edb3a432268e5831", {"USDC", 6}},   /* D L */
    {"arbitrum", "ff970a61a04b1ca14834a43f5de4533ebddb5cc8", {"USDC.e", 6}}, /* D L; was USDC */
    {"arbitrum", "82af49447d8a07e3bd95bd0d56f35241523fbab1", {"WETH", 18}},  /* D L */
    {"optimism", "0b2c639c533813f4aa9d7837caf62653d097ff85", {"USDC", 6}},   /* L */
    {"optimism", "7f5c764cbc14f9669b88837ca1490cca17c31607", {"USDC.e", 6}}, /* D L; was USDC */
    {"optimism", "94b008aa00579c1307b0ef2c499ad98a8ce58e58", {"USDT", 6}},   /* L */
    {"optimism", "4200000000000000000000000000000000000006", {"WETH", 18}},  /* D L */
    {"base", "833589fcd6edb6e08f4c7c32d4f71b54bda02913", {"USDC", 6}},       /* D L */
    {"base", "4200000000000000000000000000000000000006", {"WETH", 18}},      /* D L */
    {"avalanche", "9702230a8ea53601f5cd2dc00fdbc13d4df4a8c7", {"USDT", 6}},  /* D L */
    {"avalanche", "b97ef9ef8734c71904d8002f8b6bc66dd9c48a6e", {"USDC", 6}},  /* D L */
    {"avalanche", "b31f66aa3c1e785363f0875a1b74e27b85fd66c7", {"WAVAX", 18}}, /* L */
    {"tron", "a614f803b6fd780986a42c78ec9c7f77e6ded13c", {"USDT", 6}},        /* D I */
    {"solana",
     "c6fa7af3bedbad3a3d65f36aabc97431b1bbe4c2d2f6e0e47ca60203452f5d61",
     {"USDC", 6}}, /* D */
    {"solana",
     "ce010e60afedb22717bd63192f54145a3f965a33bb82d2c7029eb2ce1e208264",
     {"USDT", 6}}, /* D */
};

/* False: the row is of another chain. */
static bool key_of(const struct row *row, const struct chain *chain,
                   uint8_t ret[TOKEN_KEY_BYTES_MAX], size_t *ret_n)
{
    *ret_n = strlen(row->key) / 2;
    return !strcmp(row->chain, chain->name) && hex_decode(row->key, 2 * *ret_n, ret, *ret_n);
}

bool token_find(const struct chain *chain, struct bytes key, struct token *ret)
{
    uint8_t own[TOKEN_KEY_BYTES_MAX];
    size_t n;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && key.n; i++) {
        if (!key_of(&rows[i], chain, own, &n) || !bytes_equal(key, (struct bytes){own, n}))
            continue;
        *ret = rows[i].token;
        return true;
    }
    return false;
}

static bool reads_as(const char *symbol, const char *folded)
{
    char own[SYMBOL_FOLD_MAX];

    return symbol && symbol_fold(symbol, strlen(symbol), own) && !strcmp(own, folded);
}

bool token_meant(const struct chain *chain, const char *symbol, struct token_meant *ret)
{
    char folded[SYMBOL_FOLD_MAX];

    if (!symbol_fold(symbol, strlen(symbol), folded))
        return false;
    if (reads_as(chain->symbol, folded)) {
        *ret = (struct token_meant){.symbol = chain->symbol, .native = true};
        return true;
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].chain, chain->name) || !reads_as(rows[i].token.symbol, folded))
            continue;
        ret->symbol = rows[i].token.symbol;
        ret->native = false;
        return key_of(&rows[i], chain, ret->key, &ret->key_n);
    }
    return false;
}

struct hash32 tokens_hash(void)
{
    struct sha256_stream s;

    sha256_start(&s);
    sha256_add(&s, SYMBOL_RULES "\n", sizeof(SYMBOL_RULES));
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct row *r = &rows[i];
        char decimals = (char)('A' + r->token.decimals); /* at most 18 */

        sha256_add(&s, r->chain, strlen(r->chain) + 1);
        sha256_add(&s, r->key, strlen(r->key) + 1);
        sha256_add(&s, r->token.symbol, strlen(r->token.symbol) + 1);
        sha256_add(&s, &decimals, 1);
    }
    return sha256_done(&s);
}
