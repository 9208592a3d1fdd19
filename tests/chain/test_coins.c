/* Litecoin, Dogecoin and Zcash: every block of the data against what is known of it, and blocks
 * made by hand against who made them. */
#include "support.h"

#include "coin_make.h"

#include "base/text.h"
#include "chain/bitcoin/block.h"
#include "chain/bitcoin/block_json.h"
#include "chain/bitcoin/block_walk.h"
#include "chain/bitcoin/pool.h"
#include "chain/bitcoin/script.h"

#include <stdio.h>
#include <stdlib.h>

#define FIELDS 11

#define H32 "0102030405060708091011121314151617181920212223242526272829303132"
#define K "02" H32
#define S H32 H32
#define P4 S S S S S         /* 320 */
#define P P4 P4 H32 "aabbcc" /* 675 */

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

static struct bytes unhex(struct bytes hex) /* kept until the end, as test_hex keeps it */
{
    char *text = malloc(hex.n + 1);
    struct bytes b;

    memcpy(text, hex.p, hex.n);
    while (hex.n && text[hex.n - 1] <= ' ')
        hex.n--;
    text[hex.n] = 0;
    b = test_hex(text);
    free(text);
    return b;
}

static void check_hash(const struct hash32 *h, struct bytes shown)
{
    struct text t = text_new(80);

    text_hex_reversed(&t, h->b, 32);
    CHECK(is(shown, text_string(&t)));
    text_free(&t);
}

/* Outputs to pools and inputs out of them, over all blocks: Zcash's three, then Litecoin's, whose
 * money comes out of outputs that were to it. */
#define MWEB 3

struct crossings {
    size_t into[MWEB + 1], out[MWEB + 1];
};

static void count_crossings(const struct chain *chain, const struct block_facts *f,
                            struct crossings *c)
{
    uint32_t first = chain->wire == WIRE_MWEB ? MWEB : 0;
    uint64_t value;

    for (size_t i = 0; i < f->outputs_n; i++) {
        uint32_t pool = pool_of_script(chain, f->outputs[i].script);

        if (pool != POOL_NONE)
            c->into[first + pool]++;
    }
    for (size_t i = 0; i < f->inputs_n; i++) {
        uint32_t pool = pool_of_outpoint(f->inputs[i], &value);

        if (pool != POOL_NONE)
            c->out[first + pool]++;
    }
}

