/* Columns of any bytes: traces end, keep within what is there, and what they give keeps its
 * promises.
 *
 * The first bytes say how many transactions, outputs, inputs and outside values there are, which
 * outputs are asked about and how; the columns follow, cut or filled with zeros. */
#include "base/cursor.h"
#include "base/mem.h"
#include "trace/backward.h"
#include "trace/trace.h"

#include <assert.h>

#define ARENA_BYTES ((size_t)64 << 20)
#define CASES 6
#define COUNTS_BYTES 4
#define ASK_BYTES (1 + CASES * 3)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A block of exactly n bytes, so that a sanitizer sees one too many read. */
static uint8_t *column(struct cursor *c, size_t n)
{
    struct bytes have = cursor_take(c, n < cursor_left(c) ? n : cursor_left(c));
    uint8_t *p = mem_zero(n);

    if (p && have.n)
        memcpy(p, have.p, have.n);
    return p;
}

static int32_t stop_of(void *ctx, uint64_t output)
{
    return output % 7 == *(const uint8_t *)ctx ? 3 : -1;
}

static void check(const struct coins *coins, const struct trace_case *ask, const struct trace *t)
{
    for (size_t i = 0; i < t->reached_n; i++) {
        assert(t->reached[i].output < coins->outputs_n);
        assert(t->reached[i].taint <= coins_value(coins, t->reached[i].output));
        assert(!i || t->reached[i - 1].output < t->reached[i].output);
        assert(ask->hops_max == TRACE_HOPS_NONE || t->reached[i].hop <= ask->hops_max);
    }
}

static void follow(struct arena *a, const struct coins *coins, struct cursor *c)
{
    struct trace_case ask[CASES];
    struct trace got[CASES];
    uint64_t origins[CASES];
    uint8_t stop = cursor_u8(c);
    struct err err;

    for (size_t i = 0; i < CASES; i++) {
        origins[i] = cursor_u8(c) % (coins->outputs_n + 1);
        ask[i] = (struct trace_case){.origins = &origins[i],
                                     .origins_n = 1,
                                     .policy = (enum trace_policy)(i % 5),
                                     .dust = cursor_u8(c),
                                     .hops_max = cursor_u8(c) % 2 ? TRACE_HOPS_NONE : 3,
                                     .stop_of = stop_of,
                                     .stop_ctx = &stop};
    }
    if (trace_forward(a, coins, ask, CASES, got, &err))
        for (size_t i = 0; i < CASES; i++)
            check(coins, &ask[i], &got[i]);
    for (size_t i = 0; i < CASES; i++) {
        struct trace_target target = {.outputs = &origins[i],
                                      .outputs_n = 1,
                                      .policy = ask[i].policy,
                                      .hops_max = ask[i].hops_max};
        struct trace_sources from;

        if (!trace_backward(a, coins, &target, &from, &err))
            continue;
        for (size_t k = 0; k < from.sources_n; k++)
            assert(from.sources[k].amount <= coins_value(coins, from.sources[k].output));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *a;
    struct cursor c, ask;
    struct coins coins = {0};
    uint8_t *columns[5];

    if (size < COUNTS_BYTES + ASK_BYTES)
        return 0;
    a = arena_new(NULL, ARENA_BYTES);
    coins.txs_n = data[0];
    coins.outputs_n = data[1];
    coins.inputs_n = data[2];
    coins.ext_n = data[3];
    ask = cursor_over(data + COUNTS_BYTES, ASK_BYTES);
    c = cursor_over(data + COUNTS_BYTES + ASK_BYTES, size - COUNTS_BYTES - ASK_BYTES);
    coins.tx_first = columns[0] = column(&c, coins.txs_n * TX_FIRST_BYTES);
    coins.out_value = columns[1] = column(&c, coins.outputs_n * 8);
    coins.out_spent = columns[2] = column(&c, coins.outputs_n * 4);
    coins.in_source = columns[3] = column(&c, coins.inputs_n * ID_BYTES);
    coins.ext_value = columns[4] = column(&c, coins.ext_n * 8);
    if (a && columns[0] && columns[1] && columns[2] && columns[3] && columns[4])
        follow(a, &coins, &ask);
    for (size_t i = 0; i < 5; i++)
        mem_free(columns[i]);
    arena_free(a);
    return 0;
}
