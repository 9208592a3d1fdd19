#include "serve/follow.h"

#include "base/mem.h"
#include "serve/clock.h"
#include "serve/follow_agree.h"
#include "serve/follow_folder.h"
#include "serve/follow_heads.h"
#include "serve/follow_node.h"
#include "serve/follow_zmq.h"
#include "serve/metrics.h"
#include "serve/rpc_source.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#define AGAIN_MS 500u /* after a node's first failure; doubles */
#define AGAIN_MS_MAX 30000u
#define BROKEN_MS 5000u /* after the ledger could not be written */
#define CLOSE_MS 20u    /* between two looks whether a thread has ended */
#define TURN_SECONDS 1  /* so long who hands in messages waits for others: a worker waits with it */

struct peer { /* one of the chain's nodes */
    const char *url;
    char name[RPC_HOST_MAX]; /* without what may be secret */
    struct follow_node *node;
    struct follow_seen seen;
    unsigned fails;
    bool blocks_fail; /* its tip alone does not make it good again */
    uint64_t again_ms;
};

struct numbers { /* under the follower's lock */
    struct follow_status s;
    uint64_t used, switches, failures, disagreements, undone, readable_ms, lost;
    uint64_t files, bad_files; /* of a bank's folder */
    uint64_t split_ms;         /* since when nodes disagree; 0: they do not */
    bool deep, broken;
};

struct follower {
    struct follow *all;
    const struct config_follow *config;
    const struct chain *chain;
    char dir[PATH_MAX];
    struct follow_ledger ledger;
    struct peer peers[CONFIG_FOLLOW_URLS_MAX];
    unsigned peers_n, used; /* used: peers_n: none yet */
    struct hash32 done;     /* up to this block all has been taken */
    bool done_any, told_broken;
    uint64_t again_ms; /* not before */
    atomic_bool stop;
    struct follow_zmq *zmq;
    struct follow_heads *heads;
    pthread_t thread;
    bool started, woken, ended;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool taking;           /* somebody hands in messages: one at a time */
    pthread_cond_t turn;   /* the next one may */
    pthread_cond_t taken;  /* it has been done, or the thread has ended */
    struct hand_in *given; /* NULL: nothing to take */
    struct numbers now;
};

struct hand_in { /* messages for a bank's book */
    struct bytes messages;
    struct follow_took took;
    struct err err;
    bool ok, done;
};

struct follow {
    struct live_ledgers *ledgers;
    struct log *log;
    struct follower *chains; /* [all_n], of which n were started */
    size_t n, all_n;
    pthread_mutex_t listening; /* held while listeners are called */
    struct listener {
        follow_mempool_fn *mempool;
        void *ctx;
    } listeners[FOLLOW_LISTENERS_MAX];
    size_t listeners_n;
};

/* ---- asking the nodes ---- */

static void peer_failed(struct follower *f, struct peer *p, const struct err *err)
{
    uint64_t pause = AGAIN_MS;

    for (unsigned i = 0; i < p->fails && pause < AGAIN_MS_MAX; i++)
        pause *= 2;
    p->again_ms = clock_steady_ms() + (pause < AGAIN_MS_MAX ? pause : AGAIN_MS_MAX);
    p->seen.up = false;
    follow_node_rest(p->node);
    pthread_mutex_lock(&f->lock);
    f->now.failures++;
    pthread_mutex_unlock(&f->lock);
    if (!p->fails++ && !f->stop)
        log_event(f->all->log, LOG_WARNING, "follow", NULL, "%s: left alone for a while: %s",
                  f->chain->name, err->text);
}

static bool peer_ask(struct follower *f, struct peer *p, struct err *err)
{
    struct follow_node_options o = {.url = p->url,
                                    .cookie = f->config->cookie,
                                    .chain = f->chain,
                                    .stop = &f->stop,
                                    .confirmed = !strcmp(f->config->commitment, "confirmed"),
                                    .check = !strcmp(f->config->check, "full")};

    return (p->node || follow_node_open(&o, &p->node, err)) &&
           follow_node_tip(p->node, &p->seen.height, &p->seen.hash, err);
}

