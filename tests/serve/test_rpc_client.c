/* The client of a node against a server that does what networks and nodes do: answers late, cut
 * short, not at all, with "too many requests", with too much. */
#include "support.h"

#include "serve/http_peer.h"
#include "serve/rpc_client.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

struct script {
    const struct http_answer *answers; /* one after another; the last one ever after */
    size_t n;
    atomic_size_t asked;
};

static void answer_script(void *ctx, const char *body, struct http_answer *ret)
{
    struct script *s = ctx;
    size_t i = atomic_fetch_add(&s->asked, 1);

    *ret = s->answers[i < s->n ? i : s->n - 1];
}

static void answer_echo(void *ctx, const char *body, struct http_answer *ret)
{
    ret->body = ret->owned = strdup(body);
    ret->pause_ms = 30;
}

/* What becomes of one request. */
static const struct {
    const char *name;
    struct http_answer answers[4];
    size_t answers_n, asked; /* asked: how often the server was, in the end */
    struct rpc_options options;
    const char *want; /* the answer; NULL: an error with these words */
    enum err_class class;
    const char *words;
} rows[] = {
    {"answered", {{200, NULL, "yes", NULL, 0, 0}}, 1, 1, {0}, "yes", ERR_NONE, ""},
    {"nothing in it", {{200, NULL, "", NULL, 0, 0}}, 1, 1, {0}, "", ERR_NONE, ""},
    {"too many requests, then not",
     {{429, NULL, "no", NULL, 0, 0}, {503, NULL, "no", NULL, 0, 0}, {200, NULL, "yes", NULL, 0, 0}},
     3,
     3,
     {.pause_ms = 1},
     "yes",
     ERR_NONE,
     ""},
    {"too many requests for ever",
     {{429, NULL, "no", NULL, 0, 0}},
     1,
     3,
     {.pause_ms = 1, .tries = 3},
     NULL,
     ERR_SYSTEM,
     "given up after 3 tries: http://127.0.0.1:"},
    {"refused", {{403, NULL, "no", NULL, 0, 0}}, 1, 1, {0}, NULL, ERR_SYSTEM, "status 403"},
    {"not found", {{404, NULL, "no", NULL, 0, 0}}, 1, 1, {0}, NULL, ERR_SYSTEM, "status 404"},
    {"elsewhere",
     {{302, "Location: http://127.0.0.1:1/\r\n", "no", NULL, 0, 0}},
     1,
     1,
     {0},
     NULL,
     ERR_SYSTEM,
     "status 302"},
    {"closed without an answer, then answered",
     {{0, NULL, NULL, NULL, 0, 0}, {200, NULL, "yes", NULL, 0, 0}},
     2,
     2,
     {.pause_ms = 1},
     "yes",
     ERR_NONE,
     ""},
    {"cut short for ever",
     {{200, NULL, "0123456789", NULL, 3, 0}},
     1,
     2,
     {.pause_ms = 1, .tries = 2},
     NULL,
     ERR_SYSTEM,
     "given up after 2 tries"},
    {"too long, as it says",
     {{200, NULL, "0123456789", NULL, 0, 0}},
     1,
     1,
     {.answer_max = 9},
     NULL,
     ERR_LIMIT,
     "more than 9 bytes"},
    {"just not too long",
     {{200, NULL, "0123456789", NULL, 0, 0}},
     1,
     1,
     {.answer_max = 10},
     "0123456789",
     ERR_NONE,
     ""},
    {"too much asked for",
     {{413, NULL, "no", NULL, 0, 0}},
     1,
     1,
     {0},
     NULL,
     ERR_LIMIT,
     "status 413"},
    {"too late",
     {{200, NULL, "yes", NULL, 0, 5000}},
     1,
     2,
     {.pause_ms = 1, .tries = 2, .total_ms = 50},
     NULL,
     ERR_SYSTEM,
     "given up after 2 tries"},
};

static void outcomes(void **state)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct script script = {.answers = rows[i].answers, .n = rows[i].answers_n};
        struct http_server *server = http_start(answer_script, &script);
        struct rpc_client *c;
        struct bytes answer;
        struct err err;
        unsigned ticket;
        bool good;

        test_row("%s", rows[i].name);
        CHECK_OK(rpc_client_open(http_url(server), rows[i].options, &c, &err), err);
        CHECK_OK(rpc_send(c, "{}", 2, &ticket, &err), err);
        good = rpc_wait(c, ticket, &answer, &err);
        CHECK_U(good, rows[i].want != NULL);
        if (good) {
            CHECK(bytes_equal(answer,
                              (struct bytes){(const uint8_t *)rows[i].want, strlen(rows[i].want)}));
            rpc_done(c, ticket);
        } else {
            CHECK_U(err.class, rows[i].class);
            if (!strstr(err.text, rows[i].words))
                test_failed(__FILE__, __LINE__, "\"%s\" has no \"%s\"", err.text, rows[i].words);
            CHECK(!strstr(err.text, "key-of-somebody"));
        }
        if (rows[i].options.total_ms) /* what was given up the server may not have read yet */
            CHECK(atomic_load(&script.asked) <= rows[i].asked);
        else
            CHECK_U(atomic_load(&script.asked), rows[i].asked);
        CHECK_U(rpc_client_sent(c), rows[i].asked);
        rpc_client_close(c);
        http_end(server);
    }
}

