/* What reads as a key reads again as the same key, by its space's name; and a ledger of its chain
 * has it and gives it back, and so do the other
 * addresses of the same key. The first byte chooses the hint. */
#include "chain/address_form.h"
#include "chain/address_key.h"
#include "chain/address_same.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const hints[] = {NULL,     "",       "BTC",  "BCH",   "LTC",     "ETH",
                                        "USDT",   "TRX",    "tron", "XMR",   "ZEC",     "EOS",
                                        "solana", "xrpl:0", "evm",  "other", "bitcoin", "eip155:1"};
    const char *hint = hints[size ? data[0] % (sizeof(hints) / sizeof(hints[0])) : 0];
    struct address_key key, again, same[ADDRESS_SAME_MAX];
    char looks[ADDRESS_LOOKS_MAX];
    struct err err;
    size_t n, chains_n;
    uint8_t on[ACCOUNT_KEY_MAX];
    const struct chain *const *coins = chain_all(&chains_n);

    if (size && address_looks((const char *)data + 1, size - 1, looks))
        assert(strlen(looks) < sizeof(looks));
    if (!size || !address_key_read((const char *)data + 1, size - 1, hint, &key, &err))
        return 0;
    assert(address_key_read(key.text, key.n, address_space_name((enum address_space)key.space),
                            &again, &err));
    assert(address_key_equal(&key, &again));
    for (size_t i = 0, same_n = address_same(&key, same); i < same_n; i++) {
        assert(!address_key_equal(&key, &same[i]));
        assert(address_key_read(same[i].text, same[i].n,
                                address_space_name((enum address_space)same[i].space), &again,
                                &err));
        assert(address_key_equal(&same[i], &again));
    }
    for (size_t i = 0; i < chains_n; i++)
        if (address_key_on(&key, coins[i], on, &n)) {
            assert(address_key_of(coins[i], (struct bytes){on, n}, &again));
            assert(key.space == again.space);
        }
    return 0;
}
