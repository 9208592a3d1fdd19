/* Ingest from block files to a durable ledger, and look-ups in it, beside what the disk does in the
 * same run.
 *
 *     bench_ledger BLOCKS LEDGER [MEMORY [THREADS [full]]]
 *
 * Prints one JSON line a figure. LEDGER is made anew. CPU seconds are of all threads, user and
 * system. */
#include "bench.h"

#include "base/text.h"
#include "chain/bitcoin/block.h"
#include "ledger/coins_columns.h"
#include "ledger/ingest.h"
#include "ledger/ledger.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static long rss_mb(void)
{
    struct rusage r;

    getrusage(RUSAGE_SELF, &r);
    return r.ru_maxrss >> 10;
}

/* What the disk takes in MB/s, durable, in the ledger's own folder: the limit of the write half. */
static double disk_limit(const char *dir)
{
    enum { MB = 400 };
    char path[PATH_MAX];
    uint8_t *p = malloc(1 << 20);
    double start = wall();
    int fd;

    snprintf(path, sizeof(path), "%s.disk", dir);
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || !p)
        fail(path);
    for (unsigned i = 0; i < MB; i++) {
        for (size_t k = 0; k < 1 << 20; k++)
            p[k] = (uint8_t)(k * 31 + i);
        if (write(fd, p, 1 << 20) != 1 << 20)
            fail("disk");
    }
    fdatasync(fd);
    start = MB * 1.048576 / (wall() - start);
    printf("{\"bench\":\"limit.disk-write\",\"mb_per_s\":%.0f}\n", start);
    close(fd);
    unlink(path);
    free(p);
    return start;
}

static uint64_t sum_bytes(const char *dir)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < COLUMNS_N; i++) {
        char path[PATH_MAX];
        struct stat st;

        snprintf(path, sizeof(path), "%s/%s", dir, coins_shape.columns[i].name);
        if (stat(path, &st))
            continue;
        printf("{\"bench\":\"size.%s\",\"bytes\":%lld}\n", coins_shape.columns[i].name,
               (long long)st.st_size);
        sum += (uint64_t)st.st_size;
    }
    return sum;
}

static void lookups(struct ledger *l)
{
    enum { N = 200000 };
    struct ledger_counts n = ledger_counts(l);
    uint64_t x = 88172645463325252u, found = 0;
    double start = wall();

    for (unsigned i = 0; i < N; i++) {
        struct hash32 id;

        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        id = ledger_txid(l, (uint32_t)(x % n.transactions));
        found += ledger_find_tx(l, &id) != COINS_TX_NONE;
    }
    printf("{\"bench\":\"lookup.txid\",\"us\":%.2f,\"found\":%llu}\n", (wall() - start) * 1e6 / N,
           (unsigned long long)found);
    start = wall();
    for (unsigned i = 0; i < N; i++) {
        uint8_t buffer[SCRIPT_FORM_MAX];
        struct bytes script;

        x ^= x << 13, x ^= x >> 7, x ^= x << 17;
        if (ledger_script(l, (uint32_t)(x % n.scripts), buffer, &script))
            found += ledger_find_script(l, script) != SCRIPT_NONE;
    }
    printf("{\"bench\":\"lookup.script\",\"us\":%.2f,\"found\":%llu}\n", (wall() - start) * 1e6 / N,
           (unsigned long long)found);
}

int main(int argc, char **argv)
{
    const char *paths[1] = {argc > 1 ? argv[1] : NULL};
    struct ingest_options o = {.paths = paths, .paths_n = 1};
    struct ingest_result r;
    struct ledger *l;
    struct err err;
    double w, c, bytes, disk;

    if (argc < 3)
        fail("BLOCKS LEDGER [MEMORY [THREADS [full]]]");
    if (argc > 3 && !size_from_text(argv[3], &o.ledger.memory))
        fail("MEMORY");
    o.ledger.threads = argc > 4 ? (unsigned)atoi(argv[4]) : 0;
    o.checks = argc > 5 ? BLOCK_CHECK_FULL : 0;
    disk = disk_limit(argv[2]);
    w = wall();
    c = cpu();
    if (!ingest(argv[2], &o, &r, &err))
        fail(err.text);
    w = wall() - w;
    c = cpu() - c;
    if (!ledger_open(argv[2], &l, &err))
        fail(err.text);
    bytes = 0;
    for (uint32_t i = 0; i < ledger_counts(l).blocks; i++)
        bytes += ledger_block(l, i).size;
    printf("{\"bench\":\"ingest%s\",\"mb\":%.0f,\"wall_s\":%.3f,\"cpu_s\":%.3f,\"mb_per_s\":%.0f,"
           "\"mb_per_core_s\":%.0f,\"rss_mb\":%ld,\"of\":\"limit.disk-write\",\"share\":%.2f}\n",
           o.checks ? "-full" : "", bytes / 1e6, w, c, bytes / 1e6 / w, bytes / 1e6 / c, rss_mb(),
           (double)ledger_counts(l).bytes / 1e6 / w / disk);
    sum_bytes(argv[2]);
    printf("{\"bench\":\"size\",\"bytes_per_tx\":%.1f}\n",
           (double)ledger_counts(l).bytes / (double)ledger_counts(l).transactions);
    lookups(l);
    ledger_close(l);
    return 0;
}
