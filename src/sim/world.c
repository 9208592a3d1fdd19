#include "sim/world.h"

#include "base/mem.h"

/* Makes room for one more in an array that doubles; false: no memory. */
static bool room_for(struct world *w, void *array, size_t n, size_t size, size_t each,
                     size_t *ret_size)
{
    void *p, *was;

    *ret_size = size;
    if (n < size)
        return true;
    memcpy(&was, array, sizeof(was));
    p = mem_grow(was, (size ? size * 2 : 1024) * each);
    if (!p) {
        w->out_of_memory = true;
        return false;
    }
    memcpy(array, &p, sizeof(p));
    *ret_size = size ? size * 2 : 1024;
    return true;
}

bool world_new(uint64_t seed, struct world_size size, struct world **ret, struct err *err)
{
    struct world *w = mem_zero(sizeof(*w));
    static const uint8_t kinds[16] = {
        LOCK_P2WPKH,      LOCK_P2WPKH,        LOCK_P2WPKH, LOCK_P2WPKH, LOCK_P2WPKH, LOCK_P2WPKH,
        LOCK_P2TR,        LOCK_P2TR,          LOCK_P2TR,   LOCK_P2TR,   LOCK_P2PKH,  LOCK_P2PKH,
        LOCK_P2SH_P2WPKH, LOCK_P2SH_MULTISIG, LOCK_P2TR,   LOCK_P2WSH};

    if (!w)
        return err_fail(err, ERR_NOMEM, "the simulated world");
    w->dice = dice_from(seed);
    w->key = dice_u64(&w->dice);
    w->coins_free = NONE;
    w->wave_max = size.wave;
    w->build = build_new(w->key);
    w->people_n = size.people;
    for (uint32_t i = 0; w->build && i < size.people && !w->out_of_memory; i++)
        wallet_new(w, (enum lock_kind)kinds[dice_below(&w->dice, 16)], true);
    if (!w->build || w->out_of_memory) {
        world_free(w);
        return err_fail(err, ERR_NOMEM, "the simulated world");
    }
    *ret = w;
    return true;
}

struct world *world_free(struct world *w)
{
    if (!w)
        return NULL;
    for (uint32_t i = 0; i < w->services_n; i++)
        for (int k = 0; k < DESKS; k++)
            mem_free(w->services[i].desk[k].locks);
    mem_free(w->services);
    mem_free(w->wallets);
    mem_free(w->coins);
    mem_free(w->log);
    mem_free(w->pending);
    build_free(w->build);
    return mem_free(w);
}

uint32_t wallet_new(struct world *w, enum lock_kind kind, bool person)
{
    size_t size;

    if (!room_for(w, &w->wallets, w->wallets_n, w->wallets_size, sizeof(*w->wallets), &size))
        return 0;
    w->wallets_size = (uint32_t)size;
    w->wallets[w->wallets_n] =
        (struct wallet){.coins = NONE, .lock = NONE, .kind = (uint8_t)kind, .person = person};
    return w->wallets_n++;
}

uint32_t lock_new(struct world *w, enum lock_kind kind)
{
    return (uint32_t)(w->locks_n++ << 3 | kind);
}

/* Today four in ten outputs pay a script that was never seen before: people are more careful while
 * fewer do. */
static bool wants_new(struct world *w)
{
    return dice_percent(&w->dice, (w->locks_n + w->memos_n) * 10 < w->outputs_n * 4 ? 85 : 15);
}

uint32_t wallet_lock(struct world *w, uint32_t wallet)
{
    struct wallet *to = &w->wallets[wallet];

    if (to->lock == NONE || wants_new(w))
        to->lock = lock_new(w, (enum lock_kind)to->kind);
    return to->lock;
}

uint32_t desk_lock(struct world *w, struct desk *d)
{
    if (d->locks_n && (d->locks_n == d->locks_max || !wants_new(w)))
        return d->locks[dice_below(&w->dice, d->locks_n)];
    d->locks[d->locks_n] = lock_new(w, (enum lock_kind)w->wallets[d->wallet].kind);
    return d->locks[d->locks_n++];
}

uint32_t person_any(struct world *w)
{
    return w->people + (uint32_t)dice_below(&w->dice, w->people_n);
}

uint32_t person_recent(struct world *w)
{
    for (int i = 0; i < 32 && w->log_n; i++) {
        uint32_t coin = w->log[w->log_n - 1 - dice_skewed(&w->dice, w->log_n)];

        if (coin != NONE)
            return w->coins[coin].owner;
    }
    return NONE;
}

