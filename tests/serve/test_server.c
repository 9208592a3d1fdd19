/* The server over real sockets: what is refused, what is bounded, what is durable before it is
 * answered. */
#include "serve/server.h"

#include "client.h"
#include "serve/config.h"
#include "serve/kept.h"
#include "support.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#define AUTH "Host: a\r\nX-API-Key: all\r\n"
#define SPOOLED_MAX ((uint64_t)8 << 20)

/* ---- routes ---- */

static atomic_int slow_running, slow_release, stored, streams_open;

static bool echo(struct http_job *job, struct err *err)
{
    const struct http_body *b = &job->request.body;

    (void)err;
    job->response.type = "application/octet-stream";
    text_put(&job->response.body, (const char *)b->p, (size_t)b->n);
    return true;
}

static bool decide(struct http_job *job, struct err *err)
{
    static const char entry[] = "{\"decision\":\"ALLOW\"}";

    text_str(&job->response.body, entry);
    return http_audit(job, entry, sizeof(entry) - 1, err);
}

/* At once, but where the body says "wait". Tells where it ran, and stops there if it may not. */
static bool quick(struct http_job *job, struct err *err)
{
    static const char entry[] = "{\"decision\":\"ALLOW\"}";
    const struct http_body *b = &job->request.body;

    job->later = job->at_once && b->n == 4 && !memcmp(b->p, "wait", 4);
    if (job->later)
        return true;
    if (b->n == 4 && !memcmp(b->p, "fail", 4))
        return err_fail(err, ERR_INPUT, "told to");
    text_str(&job->response.body, job->at_once ? "at once" : "in a worker");
    return http_audit(job, entry, sizeof(entry) - 1, err);
}

static bool slow(struct http_job *job, struct err *err)
{
    (void)err;
    atomic_fetch_add(&slow_running, 1);
    while (!atomic_load(&slow_release))
        usleep(1000);
    atomic_fetch_sub(&slow_running, 1);
    text_str(&job->response.body, "{}");
    return true;
}

static bool fail_route(struct http_job *job, struct err *err)
{
    enum err_class class = (enum err_class)strtol(job->request.params[0], NULL, 10);

    return err_fail(err, class, "the \"reason\" of it");
}

/* The body comes back in capitals, a piece at a time, each with its audit entry. */
struct capitals {
    struct http_job *job;
    uint64_t at;
};

static bool capitals_pull(void *ctx, struct text *to, bool *ret_more, struct err *err)
{
    struct capitals *c = ctx;
    char piece[50000];
    size_t n;

    if (!http_body_read(&c->job->request.body, c->at, piece, sizeof(piece), &n, err))
        return false;
    for (size_t i = 0; i < n; i++)
        text_char(to, (char)(piece[i] >= 'a' && piece[i] <= 'z' ? piece[i] - 32 : piece[i]));
    c->at += n;
    *ret_more = c->at < c->job->request.body.n;
    return http_audit(c->job, "{\"piece\":1}", 11, err);
}

static void capitals_end(void *ctx)
{
    (void)ctx;
    atomic_fetch_sub(&streams_open, 1);
}

static bool capitals(struct http_job *job, struct err *err)
{
    struct capitals *c = ARENA_NEW(job->arena, struct capitals);

    if (!c)
        return err_fail(err, ERR_NOMEM, "capitals");
    c->job = job;
    atomic_fetch_add(&streams_open, 1);
    job->response.pull = capitals_pull;
    job->response.pull_ctx = c;
    job->response.pull_end = capitals_end;
    return true;
}

static bool endless_pull(void *ctx, struct text *to, bool *ret_more, struct err *err)
{
    (void)ctx;
    (void)err;
    for (unsigned i = 0; i < 1000; i++)
        text_str(to, "0123456789abcdef");
    *ret_more = true;
    return true;
}

static bool endless(struct http_job *job, struct err *err)
{
    (void)err;
    atomic_fetch_add(&streams_open, 1);
    job->response.pull = endless_pull;
    job->response.pull_end = capitals_end;
    return true;
}

static bool thing(struct http_job *job, struct err *err)
{
    struct store_query *q = NULL;
    bool ok =
        store_prepare(job->store, "INSERT INTO thing VALUES (?)", &q, err) &&
        store_bind_blob(q, 1, (struct bytes){job->request.body.p, job->request.body.n}, err) &&
        store_step(q, NULL, err);

    store_finish(q);
    if (!ok)
        return false;
    if (job->request.body.n && job->request.body.p[0] == '!')
        return err_fail(err, ERR_INPUT, "not this one");
    if (job->request.body.n && job->request.body.p[0] == '~') { /* as a full disk does */
        store_rollback(job->store);
        return err_fail(err, ERR_SYSTEM, "no more of it");
    }
    job->response.status = 201;
    text_printf(&job->response.body, "{\"thing\":%d}", atomic_fetch_add(&stored, 1) + 1);
    return http_audit(job, "{\"thing\":1}", 11, err);
}

static bool parts(struct http_job *job, struct err *err)
{
    (void)err;
    text_printf(&job->response.body, "%s|%s|%s|%s", job->request.params[0], job->request.params[1],
                http_query(&job->request, "q") ? http_query(&job->request, "q") : "-",
                job->request.key);
    return true;
}

static bool kept(struct http_job *job, struct err *err)
{
    int n = atomic_fetch_add(&stored, 1) + 1;

    if (!slow(job, err))
        return false;
    job->response.body.n = 0;
    text_printf(&job->response.body, "{\"asked\":%d}", n);
    return http_audit(job, "{\"asked\":1}", 11, err);
}

static const struct http_route routes[] = {
    {"GET", "/open", HTTP_PUBLIC, 0, 0, echo},
    {"POST", "/echo", HTTP_READ, 0, 1000, echo},
    {"GET", "/echo", HTTP_READ, 0, 0, echo},
    {"POST", "/admin", HTTP_ADMIN, 0, 1000, echo},
    {"POST", "/decide", HTTP_SCREEN, 0, 1000, decide},
    {"POST", "/quick", HTTP_SCREEN, HTTP_AT_ONCE, 1000, quick},
    {"GET", "/slow", HTTP_READ, HTTP_WORKER, 0, slow},
    {"GET", "/fail/{class}", HTTP_READ, 0, 0, fail_route},
    {"POST", "/capitals", HTTP_READ, HTTP_SPOOLS | HTTP_WORKER, SPOOLED_MAX, capitals},
    {"POST", "/capitals-here", HTTP_READ, HTTP_SPOOLS, SPOOLED_MAX, capitals},
    {"GET", "/endless", HTTP_READ, 0, 0, endless},
    {"POST", "/things", HTTP_READ, HTTP_STORES, 1000, thing},
    {"POST", "/kept", HTTP_READ, HTTP_WORKER | HTTP_KEEPS, 1000, kept},
    {"GET", "/parts/{a}/of/{b}", HTTP_READ, 0, 0, parts},
    {"GET", "/repeats/{a}/of/{b}", HTTP_READ, HTTP_REPEATS, 0, parts},
};
#define ROUTES_N (sizeof(routes) / sizeof(routes[0]))

/* ---- the server under test ---- */

static struct {
    struct server *server;
    struct log *log;
    struct audit *audit;
    struct metrics *metrics;
    uint16_t port;
    char audit_path[4096], store_path[4096];
    int log_fd;
} world;

static const char *const thing_steps[] = {"CREATE TABLE thing (body BLOB)"};
static const struct store_schema thing_schema = {"thing", thing_steps, 1};

static bool who(struct node *node, const char *shown, struct server_caller *ret)
{
    (void)node;
    *ret = (struct server_caller){.scopes = 0};
    snprintf(ret->name, sizeof(ret->name), "%s", shown);
    if (!strcmp(shown, "all"))
        ret->scopes = HTTP_READ | HTTP_SCREEN;
    return !strcmp(shown, "all") || !strcmp(shown, "none");
}

