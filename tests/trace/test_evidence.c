/* Evidence over the chainlet (chainlet.h): made, proven, and refused after every kind of lie. */
#include "chainlet.h"

#include "base/json.h"
#include "trace/evidence.h"
#include "trace/run.h"

#include <stdio.h>

#define ARENA_BYTES ((size_t)256 << 20)
#define ALL 0x7f

struct setting {
    struct arena *a;
    struct ledger *l;
    struct source *blocks;
    struct trace_doc doc;
    struct trace_stop stop;
    struct case_origin origin;
};

static void start_over(struct setting *s, unsigned which, enum trace_policy policy,
                       struct case_origin origin)
{
    const char *files = chainlet_files();
    struct err err;

    s->a = arena_new(NULL, ARENA_BYTES);
    s->stop = (struct trace_stop){chainlet_address('X'), "Exchange X", "exchange", "s.csv"};
    s->origin = origin;
    CHECK_OK(ledger_open(chainlet_ledger(which), &s->l, &err), err);
    CHECK_OK(source_open(&files, 1, chainlet_chain(), &s->blocks, &err), err);
    CHECK_OK(trace_run(s->a, s->l,
                       &(struct trace_request){.case_id = "2026-7",
                                               .origins = &s->origin,
                                               .origins_n = 1,
                                               .policy = policy,
                                               .hops_max = TRACE_HOPS_NONE,
                                               .stops = &s->stop,
                                               .stops_n = 1},
                       1, &s->doc, &err),
             err);
}

static void start(struct setting *s, enum trace_policy policy)
{
    start_over(s, ALL, policy,
               (struct case_origin){.kind = ORIGIN_OUTPUT, .txid = chainlet()->t[1], .vout = 0});
}

static void end(struct setting *s)
{
    source_close(s->blocks);
    ledger_close(s->l);
    arena_free(s->a);
}

static struct text made(struct setting *s, const uint64_t *ends, size_t ends_n)
{
    struct text t = text_new((size_t)16 << 20);
    struct err err;

    CHECK_OK(evidence_write(s->a, &t, &s->doc, s->blocks, ends, ends_n, &err), err);
    CHECK_OK(text_end(&t, &err), err);
    CHECK(text_string(&t));
    return t;
}

static void prove(struct setting *s, const struct text *t, struct evidence_answer *ret)
{
    struct err err;

    CHECK_OK(evidence_prove(s->a, (struct bytes){(uint8_t *)t->p, t->n}, ret, &err), err);
}

/* From t1:0 by fifo, E being no stop here: X holds 20 (t2:0), D 5 (t3:0), A 2 (t4:0). Followed are
 * t2, t3 and t4; spent besides are t1 and block 2's coinbase. These five stand in blocks 2 to 6. */
static void all_ends(void **state)
{
    struct setting s;
    struct evidence_answer answer;
    struct text t, said = text_new(1 << 20);

    start(&s, TRACE_FIFO);
    t = made(&s, NULL, 0);
    test_golden("evidence.json", t.p, t.n);
    prove(&s, &t, &answer);
    CHECK_S(answer.text, "");
    CHECK(answer.proven);
    CHECK_U(answer.ends_n, 3);
    CHECK_U(answer.taint, 27);
    CHECK_U(answer.origins_n, 1);
    CHECK_U(answer.followed_n, 3);
    CHECK_U(answer.transactions_n, 5);
    CHECK_U(answer.blocks_n, 5);
    CHECK_U(answer.claimed_n, 0);
    CHECK_S(answer.case_id, "2026-7");
    evidence_write_answer(&said, &answer);
    CHECK(strstr(text_string(&said), "proven: 0.00000027 in 3 outputs came from 1 origin on "
                                     "bitcoin:sim by fifo,\nthrough 3 transactions; "));
    CHECK(strstr(said.p, "not proven by any such file: that the blocks belong to the best chain"));
    text_free(&said);
    text_free(&t);
    end(&s);
}

