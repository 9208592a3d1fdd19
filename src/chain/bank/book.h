/* Messages of one payment, whoever kept them, joined; and the payments as blocks.
 *
 * Messages with one UETR, or one reference of one bank and day, are one payment: a transaction
 * whose hash is SHA-256 of "cordon.bank/1", LF, the payment's name, LF. Its legs are transfers of
 * kind p, in the order of the way:
 *
 *     p0  debtor            > CITIUS33/transit/X    100.00
 *     p1  CITIUS33/transit/X > CITIUS33/charges      10.00    what came, less what went on
 *     p2  CITIUS33/transit/X > creditor              90.00
 *
 * A stretch that several messages tell of counts once; if they tell of different amounts, or of
 * banks in another order, or of other parties, both are named in an error. Stretches that no
 * message settles carry what is known next to them. Where a bank changes the currency, an event
 * (EVENT_SWAP) names its transit. Value that was sent back rests with the bank that returns it, and
 * goes back in a transaction of its own (its hash ends in "return", LF). Rows of tables are legs
 * as they stand, after the others.
 *
 * A payment stands at the day of its last message, so that nobody is credited too early; payments
 * in order of time, then as they were read; a block is all payments of one time.
 *
 * Ownership: blocks live in the arena, and point to the messages.
 * Errors:    ERR_INPUT naming two messages that contradict each other; ERR_LIMIT, ERR_NOMEM.
 * Threads:   one; of a list of messages. */
#ifndef CORDON_CHAIN_BANK_BOOK_H
#define CORDON_CHAIN_BANK_BOOK_H

#include "chain/bank/message.h"
#include "chain/transfers.h"

bool book_make(struct bank_messages *m, const struct transfer_block **ret, size_t *ret_n,
               struct err *err) MUST_USE;

#endif
