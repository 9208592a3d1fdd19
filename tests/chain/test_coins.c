/* Litecoin, Dogecoin and Zcash: every block of the data against what is known of it, and blocks
 * made by hand against who made them. */
#include "support.h"

#include "base/text.h"
#include "chain/bitcoin/block.h"
#include "chain/bitcoin/block_walk.h"
#include "chain/bitcoin/script.h"

#include <stdio.h>
#include <stdlib.h>

#define FIELDS 11

enum field { FILE_AT, CHAIN, HEIGHT, HASH, UTC, BITS, BYTES, TXS, TAGS };

struct known { /* a row of BLOCKS.tsv */
    char path[128];
    struct bytes at[FIELDS];
};

static bool next_row(struct bytes *table, struct known *ret)
{
    const uint8_t *end = table->n ? memchr(table->p, '\n', table->n) : NULL;
    const uint8_t *at = table->p;

    if (!end)
        return false;
    for (size_t i = 0; i < FIELDS; i++) {
        const uint8_t *to = memchr(at, '\t', (size_t)(end - at));

        to = to ? to : end;
        ret->at[i] = (struct bytes){at, (size_t)(to - at)};
        at = to < end ? to + 1 : end;
    }
    snprintf(ret->path, sizeof(ret->path), "coins/%.*s", (int)ret->at[FILE_AT].n,
             (const char *)ret->at[FILE_AT].p);
    table->n -= (size_t)(end + 1 - table->p);
    table->p = end + 1;
    return true;
}

static bool is(struct bytes field, const char *s)
{
    return field.n == strlen(s) && !memcmp(field.p, s, field.n);
}

static bool has(struct bytes field, const char *s)
{
    return memmem(field.p, field.n, s, strlen(s)) != NULL;
}

static uint64_t number(struct bytes field)
{
    uint64_t v;

    CHECK(u64_from_text((const char *)field.p, field.n, &v));
    return v;
}

static struct bytes unhex(struct bytes hex)
{
    uint8_t *p = malloc(hex.n / 2 + 1);

    while (hex.n && hex.p[hex.n - 1] <= ' ')
        hex.n--;
    CHECK(hex_decode((const char *)hex.p, hex.n, p, hex.n / 2));
    return (struct bytes){p, hex.n / 2};
}

static void check_hash(const struct hash32 *h, struct bytes shown)
{
    struct text t = text_new(80);

    text_hex_reversed(&t, h->b, 32);
    CHECK(is(shown, text_string(&t)));
    text_free(&t);
}

static void every_block(void **state)
{
    struct bytes table = test_data("coins/BLOCKS.tsv");
    struct block_scratch *s = block_scratch_new();
    size_t n = 0, bad = 0;
    struct known k;

    CHECK(next_row(&table, &k)); /* the names */
    while (next_row(&table, &k)) {
        char name[32];
        const struct chain *chain;
        struct block_facts f;
        struct err err;
        struct bytes raw;
        struct text bits = text_new(16);

        if (has(k.at[FILE_AT], "json"))
            continue;
        test_row("%s", k.path);
        snprintf(name, sizeof(name), "%.*s", (int)k.at[CHAIN].n, (const char *)k.at[CHAIN].p);
        chain = chain_by_name(name);
        raw = unhex(test_data(k.path));
        n++;
        if (has(k.at[FILE_AT], "bad-merkle")) { /* one transaction is cut by a byte */
            CHECK(!block_read(s, chain, raw, BLOCK_CHECK_FULL, &f, &err));
            CHECK_S(err.text, "merkle root differs from the header's");
            CHECK_U(err.class, ERR_INPUT);
            bad++;
            continue;
        }
        CHECK_OK(block_read(s, chain, raw, BLOCK_CHECK_FULL, &f, &err), err);
        check_hash(&f.hash, k.at[HASH]);
        text_printf(&bits, "%08x", header_read(f.header).bits);
        CHECK(is(k.at[BITS], text_string(&bits)));
        text_free(&bits);
        CHECK_U(f.size, number(k.at[BYTES]));
        CHECK_U(f.txs_n, number(k.at[TXS]));
        if (f.height != HEIGHT_UNKNOWN)
            CHECK_U(f.height, number(k.at[HEIGHT]));
        if (chain->wire == WIRE_ZCASH)
            CHECK_U(f.height, number(k.at[HEIGHT]));
        if (!number(k.at[HEIGHT]))
            CHECK(hash32_equal(&f.hash, &chain->genesis));
    }
    block_scratch_free(s);
    CHECK_U(n, 50);
    CHECK_U(bad, 1);
}

/* Where nothing transparent is spent, fees are known from the block alone, and consensus lets the
 * coinbase take just these and the subsidy (protocol specification, 7.8: 12.5 ZEC, in the first
 * 20,000 blocks 625 zatoshi a height, halved with Blossom and at each halving). */