static void log_shrink(struct world *w)
{
    size_t n = 0;

    for (size_t i = 0; i < w->log_n; i++)
        if (w->log[i] != NONE) {
            w->coins[w->log[i]].at = (uint32_t)n;
            w->log[n++] = w->log[i];
        }
    w->log_n = n;
}

static void log_add(struct world *w, uint32_t coin)
{
    if (w->log_n > 2 * w->log_live + 4096)
        log_shrink(w);
    if (!room_for(w, &w->log, w->log_n, w->log_size, sizeof(*w->log), &w->log_size))
        return;
    w->coins[coin].at = (uint32_t)w->log_n;
    w->log[w->log_n++] = coin;
    w->log_live++;
}

static void log_remove(struct world *w, struct coin *c)
{
    if (c->at == NONE)
        return;
    w->log[c->at] = NONE;
    w->log_live--;
    c->at = NONE;
}

void coin_arrive(struct world *w, struct coin coin)
{
    struct wallet *to = &w->wallets[coin.owner];
    uint32_t id = w->coins_free;
    size_t size;

    if (id != NONE) {
        w->coins_free = w->coins[id].next;
    } else {
        if (!room_for(w, &w->coins, w->coins_n, w->coins_size, sizeof(*w->coins), &size))
            return;
        w->coins_size = (uint32_t)size;
        id = w->coins_n++;
    }
    coin.next = to->coins;
    coin.at = NONE;
    w->coins[id] = coin;
    to->coins = id;
    to->coins_n++;
    to->value += coin.value;
    if (to->person)
        log_add(w, id);
}

void draft_start(struct world *w)
{
    w->draft.in_n = 0;
    w->draft.out_n = 0;
    w->draft.locktime = dice_percent(&w->dice, 20) ? w->height - 1 : 0;
}

bool draft_take(struct world *w, uint32_t wallet)
{
    struct wallet *from = &w->wallets[wallet];
    uint32_t id = from->coins;

    if (id == NONE || w->draft.in_n == TX_INPUTS_MAX)
        return false;
    log_remove(w, &w->coins[id]);
    w->draft.in[w->draft.in_n++] = w->coins[id];
    from->coins = w->coins[id].next;
    from->coins_n--;
    from->value -= w->coins[id].value;
    w->coins[id].next = w->coins_free;
    w->coins_free = id;
    return true;
}

uint64_t draft_value(const struct world *w)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < w->draft.in_n; i++)
        sum += w->draft.in[i].value;
    return sum;
}

static uint64_t draft_paid(const struct world *w)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < w->draft.out_n; i++)
        sum += w->draft.out[i].value;
    return sum;
}

void draft_pay(struct world *w, uint32_t owner, uint32_t lock, uint64_t value)
{
    if (w->draft.out_n < TX_OUTPUTS_MAX)
        w->draft.out[w->draft.out_n++] = (struct pay){.value = value, .lock = lock, .owner = owner};
}

void draft_mark(struct world *w, uint32_t mark)
{
    w->draft.out[w->draft.out_n - 1].mark = mark;
}

void draft_memo(struct world *w, unsigned bytes)
{
    draft_pay(w, NONE, NONE, 0);
    w->draft.out[w->draft.out_n - 1].memo = (uint8_t)bytes;
}

void draft_memo_text(struct world *w, const char *text)
{
    draft_memo(w, (unsigned)strlen(text));
    w->draft.out[w->draft.out_n - 1].text = (const uint8_t *)text;
}

uint64_t draft_fee(const struct world *w, uint64_t more_vbytes)
{
    uint64_t vbytes = 12 + more_vbytes;

    for (size_t i = 0; i < w->draft.in_n; i++)
        vbytes += lock_input_vbytes(lock_kind(w->draft.in[i].lock));
    for (size_t i = 0; i < w->draft.out_n; i++) {
        const struct pay *o = &w->draft.out[i];

        vbytes += o->memo ? o->memo + 12u : lock_output_vbytes(lock_kind(o->lock));
    }
    return vbytes * w->fee_rate;
}

