/* The thread of a peer that is asked: its events come in a page at a time, and what must not wait
 * goes out. */
#include "serve/peer_parts.h"

#include "base/mem.h"
#include "serve/clock.h"

#include <errno.h>
#include <stdio.h>

#define ROUND_BYTES_MAX ((size_t)256 << 20) /* of one answer, read */
#define PUSH_BYTES ((size_t)192 << 10)
#define PUSH_ROWS_MAX 1000
#define PAUSE_MS_MAX 30000
#define OVER_AGAIN_MS 3600000 /* what was beyond its author's share is asked for again */
#define BUSY_MS 1000          /* after it has said that this is too much for now */

bool peer_ends(const struct peer *p)
{
    return atomic_load(&p->peers->stopping) || !atomic_load(&p->config);
}

struct round {
    struct peer *p;
    const struct config_peer *config; /* that client is of */
    struct peer_client *client;
    struct key32 keys[PEER_KEYS_MAX]; /* that client has pinned */
    size_t keys_n;
    bool has_client;
};

/* ---- whose key ---- */

struct pins {
    const struct peer *p;
    const struct config_peer *config;
    struct key32 keys[PEER_KEYS_MAX];
    size_t n;
};

static void pins_find(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct pins *to = ctx;
    const struct charter *c = fold ? fold_charter(fold) : NULL;
    int64_t at = c ? charter_member(c, to->p->member) : -1;
    const char *hex = to->config->key;

    (void)l;
    for (size_t i = 0; c && i < c->keys_n && to->n < PEER_KEYS_MAX; i++)
        if ((int64_t)c->keys[i].member == at && !c->keys[i].person)
            to->keys[to->n++] = c->keys[i].key;
    if (!c && hex && hex_decode(hex, 64, to->keys[0].b, sizeof(to->keys[0].b)))
        to->n = 1;
}

static bool keys_alike(const struct round *r, const struct pins *pins)
{
    return r->has_client && r->config == pins->config && r->keys_n == pins->n &&
           !memcmp(r->keys, pins->keys, pins->n * sizeof(pins->keys[0]));
}

static bool client_ready(struct round *r, struct err *err)
{
    struct pins pins = {.p = r->p, .config = atomic_load(&r->p->config)};

    if (!pins.config)
        return err_fail(err, ERR_NOT_FOUND, "it is not asked any more");
    live_group_read(r->p->peers->group, pins_find, &pins);
    if (!pins.n)
        return err_fail(err, ERR_NOT_FOUND, "it is no active member, and no key of it is known");
    if (keys_alike(r, &pins))
        return true;
    r->client = peer_client_close(r->client);
    r->has_client = peer_client_open(r->p, pins.config->url, pins.keys, pins.n, &r->client, err);
    if (!r->has_client)
        return false;
    memcpy(r->keys, pins.keys, sizeof(r->keys));
    r->config = pins.config;
    r->keys_n = pins.n;
    return true;
}

/* ---- waiting ---- */

enum woken { WOKEN_TIME, WOKEN_ASKED, WOKEN_CHANGED };

/* seen: and until more has changed than that */
static enum woken wait_for(struct peer *p, const struct timespec *until, const uint64_t *seen)
{
    struct peers *all = p->peers;
    enum woken ret = WOKEN_TIME;
    bool late = false;

    pthread_mutex_lock(&all->lock);
    while (!late && ret == WOKEN_TIME && !peer_ends(p)) {
        if (p->ask)
            ret = WOKEN_ASKED;
        else if (seen && live_group_changes(all->group) > *seen)
            ret = WOKEN_CHANGED;
        else
            late = pthread_cond_timedwait(&all->wake, &all->lock, until) != 0;
    }
    p->ask = p->ask && ret != WOKEN_ASKED;
    pthread_mutex_unlock(&all->lock);
    return ret;
}

static void pause_for(struct peer *p, uint64_t ms)
{
    struct timespec until;

    clock_steady_in_ms(&until, ms);
    while (!peer_ends(p) && wait_for(p, &until, NULL) != WOKEN_TIME)
        continue;
}

/* ---- pushing ---- */

/* What others must know at once. */
static bool is_urgent(const struct event *e)
{
    return object_is(e->object, "alert") || !strcmp(e->type, "key.revoke") ||
           !strcmp(e->type, "case.report");
}

