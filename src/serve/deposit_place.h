/* Where the deposit of an alert is now: on this node's own chain and how deep, or not there.
 *
 * It is worked out when it is asked for, from the ledgers as they are. A deposit that the node has
 * found itself says in which block it was (alert_body.found): if the ledger has another block
 * there, and the transaction nowhere, the deposit is undone. Of one that others have told of, and
 * that is not in the ledger, no more is known: the ledger may begin later. Neither is anything of a
 * bank's book, which has no branches.
 *
 * Ownership: nothing is kept.
 * Threads:   safe. */
#ifndef CORDON_SERVE_DEPOSIT_PLACE_H
#define CORDON_SERVE_DEPOSIT_PLACE_H

#include "group/alert_show.h"
#include "serve/live_ledgers.h"

/* of: an alert's (alert_deposit_of); its output NULL: not known. */
struct alert_place deposit_place_in(const struct live_ledgers_one *one,
                                    const struct alert_body *of);
struct alert_place deposit_place(const struct live_ledgers_view *v, const struct alert_body *of);
/* A block's hash as the chain shows it: 64 digits. */
void deposit_block_name(const struct chain *chain, const struct hash32 *hash, char ret[65]);

#endif