static void one_end(void **state)
{
    struct setting s;
    struct evidence_answer answer;
    struct text t;
    uint64_t exchange;
    struct err err;

    start(&s, TRACE_HAIRCUT);
    exchange = coins_outputs(&s.doc.coins, ledger_find_tx(s.l, &chainlet()->t[2])).first;
    t = made(&s, &exchange, 1);
    prove(&s, &t, &answer);
    CHECK_S(answer.text, "");
    CHECK_U(answer.ends_n, 1);
    CHECK_U(answer.taint, 24); /* 30 of 50 tainted: 40, 9 and the fee of 1 carry 24, 5.4 and 0.6 */
    CHECK_U(answer.followed_n, 1);
    CHECK_U(answer.transactions_n, 3);
    text_free(&t);
    exchange = 0;
    CHECK(!evidence_write(s.a, &t, &s.doc, s.blocks, &exchange, 1, &err));
    CHECK_U(err.class, ERR_USAGE);
    end(&s);
}

static void every_policy(void **state)
{
    for (int policy = TRACE_FIFO; policy <= TRACE_POISON; policy++) {
        struct setting s;
        struct evidence_answer answer;
        struct text t;

        test_row("%s", trace_policy_name((enum trace_policy)policy));
        start(&s, (enum trace_policy)policy);
        t = made(&s, NULL, 0);
        prove(&s, &t, &answer);
        CHECK_S(answer.text, "");
        CHECK(answer.proven);
        text_free(&t);
        end(&s);
    }
}

/* Blocks 2 and 4 to 6 only: t1 is outside, its value unknown without undo data, so only poison
 * passes t2. */
static void with_unknown_inputs(void **state)
{
    struct setting s;
    struct evidence_answer answer;
    struct text t, said = text_new(1 << 20);

    start_over(&s, 0x71, TRACE_POISON,
               (struct case_origin){.kind = ORIGIN_OUTPUT, .txid = chainlet()->t[2], .vout = 1});
    t = made(&s, NULL, 0);
    prove(&s, &t, &answer);
    CHECK_S(answer.text, "");
    text_free(&t);
    end(&s);
    start_over(&s, 0x79, TRACE_POISON,
               (struct case_origin){.kind = ORIGIN_OUTPUT, .txid = chainlet()->t[1], .vout = 0});
    t = made(&s, NULL, 0);
    prove(&s, &t, &answer);
    CHECK_S(answer.text, "");
    CHECK_U(answer.claimed_n, 1); /* block 2's coinbase, which t2 spends */
    evidence_write_answer(&said, &answer);
    CHECK(strstr(text_string(&said), "not proven here: 1 value that undo data told"));
    text_free(&said);
    text_free(&t);
    end(&s);
}

/* Each lie is told with care: where the manifest would give it away, it is made anew for the lie.
 */
static const struct {
    const char *name, *from, *to, *want;
} lies[] = {
    {"more taint", "\"taint\":\"20\"", "\"taint\":\"21\"", "ends[0]: taint 21 stated, 20 found"},
    {"fewer hops", "\"hop\":3", "\"hop\":1", "ends[2]: hop 1 stated, 3 found"},
    {"another policy", "\"policy\":\"fifo\"", "\"policy\":\"lifo\"",
     "ends[0]: taint 20 stated, 30 found"},
    {"no stop", "\"name\":\"Exchange X\",\"category\":\"exchange\",\"source\":\"s.csv\"}}",
     "\"name\":\"Exchange Y\",\"category\":\"exchange\",\"source\":\"s.csv\"}}",
     "ends[0]: the stop stated is not the one found"},
    {"another value", "\"value\":\"30\"", "\"value\":\"31\"",
     "origins[0]: the output has another value"},
    {"a hop limit", "\"hops_max\":null", "\"hops_max\":1", "ends[1]: not reached from the origins"},
    {"dust", "\"dust\":\"0\"", "\"dust\":\"6\"", "ends[1]: not reached from the origins"},
    {"another end's output", ":0\",\"value\":\"5\"", ":1\",\"value\":\"3\"",
     "ends[1]: taint 5 stated, 3 found"},
    {"not followed", "\"followed\": true", "\"followed\": false",
     "ends[0]: not reached from the origins"},
    {"another position", "\"position\": 1", "\"position\": 0",
     "transactions[1]: its branch does not lead to the Merkle root of its block"},
    {"a position beyond", "\"position\": 1", "\"position\": 2",
     "transactions[1]: its branch is too short for its position"},
    {"another block", "\"block\": 1", "\"block\": 2",
     "transactions[1]: its branch does not lead to the Merkle root of its block"},
    {"another chain", "bitcoin:sim", "bitcoin", NULL},
    {"another byte of a header", "\"header\": \"02", "\"header\": \"03",
     "blocks[0]: the header has another hash"},
    {"another byte of a transaction", "\"raw\": \"01", "\"raw\": \"02",
     "transactions[0]: its bytes have another txid"},
    {"a manifest of less", "\"manifest\": [\n    \"", "\"manifest\": [\n    \"00", NULL},
};

