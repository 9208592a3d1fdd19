/* The table of chains.
 *
 * Bitcoin's rows follow Bitcoin Core, src/kernel/chainparams.cpp: the hash that each network
 * asserts of its genesis block, pchMessageStart, powLimit in its compact form, base58Prefixes and
 * bech32_hrp; money_max is MAX_MONEY of consensus/amount.h. Litecoin's regtest follows Litecoin
 * Core 0.21: the genesis is what "litecoind -regtest" answers to getblockhash 0; it moved its P2SH
 * addresses from 196 to 58 to tell them from Bitcoin's and still reads the old ones. Litecoin's
 * other rows, Dogecoin's and Zcash's follow chainparams.cpp of Litecoin Core 0.21, Dogecoin Core
 * 1.14 and zcashd 5; Dogecoin's money_max bounds a transaction, for the coin has no end. The
 * simulated chain's row repeats src/sim/genesis.h, and a test holds the two together.
 *
 * EVM chain ids are those of EIP-155 as the public list of chains has them; CAIP-2 names follow the
 * namespaces eip155, solana (32 characters of the genesis hash), tron and xrpl (the network id). */
#include "chain/chain.h"

#include "chain/dialect.h"

#include <pthread.h>
#include <string.h>

#define COIN ((uint64_t)100000000)

/* OP_RETURN and a push of the name by which people know it. */
static const char *const mweb_pools[] = {"\x6a\x09pool:mweb", NULL};
static const char *const zcash_pools[] = {"\x6a\x0bpool:sprout", "\x6a\x0cpool:sapling",
                                          "\x6a\x0cpool:orchard", NULL};

static const struct chain bitcoin = {
    .name = "bitcoin",
    .caip2 = "bip122:000000000019d6689c085ae165831e93",
    .genesis = {{0x6f, 0xe2, 0x8c, 0x0a, 0xb6, 0xf1, 0xb3, 0x72, 0xc1, 0xa6, 0xa2,
                 0x46, 0xae, 0x63, 0xf7, 0x4f, 0x93, 0x1e, 0x83, 0x65, 0xe1, 0x5a,
                 0x08, 0x9c, 0x68, 0xd6, 0x19, 0x00, 0x00, 0x00, 0x00, 0x00}},
    .magic = 0xd9b4bef9,
    .bits_max = 0x1d00ffff,
    .pow = POW_SHA256D,
    .p2pkh = 0,
    .p2sh = 5,
    .hrp = "bc",
    .money_max = 21000000 * COIN,
    .decimals = 8,
    .symbol = "BTC",
};

static const struct chain bitcoin_test = {
    .name = "bitcoin:test",
    .caip2 = "bip122:000000000933ea01ad0ee984209779ba",
    .genesis = {{0x43, 0x49, 0x7f, 0xd7, 0xf8, 0x26, 0x95, 0x71, 0x08, 0xf4, 0xa3,
                 0x0f, 0xd9, 0xce, 0xc3, 0xae, 0xba, 0x79, 0x97, 0x20, 0x84, 0xe9,
                 0x0e, 0xad, 0x01, 0xea, 0x33, 0x09, 0x00, 0x00, 0x00, 0x00}},
    .magic = 0x0709110b,
    .bits_max = 0x1d00ffff,
    .pow = POW_SHA256D,
    .p2pkh = 111,
    .p2sh = 196,
    .hrp = "tb",
    .money_max = 21000000 * COIN,
    .decimals = 8,
    .symbol = "BTC",
};

/* The default signet. A signet's magic comes from its challenge: another signet, another chain. */
static const struct chain bitcoin_signet = {
    .name = "bitcoin:signet",
    .caip2 = "bip122:00000008819873e925422c1ff0f99f7c",
    .genesis = {{0xf6, 0x1e, 0xee, 0x3b, 0x63, 0xa3, 0x80, 0xa4, 0x77, 0xa0, 0x63,
                 0xaf, 0x32, 0xb2, 0xbb, 0xc9, 0x7c, 0x9f, 0xf9, 0xf0, 0x1f, 0x2c,
                 0x42, 0x25, 0xe9, 0x73, 0x98, 0x81, 0x08, 0x00, 0x00, 0x00}},
    .magic = 0x40cf030a,
    .bits_max = 0x1e0377ae,
    .pow = POW_SHA256D,
    .p2pkh = 111,
    .p2sh = 196,
    .hrp = "tb",
    .money_max = 21000000 * COIN,
    .decimals = 8,
    .symbol = "BTC",
};