static void peers_ask(struct follower *f)
{
    for (unsigned i = 0; i < f->peers_n && !f->stop; i++) {
        struct peer *p = &f->peers[i];
        struct err err;

        if (p->again_ms > clock_steady_ms())
            continue;
        p->seen.up = peer_ask(f, p, &err);
        if (!p->seen.up) {
            peer_failed(f, p, &err);
            continue;
        }
        if (p->blocks_fail)
            continue;
        if (p->fails)
            log_event(f->all->log, LOG_INFO, "follow", NULL, "%s: %s answers again", f->chain->name,
                      p->name);
        p->fails = 0;
    }
}

static bool peer_hash(void *ctx, unsigned i, uint64_t height, struct hash32 *ret)
{
    struct follower *f = ctx;
    struct err err;

    return follow_node_hash(f->peers[i].node, height, ret, &err);
}

/* ---- what they say together ---- */

static void tell_split(struct follower *f, const struct follow_agreed *a)
{
    char names[400] = "";
    size_t n = 0;

    for (unsigned i = 0; i < f->peers_n && n < sizeof(names); i++)
        if (a->against >> i & 1)
            n += (size_t)snprintf(names + n, sizeof(names) - n, " %s", f->peers[i].name);
    if (a->any)
        log_event(f->all->log, LOG_WARNING, "follow", NULL,
                  "%s: nodes disagree, block %llu is agreed on; others have%s", f->chain->name,
                  (unsigned long long)a->height, names);
    else
        log_event(f->all->log, LOG_ERROR, "follow", NULL,
                  "%s: nodes disagree, and no block is agreed on:%s", f->chain->name, names);
}

static void agreed_note(struct follower *f, const struct follow_agreed *a)
{
    bool split = a->against != 0, was;
    unsigned up = 0;

    for (unsigned i = 0; i < f->peers_n; i++)
        up += f->peers[i].seen.up;
    pthread_mutex_lock(&f->lock);
    was = f->now.split_ms != 0;
    f->now.s.up = up;
    if (a->any)
        f->now.s.tip = a->height;
    f->now.s.disagree = split;
    f->now.deep = split && a->deep;
    f->now.disagreements += split && !was;
    f->now.split_ms = !split ? 0 : was ? f->now.split_ms : clock_steady_ms();
    pthread_mutex_unlock(&f->lock);
    if (split && !was)
        tell_split(f, a);
    if (!split && was && up)
        log_event(f->all->log, LOG_INFO, "follow", NULL, "%s: nodes agree again", f->chain->name);
}

static struct follow_agreed agree(struct follower *f)
{
    struct follow_seen seen[FOLLOW_NODES_MAX];
    struct follow_agreed a;
    struct err lost;

    for (unsigned i = 0; i < f->peers_n; i++)
        seen[i] = f->peers[i].seen;
    a = follow_agree(seen, f->peers_n, (unsigned)f->config->agree, peer_hash, f);
    err_set(&lost, ERR_SYSTEM, "it did not say which block it has");
    for (unsigned i = 0; i < f->peers_n; i++)
        if (a.lost >> i & 1)
            peer_failed(f, &f->peers[i], &lost);
    agreed_note(f, &a);
    return a;
}

/* The first of those that have the block. */
static struct peer *choose(struct follower *f, const struct follow_agreed *a)
{
    unsigned i = (unsigned)__builtin_ctz(a->with);

    if (i == f->used)
        return &f->peers[i];
    if (f->used < f->peers_n)
        follow_node_rest(f->peers[f->used].node);
    log_event(f->all->log, LOG_INFO, "follow", NULL, "%s: blocks come from %s", f->chain->name,
              f->peers[i].name);
    pthread_mutex_lock(&f->lock);
    f->now.switches += f->used < f->peers_n;
    f->now.used = i;
    pthread_mutex_unlock(&f->lock);
    f->used = i;
    return &f->peers[i];
}

