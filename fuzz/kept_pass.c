/* The note of where its ledger stood in a kept pass over a small ledger of accounts, patched by the
 * input and summed up anew: what is loaded fits the ledger, is brought to its end, and then says
 * what a pass from the beginning says.
 * Input: records of {offset in the note, byte}. */
#include "ledger/account_writer.h"
#include "ledger/format.h"
#include "screen/exposure_file.h"
#include "screen/screen_ledger.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BLOCKS 6
#define TXS 4 /* of each block */
#define PEOPLE 5
#define FILE_BYTES_MAX 65536
#define NOTE_AT offsetof(struct exposure_file_head, note)
#define HEAD_SUM_AT offsetof(struct exposure_file_head, sum)

static char dir[64], path[80];
static struct screen_labels *labels;
static struct trace_ledger ledger;
static struct screen_as_of whole;
static uint8_t was[FILE_BYTES_MAX];
static size_t was_n;

static void make_ledger(void)
{
    static uint8_t people[PEOPLE][20];
    static struct fact_transfer transfers[BLOCKS][TXS];
    static struct fact_tx txs[BLOCKS][TXS];
    struct transfer_block blocks[BLOCKS] = {{.height = 0}};
    struct ledger_options o = {.memory = LEDGER_MEMORY_MIN, .threads = 1};
    struct account_ledger_writer *w;
    struct account_ledger *l;
    struct err err;

    for (unsigned i = 0; i < PEOPLE; i++)
        people[i][0] = (uint8_t)(i + 1);
    for (unsigned b = 0; b < BLOCKS; b++) {
        for (unsigned t = 0; t < TXS; t++) {
            unsigned n = b * TXS + t;

            transfers[b][t] = (struct fact_transfer){'v', .from = {people[n % PEOPLE], 20},
                                                     .to = {people[(2 * n + 1) % PEOPLE], 20},
                                                     .amount = u256_of(n + 1)};
            txs[b][t] = (struct fact_tx){
                .hash = {{(uint8_t)(n + 1)}}, .transfers = &transfers[b][t], .transfers_n = 1};
        }
        blocks[b] = (struct transfer_block){.hash = {{(uint8_t)(b + 1)}},
                                            .prev = {{(uint8_t)b}},
                                            .height = b,
                                            .time = 10 * b,
                                            .txs = txs[b],
                                            .txs_n = TXS};
    }
    if (!mkdtemp(dir) || !account_ledger_writer_open(dir, chain_by_name("ethereum"), o, &w, &err) ||
        !account_ledger_append(w, blocks, BLOCKS, &err))
        abort();
    account_ledger_writer_close(w);
    if (!account_ledger_open(dir, &l, &err))
        abort();
    ledger.accounts = l;
}

static void add_all(struct screen_ledger *x)
{
    struct err err;
    bool more = true;

    while (more)
        assert(screen_ledger_add(x, &ledger, 3, &more, &err));
}

static void end(void)
{
    char command[128];

    snprintf(command, sizeof(command), "rm -rf %s", dir);
    if (system(command))
        fprintf(stderr, "%s stays\n", dir);
}

/* Saved within a block. */
static void start(void)
{
    static struct screener *s; /* for as long as the labels */
    struct screener_options o = {.names = false};
    struct screen_ledger *x;
    struct err err;
    bool more;
    int fd;
    ssize_t n;

    snprintf(dir, sizeof(dir), "/tmp/cordon-fuzz-XXXXXX");
    make_ledger();
    atexit(end);
    snprintf(path, sizeof(path), "%s/pass", dir);
    if (!screener_open(&o, &s, &err) || !screen_labels_make(s, path, dir, &labels, &err) ||
        !screen_ledger_new(labels, &ledger, &x, &err) ||
        !screen_ledger_add(x, &ledger, 2 * TXS + 1, &more, &err) ||
        !screen_ledger_save(x, path, &err))
        abort();
    add_all(x);
    whole = screen_ledger_as_of(x);
    screen_ledger_free(x);
    fd = open(path, O_RDONLY);
    n = fd >= 0 ? read(fd, was, sizeof(was)) : -1;
    if (n < (ssize_t)sizeof(struct exposure_file_head))
        abort();
    close(fd);
    was_n = (size_t)n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t now[FILE_BYTES_MAX];
    struct screen_ledger *x;
    struct screen_as_of as_of;
    struct err err;
    int fd;

    if (!was_n)
        start();
    memcpy(now, was, was_n);
    for (size_t at = 0; at + 2 <= size; at += 2)
        now[NOTE_AT + data[at] % sizeof(struct exposure_note)] = data[at + 1];
    store_le64(now + HEAD_SUM_AT, column_sum(0, now, HEAD_SUM_AT));
    store_le64(now + was_n - 8, column_sum(0, now, was_n - 8));
    fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd < 0 || write(fd, now, was_n) != (ssize_t)was_n)
        abort();
    close(fd);
    if (!screen_ledger_load(labels, &ledger, path, &x, &err))
        return 0;
    assert(screen_ledger_fits(x, &ledger));
    add_all(x);
    as_of = screen_ledger_as_of(x);
    assert(as_of.any && as_of.height == whole.height && as_of.time == whole.time &&
           hash32_equal(&as_of.block, &whole.block));
    assert(screen_ledger_counts(x).blocks == BLOCKS && screen_ledger_counts(x).txs == BLOCKS * TXS);
    screen_ledger_free(x);
    return 0;
}
