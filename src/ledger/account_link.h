/* The transfers of a batch learn the events before and after them, and marks are made. */
#ifndef CORDON_LEDGER_ACCOUNT_LINK_H
#define CORDON_LEDGER_ACCOUNT_LINK_H

#include "ledger/account_batch_parts.h"

/* After accounts and holdings have their ids. ERR_CORRUPT: the ledger's columns contradict
 * themselves. */
bool account_link(struct account_batch *b, struct err *err) MUST_USE;

#endif
