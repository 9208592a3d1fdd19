#include "support.h"

#include "sim/genesis.h"
#include "sim/sim.h"

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

static struct sim_shape run(uint64_t seed, uint64_t blocks, uint64_t bytes, bool xor, char ret_dir[300])
{
    struct sim_options o = {.seed = seed, .blocks = blocks, .bytes = bytes, .xor = xor, .dir = ret_dir};
    struct sim_shape shape;
    struct err err;

    snprintf(ret_dir, 300, "%s/sim", test_dir());
    CHECK_OK(sim_run(&o, &shape, &err), err);
    return shape;
}

static struct bytes file_of(const char *dir, const char *name)
{
    char path[400];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return test_read(path);
}

static void same_seed_same_bytes(void **state)
{
    static const char *const names[] = {"blocks/blk00000.dat", "blocks/rev00000.dat"};
    char one[300], again[300], other[300];

    run(5, 150, 0, false, one);
    run(5, 150, 0, false, again);
    run(6, 150, 0, false, other);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        test_row("%s", names[i]);
        CHECK(bytes_equal(file_of(one, names[i]), file_of(again, names[i])));
        CHECK(!bytes_equal(file_of(one, names[i]), file_of(other, names[i])));
    }
}

static void bytes_are_reached_with_the_last_block(void **state)
{
    char dir[300];
    struct sim_shape shape = run(1, 0, 3 << 20, false, dir);

    CHECK(shape.bytes >= 3 << 20);
    CHECK(shape.bytes < (3 << 20) + 40000);
    CHECK_U(shape.bytes, file_of(dir, "blocks/blk00000.dat").n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(genesis_is_what_the_chain_row_says),
        cmocka_unit_test(same_seed_same_bytes),
        cmocka_unit_test(bytes_are_reached_with_the_last_block),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
