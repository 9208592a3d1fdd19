#include "trace/spoofs.h"

#include "chain/symbol.h"
#include "trace/look_alikes.h"

#include <stdio.h>
#include <stdlib.h>

static bool no_memory(const struct arena *a, size_t n, struct err *err)
{
    return arena_fail(a, err, "%zu tokens", n);
}

/* The token's id in the ledger, if it is there and not what it says. */
static bool suspect(const struct account_ledger *l, const struct trace_token *t, struct spoof *ret)
{
    const struct chain *chain = account_ledger_chain(l);
    uint8_t key[ACCOUNT_KEY_MAX];
    struct token known;
    struct err ignored;
    size_t n;

    if ((t->chain && chain_by_name(t->chain) != chain) ||
        !token_meant(chain, t->symbol, &ret->meant) ||
        !account_read(chain, t->address, key, &n, &ignored) ||
        token_find(chain, (struct bytes){key, n}, &known))
        return false;
    ret->asset = account_ledger_find(l, (struct bytes){key, n});
    ret->told = t;
    ret->transfer = ACCOUNTS_NONE;
    return ret->asset != ACCOUNTS_NONE;
}

static int asset_order(const void *pa, const void *pb)
{
    const struct spoof *x = pa, *y = pb;

    if (x->asset != y->asset)
        return x->asset < y->asset ? -1 : 1;
    return (x->told > y->told) - (x->told < y->told); /* of the sorted list */
}

static struct spoof *spoof_of(struct spoof *at, size_t n, uint64_t asset)
{
    size_t low = 0, high = n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (at[middle].asset < asset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && at[low].asset == asset ? &at[low] : NULL;
}

static void look_account(const struct account_ledger *l, const struct accounts *accounts,
                         uint64_t account, struct spoof *at, size_t n)
{
    uint64_t h = account_ledger_holding_last(l, account), holding;

    while (look_next_holding(l, accounts, &h, &holding)) {
        struct holding own = accounts_holding(accounts, holding);
        struct spoof *s = spoof_of(at, n, own.asset);

        if (s && own.first < accounts->transfers_n && own.first < s->transfer) {
            s->transfer = own.first;
            s->account = account;
        }
    }
}

bool spoofs_find(struct arena *a, const struct account_ledger *l, const struct accounts *accounts,
                 const struct account_trace *t, const struct trace_token *tokens, size_t tokens_n,
                 const struct spoof **ret, size_t *ret_n, struct err *err)
{
    struct spoof *at;
    const uint64_t *of;
    size_t of_n, n = 0, kept = 0;

    *ret = NULL;
    *ret_n = 0;
    if (account_ledger_chain(l)->shape == CHAIN_BANK || !tokens_n)
        return true;
    at = ARENA_ARRAY(a, struct spoof, tokens_n);
    if (!at)
        return no_memory(a, tokens_n, err);
    for (size_t i = 0; i < tokens_n; i++)
        n += suspect(l, &tokens[i], &at[n]);
    if (n)
        qsort(at, n, sizeof(*at), asset_order);
    for (size_t i = 0; i < n; i++)
        if (!kept || at[kept - 1].asset != at[i].asset)
            at[kept++] = at[i];
    if (!kept)
        return true;
    if (!look_accounts_of(a, accounts, t, &of, &of_n, err))
        return false;
    for (size_t i = 0; i < of_n; i++)
        look_account(l, accounts, of[i], at, kept);
    n = kept;
    kept = 0;
    for (size_t i = 0; i < n; i++)
        if (at[i].transfer != ACCOUNTS_NONE)
            at[kept++] = at[i];
    *ret = at;
    *ret_n = kept;
    return true;
}

void spoof_meant_text(const struct account_ledger *l, const struct spoof *s,
                      char ret[ACCOUNT_NAME_MAX])
{
    if (s->meant.native)
        snprintf(ret, ACCOUNT_NAME_MAX, "%s", s->meant.symbol);
    else
        account_name(account_ledger_chain(l), (struct bytes){s->meant.key, s->meant.key_n}, ret);
}

void spoof_symbol_text(struct text *to, const char *symbol)
{
    for (const uint8_t *at = (const uint8_t *)symbol; *at;) {
        if (*at < 0x80)
            text_char(to, (char)*at++);
        else
            text_printf(to, "(U+%04X)", (unsigned)symbol_next(&at));
    }
}
