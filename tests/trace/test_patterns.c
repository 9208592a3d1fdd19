/* Small worlds by hand, small random ones against a naive second implementation, and real chains of
 * payments. */
#include "support.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "chain/bitcoin/block.h"
#include "ledger/writer.h"
#include "trace/patterns.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_MAX ((size_t)1 << 30)

/* A world of at most so many coins, as the columns that a ledger would map. */
#define TXS_MAX 120000
#define OUTPUTS_MAX 260000
#define INPUTS_MAX 260000
#define OUTSIDE UINT64_MAX

static uint8_t tx_first[TXS_MAX * TX_FIRST_BYTES], out_value[OUTPUTS_MAX * 8];
static uint8_t out_spent[OUTPUTS_MAX * 4], in_source[INPUTS_MAX * ID_BYTES];

struct world {
    struct coins coins;
    struct trace trace;
    struct arena *a;
};

static struct world world_new(void)
{
    struct world w = {{0}, {0}, arena_new(NULL, ARENA_MAX)};

    CHECK(w.a);
    w.coins.tx_first = tx_first;
    w.coins.out_value = out_value;
    w.coins.out_spent = out_spent;
    w.coins.in_source = in_source;
    return w;
}

/* A transaction that spends outputs by id (OUTSIDE: not in the ledger) and makes some of the values
 * given. */
static uint32_t tx(struct world *w, const uint64_t *spends, size_t spends_n, const uint64_t *values,
                   size_t values_n)
{
    struct coins *c = &w->coins;
    uint32_t id = (uint32_t)c->txs_n++;

    CHECK(c->txs_n <= TXS_MAX && c->outputs_n + values_n <= OUTPUTS_MAX &&
          c->inputs_n + spends_n <= INPUTS_MAX);
    store_le40(tx_first + id * TX_FIRST_BYTES, c->outputs_n);
    store_le40(tx_first + id * TX_FIRST_BYTES + ID_BYTES, c->inputs_n);
    for (size_t i = 0; i < spends_n; i++, c->inputs_n++) {
        if (spends[i] == OUTSIDE) {
            store_le40(in_source + c->inputs_n * ID_BYTES, COINS_OUTSIDE);
            continue;
        }
        store_le40(in_source + c->inputs_n * ID_BYTES, spends[i]);
        store_le32(out_spent + spends[i] * 4, id + 1);
    }
    for (size_t i = 0; i < values_n; i++, c->outputs_n++) {
        store_le64(out_value + c->outputs_n * 8, values[i]);
        store_le32(out_spent + c->outputs_n * 4, 0);
    }
    return id;
}

#define TX(w, spends, ...)                                                                         \
    tx((w), (const uint64_t[]){spends}, 1, (const uint64_t[]){__VA_ARGS__},                        \
       sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))

/* Poison from the origins, naively: every output of whoever spends a reached one. */
static void reach(struct arena *a, const struct coins *coins, const uint64_t *origins, size_t n,
                  struct trace *ret)
{
    bool *is = arena_alloc(a, coins->outputs_n + 1), *is_tx = arena_alloc(a, coins->txs_n + 1);

    CHECK(is && is_tx);
    *ret = (struct trace){.exact = true};
    for (size_t i = 0; i < n; i++)
        is[origins[i]] = true;
    ret->reached = ARENA_ARRAY(a, struct trace_reached, coins->outputs_n + 1);
    CHECK(ret->reached);
    for (uint32_t t = 0; t < coins->txs_n; t++) {
        struct coins_range outputs = coins_outputs(coins, t);

        for (uint64_t o = outputs.first; o < outputs.first + outputs.n; o++) {
            uint32_t by = coins_spender(coins, o);

            is[o] |= is_tx[t];
            if (!is[o])
                continue;
            if (by != COINS_TX_NONE)
                is_tx[by] = true;
            ret->reached[ret->reached_n++] = (struct trace_reached){.output = o,
                                                                    .taint = coins_value(coins, o),
                                                                    .spent_by = by,
                                                                    .stop = -1,
                                                                    .origin = !is_tx[t]};
        }
    }
}