static bool open_store(struct node *node, struct store **ret, struct err *err)
{
    static const struct store_schema *const schemas[] = {&kept_schema, &thing_schema};

    (void)node;
    return store_open(world.store_path, STORE_WRITE, schemas, 2, ret, err);
}

static struct server_options options(void)
{
    struct server_options o = {
        .threads = 2,
        .workers = 2,
        .limits = {.connections = 64,
                   .connections_per_peer = 48,
                   .waiting = 2,
                   .memory = (uint64_t)64 << 20,
                   .spool = (uint64_t)64 << 20,
                   .header_ms = 60000,
                   .body_ms = 60000,
                   .idle_ms = 60000,
                   .stop_ms = 60000},
        .routes = routes,
        .routes_n = ROUTES_N,
        .who = who,
        .store = open_store,
    };
    struct err err;
    bool loopback;

    CHECK_OK(config_address("127.0.0.1:0", &o.at, &loopback, &err), err);
    return o;
}

static void serve(const struct server_options *o)
{
    struct err err;

    CHECK_OK(server_start(o, &world.server, &err), err);
    world.port = server_port(world.server);
    CHECK(world.port);
}

/* The options as they were completed, with which it can be started again. */
static struct server_options begin(struct server_options o)
{
    char *dir = test_dir(), path[4096];
    struct err err;
    uint64_t cut;

    snprintf(world.audit_path, sizeof(world.audit_path), "%s/audit.jsonl", dir);
    snprintf(world.store_path, sizeof(world.store_path), "%s/serve.sqlite", dir);
    snprintf(path, sizeof(path), "%s/log", dir);
    world.log_fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    CHECK_OK(log_open(world.log_fd, true, &world.log, &err), err);
    CHECK_OK(audit_open(world.audit_path, &world.audit, &cut, &err), err);
    world.metrics = metrics_new(routes, ROUTES_N);
    o.spool = dir;
    o.log = world.log;
    o.audit = world.audit;
    o.metrics = world.metrics;
    atomic_store(&slow_release, 0);
    serve(&o);
    return o;
}

static void end(void)
{
    world.server = server_stop(world.server);
    world.audit = audit_close(world.audit);
    world.log = log_close(world.log);
    world.metrics = metrics_free(world.metrics);
    close(world.log_fd);
    CHECK_U(atomic_load(&streams_open), 0);
}

static uint64_t audit_lines(void)
{
    struct audit_chain chain;
    struct err err;

    CHECK_OK(audit_check(world.audit_path, &chain, &err), err);
    return chain.lines;
}

/* ---- tests ---- */

