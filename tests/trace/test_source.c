/* Documents of backward traces over the chainlet (chainlet.h): expected figures are counted by hand
 * from its picture. */
#include "chainlet.h"

#include "base/json.h"
#include "trace/backward.h"

#include <stdio.h>
#include <stdlib.h>

#define ARENA_BYTES ((size_t)64 << 20)
#define ALL 0x7f

struct written {
    struct arena *a;
    struct ledger *l;
    const struct json *doc;
};

/* From C's 9, the second output of t2. */
static void write(struct written *w, unsigned blocks, enum trace_policy policy)
{
    struct trace_target target = {.outputs_n = 1, .policy = policy, .hops_max = TRACE_HOPS_NONE};
    struct text t = text_new(ARENA_BYTES);
    struct trace_sources found;
    struct source_doc d;
    char file[4096], command[8192];
    uint64_t output;
    struct err err;

    w->a = arena_new(NULL, ARENA_BYTES);
    CHECK_OK(ledger_open(chainlet_ledger(blocks), &w->l, &err), err);
    d = (struct source_doc){.ledger = w->l,
                            .coins = *ledger_coins(w->l),
                            .blocks_n = (uint32_t)ledger_counts(w->l).blocks,
                            .policy = policy,
                            .hops_max = TRACE_HOPS_NONE,
                            .sources = &found};
    output = coins_outputs(&d.coins, ledger_find_tx(w->l, &chainlet()->t[2])).first + 1;
    target.outputs = &output;
    CHECK_OK(trace_backward(w->a, &d.coins, &target, &found, &err), err);
    trace_source_write_json(&t, &d);
    CHECK_OK(text_end(&t, &err), err);
    CHECK_OK(json_read(w->a, t.p, t.n, &w->doc, &err), err);
    snprintf(file, sizeof(file), "%s/source.json", test_dir());
    test_write(file, t.p, t.n);
    snprintf(command, sizeof(command), CORDON_SOURCE "/tools/check-json source %s", file);
    CHECK_U(system(command), 0); /* docs/schemas/source.json */
    text_free(&t);
}

static void end(struct written *w)
{
    ledger_close(w->l);
    arena_free(w->a);
}

static const struct json *item(const struct json *list, size_t i)
{
    const struct json *j = list->child;

    while (i--)
        j = j->next;
    return j;
}

static void check_source(const struct written *w, size_t i, char who, const char *amount,
                         const char *hop, const char *ends)
{
    const struct json *j = item(json_get(w->doc, "sources"), i), *end_of;

    CHECK_S(json_get(j, "address")->text, chainlet_address(who));
    CHECK_S(json_get(j, "amount")->text, amount);
    CHECK_S(json_get(j, "hop")->text, hop);
    end_of = json_get(j, "end");
    CHECK(ends ? json_is_string(end_of, ends) : end_of->type == JSON_NULL);
}

static const char *total(const struct written *w, const char *name)
{
    return json_get(json_get(w->doc, "totals"), name)->text;
}

/* The line of t2 is W's 20 and A's 30; C's 9 are units 40 to 48, A's units 20 to 28; and V's. */
static void fifo_to_the_coinbase(void **state)
{
    struct written w;

    write(&w, ALL, TRACE_FIFO);
    CHECK_S(json_get(w.doc, "schema")->text, "cordon.source/1");
    CHECK_S(json_get(w.doc, "policy")->text, "fifo");
    CHECK_U(json_get(w.doc, "exact")->type, JSON_TRUE);
    CHECK_U(json_get(w.doc, "targets")->children_n, 1);
    CHECK_S(json_get(item(json_get(w.doc, "targets"), 0), "value")->text, "9");
    CHECK_U(json_get(w.doc, "sources")->children_n, 3);
    check_source(&w, 0, 'V', "9", "2", "coinbase");
    check_source(&w, 1, 'A', "9", "1", NULL);
    check_source(&w, 2, 'C', "9", "0", NULL);
    CHECK_U(json_get(w.doc, "outside")->children_n, 0);
    CHECK_S(total(&w, "target"), "9");
    CHECK_S(total(&w, "coinbase"), "9");
    end(&w);
}

/* From the back: X takes A's 30 and 10 of W's; C takes the next 9, all W's. */
static void lifo_to_the_coinbase(void **state)
{
    struct written w;

    write(&w, ALL, TRACE_LIFO);
    CHECK_U(json_get(w.doc, "sources")->children_n, 2);
    check_source(&w, 0, 'W', "9", "1", "coinbase");
    end(&w);
}

/* Without blocks 0 and 1, V's coin is outside, and nothing tells its value. */
static void outside_the_ledger(void **state)
{
    struct written w;
    const struct json *out;

    write(&w, ALL & ~3u, TRACE_FIFO);
    CHECK_U(json_get(w.doc, "exact")->type, JSON_FALSE);
    CHECK_U(json_get(w.doc, "sources")->children_n, 2);
    check_source(&w, 0, 'A', "9", "1", "unresolved");
    CHECK_S(total(&w, "unresolved"), "9");
    end(&w);
    write(&w, ALL & ~3u, TRACE_POISON);
    out = json_get(w.doc, "outside");
    CHECK_U(out->children_n, 1);
    CHECK_S(json_get(out->child, "amount")->text, "0");
    CHECK_S(json_get(out->child, "hop")->text, "2");
    CHECK_S(json_get(out->child, "output")->text + 64, ":0");
    end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fifo_to_the_coinbase),
        cmocka_unit_test(lifo_to_the_coinbase),
        cmocka_unit_test(outside_the_ledger),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
