#include "serve/node.h"

#include "base/mem.h"
#include "ledger/places.h"
#include "serve/clock.h"
#include "serve/follow.h"
#include "serve/kept.h"
#include "serve/keys.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define PURGE_SECONDS 3600

/* The keys at one time; whoever looks one up holds the lock, which is short. */
struct key_ring {
    struct arena *arena;
    struct keys keys;
    atomic_uint_fast64_t *paced; /* [keys.n] ns: up to when its requests are spoken for */
};

struct node {
    struct config config;
    const struct config *read;           /* while it is read anew; NULL: it is not */
    _Atomic(const struct config *) told; /* whose core and notify are in force */
    struct arena *arena;
    struct log *log;
    struct store *store; /* of the thread that ticks */
    uint64_t store_version;
    struct audit *audit;
    struct live_ledgers *ledgers;
    struct tls *tls;
    struct metrics *metrics;
    struct server *server;
    atomic_uint_fast64_t wakes;
    pthread_rwlock_t keys_lock;
    struct key_ring keys;
    const struct node_part *parts[NODE_PARTS_MAX];
    void *opened[NODE_PARTS_MAX];
    size_t parts_n;
    atomic_size_t opened_n;    /* a part's own threads ask while others are opened and closed */
    struct http_route *routes; /* of all parts */
    void **route_parts;
    size_t routes_n;
    const struct store_schema *schemas[NODE_PARTS_MAX + 2];
    size_t schemas_n;
    const char *home, *store_path;
    uint64_t purged;
    atomic_bool stopping, store_failed, ledger_failed;
    atomic_uint_fast64_t rate; /* requests of a key in a second; 0: any number */
};

/* ---- small things ---- */

struct log *node_log(struct node *n)
{
    return n->log;
}

struct audit *node_audit(struct node *n)
{
    return n->audit;
}

const char *node_home(const struct node *n)
{
    return n->home;
}

void *node_opened(const struct node *n, const struct node_part *part)
{
    for (size_t i = 0; i < atomic_load(&n->opened_n); i++)
        if (n->parts[i] == part)
            return n->opened[i];
    return NULL;
}

const struct config *node_config_read(const struct node *n)
{
    return n->read;
}

const struct config *node_told(const struct node *n)
{
    return atomic_load(&n->told);
}

void node_told_by(struct node *n, const struct config *c)
{
    atomic_store(&n->told, c);
}

const struct config *node_config(const struct node *n)
{
    return &n->config;
}

struct live_ledgers *node_ledgers(struct node *n)
{
    return n->ledgers;
}

void node_wake(struct node *n)
{
    atomic_fetch_add(&n->wakes, 1);
}

uint16_t node_port(const struct node *n)
{
    return server_port(n->server);
}

static bool path_in(struct arena *a, const char *dir, const char *name, const char **ret,
                    struct err *err)
{
    char path[PATH_MAX];
    int n = snprintf(path, sizeof(path), "%s/%s", dir, name);

    if (n < 0 || (size_t)n >= sizeof(path))
        return err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", dir);
    *ret = arena_string(a, path, (size_t)n);
    return *ret || err_fail(err, ERR_NOMEM, "a name");
}

/* ---- keys ---- */

static bool keys_load(struct node *n, struct err *err)
{
    struct key_ring fresh = {.arena = arena_new(NULL, (size_t)16 << 20)}, old;

    if (!fresh.arena)
        return err_fail(err, ERR_NOMEM, "keys");
    if (!keys_read(fresh.arena, n->store, &fresh.keys, err)) {
        arena_free(fresh.arena);
        return false;
    }
    fresh.paced = ARENA_ARRAY(fresh.arena, atomic_uint_fast64_t, fresh.keys.n + 1);
    if (!fresh.paced) {
        arena_free(fresh.arena);
        return err_fail(err, ERR_NOMEM, "keys");
    }
    pthread_rwlock_wrlock(&n->keys_lock);
    old = n->keys;
    n->keys = fresh;
    pthread_rwlock_unlock(&n->keys_lock);
    arena_free(old.arena);
    return true;
}

/* Each request speaks for its share of a second, and at most a second ahead may be spoken for (the
 * generic cell rate algorithm: ITU-T I.371). */
