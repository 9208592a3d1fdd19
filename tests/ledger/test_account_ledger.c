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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_a_naive_ledger),
        cmocka_unit_test(undone_as_if_never),
        cmocka_unit_test(blocks_find_their_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
