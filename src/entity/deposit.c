#include "entity/deposit.h"

#include <stdlib.h>

static bool no_memory(const struct arena *a, struct err *err)
{
    return arena_fail(a, err, "deposit addresses");
}

static int wallet_order(const void *a, const void *b)
{
    const struct deposit_wallet *x = a, *y = b;

    return (x->account > y->account) - (x->account < y->account);
}

bool deposit_rule_make(struct arena *a, const struct account_ledger *l,
                       const struct deposit_wallet *wallets, size_t n, struct deposit_rule *ret,
                       struct err *err)
{
    struct deposit_wallet *to = arena_copy(a, wallets, n * sizeof(*to));
    struct deposit_rule r = {.wallets = to, .within = DEPOSIT_WITHIN};

    if (!to)
        return no_memory(a, err);
    qsort(to, n, sizeof(*to), wallet_order);
    for (size_t i = 0, end; i < n; i = end) {
        bool one = true;

        for (end = i + 1; end < n && to[end].account == to[i].account; end++)
            one &= !strcmp(to[end].owner, to[i].owner);
        if (one)
            to[r.wallets_n++] = to[i];
    }
    r.left_max = u256_of(account_ledger_chain(l)->sweep_left);
    *ret = r;
    return true;
}

const char *deposit_wallet_owner(const struct deposit_rule *r, uint64_t account)
{
    size_t low = 0, high = r->wallets_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (r->wallets[middle].account < account)
            low = middle + 1;
        else
            high = middle;
    }
    return low < r->wallets_n && r->wallets[low].account == account ? r->wallets[low].owner : NULL;
}

static uint64_t account_of(const struct accounts *a, uint64_t holding) /* of nobody: none */
{
    return holding < a->holdings_n ? accounts_holding(a, holding).account : ACCOUNTS_NONE;
}

static uint64_t time_of(const struct account_ledger *l, uint64_t transfer)
{
    uint64_t tx = accounts_tx_of(account_ledger_accounts(l), transfer);
    uint32_t block = account_ledger_tx_block(l, tx);

    return block == BLOCK_NONE ? 0 : account_ledger_block(l, block).time;
}

struct judge {
    const struct account_ledger *ledger;
    const struct accounts *accounts;
    const struct deposit_rule *rule;
    struct deposit d;
    uint32_t events;
};

struct came { /* to a holding since its last sweep */
    struct u256 sum;
    uint64_t since; /* when the first of it came */
    bool any;
};

static void came_less(struct came *c, struct u256 amount)
{
    if (!u256_sub(c->sum, amount, &c->sum))
        c->sum = u256_of(0);
    c->any &= !u256_zero(c->sum);
}

/* A transfer on to a known wallet: does it take what came? */
static void sweep(struct judge *j, struct came *c, const struct transfer *t, uint64_t id,
                  bool native)
{
    struct u256 left;
    uint64_t now = time_of(j->ledger, id);

    j->d.sweeps++;
    if (c->any && u256_sub(c->sum, t->amount, &left) && now - c->since <= j->rule->within &&
        !u256_less(native ? j->rule->left_max : u256_of(0), left)) {
        if (!j->d.fitting)
            j->d.sweep = id;
        j->d.fitting++;
    }
    came_less(c, t->amount);
}

/* What one event says; sets why where it speaks against. */
static void event(struct judge *j, struct came *c, uint64_t holding, uint64_t id, bool native)
{
    struct transfer t = accounts_transfer(j->accounts, id);
    bool out = t.from == holding;
    uint64_t other = account_of(j->accounts, out ? t.to : t.from);
    const char *owner = deposit_wallet_owner(j->rule, other);

    if (t.from == t.to || u256_zero(t.amount))
        return;
    if (t.kind == TRANSFER_FEE) {
        if (out)
            came_less(c, t.amount);
    } else if (!out) {
        if (!owner && u256_add(c->sum, t.amount, &c->sum)) {
            c->since = c->any ? c->since : time_of(j->ledger, id);
            c->any = true;
        }
    } else if (!owner) {
        j->d.why = "it pays others, too";
    } else if (j->d.owner && strcmp(j->d.owner, owner)) {
        j->d.why = "it pays wallets of two exchanges";
    } else {
        j->d.owner = owner;
        sweep(j, c, &t, id, native);
    }
}