/* status 0: the connection is closed without an answer */
static const struct {
    const char *name, *request;
    int status;
} framing_rows[] = {
    {"good", "GET /echo HTTP/1.1\r\n" AUTH "\r\n", 200},
    {"good, of HTTP/1.0", "GET /echo HTTP/1.0\r\nX-API-Key: all\r\n\r\n", 200},
    {"no space behind the colon", "GET /echo HTTP/1.1\r\nHost:a\r\nX-API-Key:all\r\n\r\n", 200},
    {"spaces around a value", "GET /echo HTTP/1.1\r\nHost: a\r\nX-API-Key: \t all \t\r\n\r\n", 200},
    {"an empty value", "GET /echo HTTP/1.1\r\n" AUTH "X:\r\n\r\n", 200},
    {"no Host", "GET /echo HTTP/1.1\r\nX-API-Key: all\r\n\r\n", 400},
    {"two Hosts", "GET /echo HTTP/1.1\r\n" AUTH "Host: b\r\n\r\n", 400},
    {"two lengths that differ",
     "POST /echo HTTP/1.1\r\n" AUTH "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400},
    {"two lengths, the same",
     "POST /echo HTTP/1.1\r\n" AUTH "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc", 400},
    {"a list of lengths", "POST /echo HTTP/1.1\r\n" AUTH "Content-Length: 3, 3\r\n\r\nabc", 400},
    {"a length with a sign", "POST /echo HTTP/1.1\r\n" AUTH "Content-Length: +3\r\n\r\nabc", 400},
    {"a negative length", "POST /echo HTTP/1.1\r\n" AUTH "Content-Length: -3\r\n\r\nabc", 400},
    {"a length beyond 64 bits",
     "POST /echo HTTP/1.1\r\n" AUTH "Content-Length: 18446744073709551616\r\n\r\n", 413},
    {"length and chunks",
     "POST /echo HTTP/1.1\r\n" AUTH
     "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
     400},
    {"chunks and length",
     "POST /echo HTTP/1.1\r\n" AUTH
     "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
     400},
    {"chunks",
     "POST /echo HTTP/1.1\r\n" AUTH "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 200},
    {"chunks with a trailer",
     "POST /echo HTTP/1.1\r\n" AUTH
     "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n",
     200},
    {"chunks of another kind",
     "POST /echo HTTP/1.1\r\n" AUTH "Transfer-Encoding: xchunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
     501},
    {"chunks within gzip",
     "POST /echo HTTP/1.1\r\n" AUTH "Transfer-Encoding: gzip, chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
     501},
    {"two Transfer-Encodings",
     "POST /echo HTTP/1.1\r\n" AUTH "Transfer-Encoding: chunked\r\nTransfer-Encoding: "
     "chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
     400},
    {"chunks in HTTP/1.0",
     "POST /echo HTTP/1.0\r\n" AUTH "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", 400},
    {"a chunk's size that is none",
     "POST /echo HTTP/1.1\r\n" AUTH "Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n",
     400},
    {"a space before the colon", "GET /echo HTTP/1.1\r\n" AUTH "X : y\r\n\r\n", 400},
    {"a space in a name", "GET /echo HTTP/1.1\r\n" AUTH "X y: z\r\n\r\n", 400},
    {"no name", "GET /echo HTTP/1.1\r\n" AUTH ": z\r\n\r\n", 400},
    {"a control character in a value", "GET /echo HTTP/1.1\r\n" AUTH "X: a\x01z\r\n\r\n", 400},
    {"a bare CR in a value", "GET /echo HTTP/1.1\r\n" AUTH "X: a\rz\r\n\r\n", 400},
    {"lines that end with a bare LF", "GET /echo HTTP/1.1\nHost: a\nX-API-Key: all\n\n", 400},
    {"one line that ends with a bare LF", "GET /echo HTTP/1.1\r\n" AUTH "X: y\nZ: z\r\n\r\n", 400},
    {"a last line that ends with a bare LF", "GET /echo HTTP/1.1\r\n" AUTH "X: y\n\r\n", 400},
    {"a header that goes on", "GET /echo HTTP/1.1\r\n" AUTH "X: y\r\n z\r\n\r\n", 400},
    {"no colon", "GET /echo HTTP/1.1\r\n" AUTH "nonsense\r\n\r\n", 400},
    {"HTTP/2.0", "GET /echo HTTP/2.0\r\n" AUTH "\r\n", 505},
    {"no version", "GET /echo\r\n" AUTH "\r\n", 400},
    {"a target that is no path", "GET http://a/echo HTTP/1.1\r\n" AUTH "\r\n", 400},
    {"a space in the target", "GET /ec ho HTTP/1.1\r\n" AUTH "\r\n", 400},
    {"an 8-bit target", "GET /ec\xffho HTTP/1.1\r\n" AUTH "\r\n", 400},
    {"a broken escape", "GET /parts/%g0/of/b HTTP/1.1\r\n" AUTH "\r\n", 400},
    {"an escape of NUL", "GET /parts/%00/of/b HTTP/1.1\r\n" AUTH "\r\n", 400},
    {"an escape that is no UTF-8", "GET /parts/%ff/of/b HTTP/1.1\r\n" AUTH "\r\n", 400},
    {"a query parameter twice", "GET /parts/a/of/b?q=1&q=2 HTTP/1.1\r\n" AUTH "\r\n", 400},
    {"no such path", "GET /nothing HTTP/1.1\r\n" AUTH "\r\n", 404},
    {"a path with an end too many", "GET /echo/ HTTP/1.1\r\n" AUTH "\r\n", 404},
    {"up and down", "GET /x/../echo HTTP/1.1\r\n" AUTH "\r\n", 404},
    {"no such method", "PUT /echo HTTP/1.1\r\n" AUTH "\r\n", 405},
    {"a body where none is taken", "GET /echo HTTP/1.1\r\n" AUTH "Content-Length: 1\r\n\r\na", 413},
    {"no key", "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n", 401},
    {"a wrong key", "GET /echo HTTP/1.1\r\nHost: a\r\nX-API-Key: other\r\n\r\n", 401},
    {"a key without the scope", "GET /echo HTTP/1.1\r\nHost: a\r\nX-API-Key: none\r\n\r\n", 403},
    {"a bearer", "GET /echo HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer all\r\n\r\n", 200},
    {"another scheme", "GET /echo HTTP/1.1\r\nHost: a\r\nAuthorization: Basic all\r\n\r\n", 401},
    {"nobody's key, where none is wanted", "GET /open HTTP/1.1\r\nHost: a\r\n\r\n", 200},
};

static void framing(void **state)
{
    (void)state;
    begin(options());
    for (size_t i = 0; i < sizeof(framing_rows) / sizeof(framing_rows[0]); i++) {
        struct reply r = client_ask(world.port, "%s", framing_rows[i].request);

        test_row("%s", framing_rows[i].name);
        CHECK_U(r.status, framing_rows[i].status);
        CHECK(r.whole);
        reply_free(&r);
    }
    end();
}

static void nul_bytes(void **state)
{
    static const char in_value[] = "GET /echo HTTP/1.1\r\n" AUTH "X: a\0b\r\n\r\n",
                      two_in_value[] = "GET /echo HTTP/1.1\r\n" AUTH "X: a\0\0b: c\r\n\r\n",
                      at_end[] = "GET /echo HTTP/1.1\r\n" AUTH "X: a\0\r\n\r\n",
                      in_name[] = "GET /echo HTTP/1.1\r\n" AUTH "X\0: a\r\n\r\n",
                      in_target[] = "GET /echo\0/x HTTP/1.1\r\n" AUTH "\r\n",
                      in_method[] = "GE\0T /echo HTTP/1.1\r\n" AUTH "\r\n";
    static const struct {
        const char *p;
        size_t n;
    } rows[] = {{in_value, sizeof(in_value) - 1},   {two_in_value, sizeof(two_in_value) - 1},
                {at_end, sizeof(at_end) - 1},       {in_name, sizeof(in_name) - 1},
                {in_target, sizeof(in_target) - 1}, {in_method, sizeof(in_method) - 1}};

    (void)state;
    begin(options());
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int fd = client_open(world.port);
        struct reply r;

        test_row("NUL %zu", i);
        client_send(fd, rows[i].p, rows[i].n);
        r = client_read(fd);
        CHECK(r.status == 0 || (r.status >= 400 && r.status < 500));
        reply_free(&r);
        close(fd);
    }
    end();
}

/* Behind a request that is refused with its body unread, nothing is taken for another request. */
static void no_request_in_a_body(void **state)
{
    int fd;
    struct reply r;

    (void)state;
    begin(options());
    fd = client_open(world.port);
    client_say(fd, "POST /nothing HTTP/1.1\r\n" AUTH "Content-Length: 60\r\n\r\n"
                   "GET /echo HTTP/1.1\r\n" AUTH "\r\n");
    r = client_read(fd);
    CHECK_U(r.status, 404);
    reply_free(&r);
    r = client_read(fd);
    CHECK_U(r.status, 0);
    close(fd);
    end();
}

static void one_connection_many_requests(void **state)
{
    char value[128];
    struct reply r;
    int fd;

    (void)state;
    begin(options());
    fd = client_open(world.port);
    for (unsigned i = 0; i < 50; i++) {
        client_say(fd,
                   "POST /echo HTTP/1.1\r\n" AUTH
                   "X-Request-Id: mine-%u\r\nContent-Length: 5\r\n\r\nabc%02u",
                   i, i);
        r = client_read(fd);
        CHECK_U(r.status, 200);
        CHECK_U(r.body_n, 5);
        snprintf(value, sizeof(value), "abc%02u", i);
        CHECK_S(r.body, value);
        CHECK_S(reply_header(&r, "X-Request-Id", value, sizeof(value)) + 5,
                r.body[3] == '0' ? r.body + 4 : r.body + 3);
        reply_free(&r);
    }
    /* several at once, and one that is refused between them */
    client_say(fd, "GET /parts/a%%2Fb/of/%%ec%%a0%%95?q=x+%%26y HTTP/1.1\r\n" AUTH "\r\n"
                   "GET /nothing HTTP/1.1\r\n" AUTH "X-Request-Id: bad id\r\n\r\n"
                   "HEAD /echo HTTP/1.1\r\n" AUTH "\r\n");
    r = client_read(fd);
    CHECK_S(r.body, "a/b|\xec\xa0\x95|x &y|all");
    reply_free(&r);
    r = client_read(fd);
    CHECK_U(r.status, 404);
    CHECK(strcmp(reply_header(&r, "X-Request-Id", value, sizeof(value)), "bad id"));
    CHECK(strstr(r.body, value));
    CHECK_S(reply_header(&r, "Content-Type", value, sizeof(value)), "application/problem+json");
    reply_free(&r);
    r = client_read(fd);
    CHECK_U(r.status, 200);
    reply_free(&r);
    close(fd);
    r = client_ask(world.port, "DELETE /echo HTTP/1.1\r\n" AUTH "\r\n");
    CHECK_U(r.status, 405);
    CHECK_S(reply_header(&r, "Allow", value, sizeof(value)), "POST, GET, HEAD, OPTIONS");
    reply_free(&r);
    r = client_ask(world.port, "GET /echo HTTP/1.1\r\nHost: a\r\n\r\n");
    CHECK_S(reply_header(&r, "WWW-Authenticate", value, sizeof(value)), "Bearer");
    reply_free(&r);
    end();
}

static void classes_of_errors(void **state)
{
    static const struct {
        enum err_class class;
        int status;
        bool told; /* the reason is for the asker */
    } rows[] = {{ERR_USAGE, 400, true},    {ERR_INPUT, 400, true},  {ERR_NOT_FOUND, 404, true},
                {ERR_LIMIT, 422, true},    {ERR_NOMEM, 503, true},  {ERR_SYSTEM, 500, false},
                {ERR_CORRUPT, 500, false}, {ERR_DIFFERS, 409, true}};

    (void)state;
    begin(options());
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct reply r =
            client_ask(world.port, "GET /fail/%d HTTP/1.1\r\n" AUTH "\r\n", (int)rows[i].class);

        test_row("%s", err_class_name(rows[i].class));
        CHECK_U(r.status, rows[i].status);
        CHECK_U(strstr(r.body, "the \\\"reason\\\" of it") != NULL, rows[i].told);
        reply_free(&r);
    }
    end();
}