static struct trace_reached *reached_at(struct world *w, uint64_t output)
{
    for (size_t i = 0; i < w->trace.reached_n; i++)
        if (w->trace.reached[i].output == output)
            return &w->trace.reached[i];
    test_failed(__FILE__, __LINE__, "output %llu is not reached", (unsigned long long)output);
}

static size_t find(struct world *w, const struct pattern **ret)
{
    size_t n = 99;
    struct err err;

    CHECK_OK(patterns_find(w->a, NULL, &w->coins, &w->trace, ret, &n, &err), err);
    return n;
}

static size_t find_from(struct world *w, uint64_t origin, const struct pattern **ret)
{
    reach(w->a, &w->coins, &origin, 1, &w->trace);
    return find(w, ret);
}

static void is_chain(const struct pattern *p, size_t n, const uint32_t *txs, const uint64_t *peeled)
{
    CHECK_S(pattern_kind_name(p->kind), "peel-chain");
    CHECK_U(p->txs_n, n);
    CHECK(!p->coinjoin && p->peeled && !p->inputs_n && !p->outputs_n);
    for (size_t i = 0; i < n; i++) {
        CHECK_U(p->txs[i], txs[i]);
        CHECK_U(p->peeled[i], peeled[i]);
    }
}

/* Output 0 is the origin, of tx 0; tx k has the outputs 2k-1 and 2k. */
static void chain_of(struct world *w, size_t txs)
{
    uint64_t values[2] = {10, 1000};

    TX(w, OUTSIDE, 5000);
    for (size_t i = 0; i < txs; i++)
        tx(w, (const uint64_t[]){i ? 2 * i : 0}, 1, values, 2);
}

static void peel_two_and_three(void **state)
{
    const struct pattern *p;
    struct world w = world_new();

    chain_of(&w, PEEL_CHAIN_MIN - 1);
    CHECK_U(find_from(&w, 0, &p), 0);
    arena_free(w.a);
    w = world_new();
    chain_of(&w, PEEL_CHAIN_MIN);
    CHECK_U(find_from(&w, 0, &p), 1);
    is_chain(p, 3, (const uint32_t[]){1, 2, 3}, (const uint64_t[]){1, 3, 5});
    arena_free(w.a);
}

static void peel_the_longer_branch(void **state)
{
    const struct pattern *p;
    struct world w = world_new();

    TX(&w, OUTSIDE, 5000); /* tx 0: output 0 */
    TX(&w, 0, 4000, 900);  /* 1: 1 2 */
    TX(&w, 1, 3000, 900);  /* 2: 3 4 */
    TX(&w, 2, 500, 300);   /* 3: 5 6 */
    TX(&w, 6, 200, 50);    /* 4: 7 8 */
    TX(&w, 7, 100, 20);    /* 5: 9 10 */
    TX(&w, 3, 2000, 500);  /* 6: 11 12 */
    TX(&w, 11, 1000, 500); /* 7: 13 14 */
    TX(&w, 14, 300, 100);  /* 8: 15 16 */
    TX(&w, 9, 70, 30, 0);  /* 9: three outputs end it */
    CHECK_U(find_from(&w, 0, &p), 2);
    /* By output 1: 2, 6, 7, 8; by output 2 only 3, 4, 5. */
    is_chain(&p[0], 5, (const uint32_t[]){1, 2, 6, 7, 8}, (const uint64_t[]){2, 4, 12, 13, 16});
    is_chain(&p[1], 3, (const uint32_t[]){3, 4, 5}, (const uint64_t[]){5, 8, 10});
    arena_free(w.a);
}

