/* The table of chains, held against what each network builds its genesis block from. */
#include "support.h"

#include "base/text.h"
#include "chain/chain.h"
#include "sim/genesis.h"

#include <openssl/sha.h>

/* The arguments of CreateGenesisBlock in chainparams.cpp of Bitcoin, Litecoin and Dogecoin Core and
 * the merkle roots that it asserts, as shown; of Litecoin's regtest, what litecoind -regtest
 * answers to getblock. Zcash's first blocks are read in test-coins. */
static const struct {
    const char *name, *hash, *merkle_root;
    uint32_t time, nonce, bits;
    const char *magic; /* pchMessageStart, in file order */
    const char *hrp;
    unsigned p2pkh, p2sh;
    uint32_t bits_max; /* of powLimit; 0: the bits of the first block are that */
} genesis_rows[] = {
    {"bitcoin", "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f",
     "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b", 1231006505, 2083236893,
     0x1d00ffff, "f9beb4d9", "bc", 0, 5},
    {"bitcoin:test", "000000000933ea01ad0ee984209779baaec3ced90fa3f408719526f8d77f4943",
     "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b", 1296688602, 414098458,
     0x1d00ffff, "0b110907", "tb", 111, 196},
    {"bitcoin:signet", "00000008819873e925422c1ff0f99f7cc9bbb232af63a077a480a3633bee1ef6",
     "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b", 1598918400, 52613770,
     0x1e0377ae, "0a03cf40", "tb", 111, 196},
    {"bitcoin:regtest", "0f9188f13cb7b2c71f2a335e3a4fc328bf5beb436012afca590b1a11466e2206",
     "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b", 1296688602, 2, 0x207fffff,
     "fabfb5da", "bcrt", 111, 196},
    {"litecoin:regtest", "530827f38f93b43ed12af0b3ad25a288dc02ed74d6d7857862df51fc56c416f9",
     "97ddfbbae6be97fd6cdf3e7ca13232a3afff2353e29badfab7f73011edd4ced9", 1296688602, 0, 0x207fffff,
     "fabfb5da", "rltc", 111, 58},
    {"litecoin", "12a765e31ffd4059bada1e25190f6e98c99d9714d334efa41a195a7e7e04bfe2",
     "97ddfbbae6be97fd6cdf3e7ca13232a3afff2353e29badfab7f73011edd4ced9", 1317972665, 2084524493,
     0x1e0ffff0, "fbc0b6db", "ltc", 48, 50, 0x1e0fffff},
    {"litecoin:test", "4966625a4b2851d9fdee139e56211a0d88575f59ed816ff5e6a63deb4e3e29a0",
     "97ddfbbae6be97fd6cdf3e7ca13232a3afff2353e29badfab7f73011edd4ced9", 1486949366, 293345,
     0x1e0ffff0, "fdd2c8f1", "tltc", 111, 58, 0x1e0fffff},
    {"dogecoin", "1a91e3dace36e2be3bf030a65679fe821aa1d6ef92e7c9902eb318182c355691",
     "5b2a3f53f605d62c53e62932dac6925e3d74afa5a4b459745c36d42d0ed26a69", 1386325540, 99943,
     0x1e0ffff0, "c0c0c0c0", NULL, 30, 22, 0x1e0fffff},
    {"dogecoin:regtest", "3d2160a3b5dc4a9d62e7e66a295f70313ac808440ef7400d6c0772171ce973a5",
     "5b2a3f53f605d62c53e62932dac6925e3d74afa5a4b459745c36d42d0ed26a69", 1296688602, 2, 0x207fffff,
     "fabfb5da", NULL, 111, 196, 0},
    {SIM_CHAIN, "763d331ac67e410d9da444d0ecd04bb9ad5eb3305ba13de1f5312fc49a6c8bda",
     "380e4618c789d1230bb9e3186ecc17b2ea857a1117205ba93ac1b5a4cfb97e24", SIM_GENESIS_TIME, 2,
     SIM_BITS, "f5e9a7d1", SIM_HRP, SIM_P2PKH, SIM_P2SH},
};

#define GENESIS_ROWS (sizeof(genesis_rows) / sizeof(genesis_rows[0]))

static struct hash32 from_shown(const char *shown)
{
    struct bytes b = test_hex(shown);
    struct hash32 h;

    for (size_t i = 0; i < 32; i++)
        h.b[i] = b.p[31 - i];
    return h;
}

static struct hash32 genesis_hash(size_t row)
{
    struct hash32 root = from_shown(genesis_rows[row].merkle_root), h;
    uint8_t header[80] = {1}; /* version 1, no parent */

