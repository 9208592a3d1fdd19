/* How fast tables of ethereum-etl become facts: token transfers alone, made here, in CSV.
 *
 *     bench_etl [ROWS [FILE]]
 *
 * Prints a JSON line: rows, bytes, and seconds of the processor for opening (which reads the block
 * numbers) and for telling all blocks, on one core. With FILE the table is written there, for an
 * ingest to be measured with. */
#include "bench.h"

#include "base/text.h"
#include "chain/evm/etl.h"

#include <stdio.h>
#include <stdlib.h>

#define ROWS 2000000u
#define ROWS_A_BLOCK 300
#define ROW_BYTES_MAX 400

static size_t key(char *to, uint64_t seed, unsigned words)
{
    size_t n = (size_t)sprintf(to, "0x");

    for (unsigned i = 0; i < words; i++)
        n += (size_t)sprintf(to + n, "%08x", (unsigned)mix(&seed));
    return n;
}

static size_t table(char *to, size_t rows)
{
    size_t n = (size_t)sprintf(to, "token_address,from_address,to_address,value,transaction_hash,"
                                   "log_index,block_number,block_timestamp\n");
    uint64_t s = 1;

    for (size_t i = 0; i < rows; i++) {
        n += key(to + n, mix(&s) % 500, 5);
        to[n++] = ',';
        n += key(to + n, 1000 + mix(&s) % 1000000, 5);
        to[n++] = ',';
        n += key(to + n, 1000 + mix(&s) % 1000000, 5);
        n += (size_t)sprintf(to + n, ",%llu,", (unsigned long long)mix(&s));
        n += key(to + n, (uint64_t)2 << 32 | i / 2, 8);
        n += (size_t)sprintf(to + n, ",%zu,%zu,%zu\n", i % ROWS_A_BLOCK,
                             14000000 + i / ROWS_A_BLOCK, 1650000000 + 12 * (i / ROWS_A_BLOCK));
    }
    return n;
}

/* Opens the table and tells all of it. */
static int measure(struct etl_file file, size_t rows)
{
    struct transfer_source s;
    struct transfer_block b;
    struct err err;
    double start = cpu(), opened, done;
    size_t told = 0;
    bool end = false;

    if (!etl_from(&file, 1, chain_by_name("ethereum"), &s, &err)) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    opened = cpu();
    while (!end) {
        if (!s.next(s.self, &b, &end, &err)) {
            fprintf(stderr, "%s\n", err.text);
            s.free(s.self);
            return 1;
        }
        for (size_t i = 0; !end && i < b.txs_n; i++)
            told += b.txs[i].transfers_n;
    }
    done = cpu();
    s.free(s.self);
    printf("{\"bench\":\"etl\",\"rows\":%zu,\"told\":%zu,\"bytes\":%zu,\"open_s\":%.3f,"
           "\"tell_s\":%.3f,\"rows_a_second\":%.0f}\n",
           rows, told, file.in.n, opened - start, done - opened, (double)rows / (done - start));
    return 0;
}

static bool write_table(const char *path, struct bytes in)
{
    FILE *f = fopen(path, "wb");
    bool ok = f && fwrite(in.p, 1, in.n, f) == in.n;

    ok = f && !fclose(f) && ok;
    if (!ok)
        perror(path);
    return ok;
}

int main(int argc, char **argv)
{
    size_t rows = argc > 1 ? strtoul(argv[1], NULL, 10) : ROWS;
    char *text = malloc(rows * ROW_BYTES_MAX + ROW_BYTES_MAX);
    struct etl_file file = {"made", {(const uint8_t *)text, 0}};
    int failed = 1;

    if (!text)
        return 1;
    file.in.n = table(text, rows);
    if (argc < 3 || write_table(argv[2], file.in))
        failed = measure(file, rows);
    free(text);
    return failed;
}