/* Where nothing in a block commits to what a node tells beside it, and no block is taken on the
 * word of one, another of those that have it must tell the same; one that was not wrong lately. */
static struct peer *choose_second(struct follower *f, const struct follow_agreed *a,
                                  const struct peer *first)
{
    struct peer *any = NULL;

    if (!rpc_is_uncommitted(f->chain) || f->config->agree < 2)
        return NULL;
    for (unsigned i = 0; i < f->peers_n; i++) {
        struct peer *p = &f->peers[i];

        if (p == first || !(a->with >> i & 1))
            continue;
        if (!p->blocks_fail)
            return p;
        any = any ? any : p;
    }
    return any;
}

/* ---- growing ---- */

static bool tip_of(struct live_ledgers_view *v, const struct chain *chain, uint64_t *ret_height)
{
    struct live_ledgers_one one;
    uint64_t n;

    if (!live_ledgers_find(v, chain->name, &one))
        return false;
    n = one.coins ? ledger_counts(one.coins).blocks : account_ledger_counts(one.accounts).blocks;
    if (!n)
        return false;
    *ret_height = one.coins ? ledger_block(one.coins, (uint32_t)n - 1).height
                            : account_ledger_block(one.accounts, (uint32_t)n - 1).height;
    return true;
}

/* The ledger has other blocks than before: readers get them. */
static void publish(struct follower *f, uint64_t added, uint64_t undone, uint64_t since_ms)
{
    struct live_ledgers *ledgers = f->all->ledgers;
    struct live_ledgers_view *v;
    uint64_t height;
    struct err err;
    size_t changed;
    bool any;

    if (!live_ledgers_renew(ledgers, &changed, &err))
        log_event(f->all->log, LOG_ERROR, "follow", NULL, "%s: %s", f->chain->name, err.text);
    v = live_ledgers_take(ledgers);
    any = tip_of(v, f->chain, &height);
    live_ledgers_drop(ledgers, v);
    pthread_mutex_lock(&f->lock);
    f->now.s.height = any ? height : UINT64_MAX;
    f->now.undone += undone;
    if (added)
        f->now.readable_ms = clock_steady_ms() - since_ms;
    pthread_mutex_unlock(&f->lock);
}

/* The ledger could not be written: a full disk, another writer. */
static void broken(struct follower *f, const struct err *err)
{
    f->again_ms = clock_steady_ms() + BROKEN_MS;
    if (!f->told_broken)
        log_event(f->all->log, LOG_ERROR, "follow", NULL, "%s: %s", f->chain->name, err->text);
    f->told_broken = true;
    pthread_mutex_lock(&f->lock);
    f->now.broken = true;
    pthread_mutex_unlock(&f->lock);
}

/* One step towards what is agreed on. True: there is more to do at once. */
static bool grow(struct follower *f, const struct follow_agreed *a, uint64_t since_ms)
{
    struct peer *p = choose(f, a), *second = choose_second(f, a, p);
    struct follow_grown g;
    struct err err;
    bool ok = follow_node_grow(p->node, &f->ledger, a->height, &a->hash,
                               second ? second->url : NULL, &g, &err);

    if (g.added || g.undone)
        publish(f, g.added, g.undone, since_ms);
    if (f->stop)
        return false;
    if (!ok && g.broken && (err.class == ERR_SYSTEM || err.class == ERR_NOMEM)) {
        broken(f, &err);
        return false;
    }
    if (!ok) {
        p->blocks_fail = true;
        peer_failed(f, p, &err);
        if (second) { /* which of them it was is not known */
            second->blocks_fail = true;
            peer_failed(f, second, &err);
        }
        return true; /* another may do */
    }
    p->blocks_fail = false;
    if (second)
        second->blocks_fail = false;
    f->told_broken = false;
    pthread_mutex_lock(&f->lock);
    f->now.broken = false;
    pthread_mutex_unlock(&f->lock);
    if (!g.more) {
        f->done = a->hash;
        f->done_any = true;
    }
    return g.more;
}

