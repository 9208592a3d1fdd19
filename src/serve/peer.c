#include "serve/peer_parts.h"

#include "base/mem.h"
#include "serve/clock.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

#define NAMES_BYTES_MAX ((size_t)64 << 20) /* of all configurations that were read */

static const char *const schema_steps[] = {
    "CREATE TABLE peer (member TEXT PRIMARY KEY, cursor TEXT NOT NULL DEFAULT '',"
    " receipt_row INTEGER NOT NULL DEFAULT 0, receipt_ms INTEGER NOT NULL DEFAULT 0,"
    " receipt TEXT NOT NULL DEFAULT '') WITHOUT ROWID",
};
static const struct store_schema peer_schema = {"peer", schema_steps, 1};

/* ---- what is kept ---- */

static bool row_read(struct peer *p, struct err *err)
{
    struct store_query *q = NULL;
    bool row = false, ok;

    pthread_mutex_lock(&p->peers->store_lock);
    ok = store_prepare(p->peers->store,
                       "SELECT cursor, receipt_row, receipt_ms FROM peer WHERE member = ?", &q,
                       err) &&
         store_bind_text(q, 1, p->member, err) && store_step(q, &row, err);
    if (ok && row) {
        snprintf(p->cursor.hex, sizeof(p->cursor.hex), "%s", store_text(q, 0));
        p->receipt_row = store_u64(q, 1);
        p->receipt_ms = store_u64(q, 2);
    }
    store_finish(q);
    pthread_mutex_unlock(&p->peers->store_lock);
    return ok;
}

bool peer_cursor_save(struct peer *p, struct err *err)
{
    struct store_query *q = NULL;
    bool ok;

    pthread_mutex_lock(&p->peers->store_lock);
    ok = store_prepare(p->peers->store,
                       "INSERT INTO peer (member, cursor) VALUES (?1, ?2) "
                       "ON CONFLICT (member) DO UPDATE SET cursor = ?2",
                       &q, err) &&
         store_bind_text(q, 1, p->member, err) && store_bind_text(q, 2, p->cursor.hex, err) &&
         store_step(q, NULL, err);
    store_finish(q);
    pthread_mutex_unlock(&p->peers->store_lock);
    return ok;
}

bool peer_receipt_save(struct peer *p, const struct receipt *r, struct bytes text, uint64_t row,
                       struct err *err)
{
    struct store_query *q = NULL;
    bool ok;

    pthread_mutex_lock(&p->peers->store_lock);
    ok = store_prepare(p->peers->store,
                       "INSERT INTO peer (member, receipt_row, receipt_ms, receipt) "
                       "VALUES (?1, ?2, ?3, ?4) ON CONFLICT (member) DO UPDATE SET "
                       "receipt_row = ?2, receipt_ms = ?3, receipt = ?4",
                       &q, err) &&
         store_bind_text(q, 1, p->member, err) && store_bind_u64(q, 2, row, err) &&
         store_bind_u64(q, 3, r->ms, err) &&
         store_bind_text_n(q, 4, (const char *)text.p, text.n, err) && store_step(q, NULL, err);
    store_finish(q);
    pthread_mutex_unlock(&p->peers->store_lock);
    if (ok) {
        pthread_mutex_lock(&p->peers->lock);
        p->receipt_row = row;
        p->receipt_ms = r->ms;
        pthread_mutex_unlock(&p->peers->lock);
    }
    return ok;
}

/* ---- who they are ---- */

static struct peer *peer_make(struct peers *all, const char *member)
{
    struct peer *p = mem_zero(sizeof(*p));
    struct err err;

    if (!p)
        return NULL;
    p->peers = all;
    snprintf(p->member, sizeof(p->member), "%s", member);
    if (!row_read(p, &err)) {
        log_event(all->log, LOG_ERROR, "peer", NULL, "%s: %s", member, err.text);
        return mem_free(p);
    }
    all->list[all->n++] = p;
    return p;
}

struct peer *peer_of(struct peers *all, const char *member)
{
    struct peer *p = NULL;

    pthread_mutex_lock(&all->lock);
    for (size_t i = 0; i < all->n && !p; i++)
        if (!strcmp(all->list[i]->member, member))
            p = all->list[i];
    if (!p && all->n < PEERS_MAX)
        p = peer_make(all, member);
    pthread_mutex_unlock(&all->lock);
    return p;
}

struct whose {
    const struct peers *peers;
    const uint8_t *key;
    char member[GROUP_NAME_MAX + 1];
    bool found;
};

static void whose_by_config(struct whose *w)
{
    const struct config_peers *c = atomic_load(&w->peers->named);

    for (size_t i = 0; c && i < c->n && !w->found; i++) {
        uint8_t key[32];

        w->found = c->at[i].key && hex_decode(c->at[i].key, 64, key, sizeof(key)) &&
                   !memcmp(key, w->key, sizeof(key));
        if (w->found)
            snprintf(w->member, sizeof(w->member), "%s", c->at[i].member);
    }
}

