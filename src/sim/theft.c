/* Each theft is a small machine that moves at most one step a block, so that its hops lie in blocks
 * one after another. What an output means is put on it as a mark, and is written down when the
 * world tells its id. */
#include "sim/theft.h"

#include "base/mem.h"
#include "sim/accounts.h"
#include "sim/people.h"

#include <stdio.h>

#define FIRST_HEIGHT 112 /* exchanges have something to lose by then */
#define FIRST_APART 9
#define PAYROLL_HEIGHT 118 /* the first theft is under way */
#define LATER_APART 100
#define COINJOIN_PATIENCE 40 /* blocks to wait for a round */
#define CUT_LEAST (BTC * 12 / 100)
#define CUT_MOST (BTC * 35 / 100)

enum mark { MARK_ORIGIN, MARK_END, MARK_PEEL, MARK_AFTER, MARK_GOT };

static uint32_t mark_of(size_t theft, enum mark what, uint32_t at)
{
    return 1u + ((uint32_t)theft << 16 | (uint32_t)what << 8 | at);
}

static struct known_output known(const struct coin *c)
{
    return (struct known_output){c->txid, c->vout, c->lock, c->value};
}

static enum end_kind end_at(const struct thefts *t, uint32_t service)
{
    return service == t->mixer ? END_MIXER : END_DEPOSIT;
}

static void add_end(struct end *ends, size_t *n, struct known_output o, enum end_kind kind,
                    uint32_t at)
{
    if (*n < ENDS_MAX)
        ends[(*n)++] = (struct end){o, kind, at};
}

/* The world's told: an output with a mark has its id now. */
static void told(void *ctx, const struct pay *pay, const struct hash32 *txid, uint32_t vout)
{
    struct thefts *t = ctx;
    uint32_t mark = pay->mark - 1, at = mark & 0xff;
    struct theft *x = t->all[mark >> 16];
    struct known_output o = {*txid, vout, pay->lock, pay->value};

    switch ((enum mark)(mark >> 8 & 0xff)) {
    case MARK_ORIGIN:
        if (x->origins_n < ORIGINS_MAX)
            x->origins[x->origins_n++] = o;
        break;
    case MARK_PEEL:
        if (x->peels_n < PEELS_MAX)
            x->peels[x->peels_n++] = *txid;
        add_end(x->ends, &x->ends_n, o, end_at(t, at), at);
        break;
    case MARK_END:
        add_end(x->ends, &x->ends_n, o, end_at(t, at), at);
        break;
    case MARK_AFTER:
        add_end(x->after, &x->after_n, o, end_at(t, at), at);
        break;
    case MARK_GOT:
        x->rounds[at].txid = *txid;
        x->rounds[at].got[x->rounds[at].got_n++] = o;
        break;
    }
}

/* The vault, where the thief wants to be paid, and the memo that says for what. */
static void swap_new(struct thefts *t, uint64_t seed)
{
    struct hash32 tx = sim_swap_tx(seed);
    size_t n = (size_t)snprintf(t->memo, sizeof(t->memo), "OUT:");

    for (size_t i = 0; i < sizeof(tx.b); i++, n += 2)
        snprintf(t->memo + n, 3, "%02X", tx.b[i]);
    t->swaps = true;
    t->vault = wallet_new(t->w, LOCK_P2WPKH, false);
    t->payout = lock_new(t->w, LOCK_P2WPKH);
}

bool thefts_new(struct world *w, struct mixes *m, const uint64_t *swap, bool payroll,
                struct thefts **ret, struct err *err)
{
    struct thefts *t = mem_zero(sizeof(*t));

    if (!t)
        return err_fail(err, ERR_NOMEM, "thefts");
    t->w = w;
    t->mixes = m;
    t->mixer = service_by_name(w, "Blendbox");
    w->told = told;
    w->told_ctx = t;
    t->payrolls = payroll;
    if (swap)
        swap_new(t, *swap);
    *ret = t;
    return true;
}

struct thefts *thefts_free(struct thefts *t)
{
    if (!t)
        return NULL;
    for (size_t i = 0; i < t->n; i++)
        mem_free(t->all[i]);
    return mem_free(t);
}

