/* The ledger against a second, naive one, and against itself made in other ways: byte for byte. */
#include "facts.h"
#include "files.h"

#include "base/mem.h"
#include "ledger/check.h"
#include "ledger/coins_columns.h"
#include "ledger/index.h"
#include "ledger/ledger.h"
#include "ledger/writer.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct ledger_options small = {.memory = LEDGER_MEMORY_MIN, .threads = 2};

static const struct ledger_options one_thread = {.memory = LEDGER_MEMORY_MIN, .threads = 1};
static const char *sub_for_torture;

static const struct chain *sim(void)
{
    const struct chain *c = chain_by_name("bitcoin:sim");

    CHECK(c);
    return c;
}

/* Appends blocks [from, to) in steps of at most step blocks, one writer a step. */
static void append(const char *dir, const struct maker *m, size_t from, size_t to, size_t step)
{
    struct ledger_writer *w;
    struct err err;

    for (size_t at = from; at < to; at += step) {
        CHECK_OK(ledger_writer_open(dir, sim(), small, &w, &err), err);
        CHECK_OK(ledger_append(w, m->blocks + at, to - at < step ? to - at : step, &err), err);
        ledger_writer_close(w);
    }
}

/* Everything that the facts say, asked of the ledger by the plainest means. */
static void check_against_facts(const char *dir, const struct maker *m)
{
    struct ledger *l;
    struct err err;
    const struct coins *c;
    uint64_t out = 0, in = 0, ext = 0, seen_n = 0;
    uint32_t tx = 0;
    struct bytes *seen = calloc(m->outputs_n * 3 + 1, sizeof(*seen));
    uint64_t *last = calloc(m->outputs_n * 3 + 1, sizeof(*last));
    uint32_t *spender = calloc(m->outputs_n + 1, sizeof(*spender));
    uint64_t *first_of_tx = calloc(m->outputs_n + 1, sizeof(*first_of_tx));

    CHECK_OK(ledger_open(dir, &l, &err), err);
    c = ledger_coins(l);
    CHECK_U(ledger_counts(l).blocks, m->blocks_n);
    CHECK_U(ledger_counts(l).outputs, m->outputs_n);
    for (size_t b = 0; b < m->blocks_n; b++) {
        const struct block_facts *f = &m->blocks[b];
        struct ledger_block got = ledger_block(l, (uint32_t)b);
        size_t fi = 0, fo = 0;

        CHECK(hash32_equal(&got.hash, &f->hash));
        CHECK(!memcmp(got.header, f->header, 80));
        CHECK_U(got.height, b);
        CHECK_U(got.tx_first, tx);
        CHECK_U(got.txs_n, f->txs_n);
        CHECK_U(ledger_find_block(l, &f->hash), b);
        CHECK_U(ledger_find_height(l, (uint32_t)b), b);
        for (size_t t = 0; t < f->txs_n; t++, tx++) {
            struct hash32 txid = ledger_txid(l, tx);

            CHECK(hash32_equal(&txid, &f->txids[t]));
            CHECK_U(ledger_find_tx(l, &txid), tx);
            CHECK_U(ledger_tx_block(l, tx), b);
            CHECK_U(coins_outputs(c, tx).first, out);
            CHECK_U(coins_outputs(c, tx).n, f->tx_outputs_n[t]);
            CHECK_U(coins_inputs(c, tx).first, in);
            CHECK_U(coins_inputs(c, tx).n, f->tx_inputs_n[t]);
            first_of_tx[tx] = out;
            for (uint32_t i = 0; i < f->tx_inputs_n[t]; i++, in++, fi++) {
                uint64_t value, source = coins_source(c, in, &value);
                uint32_t script;
                const uint8_t *outpoint = ledger_outside(l, in, &script);
                uint64_t want = COINS_NONE;

                for (uint64_t o = 0; o < out; o++)
                    if (m->outputs[o].vout == load_le32(f->inputs[fi] + 32) &&
                        !memcmp(m->outputs[o].txid.b, f->inputs[fi], 32))
                        want = o;
                CHECK_U(source, want);
                if (want != COINS_NONE) {
                    CHECK(!outpoint);
                    CHECK_U(value, m->outputs[want].value);
                    spender[want] = tx + 1;
                    continue;
                }
                ext++;
                CHECK(outpoint && !memcmp(outpoint, f->inputs[fi], 36));
                CHECK_U(value, f->spent ? f->spent[fi].value : UINT64_MAX);
                CHECK_U(script == SCRIPT_NONE, !f->spent);
                if (f->spent) {
                    uint64_t s = 0;

                    while (s < seen_n && !bytes_equal(seen[s], f->spent[fi].script))
                        s++;
                    if (s == seen_n)
                        seen[seen_n++] = f->spent[fi].script;
                    CHECK_U(script, s);
                }
            }
            for (uint32_t v = 0; v < f->tx_outputs_n[t]; v++, out++, fo++) {
                uint64_t s = 0;
                uint8_t buffer[SCRIPT_FORM_MAX];
                struct bytes got_script;

                CHECK_U(coins_value(c, out), f->outputs[fo].value);
                CHECK_U(coins_maker(c, out), tx);
                while (s < seen_n && !bytes_equal(seen[s], f->outputs[fo].script))
                    s++;
                if (s == seen_n)
                    seen[seen_n++] = f->outputs[fo].script;
                CHECK_U(ledger_script_of(l, out), s);
                CHECK(ledger_script(l, (uint32_t)s, buffer, &got_script));
                CHECK(bytes_equal(got_script, f->outputs[fo].script));
                CHECK_U(ledger_script_prev(l, out), last[s] - 1);
                last[s] = out + 1;
            }
        }
    }
    for (uint64_t o = 0; o < out; o++)
        CHECK_U(coins_spender(c, o), spender[o] - 1);
    CHECK_U(ledger_counts(l).scripts, seen_n);
    CHECK_U(ledger_counts(l).outside, ext);
    for (uint64_t s = 0, addresses = 0; s < seen_n; s++) {
        uint32_t twins[LEDGER_TWINS_MAX];
        size_t n = ledger_find_address(l, seen[s], twins);
        struct bytes payload;
        bool found = false, first = true;

        CHECK_U(ledger_find_script(l, seen[s]), s);
        CHECK_U(ledger_script_last(l, (uint32_t)s), last[s] - 1);
        for (size_t i = 0; i < n; i++) {
            found |= twins[i] == s;
            first &= twins[i] >= s;
        }
        CHECK(found);
        addresses += first && script_has_address(script_classify(seen[s], &payload));
        if (s + 1 == seen_n)
            CHECK_U(ledger_counts(l).addresses, addresses);
    }
    ledger_close(l);
    free(seen);
    free(last);
    free(spender);
    free(first_of_tx);
}