static bool damaged(const struct account_ledger *l, uint64_t holding, struct err *err)
{
    return err_fail(err, ERR_CORRUPT, "%s: the events of holding %llu do not link up",
                    account_ledger_dir(l), (unsigned long long)holding);
}

static bool holding_judge(struct judge *j, uint64_t holding, struct err *err)
{
    struct holding h = accounts_holding(j->accounts, holding);
    struct came c = {.since = 0};

    if (h.first >= j->accounts->transfers_n)
        return damaged(j->ledger, holding, err);
    for (uint64_t id = h.first; id != ACCOUNTS_NONE && !j->d.why;
         id = accounts_next(j->accounts, holding, id)) {
        if (++j->events > DEPOSIT_EVENTS_MAX)
            j->d.why = "it has too many events";
        else
            event(j, &c, holding, id, h.asset == ACCOUNT_NOBODY);
    }
    return true;
}

/* The next holding of an account that the snapshot has, going back. */
static uint64_t holding_before(const struct accounts *a, uint64_t holding)
{
    uint64_t before = accounts_holding(a, holding).before;

    return before < holding ? before : ACCOUNTS_NONE;
}

bool deposit_judge(const struct account_ledger *l, const struct deposit_rule *r, uint64_t account,
                   struct deposit *ret, struct err *err)
{
    struct judge j = {.ledger = l,
                      .accounts = account_ledger_accounts(l),
                      .rule = r,
                      .d = {.account = account, .sweep = ACCOUNTS_NONE}};
    uint32_t holdings = 0;

    if (!r->wallets_n)
        j.d.why = "no wallet of an exchange is known";
    else if (deposit_wallet_owner(r, account))
        j.d.why = "it is a known wallet";
    for (uint64_t h = account_ledger_holding_last(l, account); h != ACCOUNTS_NONE && !j.d.why;
         h = holding_before(j.accounts, h)) {
        if (++holdings > DEPOSIT_HOLDINGS_MAX)
            j.d.why = "it has too many assets";
        else if (!holding_judge(&j, h, err))
            return false;
    }
    if (!j.d.why && !j.d.sweeps)
        j.d.why = "nothing goes on to a known wallet";
    if (!j.d.why && 2 * j.d.fitting < j.d.sweeps)
        j.d.why = "what goes on is not what came";
    if (j.d.why)
        j.d.owner = NULL;
    *ret = j.d;
    return true;
}

/* ---- lists of accounts ---- */

struct list {
    struct arena *a;
    uint64_t *at;
    size_t n, size;
};

