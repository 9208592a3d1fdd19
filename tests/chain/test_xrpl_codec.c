/* The binary form of the XRP Ledger: XRPLF's own vectors both ways; every transaction of the data
 * written again and hashed; whole ledgers' trees and headers; one form for one value; damage. */
#include "support.h"

#include "base/sha512.h"
#include "chain/xrpl/codec.h"
#include "chain/xrpl/definitions.h"
#include "chain/xrpl/hashes.h"
#include "chain/xrpl/tx.h"

#include <stdio.h>
#include <stdlib.h>

#define ARENA_BYTES ((size_t)1 << 28)

static struct bytes hex_of(struct arena *a, const struct json *j)
{
    uint8_t *b;

    CHECK(j && j->type == JSON_STRING);
    b = arena_alloc(a, j->text_n / 2 + 1);
    CHECK(b && hex_decode(j->text, j->text_n, b, j->text_n / 2));
    return (struct bytes){b, j->text_n / 2};
}

static struct bytes encoded(struct arena *a, const struct json *j)
{
    struct text t = text_new((size_t)1 << 24);
    struct bytes ret;
    struct err err;

    CHECK_OK(xrpl_encode(a, j, &t, &err), err);
    ret = (struct bytes){arena_copy(a, t.n ? t.p : "", t.n), t.n};
    text_free(&t);
    return ret;
}

static void check_bytes(struct bytes got, struct bytes want)
{
    size_t at = 0;

    while (at < got.n && at < want.n && got.p[at] == want.p[at])
        at++;
    if (!bytes_equal(got, want))
        test_failed(__FILE__, __LINE__, "%zu bytes, want %zu; they differ at %zu", got.n, want.n,
                    at);
}

/* Numbers may be written in other ways. */
static void check_same(const struct json *got, const struct json *want)
{
    bool minus[2];
    struct u256 v[2];

    CHECK_U(got->children_n, want->children_n);
    if (want->type == JSON_OBJECT || want->type == JSON_ARRAY)
        return;
    if (got->text_n == want->text_n && !memcmp(got->text, want->text, got->text_n))
        return;
    if (xrpl_value(got->text, got->text_n, &minus[0], &v[0]) &&
        xrpl_value(want->text, want->text_n, &minus[1], &v[1]) && u256_equal(v[0], v[1]) &&
        minus[0] == minus[1])
        return;
    /* hex, with or without zeros in front */
    for (size_t i = 0; i < want->text_n; i++)
        if (want->text[i] != '0') {
            CHECK_S(got->text, want->text + i);
            return;
        }
    CHECK_S(got->text, "0");
}

struct pair {
    const struct json *got, *want;
};

/* Every member of both, in whatever order the one of them has. */
static void check_tree(const struct json *got, const struct json *want)
{
    struct pair stack[1024];
    size_t n = 0;

    stack[n++] = (struct pair){got, want};
    while (n) {
        struct pair p = stack[--n];
        const struct json *other = p.got->child;

        if (p.want->key)
            test_row("%s", p.want->key);
        check_same(p.got, p.want);
        for (const struct json *m = p.want->child; m; m = m->next) {
            const struct json *with = m->key ? json_get(p.got, m->key) : other;

            CHECK(with && n < 1024);
            stack[n++] = (struct pair){with, m};
            other = other ? other->next : NULL;
        }
    }
}

static void vectors(void **state)
{
    static const char *const kinds[] = {"transactions", "accountState"};
    static const size_t counts[] = {25, 165};
    struct arena *all, *a;
    const struct json *tree = test_data_json("xrpl/codec/blobs.json", &all), *got;

    for (size_t k = 0; k < 2; k++) {
        size_t n = 0;

        for (const struct json *v = json_get(tree, kinds[k])->child; v; v = v->next, n++) {
            struct bytes blob;
            struct err err;

            a = arena_new(NULL, ARENA_BYTES);
            test_row("%s %zu", kinds[k], n);
            blob = hex_of(a, json_get(v, "binary"));
            check_bytes(encoded(a, json_get(v, "json")), blob);
            CHECK_OK(xrpl_decode(a, blob, &got, &err), err);
            check_bytes(encoded(a, got), blob);
            check_tree(got, json_get(v, "json"));
            arena_free(a);
        }
        CHECK_U(n, counts[k]);
    }
    arena_free(all);
}

