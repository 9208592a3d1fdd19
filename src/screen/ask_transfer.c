#include "screen/ask_transfer.h"

#include "screen/screen_ledger_parts.h"
#include "trace/account_show.h"
#include "trace/case.h"

#include <stdlib.h>

struct finding {
    struct arena *a;
    struct case_origin origin;
    uint64_t owners[LEDGER_TWINS_MAX]; /* of the address that is named */
    size_t owners_n;
    struct exposed_all *all;
    struct moved *moved;
};

static int by_number(const void *one, const void *other)
{
    const uint64_t *a = one, *b = other;

    return (*a > *b) - (*a < *b);
}

static size_t each_once(uint64_t *at, size_t n)
{
    size_t kept = 0;

    if (n)
        qsort(at, n, sizeof(*at), by_number);
    for (size_t i = 0; i < n; i++)
        if (!i || at[i] != at[i - 1])
            at[kept++] = at[i];
    return kept;
}

static bool among(const uint64_t *at, size_t n, uint64_t owner)
{
    for (size_t i = 0; i < n; i++)
        if (at[i] == owner)
            return true;
    return false;
}

static bool is_named(const struct finding *f, uint64_t owner)
{
    return among(f->owners, f->owners_n, owner);
}

static void move_put(struct finding *f, uint64_t move)
{
    if (f->moved->n < MOVES_MAX)
        f->moved->at[f->moved->n++] = move;
    else
        exposed_unknown(f->all, UNKNOWN_MORE, f->moved->of->chain->name);
}

static bool payers_room(struct finding *f, size_t n, struct err *err)
{
    f->moved->payers = ARENA_ARRAY(f->a, uint64_t, n ? n : 1);
    if (f->moved->payers)
        return true;
    return arena_fail(f->a, err, "a question");
}

/* ---- coins ---- */

static bool coins_moves(struct finding *f, const struct ledger *l)
{
    uint32_t tx = ledger_find_tx(l, &f->origin.txid);
    struct coins_range out;
    bool all;

    if (tx == COINS_TX_NONE)
        return false;
    out = coins_outputs(ledger_coins(l), tx);
    if (f->origin.kind == ORIGIN_OUTPUT) {
        if (f->origin.vout >= out.n)
            return false;
        move_put(f, out.first + f->origin.vout);
        return true;
    }
    for (uint64_t i = 0; i < out.n; i++)
        if (is_named(f, ledger_script_of(l, out.first + i)))
            move_put(f, out.first + i);
    all = !f->moved->n;
    for (uint64_t i = 0; all && i < out.n; i++)
        move_put(f, out.first + i);
    return true;
}

static bool coins_parties(struct finding *f, const struct ledger *l, struct err *err)
{
    struct moved *m = f->moved;
    const struct coins *coins = ledger_coins(l);
    struct coins_range in = coins_inputs(coins, coins_maker(coins, m->at[0]));
    const char *chain = m->of->chain->name;
    uint64_t n = in.n < PAYERS_MAX ? in.n : PAYERS_MAX;

    if (!payers_room(f, n, err))
        return false;
    if (n < in.n)
        exposed_unknown(f->all, UNKNOWN_MORE, chain);
    for (uint64_t i = 0; i < n; i++) {
        uint32_t script = SCRIPT_NONE;
        uint64_t value, output = coins_source(coins, in.first + i, &value);

        if (output != COINS_NONE)
            script = ledger_script_of(l, output);
        else
            ledger_outside(l, in.first + i, &script);
        if (script == SCRIPT_NONE || value == UINT64_MAX)
            exposed_unknown(f->all, UNKNOWN_TX_INPUTS, chain);
        if (script != SCRIPT_NONE)
            m->payers[m->payers_n++] = script;
    }
    for (size_t i = 0; i < m->n; i++)
        m->payees[i] = ledger_script_of(l, m->at[i]);
    m->payees_n = m->n;
    return true;
}

static void coins_sum(struct moved *m, const struct ledger *l)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < m->n; i++)
        sum += coins_value(ledger_coins(l), m->at[i]); /* no more than all coins */
    m->one_asset = m->of->chain->symbol != NULL;
    m->asset = m->of->chain->symbol;
    m->decimals = m->of->chain->decimals;
    m->amount = u256_of(sum);
}

