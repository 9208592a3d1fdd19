/* Proofs that transactions stand in their blocks: the vectors of ethereum/tests and execution-apis,
 * all transactions of real blocks, and no byte that could be another. */
#include "evm_parts.h"
#include "support.h"

#include "base/keccak.h"
#include "base/mem.h"
#include "chain/evm/proof.h"

#define ARENA_BYTES ((size_t)256 << 20)

static struct bytes text_bytes(const char *s)
{
    return (struct bytes){(const uint8_t *)s, strlen(s)};
}

static int by_hash(const void *pa, const void *pb)
{
    const struct bytes *a = pa, *b = pb;
    struct hash32 one = keccak256(a->p, a->n), other = keccak256(b->p, b->n);

    return memcmp(one.b, other.b, sizeof(one.b));
}

/* In the order in which they have to be. */
static struct proof_nodes *nodes_of(struct arena *a, struct bytes *nodes, size_t n)
{
    struct proof_nodes *s;
    struct err err;

    if (n)
        qsort(nodes, n, sizeof(*nodes), by_hash);
    CHECK_OK(proof_nodes_open(a, nodes, n, evm_node_hash, &s, &err), err);
    return s;
}

static void check_find(struct proof_nodes *s, const struct hash32 *root, struct bytes key,
                       const char *want)
{
    struct bytes got;
    struct err err;

    if (!want) {
        CHECK(!evm_nodes_find(s, root, key, &got, &err));
        CHECK_U(err.class, ERR_NOT_FOUND);
        return;
    }
    CHECK_OK(evm_nodes_find(s, root, key, &got, &err), err);
    CHECK(got.n == strlen(want) && !memcmp(got.p, want, got.n));
}

/* ethereum/tests, TrieTests/trieanyorder.json, "dogs": do: verb, horse: stallion, doge: coin, dog:
 * puppy. Its nodes by the Yellow Paper, appendix D, by hand:
 *
 *     root       16 -> A             (all keys begin with the nibble 6)
 *     A          4 -> B, 8 -> [20 6f 72 73 65, stallion]
 *     B          00 6f -> C
 *     C          6 -> D, value verb
 *     D          17 -> [.. 6 -> [35, coin], value puppy], shorter than 32 bytes: within C */
