/* The node: what cordon serve runs. Its store, keys, audit log, ledgers and server, and the parts
 * that bring routes of their own.
 *
 * A part is a row of functions (struct node_part): it opens what it needs, is told when to read its
 * files again, says whether it is ready, and adds its own samples to /metrics. Its routes run with
 * job.part set to what it has opened; their audit entries and the store's transaction are the
 * server's (http.h). What a part replaces while requests run (a list in a new version) it keeps as
 * a counted snapshot, as live_ledgers.h does.
 *
 *     const struct node_part screening = {
 *         .name = "screening", .routes = routes, .routes_n = ..., .open = ..., .close = ...};
 *     const struct node_part *const parts[] = {&screening, NULL};
 *
 * Threads:   node_open, node_tick, node_reload and node_close: one. The others are for handlers. */
#ifndef CORDON_SERVE_NODE_H
#define CORDON_SERVE_NODE_H

#include "serve/config.h"
#include "serve/http.h"
#include "serve/live_ledgers.h"
#include "serve/log.h"
#include "serve/server.h"

#define NODE_PARTS_MAX 32
#define NODE_TICK_MS 250

struct node_part {
    const char *name;
    const struct http_route *routes;
    size_t routes_n;
    const struct store_schema *schema; /* of tables in the node's store; NULL: none */
    /* All may be NULL. open gives what the others, and job.part, get. */
    bool (*open)(struct node *n, void **ret, struct err *err);
    void (*close)(void *part);
    bool (*reload)(void *part, struct node *n, struct err *err); /* on SIGHUP; else the old stays */
    bool (*tick)(void *part, struct node *n, struct err *err);   /* every NODE_TICK_MS */
    bool (*ready)(void *part, struct text *why);                 /* false: why, in words */
    void (*metrics)(void *part, struct text *to);
};

/* parts ends with NULL. config is copied; its texts are borrowed until node_close. */
bool node_open(const struct config *config, const char *home, const struct node_part *const *parts,
               int log_fd, struct node **ret, struct err *err) MUST_USE;
struct node *node_close(struct node *n); /* finishes what runs; takes NULL, returns NULL */
uint16_t node_port(const struct node *n);
/* Looks whether keys or ledgers have changed; never fails, but tells the log. */
void node_tick(struct node *n);
/* A new configuration, borrowed until node_close: limits, certificates, keys, peers, channels,
 * ledgers that have grown, parts. What cannot be taken over is told, and the old stays. */
void node_reload(struct node *n, const struct config *config);

/* ---- for handlers ---- */

struct log *node_log(struct node *n);
struct audit *node_audit(struct node *n);
const char *node_home(const struct node *n);
/* What a part has opened that stands before the one which asks; NULL: there is none. */
void *node_opened(const struct node *n, const struct node_part *part);
/* A connection of its own to the node's store, for its owner to close. */
bool node_store_open(struct node *n, struct store **ret, struct err *err) MUST_USE;
const struct config *node_config(const struct node *n); /* as it was started with */
/* Inside a part's reload: what was read. Its texts stay until node_close. */
const struct config *node_config_read(const struct node *n);
/* Its core and notify are those in force. */
const struct config *node_told(const struct node *n);
void node_told_by(struct node *n, const struct config *c);
struct live_ledgers *node_ledgers(struct node *n);
/* True: it can answer; else why gets the reasons, one a line. */
bool node_ready(struct node *n, struct text *why);
/* Changes with every commit of another connection to the store's file. */
bool node_store_version(struct store *s, uint64_t *ret, struct err *err) MUST_USE;
void node_metrics(struct node *n, struct text *to);
/* There may be something to send for streams that had nothing. */
void node_wake(struct node *n);

/* node_routes.c: /healthz, /readyz, /metrics, /openapi.json, /v1/info, and look-ups. */
extern const struct node_part node_own;
/* docs/openapi.json as it was built in. */
extern const unsigned char openapi_json[];
extern const size_t openapi_json_n;

#endif
