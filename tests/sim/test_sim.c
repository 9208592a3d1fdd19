/* The simulated chain is read back with the chain's own readers, and each theft is followed through
 * it by a walk that knows no taint: from the origins to whatever spends them, until a known
 * service, a CoinJoin or nothing. What it comes to must be what truth.json says, output by output.
 */
#include "support.h"

#include "base/hash.h"
#include "base/json.h"
#include "chain/bitcoin/block.h"
#include "chain/bitcoin/script.h"
#include "chain/bitcoin/source.h"
#include "sim/genesis.h"
#include "sim/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR_MAX 300
#define TRUTH_BYTES_MAX ((size_t)64 << 20)

static char *shown(const struct hash32 *hash, char ret[65])
{
    for (int i = 0; i < 32; i++)
        snprintf(ret + 2 * i, 3, "%02x", hash->b[31 - i]);
    return ret;
}

/* Expected values: computed with Python's hashlib from the same bytes. */
static void genesis_is_what_the_chain_row_says(void **state)
{
    struct bytes block = sim_genesis();
    const struct chain *chain = chain_by_name(SIM_CHAIN);
    struct hash32 hash = sha256d(block.p, 80), txid = sha256d(block.p + 81, block.n - 81);
    char text[65];

    CHECK_U(block.n, 192);
    CHECK_S(shown(&hash, text), "763d331ac67e410d9da444d0ecd04bb9ad5eb3305ba13de1f5312fc49a6c8bda");
    CHECK_S(shown(&txid, text), "380e4618c789d1230bb9e3186ecc17b2ea857a1117205ba93ac1b5a4cfb97e24");
    CHECK_U(load_le32(block.p + 68), SIM_GENESIS_TIME);
    CHECK_U(load_le32(block.p + 72), SIM_BITS);
    CHECK(hash32_equal(&hash, &chain->genesis));
    CHECK_U(chain->magic, SIM_MAGIC);
}

static struct sim_shape run(uint64_t seed, uint64_t blocks, uint64_t bytes, bool xor,
                            char ret_dir[DIR_MAX])
{
    struct sim_options o = {
        .seed = seed, .blocks = blocks, .bytes = bytes, .xor = xor, .dir = ret_dir};
    struct sim_shape shape;
    struct err err;

    snprintf(ret_dir, DIR_MAX, "%s/sim", test_dir());
    CHECK_OK(sim_run(&o, &shape, &err), err);
    return shape;
}

static struct bytes file_of(const char *dir, const char *name)
{
    char path[DIR_MAX + 64];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return test_read(path);
}

static const char *const paper_names[] = {"blocks/blk00000.dat", "blocks/rev00000.dat",
                                          "truth.json", "stops.csv", "cases/THEFT-1.json"};
#define PAPERS_N (sizeof(paper_names) / sizeof(paper_names[0]))

static void same_seed_same_bytes(void **state)
{
    char one[DIR_MAX], again[DIR_MAX], other[DIR_MAX];

    run(5, 150, 0, false, one);
    run(5, 150, 0, false, again);
    run(6, 150, 0, false, other);
    for (size_t i = 0; i < PAPERS_N; i++) {
        test_row("%s", paper_names[i]);
        CHECK(bytes_equal(file_of(one, paper_names[i]), file_of(again, paper_names[i])));
        CHECK(!bytes_equal(file_of(one, paper_names[i]), file_of(other, paper_names[i])));
    }
}

/* Not that it is right, but that it is the same on every machine and from version to version. */
static void a_small_world_never_changes(void **state)
{
    struct sha256_stream s;
    struct hash32 hash;
    char dir[DIR_MAX], line[128];

    run(1, 130, 0, false, dir);
    sha256_start(&s);
    for (size_t i = 0; i < PAPERS_N; i++) {
        struct bytes b = file_of(dir, paper_names[i]);

        sha256_add(&s, b.p, b.n);
    }
    hash = sha256_done(&s);
    snprintf(line, sizeof(line), "seed 1, 130 blocks: ");
    for (int i = 0; i < 32; i++)
        snprintf(line + strlen(line), 3, "%02x", hash.b[i]);
    snprintf(line + strlen(line), 2, "\n");
    test_golden("sim-130.txt", line, strlen(line));
}

