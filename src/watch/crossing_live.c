#include "watch/crossing_live.h"

#include "base/mem.h"
#include "watch/key_map.h"
#include "watch/stop_map.h"

#include <stdlib.h>
#include <string.h>

#define ADDS_MAX 65536u /* to live traces, which give each a number for good; then new ones */
#define HOLDS_MAX 64u
#define NONE UINT32_MAX
#define PLACES_BYTES_MAX ((size_t)1 << 30)

struct place { /* a ledger */
    const struct chain *chain;
    struct hash32 hash; /* of the last block */
    uint32_t blocks_n;
    struct trace_live *coins_live; /* one of the two */
    struct account_live *accounts_live;
    struct coins coins; /* to that block */
    struct accounts accounts;
    uint64_t accounts_n;
    uint32_t bare; /* the last block that did not tell internal transfers; NONE */
};

struct crossing_live {
    struct place at[ROUTES_LEDGERS_MAX];
    struct trace_ledger ledgers[ROUTES_LEDGERS_MAX];
    uint32_t blocks_n[ROUTES_LEDGERS_MAX];
    struct route_ledger routes[ROUTES_LEDGERS_MAX];
    size_t n, adds;
    uint64_t turn, grown; /* grown: the last turn that had new blocks */
    struct route_keys *keys;
    struct crossing_case *first;
};

struct part { /* of a case, in one ledger */
    struct crossing_case *of;
    size_t ledger;
    bool there;
    uint32_t number; /* in the live trace */
    struct stop_map *stops;
    struct routes_hook hook;
    bool marked;             /* coins: something has arrived */
    uint64_t native, paired; /* accounts: the first moves of these kinds, or ACCOUNTS_NONE */
    size_t own_n;            /* origins of the case's own */
    struct hash32 own;
};

struct crossing_case {
    struct crossing_live *of;
    struct crossing_case *before, *next;
    const char *id;
    const struct case_file *file;
    struct arena *arena;
    const struct route_trust *trusts;
    struct route_asserted *asserted;
    struct hash32 asserted_hash;
    struct key_map *asks; /* hashes of keys that its transactions ask for */
    bool asks_lost;       /* no memory for one */
    bool grows;           /* new blocks may have more of its origins */
    bool unsteady, again;
    uint64_t since;        /* the turn in which it was followed */
    struct routes *routes; /* of the turn in hand */
    struct part parts[ROUTES_LEDGERS_MAX];
    size_t n;
    struct err over;
    bool is_over;
};

static bool nomem(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "watch");
}

static bool is_fatal(const struct err *err)
{
    return err->class == ERR_NOMEM || err->class == ERR_CORRUPT;
}

/* ---- ledgers ---- */

/* Cases that are still there find nothing at them. */
static void places_free(struct crossing_live *l)
{
    for (size_t i = 0; i < l->n; i++) {
        l->at[i].coins_live = trace_live_free(l->at[i].coins_live);
        l->at[i].accounts_live = account_live_free(l->at[i].accounts_live);
    }
    l->n = 0;
    l->keys = route_keys_free(l->keys);
}

static struct hash32 block_hash(const struct trace_ledger *l, uint32_t block)
{
    return l->coins ? ledger_block(l->coins, block).hash
                    : account_ledger_block(l->accounts, block).hash;
}

/* Blocks from one on that did not tell internal transfers. */
static void look_bare(struct place *p, const struct account_ledger *l, uint32_t from, uint32_t to)
{
    for (uint32_t b = to; p->chain->shape != CHAIN_BANK && b > from; b--)
        if (!account_ledger_block(l, b - 1).internals) {
            p->bare = b - 1;
            return;
        }
}

/* Where it ends now; the live trace is led there by others. */
static void place_end(struct crossing_live *l, size_t i)
{
    const struct trace_ledger *ledger = &l->ledgers[i];
    struct place *p = &l->at[i];

    if (ledger->accounts) {
        look_bare(p, ledger->accounts, p->blocks_n, l->blocks_n[i]);
        p->accounts_n = account_ledger_counts(ledger->accounts).accounts;
    }
    p->blocks_n = l->blocks_n[i];
    p->hash = block_hash(ledger, p->blocks_n - 1);
}

