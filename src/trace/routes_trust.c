/* Contracts whose word is taken, and pools known by their address.
 *
 * A factory makes a pool at keccak256(0xff factory salt hash-of-code) (EIP-1014), so whoever knows
 * the tokens can tell a pool of Uniswap's kind from a contract that only says what one would say.
 *
 * Sources: the projects' lists of deployments: Uniswap v2-core, v3-core and v4-core, SushiSwap,
 * Balancer, Curve, THORChain (thornode, bifrost), Circle CCTP, Across, Hop, OP stack (superchain
 * registry), Ronin, Nomad, Celer. Most are seen at work in the data that the tests read. */
#include "trace/routes_parts.h"

#include "base/keccak.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>

#define ADDRESS_BYTES 20
#define WORD 32
#define ANY_CHAIN 0u

static const struct {
    uint64_t evm_id; /* ANY_CHAIN: at the same address on each */
    const char *key, *name;
} known[] = {
    {1, "d37bbe5744d730a1d98d8dc97c42f0ca46ad7146", "THORChain router"},
    {1, "3624525075b88b24ecc29ce226b0cec1ffcb6976", "THORChain router"},
    {1, "c145990e84155416144c532e31f89b840ca8c2ce", "THORChain router"},
    {43114, "8f66c4ae756bebc49ec8b81966dd8bba9f127549", "THORChain router"},
    {1, "bd3fa81b58ba92a82136038b25adec7066af3155", "CCTP TokenMessenger"},
    {1, "0a992d191deec32afe36203ad87d7d289a738f81", "CCTP MessageTransmitter"},
    {43114, "6b25532e1060ce10cc3b0a99e5683b91bfde6982", "CCTP TokenMessenger"},
    {43114, "8186359af5f57fbb40c6b14a588d2a59c0c29880", "CCTP MessageTransmitter"},
    {10, "2b4069517957735be00cee0fadae88a26365528f", "CCTP TokenMessenger"},
    {10, "4d41f22c5a0e5c74090899e5a8fb597a8842b3e8", "CCTP MessageTransmitter"},
    {42161, "19330d10d9cc8751218eaf51e8885d058642e08a", "CCTP TokenMessenger"},
    {42161, "c30362313fbba5cf9163f0bb16a0e01f01a896ca", "CCTP MessageTransmitter"},
    {8453, "1682ae6375c4e4a97e4b583bc394c861a46d8962", "CCTP TokenMessenger"},
    {8453, "ad09780d193884d503182ad4588450c416d6f9d4", "CCTP MessageTransmitter"},
    {137, "9daf8c91aefae50b9c0e69629d3f6ca40ca3b3fe", "CCTP TokenMessenger"},
    {137, "f3be9355363857f3e001be68856a2f96b4c39ba9", "CCTP MessageTransmitter"},
    {1, "5c7bcd6e7de5423a257d81b442095a1a6ced35c5", "Across SpokePool"},
    {10, "6f26bf09b1c792e3228e5467807a900a503c0281", "Across SpokePool"},
    {137, "9295ee1d8c5b022be115a2ad3c30c72e34e7f096", "Across SpokePool"},
    {8453, "09aea4b2242abc8bb4bb78d537a67a245a7bec64", "Across SpokePool"},
    {42161, "e35e9842fceaca96570b734083f4a58e8f7c5f2a", "Across SpokePool"},
    {534352, "3bad7ad0728f9917d1bf08af5782dcbd516cdd96", "Across SpokePool"},
    {1, "b8901acb165ed027e32754e0ffe830802919727f", "Hop bridge"},
    {1, "3666f603cc164936c1b87e207f36beba4ac5f18a", "Hop bridge"},
    {10, "83f6244bd87662118d96d9a6d44f09dfff14b30e", "Hop bridge"},
    {10, "46ae9bab8cea96610807a275ebd36f8e916b5c61", "Hop bridge"},
    {137, "ecf268be00308980b5b3fcd0975d47c4c8e1382a", "Hop bridge"},
    {8453, "46ae9bab8cea96610807a275ebd36f8e916b5c61", "Hop bridge"},
    {8453, "3666f603cc164936c1b87e207f36beba4ac5f18a", "Hop bridge"},
    {42161, "ea5abf2c909169823d939de377ef2bf897a6ce98", "Hop bridge"},
    {100, "d8926c12c0b2e5cd40cfda49ecaff40252af491b", "Hop bridge"},
    {100, "6f03052743cd99ce1b29265e377e320cd24eb632", "Hop bridge"},
    {100, "25d8039bb044dc227f741a9e381ca4ceae2e6ae8", "Hop bridge"},
    {1, "25ace71c97b33cc4729cf772ae268934f7ab5fa1", "OP Mainnet messenger"},
    {1, "beb5fc579115071764c7423a4f12edde41f106ed", "OP Mainnet portal"},
    {1, "5e4e65926ba27467555eb562121fac00d24e9dd2", "OP Mainnet transaction chain"},
    {1, "866e82a600a1414e583f7f13623f1ac5d58b0afa", "Base messenger"},
    {1, "49048044d57e1c92a77f79988d21fa8faf74e97e", "Base portal"},
    {10, "4200000000000000000000000000000000000007", "OP stack messenger"},
    {10, "4200000000000000000000000000000000000016", "OP stack message passer"},
    {8453, "4200000000000000000000000000000000000007", "OP stack messenger"},
    {8453, "4200000000000000000000000000000000000016", "OP stack message passer"},
    {1, "1a2a1c938ce3ec39b6d47113c7955baa9dd454f2", "Ronin bridge"},
    {1, "64192819ac13ef72bf6b5ae239ac672b43a9af08", "Ronin bridge V2"},
    {1, "92d3404a7e6c91455bbd81475cd9fad96acff4c8", "Nomad Home"},
    {1, "049b51e531fd8f90da6d92ea83dc4125002f20ef", "Nomad Replica"},
    {1, "5427fefa711eff984124bfbb1ab6fbf5e3da1820", "Celer cBridge"},
    {ANY_CHAIN, "ba12222222228d8ba445958a75a0704d566bf2c8", "Balancer V2 vault"},
    {ANY_CHAIN, "ba1333333333a1ba1108e8412f11850a5c319ba9", "Balancer V3 vault"},
    {1, "000000000004444c5dc75cb358380d2e3de08a90", "Uniswap V4 pool manager"},
    {42161, "360e68faccca8ca495c1b759fd9eee466db9fb32", "Uniswap V4 pool manager"},
    {100, "5c32143c8b198f392d01f8446b754c181224ac26", "Hop's Saddle pool"},
    {8453, "022c5ce6f1add7423268d41e08df521d5527c2a0", "Hop's Saddle pool"},
    {1, "bebc44782c7db0a1a60cb6fe97d0b483032ff1c7", "Curve 3pool"},
    {1, "d51a44d3fae010294c616388b506acda1bfaae46", "Curve tricrypto2"},
    {1, "7d2768de32b0b80b7a3454c06bdac94a69ddc7a9", "Aave V2 lending pool"},
    {1, "87870bca3f3fd6335c3f4ce8392d69350b4fa4e2", "Aave V3 pool"},
};

