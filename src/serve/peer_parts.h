/* What the files of the peers share: peer.c has what is known of each, peer_serve.c answers them,
 * peer_pull.c asks them, peer_receipt.c tells them what came, peer_client.c carries that,
 * peer_notes.c signs checkpoints. */
#ifndef CORDON_SERVE_PEER_PARTS_H
#define CORDON_SERVE_PEER_PARTS_H

#include "serve/peer.h"
#include "serve/peer_wire.h"

#include <pthread.h>
#include <stdatomic.h>

#define PEER_KEYS_MAX 16 /* node keys of a member */
#define PEER_FAILING_MAX 200

struct bucket { /* bytes that may go now; beyond them there is a debt to wait for */
    int64_t left;
    uint64_t at_us;
};

#define PEER_FRESH_MAX 1024

struct peer_fresh { /* how far a stream came that the peer told of, and was not told yet */
    struct stream_id stream;
    uint64_t seq;
    struct hash32 id;
};

struct peer {
    struct peers *peers;
    char member[GROUP_NAME_MAX + 1];
    _Atomic(const struct config_peer *) config; /* NULL: it is not asked, it asks */
    pthread_t thread;
    bool running;             /* of whoever reads the configuration */
    struct group_sender from; /* under live_group_write */
    /* of its thread */
    struct peer_cursor cursor, acknowledged;
    uint64_t receipt_us;                     /* when one was sent last */
    uint64_t pushed, looked;                 /* rows that went out; that were looked at */
    uint64_t notes_looked;                   /* checkpoints, too */
    struct peer_fresh fresh[PEER_FRESH_MAX]; /* [fresh_n] the oldest first */
    size_t fresh_n;
    /* under peers.lock */
    bool ask; /* at once */
    uint64_t contact_ms, taken, apart, over, failures;
    char failing[PEER_FAILING_MAX]; /* why it cannot be reached; "": it can */
    uint64_t receipt_row, receipt_ms, received_us;
    struct bucket in, out;
};

struct peers {
    struct node *node;
    struct live_group *group;
    struct log *log, *quiet; /* quiet: of the listener, without a line for each request */
    struct signer signer;
    bool has_signer;
    uint8_t cursor_key[32];
    char certificate[TLS_PEM_MAX], key[TLS_PEM_MAX];
    struct tls_pinned pinned;
    struct tls *tls;
    struct metrics *metrics;
    _Atomic(struct server *) server;
    struct store *store; /* under store_lock */
    pthread_mutex_t store_lock, lock;
    pthread_cond_t wake;
    struct peer *list[PEERS_MAX];
    size_t n;
    /* whom the configuration names: read anew, it is another list; this one stays till the end */
    _Atomic(const struct config_peers *) named;
    struct arena *names;
    struct hash32 charter; /* in force when connections were looked at last; under lock */
    pthread_t notes_thread;
    bool notes_running;
    _Atomic(uint64_t) notes_signed, notes_countersigned;
    size_t split_n; /* of which two histories were shown, when that was told last; under lock */
    atomic_bool stopping;
};

/* peer.c */
struct peer *peer_of(struct peers *all, const char *member); /* made if it is new; NULL: no room */
/* Whose node key it is: of an active member, or as the configuration says. */
bool peers_member(struct peers *p, const uint8_t key[32], char ret[GROUP_NAME_MAX + 1]);
bool peer_is_known(struct node *node, const uint8_t key[32]);
/* Takes n bytes; how long to wait until that many may go again. Both under peers.lock. */
uint64_t bucket_take(struct bucket *b, uint64_t rate, uint64_t n);
uint64_t bucket_wait_ms(struct bucket *b, uint64_t rate);
void peer_heard(struct peer *p, const struct group_log_counts *c);
bool peer_cursor_save(struct peer *p, struct err *err) MUST_USE;
/* text: as it was signed */
bool peer_receipt_save(struct peer *p, const struct receipt *r, struct bytes text, uint64_t row,
                       struct err *err) MUST_USE;
/* The first bytes of the charter in force; zeros: none. */
void charter_mark(const struct fold *f, uint8_t ret[16]);

/* peer_notes.c */
void *peer_notes_run(void *peers);
void peer_splits_look(struct peers *p);

/* peer_serve.c */
bool peers_listen(struct peers *p, const struct config *c, struct err *err) MUST_USE;

/* peer_pull.c */
bool peer_ends(const struct peer *p); /* the node does, or nobody asks it any more */
void *peer_run(void *peer);

/* peer_client.c: requests to one peer, whose key is pinned */
struct peer_client;
bool peer_client_open(struct peer *p, const char *url, const struct key32 *keys, size_t keys_n,
                      struct peer_client **ret, struct err *err) MUST_USE;
struct peer_client *peer_client_close(struct peer_client *c);
/* body NULL: GET. The answer is borrowed until the next call. ERR_LIMIT: later. */
bool peer_client_ask(struct peer_client *c, const char *path, const struct bytes *body,
                     struct bytes *ret, struct err *err) MUST_USE;

/* peer_receipt.c: of the peer's thread */
void peer_fresh_begin(struct peer *p); /* what was not told before the node ended */
void peer_fresh_put(struct peer *p, const struct event *e); /* it came from the peer */
bool peer_acknowledge(struct peer *p, struct peer_client *client, struct err *err) MUST_USE;

#endif
