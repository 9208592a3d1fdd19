/* Exposure: small worlds worked out by hand, and random ones against a naive second implementation
 * that keeps every label of every output in a table, and shares by sorting. */
#include "screen/exposure.h"

#include "screen/saved.h"
#include "trace/world.h"

#include <stdio.h>
#include <stdlib.h>

#define LABELS 4
#define PARTS 64

struct owners { /* who owns each output */
    struct world w;
    uint32_t script[WORLD_PARTS_MAX];
};

static uint32_t script_of(const void *ledger, uint64_t output)
{
    return ((const struct owners *)ledger)->script[output];
}

static struct exposure_view view_of(struct owners *o)
{
    return (struct exposure_view){world_coins(&o->w), script_of, o};
}

/* scripts: a letter an output, 'a' is script 0; '-' is nobody. */
static struct owners *owners(const char *world, const char *scripts)
{
    struct owners *o = calloc(1, sizeof(*o));
    const char *bad;

    CHECK(o);
    world_clear(&o->w);
    bad = world_read(&o->w, world);
    CHECK_S(bad ? bad : "", "");
    CHECK_U(strlen(scripts), o->w.outs_n);
    for (size_t i = 0; scripts[i]; i++)
        o->script[i] = scripts[i] == '-' ? EXPOSURE_NONE : (uint32_t)(scripts[i] - 'a');
    return o;
}

static struct exposure *made(struct owners *o, const struct exposure_options *options)
{
    struct exposure_view v = view_of(o);
    struct exposure *x = NULL;
    struct err err;

    CHECK_OK(exposure_new(options, &x, &err), err);
    CHECK_OK(exposure_add(x, &v, &err), err);
    return x;
}

/* "label amount/share hops[!]" of each part; ! is direct */
static const char *told(const struct exposure_part *parts, size_t n)
{
    static char text[1024];
    size_t at = 0;

    text[0] = 0;
    for (size_t i = 0; i < n; i++)
        at += (size_t)snprintf(text + at, sizeof(text) - at, "%s%u %llu/%u %u%s", i ? ", " : "",
                               parts[i].label, (unsigned long long)parts[i].amount.w[0],
                               parts[i].share_ppm, parts[i].hops, parts[i].direct ? "!" : "");
    return text;
}

static const char *received(struct exposure *x, char script)
{
    struct exposure_part parts[PARTS];

    return told(parts, exposure_received(x, (uint32_t)(script - 'a'), parts, PARTS));
}

static const char *sent(struct exposure *x, char script)
{
    struct exposure_part parts[PARTS];

    return told(parts, exposure_sent(x, (uint32_t)(script - 'a'), parts, PARTS));
}

/* a is labelled. It pays b, who pays on to c half and half with clean value. */
static void two_hops(void **state)
{
    struct owners *o = owners("t0: -> 100\n"
                              "t1: -> 100\n"
                              "t2: 0.0 -> 80 20\n"     /* a pays b 80, and itself 20 */
                              "t3: 2.0 1.0 -> 90 90\n" /* b's 80 and d's 100: c 90, d 90 */
                              "t4: 2.1 -> 20\n",       /* a pays c 20 */
                              "adbacdc");
    struct exposure_source source = {.owner = 0, .label = 2};
    struct exposure_options options = {.asked.policy = TRACE_HAIRCUT,
                                       .asked.labels_n = 3,
                                       .asked.sources = &source,
                                       .asked.sources_n = 1};
    struct exposure *x = made(o, &options);
    struct exposure_part part[PARTS];
    struct coins coins = world_coins(&o->w);
    uint32_t path[4], payer;

    (void)state;
    CHECK_S(received(x, 'b'), "2 80/1000000 1!");
    CHECK_S(received(x, 'a'), ""); /* change is not counted */
    /* 80 of 180 goes on: 40 to c of the 110 that it gets, 40 to d of the 190 */
    CHECK_S(received(x, 'c'), "2 40/363636 2, 2 20/181818 1!");
    CHECK_S(received(x, 'd'), "2 40/210526 2");
    CHECK_U(exposure_received_total(x, 2), 110);
    CHECK_U(exposure_sent_total(x, 1), 80);
    CHECK_S(sent(x, 'b'), ""); /* it paid nobody who is labelled */
    CHECK_U(exposure_received(x, 2, part, PARTS), 2);
    CHECK_U(exposure_path(x, part[0].best, path, 4, &payer), 2);
    CHECK_U(path[0], 2);
    CHECK_U(path[1], 3);
    CHECK_U(payer, 0);
    CHECK_U(exposure_path(x, part[0].best, path, 1, &payer), 2); /* the last one */
    CHECK_U(path[0], 3);
    CHECK_U(exposure_path(x, part[1].best, path, 4, &payer), 1);
    CHECK_U(path[0], 4);
    CHECK_U(exposure_output(x, &coins, 4, part, PARTS), 1); /* 3.0: 40 of its 90 */
    CHECK_S(told(part, 1), "2 40/444444 2");
    CHECK_U(exposure_received(x, 999, part, PARTS), 0);
    exposure_free(x);
    free(o);
}

