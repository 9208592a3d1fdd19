/* Proofs that transactions stand in Tron's blocks. Known answers: headers 78000000 and 78000001 of
 * the main network, the second of which names the first, with their signatures; a transfer of USDT
 * in its block 78115149, whose name and leaf are known; block 165 of a private network of java-tron
 * 4.8. What a block of several has is made by bench/tron_hops (fuzz/corpus/tron_source). */
#include "support.h"

#include "base/mem.h"
#include "base/text.h"
#include "chain/tron/proof.h"
#include "chain/tron/source.h"

#include <stdio.h>
#include <stdlib.h>

#define ARENA_BYTES ((size_t)256 << 20)

static const struct {
    const char *raw, *signature, *id, *witness;
    uint32_t height;
    uint64_t time;
} headers[] = {
    {"08e895acf0ad3312200b430fa64cddae5fd6519c88e1798e7a5a4b8af2d7f8cc2fd036bd53a867dfea1a20000000"
     "0004a62f7ff962ed2e74133875d00c82bb3d817026f5fc9542ff37f0803880df98254a1541c189fa6fc9ed7a3580"
     "c3fe291915d5c6a6259be75020",
     "8ba57be59528c78c29cf986e2170013daabb457400bbf7982a801c5235f1e0b5052d674fe44487077c7317bd35be"
     "ccf0927d441face13769203cac648711535901",
     "0000000004a62f80ea298b0e6cb1b59ef44234dee436a904127b5a412c5a4341",
     "c189fa6fc9ed7a3580c3fe291915d5c6a6259be7", 78000000, 1764661857},
    {"08a0adacf0ad331220b523cdae5dc9bb9c3391f8621195ce172f139ed35fdffdbb3aea55626f7334e81a20000000"
     "0004a62f80ea298b0e6cb1b59ef44234dee436a904127b5a412c5a43413881df98254a154167e39013be3cdd3814"
     "bed152d7439fb5b67914095020",
     "11e67d3f52624a4c0cc3c1d5ff1c72f12a54390ddd2ddc5429a4fd62edde59b016d285eb4c796b7d7114c4aa599f"
     "fee65a72647c87c7b0ecfed7463b59c40c7301",
     NULL, "67e39013be3cdd3814bed152d7439fb5b6791409", 78000001, 1764661860},
};

/* A field of up to 127 bytes. */
static size_t field(uint8_t *to, uint8_t number, struct bytes b)
{
    CHECK(b.n < 128);
    to[0] = (uint8_t)(number << 3 | 2);
    to[1] = (uint8_t)b.n;
    memcpy(to + 2, b.p, b.n);
    return b.n + 2;
}

static const struct chain *tron(void)
{
    return chain_by_name("tron");
}

static void real_headers(void **state)
{
    struct block_prover *p = tron_proofs.open(tron());
    struct hash32 last = {{0}};

    CHECK(p);
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        struct bytes raw = test_hex(headers[i].raw), signature = test_hex(headers[i].signature);
        struct bytes witness = test_hex(headers[i].witness);
        uint8_t header[256], signer[TRON_KEY_BYTES];
        struct block_proof proof = {.header.p = header};
        struct transfer_block block;
        struct tron_head h;
        struct err err;

        test_row("%u", headers[i].height);
        CHECK_OK(tron_head_parse(raw, &h, &err), err);
        CHECK(!memcmp(h.witness, witness.p, sizeof(h.witness)));
        CHECK_OK(tron_signer(&h, signature, signer, &err), err);
        proof.header.n = field(header, 1, raw);
        proof.header.n += field(header + proof.header.n, 2, signature);
        proof.signer = (struct bytes){signer, sizeof(signer)};
        CHECK_OK(tron_proofs.read(p, &proof, NULL, 0, &block, &err), err);
        CHECK_U(block.height, headers[i].height);
        CHECK_U(block.time, headers[i].time);
        CHECK_U(block.txs_n, 0);
        if (headers[i].id)
            CHECK(!memcmp(block.hash.b, test_hex(headers[i].id).p, 32));
        CHECK(!i || hash32_equal(&block.prev, &last));
        last = block.hash;
        /* the first by the representative itself, the second by a key that it has let sign */
        CHECK_U(tron_proofs.signed_as_named(&proof), i == 0);
        CHECK_U(!memcmp(signer, witness.p, sizeof(signer)), i == 0);
        signer[0] ^= 1;
        CHECK(!tron_proofs.read(p, &proof, NULL, 0, &block, &err));
        CHECK_S(err.text, "signer: another key than the signature's");
        proof.signer.n = 0;
        CHECK(!tron_proofs.read(p, &proof, NULL, 0, &block, &err));
    }
    tron_proofs.close(p);
}

