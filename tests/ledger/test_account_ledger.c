/* The ledger of accounts against a second, naive one, and against itself made in other ways: byte
 * for byte. */
#include "account_facts.h"
#include "account_naive.h"
#include "files.h"

#include "ledger/account_ledger.h"
#include "ledger/account_columns.h"
#include "ledger/account_ingest.h"
#include "ledger/account_writer.h"
#include "ledger/check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static const struct ledger_options small = {.memory = LEDGER_MEMORY_MIN, .threads = 2};

static const struct chain *ethereum(void)
{
    const struct chain *c = chain_by_name("ethereum");

    CHECK(c);
    return c;
}

/* Appends blocks [from, to) in steps of at most step blocks, one writer a step. */
static void append(const char *dir, const struct account_maker *m, size_t from, size_t to,
                   size_t step)
{
    struct account_ledger_writer *w;
    struct err err;

    for (size_t at = from; at < to; at += step) {
        CHECK_OK(account_ledger_writer_open(dir, ethereum(), small, &w, &err), err);
        CHECK_OK(account_ledger_append(w, m->blocks + at, to - at < step ? to - at : step, &err),
                 err);
        account_ledger_writer_close(w);
    }
}

static void equals_a_naive_ledger(void **state)
{
    for (unsigned round = 0; round < 30; round++) {
        struct account_maker m;
        char *one = test_dir_sub(), *steps = test_dir_sub();
        struct err err;

        test_row("round %u", round);
        account_maker_start(&m, test_seed() + round);
        m.new_in_1000 = round % 4 ? 20 : 300;
        m.hashes = round % 5 != 0;
        account_maker_blocks(&m, 1 + test_below(&m.r, 40), 1 + test_below(&m.r, 20));
        append(one, &m, 0, m.blocks_n, m.blocks_n);
        append(steps, &m, 0, m.blocks_n, round % 4 ? 7 : 2);
        account_check_against_facts(one, &m);
        CHECK_OK(account_ledger_check(one, &err), err);
        check_same(one, steps);
        account_maker_end(&m);
    }
}

static void undone_as_if_never(void **state)
{
    for (unsigned round = 0; round < 15; round++) {
        struct account_maker m;
        char *undone = test_dir_sub(), *never = test_dir_sub();
        struct account_ledger_writer *w;
        struct err err;
        size_t keep;

        test_row("round %u", round);
        account_maker_start(&m, test_seed() + 1000 + round);
        account_maker_blocks(&m, 2 + test_below(&m.r, 40), 20);
        append(undone, &m, 0, m.blocks_n, 13);
        keep = test_below(&m.r, m.blocks_n);
        account_maker_drop(&m, keep);
        CHECK_OK(account_ledger_writer_open(undone, ethereum(), small, &w, &err), err);
        CHECK_OK(account_ledger_undo(w, (uint32_t)keep, &err), err);
        account_ledger_writer_close(w);
        append(never, &m, 0, keep, keep ? keep : 1);
        if (keep)
            check_same(undone, never);
        account_maker_blocks(&m, 3, 20);
        append(undone, &m, keep, m.blocks_n, 2);
        append(never, &m, keep, m.blocks_n, 1);
        check_same(undone, never);
        account_check_against_facts(undone, &m);
        account_maker_end(&m);
    }
}

/* ---- where a block stands ---- */

/* Blocks of a little tree: number i of height i % 100 and branch i / 100; its parent is the one
 * before it in its branch, or the given one less 1. */
static struct hash32 tree_hash(unsigned i)
{
    return (struct hash32){{(uint8_t)i, (uint8_t)(i >> 8), 1}};
}

static struct transfer_block tree_block(unsigned i, unsigned parent)
{
    static uint8_t from[20] = {1}, to[20] = {2};
    static struct fact_transfer transfer = {
        .kind = TRANSFER_VALUE, .from = {from, 20}, .to = {to, 20}};
    static struct fact_tx txs[1000];
    struct transfer_block b = {.hash = tree_hash(i), .height = i % 100, .time = 1000 + i % 100};

    transfer.amount = u256_of(7);
    txs[i] = (struct fact_tx){.hash = tree_hash(i), .transfers = &transfer, .transfers_n = 1};
    if (i % 100)
        b.prev = tree_hash(parent ? parent - 1 : i - 1);
    b.txs = &txs[i];
    b.txs_n = 1;
    return b;
}

static const struct {
    const char *name;
    const char *steps[4]; /* one writer each; "b<a" is block b with parent a */
    const char *want;
    unsigned runs, known, undone, stale; /* of the last step */
    const char *refused;                 /* what the last step says, or NULL */
} tree_rows[] = {
    {"a line", {"0 1 2 3"}, "0 1 2 3", 1, 0, 0, 0, NULL},
    {"again", {"0 1 2", "0 1 2 3"}, "0 1 2 3", 1, 3, 0, 0, NULL},
    {"again within one step", {"0 1 2 1 2 3"}, "0 1 2 3", 1, 2, 0, 0, NULL},
    {"a gap", {"0 1 5 6"}, "0 1 5 6", 2, 0, 0, 0, NULL},
    {"a gap later", {"0 1", "5 6"}, "0 1 5 6", 2, 0, 0, 0, NULL},
    {"into a gap", {"0 1 5", "3"}, "0 1 5", 2, 0, 0, 0, "block 3: it would fill a gap"},
    {"a branch as high", {"0 1 2 3", "102<1 103"}, "0 1 102 103", 1, 0, 2, 0, NULL},
    {"a branch that is higher", {"0 1 2", "102<1 103 104"}, "0 1 102 103 104", 1, 0, 1, 0, NULL},
    {"a branch that is lower", {"0 1 2 3", "102<1"}, "0 1 2 3", 1, 0, 0, 1, NULL},
    {"from the first on", {"0 1 2", "0 101<0 102"}, "0 101 102", 1, 1, 2, 0, NULL},
    {"a branch within one step", {"0 1 2 102<1 103"}, "0 1 102 103", 1, 0, 1, 0, NULL},
    {"a branch is left for ours", {"0 1 2 3", "102<1 4"}, "0 1 2 3 4", 1, 0, 0, 1, NULL},
    {"two branches", {"0 1 2 3", "102<1 202<1 203"}, "0 1 202 203", 1, 0, 2, 1, NULL},
    {"there and back", {"0 1 2", "102<1", "2 3"}, "0 1 2 3", 1, 0, 1, 0, NULL},
    {"no parent before it",
     {"0 1 2 103<50"},
     "0 1 2",
     1,
     0,
     0,
     0,
     "block 3: its parent is not the block before"},
    {"another parent",
     {"0 1 2", "102<50"},
     "0 1 2",
     1,
     0,
     0,
     0,
     "block 2: its parent is not the block before"},
    {"a height that is not its parent's",
     {"0 1 2", "5<2"},
     "0 1 2",
     1,
     0,
     0,
     0,
     "block 5: its height"},
    {"a branch of such a height",
     {"0 1 2 3 4", "103<1"},
     "0 1 2 3 4",
     1,
     0,
     0,
     0,
     "block 3: its height"},
    {"a branch of an earlier run", {"0 1 2 6", "102<1"}, "0 1 2 6", 2, 0, 0, 0, "would fill a gap"},
};

