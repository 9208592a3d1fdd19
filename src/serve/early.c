#include "serve/early.h"

#include "base/mem.h"
#include "base/time.h"
#include "chain/bitcoin/block.h"
#include "chain/bitcoin/script.h"
#include "chain/dialect.h"
#include "chain/pending.h"
#include "group/alert_show.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define PARSE_BYTES_MAX ((size_t)64 << 20)
#define CASES_MAX 16u  /* of one transaction */
#define OWN_MAX 16u    /* own outputs of one that are told */
#define KEEP_MAX 1000u /* outputs of one that are remembered */

struct waiting {
    const struct chain *chain;
    uint8_t *raw; /* ours */
    size_t n;
};

struct output {                /* of a transaction that was warned of */
    const struct chain *chain; /* NULL: nothing is here */
    struct hash32 txid;
    uint32_t vout;
    uint64_t tainted_max;
    char case_id[EARLY_CASE_MAX];
};

struct early {
    pthread_mutex_t lock; /* of all but outputs and taken */
    struct waiting waiting[EARLY_WAITING_MAX];
    size_t waiting_n, waiting_bytes;
    struct early_warning warnings[EARLY_MAX]; /* ascending by number */
    uint64_t numbers;
    struct early_counts counts;
    struct output *outputs; /* [EARLY_OUTPUTS] */
    struct waiting taken[EARLY_WAITING_MAX];
};

struct early *early_new(void)
{
    struct early *e = mem_zero(sizeof(*e));

    if (!e)
        return NULL;
    pthread_mutex_init(&e->lock, NULL);
    e->outputs = mem_array(EARLY_OUTPUTS, sizeof(*e->outputs));
    return e->outputs ? e : early_free(e);
}

struct early *early_free(struct early *e)
{
    if (!e)
        return NULL;
    for (size_t i = 0; i < e->waiting_n; i++)
        mem_free(e->waiting[i].raw);
    mem_free(e->outputs);
    pthread_mutex_destroy(&e->lock);
    return mem_free(e);
}

/* ---- coming in ---- */

void early_take(struct early *e, const struct chain *chain, struct bytes raw)
{
    uint8_t *copy = NULL;

    pthread_mutex_lock(&e->lock);
    e->counts.seen++;
    if (raw.n && raw.n <= EARLY_TX_BYTES_MAX && e->waiting_n < EARLY_WAITING_MAX &&
        e->waiting_bytes + raw.n <= EARLY_WAITING_BYTES_MAX)
        copy = mem_alloc(raw.n);
    if (copy) {
        memcpy(copy, raw.p, raw.n);
        e->waiting[e->waiting_n++] = (struct waiting){chain, copy, raw.n};
        e->waiting_bytes += raw.n;
    } else {
        e->counts.dropped++;
    }
    pthread_mutex_unlock(&e->lock);
}

/* Those of a chain; the others stay. */
static size_t take_out(struct early *e, const struct chain *chain)
{
    size_t n = 0, left = 0;

    pthread_mutex_lock(&e->lock);
    for (size_t i = 0; i < e->waiting_n; i++)
        if (e->waiting[i].chain == chain) {
            e->waiting_bytes -= e->waiting[i].n;
            e->taken[n++] = e->waiting[i];
        } else {
            e->waiting[left++] = e->waiting[i];
        }
    e->waiting_n = left;
    pthread_mutex_unlock(&e->lock);
    return n;
}

/* ---- what it spends ---- */

struct hit {
    char case_id[EARLY_CASE_MAX];
    struct u256 tainted_max;
};

struct looking {
    struct early *e;
    const struct early_watch *w;
    const struct ledger *l;
    const struct tx *tx;
    const struct account_ledger *la; /* of accounts, in place of l */
    const struct chain *chain;
    struct hash32 txid;
    uint64_t now_ms;
    struct hit hits[CASES_MAX];
    size_t hits_n;
    bool new;
};

static size_t slot_of(const struct hash32 *txid, uint32_t vout)
{
    uint64_t h = load_le64(txid->b) + vout * 0x9e3779b97f4a7c15U;

    return (h ^ h >> 29) % EARLY_OUTPUTS;
}

static void hit_add(struct looking *g, const char *case_id, struct u256 tainted)
{
    size_t i = 0;

    while (i < g->hits_n && strcmp(g->hits[i].case_id, case_id) != 0)
        i++;
    if (i == CASES_MAX || strlen(case_id) >= EARLY_CASE_MAX)
        return;
    if (i == g->hits_n) {
        g->hits[g->hits_n++] = (struct hit){.tainted_max = u256_of(0)};
        memcpy(g->hits[i].case_id, case_id, strlen(case_id) + 1);
    }
    if (!u256_add(g->hits[i].tainted_max, tainted, &g->hits[i].tainted_max))
        g->hits[i].tainted_max = tainted;
}

