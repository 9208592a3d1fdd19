#include "small_world.h"

#include <stdlib.h>

#define BTC UINT64_C(100000000)

struct world *world_new(void)
{
    struct world *w = calloc(1, sizeof(*w));

    CHECK(w);
    w->coins = (struct coins){.tx_first = w->tx_first,
                              .out_value = w->out_value,
                              .out_spent = w->out_spent,
                              .in_source = w->in_source};
    memset(w->stop, 0xff, sizeof(w->stop));
    return w;
}

void world_free(struct world *w)
{
    free(w);
}

uint32_t world_tx(struct world *w, uint32_t height)
{
    uint32_t tx = (uint32_t)w->coins.txs_n++;

    CHECK(tx < WORLD_MAX);
    store_le40(w->tx_first + (size_t)tx * TX_FIRST_BYTES, w->coins.outputs_n);
    store_le40(w->tx_first + (size_t)tx * TX_FIRST_BYTES + ID_BYTES, w->coins.inputs_n);
    w->height[tx] = height;
    return tx;
}

uint64_t world_out(struct world *w, uint64_t value, uint32_t script)
{
    uint64_t output = w->coins.outputs_n++;

    CHECK(output < WORLD_MAX);
    store_le64(w->out_value + output * 8, value);
    w->script[output] = script;
    return output;
}

void world_in(struct world *w, uint64_t output)
{
    CHECK(!load_le32(w->out_spent + output * 4));
    store_le32(w->out_spent + output * 4, (uint32_t)w->coins.txs_n);
    store_le40(w->in_source + w->coins.inputs_n++ * ID_BYTES, output);
}

int32_t world_stop(struct world *w, const char *name, const char *category)
{
    w->stops[w->stops_n] = (struct trace_stop){"bc1qexample", name, category, "stops.csv"};
    return (int32_t)w->stops_n++;
}

static struct hash32 fake_txid(void *ctx, uint32_t tx)
{
    struct test_random r = {tx};
    struct hash32 h;

    for (size_t i = 0; i < 32; i += 8)
        store_le64(h.b + i, test_random(&r));
    return h;
}

static struct ledger_block fake_block(void *ctx,
                                      uint32_t block) /* blocks are numbered by their heights */
{
    return (struct ledger_block){.height = block,
                                 .time = 1717113600 + (block - 846000) * 600,
                                 .hash = fake_txid(ctx, block)};
}

static uint32_t fake_block_of(void *ctx, uint32_t tx)
{
    return ((struct world *)ctx)->height[tx];
}

static uint32_t fake_script_of(void *ctx, uint64_t output)
{
    return ((struct world *)ctx)->script[output];
}

static void fake_show(void *ctx, uint32_t script, struct text *to)
{
    static const char letters[] = "023456789acdefghjklmnpqrstuvwxyz";
    struct test_random r = {script};

    text_str(to, "bc1q");
    for (int i = 0; i < 38; i++)
        text_char(to, letters[test_below(&r, 32)]);
}

static uint32_t hop_of(const struct world *w, uint32_t tx)
{
    struct coins_range in = coins_inputs(&w->coins, tx);
    uint32_t least = UINT32_MAX;

    for (uint64_t i = in.first; i < in.first + in.n; i++) {
        uint64_t value, from = coins_source(&w->coins, i, &value);

        if (w->reached[from].hop < least)
            least = w->reached[from].hop;
    }
    return least + 1;
}

void world_finish(struct world *w)
{
    struct coins_range first = coins_outputs(&w->coins, 0);
    struct trace_totals *sums = &w->trace.totals;

    w->origins_n = (uint32_t)first.n;
    for (uint64_t o = 0; o < w->coins.outputs_n; o++) {
        struct trace_reached *r = &w->reached[o];
        uint64_t value = coins_value(&w->coins, o);

        *r = (struct trace_reached){.output = o,
                                    .taint = value,
                                    .spent_by = coins_spender(&w->coins, o),
                                    .stop = w->stop[o],
                                    .origin = o < first.n,
                                    .hop = o < first.n ? 0 : hop_of(w, coins_maker(&w->coins, o))};
        sums->origin += r->origin ? value : 0;
        sums->held += r->stop < 0 && r->spent_by == COINS_TX_NONE ? value : 0;
        sums->exits += r->stop >= 0 ? value : 0;
    }
    sums->fees = sums->origin - sums->held - sums->exits;
    w->trace.reached = w->reached;
    w->trace.reached_n = w->coins.outputs_n;
    w->trace.exact = true;
    w->doc = (struct trace_doc){.coins = w->coins,
                                .title = "The theft from Example Exchange",
                                .case_id = "2024-007",
                                .policy = TRACE_FIFO,
                                .hops_max = TRACE_HOPS_NONE,
                                .stops = w->stops,
                                .stops_n = w->stops_n,
                                .trace = &w->trace};
    w->names = (struct page_names){.ctx = w,
                                   .chain = "bitcoin",
                                   .unit = "BTC",
                                   .decimals = 8,
                                   .until = fake_block(w, 850000),
                                   .tip = fake_block(w, 850012),
                                   .txid = fake_txid,
                                   .block = fake_block,
                                   .block_of = fake_block_of,
                                   .script_of = fake_script_of,
                                   .script_show = fake_show};
}