struct pushing {
    struct peer *p;
    struct text body;
    uint64_t from, looked, to; /* rows */
    uint64_t notes, notes_to;  /* checkpoints */
    bool urgent, ok;
    struct err *err;
};

/* Of its own member alone, and what the other may see. */
struct going {
    const struct charter *c;
    int64_t to, ours;
};

static struct going going_of(const struct fold *fold, const struct peer *p)
{
    struct going g = {.c = fold ? fold_charter(fold) : NULL, .to = -1, .ours = -1};
    const struct charter_key *k = g.c ? charter_key(g.c, &p->peers->signer.key) : NULL;

    g.to = group_log_member(g.c, p->member);
    g.ours = k ? (int64_t)k->member : -1;
    return g;
}

static bool goes_out(const struct going *g, const struct fold_event *e)
{
    return g->ours >= 0 && !strcmp(g->c->members[g->ours].id, e->e.author) &&
           group_log_shows(g->c, g->to, e);
}

/* Who shows two histories is to be known everywhere. */
static bool splits_gather(struct pushing *g, struct group_log *l, const struct fold *fold)
{
    struct group_log_page how = {.to = g->p->member, .notes = g->notes, .split = true};
    struct group_log_paged paged = {.lines = 0};

    g->notes_to = group_log_notes_last(l);
    if (!fold_split_n(fold) || g->body.n >= PUSH_BYTES)
        return true;
    how.bytes_max = PUSH_BYTES - g->body.n;
    if (!group_log_notes_page(l, &how, &g->body, &paged, g->err))
        return false;
    g->notes_to = paged.notes;
    g->urgent = g->urgent || paged.lines;
    return true;
}

/* With what comes before in those streams and was not sent yet. */
static void push_gather(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct pushing *g = ctx;
    struct going going = going_of(fold, g->p);
    const struct fold_event *e;
    uint64_t i;

    g->to = fold ? group_log_rows(l) : 0;
    for (i = g->looked; i < g->to && (e = fold_event_at(fold, i)); i++)
        g->urgent = g->urgent || (is_urgent(&e->e) && goes_out(&going, e));
    i = g->to > g->from + PUSH_ROWS_MAX ? g->to - PUSH_ROWS_MAX : g->from;
    for (; g->ok && g->urgent && i < g->to && (e = fold_event_at(fold, i)); i++)
        if (g->body.n < PUSH_BYTES && goes_out(&going, e)) {
            g->ok = group_log_line_put(l, e, &g->body, g->err);
            text_char(&g->body, '\n');
        }
    g->notes_to = g->notes;
    if (g->ok && fold)
        g->ok = splits_gather(g, l, fold);
}

/* More than goes in one request is pulled. */
static bool push(struct round *r, struct err *err)
{
    struct peer *p = r->p;
    struct pushing g = {.p = p,
                        .body = text_new(PUSH_BYTES + EVENT_LINE_BYTES_MAX),
                        .from = p->pushed,
                        .looked = p->looked,
                        .notes = p->notes_looked,
                        .ok = true,
                        .err = err};
    struct bytes body, ignored;

    pthread_mutex_lock(&p->peers->lock);
    if (g.from < p->receipt_row)
        g.from = p->receipt_row;
    pthread_mutex_unlock(&p->peers->lock);
    if (g.looked < g.from)
        g.looked = g.from;
    live_group_read(p->peers->group, push_gather, &g);
    g.ok = g.ok && text_end(&g.body, err);
    body = (struct bytes){(const uint8_t *)g.body.p, g.body.n};
    if (g.ok && g.urgent && body.n <= HTTP_BODY_MEMORY_MAX)
        g.ok = peer_client_ask(r->client, "/group/v1/log", &body, &ignored, err);
    if (g.ok) {
        p->looked = g.to;
        p->notes_looked = g.notes_to;
        p->pushed = g.urgent ? g.to : p->pushed;
    }
    text_free(&g.body);
    return g.ok;
}

/* ---- pulling ---- */

