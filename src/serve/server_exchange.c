/* A request from its first byte to its last, as libmicrohttpd calls. */
#include "serve/server_parts.h"

#include "base/io.h"
#include "base/mem.h"
#include "serve/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define DRAIN_BYTES_MAX ((uint64_t)1 << 20) /* of a body that is too large, before it is cut */
#define STREAM_BLOCK_BYTES ((size_t)32 << 10)
#define RETRY_SECONDS "5"                /* of a 503 that knows no better */
#define EXCHANGE_BYTES ((size_t)8 << 10) /* that a question about an address takes, about */

static const char invalid_id[] = "none";
static char empty[1];

/* ---- the request line ---- */

/* id_start, a dash, and a number of its own, in hex. */
static void make_id(struct exchange *x)
{
    uint64_t number = atomic_fetch_add(&x->server->ids, 1);
    size_t start_n = strlen(x->server->id_start), n = 1;
    char *to = x->id + start_n + 1;

    memcpy(x->id, x->server->id_start, start_n);
    x->id[start_n] = '-';
    while (n < 16 && number >> 4 * n)
        n++;
    to[n] = 0;
    for (; n-- > 0; number >>= 4)
        to[n] = "0123456789abcdef"[number & 15];
    x->job.request.id = x->id;
}

static void refuse(struct exchange *x, unsigned status, const char *detail)
{
    if (x->refused)
        return;
    x->refused = status;
    snprintf(x->detail, sizeof(x->detail), "%s", detail);
}

void *exchange_start(void *server, const char *uri, struct MHD_Connection *c)
{
    struct arena *a = arena_new(NULL, HTTP_JOB_BYTES_MAX);
    struct exchange *x = NULL;
    const union MHD_ConnectionInfo *context =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    size_t n = uri ? strnlen(uri, HTTP_TARGET_BYTES_MAX + 1) : 0;

    if (a) {
        arena_expect(a, EXCHANGE_BYTES);
        x = ARENA_NEW(a, struct exchange);
    }
    if (!x || !context || !context->socket_context) {
        arena_free(a);
        return NULL;
    }
    x->server = server;
    x->connection = context->socket_context;
    x->mhd = c;
    x->line = uri;
    x->start_us = clock_steady_us();
    x->body_fd = -1;
    x->job.arena = a;
    x->job.node = x->server->options.node;
    x->job.request.id = invalid_id;
    x->job.request.peer = x->connection->peer;
    x->job.request.pinned = x->connection->has_key ? x->connection->key : NULL;
    x->job.request.body.fd = -1;
    x->job.response.body = text_new(HTTP_ANSWER_BYTES_MAX);
    x->chunk = text_new(HTTP_CHUNK_BYTES_MAX);
    make_id(x);
    x->job.request.target = arena_string(a, uri ? uri : "", n);
    if (!x->job.request.target) {
        x->job.request.target = "";
        refuse(x, 503, "no memory");
    }
    if (n > HTTP_TARGET_BYTES_MAX)
        refuse(x, 414, "the target is too long");
    return x;
}

/* ---- headers ---- */

struct collecting {
    struct http_field *fields;
    const char **received; /* where each value lies in what came */
    struct arena *a;
    size_t n;
    bool over;
};

static enum MHD_Result collect(void *ctx, enum MHD_ValueKind kind, const char *name, size_t name_n,
                               const char *value, size_t value_n)
{
    struct collecting *k = ctx;

    (void)kind;
    (void)name_n;
    if (k->n == HTTP_HEADERS_MAX) {
        k->over = true;
        return MHD_NO;
    }
    k->received[k->n] = value;
    if (value_n && (value[value_n - 1] == ' ' || value[value_n - 1] == '\t')) {
        while (value_n && (value[value_n - 1] == ' ' || value[value_n - 1] == '\t'))
            value_n--;
        value = arena_string(k->a, value, value_n);
    }
    k->fields[k->n++] = (struct http_field){name, value};
    return value || !value_n ? MHD_YES : MHD_NO;
}