static void add_words(struct account_ledger_writer *w, const char *words, bool *ret_ok,
                      struct err *err)
{
    *ret_ok = true;
    for (const char *at = words; *ret_ok && *at;) {
        char *end;
        unsigned i = (unsigned)strtoul(at, &end, 10), parent = 0;
        struct transfer_block b;

        if (*end == '<')
            parent = (unsigned)strtoul(end + 1, &end, 10) + 1;
        b = tree_block(i, parent);
        *ret_ok = account_ledger_take(w, &b, err);
        at = *end ? end + 1 : end;
    }
}

static void holds(const char *dir, const char *which, unsigned runs)
{
    struct account_ledger *l;
    struct err err;
    char got[256] = "";

    CHECK_OK(account_ledger_open(dir, &l, &err), err);
    for (uint32_t i = 0; i < account_ledger_counts(l).blocks; i++) {
        struct account_ledger_block b = account_ledger_block(l, i);

        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%u", i ? " " : "",
                 b.hash.b[0] | (unsigned)b.hash.b[1] << 8);
    }
    CHECK_S(got, which);
    CHECK_U(account_ledger_counts(l).runs, runs);
    account_ledger_close(l);
    CHECK_OK(account_ledger_check(dir, &err), err);
}

static void blocks_find_their_place(void **state)
{
    for (size_t i = 0; i < sizeof(tree_rows) / sizeof(tree_rows[0]); i++) {
        char *dir = test_dir_sub();
        struct account_ledger_took took = {0};
        struct err err, last = {0};
        bool ok = true;

        test_row("%s", tree_rows[i].name);
        for (size_t s = 0; s < 4 && tree_rows[i].steps[s]; s++) {
            struct account_ledger_writer *w;

            CHECK(ok);
            CHECK_OK(account_ledger_writer_open(dir, ethereum(), small, &w, &err), err);
            add_words(w, tree_rows[i].steps[s], &ok, &last);
            CHECK_OK(account_ledger_finish(w, &err), err);
            took = account_ledger_took(w);
            account_ledger_writer_close(w);
        }
        CHECK_U(ok, !tree_rows[i].refused);
        if (!ok) {
            CHECK_U(last.class, ERR_INPUT);
            if (!strstr(last.text, tree_rows[i].refused))
                test_failed(__FILE__, __LINE__, "%s", last.text);
        }
        CHECK_U(took.known, tree_rows[i].known);
        CHECK_U(took.undone, tree_rows[i].undone);
        CHECK_U(took.stale, tree_rows[i].stale);
        holds(dir, tree_rows[i].want, tree_rows[i].runs);
    }
}

/* A branch that would undo more than may be undone. */
static void forks_too_deep(void **state)
{
    struct account_maker m, other;
    char *dir = test_dir_sub();
    struct account_ledger_writer *w;
    struct hash32 before;
    struct err err;

    account_maker_start(&m, 7);
    account_maker_blocks(&m, LEDGER_UNDO_MAX + 3, 1);
    append(dir, &m, 0, m.blocks_n, m.blocks_n);
    before = fingerprint(dir);
    account_maker_start(&other, 8);
    other.branch = 1;
    account_maker_blocks(&other, m.blocks_n, 1);
    for (size_t fork = 1; fork < 4; fork++) {
        other.blocks[fork].prev = m.blocks[fork - 1].hash;
        other.blocks[fork].time = m.blocks[fork - 1].time;
        CHECK_OK(account_ledger_writer_open(dir, ethereum(), small, &w, &err), err);
        if (fork < 3) {
            CHECK(!account_ledger_append(w, &other.blocks[fork], 1, &err));
            CHECK_U(err.class, ERR_INPUT);
            CHECK(strstr(err.text, "ingest anew"));
        } else { /* deep, but not too deep: a branch that is dropped again */
            CHECK_OK(account_ledger_append(w, &other.blocks[fork], 1, &err), err);
            CHECK_U(account_ledger_took(w).stale, 1);
        }
        account_ledger_writer_close(w);
        check_same_as(dir, &before);
    }
    account_maker_end(&m);
    account_maker_end(&other);
}

/* ---- blocks that contradict themselves ---- */

static uint8_t key_a[20] = {1}, key_b[20] = {2};
#define A                                                                                          \
    {                                                                                              \
        key_a, 20                                                                                  \
    }
#define B                                                                                          \
    {                                                                                              \
        key_b, 20                                                                                  \
    }
static uint8_t long_key[256], path_late[8] = {1}, path_early[4];

