#include "support.h"

#include "block_make.h"

#include "base/mem.h"
#include "chain/bitcoin/block.h"

#include <stdio.h>
#include <stdlib.h>

static struct bytes reversed(const struct hash32 *h)
{
    static uint8_t p[32];

    for (int i = 0; i < 32; i++)
        p[i] = h->b[31 - i];
    return (struct bytes){p, 32};
}

static struct hash32 shown(const char *hex) /* a hash as people write it */
{
    struct bytes b = test_hex(hex);
    struct hash32 h;

    CHECK_U(b.n, 32);
    for (int i = 0; i < 32; i++)
        h.b[i] = b.p[31 - i];
    return h;
}

/* Values from Bitcoin Core's src/test/arith_uint256_tests.cpp (bignum_SetCompact) for the targets,
 * and from the definition 2^256 / (target + 1); the first is the known work of Bitcoin's genesis.
 */
static const struct {
    const char *name, *work;
    uint32_t bits;
} work_rows[] = {
    {"genesis", "0000000000000000000000000000000000000000000000000000000100010001", 0x1d00ffff},
    {"easiest of regtest", "0000000000000000000000000000000000000000000000000000000000000002",
     0x207fffff},
    {"target 1", "8000000000000000000000000000000000000000000000000000000000000000", 0x03000001},
    {"target 0x12: 2^256 / 19", "0d79435e50d79435e50d79435e50d79435e50d79435e50d79435e50d79435e50",
     0x01120000},
    {"target 0", "0000000000000000000000000000000000000000000000000000000000000000", 0x01003456},
    {"nothing", "0000000000000000000000000000000000000000000000000000000000000000", 0},
    {"negative", "0000000000000000000000000000000000000000000000000000000000000000", 0x04923456},
    {"too large", "0000000000000000000000000000000000000000000000000000000000000000", 0xff123456},
    {"one byte too large", "0000000000000000000000000000000000000000000000000000000000000000",
     0x21010000},
    {"target 2^247: 511", "00000000000000000000000000000000000000000000000000000000000001ff",
     0x21000080},
    {"target 2^255: 1", "0000000000000000000000000000000000000000000000000000000000000001",
     0x22000080},
};

static void work(void **state)
{
    for (size_t i = 0; i < sizeof(work_rows) / sizeof(work_rows[0]); i++) {
        struct hash32 got = header_work(work_rows[i].bits), want = shown(work_rows[i].work);

        test_row("%s", work_rows[i].name);
        CHECK(hash32_equal(&got, &want));
    }
}

/* The first block of Bitcoin, from the arguments of CreateGenesisBlock in Core's chainparams.cpp.
 */
static const char genesis_hex[] =
    "01000000 0000000000000000000000000000000000000000000000000000000000000000"
    "3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a 29ab5f49 ffff001d 1dac2b7c"
    "01 01000000 01 0000000000000000000000000000000000000000000000000000000000000000 ffffffff"
    "4d 04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e20"
    "6272696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73 ffffffff"
    "01 00f2052a01000000 43 4104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb6"
    "49f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac 00000000";

static bool read_whole(struct bytes raw, void *ctx)
{
    struct block_scratch *s = block_scratch_new();
    struct block_facts facts;
    struct err err;
    bool ok = s && block_read(s, ctx, raw, BLOCK_CHECK_FULL, &facts, &err);

    block_scratch_free(s);
    return ok;
}

static void genesis(void **state)
{
    const struct chain *chain = chain_by_name("bitcoin");
    struct bytes raw = test_hex(genesis_hex);
    struct block_scratch *s = block_scratch_new();
    struct block_facts f;
    struct hash32 txid;
    struct err err;

    CHECK_OK(block_read(s, chain, raw, BLOCK_CHECK_FULL, &f, &err), err);
    CHECK(hash32_equal(&f.hash, &chain->genesis));
    CHECK_U(f.height, 0);
    CHECK_U(f.time, 1231006505);
    CHECK_U(f.size, 285);
    CHECK_U(f.txs_n, 1);
    CHECK_U(f.inputs_n, 0);
    CHECK_U(f.tx_inputs_n[0], 0);
    CHECK_U(f.outputs_n, 1);
    CHECK_U(f.tx_outputs_n[0], 1);
    CHECK_U(f.outputs[0].value, 5000000000);
    CHECK_U(f.outputs[0].script.n, 67);
    CHECK(!f.spent);
    txid = shown("4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b");
    CHECK(hash32_equal(&f.txids[0], &txid));
    CHECK(block_scratch_bytes(s) > 0);
    block_scratch_free(s);
    block_scratch_free(NULL);
    test_truncations(raw, read_whole, (void *)chain);
    /* On a chain whose easiest target is harder than this block's, it has no proof of work. */
    CHECK(!read_whole(raw, &(struct chain){.bits_max = 0x1c00ffff, .money_max = UINT64_MAX}));
}

/* A small block with everything in it: a spend with a witness, one without, one with an empty
 * scriptSig and a long one, and the commitment. */
