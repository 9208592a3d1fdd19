#include "sim/mix.h"

#include "sim/people.h"

#define POOL_AMOUNT (BTC / 20) /* Whirlpool's 0.05 BTC pool and its fee */
#define POOL_FEE 175000u
#define POOL_EXTRA 20000u /* what a newcomer brings for the miners */
#define CHANGE_LEAST 5000u
#define IN_VBYTES 69
#define OUT_VBYTES 43 /* the larger kind of those used here */

static const struct {
    const char *name;
    size_t coins_n; /* so many are withdrawn for it together, and a round takes place with half of
                       them */
    uint64_t least, most;
} kinds[MIX_KINDS] = {
    {"wasabi1", 26, BTC / 16, BTC * 2 / 5},
    {"wasabi2", 64, BTC / 50, BTC / 2},
    {"whirlpool", 2, BTC / 6, BTC / 3},
    {"joinmarket", 9, BTC / 3, BTC * 3 / 2},
};

const char *mix_kind_name(enum mix_kind kind)
{
    return kinds[kind].name;
}

void mixes_new(struct world *w, uint32_t coordinator, uint32_t period, struct mixes *ret)
{
    for (int i = 0; i < MIX_KINDS; i++)
        ret->waiting[i] = wallet_new(w, LOCK_P2WPKH, false);
    ret->remix = wallet_new(w, LOCK_P2WPKH, false);
    ret->tx0 = wallet_new(w, LOCK_P2WPKH, false);
    ret->coordinator = coordinator;
    ret->period = period;
}

static struct desk *coordinator_desk(struct world *w, const struct mixes *m)
{
    return &w->services[m->coordinator].desk[DESK_DEPOSIT];
}

/* An output for whoever owns the part: the guest, or somebody. */
static void pay_owner(struct world *w, const struct guest *guest, bool is_guest,
                      enum lock_kind kind, uint64_t value)
{
    draft_pay(w, guest && is_guest ? guest->to : person_any(w), lock_new(w, kind), value);
    if (guest && is_guest)
        draft_mark(w, guest->mark);
}

static void note_taken(struct world *w, struct guest *guest)
{
    guest->taken[guest->taken_n++] = w->draft.in[w->draft.in_n - 1];
}

/* Takes a guest's next coin, or when it has no more of them those that wait, until they are worth
 * least. */
static bool take_part(struct world *w, uint32_t waiting, struct guest *guest, uint64_t least,
                      bool *ret_guest, uint64_t *ret_value)
{
    *ret_guest = guest && guest->taken_n < guest->coins_max && draft_take(w, guest->from);
    *ret_value = 0;
    if (*ret_guest) {
        note_taken(w, guest);
        *ret_value = w->draft.in[w->draft.in_n - 1].value;
        return *ret_value >= least;
    }
    while (*ret_value < least) {
        if (!draft_take(w, waiting))
            return false;
        *ret_value += w->draft.in[w->draft.in_n - 1].value;
    }
    return true;
}

static bool give_up(struct world *w, struct guest *guest)
{
    draft_drop(w);
    if (guest)
        guest->taken_n = 0;
    return false;
}

static bool sent(struct world *w, struct guest *guest, size_t tx)
{
    return tx || give_up(w, guest);
}

static bool wasabi1(struct world *w, struct mixes *m, struct guest *guest)
{
    uint64_t amount = BTC / 10 - dice_below(&w->dice, BTC / 1000),
             fee = (2 * IN_VBYTES + 2 * OUT_VBYTES) * w->fee_rate;
    uint64_t value, least = amount + amount / 300 + fee;
    size_t n = 11 + dice_below(&w->dice, 5);
    bool is_guest;

    draft_start(w);
    for (size_t i = 0; i < n; i++) {
        if (!take_part(w, m->waiting[MIX_WASABI1], guest, least, &is_guest, &value))
            return give_up(w, guest);
        pay_owner(w, guest, is_guest, LOCK_P2WPKH, amount);
        if (value - least >= CHANGE_LEAST)
            pay_owner(w, guest, is_guest, LOCK_P2WPKH, value - least);
    }
    draft_pay(w, coordinator_desk(w, m)->wallet, desk_lock(w, coordinator_desk(w, m)), 0);
    return sent(w, guest, draft_send(w, NONE, NONE, ORDER_SHUFFLED));
}

/* Largest of 2^i, 3^i, 2*3^i and 1, 2, 5 times 10^i that is at most value. */
static uint64_t standard_amount(uint64_t value)
{
    static const struct {
        uint64_t first, base;
    } series[] = {{1, 2}, {1, 3}, {2, 3}, {1, 10}, {2, 10}, {5, 10}};
    uint64_t best = 0;

    for (size_t i = 0; i < sizeof(series) / sizeof(series[0]); i++) {
        uint64_t v = series[i].first;

        while (v <= value / series[i].base)
            v *= series[i].base;
        if (v > best)
            best = v;
    }
    return best;
}

/* Both sides from the largest, equal values as they stood. */
static void sort_by_value(struct draft *d)
{
    for (size_t i = 1; i < d->in_n; i++) {
        struct coin moved = d->in[i];
        size_t to = i;

        for (; to && d->in[to - 1].value < moved.value; to--)
            d->in[to] = d->in[to - 1];
        d->in[to] = moved;
    }
    for (size_t i = 1; i < d->out_n; i++) {
        struct pay moved = d->out[i];
        size_t to = i;

        for (; to && d->out[to - 1].value < moved.value; to--)
            d->out[to] = d->out[to - 1];
        d->out[to] = moved;
    }
}

