/* Ingest: which blocks of a source go into a ledger, real and made ones; stops, kills, other
 * memory, other threads. */
#include "../chain/block_make.h"
#include "files.h"

#include "ledger/ingest.h"
#include "ledger/ledger.h"
#include "sim/sim.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static bool run(const char *dir, const char *chain, const char *const *paths, size_t n,
                uint64_t memory, unsigned threads, struct ingest_result *r, struct err *err)
{
    struct ingest_options o = {
        .paths = paths, .paths_n = n, .chain = chain ? chain_by_name(chain) : NULL};

    o.ledger.memory = memory;
    o.ledger.threads = threads;
    return ingest(dir, &o, r, err);
}

/* ---- a tree of made blocks: a name is a file, its letter a branch ---- */

static char *tree_dir;
static struct hash32 tree_hash[64];
static char tree_path[64][PATH_MAX];
static size_t tree_n;

/* Block number i of the tree: its parent (or -1: an island's first), its height as BIP 34 tells
 * it. */
static void tree_block(int parent, unsigned height, unsigned salt)
{
    struct make *tx = calloc(1, sizeof(*tx)), *block = calloc(1, sizeof(*block));
    const struct make *txs[1] = {tx};
    struct hash32 id, prev = {{(uint8_t)salt, 0xee}};
    char sig[64];

    snprintf(sig, sizeof(sig), "02 %02x%02x 04 %08x", height & 0xff, height >> 8, salt);
    make_coinbase(tx, (struct make_coinbase){.script_sig = sig});
    id = make_sha256d(tx->p, tx->n);
    if (parent >= 0)
        prev = tree_hash[parent];
    make_block(block, 4, &prev, txs, &id, 1);
    tree_hash[tree_n] = make_sha256d(block->p, 80);
    snprintf(tree_path[tree_n], PATH_MAX, "%s/%02zu.blk", tree_dir, tree_n);
    test_write(tree_path[tree_n++], block->p, block->n);
    free(tx);
    free(block);
}

/* 0..4: heights 300..304 in a line. 5..8: 302..305, from 1. 9: 302, from 1 too. 10: 299, its parent
 * not there. 11, 12: 310, 311, an island. 13: the parent-less sibling of 0, at 300. 14..16:
 * 302..304, an island. */
static void tree(void)
{
    if (tree_n)
        return;
    tree_dir = test_dir();
    tree_block(-1, 300, 7);
    for (unsigned i = 1; i < 5; i++)
        tree_block((int)i - 1, 300 + i, 0);
    tree_block(1, 302, 1);
    for (unsigned i = 0; i < 3; i++)
        tree_block(5 + (int)i, 303 + i, 1);
    tree_block(1, 302, 2);
    tree_block(-1, 299, 8);
    tree_block(-1, 310, 9);
    tree_block(11, 311, 0);
    tree_block(-1, 300, 7 + 256);
    tree_block(-1, 302, 10);
    tree_block(14, 303, 0);
    tree_block(15, 304, 0);
}

static bool grow(const char *dir, const char *which, struct ingest_result *r, struct err *err)
{
    const char *paths[64];
    size_t n = 0;

    tree();
    for (char *end; *which && n < 64; which = end)
        paths[n++] = tree_path[strtoul(which, &end, 10)];
    return run(dir, "bitcoin:regtest", paths, n, LEDGER_MEMORY_MIN, 2, r, err);
}

static void holds(const char *dir, const char *which, unsigned runs)
{
    struct ledger *l;
    struct err err;
    char got[256] = "";

    CHECK_OK(ledger_open(dir, &l, &err), err);
    for (uint32_t i = 0; i < ledger_counts(l).blocks; i++) {
        struct ledger_block b = ledger_block(l, i);

        for (size_t k = 0; k < tree_n; k++)
            if (hash32_equal(&b.hash, &tree_hash[k]))
                snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%zu", i ? " " : "", k);
    }
    CHECK_S(got, which);
    CHECK_U(ledger_counts(l).runs, runs);
    ledger_close(l);
}