/* 1399.306677 USDT in the main network's block 78115149: what was called, and how it ended. */
static void a_call(void **state)
{
    struct bytes whole = test_hex(
        "0ad3010a02f139220878c7302743bd69de40c8d09395af335aae01081f12a9010a31747970652e676f6f676c65"
        "617069732e636f6d2f70726f746f636f6c2e54726967676572536d617274436f6e747261637412740a154183f9"
        "daeee05fbbc232e5281bb632e4a6b3d4d9c8121541a614f803b6fd780986a42c78ec9c7f77e6ded13c2244a905"
        "9cbb0000000000000000000000412b32a481528cbd4c685e301fecaaa89f3a9b3fb90000000000000000000000"
        "00000000000000000000000000000000005367b9b570f5988e95af33900180e1eb17124112ee0f68157fb820f2"
        "8f8a750a9fd8451d5b6a19c24921858ce417fa718496f13f608812461619072f043eafc387157549a71eddf90d"
        "f7d524a91b7dcc0d34581b2a021801");
    struct hash32 leaf = sha256(whole.p, whole.n);
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct fact_tx fact;
    struct tron_tx tx;
    struct err err;

    CHECK_OK(tron_tx_parse(whole, &tx, &err), err);
    CHECK(!memcmp(tx.hash.b,
                  test_hex("11a639f9a7276f799a7e458e96a2c3452555ac053b88b1020e0e30409eda153f").p,
                  32));
    CHECK(!memcmp(leaf.b,
                  test_hex("bdb308da10299256de32e738b49e3465b69c1412a4337da20adfd5068989d20e").p,
                  32));
    CHECK(tx.told && !tx.failed);
    CHECK_U(tx.type, CONTRACT_TRIGGER);
    CHECK(!memcmp(tx.owner.p, test_hex("83f9daeee05fbbc232e5281bb632e4a6b3d4d9c8").p, 20));
    CHECK_OK(tron_tx_alone(a, tron(), &tx, &fact, &err), err);
    CHECK_U(fact.transfers_n, 0); /* the token's transfer is in its log, which nothing names */
    arena_free(a);
}

/* ---- blocks in files ---- */

static const char *corpus(const char *name)
{
    static char path[512];

    snprintf(path, sizeof(path), "%s/fuzz/corpus/tron_source/%s", CORDON_SOURCE, name);
    return path;
}

/* A block of a file, and a proof of all or of one of its transactions. */
struct one {
    struct block_prover *p;
    struct transfer_block whole; /* until the source is freed */
    struct transfer_source source;
    struct wanted_block want;
    uint32_t index[4];
    size_t index_n;
    size_t cut; /* 0: the header; then nodes, leaves, signer */
};

static struct one one_of(struct arena *a, const char *file, size_t skip, size_t first, size_t n)
{
    const char *path = corpus(file);
    struct one o = {.p = tron_proofs.open(tron())};
    struct err err;
    bool end;

    CHECK(o.p);
    CHECK_OK(tron_blocks_open(&path, 1, tron(), &o.source, &err), err);
    for (size_t i = 0; i <= skip; i++)
        CHECK_OK(o.source.next(o.source.self, &o.whole, &end, &err), err);
    CHECK(!end && o.whole.txs_n >= first + n);
    o.want = (struct wanted_block){
        .hash = o.whole.hash, .txs = ARENA_ARRAY(a, struct wanted_tx, n + 1), .txs_n = n};
    for (size_t i = 0; i < n; i++)
        o.want.txs[i] = (struct wanted_tx){o.whole.txs[first + i].hash, TX_INDEX_NONE};
    CHECK_OK(tron_proofs.make(tron(), &path, 1, &o.want, 1, a, &err), err);
    for (size_t i = 0; i < n; i++)
        if (o.want.txs[i].index != TX_INDEX_NONE)
            o.index[o.index_n++] = o.want.txs[i].index;
    return o;
}

static void one_end(struct one *o)
{
    o->source.free(o->source.self);
    tron_proofs.close(o->p);
}

static bool read_one(const struct one *o, struct transfer_block *ret, struct err *err)
{
    return tron_proofs.read(o->p, &o->want.proof, o->index, o->index_n, ret, err);
}

