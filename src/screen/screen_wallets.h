/* Wallets of services on a ledger of accounts, as tags and cases name them, and whose deposit
 * address an account is (entity/deposit.h): who pays to one pays to the service.
 *
 * A wallet is an account that is a service in the eyes of exposure (screen_labels.h); its owner is
 * the actor of its tag, else its label, else what a case calls it.
 *
 * Ownership: the ledger is borrowed for a call; wallets own their names.
 * Threads:   constant once made. */
#ifndef CORDON_SCREEN_SCREEN_WALLETS_H
#define CORDON_SCREEN_SCREEN_WALLETS_H

#include "entity/deposit.h"
#include "screen/screen_ledger.h"

struct screen_wallets;

bool screen_wallets_make(const struct account_ledger *l, struct screen_ledger *x,
                         struct screen_wallets **ret, struct err *err) MUST_USE;
/* The same where no exposure is worked out. */
bool screen_wallets_of_labels(const struct account_ledger *l, const struct screen_labels *labels,
                              struct screen_wallets **ret, struct err *err) MUST_USE;
struct screen_wallets *screen_wallets_free(struct screen_wallets *w); /* NULL is fine */
const struct deposit_rule *screen_wallets_rule(const struct screen_wallets *w);

#endif