static void header_vector(void **state)
{
    struct arena *a;
    const struct json *tree = test_data_json("xrpl/codec/blobs.json", &a),
                      *v = json_get(tree, "ledgerData")->child, *j = json_get(v, "json");
    struct bytes blob = hex_of(a, json_get(v, "binary"));
    struct xrpl_header h;
    struct err err;

    CHECK_OK(xrpl_header_read(blob, &h, &err), err);
    CHECK_U(h.index, 32052277);
    CHECK_U(h.coins, 99994494362043555);
    CHECK_U(h.parent_close, 556231902);
    CHECK_U(h.close, 556231910);
    CHECK_U(h.resolution, 10);
    CHECK_U(h.flags, 0);
    check_bytes((struct bytes){h.parent.b, 32}, hex_of(a, json_get(j, "parent_hash")));
    check_bytes((struct bytes){h.txs.b, 32}, hex_of(a, json_get(j, "transaction_hash")));
    check_bytes((struct bytes){h.state.b, 32}, hex_of(a, json_get(j, "account_hash")));
    for (size_t n = 0; n < blob.n; n++)
        CHECK(!xrpl_header_read((struct bytes){blob.p, n}, &h, &err));
    arena_free(a);
}

/* ---- the data's transactions and ledgers ---- */

static const struct json *inner(const struct json *outer)
{
    static const char *const names[] = {"tx", "tx_json", "transaction"};

    for (size_t i = 0; i < 3; i++)
        if (json_get(outer, names[i]) && json_get(outer, names[i])->type == JSON_OBJECT)
            return json_get(outer, names[i]);
    return outer;
}

static void data_ids(void **state)
{
    struct bytes in = test_data("xrpl/tx/transactions.jsonl.zst");
    size_t n = 0, metas = 0;

    for (unsigned number = 1; in.n; number++) {
        const uint8_t *end = memchr(in.p, '\n', in.n);
        size_t step = end ? (size_t)(end - in.p) + 1 : in.n;
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        const struct json *outer, *tx, *hash, *meta, *again;
        struct hash32 got;
        struct bytes blob;
        struct err err;

        test_row("line %u", number);
        CHECK_OK(json_read(a, (const char *)in.p, end ? step - 1 : step, &outer, &err), err);
        tx = inner(outer);
        hash = json_get(outer, "hash") ? json_get(outer, "hash") : json_get(tx, "hash");
        blob = encoded(a, tx);
        got = xrpl_tx_id(blob);
        check_bytes((struct bytes){got.b, 32}, hex_of(a, hash));
        CHECK_OK(xrpl_decode(a, blob, &again, &err), err);
        check_bytes(encoded(a, again), blob);
        meta = json_get(outer, "meta") ? json_get(outer, "meta") : json_get(tx, "meta");
        meta = meta ? meta : json_get(outer, "metaData");
        if (meta) { /* some tools add words of their own to metadata: not all can be written */
            struct text t = text_new((size_t)1 << 24);

            if (xrpl_encode(a, meta, &t, &err)) {
                CHECK_OK(xrpl_decode(a, (struct bytes){(const uint8_t *)t.p, t.n}, &again, &err),
                         err);
                check_bytes(encoded(a, again), (struct bytes){(const uint8_t *)t.p, t.n});
                metas++;
            } else {
                printf("line %u: metadata: %s\n", number, err.text);
            }
            text_free(&t);
        }
        arena_free(a);
        in = (struct bytes){in.p + step, in.n - step};
        n++;
    }
    CHECK_U(n, 198);
    printf("%zu metadata written and read again\n", metas);
}

static const struct {
    const char *file;
    size_t txs;
    bool header; /* all of it is told */
} ledger_rows[] = {
    {"xrpl/ledgers/ledger-7501326-full.json.zst", 17, false},
    {"xrpl/ledgers/ledger-38129-response.json", 1, true},
};

static uint64_t u64_of(const struct json *j)
{
    uint64_t v;

    CHECK(j && u64_from_text(j->text, j->text_n, &v));
    return v;
}

