/* Starting and stopping; connections and their deadlines. */
#include "serve/server_parts.h"

#include "base/mem.h"
#include "serve/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define REAP_MS 100
#define GONE_ROUNDS 5
#define CONNECTION_BYTES ((size_t)24 << 10) /* what is read and written at once, and its headers */
#define PEM_BYTES_MAX ((size_t)1 << 20)
#define FILES_BESIDES 256 /* open files that are no connection */

int64_t server_now_ms(void)
{
    return (int64_t)(clock_steady_us() / 1000);
}

/* ---- connections ---- */

static void peer_text(struct MHD_Connection *c, char *to, size_t size)
{
    const union MHD_ConnectionInfo *i =
        MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *at = i ? i->client_addr : NULL;

    to[0] = 0;
    if (at && at->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)at)->sin_addr, to,
                  (socklen_t)size);
    if (at && at->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)at)->sin6_addr, to,
                  (socklen_t)size);
}

/* In the handshake: whose key it is, and whether there are too many of that key already. */
static bool key_admit(void *connection, const uint8_t key[TLS_KEY_N])
{
    struct connection *c = connection;
    struct server *s = c->server;
    unsigned n = 0;

    if (!s->options.known(s->options.node, key))
        return false;
    pthread_mutex_lock(&s->lock);
    for (const struct connection *o = s->connections; o; o = o->next)
        n += o->has_key && !memcmp(o->key, key, TLS_KEY_N);
    if (!s->options.connections_per_key || n < s->options.connections_per_key) {
        memcpy(c->key, key, TLS_KEY_N);
        c->has_key = true;
    }
    pthread_mutex_unlock(&s->lock);
    return c->has_key;
}

void server_cut(struct server *s)
{
    pthread_mutex_lock(&s->lock);
    for (struct connection *c = s->connections; c; c = c->next)
        if (c->has_key && !s->options.known(s->options.node, c->key))
            shutdown(c->fd, SHUT_RDWR);
    pthread_mutex_unlock(&s->lock);
}

static void connection_start(struct server *s, struct MHD_Connection *mhd, void **context)
{
    struct connection *c = mem_zero(sizeof(*c));
    const union MHD_ConnectionInfo *fd = MHD_get_connection_info(mhd,
                                                                 MHD_CONNECTION_INFO_CONNECTION_FD),
                                   *session;

    *context = NULL; /* without one, its requests are refused */
    if (!c || !fd) {
        mem_free(c);
        return;
    }
    *context = c;
    c->server = s;
    c->fd = fd->connect_fd;
    atomic_init(&c->deadline_ms, server_now_ms() + (int64_t)s->header_ms);
    atomic_init(&c->receiving, true);
    peer_text(mhd, c->peer, sizeof(c->peer));
    if (s->options.tls) {
        session = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_GNUTLS_SESSION);
        c->asking = (struct tls_asking){key_admit, c};
        c->tls = tls_begin(s->options.tls, session->tls_session, &c->asking);
    }
    metrics_connection(s->options.metrics, 1);
    pthread_mutex_lock(&s->lock);
    c->next = s->connections;
    if (c->next)
        c->next->before = c;
    s->connections = c;
    pthread_mutex_unlock(&s->lock);
}

/* Called before the socket is closed: behind it, the reaper does not know the descriptor. */
static void connection_end(struct server *s, void **context)
{
    struct connection *c = *context;

    if (!c)
        return;
    pthread_mutex_lock(&s->lock);
    if (c->before)
        c->before->next = c->next;
    else
        s->connections = c->next;
    if (c->next)
        c->next->before = c->before;
    pthread_mutex_unlock(&s->lock);
    metrics_connection(s->options.metrics, -1);
    if (c->tls)
        tls_end(s->options.tls, c->tls);
    *context = mem_free(c);
}

static void notify(void *server, struct MHD_Connection *c, void **context,
                   enum MHD_ConnectionNotificationCode code)
{
    switch (code) {
    case MHD_CONNECTION_NOTIFY_STARTED:
        connection_start(server, c, context);
        break;
    case MHD_CONNECTION_NOTIFY_CLOSED:
        connection_end(server, context);
        break;
    }
}

/* libmicrohttpd reads less than there is room for and waits for the next edge of epoll; the end of
 * what the other side sends, if it came before that read, makes none. So who went away in the
 * middle of a request is looked for here; twice, as a request that is whole may not be taken yet.
 */
static bool has_gone(struct connection *c)
{
    char byte;
    bool was = c->gone;

    c->gone = atomic_load(&c->receiving) && recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    return c->gone && was;
}

uint64_t server_wakes(const struct server *s)
{
    return s->options.wakes ? atomic_load(s->options.wakes) : 0;
}