static void dogs(void **state)
{
    static const char d[] =
        "de 17 dc 808080808080 c6 35 84636f696e 808080808080808080 857075707079";
    struct bytes nodes[3], inner = test_hex(d), root_want;
    struct rlp_out c = {0}, b = {0}, top = {0}, root = {0};
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct hash32 hash;
    struct proof_nodes *s;
    size_t list, leaf;
    struct err err;

    list = rlp_open(&c);
    for (int i = 0; i < 16; i++)
        if (i == 6)
            rlp_put_raw(&c, inner.p, inner.n);
        else
            rlp_put_string(&c, NULL, 0);
    rlp_put_string(&c, "verb", 4);
    rlp_close(&c, list);
    hash = keccak256(c.p, c.n);
    list = rlp_open(&b);
    rlp_put_string(&b, "\x00\x6f", 2);
    rlp_put_string(&b, hash.b, 32);
    rlp_close(&b, list);
    hash = keccak256(b.p, b.n);
    list = rlp_open(&top);
    for (int i = 0; i < 17; i++) {
        if (i == 8) {
            leaf = rlp_open(&top);
            rlp_put_string(&top, "\x20\x6f\x72\x73\x65", 5);
            rlp_put_string(&top, "stallion", 8);
            rlp_close(&top, leaf);
        } else {
            rlp_put_string(&top, i == 4 ? hash.b : NULL, i == 4 ? 32 : 0);
        }
    }
    rlp_close(&top, list);
    hash = keccak256(top.p, top.n);
    list = rlp_open(&root);
    rlp_put_string(&root, "\x16", 1);
    rlp_put_string(&root, hash.b, 32);
    rlp_close(&root, list);
    hash = keccak256(root.p, root.n);
    root_want = test_hex("5991bb8c6514148a29db676a14ac506cd2cd5775ace63c30a4fe457715e9ac84");
    CHECK(!memcmp(hash.b, root_want.p, 32));

    nodes[0] = (struct bytes){c.p, c.n};
    nodes[1] = (struct bytes){top.p, top.n};
    nodes[2] = (struct bytes){root.p, root.n};
    s = nodes_of(a, nodes, 3); /* without B */
    CHECK(!proof_nodes_used(s, &err));
    check_find(s, &hash, text_bytes("horse"), "stallion");
    check_find(s, &hash, text_bytes("horses"), NULL);
    check_find(s, &hash, text_bytes("hors"), NULL);
    check_find(s, &hash, text_bytes("x"), NULL);
    check_find(s, &hash, text_bytes(""), NULL);
    {
        struct bytes got, all[4] = {nodes[0], nodes[1], nodes[2], {b.p, b.n}};

        CHECK(!evm_nodes_find(s, &hash, text_bytes("do"), &got, &err));
        CHECK_S(err.text, "a node is missing");
        s = nodes_of(a, all, 4);
    }
    check_find(s, &hash, text_bytes("do"), "verb");
    check_find(s, &hash, text_bytes("dog"), "puppy");
    check_find(s, &hash, text_bytes("doge"), "coin");
    check_find(s, &hash, text_bytes("dogs"), NULL);
    check_find(s, &hash, text_bytes("d"), NULL);
    check_find(s, &hash, text_bytes("doges"), NULL);
    CHECK(proof_nodes_used(s, &err));
    rlp_out_free(&c);
    rlp_out_free(&b);
    rlp_out_free(&top);
    rlp_out_free(&root);
    arena_free(a);
}

/* execution-apis, tests/eth_getProof/get-account-proof-with-storage.io: the account aa00..00 under
 * the key keccak256 of it, and a slot of its storage that is not there. */
