/* Ledgers under a node that reads them: what is added shows, what is held stays, and an undo that
 * waits for its readers gets its turn. */
#include "serve/live_ledgers.h"

#include "ledger/ingest.h"
#include "ledger/writer.h"
#include "sim/sim.h"
#include "support.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <unistd.h>

#define ROUNDS 120000 /* of a millisecond, until something must have happened */

static char dir[4096], blocks[4096];

static void make(void)
{
    struct sim_options o = {.seed = 3, .blocks = 30, .dir = test_dir()};
    struct sim_shape shape;
    const char *path = blocks;
    struct ingest_options in = {
        .paths = &path, .paths_n = 1, .chain = chain_by_name("bitcoin:sim")};
    struct ingest_result result;
    struct err err;

    CHECK_OK(sim_run(&o, &shape, &err), err);
    snprintf(blocks, sizeof(blocks), "%s/blocks", o.dir);
    snprintf(dir, sizeof(dir), "%s/ledger", o.dir);
    CHECK_OK(ingest(dir, &in, &result, &err), err);
    CHECK_U(result.added, 30);
}

static void undo_to(uint32_t blocks_n)
{
    struct ledger_writer *w = NULL;
    struct err err;

    CHECK_OK(
        ledger_writer_open(dir, chain_by_name("bitcoin:sim"), (struct ledger_options){0}, &w, &err),
        err);
    CHECK_OK(ledger_undo(w, blocks_n, &err), err);
    ledger_writer_close(w);
}

static atomic_bool undone;

static void *undo_later(void *unused)
{
    (void)unused;
    undo_to(10);
    atomic_store(&undone, true);
    return NULL;
}

static struct live_ledgers *opened(void)
{
    const char *dirs[] = {dir};
    struct live_ledgers *l = NULL;
    struct err err;

    CHECK_OK(live_ledgers_open(dirs, 1, &l, &err), err);
    return l;
}

static size_t renew(struct live_ledgers *l)
{
    struct err err;
    size_t changed;

    CHECK_OK(live_ledgers_renew(l, &changed, &err), err);
    return changed;
}

static uint64_t blocks_of(struct live_ledgers *l)
{
    struct live_ledgers_view *v = live_ledgers_take(l);
    struct live_ledgers_one one;
    uint64_t n = 0;

    if (live_ledgers_find(v, "bitcoin:sim", &one))
        n = ledger_counts(one.coins).blocks;
    live_ledgers_drop(l, v);
    return n;
}

static void what_is_held_stays(void **state)
{
    struct live_ledgers *l;
    struct live_ledgers_view *held;
    struct live_ledgers_one one;
    struct live_ledgers_tip tip;
    struct ingest_result result;
    const char *path = blocks;
    struct ingest_options in = {
        .paths = &path, .paths_n = 1, .chain = chain_by_name("bitcoin:sim")};
    struct err err;

    (void)state;
    make();
    undo_to(10);
    l = opened();
    CHECK_U(renew(l), 0);
    held = live_ledgers_take(l);
    CHECK_OK(ingest(dir, &in, &result, &err), err); /* an append does not wait for readers */
    CHECK_U(result.added, 20);
    CHECK_U(renew(l), 1);
    CHECK_U(blocks_of(l), 30);
    CHECK(live_ledgers_find(held, "bitcoin:sim", &one));
    CHECK_U(ledger_counts(one.coins).blocks, 10);
    tip = live_ledgers_tip(&one);
    CHECK(tip.any);
    CHECK_U(tip.height, 9);
    CHECK(!live_ledgers_find(held, "bitcoin", &one));
    CHECK(live_ledgers_find(held, chain_by_name("bitcoin:sim")->caip2, &one));
    CHECK(!live_ledgers_find(held, "nothing", &one));
    live_ledgers_drop(l, held);
    live_ledgers_close(l);
}

static void an_undo_gets_its_turn(void **state)
{
    struct live_ledgers *l;
    struct live_ledgers_view *held;
    struct live_ledgers_one one;
    pthread_t later;

    (void)state;
    make();
    l = opened();
    held = live_ledgers_take(l);
    CHECK_U(pthread_create(&later, NULL, undo_later, NULL), 0);
    for (unsigned i = 0; i < ROUNDS && !renew(l); i++)
        usleep(1000);
    test_row("let go, but for who still reads");
    CHECK_U(blocks_of(l), 0);
    CHECK(live_ledgers_find(held, "bitcoin:sim", &one));
    CHECK_U(ledger_counts(one.coins).blocks, 30);
    usleep(20000);
    CHECK(!atomic_load(&undone));
    CHECK_U(renew(l), 0); /* and not taken again meanwhile */
    live_ledgers_drop(l, held);
    test_row("undone, and taken again");
    for (unsigned i = 0; i < ROUNDS && blocks_of(l) != 10; i++) {
        usleep(1000);
        renew(l);
    }
    CHECK_U(blocks_of(l), 10);
    held = live_ledgers_take(l);
    CHECK_U(live_ledgers_away(held), 0);
    live_ledgers_drop(l, held);
    pthread_join(later, NULL);
    CHECK(atomic_load(&undone));
    live_ledgers_close(l);
}

static void a_place_without_a_ledger(void **state)
{
    const char *dirs[] = {test_dir()};
    struct live_ledgers *l = NULL;
    struct err err;

    (void)state;
    CHECK(!live_ledgers_open(dirs, 1, &l, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    CHECK_OK(live_ledgers_open(NULL, 0, &l, &err), err);
    CHECK_U(renew(l), 0);
    live_ledgers_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_held_stays),
        cmocka_unit_test(an_undo_gets_its_turn),
        cmocka_unit_test(a_place_without_a_ledger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