static void pay_own(struct world *w, uint32_t wallet, uint64_t value)
{
    draft_pay(w, wallet, lock_new(w, (enum lock_kind)w->wallets[wallet].kind), value);
}

static void pay_service(struct world *w, uint32_t service, uint64_t value, uint32_t mark)
{
    struct desk *d = &w->services[service].desk[DESK_DEPOSIT];

    draft_pay(w, d->wallet, desk_lock(w, d), value);
    draft_mark(w, mark);
}

static size_t number_of(const struct thefts *t, const struct theft *x)
{
    for (size_t i = 0; i < t->n; i++)
        if (t->all[i] == x)
            return i;
    return 0;
}

/* Takes coins of the victim's hot wallet worth about value into as many outputs of the thief. */
static bool rob_exchange(struct thefts *t, struct theft *x, uint64_t value, bool twice)
{
    struct world *w = t->w;
    struct desk *hot;

    x->victim = exchange_richest(w);
    x->exchange[0] = (x->victim + 1) % w->exchanges_n;
    x->exchange[1] = (x->victim + 2) % w->exchanges_n;
    hot = &w->services[x->victim].desk[DESK_HOT];
    if (w->wallets[hot->wallet].value < value * 5 / 4)
        return false;
    draft_start(w);
    while (draft_value(w) < value + BTC / 50 && draft_take(w, hot->wallet))
        ;
    pay_own(w, x->main, twice ? value / 3 * 2 : value);
    draft_mark(w, mark_of(number_of(t, x), MARK_ORIGIN, 0));
    if (twice) {
        pay_own(w, x->side, value / 3);
        draft_mark(w, mark_of(number_of(t, x), MARK_ORIGIN, 0));
    }
    return draft_send(w, hot->wallet, desk_lock(w, hot), ORDER_CHANGE_HIDDEN);
}

static bool rob_people(struct thefts *t, struct theft *x)
{
    struct world *w = t->w;
    unsigned robbed = 0;

    x->victim = NONE;
    x->exchange[0] = (uint32_t)dice_below(&w->dice, w->exchanges_n);
    x->exchange[1] = (x->exchange[0] + 1) % w->exchanges_n;
    for (unsigned i = 0; i < 200 && robbed < 5; i++) {
        uint32_t from = person_recent(w);

        if (from == NONE || w->wallets[from].value < BTC / 50)
            continue;
        draft_start(w);
        for (int k = 0; k < 10 && draft_take(w, from); k++)
            ;
        pay_own(w, x->main, 0);
        draft_mark(w, mark_of(number_of(t, x), MARK_ORIGIN, 0));
        if (draft_send(w, NONE, NONE, ORDER_CHANGE_HIDDEN))
            robbed++;
    }
    return robbed;
}

/* One piece of the newest coin of main to an exchange, the rest to a new address of the thief's
 * own. */
static bool peel(struct thefts *t, struct theft *x)
{
    struct world *w = t->w;
    uint32_t at = x->exchange[dice_below(&w->dice, 2)];

    draft_start(w);
    if (!draft_take(w, x->main))
        return false;
    pay_service(w, at, draft_value(w) / 1000 * dice_range(&w->dice, 20, 90),
                mark_of(number_of(t, x), MARK_PEEL, at));
    return draft_send(w, x->main, lock_new(w, (enum lock_kind)w->wallets[x->main].kind),
                      ORDER_CHANGE_HIDDEN);
}

/* All coins of a wallet, up to max, to a service. */
static bool deposit(struct thefts *t, struct theft *x, uint32_t wallet, size_t max,
                    uint32_t service, enum mark what)
{
    struct world *w = t->w;

    draft_start(w);
    while (w->draft.in_n < max && draft_take(w, wallet))
        ;
    if (!w->draft.in_n)
        return false;
    pay_service(w, service, 0, mark_of(number_of(t, x), what, service));
    return draft_send(w, NONE, NONE, ORDER_CHANGE_HIDDEN);
}

/* The newest coin of from becomes n of side, and what is over one of main. */
static bool cut(struct world *w, const struct theft *x, uint32_t from, unsigned n, uint64_t least,
                uint64_t most)
{
    draft_start(w);
    if (!draft_take(w, from))
        return false;
    for (unsigned i = 0; i < n; i++)
        pay_own(w, x->side, dice_range(&w->dice, least, most));
    return draft_send(w, x->main, lock_new(w, LOCK_P2WPKH), ORDER_CHANGE_HIDDEN);
}

