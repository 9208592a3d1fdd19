/* What other nodes ask: pages of the log, and what they bring at once. */
#include "serve/peer_parts.h"

#include "base/mem.h"

#include "serve/clock.h"

#include <sodium.h>
#include <unistd.h>

#define LINES_BYTES_MAX ((size_t)64 << 20) /* of what is pushed, read */
#define RECEIPTS_US 900000                 /* between two of a member */
#define REQUEST_BYTES 16384                /* what a request costs of its share, beside its bytes */

/* ---- who asks ---- */

/* It may have fallen out of the charter since the handshake. */
static bool caller(struct http_job *job, struct peer **ret, struct err *err)
{
    struct peers *p = node_opened(job->node, &peer_part);
    char member[GROUP_NAME_MAX + 1];

    if (!p || !job->request.pinned || !peers_member(p, job->request.pinned, member)) {
        http_problem(&job->response, 403, "no node of the group", job->request.id);
        *ret = NULL;
        return http_response_field(&job->response, "Connection", "close");
    }
    *ret = peer_of(p, member);
    return *ret || err_fail(err, ERR_LIMIT, "more than %d members", PEERS_MAX);
}

static bool too_much(struct http_job *job)
{
    http_problem(&job->response, 429, "more than the member's share", job->request.id);
    return http_response_field(&job->response, "Retry-After", "1");
}

/* Its bytes are counted; those beyond its share have to wait. */
static bool has_share(struct peer *p, struct bucket *b)
{
    uint64_t rate = node_config(p->peers->node)->group.rate;
    bool ok;

    pthread_mutex_lock(&p->peers->lock);
    ok = !bucket_wait_ms(b, rate);
    pthread_mutex_unlock(&p->peers->lock);
    return ok;
}

static void uses_share(struct peer *p, struct bucket *b, uint64_t n)
{
    pthread_mutex_lock(&p->peers->lock);
    bucket_take(b, node_config(p->peers->node)->group.rate, n + REQUEST_BYTES);
    p->contact_ms = clock_ms();
    p->ask = p->ask || p->failing[0]; /* it is there again */
    if (p->ask)
        pthread_cond_broadcast(&p->peers->wake);
    pthread_mutex_unlock(&p->peers->lock);
}

/* ---- a page ---- */

struct paging {
    struct peer *p;
    const char *since;
    struct text *to;
    bool any, ok;
    struct err *err;
};

/* What the member heard under the charter of that mark; *ret NULL: only what all do. False: that
 * charter is not among the adopted ones. */
static bool charter_marked(const struct fold *f, const uint8_t mark[16], const struct charter **ret)
{
    static const uint8_t none[16];
    uint64_t version = fold_charter(f) ? fold_charter(f)->version : 0;

    *ret = NULL;
    if (!memcmp(mark, none, sizeof(none)))
        return true;
    for (; version; version--) {
        *ret = fold_charter_at(f, version);
        if (*ret && !memcmp((*ret)->hash.b, mark, sizeof(none)))
            return true;
    }
    return false;
}

static bool hears(const struct charter *c, const char *member, const char *audience)
{
    int64_t at = group_log_member(c, member);

    return at >= 0 && charter_hears(c, (uint32_t)at, audience);
}

/* May it see now what it could not when the cursor was made? */
static bool may_see_more(const struct fold *f, const char *member, const uint8_t mark[16])
{
    const struct charter *now = fold_charter(f), *then;

    if (!charter_marked(f, mark, &then))
        return true;
    for (size_t i = 0; now && now != then && i < now->groups_n; i++)
        if (hears(now, member, now->groups[i].id) && !hears(then, member, now->groups[i].id))
            return true;
    return false;
}

/* Where a cursor stands, if this log still is the one that it was made of, and nothing that came
 * before may be seen since. */
static void place_of(struct paging *g, struct group_log *l, struct group_log_page *how)
{
    struct peer_place place;
    struct hash32 link;
    struct err ignored;

    if (!g->since || !peer_cursor_open(g->p->peers->cursor_key, g->since, g->p->member, &place) ||
        may_see_more(group_log_fold(l), g->p->member, place.charter) ||
        !group_log_link(l, place.row, &link, &ignored) ||
        memcmp(link.b, place.link, sizeof(place.link)) != 0)
        return;
    how->since = place.row;
    how->notes = place.notes <= group_log_notes_last(l) ? place.notes : 0;
}

