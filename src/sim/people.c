#include "sim/people.h"

#include "base/mem.h"

static const struct {
    const char *name, *category;
    bool desks[DESKS];
} services[] = {
    {"Kestrel Exchange", "exchange", {true, true, true}},
    {"Harbour Coin", "exchange", {true, true, true}},
    {"Meridian Trade", "exchange", {true, true, true}},
    {"Tallow Market", "exchange", {true, true, true}},
    {"Papaya Pay", "merchant", {true, false, false}},
    {"Finch Casino", "gambling", {true, false, false}},
    {"Atlas Hosting", "merchant", {true, false, false}},
    {"Open Lantern", "donation", {true, false, false}},
    {"Blendbox", "mixer", {true, false, false}},
    {"Juniper Coordinator", "mixer", {true, false, false}},
};
#define SERVICES_N (sizeof(services) / sizeof(services[0]))
#define EXCHANGES_N 4
#define SHOPS_FIRST 4
#define SHOPS_N 4
#define HOT_ADDRESSES 3
#define COLD_ADDRESSES 2
#define SHOP_ADDRESSES 64

static bool desk_new(struct world *w, struct desk *d, enum lock_kind kind, uint32_t locks_max)
{
    d->wallet = wallet_new(w, kind, false);
    d->locks_max = locks_max;
    d->locks = mem_array(locks_max, sizeof(*d->locks));
    return d->locks && !w->out_of_memory;
}

bool services_new(struct world *w, struct world_size size)
{
    static const enum lock_kind deposit_kinds[] = {LOCK_P2WPKH, LOCK_P2SH_P2WPKH, LOCK_P2PKH,
                                                   LOCK_P2TR};

    w->services = mem_array(SERVICES_N, sizeof(*w->services));
    if (!w->services)
        return false;
    w->services_n = SERVICES_N;
    w->exchanges_n = EXCHANGES_N;
    for (uint32_t i = 0; i < SERVICES_N; i++) {
        struct service *s = &w->services[i];
        bool exchange = i < EXCHANGES_N;

        *s = (struct service){.name = services[i].name, .category = services[i].category};
        for (int k = 0; k < DESKS; k++)
            s->desk[k].wallet = NONE;
        if (!desk_new(w, &s->desk[DESK_DEPOSIT], exchange ? deposit_kinds[i] : LOCK_P2WPKH,
                      exchange ? size.deposits : SHOP_ADDRESSES))
            return false;
        if (exchange && (!desk_new(w, &s->desk[DESK_HOT], LOCK_P2WPKH, HOT_ADDRESSES) ||
                         !desk_new(w, &s->desk[DESK_COLD], LOCK_P2WSH, COLD_ADDRESSES)))
            return false;
    }
    return true;
}

uint32_t service_by_name(const struct world *w, const char *name)
{
    for (uint32_t i = 0; i < w->services_n; i++)
        if (!strcmp(w->services[i].name, name))
            return i;
    return NONE;
}

static struct desk *exchange_desk(struct world *w, uint32_t exchange, enum desk_kind kind)
{
    return &w->services[exchange].desk[kind];
}

uint32_t exchange_richest(const struct world *w)
{
    uint32_t best = 0;

    for (uint32_t i = 1; i < w->exchanges_n; i++)
        if (w->wallets[w->services[i].desk[DESK_HOT].wallet].value >
            w->wallets[w->services[best].desk[DESK_HOT].wallet].value)
            best = i;
    return best;
}

static void pay_desk(struct world *w, struct desk *d, uint64_t value)
{
    draft_pay(w, d->wallet, desk_lock(w, d), value);
}

static void pay_wallet(struct world *w, uint32_t wallet, uint64_t value)
{
    draft_pay(w, wallet, wallet_lock(w, wallet), value);
}

/* Whom is thrown here, after the value: in what order a call's arguments are thrown, C does not
 * say. */
static void pay_anybody(struct world *w, uint64_t value)
{
    pay_wallet(w, person_any(w), value);
}

/* Somebody to pay: a person, an exchange's deposit address, a shop. */
static void pay_somebody(struct world *w, uint64_t value)
{
    uint64_t roll = dice_below(&w->dice, 100);

    if (roll < 65) {
        uint32_t recent = roll < 30 ? person_recent(w) : NONE;

        pay_wallet(w, recent == NONE ? person_any(w) : recent, value);
    } else if (roll < 88) {
        pay_desk(w, exchange_desk(w, (uint32_t)dice_below(&w->dice, w->exchanges_n), DESK_DEPOSIT),
                 value);
    } else {
        pay_desk(w, &w->services[SHOPS_FIRST + dice_below(&w->dice, SHOPS_N)].desk[DESK_DEPOSIT],
                 value);
    }
}