static void put_input(struct make *m, uint8_t tx, uint32_t vout, size_t script_n)
{
    for (int i = 0; i < 32; i++)
        make_le(m, tx, 1);
    make_le(m, vout, 4);
    make_compact(m, script_n);
    for (size_t i = 0; i < script_n; i++)
        make_le(m, i, 1);
    make_le(m, 0xfffffffd, 4);
}

static void put_output(struct make *m, uint64_t value, size_t script_n)
{
    make_le(m, value, 8);
    make_compact(m, script_n);
    for (size_t i = 0; i < script_n; i++)
        make_le(m, 0x51, 1);
}

/* Version 2, an input, an output; with a witness of two items, or none. */
static void put_tx(struct make *m, uint8_t from, bool witness, size_t script_n)
{
    make_le(m, 2, 4);
    if (witness)
        make_hex(m, "00 01");
    make_le(m, 2, 1);
    put_input(m, from, 7, witness ? 0 : script_n);
    put_input(m, from, UINT32_MAX, script_n);
    make_le(m, 1, 1);
    put_output(m, 1000, script_n);
    if (witness)
        make_hex(m, "02 00 03 aabbcc 00");
    make_le(m, 99, 4);
}

struct sample {
    struct make block, coinbase, txs[2], plain;
    struct hash32 ids[3], commitment;
    char hex[65];
};

static void hex_of(const struct hash32 *h, char ret[65])
{
    for (int i = 0; i < 32; i++)
        snprintf(ret + 2 * i, 3, "%02x", h->b[i]);
}

static struct sample *sample_new(const char *script_sig, uint32_t version)
{
    struct sample *s = calloc(1, sizeof(*s));
    struct make stripped = {.n = 0};
    struct hash32 witness_ids[3] = {{{0}}}, pair[2] = {{{0}}}, none = {{0}};
    const struct make *txs[3] = {&s->coinbase, &s->txs[0], &s->txs[1]};

    put_tx(&s->txs[0], 5, true, 300);
    put_tx(&stripped, 5, false, 300);
    /* The witness form's first scriptSig is empty, so strip by hand. */
    stripped.n = 0;
    make_le(&stripped, 2, 4);
    make_put(&stripped, s->txs[0].p + 6, s->txs[0].n - 6 - 4 - 7);
    make_le(&stripped, 99, 4);
    put_tx(&s->txs[1], 6, false, 20);
    s->ids[1] = make_sha256d(stripped.p, stripped.n);
    s->ids[2] = make_sha256d(s->txs[1].p, s->txs[1].n);
    witness_ids[1] = make_sha256d(s->txs[0].p, s->txs[0].n);
    witness_ids[2] = s->ids[2];
    pair[0] = make_merkle(witness_ids, 3);
    s->commitment = make_sha256d(pair, 64);
    hex_of(&s->commitment, s->hex);
    make_coinbase(&s->plain, (struct make_coinbase){script_sig, NULL, s->hex});
    make_coinbase(&s->coinbase, (struct make_coinbase){script_sig,
                                                       "01 20 00000000000000000000000000000000"
                                                       "00000000000000000000000000000000",
                                                       s->hex});
    s->ids[0] = make_sha256d(s->plain.p, s->plain.n);
    make_block(&s->block, version, &none, txs, s->ids, 3);
    return s;
}

static void made_block(void **state)
{
    struct sample *m = sample_new("03 40e20c 00", 0x20000000); /* 844,352 */
    struct block_scratch *s = block_scratch_new();
    struct block_facts f;
    struct err err;

    for (int again = 0; again < 2; again++) {
        CHECK_OK(block_read(s, &make_chain, make_bytes(&m->block), BLOCK_CHECK_FULL, &f, &err),
                 err);
        CHECK_U(f.height, 844352);
        CHECK_U(f.txs_n, 3);
        CHECK_U(f.inputs_n, 4);
        CHECK_U(f.outputs_n, 4);
        CHECK_U(f.tx_inputs_n[0], 0);
        CHECK_U(f.tx_inputs_n[1], 2);
        CHECK_U(f.tx_outputs_n[0], 2);
        CHECK_U(f.inputs[0][0], 5);
        CHECK_U(f.inputs[2][31], 6);
        CHECK_U(load_le32(f.inputs[3] + 32), UINT32_MAX);
        CHECK_U(f.outputs[2].value, 1000);
        CHECK_U(f.outputs[2].script.n, 300);
        for (int i = 0; i < 3; i++)
            CHECK(hash32_equal(&f.txids[i], &m->ids[i]));
    }
    block_scratch_free(s);
    test_truncations(make_bytes(&m->block), read_whole, (void *)&make_chain);
    free(m);
}

/* Each byte of the block changed: it must be refused, whatever is changed, by the full check. Only
 * the header's nonce, time and version may be taken where the proof of work happens to hold. */