static const struct {
    uint64_t evm_id;
    const char *name, *factory, *code; /* code: keccak256 of the code that makes a pool */
    uint32_t fees[5];                  /* 0 ends; none: the salt has no fee and is packed */
} factories[] = {
    /* Uniswap V2, SushiSwap */
    {1,
     "Uniswap V2 pair",
     "5c69bee701ef814a2b6a3edd4b1652cb9cc5aa6f",
     "96e8ac4277198ff8b6f785478aa9a39f403cb768dd02cbee326c3e7da348845f",
     {0}},
    {1,
     "SushiSwap pair",
     "c0aee478e3658e2610c5f7a4a2e1777ce9e4f2ac",
     "e18a34eb0e04b04f7a0ac29a6e80748dca96319b42c54d679cb821dca90c6303",
     {0}},
#define V3_CODE "e34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54"
#define V3_FEES                                                                                    \
    {                                                                                              \
        100, 500, 3000, 10000, 0                                                                   \
    }
    /* Uniswap V3; fees are those that governance has allowed */
    {1, "Uniswap V3 pool", "1f98431c8ad98523631ae4a59f267346ea31f984", V3_CODE, V3_FEES},
    {10, "Uniswap V3 pool", "1f98431c8ad98523631ae4a59f267346ea31f984", V3_CODE, V3_FEES},
    {137, "Uniswap V3 pool", "1f98431c8ad98523631ae4a59f267346ea31f984", V3_CODE, V3_FEES},
    {42161, "Uniswap V3 pool", "1f98431c8ad98523631ae4a59f267346ea31f984", V3_CODE, V3_FEES},
    {8453, "Uniswap V3 pool", "33128a8fc17869897dce68ed026d694621f6fdfd", V3_CODE, V3_FEES},
    {56, "Uniswap V3 pool", "db1d10011ad0ff90774d0c6bb92e5c5c8b4461f7", V3_CODE, V3_FEES},
};