static bool group_joins(struct peers *all, const struct hash32 *group, struct err *err)
{
    const char *wanted = node_config(all->node)->group.join;
    struct group_log *l = NULL;
    struct hash32 join;
    bool ok;

    if (!wanted || !hash_from_hex(wanted, &join) || !hash32_equal(&join, group))
        return err_fail(err, ERR_INPUT,
                        "this home is of no group yet, and group.join does not name its group");
    ok = group_log_open(node_home(all->node), STORE_WRITE, &live_random, &l, err) &&
         group_log_join(l, group, err) && group_log_commit(l, err);
    group_log_close(l);
    return ok && live_group_renew(all->group, err);
}

struct seeing {
    struct hash32 group;
    bool any;
};

static void group_see(void *ctx, struct group_log *l, const struct fold *fold)
{
    struct seeing *s = ctx;

    s->any = fold != NULL;
    if (fold)
        s->group = *group_log_group(l);
}

static bool group_fits(struct peers *all, const struct hash32 *group, struct err *err)
{
    struct seeing s = {.any = false};

    live_group_read(all->group, group_see, &s);
    if (!s.any)
        return group_joins(all, group, err);
    return hash32_equal(&s.group, group) || err_fail(err, ERR_INPUT, "it is of another group");
}

struct taking {
    struct peer *p;
    const struct group_line *lines;
    size_t n;
    struct group_log_counts counts;
    bool again; /* what was left out fits now */
    bool whole; /* nothing is left out */
};

static bool take(void *ctx, struct group_log *l, struct err *err)
{
    struct taking *t = ctx;
    struct group_sender *from = &t->p->from;
    bool ok;

    from->now_ms = clock_ms();
    ok = group_log_take_lines(l, from, t->lines, t->n, &t->counts, err);
    t->again = (from->missed && from->waiting_n < GROUP_SENDER_WAITING_MAX / 2) ||
               (from->over_ms && from->now_ms - from->over_ms >= OVER_AGAIN_MS);
    if (t->again) {
        from->missed = false;
        from->over_ms = 0;
    }
    t->whole = !from->missed && !from->over_ms;
    return ok;
}

struct page {
    struct arena *a;
    struct peer_answer answer;
    struct group_line *lines; /* [n] their signatures are checked */
    size_t n;
};

static void page_end(struct page *g)
{
    g->a = arena_free(g->a);
}

/* An answer is the client's until the next one: the page has a copy. */
static bool page_read(struct bytes text, struct page *ret, struct err *err)
{
    struct bytes copy;

    ret->a = arena_new(NULL, ROUND_BYTES_MAX);
    copy = (struct bytes){ret->a ? arena_copy(ret->a, text.p, text.n) : NULL, text.n};
    if ((copy.p || err_fail(err, ERR_NOMEM, "an answer")) &&
        peer_answer_read(ret->a, copy, &ret->answer, err) &&
        group_lines_read(ret->a, ret->answer.lines, &ret->answer.group, &ret->lines, &ret->n, err))
        return true;
    page_end(ret);
    return false;
}

static bool page_ask(struct round *r, const struct peer_cursor *since, struct page *ret,
                     struct err *err)
{
    uint64_t rate = node_config(r->p->peers->node)->group.rate, wait;
    char path[64 + PEER_CURSOR_N];
    struct bytes text;

    snprintf(path, sizeof(path), "/group/v1/log%s%s", since->hex[0] ? "?since=" : "", since->hex);
    while (!peer_client_ask(r->client, path, NULL, &text, err)) {
        if (err->class != ERR_LIMIT || peer_ends(r->p))
            return false;
        pause_for(r->p, BUSY_MS);
    }
    pthread_mutex_lock(&r->p->peers->lock);
    wait = bucket_take(&r->p->in, rate, text.n);
    pthread_mutex_unlock(&r->p->peers->lock);
    if (wait)
        pause_for(r->p, wait);
    return page_read(text, ret, err);
}