static void xor_is_all_that_xor_changes(void **state)
{
    char plain[DIR_MAX], hidden[DIR_MAX];
    struct bytes key;

    run(3, 120, 0, false, plain);
    run(3, 120, 0, true, hidden);
    key = file_of(hidden, "blocks/xor.dat");
    CHECK_U(key.n, 8);
    for (size_t i = 0; i < PAPERS_N; i++) {
        struct bytes want = file_of(plain, paper_names[i]), got = file_of(hidden, paper_names[i]);

        test_row("%s", paper_names[i]);
        CHECK_U(got.n, want.n);
        for (size_t k = 0; k < want.n; k++)
            CHECK_U(got.p[k] ^ (i < 2 ? key.p[k % 8] : 0), want.p[k]);
    }
}

static void bytes_are_reached_with_the_last_block(void **state)
{
    char dir[DIR_MAX];
    struct sim_shape shape = run(1, 0, 3 << 20, false, dir);

    CHECK(shape.bytes >= 3 << 20);
    CHECK(shape.bytes < (3 << 20) + 40000);
    CHECK_U(shape.bytes, file_of(dir, "blocks/blk00000.dat").n);
}

/* About 450 bytes, 2.2 inputs, 2.8 outputs a transaction, 0.4 new scripts an output; within a
 * tenth. */
static void the_shape_is_that_of_today(void **state)
{
    char dir[DIR_MAX];
    struct sim_shape s = run(2, 0, 24 << 20, false, dir);

    CHECK(s.bytes > s.transactions * 405 && s.bytes < s.transactions * 495);
    CHECK(s.inputs * 100 > s.transactions * 198 && s.inputs * 100 < s.transactions * 242);
    CHECK(s.outputs * 100 > s.transactions * 252 && s.outputs * 100 < s.transactions * 308);
    CHECK(s.scripts * 100 > s.outputs * 36 && s.scripts * 100 < s.outputs * 44);
    CHECK(s.thefts >= 3);
}

static void what_cannot_be_is_refused(void **state)
{
    static const struct {
        const char *name;
        uint64_t blocks, bytes;
        enum err_class want;
    } rows[] = {
        {"neither", 0, 0, ERR_USAGE},
        {"both", 10, 1 << 20, ERR_USAGE},
        {"too many blocks", SIM_BLOCKS_MAX + 1, 0, ERR_USAGE},
        {"too few bytes", 0, SIM_BYTES_MIN - 1, ERR_USAGE},
        {"blocks are there", 10, 0, ERR_SYSTEM},
    };
    char *dir = test_dir(), path[DIR_MAX];
    struct sim_shape shape;
    struct err err;

    snprintf(path, sizeof(path), "%s/blocks", dir);
    CHECK_U(mkdir(path, 0777), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct sim_options o = {.blocks = rows[i].blocks, .bytes = rows[i].bytes, .dir = dir};

        test_row("%s", rows[i].name);
        CHECK(!sim_run(&o, &shape, &err));
        CHECK_U(err.class, rows[i].want);
    }
}

static bool run_with_failures(void *ctx)
{
    static unsigned n;
    char dir[DIR_MAX / 2], path[DIR_MAX];
    struct sim_options o = {.seed = 4, .blocks = 115, .dir = dir};
    struct sim_shape shape;
    struct err err;
    bool ok;

    snprintf(dir, sizeof(dir), "%s/%u", (const char *)ctx, n++);
    ok = sim_run(&o, &shape, &err);
    snprintf(path, sizeof(path), "%s/blocks", dir);
    CHECK(ok || err.class == ERR_NOMEM);
    CHECK_U(access(path, F_OK) == 0, ok); /* nothing half-done is left */
    return ok;
}