/* Takes part in a round; what went in ends there, what comes out is clean in the thief's eyes. */
static bool coinjoin(struct thefts *t, struct theft *x, enum mix_kind kind, uint32_t from,
                     size_t coins_max)
{
    struct guest g = {.from = from, .to = x->clean, .coins_max = coins_max};

    if (x->rounds_n == ROUNDS_MAX)
        return false;
    g.mark = mark_of(number_of(t, x), MARK_GOT, (uint32_t)x->rounds_n);
    x->rounds[x->rounds_n].kind = kind;
    if (!mix_round(t->w, t->mixes, kind, &g))
        return false;
    for (size_t i = 0; i < g.taken_n; i++)
        add_end(x->ends, &x->ends_n, known(&g.taken[i]), END_COINJOIN, (uint32_t)x->rounds_n);
    x->rounds_n++;
    return true;
}

static void step_peel(struct thefts *t, struct theft *x)
{
    if (x->peels_left && peel(t, x))
        x->peels_left--;
}

static void step_split(struct thefts *t, struct theft *x)
{
    struct world *w = t->w;
    uint64_t sixth;

    switch (x->step++) {
    case 0: /* gathered */
        draft_start(w);
        while (draft_take(w, x->main))
            ;
        pay_own(w, x->main, 0);
        draft_send(w, NONE, NONE, ORDER_CHANGE_HIDDEN);
        break;
    case 1: /* split: the sixth is what is over, and stays with main */
        sixth = w->wallets[x->main].value / 6;
        cut(w, x, x->main, 5, sixth / 10 * 9, sixth);
        break;
    case 2:
    case 3:
        deposit(t, x, x->side, 1, x->exchange[x->step & 1], MARK_END);
        break;
    case 4:
        deposit(t, x, x->side, 1, t->mixer, MARK_END);
        break;
    case 5: /* one more hop, half of it sold */
        draft_start(w);
        if (draft_take(w, x->side)) {
            pay_service(w, x->exchange[0], draft_value(w) / 2,
                        mark_of(number_of(t, x), MARK_END, x->exchange[0]));
            draft_send(w, x->main, lock_new(w, LOCK_P2WPKH), ORDER_CHANGE_HIDDEN);
        }
        break;
    default: /* the rest is kept */
        break;
    }
}

/* Waits for a round with room for it, for a while; false: go on with something else. */
static bool mixing(struct thefts *t, struct theft *x, enum mix_kind kind, uint32_t from,
                   size_t coins_max)
{
    if (!t->w->wallets[from].coins_n || x->waited >= COINJOIN_PATIENCE)
        return false;
    if (!coinjoin(t, x, kind, from, coins_max))
        x->waited++;
    return true;
}

static void step_wasabi(struct thefts *t, struct theft *x)
{
    switch (x->step) {
    case 0:
        x->step += cut(t->w, x, x->main, 6, CUT_LEAST, CUT_MOST);
        break;
    case 1:
        x->step += !mixing(t, x, MIX_WASABI1, x->side, 3);
        break;
    case 2:
    case 3:
        deposit(t, x, x->clean, 3, x->exchange[x->step & 1], MARK_AFTER);
        x->step++;
        break;
    default:
        step_peel(t, x);
        break;
    }
}

static void step_layered(struct thefts *t, struct theft *x)
{
    switch (x->step) {
    case 0:
        if (x->peels_left)
            step_peel(t, x);
        else
            x->step++;
        break;
    case 1:
        x->waited = 0;
        x->step += cut(t->w, x, x->side, 5, BTC / 12, BTC / 4);
        break;
    case 2:
        if (!mixing(t, x, MIX_WASABI2, x->side, 5)) {
            x->step++;
            x->waited = 0;
        }
        break;
    case 3: /* the newest coin of main is what was over at the cut */
        mixing(t, x, MIX_JOINMARKET, x->main, 1);
        x->step += x->rounds_n && x->rounds[x->rounds_n - 1].kind == MIX_JOINMARKET;
        x->step += x->waited >= COINJOIN_PATIENCE;
        break;
    case 4:
        deposit(t, x, x->clean, 4, x->exchange[0], MARK_AFTER);
        x->step++;
        break;
    case 5:
        deposit(t, x, x->clean, 2, t->mixer, MARK_AFTER);
        x->step++;
        break;
    default:
        break;
    }
}

