/* Payments as rows of CSV, with a map of its columns.
 *
 * A row is one leg of a payment, and stands in the book as it is written. The map says what each
 * field is called in the header line, or gives it one value for all rows:
 *
 *     time=Value date,from=Debtor IBAN,to=Creditor IBAN,amount=Amount,currency:USD
 *
 * The map is itself a record of CSV, so that a column's name may hold a comma (in quotes). Without
 * a map the columns are called as the fields are; others are passed over.
 *
 *     time                       the value date, or date and time (party.h, bank_time)
 *     from, to                   account: IBAN or another number
 *     from_name, to_name         of the party, where there is no number
 *     from_bank, to_bank         BIC, else the bank's name; alone: the bank passes it on
 *     amount, currency           currency by ISO 4217
 *     uetr; payment; reference   what makes rows one payment: the first that is given; a
 *                                reference counts with from_bank and day
 *     leg                        the row's number in its payment, from 1
 *     kind                       payment (or empty), return, charges (without a to: what
 *                                from_bank keeps)
 *     decimal, separator         (values only) the sign before cents, and between columns
 *
 * Time, amount, currency and who pays whom must be there.
 * Errors:    ERR_USAGE the map; ERR_INPUT naming file and line; ERR_LIMIT, ERR_NOMEM.
 * Ownership: all in the list's arena, nothing borrowed from the input.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_BANK_TABLE_H
#define CORDON_CHAIN_BANK_TABLE_H

#include "chain/bank/message.h"

#define TABLE_COLUMNS_MAX 256

/* name: of the file, for messages. map NULL or "": columns are called as the fields are. */
bool table_read(struct bank_messages *m, const char *name, struct bytes in, const char *map,
                struct err *err) MUST_USE;

#endif