static void every_block(void **state)
{
    struct bytes table = test_data("coins/BLOCKS.tsv");
    struct block_scratch *s = block_scratch_new();
    struct crossings c = {{0}, {0}};
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
        count_crossings(chain, &f, &c);
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
    printf("%zu raw blocks: work and Merkle root of %zu hold, %zu refused; into pools and out, as "
           "outputs and inputs: sprout %zu %zu, sapling %zu %zu, orchard %zu %zu, mweb %zu\n",
           n, n - bad, bad, c.into[0], c.out[0], c.into[1], c.out[1], c.into[2], c.out[2],
           c.into[MWEB]);
    CHECK_U(n, 50);
    CHECK_U(bad, 1);
    for (size_t i = 0; i <= MWEB; i++) /* each pool is met */
        CHECK(c.into[i] + c.out[i] > 0);
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

/* getblock in JSON. Of Litecoin's blocks all transactions are told, so the raw block is there; of
 * Dogecoin's the ids, so the header's work, with its AuxPoW, and the Merkle root over them. */
static void json_blocks(void **state)
{
    struct bytes table = test_data("coins/BLOCKS.tsv");
    struct block_scratch *s = block_scratch_new();
    size_t n = 0;
    struct known k;

    CHECK(next_row(&table, &k));
    while (next_row(&table, &k)) {
        bool lite = is(k.at[CHAIN], "litecoin");
        const struct chain *chain = chain_by_name(lite ? "litecoin" : "dogecoin");
        struct arena *a = arena_new(NULL, (size_t)64 << 20);
        struct bytes json, raw;
        struct block_head head;
        struct block_facts f;
        struct err err;

        if (!has(k.at[FILE_AT], "json")) {
            arena_free(a);
            continue;
        }
        test_row("%s", k.path);
        n++;
        json = test_data(k.path);
        CHECK_OK(block_head_of_json(a, chain, json, &raw, &err), err);
        CHECK_OK(block_head_read(chain, raw, &head, &err), err);
        CHECK_U(head.bytes, raw.n);
        check_hash(&head.hash, k.at[HASH]);
        CHECK(block_head_proven(chain, raw, &head));
        CHECK(block_of_json(a, chain, json, &raw, &err) == lite);
        if (lite) {
            CHECK_OK(block_read(s, chain, raw, BLOCK_CHECK_FULL, &f, &err), err);
            CHECK_U(f.txs_n, number(k.at[TXS]));
            CHECK_U(f.height, number(k.at[HEIGHT]));
        } else {
            struct arena *b = NULL;
            const struct json *block = test_data_json(k.path, &b), *txs = json_get(block, "tx");
            struct hash32 ids[64], root, want = header_read(head.header).merkle_root;
            size_t i = 0;
            bool mutated;

            CHECK(strstr(err.text, "a block in JSON: tx: hex of the transaction (verbosity 2) is "
                                   "wanted"));
            for (const struct json *tx = txs->child; tx; tx = tx->next, i++) {
                struct bytes id = test_hex(tx->text);

                for (int x = 0; x < 32; x++)
                    ids[i].b[x] = id.p[31 - x];
            }
            CHECK_OK(merkle_root(ids, i, &root, &mutated, &err), err);
            CHECK(hash32_equal(&root, &want));
            arena_free(b);
        }
        arena_free(a);
    }
    block_scratch_free(s);
    CHECK_U(n, 5);
}

/* The fields that a header is made of, one after another missing or of another form. */
static void json_refused(void **state)
{
    static const char *const rows[][2] = {
        {"no block", "[]"},
        {"version: a number of 32 bits", "{}"},
        {"version: a number of 32 bits", "{\"version\":4294967296}"},
        {"merkleroot: hex", "{\"version\":1}"},
        {"time: a number", "{\"version\":1,\"merkleroot\":\"" H32 "\"}"},
        {"bits: hex", "{\"version\":-1,\"merkleroot\":\"" H32 "\",\"time\":1,\"bits\":\"1d\"}"},
        {"nonce: a number",
         "{\"version\":1,\"merkleroot\":\"" H32 "\",\"time\":1,\"bits\":\"1d00ffff\"}"},
        {"previousblockhash: hex",
         "{\"version\":1,\"previousblockhash\":5,\"merkleroot\":\"" H32 "\",\"time\":1,"
         "\"bits\":\"1d00ffff\",\"nonce\":1}"},
        {"tx: a list", "{\"version\":1,\"merkleroot\":\"" H32 "\",\"time\":1,"
                       "\"bits\":\"1d00ffff\",\"nonce\":1}"},
        {"auxpow.tx: hex", "{\"version\":1,\"merkleroot\":\"" H32 "\",\"time\":1,"
                           "\"bits\":\"1d00ffff\",\"nonce\":1,\"auxpow\":{}}"},
        {"merklebranch: a list",
         "{\"version\":1,\"merkleroot\":\"" H32 "\",\"time\":1,"
         "\"bits\":\"1d00ffff\",\"nonce\":1,\"auxpow\":{\"tx\":{\"hex\":\"00\"}}}"},
    };
    struct arena *a = arena_new(NULL, 1 << 20);
    struct bytes raw;
    struct err err;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes json = {(const uint8_t *)rows[i][1], strlen(rows[i][1])};

        test_row("%s", rows[i][1]);
        CHECK(!block_of_json(a, chain_by_name("dogecoin"), json, &raw, &err));
        CHECK_U(err.class, ERR_INPUT);
        CHECK(strstr(err.text, rows[i][0]));
    }
    CHECK(!block_of_json(a, chain_by_name("zcash"), (struct bytes){(const uint8_t *)"{}", 2}, &raw,
                         &err));
    CHECK(strstr(err.text, "does not tell all"));
    arena_free(a);
}

/* ---- made by hand ---- */

static struct hash32 coinbase(struct make *m, uint32_t height)
{
    struct coin_tx t = {
        .version = 1, .height = height, .pays_n = 1, .pays = {{.value = 50, .who = 'M'}}};