static void whose_find(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct whose *w = ctx;
    const struct charter *c = fold ? fold_charter(fold) : NULL;
    const struct charter_key *k;
    struct key32 key;

    (void)l;
    if (!c) {
        whose_by_config(w);
        return;
    }
    memcpy(key.b, w->key, sizeof(key.b));
    k = charter_key(c, &key);
    w->found = k && !k->person && !c->members[k->member].suspended;
    if (w->found)
        snprintf(w->member, sizeof(w->member), "%s", c->members[k->member].id);
}

bool peers_member(struct peers *p, const uint8_t key[32], char ret[GROUP_NAME_MAX + 1])
{
    struct whose w = {.peers = p, .key = key, .member = ""};

    live_group_read(p->group, whose_find, &w);
    snprintf(ret, GROUP_NAME_MAX + 1, "%s", w.member);
    return w.found;
}

bool peer_is_known(struct node *node, const uint8_t key[32])
{
    struct peers *p = node_opened(node, &peer_part);
    char member[GROUP_NAME_MAX + 1];

    return p && peers_member(p, key, member);
}

void charter_mark(const struct fold *f, uint8_t ret[16])
{
    const struct charter *c = f ? fold_charter(f) : NULL;

    memset(ret, 0, 16);
    if (c)
        memcpy(ret, c->hash.b, 16);
}

/* ---- shares ---- */

static void bucket_fill(struct bucket *b, uint64_t rate)
{
    uint64_t now = clock_steady_us();
    uint64_t more = b->at_us ? (now - b->at_us) / 1000 * rate / 1000 : rate;

    b->at_us = now;
    b->left += more < rate ? (int64_t)more : (int64_t)rate;
    if (b->left > (int64_t)rate)
        b->left = (int64_t)rate;
}

uint64_t bucket_wait_ms(struct bucket *b, uint64_t rate)
{
    bucket_fill(b, rate);
    return b->left >= 0 ? 0 : (uint64_t)-b->left * 1000 / rate + 1;
}

uint64_t bucket_take(struct bucket *b, uint64_t rate, uint64_t n)
{
    bucket_fill(b, rate);
    b->left -= (int64_t)n;
    return b->left >= 0 ? 0 : (uint64_t)-b->left * 1000 / rate + 1;
}

void peer_heard(struct peer *p, const struct group_log_counts *c)
{
    pthread_mutex_lock(&p->peers->lock);
    p->contact_ms = clock_ms();
    p->taken += c->taken;
    p->apart += c->apart;
    p->over += c->over;
    pthread_mutex_unlock(&p->peers->lock);
}

/* ---- what is shown ---- */

/* Events that the member may see and has not said to have. */
static uint64_t behind(const struct peer *p, const struct fold *fold)
{
    const struct charter *c = fold_charter(fold);
    int64_t member = group_log_member(c, p->member);
    const struct fold_event *e;
    uint64_t n = 0;

    for (uint64_t i = p->receipt_row; (e = fold_event_at(fold, i)); i++)
        n += group_log_shows(c, member, e);
    return n;
}

static const struct peer *find(const struct peers *all, const char *member)
{
    for (size_t i = 0; i < all->n; i++)
        if (!strcmp(all->list[i]->member, member))
            return all->list[i];
    return NULL;
}

static void put_ms(struct json_out *j, const char *name, uint64_t ms)
{
    json_put_number_or_null(j, name, ms, 0);
}

void peers_json(struct peers *all, const char *member, const struct fold *fold, struct json_out *j)
{
    const struct config_peer *config;
    const struct peer *p;

    pthread_mutex_lock(&all->lock);
    p = find(all, member);
    config = p ? atomic_load(&p->config) : NULL;
    if (p) {
        json_object(j);
        json_put_string(j, "url", config ? config->url : NULL);
        put_ms(j, "contact_ms", p->contact_ms);
        put_ms(j, "receipt_ms", p->receipt_ms);
        json_put_number(j, "behind", behind(p, fold));
        json_put_number(j, "taken", p->taken);
        json_put_number(j, "apart", p->apart);
        json_put_number(j, "left_out", p->over);
        json_put_string(j, "failing", p->failing[0] ? p->failing : NULL);
        json_object_end(j);
    } else {
        json_null(j);
    }
    pthread_mutex_unlock(&all->lock);
}

struct measuring {
    struct peers *peers;
    struct text *to;
    size_t splits;
};

static void behind_metrics(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct measuring *m = ctx;

    (void)l;
    m->splits = fold ? fold_split_n(fold) : 0;
    pthread_mutex_lock(&m->peers->lock);
    for (size_t i = 0; fold && i < m->peers->n; i++)
        metric_u64(m->to, "cordon_peer_behind", "member", m->peers->list[i]->member,
                   behind(m->peers->list[i], fold));
    pthread_mutex_unlock(&m->peers->lock);
}