/* 100 BTC: split in 60 and 40 less the fee, the 60 are cut up and reach two exchanges, the 40 rest
 * after one more hop. */
struct world *world_five_hops(void)
{
    struct world *w = world_new();
    int32_t bourse = world_stop(w, "Bourse of Examples", "exchange"),
            mixer = world_stop(w, "Mixer M", "mixer");
    uint64_t a, b, c, d, e;

    world_tx(w, 846000);
    a = world_out(w, 100 * BTC, 1);
    world_tx(w, 846003);
    world_in(w, a);
    a = world_out(w, 60 * BTC, 2);
    b = world_out(w, 40 * BTC - 5000, 3);
    world_tx(w, 846010);
    world_in(w, a);
    a = world_out(w, 35 * BTC, 4);
    c = world_out(w, 25 * BTC - 8000, 5);
    world_tx(w, 846011);
    world_in(w, b);
    b = world_out(w, 39 * BTC, 6);
    d = world_out(w, BTC - 10000, 7);
    world_tx(w, 846150);
    world_in(w, a);
    world_in(w, d);
    a = world_out(w, 30 * BTC, 8);
    e = world_out(w, 6 * BTC - 30000, 9);
    w->stop[a] = bourse;
    world_tx(w, 846151);
    world_in(w, c);
    w->stop[world_out(w, 12 * BTC, 10)] = mixer;
    c = world_out(w, 13 * BTC - 16000, 11);
    world_tx(w, 846290);
    world_in(w, c);
    w->stop[world_out(w, 10 * BTC, 12)] = bourse;
    world_out(w, 3 * BTC - 20000, 13);
    world_tx(w, 846700);
    world_in(w, e);
    w->stop[world_out(w, 2 * BTC + 12345, 8)] = bourse;
    world_out(w, 4 * BTC - 45000, 14);
    world_finish(w);
    return w;
}

/* 300 BTC, 2.5 to 3.5 peeled off at each of 86 steps: to one of two exchanges, or left lying. */
struct world *world_peel_chain(void)
{
    struct world *w = world_new();
    int32_t stops[2] = {world_stop(w, "Bourse of Examples", "exchange"),
                        world_stop(w, "Second Exchange", "exchange")};
    uint64_t value = 300 * BTC, at;

    world_tx(w, 846000);
    at = world_out(w, value, 1);
    for (uint32_t i = 0; i < 86; i++) {
        uint64_t peel = BTC * 5 / 2 + i * 12345678 % BTC, peeled;

        world_tx(w, 846002 + i * 7);
        world_in(w, at);
        peeled = world_out(w, peel, 100 + i);
        if (i % 4 != 3)
            w->stop[peeled] = stops[i % 4 / 2];
        value -= peel + 3000;
        at = world_out(w, value, 300 + i);
    }
    world_finish(w);
    return w;
}

/* Outputs spent in random order in random parts; one in six comes to one of 14 exits; one
 * transaction pays 400 at once. */
struct world *world_many(unsigned outputs_n, uint64_t seed)
{
    static const char *const names[] = {"Bourse of Examples",
                                        "Second Exchange",
                                        "Third Exchange",
                                        "Mixer M",
                                        "Bridge B",
                                        "OTC Desk",
                                        "Casino C",
                                        "Pool P",
                                        "Exchange North",
                                        "Exchange South",
                                        "Exchange East",
                                        "Exchange West",
                                        "Kiosk K",
                                        "Swap S"};
    struct world *w = world_new();
    struct test_random r = {seed};
    uint64_t open[WORLD_MAX], last;
    size_t open_n = 0;
    uint32_t height = 846000;

    for (size_t i = 0; i < 14; i++)
        world_stop(w, names[i], i == 3 ? "mixer" : i == 4 ? "bridge" : "exchange");
    world_tx(w, height);
    for (int i = 0; i < 3; i++)
        open[open_n++] = world_out(w, 4000 * BTC + i * 5 * BTC / 7, 1 + (uint32_t)i);
    while (w->coins.outputs_n < outputs_n && open_n) {
        size_t takes = test_below(&r, 4) ? 1 : 2,
               parts = w->coins.txs_n == 40 ? 400 : 2 + test_below(&r, 3);
        uint64_t value = 0;

        world_tx(w, height += (uint32_t)test_below(&r, 3));
        for (size_t k = 0; k < takes && open_n; k++) {
            size_t i = test_below(&r, 3) ? open_n - 1 - test_below(&r, open_n < 12 ? open_n : 12)
                                         : test_below(&r, open_n);

            world_in(w, open[i]);
            value += coins_value(&w->coins, open[i]);
            open[i] = open[--open_n];
        }
        value -= value > 10000 ? 2000 : 0;
        for (size_t k = 0; k < parts; k++) {
            uint64_t part = k + 1 == parts ? value
                            : parts > 100  ? value / (parts - k)
                                           : test_below(&r, value + 1);

            value -= part;
            last = world_out(w, part, 1000 + (uint32_t)test_below(&r, 100000));
            if (!test_below(&r, 6))
                w->stop[last] = (int32_t)(test_below(&r, 14) * test_below(&r, 14) / 14);
            else if (part > BTC / 100) /* less is left lying */
                open[open_n++] = last;
        }
    }
    world_finish(w);
    return w;
}