static void changed_bytes(void **state)
{
    struct sample *m = sample_new("03 40e20c 00", 0x20000000);
    struct test_random r = {test_seed()};

    for (size_t i = 80; i < m->block.n; i++) {
        uint8_t was = m->block.p[i];

        test_row("byte %zu", i);
        m->block.p[i] ^= (uint8_t)(1 + test_below(&r, 255));
        CHECK(!read_whole(make_bytes(&m->block), (void *)&make_chain));
        m->block.p[i] = was;
    }
    for (int round = 0; round < 20000; round++) {
        struct make copy = m->block;

        for (int k = 0; k < 3; k++)
            copy.p[80 + test_below(&r, copy.n - 80)] = (uint8_t)test_random(&r);
        if (memcmp(copy.p, m->block.p, copy.n))
            CHECK(!read_whole(make_bytes(&copy), (void *)&make_chain));
    }
    free(m);
}

static bool read_made(void *ctx)
{
    return read_whole(make_bytes(ctx), (void *)&make_chain);
}

static void no_memory(void **state)
{
    struct sample *m = sample_new("03 40e20c 00", 0x20000000);

    test_failed_allocations(read_made, &m->block);
    free(m);
}

/* BIP 34 */
static const struct {
    const char *name, *script_sig;
    uint32_t version, height;
} height_rows[] = {
    {"three bytes", "03 40e20c 00", 2, 844352},
    {"version 1 proves nothing", "03 40e20c 00", 1, HEIGHT_UNKNOWN},
    {"a negative version proves nothing", "03 40e20c 00", 0x80000002, HEIGHT_UNKNOWN},
    {"one", "51 00", 2, 1},
    {"sixteen", "60 00", 2, 16},
    {"seventeen", "01 11", 2, 17},
    {"sixteen pushed, longer than needed", "01 10", 2, HEIGHT_UNKNOWN},
    {"127", "01 7f", 2, 127},
    {"128 in one byte is negative", "01 80", 2, HEIGHT_UNKNOWN},
    {"128", "02 8000", 2, 128},
    {"127, longer than needed", "02 7f00", 2, HEIGHT_UNKNOWN},
    {"32768", "03 008000", 2, 32768},
    {"four bytes", "04 00000001", 2, 16777216},
    {"five bytes", "05 0000008000", 2, 2147483648},
    {"as large as unknown", "05 ffffffff00", 2, HEIGHT_UNKNOWN},
    {"six bytes", "06 000000800000", 2, HEIGHT_UNKNOWN},
    {"cut short", "03 40e2", 2, HEIGHT_UNKNOWN},
    {"zero is the genesis block's", "00 51", 2, HEIGHT_UNKNOWN},
    {"zero pushed", "01 00", 2, HEIGHT_UNKNOWN},
    {"OP_1NEGATE", "4f 00", 2, HEIGHT_UNKNOWN},
    {"OP_PUSHDATA1", "4c 03 40e20c", 2, HEIGHT_UNKNOWN},
};

static void heights(void **state)
{
    for (size_t i = 0; i < sizeof(height_rows) / sizeof(height_rows[0]); i++) {
        struct sample *m = sample_new(height_rows[i].script_sig, height_rows[i].version);
        struct block_scratch *s = block_scratch_new();
        struct block_facts f;
        struct err err;

        test_row("%s", height_rows[i].name);
        CHECK_OK(block_read(s, &make_chain, make_bytes(&m->block), 0, &f, &err), err);
        CHECK_U(f.height, height_rows[i].height);
        block_scratch_free(s);
        free(m);
    }
}

/* Blocks that keep every rule but one. */
static void one_rule_broken(const char *name, const struct make *const *txs,
                            const struct hash32 *ids, size_t n, unsigned checks, const char *want)
{
    struct make *block = calloc(1, sizeof(*block));
    struct block_scratch *s = block_scratch_new();
    struct hash32 none = {{0}};
    struct block_facts f;
    struct err err = {0};
    bool ok;

    test_row("%s", name);
    make_block(block, 1, &none, txs, ids, n);
    ok = block_read(s, &make_chain, make_bytes(block), checks, &f, &err);
    if (want) {
        CHECK(!ok);
        CHECK_U(err.class, ERR_INPUT);
        if (!strstr(err.text, want))
            test_failed(__FILE__, __LINE__, "\"%s\" does not say \"%s\"", err.text, want);
    } else {
        CHECK_OK(ok, err);
    }
    block_scratch_free(s);
    free(block);
}

static struct hash32 id_of(const struct make *m)
{
    return make_sha256d(m->p, m->n);
}

