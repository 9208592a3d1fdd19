/* Events, lines and charters: what is taken, what is refused, and that the vectors of the standards
 * (vectors.py) come out. */
#include "group/charter.h"
#include "group/keys.h"
#include "group/report.h"
#include "support.h"

#include "trace/routes.h"

#include <stdio.h>
#include <stdlib.h>

#define ARENA_BYTES ((size_t)64 << 20)
#define VECTORS CORDON_SOURCE "/tests/group/export.jsonl"

/* The n-th line of the vectors, without its newline, in a block of exactly that size. */
static struct bytes vector_line(size_t n)
{
    struct bytes all = test_read(VECTORS);
    const char *at = (const char *)all.p, *end = at;

    for (size_t i = 0; i <= n; i++) {
        at = end;
        end = memchr(at, '\n', all.n - (size_t)(at - (const char *)all.p));
        CHECK(end);
        end++;
    }
    return (struct bytes){(const uint8_t *)at, (size_t)(end - at) - 1};
}

static struct hash32 vector_group(struct arena *a)
{
    struct bytes head = vector_line(0);
    const struct json *o;
    struct hash32 group;
    const char *hex;
    struct err err;

    CHECK_OK(json_read(a, (const char *)head.p, head.n, &o, &err), err);
    CHECK_OK(json_text(json_get(o, "group"), "group", &hex, &err), err);
    CHECK(hash_from_hex(hex, &group));
    return group;
}

static void vectors_come_out(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct hash32 group = vector_group(a);
    struct event_line line;
    struct hash32 before = {{0}};
    struct err err;

    (void)state;
    for (size_t i = 1; i <= 5; i++) {
        struct bytes in = vector_line(i);
        struct text again = text_new(in.n + 16);
        struct event made;
        bool good;

        test_row("line %zu", i);
        CHECK_OK(event_line_read(a, in, &group, &line, &err), err);
        CHECK_OK(group_signed(&line.event.key, EVENT_TAG, &group, line.event.text,
                              &line.event.signature, &good, &err),
                 err);
        CHECK(good);
        made = line.event;
        made.text = (struct bytes){NULL, 0};
        memset(&made.id, 0, sizeof(made.id));
        CHECK_OK(event_make(a, &group, &made, &err), err);
        CHECK(bytes_equal(made.text, line.event.text));
        CHECK(hash32_equal(&made.id, &line.event.id));
        event_line_put(&again, &line);
        CHECK(bytes_equal(in, (struct bytes){(const uint8_t *)again.p, again.n}));
        text_free(&again);
        if (i == 2)
            CHECK(hash32_equal(&line.event.prev, &before));
        before = line.event.id;
    }
    arena_free(a);
}

/* The signer of the vectors, by its seed; Ed25519 signs alike everywhere. */
static void signatures_come_out(void **state)
{
    static const char tag[] = "cordon test vectorushead";
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct hash32 group = vector_group(a), seed = sha256(tag, sizeof(tag) - 1);
    struct signer by = signer_from_seed(seed.b);
    struct event_line line;
    struct signature mine;
    struct err err;
    bool good;

    (void)state;
    CHECK_OK(event_line_read(a, vector_line(2), &group, &line, &err), err);
    CHECK(!memcmp(by.key.b, line.event.key.b, 32));
    CHECK_OK(group_sign(&by, EVENT_TAG, &group, line.event.text, &mine, &err), err);
    CHECK(!memcmp(mine.b, line.event.signature.b, 64));
    /* neither another tag, nor another group, nor a bit elsewhere */
    CHECK_OK(group_signed(&by.key, "cordon.export/1", &group, line.event.text, &mine, &good, &err),
             err);
    CHECK(!good);
    CHECK_OK(group_signed(&by.key, EVENT_TAG, &seed, line.event.text, &mine, &good, &err), err);
    CHECK(!good);
    for (size_t i = 0; i < 64; i++) {
        mine.b[i] ^= 1;
        CHECK_OK(group_signed(&by.key, EVENT_TAG, &group, line.event.text, &mine, &good, &err),
                 err);
        CHECK(!good);
        mine.b[i] ^= 1;
    }
    arena_free(a);
}