/* As they are in this turn: what was mapped before may be there no more. */
static void snapshots_take(struct crossing_live *l)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct trace_ledger *ledger = &l->ledgers[i];
        struct place *p = &l->at[i];

        if (ledger->coins) {
            p->coins = trace_coins_of(ledger->coins, l->blocks_n[i]);
            l->routes[i] = route_ledger_of_coins(ledger->coins, &p->coins);
        } else {
            p->accounts = account_ledger_until(ledger->accounts, l->blocks_n[i]);
            l->routes[i] = route_ledger_of(ledger->accounts, &p->accounts);
        }
    }
}

static bool live_begin(struct place *p, struct err *err)
{
    struct trace_live_limits coins = {.back_max = 0};
    struct account_live_limits accounts = {.back_max = 0};

    return chain_has_accounts(p->chain)
               ? account_live_new(accounts, &p->accounts_live, err) &&
                     account_live_advance(p->accounts_live, &p->accounts, NULL, 0, err)
               : trace_live_new(coins, &p->coins_live, err) &&
                     trace_live_advance(p->coins_live, &p->coins, NULL, 0, err);
}

static bool all_anew(struct crossing_live *l, size_t n, struct err *err)
{
    places_free(l);
    l->adds = 0;
    l->keys = route_keys_new();
    if (!l->keys)
        return nomem(err);
    memset(l->at, 0, sizeof(l->at));
    for (l->n = 0; l->n < n; l->n++)
        l->at[l->n] = (struct place){.chain = trace_ledger_chain(&l->ledgers[l->n]), .bare = NONE};
    snapshots_take(l);
    for (size_t i = 0; i < n; i++) {
        if (!live_begin(&l->at[i], err))
            return false;
        place_end(l, i);
    }
    return true;
}

/* The blocks of before, and maybe more? */
static bool stands(const struct place *p, const struct trace_ledger *l, uint32_t blocks_n)
{
    struct hash32 hash;

    if (p->chain != trace_ledger_chain(l) || p->blocks_n > blocks_n)
        return false;
    hash = block_hash(l, p->blocks_n - 1);
    return hash32_equal(&hash, &p->hash);
}

bool crossing_live_begin(struct crossing_live *l, const struct trace_ledger *ledgers,
                         const uint32_t *blocks_n, size_t n, bool *ret_anew, struct err *err)
{
    bool same = l->n == n && l->adds < ADDS_MAX;

    for (size_t i = 0; same && i < n; i++)
        same = stands(&l->at[i], &ledgers[i], blocks_n[i]);
    memcpy(l->ledgers, ledgers, n * sizeof(*ledgers));
    memcpy(l->blocks_n, blocks_n, n * sizeof(*blocks_n));
    *ret_anew = !same;
    l->turn++;
    return same || all_anew(l, n, err);
}

/* ---- what a case asks ---- */

static struct bytes hash_key(uint64_t hash, uint8_t room[8])
{
    store_le64(room, hash);
    return (struct bytes){room, 8};
}

static void on_ask(void *ctx, uint64_t key)
{
    struct crossing_case *c = ctx;
    uint8_t room[8];

    c->asks_lost |= !key_map_put(c->asks, hash_key(key, room), 0);
}

/* A new block says it. */
static void on_key(void *ctx, uint64_t key)
{
    struct crossing_live *l = ctx;
    uint8_t room[8];

    for (struct crossing_case *c = l->first; c; c = c->next)
        c->again |= key_map_find(c->asks, hash_key(key, room)) != KEY_MAP_NONE;
}

static int32_t stop_of_output(void *ctx, uint64_t output)
{
    const struct part *p = ctx;

    return stop_map_output(p->stops, p->of->of->ledgers[p->ledger].coins, output);
}

static int32_t stop_of_account(void *ctx, uint64_t account)
{
    const struct part *p = ctx;

    return stop_map_account(p->stops, p->of->of->ledgers[p->ledger].accounts, account);
}

/* Routes of the turn, for the live traces to ask. */
static bool routes_begin(struct crossing_case *c, struct err *err)
{
    const struct crossing_live *l = c->of;

    if (!routes_new(l->routes, l->n, c->trusts, c->file->trusts_n, c->asserted,
                    c->file->conversions_n, &c->routes, err))
        return false;
    routes_lend(c->routes, l->keys, on_ask, c);
    for (size_t i = 0; i < c->n; i++)
        c->parts[i].hook.r = c->routes;
    return true;
}

