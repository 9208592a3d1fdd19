/* Readers of the group's smaller texts: cut anywhere, and with every allocation failing in turn,
 * they refuse; whole, they take. */
#include "base/json_canonical.h"
#include "group/alert_log.h"
#include "group/alert_policy.h"
#include "group/log_parts.h"
#include "support.h"

#define ARENA_BYTES ((size_t)16 << 20)
#define NOTE CORDON_SOURCE "/tests/group/checkpoint.note"

static const char body[] =
    "{\"account\":\"cust-81\",\"address\":\"1BoatSLRHtKNngkdXEeobR76b53LETtpyT\",\"chain\":"
    "\"bip122:"
    "000000000019d6689c085ae165831e93\",\"note\":\"seen\",\"output\":\"ab:0\",\"salt\":"
    "\"0000000000000000"
    "000000000000000000000000000000000000000000000001\",\"withdrawals\":[\"w1\",\"w2\"]}";

static const char facts[] =
    "{\"amount\":\"90000000\",\"asset\":\"BTC\",\"case\":\"case:0123456789abcdef0123456789abcdef\","
    "\"deposit\":\"0000000000000000000000000000000000000000000000000000000000000001\",\"holder\":"
    "\"ex\","
    "\"policy\":\"fifo\",\"received\":\"100000000\"}";

static bool body_reads(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct alert_body got;
    struct err err;
    bool ok = a && alert_body_read(a, in, &got, &err);

    (void)ctx;
    arena_free(a);
    return ok;
}

static bool facts_are_read(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct event_facts *got;
    const struct json *o;
    struct err err;
    bool ok = a && json_canonical_read(a, (const char *)in.p, in.n, &o, &err) &&
              facts_read(a, o, "alert.detect", &got, &err) && facts_copy(a, got);

    (void)ctx;
    arena_free(a);
    return ok;
}

/* A line that has a note, which is cut as a line: inside, it may end behind any signature. */
static struct bytes note_line(void)
{
    static struct text line; /* made once */
    struct bytes note = test_read(NOTE);
    struct arena *a;
    struct json_out j;

    if (line.n)
        return (struct bytes){(const uint8_t *)line.p, line.n};
    a = arena_new(NULL, ARENA_BYTES);
    line = text_new((size_t)1 << 20);
    j = json_to(&line, false);
    json_object(&j);
    json_put_string(&j, "checkpoint", arena_string(a, (const char *)note.p, note.n));
    json_object_end(&j);
    arena_free(a);
    return (struct bytes){(const uint8_t *)line.p, line.n};
}

static bool note_reads(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct checkpoint got;
    struct hash32 group;
    struct err err;
    bool ok =
        hash_from_hex("139ed91645fbe572fcee2abeece2f630935ffe714aeacc19c77ba7b4117c387c", &group) &&
        a && checkpoint_line_read(a, in, &group, &got, &err);

    (void)ctx;
    arena_free(a);
    return ok;
}

static const char policy[] = "soft_holds:\n"
                             "  mode: active\n"
                             "  share_ppm_min: 20000\n"
                             "  amount_min:\n"
                             "    BTC: \"1000\"\n";

static bool policy_reads(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct alert_policy got;
    struct err err;
    bool ok = a && alert_policy_read(a, in, &got, &err);

    (void)ctx;
    arena_free(a);
    return ok;
}

struct reader {
    const char *name;
    bool (*reads)(struct bytes in, void *ctx);
    struct bytes sample;
    bool cuts; /* no beginning of it is whole */
};

static void readers(struct reader ret[4])
{
    ret[0] = (struct reader){
        "an alert's body", body_reads, {(const uint8_t *)body, sizeof(body) - 1}, true};
    ret[1] =
        (struct reader){"facts", facts_are_read, {(const uint8_t *)facts, sizeof(facts) - 1}, true};
    ret[2] = (struct reader){"a checkpoint's line", note_reads, note_line(), true};
    ret[3] = (struct reader){
        "group.yaml", policy_reads, {(const uint8_t *)policy, sizeof(policy) - 1}, false};
}

static void truncations(void **state)
{
    struct reader all[4];

    (void)state;
    readers(all);
    for (size_t i = 0; i < 4; i++) {
        test_row("%s", all[i].name);
        if (all[i].cuts)
            test_truncations(all[i].sample, all[i].reads, NULL);
    }
}

static bool with_memory(void *ctx)
{
    const struct reader *r = ctx;

    return r->reads(r->sample, NULL);
}

static void every_allocation(void **state)
{
    struct reader all[4];

    (void)state;
    readers(all);
    for (size_t i = 0; i < 4; i++) {
        test_row("%s", all[i].name);
        test_failed_allocations(with_memory, &all[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truncations),
        cmocka_unit_test(every_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
