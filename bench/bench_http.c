/* What a decision costs over HTTP: an authenticated, audited, small POST, against the library
 * alone.
 *
 *     bench_http FOLDER [SECONDS]
 *
 * Two servers, each in a process of its own, on loopback: "library" is libmicrohttpd with the
 * server's settings and a fixed answer; "cordon" is the server with an API key looked up among a
 * hundred, the request's framing checked, the body read, a decision's entry made durable in an
 * audit log in FOLDER, and the answer. One thread of this program asks both in turn, over
 * CONNECTIONS connections: as fast as they answer (offered 0), and at an offered rate, where a
 * latency counts from when the request was due, whether or not a connection was free to send it
 * then. "registering" is the server again, with a row stored and committed before each answer, as
 * fast as it answers.
 *
 * Prints a JSON line a server and rate: requests a second, latency (median, 99th percentile), the
 * server's CPU time a request. On a machine with other work, compare the CPU times, and the two
 * servers with each other. */
#include "serve/config.h"
#include "serve/http.h"
#include "serve/keys.h"
#include "serve/server.h"

#include <microhttpd.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS 256
#define THREADS 2
#define WORKERS 4
#define KEYS 100
#define LATENCIES_MAX 4000000

static const char body[] =
    "{\"chain\":\"bitcoin\",\"address\":\"12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S\"}",
                  decision[] =
                      "{\"decision\":\"ALLOW\",\"address\":\"12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S\"}";
static char shown[KEY_TEXT_MAX];

static void fail(const char *what)
{
    fprintf(stderr, "bench_http: %s\n", what);
    exit(1);
}

static double now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* ---- the library alone ---- */

static enum MHD_Result bare(void *ctx, struct MHD_Connection *c, const char *url,
                            const char *method, const char *version, const char *upload,
                            size_t *upload_n, void **request)
{
    static int seen;
    struct MHD_Response *r;
    enum MHD_Result queued;

    (void)ctx;
    (void)url;
    (void)method;
    (void)version;
    (void)upload;
    if (!*request || *upload_n) {
        *request = &seen;
        *upload_n = 0;
        return MHD_YES;
    }
    r = MHD_create_response_from_buffer(sizeof(decision) - 1, (void *)(uintptr_t)decision,
                                        MHD_RESPMEM_PERSISTENT);
    MHD_add_response_header(r, "Content-Type", "application/json");
    queued = MHD_queue_response(c, 200, r);
    MHD_destroy_response(r);
    return queued;
}

static uint16_t bare_start(void)
{
    struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_TURBO, 0, NULL,
                                            NULL, bare, NULL, MHD_OPTION_THREAD_POOL_SIZE,
                                            (unsigned)THREADS, MHD_OPTION_CONNECTION_LIMIT, 4096u,
                                            MHD_OPTION_CONNECTION_TIMEOUT, 60u, MHD_OPTION_END);

    if (!d)
        fail("no daemon");
    return MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port;
}

/* ---- the server ---- */

static struct keys keys;

static bool who(struct node *node, const char *key, struct server_caller *ret)
{
    const struct key_row *row = keys_find(&keys, key);

    (void)node;
    if (!row)
        return false;
    *ret = (struct server_caller){.scopes = row->scopes};
    memcpy(ret->name, row->name, sizeof(ret->name));
    return true;
}

static bool decide(struct http_job *job, struct err *err)
{
    text_put(&job->response.body, decision, sizeof(decision) - 1);
    return http_audit(job, decision, sizeof(decision) - 1, err);
}

/* As a transfer is: looked for by its reference, then written down with its answer. */
static bool registering(struct http_job *job, struct err *err)
{
    static atomic_uint_fast64_t refs;
    struct store_query *q = NULL;
    char ref[32];
    bool row, ok;

    snprintf(ref, sizeof(ref), "w-%" PRIu64, (uint64_t)atomic_fetch_add(&refs, 1));
    ok = store_prepare(job->store, "SELECT id FROM registered WHERE ref = ?", &q, err) &&
         store_bind_text(q, 1, ref, err) && store_step(q, &row, err);
    store_finish(q);
    q = NULL;
    ok = ok && store_prepare(job->store, "INSERT INTO registered VALUES (NULL, ?, ?)", &q, err) &&
         store_bind_text(q, 1, ref, err) && store_bind_text(q, 2, job->request.target, err) &&
         store_step(q, NULL, err);
    store_finish(q);
    return ok && decide(job, err);
}