/* Takes a wallet's newest coins: as many as wanted, and more while they are worth too little. */
static void take_some(struct world *w, uint32_t wallet, size_t wanted)
{
    while (w->draft.in_n < wanted || (draft_value(w) < 30000 && w->draft.in_n < 8))
        if (!draft_take(w, wallet))
            return;
}

static size_t inputs_wanted(struct world *w)
{
    uint64_t roll = dice_below(&w->dice, 100);

    return roll < 58 ? 1 : roll < 86 ? 2 : roll < 95 ? 3 : 4 + dice_below(&w->dice, 3);
}

/* Half of all payments are small change for who makes them. */
static uint64_t person_amount(struct world *w, uint64_t spare)
{
    unsigned small = dice_percent(&w->dice, 50) ? 30 : 1;

    return DUST + (spare - 2 * DUST) / 1000 * dice_range(&w->dice, 20, 900) / small;
}

static bool person_pays(struct world *w)
{
    uint32_t from = person_recent(w);
    uint64_t roll = dice_below(&w->dice, 100), spare, fee;

    if (from == NONE)
        return false;
    draft_start(w);
    take_some(w, from, inputs_wanted(w));
    fee = draft_fee(w, 140);
    if (draft_value(w) < fee + 3 * DUST) {
        draft_drop(w);
        return false;
    }
    spare = draft_value(w) - fee;
    if (roll < 9) { /* all of it, nothing comes back */
        pay_somebody(w, spare);
        return draft_send(w, NONE, NONE, ORDER_CHANGE_HIDDEN);
    }
    pay_somebody(w, person_amount(w, spare));
    if (roll >= 95)
        draft_memo(w, 4 + (unsigned)dice_below(&w->dice, 77));
    return draft_send(w, from, wallet_lock(w, from), ORDER_CHANGE_HIDDEN);
}

static bool person_gathers(struct world *w)
{
    uint32_t from = person_recent(w);
    size_t wanted = 3 + dice_below(&w->dice, 20);

    if (from == NONE || w->wallets[from].coins_n < 3)
        return false;
    draft_start(w);
    take_some(w, from, wanted);
    if (dice_percent(&w->dice, 30))
        pay_somebody(w, 0);
    else
        pay_wallet(w, from, 0);
    return draft_send(w, NONE, NONE, ORDER_CHANGE_HIDDEN);
}

static bool exchange_sweeps(struct world *w, uint32_t exchange)
{
    struct desk *from = exchange_desk(w, exchange, DESK_DEPOSIT),
                *to = exchange_desk(w, exchange, DESK_HOT);
    size_t wanted = 2 + dice_below(&w->dice, 30);

    if (w->wallets[from->wallet].coins_n < 2)
        return false;
    draft_start(w);
    while (w->draft.in_n < wanted && draft_take(w, from->wallet))
        ;
    pay_desk(w, to, 0);
    return draft_send(w, NONE, NONE, ORDER_CHANGE_HIDDEN);
}

static bool shop_sells(struct world *w)
{
    struct desk *from =
        &w->services[SHOPS_FIRST + dice_below(&w->dice, SHOPS_N)].desk[DESK_DEPOSIT];
    size_t wanted = 2 + dice_below(&w->dice, 20);

    if (w->wallets[from->wallet].coins_n < 4)
        return false;
    draft_start(w);
    while (w->draft.in_n < wanted && draft_take(w, from->wallet))
        ;
    pay_desk(w, exchange_desk(w, (uint32_t)dice_below(&w->dice, w->exchanges_n), DESK_DEPOSIT), 0);
    return draft_send(w, NONE, NONE, ORDER_CHANGE_HIDDEN);
}

/* Takes from a hot wallet until it is worth least, or all of it. */
static void take_worth(struct world *w, uint32_t wallet, uint64_t least)
{
    while (draft_value(w) < least && draft_take(w, wallet))
        ;
}

static bool exchange_batch(struct world *w, uint32_t exchange)
{
    struct desk *hot = exchange_desk(w, exchange, DESK_HOT);
    size_t n = 4 + dice_below(&w->dice, 30);
    uint64_t each = w->wallets[hot->wallet].value / 10 / n;

    if (each < 20 * DUST)
        return false;
    draft_start(w);
    take_worth(w, hot->wallet, each * n * 2);
    for (size_t i = 0; i < n; i++)
        pay_anybody(w, each / 16 + dice_below(&w->dice, (each >> dice_below(&w->dice, 6)) + 1));
    return draft_send(w, hot->wallet, desk_lock(w, hot), ORDER_CHANGE_HIDDEN);
}

