/* SWIFT MT 103, "Single Customer Credit Transfer": FIN messages as they are kept in files.
 *
 * A file holds messages one after another, each {1:...}{2:...}{3:...}{4: ... -}{5:...}, with or
 * without {3:} and what follows {4:}; between them white space, "$" (RJE) and the bytes 01 and 03
 * (DOS-PCC). Of block 1 and 2 come sender and receiver, whichever of the two kept the file; of
 * block 3 the UETR (field 121). Fields read: 20, 23B, 32A, 33B, 50a, 51A, 52a to 57a, 59a, 71A,
 * 71F, 71G, 72 (a return: /RETN/ or /REJT/, which must have a UETR). Others are passed over.
 * Mandatory fields (20, 23B, 32A, 50a, 59a, 71A) must be there; none but 13C, 23E and 71F may be
 * there twice.
 * Standards: SWIFT User Handbook, "FIN Standards: Category 1", MT 103; ISO 15022 field formats.
 *
 * Errors:    ERR_INPUT naming the message of the file and the field; ERR_LIMIT, ERR_NOMEM.
 * Ownership: all in the list's arena, nothing borrowed from the input.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_BANK_MT103_H
#define CORDON_CHAIN_BANK_MT103_H

#include "chain/bank/message.h"

/* name: of the file, for messages. */
bool mt103_read(struct bank_messages *m, const char *name, struct bytes in,
                struct err *err) MUST_USE;

#endif