static void part_metrics(void *part, struct text *to)
{
    struct peers *p = part;
    struct measuring m = {.peers = p, .to = to};

    metric_head(to, "cordon_peer_contact_ms", "gauge", "When a member was heard of last.");
    pthread_mutex_lock(&p->lock);
    for (size_t i = 0; i < p->n; i++)
        metric_u64(to, "cordon_peer_contact_ms", "member", p->list[i]->member,
                   p->list[i]->contact_ms);
    metric_head(to, "cordon_peer_left_out_total", "counter",
                "Lines of a member that are no events, or beyond its share.");
    for (size_t i = 0; i < p->n; i++)
        metric_u64(to, "cordon_peer_left_out_total", "member", p->list[i]->member,
                   p->list[i]->apart + p->list[i]->over);
    metric_head(to, "cordon_peer_behind", "gauge",
                "Events that a member may see and has not said to have.");
    pthread_mutex_unlock(&p->lock);
    live_group_read(p->group, behind_metrics, &m);
    metric_head(to, "cordon_checkpoints_signed_total", "counter",
                "Checkpoints that the node has signed of its own streams.");
    metric_u64(to, "cordon_checkpoints_signed_total", NULL, NULL, atomic_load(&p->notes_signed));
    metric_head(to, "cordon_checkpoints_countersigned_total", "counter",
                "Checkpoints of others that it has countersigned.");
    metric_u64(to, "cordon_checkpoints_countersigned_total", NULL, NULL,
               atomic_load(&p->notes_countersigned));
    metric_head(to, "cordon_two_histories", "gauge",
                "Streams of which their authors have shown two histories.");
    metric_u64(to, "cordon_two_histories", NULL, NULL, m.splits);
}

/* ---- when the log changes ---- */

static void charter_see(void *ctx, struct group_log *l, const struct fold *fold)
{
    const struct charter *c = fold ? fold_charter(fold) : NULL;

    (void)l;
    if (c)
        *(struct hash32 *)ctx = c->hash;
}

static void changed(void *ctx, uint64_t version)
{
    struct peers *p = ctx;
    struct server *s = atomic_load(&p->server);
    struct hash32 now = {{0}};
    bool other;

    (void)version;
    live_group_read(p->group, charter_see, &now);
    pthread_mutex_lock(&p->lock);
    other = !hash32_equal(&now, &p->charter);
    p->charter = now;
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    if (other && s)
        server_cut(s);
    peer_splits_look(p);
}

/* ---- the part ---- */

static bool signer_open(struct peers *p, struct err *err)
{
    static const uint8_t name[] = "cordon.cursor/1";
    char folder[PATH_MAX];

    if (snprintf(folder, sizeof(folder), "%s/" KEYS_FOLDER, node_home(p->node)) >= PATH_MAX)
        return err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", node_home(p->node));
    if (!key_open(folder, NULL, (struct bytes){NULL, 0}, &p->signer, err))
        return err_in(err, "other nodes know this one by its key (cordon member key new node)");
    p->has_signer = true;
    crypto_generichash(p->cursor_key, sizeof(p->cursor_key), name, sizeof(name) - 1,
                       p->signer.secret, 32);
    return tls_self_signed(p->signer.secret, p->signer.key.b, p->certificate, p->key, err);
}

/* ---- whom the configuration names ---- */

static const char *kept(struct peers *p, const char *s, bool *ok)
{
    const char *copy = s ? arena_string(p->names, s, strlen(s)) : NULL;

    *ok = *ok && (copy || !s);
    return copy;
}

/* A copy that stays. */
static bool names_keep(struct peers *p, const struct config_peers *c, struct config_peers **ret,
                       struct err *err)
{
    struct config_peers *to = ARENA_NEW(p->names, struct config_peers);
    bool ok = to != NULL;

    for (size_t i = 0; ok && i < c->n; i++) {
        for (size_t k = 0; k < i; k++)
            if (!strcmp(c->at[i].member, c->at[k].member))
                return err_fail(err, ERR_INPUT, "peers: \"%s\" stands twice", c->at[i].member);
        if (!group_name_valid(c->at[i].member))
            return err_fail(err, ERR_INPUT, "peers: \"%s\" is no member's name", c->at[i].member);
        to->at[to->n++] = (struct config_peer){.member = kept(p, c->at[i].member, &ok),
                                               .url = kept(p, c->at[i].url, &ok),
                                               .key = kept(p, c->at[i].key, &ok)};
    }
    *ret = to;
    return ok || err_fail(err, ERR_LIMIT, "peers: the configuration was read too often");
}