static void equals_a_naive_ledger(void **state)
{
    for (unsigned round = 0; round < 60; round++) {
        struct maker m;
        char *one = test_dir_sub(), *steps = test_dir_sub();

        test_row("round %u", round);
        maker_start(&m, test_seed() + round);
        m.outside_in_1000 = round % 3 ? 0 : 200;
        m.undo_data = round % 2;
        maker_blocks(&m, 1 + test_below(&m.r, 8), 1 + test_below(&m.r, 25));
        append(one, &m, 0, m.blocks_n, m.blocks_n);
        append(steps, &m, 0, m.blocks_n, 1);
        check_against_facts(one, &m);
        check_same(one, steps);
        maker_end(&m);
    }
}

static void undone_as_if_never(void **state)
{
    for (unsigned round = 0; round < 25; round++) {
        struct maker m;
        char *undone = test_dir_sub(), *never = test_dir_sub();
        struct ledger_writer *w;
        struct err err;
        size_t keep;

        test_row("round %u", round);
        maker_start(&m, test_seed() + 1000 + round);
        m.outside_in_1000 = round % 3 ? 0 : 100;
        m.undo_data = true;
        maker_blocks(&m, 2 + test_below(&m.r, 6), 20);
        append(undone, &m, 0, m.blocks_n, 3);
        keep = 1 + test_below(&m.r, m.blocks_n - 1);
        maker_drop(&m, keep);
        CHECK_OK(ledger_writer_open(undone, sim(), small, &w, &err), err);
        CHECK_OK(ledger_undo(w, (uint32_t)keep, &err), err);
        ledger_writer_close(w);
        append(never, &m, 0, keep, keep);
        check_same(undone, never);
        maker_blocks(&m, 3, 20);
        append(undone, &m, keep, m.blocks_n, 2);
        append(never, &m, keep, m.blocks_n, 1);
        check_same(undone, never);
        check_against_facts(undone, &m);
        maker_end(&m);
    }
}

