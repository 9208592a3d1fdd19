/* What a decision costs over HTTP: an authenticated, audited, small POST, against the library
 * alone; and a node that decides about withdrawals, in peace and while its lists and its ledger
 * change.
 *
 *     bench_http FOLDER [SECONDS]
 *     bench_http HOME SECONDS CORDON CHAIN COMMAND
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
 * The second form starts CORDON as the node of HOME, which has lists, tags and a ledger of CHAIN,
 * and asks "POST /v1/withdrawals/check" about addresses of the ledger, drawn at random; at each
 * rate first alone ("node"), then while the shell runs COMMAND over and over ("node, changing"),
 * which prints a line for each thing that it has changed. tools/bench-node makes such a home, and
 * has a command that imports lists and appends blocks.
 *
 * Prints a JSON line a server and rate: requests a second, latency (median, 99th percentile), the
 * server's CPU time a request. On a machine with other work, compare the CPU times, and the two
 * servers with each other. */
#include "bench.h"

#include "chain/address_key.h"
#include "ledger/ledger.h"
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
#include <spawn.h>
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
#define ASKED 200000 /* addresses, in turn */
#define REQUEST_MAX 512
#define ANSWER_MAX 65536
#define READY_MS 600000

static const char body[] =
    "{\"chain\":\"bitcoin\",\"address\":\"12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S\"}",
                  decision[] =
                      "{\"decision\":\"ALLOW\",\"address\":\"12cbQLTFMXRnSzktFkuoG3eHoMeFtpTu3S\"}";
static char shown[KEY_TEXT_MAX];

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

/* ---- a node ---- */

static uint16_t node_listens(const char *log)
{
    static char text[65536];
    FILE *f = fopen(log, "re");
    const char *at;

    if (!f)
        fail(log);
    text[fread(text, 1, sizeof(text) - 1, f)] = 0;
    fclose(f);
    at = strstr(text, "(port ");
    return at ? (uint16_t)strtoul(at + 6, NULL, 10) : 0;
}

static bool node_ready(uint16_t port)
{
    static const char asked[] = "GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    char told[16] = "";
    bool ready;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ready = !connect(fd, (struct sockaddr *)&at, sizeof(at)) &&
            send(fd, asked, sizeof(asked) - 1, MSG_NOSIGNAL) > 0 && recv(fd, told, 12, 0) == 12 &&
            !memcmp(told, "HTTP/1.1 200", 12);
    close(fd);
    return ready;
}

static struct child node_start(const char *cordon, const char *home)
{
    const char *words[] = {cordon, "serve", "--home", home, "--listen", "127.0.0.1:0", NULL};
    struct child c = {.name = "node"};
    posix_spawn_file_actions_t files;
    double until = now_us() + READY_MS * 1e3;
    char log[4096];

    snprintf(log, sizeof(log), "%s/bench-node.log", home);
    if (posix_spawn_file_actions_init(&files) ||
        posix_spawn_file_actions_addopen(&files, STDERR_FILENO, log, O_WRONLY | O_CREAT | O_TRUNC,
                                         0600) ||
        posix_spawn(&c.pid, cordon, &files, NULL, (char *const *)words, environ))
        fail(cordon);
    posix_spawn_file_actions_destroy(&files);
    while (!c.port || !node_ready(c.port)) {
        if (now_us() > until || waitpid(c.pid, NULL, WNOHANG))
            fail("the node is not ready: see bench-node.log in its home");
        usleep(50000);
        c.port = node_listens(log);
    }
    return c;
}

static void node_key(const char *cordon, const char *home)
{
    char command[8192];
    FILE *f;

    snprintf(command, sizeof(command), "'%s' key add bench-%d --scope screen --home '%s'", cordon,
             (int)getpid(), home);
    f = popen(command, "re");
    if (!f || !fgets(shown, sizeof(shown), f) || pclose(f))
        fail("no key");
    shown[strcspn(shown, "\n")] = 0;
}

/* What changes meanwhile: the shell, in a group of its own, and what it has told. */
struct changing {
    pid_t pid; /* 0: nothing does */
    int told;
    unsigned changes;
};

static struct changing changing_start(const char *command)
{
    struct changing c = {.changes = 0};
    char loop[8192];
    int told[2];