/* ---- what is refused: a good event with one thing changed ---- */

static const struct {
    const char *from, *to, *complaint;
} rows[] = {
    {"\"seq\":2", "\"seq\":0", "seq"},
    {"\"seq\":2", "\"seq\":1", "prev: null"},
    {"\"seq\":2", "\"seq\":-2", "seq"},
    {"\"seq\":2", "\"seq\":2.0", "whole numbers"},
    {"\"seq\":2", "\"seq\":9007199254740992", "whole numbers"},
    {"\"seq\":2", "\"seq\":\"2\"", "seq"},
    {"\"seq\":2", "\"seq\": 2", "not canonical"},
    {"\"retention\":\"none\"", "\"retention\":\"case\"", "body"},
    {"\"retention\":\"none\"", "\"retention\":\"\"", "retention"},
    {"\"body\":null", "\"body\":\"00\"", "body"},
    {"\"author\":\"us\"", "\"author\":\"US\"", "author"},
    {"\"author\":\"us\"", "\"author\":\"-us\"", "author"},
    {"\"author\":\"us\"", "\"author\":null", "author"},
    {"\"author\":\"us\"", "\"author\":\"us\",\"autho\":1", "not canonical"},
    {"\"author\":\"us\"", "\"author\":\"us\",\"bod\":1", "unknown member"},
    {"\"author\":\"us\"", "\"author\":\"us\",\"author\":\"us\"", "twice"},
    {"\"audience\":\"all\",", "", "audience"},
    {"\"clock\":[1795000001000,0]", "\"clock\":[1795000001000]", "clock"},
    {"\"clock\":[1795000001000,0]", "\"clock\":[253402300800000,0]", "clock"},
    {"\"clock\":[1795000001000,0]", "\"clock\":[1795000001000,\"0\"]", "clock"},
    {"\"after\":[\"6034", "\"after\":[\"603G", "after"},
    {"\"after\":[\"6034", "\"after\":[\"603A", "after"},
    {"\"type\":\"charter.sign\"", "\"type\":\"case.sign\"", "type"},
    {"\"type\":\"charter.sign\"", "\"type\":\"charter.\"", "type"},
    {"\"type\":\"charter.sign\"", "\"type\":\"charter.Sign\"", "type"},
    {"\"object\":\"charter:", "\"object\":\"charter:0", "object"},
    {"\"object\":\"charter:", "\"object\":\":", "object"},
    {"\"clock\":", "\"into\":\"case:00000000000000000000000000000000\",\"clock\":",
     "not canonical"},
    {"\"key\":", "\"into\":\"case:00000000000000000000000000000000\",\"key\":",
     "of case.merge only"},
    {"\"key\":", "\"facts\":{},\"key\":", "not of charter.sign"},
    {"\"stream\":\"6095", "\"stream\":\"609", "stream"},
};

static void what_is_no_event_is_refused(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct hash32 group = vector_group(a);
    struct event_line line;
    struct event e;
    struct err err;

    (void)state;
    CHECK_OK(event_line_read(a, vector_line(2), &group, &line, &err), err);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *text = (const char *)line.event.text.p, *at = strstr(text, rows[i].from);
        struct text changed = text_new(EVENT_BYTES_MAX);

        test_row("%s to %s", rows[i].from, rows[i].to);
        CHECK(at);
        text_put(&changed, text, (size_t)(at - text));
        text_str(&changed, rows[i].to);
        text_str(&changed, at + strlen(rows[i].from));
        CHECK(!event_read(a, (struct bytes){(const uint8_t *)changed.p, changed.n}, &group, &e,
                          &err));
        CHECK_U(err.class, ERR_INPUT);
        CHECK(strstr(err.text, rows[i].complaint));
        text_free(&changed);
    }
    arena_free(a);
}

struct reading {
    struct arena *arena;
    struct hash32 group;
};

static bool line_taken(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    const struct reading *r = ctx;
    struct event_line line;
    struct err err;
    bool ok = event_line_read(a, in, &r->group, &line, &err);

    arena_free(a);
    return ok;
}