static bool routes_end(struct crossing_case *c, struct err *err)
{
    bool ok = !c->asks_lost || nomem(err);

    if (c->routes)
        c->unsteady |= routes_unsteady(c->routes);
    c->routes = routes_free(c->routes);
    for (size_t i = 0; i < c->n; i++) {
        struct routes_hook *h = &c->parts[i].hook;

        c->again |= h->failed;
        if (ok && h->failed && is_fatal(&h->err)) {
            *err = h->err;
            ok = false;
        }
        h->failed = false;
    }
    return ok;
}

/* ---- where its origins are ---- */

static void hash_number(struct sha256_stream *s, uint64_t n)
{
    uint8_t room[8];

    store_le64(room, n);
    sha256_add(s, room, sizeof(room));
}

static void hash_amount(struct sha256_stream *s, struct u256 n)
{
    for (size_t i = 0; i < 4; i++)
        hash_number(s, n.w[i]);
}

static struct hash32 origins_hash(const struct trace_case *coins,
                                  const struct account_case *accounts, size_t n)
{
    struct sha256_stream s;

    sha256_start(&s);
    for (size_t i = 0; i < n; i++) {
        hash_number(&s, coins ? coins->origins[i] : accounts->origins[i].transfer);
        if (!coins)
            hash_amount(&s, accounts->origins[i].taint);
    }
    return sha256_done(&s);
}

static struct hash32 asserted_hash(const struct route_asserted *at, size_t n)
{
    struct sha256_stream s;

    sha256_start(&s);
    for (size_t i = 0; i < 2 * n; i++) {
        const struct route_leg *legs = i % 2 ? at[i / 2].to : at[i / 2].from;
        size_t legs_n = i % 2 ? at[i / 2].to_n : at[i / 2].from_n;

        hash_number(&s, legs_n);
        for (size_t k = 0; k < legs_n; k++) {
            hash_number(&s, legs[k].ledger);
            hash_number(&s, legs[k].id);
            hash_amount(&s, legs[k].amount);
        }
    }
    return sha256_done(&s);
}

static bool is_open(const struct case_origin *o)
{
    return o->kind == ORIGIN_ADDRESS || o->kind == ORIGIN_BEYOND;
}

/* May new blocks have more of what it names? */
static bool is_growing(const struct crossing_live *l, const struct case_file *c)
{
    bool grows = false;

    for (size_t i = 0; i < c->origins_n; i++)
        grows |= is_open(&c->origins[i]);
    for (size_t i = 0; i < c->conversions_n; i++) {
        for (size_t k = 0; k < c->conversions[i].from_n; k++)
            grows |= is_open(&c->conversions[i].from[k]);
        for (size_t k = 0; k < c->conversions[i].to_n; k++)
            grows |= is_open(&c->conversions[i].to[k]);
    }
    for (size_t i = 0; i < l->n; i++) /* the other one of a chain may have it yet */
        for (size_t k = 0; k < i; k++)
            grows |= l->at[i].chain == l->at[k].chain;
    return grows;
}

struct growth { /* of all cases in one ledger */
    struct trace_live_origin *coins;
    struct account_live_origin *accounts;
    size_t n, coins_size, accounts_size;
};

static bool growth_add(struct growth *g, const struct part *p, const struct trace_case *coins,
                       const struct account_case *accounts, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        if (coins) {
            if (!mem_room((void **)&g->coins, &g->coins_size, g->n + 1, sizeof(*g->coins)))
                return false;
            g->coins[g->n++] = (struct trace_live_origin){p->number, coins->origins[i]};
        } else {
            if (!mem_room((void **)&g->accounts, &g->accounts_size, g->n + 1, sizeof(*g->accounts)))
                return false;
            g->accounts[g->n++] = (struct account_live_origin){p->number, accounts->origins[i]};
        }
    }
    return true;
}

