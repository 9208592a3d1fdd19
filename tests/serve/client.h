/* A client that sends what no decent client would: bytes over a socket, and what comes back. */
#ifndef CORDON_TESTS_SERVE_CLIENT_H
#define CORDON_TESTS_SERVE_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CLIENT_WAIT_MS 120000 /* no answer for so long: the test fails */

struct reply {
    int status;    /* 0: the connection ended before a status line */
    char *headers; /* with the status line */
    char *body;    /* chunks put together; NUL-terminated */
    size_t body_n;
    bool whole; /* as long as it said, or with its last chunk */
};

int client_open(uint16_t port);
bool client_refused(uint16_t port);                /* nobody listens there */
void client_send(int fd, const void *p, size_t n); /* stops where the other end has closed */
void client_say(int fd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
struct reply client_read(int fd); /* one answer; ends with reply_free */
bool client_ended(int fd);        /* waits for the other end to close */
void reply_free(struct reply *r);
/* Opens, says, reads, closes. */
struct reply client_ask(uint16_t port, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *reply_header(const struct reply *r, const char *name, char *to, size_t size);

#endif