static bool charter_taken(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct charter c;
    struct err err;
    bool ok = charter_read(a, in, &c, &err);

    (void)ctx;
    arena_free(a);
    return ok;
}

static bool report_taken(struct bytes in, void *ctx)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct report r;
    struct err err;
    bool ok = report_read(a, in, &r, &err);

    (void)ctx;
    arena_free(a);
    return ok;
}

static void every_truncation(void **state)
{
    struct reading r = {.arena = arena_new(NULL, ARENA_BYTES)};
    struct event_line line;
    struct err err;

    (void)state;
    r.group = vector_group(r.arena);
    test_truncations(vector_line(4), line_taken, &r);
    CHECK_OK(event_line_read(r.arena, vector_line(1), &r.group, &line, &err), err);
    test_truncations(line.body, charter_taken, NULL);
    CHECK_OK(event_line_read(r.arena, vector_line(4), &r.group, &line, &err), err);
    test_truncations(line.body, report_taken, NULL);
    arena_free(r.arena);
}

/* A body is the one that was signed, or the line is none. */
static void bodies_are_bound(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct hash32 group = vector_group(a);
    struct bytes in = vector_line(4);
    struct event_line line;
    struct err err;
    uint8_t *changed;
    const char *at;

    (void)state;
    at = strstr((const char *)in.p, "\"THEFT-1\"");
    CHECK(at);
    changed = arena_copy(a, in.p, in.n);
    changed[at + 7 - (const char *)in.p] = '2';
    CHECK(!event_line_read(a, (struct bytes){changed, in.n}, &group, &line, &err));
    CHECK(strstr(err.text, "not the one that was signed"));
    at = strstr((const char *)in.p, "\"salt\":\"");
    memcpy(changed, in.p, in.n);
    changed[at + 8 - (const char *)in.p] ^= 1;
    CHECK(!event_line_read(a, (struct bytes){changed, in.n}, &group, &line, &err));
    arena_free(a);
}

/* ---- charters ---- */

static const struct {
    const char *from, *to, *complaint;
} charter_rows[] = {
    {"\"government\":true,\"id\":\"us\"", "\"government\":false,\"id\":\"us\"", NULL},
    {"\"country\":\"KR\"", "\"country\":\"US\"", "a second government of US"},
    {"\"country\":\"KR\"", "\"country\":\"Korea\"", "country"},
    {"\"country\":\"KR\"", "\"contact\":\"soc@kr.example, +82 2 000\",\"country\":\"KR\"", NULL},
    {"\"country\":\"KR\"", "\"contact\":\"\",\"country\":\"KR\"", "contact"},
    {"\"country\":\"KR\"", "\"contact\":7,\"country\":\"KR\"", "contact"},
    {"\"country\":\"KR\"", "\"contact\":\"a\\u0007\",\"country\":\"KR\"", "contact"},
    {"\"id\":\"kr\"", "\"id\":\"us\"", "\"us\" twice"},
    {"\"kind\":\"agency\"", "\"kind\":\"wizard\"", "kind"},
    {"\"kind\":\"agency\"", "\"kind\":\"bank\"", "government"},
    {"\"roles\":[\"investigator\"]", "\"roles\":[\"node\"]", "roles"},
    {"\"name\":\"head\"", "\"name\":\"inv\"", "\"inv\" twice"},
    {"\"state\":\"active\"", "\"state\":\"suspended\"", "government"},
    {"\"groups\":[]", "\"groups\":[{\"id\":\"all\",\"members\":[]}]", "everybody"},
    {"\"groups\":[]", "\"groups\":[{\"id\":\"g\",\"members\":[\"xx\"]}]", "no member"},
    {"\"groups\":[]", "\"groups\":[{\"id\":\"g\",\"members\":[\"us\",\"us\"]}]", "twice"},
    {"\"groups\":[]", "\"groups\":[{\"id\":\"g\",\"members\":[\"us\",\"kr\"]}]", NULL},
    {"\"live_cases\":5", "\"live_cases\":\"5\"", "live_cases"},
    {"\"live_cases\":5", "\"live_case\":5", "unknown member"},
    {"\"live_cases\":5", "\"origins\":5", "live_cases"},
    {"\"live_cases\":5",
     "\"accounts\":1,\"hold_hours\":2,\"live_cases\":5,\"origins\":3,"
     "\"reached\":4,\"soft_amount\":{\"BTC\":\"7\",\"KRW\":\"0\"},"
     "\"soft_minutes\":6,\"soft_share_ppm\":8,\"soft_unverified\":9",
     NULL},
    {"\"live_cases\":5", "\"hold_hours\":8785,\"live_cases\":5", "hold_hours"},
    {"\"live_cases\":5", "\"live_cases\":5,\"silence_hours\":24", NULL},
    {"\"live_cases\":5", "\"live_cases\":5,\"silence_hours\":2160", NULL},
    {"\"live_cases\":5", "\"live_cases\":5,\"silence_hours\":23",
     "quotas: silence_hours: at least 24"},
    {"\"live_cases\":5", "\"live_cases\":5,\"silence_hours\":2161",
     "quotas: silence_hours: at most 2160"},
    {"\"live_cases\":5", "\"live_cases\":5,\"soft_minutes\":1441", "soft_minutes"},
    {"\"live_cases\":5", "\"live_cases\":5,\"soft_share_ppm\":1000001", "soft_share_ppm"},
    {"\"live_cases\":5", "\"live_cases\":5,\"soft_amount\":{\"BTC\":\"07\"}", "soft_amount"},
    {"\"live_cases\":5", "\"live_cases\":5,\"soft_amount\":{\"\":\"7\"}", "soft_amount"},
    {"\"live_cases\":5", "\"live_cases\":5,\"soft_amount\":7", "soft_amount"},
    {"\"version\":1", "\"version\":2", "previous"},
    {"\"version\":1", "\"version\":0", "version"},
};

