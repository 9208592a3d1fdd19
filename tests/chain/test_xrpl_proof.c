/* Proofs that transactions stand in their ledgers: two ledgers of the main network, each of whose
 * hashes is known; trees by hand that lead astray; and no byte that could be another. */
#include "support.h"

#include "base/mem.h"
#include "chain/xrpl/hashes.h"
#include "chain/xrpl/proof.h"
#include "chain/xrpl/source.h"
#include "chain/xrpl/tx.h"

#include <stdio.h>
#include <stdlib.h>

#define ARENA_BYTES ((size_t)256 << 20)
#define TXS_MAX 17
/* The files leave out of the headers what stands here: of ledger 7501326 found by its hash, which
 * no other time would give. */
#define BIG "xrpl/ledgers/ledger-7501326-full.json.zst"
#define BIG_MORE "{\"parent_close_time\":457517030,\"close_flags\":0,"
#define BIG_HASH "E212F3EA7454A298BC0D0BCD79CE37EE08068976216AB94C71E9DDDFE45C81A4"
#define BIG_PARENT "664D5B5110E1E9880B4FACD3BDA0996C502E0ABC71C87312900EB57E0E7A2413"
#define SMALL "xrpl/ledgers/ledger-38129-response.json"
#define SMALL_HASH "E6DB7365949BF9814D76BCC730B01818EB9136A89DB224F3F9F5AAE4569D758E"
#define SMALL_TX "3B1A4E1C9BB6A7208EB146BCDB86ECEA6068ED01466D933528CA2B4C64F753EF"

/* Of ledger 7501326, as the file says: where each transaction stands, and how many nodes lead to it
 * alone: the root and itself, and one more where another begins with the same half byte. None
 * begin with the same two. */
static const struct {
    const char *id;
    uint32_t index;
    size_t nodes;
} big_txs[TXS_MAX] = {
    {"0582B697494C9B519E717DD363A83137EDE7616E9698DAB0DF9702B626B41BE5", 0, 2},
    {"104514626FFB561440700F1130A9B0004DAD872AD6FBBCCD96D06AF6D4D50B11", 1, 3},
    {"11924CD353C46F4C73A9B24C766E54D904E01DFEC40E794ABA1E326750EB7177", 2, 3},
    {"15974EC466FDB61442CD3C3FA0B1FF8CE8F51E902989CC8016B0DA3CB81E9AEE", 14, 3},
    {"2404D179D60384599490E9BD5B0081A2E06AA9D91180DE2BB91E0B931181429A", 13, 3},
    {"2564A4F4F1BE20AA13394FB06DA620814190A090DCDC03320CCB257F00D80B92", 3, 3},
    {"3D5A3E510A8DAF5F0065D396681099807DEE69830148BE27A70825ED1BE77FF2", 4, 2},
    {"41D99C0A0500BE871082C1A280F6FC9BEAE608A791296C8D73452E5BA1D2C7FD", 5, 2},
    {"81194BA550B151BDDE040CD70A348201A7FE981AA530160D4B715655C99B2B83", 16, 2},
    {"983A3B9A866035F6F35E55510F137F3830A3C9700D33134B419470EE1AB5D204", 6, 2},
    {"A170E26F13201A9BA851A47B2F63A6A9F4DDB8F433740086C39F88BACC5D3DB4", 7, 2},
    {"BBC14D64A2DD834D0F5372788A197877E07A56F7AB86E391ECE6072165767163", 8, 2},
    {"C40A25F1EFD69772A2CE40A8862695256FA5CF8CA9851D1E76FF2560950226E4", 9, 3},
    {"C50138F7B3BB5228BFF8950E16683877AD316CE125938895A218B2A63C54CA4F", 10, 3},
    {"E0E1704031E5CF7D4C89232DA5F58A53AA0E31B93DE9C2387BA5083AA4E48975", 11, 3},
    {"E2B43CBB800BE8550923A28654B08EFBB537A652F3046D0BF26F533DACFEA5E1", 12, 3},
    {"F0F263E6D4A91E43AFCAD5A33AE620CE849CA9FB2D119D92A2F6D5242CC10982", 15, 2},
};