static const struct chain bitcoin_regtest = {
    .name = "bitcoin:regtest",
    .caip2 = "bip122:0f9188f13cb7b2c71f2a335e3a4fc328",
    .genesis = {{0x06, 0x22, 0x6e, 0x46, 0x11, 0x1a, 0x0b, 0x59, 0xca, 0xaf, 0x12,
                 0x60, 0x43, 0xeb, 0x5b, 0xbf, 0x28, 0xc3, 0x4f, 0x3a, 0x5e, 0x33,
                 0x2a, 0x1f, 0xc7, 0xb2, 0xb7, 0x3c, 0xf1, 0x88, 0x91, 0x0f}},
    .magic = 0xdab5bffa,
    .bits_max = 0x207fffff,
    .pow = POW_SHA256D,
    .p2pkh = 111,
    .p2sh = 196,
    .hrp = "bcrt",
    .money_max = 21000000 * COIN,
    .decimals = 8,
    .symbol = "BTC",
};

static const struct chain litecoin = {
    .name = "litecoin",
    .caip2 = "bip122:12a765e31ffd4059bada1e25190f6e98",
    .genesis = {{0xe2, 0xbf, 0x04, 0x7e, 0x7e, 0x5a, 0x19, 0x1a, 0xa4, 0xef, 0x34,
                 0xd3, 0x14, 0x97, 0x9d, 0xc9, 0x98, 0x6e, 0x0f, 0x19, 0x25, 0x1e,
                 0xda, 0xba, 0x59, 0x40, 0xfd, 0x1f, 0xe3, 0x65, 0xa7, 0x12}},
    .magic = 0xdbb6c0fb,
    .bits_max = 0x1e0fffff,
    .pow = POW_SCRYPT,
    .wire = WIRE_MWEB,
    .pools = mweb_pools,
    .p2pkh = 48,
    .p2sh = 50,
    .p2sh_old = 5,
    .hrp = "ltc",
    .money_max = 84000000 * COIN,
    .decimals = 8,
    .symbol = "LTC",
};

static const struct chain litecoin_test = {
    .name = "litecoin:test",
    .caip2 = "bip122:4966625a4b2851d9fdee139e56211a0d",
    .genesis = {{0xa0, 0x29, 0x3e, 0x4e, 0xeb, 0x3d, 0xa6, 0xe6, 0xf5, 0x6f, 0x81,
                 0xed, 0x59, 0x5f, 0x57, 0x88, 0x0d, 0x1a, 0x21, 0x56, 0x9e, 0x13,
                 0xee, 0xfd, 0xd9, 0x51, 0x28, 0x4b, 0x5a, 0x62, 0x66, 0x49}},
    .magic = 0xf1c8d2fd,
    .bits_max = 0x1e0fffff,
    .pow = POW_SCRYPT,
    .wire = WIRE_MWEB,
    .pools = mweb_pools,
    .p2pkh = 111,
    .p2sh = 58,
    .p2sh_old = 196,
    .hrp = "tltc",
    .money_max = 84000000 * COIN,
    .decimals = 8,
    .symbol = "LTC",
};

static const struct chain litecoin_regtest = {
    .name = "litecoin:regtest",
    .caip2 = "bip122:530827f38f93b43ed12af0b3ad25a288",
    .genesis = {{0xf9, 0x16, 0xc4, 0x56, 0xfc, 0x51, 0xdf, 0x62, 0x78, 0x85, 0xd7,
                 0xd6, 0x74, 0xed, 0x02, 0xdc, 0x88, 0xa2, 0x25, 0xad, 0xb3, 0xf0,
                 0x2a, 0xd1, 0x3e, 0xb4, 0x93, 0x8f, 0xf3, 0x27, 0x08, 0x53}},
    .magic = 0xdab5bffa,
    .bits_max = 0x207fffff,
    .pow = POW_SCRYPT,
    .wire = WIRE_MWEB,
    .pools = mweb_pools,
    .p2pkh = 111,
    .p2sh = 58,
    .p2sh_old = 196,
    .hrp = "rltc",
    .money_max = 84000000 * COIN,
    .decimals = 8,
    .symbol = "LTC",
};

