#include "serve/rpc_client.h"

#include "base/mem.h"
#include "serve/clock.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#define POLL_MS 100
#define LOGIN_MAX 300
#define GROW_MIN ((size_t)1 << 16)

enum state { STATE_FREE, STATE_RUNNING, STATE_PAUSED, STATE_ANSWERED, STATE_FAILED };

struct request {
    struct rpc_client *client;
    CURL *easy;
    enum state state;
    char *body;
    uint8_t *answer; /* kept from one request to the next */
    size_t answer_n, answer_size;
    bool too_long, no_memory;
    unsigned tries;
    bool refused;      /* status 401 */
    uint64_t again_ms; /* STATE_PAUSED */
    struct err err;    /* STATE_FAILED; before: of the last try */
    char reason[CURL_ERROR_SIZE];
};

struct rpc_client {
    struct rpc_options o;
    char *url;
    char host[RPC_HOST_MAX];
    char login[LOGIN_MAX]; /* from the cookie file; "" before it was read */
    CURLM *multi;
    struct curl_slist *headers;
    struct request *requests; /* [o.in_flight] */
    uint64_t sent;
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_start(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static unsigned or_default(unsigned given, unsigned otherwise)
{
    return given ? given : otherwise;
}

static void options_fill(struct rpc_options *o)
{
    o->in_flight = or_default(o->in_flight, RPC_IN_FLIGHT);
    o->in_flight = o->in_flight < RPC_IN_FLIGHT_MAX ? o->in_flight : RPC_IN_FLIGHT_MAX;
    o->tries = or_default(o->tries, RPC_TRIES);
    o->pause_ms = or_default(o->pause_ms, RPC_PAUSE_MS);
    o->connect_ms = or_default(o->connect_ms, RPC_CONNECT_MS);
    o->idle_ms = or_default(o->idle_ms, RPC_IDLE_MS);
    o->total_ms = or_default(o->total_ms, RPC_TOTAL_MS);
    o->answer_max = o->answer_max ? o->answer_max : RPC_ANSWER_BYTES_MAX;
}

bool rpc_host(const char *url, char ret[RPC_HOST_MAX], struct err *err)
{
    CURLU *u = curl_url();
    char *scheme = NULL, *host = NULL, *port = NULL;
    bool good;

    if (!u)
        return err_fail(err, ERR_NOMEM, "a URL");
    good = !curl_url_set(u, CURLUPART_URL, url, 0) &&
           !curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) &&
           !curl_url_get(u, CURLUPART_HOST, &host, 0) &&
           (!strcmp(scheme, "http") || !strcmp(scheme, "https"));
    if (good) {
        curl_url_get(u, CURLUPART_PORT, &port, 0);
        snprintf(ret, RPC_HOST_MAX, "%s://%s%s%s", scheme, host, port ? ":" : "", port ? port : "");
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(u);
    return good ? true
                : err_fail(err, ERR_USAGE, "the address of a node begins with http:// or https://");
}

/* An answer that grows to its limit; less than n returned ends the transfer. */
static size_t on_bytes(char *p, size_t size, size_t n, void *ctx)
{
    struct request *q = ctx;

    n *= size;
    if (n > q->client->o.answer_max - q->answer_n) {
        q->too_long = true;
        return 0;
    }
    if (n > q->answer_size - q->answer_n) {
        size_t want = q->answer_size * 2 > q->answer_n + n ? q->answer_size * 2 : q->answer_n + n;
        uint8_t *more = mem_grow(q->answer, want > GROW_MIN ? want : GROW_MIN);

        if (!more) {
            q->no_memory = true;
            return 0;
        }
        q->answer = more;
        q->answer_size = want > GROW_MIN ? want : GROW_MIN;
    }
    memcpy(q->answer + q->answer_n, p, n);
    q->answer_n += n;
    return n;
}

#define SET(easy, option, value) (curl_easy_setopt((easy), (option), (value)) == CURLE_OK)

static bool request_init(struct rpc_client *c, struct request *q)
{
    CURL *e = curl_easy_init();

    q->client = c;
    q->easy = e;
    return e && SET(e, CURLOPT_URL, c->url) && SET(e, CURLOPT_PRIVATE, q) &&
           SET(e, CURLOPT_WRITEFUNCTION, on_bytes) && SET(e, CURLOPT_WRITEDATA, q) &&
           SET(e, CURLOPT_HTTPHEADER, c->headers) && SET(e, CURLOPT_ERRORBUFFER, q->reason) &&
           SET(e, CURLOPT_PROTOCOLS_STR, "http,https") && SET(e, CURLOPT_FOLLOWLOCATION, 0L) &&
           SET(e, CURLOPT_NOSIGNAL, 1L) && SET(e, CURLOPT_ACCEPT_ENCODING, "") &&
           SET(e, CURLOPT_TCP_NODELAY, 1L) &&
           SET(e, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)c->o.answer_max) &&
           SET(e, CURLOPT_CONNECTTIMEOUT_MS, (long)c->o.connect_ms) &&
           SET(e, CURLOPT_TIMEOUT_MS, (long)c->o.total_ms) && SET(e, CURLOPT_LOW_SPEED_LIMIT, 1L) &&
           SET(e, CURLOPT_LOW_SPEED_TIME, (long)(c->o.idle_ms + 999) / 1000);
}

bool rpc_client_open(const char *url, struct rpc_options options, struct rpc_client **ret,
                     struct err *err)
{
    struct rpc_client *c;
    size_t url_n = strlen(url) + 1;
    bool good;