/* Origins in new blocks; it is followed anew if those of before are others. */
static bool part_grow(struct part *p, const struct ledgers_case *now, struct growth *g,
                      struct err *err)
{
    const struct crossing_live *l = p->of->of;
    const struct trace_case *coins =
        l->ledgers[p->ledger].coins ? &now->coin_cases[p->ledger] : NULL;
    const struct account_case *accounts = &now->account_cases[p->ledger];
    size_t n = coins ? coins->origins_n : accounts->origins_n;
    struct hash32 before = origins_hash(coins, accounts, n < p->own_n ? n : p->own_n);

    if (n < p->own_n || !hash32_equal(&before, &p->own)) {
        p->of->again = true;
        return true;
    }
    if (n == p->own_n)
        return true;
    if (!p->there || p->marked) {
        p->of->again = true;
        return true;
    }
    if (!growth_add(g, p, coins, accounts, p->own_n, n))
        return nomem(err);
    p->own_n = n;
    p->own = origins_hash(coins, accounts, n);
    return true;
}

static bool case_grow(struct crossing_case *c, struct growth *g, struct err *err)
{
    const struct crossing_live *l = c->of;
    struct ledgers_case now = {.a = arena_new(NULL, PLACES_BYTES_MAX),
                               .c = c->file,
                               .ledgers = l->ledgers,
                               .n = l->n,
                               .blocks_n = l->blocks_n};
    struct hash32 hash;
    struct err why;
    bool ok = true;

    if (!now.a)
        return nomem(err);
    if (!ledgers_case_places(&now, &why)) {
        c->again = true;
        if (is_fatal(&why)) {
            *err = why;
            ok = false;
        }
    } else {
        hash = asserted_hash(now.asserted, c->file->conversions_n);
        c->again |= !hash32_equal(&hash, &c->asserted_hash);
        for (size_t i = 0; ok && !c->again && i < c->n; i++)
            ok = part_grow(&c->parts[i], &now, &g[i], err);
    }
    arena_free(now.a);
    return ok;
}

/* ---- a turn ---- */

/* Its numbers mean nothing any more. */
static void case_leave(struct crossing_case *c)
{
    for (size_t i = 0; i < c->n; i++) {
        struct part *p = &c->parts[i];
        struct place *at = &c->of->at[i];

        if (p->there && at->coins_live)
            trace_live_remove(at->coins_live, p->number);
        if (p->there && at->accounts_live)
            account_live_remove(at->accounts_live, p->number);
        p->there = false;
    }
}

static bool stops_moved(const struct crossing_case *c)
{
    const struct crossing_live *l = c->of;

    for (size_t i = 0; i < c->n; i++)
        if (l->ledgers[i].accounts &&
            stop_map_moved(
                c->parts[i].stops, l->ledgers[i].accounts, &l->at[i].accounts, l->at[i].accounts_n,
                l->at[i].accounts_live ? account_live_transfers(l->at[i].accounts_live) : 0))
            return true;
    return false;
}

/* Before anything goes on: who cannot? */
static bool cases_begin(struct crossing_live *l, struct growth *g, struct err *err)
{
    for (struct crossing_case *c = l->first; c; c = c->next) {
        c->again |= c->unsteady || stops_moved(c);
        if (!c->again && c->grows && !case_grow(c, g, err))
            return false;
        if (c->again)
            case_leave(c);
        else if (!routes_begin(c, err))
            return false;
    }
    return true;
}

static int by_output(const void *one, const void *other)
{
    const struct trace_live_origin *a = one, *b = other;

    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return (a->output > b->output) - (a->output < b->output);
}

static int by_transfer(const void *one, const void *other)
{
    const struct account_live_origin *a = one, *b = other;

    if (a->number != b->number)
        return a->number < b->number ? -1 : 1;
    return (a->origin.transfer > b->origin.transfer) - (a->origin.transfer < b->origin.transfer);
}

/* Also where nothing is new: what the last pass moved is then nothing. */
static bool place_advance(struct crossing_live *l, size_t i, struct growth *g, struct err *err)
{
    struct place *p = &l->at[i];
    bool ok;

    if (g->n && p->coins_live)
        qsort(g->coins, g->n, sizeof(*g->coins), by_output);
    if (g->n && p->accounts_live)
        qsort(g->accounts, g->n, sizeof(*g->accounts), by_transfer);
    ok = p->coins_live
             ? trace_live_advance(p->coins_live, &p->coins, g->coins, g->n, err)
             : account_live_advance(p->accounts_live, &p->accounts, g->accounts, g->n, err);
    return ok;
}