static const struct {
    const char *name;
    const char *steps[4]; /* one ingest each */
    const char *want;
    unsigned runs;
    const char *refused; /* what the last step says, or NULL */
} tree_rows[] = {
    {"a line", {"0 1 2 3 4"}, "0 1 2 3 4", 1, NULL},
    {"a line, out of order", {"4 2 0 3 1"}, "0 1 2 3 4", 1, NULL},
    {"the branch with more work", {"0 1 2 3 4 5 6 7 8 9"}, "0 1 5 6 7 8", 1, NULL},
    {"a better branch later", {"0 1 2 3 4", "5 6 7 8"}, "0 1 5 6 7 8", 1, NULL},
    {"a worse branch later", {"0 1 5 6 7 8", "2 3 4"}, "0 1 5 6 7 8", 1, NULL},
    {"more of the line, and a worse branch than that",
     {"0 1 2", "5 6 3 4 9"},
     "0 1 2 3 4",
     1,
     NULL},
    {"more of the line, and a better branch than that",
     {"0 1 2", "3 5 6 7 8"},
     "0 1 5 6 7 8",
     1,
     NULL},
    {"two better branches", {"0 1 2", "9 5 6 7"}, "0 1 5 6 7", 1, NULL},
    {"more of the line, and an island beside it", {"0 1", "2 14 15 16"}, "0 1 2", 1, NULL},
    {"as much work later", {"0 1 2", "5"}, "0 1 2", 1, NULL},
    {"again", {"0 1 2", "0 1 2 3", "0 1 2 3 4"}, "0 1 2 3 4", 1, NULL},
    {"islands in order of height", {"11 12 0 1"}, "0 1 11 12", 2, NULL},
    {"an island later", {"0 1", "11 12"}, "0 1 11 12", 2, NULL},
    {"an island, and more of the first run", {"0 1 11", "2"}, "0 1 11", 2, "would fill a gap"},
    {"what would stand before", {"0 1", "10"}, "0 1", 1, "would fill a gap"},
    {"the parent of a run", {"3 4", "2"}, "3 4", 1, "would fill a gap"},
    {"a better branch of an earlier run", {"0 1 2 11", "5 6"}, "0 1 2 11", 2, "ingest anew"},
    {"a worse branch of an earlier run", {"0 1 2 3 11", "9 12"}, "0 1 2 3 11 12", 2, NULL},
    {"an island beside a run", {"0 1 2 13"}, "0 1 2", 1, NULL},
};

static void blocks_find_their_place(void **state)
{
    for (size_t i = 0; i < sizeof(tree_rows) / sizeof(tree_rows[0]); i++) {
        char *dir = test_dir_sub(), *anew = test_dir_sub();
        struct ingest_result r;
        struct err err;
        bool ok = true;

        test_row("%s", tree_rows[i].name);
        for (size_t s = 0; s < 4 && tree_rows[i].steps[s]; s++) {
            CHECK(ok);
            ok = grow(dir, tree_rows[i].steps[s], &r, &err);
        }
        CHECK_U(ok, !tree_rows[i].refused);
        if (!ok) {
            CHECK_U(err.class, ERR_INPUT);
            if (!strstr(err.text, tree_rows[i].refused))
                test_failed(__FILE__, __LINE__, "%s", err.text);
        }
        holds(dir, tree_rows[i].want, tree_rows[i].runs);
        CHECK_OK(grow(anew, tree_rows[i].want, &r, &err), err);
        check_same(dir, anew);
    }
}

