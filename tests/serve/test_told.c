/* What a node tells: signatures by known answers, the outbox against a naive one, channels that are
 * none, and what the core system may say. */
#include "serve/courier.h"
#include "serve/hold_enforced.h"
#include "serve/outbox.h"
#include "serve/pace.h"
#include "serve/webhook.h"

#include "../support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BYTES ((size_t)64 << 20)

/* ---- signatures ---- */

#define ID "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define WHEN 1614265330
#define BODY "{\"test\": 2432232314}"

/* The first is the vector of the Standard Webhooks libraries; the second is of the seed of RFC
 * 8032, section 7.1, test 1, signed by its sample code. */
static const struct {
    const char *name, *keys, *want; /* NULL: refused */
} sign_rows[] = {
    {"HMAC", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
     "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
    {"Ed25519", "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=",
     "v1a,fldxM4gAKugP6nnt1hdz3sgGfZ6d99nzrMFnZOELIxbzEHoVmAb2ADpkJK7zgPePmPsle0zV9jSeGlHFG2NVAw="
     "="},
    {"both, with comments",
     "# new\r\nwhsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\r\n\n# old\n"
     "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=\n",
     "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= "
     "v1a,fldxM4gAKugP6nnt1hdz3sgGfZ6d99nzrMFnZOELIxbzEHoVmAb2ADpkJK7zgPePmPsle0zV9jSeGlHFG2NVAw="
     "="},
    {"none", "", NULL},
    {"comments alone", "# x\n", NULL},
    {"too short", "whsec_MfKQ9r8GKYo=", NULL},
    {"no base64", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS!", NULL},
    {"another kind", "whpk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=", NULL},
    {"a seed too short", "whsk_nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyufw==", NULL},
    {"half a word", "whsec_", NULL},
};

static void signatures(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(sign_rows) / sizeof(sign_rows[0]); i++) {
        const char *text = sign_rows[i].keys;
        struct text to = text_new(4096);
        struct webhook_keys k;
        struct err err;
        bool ok = webhook_keys_read((struct bytes){(const uint8_t *)text, strlen(text)}, &k, &err);

        test_row("%s", sign_rows[i].name);
        CHECK_U(ok, sign_rows[i].want != NULL);
        if (ok) {
            webhook_sign(&k, ID, WHEN, (struct bytes){(const uint8_t *)BODY, strlen(BODY)}, &to);
            CHECK_S(text_string(&to), sign_rows[i].want);
        } else {
            CHECK(!strstr(err.text, "MfKQ")); /* nothing of what stands there */
        }
        text_free(&to);
    }
}

/* ---- the outbox ---- */

#define LINES 4
#define CHANNELS 2
#define PUTS 400

struct naive { /* a send */
    uint64_t number;
    unsigned channel, line;
    uint64_t due;
    bool gone;
};

static struct store *outbox(void)
{
    static const struct store_schema *const schemas[] = {&outbox_schema};
    struct store *s = NULL;
    char path[4096];
    struct err err;

    snprintf(path, sizeof(path), "%s/outbox.sqlite", test_dir());
    CHECK_OK(store_open(path, STORE_WRITE, schemas, 1, &s, &err), err);
    return s;
}

static const char *const channels[CHANNELS] = {"core", "people"};
static const char *const lines[LINES] = {"a", "b", "c", "d"};

static void naive_put(struct store *s, struct naive *n, uint64_t i, unsigned channel, unsigned line)
{
    char id[32];
    struct outbox_message m = {.id = id, .kind = "test", .ms = i, .body = "{}"};
    bool new = false;
    struct err err;

    snprintf(id, sizeof(id), "m-%llu", (unsigned long long)i);
    CHECK_OK(outbox_put(s, &m, &n->number, &new, &err), err);
    CHECK(new);
    CHECK_OK(outbox_send(s, n->number, channels[channel], lines[line], &err), err);
    n->channel = channel;
    n->line = line;
    n->due = 0;
    n->gone = false;
}

static bool is_first(const struct naive *all, size_t n, size_t i)
{
    for (size_t k = 0; k < i && k < n; k++)
        if (!all[k].gone && all[k].channel == all[i].channel && all[k].line == all[i].line)
            return false;
    return true;
}

/* Exactly the first of each line that is due. */
static void same_due(struct store *s, const struct naive *all, size_t n, unsigned channel,
                     uint64_t now, struct outbox_due *ret, size_t *ret_n)
{
    struct arena *a = arena_new(NULL, ARENA_BYTES);
    size_t want = 0;
    struct err err;

    CHECK_OK(outbox_due(s, a, channels[channel], now, ret, LINES, ret_n, &err), err);
    for (size_t i = 0; i < n; i++) {
        bool due = !all[i].gone && all[i].channel == channel && is_first(all, n, i) &&
                   all[i].due <= now,
             told = false;

        for (size_t k = 0; k < *ret_n; k++)
            told |= ret[k].message.number == all[i].number;
        CHECK_U(told, due);
        want += due;
    }
    CHECK_U(*ret_n, want);
    for (size_t k = 0; k < *ret_n; k++)
        ret[k].line = NULL; /* the arena's */
    arena_free(a);
}

static struct naive *by_number(struct naive *all, size_t n, uint64_t number)
{
    for (size_t i = 0; i < n; i++)
        if (all[i].number == number)
            return &all[i];
    return NULL;
}

static void an_outbox_keeps_the_order(void **state)
{
    struct test_random r = {test_seed()};
    struct store *s = outbox();
    struct naive all[PUTS];
    size_t n = 0;
    uint64_t waiting, left = 0;
    struct err err;

    (void)state;
    for (uint64_t now = 1; n < PUTS; now++) {
        struct outbox_due due[LINES];
        unsigned channel = (unsigned)(test_random(&r) % CHANNELS);
        size_t due_n = 0;

        if (test_random(&r) % 3) {
            naive_put(s, &all[n], n, channel, (unsigned)(test_random(&r) % LINES));
            n++;
        }
        same_due(s, all, n, channel, now, due, &due_n);
        if (!due_n)
            continue;
        if (test_random(&r) % 2) {
            CHECK_OK(outbox_done(s, due[0].send, &err), err);
            by_number(all, n, due[0].message.number)->gone = true;
        } else {
            CHECK_OK(outbox_again(s, due[0].send, now + 5, "why", &err), err);
            by_number(all, n, due[0].message.number)->due = now + 5;
        }
    }
    for (size_t i = 0; i < n; i++)
        left += !all[i].gone;
    CHECK_OK(outbox_n(s, &waiting, &err), err);
    CHECK_U(waiting, left);
    store_close(s);
}

static void a_message_is_put_once(void **state)
{
    struct outbox_message m = {.id = "x-1", .kind = "test", .ms = 5, .body = "{}"};
    struct store *s = outbox();
    uint64_t number;
    bool new;
    struct err err;

    (void)state;
    CHECK_OK(outbox_put(s, &m, &number, &new, &err), err);
    CHECK(new);
    CHECK_OK(outbox_put(s, &m, &number, &new, &err), err);
    CHECK(!new);
    store_close(s);
}

/* ---- what may be told to ---- */

static const struct {
    const char *name;
    struct config_channel c;
    bool core, fits;
} channel_rows[] = {
    {"a webhook", {.name = "a", .url = "https://a.example/x?y=1", .secret = "s"}, false, true},
    {"without TLS to this machine",
     {.name = "a", .url = "http://[::1]:8/", .secret = "s"},
     true,
     true},
    {"without TLS to another",
     {.name = "a", .url = "http://10.0.0.1/", .secret = "s"},
     true,
     false},
    {"not this machine",
     {.name = "a", .url = "http://127.0.0.1.a.example/", .secret = "s"},
     true,
     false},
    {"without a secret", {.name = "a", .url = "https://a.example/"}, false, false},
    {"a file", {.name = "a", .url = "file:///etc/passwd", .secret = "s"}, false, false},
    {"gopher", {.name = "a", .url = "gopher://a.example/", .secret = "s"}, false, false},
    {"with a user", {.name = "a", .url = "https://u:p@a.example/", .secret = "s"}, false, false},
    {"no URL", {.name = "a", .url = "a.example", .secret = "s"}, false, false},
    {"a name with a space",
     {.name = "a b", .url = "https://a.example/", .secret = "s"},
     false,
     false},
    {"mail",
     {.name = "m", .url = "smtps://m.example", .from = "a@b.example", .to = {{"oncall"}, 1}},
     false,
     true},
    {"mail to the core",
     {.name = "m", .url = "smtps://m.example", .from = "a@b.example", .to = {{"oncall"}, 1}},
     true,
     false},
    {"mail from nobody",
     {.name = "m", .url = "smtps://m.example", .to = {{"oncall"}, 1}},
     false,
     false},
    {"mail to nobody",
     {.name = "m", .url = "smtp://m.example", .from = "a@b.example"},
     false,
     false},
    {"two lines of a header",
     {.name = "m",
      .url = "smtp://m.example",
      .from = "a@b.example\r\nBcc: c@d",
      .to = {{"x@y"}, 1}},
     false,
     false},
    {"mail to two in one",
     {.name = "m", .url = "smtp://m.example", .from = "a@b.example", .to = {{"x@y,z@y"}, 1}},
     false,
     false},
};

static void channels_that_fit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(channel_rows) / sizeof(channel_rows[0]); i++) {
        struct err err;

        test_row("%s", channel_rows[i].name);
        CHECK_U(courier_channel_check(&channel_rows[i].c, channel_rows[i].core, &err),
                channel_rows[i].fits);
    }
}