static const struct {
    const char *name;
    struct fact_transfer transfers[2];
    size_t n;
    bool failed;
    const char *refused; /* NULL: taken */
} wrong_rows[] = {
    {"a fee and a value", {{'f', .from = A}, {'v', .from = A, .to = B}}, 2, false, NULL},
    {"a value before its fee",
     {{'v', .from = A, .to = B}, {'f', .from = A}},
     2,
     false,
     "later kind"},
    {"parts of a fee", {{'f', .from = A}, {'f', 1, .from = A, .to = B}}, 2, false, NULL},
    {"logs in order", {{'l', 3, .from = A}, {'z', 3, .from = A}}, 2, false, NULL},
    {"logs out of order", {{'l', 3, .from = A}, {'z', 2, .from = A}}, 2, false, "later log"},
    {"a later path first",
     {{'i', .path = {path_late, 8}, .from = A}, {'i', .path = {path_early, 4}, .from = A}},
     2,
     false,
     "later path"},
    {"a path cut short",
     {{'i', .path = {path_late, 7}, .from = A}},
     1,
     false,
     "path that cannot be"},
    {"a path of a value",
     {{'v', .path = {path_late, 8}, .from = A}},
     1,
     false,
     "path that cannot be"},
    {"one withdrawal twice", {{'w', 1, .to = A}, {'w', 1, .to = A}}, 2, false, "later position"},
    {"no such kind", {{'q', .from = A}}, 1, false, "no known kind"},
    {"from nobody to nobody", {{'l', .from = {NULL, 0}}}, 1, false, "comes from nobody"},
    {"a fee of nobody", {{'f', .to = B}}, 1, false, "comes from nobody"},
    {"a reward from somebody", {{'r', .from = A, .to = B}}, 1, false, "newly issued"},
    {"a freeze of an amount", {{'z', .from = A, .amount = {{1}}}}, 1, false, "freezes an amount"},
    {"more credit than fee",
     {{'f', .from = A, .to = B, .amount = {{1}}, .credit = {{2}}}},
     1,
     false,
     "credits more"},
    {"a failed value", {{'v', .from = A, .to = B}}, 1, true, "transaction failed"},
    {"a failed deposit", {{'v', 1, .to = B}}, 1, true, NULL},
    {"a key that is too long", {{'l', .from = {long_key, 256}}}, 1, false, "longer key"},
};

static void blocks_that_contradict_themselves(void **state)
{
    char *dir = test_dir_sub();
    struct account_ledger_writer *w;
    uint32_t height = 0;
    struct err err;

    CHECK_OK(account_ledger_writer_open(dir, ethereum(), small, &w, &err), err);
    for (size_t i = 0; i < sizeof(wrong_rows) / sizeof(wrong_rows[0]); i++) {
        struct fact_tx tx = {.hash = {{1, (uint8_t)i}},
                             .failed = wrong_rows[i].failed,
                             .transfers = wrong_rows[i].transfers,
                             .transfers_n = wrong_rows[i].n};
        struct transfer_block b = {.height = height, .time = 5, .txs = &tx, .txs_n = 1};
        bool ok = account_ledger_take(w, &b, &err);

        test_row("%s", wrong_rows[i].name);
        CHECK_U(ok, !wrong_rows[i].refused);
        if (!ok) {
            CHECK_U(err.class, ERR_INPUT);
            if (!strstr(err.text, wrong_rows[i].refused) || !strstr(err.text, "transaction 0"))
                test_failed(__FILE__, __LINE__, "%s", err.text);
        }
        height += ok;
    }
    CHECK_OK(account_ledger_finish(w, &err), err);
    CHECK_U(account_ledger_took(w).added, height);
    account_ledger_writer_close(w);
    CHECK_OK(account_ledger_check(dir, &err), err);
}

static void one_hash_twice_and_time_that_goes_back(void **state)
{
    char *dir = test_dir_sub();
    struct fact_tx txs[3] = {{.hash = {{9}}}, {.hash = {{8}}}, {.hash = {{9}}}};
    struct transfer_block b = {.height = 1, .time = 50, .txs = txs, .txs_n = 3};
    struct account_ledger_writer *w;
    struct account_ledger *l;
    struct err err;

    CHECK_OK(account_ledger_writer_open(dir, ethereum(), small, &w, &err), err);
    CHECK(!account_ledger_take(w, &b, &err));
    CHECK(strstr(err.text, "have one hash"));
    b.txs_n = 2;
    CHECK_OK(account_ledger_take(w, &b, &err), err);
    b.height = 2; /* in another block it may come again, and the newest is found */
    CHECK_OK(account_ledger_append(w, &b, 1, &err), err);
    b.height = 3;
    b.time = 49;
    CHECK(!account_ledger_take(w, &b, &err));
    CHECK(strstr(err.text, "its time is before"));
    b.height = 2;
    b.time = 50;
    b.txs_n = 1; /* a block without a hash that says something else */
    CHECK(!account_ledger_take(w, &b, &err));
    CHECK(strstr(err.text, "another block stands at its height"));
    account_ledger_writer_close(w);
    CHECK_OK(account_ledger_open(dir, &l, &err), err);
    CHECK_U(account_ledger_find_tx(l, &txs[0].hash), 2);
    account_ledger_close(l);
}

/* Blocks of Solana of before its clock was mended: slot, parent by its place in the row (0: it says
 * none, and has no hash of its own), time told, time that the ledger has; 0: refused. */