/* Enough transactions and scripts for runs of two levels, in steps that do not fall on the grid. */
static void index_of_many(void **state)
{
    struct maker m;
    char *one = test_dir_sub(), *steps = test_dir_sub();
    struct ledger_writer *w;
    struct ledger *l;
    struct err err;
    struct index plan;

    maker_start(&m, test_seed() + 77);
    maker_blocks(&m, 150, 2000);
    append(one, &m, 0, m.blocks_n, m.blocks_n);
    append(steps, &m, 0, m.blocks_n, 37);
    check_same(one, steps);
    CHECK_OK(ledger_open(one, &l, &err), err);
    index_plan(ledger_counts(l).transactions, INDEX_KEY_WHOLE, &plan);
    CHECK(plan.runs_n >= 2 && plan.runs[0].level == 1);
    for (uint64_t t = 0; t < ledger_counts(l).transactions; t++) {
        struct hash32 id = ledger_txid(l, (uint32_t)t);

        CHECK_U(ledger_find_tx(l, &id), t);
        id.b[31] ^= 1;
        CHECK_U(ledger_find_tx(l, &id), COINS_TX_NONE);
    }
    for (uint64_t s = 0; s < ledger_counts(l).scripts; s++) {
        uint8_t buffer[SCRIPT_FORM_MAX];
        struct bytes script;

        CHECK(ledger_script(l, (uint32_t)s, buffer, &script));
        CHECK_U(ledger_find_script(l, script), s);
    }
    ledger_close(l);
    CHECK_OK(ledger_writer_open(one, sim(), small, &w, &err), err);
    CHECK_OK(ledger_undo(w, 100, &err), err); /* back over the edge of a run of level 1 */
    CHECK_OK(ledger_append(w, m.blocks + 100, 50, &err), err);
    ledger_writer_close(w);
    check_same(one, steps);
    maker_end(&m);
}

static void refuses_what_contradicts(void **state)
{
    struct maker m;
    char *dir = test_dir_sub();
    struct ledger_writer *w;
    struct block_facts twice;
    struct err err;
    struct hash32 before;
    uint8_t outpoint[OUTPOINT_BYTES] = {0};
    const uint8_t *inputs[2] = {outpoint, outpoint};
    uint32_t ins[2] = {0, 2};

    maker_start(&m, 5);
    maker_blocks(&m, 3, 4);
    append(dir, &m, 0, 2, 2);
    before = fingerprint(dir);
    twice = m.blocks[2];
    while (twice.txs_n < 2) {
        maker_drop(&m, 2);
        maker_blocks(&m, 1, 4);
        twice = m.blocks[2];
    }
    memcpy(outpoint, m.blocks[0].txids[0].b, 32);
    twice.txs_n = 2;
    twice.tx_inputs_n = ins;
    twice.inputs = inputs;
    twice.inputs_n = 2;
    twice.outputs_n = twice.tx_outputs_n[0] + twice.tx_outputs_n[1];
    CHECK_OK(ledger_writer_open(dir, sim(), small, &w, &err), err);
    CHECK(!ledger_append(w, &twice, 1, &err));
    CHECK_U(err.class, ERR_INPUT);
    CHECK(strstr(err.text, "spent already"));
    ledger_writer_close(w);
    store_le32(outpoint + 32, 1000);
    CHECK_OK(ledger_writer_open(dir, sim(), small, &w, &err), err);
    CHECK(!ledger_append(w, &twice, 1, &err));
    CHECK(strstr(err.text, "does not have"));
    ledger_writer_close(w);
    memcpy(outpoint, twice.txids[1].b, 32); /* of the second transaction, which spends it */
    store_le32(outpoint + 32, 0);
    CHECK_OK(ledger_writer_open(dir, sim(), small, &w, &err), err);
    CHECK(!ledger_append(w, &twice, 1, &err));
    CHECK_U(err.class, ERR_INPUT);
    CHECK(strstr(err.text, "comes behind it"));
    ledger_writer_close(w);
    check_same_as(dir, &before);
    maker_end(&m);
}