static void hash_of(const struct json *j, struct hash32 *ret)
{
    CHECK(j && hex_decode(j->text, j->text_n, ret->b, sizeof(ret->b)));
}

static void ledger_hashes(void **state)
{
    for (size_t i = 0; i < sizeof(ledger_rows) / sizeof(ledger_rows[0]); i++) {
        struct arena *a;
        const struct json *tree = test_data_json(ledger_rows[i].file, &a),
                          *l = json_get(tree, "ledger") ? json_get(tree, "ledger") : tree;
        struct xrpl_leaf leaves[32];
        struct xrpl_header h = {0};
        struct hash32 root, want;
        struct err err;
        size_t n = 0;

        test_row("%s", ledger_rows[i].file);
        for (const struct json *t = json_get(l, "transactions")->child; t; t = t->next)
            leaves[n++] = xrpl_leaf(encoded(a, t), encoded(a, json_get(t, "metaData")));
        CHECK_U(n, ledger_rows[i].txs);
        CHECK_OK(xrpl_tree_root(leaves, n, &root, &err), err);
        hash_of(json_get(l, "transaction_hash"), &want);
        check_bytes((struct bytes){root.b, 32}, (struct bytes){want.b, 32});
        if (ledger_rows[i].header) {
            h.index = (uint32_t)u64_of(json_get(l, "ledger_index"));
            h.coins = u64_of(json_get(l, "total_coins"));
            hash_of(json_get(l, "parent_hash"), &h.parent);
            h.txs = root;
            hash_of(json_get(l, "account_hash"), &h.state);
            h.parent_close = (uint32_t)u64_of(json_get(l, "parent_close_time"));
            h.close = (uint32_t)u64_of(json_get(l, "close_time"));
            h.resolution = (uint8_t)u64_of(json_get(l, "close_time_resolution"));
            h.flags = (uint8_t)u64_of(json_get(l, "close_flags"));
            root = xrpl_header_hash(&h);
            hash_of(json_get(l, "ledger_hash"), &want);
            check_bytes((struct bytes){root.b, 32}, (struct bytes){want.b, 32});
        }
        arena_free(a);
    }
}

/* ---- a naive tree: node by node, each asking all leaves ---- */

static unsigned nibble_of(const struct hash32 *id, unsigned at)
{
    return at & 1 ? id->b[at / 2] & 15u : id->b[at / 2] >> 4;
}

static struct hash32 naive_node(const struct xrpl_leaf *leaves, size_t n, unsigned level)
{
    struct hash32 children[16];
    uint8_t message[4 + 16 * 32] = "MIN";
    struct bytes whole = {message, sizeof(message)};

    memset(children, 0, sizeof(children));
    for (unsigned c = 0; c < 16; c++) {
        struct xrpl_leaf mine[32];
        size_t mine_n = 0;

        for (size_t i = 0; i < n; i++)
            if (nibble_of(&leaves[i].id, level) == c)
                mine[mine_n++] = leaves[i];
        if (mine_n == 1)
            children[c] = mine[0].hash;
        else if (mine_n)
            children[c] = naive_node(mine, mine_n, level + 1);
    }
    memcpy(message + 4, children, sizeof(children));
    return sha512_half(&whole, 1);
}

/* What was kept leads to each that was wanted, half byte by half byte, and nowhere else. */
static void check_kept(struct arena *a, const struct proof_kept *keep, const struct hash32 *root,
                       const struct xrpl_leaf *leaves, size_t n)
{
    struct block_proof proof;
    struct proof_nodes *s;
    struct err err;

    CHECK_OK(proof_kept_put(keep, xrpl_node_hash, &proof, &err), err);
    CHECK_OK(proof_nodes_open(a, proof.nodes, proof.nodes_n, xrpl_node_hash, &s, &err), err);
    for (size_t i = 0; i < n; i++) {
        const uint8_t *at = root->b;

        for (unsigned level = 0; leaves[i].wanted && memcmp(at, leaves[i].hash.b, 32); level++) {
            const struct bytes *node = proof_nodes_find(s, at, NULL);
            const uint8_t *children = node && level < 64 ? xrpl_inner_read(*node) : NULL;

            CHECK(children);
            at = children + (size_t)32 * nibble_of(&leaves[i].id, level);
        }
    }
    CHECK_OK(proof_nodes_used(s, &err), err);
}