static void account_proof(void **state)
{
    struct bytes nodes[2] = {
        test_hex("f8d1a0d3949cde98dcbc869d2674d947808f434acd28e2047dc5ab8167cef78a727a8f80808080a0"
                 "264011c466c4cfd87b5f9196543c792577f5cf4a90a2c110f30185307a235da980a0457ae8d978cd"
                 "387f5332f978f5653226588b6cc76a355fc5977cd4325ffcff78a095be66d743fceb05ec76ef3097"
                 "adc0807a2209a6b1c53b8c856f6bcbcce7fa4c80808080a0cdd7174c562909b7193f1780389aca54"
                 "98330e741a88b8d865426b350d7f62f680a002079db8ae0ab68695af5bd0cdf17e48d261974ff964"
                 "82ae58a6fe15b33de57480"),
        test_hex("f869a0335649db80be637d281db0cc5896b0ff9869d08379a80fdc38dd073bba633949b846f84401"
                 "01a08afc95b7d18a226944b9c2070b6bda1c3a36afcc3730429d47579c94b9fe5850a0ce92c756ba"
                 "ff35fa740c3557c1a971fd24d2d35b7c8e067880d50cd86bb0bc99")};
    struct bytes want = test_hex("f8440101a08afc95b7d18a226944b9c2070b6bda1c3a36afcc3730429d47579c9"
                                 "4b9fe5850a0ce92c756baff35fa740c3557c1a971fd24d2d35b7c8e067880d50c"
                                 "d86bb0bc99");
    struct bytes account = test_hex("aa00000000000000000000000000000000000000"), got;
    struct hash32 root = keccak256(nodes[0].p, nodes[0].n), key = keccak256(account.p, account.n);
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct proof_nodes *s = nodes_of(a, nodes, 2);
    struct err err;

    CHECK_OK(evm_nodes_find(s, &root, (struct bytes){key.b, 32}, &got, &err), err);
    CHECK(got.n == want.n && !memcmp(got.p, want.p, got.n));
    CHECK(proof_nodes_used(s, &err));
    key.b[31] ^= 1; /* another account whose path is the same but for its end */
    CHECK(!evm_nodes_find(s, &root, (struct bytes){key.b, 32}, &got, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    arena_free(a);
}

/* Nodes of another form than the one: none is taken for a proof. */
static void bad_nodes(void **state)
{
    static const struct {
        const char *name, *hex, *want;
    } rows[] = {
        {"no list", "80", "a node that is neither of 2 nor of 17"},
        {"nothing", "", "a node that is neither of 2 nor of 17"},
        {"of one", "c1 80", "a node that is neither of 2 nor of 17"},
        {"of three", "c3 808080", "a node that is neither of 2 nor of 17"},
        {"of eighteen", "d2 808080808080808080808080808080808080",
         "a node that is neither of 2 nor of 17"},
        {"more behind", "c2 20 01 80", "a node that is neither of 2 nor of 17"},
        {"cut short", "c3 20 01", "a node that is neither of 2 nor of 17"},
        {"an empty path", "c2 80 01", "a path that is not in hex prefix"},
        {"a path with a flag too many", "c4 820061 01", NULL},
        {"flag 4", "c2 40 01", "a path that is not in hex prefix"},
        {"even, with a nibble", "c2 21 01", "a path that is not in hex prefix"},
        {"a path that is a list", "c3 c120 01", "a path that is not in hex prefix"},
        {"an extension by nothing", "c3 00 c0 80", "a node that is neither of 2 nor of 17"},
        {"an extension by nothing, to itself",
         "e2 00 a0 "
         "0000000000000000000000000000000000000000000000000000000000000000",
         "an extension by nothing"},
        {"a child of 31 bytes' name",
         "f0 80808080808080 9f 00000000000000000000000000000000000000000000000000000000000000 "
         "808080808080808080",
         NULL},
        {"a leaf that is a list", "c4 82 2061 c0", "a value that is a list"},
    };
    struct arena *a = arena_new(NULL, ARENA_BYTES);

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct bytes node = test_hex(rows[i].hex), got;
        struct hash32 root = keccak256(node.p, node.n);
        struct proof_nodes *s = nodes_of(a, &node, 1);
        struct err err;

        test_row("%s", rows[i].name);
        CHECK(!evm_nodes_find(s, &root, text_bytes("a"), &got, &err));
        if (rows[i].want)
            CHECK_S(err.text, rows[i].want);
    }
    arena_free(a);
}

/* Values of one byte, of which some are wanted: each is found, and no other. */
static void lists(void **state)
{
    static const size_t sizes[] = {1, 2, 3, 16, 17, 127, 128, 129, 130, 256, 257, 300};
    struct test_random r = {test_seed()};
    struct rlp_out scratch = {0};

    for (size_t k = 0; k < sizeof(sizes) / sizeof(sizes[0]) * 8; k++) {
        size_t n = sizes[k / 8], ends[300], wanted_n = 0;
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct proof_kept keep = {.a = a};
        uint8_t values[300];
        bool wanted[300];
        struct hash32 root;
        struct proof_nodes *s;
        struct err err;

        test_row("%zu values, %zu", n, k);
        for (size_t i = 0; i < n; i++) {
            values[i] = (uint8_t)(1 + i % 250);
            ends[i] = i + 1;
            wanted[i] = !test_below(&r, 1 + k % 8 * 8);
            wanted_n += wanted[i];
        }
        root = evm_list_prove(values, ends, n, wanted, rlp_out_clear(&scratch), &keep);
        CHECK(!scratch.bad);
        {
            struct hash32 same = evm_list_root(values, ends, n, rlp_out_clear(&scratch));

            CHECK(hash32_equal(&root, &same));
        }
        CHECK(wanted_n ? keep.n > 0 : !keep.n);
        s = nodes_of(a, keep.at, keep.n);
        for (size_t i = 0; i < n; i++) {
            struct rlp_out key = {0};
            struct bytes got;

            rlp_put_u64(&key, i);
            if (wanted[i]) {
                CHECK_OK(evm_nodes_find(s, &root, (struct bytes){key.p, key.n}, &got, &err), err);
                CHECK(got.n == 1 && got.p[0] == values[i]);
            }
            rlp_out_free(&key);
        }
        CHECK(proof_nodes_used(s, &err)); /* no node but those on the way */
        arena_free(a);
    }
    rlp_out_free(&scratch);
}

/* ---- real blocks ---- */

/* A proof of every step-th transaction of a block. */
static void prove(struct arena *a, const struct parts *p, const struct evm_block *b, size_t step,
                  struct wanted_block *ret)
{
    struct evm_lists l = {{0}};
    struct err err;

    *ret = (struct wanted_block){.hash = b->header.hash,
                                 .txs = ARENA_ARRAY(a, struct wanted_tx, b->txs_n + 1)};
    for (size_t i = 0; i < b->txs_n; i += step)
        ret->txs[ret->txs_n++].hash = b->txs[i].hash;
    CHECK_OK(evm_lists_read(&l, p->header, p->body, p->receipts, &err), err);
    CHECK_OK(evm_lists_prove(b->chain, &l, ret, a, &err), err);
    CHECK_S(ret->why, "");
    evm_lists_free(&l);
}

static bool tx_same(const struct fact_tx *one, const struct fact_tx *other)
{
    if (!hash32_equal(&one->hash, &other->hash) || one->failed != other->failed ||
        one->transfers_n != other->transfers_n || one->events_n != other->events_n)
        return false;
    for (size_t i = 0; i < one->transfers_n; i++) {
        const struct fact_transfer *t = &one->transfers[i], *u = &other->transfers[i];

        if (t->kind != u->kind || t->position != u->position || t->from.n != u->from.n ||
            t->to.n != u->to.n || t->asset.n != u->asset.n ||
            (t->from.n && memcmp(t->from.p, u->from.p, 20)) || !u256_equal(t->amount, u->amount) ||
            !u256_equal(t->credit, u->credit) || (t->to.n && memcmp(t->to.p, u->to.p, 20)) ||
            (t->asset.n && memcmp(t->asset.p, u->asset.p, 20)))
            return false;
    }
    return true;
}

/* What a proof says of a transaction is what the whole block says. */
static void real_blocks(void **state)
{
    static const char *const numbers[] = {"14764013", "15537393", "15537394", "17034869",
                                          "17034870", "19426586", "19426587"};
    const struct chain *chain = chain_by_name("ethereum");
    struct block_prover *prover = evm_proofs.open(chain);
    struct evm_block *b = evm_block_new(chain);

    CHECK(prover && b);
    for (size_t k = 0; k < sizeof(numbers) / sizeof(numbers[0]); k++)
        for (size_t step = 1; step < 40; step += 19) {
            struct parts p = block_of(numbers[k]);
            struct arena *a = arena_new(NULL, ARENA_BYTES);
            struct transfer_block whole, proven;
            struct wanted_block want;
            uint32_t index[1024];
            struct err err;

            test_row("%s, each %zu", numbers[k], step);
            CHECK_OK(evm_block_read(b, p.header, p.body, p.receipts, &err), err);
            CHECK_OK(evm_block_facts(b, &whole, &err), err);
            prove(a, &p, b, step, &want);
            for (size_t i = 0; i < want.txs_n; i++) {
                CHECK_U(want.txs[i].index, i * step);
                index[i] = want.txs[i].index;
            }
            CHECK_OK(evm_proofs.read(prover, &want.proof, index, want.txs_n, &proven, &err), err);
            CHECK(hash32_equal(&proven.hash, &whole.hash) && proven.height == whole.height);
            CHECK(hash32_equal(&proven.prev, &whole.prev) && proven.time == whole.time);
            CHECK_U(proven.txs_n, want.txs_n);
            for (size_t i = 0; i < want.txs_n; i++)
                CHECK(tx_same(&proven.txs[i], &whole.txs[index[i]]));
            if (want.txs_n > 1) { /* one less than is led to, and one more */
                CHECK(!evm_proofs.read(prover, &want.proof, index, want.txs_n - 1, &proven, &err));
                CHECK_U(err.class, ERR_INPUT);
            }
            index[want.txs_n] = (uint32_t)b->txs_n;
            CHECK(!evm_proofs.read(prover, &want.proof, index, want.txs_n + 1, &proven, &err));
            CHECK_U(err.class, ERR_INPUT);
            index[0] = index[want.txs_n - 1];
            CHECK(want.txs_n < 2 ||
                  !evm_proofs.read(prover, &want.proof, index, want.txs_n, &proven, &err));
            arena_free(a);
        }
    evm_block_free(b);
    evm_proofs.close(prover);
}

/* A transaction that is not in the block, and a block that is another's. */
static void not_there(void **state)
{
    const struct chain *chain = chain_by_name("ethereum");
    struct parts p = block_of("14764013");
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct wanted_tx txs[2] = {{.hash = {{1}}}, {.hash = {{2}}}};
    struct wanted_block want = {.txs = txs, .txs_n = 2};
    struct evm_lists l = {{0}};
    struct err err;

    want.hash = keccak256(p.header.p, p.header.n);
    CHECK_OK(evm_lists_read(&l, p.header, p.body, p.receipts, &err), err);
    CHECK_OK(evm_lists_prove(chain, &l, &want, a, &err), err);
    CHECK_U(txs[0].index, TX_INDEX_NONE);
    CHECK_U(want.proof.nodes_n, 0);
    CHECK(want.proof.header.n); /* the header alone proves height and time */
    want.hash.b[0] ^= 1;
    CHECK_OK(evm_lists_prove(chain, &l, &want, a, &err), err);
    CHECK_S(want.why, "its header cannot be written from what is told of it");
    want.hash.b[0] ^= 1;
    CHECK_OK(evm_lists_read(&l, p.header, p.body, block_of("15537393").receipts, &err), err);
    CHECK_OK(evm_lists_prove(chain, &l, &want, a, &err), err);
    CHECK_S(want.why, "its receipts are not told");
    l.txs.p[5] ^= 1;
    l.receipts_n = 0;
    while (l.receipts_n < l.txs_n)
        CHECK_OK(evm_lists_receipt_end(&l, &err), err);
    CHECK_OK(evm_lists_prove(chain, &l, &want, a, &err), err);
    CHECK_S(want.why, "its transactions have another root than its header names");
    CHECK(!want.proof.header.n);
    /* the same on another chain: whose signature it is depends on the chain's number */
    CHECK_OK(evm_lists_read(&l, p.header, p.body, p.receipts, &err), err);
    {
        struct evm_block *b = evm_block_new(chain);
        struct wanted_block other;

        CHECK_OK(evm_block_read(b, p.header, p.body, p.receipts, &err), err);
        prove(a, &p, b, 1, &other);
        CHECK_OK(evm_lists_prove(chain_by_name("bsc"), &l, &other, a, &err), err);
        for (size_t i = 0; i < other.txs_n; i++)
            CHECK_U(other.txs[i].index, TX_INDEX_NONE);
        evm_block_free(b);
    }
    evm_lists_free(&l);
    arena_free(a);
}

/* ---- withdrawals ---- */

/* A proof of nothing but what moved outside of transactions. */
static void prove_outside(struct arena *a, const struct parts *p, struct wanted_block *ret)
{
    struct wanted_tx *tx = ARENA_NEW(a, struct wanted_tx);
    struct evm_lists l = {{0}};
    struct err err;

    CHECK(tx);
    tx->hash = keccak256(p->header.p, p->header.n);
    *ret = (struct wanted_block){.hash = tx->hash, .txs = tx, .txs_n = 1};
    CHECK_OK(evm_lists_read(&l, p->header, p->body, p->receipts, &err), err);
    CHECK_OK(evm_lists_prove(chain_by_name("ethereum"), &l, ret, a, &err), err);
    CHECK_U(tx->index, TX_INDEX_NONE);
    evm_lists_free(&l);
}

static bool read_outside(struct block_prover *p, const struct wanted_block *want, struct bytes list,
                         struct transfer_block *ret, struct err *err)
{
    struct block_proof proof = want->proof;

    proof.outside = list;
    return evm_proofs.read(p, &proof, NULL, 0, ret, err);
}

static bool outside_cut(struct bytes in, void *ctx)
{
    struct parts p = block_of("19426587");
    struct block_prover *prover = evm_proofs.open(chain_by_name("ethereum"));
    const struct wanted_block want = {.proof.header = p.header};
    struct transfer_block block;
    struct err err;
    bool ok = in.n && read_outside(prover, &want, in, &block, &err); /* of none there is no proof */

    evm_proofs.close(prover);
    return ok;
}

/* Blocks of Shanghai and Cancun: all that their headers name, and no other. Of 19426587 the first
 * is 16065994 gwei to 2bf916f8.., its number 38266022 for validator 1268169, and the fourth
 * 16138513. */
static void withdrawals(void **state)
{
    static const struct {
        const char *number;
        size_t n; /* 0: it has none */
    } rows[] = {{"19426586", 16}, {"19426587", 16}, {"17034869", 0}, {"15537393", 0}};
    struct block_prover *prover = evm_proofs.open(chain_by_name("ethereum"));
    struct evm_block *b = evm_block_new(chain_by_name("ethereum"));

    CHECK(prover && b);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct parts p = block_of(rows[i].number);
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct transfer_block whole, proven;
        struct rlp_out again = {0};
        struct wanted_block want;
        uint8_t *list;
        struct err err;

        test_row("%s", rows[i].number);
        prove_outside(a, &p, &want);
        CHECK_S(want.why, "");
        CHECK(want.proof.header.n && !want.proof.nodes_n);
        CHECK_U(want.proof.outside.n > 0, rows[i].n > 0);
        CHECK_OK(evm_block_read(b, p.header, p.body, p.receipts, &err), err);
        CHECK_OK(evm_block_facts(b, &whole, &err), err);
        CHECK_U(b->withdrawals_n, rows[i].n);
        CHECK_OK(evm_proofs.read(prover, &want.proof, NULL, 0, &proven, &err), err);
        CHECK_U(proven.txs_n, rows[i].n > 0);
        if (rows[i].n) {
            const struct fact_tx *last = &proven.txs[0];

            CHECK(tx_same(last, &whole.txs[whole.txs_n - 1]));
            CHECK(hash32_equal(&last->hash, &want.hash));
            CHECK_U(last->transfers_n, rows[i].n);
            /* written from what was read, as of answers, it is what was hashed */
            evm_withdrawals_write(&again, b);
            CHECK(again.n == want.proof.outside.n &&
                  !memcmp(again.p, want.proof.outside.p, again.n));
            list = (uint8_t *)want.proof.outside.p;
            for (size_t k = 0; k < want.proof.outside.n; k++) {
                test_row("%s byte %zu", rows[i].number, k);
                list[k] ^= 1;
                CHECK(!evm_proofs.read(prover, &want.proof, NULL, 0, &proven, &err));
                CHECK_U(err.class, ERR_INPUT);
                list[k] ^= 1;
            }
            if (i == 1)
                test_truncations(want.proof.outside, outside_cut, NULL);
        } else { /* another block's, and none */
            CHECK(!read_outside(prover, &want, test_hex("c0"), &proven, &err));
            CHECK_U(err.class, ERR_INPUT);
        }
        rlp_out_free(&again);
        arena_free(a);
    }
    evm_block_free(b);
    evm_proofs.close(prover);
}