/* Messages that somebody waits for. */
static void given_take(struct follower *f, struct hand_in *h)
{
    uint64_t start = clock_steady_ms();
    struct follow_grown g;

    h->ok = follow_messages_take(h->messages, &f->ledger, &h->took, &g, &h->err);
    if (g.added)
        publish(f, g.added, 0, start);
    pthread_mutex_lock(&f->lock);
    h->done = true;
    f->given = NULL;
    pthread_cond_signal(&f->taken);
    pthread_mutex_unlock(&f->lock);
}

static struct hand_in *given_next(struct follower *f)
{
    struct hand_in *h;

    pthread_mutex_lock(&f->lock);
    h = f->given;
    pthread_mutex_unlock(&f->lock);
    return h;
}

/* The next file of a bank's folder. True: there may be more. */
static bool folder_step(struct follower *f)
{
    uint64_t start = clock_steady_ms();
    struct follow_file file;
    struct follow_grown g;
    struct err err;

    if (!f->config->folder || f->again_ms > start)
        return false;
    if (!follow_folder_take(f->config->folder, &f->ledger, &file, &g, &err)) {
        broken(f, &err);
        return false;
    }
    f->told_broken = false;
    pthread_mutex_lock(&f->lock);
    f->now.broken = false;
    f->now.files += file.any && !file.bad;
    f->now.bad_files += file.any && file.bad;
    pthread_mutex_unlock(&f->lock);
    if (file.any && file.bad)
        log_event(f->all->log, LOG_WARNING, "follow", NULL, "%s: a file was put aside: %s",
                  f->chain->name, file.reason.text);
    if (g.added)
        publish(f, g.added, 0, start);
    return file.any;
}

/* What is handed in goes before what lies in the folder. True: there may be more. */
static bool book_step(struct follower *f)
{
    struct hand_in *h = given_next(f);

    if (h)
        given_take(f, h);
    return folder_step(f) || h;
}

/* Asks and grows once. True: there is more to do at once. */
static bool step(struct follower *f)
{
    uint64_t start = clock_steady_ms();
    struct follow_agreed a;

    peers_ask(f);
    if (f->stop)
        return false;
    a = agree(f);
    if (!a.any || f->stop || (f->done_any && hash32_equal(&f->done, &a.hash)) ||
        f->again_ms > start)
        return false;
    return grow(f, &a, start);
}

/* ---- threads ---- */

static void rest(struct follower *f)
{
    struct timespec until;

    clock_steady_in_ms(&until, f->config->poll_ms);
    pthread_mutex_lock(&f->lock);
    while (!f->woken && !f->stop && !pthread_cond_timedwait(&f->wake, &f->lock, &until))
        ;
    f->woken = false;
    pthread_mutex_unlock(&f->lock);
}

static void *run(void *ctx)
{
    struct follower *f = ctx;

    publish(f, 0, 0, 0);
    while (!f->stop)
        if (!(f->chain->shape == CHAIN_BANK ? book_step(f) : step(f)))
            rest(f);
    pthread_mutex_lock(&f->lock);
    f->ended = true;
    pthread_cond_signal(&f->taken);
    pthread_mutex_unlock(&f->lock);
    for (unsigned i = 0; i < f->peers_n; i++)
        f->peers[i].node = follow_node_close(f->peers[i].node);
    follow_ledger_close(&f->ledger);
    return NULL;
}

static void on_news(void *ctx)
{
    struct follower *f = ctx;

    pthread_mutex_lock(&f->lock);
    f->woken = true;
    pthread_cond_signal(&f->wake);
    pthread_mutex_unlock(&f->lock);
}