static void rules(void **state)
{
    static struct make coinbase, spend, other, rich, odd;
    struct sample *m = sample_new("03 40e20c 00", 1);
    struct hash32 ids[8];
    const struct make *list[8];

    make_coinbase(&coinbase, (struct make_coinbase){"0000", NULL, NULL});
    put_tx(&spend, 9, false, 10);
    list[0] = &coinbase;
    list[1] = list[2] = &spend;
    ids[0] = id_of(&coinbase);
    ids[1] = ids[2] = id_of(&spend);
    one_rule_broken("as it should be", list, ids, 2, BLOCK_CHECK_FULL, NULL);
    one_rule_broken("the last given twice", list, ids, 3, 0, NULL);
    list[3] = &spend;
    ids[3] = ids[1];
    one_rule_broken("a pair of equal ones", list, ids, 4, 0, "CVE-2012-2459");
    put_tx(&other, 8, false, 10);
    list[2] = list[4] = &other;
    ids[2] = ids[4] = id_of(&other);
    list[3] = list[5] = &spend;
    ids[3] = ids[5] = ids[1];
    one_rule_broken("a pair of equal pairs", list, ids, 6, 0, NULL);
    one_rule_broken("no coinbase", list + 1, ids + 1, 1, 0, "transaction 0: no coinbase");
    list[1] = &coinbase;
    ids[1] = ids[0];
    one_rule_broken("two coinbases", list, ids, 3, 0, "transaction 1: a second coinbase");
    ids[1] = ids[2];
    list[1] = list[2];
    ids[0].b[0] ^= 1;
    one_rule_broken("a wrong merkle root", list, ids, 2, 0, "merkle root");
    ids[0].b[0] ^= 1;

    make_le(&rich, 1, 4);
    make_le(&rich, 1, 1);
    put_input(&rich, 3, 0, 0);
    make_le(&rich, 2, 1);
    put_output(&rich, make_chain.money_max, 1);
    put_output(&rich, 1, 1);
    make_le(&rich, 0, 4);
    list[1] = &rich;
    ids[1] = id_of(&rich);
    one_rule_broken("outputs above all money", list, ids, 2, 0, "worth more than can exist");
    store_le64(rich.p + rich.n - 4 - 10, 0);
    ids[1] = id_of(&rich);
    one_rule_broken("outputs of all money", list, ids, 2, 0, NULL);

    make_hex(&odd, "01000000 00 02");
    list[1] = &odd;
    make_put(&odd, spend.p + 4, spend.n - 4);
    one_rule_broken("an unknown flag", list, ids, 2, 0, "unknown flag");
    odd.p[5] = 0;
    one_rule_broken("no inputs", list, ids, 2, 0, "no inputs");
    odd.n = 0;
    make_hex(&odd, "01000000 00 01");
    make_put(&odd, spend.p + 4, spend.n - 8);
    make_hex(&odd, "00 00 00000000");
    one_rule_broken("a witness of nothing", list, ids, 2, 0, "a witness of nothing");
    odd.n = 0;
    make_hex(&odd, "01000000 01");
    put_input(&odd, 3, 0, 50);
    make_hex(&odd, "00 00000000");
    one_rule_broken("no outputs", list, ids, 2, 0, "no outputs");

    for (size_t n = 0; n < 120; n++) { /* the coinbase's scriptSig: 2 to 100 bytes */
        char hex[241];

        for (size_t i = 0; i < n; i++)
            memcpy(hex + 2 * i, "ab", 3);
        hex[2 * n] = 0;
        coinbase.n = 0;
        make_coinbase(&coinbase, (struct make_coinbase){hex, NULL, NULL});
        ids[0] = id_of(&coinbase);
        one_rule_broken("a coinbase script", list, ids, 1, 0,
                        n < 2 || n > 100 ? "not of 2 to 100 bytes" : NULL);
    }
    free(m);
}

/* BIP 141 */
static void witness_commitment(void **state)
{
    static struct make coinbase, plain;
    struct sample *m = sample_new("03 40e20c 00", 1);
    const struct make *txs[3] = {&coinbase, &m->txs[0], &m->txs[1]};
    static const char nonce[] = "01 20 0000000000000000000000000000000000000000000000000000000000"
                                "000000";
    const struct {
        const char *name, *witness, *commitment, *want;
    } rows[] = {
        {"as it should be", nonce, m->hex, NULL},
        {"no commitment", nonce, NULL, "a witness and no commitment"},
        {"no coinbase witness", NULL, m->hex, "not one item of 32 bytes"},
        {"a coinbase witness of 31 bytes",
         "01 1f 00000000000000000000000000000000000000000000000000000000000000", m->hex,
         "not one item of 32 bytes"},
        {"another coinbase witness",
         "01 20 0000000000000000000000000000000000000000000000000000000000000001", m->hex,
         "commitment differs"},
        {"another commitment", nonce,
         "0000000000000000000000000000000000000000000000000000000000000000", "commitment differs"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        coinbase.n = plain.n = 0;
        make_coinbase(&coinbase,
                      (struct make_coinbase){"0000", rows[i].witness, rows[i].commitment});
        make_coinbase(&plain, (struct make_coinbase){"0000", NULL, rows[i].commitment});
        m->ids[0] = id_of(&plain);
        one_rule_broken(rows[i].name, txs, m->ids, 3, BLOCK_CHECK_FULL, rows[i].want);
        one_rule_broken(rows[i].name, txs, m->ids, 3, 0, NULL); /* not asked for */
    }
    /* Nothing has a witness: a commitment, right or wrong, binds nothing. */
    coinbase.n = 0;
    make_coinbase(&coinbase, (struct make_coinbase){"0000", NULL, rows[5].commitment});
    m->ids[0] = id_of(&coinbase);
    txs[1] = txs[2];
    m->ids[1] = m->ids[2];
    one_rule_broken("nothing has a witness", txs, m->ids, 2, BLOCK_CHECK_FULL, NULL);
    free(m);
}

struct tx_ctx {
    struct bytes raw;
    struct tx tx;
};

static bool read_tx(struct bytes raw, void *ctx)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    struct bytes stripped;
    struct tx tx;
    struct err err;
    bool ok = a && tx_read(a, &make_chain, raw, &tx, &err) && tx_stripped(a, raw, &stripped, &err);

    arena_free(a);
    return ok;
}