static const struct http_route routes[] = {
    {"POST", "/v1/decide", HTTP_SCREEN, 0, 4096, decide},
    {"POST", "/v1/register", HTTP_SCREEN, HTTP_STORES, 4096, registering},
};
#define ROUTES_N (sizeof(routes) / sizeof(routes[0]))

static const char *store_folder;

static bool open_store(struct node *node, struct store **ret, struct err *err)
{
    static const char *const steps[] = {
        "CREATE TABLE registered (id INTEGER PRIMARY KEY, ref TEXT UNIQUE, answer TEXT)"};
    static const struct store_schema schema = {"registered", steps, 1}, *const schemas[] = {
                                                                            &schema};
    char path[4096];

    (void)node;
    snprintf(path, sizeof(path), "%s/registered.sqlite", store_folder);
    return store_open(path, STORE_WRITE, schemas, 1, ret, err);
}

static void make_keys(const char *folder)
{
    static const struct store_schema *const schemas[] = {&keys_schema};
    char path[4096], name[32];
    struct store *s;
    struct err err;

    snprintf(path, sizeof(path), "%s/keys.sqlite", folder);
    unlink(path);
    if (!store_open(path, STORE_WRITE, schemas, 1, &s, &err))
        fail(err.text);
    for (unsigned i = 0; i < KEYS; i++) {
        snprintf(name, sizeof(name), "key %u", i);
        if (!key_add(s, name, HTTP_SCREEN, 0, shown, &err))
            fail(err.text);
    }
    if (!keys_read(arena_new(NULL, (size_t)1 << 24), s, &keys, &err))
        fail(err.text);
    store_close(s);
    unlink(path);
}

static uint16_t cordon_start(const char *folder)
{
    struct server_options o = {
        .threads = THREADS,
        .workers = WORKERS,
        .limits = {.connections = 4096,
                   .connections_per_peer = 4096,
                   .waiting = CONNECTIONS,
                   .memory = (uint64_t)1 << 30,
                   .spool = (uint64_t)1 << 30,
                   .header_ms = 60000,
                   .body_ms = 60000,
                   .idle_ms = 60000},
        .spool = folder,
        .routes = routes,
        .routes_n = ROUTES_N,
        .who = who,
        .store = open_store,
        .metrics = metrics_new(routes, ROUTES_N),
    };
    struct server *server;
    char path[4096];
    struct err err;
    uint64_t cut;
    bool loopback;

    store_folder = folder;
    snprintf(path, sizeof(path), "%s/registered.sqlite", folder);
    unlink(path);
    snprintf(path, sizeof(path), "%s/audit.jsonl", folder);
    unlink(path);
    if (!config_address("127.0.0.1:0", &o.at, &loopback, &err) ||
        !log_open(STDERR_FILENO, false, &o.log, &err) || !audit_open(path, &o.audit, &cut, &err) ||
        !server_start(&o, &server, &err))
        fail(err.text);
    return server_port(server);
}

struct child {
    const char *name;
    pid_t pid;
    uint16_t port;
};

static struct child child_start(const char *name, const char *folder)
{
    struct child c = {.name = name};
    int told[2];

    if (pipe2(told, O_CLOEXEC))
        fail("pipe");
    c.pid = fork();
    if (!c.pid) {
        c.port = folder ? cordon_start(folder) : bare_start();
        if (write(told[1], &c.port, sizeof(c.port)) != sizeof(c.port))
            fail("pipe");
        for (;;)
            pause();
    }
    if (read(told[0], &c.port, sizeof(c.port)) != sizeof(c.port))
        fail("a server did not start");
    close(told[0]);
    close(told[1]);
    return c;
}

