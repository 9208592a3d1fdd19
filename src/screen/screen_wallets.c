#include "screen/screen_wallets.h"

#include "base/mem.h"
#include "screen/screen_ledger_parts.h"

#define WALLETS_BYTES_MAX ((size_t)1 << 30)

struct screen_wallets {
    struct arena *arena;
    struct deposit_rule rule;
};

static bool no_memory(const struct screen_wallets *w, struct err *err)
{
    return arena_fail(w->arena, err, "wallets");
}

static bool wallet_put(struct screen_wallets *w, const struct trace_ledger *ledger,
                       const struct screen_labels *labels, uint64_t account,
                       struct deposit_wallet *at, size_t *n, struct err *err)
{
    struct address_key key;
    const char *owner;

    if (!screen_owner_key(ledger, account, &key))
        return true;
    owner = screen_labels_owner(labels, &key);
    if (!owner)
        return true;
    owner = arena_string(w->arena, owner, strlen(owner));
    if (!owner)
        return no_memory(w, err);
    at[(*n)++] = (struct deposit_wallet){account, owner};
    return true;
}

/* Sources are by owner: of one the first that stops tells. */
static bool rule_make(struct screen_wallets *w, const struct account_ledger *l,
                      const struct screen_ledger *x, struct err *err)
{
    const struct trace_ledger ledger = {.accounts = l};
    struct deposit_wallet *at = ARENA_ARRAY(w->arena, struct deposit_wallet, x->sources_n + 1);
    uint64_t accounts = account_ledger_accounts(l)->accounts_n;
    size_t n = 0;

    if (!at)
        return no_memory(w, err);
    for (size_t i = 0; i < x->sources_n; i++) {
        uint64_t account = x->sources[i].owner;

        if (x->sources[i].stops && account < accounts && (!n || at[n - 1].account != account) &&
            !wallet_put(w, &ledger, x->labels, account, at, &n, err))
            return false;
    }
    return deposit_rule_make(w->arena, l, at, n, &w->rule, err);
}

/* The same without a pass: each address with a label is sought in the ledger. */
static bool rule_of_labels(struct screen_wallets *w, const struct account_ledger *l,
                           const struct screen_labels *labels, struct err *err)
{
    const struct trace_ledger ledger = {.accounts = l};
    enum address_space space = address_space_of_chain(account_ledger_chain(l));
    struct deposit_wallet *at =
        ARENA_ARRAY(w->arena, struct deposit_wallet, screen_labels_addresses(labels) + 1);
    uint64_t next = 0, owners[LEDGER_TWINS_MAX];
    size_t n = 0, room = screen_labels_addresses(labels);
    struct screen_labelled has;
    struct address_key key;

    if (!at)
        return no_memory(w, err);
    while (screen_labels_next(labels, space, &next, &key, &has))
        if (has.stops && n < room && screen_owners_find(&ledger, &key, owners) &&
            !wallet_put(w, &ledger, labels, owners[0], at, &n, err))
            return false;
    return deposit_rule_make(w->arena, l, at, n, &w->rule, err);
}

static bool wallets_new(struct screen_wallets **ret, struct err *err)
{
    struct screen_wallets *w = mem_zero(sizeof(*w));

    if (!w)
        return err_fail(err, ERR_NOMEM, "wallets");
    w->arena = arena_new(NULL, WALLETS_BYTES_MAX);
    if (!w->arena) {
        mem_free(w);
        return err_fail(err, ERR_NOMEM, "wallets");
    }
    *ret = w;
    return true;
}

static bool wallets_end(struct screen_wallets *w, bool ok, struct screen_wallets **ret)
{
    if (ok)
        *ret = w;
    else
        screen_wallets_free(w);
    return ok;
}

bool screen_wallets_make(const struct account_ledger *l, struct screen_ledger *x,
                         struct screen_wallets **ret, struct err *err)
{
    struct screen_wallets *w;
    bool ok;

    if (!wallets_new(&w, err))
        return false;
    pthread_rwlock_rdlock(&x->lock);
    ok = rule_make(w, l, x, err);
    pthread_rwlock_unlock(&x->lock);
    return wallets_end(w, ok, ret);
}

bool screen_wallets_of_labels(const struct account_ledger *l, const struct screen_labels *labels,
                              struct screen_wallets **ret, struct err *err)
{
    struct screen_wallets *w;

    return wallets_new(&w, err) && wallets_end(w, rule_of_labels(w, l, labels, err), ret);
}

struct screen_wallets *screen_wallets_free(struct screen_wallets *w)
{
    if (w) {
        arena_free(w->arena);
        mem_free(w);
    }
    return NULL;
}

const struct deposit_rule *screen_wallets_rule(const struct screen_wallets *w)
{
    return &w->rule;
}
