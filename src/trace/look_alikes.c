#include "trace/look_alikes.h"

#include "chain/account_name.h"
#include "chain/dialect.h"

#include <stdlib.h>

#define OTHER_DIGITS_MIN 8 /* that may differ: a shorter address is like too many */

struct sign { /* the digits that count; all 0: none */
    char digits[LOOK_DIGITS_MAX];
};

struct seen { /* an account that value came through */
    struct sign sign;
    uint64_t account;
};

struct look {
    const struct account_ledger *ledger;
    const struct accounts *accounts;
    struct look_rule rule;
    struct seen *seen; /* [seen_n] by sign, then account */
    size_t seen_n;
    struct look_alike *found;
    size_t found_n;
    uint64_t events_left;
};

static bool no_memory(const struct arena *a, size_t moves_n, struct err *err)
{
    return arena_fail(a, err, "%zu moves", moves_n);
}

/* ---- the accounts of a trace, and what they hold ---- */

static int id_order(const void *pa, const void *pb)
{
    const uint64_t *x = pa, *y = pb;

    return (*x > *y) - (*x < *y);
}

static void account_add(const struct accounts *accounts, uint64_t holding, uint64_t *at, size_t *n)
{
    uint64_t account;

    if (holding >= accounts->holdings_n)
        return;
    account = accounts_holding(accounts, holding).account;
    if (account != ACCOUNT_NOBODY)
        at[(*n)++] = account;
}

bool look_accounts_of(struct arena *a, const struct accounts *accounts,
                      const struct account_trace *t, const uint64_t **ret, size_t *ret_n,
                      struct err *err)
{
    uint64_t *at = ARENA_ARRAY(a, uint64_t, 2 * t->moves_n);
    size_t n = 0, kept = 0;

    if (!at)
        return no_memory(a, t->moves_n, err);
    for (size_t i = 0; i < t->moves_n; i++) {
        struct transfer x = accounts_transfer(accounts, t->moves[i].transfer);

        account_add(accounts, x.from, at, &n);
        account_add(accounts, x.to, at, &n);
    }
    if (n)
        qsort(at, n, sizeof(*at), id_order);
    for (size_t i = 0; i < n; i++)
        if (!kept || at[kept - 1] != at[i])
            at[kept++] = at[i];
    *ret = at;
    *ret_n = kept;
    return true;
}

bool look_next_holding(const struct account_ledger *l, const struct accounts *accounts, uint64_t *h,
                       uint64_t *ret)
{
    while (*h < account_ledger_accounts(l)->holdings_n) {
        uint64_t own = *h, before = accounts_holding(account_ledger_accounts(l), own).before;

        *h = before < own ? before : ACCOUNTS_NONE; /* damaged, if it does not descend */
        if (own >= accounts->holdings_n)
            continue; /* later than the snapshot */
        *ret = own;
        return true;
    }
    return false;
}

/* ---- what is alike ---- */

/* false: too short an address. */
static bool sign_of(const struct look *k, uint64_t account, struct sign *ret)
{
    const struct chain *chain = account_ledger_chain(k->ledger);
    char name[ACCOUNT_NAME_MAX];
    size_t skip = chain->dialect->prefix, n;

    account_name(chain, account_ledger_key(k->ledger, account), name);
    n = strlen(name);
    if (n < skip + k->rule.head + k->rule.tail + OTHER_DIGITS_MIN)
        return false;
    memset(ret, 0, sizeof(*ret));
    memcpy(ret->digits, name + skip, k->rule.head);
    memcpy(ret->digits + k->rule.head, name + n - k->rule.tail, k->rule.tail);
    for (size_t i = 0; i < sizeof(ret->digits) && chain->dialect->one_case; i++)
        if (ret->digits[i] >= 'A' && ret->digits[i] <= 'Z')
            ret->digits[i] = (char)(ret->digits[i] - 'A' + 'a');
    return true;
}

static int seen_order(const void *pa, const void *pb)
{
    const struct seen *x = pa, *y = pb;
    int order = memcmp(&x->sign, &y->sign, sizeof(x->sign));

    return order ? order : (x->account > y->account) - (x->account < y->account);
}

/* The first that was seen with that sign; NULL: none, or the account itself was seen. */
static const struct seen *like(const struct look *k, uint64_t account)
{
    struct seen key = {.account = 0};
    const struct seen *first;
    size_t low = 0, high = k->seen_n;

    if (!sign_of(k, account, &key.sign))
        return NULL;
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (seen_order(&k->seen[middle], &key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    first = &k->seen[low];
    for (size_t i = low; i < k->seen_n; i++) {
        if (memcmp(&k->seen[i].sign, &key.sign, sizeof(key.sign)))
            return i == low ? NULL : first;
        if (k->seen[i].account == account)
            return NULL;
    }
    return low < k->seen_n ? first : NULL;
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

bool look_alikes_find(struct arena *a, const struct account_ledger *l,
                      const struct accounts *accounts, const struct account_trace *t,
                      struct look_rule rule, const struct look_alike **ret, size_t *ret_n,
                      struct err *err)
{
    struct look k = {
        .ledger = l, .accounts = accounts, .rule = rule, .events_left = LOOK_EVENTS_MAX};
    const uint64_t *of;
    size_t n;

    *ret = NULL;
    *ret_n = 0;
    if (account_ledger_chain(l)->shape == CHAIN_BANK)
        return true;
    if (!look_accounts_of(a, accounts, t, &of, &n, err))
        return false;
    k.seen = ARENA_ARRAY(a, struct seen, n);
    k.found = ARENA_ARRAY(a, struct look_alike, LOOK_ALIKES_MAX);
    if (!k.seen || !k.found)
        return no_memory(a, t->moves_n, err);
    for (size_t i = 0; i < n; i++) {
        k.seen[k.seen_n].account = of[i];
        k.seen_n += sign_of(&k, of[i], &k.seen[k.seen_n].sign);
    }
    if (k.seen_n)
        qsort(k.seen, k.seen_n, sizeof(*k.seen), seen_order);
    for (size_t i = 0; i < k.seen_n && k.events_left; i++) {
        uint64_t h = account_ledger_holding_last(l, k.seen[i].account), holding;

        while (k.events_left && look_next_holding(l, accounts, &h, &holding))
            look_holding(&k, holding);
    }
    *ret = k.found;
    *ret_n = k.found_n;
    return true;
}