static void page(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct paging *g = ctx;
    struct group_log_page how = {.to = g->p->member, .bytes_max = PEER_PAGE_BYTES};
    struct group_log_paged paged;
    struct peer_place place;
    struct peer_cursor cursor;
    struct hash32 link;
    uint8_t nonce[24];

    g->any = fold != NULL;
    if (!fold)
        return;
    place_of(g, l, &how);
    peer_head_put(g->to, group_log_group(l));
    g->ok = group_log_page(l, &how, g->to, &paged, g->err) &&
            group_log_link(l, paged.row, &link, g->err);
    if (!g->ok)
        return;
    charter_mark(fold, place.charter);
    place.row = paged.row;
    place.notes = paged.notes;
    memcpy(place.link, link.b, sizeof(place.link));
    randombytes_buf(nonce, sizeof(nonce));
    cursor = peer_cursor_make(g->p->peers->cursor_key, &place, g->p->member, nonce);
    peer_end_put(g->to, &cursor, paged.lines, paged.more);
}

static bool log_get(struct http_job *job, struct err *err)
{
    static const char *const known[] = {"since", NULL};
    struct paging g = {.to = &job->response.body, .err = err};

    if (!http_query_only(&job->request, known, err) || !caller(job, &g.p, err))
        return false;
    if (!g.p)
        return true;
    if (!has_share(g.p, &g.p->out))
        return too_much(job);
    g.since = http_query(&job->request, "since");
    job->response.type = "application/jsonl";
    live_group_read(g.p->peers->group, page, &g);
    uses_share(g.p, &g.p->out, job->response.body.n);
    if (!g.any)
        return err_fail(err, ERR_NOT_FOUND, "this node is of no group yet");
    return g.ok;
}

/* ---- what is brought ---- */

struct bringing {
    struct peer *p;
    const struct group_line *lines;
    size_t n;
    struct group_log_counts counts;
};

static bool take(void *ctx, struct group_log *l, struct err *err)
{
    struct bringing *b = ctx;

    b->p->from.now_ms = clock_ms();
    return group_log_take_lines(l, &b->p->from, b->lines, b->n, &b->counts, err);
}

static void group_see(void *ctx, struct group_log *l, const struct fold *fold)
{
    if (fold)
        *(struct hash32 *)ctx = *group_log_group(l);
}

static bool bring(struct http_job *job, struct bringing *b, struct err *err)
{
    struct json_out j = json_to(&job->response.body, false);
    struct bytes body = {job->request.body.p, (size_t)job->request.body.n};
    struct arena *a = arena_new(NULL, LINES_BYTES_MAX);
    struct hash32 group = {{0}};
    struct group_line *lines;
    bool ok;

    live_group_read(b->p->peers->group, group_see, &group);
    ok = (a || err_fail(err, ERR_NOMEM, "lines")) &&
         group_lines_read(a, body, &group, &lines, &b->n, err);
    if (ok) {
        b->lines = lines;
        ok = live_group_write(b->p->peers->group, take, b, err);
    }
    arena_free(a);
    if (!ok)
        return false;
    peer_heard(b->p, &b->counts);
    json_object(&j);
    json_put_number(&j, "apart", b->counts.apart);
    json_put_number(&j, "known", b->counts.doubled);
    json_put_number(&j, "left_out", b->counts.over);
    json_put_number(&j, "taken", b->counts.taken);
    json_object_end(&j);
    return true;
}

/* What it did not bring, but stands on, is asked for at once. */
static void ask_back(struct peer *p)
{
    pthread_mutex_lock(&p->peers->lock);
    p->ask = true;
    pthread_cond_broadcast(&p->peers->wake);
    pthread_mutex_unlock(&p->peers->lock);
}

static bool log_post(struct http_job *job, struct err *err)
{
    static const char *const known[] = {NULL};
    struct bringing b = {.n = 0};

    if (!http_query_only(&job->request, known, err) || !caller(job, &b.p, err))
        return false;
    if (!b.p)
        return true;
    if (!has_share(b.p, &b.p->in))
        return too_much(job);
    uses_share(b.p, &b.p->in, job->request.body.n);
    if (!bring(job, &b, err))
        return false;
    ask_back(b.p);
    return true;
}

/* ---- receipts ---- */

struct receiving {
    struct peer *p;
    struct hash32 group, link;
    struct peer_place place;
    bool fits;
};

static void receipt_place(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct receiving *r = ctx;
    struct err ignored;

    r->fits = fold && group_log_link(l, r->place.row, &r->link, &ignored) &&
              !memcmp(r->link.b, r->place.link, sizeof(r->place.link));
}

static bool is_too_soon(struct peer *p)
{
    bool soon;

    pthread_mutex_lock(&p->peers->lock);
    soon = p->received_us && clock_steady_us() - p->received_us < RECEIPTS_US;
    if (!soon)
        p->received_us = clock_steady_us();
    pthread_mutex_unlock(&p->peers->lock);
    return soon;
}