static double cpu_us(pid_t pid)
{
    char path[64], text[1024];
    unsigned long user = 0, system = 0;
    FILE *f;
    size_t n;

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    f = fopen(path, "re");
    if (!f)
        fail(path);
    n = fread(text, 1, sizeof(text) - 1, f);
    text[n] = 0;
    fclose(f);
    if (sscanf(strrchr(text, ')'), ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
               &system) != 2)
        fail(path);
    return (double)(user + system) * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

/* ---- asking ---- */

struct asker {
    int fd;
    size_t got; /* bytes of the answer so far */
    double due;
    char answer[1024];
};

static struct asker askers[CONNECTIONS];
static unsigned idle[CONNECTIONS], idle_n;
static float *latencies;

static void connect_all(uint16_t port, int epoll)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    idle_n = 0;
    for (unsigned i = 0; i < CONNECTIONS; i++) {
        struct epoll_event e = {.events = EPOLLIN, .data = {.u32 = i}};

        askers[i] = (struct asker){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
        if (connect(askers[i].fd, (struct sockaddr *)&at, sizeof(at)) ||
            fcntl(askers[i].fd, F_SETFL, O_NONBLOCK) ||
            epoll_ctl(epoll, EPOLL_CTL_ADD, askers[i].fd, &e))
            fail("connect");
        idle[idle_n++] = i;
    }
}

static void ask(const char *request, size_t n, double due)
{
    struct asker *a = &askers[idle[--idle_n]];

    a->due = due;
    a->got = 0;
    if (send(a->fd, request, n, MSG_NOSIGNAL) != (ssize_t)n)
        fail("send");
}

/* Is the answer whole? It is one that ends with the decision. */
static bool answered(struct asker *a)
{
    ssize_t n = recv(a->fd, a->answer + a->got, sizeof(a->answer) - a->got, 0);

    if (n <= 0)
        fail("a connection ended");
    a->got += (size_t)n;
    if (a->got < sizeof(decision) - 1 ||
        memcmp(a->answer + a->got - (sizeof(decision) - 1), decision, sizeof(decision) - 1))
        return false;
    if (memcmp(a->answer, "HTTP/1.1 200", 12))
        fail("an answer that is not 200");
    return true;
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static void measure(const struct child *c, const char *name, const char *path, double offered,
                    double seconds)
{
    static char request[1024];
    struct epoll_event events[CONNECTIONS];
    int n = snprintf(request, sizeof(request),
                     "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
                     "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                     path, shown, sizeof(body) - 1, body);
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    double start, end, cpu;
    size_t sent = 0, done = 0;

    connect_all(c->port, epoll);
    cpu = cpu_us(c->pid);
    start = now_us();
    end = start + seconds * 1e6;
    for (;;) {
        double now = now_us();
        size_t due = offered > 0 ? (size_t)((now - start) * offered / 1e6) : SIZE_MAX;
        int got;

        if (now > end && (done == sent || now > end + 2e6))
            break;
        while (now < end && idle_n && sent < due && sent < LATENCIES_MAX) {
            ask(request, (size_t)n, offered > 0 ? start + (double)sent * 1e6 / offered : now);
            sent++;
        }
        got = epoll_wait(epoll, events, CONNECTIONS, offered > 0 && idle_n ? 0 : 1);
        now = now_us();
        for (int i = 0; i < got; i++) {
            struct asker *a = &askers[events[i].data.u32];

            if (!answered(a))
                continue;
            latencies[done++] = (float)(now - a->due);
            idle[idle_n++] = events[i].data.u32;
        }
    }
    cpu = cpu_us(c->pid) - cpu;
    qsort(latencies, done, sizeof(*latencies), by_value);
    printf("{\"server\":\"%s\",\"offered\":%.0f,\"a_second\":%.0f,\"median_ms\":%.2f,"
           "\"p99_ms\":%.2f,\"server_cpu_us\":%.2f}\n",
           name, offered, (double)done / seconds, done ? latencies[done / 2] / 1e3 : 0,
           done ? latencies[done * 99 / 100] / 1e3 : 0, done ? cpu / (double)done : 0);
    fflush(stdout);
    for (unsigned i = 0; i < CONNECTIONS; i++)
        close(askers[i].fd);
    close(epoll);
}

int main(int argc, char **argv)
{
    static const double rates[] = {0, 10000, 25000, 50000};
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 3;
    struct child servers[2];

    if (argc < 2)
        fail("a folder is wanted");
    signal(SIGPIPE, SIG_IGN);
    latencies = malloc(LATENCIES_MAX * sizeof(*latencies));
    if (!latencies)
        fail("no memory");
    make_keys(argv[1]);
    servers[0] = child_start("library", NULL);
    servers[1] = child_start("cordon", argv[1]);
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
        for (unsigned k = 0; k < 2; k++)
            measure(&servers[k], servers[k].name, "/v1/decide", rates[i], seconds);
    measure(&servers[1], "registering", "/v1/register", 0, seconds);
    for (unsigned k = 0; k < 2; k++) {
        kill(servers[k].pid, SIGKILL);
        waitpid(servers[k].pid, NULL, 0);
    }
    free(latencies);
    return 0;
}
