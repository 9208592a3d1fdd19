/* A table of owners against a plain list, with keys that are alike and keys that are the same. */
#include "screen/owner_table.h"

#include "base/mem.h"
#include "support.h"

#define OWNERS 30000
#define SEED 0x5eed

static uint64_t keys[OWNERS];

/* Every one is found under its key, once, and nothing under keys that nobody has but what is like
 * them, which is seldom. */
static void check_table(const struct owner_table *t, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t owner;
        uint32_t at = 0;
        size_t found = 0;

        while (owner_table_next(t, keys[i], &at, &owner)) {
            CHECK(owner < n);
            found += owner == i;
        }
        CHECK_U(found, 1);
    }
}

static void as_a_list(void **state)
{
    struct owner_table *t = owner_table_new(SEED);
    struct test_random r = {test_seed()};
    size_t strangers = 0;

    (void)state;
    CHECK(t);
    for (size_t i = 0; i < OWNERS; i++) {
        /* some of two owners, some that differ in their last bits alone, as 40 bits of a ledger of
         * accounts do */
        keys[i] = test_random(&r);
        if (i && test_below(&r, 10) == 0)
            keys[i] = keys[test_below(&r, i)];
        if (test_below(&r, 10) == 0)
            keys[i] &= ~(uint64_t)0xffffff;
        owner_table_put(t, keys[i], i);
        if (i % 5000 == 77) {
            CHECK(owner_table_settle(t));
            check_table(t, i + 1);
        }
    }
    CHECK(owner_table_settle(t));
    check_table(t, OWNERS);
    for (size_t i = 0; i < OWNERS; i++) {
        uint64_t owner;
        uint32_t at = 0;

        strangers += owner_table_next(t, test_random(&r), &at, &owner);
    }
    CHECK(strangers < 10); /* 30,000 * 30,000 / 2^40 is less than one in a thousand */
    CHECK(owner_table_bytes(t) >= (uint64_t)OWNERS * 8);
    owner_table_free(t);
}

static void nothing_is_there(void **state)
{
    struct owner_table *t = owner_table_new(SEED);
    uint64_t owner;
    uint32_t at = 0;

    (void)state;
    CHECK(t);
    CHECK(owner_table_settle(t));
    CHECK(!owner_table_next(t, 1, &at, &owner));
    owner_table_put(t, 1, ((uint64_t)1 << 36) - 1); /* more than can be numbered */
    CHECK(!owner_table_settle(t));
    CHECK(!owner_table_free(t));
    CHECK(!owner_table_free(NULL));
}

/* Whoever could not be put makes the table say so. */
static void failed_allocations(void **state)
{
    (void)state;
    for (int64_t n = 0;; n++) {
        struct owner_table *t;
        bool settled = false, hit;

        mem_fail_from(n);
        t = owner_table_new(SEED);
        for (uint64_t i = 0; t && i < 64; i++)
            owner_table_put(t, i << 59 | i, i);
        if (t)
            settled = owner_table_settle(t);
        hit = mem_fail_hit();
        mem_fail_from(-1);
        owner_table_free(t);
        CHECK_U(settled, !hit);
        if (!hit)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_a_list),
        cmocka_unit_test(nothing_is_there),
        cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
