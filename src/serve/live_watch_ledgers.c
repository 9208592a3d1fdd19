/* The ledgers that cases are followed over, each to its end in a turn, and from one to another. */
#include "serve/clock.h"
#include "serve/live_watch_parts.h"
#include "trace/account_show.h"

#define AGAIN_MS 60000u /* until what failed is tried again */

struct place *live_watch_place(struct live_watch *x, const struct chain *chain)
{
    struct place *p;

    for (size_t i = 0; i < x->places_n; i++)
        if (x->places[i].chain == chain)
            return &x->places[i];
    if (x->places_n == LIVE_LEDGERS_MAX)
        return NULL;
    p = &x->places[x->places_n++];
    *p = (struct place){.chain = chain};
    live_watch_own(x, p);
    return p;
}

static void place_fail(struct live_watch *x, struct place *p, const struct err *err)
{
    log_event(x->log, LOG_ERROR, "watch", NULL, "%s: %s", p->chain->name, err->text);
    p->watch = watch_coins_free(p->watch);
    p->accounts = watch_accounts_free(p->accounts);
    p->again_ms = clock_steady_ms() + AGAIN_MS;
}

/* A watch that is not there yet, or has failed. */
static void place_begin(struct live_watch *x, struct place *p)
{
    struct watch_limits limits = {.reached_max = x->reached};
    struct err err;

    if (p->watch || p->accounts || (p->again_ms && clock_steady_ms() < p->again_ms))
        return;
    p->again_ms = 0;
    if (chain_has_accounts(p->chain) ? !watch_accounts_new(p->chain, limits, &p->accounts, &err)
                                     : !watch_coins_new(p->chain, limits, &p->watch, &err)) {
        place_fail(x, p, &err);
        return;
    }
    if (p->watch) {
        watch_coins_own(p->watch, p->own);
        watch_coins_services(p->watch, live_watch_service, x);
        watch_coins_reach(p->watch, live_watch_reach(x));
    } else {
        watch_accounts_own(p->accounts, p->own);
        watch_accounts_services(p->accounts, live_watch_service, x);
        watch_accounts_reach(p->accounts, live_watch_reach(x));
    }
    if (x->crossing && p->watch)
        watch_coins_crossing(p->watch);
    if (x->crossing && p->accounts)
        watch_accounts_crossing(p->accounts);
    x->fresh = true;
}

/* A case may go from one to another, or ask for a side that no ledger here has. */
static void crossing_begin(struct live_watch *x)
{
    struct err err;

    if (x->crossing_again_ms && clock_steady_ms() < x->crossing_again_ms)
        return;
    x->crossing_again_ms = 0;
    if (!watch_crossing_new(x->reached, &x->crossing, &err)) {
        x->crossing_again_ms = clock_steady_ms() + AGAIN_MS;
        return;
    }
    watch_crossing_services(x->crossing, live_watch_service, x);
    watch_crossing_reach(x->crossing, live_watch_reach(x));
    for (size_t i = 0; i < x->places_n; i++) {
        if (x->places[i].watch)
            watch_coins_crossing(x->places[i].watch);
        if (x->places[i].accounts)
            watch_accounts_crossing(x->places[i].accounts);
    }
    x->fresh = true;
}

void live_watch_places(struct live_watch *x, struct live_ledgers_view *v)
{
    live_watch_charter(x);
    for (size_t i = 0; i < live_ledgers_n(v); i++) {
        struct live_ledgers_one one = live_ledgers_at(v, i);
        struct place *p = live_watch_place(x, one.chain);

        if (p)
            place_begin(x, p);
    }
    if (!x->crossing && live_ledgers_n(v))
        crossing_begin(x);
}

struct watch_counts live_watch_place_counts(const struct place *p)
{
    if (p->watch)
        return watch_coins_counts(p->watch);
    return p->accounts ? watch_accounts_counts(p->accounts) : (struct watch_counts){0};
}

/* With those of cases that go from ledger to ledger. */
struct watch_counts live_watch_counts(const struct live_watch *x, const struct place *p)
{
    struct watch_counts n = live_watch_place_counts(p), more = {0};

    if (x->crossing)
        more = watch_crossing_counts(x->crossing, p->chain);
    n.followed += more.followed;
    n.held += more.held;
    n.bytes += more.bytes;
    return n;
}

#define SELF_AGAIN 100u /* blocks that are looked at once more after some were undone */