static void first_of(uint64_t *first, uint64_t transfer, bool is)
{
    if (is && *first == ACCOUNTS_NONE)
        *first = transfer;
}

/* Does one of these links begin with it? */
static bool begins(const struct route_link *links, size_t n, size_t ledger, uint64_t transfer)
{
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < links[i].from_n; k++)
            if (links[i].from[k].ledger == ledger && links[i].from[k].id == transfer)
                return true;
    return false;
}

static bool leaves(struct crossing_case *c, size_t i, uint64_t transfer, bool *ret, struct err *err)
{
    const struct place *at = &c->of->at[i];
    struct arena *a = arena_new(NULL, PLACES_BYTES_MAX);
    const struct route_candidate *candidates;
    const struct route_link *links;
    size_t n, candidates_n;
    bool ok = a ? routes_of_tx(a, c->routes, (uint32_t)i, accounts_tx_of(&at->accounts, transfer),
                               &links, &n, &candidates, &candidates_n, err)
                : nomem(err);

    *ret = ok && begins(links, n, i, transfer);
    arena_free(a);
    return ok;
}

/* Have moves gone on by a route? */
static bool look_moves(struct crossing_case *c, size_t i, struct err *err)
{
    struct part *p = &c->parts[i];
    const struct accounts *a = &c->of->at[i].accounts;
    size_t n;
    const struct account_move *m = crossing_moves(c, i, &n);
    bool ok = true, gone;

    for (size_t k = 0; ok && k < n; k++) {
        struct transfer t = accounts_transfer(a, m[k].transfer);

        first_of(&p->native, m[k].transfer, transfer_asset(a, &t) == ACCOUNT_NOBODY);
        first_of(&p->paired, m[k].transfer, t.kind == TRANSFER_PAIRED);
        if (c->again || !m[k].in_leg || u256_zero(m[k].taint))
            continue;
        ok = leaves(c, i, m[k].transfer, &gone, err);
        c->again |= ok && gone;
    }
    return ok;
}

static void look_reached(struct crossing_case *c, size_t i)
{
    size_t n;
    const struct trace_reached *r = crossing_reached(c, i, &n);

    for (size_t k = 0; k < n; k++)
        c->again |= r[k].stop == ROUTES_STOP && r[k].taint;
}

static void look_over(struct crossing_case *c, size_t i)
{
    const struct place *at = &c->of->at[i];
    const struct part *p = &c->parts[i];
    const struct err *over = at->coins_live ? trace_live_case(at->coins_live, p->number).over
                                            : account_live_case(at->accounts_live, p->number).over;

    if (!over || c->is_over)
        return;
    c->is_over = true;
    c->over = *over;
}

static bool case_look(struct crossing_case *c, struct err *err)
{
    for (size_t i = 0; i < c->n && !c->again; i++) {
        if (!c->parts[i].there)
            continue;
        look_over(c, i);
        if (c->of->at[i].coins_live)
            look_reached(c, i);
        else if (!look_moves(c, i, err))
            return false;
    }
    return routes_end(c, err);
}

static bool goes_on(struct crossing_live *l, struct growth *g, struct err *err)
{
    uint64_t outputs_n[ROUTES_LEDGERS_MAX];
    bool ok;

    for (size_t i = 0; i < l->n; i++)
        outputs_n[i] = l->at[i].coins.outputs_n;
    snapshots_take(l);
    ok = route_keys_grow(l->keys, l->routes, l->n, outputs_n, on_key, l, err) &&
         cases_begin(l, g, err);
    for (size_t i = 0; ok && i < l->n; i++)
        ok = place_advance(l, i, &g[i], err);
    for (struct crossing_case *c = l->first; ok && c; c = c->next)
        ok = c->again || case_look(c, err);
    for (size_t i = 0; ok && i < l->n; i++)
        place_end(l, i);
    return ok;
}

