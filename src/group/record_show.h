/* Registers as JSON, by commands and over HTTP alike (docs/schemas/register.json,
 * register-record.json, claims-year.json).
 *
 * Ownership: borrowed for the call.
 * Threads:   safe. */
#ifndef CORDON_GROUP_RECORD_SHOW_H
#define CORDON_GROUP_RECORD_SHOW_H

#include "group/claims.h"
#include "group/clearance.h"

void record_put(struct json_out *j, const struct record_said *r); /* an object */
/* cordon.register/1: a page of a register. next: where the next one begins; UINT64_MAX: none. */
void register_put(struct json_out *j, const struct record_kind *k, const struct records *r,
                  uint64_t next);
/* A table that can be taken in again (record_csv): the same records come of it. */
void register_csv_put(struct text *to, const struct record_kind *k, const struct records *r);
void record_csv_put(struct text *to, const struct record *r); /* of one */
/* Member "clearance": of a text; n 0: null. */
void clearance_put(struct json_out *j, const struct clearance *of);
/* cordon.claims-year/1 */
void claims_year_put(struct json_out *j, unsigned year, const struct claim_row *rows, size_t n);

#endif