static void every_failed_allocation(void **state)
{
    test_failed_allocations(run_with_failures, test_dir());
}

/* A chain as a graph: transactions with their outputs, and who spends each. */
struct seen_output {
    uint64_t value;
    struct bytes script;
    uint32_t tx, spender; /* UINT32_MAX: unspent */
    bool reached;
};

struct seen_tx {
    struct hash32 txid;
    uint32_t outputs, outputs_n, inputs, inputs_n;
    bool followed;
};

struct seen {
    struct seen_tx *txs;
    struct seen_output *outputs;
    uint32_t *inputs; /* outputs' numbers */
    uint32_t *sorted; /* transactions by txid */
    size_t txs_n, outputs_n, inputs_n, blocks_n;
};

static struct seen *sorting;

static int by_txid(const void *a, const void *b)
{
    return memcmp(sorting->txs[*(const uint32_t *)a].txid.b,
                  sorting->txs[*(const uint32_t *)b].txid.b, 32);
}

static struct seen_tx *find_tx(struct seen *s, const uint8_t txid[32])
{
    size_t low = 0, high = s->txs_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(s->txs[s->sorted[middle]].txid.b, txid, 32);

        if (!order)
            return &s->txs[s->sorted[middle]];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

static uint32_t find_output(struct seen *s, const uint8_t outpoint[36])
{
    struct seen_tx *tx = find_tx(s, outpoint);

    CHECK(tx);
    CHECK(load_le32(outpoint + 32) < tx->outputs_n);
    return tx->outputs + load_le32(outpoint + 32);
}

/* One block, checked in full, added to the graph; its inputs are kept as outpoints until all ids
 * are known. */
static void see_block(struct seen *s, const struct block_facts *f, const uint8_t **outpoints)
{
    size_t in = 0, out = 0;

    CHECK_U(f->height, s->blocks_n);
    for (size_t t = 0; t < f->txs_n; t++) {
        s->txs[s->txs_n] = (struct seen_tx){.txid = f->txids[t],
                                            .outputs = (uint32_t)s->outputs_n,
                                            .outputs_n = f->tx_outputs_n[t],
                                            .inputs = (uint32_t)s->inputs_n,
                                            .inputs_n = f->tx_inputs_n[t]};
        for (size_t i = 0; i < f->tx_outputs_n[t]; i++, out++)
            s->outputs[s->outputs_n++] = (struct seen_output){.value = f->outputs[out].value,
                                                              .script = f->outputs[out].script,
                                                              .tx = (uint32_t)s->txs_n,
                                                              .spender = UINT32_MAX};
        for (size_t i = 0; i < f->tx_inputs_n[t]; i++, in++)
            outpoints[s->inputs_n++] = f->inputs[in];
        s->txs_n++;
    }
    s->blocks_n++;
}

static void join(struct seen *s, const uint8_t **outpoints)
{
    s->sorted = calloc(s->txs_n, sizeof(*s->sorted));
    CHECK(s->sorted);
    for (size_t i = 0; i < s->txs_n; i++)
        s->sorted[i] = (uint32_t)i;
    sorting = s;
    qsort(s->sorted, s->txs_n, sizeof(*s->sorted), by_txid);
    sorting = NULL;
    for (size_t t = 0; t < s->txs_n; t++) {
        uint64_t in = 0, out = 0;

        for (uint32_t i = s->txs[t].inputs; i < s->txs[t].inputs + s->txs[t].inputs_n; i++) {
            struct seen_output *o = &s->outputs[s->inputs[i] = find_output(s, outpoints[i])];

            CHECK(o->tx < t);                /* paid before it is spent */
            CHECK_U(o->spender, UINT32_MAX); /* and spent once */
            o->spender = (uint32_t)t;
            in += o->value;
        }
        for (uint32_t i = 0; i < s->txs[t].outputs_n; i++)
            out += s->outputs[s->txs[t].outputs + i].value;
        CHECK(!s->txs[t].inputs_n || in > out); /* everybody pays a fee */
    }
}

/* file is borrowed by the graph. */
static struct seen see(struct bytes file)
{
    const struct chain *chain = chain_by_name(SIM_CHAIN);
    size_t n = file.n / 10; /* more than any of them can be */
    struct seen s = {.txs = calloc(n / 6, sizeof(*s.txs)),
                     .outputs = calloc(n, sizeof(*s.outputs)),
                     .inputs = calloc(n, sizeof(*s.inputs))};
    const uint8_t **outpoints = calloc(n, sizeof(*outpoints)), *at = file.p;
    struct hash32 prev = {{0}};
    struct err err;