static bool page_take(struct round *r, struct page *g, bool *ret_again, struct err *err)
{
    struct taking t = {.p = r->p, .lines = g->lines, .n = g->n};

    if (!group_fits(r->p->peers, &g->answer.group, err))
        return false;
    if (t.n && !live_group_write(r->p->peers->group, take, &t, err))
        return false;
    r->p->cursor = g->answer.cursor;
    if (t.again)
        r->p->cursor.hex[0] = 0;
    *ret_again = t.again;
    for (size_t i = 0; i < t.n; i++)
        if (!g->lines[i].reason && !g->lines[i].is_checkpoint)
            peer_fresh_put(r->p, &g->lines[i].line.event);
    peer_heard(r->p, &t.counts);
    return !t.n || !t.whole || peer_cursor_save(r->p, err); /* else a restart asks for it */
}

/* The next page comes, and is checked, while this one is taken in. */
struct ahead {
    struct round *r;
    struct peer_cursor since;
    struct page page;
    struct err err;
    bool ok;
};

static void *ahead_run(void *ctx)
{
    struct ahead *h = ctx;

    h->ok = page_ask(h->r, &h->since, &h->page, &h->err);
    return NULL;
}

static bool take_and_ask(struct round *r, struct page *now, struct ahead *h, bool *ret_again,
                         struct err *err)
{
    pthread_t thread;
    bool ok;

    *h = (struct ahead){.r = r, .since = now->answer.cursor};
    errno = pthread_create(&thread, NULL, ahead_run, h);
    if (errno)
        return err_system(err, "a thread for a page");
    ok = page_take(r, now, ret_again, err);
    pthread_join(thread, NULL);
    return ok;
}

/* All that is there now. */
static bool pull(struct round *r, struct err *err)
{
    bool again = false, more = true, ok;
    struct page now = {.a = NULL};
    struct ahead h = {.ok = false};

    ok = page_ask(r, &r->p->cursor, &now, err);
    while (ok && more && !peer_ends(r->p)) {
        more = now.answer.more;
        ok = more ? take_and_ask(r, &now, &h, &again, err) : page_take(r, &now, &again, err);
        page_end(&now);
        if (again)
            more = false; /* and from the first row in the next round */
        if (ok && more) {
            now = h.page;
            h.page.a = NULL;
            ok = h.ok;
            if (!ok)
                *err = h.err;
        }
        page_end(&h.page);
    }
    page_end(&now);
    return ok;
}

/* ---- the thread ---- */

static bool round_run(struct round *r, struct err *err)
{
    return client_ready(r, err) && push(r, err) && pull(r, err) &&
           peer_acknowledge(r->p, r->client, err);
}

/* Told once, until it changes. */
static void tell(struct peer *p, bool ok, const struct err *err)
{
    char before[PEER_FAILING_MAX];

    if (peer_ends(p))
        return;
    pthread_mutex_lock(&p->peers->lock);
    memcpy(before, p->failing, sizeof(before));
    snprintf(p->failing, sizeof(p->failing), "%.199s", ok ? "" : err->text);
    p->failures += !ok;
    pthread_mutex_unlock(&p->peers->lock);
    if (!ok && strcmp(before, p->failing) != 0)
        log_event(p->peers->log, LOG_WARNING, "peer", NULL, "%s: %s", p->member, err->text);
    if (ok && before[0])
        log_event(p->peers->log, LOG_INFO, "peer", NULL, "%s: is reached again", p->member);
}

/* Until the next round; what must not wait goes out meanwhile. */
static bool between(struct round *r, uint64_t ms, struct err *err)
{
    struct timespec until;

    clock_steady_in_ms(&until, ms);
    for (;;) {
        uint64_t seen = live_group_changes(r->p->peers->group);

        if (!push(r, err))
            return false;
        if (wait_for(r->p, &until, &seen) != WOKEN_CHANGED)
            return true;
    }
}

void *peer_run(void *peer)
{
    struct round r = {.p = peer};
    uint64_t pause = PEER_PULL_MS;
    struct timespec until;
    struct err err;

    peer_fresh_begin(r.p);
    while (!peer_ends(r.p)) {
        bool ok = round_run(&r, &err) && between(&r, PEER_PULL_MS, &err);

        tell(r.p, ok, &err);
        if (ok) {
            pause = PEER_PULL_MS;
            continue;
        }
        clock_steady_in_ms(&until, pause);
        wait_for(r.p, &until, NULL);
        pause = pause * 2 < PAUSE_MS_MAX ? pause * 2 : PAUSE_MS_MAX;
    }
    peer_client_close(r.client);
    return NULL;
}