/* What was there when the node started is not looked at. */
static void self_look(struct live_watch *x, struct place *p, const struct ledger *l)
{
    uint32_t n = (uint32_t)ledger_counts(l).blocks, from = p->self_n;
    struct hash32 last;

    if (!x->self || !n)
        return;
    last = ledger_block(l, n - 1).hash;
    if (n == from && hash32_equal(&last, &p->self_last))
        return;
    if (from && p->self_begun) {
        struct hash32 before = ledger_block(l, from - 1).hash;

        if (from > n || !hash32_equal(&before, &p->self_last))
            from = from > SELF_AGAIN ? from - SELF_AGAIN : 0;
    }
    if (p->self_begun && p->own && own_set_wallets(p->own))
        self_watch_blocks(x->self, l, p->own, from, clock_steady_ms());
    p->self_n = n;
    p->self_last = last;
    p->self_begun = true;
}

/* Once all have come to the ends of their ledgers. */
static void early_look(struct live_watch *x, const struct live_ledgers_view *v)
{
    bool new = false;

    for (size_t i = 0; i < live_ledgers_n(v); i++) {
        struct live_ledgers_one one = live_ledgers_at(v, i);
        const struct place *p = live_watch_place(x, one.chain);
        struct early_watch w = {.crossing = x->crossing};

        if (!p || (!p->watch && !p->accounts))
            continue;
        w.coins = p->watch;
        w.accounts = p->accounts;
        w.own = p->own;
        new |= one.coins ? early_turn(x->early, &w, one.coins, clock_ms())
                         : early_turn_accounts(x->early, &w, one.accounts, clock_ms());
    }
    if (new && x->on_early)
        x->on_early(x->early_ctx);
}

/* ---- cases that go from ledger to ledger ---- */

struct crossing_found {
    struct live_watch *x;
    const struct live_ledgers_view *v;
};

static void on_crossing_found(void *ctx, const struct watch_found *found)
{
    struct crossing_found *c = ctx;

    if (!live_ledgers_find(c->v, found->chain->caip2, &c->x->one))
        return;
    c->x->tip = live_ledgers_tip(&c->x->one).height;
    live_watch_found(c->x, found);
}

static void on_crosser(void *ctx, const char *id)
{
    watch_crossing_wake(((struct live_watch *)ctx)->crossing, id);
}

static void crossing_look(struct live_watch *x, const struct live_ledgers_view *v)
{
    struct watch_crossing_ledger at[LIVE_LEDGERS_MAX];
    struct crossing_found found = {x, v};
    size_t n = 0;
    struct err err;

    for (size_t i = 0; i < x->places_n; i++) {
        if (x->places[i].watch)
            watch_coins_crossers(x->places[i].watch, on_crosser, x);
        if (x->places[i].accounts)
            watch_accounts_crossers(x->places[i].accounts, on_crosser, x);
    }
    for (size_t i = 0; i < live_ledgers_n(v) && n < LIVE_LEDGERS_MAX; i++) {
        struct live_ledgers_one one = live_ledgers_at(v, i);
        const struct place *p = live_watch_place(x, one.chain);

        at[n++] = (struct watch_crossing_ledger){.ledger = {one.coins, one.accounts},
                                                 .own = p ? p->own : NULL};
    }
    if (watch_crossing_turn(x->crossing, at, n, on_crossing_found, &found, &err))
        return;
    log_event(x->log, LOG_ERROR, "watch", NULL, "cases that go from ledger to ledger: %s",
              err.text);
    x->crossing = watch_crossing_free(x->crossing);
    x->crossing_again_ms = clock_steady_ms() + AGAIN_MS;
}

/* ---- a turn ---- */

bool live_watch_ledgers(struct live_watch *x, const struct live_ledgers_view *v)
{
    bool blocks = false;

    for (size_t i = 0; i < live_ledgers_n(v); i++) {
        struct live_ledgers_one one = live_ledgers_at(v, i);
        struct place *p = live_watch_place(x, one.chain);
        struct err err;

        if (!p || (!p->watch && !p->accounts))
            continue;
        p->blocks_all = one.coins ? ledger_counts(one.coins).blocks
                                  : account_ledger_counts(one.accounts).blocks;
        blocks |= live_watch_place_counts(p).blocks != p->blocks_all;
        x->one = one;
        x->tip = live_ledgers_tip(&one).height;
        if (one.coins
                ? !watch_coins_turn(p->watch, one.coins, UINT32_MAX, live_watch_found, x, &err)
                : !watch_accounts_turn(p->accounts, one.accounts, UINT32_MAX, live_watch_found, x,
                                       &err))
            place_fail(x, p, &err);
        else if (one.coins)
            self_look(x, p, one.coins);
    }
    if (x->crossing)
        crossing_look(x, v);
    live_watch_come(x, v);
    early_look(x, v);
    return blocks;
}