static bool is_too_many(atomic_uint_fast64_t *paced, uint64_t rate)
{
    const uint64_t second = 1000000000, now = clock_steady_us() * 1000;
    uint_fast64_t was = atomic_load(paced), next;

    do {
        next = (was > now ? was : now) + second / rate;
        if (next > now + second)
            return true;
    } while (!atomic_compare_exchange_weak(paced, &was, next));
    return false;
}

static bool who(struct node *n, const char *shown, struct server_caller *ret)
{
    const struct key_row *row;
    uint64_t rate = atomic_load(&n->rate);

    pthread_rwlock_rdlock(&n->keys_lock);
    row = keys_find(&n->keys.keys, shown);
    if (row) {
        memcpy(ret->name, row->name, sizeof(ret->name));
        ret->scopes = row->scopes;
        ret->too_many = rate && is_too_many(&n->keys.paced[row - n->keys.keys.rows], rate);
    }
    pthread_rwlock_unlock(&n->keys_lock);
    return row != NULL;
}

bool node_store_version(struct store *s, uint64_t *ret, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false;
    bool ok = store_prepare(s, "PRAGMA data_version", &q, err) && store_step(q, &row, err);

    *ret = ok && row ? store_u64(q, 0) : 0;
    store_finish(q);
    return ok;
}

bool node_store_open(struct node *n, struct store **ret, struct err *err)
{
    return store_open(n->store_path, STORE_WRITE, n->schemas, n->schemas_n, ret, err);
}

/* ---- ledgers ---- */

static bool dir_add(struct node *n, const char *dir, const char *name, struct config_list *to,
                    struct err *err)
{
    if (to->n == CONFIG_LIST_MAX)
        return err_fail(err, ERR_LIMIT, "more than %d ledgers", CONFIG_LIST_MAX);
    if (name ? !path_in(n->arena, dir, name, &to->at[to->n], err)
             : !(to->at[to->n] = arena_string(n->arena, dir, strlen(dir))))
        return name ? false : err_fail(err, ERR_NOMEM, "a name");
    to->n++;
    return true;
}

/* Every folder in home that holds a ledger. */
static bool dirs_found(struct node *n, struct config_list *to, struct err *err)
{
    const char *const *dirs;
    size_t dirs_n;

    if (!ledger_places(n->arena, n->home, &dirs, &dirs_n, err))
        return false;
    for (size_t i = 0; i < dirs_n; i++)
        if (!dir_add(n, dirs[i], NULL, to, err))
            return false;
    return true;
}

/* The ledgers that are followed are answered from, too, whether they were told or not. */
static bool dirs_followed(struct node *n, struct config_list *to, struct err *err)
{
    for (size_t i = 0; i < n->config.follow_n; i++) {
        const char *chain = chain_by_name(n->config.follow[i].chain)->name;
        bool there = false;

        for (size_t k = 0; k < n->config.ledgers.n; k++)
            there |= !strcmp(n->config.ledgers.at[k], chain);
        if (!there && !dir_add(n, n->home, chain, to, err))
            return false;
    }
    return true;
}

static bool open_ledgers(struct node *n, struct err *err)
{
    struct config_list dirs = {.n = 0};
    const struct config_list *told = &n->config.ledgers;

    if (!follow_prepare(&n->config, n->home, err))
        return false;

    for (size_t i = 0; i < told->n; i++) {
        bool place = strchr(told->at[i], '/') != NULL;

        if (!dir_add(n, place ? told->at[i] : n->home, place ? NULL : told->at[i], &dirs, err))
            return false;
    }
    if (!(told->n ? dirs_followed(n, &dirs, err) : dirs_found(n, &dirs, err)))
        return false;
    return live_ledgers_open(dirs.at, dirs.n, &n->ledgers, err);
}

/* ---- parts ---- */

static bool gather_parts(struct node *n, const struct node_part *const *parts, struct err *err)
{
    size_t at = 0;

    n->parts[n->parts_n++] = &node_own;
    n->schemas[n->schemas_n++] = &keys_schema;
    n->schemas[n->schemas_n++] = &kept_schema;
    for (; parts && *parts; parts++) {
        if (n->parts_n == NODE_PARTS_MAX)
            return err_fail(err, ERR_LIMIT, "more than %d parts", NODE_PARTS_MAX);
        n->parts[n->parts_n++] = *parts;
    }
    for (size_t i = 0; i < n->parts_n; i++) {
        n->routes_n += n->parts[i]->routes_n;
        if (n->parts[i]->schema)
            n->schemas[n->schemas_n++] = n->parts[i]->schema;
    }
    n->routes = ARENA_ARRAY(n->arena, struct http_route, n->routes_n);
    n->route_parts = ARENA_ARRAY(n->arena, void *, n->routes_n);
    if (!n->routes || !n->route_parts)
        return err_fail(err, ERR_NOMEM, "routes");
    for (size_t i = 0; i < n->parts_n; i++)
        for (size_t k = 0; k < n->parts[i]->routes_n; k++)
            n->routes[at++] = n->parts[i]->routes[k];
    return true;
}