    pthread_once(&curl_once, curl_start);
    c = mem_zero(sizeof(*c));
    if (!c)
        return err_fail(err, ERR_NOMEM, "a client");
    c->o = options;
    options_fill(&c->o);
    if (!rpc_host(url, c->host, err)) {
        rpc_client_close(c);
        return false;
    }
    c->url = mem_alloc(url_n);
    c->multi = curl_multi_init();
    c->headers = curl_slist_append(NULL, "Content-Type: application/json");
    c->requests = mem_array(c->o.in_flight, sizeof(*c->requests));
    good = c->url && c->multi && c->headers && c->requests;
    if (good)
        memcpy(c->url, url, url_n);
    for (unsigned i = 0; good && i < c->o.in_flight; i++)
        good = request_init(c, &c->requests[i]);
    if (!good) {
        rpc_client_close(c);
        return err_fail(err, ERR_NOMEM, "a client");
    }
    *ret = c;
    return true;
}

struct rpc_client *rpc_client_close(struct rpc_client *c)
{
    if (!c)
        return NULL;
    for (unsigned i = 0; c->requests && i < c->o.in_flight; i++) {
        struct request *q = &c->requests[i];

        if (q->state == STATE_RUNNING)
            curl_multi_remove_handle(c->multi, q->easy);
        curl_easy_cleanup(q->easy);
        mem_free(q->body);
        mem_free(q->answer);
    }
    curl_multi_cleanup(c->multi);
    curl_slist_free_all(c->headers);
    mem_free(c->requests);
    mem_free(c->url);
    return mem_free(c);
}

const char *rpc_client_host(const struct rpc_client *c)
{
    return c->host;
}

unsigned rpc_client_room(const struct rpc_client *c)
{
    unsigned n = 0;

    for (unsigned i = 0; i < c->o.in_flight; i++)
        n += c->requests[i].state == STATE_FREE;
    return n;
}

uint64_t rpc_client_sent(const struct rpc_client *c)
{
    return c->sent;
}

static void request_fail(struct request *q)
{
    q->state = STATE_FAILED;
}

/* A node makes its cookie file anew whenever it starts. */
static bool login_read(struct rpc_client *c, struct err *err)
{
    FILE *f = fopen(c->o.cookie, "re");
    size_t n;

    if (!f)
        return err_system(err, "%s: cookie file \"%s\"", c->host, c->o.cookie);
    n = fread(c->login, 1, LOGIN_MAX - 1, f);
    fclose(f);
    c->login[n] = 0;
    c->login[strcspn(c->login, "\r\n")] = 0;
    return strchr(c->login, ':') ||
           err_fail(err, ERR_SYSTEM, "%s: cookie file \"%s\" holds no user:password", c->host,
                    c->o.cookie);
}

static bool request_login(struct request *q)
{
    struct rpc_client *c = q->client;

    if (!c->o.cookie)
        return true;
    if ((!c->login[0] || q->refused) && !login_read(c, &q->err)) {
        c->login[0] = 0;
        return false;
    }
    q->refused = false;
    return SET(q->easy, CURLOPT_USERPWD, c->login) ||
           err_fail(&q->err, ERR_NOMEM, "%s: a request", c->host);
}

static void request_run(struct request *q)
{
    struct rpc_client *c = q->client;

    if (!request_login(q)) {
        request_fail(q);
        return;
    }
    q->answer_n = 0;
    q->too_long = q->no_memory = false;
    q->reason[0] = 0;
    q->tries++;
    c->sent++;
    if (curl_multi_add_handle(c->multi, q->easy) == CURLM_OK) {
        q->state = STATE_RUNNING;
    } else {
        err_set(&q->err, ERR_NOMEM, "%s: a request", c->host);
        request_fail(q);
    }
}

/* The client's URL with a path behind its own; a query stays at the end. */
static bool request_url(struct request *q, const char *path)
{
    const char *url = q->client->url, *query = strchr(url, '?');
    size_t n = query ? (size_t)(query - url) : strlen(url), max = strlen(url) + strlen(path) + 1;
    char *whole;
    bool ok;

    if (!*path)
        return SET(q->easy, CURLOPT_URL, url);
    whole = mem_alloc(max);
    if (!whole)
        return false;
    while (n && url[n - 1] == '/')
        n--;
    snprintf(whole, max, "%.*s%s%s", (int)n, url, path, query ? query : "");
    ok = SET(q->easy, CURLOPT_URL, whole); /* copies it */
    mem_free(whole);
    return ok;
}

bool rpc_send(struct rpc_client *c, const char *body, size_t n, unsigned *ret_ticket,
              struct err *err)
{
    return rpc_send_to(c, "", body, n, ret_ticket, err);
}

bool rpc_send_to(struct rpc_client *c, const char *path, const char *body, size_t n,
                 unsigned *ret_ticket, struct err *err)
{
    struct request *q = NULL;
    char *copy;

    for (unsigned i = 0; i < c->o.in_flight && !q; i++)
        if (c->requests[i].state == STATE_FREE)
            q = &c->requests[i];
    if (!q)
        return err_fail(err, ERR_LIMIT, "more than %u requests under way", c->o.in_flight);
    copy = mem_grow(q->body, n ? n : 1);
    if (!copy)
        return err_fail(err, ERR_NOMEM, "a request");
    memcpy(copy, body, n);
    q->body = copy;
    q->tries = 0;
    q->refused = false;
    if (!request_url(q, path) || !SET(q->easy, CURLOPT_POSTFIELDS, q->body) ||
        !SET(q->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)n))
        return err_fail(err, ERR_NOMEM, "a request");
    request_run(q);
    *ret_ticket = (unsigned)(q - c->requests);
    return true;
}

