/* The real graph of 2009, blocks 0 to 19999 of Bitcoin, through the facts interface into a ledger,
 * and every coin that was spent traced from there under every policy: all is accounted for, poison
 * reaches what a plain search reaches, and under fifo and lifo each unit's way back is its way
 * there. */
#include "support.h"

#include "base/hash.h"
#include "base/text.h"
#include "chain/facts.h"
#include "ledger/writer.h"
#include "trace/backward.h"
#include "trace/trace.h"

#include <stdlib.h>

#define TXS_MAX 20200
#define PARTS_MAX_HERE 40000
#define ARENA_MAX ((size_t)1 << 30)

struct graph {
    struct hash32 txids[TXS_MAX];
    uint32_t ins_n[TXS_MAX], outs_n[TXS_MAX];
    uint8_t outpoints[PARTS_MAX_HERE][OUTPOINT_BYTES];
    const uint8_t *inputs[PARTS_MAX_HERE];
    struct fact_output outputs[PARTS_MAX_HERE];
    struct block_facts blocks[20000];
    size_t txs, ins, outs, blocks_n;
};

static const char *field(const char **s, size_t *n, char end)
{
    const char *at = *s;

    *n = strcspn(at, (const char[]){end, '\n', 0});
    *s = at + *n + (at[*n] == end);
    return at;
}

static struct hash32 txid_read(const char *hex)
{
    struct hash32 shown, id;

    CHECK(hex_decode(hex, 64, shown.b, 32));
    for (size_t i = 0; i < 32; i++)
        id.b[i] = shown.b[31 - i];
    return id;
}

static void read_inputs(struct graph *g, const char *s, size_t n)
{
    for (const char *end = s + n; s < end;) {
        struct hash32 id = txid_read(s);
        char *after;

        CHECK(g->ins < PARTS_MAX_HERE);
        memcpy(g->outpoints[g->ins], id.b, 32);
        store_le32(g->outpoints[g->ins] + 32, (uint32_t)strtoul(s + 65, &after, 10));
        g->inputs[g->ins] = g->outpoints[g->ins];
        g->ins++;
        g->ins_n[g->txs]++;
        s = after + (*after == ',');
    }
}

/* The address as it is written stands for the script: it only has to be the same where they are. */
static void read_outputs(struct graph *g, const char *s, size_t n)
{
    for (const char *end = s + n; s < end;) {
        char *after;
        uint64_t value = strtoull(s, &after, 10);
        size_t address_n = strcspn(after + 1, ",\n");

        CHECK(g->outs < PARTS_MAX_HERE && *after == ':');
        g->outputs[g->outs++] =
            (struct fact_output){value, {(const uint8_t *)after + 1, address_n}};
        g->outs_n[g->txs]++;
        s = after + 1 + address_n;
        s += *s == ',';
    }
}

static void begin_block(struct graph *g, uint32_t height)
{
    struct block_facts *f = &g->blocks[g->blocks_n];
    uint8_t name[4];

    CHECK_U(height, g->blocks_n);
    store_le32(name, height);
    *f = (struct block_facts){
        .height = height ? HEIGHT_UNKNOWN : 0, .size = 1000, .hash = sha256(name, 4)};
    f->txids = g->txids + g->txs;
    f->tx_inputs_n = g->ins_n + g->txs;
    f->tx_outputs_n = g->outs_n + g->txs;
    f->inputs = g->inputs + g->ins;
    f->outputs = g->outputs + g->outs;
    if (height)
        f->prev = g->blocks[height - 1].hash;
    g->blocks_n++;
}

static void read_graph(struct graph *g, const char *s)
{
    while (*s) {
        size_t n, id_n;
        const char *at, *id;
        struct block_facts *f;

        if (*s == '#') {
            s = strchr(s, '\n') + 1;
            continue;
        }
        at = field(&s, &n, '\t');
        if (strtoul(at, NULL, 10) >= g->blocks_n)
            begin_block(g, (uint32_t)strtoul(at, NULL, 10));
        CHECK(g->txs < TXS_MAX);
        id = field(&s, &id_n, '\t');
        CHECK_U(id_n, 64);
        g->txids[g->txs] = txid_read(id);
        at = field(&s, &n, '\t');
        read_inputs(g, at, n);
        at = field(&s, &n, '\n');
        read_outputs(g, at, n);
        s += *s == '\n';
        f = &g->blocks[g->blocks_n - 1];
        f->txs_n++;
        f->inputs_n += g->ins_n[g->txs];
        f->outputs_n += g->outs_n[g->txs];
        g->txs++;
    }
}

static struct ledger *ledger_of_graph(void)
{
    struct bytes raw = test_data("bitcoin/graph/mainnet-2009-h0-19999.tsv.zst");
    char *text = malloc(raw.n + 1), *dir = test_dir();
    struct graph *g = calloc(1, sizeof(*g));
    struct ledger_writer *w;
    struct ledger *l;
    struct err err;