/* As Ethereum's rules have them (EIP-4895): in gwei, newly issued, in the order of the list. */
static void withdrawals_known(void **state)
{
    struct parts p = block_of("19426587");
    struct block_prover *prover = evm_proofs.open(chain_by_name("ethereum"));
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct bytes to = test_hex("2bf916f8169ed2a77324d3e168284fc252ae4087");
    const struct fact_transfer *t;
    struct transfer_block block;
    struct wanted_block want;
    struct u256 wei;
    struct err err;

    CHECK(prover);
    prove_outside(a, &p, &want);
    CHECK_OK(evm_proofs.read(prover, &want.proof, NULL, 0, &block, &err), err);
    t = block.txs[0].transfers;
    for (unsigned i = 0; i < 16; i++)
        CHECK(t[i].kind == TRANSFER_WITHDRAWAL && t[i].position == i && !t[i].from.n);
    CHECK(!memcmp(t[0].to.p, to.p, 20) && !memcmp(t[3].to.p, to.p, 20));
    CHECK(u256_mul(u256_of(16065994), u256_of(1000000000), &wei) && u256_equal(t[0].amount, wei));
    CHECK(u256_mul(u256_of(16138513), u256_of(1000000000), &wei) && u256_equal(t[3].amount, wei));
    /* not asked for, it is not there */
    want.txs[0].hash.b[0] ^= 1;
    {
        struct evm_lists l = {{0}};

        want.proof.outside = (struct bytes){NULL, 0};
        CHECK_OK(evm_lists_read(&l, p.header, p.body, p.receipts, &err), err);
        CHECK_OK(evm_lists_prove(chain_by_name("ethereum"), &l, &want, a, &err), err);
        CHECK_U(want.proof.outside.n, 0);
        evm_lists_free(&l);
    }
    /* a list of another root proves nothing, and all else is proven still */
    want.txs[0].hash = want.hash;
    {
        struct evm_lists l = {{0}};

        CHECK_OK(evm_lists_read(&l, p.header, p.body, p.receipts, &err), err);
        l.withdrawals = test_hex("c0");
        CHECK_OK(evm_lists_prove(chain_by_name("ethereum"), &l, &want, a, &err), err);
        CHECK_U(want.proof.outside.n, 0);
        CHECK(want.proof.header.n);
        evm_lists_free(&l);
    }
    evm_proofs.close(prover);
    arena_free(a);
}