static bool open_parts(struct node *n, struct err *err)
{
    size_t at = 0;

    for (size_t i = 0; i < n->parts_n; i++) {
        const struct node_part *p = n->parts[i];

        if (p->open && !p->open(n, &n->opened[i], err))
            return err_in(err, "%s", p->name);
        for (size_t k = 0; k < p->routes_n; k++)
            n->route_parts[at++] = n->opened[i];
        atomic_store(&n->opened_n, i + 1);
    }
    return true;
}

/* ---- opening ---- */

static struct server_limits limits_of(const struct config *c)
{
    return (struct server_limits){
        .connections = (unsigned)c->limits.connections,
        .connections_per_peer = (unsigned)c->limits.connections_per_peer,
        .waiting = (unsigned)c->limits.waiting,
        .memory = c->limits.memory,
        .spool = c->limits.spool,
        .header_ms = c->limits.header_ms,
        .body_ms = c->limits.body_ms,
        .idle_ms = c->limits.idle_ms,
        .stop_ms = c->limits.stop_ms,
    };
}

static struct tls_files tls_of(const struct config *c)
{
    return (struct tls_files){c->tls.certificate, c->tls.key, c->tls.clients};
}

static bool open_records(struct node *n, struct err *err)
{
    const char *audit = n->config.audit;
    uint64_t cut = 0;

    if (mkdir(n->home, 0700) && errno != EEXIST)
        return err_system(err, "\"%s\"", n->home);
    if (!path_in(n->arena, n->home, NODE_STORE, &n->store_path, err) ||
        (!audit && !path_in(n->arena, n->home, NODE_AUDIT, &audit, err)) ||
        !node_store_open(n, &n->store, err) ||
        !node_store_version(n->store, &n->store_version, err) || !keys_load(n, err) ||
        !audit_open(audit, &n->audit, &cut, err))
        return false;
    audit_rotate_at(n->audit, n->config.audit_bytes);
    if (cut)
        log_event(n->log, LOG_WARNING, "audit", NULL,
                  "an unfinished last line of %llu bytes was cut off", (unsigned long long)cut);
    return true;
}

static bool open_server(struct node *n, struct err *err)
{
    struct server_options o = {
        .threads = (unsigned)n->config.threads,
        .workers = (unsigned)n->config.workers,
        .limits = limits_of(&n->config),
        .spool = n->config.spool ? n->config.spool : n->home,
        .routes = n->routes,
        .parts = n->route_parts,
        .routes_n = n->routes_n,
        .node = n,
        .wakes = &n->wakes,
        .who = who,
        .store = node_store_open,
        .log = n->log,
        .audit = n->audit,
        .metrics = n->metrics,
        .tls = n->tls,
        .tls_files = tls_of(&n->config),
    };
    bool loopback;

    if (!config_address(n->config.listen, &o.at, &loopback, err))
        return false;
    return server_start(&o, &n->server, err) || err_in(err, "%s", n->config.listen);
}

static bool open_all(struct node *n, const struct node_part *const *parts, int log_fd,
                     struct err *err)
{
    if (!config_check(&n->config, err) ||
        !log_open(log_fd, !strcmp(n->config.log, "requests"), &n->log, err) ||
        !gather_parts(n, parts, err) || !open_records(n, err) || !open_ledgers(n, err) ||
        !open_parts(n, err))
        return false;
    n->metrics = metrics_new(n->routes, n->routes_n);
    if (!n->metrics)
        return err_fail(err, ERR_NOMEM, "metrics");
    if (n->config.tls.key && !tls_open(tls_of(&n->config), &n->tls, err))
        return false;
    return open_server(n, err);
}