static void random_trees(void **state)
{
    struct test_random r = {test_seed()};

    for (unsigned round = 0; round < 500; round++) {
        struct xrpl_leaf leaves[32], twice[2];
        size_t n = 1 + test_below(&r, 31);
        struct arena *a = arena_new(NULL, (size_t)1 << 24);
        struct proof_kept keep = {.a = a};
        struct hash32 root, want;
        struct err err;

        for (size_t i = 0; i < n; i++) {
            size_t shared = i ? test_below(&r, 31) : 0; /* bytes like another's */

            for (size_t k = 0; k < 32; k++) {
                leaves[i].id.b[k] = (uint8_t)test_random(&r);
                leaves[i].hash.b[k] = (uint8_t)test_random(&r);
            }
            memcpy(leaves[i].id.b, leaves[i ? test_below(&r, i) : 0].id.b, shared);
            leaves[i].wanted = !test_below(&r, 4);
        }
        want = naive_node(leaves, n, 0);
        CHECK_OK(xrpl_tree_prove(leaves, n, &keep, &root, &err), err);
        check_bytes((struct bytes){root.b, 32}, (struct bytes){want.b, 32});
        check_kept(a, &keep, &root, leaves, n);
        arena_free(a);
        twice[0] = twice[1] = leaves[0];
        CHECK(!xrpl_tree_root(twice, 2, &root, &err));
    }
}

/* ---- values: by hand from xrpl.org, "Serialization Format" ---- */

#define ACCOUNT_ONE "0000000000000000000000000000000000000001" /* rrrrrrrrrrrrrrrrrrrrBZbvji */
#define USD "0000000000000000000000005553440000000000"

static const struct {
    const char *name, *hex, *json; /* json NULL: refused */
} value_rows[] = {
    {"drops", "61 400000000000000A", "{\"Amount\":\"10\"}"},
    {"drops taken away", "61 000000000000000A", "{\"Amount\":\"-10\"}"},
    {"minus no drops", "61 0000000000000000", NULL},
    {"one dollar", "61 D4838D7EA4C68000" USD ACCOUNT_ONE,
     "{\"Amount\":{\"currency\":\"USD\",\"issuer\":\"rrrrrrrrrrrrrrrrrrrrBZbvji\",\"value\":\"1\"}"
     "}"},
    {"no dollar", "61 8000000000000000" USD ACCOUNT_ONE,
     "{\"Amount\":{\"currency\":\"USD\",\"issuer\":\"rrrrrrrrrrrrrrrrrrrrBZbvji\",\"value\":\"0\"}"
     "}"},
    {"no dollar, in another form", "61 C000000000000000" USD ACCOUNT_ONE, NULL},
    {"a mantissa of 15 digits", "61 D4800B5E620F4800" USD ACCOUNT_ONE, NULL},
    {"a token", "61 60 0000000000000064 00000001" ACCOUNT_ONE,
     "{\"Amount\":{\"mpt_issuance_id\":\"00000001" ACCOUNT_ONE "\",\"value\":\"100\"}}"},
    {"flags", "22 80000000", "{\"Flags\":2147483648}"},
    {"a type by name", "12 0000", "{\"TransactionType\":\"Payment\"}"},
    {"a type that is not known", "12 7FFF", "{\"TransactionType\":32767}"},
    {"two fields", "12 0000 22 00000001", "{\"Flags\":1,\"TransactionType\":\"Payment\"}"},
    {"two fields, the other way round", "22 00000001 12 0000", NULL},
    {"a field twice", "22 00000001 22 00000001", NULL},
    {"a field of two bytes", "20 1B 00000007", "{\"LastLedgerSequence\":7}"},
    {"a number longer than needed", "20 02 00000007", NULL},
    {"a type that nobody knows", "F0 10 00", NULL},
    {"an account", "81 14" ACCOUNT_ONE, "{\"Account\":\"rrrrrrrrrrrrrrrrrrrrBZbvji\"}"},
    {"an account of 19 bytes", "81 13 00000000000000000000000000000000000000", NULL},
    {"an object that does not end", "E7 72 00", NULL},
    {"an end of nothing", "E1", NULL},
    {"an end of another", "EA F1", NULL},
    {"a list of an object", "F9 EA 7C 01 AA E1 F1",
     "{\"Memos\":[{\"Memo\":{\"MemoType\":\"AA\"}}]}"},
    {"a list of what are no objects", "F9 22 00000001 F1", NULL},
    {"paths", "01 12 01" ACCOUNT_ONE "FF 10" USD "00",
     "{\"Paths\":[[{\"account\":\"rrrrrrrrrrrrrrrrrrrrBZbvji\"}],[{\"currency\":\"USD\"}]]}"},
    {"an empty path", "01 12 00", NULL},
    {"a step of no known kind", "01 12 02" ACCOUNT_ONE "00", NULL},
    {"xrp as an asset", "03 18 0000000000000000000000000000000000000000",
     "{\"Asset\":{\"currency\":\"XRP\"}}"},
    {"a token as an asset, its number low first", "03 18" ACCOUNT_ONE ACCOUNT_ONE "07000000",
     "{\"Asset\":{\"mpt_issuance_id\":\"00000007" ACCOUNT_ONE "\"}}"},
};

