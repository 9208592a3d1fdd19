/* A small HTTP server in a thread of the test, whose answers the test makes up.
 *
 * It takes one connection at a time in each of a few threads, keeps it for further requests, and
 * calls answer for each. What is left out of HTTP is what the client under test does not send. */
#ifndef CORDON_TESTS_SERVE_HTTP_PEER_H
#define CORDON_TESTS_SERVE_HTTP_PEER_H

#include <stdatomic.h>
#include <stddef.h>

#define HTTP_THREADS 8
#define HTTP_BODY_MAX ((size_t)1 << 20)

struct http_answer {
    int status;          /* 0: the connection is closed without an answer */
    const char *headers; /* each line ended by CRLF; may be NULL */
    const char *body;
    char *owned;  /* freed once it is sent; may be NULL */
    size_t cut;   /* so many bytes of the body are not sent; the connection closes */
    int pause_ms; /* before it */
};

struct http_server;

/* answer may be called from several threads at once. */
struct http_server *http_start(void (*answer)(void *ctx, const char *body, struct http_answer *ret),
                               void *ctx);
const char *http_url(const struct http_server *s);
int http_most(const struct http_server *s); /* requests that were under way at once, at most */
void http_end(struct http_server *s);

#endif