static struct text edited(const struct text *t, const char *from, const char *to)
{
    struct text e = text_new((size_t)16 << 20);
    const char *at = strstr(t->p, from);

    CHECK(at);
    text_put(&e, t->p, (size_t)(at - t->p));
    text_str(&e, to);
    text_str(&e, at + strlen(from));
    CHECK(text_string(&e));
    return e;
}

/* A file with its manifest made anew: as a careful liar would. */
static struct text with_manifest(struct setting *s, const struct text *t)
{
    static const char *const lists[] = {"blocks", "transactions"}, *const raws[] = {"header",
                                                                                    "raw"};
    struct text e = text_new((size_t)16 << 20), statement = text_new((size_t)1 << 20);
    struct json_out j = json_to(&statement, false), out = json_to(&e, true);
    const struct json *doc;
    struct hash32 items[64], all;
    size_t n = 0;
    struct err err;

    CHECK_OK(json_read(s->a, t->p, t->n, &doc, &err), err);
    json_tree(&j, json_get(doc, "statement"));
    items[n++] = sha256(statement.p, statement.n);
    for (int l = 0; l < 2; l++)
        for (const struct json *i = json_get(doc, lists[l])->child; i; i = i->next) {
            const struct json *raw = json_get(i, raws[l]);
            struct bytes bytes = test_hex(raw->text);

            items[n++] = sha256(bytes.p, bytes.n);
        }
    all = sha256(items, n * sizeof(items[0]));
    json_object(&out);
    for (const struct json *m = doc->child; m; m = m->next) {
        json_key(&out, m->key);
        if (!strcmp(m->key, "manifest")) {
            json_array(&out);
            for (size_t i = 0; i < n; i++)
                json_hex(&out, items[i].b, 32);
            json_array_end(&out);
        } else if (!strcmp(m->key, "fingerprint")) {
            json_hex(&out, all.b, 32);
        } else {
            json_tree(&out, m);
        }
    }
    json_object_end(&out);
    CHECK(text_string(&e));
    text_free(&statement);
    return e;
}

static void lies_do_not_hold(void **state)
{
    struct setting s;
    struct evidence_answer answer;
    struct text t;
    struct err err;

    start(&s, TRACE_FIFO);
    t = made(&s, NULL, 0);
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        struct text e = edited(&t, lies[i].from, lies[i].to), m;

        test_row("%s", lies[i].name);
        CHECK(!evidence_prove(s.a, (struct bytes){(uint8_t *)e.p, e.n}, &answer, &err) ||
              !answer.proven); /* the manifest or something before it tells */
        if (lies[i].want) {
            m = with_manifest(&s, &e);
            prove(&s, &m, &answer);
            CHECK(!answer.proven);
            CHECK_S(answer.text, lies[i].want);
            text_free(&m);
        }
        text_free(&e);
    }
    text_free(&t);
    end(&s);
}