static void peel_equal_branches(void **state)
{
    const struct pattern *p;
    struct world w = world_new();

    TX(&w, OUTSIDE, 5000); /* tx 0: output 0 */
    TX(&w, 0, 700, 800);   /* 1: 1 2 */
    TX(&w, 1, 300, 300);   /* 2: 3 4 */
    TX(&w, 2, 400, 400);   /* 3: 5 6 */
    TX(&w, 6, 150, 150);   /* 4: 7 8 */
    TX(&w, 5, 150, 150);   /* 5: 9 10 */
    TX(&w, 4, 150, 150);   /* 6: 11 12 */
    CHECK_U(find_from(&w, 0, &p), 1);
    /* Both go on by two: the larger output, 2; then of two equal ones the lower index, 5; at the
     * end the later is peeled. */
    is_chain(p, 3, (const uint32_t[]){1, 3, 5}, (const uint64_t[]){1, 6, 10});
    arena_free(w.a);
}

static void peel_ends(void **state)
{
    const struct pattern *p;
    struct world w = world_new();

    /* A stop ends the way. */
    chain_of(&w, 8);
    reach(w.a, &w.coins, (const uint64_t[]){0}, 1, &w.trace);
    reached_at(&w, 8)->stop = 0;
    w.trace.reached_n = 9; /* what lies behind the stop is not reached */
    CHECK_U(find(&w, &p), 1);
    is_chain(p, 4, (const uint32_t[]){1, 2, 3, 4}, (const uint64_t[]){1, 3, 5, 7});
    arena_free(w.a);

    /* So does a transaction that the trace does not go through: nothing comes out of it. */
    w = world_new();
    chain_of(&w, 8);
    reach(w.a, &w.coins, (const uint64_t[]){0}, 1, &w.trace);
    w.trace.reached_n = 9;
    CHECK_U(find(&w, &p), 1);
    CHECK_U(p->txs_n, 4);
    arena_free(w.a);

    /* A second input. */
    w = world_new();
    chain_of(&w, 3);
    TX(&w, OUTSIDE, 77); /* tx 4: output 7 */
    tx(&w, (const uint64_t[]){6, 7}, 2, (const uint64_t[]){500, 400}, 2);
    TX(&w, 8, 300, 200);
    CHECK_U(find_from(&w, 0, &p), 1);
    CHECK_U(p->txs_n, 3);
    arena_free(w.a);

    /* Who made the origin is not of the trace, whatever it looks like. */
    w = world_new();
    chain_of(&w, 6);
    CHECK_U(find_from(&w, 6, &p), 1);
    is_chain(p, 3, (const uint32_t[]){4, 5, 6}, (const uint64_t[]){7, 9, 11});
    arena_free(w.a);
}

static void fan(struct world *w, size_t inputs, size_t outputs)
{
    uint64_t ones[64], spends[64];

    for (size_t i = 0; i < 64; i++) {
        ones[i] = 1;
        spends[i] = i;
    }
    tx(w, (const uint64_t[]){OUTSIDE}, 1, ones, inputs);
    tx(w, spends, inputs, ones, outputs);
    reach(w->a, &w->coins, spends, inputs, &w->trace);
}

static void fans(void **state)
{
    static const struct {
        size_t inputs, outputs, out, in;
    } shapes[] = {
        {1, FAN_OUT_MIN - 1, 0, 0}, {1, FAN_OUT_MIN, 1, 0},          {FAN_IN_MIN - 1, 1, 0, 0},
        {FAN_IN_MIN, 1, 0, 1},      {FAN_IN_MIN, FAN_OUT_MIN, 1, 1}, {60, 60, 1, 1},
    };

    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        const struct pattern *p;
        struct world w = world_new();
        size_t at = 0;

        test_row("%zu to %zu", shapes[i].inputs, shapes[i].outputs);
        fan(&w, shapes[i].inputs, shapes[i].outputs);
        CHECK_U(find(&w, &p), shapes[i].out + shapes[i].in);
        if (shapes[i].out)
            CHECK_S(pattern_kind_name(p[at++].kind), "fan-out");
        if (shapes[i].in)
            CHECK_S(pattern_kind_name(p[at++].kind), "fan-in");
        while (at--) {
            CHECK(p[at].txs_n == 1 && p[at].txs[0] == 1 && !p[at].peeled && !p[at].coinjoin);
            CHECK_U(p[at].inputs_n, shapes[i].inputs);
            CHECK_U(p[at].outputs_n, shapes[i].outputs);
        }
        arena_free(w.a);
    }
}