    snprintf(loop, sizeof(loop), "while :; do %s\ndone", command);
    if (pipe2(told, O_CLOEXEC) || fcntl(told[0], F_SETFL, O_NONBLOCK))
        fail("pipe");
    c.told = told[0];
    c.pid = fork();
    if (!c.pid) {
        setpgid(0, 0);
        dup2(told[1], STDOUT_FILENO);
        execl("/bin/sh", "sh", "-c", loop, (char *)NULL);
        _exit(1);
    }
    setpgid(c.pid, c.pid);
    close(told[1]);
    return c;
}

/* How many things it has changed by now. */
static unsigned changes(struct changing *c)
{
    char text[4096];
    ssize_t n;

    while ((n = read(c->told, text, sizeof(text))) > 0)
        for (ssize_t i = 0; i < n; i++)
            c->changes += text[i] == '\n';
    return c->changes;
}

static void changing_end(struct changing *c)
{
    kill(-c->pid, SIGTERM);
    waitpid(c->pid, NULL, 0);
    close(c->told);
}

/* ---- what is asked ---- */

struct request {
    char text[REQUEST_MAX];
    size_t n;
};

static struct request *requests;
static size_t requests_n, requests_at;

static void request_put(const char *path, const char *json)
{
    struct request *r = &requests[requests_n++];

    r->n = (size_t)snprintf(r->text, sizeof(r->text),
                            "POST %s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
                            "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                            path, shown, strlen(json), json);
}

static void request_one(const char *path)
{
    requests_n = requests_at = 0;
    request_put(path, body);
}

static void requests_draw(const char *home, const char *chain)
{
    char path[4096], json[256];
    struct ledger *l;
    struct err err;

    snprintf(path, sizeof(path), "%s/%s", home, chain);
    if (!ledger_open(path, &l, &err) || !ledger_counts(l).scripts)
        fail(err.text);
    while (requests_n < ASKED) {
        uint8_t buffer[SCRIPT_FORM_MAX];
        struct address_key key;
        struct bytes script;

        if (!ledger_script(l, (uint32_t)below(ledger_counts(l).scripts), buffer, &script) ||
            !address_key_of(ledger_chain(l), script, &key))
            continue;
        snprintf(json, sizeof(json), "{\"chain\":\"%s\",\"address\":\"%s\",\"account\":\"c-%u\"}",
                 chain, key.text, (unsigned)below(100000));
        request_put("/v1/withdrawals/check", json);
    }
    ledger_close(l);
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

/* The generator's own, which runs on the same processors. */
static double own_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* ---- asking ---- */

struct asker {
    int fd;
    size_t got; /* bytes of the answer so far */
    double due;
    char answer[ANSWER_MAX];
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

        askers[i].fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        if (connect(askers[i].fd, (struct sockaddr *)&at, sizeof(at)) ||
            fcntl(askers[i].fd, F_SETFL, O_NONBLOCK) ||
            epoll_ctl(epoll, EPOLL_CTL_ADD, askers[i].fd, &e))
            fail("connect");
        idle[idle_n++] = i;
    }
}

static void ask(double due)
{
    const struct request *r = &requests[requests_at++ % requests_n];
    struct asker *a = &askers[idle[--idle_n]];

    a->due = due;
    a->got = 0;
    if (send(a->fd, r->text, r->n, MSG_NOSIGNAL) != (ssize_t)r->n)
        fail("send");
}

/* Is the answer whole? */
static bool answered(struct asker *a)
{
    static const char length[] = "\r\nContent-Length: ";
    ssize_t n = recv(a->fd, a->answer + a->got, sizeof(a->answer) - 1 - a->got, 0);
    const char *end, *told;

    if (n <= 0)
        fail("a connection ended");
    a->got += (size_t)n;
    a->answer[a->got] = 0;
    end = strstr(a->answer, "\r\n\r\n");
    if (!end)
        return false;
    if (memcmp(a->answer, "HTTP/1.1 200", 12))
        fail("an answer that is not 200");
    told = strstr(a->answer, length);
    if (!told || told > end)
        fail("an answer without a length");
    return a->got == (size_t)(end + 4 - a->answer) + strtoul(told + sizeof(length) - 1, NULL, 10);
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

/* For us at most, and 1 ms: one that asked all the time would take a processor from the server. */
static int wait_some(int epoll, struct epoll_event *events, double us)
{
    struct timespec t = {0, us < 0 ? 0 : us > 1e3 ? 1000000L : (long)(us * 1e3)};

    return epoll_pwait2(epoll, events, CONNECTIONS, &t, NULL);
}

/* command: what runs over and over meanwhile, for longer if nothing has changed yet; NULL: nothing.
 */
static void measure(const struct child *c, const char *name, const char *command, double offered,
                    double seconds)
{
    struct epoll_event events[CONNECTIONS];
    struct changing changing = {.pid = 0};
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    double start, end, cpu, own;
    size_t sent = 0, done = 0;

    connect_all(c->port, epoll);
    if (command)
        changing = changing_start(command);
    cpu = cpu_us(c->pid);
    own = own_us();
    start = now_us();
    end = start + seconds * 1e6;
    for (;;) {
        double now = now_us();
        size_t due = offered > 0 ? (size_t)((now - start) * offered / 1e6) : SIZE_MAX;
        int got;

        if (now > end && command && !changes(&changing) && now < start + 20e6 * seconds)
            end = now + 1e6;
        if (now > end && (done == sent || now > end + 2e6))
            break;
        while (now < end && idle_n && sent < due && sent < LATENCIES_MAX) {
            ask(offered > 0 ? start + (double)sent * 1e6 / offered : now);
            sent++;
        }
        got = wait_some(epoll, events,
                        offered > 0 && idle_n ? start + (double)sent * 1e6 / offered - now : 1e3);
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
    own = own_us() - own;
    qsort(latencies, done, sizeof(*latencies), by_value);
    printf("{\"server\":\"%s\",\"offered\":%.0f,\"a_second\":%.0f,\"median_ms\":%.2f,"
           "\"p99_ms\":%.2f,\"server_cpu_us\":%.2f,\"generator_cpu_us\":%.2f",
           name, offered, (double)done / (end - start) * 1e6, done ? latencies[done / 2] / 1e3 : 0,
           done ? latencies[done * 99 / 100] / 1e3 : 0, done ? cpu / (double)done : 0,
           done ? own / (double)done : 0);
    if (command) {
        printf(",\"s\":%.1f,\"changes\":%u", (end - start) / 1e6, changes(&changing));
        changing_end(&changing);
    }
    puts("}");
    fflush(stdout);
    for (unsigned i = 0; i < CONNECTIONS; i++)
        close(askers[i].fd);
    close(epoll);
}

static const double rates[] = {0, 1000, 10000, 25000, 50000};
#define RATES_N (sizeof(rates) / sizeof(rates[0]))

static void child_end(const struct child *c)
{
    kill(c->pid, SIGKILL);
    waitpid(c->pid, NULL, 0);
}

static void servers_measure(const char *folder, double seconds)
{
    struct child servers[2];

    make_keys(folder);
    servers[0] = child_start("library", NULL);
    servers[1] = child_start("cordon", folder);
    request_one("/v1/decide");
    for (size_t i = 0; i < RATES_N; i++)
        for (unsigned k = 0; k < 2; k++)
            measure(&servers[k], servers[k].name, NULL, rates[i], seconds);
    request_one("/v1/register");
    measure(&servers[1], "registering", NULL, 0, seconds);
    for (unsigned k = 0; k < 2; k++)
        child_end(&servers[k]);
}

static void node_measure(const char *home, double seconds, const char *cordon, const char *chain,
                         const char *command)
{
    struct child node;

    node_key(cordon, home);
    requests_draw(home, chain);
    node = node_start(cordon, home);
    for (size_t i = 0; i < RATES_N; i++) {
        measure(&node, "node", NULL, rates[i], seconds);
        measure(&node, "node, changing", command, rates[i], seconds);
    }
    child_end(&node);
}

int main(int argc, char **argv)
{
    double seconds = argc > 2 ? strtod(argv[2], NULL) : 3;

    if (argc < 2 || (argc > 3 && argc != 6))
        fail("FOLDER [SECONDS], or HOME SECONDS CORDON CHAIN COMMAND");
    signal(SIGPIPE, SIG_IGN);
    latencies = malloc(LATENCIES_MAX * sizeof(*latencies));
    requests = malloc(ASKED * sizeof(*requests));
    if (!latencies || !requests)
        fail("no memory");
    if (argc == 6)
        node_measure(argv[1], seconds, argv[3], argv[4], argv[5]);
    else
        servers_measure(argv[1], seconds);
    free(latencies);
    free(requests);
    return 0;
}