static void on_tx(void *ctx, struct bytes raw)
{
    struct follower *f = ctx;
    struct follow *all = f->all;

    pthread_mutex_lock(&all->listening);
    for (size_t i = 0; i < all->listeners_n; i++)
        all->listeners[i].mempool(all->listeners[i].ctx, f->chain, raw);
    pthread_mutex_unlock(&all->listening);
}

static void on_heads_failed(void *ctx, const struct err *err)
{
    struct follower *f = ctx;

    log_event(f->all->log, LOG_WARNING, "follow", NULL, "%s: no news of blocks, it is polled: %s",
              f->chain->name, err->text);
}

/* Who tells of new blocks between two polls. */
static bool news_open(struct follower *f, struct err *err)
{
    struct follow_zmq_calls zmq = {.block = on_news, .tx = on_tx, .ctx = f};
    struct follow_heads_calls heads = {
        .news = rpc_news(f->chain), .block = on_news, .failed = on_heads_failed, .ctx = f};

    if (f->config->pending)
        heads.pending = on_tx;
    if (f->config->zmq && !follow_zmq_open(f->config->zmq, zmq, &f->zmq, err))
        return err_in(err, "follow: %s", f->chain->name);
    return !f->config->ws || follow_heads_open(f->config->ws, heads, &f->heads, err) ||
           err_in(err, "follow: %s", f->chain->name);
}

static void follower_locks_end(struct follower *f)
{
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->turn);
    pthread_cond_destroy(&f->taken);
    pthread_cond_destroy(&f->wake);
}

static bool follower_start(struct follower *f, struct err *err)
{
    pthread_mutex_init(&f->lock, NULL);
    clock_cond_init(&f->turn);
    pthread_cond_init(&f->taken, NULL);
    clock_cond_init(&f->wake);
    errno = pthread_create(&f->thread, NULL, run, f);
    f->started = !errno;
    if (f->started)
        return news_open(f, err);
    follower_locks_end(f);
    return err_system(err, "a thread");
}

/* Its thread may wait for readers of its ledger, which are let go by a renewal. */
static void follower_end(struct follower *f)
{
    struct timespec until;
    struct err err;
    size_t changed;

    if (!f->started)
        return;
    f->stop = true;
    f->zmq = follow_zmq_close(f->zmq);
    f->heads = follow_heads_close(f->heads);
    on_news(f);
    do {
        if (!live_ledgers_renew(f->all->ledgers, &changed, &err))
            log_event(f->all->log, LOG_ERROR, "follow", NULL, "%s", err.text);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += (long)CLOSE_MS * 1000000;
        until.tv_sec += until.tv_nsec / 1000000000;
        until.tv_nsec %= 1000000000;
    } while (pthread_timedjoin_np(f->thread, NULL, &until) == ETIMEDOUT);
    follower_locks_end(f);
}

/* ---- opening ---- */

static bool has_nodes(const struct chain *c)
{
    return c->shape == CHAIN_COINS || rpc_source_can(c);
}

static bool chain_of(const struct config *c, size_t i, const struct chain **ret, struct err *err)
{
    const struct chain *chain = chain_by_name(c->follow[i].chain);

    if (!chain)
        return err_fail(err, ERR_INPUT, "follow: chain \"%s\" is not known", c->follow[i].chain);
    if (c->follow[i].urls.n ? !has_nodes(chain) : chain->shape != CHAIN_BANK)
        return err_fail(err, ERR_INPUT, "follow: %s is not followed by %s", chain->name,
                        c->follow[i].urls.n ? "nodes" : "messages");
    for (size_t k = 0; k < i; k++)
        if (chain_by_name(c->follow[k].chain) == chain)
            return err_fail(err, ERR_INPUT, "follow: %s twice", chain->name);
    *ret = chain;
    return true;
}

static bool dir_of(const char *home, const struct chain *chain, char ret[PATH_MAX], struct err *err)
{
    return snprintf(ret, PATH_MAX, "%s/%s", home, chain->name) < PATH_MAX ||
           err_fail(err, ERR_SYSTEM, "\"%s\": too long a name", home);
}