static void old_times_of_solana_that_go_back(void **state)
{
    enum { OLD = 1600000000, MENDED = 1625097600 };
    static const struct {
        const char *name;
        struct {
            uint32_t slot;
            unsigned parent;
            uint64_t told, want;
        } blocks[6];
        unsigned gone; /* its place: a branch took it */
    } rows[] = {
        {"back to the parent's",
         {{10, 9, OLD, OLD}, {12, 1, OLD - 90, OLD}, {13, 2, OLD + 5, OLD + 5}}},
        {"of a branch, its own parent's",
         {{10, 9, OLD, OLD}, {11, 1, OLD + 7, OLD + 7}, {12, 1, OLD - 1, OLD}},
         .gone = 2},
        {"of a branch of today, before what it takes the place of",
         {{10, 9, MENDED, MENDED},
          {11, 1, MENDED + 7, MENDED + 7},
          {12, 1, MENDED + 1, MENDED + 1}},
         .gone = 2},
        {"of a branch of today, before its own parent's",
         {{10, 9, MENDED + 1, MENDED + 1}, {11, 1, MENDED + 7, MENDED + 7}, {12, 1, MENDED, 0}}},
        {"behind a gap, the newest's",
         {{10, 9, OLD, OLD}, {20, 8, OLD - 1, OLD}, {21, 0, OLD - 2, OLD}}},
        {"the last second",
         {{10, 9, MENDED - 1, MENDED - 1},
          {11, 1, MENDED - 2, MENDED - 1},
          {12, 2, MENDED, MENDED}}},
        {"since then", {{10, 9, MENDED + 1, MENDED + 1}, {11, 1, MENDED, 0}}},
        {"behind one that cannot be of then", {{10, 9, MENDED, MENDED}, {11, 1, OLD, 0}}},
    };

    for (size_t r = 0; r < sizeof(rows) / sizeof(rows[0]); r++) {
        char *dir = test_dir_sub();
        struct account_ledger_writer *w;
        struct account_ledger *l;
        struct err err;
        size_t n = 0;

        test_row("%s", rows[r].name);
        CHECK_OK(account_ledger_writer_open(dir, chain_by_name("solana"), small, &w, &err), err);
        for (unsigned again = 0; again < 2; again++) /* the second time all are known */
            for (size_t i = 0; i < 6 && rows[r].blocks[i].slot; i++) {
                struct fact_tx tx = {.hash = {{1, (uint8_t)i}}};
                struct transfer_block b = {.height = rows[r].blocks[i].slot,
                                           .time = rows[r].blocks[i].told,
                                           .txs = &tx,
                                           .txs_n = 1};

                if (rows[r].blocks[i].parent) {
                    b.hash.b[0] = (uint8_t)(i + 1);
                    b.prev.b[0] = (uint8_t)rows[r].blocks[i].parent;
                }
                if (!rows[r].blocks[i].want) {
                    CHECK(!account_ledger_take(w, &b, &err));
                    CHECK(strstr(err.text, "its time is before that of the block before"));
                } else if (!again || i + 1 != rows[r].gone) {
                    CHECK_OK(account_ledger_take(w, &b, &err), err);
                    n += !again;
                }
            }
        CHECK_OK(account_ledger_finish(w, &err), err);
        CHECK_U(account_ledger_took(w).added, n);
        account_ledger_writer_close(w);
        CHECK_OK(account_ledger_check(dir, &err), err);
        CHECK_OK(account_ledger_open(dir, &l, &err), err);
        for (size_t i = 0; i < 6 && rows[r].blocks[i].want; i++) {
            uint32_t at = account_ledger_find_height(l, rows[r].blocks[i].slot);

            if (at != BLOCK_NONE)
                CHECK_U(account_ledger_block(l, at).time, rows[r].blocks[i].want);
            CHECK_U(at == BLOCK_NONE, i + 1 == rows[r].gone);
        }
        account_ledger_close(l);
    }
}

/* Lists have times only. */
static void lists_by_time(void **state)
{
    struct account_maker m;
    char *dir = test_dir_sub();
    struct account_ledger_writer *w;
    struct transfer_block late;
    struct err err;

    account_maker_start(&m, test_seed() + 3);
    m.hashes = false;
    account_maker_blocks(&m, 20, 5);
    append(dir, &m, 0, 15, 4);
    CHECK_OK(account_ledger_writer_open(dir, chain_by_name("ethereum"), small, &w, &err), err);
    CHECK_OK(account_ledger_append(w, m.blocks, 20, &err), err);
    CHECK_U(account_ledger_took(w).known, 15);
    CHECK_U(account_ledger_took(w).added, 5);
    late = m.blocks[3];
    late.time--;
    CHECK(!account_ledger_take(w, &late, &err));
    CHECK_U(err.class, ERR_INPUT);
    CHECK(strstr(err.text, "would fill a gap: ingest anew"));
    late = m.blocks[18]; /* of the newest time, and another: it is one more */
    late.time = m.blocks[19].time;
    CHECK_OK(account_ledger_append(w, &late, 1, &err), err);
    CHECK_OK(account_ledger_append(w, &late, 1, &err), err);
    CHECK_U(account_ledger_took(w).added, 6);
    account_ledger_writer_close(w);
    CHECK_OK(account_ledger_check(dir, &err), err);
    account_maker_end(&m);
}

/* ---- opening ---- */