    return coin_tx_bitcoin(m, &t);
}

/* One rule of merged mining broken in each row. */
static const struct {
    const char *name;
    struct coin_aux aux;
    bool good;
} aux_rows[] = {
    {"nothing is wrong", {.chains = 0}, true},
    {"among eight chains", {.chains = 3}, true},
    {"a coinbase with others beside it", {.chains = 2, .coinbase = 3}, true},
    {"a coinbase with its witness", {.witness = true}, true},
    {"no tag, the root at once", {.no_tag = true}, true},
    {"no tag, the root late", {.late = true}, false},
    {"two tags", {.two_tags = true}, false},
    {"a tag that is not just before the root", {.tag_elsewhere = true}, false},
    {"another root", {.no_root = true}, false},
    {"no room for size and nonce", {.short_script = true}, false},
    {"another size of the tree", {.chains = 2, .wrong_size = true}, false},
    {"another place in the tree", {.chains = 2, .wrong_slot = true}, false},
    {"not the parent's first transaction", {.coinbase = 2, .index = true}, false},
    {"not in the parent's tree", {.other_parent = true}, false},
    {"a parent of the same chain", {.own_parent = true}, false},
    {"another chain's id", {.other_id = true}, false},
    {"the version does not say so", {.no_bit = true}, false},
    {"the parent has no work", {.no_work = true}, false},
};

static void aux_rules(void **state)
{
    const struct chain *chain = chain_by_name("dogecoin:regtest");
    struct hash32 prev = {{7}}, id;
    struct make cb = {.n = 0};
    const struct make *txs[] = {&cb};

    id = coinbase(&cb, 5);
    for (size_t i = 0; i < sizeof(aux_rows) / sizeof(aux_rows[0]); i++) {
        struct make m = {.n = 0};

        test_row("%s", aux_rows[i].name);
        coin_block_dogecoin(&m, &prev, txs, &id, 1, &aux_rows[i].aux);
        CHECK_U(read_whole(make_bytes(&m), (void *)chain), aux_rows[i].good);
        if (i == 2)
            test_truncations(make_bytes(&m), read_whole, (void *)chain);
    }
    for (size_t i = 0; i < 2; i++) {
        struct make m = {.n = 0};

        test_row("without a parent");
        coin_block_dogecoin(&m, &prev, txs, &id, 1, NULL);
        if (i) /* says that one follows */
            m.p[1] |= 1;
        CHECK_U(read_whole(make_bytes(&m), (void *)chain), !i);
    }
}

/* A solution is refused with any bit of it, or of the header, turned; with indices in another
 * order, and with one twice. */
/* Merged mining without scrypt: block 430,000 of Syscoin, 25 March 2020 (electrumx,
 * tests/blocks/syscoin_mainnet_430000.json, which states hash, height, size and Merkle root). A row
 * that says SHA-256d and a chain id is all that it takes. Its work is a Bitcoin block's, so that
 * of the header itself is none. */
