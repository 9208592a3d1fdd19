#include "api/deposit_answer.h"

#include "base/json.h"
#include "chain/facts.h"
#include "trace/account_json.h"
#include "trace/account_show.h"

bool deposit_rule_of_stops(struct arena *a, const struct account_ledger *l,
                           const struct trace_stop *stops, size_t n, struct deposit_rule *ret,
                           struct err *err)
{
    struct deposit_wallet *wallets = ARENA_ARRAY(a, struct deposit_wallet, n);
    size_t wallets_n = 0;

    if (!wallets)
        return err_fail(err, ERR_NOMEM, "%zu wallets", n);
    for (size_t i = 0; i < n; i++) {
        uint64_t account;

        if (account_find(l, stops[i].address, &account, err))
            wallets[wallets_n++] = (struct deposit_wallet){account, stops[i].name};
        else if (err->class != ERR_NOT_FOUND)
            return false;
    }
    return deposit_rule_make(a, l, wallets, wallets_n, ret, err);
}

/* Where an account pays to, and who else does. */
static bool pays_find(struct arena *a, struct deposit_found *f, struct err *err)
{
    const struct deposit *deposits;
    struct deposit_shared *to;
    size_t n;

    if (!deposits_of(f->ledger, f->rule, f->account, a, &deposits, &n, err))
        return false;
    to = ARENA_ARRAY(a, struct deposit_shared, n);
    if (!to)
        return err_fail(err, ERR_NOMEM, "%zu deposit addresses", n);
    for (size_t i = 0; i < n; i++) {
        const uint64_t *payers;
        uint64_t *with;
        size_t payers_n;

        to[i].deposit = deposits[i];
        if (!deposit_depositors(f->ledger, f->rule, deposits[i].account, a, &payers, &payers_n,
                                err))
            return false;
        to[i].depositors_n = payers_n;
        if (payers_n > DEPOSITORS_MAX)
            continue;
        with = ARENA_ARRAY(a, uint64_t, payers_n);
        if (!with)
            return err_fail(err, ERR_NOMEM, "%zu depositors", payers_n);
        for (size_t k = 0; k < payers_n; k++)
            if (payers[k] != f->account)
                with[to[i].with_n++] = payers[k];
        to[i].with = with;
    }
    f->pays = to;
    f->pays_n = n;
    return true;
}

bool deposit_find(struct arena *a, const struct account_ledger *l, const struct deposit_rule *rule,
                  const char *address, struct deposit_found *ret, struct err *err)
{
    struct deposit_found f = {
        .ledger = l, .rule = rule, .address = address, .account = ACCOUNTS_NONE};

    if (!account_find(l, address, &f.account, err)) {
        if (err->class != ERR_NOT_FOUND)
            return false;
        f.account = ACCOUNTS_NONE;
    }
    if (f.account != ACCOUNTS_NONE) {
        f.wallet_of = deposit_wallet_owner(rule, f.account);
        if (!deposit_judge(l, rule, f.account, &f.deposit, err))
            return false;
        if (f.deposit.owner &&
            !deposit_depositors(l, rule, f.account, a, &f.payers, &f.payers_n, err))
            return false;
        if (!f.deposit.owner && !f.wallet_of && !pays_find(a, &f, err))
            return false;
    }
    *ret = f;
    return true;
}

static struct json_out begin(struct text *to, const char *schema, const struct account_ledger *l,
                             const struct deposit_rule *rule)
{
    struct json_out j = json_to(to, true);
    uint64_t blocks_n = account_ledger_counts(l).blocks;

    json_object(&j);
    json_put_string(&j, "schema", schema);
    json_put_string(&j, "chain", account_ledger_chain(l)->name);
    json_key(&j, "data_as_of");
    if (blocks_n) {
        struct account_ledger_block b = account_ledger_block(l, (uint32_t)blocks_n - 1);

        account_put_block(&j, account_ledger_chain(l), &b);
    } else {
        json_null(&j);
    }
    json_put_number(&j, "wallets", rule->wallets_n);
    return j;
}

static void put_account(struct json_out *j, const char *name, const struct account_ledger *l,
                        uint64_t account) /* name NULL: an item of a list */
{
    char text[ACCOUNT_NAME_MAX];

    account_text(l, account, text);
    if (name)
        json_key(j, name);
    json_string(j, text);
}

static void put_deposit(struct json_out *j, const struct account_ledger *l, const struct deposit *d)
{
    char name[TRANSFER_NAME_MAX];

    put_account(j, "address", l, d->account);
    json_put_string(j, "exchange", d->owner);
    json_put_number(j, "sweeps", d->sweeps);
    json_put_number(j, "fitting", d->fitting);
    transfer_name(l, d->sweep, name);
    json_put_string(j, "sweep", name);
}

static void put_accounts(struct json_out *j, const char *name, const struct account_ledger *l,
                         const uint64_t *at, size_t n)
{
    json_key(j, name);
    json_array(j);
    for (size_t i = 0; i < n; i++)
        put_account(j, NULL, l, at[i]);
    json_array_end(j);
}

void answer_deposit(struct text *to, const struct deposit_found *f)
{
    struct json_out j = begin(to, "cordon.deposit/1", f->ledger, f->rule);

    json_put_string(&j, "address", f->address);
    json_put_bool(&j, "seen", f->account != ACCOUNTS_NONE);
    json_put_string(&j, "wallet_of", f->wallet_of);
    json_key(&j, "deposit");
    if (f->deposit.owner) {
        json_object(&j);
        put_deposit(&j, f->ledger, &f->deposit);
        put_accounts(&j, "depositors", f->ledger, f->payers, f->payers_n);
        json_object_end(&j);
    } else {
        json_null(&j);
    }
    json_put_string(&j, "not_a_deposit", f->deposit.why);
    json_key(&j, "pays_to");
    json_array(&j);
    for (size_t i = 0; i < f->pays_n; i++) {
        json_object(&j);
        put_deposit(&j, f->ledger, &f->pays[i].deposit);
        json_put_number(&j, "depositors", f->pays[i].depositors_n);
        put_accounts(&j, "shared_with", f->ledger, f->pays[i].with, f->pays[i].with_n);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    text_char(to, '\n');
}

bool answer_deposits(struct arena *a, struct text *to, const struct account_ledger *l,
                     const struct deposit_rule *rule, const struct deposit *deposits, size_t n,
                     struct err *err)
{
    struct json_out j = begin(to, "cordon.deposits/1", l, rule);

    json_key(&j, "deposits");
    json_array(&j);
    for (size_t i = 0; i < n; i++) {
        const uint64_t *payers;
        size_t payers_n;

        if (!deposit_depositors(l, rule, deposits[i].account, a, &payers, &payers_n, err))
            return false;
        json_object(&j);
        put_deposit(&j, l, &deposits[i]);
        json_put_number(&j, "depositors", payers_n);
        json_object_end(&j);
    }
    json_array_end(&j);
    json_object_end(&j);
    text_char(to, '\n');
    return true;
}
