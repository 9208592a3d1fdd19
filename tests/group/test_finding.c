/* Findings: what a trace says of a case becomes records. The coins are those of
 * tests/golden/trace.json, counted by hand there: 49 marked, 24 held, 20 at an exchange, 3 at a
 * mixer, 2 to fees. */
#include "group/finding.h"

#include "support.h"

#define ARENA_BYTES ((size_t)64 << 20)
#define CASE "case:000000000000000000000000000000aa"

static const struct hash32 group = {{7}};

static struct bytes coins_trace(void)
{
    return test_read(CORDON_SOURCE "/tests/golden/trace.json");
}

static const char *item(const struct record *r, const char *list, size_t i)
{
    const struct json *at = json_get(r->of, list);

    at = at ? at->child : NULL;
    for (; i && at; i--)
        at = at->next;
    return at ? at->text : "(none)";
}

static void coins(void **state)
{
    struct finding_of of = {CASE, "2026-7", "green", "seen"};
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct bytes in = coins_trace();
    struct record *r;
    struct err err;
    size_t n;

    (void)state;
    CHECK_OK(findings_of_trace(a, &group, in, &of, &r, &n, &err), err);
    CHECK_U(n, 1);
    CHECK_S(record_text(r, "case"), CASE);
    CHECK_S(record_text(r, "chain"), "bitcoin:sim");
    CHECK_S(record_text(r, "policy"), "fifo");
    CHECK_S(record_text(r, "traced"), "49");
    CHECK_S(record_text(r, "held"), "24");
    CHECK_S(record_text(r, "stopped"), "23");
    CHECK_S(record_text(r, "lost"), "2");
    CHECK_S(record_text(r, "decimals"), "8");
    CHECK_S(record_text(r, "tlp"), "green");
    CHECK_S(record_text(r, "notes"), "seen");
    CHECK_S(item(r, "went", 0), "20 exchange, Exchange X");
    CHECK_S(item(r, "went", 1), "3 mixer & <co>, =Ex \"P2PK\", Inc.");
    CHECK_S(item(r, "paths", 0), "exchange, Exchange X: SW5XBY8F3ZPcKxxXkNGdWCyqmaFN1iGUwp > "
                                 "SSAKEwgDvKTcygmQBrZL5t71wk1rAESYi6");
    CHECK_S(item(r, "paths", 1), "mixer & <co>, =Ex \"P2PK\", Inc.: "
                                 "SW5XBY8F3ZPcKxxXkNGdWCyqmaFN1iGUwp > "
                                 "SYRxcnsUFtNGFvJqBqzDc9YRwDJJiYVeJW > "
                                 "Sg9yE75DtVZtTqNgwBCpb3QVTWz4oAHr7S");
    arena_free(a);
}

#define UNTIL "\"inputs\":{\"until\":{\"height\":8,\"hash\":\"0xab\",\"time\":9}}"
#define STOP "{\"name\":\"Desk\",\"category\":\"otc\",\"source\":\"s\"}"
#define ACCOUNTS                                                                                   \
    "{\"schema\":\"cordon.trace.accounts/1\",\"case\":\"A\",\"chain\":\"ethereum\",\"policy\":"    \
    "\"lifo\",\"exact\":false," UNTIL ",\"moves\":["                                               \
    "{\"asset\":\"ETH\",\"from\":\"v\",\"to\":\"x\",\"taint\":\"10\",\"hop\":0,\"stop\":null},"    \
    "{\"asset\":\"ETH\",\"from\":\"x\",\"to\":\"y\",\"taint\":\"6\",\"hop\":1,\"stop\":null},"     \
    "{\"asset\":\"0xT\",\"from\":\"v\",\"to\":\"x\",\"taint\":\"5\",\"hop\":0,\"stop\":null}],"    \
    "\"balances\":[{\"account\":\"y\",\"asset\":\"ETH\",\"taint\":\"6\",\"stop\":" STOP "},"       \
    "{\"account\":\"x\",\"asset\":\"ETH\",\"taint\":\"3\",\"stop\":null}],"                        \
    "\"totals\":[{\"chain\":\"ethereum\",\"asset\":\"ETH\",\"symbol\":\"ETH\",\"decimals\":18,"    \
    "\"origin\":\"10\",\"held\":\"3\",\"exits\":\"6\"},"                                           \
    "{\"chain\":\"ethereum\",\"asset\":\"0xT\",\"symbol\":null,\"decimals\":null,"                 \
    "\"origin\":\"5\",\"held\":\"5\",\"exits\":\"0\"}],"                                           \
    "\"routes\":[{\"rule\":\"bridge\"},{\"rule\":\"bridge\"},{\"rule\":\"swap\"}],"                \
    "\"look_alikes\":[{}],\"spoof_tokens\":[]}"