static bool read_tx_again(void *ctx)
{
    return read_tx(((struct tx_ctx *)ctx)->raw, NULL);
}

/* Random transactions, put down field by field and read back. */
static void random_txs(void **state)
{
    struct test_random r = {test_seed()};
    struct arena *a;
    struct err err;

    for (int round = 0; round < 300; round++) {
        static struct make whole, plain;
        bool witness = test_below(&r, 2);
        size_t inputs_n = 1 + test_below(&r, round % 50 ? 5 : 300);
        size_t outputs_n = 1 + test_below(&r, round % 50 ? 5 : 300);
        struct bytes scripts_in[300], scripts_out[300], stripped;
        uint64_t values[300];
        struct tx tx;

        whole.n = plain.n = 0;
        make_le(&plain, (uint32_t)(0x01020304 + round), 4);
        make_compact(&plain, inputs_n);
        for (size_t i = 0; i < inputs_n; i++) {
            size_t n = test_below(&r, round % 10 ? 60 : 300);

            put_input(&plain, (uint8_t)i, (uint32_t)i, n);
            scripts_in[i] = (struct bytes){plain.p + plain.n - 4 - n, n};
        }
        make_compact(&plain, outputs_n);
        for (size_t i = 0; i < outputs_n; i++) {
            size_t n = test_below(&r, round % 10 ? 40 : 300);

            values[i] = test_below(&r, 1000000);
            if (plain.n + n + 100 > MAKE_BYTES_MAX / 2)
                n = 0;
            put_output(&plain, values[i], n);
            scripts_out[i] = (struct bytes){plain.p + plain.n - n, n};
        }
        make_put(&whole, plain.p, 4);
        if (witness)
            make_hex(&whole, "00 01");
        make_put(&whole, plain.p + 4, plain.n - 4);
        for (size_t i = 0; witness && i < inputs_n; i++) {
            size_t items_n = i ? test_below(&r, 4) : 1;

            make_compact(&whole, items_n);
            for (size_t k = 0; k < items_n; k++) {
                make_compact(&whole, 3);
                make_le(&whole, test_random(&r), 3);
            }
        }
        make_le(&whole, 12345, 4);
        make_le(&plain, 12345, 4);

        test_row("round %d", round);
        a = arena_new(NULL, (size_t)1 << 20);
        CHECK_OK(tx_read(a, &make_chain, make_bytes(&whole), &tx, &err), err);
        CHECK_U(tx.version, 0x01020304 + round);
        CHECK_U(tx.locktime, 12345);
        CHECK_U(tx.witness, witness);
        CHECK_U(tx.coinbase, false);
        CHECK_U(tx.bytes, whole.n);
        CHECK_U(tx.inputs_n, inputs_n);
        CHECK_U(tx.outputs_n, outputs_n);
        for (size_t i = 0; i < inputs_n; i++) {
            CHECK_U(tx.inputs[i].outpoint[5], (uint8_t)i);
            CHECK_U(load_le32(tx.inputs[i].outpoint + 32), i);
            CHECK(bytes_equal(tx.inputs[i].script, scripts_in[i]));
            CHECK_U(tx.inputs[i].sequence, 0xfffffffd);
        }
        for (size_t i = 0; i < outputs_n; i++) {
            CHECK_U(tx.outputs[i].value, values[i]);
            CHECK(bytes_equal(tx.outputs[i].script, scripts_out[i]));
        }
        CHECK_OK(tx_stripped(a, make_bytes(&whole), &stripped, &err), err);
        CHECK(bytes_equal(stripped, make_bytes(&plain)));
        {
            struct hash32 txid = id_of(&plain), wtxid = id_of(&whole);

            CHECK(hash32_equal(&tx.txid, &txid));
            CHECK(hash32_equal(&tx.wtxid, &wtxid));
        }
        arena_free(a);
        if (whole.n < 600)
            test_truncations(make_bytes(&whole), read_tx, NULL);
        if (round < 4)
            test_failed_allocations(read_tx_again, &(struct tx_ctx){.raw = make_bytes(&whole)});
    }
}