static const char syscoin_430000[] =
    "04010010d113ae1b26cb07466ee5b4228f4c89fc729b5ded34ec1db28df85fca695973701020b817042e12c6"
    "ef99de0eb0998202780ac91caf6a5e3e197e61cf663641cd60ec7b5e23bd0418000000000100000001000000"
    "0000000000000000000000000000000000000000000000000000000000ffffffff64034f81092cfabe6d6df5"
    "5b0a430af81f0e006f0a0938965706cf5f299537635e1d4668fb8792bcb19210000000f09f909f000e4d696e"
    "6564206279206d75797537000000000000000000000000000000000000000000000000000000000005002771"
    "030000000000045f4c2c4d000000001976a914c825a1ecf2a6830c4401620c3a16f1995057c2ab88ac000000"
    "00000000002f6a24aa21a9ed72f224837e350b7bf33998dbbbb87744e261943310ae0c31cdb93c61728bea78"
    "08000000000000000000000000000000002c6a4c2952534b424c4f434b3a3be0a1bb84a0c2c5967888df3d76"
    "3592290001d95a07ac00e8e85c350021deba0000000000000000266a24b9e11b6d2cd45dc05f4146da87f640"
    "4ad2fe62dafcd4deae302fea9bc49054f11d7c97b89d2b1c3d00000000000000000000000000000000000000"
    "000000000000000000000000000c5c762275442c2b26114f71d68a065d5248d8bf65c1ed1f3680d84f6aa628"
    "c3d788de690530919281e666d32b4bb6cba64d48cf5971e7e68c32d512bd8bad4bce83c1488fd88edff35ea0"
    "401e1b626474d164b0d2a13e5f8cd4a08e7be76bb856fd956e0dcb37ccb58b1d0f2dba8f0692cdd3f0a02ebd"
    "166d2be109cbff63032f087ff84a4375141ace40bdd4e611f06bee05766c83af47b4a2b464de1597c6b3f1a1"
    "05b4ab375e664ee0e166bf055331a168e339cfde93381f244a4744ca157b8025b9c8653a2acacd3557201745"
    "493c06291671b5b3ac9dfbde442be97c2d3ce3780afcc50e5e2e732610eb121eeddc486a2e791a30274d2fba"
    "832a6a0d3953fd7a5d5a64831e87f57fdb3935d354ee4f0aafdef30ae11b6bfee54f0e9b9f213a6ad745c6af"
    "097b7e9915ea63c6ce8842d3e52c5128ec42470297154874631db66bb4631250de6bfa1fd46a77538da3ed4d"
    "99d8a99e323e42923e7018199134cd42a62e86d005ce77c57dbc4285da06d8ec2660c204b52f5c95c8060290"
    "deda000000000490457845635ea8daa96e1d7efde99cc4f435a40edcb363a61a9d915542ec61a33feee5244c"
    "18afb612c4846a8bf1b07759fedbdec9d139ade9f4c82736e17fe8f5b70f04e4fa1c7f9cd9bd0d020107f384"
    "5137d5cc55f4f31c8ca586b66211fbf1c66a24cb32da29fa240423eccca0ebba048c44e05941f4f64f0637c9"
    "dfb88a0e0000000000c0207774dfabd98c6e328ed08862170190ae59e059ff62ca0a000000000000000000fd"
    "98ff179e63b3a62079efaab5c1d16cb39589ebdc0635fe1002d95e98570d1f87ec7b5e19011117421c056c01"
    "020000000001010000000000000000000000000000000000000000000000000000000000000000ffffffff37"
    "03b08f0601010fe4b883e5bda9e7a59ee4bb99e9b1bc205b323032302d30332d32355432333a34323a32342e"
    "3338343337373239305a5dffffffff0310eda1330000000023210214a5f15a73686b64cf27405e018e2f06e0"
    "501b52f4ff98282badd9d6948fb57dac30c7e59a000000001976a9145ed710a7a82410e32ff0d29fe346b6b5"
    "ae0b8e6088ac0000000000000000266a24aa21a9ede2f61c3f71d1defd3fa999dfa36953755c690689799962"
    "b48bebd836974e8cf90120000000000000000000000000000000000000000000000000000000000000000000"
    "000000";

static void aux_of_sha256d(void **state)
{
    struct chain chain = {.name = "syscoin",
                          .bits_max = 0x1e0fffff,
                          .pow = POW_SHA256D,
                          .aux_id = 0x1000,
                          .p2pkh = 63,
                          .p2sh = 5,
                          .hrp = "sys",
                          .money_max = UINT64_C(888000000) * 100000000};
    static const size_t changed[] = {4, 40, 80, 100, 300, 600, 1000, 1050, 1100};
    struct block_scratch *s = block_scratch_new();
    struct bytes raw = test_hex(syscoin_430000);
    struct block_facts f;
    struct err err;

    (void)state;
    CHECK_U(raw.n, 1323);
    CHECK_OK(block_read(s, &chain, raw, BLOCK_CHECK_FULL, &f, &err), err);
    check_hash(
        &f.hash,
        (struct bytes){
            (const uint8_t *)"d9b0f166c2dbed6e76aeaa118da601c46e79a631b44d542da54f8ef08658dc64",
            64});
    CHECK_U(f.height, 430000);
    CHECK_U(f.txs_n, 1);
    for (size_t i = 0; i < sizeof(changed) / sizeof(changed[0]); i++) {
        uint8_t *p = (uint8_t *)raw.p;

        test_row("byte %zu", changed[i]);
        p[changed[i]] ^= 1;
        CHECK(!block_read(s, &chain, raw, BLOCK_CHECK_FULL, &f, &err));
        p[changed[i]] ^= 1;
    }
    chain.aux_id = 0x1001;
    CHECK(!block_read(s, &chain, raw, BLOCK_CHECK_FULL, &f, &err));
    chain.aux_id = 0;
    CHECK(!block_read(s, &chain, raw, BLOCK_CHECK_FULL, &f, &err));
    block_scratch_free(s);
}