static void what_the_miner_takes(void **state)
{
    static const struct {
        const char *name, *path;
        uint64_t subsidy, pool_in, pool_out;
        size_t pool_inputs;
    } rows[] = {
        {"Sprout", "coins/zcash/00001000.hex", 1000 * 62500, 0, 558811, 1},
        {"Sapling and Orchard, whole", "coins/zcash/01687106.hex", 312500000, 0, 4000, 4},
    };
    const struct chain *chain = chain_by_name("zcash");

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct block_scratch *s = block_scratch_new();
        uint64_t paid = 0, taken = 0, in = 0, value;
        struct block_facts f;
        struct err err;

        test_row("%s", rows[i].name);
        CHECK_OK(block_read(s, chain, unhex(test_data(rows[i].path)), 0, &f, &err), err);
        CHECK_U(f.inputs_n, rows[i].pool_inputs);
        for (size_t k = 0; k < f.inputs_n; k++) {
            CHECK(pool_of_outpoint(f.inputs[k], &value) != POOL_NONE);
            in += value;
        }
        for (size_t k = 0; k < f.outputs_n; k++)
            *(k < f.tx_outputs_n[0] ? &taken : &paid) += f.outputs[k].value;
        CHECK_U(in, rows[i].pool_out);
        CHECK_U(taken, rows[i].subsidy + in - paid);
        block_scratch_free(s);
    }
}

/* Into the pools, by name. Values were read from the bytes by hand: a JoinSplit's, a shielded
 * coinbase's, a Sapling balance; in Litecoin three outputs that peg in, and the HogAddr's. */
static void pools_are_named(void **state)
{
    static const struct {
        const char *chain, *path, *pool;
        uint64_t value;
        size_t outputs;
    } rows[] = {
        {"zcash", "coins/zcash/00000396.hex", "pool:sprout", 14250000, 1},
        {"zcash", "coins/zcash/00982681.hex", "pool:sapling", 500026380, 1},
        {"zcash", "coins/zcash/01687121.hex", "pool:sapling", 10062732297, 1},
        {"litecoin", "coins/litecoin/02265985.hex", "pool:mweb", 18257048756, 4},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const struct chain *chain = chain_by_name(rows[i].chain);
        struct block_scratch *s = block_scratch_new();
        uint64_t value = 0;
        size_t outputs = 0;
        struct block_facts f;
        struct err err;

        test_row("%s, %s", rows[i].path, rows[i].pool);
        CHECK_OK(block_read(s, chain, unhex(test_data(rows[i].path)), 0, &f, &err), err);
        for (size_t k = 0; k < f.outputs_n; k++) {
            char address[ADDRESS_BYTES_MAX];

            if (!address_of_script(chain, f.outputs[k].script, address) ||
                strncmp(address, "pool:", 5) != 0)
                continue;
            CHECK_S(address, rows[i].pool);
            value += f.outputs[k].value;
            outputs++;
        }
        CHECK_U(outputs, rows[i].outputs);
        CHECK_U(value, rows[i].value);
        block_scratch_free(s);
    }
}

/* ZIP 244's own vectors: transactions of version 5 with everything in them, many of which no block
 * could have (their amounts are random), and so only their ids are compared. */
static void zip_244(void **state)
{
    struct arena *a;
    const struct json *all = test_data_json("coins/zcash/zip0244-txid-vectors.json", &a);
    size_t n = 0;

    for (const struct json *row = all->child; row; row = row->next) {
        const struct json *raw = row->child;
        struct hash32 got;
        struct bytes bytes;

        if (raw->type != JSON_STRING || row->children_n < 3) /* what the columns are */
            continue;
        bytes = unhex((struct bytes){(const uint8_t *)raw->text, raw->text_n});
        test_row("vector %zu", n++);
        CHECK(zcash_txid(bytes, &got));
        check_hash(&got, (struct bytes){(const uint8_t *)raw->next->text, raw->next->text_n});
    }
    CHECK_U(n, 10);
    arena_free(a);
}

static bool read_whole(struct bytes raw, void *ctx)
{
    struct block_scratch *s = block_scratch_new();
    struct block_facts f;
    struct err err;
    bool ok = s && block_read(s, ctx, raw, BLOCK_CHECK_FULL, &f, &err);

    block_scratch_free(s);
    return ok;
}

struct sample {
    const struct chain *chain;
    struct bytes raw;
};

static bool read_sample(void *ctx)
{
    const struct sample *s = ctx;

    return read_whole(s->raw, (void *)s->chain);
}

static void damaged(void **state)
{
    static const struct {
        const char *chain, *path;
    } rows[] = {
        {"zcash", "coins/zcash/00000396.hex"},       {"zcash", "coins/zcash/01687106.hex"},
        {"zcash", "coins/zcash/00982681.hex"},       {"dogecoin", "coins/dogecoin/00371337.hex"},
        {"litecoin", "coins/litecoin/00000001.hex"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sample s = {chain_by_name(rows[i].chain), unhex(test_data(rows[i].path))};

        test_row("%s", rows[i].path);
        test_truncations(s.raw, read_whole, (void *)s.chain);
        test_failed_allocations(read_sample, &s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_block),     cmocka_unit_test(what_the_miner_takes),
        cmocka_unit_test(pools_are_named), cmocka_unit_test(zip_244),
        cmocka_unit_test(damaged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