static struct hash32 hash_of(const char *hex)
{
    struct hash32 h;

    CHECK(hex_decode(hex, strlen(hex), h.b, sizeof(h.b)));
    return h;
}

static const struct chain *xrpl(void)
{
    return chain_by_name("xrpl");
}

/* A file of the data as a server tells it today, with what its header lacks. */
static char *ledger_file(const char *name, const char *more)
{
    struct bytes in = test_data(name);
    size_t n = strlen(more);
    char *path = malloc(512), *text = malloc(in.n + n);

    CHECK(path && text && in.n && in.p[0] == '{');
    memcpy(text, more, n);
    memcpy(text + n, in.p + 1, in.n - 1);
    snprintf(path, 512, "%s/ledger.json", test_dir());
    test_write(path, text, n + in.n - 1);
    free(text);
    return path;
}

/* One line with one change; was NULL: none. */
static char *changed_file(const char *name, const char *more, const char *was, const char *is)
{
    char *path = ledger_file(name, more);
    struct bytes in = test_read(path);
    char *text = malloc(in.n + 1), *at;

    CHECK(text);
    memcpy(text, in.p, in.n);
    text[in.n] = 0;
    at = strstr(text, was);
    CHECK(at && strlen(was) == strlen(is));
    memcpy(at, is, strlen(is));
    test_write(path, text, in.n);
    free(text);
    return path;
}

static void prove(struct arena *a, const char *path, const char *hash, const struct hash32 *ids,
                  size_t n, struct wanted_block *ret)
{
    struct err err;

    *ret = (struct wanted_block){
        .hash = hash_of(hash), .txs = ARENA_ARRAY(a, struct wanted_tx, n + 1), .txs_n = n};
    for (size_t i = 0; i < n; i++)
        ret->txs[i] = (struct wanted_tx){ids[i], TX_INDEX_NONE};
    CHECK_OK(xrpl_proofs.make(xrpl(), &path, 1, ret, 1, a, &err), err);
}

static size_t places(const struct wanted_block *want, uint32_t *index)
{
    size_t n = 0;

    for (uint32_t at = 0; at < TXS_MAX; at++)
        for (size_t i = 0; i < want->txs_n; i++)
            if (want->txs[i].index == at)
                index[n++] = at;
    return n;
}

static bool same(struct bytes one, struct bytes other)
{
    return one.n == other.n && (!one.n || !memcmp(one.p, other.p, one.n));
}

static void check_same(const struct fact_tx *got, const struct fact_tx *want)
{
    CHECK(hash32_equal(&got->hash, &want->hash));
    CHECK(got->failed == want->failed);
    CHECK_U(got->transfers_n, want->transfers_n);
    CHECK_U(got->events_n, want->events_n);
    for (size_t i = 0; i < got->transfers_n; i++) {
        const struct fact_transfer *t = &got->transfers[i], *u = &want->transfers[i];

        CHECK(t->kind == u->kind && t->position == u->position);
        CHECK(same(t->from, u->from) && same(t->to, u->to) && same(t->asset, u->asset));
        CHECK(u256_equal(t->amount, u->amount) && u256_equal(t->credit, u->credit));
    }
}

