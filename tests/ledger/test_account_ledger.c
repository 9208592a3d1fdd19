/* The ledger of accounts against a second, naive one, and against itself made in other ways: byte
 * for byte. */
#include "account_facts.h"
#include "account_naive.h"
#include "files.h"

#include "ledger/account_ledger.h"
#include "ledger/account_writer.h"

#include <stdlib.h>

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

        test_row("round %u", round);
        account_maker_start(&m, test_seed() + round);
        m.new_in_1000 = round % 4 ? 20 : 300;
        m.hashes = round % 5 != 0;
        account_maker_blocks(&m, 1 + test_below(&m.r, 40), 1 + test_below(&m.r, 20));
        append(one, &m, 0, m.blocks_n, m.blocks_n);
        append(steps, &m, 0, m.blocks_n, round % 4 ? 7 : 2);
        account_check_against_facts(one, &m);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_a_naive_ledger),
        cmocka_unit_test(undone_as_if_never),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