/* Only what is tainted counts: a large payment that carries taint in one output is no fan. */
static void fans_of_taint(void **state)
{
    const struct pattern *p;
    struct world w = world_new();

    fan(&w, 60, 60);
    w.trace.reached[0] = w.trace.reached[3];
    w.trace.reached[1] = w.trace.reached[60];
    w.trace.reached_n = 2;
    CHECK_U(find(&w, &p), 0);
    arena_free(w.a);
}

static void nothing_there(void **state)
{
    const struct pattern *p;
    struct world w = world_new();

    CHECK_U(find(&w, &p), 0); /* an empty world */
    TX(&w, OUTSIDE, 1, 2, 3);
    CHECK_U(find_from(&w, 1, &p), 0); /* an unspent origin */
    arena_free(w.a);
}

static void in_order(void **state)
{
    const struct pattern *p;
    struct world w = world_new();
    uint64_t ones[12] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, spends[12];

    TX(&w, OUTSIDE, 100);                       /* tx 0: output 0 */
    tx(&w, (const uint64_t[]){0}, 1, ones, 12); /* 1: 1 to 12, a fan-out */
    TX(&w, 1, 9, 9);                            /* 2: 13 14 */
    TX(&w, 13, 8, 8);                           /* 3: 15 16 */
    for (size_t i = 0; i < 11; i++)
        spends[i] = 2 + i;
    spends[11] = 14;
    tx(&w, spends, 12, ones, 12); /* 4: 17 to 28, both fans */
    TX(&w, 15, 7, 7);             /* 5: the chain's third */
    CHECK_U(find_from(&w, 0, &p), 4);
    CHECK(p[0].kind == PATTERN_FAN_OUT && p[0].txs[0] == 1);
    CHECK(p[1].kind == PATTERN_PEEL_CHAIN && p[1].txs[0] == 2 && p[1].txs[2] == 5);
    CHECK(p[2].kind == PATTERN_FAN_OUT && p[2].txs[0] == 4);
    CHECK(p[3].kind == PATTERN_FAN_IN && p[3].txs[0] == 4);
    arena_free(w.a);
}

/* Columns that contradict themselves: no fault, no endless chain, no chain counted many times over.
 */
static void damaged(void **state)
{
    struct test_random random = {test_seed()};

    for (int round = 0; round < 300; round++) {
        const struct pattern *p;
        struct world w = world_new();
        size_t n, members = 0;
        struct err err;

        chain_of(&w, 40);
        reach(w.a, &w.coins, (const uint64_t[]){0}, 1, &w.trace);
        for (int i = 0; i < 20; i++) {
            w.trace.reached[test_below(&random, w.trace.reached_n)].spent_by =
                (uint32_t)test_below(&random, 50);
            tx_first[test_below(&random, 41 * TX_FIRST_BYTES)] ^=
                (uint8_t)(1 << test_below(&random, 8));
        }
        if (patterns_find(w.a, NULL, &w.coins, &w.trace, &p, &n, &err))
            for (size_t i = 0; i < n; i++)
                members += p[i].kind == PATTERN_PEEL_CHAIN ? p[i].txs_n : 0;
        CHECK(members <= 50);
        arena_free(w.a);
    }
}

static bool find_again(void *ctx)
{
    struct world *w = ctx;
    struct arena *a = arena_new(NULL, ARENA_MAX);
    const struct pattern *p;
    size_t n;
    struct err err;
    bool ok = a && patterns_find(a, NULL, &w->coins, &w->trace, &p, &n, &err);

    if (a && !ok)
        CHECK_U(err.class, ERR_NOMEM);
    arena_free(a);
    return ok;
}

