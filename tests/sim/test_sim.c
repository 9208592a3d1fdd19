#include "support.h"

#include "sim/genesis.h"

#include <openssl/sha.h>
#include <stdio.h>

/* Expected values: computed with Python's hashlib from the same bytes. */
static void sha256d_shown(const uint8_t *p, size_t n, char ret[65])
{
    uint8_t once[32], twice[32];

    SHA256(p, n, once);
    SHA256(once, 32, twice);
    for (int i = 0; i < 32; i++)
        snprintf(ret + 2 * i, 3, "%02x", twice[31 - i]);
}

static void genesis_is_what_the_chain_row_says(void **state)
{
    struct bytes block = sim_genesis();
    char shown[65];

    CHECK_U(block.n, 192);
    sha256d_shown(block.p, 80, shown);
    CHECK_S(shown, "763d331ac67e410d9da444d0ecd04bb9ad5eb3305ba13de1f5312fc49a6c8bda");
    sha256d_shown(block.p + 81, block.n - 81, shown); /* the one txid is the merkle root */
    CHECK_S(shown, "380e4618c789d1230bb9e3186ecc17b2ea857a1117205ba93ac1b5a4cfb97e24");
    CHECK_U(load_le32(block.p + 68), SIM_GENESIS_TIME);
    CHECK_U(load_le32(block.p + 72), SIM_BITS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(genesis_is_what_the_chain_row_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