/* Streams that may have something to send again, or have waited long enough. */
static void idle_wake(struct server *s)
{
    struct exchange **at = &s->idle;
    int64_t now = server_now_ms();

    while (*at) {
        struct exchange *x = *at;

        if (x->wakes == server_wakes(s) && now < x->idle_until_ms && !atomic_load(&s->stopping)) {
            at = &x->idle_next;
            continue;
        }
        *at = x->idle_next;
        MHD_resume_connection(x->mhd);
        atomic_fetch_sub(&s->suspended, 1);
    }
}

static void *reaper(void *server)
{
    struct server *s = server;

    pthread_mutex_lock(&s->lock);
    for (unsigned round = 0; !s->reaper_ends; round++) {
        struct timespec until;
        int64_t now = server_now_ms();

        idle_wake(s);
        for (struct connection *c = s->connections; c; c = c->next) {
            bool late = atomic_load(&c->deadline_ms) < now;

            if (!late && (round % GONE_ROUNDS || !has_gone(c)))
                continue;
            atomic_store(&c->deadline_ms, DEADLINE_NONE);
            shutdown(c->fd, SHUT_RDWR);
            if (late)
                metrics_refused(s->options.metrics);
        }
        clock_steady_in_ms(&until, REAP_MS);
        pthread_cond_timedwait(&s->wake, &s->lock, &until);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* ---- starting ---- */

/* Targets are decoded by http.c, from the bytes that came. */
static size_t as_it_is(void *ctx, struct MHD_Connection *c, char *text)
{
    (void)ctx;
    (void)c;
    return strlen(text);
}

static bool pem_read(const char *path, char *to, struct err *err)
{
    FILE *f = fopen(path, "re");
    size_t n;
    bool ok;

    if (!f)
        return err_system(err, "\"%s\"", path);
    n = fread(to, 1, PEM_BYTES_MAX - 1, f);
    to[n] = 0;
    ok = !ferror(f) && n < PEM_BYTES_MAX - 1;
    fclose(f);
    return ok || err_fail(err, ERR_INPUT, "\"%s\": no PEM file", path);
}

static void files_allow(unsigned connections)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur >= connections + FILES_BESIDES)
        return;
    files.rlim_cur = connections + FILES_BESIDES;
    if (files.rlim_max != RLIM_INFINITY && files.rlim_cur > files.rlim_max)
        files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
}

static bool daemon_start(struct server *s, struct MHD_OptionItem *tls, struct err *err)
{
    const struct server_options *o = &s->options;
    unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_TURBO |
                     (o->tls ? (unsigned)MHD_USE_TLS : 0) |
                     (o->at.ss_family == AF_INET6 ? (unsigned)MHD_USE_IPv6 : 0);

    errno = 0;
    s->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, exchange_handle, s, MHD_OPTION_URI_LOG_CALLBACK, exchange_start, s,
        MHD_OPTION_NOTIFY_COMPLETED, exchange_end, s, MHD_OPTION_NOTIFY_CONNECTION, notify, s,
        MHD_OPTION_UNESCAPE_CALLBACK, as_it_is, NULL, MHD_OPTION_SOCK_ADDR,
        (const struct sockaddr *)&o->at, MHD_OPTION_THREAD_POOL_SIZE,
        o->threads > 1 ? o->threads : 0u, MHD_OPTION_CONNECTION_LIMIT, o->limits.connections,
        MHD_OPTION_PER_IP_CONNECTION_LIMIT, o->limits.connections_per_peer,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, CONNECTION_BYTES, MHD_OPTION_CONNECTION_TIMEOUT,
        (unsigned)(o->limits.idle_ms / 1000 + 1), MHD_OPTION_LISTENING_ADDRESS_REUSE, 1u,
        MHD_OPTION_LISTEN_BACKLOG_SIZE, 1024u, MHD_OPTION_STRICT_FOR_CLIENT, 0, MHD_OPTION_ARRAY,
        tls, MHD_OPTION_END);
    return s->daemon || err_system(err, "cannot listen");
}

static bool daemon_start_pinned(struct server *s, struct err *err)
{
    const struct tls_pinned *p = s->options.tls_files.pinned;
    struct MHD_OptionItem tls[] = {
        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)p->certificate},
        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)p->key},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PINNED_PRIORITIES},
        {MHD_OPTION_END, 0, NULL},
    };

    return daemon_start(s, tls, err);
}