/* What an older charter does not say. */
static void quotas_have_defaults(const struct charter_quotas *q)
{
    CHECK_U(q->live_cases, 5);
    CHECK_U(q->origins, 10000);
    CHECK_U(q->reached, 10000000);
    CHECK_U(q->soft_minutes, 60);
    CHECK_U(q->soft_share_ppm, 10000);
    CHECK_U(q->soft_unverified, 0);
    CHECK_U(q->soft_amount_n, 0);
    CHECK_U(q->hold_hours, 72);
    CHECK_U(q->silence_hours, 72);
    CHECK_U(q->accounts, 100);
}

static void charters_are_checked(void **state)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct hash32 group = vector_group(a);
    struct event_line line;
    struct charter c;
    struct err err;

    (void)state;
    CHECK_OK(event_line_read(a, vector_line(1), &group, &line, &err), err);
    CHECK_OK(charter_read(a, line.body, &c, &err), err);
    CHECK(hash32_equal(&c.hash, &group));
    CHECK_U(c.members_n, 3);
    CHECK_U(c.keys_n, 9);
    CHECK_U(c.governments_n, 3);
    quotas_have_defaults(&c.quotas);
    CHECK_U(charter_key(&c, &line.event.key)->roles, ROLE_SUPERVISOR | ROLE_SECRETARY);
    for (size_t i = 0; i < sizeof(charter_rows) / sizeof(charter_rows[0]); i++) {
        const char *text = arena_string(a, (const char *)line.body.p, line.body.n),
                   *at = strstr(text, charter_rows[i].from);
        struct text changed = text_new(EVENT_BODY_BYTES_MAX);
        bool ok;

        test_row("%s to %s", charter_rows[i].from, charter_rows[i].to);
        CHECK(at);
        text_put(&changed, text, (size_t)(at - text));
        text_str(&changed, charter_rows[i].to);
        text_str(&changed, at + strlen(charter_rows[i].from));
        ok = charter_read(a, (struct bytes){(const uint8_t *)changed.p, changed.n}, &c, &err);
        CHECK_U(ok, !charter_rows[i].complaint);
        if (!ok) {
            CHECK_U(err.class, ERR_INPUT);
            CHECK(strstr(err.text, charter_rows[i].complaint));
        }
        text_free(&changed);
    }
    arena_free(a);
}