/* The world of two_hops, and c pays on. Of 3.0 are 40 in 90 of the label, 444,444 in a million; 4.0
 * is of it whole. */
static void less_than_the_cut_ends(void **state)
{
    static const struct {
        uint32_t cut_ppm;
        const char *e;
        uint64_t parts, amount;
    } rows[] = {
        {0, "0 60/545454 3", 0, 0},
        {444444, "0 60/545454 3", 0, 0},
        {444445, "0 20/181818 2", 1, 40},
        {1000000, "0 20/181818 2", 1, 40},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct owners *o = owners("t0: -> 100\n"
                                  "t1: -> 100\n"
                                  "t2: 0.0 -> 80 20\n"
                                  "t3: 2.0 1.0 -> 90 90\n"
                                  "t4: 2.1 -> 20\n"
                                  "t5: 3.0 4.0 -> 110\n",
                                  "adbacdce");
        struct exposure_source source = {.owner = 0, .label = 0};
        struct exposure_options options = {.asked.policy = TRACE_HAIRCUT,
                                           .asked.labels_n = 1,
                                           .asked.cut_ppm = rows[i].cut_ppm,
                                           .asked.sources = &source,
                                           .asked.sources_n = 1};
        struct exposure *x = made(o, &options);
        struct coins coins = world_coins(&o->w);
        struct exposure_part part[PARTS];

        test_row("%u ppm", rows[i].cut_ppm);
        CHECK_S(received(x, 'e'), rows[i].e);
        CHECK_S(received(x, 'c'), "0 40/363636 2, 0 20/181818 1!"); /* as it came */
        CHECK_U(exposure_output(x, &coins, 4, part, PARTS), 1);
        CHECK_S(told(part, 1), "0 40/444444 2");
        CHECK_U(exposure_counts(x).cut, rows[i].parts);
        CHECK_U(exposure_cut(x, 0).parts, rows[i].parts);
        CHECK_U(exposure_cut(x, 0).amount, rows[i].amount);
        CHECK_U(exposure_cut(x, 1).parts, 0);
        exposure_free(x);
        free(o);
    }
}

/* What comes to a service stays there; what it pays out is the service's. */
static void a_service_ends_it(void **state)
{
    struct owners *o = owners("t0: -> 100\n"
                              "t1: 0.0 -> 100\n"    /* a, a thief, pays s */
                              "t2: 1.0 -> 60 40\n", /* s pays c 60, and t, a thief too, 40 */
                              "ascb");
    struct exposure_source sources[] = {{.owner = 0, .label = 0},
                                        {.owner = 's' - 'a', .label = 1, .stops = true},
                                        {.owner = 1, .label = 0}};
    struct exposure_options options = {.asked.policy = TRACE_HAIRCUT,
                                       .asked.labels_n = 2,
                                       .asked.sources = sources,
                                       .asked.sources_n = 3};
    struct exposure *x = made(o, &options);

    (void)state;
    CHECK_S(received(x, 's'), "0 100/1000000 1!");
    CHECK_S(received(x, 'c'), "1 60/1000000 1!");
    CHECK_S(received(x, 'b'), "1 40/1000000 1!");
    CHECK_S(sent(x, 'a'), "1 100/1000000 1!");
    CHECK_S(sent(x, 's'), "0 40/400000 1!");
    exposure_free(x);
    free(o);
    /* the same, if it does not stop: the thief's value goes on beside the service's */
    o = owners("t0: -> 100\nt1: 0.0 -> 100\nt2: 1.0 -> 60 40\n", "ascd");
    sources[1].stops = false;
    x = made(o, &options);
    CHECK_S(received(x, 'c'), "0 60/1000000 2, 1 60/1000000 1!");
    exposure_free(x);
    free(o);
}

