/* The examples of docs/taint.md, run; and what the rules do not show: limits, damaged columns,
 * failing memory. */
#include "support.h"

#include "base/mem.h"
#include "base/text.h"
#include "trace/backward.h"
#include "trace/trace.h"
#include "trace/world.h"

#include <stdio.h>
#include <stdlib.h>

#define ARENA_MAX ((size_t)1 << 24)

/* ---- docs/taint.md ---- */

struct example {
    struct world w;
    uint64_t outputs[WORLD_PARTS_MAX]; /* origins or targets */
    size_t outputs_n;
    int stop[WORLD_PARTS_MAX];
    struct trace_case ask;
    bool back;
};

static int32_t stop_of(void *ctx, uint64_t output)
{
    return ((const int *)ctx)[output];
}

static uint64_t output(const struct example *e, const char **s)
{
    uint64_t id;
    const char *end = world_output(&e->w, *s + strspn(*s, " "), &id);

    CHECK(end);
    *s = end;
    return id;
}

/* "fifo from 0.0 0.1 stop 1.0 dust 3 hops 2:" */
static const char *read_question(struct example *e, const char *s)
{
    char name[16];

    CHECK(sscanf(s, "%15s", name) == 1);
    s += strlen(name);
    e->ask =
        (struct trace_case){.hops_max = TRACE_HOPS_NONE, .stop_of = stop_of, .stop_ctx = e->stop};
    CHECK(trace_policy_from_name(name, &e->ask.policy));
    e->outputs_n = 0;
    memset(e->stop, 0xff, sizeof(e->stop));
    e->back = test_word(&s, "back");
    CHECK(e->back || test_word(&s, "from"));
    while (!test_word(&s, ":")) {
        if (test_word(&s, "stop"))
            e->stop[output(e, &s)] = 7;
        else if (test_word(&s, "dust"))
            e->ask.dust = test_number(&s);
        else if (test_word(&s, "hops"))
            e->ask.hops_max = (uint32_t)test_number(&s);
        else
            e->outputs[e->outputs_n++] = output(e, &s);
    }
    e->ask.origins = e->outputs;
    e->ask.origins_n = e->outputs_n;
    return s;
}

/* "0.0=5@0 2.0=4@1 |": read onto got, which is in ledger order while the text is in any. */
static const char *check_outputs(struct example *e, const char *s, const struct trace_reached *got,
                                 size_t got_n)
{
    size_t n = 0;

    for (; !test_word(&s, "|"); n++) {
        uint64_t id = output(e, &s);
        size_t k = 0;

        while (k < got_n && got[k].output != id)
            k++;
        CHECK(k < got_n);
        CHECK(test_word(&s, "="));
        CHECK_U(got[k].taint, test_number(&s));
        CHECK(test_word(&s, "@"));
        CHECK_U(got[k].hop, test_number(&s));
    }
    CHECK_U(got_n, n);
    return s;
}

struct total {
    const char *name;
    uint64_t amount;
};

/* "5 = held 4 + fees 1": those not named are 0. */
static void check_totals(const char *s, struct total *totals, size_t n)
{
    CHECK_U(totals[0].amount, test_number(&s));
    totals[0].amount = 0;
    CHECK(test_word(&s, "=") || test_word(&s, ":"));
    while (*s && *s != '\n') {
        size_t i = 0;

        while (i < n && !test_word(&s, totals[i].name))
            i++;
        CHECK(i < n);
        s += strspn(s, " ");
        CHECK_U(totals[i].amount, test_number(&s));
        totals[i].amount = 0;
        test_word(&s, "+");
    }
    for (size_t i = 0; i < n; i++)
        CHECK_U(totals[i].amount, 0);
}

