/* How long a person waits: from the start of the program to the first byte and to the last, for
 * each kind of question, on a ledger that bench_ledger made; and for an address with a million
 * outputs, on a ledger made for it.
 *
 *     bench_program CORDON LEDGER WORLD MANY
 *
 * WORLD is the folder of cordon sim that LEDGER was made of; MANY is a folder that is made anew.
 * Prints a JSON line a question: the best and the median of RUNS. */
#include "bench.h"

#include "chain/bitcoin/script.h"
#include "ledger/ledger.h"
#include "ledger/writer.h"

#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RUNS 21
#define MANY_BLOCKS 1000
#define MANY_OUTPUTS 1000 /* in a block, of one transaction, all to one address */
#define MEMORY ((uint64_t)512 << 20)

static double wall_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

struct waited {
    double first, last;
    size_t bytes;
};

static struct waited once(const char *const *words)
{
    static char buffer[1 << 16];
    posix_spawn_file_actions_t files;
    struct waited w = {0, 0, 0};
    double start;
    ssize_t n;
    int out[2], status;
    pid_t pid;

    if (pipe2(out, O_CLOEXEC) || posix_spawn_file_actions_init(&files) ||
        posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO))
        fail("pipe");
    start = wall_ms();
    if (posix_spawn(&pid, words[0], &files, NULL, (char *const *)words, environ))
        fail(words[0]);
    close(out[1]);
    while ((n = read(out[0], buffer, sizeof(buffer))) > 0) {
        if (!w.bytes)
            w.first = wall_ms() - start;
        w.bytes += (size_t)n;
    }
    w.last = wall_ms() - start;
    close(out[0]);
    posix_spawn_file_actions_destroy(&files);
    if (waitpid(pid, &status, 0) != pid || status)
        fail("the program ended with an error");
    return w;
}

static int by_value(const void *x, const void *y)
{
    const double *a = x, *b = y;

    return (*a > *b) - (*a < *b);
}

static void ask(const char *what, const char *const *words)
{
    double first[RUNS], last[RUNS];
    struct waited w;

    for (int i = 0; i < RUNS; i++) {
        w = once(words);
        first[i] = w.first;
        last[i] = w.last;
    }
    qsort(first, RUNS, sizeof(*first), by_value);
    qsort(last, RUNS, sizeof(*last), by_value);
    printf("{\"bench\":\"program.%s\",\"first_ms\":%.2f,\"first_median_ms\":%.2f,\"last_ms\":%.2f,"
           "\"last_median_ms\":%.2f,\"bytes\":%zu}\n",
           what, first[0], first[RUNS / 2], last[0], last[RUNS / 2], w.bytes);
    fflush(stdout);
}

/* A transaction and an address in the middle of the ledger. */
static void any_of(const char *dir, char txid[65], char address[ADDRESS_BYTES_MAX])
{
    struct ledger *l;
    struct hash32 id;
    struct err err;
    uint32_t tx;

    if (!ledger_open(dir, &l, &err))
        fail(err.text);
    tx = (uint32_t)(ledger_counts(l).transactions / 2);
    id = ledger_txid(l, tx);
    for (unsigned i = 0; i < 32; i++)
        snprintf(txid + (size_t)2 * i, 3, "%02x", id.b[31 - i]);
    for (uint64_t o = coins_outputs(ledger_coins(l), tx).first;; o++) {
        uint8_t buffer[SCRIPT_FORM_MAX];
        struct bytes script;

        if (!ledger_script(l, ledger_script_of(l, o), buffer, &script))
            fail("no address in the ledger");
        if (address_of_script(ledger_chain(l), script, address))
            break;
    }
    ledger_close(l);
}

static void to_hash(struct hash32 *h, uint64_t n)
{
    memset(h, 0, sizeof(*h));
    store_le64(h->b, n);
    *h = sha256d(h->b, sizeof(h->b));
}

static void make_many(const char *dir, char address[ADDRESS_BYTES_MAX])
{
    static struct fact_output outputs[MANY_OUTPUTS];
    static const uint8_t script[22] = {0, 20, 1, 2, 3};
    const struct chain *chain = chain_by_name("bitcoin:sim");
    struct ledger_writer *w;
    struct hash32 txid, last = {{0}};
    uint32_t ins = 0, outs = MANY_OUTPUTS;
    struct err err;

    for (uint32_t i = 0; i < MANY_OUTPUTS; i++)
        outputs[i] = (struct fact_output){i + 1, {script, sizeof(script)}};
    if (!ledger_writer_open(dir, chain, (struct ledger_options){MEMORY, 2}, &w, &err))
        fail(err.text);
    for (uint32_t b = 0; b < MANY_BLOCKS; b++) {
        struct block_facts f = {.height = b ? HEIGHT_UNKNOWN : 0,
                                .prev = last,
                                .time = 1700000000 + b * 600,
                                .size = 35000,
                                .txs_n = 1,
                                .outputs_n = MANY_OUTPUTS,
                                .txids = &txid,
                                .tx_inputs_n = &ins,
                                .tx_outputs_n = &outs,
                                .outputs = outputs};

        to_hash(&txid, b);
        memcpy(f.header + 4, last.b, sizeof(last.b));
        store_le32(f.header + 68, f.time);
        f.hash = last = sha256d(f.header, sizeof(f.header));
        if (!ledger_append(w, &f, 1, &err))
            fail(err.text);
    }
    ledger_writer_close(w);
    if (!address_of_script(chain, (struct bytes){script, sizeof(script)}, address))
        fail("address");
}

int main(int argc, char **argv)
{
    char txid[65], address[ADDRESS_BYTES_MAX], many[ADDRESS_BYTES_MAX], theft[PATH_MAX];

    if (argc < 5)
        fail("CORDON LEDGER WORLD MANY");
    any_of(argv[2], txid, address);
    snprintf(theft, sizeof(theft), "%s/cases/THEFT-1.json", argv[3]);
    ask("version", (const char *[]){argv[1], "--version", NULL});
    ask("info", (const char *[]){argv[1], "info", "--ledger", argv[2], NULL});
    ask("tx", (const char *[]){argv[1], "tx", txid, "--ledger", argv[2], NULL});
    ask("address", (const char *[]){argv[1], "address", address, "--ledger", argv[2], NULL});
    ask("trace", (const char *[]){argv[1], "trace", theft, "--ledger", argv[2], NULL});
    make_many(argv[4], many);
    ask("address-many", (const char *[]){argv[1], "address", many, "--ledger", argv[4], NULL});
    ask("address-many-json",
        (const char *[]){argv[1], "address", many, "--ledger", argv[4], "--format", "json", NULL});
    return 0;
}
