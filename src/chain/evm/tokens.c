/* Sources: the issuers' own lists of contracts (Tether "Supported protocols", Circle "USDC contract
 * addresses", MakerDAO, Lido, Mantle, BitGo) and the canonical wrapped coins of each chain. */
#include "chain/evm/tokens.h"

#include "base/text.h"

#define KEY_BYTES 20

static const struct row {
    const char *chain, *key;
    struct token token;
} rows[] = {
    {"ethereum", "dac17f958d2ee523a2206206994597c13d831ec7", {"USDT", 6}},
    {"ethereum", "a0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", {"USDC", 6}},
    {"ethereum", "c02aaa39b223fe8d0a0e5c4f27ead9083c756cc2", {"WETH", 18}},
    {"ethereum", "6b175474e89094c44da98b954eedeac495271d0f", {"DAI", 18}},
    {"ethereum", "2260fac5e5542a773aa44fbcfedf7c193bc2c599", {"WBTC", 8}},
    {"ethereum", "ae7ab96520de3a18e5e111b5eaab095312d7fe84", {"stETH", 18}},
    {"ethereum", "d5f7838f5c461feff7fe49ea5ebaf7728bb0adfa", {"mETH", 18}},
    {"ethereum", "e6829d9a7ee3040e1276fa75293bde931859e8fa", {"cmETH", 18}},
    {"bsc", "55d398326f99059ff775485246999027b3197955", {"USDT", 18}},
    {"bsc", "8ac76a51cc950d9822d68b83fe1ad97b32cd580d", {"USDC", 18}},
    {"bsc", "bb4cdb9cbd36b01bd1cbaebf2de08d9173bc095c", {"WBNB", 18}},
    {"polygon", "c2132d05d31c914a87c6611c10748aeb04b58e8f", {"USDT", 6}},
    {"polygon", "3c499c542cef5e3811e1192ce70d8cc03d5c3359", {"USDC", 6}},
    {"arbitrum", "fd086bc7cd5c481dcc9c85ebe478a1c0b69fcbb9", {"USDT", 6}},
    {"arbitrum", "af88d065e77c8cc2239327c5edb3a432268e5831", {"USDC", 6}},
    {"arbitrum", "82af49447d8a07e3bd95bd0d56f35241523fbab1", {"WETH", 18}},
    {"optimism", "0b2c639c533813f4aa9d7837caf62653d097ff85", {"USDC", 6}},
    {"optimism", "4200000000000000000000000000000000000006", {"WETH", 18}},
    {"base", "833589fcd6edb6e08f4c7c32d4f71b54bda02913", {"USDC", 6}},
    {"base", "4200000000000000000000000000000000000006", {"WETH", 18}},
    {"avalanche", "9702230a8ea53601f5cd2dc00fdbc13d4df4a8c7", {"USDT", 6}},
    {"avalanche", "b97ef9ef8734c71904d8002f8b6bc66dd9c48a6e", {"USDC", 6}},
    {"avalanche", "b31f66aa3c1e785363f0875a1b74e27b85fd66c7", {"WAVAX", 18}},
    {"tron", "a614f803b6fd780986a42c78ec9c7f77e6ded13c", {"USDT", 6}},
};

bool token_find(const struct chain *chain, struct bytes key, struct token *ret)
{
    uint8_t own[KEY_BYTES];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]) && key.n == KEY_BYTES; i++) {
        if (strcmp(rows[i].chain, chain->name) ||
            !hex_decode(rows[i].key, (size_t)2 * KEY_BYTES, own, KEY_BYTES) ||
            memcmp(own, key.p, KEY_BYTES))
            continue;
        *ret = rows[i].token;
        return true;
    }
    return false;
}