/* ---- what the core system says ---- */

static const struct {
    const char *body, *want; /* NULL: taken */
} enforced_rows[] = {
    {"", NULL},
    {"{}", NULL},
    {"{\"amount\":\"90\",\"expires\":\"2026-11-26T12:00:00Z\",\"partly\":true}", NULL},
    {"{\"amount\":90}", "amount: a whole number of base units in quotes"},
    {"{\"amount\":\"0\"}", "amount"},
    {"{\"amount\":\"-1\"}", "amount"},
    {"{\"amount\":\"1e3\"}", "amount"},
    {"{\"amount\":\"1\",\"amount\":\"2\"}", "amount"},
    {"{\"expires\":\"soon\"}", "expires: a time is wanted"},
    {"{\"partly\":\"yes\"}", "partly: true or false"},
    {"{\"account\":\"x\"}", "account"},
    {"[]", "a hold"},
    {"{\"amount\":\"90\"", ""},
};

static void words_of_the_core(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(enforced_rows) / sizeof(enforced_rows[0]); i++) {
        struct arena *a = arena_new(NULL, ARENA_BYTES);
        const char *body = enforced_rows[i].body, *want = enforced_rows[i].want;
        struct enforced e;
        struct err err;
        bool ok = enforced_read(a, (struct bytes){(const uint8_t *)body, strlen(body)}, &e, &err);

        test_row("%s", body);
        CHECK_U(ok, !want);
        if (want && !strstr(err.text, want))
            test_failed(__FILE__, __LINE__, "\"%s\", want \"%s\"", err.text, want);
        if (ok && *body == '{' && body[1] != '}') {
            CHECK_U(e.amount.w[0], 90);
            CHECK_U(e.expires, 1795694400000);
            CHECK(e.partly && e.has_partly);
        }
        arena_free(a);
    }
}

