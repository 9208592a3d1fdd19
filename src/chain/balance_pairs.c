#include "chain/balance_pairs.h"

#include "base/mem.h"

struct balance_change *balance_change(struct balance_changes *c, struct bytes holder,
                                      struct bytes asset, struct u256 amount, bool less,
                                      struct err *err)
{
    struct balance_change *d;
    size_t i = 0;

    while (i < c->n &&
           !(bytes_equal(c->at[i].holder, holder) && bytes_equal(c->at[i].asset, asset)))
        i++;
    if (i == c->n && c->n == c->size) {
        size_t size = c->size ? 2 * c->size : 64;

        d = mem_grow(c->at, size * sizeof(*d));
        if (!d) {
            err_set(err, ERR_NOMEM, "balances");
            return NULL;
        }
        c->at = d;
        c->size = size;
    }
    d = &c->at[i];
    if (i == c->n) {
        *d = (struct balance_change){.holder = holder, .asset = asset};
        c->n++;
    }
    if (!u256_add(less ? d->less : d->more, amount, less ? &d->less : &d->more)) {
        err_set(err, ERR_LIMIT, "a balance past 2^256 - 1");
        return NULL;
    }
    return d;
}

struct pairing {
    struct balance_changes *c;
    balance_pair_fn *put;
    void *ctx;
    struct err *err;
    struct bytes asset; /* at work, from here on: */
    size_t first;
    bool sure;
};

static bool is_payer(const struct pairing *p, const struct balance_change *d)
{
    return !u256_zero(d->less) && bytes_equal(d->asset, p->asset);
}

static bool is_payee(const struct pairing *p, const struct balance_change *d)
{
    return !u256_zero(d->more) && bytes_equal(d->asset, p->asset);
}

/* More or less, not both. */
static void settle(struct balance_change *d)
{
    struct u256 both = u256_min(d->more, d->less);

    u256_sub(d->more, both, &d->more);
    u256_sub(d->less, both, &d->less);
}

static bool pay(struct pairing *p, struct balance_change *from, struct balance_change *to,
                struct u256 amount)
{
    struct balance_pair pair = {from->holder, to->holder, p->asset, amount, p->sure};

    u256_sub(from->less, amount, &from->less);
    u256_sub(to->more, amount, &to->more);
    return p->put(p->ctx, &pair, p->err);
}

static bool equals_first(struct pairing *p)
{
    for (size_t i = p->first; i < p->c->n; i++) {
        struct balance_change *from = &p->c->at[i];

        for (size_t k = p->first; is_payer(p, from) && k < p->c->n; k++) {
            struct balance_change *to = &p->c->at[k];

            if (is_payee(p, to) && u256_equal(from->less, to->more) && !pay(p, from, to, to->more))
                return false;
        }
    }
    return true;
}

static bool in_order(struct pairing *p)
{
    size_t k = p->first;

    for (size_t i = p->first; i < p->c->n; i++) {
        struct balance_change *from = &p->c->at[i];

        while (is_payer(p, from)) {
            while (k < p->c->n && !is_payee(p, &p->c->at[k]))
                k++;
            if (k == p->c->n)
                return true;
            if (!pay(p, from, &p->c->at[k], u256_min(from->less, p->c->at[k].more)))
                return false;
        }
    }
    return true;
}

static bool one_sided(struct pairing *p)
{
    for (size_t i = p->first; i < p->c->n; i++) {
        struct balance_change *d = &p->c->at[i];
        struct balance_pair pair = {.asset = p->asset, .sure = true};

        if (is_payer(p, d)) {
            pair.from = d->holder;
            pair.to = d->gone_to;
            pair.amount = d->less;
        } else if (is_payee(p, d)) {
            pair.from = d->come_from;
            pair.to = d->holder;
            pair.amount = d->more;
        } else {
            continue;
        }
        d->less = d->more = u256_of(0);
        if (!p->put(p->ctx, &pair, p->err))
            return false;
    }
    return true;
}

static bool is_sure(const struct pairing *p)
{
    size_t payers = 0, payees = 0;

    for (size_t i = p->first; i < p->c->n; i++) {
        payers += is_payer(p, &p->c->at[i]);
        payees += is_payee(p, &p->c->at[i]);
    }
    return payers < 2 || payees < 2;
}

bool balance_pairs(struct balance_changes *c, balance_pair_fn *put, void *ctx, struct err *err)
{
    struct pairing p = {.c = c, .put = put, .ctx = ctx, .err = err};

    for (size_t i = 0; i < c->n; i++)
        settle(&c->at[i]);
    for (p.first = 0; p.first < c->n; p.first++) {
        const struct balance_change *d = &c->at[p.first];

        if (u256_zero(d->more) && u256_zero(d->less))
            continue;
        p.asset = d->asset;
        p.sure = is_sure(&p);
        if (!equals_first(&p) || !in_order(&p) || !one_sided(&p))
            return false;
    }
    return true;
}
