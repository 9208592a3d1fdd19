/* Of coins: what came to the origins are the targets, the outputs that a trace backward finds are
 * what was paid for them, and whom each belonged to has paid. */
#include "trace/senders.h"

#include "base/mem.h"
#include "trace/backward.h"
#include "trace/run.h"

#include <stdlib.h>

#define FIND_BYTES_MAX ((size_t)256 << 20)
#define PAID_MAX 65536u    /* payments to one origin that are looked at */
#define BUSY_KNOWN 1024u   /* a power of two */
#define WAY_LOOKED 100000u /* outputs of one way's transactions */

static const struct sender_origin *origin_of(const struct senders_asked *asked, uint64_t owner)
{
    size_t low = 0, high = asked->origins_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (asked->origins[middle].owner < owner)
            low = middle + 1;
        else
            high = middle;
    }
    return low < asked->origins_n && asked->origins[low].owner == owner ? &asked->origins[low]
                                                                        : NULL;
}

static bool is_stop(const struct senders_asked *asked, uint64_t owner)
{
    return asked->stops && asked->stops(asked->ctx, owner);
}

static int by_id(const void *one, const void *other)
{
    const uint64_t *a = one, *b = other;

    return (*a > *b) - (*a < *b);
}

static bool no_memory(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "who has paid a case's origins");
}

/* ---- of coins ---- */

struct coins_walk {
    const struct senders_asked *asked;
    const struct ledger *ledger;
    struct coins coins;
    struct {
        uint32_t script; /* and 1 more; 0: empty */
        bool ends;
    } known[BUSY_KNOWN];
};

/* The newest outputs that were paid to a script, at most max. */
static size_t outputs_of(const struct coins_walk *w, uint32_t script, uint64_t *ret, size_t max)
{
    size_t n = 0;

    for (uint64_t o = ledger_script_last(w->ledger, script); o != COINS_NONE && n < max;
         o = ledger_script_prev(w->ledger, o))
        if (o < w->coins.outputs_n) {
            if (ret)
                ret[n] = o;
            n++;
        }
    return n;
}

/* What comes out of there may be anybody's. */
static bool ends_at(void *walk, uint64_t output)
{
    struct coins_walk *w = walk;
    uint32_t script = ledger_script_of(w->ledger, output), at = script & (BUSY_KNOWN - 1);

    if (script == SCRIPT_NONE || origin_of(w->asked, script))
        return false;
    if (w->known[at].script != script + 1) {
        w->known[at].script = script + 1;
        w->known[at].ends = is_stop(w->asked, script) ||
                            outputs_of(w, script, NULL, SENDERS_BUSY + 1) > SENDERS_BUSY;
    }
    return w->known[at].ends;
}

/* Does all that was paid to the origin count? Else only what is an origin itself. */
static bool counts_whole(const struct coins_walk *w, const struct sender_origin *o)
{
    return o->named || (!is_stop(w->asked, o->owner) &&
                        outputs_of(w, (uint32_t)o->owner, NULL, SENDERS_BUSY + 1) <= SENDERS_BUSY);
}

static bool targets_find(struct arena *a, const struct coins_walk *w, struct trace_target *ret,
                         struct err *err)
{
    const struct senders_asked *asked = w->asked;
    size_t room = asked->moves_n, n = 0, kept = 0;
    uint64_t *at;

    for (size_t i = 0; i < asked->origins_n; i++)
        if (counts_whole(w, &asked->origins[i]))
            room += outputs_of(w, (uint32_t)asked->origins[i].owner, NULL, PAID_MAX);
    at = ARENA_ARRAY(a, uint64_t, room + 1);
    if (!at)
        return no_memory(err);
    for (size_t i = 0; i < asked->moves_n; i++)
        if (asked->moves[i] < w->coins.outputs_n)
            at[n++] = asked->moves[i];
    for (size_t i = 0; i < asked->origins_n; i++)
        if (counts_whole(w, &asked->origins[i]))
            n += outputs_of(w, (uint32_t)asked->origins[i].owner, at + n,
                            room - n < PAID_MAX ? room - n : PAID_MAX);
    if (n)
        qsort(at, n, sizeof(*at), by_id);
    for (size_t i = 0; i < n; i++)
        if (!kept || at[kept - 1] != at[i])
            at[kept++] = at[i];
    ret->outputs = at;
    ret->outputs_n = kept;
    return true;
}