static void damage_is_named_and_what_came_before_stays(void **state)
{
    char *dir = test_dir_sub(), *files = test_dir_sub(), path[PATH_MAX + 16];
    const char *paths[1] = {path};
    struct ingest_result r;
    struct err err;
    struct bytes blocks[5];
    FILE *f;

    tree();
    CHECK(!mkdir(files, 0755));
    snprintf(path, sizeof(path), "%s/blk00000.dat", files);
    f = fopen(path, "wb");
    CHECK(f);
    for (size_t i = 0; i < 5; i++) {
        uint8_t frame[8] = {0xfa, 0xbf, 0xb5, 0xda};

        blocks[i] = test_read(tree_path[i]);
        store_le32(frame + 4, (uint32_t)blocks[i].n);
        CHECK(fwrite(frame, 1, 8, f) == 8);
        if (i == 3) /* a byte of the coinbase: the merkle root no longer fits */
            ((uint8_t *)(uintptr_t)blocks[i].p)[blocks[i].n - 5] ^= 1;
        CHECK(fwrite(blocks[i].p, 1, blocks[i].n, f) == blocks[i].n);
    }
    fclose(f);
    CHECK(!run(dir, "bitcoin:regtest", paths, 1, LEDGER_MEMORY_MIN, 2, &r, &err));
    CHECK_U(err.class, ERR_INPUT);
    if (!strstr(err.text, "blk00000.dat") || !strstr(err.text, "merkle"))
        test_failed(__FILE__, __LINE__, "%s", err.text);
    holds(dir, "0 1 2", 1);
}

static void nothing_is_undone_for_a_damaged_branch(void **state)
{
    char *dir = test_dir_sub(), *damaged = test_dir_sub();
    struct ingest_result r;
    struct bytes block;
    struct err err;
    const char *paths[3];

    CHECK_OK(grow(dir, "0 1 2 3", &r, &err), err);
    block = test_read(tree_path[6]);
    ((uint8_t *)(uintptr_t)block.p)[block.n - 5] ^= 1; /* of the coinbase */
    test_write(damaged, block.p, block.n);
    paths[0] = tree_path[5];
    paths[1] = damaged;
    paths[2] = tree_path[7];
    CHECK(!run(dir, "bitcoin:regtest", paths, 3, LEDGER_MEMORY_MIN, 2, &r, &err));
    CHECK_U(err.class, ERR_INPUT);
    CHECK(strstr(err.text, damaged) && strstr(err.text, "merkle"));
    holds(dir, "0 1 2 3", 1);
}

static void a_whole_copy_stands_for_a_damaged_one(void **state)
{
    char *dir = test_dir_sub(), *damaged = test_dir_sub();
    struct ingest_result r;
    struct bytes block;
    struct err err;
    const char *paths[3];

    tree();
    block = test_read(tree_path[0]);
    ((uint8_t *)(uintptr_t)block.p)[block.n - 5] ^= 1;
    test_write(damaged, block.p, block.n);
    paths[0] = damaged;
    paths[1] = tree_path[0];
    paths[2] = tree_path[1];
    CHECK_OK(run(dir, "bitcoin:regtest", paths, 3, LEDGER_MEMORY_MIN, 2, &r, &err), err);
    holds(dir, "0 1", 1);
}

/* ---- real blocks ---- */

static void blocks_0_to_2999(void **state)
{
    const char *paths[1] = {test_data_path("bitcoin/chain/blk-000000-002999.dat.zst")};
    char *dir = test_dir_sub();
    struct ingest_result r;
    struct ledger *l;
    struct err err;
    uint64_t unspent = 0, spending = 0;

    CHECK_OK(run(dir, NULL, paths, 1, LEDGER_MEMORY_MIN, 2, &r, &err), err);
    CHECK_OK(ledger_open(dir, &l, &err), err);
    CHECK_S(ledger_chain(l)->name, "bitcoin");
    CHECK_U(ledger_counts(l).blocks, 3000);
    CHECK_U(ledger_counts(l).runs, 1);
    CHECK_U(ledger_counts(l).outside, 0);
    CHECK_U(ledger_block(l, 2999).height, 2999);
    for (uint32_t t = 0; t < ledger_counts(l).transactions; t++)
        spending += coins_inputs(ledger_coins(l), t).n > 0;
    for (uint64_t o = 0; o < ledger_counts(l).outputs; o++)
        if (coins_spender(ledger_coins(l), o) == COINS_TX_NONE)
            unspent += coins_value(ledger_coins(l), o);
    CHECK_U(spending, 50);                             /* README of the data: "50 spending txs" */
    CHECK_U(unspent, 3000 * (uint64_t)50 * 100000000); /* no fees in these blocks */
    ledger_close(l);
}

