/* What the verifiers of the kinds of documents share.
 *
 * Ownership: texts of an answer are its own.
 * Errors:    ERR_NOMEM, ERR_LIMIT.
 * Threads:   safe. */
#ifndef CORDON_TRACE_VERIFY_PARTS_H
#define CORDON_TRACE_VERIFY_PARTS_H

#include "trace/verify.h"

/* Whatever the document holds, the answer is one line. Returns true: it is an answer. */
bool verify_differs(struct verify_answer *ret, enum verify_outcome outcome, const char *text);
/* A value in a few words: "null", "12", "\"abc\"", "a list of 3". */
const char *verify_shown(const struct json *j, char *ret, size_t n);
/* The same list may lie in another file here: where a stop came from is taken from the document. */
bool verify_stops_adopt(struct arena *a, const struct trace_stop *of_document, size_t document_n,
                        const struct trace_stop *stops, size_t stops_n,
                        const struct trace_stop **ret, struct err *err) MUST_USE;

#endif