static bool person_batch(struct world *w)
{
    uint32_t from = person_recent(w);
    size_t n = 3 + dice_below(&w->dice, 12);
    uint64_t each;

    if (from == NONE)
        return false;
    draft_start(w);
    take_some(w, from, 1);
    each = draft_value(w) / (n + 2);
    if (each < 10 * DUST + draft_fee(w, 60)) {
        draft_drop(w);
        return false;
    }
    for (size_t i = 0; i < n; i++)
        pay_anybody(w, each / 8 + dice_below(&w->dice, each / 2));
    return draft_send(w, from, wallet_lock(w, from), ORDER_CHANGE_HIDDEN);
}

bool exchange_pays(struct world *w, uint32_t owner, enum lock_kind kind, size_t n, uint64_t least,
                   uint64_t most)
{
    struct desk *hot = exchange_desk(w, exchange_richest(w), DESK_HOT);

    draft_start(w);
    for (size_t i = 0; i < n; i++)
        draft_pay(w, owner, lock_new(w, kind), dice_range(&w->dice, least, most));
    take_worth(w, hot->wallet, n * most + BTC / 100);
    return draft_send(w, hot->wallet, desk_lock(w, hot), ORDER_CHANGE_HIDDEN);
}

bool day_step(struct world *w)
{
    bool few_outputs = w->outputs_n * 10 < w->txs_n * 28,
         few_inputs = w->inputs_n * 10 < w->txs_n * 22;
    uint32_t exchange = (uint32_t)dice_below(&w->dice, w->exchanges_n);

    if (few_outputs && dice_percent(&w->dice, 25))
        return dice_percent(&w->dice, 60) ? exchange_batch(w, exchange) : person_batch(w);
    if (few_inputs && dice_percent(&w->dice, 45)) {
        uint64_t roll = dice_below(&w->dice, 100);

        return roll < 50   ? exchange_sweeps(w, exchange)
               : roll < 65 ? shop_sells(w)
                           : person_gathers(w);
    }
    return person_pays(w);
}

/* What is more than a hot wallet should hold goes to cold storage; what is missing comes back. */
static bool exchange_balances(struct world *w, uint32_t exchange)
{
    struct desk *hot = exchange_desk(w, exchange, DESK_HOT),
                *cold = exchange_desk(w, exchange, DESK_COLD);
    uint64_t in_hot = w->wallets[hot->wallet].value, in_cold = w->wallets[cold->wallet].value;

    draft_start(w);
    if (in_hot > in_cold + 100 * BTC) {
        take_worth(w, hot->wallet, in_hot / 3);
        pay_desk(w, cold, draft_value(w) - draft_fee(w, 100) - BTC / 100);
        return draft_send(w, hot->wallet, desk_lock(w, hot), ORDER_CHANGE_HIDDEN);
    }
    if (in_hot * 8 < in_cold) {
        draft_take(w, cold->wallet);
        pay_desk(w, hot, draft_value(w) / 2);
        return draft_send(w, cold->wallet, desk_lock(w, cold), ORDER_CHANGE_HIDDEN);
    }
    return false;
}

void day_open(struct world *w, uint32_t sweep_at)
{
    for (uint32_t i = 0; i < w->exchanges_n; i++) {
        if (w->wallets[exchange_desk(w, i, DESK_DEPOSIT)->wallet].coins_n >= sweep_at)
            exchange_sweeps(w, i);
        if (dice_percent(&w->dice, 10))
            exchange_balances(w, i);
    }
    world_settle(w);
}

bool miner_pays(struct world *w, struct coin coinbase, uint32_t wallet, uint32_t shares)
{
    uint64_t each = coinbase.value / 2 / shares;

    coin_arrive(w, coinbase);
    draft_start(w);
    draft_take(w, wallet);
    for (uint32_t i = 0; i < 2; i++)
        pay_desk(w, exchange_desk(w, (uint32_t)dice_below(&w->dice, w->exchanges_n), DESK_DEPOSIT),
                 coinbase.value / 5);
    for (uint32_t i = 0; i < shares; i++)
        pay_anybody(w, each / 2 + dice_below(&w->dice, each / 2));
    return draft_send(w, wallet, w->draft.in[0].lock, ORDER_CHANGE_HIDDEN);
}