    memcpy(header + 36, root.b, 32);
    store_le32(header + 68, genesis_rows[row].time);
    store_le32(header + 72, genesis_rows[row].bits);
    store_le32(header + 76, genesis_rows[row].nonce);
    SHA256(header, sizeof(header), h.b);
    SHA256(h.b, sizeof(h.b), h.b);
    return h;
}

static void genesis_blocks(void **state)
{
    for (size_t i = 0; i < GENESIS_ROWS; i++) {
        const struct chain *c = chain_by_name(genesis_rows[i].name);
        struct hash32 computed = genesis_hash(i), shown = from_shown(genesis_rows[i].hash);
        struct bytes magic = test_hex(genesis_rows[i].magic);

        test_row("%s", genesis_rows[i].name);
        CHECK(c);
        CHECK(hash32_equal(&computed, &shown));
        CHECK(hash32_equal(&c->genesis, &computed));
        CHECK(chain_by_genesis(&computed) == c);
        CHECK_U(c->magic, load_le32(magic.p));
        CHECK_U(c->bits_max,
                genesis_rows[i].bits_max ? genesis_rows[i].bits_max : genesis_rows[i].bits);
        if (genesis_rows[i].hrp)
            CHECK_S(c->hrp, genesis_rows[i].hrp);
        else
            CHECK(!c->hrp);
        CHECK_U(c->p2pkh, genesis_rows[i].p2pkh);
        CHECK_U(c->p2sh, genesis_rows[i].p2sh);
    }
}

/* CAIP-2, namespace bip122: the first 32 hex digits of the genesis hash as shown. */
static void rows_agree_with_themselves(void **state)
{
    size_t n;
    const struct chain *const *all = chain_all(&n);

    CHECK_U(n, GENESIS_ROWS + 3); /* and Zcash's */
    for (size_t i = 0; i < n; i++) {
        struct text want = text_new(64);

        test_row("%s", all[i]->name);
        text_str(&want, "bip122:");
        text_hex_reversed(&want, all[i]->genesis.b + 16, 16);
        CHECK_S(all[i]->caip2, text_string(&want));
        text_free(&want);
        for (size_t j = 0; j < n; j++)
            CHECK_U(hash32_equal(&all[i]->genesis, &all[j]->genesis), i == j);
        CHECK(chain_by_name(all[i]->name) == all[i]);
        CHECK_U(all[i]->decimals, 8);
        CHECK(all[i]->money_max >= 2100000000000000);
    }
}

static void unknown_chains(void **state)
{
    struct hash32 none = {{0}};

    CHECK(!chain_by_name("dash"));
    CHECK(!chain_by_name(""));
    CHECK(!chain_by_name("Bitcoin"));
    CHECK(!chain_by_genesis(&none));
}

/* Ids as the chains assert them (EIP-155; the public list of EVM chains). */
static void account_chains(void **state)
{
    static const struct {
        const char *name;
        uint64_t id;
        const char *symbol;
    } rows[] = {
        {"ethereum", 1, "ETH"},       {"optimism", 10, "ETH"}, {"bsc", 56, "BNB"},
        {"polygon", 137, "POL"},      {"base", 8453, "ETH"},   {"arbitrum", 42161, "ETH"},
        {"avalanche", 43114, "AVAX"}, {"gnosis", 100, "XDAI"}, {"scroll", 534352, "ETH"},
    };
    const struct chain *bank = chain_by_name("bank:rizal-ny");
    size_t n;
    const struct chain *all = chain_all_accounts(&n);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_row("%s", rows[i].name);
        CHECK(chain_by_name(rows[i].name) == chain_by_evm_id(rows[i].id));
        CHECK_U(chain_by_name(rows[i].name)->evm_id, rows[i].id);
        CHECK_S(chain_by_name(rows[i].name)->symbol, rows[i].symbol);
    }
    for (size_t i = 0; i < n; i++)
        CHECK(chain_has_accounts(&all[i]) && chain_by_name(all[i].name) == &all[i]);
    CHECK(bank && bank == chain_by_name("bank:rizal-ny") && bank->shape == CHAIN_BANK);
    CHECK(!chain_by_name("bank:") && !chain_by_name("bank:A") && !chain_by_name("bank:a/b") &&
          !chain_by_evm_id(0));
    CHECK(!chain_by_name("bank:123456789012345678901234567890123"));
    CHECK(!chain_has_accounts(chain_by_name("bitcoin")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(genesis_blocks),
        cmocka_unit_test(rows_agree_with_themselves),
        cmocka_unit_test(unknown_chains),
        cmocka_unit_test(account_chains),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
