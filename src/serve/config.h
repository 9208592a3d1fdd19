/* cordon.yaml: what a node is told. docs/cordon.example.yaml explains every key.
 *
 * The file is a mapping of scalars, lists of scalars, sections that are such mappings, and lists of
 * such mappings (peers, follow). It is read strictly: an unknown key, one given twice, a value that
 * is not of its kind or out of range, an anchor, alias or tag ends with the file, the line and the
 * cause. A key that is not there has its default.
 *
 * Ownership: texts live in the arena given.
 * Errors:    ERR_INPUT with the line, ERR_NOT_FOUND, ERR_SYSTEM, ERR_LIMIT the file is too large.
 * Threads:   safe. */
#ifndef CORDON_SERVE_CONFIG_H
#define CORDON_SERVE_CONFIG_H

#include "base/arena.h"
#include "base/err.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define CONFIG_BYTES_MAX ((size_t)1 << 20)
#define CONFIG_LIST_MAX 64
#define NODE_STORE "serve.sqlite" /* files in home */
#define NODE_AUDIT "audit.jsonl"
#define CONFIG_LISTEN "127.0.0.1:8117"

struct config_list {
    const char *at[CONFIG_LIST_MAX];
    size_t n;
};

struct config_peer { /* a member of the group that this node asks */
    const char *member, *url;
    const char *key; /* of its node, for a home without a charter; or NULL */
};

struct config_peers {
    struct config_peer at[CONFIG_LIST_MAX];
    size_t n;
};

#define CONFIG_FOLLOW_MAX 16
#define CONFIG_FOLLOW_URLS_MAX 8

struct config_follow { /* a chain that the node follows (serve/follow.h) */
    const char *chain;
    struct config_list urls; /* of nodes, the preferred one first */
    const char *cookie;      /* a file with user:password; NULL: none */
    const char *folder;      /* of a bank's messages; NULL: none */
    const char *commitment;  /* of Solana: "finalized" or "confirmed" */
    const char *check;       /* "txid" or "full", as cordon ingest has it */
    const char *zmq, *ws;    /* where a node tells of new blocks; NULL: nowhere */
    bool pending;            /* by ws transactions, too, that are in no block yet */
    uint64_t poll_ms;
    uint64_t agree; /* so many nodes must have a block */
    uint64_t from;  /* where an empty ledger begins */
};

#define CONFIG_CHANNELS_MAX 16

/* Where somebody is told something (serve/courier.h). What is not said is NULL, or empty. */
struct config_channel {
    const char *name, *url;
    const char *secret;       /* a file: what signs, one key a line */
    const char *ca;           /* PEM: authorities beside those of the system */
    const char *from, *login; /* of mail: the sender; a file with user:password */
    struct config_list to;    /* of mail: addresses, or "oncall" */
    struct config_list kinds; /* that are told; empty: all */
    const char *least;        /* severity: "info", "warning", "critical" */
    bool restricted;          /* what is said to some of the group alone is told in full, too */
};

struct config {
    const char *listen;         /* address:port, numeric; port 0: any */
    bool plain;                 /* beyond loopback without TLS, behind a proxy that has it */
    const char *home;           /* NULL: as the commands (CORDON_HOME) */
    struct config_list ledgers; /* folders, or names of chains in home; none: all in home */
    struct config_follow follow[CONFIG_FOLLOW_MAX];
    size_t follow_n;
    const char *audit;    /* NULL: audit.jsonl in home */
    uint64_t audit_bytes; /* of one of its files; 0: it is only one */
    const char *log;      /* "requests", "errors" */
    const char *spool;    /* a folder; NULL: home */
    uint64_t threads, workers;
    /* An outflow of own wallets that is not registered by then is drafted as a case; 0: none is. */
    uint64_t self_watch_seconds;
    uint64_t questions_keep; /* days; 0: questions are not kept */
    uint64_t transfers_keep; /* days; 0: transfers stay */
    struct {
        const char *certificate, *key, *clients; /* PEM files */
    } tls;
    struct {
        const char *listen;          /* address:port for other nodes; NULL: nowhere */
        const char *join;            /* a home of no group becomes one of this; NULL: it stays so */
        uint64_t rate;               /* bytes a second of a member, each way */
        uint64_t checkpoint_seconds; /* between two rounds of checkpoints; 0: none are made */
    } group;
    struct config_peers peers;
    struct config_channel core; /* the member's own system; url NULL: none */
    uint64_t core_seconds;      /* within which it acknowledges a hold that was ordered */
    struct config_channel notify[CONFIG_CHANNELS_MAX];
    size_t notify_n;
    struct {
        bool open;               /* to whom has no key, too */
        uint64_t per_minute;     /* of one address */
        uint64_t per_minute_all; /* of all together */
        uint64_t keep;           /* days */
    } leads;
    struct {
        uint64_t connections, connections_per_peer;
        uint64_t memory, spool; /* bytes of all bodies under way: in memory, in files */
        uint64_t header_ms, body_ms, idle_ms, stop_ms;
        uint64_t waiting;             /* requests that wait for a worker */
        uint64_t requests_per_second; /* of one API key; 0: any number */
    } limits;
};

struct config config_default(void);
/* name stands in messages. */
bool config_read(struct arena *a, const char *name, const char *p, size_t n, struct config *ret,
                 struct err *err) MUST_USE;
bool config_load(struct arena *a, const char *path, struct config *ret, struct err *err) MUST_USE;
/* "127.0.0.1:8117", "[::1]:8117" */
bool config_address(const char *text, struct sockaddr_storage *ret, bool *ret_loopback,
                    struct err *err) MUST_USE;
/* What no single key can say: TLS halves, an address beyond loopback without TLS. */
bool config_check(const struct config *c, struct err *err) MUST_USE;
/* The name of the i-th key ("limits.idle_ms", "follow.urls"); NULL past the last. */
const char *config_key(size_t i);

#endif