static bool merkle_of(void *ctx)
{
    struct hash32 leaves[5] = {{{0}}}, root, branch[MERKLE_BRANCH_MAX];
    bool mutated;
    struct err err;

    return merkle_root(leaves, 5, &root, &mutated, &err) &&
           merkle_branch(leaves, 5, 2, branch, &err) != MERKLE_BRANCH_FAILED;
}

static void merkle(void **state)
{
    struct test_random r = {test_seed()};
    struct hash32 leaves[34], root, want;
    struct err err;
    bool mutated;

    for (size_t i = 0; i < sizeof(leaves); i++)
        ((uint8_t *)leaves)[i] = (uint8_t)test_random(&r);
    for (size_t n = 1; n <= 34; n++) {
        want = make_merkle(leaves, n);
        CHECK_OK(merkle_root(leaves, n, &root, &mutated, &err), err);
        test_row("%zu leaves", n);
        CHECK(hash32_equal(&root, &want));
        CHECK(!mutated);
        for (size_t i = 0; i < n; i++) {
            struct hash32 branch[MERKLE_BRANCH_MAX];
            size_t depth = merkle_branch(leaves, n, i, branch, &err), levels = 0;

            while ((size_t)1 << levels < n)
                levels++;
            CHECK_U(depth, levels);
            root = merkle_climb(&leaves[i], i, branch, depth);
            CHECK(hash32_equal(&root, &want));
        }
    }
    test_failed_allocations(merkle_of, NULL);
}

/* From here on: real data. */

static struct bytes next_line(struct bytes *text)
{
    const uint8_t *end = text->n ? memchr(text->p, '\n', text->n) : NULL;
    struct bytes line = {text->p, end ? (size_t)(end - text->p) : text->n};

    text->p += line.n + (end != NULL);
    text->n -= line.n + (end != NULL);
    return line;
}

struct block_row {
    char height[16], hash[65];
    unsigned long txs, in, out, segwit, bytes;
};

/* A row of README.md: | height | hash | txs | in | out | segwit txs | raw bytes | ... */
static bool block_row(struct bytes line, struct block_row *row)
{
    char text[400];

    snprintf(text, sizeof(text), "%.*s", (int)line.n, (const char *)line.p);
    return sscanf(text, "| %15s | %64[0-9a-f] | %lu | %lu | %lu | %lu | %lu |", row->height,
                  row->hash, &row->txs, &row->in, &row->out, &row->segwit, &row->bytes) == 7;
}

static struct bytes block_file(const char *height, const char *hash)
{
    char path[80];

    if (!strcmp(height, "unknown"))
        snprintf(path, sizeof(path), "bitcoin/blocks/unk-%s.blk.zst", hash + 48);
    else
        snprintf(path, sizeof(path), "bitcoin/blocks/%06d-%s.blk.zst", atoi(height), hash + 48);
    return test_data(path);
}

static void real_blocks(void **state)
{
    struct bytes readme = test_data("bitcoin/README.md");
    struct block_scratch *s = block_scratch_new();
    unsigned rows_n = 0;

    while (readme.n) {
        struct block_row row;
        struct block_facts f;
        struct hash32 hash;
        struct err err;
        struct bytes raw;

        if (!block_row(next_line(&readme), &row))
            continue;
        rows_n++;
        test_row("block %s %s", row.height, row.hash);
        raw = block_file(row.height, row.hash);
        CHECK_OK(block_read(s, chain_by_name("bitcoin"), raw, BLOCK_CHECK_FULL, &f, &err), err);
        hash = shown(row.hash);
        CHECK(hash32_equal(&f.hash, &hash));
        CHECK_U(f.txs_n, row.txs);
        CHECK_U(f.inputs_n + 1, row.in); /* they count the coinbase's */
        CHECK_U(f.outputs_n, row.out);
        CHECK_U(f.size, row.bytes);
        if (f.height != HEIGHT_UNKNOWN)
            CHECK_U(f.height, atoi(row.height));
        else /* BIP 34 binds from here on */
            CHECK(!strcmp(row.height, "unknown") || atoi(row.height) < 227931);
    }
    CHECK_U(rows_n, 84);
    block_scratch_free(s);
}

/* Two branches grew from one parent; three blocks stand on one, one on the other. */
static void real_fork(void **state)
{
    static const char *const hashes[] = {
        "00000000000008324ab78e2274603ef9ab8b5f8238c6d9409236e121bf720785",
        "000000000000047a70dd377762e9d134e8d2268a238174c11db5bb0829c1ac58",
        "0000000000000130767cce191b7e515df6563c02ed7ed6fbe14526fe31817137",
        "000000000000073335b2c6ccdfeff59658a1714b6c6de3eadf9ee3954aad0562",
    };
    struct block_scratch *s = block_scratch_new();
    struct block_facts f[4];
    struct err err;

    for (int i = 0; i < 4; i++)
        CHECK_OK(block_read(s, chain_by_name("bitcoin"), block_file("unknown", hashes[i]), 0, &f[i],
                            &err),
                 err);
    CHECK(hash32_equal(&f[1].prev, &f[0].hash));
    CHECK(hash32_equal(&f[2].prev, &f[1].hash));
    CHECK(hash32_equal(&f[3].prev, &f[0].prev));
    block_scratch_free(s);
}