/* Cases that go from ledger to ledger. */
static void crossing_look(struct looking *g, uint64_t place, const struct u256 *most)
{
    struct crossing_hold at[CASES_MAX];
    size_t n =
        g->w->crossing ? watch_crossing_tainted(g->w->crossing, g->chain, place, at, CASES_MAX) : 0;

    for (size_t i = 0; i < n; i++)
        hit_add(g, at[i].id, most ? u256_min(at[i].taint, *most) : at[i].taint);
}

static void output_look(struct looking *g, uint64_t output)
{
    struct watch_tainted at[CASES_MAX];
    size_t n = g->w->coins ? watch_coins_tainted(g->w->coins, output, at, CASES_MAX) : 0;

    for (size_t i = 0; i < n; i++)
        hit_add(g, at[i].case_id, u256_of(at[i].taint));
    crossing_look(g, output, NULL);
}

static void input_look(struct looking *g, const uint8_t *outpoint)
{
    const struct coins *coins = ledger_coins(g->l);
    struct hash32 txid;
    uint32_t vout = load_le32(outpoint + 32), tx;
    const struct output *o;

    memcpy(txid.b, outpoint, sizeof(txid.b));
    o = &g->e->outputs[slot_of(&txid, vout)];
    tx = ledger_find_tx(g->l, &txid);
    if (tx != COINS_TX_NONE) {
        struct coins_range outs = coins_outputs(coins, tx);

        if (vout < outs.n)
            output_look(g, outs.first + vout);
    } else if (o->chain == ledger_chain(g->l) && o->vout == vout && hash32_equal(&o->txid, &txid)) {
        hit_add(g, o->case_id, u256_of(o->tainted_max));
    }
}

/* ---- what is told ---- */

static void warn(struct looking *g, const struct hit *hit, const struct early_warning *w)
{
    struct early *e = g->e;
    struct early_warning *to;

    pthread_mutex_lock(&e->lock);
    if (e->counts.now == EARLY_MAX) {
        memmove(e->warnings, e->warnings + 1, (EARLY_MAX - 1) * sizeof(*e->warnings));
        e->counts.now--;
    }
    to = &e->warnings[e->counts.now++];
    *to = *w;
    to->number = ++e->numbers;
    to->ms = g->now_ms;
    to->chain = g->chain;
    to->txid = g->txid;
    if (!*to->asset)
        snprintf(to->asset, sizeof(to->asset), "%s", g->chain->symbol ? g->chain->symbol : "");
    to->tainted_max = hit->tainted_max;
    memcpy(to->case_id, hit->case_id, sizeof(to->case_id));
    e->counts.warned++;
    pthread_mutex_unlock(&e->lock);
    g->new = true;
}

static void remember(struct looking *g, const struct hit *hit, uint32_t vout, uint64_t value)
{
    struct output *o = &g->e->outputs[slot_of(&g->tx->txid, vout)];

    *o = (struct output){.chain = ledger_chain(g->l), .txid = g->tx->txid, .vout = vout};
    o->tainted_max = u256_min(u256_of(value), hit->tainted_max).w[0];
    memcpy(o->case_id, hit->case_id, sizeof(o->case_id));
}

static void tell(struct looking *g, const struct hit *hit)
{
    size_t own_n = 0;

    for (uint32_t i = 0; i < g->tx->outputs_n; i++) {
        const struct fact_output *out = &g->tx->outputs[i];
        struct early_warning w = {.arrives = true, .vout = i, .amount = u256_of(out->value)};
        struct own_hit own;
        char address[ADDRESS_BYTES_MAX];

        if (i < KEEP_MAX)
            remember(g, hit, i, out->value);
        if (own_n == OWN_MAX || !g->w->own || !own_set_find(g->w->own, out->script, &own))
            continue;
        own_n++;
        w.amount_tainted_max = u256_min(w.amount, hit->tainted_max);
        if (address_of_script(ledger_chain(g->l), out->script, address))
            snprintf(w.address, sizeof(w.address), "%s", address);
        snprintf(w.account, sizeof(w.account), "%s", own.account);
        warn(g, hit, &w);
    }
    if (!own_n)
        warn(g, hit, &(struct early_warning){.arrives = false});
}

static bool is_known(struct early *e, const struct hash32 *txid)
{
    bool known = false;

    pthread_mutex_lock(&e->lock);
    for (size_t i = 0; !known && i < e->counts.now; i++)
        known = hash32_equal(&e->warnings[i].txid, txid);
    pthread_mutex_unlock(&e->lock);
    return known;
}