static void equihash(void **state)
{
    const struct chain *chain = chain_by_name("zcash:regtest");
    struct hash32 prev = {{7}}, id;
    struct make cb = {.n = 0}, m = {.n = 0};
    const struct make *txs[] = {&cb};
    struct bytes real = unhex(test_data("coins/zcash/00000001.hex"));
    uint8_t *turned = malloc(real.n), solution[36];

    id = coinbase(&cb, 5);
    coin_block_zcash(&m, &prev, txs, &id, 1);
    CHECK(read_whole(make_bytes(&m), (void *)chain));
    CHECK(equihash_valid(48, 5, m.p, (struct bytes){m.p + 141, 36}));
    for (unsigned bit = 0; bit < 36 * 8; bit++) {
        memcpy(solution, m.p + 141, 36);
        solution[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK(!equihash_valid(48, 5, m.p, (struct bytes){solution, 36}));
    }
    for (unsigned i = 0; i < 18; i++) /* 16 indices are 18 bytes: the halves change places */
        solution[i] = m.p[141 + 18 + i], solution[18 + i] = m.p[141 + i];
    CHECK(!equihash_valid(48, 5, m.p, (struct bytes){solution, 36}));
    memset(solution, 0, 36);
    CHECK(!equihash_valid(48, 5, m.p, (struct bytes){solution, 36}));
    CHECK(!equihash_valid(48, 5, m.p, (struct bytes){m.p + 141, 35}));
    CHECK(equihash_valid(200, 9, real.p, (struct bytes){real.p + 143, 1344}));
    for (unsigned bit = 0; bit < 140 * 8; bit += 13) {
        memcpy(turned, real.p, real.n);
        turned[bit / 8] ^= (uint8_t)(1 << bit % 8);
        CHECK(!equihash_valid(200, 9, turned, (struct bytes){real.p + 143, 1344}));
    }
    test_truncations(make_bytes(&m), read_whole, (void *)chain);
    free(turned);
}

static struct coin_tx random_tx(struct test_random *r)
{
    struct coin_tx t = {.version = 1 + (uint32_t)test_below(r, 5)};

    t.spends_n = test_below(r, 4);
    t.pays_n = test_below(r, 4);
    for (size_t i = 0; i < t.spends_n; i++) {
        for (int k = 0; k < 32; k++)
            t.spends[i].txid.b[k] = (uint8_t)test_below(r, 256);
        t.spends[i].vout = (uint32_t)test_below(r, 10);
    }
    for (size_t i = 0; i < t.pays_n; i++)
        t.pays[i] = (struct coin_pay){.value = test_below(r, 1000), .who = (char)('A' + i)};
    if (t.version >= 2 && t.version < 5)
        t.parts[0] = (unsigned)test_below(r, 3);
    if (t.version >= 4)
        t.parts[1] = (unsigned)test_below(r, 4);
    if (t.version == 5)
        t.parts[2] = (unsigned)test_below(r, 3);
    for (int i = 0; i < 3; i++)
        if (t.parts[i])
            t.balance[i] = (int64_t)test_below(r, 2001) - 1000;
    return t;
}

/* Whoever made a transaction says what stands in it. */
static void random_transactions(void **state)
{
    const struct chain *chain = chain_by_name("zcash:regtest");
    struct test_random r = {test_seed()};
    size_t taken = 0;

    for (int round = 0; round < 3000; round++) {
        struct coin_tx t = random_tx(&r);
        bool shielded = t.parts[0] || t.parts[1] || t.parts[2];
        struct arena *a = arena_new(NULL, (size_t)1 << 20);
        struct make m = {.n = 0};
        struct hash32 id = coin_tx_zcash(&m, &t, &r);
        size_t in = t.spends_n, out = t.pays_n;
        struct err err;
        struct tx tx;
        bool ok = tx_read(a, chain, make_bytes(&m), &tx, &err);

        test_row("seed %llu, round %d, version %u", (unsigned long long)test_seed(), round,
                 t.version);
        CHECK_U(ok, shielded || (t.spends_n && t.pays_n));
        taken += ok;
        if (!ok) {
            arena_free(a);
            continue;
        }
        CHECK(hash32_equal(&tx.txid, &id));
        for (size_t i = 0; i < t.spends_n; i++) {
            CHECK(!memcmp(tx.inputs[i].outpoint, t.spends[i].txid.b, 32));
            CHECK_U(load_le32(tx.inputs[i].outpoint + 32), t.spends[i].vout);
            CHECK_U(tx.inputs[i].sequence, 0xfffffffe - i);
        }
        for (size_t i = 0; i < t.pays_n; i++)
            CHECK_U(tx.outputs[i].value, t.pays[i].value);
        for (uint32_t p = 0; p < 3; p++)
            if (t.balance[p] < 0) {
                CHECK_U(tx.outputs[out].value, (uint64_t)-t.balance[p]);
                CHECK(bytes_equal(tx.outputs[out++].script, pool_script(chain, p)));
            }
        CHECK_U(tx.outputs_n, out);
        for (uint32_t p = 0; p < 3; p++)
            if (t.balance[p] > 0 || (t.parts[p] && !in)) {
                uint64_t value;

                CHECK_U(pool_of_outpoint(tx.inputs[in++].outpoint, &value), p);
                CHECK_U(value, t.balance[p] > 0 ? (uint64_t)t.balance[p] : 0);
            }
        CHECK_U(tx.inputs_n, in);
        arena_free(a);
    }
    CHECK(taken > 2000);
}

static bool read_zcash_tx(struct bytes raw, void *ctx)
{
    struct arena *a = arena_new(NULL, (size_t)1 << 20);
    struct err err;
    struct tx tx;
    bool ok = a && tx_read(a, ctx, raw, &tx, &err);

    arena_free(a);
    return ok;
}

/* Every version with every part it may have, cut everywhere; and what no transaction says. */
static void zcash_refused(void **state)
{
    const struct chain *chain = chain_by_name("zcash");
    static const struct {
        const char *name, *hex;
    } rows[] = {
        {"version 0", "00000000 00 00 00000000"},
        {"version 3 of another group", "03000080 70820000 00 00 00000000 00000000 00"},
        {"version 6", "06000080 0a27a726 b4d0d6c2 00000000 00000000 00 00 00 00 00"},
        {"nothing spent, nothing paid", "01000000 00 00 00000000"},
        {"a Sapling balance and no part", "04000080 85202f89 00 00 00000000 00000000"
                                          "0100000000000000 00 00 00"},
        {"what spends no output",
         "01000000 01 000000000000000000000000000000000000000000000000 0500000000000000 00ffffff"
         "00 ffffffff 01 0500000000000000 00 00000000"},
    };
    struct test_random r = {test_seed()};

    for (uint32_t version = 2; version <= 5; version++) {
        struct coin_tx t = {
            .version = version,
            .spends_n = 1,
            .pays_n = 1,
            .pays = {{.value = 5, .who = 'A'}},
            .parts = {version < 5, version >= 4 ? 2 : 0, version == 5},
            .balance = {version < 5 ? -5 : 0, version >= 4 ? 6 : 0, version == 5 ? -7 : 0},
        };
        struct make m = {.n = 0};

        test_row("version %u", version);
        coin_tx_zcash(&m, &t, &r);
        test_truncations(make_bytes(&m), read_zcash_tx, (void *)chain);
    }
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_row("%s", rows[i].name);
        CHECK(!read_zcash_tx(test_hex(rows[i].hex), (void *)chain));
    }
    for (int i = 0; i < 3; i++) { /* more than there is, both ways of a balance */
        struct coin_tx t = {.version = i == 2 ? 2 : 4, .parts = {i == 2, i < 2}};
        struct make m = {.n = 0};

        t.balance[i < 2] = i ? 2100000000000001 : -2100000000000001;
        test_row("more than can exist, %d", i);
        coin_tx_zcash(&m, &t, &r);
        CHECK(!read_zcash_tx(make_bytes(&m), (void *)chain));
    }
}