bool crossing_live_advance(struct crossing_live *l, bool *ret_grown, struct err *err)
{
    struct growth g[ROUTES_LEDGERS_MAX] = {{0}};
    bool ok;

    *ret_grown = false;
    for (size_t i = 0; i < l->n; i++)
        *ret_grown |= l->at[i].blocks_n != l->blocks_n[i];
    if (!*ret_grown) {
        snapshots_take(l);
        return true;
    }
    l->grown = l->turn;
    ok = goes_on(l, g, err);
    for (size_t i = 0; i < l->n; i++) {
        mem_free(g[i].coins);
        mem_free(g[i].accounts);
    }
    return ok;
}

/* ---- a case more ---- */

/* What it asserts outlives the arena of the whole trace. */
static bool asserted_keep(struct crossing_case *c, const struct route_asserted *at, struct err *err)
{
    size_t n = c->file->conversions_n;

    c->asserted = arena_copy(c->arena, at, n * sizeof(*at));
    if (!c->asserted)
        return nomem(err);
    for (size_t i = 0; i < n; i++) {
        struct route_asserted *to = &c->asserted[i];

        to->from = arena_copy(c->arena, at[i].from, at[i].from_n * sizeof(*to->from));
        to->to = arena_copy(c->arena, at[i].to, at[i].to_n * sizeof(*to->to));
        if (!to->from || !to->to)
            return nomem(err);
    }
    c->asserted_hash = asserted_hash(at, n);
    return true;
}

static bool part_begin(struct crossing_case *c, size_t i, const struct ledgers_case *q,
                       struct err *err)
{
    struct crossing_live *l = c->of;
    struct part *p = &c->parts[i];
    bool coins = l->ledgers[i].coins;
    const struct trace_case *coin_case = coins ? &q->coin_cases[i] : NULL;

    *p = (struct part){.of = c, .ledger = i, .native = ACCOUNTS_NONE, .paired = ACCOUNTS_NONE};
    p->own_n = coins ? coin_case->origins_n : q->account_cases[i].origins_n;
    p->own = origins_hash(coin_case, &q->account_cases[i], p->own_n);
    if (!stop_map_new(l->at[i].chain, coins ? q->coin_docs[i].stops : q->account_docs[i].stops,
                      coins ? q->coin_docs[i].stops_n : q->account_docs[i].stops_n, &p->stops, err))
        return false;
    p->hook = (struct routes_hook){
        .ledger = (uint32_t)i, .stop_of = coins ? stop_of_output : NULL, .stop_ctx = p};
    return coins || stop_map_owners(p->stops, l->ledgers[i].accounts, &l->at[i].accounts, err);
}

/* Where the whole trace has come to, the live trace goes on. */
static bool part_add(struct part *p, const struct routes_trace *t, struct err *err)
{
    struct place *at = &p->of->of->at[p->ledger];
    struct account_case accounts;
    struct trace_case coins;
    bool ok;

    if (at->coins_live) {
        coins = *t->coin_cases[p->ledger];
        if (!coins.origins_n)
            return true;
        coins.stop_of = routes_hook_stop;
        coins.stop_ctx = &p->hook;
        p->marked = coins.marks;
        ok = trace_live_add(at->coins_live, &at->coins, &coins, &p->number, err);
    } else {
        accounts = *t->account_cases[p->ledger];
        if (!accounts.origins_n)
            return true;
        accounts.stop_of = stop_of_account;
        accounts.stop_ctx = p;
        accounts.conversions_of = routes_hook_conversions;
        accounts.conversions_ctx = &p->hook;
        ok = account_live_add(at->accounts_live, &at->accounts, &accounts, &p->number, err);
    }
    p->there = ok;
    p->of->of->adds++;
    return ok;
}

static void firsts_take(struct part *p)
{
    const struct accounts *a = &p->of->of->at[p->ledger].accounts;
    size_t n;
    const struct account_move *m = crossing_moves(p->of, p->ledger, &n);

    for (size_t k = 0; k < n; k++) {
        struct transfer t = accounts_transfer(a, m[k].transfer);

        first_of(&p->native, m[k].transfer, transfer_asset(a, &t) == ACCOUNT_NOBODY);
        first_of(&p->paired, m[k].transfer, t.kind == TRANSFER_PAIRED);
    }
}