    CHECK(s.txs && s.outputs && s.inputs && outpoints);
    while (at < file.p + file.n) {
        struct block_scratch *scratch = block_scratch_new();
        struct block_facts f;

        test_row("block %zu", s.blocks_n);
        CHECK(scratch);
        CHECK_U(load_le32(at), SIM_MAGIC);
        CHECK_OK(block_read(scratch, chain, (struct bytes){at + 8, load_le32(at + 4)},
                            BLOCK_CHECK_FULL, &f, &err),
                 err);
        CHECK(hash32_equal(&f.prev, &prev));
        prev = f.hash;
        see_block(&s, &f, outpoints);
        block_scratch_free(scratch);
        at += 8 + load_le32(at + 4);
    }
    join(&s, outpoints);
    free(outpoints);
    return s;
}

/* The folder is read as Core's, by the reader that knows no sim; what undo data tells of each input
 * is what was paid. */
static void undo_tells_what_was_paid(struct seen *s, const char *dir)
{
    char path[DIR_MAX + 16];
    const char *paths[] = {path};
    struct source_buffer raw_buffer = {0}, undo_buffer = {0};
    struct block_scratch *scratch = block_scratch_new();
    struct fact_spent *spent = calloc(s->inputs_n, sizeof(*spent));
    struct source *source;
    size_t blocks_n, inputs_n = 0;
    struct err err;

    snprintf(path, sizeof(path), "%s/blocks", dir);
    CHECK(scratch && spent);
    CHECK_OK(source_open(paths, 1, NULL, &source, &err), err);
    source_blocks(source, &blocks_n);
    CHECK_U(blocks_n, s->blocks_n);
    CHECK_S(source_notes(source), "");
    for (size_t b = 0; b < blocks_n; b++) {
        struct block_facts f;
        struct bytes raw;
        bool found;

        test_row("%s, block %zu", dir, b);
        CHECK_OK(source_read(source, b, &raw_buffer, &raw, &err), err);
        CHECK_OK(block_read(scratch, chain_by_name(SIM_CHAIN), raw, 0, &f, &err), err);
        CHECK_OK(source_undo(source, b, &f, &undo_buffer, spent, &found, &err), err);
        CHECK(found || !b); /* the genesis block has none */
        for (size_t i = 0; i < f.inputs_n; i++) {
            const struct seen_output *o = &s->outputs[s->inputs[inputs_n++]];

            CHECK_U(spent[i].value, o->value);
            CHECK(bytes_equal(spent[i].script, o->script));
        }
    }
    CHECK_U(inputs_n, s->inputs_n);
    source_buffer_free(&raw_buffer);
    source_buffer_free(&undo_buffer);
    source_close(source);
    block_scratch_free(scratch);
    free(spent);
}

static void unsee(struct seen *s)
{
    free(s->txs);
    free(s->outputs);
    free(s->inputs);
    free(s->sorted);
}

static uint64_t amount(const struct json *j, const char *key)
{
    struct err err;
    uint64_t v = 0;

    CHECK_OK(json_u64(json_get(j, key), key, &v, &err), err);
    return v;
}

/* "txid:vout" -> its output; the value must be as told. */
static struct seen_output *told_output(struct seen *s, const struct json *j)
{
    const struct json *text = json_get(j, "output");
    uint8_t outpoint[36];
    uint64_t vout;
    struct seen_output *o;