static void failed_allocations(void **state)
{
    struct world w = world_new();
    struct arena *little = arena_new(NULL, 300000);
    const struct pattern *p;
    size_t n;
    struct err err;

    for (size_t i = 0; i < 40; i++) { /* more chains than the first list holds */
        uint64_t at = w.coins.outputs_n;

        TX(&w, OUTSIDE, 100);
        TX(&w, at, 50, 40);
        TX(&w, at + 1, 30, 20);
        TX(&w, at + 3, 20, 10);
    }
    w.trace.reached_n = 0;
    reach(w.a, &w.coins, (const uint64_t[]){0,  7,  14, 21, 28, 35,  42,  49,  56,  63,
                                            70, 77, 84, 91, 98, 105, 112, 119, 126, 133},
          20, &w.trace);
    CHECK_U(find(&w, &p), 20);
    test_failed_allocations(find_again, &w);
    CHECK(little && !patterns_find(little, NULL, &w.coins, &w.trace, &p, &n, &err));
    CHECK_U(err.class, ERR_LIMIT);
    arena_free(little);
    arena_free(w.a);
}

/* 100,000 in a row: recursion or a second look at each would show. */
static void long_chain(void **state)
{
    const struct pattern *p;
    struct world w = world_new();

    chain_of(&w, 100000);
    CHECK_U(find_from(&w, 0, &p), 1);
    CHECK_U(p->txs_n, 100000);
    CHECK_U(p->txs[99999], 100000);
    arena_free(w.a);
}

/* The definition of docs/patterns.md, word by word: how long is the longest chain from here? */
static size_t naive_length(const struct world *w, const bool *reached, uint32_t t)
{
    struct coins_range in = coins_inputs(&w->coins, t), out = coins_outputs(&w->coins, t);
    size_t longest = 0;

    if (in.n != 1 || out.n != 2)
        return 0;
    for (uint64_t o = out.first; o < out.first + 2; o++) {
        uint32_t by = reached[o] ? coins_spender(&w->coins, o) : COINS_TX_NONE;
        size_t n = by == COINS_TX_NONE ? 0 : naive_length(w, reached, by);

        longest = n > longest ? n : longest;
    }
    return longest + 1;
}

static uint64_t naive_next(const struct world *w, const bool *reached, uint32_t t)
{
    struct coins_range out = coins_outputs(&w->coins, t);
    uint64_t best = COINS_NONE, best_value = 0;
    size_t best_n = 0;

    for (uint64_t o = out.first; o < out.first + 2; o++) {
        uint32_t by = reached[o] ? coins_spender(&w->coins, o) : COINS_TX_NONE;
        size_t n = by == COINS_TX_NONE ? 0 : naive_length(w, reached, by);

        if (n > best_n || (n && n == best_n && coins_value(&w->coins, o) > best_value)) {
            best = o;
            best_n = n;
            best_value = coins_value(&w->coins, o);
        }
    }
    return best;
}

static void naive_chains(struct world *w, const struct pattern *p, size_t n)
{
    bool *reached = arena_alloc(w->a, w->coins.outputs_n + 1),
         *used = arena_alloc(w->a, w->coins.txs_n + 1);
    size_t at = 0;

    CHECK(reached && used);
    for (size_t i = 0; i < w->trace.reached_n; i++)
        reached[w->trace.reached[i].output] = true;
    for (uint32_t t = 0; t < w->coins.txs_n; t++) {
        struct coins_range in = coins_inputs(&w->coins, t);
        uint64_t value, from = in.n == 1 ? coins_source(&w->coins, in.first, &value) : COINS_NONE;
        size_t length = naive_length(w, reached, t);

        if (from == COINS_NONE || !reached[from] || used[t] || length < PEEL_CHAIN_MIN)
            continue;
        while (at < n && p[at].kind != PATTERN_PEEL_CHAIN)
            at++;
        CHECK(at < n);
        CHECK_U(p[at].txs_n, length);
        for (size_t i = 0, here = t; i < length; i++) {
            uint64_t next = naive_next(w, reached, (uint32_t)here);

            CHECK_U(p[at].txs[i], here);
            CHECK(next == COINS_NONE || p[at].peeled[i] != next);
            CHECK(p[at].peeled[i] - coins_outputs(&w->coins, (uint32_t)here).first < 2);
            used[here] = true;
            here = next == COINS_NONE ? 0 : coins_spender(&w->coins, next);
        }
        at++;
    }
    while (at < n && p[at].kind != PATTERN_PEEL_CHAIN)
        at++;
    CHECK_U(at, n);
}