/* Height 9; hashes; sizes of the ranges; an input with an extra key; an output with the standard
 * fields and one with bytes of its own; a kernel with all there is. */
static const char mweb_hex[] =
    "01 09" H32 H32 H32 H32 H32 "05 06"
    "01 01" H32 K K K S "02" K K K "01" K
    "aa 0000000000000000 00000000000000000000000000000000" P S K K K "02 02 abcd" P S
    "01 3f 0a 0b 02 05 01 51 06 02 0000 07" K "01 ff" K S;

static bool walk_mweb(struct bytes raw, void *ctx)
{
    struct cursor c = cursor_over(raw.p, raw.n);

    return !mweb_walk(&c) && !cursor_left(&c);
}

static void mweb(void **state)
{
    const struct chain *chain = chain_by_name("litecoin:regtest");
    struct coin_tx hogex = {
        .version = 2,
        .hogex = true,
        .spends_n = 1,
        .pays_n = 2,
        .spends = {{.txid = {{9}}}},
        .pays = {{.value = 30, .script = "5820" H32}, {.value = 4, .who = 'B'}},
    };
    struct make cb = {.n = 0}, hog = {.n = 0}, m = {.n = 0}, without = {.n = 0}, first = {.n = 0};
    const struct make *txs[] = {&cb, &hog}, *swapped[] = {&cb, &hog, &hog};
    struct hash32 prev = {{7}}, ids[3];
    struct block_scratch *s = block_scratch_new();
    struct block_facts f;
    struct err err;

    test_truncations(test_hex(mweb_hex), walk_mweb, NULL);
    CHECK(!walk_mweb(test_hex("02"), NULL));
    ids[0] = coinbase(&cb, 5);
    ids[1] = ids[2] = coin_tx_bitcoin(&hog, &hogex);
    coin_block_litecoin(&m, &prev, txs, ids, 2, mweb_hex);
    CHECK_OK(block_read(s, chain, make_bytes(&m), BLOCK_CHECK_FULL, &f, &err), err);
    CHECK(hash32_equal(&f.txids[1], &ids[1]));
    CHECK(bytes_equal(f.outputs[1].script, pool_script(chain, 0)));
    CHECK_U(f.outputs[2].script.n, 25);
    test_row("given without its extension block");
    coin_block_litecoin(&without, &prev, txs, ids, 2, NULL);
    CHECK(read_whole(make_bytes(&without), (void *)chain));
    test_row("with a byte more");
    make_le(&m, 0, 1);
    CHECK(!read_whole(make_bytes(&m), (void *)chain));
    test_row("a HogEx that is not last");
    coin_block_litecoin(&first, &prev, swapped, ids, 3, NULL);
    CHECK(!block_read(s, chain, make_bytes(&first), 0, &f, &err));
    CHECK(strstr(err.text, "a HogEx that is not last"));
    test_row("a HogEx on Bitcoin");
    CHECK(!read_zcash_tx(make_bytes(&hog), (void *)chain_by_name("bitcoin")));
    CHECK(read_zcash_tx(make_bytes(&hog), (void *)chain));
    block_scratch_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_block),
        cmocka_unit_test(what_the_miner_takes),
        cmocka_unit_test(pools_are_named),
        cmocka_unit_test(zip_244),
        cmocka_unit_test(json_blocks),
        cmocka_unit_test(json_refused),
        cmocka_unit_test(damaged),
        cmocka_unit_test(aux_rules),
        cmocka_unit_test(aux_of_sha256d),
        cmocka_unit_test(equihash),
        cmocka_unit_test(random_transactions),
        cmocka_unit_test(zcash_refused),
        cmocka_unit_test(mweb),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