bool follow_prepare(const struct config *config, const char *home, struct err *err)
{
    for (size_t i = 0; i < config->follow_n; i++) {
        struct follow_ledger l = {.coins = NULL};
        char dir[PATH_MAX];

        if (!chain_of(config, i, &l.chain, err) || !dir_of(home, l.chain, dir, err))
            return false;
        l.dir = dir;
        if (!follow_ledger_open(&l, err))
            return false;
        follow_ledger_close(&l);
    }
    return true;
}

static bool follower_init(struct follower *f, struct follow *all, const struct config *config,
                          size_t i, const char *home, struct err *err)
{
    f->all = all;
    f->config = &config->follow[i];
    f->peers_n = f->used = (unsigned)f->config->urls.n;
    if (!chain_of(config, i, &f->chain, err) || !dir_of(home, f->chain, f->dir, err))
        return false;
    if ((f->config->zmq && f->chain->shape != CHAIN_COINS) ||
        (f->config->ws && !rpc_news(f->chain)) || (f->config->pending && !f->chain->evm_id))
        return err_fail(err, ERR_INPUT,
                        "follow: %s: zmq is of chains of coins, ws of EVM chains, Solana and the "
                        "XRP Ledger, pending of EVM chains",
                        f->chain->name);
    f->ledger = (struct follow_ledger){.chain = f->chain, .dir = f->dir, .from = f->config->from};
    f->ledger.kept = mem_zero(rpc_kept_bytes(f->chain) + 1);
    if (!f->ledger.kept)
        return err_fail(err, ERR_NOMEM, "blocks that were given");
    f->now.s = (struct follow_status){.height = UINT64_MAX, .tip = UINT64_MAX, .nodes = f->peers_n};
    f->now.used = UINT64_MAX;
    for (unsigned k = 0; k < f->peers_n; k++) {
        f->peers[k].url = f->config->urls.at[k];
        if (!rpc_host(f->peers[k].url, f->peers[k].name, err))
            return err_in(err, "follow: %s", f->chain->name);
    }
    return true;
}

bool follow_open(const struct config *config, const char *home, struct live_ledgers *ledgers,
                 struct log *log, struct follow **ret, struct err *err)
{
    struct follow *f = mem_zero(sizeof(*f));
    bool ok = f && (f->chains = mem_array(config->follow_n, sizeof(*f->chains)));

    if (!ok) {
        mem_free(f);
        return err_fail(err, ERR_NOMEM, "followed chains");
    }
    f->ledgers = ledgers;
    f->log = log;
    f->all_n = config->follow_n;
    pthread_mutex_init(&f->listening, NULL);
    for (size_t i = 0; ok && i < config->follow_n; i++)
        ok = follower_init(&f->chains[i], f, config, i, home, err);
    for (size_t i = 0; ok && i < config->follow_n; i++) {
        ok = follower_start(&f->chains[i], err);
        f->n += f->chains[i].started;
    }
    if (!ok) {
        follow_close(f);
        return false;
    }
    *ret = f;
    return true;
}

struct follow *follow_close(struct follow *f)
{
    if (!f)
        return NULL;
    for (size_t i = 0; i < f->n; i++)
        f->chains[i].stop = true; /* all at once */
    for (size_t i = 0; i < f->n; i++)
        follower_end(&f->chains[i]);
    for (size_t i = 0; i < f->all_n; i++)
        mem_free(f->chains[i].ledger.kept);
    pthread_mutex_destroy(&f->listening);
    mem_free(f->chains);
    return mem_free(f);
}

/* ---- for others ---- */

bool follow_mempool(struct follow *f, follow_mempool_fn *fn, void *ctx)
{
    bool room;

    pthread_mutex_lock(&f->listening);
    room = f->listeners_n < FOLLOW_LISTENERS_MAX;
    if (room)
        f->listeners[f->listeners_n++] = (struct listener){.mempool = fn, .ctx = ctx};
    pthread_mutex_unlock(&f->listening);
    return room;
}