static void large_headers(void **state)
{
    static char name[40000];
    struct reply r;
    int fd;

    (void)state;
    begin(options());
    memset(name, 'a', sizeof(name));
    test_row("a field larger than all may be");
    r = client_ask(world.port, "GET /echo HTTP/1.1\r\n" AUTH "X: %.*s\r\n\r\n", 17000, name);
    CHECK_U(r.status, 431);
    reply_free(&r);
    test_row("more than is read at all");
    r = client_ask(world.port, "GET /echo HTTP/1.1\r\n" AUTH "X: %.*s\r\n\r\n", 39999, name);
    CHECK(r.status == 431 || r.status == 0);
    reply_free(&r);
    test_row("too many fields");
    fd = client_open(world.port);
    client_say(fd, "GET /echo HTTP/1.1\r\n" AUTH);
    for (unsigned i = 0; i < HTTP_HEADERS_MAX; i++)
        client_say(fd, "X-%u: y\r\n", i);
    client_say(fd, "\r\n");
    r = client_read(fd);
    CHECK_U(r.status, 431);
    reply_free(&r);
    close(fd);
    test_row("a target that is too long");
    r = client_ask(world.port, "GET /%.*s HTTP/1.1\r\n" AUTH "\r\n", 9000, name);
    CHECK_U(r.status, 414);
    reply_free(&r);
    end();
}

static void large_bodies(void **state)
{
    static char body[70000];
    struct reply r;
    int fd;

    (void)state;
    begin(options());
    memset(body, 'b', sizeof(body));
    test_row("by its length, before a byte of it is sent");
    r = client_ask(world.port, "POST /echo HTTP/1.1\r\n" AUTH "Content-Length: 1001\r\n\r\n");
    CHECK_U(r.status, 413);
    reply_free(&r);
    test_row("the largest that is taken");
    r = client_ask(world.port, "POST /echo HTTP/1.1\r\n" AUTH "Content-Length: 1000\r\n\r\n%.1000s",
                   body);
    CHECK_U(r.status, 200);
    CHECK_U(r.body_n, 1000);
    reply_free(&r);
    test_row("in chunks, counted as they come");
    fd = client_open(world.port);
    client_say(fd, "POST /echo HTTP/1.1\r\n" AUTH "Transfer-Encoding: chunked\r\n\r\n");
    for (unsigned i = 0; i < 4; i++)
        client_say(fd, "12c\r\n%.300s\r\n", body);
    client_say(fd, "0\r\n\r\n");
    r = client_read(fd);
    CHECK_U(r.status, 413);
    reply_free(&r);
    close(fd);
    test_row("in chunks without end: it is cut");
    fd = client_open(world.port);
    client_say(fd, "POST /echo HTTP/1.1\r\n" AUTH "Transfer-Encoding: chunked\r\n\r\n");
    for (unsigned i = 0; i < 100; i++)
        client_say(fd, "ea60\r\n%.60000s\r\n", body);
    CHECK(client_ended(fd));
    close(fd);
    test_row("who asks first whether to send it is told not to");
    fd = client_open(world.port);
    client_say(fd, "POST /echo HTTP/1.1\r\n" AUTH
                   "Expect: 100-continue\r\nContent-Length: 2000\r\n\r\n");
    r = client_read(fd);
    CHECK_U(r.status, 413);
    reply_free(&r);
    close(fd);
    end();
}

/* A spooled body comes back whole, through a stream of which each piece waits for its audit
 * line. */
static void streamed(const char *path, size_t n, bool chunked)
{
    char *body = malloc(n);
    uint64_t before = audit_lines();
    struct reply r;
    int fd = client_open(world.port);

    for (size_t i = 0; i < n; i++)
        body[i] = (char)('a' + i % 26);
    test_row("%s, %zu bytes%s", path, n, chunked ? " in chunks" : "");
    if (chunked) {
        client_say(fd, "POST %s HTTP/1.1\r\n" AUTH "Transfer-Encoding: chunked\r\n\r\n", path);
        for (size_t at = 0; at < n; at += 60000) {
            size_t part = n - at < 60000 ? n - at : 60000;

            client_say(fd, "%zx\r\n", part);
            client_send(fd, body + at, part);
            client_say(fd, "\r\n");
        }
        client_say(fd, "0\r\n\r\n");
    } else {
        client_say(fd, "POST %s HTTP/1.1\r\n" AUTH "Content-Length: %zu\r\n\r\n", path, n);
        client_send(fd, body, n);
    }
    r = client_read(fd);
    CHECK_U(r.status, 200);
    CHECK(r.whole);
    CHECK_U(r.body_n, n);
    for (size_t i = 0; i < n; i++)
        CHECK_U(r.body[i], 'A' + i % 26);
    reply_free(&r);
    free(body);
    close(fd);
    CHECK_U(audit_lines() - before, n ? (n + 49999) / 50000 : 1);
}

static void streams(void **state)
{
    (void)state;
    begin(options());
    streamed("/capitals", 0, false);
    streamed("/capitals", 1000, false);
    streamed("/capitals", HTTP_BODY_MEMORY_MAX, false);
    streamed("/capitals", HTTP_BODY_MEMORY_MAX + 1, false);
    streamed("/capitals", 3000000, true);
    streamed("/capitals-here", 700000, false);
    streamed("/capitals-here", 700000, true);
    end();
}

