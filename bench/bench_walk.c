/* Reading blocks on one core, beside what the machine can do at all in the same run.
 *
 *     bench_walk BLOCKS [CHAIN]
 *
 * Prints one JSON line a figure: bytes a second, in millions, of processor time, the best of five
 * runs. Limits come first: reading memory in order, and SHA-256d over separate messages with either
 * kernel. Then the walk over the blocks of the folder, what their txids and merkle trees add, and
 * each as a share of its limit. The blocks are touched once beforehand, so the page cache is warm.
 */
#include "bench.h"

#include "chain/bitcoin/block.h"
#include "chain/bitcoin/source.h"

#include <stdio.h>
#include <stdlib.h>

enum { RUNS = 5 };

/* Limits */

struct memory {
    uint64_t *p;
    size_t n;
    volatile uint64_t sum;
};

static void read_memory(void *ctx)
{
    struct memory *m = ctx;
    uint64_t sum[4] = {0};

    for (size_t i = 0; i + 4 <= m->n; i += 4)
        for (int k = 0; k < 4; k++)
            sum[k] += m->p[i + (size_t)k];
    m->sum = sum[0] + sum[1] + sum[2] + sum[3];
}

static double memory_limit(void)
{
    struct memory m = {.n = (size_t)32 << 20};
    double mb;

    m.p = malloc(m.n * sizeof(*m.p));
    if (!m.p)
        fail("no memory");
    memset(m.p, 1, m.n * sizeof(*m.p));
    mb = (double)(m.n * sizeof(*m.p)) / 1e6 / best_of(read_memory, &m, RUNS);
    free(m.p);
    printf("{\"bench\":\"memory_read\",\"mb_s\":%.0f}\n", mb);
    return mb;
}

enum { MESSAGES = 16384 };

struct messages {
    struct hash_parts parts[MESSAGES];
    struct hash32 ids[MESSAGES];
};

static void hash_messages(void *ctx)
{
    struct messages *m = ctx;

    sha256d_parts(m->parts, MESSAGES, m->ids);
}

static double hash_limit(size_t bytes)
{
    struct messages *m = calloc(1, sizeof(*m));
    uint8_t *p = malloc(MESSAGES * bytes);
    double mb;

    if (!m || !p)
        fail("no memory");
    memset(p, 0x5a, MESSAGES * bytes);
    for (size_t i = 0; i < MESSAGES; i++)
        m->parts[i].part[0] = (struct bytes){p + i * bytes, bytes};
    mb = (double)(MESSAGES * bytes) / 1e6 / best_of(hash_messages, m, RUNS);
    free(p);
    free(m);
    printf("{\"bench\":\"sha256d\",\"kernel\":\"%s\",\"message_bytes\":%zu,\"mb_s\":%.0f}\n",
           sha256_kernel(), bytes, mb);
    return mb;
}

/* Blocks */

struct blocks {
    struct source *source;
    const struct source_block *at;
    size_t n, txs_n;
    struct block_scratch *scratch;
    struct source_buffer buffer;
    struct hash32 *tree;
    unsigned checks;
};

static void read_blocks(void *ctx)
{
    struct blocks *b = ctx;
    struct block_facts facts;
    struct bytes raw;
    struct err err;

    b->txs_n = 0;
    for (size_t i = 0; i < b->n; i++) {
        if (!source_read(b->source, i, &b->buffer, &raw, &err) ||
            !block_read(b->scratch, source_chain(b->source), raw, b->checks, &facts, &err))
            fail(err.text);
        b->txs_n += facts.txs_n;
    }
}

/* Merkle trees of as many leaves as the blocks have: what they cost beside the txids. */
static void fold_trees(void *ctx)
{
    struct blocks *b = ctx;
    size_t leaves = b->txs_n / b->n + 1;
    bool mutated;

    for (size_t i = 0; i < b->n; i++) {
        b->tree[0].b[0] ^= 1;
        merkle_fold(b->tree, leaves, &mutated);
    }
}

static void figure(const char *name, double bytes, double seconds, const char *of, double limit)
{
    double mb = bytes / 1e6 / seconds;

    printf("{\"bench\":\"%s\",\"kernel\":\"%s\",\"mb_s\":%.0f,\"of\":\"%s\",\"share\":%.2f}\n",
           name, sha256_kernel(), mb, of, mb / limit);
}

int main(int argc, char **argv)
{
    const struct chain *chain = argc > 2 ? chain_by_name(argv[2]) : NULL;
    struct blocks b = {0};
    struct err err;
    double memory, bytes, walk, merkle, all;

    if (argc < 2 || argc > 3 || (argc > 2 && !chain)) {
        fprintf(stderr, "usage: bench_walk BLOCKS [CHAIN]\n");
        return 2;
    }
    if (!source_open((const char *const *)argv + 1, 1, chain, &b.source, &err))
        fail(err.text);
    b.at = source_blocks(b.source, &b.n);
    b.scratch = block_scratch_new();
    if (!b.scratch)
        fail("no memory");
    bytes = (double)source_bytes(b.source);
    memory = memory_limit();
    b.checks = BLOCK_WALK_ONLY;
    read_blocks(&b); /* warms the page cache */
    walk = best_of(read_blocks, &b, RUNS);
    printf("{\"bench\":\"blocks\",\"blocks\":%zu,\"transactions\":%zu,\"bytes\":%.0f}\n", b.n,
           b.txs_n, bytes);
    figure("walk", bytes, walk, "memory_read", memory);
    b.tree = calloc(b.txs_n / b.n + 2, sizeof(*b.tree));
    if (!b.tree)
        fail("no memory");
    for (int openssl = 0; openssl < 2; openssl++) {
        double limit;

        sha256_force_openssl(openssl);
        hash_limit(250);
        limit = hash_limit(400);
        hash_limit(1000);
        merkle = best_of(fold_trees, &b, RUNS);
        b.checks = 0;
        all = best_of(read_blocks, &b, RUNS);
        figure("walk_txid", bytes, all - merkle, "sha256d of 400 bytes", limit);
        figure("walk_txid_merkle", bytes, all, "sha256d of 400 bytes", limit);
        b.checks = BLOCK_CHECK_FULL;
        all = best_of(read_blocks, &b, RUNS);
        figure("walk_txid_merkle_witness", bytes, all, "sha256d of 400 bytes", limit);
    }
    free(b.tree);
    block_scratch_free(b.scratch);
    source_buffer_free(&b.buffer);
    source_close(b.source);
    return 0;
}