/* ---- how often ---- */

#define SECOND ((uint64_t)1000000000)

static void a_few_a_minute(void **state)
{
    struct pace *p = malloc(sizeof(*p));
    uint64_t wait, t = 1000 * SECOND;

    (void)state;
    pace_start(p);
    for (int i = 0; i < 3; i++)
        CHECK(pace_may(p, "192.0.2.1", 3, 100, t, &wait));
    CHECK(!pace_may(p, "192.0.2.1", 3, 100, t, &wait));
    CHECK_U(wait, 20 * SECOND);
    CHECK(!pace_may(p, "192.0.2.1", 3, 100, t + 19 * SECOND, &wait));
    CHECK_U(wait, SECOND);
    CHECK(pace_may(p, "192.0.2.2", 3, 100, t + 19 * SECOND, &wait));
    CHECK(pace_may(p, "192.0.2.1", 3, 100, t + 20 * SECOND, &wait));
    test_row("a /64 is one");
    CHECK(pace_may(p, "2001:db8::1", 1, 100, t, &wait));
    CHECK(!pace_may(p, "2001:db8:0:0:ffff::2", 1, 100, t, &wait));
    CHECK(pace_may(p, "2001:db8:0:1::1", 1, 100, t, &wait));
    test_row("all together");
    pace_start(p);
    for (int i = 0; i < 5; i++) {
        char address[32];

        snprintf(address, sizeof(address), "192.0.2.%d", i);
        CHECK(pace_may(p, address, 3, 5, t, &wait));
    }
    CHECK(!pace_may(p, "192.0.2.77", 3, 5, t, &wait));
    CHECK_U(wait, 12 * SECOND);
    test_row("more than there are places");
    pace_start(p);
    for (unsigned i = 0; i < 3 * PACE_PLACES; i++) {
        char address[32];

        snprintf(address, sizeof(address), "10.1.%u.%u", i / 256, i % 256);
        pace_may(p, address, 1, 60000, t, &wait);
    }
    CHECK(pace_may(p, "192.0.2.1", 1, 60000, t + 61 * SECOND, &wait));
    free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures),
        cmocka_unit_test(an_outbox_keeps_the_order),
        cmocka_unit_test(a_message_is_put_once),
        cmocka_unit_test(channels_that_fit),
        cmocka_unit_test(words_of_the_core),
        cmocka_unit_test(a_few_a_minute),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