/* Core's layout, XORed, with undo data: the islands' inputs get their values from it. */
static void core_directory_with_undo(void **state)
{
    static const struct {
        const char *prevouts;
        uint64_t fees;
    } islands[] = {
        /* fees of the block, README of the data */
        {"057043", 99000000}, {"116928", 4000000},  {"150013", 2455419}, {"210000", 1356295554},
        {"277647", 4737355},  {"478558", 11890202}, {"757739", 107042},  {"866342", 5026183},
    };
    const char *paths[1] = {test_data_path("bitcoin/coredir/blocks")};
    char *dir = test_dir_sub();
    struct ingest_result r;
    struct ledger *l;
    struct err err;
    uint64_t fees = 0, known_fees = 0;

    CHECK_OK(run(dir, NULL, paths, 1, LEDGER_MEMORY_MIN, 2, &r, &err), err);
    CHECK_OK(ledger_open(dir, &l, &err), err);
    CHECK_U(r.without_undo, 0);
    CHECK_U(ledger_counts(l).blocks, 3008);
    CHECK_U(ledger_counts(l).runs, 9);
    for (uint32_t b = 3000; b < 3008; b++) {
        struct ledger_block block = ledger_block(l, b);

        for (uint32_t t = block.tx_first + 1; t < block.tx_first + block.txs_n; t++) {
            struct coins_range in = coins_inputs(ledger_coins(l), t),
                               out = coins_outputs(ledger_coins(l), t);
            uint64_t value;

            for (uint64_t i = in.first; i < in.first + in.n; i++) {
                uint32_t script = SCRIPT_NONE;

                coins_source(ledger_coins(l), i, &value);
                CHECK(value != UINT64_MAX);
                if (ledger_outside(l, i, &script))
                    CHECK(script != SCRIPT_NONE);
                fees += value;
            }
            for (uint64_t o = out.first; o < out.first + out.n; o++)
                fees -= coins_value(ledger_coins(l), o);
        }
    }
    for (size_t i = 0; i < sizeof(islands) / sizeof(islands[0]); i++)
        known_fees += islands[i].fees;
    CHECK_U(fees, known_fees);
    CHECK(ledger_find_height(l, 866342) != BLOCK_NONE);
    ledger_close(l);
}

/* The same block without undo data, and again with it: what it spends is known, whichever comes
 * first. */
static void undo_data_of_any_copy(void **state)
{
    const char *paths[2] = {test_data_path("bitcoin/blocks"),
                            test_data_path("bitcoin/coredir/blocks")};
    struct ingest_result r;
    struct err err;

    CHECK_OK(run(test_dir_sub(), "bitcoin", paths, 2, 0, 2, &r, &err), err);
    /* of the 73 of single_blocks the directory has eight, README of the data */
    CHECK_U(r.without_undo, 73 - 8);
}

/* 84 blocks: each that says its height stands there; four in a row are one run; of the fork the
 * longer branch. */
static void single_blocks(void **state)
{
    const char *paths[1] = {test_data_path("bitcoin/blocks")};
    char *dir = test_dir_sub();
    struct ingest_result r;
    struct ledger *l;
    struct err err;
    static const uint32_t heights[] = {230574, 250000, 600000, 702861, 757739, 866342};

    CHECK_OK(run(dir, "bitcoin", paths, 1, 0, 2, &r, &err), err);
    CHECK_U(r.stale, 1); /* branch B of the fork, one block against three */
    /* nine hold a coinbase alone; 100003 spends what 100000 to 100003 made */
    CHECK_U(r.without_undo, 83 - 9 - 1);
    CHECK_OK(ledger_open(dir, &l, &err), err);
    CHECK_U(ledger_counts(l).blocks, 83);
    CHECK_U(ledger_counts(l).runs, 83 - 3 - 2); /* 100000 to 100003, and branch A */
    for (size_t i = 0; i < sizeof(heights) / sizeof(heights[0]); i++)
        CHECK(ledger_find_height(l, heights[i]) != BLOCK_NONE);
    ledger_close(l);
}

/* ---- made the same whatever happens ---- */