/* Who reads slowly is waited for without a thread; who goes away in the middle leaves nothing. */
static void slow_readers(void **state)
{
    int slow_fd[8];
    struct reply r;

    (void)state;
    begin(options());
    for (unsigned i = 0; i < 8; i++) {
        int small = 4096;

        slow_fd[i] = client_open(world.port);
        setsockopt(slow_fd[i], SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
        client_say(slow_fd[i], "GET /endless HTTP/1.1\r\n" AUTH "\r\n");
    }
    for (unsigned i = 0; i < 20; i++) {
        r = client_ask(world.port, "GET /echo HTTP/1.1\r\n" AUTH "\r\n");
        CHECK_U(r.status, 200);
        reply_free(&r);
    }
    for (unsigned i = 0; i < 8; i++)
        close(slow_fd[i]);
    for (unsigned i = 0; i < 120000 && atomic_load(&streams_open); i++)
        usleep(1000);
    CHECK_U(atomic_load(&streams_open), 0);
    end();
}

/* A connection on which one request was answered, opened anew where the machine had this test wait
 * for longer than a header may take, or as long as those that went away in the middle of a request,
 * which the server looks for twice a second, are as many as one peer may have. */
static int open_and_ask(void)
{
    struct reply r;
    int fd = -1, status = 0;

    for (unsigned i = 0; i < 120000 && status != 200; i++) {
        if (fd >= 0) {
            close(fd);
            usleep(1000);
        }
        fd = client_open(world.port);
        client_say(fd, "GET /echo HTTP/1.1\r\n" AUTH "\r\n");
        r = client_read(fd);
        status = r.status;
        reply_free(&r);
    }
    CHECK_U(status, 200);
    return fd;
}

static void deadlines(void **state)
{
    struct server_options o = options();
    int silent, half, dribble, body, idle, unread;

    (void)state;
    o.limits.header_ms = 300;
    o.limits.body_ms = 300;
    o.limits.idle_ms = 1000;
    begin(o);
    silent = client_open(world.port);
    half = client_open(world.port);
    client_say(half, "GET /echo HTTP/1.1\r\nHost: a\r\n");
    body = client_open(world.port);
    client_say(body, "POST /echo HTTP/1.1\r\n" AUTH "Content-Length: 10\r\n\r\nabc");
    idle = open_and_ask();
    unread = client_open(world.port);
    client_say(unread, "GET /endless HTTP/1.1\r\n" AUTH "\r\n");
    test_row("a byte now and then does not help");
    dribble = client_open(world.port);
    for (unsigned i = 0; i < 8; i++) {
        client_send(dribble, &"GET /echo HTTP/1.1"[i], 1);
        usleep(100000);
    }
    CHECK(client_ended(dribble));
    test_row("half a request");
    CHECK(client_ended(half));
    test_row("nothing at all");
    CHECK(client_ended(silent));
    test_row("half a body");
    CHECK(client_ended(body));
    test_row("a connection that is not used again");
    CHECK(client_ended(idle));
    test_row("an answer that nobody reads");
    for (unsigned i = 0; i < 120000 && atomic_load(&streams_open); i++)
        usleep(1000);
    CHECK_U(atomic_load(&streams_open), 0);
    close(silent);
    close(half);
    close(dribble);
    close(body);
    close(idle);
    close(unread);
    end();
}

static void too_many_connections(void **state)
{
    struct server_options o = options();
    int fds[16], refused = 0;
    struct reply r;

    (void)state;
    o.limits.connections_per_peer = 8;
    begin(o);
    for (unsigned i = 0; i < 16; i++) {
        fds[i] = client_open(world.port);
        client_say(fds[i], "GET /echo HTTP/1.1\r\n" AUTH "\r\n");
    }
    for (unsigned i = 0; i < 16; i++) {
        r = client_read(fds[i]);
        refused += r.status == 0;
        reply_free(&r);
    }
    CHECK_U(refused, 8);
    for (unsigned i = 0; i < 16; i++)
        close(fds[i]);
    for (unsigned i = 0; i < 120000 && metrics_connections(world.metrics); i++)
        usleep(1000);
    r = client_ask(world.port, "GET /echo HTTP/1.1\r\n" AUTH "\r\n");
    CHECK_U(r.status, 200);
    reply_free(&r);
    end();
}

static void workers_are_bounded(void **state)
{
    int fds[4];
    struct reply r;

    (void)state;
    begin(options()); /* two workers, two that wait */
    for (unsigned i = 0; i < 4; i++) {
        fds[i] = client_open(world.port);
        client_say(fds[i], "GET /slow HTTP/1.1\r\n" AUTH "\r\n");
        while (i < 2 ? atomic_load(&slow_running) != (int)i + 1
                     : server_waiting(world.server) != i - 1)
            usleep(1000);
    }
    r = client_ask(world.port, "GET /slow HTTP/1.1\r\n" AUTH "\r\n");
    CHECK_U(r.status, 503);
    reply_free(&r);
    test_row("what needs no worker is not held up");
    r = client_ask(world.port, "GET /echo HTTP/1.1\r\n" AUTH "\r\n");
    CHECK_U(r.status, 200);
    reply_free(&r);
    atomic_store(&slow_release, 1);
    for (unsigned i = 0; i < 4; i++) {
        r = client_read(fds[i]);
        CHECK_U(r.status, 200);
        reply_free(&r);
        close(fds[i]);
    }
    end();
}

/* From the beginning of its end on a server lets nobody in, while what runs goes on. */
static void *release_when_shut(void *port)
{
    bool shut = false;

    for (unsigned i = 0; i < 120000 && !shut; i++) {
        usleep(1000);
        shut = client_refused(*(uint16_t *)port);
    }
    shut = shut && atomic_load(&slow_running) == 1;
    atomic_store(&slow_release, 1);
    return shut ? port : NULL;
}

/* What can be told at once is, though all workers are busy; what cannot waits for one, and has its
 * one line in the audit log all the same. */
static void at_once_or_later(void **state)
{
    struct server_options o = options();
    struct reply r;
    int busy, later;

    (void)state;
    o.workers = 1;
    begin(o);
    atomic_store(&slow_release, 0);
    busy = client_open(world.port);
    client_say(busy, "GET /slow HTTP/1.1\r\n" AUTH "\r\n");
    while (!atomic_load(&slow_running))
        usleep(1000);
    r = client_ask(world.port, "POST /quick HTTP/1.1\r\n" AUTH "Content-Length: 2\r\n\r\nhi");
    CHECK_U(r.status, 200);
    CHECK_S(r.body, "at once");
    reply_free(&r);
    r = client_ask(world.port, "POST /quick HTTP/1.1\r\n" AUTH "Content-Length: 4\r\n\r\nfail");
    CHECK_U(r.status, 400);
    reply_free(&r);
    later = client_open(world.port);
    client_say(later, "POST /quick HTTP/1.1\r\n" AUTH "Content-Length: 4\r\n\r\nwait");
    while (!server_waiting(world.server))
        usleep(1000);
    atomic_store(&slow_release, 1);
    r = client_read(later);
    CHECK_U(r.status, 200);
    CHECK_S(r.body, "in a worker");
    reply_free(&r);
    close(later);
    close(busy);
    CHECK_U(audit_lines(), 2);
    end();
}

/* What runs when the server stops is finished and answered. */
static void graceful_stop(void **state)
{
    uint16_t port;
    pthread_t later;
    struct reply r;
    void *shut;
    int fd;

    (void)state;
    begin(options());
    port = world.port;
    fd = client_open(port);
    client_say(fd, "GET /slow HTTP/1.1\r\n" AUTH "\r\n");
    while (!atomic_load(&slow_running))
        usleep(1000);
    CHECK_U(pthread_create(&later, NULL, release_when_shut, &port), 0);
    end();
    CHECK_U(pthread_join(later, &shut), 0);
    CHECK(shut);
    r = client_read(fd);
    CHECK_U(r.status, 200);
    reply_free(&r);
    close(fd);
}

/* Half a body keeps the server from ending for a while; who asks meanwhile is answered or refused
 * as ever, or cut off. */
#define LATE 8

static void *ask_late(void *connections)
{
    const int *fd = connections;

    for (unsigned i = 0; i < LATE; i++) {
        usleep(20000);
        client_say(fd[i], "POST /quick HTTP/1.1\r\n" AUTH "Content-Length: 4\r\n\r\n%s",
                   i % 2 ? "wait" : "well");
    }
    return NULL;
}

static void asked_while_it_stops(void **state)
{
    struct server_options o = options();
    int half, fd[LATE];
    pthread_t later;

    (void)state;
    o.limits.stop_ms = 50;
    begin(o);
    for (unsigned i = 0; i < LATE; i++)
        fd[i] = client_open(world.port);
    half = client_open(world.port);
    client_say(half, "POST /echo HTTP/1.1\r\n" AUTH "Content-Length: 10\r\n\r\nabc");
    while (!server_memory(world.server))
        usleep(1000);
    CHECK_U(pthread_create(&later, NULL, ask_late, fd), 0);
    end();
    pthread_join(later, NULL);
    for (unsigned i = 0; i < LATE; i++) {
        struct reply r = client_read(fd[i]);

        CHECK(r.status == 200 || r.status == 503 || r.status == 0);
        reply_free(&r);
        close(fd[i]);
    }
    close(half);
}

/* All connections ended, with all that was held for them. */
static void wait_for_nobody(void)
{
    for (unsigned i = 0; i < 120000; i++) {
        if (!metrics_connections(world.metrics) && !server_memory(world.server))
            return;
        usleep(1000);
    }
    CHECK_U(metrics_connections(world.metrics), 0);
    CHECK_U(server_memory(world.server), 0);
}

/* A server may be stopped at any moment, and where it is asked a lot its threads are in the middle
 * of a round then. */
#define STOPS 25
#define STOPPED_ASKERS 4

static atomic_uint asked_n;

static void *ask_until_it_ends(void *connection)
{
    static const char asked[] = "POST /decide HTTP/1.1\r\n" AUTH "Content-Length: 2\r\n\r\n{}";
    char answer[4096];

    do {
        client_send(*(int *)connection, asked, sizeof(asked) - 1);
        atomic_fetch_add(&asked_n, 1);
    } while (recv(*(int *)connection, answer, sizeof(answer), 0) > 0);
    return NULL;
}

static void stopped_while_asked(void **state)
{
    struct server_options o = options();
    pthread_t threads[STOPPED_ASKERS];
    int fd[STOPPED_ASKERS];

    (void)state;
    o.threads = 4;
    o = begin(o);
    for (unsigned i = 0; i < STOPS; i++) {
        atomic_store(&asked_n, 0);
        for (unsigned k = 0; k < STOPPED_ASKERS; k++) {
            fd[k] = client_open(world.port);
            CHECK_U(pthread_create(&threads[k], NULL, ask_until_it_ends, &fd[k]), 0);
        }
        while (atomic_load(&asked_n) < (i % 3 + 1) * STOPPED_ASKERS)
            sched_yield();
        world.server = server_stop(world.server);
        for (unsigned k = 0; k < STOPPED_ASKERS; k++) {
            pthread_join(threads[k], NULL);
            close(fd[k]);
        }
        serve(&o);
    }
    end();
}

#define ASKERS 16
#define ASKED 100

static void *asker(void *unused)
{
    int fd = client_open(world.port);

    (void)unused;
    for (unsigned i = 0; i < ASKED; i++) {
        struct reply r;

        client_say(fd, "POST /decide HTTP/1.1\r\n" AUTH "Content-Length: 2\r\n\r\n{}");
        r = client_read(fd);
        CHECK_U(r.status, 200);
        reply_free(&r);
    }
    close(fd);
    return NULL;
}

/* Every decision that was answered stands in the log, and fewer commits than lines wrote it. */
static void audited(void **state)
{
    pthread_t threads[ASKERS];
    struct audit_counts counts;

    (void)state;
    begin(options());
    for (unsigned i = 0; i < ASKERS; i++)
        CHECK_U(pthread_create(&threads[i], NULL, asker, NULL), 0);
    for (unsigned i = 0; i < ASKERS; i++)
        pthread_join(threads[i], NULL);
    counts = audit_counts(world.audit);
    CHECK_U(counts.lines, ASKERS * ASKED);
    CHECK(counts.commits < counts.lines);
    CHECK_U(audit_lines(), ASKERS * ASKED);
    end();
}

#define GONE_N 200
#define PIPED_N 200

/* Keeps the sockets' thread busy: many requests at once, and again when they are answered. */
static void *piper(void *done)
{
    static const char asked[] = "GET /echo HTTP/1.1\r\n" AUTH "\r\n",
                      last[] = "GET /echo HTTP/1.1\r\n" AUTH "Connection: close\r\n\r\n";
    char all[PIPED_N * sizeof(asked) + sizeof(last)] = "", answers[4096];
    size_t n = 0;

    for (unsigned i = 0; i < PIPED_N; i++)
        n += (size_t)snprintf(all + n, sizeof(all) - n, "%s", asked);
    n += (size_t)snprintf(all + n, sizeof(all) - n, "%s", last);
    while (!atomic_load((atomic_bool *)done)) {
        int fd = client_open(world.port);

        client_send(fd, all, n);
        while (recv(fd, answers, sizeof(answers), 0) > 0)
            ;
        close(fd);
    }
    return NULL;
}

/* Reset in the middle of it, a request is not waited for; its line is written all the same. */
static void gone_before_it_is_answered(void **state)
{
    static const struct linger reset = {.l_onoff = 1};
    struct server_options o = options();
    atomic_bool done;
    pthread_t busy;

    (void)state;
    atomic_init(&done, false);
    o.threads = 1;
    o.limits.connections = o.limits.connections_per_peer = GONE_N + 64;
    begin(o);
    CHECK_U(pthread_create(&busy, NULL, piper, &done), 0);
    for (unsigned i = 0; i < GONE_N; i++) {
        int fd = client_open(world.port);
        struct audit_counts counts;

        client_say(fd, "POST /decide HTTP/1.1\r\n" AUTH "\r\n");
        do
            counts = audit_counts(world.audit);
        while (counts.lines + counts.waiting <= i && !sched_yield());
        CHECK_U(setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset)), 0);
        close(fd);
    }
    atomic_store(&done, true);
    pthread_join(busy, NULL);
    while (metrics_connections(world.metrics) || server_memory(world.server))
        usleep(1000);
    world.server = server_stop(world.server);
    CHECK_U(audit_lines(), GONE_N);
    end();
}