/* Each transaction alone, and all of them. */
static void real_ledger(void **state)
{
    char *path = ledger_file(BIG, BIG_MORE);
    struct block_prover *p = xrpl_proofs.open(xrpl());
    const char *const paths[] = {path};
    struct hash32 ids[TXS_MAX], parent = hash_of(BIG_PARENT), hash = hash_of(BIG_HASH);
    struct transfer_source s;
    struct transfer_block whole, proven;
    struct err err;
    bool end;

    CHECK(p);
    CHECK_OK(xrpl_open(paths, 1, &s, &err), err);
    CHECK_OK(s.next(s.self, &whole, &end, &err), err);
    CHECK_U(whole.txs_n, TXS_MAX);
    for (size_t i = 0; i < TXS_MAX; i++)
        ids[i] = hash_of(big_txs[i].id);
    for (size_t i = 0; i <= TXS_MAX; i++) { /* in the end, all */
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct wanted_block want;
        uint32_t index[TXS_MAX + 1];
        size_t n;

        test_row("%s", i < TXS_MAX ? big_txs[i].id : "all");
        prove(a, path, BIG_HASH, i < TXS_MAX ? &ids[i] : ids, i < TXS_MAX ? 1 : TXS_MAX, &want);
        CHECK_S(want.why, "");
        n = places(&want, index);
        CHECK_U(n, want.txs_n);
        /* all: 17 leaves, the root, and nodes for 1, 2, C and E */
        CHECK_U(want.proof.nodes_n, i < TXS_MAX ? big_txs[i].nodes : 22);
        CHECK_U(want.txs[0].index, big_txs[i % TXS_MAX].index);
        CHECK_OK(xrpl_proofs.read(p, &want.proof, index, n, &proven, &err), err);
        CHECK(hash32_equal(&proven.hash, &hash) && hash32_equal(&proven.prev, &parent));
        CHECK_U(proven.height, 7501326);
        CHECK_U(proven.time, 1404201830); /* 2014-07-01 08:03:50 */
        CHECK_U(proven.txs_n, n);
        for (size_t k = 0; k < n; k++)
            check_same(&proven.txs[k], &whole.txs[index[k]]);
        index[n] = 17; /* one more than is led to, one less, another */
        CHECK(!xrpl_proofs.read(p, &want.proof, index, n + 1, &proven, &err));
        CHECK_S(err.text, "a node is missing");
        CHECK(!xrpl_proofs.read(p, &want.proof, index, n - 1, &proven, &err));
        CHECK_S(err.text, "a transaction at another place than one of those");
        index[n - 1] = 17;
        CHECK(!xrpl_proofs.read(p, &want.proof, index, n, &proven, &err));
        CHECK_U(err.class, ERR_INPUT);
        index[n] = 17;
        CHECK(!xrpl_proofs.read(p, &want.proof, index, n + 1, &proven, &err));
        CHECK_S(err.text, "transactions that do not ascend");
        arena_free(a);
    }
    s.free(s.self);
    xrpl_proofs.close(p);
    free(path);
}

/* A payment by hand: 10,000 XRP, and a fee of 10 drops, in January 2013. */
static void a_payment(void **state)
{
    struct hash32 id = hash_of(SMALL_TX), hash = hash_of(SMALL_HASH);
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct block_prover *p = xrpl_proofs.open(xrpl());
    char *path = ledger_file(SMALL, "{");
    struct transfer_block block;
    struct wanted_block want;
    const uint32_t first = 0;
    struct err err;

    CHECK(p);
    prove(a, path, SMALL_HASH, &id, 1, &want);
    CHECK_S(want.why, "");
    CHECK_U(want.proof.nodes_n, 2);
    CHECK_U(want.proof.header.n, XRPL_HEADER_BYTES);
    CHECK_OK(xrpl_proofs.read(p, &want.proof, &first, 1, &block, &err), err);
    CHECK(hash32_equal(&block.hash, &hash) && hash32_equal(&block.txs[0].hash, &id));
    CHECK(block.internals); /* there is nothing else to be told */
    CHECK_U(block.height, 38129);
    CHECK_U(block.txs[0].transfers_n, 2);
    CHECK_U(block.txs[0].transfers[0].kind, TRANSFER_FEE);
    CHECK(u256_equal(block.txs[0].transfers[0].amount, u256_of(10)));
    CHECK_U(block.txs[0].transfers[1].kind, TRANSFER_VALUE);
    CHECK(u256_equal(block.txs[0].transfers[1].amount, u256_of(10000000000)));
    /* the header alone: which ledger it is, and nothing in it */
    want.proof.nodes_n = 0;
    CHECK_OK(xrpl_proofs.read(p, &want.proof, NULL, 0, &block, &err), err);
    CHECK_U(block.txs_n, 0);
    xrpl_proofs.close(p);
    arena_free(a);
    free(path);
}

