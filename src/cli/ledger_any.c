#include "cli/ledger_any.h"

bool ledger_any_open(const char *place, struct trace_ledger *ret, struct err *err)
{
    struct account_ledger *accounts;
    struct ledger *coins;

    *ret = (struct trace_ledger){NULL, NULL};
    if (account_ledger_open(place, &accounts, err)) {
        ret->accounts = accounts;
        return true;
    }
    if (err->class != ERR_INPUT || !ledger_open(place, &coins, err)) /* INPUT: it is of coins */
        return false;
    ret->coins = coins;
    return true;
}

void ledger_any_close(struct trace_ledger *l)
{
    ledger_close((struct ledger *)l->coins); /* ours, that others only read */
    account_ledger_close((struct account_ledger *)l->accounts);
}