    CHECK(text && text->type == JSON_STRING && text->text_n > 65);
    for (int i = 0; i < 32; i++)
        CHECK(hex_decode(text->text + 2 * i, 2, &outpoint[31 - i], 1));
    CHECK(u64_from_text(text->text + 65, text->text_n - 65, &vout));
    store_le32(outpoint + 32, (uint32_t)vout);
    o = &s->outputs[find_output(s, outpoint)];
    if (json_get(j, "value"))
        CHECK_U(o->value, amount(j, "value"));
    if (json_get(j, "address")) {
        uint8_t script[SCRIPT_FORM_MAX];
        size_t n;
        struct err err;

        CHECK_OK(
            address_read(chain_by_name(SIM_CHAIN), json_get(j, "address")->text, script, &n, &err),
            err);
        CHECK(bytes_equal(o->script, (struct bytes){script, n}));
    }
    return o;
}

static bool is_service(const struct json *truth, struct bytes script)
{
    char address[ADDRESS_BYTES_MAX];

    if (!address_of_script(chain_by_name(SIM_CHAIN), script, address))
        return false;
    for (const struct json *v = json_get(truth, "services")->child; v; v = v->next)
        for (const struct json *a = json_get(v, "addresses")->child; a; a = a->next)
            if (json_is_string(a, address))
                return true;
    return false;
}

static bool is_coinjoin(struct seen *s, const struct json *theft, const struct seen_tx *tx)
{
    char text[65];

    shown(&tx->txid, text);
    for (const struct json *j = json_get(theft, "coinjoins")->child; j; j = j->next)
        if (json_is_string(json_get(j, "tx"), text))
            return true;
    return false;
}

/* Follows everything from what is reached; returns the fees paid on the way. Terminal outputs stay
 * reached. */
static uint64_t walk(struct seen *s, const struct json *truth, const struct json *theft)
{
    uint64_t fees = 0;

    for (size_t t = 0; t < s->txs_n; t++) {
        struct seen_tx *tx = &s->txs[t];
        uint32_t reached = 0;

        for (uint32_t i = tx->inputs; i < tx->inputs + tx->inputs_n; i++) {
            struct seen_output *o = &s->outputs[s->inputs[i]];

            reached += o->reached && !is_service(truth, o->script);
        }
        if (!reached || is_coinjoin(s, theft, tx))
            continue;
        CHECK_U(reached, tx->inputs_n); /* a thief's money stays in outputs of its own */
        for (uint32_t i = tx->inputs; i < tx->inputs + tx->inputs_n; i++) {
            s->outputs[s->inputs[i]].reached = false;
            fees += s->outputs[s->inputs[i]].value;
        }
        for (uint32_t i = tx->outputs; i < tx->outputs + tx->outputs_n; i++) {
            s->outputs[i].reached = true;
            fees -= s->outputs[i].value;
        }
    }
    return fees;
}

/* The ends told are exactly the outputs that are reached, which are forgotten then. */
static void ends_are_reached(struct seen *s, const struct json *ends, uint64_t value, uint64_t fees)
{
    uint64_t left = 0;

    for (const struct json *e = ends->child; e; e = e->next) {
        value -= amount(e, "value");
        if (json_is_string(json_get(e, "kind"), "fee")) {
            CHECK_U(amount(e, "value"), fees);
            continue;
        }
        CHECK(told_output(s, e)->reached);
        told_output(s, e)->reached = false;
    }
    CHECK_U(value, 0);
    for (size_t i = 0; i < s->outputs_n; i++)
        left += s->outputs[i].reached;
    CHECK_U(left, 0);
}

static void follow(struct seen *s, const struct json *truth, const struct json *theft)
{
    uint64_t value = 0, got = 0, fees;

    for (const struct json *o = json_get(json_get(theft, "case"), "origins")->child; o;
         o = o->next) {
        struct seen_output *origin = told_output(s, o);

        origin->reached = true;
        value += origin->value;
    }
    CHECK_U(value, amount(theft, "value"));
    fees = walk(s, truth, theft);
    ends_are_reached(s, json_get(theft, "ends"), value, fees);
    for (const struct json *r = json_get(theft, "coinjoins")->child; r; r = r->next)
        for (const struct json *o = json_get(r, "got")->child; o; o = o->next) {
            told_output(s, o)->reached = true;
            got += amount(o, "value");
        }
    fees = walk(s, truth, theft);
    ends_are_reached(s, json_get(theft, "after_coinjoins"), got, fees);
}

/* Each link of a peel chain spends the one before. */
static void peels_hang_together(struct seen *s, const struct json *theft)
{
    const struct seen_tx *last = NULL;

    for (const struct json *p = json_get(theft, "peel_chain")->child; p; p = p->next) {
        struct hash32 txid;
        const struct seen_tx *tx;

        for (int i = 0; i < 32; i++)
            CHECK(hex_decode(p->text + 2 * i, 2, &txid.b[31 - i], 1));
        tx = find_tx(s, txid.b);
        CHECK(tx);
        CHECK_U(tx->inputs_n, 1);
        CHECK_U(tx->outputs_n, 2);
        CHECK(!last || s->outputs[s->inputs[tx->inputs]].tx == (uint32_t)(last - s->txs));
        last = tx;
    }
}

static void truth_is_what_the_chain_says(void **state)
{
    static const uint64_t seeds[] = {1, 2, 7, 2026};

    for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
        char dir[DIR_MAX];
        struct sim_shape shape = run(seeds[i], 260, 0, false, dir);
        struct bytes file = file_of(dir, "blocks/blk00000.dat"), paper = file_of(dir, "truth.json");
        struct arena *a = arena_new(NULL, TRUTH_BYTES_MAX);
        const struct json *truth;
        struct seen s = see(file);
        struct err err;
        size_t thefts_n = 0;

        CHECK_U(s.blocks_n, 260);
        CHECK_U(s.txs_n, shape.transactions);
        CHECK_U(s.inputs_n, shape.inputs);
        CHECK_U(s.outputs_n, shape.outputs);
        CHECK_OK(json_read(a, (const char *)paper.p, paper.n, &truth, &err), err);
        for (const struct json *t = json_get(truth, "thefts")->child; t; t = t->next, thefts_n++) {
            test_row("seed %llu, theft %zu", (unsigned long long)seeds[i], thefts_n + 1);
            follow(&s, truth, t);
            peels_hang_together(&s, t);
        }
        CHECK_U(thefts_n, shape.thefts);
        CHECK(thefts_n >= 4);
        unsee(&s);
        arena_free(a);
    }
}

static void core_would_know_these_files(void **state)
{
    char plain[DIR_MAX], hidden[DIR_MAX];
    struct bytes file;
    struct seen s;

    run(9, 180, 0, false, plain);
    run(9, 180, 0, true, hidden);
    file = file_of(plain, "blocks/blk00000.dat");
    s = see(file);
    undo_tells_what_was_paid(&s, plain);
    undo_tells_what_was_paid(&s, hidden);
    unsee(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(genesis_is_what_the_chain_row_says),
        cmocka_unit_test(same_seed_same_bytes),
        cmocka_unit_test(a_small_world_never_changes),
        cmocka_unit_test(xor_is_all_that_xor_changes),
        cmocka_unit_test(bytes_are_reached_with_the_last_block),
        cmocka_unit_test(the_shape_is_that_of_today),
        cmocka_unit_test(what_cannot_be_is_refused),
        cmocka_unit_test(every_failed_allocation),
        cmocka_unit_test(core_would_know_these_files),
        cmocka_unit_test(truth_is_what_the_chain_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