/* Whether there is one; of one that no memory is there for that it was dropped. */
static bool is_read(struct early *e, bool read, const struct err *why)
{
    if (!read && why->class == ERR_NOMEM) {
        pthread_mutex_lock(&e->lock);
        e->counts.dropped++;
        pthread_mutex_unlock(&e->lock);
    }
    return read;
}

static void tx_look(struct looking *g, const struct waiting *at)
{
    struct arena *a = arena_new(NULL, PARSE_BYTES_MAX);
    struct err why = {.class = ERR_NOMEM};
    struct tx tx;

    if (is_read(g->e, a && tx_read(a, at->chain, (struct bytes){at->raw, at->n}, &tx, &why),
                &why) &&
        !tx.coinbase && ledger_find_tx(g->l, &tx.txid) == COINS_TX_NONE &&
        !is_known(g->e, &tx.txid)) {
        g->tx = &tx;
        g->txid = tx.txid;
        g->hits_n = 0;
        for (size_t i = 0; i < tx.inputs_n; i++)
            input_look(g, tx.inputs[i].outpoint);
        for (size_t i = 0; i < g->hits_n; i++)
            tell(g, &g->hits[i]);
    }
    arena_free(a);
}

static bool is_in_block(const struct looking *g, const struct hash32 *txid)
{
    return g->l ? ledger_find_tx(g->l, txid) != COINS_TX_NONE
                : account_ledger_find_tx(g->la, txid) != ACCOUNTS_NONE;
}

/* In a block, or too old. */
static void forget(const struct looking *g)
{
    struct early *e = g->e;
    size_t left = 0;

    pthread_mutex_lock(&e->lock);
    for (size_t i = 0; i < e->counts.now; i++) {
        const struct early_warning *w = &e->warnings[i];
        bool over = w->ms + EARLY_HOURS * (uint64_t)3600000 < g->now_ms ||
                    (w->chain == g->chain && is_in_block(g, &w->txid));

        if (!over)
            e->warnings[left++] = *w;
    }
    e->counts.now = left;
    pthread_mutex_unlock(&e->lock);
}

bool early_turn(struct early *e, const struct early_watch *w, const struct ledger *l,
                uint64_t now_ms)
{
    struct looking *g = mem_zero(sizeof(*g));
    size_t n = g ? take_out(e, ledger_chain(l)) : 0; /* else they wait for the next turn */
    bool new = false;

    if (g && ledger_counts(l).blocks) {
        g->e = e;
        g->w = w;
        g->l = l;
        g->chain = ledger_chain(l);
        g->now_ms = now_ms;
        forget(g);
        for (size_t i = 0; i < n; i++)
            tx_look(g, &e->taken[i]);
        new = g->new;
    }
    for (size_t i = 0; i < n; i++)
        mem_free(e->taken[i].raw);
    mem_free(g);
    return new;
}

/* ---- accounts ---- */

/* The sender's holding of what would move; ACCOUNTS_NONE: it has none. */
static uint64_t holding_of(const struct account_ledger *l, const struct pending_move *m)
{
    uint32_t blocks_n = (uint32_t)account_ledger_counts(l).blocks;
    struct accounts all = account_ledger_until(l, blocks_n);
    uint64_t account = account_ledger_find(l, (struct bytes){m->from, sizeof(m->from)});
    uint64_t asset = m->token ? account_ledger_find(l, (struct bytes){m->asset, sizeof(m->asset)})
                              : ACCOUNT_NOBODY;

    if (account == ACCOUNTS_NONE || asset == ACCOUNTS_NONE)
        return ACCOUNTS_NONE;
    for (uint64_t h = account_ledger_holding_last(l, account); h < all.holdings_n;) {
        struct holding is = accounts_holding(&all, h);

        if (is.asset == asset)
            return h;
        h = is.before < h ? is.before : ACCOUNTS_NONE;
    }
    return ACCOUNTS_NONE;
}

static void holding_look(struct looking *g, uint64_t holding, struct u256 amount)
{
    struct watch_accounts_held at[CASES_MAX];
    size_t n = g->w->accounts ? watch_accounts_tainted(g->w->accounts, holding, at, CASES_MAX) : 0;

    for (size_t i = 0; i < n; i++)
        hit_add(g, at[i].case_id, u256_min(at[i].taint, amount));
    crossing_look(g, holding, &amount);
}