static bool same(struct bytes one, struct bytes other)
{
    return one.n == other.n && (!one.n || !memcmp(one.p, other.p, one.n));
}

/* Three blocks of three payments: all that is paid is proven, and no fee. */
static void made_blocks(void **state)
{
    for (size_t block = 0; block < 3; block++)
        for (size_t k = 0; k <= 3; k++) { /* in the end, all */
            struct arena *a = arena_new(NULL, ARENA_BYTES);
            struct one o = one_of(a, "hops", block, k % 3, k < 3 ? 1 : 3);
            struct transfer_block proven;
            struct err err;

            test_row("block %zu, transaction %zu", block, k);
            CHECK_U(o.index_n, k < 3 ? 1 : 3);
            CHECK_U(o.index[0], k % 3);
            CHECK_U(o.want.proof.nodes_n, o.index_n);
            CHECK_U(o.want.proof.leaves.n, 96);
            CHECK_OK(read_one(&o, &proven, &err), err);
            CHECK(tron_proofs.signed_as_named(&o.want.proof));
            CHECK(hash32_equal(&proven.hash, &o.whole.hash) && proven.time == o.whole.time &&
                  hash32_equal(&proven.prev, &o.whole.prev) && proven.height == o.whole.height);
            CHECK_U(proven.txs_n, o.index_n);
            for (size_t i = 0; i < proven.txs_n; i++) {
                const struct fact_tx *got = &proven.txs[i], *want = &o.whole.txs[o.index[i]];

                CHECK(hash32_equal(&got->hash, &want->hash) && !got->failed);
                CHECK_U(want->transfers_n, 2);
                CHECK_U(got->transfers_n, 1);
                CHECK_U(got->transfers[0].kind, TRANSFER_VALUE);
                CHECK(same(got->transfers[0].from, want->transfers[1].from) &&
                      same(got->transfers[0].to, want->transfers[1].to) &&
                      u256_equal(got->transfers[0].amount, want->transfers[1].amount));
            }
            /* one more than is led to, one less, twice, past the end */
            o.index[o.index_n] = o.index[o.index_n - 1] + 1;
            CHECK(!tron_proofs.read(o.p, &o.want.proof, o.index, o.index_n + 1, &proven, &err));
            CHECK_U(err.class, ERR_INPUT);
            CHECK(!tron_proofs.read(o.p, &o.want.proof, o.index, o.index_n - 1, &proven, &err));
            CHECK_U(err.class, ERR_INPUT);
            o.index[o.index_n] = o.index[o.index_n - 1];
            CHECK(!tron_proofs.read(o.p, &o.want.proof, o.index, o.index_n + 1, &proven, &err));
            CHECK_S(err.text, "transactions that do not ascend");
            o.index[0] = 3;
            CHECK(!tron_proofs.read(o.p, &o.want.proof, o.index, 1, &proven, &err));
            CHECK_S(err.text, "transaction 3: leaves: fewer than that");
            one_end(&o);
            arena_free(a);
        }
}

/* Block 165 of a private network, and the first block of the main network, whose transactions do
 * not say whether they failed. */
static void known_blocks(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct one o = one_of(a, "private", 0, 0, 1);
    struct transfer_block proven;
    struct err err;

    CHECK_U(o.index_n, 1);
    CHECK_OK(read_one(&o, &proven, &err), err);
    CHECK_U(proven.height, 165);
    CHECK(!memcmp(proven.hash.b,
                  test_hex("00000000000000a568a725352ccd7fbad4e65f56ed11d420a505c21f2230145d").p,
                  32));
    CHECK(!memcmp(proven.txs[0].hash.b,
                  test_hex("db8667ffea27109131fd5c113abcadd535c896590814a50dbf9eda253a8d19da").p,
                  32));
    CHECK(!o.want.proof.signer.n && !tron_proofs.signed_as_named(&o.want.proof)); /* untold */
    one_end(&o);
    o = one_of(a, "first", 0, 0, 3);
    CHECK_U(o.index_n, 0);
    CHECK(o.want.proof.header.n && !o.want.proof.nodes_n && !o.want.proof.leaves.n);
    CHECK_OK(read_one(&o, &proven, &err), err);
    CHECK_U(proven.height, 0);
    one_end(&o);
    arena_free(a);
}