static const struct config_peer *named(const struct config_peers *c, const char *member)
{
    for (size_t i = 0; i < c->n; i++)
        if (!strcmp(c->at[i].member, member))
            return &c->at[i];
    return NULL;
}

/* Whoever is not named any more is not asked any more. */
static void peers_drop(struct peers *p, const struct config_peers *c)
{
    size_t n;

    pthread_mutex_lock(&p->lock);
    n = p->n;
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < n; i++) {
        struct peer *peer = p->list[i];

        if (!peer->running || named(c, peer->member))
            continue;
        atomic_store(&peer->config, NULL);
        pthread_mutex_lock(&p->lock);
        pthread_cond_broadcast(&p->wake);
        pthread_mutex_unlock(&p->lock);
        pthread_join(peer->thread, NULL);
        peer->running = false;
    }
}

static bool peers_name(struct peers *p, const struct config_peers *c, struct err *err)
{
    struct config_peers *to;

    if (!names_keep(p, c, &to, err))
        return false;
    peers_drop(p, to);
    atomic_store(&p->named, to);
    for (size_t i = 0; i < to->n; i++) {
        struct peer *peer = peer_of(p, to->at[i].member);

        if (!peer)
            return err_fail(err, ERR_LIMIT, "more than %d members", PEERS_MAX);
        atomic_store(&peer->config, &to->at[i]);
        if (peer->running)
            continue;
        errno = pthread_create(&peer->thread, NULL, peer_run, peer);
        if (errno)
            return err_system(err, "a thread for a peer");
        peer->running = true;
    }
    return true;
}

static bool notes_start(struct peers *p, const struct config *c, struct err *err)
{
    peer_splits_look(p);
    if (!c->group.checkpoint_seconds)
        return true;
    errno = pthread_create(&p->notes_thread, NULL, peer_notes_run, p);
    p->notes_running = !errno;
    return p->notes_running || err_system(err, "a thread for checkpoints");
}

static void part_close(void *part)
{
    struct peers *p = part;

    if (!p)
        return;
    live_group_deafen(p->group, changed, p);
    atomic_store(&p->stopping, true);
    pthread_mutex_lock(&p->lock);
    pthread_cond_broadcast(&p->wake);
    pthread_mutex_unlock(&p->lock);
    server_stop(atomic_load(&p->server));
    for (size_t i = 0; i < p->n; i++) {
        if (p->list[i]->running)
            pthread_join(p->list[i]->thread, NULL);
        mem_free(p->list[i]);
    }
    if (p->notes_running)
        pthread_join(p->notes_thread, NULL);
    tls_close(p->tls);
    arena_free(p->names);
    metrics_free(p->metrics);
    log_close(p->quiet);
    store_close(p->store);
    if (p->has_signer)
        signer_end(&p->signer);
    sodium_memzero(p->key, sizeof(p->key));
    pthread_mutex_destroy(&p->lock);
    pthread_mutex_destroy(&p->store_lock);
    pthread_cond_destroy(&p->wake);
    mem_free(p);
}

/* Once there is anybody to talk to. */
static bool talks(struct peers *p, const struct config *c, struct err *err)
{
    if (p->has_signer)
        return true;
    return signer_open(p, err) && live_group_listen(p->group, changed, p, err) &&
           (!c->group.listen || peers_listen(p, c, err)) && notes_start(p, c, err);
}

static bool open_all(struct peers *p, struct err *err)
{
    const struct config *c = node_config(p->node);

    if (!node_store_open(p->node, &p->store, err))
        return false;
    p->names = arena_new(NULL, NAMES_BYTES_MAX);
    if (!p->names)
        return err_fail(err, ERR_NOMEM, "peers");
    if (!c->group.listen && !c->peers.n)
        return true;
    return talks(p, c, err) && peers_name(p, &c->peers, err);
}

static bool part_reload(void *part, struct node *n, struct err *err)
{
    const struct config *c = node_config(n);

    return (!c->peers.n || talks(part, c, err)) && peers_name(part, &c->peers, err);
}

static bool part_open(struct node *n, void **ret, struct err *err)
{
    struct peers *p = mem_zero(sizeof(*p));

    if (!p)
        return err_fail(err, ERR_NOMEM, "peers");
    pthread_mutex_init(&p->lock, NULL);
    pthread_mutex_init(&p->store_lock, NULL);
    clock_cond_init(&p->wake);
    p->node = n;
    p->log = node_log(n);
    p->group = node_opened(n, &group_part);
    if (p->group ? open_all(p, err) : err_fail(err, ERR_SYSTEM, "no group")) {
        *ret = p;
        return true;
    }
    part_close(p);
    return false;
}

const struct node_part peer_part = {
    .name = "peers",
    .schema = &peer_schema,
    .open = part_open,
    .close = part_close,
    .reload = part_reload,
    .metrics = part_metrics,
};
