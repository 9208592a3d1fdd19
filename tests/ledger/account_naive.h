/* A ledger of accounts kept by the plainest means, in memory, from the same facts; and everything
 * that it says asked of the real one. */
#ifndef CORDON_TESTS_LEDGER_ACCOUNT_NAIVE_H
#define CORDON_TESTS_LEDGER_ACCOUNT_NAIVE_H

#include "account_facts.h"

#include "ledger/account_ledger.h"

/* The ledger has m's first blocks_n blocks. */
void account_check_ledger(const struct account_ledger *l, const struct account_maker *m,
                          size_t blocks_n);
void account_check_against_facts(const char *dir, const struct account_maker *m); /* opened anew */

#endif