/* As many hops as fit; of who paid straight there may be more. */
static bool walk_back(struct arena *a, const struct coins_walk *w, struct trace_target *t,
                      struct trace_sources *ret, struct err *err)
{
    for (t->hops_max = SENDERS_HOPS_MAX; t->hops_max; t->hops_max--) {
        t->sources_max = t->hops_max > 1 ? SENDERS_OUTPUTS_MAX : SENDERS_DIRECT_MAX;
        t->pool_output = t->hops_max > 1 ? ends_at : NULL; /* it ends there anyhow */
        if (trace_backward(a, &w->coins, t, ret, err))
            return true;
        if (err->class != ERR_LIMIT)
            return false;
    }
    return false;
}

/* The first source at or after an output. */
static size_t source_from(const struct trace_sources *s, uint64_t output)
{
    size_t low = 0, high = s->sources_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (s->sources[middle].output < output)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* What of it went to others than its owner, and how far they are from an origin. */
static uint64_t to_others(const struct coins_walk *w, const struct trace_sources *s,
                          const struct trace_source *from, uint32_t owner, uint32_t *ret_hop)
{
    struct coins_range out = coins_outputs(&w->coins, from->spent_by);
    struct u256 all = u256_of(0), others = u256_of(0), part;

    *ret_hop = UINT32_MAX;
    for (size_t i = source_from(s, out.first);
         i < s->sources_n && s->sources[i].output - out.first < out.n; i++) {
        const struct trace_source *to = &s->sources[i];

        if (!u256_add(all, u256_of(to->amount), &all))
            return 0; /* cannot be: 64 bits each */
        if (ledger_script_of(w->ledger, to->output) == owner)
            continue;
        if (!u256_add(others, u256_of(to->amount), &others))
            return 0;
        *ret_hop = to->hop < *ret_hop ? to->hop : *ret_hop;
    }
    *ret_hop += *ret_hop != UINT32_MAX;
    if (!u256_mul_div(u256_of(from->amount), others, all, &part))
        return 0;
    return part.w[0];
}

static bool source_put(const struct coins_walk *w, const struct trace_sources *s,
                       const struct trace_source *from, struct reach *to, struct err *err)
{
    uint32_t owner = ledger_script_of(w->ledger, from->output), hop = UINT32_MAX;
    struct reach_move m = {from->output, SENDERS_NOBODY, 0, u256_of(from->amount), from->hop};
    uint64_t paid = 0;

    if (from->hop && owner != SCRIPT_NONE && !origin_of(w->asked, owner))
        paid = to_others(w, s, from, owner, &hop);
    if (paid)
        m = (struct reach_move){from->output, owner, 0, u256_of(paid), hop};
    return u256_zero(m.taint) || reach_put(to, &m, err);
}

static bool coins_find(struct arena *a, const struct senders_asked *asked, struct reach *to,
                       struct err *err)
{
    struct coins_walk *w = ARENA_NEW(a, struct coins_walk);
    struct trace_target t = {.policy = TRACE_HAIRCUT, .pool_ctx = w};
    struct trace_sources found;
    bool ok = true;

    if (!w)
        return no_memory(err);
    w->asked = asked;
    w->ledger = asked->at->coins;
    w->coins = trace_coins_of(w->ledger, asked->blocks_n);
    if (!targets_find(a, w, &t, err))
        return false;
    if (!t.outputs_n)
        return true;
    if (!walk_back(a, w, &t, &found, err))
        return false;
    for (size_t i = 0; ok && i < found.sources_n; i++)
        ok = source_put(w, &found, &found.sources[i], to, err);
    return ok;
}

/* The output of that transaction that brought most a hop nearer to an origin; COINS_NONE: none. */
static uint64_t nearer(const struct coins *c, const struct reach *senders, uint32_t tx,
                       uint32_t hop, uint64_t *looked)
{
    struct coins_range out = coins_outputs(c, tx);
    struct reach_move best = {.move = COINS_NONE}, m;

    for (uint64_t i = 0; i < out.n && ++*looked < WAY_LOOKED; i++)
        if (reach_move_of(senders, out.first + i, &m) && m.hop < hop &&
            (best.move == COINS_NONE || m.hop < best.hop ||
             (m.hop == best.hop && u256_less(best.taint, m.taint))))
            best = m;
    return best.move;
}

static size_t coins_way(const struct coins *c, const struct reach *senders, uint64_t move,
                        bool made, uint64_t *ret, size_t max)
{
    uint64_t way[SENDERS_HOPS_MAX + 2], looked = 0;
    struct reach_move m;
    size_t n = 0, first;

    if (made && move < c->outputs_n)
        way[n++] = coins_maker(c, move);
    while (move < c->outputs_n && n < SENDERS_HOPS_MAX + 2 && reach_move_of(senders, move, &m) &&
           m.hop) {
        uint32_t tx = coins_spender(c, move);

        if (tx == COINS_TX_NONE)
            break;
        way[n++] = tx;
        move = nearer(c, senders, tx, m.hop, &looked);
    }
    first = n > max ? n - max : 0;
    for (size_t i = first; i < n; i++)
        ret[i - first] = way[i];
    return n - first;
}

/* ---- of accounts ---- */

struct payments {
    const struct senders_asked *asked;
    struct accounts accounts;
    struct reach_move *at;
    size_t n, size;
};

static bool is_payment(enum transfer_kind kind)
{
    switch (kind) {
    case TRANSFER_VALUE:
    case TRANSFER_INTERNAL:
    case TRANSFER_LOG:
    case TRANSFER_STATED:
    case TRANSFER_PAYMENT:
    case TRANSFER_BALANCE:
    case TRANSFER_PAIRED:
        return true;
    case TRANSFER_FEE:
    case TRANSFER_FREEZE:
    case TRANSFER_UNFREEZE:
    case TRANSFER_WIPE:
    case TRANSFER_WITHDRAWAL:
    case TRANSFER_REWARD:
    case TRANSFER_STAKING:
    case TRANSFER_VOTING:
    case TRANSFER_RENT:
    case TRANSFER_NOTE:
        return false;
    }
    return false;
}

/* By another, to the holding. */
static bool payment_of(const struct payments *p, uint64_t transfer, uint64_t holding,
                       struct reach_move *ret)
{
    struct transfer t = accounts_transfer(&p->accounts, transfer);
    struct holding from;

    if (t.to != holding || t.from == ACCOUNTS_NONE || t.from == holding || !is_payment(t.kind) ||
        u256_zero(t.credit))
        return false;
    from = accounts_holding(&p->accounts, t.from);
    *ret = (struct reach_move){transfer, from.account, from.asset, t.credit, 1};
    return !origin_of(p->asked, from.account);
}

static bool payment_add(struct payments *p, const struct reach_move *m, struct err *err)
{
    if (!mem_room((void **)&p->at, &p->size, p->n + 1, sizeof(*p->at)))
        return no_memory(err);
    p->at[p->n++] = *m;
    return true;
}

/* Of a holding at most max events, the newest; more: nothing of it, unless the case names it. */
static bool holding_look(struct payments *p, uint64_t holding, bool named, struct err *err)
{
    const struct account_ledger *l = p->asked->at->accounts;
    size_t before = p->n, looked = 0, max = named ? PAID_MAX : SENDERS_BUSY;
    struct reach_move m;

    for (uint64_t e = account_ledger_last(l, holding); e != ACCOUNTS_NONE;
         e = accounts_prev(account_ledger_accounts(l), holding, e)) {
        if (++looked > max) {
            p->n = named ? p->n : before;
            return true;
        }
        if (e < p->accounts.transfers_n && payment_of(p, e, holding, &m) &&
            !payment_add(p, &m, err))
            return false;
    }
    return true;
}

static bool account_look(struct payments *p, const struct sender_origin *o, struct err *err)
{
    size_t holdings = 0;

    if (!o->named && is_stop(p->asked, o->owner))
        return true;
    for (uint64_t h = account_ledger_holding_last(p->asked->at->accounts, o->owner);
         h < p->accounts.holdings_n && holdings < PAID_MAX; holdings++) {
        struct holding holding = accounts_holding(&p->accounts, h);

        if (!holding_look(p, h, o->named, err))
            return false;
        h = holding.before < h ? holding.before : ACCOUNTS_NONE;
    }
    return true;
}

static int by_move(const void *one, const void *other)
{
    const struct reach_move *a = one, *b = other;

    return (a->move > b->move) - (a->move < b->move);
}

static bool payments_find(struct payments *p, struct err *err)
{
    const struct senders_asked *asked = p->asked;
    struct reach_move m;

    for (size_t i = 0; i < asked->origins_n; i++)
        if (!account_look(p, &asked->origins[i], err))
            return false;
    for (size_t i = 0; i < asked->moves_n; i++)
        if (asked->moves[i] < p->accounts.transfers_n &&
            payment_of(p, asked->moves[i], accounts_transfer(&p->accounts, asked->moves[i]).to,
                       &m) &&
            !payment_add(p, &m, err))
            return false;
    if (p->n)
        qsort(p->at, p->n, sizeof(*p->at), by_move);
    return true;
}

static bool accounts_find(const struct senders_asked *asked, struct reach *to, struct err *err)
{
    struct payments p = {.asked = asked,
                         .accounts = account_ledger_until(asked->at->accounts, asked->blocks_n)};
    bool ok = payments_find(&p, err);

    for (size_t i = 0; ok && i < p.n; i++)
        ok = (i && p.at[i].move == p.at[i - 1].move) || reach_put(to, &p.at[i], err);
    mem_free(p.at);
    return ok;
}

/* ---- either ---- */

bool senders_find(const struct senders_asked *asked, struct reach **ret, struct err *err)
{
    struct arena *a = arena_new(NULL, FIND_BYTES_MAX);
    struct reach *to = reach_new();
    bool ok = (a && to) || no_memory(err);

    if (ok && asked->blocks_n)
        ok = asked->at->coins ? coins_find(a, asked, to, err) : accounts_find(asked, to, err);
    arena_free(a);
    if (ok)
        *ret = to;
    else
        reach_free(to);
    return ok;
}

static uint64_t newest_of_script(const struct senders_asked *asked, const struct coins *c,
                                 uint64_t owner)
{
    uint64_t o = ledger_script_last(asked->at->coins, (uint32_t)owner);

    while (o != COINS_NONE && o >= c->outputs_n)
        o = ledger_script_prev(asked->at->coins, o);
    return o == COINS_NONE ? 0 : o + 1;
}

static uint64_t newest_of_account(const struct senders_asked *asked, const struct accounts *a,
                                  uint64_t owner)
{
    const struct account_ledger *l = asked->at->accounts;
    uint64_t newest = 0, next;

    for (uint64_t h = account_ledger_holding_last(l, owner); h < a->holdings_n; h = next) {
        uint64_t e = account_ledger_last(l, h), before = accounts_holding(a, h).before;

        while (e != ACCOUNTS_NONE && e >= a->transfers_n)
            e = accounts_prev(account_ledger_accounts(l), h, e);
        newest = e != ACCOUNTS_NONE && e + 1 > newest ? e + 1 : newest;
        next = before < h ? before : ACCOUNTS_NONE;
    }
    return newest;
}

uint64_t senders_newest(const struct senders_asked *asked)
{
    struct coins coins = {0};
    struct accounts accounts = {0};
    uint64_t newest = 0;

    if (!asked->blocks_n)
        return 0;
    if (asked->at->coins)
        coins = trace_coins_of(asked->at->coins, asked->blocks_n);
    else
        accounts = account_ledger_until(asked->at->accounts, asked->blocks_n);
    for (size_t i = 0; i < asked->origins_n; i++) {
        uint64_t n = asked->at->coins
                         ? newest_of_script(asked, &coins, asked->origins[i].owner)
                         : newest_of_account(asked, &accounts, asked->origins[i].owner);

        newest = n > newest ? n : newest;
    }
    return newest;
}

size_t senders_way(const struct trace_ledger *at, const struct reach *senders, uint64_t move,
                   bool made, uint64_t *ret, size_t max)
{
    if (at->coins)
        return coins_way(ledger_coins(at->coins), senders, move, made, ret, max);
    if (max)
        ret[0] = move; /* who paid straight */
    return max ? 1 : 0;
}
