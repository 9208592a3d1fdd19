/* Clusters under a node that follows: whatever the ledger does meanwhile, they come to be those of
 * a build in one go. */
#include "serve/live_entities.h"

#include "../ledger/facts.h"
#include "../ledger/files.h"
#include "entity/cluster.h"
#include "entity/cluster_columns.h"
#include "entity/cluster_update.h"
#include "ledger/format.h"
#include "ledger/writer.h"
#include "support.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ROUNDS 120000 /* of a millisecond, until something must have happened */

static const struct chain *sim(void)
{
    return chain_by_name("bitcoin:sim");
}

static struct ledger_writer *writer(const char *dir)
{
    const struct ledger_options small = {.memory = LEDGER_MEMORY_MIN, .threads = 1};
    struct ledger_writer *w;
    struct err err;

    CHECK_OK(ledger_writer_open(dir, sim(), small, &w, &err), err);
    return w;
}

static void append(const char *dir, const struct block_facts *blocks, size_t n)
{
    struct ledger_writer *w = writer(dir);
    struct err err;

    CHECK_OK(ledger_append(w, blocks, n, &err), err);
    ledger_writer_close(w);
}

static void cluster(const char *dir)
{
    struct clusters_updated done;
    struct ledger *l;
    struct err err;

    CHECK_OK(ledger_open(dir, &l, &err), err);
    CHECK_OK(clusters_update(l, NULL, &done, &err), err);
    ledger_close(l);
}

struct under { /* what a node has open */
    char dir[4096];
    struct live_ledgers *ledgers;
    struct live_entities *live;
    struct log *log;
};

static void under_open(struct under *u, const char *dir)
{
    const struct chain *chains[] = {chain_by_name("bitcoin"), sim()};
    const char *dirs[] = {dir};
    int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
    struct err err;

    snprintf(u->dir, sizeof(u->dir), "%s", dir);
    CHECK_OK(log_open(fd, false, &u->log, &err), err);
    CHECK_OK(live_ledgers_open(dirs, 1, &u->ledgers, &err), err);
    CHECK_OK(live_entities_open(u->ledgers, chains, 2, u->log, &u->live, &err), err);
}

static void under_close(struct under *u)
{
    live_entities_close(u->live);
    live_ledgers_close(u->ledgers);
    log_close(u->log);
}

static void tick(struct under *u) /* as a node does */
{
    struct err err;
    size_t changed;

    CHECK_OK(live_ledgers_renew(u->ledgers, &changed, &err), err);
    live_entities_tick(u->live);
    usleep(1000);
}

static struct live_entities_one told(struct under *u)
{
    struct live_entities_one one = {.chain = NULL};

    CHECK(live_entities_all(u->live, &one, 1) <= 1);
    return one;
}

static bool is_newest(struct under *u)
{
    struct clusters *c = NULL;
    struct ledger *l;
    struct err err;
    bool newest;

    CHECK_OK(ledger_open(u->dir, &l, &err), err);
    newest = clusters_open(l, &c, &err) && clusters_counts(c).blocks == ledger_counts(l).blocks;
    clusters_close(c);
    ledger_close(l);
    return newest;
}

static void until_newest(struct under *u)
{
    for (unsigned i = 0; i < ROUNDS && !is_newest(u); i++)
        tick(u);
    CHECK(is_newest(u));
}

static void check_as_in_one_go(const char *dir, const struct block_facts *blocks, size_t n)
{
    char *whole = test_dir_sub(), one[4096 + 16], other[4096 + 16];
    struct err err;

    append(whole, blocks, n);
    cluster(whole);
    snprintf(one, sizeof(one), "%s/%s", dir, CLUSTER_FOLDER);
    snprintf(other, sizeof(other), "%s/%s", whole, CLUSTER_FOLDER);
    check_same(one, other);
    CHECK_OK(clusters_check(dir, &err), err);
}

static void without_the_folder_nothing_is_made(void **state)
{
    struct under u;
    struct maker m;
    char *dir = test_dir_sub();

    (void)state;
    maker_start(&m, test_seed());
    maker_blocks(&m, 3, 10);
    append(dir, m.blocks, 2);
    under_open(&u, dir);
    append(dir, m.blocks + 2, 1);
    for (unsigned i = 0; i < 300; i++)
        tick(&u);
    CHECK(!clusters_there(dir));
    CHECK(!told(&u).chain);
    cluster(dir); /* somebody wants them now */
    for (unsigned i = 0; i < ROUNDS && told(&u).blocks != 3; i++)
        tick(&u);
    CHECK_U(told(&u).blocks, 3);
    CHECK_U(told(&u).blocks_all, 3);
    under_close(&u);
    maker_end(&m);
}

