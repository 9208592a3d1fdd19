/* Is this trace what the local ledger says? A document is recomputed from its own inputs and
 * compared.
 *
 * All that a trace depends on stands in it: chain, rules, policy, limits, until (by hash), origins
 * and the stops that were reached (the others had no part in the result). If any of that cannot be
 * met here, "inputs differ" says so before anything is compared; gaps in other places count as
 * that. data_as_of is not compared, for ledgers grow.
 *
 * Errors:    ERR_INPUT it is no trace document.
 * Ownership: in the arena.
 * Threads:   safe. */
#ifndef CORDON_TRACE_VERIFY_H
#define CORDON_TRACE_VERIFY_H

#include "trace/doc.h"

enum verify_outcome { VERIFY_SAME, VERIFY_INPUTS_DIFFER, VERIFY_RESULT_DIFFERS };

struct verify_answer {
    enum verify_outcome outcome;
    char text[ERR_TEXT_MAX]; /* "same", "inputs differ: ..." or "result differs: ..." */
    bool stops_checked;      /* the whole stop list was at hand, and its hash is the document's */
};

/* stops: the list that the trace was made with, if at hand; NULL: the document's own serves. */
bool trace_verify(struct arena *a, const struct ledger *l, struct bytes document,
                  const struct trace_stop *stops, size_t stops_n, struct verify_answer *ret,
                  struct err *err) MUST_USE;

struct json;
/* The first difference between two documents of one kind, as "reached[3].taint: "5", here "4"";
 * false: there is none. Members named in but (NULL-terminated) are passed over at the top. */
bool json_first_difference(const struct json *given, const struct json *here,
                           const char *const *but, char *ret, size_t ret_n);

#endif