static void not_evidence(void **state)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"{", "byte 1: the text ends too early"},
        {"{}", "schema: \"cordon.evidence/1\" is wanted"},
        {"{\"schema\":\"cordon.evidence/1\"}", "blocks: a list is wanted"},
        {"{\"schema\":\"cordon.evidence/"
         "1\",\"blocks\":[],\"transactions\":[],\"manifest\":[],\"x\":1}",
         "evidence: unknown member \"x\""},
        {"{\"schema\":\"cordon.evidence/1\",\"blocks\":[],\"transactions\":[],\"manifest\":[]}",
         "statement: an object is wanted"},
        {"{\"schema\":\"cordon.evidence/1\",\"statement\":{},\"blocks\":[],\"transactions\":[],"
         "\"manifest\":[]}",
         "stops: a list is wanted"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct evidence_answer answer;
        struct err err;

        test_row("%s", rows[i].text);
        CHECK(!evidence_prove(
            a, (struct bytes){(const uint8_t *)rows[i].text, strlen(rows[i].text)}, &answer, &err));
        CHECK_S(err.text, rows[i].want);
        arena_free(a);
    }
}

static void a_block_that_is_not_there(void **state)
{
    struct setting s;
    struct text t = text_new(1 << 20);
    const char *path;
    char *dir = test_dir(), name[4200];
    struct err err;

    start(&s, TRACE_FIFO);
    source_close(s.blocks);
    snprintf(name, sizeof(name), "%s/genesis.bin", dir);
    path = name;
    test_write(name, chainlet()->blocks[0].p, chainlet()->blocks[0].n);
    CHECK_OK(source_open(&path, 1, chainlet_chain(), &s.blocks, &err), err);
    CHECK(!evidence_write(s.a, &t, &s.doc, s.blocks, NULL, 0, &err));
    CHECK_U(err.class, ERR_NOT_FOUND);
    CHECK(strstr(err.text, " is not among the sources given"));
    text_free(&t);
    end(&s);
}

static bool prove_prefix(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct evidence_answer answer;
    struct err err;
    bool ok = evidence_prove(a, in, &answer, &err) && answer.proven;

    arena_free(a);
    return ok;
}

static bool with_allocations(void *ctx)
{
    struct setting *s = ctx;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct evidence_answer answer;
    struct text t = text_new((size_t)16 << 20);
    struct err err;
    bool ok = a && evidence_write(a, &t, &s->doc, s->blocks, NULL, 0, &err) && text_end(&t, &err) &&
              evidence_prove(a, (struct bytes){(uint8_t *)t.p, t.n}, &answer, &err) &&
              answer.proven;

    text_free(&t);
    arena_free(a);
    return ok;
}

static void truncations_and_allocations(void **state)
{
    struct setting s;
    struct text t;

    start(&s, TRACE_FIFO);
    t = made(&s, NULL, 0);
    test_truncations((struct bytes){(uint8_t *)t.p, t.n - 1}, prove_prefix, NULL);
    test_failed_allocations(with_allocations, &s);
    text_free(&t);
    end(&s);
}

/* No changed digit goes unnoticed, wherever it stands, but for the blocks' heights, which are said
 * to be unproven. */
static void every_byte_counts(void **state)
{
    struct setting s;
    struct text t;
    struct err err;

    start(&s, TRACE_FIFO);
    t = made(&s, NULL, 0);
    for (size_t i = 0; i < t.n; i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct evidence_answer answer;
        char was = t.p[i];

        if (was >= '0' && was <= '9' && !(i > 10 && !memcmp(t.p + i - 10, "\"height\": ", 10))) {
            t.p[i] = was == '9' ? '8' : (char)(was + 1);
            test_row("byte %zu", i);
            CHECK(!evidence_prove(a, (struct bytes){(uint8_t *)t.p, t.n}, &answer, &err) ||
                  !answer.proven);
            t.p[i] = was;
        }
        arena_free(a);
    }
    text_free(&t);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_ends),
        cmocka_unit_test(one_end),
        cmocka_unit_test(every_policy),
        cmocka_unit_test(with_unknown_inputs),
        cmocka_unit_test(lies_do_not_hold),
        cmocka_unit_test(not_evidence),
        cmocka_unit_test(a_block_that_is_not_there),
        cmocka_unit_test(truncations_and_allocations),
        cmocka_unit_test(every_byte_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
