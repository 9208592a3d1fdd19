#include "trace/reach_way.h"

#define LOOKED_MAX 100000u /* inputs, or moves, of one way */

/* Of what the transaction spends. */
static bool before_of_coins(const struct coins *c, const struct reach *r, uint32_t tx, uint32_t hop,
                            uint64_t *looked, struct reach_move *ret)
{
    struct coins_range in = coins_inputs(c, tx);
    bool any = false;

    for (uint64_t i = 0; i < in.n && ++*looked < LOOKED_MAX; i++) {
        uint64_t value, output = coins_source(c, in.first + i, &value);
        struct reach_move m;

        if (output == COINS_NONE || !reach_move_of(r, output, &m) || m.hop + 1 != hop ||
            (any && !u256_less(ret->taint, m.taint)))
            continue;
        *ret = m;
        any = true;
    }
    return any;
}

/* Of what came to the account before. */
static bool before_of_accounts(const struct accounts *a, const struct reach *r,
                               const struct reach_move *m, uint64_t *looked, struct reach_move *ret)
{
    struct transfer t = accounts_transfer(a, m->move);

    return t.from != ACCOUNTS_NONE && reach_into(r, accounts_holding(a, t.from).account, m->asset,
                                                 m->move, m->hop - 1, looked, LOOKED_MAX, ret);
}

size_t reach_way(const struct trace_ledger *at, const struct reach *r, uint64_t move, uint64_t *ret,
                 size_t max)
{
    const struct coins *c = at->coins ? ledger_coins(at->coins) : NULL;
    const struct accounts *a = c ? NULL : account_ledger_accounts(at->accounts);
    uint64_t looked = 0;
    struct reach_move m;
    size_t n = 0;

    if (!reach_move_of(r, move, &m) || m.hop > REACH_WAY_MAX)
        return 0;
    while (n < max) {
        struct reach_move before;
        uint32_t tx;

        if (m.move >= (c ? c->outputs_n : a->transfers_n))
            return 0;
        tx = c ? coins_maker(c, m.move) : 0;
        ret[n++] = c ? tx : m.move;
        if (m.hop <= 1 || !(c ? before_of_coins(c, r, tx, m.hop, &looked, &before)
                              : before_of_accounts(a, r, &m, &looked, &before)))
            break;
        m = before;
    }
    for (size_t i = 0; i < n / 2; i++) {
        uint64_t last = ret[n - 1 - i];

        ret[n - 1 - i] = ret[i];
        ret[i] = last;
    }
    return n;
}