/* The vault is filled by an exchange, and then pays what the memo is for. */
static bool pay_swap(struct thefts *t, struct theft *x, uint64_t value)
{
    struct world *w = t->w;
    struct desk *hot;

    if (!w->wallets[t->vault].coins_n) {
        hot = &w->services[exchange_richest(w)].desk[DESK_HOT];
        if (w->wallets[hot->wallet].value < value * 2)
            return false;
        draft_start(w);
        while (draft_value(w) < value + BTC / 5 && draft_take(w, hot->wallet))
            ;
        pay_own(w, t->vault, value + BTC / 10);
        draft_send(w, hot->wallet, desk_lock(w, hot), ORDER_CHANGE_HIDDEN);
        return false;
    }
    x->victim = NONE;
    x->exchange[0] = (uint32_t)dice_below(&w->dice, w->exchanges_n);
    x->exchange[1] = (x->exchange[0] + 1) % w->exchanges_n;
    draft_start(w);
    if (!draft_take(w, t->vault))
        return false;
    draft_pay(w, x->main, t->payout, draft_value(w) - BTC / 20);
    draft_mark(w, mark_of(number_of(t, x), MARK_ORIGIN, 0));
    draft_memo_text(w, t->memo);
    draft_pay(w, t->vault, lock_new(w, LOCK_P2WPKH), BTC / 20 - draft_fee(w, 31));
    return draft_send_exact(w);
}

/* ---- wages ---- */

#define WORKERS 2
#define MONTHS 3
#define MONTH_STEPS 4

/* What a payroll service pays both workers out of an exchange's hot wallet. */
static bool pay_wages(struct thefts *t, struct theft *x)
{
    struct world *w = t->w;
    struct desk *hot = &w->services[exchange_richest(w)].desk[DESK_HOT];
    uint64_t wage = dice_range(&w->dice, BTC / 20, BTC / 16);

    x->victim = NONE;
    if (w->wallets[hot->wallet].value < 4 * wage)
        return false;
    draft_start(w);
    while (draft_value(w) < 3 * wage && draft_take(w, hot->wallet))
        ;
    for (unsigned i = 0; i < WORKERS; i++) {
        pay_own(w, i ? x->side : x->main, wage - i * (wage / 50));
        draft_mark(w, mark_of(number_of(t, x), MARK_ORIGIN, 0));
    }
    return draft_send(w, hot->wallet, desk_lock(w, hot), ORDER_CHANGE_HIDDEN);
}

/* The first deposit of the first theft. */
static const struct end *first_deposit(const struct thefts *t)
{
    for (size_t i = 0; t->n && i < t->all[0]->ends_n; i++)
        if (t->all[0]->ends[i].kind == END_DEPOSIT)
            return &t->all[0]->ends[i];
    return NULL;
}

const struct end *thefts_meeting(const struct thefts *t)
{
    const struct end *at = first_deposit(t);

    for (size_t i = 0; at && t->payroll && i < t->payroll->ends_n; i++)
        if (t->payroll->ends[i].output.lock == at->output.lock)
            return at;
    return NULL;
}

static bool sell_wages(struct thefts *t, struct theft *x)
{
    const struct end *at = first_deposit(t);
    struct world *w = t->w;

    if (!at)
        return false;
    draft_start(w);
    if (!draft_take(w, x->main))
        return false;
    draft_pay(w, w->services[at->at].desk[DESK_DEPOSIT].wallet, at->output.lock, 0);
    draft_mark(w, mark_of(number_of(t, x), MARK_END, at->at));
    return draft_send(w, NONE, NONE, ORDER_CHANGE_HIDDEN);
}