static bool parts_add(struct crossing_case *c, const struct routes_trace *t, struct err *err)
{
    bool ok = routes_begin(c, err);

    for (size_t i = 0; ok && i < c->n; i++) {
        ok = part_add(&c->parts[i], t, err);
        if (ok && c->of->at[i].accounts_live)
            firsts_take(&c->parts[i]);
    }
    return routes_end(c, err) && ok;
}

static bool whole(struct crossing_case *c, struct ledgers_case *q, struct err *err)
{
    struct routes_case ask;
    struct routes_trace t;
    struct routes *routes;
    bool ok;

    if (!ledgers_case_prepare(q, NULL, 0, err) ||
        !ledgers_trusts(c->arena, c->file, &c->trusts, err) ||
        !asserted_keep(c, q->asserted, err) ||
        !routes_new(q->routes, q->n, q->trusts, c->file->trusts_n, q->asserted,
                    c->file->conversions_n, &routes, err))
        return false;
    routes_lend(routes, c->of->keys, on_ask, c);
    ask = (struct routes_case){.accounts = q->account_cases, .coins = q->coin_cases};
    ok = routes_run(q->a, routes, &ask, 1, &t, err);
    c->unsteady = routes_unsteady(routes);
    routes_free(routes);
    for (size_t i = 0; ok && i < q->n; i++, c->n++)
        ok = part_begin(c, i, q, err);
    return ok && parts_add(c, &t, err);
}

static void join(struct crossing_live *l, struct crossing_case *c)
{
    c->next = l->first;
    if (l->first)
        l->first->before = c;
    l->first = c;
}

bool crossing_case_follow(struct crossing_live *l, const char *id, const struct case_file *file,
                          struct crossing_case **ret, struct err *err)
{
    struct crossing_case *c = mem_zero(sizeof(*c));
    struct ledgers_case q = {.a = arena_new(NULL, CROSSING_BYTES_MAX),
                             .c = file,
                             .ledgers = l->ledgers,
                             .n = l->n,
                             .blocks_n = l->blocks_n};
    bool ok;

    if (c) {
        c->of = l;
        join(l, c);
        c->id = id;
        c->file = file;
        c->grows = is_growing(l, file);
        c->since = l->turn;
        c->arena = arena_new(NULL, CROSSING_BYTES_MAX);
        c->asks = key_map_new();
    }
    ok = c && q.a && c->arena && c->asks ? whole(c, &q, err) : nomem(err);
    arena_free(q.a);
    if (!ok) {
        crossing_case_drop(c);
        return false;
    }
    *ret = c;
    return true;
}

struct crossing_case *crossing_case_drop(struct crossing_case *c)
{
    if (!c)
        return NULL;
    case_leave(c);
    for (size_t i = 0; i < ROUTES_LEDGERS_MAX; i++)
        stop_map_free(c->parts[i].stops);
    if (c->before)
        c->before->next = c->next;
    else
        c->of->first = c->next;
    if (c->next)
        c->next->before = c->before;
    routes_free(c->routes);
    key_map_free(c->asks);
    arena_free(c->arena);
    return mem_free(c);
}

/* ---- told ---- */

bool crossing_case_again(const struct crossing_case *c)
{
    return c->again;
}

const struct err *crossing_case_over(const struct crossing_case *c)
{
    return c->is_over ? &c->over : NULL;
}

static bool is_told(const struct crossing_case *c, size_t ledger)
{
    const struct crossing_live *l = c->of;

    return c->parts[ledger].there && (l->grown == l->turn || c->since == l->turn);
}

const struct account_move *crossing_moves(const struct crossing_case *c, size_t ledger,
                                          size_t *ret_n)
{
    const struct place *at = &c->of->at[ledger];

    *ret_n = 0;
    return is_told(c, ledger) && at->accounts_live
               ? account_live_moves(at->accounts_live, c->parts[ledger].number, ret_n)
               : NULL;
}

const struct trace_reached *crossing_reached(const struct crossing_case *c, size_t ledger,
                                             size_t *ret_n)
{
    const struct place *at = &c->of->at[ledger];

    *ret_n = 0;
    return is_told(c, ledger) && at->coins_live
               ? trace_live_reached(at->coins_live, c->parts[ledger].number, ret_n)
               : NULL;
}