static bool wasabi2(struct world *w, struct mixes *m, struct guest *guest)
{
    uint64_t each = OUT_VBYTES * w->fee_rate, value;
    size_t n = 50 + dice_below(&w->dice, 12);
    bool is_guest;

    draft_start(w);
    for (size_t i = 0; i < n; i++) {
        if (!take_part(w, m->waiting[MIX_WASABI2], guest, BTC / 100, &is_guest, &value))
            return give_up(w, guest);
        value -= (IN_VBYTES + 1) * w->fee_rate;
        for (int k = 0; k < 7 && value >= CHANGE_LEAST + each; k++) {
            uint64_t amount = standard_amount(value - each);

            pay_owner(w, guest, is_guest, dice_percent(&w->dice, 50) ? LOCK_P2TR : LOCK_P2WPKH,
                      amount);
            value -= amount + each;
        }
    }
    sort_by_value(&w->draft);
    return sent(w, guest, draft_send_exact(w));
}

static bool tx0(struct world *w, struct mixes *m)
{
    struct desk *d = coordinator_desk(w, m);

    draft_start(w);
    if (!draft_take(w, m->tx0))
        return false;
    draft_memo(w, 64);
    draft_pay(w, d->wallet, desk_lock(w, d), POOL_FEE);
    for (unsigned i = 0; i < 3; i++)
        draft_pay(w, m->waiting[MIX_WHIRLPOOL], lock_new(w, LOCK_P2WPKH), POOL_AMOUNT + POOL_EXTRA);
    return draft_send(w, person_any(w), lock_new(w, LOCK_P2WPKH), ORDER_CHANGE_HIDDEN);
}

static bool whirlpool(struct world *w, struct mixes *m)
{
    size_t fresh = 2 + dice_below(&w->dice, 2);

    draft_start(w);
    for (size_t i = 0; i < 5; i++)
        if (!draft_take(w, i < fresh ? m->waiting[MIX_WHIRLPOOL] : m->remix))
            return give_up(w, NULL);
    for (size_t i = 0; i < 5; i++)
        draft_pay(w, i < 3 ? m->remix : person_any(w), lock_new(w, LOCK_P2WPKH), POOL_AMOUNT);
    return draft_send_exact(w);
}

static bool joinmarket(struct world *w, struct mixes *m, struct guest *guest)
{
    size_t n = 4 + dice_below(&w->dice, 4);
    uint64_t value[8] = {0}, least = UINT64_MAX, amount, ask;
    bool is_guest[8] = {false};

    draft_start(w);
    for (size_t i = 0; i < n; i++) { /* the first is the taker */
        if (!take_part(w, m->waiting[MIX_JOINMARKET], guest, 1, &is_guest[i], &value[i]))
            return give_up(w, guest);
        least = value[i] < least ? value[i] : least;
    }
    amount = least / 100 * dice_range(&w->dice, 40, 85);
    ask = amount / 5000;
    for (size_t i = 0; i < n; i++) {
        pay_owner(w, guest, is_guest[i], LOCK_P2WPKH, amount);
        if (i)
            pay_owner(w, guest, is_guest[i], LOCK_P2WPKH, value[i] - amount + ask - i);
    }
    pay_owner(w, guest, is_guest[0], LOCK_P2WPKH, 0);
    return sent(w, guest,
                draft_send(w, NONE, NONE, ORDER_SHUFFLED)); /* the taker pays what is missing */
}

bool mix_round(struct world *w, struct mixes *m, enum mix_kind kind, struct guest *guest)
{
    switch (kind) {
    case MIX_WASABI1:
        return wasabi1(w, m, guest);
    case MIX_WASABI2:
        return wasabi2(w, m, guest);
    case MIX_WHIRLPOOL:
        return whirlpool(w, m);
    case MIX_JOINMARKET:
        return joinmarket(w, m, guest);
    }
    return false;
}

static void fund(struct world *w, struct mixes *m, enum mix_kind kind)
{
    uint32_t to = kind == MIX_WHIRLPOOL ? m->tx0 : m->waiting[kind];

    if (kind == MIX_WHIRLPOOL && !w->wallets[m->remix].coins_n) /* the pool's first liquidity */
        exchange_pays(w, m->remix, LOCK_P2WPKH, 5, POOL_AMOUNT, POOL_AMOUNT);
    exchange_pays(w, to, LOCK_P2WPKH, kinds[kind].coins_n, kinds[kind].least, kinds[kind].most);
}

void mixes_open(struct world *w, struct mixes *m)
{
    for (int k = 0; k < MIX_KINDS; k++) {
        uint32_t coins_n = w->wallets[m->waiting[k]].coins_n;

        if ((w->height + 2 * (uint32_t)k) % m->period)
            continue;
        if (k == MIX_WHIRLPOOL && coins_n < 3 && tx0(w, m))
            continue;
        if (coins_n < kinds[k].coins_n)
            fund(w, m, (enum mix_kind)k);
        if (coins_n)
            mix_round(w, m, (enum mix_kind)k, NULL);
    }
    world_settle(w);
}