/* ---- no byte can be another ---- */

struct one {
    struct block_prover *prover;
    struct block_proof proof;
    uint32_t index;
    size_t cut; /* which node */
};

static struct one one_of(struct arena *a, struct evm_block *b, struct parts *p)
{
    struct one o = {.prover = evm_proofs.open(b->chain)};
    struct wanted_block want;
    struct err err;

    CHECK_OK(evm_block_read(b, p->header, p->body, p->receipts, &err), err);
    prove(a, p, b, 7, &want);
    want.txs_n = 1;
    want.txs[0].hash = b->txs[7].hash;
    {
        struct evm_lists l = {{0}};

        CHECK_OK(evm_lists_read(&l, p->header, p->body, p->receipts, &err), err);
        CHECK_OK(evm_lists_prove(b->chain, &l, &want, a, &err), err);
        evm_lists_free(&l);
    }
    o.proof = want.proof;
    o.index = want.txs[0].index;
    return o;
}

static bool read_one(const struct one *o, struct err *err)
{
    struct transfer_block block;

    return evm_proofs.read(o->prover, &o->proof, &o->index, 1, &block, err);
}

static bool read_cut(struct bytes in, void *ctx)
{
    struct one *o = ctx;
    struct bytes *node = o->cut ? (struct bytes *)&o->proof.nodes[o->cut - 1] : &o->proof.header;
    struct bytes whole = *node;
    struct err err;
    bool ok;

    *node = in;
    ok = read_one(o, &err);
    *node = whole;
    return ok;
}

