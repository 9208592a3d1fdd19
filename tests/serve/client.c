#include "client.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

/* -1: errno says why not. */
static int open_to(uint16_t port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int why;

    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd < 0 || !connect(fd, (struct sockaddr *)&at, sizeof(at)))
        return fd;
    why = errno;
    close(fd);
    errno = why;
    return -1;
}

int client_open(uint16_t port)
{
    int fd = open_to(port);

    if (fd < 0) {
        perror("client");
        abort();
    }
    return fd;
}

bool client_refused(uint16_t port)
{
    int fd = open_to(port);

    if (fd < 0)
        return errno == ECONNREFUSED;
    close(fd);
    return false;
}

void client_send(int fd, const void *p, size_t n)
{
    const char *at = p;

    while (n) {
        ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);

        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return;
        at += sent;
        n -= (size_t)sent;
    }
}

static void say(int fd, const char *fmt, va_list args)
{
    char text[65536];
    int n = vsnprintf(text, sizeof(text), fmt, args);

    client_send(fd, text, (size_t)n);
}

void client_say(int fd, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    say(fd, fmt, args);
    va_end(args);
}

struct gathered {
    char *p;
    size_t n, size;
};

/* One byte at a time where lines are read, so that nothing of the next answer is taken. */
static bool more(int fd, struct gathered *g, size_t wanted)
{
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    ssize_t got;

    if (!g->p || g->n + wanted + 1 > g->size) {
        g->size = (g->n + wanted + 1) * 2;
        g->p = realloc(g->p, g->size);
        if (!g->p)
            abort();
    }
    if (poll(&wait, 1, CLIENT_WAIT_MS) <= 0) {
        fprintf(stderr, "client: no answer\n");
        return false;
    }
    got = recv(fd, g->p + g->n, wanted, 0);
    if (got <= 0)
        return false;
    g->n += (size_t)got;
    g->p[g->n] = 0;
    return true;
}

static bool exactly(int fd, struct gathered *g, size_t n)
{
    size_t until = g->n + n;

    while (g->n < until)
        if (!more(fd, g, until - g->n))
            return false;
    return true;
}

static bool line(int fd, struct gathered *g)
{
    do
        if (!more(fd, g, 1))
            return false;
    while (g->p[g->n - 1] != '\n');
    return true;
}

static bool chunks(int fd, struct gathered *body)
{
    for (;;) {
        struct gathered size = {NULL, 0, 0};
        bool ok = line(fd, &size);
        unsigned long n = ok ? strtoul(size.p, NULL, 16) : 0;

        free(size.p);
        if (!ok || (n && !exactly(fd, body, n)))
            return false;
        size = (struct gathered){NULL, 0, 0};
        ok = exactly(fd, &size, 2);
        free(size.p);
        if (!ok || !n)
            return ok;
    }
}

const char *reply_header(const struct reply *r, const char *name, char *to, size_t size)
{
    size_t n = strlen(name);

    to[0] = 0;
    for (const char *at = r->headers; at; at = strstr(at, "\r\n")) {
        at += *at == '\r' ? 2 : 0;
        if (!strncasecmp(at, name, n) && at[n] == ':') {
            size_t value_n = strcspn(at + n + 2, "\r\n");

            snprintf(to, size, "%.*s", (int)value_n, at + n + 2);
            return to;
        }
    }
    return to;
}

struct reply client_read(int fd)
{
    struct gathered head = {NULL, 0, 0}, body = {NULL, 0, 0};
    struct reply r = {0};
    char value[64];

    do
        if (!line(fd, &head)) {
            free(head.p);
            return r;
        }
    while (head.n < 4 || memcmp(head.p + head.n - 4, "\r\n\r\n", 4));
    r.headers = head.p;
    sscanf(head.p, "HTTP/1.1 %d", &r.status);
    if (r.status == 100) {
        free(head.p);
        return client_read(fd);
    }
    if (!strcasecmp(reply_header(&r, "Transfer-Encoding", value, sizeof(value)), "chunked"))
        r.whole = chunks(fd, &body);
    else
        r.whole = exactly(
            fd, &body, strtoul(reply_header(&r, "Content-Length", value, sizeof(value)), NULL, 10));
    r.body = body.p ? body.p : strdup("");
    r.body_n = body.n;
    return r;
}

bool client_ended(int fd)
{
    struct gathered g = {NULL, 0, 0};
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    bool ended = false;

    while (poll(&wait, 1, CLIENT_WAIT_MS) > 0)
        if (!more(fd, &g, 4096)) {
            ended = true;
            break;
        }
    free(g.p);
    return ended;
}

void reply_free(struct reply *r)
{
    free(r->headers);
    free(r->body);
    *r = (struct reply){0};
}

struct reply client_ask(uint16_t port, const char *fmt, ...)
{
    int fd = client_open(port);
    struct reply r;
    va_list args;

    va_start(args, fmt);
    say(fd, fmt, args);
    va_end(args);
    r = client_read(fd);
    close(fd);
    return r;
}