/* As large as three batches of the least memory. */
static char *sim_blocks(void)
{
    static char path[PATH_MAX];
    struct sim_options o = {.seed = 3, .bytes = (uint64_t)40 << 20};
    struct sim_shape shape;
    struct err err;

    if (!path[0]) {
        o.dir = test_dir_sub();
        CHECK_OK(sim_run(&o, &shape, &err), err);
        snprintf(path, sizeof(path), "%s/blocks", o.dir);
    }
    return path;
}

static void same_bytes_with_any_memory_and_threads(void **state)
{
    const char *paths[1] = {sim_blocks()};
    char *one = test_dir_sub();
    struct ingest_result r;
    struct err err;

    CHECK_OK(run(one, NULL, paths, 1, (uint64_t)4 << 30, 1, &r, &err), err);
    for (unsigned threads = 1; threads < 6; threads += 2) {
        char *other = test_dir_sub();

        CHECK_OK(run(other, NULL, paths, 1, LEDGER_MEMORY_MIN, threads, &r, &err), err);
        check_same(one, other);
    }
}

static uint64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Only a child that died of it counts as killed: moments are chosen within the time that an
 * undisturbed run takes. */
static void killed_and_gone_on(void **state)
{
    const char *paths[1] = {sim_blocks()};
    char *calm = test_dir_sub();
    struct test_random rnd = {test_seed() + 11};
    unsigned points = test_long() ? 200 : 12, rounds = 0, killed = 0;
    struct ingest_result r;
    struct err err;
    uint64_t takes = now_us();

    CHECK_OK(run(calm, NULL, paths, 1, LEDGER_MEMORY_MIN, 2, &r, &err), err);
    takes = now_us() - takes;
    for (; killed < points; rounds++) {
        char *dir = test_dir_sub();
        bool done = false;

        while (!done) {
            bool kills = killed < points;
            pid_t child = fork();
            int status;

            if (!child) {
                bool ok = run(dir, NULL, paths, 1, LEDGER_MEMORY_MIN, 2, &r, &err);

                _exit(ok ? 0 : 1);
            }
            if (kills) {
                usleep((useconds_t)test_below(&rnd, takes + 1));
                kill(child, SIGKILL);
            }
            CHECK(waitpid(child, &status, 0) == child);
            done = WIFEXITED(status);
            if (done)
                CHECK_U(WEXITSTATUS(status), 0);
            else
                killed++;
        }
        check_same(calm, dir);
    }
    print_message("killed %u times on the way to %u ledgers\n", killed, rounds);
}

static atomic_bool stop_now;

static void stop_early(void *ctx, const struct ingest_progress *p)
{
    stop_now = p->bytes_done > p->bytes_all / 3;
}

static void stopped_by_a_signal_goes_on(void **state)
{
    const char *paths[1] = {sim_blocks()};
    char *dir = test_dir_sub(), *calm = test_dir_sub();
    struct ingest_options o = {
        .paths = paths, .paths_n = 1, .stop = &stop_now, .progress = stop_early};
    struct ingest_result r;
    struct err err;

    o.ledger.memory = LEDGER_MEMORY_MIN;
    CHECK_OK(ingest(dir, &o, &r, &err), err);
    CHECK(r.stopped && r.added);
    CHECK_OK(run(dir, NULL, paths, 1, 0, 2, &r, &err), err);
    CHECK(!r.stopped && r.known);
    CHECK_OK(run(calm, NULL, paths, 1, 0, 2, &r, &err), err);
    check_same(dir, calm);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_find_their_place),
        cmocka_unit_test(damage_is_named_and_what_came_before_stays),
        cmocka_unit_test(nothing_is_undone_for_a_damaged_branch),
        cmocka_unit_test(a_whole_copy_stands_for_a_damaged_one),
        cmocka_unit_test(blocks_0_to_2999),
        cmocka_unit_test(core_directory_with_undo),
        cmocka_unit_test(undo_data_of_any_copy),
        cmocka_unit_test(single_blocks),
        cmocka_unit_test(same_bytes_with_any_memory_and_threads),
        cmocka_unit_test(killed_and_gone_on),
        cmocka_unit_test(stopped_by_a_signal_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