/* ---- accounts ---- */

static struct hash32 as_written(const struct hash32 *txid)
{
    struct hash32 h;

    for (size_t i = 0; i < sizeof(h.b); i++)
        h.b[i] = txid->b[sizeof(h.b) - 1 - i];
    return h;
}

static bool moves_value(const struct transfer *t)
{
    return t->kind != TRANSFER_FEE && t->kind != TRANSFER_FREEZE && t->kind != TRANSFER_UNFREEZE &&
           t->from != t->to && !u256_zero(t->amount);
}

static uint64_t account_of(const struct accounts *a, uint64_t holding)
{
    return holding < a->holdings_n ? accounts_holding(a, holding).account : ACCOUNTS_NONE;
}

static bool accounts_moves(struct finding *f, const struct account_ledger *l)
{
    const struct accounts *a = account_ledger_accounts(l);
    struct hash32 hash = as_written(&f->origin.txid);
    uint64_t tx = account_ledger_find_tx(l, &hash), transfer;
    struct accounts_range range;
    struct err ignored; /* no such transfer */

    if (tx >= a->txs_n)
        return false;
    if (f->origin.kind == ORIGIN_TRANSFER) {
        if (!transfer_find(l, a, &hash, f->origin.transfer, &transfer, &ignored))
            return false;
        move_put(f, transfer);
        return true;
    }
    range = accounts_tx(a, tx);
    for (int all = 0; all < 2 && !f->moved->n; all++)
        for (uint64_t i = 0; i < range.n; i++) {
            struct transfer t = accounts_transfer(a, range.first + i);

            if (moves_value(&t) &&
                (all || is_named(f, account_of(a, t.from)) || is_named(f, account_of(a, t.to))))
                move_put(f, range.first + i);
        }
    return true;
}

static bool accounts_parties(struct finding *f, const struct account_ledger *l, struct err *err)
{
    const struct accounts *a = account_ledger_accounts(l);
    struct moved *m = f->moved;

    if (!payers_room(f, m->n, err))
        return false;
    for (size_t i = 0; i < m->n; i++) {
        struct transfer t = accounts_transfer(a, m->at[i]);
        uint64_t from = account_of(a, t.from), to = account_of(a, t.to);

        if (from != ACCOUNTS_NONE)
            m->payers[m->payers_n++] = from;
        if (to != ACCOUNTS_NONE)
            m->payees[m->payees_n++] = to;
    }
    return true;
}

static uint64_t asset_of(const struct accounts *a, uint64_t transfer)
{
    struct transfer t = accounts_transfer(a, transfer);

    return transfer_asset(a, &t);
}

static void accounts_sum(struct moved *m, const struct account_ledger *l)
{
    const struct accounts *a = account_ledger_accounts(l);
    uint64_t asset = asset_of(a, m->at[0]);
    struct asset_facts facts = asset_facts_of(l, asset);

    m->one_asset = facts.symbol != NULL;
    m->asset = facts.symbol;
    m->decimals = facts.decimals;
    m->amount = u256_of(0);
    for (size_t i = 0; i < m->n; i++)
        m->one_asset &= asset_of(a, m->at[i]) == asset &&
                        u256_add(m->amount, accounts_transfer(a, m->at[i]).amount, &m->amount);
}

/* ---- exposure of what was moved ---- */

/* What the moves brought, one part for each asset, flow, label and distance. */
struct gathered {
    struct exposed at[EXPOSED_MAX];
    struct u256 largest[EXPOSED_MAX];
    size_t n;
};

static bool is_same(const struct exposed *a, const struct exposed *b)
{
    return a->asset == b->asset && a->received == b->received && a->part.label == b->part.label &&
           a->part.direct == b->part.direct;
}