static bool is_hex(struct bytes key, const char *hex)
{
    uint8_t want[ADDRESS_BYTES];

    return key.n == ADDRESS_BYTES &&
           hex_decode(hex, (size_t)2 * ADDRESS_BYTES, want, sizeof(want)) &&
           !memcmp(key.p, want, sizeof(want));
}

const char *routes_trusted(const struct chain *chain, struct bytes contract)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if ((known[i].evm_id == chain->evm_id || known[i].evm_id == ANY_CHAIN) && chain->evm_id &&
            is_hex(contract, known[i].key))
            return known[i].name;
    return NULL;
}

/* EIP-1014 */
static bool made_by(size_t factory, const struct hash32 *salt, struct bytes pool)
{
    uint8_t message[1 + ADDRESS_BYTES + 2 * WORD] = {0xff};
    struct hash32 hash;

    if (!hex_decode(factories[factory].factory, (size_t)2 * ADDRESS_BYTES, message + 1,
                    ADDRESS_BYTES) ||
        !hex_decode(factories[factory].code, (size_t)2 * WORD, message + 1 + ADDRESS_BYTES + WORD,
                    WORD))
        return false;
    memcpy(message + 1 + ADDRESS_BYTES, salt->b, WORD);
    hash = keccak256(message, sizeof(message));
    return !memcmp(hash.b + WORD - ADDRESS_BYTES, pool.p, ADDRESS_BYTES);
}

/* The name of the factory that made a pool of two tokens; NULL: none that is known. */
static const char *maker_of(const struct chain *chain, struct bytes pool, struct bytes one,
                            struct bytes other)
{
    uint8_t packed[2 * ADDRESS_BYTES], words[3 * WORD] = {0};
    struct hash32 salt;

    if (pool.n != ADDRESS_BYTES || one.n != ADDRESS_BYTES || other.n != ADDRESS_BYTES)
        return NULL;
    if (memcmp(one.p, other.p, ADDRESS_BYTES) > 0) { /* token0 is the lower */
        struct bytes swap = one;

        one = other;
        other = swap;
    }
    memcpy(packed, one.p, ADDRESS_BYTES);
    memcpy(packed + ADDRESS_BYTES, other.p, ADDRESS_BYTES);
    memcpy(words + WORD - ADDRESS_BYTES, one.p, ADDRESS_BYTES);
    memcpy(words + 2 * WORD - ADDRESS_BYTES, other.p, ADDRESS_BYTES);
    for (size_t i = 0; i < sizeof(factories) / sizeof(factories[0]); i++) {
        if (factories[i].evm_id != chain->evm_id)
            continue;
        if (!factories[i].fees[0]) {
            salt = keccak256(packed, sizeof(packed));
            if (made_by(i, &salt, pool))
                return factories[i].name;
        }
        for (const uint32_t *fee = factories[i].fees; *fee; fee++) {
            u256_to_be(u256_of(*fee), words + (size_t)2 * WORD);
            salt = keccak256(words, sizeof(words));
            if (made_by(i, &salt, pool))
                return factories[i].name;
        }
    }
    return NULL;
}