static bool daemon_start_tls(struct server *s, struct err *err)
{
    struct MHD_OptionItem plain[] = {{MHD_OPTION_END, 0, NULL}};
    const struct server_options *o = &s->options;
    char *certificate, *key;
    bool ok;

    if (!o->tls)
        return daemon_start(s, plain, err);
    if (o->tls_files.pinned)
        return daemon_start_pinned(s, err);
    certificate = mem_alloc(PEM_BYTES_MAX);
    key = mem_alloc(PEM_BYTES_MAX);
    ok = (certificate && key) || err_fail(err, ERR_NOMEM, "tls");
    ok = ok && pem_read(o->tls_files.certificate, certificate, err) &&
         pem_read(o->tls_files.key, key, err);
    if (ok) {
        struct MHD_OptionItem tls[] = {
            {MHD_OPTION_HTTPS_MEM_CERT, 0, certificate},
            {MHD_OPTION_HTTPS_MEM_KEY, 0, key},
            {MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES},
            {MHD_OPTION_END, 0, NULL},
        };

        ok = daemon_start(s, tls, err);
    }
    if (key)
        sodium_memzero(key, PEM_BYTES_MAX);
    mem_free(certificate);
    mem_free(key);
    return ok;
}

void server_limit(struct server *s, struct server_limits limits)
{
    s->header_ms = limits.header_ms;
    s->body_ms = limits.body_ms;
    s->idle_ms = limits.idle_ms;
    s->memory_max = limits.memory;
    s->spool_max = limits.spool;
}

static bool start(struct server *s, struct err *err)
{
    if (sodium_init() < 0)
        return err_fail(err, ERR_SYSTEM, "no source of randomness");
    snprintf(s->id_start, sizeof(s->id_start), "%08x%08x", randombytes_random(),
             randombytes_random());
    server_limit(s, s->options.limits);
    files_allow(s->options.limits.connections);
    if (!work_start(s, err))
        return false;
    errno = pthread_create(&s->reaper, NULL, reaper, s);
    if (errno)
        return err_system(err, "a thread for deadlines");
    s->reaping = true;
    return daemon_start_tls(s, err);
}

bool server_start(const struct server_options *options, struct server **ret, struct err *err)
{
    struct server *s = mem_zero(sizeof(*s));

    if (!s)
        return err_fail(err, ERR_NOMEM, "a server");
    s->options = *options;
    pthread_mutex_init(&s->lock, NULL);
    clock_cond_init(&s->wake);
    *ret = s; /* handlers may run before this returns */
    if (start(s, err))
        return true;
    *ret = server_stop(s);
    return false;
}

uint16_t server_port(const struct server *s)
{
    const union MHD_DaemonInfo *i = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_BIND_PORT);

    return i ? i->port : 0;
}

uint64_t server_memory(struct server *s)
{
    return atomic_load(&s->memory);
}

uint64_t server_waiting(struct server *s)
{
    return work_waiting(s);
}

/* ---- stopping ---- */

static void pause_ms(unsigned ms)
{
    struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000L};

    nanosleep(&t, NULL);
}

/* What runs is finished; then what waits is answered; then nothing is suspended any more, which
 * libmicrohttpd wants of who stops it. Nobody is let in from the beginning on, but the socket's
 * number is given back last, for libmicrohttpd's threads still use it. It is shut here, and not by
 * MHD_quiesce_daemon: that takes it out of each thread's epoll from outside, and where the thread
 * does so at the same moment, whichever is second aborts the process (0.9.75). The price: epoll
 * tells of a socket that is shut again and again, so these threads do not sleep until they end. */
static void drain(struct server *s)
{
    int64_t until = server_now_ms() + (int64_t)s->options.limits.stop_ms;
    const union MHD_DaemonInfo *i = MHD_get_daemon_info(s->daemon, MHD_DAEMON_INFO_LISTEN_FD);

    if (i)
        shutdown(i->listen_fd, SHUT_RDWR);
    while (atomic_load(&s->under_way) && server_now_ms() < until)
        pause_ms(5);
    work_stop(s);
    while (atomic_load(&s->suspended))
        pause_ms(1);
    until = server_now_ms() + 1000; /* for the answers of those */
    while (atomic_load(&s->under_way) && server_now_ms() < until)
        pause_ms(5);
    MHD_stop_daemon(s->daemon);
    while (atomic_load(&s->under_way)) /* what the audit log's thread still has to end */
        pause_ms(1);
}

struct server *server_stop(struct server *s)
{
    if (!s)
        return NULL;
    atomic_store(&s->stopping, true);
    if (s->daemon)
        drain(s);
    else
        work_stop(s);
    if (s->reaping) {
        pthread_mutex_lock(&s->lock);
        s->reaper_ends = true;
        pthread_cond_signal(&s->wake);
        pthread_mutex_unlock(&s->lock);
        pthread_join(s->reaper, NULL);
    }
    work_free(s->work);
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->wake);
    return mem_free(s);
}