/* No decision without its line: a disk that takes no more makes it a 503, for good. */
static void a_full_disk(void **state)
{
    struct rlimit old, small;
    struct reply r;

    (void)state;
    begin(options());
    r = client_ask(world.port, "POST /decide HTTP/1.1\r\n" AUTH "\r\n");
    CHECK_U(r.status, 200);
    reply_free(&r);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old);
    small = old;
    small.rlim_cur = 10;
    setrlimit(RLIMIT_FSIZE, &small);
    for (unsigned i = 0; i < 2; i++) {
        r = client_ask(world.port, "POST /decide HTTP/1.1\r\n" AUTH "\r\n");
        CHECK_U(r.status, 503);
        CHECK(!strstr(r.body, "ALLOW"));
        reply_free(&r);
    }
    setrlimit(RLIMIT_FSIZE, &old);
    r = client_ask(world.port, "POST /decide HTTP/1.1\r\n" AUTH "\r\n");
    CHECK_U(r.status, 503);
    reply_free(&r);
    r = client_ask(world.port, "GET /echo HTTP/1.1\r\n" AUTH "\r\n");
    CHECK_U(r.status, 200);
    reply_free(&r);
    CHECK_U(audit_lines(), 1);
    CHECK(audit_counts(world.audit).broken);
    end();
}

static uint64_t things(void)
{
    struct store *s = NULL;
    struct store_query *q = NULL;
    struct err err;
    bool row;
    uint64_t n;

    CHECK_OK(open_store(NULL, &s, &err), err);
    CHECK_OK(store_prepare(s, "SELECT count(*) FROM thing", &q, &err), err);
    CHECK_OK(store_step(q, &row, &err), err);
    n = store_u64(q, 0);
    store_finish(q);
    store_close(s);
    return n;
}

static void idempotency(void **state)
{
    char value[32];
    struct reply r;

    (void)state;
    begin(options());
    atomic_store(&stored, 0);
    for (unsigned i = 0; i < 3; i++) {
        test_row("the same request, time %u", i);
        r = client_ask(world.port, "POST /things HTTP/1.1\r\n" AUTH
                                   "Idempotency-Key: k1\r\nContent-Length: 3\r\n\r\nabc");
        CHECK_U(r.status, 201);
        CHECK_S(r.body, "{\"thing\":1}");
        CHECK_S(reply_header(&r, "Idempotency-Replayed", value, sizeof(value)), i ? "true" : "");
        reply_free(&r);
    }
    CHECK_U(things(), 1);
    test_row("another request with that key");
    r = client_ask(world.port, "POST /things HTTP/1.1\r\n" AUTH
                               "Idempotency-Key: k1\r\nContent-Length: 3\r\n\r\nabd");
    CHECK_U(r.status, 422);
    reply_free(&r);
    test_row("another key");
    r = client_ask(world.port, "POST /things HTTP/1.1\r\n" AUTH
                               "Idempotency-Key: k2\r\nContent-Length: 3\r\n\r\nabc");
    CHECK_S(r.body, "{\"thing\":2}");
    reply_free(&r);
    test_row("no key");
    r = client_ask(world.port, "POST /things HTTP/1.1\r\n" AUTH "Content-Length: 3\r\n\r\nabc");
    CHECK_S(r.body, "{\"thing\":3}");
    reply_free(&r);
    test_row("what fails stores nothing, and is not kept");
    for (unsigned i = 0; i < 2; i++) {
        r = client_ask(world.port, "POST /things HTTP/1.1\r\n" AUTH
                                   "Idempotency-Key: k3\r\nContent-Length: 1\r\n\r\n!");
        CHECK_U(r.status, 400);
        reply_free(&r);
    }
    CHECK_U(things(), 3);
    test_row("a key that does not fit");
    r = client_ask(world.port, "POST /things HTTP/1.1\r\n" AUTH
                               "Idempotency-Key: a b\r\nContent-Length: 3\r\n\r\nabc");
    CHECK_U(r.status, 400);
    reply_free(&r);
    end();
}