#define MEETING                                                                                    \
    "{\"schema\":\"cordon.confluence/1\",\"places_n\":2,\"places\":[{\"chain\":\"ethereum\","      \
    "\"place\":\"y\",\"cases\":[{\"case\":\"A\"},{\"case\":\"B\"}]},"                              \
    "{\"chain\":\"ethereum\",\"place\":\"z\",\"cases\":[{\"case\":\"B\"},{\"case\":\"C\"}]}]}"

static void accounts(void **state)
{
    static const char two[] =
        ACCOUNTS "\n{\"schema\":\"cordon.trace/1\",\"case\":\"B\"}\n" MEETING "\n";
    struct finding_of of = {CASE, "A", NULL, NULL};
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct record *r;
    struct err err;
    size_t n;

    (void)state;
    CHECK_OK(findings_of_trace(a, &group, (struct bytes){(const uint8_t *)two, strlen(two)}, &of,
                               &r, &n, &err),
             err);
    CHECK_U(n, 2);
    CHECK_S(record_text(&r[0], "asset"), "ETH");
    CHECK_S(record_text(&r[0], "lost"), "1");
    CHECK_S(record_text(&r[0], "exact"), "no");
    CHECK_S(record_text(&r[0], "until"), "8 0xab");
    CHECK_S(item(&r[0], "went", 0), "6 otc, Desk");
    CHECK_S(item(&r[0], "shapes", 0), "2 bridge");
    CHECK_S(item(&r[0], "shapes", 1), "1 look-alike");
    CHECK_S(item(&r[0], "shapes", 2), "1 swap");
    CHECK_S(item(&r[0], "paths", 0), "otc, Desk: x > y");
    CHECK_S(item(&r[0], "meets", 0), "y: B");
    CHECK_S(item(&r[0], "meets", 1), "(none)");
    CHECK_S(record_text(&r[1], "asset"), "0xT");
    CHECK(!record_text(&r[1], "decimals"));
    CHECK_S(item(&r[1], "shapes", 0), "(none)"); /* told with the first asset alone */
    arena_free(a);
}

static const struct {
    const char *name, *in, *complaint;
} bad_rows[] = {
    {"another case", "{\"schema\":\"cordon.trace/1\",\"case\":\"B\"}",
     "no trace of case \"A\" is in it"},
    {"no trace", "{\"schema\":\"cordon.pack/1\",\"case\":\"A\"}",
     "schema: a trace, as cordon trace --format json has it"},
    {"no list", "{\"schema\":\"cordon.trace/1\",\"case\":\"A\",\"chain\":\"bitcoin\"}",
     "reached: a list is wanted"},
    {"no totals",
     "{\"schema\":\"cordon.trace/1\",\"case\":\"A\",\"chain\":\"bitcoin\",\"policy\":\"fifo\","
     "\"reached\":[]}",
     "origin: missing"},
    {"no chain",
     "{\"schema\":\"cordon.trace/1\",\"case\":\"A\",\"chain\":\"moon\",\"policy\":\"fifo\","
     "\"reached\":[],\"totals\":{\"origin\":\"1\"}}",
     "chain: \"moon\" is not known here"},
    {"a stop without a name",
     "{\"schema\":\"cordon.trace/1\",\"case\":\"A\",\"chain\":\"bitcoin\",\"policy\":\"fifo\","
     "\"reached\":[{\"output\":\"a:0\",\"taint\":\"1\",\"stop\":{\"category\":\"x\"}}],"
     "\"totals\":{\"origin\":\"1\"}}",
     "name: missing"},
};

static void what_is_wrong(void **state)
{
    struct finding_of of = {CASE, "A", NULL, NULL};

    (void)state;
    for (size_t i = 0; i < sizeof(bad_rows) / sizeof(bad_rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        struct bytes in = {(const uint8_t *)bad_rows[i].in, strlen(bad_rows[i].in)};
        struct record *r;
        struct err err;
        size_t n;

        test_row("%s", bad_rows[i].name);
        CHECK(!findings_of_trace(a, &group, in, &of, &r, &n, &err));
        CHECK_S(err.text, bad_rows[i].complaint);
        arena_free(a);
    }
}

static bool takes(struct bytes in, void *ctx)
{
    struct finding_of of = {CASE, "2026-7", NULL, NULL};
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct record *r;
    struct err err;
    size_t n;
    bool ok;

    (void)ctx;
    ok = a && findings_of_trace(a, &group, in, &of, &r, &n, &err);
    arena_free(a);
    return ok;
}

static void every_truncation(void **state)
{
    struct bytes in = coins_trace();

    (void)state;
    while (in.n && in.p[in.n - 1] == '\n')
        in.n--;
    test_truncations(in, takes, NULL);
}

static bool allocates(void *ctx)
{
    return takes(*(struct bytes *)ctx, NULL);
}

static void every_failed_allocation(void **state)
{
    struct bytes in = coins_trace();

    (void)state;
    test_failed_allocations(allocates, &in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coins),
        cmocka_unit_test(accounts),
        cmocka_unit_test(what_is_wrong),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