/* What it says of events is kept beside them, if it says more than those before. */
struct keeping {
    const char *member;
    struct bytes text;
    const struct receipt *receipt;
    bool says;
};

static void keeping_look(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct keeping *k = ctx;

    k->says = fold && group_log_receipt_says(l, k->member, k->receipt);
}

static bool keeping_write(void *ctx, struct group_log *l, struct err *err)
{
    struct keeping *k = ctx;
    bool ignored;

    return group_log_take_receipt(l, k->member, k->text, k->receipt, &ignored, err);
}

static bool receipt_keep(struct peer *p, struct bytes text, const struct receipt *r,
                         struct err *err)
{
    struct keeping k = {.member = p->member, .text = text, .receipt = r};

    live_group_read(p->peers->group, keeping_look, &k);
    return !k.says || live_group_write(p->peers->group, keeping_write, &k, err);
}

static bool receipt_post(struct http_job *job, struct err *err)
{
    static const char *const known[] = {NULL};
    struct bytes body = {job->request.body.p, (size_t)job->request.body.n};
    struct receiving r = {.fits = false};
    struct receipt receipt;

    if (!http_query_only(&job->request, known, err) || !caller(job, &r.p, err))
        return false;
    if (!r.p)
        return true;
    if (!has_share(r.p, &r.p->in) || is_too_soon(r.p))
        return too_much(job);
    uses_share(r.p, &r.p->in, body.n);
    live_group_read(r.p->peers->group, group_see, &r.group);
    if (!receipt_read(job->arena, body, &r.group, &receipt, err))
        return false;
    if (memcmp(receipt.key.b, job->request.pinned, sizeof(receipt.key.b)) != 0)
        return err_fail(err, ERR_INPUT, "the receipt is of another key than the connection");
    if (peer_cursor_open(r.p->peers->cursor_key, receipt.cursor, r.p->member, &r.place))
        live_group_read(r.p->peers->group, receipt_place, &r);
    if (!r.fits)
        return err_fail(err, ERR_INPUT, "the cursor is not one of this log");
    text_str(&job->response.body, "{}");
    return peer_receipt_save(r.p, &receipt, body, r.place.row, err) &&
           receipt_keep(r.p, body, &receipt, err);
}

/* ---- the listener ---- */

static const struct http_route routes[] = {
    {"GET", "/group/v1/log", HTTP_PUBLIC, HTTP_WORKER, 0, log_get},
    {"POST", "/group/v1/log", HTTP_PUBLIC, HTTP_WORKER, HTTP_BODY_MEMORY_MAX, log_post},
    {"POST", "/group/v1/receipt", HTTP_PUBLIC, HTTP_WORKER, RECEIPT_BYTES_MAX, receipt_post},
};
#define ROUTES_N (sizeof(routes) / sizeof(routes[0]))

static bool nobody(struct node *node, const char *shown, struct server_caller *ret)
{
    (void)node;
    (void)shown;
    (void)ret;
    return false;
}

bool peers_listen(struct peers *p, const struct config *c, struct err *err)
{
    struct server_options o = {
        .threads = 1,
        .workers = 2,
        .limits = {.connections = 1024,
                   .connections_per_peer = 256,
                   .waiting = 256,
                   .memory = (uint64_t)64 << 20,
                   .spool = (uint64_t)1 << 20,
                   .header_ms = c->limits.header_ms,
                   .body_ms = 60000,
                   .idle_ms = 60000,
                   .stop_ms = c->limits.stop_ms},
        .spool = node_home(p->node),
        .routes = routes,
        .routes_n = ROUTES_N,
        .node = p->node,
        .who = nobody,
        .known = peer_is_known,
        .connections_per_key = PEER_CONNECTIONS_MAX,
    };
    struct server *s = NULL;
    bool loopback;

    p->pinned = (struct tls_pinned){p->certificate, p->key};
    o.tls_files = (struct tls_files){.pinned = &p->pinned};
    p->metrics = metrics_new(routes, ROUTES_N);
    if (!p->metrics)
        return err_fail(err, ERR_NOMEM, "metrics");
    if (!log_open(STDERR_FILENO, false, &p->quiet, err) || !tls_open(o.tls_files, &p->tls, err) ||
        !config_address(c->group.listen, &o.at, &loopback, err))
        return false;
    o.tls = p->tls;
    o.log = p->quiet;
    o.metrics = p->metrics;
    if (!server_start(&o, &s, err))
        return err_in(err, "group: %s", c->group.listen);
    atomic_store(&p->server, s); /* the log may change already, and cut connections */
    log_event(p->log, LOG_INFO, "group", NULL, "%s (port %u)", c->group.listen, server_port(s));
    return true;
}
