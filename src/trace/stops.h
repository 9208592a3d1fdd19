/* What the readers of cases and documents share about their lists.
 *
 * Ownership: results live in the arena and point to the stops, or into the tree, that were given.
 * Errors:    ERR_INPUT, naming the member; ERR_LIMIT, ERR_NOMEM. A function without err gives NULL.
 * Threads:   safe. */
#ifndef CORDON_TRACE_STOPS_H
#define CORDON_TRACE_STOPS_H

#include "trace/case.h"

int stop_compare(const void *one, const void *other); /* canonical order of two struct trace_stop */
const struct trace_stop **stops_sorted(struct arena *a, const struct trace_stop *stops, size_t n);

/* Those of which used says so, by their number, in canonical order. NULL: no memory. */
const uint32_t *stops_used(struct arena *a, const struct trace_stop *stops, size_t n,
                           const bool *used, size_t *ret_n);

/* The same stops and, behind them, a stop for each shielded pool of the chain that is not among
 * them. */
bool stops_with_pools(struct arena *a, const struct chain *chain, const struct trace_stop *stops,
                      size_t n, const struct trace_stop **ret, size_t *ret_n,
                      struct err *err) MUST_USE;

/* A field of a canonical form, quoted as RFC 4180 asks, and what stands after it. */
void stops_csv_hash(struct sha256_stream *s, const char *field, char after);

struct json;
/* The stops member of a case file, or of a trace's inputs. */
bool case_stops_read(struct arena *a, const struct json *j, const struct trace_stop **ret,
                     size_t *ret_n, struct err *err) MUST_USE;
/* The members conversions, tokens, look_alike and trusts of the same two. */
bool case_conversions_read(struct arena *a, const struct json *j,
                           const struct case_conversion **ret, size_t *ret_n,
                           struct err *err) MUST_USE;
bool case_tokens_read(struct arena *a, const struct json *j, const struct trace_token **ret,
                      size_t *ret_n, struct err *err) MUST_USE;
bool case_look_read(const struct json *j, struct look_rule *ret, struct err *err) MUST_USE;
bool case_trusts_read(struct arena *a, const struct json *j, const char *chain,
                      const struct case_trust **ret, size_t *ret_n, struct err *err) MUST_USE;

#endif