/* Were the headers sent as they were understood? libmicrohttpd cuts the received bytes into strings
 * where they lie (a NUL for the colon, two for CRLF), and takes some things that others read
 * differently: a NUL inside a line ends it there, a bare LF ends a line, a line that begins with a
 * space goes on with the one before. In all of these the strings do not lie exactly one behind the
 * other, from the method to the two CRLF at the end. A version of the library that kept them
 * elsewhere would have every request refused here, and no bad one accepted. */
static bool headers_lie_as_sent(const struct exchange *x, const char *method, const char *version,
                                const struct collecting *k)
{
    const union MHD_ConnectionInfo *size =
        MHD_get_connection_info(x->mhd, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);
    const char *end, *p = version + strlen(version);

    if (!size || method + strlen(method) + 1 != x->line ||
        x->line + strlen(x->job.request.target) + 1 != version)
        return false;
    end = method + size->header_size;
    for (size_t i = 0; i < k->n; i++) {
        if (end - p < 2 || p[0] || p[1] || p + 2 != k->fields[i].name)
            return false;
        p += 2 + strlen(p + 2) + 1;
        while (p < end && (*p == ' ' || *p == '\t'))
            p++;
        if (p != k->received[i])
            return false;
        p += strlen(p);
    }
    return end - p == 4 && !p[0] && !p[1] && !p[2] && !p[3];
}

static bool headers_read(struct exchange *x, const char *method, const char *version)
{
    struct arena *a = x->job.arena;
    struct http_field *fields = arena_room(a, HTTP_HEADERS_MAX * sizeof(*fields));
    const char **received = arena_room(a, HTTP_HEADERS_MAX * sizeof(*received));
    struct collecting k = {.fields = fields, .received = received, .a = a};
    int wanted;

    if (!fields || !received) {
        refuse(x, 503, "no memory");
        return false;
    }
    wanted = MHD_get_connection_values_n(x->mhd, MHD_HEADER_KIND, collect, &k);
    if (k.over) {
        refuse(x, 431, "too many header fields");
        return false;
    }
    if (wanted != (int)k.n || !headers_lie_as_sent(x, method, version, &k)) {
        refuse(x, 400, "header lines that are not of the form HTTP wants");
        return false;
    }
    x->job.request.headers = fields;
    x->job.request.headers_n = k.n;
    return true;
}

static void take_id(struct exchange *x)
{
    const char *id = http_header(&x->job.request, "X-Request-Id");

    if (id && http_id_fits(id))
        snprintf(x->id, sizeof(x->id), "%s", id);
}

static const char *shown_key(const struct http_request *r)
{
    const char *bearer = http_header(r, "Authorization"), *key = http_header(r, "X-API-Key");

    if (bearer && !strncasecmp(bearer, "Bearer ", 7)) /* RFC 9110 section 11.1: in any case */
        return bearer + 7;
    if (bearer && !strncasecmp(bearer, "ApiKey ", 7)) /* as clients of OpenSanctions say */
        return bearer + 7;
    return key;
}

static void authorise(struct exchange *x)
{
    struct server *s = x->server;
    struct http_request *r = &x->job.request;
    const char *shown = shown_key(r);
    struct server_caller caller;

    if (shown && s->options.who(s->options.node, shown, &caller)) {
        memcpy(x->caller, caller.name, sizeof(x->caller));
        r->key = x->caller;
        r->scopes = caller.scopes;
        if (caller.too_many) {
            refuse(x, 429, "more requests than this key may ask in a second");
            return;
        }
    }
    if (!x->route->scope || r->scopes & x->route->scope)
        return;
    if (r->key)
        refuse(x, 403, "the key has not the scope that this needs");
    else
        refuse(x, 401, shown ? "the key is not known" : "an API key is wanted");
}

