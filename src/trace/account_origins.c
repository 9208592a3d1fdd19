#include "trace/account_origins.h"

#include "chain/account_name.h"
#include "chain/dialect.h"
#include "trace/account_show.h"
#include "trace/stops.h"

#include <stdlib.h>

static bool no_memory(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "origins or stops");
}

static enum move_grade grade_of(const struct account_origins *f, uint64_t transfer)
{
    uint32_t block = account_ledger_tx_block(f->ledger, accounts_tx_of(f->accounts, transfer));

    if (accounts_transfer(f->accounts, transfer).kind == TRANSFER_PAIRED)
        return MOVE_CANDIDATE;
    return account_ledger_block(f->ledger, block).grade == GRADE_PROVEN ? MOVE_PROVEN : MOVE_STATED;
}

static bool add(struct account_origins *f, uint64_t transfer, struct u256 taint, struct err *err)
{
    if (u256_zero(taint))
        return true;
    if (f->n == ACCOUNT_ORIGINS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu origins", ACCOUNT_ORIGINS_MAX);
    if (f->n == f->room) {
        size_t room = f->room ? 2 * f->room : 64;
        struct account_origin *at = ARENA_ARRAY(f->a, struct account_origin, room);

        if (!at)
            return no_memory(f->a, err);
        if (f->n)
            memcpy(at, f->at, f->n * sizeof(*at));
        f->at = at;
        f->room = room;
    }
    f->at[f->n++] = (struct account_origin){
        .transfer = transfer, .taint = taint, .grade = grade_of(f, transfer)};
    return true;
}

static struct hash32 as_written(const struct hash32 *reversed)
{
    struct hash32 hash;

    for (size_t i = 0; i < sizeof(hash.b); i++)
        hash.b[i] = reversed->b[sizeof(hash.b) - 1 - i];
    return hash;
}

/* *ret ACCOUNTS_NONE: any. */
static bool asset_wanted(const struct account_origins *f, const struct case_origin *o,
                         uint64_t *ret, struct err *err)
{
    *ret = ACCOUNTS_NONE;
    return !o->asset || asset_find(f->ledger, o->asset, ret, err);
}

static bool add_transfer(struct account_origins *f, const struct case_origin *o, struct err *err)
{
    struct hash32 hash = as_written(&o->txid);
    uint64_t transfer;

    if (!transfer_find(f->ledger, f->accounts, &hash, o->transfer, &transfer, err))
        return false;
    return add(f, transfer, accounts_transfer(f->accounts, transfer).credit, err);
}

static bool add_tx(struct account_origins *f, const struct case_origin *o, struct err *err)
{
    struct hash32 hash = as_written(&o->txid);
    uint64_t asset, tx = account_ledger_find_tx(f->ledger, &hash);
    struct accounts_range range;
    size_t before = f->n;
    char name[TX_NAME_MAX], nonce[ACCOUNT_NAME_MAX];

    if (!asset_wanted(f, o, &asset, err))
        return false;
    tx_name_or_hash(f->ledger, tx, &hash, name);
    if (tx >= f->accounts->txs_n)
        return err_fail(err, ERR_NOT_FOUND, "transaction %s is not in the ledger%s", name,
                        tx == ACCOUNTS_NONE ? "" : " that early");
    range = accounts_tx(f->accounts, tx);
    for (uint64_t i = range.first; i < range.first + range.n; i++) {
        struct transfer t = accounts_transfer(f->accounts, i);

        if (t.kind != TRANSFER_FEE &&
            (asset == ACCOUNTS_NONE || transfer_asset(f->accounts, &t) == asset) &&
            !add(f, i, t.credit, err))
            return false;
    }
    if (f->n > before)
        return true;
    if (!o->asset && tx_nonce(f->ledger, tx, nonce)) /* what took over an account, say */
        return err_fail(err, ERR_NOT_FOUND,
                        "transaction %s moved nothing; it was signed over a durable nonce, %s",
                        name, nonce);
    return err_fail(err, ERR_NOT_FOUND, "transaction %s moved nothing%s", name,
                    o->asset ? " of that asset" : "");
}

/* The first transfer that stands at or after a height and a time. */
static uint64_t first_transfer(const struct account_origins *f, const struct case_origin *o)
{
    uint32_t block = 0, later;
    uint64_t tx;

    if (o->from_height)
        block = account_ledger_blocks_to_height(f->ledger, o->from_height - 1);
    if (o->from_time) {
        later = account_ledger_blocks_to_time(f->ledger, o->from_time - 1);
        block = later > block ? later : block;
    }
    if (!block)
        return 0;
    if (block >= account_ledger_counts(f->ledger).blocks)
        return f->accounts->transfers_n;
    tx = account_ledger_block(f->ledger, block).tx_first;
    return tx < f->accounts->txs_n ? accounts_tx(f->accounts, tx).first : f->accounts->transfers_n;
}

/* What came to a holding, or (beyond) what it spent above its balance, from a transfer on. */
static bool add_holding(struct account_origins *f, uint64_t holding, uint64_t first, bool beyond,
                        struct err *err)
{
    struct holding_sums sums = {.flags = 0};

    for (uint64_t e = accounts_holding(f->accounts, holding).first; e < f->accounts->transfers_n;
         e = accounts_next(f->accounts, holding, e)) {
        struct transfer t = accounts_transfer(f->accounts, e);
        struct u256 more = holding_sums_step(&sums, &t, holding);

        if (e < first || t.from == t.to)
            continue;
        if (beyond ? t.kind != TRANSFER_FEE && !add(f, e, u256_min(more, t.credit), err)
                   : t.to == holding && t.kind != TRANSFER_FEE && !add(f, e, t.credit, err))
            return false;
    }
    return true;
}

static bool add_account(struct account_origins *f, const struct case_origin *o, struct err *err)
{
    uint64_t account, asset, owner, of, first = first_transfer(f, o);
    bool beyond = o->kind == ORIGIN_BEYOND;
    uint32_t blocks_n = (uint32_t)account_ledger_counts(f->ledger).blocks;
    struct accounts all = account_ledger_until(f->ledger, blocks_n); /* its newest may be later */
    size_t before = f->n;

    if (!account_find(f->ledger, o->address, &account, err) || !asset_wanted(f, o, &asset, err))
        return false;
    if (account_ledger_owner(f->ledger, f->accounts, account, &owner, &of)) {
        account = owner; /* what is in a token account is its owner's */
        asset = asset == ACCOUNTS_NONE ? of : asset;
    }
    for (uint64_t h = account_ledger_holding_last(f->ledger, account), next; h < all.holdings_n;
         h = next) {
        struct holding holding = accounts_holding(&all, h);

        if (h < f->accounts->holdings_n && (asset == ACCOUNTS_NONE || holding.asset == asset) &&
            !add_holding(f, h, first, beyond, err))
            return false;
        next = holding.before < h ? holding.before : ACCOUNTS_NONE;
    }
    return f->n > before ||
           err_fail(err, ERR_NOT_FOUND, "address \"%.100s\" %s%s%s", o->address,
                    beyond ? "spent nothing beyond its recorded balance" : "was paid nothing",
                    o->asset ? " of that asset" : "",
                    o->from_height || o->from_time ? " from then on" : "");
}

bool account_origins_add(struct account_origins *f, const struct case_origin *o, struct err *err)
{
    const struct chain *chain = account_ledger_chain(f->ledger);

    if (o->chain && chain_by_name(o->chain) != chain)
        return err_fail(err, ERR_INPUT, "chain: it is of \"%s\", the ledger of %s", o->chain,
                        chain->name);
    switch (o->kind) {
    case ORIGIN_OUTPUT:
        return err_fail(err, ERR_INPUT, "an output is not of %s, which has transfers (HASH:v)",
                        chain->name);
    case ORIGIN_TX:
        return add_tx(f, o, err);
    case ORIGIN_TRANSFER:
        return add_transfer(f, o, err);
    case ORIGIN_ADDRESS:
    case ORIGIN_BEYOND:
        return add_account(f, o, err);
    }
    return false;
}

static int origin_order(const void *pa, const void *pb)
{
    const struct account_origin *x = pa, *y = pb;

    if (x->transfer != y->transfer)
        return x->transfer < y->transfer ? -1 : 1;
    return -u256_compare(x->taint, y->taint); /* the whole before a part */
}

void account_origins_sort(struct account_origins *f)
{
    size_t kept = 0;

    if (f->n)
        qsort(f->at, f->n, sizeof(*f->at), origin_order);
    for (size_t i = 0; i < f->n; i++)
        if (!kept || f->at[kept - 1].transfer != f->at[i].transfer)
            f->at[kept++] = f->at[i];
    f->n = kept;
}

bool account_origins_resolve(struct arena *a, const struct account_ledger *l,
                             const struct accounts *accounts, const struct case_origin *origins,
                             size_t n, struct account_origin **ret, size_t *ret_n, struct err *err)
{
    struct account_origins f = {.a = a, .ledger = l, .accounts = accounts};

    for (size_t i = 0; i < n; i++)
        if (!account_origins_add(&f, &origins[i], err))
            return err_in(err, "origins[%zu]", i);
    account_origins_sort(&f);
    *ret = f.at;
    *ret_n = f.n;
    return true;
}

/* Account -> stop, with open addressing, at most half full. Ids are dense and ours, not chosen by
 * others. */
struct account_stop_set {
    const struct account_ledger *ledger;
    struct account_slot {
        uint64_t account; /* ACCOUNTS_NONE: free */
        int32_t stop;
    } * slots;
    uint64_t mask;
};

static struct account_slot *slot_of(const struct account_stop_set *set, uint64_t account)
{
    uint64_t at = ((account * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & set->mask;

    while (set->slots[at].account != ACCOUNTS_NONE && set->slots[at].account != account)
        at = (at + 1) & set->mask;
    return &set->slots[at];
}

static void stop_put(struct account_stop_set *set, uint64_t account, int32_t number)
{
    struct account_slot *slot = slot_of(set, account);

    if (slot->account == ACCOUNTS_NONE)
        *slot = (struct account_slot){account, number};
}

/* A stop at a token account is one at its owner, too: what comes there comes to him. */
static bool stop_add(struct account_stop_set *set, const struct account_ledger *l,
                     const struct accounts *accounts, const struct trace_stop *stop, int32_t number,
                     bool owners, struct err *err)
{
    uint8_t key[ACCOUNT_KEY_MAX];
    uint64_t account, owner, asset;
    size_t n;

    if (stop->chain && chain_by_name(stop->chain) != account_ledger_chain(l))
        return true;
    if (!account_read(account_ledger_chain(l), stop->address, key, &n, err))
        return err_in(err, "stop \"%.100s\"", stop->address);
    account = account_ledger_find(l, (struct bytes){key, n});
    if (account == ACCOUNTS_NONE)
        return true;
    if (!owners)
        stop_put(set, account, number);
    else if (account_ledger_owner(l, accounts, account, &owner, &asset))
        stop_put(set, owner, number);
    return true;
}

uint64_t account_zero_address(const struct account_ledger *l)
{
    static const uint8_t zeros[20];

    if (account_ledger_chain(l)->shape == CHAIN_BANK)
        return ACCOUNTS_NONE;
    return account_ledger_find(l, (struct bytes){zeros, sizeof(zeros)});
}

/* What comes to the zero address, whose key nobody has, is burned, unless a stop names it. */
static void burner_add(struct account_stop_set *set, const struct account_ledger *l)
{
    uint64_t account = account_zero_address(l);

    if (account != ACCOUNTS_NONE)
        stop_put(set, account, STOP_BURNED);
}

bool account_stop_set_new(struct arena *a, const struct account_ledger *l,
                          const struct accounts *accounts, const struct trace_stop *stops, size_t n,
                          struct account_stop_set **ret, struct err *err)
{
    struct account_stop_set *set = ARENA_NEW(a, struct account_stop_set);
    const struct trace_stop **sorted = stops_sorted(a, stops, n);
    size_t slots_n = 16;

    if (n > CASE_STOPS_MAX)
        return err_fail(err, ERR_LIMIT, "more than %zu stops", CASE_STOPS_MAX);
    while (slots_n < 2 * (2 * n + 1))
        slots_n *= 2;
    if (set)
        set->slots = ARENA_ARRAY(a, struct account_slot, slots_n);
    if (!set || !set->slots || !sorted)
        return no_memory(a, err);
    set->ledger = l;
    set->mask = slots_n - 1;
    for (size_t i = 0; i < slots_n; i++)
        set->slots[i].account = ACCOUNTS_NONE;
    for (int owners = 0; owners < 2; owners++)
        for (size_t i = 0; i < n; i++)
            if (!stop_add(set, l, accounts, sorted[i], (int32_t)(sorted[i] - stops), owners != 0,
                          err))
                return false;
    burner_add(set, l);
    *ret = set;
    return true;
}

static int32_t stop_at(const struct account_stop_set *set, uint64_t account)
{
    const struct account_slot *slot = slot_of(set, account);

    return slot->account == account ? slot->stop : STOP_NONE;
}

/* A stop at an account is one at each part of it, unless that has its own. What hides whose
 * balances there are is one by itself. */
int32_t account_stop_set_of(void *set, uint64_t account)
{
    const struct account_stop_set *s = set;
    const struct dialect *d = account_ledger_chain(s->ledger)->dialect;
    int32_t stop = stop_at(s, account);
    struct bytes whole;
    uint32_t number;

    if (stop == STOP_NONE && d->hides && d->hides(account_ledger_key(s->ledger, account)))
        return STOP_CONFIDENTIAL;
    if (stop != STOP_NONE || !d->part ||
        !d->part(account_ledger_key(s->ledger, account), &whole, &number))
        return stop;
    account = account_ledger_find(s->ledger, whole);
    return account == ACCOUNTS_NONE ? STOP_NONE : stop_at(s, account);
}