static int id_order(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static void list_sort(struct list *s)
{
    size_t n = 0;

    if (s->n)
        qsort(s->at, s->n, sizeof(*s->at), id_order);
    for (size_t i = 0; i < s->n; i++)
        if (!n || s->at[n - 1] != s->at[i])
            s->at[n++] = s->at[i];
    s->n = n;
}

/* A full list first loses what is twice in it. */
static bool list_add(struct list *s, uint64_t id)
{
    if (s->n == s->size)
        list_sort(s);
    if (2 * s->n >= s->size) {
        size_t size = s->size ? 2 * s->size : 64;
        uint64_t *more = ARENA_ARRAY(s->a, uint64_t, size);

        if (!more)
            return false;
        if (s->n)
            memcpy(more, s->at, s->n * sizeof(*more));
        s->at = more;
        s->size = size;
    }
    s->at[s->n++] = id;
    return true;
}

enum way { WAY_IN, WAY_OUT };

/* The accounts on the other side of a holding's transfers, known wallets and fees left out. */
static bool others_add(const struct account_ledger *l, const struct deposit_rule *r,
                       uint64_t holding, enum way way, struct list *to, struct err *err)
{
    const struct accounts *a = account_ledger_accounts(l);
    struct holding h = accounts_holding(a, holding);

    if (h.first >= a->transfers_n)
        return damaged(l, holding, err);
    for (uint64_t id = h.first; id != ACCOUNTS_NONE; id = accounts_next(a, holding, id)) {
        struct transfer t = accounts_transfer(a, id);
        uint64_t other = account_of(a, way == WAY_IN ? t.from : t.to);

        if (t.kind == TRANSFER_FEE || t.from == t.to || u256_zero(t.amount) ||
            (way == WAY_IN ? t.to : t.from) != holding || other == ACCOUNTS_NONE ||
            other == ACCOUNT_NOBODY || deposit_wallet_owner(r, other))
            continue;
        if (!list_add(to, other))
            return no_memory(to->a, err);
    }
    return true;
}

/* Of all accounts listed, those that are deposit addresses. */
static bool judged(const struct account_ledger *l, const struct deposit_rule *r, struct list *of,
                   const struct deposit **ret, size_t *ret_n, struct err *err)
{
    struct deposit *to;
    size_t n = 0;

    list_sort(of);
    to = ARENA_ARRAY(of->a, struct deposit, of->n);
    if (!to)
        return no_memory(of->a, err);
    for (size_t i = 0; i < of->n; i++) {
        if (!deposit_judge(l, r, of->at[i], &to[n], err))
            return false;
        n += to[n].owner != NULL;
    }
    *ret = to;
    *ret_n = n;
    return true;
}

bool deposits_find(const struct account_ledger *l, const struct deposit_rule *r, struct arena *a,
                   const struct deposit **ret, size_t *ret_n, struct err *err)
{
    const struct accounts *accounts = account_ledger_accounts(l);
    struct list payers = {.a = a};

    for (size_t i = 0; i < r->wallets_n; i++)
        for (uint64_t h = account_ledger_holding_last(l, r->wallets[i].account); h != ACCOUNTS_NONE;
             h = holding_before(accounts, h))
            if (!others_add(l, r, h, WAY_IN, &payers, err))
                return false;
    return judged(l, r, &payers, ret, ret_n, err);
}

/* Is any of this holding swept to a known wallet? */
static bool is_swept(const struct account_ledger *l, const struct deposit_rule *r, uint64_t holding)
{
    const struct accounts *a = account_ledger_accounts(l);
    uint64_t first = accounts_holding(a, holding).first;

    if (first >= a->transfers_n)
        return false;
    for (uint64_t id = first; id != ACCOUNTS_NONE; id = accounts_next(a, holding, id)) {
        struct transfer t = accounts_transfer(a, id);

        if (t.from == holding && t.kind != TRANSFER_FEE &&
            deposit_wallet_owner(r, account_of(a, t.to)))
            return true;
    }
    return false;
}

bool deposit_depositors(const struct account_ledger *l, const struct deposit_rule *r,
                        uint64_t account, struct arena *a, const uint64_t **ret, size_t *ret_n,
                        struct err *err)
{
    const struct accounts *accounts = account_ledger_accounts(l);
    struct list list = {.a = a};
    uint32_t holdings = 0;

    for (uint64_t h = account_ledger_holding_last(l, account);
         h != ACCOUNTS_NONE && holdings++ < DEPOSIT_HOLDINGS_MAX; h = holding_before(accounts, h))
        if (is_swept(l, r, h) && !others_add(l, r, h, WAY_IN, &list, err))
            return false;
    list_sort(&list);
    *ret = list.at;
    *ret_n = list.n;
    return true;
}

bool deposits_of(const struct account_ledger *l, const struct deposit_rule *r, uint64_t account,
                 struct arena *a, const struct deposit **ret, size_t *ret_n, struct err *err)
{
    const struct accounts *accounts = account_ledger_accounts(l);
    struct list targets = {.a = a};
    uint32_t holdings = 0;

    for (uint64_t h = account_ledger_holding_last(l, account);
         h != ACCOUNTS_NONE && holdings++ < DEPOSIT_HOLDINGS_MAX; h = holding_before(accounts, h))
        if (!others_add(l, r, h, WAY_OUT, &targets, err))
            return false;
    list_sort(&targets);
    targets.n = targets.n < DEPOSIT_TARGETS_MAX ? targets.n : DEPOSIT_TARGETS_MAX;
    return judged(l, r, &targets, ret, ret_n, err);
}