/* Type and number of more than 15 are a byte each behind the first: type 24 is 0x?0 18. */
static void values_by_hand(void **state)
{
    for (size_t i = 0; i < sizeof(value_rows) / sizeof(value_rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct bytes in = test_hex(value_rows[i].hex);
        const struct json *got, *want;
        struct text t = text_new(1 << 16);
        struct json_out out = json_to(&t, false);
        struct err err;

        test_row("%s", value_rows[i].name);
        if (!value_rows[i].json) {
            CHECK(!xrpl_decode(a, in, &got, &err));
            CHECK(err.class == ERR_INPUT);
        } else {
            CHECK_OK(xrpl_decode(a, in, &got, &err), err);
            CHECK_OK(json_read(a, value_rows[i].json, strlen(value_rows[i].json), &want, &err),
                     err);
            check_tree(got, want);
            json_tree(&out, got);
            CHECK(text_string(&t));
            check_bytes(encoded(a, want), in);
        }
        text_free(&t);
        arena_free(a);
    }
}

static void lengths(void **state)
{
    static const struct {
        size_t n;
        const char *hex;
    } rows[] = {{0, "00"},       {192, "C0"},       {193, "C100"},
                {12480, "F0FF"}, {12481, "F10000"}, {100000, "F255DF"}};

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct bytes want = test_hex(rows[i].hex);
        uint8_t *in = arena_alloc(a, rows[i].n + 8);
        size_t head = 1 + want.n;
        const struct json *got;
        struct err err;

        test_row("%zu bytes", rows[i].n);
        in[0] = 0x7d; /* MemoData */
        memcpy(in + 1, want.p, want.n);
        CHECK_OK(xrpl_decode(a, (struct bytes){in, head + rows[i].n}, &got, &err), err);
        CHECK_U(json_get(got, "MemoData")->text_n, 2 * rows[i].n);
        check_bytes(encoded(a, got), (struct bytes){in, head + rows[i].n});
        arena_free(a);
    }
}

#define ISSUED(value)                                                                              \
    "{\"Amount\":{\"value\":\"" value                                                              \
    "\",\"currency\":\"USD\",\"issuer\":\"rrrrrrrrrrrrrrrrrrrrBZbvji\"}}"

