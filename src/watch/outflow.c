#include "watch/outflow.h"

#include "base/mem.h"

struct look {
    const struct ledger *l;
    const struct own_set *own;
    const struct coins *coins;
    struct outflow_payment *payments;
    size_t size;
};

static bool own_of_script(const struct look *k, uint32_t script, struct own_hit *ret)
{
    uint8_t buffer[SCRIPT_FORM_MAX];
    struct bytes bytes;

    return script != SCRIPT_NONE && ledger_script(k->l, script, buffer, &bytes) &&
           own_set_find(k->own, bytes, ret);
}

static bool spends_wallet(const struct look *k, uint32_t tx)
{
    struct coins_range in = coins_inputs(k->coins, tx);

    for (uint64_t i = in.first; i < in.first + in.n; i++) {
        uint64_t value, output = coins_source(k->coins, i, &value);
        uint32_t script = SCRIPT_NONE;
        struct own_hit hit;

        if (output == COINS_NONE)
            (void)ledger_outside(k->l, i, &script);
        else
            script = ledger_script_of(k->l, output);
        if (own_of_script(k, script, &hit) && hit.role != OWN_DEPOSIT)
            return true;
    }
    return false;
}

static bool payment_add(struct look *k, size_t n, uint64_t output, uint32_t vout, struct err *err)
{
    uint8_t buffer[SCRIPT_FORM_MAX];
    struct outflow_payment *p;
    struct bytes script;

    if (n == k->size) {
        size_t size = k->size ? 2 * k->size : 16;

        p = mem_grow(k->payments, size * sizeof(*p));
        if (!p)
            return err_fail(err, ERR_NOMEM, "outflows");
        k->payments = p;
        k->size = size;
    }
    p = &k->payments[n];
    *p = (struct outflow_payment){.vout = vout, .amount = coins_value(k->coins, output)};
    if (!ledger_script(k->l, ledger_script_of(k->l, output), buffer, &script) ||
        !address_of_script(ledger_chain(k->l), script, p->address))
        p->address[0] = 0;
    return true;
}

static bool tell(struct look *k, uint32_t tx, outflow_fn *f, void *ctx, struct err *err)
{
    struct coins_range out = coins_outputs(k->coins, tx);
    struct outflow o = {.chain = ledger_chain(k->l)};
    struct own_hit hit;

    for (uint64_t i = out.first; i < out.first + out.n; i++) {
        if (!coins_value(k->coins, i) || own_of_script(k, ledger_script_of(k->l, i), &hit))
            continue;
        if (!payment_add(k, o.payments_n, i, (uint32_t)(i - out.first), err))
            return false;
        o.sum += k->payments[o.payments_n++].amount;
    }
    if (!o.payments_n)
        return true;
    o.payments = k->payments;
    o.txid = ledger_txid(k->l, tx);
    o.height = ledger_block(k->l, ledger_tx_block(k->l, tx)).height;
    f(ctx, &o);
    return true;
}

bool outflows_find(const struct ledger *l, const struct own_set *own, uint32_t from, uint32_t to,
                   outflow_fn *f, void *ctx, struct err *err)
{
    struct look k = {.l = l, .own = own, .coins = ledger_coins(l)};
    uint32_t end = to < ledger_counts(l).blocks ? ledger_block(l, to).tx_first
                                                : (uint32_t)ledger_counts(l).transactions;
    bool ok = true;

    if (from >= to || from >= ledger_counts(l).blocks)
        return true;
    for (uint32_t tx = ledger_block(l, from).tx_first; ok && tx < end; tx++)
        if (spends_wallet(&k, tx))
            ok = tell(&k, tx, f, ctx, err);
    mem_free(k.payments);
    return ok;
}