static void check_forward(struct example *e, const struct coins *coins, const char *s)
{
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct trace t;
    struct err err;

    CHECK_OK(trace_forward(a, coins, &e->ask, 1, &t, &err), err);
    s = check_outputs(e, s, t.reached, t.reached_n);
    check_totals(s,
                 (struct total[]){{"marked", t.totals.origin},
                                  {"held", t.totals.held},
                                  {"exits", t.totals.exits},
                                  {"cut", t.totals.cut},
                                  {"fees", t.totals.fees},
                                  {"dust", t.totals.dust},
                                  {"unresolved", t.totals.unresolved}},
                 7);
    arena_free(a);
}

static void check_back(struct example *e, const struct coins *coins, const char *s)
{
    struct trace_target target = {.outputs = e->outputs,
                                  .outputs_n = e->outputs_n,
                                  .policy = e->ask.policy,
                                  .hops_max = e->ask.hops_max};
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct trace_reached got[16];
    struct trace_sources f;
    struct err err;

    CHECK_OK(trace_backward(a, coins, &target, &f, &err), err);
    CHECK(f.sources_n <= 16);
    for (size_t i = 0; i < f.sources_n; i++)
        got[i] = (struct trace_reached){
            .output = f.sources[i].output, .taint = f.sources[i].amount, .hop = f.sources[i].hop};
    s = check_outputs(e, s, got, f.sources_n);
    check_totals(s,
                 (struct total[]){{"wanted", f.totals.target},
                                  {"coinbase", f.totals.coinbase},
                                  {"outside", f.totals.outside},
                                  {"cut", f.totals.cut},
                                  {"unresolved", f.totals.unresolved}},
                 5);
    arena_free(a);
}

static void one_example(char *text)
{
    static struct example e;
    struct coins coins;
    char *world_end = strstr(text, "\n"), *line;

    while (world_end && world_end[1] == 't' && world_end[2] >= '0' && world_end[2] <= '9')
        world_end = strstr(world_end + 1, "\n");
    CHECK(world_end);
    *world_end = 0;
    CHECK(!world_read(&e.w, text));
    coins = world_coins(&e.w);
    for (line = strtok(world_end + 1, "\n"); line; line = strtok(NULL, "\n")) {
        const char *s;

        test_row("%s: %s", text, line);
        s = read_question(&e, line);
        if (e.back)
            check_back(&e, &coins, s);
        else
            check_forward(&e, &coins, s);
    }
}

static void document(void **state)
{
    static const char begin[] = "\n```taint\n", end[] = "\n```\n";
    struct bytes doc = test_read(CORDON_SOURCE "/docs/taint.md");
    char *text = malloc(doc.n + 1), *s = text;
    size_t n = 0;

    memcpy(text, doc.p, doc.n);
    text[doc.n] = 0;
    while ((s = strstr(s, begin))) {
        char *stop;

        s += strlen(begin);
        stop = strstr(s, end);
        CHECK(stop);
        *stop = 0;
        one_example(s);
        s = stop + 1;
        n++;
    }
    free(text);
    CHECK(n >= 15);
    print_message("%zu examples of docs/taint.md\n", n);
}

/* Where in an output its tainted run starts: just below and above 32 bits, and far above. */
static void large_values(void **state)
{
    static const char *const examples[] = {
        "t0: -> 4294967295\nt1: -> 5\nt2: 0.0 1.0 -> 4294967300\nt3: 2.0 -> 4294967296 4\n"
        "fifo from 1.0: 1.0=5@0 2.0=5@1 3.0=1@2 3.1=4@2 | 5 = held 5\n",
        "t0: -> 4294967296\nt1: -> 5\nt2: 0.0 1.0 -> 4294967301\nt3: 2.0 -> 4294967297 4\n"
        "fifo from 1.0: 1.0=5@0 2.0=5@1 3.0=1@2 3.1=4@2 | 5 = held 5\n",
        "t0: -> 10000000000\nt1: -> 5000\nt2: 0.0 1.0 -> 10000005000\n"
        "t3: 2.0 -> 10000001000 4000\nt4: 3.0 -> 10000000500 500\n"
        "fifo from 1.0: 1.0=5000@0 2.0=5000@1 3.0=1000@2 3.1=4000@2 4.0=500@3 4.1=500@3 | "
        "5000 = held 5000\n",
        "t0: -> 4294967295\nt1: -> 5\nt2: 0.0 1.0 -> 4294967300\nt3: 2.0 -> 4294967296 4\n"
        "t4: 3.0 -> 3 4294967293\n"
        "lifo from 1.0: 1.0=5@0 2.0=5@1 3.0=1@2 3.1=4@2 4.0=1@3 | 5 = held 5\n",
    };

    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        char text[512];

        snprintf(text, sizeof(text), "%s", examples[i]);
        one_example(text);
    }
}