/* Many requests, never more than allowed under way, each with its own answer. */
static void several(void **state)
{
    struct http_server *server = http_start(answer_echo, NULL);
    struct rpc_options o = {.in_flight = 3};
    unsigned tickets[3];
    struct rpc_client *c;
    struct err err;
    char body[32];

    CHECK_OK(rpc_client_open(http_url(server), o, &c, &err), err);
    for (unsigned i = 0; i < 3; i++) {
        snprintf(body, sizeof(body), "{\"n\":%u}", i);
        CHECK_U(rpc_client_room(c), 3 - i);
        CHECK_OK(rpc_send(c, body, strlen(body), &tickets[i], &err), err);
    }
    CHECK(!rpc_send(c, "{}", 2, &tickets[0], &err));
    CHECK_U(err.class, ERR_LIMIT);
    for (unsigned i = 3; i < 12; i++) {
        struct bytes answer;

        CHECK_OK(rpc_wait(c, tickets[i % 3], &answer, &err), err);
        snprintf(body, sizeof(body), "{\"n\":%u}", i - 3);
        CHECK(bytes_equal(answer, (struct bytes){(const uint8_t *)body, strlen(body)}));
        rpc_done(c, tickets[i % 3]);
        snprintf(body, sizeof(body), "{\"n\":%u}", i);
        CHECK_OK(rpc_send(c, body, strlen(body), &tickets[i % 3], &err), err);
    }
    rpc_client_close(c); /* with three under way */
    CHECK(http_most(server) > 1);
    CHECK(http_most(server) <= 3);
    http_end(server);
}

static void stopped(void **state)
{
    static const struct http_answer never = {200, NULL, "yes", NULL, 0, 60000};
    static atomic_bool stop = true;
    struct script script = {.answers = &never, .n = 1};
    struct http_server *server = http_start(answer_script, &script);
    struct rpc_options o = {.stop = &stop};
    struct rpc_client *c;
    struct bytes answer;
    struct err err;
    unsigned ticket;

    CHECK_OK(rpc_client_open(http_url(server), o, &c, &err), err);
    CHECK_OK(rpc_send(c, "{}", 2, &ticket, &err), err);
    CHECK(!rpc_wait(c, ticket, &answer, &err));
    CHECK_S(err.text, "stopped");
    CHECK(!rpc_client_pause(c, 60000, &err));
    rpc_client_close(c);
    http_end(server);
}

static void addresses(void **state)
{
    static const struct {
        const char *url, *host; /* NULL: refused */
    } urls[] = {
        {"http://127.0.0.1:8545", "http://127.0.0.1:8545"},
        {"https://user:secret@node.example/v3/secret?key=secret", "https://node.example"},
        {"http://[::1]:8545/", "http://[::1]:8545"},
        {"file:///etc/passwd", NULL},
        {"ftp://node.example/", NULL},
        {"node.example", NULL},
        {"http://", NULL},
        {"", NULL},
    };

    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct rpc_options o = {0};
        struct rpc_client *c;
        struct err err;
        bool good;

        test_row("%s", urls[i].url);
        good = rpc_client_open(urls[i].url, o, &c, &err);
        CHECK_U(good, urls[i].host != NULL);
        if (good) {
            CHECK_S(rpc_client_host(c), urls[i].host);
            rpc_client_close(c);
        } else {
            CHECK_U(err.class, ERR_USAGE);
        }
    }
}

static void nobody(void **state)
{
    struct rpc_options o = {.tries = 2, .pause_ms = 1};
    struct rpc_client *c;
    struct bytes answer;
    struct err err;
    unsigned ticket;

    CHECK_OK(rpc_client_open("http://127.0.0.1:1/", o, &c, &err), err);
    CHECK_OK(rpc_send(c, "{}", 2, &ticket, &err), err);
    CHECK(!rpc_wait(c, ticket, &answer, &err));
    CHECK_U(err.class, ERR_SYSTEM);
    rpc_client_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outcomes),  cmocka_unit_test(several), cmocka_unit_test(stopped),
        cmocka_unit_test(addresses), cmocka_unit_test(nobody),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
