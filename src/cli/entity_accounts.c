#include "cli/entity_accounts.h"

#include "api/deposit_answer.h"
#include "trace/account_show.h"

#define WALLETS_BYTES_MAX ((size_t)256 << 20)

static bool rule_of_call(struct call *c, struct deposit_rule *ret, struct err *err)
{
    static const char *const of_coins[] = {"why",      "members", "after", "clustering", "actors",
                                           "join-max", "anew",    "check", "drop"};
    const char *path = call_option(c, "wallets");
    const struct trace_stop *stops = NULL;
    struct bytes in;
    size_t n = 0;

    for (size_t i = 0; i < sizeof(of_coins) / sizeof(of_coins[0]); i++)
        if (call_option(c, of_coins[i]))
            return err_fail(err, ERR_USAGE, "--%s is of chains of coins", of_coins[i]);
    if (!path)
        return err_fail(err, ERR_USAGE,
                        "--wallets FILE is missing: which wallets are known to be an exchange's");
    return file_read(c->arena, path, WALLETS_BYTES_MAX, &in, err) &&
           stops_read(c->arena, in, path, &stops, &n, err) &&
           (deposit_rule_of_stops(c->arena, c->accounts, stops, n, ret, err) ||
            err_in(err, "%s", path));
}

static void show_account(struct call *c, uint64_t account)
{
    char text[ACCOUNT_NAME_MAX];

    account_text(c->accounts, account, text);
    text_str(c->out, text);
}

static void show_deposit(struct call *c, const struct deposit *d)
{
    show_account(c, d->account);
    text_printf(c->out, "  %s, %u of %u sweeps fit", d->owner, d->fitting, d->sweeps);
}

static void show_found(struct call *c, const struct deposit_found *f)
{
    text_printf(c->out, "%-11s %s\n", "address", f->address);
    if (f->account == ACCOUNTS_NONE)
        text_str(c->out, "never seen\n");
    else if (f->wallet_of)
        text_printf(c->out, "%-11s a known wallet of %s\n", "is", f->wallet_of);
    else if (f->deposit.owner) {
        char name[TRANSFER_NAME_MAX];

        transfer_name(c->accounts, f->deposit.sweep, name);
        text_printf(
            c->out,
            "%-11s a deposit address of %s: %u of %u sweeps to its wallets fit, such as %s\n"
            "%-11s %zu\n",
            "is", f->deposit.owner, f->deposit.fitting, f->deposit.sweeps, name, "depositors",
            f->payers_n);
    } else {
        text_printf(c->out, "%-11s no deposit address: %s\n", "is", f->deposit.why);
    }
    for (size_t i = 0; i < f->payers_n; i++) {
        text_str(c->out, "  ");
        show_account(c, f->payers[i]);
        text_char(c->out, '\n');
    }
    for (size_t i = 0; i < f->pays_n; i++) {
        text_str(c->out, i ? "            " : "pays to     ");
        show_deposit(c, &f->pays[i].deposit);
        text_char(c->out, '\n');
        if (f->pays[i].depositors_n > DEPOSITORS_MAX)
            text_printf(c->out, "            %zu depositors: too many to be one entity\n",
                        f->pays[i].depositors_n);
        for (size_t k = 0; k < f->pays[i].with_n; k++) {
            text_str(c->out, "            as does ");
            show_account(c, f->pays[i].with[k]);
            text_str(c->out, " (weak: perhaps the same owner)\n");
        }
    }
}

bool account_cmd_entity(struct call *c, struct err *err)
{
    struct deposit_rule rule;
    struct deposit_found f;

    if (!rule_of_call(c, &rule, err) ||
        !deposit_find(c->arena, c->accounts, &rule, call_arg(c, 0), &f, err))
        return false;
    if (call_json(c))
        answer_deposit(c->out, &f);
    else
        show_found(c, &f);
    return true;
}

bool account_cmd_entities(struct call *c, struct err *err)
{
    const struct deposit *deposits;
    struct deposit_rule rule;
    size_t n;

    if (!rule_of_call(c, &rule, err) ||
        !deposits_find(c->accounts, &rule, c->arena, &deposits, &n, err))
        return false;
    if (call_json(c))
        return answer_deposits(c->arena, c->out, c->accounts, &rule, deposits, n, err);
    for (size_t i = 0; i < n; i++) {
        show_deposit(c, &deposits[i]);
        text_char(c->out, '\n');
    }
    text_printf(c->out, "%zu deposit addresses of %zu known wallets\n", n, rule.wallets_n);
    return true;
}
