/* The simulated account chain, evm:sim: a small chain with a theft in it whose money goes on, by a
 * router's swap, on the simulated Bitcoin chain.
 *
 *     evm:sim      hot wallet ==> A ==> B ==> C (held), an exchange, router (memo "=:BTC.BTC:..")
 *                                                                  |
 *     bitcoin:sim                              vault ==> the thief (memo "OUT:" and the hash)
 *
 * DIR/accounts/blocks.csv, transactions.csv, logs.csv and traces.csv, in the form of ethereum-etl:
 * ready for cordon ingest evm:sim --from of each of them. Blocks stand ten minutes apart, as
 * those of the other chain do on average. A thief's account holds nothing but what was stolen, fees
 * included, so every policy shows the same.
 *
 * Units: ETH in gwei here and in wei in the files; the token has 6 decimals.
 * Errors: ERR_SYSTEM, ERR_NOMEM. */
#ifndef CORDON_SIM_ACCOUNTS_H
#define CORDON_SIM_ACCOUNTS_H

#include "base/err.h"
#include "base/hash.h"
#include "base/json.h"

#define SIM_ACCOUNTS_CHAIN "evm:sim"
#define SIM_ACCOUNTS_BLOCKS 108u
#define SIM_SWAP_HEIGHT 103u /* of evm:sim; the other chain pays later */
#define SIM_ADDRESS_TEXT 43

/* The transaction that pays the router: known before it is made, since a memo names it. */
struct hash32 sim_swap_tx(uint64_t seed);
void sim_account_address(uint64_t seed, const char *name, char ret[SIM_ADDRESS_TEXT]);

/* payout: the thief's address on bitcoin:sim. exchanges: two names of services there. */
struct sim_accounts {
    uint64_t seed;
    const char *payout, *victim, *exchanges[2];
};
bool sim_accounts_write(const struct sim_accounts *s, const char *dir, struct err *err) MUST_USE;
void sim_accounts_remove(const char *dir);
/* The origins of the case, stops on this chain, and the truth: members of the objects that they
 * belong into. */
void sim_accounts_origins(struct json_out *j, const struct sim_accounts *s);
void sim_accounts_stops(struct json_out *j, const struct sim_accounts *s);
void sim_accounts_ends(struct json_out *j, const struct sim_accounts *s);

#endif