static void gather(struct finding *f, struct gathered *g, const struct exposed *e)
{
    struct exposed *to = g->at;
    size_t i = 0;

    while (i < g->n && !is_same(&g->at[i], e))
        i++;
    if (i == EXPOSED_MAX) {
        exposed_unknown(f->all, UNKNOWN_MORE, NULL);
        return;
    }
    to += i;
    if (i == g->n) {
        g->largest[g->n++] = e->part.amount;
        *to = *e;
        return;
    }
    if (u256_less(g->largest[i], e->part.amount)) {
        g->largest[i] = e->part.amount;
        to->move = e->move;
        to->part.best = e->part.best;
        to->part.hops = e->part.hops;
    }
    if (!u256_add(to->part.amount, e->part.amount, &to->part.amount))
        to->part.amount = (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
}

static bool payer_has(const struct finding *f, uint16_t label)
{
    for (size_t i = 0; i < f->moved->payers_n; i++)
        if (owner_has(f->moved->of->exposure, f->moved->payers[i], label))
            return true;
    return false;
}

/* What is paid straight to a labelled address, but for change. */
static void coins_sent(struct finding *f, uint64_t output, struct gathered *g)
{
    const struct screen_ledger *x = f->moved->of->exposure;
    const struct ledger *l = f->moved->of->ledger.coins;
    uint64_t owner = ledger_script_of(l, output);
    struct exposed e = {.of = f->moved->of,
                        .about = SCREEN_ABOUT_TRANSFER,
                        .move = output,
                        .part = {.direct = true,
                                 .amount = u256_of(coins_value(ledger_coins(l), output)),
                                 .hops = 1}};

    for (size_t i = screen_source_at(x, owner); i < x->sources_n && x->sources[i].owner == owner;
         i++) {
        e.part.label = x->sources[i].label;
        if (!payer_has(f, e.part.label))
            gather(f, g, &e);
    }
}

static void coins_brought(struct finding *f, uint64_t output, struct gathered *g)
{
    struct exposure_part parts[EXPOSED_PARTS];
    size_t n =
        exposure_output(f->moved->of->exposure->coins, ledger_coins(f->moved->of->ledger.coins),
                        output, parts, EXPOSED_PARTS);

    if (n > EXPOSED_PARTS)
        exposed_unknown(f->all, UNKNOWN_MORE, NULL);
    for (size_t i = 0; i < n && i < EXPOSED_PARTS; i++)
        gather(f, g,
               &(struct exposed){f->moved->of, true, parts[i], 0, SCREEN_ABOUT_TRANSFER, output});
    coins_sent(f, output, g);
}

/* false: it is not kept any more. */
static bool accounts_brought(struct finding *f, uint64_t transfer, bool received,
                             struct gathered *g)
{
    const struct accounts *a = account_ledger_accounts(f->moved->of->ledger.accounts);
    struct exposure_part parts[EXPOSED_PARTS];
    bool kept;
    size_t n = account_exposure_transfer(f->moved->of->exposure->accounts, a, transfer,
                                         received ? EXPOSURE_RECEIVED : EXPOSURE_SENT, parts,
                                         EXPOSED_PARTS, &kept);

    if (n > EXPOSED_PARTS)
        exposed_unknown(f->all, UNKNOWN_MORE, NULL);
    for (size_t i = 0; i < n && i < EXPOSED_PARTS; i++)
        gather(f, g,
               &(struct exposed){f->moved->of, received, parts[i], asset_of(a, transfer),
                                 SCREEN_ABOUT_TRANSFER, transfer});
    return kept;
}

/* All that was moved of the asset. */
static struct u256 moved_of(const struct moved *m, uint64_t asset)
{
    struct u256 sum = u256_of(0), amount;

    for (size_t i = 0; i < m->n; i++) {
        if (m->of->ledger.coins) {
            amount = u256_of(coins_value(ledger_coins(m->of->ledger.coins), m->at[i]));
        } else {
            const struct accounts *a = account_ledger_accounts(m->of->ledger.accounts);

            if (asset_of(a, m->at[i]) != asset)
                continue;
            amount = accounts_transfer(a, m->at[i]).amount;
        }
        if (!u256_add(sum, amount, &sum))
            return (struct u256){{UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX}};
    }
    return sum;
}

static int by_amount(const void *one, const void *other)
{
    const struct exposed *a = one, *b = other;

    if (a->received != b->received)
        return a->received ? -1 : 1;
    if (a->asset != b->asset)
        return a->asset < b->asset ? -1 : 1;
    if (!u256_equal(a->part.amount, b->part.amount))
        return u256_less(a->part.amount, b->part.amount) ? 1 : -1;
    if (a->part.label != b->part.label)
        return a->part.label < b->part.label ? -1 : 1;
    return (int)b->part.direct - (int)a->part.direct;
}

static void gathered_tell(struct finding *f, struct gathered *g)
{
    if (g->n)
        qsort(g->at, g->n, sizeof(*g->at), by_amount);
    for (size_t i = 0; i < g->n; i++) {
        struct exposed *e = &g->at[i];
        struct u256 all = moved_of(f->moved, e->asset), share;

        e->part.share_ppm = 0;
        if (!u256_zero(all) && u256_mul_div(e->part.amount, u256_of(EXPOSURE_PPM), all, &share))
            e->part.share_ppm =
                u256_less(share, u256_of(EXPOSURE_PPM)) ? (uint32_t)share.w[0] : EXPOSURE_PPM;
        exposed_put(f->all, e);
    }
}

/* Has the pass come by all of it? */
static bool is_past(const struct moved *m)
{
    const struct screen_ledger *x = m->of->exposure;
    uint64_t last = m->at[m->n - 1];

    if (m->of->ledger.coins)
        return coins_maker(ledger_coins(m->of->ledger.coins), last) < x->txs;
    return accounts_tx_of(account_ledger_accounts(m->of->ledger.accounts), last) < x->txs;
}

static struct u256 moved_asset(const void *moved, uint64_t asset)
{
    return moved_of(moved, asset);
}

static void owners_tell(struct finding *f, const uint64_t *owners, size_t n,
                        enum screen_about about)
{
    for (size_t i = 0; i < n && i < MOVES_MAX; i++)
        if (owners[i] < f->moved->of->exposure->owners_n) {
            owners_exposed(f->moved->of, &owners[i], 1, about, f->all);
            owners_cased(f->moved->of, &owners[i], 1, about, f->all);
        }
    if (n > MOVES_MAX)
        exposed_unknown(f->all, UNKNOWN_MORE, NULL);
}

static void brought_tell(struct finding *f)
{
    struct moved *m = f->moved;
    struct gathered g = {.n = 0};
    bool kept = true;

    for (size_t i = 0; i < m->n; i++) {
        if (m->of->ledger.coins) {
            coins_brought(f, m->at[i], &g);
        } else {
            kept &= accounts_brought(f, m->at[i], true, &g);
            accounts_brought(f, m->at[i], false, &g);
        }
    }
    gathered_tell(f, &g);
    moves_cased(m->of, m->at, m->n, moved_asset, m, f->all);
    if (kept)
        return;
    exposed_unknown(f->all, UNKNOWN_TX_OLD, m->of->chain->name);
    owners_tell(f, m->payers, m->payers_n, SCREEN_ABOUT_PAYER);
}

static void related_tell(struct finding *f, const uint64_t *owners, size_t n,
                         enum screen_about about)
{
    for (size_t i = 0; i < n && f->all->related_n < RELATED_MAX; i++) {
        size_t before = f->all->related_n, kept = before;

        owners_related(f->moved->of, &owners[i], 1, about, f->all);
        for (size_t k = before; k < f->all->related_n; k++) { /* told before, or a party itself */
            struct related r = f->all->related[k];
            bool had = among(owners, n, r.owner);

            for (size_t j = 0; j < before; j++)
                had |= f->all->related[j].owner == r.owner && f->all->related[j].label == r.label;
            if (!had)
                f->all->related[kept++] = r;
        }
        f->all->related_n = kept;
    }
}

/* Who is paid is looked at as an address is, where it is we who pay. */
static void moved_tell(struct finding *f, enum screen_direction direction)
{
    struct moved *m = f->moved;

    pthread_rwlock_rdlock(&m->of->exposure->lock);
    if (is_past(m)) {
        brought_tell(f);
        if (direction == SCREEN_OUTBOUND)
            owners_tell(f, m->payees, m->payees_n, SCREEN_ABOUT_PAYEE);
        related_tell(f, m->payers, m->payers_n, SCREEN_ABOUT_PAYER);
        related_tell(f, m->payees, m->payees_n, SCREEN_ABOUT_PAYEE);
    } else {
        exposed_unknown(f->all, UNKNOWN_TX_BEHIND, m->of->chain->name);
        f->all->outage = true;
    }
    ledger_stands(m->of, f->all);
    pthread_rwlock_unlock(&m->of->exposure->lock);
}

/* ---- which ledger has it ---- */

static bool may_have(const struct chain *chain, const char *hint)
{
    enum address_space space = address_space_of_chain(chain);

    if (!space)
        return false;
    return !hint || !*hint || address_hint_is_ticker(hint) || !strcmp(hint, chain->name) ||
           !strcmp(hint, chain->caip2) || !strcmp(hint, address_space_name(space));
}

static bool one_look(struct finding *f, const struct screen_ledger_at *at,
                     const struct address_key *key, struct err *err)
{
    const struct trace_ledger *l = &at->ledger;
    struct moved *m = f->moved;
    uint64_t asset;

    f->owners_n = key ? screen_owners_find(l, key, f->owners) : 0;
    if (f->owners_n && l->accounts) /* a token account's transfers are its owner's */
        account_ledger_owner(l->accounts, account_ledger_accounts(l->accounts), f->owners[0],
                             &f->owners[0], &asset);
    m->of = at;
    if (!(l->coins ? coins_moves(f, l->coins) : accounts_moves(f, l->accounts))) {
        m->of = NULL;
        return true;
    }
    if (!m->n)
        return true;
    if (!(l->coins ? coins_parties(f, l->coins, err) : accounts_parties(f, l->accounts, err)))
        return false;
    if (l->coins)
        coins_sum(m, l->coins);
    else
        accounts_sum(m, l->accounts);
    m->payers_n = each_once(m->payers, m->payers_n);
    m->payees_n = each_once(m->payees, m->payees_n);
    return true;
}

static bool is_party(const struct finding *f)
{
    for (size_t i = 0; i < f->owners_n; i++)
        if (among(f->moved->payers, f->moved->payers_n, f->owners[i]) ||
            among(f->moved->payees, f->moved->payees_n, f->owners[i]))
            return true;
    return false;
}

/* Is it one at all? A text that is none may still be what the address's chain calls a transfer. */
static bool origin_read(struct finding *f, const char *tx, bool address, bool *ret_any,
                        struct err *err)
{
    *ret_any = origin_from_text(f->a, tx, &f->origin, err) && f->origin.kind != ORIGIN_ADDRESS;
    return *ret_any || address ||
           err_fail(err, ERR_INPUT,
                    "\"%.200s\" is no output (TXID:VOUT), transfer (HASH:v) or transaction", tx);
}

bool moved_find(struct arena *a, const struct screen_question *q, const struct address_key *key,
                struct exposed_all *all, struct moved *ret, struct err *err)
{
    const struct screen_ledgers *ledgers = q->ledgers;
    struct finding f = {.a = a, .all = all, .moved = ret};
    bool any;

    *ret = (struct moved){.n = 0};
    exposed_none(all, ledgers);
    if ((q->chain && !address_chain_known(q->chain, err)) ||
        !origin_read(&f, q->tx, key != NULL, &any, err))
        return false;
    for (size_t i = 0; any && ledgers && i < ledgers->n && !ret->of; i++)
        if (may_have(ledgers->at[i].chain, q->chain) && ledger_ready(&ledgers->at[i], all) &&
            !one_look(&f, &ledgers->at[i], key, err))
            return false;
    if (!ret->of)
        return true;
    all->covered = true;
    if (key && !is_party(&f)) {
        ret->other = key;
        exposed_unknown(all, UNKNOWN_TX_OTHERS, ret->of->chain->name);
    }
    if (ret->n) {
        moved_tell(&f, q->direction);
        return true;
    }
    exposed_unknown(all, UNKNOWN_TX_NOTHING, ret->of->chain->name);
    pthread_rwlock_rdlock(&ret->of->exposure->lock);
    ledger_stands(ret->of, all);
    pthread_rwlock_unlock(&ret->of->exposure->lock);
    return true;
}