static void a_block_at_a_time(void **state)
{
    struct under u;
    struct maker m;
    char *dir = test_dir_sub();

    (void)state;
    maker_start(&m, test_seed() + 1);
    maker_blocks(&m, 8, 25);
    append(dir, m.blocks, 1);
    cluster(dir);
    under_open(&u, dir);
    for (size_t b = 1; b < m.blocks_n; b++) {
        append(dir, m.blocks + b, 1);
        until_newest(&u);
        check_as_in_one_go(dir, m.blocks, b + 1);
    }
    CHECK_U(told(&u).undone, 0);
    CHECK(!told(&u).failed);
    under_close(&u);
    maker_end(&m);
}

struct reorganised {
    const char *dir;
    const struct maker *m;
    size_t keep;
};

/* Waits for readers, as a follower's thread does. */
static void *reorganise(void *ctx)
{
    const struct reorganised *r = ctx;
    struct ledger_writer *w = writer(r->dir);
    struct err err;

    CHECK_OK(ledger_undo(w, (uint32_t)r->keep, &err), err);
    if (r->m->blocks_n > r->keep)
        CHECK_OK(ledger_append(w, r->m->blocks + r->keep, r->m->blocks_n - r->keep, &err), err);
    ledger_writer_close(w);
    return NULL;
}

static void another_branch(void **state)
{
    struct under u;
    struct maker m;
    char *dir = test_dir_sub();
    uint64_t undone = 0;

    (void)state;
    maker_start(&m, test_seed() + 2);
    maker_blocks(&m, 6, 20);
    append(dir, m.blocks, m.blocks_n);
    cluster(dir);
    under_open(&u, dir);
    for (unsigned round = 0; round < 8; round++) {
        size_t keep = 1 + test_below(&m.r, m.blocks_n - 1);
        struct reorganised r = {dir, &m, keep};
        uint64_t had = m.blocks_n;
        pthread_t thread;

        test_row("round %u: %zu blocks stay of %zu", round, keep, m.blocks_n);
        maker_drop(&m, keep);
        maker_blocks(&m, test_below(&m.r, 6), 20); /* none: it is shorter for a while */
        CHECK_U(pthread_create(&thread, NULL, reorganise, &r), 0);
        while (pthread_tryjoin_np(thread, NULL))
            tick(&u);
        until_newest(&u);
        check_as_in_one_go(dir, m.blocks, m.blocks_n);
        undone += had - keep;
        if (m.blocks_n < 4) {
            size_t before = m.blocks_n;

            maker_blocks(&m, 4, 20);
            append(dir, m.blocks + before, m.blocks_n - before);
            until_newest(&u);
        }
    }
    for (unsigned i = 0; i < ROUNDS && told(&u).undone < undone; i++)
        tick(&u);
    CHECK_U(told(&u).undone, undone);
    under_close(&u);
    maker_end(&m);
}

/* Somebody else writes them: told, and tried again. */
static void another_writer(void **state)
{
    struct under u;
    struct maker m;
    char *dir = test_dir_sub(), lock[4096 + 32];
    int fd;
    struct err err;

    (void)state;
    maker_start(&m, test_seed() + 3);
    maker_blocks(&m, 4, 15);
    append(dir, m.blocks, 2);
    cluster(dir);
    snprintf(lock, sizeof(lock), "%s/%s/lock", dir, CLUSTER_FOLDER);
    fd = open(lock, O_RDWR | O_CLOEXEC);
    CHECK_OK(lock_take(fd, LOCK_WRITER, true, false, &err), err);
    under_open(&u, dir);
    append(dir, m.blocks + 2, 2);
    for (unsigned i = 0; i < ROUNDS && !told(&u).failed; i++)
        tick(&u);
    CHECK(told(&u).failed);
    CHECK(!is_newest(&u));
    close(fd);
    until_newest(&u);
    for (unsigned i = 0; i < ROUNDS && told(&u).failed; i++)
        tick(&u);
    CHECK(!told(&u).failed);
    check_as_in_one_go(dir, m.blocks, m.blocks_n);
    under_close(&u);
    maker_end(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_the_folder_nothing_is_made),
        cmocka_unit_test(a_block_at_a_time),
        cmocka_unit_test(another_branch),
        cmocka_unit_test(another_writer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