static void route(struct exchange *x)
{
    const struct server_options *o = &x->server->options;
    struct http_request *r = &x->job.request;
    struct bytes path, query, params[HTTP_PARAMS_MAX] = {{NULL, 0}};
    struct err err;
    size_t row = 0;

    x->options = !strcmp(r->method, "OPTIONS");
    if (x->options && !strcmp(r->target, "*")) {
        snprintf(x->allow, sizeof(x->allow), "GET, HEAD, POST, OPTIONS");
        return;
    }
    if (!http_target_split(r->target, &path, &query)) {
        refuse(x, 400, "the target is no path");
        return;
    }
    switch (http_route_find(o->routes, o->routes_n, r->method, path, &row, params, x->allow,
                            sizeof(x->allow))) {
    case HTTP_NO_PATH:
        refuse(x, 404, "there is nothing of that path");
        return;
    case HTTP_NO_METHOD:
        if (!x->options) /* RFC 9110 section 9.3.7: what could be asked here */
            refuse(x, 405, "not by this method");
        return;
    case HTTP_FOUND:
        break;
    }
    x->route = &o->routes[row];
    x->job.part = o->parts ? o->parts[row] : NULL;
    authorise(x);
    if (!http_query_read(x->job.arena, (const char *)query.p, query.n,
                         x->route->flags & HTTP_REPEATS, &r->query, &r->query_n, &err))
        refuse(x, 400, err.text);
    for (size_t i = 0; i < HTTP_PARAMS_MAX && params[i].p; i++)
        if (!http_decode(x->job.arena, (const char *)params[i].p, params[i].n, false, &r->params[i],
                         &err)) {
            refuse(x, 400, err.text);
            return;
        }
}

static void body_expect(struct exchange *x, const struct http_framing *f)
{
    x->body_max = x->route ? x->route->body_max : 0;
    if (x->route && !(x->route->flags & HTTP_SPOOLS) && x->body_max > HTTP_BODY_MEMORY_MAX)
        x->body_max = HTTP_BODY_MEMORY_MAX;
    if (f->length > x->body_max)
        refuse(x, 413, "the body is too large");
}

/* The headers are there. What is refused with a body behind it is answered now, and the connection
 * ends: the rest would be read as the next request. */
static bool begin(struct exchange *x, const char *method, const char *version)
{
    struct server *s = x->server;
    struct http_framing f = {.chunked = false};
    struct err err;
    unsigned status = 400;

    x->stage = STAGE_BODY;
    x->counted = true;
    atomic_fetch_add(&s->under_way, 1);
    x->job.request.method = arena_string(x->job.arena, method, strnlen(method, 16));
    if (!x->job.request.method) {
        x->job.request.method = "";
        refuse(x, 503, "no memory");
    }
    if (!headers_read(x, method, version)) {
        x->closes = true;
        return false;
    }
    take_id(x);
    if (!http_framing_read(x->job.request.headers, x->job.request.headers_n,
                           !strcmp(version, "HTTP/1.1"), &f, &status, &err)) {
        refuse(x, status, err.text);
        x->closes = true;
        return false;
    }
    route(x);
    body_expect(x, &f);
    x->closes = x->refused && (f.chunked || f.length);
    atomic_store(&x->connection->deadline_ms,
                 f.chunked || f.length ? server_now_ms() + (int64_t)s->body_ms : DEADLINE_NONE);
    return !x->closes;
}

/* ---- the body ---- */