static void origins_are_of_their_case(void **state)
{
    struct owners *o = owners("t0: -> 50 50\n"
                              "t1: 0.0 -> 50\n"  /* the stolen output */
                              "t2: 0.1 -> 50\n", /* the other of the same owner is clean */
                              "aabc");
    struct exposure_origin origin = {.id = 0, .label = 0};
    struct exposure_options options = {.asked.policy = TRACE_HAIRCUT,
                                       .asked.labels_n = 1,
                                       .asked.origins = &origin,
                                       .asked.origins_n = 1};
    struct exposure *x = made(o, &options);
    struct exposure_part part[PARTS];
    uint32_t path[4], payer;

    (void)state;
    CHECK_S(received(x, 'a'), "0 50/500000 0!");
    CHECK_S(received(x, 'b'), "0 50/1000000 1!");
    CHECK_S(received(x, 'c'), "");
    CHECK_U(exposure_received(x, 1, part, PARTS), 1);
    CHECK_U(exposure_path(x, part[0].best, path, 4, &payer), 1);
    CHECK_U(path[0], 1);
    CHECK_U(payer, EXPOSURE_NONE);
    exposure_free(x);
    free(o);
}

static void policies_share_differently(void **state)
{
    /* 60 of a and 40 clean: outputs of 30 and 70 */
    static const char world[] = "t0: -> 60\nt1: -> 40\nt2: 0.0 1.0 -> 30 70\n";
    static const struct {
        enum trace_policy policy;
        const char *c, *d;
    } rows[] = {
        {TRACE_HAIRCUT, "0 18/600000 1!", "0 42/600000 1!"},
        {TRACE_TIHO, "", "0 60/857142 1!"},
        {TRACE_POISON, "0 30/1000000 1!", "0 70/1000000 1!"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct owners *o = owners(world, "abcd");
        struct exposure_source source = {.owner = 0, .label = 0};
        struct exposure_options options = {.asked.policy = rows[i].policy,
                                           .asked.labels_n = 1,
                                           .asked.sources = &source,
                                           .asked.sources_n = 1};
        struct exposure *x = made(o, &options);

        test_row("%s", trace_policy_name(rows[i].policy));
        CHECK_S(received(x, 'c'), rows[i].c);
        CHECK_S(received(x, 'd'), rows[i].d);
        exposure_free(x);
        free(o);
    }
}

static void unknown_value_ends_it(void **state)
{
    struct owners *o = owners("t0: -> 60\nt1: 0.0 ? -> 90\nt2: 1.0 -> 90\n", "abc");
    struct exposure_source source = {.owner = 0, .label = 0};
    struct exposure_options options = {.asked.policy = TRACE_HAIRCUT,
                                       .asked.labels_n = 1,
                                       .asked.sources = &source,
                                       .asked.sources_n = 1};
    struct exposure *x = made(o, &options);

    (void)state;
    CHECK_S(received(x, 'b'), "");
    CHECK_U(exposure_counts(x).unresolved, 1);
    exposure_free(x);
    options.asked.policy = TRACE_POISON;
    x = made(o, &options);
    CHECK_S(received(x, 'c'), "0 90/1000000 2");
    exposure_free(x);
    free(o);
}

static void limits(void **state)
{
    struct owners *o = owners("t0: -> 60\nt1: 0.0 -> 30 30\n", "abc");
    struct exposure_source source = {.owner = 0, .label = 0};
    struct exposure_options options = {.asked.policy = TRACE_HAIRCUT,
                                       .asked.labels_n = 1,
                                       .asked.sources = &source,
                                       .asked.sources_n = 1,
                                       .records_max = 1,
                                       .scripts_max = 16};
    struct exposure_view v = view_of(o);
    struct exposure *x = NULL;
    struct err err;

    (void)state;
    CHECK_OK(exposure_new(&options, &x, &err), err);
    CHECK(!exposure_add(x, &v, &err));
    CHECK_U(err.class, ERR_LIMIT);
    exposure_free(x);
    options.asked.policy = TRACE_FIFO;
    CHECK(!exposure_new(&options, &x, &err));
    CHECK_U(err.class, ERR_USAGE);
    options.asked.policy = TRACE_HAIRCUT;
    options.asked.cut_ppm = 1000001;
    CHECK(!exposure_new(&options, &x, &err));
    CHECK_U(err.class, ERR_USAGE);
    options.asked.cut_ppm = 0;
    options.asked.labels_n = 0;
    CHECK(!exposure_new(&options, &x, &err));
    CHECK_U(err.class, ERR_USAGE);
    free(o);
}

/* ---- the naive second ---- */

struct naive {
    uint64_t direct[WORLD_PARTS_MAX][LABELS], indirect[WORLD_PARTS_MAX][LABELS];
    uint64_t sent[32][LABELS];
    uint64_t cut_ppm, cut_parts[LABELS], cut_amount[LABELS];
};

/* Largest remainder, by looking for the largest again and again. */
static void naive_share(const uint64_t *parts, size_t n, uint64_t sum, uint64_t amount,
                        uint64_t *ret)
{
    uint64_t given = 0;
    unsigned __int128 rest[PARTS];

    for (size_t i = 0; i < n; i++) {
        unsigned __int128 product = (unsigned __int128)amount * parts[i];

        ret[i] = (uint64_t)(product / sum);
        rest[i] = product % sum;
        given += ret[i];
    }
    for (; given < amount; given++) {
        size_t best = 0;

        for (size_t i = 1; i < n; i++)
            if (rest[i] > rest[best])
                best = i;
        ret[best]++;
        rest[best] = 0;
    }
}

static bool naive_owns(const bool *labels, uint32_t script, unsigned label)
{
    return script != EXPOSURE_NONE && labels[script * LABELS + label];
}

/* What an output that is spent has of a label, if that is enough to go on. */
static uint64_t naive_carried(struct naive *n, const struct owners *o, int32_t output, unsigned l)
{
    uint64_t part = n->direct[output][l] + n->indirect[output][l];

    if (part && part * 1000000 < n->cut_ppm * o->w.out[output]) {
        n->cut_parts[l]++;
        n->cut_amount[l] += part;
        return 0;
    }
    return part;
}

static void naive_tx(struct naive *n, const struct owners *o, uint32_t t, const bool *labels,
                     const bool *stops)
{
    const struct world_tx *tx = &o->w.txs[t];
    uint64_t parts[PARTS], sum = 0, out_sum = 0;

    for (uint32_t i = 0; i < tx->in_n; i++)
        sum += o->w.in_value[tx->in + i];
    for (uint32_t i = 0; i < tx->out_n; i++)
        out_sum += parts[i] = o->w.out[tx->out + i];
    if (!sum)
        return;
    parts[tx->out_n] = sum - out_sum;
    for (unsigned l = 0; l < LABELS; l++) {
        uint64_t direct = 0, indirect = 0, of_direct[PARTS], of_all[PARTS];

        for (uint32_t i = 0; i < tx->in_n; i++) {
            int32_t from = o->w.in[tx->in + i];
            uint32_t script = from < 0 ? EXPOSURE_NONE : o->script[from];

            if (naive_owns(labels, script, l))
                direct += o->w.in_value[tx->in + i];
            else if (from >= 0 && !(script != EXPOSURE_NONE && stops[script]))
                indirect += naive_carried(n, o, from, l);
        }
        naive_share(parts, tx->out_n + 1, sum, direct, of_direct);
        naive_share(parts, tx->out_n + 1, sum, direct + indirect, of_all);
        for (uint32_t i = 0; i < tx->out_n; i++)
            if (!naive_owns(labels, o->script[tx->out + i], l)) {
                uint64_t d = of_direct[i] < of_all[i] ? of_direct[i] : of_all[i];

                n->direct[tx->out + i][l] = d;
                n->indirect[tx->out + i][l] = of_all[i] - d;
            }
        for (uint32_t i = 0; i < tx->in_n; i++)
            for (uint32_t k = 0; k < tx->out_n; k++) {
                int32_t from = o->w.in[tx->in + i];
                uint32_t script = from < 0 ? EXPOSURE_NONE : o->script[from];

                if (script != EXPOSURE_NONE && !naive_owns(labels, script, l) &&
                    naive_owns(labels, o->script[tx->out + k], l))
                    n->sent[script][l] +=
                        (uint64_t)((unsigned __int128)o->w.in_value[tx->in + i] * parts[k] / sum);
            }
    }
}

/* Every output is spent once at most; one in eight values is of outside, known. */
static void random_world(struct owners *o, struct test_random *r)
{
    uint32_t txs = 3 + (uint32_t)test_below(r, 20);

    world_clear(&o->w);
    for (uint32_t t = 0; t < txs; t++) {
        uint64_t sum = 0;
        uint32_t outs = 1 + (uint32_t)test_below(r, 4);

        world_tx(&o->w);
        for (unsigned k = (unsigned)test_below(r, 4); t && k; k--) {
            uint32_t from = (uint32_t)test_below(r, o->w.outs_n ? o->w.outs_n : 1);

            if (test_below(r, 8) == 0) {
                uint64_t v = 1 + test_below(r, 1000);

                world_outside(&o->w, v);
                sum += v;
            } else if (o->w.outs_n && o->w.spent_by[from] < 0) {
                sum += o->w.out[from];
                world_in(&o->w, from);
            }
        }
        if (!o->w.txs[t].in_n)
            sum = 100000; /* a coinbase makes what it pays */
        for (uint32_t k = 0; k < outs; k++) {
            uint64_t v = test_below(r, sum + 1);

            o->script[o->w.outs_n] =
                test_below(r, 10) ? (uint32_t)test_below(r, 12) : EXPOSURE_NONE;
            world_out(&o->w, v);
            sum -= v;
        }
    }
}

static void against_naive(struct owners *o, struct test_random *r)
{
    struct exposure_source sources[16];
    bool labels[32 * LABELS] = {false}, stops[32] = {false};
    struct exposure_options options = {
        .asked.policy = TRACE_HAIRCUT, .asked.labels_n = LABELS, .asked.sources = sources};
    struct naive *n = calloc(1, sizeof(*n));
    struct exposure *x;
    struct coins coins;

    CHECK(n);
    if (test_below(r, 2))
        n->cut_ppm = options.asked.cut_ppm =
            (uint32_t)test_below(r, test_below(r, 2) ? 1000001 : 100000);
    random_world(o, r);
    for (unsigned k = (unsigned)test_below(r, 8); k; k--) {
        struct exposure_source s = {.owner = (uint32_t)test_below(r, 12),
                                    .label = (uint16_t)test_below(r, LABELS),
                                    .stops = test_below(r, 2) != 0};

        sources[options.asked.sources_n++] = s;
        labels[s.owner * LABELS + s.label] = true;
        stops[s.owner] |= s.stops;
    }
    x = made(o, &options);
    coins = world_coins(&o->w);
    for (uint32_t t = 0; t < o->w.txs_n; t++)
        naive_tx(n, o, t, labels, stops);
    for (uint32_t i = 0; i < o->w.outs_n; i++) {
        struct exposure_part parts[PARTS];
        size_t there = exposure_output(x, &coins, i, parts, PARTS), want = 0;

        for (unsigned l = 0; l < LABELS; l++)
            want += (n->direct[i][l] != 0) + (n->indirect[i][l] != 0);
        CHECK_U(there, want);
        for (size_t k = 0; k < there; k++)
            CHECK_U(parts[k].amount.w[0], parts[k].direct ? n->direct[i][parts[k].label]
                                                          : n->indirect[i][parts[k].label]);
    }
    for (uint32_t s = 0; s < 12; s++) {
        struct exposure_part parts[PARTS];
        size_t there = exposure_received(x, s, parts, PARTS);
        uint64_t got[LABELS] = {0}, want[LABELS] = {0};

        for (size_t k = 0; k < there; k++)
            got[parts[k].label] += parts[k].amount.w[0];
        for (uint32_t i = 0; i < o->w.outs_n; i++)
            for (unsigned l = 0; o->script[i] == s && l < LABELS; l++)
                want[l] += n->direct[i][l] + n->indirect[i][l];
        there = exposure_sent(x, s, parts, PARTS);
        for (unsigned l = 0; l < LABELS; l++)
            CHECK_U(got[l], want[l]);
        for (size_t k = 0; k < there; k++)
            CHECK_U(parts[k].amount.w[0], n->sent[s][parts[k].label]);
    }
    for (unsigned l = 0; l < LABELS; l++) {
        CHECK_U(exposure_cut(x, (uint16_t)l).parts, n->cut_parts[l]);
        CHECK_U(exposure_cut(x, (uint16_t)l).amount, n->cut_amount[l]);
    }
    exposure_free(x);
    free(n);
}

static void random_worlds(void **state)
{
    struct test_random r = {test_seed()};
    struct owners *o = calloc(1, sizeof(*o));

    (void)state;
    CHECK(o);
    for (unsigned i = 0; i < 1000; i++) {
        test_row("world %u", i);
        against_naive(o, &r);
    }
    free(o);
}

/* Block by block it is what it is at once. */
static void goes_on(void **state)
{
    struct owners *o =
        owners("t0: -> 100\nt1: 0.0 -> 60 40\nt2: 1.0 -> 60\nt3: 2.0 1.1 -> 70 30\n", "abcdbe");
    struct exposure_source source = {.owner = 0, .label = 0};
    struct exposure_options options = {.asked.policy = TRACE_HAIRCUT,
                                       .asked.labels_n = 1,
                                       .asked.sources = &source,
                                       .asked.sources_n = 1};
    struct exposure *once = made(o, &options), *steps = NULL;
    struct exposure_view v = view_of(o);
    uint64_t outputs[] = {1, 3, 4, 6};
    struct err err;

    (void)state;
    CHECK_OK(exposure_new(&options, &steps, &err), err);
    for (uint32_t t = 0; t < 4; t++) {
        struct exposure_view part = v;

        part.coins.txs_n = t + 1;
        part.coins.outputs_n = outputs[t];
        part.coins.inputs_n = t < 3 ? t : 4;
        CHECK_OK(exposure_add(steps, &part, &err), err);
    }
    for (const char *s = "abcde"; *s; s++) {
        char want[1024];

        snprintf(want, sizeof(want), "%s", received(once, *s));
        CHECK_S(received(steps, *s), want);
    }
    CHECK_U(exposure_counts(steps).records, exposure_counts(once).records);
    exposure_free(once);
    exposure_free(steps);
    free(o);
}

/* Labels of addresses that come later may come later: a pays, then c, labelled, and the output 3.1
 * of a case. One at a time they are what they are at once. */
static void labels_come_later(void **state)
{
    struct owners *o = owners("t0: -> 100\nt1: 0.0 -> 60 40\nt2: 1.0 -> 60\nt3: 2.0 1.1 -> 70 30\n"
                              "t4: 3.0 3.1 -> 100\n",
                              "abbcdef");
    struct exposure_source sources[] = {
        {.owner = 0, .label = 0}, {.owner = 2, .label = 1}, {.owner = 2, .label = 2}};
    struct exposure_origin origin = {.id = 5, .label = 2};
    struct exposure_options options = {.asked.policy = TRACE_HAIRCUT,
                                       .asked.labels_n = 3,
                                       .asked.sources = sources,
                                       .asked.sources_n = 3,
                                       .asked.origins = &origin,
                                       .asked.origins_n = 1};
    struct exposure_asked more = {
        .labels_n = 3, .sources = &sources[1], .sources_n = 2, .origins = &origin, .origins_n = 1};
    struct exposure *once = made(o, &options), *later = NULL;
    struct exposure_view v = view_of(o), part = v;
    struct err err;

    (void)state;
    options.asked.sources_n = 1;
    options.asked.origins_n = 0;
    part.coins.txs_n = 2;
    part.coins.outputs_n = 3;
    part.coins.inputs_n = 1;
    CHECK_OK(exposure_new(&options, &later, &err), err);
    CHECK_OK(exposure_add(later, &part, &err), err);
    CHECK_OK(exposure_more(later, &more, &err), err);
    CHECK_OK(exposure_add(later, &v, &err), err);
    /* of the 100 of t3 all have come from a, and 60 are c's: 70 and 42 of d's 70 */
    CHECK_S(received(later, 'd'), "0 70/1000000 3, 1 42/600000 1!, 2 42/600000 1!");
    CHECK_S(received(later, 'e'), "0 30/1000000 3, 2 30/1000000 0!, 1 18/600000 1!");
    for (const char *s = "abcdef"; *s; s++) {
        char want[1024];

        snprintf(want, sizeof(want), "%s", received(once, *s));
        CHECK_S(received(later, *s), want);
        snprintf(want, sizeof(want), "%s", sent(once, *s));
        CHECK_S(sent(later, *s), want);
    }
    sources[1].label = 3;
    CHECK(!exposure_more(later, &more, &err));
    CHECK_U(err.class, ERR_USAGE);
    exposure_free(once);
    exposure_free(later);
    free(o);
}

/* ---- saved, and loaded ---- */

static const struct hash32 of = {{1, 2, 3}};

/* As it was after so many transactions. */
static struct exposure_view view_until(struct owners *o, uint32_t txs)
{
    struct exposure_view v = view_of(o);

    if (txs < o->w.txs_n) {
        v.coins.txs_n = txs;
        v.coins.outputs_n = o->w.txs[txs].out;
        v.coins.inputs_n = o->w.txs[txs].in;
    }
    return v;
}

static void same_parts(const struct exposure_part *got, size_t n, const struct exposure_part *want,
                       size_t want_n)
{
    CHECK_U(n, want_n);
    for (size_t i = 0; i < n && i < PARTS; i++) {
        CHECK_U(got[i].label, want[i].label);
        CHECK_U(got[i].direct, want[i].direct);
        CHECK(u256_equal(got[i].amount, want[i].amount));
        CHECK_U(got[i].hops, want[i].hops);
        CHECK_U(got[i].best, want[i].best);
    }
}

static void same_answers(struct owners *o, const struct exposure *x, const struct exposure *y)
{
    struct exposure_part got[PARTS], want[PARTS];
    struct coins coins = world_coins(&o->w);

    for (uint32_t s = 0; s < 13; s++) {
        size_t n = exposure_received(x, s, got, PARTS);

        same_parts(got, n, want, exposure_received(y, s, want, PARTS));
        n = exposure_sent(x, s, got, PARTS);
        same_parts(got, n, want, exposure_sent(y, s, want, PARTS));
        CHECK_U(exposure_received_total(x, s), exposure_received_total(y, s));
        CHECK_U(exposure_sent_total(x, s), exposure_sent_total(y, s));
    }
    for (uint32_t i = 0; i < o->w.outs_n; i++) {
        size_t n = exposure_output(x, &coins, i, got, PARTS);

        same_parts(got, n, want, exposure_output(y, &coins, i, want, PARTS));
    }
    CHECK_U(exposure_counts(x).txs, exposure_counts(y).txs);
    CHECK_U(exposure_counts(x).records, exposure_counts(y).records);
    CHECK_U(exposure_counts(x).sums, exposure_counts(y).sums);
    CHECK_U(exposure_counts(x).unresolved, exposure_counts(y).unresolved);
    for (uint16_t l = 0; l < LABELS; l++)
        CHECK_U(exposure_cut(x, l).amount, exposure_cut(y, l).amount);
}

/* Saved on the way, loaded, and brought to the end: the answers and the bytes of who never
 * stopped. */
static void saved_on_the_way(struct owners *o, const struct exposure_options *options,
                             const char *dir, uint32_t txs)
{
    struct exposure_view part = view_until(o, txs), v = view_of(o);
    struct exposure *once = made(o, options), *x = NULL, *y = NULL;
    struct bytes got, want;
    char path[512];
    struct err err;

    snprintf(path, sizeof(path), "%s/exposure", dir);
    CHECK_OK(exposure_new(options, &x, &err), err);
    CHECK_OK(exposure_add(x, &part, &err), err);
    exposure_note(x)->n = 2;
    exposure_note(x)->bytes[1] = 7;
    CHECK_OK(exposure_save(x, path, &of, &err), err);
    CHECK_OK(exposure_load(path, options, &of, &y, &err), err);
    CHECK_U(exposure_counts(y).txs, txs);
    CHECK_U(exposure_note(y)->n, 2);
    CHECK_U(exposure_note(y)->bytes[1], 7);
    CHECK_OK(exposure_add(y, &v, &err), err);
    same_answers(o, y, once);
    exposure_note(y)->n = 0;
    CHECK_OK(exposure_save(y, path, &of, &err), err);
    got = test_read(path);
    CHECK_OK(exposure_save(once, path, &of, &err), err);
    want = test_read(path);
    CHECK(bytes_equal(got, want));
    exposure_free(once);
    exposure_free(x);
    exposure_free(y);
}

static void saved_worlds(void **state)
{
    static const enum trace_policy policies[] = {TRACE_HAIRCUT, TRACE_TIHO, TRACE_POISON};
    struct test_random r = {test_seed()};
    struct owners *o = calloc(1, sizeof(*o));
    const char *dir = test_dir();

    (void)state;
    CHECK(o);
    for (unsigned i = 0; i < 100; i++) {
        struct exposure_source sources[16];
        struct exposure_origin origin = {.label = (uint16_t)test_below(&r, LABELS)};
        struct exposure_options options = {
            .asked = {.policy = policies[i % 3],
                      .labels_n = LABELS,
                      .cut_ppm = test_below(&r, 2) ? (uint32_t)test_below(&r, 500000) : 0,
                      .sources = sources,
                      .origins = &origin,
                      .origins_n = test_below(&r, 2)}};

        test_row("world %u", i);
        random_world(o, &r);
        origin.id = test_below(&r, o->w.outs_n);
        for (unsigned k = 1 + (unsigned)test_below(&r, 7); k; k--)
            sources[options.asked.sources_n++] =
                (struct exposure_source){.owner = test_below(&r, 12),
                                         .label = (uint16_t)test_below(&r, LABELS),
                                         .stops = test_below(&r, 4) == 0};
        saved_on_the_way(o, &options, dir, (uint32_t)test_below(&r, o->w.txs_n + 1));
    }
    free(o);
}

struct kept { /* a world that is saved, loaded and used */
    struct owners *o;
    struct exposure_source sources[2];
    struct exposure_options options;
    char path[512];
};

static void kept_make(struct kept *k)
{
    *k = (struct kept){
        .o = owners("t0: -> 100\nt1: 0.0 -> 60 40\nt2: 1.0 -> 60\nt3: 2.0 1.1 -> 70 30\n"
                    "t4: 3.0 -> 20 50\n",
                    "abcdbeaf"),
        .sources = {{.owner = 0, .label = 0}, {.owner = 2, .label = 1}}};
    k->options.asked = (struct exposure_asked){.policy = TRACE_HAIRCUT,
                                               .labels_n = 2,
                                               .cut_ppm = 10,
                                               .sources = k->sources,
                                               .sources_n = 2};
}

static bool kept_save(void *ctx, const char *path, struct err *err)
{
    struct kept *k = ctx;
    struct exposure_view v = view_until(k->o, 4);
    struct exposure *x = NULL;
    bool ok = exposure_new(&k->options, &x, err) && exposure_add(x, &v, err) &&
              exposure_save(x, path, &of, err);

    exposure_free(x);
    return ok;
}

static bool kept_load(void *ctx, const char *path, struct err *err)
{
    struct kept *k = ctx;
    struct exposure_view v = view_of(k->o);
    struct exposure_part part[PARTS];
    struct exposure *x = NULL;
    uint32_t path_txs[4], source;

    if (!exposure_load(path, &k->options, &of, &x, err))
        return false;
    for (uint32_t s = 0; s < 8; s++) {
        exposure_received(x, s, part, PARTS);
        exposure_sent(x, s, part, PARTS);
        exposure_output(x, &v.coins, s, part, PARTS);
    }
    for (uint32_t i = 0; i < exposure_counts(x).records; i++)
        exposure_path(x, i, path_txs, 4, &source);
    if (!exposure_add(x, &v, err)) /* of numbers that somebody has chosen: no limit is passed */
        CHECK_U(err->class, ERR_LIMIT);
    exposure_free(x);
    return true;
}

static void damaged_files(void **state)
{
    struct test_random r = {test_seed()};
    const char *dir = test_dir();
    struct hash32 other = of;
    struct exposure *x = NULL;
    char path[512], none[512];
    struct err err;
    struct kept k;

    (void)state;
    kept_make(&k);
    snprintf(path, sizeof(path), "%s/exposure", dir);
    snprintf(none, sizeof(none), "%s/none/exposure", dir);
    CHECK(!kept_save(&k, none, &err));
    CHECK_U(err.class, ERR_SYSTEM);
    CHECK(!kept_load(&k, none, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    CHECK_OK(kept_save(&k, path, &err), err);
    saved_damaged(path, kept_load, &k, &r);
    saved_half(path, kept_save, &k);
    other.b[31] = 1;
    CHECK(!exposure_load(path, &k.options, &other, &x, &err));
    CHECK_U(err.class, ERR_DIFFERS);
    k.options.asked.cut_ppm++;
    CHECK(!kept_load(&k, path, &err));
    CHECK_U(err.class, ERR_DIFFERS);
    k.options.asked.cut_ppm--;
    k.options.records_max = 1;
    CHECK(!kept_load(&k, path, &err));
    CHECK_U(err.class, ERR_LIMIT);
    free(k.o);
}

static bool load_again(void *ctx)
{
    struct kept *k = ctx;
    struct exposure *x = NULL;
    struct err err;
    bool ok = exposure_load(k->path, &k->options, &of, &x, &err);

    exposure_free(x);
    return ok;
}

static bool build(void *ctx)
{
    struct owners *o = ctx;
    struct exposure_source source = {.owner = 0, .label = 0};
    struct exposure_options options = {.asked.policy = TRACE_HAIRCUT,
                                       .asked.labels_n = 1,
                                       .asked.sources = &source,
                                       .asked.sources_n = 1};
    struct exposure_view v = view_of(o);
    struct exposure *x = NULL;
    struct err err;
    struct exposure_source later = {.owner = 9, .label = 0};
    struct exposure_asked more = {.labels_n = 1, .sources = &later, .sources_n = 1};
    bool ok = exposure_new(&options, &x, &err) && exposure_add(x, &v, &err) &&
              exposure_more(x, &more, &err);

    exposure_free(x);
    return ok;
}

static void failed_allocations(void **state)
{
    struct owners *o = owners("t0: -> 60\nt1: 0.0 -> 30 30\n", "abc");
    struct kept k;
    struct err err;

    (void)state;
    test_failed_allocations(build, o);
    free(o);
    kept_make(&k);
    snprintf(k.path, sizeof(k.path), "%s/exposure", test_dir());
    CHECK_OK(kept_save(&k, k.path, &err), err);
    test_failed_allocations(load_again, &k);
    free(k.o);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_hops),
        cmocka_unit_test(less_than_the_cut_ends),
        cmocka_unit_test(a_service_ends_it),
        cmocka_unit_test(origins_are_of_their_case),
        cmocka_unit_test(policies_share_differently),
        cmocka_unit_test(unknown_value_ends_it),
        cmocka_unit_test(limits),
        cmocka_unit_test(random_worlds),
        cmocka_unit_test(goes_on),
        cmocka_unit_test(labels_come_later),
        cmocka_unit_test(saved_worlds),
        cmocka_unit_test(damaged_files),
        cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