static const struct chain dogecoin = {
    .name = "dogecoin",
    .caip2 = "bip122:1a91e3dace36e2be3bf030a65679fe82",
    .genesis = {{0x91, 0x56, 0x35, 0x2c, 0x18, 0x18, 0xb3, 0x2e, 0x90, 0xc9, 0xe7,
                 0x92, 0xef, 0xd6, 0xa1, 0x1a, 0x82, 0xfe, 0x79, 0x56, 0xa6, 0x30,
                 0xf0, 0x3b, 0xbe, 0xe2, 0x36, 0xce, 0xda, 0xe3, 0x91, 0x1a}},
    .magic = 0xc0c0c0c0,
    .bits_max = 0x1e0fffff,
    .pow = POW_SCRYPT,
    .aux_id = 0x62,
    .p2pkh = 30,
    .p2sh = 22,
    .money_max = 10000000000 * COIN,
    .decimals = 8,
    .symbol = "DOGE",
};

static const struct chain dogecoin_regtest = {
    .name = "dogecoin:regtest",
    .caip2 = "bip122:3d2160a3b5dc4a9d62e7e66a295f7031",
    .genesis = {{0xa5, 0x73, 0xe9, 0x1c, 0x17, 0x72, 0x07, 0x6c, 0x0d, 0x40, 0xf7,
                 0x0e, 0x44, 0x08, 0xc8, 0x3a, 0x31, 0x70, 0x5f, 0x29, 0x6a, 0xe6,
                 0xe7, 0x62, 0x9d, 0x4a, 0xdc, 0xb5, 0xa3, 0x60, 0x21, 0x3d}},
    .magic = 0xdab5bffa,
    .bits_max = 0x207fffff,
    .pow = POW_SCRYPT,
    .aux_id = 0x62,
    .p2pkh = 111,
    .p2sh = 196,
    .money_max = 10000000000 * COIN,
    .decimals = 8,
    .symbol = "DOGE",
};

static const struct chain zcash = {
    .name = "zcash",
    .caip2 = "bip122:00040fe8ec8471911baa1db1266ea15d",
    .genesis = {{0x08, 0xce, 0x3d, 0x97, 0x31, 0xb0, 0x00, 0xc0, 0x83, 0x38, 0x45,
                 0x5c, 0x8a, 0x4a, 0x6b, 0xd0, 0x5d, 0xa1, 0x6e, 0x26, 0xb1, 0x1d,
                 0xaa, 0x1b, 0x91, 0x71, 0x84, 0xec, 0xe8, 0x0f, 0x04, 0x00}},
    .magic = 0x6427e924,
    .bits_max = 0x1f07ffff,
    .pow = POW_EQUIHASH,
    .wire = WIRE_ZCASH,
    .equihash_n = 200,
    .equihash_k = 9,
    .pools = zcash_pools,
    .p2pkh = 0x1cb8,
    .p2sh = 0x1cbd,
    .money_max = 21000000 * COIN,
    .decimals = 8,
    .symbol = "ZEC",
};

static const struct chain zcash_test = {
    .name = "zcash:test",
    .caip2 = "bip122:05a60a92d99d85997cce3b87616c089f",
    .genesis = {{0x38, 0x2c, 0x4a, 0x33, 0x26, 0x61, 0xc7, 0xed, 0x06, 0x71, 0xf3,
                 0x2a, 0x34, 0xd7, 0x24, 0x61, 0x9f, 0x08, 0x6c, 0x61, 0x87, 0x3b,
                 0xce, 0x7c, 0x99, 0x85, 0x9d, 0xd9, 0x92, 0x0a, 0xa6, 0x05}},
    .magic = 0xbff91afa,
    .bits_max = 0x2007ffff,
    .pow = POW_EQUIHASH,
    .wire = WIRE_ZCASH,
    .equihash_n = 200,
    .equihash_k = 9,
    .pools = zcash_pools,
    .p2pkh = 0x1d25,
    .p2sh = 0x1cba,
    .money_max = 21000000 * COIN,
    .decimals = 8,
    .symbol = "ZEC",
};

