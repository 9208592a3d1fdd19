/* JSON over HTTP(S) to a node: bodies out, answers in, several under way at once.
 *
 * A request has a ticket from rpc_send until rpc_done. Requests go on while any of them is waited
 * for. What a network does is met here: a connection that fails, a timeout, and the statuses 408,
 * 429 and 5xx are tried again after a pause that doubles (Retry-After counts where it is longer);
 * any other status, and an answer that is too long, are errors at once. What a node says in an
 * answer is the caller's (chain/evm/rpc.h).
 *
 * Requests under way are bounded by options.in_flight, their answers by answer_max each. Redirects
 * are not followed; certificates are checked. A URL may carry a key: errors name its host alone.
 * A user and password come from the URL, or from a cookie file as Bitcoin Core writes one, which is
 * read again when they are refused.
 * Ownership: bodies are copied; an answer is borrowed until rpc_done.
 * Errors:    ERR_USAGE not an http URL; ERR_SYSTEM the network or the node's status; ERR_LIMIT an
 *            answer too long (or status 413); ERR_NOMEM.
 * Threads:   one caller a client. */
#ifndef CORDON_SERVE_RPC_CLIENT_H
#define CORDON_SERVE_RPC_CLIENT_H

#include "base/bytes.h"
#include "base/err.h"

#include <stdatomic.h>

#define RPC_IN_FLIGHT_MAX 32
#define RPC_IN_FLIGHT 6
#define RPC_ANSWER_BYTES_MAX ((size_t)512 << 20)
#define RPC_TRIES 6
#define RPC_PAUSE_MS 250
#define RPC_PAUSE_MS_MAX 30000
#define RPC_CONNECT_MS 10000
#define RPC_IDLE_MS 60000
#define RPC_TOTAL_MS 600000
#define RPC_HOST_MAX 300

struct rpc_options { /* 0: as above */
    unsigned in_flight;
    unsigned tries;          /* of one request, all together */
    unsigned pause_ms;       /* before the second try; doubles up to RPC_PAUSE_MS_MAX */
    unsigned connect_ms;     /* to connect */
    unsigned idle_ms;        /* without a byte */
    unsigned total_ms;       /* one try as a whole */
    size_t answer_max;       /* bytes, unpacked */
    const char *cookie;      /* a file with user:password, or NULL; borrowed */
    const atomic_bool *stop; /* NULL, or set by another thread: waiting ends with an error */
};

struct rpc_client;

/* Scheme, host and port of a URL; what else stands in it may be secret. */
bool rpc_host(const char *url, char ret[RPC_HOST_MAX], struct err *err) MUST_USE;

bool rpc_client_open(const char *url, struct rpc_options options, struct rpc_client **ret,
                     struct err *err) MUST_USE;
struct rpc_client *rpc_client_close(struct rpc_client *c);
const char *rpc_client_host(const struct rpc_client *c); /* "http://127.0.0.1:8545" */
unsigned rpc_client_room(const struct rpc_client *c);    /* how many more may be sent now */

/* There must be room. */
bool rpc_send(struct rpc_client *c, const char *body, size_t n, unsigned *ret_ticket,
              struct err *err) MUST_USE;
/* The same to a path behind the URL's own: "/wallet/getnowblock". */
bool rpc_send_to(struct rpc_client *c, const char *path, const char *body, size_t n,
                 unsigned *ret_ticket, struct err *err) MUST_USE;
/* After an error the ticket is done, too. */
bool rpc_wait(struct rpc_client *c, unsigned ticket, struct bytes *ret, struct err *err) MUST_USE;
void rpc_done(struct rpc_client *c, unsigned ticket); /* answered or not */
uint64_t rpc_client_sent(const struct rpc_client *c); /* all requests so far */
/* A pause between whole answers, as a node may ask for one in its words; ends early with stop. */
bool rpc_client_pause(struct rpc_client *c, unsigned ms, struct err *err) MUST_USE;

#endif