static void real_chain(void **state)
{
    const struct chain *chain = chain_by_name("bitcoin");
    struct bytes file = test_data("bitcoin/chain/blk-000000-002999.dat.zst");
    struct block_scratch *s = block_scratch_new();
    struct hash32 tip = {{0}};
    size_t at = 0, blocks_n = 0, spends_n = 0;

    while (at < file.n) {
        struct bytes raw = {file.p + at + 8, load_le32(file.p + at + 4)};
        struct block_facts f;
        struct err err;

        CHECK_U(load_le32(file.p + at), chain->magic);
        test_row("block %zu", blocks_n);
        CHECK_OK(block_read(s, chain, raw, BLOCK_CHECK_FULL, &f, &err), err);
        CHECK(hash32_equal(&f.prev, &tip));
        CHECK_U(f.height, blocks_n ? HEIGHT_UNKNOWN : 0);
        tip = f.hash;
        blocks_n++;
        spends_n += f.txs_n - 1;
        at += 8 + raw.n;
    }
    CHECK_U(blocks_n, 3000);
    CHECK_U(spends_n, 50);
    block_scratch_free(s);
}

static void real_headers(void **state)
{
    static const struct {
        const char *path;
        size_t n;
    } rows[] = {
        {"bitcoin/chain/headers-0-32260.bin.zst", 32261},
        {"bitcoin/chain/headers-40000-49999.bin.zst", 10000},
    };
    const struct chain *chain = chain_by_name("bitcoin");

    for (size_t i = 0; i < 2; i++) {
        struct bytes file = test_data(rows[i].path);
        struct hash32 tip = header_read(file.p).prev;

        CHECK_U(file.n, rows[i].n * 80);
        for (size_t k = 0; k < rows[i].n; k++) {
            const uint8_t *raw = file.p + 80 * k;
            struct block_header h = header_read(raw);
            struct block_head head;
            struct err err;
            uint8_t worse[80];

            test_row("%s, header %zu", rows[i].path, k);
            CHECK(hash32_equal(&h.prev, &tip));
            CHECK_OK(block_head_read(chain, (struct bytes){raw, 80}, &head, &err), err);
            CHECK_U(head.bytes, 80);
            CHECK(block_head_likely(chain, &head));
            CHECK(block_head_proven(chain, (struct bytes){raw, 80}, &head));
            tip = head.hash;
            memcpy(worse, raw, 80);
            worse[75] = 3; /* a target that no such hash meets */
            CHECK_OK(block_head_read(chain, (struct bytes){worse, 80}, &head, &err), err);
            head.hash = tip;
            CHECK(!block_head_likely(chain, &head));
            CHECK(!block_head_proven(chain, (struct bytes){worse, 80}, &head));
        }
    }
}

/* Finds the next text between quotes in a JSON file of which only such texts matter. */
static bool next_quoted(struct bytes *text, struct bytes *ret)
{
    const uint8_t *from = text->n ? memchr(text->p, '"', text->n) : NULL;
    const uint8_t *to;

    if (!from)
        return false;
    from++;
    to = memchr(from, '"', (size_t)(text->p + text->n - from));
    CHECK(to);
    *ret = (struct bytes){from, (size_t)(to - from)};
    text->n -= (size_t)(to + 1 - text->p);
    text->p = to + 1;
    return true;
}

static bool is_hex(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (!strchr("0123456789abcdef", b.p[i]))
            return false;
    return b.n % 2 == 0;
}

static struct bytes unhex(struct bytes digits)
{
    char *text = malloc(digits.n + 1);
    struct bytes b;

    memcpy(text, digits.p, digits.n);
    text[digits.n] = 0;
    b = test_hex(text);
    free(text);
    return b;
}

static void real_mempool(void **state)
{
    struct bytes file = test_data("bitcoin/graph/mempool-2024.tsv.zst");
    unsigned rows_n = 0;

    next_line(&file); /* names of the columns */
    while (file.n) {
        struct bytes line = next_line(&file), hex;
        const uint8_t *tab = memchr(line.p, '\t', line.n);
        struct arena *a = arena_new(NULL, (size_t)1 << 22);
        struct hash32 want;
        struct tx tx;
        struct err err;

        CHECK(tab == line.p + 64);
        tab = memchr(tab + 1, '\t', line.n - 65);
        hex.p = tab + 1;
        tab = memchr(hex.p, '\t', line.n - (size_t)(hex.p - line.p));
        hex.n = (size_t)(tab - hex.p);
        test_row("%.64s", (const char *)line.p);
        CHECK_OK(tx_read(a, chain_by_name("bitcoin"), unhex(hex), &tx, &err), err);
        {
            struct bytes shown_id = unhex((struct bytes){line.p, 64});

            for (int i = 0; i < 32; i++)
                want.b[i] = shown_id.p[31 - i];
        }
        CHECK(hash32_equal(&tx.txid, &want));
        arena_free(a);
        rows_n++;
    }
    CHECK_U(rows_n, 5417);
}