/* Is it worth another try? The error of this one is in q->err. */
static bool try_judge(struct request *q, CURLcode code)
{
    const char *host = q->client->host;
    long status = 0;

    curl_easy_getinfo(q->easy, CURLINFO_RESPONSE_CODE, &status);
    if (q->no_memory || code == CURLE_OUT_OF_MEMORY) {
        err_set(&q->err, ERR_NOMEM, "%s: an answer", host);
        return false;
    }
    if (q->too_long || code == CURLE_FILESIZE_EXCEEDED || status == 413) {
        err_set(&q->err, ERR_LIMIT, "%s: an answer of more than %zu bytes%s", host,
                q->client->o.answer_max, status == 413 ? ", says the node (status 413)" : "");
        return false;
    }
    if (code != CURLE_OK) {
        err_set(&q->err, ERR_SYSTEM, "%s: %s", host,
                q->reason[0] ? q->reason : curl_easy_strerror(code));
        return code != CURLE_PEER_FAILED_VERIFICATION && code != CURLE_SSL_CACERT_BADFILE &&
               code != CURLE_URL_MALFORMAT && code != CURLE_UNSUPPORTED_PROTOCOL;
    }
    err_set(&q->err, ERR_SYSTEM, "%s: status %ld%s", host, status,
            status == 401 ? ": it wants another user and password" : "");
    q->refused = status == 401 && q->client->o.cookie && q->tries == 1;
    return q->refused || status == 408 || status == 429 || status >= 500;
}

