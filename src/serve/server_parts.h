/* What the files of the server share: a request on its way (exchange), a connection, the server.
 *
 * server.c starts and stops, and has the connections; server_exchange.c takes a request from its
 * first byte to its last; server_work.c runs it. */
#ifndef CORDON_SERVE_SERVER_PARTS_H
#define CORDON_SERVE_SERVER_PARTS_H

#include "serve/server.h"

#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>

#define DEADLINE_NONE INT64_MAX
#define DETAIL_MAX ERR_TEXT_MAX

struct connection {
    struct connection *next, *before;
    struct server *server;
    struct tls_credentials *tls;
    struct tls_asking asking;
    bool has_key;                    /* set in the handshake, once */
    uint8_t key[TLS_KEY_N];          /* of the other's pinned certificate */
    atomic_int_fast64_t deadline_ms; /* of the steady clock */
    atomic_bool receiving;           /* a request, or waiting for one */
    bool gone;                       /* the reaper's: its other end had closed */
    int fd;
    char peer[INET6_ADDRSTRLEN];
};

enum exchange_stage {
    STAGE_LINE,    /* the request line is there */
    STAGE_BODY,    /* headers are read; what follows is its body, or its end */
    STAGE_RUNNING, /* a worker has it, or the audit log */
    STAGE_ANSWER,  /* ready to be sent */
    STAGE_SENDING, /* as it is, or chunk by chunk */
};

/* Who has an exchange whose audit lines are being written: its socket's thread, which comes by in
 * each of its rounds; nobody, until the log's thread resumes it; or the log's thread, which ends
 * it, for its connection has ended. */
enum exchange_wait { WAIT_NONE, WAIT_ROUNDS, WAIT_SUSPENDED, WAIT_DONE, WAIT_LEFT };

struct exchange {
    struct exchange *next; /* in the workers' queue */
    struct exchange *keyed_next;
    const char *key; /* the Idempotency-Key; NULL: none */
    struct server *server;
    struct connection *connection;
    struct MHD_Connection *mhd;
    const char *line; /* the target, where libmicrohttpd has it */
    struct http_job job;
    const struct http_route *route; /* NULL: none, and it is refused, or asks for its options */
    enum exchange_stage stage;
    uint64_t start_us;
    unsigned refused; /* the status with which it ends before it runs; 0: it runs */
    char detail[DETAIL_MAX], id[HTTP_ID_MAX + 1], caller[SERVER_CALLER_MAX], allow[64];
    bool closes;  /* the connection cannot go on behind it */
    bool options; /* asks what could be asked */
    bool counted; /* among those under way */
    /* the body, while it comes */
    uint8_t *body;
    size_t body_size;
    uint64_t body_max, excess, memory, spooled;
    int body_fd;
    /* audit entries that are not durable yet, and whether one failed */
    struct audit_entry entries[HTTP_AUDITS_MAX];
    atomic_uint entries_left;
    atomic_bool entry_failed;
    _Atomic(enum exchange_wait) wait;
    uint64_t wait_begun; /* requests that its thread had begun when it came by last, */
    unsigned wait_quiet; /* and how often there was none since the time before */
    /* a streamed answer */
    struct text chunk;
    size_t chunk_at;
    bool chunk_last, chunk_failed;
    bool pulled;                /* chunk is what it was asked for last */
    struct exchange *idle_next; /* it has nothing to send now, and is suspended */
    uint64_t wakes;             /* of the options, when it was asked last */
    int64_t idle_until_ms;
};

struct work;

struct server {
    struct server_options options;
    struct MHD_Daemon *daemon;
    pthread_mutex_t lock; /* of connections, idle streams and stopping */
    struct exchange *idle;
    pthread_cond_t wake;
    struct connection *connections;
    pthread_t reaper;
    bool reaping, reaper_ends;
    struct work *work;
    atomic_bool stopping;
    atomic_uint_fast64_t under_way, suspended, memory, spooled, ids;
    _Atomic(uint64_t) header_ms, body_ms, idle_ms, memory_max, spool_max;
    char id_start[17];
};

int64_t server_now_ms(void);
uint64_t server_wakes(const struct server *s); /* as options.wakes says */

/* server_exchange.c: libmicrohttpd's callbacks */
void *exchange_start(void *server, const char *uri, struct MHD_Connection *c);
enum MHD_Result exchange_handle(void *server, struct MHD_Connection *c, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_n, void **exchange);
void exchange_end(void *server, struct MHD_Connection *c, void **exchange,
                  enum MHD_RequestTerminationCode code);
void exchange_free(struct exchange *x); /* when its connection has nothing to do with it any more */

/* server_work.c */
bool work_start(struct server *s, struct err *err) MUST_USE;
void work_stop(struct server *s);       /* what still waits is answered with 503 */
struct work *work_free(struct work *w); /* when no connection is left that might ask */
uint64_t work_waiting(struct server *s);
/* Both run here or in a worker. True: the answer (the next chunk of it) is ready now; false: the
 * connection is suspended, and will be resumed; or, of a run, exchange_waited is to be asked in the
 * next round. */
bool exchange_run(struct exchange *x);
bool exchange_pull(struct exchange *x);
/* True: its answer is ready now. */
bool exchange_waited(struct exchange *x);
/* Its connection has ended. True: so may it; false: the audit log's thread ends it. */
bool exchange_leave(struct exchange *x);
/* False: the server ends, and nothing may begin to wait. */
bool exchange_suspend(struct exchange *x);

#endif