static void one_writer_and_one_shape(void **state)
{
    char *dir = test_dir_sub(), *coins = test_dir_sub();
    struct account_ledger_writer *a, *b;
    struct ledger_writer *c;
    struct account_ledger *l;
    struct ledger *coins_l;
    struct err err;

    CHECK_OK(account_ledger_writer_open(dir, ethereum(), small, &a, &err), err);
    CHECK(!account_ledger_writer_open(dir, ethereum(), small, &b, &err));
    CHECK_U(err.class, ERR_SYSTEM);
    CHECK_OK(account_ledger_open(dir, &l, &err), err); /* an empty ledger can be read */
    CHECK_U(account_ledger_counts(l).blocks, 0);
    CHECK_U(account_ledger_find(l, (struct bytes){key_a, 20}), ACCOUNTS_NONE);
    account_ledger_close(l);
    account_ledger_writer_close(a);
    CHECK_OK(account_ledger_check(dir, &err), err);
    CHECK(!account_ledger_writer_open(dir, chain_by_name("tron"), small, &b, &err));
    CHECK_U(err.class, ERR_INPUT);
    CHECK(!account_ledger_writer_open(coins, chain_by_name("bitcoin"), small, &b, &err));
    CHECK_U(err.class, ERR_USAGE);
    CHECK(!ledger_open(dir, &coins_l, &err));
    CHECK_U(err.class, ERR_INPUT);
    CHECK(strstr(err.text, "a ledger of accounts"));
    CHECK_OK(ledger_writer_open(coins, chain_by_name("bitcoin"), small, &c, &err), err);
    ledger_writer_close(c);
    CHECK(!account_ledger_open(coins, &l, &err));
    CHECK_U(err.class, ERR_INPUT);
    CHECK(strstr(err.text, "a ledger of coins"));
    CHECK(!account_ledger_open("/nonexistent", &l, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
}

static void readers_keep_their_snapshot(void **state)
{
    struct account_maker m;
    char *dir = test_dir_sub();
    struct account_ledger *early, *later;
    struct account_ledger_writer *w;
    struct err err;

    account_maker_start(&m, test_seed() + 40);
    account_maker_blocks(&m, 30, 25);
    append(dir, &m, 0, 10, 10);
    CHECK_OK(account_ledger_open(dir, &early, &err), err);
    CHECK_OK(account_ledger_writer_open(dir, ethereum(), small, &w, &err), err);
    CHECK_OK(account_ledger_append(w, m.blocks + 10, 10, &err), err);
    CHECK_OK(account_ledger_open(dir, &later, &err), err);
    CHECK_OK(account_ledger_append(w, m.blocks + 20, 10, &err), err);
    account_check_ledger(early, &m, 10);
    account_check_ledger(later, &m, 20);
    account_ledger_close(early);
    account_ledger_close(later);
    account_ledger_writer_close(w);
    account_check_against_facts(dir, &m);
    account_maker_end(&m);
}

/* ---- damage ---- */

static void walk_all(const struct account_ledger *l)
{
    const struct accounts *a = account_ledger_accounts(l);
    uint64_t steps;

    for (uint64_t t = 0; t < a->transfers_n; t++) {
        struct transfer transfer = accounts_transfer(a, t);

        account_ledger_path(l, t);
        CHECK(transfer.from == ACCOUNTS_NONE || transfer.from < a->holdings_n);
    }
    for (uint64_t h = 0; h < a->holdings_n; h += 3) {
        steps = 0;
        for (uint64_t at = account_ledger_last(l, h); at != ACCOUNTS_NONE;
             at = accounts_prev(a, h, at))
            CHECK(steps++ <= a->transfers_n);
    }
    for (uint64_t i = 0; i < a->accounts_n; i += 3) {
        account_ledger_find(l, account_ledger_key(l, i));
        steps = 0;
        for (uint64_t h = account_ledger_holding_last(l, i); h < a->holdings_n && steps < 1000;
             h = accounts_holding(a, h).before)
            steps++;
    }
    for (uint64_t i = 0; i < a->txs_n; i += 5) {
        struct accounts_range r = account_ledger_events(l, i);

        for (uint64_t e = r.first; e < r.first + r.n; e++)
            account_ledger_event(l, e);
        account_ledger_tx_block(l, i);
    }
    for (uint32_t b = 0; b <= account_ledger_counts(l).blocks; b++) {
        struct accounts until = account_ledger_until(l, b);

        CHECK(until.transfers_n <= a->transfers_n);
        account_ledger_block(l, b);
        account_ledger_run_of(l, b);
    }
}

/* Whatever byte of whatever file is changed, or file cut, the check or the opening says so; the
 * ledger as it was passes. */
static void check_finds_any_changed_byte(void **state)
{
    struct account_maker m;
    char *dir = test_dir_sub();
    struct err err;
    struct test_random r = {test_seed() + 21};

    account_maker_start(&m, test_seed() + 20);
    m.new_in_1000 = 400; /* enough for runs of the indexes */
    account_maker_blocks(&m, 14, 1500);
    append(dir, &m, 0, m.blocks_n, m.blocks_n);
    CHECK_OK(account_ledger_check(dir, &err), err);
    for (unsigned i = 0; i < ACCOUNT_COLUMNS_N + 4; i++) {
        char path[PATH_MAX + 64];
        struct bytes was;
        struct account_ledger *l;

        snprintf(path, sizeof(path), "%s/%s", dir,
                 i < ACCOUNT_COLUMNS_N
                     ? accounts_shape.columns[i].name
                     : (const char *[]){"head", "index.tx.0.0", "index.account.0.0",
                                        "index.holding.0.0"}[i - ACCOUNT_COLUMNS_N]);
        was = test_read(path);
        test_row("%s", path);
        if (i == COLUMN_TRANSFER_FAR) { /* far links want 2^31 transfers: ids_past_2_to_32 */
            CHECK_U(was.n, 0);
            continue;
        }
        CHECK(was.n);
        for (unsigned k = 0; k < 10; k++) {
            size_t at = test_below(&r, was.n);
            uint8_t *p = malloc(was.n);

            memcpy(p, was.p, was.n);
            p[at] ^= (uint8_t)(1u << test_below(&r, 8));
            test_write(path, p, k < 9 ? was.n : at);
            free(p);
            CHECK(!account_ledger_check(dir, &err));
            if (account_ledger_open(dir, &l, &err)) { /* whatever it says, without a fault */
                if (k < 3)
                    walk_all(l);
                account_ledger_close(l);
            }
        }
        test_write(path, was.p, was.n);
    }
    CHECK_OK(account_ledger_check(dir, &err), err);
    account_maker_end(&m);
}

static const char *sub_for_torture;

static bool append_all(void *ctx)
{
    static const struct ledger_options one_thread = {.memory = LEDGER_MEMORY_MIN, .threads = 1};
    const struct account_maker *m = ctx;
    struct account_ledger_writer *w;
    struct account_ledger *l;
    struct err err;
    bool ok;

    if (!account_ledger_writer_open(sub_for_torture, ethereum(), one_thread, &w, &err))
        return false;
    ok = account_ledger_undo(w, 0, &err) && account_ledger_append(w, m->blocks, m->blocks_n, &err);
    account_ledger_writer_close(w);
    if (!ok || !account_ledger_check(sub_for_torture, &err) ||
        !account_ledger_open(sub_for_torture, &l, &err))
        return false;
    ok = account_ledger_find(l, m->keys[0]) != ACCOUNTS_NONE;
    account_ledger_close(l);
    return ok;
}

static void every_failed_allocation(void **state)
{
    struct account_maker m;

    sub_for_torture = test_dir_sub();
    account_maker_start(&m, test_seed() + 30);
    account_maker_blocks(&m, 3, 20);
    test_failed_allocations(append_all, &m);
    account_maker_end(&m);
}

/* ---- made the same whatever happens ---- */

struct array_source {
    const struct account_maker *m;
    size_t at, damaged; /* damaged: the block that cannot be read */
};

static bool array_next(void *self, struct transfer_block *ret, bool *ret_end, struct err *err)
{
    struct array_source *s = self;

    if (s->at == s->damaged)
        return err_fail(err, ERR_INPUT, "blocks.csv: row %zu is damaged", s->at);
    *ret_end = s->at == s->m->blocks_n;
    if (!*ret_end)
        *ret = s->m->blocks[s->at++];
    return true;
}

static bool ingest_all(const char *dir, const struct account_maker *m, uint64_t memory,
                       unsigned threads, struct account_ingest_options *more,
                       struct account_ingest_result *r, struct err *err)
{
    struct array_source array = {m, 0, SIZE_MAX};
    struct transfer_source source = {.next = array_next, .self = &array};
    struct account_ingest_options o = {0};

    if (more)
        o = *more;
    o.ledger.memory = memory;
    o.ledger.threads = threads;
    return account_ingest(dir, ethereum(), &source, &o, r, err);
}

/* As large as some batches of the least memory. */
static const struct account_maker *many_blocks(void)
{
    static struct account_maker m;

    if (!m.blocks_n) {
        account_maker_start(&m, 5);
        m.new_in_1000 = 100;
        account_maker_blocks(&m, 300, 600);
    }
    return &m;
}

static void same_bytes_with_any_memory_and_threads(void **state)
{
    const struct account_maker *m = many_blocks();
    char *one = test_dir_sub();
    struct account_ingest_result r;
    struct err err;

    CHECK_OK(ingest_all(one, m, (uint64_t)4 << 30, 1, NULL, &r, &err), err);
    CHECK_OK(account_ledger_check(one, &err), err);
    for (unsigned threads = 1; threads < 6; threads += 2) {
        char *other = test_dir_sub();

        CHECK_OK(ingest_all(other, m, LEDGER_MEMORY_MIN * threads, threads, NULL, &r, &err), err);
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
 * undisturbed run takes. Every other ledger is cut back once more before it goes on. */
static void killed_and_gone_on(void **state)
{
    const struct account_maker *m = many_blocks();
    char *calm = test_dir_sub();
    struct test_random rnd = {test_seed() + 11};
    unsigned points = test_long() ? 200 : 12, rounds = 0, killed = 0;
    struct account_ingest_result r;
    struct err err;
    uint64_t takes = now_us();

    CHECK_OK(ingest_all(calm, m, LEDGER_MEMORY_MIN, 2, NULL, &r, &err), err);
    takes = now_us() - takes;
    for (; killed < points; rounds++) {
        char *dir = test_dir_sub();
        bool done = false;

        while (!done) {
            bool kills = killed < points;
            pid_t child = fork();
            int status;

            if (!child) {
                struct account_ledger_writer *w;
                bool ok = account_ledger_writer_open(dir, ethereum(), small, &w, &err);

                if (ok && rounds % 2) /* an undo can be killed, too */
                    ok = account_ledger_undo(w, 100, &err);
                if (ok)
                    account_ledger_writer_close(w);
                ok = ok && ingest_all(dir, m, LEDGER_MEMORY_MIN, 2, NULL, &r, &err);
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
    stop_now = p->blocks_done > 100;
}

static void stopped_or_damaged_goes_on(void **state)
{
    const struct account_maker *m = many_blocks();
    char *dir = test_dir_sub(), *calm = test_dir_sub();
    struct account_ingest_options o = {.stop = &stop_now, .progress = stop_early};
    struct array_source array = {m, 0, 200};
    struct transfer_source source = {.next = array_next, .self = &array};
    struct account_ingest_result r;
    struct err err;

    CHECK_OK(ingest_all(dir, m, LEDGER_MEMORY_MIN, 2, &o, &r, &err), err);
    CHECK(r.stopped && r.blocks.added > 100 && r.blocks.added < m->blocks_n);
    o = (struct account_ingest_options){.ledger = small};
    CHECK(!account_ingest(dir, ethereum(), &source, &o, &r, &err));
    CHECK(strstr(err.text, "row 200 is damaged"));
    CHECK(r.blocks.known > 100);
    CHECK_U(r.blocks.known + r.blocks.added, 200);
    CHECK_OK(ingest_all(dir, m, LEDGER_MEMORY_MIN, 2, NULL, &r, &err), err);
    CHECK_U(r.blocks.known, 200);
    CHECK_U(r.blocks.added, m->blocks_n - 200);
    CHECK_OK(ingest_all(calm, m, 0, 2, NULL, &r, &err), err);
    check_same(dir, calm);
}

/* ---- past 2^32 ---- */

#define FAR ((uint64_t)1 << 32)
/* The test maps 4 TB. ThreadSanitizer keeps 1.5 TB below the stack for that, less by as much as the
 * layout is random, and answers ENOMEM now and then. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define FAR_NOT_HERE "ThreadSanitizer has no room for the addresses"
#endif
#endif

static const uint8_t sleeper[20] = {1, 0, 0, 0, 1};

static bool make_sparse(const char *dir, const char *name, uint64_t bytes)
{
    char path[PATH_MAX];
    int fd;
    bool ok;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    fd = open(path, O_RDWR | O_CREAT, 0644);
    ok = fd >= 0 && !ftruncate(fd, (off_t)bytes);
    if (fd >= 0)
        close(fd);
    return ok;
}

static void put_at(const char *dir, const char *name, uint64_t at, const void *p, size_t n)
{
    char path[PATH_MAX];
    int fd;

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    fd = open(path, O_WRONLY);
    CHECK(fd >= 0 && pwrite(fd, p, n, (off_t)at) == (ssize_t)n);
    close(fd);
}

/* A ledger of one block with 2^32 of everything, all zeros in sparse files, but for account 0 in
 * its index, and for the last account, whose holding 1 has paid in transfer 5. False: the file
 * system has no such files. */
static bool make_far(const char *dir)
{
    struct head head = {.chain = ethereum(), .shape = &accounts_shape};
    uint64_t run = FAR / 8;
    uint8_t key[5], id[4], block[ACCOUNT_BLOCK_BYTES] = {7}, holding[HOLDING_BYTES] = {0};
    struct err err;
    int fd;

    CHECK(!mkdir(dir, 0755));
    for (unsigned k = 0; k < ACCOUNT_COUNTS_N; k++)
        head.now.n[k] = FAR;
    head.now.n[COUNT_BLOCK] = head.now.n[COUNT_RUN] = 1;
    head.now.n[COUNT_FAR] = head.now.n[COUNT_EVENT] = head.now.n[COUNT_EVENT_BYTE] = 0;
    head.now.n[COUNT_KEY_BYTE] = sizeof(sleeper);
    head.now.n[COUNT_TRANSFER] = FAR + 3;
    head.applied = head.undo = head.now;
    head.tip.b[0] = 7;
    for (unsigned i = 0; i < ACCOUNT_COLUMNS_N; i++)
        if (!make_sparse(dir, accounts_shape.columns[i].name,
                         column_bytes(&accounts_shape, &head.now, i)))
            return false;
    for (unsigned i = 0; i < ACCOUNT_INDEXES_N; i++)
        for (unsigned k = 0; k < 8 && i != INDEX_BLOCK; k++) {
            char name[64];

            snprintf(name, sizeof(name), "index.%s.4.%u", accounts_shape.indexes[i].name, k);
            if (!make_sparse(dir, name, run * 9))
                return false;
        }
    put_at(dir, "block", 0, block, sizeof(block));
    store_le40(key, key_of_account((struct bytes){(const uint8_t *)"", 0}) >> 24);
    put_at(dir, "index.account.4.0", (run - 1) * 5, key, 5);
    put_at(dir, "account.data", 0, sleeper, sizeof(sleeper));
    store_le40(key, key_of_account((struct bytes){sleeper, sizeof(sleeper)}) >> 24);
    put_at(dir, "index.account.4.7", (run - 1) * 5, key, 5);
    store_le32(id, (uint32_t)run - 1);
    put_at(dir, "index.account.4.7", run * 5 + (run - 1) * 4, id, 4);
    store_le40(holding, FAR - 1);
    store_le40(holding + 10, ACCOUNTS_NONE);
    store_le40(holding + 15, 5);
    put_at(dir, "holding", HOLDING_BYTES, holding, sizeof(holding));
    put_at(dir, "holding.last", 5, holding + 15, 5);
    store_le40(key, key_of_holding(FAR - 1, 0) >> 24);
    put_at(dir, "index.holding.4.0", (run - 1) * 5, key, 5);
    store_le32(id, 1);
    put_at(dir, "index.holding.4.0", run * 5 + (run - 1) * 4, id, 4);
    put_at(dir, "account.last", (FAR - 1) * 5, (uint8_t[]){1}, 1);
    put_at(dir, "transfer", 5 * (uint64_t)TRANSFER_BYTES, (uint8_t[]){1}, 1);
    fd = open(dir, O_RDONLY | O_DIRECTORY);
    CHECK_OK(head_write(fd, &head, HEAD_DURABLE, &err), err);
    close(fd);
    return true;
}

/* Who has slept for 2^32 transfers pays again: the link between the two is far, and gone when it is
 * undone. */
static void far_link(const char *dir, struct account_ledger_writer *w)
{
    struct fact_transfer paid = {
        .kind = TRANSFER_VALUE, .from = {sleeper, sizeof(sleeper)}, .amount = u256_of(1)};
    struct fact_tx tx = {.hash = {{4}}, .transfers = &paid, .transfers_n = 1};
    struct transfer_block b = {
        .hash = {{10}}, .prev = {{9}}, .height = 3, .time = 7, .txs = &tx, .txs_n = 1};
    struct account_ledger *before, *l;
    const struct accounts *a;
    struct err err;

    CHECK_OK(account_ledger_open(dir, &before, &err), err);
    CHECK_OK(account_ledger_append(w, &b, 1, &err), err);
    CHECK_OK(account_ledger_open(dir, &l, &err), err);
    a = account_ledger_accounts(l);
    CHECK_U(account_ledger_find(l, paid.from), FAR - 1);
    CHECK_U(account_ledger_find_holding(l, FAR - 1, 0), 1);
    CHECK_U(a->far_n, 1);
    CHECK_U(account_ledger_last(l, 1), FAR + 3 + 9300);
    CHECK_U(accounts_prev(a, 1, FAR + 3 + 9300), 5);
    CHECK_U(accounts_next(a, 1, 5), FAR + 3 + 9300);
    CHECK_U(accounts_transfer(a, FAR + 3 + 9300).from_ordinal, 1);
    account_ledger_close(l);
    CHECK_U(account_ledger_last(before, 1), 5);
    CHECK_U(accounts_next(account_ledger_accounts(before), 1, 5), ACCOUNTS_NONE);
    account_ledger_close(before);
}

/* Ids go on at 2^32: links, numbers, marks, look-ups by every index, undo. */
static void ids_past_2_to_32(void **state)
{
    static struct fact_tx txs[9000];
    static struct fact_transfer transfers[9000];
    static uint8_t keys[9000][20];
    char *dir = test_dir_sub();
    struct transfer_block b[2] = {{.hash = {{8}}, .prev = {{7}}, .height = 1, .time = 5},
                                  {.hash = {{9}}, .prev = {{8}}, .height = 2, .time = 6}};
    struct account_ledger_writer *w;
    struct account_ledger *l;
    const struct accounts *a;
    struct accounts_mark mark;
    struct holding_sums sums;
    struct err err;
    uint64_t hub;

#ifdef FAR_NOT_HERE
    print_message("skipped: %s\n", FAR_NOT_HERE);
    skip();
#endif
    if (!make_far(dir)) {
        print_message("skipped: no sparse files of that size here\n");
        skip();
    }
    for (uint32_t i = 0; i < 9000; i++) { /* each sends i to the first */
        store_le32(keys[i], i + 1);
        transfers[i] = (struct fact_transfer){.kind = TRANSFER_VALUE,
                                              .from = {keys[i], 20},
                                              .to = {keys[0], 20},
                                              .amount = u256_of(i)};
        store_le32(txs[i].hash.b, i * 2654435761u);
        txs[i].hash.b[31] = 1;
        txs[i].transfers = &transfers[i];
        txs[i].transfers_n = 1;
    }
    b[0].txs = b[1].txs = txs;
    b[0].txs_n = 9000;
    b[1].txs_n = 300;
    CHECK_OK(account_ledger_writer_open(dir, ethereum(), small, &w, &err), err);
    for (unsigned round = 0; round < 2; round++) {
        CHECK_OK(account_ledger_append(w, &b[0], 1, &err), err);
        CHECK_OK(account_ledger_append(w, &b[1], 1, &err), err);
        CHECK_OK(account_ledger_open(dir, &l, &err), err);
        a = account_ledger_accounts(l);
        CHECK_U(a->transfers_n, FAR + 3 + 9300);
        CHECK_U(a->txs_n, FAR + 9300);
        CHECK_U(a->accounts_n, FAR + 9000); /* and account 0 was found */
        CHECK_U(a->holdings_n, FAR + 9000);
        hub = account_ledger_find_holding(l, account_ledger_find(l, transfers[0].to), 0);
        CHECK_U(hub, FAR);
        for (uint32_t i = 0; i < 9000; i++) {
            CHECK_U(account_ledger_find(l, transfers[i].from), FAR + i);
            CHECK_U(account_ledger_find_holding(l, FAR + i, 0), FAR + i);
            CHECK_U(account_ledger_find_tx(l, &txs[i].hash), i < 300 ? FAR + 9000 + i : FAR + i);
            CHECK_U(account_ledger_last(l, FAR + i), !i        ? FAR + 3 + 9299
                                                     : i < 300 ? FAR + 9003 + i
                                                               : FAR + 3 + i);
            CHECK_U(accounts_next(a, hub, FAR + 3 + i), FAR + 3 + i + 1);
            CHECK_U(accounts_transfer(a, FAR + 3 + i).to_ordinal, i ? i % 256 : 0);
        }
        /* 9,000 events and 300 more have 36 marks; the last after number 36 * 256 - 1 = 9,215 */
        CHECK_U(a->marks_n, FAR + 36);
        mark = accounts_mark(a, FAR + 35);
        CHECK_U(mark.event, FAR + 3 + 9215);
        CHECK_U(mark.holding, FAR);
        CHECK_U(mark.number, 35);
        CHECK_U(mark.before, FAR + 34);
        /* 0 + 1 + ... + 8999, and 0 + ... + 215 */
        CHECK(u256_equal(mark.sums.in, u256_of(8999 * 9000 / 2 + 215 * 216 / 2)));
        CHECK_OK(accounts_sums_before(a, hub, FAR + 3 + 9299, NULL, &sums, &err), err);
        CHECK(u256_equal(sums.in, u256_of(8999 * 9000 / 2 + 298 * 299 / 2)));
        account_ledger_close(l);
        far_link(dir, w);
        CHECK_OK(account_ledger_undo(w, 1, &err), err);
        CHECK_OK(account_ledger_open(dir, &l, &err), err);
        CHECK_U(account_ledger_find(l, transfers[5].from), ACCOUNTS_NONE);
        CHECK_U(account_ledger_counts(l).transfers, FAR + 3);
        CHECK_U(account_ledger_last(l, 1), 5);
        CHECK_U(load_le32(account_ledger_accounts(l)->links_next + (size_t)5 * LINKS_BYTES), 0);
        account_ledger_close(l);
    }
    account_ledger_writer_close(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_a_naive_ledger),
        cmocka_unit_test(undone_as_if_never),
        cmocka_unit_test(blocks_find_their_place),
        cmocka_unit_test(forks_too_deep),
        cmocka_unit_test(blocks_that_contradict_themselves),
        cmocka_unit_test(one_hash_twice_and_time_that_goes_back),
        cmocka_unit_test(old_times_of_solana_that_go_back),
        cmocka_unit_test(lists_by_time),
        cmocka_unit_test(one_writer_and_one_shape),
        cmocka_unit_test(readers_keep_their_snapshot),
        cmocka_unit_test(check_finds_any_changed_byte),
        cmocka_unit_test(every_failed_allocation),
        cmocka_unit_test(same_bytes_with_any_memory_and_threads),
        cmocka_unit_test(killed_and_gone_on),
        cmocka_unit_test(stopped_or_damaged_goes_on),
        cmocka_unit_test(ids_past_2_to_32),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