bool node_open(const struct config *config, const char *home, const struct node_part *const *parts,
               int log_fd, struct node **ret, struct err *err)
{
    struct node *n = mem_zero(sizeof(*n));

    if (!n)
        return err_fail(err, ERR_NOMEM, "a node");
    pthread_rwlock_init(&n->keys_lock, NULL);
    n->config = *config;
    atomic_store(&n->told, &n->config);
    atomic_init(&n->rate, config->limits.requests_per_second);
    n->home = home;
    n->arena = arena_new(NULL, (size_t)16 << 20);
    if (!(n->arena ? open_all(n, parts, log_fd, err) : err_fail(err, ERR_NOMEM, "a node"))) {
        node_close(n);
        return false;
    }
    log_event(n->log, LOG_INFO, "listening", NULL, "%s (port %u)%s", config->listen, node_port(n),
              n->tls ? ", TLS" : "");
    *ret = n;
    return true;
}

struct node *node_close(struct node *n)
{
    if (!n)
        return NULL;
    atomic_store(&n->stopping, true);
    server_stop(n->server);
    for (size_t i = atomic_load(&n->opened_n); i--;) {
        atomic_store(&n->opened_n, i);
        if (n->parts[i]->close)
            n->parts[i]->close(n->opened[i]);
    }
    live_ledgers_close(n->ledgers);
    audit_close(n->audit);
    store_close(n->store);
    tls_close(n->tls);
    metrics_free(n->metrics);
    log_close(n->log);
    arena_free(n->keys.arena);
    pthread_rwlock_destroy(&n->keys_lock);
    arena_free(n->arena);
    return mem_free(n);
}

/* ---- while it runs ---- */

static void tell(struct node *n, enum log_level level, const char *event, const struct err *err)
{
    log_event(n->log, level, event, NULL, "%s", err->text);
}

static void store_tick(struct node *n)
{
    uint64_t now = clock_seconds(), version;
    struct err err;
    bool ok = node_store_version(n->store, &version, &err);

    if (ok && version != n->store_version) {
        n->store_version = version;
        ok = keys_load(n, &err);
    }
    if (ok && now - n->purged > PURGE_SECONDS) {
        n->purged = now;
        ok = store_begin(n->store, &err) && kept_purge(n->store, now, &err) &&
             store_commit(n->store, &err);
        if (!ok)
            store_rollback(n->store);
    }
    if (!ok && !atomic_exchange(&n->store_failed, true))
        tell(n, LOG_ERROR, "store", &err);
    if (ok)
        atomic_store(&n->store_failed, false);
}

static void ledgers_tick(struct node *n)
{
    struct err err;
    size_t changed;
    bool ok = live_ledgers_renew(n->ledgers, &changed, &err);

    if (!ok && !atomic_exchange(&n->ledger_failed, true))
        tell(n, LOG_ERROR, "ledger", &err);
    if (ok)
        atomic_store(&n->ledger_failed, false);
}

void node_tick(struct node *n)
{
    struct err err;

    store_tick(n);
    ledgers_tick(n);
    for (size_t i = 0; i < n->parts_n; i++)
        if (n->parts[i]->tick && !n->parts[i]->tick(n->opened[i], n, &err))
            tell(n, LOG_ERROR, n->parts[i]->name, &err);
}

/* What cannot be read stays; said once, and that it was taken is not. */
static bool stays(struct node *n, const char *what, const struct err *err)
{
    log_event(n->log, LOG_ERROR, "reload", NULL, "%s: %s; what was before stays", what, err->text);
    return false;
}

void node_reload(struct node *n, const struct config *config)
{
    struct config_peers peers = n->config.peers;
    struct err err;
    bool all = true;

    n->config.limits = config->limits;
    atomic_store(&n->rate, config->limits.requests_per_second);
    n->config.audit_bytes = config->audit_bytes;
    audit_rotate_at(n->audit, config->audit_bytes);
    server_limit(n->server, limits_of(config));
    if (n->tls && config->tls.key && !tls_replace(n->tls, tls_of(config), &err))
        all = stays(n, "tls", &err);
    if (!keys_load(n, &err))
        all = stays(n, "keys", &err);
    n->config.peers = config->peers;
    n->read = config;
    for (size_t i = 0; i < n->parts_n; i++)
        if (n->parts[i]->reload && !n->parts[i]->reload(n->opened[i], n, &err))
            all = stays(n, n->parts[i]->name, &err);
    n->config.peers = peers;
    n->read = NULL;
    if (all)
        log_event(n->log, LOG_INFO, "reloaded", NULL,
                  "limits, certificates, keys, peers, channels");
}

