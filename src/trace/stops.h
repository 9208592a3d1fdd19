/* What the readers of cases and documents share about stops and conversions. */
#ifndef CORDON_TRACE_STOPS_H
#define CORDON_TRACE_STOPS_H

#include "trace/case.h"

int stop_compare(const void *one, const void *other); /* canonical order of two struct trace_stop */
const struct trace_stop **stops_sorted(struct arena *a, const struct trace_stop *stops, size_t n);

struct json;
/* The stops member of a case file, or of a trace's inputs. */
bool case_stops_read(struct arena *a, const struct json *j, const struct trace_stop **ret,
                     size_t *ret_n, struct err *err) MUST_USE;
/* The conversions member of the same two. */
bool case_conversions_read(struct arena *a, const struct json *j,
                           const struct case_conversion **ret, size_t *ret_n,
                           struct err *err) MUST_USE;

#endif