static void not_proven(void **state)
{
    static const struct {
        const char *file, *more, *hash, *tx, *was, *is, *why; /* why NULL: none is said */
    } rows[] = {
        {BIG, "{", BIG_HASH, NULL, NULL, NULL, "not all of its header is told"},
        {SMALL, "{", BIG_HASH, NULL, NULL, NULL, NULL},       /* another ledger */
        {SMALL, "{", SMALL_HASH, BIG_HASH, NULL, NULL, NULL}, /* not in it */
        {SMALL, "{", SMALL_HASH, NULL, "\"Balance\": \"981481999380\"",
         "\"Balance\": \"981481999381\"",
         "its transactions have another root than its header names"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        char *path = rows[i].was ? changed_file(rows[i].file, rows[i].more, rows[i].was, rows[i].is)
                                 : ledger_file(rows[i].file, rows[i].more);
        struct hash32 id = hash_of(rows[i].tx ? rows[i].tx : SMALL_TX);
        struct wanted_block want;

        test_row("%zu", i);
        prove(a, path, rows[i].hash, &id, 1, &want);
        CHECK_S(want.why, rows[i].why ? rows[i].why : "");
        CHECK_U(want.txs[0].index, TX_INDEX_NONE);
        CHECK_U(want.proof.nodes_n, 0);
        CHECK_U(want.proof.header.n, i == 2 ? XRPL_HEADER_BYTES : 0);
        arena_free(a);
        free(path);
    }
}

/* What was changed otherwise is no ledger, and an error. */
static void not_taken(void **state)
{
    static const struct {
        const char *was, *is, *want;
    } rows[] = {
        {"\"total_coins\": \"9", "\"total_coins\": \"8", "its header is not the one of its hash"},
        {"\"Amount\": \"10000000000\"", "\"Amount\": \"10000000001\"", "it has been changed"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        char *path = changed_file(SMALL, "{", rows[i].was, rows[i].is);
        struct wanted_tx tx = {.hash = hash_of(SMALL_TX)};
        struct wanted_block want = {.hash = hash_of(SMALL_HASH), .txs = &tx, .txs_n = 1};
        struct err err;

        test_row("%s", rows[i].is);
        CHECK(!xrpl_proofs.make(xrpl(), (const char *const *)&path, 1, &want, 1, a, &err));
        CHECK_U(err.class, ERR_INPUT);
        CHECK(strstr(err.text, rows[i].want));
        arena_free(a);
        free(path);
    }
}

/* ---- trees that lead astray ---- */

#define NODES_MAX 80
#define INNER_BYTES (4 + 16 * 32)

struct forged {
    uint8_t inner[NODES_MAX][INNER_BYTES];
    struct bytes nodes[NODES_MAX + 4];
    size_t inner_n, nodes_n;
    struct xrpl_header header;
    uint8_t bytes[XRPL_HEADER_BYTES];
};

/* A new inner node, empty. */
static uint8_t *inner(struct forged *f)
{
    uint8_t *b = f->inner[f->inner_n++];

    memset(b, 0, INNER_BYTES);
    memcpy(b, "MIN", 4);
    f->nodes[f->nodes_n++] = (struct bytes){b, INNER_BYTES};
    return b;
}

static void child(uint8_t *b, unsigned at, struct bytes node)
{
    struct hash32 h = xrpl_node_hash(node);

    memcpy(b + 4 + (size_t)32 * at, h.b, 32);
}

static int nodes_by_hash(const void *pa, const void *pb)
{
    struct hash32 a = xrpl_node_hash(*(const struct bytes *)pa),
                  b = xrpl_node_hash(*(const struct bytes *)pb);

    return memcmp(a.b, b.b, sizeof(a.b));
}

static void check_forged(struct forged *f, struct bytes root, const char *want)
{
    struct block_prover *p = xrpl_proofs.open(xrpl());
    struct transfer_block block;
    const uint32_t first = 0;
    struct block_proof proof;
    struct err err;

    CHECK(p);
    f->header.txs = xrpl_node_hash(root);
    xrpl_header_write(&f->header, f->bytes);
    qsort(f->nodes, f->nodes_n, sizeof(*f->nodes), nodes_by_hash);
    proof = (struct block_proof){{f->bytes, sizeof(f->bytes)}, f->nodes, f->nodes_n};
    if (!want) {
        CHECK_OK(xrpl_proofs.read(p, &proof, &first, 1, &block, &err), err);
    } else {
        CHECK(!xrpl_proofs.read(p, &proof, &first, 1, &block, &err));
        CHECK_U(err.class, ERR_INPUT);
        CHECK_S(err.text, want);
    }
    xrpl_proofs.close(p);
}

/* The leaf of the payment, whose name begins with 3B1A4E1C. */
static void forgeries(void **state)
{
    static struct forged f;
    struct hash32 id = hash_of(SMALL_TX);
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    char *path = ledger_file(SMALL, "{");
    struct bytes leaf, other;
    struct wanted_block want;
    uint8_t *node, *below;

    prove(a, path, SMALL_HASH, &id, 1, &want);
    leaf = want.proof.nodes[want.proof.nodes[0].n == INNER_BYTES];
    other = (struct bytes){arena_copy(a, leaf.p, leaf.n), leaf.n};

#define FORGE(name)                                                                                \
    test_row(name);                                                                                \
    memset(&f, 0, sizeof(f));                                                                      \
    f.nodes[f.nodes_n++] = leaf
    FORGE("where it belongs");
    node = inner(&f);
    child(node, 3, leaf);
    check_forged(&f, f.nodes[1], NULL);
    FORGE("at another half byte");
    node = inner(&f);
    child(node, 4, leaf);
    check_forged(&f, f.nodes[1], "a transaction where its name does not lead");
    FORGE("twice");
    node = inner(&f);
    child(node, 3, leaf);
    child(node, 4, leaf);
    check_forged(&f, f.nodes[1], "a node that is come to twice");
    FORGE("a root that is a transaction");
    check_forged(&f, leaf, "a transaction where its name does not lead");
    FORGE("a node beside the way");
    node = inner(&f);
    child(node, 3, leaf);
    inner(&f);
    check_forged(&f, (struct bytes){node, INNER_BYTES}, "a node that nothing leads to");
    FORGE("as deep as a name is long");
    below = NULL;
    for (int level = 63; level >= 0; level--) {
        node = inner(&f);
        child(node, xrpl_nibble(&id, (unsigned)level),
              below ? (struct bytes){below, INNER_BYTES} : leaf);
        below = node;
    }
    check_forged(&f, (struct bytes){node, INNER_BYTES}, NULL);
    FORGE("deeper");
    below = NULL;
    for (int level = 64; level >= 0; level--) {
        node = inner(&f);
        child(node, xrpl_nibble(&id, (unsigned)level & 63),
              below ? (struct bytes){below, INNER_BYTES} : leaf);
        below = node;
    }
    check_forged(&f, (struct bytes){node, INNER_BYTES}, "a tree deeper than a name is long");
    FORGE("many ways to the same"); /* 16^60, if each were gone */
    below = NULL;
    for (int level = 0; level < 60; level++) {
        node = inner(&f);
        for (unsigned i = 0; i < 16; i++)
            child(node, i, below ? (struct bytes){below, INNER_BYTES} : leaf);
        below = node;
    }
    check_forged(&f, (struct bytes){node, INNER_BYTES},
                 "a transaction where its name does not lead");
    FORGE("of another name");
    ((uint8_t *)other.p)[other.n - 1] ^= 1;
    f.nodes[0] = other;
    node = inner(&f);
    child(node, 3, other);
    check_forged(&f, f.nodes[1], "a node that is neither a transaction nor leads to some");
    FORGE("with a byte behind");
    f.nodes[0] = (struct bytes){leaf.p, leaf.n - 1};
    node = inner(&f);
    child(node, 3, f.nodes[0]);
    check_forged(&f, f.nodes[1], "a node that is neither a transaction nor leads to some");
    FORGE("an inner node cut short");
    f.nodes[0] = (struct bytes){inner(&f), INNER_BYTES - 32};
    f.nodes_n = 1;
    check_forged(&f, f.nodes[0], "a node that is neither a transaction nor leads to some");
    arena_free(a);
    free(path);
}

/* ---- no byte can be another ---- */

struct one {
    struct block_prover *p;
    struct block_proof proof;
    uint32_t index;
    struct hash32 hash;
    size_t cut; /* which node; 0: the header */
};

/* Is it proven to be in that ledger? */
static bool holds(const struct one *o, struct err *err)
{
    struct transfer_block block;

    if (!xrpl_proofs.read(o->p, &o->proof, &o->index, 1, &block, err))
        return false;
    err_set(err, ERR_INPUT, "another ledger");
    return hash32_equal(&block.hash, &o->hash);
}

static bool holds_cut(struct bytes in, void *ctx)
{
    struct one *o = ctx;
    struct bytes *node = o->cut ? (struct bytes *)&o->proof.nodes[o->cut - 1] : &o->proof.header;
    struct bytes whole = *node;
    struct err err;
    bool ok;

    *node = in;
    ok = holds(o, &err);
    *node = whole;
    return ok;
}

static struct one one_of(struct arena *a)
{
    struct one o = {.p = xrpl_proofs.open(xrpl()), .hash = hash_of(BIG_HASH)};
    struct hash32 id = hash_of(big_txs[4].id);
    char *path = ledger_file(BIG, BIG_MORE);
    struct wanted_block want;

    CHECK(o.p);
    prove(a, path, BIG_HASH, &id, 1, &want);
    o.proof = want.proof;
    o.index = want.txs[0].index;
    free(path);
    return o;
}

static void every_byte_counts(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct one o = one_of(a);
    struct err err;

    CHECK(holds(&o, &err));
    for (size_t k = 0; k <= o.proof.nodes_n; k++) {
        struct bytes b = k ? o.proof.nodes[k - 1] : o.proof.header;

        for (size_t i = 0; i < b.n; i++) {
            test_row("node %zu byte %zu", k, i);
            ((uint8_t *)b.p)[i] ^= 1;
            CHECK(!holds(&o, &err));
            CHECK_U(err.class, ERR_INPUT);
            ((uint8_t *)b.p)[i] ^= 1;
        }
    }
    for (o.cut = 0; o.cut <= o.proof.nodes_n; o.cut++)
        test_truncations(o.cut ? o.proof.nodes[o.cut - 1] : o.proof.header, holds_cut, &o);
    xrpl_proofs.close(o.p);
    arena_free(a);
}

static bool read_all(void *ctx)
{
    struct one o = *(struct one *)ctx;
    struct err err;
    bool ok;

    o.p = xrpl_proofs.open(xrpl());
    ok = o.p && holds(&o, &err);
    if (!ok && o.p)
        CHECK_U(err.class, ERR_NOMEM);
    xrpl_proofs.close(o.p);
    return ok;
}

static bool make_all(void *ctx)
{
    const char *const path = ctx;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct wanted_tx tx = {.hash = hash_of(SMALL_TX), .index = TX_INDEX_NONE};
    struct wanted_block want = {.hash = hash_of(SMALL_HASH), .txs = &tx, .txs_n = 1};
    struct err err;
    bool ok = a && xrpl_proofs.make(xrpl(), &path, 1, &want, 1, a, &err);

    if (ok)
        CHECK_U(want.proof.nodes_n, 2);
    else if (a)
        CHECK_U(err.class, ERR_NOMEM);
    arena_free(a);
    return ok;
}

static void no_memory(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct one o = one_of(a);
    char *path = ledger_file(SMALL, "{");

    test_failed_allocations(read_all, &o);
    test_failed_allocations(make_all, path);
    xrpl_proofs.close(o.p);
    arena_free(a);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_ledger), cmocka_unit_test(a_payment),
        cmocka_unit_test(not_proven),  cmocka_unit_test(not_taken),
        cmocka_unit_test(forgeries),   cmocka_unit_test(every_byte_counts),
        cmocka_unit_test(no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