bool node_ready(struct node *n, struct text *why)
{
    struct live_ledgers_view *v = live_ledgers_take(n->ledgers);
    size_t before = why->n;

    if (atomic_load(&n->stopping))
        text_str(why, "the node is stopping\n");
    if (audit_counts(n->audit).broken)
        text_str(why, "the audit log cannot be written\n");
    if (atomic_load(&n->store_failed))
        text_str(why, "the store cannot be read\n");
    if (atomic_load(&n->ledger_failed))
        text_str(why, "a ledger cannot be opened\n");
    if (live_ledgers_away(v))
        text_str(why, "a ledger is being reorganised\n");
    live_ledgers_drop(n->ledgers, v);
    for (size_t i = 0; i < n->parts_n; i++)
        if (n->parts[i]->ready)
            n->parts[i]->ready(n->opened[i], why);
    return why->n == before;
}

static void ledger_metrics(struct node *n, struct text *to)
{
    struct live_ledgers_view *v = live_ledgers_take(n->ledgers);
    uint64_t now = clock_seconds();

    metric_head(to, "cordon_ledger_height", "gauge", "Height of the last block.");
    for (size_t i = 0; i < live_ledgers_n(v); i++) {
        struct live_ledgers_one one = live_ledgers_at(v, i);
        struct live_ledgers_tip tip = live_ledgers_tip(&one);

        if (tip.any && tip.height != HEIGHT_UNKNOWN)
            metric_u64(to, "cordon_ledger_height", "chain", one.chain->name, tip.height);
    }
    metric_head(to, "cordon_ledger_lag_seconds", "gauge", "Age of the last block.");
    for (size_t i = 0; i < live_ledgers_n(v); i++) {
        struct live_ledgers_one one = live_ledgers_at(v, i);
        struct live_ledgers_tip tip = live_ledgers_tip(&one);

        if (tip.any)
            metric_u64(to, "cordon_ledger_lag_seconds", "chain", one.chain->name,
                       now > tip.time ? now - tip.time : 0);
    }
    metric_head(to, "cordon_ledgers_away", "gauge", "Ledgers let go for an undo.");
    metric_u64(to, "cordon_ledgers_away", NULL, NULL, live_ledgers_away(v));
    live_ledgers_drop(n->ledgers, v);
}

static void audit_metrics(struct node *n, struct text *to)
{
    struct audit_counts c = audit_counts(n->audit);

    metric_head(to, "cordon_audit_lines_total", "counter", "Audit lines written.");
    metric_u64(to, "cordon_audit_lines_total", NULL, NULL, c.lines);
    metric_head(to, "cordon_audit_commits_total", "counter", "Group commits of the audit log.");
    metric_u64(to, "cordon_audit_commits_total", NULL, NULL, c.commits);
    metric_head(to, "cordon_audit_commit_microseconds_total", "counter",
                "Time spent in group commits.");
    metric_u64(to, "cordon_audit_commit_microseconds_total", NULL, NULL, c.commit_us);
    metric_head(to, "cordon_audit_waiting", "gauge", "Audit lines that are not durable yet.");
    metric_u64(to, "cordon_audit_waiting", NULL, NULL, c.waiting);
    metric_head(to, "cordon_audit_broken", "gauge", "1: the audit log cannot be written.");
    metric_u64(to, "cordon_audit_broken", NULL, NULL, c.broken);
}

void node_metrics(struct node *n, struct text *to)
{
    metrics_write(n->metrics, to);
    metric_head(to, "cordon_http_memory_bytes", "gauge", "Bodies and answers under way.");
    metric_u64(to, "cordon_http_memory_bytes", NULL, NULL, server_memory(n->server));
    metric_head(to, "cordon_http_waiting", "gauge", "Requests that wait for a worker.");
    metric_u64(to, "cordon_http_waiting", NULL, NULL, server_waiting(n->server));
    audit_metrics(n, to);
    ledger_metrics(n, to);
    for (size_t i = 0; i < n->parts_n; i++)
        if (n->parts[i]->metrics)
            n->parts[i]->metrics(n->opened[i], to);
}