static void refused(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct one o = one_of(a, "hops", 1, 1, 1);
    struct block_proof whole = o.want.proof;
    struct transfer_block proven;
    struct bytes two[2];
    struct err err;

#define REFUSED(why)                                                                               \
    CHECK(!read_one(&o, &proven, &err));                                                           \
    CHECK_U(err.class, ERR_INPUT);                                                                 \
    CHECK_S(err.text, why);                                                                        \
    o.want.proof = whole
    o.want.proof.nodes_n = 0;
    REFUSED("transaction 1: a node is missing");
    two[0] = two[1] = whole.nodes[0];
    o.want.proof.nodes = two;
    o.want.proof.nodes_n = 2;
    REFUSED("node 1: not by their hash, each once");
    o.want.proof.leaves.n = 64;
    REFUSED("txTrieRoot: is not the root over the leaves");
    o.want.proof.leaves.n = 95;
    REFUSED("leaves: hashes are wanted");
    o.want.proof.outside = whole.leaves;
    REFUSED("nothing moves outside of transactions");
    o.want.proof.signer.n = 0;
    REFUSED("signer: another key than the signature's");
    o.index_n = 0;
    REFUSED("leaves: that nothing asks for");
    o.index_n = 1;
    /* two hashes of a tree may look like a transaction of 64 bytes */
    {
        uint8_t raw[256], header[256], tx[64] = {0x0a, 58}, like[] = {0x5a, 0x02, 0x08, 0x04};
        struct hash32 root;
        size_t n = 0;

        memcpy(tx + 2, like, sizeof(like)); /* a vote, and a field of 52 bytes */
        tx[6] = 0x52;
        tx[7] = 52;
        memcpy(tx + 60, (uint8_t[]){0x2a, 2, 0x18, 1}, 4); /* SUCCESS */
        root = sha256(tx, sizeof(tx));
        n = field(raw, 2, (struct bytes){root.b, 32});
        n += field(raw + n, 3, (struct bytes){root.b, 32});
        o.want.proof =
            (struct block_proof){.header = {header, field(header, 1, (struct bytes){raw, n})},
                                 .nodes = &(struct bytes){tx, sizeof(tx)},
                                 .nodes_n = 1,
                                 .leaves = {root.b, 32}};
        o.index[0] = 0;
        CHECK(!read_one(&o, &proven, &err));
        CHECK_S(err.text, "transaction 0: a transaction: of 64 bytes, as two hashes have");
    }
    one_end(&o);
    arena_free(a);
}

/* Files that are none. */
static void files(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"{\"block_header\":{}}\n", "line 1: a block without the infos"},
        {"{}\n[]\n", "line 2: there is no such block"},
        {"{\"a\"\n[]\n", "line 2: "},
        {"", NULL},
        {"\n\n", NULL},
    };
    char path[512];
    const char *const paths[] = {path};

    snprintf(path, sizeof(path), "%s/blocks", test_dir());
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct transfer_source s;
        struct transfer_block b;
        struct err err;
        bool end;

        test_row("%s", rows[i].text);
        test_write(path, rows[i].text, strlen(rows[i].text));
        CHECK_OK(tron_blocks_open(paths, 1, tron(), &s, &err), err);
        CHECK_U(s.next(s.self, &b, &end, &err), !rows[i].want);
        if (rows[i].want)
            CHECK(strstr(err.text, rows[i].want));
        else
            CHECK(end);
        s.free(s.self);
    }
    {
        struct transfer_source s;
        struct transfer_block b;
        const char *twice[2];
        struct err err;
        bool end;

        twice[0] = twice[1] = corpus("hops");
        CHECK_OK(tron_blocks_open(twice, 2, tron(), &s, &err), err);
        for (size_t i = 0; i < 3; i++)
            CHECK_OK(s.next(s.self, &b, &end, &err), err);
        CHECK(!s.next(s.self, &b, &end, &err));
        CHECK(strstr(err.text, "block 60000000 after block 60000002: blocks ascend, each once"));
        s.free(s.self);
    }
}

static bool file_read(const char *path, size_t *ret_n, struct err *err)
{
    struct transfer_source s;
    struct transfer_block b;
    bool ok = tron_blocks_open(&path, 1, tron(), &s, err), end = false;

    *ret_n = 0;
    if (!ok)
        return false;
    while (ok && !end) {
        ok = s.next(s.self, &b, &end, err);
        *ret_n += ok && !end;
    }
    s.free(s.self);
    return ok;
}

