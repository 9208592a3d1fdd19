#include "watch/stop_map.h"

#include "base/mem.h"
#include "chain/dialect.h"
#include "trace/account.h"
#include "trace/stops.h"
#include "watch/key_map.h"

#include <string.h>

#define ZERO_KEY_BYTES 20u
#define SORTED_BYTES_MAX ((size_t)1 << 30)

struct stop_map {
    const struct chain *chain;
    struct key_map *keys;   /* an account's key, or a script -> its number */
    struct key_map *owners; /* the key of who owns a token account that is a stop; NULL: none */
};

static bool nomem(struct err *err)
{
    return err_fail(err, ERR_NOMEM, "stops");
}

static bool stop_put(struct stop_map *m, const struct trace_stop *stop, uint32_t number,
                     struct err *err)
{
    uint8_t key[ACCOUNT_KEY_MAX], script[SCRIPT_FORM_MAX], form[SCRIPT_FORM_MAX];
    struct bytes at;
    size_t n;

    if (stop->chain && chain_by_name(stop->chain) != m->chain)
        return true;
    if (chain_has_accounts(m->chain) ? !account_read(m->chain, stop->address, key, &n, err)
                                     : !address_read(m->chain, stop->address, script, &n, err))
        return err_in(err, "stop \"%.100s\"", stop->address);
    at = chain_has_accounts(m->chain) ? (struct bytes){key, n}
                                      : script_address_form((struct bytes){script, n}, form);
    return key_map_put(m->keys, at, number) || nomem(err);
}

bool stop_map_new(const struct chain *chain, const struct trace_stop *stops, size_t n,
                  struct stop_map **ret, struct err *err)
{
    struct arena *a = arena_new(NULL, SORTED_BYTES_MAX);
    const struct trace_stop **sorted = a ? stops_sorted(a, stops, n) : NULL;
    struct stop_map *m = mem_zero(sizeof(*m));
    bool ok =
        n <= CASE_STOPS_MAX || err_fail(err, ERR_LIMIT, "more than %zu stops", CASE_STOPS_MAX);

    if (m) {
        m->chain = chain;
        m->keys = key_map_new();
    }
    if (ok && (!m || !m->keys || !sorted))
        ok = nomem(err);
    for (size_t i = 0; ok && i < n; i++)
        ok = stop_put(m, sorted[i], (uint32_t)(sorted[i] - stops), err);
    arena_free(a);
    if (ok)
        *ret = m;
    else
        stop_map_free(m);
    return ok;
}

struct stop_map *stop_map_free(struct stop_map *m)
{
    if (!m)
        return NULL;
    key_map_free(m->keys);
    key_map_free(m->owners);
    return mem_free(m);
}

static int32_t found(const struct key_map *m, struct bytes key, int32_t none)
{
    uint32_t stop = m ? key_map_find(m, key) : KEY_MAP_NONE;

    return stop == KEY_MAP_NONE ? none : (int32_t)stop;
}

int32_t stop_map_output(const struct stop_map *m, const struct ledger *l, uint64_t output)
{
    uint32_t id = ledger_script_of(l, output);
    uint8_t buffer[SCRIPT_FORM_MAX], form[SCRIPT_FORM_MAX];
    struct bytes script;

    if (!key_map_n(m->keys) || id == SCRIPT_NONE || !ledger_script(l, id, buffer, &script))
        return -1;
    return found(m->keys, script_address_form(script, form), -1);
}

/* What comes to the zero address, whose key nobody has, is burned, unless a stop names it. */
static int32_t at_key(const struct stop_map *m, struct bytes key)
{
    static const uint8_t zeros[ZERO_KEY_BYTES];
    int32_t stop = found(m->keys, key, found(m->owners, key, STOP_NONE));

    return stop == STOP_NONE && m->chain->shape != CHAIN_BANK && key.n == sizeof(zeros) &&
                   !memcmp(key.p, zeros, sizeof(zeros))
               ? STOP_BURNED
               : stop;
}

int32_t stop_map_account(const struct stop_map *m, const struct account_ledger *l, uint64_t account)
{
    const struct dialect *d = m->chain->dialect;
    struct bytes key = account_ledger_key(l, account), whole;
    int32_t stop = at_key(m, key);
    uint32_t number;

    if (stop == STOP_NONE && d->hides && d->hides(key))
        return STOP_CONFIDENTIAL;
    if (stop != STOP_NONE || !d->part || !d->part(key, &whole, &number))
        return stop;
    return account_ledger_find(l, whole) == ACCOUNTS_NONE ? STOP_NONE : at_key(m, whole);
}

/* ---- owners ---- */

static bool has_owners(const struct stop_map *m)
{
    return m->chain->dialect && m->chain->dialect->tx == TX_IS_SIGNATURE; /* Solana alone */
}

static bool owner_put(struct stop_map *m, const struct account_ledger *l,
                      const struct accounts *accounts, size_t i, struct err *err)
{
    uint32_t number;
    struct bytes key = key_map_at(m->keys, i, &number);
    uint64_t account = account_ledger_find(l, key), owner, asset;

    return account == ACCOUNTS_NONE ||
           !account_ledger_owner(l, accounts, account, &owner, &asset) ||
           key_map_put(m->owners, account_ledger_key(l, owner), number) || nomem(err);
}

bool stop_map_owners(struct stop_map *m, const struct account_ledger *l,
                     const struct accounts *accounts, struct err *err)
{
    if (!has_owners(m))
        return true;
    key_map_free(m->owners);
    m->owners = key_map_new();
    if (!m->owners)
        return nomem(err);
    for (size_t i = 0; i < key_map_n(m->keys); i++)
        if (!owner_put(m, l, accounts, i, err))
            return false;
    return true;
}

static bool is_stop(const struct stop_map *m, const struct account_ledger *l, uint64_t account)
{
    return key_map_find(m->keys, account_ledger_key(l, account)) != KEY_MAP_NONE;
}

static bool notes_stop(const struct stop_map *m, const struct account_ledger *l,
                       const struct accounts *accounts, uint64_t transfer)
{
    struct transfer t = accounts_transfer(accounts, transfer);

    return t.kind == TRANSFER_NOTE && t.from < accounts->holdings_n &&
           is_stop(m, l, accounts_holding(accounts, t.from).account);
}

bool stop_map_moved(const struct stop_map *m, const struct account_ledger *l,
                    const struct accounts *accounts, uint64_t accounts_n, uint64_t transfers_n)
{
    uint64_t accounts_all = account_ledger_counts(l).accounts;

    if (!key_map_n(m->keys) || (!has_owners(m) && !m->chain->dialect->part))
        return false;
    for (uint64_t i = accounts_n; i < accounts_all; i++)
        if (is_stop(m, l, i))
            return true;
    for (uint64_t i = transfers_n; has_owners(m) && i < accounts->transfers_n; i++)
        if (notes_stop(m, l, accounts, i))
            return true;
    return false;
}