/* Reads a transaction of a vector file; what says whether it was taken. */
static bool vector_taken(struct bytes hex, struct tx *tx, struct arena *a)
{
    struct err err;

    return tx_read(a, chain_by_name("bitcoin"), unhex(hex), tx, &err);
}

static bool repeats_an_input(const struct tx *tx)
{
    for (size_t i = 0; i < tx->inputs_n; i++)
        for (size_t k = 0; k < i; k++)
            if (!memcmp(tx->inputs[i].outpoint, tx->inputs[k].outpoint, OUTPOINT_BYTES))
                return true;
    return false;
}

/* A transaction of Core's files is the long hex text; the text after it names flags. */
static unsigned core_vectors(const char *path, bool bad_ones, unsigned *ret_refused)
{
    struct bytes file = test_data(path), text, flags;
    unsigned n = 0;

    *ret_refused = 0;
    while (next_quoted(&file, &text)) {
        struct arena *a;
        struct tx tx;
        bool taken, must;

        if (text.n < 100 || !is_hex(text) || *file.p != ',') /* a remark in hex stands alone */
            continue;
        CHECK(next_quoted(&file, &flags));
        a = arena_new(NULL, (size_t)1 << 22);
        test_row("%s: %.40s", path, (const char *)text.p);
        taken = vector_taken(text, &tx, a);
        must = !bad_ones || flags.n != 5 || memcmp(flags.p, "BADTX", 5) != 0;
        /* The same output spent twice is for whoever knows the outputs to refuse. */
        CHECK_U(taken, must || (taken && repeats_an_input(&tx)));
        *ret_refused += !taken;
        n++;
        arena_free(a);
    }
    return n;
}

static void core_txs(void **state)
{
    unsigned refused;

    CHECK(core_vectors("bitcoin/vectors/core-tx_valid.json.zst", false, &refused) > 100);
    CHECK_U(refused, 0);
    CHECK(core_vectors("bitcoin/vectors/core-tx_invalid.json", true, &refused) > 80);
    CHECK(refused > 5);
}

/* Core's sighash vectors: random transactions; a row's first text is one. */
static void core_sighash(void **state)
{
    struct bytes file = test_data("bitcoin/vectors/core-sighash.json.zst");
    unsigned n = 0;

    next_line(&file);
    next_line(&file);
    while (file.n) {
        struct bytes line = next_line(&file), text;
        struct arena *a;
        struct tx tx;

        if (!next_quoted(&line, &text))
            continue;
        a = arena_new(NULL, (size_t)1 << 22);
        test_row("%.40s", (const char *)text.p);
        CHECK(vector_taken(text, &tx, a));
        CHECK_U(tx.bytes, text.n / 2);
        arena_free(a);
        n++;
    }
    CHECK_U(n, 500);
}

/* BIP 158's blocks of testnet: [height,"hash","block",... */
static void testnet_blocks(void **state)
{
    struct bytes file = test_data("bitcoin/vectors/core-blockfilters.json");
    struct block_scratch *s = block_scratch_new();
    unsigned n = 0;

    next_line(&file);
    next_line(&file);
    while (file.n) {
        struct bytes line = next_line(&file), hash_text, block_text, got;
        struct block_facts f;
        struct err err;
        unsigned height;

        if (line.n < 2 || !next_quoted(&(struct bytes){line.p, line.n}, &hash_text))
            continue;
        height = (unsigned)atoi((const char *)line.p + 1);
        CHECK(next_quoted(&line, &hash_text) && next_quoted(&line, &block_text));
        test_row("testnet block %u", height);
        CHECK_OK(block_read(s, chain_by_name("bitcoin:test"), unhex(block_text), BLOCK_CHECK_FULL,
                            &f, &err),
                 err);
        got = reversed(&f.hash);
        CHECK(bytes_equal(got, unhex(hash_text)));
        if (f.height != HEIGHT_UNKNOWN)
            CHECK_U(f.height, height);
        n++;
    }
    CHECK(n >= 8);
    block_scratch_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(work),         cmocka_unit_test(genesis),
        cmocka_unit_test(made_block),   cmocka_unit_test(changed_bytes),
        cmocka_unit_test(no_memory),    cmocka_unit_test(heights),
        cmocka_unit_test(rules),        cmocka_unit_test(witness_commitment),
        cmocka_unit_test(random_txs),   cmocka_unit_test(merkle),
        cmocka_unit_test(real_blocks),  cmocka_unit_test(real_fork),
        cmocka_unit_test(real_chain),   cmocka_unit_test(real_headers),
        cmocka_unit_test(real_mempool), cmocka_unit_test(core_txs),
        cmocka_unit_test(core_sighash), cmocka_unit_test(testnet_blocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
