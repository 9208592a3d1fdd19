/* Deposit addresses of exchanges, on chains with accounts: what comes to them goes on to a wallet
 * that is known to be the exchange's (F. Victor, "Address Clustering Heuristics for Ethereum",
 * Financial Cryptography 2020). docs/entities.md has the rule in full, and what it is worth.
 *
 * A rule, on every holding of an account: what left it (but for fees, and amounts of 0) went to
 * known wallets of one exchange alone, and at least half of these sweeps fit: they take what has
 * come since the one before, but for at most left_max (the native coin; of a token nothing may be
 * left), not later than within seconds after the first of it came. What known wallets and fees
 * moved is no part of that. One look at an account's own events tells, so nothing is kept on disk:
 * an answer follows from ledger, wallets and rule.
 *
 * Who pays to such an address is its depositor. Depositors of one address are held to be one
 * entity, but that is weaker: several people may use an account at an exchange, and a service pays
 * to many. Payers of gas alone are none.
 *
 * Units:     base units; times in seconds.
 * Ownership: in the arena; wallets are borrowed.
 * Errors:    ERR_CORRUPT damaged links; ERR_LIMIT the arena's limit; ERR_NOMEM.
 * Order:     accounts ascend.
 * Threads:   safe. */
#ifndef CORDON_ENTITY_DEPOSIT_H
#define CORDON_ENTITY_DEPOSIT_H

#include "base/arena.h"
#include "ledger/account_ledger.h"

#define DEPOSIT_WITHIN 48000u      /* seconds: 3,200 blocks of 15 s, Victor's parameter */
#define DEPOSIT_EVENTS_MAX 20000u  /* an account with more events is no deposit address */
#define DEPOSIT_HOLDINGS_MAX 1000u /* nor one with more assets (most are spam) */
#define DEPOSITORS_MAX 16u         /* more do not share a deposit address as one entity */

struct deposit_wallet { /* known to be an exchange's */
    uint64_t account;
    const char *owner;
};

struct deposit_rule {
    const struct deposit_wallet *wallets; /* [wallets_n] ascending by account, each once */
    size_t wallets_n;
    struct u256 left_max; /* of the native coin */
    uint64_t within;
};

/* Victor's parameters; what may be left of the native coin is its chain's (sweep_left). Wallets in
 * any order; an account of two owners is left out.
 */
bool deposit_rule_make(struct arena *a, const struct account_ledger *l,
                       const struct deposit_wallet *wallets, size_t n, struct deposit_rule *ret,
                       struct err *err) MUST_USE;
const char *deposit_wallet_owner(const struct deposit_rule *r, uint64_t account); /* NULL: nobody */

struct deposit {
    uint64_t account;
    const char *owner;        /* NULL: it is no deposit address, and why says what speaks against */
    const char *why;          /* NULL: it is one */
    uint32_t sweeps, fitting; /* transfers on to the owner's wallets; those that fit */
    uint64_t sweep;           /* the first that fits, a transfer; ACCOUNTS_NONE */
};

/* Is that account one? */
bool deposit_judge(const struct account_ledger *l, const struct deposit_rule *r, uint64_t account,
                   struct deposit *ret, struct err *err) MUST_USE;
/* All deposit addresses of the wallets: every account that ever paid to one is judged. */
bool deposits_find(const struct account_ledger *l, const struct deposit_rule *r, struct arena *a,
                   const struct deposit **ret, size_t *ret_n, struct err *err) MUST_USE;

/* Who pays to a deposit address: of the assets that are swept from it. */
bool deposit_depositors(const struct account_ledger *l, const struct deposit_rule *r,
                        uint64_t account, struct arena *a, const uint64_t **ret, size_t *ret_n,
                        struct err *err) MUST_USE;
/* The deposit addresses that an account pays to, of at most DEPOSIT_TARGETS_MAX that it pays. */
#define DEPOSIT_TARGETS_MAX 1000u
bool deposits_of(const struct account_ledger *l, const struct deposit_rule *r, uint64_t account,
                 struct arena *a, const struct deposit **ret, size_t *ret_n,
                 struct err *err) MUST_USE;

#endif