/* ---- what is refused ---- */

static enum err_class ask_class(const struct coins *coins, struct trace_case ask, char *text)
{
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct trace t;
    struct err err = {0};
    bool ok = trace_forward(a, coins, &ask, 1, &t, &err);

    arena_free(a);
    snprintf(text, ERR_TEXT_MAX, "%s", ok ? "" : err.text);
    return ok ? ERR_NONE : err.class;
}

static void refused(void **state)
{
    static const uint64_t none[] = {9}, turned[] = {1, 0}, twice[] = {0, 0}, first[] = {0};
    struct world w;
    struct coins coins;
    char text[ERR_TEXT_MAX];
    struct trace_case ask = {.origins = none, .origins_n = 1, .hops_max = TRACE_HOPS_NONE};

    CHECK(!world_read(&w, "t0: -> 5 3 / t1: 0.0 -> 2 2 1"));
    coins = world_coins(&w);
    CHECK_U(ask_class(&coins, ask, text), ERR_USAGE);
    CHECK_S(text, "origin 9 is not in the ledger");
    ask.origins = turned;
    ask.origins_n = 2;
    CHECK_U(ask_class(&coins, ask, text), ERR_USAGE);
    ask.origins = twice;
    CHECK_U(ask_class(&coins, ask, text), ERR_USAGE);
    ask.origins = first;
    ask.origins_n = 1;
    ask.reached_max = 3;
    CHECK_U(ask_class(&coins, ask, text), ERR_LIMIT);
    CHECK_S(text, "more than 3 outputs are reached");
    ask.reached_max = 4;
    CHECK_U(ask_class(&coins, ask, text), ERR_NONE);
}

/* Each row damages the columns of a small world in one place. Of its inputs 0 is t1's, 1 to 3 are
 * t2's; of its outputs 0 and 1 are t0's, 2 and 3 t1's, 4 is t2's. */
static void damaged(void **state)
{
    enum column { TX_FIRST, VALUE, SPENT, SOURCE };
    static const struct {
        const char *name;
        enum column column;
        size_t at, n;
        uint64_t is;
        const char *want; /* a part of the message */
    } rows[] = {
        {"an input names a later output", SOURCE, 5, 5, 4, "transaction 2: input 0 names"},
        {"an input names itself", SOURCE, 0, 5, 2, "transaction 1: input 0 names"},
        {"an input past the last output", SOURCE, 0, 5, 100, "transaction 1: input 0 names"},
        {"an input past the outside columns", SOURCE, 5, 5, COINS_OUTSIDE | 3,
         "transaction 2: input 0 names"},
        {"another is spent than said", SOURCE, 0, 5, 1, "transaction 1: does not spend"},
        {"spent twice by one", SOURCE, 10, 5, 2, "transaction 2: spends output 2 twice"},
        {"spent before it is made", SPENT, 2 * 4, 4, 1, "is spent before it is made"},
        {"spent by its own", SPENT, 2 * 4, 4, 2, "is spent before it is made"},
        {"spent by a coinbase", SPENT, 0, 4, 1, "transaction 0: does not spend"},
        {"pays out more than in", VALUE, 2 * 8, 8, 6, "transaction 1: pays out 8"},
        {"outputs past 64 bits", VALUE, 2 * 8, 8, UINT64_MAX, "transaction 1: its outputs add up"},
        {"inputs past 64 bits", VALUE, 1 * 8, 8, UINT64_MAX, "transaction 2: its inputs add up"},
        {"first output past the end", TX_FIRST, 10, 5, 100, "transaction 1: "},
        {"first input past the end", TX_FIRST, 15, 5, 100, "transaction 1: does not spend"},
        {"ranges that do not ascend", TX_FIRST, 20, 5, 1, "transaction 1: "},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        static const uint64_t origin[] = {0};
        struct world w;
        struct coins coins;
        struct trace_case ask = {.origins = origin, .origins_n = 1, .hops_max = TRACE_HOPS_NONE};
        char text[ERR_TEXT_MAX];
        const uint8_t *column;

        test_row("%s", rows[i].name);
        CHECK(!world_read(&w, "t0: -> 5 5 / t1: 0.0 -> 3 2 / t2: 1.0 0.1 +1 -> 7"));
        coins = world_coins(&w);
        column = (const uint8_t *[]){coins.tx_first, coins.out_value, coins.out_spent,
                                     coins.in_source}[rows[i].column];
        memcpy((uint8_t *)(uintptr_t)column + rows[i].at, &rows[i].is, rows[i].n);
        for (ask.policy = TRACE_FIFO; ask.policy <= TRACE_POISON; ask.policy++) {
            CHECK_U(ask_class(&coins, ask, text), ERR_CORRUPT);
            if (!strstr(text, rows[i].want))
                CHECK_S(text, rows[i].want);
        }
    }
}

