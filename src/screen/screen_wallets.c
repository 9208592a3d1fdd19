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
    return arena_limited(w->arena) ? err_fail(err, ERR_LIMIT, "wallets: too many")
                                   : err_fail(err, ERR_NOMEM, "wallets");
}

static bool wallet_put(struct screen_wallets *w, const struct account_ledger *l,
                       const struct screen_ledger *x, uint64_t account, struct deposit_wallet *at,
                       size_t *n, struct err *err)
{
    const struct trace_ledger ledger = {.accounts = l};
    struct address_key key;
    const char *owner;

    if (!screen_owner_key(&ledger, account, &key))
        return true;
    owner = screen_labels_owner(x->labels, &key);
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
    struct deposit_wallet *at = ARENA_ARRAY(w->arena, struct deposit_wallet, x->sources_n + 1);
    uint64_t accounts = account_ledger_accounts(l)->accounts_n;
    size_t n = 0;

    if (!at)
        return no_memory(w, err);
    for (size_t i = 0; i < x->sources_n; i++) {
        uint64_t account = x->sources[i].owner;

        if (x->sources[i].stops && account < accounts && (!n || at[n - 1].account != account) &&
            !wallet_put(w, l, x, account, at, &n, err))
            return false;
    }
    return deposit_rule_make(w->arena, l, at, n, &w->rule, err);
}

bool screen_wallets_make(const struct account_ledger *l, struct screen_ledger *x,
                         struct screen_wallets **ret, struct err *err)
{
    struct screen_wallets *w = mem_zero(sizeof(*w));
    bool ok;

    if (!w)
        return err_fail(err, ERR_NOMEM, "wallets");
    w->arena = arena_new(NULL, WALLETS_BYTES_MAX);
    ok = w->arena || err_fail(err, ERR_NOMEM, "wallets");
    if (ok) {
        pthread_rwlock_rdlock(&x->lock);
        ok = rule_make(w, l, x, err);
        pthread_rwlock_unlock(&x->lock);
    }
    if (ok)
        *ret = w;
    else
        screen_wallets_free(w);
    return ok;
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