/* Many that come while another has the store are registered in one transaction. Each of them is
 * there or not by itself, unless the whole transaction is lost: then nobody is told otherwise. */
static const struct {
    const char *name, *bodies; /* a request each */
    uint64_t things;
    int status, refused; /* of the good ones; of '!' */
} group_rows[] = {
    {"one", "a", 1, 201, 400},
    {"one that is refused", "!", 0, 201, 400},
    {"all good", "abcdefghij", 10, 201, 400},
    {"some refused", "!ab!!c!d!", 4, 201, 400},
    {"the transaction lost at its end", "ab!cd~", 0, 500, 500},
    {"lost within", "a~b!c", 0, 500, 500},
};

static atomic_bool store_asked, store_given;

/* The worker that has the first request waits here until all others stand in the queue. */
static bool open_store_late(struct node *node, struct store **ret, struct err *err)
{
    atomic_store(&store_asked, true);
    while (!atomic_load(&store_given))
        usleep(1000);
    return open_store(node, ret, err);
}

static void group_ask(const char *bodies, const int *fd)
{
    size_t n = strlen(bodies);

    for (size_t i = 0; i < n; i++) {
        client_say(fd[i], "POST /things HTTP/1.1\r\n" AUTH "Content-Length: 1\r\n\r\n%c",
                   bodies[i]);
        while (!atomic_load(&store_asked) || server_waiting(world.server) != i)
            usleep(1000);
    }
    atomic_store(&store_given, true);
}

static void registered_together(void **state)
{
    int fd[16] = {0};
    struct server_options o = options();

    (void)state;
    o.limits.waiting = 16;
    o.store = open_store_late;
    o.group_us = (uint64_t)3600 * 1000000;
    for (size_t k = 0; k < sizeof(group_rows) / sizeof(group_rows[0]); k++) {
        size_t n = strlen(group_rows[k].bodies);

        test_row("%s", group_rows[k].name);
        atomic_store(&store_asked, false);
        atomic_store(&store_given, false);
        begin(o);
        for (size_t i = 0; i < n; i++)
            fd[i] = client_open(world.port);
        group_ask(group_rows[k].bodies, fd);
        for (size_t i = 0; i < n; i++) {
            struct reply r = client_read(fd[i]);

            CHECK_U(r.status,
                    group_rows[k].bodies[i] == '!' ? group_rows[k].refused : group_rows[k].status);
            reply_free(&r);
            close(fd[i]);
        }
        CHECK_U(things(), group_rows[k].things);
        CHECK_U(audit_lines(), group_rows[k].things);
        end();
    }
}

#define KEPT(key, body) "POST /kept HTTP/1.1\r\n" AUTH key "Content-Length: 3\r\n\r\n" body

/* A route that only answers keeps its answers, too, and runs once for each key at a time. */
static void kept_without_storing(void **state)
{
    char value[32];
    struct reply r;
    int first;

    (void)state;
    begin(options());
    atomic_store(&stored, 0);
    atomic_store(&slow_release, 0);
    first = client_open(world.port);
    client_say(first, KEPT("Idempotency-Key: k\r\n", "abc"));
    while (!atomic_load(&slow_running))
        usleep(1000);
    test_row("while the first is being answered");
    r = client_ask(world.port, KEPT("Idempotency-Key: k\r\n", "abc"));
    CHECK_U(r.status, 409);
    CHECK_S(reply_header(&r, "Retry-After", value, sizeof(value)), "1");
    reply_free(&r);
    atomic_store(&slow_release, 1);
    test_row("another key meanwhile");
    r = client_ask(world.port, KEPT("Idempotency-Key: other\r\n", "abc"));
    CHECK_U(r.status, 200);
    reply_free(&r);
    r = client_read(first);
    CHECK_S(r.body, "{\"asked\":1}");
    reply_free(&r);
    close(first);
    test_row("again");
    r = client_ask(world.port, KEPT("Idempotency-Key: k\r\n", "abc"));
    CHECK_U(r.status, 200);
    CHECK_S(r.body, "{\"asked\":1}");
    CHECK_S(reply_header(&r, "Idempotency-Replayed", value, sizeof(value)), "true");
    reply_free(&r);
    r = client_ask(world.port, KEPT("Idempotency-Key: k\r\n", "abd"));
    CHECK_U(r.status, 422);
    reply_free(&r);
    test_row("without a key, nothing is kept");
    r = client_ask(world.port, KEPT("", "abc"));
    CHECK_S(r.body, "{\"asked\":3}");
    reply_free(&r);
    test_row("two keys");
    r = client_ask(world.port, KEPT("Idempotency-Key: a\r\nIdempotency-Key: a\r\n", "abc"));
    CHECK_U(r.status, 400);
    reply_free(&r);
    test_row("a route that keeps none");
    r = client_ask(world.port, "POST /echo HTTP/1.1\r\n" AUTH
                               "Idempotency-Key: a\r\nContent-Length: 3\r\n\r\nabc");
    CHECK_U(r.status, 400);
    reply_free(&r);
    end();
}

/* Many with one key at once: the work is done once, and whoever is answered gets that answer. */
struct one_key {
    atomic_uint answered, refused;
};

static void *ask_with_one_key(void *ctx)
{
    struct one_key *k = ctx;

    for (unsigned i = 0; i < 20; i++) {
        struct reply r = client_ask(world.port,
                                    "POST /things HTTP/1.1\r\n" AUTH "Idempotency-Key: one-%u\r\n"
                                    "Content-Length: 3\r\n\r\nabc",
                                    i);

        if (r.status == 201)
            atomic_fetch_add(&k->answered, 1);
        else if (r.status == 409)
            atomic_fetch_add(&k->refused, 1);
        reply_free(&r);
    }
    return NULL;
}

static void one_key_many_askers(void **state)
{
    struct one_key k = {.answered = 0};
    struct server_options o = options();
    pthread_t threads[8];

    (void)state;
    o.limits.waiting = 8;
    begin(o);
    for (unsigned i = 0; i < 8; i++)
        CHECK(!pthread_create(&threads[i], NULL, ask_with_one_key, &k));
    for (unsigned i = 0; i < 8; i++)
        pthread_join(threads[i], NULL);
    CHECK_U(things(), 20);
    CHECK_U(atomic_load(&k.answered) + atomic_load(&k.refused), 160);
    CHECK(atomic_load(&k.answered) >= 20);
    end();
}

static void what_could_be_asked(void **state)
{
    static const struct {
        const char *target;
        int status;
        const char *allow;
    } rows[] = {
        {"/echo", 204, "POST, GET, HEAD, OPTIONS"},
        {"/decide", 204, "POST, OPTIONS"},
        {"*", 204, "GET, HEAD, POST, OPTIONS"},
        {"/nothing", 404, ""},
    };
    char value[64];
    struct reply r;
    int fd;

    (void)state;
    begin(options());
    fd = client_open(world.port);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_row("%s", rows[i].target);
        client_say(fd, "OPTIONS %s HTTP/1.1\r\nHost: a\r\n\r\n", rows[i].target);
        r = client_read(fd);
        CHECK_U(r.status, rows[i].status);
        CHECK_S(reply_header(&r, "Allow", value, sizeof(value)), rows[i].allow);
        CHECK(r.status != 204 || !r.body_n);
        reply_free(&r);
    }
    close(fd);
    test_row("with a body");
    r = client_ask(world.port, "OPTIONS /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1");
    CHECK_U(r.status, 413);
    reply_free(&r);
    test_row("HEAD of what is only posted");
    fd = client_open(world.port);
    client_say(fd, "HEAD /decide HTTP/1.1\r\n" AUTH "Connection: close\r\n\r\n");
    CHECK(recv(fd, value, 12, MSG_WAITALL) == 12 && !memcmp(value, "HTTP/1.1 405", 12));
    CHECK(client_ended(fd));
    close(fd);
    end();
}

