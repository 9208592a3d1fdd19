#include "serve/http_peer.h"

#include "support.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct http_server {
    void (*answer)(void *ctx, const char *body, struct http_answer *ret);
    void *ctx;
    int listening;
    char url[64];
    pthread_t threads[HTTP_THREADS];
    atomic_bool ended;
    atomic_int now, most;
};

/* Waits until there is something to read; false: the server ends. */
static bool readable(struct http_server *s, int fd)
{
    struct pollfd p = {fd, POLLIN, 0};

    while (!atomic_load(&s->ended))
        if (poll(&p, 1, 20) > 0)
            return true;
    return false;
}

/* One request into buffer; its body, or NULL at the connection's end. */
static char *request_read(struct http_server *s, int fd, char *buffer)
{
    size_t n = 0;

    for (;;) {
        char *end, *length;
        ssize_t got;

        buffer[n] = 0;
        end = strstr(buffer, "\r\n\r\n");
        if (end) {
            length = strcasestr(buffer, "\r\ncontent-length:");
            if (length && length < end &&
                n >= (size_t)(end + 4 - buffer) + strtoul(length + 17, NULL, 10))
                return end + 4;
        }
        if (n == HTTP_BODY_MAX || !readable(s, fd))
            return NULL;
        got = read(fd, buffer + n, HTTP_BODY_MAX - n);
        if (got <= 0)
            return NULL;
        n += (size_t)got;
    }
}

static bool write_all(int fd, const char *p, size_t n)
{
    while (n) {
        ssize_t some = send(fd, p, n, MSG_NOSIGNAL);

        if (some <= 0)
            return false;
        p += some;
        n -= (size_t)some;
    }
    return true;
}

/* false: the connection ends. */
static bool request_answer(struct http_server *s, int fd, const char *body)
{
    struct http_answer a = {.status = 200, .body = ""};
    int now = atomic_fetch_add(&s->now, 1) + 1, most = atomic_load(&s->most);
    char head[512];
    bool good = false;

    while (now > most && !atomic_compare_exchange_weak(&s->most, &most, now))
        ;
    s->answer(s->ctx, body, &a);
    for (int ms = 0; ms < a.pause_ms && !atomic_load(&s->ended); ms += 10) {
        struct timespec t = {0, 10000000};

        nanosleep(&t, NULL);
    }
    if (a.status) {
        snprintf(head, sizeof(head), "HTTP/1.1 %d x\r\nContent-Length: %zu\r\n%s\r\n", a.status,
                 strlen(a.body), a.headers ? a.headers : "");
        good = write_all(fd, head, strlen(head)) && write_all(fd, a.body, strlen(a.body) - a.cut) &&
               !a.cut;
    }
    free(a.owned);
    atomic_fetch_sub(&s->now, 1);
    return good;
}

static void *serve(void *ctx)
{
    struct http_server *s = ctx;
    char *buffer = malloc(HTTP_BODY_MAX + 1), *body;

    while (buffer && readable(s, s->listening)) {
        int fd = accept4(s->listening, NULL, NULL, SOCK_CLOEXEC);

        if (fd < 0)
            continue; /* another thread was faster */
        while ((body = request_read(s, fd, buffer)) && request_answer(s, fd, body))
            ;
        close(fd);
    }
    free(buffer);
    return NULL;
}

struct http_server *http_start(void (*answer)(void *ctx, const char *body, struct http_answer *ret),
                               void *ctx)
{
    struct http_server *s = calloc(1, sizeof(*s));
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t n = sizeof(a);

    CHECK(s);
    s->answer = answer;
    s->ctx = ctx;
    s->listening = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    CHECK(s->listening >= 0);
    CHECK(!bind(s->listening, (struct sockaddr *)&a, sizeof(a)));
    CHECK(!listen(s->listening, 64));
    CHECK(!getsockname(s->listening, (struct sockaddr *)&a, &n));
    snprintf(s->url, sizeof(s->url), "http://127.0.0.1:%d/key-of-somebody", ntohs(a.sin_port));
    for (int i = 0; i < HTTP_THREADS; i++)
        CHECK(!pthread_create(&s->threads[i], NULL, serve, s));
    return s;
}

const char *http_url(const struct http_server *s)
{
    return s->url;
}

int http_most(const struct http_server *s)
{
    return atomic_load(&s->most);
}

void http_end(struct http_server *s)
{
    atomic_store(&s->ended, true);
    for (int i = 0; i < HTTP_THREADS; i++)
        pthread_join(s->threads[i], NULL);
    close(s->listening);
    free(s);
}