static void every_byte_counts(void **state)
{
    struct parts p = block_of("14764013");
    struct evm_block *b = evm_block_new(chain_by_name("ethereum"));
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct one o = one_of(a, b, &p);
    struct err err;

    CHECK_OK(read_one(&o, &err), err);
    for (size_t k = 0; k < o.proof.nodes_n; k++) {
        uint8_t *node = (uint8_t *)o.proof.nodes[k].p;

        for (size_t i = 0; i < o.proof.nodes[k].n; i++) {
            test_row("node %zu byte %zu", k, i);
            node[i] ^= 1;
            CHECK(!read_one(&o, &err));
            CHECK_U(err.class, ERR_INPUT);
            node[i] ^= 1;
        }
    }
    for (o.cut = 0; o.cut <= o.proof.nodes_n; o.cut++)
        test_truncations(o.cut ? o.proof.nodes[o.cut - 1] : o.proof.header, read_cut, &o);
    evm_proofs.close(o.prover);
    evm_block_free(b);
    arena_free(a);
}

static bool read_all(void *ctx)
{
    struct one o = *(struct one *)ctx;
    struct err err;
    bool ok;

    o.prover = evm_proofs.open(chain_by_name("ethereum"));
    ok = o.prover && read_one(&o, &err);
    if (!ok && o.prover)
        CHECK_U(err.class, ERR_NOMEM);
    evm_proofs.close(o.prover);
    return ok;
}

