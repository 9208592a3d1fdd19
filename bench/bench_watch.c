/* What a new block costs live traces: many cases with many tainted outputs between them, in a world
 * of coins in memory, and blocks of 4,000 transactions (2.2 inputs and 2.8 outputs each) of which a
 * stated part of the inputs spends what is tainted. Prints a JSON line a figure.
 *
 *     bench_watch [CASES [OUTPUTS_OF_EACH [BLOCKS]]] */
#include "bench.h"

#include "trace/live.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define CASES 1000
#define OUTPUTS_EACH 10000
#define BLOCKS 300
#define BLOCK_TXS 4000
#define FAN 100 /* outputs of each transaction that spreads a theft */
#define VALUE ((uint64_t)1 << 40)
#define KEPT 100u

struct pool { /* outputs that nobody has spent */
    uint64_t *at, n;
};

struct build {
    uint8_t *tx_first, *out_value, *out_spent, *in_source;
    uint64_t txs_n, outputs_n, inputs_n;
    struct pool tainted, clean;
};

static void begin_tx(struct build *b)
{
    store_le40(b->tx_first + b->txs_n * TX_FIRST_BYTES, b->outputs_n);
    store_le40(b->tx_first + b->txs_n * TX_FIRST_BYTES + ID_BYTES, b->inputs_n);
    b->txs_n++;
}

static uint64_t spend(struct build *b, uint64_t output)
{
    store_le40(b->in_source + b->inputs_n++ * ID_BYTES, output);
    store_le32(b->out_spent + output * 4, (uint32_t)b->txs_n);
    return load_le64(b->out_value + output * 8);
}

static void pay(struct build *b, struct pool *to, uint64_t value)
{
    store_le64(b->out_value + b->outputs_n * 8, value);
    if (to)
        to->at[to->n++] = b->outputs_n;
    b->outputs_n++;
}

static void split(struct build *b, uint64_t value, uint64_t n, struct pool *to)
{
    for (uint64_t i = 0; i < n; i++)
        pay(b, to, value / n + (i < value % n));
}

static uint64_t draw(struct pool *p)
{
    uint64_t i = below(p->n), output = p->at[i];

    p->at[i] = p->at[--p->n];
    return output;
}

/* Each origin to FAN outputs, each of these to so many that all cases have theirs. */
static void build_past(struct build *b, uint64_t cases, uint64_t each)
{
    uint64_t second = (each + FAN - 1) / FAN;

    begin_tx(b);
    split(b, VALUE * cases, cases, NULL);
    for (uint64_t c = 0; c < cases; c++) {
        uint64_t first = b->outputs_n;

        begin_tx(b);
        split(b, spend(b, c), FAN, NULL);
        for (uint64_t i = 0; i < FAN; i++) {
            begin_tx(b);
            split(b, spend(b, first + i), second, &b->tainted);
        }
    }
    for (uint64_t i = 0; i < 1000; i++) {
        begin_tx(b);
        split(b, VALUE, 1000, &b->clean);
    }
}

static void build_block(struct build *b, unsigned percent)
{
    for (unsigned t = 0; t < BLOCK_TXS; t++) {
        uint64_t ins = 1 + (t % 5 < 3) + (t % 5 == 0) + (t % 5 == 1), value = 0, tainted = 0;

        begin_tx(b);
        for (uint64_t i = 0; i < ins; i++) {
            bool bad = b->tainted.n && below(100) < percent;

            tainted += bad;
            value += spend(b, draw(bad || !b->clean.n ? &b->tainted : &b->clean));
        }
        split(b, value - value / 1000, 2 + (t % 5 < 4), tainted ? &b->tainted : &b->clean);
    }
}

static struct coins coins_of(const struct build *b, uint64_t txs, uint64_t outputs, uint64_t inputs)
{
    return (struct coins){.txs_n = txs,
                          .outputs_n = outputs,
                          .inputs_n = inputs,
                          .tx_first = b->tx_first,
                          .out_value = b->out_value,
                          .out_spent = b->out_spent,
                          .in_source = b->in_source,
                          .ext_value = b->out_value};
}

static void add_cases(struct trace_live *t, const struct coins *coins, uint64_t cases)
{
    double begun = seconds_of(CLOCK_MONOTONIC);
    struct err err;

    for (uint64_t c = 0; c < cases; c++) {
        const struct trace_case ask = {.origins = &c,
                                       .origins_n = 1,
                                       .policy = (enum trace_policy)(c % 5),
                                       .reached_cut = true,
                                       .reached_max = 10000000,
                                       .hops_max = TRACE_HOPS_NONE};
        uint32_t number;

        must(trace_live_add(t, coins, &ask, &number, &err), &err);
    }
    printf("{\"figure\":\"watch.first_pass\",\"cases\":%" PRIu64 ",\"held\":%" PRIu64
           ",\"seconds\":%.2f}\n",
           cases, trace_live_held(t), seconds_of(CLOCK_MONOTONIC) - begun);
}