void follow_unlisten(struct follow *f, void *ctx)
{
    size_t kept = 0;

    pthread_mutex_lock(&f->listening);
    for (size_t i = 0; i < f->listeners_n; i++)
        if (f->listeners[i].ctx != ctx)
            f->listeners[kept++] = f->listeners[i];
    f->listeners_n = kept;
    pthread_mutex_unlock(&f->listening);
}

static struct follower *follower_of(struct follow *f, const struct chain *chain)
{
    for (size_t i = 0; f && i < f->n; i++)
        if (f->chains[i].chain == chain)
            return &f->chains[i];
    return NULL;
}

static struct numbers numbers_of(struct follower *f)
{
    struct numbers now;

    pthread_mutex_lock(&f->lock);
    now = f->now;
    pthread_mutex_unlock(&f->lock);
    if (!f->config->folder)
        now.files = now.bad_files = UINT64_MAX;
    now.lost = f->zmq ? follow_zmq_lost(f->zmq) : UINT64_MAX;
    return now;
}

static uint64_t behind(const struct numbers *now)
{
    uint64_t next = now->s.height + 1; /* an empty one lacks block 0, too */

    return now->s.tip + 1 > next ? now->s.tip + 1 - next : 0;
}

bool follow_status(struct follow *f, const struct chain *chain, struct follow_status *ret)
{
    struct follower *one = follower_of(f, chain);

    struct numbers now;

    if (!one || !one->peers_n)
        return false;
    now = numbers_of(one);
    *ret = now.s;
    ret->behind = behind(&now);
    return true;
}

/* Within the lock; false: others take too long. */
static bool turn_take(struct follower *f)
{
    struct timespec until;
    int late = 0;

    clock_steady_in_ms(&until, TURN_SECONDS * 1000);
    while (f->taking && !late)
        late = pthread_cond_timedwait(&f->turn, &f->lock, &until);
    if (f->taking)
        return false;
    f->taking = true;
    return true;
}

bool follow_take(struct follow *f, const struct chain *chain, struct bytes messages,
                 struct follow_took *ret, struct err *err)
{
    struct follower *one = follower_of(f, chain);
    struct hand_in h = {.messages = messages};

    if (!one || chain->shape != CHAIN_BANK)
        return err_fail(err, ERR_NOT_FOUND, "no book of that name takes messages here");
    pthread_mutex_lock(&one->lock);
    if (!turn_take(one)) {
        pthread_mutex_unlock(&one->lock);
        return err_fail(err, ERR_NOMEM, "others are being taken: send it again");
    }
    one->given = &h;
    one->woken = true;
    pthread_cond_signal(&one->wake);
    while (!h.done && !one->ended)
        pthread_cond_wait(&one->taken, &one->lock);
    one->given = NULL;
    one->taking = false;
    pthread_cond_signal(&one->turn);
    pthread_mutex_unlock(&one->lock);
    if (!h.done)
        return err_fail(err, ERR_NOMEM, "the node is being stopped");
    *ret = h.took;
    if (!h.ok)
        *err = h.err;
    return h.ok;
}

/* ---- the part ---- */

static bool part_open(struct node *n, void **ret, struct err *err)
{
    struct follow *f = NULL;

    if (node_config(n)->follow_n &&
        !follow_open(node_config(n), node_home(n), node_ledgers(n), node_log(n), &f, err))
        return false;
    *ret = f;
    return true;
}

static void part_close(void *part)
{
    follow_close(part);
}

