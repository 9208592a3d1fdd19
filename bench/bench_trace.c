/* How fast the engine is, without a ledger on disk: a world of coins in memory of today's shape
 * (2.2 inputs and 2.8 outputs a transaction), traced under each policy. Prints a JSON line a
 * figure, and the machine's rate of random reads in the same run, since a trace is little else.
 *
 *     bench_trace [TRANSACTIONS [ORIGINS [POLICY]]] */
#include "bench.h"

#include "trace/trace.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define TXS 3600000
#define ORIGINS 1000
#define COINBASES 4000
#define SMALL_OUTPUTS 290600 /* of which poison reaches 277,000 */
#define COINBASE_VALUE 5000000000u
#define ROUNDS 3

struct build {
    uint8_t *tx_first, *out_value, *out_spent, *in_source;
    uint64_t *unspent, txs_n, outputs_n, inputs_n, unspent_n;
};

static void pay(struct build *b, uint64_t value)
{
    store_le64(b->out_value + b->outputs_n * 8, value);
    b->unspent[b->unspent_n++] = b->outputs_n++;
}

/* Half of what is spent is among the newest thousand outputs, as on real chains; the rest is
 * any. */
static uint64_t spend(struct build *b)
{
    uint64_t newest = b->unspent_n < 1000 ? b->unspent_n : 1000;
    uint64_t i = below(2) ? b->unspent_n - 1 - below(newest) : below(b->unspent_n),
             output = b->unspent[i];

    b->unspent[i] = b->unspent[--b->unspent_n];
    store_le40(b->in_source + b->inputs_n++ * ID_BYTES, output);
    store_le32(b->out_spent + output * 4, (uint32_t)b->txs_n + 1);
    return load_le64(b->out_value + output * 8);
}

static void one_tx(struct build *b)
{
    static const uint8_t ins[10] = {1, 1, 1, 1, 1, 2, 2, 3, 4, 6},
                         outs[10] = {2, 2, 2, 2, 2, 2, 2, 3, 3, 8};
    uint64_t left = 0, ins_n = ins[below(10)], outs_n = outs[below(10)], fee;

    store_le40(b->tx_first + b->txs_n * TX_FIRST_BYTES, b->outputs_n);
    store_le40(b->tx_first + b->txs_n * TX_FIRST_BYTES + ID_BYTES, b->inputs_n);
    if (b->txs_n < COINBASES || b->unspent_n < 2000) {
        pay(b, COINBASE_VALUE);
        b->txs_n++;
        return;
    }
    while (ins_n--)
        left += spend(b);
    fee = left / 100000;
    left -= fee;
    while (--outs_n) {
        uint64_t value = below(left + 1);

        pay(b, value);
        left -= value;
    }
    pay(b, left);
    b->txs_n++;
}

static struct coins build(uint64_t txs_n)
{
    struct build b = {take(txs_n * TX_FIRST_BYTES + 8),
                      take(txs_n * 8 * 8),
                      take(txs_n * 8 * 4),
                      take(txs_n * 6 * ID_BYTES + 8),
                      take(txs_n * 8 * 8),
                      0,
                      0,
                      0,
                      0};

    while (b.txs_n < txs_n)
        one_tx(&b);
    free(b.unspent);
    return (struct coins){b.txs_n,     b.outputs_n, b.inputs_n,  0,   b.tx_first,
                          b.out_value, b.out_spent, b.in_source, NULL};
}

static void one_policy(const struct coins *coins, const uint64_t *origins, size_t origins_n,
                       enum trace_policy policy, double reads, const char *what)
{
    struct trace_case ask = {
        .origins = origins, .origins_n = origins_n, .policy = policy, .hops_max = TRACE_HOPS_NONE};
    double best = 1e9;
    struct trace t;
    struct err err;
    uint64_t txs = 0;

    for (int round = 0; round < ROUNDS; round++) {
        struct arena *a = arena_new(NULL, (size_t)8 << 30);
        double begin = cpu();

        if (!a || !trace_forward(a, coins, &ask, 1, &t, &err)) {
            fprintf(stderr, "%s\n", err.text);
            exit(4);
        }
        begin = cpu() - begin;
        best = begin < best ? begin : best;
        if (round + 1 == ROUNDS) {
            uint32_t held = 0;

            for (size_t i = 0; i < t.reached_n; i++)
                held += t.reached[i].spent_by == COINS_TX_NONE;
            txs = held;
        }
        arena_free(a);
    }
    printf("{\"bench\":\"trace\",\"what\":\"%s\",\"policy\":\"%s\",\"origins\":%zu,\"reached\":%zu,"
           "\"unspent\":%" PRIu64 ",\"ms\":%.2f,\"reached_per_s\":%.0f,\"reads_a_reached\":%.2f}\n",
           what, trace_policy_name(policy), origins_n, t.reached_n, txs, best * 1e3,
           (double)t.reached_n / best, reads * 1e6 * best / (double)t.reached_n);
    fflush(stdout);
}

/* The world as it was when it had so many outputs: what a reader's snapshot is. */
static struct coins young(const struct coins *coins, uint64_t outputs_n)
{
    struct coins c = *coins;

    c.txs_n = coins_maker(coins, outputs_n);
    c.outputs_n = coins_outputs(coins, (uint32_t)c.txs_n).first;
    c.inputs_n = coins_inputs(coins, (uint32_t)c.txs_n).first;
    return c;
}

int main(int argc, char **argv)
{
    uint64_t txs_n = argc > 1 ? strtoull(argv[1], NULL, 10) : TXS;
    size_t origins_n = argc > 2 ? strtoull(argv[2], NULL, 10) : ORIGINS;
    size_t all_n = origins_n > COINBASES ? origins_n : COINBASES;
    struct coins coins = build(txs_n);
    uint64_t *origins = take(all_n * sizeof(*origins));
    double reads = random_reads();

    for (size_t i = 0; i < all_n; i++)
        origins[i] = i;
    printf("{\"bench\":\"trace\",\"what\":\"world\",\"transactions\":%" PRIu64
           ",\"outputs\":%" PRIu64 ",\"inputs\":%" PRIu64 ",\"random_reads_per_s\":%.0f}\n",
           coins.txs_n, coins.outputs_n, coins.inputs_n, reads * 1e6);
    for (int policy = TRACE_FIFO; policy <= TRACE_POISON; policy++)
        if (argc < 4 || !strcmp(argv[3], trace_policy_name((enum trace_policy)policy)))
            one_policy(&coins, origins, origins_n, (enum trace_policy)policy, reads, "many");
    if (argc < 2) {
        struct coins small = young(&coins, SMALL_OUTPUTS);

        one_policy(&coins, origins, all_n, TRACE_FIFO, reads, "all is tainted");
        /* as large as what BlockSci's authors measured */
        one_policy(&small, origins, origins_n, TRACE_POISON, reads, "277000");
    }
    return 0;
}