static const struct chain zcash_regtest = {
    .name = "zcash:regtest",
    .caip2 = "bip122:029f11d80ef9765602235e1bc9727e3e",
    .genesis = {{0x27, 0xe3, 0x01, 0x34, 0xd6, 0x20, 0xe9, 0xfe, 0x61, 0xf7, 0x19,
                 0x93, 0x83, 0x20, 0xba, 0xb6, 0x3e, 0x7e, 0x72, 0xc9, 0x1b, 0x5e,
                 0x23, 0x02, 0x56, 0x76, 0xf9, 0x0e, 0xd8, 0x11, 0x9f, 0x02}},
    .magic = 0x5f3fe8aa,
    .bits_max = 0x200f0f0f,
    .pow = POW_EQUIHASH,
    .wire = WIRE_ZCASH,
    .equihash_n = 48,
    .equihash_k = 5,
    .pools = zcash_pools,
    .p2pkh = 0x1d25,
    .p2sh = 0x1cba,
    .money_max = 21000000 * COIN,
    .decimals = 8,
    .symbol = "ZEC",
};

static const struct chain bitcoin_sim = {
    .name = "bitcoin:sim",
    .caip2 = "bip122:763d331ac67e410d9da444d0ecd04bb9",
    .genesis = {{0xda, 0x8b, 0x6c, 0x9a, 0xc4, 0x2f, 0x31, 0xf5, 0xe1, 0x3d, 0xa1,
                 0x5b, 0x30, 0xb3, 0x5e, 0xad, 0xb9, 0x4b, 0xd0, 0xec, 0xd0, 0x44,
                 0xa4, 0x9d, 0x0d, 0x41, 0x7e, 0xc6, 0x1a, 0x33, 0x3d, 0x76}},
    .magic = 0xd1a7e9f5,
    .bits_max = 0x207fffff,
    .pow = POW_SHA256D,
    .p2pkh = 63,
    .p2sh = 125,
    .hrp = "sim",
    .money_max = 21000000 * COIN,
    .decimals = 8,
    .symbol = "BTC",
};

static const struct chain *const chains[] = {
    &bitcoin,       &bitcoin_test,     &bitcoin_signet, &bitcoin_regtest,  &litecoin,
    &litecoin_test, &litecoin_regtest, &dogecoin,       &dogecoin_regtest, &zcash,
    &zcash_test,    &zcash_regtest,    &bitcoin_sim,
};

#define CHAINS_N (sizeof(chains) / sizeof(chains[0]))

#define EVM(n, id, coin)                                                                           \
    {                                                                                              \
        .shape = CHAIN_ACCOUNTS, .dialect = &dialect_evm, .name = (n), .caip2 = "eip155:" #id,     \
        .decimals = 18, .evm_id = (id), .symbol = (coin), .sweep_left = 10000000000000000          \
    }

#define TRON(n, id)                                                                                \
    {                                                                                              \
        .shape = CHAIN_ACCOUNTS, .dialect = &dialect_tron, .name = (n), .caip2 = "tron:" id,       \
        .decimals = 6, .symbol = "TRX", .sweep_left = 2000000                                      \
    }