/* Whole pairs of lines are blocks, whatever else is left is refused. */
static void files_cut(void **state)
{
    struct bytes whole = test_read(corpus("hops"));
    char path[512];
    size_t lines = 0;

    (void)state;
    snprintf(path, sizeof(path), "%s/blocks", test_dir());
    for (size_t n = 0; n <= whole.n; n++) {
        bool ends = n < whole.n && whole.p[n] == '\n', begins = !n || whole.p[n - 1] == '\n';
        size_t got;
        struct err err;
        bool ok;

        lines += ends; /* without its end it is a line, too */
        if (lines < 2 && n % 16 && !ends && !begins)
            continue; /* the first block alone is most of it */
        test_write(path, whole.p, n);
        ok = file_read(path, &got, &err);
        test_row("cut at byte %zu of %zu: %s", n, whole.n, ok ? "" : err.text);
        CHECK(ok == ((ends || begins) && lines % 2 == 0));
        CHECK(ok || err.class == ERR_INPUT);
        CHECK_U(got, lines / 2 < 3 ? lines / 2 : 3);
    }
    CHECK_U(lines, 6);
}

static bool file_reads(void *ctx)
{
    struct err err = {.class = ERR_NOMEM};
    size_t n;
    bool ok = file_read(ctx, &n, &err);

    CHECK(ok ? n == 3 : err.class == ERR_NOMEM);
    return ok;
}

static void files_without_memory(void **state)
{
    char path[512];

    (void)state;
    snprintf(path, sizeof(path), "%s", corpus("hops"));
    test_failed_allocations(file_reads, path);
}

/* ---- no byte can be another ---- */

/* Is it proven to be in that block, by that key? */
static bool holds(const struct one *o, struct err *err)
{
    struct transfer_block block;

    if (!read_one(o, &block, err))
        return false;
    err_set(err, ERR_INPUT, "another block");
    return hash32_equal(&block.hash, &o->want.hash);
}

static struct bytes *part_of(struct one *o)
{
    struct block_proof *p = &o->want.proof;

    return o->cut == 0   ? &p->header
           : o->cut == 1 ? (struct bytes *)&p->nodes[0]
           : o->cut == 2 ? &p->leaves
                         : &p->signer;
}

static bool holds_cut(struct bytes in, void *ctx)
{
    struct one *o = ctx;
    struct bytes whole = *part_of(o);
    struct err err;
    bool ok;

    *part_of(o) = in;
    ok = holds(o, &err);
    *part_of(o) = whole;
    return ok;
}

static void every_byte_counts(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct one o = one_of(a, "hops", 1, 1, 1);
    struct err err;

    CHECK(holds(&o, &err));
    for (o.cut = 0; o.cut < 4; o.cut++) {
        struct bytes b = *part_of(&o);

        for (size_t i = 0; i < b.n; i++) {
            test_row("part %zu byte %zu", o.cut, i);
            ((uint8_t *)b.p)[i] ^= 1;
            CHECK(!holds(&o, &err));
            CHECK_U(err.class, ERR_INPUT);
            ((uint8_t *)b.p)[i] ^= 1;
        }
        test_truncations(b, holds_cut, &o);
    }
    one_end(&o);
    arena_free(a);
}

static bool read_all(void *ctx)
{
    struct one o = *(struct one *)ctx;
    struct err err;
    bool ok;

    o.p = tron_proofs.open(tron());
    ok = o.p && holds(&o, &err);
    if (!ok && o.p)
        CHECK_U(err.class, ERR_NOMEM);
    tron_proofs.close(o.p);
    return ok;
}

static bool make_all(void *ctx)
{
    const struct one *o = ctx;
    const char *path = corpus("hops");
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct wanted_tx tx = {o->want.txs[0].hash, TX_INDEX_NONE};
    struct wanted_block want = {.hash = o->want.hash, .txs = &tx, .txs_n = 1};
    struct err err;
    bool ok = a && tron_proofs.make(tron(), &path, 1, &want, 1, a, &err);

    if (ok)
        CHECK_U(tx.index, 1);
    else if (a)
        CHECK_U(err.class, ERR_NOMEM);
    arena_free(a);
    return ok;
}

static void no_memory(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct one o = one_of(a, "hops", 1, 1, 1);

    test_failed_allocations(read_all, &o);
    test_failed_allocations(make_all, &o);
    one_end(&o);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_headers),      cmocka_unit_test(a_call),
        cmocka_unit_test(made_blocks),       cmocka_unit_test(known_blocks),
        cmocka_unit_test(refused),           cmocka_unit_test(files),
        cmocka_unit_test(every_byte_counts), cmocka_unit_test(no_memory),
        cmocka_unit_test(files_cut),         cmocka_unit_test(files_without_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
