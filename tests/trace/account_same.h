/* Two traces over accounts, held against each other: what was kept live, and the whole one. */
#ifndef CORDON_TESTS_TRACE_ACCOUNT_SAME_H
#define CORDON_TESTS_TRACE_ACCOUNT_SAME_H

#include "trace/account.h"

void same_account_totals(const struct account_trace *got, const struct account_trace *want);
/* The balances of got are those of want that stand at no stop. */
void same_account_held(const struct account_trace *got, const struct account_trace *want);

#endif