static void request_end(struct request *q, CURLcode code)
{
    struct rpc_client *c = q->client;
    uint64_t pause = c->o.pause_ms;
    curl_off_t after = 0;
    long status = 0;

    curl_multi_remove_handle(c->multi, q->easy);
    curl_easy_getinfo(q->easy, CURLINFO_RESPONSE_CODE, &status);
    if (code == CURLE_OK && status >= 200 && status < 300) {
        q->state = STATE_ANSWERED;
        return;
    }
    if (!try_judge(q, code)) {
        request_fail(q);
        return;
    }
    if (q->tries >= c->o.tries) {
        err_prefix(&q->err, "given up after %u tries", q->tries);
        request_fail(q);
        return;
    }
    for (unsigned i = 1; i < q->tries && pause < RPC_PAUSE_MS_MAX; i++)
        pause *= 2;
    curl_easy_getinfo(q->easy, CURLINFO_RETRY_AFTER, &after);
    if (after > 0 && (uint64_t)after * 1000 > pause)
        pause = (uint64_t)after * 1000;
    q->again_ms = clock_steady_ms() + (pause < RPC_PAUSE_MS_MAX ? pause : RPC_PAUSE_MS_MAX);
    q->state = STATE_PAUSED;
}

static bool stopped(const struct rpc_client *c)
{
    return c->o.stop && *c->o.stop;
}

/* All requests a little further: what ended, what may be tried again, then wait for the network. */
static bool step(struct rpc_client *c, struct err *err)
{
    uint64_t now = clock_steady_ms(), next = POLL_MS;
    bool ended = false;
    CURLMsg *m;
    int n;

    if (stopped(c))
        return err_fail(err, ERR_SYSTEM, "stopped");
    for (unsigned i = 0; i < c->o.in_flight; i++) {
        struct request *q = &c->requests[i];

        if (q->state == STATE_PAUSED && q->again_ms <= now)
            request_run(q);
        else if (q->state == STATE_PAUSED && q->again_ms - now < next)
            next = q->again_ms - now;
    }
    if (curl_multi_perform(c->multi, &n) != CURLM_OK)
        return err_fail(err, ERR_NOMEM, "%s: a request", c->host);
    while ((m = curl_multi_info_read(c->multi, &n)))
        if (m->msg == CURLMSG_DONE) {
            struct request *q;

            curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &q);
            request_end(q, m->data.result);
            ended = true;
        }
    if (!ended && curl_multi_poll(c->multi, NULL, 0, (int)next, NULL) != CURLM_OK)
        return err_fail(err, ERR_NOMEM, "%s: a request", c->host);
    return true;
}

bool rpc_wait(struct rpc_client *c, unsigned ticket, struct bytes *ret, struct err *err)
{
    struct request *q = &c->requests[ticket];

    while (q->state == STATE_RUNNING || q->state == STATE_PAUSED)
        if (!step(c, err)) {
            rpc_done(c, ticket);
            return false;
        }
    if (q->state == STATE_ANSWERED) {
        *ret = (struct bytes){q->answer, q->answer_n};
        return true;
    }
    *err = q->err;
    rpc_done(c, ticket);
    return false;
}

void rpc_done(struct rpc_client *c, unsigned ticket)
{
    struct request *q = &c->requests[ticket];

    if (q->state == STATE_RUNNING)
        curl_multi_remove_handle(c->multi, q->easy);
    q->state = STATE_FREE;
}

bool rpc_client_pause(struct rpc_client *c, unsigned ms, struct err *err)
{
    uint64_t end = clock_steady_ms() + ms;

    for (uint64_t now = clock_steady_ms(); now < end; now = clock_steady_ms()) {
        struct timespec t = {0, (long)(end - now < POLL_MS ? end - now : POLL_MS) * 1000000};

        if (stopped(c))
            return err_fail(err, ERR_SYSTEM, "stopped");
        nanosleep(&t, NULL);
    }
    return true;
}
