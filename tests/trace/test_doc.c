/* Whole documents over the chainlet (chainlet.h): expected figures are counted by hand from its
 * picture. */
#include "chainlet.h"

#include "base/json.h"
#include "trace/patterns.h"
#include "trace/run.h"
#include "trace/verify.h"

#define ARENA_BYTES ((size_t)256 << 20)
#define ALL 0x7f

static struct case_origin output_of(unsigned t, uint32_t vout)
{
    return (struct case_origin){.kind = ORIGIN_OUTPUT, .txid = chainlet()->t[t], .vout = vout};
}

struct setting {
    struct arena *a;
    struct ledger *l;
    struct trace_doc doc;
};

static void open_ledger(struct setting *s, unsigned which)
{
    struct err err;

    s->a = arena_new(NULL, ARENA_BYTES);
    CHECK_OK(ledger_open(chainlet_ledger(which), &s->l, &err), err);
}

static void run(struct setting *s, const struct trace_request *r)
{
    struct err err;

    CHECK_OK(trace_run(s->a, s->l, r, 1, &s->doc, &err), err);
}

static void end(struct setting *s)
{
    ledger_close(s->l);
    arena_free(s->a);
}

static const struct trace_reached *find(const struct setting *s, unsigned t, uint32_t vout)
{
    uint32_t tx = ledger_find_tx(s->l, &chainlet()->t[t]);
    uint64_t output = coins_outputs(&s->doc.coins, tx).first + vout;

    for (size_t i = 0; i < s->doc.trace->reached_n; i++)
        if (s->doc.trace->reached[i].output == output)
            return &s->doc.trace->reached[i];
    return NULL;
}

/* The exchange is X; the address of E's bare key is a stop too. */
static struct trace_stop stops[2];

static const struct trace_stop *the_stops(void)
{
    stops[0] =
        (struct trace_stop){chainlet_address('E'), "=Ex \"P2PK\", Inc.", "mixer & <co>", "s.csv"};
    stops[1] = (struct trace_stop){chainlet_address('X'), "Exchange X", "exchange", "s.csv"};
    return stops;
}

static void fifo_to_its_ends(void **state)
{
    struct setting s;
    struct case_origin origin = output_of(1, 0);
    const struct trace_totals *t;

    open_ledger(&s, ALL);
    run(&s, &(struct trace_request){.origins = &origin,
                                    .origins_n = 1,
                                    .hops_max = TRACE_HOPS_NONE,
                                    .stops = the_stops(),
                                    .stops_n = 2});
    t = &s.doc.trace->totals;
    CHECK_U(s.doc.trace->reached_n, 5);
    CHECK_U(find(&s, 1, 0)->taint, 30);
    CHECK_U(find(&s, 2, 0)->taint, 20); /* 20 clean, then 20 of A's 30 */
    CHECK_U(find(&s, 2, 0)->stop, 1);
    CHECK_U(find(&s, 2, 1)->taint, 9);
    CHECK_U(find(&s, 2, 1)->hop, 1);
    CHECK_U(find(&s, 3, 0)->taint, 5);
    CHECK_U(find(&s, 3, 1)->taint, 3);
    CHECK_U(find(&s, 3, 1)->stop, 0);
    CHECK_U(t->origin, 30);
    CHECK_U(t->exits, 23);
    CHECK_U(t->held, 5);
    CHECK_U(t->fees, 2);
    CHECK_U(s.doc.stops_used_n, 2);
    CHECK_U(s.doc.gaps_n, 0);
    end(&s);
}

