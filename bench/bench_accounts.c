/* From parsed facts of an account chain to a durable ledger: what the ledger's part of an ingest
 * takes, and how large it is.
 *
 *     bench_accounts LEDGER TRANSFERS [MEMORY [THREADS]]
 *
 * The chain is made up: transactions have a fee, a value or not, and one or two token transfers;
 * accounts come again as on real chains (few of them in most transfers, one end in 24 new). Making
 * the facts is timed by itself, on the same thread, and left out of the rate. Prints one JSON line
 * a figure. LEDGER is made anew. */
#include "bench.h"

#include "ledger/account_ingest.h"
#include "ledger/account_ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#define BLOCK_TXS 150u
#define TX_TRANSFERS_MAX 4u
#define ASSETS 4096u

struct maker {
    uint64_t state, accounts, transfers, transfers_max;
    uint32_t height;
    struct hash32 prev;
    double making;
    struct fact_tx txs[BLOCK_TXS];
    struct fact_transfer transfers_of[BLOCK_TXS * TX_TRANSFERS_MAX];
    uint8_t keys[BLOCK_TXS * TX_TRANSFERS_MAX * 3][20];
    size_t keys_n;
};

static struct bytes key_of(struct maker *m, uint64_t number)
{
    uint8_t *p = m->keys[m->keys_n++];
    uint64_t z = (number + 1) * 0xd6e8feb86659fd93;

    for (size_t i = 0; i < 20; i += 4, z = (z ^ z >> 32) * 0xd6e8feb86659fd93) {
        uint32_t word = (uint32_t)(z >> 32);

        memcpy(p + i, &word, 4);
    }
    return (struct bytes){p, 20};
}

/* A third of all ends are one of 64 services, one in 24 new, half lately seen, the rest anybody. */
static struct bytes account(struct maker *m)
{
    uint64_t r = mix(&m->state), which = r % 24, wide = m->accounts + 1;

    if (which < 8)
        return key_of(m, ASSETS + (r >> 8) % 64);
    if (which < 9)
        return key_of(m, ASSETS + 64 + m->accounts++);
    if (which < 21 && wide > 50000)
        return key_of(m, ASSETS + 64 + m->accounts - 1 - (r >> 8) % 50000);
    return key_of(m, ASSETS + 64 + (r >> 8) % wide);
}

static struct bytes asset(struct maker *m)
{
    uint64_t r = mix(&m->state);

    return key_of(m, r % 16 ? (r >> 8) % 8 : (r >> 8) % ASSETS);
}

static bool make(void *self, struct transfer_block *ret, bool *ret_end, struct err *err)
{
    struct maker *m = self;
    double start = seconds_of(CLOCK_MONOTONIC);
    size_t n = 0;

    *ret_end = m->transfers >= m->transfers_max;
    if (*ret_end)
        return true;
    m->keys_n = 0;
    for (size_t i = 0; i < BLOCK_TXS; i++) {
        struct fact_tx *tx = &m->txs[i];
        uint64_t r = mix(&m->state);
        struct bytes from = account(m);

        *tx = (struct fact_tx){.transfers = &m->transfers_of[n]};
        for (size_t k = 0; k < 4; k++)
            store_le64(tx->hash.b + 8 * k, mix(&m->state));
        m->transfers_of[n++] = (struct fact_transfer){.kind = TRANSFER_FEE,
                                                      .from = from,
                                                      .to = key_of(m, 0),
                                                      .amount = u256_of(r >> 20),
                                                      .credit = u256_of(r >> 24)};
        if (r & 1)
            m->transfers_of[n++] =
                (struct fact_transfer){.kind = TRANSFER_VALUE,
                                       .from = from,
                                       .to = account(m),
                                       .amount = {{mix(&m->state), r & 0xff, 0, 0}}};
        for (uint32_t k = 0; k < (r >> 1) % 3; k++)
            m->transfers_of[n++] = (struct fact_transfer){.kind = TRANSFER_LOG,
                                                          .position = k,
                                                          .from = k ? account(m) : from,
                                                          .to = account(m),
                                                          .asset = asset(m),
                                                          .amount = u256_of(mix(&m->state))};
        tx->transfers_n = (size_t)(&m->transfers_of[n] - tx->transfers);
    }
    m->transfers += n;
    *ret = (struct transfer_block){.prev = m->prev,
                                   .height = m->height++,
                                   .time = 1438269973 + (uint64_t)m->height * 12,
                                   .txs = m->txs,
                                   .txs_n = BLOCK_TXS};
    for (size_t k = 0; k < 4; k++)
        store_le64(ret->hash.b + 8 * k, mix(&m->state));
    m->prev = ret->hash;
    m->making += seconds_of(CLOCK_MONOTONIC) - start;
    return true;
}

int main(int argc, char **argv)
{
    static struct maker m = {.state = 1};
    struct transfer_source source = {.next = make, .self = &m};
    struct account_ingest_options o = {.ledger.threads = argc > 4 ? (unsigned)atoi(argv[4]) : 0};
    struct account_ingest_result r;
    struct account_ledger_counts n;
    struct account_ledger *l;
    struct rusage usage;
    struct err err;
    double wall = seconds_of(CLOCK_MONOTONIC), cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID), lookups;

    if (argc < 3) {
        fprintf(stderr, "usage: bench_accounts LEDGER TRANSFERS [MEMORY [THREADS]]\n");
        return 2;
    }
    m.transfers_max = strtoull(argv[2], NULL, 10);
    o.ledger.memory = argc > 3 ? strtoull(argv[3], NULL, 10) : 0;
    if (!account_ingest(argv[1], chain_by_name("ethereum"), &source, &o, &r, &err) ||
        !account_ledger_open(argv[1], &l, &err)) {
        fprintf(stderr, "bench_accounts: %s\n", err.text);
        return 1;
    }
    wall = seconds_of(CLOCK_MONOTONIC) - wall;
    cpu = seconds_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
    getrusage(RUSAGE_SELF, &usage);
    n = account_ledger_counts(l);
    printf("{\"bench\":\"accounts.ingest\",\"transfers\":%llu,\"wall_s\":%.3f,\"making_s\":%.3f,"
           "\"cpu_s\":%.3f,\"transfers_per_s\":%.0f,\"transfers_per_cpu_s\":%.0f,\"rss_mb\":%ld}\n",
           (unsigned long long)n.transfers, wall, m.making, cpu,
           (double)n.transfers / (wall - m.making), (double)n.transfers / (cpu - m.making),
           usage.ru_maxrss >> 10);
    printf("{\"bench\":\"accounts.size\",\"transactions\":%llu,\"accounts\":%llu,\"holdings\":%llu,"
           "\"bytes\":%llu,\"allowed\":%llu}\n",
           (unsigned long long)n.transactions, (unsigned long long)n.accounts,
           (unsigned long long)n.holdings, (unsigned long long)n.bytes,
           (unsigned long long)(64 * n.transfers + 40 * n.transactions));
    lookups = seconds_of(CLOCK_MONOTONIC);
    for (uint64_t i = 0; i < 100000; i++) {
        m.keys_n = 0;
        if (account_ledger_find(
                l, key_of(&m, ASSETS + 64 + mix(&m.state) % (m.accounts + !m.accounts))) ==
            ACCOUNTS_NONE) {
            fprintf(stderr, "bench_accounts: an account is missing\n");
            return 1;
        }
    }
    lookups = seconds_of(CLOCK_MONOTONIC) - lookups;
    printf("{\"bench\":\"accounts.find\",\"us\":%.2f}\n", lookups * 10);
    account_ledger_close(l);
    return 0;
}