static bool spool(struct exchange *x, const void *p, size_t n)
{
    struct server *s = x->server;

    if (x->body_fd < 0) {
        x->body_fd = open(s->options.spool, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
        if (x->body_fd < 0)
            return false;
    }
    if (atomic_fetch_add(&s->spooled, n) + n > s->spool_max) {
        atomic_fetch_sub(&s->spooled, n);
        refuse(x, 503, "too many bodies are under way");
        return true;
    }
    x->spooled += n;
    return write_whole(x->body_fd, p, n);
}

static bool keep(struct exchange *x, const void *p, size_t n)
{
    struct http_body *b = &x->job.request.body;
    struct server *s = x->server;

    if (b->n + n > x->body_size) {
        size_t size = x->body_size ? x->body_size * 2 : 1024;
        uint8_t *grown;

        while (size < b->n + n)
            size *= 2;
        if (atomic_fetch_add(&s->memory, size - x->body_size) + size - x->body_size >
            s->memory_max) {
            atomic_fetch_sub(&s->memory, size - x->body_size);
            refuse(x, 503, "too many bodies are under way");
            return true;
        }
        x->memory += size - x->body_size;
        grown = mem_grow(x->body, size);
        if (!grown)
            return false;
        x->body = grown;
        x->body_size = size;
    }
    memcpy(x->body + b->n, p, n);
    return true;
}

/* False: it cannot be kept. */
static bool body_add(struct exchange *x, const void *p, size_t n)
{
    struct http_body *b = &x->job.request.body;

    if (b->n + n > x->body_max)
        refuse(x, 413, "the body is too large");
    if (x->refused) { /* it is read on a little, so that the answer is */
        x->excess += n;
        x->closes = true;
        return x->excess <= DRAIN_BYTES_MAX;
    }
    if (x->body_fd < 0 && b->n + n <= HTTP_BODY_MEMORY_MAX) {
        if (!keep(x, p, n))
            return false;
    } else if ((x->body_fd < 0 && b->n && !spool(x, x->body, (size_t)b->n)) || !spool(x, p, n)) {
        refuse(x, 503, "the body cannot be kept");
    }
    b->n += n;
    return true;
}

static void body_done(struct exchange *x)
{
    struct http_body *b = &x->job.request.body;

    b->fd = x->body_fd;
    b->p = x->body_fd < 0 ? (x->body ? x->body : (const uint8_t *)"") : NULL;
}

/* ---- the answer ---- */

/* Suspended until there may be news; the reaper wakes it. False: the server ends. */
static bool idle(struct exchange *x)
{
    struct server *s = x->server;

    x->idle_until_ms = server_now_ms() + SERVER_STREAM_IDLE_MS;
    if (!exchange_suspend(x))
        return false;
    pthread_mutex_lock(&s->lock);
    x->idle_next = s->idle;
    s->idle = x;
    pthread_mutex_unlock(&s->lock);
    return true;
}

/* exchange_pull comes back here when it was a worker's. */
static ssize_t stream(void *exchange, uint64_t at, char *to, size_t max)
{
    struct exchange *x = exchange;
    size_t n;

    (void)at;
    while (!x->chunk_failed && x->chunk_at == x->chunk.n) {
        if (x->chunk_last || (x->pulled && atomic_load(&x->server->stopping)))
            return MHD_CONTENT_READER_END_OF_STREAM;
        if (x->pulled && !x->chunk.n) {
            x->pulled = false;
            return idle(x) ? 0 : MHD_CONTENT_READER_END_OF_STREAM;
        }
        x->pulled = true;
        x->wakes = server_wakes(x->server);
        atomic_store(&x->connection->deadline_ms, server_now_ms() + (int64_t)x->server->body_ms);
        if (!exchange_pull(x))
            return 0;
    }
    if (x->chunk_failed)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    n = x->chunk.n - x->chunk_at < max ? x->chunk.n - x->chunk_at : max;
    memcpy(to, x->chunk.p + x->chunk_at, n);
    x->chunk_at += n;
    return (ssize_t)n;
}

static bool has_field(const struct http_response *r, const char *name)
{
    for (size_t i = 0; i < r->fields_n; i++)
        if (!strcasecmp(r->fields[i].name, name))
            return true;
    return false;
}

static bool fields_put(struct exchange *x, struct MHD_Response *m)
{
    struct http_response *r = &x->job.response;
    const char *type = r->type ? r->type : "application/json";
    bool ok = (r->status == 204 || MHD_add_response_header(m, "Content-Type", type)) &&
              MHD_add_response_header(m, "X-Request-Id", x->id) &&
              MHD_add_response_header(m, "Cache-Control", "no-store") &&
              MHD_add_response_header(m, "X-Content-Type-Options", "nosniff");

    for (size_t i = 0; ok && i < r->fields_n; i++)
        ok = MHD_add_response_header(m, r->fields[i].name, r->fields[i].value);
    if (ok && (r->status == 405 || r->status == 204))
        ok = MHD_add_response_header(m, "Allow", x->allow);
    if (ok && (r->status == 503 || r->status == 429) && !has_field(r, "Retry-After"))
        ok = MHD_add_response_header(m, "Retry-After", r->status == 429 ? "1" : RETRY_SECONDS);
    if (ok && x->refused == 401)
        ok = MHD_add_response_header(m, "WWW-Authenticate", "Bearer");
    if (ok && (x->closes || atomic_load(&x->server->stopping)))
        ok = MHD_add_response_header(m, "Connection", "close");
    return ok;
}

static enum MHD_Result answer(struct exchange *x)
{
    struct http_response *r = &x->job.response;
    struct MHD_Response *m;
    enum MHD_Result queued = MHD_NO;
    unsigned status;

    if (x->refused)
        http_problem(r, x->refused, x->detail, x->id);
    r->status = r->status ? r->status : !x->route ? 204 : 200;
    status = r->status;
    m = r->pull ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK_BYTES, stream, x,
                                                    NULL)
                : MHD_create_response_from_buffer(r->body.n, r->body.p ? r->body.p : empty,
                                                  MHD_RESPMEM_PERSISTENT);
    x->stage = STAGE_SENDING;
    atomic_store(&x->connection->deadline_ms, server_now_ms() + (int64_t)x->server->body_ms);
    if (m && fields_put(x, m))
        queued = MHD_queue_response(x->mhd, status, m);
    if (m)
        MHD_destroy_response(m);
    return queued;
}