static void an_address_as_origin(void **state)
{
    struct setting s;
    struct case_origin origin = {.kind = ORIGIN_ADDRESS, .address = chainlet_address('A')};
    struct trace_request r = {.origins = &origin, .origins_n = 1, .hops_max = TRACE_HOPS_NONE};
    struct err err;

    open_ledger(&s, ALL);
    run(&s, &r);
    CHECK(find(&s, 1, 0)->origin && find(&s, 4, 0)->origin); /* every output paid to it */
    CHECK_U(s.doc.trace->totals.origin, 30); /* t4's 2 to A carried the label already */
    origin.from_height = 4;
    run(&s, &r);
    CHECK(!find(&s, 1, 0) && find(&s, 4, 0)->origin);
    CHECK_U(s.doc.trace->totals.origin, 2);
    origin.from_height = 6;
    run(&s, &r);
    CHECK_U(s.doc.trace->reached_n, 1);
    origin.from_height = 7;
    CHECK(!trace_run(s.a, s.l, &r, 1, &s.doc, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    origin = (struct case_origin){.kind = ORIGIN_ADDRESS, .address = chainlet_address('E')};
    run(&s, &r); /* paid to its bare key */
    CHECK(find(&s, 3, 1)->origin);
    end(&s);
}

static void origins_that_are_not_there(void **state)
{
    static const struct hash32 nowhere;
    struct setting s;
    struct case_origin origins[] = {output_of(1, 0), output_of(1, 2)};
    struct trace_request r = {.origins = origins, .origins_n = 2, .hops_max = TRACE_HOPS_NONE};
    struct err err;

    open_ledger(&s, ALL);
    CHECK(!trace_run(s.a, s.l, &r, 1, &s.doc, &err));
    CHECK_S(err.text, "origins[1]: the transaction has 2 outputs, none is number 2");
    origins[1] = (struct case_origin){.kind = ORIGIN_TX, .txid = nowhere};
    CHECK(!trace_run(s.a, s.l, &r, 1, &s.doc, &err));
    CHECK_S(err.text,
            "origins[1]: transaction 000000000000000000000000000000000000000000000000000000000000"
            "0000 is not in the ledger");
    CHECK_U(err.class, ERR_NOT_FOUND);
    origins[1] = output_of(2, 0);
    r.blocks_n = 4;
    CHECK(!trace_run(s.a, s.l, &r, 1, &s.doc, &err));
    CHECK(strstr(err.text, "is not in the ledger that early"));
    origins[1] = (struct case_origin){.kind = ORIGIN_ADDRESS,
                                      .address = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"};
    CHECK(!trace_run(s.a, s.l, &r, 1, &s.doc, &err));
    CHECK_U(err.class, ERR_INPUT);
    r.origins_n = 1;
    r.stops = (struct trace_stop[]){{"nonsense", "", "", "x"}};
    r.stops_n = 1;
    CHECK(!trace_run(s.a, s.l, &r, 1, &s.doc, &err));
    CHECK_U(err.class, ERR_INPUT);
    CHECK(strstr(err.text, "stop \"nonsense\": "));
    end(&s);
}

static void gaps_after_held_value(void **state)
{
    struct setting s;
    struct case_origin origin = output_of(1, 1); /* B's 19, never spent */
    struct trace_request r = {.origins = &origin, .origins_n = 1, .hops_max = TRACE_HOPS_NONE};

    open_ledger(&s, 0x6f); /* block 4 is missing */
    run(&s, &r);
    CHECK_U(s.doc.gaps_n, 1);
    CHECK_U(ledger_block(s.l, s.doc.gaps[0].after).height, 3);
    CHECK_U(ledger_block(s.l, s.doc.gaps[0].before).height, 5);
    r.blocks_n = 4; /* as of block 3 there is no gap yet */
    run(&s, &r);
    CHECK_U(s.doc.gaps_n, 0);
    r.blocks_n = 0;
    origin = output_of(4, 0); /* only after the gap */
    run(&s, &r);
    CHECK_U(s.doc.gaps_n, 0);
    end(&s);
}

static void same_alone_or_with_others(void **state)
{
    struct setting s;
    struct case_origin one = output_of(1, 0), other = output_of(2, 1);
    struct trace_request r[3] = {
        {.case_id = "one", .origins = &one, .origins_n = 1, .hops_max = TRACE_HOPS_NONE},
        {.case_id = "other",
         .origins = &other,
         .origins_n = 1,
         .policy = TRACE_HAIRCUT,
         .hops_max = 1},
        {.case_id = "early",
         .origins = &one,
         .origins_n = 1,
         .hops_max = TRACE_HOPS_NONE,
         .blocks_n = 5},
    };
    struct trace_doc docs[3];
    struct text alone = text_new(1 << 20), with = text_new(1 << 20);
    struct err err;

    open_ledger(&s, ALL);
    CHECK_OK(trace_run(s.a, s.l, r, 3, docs, &err), err);
    for (int i = 0; i < 3; i++) {
        run(&s, &r[i]);
        trace_write_json(&alone, &s.doc);
        trace_write_json(&with, &docs[i]);
    }
    CHECK_S(text_string(&with), text_string(&alone));
    CHECK_U(docs[2].blocks_n, 5);
    text_free(&alone);
    text_free(&with);
    end(&s);
}

typedef void writer(struct text *to, const struct trace_doc *d);

static void golden(const struct trace_doc *d, writer *write, const char *name)
{
    struct text t = text_new(1 << 20);
    struct err err;

    test_row("%s", name);
    write(&t, d);
    CHECK_OK(text_end(&t, &err), err);
    test_golden(name, t.p, t.n);
    text_free(&t);
}

static void written(void **state)
{
    struct setting s;
    struct case_origin origins[] = {output_of(1, 0), output_of(1, 1)};

    open_ledger(&s, ALL);
    run(&s, &(struct trace_request){.case_id = "2026-7",
                                    .title = "A theft of 30, and 19 \"more\" <in> the same block",
                                    .origins = origins,
                                    .origins_n = 2,
                                    .hops_max = TRACE_HOPS_NONE,
                                    .stops = the_stops(),
                                    .stops_n = 2});
    golden(&s.doc, trace_write_json, "trace.json");
    golden(&s.doc, trace_write_csv, "trace.csv");
    golden(&s.doc, trace_write_graphml, "trace.graphml");
    golden(&s.doc, trace_write_text, "trace.txt");
    end(&s);
}

/* A document, with one text in it replaced by another. */
static struct text edited(const struct text *t, const char *from, const char *to)
{
    struct text e = text_new(1 << 20);
    const char *at = strstr(t->p, from);

    CHECK(at);
    text_put(&e, t->p, (size_t)(at - t->p));
    text_str(&e, to);
    text_str(&e, at + strlen(from));
    CHECK(text_string(&e));
    return e;
}

static const struct {
    const char *name, *from, *to, *want;
} verify_rows[] = {
    {"as it is", "}", "}", "same"},
    {"another rule", "cordon.taint/1", "cordon.taint/2",
     "inputs differ: rules: \"cordon.taint/2\", here \"cordon.taint/1\""},
    {"another chain", "\"bitcoin:sim\"", "\"bitcoin\"",
     "inputs differ: chain: \"bitcoin\", here \"bitcoin:sim\""},
    {"a height that is not until's", "\"until\": {\"height\": 6", "\"until\": {\"height\": 5",
     "inputs differ: until: height 5, here 6"},
    {"taint", "\"taint\": \"20\"", "\"taint\": \"21\"",
     "result differs: reached[2].taint: \"21\", here \"20\""},
    {"totals", "\"held\": \"24\"", "\"held\": \"0\"",
     "result differs: totals.held: \"0\", here \"24\""},
    {"exact", "\"exact\": true", "\"exact\": false", "result differs: exact: false, here true"},
    {"another policy", "\"fifo\"", "\"poison\"",
     "result differs: reached[2].taint: \"20\", here \"40\""},
    {"an origin's value", "\"value\": \"30\"", "\"value\": \"31\"",
     "result differs: origins[0].value: \"31\", here \"30\""},
    {"one member too many", "\"decimals\"", "\"x\": 1, \"decimals\"",
     "result differs: x: 1, here nothing"},
    {"patterns", "\"patterns\": []", "\"patterns\": [1]",
     "result differs: patterns[0]: 1, here nothing"},
    {"gaps", "\"gaps\": []", "\"gaps\": [1]",
     "inputs differ: gaps: this ledger lacks other blocks than the document's"},
};

static void verified(void **state)
{
    struct setting s;
    struct case_origin origins[] = {output_of(1, 0), output_of(1, 1)};
    struct verify_answer answer;
    struct text t = text_new(1 << 20);
    struct err err;

    open_ledger(&s, ALL);
    run(&s, &(struct trace_request){.case_id = "c",
                                    .origins = origins,
                                    .origins_n = 2,
                                    .hops_max = TRACE_HOPS_NONE,
                                    .stops = the_stops(),
                                    .stops_n = 2});
    trace_write_json(&t, &s.doc);
    CHECK(text_string(&t));
    for (size_t i = 0; i < sizeof(verify_rows) / sizeof(verify_rows[0]); i++) {
        struct text e = edited(&t, verify_rows[i].from, verify_rows[i].to);

        test_row("%s", verify_rows[i].name);
        CHECK_OK(
            trace_verify(s.a, s.l, (struct bytes){(uint8_t *)e.p, e.n}, NULL, 0, &answer, &err),
            err);
        CHECK_S(answer.text, verify_rows[i].want);
        CHECK_U(answer.stops_checked, answer.outcome == VERIFY_SAME || answer.stops_checked);
        text_free(&e);
    }
    test_row("stops at hand");
    CHECK_OK(
        trace_verify(s.a, s.l, (struct bytes){(uint8_t *)t.p, t.n}, the_stops(), 2, &answer, &err),
        err);
    CHECK_S(answer.text, "same");
    CHECK(answer.stops_checked);
    CHECK_OK(
        trace_verify(s.a, s.l, (struct bytes){(uint8_t *)t.p, t.n}, the_stops(), 1, &answer, &err),
        err);
    CHECK_S(answer.text,
            "inputs differ: stops_sha256: the stops given are not those of the document");
    CHECK_U(answer.outcome, VERIFY_INPUTS_DIFFER);
    test_row("another ledger");
    ledger_close(s.l);
    CHECK_OK(ledger_open(chainlet_ledger(0x1f), &s.l, &err), err); /* to block 4 */
    CHECK_OK(trace_verify(s.a, s.l, (struct bytes){(uint8_t *)t.p, t.n}, NULL, 0, &answer, &err),
             err);
    CHECK(strstr(answer.text, "inputs differ: until: block \""));
    CHECK(
        !trace_verify(s.a, s.l, (struct bytes){(const uint8_t *)"{}", 2}, NULL, 0, &answer, &err));
    CHECK_S(err.text, "schema: \"cordon.trace/1\" is wanted");
    text_free(&t);
    end(&s);
}

static bool verify_prefix(struct bytes in, void *ctx)
{
    struct setting *s = ctx;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct verify_answer answer;
    struct err err;
    bool ok = trace_verify(a, s->l, in, NULL, 0, &answer, &err) && answer.outcome == VERIFY_SAME;

    arena_free(a);
    return ok;
}

static bool with_allocations(void *ctx)
{
    struct setting *s = ctx;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct case_origin origin = output_of(1, 0);
    struct trace_request r = {.origins = &origin,
                              .origins_n = 1,
                              .hops_max = TRACE_HOPS_NONE,
                              .stops = the_stops(),
                              .stops_n = 2};
    struct text t = text_new(1 << 20);
    struct verify_answer answer;
    struct trace_doc doc;
    struct err err;
    bool ok = a && trace_run(a, s->l, &r, 1, &doc, &err);

    if (ok) {
        trace_write_json(&t, &doc);
        trace_write_text(&t, &doc);
        trace_write_csv(&t, &doc);
        trace_write_graphml(&t, &doc);
        ok = text_end(&t, &err);
        t.n = 0;
        trace_write_json(&t, &doc);
        ok = ok &&
             trace_verify(a, s->l, (struct bytes){(uint8_t *)t.p, t.n}, NULL, 0, &answer, &err);
    }
    text_free(&t);
    arena_free(a);
    return ok;
}

static void truncations_and_allocations(void **state)
{
    struct setting s;
    struct case_origin origin = output_of(1, 0);
    struct text t = text_new(1 << 20);

    open_ledger(&s, ALL);
    run(&s,
        &(struct trace_request){.origins = &origin, .origins_n = 1, .hops_max = TRACE_HOPS_NONE});
    trace_write_json(&t, &s.doc);
    test_truncations((struct bytes){(uint8_t *)t.p, t.n - 1}, verify_prefix,
                     &s); /* less its last LF */
    test_failed_allocations(with_allocations, &s);
    text_free(&t);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifo_to_its_ends),
        cmocka_unit_test(an_address_as_origin),
        cmocka_unit_test(origins_that_are_not_there),
        cmocka_unit_test(gaps_after_held_value),
        cmocka_unit_test(same_alone_or_with_others),
        cmocka_unit_test(written),
        cmocka_unit_test(verified),
        cmocka_unit_test(truncations_and_allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