bool crossing_exact(const struct crossing_case *c, size_t ledger)
{
    const struct crossing_live *l = c->of;
    const struct place *at = &l->at[ledger];
    const struct part *p = &c->parts[ledger];
    bool unseen;

    if (!p->there)
        return true;
    if (at->coins_live)
        return trace_live_case(at->coins_live, p->number).exact;
    unseen = p->native != ACCOUNTS_NONE && at->bare != NONE &&
             at->bare >= account_ledger_tx_block(l->ledgers[ledger].accounts,
                                                 accounts_tx_of(&at->accounts, p->native));
    return account_live_case(at->accounts_live, p->number).exact && p->paired == ACCOUNTS_NONE &&
           !unseen;
}

bool crossing_exact_all(const struct crossing_case *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (!crossing_exact(c, i))
            return false;
    return true;
}

bool crossing_tell_accounts(const struct crossing_case *c, struct arena *a, size_t ledger,
                            bool *ret_there, struct account_trace *ret, struct err *err)
{
    const struct part *p = &c->parts[ledger];

    *ret_there = p->there;
    return !p->there || account_live_tell(c->of->at[ledger].accounts_live, a, p->number, ret, err);
}

bool crossing_tell_coins(const struct crossing_case *c, struct arena *a, size_t ledger,
                         bool *ret_there, struct trace *ret, struct err *err)
{
    const struct part *p = &c->parts[ledger];

    *ret_there = p->there;
    return !p->there || trace_live_tell(c->of->at[ledger].coins_live, a, p->number, ret, err);
}

static const char *id_of(const struct crossing_live *l, size_t ledger, uint32_t number)
{
    for (const struct crossing_case *c = l->first; c; c = c->next)
        if (c->parts[ledger].there && c->parts[ledger].number == number)
            return c->id;
    return NULL;
}

static size_t holds_at(const struct crossing_live *l, size_t i, uint64_t place,
                       struct crossing_hold *ret, size_t max)
{
    struct account_live_hold accounts[HOLDS_MAX];
    struct trace_live_hold coins[HOLDS_MAX];
    const struct place *at = &l->at[i];
    size_t told = 0, n = at->coins_live
                             ? trace_live_holds(at->coins_live, place, coins, HOLDS_MAX)
                             : account_live_holds(at->accounts_live, place, accounts, HOLDS_MAX);

    for (size_t k = 0; k < n && told < max; k++) {
        const char *id = id_of(l, i, at->coins_live ? coins[k].number : accounts[k].number);

        if (id)
            ret[told++] = (struct crossing_hold){id, at->coins_live ? u256_of(coins[k].taint)
                                                                    : accounts[k].taint};
    }
    return told;
}

size_t crossing_holds(const struct crossing_live *l, const struct chain *chain, uint64_t place,
                      struct crossing_hold *ret, size_t max)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].chain == chain)
            return holds_at(l, i, place, ret, max);
    return 0;
}

static size_t held_by(const struct place *at, const struct part *p)
{
    return at->coins_live ? trace_live_case(at->coins_live, p->number).held_n
                          : account_live_case(at->accounts_live, p->number).held_n;
}

static struct watch_counts counts_at(const struct crossing_live *l, size_t i)
{
    const struct place *at = &l->at[i];
    struct watch_counts n = {.blocks = at->blocks_n,
                             .bytes = at->coins_live ? trace_live_bytes(at->coins_live)
                                                     : account_live_bytes(at->accounts_live)};

    for (const struct crossing_case *c = l->first; c; c = c->next) {
        if (!c->parts[i].there)
            continue;
        n.followed++;
        n.held += held_by(at, &c->parts[i]);
    }
    return n;
}

struct watch_counts crossing_live_counts(const struct crossing_live *l, const struct chain *chain)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->at[i].chain == chain)
            return counts_at(l, i);
    return (struct watch_counts){.blocks = 0};
}

/* ---- the whole ---- */

bool crossing_live_new(struct crossing_live **ret, struct err *err)
{
    *ret = mem_zero(sizeof(**ret));
    return *ret || nomem(err);
}

struct crossing_live *crossing_live_free(struct crossing_live *l)
{
    if (!l)
        return NULL;
    places_free(l);
    return mem_free(l);
}