static void one_writer(void **state)
{
    char *dir = test_dir_sub();
    struct ledger_writer *a, *b;
    struct ledger *l;
    struct err err;

    CHECK_OK(ledger_writer_open(dir, sim(), small, &a, &err), err);
    CHECK(!ledger_writer_open(dir, sim(), small, &b, &err));
    CHECK_U(err.class, ERR_SYSTEM);
    CHECK_OK(ledger_open(dir, &l, &err), err); /* an empty ledger can be read */
    CHECK_U(ledger_counts(l).blocks, 0);
    ledger_close(l);
    ledger_writer_close(a);
    CHECK(!ledger_writer_open(dir, chain_by_name("bitcoin"), small, &b, &err));
    CHECK_U(err.class, ERR_INPUT);
    CHECK(!ledger_open("/nonexistent", &l, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
}

/* Whatever byte of whatever file is changed, or file cut, the check or the opening says so; the
 * ledger as it was passes. */
static void check_finds_any_changed_byte(void **state)
{
    struct maker m;
    char *dir = test_dir_sub();
    struct err err;
    struct test_random r = {test_seed() + 21};

    maker_start(&m, test_seed() + 20);
    m.outside_in_1000 = 100;
    m.undo_data = true;
    maker_blocks(&m, 12, 1500); /* enough for a run of the index */
    append(dir, &m, 0, m.blocks_n, m.blocks_n);
    CHECK_OK(ledger_check(dir, &err), err);
    for (unsigned i = 0; i < COLUMNS_N + 3; i++) {
        char path[4096 + 64];
        struct bytes was;
        struct ledger *l;

        snprintf(path, sizeof(path), "%s/%s", dir,
                 i < COLUMNS_N
                     ? coins_shape.columns[i].name
                     : (const char *[]){"head", "index.tx.0.0", "index.script.0.0"}[i - COLUMNS_N]);
        was = test_read(path);
        test_row("%s", path);
        CHECK(was.n);
        for (unsigned k = 0; k < 20; k++) {
            size_t at = test_below(&r, was.n);
            uint8_t *p = malloc(was.n);

            memcpy(p, was.p, was.n);
            p[at] ^= (uint8_t)(1u << test_below(&r, 8));
            test_write(path, p, k < 19 ? was.n : at);
            free(p);
            CHECK(!ledger_check(dir, &err));
            if (ledger_open(dir, &l, &err)) { /* whatever it says, it is said without a fault */
                uint32_t twins[LEDGER_TWINS_MAX];

                for (uint64_t o = 0; o < ledger_counts(l).outputs; o += 7) {
                    uint8_t buffer[SCRIPT_FORM_MAX];
                    struct bytes script;

                    if (ledger_script(l, ledger_script_of(l, o), buffer, &script))
                        ledger_find_address(l, script, twins);
                    for (uint64_t at_o = o, steps = 0; at_o != COINS_NONE;
                         at_o = ledger_script_prev(l, at_o))
                        CHECK(steps++ < m.outputs_n);
                }
                ledger_close(l);
            }
        }
        test_write(path, was.p, was.n);
    }
    CHECK_OK(ledger_check(dir, &err), err);
    maker_end(&m);
}

static bool append_all(void *ctx)
{
    const struct maker *m = ctx;
    struct ledger_writer *w;
    struct ledger *l;
    struct err err;
    bool ok;

    if (!ledger_writer_open(sub_for_torture, sim(), one_thread, &w, &err))
        return false;
    ok = ledger_undo(w, 0, &err) && ledger_append(w, m->blocks, m->blocks_n, &err);
    ledger_writer_close(w);
    if (!ok || !ledger_open(sub_for_torture, &l, &err))
        return false;
    CHECK(ledger_find_script(l, m->scripts[0]) != SCRIPT_NONE); /* without memory, too */
    ledger_close(l);
    return !mem_fail_hit();
}

static void every_failed_allocation(void **state)
{
    struct maker m;

    sub_for_torture = test_dir_sub();
    maker_start(&m, test_seed() + 30);
    m.outside_in_1000 = 100;
    maker_blocks(&m, 3, 20);
    test_failed_allocations(append_all, &m);
    maker_end(&m);
}

/* A file that may not grow further stands for a full disk: a clear error, and the ledger as it
 * was. */
static void full_disk(void **state)
{
    struct maker m;
    char *dir = test_dir_sub();
    struct hash32 before;
    struct rlimit was, tight = {20000, RLIM_INFINITY};
    struct ledger_writer *w;
    struct err err;

    maker_start(&m, test_seed() + 31);
    maker_blocks(&m, 40, 60);
    append(dir, &m, 0, 10, 10);
    before = fingerprint(dir);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &was);
    tight.rlim_max = was.rlim_max;
    CHECK_OK(ledger_writer_open(dir, sim(), small, &w, &err), err);
    setrlimit(RLIMIT_FSIZE, &tight);
    CHECK(!ledger_append(w, m.blocks + 10, 30, &err));
    setrlimit(RLIMIT_FSIZE, &was);
    CHECK_U(err.class, ERR_SYSTEM);
    ledger_writer_close(w);
    CHECK_OK(ledger_writer_open(dir, sim(), small, &w, &err), err);
    check_same_as(dir, &before);
    CHECK_OK(ledger_append(w, m.blocks + 10, 30, &err), err);
    ledger_writer_close(w);
    check_against_facts(dir, &m);
    maker_end(&m);
}

/* A reader keeps its snapshot while blocks are appended. */
static void readers_keep_their_snapshot(void **state)
{
    struct maker m;
    char *dir = test_dir_sub(), *old = test_dir_sub();
    struct ledger *l;
    struct err err;

    maker_start(&m, test_seed() + 9);
    maker_blocks(&m, 12, 30);
    append(dir, &m, 0, 6, 6);
    append(old, &m, 0, 6, 6);
    CHECK_OK(ledger_open(dir, &l, &err), err);
    append(dir, &m, 6, 12, 2);
    {
        struct ledger *then;

        CHECK_OK(ledger_open(old, &then, &err), err);
        for (uint64_t o = 0; o < ledger_counts(then).outputs; o++)
            CHECK_U(coins_spender(ledger_coins(l), o), coins_spender(ledger_coins(then), o));
        for (uint32_t s = 0; s < ledger_counts(then).scripts; s++)
            CHECK_U(ledger_script_last(l, s), ledger_script_last(then, s));
        CHECK_U(ledger_counts(l).outputs, ledger_counts(then).outputs);
        ledger_close(then);
    }
    ledger_close(l);
    maker_end(&m);
}

/* What a writer changes in place while a check reads is not called damage. */
static void checked_while_written(void **state)
{
    struct maker m;
    char *dir = test_dir_sub();
    struct err err;
    pid_t child;
    int status = 0;

    maker_start(&m, test_seed() + 12);
    maker_blocks(&m, 60, 40);
    append(dir, &m, 0, 4, 4);
    child = fork();
    if (!child) {
        struct ledger_writer *w;

        CHECK_OK(ledger_writer_open(dir, sim(), small, &w, &err), err);
        for (size_t at = 4; at < m.blocks_n; at++)
            CHECK_OK(ledger_append(w, m.blocks + at, 1, &err), err);
        ledger_writer_close(w);
        _exit(0);
    }
    while (!waitpid(child, &status, WNOHANG))
        if (!ledger_check(dir, &err) && err.class != ERR_SYSTEM)
            test_failed(__FILE__, __LINE__, "%s", err.text);
    CHECK_U(status, 0);
    CHECK_OK(ledger_check(dir, &err), err);
    maker_end(&m);
}

static void other_files_are_not_touched(void **state)
{
    static const char theirs[] = "#!/bin/sh\n";
    char *dir = test_dir_sub(), path[PATH_MAX + 8];
    struct ledger_writer *w;
    struct bytes after;
    struct err err;

    CHECK(!mkdir(dir, 0755));
    snprintf(path, sizeof(path), "%s/run", dir);
    test_write(path, theirs, sizeof(theirs));
    CHECK(!ledger_writer_open(dir, sim(), small, &w, &err));
    CHECK_U(err.class, ERR_INPUT);
    after = test_read(path);
    CHECK(after.n == sizeof(theirs) && !memcmp(after.p, theirs, sizeof(theirs)));
    CHECK(!unlink(path));
    CHECK_OK(ledger_writer_open(dir, sim(), small, &w, &err), err);
    ledger_writer_close(w);
}

/* Killed at random moments of appending and undoing: the next writer goes on, and nothing shows. */
static void killed_at_any_moment(void **state)
{
    struct maker m;
    struct test_random r = {test_seed() + 4};
    char *dir = test_dir_sub(), *calm = test_dir_sub();
    struct ledger_writer *w;
    struct err err;

    maker_start(&m, test_seed() + 3);
    m.outside_in_1000 = 20;
    m.undo_data = true;
    maker_blocks(&m, 60, 60);
    append(calm, &m, 0, m.blocks_n, m.blocks_n);
    for (unsigned kills = 0; kills < (test_long() ? 400 : 60); kills++) {
        pid_t child = fork();

        if (!child) {
            CHECK(ledger_writer_open(dir, sim(), small, &w, &err));
            if (ledger_writer_blocks(w) > 20)
                CHECK(ledger_undo(w, ledger_writer_blocks(w) - 15, &err));
            for (size_t at = ledger_writer_blocks(w); at < m.blocks_n; at++)
                CHECK(ledger_append(w, m.blocks + at, 1, &err));
            _exit(0);
        }
        usleep((useconds_t)test_below(&r, 40000));
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
    CHECK_OK(ledger_writer_open(dir, sim(), small, &w, &err), err);
    CHECK_OK(ledger_append(w, m.blocks + ledger_writer_blocks(w),
                           m.blocks_n - ledger_writer_blocks(w), &err),
             err);
    ledger_writer_close(w);
    check_same(dir, calm);
    maker_end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_a_naive_ledger),
        cmocka_unit_test(undone_as_if_never),
        cmocka_unit_test(index_of_many),
        cmocka_unit_test(refuses_what_contradicts),
        cmocka_unit_test(one_writer),
        cmocka_unit_test(check_finds_any_changed_byte),
        cmocka_unit_test(every_failed_allocation),
        cmocka_unit_test(full_disk),
        cmocka_unit_test(readers_keep_their_snapshot),
        cmocka_unit_test(checked_while_written),
        cmocka_unit_test(other_files_are_not_touched),
        cmocka_unit_test(killed_at_any_moment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
