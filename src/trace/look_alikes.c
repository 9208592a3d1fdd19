#include "trace/look_alikes.h"

#include "chain/account_name.h"

#include <stdlib.h>

struct seen { /* an account that value came through */
    uint64_t sign, account;
};

struct look {
    const struct account_ledger *ledger;
    const struct accounts *accounts;
    struct seen *seen; /* [seen_n] by sign, then account */
    size_t seen_n;
    struct look_alike *found;
    size_t found_n;
    uint64_t events_left;
};

/* The digits that count, as one number; 0: too short an address, or nobody. */
static uint64_t sign_of(const struct account_ledger *l, uint64_t account)
{
    char name[ACCOUNT_NAME_MAX];
    bool evm = account_ledger_chain(l)->family == CHAIN_EVM;
    size_t skip = evm ? 2 : 1, n; /* 0x, or the T of Tron */
    uint64_t sign = 0;

    account_name(account_ledger_chain(l), account_ledger_key(l, account), name);
    n = strlen(name);
    if (n < skip + LOOK_HEAD + LOOK_TAIL + 8)
        return 0;
    for (size_t i = 0; i < LOOK_HEAD + LOOK_TAIL; i++) {
        char c = i < LOOK_HEAD ? name[skip + i] : name[n - LOOK_TAIL + i - LOOK_HEAD];

        if (evm && c >= 'A' && c <= 'F')
            c = (char)(c - 'A' + 'a');
        sign = sign << 8 | (uint8_t)c;
    }
    return sign;
}

static int seen_order(const void *pa, const void *pb)
{
    const struct seen *x = pa, *y = pb;

    if (x->sign != y->sign)
        return x->sign < y->sign ? -1 : 1;
    return (x->account > y->account) - (x->account < y->account);
}

static void seen_add(struct look *k, uint64_t holding)
{
    uint64_t account;

    if (holding >= k->accounts->holdings_n)
        return;
    account = accounts_holding(k->accounts, holding).account;
    if (account != ACCOUNT_NOBODY)
        k->seen[k->seen_n++] = (struct seen){sign_of(k->ledger, account), account};
}

static void seen_sort(struct look *k)
{
    size_t kept = 0;

    if (k->seen_n)
        qsort(k->seen, k->seen_n, sizeof(*k->seen), seen_order);
    for (size_t i = 0; i < k->seen_n; i++)
        if (k->seen[i].sign && (!kept || seen_order(&k->seen[kept - 1], &k->seen[i])))
            k->seen[kept++] = k->seen[i];
    k->seen_n = kept;
}

/* The first that was seen with that sign; NULL: none, or the account itself was seen. */
static const struct seen *like(const struct look *k, uint64_t account)
{
    struct seen key = {sign_of(k->ledger, account), 0};
    const struct seen *first;
    size_t low = 0, high = k->seen_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (k->seen[middle].sign < key.sign)
            low = middle + 1;
        else
            high = middle;
    }
    first = low < k->seen_n && key.sign && k->seen[low].sign == key.sign ? &k->seen[low] : NULL;
    for (; first && low < k->seen_n && k->seen[low].sign == key.sign; low++)
        if (k->seen[low].account == account)
            return NULL;
    return first;
}

static void found_add(struct look *k, uint64_t account, uint64_t as, uint64_t transfer)
{
    for (size_t i = 0; i < k->found_n; i++)
        if (k->found[i].account == account)
            return;
    if (k->found_n < LOOK_ALIKES_MAX)
        k->found[k->found_n++] = (struct look_alike){account, as, transfer};
}

static void look_holding(struct look *k, uint64_t holding)
{
    const struct accounts *a = k->accounts;

    for (uint64_t e = accounts_holding(a, holding).first; e < a->transfers_n && k->events_left;
         e = accounts_next(a, holding, e), k->events_left--) {
        struct transfer t = accounts_transfer(a, e);
        uint64_t other = t.from == holding ? t.to : t.from, account;
        const struct seen *as;

        if (other >= a->holdings_n || other == holding)
            continue;
        account = accounts_holding(a, other).account;
        as = account != ACCOUNT_NOBODY ? like(k, account) : NULL;
        if (as)
            found_add(k, account, as->account, e);
    }
}

static void look_account(struct look *k, uint64_t account)
{
    uint64_t before;

    for (uint64_t h = account_ledger_holding_last(k->ledger, account); k->events_left; h = before) {
        if (h >= k->accounts->holdings_n) {
            if (h >= account_ledger_accounts(k->ledger)->holdings_n)
                return;
            before = accounts_holding(account_ledger_accounts(k->ledger), h).before;
        } else {
            look_holding(k, h);
            before = accounts_holding(k->accounts, h).before;
        }
        if (before >= h)
            return; /* the first, or damaged: the list descends */
    }
}

bool look_alikes_find(struct arena *a, const struct account_ledger *l,
                      const struct accounts *accounts, const struct account_trace *t,
                      const struct look_alike **ret, size_t *ret_n, struct err *err)
{
    struct look k = {.ledger = l, .accounts = accounts, .events_left = LOOK_EVENTS_MAX};

    *ret = NULL;
    *ret_n = 0;
    if (account_ledger_chain(l)->family == CHAIN_BANK)
        return true;
    k.seen = ARENA_ARRAY(a, struct seen, 2 * t->moves_n);
    k.found = ARENA_ARRAY(a, struct look_alike, LOOK_ALIKES_MAX);
    if (!k.seen || !k.found)
        return err_fail(err, arena_limited(a) ? ERR_LIMIT : ERR_NOMEM, "%zu moves", t->moves_n);
    for (size_t i = 0; i < t->moves_n; i++) {
        struct transfer x = accounts_transfer(accounts, t->moves[i].transfer);

        seen_add(&k, x.from);
        seen_add(&k, x.to);
    }
    seen_sort(&k);
    for (size_t i = 0; i < k.seen_n && k.events_left; i++)
        look_account(&k, k.seen[i].account);
    *ret = k.found;
    *ret_n = k.found_n;
    return true;
}