/* ---- what libmicrohttpd calls ---- */

enum MHD_Result exchange_handle(void *server, struct MHD_Connection *c, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_n, void **exchange)
{
    struct exchange *x = *exchange;

    (void)server;
    (void)c;
    (void)url;
    if (!x)
        return MHD_NO;
    switch (x->stage) {
    case STAGE_LINE:
        return begin(x, method, version) ? MHD_YES : answer(x);
    case STAGE_BODY:
        if (*upload_n) {
            bool kept = body_add(x, upload, *upload_n);

            *upload_n = 0;
            return kept ? MHD_YES : MHD_NO;
        }
        atomic_store(&x->connection->deadline_ms, DEADLINE_NONE);
        atomic_store(&x->connection->receiving, false);
        body_done(x);
        if (x->refused || !x->route || exchange_run(x))
            return answer(x);
        return MHD_YES;
    case STAGE_RUNNING:
        return exchange_waited(x) ? answer(x) : MHD_YES;
    case STAGE_ANSWER:
        return answer(x);
    case STAGE_SENDING:
        break;
    }
    return MHD_YES;
}

static void tell(const struct exchange *x)
{
    const struct server_options *o = &x->server->options;
    uint64_t us = clock_steady_us() - x->start_us;
    struct log_request told = {.id = x->id,
                               .method = x->job.request.method,
                               .route = x->route ? x->route->pattern : NULL,
                               .peer = x->job.request.peer,
                               .key = x->job.request.key,
                               .status = x->job.response.status,
                               .us = us};

    metrics_request(o->metrics, x->route ? (size_t)(x->route - o->routes) : o->routes_n,
                    x->job.response.status, us);
    log_requested(o->log, &told);
}

void exchange_free(struct exchange *x)
{
    struct server *s = x->server;

    if (x->job.response.pull && x->job.response.pull_end)
        x->job.response.pull_end(x->job.response.pull_ctx);
    atomic_fetch_sub(&s->memory, x->memory);
    atomic_fetch_sub(&s->spooled, x->spooled);
    if (x->body_fd >= 0)
        close(x->body_fd);
    mem_free(x->body);
    text_free(&x->chunk);
    text_free(&x->job.response.body);
    if (x->counted)
        atomic_fetch_sub(&s->under_way, 1);
    arena_free(x->job.arena);
}

void exchange_end(void *server, struct MHD_Connection *c, void **exchange,
                  enum MHD_RequestTerminationCode code)
{
    struct server *s = server;
    struct exchange *x = *exchange;

    (void)c;
    (void)code;
    *exchange = NULL;
    if (!x)
        return;
    atomic_store(&x->connection->deadline_ms, server_now_ms() + (int64_t)s->idle_ms);
    atomic_store(&x->connection->receiving, true);
    if (!exchange_leave(x))
        return;
    if (x->job.response.status)
        tell(x);
    exchange_free(x);
}
