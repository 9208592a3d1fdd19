#include "chain/solana/derived.h"

#include "base/hash.h"

#include <sodium.h>

/* Only what is a point can be added to itself; whether it is one of small order, or of the main
 * group, as crypto_core_ed25519_is_valid_point asks, the runtime does not ask. */
static bool is_point(const uint8_t key[SOLANA_KEY_BYTES])
{
    uint8_t sum[crypto_core_ed25519_BYTES];

    return !crypto_core_ed25519_add(sum, key, key);
}

bool solana_derived(struct bytes seeds, const uint8_t program[SOLANA_KEY_BYTES],
                    uint8_t ret[SOLANA_KEY_BYTES])
{
    static const char words[] = "ProgramDerivedAddress";
    uint8_t text[SOLANA_SEEDS_MAX + 1 + SOLANA_KEY_BYTES + sizeof(words)], *at = text + seeds.n;

    if (seeds.n > SOLANA_SEEDS_MAX)
        return false;
    if (seeds.n)
        memcpy(text, seeds.p, seeds.n);
    memcpy(at + 1, program, SOLANA_KEY_BYTES);
    memcpy(at + 1 + SOLANA_KEY_BYTES, words, sizeof(words) - 1);
    for (unsigned bump = 256; bump--;) {
        struct hash32 hash;

        *at = (uint8_t)bump;
        hash = sha256(text, seeds.n + 1 + SOLANA_KEY_BYTES + sizeof(words) - 1);
        if (is_point(hash.b))
            continue;
        memcpy(ret, hash.b, SOLANA_KEY_BYTES);
        return true;
    }
    return false;
}