/* ---- failing memory ---- */

struct attempt {
    const struct coins *coins;
    struct trace_case *cases;
};

static bool attempt(void *ctx)
{
    const struct attempt *t = ctx;
    struct arena *a = arena_new(NULL, ARENA_MAX);
    struct trace got[5];
    struct err err;
    bool ok = a && trace_forward(a, t->coins, t->cases, 5, got, &err);

    if (a && !ok)
        CHECK_U(err.class, ERR_NOMEM);
    arena_free(a);
    return ok;
}

static bool attempt_back(void *ctx)
{
    const struct attempt *t = ctx;
    static const uint64_t target[] = {4};
    bool all = true;

    for (int policy = TRACE_FIFO; policy <= TRACE_POISON && all; policy++) {
        struct trace_target ask = {.outputs = target,
                                   .outputs_n = 1,
                                   .policy = (enum trace_policy)policy,
                                   .hops_max = TRACE_HOPS_NONE};
        struct arena *a = arena_new(NULL, ARENA_MAX);
        struct trace_sources f;
        struct err err;

        if (policy != TRACE_TIHO)
            all = a && trace_backward(a, t->coins, &ask, &f, &err);
        arena_free(a);
    }
    return all;
}

static void failed_allocations(void **state)
{
    static const uint64_t origin[] = {0};
    struct world w;
    struct coins coins;
    struct trace_case cases[5];
    struct attempt t = {&coins, cases};

    CHECK(
        !world_read(&w, "t0: -> 5 3 / t1: 0.1 0.0 -> 4 2 1 / t2: 1.1 1.0 -> 1 5 / t3: 2.1 ? -> 3"));
    coins = world_coins(&w);
    for (int i = 0; i < 5; i++)
        cases[i] = (struct trace_case){.origins = origin,
                                       .origins_n = 1,
                                       .policy = (enum trace_policy)i,
                                       .hops_max = TRACE_HOPS_NONE};
    test_failed_allocations(attempt, &t);
    test_failed_allocations(attempt_back, &t);
}

static void names(void **state)
{
    static const char *const all[] = {"fifo", "lifo", "haircut", "tiho", "poison"};
    enum trace_policy policy;

    for (int i = 0; i < 5; i++) {
        CHECK_S(trace_policy_name((enum trace_policy)i), all[i]);
        CHECK(trace_policy_from_name(all[i], &policy));
        CHECK_U(policy, i);
    }
    CHECK(!trace_policy_from_name("Fifo", &policy));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(document), cmocka_unit_test(large_values),
        cmocka_unit_test(refused),  cmocka_unit_test(damaged),
        cmocka_unit_test(names),    cmocka_unit_test(failed_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