static void against_naive(void **state)
{
    struct test_random random = {test_seed()};

    for (int round = 0; round < 3000; round++) {
        struct world w = world_new();
        const struct pattern *p;
        uint64_t origin, unspent[256] = {0};
        size_t unspent_n = 0, n;

        for (uint32_t t = 0; t < 30; t++) {
            uint64_t spends[3], values[3], first = w.coins.outputs_n;
            size_t in = 1 + !test_below(&random, 6),
                   out = test_below(&random, 6) ? 2 : 1 + test_below(&random, 3);

            for (size_t i = 0; i < in; i++) {
                size_t pick = test_below(&random, unspent_n + 1);

                spends[i] = pick == unspent_n ? OUTSIDE : unspent[pick];
                if (pick != unspent_n)
                    unspent[pick] = unspent[--unspent_n];
            }
            for (size_t i = 0; i < out; i++) {
                values[i] = test_below(&random, 4);
                unspent[unspent_n++] = first + i;
            }
            tx(&w, spends, in, values, out);
        }
        origin = test_below(&random, 6);
        n = find_from(&w, origin, &p);
        test_row("round %d", round);
        naive_chains(&w, p, n);
        arena_free(w.a);
    }
}

/* A ledger on disk, for scripts: a coinbase, and who spends all of it. */
static const char *mix_values[] = {"1000000", "1000000", "1000000", "1000302", "1000787"};

static void mix_ledger(const char *dir, const char *chain, uint32_t height, bool mixed)
{
    struct hash32 txids[2][2] = {{{{1}}, {{0}}}, {{{2}}, {{3}}}};
    uint32_t ins[2] = {0, 5}, outs[2] = {5, 5}, one[1] = {0}, five[1] = {5};
    uint8_t outpoints[5][OUTPOINT_BYTES] = {{0}}, scripts[15][22];
    const uint8_t *inputs[5];
    struct fact_output made[5], after[10];
    struct block_facts blocks[2] = {{.height = height, .size = 1000},
                                    {.height = HEIGHT_UNKNOWN, .size = 1000}};
    struct ledger_writer *w;
    struct err err;

    for (size_t i = 0; i < 15; i++) {
        memset(scripts[i], (int)i + 1, sizeof(scripts[i]));
        memcpy(scripts[i], "\0\x14", 2);
    }
    for (size_t i = 0; i < 5; i++) {
        uint64_t value = strtoull(mix_values[i], NULL, 10);

        outpoints[i][0] = 1;
        store_le32(outpoints[i] + 32, (uint32_t)i);
        inputs[i] = outpoints[i];
        made[i] = (struct fact_output){value, {scripts[i], 22}};
        after[i] = (struct fact_output){50, {scripts[5 + i], 22}};
        after[5 + i] = (struct fact_output){mixed ? 1000000 : 999990 + i, {scripts[10 + i], 22}};
    }
    blocks[0].txs_n = 1;
    blocks[0].outputs_n = 5;
    blocks[0].txids = txids[0];
    blocks[0].tx_inputs_n = one;
    blocks[0].tx_outputs_n = five;
    blocks[0].outputs = made;
    blocks[0].hash = sha256d(blocks[0].header, 80);
    blocks[1].txs_n = 2;
    blocks[1].inputs_n = 5;
    blocks[1].outputs_n = 10;
    blocks[1].txids = txids[1];
    blocks[1].tx_inputs_n = ins;
    blocks[1].tx_outputs_n = outs;
    blocks[1].inputs = inputs;
    blocks[1].outputs = after;
    blocks[1].prev = blocks[0].hash;
    memcpy(blocks[1].header + 4, blocks[1].prev.b, 32);
    blocks[1].hash = sha256d(blocks[1].header, 80);
    CHECK_OK(ledger_writer_open(dir, chain_by_name(chain),
                                (struct ledger_options){LEDGER_MEMORY_MIN, 1}, &w, &err),
             err);
    CHECK_OK(ledger_append(w, blocks, 2, &err), err);
    ledger_writer_close(w);
}