static void step_payroll(struct thefts *t, struct theft *x)
{
    struct world *w = t->w;

    if (x->step < MONTHS * MONTH_STEPS) {
        if (x->step % MONTH_STEPS || x->origins_n >= WORKERS * MONTHS || pay_wages(t, x))
            x->step++;
        return;
    }
    switch (x->step - MONTHS * MONTH_STEPS) {
    case 0: /* gathered by whoever runs them */
        draft_start(w);
        while (draft_take(w, x->main) || draft_take(w, x->side))
            ;
        pay_own(w, x->main, 0);
        x->step += draft_send(w, NONE, NONE, ORDER_CHANGE_HIDDEN) != 0;
        break;
    case 1:
        x->step += sell_wages(t, x);
        break;
    default:
        break;
    }
}

static bool begin(struct thefts *t, struct theft *x)
{
    uint64_t value = dice_range(&t->w->dice, 3 * BTC, 9 * BTC);

    switch (x->kind) {
    case 0:
        return rob_exchange(t, x, value * 2, false);
    case 1:
        return rob_people(t, x);
    case 2:
        return rob_exchange(t, x, value, false);
    case THEFT_SWAP:
        return pay_swap(t, x, value);
    case THEFT_PAYROLL:
        x->step = pay_wages(t, x);
        return x->step;
    default:
        return rob_exchange(t, x, value, true);
    }
}

static void move(struct thefts *t, struct theft *x)
{
    if (!x->height) {
        if (begin(t, x))
            x->height = t->w->height;
        return;
    }
    if (dice_percent(&t->w->dice, 25)) /* some blocks pass */
        return;
    switch (x->kind) {
    case 0:
        step_peel(t, x);
        break;
    case 1:
        step_split(t, x);
        break;
    case 2:
        step_wasabi(t, x);
        break;
    case THEFT_SWAP:
        step_peel(t, x);
        break;
    case THEFT_PAYROLL:
        step_payroll(t, x);
        break;
    default:
        step_layered(t, x);
        break;
    }
}

static uint32_t start_height(size_t i)
{
    if (i < THEFT_KINDS)
        return FIRST_HEIGHT + FIRST_APART * (uint32_t)i;
    return FIRST_HEIGHT + LATER_APART * (uint32_t)(i - THEFT_KINDS + 1);
}

/* Those that take turns. */
static size_t ordinary(const struct thefts *t)
{
    return t->n - (t->swap != NULL) - (t->payroll != NULL);
}

static void plan(struct thefts *t, unsigned kind)
{
    struct world *w = t->w;
    struct theft *x = mem_zero(sizeof(*x));

    if (!x) {
        w->out_of_memory = true;
        return;
    }
    x->kind = kind;
    if (kind == THEFT_SWAP)
        t->swap = x;
    if (kind == THEFT_PAYROLL)
        t->payroll = x;
    x->main = wallet_new(w, LOCK_P2WPKH, false);
    x->side = wallet_new(w, LOCK_P2WPKH, false);
    x->clean = wallet_new(w, LOCK_P2WPKH, false);
    x->peels_left = x->kind == 0 ? 9 + (unsigned)dice_below(&w->dice, 8) : 4;
    t->all[t->n++] = x;
}

void thefts_open(struct thefts *t)
{
    if (t->swaps && !t->swap && t->w->height > SIM_SWAP_HEIGHT + 4)
        plan(t, THEFT_SWAP);
    if (t->payrolls && !t->payroll && t->w->height >= PAYROLL_HEIGHT)
        plan(t, THEFT_PAYROLL);
    while (t->n < THEFTS_MAX && !t->w->out_of_memory && t->w->height >= start_height(ordinary(t)))
        plan(t, (unsigned)(ordinary(t) % THEFT_KINDS));
    for (size_t i = 0; i < t->n && !t->w->out_of_memory; i++)
        move(t, t->all[i]);
    world_settle(t->w);
}

static void hold(const struct world *w, uint32_t wallet, struct end *ends, size_t *n)
{
    for (uint32_t c = w->wallets[wallet].coins; c != NONE; c = w->coins[c].next)
        add_end(ends, n, known(&w->coins[c]), END_HELD, NONE);
}

void thefts_close(struct thefts *t)
{
    for (size_t i = 0; i < t->n; i++) {
        struct theft *x = t->all[i];

        hold(t->w, x->main, x->ends, &x->ends_n);
        hold(t->w, x->side, x->ends, &x->ends_n);
        hold(t->w, x->clean, x->after, &x->after_n);
    }
}
