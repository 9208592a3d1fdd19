/* What an account has to do with the known wallets of exchanges, in the words of a person, and as
 * JSON: docs/schemas/deposit.json, deposits.json.
 *
 * Ownership: what is found is in the arena.
 * Errors:    ERR_INPUT a wallet, or what is asked about, is no address of this chain; those of
 *            entity/deposit.h.
 * Threads:   one ledger may serve many. */
#ifndef CORDON_API_DEPOSIT_ANSWER_H
#define CORDON_API_DEPOSIT_ANSWER_H

#include "base/text.h"
#include "entity/deposit.h"
#include "trace/case.h"

/* The rows of a stop file as wallets: name is the exchange. Addresses that the ledger has never
 * seen are passed over. */
bool deposit_rule_of_stops(struct arena *a, const struct account_ledger *l,
                           const struct trace_stop *stops, size_t n, struct deposit_rule *ret,
                           struct err *err) MUST_USE;

struct deposit_shared { /* a deposit address that the account pays to */
    struct deposit deposit;
    const uint64_t *with; /* [with_n] its other depositors; 0 where there are too many of them */
    size_t with_n, depositors_n;
};

struct deposit_found {
    const struct account_ledger *ledger;
    const struct deposit_rule *rule;
    const char *address;
    uint64_t account;       /* ACCOUNTS_NONE: never seen */
    const char *wallet_of;  /* it is a known wallet itself */
    struct deposit deposit; /* as judged */
    const uint64_t *payers; /* [payers_n] its depositors, if it is a deposit address */
    size_t payers_n;
    const struct deposit_shared *pays; /* [pays_n] */
    size_t pays_n;
};

bool deposit_find(struct arena *a, const struct account_ledger *l, const struct deposit_rule *rule,
                  const char *address, struct deposit_found *ret, struct err *err) MUST_USE;

void answer_deposit(struct text *to, const struct deposit_found *f);
bool answer_deposits(struct arena *a, struct text *to, const struct account_ledger *l,
                     const struct deposit_rule *rule, const struct deposit *deposits, size_t n,
                     struct err *err) MUST_USE;

#endif