static void coinjoins(void **state)
{
    static const struct {
        const char *name, *chain;
        uint32_t height;
        bool mixed, found;
    } shapes[] = {
        {"on the main chain", "bitcoin", 600000, true, true},
        {"before Whirlpool was", "bitcoin", 500000, true, false},
        {"at an unknown height", "bitcoin", HEIGHT_UNKNOWN, true, true},
        {"on another chain heights say nothing", "bitcoin:regtest", 3, true, true},
        {"unequal outputs", "bitcoin", 600000, false, false},
    };

    for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_MAX);
        char *dir = test_dir();
        struct ledger *l;
        struct trace t;
        const struct pattern *p;
        size_t n;
        struct err err;

        test_row("%s", shapes[i].name);
        mix_ledger(dir, shapes[i].chain, shapes[i].height, shapes[i].mixed);
        CHECK_OK(ledger_open(dir, &l, &err), err);
        reach(a, ledger_coins(l), (const uint64_t[]){3}, 1, &t);
        CHECK_OK(patterns_find(a, l, ledger_coins(l), &t, &p, &n, &err), err);
        CHECK_U(n, shapes[i].found);
        if (n) {
            CHECK(p->kind == PATTERN_COINJOIN && p->txs_n == 1 && p->txs[0] == 2 && !p->peeled);
            CHECK_S(p->coinjoin, "whirlpool");
            CHECK(p->inputs_n == 5 && p->outputs_n == 5);
        }
        ledger_close(l);
        arena_free(a);
    }
}

/* The longest chains of payments in the real blocks, as somebody else's program found them. Blocks
 * are islands, and each chain stands in one or two of them; -1 is a fork of 2012, whose height
 * nobody proves. */
static void append_block(struct ledger_writer *w, struct block_scratch *scratch, const char *name,
                         uint32_t height)
{
    struct block_facts facts;
    struct err err;

    test_row("%s", name);
    CHECK_OK(block_read(scratch, chain_by_name("bitcoin"), test_data(name), 0, &facts, &err), err);
    facts.height = height;
    CHECK_OK(ledger_append(w, &facts, 1, &err), err);
}

static void real_ledger(const char *dir)
{
    static const struct {
        const char *name;
        uint32_t height;
    } blocks[] = {
        {"337500-0d0cc5c42402b82a", 337500},      {"350000-dde27acb40a112bb", 350000},
        {"413567-272d6577325d4069", 413567},      {"425000-17062bf7de77c16d", 425000},
        {"450000-a19dcd620c07a20b", 450000},      {"450002-692751ffd5b3361d", 450002},
        {"481815-121bbd16ed6db926", 481815},      {"482202-5f3706b81ce95964", 482202},
        {"497006-ea5e8f9b5b579dfa", 497006},      {"562500-78ae1937edeccd42", 562500},
        {"600000-9842c8d196cd5f91", 600000},      {"866342-60afb101d3c8f1f1", 866342},
        {"unk-9236e121bf720785", HEIGHT_UNKNOWN}, {"unk-1db5bb0829c1ac58", HEIGHT_UNKNOWN},
        {"unk-e14526fe31817137", HEIGHT_UNKNOWN},
    };
    struct block_scratch *scratch = block_scratch_new();
    struct ledger_writer *w;
    struct err err;

    CHECK(scratch);
    CHECK_OK(
        ledger_writer_open(dir, chain_by_name("bitcoin"), (struct ledger_options){0, 0}, &w, &err),
        err);
    for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++) {
        char path[128];

        snprintf(path, sizeof(path), "bitcoin/blocks/%s.blk.zst", blocks[i].name);
        append_block(w, scratch, path, blocks[i].height);
    }
    ledger_writer_close(w);
    block_scratch_free(scratch);
}