/* ---- reports ---- */

static void reports_pin_their_inputs(void **state)
{
    static const char in[] =
        "{ \"origins\": [{\"address\": \"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\"}],"
        " \"limits\": {\"dust\": \"546\", \"hops_max\": 7, \"until\": 800000},"
        " \"id\": \"X\" }";
    static const char want[] =
        "{\"case\":{\"id\":\"X\",\"limits\":{\"dust\":\"546\",\"hops_max\":7,\"until\":800000},"
        "\"origins\":[{\"address\":\"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa\"}],\"policy\":\"fifo\"},"
        "\"inputs\":{\"dust\":\"546\",\"hops_max\":7,\"policy\":\"fifo\",%s"
        "\"rules\":\"cordon.taint/1\",\"stops_sha256\":"
        "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\","
        "\"until\":800000,\"until_time\":null}}"; /* the hash of nothing: FIPS 180-4 */
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    static const char other[] =
        "\"routes_sha256\":"
        "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\",";
    struct hash32 known = routes_trusts_hash();
    struct report r, again;
    struct err err;
    char body[1000], pin[100], *changed;
    size_t n = (size_t)snprintf(pin, sizeof(pin), "\"routes_sha256\":\"");

    (void)state;
    for (size_t i = 0; i < sizeof(known.b); i++)
        n += (size_t)snprintf(pin + n, sizeof(pin) - n, "%02x", known.b[i]);
    snprintf(pin + n, sizeof(pin) - n, "\",");
    n = (size_t)snprintf(body, sizeof(body), want, pin);
    CHECK_OK(report_make(a, (struct bytes){(const uint8_t *)in, sizeof(in) - 1}, &r, &err), err);
    CHECK_S((const char *)r.body.p, body);
    CHECK_OK(report_read(a, r.body, &again, &err), err);
    CHECK_U(report_routes(&again), REPORT_ROUTES_SAME);
    changed = arena_string(a, body, n);
    *strstr(changed, "546\",\"hops_max\":7,\"policy") = '9';
    CHECK(!report_read(a, (struct bytes){(const uint8_t *)changed, n}, &r, &err));
    CHECK(strstr(err.text, "inputs: not those of the case"));
    n = (size_t)snprintf(body, sizeof(body), want, other); /* another program's */
    CHECK_OK(report_read(a, (struct bytes){(const uint8_t *)body, n}, &again, &err), err);
    CHECK_U(report_routes(&again), REPORT_ROUTES_OTHER);
    n = (size_t)snprintf(body, sizeof(body), want, "");
    CHECK_OK(report_read(a, (struct bytes){(const uint8_t *)body, n}, &again, &err), err);
    CHECK_U(report_routes(&again), REPORT_ROUTES_NONE);
    n = (size_t)snprintf(body, sizeof(body), want, "\"routes_sha256\":\"e3b0\",");
    CHECK(!report_read(a, (struct bytes){(const uint8_t *)body, n}, &again, &err));
    CHECK_S(err.text, "inputs.routes_sha256: no SHA-256");
    arena_free(a);
}

/* ---- memory ---- */

static bool with_memory(void *ctx)
{
    const struct reading *r = ctx;
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    struct event_line line;
    struct charter c;
    struct err err;
    bool ok = a && event_line_read(a, vector_line(1), &r->group, &line, &err) &&
              charter_read(a, line.body, &c, &err);

    arena_free(a);
    return ok;
}

static void every_allocation(void **state)
{
    struct reading r = {.arena = arena_new(NULL, ARENA_BYTES)};

    (void)state;
    r.group = vector_group(r.arena);
    test_failed_allocations(with_memory, &r);
    arena_free(r.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vectors_come_out),
        cmocka_unit_test(signatures_come_out),
        cmocka_unit_test(what_is_no_event_is_refused),
        cmocka_unit_test(every_truncation),
        cmocka_unit_test(bodies_are_bound),
        cmocka_unit_test(charters_are_checked),
        cmocka_unit_test(reports_pin_their_inputs),
        cmocka_unit_test(every_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
