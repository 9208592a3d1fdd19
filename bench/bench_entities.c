/* Clusters of a ledger: made from the first block on, and brought up to date by a block.
 *
 *     bench_entities LEDGER BLOCKS
 *
 * BLOCKS is the folder that the ledger was made from: its newest block is undone and comes again
 * some times. Prints one JSON line a figure. Time is processor time of all threads, and wall time
 * where the disk counts. */
#include "bench.h"

#include "entity/cluster.h"
#include "entity/cluster_update.h"
#include "ledger/ingest.h"
#include "ledger/writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

enum { RUNS = 5 };

struct took {
    double cpu, wall;
};

static struct took update(const char *dir)
{
    struct clusters_updated done;
    struct ledger *l;
    struct took t;
    struct err err;

    if (!ledger_open(dir, &l, &err))
        fail(err.text);
    t = (struct took){seconds_of(CLOCK_PROCESS_CPUTIME_ID), seconds_of(CLOCK_MONOTONIC)};
    if (!clusters_update(l, NULL, &done, &err))
        fail(err.text);
    t = (struct took){seconds_of(CLOCK_PROCESS_CPUTIME_ID) - t.cpu,
                      seconds_of(CLOCK_MONOTONIC) - t.wall};
    ledger_close(l);
    return t;
}

static struct took best(struct took a, struct took b)
{
    return (struct took){a.cpu < b.cpu ? a.cpu : b.cpu, a.wall < b.wall ? a.wall : b.wall};
}

/* From the first block on. */
static void build(const char *dir)
{
    struct took t = {1e9, 1e9};
    struct clusters_counts n;
    struct ledger_counts all;
    struct clusters *c = NULL;
    struct rusage use;
    struct ledger *l;
    struct err err;

    for (int i = 0; i < RUNS; i++) {
        if (!clusters_remove(dir, &err) && err.class != ERR_NOT_FOUND)
            fail(err.text);
        t = best(t, update(dir));
    }
    getrusage(RUSAGE_SELF, &use);
    if (!ledger_open(dir, &l, &err) || !clusters_open(l, &c, &err))
        fail(err.text);
    n = clusters_counts(c);
    all = ledger_counts(l);
    printf("{\"figure\":\"entities.build\",\"transactions\":%llu,\"inputs\":%llu,\"addresses\":%u,"
           "\"merges\":%u,\"coinjoins\":%u,\"cpu_s\":%.3f,\"wall_s\":%.3f,"
           "\"transactions_per_s\":%.0f,\"bytes\":%llu,\"bytes_per_address\":%.1f,"
           "\"peak_rss_kb\":%ld}\n",
           (unsigned long long)all.transactions, (unsigned long long)all.inputs, n.scripts,
           n.merges, n.coinjoins, t.cpu, t.wall, (double)all.transactions / t.cpu,
           (unsigned long long)n.bytes, (double)n.bytes / n.scripts, use.ru_maxrss);
    clusters_close(c);
    ledger_close(l);
}

/* The newest block leaves, and comes again. */
static void increment(const char *dir, const char *blocks, const struct chain *chain)
{
    struct took back = {1e9, 1e9}, on = {1e9, 1e9};
    uint32_t n = 0;

    for (int i = 0; i < RUNS; i++) {
        struct ledger_options o = {.memory = LEDGER_MEMORY_MIN, .threads = 1};
        struct ingest_options in = {
            .chain = chain, .paths = &blocks, .paths_n = 1, .ledger = {.threads = 1}};
        struct ingest_result result;
        struct ledger_writer *w;
        struct err err;

        if (!ledger_writer_open(dir, chain, o, &w, &err))
            fail(err.text);
        n = ledger_writer_blocks(w);
        if (!ledger_undo(w, n - 1, &err))
            fail(err.text);
        ledger_writer_close(w);
        back = best(back, update(dir));
        if (!ingest(dir, &in, &result, &err) || result.added != 1)
            fail("the newest block does not come again");
        on = best(on, update(dir));
    }
    printf("{\"figure\":\"entities.block\",\"blocks\":%u,\"cpu_ms\":%.2f,\"wall_ms\":%.2f}\n", n,
           1e3 * on.cpu, 1e3 * on.wall);
    printf("{\"figure\":\"entities.block_undone\",\"cpu_ms\":%.2f,\"wall_ms\":%.2f}\n",
           1e3 * back.cpu, 1e3 * back.wall);
}

int main(int argc, char **argv)
{
    const struct chain *chain;
    struct ledger *l;
    struct err err;

    if (argc != 3)
        fail("LEDGER and BLOCKS are wanted");
    if (!ledger_open(argv[1], &l, &err))
        fail(err.text);
    chain = ledger_chain(l);
    ledger_close(l);
    build(argv[1]);
    increment(argv[1], argv[2], chain);
    return 0;
}