static const struct chain account_chains[] = {
    EVM("ethereum", 1, "ETH"),
    EVM("optimism", 10, "ETH"),
    EVM("bsc", 56, "BNB"),
    EVM("polygon", 137, "POL"),
    EVM("base", 8453, "ETH"),
    EVM("arbitrum", 42161, "ETH"),
    EVM("avalanche", 43114, "AVAX"),
    EVM("gnosis", 100, "XDAI"),
    EVM("scroll", 534352, "ETH"),
    EVM("evm:sim", 1337, "ETH"),
    EVM("evm:dev", 31337, "ETH"),
    TRON("tron", "0x2b6653dc"),
    TRON("tron:shasta", "0x94a9059e"),
    TRON("tron:nile", "0xcd8690dc"),
    {.shape = CHAIN_ACCOUNTS,
     .dialect = &dialect_solana,
     .name = "solana",
     .caip2 = "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp",
     .genesis = {{0x45, 0x29, 0x69, 0x98, 0xa6, 0xf8, 0xe2, 0xa7, 0x84, 0xdb, 0x5d,
                  0x9f, 0x95, 0xe1, 0x8f, 0xc2, 0x3f, 0x70, 0x44, 0x1a, 0x10, 0x39,
                  0x44, 0x68, 0x01, 0x08, 0x98, 0x79, 0xb0, 0x8c, 0x7e, 0xf0}},
     .decimals = 9,
     .slots = true,
     /* Agave's "update_clock" holds a block to its parent's time since version 1.4, of the end of
      * 2020 (solana-labs/solana#13120); by July 2021 all nodes had that version. */
     .ascends_from = 1625097600,
     .sweep_left = 900880, /* an empty account may keep 890,880 for its rent; and two fees */
     .symbol = "SOL"},
    {.shape = CHAIN_ACCOUNTS,
     .dialect = &dialect_xrpl,
     .name = "xrpl",
     .caip2 = "xrpl:0",
     .decimals = 6,
     .issued_decimals = 30,
     .sweep_left = 1000020, /* the reserve of an account, and two fees */
     .symbol = "XRP"},
};

#define ACCOUNT_CHAINS_N (sizeof(account_chains) / sizeof(account_chains[0]))

static struct bank { /* made when first named; [banks_n] are whole and stay */
    struct chain chain;
    char name[CHAIN_BANK_NAME_MAX + 6];
} banks[CHAIN_BANKS_MAX];
static size_t banks_n;
static pthread_mutex_t banks_lock = PTHREAD_MUTEX_INITIALIZER;

static bool bank_name(const char *name)
{
    size_t n = strlen(name);

    return n > 5 && n <= CHAIN_BANK_NAME_MAX + 5 && !strncmp(name, "bank:", 5) &&
           strspn(name + 5, "abcdefghijklmnopqrstuvwxyz0123456789-") == n - 5;
}

static const struct chain *bank_by_name(const char *name)
{
    const struct chain *found = NULL;

    if (!bank_name(name))
        return NULL;
    pthread_mutex_lock(&banks_lock);
    for (size_t i = 0; i < banks_n && !found; i++)
        if (!strcmp(banks[i].name, name))
            found = &banks[i].chain;
    if (!found && banks_n < CHAIN_BANKS_MAX) {
        struct bank *b = &banks[banks_n++];

        memcpy(b->name, name, strlen(name) + 1);
        b->chain = (struct chain){
            .shape = CHAIN_BANK, .dialect = &dialect_bank, .name = b->name, .caip2 = b->name};
        found = &b->chain;
    }
    pthread_mutex_unlock(&banks_lock);
    return found;
}

const struct chain *chain_by_name(const char *name)
{
    for (size_t i = 0; i < CHAINS_N; i++)
        if (!strcmp(chains[i]->name, name))
            return chains[i];
    for (size_t i = 0; i < ACCOUNT_CHAINS_N; i++)
        if (!strcmp(account_chains[i].name, name))
            return &account_chains[i];
    return bank_by_name(name);
}

const struct chain *chain_by_caip2(const char *caip2)
{
    for (size_t i = 0; i < CHAINS_N; i++)
        if (!strcmp(chains[i]->caip2, caip2))
            return chains[i];
    for (size_t i = 0; i < ACCOUNT_CHAINS_N; i++)
        if (!strcmp(account_chains[i].caip2, caip2))
            return &account_chains[i];
    return NULL;
}

const struct chain *chain_by_evm_id(uint64_t id)
{
    for (size_t i = 0; i < ACCOUNT_CHAINS_N; i++)
        if (id && account_chains[i].evm_id == id)
            return &account_chains[i];
    return NULL;
}

const struct chain *chain_by_genesis(const struct hash32 *genesis)
{
    for (size_t i = 0; i < CHAINS_N; i++)
        if (hash32_equal(&chains[i]->genesis, genesis))
            return chains[i];
    return NULL;
}

const struct chain *const *chain_all(size_t *ret_n)
{
    *ret_n = CHAINS_N;
    return chains;
}

const struct chain *chain_all_accounts(size_t *ret_n)
{
    *ret_n = ACCOUNT_CHAINS_N;
    return account_chains;
}
