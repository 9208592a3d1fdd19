/* ISO 20022 customer credit transfers, pacs.008.001.02 to .13, and their returns, pacs.004.001.02
 * to .13.
 *
 * The message is the element Document, in whatever envelope (an application header before it is
 * passed over); a file may hold several Documents in one root. Read are the group header (number
 * and total of transactions, value date, agents) and of each transaction: identification (UETR,
 * TxId, EndToEndId, InstrId), settled amount and value date, instructed amount, charges, agents
 * (previous, instructing, instructed, reimbursing, intermediary, debtor's and creditor's), debtor
 * and creditor and their accounts. What the header says of the whole must hold: as many
 * transactions, the same total. A return gives its original's identification.
 *
 * XML by expat: document type declarations are refused, and with them all entities but XML's own
 * five; depth, text and names have limits.
 * Standards: ISO 20022 message definitions "FIToFICustomerCreditTransfer" and "PaymentReturn".
 *
 * Errors:    ERR_INPUT naming file, line and transaction; ERR_LIMIT, ERR_NOMEM.
 * Ownership: all in the list's arena, nothing borrowed from the input.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_BANK_PACS008_H
#define CORDON_CHAIN_BANK_PACS008_H

#include "chain/bank/message.h"

#define PACS_DEPTH_MAX 32
#define PACS_PATH_MAX 512 /* names from Document to an element, with "/" between */

/* name: of the file, for messages. */
bool pacs008_read(struct bank_messages *m, const char *name, struct bytes in,
                  struct err *err) MUST_USE;

#endif
