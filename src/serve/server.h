/* The server: sockets and libmicrohttpd on one side, routes (http.h) on the other.
 *
 *     request line -> headers -> [refuse] -> body -> run -> audit -> answer
 *                        |         |          |       |       |
 *                        |  route, key,       |   here, or    suspended until the lines
 *                        |  framing, limits   |   a worker    are durable
 *                   checked byte by byte   memory or an
 *                   against what came      unnamed file
 *
 * A few threads serve all sockets, and wait for nothing: a request that waits for a worker is
 * suspended; one that waits for its audit line is come by again in its thread's rounds while there
 * are others to answer, and then suspended. Every connection has a deadline for what it owes next
 * (handshake and headers, body, next request, reading its answer); one that misses it is cut.
 *
 * Stopping: no new connections; what runs is finished, for stop_ms at most; then all are closed.
 *
 * Threads:   server_start and server_stop one; handlers run in many. */
#ifndef CORDON_SERVE_SERVER_H
#define CORDON_SERVE_SERVER_H

#include "serve/audit.h"
#include "serve/http.h"
#include "serve/log.h"
#include "serve/metrics.h"
#include "serve/tls.h"
#include "store/store.h"

#include <stdatomic.h>
#include <sys/socket.h>

#define SERVER_CALLER_MAX 65
#define SERVER_STREAM_IDLE_MS 10000 /* after which a stream without news is asked again */

struct server_caller {
    char name[SERVER_CALLER_MAX];
    unsigned scopes;
    bool too_many; /* it asks more often than it may */
};

struct server_limits {
    unsigned connections, connections_per_peer, waiting;
    uint64_t memory, spool; /* bytes */
    uint64_t header_ms, body_ms, idle_ms, stop_ms;
};

struct server_options { /* all borrowed until server_stop */
    struct sockaddr_storage at;
    unsigned threads, workers;
    struct server_limits limits;
    const char *spool;               /* a folder */
    const struct http_route *routes; /* [routes_n] */
    void *const *parts;              /* [routes_n] each route's job.part; NULL: none */
    size_t routes_n;
    struct node *node;
    /* When it changes, streams that had nothing to send are asked again, within REAP_MS; NULL: they
     * wait their time. Not of the server, which ends before those do who change it. */
    atomic_uint_fast64_t *wakes;
    /* Whose is an API key? False: nobody's. Any thread. */
    bool (*who)(struct node *node, const char *shown, struct server_caller *ret);
    /* For HTTP_STORES: a worker opens its own. */
    bool (*store)(struct node *node, struct store **ret, struct err *err);
    uint64_t group_us; /* how long what it registers may be joined by others; 0: 5 ms */
    struct log *log;
    struct audit *audit;
    struct metrics *metrics;
    struct tls *tls; /* NULL: plain */
    struct tls_files tls_files;
    /* With pinned certificates: may this key come in? Asked in the handshake, by any thread. */
    bool (*known)(struct node *node, const uint8_t key[TLS_KEY_N]);
    unsigned connections_per_key; /* 0: any number */
};

struct server;

bool server_start(const struct server_options *options, struct server **ret,
                  struct err *err) MUST_USE;
struct server *server_stop(struct server *s); /* takes NULL, returns NULL */
uint16_t server_port(const struct server *s);
/* Ends the connections whose pinned key is not known any more. */
void server_cut(struct server *s);
void server_limit(struct server *s, struct server_limits limits); /* new ones, but connections */
uint64_t server_memory(struct server *s);  /* bytes of bodies and answers under way */
uint64_t server_waiting(struct server *s); /* requests that wait for a worker */

#endif