static void repeated_parameters(void **state)
{
    struct reply r;

    (void)state;
    begin(options());
    r = client_ask(world.port, "GET /parts/1/of/2?q=1&q=2 HTTP/1.1\r\n" AUTH "\r\n");
    CHECK_U(r.status, 400);
    reply_free(&r);
    r = client_ask(world.port, "GET /repeats/1/of/2?q=1&q=2 HTTP/1.1\r\n" AUTH "\r\n");
    CHECK_S(r.body, "1|2|1|all");
    reply_free(&r);
    r = client_ask(world.port,
                   "GET /echo HTTP/1.1\r\nHost: a\r\nAuthorization: ApiKey all\r\n\r\n");
    CHECK_U(r.status, 200);
    reply_free(&r);
    end();
}

static void kept_for_a_day(void **state)
{
    char body[] = "abc";
    struct http_job job = {.request = {.method = "POST",
                                       .target = "/things",
                                       .key = "all",
                                       .body = {.n = 3, .p = (uint8_t *)body, .fd = -1}},
                           .response = {.status = 201, .body = text_new(1000)}};
    struct store *s = NULL;
    struct err err;
    bool found;

    (void)state;
    snprintf(world.store_path, sizeof(world.store_path), "%s/serve.sqlite", test_dir());
    CHECK_OK(open_store(NULL, &s, &err), err);
    job.arena = arena_new(NULL, 100000);
    text_str(&job.response.body, "{}");
    CHECK_OK(kept_put(s, &job, "k", 1000000, &err), err);
    CHECK_OK(kept_find(s, &job, "k", 1000000 + KEPT_SECONDS - 1, &found, &err), err);
    CHECK(found);
    CHECK_OK(kept_find(s, &job, "k", 1000000 + KEPT_SECONDS, &found, &err), err);
    CHECK(!found);
    job.request.key = "other"; /* somebody else's key of the same name */
    CHECK_OK(kept_find(s, &job, "k", 1000001, &found, &err), err);
    CHECK(!found);
    job.request.key = "all";
    CHECK_OK(kept_purge(s, 1000000 + KEPT_SECONDS, &err), err);
    CHECK_OK(kept_find(s, &job, "k", 1000001, &found, &err), err);
    CHECK(!found);
    text_free(&job.response.body);
    arena_free(job.arena);
    store_close(s);
}

/* The sum follows what is put, replaced and purged; a file that says it is full takes no more until
 * the oldest are past their time. */
static void kept_within_bounds(void **state)
{
    char body[] = "abc";
    struct http_job job = {.request = {.method = "POST",
                                       .target = "/things",
                                       .key = "all",
                                       .body = {.n = 3, .p = (uint8_t *)body, .fd = -1}},
                           .response = {.status = 201, .body = text_new(1000)}};
    struct store *s = NULL;
    struct err err;
    uint64_t n;

    (void)state;
    snprintf(world.store_path, sizeof(world.store_path), "%s/serve.sqlite", test_dir());
    CHECK_OK(open_store(NULL, &s, &err), err);
    job.arena = arena_new(NULL, 100000);
    text_str(&job.response.body, "{\"a\":1}"); /* 7 bytes */
    CHECK_OK(kept_put(s, &job, "k1", 1000000, &err), err);
    CHECK_OK(kept_put(s, &job, "k2", 1000010, &err), err);
    CHECK_OK(kept_put(s, &job, "k1", 1000020, &err), err);
    CHECK_OK(kept_bytes(s, &n, &err), err);
    CHECK_U(n, 2 * (KEPT_ROW_BYTES + 7));
    CHECK_OK(kept_purge(s, 1000010 + KEPT_SECONDS, &err), err);
    CHECK_OK(kept_bytes(s, &n, &err), err);
    CHECK_U(n, KEPT_ROW_BYTES + 7);
    CHECK_OK(store_run(s, "UPDATE kept_sum SET bytes = 1073741824", &err), err); /* 1 GiB */
    CHECK(!kept_put(s, &job, "k3", 1000030, &err));
    CHECK_U(err.class, ERR_NOMEM);
    CHECK_OK(kept_put(s, &job, "k3", 1000020 + KEPT_SECONDS, &err), err);
    text_free(&job.response.body);
    arena_free(job.arena);
    store_close(s);
}

/* Requests of all kinds, good and bad, whole and broken off: memory does not grow. */
static void soak(void **state)
{
    static const char *const said[] = {
        "GET /echo HTTP/1.1\r\n" AUTH "\r\n",
        "POST /decide HTTP/1.1\r\n" AUTH "Content-Length: 2\r\n\r\n{}",
        "POST /echo HTTP/1.1\r\n" AUTH "Content-Length: 900\r\n\r\nabc",
        "POST /things HTTP/1.1\r\n" AUTH "Content-Length: 2\r\n\r\n{}",
        "GET /endless HTTP/1.1\r\n" AUTH "\r\n",
        "GET /nothing HTTP/1.1\r\n" AUTH "X: \x01\r\n\r\n",
        "POST /capitals HTTP/1.1\r\n" AUTH "Content-Length: 300000\r\n\r\n",
        "\r\n\r\n\x16\x03\x01 no HTTP at all \x00\xff",
        "GET /parts/a/of/b?q=%41 HTTP/1.1\r\n" AUTH "\r\n",
    };
    struct test_random random = {test_seed()};
    size_t used[3];

    (void)state;
    begin(options());
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i < 400; i++) {
            int fd = client_open(world.port);
            const char *what = said[test_below(&random, sizeof(said) / sizeof(said[0]))];
            size_t n = strlen(what);

            client_send(fd, what, test_below(&random, 4) ? n : test_below(&random, n));
            if (test_below(&random, 2))
                usleep((useconds_t)test_below(&random, 500));
            close(fd);
        }
        /* connections are taken in their order: once this one has been, all of those have */
        close(open_and_ask());
        wait_for_nobody();
        used[round] = mallinfo2().uordblks;
    }
    CHECK(used[2] < used[1] + 200000);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(framing),
        cmocka_unit_test(nul_bytes),
        cmocka_unit_test(no_request_in_a_body),
        cmocka_unit_test(one_connection_many_requests),
        cmocka_unit_test(classes_of_errors),
        cmocka_unit_test(large_headers),
        cmocka_unit_test(large_bodies),
        cmocka_unit_test(streams),
        cmocka_unit_test(slow_readers),
        cmocka_unit_test(deadlines),
        cmocka_unit_test(too_many_connections),
        cmocka_unit_test(workers_are_bounded),
        cmocka_unit_test(at_once_or_later),
        cmocka_unit_test(graceful_stop),
        cmocka_unit_test(asked_while_it_stops),
        cmocka_unit_test(stopped_while_asked),
        cmocka_unit_test(audited),
        cmocka_unit_test(gone_before_it_is_answered),
        cmocka_unit_test(a_full_disk),
        cmocka_unit_test(idempotency),
        cmocka_unit_test(registered_together),
        cmocka_unit_test(kept_for_a_day),
        cmocka_unit_test(kept_within_bounds),
        cmocka_unit_test(kept_without_storing),
        cmocka_unit_test(one_key_many_askers),
        cmocka_unit_test(what_could_be_asked),
        cmocka_unit_test(repeated_parameters),
        cmocka_unit_test(soak),
    };

    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