static void not_written(void **state)
{
    static const char long_one[] = ISSUED("12345678901234567"), great_one[] = ISSUED("1e97");
    static const char *const rows[] = {
        "{\"NoSuchField\":1}",
        "{\"Flags\":4294967296}",
        "{\"Flags\":-1}",
        "{\"Flags\":\"tfAll\"}",
        "{\"TransactionType\":\"Nothing\"}",
        "{\"Account\":\"rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTi\"}",
        "{\"Amount\":\"1.5\"}",
        long_one,
        great_one,
        "{\"Memos\":[{}]}",
        "{\"Memos\":[1]}",
        "{\"Memos\":[[1]]}",
        "{\"Memos\":[{\"#14.47\":{}}]}",
        "{\"Memos\":[{\"Flags\":{}}]}",
        "{\"Memos\":[{\"Memo\":1}]}",
        "{\"Memos\":{}}",
        "{\"Paths\":[]}",
        "{\"Paths\":[[]]}",
        "{\"SigningPubKey\":\"0\"}",
        "{\"Asset\":5}",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct text t = text_new(1 << 16);
        const struct json *j;
        struct err err;

        test_row("%s", rows[i]);
        CHECK_OK(json_read(a, rows[i], strlen(rows[i]), &j, &err), err);
        CHECK(!xrpl_encode(a, j, &t, &err));
        CHECK(err.class == ERR_INPUT);
        CHECK(!strchr(rows[i], '#') == !strchr(err.text, '#')); /* a field without a name is told */
        text_free(&t);
        arena_free(a);
    }
}

/* ---- damage ---- */

/* A Number has several forms. */
static bool has_number(const struct json *root)
{
    const struct json *stack[1024];
    size_t n = 0;

    stack[n++] = root;
    while (n) {
        const struct json *j = stack[--n];
        const struct xrpl_field *f = j->key ? xrpl_field_named(j->key) : NULL;

        if (f && f->type == XRPL_NUMBER)
            return true;
        for (const struct json *m = j->child; m && n < 1024; m = m->next)
            stack[n++] = m;
    }
    return false;
}

static bool takes(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct text t = text_new((size_t)1 << 24);
    const struct json *got;
    struct err err;
    bool ok = a && xrpl_decode(a, in, &got, &err);

    if (ok && !has_number(got) &&
        xrpl_encode(a, got, &t, &err)) /* a field of no name here is not written */
        check_bytes((struct bytes){(const uint8_t *)t.p, t.n}, in);
    text_free(&t);
    arena_free(a);
    return ok;
}

/* A prefix that ends between fields is an object, and shorter: all others are refused. */
static void truncations_and_flips(void **state)
{
    struct arena *a;
    const struct json *tree = test_data_json("xrpl/codec/blobs.json", &a);
    size_t whole = 0, flips = 0, taken = 0;

    for (const struct json *v = json_get(tree, "transactions")->child; v; v = v->next) {
        struct bytes blob = hex_of(a, json_get(v, "binary"));
        uint8_t *b = arena_copy(a, blob.p, blob.n);

        for (size_t n = 0; n < blob.n; n++) {
            uint8_t *exact = malloc(n ? n : 1); /* a block of that size, for sanitizers */

            memcpy(exact, blob.p, n);
            whole += takes((struct bytes){exact, n}, NULL);
            free(exact);
        }
        for (size_t i = 0; i < 8 * blob.n; i += 3, flips++) {
            b[i / 8] ^= (uint8_t)(1u << i % 8);
            taken += takes((struct bytes){b, blob.n}, NULL);
            b[i / 8] ^= (uint8_t)(1u << i % 8);
        }
    }
    CHECK(whole < 25 * 20);
    printf("%zu prefixes end between fields; of %zu flips %zu are objects\n", whole, flips, taken);
    arena_free(a);
}

static bool whole_way(void *ctx)
{
    struct bytes *in = ctx;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct text t = text_new((size_t)1 << 24);
    const struct json *got;
    struct err err;
    bool ok = a && xrpl_decode(a, *in, &got, &err) && xrpl_encode(a, got, &t, &err);

    text_free(&t);
    arena_free(a);
    return ok;
}

static void failed_allocations(void **state)
{
    struct arena *a;
    const struct json *tree = test_data_json("xrpl/codec/blobs.json", &a);

    for (const struct json *v = json_get(tree, "transactions")->child; v; v = v->next) {
        struct bytes blob = hex_of(a, json_get(v, "binary"));

        test_failed_allocations(whole_way, &blob);
    }
    arena_free(a);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors),
        cmocka_unit_test(header_vector),
        cmocka_unit_test(data_ids),
        cmocka_unit_test(ledger_hashes),
        cmocka_unit_test(random_trees),
        cmocka_unit_test(values_by_hand),
        cmocka_unit_test(lengths),
        cmocka_unit_test(not_written),
        cmocka_unit_test(truncations_and_flips),
        cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