static void run(struct trace_live *t, const struct coins *blocks, size_t n, unsigned percent,
                const char *what)
{
    double *took = take(n * sizeof(*took)), *worked = take(n * sizeof(*worked));
    uint64_t reached = 0;
    struct rusage use;
    struct err err;

    for (size_t i = 0; i < n; i++) {
        double begun = seconds_of(CLOCK_MONOTONIC), began = seconds_of(CLOCK_THREAD_CPUTIME_ID);
        const uint32_t *touched;
        size_t touched_n;

        must(trace_live_advance(t, &blocks[i], NULL, 0, &err), &err);
        touched_n = trace_live_touched(t, &touched);
        for (size_t k = 0; k < touched_n; k++) {
            size_t reached_n;

            (void)trace_live_reached(t, touched[k], &reached_n);
            reached += reached_n;
        }
        took[i] = seconds_of(CLOCK_MONOTONIC) - begun;
        worked[i] = seconds_of(CLOCK_THREAD_CPUTIME_ID) - began;
    }
    qsort(took, n, sizeof(*took), by_size);
    qsort(worked, n, sizeof(*worked), by_size);
    getrusage(RUSAGE_SELF, &use);
    printf("{\"figure\":\"watch.%s\",\"tainted_inputs_percent\":%u,\"blocks\":%zu,\"held\":%" PRIu64
           ",\"reached_per_block\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"max_ms\":%.2f,"
           "\"cpu_p50_ms\":%.2f,\"cpu_p99_ms\":%.2f,\"bytes\":%" PRIu64
           ",\"process_bytes\":%" PRIu64 "}\n",
           what, percent, n, trace_live_held(t), (double)reached / (double)n,
           percentile(took, n, 50), percentile(took, n, 99), took[n - 1] * 1000,
           percentile(worked, n, 50), percentile(worked, n, 99), trace_live_bytes(t),
           (uint64_t)use.ru_maxrss * 1024);
    free(took);
    free(worked);
}

int main(int argc, char **argv)
{
    static const unsigned percents[] = {1, 50};
    uint64_t cases = argc > 1 ? strtoull(argv[1], NULL, 10) : CASES;
    uint64_t each = argc > 2 ? strtoull(argv[2], NULL, 10) : OUTPUTS_EACH;
    uint64_t blocks_n = argc > 3 ? strtoull(argv[3], NULL, 10) : BLOCKS;

    for (size_t k = 0; k < sizeof(percents) / sizeof(percents[0]); k++) {
        uint64_t txs = 1 + cases * (FAN + 1) + 1000 + blocks_n * BLOCK_TXS;
        uint64_t outputs = cases * (1 + FAN + each + FAN) + 1000000 + blocks_n * BLOCK_TXS * 3;
        uint64_t inputs = cases * (1 + FAN) + blocks_n * BLOCK_TXS * 3;
        struct build b = {.tx_first = take(txs * TX_FIRST_BYTES),
                          .out_value = take(outputs * 8),
                          .out_spent = take(outputs * 4),
                          .in_source = take(inputs * ID_BYTES + 8),
                          .tainted = {take(outputs * 8), 0},
                          .clean = {take(outputs * 8), 0}};
        struct coins *at = take(blocks_n * sizeof(*at)), past;
        struct trace_live *t;
        struct err err;

        build_past(&b, cases, each);
        past = coins_of(&b, b.txs_n, b.outputs_n, b.inputs_n);
        for (uint64_t i = 0; i < blocks_n; i++) {
            build_block(&b, percents[k]);
            at[i] = coins_of(&b, b.txs_n, b.outputs_n, b.inputs_n);
        }
        free(b.tainted.at);
        free(b.clean.at);
        must(trace_live_new((struct trace_live_limits){.back_max = KEPT}, &t, &err), &err);
        must(trace_live_advance(t, &past, NULL, 0, &err), &err);
        add_cases(t, &past, cases);
        run(t, at, blocks_n, percents[k], "block");
        trace_live_free(t);
        free(at);
        free(b.tx_first);
        free(b.out_value);
        free(b.out_spent);
        free(b.in_source);
    }
    return 0;
}