static void move_look(struct looking *g, const struct pending_move *m)
{
    uint64_t holding = holding_of(g->la, m);
    struct early_warning w = {.amount = m->amount};
    char name[ACCOUNT_NAME_MAX];
    struct own_hit own;

    w.arrives = g->w->own && own_set_find(g->w->own, (struct bytes){m->to, sizeof(m->to)}, &own);
    if (m->token) {
        account_name(g->chain, (struct bytes){m->asset, sizeof(m->asset)}, name);
        snprintf(w.asset, sizeof(w.asset), "%.*s", (int)sizeof(w.asset) - 1, name);
    }
    if (w.arrives) {
        account_name(g->chain, (struct bytes){m->to, sizeof(m->to)}, name);
        snprintf(w.address, sizeof(w.address), "%.*s", (int)sizeof(w.address) - 1, name);
        snprintf(w.account, sizeof(w.account), "%s", own.account);
    }
    g->hits_n = 0;
    if (holding != ACCOUNTS_NONE)
        holding_look(g, holding, m->amount);
    for (size_t i = 0; i < g->hits_n; i++) {
        w.amount_tainted_max = g->hits[i].tainted_max;
        warn(g, &g->hits[i], &w);
    }
}

static void pending_look(struct looking *g, const struct waiting *at)
{
    struct arena *a = arena_new(NULL, PARSE_BYTES_MAX);
    struct err why = {.class = ERR_NOMEM};
    struct pending_tx p;
    bool read = a && g->chain->dialect->pending(a, (struct bytes){at->raw, at->n}, &p, &why);

    if (is_read(g->e, read, &why) && !is_in_block(g, &p.hash) && !is_known(g->e, &p.hash)) {
        g->txid = p.hash;
        for (size_t i = 0; i < p.moves_n; i++)
            move_look(g, &p.moves[i]);
    }
    arena_free(a);
}

bool early_turn_accounts(struct early *e, const struct early_watch *w,
                         const struct account_ledger *l, uint64_t now_ms)
{
    struct looking *g = mem_zero(sizeof(*g));
    size_t n = g ? take_out(e, account_ledger_chain(l)) : 0;
    bool new = false;

    if (g && account_ledger_counts(l).blocks && account_ledger_chain(l)->dialect->pending) {
        g->e = e;
        g->w = w;
        g->la = l;
        g->chain = account_ledger_chain(l);
        g->now_ms = now_ms;
        forget(g);
        for (size_t i = 0; i < n; i++)
            pending_look(g, &e->taken[i]);
        new = g->new;
    }
    for (size_t i = 0; i < n; i++)
        mem_free(e->taken[i].raw);
    mem_free(g);
    return new;
}

/* ---- asked ---- */

size_t early_all(struct early *e, uint64_t above, struct early_warning *ret, size_t max)
{
    size_t n = 0;

    pthread_mutex_lock(&e->lock);
    for (size_t i = 0; i < e->counts.now && n < max; i++)
        if (e->warnings[i].number > above)
            ret[n++] = e->warnings[i];
    pthread_mutex_unlock(&e->lock);
    return n;
}

uint64_t early_last(struct early *e)
{
    uint64_t n;

    pthread_mutex_lock(&e->lock);
    n = e->numbers;
    pthread_mutex_unlock(&e->lock);
    return n;
}

struct early_counts early_counts(struct early *e)
{
    struct early_counts c;

    pthread_mutex_lock(&e->lock);
    c = e->counts;
    pthread_mutex_unlock(&e->lock);
    return c;
}

static const char *text_or_null(const char *s)
{
    return *s ? s : NULL;
}

void early_json(struct json_out *j, const struct early_warning *w)
{
    char time[ALERT_TIME_MAX];

    json_put_number(j, "number", w->number);
    json_put_string(j, "time", alert_time(w->ms, time));
    json_put_string(j, "chain", w->chain->name);
    if (chain_has_accounts(w->chain))
        json_put_hex(j, "tx", w->txid.b, sizeof(w->txid.b));
    else
        json_put_hex_reversed(j, "tx", w->txid.b, sizeof(w->txid.b));
    json_key(j, "case");
    json_string_n(j, w->case_id, strcspn(w->case_id, " "));
    json_put_string(j, "kind", w->arrives ? "arrives" : "moves");
    json_put_string(j, "asset", w->asset);
    json_put_u256(j, "tainted_at_most", w->arrives ? w->amount_tainted_max : w->tainted_max);
    json_key(j, "output");
    if (!w->arrives) {
        json_null(j);
        return;
    }
    json_object(j);
    json_put_number_or_null(j, "vout", chain_has_accounts(w->chain) ? UINT64_MAX : w->vout,
                            UINT64_MAX);
    json_put_u256(j, "amount", w->amount);
    json_put_string(j, "address", text_or_null(w->address));
    json_put_string(j, "account", text_or_null(w->account));
    json_object_end(j);
}