/* Back to where it came from, in the order in which it lay there. */
void draft_drop(struct world *w)
{
    while (w->draft.in_n) {
        coin_arrive(w, w->draft.in[--w->draft.in_n]);
        if (w->wallets[w->draft.in[w->draft.in_n].owner]
                .person) /* too poor to be drawn again on its own */
            log_remove(w, &w->coins[w->wallets[w->draft.in[w->draft.in_n].owner].coins]);
    }
    w->draft.out_n = 0;
}

/* What is over goes to the change, or where there is none to the last output; false: too little. */
static bool draft_balance(struct world *w, uint32_t change_owner, uint32_t change_lock)
{
    uint64_t in = draft_value(w), paid = draft_paid(w), fee;
    struct pay *last;

    if (change_owner != NONE) {
        fee = draft_fee(w, lock_output_vbytes(lock_kind(change_lock)));
        if (in >= paid + fee + DUST) {
            draft_pay(w, change_owner, change_lock, in - paid - fee);
            return true;
        }
        return w->draft.out_n && in >= paid + draft_fee(w, 0); /* the fee gets what is over */
    }
    fee = draft_fee(w, 0);
    last = &w->draft.out[w->draft.out_n - 1];
    if (in < paid - last->value + fee + DUST)
        return false;
    last->value = in - (paid - last->value) - fee;
    return true;
}

static void pend(struct world *w, size_t tx)
{
    for (size_t i = 0; i < w->draft.out_n; i++) {
        const struct pay *o = &w->draft.out[i];

        if (o->memo) {
            w->memos_n++;
            continue;
        }
        if (!room_for(w, &w->pending, w->pending_n, w->pending_size, sizeof(*w->pending),
                      &w->pending_size))
            return;
        w->pending[w->pending_n++] = (struct pending){*o, (uint32_t)tx, (uint32_t)i};
    }
}

/* Into the block; or, where there is no room, back into the wallets. */
static size_t send(struct world *w)
{
    struct draft *d = &w->draft;
    size_t tx = build_add(w->build, d, &w->dice);

    if (!tx) {
        draft_drop(w);
        return 0;
    }
    pend(w, tx);
    w->txs_n++;
    w->inputs_n += d->in_n;
    w->outputs_n += d->out_n;
    d->in_n = 0;
    d->out_n = 0;
    if (++w->wave_txs >= w->wave_max)
        world_settle(w);
    return tx;
}

/* Wallets hide their change: the last output changes its place with any. */
static void hide_last(struct world *w)
{
    struct draft *d = &w->draft;
    size_t to = dice_below(&w->dice, d->out_n);
    struct pay moved = d->out[to];

    d->out[to] = d->out[d->out_n - 1];
    d->out[d->out_n - 1] = moved;
}

static void shuffle(struct world *w)
{
    struct draft *d = &w->draft;

    for (size_t i = d->in_n; i > 1; i--) {
        size_t to = dice_below(&w->dice, i);
        struct coin moved = d->in[to];

        d->in[to] = d->in[i - 1];
        d->in[i - 1] = moved;
    }
    for (size_t i = d->out_n; i > 1; i--) {
        size_t to = dice_below(&w->dice, i);
        struct pay moved = d->out[to];

        d->out[to] = d->out[i - 1];
        d->out[i - 1] = moved;
    }
}

size_t draft_send(struct world *w, uint32_t change_owner, uint32_t change_lock,
                  enum draft_order order)
{
    struct draft *d = &w->draft;

    if (!d->in_n || d->out_n == TX_OUTPUTS_MAX || !draft_balance(w, change_owner, change_lock)) {
        draft_drop(w);
        return 0;
    }
    if (order == ORDER_SHUFFLED)
        shuffle(w);
    else
        hide_last(w);
    return send(w);
}

size_t draft_send_exact(struct world *w)
{
    if (draft_value(w) < draft_paid(w) + draft_fee(w, 0)) {
        draft_drop(w);
        return 0;
    }
    return send(w);
}

void world_settle(struct world *w)
{
    build_hash(w->build);
    for (size_t i = 0; i < w->pending_n; i++) {
        const struct pending *p = &w->pending[i];
        const struct hash32 *txid = build_txid(w->build, p->tx);

        if (p->pay.mark)
            w->told(w->told_ctx, &p->pay, txid, p->vout);
        coin_arrive(w, (struct coin){.txid = *txid,
                                     .value = p->pay.value,
                                     .vout = p->vout,
                                     .lock = p->pay.lock,
                                     .height = w->height << 1,
                                     .owner = p->pay.owner});
    }
    w->pending_n = 0;
    w->wave_txs = 0;
}