static bool make_all(void *ctx)
{
    const struct parts *p = ctx;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct wanted_tx tx = {.index = TX_INDEX_NONE};
    struct wanted_block want = {.txs = &tx, .txs_n = 1};
    struct evm_lists l = {{0}};
    struct err err;
    bool ok;

    want.hash = keccak256(p->header.p, p->header.n);
    ok = a && evm_lists_read(&l, p->header, p->body, p->receipts, &err) &&
         evm_lists_prove(chain_by_name("ethereum"), &l, &want, a, &err);
    if (!ok && a)
        CHECK_U(err.class, ERR_NOMEM);
    evm_lists_free(&l);
    arena_free(a);
    return ok;
}

static bool make_outside(void *ctx)
{
    const struct parts *p = ctx;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct wanted_tx tx = {.index = TX_INDEX_NONE, .hash = keccak256(p->header.p, p->header.n)};
    struct wanted_block want = {.hash = tx.hash, .txs = &tx, .txs_n = 1};
    struct evm_lists l = {{0}};
    struct err err;
    bool ok = a && evm_lists_read(&l, p->header, p->body, p->receipts, &err) &&
              evm_lists_prove(chain_by_name("ethereum"), &l, &want, a, &err);

    if (ok)
        CHECK(want.proof.outside.n);
    else if (a)
        CHECK_U(err.class, ERR_NOMEM);
    evm_lists_free(&l);
    arena_free(a);
    return ok;
}

static void no_memory(void **state)
{
    struct parts p = block_of("14764013"), with_withdrawals = block_of("19426587");
    struct evm_block *b = evm_block_new(chain_by_name("ethereum"));
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct one o = one_of(a, b, &p);

    test_failed_allocations(read_all, &o);
    test_failed_allocations(make_all, &p);
    test_failed_allocations(make_outside, &with_withdrawals);
    evm_proofs.close(o.prover);
    evm_block_free(b);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dogs),
        cmocka_unit_test(account_proof),
        cmocka_unit_test(bad_nodes),
        cmocka_unit_test(lists),
        cmocka_unit_test(real_blocks),
        cmocka_unit_test(not_there),
        cmocka_unit_test(withdrawals),
        cmocka_unit_test(withdrawals_known),
        cmocka_unit_test(every_byte_counts),
        cmocka_unit_test(no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
