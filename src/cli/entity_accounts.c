#include "cli/entity_accounts.h"

#include "api/deposit_answer.h"
#include "cli/screening.h"
#include "screen/screen_labels.h"
#include "screen/screen_wallets.h"
#include "trace/account_show.h"

#define WALLETS_BYTES_MAX ((size_t)256 << 20)

struct known { /* wallets: of a file, or of the home */
    struct deposit_rule rule;
    const char *from;             /* in words */
    struct screen_wallets *owned; /* NULL: of a file */
};

static bool of_file(struct call *c, const char *path, struct known *ret, struct err *err)
{
    const struct trace_stop *stops = NULL;
    struct bytes in;
    size_t n = 0;

    ret->from = path;
    return file_read(c->arena, path, WALLETS_BYTES_MAX, &in, err) &&
           stops_read(c->arena, in, path, &stops, &n, err) &&
           (deposit_rule_of_stops(c->arena, c->accounts, stops, n, &ret->rule, err) ||
            err_in(err, "%s", path));
}

/* By tags and cases, as cordon screen and the node know them. */
static bool of_home(struct call *c, struct known *ret, struct err *err)
{
    struct screen_labels *labels = NULL;
    const char *tags, *cases;
    struct screening s;
    bool ok;

    if (!home_path(c, TAG_SET_FILE, &tags, err) || !home_path(c, CASES_FOLDER, &cases, err) ||
        !screening_open(c, false, (struct list_day){0}, &s, err))
        return false;
    ok = screen_labels_make(s.screener, tags, cases, &labels, err) &&
         screen_wallets_of_labels(c->accounts, labels, &ret->owned, err);
    if (ok)
        ret->rule = *screen_wallets_rule(ret->owned);
    ret->from = "tags and cases";
    screen_labels_free(labels);
    screening_close(&s);
    return ok;
}

static bool known_of_call(struct call *c, struct known *ret, struct err *err)
{
    static const char *const of_coins[] = {"why",      "members", "after", "clustering", "actors",
                                           "join-max", "anew",    "check", "drop"};
    const char *path = call_option(c, "wallets");

    *ret = (struct known){.owned = NULL};
    for (size_t i = 0; i < sizeof(of_coins) / sizeof(of_coins[0]); i++)
        if (call_option(c, of_coins[i]))
            return err_fail(err, ERR_USAGE, "--%s is of chains of coins", of_coins[i]);
    return path ? of_file(c, path, ret, err) : of_home(c, ret, err);
}

static void show_known(struct call *c, const struct known *k)
{
    text_printf(c->out, "%-11s %zu known, by %s%s\n", "wallets", k->rule.wallets_n, k->from,
                k->rule.wallets_n || !k->owned ? ""
                                               : ": import tags of exchanges (cordon tags import)");
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

static bool entity_tell(struct call *c, const struct known *k, struct err *err)
{
    struct deposit_found f;

    if (!deposit_find(c->arena, c->accounts, &k->rule, call_arg(c, 0), &f, err))
        return false;
    if (call_json(c)) {
        answer_deposit(c->out, &f);
    } else {
        show_found(c, &f);
        show_known(c, k);
    }
    return true;
}

static bool entities_tell(struct call *c, const struct known *k, struct err *err)
{
    const struct deposit *deposits;
    size_t n;

    if (!deposits_find(c->accounts, &k->rule, c->arena, &deposits, &n, err))
        return false;
    if (call_json(c))
        return answer_deposits(c->arena, c->out, c->accounts, &k->rule, deposits, n, err);
    for (size_t i = 0; i < n; i++) {
        show_deposit(c, &deposits[i]);
        text_char(c->out, '\n');
    }
    text_printf(c->out, "%zu deposit addresses\n", n);
    show_known(c, k);
    return true;
}

bool account_cmd_entity(struct call *c, struct err *err)
{
    struct known k;
    bool ok = known_of_call(c, &k, err) && entity_tell(c, &k, err);

    screen_wallets_free(k.owned);
    return ok;
}

bool account_cmd_entities(struct call *c, struct err *err)
{
    struct known k;
    bool ok = known_of_call(c, &k, err) && entities_tell(c, &k, err);

    screen_wallets_free(k.owned);
    return ok;
}
