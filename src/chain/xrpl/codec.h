/* Both forms of the XRP Ledger's objects: its own bytes, and JSON as servers write it.
 *
 *     1200002280000000...  <->  {"TransactionType":"Payment","Flags":2147483648,...}
 *
 * Reading is of transactions, metadata and ledger entries. Fields must stand in their order, each
 * once, and amounts in their one form: so what is read and written again is the same bytes, but for
 * a Number, which has several. A field that is not in the table, of a type that is known, is
 * "#TYPE.NUMBER"; so ledgers are read on when transactions get new fields.
 *
 * Writing takes what a server told in JSON; members in lower case are its own words and no fields.
 *
 * Source:    xrpl.org, "Serialization Format"; rippled, src/libxrpl/protocol.
 * Errors:    ERR_INPUT with byte or member; ERR_LIMIT; ERR_NOMEM.
 * Threads:   safe. */
#ifndef CORDON_CHAIN_XRPL_CODEC_H
#define CORDON_CHAIN_XRPL_CODEC_H

#include "base/json.h"

#define XRPL_DEPTH_MAX 24u     /* objects and lists in each other: rippled allows 10 */
#define XRPL_FIELDS_MAX 65536u /* of one object and all in it */

/* The tree is in the arena, and borrows nothing. */
bool xrpl_decode(struct arena *a, struct bytes in, const struct json **ret,
                 struct err *err) MUST_USE;
/* Adds to the text. ERR_INPUT: something that no field's value can be, or a member that is not in
 * the table. */
bool xrpl_encode(struct arena *a, const struct json *object, struct text *to,
                 struct err *err) MUST_USE;

#endif
