/* Keys sought in a run, however they lie: held against a look at every entry. */
#include "ledger/index.h"

#include "support.h"

#include <stdlib.h>

#define ENTRIES_MAX 300u

static uint64_t spread(struct test_random *r)
{
    return test_random(r);
}

static uint64_t small(struct test_random *r)
{
    return test_below(r, 200) << 24;
}

static uint64_t large(struct test_random *r)
{
    return UINT64_MAX - (test_below(r, 200) << 24);
}

static uint64_t one(struct test_random *r)
{
    (void)r;
    return (uint64_t)77 << 40;
}

static uint64_t two_heaps(struct test_random *r)
{
    return test_below(r, 2) ? small(r) : large(r);
}

static uint64_t doubling(struct test_random *r)
{
    return (uint64_t)1 << test_below(r, 64);
}

static const struct {
    const char *name;
    uint64_t (*key)(struct test_random *r);
} lies[] = {
    {"spread evenly", spread}, {"small", small},         {"large", large},
    {"all the same", one},     {"two heaps", two_heaps}, {"doubling", doubling},
};

static int by_value(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

/* A run of n sorted keys, whose ids are their places. */
static void run_make(struct index_run *run, const uint64_t *keys, size_t n, unsigned key_bytes)
{
    static uint8_t key_at[ENTRIES_MAX * 8], id_at[ENTRIES_MAX * 2];

    for (size_t i = 0; i < n; i++) {
        uint64_t key = key_bytes == INDEX_KEY_WHOLE ? keys[i] : keys[i] >> 24;

        for (unsigned b = 0; b < key_bytes; b++)
            key_at[key_bytes * i + b] = (uint8_t)(key >> 8 * b);
        id_at[2 * i] = (uint8_t)i;
        id_at[2 * i + 1] = (uint8_t)(i >> 8);
    }
    *run = (struct index_run){
        .key_bytes = key_bytes, .id_bytes = 2, .n = n, .keys = key_at, .ids = id_at};
}

static void sought(const struct index *x, const uint64_t *keys, size_t n, uint64_t key)
{
    struct index_walk w = {0};
    uint64_t id = 0;

    for (size_t i = n; i-- > 0;)
        if (index_key(keys[i], x->key_bytes) == key) {
            CHECK(index_next(x, key, &w, &id));
            CHECK_U(id, i);
        }
    CHECK(!index_next(x, key, &w, &id));
}

static void however_keys_lie(void **state)
{
    static struct index x = {.runs_n = 1};
    struct test_random random = {test_seed()};
    uint64_t keys[ENTRIES_MAX];

    (void)state;
    for (unsigned i = 0; i < 2000; i++) {
        unsigned lie = i % (sizeof(lies) / sizeof(lies[0]));
        size_t n = i < 200 ? i / 10 : test_below(&random, ENTRIES_MAX);

        test_row("%s, %zu of them", lies[lie].name, n);
        x.key_bytes = i % 4 ? INDEX_KEY_WHOLE : INDEX_KEY_SHORT;
        for (size_t k = 0; k < n; k++)
            keys[k] = lies[lie].key(&random);
        qsort(keys, n, sizeof(keys[0]), by_value);
        run_make(&x.runs[0], keys, n, x.key_bytes);
        sought(&x, keys, n, 0);
        sought(&x, keys, n, index_key(UINT64_MAX, x.key_bytes));
        for (size_t k = 0; k < n && k < 20; k++) {
            uint64_t key = keys[test_below(&random, n)];

            sought(&x, keys, n, index_key(key, x.key_bytes));
            sought(&x, keys, n, index_key(key - 1, x.key_bytes));
            sought(&x, keys, n, index_key(key + 1, x.key_bytes));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(however_keys_lie)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