    memcpy(text, raw.p, raw.n);
    text[raw.n] = 0;
    read_graph(g, text);
    CHECK_U(g->txs, 20136);
    CHECK_OK(
        ledger_writer_open(dir, chain_by_name("bitcoin"), (struct ledger_options){0}, &w, &err),
        err);
    CHECK_OK(ledger_append(w, g->blocks, g->blocks_n, &err), err);
    ledger_writer_close(w);
    CHECK_OK(ledger_open(dir, &l, &err), err);
    free(g);
    free(text);
    return l;
}

/* What poison reaches, found by looking at every transaction: more than 0, and an input that is
 * reached. */
static size_t plain_search(const struct coins *c, uint64_t origin, bool *reached)
{
    size_t n = 1;

    memset(reached, 0, c->outputs_n);
    reached[origin] = true;
    for (uint32_t tx = 0; tx < c->txs_n; tx++) {
        struct coins_range in = coins_inputs(c, tx), out = coins_outputs(c, tx);
        bool any = false;

        for (uint64_t i = in.first; i < in.first + in.n; i++)
            any |= reached[load_le40(c->in_source + i * ID_BYTES)];
        for (uint64_t o = out.first; any && o < out.first + out.n; o++)
            if (coins_value(c, o) && !reached[o]) {
                reached[o] = true;
                n++;
            }
    }
    return n;
}

static void check_back(struct arena *a, const struct coins *c, enum trace_policy policy,
                       uint64_t origin, const struct trace *there)
{
    for (size_t i = 0; i < there->reached_n; i++) {
        uint64_t y = there->reached[i].output, got = 0;
        struct trace_target target = {
            .outputs = &y, .outputs_n = 1, .policy = policy, .hops_max = TRACE_HOPS_NONE};
        struct trace_sources f;
        struct err err;

        CHECK_OK(trace_backward(a, c, &target, &f, &err), err);
        for (size_t k = 0; k < f.sources_n; k++)
            if (f.sources[k].output == origin)
                got = f.sources[k].amount;
        CHECK_U(got, there->reached[i].taint);
    }
}

static void one_coin(const struct coins *c, uint64_t origin, const bool *reached)
{
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct trace_case ask[5];
    struct trace got[5];
    struct err err;

    for (int policy = TRACE_FIFO; policy <= TRACE_POISON; policy++)
        ask[policy] = (struct trace_case){.origins = &origin,
                                          .origins_n = 1,
                                          .policy = (enum trace_policy)policy,
                                          .hops_max = TRACE_HOPS_NONE};
    CHECK_OK(trace_forward(a, c, ask, 5, got, &err), err);
    for (int policy = TRACE_FIFO; policy < TRACE_POISON; policy++) {
        uint64_t held = 0;

        CHECK(got[policy].exact);
        for (size_t i = 0; i < got[policy].reached_n; i++)
            if (got[policy].reached[i].spent_by == COINS_TX_NONE)
                held += got[policy].reached[i].taint;
        CHECK_U(held, got[policy].totals.held);
        CHECK_U(held + got[policy].totals.fees, coins_value(c, origin));
        for (size_t i = 0; i < got[policy].reached_n; i++)
            CHECK(reached[got[policy].reached[i].output]);
    }
    check_back(a, c, TRACE_FIFO, origin, &got[TRACE_FIFO]);
    check_back(a, c, TRACE_LIFO, origin, &got[TRACE_LIFO]);
    arena_free(a);
}

static void every_spent_coin_of_2009(void **state)
{
    struct ledger *l = ledger_of_graph();
    const struct coins *c = ledger_coins(l);
    bool *reached = malloc(c->outputs_n);
    size_t coins_n = 0, most = 0;

    for (uint64_t o = 0; o < c->outputs_n; o++) {
        struct trace_case ask = {
            .origins = &o, .origins_n = 1, .policy = TRACE_POISON, .hops_max = TRACE_HOPS_NONE};
        struct arena *a;
        struct trace poison;
        struct err err;
        size_t n;

        if (coins_spender(c, o) == COINS_TX_NONE)
            continue;
        test_row("output %llu", (unsigned long long)o);
        n = plain_search(c, o, reached);
        a = arena_new(NULL, ARENA_MAX);
        CHECK_OK(trace_forward(a, c, &ask, 1, &poison, &err), err);
        CHECK_U(poison.reached_n, n);
        for (size_t i = 0; i < n; i++)
            CHECK(reached[poison.reached[i].output]);
        arena_free(a);
        one_coin(c, o, reached);
        most = n > most ? n : most;
        coins_n++;
    }
    print_message("%zu spent coins of 2009, at most %zu outputs reached from one\n", coins_n, most);
    CHECK(coins_n > 136);
    free(reached);
    ledger_close(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_spent_coin_of_2009),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