static bool part_ready(void *part, struct text *why)
{
    struct follow *f = part;
    size_t before = why->n;

    for (size_t i = 0; f && i < f->n; i++) {
        const char *name = f->chains[i].chain->name;
        struct numbers now = numbers_of(&f->chains[i]);

        if (now.broken)
            text_printf(why, "%s: the ledger cannot be written, or the folder read\n", name);
        if (f->chains[i].peers_n && !now.s.up)
            text_printf(why, "%s: no node answers\n", name);
        else if (now.deep || (now.split_ms && clock_steady_ms() - now.split_ms > FOLLOW_SPLIT_MS))
            text_printf(why, "%s: nodes disagree\n", name);
        if (behind(&now) > FOLLOW_BEHIND_MAX)
            text_printf(why, "%s: %llu blocks behind\n", name, (unsigned long long)behind(&now));
    }
    return why->n == before;
}

/* One sample a chain; UINT64_MAX: none. */
static void put(struct follow *f, struct text *to, const char *name,
                uint64_t (*of)(const struct numbers *now))
{
    for (size_t i = 0; f && i < f->n; i++) {
        struct numbers now = numbers_of(&f->chains[i]);

        if (of(&now) != UINT64_MAX)
            metric_u64(to, name, "chain", f->chains[i].chain->name, of(&now));
    }
}

#define NUMBER(name, member)                                                                       \
    static uint64_t name(const struct numbers *now)                                                \
    {                                                                                              \
        return now->member;                                                                        \
    }

static uint64_t up_of(const struct numbers *now)
{
    return now->s.nodes ? now->s.up : UINT64_MAX;
}

NUMBER(used_of, used)
NUMBER(disagree_of, s.disagree)
NUMBER(disagreements_of, disagreements)
NUMBER(switches_of, switches)
NUMBER(failures_of, failures)
NUMBER(undone_of, undone)
NUMBER(readable_of, readable_ms)
NUMBER(lost_of, lost)
NUMBER(files_of, files)
NUMBER(bad_files_of, bad_files)

static void part_metrics(void *part, struct text *to)
{
    metric_head(to, "cordon_follow_behind_blocks", "gauge",
                "Blocks that nodes agree on and the ledger lacks.");
    put(part, to, "cordon_follow_behind_blocks", behind);
    metric_head(to, "cordon_follow_nodes_up", "gauge", "Nodes of the chain that answer.");
    put(part, to, "cordon_follow_nodes_up", up_of);
    metric_head(to, "cordon_follow_node", "gauge",
                "Which node blocks come from, by its place in follow.urls.");
    put(part, to, "cordon_follow_node", used_of);
    metric_head(to, "cordon_follow_disagree", "gauge",
                "1: nodes have different blocks at one height.");
    put(part, to, "cordon_follow_disagree", disagree_of);
    metric_head(to, "cordon_follow_disagreements_total", "counter",
                "Times that nodes began to disagree.");
    put(part, to, "cordon_follow_disagreements_total", disagreements_of);
    metric_head(to, "cordon_follow_switches_total", "counter",
                "Times that another node was taken.");
    put(part, to, "cordon_follow_switches_total", switches_of);
    metric_head(to, "cordon_follow_failures_total", "counter", "Times that a node failed.");
    put(part, to, "cordon_follow_failures_total", failures_of);
    metric_head(to, "cordon_follow_undone_total", "counter", "Blocks undone for another branch.");
    put(part, to, "cordon_follow_undone_total", undone_of);
    metric_head(to, "cordon_follow_readable_ms", "gauge",
                "From seeing the last block to its being readable.");
    put(part, to, "cordon_follow_readable_ms", readable_of);
    metric_head(to, "cordon_follow_lost_total", "counter",
                "Messages of ZeroMQ that were published and did not come.");
    put(part, to, "cordon_follow_lost_total", lost_of);
    metric_head(to, "cordon_follow_files_total", "counter", "Files of a bank's folder taken.");
    put(part, to, "cordon_follow_files_total", files_of);
    metric_head(to, "cordon_follow_bad_files_total", "counter", "Those that were put aside.");
    put(part, to, "cordon_follow_bad_files_total", bad_files_of);
}

const struct node_part follow_part = {
    .name = "follow",
    .open = part_open,
    .close = part_close,
    .ready = part_ready,
    .metrics = part_metrics,
};