struct hash32 routes_trusts_hash(void)
{
    struct sha256_stream s;
    uint8_t number[8];

    sha256_start(&s);
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        store_le64(number, known[i].evm_id);
        sha256_add(&s, number, sizeof(number));
        sha256_add(&s, known[i].key, strlen(known[i].key) + 1);
        sha256_add(&s, known[i].name, strlen(known[i].name) + 1);
    }
    for (size_t i = 0; i < sizeof(factories) / sizeof(factories[0]); i++) {
        store_le64(number, factories[i].evm_id);
        sha256_add(&s, number, sizeof(number));
        sha256_add(&s, factories[i].factory, strlen(factories[i].factory) + 1);
        sha256_add(&s, factories[i].code, strlen(factories[i].code) + 1);
        for (const uint32_t *fee = factories[i].fees; *fee; fee++) {
            store_le64(number, *fee);
            sha256_add(&s, number, sizeof(number));
        }
    }
    return sha256_done(&s);
}

/* ---- what is asked, and kept ---- */

static enum move_grade keep(struct routes *r, struct route_used u)
{
    for (size_t i = 0; i < r->used_n; i++)
        if (r->used[i].ledger == u.ledger && bytes_equal(r->used[i].key, u.key))
            return u.grade;
    if (r->used_n == r->used_size) {
        size_t size = r->used_size ? 2 * r->used_size : 16;
        struct route_used *more = mem_grow(r->used, size * sizeof(*more));

        if (!more) {
            r->used_lost = true;
            return u.grade;
        }
        r->used = more;
        r->used_size = size;
    }
    r->used[r->used_n++] = u;
    return u.grade;
}

/* The simulated chain and a developer's own node, where there are no others' contracts. */
static bool is_of_tests(const struct chain *chain)
{
    return chain->evm_id == 1337 || chain->evm_id == 31337;
}

enum move_grade routes_word_of(struct routes *r, uint32_t ledger, struct bytes contract)
{
    const struct chain *chain = r->ledgers[ledger].chain;
    struct route_used u = {ledger, MOVE_PROVEN, contract, routes_trusted(chain, contract)};

    if (!u.name && is_of_tests(chain))
        u.name = "any contract of a chain of tests";
    for (size_t i = 0; i < r->trusts_n && !u.name; i++)
        if (r->trusts[i].chain == chain && bytes_equal(r->trusts[i].key, contract)) {
            u.name = r->trusts[i].name;
            u.grade = MOVE_STATED;
        }
    return u.name ? keep(r, u) : MOVE_CANDIDATE;
}

enum move_grade routes_word_of_pool(struct routes *r, uint32_t ledger, struct bytes pool,
                                    struct bytes one, struct bytes other)
{
    const char *maker = maker_of(r->ledgers[ledger].chain, pool, one, other);

    return maker ? keep(r, (struct route_used){ledger, MOVE_PROVEN, pool, maker})
                 : routes_word_of(r, ledger, pool);
}

static int used_order(const void *pa, const void *pb)
{
    const struct route_used *x = pa, *y = pb;
    size_t n = x->key.n < y->key.n ? x->key.n : y->key.n;
    int order;

    if (x->ledger != y->ledger)
        return x->ledger < y->ledger ? -1 : 1;
    order = n ? memcmp(x->key.p, y->key.p, n) : 0;
    return order ? order : (x->key.n > y->key.n) - (x->key.n < y->key.n);
}

bool routes_used(struct routes *r, const struct route_used **ret, size_t *ret_n, struct err *err)
{
    if (r->used_lost)
        return routes_nomem(err);
    if (r->used_n)
        qsort(r->used, r->used_n, sizeof(*r->used), used_order);
    *ret = r->used;
    *ret_n = r->used_n;
    return true;
}