static uint32_t tx_named(const struct ledger *l, const struct json *txid)
{
    struct hash32 h;
    uint32_t t;

    CHECK(hex_decode(txid->text, txid->text_n, h.b, 32));
    for (size_t i = 0; i < 16; i++) {
        uint8_t b = h.b[i];

        h.b[i] = h.b[31 - i];
        h.b[31 - i] = b;
    }
    t = ledger_find_tx(l, &h);
    CHECK(t != COINS_TX_NONE);
    return t;
}

/* From the outputs of a chain's first transaction, every later one, hop by hop. */
static void real_chain(const struct ledger *l, const struct json *txids)
{
    struct arena *a = arena_new(NULL, ARENA_MAX);
    const struct coins *coins = ledger_coins(l);
    struct coins_range first = coins_outputs(coins, tx_named(l, txids->child));
    uint64_t origins[2] = {first.first, first.first + 1};
    struct trace_case c = {
        .origins = origins, .origins_n = 2, .policy = TRACE_FIFO, .hops_max = TRACE_HOPS_NONE};
    const struct json *txid = txids->child->next;
    uint32_t second = tx_named(l, txid);
    const struct pattern *p;
    struct trace t;
    struct err err;
    size_t n, at = 0;

    CHECK_U(first.n, 2);
    CHECK_OK(trace_forward(a, coins, &c, 1, &t, &err), err);
    CHECK_OK(patterns_find(a, l, coins, &t, &p, &n, &err), err);
    while (at < n && (p[at].kind != PATTERN_PEEL_CHAIN || p[at].txs[0] != second))
        at++;
    CHECK(at < n);
    CHECK_U(p[at].txs_n, txids->children_n - 1);
    for (size_t i = 0; i < p[at].txs_n; i++, txid = txid->next) {
        struct coins_range outputs = coins_outputs(coins, p[at].txs[i]);

        CHECK_U(p[at].txs[i], tx_named(l, txid));
        CHECK(p[at].peeled[i] - outputs.first < 2);
        CHECK(i + 1 == p[at].txs_n || coins_spender(coins, p[at].peeled[i]) != p[at].txs[i + 1]);
    }
    arena_free(a);
}

static void real_chains(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct bytes raw = test_data("bitcoin/cases/peel-chains.json");
    char *dir = test_dir();
    const struct json *j, *chains;
    struct ledger *l;
    struct err err;
    size_t n = 0;

    CHECK_OK(json_read(a, (const char *)raw.p, raw.n, &j, &err), err);
    real_ledger(dir);
    CHECK_OK(ledger_open(dir, &l, &err), err);
    chains = json_get(j, "chains");
    CHECK(chains);
    for (const struct json *chain = chains->child; chain; chain = chain->next) {
        test_row("chain %zu", n++);
        real_chain(l, json_get(chain, "txids"));
    }
    CHECK_U(n, 25);
    ledger_close(l);
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peel_two_and_three),
        cmocka_unit_test(peel_the_longer_branch),
        cmocka_unit_test(peel_equal_branches),
        cmocka_unit_test(peel_ends),
        cmocka_unit_test(fans),
        cmocka_unit_test(fans_of_taint),
        cmocka_unit_test(nothing_there),
        cmocka_unit_test(in_order),
        cmocka_unit_test(damaged),
        cmocka_unit_test(failed_allocations),
        cmocka_unit_test(long_chain),
        cmocka_unit_test(against_naive),
        cmocka_unit_test(coinjoins),
        cmocka_unit_test(real_chains),
    };

    return cmocka_run_group_tests_name("patterns", tests, NULL, NULL);
}
